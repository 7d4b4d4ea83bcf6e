/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/programs/pfn_uvm.c -- a program on NetBSD's face, for t_pfn.sh: 0 if
 * its frames are the library's.
 */
#include <uvm/uvm.h>

int
main(void)
{
	const paddr_t start = atop((paddr_t)-1) / 2;
	uvm_physseg_t h;

	uvm_physseg_init();
	return !uvm_physseg_plug(start, 256, &h) ||
	    uvm_physseg_find(start + 255, NULL) != h ||
	    uvm_physseg_get_end(h) != start + 256 ||
	    !uvm_pageismanaged(ptoa(start)) || uvm_pageismanaged(ptoa(1));
}
