/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * record.c -- segment records: their memory, generations and handles.
 *
 * At boot there is no allocator, so records come from an array in the boot
 * storage, handed out from its start (the paper, 6.1, "the init dance").
 * While the map runs they come in chunks from the host, after those that boot
 * left over.  Records are numbered in this order and never move or vanish
 * before the map does: number to record is a few steps, and a handle that
 * names a segment of the past is compared with memory that is still a record.
 *
 * handle = generation << PHYSSEG_INDEX_BITS | number.  The generation is odd
 * while the record is a live segment and grows by one when it becomes one and
 * when it is one no more, so no two lives share a handle, and 0 is never one.
 * A record whose last generation died is left alone for ever: that loses its
 * memory, rather than let an old handle name a new segment.
 *
 * On a backend whose handles are positions the record's own handle is not
 * shown to anybody; such records are born and die without counting.
 *
 * Chunks are small and alike, because a hot plug must cost memory in proportion
 * to what is plugged: chunks that double would take megabytes for the plug that
 * crosses a power of two.  The directory's levels double instead, and never
 * move, for a reader may be in them.
 *
 * A record freed at boot is not handed out again before the switch, as in the
 * original: nothing but the bounds of the array is relied on that early.
 * Where records stand for array slots they are reused with their slot.
 */
#include "engine.h"

#define CHUNK_RECORDS 64
#define DIR_FIRST     8 /* chunks on the first level of the directory */

static size_t
chunk_size(const struct physseg_map *map)
{
	return CHUNK_RECORDS * map->record_size + PHYSSEG_ALIGN - 1;
}

/* The place in the directory of the i-th chunk. */
static char **
chunk_slot(const struct physseg_map *map, size_t i, unsigned *level)
{
	size_t length = DIR_FIRST;

	for (*level = 0; i >= length; length *= 2) {
		i -= length;
		(*level)++;
	}
	return map->directory[*level] == NULL ? NULL
					      : &map->directory[*level][i];
}

static size_t
level_size(unsigned level)
{
	return ((size_t)DIR_FIRST << level) * sizeof(char *);
}

/* The record of number `i', which the host gave memory for. */
struct physseg_record *
physseg_record_in_chunk(const struct physseg_map *map, size_t i)
{
	unsigned level;
	char *chunk;

	i -= map->nboot;
	chunk = *chunk_slot(map, i / CHUNK_RECORDS, &level);
	chunk += physseg_round_up((uintptr_t)chunk) - (uintptr_t)chunk;
	return (void *)(chunk + i % CHUNK_RECORDS * map->record_size);
}

size_t
physseg_record_size(const struct physseg_map *map)
{
	return map->record_size;
}

/*
 * Memory for records: at boot a run of them out of the boot array, while
 * running any size from the host.
 */
int
physseg_record_alloc(struct physseg_map *map, size_t size, void **mem)
{
	if (physseg_is_running(map)) {
		*mem = physseg_host_alloc(map, size);
		return *mem == NULL ? PHYSSEG_ENOMEM : PHYSSEG_OK;
	}
	if (size == 0 || size % map->record_size != 0)
		return PHYSSEG_EINVAL;
	if (map->nrecords >= map->nboot ||
	    size / map->record_size > map->nboot - map->nrecords)
		return PHYSSEG_ENOSLOT;
	*mem = physseg_record_at(map, map->nrecords);
	map->nrecords += size / map->record_size;
	return PHYSSEG_OK;
}

/* Boot memory is checked and kept; the array as a whole cannot be freed. */
int
physseg_record_free(struct physseg_map *map, void *mem, size_t size)
{
	const size_t all = map->nboot * map->record_size;
	const bool boot = (uintptr_t)mem - (uintptr_t)map->boot_records < all;

	if (physseg_is_running(map)) {
		if (!boot)
			physseg_host_free(map, mem, size);
		return PHYSSEG_OK;
	}
	if (!boot || size == 0 || size % map->record_size != 0 || size >= all)
		return PHYSSEG_EINVAL;
	return PHYSSEG_OK;
}

/* Make room for record number nrecords, the first of a new chunk. */
static int
chunk_add(struct physseg_map *map)
{
	size_t i = (map->nrecords - map->nboot) / CHUNK_RECORDS;
	unsigned level;
	char **slot;
	bool grown;
	void *mem;
	int error;

	if (map->nrecords >= PHYSSEG_RECORDS_MAX)
		return PHYSSEG_ENOMEM;
	slot = chunk_slot(map, i, &level);
	grown = slot == NULL;
	if (grown) {
		map->directory[level] =
		    physseg_host_alloc(map, level_size(level));
		if (map->directory[level] == NULL)
			return PHYSSEG_ENOMEM;
		slot = chunk_slot(map, i, &level);
	}
	error = physseg_record_alloc(map, chunk_size(map), &mem);
	if (error == PHYSSEG_OK)
		*slot = mem;
	else if (grown) {
		physseg_host_free(
		    map, map->directory[level], level_size(level));
		map->directory[level] = NULL;
	}
	return error;
}

/* Undo chunk_add. */
static void
chunk_drop(struct physseg_map *map)
{
	size_t i = (map->nrecords - map->nboot) / CHUNK_RECORDS;
	unsigned level;
	char **slot = chunk_slot(map, i, &level);

	physseg_host_free(map, *slot, chunk_size(map));
	*slot = NULL;
	if (slot == map->directory[level]) {
		physseg_host_free(
		    map, map->directory[level], level_size(level));
		map->directory[level] = NULL;
	}
}

/* Is record number nrecords the first of a chunk? */
static bool
at_chunk_start(const struct physseg_map *map)
{
	return map->nrecords >= map->nboot &&
	    (map->nrecords - map->nboot) % CHUNK_RECORDS == 0;
}

/* One record more. */
static int
record_new(struct physseg_map *map)
{
	void *mem;
	int error;

	if (!physseg_is_running(map))
		return physseg_record_alloc(map, map->record_size, &mem);
	if (at_chunk_start(map) && (error = chunk_add(map)) != PHYSSEG_OK)
		return error;
	map->nrecords++;
	return PHYSSEG_OK;
}

/* A record to make a segment of, without a life yet. */
int
physseg_record_get(struct physseg_map *map, struct physseg_record **rec)
{
	int error;

	*rec = map->free_records;
	if (*rec != NULL &&
	    (physseg_is_running(map) || physseg_has(map, PHYSSEG_POSITION))) {
		map->free_records = (*rec)->node.link.ptr[0];
		return PHYSSEG_OK;
	}
	if ((error = record_new(map)) != PHYSSEG_OK)
		return error;
	*rec = physseg_record_at(map, map->nrecords - 1); /* zeroed */
	(*rec)->handle = map->nrecords - 1;
	return PHYSSEG_OK;
}

/* How many records can be had before the switch. */
size_t
physseg_record_room(const struct physseg_map *map)
{
	const struct physseg_record *rec = NULL;
	size_t n = map->nrecords < map->nboot ? map->nboot - map->nrecords : 0;

	if (physseg_has(map, PHYSSEG_POSITION))
		rec = map->free_records;
	for (; rec != NULL; rec = rec->node.link.ptr[0])
		n++;
	return n;
}

static void
free_push(struct physseg_map *map, struct physseg_record *rec)
{
	rec->node.link.ptr[0] = map->free_records;
	map->free_records = rec;
}

/* Undo physseg_record_get, to the last byte taken from the host. */
void
physseg_record_unreserve(struct physseg_map *map, struct physseg_record *rec)
{
	if (rec->handle >= PHYSSEG_GENERATION) {
		free_push(map, rec);
		return;
	}
	map->nrecords--;
	if (at_chunk_start(map))
		chunk_drop(map);
}

bool
physseg_record_live(const struct physseg_record *rec)
{
	return (rec->handle & PHYSSEG_GENERATION) != 0;
}

/*
 * From now on the record's handle names a segment.  A reader may have the
 * record from an earlier life, but only by way of a guess (backend_radix.h: a
 * hint).  Such a reader asks for the end first and finds the record empty until
 * the last of these stores; from then on it finds the new segment, whole.
 * Readers never dereference a record of the host's memory that is numbered >=
 * nborn: it was never live, and its chunk may still be freed.
 */
void
physseg_record_publish(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end)
{
	const uintptr_t number = rec->handle & PHYSSEG_RECORDS_MAX;

	if (number >= map->nborn)
		physseg_atomic_store(&map->nborn, number + 1);
	physseg_atomic_store(&rec->handle, rec->handle + PHYSSEG_GENERATION);
	physseg_atomic_store_pfn(&rec->node.start, start);
	physseg_atomic_store_pfn(&rec->node.end, end);
}

/* The segment left the index.  Before anybody waits for readers the record
 * reads as empty, so that whoever begins meanwhile finds no frame in it. */
void
physseg_record_empty(struct physseg_record *rec)
{
	physseg_atomic_store_pfn(&rec->node.end, 0);
}

/* No reader is in the segment any more: its handle names nothing, and the
 * record can be used again. */
void
physseg_record_retire(struct physseg_map *map, struct physseg_record *rec)
{
	uintptr_t handle = rec->handle + PHYSSEG_GENERATION;

	if (physseg_has(map, PHYSSEG_POSITION))
		handle =
		    2 * PHYSSEG_GENERATION | (handle & PHYSSEG_RECORDS_MAX);
	physseg_atomic_store(&rec->handle, handle);
	memset((char *)rec + offsetof(struct physseg_record, avail), 0,
	    map->record_size - offsetof(struct physseg_record, avail));
	if (handle >= PHYSSEG_GENERATION)
		free_push(map, rec);
}

/* Everything that came from the host goes back there. */
void
physseg_record_fini(struct physseg_map *map)
{
	unsigned level;
	char **slot;
	size_t i;

	for (level = 0; level < PHYSSEG_DIR_LEVELS; level++) {
		if ((slot = map->directory[level]) == NULL)
			break;
		for (i = 0; i < (size_t)DIR_FIRST << level; i++)
			if (slot[i] != NULL)
				physseg_host_free(
				    map, slot[i], chunk_size(map));
		physseg_host_free(map, slot, level_size(level));
		map->directory[level] = NULL;
	}
}
