/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/extent_private.h -- what the files of extent(9) share.
 *
 *	extent.c	allocating and freeing; descriptors and their memory
 *	extent_index.c	the free regions, in order, and what fits into them
 *	extent_print.c	for people and for tests
 */
#ifndef SHIM_EXTENT_PRIVATE_H
#define SHIM_EXTENT_PRIVATE_H

#include "shim/extent.h"
#include "shim/rbtree.h"
#include "shim/tree.h"

#define ADDRESS_MAX ((u_long)-1)

/* A descriptor: a free region, [start, end]; or a spare one, whose right child
 * is the next of a list.  The fields that a search reads are together, mostly
 * in one cache line. */
struct region {
	u_long start;
	u_long end;
	RB_ENTRY(region) by_address;
	u_long largest; /* the greatest end - start of its subtree by_address */
	rb_node_t by_size; /* missing with EX_FASTONLY */
};

RB_HEAD(region_tree, region);

struct extent {
	const struct physseg_host *host;
	void *ctx;
	const char *name;
	u_long start;
	u_long end;
	struct region_tree by_address;
	rb_tree_t by_size;
	u_long free_total; /* addresses; all of them are 0, as they wrap */
	size_t nfree;	   /* regions in the trees */
	size_t ndescr;	   /* descriptors, free regions and spare */
	size_t nwhole;	   /* EX_NOCOALESCE: allocated regions, and one */
	size_t nstorage;   /* descriptors in the storage, behind the extent */
	size_t descr_size; /* bytes of one from the host */
	struct region *spare[2]; /* [0] of the storage, [1] of the host */
	bool nocoalesce;
	bool fastonly; /* by_size is empty */
};

/* What an allocation asks for. */
struct extent_request {
	u_long start, end; /* within these bounds, both included */
	u_long span;	   /* the size, less one */
	u_long alignment, skew;
	u_long boundary, base; /* boundaries are counted from base */
};

/* ---- extent_index.c ---- */

void physseg_extent_index_init(struct extent *ex);

/* Add a region whose bounds are set, between its neighbours (NULL: none), take
 * one out, give one new bounds that lie between the same neighbours.
 * O(log n). */
void physseg_extent_insert(struct extent *ex, struct region *r,
    struct region *before, struct region *after);
void physseg_extent_remove(struct extent *ex, struct region *r);
void physseg_extent_resize(
    struct extent *ex, struct region *r, u_long start, u_long end);

/* The lowest region that ends at `addr' or above, and in *before the one before
 * it; the one after a region, of NULL the first.  NULL: none.  O(log n). */
struct region *physseg_extent_from(
    const struct extent *ex, u_long addr, struct region **before);
struct region *physseg_extent_next(struct extent *ex, struct region *r);

/* The region that the request is met from, and the address; NULL: none. */
struct region *physseg_extent_first_fit(
    struct extent *ex, const struct extent_request *rq, u_long *addr);
struct region *physseg_extent_best_fit(
    struct extent *ex, const struct extent_request *rq, u_long *addr);

/* What `largest' must be, from the region and its children. */
u_long physseg_extent_largest_of(const struct region *r);

/* ---- extent.c ---- */

/* How many descriptors there must be, with so many free regions. */
size_t physseg_extent_needed(size_t nfree, size_t nwhole);

/* ---- extent_print.c ---- */

/* Panic about [start, end] of the extent, if the host has no panic stop. */
_Noreturn void physseg_extent_panic(
    const struct extent *ex, const char *what, u_long start, u_long end);

#endif /* SHIM_EXTENT_PRIVATE_H */
