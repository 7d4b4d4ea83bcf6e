/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select_array_contig.c -- the uvm_* functions on one segment.
 */
#include "uvm_private.h"

const struct physseg_backend *const uvm_physseg_backend = &physseg_array_contig;
const char uvm_physseg_backend_name[] = "array-contig";
