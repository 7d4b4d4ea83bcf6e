/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/extent_user.h -- extent(9)'s own extent_create, for userspace: the
 * one part of extent(9) that is not freestanding.
 */
#ifndef SHIM_EXTENT_USER_H
#define SHIM_EXTENT_USER_H

#include "shim/extent.h"

#define extent_create physseg_extent_create

/* As extent_create_host (shim/extent.h), with physseg_host_user as its host. */
struct extent *extent_create(const char *name, u_long start, u_long end,
    void *storage, size_t storagesize, int flags);

#endif /* SHIM_EXTENT_USER_H */
