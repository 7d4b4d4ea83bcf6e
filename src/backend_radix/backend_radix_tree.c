/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_tree.c -- the tree's nodes, which come and go with the frames
 * below them; and its root, which is as high as these frames need.
 *
 * No node and no block is empty.  Whoever takes something out sees to that on
 * the way back up (physseg_radix_tidy).
 */
#include "backend_radix_tree.h"

/* ---- making ---- */

static uintptr_t
node_make(struct radix *radix, unsigned shift, uintptr_t slot)
{
	struct radix_node *node = physseg_radix_get(radix, &radix->nodes);
	size_t i;

	for (i = 0; i < RADIX_FANOUT; i++)
		node->slot[i] = slot;
	node->starts = 0;
	node->used = radix_is_vacant(radix, slot) ? 0 : RADIX_FANOUT;
	return (uintptr_t)node + 1 + (shift - RADIX_BLOCK_BITS) / RADIX_BITS;
}

/* An empty node at a place that is empty. */
void
physseg_radix_node_add(struct radix *radix, const struct radix_place *at)
{
	radix_set_slot(radix, at,
	    node_make(radix, at->shift - RADIX_BITS, (uintptr_t)&radix->empty));
}

/* A block for this place alone. */
struct radix_block *
physseg_radix_own(struct radix *radix, const struct radix_place *at)
{
	struct radix_block *old = radix_block(radix_slot_at(at)), *block;

	if (old != &radix->empty && old->refs == 0)
		return old;
	block = physseg_radix_copy(radix, old);
	radix_set_slot(radix, at, (uintptr_t)block);
	if (old != &radix->empty)
		physseg_radix_drop(radix, old);
	return block;
}

/* What is covered as a whole becomes a node, with everything as it was; where
 * its segment starts stays in the first slot. */
void
physseg_radix_expand(struct radix *radix, const struct radix_place *at)
{
	struct radix_block *block = radix_block(radix_slot_at(at)),
			   *run = block;
	const bool is_run = block->refs != 0;
	uintptr_t slot;

	if (!is_run)
		run =
		    physseg_radix_run(radix, block->entry[0].base, block->hint);
	slot = node_make(radix, at->shift - RADIX_BITS, (uintptr_t)run);
	run->refs += RADIX_FANOUT - 1;
	if (!is_run) {
		radix_node(slot)->slot[0] = (uintptr_t)block;
		radix_node(slot)->starts = radix_starts_in((uintptr_t)block);
	}
	radix_set_slot(radix, at, slot);
}

/* ---- dropping ---- */

/* Nobody comes this way any more. */
static void
drop(struct radix *radix, uintptr_t slot)
{
	struct radix_node *node;
	size_t i;

	if (radix_is_vacant(radix, slot))
		return;
	if (!radix_is_node(slot)) {
		physseg_radix_drop(radix, radix_block(slot));
		return;
	}
	node = radix_node(slot);
	for (i = 0; i < RADIX_FANOUT; i++)
		drop(radix, node->slot[i]);
	physseg_radix_put(&radix->nodes, node);
}

/* Empty a place; what was there goes. */
void
physseg_radix_vacate(struct radix *radix, const struct radix_place *at)
{
	const uintptr_t slot = radix_slot_at(at);

	radix_set_bit(&at->in->starts, at->i, false);
	radix_set_slot(radix, at, (uintptr_t)&radix->empty);
	drop(radix, slot);
}

/* After something was taken out below a place: empty it if nothing is left,
 * else mark whether a segment starts there. */
void
physseg_radix_tidy(struct radix *radix, const struct radix_place *at)
{
	const uintptr_t slot = radix_slot_at(at);

	if (radix_is_node(slot) ? radix_node(slot)->used == 0
				: physseg_radix_is_empty(radix_block(slot)))
		physseg_radix_vacate(radix, at);
	else
		radix_settle(at);
}

/* ---- the root ---- */

/* Make the root so high that it reaches the frame. */
void
physseg_radix_reach(struct radix *radix, physseg_pfn_t pfn)
{
	const uintptr_t empty = (uintptr_t)&radix->empty;
	unsigned shift = RADIX_BLOCK_BITS;
	uintptr_t old, slot;

	if (!radix_is_node(radix->root)) {
		while (pfn >> shift >= RADIX_FANOUT)
			shift += RADIX_BITS;
		physseg_atomic_store(
		    &radix->root, node_make(radix, shift, empty));
	}
	while (!radix_reaches(old = radix->root, pfn)) {
		slot = node_make(radix, radix_shift(old) + RADIX_BITS, empty);
		radix_node(slot)->slot[0] = old;
		radix_node(slot)->used = 1;
		radix_node(slot)->starts = radix_starts_in(old);
		physseg_atomic_store(&radix->root, slot);
	}
}

/* No higher than needed; nothing when it is empty. */
void
physseg_radix_lower(struct radix *radix)
{
	struct radix_node *root;
	uintptr_t slot;

	while (radix_is_node(radix->root)) {
		root = radix_node(radix->root);
		slot = root->slot[0];
		if (root->used == 0)
			slot = (uintptr_t)&radix->empty;
		else if (root->used > 1 || !radix_is_node(slot))
			break;
		physseg_atomic_store(&radix->root, slot);
		physseg_radix_put(&radix->nodes, root);
	}
}
