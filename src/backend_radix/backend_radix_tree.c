/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_tree.c -- how the tree is changed: entries and blocks, nodes,
 * the root, where segments start, and frames that enter the tree and leave it.
 *
 * ENTRIES (rule 5).  A reader reads the bit of a frame first, and then its
 * base.  So the base of an entry is written only while none of its frames is
 * present, and the delta of a quarter only while none of its frames is; the
 * present bits are set last.  An entry that is expanded keeps its base, for
 * readers that have read the old deltas.
 *
 * THE WAY DOWN.  A change goes down from the root to the slots that its range
 * touches.  A place is a slot on that way: the node that it is in, its number
 * there, and the 2^shift frames from `lo' on that it stands for.
 *
 * A replacement is made first, completely, and one store of a slot puts it in
 * force (rule 1).  Marks of starts are set from a block upwards, and cleared in
 * the same order.  A reader that runs in between finds an older start, and
 * walks the list from there.
 *
 * A slot that is covered completely leads to the run of its segment.  One store
 * does that, however many frames it is.  The first such slot has a block of its
 * own if the segment starts there.  Only at the two ends of the range does the
 * change go down into nodes.
 *
 * A block is changed first and its line afterwards where frames enter, so that
 * they are all found once the slot leads past the line; where frames leave, the
 * slot leads past it first.
 *
 * No node and no block is empty.  A change that removes something empties their
 * slots on its way back up (tidy).  The root is as high as the frames need.
 */
#include "backend_radix.h"
#include "base/mem.h"

/* ---- entries and blocks ---- */

/* A copy of a block that has no starts.  No slot leads to the copy yet. */
static struct radix_block *
block_copy(struct radix *radix, const struct radix_block *old)
{
	struct radix_block *block = physseg_radix_get(radix, &radix->blocks);
	const uintptr_t detail = block->detail, line = block->line;

	*block = *old;
	block->detail = detail;
	block->line = line;
	block->refs = 0;
	return block;
}

/* A block with every frame present: a run. */
static struct radix_block *
block_run(struct radix *radix, uintptr_t base, uintptr_t hint)
{
	struct radix_block *run = block_copy(radix, &radix->empty);
	size_t i;

	for (i = 0; i < RADIX_ENTRIES; i++) {
		run->entry[i].present = UINTPTR_MAX;
		run->entry[i].base = base;
	}
	run->hint = hint;
	return run;
}

/* The detail of a block.  It is made if there is none. */
static struct radix_detail *
block_detail(struct radix *radix, struct radix_block *block)
{
	if (block->detail == 0)
		physseg_atomic_store(&block->detail,
		    (uintptr_t)physseg_radix_get(radix, &radix->details));
	return radix_detail(block);
}

static uintptr_t
quarter(size_t i)
{
	const size_t n = (size_t)1 << RADIX_QUARTER_BITS;

	return (((uintptr_t)1 << n) - 1) << i * n;
}

static bool
is_expanded(const struct radix_entry *entry)
{
	return entry->delta[0] == RADIX_EXPANDED;
}

static void
set_deltas(struct radix_entry *entry, uintptr_t bits, int32_t delta)
{
	size_t i;

	for (i = 0; i < RADIX_BASES; i++)
		if ((bits & quarter(i)) != 0 && entry->delta[i] != delta)
			physseg_atomic_store_32(&entry->delta[i], delta);
}

/* Can these frames have that delta beside the frames that are present? */
static bool
fits(const struct radix_entry *entry, uintptr_t bits, intptr_t delta)
{
	size_t i;

	if (delta > INT32_MAX || delta <= RADIX_EXPANDED)
		return false;
	for (i = 0; i < RADIX_BASES; i++)
		if ((bits & quarter(i)) != 0 &&
		    (entry->present & quarter(i)) != 0 &&
		    entry->delta[i] != delta)
			return false;
	return true;
}

/* Give an entry a table, with the base that each frame has now.  The table is
 * complete before a delta says that there is one.  Readers that have read the
 * old deltas use the entry's base, which is kept. */
static void
expand_entry(struct radix *radix, struct radix_block *block, size_t i)
{
	struct radix_entry *entry = &block->entry[i];
	struct radix_table *table = physseg_radix_get(radix, &radix->tables);
	size_t f;

	for (f = 0; f < RADIX_FANOUT; f++)
		table->base[f] = entry->base +
		    (uintptr_t)(intptr_t)entry->delta[f >> RADIX_QUARTER_BITS];
	physseg_atomic_store(
	    &block_detail(radix, block)->table[i], (uintptr_t)table);
	set_deltas(entry, UINTPTR_MAX, RADIX_EXPANDED);
}

/* An entry without frames needs no table, and all its deltas are 0. */
static void
collapse_entry(struct radix *radix, struct radix_block *block, size_t i)
{
	if (is_expanded(&block->entry[i]))
		physseg_radix_put(
		    &radix->tables, (void *)radix_detail(block)->table[i]);
	set_deltas(&block->entry[i], UINTPTR_MAX, 0);
}

static void
set_bases(struct radix_table *table, uintptr_t bits, uintptr_t base)
{
	size_t f;

	for (; bits != 0; bits ^= (uintptr_t)1 << f) {
		f = physseg_highest_bit(bits);
		physseg_atomic_store(&table->base[f], base);
	}
}

/* Add frames to an entry.  Bases are stored first and the bits last (rule 5),
 * so a reader that sees a bit finds its base.  The entry's own base is stored
 * only while no bit is set. */
static void
entry_add(struct radix *radix, struct radix_block *block, size_t i,
    uintptr_t bits, uintptr_t base)
{
	struct radix_entry *entry = &block->entry[i];
	intptr_t delta;

	if (entry->present == 0) {
		collapse_entry(radix, block, i);
		physseg_atomic_store(&entry->base, base);
	} else {
		delta = (intptr_t)(base - entry->base);
		if (!is_expanded(entry) && !fits(entry, bits, delta))
			expand_entry(radix, block, i);
		if (is_expanded(entry))
			set_bases(
			    (void *)radix_detail(block)->table[i], bits, base);
		else
			set_deltas(entry, bits, (int32_t)delta);
	}
	physseg_atomic_store(&entry->present, entry->present | bits);
}

/* The bits, in entry `i' of a block, of frames [start, last] of that block. */
static uintptr_t
bits_of(size_t i, physseg_pfn_t start, physseg_pfn_t last)
{
	uintptr_t bits = UINTPTR_MAX;

	if (i == radix_entry_of(start))
		bits &= UINTPTR_MAX << radix_digit(start, 0);
	if (i == radix_entry_of(last))
		bits &=
		    UINTPTR_MAX >> (RADIX_FANOUT - 1 - radix_digit(last, 0));
	return bits;
}

/* Add frames [start, last], all of them in this block, with this base. */
static void
block_add(struct radix *radix, struct radix_block *block, physseg_pfn_t start,
    physseg_pfn_t last, uintptr_t base)
{
	size_t i;

	for (i = radix_entry_of(start); i <= radix_entry_of(last); i++)
		entry_add(radix, block, i, bits_of(i, start, last), base);
}

/* Remove them.  A reader that has seen a bit still finds the base. */
static void
block_remove(struct radix_block *block, physseg_pfn_t start, physseg_pfn_t last)
{
	struct radix_entry *entry;
	size_t i;

	for (i = radix_entry_of(start); i <= radix_entry_of(last); i++) {
		entry = &block->entry[i];
		physseg_atomic_store(
		    &entry->present, entry->present & ~bits_of(i, start, last));
	}
}

/* Is no frame present, and does no segment start here? */
bool
physseg_radix_is_empty(const struct radix_block *block)
{
	uintptr_t any = block->starts;
	size_t i;

	for (i = 0; i < RADIX_ENTRIES; i++)
		any |= block->entry[i].present;
	return any == 0;
}

/* One slot fewer leads to the block. */
static void
block_drop(struct radix *radix, struct radix_block *block)
{
	size_t i;

	if (block->refs > 1) {
		block->refs--;
		return;
	}
	for (i = 0; i < RADIX_ENTRIES; i++)
		if (is_expanded(&block->entry[i]))
			physseg_radix_put(&radix->tables,
			    (void *)radix_detail(block)->table[i]);
	physseg_radix_put(&radix->blocks, block);
}

/* ---- places ---- */

struct place {
	struct radix_node *in;
	size_t i;
	unsigned shift;
	physseg_pfn_t lo;
};

/* A change below a place: it concerns frames [start, last] of a node. */
struct change {
	struct radix *radix;
	struct physseg_node *node;
	physseg_pfn_t start;
	physseg_pfn_t last;
	bool gone;	     /* clear: the whole node is removed; else */
	physseg_pfn_t moved; /* its start from now on */
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
	return radix_behind(at->in->slot[at->i], at->in, at->i);
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

/* Replace what a place leads to.  One store makes the new reachable (rule 1),
 * and the old unreachable.  If the old was ranked, readers may still be in the
 * cell (rule 7). */
static void
set_slot(struct radix *radix, const struct place *at, uintptr_t slot)
{
	struct radix_ranks *ranks;

	at->in->used += is_vacant(radix, slot_at(at));
	at->in->used -= is_vacant(radix, slot);
	if (radix_is_ranked(at->in->slot[at->i])) {
		ranks = radix_ranks(at->in);
		if (ranks->epoch != radix->epoch)
			ranks->left = 0;
		ranks->epoch = radix->epoch;
		ranks->left |= (uintptr_t)1 << at->i;
	}
	physseg_atomic_store(&at->in->slot[at->i], slot);
}

static void
set_bit(uintptr_t *word, size_t i, bool set)
{
	const uintptr_t bit = (uintptr_t)1 << i;

	if (((*word & bit) != 0) != set)
		physseg_atomic_store(word, *word ^ bit);
}

/* After a change below a place: mark whether a segment starts there. */
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
	node->ranks = 0;
	node->starts = 0;
	node->used = is_vacant(radix, slot) ? 0 : RADIX_FANOUT;
	return (uintptr_t)node + 1 + (shift - RADIX_BLOCK_BITS) / RADIX_BITS;
}

/* Put an empty node at an empty place. */
static void
node_add(struct radix *radix, const struct place *at)
{
	set_slot(radix, at,
	    node_make(radix, at->shift - RADIX_BITS, (uintptr_t)&radix->empty));
}

/* Make sure that the block of a place is not shared. */
static struct radix_block *
unshare(struct radix *radix, const struct place *at)
{
	struct radix_block *old = radix_block(slot_at(at)), *block;

	if (old != &radix->empty && old->refs == 0)
		return old;
	block = block_copy(radix, old);
	set_slot(radix, at, (uintptr_t)block);
	if (old != &radix->empty)
		block_drop(radix, old);
	return block;
}

/* A copy of a block of a high slot, for the first of its frames alone. */
static struct radix_block *
block_lower(struct radix *radix, const struct radix_block *old)
{
	struct radix_block *block = block_copy(radix, old);

	if (old->starts != 0)
		memcpy(block_detail(radix, block)->first,
		    radix_detail(old)->first, sizeof(radix_detail(old)->first));
	return block;
}

/*
 * Put a node where one block stood for all frames of a place.  The same frames
 * are present.  If the segment starts there, the first slot has that start.
 *
 * Readers may still be in the block, for any frame of the place.  So the lowest
 * node, whose blocks change bit by bit, gets a copy (rule 8).
 */
static void
expand(struct radix *radix, const struct place *at)
{
	struct radix_block *block = radix_block(slot_at(at)), *run = block;
	const bool is_run = block->refs != 0;
	const bool lowest = at->shift - RADIX_BITS == RADIX_BLOCK_BITS;
	uintptr_t slot;

	if (!is_run)
		run = block_run(radix, block->entry[0].base, block->hint);
	slot = node_make(radix, at->shift - RADIX_BITS, (uintptr_t)run);
	run->refs += RADIX_FANOUT - 1;
	if (!is_run) {
		radix_node(slot)->slot[0] =
		    (uintptr_t)(lowest ? block_lower(radix, block) : block);
		radix_node(slot)->starts = starts_in((uintptr_t)block);
	}
	set_slot(radix, at, slot);
	if (!is_run && lowest)
		block_drop(radix, block);
}

/* ---- dropping ---- */

static void
node_drop(struct radix *radix, struct radix_node *node)
{
	if (node->ranks != 0)
		physseg_radix_put(&radix->ranks, radix_ranks(node));
	physseg_radix_put(&radix->nodes, node);
}

/* Free everything below a slot that no reader can reach any more. */
static void
drop(struct radix *radix, uintptr_t slot)
{
	struct radix_node *node;
	size_t i;

	if (is_vacant(radix, slot))
		return;
	if (!radix_is_node(slot)) {
		block_drop(radix, radix_block(slot));
		return;
	}
	node = radix_node(slot);
	for (i = 0; i < RADIX_FANOUT; i++)
		drop(radix, radix_behind(node->slot[i], node, i));
	node_drop(radix, node);
}

/* Empty a place.  What was there keeps its contents, for readers that are in it
 * (rule 4). */
static void
vacate(struct radix *radix, const struct place *at)
{
	const uintptr_t slot = slot_at(at);

	set_bit(&at->in->starts, at->i, false);
	set_slot(radix, at, (uintptr_t)&radix->empty);
	drop(radix, slot);
}

/* After a removal below a place: empty it if nothing is left, else mark whether
 * a segment starts there. */
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

/* Make the root high enough for the frame.  A new root leads to everything that
 * the old one led to, before it is stored (rule 1). */
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

/* Make the root no higher than needed.  If it is empty there is no node. */
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
		node_drop(radix, root);
	}
}

/* ---- blocks that are ranked ---- */

/* New ones, or from a node that is gone: what has left them was before readers
 * were waited for. */
static struct radix_ranks *
ranks_of(struct radix *radix, struct radix_node *node)
{
	if (node->ranks == 0)
		physseg_atomic_store(&node->ranks,
		    (uintptr_t)physseg_radix_get(radix, &radix->ranks));
	return radix_ranks(node);
}

/*
 * Do the page structures of a block lie one after another in order of the
 * frames?  Then the address of the first; else 0.  It goes down from the last
 * frame.
 */
static uintptr_t
first_in_order(const struct radix *radix, const struct radix_block *block,
    physseg_pfn_t lo)
{
	uintptr_t bits, page, first = 0;
	size_t i, f;

	for (i = RADIX_ENTRIES; i-- > 0;)
		for (bits = block->entry[i].present; bits != 0;
		     bits ^= (uintptr_t)1 << f) {
			f = physseg_highest_bit(bits);
			page = radix_page_in_block(block,
			    lo + (physseg_pfn_t)(i * RADIX_FANOUT + f),
			    radix->page_size);
			if (first != 0 && first - page != radix->page_size)
				return 0;
			first = page;
		}
	return first;
}

/* Write an entry's bits, and the counts of those above it. */
static void
set_ranked(struct radix_cell *cell, struct radix_line *line, size_t i,
    uintptr_t present)
{
	const int32_t more = (int32_t)(physseg_count_bits(present) -
	    physseg_count_bits(line->present[i]));
	int32_t below;
	size_t k;

	for (k = 0; k < RADIX_ENTRIES / 2; k++) {
		below = cell->below[k];
		if (2 * k > i)
			below += more;
		if (2 * k + 1 > i)
			below += more << RADIX_BELOW_BITS;
		if (below != cell->below[k])
			physseg_atomic_store_32(&cell->below[k], below);
	}
	physseg_atomic_store(&line->present[i], present);
}

/* Was the block of a place ranked since readers were waited for (rule 7)? */
static bool
was_ranked(const struct radix *radix, const struct place *at)
{
	const struct radix_ranks *ranks = radix_ranks(at->in);

	return ranks != NULL && ranks->epoch == radix->epoch &&
	    (ranks->left >> at->i & 1) != 0;
}

/* Rank the block of a place, if that may be and its page structures are in
 * order.  No reader can see its cell and its line before the store of the
 * slot. */
static void
rank(struct radix *radix, const struct place *at)
{
	struct radix_block *block = radix_block(slot_at(at));
	struct radix_cell *cell;
	struct radix_line *line;
	uintptr_t first;
	size_t i;

	if (radix_is_ranked(at->in->slot[at->i]) || block == &radix->empty ||
	    block->refs != 0 || was_ranked(radix, at) ||
	    (first = first_in_order(radix, block, at->lo)) == 0)
		return;
	cell = &ranks_of(radix, at->in)->cell[at->i];
	if (block->line == 0)
		block->line =
		    (uintptr_t)physseg_radix_get(radix, &radix->lines);
	line = (struct radix_line *)block->line;
	memset(line, 0, sizeof(*line));
	memset(cell, 0, sizeof(*cell));
	physseg_atomic_store(&cell->first, first);
	physseg_atomic_store(&cell->block, (uintptr_t)block);
	for (i = 0; i < RADIX_ENTRIES; i++)
		set_ranked(cell, line, i, block->entry[i].present);
	physseg_atomic_store(
	    &at->in->slot[at->i], (uintptr_t)line + RADIX_RANKED);
}

static bool
is_large(const struct radix *radix)
{
	return radix->page_size != 0 &&
	    physseg_radix_blocks(radix) > RADIX_LARGE;
}

/* Look at one slot more, round and round.  So the blocks that a large map has
 * from before, and those whose page structures are in order again, are ranked
 * at some time. */
static void
sweep(struct radix *radix)
{
	struct place at;

	if (!radix_reaches(radix->root, radix->swept))
		radix->swept = 0;
	at = below(radix->root, 0, radix->swept);
	while (radix_is_node(slot_at(&at)))
		at = below(slot_at(&at), at.lo, radix->swept);
	if (at.shift == RADIX_BLOCK_BITS)
		rank(radix, &at);
	radix->swept = last_of(&at) + 1;
}

static void
unrank(struct radix *radix, const struct place *at)
{
	if (radix_is_ranked(at->in->slot[at->i]))
		set_slot(radix, at, slot_at(at));
}

/* Frames from `start' on were added to the block of a place that is ranked: add
 * them to the line, or unrank the block. */
static void
add_ranked(struct radix *radix, const struct place *at,
    const struct radix_block *block, physseg_pfn_t start, physseg_pfn_t last)
{
	struct radix_cell *cell = &radix_ranks(at->in)->cell[at->i];
	struct radix_line *line = (struct radix_line *)block->line;
	const uintptr_t page =
	    radix_page_in_block(block, start, radix->page_size);
	uintptr_t above =
	    line->present[radix_entry_of(start)] >> radix_digit(start, 0);
	size_t i, n = 0;

	for (i = 0; i < RADIX_ENTRIES; i++) {
		n += physseg_count_bits(line->present[i]);
		if (i > radix_entry_of(start))
			above |= line->present[i];
	}
	if (above != 0 || page != cell->first + n * radix->page_size) {
		unrank(radix, at);
		return;
	}
	for (i = radix_entry_of(start); i <= radix_entry_of(last); i++)
		set_ranked(cell, line, i, block->entry[i].present);
}

/* ---- where segments start ---- */

/*
 * A quarter knows the first of its starts and is marked, and so is every slot
 * on the way to it.  So a change asks the list for the next start in a quarter
 * only if the first one is removed.
 */

/* Record in its quarter of a block that the node starts there. */
static void
add_start(const struct change *change, struct radix_block *block)
{
	const size_t i = radix_quarter_of(change->start);
	uintptr_t *first = &block_detail(change->radix, block)->first[i];

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

/* The node started at the change's first frame, in this block.  If it was the
 * first in its quarter and does not start there any more, the next node in that
 * quarter becomes the first. */
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

/* Add the frames of a change below a place.  A slot that is covered completely
 * gets the segment's run, unless it has a block already because the segment
 * starts there. */
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
			change->run =
			    block_run(radix, node->base, (uintptr_t)node);
		change->run->refs++;
		set_slot(radix, at, (uintptr_t)change->run);
	} else if (at->shift == RADIX_BLOCK_BITS ||
	    (whole && !radix_is_node(slot_at(at)))) {
		block = unshare(radix, at);
		if (node->start < at->lo)
			physseg_atomic_store(&block->hint, (uintptr_t)node);
		block_add(radix, block, start_in(change, at),
		    last_in(change, at), node->base);
		if (radix_is_ranked(at->in->slot[at->i]))
			add_ranked(radix, at, block, start_in(change, at),
			    last_in(change, at));
		else if (at->shift == RADIX_BLOCK_BITS && is_large(radix))
			rank(radix, at);
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
	if (is_large(radix))
		sweep(radix);
	if (radix->many == 0 && physseg_radix_blocks(radix) > RADIX_MANY)
		physseg_atomic_store(&radix->many, 1);
}

/* ---- clear ---- */

/* Remove the frames of a change below a place. */
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
		unrank(radix, at);
		block_remove(block, start_in(change, at), last_in(change, at));
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
