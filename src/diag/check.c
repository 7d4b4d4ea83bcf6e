/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * check.c -- one function checks every invariant of a map.
 *
 * It needs no memory.  That no two segments share a page structure follows from
 * two facts that it checks: no two segments share a frame, and each page
 * structure of a segment names the frame of its place.
 */
#include "engine.h"

/* Sums over the segments, which are compared with those of the map. */
struct sums {
	size_t segments;
	physseg_pfn_t frames;
	physseg_pfn_t online;
	physseg_pfn_t counted;
	physseg_pfn_t pages;
	physseg_pfn_t present; /* with page structures to be seen */
};

static bool
inside(struct physseg_range range, const struct physseg_node *node)
{
	return range.start >= node->start && range.start <= node->end &&
	    range.end >= node->start && range.end <= node->end;
}

static const char *
check_bounds(const struct physseg_map *map, const struct physseg_node *node)
{
	if (node->start >= node->end)
		return "segment: empty";
	if (node->end > map->limit)
		return "segment: beyond the address width";
	if (physseg_index_lookup(map, node->start) != node ||
	    physseg_index_lookup(map, node->end - 1) != node)
		return "segment: not found by its frames";
	return NULL;
}

/* Compare the node with the node before it.  Where segments are not sorted by
 * address, compare it with all nodes before it. */
static const char *
check_order(const struct physseg_map *map, const struct physseg_node *node)
{
	const struct physseg_node *prev, *other;

	prev = physseg_index_prev(map, node);
	if (physseg_index_next(map, prev) != node)
		return "backend: next and prev differ";
	for (other = prev; other != NULL;
	     other = physseg_index_prev(map, other)) {
		if (other->start < node->end && node->start < other->end)
			return "segment: overlap";
		if (physseg_has(map, PHYSSEG_SORTED)) {
			if (other->start > node->start)
				return "backend: not in order of address";
			break;
		}
	}
	if (physseg_has(map, PHYSSEG_BYSIZE) && prev != NULL &&
	    prev->end - prev->start < node->end - node->start)
		return "backend: not in order of size";
	return NULL;
}

/* Is the node a live record of this map, to which its handle leads? */
static const char *
check_record(const struct physseg_map *map, struct physseg_node *node)
{
	const struct physseg_record *rec = physseg_record_of(node);
	size_t i = physseg_handle_number(rec->handle);

	if (i >= map->nrecords || physseg_record_at(map, i) != rec)
		return "backend: a node is no record";
	if (!physseg_record_live(rec))
		return "backend: a node is a dead record";
	if (physseg_record_find(map, physseg_record_handle(map, node)) != rec)
		return "record: its handle leads elsewhere";
	return NULL;
}

/* What readers see fits the state, and no claim is open where none may be. */
static const char *
check_state_of(const struct physseg_map *map, const struct physseg_record *rec)
{
	const bool closed =
	    (physseg_atomic_load(&rec->claimed) & PHYSSEG_CLOSED) != 0;
	const bool removing =
	    physseg_removal_over(map, rec->node.start, rec->node.end) != NULL;

	if (!physseg_is_offline(rec)) {
		if (rec->node.base != physseg_own_base(rec))
			return "segment: readers see other pages than its own";
		return closed ? NULL : "segment: online, with open claims";
	}
	if (physseg_has_pages(rec))
		return "segment: offline, with pages to be seen";
	if (physseg_range_size(rec->counted) != 0)
		return "segment: offline and counted";
	if (physseg_initialised(rec) > rec->node.end - rec->node.start)
		return "segment: more pages initialised than it has";
	return closed == removing || map->busy ? NULL
					       : "segment: claims are closed";
}

static const char *
check_attributes(
    const struct physseg_map *map, const struct physseg_record *rec)
{
	if (!inside(rec->avail, &rec->node))
		return "segment: available range outside";
	if (physseg_range_size(rec->counted) != 0 &&
	    !inside(rec->counted, &rec->node))
		return "segment: counted range outside";
	if (physseg_range_size(rec->counted) != 0 && !physseg_has_pages(rec))
		return "segment: counted without pages";
	if (!physseg_freelist_ok(map, rec->free_list))
		return "segment: no such free list";
	return check_state_of(map, rec);
}

/* Are `n' page structures from `pages' on allocated from the slab? */
static const char *
check_in_slab(const struct physseg_map *map, const struct physseg_slab *slab,
    const char *pages, physseg_pfn_t n)
{
	const size_t offset =
	    (size_t)((uintptr_t)pages - (uintptr_t)slab->pages);

	if (offset % map->page_size != 0 || n > slab->npages ||
	    !physseg_slab_is_allocated(
		slab, offset / map->page_size, (size_t)n))
		return "segment: pages outside what its slab allocated";
	return NULL;
}

static const char *
check_pages(const struct physseg_map *map, const struct physseg_record *rec)
{
	const struct physseg_slab *slab = rec->slab;
	char *pages = physseg_own_page(map, rec, rec->node.start);
	physseg_pfn_t i, n = rec->node.end - rec->node.start;
	const char *broken;

	if (pages == NULL)
		return slab == NULL ? NULL : "segment: slab without pages";
	if (slab != NULL &&
	    (broken = check_in_slab(map, slab, pages, n)) != NULL)
		return broken;
	if (physseg_is_offline(rec) && slab != NULL &&
	    !physseg_slab_poison_holds(map, rec))
		return "segment: somebody wrote to an offline page structure";
	for (i = 0; i < n && !physseg_is_offline(rec); i++) {
		char *page = pages + i * map->page_size;

		if (physseg_host_has_pages(map) &&
		    physseg_host_frame(map, page) != rec->node.start + i)
			return "segment: a page has another frame";
		if (map->direct != 0 &&
		    physseg_page(map, rec->node.start + i) != page)
			return "segment: a page is not found directly";
		if (physseg_is_vmemmap(map) &&
		    physseg_present_page(&map->vmemmap, rec->node.start + i,
			map->page_size) != page)
			return "segment: a page is not present";
	}
	return NULL;
}

static const char *
check_segment(
    const struct physseg_map *map, struct physseg_node *node, struct sums *sums)
{
	const struct physseg_record *rec = physseg_record_of(node);
	const char *broken;

	if ((broken = check_record(map, node)) != NULL ||
	    (broken = check_bounds(map, node)) != NULL ||
	    (broken = check_order(map, node)) != NULL ||
	    (broken = check_attributes(map, rec)) != NULL ||
	    (broken = check_pages(map, rec)) != NULL)
		return broken;
	sums->segments++;
	sums->frames += node->end - node->start;
	if (!physseg_is_offline(rec))
		sums->online += node->end - node->start;
	sums->counted += physseg_range_size(rec->counted);
	if (rec->slab != NULL)
		sums->pages += node->end - node->start;
	if (physseg_has_pages(rec))
		sums->present += node->end - node->start;
	return NULL;
}

static size_t
live_records(const struct physseg_map *map)
{
	size_t i, n = 0;

	for (i = 0; i < map->nrecords; i++)
		n += physseg_record_live(physseg_record_at(map, i));
	return n;
}

static const char *
check_sums(const struct physseg_map *map, const struct sums *sums)
{
	const struct physseg_slab *slab;
	physseg_pfn_t held = 0;

	LIST_FOREACH(slab, &map->slabs, all)
		held += (physseg_pfn_t)slab->held;
	if (sums->segments != map->segments)
		return "map: number of segments";
	if (live_records(map) != map->segments)
		return "map: a live record is not in the backend";
	if (map->backend->bounded && map->segments > map->capacity)
		return "map: more segments than slots";
	if (sums->frames != map->frames)
		return "map: number of frames";
	if (sums->online != map->online)
		return "map: number of frames online";
	if (sums->counted != map->counted)
		return "map: number of counted pages";
	if (physseg_is_vmemmap(map) &&
	    physseg_present_count(map) != sums->present)
		return "map: a presence bit without a page";
	if (sums->pages != held)
		return "map: slabs and segments differ in pages";
	return NULL;
}

/* The state, and the fields by which lookups find their way. */
static const char *
check_state(const struct physseg_map *map)
{
	if (map->active_index != (map->built != 0 ? map->index : map->list))
		return "map: another index is in force";
	if (map->direct != physseg_is_direct(map, map->built != 0))
		return "map: pages are looked up the wrong way";
	return NULL;
}

static const char *
check(const struct physseg_map *map)
{
	struct sums sums = { 0, 0, 0, 0, 0, 0 };
	struct physseg_node *node = NULL;
	const char *broken;

	if ((broken = check_state(map)) != NULL)
		return broken;
	if (map->active->check != NULL &&
	    (broken = map->active->check(map->active_index)) != NULL)
		return broken;
	while ((node = physseg_index_next(map, node)) != NULL) {
		if (sums.segments == map->segments)
			return "map: more segments than it counts";
		if ((broken = check_segment(map, node, &sums)) != NULL)
			return broken;
	}
	if ((broken = physseg_slab_check(map)) != NULL)
		return broken;
	return check_sums(map, &sums);
}

const char *
physseg_check(const struct physseg_map *map)
{
	const char *broken;

	physseg_lock(map, map->lock_walks);
	broken = check(map);
	physseg_unlock(map, map->lock_walks);
	return broken;
}
