/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * memory.h -- a guest's physical memory.  All that this VMM knows of libphysseg
 * is behind it, in memory.c.
 *
 * Addresses are guest-physical, in bytes.  Functions that return an int return
 * 0 or one of libphysseg's errors.  Every function but the first two may be
 * called from any thread.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "accel.h"

/* Memory comes and goes in blocks of so many bytes. */
#define MEMORY_BLOCK ((uint64_t)1 << 20)

struct physseg_map;
struct physseg_reason;
struct physseg_removal;

struct memory {
	struct physseg_map *map;
	pthread_mutex_t lock; /* of changes: of the map and of what follows */
	const struct accel *accel;
	struct vm *vm;
	bool used[SLOTS];

	/* What leaves, in bytes, if there is a removal.  `written' has a byte
	 * for each page: the guest has written to it since the begin. */
	struct physseg_removal *removal;
	uint64_t leaving;
	uint64_t leaving_size;
	unsigned char *written;

	/* Readers in a section: memory.c. */
	atomic_uint turn;
	atomic_uint readers[2];
};

/* No memory yet, of a machine; and no more, of a machine that runs no more. */
int memory_init(struct memory *m, const struct accel *accel, struct vm *vm);
void memory_fini(struct memory *m);

/* Plug [address, address + size), zeroed.  The guest may be running. */
int memory_plug(struct memory *m, uint64_t address, uint64_t size);

/*
 * Unplug [address, address + size).  From the begin on the guest shall not
 * write to it any more.  If it does, the commit is refused with EINUSE: what it
 * has written is in use.  The removal is then still open, to be committed later
 * or cancelled.  One at a time is open.  After an error *reason says why.
 *
 * During a commit the guest may be running if whole segments leave.  Else its
 * processor must be stopped: a slot cannot shrink, so it goes, and what is left
 * comes back in slots of its own.
 */
int memory_unplug_begin(struct memory *m, uint64_t address, uint64_t size,
    struct physseg_reason *reason);
int memory_unplug_commit(struct memory *m, struct physseg_reason *reason);
void memory_unplug_cancel(struct memory *m);

/* All of that at once. */
int memory_unplug(struct memory *m, uint64_t address, uint64_t size);

/* Read or write an aligned word; false: there is no memory.  A load takes no
 * lock, and never waits, where a frame number is no wider than a pointer. */
bool memory_load(struct memory *m, uint64_t address, uint32_t *word);
bool memory_store(struct memory *m, uint64_t address, uint32_t word);

/* Write the segments to standard output, each line after `prefix'. */
void memory_show(struct memory *m, const char *prefix);

/* NULL, or what is wrong: with the map, or between it and the slots. */
const char *memory_check(struct memory *m);

#endif /* MEMORY_H */
