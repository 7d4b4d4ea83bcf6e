/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * t_memmap_maps.c -- machines of all kinds.  A file of maps/ says what firmware
 * and the kernel say, a line each; here that becomes the binary form, a reader
 * reads it, and what comes out is held against totals.txt, which was computed
 * by another program in another way (maps/totals.py).  Then it is loaded.
 *
 * Lines of a map; numbers are C's, with K, M, G or T behind them if need be:
 *
 *	page SHIFT			the size of a page
 *	list FRAME LIST			a free list, and where it begins
 *	leave KIND			memory that becomes no segments
 *	via FORM			how e820 is handed over
 *	e820 BASE LENGTH TYPE
 *	efi TYPE BASE PAGES ATTRIBUTES
 *	boot				boot services still run
 *	cells ADDRESS SIZE		of a device tree
 *	untyped				its memory nodes have no device_type
 *	memory BASE LENGTH [node=N] [hotpluggable] [disabled]
 *	memreserve BASE LENGTH		in the blob's own list
 *	reserved BASE LENGTH [no-map] [disabled]
 *	usable BASE LENGTH		linux,usable-memory-range
 *	region BASE LENGTH KIND [NODE] [FLAG]
 *	kind BASE LENGTH KIND		orders, in this order
 *	node BASE LENGTH NODE
 *	clip BASE LENGTH
 *	use BASE LENGTH
 *	check PAGES			of RAM, as somebody else counted them
 *
 * If the environment's SEEDS is a directory, the binary forms are written
 *there, for fuzz_memmap to begin with.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "forms.h"

#define ENTRIES 1024
#define WORDS	8
#define LISTS	8
#define LINES	512

/* A line of a map, in words. */
struct line {
	char text[128];
	const char *word[WORDS + 1]; /* NULL behind the last */
};

struct machine {
	const char *name;
	struct line line[LINES];
	size_t nlines;
	const char *via;
	unsigned cells[2];
	bool boot;
	bool untyped;
	uint64_t check;
	struct physseg_memmap_list list[LISTS];
	struct physseg_memmap_layout layout;
};

static struct machine machine;
static struct physseg_memmap_entry entries[ENTRIES];
static struct physseg_memmap memmap;
static struct physseg_memmap_reason reason;

/* ---- reading lines ---- */

static uint64_t
number(const char *text)
{
	static const char scales[] = "KMGT";
	char *end;
	uint64_t n;

	ck_assert_ptr_nonnull(text);
	n = strtoull(text, &end, 0);
	if (*end != '\0') {
		const char *scale = strchr(scales, *end);

		ck_assert_msg(
		    scale != NULL && end[1] == '\0', "%s is no number", text);
		n <<= 10 * (scale - scales + 1);
	}
	return n;
}

static enum physseg_region_kind
kind_named(const char *text)
{
	static const char *const names[] = { "none", "RAM", "soft",
		"persistent", "unaccepted", "acpi", "nvs", "firmware",
		"reserved", "unusable" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0)
			return (enum physseg_region_kind)i;
	ck_abort_msg("%s is no kind", text);
}

/* Does one of a line's words from `from' on begin so?  NULL, or it. */
static const char *
option(const struct line *line, size_t from, const char *name)
{
	for (size_t i = from; i < WORDS && line->word[i] != NULL; i++)
		if (strncmp(line->word[i], name, strlen(name)) == 0)
			return line->word[i];
	return NULL;
}

static bool
is(const struct line *line, const char *name)
{
	return strcmp(line->word[0], name) == 0;
}

static FILE *
open_file(const char *name, const char *suffix)
{
	char path[1024];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s%s", MAPS, name, suffix);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s cannot be opened", path);
	return file;
}

static void
read_lines(const char *name)
{
	FILE *file = open_file(name, ".map");
	struct line *line = machine.line;

	memset(&machine, 0, sizeof(machine));
	machine.name = name;
	while (fgets(line->text, sizeof(line->text), file) != NULL) {
		char *at = line->text;
		size_t n = 0;

		if (*at == '#')
			continue;
		while ((at = strtok(n == 0 ? at : NULL, " \t\n")) != NULL) {
			ck_assert_uint_lt(n, WORDS);
			line->word[n++] = at;
		}
		line->word[n] = NULL;
		if (n == 0)
			continue;
		ck_assert_uint_lt(++machine.nlines, LINES);
		line++;
	}
	fclose(file);
}

#define FOR_LINES(line)                              \
	for (const struct line *line = machine.line; \
	     line < machine.line + machine.nlines; line++)

/* What is no firmware's. */
static void
read_settings(void)
{
	struct physseg_memmap_layout *layout = &machine.layout;

	machine.via = "";
	layout->lists = machine.list;
	FOR_LINES(line)
	{
		if (is(line, "page"))
			layout->page_shift = (unsigned)number(line->word[1]);
		if (is(line, "list")) {
			ck_assert_uint_lt(layout->nlists, LISTS);
			machine.list[layout->nlists++] =
			    (struct physseg_memmap_list){ (physseg_pfn_t)number(
							      line->word[1]),
				    (int)number(line->word[2]) };
		}
		if (is(line, "leave"))
			layout->leave_out |= 1u << kind_named(line->word[1]);
		if (is(line, "via"))
			machine.via = line->word[1];
		if (is(line, "boot"))
			machine.boot = true;
		if (is(line, "untyped"))
			machine.untyped = true;
		if (is(line, "cells"))
			for (int i = 0; i < 2; i++)
				machine.cells[i] =
				    (unsigned)number(line->word[1 + i]);
		if (is(line, "check"))
			machine.check = number(line->word[1]);
	}
}

/* ---- firmware's form ---- */

static void
good(int error)
{
	ck_assert_msg(error == PHYSSEG_OK, "%s", reason.text);
}

/* Physical memory, from MEMORY_BASE on. */
static const void *
reach(void *arg, uint64_t address, size_t size)
{
	const struct blob *blob = arg;

	ck_assert_uint_ge(address, MEMORY_BASE);
	ck_assert_uint_le(address - MEMORY_BASE + size, blob->size);
	return blob->at + (address - MEMORY_BASE);
}

/* Write an input of fuzz_memmap: the form, and what form_read takes.  There
 * `how' comes first for e820 and EFI. */
static void
seed(enum form form, const char *how, const struct blob *blob)
{
	const char *const seeds = getenv("SEEDS");
	char path[1024];
	FILE *file;

	if (seeds == NULL)
		return;
	snprintf(
	    path, sizeof(path), "%s/%s.%d", seeds, machine.name, (int)form);
	file = fopen(path, "wb");
	ck_assert_msg(file != NULL, "%s cannot be written", path);
	ck_assert_int_ne(fputc((int)form, file), EOF);
	ck_assert_int_ge(fputs(how, file), 0);
	ck_assert_uint_eq(fwrite(blob->at, 1, blob->size, file), blob->size);
	ck_assert_int_eq(fclose(file), 0);
}

static void
by_boot_params(const struct blob *list, size_t n)
{
	struct blob blob = { .at = NULL };

	while (blob.size < 4096)
		blob_le(&blob, 0, 8);
	memcpy(blob.at + 0x2d0, list->at, (n < 128 ? n : 128) * 20);
	blob_set_le(&blob, 0x1e8, n < 128 ? n : 128, 1);
	memcpy(blob.at + 0x202, "HdrS", 4);
	blob_set_le(&blob, 0x206, 0x20f, 2);
	if (n > 128) {
		blob_set_le(&blob, 0x250, MEMORY_BASE + blob.size, 8);
		blob_le(&blob, 0, 8);
		blob_le(&blob, 1, 4);
		blob_le(&blob, (n - 128) * 20, 4);
		blob_add(&blob, list->at + 128 * 20, (n - 128) * 20);
	}
	seed(FORM_BOOT_PARAMS, "", &blob);
	good(physseg_memmap_add_boot_params(
	    &memmap, blob.at, blob.size, reach, &blob, &reason));
	blob_free(&blob);
}

static void
by_pvh(const struct blob *list, size_t n)
{
	struct blob blob = { .at = NULL };

	blob_le(&blob, 0x336ec578, 4);
	blob_le(&blob, 1, 4);
	for (int i = 0; i < 4; i++)
		blob_le(&blob, 0, 8);
	blob_le(&blob, MEMORY_BASE + 56, 8);
	blob_le(&blob, n, 8);
	for (size_t i = 0; i < n; i++) {
		blob_add(&blob, list->at + 20 * i, 20);
		blob_le(&blob, 0, 4);
	}
	seed(FORM_PVH, "", &blob);
	good(physseg_memmap_add_pvh(
	    &memmap, blob.at, 56, reach, &blob, &reason));
	blob_free(&blob);
}

static void
by_multiboot(const struct blob *list, size_t n)
{
	struct blob blob = { .at = NULL };

	blob_le(&blob, 1 << 6, 4);
	while (blob.size < 44)
		blob_le(&blob, 0, 4);
	blob_le(&blob, n * 24, 4);
	blob_le(&blob, MEMORY_BASE + 52, 4);
	for (size_t i = 0; i < n; i++) {
		blob_le(&blob, 20, 4);
		blob_add(&blob, list->at + 20 * i, 20);
	}
	seed(FORM_MULTIBOOT, "", &blob);
	good(physseg_memmap_add_multiboot(
	    &memmap, blob.at, 52, reach, &blob, &reason));
	blob_free(&blob);
}

static void
by_multiboot2(const struct blob *list, size_t n)
{
	struct blob blob = { .at = NULL };

	blob_le(&blob, 8 + 16 + n * 24 + 8, 8);
	blob_le(&blob, 6, 4);
	blob_le(&blob, 16 + n * 24, 4);
	blob_le(&blob, 24, 8);
	for (size_t i = 0; i < n; i++) {
		blob_add(&blob, list->at + 20 * i, 20);
		blob_le(&blob, 0, 4);
	}
	blob_le(&blob, 0, 4);
	blob_le(&blob, 8, 4);
	seed(FORM_MULTIBOOT2, "", &blob);
	good(physseg_memmap_add_multiboot2(
	    &memmap, blob.at, blob.size, &reason));
	blob_free(&blob);
}

static void
read_e820(void)
{
	struct blob list = { .at = NULL };
	size_t n = 0;

	FOR_LINES(line)
	{
		if (!is(line, "e820"))
			continue;
		blob_e820(&list, number(line->word[1]), number(line->word[2]),
		    (uint32_t)number(line->word[3]), 20, 0);
		n++;
	}
	ck_assert((n > 0) == (machine.via[0] != '\0'));
	if (strcmp(machine.via, "boot_params") == 0)
		by_boot_params(&list, n);
	else if (strcmp(machine.via, "pvh") == 0)
		by_pvh(&list, n);
	else if (strcmp(machine.via, "multiboot") == 0)
		by_multiboot(&list, n);
	else if (strcmp(machine.via, "multiboot2") == 0)
		by_multiboot2(&list, n);
	else {
		if (n > 0)
			seed(FORM_E820, "\x02", &list); /* entries of 20 */
		good(physseg_memmap_add_e820(
		    &memmap, list.at, list.size, 20, &reason));
	}
	blob_free(&list);
}

static void
read_efi(void)
{
	struct blob map = { .at = NULL };

	FOR_LINES(line)
	{
		if (is(line, "efi"))
			blob_efi(&map, (uint32_t)number(line->word[1]),
			    number(line->word[2]), number(line->word[3]),
			    number(line->word[4]), 48);
	}
	seed(FORM_EFI, machine.boot ? "\xf0" : "\xb0", &map);
	good(physseg_memmap_add_efi(
	    &memmap, map.at, map.size, 48, 1, machine.boot, &reason));
	blob_free(&map);
}

static void
add_range(struct blob *value, const struct line *line)
{
	for (unsigned i = 0; i < 2; i++)
		blob_cells(value, number(line->word[1 + i]), machine.cells[i]);
}

static void
tree_cells(struct tree *tree)
{
	tree_word(tree, "#address-cells", machine.cells[0]);
	tree_word(tree, "#size-cells", machine.cells[1]);
}

/* The nodes of one sort of line. */
static void
tree_nodes(struct tree *tree, const char *name)
{
	FOR_LINES(line)
	{
		struct blob value = { .at = NULL };
		const char *node = option(line, 3, "node=");
		char title[64];

		if (!is(line, name))
			continue;
		snprintf(title, sizeof(title), "%s@%" PRIx64, name,
		    number(line->word[1]));
		tree_begin(tree, title);
		add_range(&value, line);
		tree_blob(tree, "reg", &value);
		if (is(line, "memory") && !machine.untyped)
			tree_text(tree, "device_type", "memory");
		if (node != NULL)
			tree_word(tree, "numa-node-id",
			    (uint32_t)number(node + strlen("node=")));
		if (option(line, 3, "disabled") != NULL)
			tree_text(tree, "status", "disabled");
		if (option(line, 3, "hotpluggable") != NULL)
			tree_property(tree, "hotpluggable", NULL, 0);
		if (option(line, 3, "no-map") != NULL)
			tree_property(tree, "no-map", NULL, 0);
		tree_end(tree);
	}
}

static void
read_tree(void)
{
	struct tree tree = { .structure = { .at = NULL } };
	struct blob usable = { .at = NULL }, blob = { .at = NULL };

	FOR_LINES(line)
	{
		if (is(line, "memreserve"))
			tree_reserve(&tree, number(line->word[1]),
			    number(line->word[2]));
		if (is(line, "usable"))
			add_range(&usable, line);
	}
	tree_begin(&tree, "");
	tree_cells(&tree);
	tree_nodes(&tree, "memory");
	tree_begin(&tree, "reserved-memory");
	tree_cells(&tree);
	tree_nodes(&tree, "reserved");
	tree_end(&tree);
	tree_begin(&tree, "chosen");
	if (usable.size > 0)
		tree_blob(&tree, "linux,usable-memory-range", &usable);
	tree_end(&tree);
	tree_end(&tree);
	tree_finish(&tree, &blob);
	seed(FORM_FDT, "", &blob);
	good(physseg_memmap_add_fdt(
	    &memmap, blob.at, blob.size, NULL, NULL, &reason));
	blob_free(&blob);
}

/* What has no form, but a call for each line. */
static void
make_calls(void)
{
	FOR_LINES(line)
	{
		const char *const *word = line->word;
		uint64_t base, length;

		if (strstr("region kind node clip use", word[0]) == NULL)
			continue;
		base = number(word[1]);
		length = number(word[2]);
		if (is(line, "region")) {
			const bool on =
			    word[4] != NULL && strcmp(word[4], "-") != 0;

			good(physseg_memmap_add(&memmap, base, length,
			    kind_named(word[3]),
			    on ? (int)number(word[4]) : PHYSSEG_NONODE,
			    option(line, 4, "removable") != NULL
				? PHYSSEG_REGION_REMOVABLE
				: 0,
			    &reason));
		} else if (is(line, "kind"))
			good(physseg_memmap_set_kind(&memmap, base, length,
			    kind_named(word[3]), &reason));
		else if (is(line, "node"))
			good(physseg_memmap_set_node(&memmap, base, length,
			    (int)number(word[3]), &reason));
		else if (is(line, "clip"))
			good(physseg_memmap_clip(
			    &memmap, base, length, &reason));
		else if (is(line, "use"))
			good(physseg_memmap_reserve(
			    &memmap, base, length, &reason));
	}
}

static void
read_machine(const char *name)
{
	bool efi = false;

	memset(&reason, 0, sizeof(reason));
	physseg_memmap_init(&memmap, entries, ENTRIES);
	read_lines(name);
	read_settings();
	read_e820();
	FOR_LINES(line)
	{
		efi = efi || is(line, "efi");
	}
	if (efi)
		read_efi();
	if (machine.cells[0] != 0)
		read_tree();
	make_calls();
	ck_assert_ptr_null(memmap_wrong(&memmap));
}

/* ---- what it must be ---- */

/* It goes into a map, frame by frame the numbers that were expected. */
static void
load(const char *name, const struct physseg_memmap_totals *totals)
{
	struct physseg_config config = { .backend = physseg_backend_rbtree(),
		.host = physseg_host_user(),
		.boot_records = totals->segments,
		.freelists = LISTS };
	const size_t size = physseg_storage_size(&config);
	void *storage = malloc(size);
	struct physseg_stats stats;
	struct physseg_map *map;
	struct physseg_info info;
	physseg_pfn_t available = 0;
	physseg_t h;

	ck_assert_int_eq(
	    physseg_create(&map, &config, storage, size), PHYSSEG_OK);
	ck_assert_msg(physseg_memmap_load(
			  &memmap, &machine.layout, map, &reason) == PHYSSEG_OK,
	    "%s: %s", name, reason.text);
	ck_assert_ptr_null(physseg_check(map));
	physseg_get_stats(map, &stats);
	ck_assert_uint_eq(stats.segments, totals->segments);
	ck_assert_uint_eq(stats.frames, totals->frames);
	PHYSSEG_FOREACH(h, map) {
		ck_assert_int_eq(physseg_get_info(map, h, &info), PHYSSEG_OK);
		available += info.avail_end - info.avail_start;
	}
	ck_assert_uint_eq(available, totals->available);
	physseg_destroy(map);
	free(storage);
}

/* The next line of totals.txt; false: there are no more. */
static bool
next_totals(FILE *file, char name[64], uint64_t expected[14])
{
	if (fscanf(file, "%63s", name) != 1)
		return false;
	for (size_t i = 0; i < 14; i++)
		ck_assert_int_eq(fscanf(file, "%" SCNu64, &expected[i]), 1);
	return true;
}

START_TEST(machines)
{
	struct physseg_memmap_totals totals;
	uint64_t expected[14];
	FILE *file = open_file("totals", ".txt");
	unsigned n = 0;
	char name[64];

	for (; next_totals(file, name, expected); n++) {
		const int error = (read_machine(name),
		    physseg_memmap_count(
			&memmap, &machine.layout, &totals, &reason));

		if (PHYSSEG_PFN_BITS == 32 && error == PHYSSEG_ERANGE) {
			ck_assert_uint_ge(
			    reason.region.last >> 12, PHYSSEG_NOFRAME);
			test_skip(name, "frames of 32 bits");
			continue;
		}
		ck_assert_msg(error == PHYSSEG_OK, "%s: %s", name, reason.text);
#define EQUAL(what, i)                                          \
	ck_assert_msg((what) == expected[i],                    \
	    "%s: %s is %" PRIu64 ", not %" PRIu64, name, #what, \
	    (uint64_t)(what), expected[i])
		EQUAL(totals.segments, 0);
		EQUAL(totals.frames, 1);
		EQUAL(totals.available, 2);
		EQUAL(totals.lost, 3);
		for (size_t kind = 0; kind < PHYSSEG_KINDS; kind++)
			EQUAL(totals.pages[kind], 4 + kind);
		if (machine.check != 0)
			ck_assert_uint_eq(
			    totals.pages[PHYSSEG_KIND_RAM], machine.check);
		load(name, &totals);
	}
	fclose(file);
	ck_assert_uint_ge(n, 50);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("memmap, machines");
	TCase *t = tcase_create("maps");

	tcase_add_test(t, machines);
	suite_add_tcase(s, t);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
