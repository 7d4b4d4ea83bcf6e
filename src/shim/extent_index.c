/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/extent_index.c -- the free regions of an extent, and what fits where.
 *
 * Each free region is in two trees.  In the tree by address every node also
 * knows the largest region of its subtree, so the first fit takes one descent.
 * In the tree by size the best fit takes one descent (there is no such tree
 * with EX_FASTONLY).  A request with constraints tries the regions that are
 * large enough one after the other, each in O(log n).
 *
 * What a node knows of its subtree is updated from the changed node upwards, as
 * far as anything changes: before a node is balanced into the tree, and before
 * it is removed, when its region has shrunk to nothing.  tree.h keeps it true
 * while it turns nodes.
 */
#include "shim/extent_private.h"

static int
compare_addresses(const struct region *a, const struct region *b)
{
	return (a->start > b->start) - (a->start < b->start);
}

/* tree.h calls it for the nodes that it turns. */
#undef RB_AUGMENT
#define RB_AUGMENT(r) ((void)((r)->largest = physseg_extent_largest_of(r)))

TREE_GENERATE(region_tree, region, by_address, compare_addresses)

static u_long
largest_below(const struct region *r)
{
	return r == NULL ? 0 : r->largest;
}

u_long
physseg_extent_largest_of(const struct region *r)
{
	u_long most = r->end - r->start;
	u_long left = largest_below(RB_LEFT(r, by_address));
	u_long right = largest_below(RB_RIGHT(r, by_address));

	most = left > most ? left : most;
	return right > most ? right : most;
}

/* The region's bounds changed. */
static void
augment_path(struct region *r)
{
	u_long largest;

	for (; r != NULL; r = RB_PARENT(r, by_address)) {
		largest = physseg_extent_largest_of(r);
		if (largest == r->largest)
			break;
		r->largest = largest;
	}
}

/* Add a region to the tree between two neighbours; NULL: none.  One of them has
 * no child on that side. */
static void
hang(struct extent *ex, struct region *r, struct region *before,
    struct region *after)
{
	bool left = after != NULL && RB_LEFT(after, by_address) == NULL;
	struct region *parent = left ? after : before, *above;

	RB_SET(r, parent, by_address);
	if (parent == NULL)
		RB_ROOT(&ex->by_address) = r;
	else if (left)
		RB_LEFT(parent, by_address) = r;
	else
		RB_RIGHT(parent, by_address) = r;
	for (above = parent; above != NULL && above->largest < r->largest;
	     above = RB_PARENT(above, by_address))
		above->largest = r->largest;
	region_tree_RB_INSERT_COLOR(&ex->by_address, r);
}

/* No two regions are equal, as they start at different addresses. */
static int
compare_sizes(void *context, const void *node1, const void *node2)
{
	const struct region *a = node1, *b = node2;
	u_long spana = a->end - a->start, spanb = b->end - b->start;

	(void)context;
	if (spana != spanb)
		return spana < spanb ? -1 : 1;
	return compare_addresses(a, b);
}

/* A key comes before all regions of its size.  So the first region that is not
 * before the key is the lowest of them. */
static int
compare_span(void *context, const void *node, const void *key)
{
	const struct region *r = node;

	(void)context;
	return r->end - r->start < *(const u_long *)key ? -1 : 1;
}

static const rb_tree_ops_t by_size_ops = {
	.rbto_compare_nodes = compare_sizes,
	.rbto_compare_key = compare_span,
	.rbto_node_offset = offsetof(struct region, by_size),
};

void
physseg_extent_index_init(struct extent *ex)
{
	RB_INIT(&ex->by_address);
	rb_tree_init(&ex->by_size, &by_size_ops);
	ex->nfree = 0;
}

static void
by_size_insert(struct extent *ex, struct region *r)
{
	if (!ex->fastonly)
		(void)rb_tree_insert_node(&ex->by_size, r);
}

static void
by_size_remove(struct extent *ex, struct region *r)
{
	if (!ex->fastonly)
		rb_tree_remove_node(&ex->by_size, r);
}

void
physseg_extent_insert(struct extent *ex, struct region *r,
    struct region *before, struct region *after)
{
	r->largest = r->end - r->start;
	hang(ex, r, before, after);
	by_size_insert(ex, r);
	ex->nfree++;
}

void
physseg_extent_remove(struct extent *ex, struct region *r)
{
	by_size_remove(ex, r);
	r->end = r->start;
	augment_path(r);
	RB_REMOVE(region_tree, &ex->by_address, r);
	ex->nfree--;
}

void
physseg_extent_resize(
    struct extent *ex, struct region *r, u_long start, u_long end)
{
	by_size_remove(ex, r);
	r->start = start;
	r->end = end;
	augment_path(r);
	by_size_insert(ex, r);
}

struct region *
physseg_extent_from(
    const struct extent *ex, u_long addr, struct region **before)
{
	struct region *r = RB_ROOT(&ex->by_address), *found = NULL;

	*before = NULL;
	while (r != NULL)
		if (r->end >= addr) {
			found = r;
			r = RB_LEFT(r, by_address);
		} else {
			*before = r;
			r = RB_RIGHT(r, by_address);
		}
	return found;
}

struct region *
physseg_extent_next(struct extent *ex, struct region *r)
{
	return r == NULL ? region_tree_RB_MINMAX(&ex->by_address, RB_NEGINF)
			 : region_tree_RB_NEXT(r);
}

/* ---- fitting ---- */

/* Move `*addr' up to the next aligned one; false: the request would end above
 * `limit'. */
static bool
align(const struct extent_request *rq, u_long limit, u_long *addr)
{
	u_long up = (rq->skew - *addr) & (rq->alignment - 1);

	if (up > limit - *addr)
		return false;
	*addr += up;
	return rq->span <= limit - *addr;
}

/* How many addresses follow `addr' before the next boundary.  EX_NOBOUNDARY
 * needs no special case: its mask is that of a boundary at the end of all
 * addresses. */
static u_long
room(const struct extent_request *rq, u_long addr)
{
	u_long mask = rq->boundary - 1;

	return mask - ((addr - rq->base) & mask);
}

/*
 * Find the lowest place for the request in a free region.  If the first aligned
 * address would let it cross a boundary, only the first aligned address behind
 * that boundary is tried.  Alignment and boundary are powers of two, so every
 * later one lies as far behind its boundary and fits no better.
 */
static bool
fit(const struct extent_request *rq, const struct region *r, u_long *addr)
{
	u_long limit = r->end < rq->end ? r->end : rq->end;
	u_long left;

	*addr = r->start > rq->start ? r->start : rq->start;
	if (*addr > limit || !align(rq, limit, addr))
		return false;
	left = room(rq, *addr);
	if (rq->span <= left)
		return true;
	*addr += left + 1; /* below limit, since span is more than left */
	return align(rq, limit, addr) && rq->span <= room(rq, *addr);
}

static bool
has(const struct region *r, u_long span)
{
	return r != NULL && r->largest >= span;
}

/* The lowest region of a subtree that is large enough; there is one. */
static struct region *
first_of(struct region *r, u_long span)
{
	for (;;) {
		if (has(RB_LEFT(r, by_address), span))
			r = RB_LEFT(r, by_address);
		else if (r->end - r->start >= span)
			return r;
		else
			r = RB_RIGHT(r, by_address);
	}
}

bool
extent_find(const struct extent *ex, u_long size, u_long *result)
{
	struct region *root = RB_ROOT(&ex->by_address);

	if (!has(root, size - 1))
		return false;
	*result = first_of(root, size - 1)->start;
	return true;
}

/* The next higher region that is large enough, NULL: none. */
static struct region *
next_large(struct region *r, u_long span)
{
	struct region *child = NULL;

	for (; r != NULL; child = r, r = RB_PARENT(r, by_address)) {
		if (child != NULL && child == RB_RIGHT(r, by_address))
			continue;
		if (child != NULL && r->end - r->start >= span)
			return r;
		if (has(RB_RIGHT(r, by_address), span))
			return first_of(RB_RIGHT(r, by_address), span);
	}
	return NULL;
}

struct region *
physseg_extent_first_fit(
    struct extent *ex, const struct extent_request *rq, u_long *addr)
{
	struct region *before;
	struct region *r = physseg_extent_from(ex, rq->start, &before);

	for (; r != NULL && r->start <= rq->end; r = next_large(r, rq->span))
		if (fit(rq, r, addr))
			return r;
	return NULL;
}

struct region *
physseg_extent_best_fit(
    struct extent *ex, const struct extent_request *rq, u_long *addr)
{
	struct region *r = rb_tree_find_node_geq(&ex->by_size, &rq->span);

	for (; r != NULL; r = RB_TREE_NEXT(&ex->by_size, r))
		if (fit(rq, r, addr))
			return r;
	return NULL;
}
