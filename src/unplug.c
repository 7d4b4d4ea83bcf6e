/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * unplug.c -- unplug: a segment, its front, its back or its middle goes.
 *
 * As in plug.c: check, reserve, change.  Every unload and steal of the boot
 * phase ends here too.
 */
#include "engine.h"

/* Attributes follow the bounds, which shrank to [start, end). */
static void
clamp(struct physseg_record *rec, physseg_pfn_t start, physseg_pfn_t end)
{
	rec->avail = physseg_range_clamp(rec->avail, start, end);
	rec->counted = physseg_range_clamp(rec->counted, start, end);
	if (rec->start_hint > physseg_range_size(rec->avail))
		rec->start_hint = 0;
}

/* The tail [pfn, rec's end) becomes a segment: as `rec', all but its bounds. */
static void
split(struct physseg_map *map, struct physseg_record *rec, physseg_pfn_t end,
    struct physseg_record *tail, physseg_pfn_t pfn)
{
	const physseg_pfn_t last = rec->node.end;

	tail->avail = rec->avail;
	tail->counted = rec->counted;
	tail->start_hint = rec->start_hint;
	tail->free_list = rec->free_list;
	tail->slab = rec->slab;
	physseg_atomic_store(&tail->node.base, rec->node.base);
	memcpy(physseg_data(map, tail), physseg_data(map, rec), map->data_size);
	clamp(tail, pfn, last);
	physseg_record_publish(map, tail, pfn, last);
	physseg_index_split(map, rec, end, tail);
	map->segments++;
	clamp(rec, rec->node.start, end);
}

/* Take [pfn, end) out of the segment; `tail' is for what lies behind. */
static void
shrink(struct physseg_map *map, struct physseg_record *rec, physseg_pfn_t pfn,
    physseg_pfn_t end, struct physseg_record *tail)
{
	physseg_pfn_t start = rec->node.start;

	if (tail != NULL)
		split(map, rec, pfn, tail, end);
	else if (pfn > start) {
		physseg_index_update(map, rec, start, pfn, rec->node.base);
		clamp(rec, start, pfn);
	} else if (end < rec->node.end) {
		physseg_index_update(
		    map, rec, end, rec->node.end, rec->node.base);
		clamp(rec, end, rec->node.end);
	} else {
		map->active->remove(map->active_index, &rec->node);
		physseg_record_empty(rec);
		map->segments--;
	}
	map->frames -= end - pfn;
}

/* Everything that forbids an unplug before memory is asked for. */
static int
unplug_check(const struct physseg_map *map, const struct physseg_node *node,
    physseg_pfn_t pfn, physseg_pfn_t n)
{
	bool front, back;

	if (node == NULL)
		return PHYSSEG_ENOENT;
	if (n > node->end - pfn)
		return PHYSSEG_ESPAN;
	front = pfn == node->start;
	back = n == node->end - pfn;
	if (front && back && map->segments == 1 && !map->may_empty)
		return PHYSSEG_ELAST;
	if (!front && !back && physseg_is_full(map))
		return PHYSSEG_ENOSLOT;
	return PHYSSEG_OK;
}

/* What an unplug takes that may not be there; *tail is for a new segment. */
static int
reserve_unplug(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t pfn, physseg_pfn_t n, struct physseg_record **tail)
{
	const struct physseg_node *node = &rec->node;
	struct physseg_reserve index;
	int error;

	*tail = NULL;
	if (pfn > node->start && n < node->end - pfn &&
	    (error = physseg_record_get(map, tail)) != PHYSSEG_OK)
		return error;
	error = physseg_index_reserve(
	    map, node->start, node->end, *tail != NULL, &index);
	if (error == PHYSSEG_OK && rec->slab != NULL) {
		error = physseg_slab_reserve(map, rec->slab, (size_t)n);
		if (error != PHYSSEG_OK)
			physseg_index_unreserve(map, &index);
	}
	if (error == PHYSSEG_OK)
		physseg_index_commit(map, &index);
	else if (*tail != NULL)
		physseg_record_unreserve(map, *tail);
	return error;
}

/* The page structures are the slab's again. */
static void
give_back(struct physseg_map *map, struct physseg_slab *slab, void *pages,
    physseg_pfn_t n)
{
	if (slab == NULL)
		return;
	slab->held -= (size_t)n;
	if (physseg_slab_free(map, slab, pages, (size_t)n) != PHYSSEG_OK)
		physseg_panic(map, "unplug: a reserve was not there");
}

int
physseg_unplug_range(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct physseg_node *node;
	struct physseg_record *rec, *tail;
	struct physseg_slab *slab;
	physseg_pfn_t counted;
	void *pages;
	bool whole;
	int error;

	if ((error = physseg_check_range(map, pfn, n)) != PHYSSEG_OK)
		return error;
	node = physseg_index_lookup(map, pfn);
	if ((error = unplug_check(map, node, pfn, n)) != PHYSSEG_OK)
		return error;
	rec = physseg_record_of(node);
	if ((error = reserve_unplug(map, rec, pfn, n, &tail)) != PHYSSEG_OK)
		return error;
	slab = rec->slab;
	pages = physseg_page_at(map, rec, pfn);
	counted =
	    physseg_range_size(physseg_range_clamp(rec->counted, pfn, pfn + n));
	whole = n == node->end - node->start;
	shrink(map, rec, pfn, pfn + n, tail);
	physseg_index_wait(map);
	if (whole)
		physseg_record_retire(map, rec);
	give_back(map, slab, pages, n);
	physseg_account(map, false, counted, physseg_is_running(map) ? n : 0);
	physseg_reinit(map);
	return PHYSSEG_OK;
}

int
physseg_unplug(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n)
{
	int error;

	if ((error = physseg_enter(map)) != PHYSSEG_OK)
		return error;
	return physseg_leave(map, physseg_unplug_range(map, pfn, n));
}
