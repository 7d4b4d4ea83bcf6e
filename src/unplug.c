/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * unplug.c -- pieces of memory leave: a segment, its front, its back or its
 * middle.
 *
 * remove.c decides, reserves and tells; what is here cannot fail.
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

/* Of `done' page structures from `first' on, so many are in [start, end). */
static uintptr_t
done_in(
    physseg_pfn_t first, uintptr_t done, physseg_pfn_t start, physseg_pfn_t end)
{
	const struct physseg_range range = { first,
		first + (physseg_pfn_t)done };

	return (uintptr_t)physseg_range_size(
	    physseg_range_clamp(range, start, end));
}

static void
set_done(struct physseg_record *rec, uintptr_t done)
{
	physseg_atomic_store(&rec->claimed, done | PHYSSEG_CLOSED);
}

/* Let a record have the attributes of a segment, all but its bounds and its
 * data. */
void
physseg_copy_attributes(
    struct physseg_record *to, const struct physseg_record *rec)
{
	to->avail = rec->avail;
	to->counted = rec->counted;
	to->start_hint = rec->start_hint;
	to->free_list = rec->free_list;
	to->numa = rec->numa;
	to->kind = rec->kind;
	to->slab = rec->slab;
	physseg_set_filled(to, physseg_is_filled(rec));
	physseg_atomic_store(&to->own_base, rec->own_base);
	physseg_atomic_store(&to->state, rec->state);
	physseg_atomic_store(&to->node.base, rec->node.base);
}

/* Cut a segment to `stays', at one end of it.  `other' becomes a segment of
 * what it `gets', as `rec' in all but its bounds. */
void
physseg_cut(struct physseg_map *map, struct physseg_record *rec,
    struct physseg_range stays, struct physseg_record *other,
    struct physseg_range gets)
{
	const physseg_pfn_t first = rec->node.start;
	const uintptr_t done = physseg_initialised(rec);

	physseg_copy_attributes(other, rec);
	memcpy(
	    physseg_data(map, other), physseg_data(map, rec), map->data_size);
	clamp(other, gets.start, gets.end);
	set_done(other, done_in(first, done, gets.start, gets.end));
	physseg_record_publish(map, other, gets.start, gets.end);
	physseg_index_split(map, rec, stays.start, stays.end, other);
	map->segments++;
	clamp(rec, stays.start, stays.end);
	set_done(rec, done_in(first, done, stays.start, stays.end));
}

/* Take [pfn, end) out of the segment; `tail' is for what lies behind, and NULL
 * where nothing does or nothing lies before. */
void
physseg_shrink(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t pfn, physseg_pfn_t end, struct physseg_record *tail)
{
	const physseg_pfn_t start = rec->node.start, last = rec->node.end;
	const uintptr_t done = physseg_initialised(rec);

	if (tail != NULL) {
		physseg_cut(map, rec, (struct physseg_range){ start, pfn },
		    tail, (struct physseg_range){ end, last });
	} else if (pfn > start) {
		physseg_index_update(map, rec, start, pfn, rec->node.base);
		clamp(rec, start, pfn);
		set_done(rec, done_in(start, done, start, pfn));
	} else if (end < last) {
		physseg_index_update(map, rec, end, last, rec->node.base);
		clamp(rec, end, last);
		set_done(rec, done_in(start, done, end, last));
	} else {
		physseg_index_remove(map, rec);
		map->segments--;
	}
	map->frames -= end - pfn;
	if (!physseg_is_offline(rec))
		map->online -= end - pfn;
}
