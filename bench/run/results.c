/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * results.c -- the list of results.h: an array that doubles.  Its file format
 * is in results_json.c.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "support.h"

struct results results;

static char *
copied(const char *text)
{
	const size_t size = strlen(text) + 1;

	return memcpy(must(malloc(size)), text, size);
}

struct result *
results_add(struct results *all, const struct result *result)
{
	struct result *new;

	if (all->count == all->room) {
		all->room = all->room == 0 ? 64 : 2 * all->room;
		all->list =
		    must(realloc(all->list, all->room * sizeof(all->list[0])));
	}
	new = &all->list[all->count++];
	*new = *result;
	new->experiment = copied(result->experiment);
	new->variant = copied(result->variant);
	new->unit = copied(result->unit);
	if (result->skipped != NULL)
		new->skipped = copied(result->skipped);
	return new;
}

static int
ascending(const void *pa, const void *pb)
{
	const double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

struct result *
results_add_values(struct results *all, const char *experiment,
    const char *variant, double x, const char *unit, double *values, unsigned n)
{
	double sum = 0, squares = 0, mean;

	qsort(values, n, sizeof(values[0]), ascending);
	for (unsigned i = 0; i < n; i++)
		sum += values[i];
	mean = sum / n;
	for (unsigned i = 0; i < n; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	return results_add(all,
	    &(struct result){
		.experiment = experiment,
		.variant = variant,
		.x = x,
		.unit = unit,
		.min = values[0],
		.median = (values[(n - 1) / 2] + values[n / 2]) / 2,
		.mean = mean,
		.sd = sqrt(squares / n),
		.max = values[n - 1],
		.n = n,
	    });
}

struct result *
results_add_skipped(struct results *all, const char *experiment,
    const char *variant, double x, const char *unit, const char *why)
{
	return results_add(all,
	    &(struct result){
		.experiment = experiment,
		.variant = variant,
		.x = x,
		.unit = unit,
		.skipped = why,
	    });
}

const struct result *
results_find(const struct results *all, const char *experiment,
    const char *variant, double x)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct result *result = &all->list[i];

		if (result->n > 0 && !(result->x < x) && !(result->x > x) &&
		    strcmp(result->experiment, experiment) == 0 &&
		    strcmp(result->variant, variant) == 0)
			return result;
	}
	return NULL;
}

void
results_clear(struct results *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free((char *)all->list[i].experiment);
		free((char *)all->list[i].variant);
		free((char *)all->list[i].unit);
		free((char *)all->list[i].skipped);
	}
	free(all->list);
	*all = (struct results){ 0 };
}
