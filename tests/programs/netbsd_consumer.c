/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/programs/netbsd_consumer.c -- a program as it is written against
 * NetBSD's header, and knows nothing of this library: it declares the boot
 * functions again, runs the page layer's own loop at the switch, defines the
 * page layer's hooks, looks pages up and takes memory away.
 *
 * Prints what it found; exits with 0 if that is right.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <uvm/uvm_physseg.h>
#include <uvm/uvm_page.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm.h>

void uvm_physseg_init(void);
void uvm_physseg_seg_chomp_slab(uvm_physseg_t, struct vm_page *, size_t);
struct vm_page *uvm_physseg_seg_alloc_from_slab(uvm_physseg_t, size_t);
void uvm_physseg_init_seg(uvm_physseg_t, struct vm_page *);

extern const char uvm_physseg_backend_name[];

static size_t freed;
static int reinits;
static bool wrong;

void
uvm_pagefree(struct vm_page *pg)
{
	if (PHYS_TO_VM_PAGE(VM_PAGE_TO_PHYS(pg)) != pg)
		wrong = true;
	freed++;
}

void
uvmpdpol_reinit(void)
{
	reinits++;
}

static void
expect(bool right, const char *what)
{
	if (!right) {
		printf("wrong: %s\n", what);
		wrong = true;
	}
}

/* NetBSD's uvm_page_init, as far as segments are concerned. */
static void
page_init(void)
{
	struct vm_page *pagearray;
	uvm_physseg_t bank;
	size_t pagecount = 0, n;

	for (bank = uvm_physseg_get_first(); uvm_physseg_valid_p(bank);
	     bank = uvm_physseg_get_next(bank))
		pagecount += (size_t)(uvm_physseg_get_end(bank) -
		    uvm_physseg_get_start(bank));
	pagearray = calloc(pagecount, sizeof(struct vm_page));
	if (pagearray == NULL)
		exit(EXIT_FAILURE);

	uvm_physseg_seg_chomp_slab(
	    uvm_physseg_get_first(), pagearray, pagecount);
	for (bank = uvm_physseg_get_first(); uvm_physseg_valid_p(bank);
	     bank = uvm_physseg_get_next(bank)) {
		n = (size_t)(uvm_physseg_get_end(bank) -
		    uvm_physseg_get_start(bank));
		uvm_physseg_seg_alloc_from_slab(bank, n);
		uvm_physseg_init_seg(bank, pagearray);
		pagearray += n;
	}
	uvm.page_init_done = true;
}

static void
boot(void)
{
	paddr_t pa = 0;

	uvmexp.pagesize = PAGE_SIZE;
	uvm_physseg_init();
	uvm_page_physload(atop(0x100000), atop(0x500000), atop(0x110000),
	    atop(0x500000), VM_FREELIST_DEFAULT);
	expect(uvm_page_physget(&pa), "a page is stolen");
	expect(pa == 0x4ff000, "from the only available end");
	physmem = atop(0x400000);
	page_init();
	expect(uvmexp.npages == 0x3ef, "pages are counted");
	expect(freed == 0x3ef, "and are handed over");
}

static void
look_up(void)
{
	psize_t offset = 0;
	uvm_physseg_t bank = uvm_physseg_find(atop(0x203000), &offset);
	struct vm_page *pg = PHYS_TO_VM_PAGE(0x203123);

	expect(bank != UVM_PHYSSEG_TYPE_INVALID, "0x203000 is found");
	expect(offset == 0x103, "at its offset");
	expect(pg != NULL && pg == uvm_physseg_get_pg(bank, offset),
	    "with its page");
	expect(pg != NULL && VM_PAGE_TO_PHYS(pg) == 0x203000, "and address");
	expect(!uvm_pageismanaged(0x4ff000), "the stolen page is gone");
	expect(uvm_physseg_get_highest_frame() == 0x4fe, "highest frame");
}

static void
report(void)
{
	uvm_physseg_t bank;

	printf("backend %s, %lld pages\n", uvm_physseg_backend_name,
	    (long long)uvmexp.npages);
	for (bank = uvm_physseg_get_first(); uvm_physseg_valid_p(bank);
	     bank = uvm_physseg_get_next(bank))
		printf("segment %" PRIxPHYSSEG ": %#llx - %#llx\n",
		    (void *)bank,
		    (unsigned long long)ptoa(uvm_physseg_get_start(bank)),
		    (unsigned long long)ptoa(uvm_physseg_get_end(bank)));
}

int
main(void)
{
	boot();
	look_up();
	report();
	expect(
	    uvm_physseg_unplug(atop(0x400000), 0xff), "the back is unplugged");
	expect(uvmexp.npages == 0x2f0, "and not counted any more");
	expect(physmem == 0x400 - 0xff, "nor part of physmem");
	expect(reinits == 1, "which the page daemon was told");
	expect(PHYS_TO_VM_PAGE(0x400000) == NULL, "nor found");
	report();
	puts(wrong ? "wrong" : "right");
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
