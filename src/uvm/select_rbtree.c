/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select_rbtree.c -- the uvm_* functions on the red-black tree.
 */
#include "uvm_private.h"

const struct physseg_backend *
uvm_physseg_backend(void)
{
	return physseg_backend_rbtree();
}

const char uvm_physseg_backend_name[] = "rbtree";
