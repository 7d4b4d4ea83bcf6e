/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvmexp.c -- uvmexp, for a program that has none of its own.
 */
#include <uvm/uvm.h>

struct uvmexp uvmexp;
