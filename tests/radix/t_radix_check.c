/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/radix/t_radix_check.c -- the radix tree's check must be able to fail: a
 * sound tree is spoilt in each way by which an invariant can break, and the
 * check must say which.
 *
 * Everything lies in one piece of memory, so that the sound tree is put back by
 * copying it.
 */
#include <stdlib.h>
#include <string.h>

#include "backend_radix/backend_radix.h"

#include "support.h"

/* Frames of a block, and of a slot of the root. */
#define BLOCK	  ((physseg_pfn_t)1 << RADIX_BLOCK_BITS)
#define BIG	  (BLOCK << RADIX_BITS)
#define CHUNKS	  16
#define PAGE_BASE 4096

enum { APART, NEXT, LARGE, PAGELESS, LAST, NODES };

struct scene {
	struct physseg_node node[NODES];
	_Alignas(PHYSSEG_ALIGN) struct radix_node empty_node;
	char chunk[CHUNKS][RADIX_CHUNK + PHYSSEG_ALIGN];
	struct radix radix;
};

static struct scene *scene, *sound;
static void *memory;

/*
 * In the first block two segments, of which one begins in the same entry and
 * quarter as the other and has another base; then what covers a slot of the
 * root, a block and a bit; one without page structures; and the last frame of
 * a slot of the root.
 */
static void
begin(void)
{
	static const physseg_pfn_t bounds[NODES][2] = { { 64, 129 },
		{ 129, 200 }, { 2 * BIG, 3 * BIG + BLOCK + 3 },
		{ 5 * BIG, 5 * BIG + 1 }, { 7 * BIG - 1, 7 * BIG } };
	static const uintptr_t bases[NODES] = { 0, PAGE_BASE, 0, PHYSSEG_NOBASE,
		0 };
	const struct physseg_backend *be = physseg_backend_radix();

	scene = test_storage(sizeof(*scene), 0, &memory);
	be->init(&scene->radix, 0, 0);
	for (size_t i = 0; i < CHUNKS; i++)
		be->mem_add(&scene->radix,
		    scene->chunk[i] + PHYSSEG_ALIGN -
			(uintptr_t)scene->chunk[i] % PHYSSEG_ALIGN);
	for (size_t i = 0; i < NODES; i++) {
		scene->node[i].start = bounds[i][0];
		scene->node[i].end = bounds[i][1];
		scene->node[i].base = bases[i];
		be->insert(&scene->radix, &scene->node[i]);
	}
	for (size_t i = 0; i < RADIX_FANOUT; i++)
		scene->empty_node.slot[i] = (uintptr_t)&scene->radix.empty;
	ck_assert_ptr_null(be->check(&scene->radix));
	sound = malloc(sizeof(*sound));
	ck_assert_ptr_nonnull(sound);
	memcpy(sound, scene, sizeof(*sound));
}

static struct radix_node *
root(void)
{
	return radix_node(scene->radix.root);
}

static struct radix_block *
block(physseg_pfn_t pfn)
{
	const struct radix_node *in;

	return (struct radix_block *)radix_descend(&scene->radix, pfn, &in);
}

/* ---- the ways to spoil it ---- */

static void
links(void)
{
	RADIX_PREV(&scene->node[NEXT]) = &scene->node[LARGE];
}

static void
empty_segment(void)
{
	scene->node[APART].end = scene->node[APART].start;
}

static void
overlap(void)
{
	scene->node[APART].end++;
}

static void
tail(void)
{
	scene->radix.tail = &scene->node[APART];
}

static void
pageless(void)
{
	scene->radix.pageless++;
}

static void
lost_slot(void)
{
	root()->slot[2] = (uintptr_t)&scene->radix.empty;
}

static void
lost_last_frame(void)
{
	root()->slot[6] = (uintptr_t)&scene->radix.empty;
}

static void
empty_block(void)
{
	memset(block(3 * BIG)->entry, 0, sizeof(block(3 * BIG)->entry));
}

static void
run_base(void)
{
	block(3 * BIG)->entry[1].base++;
}

static void
run_present(void)
{
	block(3 * BIG)->entry[1].present = 1;
}

static void
run_delta(void)
{
	block(3 * BIG)->entry[RADIX_ENTRIES - 1].delta[1] = 1;
}

static void
run_too_long(void)
{
	scene->node[LARGE].end = 3 * BIG + BLOCK - 1;
}

static void
run_starts_later(void)
{
	scene->node[LARGE].start++;
}

static void
run_start(void)
{
	block(3 * BIG)->detail = block(0)->detail;
	block(3 * BIG)->starts = 1;
}

static void
large_start(void)
{
	block(2 * BIG)->starts = 0;
}

static void
no_start(void)
{
	block(0)->starts = 0;
}

static void
more_starts(void)
{
	block(0)->starts |= 1;
}

static void
wrong_start(void)
{
	radix_detail(block(0))->first[radix_quarter_of(64)] =
	    (uintptr_t)&scene->node[NEXT];
}

static void
frame_less(void)
{
	block(64)->entry[radix_entry_of(64)].present ^= 1;
}

static void
base(void)
{
	scene->node[APART].base++;
}

static void
height(void)
{
	root()->slot[0]++;
}

static void
mark(void)
{
	root()->starts ^= 1;
}

static void
empty_node(void)
{
	root()->slot[1] = (uintptr_t)&scene->empty_node + 1;
}

static void
used(void)
{
	root()->used++;
}

static void
lost_node(void)
{
	scene->radix.nodes.nfree--;
}

static void
lost_table(void)
{
	scene->radix.tables.nfree--;
}

static void
blocks_more(void)
{
	scene->radix.blocks.nfree = scene->radix.blocks.total;
}

static void
root_block(void)
{
	scene->radix.root = (uintptr_t)block(64);
}

static const struct spoil {
	void (*spoil)(void);
	const char *text;
} spoils[] = {
	{ links, "the list's links differ" },
	{ empty_segment, "an empty segment" },
	{ overlap, "the list is out of order" },
	{ tail, "the list's tail is not its last" },
	{ pageless, "number of segments without pages" },
	{ lost_slot, "a segment is not in the tree" },
	{ lost_last_frame, "a segment is not in the tree" },
	{ empty_block, "an empty block" },
	{ run_base, "a run is not uniform" },
	{ run_present, "a run is not uniform" },
	{ run_delta, "a run is not uniform" },
	{ run_too_long, "a run has frames that no segment has" },
	{ run_starts_later, "a run has frames that no segment has" },
	{ run_start, "a run has a start" },
	{ large_start, "a large slot has another start" },
	{ no_start, "a block has another start" },
	{ more_starts, "a block has another start" },
	{ wrong_start, "a block has another start" },
	{ frame_less, "a block has other frames" },
	{ base, "a block has another base" },
	{ height, "a node is at the wrong height" },
	{ mark, "a start is not marked, or marked where none is" },
	{ empty_node, "an empty node" },
	{ used, "a node's number of slots" },
	{ lost_node, "memory is lost" },
	{ lost_table, "memory is lost" },
	{ blocks_more, "memory is lost" },
	{ root_block, "the root is a block" },
};

#define NSPOILS ((int)(sizeof(spoils) / sizeof(spoils[0])))

START_TEST(test_spoilt)
{
	const struct physseg_backend *be = physseg_backend_radix();
	const char *broken;

	begin();
	spoils[_i].spoil();
	broken = be->check(&scene->radix);
	ck_assert_ptr_nonnull(broken);
	ck_assert_str_eq(broken + strlen("radix: "), spoils[_i].text);
	memcpy(scene, sound, sizeof(*scene));
	ck_assert_ptr_null(be->check(&scene->radix));
	free(sound);
	free(memory);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("radix_check");
	TCase *tc = tcase_create("spoilt");

	tcase_add_loop_test(tc, test_spoilt, 0, NSPOILS);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
