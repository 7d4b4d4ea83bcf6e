/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_pages.c -- hooks for the page structures of many
 * frames at once.
 *
 * Each way in which page structures come is gone through with the hooks for one
 * frame, and then with hooks for many.  What the host was told, frame by frame
 * and between other calls, must be the same, and so must the page structures.
 * How often the hooks for many were called says that they were not called for
 * each frame.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>
#include <physseg/trace.h>

#include "support.h"

#define PAGE  24
#define FRAME 4096

static struct test_map t;
static size_t inits, frees; /* calls of the hooks for many */

#define ok(call) ck_assert_int_eq((call), PHYSSEG_OK)

/* The step before called them so often more. */
static void
called(size_t more_inits, size_t more_frees)
{
	const char *broken = physseg_check(t.map);

	ck_assert_msg(broken == NULL, "%s", broken);
	inits += more_inits;
	frees += more_frees;
}

static _Alignas(max_align_t) char array[256 * PAGE];
static _Alignas(max_align_t) char in_range[16 * FRAME];

static void *
frames_map(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	(void)pfn;
	memset(in_range, 0xa7, sizeof(in_range));
	return n <= 16 ? in_range : NULL;
}

static void
frames_unmap(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, void *mem)
{
	(void)ctx;
	(void)pfn;
	(void)n;
	(void)mem;
}

/* ---- how page structures come ---- */

static bool
many_segments(void)
{
	return test_backend->max_segments == 0;
}

static void
at_the_switch(void)
{
	struct physseg_addition reserved = {
		.pfn = 200, .n = 8, .reserved_low = 3, .reserved_high = 5
	};

	test_map_boot(&t);
	ok(physseg_load(t.map, 0, 64, 10, 50, 1, NULL));
	if (many_segments()) {
		ok(physseg_load(t.map, 100, 108, 100, 108, 0, NULL));
		ok(physseg_add(t.map, &reserved, NULL, NULL));
	}
	called(0, 0);
	test_map_switch(&t, 5);
	if (many_segments())
		called(3, 2); /* no frame of the third is available */
	else
		called(1, 1);
}

static void
by_init_seg(void)
{
	test_map_boot(&t);
	ok(physseg_load(t.map, 0, 64, 10, 50, 1, NULL));
	physseg_set_running(t.map, true);
	ok(physseg_init_seg(t.map, physseg_first(t.map), array));
	called(1, 1);
}

static void
from_the_caller(void)
{
	const struct physseg_addition add = { .pfn = 1000,
		.n = 100,
		.reserved_low = 1,
		.reserved_high = 2,
		.source = PHYSSEG_FROM_CALLER,
		.pages = array };

	test_map_boot(&t);
	ok(physseg_add(t.map, &add, NULL, NULL));
	called(1, 1);
	ok(physseg_switch(t.map, NULL, 0));
	called(0, 0);
}

/* An array of the caller's that was offline, before the switch and after. */
static void
from_the_caller_late(void)
{
	const struct physseg_addition add = { .pfn = 1000,
		.n = 100,
		.state = PHYSSEG_OFFLINE,
		.source = PHYSSEG_FROM_CALLER,
		.pages = array };

	test_map_boot(&t);
	ok(physseg_add(t.map, &add, NULL, NULL));
	called(0, 0);
	if (many_segments()) {
		ok(physseg_online(t.map, 1000, 50, NULL));
		called(1, 1);
	}
	ok(physseg_switch(t.map, NULL, 0));
	called(0, 0);
	ok(physseg_online(t.map, 1000, 100, NULL));
	called(1, 1);
}

/* What was freed, is used again, and lies elsewhere. */
static void
by_plug(void)
{
	const struct physseg_addition reserved = {
		.pfn = 9000, .n = 20, .reserved_low = 4, .reserved_high = 16
	};

	test_map_boot(&t);
	ok(physseg_plug(t.map, 0, 64, 0, NULL));
	test_map_switch(&t, 32);
	called(1, 1);
	ok(physseg_plug(t.map, 1000, 32, 0, NULL));
	called(1, 1);
	ok(physseg_plug(t.map, 2000, 3000, 0, NULL));
	called(1, 1);
	ok(physseg_unplug(t.map, 2100, 700));
	called(0, 0);
	ok(physseg_plug(t.map, 2200, 500, 0, NULL));
	called(1, 1);
	ok(physseg_add(t.map, &reserved, NULL, NULL));
	called(1, 0);
}

static void
in_their_range(void)
{
	const struct physseg_addition add = {
		.pfn = 1000, .n = 500, .source = PHYSSEG_FROM_RANGE
	};

	test_map_boot(&t);
	ok(physseg_plug(t.map, 0, 8, 0, NULL));
	test_map_switch(&t, 0);
	called(1, 1);
	ok(physseg_add(t.map, &add, NULL, NULL));
	called(1, 1);
}

/* A segment that grows: only what is new is told. */
static void
by_growth(void)
{
	t.config.coalesce = true;
	test_map_boot(&t);
	ok(physseg_plug(t.map, 0, 64, 0, NULL));
	test_map_switch(&t, 32);
	called(1, 1);
	ok(physseg_unplug(t.map, 30, 10));
	called(0, 0);
	ok(physseg_plug(t.map, 30, 10, 0, NULL));
	called(1, 1);
	ok(physseg_plug(t.map, 64, 32, 0, NULL));
	called(1, 1);
}

/* Some ahead of time, in pieces; and what that has left. */
static void
ahead_of_time(void)
{
	const struct physseg_addition add = { .pfn = 1000,
		.n = 1000,
		.reserved_low = 10,
		.state = PHYSSEG_OFFLINE };
	physseg_pfn_t done;
	physseg_t h;

	test_map_boot(&t);
	ok(physseg_plug(t.map, 0, 8, 0, NULL));
	test_map_switch(&t, 0);
	called(1, 1);
	ok(physseg_add(t.map, &add, &h, NULL));
	called(0, 0);
	ok(physseg_init_pages(t.map, h, 300, &done));
	ck_assert_uint_eq(done, 300);
	called(1, 0);
	ok(physseg_init_pages(t.map, h, 1, NULL));
	called(1, 0);
	ok(physseg_online(t.map, 1200, 300, NULL));
	called(1, 1);
	ok(physseg_online(t.map, 1000, 1000, NULL));
	called(1, 2); /* of [1000, 1200) all were initialised */
	ok(physseg_remove(t.map, 1000, 1000, PHYSSEG_REMOVE_OFFLINE, NULL));
	called(0, 0);
	h = physseg_find(t.map, 1500, NULL);
	ok(physseg_init_pages(t.map, h, 10000, &done));
	ck_assert_uint_gt(done, 0);
	called(1, 0);
}

/* The host has no memory, or a listener refuses: nothing is told. */
static int
refuse(struct physseg_listener *listener, const struct physseg_change *change)
{
	(void)listener;
	return change->event == PHYSSEG_GOING_ONLINE;
}

static void
not_at_all(void)
{
	struct physseg_listener listener = { .notify = refuse };

	test_map_boot(&t);
	ok(physseg_plug(t.map, 0, 64, 0, NULL));
	test_map_switch(&t, 8);
	called(1, 1);
	t.host.fail_at = 1;
	ck_assert_int_eq(
	    physseg_plug(t.map, 2000, 3000, 0, NULL), PHYSSEG_ENOMEM);
	t.host.fail_at = 0;
	called(0, 0);
	ok(physseg_listen(t.map, &listener, false));
	ck_assert_int_eq(
	    physseg_plug(t.map, 2000, 3000, 0, NULL), PHYSSEG_EREFUSED);
	called(0, 0);
	ok(physseg_unlisten(t.map, &listener));
	ok(physseg_plug(t.map, 2000, 3000, 0, NULL));
	called(1, 1);
}

static const struct {
	const char *name;
	void (*go)(void);
	bool hotplug; /* only where the backend can */
} scenes[] = {
	{ "at the switch", at_the_switch, false },
	{ "by init_seg", by_init_seg, false },
	{ "from the caller", from_the_caller, false },
	{ "from the caller, late", from_the_caller_late, false },
	{ "by plug", by_plug, true },
	{ "in their range", in_their_range, true },
	{ "by growth", by_growth, true },
	{ "ahead of time", ahead_of_time, true },
	{ "not at all", not_at_all, true },
};

#define NSCENES (sizeof(scenes) / sizeof(scenes[0]))

/* ---- which hooks there are ---- */

enum hooks { ONE, MANY_INIT, MANY_FREE, MANY, BESIDE, HOOKS };

static void
begin(enum hooks hooks)
{
	const struct physseg_host *one;
	struct physseg_host of_one;

	test_map_init(&t, PAGE);
	of_one = t.host.hooks;
	one = &of_one;
	if (hooks != ONE)
		test_host_ranges(&t.host, hooks == BESIDE);
	if (hooks == MANY_INIT) {
		t.host.hooks.page_free = one->page_free;
		t.host.hooks.pages_free = NULL;
	} else if (hooks == MANY_FREE) {
		t.host.hooks.page_init = one->page_init;
		t.host.hooks.pages_init = NULL;
	}
	t.host.hooks.frames_map = frames_map;
	t.host.hooks.frames_unmap = frames_unmap;
	t.config.may_empty = true;
	t.config.frame_size = FRAME;
	memset(array, 0, sizeof(array));
	inits = frees = 0;
}

/* Every page structure that can be found, in the order of frames. */
struct pages {
	struct test_page page[8192];
	size_t n;
};

static void
read_pages(struct pages *pages)
{
	struct physseg_info info;
	physseg_t h;

	memset(pages, 0, sizeof(*pages));
	PHYSSEG_FOREACH(h, t.map) {
		ok(physseg_get_info(t.map, h, &info));
		if (info.state != PHYSSEG_ONLINE)
			continue;
		for (physseg_pfn_t f = info.start; f < info.end; f++) {
			test_assert(pages->n < 8192);
			memcpy(&pages->page[pages->n++], physseg_page(t.map, f),
			    sizeof(pages->page[0]));
		}
	}
}

static void
end(void)
{
	test_map_fini(&t);
}

START_TEST(test_hooks)
{
	static struct pages wanted, got;
	struct test_host told;
	const bool init[] = { false, true, false, true, true };
	const bool free_[] = { false, false, true, true, true };

	if (scenes[_i].hotplug && !test_has(PHYSSEG_HOTPLUG)) {
		test_skip(scenes[_i].name, "no hot plug");
		return;
	}
	begin(ONE);
	scenes[_i].go();
	ck_assert_uint_gt(test_log_count(&t.host, TEST_FREE), 30);
	read_pages(&wanted);
	told = t.host;
	t.host.log = NULL;
	t.host.log_room = t.host.ncalls = 0;
	end();
	for (int hooks = ONE + 1; hooks < HOOKS; hooks++) {
		begin((enum hooks)hooks);
		scenes[_i].go();
		ck_assert_msg(test_log_equal(&t.host, &told),
		    "%s: the host is told other things", scenes[_i].name);
		read_pages(&got);
		ck_assert_int_eq(memcmp(&got, &wanted, sizeof(got)), 0);
		ck_assert_uint_eq(
		    t.host.runs[TEST_INIT], init[hooks] ? inits : 0);
		ck_assert_uint_eq(
		    t.host.runs[TEST_FREE], free_[hooks] ? frees : 0);
		end();
	}
	test_host_fini(&told);
}
END_TEST

/* While its frames are freed, all of a segment is found; and none of it while
 * its page structures are initialised. */
static void
look(struct test_host *host, const struct test_call *call)
{
	const physseg_pfn_t first = 1000, last = 1031;
	const bool freed = call->hook == TEST_FREE;

	(void)host;
	if (call->hook != TEST_INIT && !freed)
		return;
	ck_assert((physseg_page(t.map, first) != NULL) == freed);
	ck_assert((physseg_page(t.map, last) != NULL) == freed);
	ck_assert_int_eq(physseg_unplug(t.map, 0, 1), PHYSSEG_EBUSY);
}

START_TEST(test_inside)
{
	begin(MANY);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_inside", "no hot plug");
		return;
	}
	test_map_boot(&t);
	ok(physseg_plug(t.map, 0, 64, 0, NULL));
	test_map_switch(&t, 32);
	t.host.watch = look;
	test_log_clear(&t.host);
	ok(physseg_plug(t.map, 1000, 32, 0, NULL));
	ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), 32);
	ck_assert_uint_eq(test_log_count(&t.host, TEST_FREE), 32);
	t.host.watch = NULL;
	end();
}
END_TEST

/* ---- which hooks a map needs ---- */

static uint64_t hooks_told;

static void
trace(void *ctx, const struct physseg_call *call)
{
	(void)ctx;
	if (call->id == PHYSSEG_CALL_CREATE)
		hooks_told = call->arg[12];
}

/* What initialises page structures comes with page_frame. */
START_TEST(test_needed)
{
	struct physseg_host all;

	for (unsigned with = 0; with < 8; with++) {
		const bool good = ((with & 3) != 0) == ((with & 4) != 0);

		begin(ONE);
		all = t.host.hooks;
		test_host_ranges(&t.host, false);
		if ((with & 1) != 0)
			t.host.hooks.page_init = all.page_init;
		if ((with & 2) == 0)
			t.host.hooks.pages_init = NULL;
		if ((with & 4) == 0)
			t.host.hooks.page_frame = NULL;
		t.host.hooks.trace = trace;
		ck_assert((physseg_storage_size(&t.config) != 0) == good);
		if (!good) {
			ck_assert_int_eq(physseg_create(&t.map, &t.config,
					     array, sizeof(array)),
			    PHYSSEG_EINVAL);
			continue;
		}
		test_map_boot(&t);
		ck_assert_uint_eq(hooks_told, with == 0 ? 2 : 3);
		ok(physseg_plug(t.map, 0, 64, 0, NULL));
		ck_assert_int_eq(physseg_switch(t.map, array, 64),
		    with == 0 ? PHYSSEG_EINVAL : PHYSSEG_OK);
		end();
	}
}
END_TEST

/* Pages that nobody initialises are freed all the same. */
START_TEST(test_free_alone)
{
	const struct physseg_addition add = { .pfn = 1000,
		.n = 100,
		.source = PHYSSEG_FROM_CALLER,
		.pages = array };

	begin(MANY);
	t.host.hooks.pages_init = NULL;
	t.host.hooks.page_frame = NULL;
	for (physseg_pfn_t i = 0; i < 100; i++)
		memcpy(array + i * PAGE,
		    &(struct test_page){ .pfn = 1000 + i, .inits = 1 },
		    sizeof(struct test_page));
	test_map_boot(&t);
	ok(physseg_add(t.map, &add, NULL, NULL));
	ck_assert_uint_eq(t.host.runs[TEST_FREE], 1);
	ck_assert_uint_eq(test_log_count(&t.host, TEST_FREE), 100);
	end();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_pages");
	TCase *tc = tcase_create("ranges");

	tcase_add_loop_test(tc, test_hooks, 0, NSCENES);
	tcase_add_test(tc, test_inside);
	tcase_add_test(tc, test_needed);
	tcase_add_test(tc, test_free_alone);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
