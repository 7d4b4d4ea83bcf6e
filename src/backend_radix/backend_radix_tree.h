/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_tree.h -- how the tree is changed: places and changes.
 *
 * A change goes down from the root to the slots that its range touches.  A
 * place is a slot on that way: the node it is in, its number there, and the
 * 2^shift frames from `lo' that it stands for.
 *
 * What is replaced is made first, whole, and enters by one store of its slot.
 * Marks of starts are set from a block upwards, and cleared from there; a
 * reader that comes in between finds an older start and walks on from it.
 */
#ifndef BACKEND_RADIX_TREE_H
#define BACKEND_RADIX_TREE_H

#include "backend_radix.h"

struct radix_place {
	struct radix_node *in;
	size_t i;
	unsigned shift;
	physseg_pfn_t lo;
};

/* What is done below a place, to frames [start, last] of a node. */
struct radix_change {
	struct radix *radix;
	struct physseg_node *node;
	physseg_pfn_t start;
	physseg_pfn_t last;
	bool gone;	     /* clear: all of the node goes; else */
	physseg_pfn_t moved; /* it starts here from now on */
	struct radix_block *run;
};

static inline physseg_pfn_t
radix_last_of(const struct radix_place *at)
{
	return at->lo + (((physseg_pfn_t)1 << at->shift) - 1);
}

/* Does the change cover the place? */
static inline bool
radix_is_whole(const struct radix_change *change, const struct radix_place *at)
{
	return change->start <= at->lo && radix_last_of(at) <= change->last;
}

/* The part of a change that is in a place. */
static inline physseg_pfn_t
radix_start_in(const struct radix_change *change, const struct radix_place *at)
{
	return change->start > at->lo ? change->start : at->lo;
}

static inline physseg_pfn_t
radix_last_in(const struct radix_change *change, const struct radix_place *at)
{
	return change->last < radix_last_of(at) ? change->last
						: radix_last_of(at);
}

static inline uintptr_t
radix_slot_at(const struct radix_place *at)
{
	return at->in->slot[at->i];
}

/* Does a segment start below a slot? */
static inline bool
radix_starts_in(uintptr_t slot)
{
	return (radix_is_node(slot) ? radix_node(slot)->starts
				    : radix_block(slot)->starts) != 0;
}

static inline bool
radix_is_vacant(const struct radix *radix, uintptr_t slot)
{
	return slot == (uintptr_t)&radix->empty;
}

/* The place of a frame in the node below a slot of frames from `lo'. */
static inline struct radix_place
radix_below(uintptr_t slot, physseg_pfn_t lo, physseg_pfn_t pfn)
{
	const unsigned shift = radix_shift(slot);
	const size_t i = radix_digit(pfn, shift);

	return (struct radix_place){ radix_node(slot), i, shift,
		lo + ((physseg_pfn_t)i << shift) };
}

/* The places below a slot up to that of a frame; `at' is the first. */
#define RADIX_FOREACH_BELOW(at, last)                     \
	for (; (at).i <= radix_digit((last), (at).shift); \
	     (at).i++, (at).lo += (physseg_pfn_t)1 << (at).shift)

static inline void
radix_set_slot(
    struct radix *radix, const struct radix_place *at, uintptr_t slot)
{
	at->in->used += radix_is_vacant(radix, radix_slot_at(at));
	at->in->used -= radix_is_vacant(radix, slot);
	physseg_atomic_store(&at->in->slot[at->i], slot);
}

static inline void
radix_set_bit(uintptr_t *word, size_t i, bool set)
{
	const uintptr_t bit = (uintptr_t)1 << i;

	if (((*word & bit) != 0) != set)
		physseg_atomic_store(word, *word ^ bit);
}

/* Mark a place, or not, after a change below it. */
static inline void
radix_settle(const struct radix_place *at)
{
	radix_set_bit(
	    &at->in->starts, at->i, radix_starts_in(radix_slot_at(at)));
}

/* backend_radix_tree.c */
void physseg_radix_node_add(struct radix *radix, const struct radix_place *at);
struct radix_block *physseg_radix_own(
    struct radix *radix, const struct radix_place *at);
void physseg_radix_expand(struct radix *radix, const struct radix_place *at);
void physseg_radix_vacate(struct radix *radix, const struct radix_place *at);
void physseg_radix_tidy(struct radix *radix, const struct radix_place *at);
void physseg_radix_reach(struct radix *radix, physseg_pfn_t pfn);
void physseg_radix_lower(struct radix *radix);

/* backend_radix_mark.c */
void physseg_radix_drop_start(
    const struct radix_change *change, struct radix_block *block);

#endif /* BACKEND_RADIX_TREE_H */
