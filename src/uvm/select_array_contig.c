/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select_array_contig.c -- the uvm_* functions on one segment.
 */
#include "uvm_private.h"

const struct physseg_backend *
uvm_physseg_backend(void)
{
	return physseg_backend_array_contig();
}

const char uvm_physseg_backend_name[] = "array-contig";
