/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_boot.c -- the boot phase and the switch: records from the
 * boot array (white box, through the engine's header), loading, the slab's
 * functions, init_seg, uvm_page_init, and uvm_physseg_init itself.
 *
 * Cases 1-6, 9-11 and 13-15 of NetBSD's t_uvm_physseg bear their names.
 */
#include "t_uvm.h"

/* ---- the record allocator; MAX is what the backend holds ---- */

static size_t
record_size(void)
{
	return physseg_record_size(uvm_physseg_map());
}

PANIC(alloc_mismatch, uvm_physseg_alloc(record_size() + 1))
PANIC(alloc_nothing, uvm_physseg_alloc(0))

START_TEST(alloc_atboot_mismatch)
{
	ck_assert(test_panics(alloc_mismatch, NULL, "uvm_physseg_alloc: "));
	ck_assert(test_panics(alloc_nothing, NULL, "uvm_physseg_alloc: "));
}
END_TEST

PANIC(alloc_overrun, uvm_physseg_alloc((slots() + 1) * record_size()))
PANIC(alloc_one, uvm_physseg_alloc(record_size()))

START_TEST(alloc_atboot_overrun)
{
	ck_assert(test_panics(alloc_overrun, NULL, "uvm_physseg_alloc: no "));
}
END_TEST

START_TEST(alloc_sanity)
{
	void *mem;

	ck_assert_ptr_nonnull(uvm_physseg_alloc(slots() * record_size()));
	ck_assert(test_panics(alloc_one, NULL, "uvm_physseg_alloc: no "));
	ck_assert_uint_eq(machine.allocs, 0);

	uvm.page_init_done = true;
	mem = uvm_physseg_alloc(record_size() - 1);
	ck_assert_ptr_nonnull(mem);
	ck_assert_uint_eq(machine.outstanding, record_size() - 1);
	uvm_physseg_free(mem, record_size() - 1);

	machine.fail_at = 1;
	ck_assert_ptr_null(uvm_physseg_alloc(record_size()));
}
END_TEST

static void *boot_record;

PANIC(free_mismatch, uvm_physseg_free(boot_record, record_size() - 1))
PANIC(free_nothing, uvm_physseg_free(boot_record, 0))
PANIC(free_array, uvm_physseg_free(boot_record, slots() * record_size()))

START_TEST(free_atboot_mismatch)
{
	boot_record = uvm_physseg_alloc(slots() * record_size());
	ck_assert(test_panics(free_mismatch, NULL, "uvm_physseg_free: "));
	ck_assert(test_panics(free_nothing, NULL, "uvm_physseg_free: "));
	ck_assert(test_panics(free_array, NULL, "uvm_physseg_free: "));
}
END_TEST

START_TEST(free_sanity)
{
	const size_t size = (slots() - 1) * record_size();
	void *mem;

	if (size != 0) {
		mem = uvm_physseg_alloc(size);
		uvm_physseg_free(mem, size);
		check_map();
	}
	uvm.page_init_done = true;
	mem = uvm_physseg_alloc(2 * record_size() + 5);
	uvm_physseg_free(mem, 2 * record_size() + 5);
	ck_assert_uint_eq(machine.outstanding, 0);
	check_map();
}
END_TEST

/* Freed at boot is not free: only after the switch it may be used again. */
START_TEST(atboot_free_leak)
{
	size_t i;

	for (i = 0; i < slots(); i++) {
		boot_record = uvm_physseg_alloc(record_size());
		ck_assert_ptr_nonnull(boot_record);
	}
	if (slots() == 1)
		ck_assert(test_panics(free_array, NULL, "uvm_physseg_free: "));
	else
		uvm_physseg_free(boot_record, record_size());
	ck_assert(test_panics(alloc_one, NULL, "uvm_physseg_alloc: no "));
}
END_TEST

/* ---- init ---- */

START_TEST(init)
{
	ck_assert_uint_eq(entries(), 0);
	ck_assert_ptr_eq(uvm_physseg_get_first(), NOWHERE);
	ck_assert_int_eq(uvmexp.npages, 0);
	check_map();
}
END_TEST

/* Whatever the map held is gone and given back; no variable is touched. */
START_TEST(init_again)
{
	uvm_physseg_t kept;

	load(S2, SEG);
	switch_at_once();
	if (can(PHYSSEG_HOTPLUG))
		ck_assert(plug_and_check(S4, 3 * SEG, NULL));
	kept = uvm_physseg_get_first();
	ck_assert_uint_ge(machine.outstanding, SEG * sizeof(struct vm_page));
	physmem = 12345;
	uvmexp.npages = 678;

	uvm_physseg_init();
	ck_assert_uint_eq(machine.outstanding, 0);
	ck_assert_uint_eq(entries(), 0);
	ck_assert(!uvm_physseg_valid_p(kept));
	ck_assert_ptr_eq(uvm_physseg_find(S2, NULL), NOWHERE);
	ck_assert(uvm.page_init_done);
	ck_assert_int_eq(uvmexp.pagesize, PAGE_SIZE);
	ck_assert_int_eq(uvmexp.npages, 678);
	ck_assert_uint_eq(physmem, 12345);
	check_map();

	/* The same life again. */
	uvm.page_init_done = false;
	load(S2, SEG);
	switch_at_once();
	ck_assert_int_eq(uvmexp.npages, 678 + SEG);
	ck_assert_ptr_nonnull(PHYS_TO_VM_PAGE(ptoa(S2)));
}
END_TEST

/* A function of its own, for those who take its address. */
START_TEST(init_by_pointer)
{
	void (*init_function)(void) = uvm_physseg_init;

	load(S1, SEG);
	init_function();
	ck_assert_uint_eq(entries(), 0);
	load(S1, SEG);
	switch_at_once();
	ck_assert_uint_eq(VM_PAGE_TO_PHYS(PHYS_TO_VM_PAGE(ptoa(3))), ptoa(3));
}
END_TEST

/* As a program tells that has one thing otherwise. */
static struct uvm_physseg_program told;

static void
init_told(void *arg)
{
	(void)arg;
	uvm_physseg_init_program(&told);
}

/* What this program's own call tells. */
static const struct uvm_physseg_program right = { .size = sizeof(right),
	.paddr_size = sizeof(paddr_t),
	.page_size = sizeof(struct vm_page),
	.page_phys_addr = offsetof(struct vm_page, phys_addr),
	.pmseg_size = sizeof(struct pmap_physseg),
	.uvm_size = sizeof(struct uvm),
	.uvm_page_init_done = offsetof(struct uvm, page_init_done),
	.uvmexp_size = sizeof(struct uvmexp),
	.uvmexp_pagesize = offsetof(struct uvmexp, pagesize),
	.uvmexp_npages = offsetof(struct uvmexp, npages),
	.npages_size = sizeof(uvmexp.npages),
	.page_shift = PAGE_SHIFT,
	.segment_max = VM_PHYSSEG_MAX,
	.nfreelist = VM_NFREELIST,
	.freelist = VM_FREELIST_DEFAULT };

/* Does init panic with "uvm_physseg_init: TEXT" if FIELD is VALUE? */
#define INIT_PANICS(field, value, text)      \
	(told = right, told.field = (value), \
	    test_panics(init_told, NULL, "uvm_physseg_init: " text))

START_TEST(init_parameters)
{
	const size_t width = sizeof(paddr_t) / 2;
	const int max = VM_PHYSSEG_MAX + 1;

	ck_assert(INIT_PANICS(paddr_size, width, "another width of paddr_t"));
	ck_assert(
	    INIT_PANICS(page_shift, PAGE_SHIFT + 1, "another PAGE_SHIFT"));
	ck_assert(INIT_PANICS(segment_max, max, "VM_PHYSSEG_MAX"));
	ck_assert(INIT_PANICS(segment_max, 0, "VM_PHYSSEG_MAX"));
	ck_assert(INIT_PANICS(nfreelist, 0, "VM_FREELIST_DEFAULT"));
	ck_assert(INIT_PANICS(freelist, 4, "VM_FREELIST_DEFAULT"));
	ck_assert(INIT_PANICS(freelist, -1, "VM_FREELIST_DEFAULT"));
	ck_assert(
	    INIT_PANICS(pmseg_size, VM_PMSEG_SIZE + 1, "struct pmap_physseg"));
	told = right;
	told.pmseg_size = VM_PMSEG_SIZE;
	told.segment_max = told.nfreelist = 1;
	init_told(NULL);
	load(S1, SEG);
	memset(uvm_physseg_get_pmseg(uvm_physseg_get_first()), 0xff,
	    VM_PMSEG_SIZE);
	check_map();
	ck_assert(!plug_and_check(S2, SEG, NULL));
}
END_TEST

/* Each field of the variables that both sides use. */
START_TEST(init_layouts)
{
	ck_assert(INIT_PANICS(
	    uvm_size, right.uvm_size + 1, "another layout of struct uvm"));
	ck_assert(
	    INIT_PANICS(uvm_page_init_done, 1, "another layout of struct uvm"));
	ck_assert(INIT_PANICS(uvmexp_size, right.uvmexp_size - 8,
	    "another layout of struct uvmexp"));
	ck_assert(
	    INIT_PANICS(uvmexp_pagesize, 4, "another layout of struct uvmexp"));
	ck_assert(INIT_PANICS(uvmexp_npages, right.uvmexp_npages + 8,
	    "another layout of struct uvmexp"));
	ck_assert(
	    INIT_PANICS(npages_size, 4, "another layout of struct uvmexp"));
}
END_TEST

/* A program compiled before a field was, and one after those that are. */
START_TEST(init_sizes)
{
	struct {
		struct uvm_physseg_program known;
		size_t unknown[4];
	} later = { right, { 99, 99, 99, 99 } };

	told = right;
	told.size = offsetof(struct uvm_physseg_program, uvm_size);
	told.uvm_size = told.uvmexp_size = 99;
	told.freelist = told.page_shift = 99;
	init_told(NULL);
	load(S1, SEG);
	ck_assert(!uvm_physseg_plug(S1, SEG, NULL));
	ck_assert_int_eq(uvm_physseg_get_free_list(uvm_physseg_get_first()),
	    VM_FREELIST_DEFAULT);

	later.known.size = sizeof(later);
	later.known.segment_max = 1;
	uvm_physseg_init_program(&later.known);
	load(S1, SEG);
	ck_assert(
	    !plug_and_check(S3, SEG, NULL)); /* it does not touch the first */
}
END_TEST

/* ---- before the first init; the first test of the program, so that none
 * was made by another if tests do not fork ---- */

START_TEST(use_before_init)
{
	psize_t offset = 77;
	uvm_physseg_t h = (uvm_physseg_t)&offset;

	test_host_init(&machine, 0);
	ck_assert_ptr_null(uvm_physseg_map());
	ck_assert_ptr_eq(uvm_physseg_find(0, &offset), NOWHERE);
	ck_assert_uint_eq(offset, 77);
	ck_assert_ptr_eq(uvm_physseg_get_first(), NOWHERE);
	ck_assert_ptr_eq(uvm_physseg_get_last(), NOWHERE);
	ck_assert_ptr_eq(uvm_physseg_get_next(h), NOWHERE);
	ck_assert_ptr_eq(uvm_physseg_get_prev(h), NOWHERE);
	ck_assert_uint_eq(uvm_physseg_get_highest_frame(), (paddr_t)-1);
	ck_assert_ptr_null(PHYS_TO_VM_PAGE(0));
	ck_assert(!uvm_pageismanaged(0));
	ck_assert(!uvm_physseg_valid_p(h));
	ck_assert(!uvm_physseg_valid_p(NOWHERE));
	ck_assert_uint_eq(uvm_physseg_get_start(h), (paddr_t)-1);
	ck_assert_ptr_null(uvm_physseg_map());

	ck_assert(plug_and_check(S1, SEG, &h));
	ck_assert(uvm_physseg_valid_p(h));
	ck_assert_ptr_eq(uvm_physseg_find(255, &offset), h);
	ck_assert_uint_eq(offset, 255);
	power_on();
	power_off();
}
END_TEST

/* ---- loading ---- */

START_TEST(physload_preload)
{
	load(S1, SEG);
	ck_assert_uint_eq(entries(), 1);
	ck_assert_int_eq(uvmexp.npages, 0);
	if (!room_for(2, __func__))
		return;
	load(S2, SEG);
	ck_assert_uint_eq(entries(), VM_PHYSSEG_COALESCE ? 1 : 2);
	ck_assert_int_eq(uvmexp.npages, 0);
	ck_assert_uint_eq(seen.freed, 0);
	ck_assert_uint_eq(physmem, 0);
	ck_assert_ptr_null(PHYS_TO_VM_PAGE(ptoa(S1)));
	ck_assert(uvm_pageismanaged(ptoa(S1)));
	ck_assert_uint_eq(machine.allocs, 0);
}
END_TEST

START_TEST(physload_postboot)
{
	load(S1, SEG);
	switch_by_loop(SEG);
	ck_assert(test_panics(
	    load_far, NULL, "uvm_page_physload: called after uvm_page_init"));
	MAP_IS("0-256");
}
END_TEST

/* As many as VM_PHYSSEG_MAX says (CONTIG: one), and not one more. */
START_TEST(capacity)
{
	paddr_t i;

	for (i = 0; i < slots(); i++)
		ck_assert(plug_and_check(i * 16, 8, NULL));
	ck_assert_uint_eq(entries(), slots());
	ck_assert(!plug_and_check(i * 16, 8, NULL));
	ck_assert_uint_eq(entries(), slots());
	ck_assert(test_panics(load_far, NULL, "uvm_page_physload: add ["));
	/* A slot is free again after an unplug, a boot record is not. */
	if (slots() > 1) {
		ck_assert(unplug_and_check(0, 8));
		ck_assert_int_eq(
		    plug_and_check(0, 8, NULL), uvm_physseg_backend()->bounded);
	}
}
END_TEST

/* ---- the slab: used white box, in cycles, and through the protocol ---- */

#define MAX VM_PHYSSEG_MAX

static void
slab_cycles(void)
{
	struct physseg_map *map = uvm_physseg_map_now();
	struct physseg_slab *slab;
	void *pages;
	size_t n;

	for (n = 1; n <= MAX; n++) {
		ck_assert_int_eq(physseg_slab_alloc(map, n, &slab, &pages), 0);
		ck_assert_ptr_eq(pages, boot_pages);
		check_map();
		ck_assert_int_eq(physseg_slab_free(map, slab, pages, n), 0);
		check_map();
	}
}

START_TEST(seg_chomp_slab)
{
	struct physseg_stats stats;

	load(S1, SEG);
	chomp(2 * MAX);
	slab_cycles();
	uvm.page_init_done = true;
	slab_cycles();
	physseg_get_stats(uvm_physseg_map(), &stats);
	ck_assert_uint_eq(stats.slabs, 1);
	ck_assert_uint_eq(stats.slab_pages, 2 * MAX);
	ck_assert_uint_eq(stats.slab_used, 0);
}
END_TEST

START_TEST(alloc_from_slab)
{
	uvm_physseg_t h = load(S1, 2 * MAX);

	ck_assert_ptr_null(uvm_physseg_seg_alloc_from_slab(h, 1));
	chomp(2 * MAX);
	ck_assert_ptr_eq(uvm_physseg_seg_alloc_from_slab(h, MAX), boot_pages);
	check_map();
	ck_assert_ptr_eq(
	    uvm_physseg_seg_alloc_from_slab(h, MAX), boot_pages + MAX);
	check_map();
	ck_assert_ptr_null(uvm_physseg_seg_alloc_from_slab(h, MAX));
	ck_assert_ptr_null(uvm_physseg_seg_alloc_from_slab(h, 1));
	check_map();
}
END_TEST

START_TEST(init_seg)
{
	uvm_physseg_t h = load(0, MAX);
	size_t i;

	chomp(2 * MAX);
	ck_assert_ptr_eq(uvm_physseg_seg_alloc_from_slab(h, MAX), boot_pages);
	ck_assert_int_eq(uvmexp.npages, 0);
	uvm_physseg_init_seg(h, boot_pages);
	check_map();
	ck_assert_int_eq(uvmexp.npages, MAX);
	ck_assert_uint_eq(seen.freed, MAX);
	for (i = 0; i < MAX; i++)
		ck_assert_uint_eq(boot_pages[i].phys_addr, ptoa(i));
	ck_assert_uint_eq(boot_pages[MAX].phys_addr, 0);
	ck_assert_ptr_eq(PHYS_TO_VM_PAGE(ptoa(MAX - 1)), &boot_pages[MAX - 1]);
	ck_assert_ptr_null(PHYS_TO_VM_PAGE(ptoa(MAX)));
}
END_TEST

/* Only available pages are counted and freed; all are initialised. */
START_TEST(init_seg_available)
{
	load_avail(0, 64, 10, 20, 0);
	switch_by_loop(64);
	ck_assert_int_eq(uvmexp.npages, 10);
	ck_assert_uint_eq(seen.freed, 10);
	ck_assert_uint_eq(PHYS_TO_VM_PAGE(ptoa(63))->phys_addr, ptoa(63));
	ck_assert_uint_eq(physmem, 0);
}
END_TEST

/* A page layer may bring an array of its own for a segment. */
START_TEST(init_seg_own_array)
{
	uvm_physseg_t h = load(0, 64);

	memset(boot_pages, 0, sizeof(boot_pages));
	uvm_physseg_init_seg(h, boot_pages);
	check_map();
	ck_assert_int_eq(uvmexp.npages, 64);
	ck_assert_ptr_eq(uvm_physseg_get_pg(h, 63), &boot_pages[63]);
}
END_TEST

/* ---- uvm_page_init ---- */

PANIC(page_init_again, uvm_page_init(NULL, NULL))
PANIC(page_init_forgotten, uvm.page_init_done = false;
      uvm_page_init(NULL, NULL))

START_TEST(page_init)
{
	vaddr_t start = 11, end = 22;
	paddr_t i;

	load_avail(S2, S3, S2 + 1, S3, 0);
	if (slots() > 1)
		load(S4, SEG);
	uvm_page_init(&start, &end);
	check_map();
	ck_assert_uint_eq(start, 11);
	ck_assert_uint_eq(end, 22);
	ck_assert(uvm.page_init_done);
	ck_assert_uint_eq(physmem, 0);
	ck_assert_int_eq(uvmexp.npages, slots() > 1 ? 2 * SEG - 1 : SEG - 1);
	for (i = S2; i < S3; i++)
		ck_assert_uint_eq(PHYS_TO_VM_PAGE(ptoa(i))->phys_addr, ptoa(i));
	ck_assert_uint_eq(test_host_allocs(&machine), 1);
	ck_assert_uint_eq(test_host_bytes(&machine),
	    (slots() > 1 ? 2U : 1U) * SEG * sizeof(struct vm_page));
}
END_TEST

START_TEST(page_init_twice)
{
	load(S1, SEG);
	switch_at_once();
	ck_assert(
	    test_panics(page_init_again, NULL, "uvm_page_init: called twice"));
	ck_assert(test_panics(
	    page_init_forgotten, NULL, "uvm_page_init: called twice"));
}
END_TEST

START_TEST(page_init_empty)
{
	ck_assert(test_panics(
	    page_init_again, NULL, "uvm_page_init: no memory was loaded"));
}
END_TEST

PANIC(page_init_no_memory, machine.fail_at = 1; uvm_page_init(NULL, NULL))

START_TEST(page_init_without_memory)
{
	load(S1, SEG);
	ck_assert(test_panics(
	    page_init_no_memory, NULL, "uvm_page_init: no memory for pages"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("uvm_boot");
	TCase *t = tcase_create("before init");

	tcase_add_test(t, use_before_init);
	suite_add_tcase(s, t);

	t = add_case(s, "records");
	tcase_add_test(t, alloc_atboot_mismatch);
	tcase_add_test(t, alloc_atboot_overrun);
	tcase_add_test(t, alloc_sanity);
	tcase_add_test(t, free_atboot_mismatch);
	tcase_add_test(t, free_sanity);
	tcase_add_test(t, atboot_free_leak);

	t = add_case(s, "init");
	tcase_add_test(t, init);
	tcase_add_test(t, init_again);
	tcase_add_test(t, init_by_pointer);
	tcase_add_test(t, init_parameters);
	tcase_add_test(t, init_layouts);
	tcase_add_test(t, init_sizes);

	t = add_case(s, "load");
	tcase_add_test(t, physload_preload);
	tcase_add_test(t, physload_postboot);
	tcase_add_test(t, capacity);

	t = add_case(s, "switch");
	tcase_add_test(t, seg_chomp_slab);
	tcase_add_test(t, alloc_from_slab);
	tcase_add_test(t, init_seg);
	tcase_add_test(t, init_seg_available);
	tcase_add_test(t, init_seg_own_array);
	tcase_add_test(t, page_init);
	tcase_add_test(t, page_init_twice);
	tcase_add_test(t, page_init_empty);
	tcase_add_test(t, page_init_without_memory);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
