/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * flat.c -- the limit: one page structure for every frame there could
 * be, in one array, and a bitmap of those that are.  A lookup is a test of a
 * bit and a multiplication; its answer is the page itself.
 *
 * The array is never touched, only addressed, so it need not exist.
 */

#include <stdlib.h>

#include "subject.h"
#include "run/support.h"

struct flat {
	uint64_t *present; /* a bit for each frame */
	physseg_pfn_t frames;
	uintptr_t pages; /* where the array would be */
	size_t page_size;
};

static size_t
flat_size(size_t capacity)
{
	(void)capacity;
	return sizeof(struct flat);
}

static void
flat_init(void *index, size_t capacity, size_t page_size)
{
	struct flat *flat = index;

	(void)page_size;
	flat->frames = capacity * SEGMENT_STRIDE;
	flat->present =
	    must(calloc(flat->frames / 64 + 1, sizeof(flat->present[0])));
	flat->pages = 4096;
	flat->page_size = PAGE_BYTES;
}

static void
flat_fini(void *index)
{
	struct flat *flat = index;

	free(flat->present);
}

static void
flat_insert(void *index, struct physseg_node *node)
{
	struct flat *flat = index;

	for (physseg_pfn_t pfn = node->start; pfn < node->end; pfn++)
		flat->present[pfn / 64] |= (uint64_t)1 << pfn % 64;
}

/* No branch on what is present: that would be mispredicted. */
static struct physseg_node *
flat_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct flat *flat = index;
	uintptr_t mask;

	if (pfn >= flat->frames)
		return NULL;
	mask = 0 - (uintptr_t)(flat->present[pfn / 64] >> pfn % 64 & 1);
	return (struct physseg_node *)(mask &
	    (flat->pages + (uintptr_t)pfn * flat->page_size));
}

static physseg_pfn_t
flat_answer(const void *index, const struct physseg_node *answer)
{
	const struct flat *flat = index;

	return ((uintptr_t)answer - flat->pages) / flat->page_size;
}

/* The bits; and the page structures of frames that are not present, which an
 * array cannot leave out. */
static size_t
flat_bytes(const void *index)
{
	const struct flat *flat = index;
	size_t absent = 0;

	for (physseg_pfn_t pfn = 0; pfn < flat->frames; pfn++)
		absent += (flat->present[pfn / 64] >> pfn % 64 & 1) == 0;
	return (size_t)(flat->frames / 64 + 1) * sizeof(flat->present[0]) +
	    absent * flat->page_size;
}

static const struct physseg_backend flat = {
	.name = "flat+bitmap (limit)",
	.size = flat_size,
	.init = flat_init,
	.insert = flat_insert,
	.lookup = flat_lookup,
};

const struct subject baseline_flat = {
	.backend = &flat,
	.foreign = true,
	.fini = flat_fini,
	.answer = flat_answer,
	.exact = true,
	.bytes = flat_bytes,
};
