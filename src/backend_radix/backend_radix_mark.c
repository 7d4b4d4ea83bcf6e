/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_mark.c -- where segments start.
 *
 * A quarter knows the first of its starts, and is marked; every slot on the way
 * to it, too.  So a change asks the list for the next start in a quarter only
 * if the first has gone.
 */
#include "backend_radix_tree.h"

/* In a quarter of a block, the node starts, too. */
static void
add_start(const struct radix_change *change, struct radix_block *block)
{
	const size_t i = radix_quarter_of(change->start);
	uintptr_t *first =
	    &physseg_radix_detail(change->radix, block)->first[i];

	if ((block->starts >> i & 1) == 0 ||
	    radix_segment(*first)->start > change->start)
		physseg_atomic_store(first, (uintptr_t)change->node);
	radix_set_bit(&block->starts, i, true);
}

static void
mark(const struct radix_change *change, const struct radix_place *at)
{
	struct radix *radix = change->radix;
	struct radix_place down;

	if (!radix_is_node(radix_slot_at(at)) &&
	    (at->shift == RADIX_BLOCK_BITS ||
		(radix_has_pages(change->node) && radix_is_whole(change, at))))
		add_start(change, physseg_radix_own(radix, at));
	else {
		if (radix_is_vacant(radix, radix_slot_at(at)))
			physseg_radix_node_add(radix, at);
		else if (!radix_is_node(radix_slot_at(at)))
			physseg_radix_expand(radix, at);
		down = radix_below(radix_slot_at(at), at->lo, change->start);
		mark(change, &down);
	}
	radix_settle(at);
}

void
physseg_radix_mark(
    struct radix *radix, struct physseg_node *node, physseg_pfn_t start)
{
	const struct radix_change change = { .radix = radix,
		.node = node,
		.start = start,
		.last = node->end - 1 };
	struct radix_place at;

	physseg_radix_reach(radix, change.last);
	at = radix_below(radix->root, 0, start);
	mark(&change, &at);
}

/* The first start in a quarter, once the change's node does not start there;
 * 0: none. */
static uintptr_t
first_after(const struct radix_change *change)
{
	const struct physseg_node *node = radix_next(change->node);

	if (node == NULL ||
	    node->start >> RADIX_QUARTER_BITS !=
		change->start >> RADIX_QUARTER_BITS)
		return 0;
	return (uintptr_t)node;
}

/* Does the node still start in the quarter of the change's first frame? */
static bool
stays_start(const struct radix_change *change)
{
	return !change->gone &&
	    change->moved >> RADIX_QUARTER_BITS ==
	    change->start >> RADIX_QUARTER_BITS;
}

/* The node did start at the change's first frame, in this block. */
void
physseg_radix_drop_start(
    const struct radix_change *change, struct radix_block *block)
{
	const size_t i = radix_quarter_of(change->start);
	uintptr_t *first, after;

	if ((block->starts >> i & 1) == 0 || stays_start(change))
		return;
	first = &radix_detail(block)->first[i];
	if (*first != (uintptr_t)change->node)
		return;
	after = first_after(change);
	radix_set_bit(&block->starts, i, after != 0);
	if (after != 0)
		physseg_atomic_store(first, after);
}

static void
unmark(const struct radix_change *change, const struct radix_place *at)
{
	struct radix_place down;

	if (radix_is_node(radix_slot_at(at))) {
		down = radix_below(radix_slot_at(at), at->lo, change->start);
		unmark(change, &down);
	} else
		physseg_radix_drop_start(
		    change, radix_block(radix_slot_at(at)));
	physseg_radix_tidy(change->radix, at);
}

/* The node does not start at `start' any more, it was given a lower one. */
void
physseg_radix_unmark(
    struct radix *radix, struct physseg_node *node, physseg_pfn_t start)
{
	const struct radix_change change = { .radix = radix,
		.node = node,
		.start = start,
		.moved = node->start };
	const struct radix_place at = radix_below(radix->root, 0, start);

	unmark(&change, &at);
}
