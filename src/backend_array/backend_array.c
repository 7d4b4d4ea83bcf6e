/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_array.c -- the static array of segments, in any order.
 *
 * See backend_array.h.  A new node is put at the end, and moves towards the
 * front past the nodes that it comes before.  A node whose bounds changed moves
 * in the same way, in either direction.  So one step, the exchange of two
 * neighbours, keeps the order of every strategy, and loading in order takes one
 * step a segment.
 */
#include "backend_array.h"

/* How many blocks there are.  Slots come in whole blocks. */
static size_t
blocks(size_t capacity)
{
	return (capacity + ARRAY_BLOCK - 1) / ARRAY_BLOCK;
}

/* The size of struct array; the columns begin on a cache line of their own. */
static size_t
head_size(void)
{
	return (sizeof(struct array) + PHYSSEG_ALIGN - 1) / PHYSSEG_ALIGN *
	    PHYSSEG_ALIGN;
}

size_t
physseg_array_size(size_t capacity)
{
	return head_size() +
	    blocks(capacity) *
	    (ARRAY_BLOCK * (sizeof(physseg_pfn_t) + sizeof(struct array_slot)) +
		sizeof(physseg_pfn_t));
}

/* Write a segment into a slot. */
/*@ requires array_room(array) && i < array_slots(array);
    assigns array->start[i], array->block[i / ARRAY_BLOCK], array->slot[i];
    ensures array->start[i] == start && array->slot[i].end == end &&
	array->slot[i].node == node;
    ensures array->block[i / ARRAY_BLOCK] == (i % ARRAY_BLOCK == 0 ?
	start : \old(array->block[i / ARRAY_BLOCK])); */
static void
fill(struct array *array, size_t i, physseg_pfn_t start, physseg_pfn_t end,
    struct physseg_node *node)
{
	array->start[i] = start;
	if (i % ARRAY_BLOCK == 0)
		array->block[i / ARRAY_BLOCK] = start;
	array->slot[i].end = end;
	array->slot[i].node = node;
}

static void
put_node(struct array *array, size_t i, struct physseg_node *node)
{
	fill(array, i, node->start, node->end, node);
	node->link.word[0] = i;
}

/*@ requires array_room(array) && i < array_slots(array);
    assigns array->start[i], array->block[i / ARRAY_BLOCK], array->slot[i];
    ensures array->start[i] == array->slot[i].end == PHYSSEG_NOFRAME;
    ensures array->block[i / ARRAY_BLOCK] == (i % ARRAY_BLOCK == 0 ?
	PHYSSEG_NOFRAME : \old(array->block[i / ARRAY_BLOCK])); */
static void
clear(struct array *array, size_t i)
{
	fill(array, i, PHYSSEG_NOFRAME, PHYSSEG_NOFRAME, NULL);
}

void
physseg_array_init(struct array *array, size_t capacity,
    bool (*before)(const struct physseg_node *, const struct physseg_node *))
{
	size_t slots = blocks(capacity) * ARRAY_BLOCK, i;

	array->n = 0;
	array->capacity = capacity;
	array->serial = 0;
	array->before = before;
	array->start = (void *)((char *)array + head_size());
	array->slot = (void *)(array->start + slots); /* on a cache line */
	array->block = (void *)(array->slot + slots);
	for (i = 0; i < slots; i++)
		clear(array, i);
}

/* Put a node into slot `i', which is unused, and move it to its place. */
static void
move_to_place(struct array *array, size_t i, struct physseg_node *node)
{
	for (; i > 0 && array->before(node, array->slot[i - 1].node); i--)
		put_node(array, i, array->slot[i - 1].node);
	for (; i + 1 < array->n && array->before(array->slot[i + 1].node, node);
	     i++)
		put_node(array, i, array->slot[i + 1].node);
	put_node(array, i, node);
}

void
physseg_array_insert(void *index, struct physseg_node *node)
{
	struct array *array = index;

	node->link.word[1] = ++array->serial;
	move_to_place(array, array->n++, node);
}

void
physseg_array_remove(void *index, struct physseg_node *node)
{
	struct array *array = index;
	size_t i;

	array->n--;
	for (i = node->link.word[0]; i < array->n; i++)
		put_node(array, i, array->slot[i + 1].node);
	clear(array, i);
}

void
physseg_array_update(void *index, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end, uintptr_t base)
{
	node->base = base;
	node->start = start;
	node->end = end;
	move_to_place(index, node->link.word[0], node);
}

void
physseg_array_split(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, struct physseg_node *other)
{
	physseg_array_update(index, node, start, end, node->base);
	physseg_array_insert(index, other);
}

void
physseg_array_join(
    void *index, struct physseg_node *node, struct physseg_node *upper)
{
	physseg_array_remove(index, upper);
	physseg_array_update(index, node, node->start, upper->end, node->base);
}

/*@ requires array_holds((struct array *)index);
    requires lo < hi;
    assigns \nothing;
    ensures array_answer((struct array *)index, \result, lo, hi); */
struct physseg_node *
physseg_array_find_linear(const void *index, physseg_pfn_t lo, physseg_pfn_t hi)
{
	const struct array *array = index;
	size_t i;

	/*@ loop invariant 0 <= i <= array->n;
	    loop invariant \forall integer j; 0 <= j < i ==>
		!array_has(array, j, lo, hi);
	    loop assigns i;
	    loop variant array->n - i; */
	for (i = 0; i < array->n; i++)
		if (array->start[i] < hi && lo < array->slot[i].end)
			return array->slot[i].node;
	return NULL;
}

/*@ requires array_holds((struct array *)index);
    assigns \nothing;
    ensures array_answer((struct array *)index, \result, pfn, pfn + 1); */
struct physseg_node *
physseg_array_lookup_linear(const void *index, physseg_pfn_t pfn)
{
	const struct array *array = index;
	size_t i;

	/*@ loop invariant 0 <= i <= array->n;
	    loop invariant \forall integer j; 0 <= j < i ==>
		!array_has(array, j, pfn, pfn + 1);
	    loop assigns i;
	    loop variant array->n - i; */
	for (i = 0; i < array->n; i++)
		if (array_contains(array, i, pfn))
			return array->slot[i].node;
	return NULL;
}

/*@ requires array_holds((struct array *)index);
    assigns \nothing;
    ensures position < ((struct array *)index)->n ==>
	\result == ((struct array *)index)->slot[position].node;
    ensures position >= ((struct array *)index)->n ==> \result == \null; */
struct physseg_node *
physseg_array_at(const void *index, size_t position)
{
	const struct array *array = index;

	return position < array->n ? array->slot[position].node : NULL;
}

size_t
physseg_array_position(const void *index, const struct physseg_node *node)
{
	(void)index;
	return node->link.word[0];
}

struct physseg_node *
physseg_array_next(const void *index, const struct physseg_node *node)
{
	return physseg_array_at(
	    index, node == NULL ? 0 : node->link.word[0] + 1);
}

struct physseg_node *
physseg_array_prev(const void *index, const struct physseg_node *node)
{
	const struct array *array = index;

	return physseg_array_at(
	    index, (node == NULL ? array->n : node->link.word[0]) - 1);
}

const char *
physseg_array_check(const void *index)
{
	const struct array *array = index;
	const struct physseg_node *node;
	size_t i;

	if (array->n > array->capacity)
		return "array: more segments than slots";
	for (i = 0; i < array->n; i++) {
		node = array->slot[i].node;
		if (node->link.word[0] != i)
			return "array: a node is not at its position";
		if (array->start[i] != node->start ||
		    array->slot[i].end != node->end)
			return "array: a column differs from its node";
		if (i % ARRAY_BLOCK == 0 &&
		    array->block[i / ARRAY_BLOCK] != node->start)
			return "array: a block's start is not its first";
		if (i > 0 && !array->before(array->slot[i - 1].node, node))
			return "array: out of order";
	}
	return NULL;
}
