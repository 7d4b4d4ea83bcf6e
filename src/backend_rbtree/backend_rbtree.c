/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_rbtree.c -- a red-black tree of segments, by start.
 *
 * rbtree(3) balances and iterates.  Searches follow its links themselves,
 * because rbtree(3) would call a function at each level.  A lookup is for any
 * frame, so half of its jumps would be mispredicted: it selects the child
 * without a jump (select.h), and only its last branch is mispredicted.  Changes
 * mostly come in some order.  They jump, and the jumps are predicted.
 *
 * Segments do not overlap, so their ends are in order too, and a node keeps its
 * place in the tree when its bounds change.
 */
#include <physseg/backend.h>

#include "base/range.h"
#include "base/select.h"
#include "shim/rbtree.h"

_Static_assert(
    sizeof(struct rb_node) <= sizeof(((struct physseg_node *)0)->link),
    "a tree's links must fit into a node's");

/* No comparison: the tree is only changed at places that were found here. */
static const rb_tree_ops_t ops = {
	.rbto_node_offset = offsetof(struct physseg_node, link),
};

static struct physseg_node *
node_of(const struct rb_node *rb)
{
	return (void *)((uintptr_t)rb - offsetof(struct physseg_node, link));
}

/* rbtree(3) has no `const', not even where it does not change the tree. */
static rb_tree_t *
tree_of(const void *index)
{
	return (rb_tree_t *)(uintptr_t)index;
}

static size_t
rbtree_size(size_t capacity)
{
	(void)capacity;
	return sizeof(rb_tree_t);
}

static void
rbtree_init(void *index, size_t capacity, size_t page_size)
{
	(void)page_size;
	(void)capacity;
	rb_tree_init(index, &ops);
}

static void
rbtree_insert(void *index, struct physseg_node *node)
{
	const struct rb_node *rb = rb_tree_root(index);
	struct physseg_node *parent = NULL;
	const physseg_pfn_t start = node->start;

	while (rb != NULL) {
		parent = node_of(rb);
		rb = parent->start < start ? rb_node_right(rb)
					   : rb_node_left(rb);
	}
	rb_tree_insert_at(index, node, parent,
	    parent != NULL && parent->start < start ? RB_DIR_RIGHT
						    : RB_DIR_LEFT);
}

static void
rbtree_remove(void *index, struct physseg_node *node)
{
	rb_tree_remove_node(index, node);
}

static void
rbtree_update(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, uintptr_t base)
{
	(void)index;
	node->start = start;
	node->end = end;
	node->base = base;
}

static struct physseg_node *
rbtree_next(const void *index, const struct physseg_node *node)
{
	rb_tree_t *tree = tree_of(index);

	return node == NULL
	    ? RB_TREE_MIN(tree)
	    : rb_tree_iterate(tree, (void *)(uintptr_t)node, RB_DIR_RIGHT);
}

static struct physseg_node *
rbtree_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct rb_node *rb = rb_tree_root(index);
	struct physseg_node *node;

	while (rb != NULL) {
		node = node_of(rb);
		if (physseg_range_contains(node->start, node->end, pfn))
			return node;
		rb = physseg_select(
		    rb_node_left(rb), rb_node_right(rb), node->start <= pfn);
	}
	return NULL;
}

static struct physseg_node *
rbtree_prev(const void *index, const struct physseg_node *node)
{
	rb_tree_t *tree = tree_of(index);

	return node == NULL
	    ? RB_TREE_MAX(tree)
	    : rb_tree_iterate(tree, (void *)(uintptr_t)node, RB_DIR_LEFT);
}

/* The other node is the next or the previous one in order.  So it becomes a
 * child of the node on that side, or of the node that was there, on the near
 * side. */
static void
rbtree_split(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, struct physseg_node *other)
{
	struct rb_node *rb = (void *)&node->link;
	const bool above = other->start > start;

	if ((above ? rb_node_right(rb) : rb_node_left(rb)) == NULL)
		rb_tree_insert_at(
		    index, other, node, above ? RB_DIR_RIGHT : RB_DIR_LEFT);
	else
		rb_tree_insert_at(index, other,
		    above ? rbtree_next(index, node) : rbtree_prev(index, node),
		    above ? RB_DIR_LEFT : RB_DIR_RIGHT);
	node->start = start;
	node->end = end;
}

static void
rbtree_join(void *index, struct physseg_node *node, struct physseg_node *upper)
{
	rb_tree_remove_node(index, upper);
	node->end = upper->end;
}

/* Only the lowest node that ends above `lo' can be the first in the range. */
static struct physseg_node *
rbtree_find(const void *index, physseg_pfn_t lo, physseg_pfn_t hi)
{
	const struct rb_node *rb = rb_tree_root(index), *lowest = NULL;
	struct physseg_node *node;

	while (rb != NULL)
		if (node_of(rb)->end <= lo)
			rb = rb_node_right(rb);
		else {
			lowest = rb;
			rb = rb_node_left(rb);
		}
	if (lowest == NULL)
		return NULL;
	node = node_of(lowest);
	return node->start < hi ? node : NULL;
}

static const struct physseg_backend backend = {
	.struct_size = sizeof(struct physseg_backend),
	.name = "rbtree",
	.capabilities = PHYSSEG_SORTED | PHYSSEG_HOTPLUG,
	.size = rbtree_size,
	.init = rbtree_init,
	.insert = rbtree_insert,
	.remove = rbtree_remove,
	.update = rbtree_update,
	.split = rbtree_split,
	.join = rbtree_join,
	.find = rbtree_find,
	.lookup = rbtree_lookup,
	.next = rbtree_next,
	.prev = rbtree_prev,
};

const struct physseg_backend *
physseg_backend_rbtree(void)
{
	return &backend;
}
