/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/programs/netbsd_layer.c -- a program that has functions and variables
 * of NetBSD's page layer itself, as a kernel that links an archive: of each
 * name, -DOWN_uvm_page_init and so on, the program's own must be called and the
 * library's must not be missed.
 *
 * Prints the names of its own functions that were called, and "right".
 */
#include <stdio.h>

#include <uvm/uvm.h>

#define PAGES 64

/* Each function that is the program's own says so. */
void mine(const char *name);

void
mine(const char *name)
{
	puts(name);
}

#ifdef OWN_uvm_setpagesize
void
uvm_setpagesize(void)
{
	mine("uvm_setpagesize");
	uvmexp.pagesize = PAGE_SIZE;
}
#endif

#ifdef OWN_uvm_pageboot_alloc
vaddr_t
uvm_pageboot_alloc(vsize_t size)
{
	static char pages[4 * PAGE_SIZE];

	mine("uvm_pageboot_alloc");
	return size > 3 * PAGE_SIZE ? 0 : round_page((vaddr_t)pages);
}
#endif

#ifdef OWN_uvm_page_physget
bool
uvm_page_physget(paddr_t *pa)
{
	mine("uvm_page_physget");
	return uvm_page_physunload(uvm_physseg_get_first(), 0, pa);
}
#endif

#ifdef OWN_uvm_page_init
void
uvm_page_init(vaddr_t *kvm_startp, vaddr_t *kvm_endp)
{
	static struct vm_page array[PAGES];
	uvm_physseg_t h = uvm_physseg_get_first();

	(void)kvm_startp;
	(void)kvm_endp;
	mine("uvm_page_init");
	uvm_physseg_seg_chomp_slab(h, array, PAGES);
	uvm_physseg_init_seg(h,
	    uvm_physseg_seg_alloc_from_slab(h,
		(size_t)(uvm_physseg_get_end(h) - uvm_physseg_get_start(h))));
	uvm.page_init_done = true;
}
#endif

#ifdef OWN_uvm_phys_to_vm_page
struct vm_page *
uvm_phys_to_vm_page(paddr_t pa)
{
	psize_t offset = 0;
	uvm_physseg_t h = uvm_physseg_find(atop(pa), &offset);

	mine("uvm_phys_to_vm_page");
	return h == UVM_PHYSSEG_TYPE_INVALID ? NULL
					     : uvm_physseg_get_pg(h, offset);
}
#endif

#ifdef OWN_uvm_vm_page_to_phys
paddr_t
uvm_vm_page_to_phys(const struct vm_page *pg)
{
	mine("uvm_vm_page_to_phys");
	return trunc_page(pg->phys_addr);
}
#endif

#ifdef OWN_uvm_pageismanaged
bool
uvm_pageismanaged(paddr_t pa)
{
	mine("uvm_pageismanaged");
	return uvm_physseg_find(atop(pa), NULL) != UVM_PHYSSEG_TYPE_INVALID;
}
#endif

#ifdef OWN_uvm_page_lookup_freelist
int
uvm_page_lookup_freelist(struct vm_page *pg)
{
	mine("uvm_page_lookup_freelist");
	return uvm_physseg_get_free_list(
	    uvm_physseg_find(atop(pg->phys_addr), NULL));
}
#endif

#ifdef OWN_uvm_pagefree
void
uvm_pagefree(struct vm_page *pg)
{
	(void)pg;
	mine("uvm_pagefree");
}
#endif

#ifdef OWN_uvmpdpol_reinit
void
uvmpdpol_reinit(void)
{
	mine("uvmpdpol_reinit");
}
#endif

#ifdef OWN_uvm
struct uvm uvm;
#endif
#ifdef OWN_uvmexp
struct uvmexp uvmexp;
#endif
#ifdef OWN_physmem
psize_t physmem;
#endif

/* Everything that it may have itself is called. */
int
main(void)
{
	struct vm_page *pg;
	bool right = true;
	paddr_t pa = 0;

	uvm_setpagesize();
	right &= uvmexp.pagesize == PAGE_SIZE;
	uvm_physseg_init();
	(void)uvm_page_physload(16, 16 + PAGES, 16, 16 + PAGES, 0);
	right &= uvm_pageboot_alloc(1) % PAGE_SIZE == 0;
	right &= uvm_page_physget(&pa) && pa == ptoa(16);
	uvm_page_init(NULL, NULL);
	right &= uvm.page_init_done && uvmexp.npages == PAGES - 1;
	pg = PHYS_TO_VM_PAGE(ptoa(20) + 7);
	right &= pg != NULL && VM_PAGE_TO_PHYS(pg) == ptoa(20);
	right &= uvm_pageismanaged(ptoa(20)) && !uvm_pageismanaged(pa);
	right &= uvm_page_lookup_freelist(pg) == 0;
	physmem = PAGES;
	right &= uvm_physseg_unplug(17, 1) && physmem == PAGES - 1;
	right &= PHYS_TO_VM_PAGE(ptoa(17)) == NULL;
	puts(right ? "right" : "wrong");
	return right ? 0 : 1;
}
