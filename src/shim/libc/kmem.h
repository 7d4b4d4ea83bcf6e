/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/kmem.h -- kmem(9) over malloc: memory whose size the caller
 * remembers.
 */
#ifndef SHIM_KMEM_H
#define SHIM_KMEM_H

#include <stddef.h>

#define kmem_alloc  physseg_kmem_alloc
#define kmem_zalloc physseg_kmem_zalloc
#define kmem_free   physseg_kmem_free

typedef int km_flag_t;

#define KM_SLEEP   0x01 /* never fails; in userspace: panics instead */
#define KM_NOSLEEP 0x02 /* NULL when there is no memory */

/* `size' bytes, aligned for any object; zeroed by kmem_zalloc.  Panics when
 * `size' is 0 or the flag is not one of the two. */
void *kmem_alloc(size_t size, km_flag_t flags);
void *kmem_zalloc(size_t size, km_flag_t flags);

/* Take back `p', of exactly the `size' it was allocated with.  Panics when `p'
 * is NULL or `size' is 0. */
void kmem_free(void *p, size_t size);

#endif /* SHIM_KMEM_H */
