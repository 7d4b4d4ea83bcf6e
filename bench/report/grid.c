/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * grid.c -- lines and columns in the order of the results.
 */

#include "grid.h"

#include <stdio.h>
#include <string.h>

static size_t
line_of(struct grid *grid, const char *variant)
{
	size_t i;

	for (i = 0; i < grid->lines; i++)
		if (strcmp(grid->variants[i], variant) == 0)
			return i;
	if (grid->lines < LINES_MOST) {
		grid->skipped[i] = NULL;
		grid->variants[grid->lines++] = variant;
	}
	return i;
}

static void
add_column(struct grid *grid, double x)
{
	for (size_t i = 0; i < grid->columns; i++)
		if (!(grid->x[i] < x) && !(grid->x[i] > x))
			return;
	if (grid->columns < COLUMNS_MOST)
		grid->x[grid->columns++] = x;
}

struct grid
grid_of(const struct results *all, const char *experiment)
{
	struct grid grid = { .lines = 0 };

	for (size_t i = 0; i < all->count; i++) {
		const struct result *result = &all->list[i];
		size_t line;

		if (strcmp(result->experiment, experiment) != 0)
			continue;
		line = line_of(&grid, result->variant);
		if (line < LINES_MOST && result->n == 0)
			grid.skipped[line] = result->skipped;
		grid.unit = result->unit;
		grid.measured = grid.measured || result->n > 0;
		add_column(&grid, result->x);
	}
	return grid;
}

const char *
grid_number(char text[GRID_NUMBER], double x)
{
	if (x >= 1e6)
		snprintf(text, GRID_NUMBER, "%gM", x / 1e6);
	else if (x >= 1e3)
		snprintf(text, GRID_NUMBER, "%.3gk", x / 1e3);
	else
		snprintf(text, GRID_NUMBER, "%g", x);
	return text;
}
