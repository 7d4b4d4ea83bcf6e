/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * index.c -- the backend's memory, and what it shows.
 *
 * A backend may have a direct way from a frame to its page structure (`page').
 * It is told of a segment's when there are such, and not before the switch: for
 * that takes memory of the host's, which is reserved before anything changes.
 * While some segment is not shown, lookups go through segments.
 *
 * If the host has no memory at the switch, the map runs nevertheless, with
 * segments that are not shown: that is slower and else the same, and is mended
 * by the next plug that finds memory.
 */
#include "engine.h"

static size_t
chunk_size(const struct physseg_map *map)
{
	return sizeof(struct physseg_chunk) + PHYSSEG_ALIGN - 1 +
	    map->backend->chunk_size;
}

/* Take back `n' chunks that were not needed. */
void
physseg_index_unreserve(struct physseg_map *map, size_t n)
{
	struct physseg_chunk *chunk;

	for (; n > 0; n--) {
		chunk = map->chunks;
		map->chunks = chunk->next;
		map->backend->take(map->index);
		physseg_host_free(map, chunk, chunk_size(map));
	}
}

/* One chunk more for the backend. */
static bool
give(struct physseg_map *map)
{
	struct physseg_chunk *chunk = physseg_host_alloc(map, chunk_size(map));
	uintptr_t start = (uintptr_t)chunk + sizeof(*chunk);

	if (chunk == NULL)
		return false;
	chunk->next = map->chunks;
	map->chunks = chunk;
	map->backend->give(map->index,
	    (char *)chunk + (physseg_round_up(start) - (uintptr_t)chunk));
	return true;
}

/* Whatever a change within [start, end) may take; *n is for unreserve. */
int
physseg_index_reserve(
    struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end, size_t *n)
{
	size_t needed;

	*n = 0;
	if (map->backend->need == NULL)
		return PHYSSEG_OK;
	for (needed = map->backend->need(map->index, start, end); *n < needed;
	     (*n)++)
		if (!give(map)) {
			physseg_index_unreserve(map, *n);
			*n = 0;
			return PHYSSEG_ENOMEM;
		}
	return PHYSSEG_OK;
}

/* The map runs, or does not yet: lookups go by that. */
void
physseg_index_run(struct physseg_map *map, bool running)
{
	map->running = running;
	physseg_atomic_store(&map->lock_lookups, physseg_locks_lookups(map));
	physseg_atomic_store(&map->direct, physseg_is_direct(map));
}

/* The number of segments that are not shown changes. */
static void
set_hidden(struct physseg_map *map, size_t hidden)
{
	map->hidden = hidden;
	physseg_atomic_store(&map->direct, physseg_is_direct(map));
}

/* A record's life begins, or goes on, not shown. */
void
physseg_index_hide(struct physseg_map *map)
{
	set_hidden(map, map->hidden + 1);
}

void
physseg_index_unhide(struct physseg_map *map)
{
	set_hidden(map, map->hidden - 1);
}

/* Is it time to show a segment with these pages? */
bool
physseg_index_shows(const struct physseg_map *map, const void *pages)
{
	return map->running && map->backend->show != NULL &&
	    (map->page_size == 0 || pages != NULL);
}

/* There is memory for it. */
void
physseg_index_show(struct physseg_map *map, struct physseg_record *rec)
{
	map->backend->show(map->index, &rec->node, rec->base);
	rec->shown = true;
}

/* Show what can be shown and is not. */
void
physseg_index_show_all(struct physseg_map *map)
{
	struct physseg_node *node = NULL;
	struct physseg_record *rec;
	size_t n;

	map->behind = false;
	while (map->hidden > 0 &&
	    (node = map->backend->next(map->index, node)) != NULL) {
		rec = physseg_record_of(node);
		if (rec->shown ||
		    !physseg_index_shows(map, physseg_pages(map, rec)))
			continue;
		if (physseg_index_reserve(map, node->start, node->end, &n) !=
		    PHYSSEG_OK) {
			map->behind = true;
			break;
		}
		physseg_index_show(map, rec);
		physseg_index_unhide(map);
	}
}

/* What the last change took out of the index is out of every reader's sight. */
void
physseg_index_reclaim(struct physseg_map *map)
{
	if (map->backend->reclaim == NULL)
		return;
	if (map->host->sync != NULL && physseg_has(map, PHYSSEG_LOCKFREE))
		map->host->sync(map->ctx);
	map->backend->reclaim(map->index);
}

void
physseg_index_fini(struct physseg_map *map)
{
	struct physseg_chunk *chunk;

	while ((chunk = map->chunks) != NULL) {
		map->chunks = chunk->next;
		physseg_host_free(map, chunk, chunk_size(map));
	}
}
