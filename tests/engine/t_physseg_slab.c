/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_slab.c -- where page structures come from and go to.
 *
 * That reused page structures are zeroed is checked in every one of these
 * tests: the host's page_init aborts on one that is not, and leaves none of
 * its bytes zero.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

static struct test_map t;
static size_t page_size;

/* Running, with [0, n) and `spare' page structures left over. */
static void
begin(size_t size, physseg_pfn_t n, size_t spare)
{
	page_size = size;
	test_map_init(&t, size);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, n, 0, NULL), 0);
	test_map_switch(&t, spare);
}

/* False, and the map is gone, where nothing can be plugged. */
static bool
hot(const char *test)
{
	if (test_has(PHYSSEG_HOTPLUG))
		return true;
	ck_assert_int_eq(
	    physseg_plug(t.map, 5000, 1, 0, NULL), PHYSSEG_ENOHOTPLUG);
	test_skip(test, "no hot plug");
	test_map_fini(&t);
	return false;
}

static struct physseg_stats
stats(void)
{
	struct physseg_stats s;

	ck_assert_ptr_null(physseg_check(t.map));
	physseg_get_stats(t.map, &s);
	return s;
}

/* Do all page structures of [pfn, pfn + n) lie in the switch's array? */
static bool
in_boot_slab(physseg_pfn_t pfn, physseg_pfn_t n, size_t npages)
{
	const char *start = t.pages;

	for (physseg_pfn_t i = 0; i < n; i++) {
		const char *page = physseg_page(t.map, pfn + i);

		if (page < start || page >= start + npages * page_size)
			return false;
	}
	return true;
}

static void
plug(physseg_pfn_t pfn, physseg_pfn_t n)
{
	ck_assert_int_eq(physseg_plug(t.map, pfn, n, 0, NULL), PHYSSEG_OK);
}

static void
unplug(physseg_pfn_t pfn, physseg_pfn_t n)
{
	ck_assert_int_eq(physseg_unplug(t.map, pfn, n), PHYSSEG_OK);
}

/* What the switch left over comes first, then memory of the host's. */
START_TEST(test_scavenge_then_host)
{
	begin(24, 512, 256);
	if (!hot("test_scavenge_then_host"))
		return;
	plug(1000, 256);
	ck_assert(in_boot_slab(1000, 256, 768));
	ck_assert_uint_eq(test_host_allocs(&t.host), 0);
	ck_assert_uint_eq(stats().largest_free, 0);
	plug(2000, 256);
	ck_assert(!in_boot_slab(2000, 1, 768));
	ck_assert_uint_eq(stats().slabs, 2);
	ck_assert_uint_eq(stats().slab_used, 1024);
	test_map_fini(&t);
}
END_TEST

/* What an unplug gives back is taken again, zeroed. */
START_TEST(test_scavenge_unplugged)
{
	begin(40, 512, 0);
	if (!hot("test_scavenge_unplugged"))
		return;
	unplug(100, 50);
	ck_assert_uint_eq(stats().largest_free, 50);
	ck_assert_uint_eq(stats().slab_used, 462);
	plug(1000, 30);
	plug(2000, 20);
	ck_assert(in_boot_slab(1000, 30, 512));
	ck_assert(in_boot_slab(2000, 20, 512));
	ck_assert_uint_eq(stats().largest_free, 0);
	ck_assert_uint_eq(stats().slabs, 1);
	plug(3000, 1);
	ck_assert(!in_boot_slab(3000, 1, 512));
	test_map_fini(&t);
}
END_TEST

/* Free pieces that touch are one, whichever came first. */
START_TEST(test_coalesce)
{
	begin(40, 512, 0);
	if (!hot("test_coalesce"))
		return;
	unplug(100, 10);
	unplug(120, 10);
	ck_assert_uint_eq(stats().largest_free, 10);
	unplug(110, 10);
	ck_assert_uint_eq(stats().largest_free, 30);
	plug(1000, 30);
	ck_assert(in_boot_slab(1000, 30, 512));
	test_map_fini(&t);
}
END_TEST

/* More than boot had, more than all of it. */
START_TEST(test_plug_more_than_boot)
{
	begin(24, 256, 0);
	if (!hot("test_plug_more_than_boot"))
		return;
	plug(1000, 512);
	ck_assert_uint_eq(t.host.counted, 768);
	plug(10000, 100000);
	ck_assert_uint_eq(stats().frames, 100768);
	test_map_fini(&t);
}
END_TEST

/* A plug takes from the host what it needs, and an eighth, and 64 KiB. */
START_TEST(test_memory_of_a_plug)
{
	const size_t sizes[] = { 16, 24, 40, 72, 120, 1000 };
	const physseg_pfn_t plugs[] = { 1, 2, 8, 9, 100, 511, 512, 513, 4096,
		30000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t k = 0; k < sizeof(plugs) / sizeof(plugs[0]); k++) {
			size_t before, need = (size_t)plugs[k] * sizes[i];

			begin(sizes[i], 64, 0);
			if (!hot("test_memory_of_a_plug"))
				return;
			before = test_host_bytes(&t.host);
			plug(1000, plugs[k]);
			ck_assert_uint_le(test_host_bytes(&t.host) - before,
			    need + need / 8 + 65536);
			ck_assert_uint_eq(
			    stats().host_bytes, t.host.outstanding);
			test_map_fini(&t);
		}
}
END_TEST

/* The host's slab goes with its last page, however it was cut up. */
START_TEST(test_host_slab_is_freed)
{
	size_t before;

	begin(40, 64, 0);
	if (!hot("test_host_slab_is_freed"))
		return;
	plug(1000, 4000); /* the first may bring a chunk of records */
	unplug(1000, 4000);
	before = test_host_bytes(&t.host);
	plug(1000, 4000);
	ck_assert_uint_eq(stats().slabs, 2);
	unplug(2000, 1000); /* two segments share it now */
	unplug(1000, 500);
	unplug(4000, 1000);
	unplug(3500, 10);
	ck_assert_uint_eq(stats().slabs, 2);
	unplug(1500, 500);
	unplug(3000, 500);
	ck_assert_uint_eq(stats().slabs, 2);
	unplug(3510, 490);
	ck_assert_uint_eq(stats().slabs, 1);
	ck_assert_uint_eq(test_host_bytes(&t.host), before);
	test_map_fini(&t);
}
END_TEST

/* Ten rounds, a hundred: no growth. */
START_TEST(test_no_growth)
{
	const physseg_pfn_t plugs[] = { 8, 700, 5000 };

	for (size_t k = 0; k < 3; k++) {
		size_t after_one = 0, live = 0;

		begin(72, 1024, 0);
		if (!hot("test_no_growth"))
			return;
		for (int round = 0; round < 100; round++) {
			plug(10000, plugs[k]);
			unplug(10000 + plugs[k] / 2, 1);
			unplug(10000, plugs[k] / 2);
			unplug(10000 + plugs[k] / 2 + 1,
			    plugs[k] - plugs[k] / 2 - 1);
			if (round == 0) {
				after_one = test_host_bytes(&t.host);
				live = t.host.live;
			}
			ck_assert_uint_eq(test_host_bytes(&t.host), after_one);
			ck_assert_uint_eq(t.host.live, live);
		}
		ck_assert_uint_eq(stats().slabs, 1);
		test_map_fini(&t);
	}
}
END_TEST

/* Holes beyond those for which a slab has room: memory is taken once. */
START_TEST(test_many_holes)
{
	const char *page;
	size_t allocs, before;

	begin(40, 64, 0);
	if (!hot("test_many_holes"))
		return;
	plug(1000, 4000);
	before = test_host_bytes(&t.host);
	unplug(1001, 1);
	unplug(1003, 1);
	ck_assert_uint_eq(stats().largest_free, 1);
	for (physseg_pfn_t f = 1005; f < 1040; f += 2)
		unplug(f, 1);
	unplug(1100, 10);
	unplug(1300, 20);
	/* Fronts and backs of segments: no record is needed any more. */
	allocs = test_host_allocs(&t.host);
	for (physseg_pfn_t f = 2000; f < 2400; f++) {
		unplug(f, 1);
		ck_assert_uint_eq(
		    stats().largest_free, f - 1999 < 20 ? 20 : f - 1999);
	}
	ck_assert_uint_le(test_host_allocs(&t.host), allocs + 1); /* a tail */
	ck_assert_uint_eq(stats().slab_used, 64 + 4000 - 20 - 30 - 400);
	/* The lowest piece that is large enough serves. */
	page = physseg_page(t.map, 1299);
	plug(50000, 11);
	ck_assert(physseg_page(t.map, 50000) == page + 40);
	page = physseg_page(t.map, 1099);
	plug(51000, 10);
	ck_assert(physseg_page(t.map, 51000) == page + 40);
	ck_assert_uint_eq(stats().largest_free, 400);
	/* All of it goes with the slab. */
	unplug(50000, 11);
	unplug(51000, 10);
	for (physseg_pfn_t f = 1000; f < 5000; f++)
		if (physseg_page(t.map, f) != NULL)
			unplug(f, 1);
	ck_assert_uint_eq(stats().slabs, 1);
	ck_assert_uint_lt(test_host_bytes(&t.host), before);
	test_map_fini(&t);
}
END_TEST

/* A map that boots again asks nobody for memory, so it refuses what a slab has
 * no room for.  Once it runs, it does ask. */
START_TEST(test_holes_booting_again)
{
	struct test_state state;
	physseg_pfn_t f = 1000;
	size_t allocs;
	int error;

	begin(40, 64, 0);
	if (!hot("test_holes_booting_again"))
		return;
	for (; f < 1020; f++)
		plug(f, 1); /* of one slab */
	ck_assert_int_eq(physseg_set_running(t.map, false), 0);
	allocs = test_host_allocs(&t.host);
	for (f = 1001; f < 1020; f += 2) {
		test_state_save(&state, &t);
		error = physseg_unplug(t.map, f, 1);
		if (error != PHYSSEG_OK)
			break;
		test_state_free(&state);
	}
	ck_assert_uint_lt(f, 1020);
	ck_assert_int_eq(error, PHYSSEG_ENOMEM);
	ck_assert(test_state_unchanged(&state, &t));
	ck_assert_uint_eq(test_host_allocs(&t.host), allocs);
	ck_assert_int_eq(physseg_set_running(t.map, true), 0);
	unplug(f, 1);
	ck_assert_uint_gt(test_host_allocs(&t.host), allocs);
	test_map_fini(&t);
}
END_TEST

/* An array that begins in a slab that is cut up, and ends behind it. */
START_TEST(test_beyond_holes)
{
	static char array[502 * 24];
	char *const last = array + 499 * 24;
	physseg_t with, without;
	void *part = NULL;

	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_beyond_holes", "no memory while running");
		return;
	}
	page_size = 24;
	test_map_init(&t, page_size);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 1000, 500, 0, &with), 0);
	ck_assert_int_eq(physseg_plug(t.map, 5000, 2, 0, &without), 0);
	ck_assert_int_eq(physseg_chomp_slab(t.map, with, array, 500), 0);
	ck_assert_int_eq(physseg_alloc_from_slab(t.map, with, 500, &part), 0);
	ck_assert_int_eq(physseg_init_seg(t.map, with, part), 0);
	ck_assert_int_eq(physseg_set_running(t.map, true), 0);
	for (physseg_pfn_t f = 1001; f < 1100; f += 2)
		unplug(f, 1);
	unplug(1499, 1);
	do
		ck_assert_int_eq(
		    physseg_alloc_from_slab(t.map, with, 1, &part), 0);
	while (part != last);
	ck_assert_int_eq(
	    physseg_init_seg(t.map, without, last), PHYSSEG_EINVAL);
	ck_assert_ptr_null(physseg_check(t.map));
	test_map_fini(&t);
}
END_TEST

/* A segment at the end of a slab that is cut up does not grow out of it. */
START_TEST(test_growth_beyond_holes)
{
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_growth_beyond_holes", "no hot plug");
		return;
	}
	page_size = 40;
	test_map_init(&t, page_size);
	t.config.coalesce = true;
	test_map_run(&t);
	plug(1000, 512); /* so many are a slab of their own */
	unplug(1000, 1);
	for (physseg_pfn_t f = 1002; f < 1020; f += 2)
		unplug(f, 1);
	ck_assert_uint_eq(stats().slab_pages, 512);
	plug(1512, 1);
	ck_assert_uint_eq(stats().slabs, 1); /* it has a hole's */
	ck_assert_ptr_ne(
	    physseg_find(t.map, 1512, NULL), physseg_find(t.map, 1511, NULL));
	test_map_fini(&t);
}
END_TEST

/* A removal is open while plugs close the holes: what it reserved goes as soon
 * as it is not needed any more. */
START_TEST(test_removal_beside_plugs)
{
	const physseg_pfn_t holes = 1 + (physseg_pfn_t)_i;
	struct physseg_removal *removal;

	begin(40, 64, 0);
	if (!hot("test_removal_beside_plugs"))
		return;
	plug(1000, 4000);
	for (physseg_pfn_t i = 0; i < holes; i++)
		unplug(1001 + 2 * i, 1);
	ck_assert_int_eq(physseg_remove_begin(t.map, 1100, 10,
			     PHYSSEG_REMOVE_UNPLUG, &removal, NULL),
	    0);
	for (physseg_pfn_t i = 0; i < holes; i++) {
		plug(1001 + 2 * i, 1);
		ck_assert_ptr_null(physseg_check(t.map));
	}
	ck_assert_int_eq(physseg_remove_cancel(removal), 0);
	ck_assert_ptr_null(physseg_check(t.map));
	test_map_fini(&t);
}
END_TEST

/* At boot several parts can be given back to a slab that is cut up as far as
 * its segments allow: it has a descriptor for each gap there can be. */
START_TEST(test_parts_at_boot)
{
	static const physseg_pfn_t starts[] = { 0, 100, 10 }; /* of 10 frames */
	static const physseg_pfn_t holes[] = { 0, 100, 109, 19 };
	void *pages = NULL;

	page_size = 16;
	test_map_init(&t, page_size);
	if (test_map_capacity(&t) < 3) {
		test_skip("test_parts_at_boot", "one segment");
		return;
	}
	t.config.boot_records = t.config.capacity = 3;
	test_map_boot(&t);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(physseg_load(t.map, starts[i], starts[i] + 10,
				     starts[i], starts[i] + 10, 0, NULL),
		    0);
	t.pages = calloc(30, page_size);
	ck_assert_int_eq(physseg_chomp_slab(
			     t.map, physseg_find(t.map, 0, NULL), t.pages, 30),
	    0);
	for (size_t i = 0; i < 3; i++) {
		const physseg_t h = physseg_find(t.map, starts[i], NULL);

		ck_assert_int_eq(
		    physseg_alloc_from_slab(t.map, h, 10, &pages), 0);
		ck_assert_int_eq(physseg_init_seg(t.map, h, pages), 0);
	}
	for (size_t i = 0; i < 4; i++)
		unplug(holes[i], 1);
	unplug(1, 18); /* both of what is left of two */
	ck_assert_uint_eq(stats().slab_used, 8);
	test_map_fini(&t);
}
END_TEST

/* What open removals of a slab need that is cut up is given back, and as many
 * as are open can be committed without memory. */
START_TEST(test_removals_of_holes)
{
	struct physseg_removal *removal[8];
	struct test_state state;
	size_t committed = (size_t)_i, allocs;

	begin(40, 64, 0);
	if (!hot("test_removals_of_holes"))
		return;
	plug(1000, 4000);
	unplug(1001, 1);
	test_state_save(&state, &t);
	for (size_t i = 0; i < 8; i++)
		ck_assert_int_eq(
		    physseg_remove_begin(t.map, 1100 + (physseg_pfn_t)i * 20,
			10, PHYSSEG_REMOVE_UNPLUG, &removal[i], NULL),
		    0);
	ck_assert_ptr_null(physseg_check(t.map));
	allocs = test_host_allocs(&t.host);
	for (size_t i = 0; i < committed; i++) {
		ck_assert_int_eq(
		    physseg_remove_commit(removal[i], NULL, NULL), 0);
		ck_assert_uint_eq(stats().largest_free, 10);
	}
	ck_assert_uint_eq(test_host_allocs(&t.host), allocs);
	for (size_t i = committed; i < 8; i++) {
		ck_assert_int_eq(physseg_remove_cancel(removal[i]), 0);
		ck_assert_ptr_null(physseg_check(t.map));
	}
	if (committed == 0)
		ck_assert(test_state_unchanged(&state, &t));
	else
		test_state_free(&state);
	test_map_fini(&t);
}
END_TEST

/* The caller's array stays for the map's life, empty too. */
START_TEST(test_boot_slab_stays)
{
	begin(24, 300, 0);
	if (!hot("test_boot_slab_stays"))
		return;
	plug(1000, 5000);
	unplug(0, 300);
	for (int round = 0; round < 3; round++) {
		ck_assert_uint_eq(stats().slab_used, 5000);
		ck_assert_uint_eq(stats().slabs, 2);
		ck_assert_uint_eq(stats().largest_free, 300);
		plug(10000, 150);
		plug(20000, 150);
		ck_assert(in_boot_slab(10000, 150, 300));
		ck_assert(in_boot_slab(20000, 150, 300));
		unplug(10000, 150);
		unplug(20000, 150);
	}
	test_map_fini(&t);
}
END_TEST

/* An array handed over after the switch serves plugs, too. */
START_TEST(test_chomp_while_running)
{
	static char array[500 * 24];
	const char *page;
	size_t before;

	begin(24, 10, 0);
	if (!hot("test_chomp_while_running"))
		return;
	ck_assert_int_eq(
	    physseg_chomp_slab(t.map, physseg_first(t.map), array, 500), 0);
	before = test_host_bytes(&t.host);
	plug(1000, 500);
	page = physseg_page(t.map, 1000);
	ck_assert(page == array);
	ck_assert_uint_eq(test_host_bytes(&t.host), before);
	unplug(1000, 500);
	ck_assert_uint_eq(stats().slabs, 2);
	ck_assert_uint_eq(stats().largest_free, 500);
	test_map_fini(&t);
}
END_TEST

/* Boot's arrays, more than one; each of them is used. */
START_TEST(test_boot_slabs)
{
	static char array[2][100 * 24];
	void *part;
	physseg_t h;

	page_size = 24;
	test_map_init(&t, 24);
	t.config.boot_slabs = 2;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, 70, 0, &h), 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    physseg_chomp_slab(t.map, h, array[i], 100), 0);
	ck_assert_int_eq(physseg_chomp_slab(t.map, h, &t, 1), PHYSSEG_ENOMEM);
	ck_assert_uint_eq(stats().slabs, 2);
	ck_assert_uint_eq(stats().slab_pages, 200);
	ck_assert_int_eq(
	    physseg_alloc_from_slab(t.map, h, 101, &part), PHYSSEG_ENOMEM);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    physseg_alloc_from_slab(t.map, h, 70, &part), 0);
	ck_assert_int_eq(
	    physseg_alloc_from_slab(t.map, h, 31, &part), PHYSSEG_ENOMEM);
	ck_assert_int_eq(physseg_alloc_from_slab(t.map, h, 30, &part), 0);
	ck_assert_uint_eq(stats().slab_used, 0); /* no segment's yet */
	test_map_fini(&t);
}
END_TEST

/* A boot slab as fragmented as its records allow. */
START_TEST(test_fragments_of_boot)
{
	physseg_pfn_t n = 0;

	begin(16, 400, 0);
	/* Every other frame, until there is no slot for another tail. */
	for (physseg_pfn_t f = 1; f < 399 && n < 198; f += 2, n++) {
		int error = physseg_unplug(t.map, f, 1);

		ck_assert_int_eq(error,
		    test_backend->bounded && n + 1 >= test_map_capacity(&t)
			? PHYSSEG_ENOSLOT
			: PHYSSEG_OK);
		if (error != PHYSSEG_OK)
			break;
	}
	ck_assert_uint_eq(stats().slab_used, 400 - n);
	ck_assert_uint_eq(stats().largest_free, n != 0);
	test_map_fini(&t);
}
END_TEST

/* The same before the map runs, when no memory can be had: a hole between
 * every two segments, one before the first, one behind the last. */
START_TEST(test_fragments_at_boot)
{
	physseg_pfn_t room;
	physseg_t h;

	page_size = 16;
	test_map_init(&t, page_size);
	t.config.capacity = t.config.boot_records = 5;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, 100, 0, &h), 0);
	t.pages = calloc(100, page_size);
	ck_assert_int_eq(physseg_init_seg(t.map, h, t.pages), 0);
	room = (physseg_pfn_t)test_map_capacity(&t);
	for (physseg_pfn_t i = 1; i < room; i++)
		unplug(10 * i, 1);
	unplug(0, 1);
	unplug(99, 1);
	ck_assert_uint_eq(stats().segments, room);
	ck_assert_uint_eq(stats().slab_used, 100 - room - 1);
	ck_assert_uint_eq(stats().largest_free, 1);
	ck_assert_uint_eq(test_host_allocs(&t.host), 0);
	test_map_fini(&t);
}
END_TEST

static int
refuse(struct physseg_listener *listener, const struct physseg_change *change)
{
	(void)listener;
	return change->event == PHYSSEG_GOING_ONLINE;
}

/* Look for room for `n' page structures in vain, in one of three ways. */
static void
look(int way, physseg_pfn_t n)
{
	struct physseg_listener listener = { .notify = refuse };
	int error;

	if (way == 0) {
		ck_assert_int_eq(physseg_plug_check(t.map, 5000, n, 0), 0);
		return;
	}
	t.host.fail_at = way == 1;
	ck_assert_int_eq(physseg_listen(t.map, &listener, false), 0);
	error = physseg_plug(t.map, 5000, n, 0, NULL);
	ck_assert_int_eq(physseg_unlisten(t.map, &listener), 0);
	ck_assert_int_eq(error, way == 1 ? PHYSSEG_ENOMEM : PHYSSEG_EREFUSED);
}

/* From where page structures are taken does not depend on calls that changed
 * nothing, but looked for room first. */
START_TEST(test_after_nothing)
{
	begin(1024, 1, 0);
	if (!hot("test_after_nothing"))
		return;
	ck_assert_int_eq(physseg_plug(t.map, 100, 20, 0, NULL), 0);
	ck_assert_int_eq(physseg_plug(t.map, 200, 20, 0, NULL), 0);
	ck_assert_int_eq(physseg_unplug(t.map, 214, 6), 0);
	ck_assert_int_eq(physseg_unplug(t.map, 117, 3), 0);
	ck_assert_uint_eq(stats().largest_free, 6);
	ck_assert_int_eq(physseg_plug(t.map, 300, 5, 0, NULL), 0);
	ck_assert_uint_eq(stats().largest_free, 3);
	if (_i > 0)
		look((_i - 1) % 3, (physseg_pfn_t)(_i < 4 ? 5 : 16));
	ck_assert_int_eq(physseg_plug(t.map, 400, 1, 0, NULL), 0);
	ck_assert_uint_eq(stats().largest_free, 3);
	ck_assert_int_eq(physseg_plug(t.map, 500, 3, 0, NULL), 0);
	ck_assert_uint_eq(stats().largest_free, 0);
	test_map_fini(&t);
}
END_TEST

/* The numbers that stats gives. */
START_TEST(test_stats)
{
	struct physseg_stats s;

	begin(24, 100, 50);
	s = stats();
	ck_assert_uint_eq(s.segments, 1);
	ck_assert_uint_eq(s.frames, 100);
	ck_assert_uint_eq(s.counted, 100);
	ck_assert_uint_eq(s.slabs, 1);
	ck_assert_uint_eq(s.slab_pages, 150);
	ck_assert_uint_eq(s.slab_used, 100);
	ck_assert_uint_eq(s.largest_free, 50);
	ck_assert_uint_eq(s.host_bytes, t.host.outstanding);
	ck_assert_uint_eq(test_host_bytes(&t.host), 0);
	unplug(90, 10);
	s = stats();
	ck_assert_uint_eq(s.frames, 90);
	ck_assert_uint_eq(s.counted, 90);
	ck_assert_uint_eq(s.slab_used, 90);
	ck_assert_uint_eq(s.largest_free, 60);
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_slab");
	TCase *tc = tcase_create("slabs");

	tcase_add_test(tc, test_scavenge_then_host);
	tcase_add_test(tc, test_scavenge_unplugged);
	tcase_add_test(tc, test_coalesce);
	tcase_add_test(tc, test_plug_more_than_boot);
	tcase_add_test(tc, test_memory_of_a_plug);
	tcase_add_test(tc, test_host_slab_is_freed);
	tcase_add_test(tc, test_no_growth);
	tcase_add_test(tc, test_boot_slab_stays);
	tcase_add_test(tc, test_chomp_while_running);
	tcase_add_test(tc, test_boot_slabs);
	tcase_add_test(tc, test_fragments_of_boot);
	tcase_add_test(tc, test_fragments_at_boot);
	tcase_add_loop_test(tc, test_after_nothing, 0, 7);
	tcase_add_test(tc, test_many_holes);
	tcase_add_test(tc, test_beyond_holes);
	tcase_add_test(tc, test_growth_beyond_holes);
	tcase_add_test(tc, test_holes_booting_again);
	tcase_add_loop_test(tc, test_removal_beside_plugs, 0, 12);
	tcase_add_loop_test(tc, test_removals_of_holes, 0, 9);
	tcase_add_test(tc, test_parts_at_boot);
	tcase_add_test(tc, test_stats);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
