/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * grid.h -- which lines and columns the table of an experiment has: a line for
 * each variant, a column for each x.
 */
#ifndef BENCH_GRID_H
#define BENCH_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "run/results.h"

#define LINES_MOST   64
#define COLUMNS_MOST 16

struct grid {
	const char *variants[LINES_MOST];
	size_t lines;
	double x[COLUMNS_MOST];
	size_t columns;
	const char *unit;
	const char *skipped[LINES_MOST]; /* why some of it is missing */
	bool measured;			 /* anything */
};

/* Without results there are no lines.  Texts are those of the results. */
struct grid grid_of(const struct results *, const char *experiment);

/* A number of segments as people write it: "32", "10k", "1M". */
#define GRID_NUMBER 32
const char *grid_number(char text[GRID_NUMBER], double x);

#endif /* BENCH_GRID_H */
