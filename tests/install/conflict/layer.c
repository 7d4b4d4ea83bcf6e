/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * layer.c -- a library that uses NetBSD's interface and does not say so.
 */

#include <uvm/uvm.h>

uvm_physseg_t LAYER(void);

uvm_physseg_t
LAYER(void)
{
	return uvm_physseg_get_first();
}
