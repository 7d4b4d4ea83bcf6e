/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_physseg.c -- plug, unplug, find, walk and every getter: cases
 * 7, 8, 12 and 16-40 of NetBSD's t_uvm_physseg, by their names.
 */
#include "t_uvm.h"

/* ---- 7, 8: plug and unplug ---- */

START_TEST(plug)
{
	uvm_physseg_t h;
	paddr_t i;

	if (!segments_stay_apart(__func__))
		return;
	ck_assert(plug_and_check(S1, SEG, &h));
	ck_assert(uvm_physseg_valid_p(h));
	ck_assert_uint_eq(entries(), 1);
	ck_assert_int_eq(uvmexp.npages, 0);
	if (room_for(2, __func__)) {
		ck_assert(plug_and_check(S2, SEG, &h));
		ck_assert_uint_eq(entries(), 2);
		ck_assert_int_eq(uvmexp.npages, 0);
	}
	switch_by_loop(3 * SEG);
	ck_assert_int_eq(uvmexp.npages, (int)entries() * SEG);
	if (!hot_plug_works(__func__))
		return;

	/* What is left of the boot slab is enough for S3, not for S4. */
	ck_assert(plug_and_check(S3, SEG, &h));
	ck_assert_uint_eq(entries(), 3);
	ck_assert_int_eq(uvmexp.npages, 3 * SEG);
	for (i = 0; i < SEG; i++)
		ck_assert_ptr_eq(
		    uvm_physseg_get_pg(h, i), &boot_pages[2 * SEG + i]);
	ck_assert_uint_eq(test_host_allocs(&machine), 0);

	ck_assert(plug_and_check(S4, SEG, &h));
	ck_assert_uint_eq(entries(), 4);
	ck_assert_int_eq(uvmexp.npages, 4 * SEG);
	for (i = 0; i < SEG; i++)
		ck_assert(!is_boot_page(uvm_physseg_get_pg(h, i)));
	ck_assert_uint_gt(test_host_bytes(&machine), 0);
}
END_TEST

PANIC(unplug_middle, uvm_physseg_unplug(64, 128))
PANIC(unplug_last, uvm_physseg_unplug(16, 16))

START_TEST(unplug)
{
	psize_t offset = 0;
	uvm_physseg_t h;

	ck_assert(plug_and_check(S1, SEG, &h));
	ck_assert_ptr_eq(uvm_physseg_find(64, &offset), h);
	ck_assert_uint_eq(offset, 64);
	if (slots() > 1) {
		ck_assert(unplug_and_check(64, 128));
		MAP_IS("0-64 192-256");
		ck_assert_ptr_eq(uvm_physseg_find(64, NULL), NOWHERE);
		ck_assert_ptr_eq(uvm_physseg_find(191, NULL), NOWHERE);
		switch_by_loop(SEG);
		ck_assert_int_eq(uvmexp.npages, 128);

		h = uvm_physseg_find(192, NULL);
		ck_assert(unplug_and_check(192, 64));
		ck_assert(!uvm_physseg_valid_p(h));
	} else {
		ck_assert(test_panics(
		    unplug_middle, NULL, "uvm_physseg_unplug: no slot"));
		room_for(2, __func__);
		ck_assert(unplug_and_check(64, 192));
		switch_by_loop(SEG);
	}
	MAP_IS("0-64");
	ck_assert_int_eq(uvmexp.npages, 64);
	h = uvm_physseg_get_first();
	ck_assert(unplug_and_check(32, 32));
	MAP_IS("0-32");
	ck_assert(unplug_and_check(0, 16));
	MAP_IS("16-32");
	ck_assert_uint_eq(entries(), 1);
	ck_assert_ptr_eq(uvm_physseg_get_first(), h);
	ck_assert_int_eq(uvmexp.npages, 16);
	ck_assert(test_panics(
	    unplug_last, NULL, "uvm_physseg_unplug: out of memory"));
}
END_TEST

/* ---- 12: a kept handle ---- */

/* The paper's case: S2, then S1 below it. */
START_TEST(handle_immutable)
{
	uvm_physseg_t s1, s2;

	s2 = load(S2, SEG);
	ck_assert_ptr_eq(uvm_physseg_get_prev(s2), NOWHERE);
	if (!room_for(2, __func__) || !segments_stay_apart(__func__))
		return;
	s1 = load(S1, SEG);
	if (can(PHYSSEG_POSITION) && can(PHYSSEG_SORTED)) {
		/* It names another segment now. */
		ck_assert_uint_eq(uvm_physseg_get_start(s2), S1);
		ck_assert_ptr_eq(s1, s2);
		ck_assert_ptr_eq(uvm_physseg_get_prev(s2), NOWHERE);
		return;
	}
	ck_assert_uint_eq(uvm_physseg_get_start(s2), S2);
	ck_assert_uint_eq(uvm_physseg_get_end(s2), S2 + SEG);
	ck_assert_uint_eq(uvm_physseg_get_start(s1), S1);
	if (can(PHYSSEG_SORTED))
		ck_assert_ptr_eq(uvm_physseg_get_prev(s2), s1);
	else /* appended */
		ck_assert_ptr_eq(uvm_physseg_get_next(s2), s1);
}
END_TEST

/* By size the same happens when the second is larger. */
START_TEST(handle_immutable_by_size)
{
	uvm_physseg_t s2 = load(S2, SEG);

	if (!room_for(2, __func__) || !segments_stay_apart(__func__))
		return;
	load(S3, 2 * SEG);
	ck_assert_uint_eq(
	    uvm_physseg_get_start(s2), can(PHYSSEG_BYSIZE) ? S3 : S2);
}
END_TEST

/* ---- 16-23: bounds ---- */

static void
bounds(paddr_t (*get)(uvm_physseg_t), paddr_t of_s1, paddr_t of_s2,
    const char *test)
{
	load_avail(S1, S1 + SEG, S1 + 3, S1 + SEG - 5, 0);
	ck_assert_uint_eq(get(uvm_physseg_find(S1, NULL)), of_s1);
	if (!room_for(2, test))
		return;
	load_avail(S2, S2 + SEG, S2 + 7, S2 + SEG - 9, 0);
	ck_assert_uint_eq(get(uvm_physseg_find(S1, NULL)), of_s1);
	ck_assert_uint_eq(get(uvm_physseg_find(S2, NULL)), of_s2);
}

START_TEST(get_start)
{
	bounds(uvm_physseg_get_start, S1, S2, __func__);
}
END_TEST

START_TEST(get_end)
{
	bounds(uvm_physseg_get_end, S2, S3, __func__);
}
END_TEST

START_TEST(get_avail_start)
{
	bounds(uvm_physseg_get_avail_start, S1 + 3, S2 + 7, __func__);
}
END_TEST

START_TEST(get_avail_end)
{
	bounds(uvm_physseg_get_avail_end, S2 - 5, S3 - 9, __func__);
}
END_TEST

static void
bounds_invalid(paddr_t (*get)(uvm_physseg_t))
{
	const paddr_t none = (paddr_t)-1;

	ck_assert_uint_eq(get(UVM_PHYSSEG_TYPE_INVALID), none);
	ck_assert_uint_eq(get(UVM_PHYSSEG_TYPE_INVALID_EMPTY), none);
	ck_assert_uint_eq(get(UVM_PHYSSEG_TYPE_INVALID_OVERFLOW), none);
	load(S1, SEG);
	ck_assert_uint_eq(get(UVM_PHYSSEG_TYPE_INVALID), none);
}

START_TEST(get_start_invalid)
{
	bounds_invalid(uvm_physseg_get_start);
}
END_TEST

START_TEST(get_end_invalid)
{
	bounds_invalid(uvm_physseg_get_end);
}
END_TEST

START_TEST(get_avail_start_invalid)
{
	bounds_invalid(uvm_physseg_get_avail_start);
}
END_TEST

START_TEST(get_avail_end_invalid)
{
	bounds_invalid(uvm_physseg_get_avail_end);
}
END_TEST

/* ---- 24-29: walking ---- */

START_TEST(get_next)
{
	uvm_physseg_t h = load(S1, SEG);

	ck_assert_ptr_eq(uvm_physseg_get_next(h), NOWHERE);
	if (!room_for(3, __func__) || !segments_stay_apart(__func__))
		return;
	load(S2, SEG);
	load(S3, SEG);
	ORDER_IS("0-256 256-512 512-768");
	h = uvm_physseg_get_next(uvm_physseg_find(S1, NULL));
	ck_assert_ptr_eq(h, uvm_physseg_find(S2, NULL));
	h = uvm_physseg_get_next(h);
	ck_assert_ptr_eq(h, uvm_physseg_find(S3, NULL));
	ck_assert_ptr_eq(uvm_physseg_get_next(h), NOWHERE);
}
END_TEST

START_TEST(get_next_invalid)
{
	ck_assert_ptr_eq(uvm_physseg_get_next(NOWHERE), NOWHERE);
	load(S1, SEG);
	ck_assert_ptr_eq(uvm_physseg_get_next(NOWHERE), NOWHERE);
}
END_TEST

START_TEST(get_prev)
{
	uvm_physseg_t h = load(S1, SEG);

	ck_assert_ptr_eq(uvm_physseg_get_prev(h), NOWHERE);
	if (!room_for(3, __func__) || !segments_stay_apart(__func__))
		return;
	load(S2, SEG);
	load(S3, SEG);
	h = uvm_physseg_get_prev(uvm_physseg_find(S3, NULL));
	ck_assert_ptr_eq(h, uvm_physseg_find(S2, NULL));
	h = uvm_physseg_get_prev(h);
	ck_assert_ptr_eq(h, uvm_physseg_find(S1, NULL));
	ck_assert_ptr_eq(uvm_physseg_get_prev(h), NOWHERE);
}
END_TEST

START_TEST(get_prev_invalid)
{
	ck_assert_ptr_eq(uvm_physseg_get_prev(NOWHERE), NOWHERE);
	load(S1, SEG);
	ck_assert_ptr_eq(uvm_physseg_get_prev(NOWHERE), NOWHERE);
}
END_TEST

/* Where `get' stands after loads of S2, S1 and S3 in that order. */
static void
ends(uvm_physseg_t (*get)(void), paddr_t after_s1, paddr_t after_s3,
    const char *test)
{
	ck_assert_ptr_eq(get(), NOWHERE);
	load(S2, SEG);
	ck_assert_uint_eq(uvm_physseg_get_start(get()), S2);
	if (!room_for(3, test) || !segments_stay_apart(test))
		return;
	load(S1, SEG);
	ck_assert_uint_eq(uvm_physseg_get_start(get()), after_s1);
	load(S3, SEG);
	ck_assert_uint_eq(uvm_physseg_get_start(get()), after_s3);
}

START_TEST(get_first)
{
	paddr_t first = can(PHYSSEG_SORTED) ? S1 : S2;

	ends(uvm_physseg_get_first, first, first, __func__);
}
END_TEST

START_TEST(get_last)
{
	ends(uvm_physseg_get_last, can(PHYSSEG_SORTED) ? S2 : S1, S3, __func__);
}
END_TEST

/* ---- 30-32: valid, highest ---- */

START_TEST(valid)
{
	uvm_physseg_t h = load(S1, SEG);

	ck_assert(uvm_physseg_valid_p(h));
	switch_by_loop(SEG);
	ck_assert(uvm_physseg_valid_p(h));
	ck_assert(uvm_physseg_valid(h));
}
END_TEST

START_TEST(valid_invalid)
{
	uvm_physseg_t h;

	ck_assert(!uvm_physseg_valid_p(UVM_PHYSSEG_TYPE_INVALID));
	ck_assert(!uvm_physseg_valid(UVM_PHYSSEG_TYPE_INVALID));
	h = load(S1, SEG);
	ck_assert(!uvm_physseg_valid_p(UVM_PHYSSEG_TYPE_INVALID));
	uvm.page_init_done = true; /* and it has no pages */
	ck_assert(!uvm_physseg_valid_p(h));
	ck_assert(!uvm_physseg_valid(h));
	uvm.page_init_done = false;
	ck_assert(uvm_physseg_valid_p(h));
}
END_TEST

START_TEST(get_highest)
{
	load(S1, SEG);
	ck_assert_uint_eq(uvm_physseg_get_highest_frame(), 255);
	if (!room_for(3, __func__))
		return;
	load(S3, SEG);
	ck_assert_uint_eq(uvm_physseg_get_highest_frame(), 767);
	load(S2, SEG);
	ck_assert_uint_eq(uvm_physseg_get_highest_frame(), 767);
}
END_TEST

/* ---- 33-38: free list, start hint, page, pmap's data ---- */

START_TEST(get_free_list)
{
	static const paddr_t at[] = { 0, 100, 200, 300 };
	const int lists = slots() < 4 ? (int)slots() : 4;
	struct vm_page *pg;
	int i;

	for (i = 0; i < lists; i++)
		load_avail(at[i], at[i] + 8, at[i], at[i] + 8, 3 - i);
	room_for(4, __func__);
	for (i = 0; i < lists; i++)
		ck_assert_int_eq(
		    uvm_physseg_get_free_list(uvm_physseg_find(at[i], NULL)),
		    3 - i);
	switch_at_once();
	for (i = 0; i < lists; i++) {
		pg = PHYS_TO_VM_PAGE(ptoa(at[i] + 7));
		ck_assert_int_eq(uvm_page_lookup_freelist(pg), 3 - i);
	}
}
END_TEST

START_TEST(get_start_hint)
{
	uvm_physseg_t h = load(S1, SEG);

	ck_assert_uint_eq(uvm_physseg_get_start_hint(h), 0);
}
END_TEST

START_TEST(set_start_hint)
{
	uvm_physseg_t h = load(S1, SEG);

	ck_assert(uvm_physseg_set_start_hint(h, 128));
	ck_assert_uint_eq(uvm_physseg_get_start_hint(h), 128);
	ck_assert(uvm_physseg_set_start_hint(h, 0));
	ck_assert_uint_eq(uvm_physseg_get_start_hint(h), 0);
	switch_by_loop(SEG);
	ck_assert(uvm_physseg_set_start_hint(h, 77));
	ck_assert_uint_eq(uvm_physseg_get_start_hint(h), 77);
}
END_TEST

START_TEST(set_start_hint_invalid)
{
	ck_assert(!uvm_physseg_set_start_hint(NOWHERE, 1));
	load(S1, SEG);
	ck_assert(!uvm_physseg_set_start_hint(NOWHERE, 1));
	ck_assert_uint_eq(
	    uvm_physseg_get_start_hint(uvm_physseg_get_first()), 0);
}
END_TEST

START_TEST(get_pg)
{
	const paddr_t n = slots() > 1 ? S3 : S2;
	struct vm_page *pg;
	psize_t offset;
	uvm_physseg_t h;
	paddr_t i;

	load(S1, SEG);
	ck_assert_ptr_null(uvm_physseg_get_pg(uvm_physseg_get_first(), 0));
	if (room_for(2, __func__))
		load(S2, SEG);
	switch_by_loop((size_t)n);
	for (i = 0; i < n; i++) {
		h = uvm_physseg_find(i, &offset);
		pg = uvm_physseg_get_pg(h, offset);
		ck_assert_uint_eq(pg->phys_addr, ptoa(i));
		ck_assert_uint_eq(VM_PAGE_TO_PHYS(pg), ptoa(i));
		ck_assert_ptr_eq(PHYS_TO_VM_PAGE(ptoa(i) + PAGE_SIZE - 1), pg);
	}
	ck_assert_ptr_null(PHYS_TO_VM_PAGE(ptoa(n)));
}
END_TEST

START_TEST(get_pmseg)
{
	struct pmap_physseg *data;
	uvm_physseg_t h = load(S1, SEG);
	int x;

	data = uvm_physseg_get_pmseg(h);
	ck_assert_ptr_nonnull(data);
	ck_assert_ptr_null(data->pmap_data);
	data->pmap_data = &x;
	switch_by_loop(SEG);
	ck_assert_ptr_eq(uvm_physseg_get_pmseg(h)->pmap_data, &x);
}
END_TEST

/* ---- 39, 40: find ---- */

START_TEST(find)
{
	psize_t offset = 0;

	load(S2, SEG);
	if (room_for(2, __func__) && segments_stay_apart(__func__))
		load(S1, SEG);
	ck_assert_uint_eq(
	    uvm_physseg_get_start(uvm_physseg_find(258, &offset)), S2);
	ck_assert_uint_eq(offset, 2);
	ck_assert_uint_eq(
	    uvm_physseg_get_start(uvm_physseg_find(258, NULL)), S2);
}
END_TEST

START_TEST(find_invalid)
{
	psize_t offset = 4711;

	ck_assert_ptr_eq(uvm_physseg_find(0, &offset), NOWHERE);
	load(S2, SEG);
	if (room_for(2, __func__))
		load(S1, SEG);
	ck_assert_ptr_eq(uvm_physseg_find(768, &offset), NOWHERE);
	ck_assert_ptr_eq(uvm_physseg_find((paddr_t)-1, &offset), NOWHERE);
	ck_assert_uint_eq(offset, 4711);
	ck_assert(!uvm_pageismanaged(ptoa(768)));
	ck_assert(uvm_pageismanaged(ptoa(511) + 4095));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("uvm_physseg");
	TCase *t = add_case(s, "plug");

	tcase_add_test(t, plug);
	tcase_add_test(t, unplug);
	tcase_add_test(t, handle_immutable);
	tcase_add_test(t, handle_immutable_by_size);

	t = add_case(s, "bounds");
	tcase_add_test(t, get_start);
	tcase_add_test(t, get_start_invalid);
	tcase_add_test(t, get_end);
	tcase_add_test(t, get_end_invalid);
	tcase_add_test(t, get_avail_start);
	tcase_add_test(t, get_avail_start_invalid);
	tcase_add_test(t, get_avail_end);
	tcase_add_test(t, get_avail_end_invalid);

	t = add_case(s, "walk");
	tcase_add_test(t, get_next);
	tcase_add_test(t, get_next_invalid);
	tcase_add_test(t, get_prev);
	tcase_add_test(t, get_prev_invalid);
	tcase_add_test(t, get_first);
	tcase_add_test(t, get_last);
	tcase_add_test(t, valid);
	tcase_add_test(t, valid_invalid);
	tcase_add_test(t, get_highest);

	t = add_case(s, "attributes");
	tcase_add_test(t, get_free_list);
	tcase_add_test(t, get_start_hint);
	tcase_add_test(t, set_start_hint);
	tcase_add_test(t, set_start_hint_invalid);
	tcase_add_test(t, get_pg);
	tcase_add_test(t, get_pmseg);

	t = add_case(s, "find");
	tcase_add_test(t, find);
	tcase_add_test(t, find_invalid);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
