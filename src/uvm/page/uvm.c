/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm.c -- uvm, for a program that has none of its own.
 */
#include <uvm/uvm.h>

struct uvm uvm;
