/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_array_bigfirst.c -- VM_PSTRAT_BIGFIRST: by descending size, so that a
 * linear search meets the largest segments first.  Segments of equal size are
 * in the order of insertion.
 */
#include "backend_array.h"

static bool
before_size(const struct physseg_node *a, const struct physseg_node *b)
{
	physseg_pfn_t a_size = a->end - a->start, b_size = b->end - b->start;

	return a_size != b_size ? a_size > b_size
				: physseg_array_before_serial(a, b);
}

static void
array_bigfirst_init(void *index, size_t capacity, size_t page_size)
{
	(void)page_size;
	physseg_array_init(index, capacity, before_size);
}

static const struct physseg_backend backend = {
	.name = "array-bigfirst",
	.capabilities = PHYSSEG_POSITION | PHYSSEG_BYSIZE,
	.init = array_bigfirst_init,
	.find = physseg_array_find_linear,
	.lookup = physseg_array_lookup_linear,
	ARRAY_FUNCTIONS,
};

const struct physseg_backend *
physseg_backend_array_bigfirst(void)
{
	return &backend;
}
