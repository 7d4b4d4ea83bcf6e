/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * record.c -- segment records: their memory, generations and handles.
 *
 * At boot there is no allocator, so records come from an array in the boot
 * storage, from its start upwards (the paper, 6.1, "the init dance").  While
 * the map runs, the records that boot left over are used first.  After that
 * they come in chunks from the host.  Records are numbered in this order.  They
 * never move, and their memory stays record memory until the map is destroyed.
 * So a few steps lead from a number to its record, and a handle of a former
 * segment is compared with memory that is valid to read.
 *
 * A record that was taken and not used is given back: the last one makes way,
 * another one is idle, until it is the last or is taken again.
 *
 * A handle (base/handle.h) has the number of a record and a generation, which
 * is odd while the record is a live segment.  It grows by one when the record
 * becomes a segment and when it stops being one.  So no two segments have the
 * same handle, and no handle is 0.  A record whose generations are used up is
 * not used again: that wastes its memory, but no old handle ever names a new
 * segment.
 *
 * On a backend whose handles are positions, no program sees the handle in the
 * record, so its generation only tells whether it is live.
 *
 * All chunks have the same small size, because the memory that a plug takes
 * should be in proportion to what is plugged.  Chunks that double in size would
 * take megabytes for the plug that crosses a power of two.  The levels of the
 * directory (base/directory.h) double in length instead.  A level never moves,
 * because a reader may be using it.
 *
 * A record that is freed at boot is used again only after the switch.  The
 * original does the same.  Records that stand for array slots are used again
 * together with their slot.
 */
#include "engine.h"

#define CHUNK_RECORDS 16

static size_t
chunk_size(const struct physseg_map *map)
{
	return CHUNK_RECORDS * map->record_size + PHYSSEG_ALIGN - 1;
}

/* The place of the i-th chunk in the directory, and the number of its level.
 * NULL: there is no such level yet. */
static char **
chunk_slot(const struct physseg_map *map, size_t i, unsigned *level)
{
	*level = physseg_directory_level(i);
	i -= physseg_directory_start(*level);
	return map->directory[*level] == NULL ? NULL
					      : &map->directory[*level][i];
}

static size_t
level_size(unsigned level)
{
	return physseg_directory_length(level) * sizeof(char *);
}

/* The record with number `i', in the host's memory. */
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
 * Get memory for records: at boot from the boot array, while running from the
 * host.
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

/* Memory of the boot array is only checked: it stays in the array.  The whole
 * array cannot be freed. */
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

/* Get the chunk whose first record has the number nrecords. */
static int
chunk_add(struct physseg_map *map)
{
	size_t i = (map->nrecords - map->nboot) / CHUNK_RECORDS;
	unsigned level;
	char **slot;
	bool grown;
	void *mem;
	int error;

	if (map->nrecords >= PHYSSEG_RECORDS_MAX ||
	    i >= physseg_directory_start(PHYSSEG_DIR_LEVELS))
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

/* Make one more record. */
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

/* Whether nobody has the record, which never was a segment. */
#define IDLE(rec) ((rec)->node.link.word[1])

/* Some idle record. */
static struct physseg_record *
idle_get(struct physseg_map *map)
{
	size_t i = map->nrecords;
	struct physseg_record *rec;

	do
		rec = physseg_record_at(map, --i);
	while (rec->handle >= PHYSSEG_GENERATION || !IDLE(rec));
	IDLE(rec) = false;
	map->nidle--;
	return rec;
}

/* Get a record that is not a segment yet. */
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
	if (map->nidle > 0) {
		*rec = idle_get(map);
		return PHYSSEG_OK;
	}
	if ((error = record_new(map)) != PHYSSEG_OK)
		return error;
	*rec = physseg_record_at(map, map->nrecords - 1); /* zeroed */
	(*rec)->handle = map->nrecords - 1;
	(*rec)->claimed = PHYSSEG_CLOSED;
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

/* Undo physseg_record_get, and give back what it took from the host. */
void
physseg_record_unreserve(struct physseg_map *map, struct physseg_record *rec)
{
	if (rec->handle >= PHYSSEG_GENERATION) {
		free_push(map, rec);
		return;
	}
	IDLE(rec) = true;
	map->nidle++;
	while (map->nidle > 0) {
		rec = physseg_record_at(map, map->nrecords - 1);
		if (rec->handle >= PHYSSEG_GENERATION || !IDLE(rec))
			break;
		IDLE(rec) = false;
		map->nidle--;
		map->nrecords--;
		if (at_chunk_start(map))
			chunk_drop(map);
	}
}

bool
physseg_record_live(const struct physseg_record *rec)
{
	return physseg_handle_live(rec->handle);
}

/*
 * From now on the record's handle names a segment.
 *
 * A reader may have found the record, as an earlier segment, by a hint
 * (backend_radix.h).  It reads the end first.  Until the last of these stores
 * the end is 0, and the reader finds the record empty.  After it, the reader
 * finds the whole new segment.
 *
 * Readers never dereference a record of the host's memory that is numbered >=
 * nborn: it was never live, and its chunk may still be freed.
 */
void
physseg_record_publish(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end)
{
	const uintptr_t number = physseg_handle_number(rec->handle);

	if (number >= map->nborn)
		physseg_atomic_store(&map->nborn, number + 1);
	physseg_atomic_store(&rec->handle, physseg_handle_next(rec->handle));
	physseg_atomic_store_pfn(&rec->node.start, start);
	physseg_atomic_store_pfn(&rec->node.end, end);
}

/* The segment has left the index.  Make its record read as empty, before the
 * engine waits for readers: a reader that begins during the wait must find no
 * frame in it. */
void
physseg_record_empty(struct physseg_record *rec)
{
	physseg_atomic_store_pfn(&rec->node.end, 0);
}

/* No reader uses the segment any more.  From now on its handle names nothing,
 * and the record can be used again. */
void
physseg_record_retire(struct physseg_map *map, struct physseg_record *rec)
{
	uintptr_t handle = physseg_handle_next(rec->handle);

	if (physseg_has(map, PHYSSEG_POSITION))
		handle = 2 * PHYSSEG_GENERATION + physseg_handle_number(handle);
	physseg_atomic_store(&rec->handle, handle);
	memset((char *)rec + offsetof(struct physseg_record, avail), 0,
	    map->record_size - offsetof(struct physseg_record, avail));
	physseg_atomic_store(&rec->claimed, PHYSSEG_CLOSED);
	if (handle >= PHYSSEG_GENERATION)
		free_push(map, rec);
	else
		IDLE(rec) = false; /* used up: it is nobody's for ever */
}

/* Give back all memory that came from the host. */
void
physseg_record_fini(struct physseg_map *map)
{
	unsigned level;
	char **slot;
	size_t i;

	for (level = 0; level < PHYSSEG_DIR_LEVELS; level++) {
		if ((slot = map->directory[level]) == NULL)
			break;
		for (i = 0; i < physseg_directory_length(level); i++)
			if (slot[i] != NULL)
				physseg_host_free(
				    map, slot[i], chunk_size(map));
		physseg_host_free(map, slot, level_size(level));
		map->directory[level] = NULL;
	}
}
