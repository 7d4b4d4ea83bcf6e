/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_own_page.c -- an integrator with a page structure, a struct
 * pmap_physseg and constants of its own, in a header of its own, on the library
 * as built: what uvm_physseg_init's macro tells it.
 */
/* From the directory of the headers, which is on the include path. */
#define UVM_PHYSSEG_PARAM_H "../tests/uvm/t_uvm_param.h"

#include "t_uvm.h"

/*
 * Without uvm_physseg_init the library would take its own struct vm_page for
 * the program's: registering frames is a panic that says so, by a pointer or
 * not; and so after an init that told nothing.  The first test of the program,
 * so that nothing was told before if tests do not fork.
 */
PANIC(load_untold, uvm_page_physload(S1, S2, S1, S2, 1))
PANIC(plug_untold, uvm_physseg_plug(S1, SEG, NULL))

static void
load_by_pointer(void *arg)
{
	uvm_physseg_t (*physload)(paddr_t, paddr_t, paddr_t, paddr_t, int) =
	    uvm_page_physload;

	(void)arg;
	physload(S1, S2, S1, S2, 1);
}

#define UNTOLD "a struct vm_page of one's own needs uvm_physseg_init"

static void
is_untold(void)
{
	ck_assert(test_panics(load_untold, NULL, "uvm_page_physload: " UNTOLD));
	ck_assert(
	    test_panics(load_by_pointer, NULL, "uvm_page_physload: " UNTOLD));
	ck_assert(test_panics(plug_untold, NULL, "uvm_physseg_plug: " UNTOLD));
}

START_TEST(own_page_no_init)
{
	void (*init)(void) = uvm_physseg_init;

	test_host_init(&machine, 0);
	uvmexp.pagesize = PAGE_SIZE;
	is_untold();
	ck_assert_ptr_null(uvm_physseg_map());
	uvm_physseg_init();
	load(S1, SEG);
	init();
	is_untold();
	ck_assert_uint_eq(entries(), 0);
	uvm_physseg_init();
	ck_assert(plug_and_check(S1, SEG, NULL));
	uvm_physseg_init();
}
END_TEST

/* Consumers may declare these again. */
uvm_physseg_t uvm_page_physload(paddr_t, paddr_t, paddr_t, paddr_t, int);
bool uvm_physseg_plug(paddr_t, size_t, uvm_physseg_t *);

/* What the header does not define has its default. */
START_TEST(own_constants)
{
	ck_assert_int_eq(VM_PHYSSEG_MAX, 3);
	ck_assert_int_eq(VM_NFREELIST, 7);
	ck_assert_int_eq(VM_FREELIST_DEFAULT, 1);
	ck_assert_int_eq(PAGE_SIZE >> PAGE_SHIFT, 1);
	ck_assert_uint_eq(atop(ptoa(5) + PAGE_SIZE - 1), 5);
	ck_assert_int_eq(VM_FREELIST_FIRST16, 6);
	ck_assert_uint_eq(btoc(1), 99);
}
END_TEST

START_TEST(own_page)
{
	static const char nothing[sizeof(((struct vm_page *)0)->name)];
	struct vm_page *pg;
	paddr_t i;

	load(S2, SEG);
	switch_by_loop(2 * SEG);
	for (i = 0; i < SEG; i++) {
		pg = PHYS_TO_VM_PAGE(ptoa(S2 + i));
		ck_assert_ptr_eq(pg, &boot_pages[i]);
		ck_assert_uint_eq(pg->phys_addr, ptoa(S2 + i));
		ck_assert_uint_eq(VM_PAGE_TO_PHYS(pg), ptoa(S2 + i));
		ck_assert_ptr_eq(
		    uvm_physseg_get_pg(uvm_physseg_get_first(), i), pg);
		ck_assert_mem_eq(pg->name, nothing, sizeof(nothing));
		ck_assert_ptr_null(pg->queue[2]);
		memset(pg->name, 0xff, sizeof(pg->name));
	}
	if (!hot_plug_works(__func__))
		return;
	ck_assert(unplug_and_check(S2, 128));
	ck_assert(plug_and_check(S4, 100, NULL));
	pg = PHYS_TO_VM_PAGE(ptoa(S4));
	ck_assert(is_boot_page(pg));
	ck_assert_uint_eq(pg->phys_addr, ptoa(S4));
	ck_assert_mem_eq(pg->name, nothing, sizeof(nothing));
}
END_TEST

START_TEST(own_page_init)
{
	load(S1, SEG);
	switch_at_once();
	ck_assert_uint_eq(
	    test_host_bytes(&machine), SEG * sizeof(struct vm_page));
	ck_assert_uint_eq(PHYS_TO_VM_PAGE(ptoa(255))->phys_addr, ptoa(255));
}
END_TEST

START_TEST(own_segment_max)
{
	paddr_t i;

	for (i = 0; i < slots(); i++)
		ck_assert(plug_and_check(i * 16, 8, NULL));
	ck_assert(!plug_and_check(FAR, 1, NULL));
	ck_assert_uint_eq(entries(), slots());
}
END_TEST

PANIC(load_list_7, uvm_page_physload(S2, S3, S2, S3, 7))

START_TEST(own_free_lists)
{
	uvm_physseg_t h;

	ck_assert(plug_and_check(S1, SEG, &h));
	ck_assert_int_eq(uvm_physseg_get_free_list(h), VM_FREELIST_DEFAULT);
	uvm_physseg_init();
	h = load_avail(S1, S2, S1, S2, VM_FREELIST_FIRST16);
	ck_assert_int_eq(uvm_physseg_get_free_list(h), VM_FREELIST_FIRST16);
	ck_assert(test_panics(load_list_7, NULL, "bad free list"));
}
END_TEST

START_TEST(own_pmseg)
{
	struct pmap_physseg *data = uvm_physseg_get_pmseg(load(S1, SEG));

	memset(data, 0x5a, sizeof(*data));
	check_map();
	if (!room_for(2, __func__))
		return;
	ck_assert(unplug_and_check(100, 50));
	ck_assert_mem_eq(uvm_physseg_get_pmseg(uvm_physseg_find(200, NULL)),
	    uvm_physseg_get_pmseg(uvm_physseg_find(0, NULL)), sizeof(*data));
	ck_assert_int_eq(
	    uvm_physseg_get_pmseg(uvm_physseg_find(200, NULL))->bytes[39],
	    0x5a);
}
END_TEST

/* It may hold any object. */
START_TEST(own_pmseg_is_aligned)
{
	uvm_physseg_t h;
	paddr_t i;

	for (i = 0; i < slots(); i++)
		load(i * 16, 8);
	for (h = uvm_physseg_get_first(); h != NOWHERE;
	     h = uvm_physseg_get_next(h))
		ck_assert_uint_eq(
		    (uintptr_t)uvm_physseg_get_pmseg(h) % _Alignof(max_align_t),
		    0);
	ck_assert_uint_eq(entries(), slots());
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("uvm_own_page");
	TCase *t = tcase_create("before init");

	tcase_add_test(t, own_page_no_init);
	suite_add_tcase(s, t);

	t = add_case(s, "own page");
	tcase_add_test(t, own_constants);
	tcase_add_test(t, own_page);
	tcase_add_test(t, own_page_init);
	tcase_add_test(t, own_segment_max);
	tcase_add_test(t, own_free_lists);
	tcase_add_test(t, own_pmseg);
	tcase_add_test(t, own_pmseg_is_aligned);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
