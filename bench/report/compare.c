/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * compare.c -- two files of results, one against the other.
 *
 * Judged are the library's own rows.  A row has four ratios, after to before:
 * of its least values, of its medians, of its least values against what became
 * of the foreign rows measured beside it, and of the nearest values of the two
 * files, 1 where they overlap.  Counted is the one nearest to 1: other work
 * on the machine moves one of them easily, and seldom all.
 *
 * No change of ours makes a foreign row slower or faster.  So the one that
 * moved most says how far rows move by themselves, and no smaller difference
 * counts.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "run/results.h"
#include "baseline/subject.h"
#include "table.h"

#define EXIT_USAGE 2

struct verdict {
	size_t compared;
	size_t slower; /* beyond the threshold */
	size_t faster;
	double logarithms; /* sum, of the ratios */
};

struct files {
	const struct results *before;
	const struct results *after;
};

static const struct result *
before_of(const struct files *files, const struct result *now)
{
	const struct result *was;

	if (now->n == 0 || !(now->min > 0))
		return NULL;
	was =
	    results_find(files->before, now->experiment, now->variant, now->x);
	return was != NULL && was->min > 0 ? was : NULL;
}

/* Up to the first '/': what so begins, and has the same x, is measured at one
 * time, more or less. */
static bool
is_beside(const struct result *a, const struct result *b)
{
	const size_t length = strcspn(a->experiment, "/");

	return !(a->x < b->x) && !(a->x > b->x) &&
	    strncmp(a->experiment, b->experiment, length + 1) == 0;
}

/* What became of the other foreign rows beside this one: the geometric mean. */
static double
machine(const struct files *files, const struct result *row)
{
	double logarithms = 0;
	size_t n = 0;

	for (size_t i = 0; i < files->after->count; i++) {
		const struct result *now = &files->after->list[i];
		const struct result *was;

		if (now == row || !is_beside(row, now) ||
		    !subject_is_foreign(now->variant) ||
		    (was = before_of(files, now)) == NULL)
			continue;
		logarithms += log(now->min / was->min);
		n++;
	}
	return n == 0 ? 1 : exp(logarithms / (double)n);
}

static double
nearer_to_1(double a, double b)
{
	return fabs(log(a)) < fabs(log(b)) ? a : b;
}

/* Between the repetitions of one file and those of the other. */
static double
gap(const struct result *was, const struct result *now)
{
	if (now->min > was->max)
		return now->min / was->max;
	return now->max < was->min ? now->max / was->min : 1;
}

/* Does it measure the library alone?  With two threads it is also what else
 * runs on either's processor. */
static bool
is_judged(const struct result *row)
{
	return strncmp(row->experiment, "beside/", 7) != 0;
}

static double
ratio_of(const struct files *files, const struct result *was,
    const struct result *now)
{
	const double least = now->min / was->min;
	const double ratio = nearer_to_1(least, now->median / was->median);

	return nearer_to_1(
	    nearer_to_1(ratio, least / machine(files, now)), gap(was, now));
}

/* By how many times the foreign rows differ, at most. */
static double
noise(const struct files *files)
{
	double most = 1;

	for (size_t i = 0; i < files->after->count; i++) {
		const struct result *now = &files->after->list[i];
		const struct result *was = before_of(files, now);

		if (was == NULL || !subject_is_foreign(now->variant))
			continue;
		most = fmax(most, exp(fabs(log(ratio_of(files, was, now)))));
	}
	return most;
}

static void
judge(struct verdict *verdict, struct table *table, const struct result *was,
    const struct result *now, double ratio, double threshold)
{
	verdict->compared++;
	verdict->logarithms += log(ratio);
	if (ratio <= threshold && ratio >= 1 / threshold)
		return;
	if (ratio > 1)
		verdict->slower++;
	else
		verdict->faster++;
	table_cell(
	    table, "%s, %s, %.0f", now->experiment, now->variant, now->x);
	table_cell(table, "%.4g", was->min);
	table_cell(table, "%.4g", now->min);
	table_cell(table, "%s", now->unit);
	table_cell(table, "%.2f", ratio);
	table_row(table);
}

static struct verdict
compare_all(struct table *table, const struct files *files, double threshold)
{
	struct verdict verdict = { 0 };

	for (size_t i = 0; i < files->after->count; i++) {
		const struct result *now = &files->after->list[i];
		const struct result *was = before_of(files, now);

		if (was == NULL || subject_is_foreign(now->variant) ||
		    !is_judged(now))
			continue;
		judge(&verdict, table, was, now, ratio_of(files, was, now),
		    threshold);
	}
	return verdict;
}

static int
report(const struct verdict *verdict, const struct files *files,
    double threshold, double moved)
{
	if (verdict->compared == 0) {
		fprintf(stderr, "bench: the two files have no row in common\n");
		return EXIT_USAGE;
	}
	printf("\n%zu rows compared (of %zu and %zu in the files): %zu slower "
	       "and %zu faster beyond %.2f times; geometric mean %.3f\n"
	       "Rows that are not the library's differ by up to %.2f times.\n",
	    verdict->compared, files->before->count, files->after->count,
	    verdict->slower, verdict->faster, threshold,
	    exp(verdict->logarithms / (double)verdict->compared), moved);
	return verdict->slower + verdict->faster > 0 ? EXIT_FAILURE
						     : EXIT_SUCCESS;
}

int
compare(const char *before_path, const char *after_path, double threshold)
{
	struct results before = { 0 }, after = { 0 };
	const struct files files = { &before, &after };
	struct table table;
	struct verdict verdict;
	double moved;
	int status = EXIT_USAGE;

	if (results_read_json(&before, before_path) &&
	    results_read_json(&after, after_path)) {
		table_begin(&table, stdout, TABLE_TEXT,
		    "Different beyond the threshold");
		table_cell(&table, "experiment, variant, x");
		table_cell(&table, "before");
		table_cell(&table, "after");
		table_cell(&table, "unit");
		table_cell(&table, "after / before");
		table_row(&table);
		moved = noise(&files);
		threshold = fmax(threshold, moved);
		verdict = compare_all(&table, &files, threshold);
		table_end(&table);
		status = report(&verdict, &files, threshold, moved);
	}
	results_clear(&before);
	results_clear(&after);
	return status;
}
