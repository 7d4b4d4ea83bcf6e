/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_array_bsearch.c -- VM_PSTRAT_BSEARCH: by ascending address; binary
 * search over the packed starts, in which no branch depends on the data: each
 * step adds half of what is left, or nothing.
 */
#include "backend_array.h"

static bool
before_start(const struct physseg_node *a, const struct physseg_node *b)
{
	return a->start < b->start;
}

static void
array_bsearch_init(void *index, size_t capacity)
{
	physseg_array_init(index, capacity, before_start);
}

/* The last slot whose start is at most `pfn', or 0 if there is none; the
 * array is not empty. */
static inline size_t
floor_slot(const struct array *array, physseg_pfn_t pfn)
{
	const physseg_pfn_t *base = array->start;
	size_t n = array->n, half;

	while (n > 1) {
		half = n / 2;
		base += half & (0 - (size_t)(base[half] <= pfn));
		n -= half;
	}
	return (size_t)(base - array->start);
}

static struct physseg_node *
array_bsearch_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct array *array = index;
	size_t i;

	if (array->n == 0)
		return NULL;
	i = floor_slot(array, pfn);
	return pfn - array->start[i] < array->end[i] - array->start[i]
	    ? array->node[i]
	    : NULL;
}

static struct physseg_node *
array_bsearch_find(const void *index, physseg_pfn_t lo, physseg_pfn_t hi)
{
	const struct array *array = index;
	size_t i;

	if (array->n == 0)
		return NULL;
	i = floor_slot(array, lo);
	if (array->end[i] <= lo)
		i++;
	return i < array->n && array->start[i] < hi ? array->node[i] : NULL;
}

const struct physseg_backend physseg_array_bsearch = {
	.name = "array-bsearch",
	.capabilities = PHYSSEG_POSITION | PHYSSEG_SORTED,
	.init = array_bsearch_init,
	.find = array_bsearch_find,
	.lookup = array_bsearch_lookup,
	ARRAY_FUNCTIONS,
};
