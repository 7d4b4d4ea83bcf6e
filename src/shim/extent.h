/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/extent.h -- extent(9): which parts of a space of numbers are allocated.
 *
 * An extent manages the addresses [start, end], both ends included, up to all
 * of [0, ULONG_MAX].  A fresh one is wholly free.
 *
 * ERRORS are those of errno; 0 is success.  After an error nothing has changed.
 *	EINVAL	an argument is wrong
 *	EAGAIN	there is no such free region now
 *	ENOMEM	no memory for a region's descriptor
 *
 * MEMORY.  Descriptors come from the storage that was given at creation.  If
 * there is none, or all of it is used, they come from the host, and are given
 * back as soon as they are not needed.  An extent with storage (a fixed extent)
 * asks the host only in calls that pass EX_MALLOCOK.
 *
 * TIME: O(log n) for n free regions, unless a comment says otherwise.  An
 * allocation with constraints (alignment, boundary, subregion) adds O(log n)
 * for each region that is large enough but does not fit.
 *
 * No call waits.  EX_WAITOK, EX_CATCH and EX_WAITSPACE are accepted and change
 * nothing: where extent(9) would sleep, the call fails with ENOMEM or EAGAIN.
 */
#ifndef SHIM_EXTENT_H
#define SHIM_EXTENT_H

#include <stdbool.h>
#include <stddef.h>

#if __STDC_HOSTED__ && defined(__has_include)
#if __has_include(<errno.h>)
#include <errno.h>
#endif
#endif
#ifndef ENOMEM
#define EAGAIN 11
#define ENOMEM 12
#define EINVAL 22
#endif

#include <physseg/host.h>

#define extent_create_host	physseg_extent_create_host
#define extent_destroy		physseg_extent_destroy
#define extent_alloc		physseg_extent_alloc
#define extent_alloc1		physseg_extent_alloc1
#define extent_alloc_subregion	physseg_extent_alloc_subregion
#define extent_alloc_subregion1 physseg_extent_alloc_subregion1
#define extent_alloc_region	physseg_extent_alloc_region
#define extent_free		physseg_extent_free
#define extent_print		physseg_extent_print
#define extent_spare		physseg_extent_spare
#define extent_find		physseg_extent_find
#define extent_next_free	physseg_extent_next_free
#define extent_largest		physseg_extent_largest
#define extent_free_total	physseg_extent_free_total
#define extent_allocated	physseg_extent_allocated
#define extent_is_free		physseg_extent_is_free
#define extent_check		physseg_extent_check

typedef unsigned long u_long;

struct extent; /* opaque */

/* Flags. */
#define EX_NOWAIT     0x00 /* do not wait for memory */
#define EX_WAITOK     0x01 /* as EX_NOWAIT, see above */
#define EX_FAST	      0x02 /* take the first fit, not the best one */
#define EX_CATCH      0x04 /* ignored */
#define EX_NOCOALESCE 0x08 /* at creation: extent_free never fails */
#define EX_MALLOCOK   0x10 /* a fixed extent may ask the host */
#define EX_WAITSPACE  0x20 /* ignored */
#define EX_FASTONLY   0x80 /* ours, at creation: every allocation is EX_FAST */
#define EX_BOUNDZERO  0x40 /* boundaries count from 0, not from the start */

#define EX_NOALIGN    1 /* alignment: any address will do */
#define EX_NOBOUNDARY 0 /* boundary: there are none */

/*
 * Bytes of storage, of any alignment, for a fixed extent in which up to `n'
 * regions are allocated at a time.  A constant when `n' is.
 */
#define EXTENT_FIXED_STORAGE_SIZE(n) \
	(EXTENT_SIZE_ + ((size_t)(n) + 1) * EXTENT_REGION_SIZE_)
#define EXTENT_REGION_SIZE_ (11 * sizeof(void *))
#define EXTENT_SIZE_	    (24 * sizeof(void *))

/*
 * Make an extent of [start, end].  `name' is kept by reference.  With
 * `storage', of `storagesize' bytes, it is a fixed extent, and the storage must
 * exist until extent_destroy.  With NULL and 0 it is in the host's memory.
 * NULL: no memory, or the storage is too small.  Panics if end < start.
 *
 * extent_create_host is ours.  Its arguments are the host, which must exist as
 * long as the extent, and the host's context.  extent(9)'s own extent_create
 * has userspace as its host: shim/libc/extent_user.h.
 *
 * EX_NOCOALESCE: regions will only be freed as they were allocated.  Then
 * extent_free never needs a new descriptor, because each allocation takes the
 * one that freeing may need.  (Free regions that touch are always joined, and
 * allocated regions have no descriptors.)
 *
 * EX_FASTONLY is ours: every allocation is done as with EX_FAST.  Descriptors
 * are smaller, and calls are faster.
 */
struct extent *extent_create_host(const struct physseg_host *host, void *ctx,
    const char *name, u_long start, u_long end, void *storage,
    size_t storagesize, int flags);

/* Give all memory back to the host.  O(n log n). */
void extent_destroy(struct extent *ex);

/*
 * Allocate `size' addresses and write the first of them to `*result'.
 *
 * alignment	the result is a multiple of it, a power of two (EX_NOALIGN)
 * skew		... and of `skew' more, less than the alignment (0)
 * boundary	the region crosses no multiple of it, a power of two, counted
 *		from the start of the extent, or from 0 with EX_BOUNDZERO
 *		(EX_NOBOUNDARY)
 * substart, subend	the region lies within [substart, subend]
 *
 * It is taken from the smallest free region in which it fits, and from the
 * lowest one of equal size; with EX_FAST from the lowest region in which it
 * fits.  Within the region it takes the lowest addresses.  So a fresh extent
 * hands out consecutive addresses from its start. EINVAL, EAGAIN, ENOMEM.
 */
int extent_alloc(struct extent *ex, u_long size, u_long alignment,
    u_long boundary, int flags, u_long *result);
int extent_alloc1(struct extent *ex, u_long size, u_long alignment, u_long skew,
    u_long boundary, int flags, u_long *result);
int extent_alloc_subregion(struct extent *ex, u_long substart, u_long subend,
    u_long size, u_long alignment, u_long boundary, int flags, u_long *result);
int extent_alloc_subregion1(struct extent *ex, u_long substart, u_long subend,
    u_long size, u_long alignment, u_long skew, u_long boundary, int flags,
    u_long *result);

/* Allocate [start, start + size).  EINVAL: outside the extent; EAGAIN: not
 * wholly free; ENOMEM. */
int extent_alloc_region(
    struct extent *ex, u_long start, u_long size, int flags);

/*
 * Free [start, start + size), any part of what is allocated.  Panics if some of
 * it is not allocated.  ENOMEM: it touches no free region, and there is no
 * descriptor for a new one.  One is always there while the extent is completely
 * allocated.
 */
int extent_free(struct extent *ex, u_long start, u_long size, int flags);

/* Log the extent and its allocated regions, one a line.  O(n). */
void extent_print(struct extent *ex);

/* ---- ours, not extent(9)'s ---- */

/* How many descriptors there are beyond those that are needed.  While there is
 * one, the next call of extent_alloc* or extent_free needs no memory; without
 * EX_NOCOALESCE each takes one at most, so the next so many need none.  O(1).
 */
size_t extent_spare(const struct extent *ex);

/* Where is the lowest free region of `size' addresses or more: what would
 * extent_alloc with EX_FAST allocate, wherever it may?  False: nowhere. */
bool extent_find(const struct extent *ex, u_long size, u_long *result);

/* The lowest free region that ends at `addr' or above: [*start, *end], both
 * included.  False: there is none.  O(log n). */
bool extent_next_free(
    const struct extent *ex, u_long addr, u_long *start, u_long *end);

/* The size of the largest free region, 0: none (ULONG_MAX: or one more).
 * O(1). */
u_long extent_largest(const struct extent *ex);

/* How many addresses are free (ULONG_MAX: or one more).  O(1). */
u_long extent_free_total(const struct extent *ex);

/* Is every address of [start, start + size) in the extent and allocated?
 * False for a size of 0. */
bool extent_allocated(const struct extent *ex, u_long start, u_long size);

/* Is every one in the extent and free: would extent_alloc_region, with memory,
 * allocate them?  False for a size of 0. */
bool extent_is_free(const struct extent *ex, u_long start, u_long size);

/* NULL, or which invariant is broken.  For tests.  O(n). */
const char *extent_check(const struct extent *ex);

#endif /* SHIM_EXTENT_H */
