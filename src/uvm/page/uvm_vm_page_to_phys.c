/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_vm_page_to_phys.c -- for a program without a page layer.
 */
#include "uvm/uvm_private.h"

paddr_t
uvm_vm_page_to_phys(const struct vm_page *pg)
{
	return ptoa(atop(uvm_physseg_phys_addr(pg)));
}
