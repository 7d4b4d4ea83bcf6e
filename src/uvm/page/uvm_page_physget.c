/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_page_physget.c -- for a program without a page layer.
 */
#include "uvm/uvm_private.h"

bool
uvm_page_physget(paddr_t *pa)
{
	physseg_pfn_t pfn = PHYSSEG_NOFRAME;
	int error = physseg_steal(uvm_physseg_map_now(), &pfn);

	return uvm_physseg_taken(error, pfn, pa, __func__);
}
