/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix.c -- the table of functions, and the list of segments.
 *
 * In a change the tree and the list follow each other in such an order that a
 * reader who finds a frame present also finds a segment that contains it:
 * segments enter the list before their frames enter the tree, and leave it, or
 * shrink, after their frames have left the tree.
 *
 * Backend_radix.h tells what the tree is.
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

/* The last node that starts below a frame where none does. */
static struct physseg_node *
before(const struct radix *radix, physseg_pfn_t pfn)
{
	if (radix->tail != NULL && radix->tail->start < pfn)
		return radix->tail; /* as when segments come in order */
	return physseg_radix_floor(radix, pfn);
}

static void
hide(struct radix *radix, bool hidden)
{
	physseg_atomic_store(
	    &radix->hidden, radix->hidden + (hidden ? 1 : (uintptr_t)-1));
}

/* ---- changes ---- */

static void
radix_insert(void *index, struct physseg_node *node)
{
	struct radix *radix = index;

	RADIX_SHOWN(node) = 0;
	hide(radix, true);
	list_insert(radix, node, before(radix, node->start));
}

static void
radix_show(void *index, struct physseg_node *node, uintptr_t base)
{
	struct radix *radix = index;

	RADIX_BASE(node) = base;
	RADIX_SHOWN(node) = 1;
	physseg_radix_mark(radix, node, node->start);
	physseg_radix_fill(radix, node, node->start, node->end);
	hide(radix, false);
}

static void
radix_remove(void *index, struct physseg_node *node)
{
	struct radix *radix = index;

	if (RADIX_SHOWN(node) != 0)
		physseg_radix_clear(
		    radix, node, node->start, node->end, node->start);
	else
		hide(radix, false);
	list_remove(radix, node);
}

/* The back goes, or grows. */
static void
resize_end(struct radix *radix, struct physseg_node *node, physseg_pfn_t end)
{
	const physseg_pfn_t old = node->end;

	if (RADIX_SHOWN(node) != 0 && end < old)
		physseg_radix_clear(radix, node, end, old, node->start);
	physseg_atomic_store_pfn(&node->end, end);
	if (RADIX_SHOWN(node) != 0 && end > old)
		physseg_radix_fill(radix, node, old, end);
}

/* The front goes, or grows. */
static void
resize_start(
    struct radix *radix, struct physseg_node *node, physseg_pfn_t start)
{
	const physseg_pfn_t old = node->start;

	if (RADIX_SHOWN(node) != 0 && start > old) {
		physseg_radix_mark(radix, node, start);
		physseg_radix_clear(radix, node, old, start, start);
	}
	physseg_atomic_store_pfn(&node->start, start);
	if (RADIX_SHOWN(node) != 0 && start < old) {
		physseg_radix_mark(radix, node, start);
		physseg_radix_unmark(radix, node, old);
		physseg_radix_fill(radix, node, start, old);
	}
}

static void
radix_resize(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end)
{
	if (end != node->end)
		resize_end(index, node, end);
	if (start != node->start)
		resize_start(index, node, start);
}

/* Fragments share their runs; the hint in them helps the largest most. */
static void
hint(const struct radix *radix, struct physseg_node *node)
{
	struct radix_block *block = (struct radix_block *)radix_descend(
	    radix, node->start + (node->end - node->start) / 2);

	if (block->refs != 0)
		physseg_atomic_store(&block->hint, (uintptr_t)node);
}

static void
radix_split(void *index, struct physseg_node *node, physseg_pfn_t end,
    struct physseg_node *tail)
{
	struct radix *radix = index;

	RADIX_BASE(tail) = RADIX_BASE(node);
	RADIX_SHOWN(tail) = RADIX_SHOWN(node);
	list_insert(radix, tail, node);
	if (RADIX_SHOWN(node) == 0) {
		hide(radix, true);
		physseg_atomic_store(&radix->splits, radix->splits + 1);
		physseg_atomic_store_pfn(&node->end, end);
		return;
	}
	physseg_radix_mark(radix, tail, tail->start);
	physseg_radix_clear(radix, node, end, tail->start, node->start);
	physseg_atomic_store_pfn(&node->end, end);
	if (tail->end - tail->start > end - node->start)
		hint(radix, tail);
}

/* ---- reading ---- */

/* Beside a writer: what is present stays so and is found, or it goes; and what
 * is not shown is missed once for each time that such a node is split.  Here,
 * for a lookup that seldom gets so far shall not have it in itself. */
struct physseg_node *
physseg_radix_search(const struct radix *radix, physseg_pfn_t pfn)
{
	struct physseg_node *node;
	uintptr_t splits;

	do {
		splits = physseg_atomic_load(&radix->splits);
		node = physseg_radix_floor(radix, pfn);
		if (node != NULL && radix_contains(node, pfn))
			return node;
	} while (radix_present(radix_descend(radix, pfn), pfn) != 0 ||
	    physseg_atomic_load(&radix->splits) != splits);
	return NULL;
}

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
	.resize = radix_resize,
	.split = radix_split,
	.find = radix_find,
	.lookup = physseg_radix_lookup,
	.next = radix_iterate,
	.prev = radix_prev,
	.check = physseg_radix_check,
	.show = radix_show,
	.page = physseg_radix_page,
	.chunk_size = RADIX_CHUNK,
	.need = physseg_radix_need,
	.give = physseg_radix_give,
	.take = physseg_radix_take,
	.reclaim = physseg_radix_reclaim,
};

const struct physseg_backend *
physseg_backend_radix(void)
{
	return &backend;
}
