/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_pageismanaged.c -- for a program without a page layer.
 */
#include "uvm/uvm_private.h"

bool
uvm_pageismanaged(paddr_t pa)
{
	return uvm_physseg_find(atop(pa), NULL) != UVM_PHYSSEG_TYPE_INVALID;
}
