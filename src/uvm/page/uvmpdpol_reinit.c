/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvmpdpol_reinit.c -- for a program without a page daemon.
 */
#include <uvm/uvm.h>

void
uvmpdpol_reinit(void)
{
}
