/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/threads/history.c -- see history.h.
 *
 * States are numbered: 2 * k is the state after k changes, 2 * k - 1 is the
 * time in which the k-th is half done.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"
#include "support.h"

/* ---- recording ---- */

static void *
zeroed(size_t n, size_t size)
{
	void *p = calloc(n, size);

	test_assert(p != NULL);
	return p;
}

void
history_init(struct history *h, size_t room, size_t changes, size_t segments,
    physseg_pfn_t base, physseg_pfn_t frames)
{
	*h = (struct history){ .room = room,
		.changes_room = changes + 1,
		.segments_room = segments,
		.base = base,
		.frames = frames,
		.nchanges = 1 };
	h->changes = zeroed(changes + 1, sizeof(*h->changes));
	h->changes[0].name = "before";
	h->segments = zeroed(segments, sizeof(*h->segments));
	for (size_t i = 0; i < HISTORY_READERS; i++)
		h->logs[i].calls = zeroed(room, sizeof(struct history_call));
	for (size_t i = 0; i <= HISTORY_LOOKUP; i++)
		h->seen[i] = zeroed((size_t)frames, sizeof(size_t));
}

void
history_fini(struct history *h)
{
	free(h->changes);
	free(h->segments);
	for (size_t i = 0; i < HISTORY_READERS; i++)
		free(h->logs[i].calls);
	for (size_t i = 0; i <= HISTORY_LOOKUP; i++)
		free(h->seen[i]);
}

/* What a thread did before is before it, and what it does later is not. */
size_t
history_now(struct history *h)
{
	return atomic_fetch_add_explicit(&h->clock, 1, memory_order_acq_rel) +
	    1;
}

struct history_call *
history_call(struct history *h, size_t reader, size_t n)
{
	struct history_log *log = &h->logs[reader];
	struct history_call *first = log->calls + log->n;
	size_t now;

	if (h->room - log->n < n)
		return NULL;
	log->n += n;
	now = history_now(h);
	for (size_t i = 0; i < n; i++)
		first[i] = (struct history_call){ .called = now };
	return first;
}

void
history_leave(struct history *h, size_t reader, bool kept)
{
	struct history_log *log = &h->logs[reader];
	size_t now;

	if (log->nleft == log->n)
		return;
	now = kept ? history_now(h) : 0;
	while (log->nleft < log->n)
		log->calls[log->nleft++].left = now;
}

struct history_change *
history_change(
    struct history *h, const char *name, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct history_change *change = &h->changes[h->nchanges];

	if (h->nchanges == h->changes_room)
		return NULL;
	h->nchanges++;
	*change = (struct history_change){ .name = name,
		.pfn = pfn,
		.n = n,
		.state = { h->nsegments, 0 },
		.called = history_now(h) };
	return change;
}

void
history_segment(struct history *h, const struct history_segment *segment)
{
	test_assert(h->nsegments < h->segments_room);
	h->segments[h->nsegments++] = *segment;
	h->changes[h->nchanges - 1].state.n++;
}

void
history_same(struct history *h)
{
	struct history_state *state = &h->changes[h->nchanges - 1].state;

	h->nsegments = state->first;
	*state = h->changes[h->nchanges - 2].state;
}

void
history_next_round(struct history *h)
{
	const struct history_change last = h->changes[h->nchanges - 1];

	memmove(h->segments, h->segments + last.state.first,
	    last.state.n * sizeof(*h->segments));
	h->nsegments = last.state.n;
	h->changes[0] = (struct history_change){ .name = "before",
		.state = { 0, last.state.n } };
	h->nchanges = 1;
	atomic_store(&h->clock, 0);
	for (size_t i = 0; i < HISTORY_READERS; i++)
		h->logs[i].n = h->logs[i].nleft = 0;
}

/* ---- states ---- */

const struct history_segment *
history_segments(const struct history *h, const struct history_state *state)
{
	return h->segments + state->first;
}

const struct history_segment *
history_find(const struct history *h, const struct history_state *state,
    physseg_pfn_t pfn)
{
	const struct history_segment *segments = history_segments(h, state);
	size_t lo = 0, hi = state->n, middle;

	while (lo < hi) {
		middle = lo + (hi - lo) / 2;
		if (segments[middle].end <= pfn)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo < state->n && segments[lo].start <= pfn ? &segments[lo]
							  : NULL;
}

static const struct history_segment *
find_handle(const struct history *h, const struct history_state *state,
    uintptr_t handle)
{
	const struct history_segment *segments = history_segments(h, state);

	for (size_t i = 0; i < state->n; i++)
		if (segments[i].handle == handle)
			return &segments[i];
	return NULL;
}

static uintptr_t
page_in(const struct history *h, const struct history_segment *segment,
    physseg_pfn_t pfn)
{
	return segment == NULL || segment->page == 0
	    ? 0
	    : segment->page + (uintptr_t)(pfn - segment->start) * h->page_size;
}

static uintptr_t
page_at(const struct history *h, size_t k, physseg_pfn_t pfn)
{
	return page_in(h, history_find(h, &h->changes[k].state, pfn), pfn);
}

/* ---- half done ---- */

/* The frames of the segments that the k-th change cuts or joins: of those in
 * its range and beside it, before it and after it. */
static bool
is_near(const struct history *h, size_t k, physseg_pfn_t pfn)
{
	const struct history_change *change = &h->changes[k];
	physseg_pfn_t lo = change->pfn, hi = lo + change->n;
	const struct history_segment *segment;
	const struct history_state *state;

	if (change->n == 0)
		return false;
	/* Those before it once more: joined may be some farther away. */
	for (int pass = 0; pass < 3; pass++) {
		state = &h->changes[pass == 1 ? k : k - 1].state;
		segment = history_segments(h, state);
		for (size_t i = 0; i < state->n; i++, segment++) {
			if (segment->end < lo || segment->start > hi)
				continue;
			lo = segment->start < lo ? segment->start : lo;
			hi = segment->end > hi ? segment->end : hi;
		}
	}
	return pfn >= lo && pfn <= hi;
}

static bool
is_bound(const struct history *h, size_t k, physseg_pfn_t pfn)
{
	const struct history_change *change = &h->changes[k];
	const struct history_segment *segment;

	if (pfn == change->pfn || pfn == change->pfn + change->n)
		return true;
	for (const struct history_change *c = change - 1; c <= change; c++) {
		segment = history_segments(h, &c->state);
		for (size_t i = 0; i < c->state.n; i++, segment++)
			if (segment->start == pfn || segment->end == pfn)
				return is_near(h, k, pfn);
	}
	return false;
}

/* A handle of a segment that the change cuts or joins.  One that is made and
 * joined in one change is in no state; but then it is nobody else's. */
static bool
may_be_handle(const struct history *h, size_t k, uintptr_t handle)
{
	const struct history_segment *before =
	    find_handle(h, &h->changes[k - 1].state, handle);
	const struct history_segment *after =
	    find_handle(h, &h->changes[k].state, handle);

	if (before == NULL && after == NULL)
		return handle != 0 && h->joins;
	return (before == NULL || is_near(h, k, before->start)) &&
	    (after == NULL || is_near(h, k, after->start));
}

static bool
is_like(const struct history *h, const struct history_segment *segment,
    const struct history_call *call)
{
	return segment != NULL && call->attributes == segment->attributes &&
	    call->page == page_in(h, segment, call->pfn);
}

static bool
is_half(const struct history *h, size_t k, const struct history_call *call)
{
	const struct history_segment *before, *after;

	if (!h->between || !call->yes)
		return false;
	if (call->question == HISTORY_VALID)
		return find_handle(h, &h->changes[k - 1].state, call->handle) ==
		    NULL &&
		    may_be_handle(h, k, call->handle);
	if (call->question != HISTORY_FIND && call->question != HISTORY_LOOKUP)
		return false;
	before = history_find(h, &h->changes[k - 1].state, call->pfn);
	after = history_find(h, &h->changes[k].state, call->pfn);
	if ((before == NULL && after == NULL) || !is_near(h, k, call->pfn) ||
	    !may_be_handle(h, k, call->handle) || call->start > call->pfn ||
	    !is_bound(h, k, call->start))
		return false;
	return call->question == HISTORY_FIND ||
	    (call->end > call->pfn && is_bound(h, k, call->end) &&
		(is_like(h, before, call) || is_like(h, after, call)));
}

/* ---- is it right? ---- */

/* Is it the answer in the state after `k' changes? */
static bool
is_whole(const struct history *h, size_t k, const struct history_call *call)
{
	const struct history_state *state = &h->changes[k].state;
	const struct history_segment *segment;

	if (call->question == HISTORY_VALID)
		return call->yes ==
		    (find_handle(h, state, call->handle) != NULL);
	segment = history_find(h, state, call->pfn);
	if (call->question == HISTORY_PAGE)
		return call->yes == (page_in(h, segment, call->pfn) != 0) &&
		    (!call->yes ||
			call->page == page_in(h, segment, call->pfn));
	if (!call->yes || segment == NULL)
		return !call->yes && segment == NULL;
	return call->handle == segment->handle &&
	    call->start == segment->start &&
	    (call->question == HISTORY_FIND ||
		(call->end == segment->end && is_like(h, segment, call)));
}

static bool
is_right(const struct history *h, size_t state, const struct history_call *call)
{
	return state % 2 == 0 ? is_whole(h, state / 2, call)
			      : is_half(h, state / 2 + 1, call);
}

/* From `pfn' on, how many frames were there, with a page if `online'? */
static physseg_pfn_t
count_there(const struct history *h, size_t k, physseg_pfn_t pfn, bool online)
{
	const struct history_segment *segment =
	    history_find(h, &h->changes[k].state, pfn);

	return segment == NULL || (online && segment->page == 0)
	    ? 0
	    : segment->end - pfn;
}

/* One frame after the other was there, each at a moment not before that of the
 * frame below it; and then one was not.  While a change is half done each frame
 * is as before it or as after it. */
static bool
covers(const struct history *h, const struct history_call *call)
{
	const physseg_pfn_t end = call->yes ? call->pfn + call->n : call->start;
	physseg_pfn_t pfn = call->pfn, before, after;
	size_t k, state;

	if (!call->yes && (end < pfn || end - pfn >= call->n))
		return false;
	for (state = call->least; state <= 2 * h->begun; state++) {
		if (state % 2 != 0 && !h->between)
			continue;
		k = (state + 1) / 2;
		do {
			after = count_there(h, k, pfn, call->online);
			before = state % 2 == 0
			    ? after
			    : count_there(h, k - 1, pfn, call->online);
			pfn += pfn >= end ? 0 : before > after ? before : after;
		} while (pfn < end && (before > 0 || after > 0));
		if (pfn < end)
			continue;
		if (call->yes)
			return true;
		pfn = end;
		if (count_there(h, k, pfn, call->online) == 0 ||
		    (state % 2 != 0 &&
			count_there(h, k - 1, pfn, call->online) == 0))
			return true;
	}
	return false;
}

static bool
is_about_a_frame(const struct history_call *call)
{
	return call->question <= HISTORY_LOOKUP;
}

static size_t *
seen(const struct history *h, const struct history_call *call)
{
	return &h->seen[call->question][call->pfn - h->base];
}

/* ---- saying what is wrong ---- */

static void
print_segment(const struct history *h, const struct history_segment *segment,
    physseg_pfn_t pfn)
{
	if (segment == NULL)
		printf("  nothing\n");
	else
		printf("  [0x%" PRIx64 ", 0x%" PRIx64 ") handle 0x%" PRIxPTR
		       ", page 0x%" PRIxPTR ", attributes 0x%x\n",
		    (uint64_t)segment->start, (uint64_t)segment->end,
		    segment->handle, page_in(h, segment, pfn),
		    segment->attributes);
}

static void
print_call(const struct history_call *call)
{
	static const char *const names[] = { "page", "find", "lookup", "valid",
		"covers" };

	printf("%s", names[call->question]);
	if (call->question == HISTORY_VALID)
		printf(" handle 0x%" PRIxPTR, call->handle);
	else
		printf(" frame 0x%" PRIx64, (uint64_t)call->pfn);
	if (call->question == HISTORY_COVERS)
		printf(", %" PRIu64 " frames%s", (uint64_t)call->n,
		    call->online ? " online" : "");
	printf(", called %zu, returned %zu, left %zu: %s", call->called,
	    call->returned, call->left, call->yes ? "yes" : "no");
	if (call->question == HISTORY_COVERS && !call->yes)
		printf(", 0x%" PRIx64 " is missing", (uint64_t)call->start);
	if (call->yes && call->question == HISTORY_PAGE)
		printf(", page 0x%" PRIxPTR, call->page);
	if (call->yes &&
	    (call->question == HISTORY_FIND ||
		call->question == HISTORY_LOOKUP))
		printf(", from 0x%" PRIx64 ", handle 0x%" PRIxPTR,
		    (uint64_t)call->start, call->handle);
	if (call->yes && call->question == HISTORY_LOOKUP)
		printf(", to 0x%" PRIx64 ", page 0x%" PRIxPTR
		       ", attributes 0x%x",
		    (uint64_t)call->end, call->page, call->attributes);
	printf("\n");
}

static bool
wrong(const struct history *h, size_t reader, const struct history_call *call,
    const char *why)
{
	const size_t least = call->least / 2, last = h->begun;
	const struct history_change *change;

	printf("history: reader %zu: %s\n", reader, why);
	print_call(call);
	printf("not before state %zu.%s and not after state %zu:\n", least,
	    call->least % 2 == 0 ? "0" : "5", last);
	for (size_t k = least > 0 ? least - 1 : 0; k <= last; k++) {
		change = &h->changes[k];
		printf("state %zu: %s", k, change->name);
		if (change->n != 0)
			printf(" [0x%" PRIx64 ", 0x%" PRIx64 ")",
			    (uint64_t)change->pfn,
			    (uint64_t)(change->pfn + change->n));
		printf(", called %zu, returned %zu: %s\n", change->called,
		    change->returned, physseg_strerror(change->error));
		print_segment(h,
		    call->question == HISTORY_VALID
			? find_handle(h, &change->state, call->handle)
			: history_find(h, &change->state, call->pfn),
		    call->pfn);
	}
	fflush(stdout);
	return false;
}

/* ---- the walk ---- */

static bool
judge(struct history *h, size_t reader, struct history_call *call)
{
	size_t state = call->least;

	h->checked++;
	h->met += 2 * h->begun > call->least;
	if (call->question == HISTORY_COVERS)
		return covers(h, call) ||
		    wrong(h, reader, call, "never covered so");
	while (state <= 2 * h->begun && !is_right(h, state, call))
		state++;
	if (state > 2 * h->begun)
		return wrong(h, reader, call, "an answer that was never right");
	if (is_about_a_frame(call) && state > *seen(h, call))
		*seen(h, call) = state;
	return true;
}

/* From the last moment at which it may have found the page until it left. */
static bool
judge_kept(
    const struct history *h, size_t reader, const struct history_call *call)
{
	size_t k = h->begun;

	if (call->page == 0 || !call->yes)
		return true;
	while (k > 0 &&
	    (h->changes[k].called > call->returned ||
		page_at(h, k, call->pfn) != call->page))
		k--;
	while (k <= h->ended / 2 && page_at(h, k, call->pfn) == call->page)
		k++;
	return k > h->ended / 2 ||
	    wrong(h, reader, call, "a change did not wait for this section");
}

/* Where a reader's log is walked through. */
struct cursor {
	enum { CALLED, RETURNED, LEFT } next;
	size_t reader;
	struct history_log *log;
	size_t at, end; /* the calls that were called as one */
	size_t section; /* and the first of their section */
};

static size_t
cursor_time(const struct cursor *c)
{
	if (c->next == CALLED)
		return c->at == c->log->n ? SIZE_MAX
					  : c->log->calls[c->at].called;
	return c->next == RETURNED ? c->log->calls[c->at].returned
				   : c->log->calls[c->section].left;
}

static void
step_called(struct history *h, struct cursor *c)
{
	struct history_call *calls = c->log->calls;
	const size_t called = calls[c->at].called;

	for (c->end = c->at;
	     c->end < c->log->n && calls[c->end].called == called; c->end++) {
		struct history_call *call = &calls[c->end];

		call->least = h->ended;
		if (is_about_a_frame(call) && *seen(h, call) > call->least)
			call->least = *seen(h, call);
	}
	c->next = RETURNED;
}

static bool
step_returned(struct history *h, struct cursor *c)
{
	struct history_call *calls = c->log->calls;

	for (; c->at < c->end; c->at++)
		if (!judge(h, c->reader, &calls[c->at]))
			return false;
	c->next = CALLED;
	if (calls[c->end - 1].left == 0)
		c->section = c->end;
	else if (c->end == c->log->n ||
	    calls[c->end].left != calls[c->end - 1].left)
		c->next = LEFT;
	return true;
}

static bool
step_left(const struct history *h, struct cursor *c)
{
	for (; c->section < c->at; c->section++)
		if (!judge_kept(h, c->reader, &c->log->calls[c->section]))
			return false;
	c->next = CALLED;
	return true;
}

static bool
step(struct history *h, struct cursor *c)
{
	if (c->next == CALLED) {
		step_called(h, c);
		return true;
	}
	return c->next == RETURNED ? step_returned(h, c) : step_left(h, c);
}

/* The writer's next time. */
static size_t
writer_time(const struct history *h)
{
	if (2 * h->begun != h->ended)
		return h->changes[h->begun].returned;
	return h->begun + 1 == h->nchanges ? SIZE_MAX
					   : h->changes[h->begun + 1].called;
}

static void
step_writer(struct history *h)
{
	if (2 * h->begun == h->ended)
		h->begun++;
	else
		h->ended = 2 * h->begun;
}

bool
history_check(struct history *h)
{
	struct cursor cursors[HISTORY_READERS], *first;

	for (size_t i = 0; i < HISTORY_READERS; i++)
		cursors[i] = (struct cursor){ .reader = i, .log = &h->logs[i] };
	for (size_t i = 0; i <= HISTORY_LOOKUP; i++)
		memset(h->seen[i], 0, (size_t)h->frames * sizeof(size_t));
	h->begun = h->ended = 0;
	for (;;) {
		first = &cursors[0];
		for (size_t i = 1; i < HISTORY_READERS; i++)
			if (cursor_time(&cursors[i]) < cursor_time(first))
				first = &cursors[i];
		if (writer_time(h) < cursor_time(first))
			step_writer(h);
		else if (cursor_time(first) == SIZE_MAX)
			return true;
		else if (!step(h, first))
			return false;
	}
}
