/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_reason.c -- why a call failed: as data, and as a line
 * for people, of every error that a call with a reason can give.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#define PAGE	24
#define UNPLUG	PHYSSEG_REMOVE_UNPLUG
#define OFFLINE PHYSSEG_REMOVE_OFFLINE
#define FORCE	PHYSSEG_REMOVE_FORCE

#define ok(call) ck_assert_int_eq((call), PHYSSEG_OK)

static struct test_map t;
static struct physseg_reason why;

/* ---- a host and a listener that refuse ---- */

static int listener_code;
static bool no_memory;
static void *(*memory)(void *ctx, size_t size);

static void *
alloc(void *ctx, size_t size)
{
	return no_memory ? NULL : memory(ctx, size);
}

static int
notify(struct physseg_listener *listener, const struct physseg_change *change)
{
	(void)listener;
	return change->event == PHYSSEG_GOING_OFFLINE ||
		change->event == PHYSSEG_GOING_ONLINE
	    ? listener_code
	    : 0;
}

static struct physseg_listener listener = { .notify = notify };

/* [0x100, 0x200) and, where there is room, [0x300, 0x400). */
static bool
run(void)
{
	bool two;

	test_host_busy = PHYSSEG_NOFRAME;
	test_host_code = listener_code = 0;
	no_memory = false;
	test_map_init(&t, PAGE);
	memory = t.host.hooks.alloc;
	t.host.hooks.alloc = alloc;
	test_host_allocator(&t.host.hooks);
	t.config.block = 2;
	t.config.frames = 0x10000;
	if (!test_backend->bounded)
		t.config.boot_records = 2;
	test_map_boot(&t);
	ok(physseg_plug(t.map, 0x100, 0x100, 0, NULL));
	two = test_map_capacity(&t) > 1;
	if (two)
		ok(physseg_plug(t.map, 0x300, 0x100, 0, NULL));
	test_map_switch(&t, 0);
	ok(physseg_listen(t.map, &listener, false));
	return two;
}

/* The reason is this, and so is its line. */
static void
is(int error, enum physseg_operation operation, enum physseg_stage stage,
    physseg_pfn_t frame, const char *line)
{
	char text[256];
	size_t n = strlen(line);

	ck_assert_int_eq(why.error, error);
	ck_assert_int_eq(why.operation, operation);
	ck_assert_int_eq(why.stage, stage);
	ck_assert_uint_eq(why.frame, frame);
	memset(text, 0xee, sizeof(text));
	ck_assert_uint_eq(physseg_strreason(&why, text, sizeof(text)), n);
	ck_assert_str_eq(text, line);
	for (size_t size = 0; size <= n + 1; size++) { /* as much as fits */
		memset(text, 0xee, sizeof(text));
		ck_assert_uint_eq(physseg_strreason(&why, text, size), n);
		for (size_t i = 0; i + 1 < size; i++)
			ck_assert_int_eq(text[i], line[i]);
		if (size > 0)
			ck_assert_int_eq(text[size - 1], '\0');
		ck_assert_int_eq((unsigned char)text[size], 0xee);
	}
}

static void
no_segment(void)
{
	ck_assert_uint_eq(why.start, why.end);
	ck_assert_ptr_eq(why.segment, PHYSSEG_NONE);
}

static void
segment_is(physseg_pfn_t start, physseg_pfn_t end)
{
	ck_assert_uint_eq(why.start, start);
	ck_assert_uint_eq(why.end, end);
	ck_assert_ptr_eq(why.segment, physseg_find(t.map, start, NULL));
}

static int
removed(physseg_pfn_t pfn, physseg_pfn_t n, unsigned how)
{
	memset(&why, 0xee, sizeof(why));
	return physseg_remove(t.map, pfn, n, how, &why);
}

static int
added(physseg_pfn_t pfn, physseg_pfn_t n, int kind)
{
	const struct physseg_addition add = {
		.pfn = pfn, .n = n, .kind = kind
	};

	memset(&why, 0xee, sizeof(why));
	return physseg_add(t.map, &add, NULL, &why);
}

/* ---- each error ---- */

START_TEST(test_remove)
{
	run();
	ck_assert_int_eq(removed(0x110, 0, UNPLUG), PHYSSEG_EINVAL);
	is(PHYSSEG_EINVAL, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_CHECK,
	    PHYSSEG_NOFRAME,
	    "unplug [0x110, 0x110): an argument is not one this call takes");
	no_segment();
	ck_assert_int_eq(removed(0xfff0, 0x20, OFFLINE), PHYSSEG_ERANGE);
	is(PHYSSEG_ERANGE, PHYSSEG_OP_OFFLINE, PHYSSEG_STAGE_CHECK,
	    PHYSSEG_NOFRAME,
	    "take offline [0xfff0, 0x10010): the range wraps or leaves the "
	    "address width");
	no_segment();
	ck_assert_int_eq(removed(0x80, 2, UNPLUG), PHYSSEG_ENOENT);
	is(PHYSSEG_ENOENT, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_CHECK, 0x80,
	    "unplug [0x80, 0x82): no such segment: frame 0x80");
	no_segment();
	ck_assert_int_eq(removed(0x1f0, 0x20, UNPLUG), PHYSSEG_ESPAN);
	is(PHYSSEG_ESPAN, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_CHECK, 0x200,
	    "unplug [0x1f0, 0x210): a frame of the range is not registered: "
	    "frame 0x200");
	no_segment();
	ck_assert_int_eq(removed(0x1f0, 3, UNPLUG), PHYSSEG_EALIGN);
	is(PHYSSEG_EALIGN, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_CHECK, 0x1f3,
	    "unplug [0x1f0, 0x1f3): the range is not whole blocks: frame "
	    "0x1f3");
	test_map_fini(&t);
}
END_TEST

START_TEST(test_last)
{
	if (run())
		ok(physseg_unplug(t.map, 0x300, 0x100));
	ck_assert_int_eq(removed(0x100, 0x100, UNPLUG), PHYSSEG_ELAST);
	is(PHYSSEG_ELAST, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_CHECK,
	    PHYSSEG_NOFRAME,
	    "unplug [0x100, 0x200): it would take the last page of the only "
	    "segment");
	no_segment();
	test_map_fini(&t);
}
END_TEST

START_TEST(test_open)
{
	struct physseg_removal *removal;

	run();
	ok(physseg_remove_begin(t.map, 0x100, 0x10, UNPLUG, &removal, NULL));
	ck_assert_int_eq(removed(0x10e, 4, UNPLUG), PHYSSEG_EREMOVING);
	is(PHYSSEG_EREMOVING, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_CHECK, 0x10e,
	    "unplug [0x10e, 0x112): a removal of these frames is open: frame "
	    "0x10e, removal [0x100, 0x110)");
	ck_assert_int_eq(
	    physseg_online(t.map, 0x100, 4, &why), PHYSSEG_EREMOVING);
	is(PHYSSEG_EREMOVING, PHYSSEG_OP_ONLINE, PHYSSEG_STAGE_CHECK, 0x100,
	    "put online [0x100, 0x104): a removal of these frames is open: "
	    "frame 0x100, removal [0x100, 0x110)");
	/* In use, at the commit. */
	test_host_busy = 0x105;
	ck_assert_int_eq(
	    physseg_remove_commit(removal, NULL, &why), PHYSSEG_EINUSE);
	is(PHYSSEG_EINUSE, PHYSSEG_OP_COMMIT, PHYSSEG_STAGE_HOST, 0x105,
	    "commit the removal of [0x100, 0x110): a page is in use: frame "
	    "0x105, segment [0x100, 0x200)");
	segment_is(0x100, 0x200);
	ck_assert_ptr_null(why.listener);
	test_host_busy = PHYSSEG_NOFRAME;
	ok(physseg_remove_commit(removal, NULL, &why));
	is(PHYSSEG_OK, PHYSSEG_OP_COMMIT, PHYSSEG_STAGE_CHECK, PHYSSEG_NOFRAME,
	    "commit the removal of [0x100, 0x110): no error");
	test_map_fini(&t);
}
END_TEST

START_TEST(test_refused)
{
	run();
	listener_code = -12;
	ck_assert_int_eq(removed(0x100, 0x10, UNPLUG), PHYSSEG_EREFUSED);
	is(PHYSSEG_EREFUSED, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_LISTENER, 0x100,
	    "unplug [0x100, 0x110): a listener or the host refused: "
	    "frame 0x100, code -12");
	ck_assert_ptr_eq(why.listener, &listener);
	ck_assert_int_eq(why.code, -12);
	listener_code = 0;
	test_host_code = 34;
	ck_assert_int_eq(removed(0x100, 0x10, UNPLUG), PHYSSEG_EREFUSED);
	is(PHYSSEG_EREFUSED, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_HOST, 0x100,
	    "unplug [0x100, 0x110): a listener or the host refused: frame "
	    "0x100, segment [0x100, 0x200), code 34");
	ck_assert_ptr_null(why.listener);
	segment_is(0x100, 0x200);
	if (test_map_capacity(&t) > 2) {
		test_host_code = 0;
		ok(physseg_unplug(t.map, 0x300, 0x100));
		ok(removed(0x180, 0x80, OFFLINE));
		listener_code = 9;
		ck_assert_int_eq(
		    physseg_online(t.map, 0x180, 0x80, &why), PHYSSEG_EREFUSED);
		is(PHYSSEG_EREFUSED, PHYSSEG_OP_ONLINE, PHYSSEG_STAGE_LISTENER,
		    0x180,
		    "put online [0x180, 0x200): a listener or the host "
		    "refused: frame 0x180, code 9");
	}
	test_map_fini(&t);
}
END_TEST

/* Of several segments in the way the lowest is told, in whatever order the
 * backend has them. */
START_TEST(test_lowest)
{
	test_map_init(&t, 0);
	test_map_boot(&t);
	if (test_map_capacity(&t) < 3) {
		test_skip("lowest", "room for one segment only");
		test_map_fini(&t);
		return;
	}
	ok(physseg_plug(t.map, 0x600, 4, 0, NULL));
	ok(physseg_plug(t.map, 0x700, 8, 0, NULL));
	ok(physseg_plug(t.map, 0x500, 2, 0, NULL));
	ck_assert_int_eq(added(0x400, 0x400, 0), PHYSSEG_EOVERLAP);
	ck_assert_uint_eq(why.frame, 0x500);
	segment_is(0x500, 0x502);
	test_map_fini(&t);
}
END_TEST

/* What force did not obey is told. */
START_TEST(test_forced)
{
	run();
	listener_code = 5;
	test_host_busy = 0x103;
	ok(removed(0x100, 0x10, UNPLUG | FORCE));
	is(PHYSSEG_OK, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_LISTENER, 0x100,
	    "unplug [0x100, 0x110): no error: frame 0x100, code 5");
	ck_assert_ptr_eq(why.listener, &listener);
	/* The first of them, that is; without it, the next. */
	listener_code = 0;
	test_host_code = 6;
	test_host_busy = 0x113;
	ok(removed(0x110, 0x10, UNPLUG | FORCE));
	is(PHYSSEG_OK, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_HOST, 0x110,
	    "unplug [0x110, 0x120): no error: frame 0x110, segment [0x110, "
	    "0x200), code 6");
	test_host_code = 0;
	test_host_busy = 0x123;
	ok(removed(0x120, 0x10, UNPLUG | FORCE));
	is(PHYSSEG_OK, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_HOST, 0x123,
	    "unplug [0x120, 0x130): no error: frame 0x123, segment [0x120, "
	    "0x200)");
	ck_assert_ptr_null(why.listener);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_reserve)
{
	run();
	if (test_backend->bounded) {
		if (test_backend->max_segments == 1) {
			ck_assert_int_eq(
			    removed(0x150, 2, UNPLUG), PHYSSEG_ENOSLOT);
			is(PHYSSEG_ENOSLOT, PHYSSEG_OP_UNPLUG,
			    PHYSSEG_STAGE_RESERVE, PHYSSEG_NOFRAME,
			    "unplug [0x150, 0x152): no free slot or boot "
			    "record for a segment");
		}
		test_map_fini(&t);
		return;
	}
	no_memory = true;
	ck_assert_int_eq(removed(0x150, 2, UNPLUG), PHYSSEG_ENOMEM);
	is(PHYSSEG_ENOMEM, PHYSSEG_OP_UNPLUG, PHYSSEG_STAGE_RESERVE,
	    PHYSSEG_NOFRAME, "unplug [0x150, 0x152): the host has no memory");
	ck_assert_int_eq(added(0x500, 2, 0), PHYSSEG_ENOMEM);
	is(PHYSSEG_ENOMEM, PHYSSEG_OP_ADD, PHYSSEG_STAGE_RESERVE,
	    PHYSSEG_NOFRAME, "add [0x500, 0x502): the host has no memory");
	test_map_fini(&t);
}
END_TEST

START_TEST(test_add)
{
	if (!test_has(PHYSSEG_HOTPLUG)) {
		run();
		ck_assert_int_eq(added(0x500, 2, 0), PHYSSEG_ENOHOTPLUG);
		is(PHYSSEG_ENOHOTPLUG, PHYSSEG_OP_ADD, PHYSSEG_STAGE_CHECK,
		    PHYSSEG_NOFRAME,
		    "add [0x500, 0x502): the backend cannot plug while "
		    "running");
		test_map_fini(&t);
		return;
	}
	run();
	ck_assert_int_eq(added(0xf0, 0x20, 0), PHYSSEG_EOVERLAP);
	is(PHYSSEG_EOVERLAP, PHYSSEG_OP_ADD, PHYSSEG_STAGE_CHECK, 0x100,
	    "add [0xf0, 0x110): the range overlaps a registered one: frame "
	    "0x100, segment [0x100, 0x200)");
	segment_is(0x100, 0x200);
	ck_assert_int_eq(added(0x1f0, 0x120, 0), PHYSSEG_EOVERLAP);
	ck_assert_uint_eq(why.frame, 0x1f0);
	ck_assert_int_eq(added(0x500, 2, -1), PHYSSEG_EINVAL);
	is(PHYSSEG_EINVAL, PHYSSEG_OP_ADD, PHYSSEG_STAGE_CHECK, PHYSSEG_NOFRAME,
	    "add [0x500, 0x502): an argument is not one this call takes");
	no_segment();
	ck_assert_int_eq(added(0x501, 1, 0), PHYSSEG_EALIGN);
	ck_assert_uint_eq(why.frame, 0x501);
	listener_code = 1;
	ck_assert_int_eq(added(0x500, 2, 0), PHYSSEG_EREFUSED);
	is(PHYSSEG_EREFUSED, PHYSSEG_OP_ADD, PHYSSEG_STAGE_LISTENER, 0x500,
	    "add [0x500, 0x502): a listener or the host refused: frame 0x500, "
	    "code 1");
	listener_code = 0;
	ok(added(0x500, 2, 0));
	is(PHYSSEG_OK, PHYSSEG_OP_ADD, PHYSSEG_STAGE_CHECK, PHYSSEG_NOFRAME,
	    "add [0x500, 0x502): no error");
	no_segment();
	test_map_fini(&t);
}
END_TEST

START_TEST(test_boot)
{
	test_map_init(&t, PAGE);
	test_map_boot(&t);
	ok(added(0x100, 0x10, 0));
	ck_assert_int_eq(removed(0x100, 2, OFFLINE), PHYSSEG_EPHASE);
	is(PHYSSEG_EPHASE, PHYSSEG_OP_OFFLINE, PHYSSEG_STAGE_CHECK,
	    PHYSSEG_NOFRAME,
	    "take offline [0x100, 0x102): not in this phase of the map's life");
	if (test_map_capacity(&t) > 1) {
		ck_assert_int_eq(added(0x108, 0x10, 0), PHYSSEG_EOVERLAP);
		segment_is(0x100, 0x110);
	}
	test_map_fini(&t);
}
END_TEST

/* An operation of a later release has no words here. */
START_TEST(test_unknown)
{
	char text[256];

	memset(&why, 0, sizeof(why));
	why.operation = (enum physseg_operation)(PHYSSEG_OP_COMMIT + 1);
	why.error = PHYSSEG_ESPAN;
	why.frame = PHYSSEG_NOFRAME;
	why.pfn = 0x100;
	why.n = 0x10;
	(void)physseg_strreason(&why, text, sizeof(text));
	ck_assert_str_eq(
	    text, "[0x100, 0x110): a frame of the range is not registered");
}
END_TEST

/* ---- structures of other sizes, and none ---- */

START_TEST(test_sizes)
{
	const struct physseg_addition add = { .pfn = 0x140, .n = 2 };
	union {
		struct physseg_reason reason;
		unsigned char byte[256];
	} r;

	test_map_init(&t, PAGE);
	test_map_boot(&t);
	ok(added(0x100, 0x100, 0));
	for (size_t size = 0; size <= sizeof(r); size += 4) {
		memset(&r, 0xee, sizeof(r));
		ck_assert_int_eq(physseg_add_sized(t.map, &add, sizeof(add),
				     NULL, &r.reason, size),
		    PHYSSEG_EOVERLAP);
		if (size >= sizeof(int))
			ck_assert_int_eq(r.reason.error, PHYSSEG_EOVERLAP);
		for (size_t i = size; i < sizeof(r); i++)
			ck_assert_uint_eq(r.byte[i], 0xee);
		for (size_t i = sizeof(r.reason); i < size; i++)
			ck_assert_uint_eq(r.byte[i], 0);
	}
	ck_assert_int_eq(
	    physseg_add(t.map, &add, NULL, NULL), PHYSSEG_EOVERLAP);
	test_map_fini(&t);
}
END_TEST

/* Two maps do not share their reasons, nor does a call see the one before. */
START_TEST(test_nothing_left)
{
	struct physseg_reason first;

	run();
	ck_assert_int_eq(removed(0x1f0, 0x20, UNPLUG), PHYSSEG_ESPAN);
	first = why;
	ck_assert_int_eq(physseg_unplug(t.map, 0x80, 2), PHYSSEG_ENOENT);
	ck_assert_int_eq(memcmp(&first, &why, sizeof(why)), 0);
	ck_assert_int_eq(removed(0x110, 0, UNPLUG), PHYSSEG_EINVAL);
	ck_assert_uint_eq(why.frame, PHYSSEG_NOFRAME);
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_reason");
	TCase *tc = tcase_create("reasons");

	tcase_add_test(tc, test_remove);
	tcase_add_test(tc, test_last);
	tcase_add_test(tc, test_open);
	tcase_add_test(tc, test_refused);
	tcase_add_test(tc, test_forced);
	tcase_add_test(tc, test_lowest);
	tcase_add_test(tc, test_reserve);
	tcase_add_test(tc, test_add);
	tcase_add_test(tc, test_boot);
	tcase_add_test(tc, test_unknown);
	tcase_add_test(tc, test_sizes);
	tcase_add_test(tc, test_nothing_left);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
