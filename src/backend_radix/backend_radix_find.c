/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_find.c -- the segment of a frame.
 *
 * The tree says from where in the list to walk.  Most often there is nothing to
 * walk.
 *
 * A reader may come between two stores of the writer and find a mark that leads
 * to nothing.  It looks again, and after some tries walks the list from its
 * head: no reader ever waits for the writer.
 */
#include "backend_radix.h"

#define TRIES 4

/*
 * The node from here on that contains the frame; the first starts at or below
 * it.  A node's end is read before its next (rule 3): if a split has moved the
 * end, the part above is linked by then.  NULL and *again: a start has moved
 * above the frame, or a node was inserted.  The part below may hold the frame,
 * and it can be found by now.
 */
static struct physseg_node *
radix_walk(struct physseg_node *node, physseg_pfn_t pfn, bool *again)
{
	struct physseg_node *next;

	while (!radix_contains(node, pfn)) {
		next = radix_next(node);
		if (next == NULL || !radix_starts_by(next, pfn)) {
			*again = !radix_starts_by(node, pfn) ||
			    radix_next(node) != next;
			return NULL;
		}
		node = next;
	}
	return node;
}

/* The first `i' and one of a word's bits. */
static uintptr_t
up_to(size_t i)
{
	return UINTPTR_MAX >> (sizeof(uintptr_t) * 8 - 1 - i);
}

/* The node in the last of these quarters; NULL: none. */
static struct physseg_node *
last_first(const struct radix_block *block, uintptr_t quarters)
{
	if (quarters == 0)
		return NULL;
	return radix_segment(physseg_atomic_load(
	    &radix_detail(block)->first[radix_highest_bit(quarters)]));
}

/* A node that starts in a block, at or below a frame of it; NULL: none.  In the
 * quarter of the frame itself the first may start above it. */
static inline struct physseg_node *
near_in_block(const struct radix_block *block, physseg_pfn_t pfn)
{
	const size_t i = radix_quarter_of(pfn);
	const uintptr_t starts = physseg_atomic_load(&block->starts) & up_to(i);
	struct physseg_node *node = last_first(block, starts);

	if (node == NULL || radix_starts_by(node, pfn))
		return node;
	node = last_first(block, starts & ~((uintptr_t)1 << i));
	return node != NULL && radix_starts_by(node, pfn) ? node : NULL;
}

/* The first node of the last quarter in the last of these slots in which any
 * does start.  NULL: what was marked has gone meanwhile. */
static struct physseg_node *
last_start(const struct radix_node *node, uintptr_t starts)
{
	const struct radix_block *block;
	uintptr_t slot;

	for (;;) {
		slot =
		    physseg_atomic_load(&node->slot[radix_highest_bit(starts)]);
		if (!radix_is_node(slot))
			break;
		node = radix_node(slot);
		if ((starts = physseg_atomic_load(&node->starts)) == 0)
			return NULL;
	}
	block = radix_block(slot);
	return last_first(block, physseg_atomic_load(&block->starts));
}

/*
 * Where to begin the walk to a frame: a node that starts at or below it.  NULL
 * and *none: the tree has none.  NULL: it had one.
 */
static struct physseg_node *
near(const struct radix *radix, physseg_pfn_t pfn, bool *none)
{
	uintptr_t slot = physseg_atomic_load(&radix->root), starts;
	uintptr_t before_starts = 0;
	const struct radix_node *before = NULL, *node;
	struct physseg_node *found;
	size_t i;

	*none = false;
	if (radix_is_node(slot) && !radix_reaches(slot, pfn)) {
		before = radix_node(slot);
		before_starts = physseg_atomic_load(&before->starts);
		slot = (uintptr_t)&radix->empty;
	}
	while (radix_is_node(slot)) {
		node = radix_node(slot);
		i = radix_digit(pfn, radix_shift(slot));
		starts = physseg_atomic_load(&node->starts) & (up_to(i) >> 1);
		if (starts != 0) {
			before = node;
			before_starts = starts;
		}
		slot = physseg_atomic_load(&node->slot[i]);
	}
	found = near_in_block(radix_block(slot), pfn);
	if (found != NULL)
		return found;
	*none = before_starts == 0;
	return *none ? NULL : last_start(before, before_starts);
}

/* Some node that starts at or below the frame, seldom far below; NULL: none. */
static struct physseg_node *
start(const struct radix *radix, physseg_pfn_t pfn)
{
	struct physseg_node *node = NULL;
	bool none = false;
	int tries;

	for (tries = 0; node == NULL && !none && tries < TRIES; tries++)
		node = near(radix, pfn, &none);
	if (node == NULL || !radix_starts_by(node, pfn))
		node = radix_segment(physseg_atomic_load(&radix->head));
	return node != NULL && radix_starts_by(node, pfn) ? node : NULL;
}

/* The last node that starts at or below the frame, NULL: none does.  For the
 * writer. */
struct physseg_node *
physseg_radix_floor(const struct radix *radix, physseg_pfn_t pfn)
{
	struct physseg_node *node = start(radix, pfn), *next = node;

	for (; next != NULL && next->start <= pfn; next = radix_next(next))
		node = next;
	return node;
}

/* Not part of the lookup, which seldom gets here.  A second try is the last one
 * that can be needed: the writer cuts a node at its front, and then waits for
 * readers before it does so again. */
static struct physseg_node *
search(const struct radix *radix, physseg_pfn_t pfn)
{
	struct physseg_node *node = NULL;
	bool again = true;
	int tries;

	for (tries = 0; node == NULL && again && tries < 2; tries++) {
		again = false;
		node = start(radix, pfn);
		if (node != NULL)
			node = radix_walk(node, pfn, &again);
	}
	return node;
}

/* What a block says about a frame's segment, if that is it; or NULL. */
static struct physseg_node *
lookup_in_block(const struct radix_block *block, physseg_pfn_t pfn)
{
	struct physseg_node *node = near_in_block(block, pfn);
	bool again;

	if (node != NULL)
		return radix_walk(node, pfn, &again);
	node = radix_segment(physseg_atomic_load(&block->hint));
	return node != NULL && radix_contains(node, pfn) ? node : NULL;
}

/*
 * The count of nodes without page structures is asked for before the frame, and
 * once more if that is not present.  Whenever page structures come or go either
 * the frame is seen or the count is (radix_update); that they go and come again
 * takes a wait for readers in between.
 */
struct physseg_node *
physseg_radix_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct radix *radix = index;
	const uintptr_t pageless = physseg_atomic_load(&radix->pageless);
	const struct radix_block *block = radix_descend(radix, pfn);
	struct physseg_node *node;

	if ((radix_present(block, pfn) | pageless) == 0 &&
	    physseg_atomic_load(&radix->pageless) == 0)
		return NULL;
	node = lookup_in_block(block, pfn);
	return node != NULL ? node : search(radix, pfn);
}

void *
physseg_radix_page(const void *index, physseg_pfn_t pfn, size_t page_size)
{
	const struct radix_block *block = radix_descend(index, pfn);
	const size_t i = radix_entry_of(pfn);
	const struct radix_entry *entry = &block->entry[i];
	const uintptr_t mask = 0 - radix_present(block, pfn);
	const int32_t delta = physseg_atomic_load_32(
	    &entry->delta[radix_quarter_of(pfn) & (RADIX_BASES - 1)]);
	uintptr_t base = physseg_atomic_load(&entry->base);
	const struct radix_table *table;

	if (delta != RADIX_APART)
		base += (uintptr_t)(intptr_t)delta;
	else {
		table = (const void *)physseg_atomic_load(
		    &radix_detail(block)->table[i]);
		base = physseg_atomic_load(&table->base[radix_digit(pfn, 0)]);
	}
	return (void *)(mask & (base + (uintptr_t)pfn * page_size));
}
