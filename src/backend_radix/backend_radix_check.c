/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_check.c -- every invariant of the list and of the tree.
 *
 * Each block is compared with what the list says about its frames.  So the tree
 * and the list are checked against each other.
 */
#include "backend_radix.h"

struct radix_sums {
	const struct radix *radix;
	size_t nodes;
	size_t blocks; /* without the runs */
	size_t tables;
	size_t ranks;
};

static const char *
check_list(const struct radix *radix)
{
	const struct physseg_node *node, *prev = NULL;
	size_t pageless = 0;

	for (node = radix_segment(radix->head); node != NULL;
	     prev = node, node = radix_next(node)) {
		if (RADIX_PREV(node) != prev)
			return "radix: the list's links differ";
		if (node->start >= node->end)
			return "radix: an empty segment";
		if (prev != NULL && prev->end > node->start)
			return "radix: the list is out of order";
		pageless += !radix_has_pages(node);
	}
	if (radix->tail != prev)
		return "radix: the list's tail is not its last";
	return radix->pageless == pageless
	    ? NULL
	    : "radix: number of segments without pages";
}

/* How many of frames [lo, last] have page structures, by the list. */
static physseg_pfn_t
count_present(const struct radix *radix, physseg_pfn_t lo, physseg_pfn_t last)
{
	const struct physseg_node *node = physseg_radix_floor(radix, lo);
	physseg_pfn_t from, to, n = 0;

	if (node == NULL)
		node = radix_segment(radix->head);
	for (; node != NULL && node->start <= last; node = radix_next(node)) {
		if (!radix_has_pages(node) || node->end <= lo)
			continue;
		from = node->start > lo ? node->start : lo;
		to = node->end - 1 < last ? node->end - 1 : last;
		n += to - from + 1;
	}
	return n;
}

/* The first node that starts in [lo, last]. */
static const struct physseg_node *
first_in(const struct radix *radix, physseg_pfn_t lo, physseg_pfn_t last)
{
	const struct physseg_node *node =
	    lo == 0 ? NULL : physseg_radix_floor(radix, lo - 1);

	node = node == NULL ? radix_segment(radix->head) : radix_next(node);
	return node != NULL && node->start <= last ? node : NULL;
}

/* Does a block say that this is the first to start in a quarter? */
static bool
starts_with(
    const struct radix_block *block, size_t i, const struct physseg_node *first)
{
	if (first == NULL)
		return (block->starts >> i & 1) == 0;
	return (block->starts >> i & 1) != 0 &&
	    radix_detail(block)->first[i] == (uintptr_t)first;
}

/* Each quarter of a block: where segments start. */
static const char *
check_starts(const struct radix *radix, const struct radix_block *block,
    physseg_pfn_t lo)
{
	const physseg_pfn_t n = (physseg_pfn_t)1 << RADIX_QUARTER_BITS;
	const struct physseg_node *first;
	size_t i;

	for (i = 0; i < RADIX_QUARTERS; i++, lo += n) {
		first = first_in(radix, lo, lo + (n - 1));
		if (!starts_with(block, i, first))
			return "radix: a block has another start";
	}
	return NULL;
}

/* Each frame of a block: is it present if its segment has page structures, and
 * with that base? */
static const char *
check_frames(const struct radix *radix, const struct radix_block *block,
    physseg_pfn_t lo)
{
	const struct physseg_node *node;
	physseg_pfn_t pfn;
	bool shown;

	for (pfn = lo; pfn - lo < RADIX_ENTRIES * RADIX_FANOUT; pfn++) {
		node = physseg_radix_floor(radix, pfn);
		shown =
		    node != NULL && pfn < node->end && radix_has_pages(node);
		if (radix_present(block, pfn) != (shown ? 1U : 0U))
			return "radix: a block has other frames";
		if (shown &&
		    radix_page_in_block(block, pfn, 1) !=
			node->base + (uintptr_t)pfn)
			return "radix: a block has another base";
		if (physseg_radix_page(radix, pfn, radix->page_size) !=
		    (shown ? (void *)(node->base +
				 (uintptr_t)pfn * radix->page_size)
			   : NULL))
			return "radix: a frame has another page";
	}
	return NULL;
}

/* Are all frames of all entries present, with one base? */
static bool
is_uniform(const struct radix_block *block)
{
	size_t i, k;

	for (i = 0; i < RADIX_ENTRIES; i++) {
		if (block->entry[i].present != UINTPTR_MAX ||
		    block->entry[i].base != block->entry[0].base)
			return false;
		for (k = 0; k < RADIX_BASES; k++)
			if (block->entry[i].delta[k] != 0)
				return false;
	}
	return true;
}

static const char *
check_block(struct radix_sums *sums, const struct radix_block *block,
    unsigned shift, physseg_pfn_t lo)
{
	const physseg_pfn_t last = lo + (((physseg_pfn_t)1 << shift) - 1);
	const physseg_pfn_t present = count_present(sums->radix, lo, last);
	size_t i;

	if (block == &sums->radix->empty)
		return present == 0 ? NULL
				    : "radix: a segment is not in the tree";
	if (physseg_radix_is_empty(block))
		return "radix: an empty block";
	if (block->refs != 0 && block->starts != 0)
		return "radix: a run has a start";
	if (shift > RADIX_BLOCK_BITS || block->refs != 0) {
		if (!is_uniform(block))
			return "radix: a run is not uniform";
		if (present != last - lo + 1)
			return "radix: a run has frames that no segment has";
	}
	if (block->refs != 0)
		return NULL;
	sums->blocks++;
	for (i = 0; i < RADIX_ENTRIES; i++)
		sums->tables += block->entry[i].delta[0] == RADIX_EXPANDED;
	if (shift > RADIX_BLOCK_BITS)
		return block->starts <= 1 &&
			starts_with(block, 0, first_in(sums->radix, lo, last))
		    ? NULL
		    : "radix: a large slot has another start";
	if (check_starts(sums->radix, block, lo) != NULL)
		return check_starts(sums->radix, block, lo);
	return check_frames(sums->radix, block, lo);
}

/* NULL, or what is wrong below a slot of 2^shift frames.  *starts tells whether
 * a segment starts there. */
static const char *
check_slot(struct radix_sums *sums, uintptr_t entry, unsigned shift,
    physseg_pfn_t lo, bool *starts)
{
	const struct radix_node *node = radix_node(entry);
	const char *broken;
	size_t i, used = 0;

	if (!radix_is_node(entry)) {
		*starts = radix_block(entry)->starts != 0;
		return check_block(sums, radix_block(entry), shift, lo);
	}
	sums->nodes++;
	sums->ranks += node->ranks != 0;
	if (radix_shift(entry) != shift - RADIX_BITS)
		return "radix: a node is at the wrong height";
	for (i = 0; i < RADIX_FANOUT; i++) {
		used += node->slot[i] != (uintptr_t)&sums->radix->empty;
		if (radix_digit((physseg_pfn_t)i << radix_shift(entry),
			radix_shift(entry)) != i)
			continue; /* above the highest frame of all */
		if (radix_is_ranked(node->slot[i]) &&
		    radix_block(radix_behind(node->slot[i], node, i))->refs !=
			0)
			return "radix: a run is ranked";
		broken = check_slot(sums, radix_behind(node->slot[i], node, i),
		    shift - RADIX_BITS,
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

/* Everything from a pool is in use, free or in the limbo.  Of blocks there may
 * be more in use than were counted, because runs are not counted (`all'). */
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
	struct radix_sums sums = { index, 0, 0, 0, 0 };
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
		return "radix: the root is a block";
	if ((broken = check_pool(&radix->nodes, sums.nodes, true)) != NULL)
		return broken;
	if ((broken = check_pool(&radix->tables, sums.tables, true)) != NULL)
		return broken;
	if ((broken = check_pool(&radix->ranks, sums.ranks, true)) != NULL)
		return broken;
	return check_pool(&radix->blocks, sums.blocks, !radix_is_node(root));
}
