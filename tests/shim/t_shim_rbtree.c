/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/shim/t_shim_rbtree.c -- rbtree(3): what its manual page says, the
 * links, and long random sequences against a table of which keys are in.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

#include "shim/rbtree.h"

_Static_assert(sizeof(rb_node_t) <= 4 * sizeof(void *), "four words");

/* The node is not first, so that an offset that is forgotten shows. */
struct item {
	int key;
	rb_node_t node;
	int label;
};

/* What the comparisons are told, and what they tell. */
struct context {
	int sign; /* 1: ascending; -1: descending */
	size_t calls;
};

static struct context order;

static int
compare(void *context, int a, int b)
{
	struct context *c = context;

	test_assert(c == &order);
	c->calls++;
	/* Any negative or positive number must do. */
	return a == b ? 0 : c->sign * (a < b ? INT_MIN + 1 : INT_MAX);
}

static int
compare_nodes(void *context, const void *node1, const void *node2)
{
	const struct item *a = node1, *b = node2;

	return compare(context, a->key, b->key);
}

static int
compare_key(void *context, const void *node, const void *key)
{
	const struct item *a = node;

	return compare(context, a->key, *(const int *)key);
}

static const rb_tree_ops_t ops = {
	.rbto_compare_nodes = compare_nodes,
	.rbto_compare_key = compare_key,
	.rbto_node_offset = offsetof(struct item, node),
	.rbto_context = &order,
};

static rb_tree_t tree;

static void
setup(void)
{
	order = (struct context){ .sign = 1 };
	rb_tree_init(&tree, &ops);
}

/* tree: the items with keys 10, 20, ... 10 * n, added in a mixed order. */
static void
fill(struct item *items, int n)
{
	for (int i = 0; i < n; i++) {
		struct item *item = &items[i * 7 % n];

		item->key = 10 * (i * 7 % n + 1);
		ck_assert_ptr_eq(rb_tree_insert_node(&tree, item), item);
	}
}

static struct item *
find(int key)
{
	return rb_tree_find_node(&tree, &key);
}

static struct item *
geq(int key)
{
	return rb_tree_find_node_geq(&tree, &key);
}

static struct item *
leq(int key)
{
	return rb_tree_find_node_leq(&tree, &key);
}

/* ---- invariants ---- */

static const struct item *
item_of(const rb_node_t *node)
{
	return (const void *)((const char *)node - offsetof(struct item, node));
}

static int
maximum(int a, int b)
{
	return a > b ? a : b;
}

/* The height of a subtree, through the links alone; keys lie between `low' and
 * `high'; *nodes counts. */
static int
height(const rb_node_t *node, long low, long high, size_t *nodes)
{
	long key;

	if (node == NULL)
		return 0;
	key = item_of(node)->key;
	test_assert(low < key);
	test_assert(key < high);
	++*nodes;
	return 1 +
	    maximum(height(rb_node_left(node), low, key, nodes),
		height(rb_node_right(node), key, high, nodes));
}

static int
log2_ceiling(size_t n)
{
	int log = 0;

	while ((size_t)1 << log < n)
		log++;
	return log;
}

/* Sorted, balanced, `n' nodes: 2 log2(n + 1) is what rbtree(3) promises. */
static int
check_tree(size_t n)
{
	size_t nodes = 0;
	int h = height(rb_tree_root(&tree), INT_MIN, INT_MAX, &nodes);

	ck_assert_uint_eq(nodes, n);
	ck_assert_int_le(h, 2 * log2_ceiling(n + 1));
	return h;
}

/* ---- cases ---- */

START_TEST(empty)
{
	struct item *item;

	ck_assert_ptr_null(rb_tree_root(&tree));
	ck_assert_ptr_null(RB_TREE_MIN(&tree));
	ck_assert_ptr_null(RB_TREE_MAX(&tree));
	ck_assert_ptr_null(rb_tree_iterate(&tree, NULL, RB_DIR_LEFT));
	ck_assert_ptr_null(rb_tree_iterate(&tree, NULL, RB_DIR_RIGHT));
	ck_assert_ptr_null(find(1));
	ck_assert_ptr_null(geq(INT_MIN));
	ck_assert_ptr_null(leq(INT_MAX));
	RB_TREE_FOREACH(item, &tree)
		ck_abort_msg("a node in an empty tree");
}
END_TEST

START_TEST(insert_returns_what_is_in)
{
	struct item a = { .key = 5 }, b = { .key = 5 };

	ck_assert_ptr_eq(rb_tree_insert_node(&tree, &a), &a);
	ck_assert_ptr_eq(rb_tree_insert_node(&tree, &b), &a);
	ck_assert_ptr_eq(find(5), &a);
	check_tree(1);
	rb_tree_remove_node(&tree, &a);
	ck_assert_ptr_null(find(5));
	ck_assert_ptr_eq(rb_tree_insert_node(&tree, &b), &b);
	ck_assert_ptr_eq(find(5), &b);
}
END_TEST

START_TEST(find_exact_and_nearest)
{
	struct item items[20];

	fill(items, 20);
	for (int i = 0; i < 20; i++) {
		int key = 10 * (i + 1);

		ck_assert_ptr_eq(find(key), &items[i]);
		ck_assert_ptr_eq(geq(key), &items[i]);
		ck_assert_ptr_eq(leq(key), &items[i]);
		ck_assert_ptr_null(find(key + 5));
		ck_assert_ptr_eq(geq(key - 5), &items[i]);
		ck_assert_ptr_eq(leq(key + 5), &items[i]);
	}
	ck_assert_ptr_null(geq(201));
	ck_assert_ptr_null(leq(9));
	ck_assert_ptr_eq(geq(INT_MIN), &items[0]);
	ck_assert_ptr_eq(leq(INT_MAX), &items[19]);
}
END_TEST

START_TEST(iterate)
{
	struct item items[20], *item;
	int i = 0;

	fill(items, 20);
	/* Of NULL: as rbtree(3) has it, the first is on the left. */
	ck_assert_ptr_eq(rb_tree_iterate(&tree, NULL, RB_DIR_LEFT), &items[0]);
	ck_assert_ptr_eq(
	    rb_tree_iterate(&tree, NULL, RB_DIR_RIGHT), &items[19]);
	ck_assert_ptr_eq(RB_TREE_MIN(&tree), &items[0]);
	ck_assert_ptr_eq(RB_TREE_MAX(&tree), &items[19]);
	ck_assert_ptr_eq(RB_TREE_NEXT(&tree, &items[7]), &items[8]);
	ck_assert_ptr_eq(RB_TREE_PREV(&tree, &items[7]), &items[6]);
	ck_assert_ptr_null(RB_TREE_NEXT(&tree, &items[19]));
	ck_assert_ptr_null(RB_TREE_PREV(&tree, &items[0]));
	RB_TREE_FOREACH(item, &tree)
		ck_assert_ptr_eq(item, &items[i++]);
	ck_assert_int_eq(i, 20);
	RB_TREE_FOREACH_REVERSE(item, &tree)
		ck_assert_ptr_eq(item, &items[--i]);
	ck_assert_int_eq(i, 0);
}
END_TEST

START_TEST(remove_while_walking)
{
	struct item items[20], *item, *next;
	int i = 0;

	fill(items, 20);
	RB_TREE_FOREACH_SAFE(item, &tree, next) {
		ck_assert_ptr_eq(item, &items[i++]);
		if (i % 2 == 0)
			rb_tree_remove_node(&tree, item);
	}
	ck_assert_int_eq(i, 20);
	check_tree(10);
	RB_TREE_FOREACH_REVERSE_SAFE(item, &tree, next) {
		ck_assert_ptr_eq(item, &items[i - 2]);
		i -= 2;
		rb_tree_remove_node(&tree, item);
		item->key = -1; /* nobody looks at it again */
	}
	ck_assert_int_eq(i, 0);
	ck_assert_ptr_null(rb_tree_root(&tree));
}
END_TEST

/* The comparison decides the order, also of keys. */
START_TEST(descending)
{
	struct item items[20], *item;
	int i = 20;

	order.sign = -1;
	fill(items, 20);
	RB_TREE_FOREACH(item, &tree)
		ck_assert_ptr_eq(item, &items[--i]);
	ck_assert_ptr_eq(geq(55), &items[4]);
	ck_assert_ptr_eq(leq(55), &items[5]);
}
END_TEST

START_TEST(objects_are_not_touched)
{
	struct item item = { .key = 1, .label = 0x5a5a };

	rb_tree_insert_node(&tree, &item);
	rb_tree_remove_node(&tree, &item);
	ck_assert_int_eq(item.key, 1);
	ck_assert_int_eq(item.label, 0x5a5a);
}
END_TEST

START_TEST(two_trees)
{
	struct item a = { .key = 1 }, b = { .key = 1 };
	rb_tree_t other;

	rb_tree_init(&other, &ops);
	ck_assert_ptr_eq(rb_tree_insert_node(&tree, &a), &a);
	ck_assert_ptr_eq(rb_tree_insert_node(&other, &b), &b);
	ck_assert_ptr_eq(RB_TREE_MIN(&tree), &a);
	ck_assert_ptr_eq(RB_TREE_MIN(&other), &b);
}
END_TEST

/* ---- random ---- */

#define KEYS 200

static struct item pool[KEYS];
static bool in[KEYS];

/* The first key in the model from `key' on in steps of `step'; NULL: none. */
static struct item *
expect(int key, int step)
{
	for (; key >= 0 && key < KEYS; key += step)
		if (in[key])
			return &pool[key];
	return NULL;
}

/* Insert where a search of our own ends, down the links and without calls. */
static void
insert_by_links(struct item *item)
{
	const rb_node_t *node = rb_tree_root(&tree);
	struct item *parent = NULL;
	unsigned int direction = RB_DIR_LEFT;

	while (node != NULL) {
		parent = &pool[item_of(node)->key];
		direction =
		    item->key < parent->key ? RB_DIR_LEFT : RB_DIR_RIGHT;
		node = direction == RB_DIR_LEFT ? rb_node_left(node)
						: rb_node_right(node);
	}
	order.calls = 0;
	rb_tree_insert_at(&tree, item, parent, direction);
	test_assert(order.calls == 0);
}

static void
compare_with_model(size_t n)
{
	struct item *item = NULL;

	check_tree(n);
	for (int key = -1; key <= KEYS; key++) {
		bool is_in = key >= 0 && key < KEYS && in[key];

		test_assert(find(key) == (is_in ? &pool[key] : NULL));
		test_assert(geq(key) == expect(key < 0 ? 0 : key, 1));
		test_assert(
		    leq(key) == expect(key < KEYS ? key : KEYS - 1, -1));
		if (is_in) {
			test_assert(RB_TREE_PREV(&tree, &pool[key]) == item);
			test_assert((item == NULL ? RB_TREE_MIN(&tree)
						  : RB_TREE_NEXT(&tree,
							item)) == &pool[key]);
			item = &pool[key];
		}
	}
	ck_assert_ptr_eq(RB_TREE_MAX(&tree), item);
}

START_TEST(random_steps)
{
	struct test_rng rng = { test_seed };
	unsigned long steps = test_steps != 0 ? test_steps : 5000;
	size_t n = 0;

	for (int key = 0; key < KEYS; key++) {
		pool[key].key = key;
		in[key] = false;
	}
	for (unsigned long step = 0; step < steps; step++) {
		struct item twin, *item = &pool[test_random_below(&rng, KEYS)];

		if (in[item->key] && test_random_below(&rng, 4) == 0) {
			twin = *item;
			test_assert(rb_tree_insert_node(&tree, &twin) == item);
		} else if (in[item->key]) {
			rb_tree_remove_node(&tree, item);
			in[item->key] = false;
			n--;
		} else {
			if (test_random_below(&rng, 2) == 0)
				insert_by_links(item);
			else
				test_assert(
				    rb_tree_insert_node(&tree, item) == item);
			in[item->key] = true;
			n++;
		}
		compare_with_model(n);
	}
}
END_TEST

/* ---- many ---- */

/* Ascending, then every other one out: the worst for a tree that does not
 * balance.  No call looks at more nodes than the tree is high: at most
 * 2 log2(1000001), that is 39. */
START_TEST(a_million)
{
	const int n = 1000000;
	struct item *items = calloc((size_t)n, sizeof(*items));
	int h;

	ck_assert_ptr_nonnull(items);
	for (int i = 0; i < n; i++) {
		items[i].key = i;
		order.calls = 0;
		rb_tree_insert_node(&tree, &items[i]);
		test_assert(order.calls <= 39);
	}
	check_tree((size_t)n);
	for (int i = 0; i < n; i += 2)
		rb_tree_remove_node(&tree, &items[i]);
	h = check_tree((size_t)n / 2);
	for (int i = 0; i < n; i += 997) {
		order.calls = 0;
		test_assert(find(i) == (i % 2 == 0 ? NULL : &items[i]));
		test_assert(order.calls <= (size_t)h);
	}
	free(items);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("rbtree(3)");
	TCase *cases = tcase_create("cases"), *random = tcase_create("random");

	tcase_add_checked_fixture(cases, setup, NULL);
	tcase_add_test(cases, empty);
	tcase_add_test(cases, insert_returns_what_is_in);
	tcase_add_test(cases, find_exact_and_nearest);
	tcase_add_test(cases, iterate);
	tcase_add_test(cases, remove_while_walking);
	tcase_add_test(cases, descending);
	tcase_add_test(cases, objects_are_not_touched);
	tcase_add_test(cases, two_trees);
	suite_add_tcase(s, cases);
	tcase_add_checked_fixture(random, setup, NULL);
	tcase_add_test(random, random_steps);
	tcase_add_test(random, a_million);
	suite_add_tcase(s, random);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
