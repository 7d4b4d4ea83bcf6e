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
 * (coalescing) or gets its page structures could change twice.  If another one
 * of the three changed since the last wait, the engine waits first.  A segment
 * that grows on one side only does not wait again, for example under a driver
 * that plugs page by page.
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

static size_t
needed(const struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end,
    size_t changes)
{
	if (map->backend->mem_needed == NULL || changes == 0)
		return 0;
	return map->backend->mem_needed(map->index, start, end, changes);
}

/* Have no more spare chunks than `n'. */
static void
spare_trim(struct physseg_map *map, size_t n)
{
	struct physseg_chunk *chunk;

	for (; map->nspare > n; map->nspare--) {
		chunk = map->spare;
		map->spare = chunk->next;
		physseg_host_free(map, chunk, index_chunk_size(map));
	}
}

/* Have at least `n'; all or nothing. */
static bool
spare_fill(struct physseg_map *map, size_t n)
{
	const size_t before = map->nspare;
	struct physseg_chunk *chunk;

	for (; map->nspare < n; map->nspare++) {
		chunk = physseg_host_alloc(map, index_chunk_size(map));
		if (chunk == NULL) {
			spare_trim(map, before);
			return false;
		}
		chunk->next = map->spare;
		map->spare = chunk;
	}
	return true;
}

/* `n' of them are the backend's from now on. */
static void
spare_give(struct physseg_map *map, size_t n)
{
	struct physseg_chunk *chunk;
	uintptr_t start;

	for (; n > 0; n--, map->nspare--) {
		chunk = map->spare;
		map->spare = chunk->next;
		chunk->next = map->chunks;
		map->chunks = chunk;
		start = (uintptr_t)chunk + sizeof(*chunk);
		map->backend->mem_add(map->index,
		    (char *)chunk +
			(physseg_round_up(start) - (uintptr_t)chunk));
	}
}

/* The end of what removals may change. */
static physseg_pfn_t
held_end(const struct physseg_map *map, physseg_pfn_t end)
{
	const struct physseg_removal *removal;

	LIST_FOREACH(removal, &map->removals, all)
		if (removal->reserve.end > end)
			end = removal->reserve.end;
	return end;
}

/* Chunks for what removals hold and for `changes' within [start, end) beside
 * it.  The held ones are counted, not set apart: whoever changes the index
 * leaves it with enough for them. */
static size_t
needed_with_held(const struct physseg_map *map, physseg_pfn_t start,
    physseg_pfn_t end, size_t changes)
{
	return needed(
	    map, start, held_end(map, end), map->held.changes + changes);
}

/* Give the host what no removal holds. */
void
physseg_index_trim(struct physseg_map *map)
{
	spare_trim(
	    map, physseg_is_built(map) ? needed_with_held(map, 0, 1, 0) : 0);
}

/* ---- LIST and BUILT ---- */

/* Make the backend's index empty, and give back its memory.  No reader may be
 * in it. */
static void
index_empty(struct physseg_map *map)
{
	map->backend->init(map->index, map->capacity, map->page_size);
	chunks_free(map, &map->chunks);
	spare_trim(map, 0);
}

/* Make the backend's index of all segments; it is not in force yet. */
static bool
index_make(struct physseg_map *map)
{
	struct physseg_node *node = NULL;
	size_t n;

	while ((node = physseg_index_next(map, node)) != NULL) {
		n = needed(map, node->start, node->end, 1);
		if (!spare_fill(map, n)) {
			index_empty(map);
			return false;
		}
		spare_give(map, n);
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
	physseg_atomic_store(&map->direct, physseg_is_direct(map, true));
}

/* Where there is a list the map starts in LIST, else it is BUILT. */
void
physseg_index_init(struct physseg_map *map)
{
	map->backend->init(map->index, map->capacity, map->page_size);
	if (map->list == NULL) {
		index_publish(map);
		return;
	}
	physseg_list.init(map->list, map->nboot, map->page_size);
	map->active = &physseg_list;
	map->active_index = map->list;
	physseg_atomic_store(&map->direct, physseg_is_direct(map, false));
}

/* Build, if it is time and there is memory. */
void
physseg_index_build(struct physseg_map *map)
{
	if (physseg_is_built(map) || !physseg_is_running(map) ||
	    !index_make(map))
		return;
	if (spare_fill(map, needed_with_held(map, 0, 1, 0)))
		index_publish(map);
	else
		index_empty(map);
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
	physseg_list.init(map->list, map->nboot, map->page_size);
	while ((node = physseg_index_next(map, node)) != NULL)
		physseg_list.insert(map->list, node);
	map->active = &physseg_list;
	map->active_index = map->list;
	physseg_atomic_store(&map->direct, physseg_is_direct(map, false));
	physseg_atomic_store(&map->built, 0);
	physseg_index_wait(map);
	index_empty(map);
	return true;
}

void
physseg_index_fini(struct physseg_map *map)
{
	chunks_free(map, &map->chunks);
	spare_trim(map, 0);
}

/* ---- changes ---- */

/*
 * Reserve what changes of frames within [start, end) need.  A list that is full
 * makes room by building.  Whole segments leave without any need.  ENOMEM:
 * nothing was taken.
 */
int
physseg_index_reserve(struct physseg_map *map, physseg_pfn_t start,
    physseg_pfn_t end, struct physseg_need need,
    struct physseg_reserve *reserve)
{
	const size_t before = map->nspare;

	*reserve = (struct physseg_reserve){ start, end, need, 0, false };
	if (need.changes == 0)
		return PHYSSEG_OK;
	if (!physseg_is_built(map)) {
		if (map->segments + map->held.slots + need.slots <= map->nboot)
			return PHYSSEG_OK;
		if (!physseg_is_running(map) || !index_make(map))
			return PHYSSEG_ENOMEM;
		reserve->build = true;
	}
	if (spare_fill(map, needed_with_held(map, start, end, need.changes))) {
		reserve->chunks = map->nspare - before;
		return PHYSSEG_OK;
	}
	physseg_index_unreserve(map, reserve);
	return PHYSSEG_ENOMEM;
}

/* The changes do not take place. */
void
physseg_index_unreserve(
    struct physseg_map *map, const struct physseg_reserve *reserve)
{
	if (reserve->build)
		index_empty(map);
	else
		spare_trim(map, map->nspare - reserve->chunks);
}

/* The changes take place later: it is kept for them.  A full list is built
 * now. */
void
physseg_index_hold(
    struct physseg_map *map, const struct physseg_reserve *reserve)
{
	if (reserve->build)
		index_publish(map);
	map->held.slots += reserve->need.slots;
	map->held.changes += reserve->need.changes;
}

/* It is not kept any more. */
void
physseg_index_unhold(
    struct physseg_map *map, const struct physseg_reserve *reserve)
{
	map->held.slots -= reserve->need.slots;
	map->held.changes -= reserve->need.changes;
}

/* The changes take place: they come next. */
void
physseg_index_commit(
    struct physseg_map *map, const struct physseg_reserve *reserve)
{
	if (map->nspare > 0) /* a map that stays LIST has none */
		spare_give(map,
		    needed(map, reserve->start, reserve->end,
			reserve->need.changes));
	if (reserve->build)
		index_publish(map);
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

/* Before each change: it may write the columns of the list that a reader is
 * in since the change before it. */
static void
list_wait(struct physseg_map *map)
{
	if (!physseg_is_built(map) && physseg_list_is_spent(map->list))
		physseg_index_wait(map);
}

/* Where there are presence bits: those of frames that the segment gets or
 * loses, if its page structures are to be seen.  No frames: start >= end. */
static void
mark_present(struct physseg_map *map, const struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end, bool present)
{
	if (physseg_is_vmemmap(map) && physseg_has_pages(rec))
		physseg_present_mark(map, start, end, present);
}

/* Add a record that was published. */
void
physseg_index_insert(struct physseg_map *map, struct physseg_record *rec)
{
	list_wait(map);
	map->active->insert(map->active_index, &rec->node);
	mark_present(map, rec, rec->node.start, rec->node.end, true);
}

/* Take one out.  Before anybody waits for readers it reads as empty. */
void
physseg_index_remove(struct physseg_map *map, struct physseg_record *rec)
{
	list_wait(map);
	mark_present(map, rec, rec->node.start, rec->node.end, false);
	map->active->remove(map->active_index, &rec->node);
	physseg_record_empty(rec);
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
	list_wait(map);
	rec->changed = map->graces + field;
}

/* Change a segment's start, its end, or its base from PHYSSEG_NOBASE or to
 * it. */
void
physseg_index_update(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end, uintptr_t base)
{
	const struct physseg_range was = { rec->node.start, rec->node.end };
	const bool all = base != rec->node.base;

	field_wait(map, rec, start != was.start ? START : all ? BASE : END);
	mark_present(map, rec, was.start, all ? end : start, false);
	mark_present(map, rec, end, was.end, false);
	map->active->update(map->active_index, &rec->node, start, end, base);
	mark_present(map, rec, start, all ? end : was.start, true);
	mark_present(map, rec, was.end, end, true);
}

/* Cut a segment to [start, end).  The other one was published.  Frames between
 * the two leave only where it is the upper one. */
void
physseg_index_split(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end, struct physseg_record *other)
{
	field_wait(map, rec, start != rec->node.start ? START : END);
	mark_present(map, rec, end, other->node.start, false);
	map->active->split(
	    map->active_index, &rec->node, start, end, &other->node);
}

/* The segment gets the frames of the one above it, which leaves and reads as
 * empty. */
void
physseg_index_join(struct physseg_map *map, struct physseg_record *rec,
    struct physseg_record *upper)
{
	field_wait(map, rec, END);
	map->active->join(map->active_index, &rec->node, &upper->node);
	physseg_record_empty(upper);
}

/* ---- searching ---- */

struct physseg_node *
physseg_index_from(const struct physseg_map *map, physseg_pfn_t pfn)
{
	struct physseg_node *node = NULL, *best = NULL;

	if (physseg_has(map, PHYSSEG_SORTED))
		return pfn < PHYSSEG_NOFRAME
		    ? physseg_index_find(map, pfn, PHYSSEG_NOFRAME)
		    : NULL;
	while ((node = physseg_index_next(map, node)) != NULL)
		if (node->end > pfn &&
		    (best == NULL || node->start < best->start))
			best = node;
	return best;
}
