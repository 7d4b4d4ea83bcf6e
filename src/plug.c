/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * plug.c -- plug: frames are registered, as a segment or as part of one.
 *
 * First check, then reserve whatever can fail, then change; once the change
 * begins nothing is left that could fail, and nothing to roll back.  Every load
 * of the boot phase ends here too.
 */
#include "engine.h"

/* Does the map give page structures to what is plugged now? */
static bool
needs_pages(const struct physseg_map *map)
{
	return physseg_is_running(map) && map->page_size != 0;
}

/* Everything that forbids a plug before memory is asked for. */
static int
plug_check(const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    int free_list)
{
	int error;

	if (physseg_is_running(map) && !physseg_has(map, PHYSSEG_HOTPLUG))
		return PHYSSEG_ENOHOTPLUG;
	if (!physseg_freelist_ok(map, free_list))
		return PHYSSEG_EINVAL;
	if ((error = physseg_check_range(map, pfn, n)) != PHYSSEG_OK)
		return error;
	if (physseg_index_find(map, pfn, pfn + n) != NULL)
		return PHYSSEG_EOVERLAP;
	if (needs_pages(map) && n > SIZE_MAX / map->page_size)
		return PHYSSEG_ENOMEM;
	return PHYSSEG_OK;
}

/* Frames that a plug registers. */
struct plug {
	physseg_pfn_t pfn;
	physseg_pfn_t n;
	struct physseg_range avail;
	int free_list;
};

/* What a new segment takes that may not be there. */
struct reserve {
	struct physseg_record *rec;
	struct physseg_reserve index;
	struct physseg_slab *slab;
	void *pages;
};

/* A new segment's page structures, zeroed. */
static int
get_pages(
    struct physseg_map *map, const struct plug *plug, struct reserve *reserve)
{
	const size_t n = (size_t)plug->n;
	int error = physseg_slab_alloc(map, n, &reserve->slab, &reserve->pages);

	if (error == PHYSSEG_ENOMEM)
		error =
		    physseg_slab_fresh(map, n, &reserve->slab, &reserve->pages);
	if (error == PHYSSEG_OK &&
	    physseg_base(map, plug->pfn, reserve->pages) == PHYSSEG_NOBASE) {
		(void)physseg_slab_free(map, reserve->slab, reserve->pages, n);
		error = PHYSSEG_ENOMEM; /* no base is left to tell them by */
	}
	return error;
}

/* All but page structures. */
static int
reserve_segment(
    struct physseg_map *map, const struct plug *plug, struct reserve *reserve)
{
	int error;

	if (physseg_is_full(map))
		return PHYSSEG_ENOSLOT;
	if ((error = physseg_record_get(map, &reserve->rec)) != PHYSSEG_OK)
		return error;
	error = physseg_index_reserve(
	    map, plug->pfn, plug->pfn + plug->n, true, &reserve->index);
	if (error != PHYSSEG_OK)
		physseg_record_unreserve(map, reserve->rec);
	return error;
}

static void
unreserve_segment(struct physseg_map *map, struct reserve *reserve)
{
	physseg_index_unreserve(map, &reserve->index);
	physseg_record_unreserve(map, reserve->rec);
}

/* Page structures come last: giving back a record or index memory never takes
 * memory, giving back a part of a slab may. */
static int
reserve_all(
    struct physseg_map *map, const struct plug *plug, struct reserve *reserve)
{
	int error;

	reserve->slab = NULL;
	reserve->pages = NULL;
	error = reserve_segment(map, plug, reserve);
	if (error != PHYSSEG_OK || !needs_pages(map))
		return error;
	error = get_pages(map, plug, reserve);
	if (error != PHYSSEG_OK)
		unreserve_segment(map, reserve);
	return error;
}

/* A segment that was not there before.  All of it is written before a reader
 * can find it. */
static void
new_segment(
    struct physseg_map *map, const struct plug *plug, struct reserve *reserve)
{
	struct physseg_record *rec = reserve->rec;

	if (reserve->slab != NULL) {
		reserve->slab->held += (size_t)plug->n;
		physseg_host_init_pages(
		    map, reserve->pages, plug->pfn, plug->n);
		rec->counted = plug->avail;
	}
	rec->avail = plug->avail;
	rec->free_list = plug->free_list;
	rec->slab = reserve->slab;
	physseg_atomic_store(
	    &rec->node.base, physseg_base(map, plug->pfn, reserve->pages));
	physseg_index_commit(map, &reserve->index);
	physseg_record_publish(map, rec, plug->pfn, plug->pfn + plug->n);
	map->active->insert(map->active_index, &rec->node);
	map->segments++;
	map->frames += plug->n;
}

/* The same frames, to a segment that is there. */
static int
grow_segment(struct physseg_map *map, const struct plug *plug,
    const struct physseg_join *join)
{
	struct physseg_reserve index;
	int error;

	error = physseg_index_reserve(
	    map, plug->pfn, plug->pfn + plug->n, false, &index);
	if (error != PHYSSEG_OK)
		return error;
	physseg_index_commit(map, &index);
	if (join->pages != NULL) {
		physseg_slab_take_at(
		    map, join->rec->slab, join->pages, (size_t)plug->n);
		join->rec->slab->held += (size_t)plug->n;
		physseg_host_init_pages(map, join->pages, plug->pfn, plug->n);
	}
	physseg_join(map, join, plug->n, plug->avail);
	return PHYSSEG_OK;
}

/* Whatever does not need the host to be told. */
static int
plug_frames(struct physseg_map *map, const struct plug *plug,
    struct physseg_record **rec, void **pages)
{
	struct physseg_join join;
	struct reserve reserve;
	int error;

	if ((error = plug_check(map, plug->pfn, plug->n, plug->free_list)) !=
	    PHYSSEG_OK)
		return error;
	if (physseg_join_find(
		map, plug->pfn, plug->n, plug->avail, plug->free_list, &join)) {
		*rec = join.rec;
		*pages = join.pages;
		return grow_segment(map, plug, &join);
	}
	if ((error = reserve_all(map, plug, &reserve)) != PHYSSEG_OK)
		return error;
	*rec = reserve.rec;
	*pages = reserve.pages;
	new_segment(map, plug, &reserve);
	return PHYSSEG_OK;
}

int
physseg_plug_range(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    struct physseg_range avail, int free_list, physseg_t *handle)
{
	const struct plug plug = { pfn, n, avail, free_list };
	struct physseg_record *rec;
	void *pages;
	int error;

	error = plug_frames(map, &plug, &rec, &pages);
	if (error != PHYSSEG_OK)
		return error;
	if (handle != NULL)
		*handle = physseg_record_handle(map, &rec->node);
	if (!physseg_is_running(map))
		return PHYSSEG_OK;
	/* Tell the host, in the order that physseg_plug promises. */
	physseg_account(
	    map, true, pages == NULL ? 0 : physseg_range_size(avail), n);
	if (pages != NULL)
		physseg_host_free_pages(map, pages, n);
	physseg_reinit(map);
	return PHYSSEG_OK;
}

int
physseg_plug(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    int free_list, physseg_t *handle)
{
	struct physseg_range all = { pfn, pfn + n };
	int error;

	if ((error = physseg_enter(map)) != PHYSSEG_OK)
		return error;
	return physseg_leave(
	    map, physseg_plug_range(map, pfn, n, all, free_list, handle));
}

/* Take what a plug would take, and give it back. */
static int
try_plug(struct physseg_map *map, const struct plug *plug)
{
	struct physseg_join join;
	struct reserve reserve;
	int error;

	if ((error = plug_check(map, plug->pfn, plug->n, plug->free_list)) !=
	    PHYSSEG_OK)
		return error;
	if (physseg_join_find(
		map, plug->pfn, plug->n, plug->avail, plug->free_list, &join)) {
		error = physseg_index_reserve(
		    map, plug->pfn, plug->pfn + plug->n, false, &reserve.index);
		physseg_index_unreserve(map, &reserve.index);
		return error;
	}
	if ((error = reserve_segment(map, plug, &reserve)) != PHYSSEG_OK)
		return error;
	if (needs_pages(map) && !physseg_slab_fits(map, (size_t)plug->n)) {
		error = physseg_slab_fresh(
		    map, (size_t)plug->n, &reserve.slab, &reserve.pages);
		if (error == PHYSSEG_OK)
			(void)physseg_slab_free(
			    map, reserve.slab, reserve.pages, (size_t)plug->n);
	}
	unreserve_segment(map, &reserve);
	return error;
}

int
physseg_plug_check(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n, int free_list)
{
	const struct plug plug = { pfn, n, { pfn, pfn + n }, free_list };
	int error;

	if ((error = physseg_enter(map)) != PHYSSEG_OK)
		return error;
	return physseg_leave_unchanged(map, try_plug(map, &plug));
}
