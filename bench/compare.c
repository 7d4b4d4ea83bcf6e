/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * compare.c -- two files of results, one against the other.
 *
 * A row's ratio, after to before, is that of its least values or that of its
 * medians, whichever is nearer to 1: other work on the machine moves one of
 * them easily, and seldom both.  A row that only one of the files has is
 * counted and not judged.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compare.h"
#include "results.h"
#include "table.h"

#define EXIT_USAGE 2

struct verdict {
	size_t compared;
	size_t slower; /* beyond the threshold */
	size_t faster;
	double logarithms; /* sum, of the ratios */
};

static void
judge(struct verdict *verdict, struct table *table, const struct result *before,
    const struct result *after, double threshold)
{
	const double least = after->min / before->min;
	const double median = after->median / before->median;
	const double ratio =
	    fabs(log(least)) < fabs(log(median)) ? least : median;

	verdict->compared++;
	verdict->logarithms += log(ratio);
	if (ratio <= threshold && ratio >= 1 / threshold)
		return;
	if (ratio > 1)
		verdict->slower++;
	else
		verdict->faster++;
	table_cell(
	    table, "%s, %s, %.0f", after->experiment, after->variant, after->x);
	table_cell(table, "%.4g", before->min);
	table_cell(table, "%.4g", after->min);
	table_cell(table, "%s", after->unit);
	table_cell(table, "%.2f", ratio);
	table_row(table);
}

static struct verdict
compare_all(struct table *table, const struct results *before,
    const struct results *after, double threshold)
{
	struct verdict verdict = { 0 };

	for (size_t i = 0; i < after->count; i++) {
		const struct result *now = &after->list[i];
		const struct result *was =
		    results_find(before, now->experiment, now->variant, now->x);

		if (was != NULL && now->n > 0 && was->min > 0 && now->min > 0)
			judge(&verdict, table, was, now, threshold);
	}
	return verdict;
}

static int
report(const struct verdict *verdict, size_t before, size_t after,
    double threshold)
{
	if (verdict->compared == 0) {
		fprintf(stderr, "bench: the two files have no row in common\n");
		return EXIT_USAGE;
	}
	printf("\n%zu rows compared (of %zu and %zu): %zu slower and %zu "
	       "faster beyond %.2f times; geometric mean %.3f\n",
	    verdict->compared, before, after, verdict->slower, verdict->faster,
	    threshold, exp(verdict->logarithms / (double)verdict->compared));
	return verdict->slower + verdict->faster > 0 ? EXIT_FAILURE
						     : EXIT_SUCCESS;
}

int
compare(const char *before_path, const char *after_path, double threshold)
{
	struct results before = { 0 }, after = { 0 };
	struct table table;
	struct verdict verdict;
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
		verdict = compare_all(&table, &before, &after, threshold);
		table_end(&table);
		status = report(&verdict, before.count, after.count, threshold);
	}
	results_clear(&before);
	results_clear(&after);
	return status;
}
