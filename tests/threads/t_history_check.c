/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/threads/t_history_check.c -- the checker of histories: it accepts
 * histories that are right, and reports each that is wrong.
 *
 * There is one story of the writer, and for each case a few calls of readers
 * beside it, with times by hand:
 *
 *	time	the writer			the segments
 *			[0x100, 0x120) handle 1, [0x200, 0x210) handle 2
 *	10-20	unplugs [0x108, 0x110)		1 ends at 0x108; 3 begins at
 *						0x110
 *	30-40	is refused			the same
 *	50-60	plugs [0x108, 0x110)		4
 *	70-80	takes [0x114, 0x118) offline	3 ends at 0x114; 5 is offline;
 *						6 begins at 0x118
 */
#include <stdio.h>
#include <stdlib.h>

#include "history.h"
#include "support.h"

#define SIZE	16 /* bytes of a page structure */
#define OFFLINE 0x100U

/* Page structures, by their frames; those of handle 4 lie elsewhere. */
#define P(pfn) (0x10000U + (pfn)*SIZE)
#define Q(pfn) (0x90000U + (pfn)*SIZE)

/* Where a case is right: under a lock; without one; where segments are joined
 * as well. */
enum { NEVER = 0, LOCKED = 1, FREE = 2, JOINS = 4, ALWAYS = 7 };

static const struct {
	const char *name;
	unsigned right;
	struct history_call calls[3]; /* of a reader each */
} cases[] = {
#define PAGE(pfn_, page_, called_, returned_)                                 \
	{                                                                     \
		.question = HISTORY_PAGE, .pfn = (pfn_), .yes = (page_) != 0, \
		.page = (page_), .called = (called_), .returned = (returned_) \
	}
#define KEPT(pfn_, page_, called_, returned_, left_)                           \
	{                                                                      \
		.question = HISTORY_PAGE, .pfn = (pfn_), .yes = true,          \
		.page = (page_), .called = (called_), .returned = (returned_), \
		.left = (left_)                                                \
	}
#define FIND(pfn_, handle_, start_, called_, returned_)                        \
	{                                                                      \
		.question = HISTORY_FIND, .pfn = (pfn_),                       \
		.yes = (handle_) != 0, .handle = (handle_), .start = (start_), \
		.called = (called_), .returned = (returned_)                   \
	}
#define LOOKUP(                                                                \
    pfn_, handle_, start_, end_, page_, attributes_, called_, returned_)       \
	{                                                                      \
		.question = HISTORY_LOOKUP, .pfn = (pfn_),                     \
		.yes = (handle_) != 0, .handle = (handle_), .start = (start_), \
		.end = (end_), .page = (page_), .attributes = (attributes_),   \
		.called = (called_), .returned = (returned_)                   \
	}
#define VALID(handle_, yes_, called_, returned_)                               \
	{                                                                      \
		.question = HISTORY_VALID, .yes = (yes_), .handle = (handle_), \
		.called = (called_), .returned = (returned_)                   \
	}
#define COVERS(pfn_, n_, missing_, online_, called_, returned_)       \
	{                                                             \
		.question = HISTORY_COVERS, .pfn = (pfn_), .n = (n_), \
		.yes = (missing_) == 0, .start = (missing_),          \
		.online = (online_), .called = (called_),             \
		.returned = (returned_)                               \
	}
	{ "a page before", ALWAYS, { PAGE(0x109, P(0x109), 1, 2) } },
	{ "no page before", NEVER, { PAGE(0x109, 0, 1, 2) } },
	{ "another frame's page", NEVER, { PAGE(0x109, P(0x10a), 1, 2) } },
	{ "a page during its unplug", ALWAYS,
	    { PAGE(0x109, P(0x109), 11, 12) } },
	{ "no page during its unplug", ALWAYS, { PAGE(0x109, 0, 11, 12) } },
	{ "no page, called before the unplug", ALWAYS,
	    { PAGE(0x109, 0, 9, 12) } },
	{ "a page, returned after the unplug", ALWAYS,
	    { PAGE(0x109, P(0x109), 19, 22) } },
	{ "no page, just before the unplug", NEVER, { PAGE(0x109, 0, 8, 9) } },
	{ "a page, just after the unplug", NEVER,
	    { PAGE(0x109, P(0x109), 21, 22) } },
	{ "a page beside the unplug is missed", NEVER,
	    { PAGE(0x107, 0, 11, 12) } },
	{ "a page of never", NEVER, { PAGE(0x180, P(0x180), 11, 12) } },
	{ "no page of never", ALWAYS, { PAGE(0x180, 0, 11, 12) } },
	{ "a refusal changes nothing", ALWAYS, { PAGE(0x109, 0, 31, 32) } },
	{ "a refusal that plugs", NEVER, { PAGE(0x109, Q(0x109), 31, 32) } },
	{ "the page of the next plug, too early", NEVER,
	    { PAGE(0x109, Q(0x109), 11, 49) } },
	{ "the page of the next plug", ALWAYS,
	    { PAGE(0x109, Q(0x109), 11, 51) } },
	{ "the page of long ago", NEVER, { PAGE(0x109, P(0x109), 61, 62) } },
	{ "over all of it", ALWAYS, { PAGE(0x109, 0, 1, 90) } },
	{ "an offline frame has no page", ALWAYS, { PAGE(0x115, 0, 81, 82) } },
	{ "a page of an offline frame", NEVER,
	    { PAGE(0x115, P(0x115), 81, 82) } },

	{ "back again", NEVER,
	    { PAGE(0x109, 0, 11, 12), PAGE(0x109, P(0x109), 13, 14) } },
	{ "back again, by one reader before the other's is over", ALWAYS,
	    { PAGE(0x109, 0, 11, 14), PAGE(0x109, P(0x109), 13, 15) } },
	{ "forth", ALWAYS,
	    { PAGE(0x109, P(0x109), 11, 12), PAGE(0x109, 0, 13, 14) } },
	{ "back again of three", NEVER,
	    { PAGE(0x109, 0, 11, 15), PAGE(0x109, P(0x109), 16, 17),
		PAGE(0x109, P(0x109), 2, 3) } },
	{ "another frame goes first", ALWAYS,
	    { PAGE(0x109, 0, 11, 12), PAGE(0x10a, P(0x10a), 13, 14) } },
	{ "back over a plug", NEVER,
	    { PAGE(0x109, Q(0x109), 51, 52), PAGE(0x109, 0, 53, 54) } },

	{ "kept until the unplug may go on", ALWAYS,
	    { KEPT(0x109, P(0x109), 2, 3, 19) } },
	{ "kept over the unplug", NEVER, { KEPT(0x109, P(0x109), 2, 3, 21) } },
	{ "found during the unplug and kept over it", NEVER,
	    { KEPT(0x109, P(0x109), 11, 12, 21) } },
	{ "kept over going offline", NEVER,
	    { KEPT(0x115, P(0x115), 41, 42, 85) } },
	{ "kept beside the unplug", ALWAYS,
	    { KEPT(0x107, P(0x107), 2, 3, 85) } },
	{ "the page of a plug is kept", ALWAYS,
	    { KEPT(0x109, Q(0x109), 51, 52, 85) } },

	{ "a segment", ALWAYS, { FIND(0x107, 1, 0x100, 1, 2) } },
	{ "another handle", NEVER, { FIND(0x107, 2, 0x100, 1, 2) } },
	{ "another start", NEVER, { FIND(0x107, 1, 0x101, 1, 2) } },
	{ "the tail", ALWAYS, { FIND(0x119, 3, 0x110, 11, 12) } },
	{ "the tail, too early", NEVER, { FIND(0x119, 3, 0x110, 8, 9) } },
	{ "the tail is still the front's", ALWAYS,
	    { FIND(0x119, 1, 0x100, 11, 12) } },
	{ "the tail is missed", NEVER, { FIND(0x119, 0, 0, 11, 12) } },
	{ "the tail, half cut", FREE | JOINS,
	    { FIND(0x119, 3, 0x108, 11, 12) } },
	{ "the tail, half cut, too late", NEVER,
	    { FIND(0x119, 3, 0x108, 21, 22) } },
	{ "the tail, cut where nobody asked", NEVER,
	    { FIND(0x119, 3, 0x109, 11, 12) } },
	{ "a handle of elsewhere, half cut", NEVER,
	    { FIND(0x119, 2, 0x108, 11, 12) } },
	{ "a handle of no state, half cut", JOINS,
	    { FIND(0x119, 9, 0x108, 11, 12) } },
	{ "half cut, and not yet", FREE | JOINS,
	    { FIND(0x119, 3, 0x108, 11, 12), FIND(0x119, 1, 0x100, 13, 14) } },
	{ "found, and then as before", NEVER,
	    { FIND(0x10a, 0, 0, 11, 12), FIND(0x10a, 1, 0x100, 13, 14) } },

	{ "all of it", ALWAYS,
	    { LOOKUP(0x203, 2, 0x200, 0x210, P(0x203), 7, 1, 2) } },
	{ "all of it, of nothing", ALWAYS,
	    { LOOKUP(0x180, 0, 0, 0, 0, 0, 1, 2) } },
	{ "another end", NEVER,
	    { LOOKUP(0x203, 2, 0x200, 0x211, P(0x203), 7, 1, 2) } },
	{ "other attributes", NEVER,
	    { LOOKUP(0x203, 2, 0x200, 0x210, P(0x203), 8, 1, 2) } },
	{ "a page of another frame", NEVER,
	    { LOOKUP(0x203, 2, 0x200, 0x210, P(0x204), 7, 1, 2) } },
	{ "offline", ALWAYS,
	    { LOOKUP(0x115, 5, 0x114, 0x118, 0, 7 | OFFLINE, 81, 82) } },
	{ "half of it offline", FREE | JOINS,
	    { LOOKUP(0x115, 5, 0x114, 0x120, P(0x115), 7, 71, 72) } },
	{ "offline with a page", NEVER,
	    { LOOKUP(0x115, 5, 0x114, 0x118, P(0x115), 7 | OFFLINE, 71, 72) } },
	{ "parts of two states", NEVER,
	    { LOOKUP(0x119, 3, 0x110, 0x119, P(0x119), 7, 11, 12) } },

	{ "a handle that comes", ALWAYS,
	    { VALID(3, true, 11, 12), VALID(3, false, 11, 12) } },
	{ "a handle that came", NEVER, { VALID(3, false, 21, 22) } },
	{ "a handle too early", NEVER, { VALID(3, true, 8, 9) } },
	{ "a handle of no state", JOINS, { VALID(9, true, 11, 12) } },
	{ "a handle of no state while nothing changes", NEVER,
	    { VALID(9, true, 21, 22) } },

	{ "covered", ALWAYS, { COVERS(0x102, 0x1e, 0, true, 1, 2) } },
	{ "covered too late", NEVER, { COVERS(0x102, 0x1e, 0, true, 21, 22) } },
	{ "a frame is missing", ALWAYS,
	    { COVERS(0x102, 0x1e, 0x108, true, 11, 12) } },
	{ "another frame is missing", NEVER,
	    { COVERS(0x102, 0x1e, 0x107, true, 11, 12) } },
	{ "the tail's frame is missing", NEVER,
	    { COVERS(0x102, 0x1e, 0x110, true, 21, 22) } },
	{ "a part before and a part after", ALWAYS,
	    { COVERS(0x104, 0x0c, 0x10a, true, 11, 12) } },
	{ "half plugged", FREE | JOINS,
	    { COVERS(0x108, 8, 0x10c, true, 51, 52) } },
	{ "half plugged, too late", NEVER,
	    { COVERS(0x108, 8, 0x10c, true, 61, 62) } },
	{ "missing behind the range", NEVER,
	    { COVERS(0x104, 4, 0x108, true, 21, 22) } },
	{ "covered, by offline frames", ALWAYS,
	    { COVERS(0x110, 0x10, 0, false, 81, 82) } },
	{ "covered, by frames that are not online", NEVER,
	    { COVERS(0x110, 0x10, 0, true, 81, 82) } },
	{ "not online", ALWAYS, { COVERS(0x110, 0x10, 0x114, true, 81, 82) } }
};

static void
add(struct history *h, physseg_pfn_t start, physseg_pfn_t end, uintptr_t handle,
    uintptr_t page)
{
	history_segment(h,
	    &(struct history_segment){
		start, end, handle, page, page == 0 ? 7 | OFFLINE : 7 });
}

static void
change(struct history *h, size_t time, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct history_change *c = history_change(h, "change", pfn, n);

	c->called = time;
	c->returned = time + 10;
}

static void
write_story(struct history *h)
{
	add(h, 0x100, 0x120, 1, P(0x100));
	add(h, 0x200, 0x210, 2, P(0x200));
	change(h, 10, 0x108, 8);
	add(h, 0x100, 0x108, 1, P(0x100));
	add(h, 0x110, 0x120, 3, P(0x110));
	add(h, 0x200, 0x210, 2, P(0x200));
	change(h, 30, 0x108, 8);
	history_same(h);
	change(h, 50, 0x108, 8);
	add(h, 0x100, 0x108, 1, P(0x100));
	add(h, 0x108, 0x110, 4, Q(0x108));
	add(h, 0x110, 0x120, 3, P(0x110));
	add(h, 0x200, 0x210, 2, P(0x200));
	change(h, 70, 0x114, 4);
	add(h, 0x100, 0x108, 1, P(0x100));
	add(h, 0x108, 0x110, 4, Q(0x108));
	add(h, 0x110, 0x114, 3, P(0x110));
	add(h, 0x114, 0x118, 5, 0);
	add(h, 0x118, 0x120, 6, P(0x118));
	add(h, 0x200, 0x210, 2, P(0x200));
}

START_TEST(test_cases)
{
	const unsigned way = 1U << _i;
	struct history h;

	history_init(&h, 8, 4, 64, 0x100, 0x200);
	h.page_size = SIZE;
	h.between = way != LOCKED;
	h.joins = way == JOINS;
	write_story(&h);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t r = 0; r < 3; r++) {
			h.logs[r].calls[0] = cases[i].calls[r];
			h.logs[r].n = cases[i].calls[r].called != 0;
		}
		ck_assert_msg(
		    history_check(&h) == ((cases[i].right & way) != 0), "%s",
		    cases[i].name);
	}
	history_fini(&h);
}
END_TEST

/* One reader: calls that answer several questions, sections, a full log. */
START_TEST(test_log)
{
	struct history_call *calls;
	struct history h;

	history_init(&h, 4, 1, 8, 0x100, 0x200);
	h.page_size = SIZE;
	add(&h, 0x100, 0x110, 1, P(0x100));
	calls = history_call(&h, 1, 2);
	for (size_t i = 0; i < 2; i++) {
		calls[i].pfn = 0x108 + (physseg_pfn_t)i;
		calls[i].yes = true;
		calls[i].page = P(0x108) + i * SIZE;
		calls[i].returned = 2 + i;
	}
	ck_assert_uint_eq(calls[0].called, calls[1].called);
	(void)history_now(&h);
	(void)history_now(&h);
	ck_assert_ptr_null(history_call(&h, 1, 3));
	(void)history_change(&h, "unplug", 0x108, 8);
	history_leave(&h, 1, true);
	h.changes[1].returned = history_now(&h);
	add(&h, 0x100, 0x108, 1, P(0x100));
	ck_assert_ptr_null(history_change(&h, "more", 0, 0));
	ck_assert_uint_eq(calls[1].left, 5);
	ck_assert_uint_eq(calls[1].left, calls[0].left);
	ck_assert(history_check(&h));
	ck_assert_uint_eq(h.checked, 2);
	calls[0].left = calls[1].left = h.changes[1].returned + 1;
	ck_assert(!history_check(&h));
	history_next_round(&h);
	ck_assert_uint_eq(h.nchanges, 1);
	ck_assert(history_check(&h));
	calls = history_call(&h, 1, 4);
	for (size_t i = 0; i < 4; i++) {
		calls[i].pfn = 0x108;
		calls[i].returned = 2;
	}
	history_leave(&h, 1, false);
	ck_assert_uint_eq(calls[3].left, 0);
	ck_assert(history_check(&h));
	calls[3].pfn = 0x107;
	ck_assert(!history_check(&h));
	history_fini(&h);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("history_check");
	TCase *tc = tcase_create("checker");

	tcase_add_loop_test(tc, test_cases, 0, 3);
	tcase_add_test(tc, test_log);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
