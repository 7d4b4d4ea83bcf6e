/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physmem.c -- physmem, for a program that has none of its own.
 */
#include <uvm/uvm.h>

psize_t physmem;
