/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/examples/t_baremetal.c -- the parts of examples/baremetal that read
 * what firmware says, here where every malformed map can be tried: banks made
 * of a memory map, and the device tree's reader.
 */
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "fdt.h"
#include "kernel.h"

/* banks.c's, for maps that it gives up. */
void
panic(const char *reason)
{
	ck_abort_msg("panic: %s", reason);
	abort();
}

/* ---- banks ---- */

enum { PAGE = PAGE_SIZE };

static struct banks
banks_of(
    const struct ranges *memory, const struct ranges *reserved, uint64_t limit)
{
	struct banks banks = { .n = 0 };

	banks_make(&banks, memory, reserved, limit);
	return banks;
}

static void
expect(const struct banks *banks, size_t i, struct bank bank)
{
	ck_assert_uint_lt(i, banks->n);
	ck_assert_uint_eq(banks->of[i].start, bank.start);
	ck_assert_uint_eq(banks->of[i].end, bank.end);
	ck_assert_uint_eq(banks->of[i].avail_start, bank.avail_start);
	ck_assert_int_eq(banks->of[i].list, bank.list);
}

/*
 *	memory    |------|  |--|   the second first, and an empty one
 */
START_TEST(banks_by_address)
{
	static const struct ranges none;
	const struct ranges memory = { { { 16 * PAGE, 20 * PAGE },
					   { 0, 10 * PAGE },
					   { 12 * PAGE, 12 * PAGE } },
		3 };
	const struct banks banks = banks_of(&memory, &none, GIB);

	ck_assert_uint_eq(banks.n, 2);
	expect(&banks, 0, (struct bank){ 0, 10, 0, FREE_LOW });
	expect(&banks, 1, (struct bank){ 16, 20, 16, FREE_LOW });
}
END_TEST

/* A page is memory if all of it is, in one range; it is reserved if any of it
 * is. */
START_TEST(banks_whole_pages)
{
	const struct ranges memory = { { { 1, 3 * PAGE + 1 },
					   { 5 * PAGE + 1, 6 * PAGE - 1 },
					   { 7 * PAGE, 12 * PAGE } },
		3 };
	const struct ranges reserved = { { { 9 * PAGE + 5, 9 * PAGE + 6 } },
		1 };
	const struct banks banks = banks_of(&memory, &reserved, GIB);

	ck_assert_uint_eq(banks.n, 3);
	expect(&banks, 0, (struct bank){ 1, 3, 1, FREE_LOW });
	expect(&banks, 1, (struct bank){ 7, 9, 7, FREE_LOW });
	expect(&banks, 2, (struct bank){ 9, 12, 10, FREE_LOW });
}
END_TEST

/*
 *	memory    |----------|
 *	              |------------|
 *	reserved    |--|   |---|
 *	              |--|
 */
START_TEST(banks_overlapping)
{
	const struct ranges memory = {
		{ { 0, 10 * PAGE }, { 4 * PAGE, 16 * PAGE } }, 2
	};
	const struct ranges reserved = { { { 2 * PAGE, 5 * PAGE },
					     { 9 * PAGE, 13 * PAGE },
					     { 4 * PAGE, 7 * PAGE } },
		3 };
	const struct banks banks = banks_of(&memory, &reserved, GIB);
	uint64_t frame = 0;
	size_t i;

	for (i = 0; i < banks.n; i++) { /* no gap, no overlap */
		ck_assert_uint_eq(banks.of[i].start, frame);
		frame = banks.of[i].end;
	}
	ck_assert_uint_eq(frame, 16);
	expect(&banks, 0, (struct bank){ 0, 2, 0, FREE_LOW });
	expect(&banks, 1, (struct bank){ 2, 4, 4, FREE_LOW });
	expect(&banks, 2, (struct bank){ 4, 9, 7, FREE_LOW });
	expect(&banks, 3, (struct bank){ 9, 10, 10, FREE_LOW });
	expect(&banks, 4, (struct bank){ 10, 16, 13, FREE_LOW });
}
END_TEST

START_TEST(banks_free_lists)
{
	static const struct ranges none;
	const struct ranges memory = { { { MIB, 6 * GIB } }, 1 };
	const struct banks banks = banks_of(&memory, &none, 5 * GIB);

	ck_assert_uint_eq(banks.n, 3);
	expect(&banks, 0, (struct bank){ 0x100, 0x1000, 0x100, FREE_LOW });
	expect(
	    &banks, 1, (struct bank){ 0x1000, 0x100000, 0x1000, FREE_NORMAL });
	expect(&banks, 2,
	    (struct bank){ 0x100000, 0x140000, 0x100000, FREE_HIGH });
}
END_TEST

/* ---- the device tree ---- */

/* A blob under construction: big-endian words. */
struct tree {
	unsigned char blob[1024];
	size_t size;
	size_t structure;
	char strings[128];
	size_t strings_size;
};

static void
put(struct tree *tree, size_t at, uint32_t word)
{
	int i;

	for (i = 0; i < 4; i++)
		tree->blob[at + (size_t)i] =
		    (unsigned char)(word >> (24 - 8 * i));
}

static void
word(struct tree *tree, uint32_t w)
{
	put(tree, tree->size, w);
	tree->size += 4;
}

static void
bytes(struct tree *tree, const void *p, size_t size)
{
	memcpy(&tree->blob[tree->size], p, size);
	tree->size += (size + 3) / 4 * 4;
}

static void
property(struct tree *tree, const char *name, const void *value, size_t size)
{
	word(tree, 3);
	word(tree, (uint32_t)size);
	word(tree, (uint32_t)tree->strings_size);
	bytes(tree, value, size);
	strcpy(&tree->strings[tree->strings_size], name);
	tree->strings_size += strlen(name) + 1;
}

static void
words(struct tree *tree, const char *name, size_t n, const uint32_t *values)
{
	const size_t value = tree->size + 12;
	size_t i;

	property(tree, name, "", 0);
	put(tree, value - 8, (uint32_t)(4 * n));
	for (i = 0; i < n; i++)
		word(tree, values[i]);
}
#define WORDS(tree, name, ...)                                      \
	words((tree), (name),                                       \
	    sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), \
	    (uint32_t[]){ __VA_ARGS__ })

static void
begin(struct tree *tree, const char *name)
{
	word(tree, 1);
	bytes(tree, name, strlen(name) + 1);
}

static void
end(struct tree *tree)
{
	word(tree, 2);
}

/* The header, and one reserved range, [0x1000, 0x3000). */
static void
start(struct tree *tree)
{
	static const uint32_t reserved[] = { 0, 0x1000, 0, 0x2000 };
	size_t i;

	memset(tree, 0, sizeof(*tree));
	tree->size = 40;
	for (i = 0; i < 4; i++)
		word(tree, reserved[i]);
	tree->size = tree->structure = 72; /* behind an empty one */
}

/* The end of the structure; the strings; what the header says of both. */
static void
finish(struct tree *tree)
{
	const size_t strings = tree->size;

	bytes(tree, tree->strings, tree->strings_size);
	tree->size = strings + tree->strings_size;
	put(tree, 0, 0xd00dfeed);
	put(tree, 4, (uint32_t)tree->size);
	put(tree, 8, (uint32_t)tree->structure);
	put(tree, 12, (uint32_t)strings);
	put(tree, 16, 40);
	put(tree, 20, 17);
	put(tree, 24, 16);
	put(tree, 32, (uint32_t)tree->strings_size);
	put(tree, 36, (uint32_t)(strings - tree->structure));
}

/* As a machine has it: two memories, one of them with two ranges, and nodes
 * that look like memory and are not. */
static void
machine(struct tree *tree)
{
	start(tree);
	begin(tree, "");
	WORDS(tree, "#address-cells", 2);
	WORDS(tree, "#size-cells", 2);
	begin(tree, "memory@80000000");
	property(tree, "device_type", "memory", 7);
	WORDS(tree, "reg", 0, 0x80000000, 0, 0x10000000, 1, 0, 2, 0);
	end(tree);
	word(tree, 4);
	begin(tree, "reserved-memory");
	WORDS(tree, "#size-cells", 1);
	WORDS(tree, "#address-cells", 2);
	begin(tree, "firmware");
	WORDS(tree, "reg", 0, 0x80000000, 0x80000);
	end(tree);
	end(tree);
	begin(tree, "soc");
	begin(tree, "memory@0");
	property(tree, "device_type", "memory", 7);
	WORDS(tree, "reg", 0, 0, 0x1000);
	begin(tree, "deep");
	WORDS(tree, "#size-cells", 7);
	end(tree);
	end(tree);
	end(tree);
	begin(tree, "cpu");
	property(tree, "device_type", "cpu", 4);
	WORDS(tree, "reg", 0);
	end(tree);
	end(tree);
	word(tree, 9);
	finish(tree);
}

/* Read a copy that ends where the blob does, for the sanitizers to see. */
static const char *
read_copy(const unsigned char *blob, size_t size, struct ranges *memory,
    struct ranges *reserved)
{
	unsigned char *copy = malloc(size == 0 ? 1 : size);
	const char *wrong;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, blob, size);
	memory->n = reserved->n = 0;
	wrong = fdt_read(copy, size, memory, reserved);
	if (wrong != NULL) /* it may be a name in the blob */
		wrong = "wrong";
	free(copy);
	return wrong;
}

static void
expect_range(const struct ranges *ranges, size_t i, uint64_t from, uint64_t to)
{
	ck_assert_uint_lt(i, ranges->n);
	ck_assert_uint_eq(ranges->of[i].start, from);
	ck_assert_uint_eq(ranges->of[i].end, to);
}

START_TEST(fdt_reads)
{
	struct ranges memory, reserved;
	struct tree tree;

	machine(&tree);
	ck_assert_ptr_null(read_copy(tree.blob, tree.size, &memory, &reserved));
	ck_assert_uint_eq(memory.n, 2);
	expect_range(&memory, 0, 0x80000000, 0x90000000);
	expect_range(&memory, 1, 0x100000000, 0x300000000);
	ck_assert_uint_eq(reserved.n, 2);
	expect_range(&reserved, 0, 0x1000, 0x3000);
	expect_range(&reserved, 1, 0x80000000, 0x80080000);
	ck_assert_uint_eq(fdt_size(tree.blob), tree.size);
}
END_TEST

/* Without a word about them, addresses have two cells and sizes one. */
START_TEST(fdt_default_cells)
{
	struct ranges memory, reserved;
	struct tree tree;

	start(&tree);
	begin(&tree, "");
	begin(&tree, "memory");
	WORDS(&tree, "reg", 1, 0x2000, 0x3000);
	property(&tree, "device_type", "memory", 7);
	end(&tree);
	end(&tree);
	word(&tree, 9);
	finish(&tree);
	ck_assert_ptr_null(read_copy(tree.blob, tree.size, &memory, &reserved));
	ck_assert_uint_eq(memory.n, 1);
	expect_range(&memory, 0, 0x100002000, 0x100005000);
}
END_TEST

/* A tree whose only memory is this, under a root with these cells. */
static void
small(struct tree *tree, uint32_t address_cells, uint32_t size_cells,
    size_t nreg, const uint32_t *reg)
{
	start(tree);
	begin(tree, "");
	WORDS(tree, "#address-cells", address_cells);
	WORDS(tree, "#size-cells", size_cells);
	begin(tree, "memory");
	property(tree, "device_type", "memory", 7);
	words(tree, "reg", nreg, reg);
	end(tree);
	end(tree);
	word(tree, 9);
	finish(tree);
}

START_TEST(fdt_malformed_reg)
{
	static const uint32_t reg[] = { 0xffffffff, 0xfffff000, 0, 0x1000 };
	struct ranges memory, reserved;
	struct tree tree;
	const struct {
		uint32_t address_cells, size_cells;
		size_t n;
		bool good;
	} cases[] = {
		{ 2, 2, 4, false }, /* wraps */
		{ 2, 1, 3, true },  /* is empty, which is no crime */
		{ 1, 1, 2, true },
		{ 1, 1, 3, false }, /* half a range too many */
		{ 2, 2, 3, false }, /* a cell too few */
		{ 3, 1, 4, false }, /* wider than an address */
		{ 0, 0, 2, false }, /* of nothing, without end */
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		small(&tree, cases[i].address_cells, cases[i].size_cells,
		    cases[i].n, reg);
		ck_assert_msg((read_copy(tree.blob, tree.size, &memory,
				   &reserved) == NULL) == cases[i].good,
		    "case %zu", i);
	}
}
END_TEST

START_TEST(fdt_too_many_ranges)
{
	uint32_t reg[140];
	struct ranges memory, reserved;
	struct tree tree;
	size_t i;

	for (i = 0; i < 140; i++)
		reg[i] = (uint32_t)i + 1;
	small(&tree, 1, 1, 128, reg);
	ck_assert_ptr_null(read_copy(tree.blob, tree.size, &memory, &reserved));
	ck_assert_uint_eq(memory.n, 64);
	small(&tree, 1, 1, 130, reg);
	ck_assert_ptr_nonnull(
	    read_copy(tree.blob, tree.size, &memory, &reserved));
}
END_TEST

/* One word of a good blob is another. */
START_TEST(fdt_malformed_words)
{
	const struct {
		size_t at; /* from the structure's start, where it is not */
		bool header;
		uint32_t word;
	} cases[] = {
		{ 0, true, 0xd00dfeee },  /* magic */
		{ 4, true, 0x10000 },	  /* longer than it is */
		{ 4, true, 39 },	  /* shorter than its header */
		{ 8, true, 0xfffffff0 },  /* structure and strings */
		{ 12, true, 0xfffffff0 }, /*   outside */
		{ 16, true, 0xfffffff0 }, /* reserved ranges outside */
		{ 20, true, 16 },	  /* too old */
		{ 24, true, 18 },	  /* too new */
		{ 32, true, 0xffffffff }, /* lengths */
		{ 36, true, 0xffffffff },
		{ 0, false, 2 },	   /* a node ends that did not begin */
		{ 0, false, 4 },	   /* no root: a NUL is no token */
		{ 0, false, 9 },	   /* then it is empty: see below */
		{ 8, false, 1 },	   /* a name without end */
		{ 8, false, 77 },	   /* no token */
		{ 12, false, 0xfffffffc }, /* a property without end */
		{ 12, false, 0xffffffff },
		{ 16, false, 0xffffffff }, /* its name is outside */
	};
	struct ranges memory, reserved;
	struct tree tree;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		machine(&tree);
		put(&tree, (cases[i].header ? 0 : tree.structure) + cases[i].at,
		    cases[i].word);
		if (!cases[i].header && cases[i].word == 9) {
			ck_assert_ptr_null(read_copy(
			    tree.blob, tree.size, &memory, &reserved));
			ck_assert_uint_eq(memory.n, 0);
			continue;
		}
		ck_assert_msg(
		    read_copy(tree.blob, tree.size, &memory, &reserved) != NULL,
		    "case %zu", i);
	}
}
END_TEST

/* Cut off anywhere, whether or not the header knows. */
START_TEST(fdt_truncated)
{
	struct ranges memory, reserved;
	struct tree tree;
	size_t size;

	machine(&tree);
	for (size = 0; size < tree.size; size++)
		test_assert(
		    read_copy(tree.blob, size, &memory, &reserved) != NULL);
	for (size = 40; size < tree.size; size++) {
		put(&tree, 4, (uint32_t)size);
		test_assert(
		    read_copy(tree.blob, size, &memory, &reserved) != NULL);
	}
}
END_TEST

/* A few bytes are others: it ends, reads nothing outside, and finds no more
 * than there is room for. */
START_TEST(fdt_garbled)
{
	struct test_rng rng = { test_seed };
	const unsigned long steps = test_steps != 0 ? test_steps : 20000;
	struct ranges memory, reserved;
	struct tree good, tree;
	unsigned long i, read = 0;
	uint64_t j;

	machine(&good);
	for (i = 0; i < steps; i++) {
		tree = good;
		for (j = test_random_below(&rng, 4); j < 4; j++)
			tree.blob[test_random_below(&rng, tree.size)] =
			    (unsigned char)test_random(&rng);
		read +=
		    read_copy(tree.blob, tree.size, &memory, &reserved) == NULL;
		test_assert(memory.n <= 64 && reserved.n <= 64);
	}
	ck_assert_msg(read > 0 && read < steps, "%s", test_rerun());
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("baremetal");
	TCase *banks = tcase_create("banks"), *fdt = tcase_create("fdt");

	tcase_add_test(banks, banks_by_address);
	tcase_add_test(banks, banks_whole_pages);
	tcase_add_test(banks, banks_overlapping);
	tcase_add_test(banks, banks_free_lists);
	suite_add_tcase(s, banks);
	tcase_add_test(fdt, fdt_reads);
	tcase_add_test(fdt, fdt_default_cells);
	tcase_add_test(fdt, fdt_malformed_reg);
	tcase_add_test(fdt, fdt_too_many_ranges);
	tcase_add_test(fdt, fdt_malformed_words);
	tcase_add_test(fdt, fdt_truncated);
	tcase_add_test(fdt, fdt_garbled);
	suite_add_tcase(s, fdt);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
