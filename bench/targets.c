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

#define MILLION 1000000.0

enum kind {
	RATIO,	    /* of the row at x and the reference at x */
	DIFFERENCE, /* of the same, in their unit */
	GROWTH,	    /* of the row at x and itself at 1000 */
	COMPARED,   /* GROWTH of the row and GROWTH of the reference */
	PROPORTION  /* the row's bytes and 9/8 of the reference's + 64 KiB */
};

#define ALWAYS                                   \
	{                                        \
		32, 1000, 10000, 100000, MILLION \
	}
/* Where; 0 ends. */
static const double at_32[] = { 32, 0 };
static const double at_million[] = { MILLION, 0 };
static const double to_1000[] = { 32, 1000, 0 };
static const double to_10k[] = { 32, 1000, 10000, 0 };
static const double to_100k[] = { 32, 1000, 10000, 100000, 0 };
static const double grown[] = { 1000, 10000, 100000, MILLION, 0 };
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
	{ "rbtree / std::map", RATIO, "lookup/hit/random", "rbtree", "std::map",
	    NULL, 0.5, to_10k },
	{ "rbtree / std::map", RATIO, "lookup/hit/random", "rbtree", "std::map",
	    NULL, 0.8, at_million },
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
	{ "rbtree: uvm face - directly, ns", DIFFERENCE, "layer/uvm face",
	    "rbtree", "rbtree", "layer/directly", 1.5, to_1000 },
#define KEYS(variant, text, experiment)                                      \
	{                                                                    \
		variant ": " text " / std::map", RATIO, experiment, variant, \
		    "std::map", NULL, 2.5, grown                             \
	}
#define MUTATION(variant)                                                   \
	{ variant ": plug+unplug at one place, growth from 1000", GROWTH,   \
		"change/plug8/same", variant, NULL, NULL, 6, at_million },  \
	    { variant ": the same at random places / std::map's growth",    \
		    COMPARED, "change/plug8/random", variant, "std::map",   \
		    NULL, 1, at_million },                                  \
	    KEYS(variant, "growing, ascending", "change/grow/ascending"),   \
	    KEYS(variant, "growing, descending", "change/grow/descending"), \
	    KEYS(variant, "growing, random", "change/grow/random"),         \
	    KEYS(variant, "holes, ascending", "change/holes/ascending"),    \
	    KEYS(variant, "holes, descending", "change/holes/descending"),  \
	    KEYS(variant, "holes, random", "change/holes/random")
	MUTATION("rbtree, registry"),
	MUTATION("rbtree"),
	{ "rbtree: a hot plug's memory / (9/8 structures + 64 KiB)", PROPORTION,
	    "memory/hotplug", "rbtree", "rbtree", "memory/structures", 1,
	    plugged },
};

#define TARGETS (sizeof(targets) / sizeof(targets[0]))

static double
value(const struct results *all, const char *experiment, const char *variant,
    double x)
{
	const struct result *result = results_find(all, experiment, variant, x);

	return result == NULL ? NAN : result->min;
}

/* What is measured of a target at an x; not a number: nothing. */
static double
measured(const struct results *all, const struct target *target, double x)
{
	const char *with = target->with_experiment != NULL
	    ? target->with_experiment
	    : target->experiment;
	const double ours = value(all, target->experiment, target->variant, x);
	const double before =
	    value(all, target->experiment, target->variant, 1000);
	double theirs = NAN;

	if (target->reference != NULL)
		theirs = value(all, with, target->reference, x);
	switch (target->kind) {
	case RATIO:
		return ours / theirs;
	case DIFFERENCE:
		return ours - theirs;
	case GROWTH:
		return ours / before;
	case COMPARED:
		return ours / before /
		    (theirs / value(all, with, target->reference, 1000));
	case PROPORTION:
		return ours / (theirs * 9 / 8 + 65536);
	}
	return NAN;
}

static void
line(struct table *table, const struct target *target, double x, double got)
{
	table_cell(table, "%s", target->text);
	table_cell(table, "%.0f", x);
	table_cell(table, "%.2f", target->limit);
	if (isnan(got)) {
		table_cell(table, "-");
		table_cell(table, "not measured");
	} else {
		table_cell(table, "%.2f", got);
		table_cell(
		    table, "%s", got <= target->limit ? "met" : "NOT MET");
	}
	table_row(table);
}

void
targets_print(FILE *to, enum table_format format, const struct results *all)
{
	struct table table;

	table_begin(&table, to, format, "Targets");
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
			const double got = measured(all, &targets[t], x);

			if (isnan(got))
				continue;
			line(&table, &targets[t], x, got);
			any = true;
		}
		if (!any)
			line(&table, &targets[t], targets[t].x[i - 1], NAN);
	}
	table_end(&table);
}
