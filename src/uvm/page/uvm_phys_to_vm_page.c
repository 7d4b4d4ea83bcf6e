/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_phys_to_vm_page.c -- for a program without a page layer.
 */
#include "uvm/uvm_private.h"

struct vm_page *
uvm_phys_to_vm_page(paddr_t pa)
{
	struct physseg_map *map = uvm_physseg_map();

	return map == NULL ? NULL : physseg_page(map, atop(pa));
}
