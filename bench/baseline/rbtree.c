/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * rbtree.c -- the textbook's red-black tree: nodes inside the records,
 * and a comparison that is called through a pointer at every level, with
 * branches on what it returned.  The balancing is <bsd/sys/tree.h>'s.
 */

#include <stdlib.h>

#include "shim/tree.h"

#include "subject.h"
#include "run/support.h"

struct element {
	struct physseg_node node;
	RB_ENTRY(element) entry;
};

_Static_assert(sizeof(struct element) <= RECORD_BYTES,
    "an element is the beginning of a record");

RB_HEAD(head, element);

struct tree {
	struct head head;
	/* <0, 0, >0: the element lies before, has, lies after the frame */
	int (*compare)(const struct element *, physseg_pfn_t);
};

static int
compare_key(const struct element *element, physseg_pfn_t pfn)
{
	if (element->node.end <= pfn)
		return -1;
	return element->node.start > pfn;
}

static int
compare(struct element *a, struct element *b)
{
	return (a->node.start > b->node.start) -
	    (a->node.start < b->node.start);
}

TREE_GENERATE(head, element, entry, compare)

static size_t
rbtree_size(size_t capacity)
{
	(void)capacity;
	return sizeof(struct tree);
}

static void
rbtree_init(void *index, size_t capacity, size_t page_size)
{
	struct tree *tree = index;

	(void)page_size;
	(void)capacity;
	RB_INIT(&tree->head);
	tree->compare = compare_key;
}

static void
rbtree_insert(void *index, struct physseg_node *node)
{
	struct tree *tree = index;

	head_RB_INSERT(&tree->head, (void *)node);
}

static struct physseg_node *
rbtree_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct tree *tree = index;
	struct element *element = RB_ROOT(&tree->head);
	int order;

	while (element != NULL) {
		order = tree->compare(element, pfn);
		if (order == 0)
			return &element->node;
		element = order < 0 ? RB_RIGHT(element, entry)
				    : RB_LEFT(element, entry);
	}
	return NULL;
}

/* The segment that starts where this one does. */
static void
rbtree_remove(void *index, struct physseg_node *node)
{
	struct tree *tree = index;

	head_RB_REMOVE(&tree->head, (void *)rbtree_lookup(index, node->start));
}

static const struct physseg_backend textbook = {
	.name = "textbook rbtree",
	.size = rbtree_size,
	.init = rbtree_init,
	.insert = rbtree_insert,
	.remove = rbtree_remove,
	.lookup = rbtree_lookup,
};

const struct subject baseline_rbtree = {
	.backend = &textbook,
	.foreign = true,
	.behind = sizeof(struct element) - sizeof(struct physseg_node),
};
