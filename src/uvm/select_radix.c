/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select_radix.c -- the uvm_* functions on a radix tree.
 */
#include "uvm_private.h"

const struct physseg_backend *
uvm_physseg_backend(void)
{
	return physseg_backend_radix();
}

const char uvm_physseg_backend_name[] = "radix";
