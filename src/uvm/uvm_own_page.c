/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_own_page.c -- registering frames, for a program with a struct vm_page of
 * its own.
 *
 * Only uvm_physseg_init tells the library about that structure, whose size does
 * not matter until there are segments.  Two functions can register the first
 * segment.  In such a program the headers replace their names by the names
 * here. So a program that forgets uvm_physseg_init panics on its first boot
 * with a message that says so, and does not use a wrong size.  These functions
 * cannot pass the size themselves, because the structure may not be defined
 * where frames are registered.
 */
/* In this file functions have their own names, whose struct vm_page it may be.
 */
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
