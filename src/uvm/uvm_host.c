/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_host.c -- for a program that runs in userspace.
 */
#include <uvm/uvm.h>

#include <physseg/host.h>

const struct physseg_host *const uvm_physseg_host = &physseg_host_user;
