/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_host.c -- for a program that runs in userspace.
 */
#include <uvm/uvm.h>

#include <physseg/host.h>

const struct physseg_host *
uvm_physseg_host(size_t *size)
{
	*size = sizeof(struct physseg_host);
	return physseg_host_user();
}
