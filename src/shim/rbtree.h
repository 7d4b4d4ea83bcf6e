/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/rbtree.h -- rbtree(3): red-black trees over nodes that the caller owns.
 *
 * A tree orders the caller's objects.  In each of them is an rb_node_t, at
 * `rbto_node_offset', and the tree touches nothing else.  Functions take and
 * return objects, not pointers to rb_node_t (for these use the offset 0).
 * Nothing here allocates.
 *
 * THE SIGN CONTRACT, the same for both comparisons: negative when the first
 * argument (a node) comes before the second (a node or a key), positive when
 * it comes after, 0 when they are equal.
 *
 * Ours, and not rbtree(3)'s: the links may be read (rb_tree_root, rb_node_left,
 * rb_node_right), so that a search needs no call at each level.
 */
#ifndef SHIM_RBTREE_H
#define SHIM_RBTREE_H

#include <stddef.h>

#define rb_tree_init	      physseg_rb_tree_init
#define rb_tree_insert_node   physseg_rb_tree_insert_node
#define rb_tree_remove_node   physseg_rb_tree_remove_node
#define rb_tree_find_node     physseg_rb_tree_find_node
#define rb_tree_find_node_geq physseg_rb_tree_find_node_geq
#define rb_tree_find_node_leq physseg_rb_tree_find_node_leq
#define rb_tree_iterate	      physseg_rb_tree_iterate
#define rb_tree_insert_at     physseg_rb_tree_insert_at

/* Four words.  The inner names are <bsd/sys/tree.h>'s, whose balancing works
 * on it. */
typedef struct rb_node {
	struct {
		struct rb_node *rbe_left;
		struct rb_node *rbe_right;
		struct rb_node *rbe_parent;
		int rbe_color;
	} rb_entry;
} rb_node_t;

typedef int (*rbto_compare_nodes_fn)(
    void *context, const void *node1, const void *node2);
typedef int (*rbto_compare_key_fn)(
    void *context, const void *node, const void *key);

typedef struct {
	rbto_compare_nodes_fn rbto_compare_nodes;
	rbto_compare_key_fn rbto_compare_key;
	size_t rbto_node_offset; /* of the rb_node_t in an object */
	void *rbto_context;	 /* handed to the comparisons */
} rb_tree_ops_t;

typedef struct rb_tree {
	struct rb_node *rbh_root;
	const rb_tree_ops_t *rbt_ops;
} rb_tree_t;

/* Make it empty.  `ops' is kept by reference.  O(1). */
void rb_tree_init(rb_tree_t *rbt, const rb_tree_ops_t *ops);

/* Add `object' and return it; or, when one that equals it is in the tree,
 * return that one and change nothing.  O(log n). */
void *rb_tree_insert_node(rb_tree_t *rbt, void *object);

/* Take out `object', which must be in the tree.  O(log n). */
void rb_tree_remove_node(rb_tree_t *rbt, void *object);

/* The object that equals `key'; the first that is not before it (geq); the
 * last that is not after it (leq).  NULL: none.  O(log n). */
void *rb_tree_find_node(rb_tree_t *rbt, const void *key);
void *rb_tree_find_node_geq(rb_tree_t *rbt, const void *key);
void *rb_tree_find_node_leq(rb_tree_t *rbt, const void *key);

#define RB_DIR_LEFT  0u
#define RB_DIR_RIGHT 1u

/*
 * The neighbour of `object', before it (RB_DIR_LEFT) or after it
 * (RB_DIR_RIGHT); NULL at the end.  Of NULL: the first object (RB_DIR_LEFT),
 * the last (RB_DIR_RIGHT), NULL in an empty tree.  O(log n), a whole walk O(n).
 */
void *rb_tree_iterate(rb_tree_t *rbt, void *object, unsigned int direction);

#define RB_TREE_MIN(T)	   rb_tree_iterate((T), NULL, RB_DIR_LEFT)
#define RB_TREE_MAX(T)	   rb_tree_iterate((T), NULL, RB_DIR_RIGHT)
#define RB_TREE_NEXT(T, N) rb_tree_iterate((T), (N), RB_DIR_RIGHT)
#define RB_TREE_PREV(T, N) rb_tree_iterate((T), (N), RB_DIR_LEFT)

/* Walk in order.  Where SAFE, the body may remove N; S is a variable for the
 * next one. */
#define RB_TREE_FOREACH(N, T) \
	for ((N) = RB_TREE_MIN(T); (N) != NULL; (N) = RB_TREE_NEXT((T), (N)))
#define RB_TREE_FOREACH_SAFE(N, T, S) \
	for ((N) = RB_TREE_MIN(T);    \
	     (N) != NULL && ((S) = RB_TREE_NEXT((T), (N)), 1); (N) = (S))
#define RB_TREE_FOREACH_REVERSE(N, T) \
	for ((N) = RB_TREE_MAX(T); (N) != NULL; (N) = RB_TREE_PREV((T), (N)))
#define RB_TREE_FOREACH_REVERSE_SAFE(N, T, S) \
	for ((N) = RB_TREE_MAX(T);            \
	     (N) != NULL && ((S) = RB_TREE_PREV((T), (N)), 1); (N) = (S))

/* ---- ours, not rbtree(3)'s: the links, to be read only ---- */

/*
 * Add `object' where a search of the caller's own ended: as the child of
 * `parent' on its side `direction', where there is none; with a NULL parent to
 * an empty tree.  No comparison is made.  O(log n), mostly O(1).
 */
void rb_tree_insert_at(
    rb_tree_t *rbt, void *object, void *parent, unsigned int direction);

/* The root, the smaller and the greater child; NULL: none. */
static inline const rb_node_t *
rb_tree_root(const rb_tree_t *rbt)
{
	return rbt->rbh_root;
}

static inline const rb_node_t *
rb_node_left(const rb_node_t *node)
{
	return node->rb_entry.rbe_left;
}

static inline const rb_node_t *
rb_node_right(const rb_node_t *node)
{
	return node->rb_entry.rbe_right;
}

#endif /* SHIM_RBTREE_H */
