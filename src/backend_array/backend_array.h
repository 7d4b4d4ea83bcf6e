/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_array.h -- what the four strategies of the static array share.
 *
 * An array keeps its segments in the strategy's order, in three columns:
 *
 *	start	the start of each segment, which searches read
 *	block	every ARRAY_BLOCKth start once more, so that most steps of a
 *		search of many segments read memory that stays in the cache
 *	slot	the end and the node of each segment, which are read only of the
 *		segment that was found, and so lie together
 *
 * The first link of a node has its position.  The second has a number that
 * grows with each insertion, for strategies whose order depends on it.
 *
 * An unused slot holds an empty segment at the highest frame.  So a block
 * always has ARRAY_BLOCK starts, the search within it needs no loop, and an
 * empty array is no special case.
 *
 * A strategy is an order and a search.
 */
#ifndef BACKEND_ARRAY_H
#define BACKEND_ARRAY_H

#include <physseg/backend.h>

#include "base/range.h"
#include "base/select.h"

#define ARRAY_BLOCK 16 /* starts: two cache lines */

struct array_slot {
	physseg_pfn_t end;
	struct physseg_node *node;
};

struct array {
	size_t n;
	size_t capacity;
	uintptr_t serial; /* of the last insertion */
	bool (*before)(
	    const struct physseg_node *, const struct physseg_node *);
	physseg_pfn_t *start;
	physseg_pfn_t *block; /* block[i] is start[i * ARRAY_BLOCK] */
	struct array_slot *slot;
};

/*@ logic integer array_slots(struct array *a) =
	(a->capacity + ARRAY_BLOCK - 1) / ARRAY_BLOCK * ARRAY_BLOCK;

    // The columns can be read.
    predicate array_readable{L}(struct array *a) =
	\valid_read(a) && 1 <= a->capacity <= SIZE_MAX / 64 &&
	a->n <= a->capacity &&
	\valid_read(a->start + (0 .. array_slots(a) - 1)) &&
	\valid_read(a->slot + (0 .. array_slots(a) - 1)) &&
	\valid_read(a->block + (0 .. array_slots(a) / ARRAY_BLOCK - 1));

    // They hold segments, and then unused slots.
    predicate array_holds{L}(struct array *a) =
	array_readable(a) &&
	(\forall integer i; 0 <= i < a->n ==>
	    a->start[i] < a->slot[i].end && a->slot[i].node != \null) &&
	(\forall integer i; a->n <= i < array_slots(a) ==>
	    a->start[i] == a->slot[i].end == PHYSSEG_NOFRAME) &&
	(\forall integer i; 0 <= i < array_slots(a) / ARRAY_BLOCK ==>
	    a->block[i] == a->start[i * ARRAY_BLOCK]);

    // They can be written, and share no memory.
    predicate array_room{L}(struct array *a) =
	\valid(a) && 1 <= a->capacity <= SIZE_MAX / 64 &&
	\valid(a->start + (0 .. array_slots(a) - 1)) &&
	\valid(a->slot + (0 .. array_slots(a) - 1)) &&
	\valid(a->block + (0 .. array_slots(a) / ARRAY_BLOCK - 1)) &&
	\separated(a, a->start + (0 .. array_slots(a) - 1),
	    a->slot + (0 .. array_slots(a) - 1),
	    a->block + (0 .. array_slots(a) / ARRAY_BLOCK - 1));

    // They are in order of address, and no two have a frame in common.
    predicate array_ascends{L}(struct array *a) =
	(\forall integer i, j; 0 <= i <= j < array_slots(a) ==>
	    a->start[i] <= a->start[j]) &&
	(\forall integer i, j; 0 <= i < j < a->n ==>
	    a->slot[i].end <= a->start[j]);

    // Segment i has a frame in [lo, hi).
    predicate array_has{L}(struct array *a, integer i, integer lo, integer hi) =
	a->start[i] < hi && lo < a->slot[i].end;

    // The node is that of such a segment; none: there is no such segment.
    predicate array_answer{L}(struct array *a, struct physseg_node *node,
	    integer lo, integer hi) =
	(node == \null ==> \forall integer i; 0 <= i < a->n ==>
	    !array_has(a, i, lo, hi)) &&
	(node != \null ==> \exists integer i; 0 <= i < a->n &&
	    array_has(a, i, lo, hi) && node == a->slot[i].node); */

size_t physseg_array_size(size_t capacity);
void physseg_array_init(struct array *array, size_t capacity,
    bool (*before)(const struct physseg_node *, const struct physseg_node *));
void physseg_array_insert(void *index, struct physseg_node *node);
void physseg_array_remove(void *index, struct physseg_node *node);
void physseg_array_update(void *index, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end, uintptr_t base);
void physseg_array_split(void *index, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end, struct physseg_node *other);
void physseg_array_join(
    void *index, struct physseg_node *node, struct physseg_node *upper);
struct physseg_node *physseg_array_find_linear(
    const void *index, physseg_pfn_t lo, physseg_pfn_t hi);
struct physseg_node *physseg_array_lookup_linear(
    const void *index, physseg_pfn_t pfn);
struct physseg_node *physseg_array_next(
    const void *index, const struct physseg_node *node);
struct physseg_node *physseg_array_prev(
    const void *index, const struct physseg_node *node);
struct physseg_node *physseg_array_at(const void *index, size_t position);
size_t physseg_array_position(
    const void *index, const struct physseg_node *node);
const char *physseg_array_check(const void *index);

/* Does slot `i' contain the frame? */
/*@ requires \valid_read(array) && \valid_read(array->start + i) &&
	\valid_read(array->slot + i);
    requires array->start[i] <= array->slot[i].end;
    assigns \nothing;
    ensures \result <==> array_has(array, i, pfn, pfn + 1); */
static inline bool
array_contains(const struct array *array, size_t i, physseg_pfn_t pfn)
{
	return physseg_range_contains(array->start[i], array->slot[i].end, pfn);
}

/* Insertion order: the number given at insertion. */
static inline bool
physseg_array_before_serial(
    const struct physseg_node *a, const struct physseg_node *b)
{
	return a->link.word[1] < b->link.word[1];
}

/* The functions and constants that all strategies share. */
#define ARRAY_FUNCTIONS                                                 \
	.struct_size = sizeof(struct physseg_backend), .bounded = true, \
	.size = physseg_array_size, .insert = physseg_array_insert,     \
	.remove = physseg_array_remove, .update = physseg_array_update, \
	.split = physseg_array_split, .join = physseg_array_join,       \
	.next = physseg_array_next, .prev = physseg_array_prev,         \
	.at = physseg_array_at, .position = physseg_array_position,     \
	.check = physseg_array_check

#endif /* BACKEND_ARRAY_H */
