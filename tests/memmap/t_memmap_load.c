/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * t_memmap_load.c -- memory maps are loaded into maps: whole, or not at all.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/memmap.h>

#include "support.h"

#define PAGE	sizeof(struct test_page)
#define SHIFT	12
#define ENTRIES 256

static struct test_map t;
static struct physseg_memmap_entry entries[ENTRIES];
static struct physseg_memmap memmap;
static struct physseg_memmap_reason reason;

static void
setup(void)
{
	test_map_init(&t, PAGE);
	physseg_memmap_init(&memmap, entries, ENTRIES);
	memset(&reason, 0, sizeof(reason));
}

static void
teardown(void)
{
	test_map_fini(&t);
}

/* How many segments this run's backend holds: one, or many. */
static bool
holds(size_t n)
{
	return test_map_capacity(&t) >= n;
}

/* In frames. */
static void
add(uint64_t first, uint64_t n, enum physseg_region_kind kind, int node)
{
	ck_assert_int_eq(physseg_memmap_add(&memmap, first << SHIFT, n << SHIFT,
			     kind, node, 0, NULL),
	    PHYSSEG_OK);
}

static void
ram(uint64_t first, uint64_t n)
{
	add(first, n, PHYSSEG_KIND_RAM, PHYSSEG_NONODE);
}

static void
use(uint64_t first, uint64_t n)
{
	ck_assert_int_eq(
	    physseg_memmap_reserve(&memmap, first << SHIFT, n << SHIFT, NULL),
	    PHYSSEG_OK);
}

/* The load fails, changes nothing, and blames frames [first, end). */
static void
refused(const struct physseg_memmap_layout *layout, int error, uint64_t first,
    uint64_t end)
{
	struct test_state state;

	test_state_save(&state, &t);
	ck_assert_int_eq(
	    physseg_memmap_load(&memmap, layout, t.map, &reason), error);
	ck_assert(test_state_unchanged(&state, &t));
	ck_assert_int_eq(reason.error, error);
	ck_assert_uint_eq(reason.region.first, first << SHIFT);
	ck_assert_uint_eq(
	    reason.region.last, end == 0 ? 0 : (end << SHIFT) - 1);
	memset(&reason, 0, sizeof(reason));
}

static void
loaded(const struct physseg_memmap_layout *layout)
{
	ck_assert_int_eq(
	    physseg_memmap_load(&memmap, layout, t.map, &reason), PHYSSEG_OK);
	ck_assert_int_eq(reason.error, 0);
	ck_assert_ptr_null(physseg_check(t.map));
}

static struct physseg_info
info_of(physseg_pfn_t pfn)
{
	struct physseg_info info;

	ck_assert_int_eq(
	    physseg_get_info(t.map, physseg_find(t.map, pfn, NULL), &info),
	    PHYSSEG_OK);
	return info;
}

START_TEST(load_and_switch)
{
	struct physseg_memmap_totals totals;
	struct physseg_stats stats;
	struct physseg_info info;

	ram(100, 100);
	use(100, 10);
	use(190, 10);
	ck_assert_int_eq(
	    physseg_memmap_count(&memmap, NULL, &totals, NULL), PHYSSEG_OK);
	ck_assert_uint_eq(totals.segments, 1);
	test_map_boot(&t);
	loaded(NULL);
	info = info_of(150);
	ck_assert_uint_eq(info.start, 100);
	ck_assert_uint_eq(info.end, 200);
	ck_assert_uint_eq(info.avail_start, 110);
	ck_assert_uint_eq(info.avail_end, 190);
	test_map_switch(&t, 0);
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.segments, totals.segments);
	ck_assert_uint_eq(stats.frames, totals.frames);
	ck_assert_uint_eq(stats.counted, totals.available);
}
END_TEST

START_TEST(lists_and_kinds)
{
	static const struct physseg_memmap_list lists[] = { { 0, 2 },
		{ 150, 1 } };
	const struct physseg_memmap_layout layout = { .lists = lists,
		.nlists = 2 };

	test_map_boot(&t);
	if (!holds(3)) {
		test_skip("lists_and_kinds", "room for one segment");
		return;
	}
	ram(100, 100);
	add(300, 10, PHYSSEG_KIND_PERSISTENT, PHYSSEG_NONODE);
	loaded(&layout);
	ck_assert_int_eq(physseg_free_list(t.map, 149), 2);
	ck_assert_int_eq(physseg_free_list(t.map, 150), 1);
	ck_assert_uint_eq(info_of(300).end, 310);
	ck_assert_uint_eq(info_of(300).avail_start, info_of(300).avail_end);
	ck_assert_int_eq(physseg_free_list(t.map, 200), -1);
}
END_TEST

/* The integrator's data is written segment by segment. */
static void
write_node(
    void *arg, physseg_t handle, const struct physseg_memmap_segment *segment)
{
	struct physseg_info info;
	int *calls = arg;

	++*calls;
	ck_assert_int_eq(physseg_get_info(t.map, handle, &info), PHYSSEG_OK);
	ck_assert_uint_eq(info.start, segment->start);
	ck_assert_uint_eq(info.end, segment->end);
	memcpy(info.data, &segment->node, sizeof(segment->node));
	ck_assert_int_eq(physseg_load(t.map, 9000, 9001, 9000, 9001, 0, NULL),
	    PHYSSEG_EBUSY);
}

START_TEST(a_hook_is_told)
{
	int calls = 0, node;
	const struct physseg_memmap_layout layout = { .loaded = write_node,
		.arg = &calls };

	test_map_boot(&t);
	add(100, 100, PHYSSEG_KIND_RAM, 7);
	if (holds(2))
		add(200, 100, PHYSSEG_KIND_RAM, 8);
	loaded(&layout);
	ck_assert_int_eq(calls, holds(2) ? 2 : 1);
	memcpy(&node, info_of(199).data, sizeof(node));
	ck_assert_int_eq(node, 7);
	if (!holds(2)) {
		test_skip("a_hook_is_told: the second", "room for one segment");
		return;
	}
	memcpy(&node, info_of(200).data, sizeof(node));
	ck_assert_int_eq(node, 8);
}
END_TEST

/* ---- refusals: the last segment is to blame, and none is loaded ---- */

START_TEST(no_room)
{
	const size_t room = (test_map_boot(&t), test_map_capacity(&t));

	for (size_t i = 0; i <= room; i++)
		ram(10 * i, 5);
	refused(NULL, PHYSSEG_ENOSLOT, 10 * room, 10 * room + 5);
	/* No record was used up: all but the last one fit. */
	ck_assert_int_eq(
	    physseg_memmap_set_kind(&memmap, 10 * (uint64_t)room << SHIFT,
		5 << SHIFT, PHYSSEG_KIND_NONE, NULL),
	    PHYSSEG_OK);
	{ /* lists, but not which */
		const struct physseg_memmap_layout layout = { .nlists = 2 };
		struct physseg_memmap_totals totals;

		ck_assert_int_eq(
		    physseg_memmap_count(&memmap, &layout, &totals, NULL),
		    PHYSSEG_EINVAL);
		ck_assert_int_eq(
		    physseg_memmap_load(&memmap, &layout, t.map, NULL),
		    PHYSSEG_EINVAL);
	}
	for (int i = 0; i < 3; i++) { /* no list 7 */
		static const struct physseg_memmap_list lists[] = { { 0, 7 } };
		const struct physseg_memmap_layout layout = { .lists = lists,
			.nlists = 1 };

		refused(&layout, PHYSSEG_EINVAL, 0, 5);
	}
	loaded(NULL);
	refused(NULL, PHYSSEG_EOVERLAP, 0, 5);
}
END_TEST

/* Some room is taken, and some of that was given back: where records stand for
 * slots, they are used again. */
START_TEST(room_that_was_used)
{
	struct physseg_stats stats;
	size_t left;

	test_map_boot(&t);
	if (!holds(3)) {
		test_skip("room_that_was_used", "room for one segment");
		return;
	}
	for (physseg_pfn_t i = 0; i < 3; i++)
		ck_assert_int_eq(
		    physseg_load(t.map, 100000 + 10 * i, 100005 + 10 * i,
			100000 + 10 * i, 100005 + 10 * i, 0, NULL),
		    PHYSSEG_OK);
	ck_assert_int_eq(physseg_unplug(t.map, 100010, 5), PHYSSEG_OK);
	left = test_map_capacity(&t) - (test_has(PHYSSEG_POSITION) ? 2 : 3);
	for (size_t i = 0; i < left; i++)
		ram(10 * i, 5);
	ram(10 * left, 5);
	refused(NULL, PHYSSEG_ENOSLOT, 10 * left, 10 * left + 5);
	physseg_memmap_set_kind(&memmap, 10 * (uint64_t)left << SHIFT,
	    5 << SHIFT, PHYSSEG_KIND_NONE, NULL);
	loaded(NULL);
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.segments, left + 2);
}
END_TEST

START_TEST(overlaps_the_map)
{
	test_map_boot(&t);
	ck_assert_int_eq(
	    physseg_load(t.map, 205, 207, 205, 207, 0, NULL), PHYSSEG_OK);
	ram(100, 5);
	ram(200, 10);
	/* A map that is full says so, unless what overlaps comes first. */
	refused(NULL, holds(3) ? PHYSSEG_EOVERLAP : PHYSSEG_ENOSLOT,
	    holds(3) ? 200 : 100, holds(3) ? 210 : 105);
	ck_assert_int_eq(physseg_free_list(t.map, 100), -1);
}
END_TEST

START_TEST(beyond_the_limit)
{
	t.config.frames = 1000;
	test_map_boot(&t);
	ram(900, 100);
	if (holds(2))
		ram(100, 10);
	loaded(NULL);
	physseg_memmap_init(&memmap, entries, ENTRIES);
	ram(100000, 1);
	refused(NULL, PHYSSEG_ERANGE, 100000, 100001);
	ram(1000, 1);
	refused(NULL, PHYSSEG_ERANGE, 1000, 1001);
}
END_TEST

START_TEST(a_conflict_of_nodes)
{
	test_map_boot(&t);
	ram(0, 10);
	add(100, 10, PHYSSEG_KIND_RAM, 0);
	add(105, 10, PHYSSEG_KIND_RAM, 1);
	refused(NULL, PHYSSEG_EOVERLAP, 105, 110);
}
END_TEST

START_TEST(a_map_that_runs)
{
	test_map_boot(&t);
	ram(0, 10);
	loaded(NULL);
	test_map_switch(&t, 0);
	physseg_memmap_init(&memmap, entries, ENTRIES);
	ram(100, 10);
	refused(NULL, PHYSSEG_EPHASE, 0, 0);
}
END_TEST

/* A map that boots again: as many as there is room for without the host's
 * memory, and no more. */
START_TEST(a_map_that_boots_again)
{
	struct physseg_stats before, stats;
	size_t room = 0;

	test_map_init(&t, 0);
	t.config.boot_records = t.config.capacity = 6;
	test_map_boot(&t);
	if (!holds(6)) {
		test_skip("a_map_that_boots_again", "room for one segment");
		return;
	}
	ram(1000, 10);
	ram(1100, 10);
	loaded(NULL);
	ck_assert_int_eq(physseg_switch(t.map, NULL, 0), PHYSSEG_OK);
	if (test_has(PHYSSEG_HOTPLUG)) {
		ck_assert_int_eq(
		    physseg_plug(t.map, 2000, 10, 0, NULL), PHYSSEG_OK);
		ck_assert_int_eq(physseg_unplug(t.map, 1000, 10), PHYSSEG_OK);
	}
	ck_assert_int_eq(physseg_set_running(t.map, false), PHYSSEG_OK);
	physseg_get_stats(t.map, &before);
	for (size_t n = 6; n > 0 && room == 0; n--) {
		physseg_memmap_init(&memmap, entries, ENTRIES);
		for (size_t i = 0; i < n; i++)
			ram(10 * i, 5);
		if (physseg_memmap_load(&memmap, NULL, t.map, &reason) ==
		    PHYSSEG_OK)
			room = n;
		else {
			ck_assert_int_eq(reason.error, PHYSSEG_ENOSLOT);
			ck_assert_int_eq(physseg_free_list(t.map, 0), -1);
		}
		ck_assert_ptr_null(physseg_check(t.map));
	}
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_ge(room, 3);
	ck_assert_uint_eq(stats.segments, before.segments + room);
	ck_assert_uint_eq(stats.host_bytes, before.host_bytes);
}
END_TEST

/* A backend with a limit of its own, which is less than there are records. */
START_TEST(a_backend_that_has_a_limit)
{
	struct physseg_backend limited = *test_backend;

	if (limited.max_segments == 1) {
		test_map_boot(&t);
		test_skip("a_backend_that_has_a_limit", "it has one");
		return;
	}
	limited.max_segments = 3;
	t.config.backend = &limited;
	t.config.boot_records = 4;
	test_map_boot(&t);
	ck_assert_int_eq(
	    physseg_load(t.map, 1000, 1010, 1000, 1010, 0, NULL), PHYSSEG_OK);
	ram(10, 5);
	ram(20, 5);
	ram(30, 5);
	refused(NULL, PHYSSEG_ENOSLOT, 30, 35);
	physseg_memmap_init(&memmap, entries, ENTRIES);
	ram(10, 5);
	ram(20, 5);
	loaded(NULL);
}
END_TEST

/* One that was made without storage has no boot records at all. */
START_TEST(a_map_without_storage_that_boots)
{
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_map_boot(&t);
		test_skip("a_map_without_storage_that_boots",
		    "none can be made on this backend");
		return;
	}
	test_map_run(&t);
	ck_assert_int_eq(physseg_set_running(t.map, false), PHYSSEG_OK);
	ram(0, 5);
	refused(NULL, PHYSSEG_ENOSLOT, 0, 5);
}
END_TEST

static int load_in_hook;

static void
try_in_hook(struct test_host *host, const struct test_call *call)
{
	(void)host;
	if (call->hook == TEST_INIT)
		load_in_hook = physseg_memmap_load(&memmap, NULL, t.map, NULL);
}

START_TEST(from_a_hook)
{
	test_map_boot(&t);
	ram(0, 10);
	loaded(NULL);
	t.host.watch = try_in_hook;
	test_map_switch(&t, 0);
	ck_assert_int_eq(load_in_hook, PHYSSEG_EBUSY);
}
END_TEST

/* ---- random memory maps, held against the map frame by frame ---- */

#define FRAMES 200

START_TEST(random_loads)
{
	const unsigned long steps = test_steps != 0 ? test_steps : 300;
	struct test_rng rng = { test_seed };
	unsigned long good = 0, bad = 0;
	struct physseg_memmap_totals totals;
	struct physseg_region region;
	struct test_state state;
	bool present[FRAMES], before;
	size_t at;
	int error;

	for (unsigned long step = 0; step < steps; step++) {
		test_map_init(&t, PAGE);
		t.config.boot_records = t.config.capacity =
		    1 + test_random_size(&rng, 12);
		test_map_boot(&t);
		physseg_memmap_init(&memmap, entries, ENTRIES);
		for (uint64_t n = 1 + test_random_below(&rng, 12); n > 0; n--) {
			const uint64_t first =
			    test_random_below(&rng, FRAMES - 20);

			if (test_random_below(&rng, 4) == 0)
				use(first, 1 + test_random_below(&rng, 10));
			else
				add(first, 1 + test_random_below(&rng, 20),
				    (enum physseg_region_kind)(
					1 + test_random_below(&rng, 3)),
				    PHYSSEG_NONODE);
		}
		before = test_random_below(&rng, 4) == 0;
		if (before)
			physseg_load(t.map, 50, 52, 50, 52, 0, NULL);
		test_state_save(&state, &t);
		error = physseg_memmap_load(&memmap, NULL, t.map, &reason);
		if (error != PHYSSEG_OK) {
			bad++;
			test_assert(error == PHYSSEG_ENOSLOT ||
			    error == PHYSSEG_EOVERLAP);
			test_assert(test_state_unchanged(&state, &t));
		} else {
			good++;
			test_state_free(&state);
			physseg_memmap_count(&memmap, NULL, &totals, NULL);
			test_assert(totals.segments <= test_map_capacity(&t));
			memset(present, 0, sizeof(present));
			present[50] = present[51] = before;
			for (at = 0;
			     physseg_memmap_next(&memmap, &at, &region);)
				for (uint64_t f = region.first >> SHIFT;
				     f <= region.last >> SHIFT; f++)
					present[f] = true;
			for (physseg_pfn_t f = 0; f < FRAMES; f++)
				test_assert(present[f] ==
				    (physseg_free_list(t.map, f) >= 0));
			test_assert(physseg_check(t.map) == NULL);
		}
		test_map_fini(&t);
	}
	ck_assert_uint_gt(good, 0);
	ck_assert_uint_gt(bad, 0);
	test_map_init(&t, PAGE); /* for teardown */
	test_map_boot(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("memmap, loaded");
	TCase *c = tcase_create("load");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, load_and_switch);
	tcase_add_test(c, lists_and_kinds);
	tcase_add_test(c, a_hook_is_told);
	tcase_add_test(c, no_room);
	tcase_add_test(c, room_that_was_used);
	tcase_add_test(c, overlaps_the_map);
	tcase_add_test(c, beyond_the_limit);
	tcase_add_test(c, a_conflict_of_nodes);
	tcase_add_test(c, a_map_that_runs);
	tcase_add_test(c, a_map_that_boots_again);
	tcase_add_test(c, a_backend_that_has_a_limit);
	tcase_add_test(c, a_map_without_storage_that_boots);
	tcase_add_test(c, from_a_hook);
	tcase_add_test(c, random_loads);
	suite_add_tcase(s, c);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
