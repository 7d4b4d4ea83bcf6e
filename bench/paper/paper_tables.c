/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * paper_tables.c -- the paper's Tables 1 to 4 beside ours, and its one
 * percentage.
 *
 * What the paper measured is a table here; what was measured now comes from
 * the list of results by its name.  A cell nobody measured is "-".
 */
#include <math.h>
#include <string.h>

#include "paper.h"
#include "stats.h"

const struct paper_row paper_rbtree[] = {
	{ "100", 1e2, 0.004599, 0.003286, 0.010213 },
	{ "1K", 1e3, 0.002740, 0.001991, 0.005747 },
	{ "10K", 1e4, 0.003491, 0.002836, 0.007941 },
	{ "100K", 1e5, 0.011424, 0.009388, 0.017161 },
	{ "1M", 1e6, 0.093359, 0.079128, 0.138379 },
	{ "10M", 1e7, 0.892827, 0.813503, 1.172205 },
	{ "100M", 1e8, 8.932540, 8.434525, 11.616543 },
	{ NULL, 0, 0, 0, 0 },
};

const struct paper_row paper_array[] = {
	{ "100", 1e2, 0.004714, 0.003511, 0.013895 },
	{ "1K", 1e3, 0.002754, 0.002088, 0.005318 },
	{ "10K", 1e4, 0.003585, 0.002666, 0.005271 },
	{ "100K", 1e5, 0.011007, 0.009199, 0.016627 },
	{ "1M", 1e6, 0.086208, 0.076989, 0.116637 },
	{ "10M", 1e7, 0.843048, 0.782676, 0.980598 },
	{ "100M", 1e8, 8.434760, 8.128623, 9.132065 },
	{ NULL, 0, 0, 0, 0 },
};

const struct paper_row paper_fragmented[] = {
	{ "1MB", 1, 1.015810, 0.941942, 1.361913 },
	{ "64MB", 64, 0.958675, 0.877151, 1.279663 },
	{ "128MB", 128, 2.155270, 2.024838, 2.866540 },
	{ "256MB", 256, 2.550920, 2.360252, 3.736369 },
	{ NULL, 0, 0, 0, 0 },
};

/* Its Table 3: of 100M calls.  It gives no extremes there. */
static const struct {
	const char *variant;
	const char *average;
	const char *sd;
	const char *margin;
} paper_100M[] = {
	{ "array-bsearch", "8.43476", "0.19331", "0.03789" },
	{ "rbtree", "8.93254", "0.41553", "0.08144" },
	{ PAPER_RANDOM, "2.03", "-", "-" },
};

static const char *const modes[] = { "faithful", "net" };

#define NMODES	    (sizeof(modes) / sizeof(modes[0]))
#define N100M	    (sizeof(paper_100M) / sizeof(paper_100M[0]))
#define NAMELEN	    64
#define MAX_COLUMNS 32

struct printing {
	FILE *out;
	enum table_format format;
	const struct results *all;
	char calls[NAMELEN]; /* "paper/calls/MODE" */
	char fragmented[NAMELEN];
	const char *mode;
};

static double
margin(const struct result *r)
{
	return 1.96 * r->sd / sqrt(r->n);
}

static void
head(struct table *t, const char *first, const char *const *columns)
{
	table_cell(t, "%s", first);
	for (; *columns != NULL; columns++)
		table_cell(t, "%s", *columns);
	table_row(t);
}

/* Five cells of what was measured. */
static void
measured(struct table *t, const struct result *r)
{
	if (r == NULL) {
		for (int i = 0; i < 5; i++)
			table_cell(t, "-");
		return;
	}
	table_cell(t, "%.6f", r->mean);
	table_cell(t, "%.6f", r->min);
	table_cell(t, "%.6f", r->max);
	table_cell(t, "%.6f", r->sd);
	table_cell(t, "%.6f", margin(r));
}

static void
average(struct table *t, const struct result *r)
{
	if (r == NULL)
		table_cell(t, "-");
	else
		table_cell(t, "%.6f", r->mean);
}

/* Tables 1, 2 and 4. */
static void
print_rows(const struct printing *p, const char *title, const char *experiment,
    const char *variant, const struct paper_row *rows)
{
	static const char *const columns[] = { "paper avg", "paper min",
		"paper max", "average", "minimum", "maximum", "sd", "margin",
		NULL };
	struct table t;

	table_begin(&t, p->out, p->format, title);
	head(&t, "test", columns);
	for (; rows->test != NULL; rows++) {
		table_cell(&t, "uvm_physseg_%s", rows->test);
		table_cell(&t, "%.6f", rows->average);
		table_cell(&t, "%.6f", rows->minimum);
		table_cell(&t, "%.6f", rows->maximum);
		measured(
		    &t, results_find(p->all, experiment, variant, rows->x));
		table_row(&t);
	}
	table_end(&t);
}

/* ---- Table 3 ---- */

/* The longest test that a variant ran. */
static const struct paper_row *
longest(const struct results *all, const char *experiment, const char *variant)
{
	const struct paper_row *found = NULL;

	for (const struct paper_row *r = paper_array; r->test != NULL; r++)
		if (results_find(all, experiment, variant, r->x) != NULL)
			found = r;
	return found;
}

static void
row_of_table_3(
    struct table *t, const struct result *r, const struct result *array)
{
	size_t i = 0;

	while (i < N100M && strcmp(paper_100M[i].variant, r->variant) != 0)
		i++;
	table_cell(t, "%s", r->variant);
	table_cell(t, "%s", i < N100M ? paper_100M[i].average : "-");
	table_cell(t, "%s", i < N100M ? paper_100M[i].sd : "-");
	table_cell(t, "%s", i < N100M ? paper_100M[i].margin : "-");
	measured(t, r);
	table_cell(t, "%.2f", r->mean / r->x * 1e9);
	table_cell(t, "%+.2f", stats_percent(r->mean, array->mean));
	table_row(t);
}

static void
print_percent(const struct printing *p, const char *what,
    const struct result *ours, const struct result *base)
{
	char text[128];

	if (ours == NULL || base == NULL)
		return;
	snprintf(text, sizeof(text),
	    "  %-42s %+8.2f %%  (of the minimum: %+.2f %%)", what,
	    stats_percent(ours->mean, base->mean),
	    stats_percent(ours->min, base->min));
	table_note(p->out, p->format, text);
}

/* The paper's array is the textbook's, so that comparison is the one that says
 * whether its degradation is still there. */
static void
note_degradation(const struct printing *p, double x)
{
	static const char *const pairs[][3] = {
		{ "R-B tree to textbook array (the paper's)", "rbtree",
		    "textbook bsearch" },
		{ "R-B tree to array BSEARCH, both ours", "rbtree",
		    "array-bsearch" },
		{ "the textbook's two", "textbook rbtree", "textbook bsearch" },
	};

	table_note(p->out, p->format,
	    "Degradation, R-B tree against static array.  The paper says "
	    "+5.59 %;\nthe averages it prints give +5.90 %.  Here:");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		print_percent(p, pairs[i][0],
		    results_find(p->all, p->calls, pairs[i][1], x),
		    results_find(p->all, p->calls, pairs[i][2], x));
}

static void
print_table_3(const struct printing *p)
{
	static const char *const columns[] = { "paper avg", "paper sd",
		"paper margin", "average", "minimum", "maximum", "sd", "margin",
		"ns/call", "% to array", NULL };
	const struct paper_row *test =
	    longest(p->all, p->calls, "array-bsearch");
	const double x = test == NULL ? 1e8 : test->x;
	const struct result *array =
	    results_find(p->all, p->calls, "array-bsearch", x);
	char title[128];
	struct table t;

	snprintf(title, sizeof(title),
	    "Table 3 (%s): %s calls on every backend; the paper's: 100M",
	    p->mode, test == NULL ? "no" : test->test);
	table_begin(&t, p->out, p->format, title);
	head(&t, "backend", columns);
	for (size_t i = 0; array != NULL && i < p->all->count; i++) {
		const struct result *r = &p->all->list[i];

		if (r->n > 0 && !(r->x < x) && !(r->x > x) &&
		    strcmp(r->experiment, p->calls) == 0)
			row_of_table_3(&t, r, array);
	}
	table_end(&t);
	if (array != NULL)
		note_degradation(p, x);
}

/* ---- Table 4 and the rest ---- */

/* Who could not, and why: once each. */
static void
print_skipped(const struct printing *p)
{
	char text[256];

	for (size_t i = 0; i < p->all->count; i++) {
		const struct result *r = &p->all->list[i];

		if (r->n > 0 || !(r->x > 0) || r->x > 1 ||
		    strcmp(r->experiment, p->fragmented) != 0)
			continue;
		snprintf(text, sizeof(text), "%s: skipped: %s", r->variant,
		    r->skipped);
		table_note(p->out, p->format, text);
	}
}

/* Is that the first entry of a variant that this experiment measured? */
static bool
is_first(
    const struct results *all, const struct result *r, const char *experiment)
{
	if (r->n == 0 || strcmp(r->experiment, experiment) != 0)
		return false;
	for (const struct result *s = all->list; s < r; s++)
		if (s->n > 0 && strcmp(s->experiment, experiment) == 0 &&
		    strcmp(s->variant, r->variant) == 0)
			return false;
	return true;
}

static bool
is_the_papers(const char *variant)
{
	return strcmp(variant, "rbtree") == 0 ||
	    strcmp(variant, "array-bsearch") == 0;
}

/* The same tests on what the paper did not measure: a column for each. */
static void
print_others(const struct printing *p, const char *title,
    const char *experiment, const struct paper_row *rows)
{
	const struct result *columns[MAX_COLUMNS];
	size_t ncolumns = 0;
	struct table t;

	for (size_t i = 0; i < p->all->count && ncolumns < MAX_COLUMNS; i++)
		if (is_first(p->all, &p->all->list[i], experiment) &&
		    !is_the_papers(p->all->list[i].variant))
			columns[ncolumns++] = &p->all->list[i];
	if (ncolumns == 0)
		return;
	table_begin(&t, p->out, p->format, title);
	table_cell(&t, "test");
	for (size_t i = 0; i < ncolumns; i++)
		table_cell(&t, "%s", columns[i]->variant);
	table_row(&t);
	for (; rows->test != NULL; rows++) {
		table_cell(&t, "uvm_physseg_%s", rows->test);
		for (size_t i = 0; i < ncolumns; i++)
			average(&t,
			    results_find(p->all, experiment,
				columns[i]->variant, rows->x));
		table_row(&t);
	}
	table_end(&t);
}

/* How many calls each test of Table 4 made, as text. */
static void
calls_text(const struct printing *p, char *text, size_t size)
{
	const struct result *r =
	    results_find(p->all, "paper/fragmented/calls", PAPER_EACH, 0);

	snprintf(text, size, "%.0f", r == NULL ? 0 : r->mean);
}

static void
print_calls(const struct printing *p)
{
	char title[256];

	snprintf(title, sizeof(title),
	    "Table 1 (%s): R-B tree, 32 segments, seconds", p->mode);
	print_rows(p, title, p->calls, "rbtree", paper_rbtree);
	snprintf(title, sizeof(title),
	    "Table 2 (%s): static array BSEARCH, 32 segments, seconds",
	    p->mode);
	print_rows(p, title, p->calls, "array-bsearch", paper_array);
	print_table_3(p);
	snprintf(title, sizeof(title),
	    "As Tables 1 and 2 (%s): the others, average seconds "
	    "(array-contig: one segment of the same 1 MiB)",
	    p->mode);
	print_others(p, title, p->calls, paper_rbtree);
}

static void
print_fragmented(const struct printing *p)
{
	char title[256], calls[32];

	calls_text(p, calls, sizeof(calls));
	snprintf(title, sizeof(title),
	    "Table 4 (%s): R-B tree, fragmented, seconds for %s calls; the "
	    "paper's: 10000000",
	    p->mode, calls);
	print_rows(p, title, p->fragmented, "rbtree", paper_fragmented);
	print_skipped(p);
	snprintf(title, sizeof(title),
	    "As Table 4 (%s): the others, average seconds for %s calls",
	    p->mode, calls);
	print_others(p, title, p->fragmented, paper_fragmented);
}

static void
print_mode(struct printing *p)
{
	snprintf(p->calls, NAMELEN, "paper/calls/%s", p->mode);
	snprintf(p->fragmented, NAMELEN, "paper/fragmented/%s", p->mode);
	table_fold(p->out, p->format,
	    strcmp(p->mode, "net") == 0
		? "The paper's tests, net: frames drawn before the clock"
		: "The paper's tests, faithful: random() inside the clock");
	print_calls(p);
	print_fragmented(p);
	table_unfold(p->out, p->format);
}

void
paper_print(FILE *out, enum table_format format, const struct results *all)
{
	for (size_t i = 0; i < NMODES; i++) {
		struct printing p = {
			.out = out,
			.format = format,
			.all = all,
			.mode = modes[i],
		};

		for (size_t j = 0; j < all->count; j++)
			if (strncmp(all->list[j].experiment, "paper/", 6) ==
				0 &&
			    strcmp(strrchr(all->list[j].experiment, '/') + 1,
				p.mode) == 0) {
				print_mode(&p);
				break;
			}
	}
}

/* ---- its one percentage ---- */

static void
percent_cell(struct table *t, const struct results *all, const char *experiment,
    const char *variant)
{
	const struct paper_row *test =
	    longest(all, experiment, "textbook bsearch");
	const struct result *ours = NULL, *base = NULL;

	if (test != NULL) {
		ours = results_find(all, experiment, variant, test->x);
		base =
		    results_find(all, experiment, "textbook bsearch", test->x);
	}
	if (ours == NULL || base == NULL)
		table_cell(t, "-");
	else
		table_cell(
		    t, "%+.1f %%", stats_percent(ours->median, base->median));
}

void
paper_print_degradation(
    FILE *out, enum table_format format, const struct results *all)
{
	static const struct {
		const char *text;
		const char *variant;
	} lines[] = {
		{ "now: rbtree / textbook array", "rbtree" },
		{ "now: radix / textbook array", "radix" },
		{ "now: textbook tree / textbook array", "textbook rbtree" },
	};
	struct table t;

	if (longest(all, "paper/calls/faithful", "textbook bsearch") == NULL &&
	    longest(all, "paper/calls/net", "textbook bsearch") == NULL)
		return;
	table_begin(&t, out, format,
	    "PAPER: how much longer a lookup takes than in a static array; "
	    "medians");
	table_cell(&t, "32 segments");
	table_cell(&t, "with random()");
	table_cell(&t, "without");
	table_row(&t);
	table_cell(&t, "then: red-black tree / static array");
	table_cell(&t, "+5.59 %%");
	table_cell(&t, "-");
	table_row(&t);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		table_cell(&t, "%s", lines[i].text);
		percent_cell(&t, all, "paper/calls/faithful", lines[i].variant);
		percent_cell(&t, all, "paper/calls/net", lines[i].variant);
		table_row(&t);
	}
	table_end(&t);
}
