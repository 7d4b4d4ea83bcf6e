/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_check.c -- every invariant of the list and of the tree.
 *
 * Each leaf is compared with what the list says about its frames, so the two
 * ways to answer a question are checked against each other.
 */
#include "backend_radix.h"

struct sums {
	const struct radix *radix;
	size_t leaves; /* but runs */
	size_t nodes;
};

static const char *
check_list(const struct radix *radix)
{
	const struct physseg_node *node, *prev = NULL;
	size_t hidden = 0;

	for (node = radix_segment(radix->head); node != NULL;
	     prev = node, node = radix_next(node)) {
		if (RADIX_PREV(node) != prev)
			return "radix: the list's links differ";
		if (node->start >= node->end)
			return "radix: an empty segment";
		if (prev != NULL && prev->end > node->start)
			return "radix: the list is out of order";
		hidden += RADIX_SHOWN(node) == 0;
	}
	if (radix->tail != prev)
		return "radix: the list's tail is not its last";
	return radix->hidden == hidden ? NULL
				       : "radix: number of hidden segments";
}

/* What the list says about frames [lo, last]. */
struct expected {
	const struct physseg_node *first; /* that starts there */
	size_t shown;			  /* frames */
};

static struct expected
expect(const struct radix *radix, physseg_pfn_t lo, physseg_pfn_t last)
{
	struct expected expected = { NULL, 0 };
	const struct physseg_node *node = physseg_radix_floor(radix, lo);
	physseg_pfn_t from, to;

	if (node == NULL)
		node = radix_segment(radix->head);
	for (; node != NULL && node->start <= last; node = radix_next(node)) {
		if (RADIX_SHOWN(node) == 0 || node->end <= lo)
			continue;
		if (node->start >= lo && expected.first == NULL)
			expected.first = node;
		from = node->start > lo ? node->start : lo;
		to = node->end - 1 < last ? node->end - 1 : last;
		expected.shown += (size_t)(to - from) + 1;
	}
	return expected;
}

/* Each frame of a leaf, by its segment. */
static const char *
check_frames(const struct radix *radix, const struct radix_leaf *leaf,
    physseg_pfn_t lo, size_t n)
{
	const struct physseg_node *node;
	physseg_pfn_t pfn;
	bool shown;

	for (pfn = lo; pfn - lo < n; pfn++) {
		node = physseg_radix_floor(radix, pfn);
		shown =
		    node != NULL && pfn < node->end && RADIX_SHOWN(node) != 0;
		if (radix_present(leaf, pfn) != (shown ? 1U : 0U))
			return "radix: a leaf has other frames";
		if (shown &&
		    (uintptr_t)physseg_radix_page(radix, pfn, 1) !=
			RADIX_BASE(node) + (uintptr_t)pfn)
			return "radix: a leaf has another base";
	}
	return NULL;
}

static const char *
check_leaf(struct sums *sums, const struct radix_leaf *leaf, unsigned shift,
    physseg_pfn_t lo)
{
	const size_t n = shift < RADIX_BITS ? 1 : RADIX_FANOUT;
	const physseg_pfn_t last = lo + (((physseg_pfn_t)1 << shift) - 1);
	const struct expected expected = expect(sums->radix, lo, last);

	if (leaf == &sums->radix->empty)
		return expected.shown == 0 ? NULL
					   : "radix: a segment is not shown";
	if (leaf->refs == 0)
		sums->leaves++;
	if (leaf->first != (uintptr_t)expected.first)
		return "radix: a leaf has another start";
	if (shift > RADIX_BITS || leaf->refs != 0) {
		if (leaf->present != UINTPTR_MAX)
			return "radix: a run has gaps";
		if (expected.shown != last - lo + 1)
			return "radix: a run has frames that are not there";
	}
	return check_frames(sums->radix, leaf, lo, n);
}

/* NULL, or what is wrong below a slot of 2^shift frames; *starts: does a
 * segment start there? */
static const char *
check_slot(struct sums *sums, uintptr_t entry, unsigned shift, physseg_pfn_t lo,
    bool *starts)
{
	const struct radix_node *node = radix_node(entry);
	const char *broken;
	size_t i, used = 0;

	if (!radix_is_node(entry)) {
		*starts = radix_leaf(entry)->first != 0;
		return check_leaf(sums, radix_leaf(entry), shift, lo);
	}
	sums->nodes++;
	if (radix_shift(entry) != shift - RADIX_BITS)
		return "radix: a node is at the wrong height";
	for (i = 0; i < RADIX_FANOUT; i++) {
		used += node->slot[i] != (uintptr_t)&sums->radix->empty;
		if (radix_digit((physseg_pfn_t)i << radix_shift(entry),
			radix_shift(entry)) != i)
			continue; /* above the highest frame of all */
		broken = check_slot(sums, node->slot[i], shift - RADIX_BITS,
		    lo + ((physseg_pfn_t)i << radix_shift(entry)), starts);
		if (broken != NULL)
			return broken;
		if (*starts != ((node->starts >> i & 1) != 0))
			return "radix: a start is not marked, or marked "
			       "where none is";
	}
	*starts = node->starts != 0;
	if (used == 0)
		return "radix: an empty node";
	return used == node->used ? NULL : "radix: a node's number of slots";
}

/* Every leaf and node is in use or out of it; of leaves that are runs it is not
 * known how many there are. */
static const char *
check_pool(const struct radix_pool *pool, size_t used, bool all)
{
	size_t n = used + pool->nfree;
	uintptr_t mem;

	for (mem = pool->limbo; mem != 0;
	     mem = *(const uintptr_t *)(mem + pool->link))
		n++;
	if (n > pool->total || (all && n != pool->total))
		return "radix: memory is lost";
	return NULL;
}

const char *
physseg_radix_check(const void *index)
{
	struct sums sums = { index, 0, 0 };
	const struct radix *radix = index;
	const uintptr_t root = radix->root;
	const char *broken;
	bool starts;

	if ((broken = check_list(radix)) != NULL)
		return broken;
	if (radix_is_node(root) &&
	    (broken = check_slot(&sums, root, radix_shift(root) + RADIX_BITS, 0,
		 &starts)) != NULL)
		return broken;
	if (!radix_is_node(root) && root != (uintptr_t)&radix->empty)
		return "radix: the root is a leaf";
	if ((broken = check_pool(&radix->nodes, sums.nodes, true)) != NULL)
		return broken;
	return check_pool(&radix->leaves, sums.leaves, !radix_is_node(root));
}
