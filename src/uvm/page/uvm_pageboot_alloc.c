/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_pageboot_alloc.c -- memory for the boot, for a program without a page
 * layer.
 */
#include "uvm/uvm_private.h"

vaddr_t
uvm_pageboot_alloc(vsize_t size)
{
	void *mem = NULL;

	if (uvm.page_init_done)
		uvm_physseg_panic(__func__, "called after uvm_page_init");
	if (size <= SIZE_MAX - 2 * PAGE_MASK)
		mem = uvm_physseg_memory(round_page(size) + PAGE_MASK);
	if (mem == NULL)
		uvm_physseg_panic(__func__, "no memory");
	return round_page((vaddr_t)mem);
}
