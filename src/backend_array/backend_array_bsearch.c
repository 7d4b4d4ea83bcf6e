/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_array_bsearch.c -- VM_PSTRAT_BSEARCH: by ascending address, with a
 * binary search.  It searches the column of blocks, and then one block.  No
 * jump depends on the data (select.h).
 */
#include "backend_array.h"

static bool
before_start(const struct physseg_node *a, const struct physseg_node *b)
{
	return a->start < b->start;
}

static void
array_bsearch_init(void *index, size_t capacity, size_t page_size)
{
	(void)page_size;
	physseg_array_init(index, capacity, before_start);
}

/* The result is that of physseg_floor of all starts. */
/*@ requires array_holds(array) && array_ascends(array);
    assigns \nothing;
    ensures \result < array_slots(array);
    ensures \result > 0 ==> array->start[\result] <= pfn;
    ensures \forall integer i; \result < i < array->n ==>
	pfn < array->start[i]; */
static inline size_t
floor_slot(const struct array *array, physseg_pfn_t pfn)
{
	size_t blocks = (array->n + ARRAY_BLOCK - 1) / ARRAY_BLOCK;
	size_t i = physseg_floor(array->block, blocks, pfn) * ARRAY_BLOCK;

	/*@ assert i % ARRAY_BLOCK == 0; */
	/*@ assert i + ARRAY_BLOCK <= array_slots(array); */
	/*@ assert i + ARRAY_BLOCK < array->n ==>
		pfn < array->block[i / ARRAY_BLOCK + 1]; */
	/*@ assert i + ARRAY_BLOCK < array->n ==>
		pfn < array->start[i + ARRAY_BLOCK]; */
	return i + physseg_floor(array->start + i, ARRAY_BLOCK, pfn);
}

/*@ requires array_holds((struct array *)index);
    requires array_ascends((struct array *)index);
    assigns \nothing;
    ensures array_answer((struct array *)index, \result, pfn, pfn + 1); */
static struct physseg_node *
array_bsearch_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct array *array = index;
	size_t i = floor_slot(array, pfn);

	return array_contains(array, i, pfn) ? array->slot[i].node : NULL;
}

/*@ requires array_holds((struct array *)index);
    requires array_ascends((struct array *)index);
    requires lo < hi;
    assigns \nothing;
    ensures array_answer((struct array *)index, \result, lo, hi);
    ensures \result != \null ==> // the lowest
	\exists integer i; \result == ((struct array *)index)->slot[i].node &&
	    \forall integer j; 0 <= j < i ==>
		!array_has((struct array *)index, j, lo, hi); */
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
