/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_array_contig.c -- VM_PSTRAT_CONTIG: exactly one segment, so there is
 * nothing to search.
 */
#include "backend_array.h"

static void
array_contig_init(void *index, size_t capacity, size_t page_size)
{
	(void)page_size;
	physseg_array_init(index, capacity, physseg_array_before_serial);
}

static const struct physseg_backend backend = {
	.name = "array-contig",
	.capabilities = PHYSSEG_POSITION | PHYSSEG_SORTED,
	.max_segments = 1,
	.init = array_contig_init,
	.find = physseg_array_find_linear,
	.lookup = physseg_array_lookup_linear,
	ARRAY_FUNCTIONS,
};

const struct physseg_backend *
physseg_backend_array_contig(void)
{
	return &backend;
}
