/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_defects.c -- what the original does wrong, each a test that
 * it is not so here.  What the original did stands above each.
 *
 * Where a backend cannot come into the situation (no hot plug, one slot) the
 * test shows that, and goes as far as it can.
 */
#include <pthread.h>

#include "t_uvm.h"

#define LIST VM_FREELIST_DEFAULT
#define NONE ((paddr_t)-1)

/* Loaded and running; 256 pages, no memory taken from the host. */
static void
running(void)
{
	load(S1, SEG);
	switch_by_loop(SEG);
}

/* Heap use after free. */
START_TEST(defect_01)
{
	uvm_physseg_t h;

	running();
	if (!hot_plug_works(__func__))
		return;
	ck_assert(plug_and_check(S2, SEG, &h));
	ck_assert(uvm_physseg_valid_p(h));
	ck_assert(unplug_and_check(S2, SEG));
	ck_assert(!uvm_physseg_valid_p(h));
	ck_assert_uint_eq(uvm_physseg_get_start(h), NONE);
}
END_TEST

/* The same at boot: true, start 0. */
START_TEST(defect_02)
{
	uvm_physseg_t h;

	load(S1, SEG);
	if (!room_for(2, __func__) || !segments_stay_apart(__func__))
		return;
	ck_assert(plug_and_check(S2, SEG, &h));
	ck_assert(unplug_and_check(S2, SEG));
	ck_assert(!uvm_physseg_valid_p(h));
	ck_assert_uint_eq(uvm_physseg_get_start(h), NONE);
}
END_TEST

/* A panic of the tree. */
START_TEST(defect_03)
{
	ck_assert(plug_and_check(100, 10, NULL));
	ck_assert(!plug_and_check(90, 15, NULL));
	MAP_IS("100-110");
}
END_TEST

/* Accepted, and find(70) fails afterwards. */
START_TEST(defect_04)
{
	ck_assert(plug_and_check(100, 50, NULL));
	ck_assert(!plug_and_check(110, 60, NULL));
	MAP_IS("100-150");

	uvm_physseg_init();
	ck_assert(plug_and_check(0, 100, NULL));
	ck_assert(!plug_and_check(50, 10, NULL));
	MAP_IS("0-100");
	ck_assert_ptr_ne(uvm_physseg_find(70, NULL), NOWHERE);
}
END_TEST

/* Accepted, and end < start. */
START_TEST(defect_05)
{
	ck_assert(!plug_and_check((paddr_t)-4, 16, NULL));
	ck_assert_ptr_eq(uvm_physseg_find((paddr_t)-4, NULL), NOWHERE);
}
END_TEST

/* True: the segments overlap, and there are more pages than before. */
START_TEST(defect_06)
{
	load(S1, SEG);
	ck_assert(!unplug_and_check(10, SIZE_MAX - 5));
	MAP_IS("0-256");
	switch_by_loop(SEG);
	ck_assert(!unplug_and_check(10, SIZE_MAX - 5));
	MAP_IS("0-256");
	ck_assert_int_eq(uvmexp.npages, SEG);
}
END_TEST

/* An empty segment; a segment split around nothing. */
START_TEST(defect_07)
{
	ck_assert(!plug_and_check(10, 0, NULL));
	ck_assert_uint_eq(entries(), 0);
	load(0, 100);
	ck_assert(!unplug_and_check(10, 0));
	MAP_IS("0-100");
}
END_TEST

/* NULL was dereferenced; the array answered 256. */
START_TEST(defect_08)
{
	ck_assert_uint_eq(uvm_physseg_get_highest_frame(), NONE);
	load(S1, SEG);
	ck_assert_uint_eq(uvm_physseg_get_highest_frame(), 255);
}
END_TEST

/* A handle that passed valid_p. */
START_TEST(defect_09)
{
	ck_assert_ptr_eq(uvm_physseg_get_first(), NOWHERE);
	ck_assert_ptr_eq(uvm_physseg_get_last(), NOWHERE);
	ck_assert(!uvm_physseg_valid_p(uvm_physseg_get_first()));
}
END_TEST

/* 901,120 bytes leaked in ten rounds. */
START_TEST(defect_10)
{
	size_t after_first = 0;
	int i;

	load(0, 1024);
	switch_at_once();
	if (!hot_plug_works(__func__))
		return;
	for (i = 0; i < 10; i++) {
		ck_assert(plug_and_check(2048, 8, NULL));
		ck_assert(unplug_and_check(2048, 8));
		if (i == 0)
			after_first = machine.outstanding;
		ck_assert_uint_eq(machine.outstanding, after_first);
	}
}
END_TEST

/* +361 MB for 8 pages: page structures for the whole system.  The machine has
 * 1 GiB; TEST_FULL: 16 GiB. */
START_TEST(defect_11)
{
	const paddr_t gib = (paddr_t)1 << (30 - PAGE_SHIFT);
	const paddr_t n = getenv("TEST_FULL") != NULL ? 16 * gib : gib;
	size_t before;

	load(0, n);
	switch_at_once();
	if (!hot_plug_works(__func__))
		return;
	before = machine.outstanding;
	machine.largest = 0;
	ck_assert(plug_and_check(n, 8, NULL));
	ck_assert_uint_lt(machine.outstanding - before, 65536);
	ck_assert_uint_lt(machine.largest, 65536);
	before = machine.outstanding;
	ck_assert(plug_and_check(2 * n, 65536, NULL));
	ck_assert_uint_lt(machine.outstanding - before,
	    65536 * sizeof(struct vm_page) * 5 / 4);
}
END_TEST

/* False. */
START_TEST(defect_12)
{
	running();
	if (!hot_plug_works(__func__))
		return;
	ck_assert(plug_and_check(S2, 2 * SEG, NULL));
	MAP_IS("0-256 256-768");
	ck_assert_int_eq(uvmexp.npages, 3 * SEG);
}
END_TEST

static void
must_be_clean(struct vm_page *pg)
{
	ck_assert_uint_eq(pg->flags, 0);
	ck_assert_uint_eq(pg->pqflags, 0);
	ck_assert_uint_eq(pg->loan_count, 0);
	ck_assert_uint_eq(pg->wire_count, 0);
}

/* Stale flags and counts in the page structures. */
START_TEST(defect_13)
{
	struct vm_page *pg;
	paddr_t i;

	running();
	if (!hot_plug_works(__func__))
		return;
	for (i = 0; i < SEG; i++) {
		pg = PHYS_TO_VM_PAGE(ptoa(i));
		pg->flags = pg->pqflags = 0xffffffff;
		pg->loan_count = pg->wire_count = 0xffff;
	}
	ck_assert(unplug_and_check(64, 128));
	seen.on_pagefree = must_be_clean;
	ck_assert(plug_and_check(1024, 128, NULL));
	pg = PHYS_TO_VM_PAGE(ptoa(1024));
	ck_assert_ptr_eq(pg, &boot_pages[64]); /* it is the same memory */
	for (i = 0; i < 128; i++)
		must_be_clean(pg + i);
}
END_TEST

/* uvmexp.npages was -1. */
START_TEST(defect_14)
{
	load(S1, SEG);
	ck_assert(unplug_and_check(SEG - 1, 1));
	ck_assert_int_eq(uvmexp.npages, 0);

	uvm_physseg_init();
	ck_assert_uint_eq(unload(load_avail(0, 16, 1, 16, LIST), LIST), 15);
	ck_assert_int_eq(uvmexp.npages, 0);
}
END_TEST

/* physmem never fell. */
START_TEST(defect_15)
{
	running();
	physmem = SEG;
	ck_assert(unplug_and_check(100, 156));
	ck_assert_uint_eq(physmem, 100);
}
END_TEST

/* 190: pages were taken off that had not been counted. */
START_TEST(defect_16)
{
	load_avail(0, 256, 0, 200, LIST);
	switch_by_loop(SEG);
	ck_assert_int_eq(uvmexp.npages, 200);
	ck_assert(unplug_and_check(246, 10));
	ck_assert_int_eq(uvmexp.npages, 200);
}
END_TEST

/* The tail: list 0, available [60, 256). */
START_TEST(defect_17)
{
	uvm_physseg_t tail;

	load_avail(0, 256, 0, 100, 2);
	if (!room_for(2, __func__))
		return;
	ck_assert(unplug_and_check(50, 10));
	MAP_IS("0-50 60-256(60-100)");
	tail = uvm_physseg_find(60, NULL);
	ck_assert_int_eq(uvm_physseg_get_free_list(tail), 2);
	switch_by_loop(SEG);
	ck_assert_int_eq(uvmexp.npages, 90);
	tail = uvm_physseg_find(60, NULL);
	ck_assert_int_eq(uvm_physseg_get_free_list(tail), 2);
}
END_TEST

/* [0, 200) and [10, 256): reserved pages became available. */
START_TEST(defect_18)
{
	load_avail(0, 256, 0, 100, LIST);
	ck_assert(unplug_and_check(200, 56));
	MAP_IS("0-200(0-100)");

	uvm_physseg_init();
	load_avail(0, 256, 100, 256, LIST);
	ck_assert(unplug_and_check(0, 10));
	MAP_IS("10-256(100-256)");
}
END_TEST

/* Written past the end of the array. */
START_TEST(defect_19)
{
	paddr_t i;

	for (i = 0; i < slots(); i++)
		ck_assert(plug_and_check(i * 16, 8, NULL));
	ck_assert(!plug_and_check(FAR, 1, NULL));
	ck_assert(test_panics(load_far, NULL, "uvm_page_physload: add ["));
	ck_assert_uint_eq(entries(), slots());
}
END_TEST

/* Every boot record in use, so that a tail needs the host. */
static void
records_used_up(void)
{
	paddr_t i;

	for (i = 0; i < VM_PHYSSEG_MAX; i++)
		load(i * 64, 32);
	switch_at_once();
}

/* False, but the page structures were given back already: the next plug shares
 * them with pages in use.  Fails the k-th allocation for k = 1, 2... */
START_TEST(defect_20)
{
	char text[4096];
	size_t k, bytes;
	bool done = false;

	if (uvm_physseg_backend()->bounded) {
		load(0, 64); /* a slot is free, or never will be: no memory */
		if (!room_for(2, __func__))
			return;
		switch_at_once();
	} else
		records_used_up();
	snprintf(text, sizeof(text), "%s", show(false));
	bytes = machine.outstanding;
	for (k = 1; !done; k++) {
		machine.fail_at = k;
		done = unplug_and_check(10, 10);
		if (done)
			break;
		ORDER_IS(text);
		ck_assert_uint_eq(machine.outstanding, bytes);
		ck_assert_uint_eq(PHYS_TO_VM_PAGE(ptoa(9))->phys_addr, ptoa(9));
		ck_assert_uint_eq(
		    PHYS_TO_VM_PAGE(ptoa(10))->phys_addr, ptoa(10));
	}
	machine.fail_at = 0;
	if (!uvm_physseg_backend()->bounded)
		ck_assert_uint_gt(k, 1); /* it was there to fail */
	if (can(PHYSSEG_HOTPLUG))
		ck_assert(
		    plug_and_check(FAR, 10, NULL)); /* check: none is shared */
}
END_TEST

/* True; read out of bounds. */
START_TEST(defect_21)
{
	const uvm_physseg_t h = (uvm_physseg_t)(uintptr_t)99;

	load(S1, SEG);
	ck_assert(!uvm_physseg_valid_p(h));
	ck_assert_uint_eq(uvm_physseg_get_start(h), NONE);
}
END_TEST

/* Truncated on the array, split on the tree. */
START_TEST(defect_22)
{
	uvm_physseg_t h = load_avail(0, 64, 16, 32, LIST);

	if (slots() == 1) {
		ck_assert_uint_eq(unload_force(h, LIST), NONE);
		MAP_IS("0-64(16-32)");
		room_for(2, __func__);
		return;
	}
	ck_assert_uint_eq(unload_force(h, LIST), 16);
	MAP_IS("0-16(16-16) 17-64(17-32)");
}
END_TEST

/* The record of a plug that failed leaked. */
START_TEST(defect_23)
{
	size_t bytes, k;
	paddr_t i;
	bool done = false;

	load(0, 8);
	for (i = 0; i < 3 * VM_PHYSSEG_MAX; i++)
		ck_assert(!plug_and_check(4, 8, NULL));
	for (i = 1; i < slots(); i++)
		ck_assert(plug_and_check(i * 16, 8, NULL));
	switch_at_once();
	if (!hot_plug_works(__func__))
		return;
	bytes = machine.outstanding;
	for (k = 1; !done; k++) {
		machine.fail_at = k;
		done = plug_and_check(FAR, 10000, NULL);
		ck_assert(done || machine.outstanding == bytes);
	}
	machine.fail_at = 0;
	ck_assert_uint_gt(k, 2);
	ck_assert(unplug_and_check(FAR, 10000));
	bytes = machine.outstanding;
	for (i = 0; i < 1000; i++)
		ck_assert(!plug_and_check(4, 8, NULL));
	ck_assert_uint_eq(machine.outstanding, bytes);
}
END_TEST

/* ---- 24: a reader beside a writer: crashes, and misses of pages that never
 * moved.  Here the machine has a lock around both. ---- */

#define STAYS  1024 /* frames [0, STAYS) never move */
#define ROUNDS 3000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool stop; /* under the lock */
static size_t lookups;

/* Under the lock: is a frame that never moves where it was? */
static bool
is_there(paddr_t pfn)
{
	const struct vm_page *pg = PHYS_TO_VM_PAGE(ptoa(pfn));
	psize_t offset = NONE;
	uvm_physseg_t h = uvm_physseg_find(pfn, &offset);

	if (h == NOWHERE || uvm_physseg_get_start(h) + offset != pfn)
		return false;
	if (!uvm.page_init_done)
		return pg == NULL;
	return pg != NULL && VM_PAGE_TO_PHYS(pg) == ptoa(pfn);
}

/* NULL, or a frame + 1 that was missed. */
static void *
reader(void *arg)
{
	struct test_rng rng = { test_seed };
	paddr_t pfn;
	bool found = true, stopped = false;

	(void)arg;
	for (pfn = 0; found && !stopped; lookups++) {
		pfn = (paddr_t)test_random_below(&rng, STAYS);
		pthread_mutex_lock(&lock);
		found = is_there(pfn);
		stopped = stop;
		pthread_mutex_unlock(&lock);
	}
	return found ? NULL : (void *)(uintptr_t)(pfn + 1);
}

/* One change at random above the frames that stay, around a bitmap of what is
 * there; in the middle of a segment too. */
static void
write_once(struct test_rng *rng, bool *there)
{
	paddr_t pfn = (paddr_t)test_random_below(rng, 512);
	size_t n = (size_t)test_random_below(rng, 512 - pfn) + 1, i, m;

	for (m = 0; m < n && there[pfn + m] == there[pfn]; m++)
		continue;
	/* A full array panics for a tail. */
	if (there[pfn] && entries() >= slots() &&
	    uvm_physseg_backend()->bounded)
		return;
	pthread_mutex_lock(&lock);
	if (there[pfn] ? uvm_physseg_unplug(STAYS + pfn, m)
		       : uvm_physseg_plug(STAYS + pfn, m, NULL))
		for (i = 0; i < m; i++)
			there[pfn + i] = !there[pfn + i];
	pthread_mutex_unlock(&lock);
}

START_TEST(defect_24)
{
	struct test_rng rng = { test_seed + 1 };
	bool there[512] = { false };
	pthread_t thread;
	void *missed;
	int i;

	load(0, STAYS);
	/* Where there is no hot plug, plug and unplug run beside at boot. */
	if (can(PHYSSEG_HOTPLUG))
		switch_by_loop(STAYS);
	stop = false;
	ck_assert_int_eq(pthread_create(&thread, NULL, reader, NULL), 0);
	for (i = 0; i < ROUNDS; i++)
		write_once(&rng, there);
	pthread_mutex_lock(&lock);
	stop = true;
	pthread_mutex_unlock(&lock);
	ck_assert_int_eq(pthread_join(thread, &missed), 0);
	ck_assert_msg(
	    missed == NULL, "missed frame %zu", (size_t)(uintptr_t)missed - 1);
	ck_assert_uint_gt(lookups, 0);
	for (i = 0; i < 512; i++)
		ck_assert_int_eq(
		    uvm_pageismanaged(ptoa(STAYS + (paddr_t)i)), there[i]);
	check_map();
	room_for(2, __func__);
}
END_TEST

/* ---- 25: a slot that was used before ---- */

/* As a segment is that was never there: its list is `list'. */
static void
is_new(uvm_physseg_t h, int list)
{
	static const unsigned char zeros[sizeof(void *)];

	ck_assert_uint_eq(uvm_physseg_get_start_hint(h), 0);
	ck_assert_int_eq(uvm_physseg_get_free_list(h), list);
	ck_assert_int_eq(
	    memcmp(uvm_physseg_get_pmseg(h), zeros, sizeof(zeros)), 0);
}

/* A segment that leaves a trace wherever it can, and goes. */
static void
use_slot(paddr_t start)
{
	uvm_physseg_t h =
	    load_avail(start, start + 64, start + 8, start + 32, 2);

	ck_assert(uvm_physseg_set_start_hint(h, 5));
	memset(uvm_physseg_get_pmseg(h), 0xa5, sizeof(void *));
	ck_assert(unplug_and_check(start, 64));
}

/* Stale start hint and pmap data; after a plug a stale free list, too. */
START_TEST(defect_25)
{
	uvm_physseg_t h;

	load(S4, SEG);
	if (!room_for(2, __func__))
		return;
	use_slot(S1);
	is_new(load_avail(S1, SEG, S1, SEG, 3), 3);
	ck_assert(unplug_and_check(S1, SEG));
	use_slot(S1);
	ck_assert(plug_and_check(S1, SEG, &h));
	is_new(h, LIST);
	MAP_IS("0-256 768-1024");
	switch_by_loop(2 * SEG);
	is_new(uvm_physseg_find(S1, NULL), LIST);
	if (!hot_plug_works(__func__))
		return;
	h = uvm_physseg_find(S1, NULL);
	ck_assert(uvm_physseg_set_start_hint(h, 5));
	memset(uvm_physseg_get_pmseg(h), 0xa5, sizeof(void *));
	ck_assert(unplug_and_check(S1, SEG));
	ck_assert(plug_and_check(S2, SEG, &h));
	is_new(h, LIST);
}
END_TEST

/* After a whole unplug uvmexp.npages stayed. */
START_TEST(defect_26)
{
	load(S1, SEG);
	if (!room_for(2, __func__))
		return;
	load_avail(S2, S3, S2 + 6, S3, LIST);
	switch_by_loop(2 * SEG);
	ck_assert_int_eq(uvmexp.npages, 2 * SEG - 6);
	ck_assert(unplug_and_check(S2, SEG));
	MAP_IS("0-256");
	ck_assert_int_eq(uvmexp.npages, SEG);
}
END_TEST

static Suite *
suite(void)
{
	static const TTest *const *const defects[] = { &defect_01, &defect_02,
		&defect_03, &defect_04, &defect_05, &defect_06, &defect_07,
		&defect_08, &defect_09, &defect_10, &defect_11, &defect_12,
		&defect_13, &defect_14, &defect_15, &defect_16, &defect_17,
		&defect_18, &defect_19, &defect_20, &defect_21, &defect_22,
		&defect_23, &defect_24, &defect_25, &defect_26 };
	Suite *s = suite_create("uvm_defects");
	TCase *t = add_case(s, "defects");
	size_t i;

	for (i = 0; i < sizeof(defects) / sizeof(defects[0]); i++)
		tcase_add_test(t, *defects[i]);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
