/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_own_page.c -- registering frames, for a program with a struct vm_page of
 * its own.
 *
 * Nothing tells the library of the structure but uvm_physseg_init, and without
 * segments the structure does not matter.  So the two functions that begin the
 * first segment are where a forgotten uvm_physseg_init shows, and the headers
 * name such a program these instead: there the mistake is a panic that names
 * it, on the first boot, and not a wrong stride.  They cannot ask for the size
 * itself, for where frames are registered the structure may not be known.
 */
/* Here functions have their own names, whoever's struct vm_page it is. */
#define UVM_VM_PAGE_OURS_
#include "uvm_private.h"

static void
need_init(const char *function)
{
	if (!uvm_physseg_told)
		uvm_physseg_panic(function,
		    "a struct vm_page of one's own needs uvm_physseg_init");
}

uvm_physseg_t
uvm_page_physload_own(paddr_t start, paddr_t end, paddr_t avail_start,
    paddr_t avail_end, int free_list)
{
	need_init("uvm_page_physload");
	return uvm_page_physload(start, end, avail_start, avail_end, free_list);
}

bool
uvm_physseg_plug_own(paddr_t pfn, size_t n, uvm_physseg_t *handle)
{
	need_init("uvm_physseg_plug");
	return uvm_physseg_plug(pfn, n, handle);
}
