/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_find.c -- the segment of a frame.
 *
 * The tree says from where in the list to walk; the walk ends at the last node
 * that starts at or below the frame.  Most often there is nothing to walk.
 *
 * A reader may come between two stores of the writer, and find a mark that
 * leads to nothing: it looks again, and if that happens over and over walks the
 * list from its head, so that it never waits.  From a node that was just taken
 * out the list goes on as it was then, which passes every node that stays.
 */
#include "backend_radix.h"

#define TRIES 4

static size_t
highest_bit(uintptr_t word)
{
#if defined(__GNUC__)
	return sizeof(unsigned long long) * 8 - 1 -
	    (size_t)__builtin_clzll(word);
#else
	size_t bit = 0, step;

	for (step = sizeof(word) * 4; step > 0; step /= 2)
		if (word >> step != 0) {
			word >>= step;
			bit += step;
		}
	return bit;
#endif
}

static bool
starts_by(const struct physseg_node *node, physseg_pfn_t pfn)
{
	return physseg_atomic_load_pfn(&node->start) <= pfn;
}

static bool
contains(const struct physseg_node *node, physseg_pfn_t pfn)
{
	return pfn < physseg_atomic_load_pfn(&node->end) &&
	    starts_by(node, pfn);
}

/* The last node from here on that starts at or below the frame. */
static struct physseg_node *
walk(struct physseg_node *node, physseg_pfn_t pfn)
{
	struct physseg_node *next;

	while ((next = radix_next(node)) != NULL && starts_by(next, pfn))
		node = next;
	return node;
}

/* The first node that starts in the last slot of these in which any does.
 * NULL: what was marked has gone meanwhile. */
static struct physseg_node *
last_start(const struct radix_node *node, uintptr_t starts)
{
	uintptr_t entry;

	for (;;) {
		entry = physseg_atomic_load(&node->slot[highest_bit(starts)]);
		if (!radix_is_node(entry))
			break;
		node = radix_node(entry);
		if ((starts = physseg_atomic_load(&node->starts)) == 0)
			return NULL;
	}
	return radix_segment(physseg_atomic_load(&radix_leaf(entry)->first));
}

/*
 * Where to begin the walk to a frame: a node that starts at or below it.  NULL
 * and *none: the tree has none.  NULL: it had one.
 */
static struct physseg_node *
near(const struct radix *radix, physseg_pfn_t pfn, bool *none)
{
	uintptr_t entry = physseg_atomic_load(&radix->root), starts, mask;
	const struct radix_node *before = NULL, *node;
	struct physseg_node *first;
	uintptr_t before_starts = 0;
	size_t i;

	*none = true;
	if (radix_is_node(entry) && !radix_reaches(entry, pfn)) {
		before = radix_node(entry);
		before_starts = physseg_atomic_load(&before->starts);
		entry = (uintptr_t)&radix->empty;
	}
	while (radix_is_node(entry)) {
		node = radix_node(entry);
		i = radix_digit(pfn, radix_shift(entry));
		mask = ((uintptr_t)1 << i) - 1;
		if ((starts = physseg_atomic_load(&node->starts) & mask) != 0) {
			before = node;
			before_starts = starts;
		}
		entry = physseg_atomic_load(&node->slot[i]);
	}
	first = radix_segment(physseg_atomic_load(&radix_leaf(entry)->first));
	if (first != NULL && starts_by(first, pfn))
		return first;
	*none = before_starts == 0;
	return *none ? NULL : last_start(before, before_starts);
}

/* The last node that starts at or below the frame, NULL: none does. */
struct physseg_node *
physseg_radix_floor(const struct radix *radix, physseg_pfn_t pfn)
{
	struct physseg_node *node = NULL;
	bool none = false;
	int tries;

	for (tries = 0; node == NULL && !none && tries < TRIES; tries++)
		node = near(radix, pfn, &none);
	if (node == NULL || !starts_by(node, pfn)) {
		node = radix_segment(physseg_atomic_load(&radix->head));
		if (node == NULL || !starts_by(node, pfn))
			return NULL;
	}
	return walk(node, pfn);
}

/* Beside a writer: what is present stays so and is found, or it goes. */
static struct physseg_node *
search(const struct radix *radix, physseg_pfn_t pfn)
{
	struct physseg_node *node;

	do {
		node = physseg_radix_floor(radix, pfn);
		if (node != NULL && contains(node, pfn))
			return node;
	} while (radix_present(radix_descend(radix, pfn), pfn) != 0);
	return NULL;
}

struct physseg_node *
physseg_radix_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct radix *radix = index;
	const struct radix_leaf *leaf = radix_descend(radix, pfn);
	struct physseg_node *node;

	if (radix_present(leaf, pfn) == 0 &&
	    physseg_atomic_load(&radix->hidden) == 0)
		return NULL;
	node = radix_segment(physseg_atomic_load(&leaf->hint));
	if (node != NULL && contains(node, pfn))
		return node;
	node = radix_segment(physseg_atomic_load(&leaf->first));
	if (node != NULL && starts_by(node, pfn)) {
		node = walk(node, pfn);
		if (contains(node, pfn))
			return node;
	}
	return search(radix, pfn);
}

void *
physseg_radix_page(const void *index, physseg_pfn_t pfn, size_t page_size)
{
	const struct radix_leaf *leaf = radix_descend(index, pfn);
	const uintptr_t mask = 0 - radix_present(leaf, pfn);
	const size_t i = radix_digit(pfn, RADIX_BITS - 2) & (RADIX_BASES - 1);

	return (void *)(mask &
	    (physseg_atomic_load(&leaf->base[i]) + (uintptr_t)pfn * page_size));
}
