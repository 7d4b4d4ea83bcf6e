/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select_array_bigfirst.c -- the uvm_* functions on an array by size.
 */
#include "uvm_private.h"

const struct physseg_backend *
uvm_physseg_backend(void)
{
	return physseg_backend_array_bigfirst();
}

const char uvm_physseg_backend_name[] = "array-bigfirst";
