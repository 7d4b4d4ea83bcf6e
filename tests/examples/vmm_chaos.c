/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/examples/vmm_chaos.c -- the VMM's memory, as it is but for what it
 * takes memory from.
 */
#define _DEFAULT_SOURCE

#include <stdlib.h>
#include <sys/mman.h>

#include <physseg/lifecycle.h>

#include "vmm_chaos.h"

#undef physseg_host_user /* names.h may have another name for it */
#define physseg_host_user chaos_host_user
#define calloc		  chaos_calloc
#define mmap		  chaos_mmap

#undef _DEFAULT_SOURCE
#include "memory.c"
