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
	if (is_full(map))
		return PHYSSEG_ENOSLOT;
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

/* A segment of `rec' that was not there before; its pages are initialised. */
static void
publish(struct physseg_map *map, struct physseg_record *rec)
{
	physseg_record_birth(rec);
	map->backend->insert(map->index, &rec->node);
	map->segments++;
	map->frames += rec->node.end - rec->node.start;
}

/* What a hot plug does to the host, in the order that plug promises. */
static void
hand_over(struct physseg_map *map, struct physseg_record *rec)
{
	physseg_pfn_t i, n = rec->node.end - rec->node.start;

	physseg_account(map, true, physseg_range_size(rec->counted), n);
	if (rec->pages != NULL && map->host->page_free != NULL)
		for (i = 0; i < n; i++)
			map->host->page_free(
			    map->ctx, rec->pages + i * map->page_size);
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

int
physseg_plug_range(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    struct physseg_range avail, int free_list, physseg_t *handle)
{
	struct physseg_record *rec;
	void *pages = NULL;
	struct physseg_slab *slab = NULL;
	int error;

	if ((error = plug_check(map, pfn, n, free_list)) != PHYSSEG_OK ||
	    (error = physseg_record_get(map, &rec)) != PHYSSEG_OK)
		return error;
	if (needs_pages(map)) {
		error = get_pages(map, (size_t)n, &slab, &pages);
		if (error != PHYSSEG_OK) {
			physseg_record_unget(map, rec);
			return error;
		}
		slab->held += (size_t)n;
		init_pages(map, pages, pfn, n);
		rec->counted = avail;
	}
	rec->node.start = pfn;
	rec->node.end = pfn + n;
	rec->avail = avail;
	rec->free_list = free_list;
	rec->slab = slab;
	rec->pages = pages;
	publish(map, rec);
	if (handle != NULL)
		*handle = physseg_record_handle(map, &rec->node);
	if (map->running)
		hand_over(map, rec);
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
try_plug(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n, int free_list)
{
	struct physseg_record *rec;
	struct physseg_slab *slab;
	void *pages;
	int error;

	if ((error = plug_check(map, pfn, n, free_list)) != PHYSSEG_OK ||
	    (error = physseg_record_get(map, &rec)) != PHYSSEG_OK)
		return error;
	if (needs_pages(map) && !physseg_slab_fits(map, (size_t)n)) {
		error = physseg_slab_fresh(map, (size_t)n, &slab, &pages);
		if (error == PHYSSEG_OK)
			(void)physseg_slab_free(map, slab, pages, (size_t)n);
	}
	physseg_record_unget(map, rec);
	return error;
}

int
physseg_plug_check(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n, int free_list)
{
	int error;

	if ((error = physseg_enter(map)) != PHYSSEG_OK)
		return error;
	return physseg_leave(map, try_plug(map, pfn, n, free_list));
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
	tail->node.start = pfn;
	tail->node.end = rec->node.end;
	tail->avail = rec->avail;
	tail->counted = rec->counted;
	tail->start_hint = rec->start_hint;
	tail->free_list = rec->free_list;
	tail->slab = rec->slab;
	tail->pages = page_at(map, rec, pfn);
	memcpy(physseg_data(tail), physseg_data(rec), map->data_size);
	clamp(tail, tail->node.start, tail->node.end);
	physseg_record_birth(tail);
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
		map->backend->resize(map->index, &rec->node, end, rec->node.end);
		clamp(rec, end, rec->node.end);
	} else {
		map->backend->remove(map->index, &rec->node);
		map->segments--;
		physseg_record_death(map, rec);
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

int
physseg_unplug_range(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct physseg_node *node;
	struct physseg_record *rec, *tail = NULL;
	struct physseg_slab *slab;
	physseg_pfn_t counted;
	void *pages;
	int error;

	if ((error = check_range(map, pfn, n)) != PHYSSEG_OK)
		return error;
	node = map->backend->find(map->index, pfn, pfn + 1);
	if ((error = unplug_check(map, node, pfn, n)) != PHYSSEG_OK)
		return error;
	rec = physseg_record_of(node);
	if (pfn > node->start && n < node->end - pfn &&
	    (error = physseg_record_get(map, &tail)) != PHYSSEG_OK)
		return error;
	slab = rec->slab;
	if (slab != NULL &&
	    (error = physseg_slab_reserve(map, slab, (size_t)n)) !=
		PHYSSEG_OK) {
		if (tail != NULL)
			physseg_record_unget(map, tail);
		return error;
	}
	pages = page_at(map, rec, pfn);
	counted = overlap(rec->counted, pfn, pfn + n);
	shrink(map, rec, pfn, pfn + n, tail);
	if (slab != NULL) {
		slab->held -= (size_t)n;
		if (physseg_slab_free(map, slab, pages, (size_t)n) !=
		    PHYSSEG_OK)
			physseg_panic(map, "unplug: a reserve was not there");
	}
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
