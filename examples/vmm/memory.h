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
#include <stdbool.h>
#include <stdint.h>

#include "accel.h"

struct physseg_map;

struct memory {
	struct physseg_map *map;
	pthread_mutex_t lock; /* of the map and the slots */
	const struct accel *accel;
	struct vm *vm;
	bool used[SLOTS];
};

/* No memory yet, of a machine; and no more, of a machine that runs no more. */
int memory_init(struct memory *m, const struct accel *accel, struct vm *vm);
void memory_fini(struct memory *m);

/* Plug [address, address + size), zeroed.  The guest may be running. */
int memory_plug(struct memory *m, uint64_t address, uint64_t size);

/*
 * Unplug [address, address + size), which lies in what was plugged in one
 * piece.  The guest may be running if it is all of a segment.  Else its
 * processor must be stopped: a slot cannot shrink, so it goes, and what is left
 * comes back in slots of its own.
 */
int memory_unplug(struct memory *m, uint64_t address, uint64_t size);

/* Read or write an aligned word; false: there is no memory. */
bool memory_load(struct memory *m, uint64_t address, uint32_t *word);
bool memory_store(struct memory *m, uint64_t address, uint32_t word);

/* Write the segments to standard output, each line after `prefix'. */
void memory_show(struct memory *m, const char *prefix);

/* NULL, or what is wrong: with the map, or between it and the slots. */
const char *memory_check(struct memory *m);

#endif /* MEMORY_H */
