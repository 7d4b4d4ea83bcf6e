/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_pagefree.c -- for a program without a page layer: it keeps no pages.
 */
#include <uvm/uvm.h>

void
uvm_pagefree(struct vm_page *pg)
{
	(void)pg;
}
