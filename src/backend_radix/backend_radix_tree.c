/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_tree.c -- what changes the tree: mark where a segment starts,
 * fill a range of frames, clear one.
 *
 * Each goes down from the root to the slots that its range touches.  A place is
 * a slot on that way: the node it is in, its number there, and the 2^shift
 * frames from `lo' that it stands for.
 *
 * What is replaced is made first, whole, and enters by one store of its slot.
 * Marks of starts are set from a leaf upwards, and cleared from there; a reader
 * that comes in between finds an older start and walks on from it.
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
	struct radix_leaf *run;
};

static physseg_pfn_t
last_of(const struct place *at)
{
	return at->lo + (((physseg_pfn_t)1 << at->shift) - 1);
}

static bool
is_inside(const struct place *at, physseg_pfn_t pfn)
{
	return pfn >= at->lo && pfn <= last_of(at);
}

/* Does the change cover the place? */
static bool
is_whole(const struct change *change, const struct place *at)
{
	return change->start <= at->lo && last_of(at) <= change->last;
}

static uintptr_t
entry_at(const struct place *at)
{
	return at->in->slot[at->i];
}

static bool
is_empty(const struct radix *radix, uintptr_t entry)
{
	return entry == (uintptr_t)&radix->empty;
}

/* A place in the node that a slot leads to. */
static struct place
below(uintptr_t entry, physseg_pfn_t lo, size_t i)
{
	const unsigned shift = radix_shift(entry);

	return (struct place){ radix_node(entry), i, shift,
		lo + ((physseg_pfn_t)i << shift) };
}

/* The first and the last slot, below a place, that a range touches. */
static size_t
first_below(const struct change *change, const struct place *at)
{
	return change->start <= at->lo
	    ? 0
	    : radix_digit(change->start, at->shift - RADIX_BITS);
}

static size_t
last_below(const struct change *change, const struct place *at)
{
	return change->last >= last_of(at)
	    ? RADIX_FANOUT - 1
	    : radix_digit(change->last, at->shift - RADIX_BITS);
}

static void
set_entry(struct radix *radix, const struct place *at, uintptr_t entry)
{
	at->in->used += is_empty(radix, entry_at(at));
	at->in->used -= is_empty(radix, entry);
	physseg_atomic_store(&at->in->slot[at->i], entry);
}

static void
set_start(const struct place *at, bool starts)
{
	const uintptr_t bit = (uintptr_t)1 << at->i;
	const uintptr_t old = at->in->starts;

	if (((old & bit) != 0) != starts)
		physseg_atomic_store(&at->in->starts, old ^ bit);
}

/* ---- making ---- */

static uintptr_t
node_make(struct radix *radix, unsigned shift, uintptr_t entry)
{
	struct radix_node *node = physseg_radix_node_get(radix);
	size_t i;

	for (i = 0; i < RADIX_FANOUT; i++)
		node->slot[i] = entry;
	node->starts = 0;
	node->used = is_empty(radix, entry) ? 0 : RADIX_FANOUT;
	return (uintptr_t)node + shift + 1;
}

static struct radix_leaf *
leaf_make(struct radix *radix, uintptr_t present, uintptr_t base)
{
	struct radix_leaf *leaf = physseg_radix_leaf_get(radix);
	size_t i;

	leaf->present = present;
	for (i = 0; i < RADIX_BASES; i++)
		leaf->base[i] = base;
	leaf->first = leaf->hint = leaf->refs = 0;
	return leaf;
}

static struct radix_leaf *
run_make(struct radix *radix, uintptr_t base, uintptr_t hint)
{
	struct radix_leaf *run = leaf_make(radix, UINTPTR_MAX, base);

	run->hint = hint;
	return run;
}

static void
leaf_unref(struct radix *radix, struct radix_leaf *leaf)
{
	if (leaf->refs <= 1)
		physseg_radix_put(&radix->leaves, leaf);
	else
		leaf->refs--;
}

/* A leaf for this place alone. */
static struct radix_leaf *
own(struct radix *radix, const struct place *at)
{
	struct radix_leaf *old = radix_leaf(entry_at(at)), *leaf;

	if (old != &radix->empty && old->refs == 0)
		return old;
	leaf = physseg_radix_leaf_get(radix);
	*leaf = *old;
	leaf->refs = 0;
	set_entry(radix, at, (uintptr_t)leaf);
	if (old != &radix->empty)
		leaf_unref(radix, old);
	return leaf;
}

/* What is covered as a whole becomes a node, with everything as it was. */
static void
expand(struct radix *radix, const struct place *at)
{
	struct radix_leaf *leaf = radix_leaf(entry_at(at)), *run = leaf;
	struct radix_node *node;
	uintptr_t entry;

	if (leaf->refs == 0)
		run = run_make(radix, leaf->base[0], leaf->first);
	entry = node_make(radix, at->shift - RADIX_BITS, (uintptr_t)run);
	run->refs += RADIX_FANOUT;
	if (run == leaf)
		run->refs--;
	else {
		node = radix_node(entry);
		node->slot[0] = (uintptr_t)leaf;
		node->starts = leaf->first != 0;
		run->refs--;
	}
	set_entry(radix, at, entry);
}

/* A leaf's frames of one segment, each to a slot of its own. */
static void
burst_segment(struct radix *radix, const struct radix_leaf *leaf,
    const struct place *at, struct radix_node *to,
    const struct physseg_node *segment)
{
	const uintptr_t base = RADIX_BASE(segment);
	struct radix_leaf *single, *run = NULL;
	physseg_pfn_t pfn = segment->start > at->lo ? segment->start : at->lo;
	bool present;

	for (; pfn < segment->end && pfn <= last_of(at); pfn++) {
		present = radix_present(leaf, pfn) != 0;
		if (pfn == segment->start) {
			single =
			    leaf_make(radix, present ? UINTPTR_MAX : 0, base);
			single->first = (uintptr_t)segment;
			to->starts |= (uintptr_t)1 << radix_digit(pfn, 0);
		} else if (!present)
			continue;
		else {
			if (run == NULL)
				run = run_make(radix, base, (uintptr_t)segment);
			run->refs++;
			single = run;
		}
		to->slot[radix_digit(pfn, 0)] = (uintptr_t)single;
		to->used++;
	}
}

/* A leaf comes apart into single frames, because two bases meet in it. */
static void
burst(struct radix *radix, const struct place *at)
{
	struct radix_leaf *leaf = radix_leaf(entry_at(at));
	const uintptr_t entry = node_make(radix, 0, (uintptr_t)&radix->empty);
	const struct physseg_node *segment = physseg_radix_floor(radix, at->lo);

	if (segment == NULL)
		segment = radix_segment(radix->head);
	for (; segment != NULL && segment->start <= last_of(at);
	     segment = radix_next(segment))
		if (RADIX_SHOWN(segment) != 0)
			burst_segment(
			    radix, leaf, at, radix_node(entry), segment);
	set_entry(radix, at, entry);
	physseg_radix_put(&radix->leaves, leaf);
}

/* ---- the root ---- */

/* Make the root so high that it reaches the frame. */
static void
reach(struct radix *radix, physseg_pfn_t pfn)
{
	const uintptr_t empty = (uintptr_t)&radix->empty;
	uintptr_t old, entry;
	unsigned shift = RADIX_BITS;

	if (!radix_is_node(radix->root)) {
		while (pfn >> shift >= RADIX_FANOUT)
			shift += RADIX_BITS;
		physseg_atomic_store(
		    &radix->root, node_make(radix, shift, empty));
	}
	while (!radix_reaches(old = radix->root, pfn)) {
		entry = node_make(radix, radix_shift(old) + RADIX_BITS, empty);
		radix_node(entry)->slot[0] = old;
		radix_node(entry)->used = 1;
		radix_node(entry)->starts = radix_node(old)->starts != 0;
		physseg_atomic_store(&radix->root, entry);
	}
}

/* No higher than needed; nothing when it is empty. */
static void
lower(struct radix *radix)
{
	struct radix_node *root;
	uintptr_t entry;

	while (radix_is_node(radix->root)) {
		root = radix_node(radix->root);
		entry = root->slot[0];
		if (root->used == 0)
			entry = (uintptr_t)&radix->empty;
		else if (root->used > 1 || !radix_is_node(entry) ||
		    radix_shift(radix->root) == RADIX_BITS)
			break;
		physseg_atomic_store(&radix->root, entry);
		physseg_radix_put(&radix->nodes, root);
	}
}

/* ---- mark ---- */

/* May a leaf at this place say that the node starts here? */
static bool
is_start_place(const struct change *change, const struct place *at)
{
	return at->shift <= RADIX_BITS || is_whole(change, at);
}

static void
mark(const struct change *change, const struct place *at)
{
	struct radix *radix = change->radix;
	struct radix_leaf *leaf;
	struct place down;

	if (!radix_is_node(entry_at(at)) && is_start_place(change, at)) {
		leaf = own(radix, at);
		if (leaf->first == 0 ||
		    radix_segment(leaf->first)->start > change->start)
			physseg_atomic_store(
			    &leaf->first, (uintptr_t)change->node);
	} else {
		if (is_empty(radix, entry_at(at)))
			set_entry(radix, at,
			    node_make(radix, at->shift - RADIX_BITS,
				(uintptr_t)&radix->empty));
		else if (!radix_is_node(entry_at(at)))
			expand(radix, at);
		down = below(entry_at(at), at->lo,
		    radix_digit(change->start, at->shift - RADIX_BITS));
		mark(change, &down);
	}
	set_start(at, true);
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
	at =
	    below(radix->root, 0, radix_digit(start, radix_shift(radix->root)));
	mark(&change, &at);
}

/* The first that starts at a place, once the change's node starts elsewhere. */
static uintptr_t
first_after(const struct change *change, const struct place *at,
    const struct radix_leaf *leaf)
{
	const struct physseg_node *node = radix_segment(leaf->first);

	if (node != change->node ||
	    (!change->gone && is_inside(at, change->moved)))
		return leaf->first;
	do
		node = radix_next(node);
	while (node != NULL && RADIX_SHOWN(node) == 0);
	return node != NULL && is_inside(at, node->start) ? (uintptr_t)node : 0;
}

static void
set_first(const struct place *at, struct radix_leaf *leaf, uintptr_t first)
{
	set_start(at, first != 0);
	if (leaf->first != first)
		physseg_atomic_store(&leaf->first, first);
}

static void
unmark(const struct change *change, const struct place *at)
{
	const uintptr_t entry = entry_at(at);
	struct place down;

	if (!radix_is_node(entry)) {
		set_first(at, radix_leaf(entry),
		    first_after(change, at, radix_leaf(entry)));
		return;
	}
	down = below(
	    entry, at->lo, radix_digit(change->start, radix_shift(entry)));
	unmark(change, &down);
	set_start(at, radix_node(entry)->starts != 0);
}

/* The node does not start at `start' any more, it was given a lower one. */
void
physseg_radix_unmark(
    struct radix *radix, struct physseg_node *node, physseg_pfn_t start)
{
	const struct change change = { .radix = radix,
		.node = node,
		.start = start,
		.moved = node->start };
	struct place at =
	    below(radix->root, 0, radix_digit(start, radix_shift(radix->root)));

	unmark(&change, &at);
}

/* ---- fill ---- */

/* The bits, in a leaf, of the frames of a change. */
static uintptr_t
bits_of(const struct change *change, const struct place *at)
{
	const size_t first = first_below(change, at);
	const size_t n = last_below(change, at) - first + 1;

	return UINTPTR_MAX >> (RADIX_FANOUT - n) << first;
}

static uintptr_t
quarter(size_t i)
{
	const size_t n = RADIX_FANOUT / RADIX_BASES;

	return (((uintptr_t)1 << n) - 1) << i * n;
}

/* Do the frames fit into a leaf, beside those that are in it? */
static bool
fits(const struct radix_leaf *leaf, uintptr_t bits, uintptr_t base)
{
	size_t i;

	for (i = 0; i < RADIX_BASES; i++)
		if ((bits & quarter(i)) != 0 &&
		    (leaf->present & quarter(i)) != 0 && leaf->base[i] != base)
			return false;
	return true;
}

static void
show(struct radix_leaf *leaf, uintptr_t bits, uintptr_t base)
{
	size_t i;

	for (i = 0; i < RADIX_BASES; i++)
		if ((bits & quarter(i)) != 0 && leaf->base[i] != base)
			physseg_atomic_store(&leaf->base[i], base);
	physseg_atomic_store(&leaf->present, leaf->present | bits);
}

/* A place that is covered as a whole. */
static void
fill_whole(struct change *change, const struct place *at)
{
	struct radix *radix = change->radix;

	if (!is_empty(radix, entry_at(at))) {
		show(radix_leaf(entry_at(at)), UINTPTR_MAX,
		    RADIX_BASE(change->node));
		return;
	}
	if (change->run == NULL)
		change->run = run_make(
		    radix, RADIX_BASE(change->node), (uintptr_t)change->node);
	change->run->refs++;
	set_entry(radix, at, (uintptr_t)change->run);
}

/* A leaf's worth that is covered in part; false: it must come apart. */
static bool
fill_part(const struct change *change, const struct place *at)
{
	const uintptr_t bits = bits_of(change, at);
	const uintptr_t base = RADIX_BASE(change->node);
	struct radix_leaf *leaf = radix_leaf(entry_at(at));

	if (!fits(leaf, bits, base))
		return false;
	leaf = own(change->radix, at);
	if (change->node->start < at->lo)
		physseg_atomic_store(&leaf->hint, (uintptr_t)change->node);
	show(leaf, bits, base);
	return true;
}

static void
fill(struct change *change, const struct place *at)
{
	struct radix *radix = change->radix;
	struct place down;
	size_t i, last;

	if (!radix_is_node(entry_at(at))) {
		if (is_whole(change, at)) {
			fill_whole(change, at);
			return;
		}
		if (at->shift > RADIX_BITS)
			set_entry(radix, at,
			    node_make(radix, at->shift - RADIX_BITS,
				(uintptr_t)&radix->empty));
		else if (fill_part(change, at))
			return;
		else
			burst(radix, at);
	}
	last = last_below(change, at);
	for (i = first_below(change, at); i <= last; i++) {
		down = below(entry_at(at), at->lo, i);
		fill(change, &down);
	}
}

/* The slots of the root that a change touches. */
#define FOREACH_BELOW_ROOT(at, radix, change)                               \
	for ((at) = below((radix)->root, 0,                                 \
		 radix_digit((change)->start, radix_shift((radix)->root))); \
	     (at).i <= radix_digit((change)->last, (at).shift);             \
	     (at).i++, (at).lo += (physseg_pfn_t)1 << (at).shift)

void
physseg_radix_fill(struct radix *radix, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end)
{
	struct change change = {
		.radix = radix, .node = node, .start = start, .last = end - 1
	};
	struct place at;

	reach(radix, change.last);
	FOREACH_BELOW_ROOT(at, radix, &change)
	fill(&change, &at);
}

/* ---- clear ---- */

/* Nobody comes this way any more. */
static void
drop(struct radix *radix, uintptr_t entry)
{
	struct radix_node *node;
	size_t i;

	if (is_empty(radix, entry))
		return;
	if (!radix_is_node(entry)) {
		leaf_unref(radix, radix_leaf(entry));
		return;
	}
	node = radix_node(entry);
	for (i = 0; i < RADIX_FANOUT; i++)
		drop(radix, node->slot[i]);
	physseg_radix_put(&radix->nodes, node);
}

/* Empty a place; what was there goes. */
static void
vacate(struct radix *radix, const struct place *at)
{
	const uintptr_t entry = entry_at(at);

	set_start(at, false);
	set_entry(radix, at, (uintptr_t)&radix->empty);
	drop(radix, entry);
}

/* A leaf's worth of which a part goes. */
static void
clear_part(const struct change *change, const struct place *at)
{
	struct radix *radix = change->radix;
	struct radix_leaf *leaf = radix_leaf(entry_at(at));
	const uintptr_t present = leaf->present & ~bits_of(change, at);
	const uintptr_t first = first_after(change, at, leaf);

	if (present == 0 && first == 0) {
		vacate(radix, at);
		return;
	}
	leaf = own(radix, at);
	physseg_atomic_store(&leaf->present, present);
	set_first(at, leaf, first);
}

static void
clear(const struct change *change, const struct place *at)
{
	struct radix *radix = change->radix;
	struct place down;
	size_t i, last;

	if (is_empty(radix, entry_at(at)))
		return;
	if (is_whole(change, at)) {
		vacate(radix, at);
		return;
	}
	if (!radix_is_node(entry_at(at))) {
		if (at->shift <= RADIX_BITS) {
			clear_part(change, at);
			return;
		}
		expand(radix, at);
	}
	last = last_below(change, at);
	for (i = first_below(change, at); i <= last; i++) {
		down = below(entry_at(at), at->lo, i);
		clear(change, &down);
	}
	if (radix_node(entry_at(at))->used == 0)
		vacate(radix, at);
	else
		set_start(at, radix_node(entry_at(at))->starts != 0);
}

void
physseg_radix_clear(struct radix *radix, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end, physseg_pfn_t moved)
{
	const struct change change = { .radix = radix,
		.node = node,
		.start = start,
		.last = end - 1,
		.gone = start == node->start && end == node->end,
		.moved = moved };
	struct place at;

	FOREACH_BELOW_ROOT(at, radix, &change)
	clear(&change, &at);
	lower(radix);
}
