/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select_array_random.c -- the uvm_* functions on an unsorted array.
 */
#include "uvm_private.h"

const struct physseg_backend *
uvm_physseg_backend(void)
{
	return physseg_backend_array_random();
}

const char uvm_physseg_backend_name[] = "array-random";
