/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_fault.c -- out of memory, at every place where it can happen.
 *
 * An operation is tried on a freshly made map with the first allocation
 * refused, on another with the second, and so on until none is refused any
 * more.  After each failure the map is what it was and nothing leaked.  The
 * same map then does the operation without a refusal: a failure spoils
 * nothing for later.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#include "engine.h"

#define PAGE 24
#define MOST 64 /* allocations of one operation, far above all of them */

static struct test_map t;
static char array[64 * PAGE];

/* ---- maps to try it on ---- */

/* Running, of [0, 512), with `spare' page structures left over. */
static void
running(size_t spare)
{
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 0, 512, 10, 500, 1, NULL), 0);
	test_map_switch(&t, spare);
}

static void
with_spare(void)
{
	running(256);
}

static void
without_spare(void)
{
	running(0);
}

/* All records of boot are segments: the next needs memory. */
static void
without_records(void)
{
	running(256);
	for (physseg_pfn_t i = 1; i < 32; i++)
		if (physseg_plug(t.map, 1000 * i, 1, 0, NULL) != 0)
			break;
}

/* All records, and no page structures left over. */
static void
without_both(void)
{
	running(31);
	for (physseg_pfn_t i = 1; i < 32; i++)
		if (physseg_plug(t.map, 1000 * i, 1, 0, NULL) != 0)
			break;
}

/* A segment whose page structures are the host's. */
static void
with_host_slab(void)
{
	running(0);
	(void)physseg_plug(t.map, 5000, 2000, 2, NULL);
}

/* Cut holes from a frame on, until its slab has no descriptor for one more and
 * no free map yet. */
static void
cut_up(physseg_pfn_t pfn)
{
	const struct physseg_slab *slab;

	for (;; pfn += 2) {
		slab =
		    physseg_record_of(physseg_index_lookup(t.map, pfn))->slab;
		if (extent_spare(slab->extent) == 0)
			break;
		if (physseg_unplug(t.map, pfn, 1) != 0)
			break; /* no room for a segment more */
	}
	ck_assert_ptr_null(slab->freemap);
}

/* Neither a slab of boot nor one of the host has a descriptor left. */
static void
fragmented(void)
{
	with_host_slab();
	if (test_has(PHYSSEG_HOTPLUG))
		cut_up(5001);
	cut_up(1);
}

/* The same of the host's, with a whole chunk of records used up. */
static void
fragmented_to_the_last_record(void)
{
	with_host_slab();
	if (test_has(PHYSSEG_HOTPLUG))
		cut_up(5001);
	for (physseg_pfn_t f = 1; t.map->segments < 96 && f < 400; f += 2)
		(void)physseg_unplug(t.map, f, 1);
}

/* Every slab has a free map, and takes no memory any more. */
static void
with_free_maps(void)
{
	fragmented();
	for (physseg_pfn_t f = 201; f < 210; f += 2) {
		(void)physseg_unplug(t.map, f, 1);
		(void)physseg_unplug(t.map, 5000 + f, 1);
	}
}

/* Without boot storage: not one record yet. */
static void
from_nothing(void)
{
	test_map_run(&t);
}

/* A removal is open beside what is tried, [200, 220) of it. */
static struct physseg_removal *opened;

static void
open_beside(void)
{
	ck_assert_int_eq(physseg_remove_begin(t.map, 200, 20,
			     PHYSSEG_REMOVE_UNPLUG, &opened, NULL),
	    t.config.backend->max_segments == 1 ? PHYSSEG_ENOSLOT : 0);
}

static void
with_opened(void)
{
	running(0);
	open_beside();
}

static void
with_opened_and_records(void)
{
	without_records();
	open_beside();
}

/* [300, 400) is offline. */
static void
with_offline(void)
{
	running(0);
	(void)physseg_remove(t.map, 300, 100, PHYSSEG_REMOVE_OFFLINE, NULL);
}

static void
with_offline_and_records(void)
{
	without_records();
	(void)physseg_remove(t.map, 300, 100, PHYSSEG_REMOVE_OFFLINE, NULL);
}

/* Segments that touch, of two slabs. */
static void
adjacent(void)
{
	running(0);
	(void)physseg_plug(t.map, 512, 700, 0, NULL);
	(void)physseg_plug(t.map, 1212, 700, 1, NULL);
}

/* The same, and neither slab nor records have anything left. */
static void
adjacent_fragmented(void)
{
	adjacent();
	cut_up(1);
	if (test_has(PHYSSEG_HOTPLUG))
		cut_up(1701);
}

/* A map that joins, with a hole that a plug fills. */
static void
with_hole(void)
{
	t.config.coalesce = true;
	running(0);
	(void)physseg_unplug(t.map, 300, 10);
}

/* Page structures can lie in the range itself. */
static _Alignas(max_align_t) char in_range[64 * 4096];

static void *
frames_map(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	(void)pfn;
	return n <= 64 ? in_range : NULL;
}

static void
frames_unmap(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, void *mem)
{
	(void)ctx;
	(void)pfn;
	memset(mem, 0, (size_t)n * 4096);
}

/* ---- what is tried ---- */

static int
add(enum physseg_state state, enum physseg_source source)
{
	const struct physseg_addition what = { .pfn = 100000,
		.n = 64,
		.state = state,
		.source = source,
		.pages = source == PHYSSEG_FROM_CALLER ? array : NULL };

	memset(array, 0, sizeof(array));
	return physseg_add(t.map, &what, NULL, NULL);
}

static int
add_offline(void)
{
	return add(PHYSSEG_OFFLINE, PHYSSEG_FROM_SLAB);
}

static int
add_callers(void)
{
	return add(PHYSSEG_ONLINE, PHYSSEG_FROM_CALLER);
}

static int
add_in_range(void)
{
	return add(PHYSSEG_ONLINE, PHYSSEG_FROM_RANGE);
}

static int
fill_hole(void)
{
	return physseg_plug(t.map, 300, 10, 1, NULL);
}

static int
offline_middle(void)
{
	return physseg_remove(t.map, 350, 10, PHYSSEG_REMOVE_OFFLINE, NULL);
}

static int
offline_front(void)
{
	return physseg_remove(t.map, 0, 10, PHYSSEG_REMOVE_OFFLINE, NULL);
}

static int
offline_all(void)
{
	return physseg_remove(t.map, 600, 1000, PHYSSEG_REMOVE_OFFLINE, NULL);
}

static int
online_middle(void)
{
	return physseg_online(t.map, 350, 10, NULL);
}

static int
online_more(void)
{
	return physseg_online(t.map, 290, 100, NULL);
}

static int
unplug_range(void)
{
	return physseg_unplug(t.map, 400, 1000);
}

static int
begin_with(physseg_pfn_t pfn, physseg_pfn_t n, unsigned how)
{
	struct physseg_removal *removal;

	return physseg_remove_begin(t.map, pfn, n, how, &removal, NULL);
}

static int
begin_middle(void)
{
	return begin_with(350, 10, PHYSSEG_REMOVE_UNPLUG);
}

static int
begin_back(void)
{
	return begin_with(500, 12, PHYSSEG_REMOVE_UNPLUG);
}

static int
begin_offline(void)
{
	return begin_with(350, 10, PHYSSEG_REMOVE_OFFLINE);
}

static int
begin_range(void)
{
	return begin_with(400, 1000, PHYSSEG_REMOVE_UNPLUG);
}

/* A commit asks for nothing: what fails is the begin. */
static int
commit(unsigned how)
{
	struct physseg_removal *removal;
	int error;

	error = physseg_remove_begin(t.map, 350, 10, how, &removal, NULL);
	return error != 0 ? error : physseg_remove_commit(removal, NULL, NULL);
}

static int
commit_unplug(void)
{
	return commit(PHYSSEG_REMOVE_UNPLUG);
}

static int
commit_offline(void)
{
	return commit(PHYSSEG_REMOVE_OFFLINE);
}

/* What is plugged makes the tree higher, and the one that is open needs more:
 * its commit has it. */
static int
plug_far(void)
{
	const physseg_pfn_t far = (physseg_pfn_t)1
	    << (sizeof(far) > 4 ? 45 : 30);
	int error = physseg_plug(t.map, far, 8, 0, NULL);

	if (error != 0 || opened == NULL)
		return error;
	error = physseg_remove_commit(opened, NULL, NULL);
	opened = NULL;
	return error;
}

static int
plug_small(void)
{
	return physseg_plug(t.map, 100000, 8, 0, NULL);
}

static int
plug_large(void)
{
	return physseg_plug(t.map, 100000, 5000, 0, NULL);
}

static int
check_small(void)
{
	return physseg_plug_check(t.map, 100000, 8, 0);
}

static int
check_large(void)
{
	return physseg_plug_check(t.map, 100000, 5000, 0);
}

static int
unplug_middle(void)
{
	return physseg_unplug(t.map, 300, 10);
}

static int
unplug_front(void)
{
	return physseg_unplug(t.map, 0, 1);
}

static int
unplug_back(void)
{
	return physseg_unplug(t.map, 500, 12);
}

static int
unplug_host_middle(void)
{
	return physseg_unplug(t.map, 6000, 10);
}

static int
unplug_host_front(void)
{
	return physseg_unplug(t.map, 5000, 1);
}

static int
unplug_host_back(void)
{
	return physseg_unplug(t.map, 6990, 10);
}

static int
chomp(void)
{
	return physseg_chomp_slab(t.map, physseg_first(t.map), array, 64);
}

/* An array that lies in no slab is taken as one. */
static int
init_seg(void)
{
	return physseg_init_seg(t.map, physseg_find(t.map, 0, NULL), array);
}

/* Running, and the segment has no pages yet. */
static void
without_pages(void)
{
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 0, 64, 10, 50, 1, NULL), 0);
	ck_assert_int_eq(
	    physseg_chomp_slab(t.map, physseg_first(t.map), &t, 1), 0);
	physseg_set_running(t.map, true);
}

/* The i-th unplug of one frame in two: some of them need a descriptor, some
 * a chunk of records, some both. */
static physseg_pfn_t next_hole;

static int
unplug_next(void)
{
	return physseg_unplug(t.map, next_hole, 1);
}

static const struct scene {
	const char *name;
	void (*make)(void);
	int (*try)(void);
	bool hotplug; /* only where the backend can */
	int least;    /* it asks for memory so often at least */
} scenes[] = {
	{ "plug scavenged", with_spare, plug_small, true, 0 },
	{ "plug fresh", without_spare, plug_small, true, 2 },
	{ "plug large", without_spare, plug_large, true, 2 },
	{ "plug too large for spare", with_spare, plug_large, true, 2 },
	{ "plug, record chunk", without_records, plug_small, true, 2 },
	{ "plug, record chunk, fresh", without_both, plug_small, true, 4 },
	{ "plug, first of all", from_nothing, plug_small, true, 4 },
	{ "check scavenged", with_spare, check_small, true, 0 },
	{ "check fresh", without_spare, check_large, true, 2 },
	{ "check, record chunk", without_records, check_small, true, 2 },
	{ "check, both", without_both, check_large, true, 4 },
	{ "check, first of all", from_nothing, check_large, true, 4 },
	{ "unplug middle", without_spare, unplug_middle, false, 0 },
	{ "unplug middle, chunk", without_records, unplug_middle, true, 2 },
	{ "unplug front", without_spare, unplug_front, false, 0 },
	{ "unplug back", without_spare, unplug_back, false, 0 },
	{ "unplug of host's", with_host_slab, unplug_host_middle, true, 0 },
	{ "unplug fragmented", fragmented, unplug_middle, true, 1 },
	{ "unplug back fragmented", fragmented, unplug_back, true, 0 },
	{ "unplug host's fragmented", fragmented, unplug_host_middle, true, 1 },
	{ "unplug with a free map", with_free_maps, unplug_middle, true, 0 },
	{ "unplug host's with one", with_free_maps, unplug_host_middle, true,
	    0 },
	{ "unplug host's front", fragmented, unplug_host_front, true, 0 },
	{ "unplug host's back", fragmented, unplug_host_back, true, 1 },
	{ "unplug to the last record", fragmented_to_the_last_record,
	    unplug_host_middle, true, 2 },
	{ "add offline", without_spare, add_offline, true, 2 },
	{ "add offline, both", without_both, add_offline, true, 4 },
	{ "add caller's", without_records, add_callers, true, 2 },
	{ "add in range", without_records, add_in_range, true, 2 },
	{ "fill a hole", with_hole, fill_hole, true, 0 },
	{ "offline middle", without_records, offline_middle, true, 2 },
	{ "offline front", without_records, offline_front, true, 2 },
	{ "offline a range", adjacent, offline_all, true, 0 },
	{ "offline, fragmented", adjacent_fragmented, offline_all, true, 0 },
	{ "online middle", with_offline_and_records, online_middle, true, 0 },
	{ "online front", with_offline_and_records, online_more, true, 0 },
	{ "online, few", with_offline, online_middle, false, 0 },
	{ "unplug a range", adjacent, unplug_range, true, 0 },
	{ "unplug a range, fragmented", adjacent_fragmented, unplug_range, true,
	    1 },
	{ "begin", without_records, begin_middle, true, 3 },
	{ "begin offline", without_records, begin_offline, true, 3 },
	{ "begin, fragmented", fragmented, begin_middle, true, 2 },
	{ "begin a range", adjacent_fragmented, begin_range, true, 2 },
	{ "begin at the back", without_spare, begin_back, false, 1 },
	{ "begin a second", with_opened_and_records, begin_middle, true, 1 },
	{ "commit", without_records, commit_unplug, true, 3 },
	{ "commit offline", without_records, commit_offline, true, 3 },
	{ "commit, fragmented", fragmented, commit_unplug, true, 2 },
	{ "plug beside one", with_opened, plug_far, true, 2 },
	{ "plug far", with_opened_and_records, plug_far, true, 0 },
	{ "chomp running", with_spare, chomp, false, 1 },
	{ "init_seg running", without_pages, init_seg, false, 1 },
};

#define NSCENES (sizeof(scenes) / sizeof(scenes[0]))

/* ---- the sweep ---- */

static bool
possible(const struct scene *scene)
{
	if (!scene->hotplug || test_has(PHYSSEG_HOTPLUG))
		return true;
	test_skip(scene->name, "no hot plug");
	return false;
}

static bool ranges; /* the host has the hooks for many frames */

static void
begin(void)
{
	test_map_init(&t, PAGE);
	if (ranges)
		test_host_ranges(&t.host, false);
	t.host.hooks.frames_map = frames_map;
	t.host.hooks.frames_unmap = frames_unmap;
	memset(array, 0, sizeof(array));
	memset(in_range, 0, sizeof(in_range));
	opened = NULL;
}

/* With the k-th allocation refused; was there a k-th? */
static bool
try_with(const struct scene *scene, size_t k)
{
	struct test_state state;
	size_t failed, live;
	int error;

	begin();
	scene->make();
	failed = t.host.failed;
	live = t.host.live;
	test_state_save(&state, &t);
	t.host.fail_at = k;
	error = scene->try();
	t.host.fail_at = 0;
	if (t.host.failed == failed) {
		ck_assert_msg(error == PHYSSEG_OK || error == PHYSSEG_ENOSLOT,
		    "%s: %s", scene->name, physseg_strerror(error));
		test_state_free(&state);
		test_map_fini(&t);
		return false;
	}
	ck_assert_msg(error == PHYSSEG_ENOMEM, "%s, allocation %zu: %s",
	    scene->name, k, physseg_strerror(error));
	ck_assert_msg(test_state_unchanged(&state, &t),
	    "%s, allocation %zu: not what it was", scene->name, k);
	ck_assert_uint_eq(t.host.live, live);
	error = scene->try();
	ck_assert_msg(error == PHYSSEG_OK, "%s, after a failure: %s",
	    scene->name, physseg_strerror(error));
	test_map_fini(&t);
	return true;
}

static int
sweep(const struct scene *scene)
{
	size_t k = 1;

	for (; try_with(scene, k); k++)
		ck_assert_uint_lt(k, MOST);
	return (int)k - 1;
}

START_TEST(test_sweep)
{
	const struct scene *scene = &scenes[(size_t)_i % NSCENES];
	int n;

	if (!possible(scene))
		return;
	ranges = (size_t)_i >= NSCENES;
	n = sweep(scene);
	ranges = false;
	ck_assert_msg(n >= scene->least, "%s: %d allocations, not %d",
	    scene->name, n, scene->least);
}
END_TEST

/* Hole after hole, each with every allocation refused in turn. */
START_TEST(test_sweep_of_holes)
{
	const struct scene scene = { "hole", with_host_slab, unplug_next, false,
		0 };
	size_t asked = 0;

	begin();
	scene.make();
	for (next_hole = 1; next_hole < 510; next_hole += 2) {
		struct test_state state;
		size_t failed = t.host.failed;
		int error = PHYSSEG_ENOMEM;

		for (size_t k = 1; error == PHYSSEG_ENOMEM; k++) {
			test_state_save(&state, &t);
			t.host.fail_at = k;
			error = scene.try();
			t.host.fail_at = 0;
			if (error == PHYSSEG_OK) {
				test_state_free(&state);
			} else
				ck_assert(test_state_unchanged(&state, &t));
		}
		asked += t.host.failed - failed;
		if (error == PHYSSEG_ENOSLOT)
			break;
		ck_assert_int_eq(error, PHYSSEG_OK);
	}
	if (!test_backend->bounded)
		ck_assert_uint_gt(asked, 3);
	test_map_fini(&t);
}
END_TEST

/* A removal that is cancelled leaves every byte as it was, and so does one that
 * is cancelled after another that began later. */
START_TEST(test_cancel)
{
	static void (*const makes[])(void) = { with_spare, without_spare,
		without_records, fragmented, adjacent, adjacent_fragmented };
	struct physseg_removal *first, *second;
	struct test_state state;
	int error;

	for (size_t i = 0; i < sizeof(makes) / sizeof(makes[0]); i++) {
		begin();
		makes[i]();
		test_state_save(&state, &t);
		error = physseg_remove_begin(
		    t.map, 300, 10, (unsigned)(i % 2), &first, NULL);
		if (error == 0) {
			error = physseg_remove_begin(t.map, 350, 20,
			    PHYSSEG_REMOVE_OFFLINE, &second, NULL);
			ck_assert_int_eq(physseg_remove_cancel(first), 0);
			if (error == 0)
				ck_assert_int_eq(
				    physseg_remove_cancel(second), 0);
		}
		ck_assert(error == 0 || error == PHYSSEG_ENOSLOT);
		ck_assert(test_state_unchanged(&state, &t));
		test_map_fini(&t);
	}
}
END_TEST

/* Creation is the first allocation of a map without storage. */
START_TEST(test_create)
{
	struct physseg_map *map = (void *)&t;

	begin();
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_create", "no hot plug");
		return;
	}
	t.host.fail_at = 1;
	ck_assert_int_eq(
	    physseg_create(&map, &t.config, NULL, 0), PHYSSEG_ENOMEM);
	ck_assert_ptr_eq(map, &t);
	ck_assert_uint_eq(t.host.outstanding, 0);
	test_map_run(&t);
	test_map_fini(&t);
}
END_TEST

/* Boot asks for nothing, so nothing can be refused. */
START_TEST(test_boot_asks_for_nothing)
{
	physseg_pfn_t pfn;

	begin();
	t.host.hooks.alloc = NULL;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 0, 100, 10, 90, 1, NULL), 0);
	(void)physseg_plug(t.map, 200, 100, 0, NULL);
	(void)physseg_unplug(t.map, 50, 2);
	(void)physseg_unplug(t.map, 0, 2);
	ck_assert_int_eq(physseg_steal(t.map, &pfn),
	    test_map_capacity(&t) > 1 ? PHYSSEG_OK : PHYSSEG_ENOSLOT);
	ck_assert_int_eq(
	    physseg_unload_force(t.map, physseg_find(t.map, 40, NULL), 1, &pfn),
	    test_map_capacity(&t) > 1 ? PHYSSEG_OK : PHYSSEG_ENOSLOT);
	test_map_switch(&t, 3);
	test_map_fini(&t);
}
END_TEST

/* Every allocation refused for a while: no step succeeds by half. */
START_TEST(test_random_refusals)
{
	struct test_rng rng = { test_seed };
	struct test_state state;

	begin();
	running(20);
	for (int i = 0; i < 1000; i++) {
		physseg_pfn_t pfn = 1000 + test_random_pfn(&rng, 4000);
		physseg_pfn_t n = 1 + test_random_pfn(&rng, 300);
		size_t failed = t.host.failed;
		int error;

		test_state_save(&state, &t);
		t.host.fail_at = test_random_size(&rng, 4);
		error = test_random_below(&rng, 2) == 0
		    ? physseg_plug(t.map, pfn, n, 0, NULL)
		    : physseg_unplug(t.map, pfn, 1 + n / 8);
		t.host.fail_at = 0;
		ck_assert(
		    (error == PHYSSEG_ENOMEM) == (t.host.failed != failed));
		if (error == PHYSSEG_OK) {
			test_state_free(&state);
			ck_assert_ptr_null(physseg_check(t.map));
		} else
			ck_assert(test_state_unchanged(&state, &t));
	}
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fault");
	TCase *tc = tcase_create("sweep");

	tcase_add_loop_test(tc, test_sweep, 0, 2 * NSCENES);
	tcase_add_test(tc, test_sweep_of_holes);
	tcase_add_test(tc, test_cancel);
	tcase_add_test(tc, test_create);
	tcase_add_test(tc, test_boot_asks_for_nothing);
	tcase_add_test(tc, test_random_refusals);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
