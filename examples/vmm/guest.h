/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * guest.h -- a guest: a machine, its memory, and the thread that runs it and
 * deals with what it leaves for.
 */
#ifndef GUEST_H
#define GUEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "memory.h"
#include "program.h"

struct guest {
	int number;
	const struct accel *accel;
	struct vm *vm;
	struct memory memory;
	pthread_t thread;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	bool done;	/* with the command */
	bool hold;	/* the processor shall not run on, */
	bool held;	/* and does not */
	bool over;	/* the guest has halted, or cannot go on */
	bool halted;	/* it has halted */
	uint32_t value; /* the answer to the command */
	/* What the guest has left for since guest_counted. */
	struct left {
		unsigned reads, writes; /* outside of its memory */
		unsigned strange;	/* for nothing it should */
		bool dma;		/* the device could read */
		uint32_t word;		/* and read this */
	} left;
};

/* A machine without memory; false: said why. */
bool guest_create(struct guest *g, const struct accel *accel, int number);
void guest_destroy(struct guest *g);

/* Put the program into its memory, and run. */
bool guest_start(struct guest *g);

/* Have the guest do something and wait for it; false: it is no more. */
bool guest_ask(struct guest *g, enum command command, uint64_t address,
    uint32_t pages, uint32_t value, uint32_t *answer);

/* Keep the processor from running until guest_go. */
bool guest_stop(struct guest *g);
void guest_go(struct guest *g);

/* Halt it; true: it did. */
bool guest_halt(struct guest *g);

/* What it left for since the last call. */
struct left guest_counted(struct guest *g);

/* A line of output about it. */
#if defined(__GNUC__)
__attribute__((__format__(__printf__, 2, 3)))
#endif
void
guest_say(const struct guest *g, const char *format, ...);

#endif /* GUEST_H */
