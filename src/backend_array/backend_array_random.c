/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_array_random.c -- VM_PSTRAT_RANDOM: unsorted, in insertion order;
 * linear search.
 */
#include "backend_array.h"

static void
array_random_init(void *index, size_t capacity, size_t page_size)
{
	(void)page_size;
	physseg_array_init(index, capacity, physseg_array_before_serial);
}

static const struct physseg_backend backend = {
	.name = "array-random",
	.capabilities = PHYSSEG_POSITION,
	.init = array_random_init,
	.find = physseg_array_find_linear,
	.lookup = physseg_array_lookup_linear,
	ARRAY_FUNCTIONS,
};

const struct physseg_backend *
physseg_backend_array_random(void)
{
	return &backend;
}
