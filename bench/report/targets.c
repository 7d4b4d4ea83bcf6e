/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * targets.c -- what the library set out to reach, and what of it was measured
 * in this run.
 *
 * A target compares the least values of two rows of the same run: their ratio
 * or their difference stays below a limit.  Growth is judged where it is: one
 * row's ratio, over x, against another's.
 */

#include <math.h>
#include <stdbool.h>

#include "summary.h"
#include "run/support.h"

#define MILLION 1000000.0

enum kind {
	RATIO,	    /* of the row at x and the reference at x */
	DIFFERENCE, /* of the same, in their unit */
	NEAR,	    /* of the row, and twice the reference or 2 ns more,
		     * whichever is greater */
	NEARLY,	    /* the same with 2.5 times */
	GROWTH,	    /* of the row at x and itself at 1000 */
	COMPARED,   /* GROWTH of the row and GROWTH of the reference */
	PROPORTION, /* the row's bytes and 9/8 of the reference's + 64 KiB */
	PER_PAGE,   /* the row's bytes, of x large segments, and a bit a page
		     * and a hundredth of its structure */
	FIXED,	    /* of the row, and 1.2 times the reference and 1.5 ns */
	BYTES,	    /* the row's */
	KIBIBYTES,  /* the row's bytes */
	MEBIBYTES,  /* the same */
	IN_MS	    /* the row's ns */
};

/* Where; 0 ends. */
static const double at_32[] = { 32, 0 };
static const double at_100k[] = { 100000, 0 };
static const double at_million[] = { MILLION, 0 };
static const double at_1[] = { 1, 0 };
static const double at_2[] = { 2, 0 };
static const double at_16[] = { 16, 0 };
static const double at_64[] = { 64, 0 };
static const double everywhere[] = { 32, 1000, 10000, 100000, MILLION, 0 };
static const double from_2[] = { 2, 32, 1000, 10000, 100000, MILLION, 0 };
static const double to_1000[] = { 32, 1000, 0 };
static const double to_10k[] = { 32, 1000, 10000, 0 };
static const double to_100k[] = { 32, 1000, 10000, 100000, 0 };
static const double from_100k[] = { 100000, MILLION, 0 };
static const double grown[] = { 1000, 10000, 100000, MILLION, 0 };
static const double at_gib[] = { 262144, 0 };
static const double offline[] = { 1, 1024, 0 };
static const double plugged[] = { 8, 512, 16384, 262144, 0 };

static const struct target {
	const char *text;
	enum kind kind;
	const char *experiment;
	const char *variant;
	const char *reference;	     /* a variant of the same experiment */
	const char *with_experiment; /* or of this one, if not NULL */
	double limit;
	const double *x; /* one that was not measured is left out, unless none
			  * was */
} targets[] = {
	{ "the paper's degradation: rbtree / textbook bsearch", RATIO,
	    "lookup/hit/random", "rbtree", "textbook bsearch", NULL, 1, at_32 },
	{ "array-bsearch / textbook bsearch", RATIO, "lookup/hit/random",
	    "array-bsearch", "textbook bsearch", NULL, 0.5, to_100k },
	{ "array-bsearch / textbook bsearch", RATIO, "lookup/hit/random",
	    "array-bsearch", "textbook bsearch", NULL, 0.7, at_million },
	{ "rbtree / textbook rbtree", RATIO, "lookup/hit/random", "rbtree",
	    "textbook rbtree", NULL, 0.5, to_10k },
	{ "rbtree / textbook rbtree", RATIO, "lookup/hit/random", "rbtree",
	    "textbook rbtree", NULL, 0.8, at_million },
	{ "rbtree: uvm face / textbook rbtree", RATIO, "layer/uvm face",
	    "rbtree", "textbook rbtree", "layer/directly", 0.7, to_10k },
	{ "rbtree: uvm face / textbook rbtree", RATIO, "layer/uvm face",
	    "rbtree", "textbook rbtree", "layer/directly", 0.85, at_100k },
	{ "rbtree: uvm face / textbook rbtree", RATIO, "layer/uvm face",
	    "rbtree", "textbook rbtree", "layer/directly", 0.7, at_million },
	{ "rbtree / std::map", RATIO, "lookup/hit/random", "rbtree", "std::map",
	    NULL, 0.5, to_10k },
	{ "rbtree / std::map", RATIO, "lookup/hit/random", "rbtree", "std::map",
	    NULL, 0.8, at_million },
	{ "array-bsearch: physseg_page - vm-memory 0.10, ns", DIFFERENCE,
	    "layer/physseg_page", "array-bsearch", "vm-memory 0.10",
	    "layer/directly", 1, at_1 },
	{ "array-bsearch: physseg_page / vm-memory 0.10", RATIO,
	    "layer/physseg_page", "array-bsearch", "vm-memory 0.10",
	    "layer/directly", 1, from_2 },
#define NEAR_LIMIT(variant, text, kind, times, experiment)                  \
	{                                                                   \
		variant ": " text " / (" times " x limit or + 2 ns)", kind, \
		    experiment, variant, "flat+bitmap (limit)", NULL, 1,    \
		    everywhere                                              \
	}
#define TO_PAGE(variant, kind, times)                                         \
	NEAR_LIMIT(variant, "random hits", kind, times, "lookup/hit/random"), \
	    NEAR_LIMIT(                                                       \
		variant, "half misses", kind, times, "lookup/miss50/random"), \
	    NEAR_LIMIT(                                                       \
		variant, "dependent", kind, times, "lookup/hit/dependent"),   \
	    NEAR_LIMIT(variant, "dependent, half misses", kind, times,        \
		"lookup/miss50/dependent")
	TO_PAGE("radix, in order", NEARLY, "2.5"),
	TO_PAGE("radix", NEAR, "2"),
	{ "radix / textbook rbtree", RATIO, "lookup/hit/random", "radix",
	    "textbook rbtree", NULL, 0.1, at_32 },
	{ "radix / textbook rbtree", RATIO, "lookup/hit/random", "radix",
	    "textbook rbtree", NULL, 0.01, at_million },
#define LAYER(variant, where)                                                 \
	{ variant ": table of functions - directly, ns", DIFFERENCE,          \
		"layer/table", variant, variant, "layer/directly", 1.5,       \
		where },                                                      \
	{                                                                     \
		variant ": physseg_page - directly, ns", DIFFERENCE,          \
		    "layer/physseg_page", variant, variant, "layer/directly", \
		    1.5, where                                                \
	}
	/* Beside hundreds of ns no such difference can be seen. */
	LAYER("array-random", at_32),
	LAYER("array-bsearch", to_1000),
	LAYER("array-bigfirst", at_32),
	LAYER("rbtree", to_1000),
	LAYER("radix", to_1000),
	{ "radix: physseg_pages, 8 / one by one", RATIO,
	    "layer/physseg_pages 8", "radix", "radix", "layer/physseg_page",
	    1.1, everywhere },
	{ "radix: physseg_pages, 32 / one by one", RATIO,
	    "layer/physseg_pages 32", "radix", "radix", "layer/physseg_page",
	    0.5, from_100k },
	{ "rbtree: uvm face - directly, ns", DIFFERENCE, "layer/uvm face",
	    "rbtree", "rbtree", "layer/directly", 1.5, to_1000 },
	{ "radix: find + get_pg / physseg_page", RATIO, "layer/find + get_pg",
	    "radix", "radix", "layer/physseg_page", 3, everywhere },
	{ "find + get_pg: radix / rbtree", RATIO, "layer/find + get_pg",
	    "radix", "rbtree", NULL, 1, everywhere },
	{ "find + get_pg: radix / array-bsearch", RATIO, "layer/find + get_pg",
	    "radix", "array-bsearch", NULL, 1, everywhere },
	{ "find at boot: radix / rbtree", RATIO, "layer/find at boot", "radix",
	    "rbtree", NULL, 1, at_32 },
	{ "radix, list: physseg_page / array-bsearch", RATIO,
	    "layer/physseg_page", "radix, list", "array-bsearch", NULL, 1,
	    to_10k },
	{ "vmemmap: physseg_page / (1.2 x limit + 1.5 ns)", FIXED,
	    "layer/physseg_page", "vmemmap", "flat+bitmap (limit)",
	    "layer/directly", 1, everywhere },
#define KEYS(variant, text, experiment, most)                                \
	{                                                                    \
		variant ": " text " / std::map", RATIO, experiment, variant, \
		    "std::map", NULL, most, grown                            \
	}
#define MUTATION(variant, growth, most, holes)                                 \
	{ variant ": plug+unplug at one place, growth from 1000", GROWTH,      \
		"change/plug8/same", variant, NULL, NULL, growth,              \
		at_million },                                                  \
	    { variant ": the same at random places / std::map's growth",       \
		    COMPARED, "change/plug8/random", variant, "std::map",      \
		    NULL, 1, at_million },                                     \
	    KEYS(                                                              \
		variant, "growing, ascending", "change/grow/ascending", most), \
	    KEYS(variant, "growing, descending", "change/grow/descending",     \
		most),                                                         \
	    KEYS(variant, "growing, random", "change/grow/random", most),      \
	    KEYS(variant, "holes, ascending", "change/holes/ascending", most), \
	    KEYS(variant, "holes, descending", "change/holes/descending",      \
		most),                                                         \
	    KEYS(variant, "holes, random", "change/holes/random", holes)
#define REPLUG(variant)                                                        \
	{                                                                      \
		variant ": plugged again / textbook rbtree, 8 inits", RATIO,   \
		    "change/replug", variant, "textbook rbtree, 8 page inits", \
		    NULL, 1, everywhere,                                       \
	}
	REPLUG("rbtree"),
	REPLUG("radix"),
	MUTATION("rbtree, registry", 6, 2.5, 2),
	MUTATION("rbtree", 6, 2.5, 2),
	MUTATION("radix, registry", 4, 1.5, 1.5),
	MUTATION("radix", 4, 1.5, 1.5),
#define PLUGGED(variant)                                                     \
	{                                                                    \
		variant ": a hot plug's memory / (9/8 structures + 64 KiB)", \
		    PROPORTION, "memory/hotplug", variant, variant,          \
		    "memory/structures", 1, plugged                          \
	}
	PLUGGED("rbtree"),
	PLUGGED("radix"),
	{ "radix: index of large segments / (1 bit a page + 1 % structures)",
	    PER_PAGE, "memory/large", "radix", NULL, NULL, 1, at_64 },
	{ "rbtree: a registry, bytes for each segment", BYTES, "memory/segment",
	    "rbtree", NULL, NULL, 256, grown },
	{ "rbtree: a registry of 16 segments in 64 GiB, KiB", KIBIBYTES,
	    "memory/few", "rbtree", NULL, NULL, 4, at_16 },
	{ "radix: a registry of 16 segments in 64 GiB, KiB", KIBIBYTES,
	    "memory/few", "radix", NULL, NULL, 8, at_16 },
	{ "radix: a registry of two segments, 2^52 bytes apart, MiB", MEBIBYTES,
	    "memory/wide", "radix", NULL, NULL, 1, at_2 },
#define STRUCTURES(variant)                                                    \
	{ variant ": structures of a plug, hooks for many / memset and store", \
		RATIO, "change/structures", variant ", hooks for many",        \
		"memset and a store each", NULL, 1.3, at_gib },                \
	{                                                                      \
		variant ": an offline plug of x GiB, ms", IN_MS,               \
		    "change/offline", variant, NULL, NULL, 1, offline          \
	}
	STRUCTURES("rbtree"),
	STRUCTURES("radix"),
	{ "radix: a reader beside a writer / alone", RATIO, "beside/writer",
	    "radix", "radix", "beside/alone", 1.2, grown },
};

#define TARGETS (sizeof(targets) / sizeof(targets[0]))

enum of { LEAST, MEDIAN };

static double
value(const struct results *all, enum of of, const char *experiment,
    const char *variant, double x)
{
	const struct result *result = results_find(all, experiment, variant, x);

	if (result == NULL)
		return NAN;
	return of == LEAST ? result->min : result->median;
}

/* What is measured of a target at an x; not a number: nothing. */
static double
measured(const struct results *all, enum of of, const struct target *target,
    double x)
{
	const char *with = target->with_experiment != NULL
	    ? target->with_experiment
	    : target->experiment;
	const double ours =
	    value(all, of, target->experiment, target->variant, x);
	const double before =
	    value(all, of, target->experiment, target->variant, 1000);
	double theirs = NAN;

	if (target->reference != NULL)
		theirs = value(all, of, with, target->reference, x);
	switch (target->kind) {
	case RATIO:
		return ours / theirs;
	case DIFFERENCE:
		return ours - theirs;
	case NEAR:
		return ours / fmax(2 * theirs, theirs + 2);
	case NEARLY:
		return ours / fmax(2.5 * theirs, theirs + 2);
	case GROWTH:
		return ours / before;
	case COMPARED:
		return ours / before /
		    (theirs / value(all, of, with, target->reference, 1000));
	case PROPORTION:
		return ours / (theirs * 9 / 8 + 65536);
	case PER_PAGE:
		return ours /
		    (x * LARGE_PAGES * (1.0 / 8 + PAGE_BYTES / 100.0));
	case FIXED:
		return ours / (1.2 * theirs + 1.5);
	case BYTES:
		return ours;
	case KIBIBYTES:
		return ours / 1024;
	case MEBIBYTES:
		return ours / 1048576;
	case IN_MS:
		return ours / 1e6;
	}
	return NAN;
}

/* Missed is what the least times and the medians miss.  What only one of them
 * misses, a short run or a noisy machine cannot tell. */
static const char *
verdict(double least, double median, double limit)
{
	if (least <= limit)
		return median <= limit ? "met" : "met by the least time only";
	return median <= limit ? "met by the median only" : "NOT MET";
}

static void
line(struct table *table, const struct target *target, double x, double got,
    double median)
{
	table_cell(table, "%s", target->text);
	table_cell(table, "%.0f", x);
	table_cell(table, "%.2f", target->limit);
	if (isnan(got)) {
		table_cell(table, "-");
		table_cell(table, "not measured in this run");
	} else {
		table_cell(table, "%.2f", got);
		table_cell(table, "%s", verdict(got, median, target->limit));
	}
	table_row(table);
}

void
targets_print(FILE *to, enum table_format format, const struct results *all)
{
	struct table table;

	table_begin(&table, to, format, "The project's own targets");
	table_cell(&table, "what");
	table_cell(&table, "x");
	table_cell(&table, "at most");
	table_cell(&table, "measured");
	table_cell(&table, "%s", "");
	table_row(&table);
	for (size_t t = 0; t < TARGETS; t++) {
		bool any = false;
		size_t i;

		for (i = 0; targets[t].x[i] > 0; i++) {
			const double x = targets[t].x[i];
			const double got = measured(all, LEAST, &targets[t], x);

			if (isnan(got))
				continue;
			line(&table, &targets[t], x, got,
			    measured(all, MEDIAN, &targets[t], x));
			any = true;
		}
		if (!any)
			line(
			    &table, &targets[t], targets[t].x[i - 1], NAN, NAN);
	}
	table_end(&table);
}
