/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_uvmexp.c -- uvmexp, for a program that has none of its own.
 */
#include <uvm/uvm.h>

struct uvmexp uvmexp;
