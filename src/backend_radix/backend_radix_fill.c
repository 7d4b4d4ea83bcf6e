/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_fill.c -- frames of a segment enter the tree, and leave it.
 *
 * A slot that is covered as a whole leads to the segment's run, by one store,
 * however many frames that is; but the first has a block of its own if the
 * segment starts there.  Nodes are entered at the two ends only.
 */
#include "backend_radix_tree.h"

/* ---- fill ---- */

/* A place that is covered as a whole: the segment's start, or its run. */
static void
fill_whole(struct radix_change *change, const struct radix_place *at)
{
	const uintptr_t base = change->node->base;
	const uintptr_t hint = (uintptr_t)change->node;

	if (!radix_is_vacant(change->radix, radix_slot_at(at))) {
		physseg_radix_show(change->radix,
		    radix_block(radix_slot_at(at)), 0,
		    RADIX_ENTRIES * RADIX_FANOUT - 1, base);
		return;
	}
	if (change->run == NULL)
		change->run = physseg_radix_run(change->radix, base, hint);
	change->run->refs++;
	radix_set_slot(change->radix, at, (uintptr_t)change->run);
}

/* A block of which a part is covered. */
static void
fill_part(const struct radix_change *change, const struct radix_place *at)
{
	struct radix_block *block = physseg_radix_own(change->radix, at);

	if (change->node->start < at->lo)
		physseg_atomic_store(&block->hint, (uintptr_t)change->node);
	physseg_radix_show(change->radix, block, radix_start_in(change, at),
	    radix_last_in(change, at), change->node->base);
}

static void
fill(struct radix_change *change, const struct radix_place *at)
{
	struct radix_place down;

	if (!radix_is_node(radix_slot_at(at))) {
		if (radix_is_whole(change, at)) {
			fill_whole(change, at);
			return;
		}
		if (at->shift == RADIX_BLOCK_BITS) {
			fill_part(change, at);
			return;
		}
		physseg_radix_node_add(change->radix, at);
	}
	down =
	    radix_below(radix_slot_at(at), at->lo, radix_start_in(change, at));
	RADIX_FOREACH_BELOW(down, radix_last_in(change, at))
		fill(change, &down);
}

void
physseg_radix_fill(struct radix *radix, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end)
{
	struct radix_change change = {
		.radix = radix, .node = node, .start = start, .last = end - 1
	};
	struct radix_place at;

	physseg_radix_reach(radix, change.last);
	at = radix_below(radix->root, 0, start);
	RADIX_FOREACH_BELOW(at, change.last)
		fill(&change, &at);
}

/* ---- clear ---- */

/* A block of which a part goes. */
static void
clear_part(const struct radix_change *change, const struct radix_place *at)
{
	struct radix_block *block = physseg_radix_own(change->radix, at);

	physseg_radix_hide(
	    block, radix_start_in(change, at), radix_last_in(change, at));
	if (change->start >= at->lo)
		physseg_radix_drop_start(change, block);
	physseg_radix_tidy(change->radix, at);
}

static void
clear(const struct radix_change *change, const struct radix_place *at)
{
	struct radix *radix = change->radix;
	struct radix_place down;

	if (radix_is_vacant(radix, radix_slot_at(at)))
		return;
	if (radix_is_whole(change, at)) {
		physseg_radix_vacate(radix, at);
		return;
	}
	if (!radix_is_node(radix_slot_at(at))) {
		if (at->shift == RADIX_BLOCK_BITS) {
			clear_part(change, at);
			return;
		}
		physseg_radix_expand(radix, at);
	}
	down =
	    radix_below(radix_slot_at(at), at->lo, radix_start_in(change, at));
	RADIX_FOREACH_BELOW(down, radix_last_in(change, at))
		clear(change, &down);
	physseg_radix_tidy(radix, at);
}

void
physseg_radix_clear(struct radix *radix, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end, physseg_pfn_t moved)
{
	const struct radix_change change = { .radix = radix,
		.node = node,
		.start = start,
		.last = end - 1,
		.gone = start == node->start && end == node->end,
		.moved = moved };
	struct radix_place at = radix_below(radix->root, 0, start);

	RADIX_FOREACH_BELOW(at, change.last)
		clear(&change, &at);
	physseg_radix_lower(radix);
}
