/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_unload.c -- taking pages away at boot: cases 41-48 of
 * NetBSD's t_uvm_physseg, by their names, and uvm_page_physget.
 */
#include "t_uvm.h"

#define LIST VM_FREELIST_DEFAULT
#define NONE ((paddr_t)-1)

START_TEST(physunload_start)
{
	uvm_physseg_t h = load(S2, SEG);

	ck_assert_uint_eq(unload(h, LIST), 256);
	ck_assert_uint_eq(uvm_physseg_get_start(h), 257);
	ck_assert_uint_eq(uvm_physseg_get_avail_start(h), 257);
	MAP_IS("257-512");
	ck_assert_int_eq(uvmexp.npages, 0);
}
END_TEST

START_TEST(physunload_end)
{
	uvm_physseg_t h = load_avail(S2, S3, S2 + 1, S3, LIST);

	ck_assert_uint_eq(unload(h, LIST), 511);
	ck_assert_uint_eq(uvm_physseg_get_end(h), 511);
	ck_assert_uint_eq(uvm_physseg_get_avail_end(h), 511);
	MAP_IS("256-511(257-511)");
	ck_assert_int_eq(uvmexp.npages, 0);
}
END_TEST

START_TEST(physunload_none)
{
	uvm_physseg_t h = load_avail(S2, S3, S2 + 1, S3 - 1, LIST);

	ck_assert_uint_eq(unload(h, LIST), NONE);
	MAP_IS("256-512(257-511)");
}
END_TEST

PANIC(unload_only,
    uvm_page_physunload(uvm_physseg_get_first(), LIST, &(paddr_t){ 0 }))
PANIC(unload_only_force,
    uvm_page_physunload_force(uvm_physseg_get_first(), LIST, &(paddr_t){ 0 }))

START_TEST(physunload_delete_start)
{
	uvm_physseg_t h;

	if (slots() > 1) {
		load(S2, SEG);
		h = load(0, 1);
		h = uvm_physseg_find(0, NULL);
		ck_assert_uint_eq(unload(h, LIST), 0);
		MAP_IS("256-512");
		ck_assert(unplug_and_check(S2, SEG - 1));
	} else
		load(S3 - 1, 1);
	MAP_IS("511-512");
	ck_assert(test_panics(
	    unload_only, NULL, "uvm_page_physunload: out of memory"));
	room_for(2, __func__);
}
END_TEST

START_TEST(physunload_delete_end)
{
	uvm_physseg_t h;

	load_avail(0, 2, 1, 2, LIST);
	if (room_for(2, __func__))
		load(S2, SEG);
	h = uvm_physseg_find(0, NULL);
	ck_assert_uint_eq(unload(h, LIST), 1);
	h = uvm_physseg_find(0, NULL);
	ck_assert_uint_eq(uvm_physseg_get_end(h), 1);
	ck_assert_uint_eq(unload(h, LIST), NONE);
	MAP_IS(slots() > 1 ? "0-1(1-1) 256-512" : "0-1(1-1)");
}
END_TEST

START_TEST(physunload_invalid)
{
	uvm_physseg_t h = load(S2, SEG);

	ck_assert_uint_eq(unload(h, LIST + 1), NONE);
	ck_assert_uint_eq(unload(h, -1), NONE);
	ck_assert_uint_eq(unload(h, VM_NFREELIST), NONE);
	ck_assert_uint_eq(unload(NOWHERE, LIST), NONE);
	MAP_IS("256-512");
}
END_TEST

START_TEST(physunload_force)
{
	paddr_t i;

	load(S1, SEG);
	if (room_for(2, __func__))
		load(S2, SEG);
	for (i = 0; i < SEG - 1; i++)
		ck_assert_uint_eq(
		    unload_force(uvm_physseg_find(i, NULL), LIST), i);
	if (slots() == 1) {
		ck_assert(test_panics(unload_only_force, NULL,
		    "uvm_page_physunload_force: out of memory"));
		return;
	}
	MAP_IS(VM_PHYSSEG_COALESCE ? "255-512" : "255-256 256-512");
	ck_assert_uint_eq(unload_force(uvm_physseg_find(i, NULL), LIST), i);
	MAP_IS("256-512");
}
END_TEST

START_TEST(physunload_force_invalid)
{
	uvm_physseg_t h = load_avail(S1, S2, S1, S1, LIST);

	ck_assert_uint_eq(unload_force(h, LIST), NONE);
	ck_assert_uint_eq(unload(h, LIST), NONE);
	ck_assert_uint_eq(unload_force(NOWHERE, LIST), NONE);
	MAP_IS("0-256(0-0)");
}
END_TEST

/* Inside a segment: it splits, and the page it names is the first. */
START_TEST(physunload_force_inside)
{
	uvm_physseg_t h = load_avail(0, 64, 16, 32, 2);

	ck_assert_uint_eq(unload(h, 2), NONE);
	ck_assert_uint_eq(unload_force(h, LIST), NONE);
	if (slots() == 1) {
		ck_assert_uint_eq(unload_force(h, 2), NONE);
		MAP_IS("0-64(16-32)");
		room_for(2, __func__);
		return;
	}
	ck_assert_uint_eq(unload_force(h, 2), 16);
	MAP_IS("0-16(16-16) 17-64(17-32)");
	ck_assert_int_eq(
	    uvm_physseg_get_free_list(uvm_physseg_find(40, NULL)), 2);
	ck_assert_uint_eq(unload_force(uvm_physseg_find(0, NULL), 2), NONE);
	ck_assert_uint_eq(unload(uvm_physseg_find(40, NULL), 2), 17);
}
END_TEST

/* Without a slot or a record for the tail: false, nothing changed. */
START_TEST(physunload_force_full)
{
	char before[4096];
	paddr_t i;

	load_avail(0, 64, 16, 32, LIST);
	for (i = 1; i < slots(); i++)
		load(i * 100, 8);
	snprintf(before, sizeof(before), "%s", show(false));
	ck_assert_uint_eq(unload_force(uvm_physseg_find(0, NULL), LIST), NONE);
	ORDER_IS(before);
}
END_TEST

/* ---- physget ---- */

static paddr_t
get(void)
{
	const paddr_t untouched = 0xdead;
	paddr_t pa = untouched;
	bool done = uvm_page_physget(&pa);

	check_map();
	if (!done) {
		ck_assert_uint_eq(pa, untouched);
		return NONE;
	}
	ck_assert_uint_eq(pa % PAGE_SIZE, 0);
	return atop(pa);
}

START_TEST(physget_empty)
{
	ck_assert_uint_eq(get(), NONE);
	load_avail(0, 64, 10, 10, LIST);
	ck_assert_uint_eq(get(), NONE);
}
END_TEST

PANIC(physget_last, uvm_page_physget(&(paddr_t){ 0 }))

START_TEST(physget_last_page)
{
	load(5, 2);
	ck_assert_uint_eq(get(), 5);
	ck_assert(
	    test_panics(physget_last, NULL, "uvm_page_physget: out of memory"));
}
END_TEST

/* Of a list first the ends, of all its segments, then force; then the next
 * list. */
START_TEST(physget_lists)
{
	load_avail(0, 100, 10, 12, 0);
	if (!room_for(3, __func__)) {
		ck_assert_uint_eq(get(), NONE); /* it would have to split */
		return;
	}
	load_avail(1000, 1010, 1000, 1001, 1);
	load_avail(2000, 2010, 2009, 2010, 0);
	ck_assert_uint_eq(get(), 2009); /* list 0: an end, though not first */
	ck_assert_uint_eq(get(), 10);	/* list 0: by force, which makes ends */
	ck_assert_uint_eq(get(), 11);
	ck_assert_uint_eq(get(), 1000); /* list 1 */
	ck_assert_uint_eq(get(), NONE);
	MAP_IS("0-10(10-10) 12-100(12-12) 1001-1010(1001-1001) "
	       "2000-2009(2009-2009)");
}
END_TEST

/* From the first segment on; by size from the smallest. */
START_TEST(physget_order)
{
	static const paddr_t orders[3][4] = {
		{ 100, 101, 102, 200 }, /* as loaded: 100-103 200-240 0-20 */
		{ 0, 1, 2, 3 },		/* by address */
		{ 100, 101, 102, 0 },	/* the smallest first */
	};
	const paddr_t *order = orders[can(PHYSSEG_BYSIZE) ? 2
		: can(PHYSSEG_SORTED)			  ? 1
							  : 0];
	size_t i;

	load(100, 3);
	if (!room_for(3, __func__))
		return;
	load(200, 40);
	load(0, 20);
	for (i = 0; i < 4; i++)
		ck_assert_uint_eq(get(), order[i]);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("uvm_unload");
	TCase *t = add_case(s, "physunload");

	tcase_add_test(t, physunload_start);
	tcase_add_test(t, physunload_end);
	tcase_add_test(t, physunload_none);
	tcase_add_test(t, physunload_delete_start);
	tcase_add_test(t, physunload_delete_end);
	tcase_add_test(t, physunload_invalid);
	tcase_add_test(t, physunload_force);
	tcase_add_test(t, physunload_force_invalid);
	tcase_add_test(t, physunload_force_inside);
	tcase_add_test(t, physunload_force_full);

	t = add_case(s, "physget");
	tcase_add_test(t, physget_empty);
	tcase_add_test(t, physget_last_page);
	tcase_add_test(t, physget_lists);
	tcase_add_test(t, physget_order);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
