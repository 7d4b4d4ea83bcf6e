/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select_rbtree.c -- the uvm_* functions on the red-black tree.
 */
#include "uvm_private.h"

const struct physseg_backend *const uvm_physseg_backend = &physseg_rbtree;
const char uvm_physseg_backend_name[] = "rbtree";
