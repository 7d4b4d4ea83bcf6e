/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_page_lookup_freelist.c -- for a program without a page layer.
 */
#include "uvm/uvm_private.h"

int
uvm_page_lookup_freelist(struct vm_page *pg)
{
	const struct physseg_map *map = uvm_physseg_map();
	const paddr_t pfn = atop(uvm_physseg_phys_addr(pg));
	const int free_list = map == NULL ? -1 : physseg_free_list(map, pfn);

	if (free_list >= 0)
		return free_list;
	uvm_physseg_blame(__func__, "invalid segment");
	return uvm_physseg_program.freelist;
}
