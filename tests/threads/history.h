/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/threads/history.h -- what readers were told while a writer changed a
 * map, and whether it was true.
 *
 * Readers and the writer write down each call with two times, of one clock that
 * each of them moves on: when it was called, and when it had returned.  The
 * writer adds which segments the map has after the call.  The checker then
 * looks for a moment in each reader's call at which its answer was right:
 *
 *  - The answer is that of a state which the map may have had during the call:
 *    not one that was over before, and not one that began only later.
 *  - Nobody goes back: if one call has returned that saw a frame after a
 * change, no later call of this kind sees it before.
 *  - A page structure that was found is its frame's until the section is left
 *    in which it was found: the change that takes it away returns later.
 *
 * Calls of one reader, and changes, do not overlap.  So the checker walks once
 * through all calls in the order of their times, and gives each the earliest
 * state that is possible.  That takes linear time, and is exact: an earlier
 * state never forbids a later call anything.
 *
 * BETWEEN.  Readers without a lock may see a change half done: a segment is cut
 * at one end and not yet at the other.  Such an answer is accepted during the
 * change if each of its bounds is one that the change begins with, ends with,
 * or is asked for, and everything else is as before or after it.
 *
 * History is made in rounds, so that any length of it can be checked: all
 * threads stop, history_check is called, and history_next_round.
 */
#ifndef TESTS_HISTORY_H
#define TESTS_HISTORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/types.h>

#define HISTORY_READERS 4 /* at most */

/* A segment of a state of the map. */
struct history_segment {
	physseg_pfn_t start, end;
	uintptr_t handle;
	uintptr_t page;	     /* structure of `start'; 0: it has none */
	unsigned attributes; /* all others, the state among them */
};

/* Some segments of history->segments, in order of address. */
struct history_state {
	size_t first, n;
};

/* A call of the writer, and the state after it. */
struct history_change {
	size_t called, returned;
	physseg_pfn_t pfn, n; /* its range; n is 0: it has none */
	const char *name;
	int error;
	struct history_state state;
};

enum history_question {
	HISTORY_PAGE,	/* physseg_page, physseg_pages: yes, page */
	HISTORY_FIND,	/* physseg_find: yes, handle, start */
	HISTORY_LOOKUP, /* physseg_lookup: yes, and all fields */
	HISTORY_VALID,	/* physseg_valid of `handle': yes */
	HISTORY_COVERS	/* physseg_covers of `pfn', `n', `online': yes, start
			 * is the frame that is missing */
};

/* A call of a reader: what was asked, and what it was told. */
struct history_call {
	enum history_question question;
	physseg_pfn_t pfn, n;
	bool online;
	bool yes;
	physseg_pfn_t start, end;
	uintptr_t handle, page;
	unsigned attributes;
	size_t called, returned;
	size_t left;  /* when its section was; 0: `page' was not kept */
	size_t least; /* the checker's: no state before this one */
};

/* The calls of a reader, in order.  Several with one time of calling were one
 * call that answered several questions. */
struct history_log {
	struct history_call *calls;
	size_t n;
	size_t nleft; /* of sections that were left */
};

struct history {
	/* For the checker. */
	bool between;	  /* readers take no lock */
	bool joins;	  /* segments are joined: handles come and go */
	size_t page_size; /* bytes of a page structure */
	physseg_pfn_t base, frames;

	/* The round. */
	atomic_size_t clock;
	struct history_log logs[HISTORY_READERS];
	size_t room;			/* of each log */
	struct history_change *changes; /* the first is the state before */
	size_t nchanges, changes_room;
	struct history_segment *segments;
	size_t nsegments, segments_room;

	/* The checker's. */
	size_t *seen[HISTORY_LOOKUP + 1]; /* the last state of each frame */
	size_t begun, ended;

	/* Of all rounds. */
	unsigned long checked; /* calls of readers, */
	unsigned long met;     /* and those that met a change */
};

/* Logs of `room' calls, `changes' in a round, and no more than `segments' in
 * all of its states, about these frames. */
void history_init(struct history *h, size_t room, size_t changes,
    size_t segments, physseg_pfn_t base, physseg_pfn_t frames);
void history_fini(struct history *h);

/* The clock's time, which is nobody else's. */
size_t history_now(struct history *h);

/* The next `n' calls of a reader's log, which begin now; NULL: it is full. */
struct history_call *history_call(struct history *h, size_t reader, size_t n);

/* The reader leaves its section, in which it has kept what it found, or not. */
void history_leave(struct history *h, size_t reader, bool kept);

/* The writer begins to change something; NULL: the round is over. */
struct history_change *history_change(
    struct history *h, const char *name, physseg_pfn_t pfn, physseg_pfn_t n);

/* The state of the map after the last change: its next segment, or as before
 * that change. */
void history_segment(struct history *h, const struct history_segment *segment);
void history_same(struct history *h);

/* The segments of a state, and that which has a frame; NULL: none does. */
const struct history_segment *history_segments(
    const struct history *h, const struct history_state *state);
const struct history_segment *history_find(const struct history *h,
    const struct history_state *state, physseg_pfn_t pfn);

/* Is every answer of the round right?  If not, print the first that is wrong:
 * the call, and the states of the frame meanwhile.  All threads have stopped.
 */
bool history_check(struct history *h);

/* Go on with the last state, and an empty log. */
void history_next_round(struct history *h);

#endif /* TESTS_HISTORY_H */
