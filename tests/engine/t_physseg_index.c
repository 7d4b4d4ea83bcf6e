/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_index.c -- the two states of a map's index, LIST and
 * BUILT: which it is in and when it is built, that answers are right in both,
 * that a change which fails leaves everything as it was, and when readers are
 * waited for.
 *
 * A backend that needs no memory for its index is always BUILT.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#define PAGE  sizeof(struct test_page)
#define ROOM  8	  /* boot records, so room in the list */
#define STEP  100 /* from one segment's start to the next */
#define LONG  10  /* frames of a segment */
#define SPARE 400 /* page structures that the switch leaves over */

static struct test_map t;

/* ---- a host whose memory can be taken away, and who counts waits ---- */

static enum { RICH, NO_INDEX, POOR } memory;
static void *(*rich_alloc)(void *, size_t);
static unsigned waits;

static void *
alloc(void *ctx, size_t size)
{
	const struct test_host *host = ctx;

	if (memory == POOR || (memory == NO_INDEX && size == host->index_size))
		return NULL;
	return rich_alloc(ctx, size);
}

static void
wait_for_readers(void *ctx)
{
	(void)ctx;
	waits++;
}

static bool
grows(void)
{
	return test_backend->mem_needed != NULL;
}

/* The backend cannot do it, and that was said. */
static bool
cannot(const char *test, bool can)
{
	if (!can)
		test_skip(test, "not with this backend");
	return !can;
}

static void
begin(size_t page_size)
{
	test_map_init(&t, page_size);
	rich_alloc = t.host.hooks.alloc;
	t.host.hooks.alloc = alloc;
	t.host.hooks.sync = wait_for_readers;
	t.config.boot_records = ROOM;
	t.config.capacity = ROOM;
	t.config.may_empty = true;
	memory = RICH;
	waits = 0;
}

static void
load(physseg_pfn_t start, physseg_pfn_t end)
{
	ck_assert_int_eq(
	    physseg_load(t.map, start, end, start, end, 0, NULL), 0);
}

/* Some of `n' segments, in this order. */
static void
boot_with(size_t page_size, const unsigned *order, size_t n)
{
	begin(page_size);
	test_map_boot(&t);
	for (size_t i = 0; i < n; i++)
		load(order[i] * STEP, order[i] * STEP + LONG);
}

static bool
is_built(void)
{
	struct physseg_stats stats;

	ck_assert_ptr_null(physseg_check(t.map));
	physseg_get_stats(t.map, &stats);
	return stats.built;
}

/* Frames [start, end) are segment `h', with their pages if it has any; and
 * around them is none. */
static void
is(physseg_t h, physseg_pfn_t start, physseg_pfn_t end, bool paged)
{
	physseg_pfn_t pfn, offset;
	struct test_page *page;

	ck_assert_ptr_ne(h, PHYSSEG_NONE);
	for (pfn = start; pfn < end; pfn++) {
		ck_assert_ptr_eq(physseg_find(t.map, pfn, &offset), h);
		ck_assert_uint_eq(offset, pfn - start);
		ck_assert_int_eq(physseg_free_list(t.map, pfn), 0);
		page = physseg_page(t.map, pfn);
		ck_assert_ptr_eq(physseg_segment_page(t.map, h, offset), page);
		ck_assert_int_eq(page != NULL, paged);
		if (paged)
			ck_assert_uint_eq(page->pfn, pfn);
	}
	ck_assert_ptr_null(physseg_segment_page(t.map, h, end - start));
	ck_assert_ptr_null(physseg_page(t.map, end));
	ck_assert_int_eq(physseg_free_list(t.map, end), -1);
	ck_assert_ptr_eq(physseg_find(t.map, end, NULL), PHYSSEG_NONE);
	if (start > 0) {
		ck_assert_ptr_null(physseg_page(t.map, start - 1));
		ck_assert_ptr_eq(
		    physseg_find(t.map, start - 1, NULL), PHYSSEG_NONE);
	}
}

/* Many at once, and one by one: of every number up to this, in an order that
 * leaps, and beyond all segments. */
#define AT_ONCE 70

static void
pages_are_the_same(void)
{
	physseg_pfn_t pfns[AT_ONCE] = { 0 };
	void *pages[AT_ONCE + 1];
	size_t n, i;

	for (n = 0; n <= AT_ONCE; n++) {
		pages[n] = &t;
		for (i = 0; i < n; i++) {
			pfns[i] =
			    (physseg_pfn_t)((i * 5 + n) * 37) % (9 * STEP);
			pages[i] = &t;
		}
		if (n > 3)
			pfns[n / 2] = PHYSSEG_NOFRAME;
		physseg_pages(t.map, pfns, n, pages);
		for (i = 0; i < n; i++)
			ck_assert_ptr_eq(
			    pages[i], physseg_page(t.map, pfns[i]));
		ck_assert_ptr_eq(pages[n], &t);
	}
}

static void
are(const unsigned *order, size_t n, bool paged)
{
	for (size_t i = 0; i < n; i++) {
		const physseg_pfn_t start = order[i] * STEP;

		is(physseg_find(t.map, start, NULL), start, start + LONG,
		    paged);
	}
	pages_are_the_same();
}

static const unsigned upwards[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
static const unsigned mixed[] = { 5, 1, 7, 0, 3, 6, 2, 4 };

/* ---- the states ---- */

/* Where memory is needed, there is a list until the switch. */
START_TEST(test_boot)
{
	size_t n;

	for (n = 1; n <= ROOM; n++) {
		boot_with(PAGE, _i == 0 ? upwards : mixed, 0);
		if (n > test_map_capacity(&t)) {
			test_map_fini(&t);
			break;
		}
		for (size_t i = 0; i < n; i++)
			load(mixed[i] * STEP, mixed[i] * STEP + LONG);
		ck_assert_int_eq(is_built(), !grows());
		are(mixed, n, false);
		ck_assert_uint_eq(t.host.outstanding, 0);
		test_map_switch(&t, 0);
		ck_assert(is_built());
		are(mixed, n, true);
		test_map_fini(&t);
	}
}
END_TEST

/* A map without boot storage runs from the start, and needs no list. */
START_TEST(test_run)
{
	if (cannot("test_run", test_has(PHYSSEG_HOTPLUG)))
		return;
	begin(PAGE);
	test_map_run(&t);
	ck_assert(is_built());
	ck_assert_int_eq(physseg_build(t.map), 0);
	test_map_fini(&t);
}
END_TEST

/* No memory at the switch: the list goes on, until a change finds memory.  All
 * that time answers are right, and nothing is kept of what was tried. */
START_TEST(test_poor_switch)
{
	physseg_t h;

	if (cannot("test_poor_switch", grows()))
		return;
	boot_with(PAGE, mixed, 5);
	memory = POOR;
	test_map_switch(&t, SPARE);
	ck_assert(!is_built());
	ck_assert_uint_eq(t.host.outstanding, 0);
	are(mixed, 5, true);
	ck_assert_int_eq(physseg_unplug(t.map, 5 * STEP, LONG), 0);
	ck_assert_int_eq(physseg_plug(t.map, 5 * STEP, LONG, 0, &h), 0);
	ck_assert(!is_built());
	ck_assert_uint_eq(t.host.outstanding, 0);
	are(mixed, 5, true);
	ck_assert_int_eq(physseg_build(t.map), PHYSSEG_ENOMEM);
	ck_assert_uint_eq(t.host.outstanding, 0);
	memory = RICH;
	if (_i == 0)
		ck_assert_int_eq(physseg_plug(t.map, 5000, 1, 0, NULL), 0);
	else
		ck_assert_int_eq(physseg_build(t.map), 0);
	ck_assert(is_built());
	ck_assert(physseg_valid(t.map, h));
	are(mixed, 5, true);
	test_map_fini(&t);
}
END_TEST

/* It is not what it was. */
static void
forget(struct test_state *state)
{
	free(state->dump);
	free(state->handles);
}

/* Whichever of the allocations of a build fails, all are given back. */
START_TEST(test_build_fails)
{
	size_t at, failed;

	if (cannot("test_build_fails", grows()))
		return;
	for (at = 1;; at++) {
		boot_with(PAGE, mixed, ROOM);
		memory = POOR;
		test_map_switch(&t, 0);
		memory = RICH;
		t.host.fail_at = at;
		failed = t.host.failed;
		if (physseg_build(t.map) == PHYSSEG_OK) {
			ck_assert(is_built());
			ck_assert_uint_eq(t.host.failed, failed);
			t.host.fail_at = 0;
			test_map_fini(&t);
			break;
		}
		ck_assert(!is_built());
		ck_assert_uint_eq(t.host.outstanding, 0);
		are(mixed, ROOM, true);
		ck_assert_int_eq(physseg_build(t.map), 0);
		are(mixed, ROOM, true);
		test_map_fini(&t);
	}
	ck_assert_uint_gt(at, 2);
}
END_TEST

static int told_inside;

static void
build_inside(struct test_host *host, const struct test_call *call)
{
	(void)call;
	host->watch = NULL;
	told_inside = physseg_build(t.map) == PHYSSEG_EBUSY &&
	    physseg_set_running(t.map, false) == PHYSSEG_EBUSY;
}

/* What physseg_build says where there is nothing to build. */
START_TEST(test_build)
{
	boot_with(PAGE, upwards, 1);
	ck_assert_int_eq(physseg_build(t.map), PHYSSEG_EPHASE);
	test_map_switch(&t, 0);
	ck_assert_int_eq(physseg_build(t.map), 0);
	ck_assert_int_eq(physseg_build(t.map), 0);
	told_inside = 0;
	t.host.watch = build_inside;
	ck_assert_int_eq(physseg_unplug(t.map, 0, 1), 0);
	ck_assert_int_eq(told_inside, 1);
	ck_assert(physseg_running(t.map));
	test_map_fini(&t);
}
END_TEST

/* A map that boots again takes no memory, and gives back what its index had. */
START_TEST(test_boot_again)
{
	size_t n;

	boot_with(PAGE, mixed, 0);
	n = test_map_capacity(&t) < 4 ? test_map_capacity(&t) : 4;
	for (size_t i = 0; i < n; i++)
		load(mixed[i] * STEP, mixed[i] * STEP + LONG);
	test_map_switch(&t, SPARE);
	ck_assert_int_eq(physseg_set_running(t.map, false), 0);
	ck_assert_int_eq(is_built(), !grows());
	ck_assert_uint_eq(t.host.outstanding, 0);
	are(mixed, n, true);
	memory = POOR;
	if (n > 1) {
		ck_assert_int_eq(physseg_unplug(t.map, 5 * STEP, 1), 0);
		ck_assert_int_eq(physseg_unplug(t.map, 1 * STEP, LONG), 0);
		ck_assert_ptr_null(physseg_check(t.map));
	}
	ck_assert_int_eq(physseg_set_running(t.map, true), 0);
	ck_assert_int_eq(is_built(), !grows());
	ck_assert_int_eq(physseg_set_running(t.map, false), 0); /* of a list */
	ck_assert_ptr_null(physseg_check(t.map));
	ck_assert_int_eq(physseg_set_running(t.map, true), 0);
	memory = RICH;
	ck_assert_int_eq(physseg_build(t.map), 0);
	ck_assert(is_built());
	test_map_fini(&t);
}
END_TEST

/* Not with more segments than the list holds. */
START_TEST(test_boot_again_full)
{
	struct test_state state;
	physseg_pfn_t i;

	if (cannot("test_boot_again_full", grows()))
		return;
	boot_with(PAGE, upwards, ROOM);
	test_map_switch(&t, SPARE);
	ck_assert_int_eq(physseg_plug(t.map, ROOM * STEP, LONG, 0, NULL), 0);
	test_state_save(&state, &t);
	ck_assert_int_eq(physseg_set_running(t.map, false), PHYSSEG_ENOSLOT);
	ck_assert(test_state_unchanged(&state, &t));
	ck_assert(physseg_running(t.map));
	ck_assert_int_eq(physseg_unplug(t.map, ROOM * STEP, LONG), 0);
	ck_assert_int_eq(physseg_set_running(t.map, false), 0);
	ck_assert(!is_built());
	for (i = 0; i < ROOM; i++)
		is(physseg_find(t.map, i * STEP, NULL), i * STEP,
		    i * STEP + LONG, true);
	test_map_fini(&t);
}
END_TEST

/* ---- a list that is full, and changes that fail ---- */

/* A change in a running map whose list is full. */
static int
change_full(int which)
{
	return which == 0 ? physseg_plug(t.map, ROOM * STEP, 2 * SPARE, 0, NULL)
			  : physseg_unplug(t.map, 3 * STEP + 4, 2);
}

/* One segment more can only be in the tree: it is built, or all stays as it
 * was, whichever allocation fails. */
START_TEST(test_full)
{
	struct test_state state;
	size_t at = 0;
	int error;

	if (cannot("test_full", grows()))
		return;
	do {
		boot_with(PAGE, upwards, ROOM);
		memory = POOR;
		test_map_switch(&t, 0);
		test_state_save(&state, &t);
		ck_assert_int_eq(change_full(_i), PHYSSEG_ENOMEM);
		ck_assert(test_state_unchanged(&state, &t));
		memory = NO_INDEX;
		test_state_save(&state, &t);
		ck_assert_int_eq(change_full(_i), PHYSSEG_ENOMEM);
		ck_assert(test_state_unchanged(&state, &t));
		memory = RICH;
		t.host.fail_at = ++at;
		test_state_save(&state, &t);
		error = change_full(_i);
		if (error == PHYSSEG_OK) {
			forget(&state);
			ck_assert(is_built());
			are(upwards, 3, true);
		} else {
			ck_assert_int_eq(error, PHYSSEG_ENOMEM);
			ck_assert(test_state_unchanged(&state, &t));
			are(upwards, ROOM, true);
		}
		t.host.fail_at = 0;
		test_map_fini(&t);
	} while (error != PHYSSEG_OK);
	ck_assert_uint_gt(at, 3);
}
END_TEST

/* A plug that fails, whichever allocation does, while the list is in force and
 * not full; the dry run too. */
START_TEST(test_plug_fails)
{
	struct test_state state;
	size_t at = 0;
	int error;

	if (cannot("test_plug_fails", grows()))
		return;
	do {
		boot_with(PAGE, upwards, 2);
		memory = POOR;
		test_map_switch(&t, 0);
		memory = RICH;
		test_state_save(&state, &t);
		ck_assert_int_eq(physseg_plug_check(t.map, 900, 50, 0), 0);
		ck_assert(test_state_unchanged(&state, &t));
		test_state_save(&state, &t);
		t.host.fail_at = ++at;
		error = physseg_plug(t.map, 900, 50, 0, NULL);
		if (error != PHYSSEG_OK)
			ck_assert(test_state_unchanged(&state, &t));
		else
			forget(&state);
		t.host.fail_at = 0;
		test_map_fini(&t);
	} while (error != PHYSSEG_OK);
	ck_assert_uint_gt(at, 2);
}
END_TEST

/* The list is full, so it builds first; and then what the plug itself needs is
 * more, for it is far away. */
START_TEST(test_full_plug_fails)
{
	const physseg_pfn_t far = PHYSSEG_NOFRAME / 2;
	struct test_state state;
	size_t at = 0;
	int error;

	if (cannot("test_full_plug_fails", grows()))
		return;
	do {
		boot_with(0, upwards, ROOM);
		memory = POOR;
		test_map_switch(&t, 0);
		memory = RICH;
		test_state_save(&state, &t);
		t.host.fail_at = ++at;
		error = physseg_plug(t.map, far, 50, 0, NULL);
		t.host.fail_at = 0;
		if (error != PHYSSEG_OK) {
			ck_assert_int_eq(error, PHYSSEG_ENOMEM);
			ck_assert(test_state_unchanged(&state, &t));
			ck_assert_int_eq(
			    physseg_plug(t.map, far, 50, 0, NULL), 0);
		} else
			forget(&state);
		ck_assert(is_built());
		test_map_fini(&t);
	} while (error != PHYSSEG_OK);
	ck_assert_uint_gt(at, 7); /* records, 4 to build, and more */
}
END_TEST

/* A record that is taken again, and not used after all, is as it was: no other
 * segment gets it, and no handle of its past is valid. */
START_TEST(test_record_kept)
{
	physseg_t gone, other, again;

	if (cannot("test_record_kept", grows()))
		return;
	boot_with(PAGE, upwards, ROOM);
	test_map_switch(&t, SPARE);
	ck_assert_int_eq(physseg_plug(t.map, 5000, 1, 0, &gone), 0);
	ck_assert_int_eq(physseg_plug(t.map, 6000, 1, 0, &other), 0);
	ck_assert_int_eq(physseg_unplug(t.map, 5000, 1), 0);
	memory = POOR;
	ck_assert_int_eq(
	    physseg_plug(t.map, 7000, 2 * SPARE, 0, NULL), PHYSSEG_ENOMEM);
	memory = RICH;
	ck_assert_ptr_null(physseg_check(t.map));
	ck_assert_int_eq(physseg_plug(t.map, 5000, 1, 0, &again), 0);
	ck_assert_ptr_null(physseg_check(t.map));
	ck_assert(again != gone && again != other);
	ck_assert(physseg_valid(t.map, other) && !physseg_valid(t.map, gone));
	is(other, 6000, 6001, true);
	test_map_fini(&t);
}
END_TEST

/* ---- segments without page structures on a map that runs ---- */

START_TEST(test_pageless)
{
	const physseg_pfn_t start = 2000, end = 2600;
	struct physseg_info info;
	physseg_t h, tail;
	void *pages;

	if (cannot("test_pageless", test_has(PHYSSEG_HOTPLUG)))
		return;
	begin(PAGE);
	test_map_boot(&t);
	load(start, end);
	load(0, LONG);
	h = physseg_find(t.map, start, NULL);
	ck_assert_int_eq(physseg_set_running(t.map, true), 0);
	ck_assert(is_built());
	is(h, start, end, false);
	ck_assert(!physseg_valid(t.map, h));
	ck_assert_int_eq(physseg_unplug(t.map, start, 50), 0);
	is(h, start + 50, end, false);
	ck_assert(!physseg_valid(t.map, h));
	ck_assert_int_eq(physseg_unplug(t.map, end - 40, 40), 0);
	is(h, start + 50, end - 40, false);
	ck_assert_int_eq(physseg_unplug(t.map, start + 100, 1), 0);
	is(h, start + 50, start + 100, false);
	tail = physseg_find(t.map, start + 101, NULL);
	is(tail, start + 101, end - 40, false);
	ck_assert_ptr_null(physseg_check(t.map));
	t.pages = calloc((size_t)end, PAGE);
	ck_assert_ptr_nonnull(t.pages);
	ck_assert_int_eq(physseg_chomp_slab(t.map, h, t.pages, (size_t)end), 0);
	ck_assert_int_eq(physseg_alloc_from_slab(t.map, tail,
			     (size_t)(end - 40 - (start + 101)), &pages),
	    0);
	ck_assert_int_eq(physseg_init_seg(t.map, tail, pages), 0);
	is(tail, start + 101, end - 40, true);
	is(h, start + 50, start + 100, false);
	ck_assert(physseg_valid(t.map, tail));
	ck_assert_int_eq(physseg_get_info(t.map, tail, &info), 0);
	ck_assert_ptr_eq(info.pages, pages);
	ck_assert_int_eq(physseg_unplug(t.map, start + 50, 50), 0);
	ck_assert_ptr_eq(physseg_find(t.map, start + 60, NULL), PHYSSEG_NONE);
	ck_assert_ptr_null(physseg_check(t.map));
	is(tail, start + 101, end - 40, true);
	test_map_fini(&t);
}
END_TEST

/* ---- the one base that means none ---- */

static physseg_pfn_t
the_frame(void *ctx, const void *page)
{
	(void)ctx;
	return (physseg_pfn_t)((uintptr_t)page + 1);
}

static void
no_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	(void)page;
	(void)pfn;
}

/* Page structures of one byte, of which each lies one below its frame. */
START_TEST(test_no_base)
{
	static char array[64];
	const physseg_pfn_t pfn = (physseg_pfn_t)((uintptr_t)array + 1);
	struct test_state state;
	physseg_t h;

	if (cannot("test_no_base", sizeof(pfn) >= sizeof(uintptr_t)))
		return;
	begin(PAGE);
	t.config.page_size = t.host.page_size = 1;
	t.host.hooks.page_init = no_init;
	t.host.hooks.page_free = NULL;
	t.host.hooks.page_frame = the_frame;
	test_map_boot(&t);
	load(pfn, pfn + 1);
	h = physseg_find(t.map, pfn, NULL);
	test_state_save(&state, &t);
	ck_assert_int_eq(physseg_init_seg(t.map, h, array), PHYSSEG_EINVAL);
	ck_assert(test_state_unchanged(&state, &t));
	ck_assert_ptr_null(physseg_page(t.map, pfn));
	test_map_fini(&t);
}
END_TEST

/* Such an array from the slab that is there, and from the host. */
static _Alignas(PHYSSEG_ALIGN) char given[16384];
static bool is_given;

static void *
give(void *ctx, size_t size)
{
	if (size != sizeof(given))
		return rich_alloc(ctx, size);
	test_assert(!is_given);
	is_given = true;
	return given;
}

static void (*rich_free)(void *ctx, void *p, size_t size);

static void
take_back(void *ctx, void *p, size_t size)
{
	if (p != (void *)given)
		rich_free(ctx, p, size);
	else
		is_given = false;
}

START_TEST(test_plug_no_base)
{
	static char array[64];
	struct test_state state;
	physseg_pfn_t pfn;

	if (cannot("test_plug_no_base",
		test_has(PHYSSEG_HOTPLUG) && sizeof(pfn) >= sizeof(uintptr_t)))
		return;
	for (int chomped = 0; chomped < 2; chomped++) {
		begin(PAGE);
		t.config.page_size = t.host.page_size = 1;
		t.host.hooks.page_init = no_init;
		t.host.hooks.page_free = NULL;
		t.host.hooks.page_frame = the_frame;
		t.host.hooks.alloc = give;
		rich_free = t.host.hooks.free;
		t.host.hooks.free = take_back;
		test_map_boot(&t);
		load(50, 51);
		physseg_set_running(t.map, true);
		if (chomped != 0)
			ck_assert_int_eq(physseg_chomp_slab(t.map,
					     physseg_first(t.map), array, 64),
			    0);
		pfn =
		    (physseg_pfn_t)((uintptr_t)(chomped != 0 ? array : given) +
			1);
		test_state_save(&state, &t);
		ck_assert_int_eq(
		    physseg_plug(t.map, pfn, 1, 0, NULL), PHYSSEG_ENOMEM);
		ck_assert(test_state_unchanged(&state, &t));
		ck_assert(!is_given);
		test_map_fini(&t);
	}
}
END_TEST

/* ---- the host's lock ---- */

static unsigned locks;

static void
count_lock(void *ctx)
{
	(void)ctx;
	locks++;
}

static void
no_unlock(void *ctx)
{
	(void)ctx;
}

/* Where nobody waits for readers, a lookup of a page takes the lock, whichever
 * index is in force. */
START_TEST(test_page_locks)
{
	const physseg_pfn_t pfns[] = { 3, STEP, 5 };
	void *pages[3];

	begin(PAGE);
	t.host.hooks.sync = NULL;
	t.host.hooks.lock = count_lock;
	t.host.hooks.unlock = no_unlock;
	test_map_boot(&t);
	load(0, LONG);
	for (int running = 0; running < 2; running++) {
		if (running != 0)
			test_map_switch(&t, 0);
		ck_assert_int_eq(is_built(), !grows() || running != 0);
		locks = 0;
		pages[0] = physseg_page(t.map, 3);
		ck_assert_int_eq(pages[0] != NULL, running);
		ck_assert_uint_eq(locks, 1);
		physseg_pages(t.map, pfns, 3, pages);
		ck_assert_int_eq(pages[0] != NULL, running);
		ck_assert_uint_eq(locks, 2);
	}
	test_map_fini(&t);
}
END_TEST

/* ---- how many changes memory is asked for ---- */

static struct physseg_backend counts; /* the backend, and counts: */
static size_t reserved, made;

static size_t
counts_needed(
    const void *index, physseg_pfn_t start, physseg_pfn_t end, size_t changes)
{
	reserved = changes > reserved ? changes : reserved;
	return test_backend->mem_needed(index, start, end, changes);
}

static void
counts_insert(void *index, struct physseg_node *node)
{
	made++;
	test_backend->insert(index, node);
}

static void
counts_update(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, uintptr_t base)
{
	made++;
	test_backend->update(index, node, start, end, base);
}

static void
counts_split(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, struct physseg_node *other)
{
	made++;
	test_backend->split(index, node, start, end, other);
}

/* Each change of the index was reserved, but those that take whole segments. */
static void
counted(int error)
{
	ck_assert_int_eq(error, 0);
	ck_assert_uint_ne(made, 0);
	ck_assert_uint_le(made, reserved);
	ck_assert_ptr_null(physseg_check(t.map));
	made = reserved = 0;
}

START_TEST(test_changes_are_reserved)
{
	struct physseg_addition add = { .n = 100, .state = PHYSSEG_OFFLINE };
	const unsigned offline = PHYSSEG_REMOVE_OFFLINE;

	if (cannot("changes", grows() && test_has(PHYSSEG_HOTPLUG)))
		return;
	begin(_i % 2 == 0 ? PAGE : 0);
	counts = *test_backend;
	counts.mem_needed = counts_needed;
	counts.insert = counts_insert;
	counts.update = counts_update;
	counts.split = counts_split;
	t.config.backend = &counts;
	t.config.coalesce = _i / 2 != 0;
	test_map_run(&t);
	made = reserved = 0;
	counted(physseg_plug(t.map, 200, 100, 0, NULL));
	counted(physseg_add(t.map, &add, NULL, NULL));
	counted(physseg_online(t.map, 0, 10, NULL));
	counted(physseg_online(t.map, 90, 10, NULL));
	counted(physseg_online(t.map, 40, 10, NULL));
	counted(physseg_online(t.map, 5, 90, NULL));
	counted(physseg_remove(t.map, 230, 10, offline, NULL));
	counted(physseg_remove(t.map, 200, 10, offline, NULL));
	counted(physseg_remove(t.map, 290, 10, offline, NULL));
	counted(physseg_remove(t.map, 0, 100, offline, NULL));
	counted(physseg_online(t.map, 0, 100, NULL));
	counted(physseg_plug(t.map, 100, 10, 0, NULL));
	counted(physseg_unplug(t.map, 250, 10));
	counted(physseg_unplug(t.map, 205, 10));
	counted(physseg_unplug(t.map, 280, 15));
	test_map_fini(&t);
}
END_TEST

/* ---- when readers are waited for ---- */

static bool
waiting(const char *test)
{
	return !cannot(test, test_has(PHYSSEG_LOCKFREE));
}

/* While loads come in order, nobody is waited for; then, before the columns
 * that a reader may have are written again; and after what was taken out. */
START_TEST(test_waits_at_boot)
{
	if (!waiting("test_waits_at_boot"))
		return;
	begin(PAGE);
	test_map_boot(&t);
	load(100, 110);
	load(200, 210);
	load(300, 310);
	ck_assert_uint_eq(waits, 0);
	load(0, 10);
	ck_assert_uint_eq(waits, 0);
	load(20, 30);
	ck_assert_uint_eq(waits, 1);
	load(400, 410);
	ck_assert_uint_eq(waits, 2);
	ck_assert_int_eq(physseg_unplug(t.map, 0, 1), 0);
	ck_assert_uint_eq(waits, 3);
	load(40, 50);
	ck_assert_uint_eq(waits, 3);
	test_map_switch(&t, 0);
	ck_assert(is_built());
	ck_assert_uint_eq(waits, 4); /* not for each segment */
	ck_assert_int_eq(physseg_unplug(t.map, 2, 1), 0);
	ck_assert_uint_eq(waits, 6); /* it got a base: before, and after */
	ck_assert_int_eq(physseg_unplug(t.map, 1, 1), 0);
	ck_assert_uint_eq(waits, 7);
	test_map_fini(&t);
}
END_TEST

/* What fills a hole makes one segment grow, which then gets the one above. */
START_TEST(test_waits_for_join)
{
	if (!waiting("test_waits_for_join"))
		return;
	begin(PAGE);
	t.config.coalesce = true;
	test_map_boot(&t);
	load(0, 10);
	load(20, 30);
	ck_assert_uint_eq(waits, 0);
	load(10, 20);
	ck_assert_uint_eq(waits, 2); /* between the two, and after */
	ck_assert_ptr_eq(physseg_last(t.map), physseg_first(t.map));
	ck_assert_ptr_null(physseg_check(t.map));
	test_map_fini(&t);
}
END_TEST

/* A segment that leaves is taken out of the columns, too, which a reader may
 * still have from before the last change. */
START_TEST(test_waits_before_removal)
{
	if (!waiting("test_waits_before_removal"))
		return;
	begin(PAGE);
	test_map_boot(&t);
	load(100, 110);
	load(200, 210);
	ck_assert_int_eq(physseg_unplug(t.map, 200, 10), 0);
	ck_assert_uint_eq(waits, 1); /* after */
	ck_assert_ptr_null(physseg_check(t.map));
	load(0, 10);
	ck_assert_uint_eq(waits, 1);
	ck_assert_int_eq(physseg_unplug(t.map, 0, 10), 0);
	ck_assert_uint_eq(waits, 3); /* before, and after */
	ck_assert(!is_built());
	test_map_fini(&t);
}
END_TEST

/* A segment that grows on one side only never waits.  Where both of its bounds
 * would move in one section, the second waits first. */
START_TEST(test_waits_for_bounds)
{
	if (!waiting("test_waits_for_bounds"))
		return;
	begin(0);
	t.config.coalesce = true;
	test_map_run(&t);
	ck_assert_int_eq(physseg_plug(t.map, 100, 10, 0, NULL), 0);
	ck_assert_int_eq(physseg_plug(t.map, 110, 10, 0, NULL), 0);
	ck_assert_int_eq(physseg_plug(t.map, 120, 10, 0, NULL), 0);
	ck_assert_uint_eq(waits, 0);
	ck_assert_int_eq(physseg_plug(t.map, 90, 10, 0, NULL), 0);
	ck_assert_uint_eq(waits, 1);
	ck_assert_int_eq(physseg_plug(t.map, 80, 10, 0, NULL), 0);
	ck_assert_uint_eq(waits, 1);
	ck_assert_int_eq(physseg_plug(t.map, 130, 10, 0, NULL), 0);
	ck_assert_uint_eq(waits, 2);
	ck_assert_int_eq(physseg_unplug(t.map, 80, 1), 0);
	ck_assert_uint_eq(waits, 4); /* before, and after */
	ck_assert_int_eq(physseg_unplug(t.map, 139, 1), 0);
	ck_assert_uint_eq(waits, 5);
	ck_assert_int_eq(physseg_plug(t.map, 139, 1, 0, NULL), 0);
	ck_assert_int_eq(physseg_plug(t.map, 500, 10, 0, NULL), 0);
	ck_assert_int_eq(physseg_plug(t.map, 490, 10, 0, NULL), 0);
	ck_assert_uint_eq(waits, 5); /* another segment */
	ck_assert_int_eq(physseg_unplug(t.map, 100, 1), 0);
	ck_assert_uint_eq(waits, 6); /* the same bound, and after */
	ck_assert_ptr_null(physseg_check(t.map));
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = { test_run, test_build_fails, test_build,
		test_boot_again, test_boot_again_full, test_record_kept,
		test_plug_fails, test_full_plug_fails, test_pageless,
		test_no_base, test_plug_no_base, test_page_locks,
		test_waits_at_boot, test_waits_for_join,
		test_waits_before_removal, test_waits_for_bounds };
	Suite *s = suite_create("physseg_index");
	TCase *tc = tcase_create("index");

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	tcase_add_loop_test(tc, test_boot, 0, 2);
	tcase_add_loop_test(tc, test_poor_switch, 0, 2);
	tcase_add_loop_test(tc, test_full, 0, 2);
	tcase_add_loop_test(tc, test_changes_are_reserved, 0, 4);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
