/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/backend/t_backend.c -- a backend's table of functions, called directly.
 *
 * The model is an array that says for each frame of a small window which node
 * has it, and a list of the nodes in order of insertion.  The window lies at
 * the bottom, in the middle and at the very top of the frame numbers.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/backend.h>

#include "engine.h"
#include "support.h"

#define WINDOW	512 /* frames */
#define SLOTS	100
#define MAX_LEN 24
#define LOWEST	((physseg_pfn_t)0)
#define HIGHEST (PHYSSEG_NOFRAME - WINDOW)
#define WITHIN	(PHYSSEG_NOFRAME / 3)

static const struct physseg_backend *be;
static bool with_list; /* instead of the backend */
static void *memory, *idx;
static unsigned char *behind; /* the index, and not its own */
#define BEHIND 256
static size_t slots; /* this backend holds so many */
static physseg_pfn_t base;
static struct test_rng rng;

static struct physseg_node nodes[SLOTS];
static struct physseg_node *owner[WINDOW]; /* by frame */
static struct physseg_node *order[SLOTS];  /* by insertion */
static size_t count;

#define PAGE_SIZE 24
static void *chunks[1024]; /* the memory that the backend asked for */
static size_t nchunks;

/* ---- the model ---- */

static bool
is_direct(void)
{
	return be->page != NULL;
}

/* Give the index what it needs. */
static void
feed(physseg_pfn_t start, physseg_pfn_t end)
{
	if (be->mem_needed == NULL)
		return;
	for (size_t n = be->mem_needed(idx, start, end, 1); n > 0; n--) {
		test_assert(nchunks < sizeof(chunks) / sizeof(chunks[0]));
		be->mem_add(
		    idx, test_storage(be->chunk_size, 0, &chunks[nchunks]));
		nchunks++;
	}
	test_assert(be->mem_needed(idx, start, end, 1) == 0);
	test_assert(be->mem_needed(idx, start, end, 1000) > 0);
}

static void
starve(void)
{
	while (nchunks > 0)
		free(chunks[--nchunks]);
}

/* Bases of which some are the same. */
static uintptr_t
draw_base(void)
{
	return (uintptr_t)(4096 * test_random_below(&rng, 3));
}

static void
show(struct physseg_node *node)
{
	if (!is_direct() || node->base != PHYSSEG_NOBASE)
		return;
	feed(node->start, node->end);
	be->update(idx, node, node->start, node->end, draw_base());
	test_assert(node->base != PHYSSEG_NOBASE);
}

/* Take them away. */
static void
hide(struct physseg_node *node)
{
	if (node->base == PHYSSEG_NOBASE)
		return;
	feed(node->start, node->end);
	be->update(idx, node, node->start, node->end, PHYSSEG_NOBASE);
	test_assert(node->base == PHYSSEG_NOBASE);
}

/* Before a node changes. */
static void
prepare(const struct physseg_node *node, physseg_pfn_t start, physseg_pfn_t end)
{
	feed(start < node->start ? start : node->start,
	    end > node->end ? end : node->end);
}

static void
settle(void)
{
	if (be->mem_reclaim != NULL)
		be->mem_reclaim(idx);
	if (be == &physseg_list)
		physseg_list_renew(idx);
}

static void
begin_with(physseg_pfn_t at, size_t most)
{
	be = with_list ? &physseg_list : test_backend;
	base = at;
	slots = be->max_segments != 0 ? be->max_segments : most;
	if (slots > most)
		slots = most;
	free(memory);
	idx = test_storage(be->size(slots) + BEHIND, 0, &memory);
	behind = (unsigned char *)idx + be->size(slots);
	memset(behind, 0xa5, BEHIND);
	be->init(idx, slots, PAGE_SIZE);
	memset(nodes, 0, sizeof(nodes));
	memset(owner, 0, sizeof(owner));
	count = 0;
	rng.state = test_seed ^ at;
}

static void
begin(physseg_pfn_t at)
{
	begin_with(at, 20);
}

static void
finish(void)
{
	for (size_t i = 0; i < BEHIND; i++)
		test_assert(behind[i] == 0xa5);
	starve();
	free(memory);
	memory = NULL;
}

static struct physseg_node *
unused_node(void)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (nodes[i].start == nodes[i].end)
			return &nodes[i];
	return NULL;
}

static void
own(struct physseg_node *node, physseg_pfn_t start, physseg_pfn_t end)
{
	for (physseg_pfn_t f = start; f < end; f++)
		owner[f - base] = node;
}

static void
drop(struct physseg_node *node)
{
	size_t i = 0;

	while (order[i] != node)
		i++;
	count--;
	memmove(&order[i], &order[i + 1], (count - i) * sizeof(order[0]));
}

/* ---- the five calls that change an index, in both worlds ---- */

static struct physseg_node *
insert(physseg_pfn_t start, physseg_pfn_t end)
{
	struct physseg_node *node = unused_node();

	node->start = start;
	node->end = end;
	node->base =
	    test_random_below(&rng, 8) == 0 ? PHYSSEG_NOBASE : draw_base();
	feed(start, end);
	be->insert(idx, node);
	own(node, start, end);
	order[count++] = node;
	return node;
}

static void
take_out(struct physseg_node *node)
{
	be->remove(idx, node); /* which takes no memory */
	settle();
	own(NULL, node->start, node->end);
	drop(node);
	memset(node, 0, sizeof(*node));
}

static void
resize(struct physseg_node *node, physseg_pfn_t start, physseg_pfn_t end)
{
	own(NULL, node->start, node->end);
	prepare(node, start, end);
	be->update(idx, node, start, end, node->base);
	settle();
	test_assert(node->start == start && node->end == end);
	own(node, start, end);
}

static void
split(struct physseg_node *node, physseg_pfn_t end, physseg_pfn_t start)
{
	const bool above =
	    test_random_below(&rng, 2) == 0; /* lies the new one */
	const physseg_pfn_t first = node->start, last = node->end;
	struct physseg_node *other = unused_node();

	other->start = above ? start : first;
	other->end = above ? last : end;
	other->base = node->base;
	own(NULL, first, last);
	prepare(node, first, last);
	be->split(idx, node, above ? first : start, above ? end : last, other);
	settle();
	test_assert(node->start == (above ? first : start));
	test_assert(node->end == (above ? end : last));
	test_assert(other->start == (above ? start : first));
	own(node, node->start, node->end);
	own(other, other->start, other->end);
	order[count++] = other;
}

static void
join(struct physseg_node *node, struct physseg_node *upper)
{
	const physseg_pfn_t start = node->start, end = upper->end;

	be->join(idx, node, upper); /* which takes no memory */
	settle();
	test_assert(node->start == start && node->end == end);
	own(node, start, end);
	drop(upper);
	memset(upper, 0, sizeof(*upper));
}

/* ---- what must hold after every step ---- */

static bool
follows(const struct physseg_node *a, const struct physseg_node *b, size_t i)
{
	if ((be->capabilities & PHYSSEG_SORTED) != 0)
		return a == NULL || a->end <= b->start;
	if ((be->capabilities & PHYSSEG_BYSIZE) != 0)
		return a == NULL || a->end - a->start >= b->end - b->start;
	return order[i] == b;
}

static void
check_order(void)
{
	struct physseg_node *a = NULL, *b;
	size_t n = 0;

	for (; (b = be->next(idx, a)) != NULL; a = b, n++) {
		test_assert(n < count);
		test_assert(follows(a, b, n));
		test_assert(be->prev(idx, b) == a);
		test_assert(owner[b->start - base] == b);
	}
	test_assert(n == count);
	test_assert(be->prev(idx, NULL) == a);
}

static void
check_positions(void)
{
	struct physseg_node *node = NULL;

	for (size_t i = 0; i < count; i++) {
		node = be->next(idx, node);
		test_assert(be->position(idx, node) == i);
		test_assert(be->at(idx, i) == node);
	}
	test_assert(be->at(idx, count) == NULL);
	test_assert(be->at(idx, SLOTS) == NULL);
	test_assert(be->at(idx, SIZE_MAX / 2) == NULL);
	test_assert(be->at(idx, SIZE_MAX) == NULL);
}

/* The direct way is as good as the way through the segment. */
static void
check_page(physseg_pfn_t pfn, const struct physseg_node *node)
{
	const void *want = NULL;

	if (!is_direct())
		return;
	if (node != NULL && node->base != PHYSSEG_NOBASE)
		want = (const void *)(node->base + (uintptr_t)pfn * PAGE_SIZE);
	test_assert(be->page(idx, pfn, PAGE_SIZE) == want);
}

static void
check_lookups(void)
{
	for (physseg_pfn_t i = 0; i < WINDOW; i++)
		check_page(base + i, owner[i]);
	check_page(PHYSSEG_NOFRAME, NULL);
	check_page(base - 1, NULL);
	check_page(base + WINDOW, NULL);
	for (physseg_pfn_t i = 0; i < WINDOW; i++)
		test_assert(be->lookup(idx, base + i) == owner[i]);
	test_assert(be->lookup(idx, PHYSSEG_NOFRAME) == NULL);
	if (base != LOWEST) {
		test_assert(be->lookup(idx, base - 1) == NULL);
		test_assert(be->lookup(idx, 0) == NULL);
	}
	if (base != HIGHEST) {
		test_assert(be->lookup(idx, base + WINDOW) == NULL);
		test_assert(be->lookup(idx, PHYSSEG_NOFRAME - 1) == NULL);
	}
}

static void
check_find(physseg_pfn_t lo, physseg_pfn_t hi)
{
	const struct physseg_node *found = be->find(idx, lo, hi);
	const struct physseg_node *lowest = NULL;

	for (physseg_pfn_t f = lo; f < hi && lowest == NULL; f++)
		if (f >= base && f - base < WINDOW)
			lowest = owner[f - base];
	if (lowest == NULL || (be->capabilities & PHYSSEG_SORTED) != 0) {
		test_assert(found == lowest);
		return;
	}
	test_assert(found != NULL);
	test_assert(found->start < hi && lo < found->end);
}

static void
check_all(void)
{
	const char *broken = be->check == NULL ? NULL : be->check(idx);

	if (broken != NULL)
		ck_abort_msg("check: %s", broken);
	check_order();
	check_lookups();
	if ((be->capabilities & PHYSSEG_POSITION) != 0)
		check_positions();
	for (int i = 0; i < 8; i++) {
		physseg_pfn_t lo = base + test_random_pfn(&rng, WINDOW);

		check_find(
		    lo, lo + 1 + test_random_pfn(&rng, base + WINDOW - lo));
	}
	check_find(base, base + WINDOW);
	if (base != LOWEST)
		check_find(base - 1, base + 1);
}

/* ---- steps at random ---- */

static struct physseg_node *
some_node(void)
{
	return count == 0 ? NULL : order[test_random_below(&rng, count)];
}

static void
step_insert(void)
{
	physseg_pfn_t i = test_random_pfn(&rng, WINDOW), n = 0;
	physseg_pfn_t want = 1 + test_random_pfn(&rng, MAX_LEN);

	while (n < want && i + n < WINDOW && owner[i + n] == NULL)
		n++;
	if (n > 0 && count < slots)
		insert(base + i, base + i + n);
}

static void
step_remove(void)
{
	if (count > 0)
		take_out(some_node());
}

static void
step_cut(void)
{
	struct physseg_node *node = some_node();
	physseg_pfn_t n;

	if (node == NULL || node->end - node->start < 2)
		return;
	n = 1 + test_random_pfn(&rng, node->end - node->start - 1);
	if (test_random_below(&rng, 2) == 0)
		resize(node, node->start + n, node->end);
	else
		resize(node, node->start, node->end - n);
}

static void
step_grow(void)
{
	struct physseg_node *node = some_node();
	physseg_pfn_t start, end, most = 1 + test_random_pfn(&rng, 100);

	if (node == NULL)
		return;
	start = node->start;
	end = node->end;
	if (test_random_below(&rng, 2) == 0)
		while (end - base < WINDOW && owner[end - base] == NULL &&
		    end - node->end < most)
			end++;
	else
		while (start > base && owner[start - 1 - base] == NULL &&
		    node->start - start < most)
			start--;
	if (start != node->start || end != node->end)
		resize(node, start, end);
}

static void
step_show(void)
{
	struct physseg_node *node = some_node();

	if (node != NULL)
		show(node);
}

static void
step_split(void)
{
	struct physseg_node *node = some_node();
	physseg_pfn_t end, start;

	if (node == NULL || node->end - node->start < 2 || count == slots)
		return;
	end = node->start + 1 +
	    test_random_pfn(&rng, node->end - node->start - 1);
	start = end +
	    test_random_pfn(&rng, node->end - end); /* or nothing leaves */
	split(node, end, start);
}

static void
step_hide(void)
{
	struct physseg_node *node = some_node();

	if (node != NULL && is_direct())
		hide(node);
}

/* Two nodes that touch and have one base become one. */
static void
step_join(void)
{
	struct physseg_node *node, *upper;

	for (size_t i = 0; i < count; i++) {
		node = order[i];
		if (node->end - base == WINDOW)
			continue;
		upper = owner[node->end - base];
		if (upper != NULL && upper->base == node->base) {
			join(node, upper);
			return;
		}
	}
}

static void (*const steps[])(void) = { step_insert, step_insert, step_insert,
	step_split, step_split, step_cut, step_cut, step_grow, step_show,
	step_show, step_hide, step_join, step_join, step_remove };

START_TEST(test_random_steps)
{
	const physseg_pfn_t bases[] = { LOWEST, WITHIN, HIGHEST };
	unsigned long n = test_steps != 0 ? test_steps : 5000;

	begin_with(bases[_i % 3], _i < 3 ? 20 : SLOTS);
	check_all();
	for (unsigned long i = 0; i < n; i++) {
		steps[test_random_below(
		    &rng, sizeof(steps) / sizeof(steps[0]))]();
		check_all();
	}
	finish();
}
END_TEST

START_TEST(test_empty)
{
	begin(WITHIN);
	check_all();
	test_assert(be->next(idx, NULL) == NULL);
	test_assert(be->prev(idx, NULL) == NULL);
	test_assert(be->find(idx, 0, PHYSSEG_NOFRAME) == NULL);
	test_assert(be->lookup(idx, 0) == NULL);
	finish();
}
END_TEST

/* One segment of all frames there are. */
START_TEST(test_everything)
{
	struct physseg_node *node;

	begin(LOWEST);
	node = unused_node();
	node->end = PHYSSEG_NOFRAME;
	node->base = PHYSSEG_NOBASE;
	feed(node->start, node->end);
	be->insert(idx, node);
	test_assert(be->lookup(idx, 0) == node);
	test_assert(be->lookup(idx, PHYSSEG_NOFRAME / 2) == node);
	test_assert(be->lookup(idx, PHYSSEG_NOFRAME - 1) == node);
	test_assert(be->lookup(idx, PHYSSEG_NOFRAME) == NULL);
	test_assert(
	    be->find(idx, PHYSSEG_NOFRAME - 1, PHYSSEG_NOFRAME) == node);
	show(node);
	check_page(PHYSSEG_NOFRAME / 2, node);
	prepare(node, node->start, node->end);
	be->update(idx, node, 1, PHYSSEG_NOFRAME, node->base);
	prepare(node, node->start, node->end);
	be->update(idx, node, 1, PHYSSEG_NOFRAME - 1, node->base);
	check_page(0, NULL);
	check_page(1, node);
	test_assert(be->lookup(idx, 0) == NULL);
	test_assert(be->lookup(idx, PHYSSEG_NOFRAME - 2) == node);
	test_assert(be->lookup(idx, PHYSSEG_NOFRAME - 1) == NULL);
	hide(node);
	test_assert(be->lookup(idx, PHYSSEG_NOFRAME / 2) == node);
	check_page(PHYSSEG_NOFRAME / 2, NULL);
	be->remove(idx, node);
	test_assert(be->lookup(idx, PHYSSEG_NOFRAME / 2) == NULL);
	check_page(PHYSSEG_NOFRAME / 2, NULL);
	finish();
}
END_TEST

/* Equal sizes: a backend that orders by size keeps them as they came. */
START_TEST(test_equal_sizes)
{
	begin(LOWEST);
	if (slots < 4) {
		test_skip("test_equal_sizes", "room for one segment only");
		finish();
		return;
	}
	insert(base + 30, base + 34);
	insert(base + 10, base + 14);
	insert(base + 20, base + 28);
	insert(base + 40, base + 44);
	if ((be->capabilities & PHYSSEG_SORTED) == 0) {
		const struct physseg_node *node = NULL;
		const physseg_pfn_t bysize[] = { 20, 30, 10, 40 };
		const physseg_pfn_t asitcame[] = { 30, 10, 20, 40 };

		for (size_t i = 0; i < 4; i++) {
			node = be->next(idx, node);
			ck_assert_uint_eq(node->start - base,
			    (be->capabilities & PHYSSEG_BYSIZE) != 0
				? bysize[i]
				: asitcame[i]);
		}
	}
	check_all();
	finish();
}
END_TEST

/* Re-initialised, an index is empty, and full again is as good as ever. */
START_TEST(test_fill_twice)
{
	begin(WITHIN);
	for (int round = 0; round < 2; round++) {
		for (physseg_pfn_t i = 0; i < slots; i++)
			insert(base + 7 * i, base + 7 * i + 5);
		check_all();
		be->init(idx, slots, PAGE_SIZE);
		starve();
		memset(nodes, 0, sizeof(nodes));
		memset(owner, 0, sizeof(owner));
		count = 0;
		check_all();
	}
	finish();
}
END_TEST

/* The backend's own check must be able to fail. */
START_TEST(test_check_fails)
{
	struct physseg_node *node;

	begin(WITHIN);
	if (be->check == NULL) {
		test_skip("test_check_fails", "the backend has no check");
		finish();
		return;
	}
	node = insert(base + 20, base + 30);
	if (slots > 2) {
		insert(base + 40, base + 48);
		insert(base + 60, base + 66);
	}
	test_assert(be->check(idx) == NULL);
	node->start = node->end;
	ck_assert_ptr_nonnull(be->check(idx));
	node->start = base + 20;
	node->end = base + 64;
	if (slots > 2)
		ck_assert_ptr_nonnull(be->check(idx));
	node->end = base + 30;
	test_assert(be->check(idx) == NULL);
	finish();
}
END_TEST

/* What the table says about itself must fit together. */
START_TEST(test_table)
{
	bool position;

	be = test_backend;
	position = (be->capabilities & PHYSSEG_POSITION) != 0;
	ck_assert_ptr_nonnull(be->name);
	test_assert((be->at != NULL) == position);
	test_assert((be->position != NULL) == position);
	test_assert(be->bounded || be->max_segments == 0);
	test_assert((be->mem_needed != NULL) == (be->chunk_size != 0));
	test_assert((be->mem_needed != NULL) == (be->mem_add != NULL));
	test_assert((be->mem_needed != NULL) == (be->mem_reclaim != NULL));
	ck_assert_uint_ne(be->size(1), 0);
	ck_assert_uint_le(be->size(1), be->size(1000));
}
END_TEST

/* More segments than there is room for: where they go is not the list's. */
START_TEST(test_list_too_long)
{
	begin(LOWEST);
	be->init(idx, 1, PAGE_SIZE);
	for (physseg_pfn_t i = 0; i < 2; i++) {
		test_assert(be->check(idx) == NULL);
		nodes[i].start = base + 10 * i;
		nodes[i].end = nodes[i].start + 5;
		be->insert(idx, &nodes[i]);
	}
	ck_assert_str_eq(
	    be->check(idx), "list: more segments than there is room for");
	finish();
}
END_TEST

/* The second reaches into the first, the third into the second. */
START_TEST(test_list_overlap)
{
	for (physseg_pfn_t k = 0; k < 2; k++) {
		begin(LOWEST);
		for (physseg_pfn_t i = 0; i < 3; i++) {
			nodes[i].start = base + 10 * i;
			nodes[i].end = nodes[i].start + (i == k ? 11 : 10);
			be->insert(idx, &nodes[i]);
		}
		ck_assert_str_eq(be->check(idx), "list: out of order");
		finish();
	}
}
END_TEST

/* An array's slots come in blocks, and not one more than is asked for. */
START_TEST(test_blocks)
{
	size_t block;

	be = test_backend;
	if (!be->bounded) {
		test_skip("test_blocks", "the backend is no array");
		return;
	}
	block = be->size(17) - be->size(16);
	ck_assert_uint_ne(block, 0);
	for (size_t n = 1; n <= 64; n++)
		ck_assert_uint_eq(
		    be->size(n), be->size(1) + (n - 1) / 16 * block);
}
END_TEST

/* What serves in the place of a backend that has no memory yet. */
static void
take_list(void)
{
	with_list = true;
}

static void
add_tests(TCase *tc)
{
	tcase_add_test(tc, test_empty);
	tcase_add_test(tc, test_everything);
	tcase_add_test(tc, test_equal_sizes);
	tcase_add_test(tc, test_fill_twice);
	tcase_add_test(tc, test_check_fails);
	tcase_add_loop_test(tc, test_random_steps, 0, 6);
}

static Suite *
suite(void)
{
	Suite *s = suite_create("backend");
	TCase *table = tcase_create("table"), *list;

	tcase_add_test(table, test_table);
	tcase_add_test(table, test_blocks);
	add_tests(table);
	suite_add_tcase(s, table);
	if (test_backend->mem_needed != NULL) {
		list = tcase_create("list");
		tcase_add_checked_fixture(list, take_list, NULL);
		add_tests(list);
		tcase_add_test(list, test_list_too_long);
		tcase_add_test(list, test_list_overlap);
		suite_add_tcase(s, list);
	}
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
