/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/vmemmap_user.h -- the hooks of a process with mmap.
 */
#ifndef PHYSSEG_SHIM_VMEMMAP_USER_H
#define PHYSSEG_SHIM_VMEMMAP_USER_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __unix__
bool physseg_vmemmap_user_commit(void *ctx, void *p, size_t size);
void physseg_vmemmap_user_decommit(void *ctx, void *p, size_t size);
#define PHYSSEG_USER_COMMIT   physseg_vmemmap_user_commit
#define PHYSSEG_USER_DECOMMIT physseg_vmemmap_user_decommit
#else
#define PHYSSEG_USER_COMMIT   NULL
#define PHYSSEG_USER_DECOMMIT NULL
#endif

#endif /* PHYSSEG_SHIM_VMEMMAP_USER_H */
