/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * coalesce.c -- a plug that makes a neighbour grow instead of a new segment.
 *
 * A driver that plugs a page at a time otherwise makes a segment a page.  The
 * neighbour must be what the new segment would have been, and its page
 * structures must go on: in their slab the place next to them is free.  Of two
 * neighbours the lower is asked first; they do not become one, for both have
 * handles.
 */
#include "engine.h"

/* The segment that has this frame, NULL: none. */
static struct physseg_record *
neighbour(const struct physseg_map *map, physseg_pfn_t pfn)
{
	return physseg_record_of(physseg_index_lookup(map, pfn));
}

static bool
is_zero(const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (data[i] != 0)
			return false;
	return true;
}

/* Does a range go on into another, on the side that grows? */
static bool
goes_on(struct physseg_range old, struct physseg_range new, bool below)
{
	return physseg_range_size(old) != 0 && physseg_range_size(new) != 0 &&
	    (below ? old.end == new.start : new.end == old.start);
}

/* Do these frames differ from the segment in nothing but their place?  `below':
 * the segment lies below them. */
static bool
is_alike(const struct physseg_map *map, const struct physseg_record *rec,
    struct physseg_range avail, int free_list, bool below)
{
	const bool paged = physseg_is_running(map) && map->page_size != 0;

	return rec->free_list == free_list && rec->start_hint == 0 &&
	    is_zero(physseg_data(map, rec), map->data_size) &&
	    goes_on(rec->avail, avail, below) && paged == (rec->slab != NULL) &&
	    (!paged || goes_on(rec->counted, avail, below));
}

static bool
can_join(const struct physseg_map *map, const struct physseg_join *join,
    struct physseg_range avail, int free_list, size_t n)
{
	return join->rec != NULL &&
	    is_alike(map, join->rec, avail, free_list, join->below) &&
	    (join->rec->slab == NULL ||
		physseg_slab_is_free(map, join->rec->slab, join->pages, n));
}

/* Which segment could have [pfn, pfn + n), too?  False: none. */
bool
physseg_join_find(const struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, struct physseg_range avail, int free_list,
    struct physseg_join *join)
{
	int side;

	for (side = 0; map->coalesce && side < 2; side++) {
		join->below = side == 0;
		if (join->below ? pfn == 0 : n == map->limit - pfn)
			continue;
		join->rec = neighbour(map, join->below ? pfn - 1 : pfn + n);
		if (join->rec == NULL)
			continue;
		join->pages = physseg_page_at(map, join->rec, pfn);
		if (can_join(map, join, avail, free_list, (size_t)n))
			return true;
	}
	return false;
}

/* Let it have them.  Its page structures are there, and initialised. */
void
physseg_join(struct physseg_map *map, const struct physseg_join *join,
    physseg_pfn_t n, struct physseg_range avail)
{
	struct physseg_record *rec = join->rec;
	physseg_pfn_t start = rec->node.start, end = rec->node.end;

	if (join->below) {
		end += n;
		rec->avail.end = avail.end;
	} else {
		start -= n;
		rec->avail.start = avail.start;
	}
	if (join->pages != NULL)
		rec->counted = physseg_range_join(rec->counted, avail);
	physseg_index_update(map, rec, start, end, rec->node.base);
	map->frames += n;
}
