/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/netbsd_layer.c -- a program that has functions and variables of
 * NetBSD's page layer itself, as a kernel has that links an archive.  Each that
 * is the program's own (-DOWN_uvm_page_init and so on, OWN_ALL for all) must be
 * the one that is called, and nothing else of the library may be missed.
 *
 * Exits with 0 if that is right.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uvm/uvm.h>

#define PAGES 64

static bool wrong;

static void
expect(bool right, const char *what)
{
	if (!right) {
		printf("wrong: %s\n", what);
		wrong = true;
	}
}

/* Calls of the program's own; whatever is not its own is never counted. */
enum { INIT, PHYSGET, PHYS_TO_PAGE, PAGE_TO_PHYS, MANAGED, FREELIST, BOOT_ALLOC, SETPAGESIZE, PAGEFREE, REINIT, NOWN };
static int called[NOWN];
static int own[NOWN];

#if defined(OWN_ALL) || defined(OWN_uvm_page_init)
#define HAVE_INIT 1
static struct vm_page array[PAGES];

void
uvm_page_init(vaddr_t *kvm_startp, vaddr_t *kvm_endp)
{
	uvm_physseg_t h = uvm_physseg_get_first();

	(void)kvm_startp;
	(void)kvm_endp;
	called[INIT]++;
	uvm_physseg_seg_chomp_slab(h, array, PAGES);
	uvm_physseg_init_seg(h, uvm_physseg_seg_alloc_from_slab(h, PAGES));
	uvm.page_init_done = true;
}
#endif

#if defined(OWN_ALL) || defined(OWN_uvm_page_physget)
#define HAVE_PHYSGET 1
bool
uvm_page_physget(paddr_t *pa)
{
	called[PHYSGET]++;
	return uvm_page_physunload(uvm_physseg_get_first(), 0, pa);
}
#endif

#if defined(OWN_ALL) || defined(OWN_uvm_phys_to_vm_page)
#define HAVE_PHYS_TO_PAGE 1
struct vm_page *
uvm_phys_to_vm_page(paddr_t pa)
{
	psize_t offset = 0;
	uvm_physseg_t h = uvm_physseg_find(atop(pa), &offset);

	called[PHYS_TO_PAGE]++;
	return h == UVM_PHYSSEG_TYPE_INVALID ? NULL
					     : uvm_physseg_get_pg(h, offset);
}
#endif

#if defined(OWN_ALL) || defined(OWN_uvm_vm_page_to_phys)
#define HAVE_PAGE_TO_PHYS 1
paddr_t
uvm_vm_page_to_phys(const struct vm_page *pg)
{
	called[PAGE_TO_PHYS]++;
	return trunc_page(pg->phys_addr);
}
#endif

#if defined(OWN_ALL) || defined(OWN_uvm_pageismanaged)
#define HAVE_MANAGED 1
bool
uvm_pageismanaged(paddr_t pa)
{
	called[MANAGED]++;
	return uvm_physseg_find(atop(pa), NULL) != UVM_PHYSSEG_TYPE_INVALID;
}
#endif

#if defined(OWN_ALL) || defined(OWN_uvm_page_lookup_freelist)
#define HAVE_FREELIST 1
int
uvm_page_lookup_freelist(struct vm_page *pg)
{
	called[FREELIST]++;
	return uvm_physseg_get_free_list(
	    uvm_physseg_find(atop(VM_PAGE_TO_PHYS(pg)), NULL));
}
#endif

#if defined(OWN_ALL) || defined(OWN_uvm_pageboot_alloc)
#define HAVE_BOOT_ALLOC 1
vaddr_t
uvm_pageboot_alloc(vsize_t size)
{
	static char pages[4 * PAGE_SIZE];

	called[BOOT_ALLOC]++;
	return size > sizeof(pages) - PAGE_MASK ? 0
						: round_page((vaddr_t)pages);
}
#endif

#if defined(OWN_ALL) || defined(OWN_uvm_setpagesize)
#define HAVE_SETPAGESIZE 1
void
uvm_setpagesize(void)
{
	called[SETPAGESIZE]++;
	uvmexp.pagesize = PAGE_SIZE;
}
#endif

#if defined(OWN_ALL) || defined(OWN_uvm_pagefree)
#define HAVE_PAGEFREE 1
void
uvm_pagefree(struct vm_page *pg)
{
	called[PAGEFREE]++;
	expect(pg != NULL, "a page is handed over");
}
#endif

#if defined(OWN_ALL) || defined(OWN_uvmpdpol_reinit)
#define HAVE_REINIT 1
void
uvmpdpol_reinit(void)
{
	called[REINIT]++;
}
#endif

#if defined(OWN_ALL) || defined(OWN_uvm)
struct uvm uvm;
#endif
#if defined(OWN_ALL) || defined(OWN_uvmexp)
struct uvmexp uvmexp;
#endif
#if defined(OWN_ALL) || defined(OWN_physmem)
psize_t physmem = PAGES;
#endif

static void
whose(void)
{
#ifdef HAVE_INIT
	own[INIT] = 1;
#endif
#ifdef HAVE_PHYSGET
	own[PHYSGET] = 1;
#endif
#ifdef HAVE_PHYS_TO_PAGE
	own[PHYS_TO_PAGE] = 1;
#endif
#ifdef HAVE_PAGE_TO_PHYS
	own[PAGE_TO_PHYS] = 1;
#endif
#ifdef HAVE_MANAGED
	own[MANAGED] = 1;
#endif
#ifdef HAVE_FREELIST
	own[FREELIST] = 1;
#endif
#ifdef HAVE_BOOT_ALLOC
	own[BOOT_ALLOC] = 1;
#endif
#ifdef HAVE_SETPAGESIZE
	own[SETPAGESIZE] = 1;
#endif
#ifdef HAVE_PAGEFREE
	own[PAGEFREE] = 1;
#endif
#ifdef HAVE_REINIT
	own[REINIT] = 1;
#endif
}

int
main(void)
{
}
