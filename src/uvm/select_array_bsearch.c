/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select_array_bsearch.c -- the uvm_* functions on a sorted array.
 */
#include "uvm_private.h"

const struct physseg_backend *
uvm_physseg_backend(void)
{
	return physseg_backend_array_bsearch();
}

const char uvm_physseg_backend_name[] = "array-bsearch";
