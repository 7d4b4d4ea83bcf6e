/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_phase.c -- a page layer that assigns uvm.page_init_done
 * itself: who tells the map, what becomes of segments without page structures,
 * and the index that is built later.
 */
#include "t_uvm.h"

static uvm_physseg_t first, second;
static struct vm_page *page;

/* ---- which calls tell the map ---- */

static void
none(void)
{
}

#define CALL(name, ...)        \
	static void name(void) \
	{                      \
		__VA_ARGS__;   \
	}

CALL(find, (void)uvm_physseg_find(3, NULL))
CALL(find_nothing, (void)uvm_physseg_find(FAR, NULL))
CALL(phys_to_vm_page, (void)uvm_phys_to_vm_page(ptoa(3)))
CALL(vm_page_to_phys, (void)uvm_vm_page_to_phys(page))
CALL(pageismanaged, (void)uvm_pageismanaged(ptoa(3)))
CALL(lookup_freelist, (void)uvm_page_lookup_freelist(page))

CALL(get_first, (void)uvm_physseg_get_first())
CALL(get_last, (void)uvm_physseg_get_last())
CALL(get_next, (void)uvm_physseg_get_next(first))
CALL(get_prev, (void)uvm_physseg_get_prev(first))
CALL(get_highest, (void)uvm_physseg_get_highest_frame())
CALL(valid_p, (void)uvm_physseg_valid_p(first))
CALL(valid, (void)uvm_physseg_valid(first))
CALL(get_start, (void)uvm_physseg_get_start(first))
CALL(get_end, (void)uvm_physseg_get_end(first))
CALL(get_avail_start, (void)uvm_physseg_get_avail_start(first))
CALL(get_avail_end, (void)uvm_physseg_get_avail_end(first))
CALL(get_pg, (void)uvm_physseg_get_pg(first, 0))
CALL(get_pmseg, (void)uvm_physseg_get_pmseg(first))
CALL(get_free_list, (void)uvm_physseg_get_free_list(first))
CALL(get_start_hint, (void)uvm_physseg_get_start_hint(first))
CALL(set_start_hint, (void)uvm_physseg_set_start_hint(first, 1))
CALL(build, (void)uvm_physseg_build())
CALL(unplug_nothing, (void)uvm_physseg_unplug(FAR, 1))

static const struct {
	void (*call)(void);
	bool tells;
} calls[] = {
	{ none, false },
	{ find, false },
	{ find_nothing, false },
	{ phys_to_vm_page, false },
	{ vm_page_to_phys, false },
	{ pageismanaged, false },
	{ lookup_freelist, false },
	{ get_first, true },
	{ get_last, true },
	{ get_next, true },
	{ get_prev, true },
	{ get_highest, true },
	{ valid_p, true },
	{ valid, true },
	{ get_start, true },
	{ get_end, true },
	{ get_avail_start, true },
	{ get_avail_end, true },
	{ get_pg, true },
	{ get_pmseg, true },
	{ get_free_list, true },
	{ get_start_hint, true },
	{ set_start_hint, true },
	{ build, true },
	{ unplug_nothing, true },
};

#define NCALLS (int)(sizeof(calls) / sizeof(calls[0]))

/* The boot protocol, without the assignment at its end. */
static void
protocol(void)
{
	first = load(S1, SEG);
	chomp(SEG);
	uvm_physseg_init_seg(
	    first, uvm_physseg_seg_alloc_from_slab(first, SEG));
	page = PHYS_TO_VM_PAGE(0);
	ck_assert_ptr_nonnull(page);
}

/* The map is told by the first call that is no lookup, in both directions; a
 * lookup takes no memory. */
START_TEST(told)
{
	const size_t allocs = machine.allocs;

	protocol();
	uvm.page_init_done = true;
	calls[_i].call();
	ck_assert(physseg_running(uvm_physseg_map()) == calls[_i].tells);
	ck_assert(calls[_i].tells || machine.allocs == allocs);
	check_map();
	(void)uvm_physseg_get_first();
	ck_assert(physseg_running(uvm_physseg_map()));
	uvm.page_init_done = false;
	calls[_i].call();
	ck_assert(physseg_running(uvm_physseg_map()) != calls[_i].tells);
	check_map();
}
END_TEST

/* Lookups answer the same before and after. */
START_TEST(lookups_untold)
{
	psize_t offset = 0;

	protocol();
	uvm.page_init_done = true;
	ck_assert_ptr_eq(uvm_physseg_find(9, &offset), first);
	ck_assert_uint_eq(offset, 9);
	ck_assert_ptr_eq(PHYS_TO_VM_PAGE(ptoa(9)), page + 9);
	ck_assert(uvm_pageismanaged(ptoa(9)));
	ck_assert_int_eq(uvm_page_lookup_freelist(page + 9), 0);
	ck_assert(!physseg_running(uvm_physseg_map()));
}
END_TEST

/* Lookups, walks and getters do not make a map that never was; the first test
 * of the program, so that none was made by another if tests do not fork. */
START_TEST(told_nothing)
{
	int i;

	uvm.page_init_done = true;
	for (i = 0; i < NCALLS; i++) {
		if (calls[i].call == build)
			break;
		if (calls[i].call == vm_page_to_phys ||
		    calls[i].call == lookup_freelist ||
		    (uvm_physseg_diagnostic && calls[i].tells))
			continue; /* of no page; a panic */
		calls[i].call();
		ck_assert_ptr_null(uvm_physseg_map());
	}
	uvm.page_init_done = false;
}
END_TEST

static bool told_inside;

static void
look_inside(struct vm_page *pg)
{
	ck_assert_uint_eq(uvm_physseg_get_start(first), S1);
	ck_assert(uvm_physseg_valid_p(first));
	ck_assert_ptr_eq(uvm_physseg_get_pg(first, 0), page);
	ck_assert_ptr_nonnull(pg);
	told_inside |= physseg_running(uvm_physseg_map());
}

/* From inside a hook the map cannot be told; what is asked is answered by the
 * variable all the same, and the next call tells. */
START_TEST(told_in_hook)
{
	protocol();
	if (!room_for(2, __func__))
		return;
	second = load(S3, SEG);
	uvm_physseg_seg_chomp_slab(second, boot_pages + SEG, SEG);
	seen.on_pagefree = look_inside;
	uvm_physseg_init_seg(
	    second, uvm_physseg_seg_alloc_from_slab(second, SEG));
	uvm.page_init_done = true;
	ck_assert(!told_inside);
	ck_assert_uint_eq(uvm_physseg_get_start(second), S3);
	ck_assert(physseg_running(uvm_physseg_map()));
	check_map();
}
END_TEST

static void
assign_inside(struct vm_page *pg)
{
	ck_assert_ptr_nonnull(pg);
	uvm.page_init_done = true;
	/* The pages are there, the map does not run yet. */
	ck_assert(uvm_physseg_valid_p(first));
	ck_assert(!uvm_physseg_valid_p(second));
	ck_assert(!physseg_running(uvm_physseg_map()));
	uvm.page_init_done = false;
	ck_assert(uvm_physseg_valid_p(second));
}

START_TEST(assigned_in_hook)
{
	first = load(S1, SEG);
	if (!room_for(2, __func__))
		return;
	second = load(S3, SEG);
	chomp(SEG);
	seen.on_pagefree = assign_inside;
	uvm_physseg_init_seg(
	    first, uvm_physseg_seg_alloc_from_slab(first, SEG));
	check_map();
	ck_assert_uint_eq(seen.freed, SEG);
}
END_TEST

/* ---- segments without page structures ---- */

/* All answers to a handle that is not valid, whatever it names. */
static void
answers_as_invalid(uvm_physseg_t h)
{
	const paddr_t nowhere = (paddr_t)-1;

	ck_assert(!uvm_physseg_valid_p(h));
	ck_assert(!uvm_physseg_valid(h));
	ck_assert_uint_eq(uvm_physseg_get_start(h), nowhere);
	ck_assert_uint_eq(uvm_physseg_get_end(h), nowhere);
	ck_assert_uint_eq(uvm_physseg_get_avail_start(h), nowhere);
	ck_assert_uint_eq(uvm_physseg_get_avail_end(h), nowhere);
	ck_assert(!uvm_physseg_set_start_hint(h, 5));
	ck_assert_ptr_eq(uvm_physseg_get_next(h), NOWHERE);
	ck_assert_ptr_eq(uvm_physseg_get_prev(h), NOWHERE);
	if (uvm_physseg_diagnostic)
		return;
	ck_assert_ptr_null(uvm_physseg_get_pg(h, 0));
	ck_assert_ptr_null(uvm_physseg_get_pmseg(h));
	ck_assert_int_eq(uvm_physseg_get_free_list(h), VM_FREELIST_DEFAULT);
	ck_assert_uint_eq(uvm_physseg_get_start_hint(h), 0);
}

static void
answers(uvm_physseg_t h, paddr_t start, int free_list)
{
	ck_assert(uvm_physseg_valid_p(h));
	ck_assert_uint_eq(uvm_physseg_get_start(h), start);
	ck_assert_uint_eq(uvm_physseg_get_end(h), start + SEG);
	ck_assert_uint_eq(uvm_physseg_get_avail_start(h), start + 1);
	ck_assert_uint_eq(uvm_physseg_get_avail_end(h), start + SEG);
	ck_assert_int_eq(uvm_physseg_get_free_list(h), free_list);
	ck_assert_uint_eq(uvm_physseg_get_start_hint(h), 7);
	ck_assert_ptr_nonnull(uvm_physseg_get_pmseg(h));
}

PANIC(blame_pg, uvm_physseg_get_pg(first, 0))
PANIC(blame_pmseg, uvm_physseg_get_pmseg(first))
PANIC(blame_free_list, uvm_physseg_get_free_list(first))
PANIC(blame_start_hint, uvm_physseg_get_start_hint(first))

/* After the switch a segment without page structures answers as no segment
 * does, on the moment, and as itself when that is taken back. */
START_TEST(handle_without_pages)
{
	first = load_avail(S1, S2, S1 + 1, S2, 2);
	ck_assert(uvm_physseg_set_start_hint(first, 7));
	if (slots() > 1) {
		second = load_avail(S3, S4, S3 + 1, S4, 3);
		ck_assert(uvm_physseg_set_start_hint(second, 7));
	}
	answers(first, S1, 2);

	uvm.page_init_done = true;
	answers_as_invalid(first);
	if (slots() > 1)
		answers_as_invalid(second);
	if (uvm_physseg_diagnostic) {
		ck_assert(test_panics(blame_pg, NULL, "uvm_physseg_get_pg: "));
		ck_assert(
		    test_panics(blame_pmseg, NULL, "uvm_physseg_get_pmseg: "));
		ck_assert(test_panics(
		    blame_free_list, NULL, "uvm_physseg_get_free_list: "));
		ck_assert(test_panics(
		    blame_start_hint, NULL, "uvm_physseg_get_start_hint: "));
	}
	check_map();

	uvm.page_init_done = false;
	answers(first, S1, 2);
	if (slots() > 1) {
		answers(second, S3, 3);
		ck_assert_ptr_eq(uvm_physseg_get_next(first), second);
		ck_assert_ptr_eq(uvm_physseg_get_prev(second), first);
	}
	check_map();
}
END_TEST

/* It still exists: the boot protocol gives it pages, late. */
START_TEST(pages_after_switch)
{
	struct vm_page *part;

	first = load_avail(S1, S2, S1 + 1, S2, 2);
	ck_assert(uvm_physseg_set_start_hint(first, 7));
	uvm.page_init_done = true;
	answers_as_invalid(first);
	memset(boot_pages, 0, sizeof(boot_pages));
	uvm_physseg_seg_chomp_slab(first, boot_pages, SEG);
	part = uvm_physseg_seg_alloc_from_slab(first, SEG);
	ck_assert_ptr_eq(part, boot_pages);
	answers_as_invalid(first);
	uvm_physseg_init_seg(first, part);
	check_map();
	answers(first, S1, 2);
	ck_assert_ptr_eq(uvm_physseg_get_pg(first, 9), boot_pages + 9);
	ck_assert_ptr_eq(PHYS_TO_VM_PAGE(ptoa(9)), boot_pages + 9);
	ck_assert_int_eq(uvmexp.npages, SEG - 1);
}
END_TEST

/* One with pages beside one without: a walk that takes next of the valid one
 * reaches the other, whose next is nothing. */
START_TEST(one_without_pages)
{
	first = load(S1, SEG);
	if (!room_for(2, __func__))
		return;
	second = load(S3, SEG);
	chomp(SEG);
	uvm_physseg_init_seg(
	    first, uvm_physseg_seg_alloc_from_slab(first, SEG));
	uvm.page_init_done = true;
	ck_assert_ptr_eq(uvm_physseg_get_first(), first);
	ck_assert_ptr_eq(uvm_physseg_get_last(), second);
	ck_assert_ptr_eq(uvm_physseg_get_next(first), second);
	answers_as_invalid(second);
	ck_assert_ptr_eq(uvm_physseg_find(S3, NULL), second);
	ck_assert_ptr_null(PHYS_TO_VM_PAGE(ptoa(S3)));
	ck_assert(uvm_pageismanaged(ptoa(S3)));
	check_map();
}
END_TEST

/* ---- the index, later ---- */

static void
all_found(void)
{
	paddr_t i;

	for (i = 0; i < slots() * 16; i++)
		if (i % 16 < 8)
			ck_assert_uint_eq(
			    PHYS_TO_VM_PAGE(ptoa(i))->phys_addr, ptoa(i));
		else
			ck_assert_ptr_null(PHYS_TO_VM_PAGE(ptoa(i)));
}

/* At the switch the host has nothing; then it has. */
START_TEST(build_later)
{
	paddr_t i;

	for (i = 0; i < slots(); i++)
		load(i * 16, 8);
	chomp(slots() * 8);
	for (first = uvm_physseg_get_first(); first != NOWHERE;
	     first = uvm_physseg_get_next(first))
		uvm_physseg_init_seg(
		    first, uvm_physseg_seg_alloc_from_slab(first, 8));
	machine.fail_at = 1;
	uvm.page_init_done = true;
	ck_assert_ptr_ne(uvm_physseg_get_first(), NOWHERE);
	machine.fail_at = 0;
	check_map();
	all_found();
	ck_assert(uvm_physseg_build());
	check_map();
	all_found();
	ck_assert(uvm_physseg_build());
	check_map();
}
END_TEST

/* ---- the page layer's small change ---- */

START_TEST(setpagesize)
{
	uvmexp = (struct uvmexp){ 0 };
	uvm_setpagesize();
	ck_assert_int_eq(uvmexp.pagesize, PAGE_SIZE);
	ck_assert_int_eq(uvmexp.pagemask, PAGE_MASK);
	ck_assert_int_eq(uvmexp.pageshift, PAGE_SHIFT);
	uvmexp.pagesize = 1 << 21;
	uvm_setpagesize();
	ck_assert_int_eq(uvmexp.pagesize, 1 << 21);
	ck_assert_int_eq(uvmexp.pagemask, (1 << 21) - 1);
	ck_assert_int_eq(uvmexp.pageshift, 21);
	uvmexp.pagesize = 1;
	uvm_setpagesize();
	ck_assert_int_eq(uvmexp.pageshift, 0);
}
END_TEST

/* Whole pages, zeroed, the caller's. */
START_TEST(pageboot_alloc)
{
	static const char zeros[4 * PAGE_SIZE];
	const vsize_t sizes[] = { 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE };
	size_t i, before, gave[4];
	vaddr_t va[4];
	void *p[4];

	load(S1, SEG);
	for (i = 0; i < 4; i++) {
		before = machine.outstanding;
		va[i] = uvm_pageboot_alloc(sizes[i]);
		p[i] = machine_gave.p;
		gave[i] = machine_gave.size;
		ck_assert_uint_eq(va[i] & PAGE_MASK, 0);
		ck_assert_mem_eq((void *)va[i], zeros, round_page(sizes[i]));
		memset((void *)va[i], (int)i, round_page(sizes[i]));
		ck_assert_uint_ge(
		    machine.outstanding - before, round_page(sizes[i]));
	}
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(*(char *)va[i], (int)i);
	uvm_physseg_init();
	ck_assert_uint_ge(machine.outstanding, 7 * PAGE_SIZE);
	for (i = 0; i < 4; i++)
		machine_free(NULL, p[i], gave[i]);
}
END_TEST

START_TEST(constants)
{
	char text[64];
	const paddr_t pa = (paddr_t)0xfedcba98 << 8 << 8 >> 8;
	const psize_t n = 4000000000;

	snprintf(text, sizeof(text),
	    "%" PRIxPADDR " %" PRIxPSIZE " %" PRIuPSIZE, pa, n, n);
	ck_assert_str_eq(text,
	    sizeof(paddr_t) == 4 ? "ba9800 ee6b2800 4000000000"
				 : "fedcba9800 ee6b2800 4000000000");
	ck_assert_uint_eq(trunc_page(ptoa(7) + PAGE_MASK), ptoa(7));
	ck_assert_uint_eq(round_page(ptoa(7) + 1), ptoa(8));
	ck_assert_uint_eq(round_page(ptoa(7)), ptoa(7));
	ck_assert_uint_eq(btoc(ptoa(7) + 1), 8);
	ck_assert_uint_eq(btoc(ptoa(7)), 7);
	ck_assert_uint_eq(trunc_page((paddr_t)-1), (paddr_t)-1 - PAGE_MASK);
	ck_assert_uint_eq(sizeof(round_page((vaddr_t)1)), sizeof(vaddr_t));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("uvm_phase");
	TCase *t = tcase_create("before init");

	tcase_add_loop_test(t, told_nothing, 0, NCALLS);
	suite_add_tcase(s, t);

	t = add_case(s, "telling");
	tcase_add_loop_test(t, told, 0, NCALLS);
	tcase_add_test(t, lookups_untold);
	tcase_add_test(t, told_in_hook);
	tcase_add_test(t, assigned_in_hook);

	t = add_case(s, "without pages");
	tcase_add_test(t, handle_without_pages);
	tcase_add_test(t, pages_after_switch);
	tcase_add_test(t, one_without_pages);

	t = add_case(s, "later");
	tcase_add_test(t, build_later);

	t = add_case(s, "page layer");
	tcase_add_test(t, setpagesize);
	tcase_add_test(t, pageboot_alloc);
	tcase_add_test(t, constants);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
