/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_globals.c -- uvm and uvmexp, for a program that has none of its own.
 */
#include <uvm/uvm.h>

struct uvm uvm;
struct uvmexp uvmexp;
