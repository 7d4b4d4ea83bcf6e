/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * main.c -- something that needs NetBSD's interface.
 */

#include <uvm/uvm.h>

int
main(void)
{
	uvm_physseg_init();
	return uvm_physseg_get_first() != UVM_PHYSSEG_TYPE_INVALID;
}
