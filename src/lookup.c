/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * lookup.c -- what is asked of a map: lookups, walks, attributes.
 *
 * Nothing here changes a map but a start hint.  Lookups are the hot path.  They
 * go to the backend through pointers that lie in the map, and straight to the
 * page structure where the map is BUILT and the backend knows the way.  Where
 * readers need no lock, they touch nothing that is not written with atomic
 * stores.
 */
#include "engine.h"

/* ---- lookup ---- */

/* The segment, and the frame's place in it.  A reader without a lock may find
 * that the segment's front, with the frame, has just gone: for good, or to
 * another segment, which a second look finds.  It cannot go once more, for the
 * writer waits for readers before it cuts again. */
static physseg_t
found(const struct physseg_map *map, const struct physseg_node *node,
    physseg_pfn_t pfn, physseg_pfn_t *offset)
{
	physseg_pfn_t start;

	if (node != NULL && offset != NULL) {
		start = physseg_atomic_load_pfn(&node->start);
		if (pfn < start) {
			node = physseg_index_lookup(map, pfn);
			if (node == NULL)
				return PHYSSEG_NONE;
			start = physseg_atomic_load_pfn(&node->start);
		}
		if (pfn < start)
			return PHYSSEG_NONE;
		*offset = pfn - start;
	}
	return physseg_record_handle(map, node);
}

physseg_t
physseg_find(
    const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t *offset)
{
	physseg_t handle;

	physseg_lock(map, map->lock_lookups);
	handle = found(map, physseg_index_lookup(map, pfn), pfn, offset);
	physseg_unlock(map, map->lock_lookups);
	return handle;
}

/* Through the segment. */
void *
physseg_page_of_segment(const struct physseg_map *map, physseg_pfn_t pfn)
{
	struct physseg_node *node = physseg_index_lookup(map, pfn);

	if (node == NULL)
		return NULL;
	return physseg_page_at(map, physseg_record_of(node), pfn);
}

void *
physseg_page_of_segment_locked(const struct physseg_map *map, physseg_pfn_t pfn)
{
	void *page;

	physseg_lock(map, true);
	page = physseg_page_of_segment(map, pfn);
	physseg_unlock(map, true);
	return page;
}

/* Calls only in its last step, so there is nothing to save. */
void *
physseg_page(const struct physseg_map *map, physseg_pfn_t pfn)
{
	if (physseg_atomic_load(&map->direct) != 0)
		return map->page(map->page_in, pfn, map->page_size);
	return map->page_indirect(map, pfn);
}

void
physseg_pages(const struct physseg_map *map, const physseg_pfn_t *pfns,
    size_t n, void **pages)
{
	size_t i;

	if (map->pages != NULL && physseg_atomic_load(&map->direct) != 0) {
		map->pages(map->page_in, pfns, n, map->page_size, pages);
		return;
	}
	physseg_lock(map, map->lock_lookups);
	for (i = 0; i < n; i++)
		pages[i] = physseg_page_of_segment(map, pfns[i]);
	physseg_unlock(map, map->lock_lookups);
}

int
physseg_free_list(const struct physseg_map *map, physseg_pfn_t pfn)
{
	struct physseg_node *node;
	int free_list = -1;

	physseg_lock(map, map->lock_lookups);
	node = physseg_index_lookup(map, pfn);
	if (node != NULL)
		free_list = physseg_record_of(node)->free_list;
	physseg_unlock(map, map->lock_lookups);
	return free_list;
}

physseg_pfn_t
physseg_frame(const struct physseg_map *map, const void *page)
{
	physseg_pfn_t pfn;

	if (map->page_size == 0 || !physseg_host_has_pages(map) || page == NULL)
		return PHYSSEG_NOFRAME;
	pfn = physseg_host_frame(map, page);
	return physseg_page(map, pfn) == page ? pfn : PHYSSEG_NOFRAME;
}

/*
 * The segment that a handle names; while running, one with page structures or
 * one that is offline.  The phase is asked for first: the switch gives every
 * segment its own before.  The state is asked for twice, for it changes before
 * page structures go and after they have come.
 */
static const struct physseg_record *
valid_record(const struct physseg_map *map, physseg_t handle)
{
	const bool running = physseg_is_running(map);
	const struct physseg_record *rec = physseg_record_find(map, handle);

	if (rec == NULL || !running || physseg_is_offline(rec) ||
	    physseg_has_pages(rec) || physseg_is_offline(rec))
		return rec;
	return NULL;
}

bool
physseg_valid(const struct physseg_map *map, physseg_t handle)
{
	bool valid;

	physseg_lock(map, map->lock_lookups);
	valid = valid_record(map, handle) != NULL;
	physseg_unlock(map, map->lock_lookups);
	return valid;
}

void *
physseg_segment_page(
    const struct physseg_map *map, physseg_t handle, physseg_pfn_t index)
{
	const struct physseg_record *rec;
	physseg_pfn_t start, end;
	void *page = NULL;

	physseg_lock(map, map->lock_lookups);
	rec = physseg_record_find_end(map, handle, &end);
	if (rec != NULL) {
		start = physseg_atomic_load_pfn(&rec->node.start);
		if (start < end && index < end - start)
			page = physseg_page_at(map, rec, start + index);
	}
	physseg_unlock(map, map->lock_lookups);
	return page;
}

/* ---- everything about a frame ---- */

/* As of one moment, for what a reader loads of a segment belongs together
 * (index.c, rule 3).  The state is asked for twice, for it changes before page
 * structures go and after they have come.  False: the frame has just left this
 * segment. */
static bool
snapshot(const struct physseg_map *map, struct physseg_node *node,
    physseg_pfn_t pfn, struct physseg_found *found)
{
	const struct physseg_record *rec = physseg_record_of(node);
	bool offline;
	uintptr_t base;

	found->end = physseg_atomic_load_pfn(&node->end);
	found->start = physseg_atomic_load_pfn(&node->start);
	if (pfn < found->start || pfn >= found->end)
		return false;
	offline = physseg_is_offline(rec);
	base = physseg_atomic_load(&node->base);
	found->handle = physseg_record_handle(map, node);
	found->offset = pfn - found->start;
	found->page = base == PHYSSEG_NOBASE
	    ? NULL
	    : (void *)(base + (uintptr_t)pfn * map->page_size);
	found->data = physseg_data(map, rec);
	found->free_list = rec->free_list;
	found->node = rec->numa;
	found->kind = rec->kind;
	found->state =
	    base == PHYSSEG_NOBASE && (offline || physseg_is_offline(rec))
	    ? PHYSSEG_OFFLINE
	    : PHYSSEG_ONLINE;
	return true;
}

/* A frame that stays moves from one segment to another when the writer cuts or
 * joins; before it does that again after a front was cut off, or a segment
 * went, it waits for readers.  So a few looks are enough, beside those between
 * which a tail was cut off, which is another segment.  Of these there may be
 * any number. */
#define LOOKS 4

bool
physseg_lookup_sized(const struct physseg_map *map, physseg_pfn_t pfn,
    struct physseg_found *found, size_t found_size)
{
	struct physseg_found own;
	struct physseg_node *node, *last = NULL;
	bool is_found = false;
	int looks;

	memset(&own, 0, sizeof(own));
	physseg_lock(map, map->lock_lookups);
	for (looks = 0; !is_found && looks < LOOKS; last = node) {
		node = physseg_index_lookup(map, pfn);
		if (node == NULL)
			break;
		is_found = snapshot(map, node, pfn, &own);
		looks += node == last || own.end == 0 || pfn < own.end;
	}
	physseg_unlock(map, map->lock_lookups);
	if (!is_found)
		return false;
	memcpy(
	    found, &own, found_size < sizeof(own) ? found_size : sizeof(own));
	if (found_size > sizeof(own))
		memset(
		    (char *)found + sizeof(own), 0, found_size - sizeof(own));
	return true;
}

bool
physseg_covers(const struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, bool online, physseg_pfn_t *missing)
{
	struct physseg_found found;
	physseg_pfn_t there;

	for (; n > 0; pfn += there, n -= there) {
		if (!physseg_lookup(map, pfn, &found) ||
		    (online && found.state != PHYSSEG_ONLINE)) {
			if (missing != NULL)
				*missing = pfn;
			return false;
		}
		there = found.end - pfn < n ? found.end - pfn : n;
	}
	return true;
}

/* ---- walking ---- */

/* The node beside the one that a handle names, in the order of next or prev;
 * of PHYSSEG_NONE, if `end', the one at the end. */
static physseg_t
step(const struct physseg_map *map, physseg_t handle, bool end,
    struct physseg_node *(*next)(
	const struct physseg_map *, const struct physseg_node *))
{
	const struct physseg_record *rec;
	physseg_t stepped = PHYSSEG_NONE;

	physseg_lock(map, map->lock_walks);
	rec = end ? NULL : physseg_record_find(map, handle);
	if (end || rec != NULL)
		stepped = physseg_record_handle(
		    map, next(map, end ? NULL : &rec->node));
	physseg_unlock(map, map->lock_walks);
	return stepped;
}

physseg_t
physseg_first(const struct physseg_map *map)
{
	return step(map, PHYSSEG_NONE, true, physseg_index_next);
}

physseg_t
physseg_last(const struct physseg_map *map)
{
	return step(map, PHYSSEG_NONE, true, physseg_index_prev);
}

physseg_t
physseg_next(const struct physseg_map *map, physseg_t handle)
{
	return step(map, handle, false, physseg_index_next);
}

physseg_t
physseg_prev(const struct physseg_map *map, physseg_t handle)
{
	return step(map, handle, false, physseg_index_prev);
}

physseg_t
physseg_from(const struct physseg_map *map, physseg_pfn_t pfn)
{
	physseg_t handle;

	physseg_lock(map, map->lock_walks);
	handle = physseg_record_handle(map, physseg_index_from(map, pfn));
	physseg_unlock(map, map->lock_walks);
	return handle;
}

physseg_pfn_t
physseg_highest_frame(const struct physseg_map *map)
{
	const struct physseg_node *node = NULL;
	physseg_pfn_t end = 0;

	physseg_lock(map, map->lock_walks);
	while ((node = physseg_index_prev(map, node)) != NULL) {
		if (node->end > end)
			end = node->end;
		if (physseg_has(map, PHYSSEG_SORTED))
			break;
	}
	physseg_unlock(map, map->lock_walks);
	return end - 1; /* of an empty map: PHYSSEG_NOFRAME */
}

/* ---- attributes ---- */

static void
fill_info(const struct physseg_map *map, const struct physseg_record *rec,
    struct physseg_info *info)
{
	info->start = rec->node.start;
	info->end = rec->node.end;
	info->avail_start = rec->avail.start;
	info->avail_end = rec->avail.end;
	info->counted = physseg_range_size(rec->counted);
	info->start_hint = rec->start_hint;
	info->free_list = rec->free_list;
	info->pages = physseg_page_at(map, rec, rec->node.start);
	info->data = physseg_data(map, rec);
	info->node = rec->numa;
	info->kind = rec->kind;
	info->state = (enum physseg_state)rec->state;
}

int
physseg_get_info_sized(const struct physseg_map *map, physseg_t handle,
    struct physseg_info *info, size_t info_size)
{
	struct physseg_info own, *all;
	const struct physseg_record *rec;

	all = physseg_sized_begin(info, info_size, &own, sizeof(own));
	physseg_lock(map, map->lock_walks);
	rec = physseg_record_find(map, handle);
	if (rec != NULL)
		fill_info(map, rec, all);
	physseg_unlock(map, map->lock_walks);
	if (rec != NULL)
		physseg_sized_end(info, info_size, &own, sizeof(own));
	return rec == NULL ? PHYSSEG_ENOENT : PHYSSEG_OK;
}

int
physseg_set_start_hint(
    struct physseg_map *map, physseg_t handle, unsigned long hint)
{
	struct physseg_record *rec;
	int error;

	physseg_lock(map, map->lock_walks);
	rec = physseg_record_find(map, handle);
	if (rec != NULL)
		rec->start_hint = hint;
	error = rec == NULL ? PHYSSEG_ENOENT : PHYSSEG_OK;
	physseg_trace(map, PHYSSEG_CALL_SET_START_HINT, error, 0,
	    physseg_trace_segment(map, handle), hint);
	physseg_unlock(map, map->lock_walks);
	return error;
}

void
physseg_fill_stats(const struct physseg_map *map, struct physseg_stats *stats)
{
	const struct physseg_slab *slab;
	const struct physseg_removal *removal;
	const struct physseg_node *node = NULL;

	memset(stats, 0, sizeof(*stats));
	stats->segments = map->segments;
	stats->frames = map->frames;
	stats->counted = map->counted;
	stats->host_bytes = map->host_bytes;
	stats->built = physseg_is_built(map);
	stats->online = map->online;
	stats->metadata = map->metadata;
	LIST_FOREACH(removal, &map->removals, all)
		stats->removals++;
	while ((node = physseg_index_next(map, node)) != NULL)
		stats->apart += node->start != 0 &&
		    physseg_index_lookup(map, node->start - 1) != NULL;
	LIST_FOREACH(slab, &map->slabs, all) {
		stats->slabs++;
		stats->slab_pages += slab->npages;
		stats->slab_used += slab->held;
		if (slab->largest > stats->largest_free)
			stats->largest_free = slab->largest;
	}
}

void
physseg_get_stats_sized(const struct physseg_map *map,
    struct physseg_stats *stats, size_t stats_size)
{
	struct physseg_stats own;

	physseg_lock(map, map->lock_walks);
	physseg_fill_stats(
	    map, physseg_sized_begin(stats, stats_size, &own, sizeof(own)));
	physseg_unlock(map, map->lock_walks);
	physseg_sized_end(stats, stats_size, &own, sizeof(own));
}

const struct physseg_backend *
physseg_get_backend(const struct physseg_map *map)
{
	return map->backend_named;
}
