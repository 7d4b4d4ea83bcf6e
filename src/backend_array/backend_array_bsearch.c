/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_array_bsearch.c -- VM_PSTRAT_BSEARCH: by ascending address; binary
 * search, of the blocks and then in one, in which no jump depends on the data.
 */
#include "backend_array.h"
#include "select.h"

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

/* The last of `n' sorted starts that is at most `pfn', or else the first. */
static inline size_t
floor_of(const physseg_pfn_t *start, size_t n, physseg_pfn_t pfn)
{
	const physseg_pfn_t *base = start;
	size_t half;

	while (n > 1) {
		half = n / 2;
		base = physseg_select(base, base + half, base[half] <= pfn);
		n -= half;
	}
	return (size_t)(base - start);
}

/* The same of all slots: of the blocks, then in it. */
static inline size_t
floor_slot(const struct array *array, physseg_pfn_t pfn)
{
	size_t blocks = (array->n + ARRAY_BLOCK - 1) / ARRAY_BLOCK;
	size_t i = floor_of(array->block, blocks, pfn) * ARRAY_BLOCK;

	return i + floor_of(array->start + i, ARRAY_BLOCK, pfn);
}

static struct physseg_node *
array_bsearch_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct array *array = index;
	size_t i = floor_slot(array, pfn);

	return array_contains(array, i, pfn) ? array->slot[i].node : NULL;
}

static struct physseg_node *
array_bsearch_find(const void *index, physseg_pfn_t lo, physseg_pfn_t hi)
{
	const struct array *array = index;
	size_t i = floor_slot(array, lo);

	if (array->slot[i].end <= lo)
		i++;
	return i < array->n && array->start[i] < hi ? array->slot[i].node
						    : NULL;
}

static const struct physseg_backend backend = {
	.name = "array-bsearch",
	.capabilities = PHYSSEG_POSITION | PHYSSEG_SORTED,
	.init = array_bsearch_init,
	.find = array_bsearch_find,
	.lookup = array_bsearch_lookup,
	ARRAY_FUNCTIONS,
};

const struct physseg_backend *
physseg_backend_array_bsearch(void)
{
	return &backend;
}
