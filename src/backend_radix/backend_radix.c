/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix.c -- the table of functions, and the list of segments.
 *
 * backend_radix.h tells what the tree is, and the rules of its readers.
 */
#include "backend_radix.h"
#include "mem.h"

static size_t
radix_size(size_t capacity)
{
	(void)capacity;
	return sizeof(struct radix);
}

static void
radix_init(void *index, size_t capacity)
{
	struct radix *radix = index;

	(void)capacity;
	memset(radix, 0, sizeof(*radix));
	radix->root = (uintptr_t)&radix->empty;
	physseg_radix_pool_init(radix);
}

/* ---- the list ---- */

static struct physseg_node *
head(const struct radix *radix)
{
	return radix_segment(physseg_atomic_load(&radix->head));
}

/* Put a node after another; NULL: before all. */
static void
list_insert(
    struct radix *radix, struct physseg_node *node, struct physseg_node *prev)
{
	struct physseg_node *next =
	    prev == NULL ? head(radix) : radix_next(prev);

	RADIX_PREV(node) = prev;
	physseg_atomic_store(&RADIX_NEXT(node), (uintptr_t)next);
	if (next == NULL)
		radix->tail = node;
	else
		RADIX_PREV(next) = node;
	physseg_atomic_store(
	    prev == NULL ? &radix->head : &RADIX_NEXT(prev), (uintptr_t)node);
}

/* The node keeps its own links, for readers who are at it. */
static void
list_remove(struct radix *radix, struct physseg_node *node)
{
	struct physseg_node *prev = RADIX_PREV(node), *next = radix_next(node);

	if (next == NULL)
		radix->tail = prev;
	else
		RADIX_PREV(next) = prev;
	physseg_atomic_store(
	    prev == NULL ? &radix->head : &RADIX_NEXT(prev), (uintptr_t)next);
}

/* Count the nodes without page structures. */
static void
pageless_add(struct radix *radix, uintptr_t n)
{
	physseg_atomic_store(&radix->pageless, radix->pageless + n);
}

/* ---- changes ---- */

static void
radix_insert(void *index, struct physseg_node *node)
{
	struct radix *radix = index;
	struct physseg_node *last = radix->tail;

	if (last != NULL && last->start > node->start)
		last = physseg_radix_floor(radix, node->start);
	if (!radix_has_pages(node))
		pageless_add(radix, 1);
	list_insert(
	    radix, node, last); /* after all, where they come in order */
	physseg_radix_mark(radix, node, node->start);
	if (radix_has_pages(node))
		physseg_radix_fill(radix, node, node->start, node->end);
}

static void
radix_remove(void *index, struct physseg_node *node)
{
	struct radix *radix = index;

	physseg_radix_clear(radix, node, node->start, node->end, node->end);
	list_remove(radix, node);
	if (!radix_has_pages(node))
		pageless_add(radix, (uintptr_t)-1);
}

/* What leaves leaves the tree before the list (rule 2), and what enters enters
 * it after.  The count of nodes without page structures rises before these
 * leave, and falls after they have come (physseg_radix_lookup). */
static void
radix_update(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, uintptr_t base)
{
	struct radix *radix = index;
	const struct physseg_node old = *node;

	if (start > old.start) {
		physseg_radix_mark(radix, node, start);
		physseg_radix_clear(radix, node, old.start, start, start);
	} else if (end < old.end)
		physseg_radix_clear(radix, node, end, old.end, start);
	else if (base == PHYSSEG_NOBASE && old.base != PHYSSEG_NOBASE) {
		pageless_add(radix, 1);
		physseg_radix_clear(radix, node, start, end, start);
	}
	physseg_atomic_store_pfn(&node->start, start);
	physseg_atomic_store_pfn(&node->end, end);
	physseg_atomic_store(&node->base, base);
	if (start < old.start) {
		physseg_radix_mark(radix, node, start);
		physseg_radix_unmark(radix, node, old.start);
	}
	if (base == PHYSSEG_NOBASE)
		return;
	if (start < old.start)
		physseg_radix_fill(radix, node, start, old.start);
	else if (end > old.end)
		physseg_radix_fill(radix, node, old.end, end);
	else if (old.base == PHYSSEG_NOBASE) {
		physseg_radix_fill(radix, node, start, end);
		pageless_add(radix, (uintptr_t)-1);
	}
}

/* Fragments share their runs; the hint in them helps the largest most. */
static void
hint(const struct radix *radix, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end)
{
	struct radix_block *block = (struct radix_block *)radix_descend(
	    radix, start + (end - start) / 2);

	if (block->refs != 0)
		physseg_atomic_store(&block->hint, (uintptr_t)node);
}

/* The other one is in the list, and its start is known, before the node's bound
 * moves: rule 3. */
static void
radix_split(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, struct physseg_node *other)
{
	struct radix *radix = index;
	const bool above = other->start > start;

	if (!radix_has_pages(other))
		pageless_add(radix, 1);
	list_insert(radix, other, above ? node : RADIX_PREV(node));
	physseg_radix_mark(radix, other, other->start);
	if (above) {
		if (end < other->start)
			physseg_radix_clear(
			    radix, node, end, other->start, start);
		physseg_atomic_store_pfn(&node->end, end);
	} else {
		physseg_radix_mark(radix, node, start);
		if (other->end < start)
			physseg_radix_clear(
			    radix, node, other->end, start, start);
		physseg_atomic_store_pfn(&node->start, start);
	}
	if (other->end - other->start > end - start)
		hint(radix, other, other->start, other->end);
}

/* Both have the frames until the upper one is out of the list. */
static void
radix_join(void *index, struct physseg_node *node, struct physseg_node *upper)
{
	struct radix *radix = index;

	physseg_atomic_store_pfn(&node->end, upper->end);
	physseg_radix_unmark(radix, upper, upper->start);
	list_remove(radix, upper);
	hint(radix, node, upper->start, upper->end);
	if (!radix_has_pages(upper))
		pageless_add(radix, (uintptr_t)-1);
}

/* ---- reading ---- */

static struct physseg_node *
radix_find(const void *index, physseg_pfn_t lo, physseg_pfn_t hi)
{
	const struct radix *radix = index;
	struct physseg_node *node;

	if (radix->tail == NULL || radix->tail->end <= lo)
		return NULL;
	node = physseg_radix_floor(radix, lo);
	if (node == NULL || node->end <= lo)
		node = node == NULL ? head(radix) : radix_next(node);
	return node != NULL && node->start < hi ? node : NULL;
}

static struct physseg_node *
radix_iterate(const void *index, const struct physseg_node *node)
{
	return node == NULL ? head(index) : radix_next(node);
}

static struct physseg_node *
radix_prev(const void *index, const struct physseg_node *node)
{
	const struct radix *radix = index;

	return node == NULL ? radix->tail : RADIX_PREV(node);
}

static const struct physseg_backend backend = {
	.struct_size = sizeof(struct physseg_backend),
	.name = "radix",
	.capabilities = PHYSSEG_SORTED | PHYSSEG_HOTPLUG |
	    (PHYSSEG_ATOMIC_PFN ? PHYSSEG_LOCKFREE : 0),
	.size = radix_size,
	.init = radix_init,
	.insert = radix_insert,
	.remove = radix_remove,
	.update = radix_update,
	.split = radix_split,
	.join = radix_join,
	.find = radix_find,
	.lookup = physseg_radix_lookup,
	.next = radix_iterate,
	.prev = radix_prev,
	.check = physseg_radix_check,
	.page = physseg_radix_page,
	.chunk_size = RADIX_CHUNK,
	.mem_needed = physseg_radix_mem_needed,
	.mem_add = physseg_radix_mem_add,
	.mem_reclaim = physseg_radix_mem_reclaim,
};

const struct physseg_backend *
physseg_backend_radix(void)
{
	return &backend;
}
