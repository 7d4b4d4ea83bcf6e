/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * coalesce.c -- segments that touch become one.
 *
 * A driver that plugs a page at a time otherwise makes a segment a page.  Two
 * steps lead there.  A plug makes a neighbour grow, if the page structures can
 * be taken next to the neighbour's in their slab.  After each change segments
 * that touch are joined, if their page structures happen to go on.
 *
 * Segments must be alike to be joined.  One in which a removal is open is left
 * alone, so that what the removal has reserved stays enough.
 */
#include "engine.h"

/* The segment that has this frame, NULL: none. */
static struct physseg_record *
neighbour(const struct physseg_map *map, physseg_pfn_t pfn)
{
	return physseg_record_of(physseg_index_lookup(map, pfn));
}

/* Does the segment's data equal these; NULL: zeros? */
static bool
data_equal(const struct physseg_map *map, const struct physseg_record *rec,
    const void *data)
{
	const unsigned char *own = physseg_data(map, rec), *other = data;
	size_t i;

	for (i = 0; i < map->data_size; i++)
		if (own[i] != (other == NULL ? 0 : other[i]))
			return false;
	return true;
}

/* Does one range go on into the other, or is there none? */
static bool
goes_on(struct physseg_range lower, struct physseg_range upper)
{
	const physseg_pfn_t a = physseg_range_size(lower);
	const physseg_pfn_t b = physseg_range_size(upper);

	return (a == 0 && b == 0) ||
	    (a != 0 && b != 0 && lower.end == upper.start);
}

/* Do these frames differ from the segment in nothing but their place?  `below':
 * the segment lies below them. */
static bool
is_alike(const struct physseg_map *map, const struct physseg_record *rec,
    const struct physseg_plug *plug, bool below)
{
	const bool counted = map->page_size != 0 &&
	    plug->state == PHYSSEG_ONLINE &&
	    (physseg_is_running(map) || plug->source != PHYSSEG_FROM_SLAB);
	const struct physseg_range none = { 0, 0 };
	const struct physseg_range new = counted ? plug->avail : none;

	return rec->free_list == plug->free_list && rec->numa == plug->numa &&
	    rec->kind == plug->kind && rec->start_hint == 0 &&
	    physseg_is_offline(rec) == (plug->state == PHYSSEG_OFFLINE) &&
	    data_equal(map, rec, plug->data) &&
	    (below ? goes_on(rec->avail, plug->avail) &&
			goes_on(rec->counted, new)
		   : goes_on(plug->avail, rec->avail) &&
			goes_on(new, rec->counted));
}

/* Are the page structures that the segment would get, at join->pages, there for
 * it? */
static bool
pages_go_on(const struct physseg_map *map, const struct physseg_plug *plug,
    const struct physseg_join *join)
{
	if (plug->source == PHYSSEG_FROM_CALLER)
		return join->rec->slab == NULL && join->pages == plug->pages;
	if (plug->source != PHYSSEG_FROM_SLAB)
		return false;
	if (map->page_size == 0 || !physseg_is_running(map))
		return join->pages == NULL;
	if (physseg_is_vmemmap(map))
		return join->pages != NULL;
	return join->rec->slab != NULL &&
	    physseg_slab_is_free(
		map, join->rec->slab, join->pages, (size_t)plug->n);
}

/* Which segment could have the frames, too?  False: none. */
bool
physseg_join_find(const struct physseg_map *map,
    const struct physseg_plug *plug, struct physseg_join *join)
{
	const physseg_pfn_t end = plug->pfn + plug->n;
	int side;

	for (side = 0; map->coalesce && side < 2; side++) {
		join->below = side == 0;
		if (join->below ? plug->pfn == 0 : end == map->limit)
			continue;
		join->rec = neighbour(map, join->below ? plug->pfn - 1 : end);
		if (join->rec == NULL ||
		    physseg_removal_over(
			map, join->rec->node.start, join->rec->node.end))
			continue;
		join->pages = physseg_own_page(map, join->rec, plug->pfn);
		if (is_alike(map, join->rec, plug, join->below) &&
		    pages_go_on(map, plug, join) &&
		    (join->below || plug->state == PHYSSEG_ONLINE))
			return true;
	}
	return false;
}

/* Let it have them.  Its page structures are there, and initialised. */
void
physseg_join(struct physseg_map *map, const struct physseg_join *join,
    const struct physseg_plug *plug)
{
	struct physseg_record *rec = join->rec;
	const bool counted = join->pages != NULL && !physseg_is_offline(rec);
	physseg_pfn_t start = rec->node.start, end = rec->node.end;

	if (join->below) {
		end += plug->n;
		rec->avail = physseg_range_join(rec->avail, plug->avail);
		if (counted)
			rec->counted =
			    physseg_range_join(rec->counted, plug->avail);
	} else {
		start -= plug->n;
		if (physseg_range_size(rec->avail) != 0)
			rec->avail.start = plug->avail.start;
		if (counted && physseg_range_size(rec->counted) != 0)
			rec->counted.start = plug->avail.start;
	}
	physseg_index_update(map, rec, start, end, rec->node.base);
	map->frames += plug->n;
	if (!physseg_is_offline(rec))
		map->online += plug->n;
}

/* Can the segment get the one above it, which begins where it ends? */
static bool
can_merge(const struct physseg_map *map, const struct physseg_record *rec,
    const struct physseg_record *upper)
{
	return rec->free_list == upper->free_list && rec->numa == upper->numa &&
	    rec->kind == upper->kind && rec->start_hint == 0 &&
	    upper->start_hint == 0 && rec->slab == upper->slab &&
	    physseg_is_offline(rec) == physseg_is_offline(upper) &&
	    physseg_own_base(rec) == physseg_own_base(upper) &&
	    (map->page_size == 0 || !physseg_is_running(map) ||
		physseg_own_base(rec) != PHYSSEG_NOBASE) &&
	    goes_on(rec->avail, upper->avail) &&
	    goes_on(rec->counted, upper->counted) &&
	    data_equal(map, rec, physseg_data(map, upper)) &&
	    physseg_removal_over(map, rec->node.start, upper->node.end) == NULL;
}

/* Page structures of the upper one that are initialised, where those of the
 * lower one are not all, could not be told from the rest. */
static bool
close_claims(struct physseg_map *map, struct physseg_record *rec,
    struct physseg_record *upper)
{
	if (!physseg_is_offline(rec))
		return true;
	if (!physseg_claims_close(map, rec->node.start, upper->node.end))
		return false;
	if (physseg_initialised(upper) == 0 ||
	    physseg_initialised(rec) == rec->node.end - rec->node.start)
		return true;
	physseg_claims_settle(map, rec->node.start, upper->node.end);
	return false;
}

static void
merge(struct physseg_map *map, struct physseg_record *rec,
    struct physseg_record *upper)
{
	if (physseg_is_offline(rec)) {
		physseg_atomic_store(&rec->claimed,
		    (physseg_initialised(rec) + physseg_initialised(upper)) |
			PHYSSEG_CLOSED);
		physseg_set_filled(
		    rec, physseg_is_filled(rec) && physseg_is_filled(upper));
	}
	rec->avail = physseg_range_join(rec->avail, upper->avail);
	rec->counted = physseg_range_join(rec->counted, upper->counted);
	physseg_index_join(map, rec, upper);
	map->segments--;
}

/* Join all that can be of the segments in [start, end) and beside it.  The
 * upper ones are used again only after readers have left them. */
void
physseg_merge(struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end)
{
	struct physseg_record *rec, *upper, *gone = NULL;
	physseg_pfn_t first = start;

	if (!map->coalesce)
		return;
	rec = start == 0 ? NULL : neighbour(map, start - 1);
	if (rec == NULL)
		rec = neighbour(map, start);
	if (rec != NULL)
		first = rec->node.start;
	while (rec != NULL && rec->node.end <= end) {
		upper = neighbour(map, rec->node.end);
		if (upper == NULL || !can_merge(map, rec, upper) ||
		    !close_claims(map, rec, upper)) {
			rec = upper;
			continue;
		}
		merge(map, rec, upper);
		upper->gone = gone;
		gone = upper;
	}
	if (gone != NULL)
		physseg_index_wait(map);
	while ((rec = gone) != NULL) {
		gone = rec->gone;
		physseg_record_retire(map, rec);
	}
	physseg_claims_settle(map, first, end);
}
