/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/extent_user.c -- extent(9)'s own extent_create, for userspace: the
 * one part of extent(9) that is not freestanding.
 */
#include "shim/extent.h"

struct extent *
extent_create(const char *name, u_long start, u_long end, void *storage,
    size_t storagesize, int flags)
{
	return extent_create_host(physseg_host_user(), NULL, name, start, end,
	    storage, storagesize, flags);
}
