/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_plug.c -- plug and unplug in detail: what happens in which
 * order and what hooks may do, the four shapes and what is inherited, clamping,
 * orders of iteration, the shared variables, the edge of the address width.
 */
#include "t_uvm.h"

/* ---- the order of a hot plug ---- */

static struct {
	uvm_physseg_t handle; /* plug writes it */
	paddr_t next;	      /* the frame that must come next */
	int64_t npages;	      /* what must be counted by then */
	psize_t physmem;
	size_t pages_at_reinit;
} watch;

/* A page that is handed out is in the map, counted, and its segment's handle
 * is known to who plugs. */
static void
at_pagefree(struct vm_page *pg)
{
	psize_t offset = 0;

	ck_assert_uint_eq(VM_PAGE_TO_PHYS(pg), ptoa(watch.next));
	ck_assert_ptr_eq(PHYS_TO_VM_PAGE(ptoa(watch.next)), pg);
	ck_assert(uvm_pageismanaged(ptoa(watch.next)));
	ck_assert_int_eq(uvmexp.npages, watch.npages);
	ck_assert_uint_eq(physmem, watch.physmem);
	ck_assert_uint_eq(seen.reinits, 0);
	ck_assert(uvm_physseg_valid_p(watch.handle));
	ck_assert_ptr_eq(uvm_physseg_find(watch.next, &offset), watch.handle);
	ck_assert_ptr_eq(uvm_physseg_get_pg(watch.handle, offset), pg);
	watch.next++;
}

static void
at_reinit(void)
{
	watch.pages_at_reinit = seen.freed;
}

START_TEST(hot_plug_order)
{
	load(S1, SEG);
	switch_at_once();
	if (!hot_plug_works(__func__))
		return;
	memset(&watch, 0, sizeof(watch));
	memset(&seen, 0, sizeof(seen));
	physmem = 1000;
	watch.next = S3;
	watch.npages = 2 * SEG;
	watch.physmem = 1000 + SEG;
	seen.on_pagefree = at_pagefree;
	seen.on_reinit = at_reinit;
	ck_assert(plug_and_check(S3, SEG, &watch.handle));
	ck_assert_uint_eq(watch.next, S3 + SEG);
	ck_assert_uint_eq(seen.freed, SEG);
	ck_assert_uint_eq(seen.reinits, 1);
	ck_assert_uint_eq(watch.pages_at_reinit, SEG);
}
END_TEST

static void
at_reinit_of_unplug(void)
{
	ck_assert_ptr_eq(uvm_physseg_find(S1 + 64, NULL), NOWHERE);
	ck_assert_int_eq(uvmexp.npages, watch.npages);
	ck_assert_uint_eq(physmem, watch.physmem);
	watch.pages_at_reinit++;
}

START_TEST(hot_unplug_order)
{
	load(S1, SEG);
	switch_at_once();
	memset(&watch, 0, sizeof(watch));
	physmem = 1000;
	watch.npages = 64;
	watch.physmem = 1000 - (SEG - 64);
	seen.on_reinit = at_reinit_of_unplug;
	ck_assert(unplug_and_check(S1 + 64, SEG - 64));
	ck_assert_uint_eq(watch.pages_at_reinit, 1);
	ck_assert_uint_eq(seen.freed, SEG); /* by the switch */
}
END_TEST

/* At boot no hook is called; with handle NULL the rest is the same. */
START_TEST(plug_without_handle)
{
	ck_assert(plug_and_check(S1, SEG, NULL));
	MAP_IS("0-256");
	ck_assert_uint_eq(seen.freed + seen.reinits, 0);
	ck_assert_uint_eq(physmem, 0);
	switch_at_once();
	if (!hot_plug_works(__func__))
		return;
	seen.freed = 0;
	ck_assert(plug_and_check(S2, SEG, NULL));
	ck_assert_uint_eq(seen.freed, SEG);
}
END_TEST

/* Whose plug is over is not written to any more. */
START_TEST(handle_written_once)
{
	const uvm_physseg_t mark = (uvm_physseg_t)&seen;
	uvm_physseg_t h;

	ck_assert(plug_and_check(S1, SEG, &h));
	h = mark;
	switch_at_once(); /* hands out its pages */
	ck_assert_ptr_eq(h, mark);
}
END_TEST

/* ---- plug and unplug inside a hook ---- */

static size_t refused;

static void
change_from_inside(void)
{
	uvm_physseg_t h = (uvm_physseg_t)&refused;

	ck_assert(!uvm_physseg_unplug(S1, 1));
	if (can(PHYSSEG_HOTPLUG)) {
		ck_assert(!uvm_physseg_plug(FAR, 1, &h));
		ck_assert_ptr_eq(h, NOWHERE);
		ck_assert(!uvm_physseg_plug(FAR, 1, NULL));
	}
	ck_assert_uint_eq(
	    uvm_physseg_get_start(uvm_physseg_find(S1, NULL)), S1);
	refused++;
}

static void
change_from_pagefree(struct vm_page *pg)
{
	(void)pg;
	change_from_inside();
}

START_TEST(change_inside_hook)
{
	uvm_physseg_t h = NOWHERE;

	refused = 0;
	load(S1, SEG);
	switch_at_once();
	seen.on_pagefree = change_from_pagefree;
	seen.on_reinit = change_from_inside;
	ck_assert(unplug_and_check(S2 - 8, 8));
	MAP_IS("0-248");
	ck_assert_uint_eq(refused, 1);
	if (!hot_plug_works(__func__))
		return;
	ck_assert(plug_and_check(S2, 8, &h));
	ck_assert_ptr_eq(h, uvm_physseg_find(S2, NULL));
	ck_assert_uint_eq(refused, 1 + 8 + 1);
	MAP_IS("0-248 256-264");
	seen.on_pagefree = NULL;
	seen.on_reinit = NULL;
	ck_assert(plug_and_check(FAR, 1, NULL)); /* it works again afterwards */
}
END_TEST

static void
change_at_switch(struct vm_page *pg)
{
	paddr_t pa = 0xdead;

	(void)pg;
	ck_assert(!uvm_physseg_plug(FAR, 1, NULL));
	ck_assert(!uvm_physseg_unplug(S1 + 3, 1));
	ck_assert(!uvm_page_physunload(uvm_physseg_get_first(), 0, &pa));
	ck_assert(!uvm_page_physget(&pa));
	ck_assert_uint_eq(pa, 0xdead);
	refused++;
}

START_TEST(change_inside_switch)
{
	refused = 0;
	load(S1, SEG);
	seen.on_pagefree = change_at_switch;
	switch_at_once();
	ck_assert_uint_eq(refused, SEG);
	MAP_IS("0-256");
}
END_TEST

/* ---- what plug refuses, in either phase ---- */

static void
plug_refuses(paddr_t pfn, size_t n)
{
	uvm_physseg_t h = (uvm_physseg_t)&refused;
	char before[4096];

	snprintf(before, sizeof(before), "%s", show(false));
	ck_assert(!plug_and_check(pfn, n, &h));
	ck_assert_ptr_eq(h, NOWHERE);
	ORDER_IS(before);
}

/* [100, 150) is there:
 *
 *	   100            150
 *	    |==============|
 *	|------|				tail only
 *	        |------|			inside
 *	                |------|		head only
 *	|----------------------|		around
 */
static void
plug_refuses_overlaps(void)
{
	plug_refuses(90, 11);
	plug_refuses(90, 20);
	plug_refuses(100, 1);
	plug_refuses(100, 50);
	plug_refuses(120, 10);
	plug_refuses(149, 1);
	plug_refuses(140, 20);
	plug_refuses(149, 2);
	plug_refuses(90, 70);
	plug_refuses(100, 60);
	plug_refuses(90, 60);
	plug_refuses(0, 200);
}

START_TEST(plug_overlap)
{
	load(100, 50);
	plug_refuses_overlaps();
	if (slots() > 1) {
		ck_assert(plug_and_check(99, 1, NULL));
		ck_assert(plug_and_check(150, 1, NULL));
		MAP_IS(
		    VM_PHYSSEG_COALESCE ? "99-151" : "99-100 100-150 150-151");
	}
	plug_refuses_overlaps();
	switch_at_once();
	if (!hot_plug_works(__func__))
		return;
	plug_refuses_overlaps();
	ck_assert(plug_and_check(98, 1, NULL));
	ck_assert(plug_and_check(151, 1, NULL));
}
END_TEST

/* One past the last frame whose byte address fits paddr_t. */
#define FRAMES (atop((paddr_t)-1) + 1)

START_TEST(address_width)
{
	const paddr_t none = (paddr_t)-1;
	psize_t offset = 0;
	uvm_physseg_t h;

	plug_refuses(FRAMES, 1);
	plug_refuses(FRAMES - 1, 2);
	plug_refuses(0, 0);
	plug_refuses(none, 1);
	plug_refuses(none - 3, 3);
	plug_refuses(none - 3, 16);
	plug_refuses(FRAMES - 1, SIZE_MAX);
	if (FRAMES <= SIZE_MAX)
		plug_refuses(1, SIZE_MAX);
	ck_assert(plug_and_check(FRAMES - 8, 8, &h));
	ck_assert_ptr_eq(uvm_physseg_find(FRAMES - 1, &offset), h);
	ck_assert_uint_eq(offset, 7);
	ck_assert_ptr_eq(uvm_physseg_find(FRAMES, NULL), NOWHERE);
	ck_assert_ptr_eq(uvm_physseg_find(none, NULL), NOWHERE);
	ck_assert_uint_eq(uvm_physseg_get_highest_frame(), FRAMES - 1);
	switch_by_loop(8);
	ck_assert_uint_eq(PHYS_TO_VM_PAGE(none)->phys_addr, ptoa(FRAMES - 1));
	ck_assert(uvm_pageismanaged(none));
	ck_assert(!uvm_physseg_unplug(FRAMES - 1, 2));
	ck_assert(!uvm_physseg_unplug(FRAMES - 1, SIZE_MAX));
	ck_assert(unplug_and_check(FRAMES - 1, 1));
	ck_assert_uint_eq(uvm_physseg_get_highest_frame(), FRAMES - 2);
}
END_TEST

/* ---- unplug: what it refuses, the four shapes ---- */

static void
unplug_refuses(paddr_t pfn, size_t n)
{
	const size_t freed = seen.freed, reinits = seen.reinits;
	const int64_t npages = uvmexp.npages;
	char before[4096];

	snprintf(before, sizeof(before), "%s", show(false));
	ck_assert(!unplug_and_check(pfn, n));
	ORDER_IS(before);
	ck_assert_int_eq(uvmexp.npages, npages);
	ck_assert_uint_eq(seen.freed, freed);
	ck_assert_uint_eq(seen.reinits, reinits);
}

static void
unplug_refuses_all(void)
{
	unplug_refuses(99, 1);
	unplug_refuses(99, 2);
	unplug_refuses(100, 0);
	unplug_refuses(110, 0);
	unplug_refuses(110, SIZE_MAX);
	unplug_refuses(110, SIZE_MAX - 5);
	unplug_refuses(149, 2);
	unplug_refuses(100, 51);
	unplug_refuses((paddr_t)-1, 1);
	unplug_refuses((paddr_t)-1, 2);
	unplug_refuses(0, 1000);
	unplug_refuses(FAR, 1);
}

START_TEST(unplug_refused)
{
	load(100, 50);
	if (slots() > 1 && segments_stay_apart(__func__))
		load(150, 50); /* adjacent, and still another segment */
	unplug_refuses_all();
	switch_at_once();
	unplug_refuses_all();
}
END_TEST

/* [100, 164) loses a part; what is left, in which frames its page structures
 * must be the old ones. */
static void
shape(paddr_t pfn, size_t n, const char *left, bool keeps_handle)
{
	struct vm_page *old[64];
	uvm_physseg_t h = uvm_physseg_find(100, NULL);
	paddr_t i;

	for (i = 0; i < 64; i++)
		old[i] = PHYS_TO_VM_PAGE(ptoa(100 + i));
	ck_assert(unplug_and_check(pfn, n));
	MAP_IS(left);
	for (i = 100; i < 164; i++) {
		bool gone = i >= pfn && i < pfn + n;

		ck_assert_int_eq(uvm_pageismanaged(ptoa(i)), !gone);
		ck_assert_ptr_eq(
		    PHYS_TO_VM_PAGE(ptoa(i)), gone ? NULL : old[i - 100]);
	}
	if (keeps_handle && !can(PHYSSEG_BYSIZE)) {
		ck_assert(uvm_physseg_valid_p(h));
		ck_assert_uint_eq(
		    uvm_physseg_get_start(h), pfn == 100 ? pfn + n : 100);
	}
	if (!keeps_handle && !can(PHYSSEG_POSITION))
		ck_assert(!uvm_physseg_valid_p(h));
}

static const struct {
	paddr_t pfn;
	size_t n;
	const char *left;
	bool keeps_handle;
	size_t segments; /* that it needs at most */
} shapes[] = {
	{ 100, 64, "1000-1008", false, 2 },
	{ 100, 10, "110-164 1000-1008", true, 2 },
	{ 150, 14, "100-150 1000-1008", true, 2 },
	{ 130, 1, "100-130 131-164 1000-1008", true, 3 },
	{ 101, 62, "100-101 163-164 1000-1008", true, 3 },
	{ 100, 10, "110-164", true, 1 },
	{ 150, 14, "100-150", true, 1 },
};

/* Loop: every shape, at boot and while running. */
START_TEST(unplug_shape)
{
	const size_t i = (size_t)_i / 2;
	const bool running = _i % 2 != 0;

	if (shapes[i].segments > slots()) {
		load(100, 64);
		room_for(shapes[i].segments, __func__);
		return;
	}
	load(100, 64);
	if (shapes[i].segments > 1)
		load(1000, 8);
	if (running)
		switch_at_once();
	shape(
	    shapes[i].pfn, shapes[i].n, shapes[i].left, shapes[i].keeps_handle);
	if (running)
		ck_assert_int_eq(uvmexp.npages,
		    64 + (shapes[i].segments > 1 ? 8 : 0) - (int)shapes[i].n);
}
END_TEST

/* The tail is as the segment was, but for its bounds. */
START_TEST(unplug_inherits)
{
	uvm_physseg_t front, tail;
	int x, y;

	load_avail(0, 256, 10, 200, 3);
	if (!room_for(2, __func__))
		return;
	uvm_physseg_get_pmseg(uvm_physseg_get_first())->pmap_data = &x;
	switch_by_loop(SEG);
	ck_assert(uvm_physseg_set_start_hint(uvm_physseg_find(0, NULL), 30));
	ck_assert(unplug_and_check(50, 50));
	MAP_IS("0-50(10-50) 100-256(100-200)");
	front = uvm_physseg_find(0, NULL);
	tail = uvm_physseg_find(100, NULL);
	ck_assert_int_eq(uvm_physseg_get_free_list(front), 3);
	ck_assert_int_eq(uvm_physseg_get_free_list(tail), 3);
	ck_assert_uint_eq(uvm_physseg_get_start_hint(front), 30);
	ck_assert_uint_eq(uvm_physseg_get_start_hint(tail), 30);
	ck_assert_ptr_eq(uvm_physseg_get_pg(tail, 0), &boot_pages[100]);
	ck_assert_ptr_eq(uvm_physseg_get_pmseg(tail)->pmap_data, &x);
	uvm_physseg_get_pmseg(tail)->pmap_data = &y; /* a copy, not shared */
	ck_assert_ptr_eq(uvm_physseg_get_pmseg(front)->pmap_data, &x);
}
END_TEST

/* A hint beyond what is left available becomes 0; one that fits stays. */
START_TEST(unplug_start_hint)
{
	load_avail(0, 256, 0, 200, 0);
	uvm_physseg_set_start_hint(uvm_physseg_get_first(), 150);
	ck_assert(unplug_and_check(220, 36)); /* takes no available page */
	ck_assert_uint_eq(
	    uvm_physseg_get_start_hint(uvm_physseg_get_first()), 150);
	ck_assert(unplug_and_check(0, 50)); /* 150 are left */
	ck_assert_uint_eq(
	    uvm_physseg_get_start_hint(uvm_physseg_get_first()), 150);
	ck_assert(unplug_and_check(50, 1));
	ck_assert_uint_eq(
	    uvm_physseg_get_start_hint(uvm_physseg_get_first()), 0);
}
END_TEST

static const struct {
	paddr_t avail_start, avail_end, pfn;
	size_t n;
	const char *left;
} clamps[] = {
	{ 10, 200, 0, 5, "5-256(10-200)" },
	{ 10, 200, 0, 10, "10-256(10-200)" },
	{ 10, 200, 0, 50, "50-256(50-200)" },
	{ 10, 200, 0, 220, "220-256(220-220)" },
	{ 10, 200, 250, 6, "0-250(10-200)" },
	{ 10, 200, 100, 156, "0-100(10-100)" },
	{ 10, 200, 5, 251, "0-5(5-5)" },
	{ 0, 100, 200, 56, "0-200(0-100)" },
	{ 100, 256, 0, 10, "10-256(100-256)" },
	{ 50, 50, 0, 100, "100-256(100-100)" },
	{ 10, 200, 20, 10, "0-20(10-20) 30-256(30-200)" },
	{ 10, 200, 2, 3, "0-2(2-2) 5-256(10-200)" },
	{ 10, 200, 220, 3, "0-220(10-200) 223-256(223-223)" },
	{ 10, 200, 5, 245, "0-5(5-5) 250-256(250-250)" },
};

/* Loop: never wider, and what is counted follows. */
START_TEST(unplug_clamps)
{
	const size_t i = (size_t)_i / 2;
	const bool middle = strchr(clamps[i].left, ' ') != NULL;
	uvm_physseg_t h;
	int64_t counted = 0;

	load_avail(0, 256, clamps[i].avail_start, clamps[i].avail_end, 0);
	if (middle && !room_for(2, __func__))
		return;
	if (_i % 2 != 0)
		switch_at_once();
	ck_assert(unplug_and_check(clamps[i].pfn, clamps[i].n));
	MAP_IS(clamps[i].left);
	if (_i % 2 == 0)
		switch_at_once();
	for (h = uvm_physseg_get_first(); h != NOWHERE;
	     h = uvm_physseg_get_next(h))
		counted += (int64_t)(uvm_physseg_get_avail_end(h) -
		    uvm_physseg_get_avail_start(h));
	ck_assert_int_eq(uvmexp.npages, counted);
}
END_TEST

/* ---- orders of iteration ---- */

START_TEST(iteration_order)
{
	load(400, 20);
	if (!room_for(5, __func__))
		return;
	load(0, 10);
	load(300, 50);
	load(100, 20);
	load(200, 20);
	if (can(PHYSSEG_SORTED))
		ORDER_IS("0-10 100-120 200-220 300-350 400-420");
	else if (can(PHYSSEG_BYSIZE))
		ORDER_IS("300-350 400-420 100-120 200-220 0-10");
	else
		ORDER_IS("400-420 0-10 300-350 100-120 200-220");

	/* The largest shrinks to the smallest; one in between goes. */
	ck_assert(unplug_and_check(300, 45));
	ck_assert(unplug_and_check(100, 20));
	if (can(PHYSSEG_SORTED))
		ORDER_IS("0-10 200-220 345-350 400-420");
	else if (can(PHYSSEG_BYSIZE))
		ORDER_IS("400-420 200-220 0-10 345-350");
	else
		ORDER_IS("400-420 0-10 345-350 200-220");
}
END_TEST

/* Backwards is forwards, read backwards. */
START_TEST(iteration_backwards)
{
	uvm_physseg_t forwards[8], h;
	size_t n = 0;
	paddr_t i;

	for (i = 0; i < 8 && i < slots(); i++)
		load((i * 5 % 8) * 100, 10 + i % 3);
	for (h = uvm_physseg_get_first(); h != NOWHERE;
	     h = uvm_physseg_get_next(h))
		forwards[n++] = h;
	ck_assert_uint_eq(n, i);
	for (h = uvm_physseg_get_last(); h != NOWHERE;
	     h = uvm_physseg_get_prev(h))
		ck_assert_ptr_eq(h, forwards[--n]);
	ck_assert_uint_eq(n, 0);
}
END_TEST

/* ---- the backend ---- */

/* The program got the backend its library is called after. */
START_TEST(backend_name)
{
	ck_assert_str_eq(uvm_physseg_backend_name, uvm_physseg_backend()->name);
	ck_assert_str_eq(uvm_physseg_backend_name, test_backend->name);
	ck_assert_ptr_eq(uvm_physseg_backend(), test_backend);
	ck_assert_ptr_eq(physseg_get_backend(uvm_physseg_map()), test_backend);
}
END_TEST

/* ---- the shared variables: changed by deltas, and believed ---- */

START_TEST(globals_by_delta)
{
	uvmexp.npages = 100;
	physmem = 5000;
	load(S1, SEG);
	ck_assert_int_eq(uvmexp.npages, 100);
	switch_by_loop(SEG);
	ck_assert_int_eq(uvmexp.npages, 100 + SEG);
	ck_assert_uint_eq(physmem, 5000);
	uvmexp.npages = 0;
	physmem = 20;
	ck_assert(unplug_and_check(0, 10));
	ck_assert_int_eq(uvmexp.npages, -10); /* whoever assigns is believed */
	ck_assert_uint_eq(physmem, 10);
	ck_assert(unplug_and_check(10, 50));
	ck_assert_uint_eq(physmem, 0); /* but this is never below 0 */
	if (!hot_plug_works(__func__))
		return;
	uvmexp.npages = 7;
	ck_assert(plug_and_check(S2, SEG, NULL));
	ck_assert_int_eq(uvmexp.npages, 7 + SEG);
	ck_assert_uint_eq(physmem, SEG);
}
END_TEST

/* A page layer that sets page_init_done itself, and takes it back. */
START_TEST(globals_phase)
{
	uvm_physseg_t h;
	paddr_t pa = 0;

	load(S1, SEG);
	switch_at_once();
	uvm.page_init_done = false;
	h = uvm_physseg_get_first();
	ck_assert(uvm_page_physunload(h, 0, &pa));
	check_map();
	ck_assert_uint_eq(physmem, 0);
	ck_assert_int_eq(uvmexp.npages, SEG - 1);
	ck_assert_uint_eq(seen.reinits, 0);
	uvm.page_init_done = true;
	ck_assert(unplug_and_check(1, 1));
	ck_assert_uint_eq(seen.reinits, 1);
	ck_assert(test_panics(load_far, NULL, "uvm_page_physload: called"));
	uvmexp.pagesize = 0; /* conversions do not ask it */
	ck_assert_uint_eq(PHYS_TO_VM_PAGE(ptoa(9))->phys_addr, ptoa(9));
}
END_TEST

/* The low bits of phys_addr are the page layer's. */
START_TEST(phys_addr_low_bits)
{
	struct vm_page *pg;

	load(S2, SEG);
	switch_at_once();
	pg = PHYS_TO_VM_PAGE(ptoa(300));
	pg->phys_addr |= 0x7a5;
	ck_assert_uint_eq(VM_PAGE_TO_PHYS(pg), ptoa(300));
	ck_assert_int_eq(uvm_page_lookup_freelist(pg), 0);
	check_map();
}
END_TEST

/* ---- memory while running ---- */

/* A slab from the host goes back with its last page; one that was handed over
 * at boot serves for ever. */
START_TEST(slabs)
{
	struct physseg_stats stats;
	int i;

	load(S1, SEG);
	switch_by_loop(2 * SEG);
	if (!hot_plug_works(__func__))
		return;
	for (i = 0; i < 3; i++) {
		ck_assert(plug_and_check(S2, SEG, NULL));
		ck_assert(is_boot_page(PHYS_TO_VM_PAGE(ptoa(S2))));
		ck_assert(unplug_and_check(S2, SEG));
	}
	ck_assert_uint_eq(test_host_allocs(&machine), 0);
	for (i = 0; i < 3; i++) {
		ck_assert(plug_and_check(FAR, 4 * SEG, NULL));
		ck_assert(unplug_and_check(FAR, 2 * SEG));
		ck_assert(plug_and_check(
		    FAR, 2 * SEG, NULL)); /* its first half again */
		physseg_get_stats(uvm_physseg_map(), &stats);
		ck_assert_uint_eq(stats.slabs, 2);
		ck_assert(unplug_and_check(FAR, 2 * SEG));
		ck_assert(unplug_and_check(FAR + 2 * SEG, 2 * SEG));
		ck_assert_uint_eq(test_host_bytes(&machine), 0);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("uvm_plug");
	TCase *t = add_case(s, "order");

	tcase_add_test(t, hot_plug_order);
	tcase_add_test(t, hot_unplug_order);
	tcase_add_test(t, plug_without_handle);
	tcase_add_test(t, handle_written_once);
	tcase_add_test(t, change_inside_hook);
	tcase_add_test(t, change_inside_switch);

	t = add_case(s, "plug");
	tcase_add_test(t, plug_overlap);
	tcase_add_test(t, address_width);

	t = add_case(s, "unplug");
	tcase_add_test(t, unplug_refused);
	tcase_add_loop_test(
	    t, unplug_shape, 0, 2 * (int)(sizeof(shapes) / sizeof(shapes[0])));
	tcase_add_test(t, unplug_inherits);
	tcase_add_test(t, unplug_start_hint);
	tcase_add_loop_test(
	    t, unplug_clamps, 0, 2 * (int)(sizeof(clamps) / sizeof(clamps[0])));

	t = add_case(s, "iteration");
	tcase_add_test(t, iteration_order);
	tcase_add_test(t, iteration_backwards);
	tcase_add_test(t, backend_name);

	t = add_case(s, "globals");
	tcase_add_test(t, globals_by_delta);
	tcase_add_test(t, globals_phase);
	tcase_add_test(t, phys_addr_low_bits);
	tcase_add_test(t, slabs);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
