/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * plug.c -- plug and unplug: the two operations that change a map.
 *
 * Both first check, then reserve whatever can fail, then change; once the
 * change begins nothing is left that could fail, and nothing to roll back.
 * Every load, unload and steal of the boot phase ends here too.
 */
#include "engine.h"

/* [pfn, pfn + n) is not empty and below the limit. */
static int
check_range(const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n)
{
	if (n == 0)
		return PHYSSEG_EINVAL;
	if (pfn >= map->limit || n > map->limit - pfn)
		return PHYSSEG_ERANGE;
	return PHYSSEG_OK;
}

static bool
is_full(const struct physseg_map *map)
{
	return map->backend->bounded && map->segments >= map->capacity;
}

/* Does the map give page structures to what is plugged now? */
static bool
needs_pages(const struct physseg_map *map)
{
	return map->running && map->page_size != 0;
}

/* Everything that forbids a plug before memory is asked for. */
static int
plug_check(const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    int free_list)
{
	int error;

	if (map->running && !physseg_has(map, PHYSSEG_HOTPLUG))
		return PHYSSEG_ENOHOTPLUG;
	if (!physseg_freelist_ok(map, free_list))
		return PHYSSEG_EINVAL;
	if ((error = check_range(map, pfn, n)) != PHYSSEG_OK)
		return error;
	if (map->backend->find(map->index, pfn, pfn + n) != NULL)
		return PHYSSEG_EOVERLAP;
	if (needs_pages(map) && n > SIZE_MAX / map->page_size)
		return PHYSSEG_ENOMEM;
	return PHYSSEG_OK;
}

/* A new segment's page structures, zeroed. */
static int
get_pages(
    struct physseg_map *map, size_t n, struct physseg_slab **slab, void **pages)
{
	int error = physseg_slab_alloc(map, n, slab, pages);

	return error == PHYSSEG_ENOMEM ? physseg_slab_fresh(map, n, slab, pages)
				       : error;
}

/* Tell the host, before it gets the pages or after it lost them. */
void
physseg_account(struct physseg_map *map, bool added, physseg_pfn_t counted,
    physseg_pfn_t frames)
{
	map->counted += added ? counted : 0 - counted;
	if (map->host->account != NULL && (counted != 0 || frames != 0))
		map->host->account(map->ctx, added, counted, frames);
}

static void
reinit(const struct physseg_map *map)
{
	if (map->running && map->host->reinit != NULL)
		map->host->reinit(map->ctx);
}

/* Tell the host of [pfn, pfn + n), with these page structures, in the order
 * that plug promises. */
static void
hand_over(
    struct physseg_map *map, char *pages, physseg_pfn_t n, physseg_pfn_t avail)
{
	physseg_pfn_t i;

	if (!map->running)
		return;
	physseg_account(map, true, pages == NULL ? 0 : avail, n);
	if (pages != NULL && map->host->page_free != NULL)
		for (i = 0; i < n; i++)
			map->host->page_free(
			    map->ctx, pages + i * map->page_size);
	reinit(map);
}

static void
init_pages(const struct physseg_map *map, char *pages, physseg_pfn_t pfn,
    physseg_pfn_t n)
{
	physseg_pfn_t i;

	for (i = 0; i < n; i++)
		map->host->page_init(
		    map->ctx, pages + i * map->page_size, pfn + i);
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
	size_t chunks; /* of the index's memory */
	struct physseg_slab *slab;
	void *pages;
};

static int
reserve_index(struct physseg_map *map, const struct plug *plug, size_t *chunks)
{
	*chunks = 0;
	if (!map->running)
		return PHYSSEG_OK;
	return physseg_index_reserve(
	    map, plug->pfn, plug->pfn + plug->n, chunks);
}

/* All but page structures. */
static int
reserve_segment(
    struct physseg_map *map, const struct plug *plug, struct reserve *reserve)
{
	int error;

	if (is_full(map))
		return PHYSSEG_ENOSLOT;
	if ((error = physseg_record_get(map, &reserve->rec)) != PHYSSEG_OK)
		return error;
	error = reserve_index(map, plug, &reserve->chunks);
	if (error != PHYSSEG_OK)
		physseg_record_unget(map, reserve->rec);
	return error;
}

static void
unreserve_segment(struct physseg_map *map, const struct reserve *reserve)
{
	physseg_index_unreserve(map, reserve->chunks);
	physseg_record_unget(map, reserve->rec);
}

/* Page structures come last, for giving them back may take memory. */
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
	error =
	    get_pages(map, (size_t)plug->n, &reserve->slab, &reserve->pages);
	if (error != PHYSSEG_OK)
		unreserve_segment(map, reserve);
	return error;
}

/* A segment that was not there before; its pages are initialised. */
static void
publish(struct physseg_map *map, struct physseg_record *rec,
    const struct plug *plug)
{
	physseg_record_birth(rec, plug->pfn, plug->pfn + plug->n);
	map->segments++;
	map->frames += plug->n;
	if (physseg_index_shows(map, rec->pages)) {
		map->backend->insert(map->index, &rec->node);
		physseg_index_show(map, rec);
	} else {
		physseg_index_hide(map);
		map->backend->insert(map->index, &rec->node);
	}
}

static void
new_segment(struct physseg_map *map, const struct plug *plug,
    const struct reserve *reserve)
{
	struct physseg_record *rec = reserve->rec;

	if (reserve->slab != NULL) {
		reserve->slab->held += (size_t)plug->n;
		init_pages(map, reserve->pages, plug->pfn, plug->n);
		rec->counted = plug->avail;
	}
	rec->avail = plug->avail;
	rec->free_list = plug->free_list;
	rec->slab = reserve->slab;
	rec->pages = reserve->pages;
	publish(map, rec, plug);
}

/* The same frames, to a segment that is there. */
static int
grow_segment(struct physseg_map *map, const struct plug *plug,
    const struct physseg_join *join)
{
	size_t chunks;
	int error;

	if ((error = reserve_index(map, plug, &chunks)) != PHYSSEG_OK)
		return error;
	if (join->pages != NULL) {
		physseg_slab_take_at(
		    map, join->rec->slab, join->pages, (size_t)plug->n);
		join->rec->slab->held += (size_t)plug->n;
		init_pages(map, join->pages, plug->pfn, plug->n);
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
	if (map->behind)
		physseg_index_show_all(map);
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
	hand_over(map, pages, n, physseg_range_size(avail));
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
		error = reserve_index(map, plug, &reserve.chunks);
		physseg_index_unreserve(map, reserve.chunks);
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
	return physseg_leave(map, try_plug(map, &plug));
}

/* The frames of `range' that lie in [start, end). */
static physseg_pfn_t
overlap(struct physseg_range range, physseg_pfn_t start, physseg_pfn_t end)
{
	return physseg_range_size(physseg_range_clamp(range, start, end));
}

/* Attributes follow the bounds, which shrank to [start, end). */
static void
clamp(struct physseg_record *rec, physseg_pfn_t start, physseg_pfn_t end)
{
	rec->avail = physseg_range_clamp(rec->avail, start, end);
	rec->counted = physseg_range_clamp(rec->counted, start, end);
	if (rec->start_hint > physseg_range_size(rec->avail))
		rec->start_hint = 0;
}

static char *
page_at(const struct physseg_map *map, const struct physseg_record *rec,
    physseg_pfn_t pfn)
{
	if (rec->pages == NULL)
		return NULL;
	return rec->pages + (size_t)(pfn - rec->node.start) * map->page_size;
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
	tail->pages = page_at(map, rec, pfn);
	tail->shown = rec->shown;
	memcpy(physseg_data(tail), physseg_data(rec), map->data_size);
	clamp(tail, pfn, last);
	if (!tail->shown)
		physseg_index_hide(map);
	physseg_record_birth(tail, pfn, last);
	map->backend->split(map->index, &rec->node, end, &tail->node);
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
		map->backend->resize(map->index, &rec->node, start, pfn);
		clamp(rec, start, pfn);
	} else if (end < rec->node.end) {
		rec->pages = page_at(map, rec, end);
		map->backend->resize(
		    map->index, &rec->node, end, rec->node.end);
		clamp(rec, end, rec->node.end);
	} else {
		map->backend->remove(map->index, &rec->node);
		map->segments--;
		if (!rec->shown)
			physseg_index_unhide(map);
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
	if (!front && !back && is_full(map))
		return PHYSSEG_ENOSLOT;
	return PHYSSEG_OK;
}

/* What an unplug takes that may not be there; *tail is for a new segment. */
static int
reserve_unplug(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t pfn, physseg_pfn_t n, struct physseg_record **tail)
{
	const struct physseg_node *node = &rec->node;
	size_t chunks = 0;
	int error = PHYSSEG_OK;

	*tail = NULL;
	if (pfn > node->start && n < node->end - pfn &&
	    (error = physseg_record_get(map, tail)) != PHYSSEG_OK)
		return error;
	if (rec->shown)
		error =
		    physseg_index_reserve(map, node->start, node->end, &chunks);
	if (error == PHYSSEG_OK && rec->slab != NULL) {
		error = physseg_slab_reserve(map, rec->slab, (size_t)n);
		if (error != PHYSSEG_OK)
			physseg_index_unreserve(map, chunks);
	}
	if (error != PHYSSEG_OK && *tail != NULL)
		physseg_record_unget(map, *tail);
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

	if ((error = check_range(map, pfn, n)) != PHYSSEG_OK)
		return error;
	node = map->backend->lookup(map->index, pfn);
	if ((error = unplug_check(map, node, pfn, n)) != PHYSSEG_OK)
		return error;
	rec = physseg_record_of(node);
	if ((error = reserve_unplug(map, rec, pfn, n, &tail)) != PHYSSEG_OK)
		return error;
	slab = rec->slab;
	pages = page_at(map, rec, pfn);
	counted = overlap(rec->counted, pfn, pfn + n);
	whole = n == node->end - node->start;
	shrink(map, rec, pfn, pfn + n, tail);
	if (rec->shown)
		physseg_index_reclaim(map);
	if (whole)
		physseg_record_death(map, rec);
	give_back(map, slab, pages, n);
	physseg_account(map, false, counted, map->running ? n : 0);
	reinit(map);
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
