/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_tree.c -- how the tree is changed: nodes, the root, where
 * segments start, and frames that enter the tree and leave it.
 *
 * A change goes down from the root to the slots that its range touches.  A
 * place is a slot on that way: the node it is in, its number there, and the
 * 2^shift frames from `lo' that it stands for.
 *
 * What is replaced is made first, whole, and enters by one store of its slot.
 * Marks of starts are set from a block upwards, and cleared from there; a
 * reader that comes in between finds an older start and walks on from it.
 *
 * A slot that is covered as a whole leads to the segment's run, by one store,
 * however many frames that is; but the first has a block of its own if the
 * segment starts there.  Nodes are entered at the two ends only.
 *
 * No node and no block is empty.  Whoever takes something out sees to that on
 * the way back up (tidy).  The root is as high as the frames need.
 */
#include "backend_radix.h"

struct place {
	struct radix_node *in;
	size_t i;
	unsigned shift;
	physseg_pfn_t lo;
};

/* What is done below a place, to frames [start, last] of a node. */
struct change {
	struct radix *radix;
	struct physseg_node *node;
	physseg_pfn_t start;
	physseg_pfn_t last;
	bool gone;	     /* clear: all of the node goes; else */
	physseg_pfn_t moved; /* it starts here from now on */
	struct radix_block *run;
};

static physseg_pfn_t
last_of(const struct place *at)
{
	return at->lo + (((physseg_pfn_t)1 << at->shift) - 1);
}

/* Does the change cover the place? */
static bool
is_whole(const struct change *change, const struct place *at)
{
	return change->start <= at->lo && last_of(at) <= change->last;
}

/* The part of a change that is in a place. */
static physseg_pfn_t
start_in(const struct change *change, const struct place *at)
{
	return change->start > at->lo ? change->start : at->lo;
}

static physseg_pfn_t
last_in(const struct change *change, const struct place *at)
{
	return change->last < last_of(at) ? change->last : last_of(at);
}

static uintptr_t
slot_at(const struct place *at)
{
	return at->in->slot[at->i];
}

/* Does a segment start below a slot? */
static bool
starts_in(uintptr_t slot)
{
	return (radix_is_node(slot) ? radix_node(slot)->starts
				    : radix_block(slot)->starts) != 0;
}

static bool
is_vacant(const struct radix *radix, uintptr_t slot)
{
	return slot == (uintptr_t)&radix->empty;
}

/* The place of a frame in the node below a slot of frames from `lo'. */
static struct place
below(uintptr_t slot, physseg_pfn_t lo, physseg_pfn_t pfn)
{
	const unsigned shift = radix_shift(slot);
	const size_t i = radix_digit(pfn, shift);

	return (struct place){ radix_node(slot), i, shift,
		lo + ((physseg_pfn_t)i << shift) };
}

/* The places below a slot up to that of a frame; `at' is the first. */
#define RADIX_FOREACH_BELOW(at, last)                     \
	for (; (at).i <= radix_digit((last), (at).shift); \
	     (at).i++, (at).lo += (physseg_pfn_t)1 << (at).shift)

static void
set_slot(struct radix *radix, const struct place *at, uintptr_t slot)
{
	at->in->used += is_vacant(radix, slot_at(at));
	at->in->used -= is_vacant(radix, slot);
	physseg_atomic_store(&at->in->slot[at->i], slot);
}

static void
set_bit(uintptr_t *word, size_t i, bool set)
{
	const uintptr_t bit = (uintptr_t)1 << i;

	if (((*word & bit) != 0) != set)
		physseg_atomic_store(word, *word ^ bit);
}

/* Mark a place, or not, after a change below it. */
static void
update_start_bit(const struct place *at)
{
	set_bit(&at->in->starts, at->i, starts_in(slot_at(at)));
}

/* ---- making ---- */

static uintptr_t
node_make(struct radix *radix, unsigned shift, uintptr_t slot)
{
	struct radix_node *node = physseg_radix_get(radix, &radix->nodes);
	size_t i;

	for (i = 0; i < RADIX_FANOUT; i++)
		node->slot[i] = slot;
	node->starts = 0;
	node->used = is_vacant(radix, slot) ? 0 : RADIX_FANOUT;
	return (uintptr_t)node + 1 + (shift - RADIX_BLOCK_BITS) / RADIX_BITS;
}

/* An empty node at a place that is empty. */
static void
node_add(struct radix *radix, const struct place *at)
{
	set_slot(radix, at,
	    node_make(radix, at->shift - RADIX_BITS, (uintptr_t)&radix->empty));
}

/* A block for this place alone. */
static struct radix_block *
unshare(struct radix *radix, const struct place *at)
{
	struct radix_block *old = radix_block(slot_at(at)), *block;

	if (old != &radix->empty && old->refs == 0)
		return old;
	block = physseg_radix_copy(radix, old);
	set_slot(radix, at, (uintptr_t)block);
	if (old != &radix->empty)
		physseg_radix_drop(radix, old);
	return block;
}

/* What is covered as a whole becomes a node, with everything as it was; where
 * its segment starts stays in the first slot. */
static void
expand(struct radix *radix, const struct place *at)
{
	struct radix_block *block = radix_block(slot_at(at)), *run = block;
	const bool is_run = block->refs != 0;
	uintptr_t slot;

	if (!is_run)
		run =
		    physseg_radix_run(radix, block->entry[0].base, block->hint);
	slot = node_make(radix, at->shift - RADIX_BITS, (uintptr_t)run);
	run->refs += RADIX_FANOUT - 1;
	if (!is_run) {
		radix_node(slot)->slot[0] = (uintptr_t)block;
		radix_node(slot)->starts = starts_in((uintptr_t)block);
	}
	set_slot(radix, at, slot);
}

/* ---- dropping ---- */

/* Nobody comes this way any more. */
static void
drop(struct radix *radix, uintptr_t slot)
{
	struct radix_node *node;
	size_t i;

	if (is_vacant(radix, slot))
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
static void
vacate(struct radix *radix, const struct place *at)
{
	const uintptr_t slot = slot_at(at);

	set_bit(&at->in->starts, at->i, false);
	set_slot(radix, at, (uintptr_t)&radix->empty);
	drop(radix, slot);
}

/* After something was taken out below a place: empty it if nothing is left,
 * else mark whether a segment starts there. */
static void
tidy(struct radix *radix, const struct place *at)
{
	const uintptr_t slot = slot_at(at);

	if (radix_is_node(slot) ? radix_node(slot)->used == 0
				: physseg_radix_is_empty(radix_block(slot)))
		vacate(radix, at);
	else
		update_start_bit(at);
}

/* ---- the root ---- */

/* Make the root so high that it reaches the frame. */
static void
reach(struct radix *radix, physseg_pfn_t pfn)
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
		radix_node(slot)->starts = starts_in(old);
		physseg_atomic_store(&radix->root, slot);
	}
}

/* No higher than needed; nothing when it is empty. */
static void
lower(struct radix *radix)
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

/* ---- where segments start ---- */

/*
 * A quarter knows the first of its starts, and is marked; every slot on the way
 * to it, too.  So a change asks the list for the next start in a quarter only
 * if the first has gone.
 */

/* In a quarter of a block, the node starts, too. */
static void
add_start(const struct change *change, struct radix_block *block)
{
	const size_t i = radix_quarter_of(change->start);
	uintptr_t *first =
	    &physseg_radix_detail(change->radix, block)->first[i];

	if ((block->starts >> i & 1) == 0 ||
	    radix_segment(*first)->start >= change->start)
		physseg_atomic_store(first, (uintptr_t)change->node);
	set_bit(&block->starts, i, true);
}

static void
mark(const struct change *change, const struct place *at)
{
	struct radix *radix = change->radix;
	struct place down;

	if (!radix_is_node(slot_at(at)) &&
	    (at->shift == RADIX_BLOCK_BITS ||
		(radix_has_pages(change->node) && is_whole(change, at))))
		add_start(change, unshare(radix, at));
	else {
		if (is_vacant(radix, slot_at(at)))
			node_add(radix, at);
		else if (!radix_is_node(slot_at(at)))
			expand(radix, at);
		down = below(slot_at(at), at->lo, change->start);
		mark(change, &down);
	}
	update_start_bit(at);
}

void
physseg_radix_mark(
    struct radix *radix, struct physseg_node *node, physseg_pfn_t start)
{
	const struct change change = { .radix = radix,
		.node = node,
		.start = start,
		.last = node->end - 1 };
	struct place at;

	reach(radix, change.last);
	at = below(radix->root, 0, start);
	mark(&change, &at);
}

/* The node did start at the change's first frame, in this block.  If it was the
 * first in its quarter, and does not start there any more, the next one is. */
static void
drop_start(const struct change *change, struct radix_block *block)
{
	const physseg_pfn_t quarter = change->start >> RADIX_QUARTER_BITS;
	const size_t i = radix_quarter_of(change->start);
	const struct physseg_node *next = radix_next(change->node);
	const bool stays =
	    !change->gone && change->moved >> RADIX_QUARTER_BITS == quarter;

	if (stays || (block->starts >> i & 1) == 0 ||
	    radix_detail(block)->first[i] != (uintptr_t)change->node)
		return;
	if (next != NULL && next->start >> RADIX_QUARTER_BITS == quarter)
		physseg_atomic_store(
		    &radix_detail(block)->first[i], (uintptr_t)next);
	else
		set_bit(&block->starts, i, false);
}

static void
unmark(const struct change *change, const struct place *at)
{
	struct place down;

	if (radix_is_node(slot_at(at))) {
		down = below(slot_at(at), at->lo, change->start);
		unmark(change, &down);
	} else
		drop_start(change, radix_block(slot_at(at)));
	tidy(change->radix, at);
}

/* The node does not start at `start' any more: it was given a lower one, or has
 * been joined. */
void
physseg_radix_unmark(
    struct radix *radix, struct physseg_node *node, physseg_pfn_t start)
{
	const struct change change = { .radix = radix,
		.node = node,
		.start = start,
		.gone = node->start == start,
		.moved = node->start };
	const struct place at = below(radix->root, 0, start);

	unmark(&change, &at);
}

/* ---- fill ---- */

/* A slot that is covered as a whole gets the segment's run, but where the
 * segment starts there is a block already. */
static void
fill(struct change *change, const struct place *at)
{
	struct radix *radix = change->radix;
	const struct physseg_node *node = change->node;
	const bool whole = is_whole(change, at);
	struct radix_block *block;
	struct place down;

	if (whole && is_vacant(radix, slot_at(at))) {
		if (change->run == NULL)
			change->run = physseg_radix_run(
			    radix, node->base, (uintptr_t)node);
		change->run->refs++;
		set_slot(radix, at, (uintptr_t)change->run);
	} else if (at->shift == RADIX_BLOCK_BITS ||
	    (whole && !radix_is_node(slot_at(at)))) {
		block = unshare(radix, at);
		if (node->start < at->lo)
			physseg_atomic_store(&block->hint, (uintptr_t)node);
		physseg_radix_show(radix, block, start_in(change, at),
		    last_in(change, at), node->base);
	} else {
		if (!radix_is_node(slot_at(at)))
			node_add(radix, at);
		down = below(slot_at(at), at->lo, start_in(change, at));
		RADIX_FOREACH_BELOW(down, last_in(change, at))
			fill(change, &down);
	}
}

void
physseg_radix_fill(struct radix *radix, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end)
{
	struct change change = {
		.radix = radix, .node = node, .start = start, .last = end - 1
	};
	struct place at;

	reach(radix, change.last);
	at = below(radix->root, 0, start);
	RADIX_FOREACH_BELOW(at, change.last)
		fill(&change, &at);
}

/* ---- clear ---- */

static void
clear(const struct change *change, const struct place *at)
{
	struct radix *radix = change->radix;
	struct radix_block *block;
	struct place down;

	if (is_vacant(radix, slot_at(at)))
		return;
	if (is_whole(change, at) && change->moved != at->lo) {
		vacate(radix, at);
		return;
	}
	if (at->shift == RADIX_BLOCK_BITS) {
		block = unshare(radix, at);
		physseg_radix_hide(
		    block, start_in(change, at), last_in(change, at));
		if (change->start >= at->lo)
			drop_start(change, block);
	} else {
		if (!radix_is_node(slot_at(at)))
			expand(radix, at);
		down = below(slot_at(at), at->lo, start_in(change, at));
		RADIX_FOREACH_BELOW(down, last_in(change, at))
			clear(change, &down);
	}
	tidy(radix, at);
}

/* The node's frames [start, end) leave, and it starts at `moved' from then on;
 * that is `end' where all of it goes.  If all of its frames leave and it stays,
 * where it starts stays, too. */
void
physseg_radix_clear(struct radix *radix, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end, physseg_pfn_t moved)
{
	const struct change change = { .radix = radix,
		.node = node,
		.start = start,
		.last = end - 1,
		.gone =
		    start == node->start && end == node->end && moved == end,
		.moved = moved };
	struct place at = below(radix->root, 0, start);

	RADIX_FOREACH_BELOW(at, change.last)
		clear(&change, &at);
	lower(radix);
}
