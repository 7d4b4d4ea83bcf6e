/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/radix/t_radix_tree.c -- the radix tree where a segment meets the bounds
 * of what a slot stands for: after each change the tree's own check, and what
 * the tree is made of.  At the end everything is removed, and every piece of
 * memory must be out of use.
 */
#include <stdlib.h>
#include <string.h>

#include "backend_radix/backend_radix.h"

#include "support.h"

/* Frames of a block, of a slot of a root of height 1, and of all of it. */
#define BLOCK ((physseg_pfn_t)1 << RADIX_BLOCK_BITS)
#define BIG   (BLOCK << RADIX_BITS)
#define ALL   (BIG << RADIX_BITS)

#define NODES  4
#define CHUNKS 4096

static const struct physseg_backend *be;
static struct radix *radix;
static void *memory, *chunks[CHUNKS];
static size_t nchunks;
static struct physseg_node nodes[NODES];
static size_t nnodes;

static void
begin(void)
{
	be = physseg_backend_radix();
	radix = test_storage(be->size(0), 0, &memory);
	be->init(radix, 0, 1);
	memset(nodes, 0, sizeof(nodes));
	nnodes = nchunks = 0;
}

/* What a change may need, and not a chunk more. */
static void
feed(physseg_pfn_t start, physseg_pfn_t end)
{
	for (size_t n = be->mem_needed(radix, start, end, 1); n > 0; n--) {
		test_assert(nchunks < CHUNKS);
		be->mem_add(
		    radix, test_storage(be->chunk_size, 0, &chunks[nchunks]));
		nchunks++;
	}
}

static void
whole(void)
{
	const char *broken = be->check(radix);

	ck_assert_msg(broken == NULL, "%s", broken);
}

static struct physseg_node *
insert(physseg_pfn_t start, physseg_pfn_t end, uintptr_t base)
{
	struct physseg_node *node = &nodes[nnodes++];

	node->start = start;
	node->end = end;
	node->base = base;
	feed(start, end);
	be->insert(radix, node);
	whole();
	return node;
}

static void
update(struct physseg_node *node, physseg_pfn_t start, physseg_pfn_t end,
    uintptr_t base)
{
	feed(start < node->start ? start : node->start,
	    end > node->end ? end : node->end);
	be->update(radix, node, start, end, base);
	be->mem_reclaim(radix);
	whole();
}

static void
finish(void)
{
	struct physseg_node *node;

	while ((node = be->next(radix, NULL)) != NULL) {
		feed(node->start, node->end);
		be->remove(radix, node);
		be->mem_reclaim(radix);
		whole();
	}
	ck_assert(!radix_is_node(radix->root));
	while (nchunks > 0)
		free(chunks[--nchunks]);
	free(memory);
}

/* A frame's page structure, of one byte, at its base. */
static void
has_page(physseg_pfn_t pfn, uintptr_t base)
{
	ck_assert_uint_eq(
	    (uintptr_t)be->page(radix, pfn, 1), base + (uintptr_t)pfn);
}

static void
no_page(physseg_pfn_t pfn)
{
	ck_assert_ptr_null(be->page(radix, pfn, 1));
	ck_assert_ptr_null(be->lookup(radix, pfn));
}

/* ---- the root ---- */

/* Above the root the digits of a frame are those of one below it. */
START_TEST(test_above_the_root)
{
	begin();
	(void)insert(0, 10, 4096);
	for (physseg_pfn_t pfn = 16; pfn != 0; pfn *= 2)
		no_page(pfn);
	no_page(BIG);
	no_page(ALL);
	finish();
}
END_TEST

/* The root is as high as the last frame needs. */
START_TEST(test_height)
{
	begin();
	(void)insert(0, BIG, 0);
	ck_assert_uint_eq(radix_shift(radix->root), RADIX_BLOCK_BITS);
	finish();
	begin();
	(void)insert(BIG, BIG + 1, 0);
	ck_assert_uint_eq(
	    radix_shift(radix->root), RADIX_BLOCK_BITS + RADIX_BITS);
	has_page(BIG, 0);
	finish();
	begin();
	(void)insert(0, 1, 0);
	(void)insert(BIG, BIG + 1, 0);
	ck_assert_uint_eq(
	    radix_shift(radix->root), RADIX_BLOCK_BITS + RADIX_BITS);
	finish();
}
END_TEST

/* ---- slots that a segment covers as a whole, or not quite ---- */

static uintptr_t
slot(size_t i)
{
	return radix_node(radix->root)->slot[i];
}

/* A slot that is covered as a whole needs no node. */
START_TEST(test_covered)
{
	begin();
	(void)insert(2 * BIG, 4 * BIG, 0);
	ck_assert(!radix_is_node(slot(2)) && !radix_is_node(slot(3)));
	finish();
}
END_TEST

/* But for one frame, at its end, or at its start. */
START_TEST(test_nearly_covered)
{
	struct physseg_node *node;

	begin();
	node = insert(2 * BIG, 4 * BIG - 1, 0);
	ck_assert(!radix_is_node(slot(2)) && radix_is_node(slot(3)));
	no_page(4 * BIG - 1);
	update(node, 2 * BIG, 3 * BIG - 1, 0);
	ck_assert(radix_is_node(slot(2)));
	no_page(3 * BIG - 1);
	has_page(3 * BIG - 2, 0);
	finish();
	begin();
	(void)insert(2 * BIG + 1, 3 * BIG, 0);
	no_page(2 * BIG);
	has_page(3 * BIG - 1, 0);
	finish();
}
END_TEST

/* It loses its middle, by a split, and what is left goes. */
START_TEST(test_cut)
{
	struct physseg_node *node, *tail = &nodes[NODES - 1];
	const physseg_pfn_t cut = 3 * BIG + 5 * BLOCK + 7;

	begin();
	node = insert(2 * BIG, 4 * BIG, 0);
	*tail = (struct physseg_node){ .start = cut + 1, .end = node->end };
	feed(node->start, node->end);
	be->split(radix, node, node->start, cut, tail);
	be->mem_reclaim(radix);
	whole();
	no_page(cut);
	has_page(cut - 1, 0);
	has_page(cut + 1, 0);
	finish();
}
END_TEST

/* It grows, in either direction, until it covers a slot that has a node. */
START_TEST(test_grown)
{
	struct physseg_node *node;

	begin();
	node = insert(2 * BIG, 2 * BIG + BLOCK, 0);
	update(node, 2 * BIG, 3 * BIG, 0);
	has_page(3 * BIG - 1, 0);
	finish();
	begin();
	node = insert(2 * BIG + 5, 3 * BIG, 0);
	update(node, 2 * BIG, 3 * BIG, 0);
	has_page(2 * BIG, 0);
	finish();
}
END_TEST

/* Without page structures it is there by its start only; then it gets them. */
START_TEST(test_pageless)
{
	struct physseg_node *node;

	begin();
	node = insert(2 * BIG, 4 * BIG, PHYSSEG_NOBASE);
	ck_assert_ptr_null(be->page(radix, 2 * BIG, 1));
	ck_assert_ptr_eq(be->lookup(radix, 4 * BIG - 1), node);
	update(node, 2 * BIG, 4 * BIG, 4096);
	has_page(2 * BIG, 4096);
	has_page(4 * BIG - 1, 4096);
	finish();
}
END_TEST

/* And loses its end. */
START_TEST(test_pageless_cut)
{
	struct physseg_node *node;

	begin();
	node = insert(2 * BIG, 3 * BIG + BLOCK, PHYSSEG_NOBASE);
	update(node, 2 * BIG, 3 * BIG + 5, PHYSSEG_NOBASE);
	no_page(3 * BIG + 3 * BLOCK);
	no_page(3 * BIG + 5);
	ck_assert_ptr_eq(be->lookup(radix, 3 * BIG + 4), node);
	finish();
}
END_TEST

/* ---- bases ---- */

/* In one entry, in two quarters, as far from each other as a delta goes, and
 * farther. */
START_TEST(test_far_bases)
{
	const uintptr_t base = sizeof(base) > 4 ? (uintptr_t)1 << 40 : 0;
	const uintptr_t far[] = { (uintptr_t)INT32_MAX,
		(uintptr_t)INT32_MAX + 1, 0 - (uintptr_t)INT32_MAX,
		(uintptr_t)INT32_MAX * 2, 0 - (uintptr_t)INT32_MAX - 1,
		0 - (uintptr_t)INT32_MAX - 2 };
	const physseg_pfn_t quarter = (physseg_pfn_t)1 << RADIX_QUARTER_BITS;

	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		begin();
		(void)insert(0, 2, base);
		(void)insert(quarter, quarter + 2, base + far[i]);
		has_page(0, base);
		has_page(quarter + 1, base + far[i]);
		finish();
	}
}
END_TEST

/* ---- blocks that are ranked ---- */

#define MANY (8192 + 200) /* blocks, which is a large map */

static struct physseg_node *many[MANY];

static physseg_pfn_t
block_at(size_t i)
{
	return (physseg_pfn_t)i * BLOCK;
}

/* Eight frames from `start' on, whose page structures are at an address. */
static struct physseg_node *
put(struct physseg_node *node, physseg_pfn_t start, uintptr_t address)
{
	*node = (struct physseg_node){ .start = start,
		.end = start + 8,
		.base = address - (uintptr_t)start };
	feed(start, start + 8);
	be->insert(radix, node);
	for (physseg_pfn_t i = 0; i < 8; i++)
		has_page(start + i, node->base);
	ck_assert_ptr_null(be->page(radix, start - 1, 1));
	ck_assert_ptr_null(be->page(radix, start + 8, 1));
	return node;
}

static void
take(struct physseg_node *node)
{
	be->remove(radix, node);
	for (physseg_pfn_t i = 0; i < 8; i++)
		ck_assert_ptr_null(be->page(radix, node->start + i, 1));
}

static bool
is_ranked(physseg_pfn_t pfn)
{
	const struct radix_node *in;

	return radix_is_ranked(radix_descend(radix, pfn, &in));
}

/* Those of all blocks, with the lookup for many. */
static void
all_at_once(void)
{
	static physseg_pfn_t pfns[MANY];
	static void *pages[MANY];

	for (size_t i = 0; i < MANY; i++)
		pfns[i] =
		    block_at(i * 4201 % MANY) + 15 + (physseg_pfn_t)(i % 3);
	be->pages(radix, pfns, MANY, 1, pages);
	for (size_t i = 0; i < MANY; i++)
		ck_assert_ptr_eq(pages[i], be->page(radix, pfns[i], 1));
}

/* A block of a large map is ranked as long as its page structures lie in order.
 * Once it was not, it is not before readers were waited for. */
START_TEST(test_ranked)
{
	const physseg_pfn_t at = block_at(MANY - 1) + 16;
	const uintptr_t pages = 1 << 20;
	const physseg_pfn_t slot = (physseg_pfn_t)RADIX_FANOUT * BLOCK;
	const physseg_pfn_t above = (MANY / RADIX_FANOUT + 1) * slot;
	struct physseg_node wide = {
		.start = above, .end = above + 2 * slot, .base = pages
	};
	struct physseg_node more[5];
	size_t ranked = 0;

	begin();
	memset(more, 0, sizeof(more));
	for (size_t i = 0; i < MANY; i++) {
		many[i] = calloc(1, sizeof(*many[i]));
		put(many[i], block_at(i) + 16, pages + i * 64);
		ranked += is_ranked(block_at(i) + 16);
	}
	whole();
	all_at_once();
	/* For each that came since, one from before. */
	for (size_t i = 0; i < MANY - 8192; i++)
		ck_assert(is_ranked(block_at(i) + 16));
	ck_assert(is_ranked(block_at(MANY / 2) + 16) == (ranked == MANY));
	ck_assert_uint_eq(
	    ranked, RADIX_LARGE + 0U == 0 ? MANY : MANY - RADIX_LARGE);

	/* A block that stands for the frames of many is not. */
	feed(wide.start, wide.end);
	be->insert(radix, &wide);
	for (physseg_pfn_t pfn = wide.start; pfn < wide.end; pfn += BLOCK - 1)
		has_page(pfn, wide.base);
	whole();
	be->remove(radix, &wide);
	be->mem_reclaim(radix);
	whole();

	/* Above, and in other entries: first one that follows. */
	put(&more[0], at + 32, pages + (MANY - 1) * 64 + 8);
	ck_assert(is_ranked(at));
	put(&more[1], at + 100, pages + (MANY - 1) * 64 + 16);
	ck_assert(is_ranked(at));
	/* One that leaves a gap of one. */
	put(&more[2], at + 150, pages + (MANY - 1) * 64 + 25);
	ck_assert(!is_ranked(at));
	take(&more[2]);
	put(&more[2], at + 150, pages + (MANY - 1) * 64 + 24);
	ck_assert(!is_ranked(at));
	be->mem_reclaim(radix);
	take(&more[2]);
	be->mem_reclaim(radix);
	put(&more[2], at + 150, pages + (MANY - 1) * 64 + 24);
	ck_assert(is_ranked(at));
	whole();
	/* What leaves takes the rank away. */
	take(&more[1]);
	ck_assert(!is_ranked(at));
	be->mem_reclaim(radix);
	/* Another slot's time does not count. */
	take(many[MANY - 2]);
	put(many[MANY - 2], block_at(MANY - 2) + 16, pages);
	put(&more[1], at + 100, pages + (MANY - 1) * 64 + 16);
	ck_assert(is_ranked(at));
	be->mem_reclaim(radix);
	take(many[MANY - 1]);
	be->mem_reclaim(radix);
	put(many[MANY - 1], at - 9, pages + (MANY - 1) * 64);
	ck_assert(is_ranked(at));
	/* Below, after all others. */
	put(&more[3], at - 16 + 200, pages + 8);
	ck_assert(!is_ranked(at));
	while (be->next(radix, NULL) != NULL)
		be->remove(radix, be->next(radix, NULL));
	be->mem_reclaim(radix);
	whole();
	finish();
	for (size_t i = 0; i < MANY; i++)
		free(many[i]);
}
END_TEST

/* ---- memory ---- */

/* Nothing is left of what was fed. */
static void
use_up(void)
{
	struct radix_pool *pools[] = { &radix->nodes, &radix->blocks,
		&radix->details, &radix->tables, &radix->ranks, &radix->lines };

	for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]); i++) {
		pools[i]->nfree = 0;
		pools[i]->free = 0;
	}
	radix->chunks = radix->nchunks = 0;
}

/* What a change may take grows with the height of the tree, be it that of its
 * frames or that of the root. */
START_TEST(test_needed)
{
	size_t before, need;
	unsigned grown = 0;

	begin();
	need = be->mem_needed(radix, 0, 1, 1);
	/* Of each kind some, of one chunk; and the ranks of four nodes. */
	ck_assert_uint_eq(need, RADIX_LARGE + 0U == 0 ? 4 + 5 : 4);
	for (unsigned bits = RADIX_BLOCK_BITS + RADIX_BITS;
	     bits + RADIX_BITS < sizeof(physseg_pfn_t) * 8;
	     bits += RADIX_BITS) {
		const physseg_pfn_t end = (physseg_pfn_t)1 << bits;

		before = need;
		ck_assert_uint_eq(be->mem_needed(radix, 0, end, 1), before);
		need = be->mem_needed(radix, 0, end + 1, 1);
		ck_assert_uint_ge(need, before);
		ck_assert_uint_eq(
		    be->mem_needed(radix, 0, end << RADIX_BITS, 1), need);
		grown += need > before;
		(void)insert(end, end + 1, 0);
		use_up();
		ck_assert_uint_eq(be->mem_needed(radix, 0, 1, 1), need);
		be->init(radix, 0, 1);
		nnodes = 0;
	}
	/* With 32 bits of both the levels are few, and one chunk is enough. */
	ck_assert((grown > 0) ==
	    (sizeof(physseg_pfn_t) > 4 || sizeof(uintptr_t) > 4));
	finish();
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = { test_above_the_root, test_height,
		test_covered, test_nearly_covered, test_cut, test_grown,
		test_pageless, test_pageless_cut, test_far_bases, test_ranked,
		test_needed };
	Suite *s = suite_create("radix_tree");
	TCase *tc = tcase_create("tree");

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
