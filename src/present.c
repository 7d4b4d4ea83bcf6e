/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * present.c -- which page structures at fixed addresses are there.
 *
 * A frame has a bit, which is set while a segment has the frame and page
 * structures to be seen.  A lookup tests the bit and adds.  It does not search
 * the index.
 *
 * All bits are memory that can be read as long as the map exists, so that a
 * lookup of any frame needs no other test than that of the bound.
 *
 * READERS.  A bit is set after the page structure was initialised, and cleared
 * before `sync'.  index.c does so.
 */
#include "base/bits.h"
#include "engine.h"

/* Frames of a word of presence bits. */
#define PRESENT_BITS ((physseg_pfn_t)sizeof(uintptr_t) * 8)

/* ---- lookups ---- */

/* No branch on what is present: that would be mispredicted. */
void *
physseg_present_page(const void *vmemmap, physseg_pfn_t pfn, size_t page_size)
{
	const struct physseg_vmemmap *v = vmemmap;
	uintptr_t word;

	if (pfn >= v->frames)
		return NULL;
	word = physseg_atomic_load(&v->present[pfn / PRESENT_BITS]);
	return (void *)((0 - (word >> pfn % PRESENT_BITS & 1)) &
	    (v->base + (uintptr_t)pfn * page_size));
}

void
physseg_present_pages(const void *vmemmap, const physseg_pfn_t *pfns, size_t n,
    size_t page_size, void **pages)
{
	size_t i;

	for (i = 0; i < n; i++)
		pages[i] = physseg_present_page(vmemmap, pfns[i], page_size);
}

/* ---- presence ---- */

/* The bits of [start, end), which may be empty. */
void
physseg_present_mark(struct physseg_map *map, physseg_pfn_t start,
    physseg_pfn_t end, bool present)
{
	uintptr_t *word, mask;
	physseg_pfn_t n;

	for (; start < end; start += n) {
		word = &map->vmemmap.present[start / PRESENT_BITS];
		n = PRESENT_BITS - start % PRESENT_BITS;
		if (n > end - start)
			n = end - start;
		mask = UINTPTR_MAX >> (PRESENT_BITS - n)
			<< start % PRESENT_BITS;
		physseg_atomic_store(
		    word, present ? *word | mask : *word & ~mask);
	}
}

/* How many bits are set?  They are compared with the segments. */
physseg_pfn_t
physseg_present_count(const struct physseg_map *map)
{
	const struct physseg_vmemmap *v = &map->vmemmap;
	const physseg_pfn_t words =
	    v->frames / PRESENT_BITS + (v->frames % PRESENT_BITS != 0);
	physseg_pfn_t i, n = 0;

	for (i = 0; i < words; i++)
		n += (physseg_pfn_t)physseg_count_bits(v->present[i]);
	return n;
}
