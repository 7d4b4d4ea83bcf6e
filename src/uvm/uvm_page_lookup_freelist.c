/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_page_lookup_freelist.c -- for a program without a page layer.
 */
#include "uvm_private.h"

int
uvm_page_lookup_freelist(struct vm_page *pg)
{
	const uvm_physseg_t handle =
	    uvm_physseg_find(atop(uvm_physseg_phys_addr(pg)), NULL);

	return uvm_physseg_info_or_blame(uvm_physseg_map(), handle, __func__)
	    .free_list;
}
