/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * t_memmap_fdt.c -- device trees: every rule of the reader, every refusal,
 * trees as the compiler of device trees makes them, and random ones that libfdt
 * reads as well.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_LIBFDT
#include <libfdt.h>
#endif

#include "support.h"

#include "forms.h"

#define ENTRIES 512
#define MIB	(UINT64_C(1) << 20)
#define GIB	(UINT64_C(1) << 30)

static struct physseg_memmap_entry entries[ENTRIES];
static struct physseg_memmap memmap;
static struct physseg_memmap_reason reason;
static struct tree tree;

static void
setup(void)
{
	physseg_memmap_init(&memmap, entries, ENTRIES);
	memset(&reason, 0, sizeof(reason));
}

/* ---- making trees ---- */

static void
root(uint32_t address_cells, uint32_t size_cells)
{
	tree_begin(&tree, "");
	tree_word(&tree, "#address-cells", address_cells);
	tree_word(&tree, "#size-cells", size_cells);
}

/* A property of one range, of so many cells. */
static void
range(const char *name, uint64_t base, unsigned address_cells, uint64_t length,
    unsigned size_cells)
{
	struct blob value = { .at = NULL };

	blob_cells(&value, base, address_cells);
	blob_cells(&value, length, size_cells);
	tree_blob(&tree, name, &value);
}

/* A node of memory that is left open. */
static void
bank(const char *name, uint64_t base, uint64_t length)
{
	tree_begin(&tree, name);
	tree_text(&tree, "device_type", "memory");
	range("reg", base, 2, length, 2);
}

static void
end(unsigned n)
{
	while (n-- > 0)
		tree_end(&tree);
}

/* ---- what was read ---- */

static struct physseg_memmap_unplaced told[8];
static char told_names[8][32];
static size_t ntold;

static void
tell(void *arg, const struct physseg_memmap_unplaced *node)
{
	ck_assert_ptr_eq(arg, &ntold);
	ck_assert_uint_lt(ntold, 8);
	snprintf(told_names[ntold], 32, "%s", node->name);
	told[ntold++] = *node;
}

static int
read_tree(void)
{
	struct blob blob = { .at = NULL };
	int error;

	setup();
	ntold = 0;
	tree_finish(&tree, &blob);
	error = physseg_memmap_add_fdt(
	    &memmap, blob.at, blob.size, tell, &ntold, &reason);
	ck_assert_ptr_null(memmap_wrong(&memmap));
	blob_free(&blob);
	return error;
}

static void
says(const char *regions)
{
	const int error = read_tree();

	ck_assert_msg(error == PHYSSEG_OK, "%s", reason.text);
	ck_assert_str_eq(memmap_text(&memmap), regions);
}

static void
refuses(const char *text)
{
	ck_assert_int_eq(read_tree(), PHYSSEG_EFORMAT);
	ck_assert_int_eq(reason.error, PHYSSEG_EFORMAT);
	ck_assert_str_eq(reason.text, text);
	ck_assert_int_eq(memmap.failed, PHYSSEG_EFORMAT);
}

/* ---- which nodes are memory ---- */

START_TEST(by_type_or_by_name)
{
	root(2, 2);
	tree_begin(&tree, "ddr@1000"); /* by type */
	tree_text(&tree, "device_type", "memory");
	range("reg", 0x1000, 2, 0x100, 2);
	end(1);
	tree_begin(&tree, "memory@2000"); /* by name */
	range("reg", 0x2000, 2, 0x100, 2);
	end(1);
	tree_begin(&tree, "memory");
	range("reg", 0x3000, 2, 0x100, 2);
	end(1);
	tree_begin(&tree, "memory@4000"); /* by name, but it says otherwise */
	tree_text(&tree, "device_type", "cache");
	range("reg", 0x4000, 2, 0x100, 2);
	end(1);
	tree_begin(&tree, "hemory@4800");
	range("reg", 0x4800, 2, 0x100, 2);
	end(1);
	tree_begin(&tree, "memory@4900");
	range("leg", 0x4900, 2, 0x100, 2);
	end(1);
	tree_begin(&tree, "memory-controller@5000");
	range("reg", 0x5000, 2, 0x100, 2);
	end(1);
	tree_begin(&tree, "soc"); /* memory is a child of the root */
	tree_begin(&tree, "memory@6000");
	tree_text(&tree, "device_type", "memory");
	range("reg", 0x6000, 2, 0x100, 2);
	end(2);
	tree_begin(&tree, "memory@7000"); /* without any */
	tree_text(&tree, "device_type", "memory");
	end(2);
	says("1000-10ff RAM, 2000-20ff RAM, 3000-30ff RAM");
}
END_TEST

START_TEST(status_of_a_node)
{
	static const struct {
		const char *status;
		bool counts;
	} cases[] = { { "okay", true }, { "ok", true }, { "disabled", false },
		{ "reserved", false }, { "fail", false }, { "fail-sss", false },
		{ "", false }, { "okays", false } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		root(2, 2);
		bank("memory@0", 0, MIB);
		end(1);
		bank("memory@80000000", 0x80000000, MIB);
		tree_text(&tree, "status", cases[i].status);
		end(2);
		says(cases[i].counts ? "0-fffff RAM, 80000000-800fffff RAM"
				     : "0-fffff RAM");
	}
}
END_TEST

/* ---- cells ---- */

START_TEST(cells_of_any_number)
{
	struct blob value;

	for (unsigned address = 1; address <= 4; address++)
		for (unsigned size = 1; size <= 4; size++) {
			root(address, size);
			tree_begin(&tree, "memory");
			value = (struct blob){ .at = NULL };
			for (uint64_t i = 0; i < 3; i++) {
				blob_cells(&value, i * 0x10000000, address);
				blob_cells(&value, 0x1000, size);
			}
			tree_blob(&tree, "reg", &value);
			end(2);
			says("0-fff RAM, 10000000-10000fff RAM, "
			     "20000000-20000fff RAM");
		}
	tree_begin(&tree, ""); /* 2 and 1 where nothing is said */
	tree_begin(&tree, "memory");
	range("reg", 4 * GIB, 2, 0x1000, 1);
	end(2);
	says("100000000-100000fff RAM");
	root(0, 2); /* an address of no cells is 0 */
	tree_begin(&tree, "memory");
	range("reg", 0, 0, 0x1000, 2);
	end(2);
	says("0-fff RAM");
}
END_TEST

START_TEST(cells_that_are_wrong)
{
	/* More than 64 bits. */
	root(3, 2);
	tree_begin(&tree, "memory");
	tree_words(&tree, "reg", (uint32_t[]){ 1, 0, 0, 0, 4096 }, 5);
	end(2);
	refuses("a number does not fit 64 bits");
	root(1, 4);
	tree_begin(&tree, "memory");
	tree_words(&tree, "reg", (uint32_t[]){ 0, 0, 1, 0, 4096 }, 5);
	end(2);
	refuses("a number does not fit 64 bits");

	root(2, 0);
	bank("memory", 0, MIB);
	end(2);
	refuses("ranges of memory have no sizes");
	root(2, 2); /* half a range */
	tree_begin(&tree, "memory");
	tree_words(&tree, "reg", (uint32_t[]){ 0, 0, 0, 4096, 1, 0 }, 6);
	end(2);
	refuses("a property has not the length of its cells");
	root(2, 2); /* a byte too many */
	tree_begin(&tree, "memory");
	tree_property(&tree, "reg", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0", 17);
	end(2);
	refuses("a property has not the length of its cells");
	root(2, 1000000);
	bank("memory", 0, MIB);
	end(2);
	refuses("a property has not the length of its cells");
	root(0xffffffff, 0xffffffff);
	tree_begin(&tree, "memory");
	tree_words(&tree, "reg", (uint32_t[]){ 0, 0 }, 2);
	end(2);
	refuses("a property has not the length of its cells");
	tree_begin(&tree, "");
	tree_property(&tree, "#size-cells", "\0\0", 2);
	end(1);
	refuses("a property has not the length of its cells");
}
END_TEST

START_TEST(broken_banks)
{
	root(2, 2);
	bank("memory@0", 0, 0);
	end(1);
	bank("memory@1", 0 - MIB, MIB);
	end(2);
	says("fffffffffff00000-ffffffffffffffff RAM");
	ck_assert_uint_eq(memmap.skipped, 1);
	root(2, 2);
	bank("memory@1", 0 - MIB, MIB + 1);
	end(2);
	ck_assert_int_eq(read_tree(), PHYSSEG_ERANGE);
	ck_assert_uint_eq(reason.region.first, 0 - MIB);
}
END_TEST

/* ---- what a node says besides ---- */

START_TEST(nodes_and_removable)
{
	root(2, 2);
	bank("memory@0", 0, MIB);
	tree_word(&tree, "numa-node-id", 3);
	end(1);
	bank("memory@80000000", 0x80000000, MIB);
	tree_property(&tree, "hotpluggable", NULL, 0);
	end(2);
	says("0-fffff RAM 3, 80000000-800fffff RAM h");
	root(2, 2);
	bank("memory@0", 0, MIB);
	tree_word(&tree, "numa-node-id", 0x7fffffff);
	end(2);
	says("0-fffff RAM 2147483647");
	root(2, 2);
	bank("memory@0", 0, MIB);
	tree_word(&tree, "numa-node-id", 0x80000000);
	end(2);
	refuses("there is no such node");
	root(2, 2);
	bank("memory@0", 0, MIB);
	tree_property(&tree, "numa-node-id", "\0\0\0", 3);
	end(2);
	refuses("a property has not the length of its cells");
}
END_TEST

/* A crash kernel's tree. */
START_TEST(usable_memory)
{
	root(2, 2);
	bank("memory@0", 0, GIB);
	range("linux,usable-memory", 0x10000000, 2, MIB, 2);
	end(1);
	bank("memory@80000000", 0x80000000, MIB);
	tree_property(&tree, "linux,usable-memory", NULL, 0); /* none of it */
	end(2);
	says("10000000-100fffff RAM");
}
END_TEST

/* Before the memory, behind it; two ranges, out of order, that overlap. */
START_TEST(usable_memory_range)
{
	for (int before = 0; before < 2; before++) {
		struct blob ranges = { .at = NULL };

		root(2, 2);
		if (!before) {
			bank("memory@0", 0, 8 * GIB);
			end(1);
		}
		tree_begin(&tree, "chosen");
		blob_cells(&ranges, 0x20000000, 2);
		blob_cells(&ranges, 0x10000000, 2);
		blob_cells(&ranges, 0, 2); /* none */
		blob_cells(&ranges, 0, 2);
		blob_cells(&ranges, 0x1000, 2);
		blob_cells(&ranges, 0x1000, 2);
		blob_cells(&ranges, 0x28000000, 2);
		blob_cells(&ranges, 0x10000000, 2);
		tree_blob(&tree, "linux,usable-memory-range", &ranges);
		end(1);
		if (before) {
			bank("memory@0", 0, 8 * GIB);
			end(1);
		}
		end(1);
		says("1000-1fff RAM, 20000000-37ffffff RAM");
	}
	root(2, 2); /* ranges that say nothing do not clip */
	tree_begin(&tree, "chosen");
	range("linux,usable-memory-range", 0x1000, 2, 0, 2);
	end(1);
	bank("memory@0", 0, MIB);
	end(2);
	says("0-fffff RAM");
	{ /* single bytes */
		struct blob ranges = { .at = NULL };

		root(2, 2);
		tree_begin(&tree, "chosen");
		for (uint64_t i = 0; i < 3; i++) {
			blob_cells(&ranges, 0x1000 + i * (i + 1) / 2, 2);
			blob_cells(&ranges, 1, 2);
		}
		tree_blob(&tree, "linux,usable-memory-range", &ranges);
		end(1);
		bank("memory@0", 0, MIB);
		end(2);
		says("1000-1001 RAM, 1003-1003 RAM");
	}
	root(2, 2); /* the whole of it, and up to its end */
	tree_begin(&tree, "chosen");
	range("linux,usable-memory-range", 0x1000, 2, 0 - UINT64_C(0x1000), 2);
	end(1);
	bank("memory@0", 0, MIB);
	end(2);
	says("1000-fffff RAM");
	root(2, 2);
	tree_begin(&tree, "chosen");
	range("linux,usable-memory-range", 0x1001, 2, 0 - UINT64_C(0x1000), 2);
	end(2);
	refuses("a range of memory wraps");
}
END_TEST

/* ---- memory that is taken ---- */

START_TEST(reserved_by_the_blob)
{
	tree_reserve(&tree, 0x1000, 0x1000);
	tree_reserve(&tree, 0x5000, 0);
	tree_reserve(&tree, 0, 0x10);
	root(2, 2);
	bank("memory@0", 0, 0x4000);
	end(2);
	says("0-f RAM u, 10-fff RAM, 1000-1fff RAM u, 2000-3fff RAM");
	ck_assert_uint_eq(memmap.skipped, 1);
	/* A reservation that is broken is not dropped. */
	tree_reserve(&tree, 0x1000, UINT64_MAX);
	root(2, 2);
	end(1);
	ck_assert_int_eq(read_tree(), PHYSSEG_ERANGE);
}
END_TEST

static void
reserved(uint32_t address_cells, uint32_t size_cells)
{
	tree_begin(&tree, "reserved-memory");
	tree_word(&tree, "#address-cells", address_cells);
	tree_word(&tree, "#size-cells", size_cells);
	tree_property(&tree, "ranges", NULL, 0);
}

START_TEST(reserved_by_nodes)
{
	root(2, 2);
	reserved(1, 1); /* which has cells of its own */
	tree_begin(&tree, "a@1000");
	tree_words(
	    &tree, "reg", (uint32_t[]){ 0x1000, 0x1000, 0x3000, 0x800 }, 4);
	tree_begin(&tree, "child"); /* which says nothing */
	tree_words(&tree, "reg", (uint32_t[]){ 0x6000, 0x1000 }, 2);
	end(2);
	tree_begin(&tree, "b@8000");
	tree_words(&tree, "reg", (uint32_t[]){ 0x8000, 0x1000 }, 2);
	tree_property(&tree, "no-map", NULL, 0);
	end(1);
	tree_begin(&tree, "c@9000");
	tree_words(&tree, "reg", (uint32_t[]){ 0x9000, 0x1000 }, 2);
	tree_text(&tree, "status", "disabled");
	end(1);
	tree_begin(&tree, "d@a000");
	tree_words(&tree, "reg", (uint32_t[]){ 0xa000, 0x0 }, 2);
	end(1);
	tree_begin(&tree, "e");
	end(2);
	tree_begin(&tree, "other"); /* no child of /reserved-memory */
	tree_begin(&tree, "f@b000");
	tree_words(&tree, "reg", (uint32_t[]){ 0xb000, 0x1000 }, 2);
	end(2);
	bank("memory@0", 0, 0x10000);
	end(2);
	says("0-fff RAM, 1000-1fff RAM u, 2000-2fff RAM, 3000-37ff RAM u, "
	     "3800-7fff RAM, 8000-8fff reserved, 9000-ffff RAM");
	ck_assert_uint_eq(memmap.skipped, 2);
	ck_assert_uint_eq(memmap.unplaced, 0);

	for (int no_map = 0; no_map < 2; no_map++) {
		root(2, 2);
		reserved(2, 2);
		tree_begin(&tree, "a");
		range("reg", 0x1000, 2, UINT64_MAX, 2);
		if (no_map)
			tree_property(&tree, "no-map", NULL, 0);
		end(3);
		ck_assert_int_eq(read_tree(), PHYSSEG_ERANGE);
	}
}
END_TEST

START_TEST(reserved_without_an_address)
{
	size_t offsets[2];

	root(2, 2);
	reserved(2, 2);
	offsets[0] = tree.structure.size;
	tree_begin(&tree, "pool");
	tree_words(&tree, "size", (uint32_t[]){ 1, 0x1000 }, 2);
	tree_words(&tree, "alignment", (uint32_t[]){ 0, 0x2000 }, 2);
	end(1);
	offsets[1] = tree.structure.size;
	tree_begin(&tree, "secret");
	tree_words(&tree, "size", (uint32_t[]){ 0, 0x3000 }, 2);
	tree_property(&tree, "no-map", NULL, 0);
	end(1);
	tree_begin(&tree, "off");
	tree_words(&tree, "size", (uint32_t[]){ 0, 0x3000 }, 2);
	tree_text(&tree, "status", "disabled");
	end(2);
	bank("memory@0", 0, 0x10000);
	end(2);
	says("0-ffff RAM");
	ck_assert_uint_eq(memmap.unplaced, 2);
	ck_assert_uint_eq(ntold, 2);
	ck_assert_str_eq(told_names[0], "pool");
	for (size_t i = 0; i < 2; i++)
		ck_assert_uint_eq(told[i].offset, offsets[i]);
	ck_assert_uint_eq(told[0].size, 0x100001000);
	ck_assert_uint_eq(told[0].alignment, 0x2000);
	ck_assert(!told[0].no_map);
	ck_assert_str_eq(told_names[1], "secret");
	ck_assert_uint_eq(told[1].size, 0x3000);
	ck_assert_uint_eq(told[1].alignment, 0);
	ck_assert(told[1].no_map);

	root(2, 2);
	reserved(2, 2);
	tree_begin(&tree, "pool");
	tree_word(&tree, "size", 0x1000);
	end(3);
	refuses("a property has not the length of its cells");
}
END_TEST

/* ---- refusals ---- */

START_TEST(dynamic_memory_of_power)
{
	root(2, 2);
	bank("memory@0", 0, GIB);
	end(1);
	tree_begin(&tree, "ibm,dynamic-reconfiguration-memory");
	end(2);
	refuses("ibm,dynamic-reconfiguration-memory is not read");
}
END_TEST

/* The structure, token by token. */
START_TEST(structures_that_are_wrong)
{
	tree_begin(&tree, "");
	refuses("a node of the device tree does not end");
	refuses("a node of the device tree does not end"); /* no node at all */
	end(1);
	refuses("a node ends that did not begin");
	tree_begin(&tree, "");
	end(1);
	tree_begin(&tree, "");
	end(1);
	refuses("the device tree has two roots");
	tree_begin(&tree, "");
	end(2);
	refuses("a node ends that did not begin");
	tree_word(&tree, "#size-cells", 1);
	tree_begin(&tree, "");
	end(1);
	refuses("a property is not where its node begins");
	tree_begin(&tree, "");
	tree_begin(&tree, "memory");
	end(1);
	tree_word(&tree, "#size-cells", 1);
	end(1);
	refuses("a property is not where its node begins");
	blob_be(&tree.structure, 5, 4);
	refuses("the device tree does not end");
	blob_be(&tree.structure, 4, 4); /* NOP: everywhere */
	tree_begin(&tree, "");
	blob_be(&tree.structure, 4, 4);
	tree_begin(&tree, "memory");
	blob_be(&tree.structure, 4, 4);
	tree_words(&tree, "reg", (uint32_t[]){ 0, 0, 16 }, 3);
	blob_be(&tree.structure, 4, 4);
	end(2);
	blob_be(&tree.structure, 4, 4);
	says("0-f RAM");
	/* A property's name, and its length. */
	tree_begin(&tree, "");
	blob_be(&tree.structure, 3, 4);
	blob_be(&tree.structure, 0, 4);
	blob_be(&tree.structure, 100, 4);
	end(1);
	refuses("a property has no name");
	tree_begin(&tree, "");
	blob_be(&tree.structure, 3, 4);
	blob_be(&tree.structure, 1000, 4);
	blob_be(&tree.structure, 0, 4);
	refuses("a property does not end");
}
END_TEST

/* Words of the header: which, what is written there, what is said then. */
START_TEST(headers_that_are_wrong)
{
	static const struct {
		size_t word;
		uint32_t value;
		const char *text;
	} cases[] = {
		{ 0, 0xd00dfeee, "it is no device tree" },
		{ 1, 39, "the device tree is not whole" },
		{ 1, 100000, "the device tree is not whole" },
		{ 1, 0xffffffff, "the device tree is not whole" },
		{ 2, 100000, "a block of the device tree lies outside of it" },
		{ 3, 100000, "a block of the device tree lies outside of it" },
		{ 4, 100000, "a block of the device tree lies outside of it" },
		{ 5, 16, "the device tree is of another version" },
		{ 6, 18, "the device tree is of another version" },
		{ 8, 100000, "a block of the device tree lies outside of it" },
		{ 8, 0xffffffff,
		    "a block of the device tree lies outside of it" },
		{ 9, 100000, "a block of the device tree lies outside of it" },
		{ 9, 4, "a node's name does not end" },
		{ 8, 0, "a property has no name" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct blob blob = { .at = NULL };

		setup();
		form_sample(FORM_FDT, &blob);
		for (size_t j = 0; j < 4; j++)
			blob.at[4 * cases[i].word + j] =
			    cases[i].value >> 8 * (3 - j) & 0xff;
		ck_assert_int_eq(physseg_memmap_add_fdt(&memmap, blob.at,
				     blob.size, NULL, NULL, &reason),
		    PHYSSEG_EFORMAT);
		ck_assert_str_eq(reason.text, cases[i].text);
		blob_free(&blob);
	}
	/* The last word is missing; and a reader of version 17 is enough. */
	for (int whole = 0; whole < 2; whole++) {
		struct blob blob = { .at = NULL };

		setup();
		form_sample(FORM_FDT, &blob);
		blob.at[27] = 17;
		if (!whole)
			blob.at[39] = (unsigned char)(blob.at[39] - 4);
		ck_assert_int_eq(physseg_memmap_add_fdt(&memmap, blob.at,
				     blob.size, NULL, NULL, &reason),
		    whole ? PHYSSEG_OK : PHYSSEG_EFORMAT);
		if (!whole)
			ck_assert_str_eq(
			    reason.text, "the device tree does not end");
		blob_free(&blob);
	}
	/* The blob's own list has no end. */
	{
		struct blob blob = { .at = NULL };

		setup();
		form_sample(FORM_FDT, &blob);
		blob.at[19] = (unsigned char)(blob.size - 8);
		blob.at[18] = (unsigned char)((blob.size - 8) >> 8);
		ck_assert_int_eq(physseg_memmap_add_fdt(&memmap, blob.at,
				     blob.size, NULL, NULL, &reason),
		    PHYSSEG_EFORMAT);
		ck_assert_str_eq(reason.text,
		    "the device tree's reserved ranges do not end");
		blob_free(&blob);
	}
}
END_TEST

/* ---- libfdt reads the same ---- */

#ifdef HAVE_LIBFDT

/* A number of a property, where libfdt found it; false: it is too short or too
 * large. */
static bool
number(const unsigned char **at, int *left, int cells, uint64_t *n)
{
	*n = 0;
	for (; cells > 0; cells--, *at += 4, *left -= 4) {
		if (*left < 4 || *n >> 32 != 0)
			return false;
		*n = *n << 32 | fdt32_ld((const fdt32_t *)(const void *)*at);
	}
	return true;
}

/* The cells that a node has for its children, as libfdt finds the property. */
static bool
cells_of(const void *blob, int node, const char *name, int none, int *cells)
{
	int size;
	const unsigned char *at = fdt_getprop(blob, node, name, &size);
	uint64_t n = (uint64_t)none;

	if (at != NULL && (size < 4 || !number(&at, &size, 1, &n)))
		return false;
	*cells = n > 1000 ? 1000 : (int)n;
	return true;
}

static bool
usable(const void *blob, int node)
{
	const char *status = fdt_getprop(blob, node, "status", NULL);

	return status == NULL || strcmp(status, "okay") == 0 ||
	    strcmp(status, "ok") == 0;
}

enum range_use { BANK, IN_USE, RESERVED, ALLOWED };

/* What a reference makes: of memory, the parts that are allowed. */
struct reference {
	struct physseg_memmap memmap;
	struct physseg_region allowed[8];
	size_t nallowed;
	size_t unplaced;
};

static bool
use_range(struct reference *other, uint64_t base, uint64_t length,
    enum range_use use, int id, unsigned flags)
{
	const uint64_t last = base + length - 1;

	if (use == IN_USE)
		return physseg_memmap_reserve(
			   &other->memmap, base, length, NULL) == PHYSSEG_OK;
	if (use == RESERVED)
		return physseg_memmap_add(&other->memmap, base, length,
			   PHYSSEG_KIND_RESERVED, PHYSSEG_NONODE, 0,
			   NULL) == PHYSSEG_OK;
	if (last < base)
		return false;
	if (use == ALLOWED) {
		test_assert(other->nallowed < 8);
		other->allowed[other->nallowed++] =
		    (struct physseg_region){ .first = base, .last = last };
		return true;
	}
	for (size_t i = 0; i < other->nallowed; i++) {
		const struct physseg_region *part = &other->allowed[i];
		const uint64_t from = base > part->first ? base : part->first;
		const uint64_t to = last < part->last ? last : part->last;

		if (from <= to &&
		    physseg_memmap_add(&other->memmap, from, to - from + 1,
			PHYSSEG_KIND_RAM, id, flags, NULL) != PHYSSEG_OK)
			return false;
	}
	return other->nallowed > 0 ||
	    physseg_memmap_add(&other->memmap, base, length, PHYSSEG_KIND_RAM,
		id, flags, NULL) == PHYSSEG_OK;
}

/* All ranges of a property; false: something is wrong. */
static bool
ranges(struct reference *other, const void *blob, int node, int parent,
    const char *name, enum range_use use, int id, unsigned flags)
{
	int address, size, left;
	const unsigned char *at = fdt_getprop(blob, node, name, &left);
	uint64_t base, length;

	if (at == NULL)
		return true;
	if (!cells_of(blob, parent, "#address-cells", 2, &address) ||
	    !cells_of(blob, parent, "#size-cells", 1, &size) ||
	    (left > 0 && size == 0))
		return false;
	while (left > 0) {
		if (!number(&at, &left, address, &base) ||
		    !number(&at, &left, size, &length))
			return false;
		if (length != 0 &&
		    !use_range(other, base, length, use, id, flags))
			return false;
	}
	return true;
}

static bool
reference_bank(struct reference *other, const void *blob, int node)
{
	const char *type = fdt_getprop(blob, node, "device_type", NULL);
	const char *name = fdt_get_name(blob, node, NULL);
	const char *property = "reg";
	const fdt32_t *id;
	int size;

	if (type != NULL ? strcmp(type, "memory") != 0
			 : strcmp(name, "memory") != 0 &&
		    strncmp(name, "memory@", 7) != 0)
		return true;
	if (!usable(blob, node))
		return true;
	if (fdt_getprop(blob, node, "linux,usable-memory", NULL) != NULL)
		property = "linux,usable-memory";
	id = fdt_getprop(blob, node, "numa-node-id", &size);
	if (id != NULL && (size < 4 || fdt32_ld(id) > 0x7fffffff))
		return false;
	return ranges(other, blob, node, fdt_path_offset(blob, "/"), property,
	    BANK, id == NULL ? PHYSSEG_NONODE : (int)fdt32_ld(id),
	    fdt_getprop(blob, node, "hotpluggable", NULL) == NULL
		? 0
		: PHYSSEG_REGION_REMOVABLE);
}

/* What libfdt finds in a tree: not by a walk from front to back, but by its own
 * functions.  False: something is wrong with a property. */
static bool
reference(struct reference *other, const void *blob)
{
	const int top = fdt_path_offset(blob, "/");
	const int list = fdt_path_offset(blob, "/reserved-memory");
	uint64_t base, length;
	int node, size;

	for (int i = 0; i < fdt_num_mem_rsv(blob); i++)
		if (fdt_get_mem_rsv(blob, i, &base, &length) != 0 ||
		    physseg_memmap_reserve(
			&other->memmap, base, length, NULL) != PHYSSEG_OK)
			return false;
	node = fdt_path_offset(blob, "/chosen");
	if (node >= 0 &&
	    !ranges(other, blob, node, top, "linux,usable-memory-range",
		ALLOWED, 0, 0))
		return false;
	fdt_for_each_subnode(node, blob, top)
	{
		if (!reference_bank(other, blob, node))
			return false;
	}
	if (list < 0)
		return true;
	fdt_for_each_subnode(node, blob, list)
	{
		const bool no_map =
		    fdt_getprop(blob, node, "no-map", NULL) != NULL;
		const unsigned char *at;

		if (!usable(blob, node))
			continue;
		if (fdt_getprop(blob, node, "reg", NULL) == NULL &&
		    (at = fdt_getprop(blob, node, "size", &size)) != NULL) {
			int cells;

			if (!cells_of(blob, list, "#size-cells", 1, &cells) ||
			    !number(&at, &size, cells, &length))
				return false;
			other->unplaced++;
		}
		if (!ranges(other, blob, node, list, "reg",
			no_map ? RESERVED : IN_USE, 0, 0))
			return false;
	}
	return true;
}

/* ---- random trees, which libfdt writes ---- */

static uint64_t
random_number(struct test_rng *rng, int cells)
{
	uint64_t n = test_random_below(rng, 64)
	    << (4 + test_random_below(rng, 36));

	if (cells == 0)
		return 0;
	return cells == 1 ? n & 0xffffffff : n;
}

static void
write_ranges(
    void *blob, const char *name, int address, int size, struct test_rng *rng)
{
	struct blob value = { .at = NULL };

	for (uint64_t n = test_random_below(rng, 4); n > 0; n--) {
		blob_cells(
		    &value, random_number(rng, address), (unsigned)address);
		blob_cells(&value, random_number(rng, size), (unsigned)size);
	}
	if (test_random_below(rng, 40) == 0)
		blob_be(&value, 0, 4);
	fdt_property(blob, name, value.at, (int)value.size);
	blob_free(&value);
}

static void
write_text(void *blob, const char *name, const char *text)
{
	fdt_property(blob, name, text, (int)strlen(text) + 1);
}

/* Properties in any order; some are wrong now and then. */
static void
write_some(void *blob, int address, int size, struct test_rng *rng)
{
	static const char *const states[] = { "okay", "ok", "disabled", "" };
	static const char *const kinds[] = { "memory", "memory", "cpu" };

	for (unsigned first = (unsigned)test_random_below(rng, 8), i = first;
	     i < first + 8; i++)
		switch (i % 8) {
		case 0:
			if (test_random_below(rng, 4) > 0)
				write_ranges(blob, "reg", address, size, rng);
			break;
		case 1:
			if (test_random_below(rng, 3) > 0)
				write_text(blob, "device_type",
				    kinds[test_random_size(rng, 3)]);
			break;
		case 2:
			if (test_random_below(rng, 4) == 0)
				write_text(blob, "status",
				    states[test_random_size(rng, 4)]);
			break;
		case 3:
			if (test_random_below(rng, 6) == 0)
				fdt_property(blob, "hotpluggable", NULL, 0);
			break;
		case 4:
			if (test_random_below(rng, 4) == 0)
				fdt_property_u32(blob, "numa-node-id",
				    (uint32_t)test_random_below(rng, 2));
			break;
		case 5:
			if (test_random_below(rng, 8) == 0)
				write_ranges(blob, "linux,usable-memory",
				    address, size, rng);
			break;
		case 6:
			if (test_random_below(rng, 3) == 0)
				fdt_property(blob, "no-map", NULL, 0);
			break;
		default:
			if (test_random_below(rng, 3) == 0)
				fdt_property_u64(
				    blob, "size", test_random_below(rng, 1000));
		}
}

static void
write_cells(void *blob, int address, int size, struct test_rng *rng)
{
	if (address != 2 || test_random_below(rng, 2) == 0)
		fdt_property_u32(blob, "#address-cells", (uint32_t)address);
	if (size != 1 || test_random_below(rng, 2) == 0)
		fdt_property_u32(blob, "#size-cells", (uint32_t)size);
}

static void
random_tree(void *blob, int room, struct test_rng *rng)
{
	static const char *const names[] = { "memory", "memory@", "cpus",
		"soc@", "memory-controller@" };
	const int address = (int)test_random_below(rng, 4);
	const int size = 1 + (int)test_random_below(rng, 3);
	char name[64];

	fdt_create(blob, room);
	for (uint64_t n = test_random_below(rng, 3); n > 0; n--)
		fdt_add_reservemap_entry(
		    blob, random_number(rng, 2), 1 + random_number(rng, 2));
	fdt_finish_reservemap(blob);
	fdt_begin_node(blob, "");
	write_cells(blob, address, size, rng);
	for (unsigned n = (unsigned)test_random_below(rng, 6); n > 0; n--) {
		snprintf(name, sizeof(name), "%s%x",
		    names[test_random_size(rng, 5)], n);
		if (test_random_below(rng, 4) == 0) {
			fdt_begin_node(blob, n == 1 ? "memory" : name);
			write_some(blob, address, size, rng);
			fdt_begin_node(blob, "memory@7"); /* too deep */
			write_some(blob, address, size, rng);
			fdt_end_node(blob);
			fdt_end_node(blob);
		} else if (n == 2) {
			const int own = 1 + (int)test_random_below(rng, 2);

			fdt_begin_node(blob, "reserved-memory");
			write_cells(blob, own, own, rng);
			for (unsigned i = 0; i < 3; i++) {
				snprintf(name, sizeof(name), "r@%x", i);
				fdt_begin_node(blob, name);
				write_some(blob, own, own, rng);
				fdt_end_node(blob);
			}
			fdt_end_node(blob);
		} else {
			fdt_begin_node(blob, name);
			write_some(blob, address, size, rng);
			fdt_end_node(blob);
		}
	}
	fdt_end_node(blob);
	test_assert(fdt_finish(blob) == 0);
}

/* Both read it; either both fail, or they say the same. */
static bool
compare(const void *blob, size_t size)
{
	static struct physseg_memmap_entry others[ENTRIES];
	static char text[8192];
	struct reference other = { .nallowed = 0 };
	bool good;
	int error;

	setup();
	physseg_memmap_init(&other.memmap, others, ENTRIES);
	good = reference(&other, blob);
	error =
	    physseg_memmap_add_fdt(&memmap, blob, size, NULL, NULL, &reason);
	test_assert(memmap_wrong(&memmap) == NULL);
	test_assert((error == PHYSSEG_OK) == good);
	if (!good)
		return false;
	test_assert(memmap.unplaced == other.unplaced);
	snprintf(text, sizeof(text), "%s", memmap_text(&memmap));
	test_assert(strcmp(text, memmap_text(&other.memmap)) == 0);
	return text[0] != '\0';
}

START_TEST(random_trees)
{
	const unsigned long steps = test_steps != 0 ? test_steps : 20000;
	static _Alignas(8) unsigned char blob[16384];
	struct test_rng rng = { test_seed };
	unsigned long good = 0;

	for (unsigned long step = 0; step < steps; step++) {
		random_tree(blob, sizeof(blob), &rng);
		good += compare(blob, fdt_totalsize(blob));
	}
	ck_assert_uint_gt(good, steps / 4);
}
END_TEST

/* The values of properties are changed, the form stays. */
START_TEST(changed_trees)
{
	const unsigned long steps = test_steps != 0 ? test_steps : 20000;
	static _Alignas(8) unsigned char blob[16384];
	struct test_rng rng = { test_seed };
	unsigned long good = 0;

	for (unsigned long step = 0; step < steps; step++) {
		random_tree(blob, sizeof(blob), &rng);
		for (int node = 0; node >= 0;
		     node = fdt_next_node(blob, node, NULL)) {
			int property, size;

			fdt_for_each_property_offset(property, blob, node)
			{
				const char *name;
				const void *value = fdt_getprop_by_offset(
				    blob, property, &name, &size);

				/* Texts must end. */
				if (size >= 4 && name[0] != 'd' &&
				    strcmp(name, "status") != 0 &&
				    test_random_below(&rng, 12) == 0)
					blob[(const unsigned char *)value -
					    blob +
					    (ptrdiff_t)test_random_size(
						&rng, (size_t)size)] =
					    (unsigned char)test_random_below(
						&rng, 8);
			}
		}
		good += compare(blob, fdt_totalsize(blob));
	}
	ck_assert_uint_gt(good, steps / 8);
}
END_TEST

#else /* HAVE_LIBFDT */

START_TEST(random_trees)
{
	test_skip("random_trees", "there was no libfdt");
}
END_TEST

START_TEST(changed_trees)
{
	test_skip("changed_trees", "there was no libfdt");
}
END_TEST

#endif /* HAVE_LIBFDT */

/* ---- trees as people write them ---- */

/* The compiler's output; false: there is none. */
static bool
compiled(const char *name, struct blob *blob)
{
	unsigned char buffer[4096];
	char command[1024];
	FILE *pipe;
	size_t n;

	snprintf(command, sizeof(command),
	    "dtc -q -I dts -O dtb '%s/%s.dts' 2>/dev/null", TREES, name);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	while ((n = fread(buffer, 1, sizeof(buffer), pipe)) > 0)
		blob_add(blob, buffer, n);
	return pclose(pipe) == 0;
}

START_TEST(written_trees)
{
	static const struct {
		const char *name;
		const char *regions;
		size_t unplaced;
	} trees[] = {
		{ "disabled", "0-fffffff RAM", 0 },
		{ "board",
		    "0-7ffff reserved, 80000-2eff65ff RAM, 2eff6600-2efffeff "
		    "RAM u, "
		    "2effff00-3b3fffff RAM, 40000000-fbffffff RAM, "
		    "100000000-103ffffff RAM",
		    1 },
		{ "numa",
		    "80000000-ffefffff RAM 0, 2000000000-23ffffffff RAM 1, "
		    "2800000000-29ffffffff RAM 1, 4000000000-407fffffff RAM h "
		    "1",
		    0 },
		{ "crash", "b0000000-bfffffff RAM, 800000000-83fffffff RAM",
		    0 },
		{ "old", "0-7ffffff RAM, 10000000-13ffffff RAM", 0 },
	};

	if (system("dtc --version >/dev/null 2>&1") != 0) {
		test_skip("written_trees", "there is no dtc");
		return;
	}
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		struct blob blob = { .at = NULL };

		setup();
		ck_assert_msg(compiled(trees[i].name, &blob),
		    "%s does not compile", trees[i].name);
		ck_assert_int_eq(physseg_memmap_add_fdt(&memmap, blob.at,
				     blob.size, NULL, NULL, &reason),
		    PHYSSEG_OK);
		ck_assert_str_eq(memmap_text(&memmap), trees[i].regions);
		ck_assert_uint_eq(memmap.unplaced, trees[i].unplaced);
#ifdef HAVE_LIBFDT
		compare(blob.at, blob.size);
#endif
		blob_free(&blob);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("memmap, device trees");
	TCase *t = tcase_create("fdt");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, by_type_or_by_name);
	tcase_add_test(t, status_of_a_node);
	tcase_add_test(t, cells_of_any_number);
	tcase_add_test(t, cells_that_are_wrong);
	tcase_add_test(t, broken_banks);
	tcase_add_test(t, nodes_and_removable);
	tcase_add_test(t, usable_memory);
	tcase_add_test(t, usable_memory_range);
	tcase_add_test(t, reserved_by_the_blob);
	tcase_add_test(t, reserved_by_nodes);
	tcase_add_test(t, reserved_without_an_address);
	tcase_add_test(t, dynamic_memory_of_power);
	tcase_add_test(t, structures_that_are_wrong);
	tcase_add_test(t, headers_that_are_wrong);
	tcase_add_test(t, random_trees);
	tcase_add_test(t, changed_trees);
	tcase_add_test(t, written_trees);
	suite_add_tcase(s, t);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
