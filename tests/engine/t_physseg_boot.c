/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_boot.c -- the boot phase and the switch, in one call
 * and step by step.
 *
 * Ranges are drawn above the tests: one column is a frame, from 100; `a' is
 * available, `r' registered and reserved, `.' is not registered.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#define PAGE 40

static struct test_map t;

static void
begin(size_t page_size)
{
	test_map_init(&t, page_size);
	t.config.may_empty = true;
	test_map_boot(&t);
}

static physseg_t
load(physseg_pfn_t start, physseg_pfn_t end, physseg_pfn_t as, physseg_pfn_t ae,
    int list)
{
	physseg_t h = PHYSSEG_NONE;

	ck_assert_int_eq(
	    physseg_load(t.map, start, end, as, ae, list, &h), PHYSSEG_OK);
	ck_assert_ptr_ne(h, PHYSSEG_NONE);
	ck_assert_ptr_eq(physseg_find(t.map, start, NULL), h);
	return h;
}

/* The segment of frame `start', and what is available of it. */
static void
is(physseg_pfn_t start, physseg_pfn_t end, physseg_pfn_t as, physseg_pfn_t ae)
{
	physseg_t h = physseg_find(t.map, start, NULL);
	struct physseg_info info;

	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	ck_assert_uint_eq(info.start, start);
	ck_assert_uint_eq(info.end, end);
	ck_assert_uint_eq(info.avail_start, as);
	ck_assert_uint_eq(info.avail_end, ae);
	ck_assert_ptr_null(physseg_check(t.map));
}

static void
segments(size_t n)
{
	struct physseg_stats stats;

	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.segments, n);
}

static bool
has_room(const char *test, size_t n)
{
	struct physseg_stats stats;

	if (test_map_capacity(&t) >= n)
		return true;
	physseg_get_stats(t.map, &stats);
	if (stats.segments == 0)
		load(100, 104, 101, 103, 1);
	ck_assert_int_eq(
	    physseg_plug(t.map, 5000, 1, 0, NULL), PHYSSEG_ENOSLOT);
	test_skip(test, "its second part needs two segments");
	return false;
}

/* ---- load ---- */

START_TEST(test_load)
{
	struct physseg_info info;
	physseg_t h;

	begin(PAGE);
	h = load(100, 200, 120, 180, 2);
	is(100, 200, 120, 180);
	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	ck_assert_int_eq(info.free_list, 2);
	ck_assert_uint_eq(info.start_hint, 0);
	ck_assert_uint_eq(info.counted, 0);
	ck_assert_ptr_null(info.pages);
	ck_assert_ptr_nonnull(info.data);
	ck_assert_ptr_null(physseg_page(t.map, 100));
	ck_assert(physseg_valid(t.map, h));
	ck_assert_uint_eq(t.host.allocs + t.host.ncalls, 0);
	test_map_fini(&t);
}
END_TEST

/* None available, all of it, one frame. */
START_TEST(test_load_edges)
{
	const physseg_pfn_t avail[][2] = { { 100, 100 }, { 110, 110 },
		{ 150, 150 }, { 100, 150 }, { 100, 101 }, { 149, 150 } };

	for (size_t i = 0; i < 6; i++) {
		begin(PAGE);
		load(100, 150, avail[i][0], avail[i][1], 0);
		is(100, 150, avail[i][0], avail[i][1]);
		test_map_fini(&t);
	}
}
END_TEST

/* Load after load until there is no room: 32 by default, or as told. */
static void
fill(size_t room)
{
	for (physseg_pfn_t i = 0; i < room; i++)
		load(10 * i, 10 * i + 10, 10 * i, 10 * i + 10, 0);
	ck_assert_int_eq(physseg_load(t.map, 9000, 9001, 9000, 9001, 0, NULL),
	    PHYSSEG_ENOSLOT);
	segments(room);
}

START_TEST(test_load_until_full)
{
	const size_t rooms[] = { 1, 2, 5, 32, 33, 64, 200 };

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		test_map_init(&t, PAGE);
		t.config.capacity = t.config.boot_records = rooms[i];
		test_map_boot(&t);
		fill(test_map_capacity(&t));
		test_map_fini(&t);
	}
}
END_TEST

/* A record freed at boot is not used again before the switch, a slot is. */
START_TEST(test_freed_at_boot)
{
	begin(0);
	fill(test_map_capacity(&t));
	ck_assert_int_eq(physseg_unplug(t.map, 0, 10), 0);
	ck_assert_int_eq(physseg_plug(t.map, 0, 10, 0, NULL),
	    test_backend->bounded ? PHYSSEG_OK : PHYSSEG_ENOSLOT);
	test_map_switch(&t, 0);
	if (test_has(PHYSSEG_HOTPLUG)) {
		size_t allocs = t.host.allocs;

		ck_assert_int_eq(physseg_plug(t.map, 0, 10, 0, NULL), 0);
		ck_assert_uint_eq(t.host.allocs, allocs);
	}
	test_map_fini(&t);
}
END_TEST

/* Attributes of a segment that was never there before. */
static void
is_new(physseg_t h, int list)
{
	struct physseg_info info;

	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	ck_assert_int_eq(info.free_list, list);
	ck_assert_uint_eq(info.start_hint, 0);
	ck_assert_ptr_null(*(void **)info.data);
}

/* A segment that leaves a trace wherever it can, and goes. */
static void
use_slot(void)
{
	physseg_t h = load(100, 110, 102, 108, 2);
	struct physseg_info info;

	ck_assert_int_eq(physseg_set_start_hint(t.map, h, 5), 0);
	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	*(void **)info.data = &t;
	ck_assert_int_eq(physseg_unplug(t.map, 100, 10), 0);
}

/* Of a slot that was used nothing is left: after a load, after a plug. */
START_TEST(test_used_slot)
{
	physseg_t h;

	begin(PAGE);
	use_slot();
	is_new(load(200, 210, 200, 210, 3), 3);
	is(200, 210, 200, 210);
	ck_assert_int_eq(physseg_unplug(t.map, 200, 10), 0);
	use_slot();
	ck_assert_int_eq(physseg_plug(t.map, 300, 10, 1, &h), 0);
	is_new(h, 1);
	is(300, 310, 300, 310);
	test_map_fini(&t);
}
END_TEST

/* ---- unload ---- */

static void
unloads(physseg_t h, int list, physseg_pfn_t pfn)
{
	physseg_pfn_t got = PHYSSEG_NOFRAME;

	ck_assert_int_eq(physseg_unload(t.map, h, list, &got), 0);
	ck_assert_uint_eq(got, pfn);
}

static void
forces(physseg_t h, int list, physseg_pfn_t pfn)
{
	physseg_pfn_t got = PHYSSEG_NOFRAME;

	ck_assert_int_eq(physseg_unload_force(t.map, h, list, &got), 0);
	ck_assert_uint_eq(got, pfn);
}

/* aaaarr: the front, until nothing is available */
START_TEST(test_unload_front)
{
	physseg_t h;
	physseg_pfn_t pfn = 7;

	begin(PAGE);
	h = load(100, 106, 100, 104, 1);
	for (physseg_pfn_t f = 100; f < 104; f++) {
		unloads(h, 1, f);
		is(f + 1, 106, f + 1, 104);
	}
	ck_assert_int_eq(physseg_unload(t.map, h, 1, &pfn), PHYSSEG_EEMPTY);
	ck_assert_uint_eq(pfn, 7);
	test_map_fini(&t);
}
END_TEST

/* rraaaa: the back, until nothing is available */
START_TEST(test_unload_back)
{
	physseg_t h;
	physseg_pfn_t pfn;

	begin(PAGE);
	h = load(100, 106, 102, 106, 1);
	for (physseg_pfn_t f = 105; f >= 102; f--) {
		unloads(h, 1, f);
		is(100, f, 102, f);
	}
	ck_assert_int_eq(physseg_unload(t.map, h, 1, &pfn), PHYSSEG_EEMPTY);
	test_map_fini(&t);
}
END_TEST

/* raaar: neither end */
START_TEST(test_unload_neither)
{
	struct test_state state;
	physseg_t h;
	physseg_pfn_t pfn;

	begin(PAGE);
	h = load(100, 105, 101, 104, 0);
	test_state_save(&state, &t);
	ck_assert_int_eq(physseg_unload(t.map, h, 0, &pfn), PHYSSEG_EEMPTY);
	ck_assert(test_state_unchanged(&state, &t));
	test_map_fini(&t);
}
END_TEST

/* aa: the segment vanishes with its last page, unless it is the last one */
START_TEST(test_unload_last)
{
	physseg_t h;
	physseg_pfn_t pfn = 7;

	test_map_init(&t, PAGE);
	test_map_boot(&t);
	h = load(100, 102, 100, 102, 0);
	unloads(h, 0, 100);
	ck_assert_int_eq(physseg_unload(t.map, h, 0, &pfn), PHYSSEG_ELAST);
	ck_assert_int_eq(
	    physseg_unload_force(t.map, h, 0, &pfn), PHYSSEG_ELAST);
	ck_assert_int_eq(physseg_steal(t.map, &pfn), PHYSSEG_ELAST);
	ck_assert_uint_eq(pfn, 7);
	is(101, 102, 101, 102);
	test_map_fini(&t);

	begin(PAGE);
	h = load(100, 101, 100, 101, 0);
	unloads(h, 0, 100);
	segments(0);
	ck_assert(!physseg_valid(t.map, h));
	ck_assert_int_eq(physseg_unload(t.map, h, 0, &pfn), PHYSSEG_ENOENT);
	test_map_fini(&t);
}
END_TEST

/* A start hint beyond what is left becomes 0. */
START_TEST(test_unload_hint)
{
	struct physseg_info info;
	physseg_t h;

	begin(PAGE);
	h = load(100, 110, 100, 108, 0);
	ck_assert_int_eq(physseg_set_start_hint(t.map, h, 6), 0);
	unloads(h, 0, 100);
	unloads(h, 0, 101);
	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	ck_assert_uint_eq(info.start_hint, 6);
	unloads(h, 0, 102);
	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	ck_assert_uint_eq(info.start_hint, 0);
	test_map_fini(&t);
}
END_TEST

/* rraar: by force, the segment is split: rr.ar, then rr..r */
START_TEST(test_force_splits)
{
	struct physseg_info info;
	physseg_t h;
	physseg_pfn_t pfn;

	begin(PAGE);
	h = load(100, 105, 102, 104, 3);
	if (!has_room("test_force_splits", 2)) {
		ck_assert_int_eq(
		    physseg_unload_force(t.map, h, 3, &pfn), PHYSSEG_ENOSLOT);
		test_map_fini(&t);
		return;
	}
	forces(h, 3, 102);
	segments(2);
	is(100, 102, 102, 102);
	is(103, 105, 103, 104);
	ck_assert_ptr_eq(physseg_find(t.map, 102, NULL), PHYSSEG_NONE);
	h = physseg_find(t.map, 103, NULL);
	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	ck_assert_int_eq(info.free_list, 3);
	forces(h, 3, 103);
	is(104, 105, 104, 104);
	ck_assert_int_eq(physseg_unload_force(
			     t.map, physseg_find(t.map, 104, NULL), 3, &pfn),
	    PHYSSEG_EEMPTY);
	test_map_fini(&t);
}
END_TEST

/* All pages of a segment by force, in order; then it is gone. */
START_TEST(test_force_all)
{
	physseg_t h;
	physseg_pfn_t pfn;

	begin(PAGE);
	h = load(0, 256, 0, 256, 0);
	for (physseg_pfn_t f = 0; f < 256; f++)
		forces(h, 0, f);
	segments(0);
	ck_assert_int_eq(
	    physseg_unload_force(t.map, h, 0, &pfn), PHYSSEG_ENOENT);
	test_map_fini(&t);
}
END_TEST

/* No slot or record for the tail: nothing changed. */
START_TEST(test_force_full)
{
	struct test_state state;
	physseg_t h;
	physseg_pfn_t pfn;

	test_map_init(&t, PAGE);
	t.config.capacity = t.config.boot_records = 1;
	test_map_boot(&t);
	h = load(100, 105, 102, 104, 0);
	test_state_save(&state, &t);
	ck_assert_int_eq(
	    physseg_unload_force(t.map, h, 0, &pfn), PHYSSEG_ENOSLOT);
	ck_assert_int_eq(physseg_unplug(t.map, 102, 1), PHYSSEG_ENOSLOT);
	ck_assert_int_eq(physseg_steal(t.map, &pfn), PHYSSEG_ENOSLOT);
	ck_assert(test_state_unchanged(&state, &t));
	test_map_fini(&t);
}
END_TEST

/* ---- steal ---- */

/*
 * list 1: raar      at 100      list 0: raar  at 200
 * list 0: rraa (end matches)    at 300
 * Free list 0 first; in it the matching end first, then by force.
 */
START_TEST(test_steal_order)
{
	const physseg_pfn_t order[] = { 303, 302, 201, 202, 101, 102 };
	physseg_pfn_t pfn = 7;

	begin(PAGE);
	if (!has_room("test_steal_order", 3)) {
		test_map_fini(&t);
		return;
	}
	load(100, 104, 101, 103, 1);
	load(200, 204, 201, 203, 0);
	load(300, 304, 302, 304, 0);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		ck_assert_int_eq(physseg_steal(t.map, &pfn), 0);
		ck_assert_uint_eq(pfn, order[i]);
		ck_assert_ptr_null(physseg_check(t.map));
	}
	ck_assert_int_eq(physseg_steal(t.map, &pfn), PHYSSEG_EEMPTY);
	ck_assert_uint_eq(pfn, 102);
	test_map_fini(&t);
}
END_TEST

/* By size the smallest is taken from first, else in the backend's order. */
START_TEST(test_steal_backwards)
{
	physseg_pfn_t pfn;

	begin(PAGE);
	if (!has_room("test_steal_backwards", 2)) {
		test_map_fini(&t);
		return;
	}
	load(200, 240, 200, 240, 0);
	load(100, 110, 100, 110, 0);
	ck_assert_int_eq(physseg_steal(t.map, &pfn), 0);
	if (test_has(PHYSSEG_SORTED) || test_has(PHYSSEG_BYSIZE))
		ck_assert_uint_eq(pfn, 100);
	else
		ck_assert_uint_eq(pfn, 200);
	test_map_fini(&t);
}
END_TEST

static void
steals(physseg_pfn_t pfn)
{
	physseg_pfn_t got = PHYSSEG_NOFRAME;

	ck_assert_int_eq(physseg_steal(t.map, &got), PHYSSEG_OK);
	ck_assert_uint_eq(got, pfn);
	ck_assert_ptr_null(physseg_check(t.map));
}

/* None can be stolen, and nothing changes; why. */
static void
refuses(int error)
{
	struct test_state state;
	physseg_pfn_t got = 7;

	test_state_save(&state, &t);
	ck_assert_int_eq(physseg_steal(t.map, &got), error);
	ck_assert_uint_eq(got, 7);
	ck_assert(test_state_unchanged(&state, &t));
}

/*
 * list 0: raar at 100	list 1: rraa at 200, raar at 300
 * All slots and records are taken, so the inner ones keep their pages; but what
 * a later list can give is given.
 */
START_TEST(test_steal_passes_over)
{
	test_map_init(&t, PAGE);
	t.config.capacity = t.config.boot_records = 3;
	test_map_boot(&t);
	if (!has_room("test_steal_passes_over", 3)) {
		refuses(PHYSSEG_ENOSLOT); /* it has raar */
		test_map_fini(&t);
		return;
	}
	load(100, 104, 101, 103, 0);
	load(200, 204, 202, 204, 1);
	load(300, 304, 301, 303, 1);
	steals(203);
	steals(202);
	refuses(PHYSSEG_ENOSLOT);
	ck_assert_int_eq(
	    physseg_set_avail(t.map, physseg_find(t.map, 100, NULL), 100, 100),
	    0);
	refuses(PHYSSEG_ENOSLOT); /* of the other list's */
	ck_assert_int_eq(
	    physseg_set_avail(t.map, physseg_find(t.map, 300, NULL), 300, 300),
	    0);
	refuses(PHYSSEG_EEMPTY);
	test_map_fini(&t);
}
END_TEST

/* The page structures of [start, start + n), if `pages' is a slab. */
static void
give_pages(physseg_pfn_t start, size_t n, void *pages)
{
	physseg_t h = physseg_find(t.map, start, NULL);
	void *part;

	ck_assert_int_eq(physseg_chomp_slab(t.map, h, pages, n), 0);
	ck_assert_int_eq(physseg_alloc_from_slab(t.map, h, n, &part), 0);
	ck_assert_int_eq(physseg_init_seg(t.map, h, part), 0);
}

/* A map that boots again.  The slab of [0, 100) came while it ran, and has room
 * for a few gaps only; that of [1000, 1010) is of boot, and has enough. */
static void
few_gaps(void)
{
	static char few[10 * PAGE];

	begin(PAGE);
	load(0, 100, 0, 100, 0);
	if (test_map_capacity(&t) >= 2)
		load(1000, 1010, 1000, 1010, 0);
	memset(few, 0, sizeof(few));
	if (test_map_capacity(&t) >= 2)
		give_pages(1000, 10, few);
	physseg_set_running(t.map, true);
	t.pages = calloc(100, PAGE);
	give_pages(0, 100, t.pages);
	physseg_set_running(t.map, false);
}

/* Memory that is offline is nobody's to take. */
START_TEST(test_steal_offline)
{
	struct physseg_addition add = { .n = 10, .state = PHYSSEG_OFFLINE };
	physseg_pfn_t got = 77;
	physseg_t h;

	begin(0);
	ck_assert_int_eq(physseg_add(t.map, &add, &h, NULL), 0);
	ck_assert_int_eq(physseg_steal(t.map, &got), PHYSSEG_EEMPTY);
	ck_assert_int_eq(physseg_unload(t.map, h, 0, &got), PHYSSEG_EEMPTY);
	ck_assert_int_eq(
	    physseg_unload_force(t.map, h, 0, &got), PHYSSEG_EEMPTY);
	ck_assert_uint_eq(got, 77);
	if (test_map_capacity(&t) > 1) {
		ck_assert_int_eq(
		    physseg_load(t.map, 100, 101, 100, 101, 1, NULL), 0);
		steals(100);
	}
	ck_assert_int_eq(physseg_online(t.map, 0, 10, NULL), 0);
	steals(0);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_steal_no_memory)
{
	physseg_pfn_t pfn = 7, gap = 20;
	physseg_t h;
	int error;

	few_gaps();
	if (test_map_capacity(&t) < 10) {
		ck_assert_int_eq(physseg_unplug(t.map, 20, 1), PHYSSEG_ENOSLOT);
		test_skip("test_steal_no_memory", "one segment");
		test_map_fini(&t);
		return;
	}
	while ((error = physseg_unplug(t.map, gap, 1)) == PHYSSEG_OK)
		gap += 10;
	ck_assert_int_eq(error, PHYSSEG_ENOMEM);
	ck_assert_uint_le(gap, 90);
	h = physseg_find(t.map, 0, NULL);
	ck_assert_int_eq(physseg_unload(t.map, h, 0, &pfn), PHYSSEG_ENOMEM);
	ck_assert_int_eq(
	    physseg_unload_force(t.map, h, 0, &pfn), PHYSSEG_ENOMEM);
	ck_assert_uint_eq(pfn, 7);
	steals(1000);
	ck_assert_int_eq(physseg_set_avail(t.map,
			     physseg_find(t.map, 1001, NULL), 1001, 1001),
	    0);
	refuses(PHYSSEG_ENOMEM);
	test_map_fini(&t);
}
END_TEST

/* ---- set_avail ---- */

START_TEST(test_set_avail)
{
	physseg_t h;

	begin(PAGE);
	h = load(100, 200, 100, 200, 0);
	ck_assert_int_eq(physseg_set_avail(t.map, h, 120, 130), 0);
	is(100, 200, 120, 130);
	ck_assert_int_eq(physseg_set_avail(t.map, h, 100, 200), 0);
	is(100, 200, 100, 200);
	ck_assert_int_eq(physseg_set_avail(t.map, h, 200, 200), 0);
	is(100, 200, 200, 200);
	/* Backwards: none; nothing is counted of it later. */
	ck_assert_int_eq(physseg_set_avail(t.map, h, 190, 110), 0);
	test_map_switch(&t, 0);
	ck_assert_uint_eq(t.host.counted, 0);
	ck_assert_uint_eq(test_log_count(&t.host, TEST_FREE), 0);
	ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), 100);
	test_map_fini(&t);
}
END_TEST

/* ---- the switch ---- */

static struct test_call
call_of(enum test_hook hook, physseg_pfn_t pfn)
{
	return (struct test_call){ .hook = hook, .pfn = pfn };
}

/* Each segment in order: its pages, what is counted, what is free. */
static void
switch_log(struct test_host *want)
{
	physseg_t h;

	PHYSSEG_FOREACH(h, t.map) {
		struct physseg_info i;
		struct test_call c;

		ck_assert_int_eq(physseg_get_info(t.map, h, &i), 0);
		for (physseg_pfn_t f = i.start; f < i.end; f++) {
			c = call_of(TEST_INIT, f);
			test_log_add(want, &c);
		}
		c = call_of(TEST_ACCOUNT, 0);
		c.added = true;
		c.counted = i.avail_end - i.avail_start;
		if (c.counted != 0)
			test_log_add(want, &c);
		for (physseg_pfn_t f = i.avail_start; f < i.avail_end; f++) {
			c = call_of(TEST_FREE, f);
			test_log_add(want, &c);
		}
	}
}

static void
load_some(void)
{
	load(200, 240, 205, 220, 0);
	if (test_map_capacity(&t) >= 3) {
		load(100, 110, 110, 110, 1);
		load(300, 390, 300, 390, 2);
	}
}

START_TEST(test_switch)
{
	struct test_host want;
	physseg_t h;

	begin(PAGE);
	load_some();
	test_host_init(&want, 0);
	switch_log(&want);
	test_map_switch(&t, 9);
	ck_assert(physseg_running(t.map));
	ck_assert(test_log_equal(&t.host, &want));
	ck_assert_uint_eq(test_host_allocs(&t.host), 0);
	PHYSSEG_FOREACH(h, t.map) {
		struct physseg_info info;

		ck_assert(physseg_valid(t.map, h));
		ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
		ck_assert_uint_eq(
		    info.counted, info.avail_end - info.avail_start);
		ck_assert((char *)info.pages >= (char *)t.pages);
	}
	test_host_fini(&want);
	test_map_fini(&t);
}
END_TEST

/*
 * page_free at the switch: segments in the order of the walk, which is by
 * address, by size or as they were loaded; each from its first frame up.
 */
START_TEST(test_order_of_page_free)
{
	static const physseg_pfn_t by_address[] = { 100, 101, 102, 200, 201,
		202, 203, 300, 301 };
	static const physseg_pfn_t by_size[] = { 200, 201, 202, 203, 100, 101,
		102, 300, 301 };
	static const physseg_pfn_t as_loaded[] = { 300, 301, 100, 101, 102, 200,
		201, 202, 203 };
	const physseg_pfn_t *want = test_has(PHYSSEG_SORTED) ? by_address
	    : test_has(PHYSSEG_BYSIZE)			     ? by_size
							     : as_loaded;
	size_t n = 0;

	begin(PAGE);
	load(300, 302, 300, 302, 0);
	if (test_map_capacity(&t) >= 3) {
		load(100, 103, 100, 103, 0);
		load(200, 204, 200, 204, 0);
	} else
		want = as_loaded;
	test_map_switch(&t, 0);
	for (size_t i = 0; i < t.host.ncalls; i++)
		if (t.host.log[i].hook == TEST_FREE)
			ck_assert_uint_eq(t.host.log[i].pfn, want[n++]);
	ck_assert_uint_eq(n, test_map_capacity(&t) >= 3 ? 9 : 2);
	test_map_fini(&t);
}
END_TEST

/* The same through boot.h: same log, same map. */
START_TEST(test_switch_by_steps)
{
	struct test_host want;
	physseg_t h;
	char *next;

	begin(PAGE);
	load_some();
	test_host_init(&want, 0);
	switch_log(&want);
	t.pages = calloc(200, PAGE);
	next = t.pages;
	ck_assert_int_eq(
	    physseg_chomp_slab(t.map, physseg_first(t.map), t.pages, 200), 0);
	PHYSSEG_FOREACH(h, t.map) {
		struct physseg_info info;
		void *array;

		ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
		ck_assert_int_eq(physseg_alloc_from_slab(t.map, h,
				     (size_t)(info.end - info.start), &array),
		    0);
		ck_assert_ptr_eq(array, next); /* consecutively */
		ck_assert_int_eq(physseg_init_seg(t.map, h, array), 0);
		ck_assert_int_eq(
		    physseg_init_seg(t.map, h, array), PHYSSEG_EINVAL);
		next += (info.end - info.start) * PAGE;
		ck_assert_ptr_null(physseg_check(t.map));
	}
	ck_assert(!physseg_running(t.map));
	physseg_set_running(t.map, true);
	ck_assert(physseg_running(t.map));
	ck_assert(test_log_equal(&t.host, &want));
	ck_assert_uint_eq(test_host_allocs(&t.host), 0);
	test_host_fini(&want);
	test_map_fini(&t);
}
END_TEST

/* Running, a segment without pages is not valid, but it is there. */
START_TEST(test_running_without_pages)
{
	struct physseg_removal *removal;
	struct physseg_info info;
	physseg_t h;
	void *array;

	begin(PAGE);
	h = load(100, 110, 100, 110, 0);
	if (test_map_capacity(&t) > 1)
		load(200, 210, 200, 210, 0);
	physseg_set_running(t.map, true);
	ck_assert(!physseg_valid(t.map, h));
	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	ck_assert_ptr_null(physseg_page(t.map, 105));
	ck_assert_ptr_null(physseg_check(t.map));
	t.pages = calloc(10, PAGE);
	ck_assert_int_eq(physseg_chomp_slab(t.map, h, t.pages, 10), 0);
	ck_assert_int_eq(physseg_alloc_from_slab(t.map, h, 10, &array), 0);
	ck_assert_int_eq(physseg_remove_begin(t.map, 100, 2,
			     PHYSSEG_REMOVE_UNPLUG, &removal, NULL),
	    0);
	ck_assert_int_eq(physseg_init_seg(t.map, h, array), PHYSSEG_EREMOVING);
	ck_assert_int_eq(physseg_remove_cancel(removal), 0);
	ck_assert_int_eq(physseg_init_seg(t.map, h, array), 0);
	ck_assert(physseg_valid(t.map, h));
	ck_assert_ptr_nonnull(physseg_page(t.map, 105));
	test_map_fini(&t);
}
END_TEST

/* Nothing needs a slab: an array of the caller's is a slab of its own. */
START_TEST(test_init_own_array)
{
	physseg_t h;

	begin(PAGE);
	h = load(100, 110, 102, 110, 0);
	t.pages = calloc(10, PAGE);
	ck_assert_int_eq(physseg_init_seg(t.map, h, t.pages), 0);
	ck_assert_ptr_eq(physseg_page(t.map, 100), t.pages);
	ck_assert_uint_eq(t.host.counted, 8);
	physseg_set_running(t.map, true);
	ck_assert(physseg_valid(t.map, h));
	test_map_fini(&t);
}
END_TEST

/* Arrays that are not a free-standing part of one slab. */
START_TEST(test_init_bad_array)
{
	struct test_state state;
	char *array;
	physseg_t h;
	void *part;

	begin(PAGE);
	h = load(100, 110, 102, 110, 0);
	array = t.pages = calloc(40, PAGE);
	ck_assert_int_eq(
	    physseg_chomp_slab(t.map, h, array + 10 * PAGE, 20), 0);
	ck_assert_int_eq(physseg_alloc_from_slab(t.map, h, 9, &part), 0);
	ck_assert_ptr_eq(part, array + 10 * PAGE);
	test_state_save(&state, &t);
	/* nine of ten allocated; none; half outside; between two pages */
	ck_assert_int_eq(physseg_init_seg(t.map, h, part), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_init_seg(t.map, h, array + 20 * PAGE), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_init_seg(t.map, h, array + 1 * PAGE), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_init_seg(t.map, h, array + 29 * PAGE), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_init_seg(t.map, h, array + 10 * PAGE + 1), PHYSSEG_EINVAL);
	ck_assert(test_state_unchanged(&state, &t));
	/* A boot slab is all there was. */
	ck_assert_int_eq(
	    physseg_init_seg(t.map, h, array + 30 * PAGE), PHYSSEG_ENOMEM);
	ck_assert_int_eq(
	    physseg_chomp_slab(t.map, h, array, 10), PHYSSEG_ENOMEM);
	test_map_fini(&t);
}
END_TEST

/* What the protocol did, the switch does not do again. */
START_TEST(test_switch_the_rest)
{
	struct physseg_stats stats;
	physseg_t h;
	char *pages;

	test_map_init(&t, PAGE);
	t.config.boot_slabs = 2;
	test_map_boot(&t);
	load(100, 110, 100, 110, 0);
	if (!has_room("test_switch_the_rest", 2)) {
		test_map_fini(&t);
		return;
	}
	load(200, 220, 200, 220, 0);
	pages = t.pages = calloc(30, PAGE);
	memset(pages + 10 * PAGE, 0x5a, 20 * PAGE); /* it zeroes them itself */
	h = physseg_find(t.map, 100, NULL);	    /* it may have moved */
	ck_assert_int_eq(physseg_init_seg(t.map, h, pages), 0);
	ck_assert_int_eq(
	    physseg_switch(t.map, pages + 10 * PAGE, 19), PHYSSEG_ESMALL);
	ck_assert_int_eq(physseg_switch(t.map, pages + 10 * PAGE, 20), 0);
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.slab_used, 30);
	ck_assert_uint_eq(stats.counted, 30);
	ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), 30);
	test_map_fini(&t);
}
END_TEST

/* Nothing is left to do for it, then; an array would be for nothing. */
START_TEST(test_switch_of_all)
{
	physseg_t h;

	begin(PAGE);
	h = load(100, 110, 100, 110, 0);
	t.pages = calloc(10, PAGE);
	ck_assert_int_eq(physseg_init_seg(t.map, h, t.pages), 0);
	ck_assert_int_eq(physseg_switch(t.map, t.pages, 0), PHYSSEG_EINVAL);
	ck_assert_int_eq(physseg_switch(t.map, NULL, 0), 0);
	ck_assert(physseg_running(t.map));
	ck_assert_uint_eq(t.host.counted, 10);
	ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), 10);
	test_map_fini(&t);
}
END_TEST

/* Without page_init nobody can make page structures.  The array is not kept. */
START_TEST(test_switch_without_page_init)
{
	struct test_state state;

	test_map_init(&t, PAGE);
	t.host.hooks.page_init = NULL;
	t.host.hooks.page_frame = NULL;
	test_map_boot(&t);
	ck_assert_int_eq(
	    physseg_load(t.map, 100, 110, 100, 110, 0, NULL), PHYSSEG_OK);
	t.pages = calloc(16, PAGE);
	test_state_save(&state, &t);
	ck_assert_int_eq(physseg_switch(t.map, t.pages, 16), PHYSSEG_EINVAL);
	ck_assert(test_state_unchanged(&state, &t));
	test_map_fini(&t);
}
END_TEST

/* Two segments, one array: whole, in part. */
START_TEST(test_init_shared_array)
{
	struct test_state state;
	char *array;
	void *part[2];

	begin(PAGE);
	load(100, 110, 100, 110, 0);
	if (!has_room("test_init_shared_array", 2)) {
		test_map_fini(&t);
		return;
	}
	load(200, 210, 200, 210, 0);
	array = t.pages = calloc(30, PAGE);
	ck_assert_int_eq(
	    physseg_chomp_slab(t.map, physseg_first(t.map), array, 30), 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(physseg_alloc_from_slab(
				     t.map, physseg_first(t.map), 10, &part[i]),
		    0);
	ck_assert_int_eq(
	    physseg_init_seg(t.map, physseg_find(t.map, 100, NULL), part[0]),
	    0);
	test_state_save(&state, &t);
	for (size_t i = 0; i < 10; i++)
		ck_assert_int_eq(
		    physseg_init_seg(t.map, physseg_find(t.map, 200, NULL),
			(char *)part[0] + i * PAGE),
		    PHYSSEG_EINVAL);
	ck_assert(test_state_unchanged(&state, &t));
	ck_assert_int_eq(
	    physseg_init_seg(t.map, physseg_find(t.map, 200, NULL), part[1]),
	    0);
	test_map_fini(&t);
}
END_TEST

/* Pages that a boot unplug takes back are not counted any more. */
START_TEST(test_unplug_between)
{
	physseg_t h;

	begin(PAGE);
	h = load(100, 110, 102, 110, 0);
	t.pages = calloc(10, PAGE);
	ck_assert_int_eq(physseg_init_seg(t.map, h, t.pages), 0);
	ck_assert_int_eq(physseg_unplug(t.map, 100, 4), 0);
	ck_assert_uint_eq(t.host.counted, 6);
	is(104, 110, 104, 110);
	ck_assert_uint_eq(test_log_count(&t.host, TEST_REINIT), 0);
	test_map_fini(&t);
}
END_TEST

/* A segment that goes as a whole takes its counted pages along, on an array,
 * too. */
START_TEST(test_unplug_whole_running)
{
	struct physseg_stats stats;

	begin(PAGE);
	load(100, 110, 103, 108, 0);
	if (test_map_capacity(&t) >= 2)
		load(200, 220, 200, 220, 0);
	test_map_switch(&t, 0);
	ck_assert_int_eq(physseg_unplug(t.map, 100, 10), 0);
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.counted, test_map_capacity(&t) >= 2 ? 20 : 0);
	ck_assert_uint_eq(t.host.counted, stats.counted);
	ck_assert_uint_eq(t.host.frames + 10, 0); /* boot's are not told */
	test_map_fini(&t);
}
END_TEST

/* A page layer that starts over. */
START_TEST(test_back_to_boot)
{
	physseg_pfn_t pfn;

	begin(PAGE);
	load(100, 110, 100, 110, 0);
	test_map_switch(&t, 0);
	ck_assert_int_eq(physseg_steal(t.map, &pfn), PHYSSEG_EPHASE);
	physseg_set_running(t.map, false);
	ck_assert(!physseg_running(t.map));
	ck_assert_int_eq(physseg_steal(t.map, &pfn), 0);
	ck_assert_uint_eq(pfn, 100);
	ck_assert_uint_eq(t.host.counted, 9);
	test_map_fini(&t);
}
END_TEST

/* Records of the host's are none for a map that boots again. */
START_TEST(test_back_to_boot_records)
{
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_back_to_boot_records", "no hot plug");
		return;
	}
	test_map_init(&t, PAGE);
	t.config.boot_records = 2;
	test_map_boot(&t);
	load(100, 110, 100, 110, 0);
	test_map_switch(&t, 0);
	ck_assert_int_eq(physseg_plug(t.map, 200, 10, 0, NULL), 0);
	ck_assert_int_eq(physseg_plug(t.map, 300, 10, 0, NULL), 0);
	ck_assert_int_eq(physseg_unplug(t.map, 200, 10), 0);
	ck_assert_int_eq(physseg_unplug(t.map, 300, 10), 0);
	ck_assert_int_eq(physseg_set_running(t.map, false), 0);
	ck_assert_int_eq(
	    physseg_load(t.map, 200, 210, 200, 210, 0, NULL), PHYSSEG_ENOSLOT);
	ck_assert_ptr_null(physseg_check(t.map));
	test_map_fini(&t);
}
END_TEST

START_TEST(test_registry_switch)
{
	physseg_t h;

	begin(0);
	h = load(100, 110, 102, 108, 0);
	test_map_switch(&t, 0);
	ck_assert(physseg_running(t.map));
	ck_assert(physseg_valid(t.map, h));
	ck_assert_ptr_null(physseg_page(t.map, 100));
	ck_assert_uint_eq(physseg_frame(t.map, &t), PHYSSEG_NOFRAME);
	ck_assert_uint_eq(t.host.ncalls + test_host_allocs(&t.host), 0);
	is(100, 110, 102, 108);
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_boot");
	TCase *tc = tcase_create("load");

	tcase_add_test(tc, test_load);
	tcase_add_test(tc, test_load_edges);
	tcase_add_test(tc, test_load_until_full);
	tcase_add_test(tc, test_freed_at_boot);
	tcase_add_test(tc, test_used_slot);
	tcase_add_test(tc, test_set_avail);
	suite_add_tcase(s, tc);
	tc = tcase_create("unload");
	tcase_add_test(tc, test_unload_front);
	tcase_add_test(tc, test_unload_back);
	tcase_add_test(tc, test_unload_neither);
	tcase_add_test(tc, test_unload_last);
	tcase_add_test(tc, test_unload_hint);
	tcase_add_test(tc, test_force_splits);
	tcase_add_test(tc, test_force_all);
	tcase_add_test(tc, test_force_full);
	tcase_add_test(tc, test_steal_order);
	tcase_add_test(tc, test_steal_backwards);
	tcase_add_test(tc, test_steal_passes_over);
	tcase_add_test(tc, test_steal_offline);
	tcase_add_test(tc, test_steal_no_memory);
	suite_add_tcase(s, tc);
	tc = tcase_create("switch");
	tcase_add_test(tc, test_switch);
	tcase_add_test(tc, test_order_of_page_free);
	tcase_add_test(tc, test_switch_by_steps);
	tcase_add_test(tc, test_running_without_pages);
	tcase_add_test(tc, test_init_own_array);
	tcase_add_test(tc, test_init_bad_array);
	tcase_add_test(tc, test_switch_the_rest);
	tcase_add_test(tc, test_switch_of_all);
	tcase_add_test(tc, test_switch_without_page_init);
	tcase_add_test(tc, test_init_shared_array);
	tcase_add_test(tc, test_unplug_between);
	tcase_add_test(tc, test_unplug_whole_running);
	tcase_add_test(tc, test_back_to_boot);
	tcase_add_test(tc, test_back_to_boot_records);
	tcase_add_test(tc, test_registry_switch);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
