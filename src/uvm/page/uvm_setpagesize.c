/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_setpagesize.c -- the page's size, for a program without a page layer.
 */
#include "uvm/uvm_private.h"

void
uvm_setpagesize(void)
{
	const int size = uvmexp.pagesize != 0 ? uvmexp.pagesize : PAGE_SIZE;
	int shift = 0;

	if (size < 1 || (size & (size - 1)) != 0)
		uvm_physseg_panic(__func__, "not a power of two");
	while (size >> shift != 1)
		shift++;
	uvmexp.pagesize = size;
	uvmexp.pagemask = size - 1;
	uvmexp.pageshift = shift;
}
