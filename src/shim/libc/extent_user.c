/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/extent_user.c -- see extent_user.h.
 */
#include "shim/libc/extent_user.h"

struct extent *
extent_create(const char *name, u_long start, u_long end, void *storage,
    size_t storagesize, int flags)
{
	return extent_create_host(physseg_host_user(), NULL, name, start, end,
	    storage, storagesize, flags);
}
