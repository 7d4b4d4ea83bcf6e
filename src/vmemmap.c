/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * vmemmap.c -- memory for page structures at fixed addresses.
 *
 * On a map with a vmemmap the page structure of a frame has its place, whether
 * the frame is there or not: base + frame * page_size.  So no slab is needed,
 * and the base of all nodes is the same.
 *
 * The host commits memory to these addresses, in granules.  A granule is
 * committed while a page structure of a segment lies in it, also of an offline
 * one.  Two segments may share a granule where one ends and the next begins.
 * Which granules those are is found from the segments in the index, before a
 * plug and after an unplug: nothing else is kept about granules.
 *
 * Memory is decommitted after `sync'.
 */
#include "engine.h"

/* Can a map have such a vmemmap?  No address may wrap, not even the end of the
 * last granule. */
bool
physseg_vmemmap_ok(const struct physseg_config *config)
{
	const uintptr_t base = (uintptr_t)config->vmemmap;
	const uintptr_t present = (uintptr_t)config->present;
	const size_t granule = config->granule;

	if (present == 0)
		return base == 0;
	return present % sizeof(uintptr_t) == 0 && config->page_size != 0 &&
	    (granule & (granule - 1)) == 0 && granule <= UINTPTR_MAX - base &&
	    config->frames <=
	    (UINTPTR_MAX - base - granule) / config->page_size &&
	    config->frames / 8 / sizeof(uintptr_t) <
	    (UINTPTR_MAX - present) / sizeof(uintptr_t);
}

/* Memory, in whole granules; empty if start >= end. */
struct span {
	uintptr_t start;
	uintptr_t end;
};

/* The granules that the page structures of [pfn, end) lie in. */
static struct span
all_granules(
    const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t end)
{
	const size_t in = map->vmemmap.granule - 1;

	return (struct span){ physseg_vmemmap_at(map, pfn) & ~(uintptr_t)in,
		(physseg_vmemmap_at(map, end) + in) & ~(uintptr_t)in };
}

/* Has a segment page structures of some of the frames [pfn, end)? */
static bool
are_used(const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t end)
{
	const struct physseg_node *node;

	for (; pfn < end; pfn = node->end) {
		node = physseg_index_from(map, pfn);
		if (node == NULL || node->start >= end)
			return false;
		if (physseg_own_base((const void *)node) != PHYSSEG_NOBASE)
			return true;
	}
	return false;
}

/* The first frame whose page structure ends above an address, */
static physseg_pfn_t
frame_above(const struct physseg_map *map, uintptr_t address)
{
	return address <= map->vmemmap.base
	    ? 0
	    : (physseg_pfn_t)((address - map->vmemmap.base) / map->page_size);
}

/* and the first that begins at an address or above it. */
static physseg_pfn_t
frame_from(const struct physseg_map *map, uintptr_t address)
{
	const uintptr_t frame =
	    (address - map->vmemmap.base - 1) / map->page_size + 1;

	return frame < map->limit ? (physseg_pfn_t)frame : map->limit;
}

/* Those of them that no other segment uses: at either end one is shared at
 * most. */
static struct span
own_granules(
    const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t end)
{
	struct span span = all_granules(map, pfn, end);

	if (are_used(map, frame_above(map, span.start), pfn))
		span.start += map->vmemmap.granule;
	if (are_used(map, end, frame_from(map, span.end)))
		span.end -= map->vmemmap.granule;
	return span;
}

/* Those that begin at `from' or above it.  *from becomes the end of all. */
static bool
commit(struct physseg_map *map, struct span span, uintptr_t *from)
{
	if (span.start < *from)
		span.start = *from;
	if (span.start >= span.end)
		return true;
	if (!map->host->commit(
		map->ctx, (void *)span.start, span.end - span.start))
		return false;
	map->host_bytes += span.end - span.start;
	*from = span.end;
	return true;
}

static void
decommit(struct physseg_map *map, struct span span, uintptr_t *from)
{
	if (span.start < *from)
		span.start = *from;
	if (span.start >= span.end)
		return;
	map->host->decommit(
	    map->ctx, (void *)span.start, span.end - span.start);
	map->host_bytes -= span.end - span.start;
	*from = span.end;
}

/* Have memory for the page structures of [pfn, end), which are in no segment;
 * zeroed, if asked for.  False: there is none. */
bool
physseg_vmemmap_commit(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t end, bool zero)
{
	uintptr_t from = 0;

	if (!commit(map, own_granules(map, pfn, end), &from))
		return false;
	if (zero)
		memset((void *)physseg_vmemmap_at(map, pfn), 0,
		    (size_t)(end - pfn) * map->page_size);
	return true;
}

/* They are in no segment any more, or not in one after all.  A caller that
 * gives back several pieces does so in order of address.  *from, at first 0, is
 * where it has come to: of two pieces in one granule the first gives it back.
 */
void
physseg_vmemmap_decommit(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t end, uintptr_t *from)
{
	decommit(map, own_granules(map, pfn, end), from);
}

/* The first segment at or above `pfn' that has no page structures. */
static const struct physseg_node *
without_from(const struct physseg_map *map, physseg_pfn_t pfn)
{
	const struct physseg_node *node;

	while ((node = physseg_index_from(map, pfn)) != NULL &&
	    physseg_own_base((const void *)node) != PHYSSEG_NOBASE)
		pfn = node->end;
	return node;
}

/* What physseg_vmemmap_switch did for segments below `end' that have got no
 * page structures after all. */
void
physseg_vmemmap_undo(struct physseg_map *map, physseg_pfn_t end)
{
	const struct physseg_node *node;
	physseg_pfn_t pfn = 0;
	uintptr_t from = 0;

	for (; (node = without_from(map, pfn)) != NULL && node->start < end;
	     pfn = node->end)
		physseg_vmemmap_decommit(map, node->start, node->end, &from);
}

/* Have memory for all segments that have no page structures; or for none. */
bool
physseg_vmemmap_switch(struct physseg_map *map)
{
	const struct physseg_node *node;
	physseg_pfn_t pfn = 0;
	uintptr_t from = 0;

	for (; (node = without_from(map, pfn)) != NULL; pfn = node->end)
		if (!commit(map, own_granules(map, node->start, node->end),
			&from)) {
			physseg_vmemmap_undo(map, node->start);
			return false;
		}
	return true;
}

/* The map ends: no bit is set any more, and all memory goes back. */
void
physseg_vmemmap_fini(struct physseg_map *map)
{
	const struct physseg_node *node;
	physseg_pfn_t pfn = 0;
	uintptr_t from = 0;

	if (!physseg_is_vmemmap(map))
		return;
	for (; (node = physseg_index_from(map, pfn)) != NULL; pfn = node->end) {
		if (physseg_own_base((const void *)node) == PHYSSEG_NOBASE)
			continue;
		physseg_present_mark(map, node->start, node->end, false);
		decommit(map, all_granules(map, node->start, node->end), &from);
	}
}
