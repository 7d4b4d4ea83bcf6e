/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/extent.c -- extent(9).  It keeps what is FREE.
 *
 * A descriptor stands for a free region.  What no descriptor covers is
 * allocated.  So allocated regions take no memory, and an allocation from the
 * front of a free region, as nearly all are, moves one bound.
 *
 * Invariants (extent_check): free regions neither overlap nor touch.  Both
 * trees hold the same regions.  There are as many descriptors as are needed,
 * and none of the host's beyond that.
 *
 * A change first makes sure of the descriptor that it may need (`provide'), the
 * only step that can fail.  Then it changes the trees.  Then it gives back
 * descriptors that are not needed any more (`trim').
 */
#include <stdint.h>

#include "shim/extent_private.h"

_Static_assert(EXTENT_REGION_SIZE_ >= sizeof(struct region), "a region");
_Static_assert(EXTENT_SIZE_ >= sizeof(struct extent) + _Alignof(struct extent),
    "an extent, and what aligns it");
_Static_assert(_Alignof(struct extent) == _Alignof(struct region),
    "in storage the regions follow the extent");

/* ---- descriptors ---- */

static bool
is_from_host(const struct extent *ex, const struct region *r)
{
	uintptr_t offset = (uintptr_t)r - (uintptr_t)(ex + 1);

	return offset >= ex->nstorage * sizeof(*r);
}

static void
spare_put(struct extent *ex, struct region *r)
{
	struct region **list = &ex->spare[is_from_host(ex, r)];

	RB_RIGHT(r, by_address) = *list;
	*list = r;
}

static struct region *
spare_get(struct extent *ex, bool from_host)
{
	struct region *r = ex->spare[from_host];

	ex->spare[from_host] = RB_RIGHT(r, by_address);
	return r;
}

size_t
physseg_extent_needed(size_t nfree, size_t nwhole)
{
	return nfree > nwhole ? nfree : nwhole;
}

/* Get descriptors until there are `needed'. */
static int
grow(struct extent *ex, size_t needed, int flags)
{
	struct region *r;

	for (; ex->ndescr < needed; ex->ndescr++) {
		if (ex->nstorage > 0 && (flags & EX_MALLOCOK) == 0)
			return ENOMEM;
		r = ex->host->alloc(ex->ctx, ex->descr_size);
		if (r == NULL)
			return ENOMEM;
		spare_put(ex, r);
	}
	return 0;
}

/* Give back to the host the descriptors that are not needed.  The last one
 * stays, so that an extent which is completely allocated can be freed as a
 * whole. */
static void
trim(struct extent *ex)
{
	size_t needed = physseg_extent_needed(ex->nfree, ex->nwhole);

	for (; ex->spare[true] != NULL && ex->ndescr > needed && ex->ndescr > 1;
	     ex->ndescr--)
		ex->host->free(ex->ctx, spare_get(ex, true), ex->descr_size);
}

/* Make sure of the descriptors for a change, which needs one more at most. */
static int
provide(struct extent *ex, size_t nfree, size_t nwhole, int flags)
{
	int error = grow(ex, physseg_extent_needed(nfree, nwhole), flags);

	if (error == 0)
		ex->nwhole = nwhole;
	return error;
}

/* ---- changing ---- */

/* Add a free region between its neighbours.  Descriptors of the storage are
 * used first, so that those of the host can be given back. */
static void
enter(struct extent *ex, u_long start, u_long end, struct region *before,
    struct region *after)
{
	struct region *r = spare_get(ex, ex->spare[false] == NULL);

	r->start = start;
	r->end = end;
	physseg_extent_insert(ex, r, before, after);
}

static void
leave(struct extent *ex, struct region *r)
{
	physseg_extent_remove(ex, r);
	spare_put(ex, r);
}

/* Allocate [start, end] out of the free region `r'. */
static int
take(struct extent *ex, struct region *r, u_long start, u_long end, int flags)
{
	bool front = r->start < start, back = end < r->end;
	u_long tail = r->end;
	int error = provide(ex, ex->nfree - 1 + front + back,
	    ex->nwhole + ex->nocoalesce, flags);

	if (error != 0)
		return error;
	if (front)
		physseg_extent_resize(ex, r, r->start, start - 1);
	else if (back)
		physseg_extent_resize(ex, r, end + 1, tail);
	else
		leave(ex, r);
	if (front && back)
		enter(ex, end + 1, tail, r, physseg_extent_next(ex, r));
	ex->free_total -= end - start + 1;
	trim(ex);
	return 0;
}

/* Free [start, end].  `before' and `after' are the free regions around it. */
static int
give(struct extent *ex, struct region *before, u_long start, u_long end,
    struct region *after, int flags)
{
	bool front = before != NULL && before->end == start - 1;
	bool back = after != NULL && after->start == end + 1;
	u_long size = end - start + 1;
	int error = provide(ex, ex->nfree + 1 - front - back,
	    ex->nwhole - (ex->nwhole > 1), flags);

	if (error != 0)
		return error;
	if (front && back) {
		end = after->end;
		leave(ex, after);
	}
	if (front)
		physseg_extent_resize(ex, before, before->start, end);
	else if (back)
		physseg_extent_resize(ex, after, start, after->end);
	else
		enter(ex, start, end, before, after);
	ex->free_total += size;
	trim(ex);
	return 0;
}

/* ---- making and unmaking ---- */

struct extent *
extent_create_host(const struct physseg_host *host, void *ctx, const char *name,
    u_long start, u_long end, void *storage, size_t storagesize, int flags)
{
	const struct extent made = {
		.host = host,
		.ctx = ctx,
		.name = name,
		.start = start,
		.end = end,
		.free_total = end - start + 1,
		.nocoalesce = (flags & EX_NOCOALESCE) != 0,
		.fastonly = (flags & EX_FASTONLY) != 0,
		.descr_size = (flags & EX_FASTONLY) != 0
		    ? offsetof(struct region, by_size)
		    : sizeof(struct region),
		.nwhole = (flags & EX_NOCOALESCE) != 0,
	};
	size_t skip = -(uintptr_t)storage & (_Alignof(struct extent) - 1);
	size_t least = skip + sizeof(made) + sizeof(struct region);
	struct extent *ex;

	if (end < start)
		physseg_extent_panic(
		    &made, "extent_create: end < start", start, end);
	if (storage == NULL)
		ex = host->alloc(ctx, sizeof(*ex));
	else
		ex = storagesize < least ? NULL
					 : (void *)((char *)storage + skip);
	if (ex == NULL)
		return NULL;
	*ex = made;
	physseg_extent_index_init(ex);
	if (storage != NULL)
		ex->nstorage =
		    1 + (storagesize - least) / sizeof(struct region);
	for (; ex->ndescr < ex->nstorage; ex->ndescr++)
		spare_put(ex, (struct region *)(void *)(ex + 1) + ex->ndescr);
	if (grow(ex, 1, flags) != 0) {
		host->free(ctx, ex, sizeof(*ex));
		return NULL;
	}
	enter(ex, start, end, NULL, NULL);
	return ex;
}

void
extent_destroy(struct extent *ex)
{
	struct region *r;

	while ((r = physseg_extent_next(ex, NULL)) != NULL)
		leave(ex, r);
	while (ex->spare[true] != NULL)
		ex->host->free(ex->ctx, spare_get(ex, true), ex->descr_size);
	if (ex->nstorage == 0)
		ex->host->free(ex->ctx, ex, sizeof(*ex));
}

/* ---- allocating ---- */

static bool
is_power_of_two_or_zero(u_long n)
{
	return (n & (n - 1)) == 0;
}

static bool
is_valid(const struct extent *ex, const struct extent_request *rq, u_long size)
{
	return size != 0 && rq->start <= rq->end && rq->start >= ex->start &&
	    rq->end <= ex->end && is_power_of_two_or_zero(rq->alignment) &&
	    rq->skew < rq->alignment && is_power_of_two_or_zero(rq->boundary) &&
	    (rq->boundary == EX_NOBOUNDARY ||
		(size <= rq->boundary && rq->skew <= rq->boundary - size));
}

int
extent_alloc_subregion1(struct extent *ex, u_long substart, u_long subend,
    u_long size, u_long alignment, u_long skew, u_long boundary, int flags,
    u_long *result)
{
	const struct extent_request rq = {
		.start = substart,
		.end = subend,
		.span = size - 1,
		.alignment = alignment,
		.skew = skew,
		.boundary = boundary,
		.base = (flags & EX_BOUNDZERO) != 0 ? 0 : ex->start,
	};
	struct region *r;
	u_long addr;
	int error;

	if (!is_valid(ex, &rq, size))
		return EINVAL;
	if (ex->fastonly || (flags & EX_FAST) != 0)
		r = physseg_extent_first_fit(ex, &rq, &addr);
	else
		r = physseg_extent_best_fit(ex, &rq, &addr);
	if (r == NULL)
		return EAGAIN;
	error = take(ex, r, addr, addr + rq.span, flags);
	if (error == 0)
		*result = addr;
	return error;
}

int
extent_alloc_subregion(struct extent *ex, u_long substart, u_long subend,
    u_long size, u_long alignment, u_long boundary, int flags, u_long *result)
{
	return extent_alloc_subregion1(
	    ex, substart, subend, size, alignment, 0, boundary, flags, result);
}

int
extent_alloc1(struct extent *ex, u_long size, u_long alignment, u_long skew,
    u_long boundary, int flags, u_long *result)
{
	return extent_alloc_subregion1(ex, ex->start, ex->end, size, alignment,
	    skew, boundary, flags, result);
}

int
extent_alloc(struct extent *ex, u_long size, u_long alignment, u_long boundary,
    int flags, u_long *result)
{
	return extent_alloc1(ex, size, alignment, 0, boundary, flags, result);
}

/* Does the extent contain [start, start + size)? */
static bool
is_inside(const struct extent *ex, u_long start, u_long size)
{
	return size != 0 && start >= ex->start && start <= ex->end &&
	    size - 1 <= ex->end - start;
}

/* The free region that contains [start, start + size), which is inside the
 * extent; NULL: none. */
static struct region *
region_around(const struct extent *ex, u_long start, u_long size)
{
	struct region *before, *r = physseg_extent_from(ex, start, &before);

	if (r == NULL || r->start > start || r->end - start < size - 1)
		return NULL;
	return r;
}

int
extent_alloc_region(struct extent *ex, u_long start, u_long size, int flags)
{
	struct region *r;

	if (!is_inside(ex, start, size))
		return EINVAL;
	r = region_around(ex, start, size);
	if (r == NULL)
		return EAGAIN;
	return take(ex, r, start, start + (size - 1), flags);
}

bool
extent_is_free(const struct extent *ex, u_long start, u_long size)
{
	return is_inside(ex, start, size) &&
	    region_around(ex, start, size) != NULL;
}

/* ---- freeing ---- */

/* Is [start, start + size), inside the extent, allocated, if `after' is the
 * lowest free region that ends at start or above? */
static bool
is_allocated(const struct region *after, u_long start, u_long size)
{
	return after == NULL ||
	    (after->start > start && after->start - start >= size);
}

bool
extent_allocated(const struct extent *ex, u_long start, u_long size)
{
	struct region *before;

	return is_inside(ex, start, size) &&
	    is_allocated(physseg_extent_from(ex, start, &before), start, size);
}

int
extent_free(struct extent *ex, u_long start, u_long size, int flags)
{
	u_long end = start + (size - 1);
	struct region *before, *after = physseg_extent_from(ex, start, &before);

	if (!is_inside(ex, start, size) || !is_allocated(after, start, size))
		physseg_extent_panic(
		    ex, "extent_free: not allocated", start, end);
	return give(ex, before, start, end, after, flags);
}

/* ---- ours, not extent(9)'s ---- */

size_t
extent_spare(const struct extent *ex)
{
	return ex->ndescr - physseg_extent_needed(ex->nfree, ex->nwhole);
}

bool
extent_next_free(
    const struct extent *ex, u_long addr, u_long *start, u_long *end)
{
	struct region *before, *r = physseg_extent_from(ex, addr, &before);

	if (r == NULL)
		return false;
	*start = r->start;
	*end = r->end;
	return true;
}

u_long
extent_largest(const struct extent *ex)
{
	const struct region *root = RB_ROOT(&ex->by_address);

	if (root == NULL)
		return 0;
	return root->largest == ADDRESS_MAX ? ADDRESS_MAX : root->largest + 1;
}

u_long
extent_free_total(const struct extent *ex)
{
	return ex->free_total == 0 && ex->nfree > 0 ? ADDRESS_MAX
						    : ex->free_total;
}
