/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/radix/arena.h -- a host whose memory can be put back to any state that
 * it had while a map in it was changed.
 *
 * All memory of the map lies in one array of words.  While it is recorded,
 * every ordered store of the library (stepped.h), every call of `sync', every
 * allocation and every free ends a state: the words that differ from the state
 * before are written down.  One ordered store is a state of its own, so each
 * of these words is known to have been written in order, or plainly.
 *
 * What is freed or decommitted is overwritten.  What was freed last is given
 * out first.
 */
#ifndef TESTS_ARENA_H
#define TESTS_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/host.h>

/* A page structure.  No two that page_init made are alike. */
struct arena_page {
	physseg_pfn_t pfn;
	uintptr_t serial;
};

/* A word that is different from `state' on. */
struct arena_change {
	size_t word;
	size_t state;
	uintptr_t was, is;
	bool plain;		    /* not written by an ordered store */
	struct arena_change *again; /* the next of this word */
};

/* A call of `sync'. */
struct arena_sync {
	size_t state; /* it was called in this one */
	size_t mark;  /* arena_mark was this then */
};

#define ARENA_SYNCS 64

extern size_t arena_now;  /* the memory is in this state */
extern size_t arena_last; /* the last state there is */
extern size_t arena_mark; /* the test's own */
extern struct arena_sync arena_syncs[ARENA_SYNCS];
extern size_t arena_nsyncs;
extern size_t arena_refuse; /* the arena_refuse-th allocation from now on
			     * fails, and all after it; 0: none */

/* lock, unlock and log are not in it. */
extern const struct physseg_host arena_host;

/* Nothing is allocated, nothing recorded. */
void arena_reset(void);
void *arena_alloc(size_t size);
bool arena_is_full(void); /* nearly */

/* Record from here: the memory as it is becomes state 0. */
void arena_start(void);

/* Interrupt it, and go on.  The memory must be in the last state. */
void arena_pause(void);
void arena_resume(void);

/* While it is not recorded: put the memory into a state. */
void arena_go(size_t state);

/* The first change of the word at an address that came after a state; NULL:
 * there is none, or the address is not in the arena. */
const struct arena_change *arena_changed(const volatile void *at, size_t after);

#endif /* TESTS_ARENA_H */
