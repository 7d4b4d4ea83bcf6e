/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/rbtree.c -- rbtree(3) on <bsd/sys/tree.h>.
 *
 * libbsd balances the tree.  The searches are here, because they compare
 * objects through the caller's functions, and search for keys.  tree.h has one
 * comparison, of two nodes, which is fixed when it is compiled.
 */
#include "shim/rbtree.h"
#include "shim/tree.h"

/* For the functions of tree.h that nobody calls. */
static int
compare_nothing(const struct rb_node *a, const struct rb_node *b)
{
	(void)a;
	(void)b;
	return 0;
}

TREE_GENERATE(rb_tree, rb_node, rb_entry, compare_nothing)

static rb_node_t *
rb_node_of(const rb_tree_t *rbt, void *object)
{
	return (void *)((char *)object + rbt->rbt_ops->rbto_node_offset);
}

static void *
rb_object_of(const rb_tree_t *rbt, rb_node_t *node)
{
	if (node == NULL)
		return NULL;
	return (char *)node - rbt->rbt_ops->rbto_node_offset;
}

void
rb_tree_init(rb_tree_t *rbt, const rb_tree_ops_t *ops)
{
	RB_INIT(rbt);
	rbt->rbt_ops = ops;
}

/* Add a node at a link that is empty, and balance the tree. */
static void
rb_hang(rb_tree_t *rbt, rb_node_t *node, rb_node_t *parent, rb_node_t **link)
{
	RB_SET(node, parent, rb_entry);
	*link = node;
	rb_tree_RB_INSERT_COLOR(rbt, node);
}

void *
rb_tree_insert_node(rb_tree_t *rbt, void *object)
{
	const rb_tree_ops_t *ops = rbt->rbt_ops;
	rb_node_t *node = rb_node_of(rbt, object);
	rb_node_t *parent = NULL, **link = &rbt->rbh_root;

	while (*link != NULL) {
		parent = *link;
		int order = ops->rbto_compare_nodes(
		    ops->rbto_context, object, rb_object_of(rbt, parent));
		if (order == 0)
			return rb_object_of(rbt, parent);
		link = order < 0 ? &RB_LEFT(parent, rb_entry)
				 : &RB_RIGHT(parent, rb_entry);
	}
	rb_hang(rbt, node, parent, link);
	return object;
}

void
rb_tree_insert_at(
    rb_tree_t *rbt, void *object, void *parent, unsigned int direction)
{
	rb_node_t *above = parent == NULL ? NULL : rb_node_of(rbt, parent);
	rb_node_t **link = &rbt->rbh_root;

	if (above != NULL)
		link = direction == RB_DIR_LEFT ? &RB_LEFT(above, rb_entry)
						: &RB_RIGHT(above, rb_entry);
	rb_hang(rbt, rb_node_of(rbt, object), above, link);
}

void
rb_tree_remove_node(rb_tree_t *rbt, void *object)
{
	rb_tree_RB_REMOVE(rbt, rb_node_of(rbt, object));
}

/* The object that equals the key; NULL: none.  Then neighbour[RB_DIR_LEFT] is
 * the last object before the key, and neighbour[RB_DIR_RIGHT] the first after
 * it. */
static void *
rb_search(rb_tree_t *rbt, const void *key, rb_node_t *neighbour[2])
{
	const rb_tree_ops_t *ops = rbt->rbt_ops;
	rb_node_t *node = RB_ROOT(rbt);

	neighbour[RB_DIR_LEFT] = neighbour[RB_DIR_RIGHT] = NULL;
	while (node != NULL) {
		int order = ops->rbto_compare_key(
		    ops->rbto_context, rb_object_of(rbt, node), key);
		if (order == 0)
			break;
		neighbour[order < 0 ? RB_DIR_LEFT : RB_DIR_RIGHT] = node;
		node = order < 0 ? RB_RIGHT(node, rb_entry)
				 : RB_LEFT(node, rb_entry);
	}
	return rb_object_of(rbt, node);
}

void *
rb_tree_find_node(rb_tree_t *rbt, const void *key)
{
	rb_node_t *neighbour[2];

	return rb_search(rbt, key, neighbour);
}

void *
rb_tree_find_node_geq(rb_tree_t *rbt, const void *key)
{
	rb_node_t *neighbour[2];
	void *object = rb_search(rbt, key, neighbour);

	return object ? object : rb_object_of(rbt, neighbour[RB_DIR_RIGHT]);
}

void *
rb_tree_find_node_leq(rb_tree_t *rbt, const void *key)
{
	rb_node_t *neighbour[2];
	void *object = rb_search(rbt, key, neighbour);

	return object ? object : rb_object_of(rbt, neighbour[RB_DIR_LEFT]);
}

void *
rb_tree_iterate(rb_tree_t *rbt, void *object, unsigned int direction)
{
	rb_node_t *node;

	if (object == NULL)
		node = rb_tree_RB_MINMAX(
		    rbt, direction == RB_DIR_LEFT ? RB_NEGINF : RB_INF);
	else if (direction == RB_DIR_LEFT)
		node = rb_tree_RB_PREV(rb_node_of(rbt, object));
	else
		node = rb_tree_RB_NEXT(rb_node_of(rbt, object));
	return rb_object_of(rbt, node);
}
