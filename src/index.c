/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * index.c -- the index in force, its memory, and its readers.
 *
 * A map is in one of two states.
 *
 * LIST	 The segments are in list.c's sorted columns, which lie in the boot
 *	 storage.  No change needs index memory.
 * BUILT The segments are in the backend's index.
 *
 * A backend whose index takes no memory of the host's is always BUILT, and so
 * is a map without boot storage.  Every other map starts in LIST.  The index is
 * built when the map starts to run.  If there is no memory then, every later
 * change tries again once it has succeeded.  Only a map that boots again goes
 * back to LIST.
 *
 * READERS WITHOUT A LOCK.  These rules hold on a map that `waits': its host has
 * `sync' and its backend is PHYSSEG_LOCKFREE.
 *
 * 1. The backend's index is made where no reader looks.  One store of `built'
 *    then puts it in force.  `direct' only chooses the way to a page.
 * 2. What is removed is unreachable, and reads as empty (record.c), before
 *    `sync' is called.  `sync' waits for the readers that are in a section when
 *    it is called.  It does not wait for a reader that begins later.  Such a
 *    reader cannot find what was removed: no index leads to the record, and its
 *    end is 0, which each use of a record loads first.
 * 3. Of start, end and base of a segment at most one changes between two calls
 *    of `sync'.  So whichever values a reader loads, they belong together,
 *    without a sequence number and without a second try.
 *
 * An unplug waits after its change in any case.  Only a segment that grows
 * (coalescing) could change twice.  If its other bound moved since the last
 * wait, the engine waits first.  A segment that grows on one side only never
 * waits, for example under a driver that plugs page by page.
 *
 * Other ways to rule 3 cost more:
 *
 * - Two copies of the bounds and a selector make a record one line longer, and
 *   the copies must wait for readers as well.
 * - A descriptor of the bounds that is replaced as a whole takes memory, which
 *   a change must reserve, and one more load in each lookup.
 * - With a sequence counter readers try again as long as the writer is busy.
 *
 * A plug removes nothing that a reader could be in, except sometimes an entry's
 * table or a shared block.  Those wait for the next `sync'.
 */
#include "engine.h"

/* What of a segment changes, for rule 3. */
enum field { START, END, BASE, FIELDS };

/* ---- memory ---- */

static size_t
index_chunk_size(const struct physseg_map *map)
{
	return sizeof(struct physseg_chunk) + PHYSSEG_ALIGN - 1 +
	    map->backend->chunk_size;
}

static void
chunks_free(struct physseg_map *map, struct physseg_chunk **chunks)
{
	struct physseg_chunk *chunk;

	while ((chunk = *chunks) != NULL) {
		*chunks = chunk->next;
		physseg_host_free(map, chunk, index_chunk_size(map));
	}
}

/* What a change within [start, end) may take; all or nothing. */
static bool
chunks_get(struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end,
    struct physseg_chunk **chunks)
{
	struct physseg_chunk *chunk;
	size_t n;

	*chunks = NULL;
	if (map->backend->mem_needed == NULL)
		return true;
	for (n = map->backend->mem_needed(map->index, start, end); n > 0; n--) {
		chunk = physseg_host_alloc(map, index_chunk_size(map));
		if (chunk == NULL) {
			chunks_free(map, chunks);
			return false;
		}
		chunk->next = *chunks;
		*chunks = chunk;
	}
	return true;
}

/* From now on they are the backend's. */
static void
chunks_give(struct physseg_map *map, struct physseg_chunk **chunks)
{
	struct physseg_chunk *chunk;
	uintptr_t start;

	while ((chunk = *chunks) != NULL) {
		*chunks = chunk->next;
		chunk->next = map->chunks;
		map->chunks = chunk;
		start = (uintptr_t)chunk + sizeof(*chunk);
		map->backend->mem_add(map->index,
		    (char *)chunk +
			(physseg_round_up(start) - (uintptr_t)chunk));
	}
}

/* ---- LIST and BUILT ---- */

/* Make the backend's index empty, and give back its memory.  No reader may be
 * in it. */
static void
index_empty(struct physseg_map *map)
{
	map->backend->init(map->index, map->capacity);
	chunks_free(map, &map->chunks);
}

/* Make the backend's index of all segments; it is not in force yet. */
static bool
index_make(struct physseg_map *map)
{
	struct physseg_node *node = NULL;
	struct physseg_chunk *chunks;

	while ((node = physseg_index_next(map, node)) != NULL) {
		if (!chunks_get(map, node->start, node->end, &chunks)) {
			index_empty(map);
			return false;
		}
		chunks_give(map, &chunks);
		map->backend->insert(map->index, node);
	}
	return true;
}

/* Put it in force, by the store of `built' (rule 1).  Until then no reader
 * looks into it; from then on none needs the list, which keeps its contents. */
static void
index_publish(struct physseg_map *map)
{
	map->active = map->backend;
	map->active_index = map->index;
	physseg_atomic_store(&map->built, 1);
	physseg_atomic_store(
	    &map->direct, map->page != NULL && !map->lock_lookups);
}

/* Where there is a list the map starts in LIST, else it is BUILT. */
void
physseg_index_init(struct physseg_map *map)
{
	map->backend->init(map->index, map->capacity);
	if (map->list == NULL) {
		index_publish(map);
		return;
	}
	physseg_list.init(map->list, map->nboot);
	map->active = &physseg_list;
	map->active_index = map->list;
}

/* Build, if it is time and there is memory. */
void
physseg_index_build(struct physseg_map *map)
{
	if (!physseg_is_built(map) && physseg_is_running(map) &&
	    index_make(map))
		index_publish(map);
}

/* Back to LIST, for a map that boots again and may take no memory.  False: the
 * list has no room for so many segments. */
bool
physseg_index_unbuild(struct physseg_map *map)
{
	struct physseg_node *node = NULL;

	if (map->list == NULL || !physseg_is_built(map))
		return true;
	if (map->segments > map->nboot)
		return false;
	physseg_index_wait(map); /* some reader may still be in the list */
	physseg_list.init(map->list, map->nboot);
	while ((node = physseg_index_next(map, node)) != NULL)
		physseg_list.insert(map->list, node);
	map->active = &physseg_list;
	map->active_index = map->list;
	physseg_atomic_store(&map->direct, 0);
	physseg_atomic_store(&map->built, 0);
	physseg_index_wait(map);
	index_empty(map);
	return true;
}

void
physseg_index_fini(struct physseg_map *map)
{
	chunks_free(map, &map->chunks);
}

/* ---- changes ---- */

/*
 * Take what a change of frames within [start, end) may need; `slot': it adds a
 * segment.  A list that is full makes room by building.  ENOMEM: nothing was
 * taken.
 */
int
physseg_index_reserve(struct physseg_map *map, physseg_pfn_t start,
    physseg_pfn_t end, bool slot, struct physseg_reserve *reserve)
{
	*reserve = (struct physseg_reserve){ NULL, false };
	if (!physseg_is_built(map)) {
		if (!slot || map->segments < map->nboot)
			return PHYSSEG_OK;
		if (!physseg_is_running(map) || !index_make(map))
			return PHYSSEG_ENOMEM;
		reserve->build = true;
	}
	if (chunks_get(map, start, end, &reserve->chunks))
		return PHYSSEG_OK;
	physseg_index_unreserve(map, reserve);
	return PHYSSEG_ENOMEM;
}

/* The change does not take place. */
void
physseg_index_unreserve(
    struct physseg_map *map, struct physseg_reserve *reserve)
{
	chunks_free(map, &reserve->chunks);
	if (reserve->build)
		index_empty(map);
}

/* The change takes place: it comes next. */
void
physseg_index_commit(struct physseg_map *map, struct physseg_reserve *reserve)
{
	chunks_give(map, &reserve->chunks);
	if (reserve->build)
		index_publish(map);
	if (!physseg_is_built(map) && physseg_list_is_spent(map->list))
		physseg_index_wait(map); /* it will write the other columns */
}

/*
 * Wait for readers: what was taken out so far is in nobody's hands any more.
 * Without readers to wait for, that is so at once.
 */
void
physseg_index_wait(struct physseg_map *map)
{
	if (map->waits)
		physseg_host_sync(map);
	map->graces += FIELDS;
	if (!physseg_is_built(map))
		physseg_list_renew(map->list);
	else if (map->backend->mem_reclaim != NULL)
		map->backend->mem_reclaim(map->index);
}

/* One field of the segment will change (rule 3).  If another one has changed
 * since the last wait, as when a segment grew, wait first. */
static void
field_wait(
    struct physseg_map *map, struct physseg_record *rec, enum field field)
{
	if (rec->changed - map->graces < FIELDS &&
	    rec->changed != map->graces + field)
		physseg_index_wait(map);
	rec->changed = map->graces + field;
}

/* Change a segment's start, its end, or its base from PHYSSEG_NOBASE. */
void
physseg_index_update(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end, uintptr_t base)
{
	field_wait(map, rec,
	    start != rec->node.start	 ? START
		: base != rec->node.base ? BASE
					 : END);
	map->active->update(map->active_index, &rec->node, start, end, base);
}

/* The tail is a record that was published. */
void
physseg_index_split(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t end, struct physseg_record *tail)
{
	field_wait(map, rec, END);
	map->active->split(map->active_index, &rec->node, end, &tail->node);
}
