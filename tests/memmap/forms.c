/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/memmap/forms.c -- see forms.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forms.h"

/* ---- bytes ---- */

void
blob_free(struct blob *blob)
{
	free(blob->at);
	*blob = (struct blob){ .at = NULL };
}

void
blob_add(struct blob *blob, const void *bytes, size_t size)
{
	if (size > blob->room - blob->size) {
		blob->room = 2 * (blob->size + size);
		blob->at = realloc(blob->at, blob->room);
		if (blob->at == NULL)
			abort();
	}
	if (size > 0)
		memcpy(blob->at + blob->size, bytes, size);
	blob->size += size;
}

void
blob_pad(struct blob *blob, size_t alignment)
{
	while (blob->size % alignment != 0)
		blob_add(blob, "", 1);
}

void
blob_le(struct blob *blob, uint64_t number, size_t size)
{
	for (; size > 0; size--, number >>= 8)
		blob_add(blob, &(unsigned char){ number & 0xff }, 1);
}

void
blob_be(struct blob *blob, uint64_t number, size_t size)
{
	while (size-- > 0)
		blob_add(
		    blob, &(unsigned char){ number >> 8 * size & 0xff }, 1);
}

void
blob_set_le(struct blob *blob, size_t offset, uint64_t number, size_t size)
{
	for (; size > 0; size--, number >>= 8)
		blob->at[offset++] = number & 0xff;
}

void
blob_e820(struct blob *blob, uint64_t base, uint64_t length, uint32_t type,
    size_t size, uint32_t more)
{
	blob_le(blob, base, 8);
	blob_le(blob, length, 8);
	blob_le(blob, type, 4);
	if (size == 24)
		blob_le(blob, more, 4);
}

void
blob_efi(struct blob *blob, uint32_t type, uint64_t start, uint64_t pages,
    uint64_t attributes, size_t size)
{
	blob_le(blob, type, 4);
	blob_le(blob, 0xabababab, 4);
	blob_le(blob, start, 8);
	blob_le(blob, 0xabababababababab, 8); /* a virtual address */
	blob_le(blob, pages, 8);
	blob_le(blob, attributes, 8);
	for (; size > 40; size--)
		blob_le(blob, 0xab, 1);
}

/* ---- a device tree ---- */

void
tree_begin(struct tree *tree, const char *name)
{
	blob_be(&tree->structure, 1, 4);
	blob_add(&tree->structure, name, strlen(name) + 1);
	blob_pad(&tree->structure, 4);
}

void
tree_end(struct tree *tree)
{
	blob_be(&tree->structure, 2, 4);
}

void
tree_property(
    struct tree *tree, const char *name, const void *value, size_t size)
{
	blob_be(&tree->structure, 3, 4);
	blob_be(&tree->structure, size, 4);
	blob_be(&tree->structure, tree->strings.size, 4);
	blob_add(&tree->structure, value, size);
	blob_pad(&tree->structure, 4);
	blob_add(&tree->strings, name, strlen(name) + 1);
}

void
tree_text(struct tree *tree, const char *name, const char *text)
{
	tree_property(tree, name, text, strlen(text) + 1);
}

void
tree_words(struct tree *tree, const char *name, const uint32_t *words, size_t n)
{
	struct blob value = { .at = NULL };

	for (size_t i = 0; i < n; i++)
		blob_be(&value, words[i], 4);
	tree_blob(tree, name, &value);
}

void
tree_word(struct tree *tree, const char *name, uint32_t word)
{
	tree_words(tree, name, &word, 1);
}

void
blob_cells(struct blob *value, uint64_t number, unsigned cells)
{
	while (cells-- > 0)
		blob_be(value,
		    cells < 2 ? number >> 32 * cells & 0xffffffff : 0, 4);
}

void
tree_blob(struct tree *tree, const char *name, struct blob *value)
{
	tree_property(tree, name, value->at, value->size);
	blob_free(value);
}

void
tree_reserve(struct tree *tree, uint64_t base, uint64_t length)
{
	blob_be(&tree->reserved, base, 8);
	blob_be(&tree->reserved, length, 8);
}

void
tree_finish(struct tree *tree, struct blob *blob)
{
	const size_t header = 40;
	size_t structure, strings;

	tree_reserve(tree, 0, 0);
	blob_be(&tree->structure, 9, 4);
	structure = header + tree->reserved.size;
	strings = structure + tree->structure.size;
	blob_be(blob, 0xd00dfeed, 4);
	blob_be(blob, strings + tree->strings.size, 4);
	blob_be(blob, structure, 4);
	blob_be(blob, strings, 4);
	blob_be(blob, header, 4);
	blob_be(blob, 17, 4);
	blob_be(blob, 16, 4);
	blob_be(blob, 0, 4);
	blob_be(blob, tree->strings.size, 4);
	blob_be(blob, tree->structure.size, 4);
	blob_add(blob, tree->reserved.at, tree->reserved.size);
	blob_add(blob, tree->structure.at, tree->structure.size);
	blob_add(blob, tree->strings.at, tree->strings.size);
	blob_free(&tree->structure);
	blob_free(&tree->strings);
	blob_free(&tree->reserved);
}

/* ---- readers ---- */

const char *const form_names[FORMS] = { "e820", "boot_params", "PVH",
	"Multiboot", "Multiboot 2", "EFI", "device tree" };

struct memory {
	const unsigned char *at;
	size_t size;
};

static const void *
reach(void *arg, uint64_t address, size_t size)
{
	const struct memory *memory = arg;

	if (address < MEMORY_BASE || address - MEMORY_BASE > memory->size ||
	    size > memory->size - (size_t)(address - MEMORY_BASE))
		return NULL;
	return memory->at + (address - MEMORY_BASE);
}

static void
unplaced(void *arg, const struct physseg_memmap_unplaced *node)
{
	const struct memory *memory = arg;

	if (node->name == NULL || strlen(node->name) >= memory->size)
		abort();
}

int
form_read(enum form form, struct physseg_memmap *memmap, const void *input,
    size_t size, struct physseg_memmap_reason *reason)
{
	struct memory memory = { input, size };
	const unsigned char *at = input;
	const unsigned bits = size > 0 ? at[0] : 0;

	switch (form) {
	case FORM_E820:
		if (size == 0)
			return physseg_memmap_add_e820(
			    memmap, at, 0, 20, reason);
		return physseg_memmap_add_e820(
		    memmap, at + 1, size - 1, bits & 1 ? 24 : 20, reason);
	case FORM_BOOT_PARAMS:
		return physseg_memmap_add_boot_params(
		    memmap, at, size, reach, &memory, reason);
	case FORM_PVH:
		return physseg_memmap_add_pvh(
		    memmap, at, size, reach, &memory, reason);
	case FORM_MULTIBOOT:
		return physseg_memmap_add_multiboot(
		    memmap, at, size, reach, &memory, reason);
	case FORM_MULTIBOOT2:
		return physseg_memmap_add_multiboot2(memmap, at, size, reason);
	case FORM_EFI:
		if (size == 0)
			return physseg_memmap_add_efi(
			    memmap, at, 0, 40, 1, false, reason);
		return physseg_memmap_add_efi(memmap, at + 1, size - 1,
		    bits & 0x3f, bits >> 7, bits & 0x40, reason);
	case FORM_FDT:
		return physseg_memmap_add_fdt(
		    memmap, at, size, unplaced, &memory, reason);
	default:
		abort();
	}
}

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static void
sample_entries(struct blob *blob, size_t size)
{
	blob_e820(blob, GIB, GIB, 1, size, 1);
	blob_e820(blob, 0, 0x9fc00, 1, size, 1);
	blob_e820(blob, 0x9fc00, 0x400, 2, size, 1);
	blob_e820(blob, 0x100000, 0x7fee0000, 1, size, 1);
	blob_e820(blob, 0x7ffe0000, 0x20000, 3, size, 1);
	blob_e820(blob, 4 * GIB, GIB, 7, size, 1);
	blob_e820(blob, 0, 0, 0, size, 1);
}

static void
sample_boot_params(struct blob *blob)
{
	struct blob entries = { .at = NULL };

	sample_entries(&entries, 20);
	while (blob->size < 4096)
		blob_le(blob, 0xab, 1); /* of which nothing is read */
	memcpy(blob->at + 0x2d0, entries.at, entries.size);
	blob_set_le(blob, 0x1e8, entries.size / 20, 1);
	memcpy(blob->at + 0x202, "HdrS", 4);
	blob_set_le(blob, 0x206, 0x20f, 2);
	blob_set_le(blob, 0x250, MEMORY_BASE + 4096, 8);
	blob_le(blob, MEMORY_BASE + 4096 + 16 + 8, 8); /* some other piece */
	blob_le(blob, 9, 4);
	blob_le(blob, 8, 4);
	blob_le(blob, 0xabababababababab, 8);
	blob_le(blob, 0, 8);
	blob_le(blob, 1, 4);
	blob_le(blob, entries.size, 4);
	blob_add(blob, entries.at, entries.size);
	blob_free(&entries);
}

static void
sample_pvh(struct blob *blob)
{
	blob_le(blob, 0x336ec578, 4);
	blob_le(blob, 1, 4);
	while (blob->size < 40)
		blob_le(blob, 0xab, 1);
	blob_le(blob, MEMORY_BASE + 56, 8);
	blob_le(blob, 7, 4);
	blob_le(blob, 0xabababab, 4);
	sample_entries(blob, 24);
}

static void
sample_multiboot(struct blob *blob)
{
	struct blob entries = { .at = NULL };

	blob_le(blob, 0x41, 4);
	blob_le(blob, 639, 4);
	blob_le(blob, 0x1ffb80, 4);
	while (blob->size < 44)
		blob_le(blob, 0xab, 1);
	blob_le(blob, 7 * 24, 4);
	blob_le(blob, MEMORY_BASE + 52, 4);
	sample_entries(&entries, 20);
	for (size_t i = 0; i < 7; i++) {
		blob_le(blob, 20, 4);
		blob_add(blob, entries.at + i * 20, 20);
	}
	blob_free(&entries);
}

/* A tag, with its padding. */
static void
add_tag(struct blob *blob, uint32_t type, struct blob *content)
{
	blob_le(blob, type, 4);
	blob_le(blob, 8 + content->size, 4);
	blob_add(blob, content->at, content->size);
	blob_pad(blob, 8);
	blob_free(content);
}

static void
sample_efi(struct blob *blob, size_t size)
{
	const uint64_t wb = 8;

	blob_efi(blob, 7, 0, 0x9f, wb, size);
	blob_efi(blob, 7, 0x100000, 0x700, wb, size);
	blob_efi(blob, 3, 0x800000, 0x100, wb, size);
	blob_efi(blob, 2, 0x900000, 0x200, wb, size);
	blob_efi(blob, 9, 0xb00000, 0x10, wb, size);
	blob_efi(blob, 10, 0xb10000, 0x10, wb, size);
	blob_efi(blob, 6, 0xb20000, 0x20, wb | UINT64_C(1) << 63, size);
	blob_efi(blob, 7, 4 * GIB, 0x40000, wb | 1 << 18, size);
	blob_efi(blob, 14, 8 * GIB, 0x40000, wb | 1 << 15, size);
	blob_efi(blob, 15, 16 * GIB, 0x40000, wb, size);
	blob_efi(blob, 11, 0xfec00000, 1, 1, size);
}

static void
sample_multiboot2(struct blob *blob)
{
	struct blob content = { .at = NULL };

	blob_le(blob, 0, 8);
	blob_add(&content, "GRUB", 5);
	add_tag(blob, 2, &content);
	blob_le(&content, 639, 4);
	blob_le(&content, 0x1ffb80, 4);
	add_tag(blob, 4, &content);
	blob_le(&content, 48, 4);
	blob_le(&content, 1, 4);
	sample_efi(&content, 48);
	add_tag(blob, 17, &content);
	add_tag(blob, 18, &content);
	blob_le(&content, 24, 4);
	blob_le(&content, 0, 4);
	sample_entries(&content, 24);
	add_tag(blob, 6, &content);
	add_tag(blob, 0, &content);
	blob_set_le(blob, 0, blob->size, 4);
}

static void
sample_bank(
    struct tree *tree, const char *property, uint64_t base, uint64_t length)
{
	struct blob value = { .at = NULL };

	blob_cells(&value, base, 2);
	blob_cells(&value, length, 2);
	tree_blob(tree, property, &value);
}

static void
sample_fdt(struct blob *blob)
{
	struct tree tree = { .structure = { .at = NULL } };

	tree_reserve(&tree, 0x80000000, 0x10000);
	tree_begin(&tree, "");
	tree_word(&tree, "#address-cells", 2);
	tree_word(&tree, "#size-cells", 2);
	tree_begin(&tree, "chosen");
	sample_bank(&tree, "linux,usable-memory-range", 0, 16 * GIB);
	tree_end(&tree);
	tree_begin(&tree, "memory@80000000");
	sample_bank(&tree, "reg", 0x80000000, GIB);
	tree_text(&tree, "device_type", "memory");
	tree_word(&tree, "numa-node-id", 0);
	tree_end(&tree);
	tree_begin(&tree, "memory@100000000");
	tree_text(&tree, "device_type", "memory");
	sample_bank(&tree, "linux,usable-memory", 4 * GIB, GIB);
	tree_text(&tree, "status", "okay");
	tree_property(&tree, "hotpluggable", NULL, 0);
	tree_word(&tree, "numa-node-id", 1);
	tree_end(&tree);
	tree_begin(&tree, "reserved-memory");
	tree_word(&tree, "#address-cells", 2);
	tree_word(&tree, "#size-cells", 2);
	tree_begin(&tree, "tee@90000000");
	sample_bank(&tree, "reg", 0x90000000, MIB);
	tree_property(&tree, "no-map", NULL, 0);
	tree_end(&tree);
	tree_begin(&tree, "framebuffer@91000000");
	sample_bank(&tree, "reg", 0x91000000, 8 * MIB);
	tree_end(&tree);
	tree_begin(&tree, "cma");
	tree_words(&tree, "size", (uint32_t[]){ 0, 0x4000000 }, 2);
	tree_words(&tree, "alignment", (uint32_t[]){ 0, 0x400000 }, 2);
	tree_end(&tree);
	tree_end(&tree);
	tree_end(&tree);
	tree_finish(&tree, blob);
}

void
form_sample(enum form form, struct blob *blob)
{
	switch (form) {
	case FORM_E820:
		blob_le(blob, 1, 1);
		sample_entries(blob, 24);
		return;
	case FORM_BOOT_PARAMS:
		sample_boot_params(blob);
		return;
	case FORM_PVH:
		sample_pvh(blob);
		return;
	case FORM_MULTIBOOT:
		sample_multiboot(blob);
		return;
	case FORM_MULTIBOOT2:
		sample_multiboot2(blob);
		return;
	case FORM_EFI:
		blob_le(blob, 0x80 | 48, 1); /* version 1 */
		sample_efi(blob, 48);
		return;
	case FORM_FDT:
		sample_fdt(blob);
		return;
	default:
		abort();
	}
}

/* ---- what holds of every memory map ---- */

/* What the segments add up to, and where the last one ended. */
struct sum {
	struct physseg_memmap_totals totals;
	uint64_t end;
	bool wrong;
};

static int
add_segment(void *arg, const struct physseg_memmap_segment *segment)
{
	struct sum *sum = arg;

	sum->wrong = sum->wrong || segment->start >= segment->end ||
	    segment->start < sum->end ||
	    segment->avail_start < segment->start ||
	    segment->avail_end > segment->end ||
	    segment->avail_start > segment->avail_end ||
	    !physseg_kind_is_memory(segment->kind);
	sum->end = segment->end;
	sum->totals.segments++;
	sum->totals.frames += segment->end - segment->start;
	sum->totals.available += segment->avail_end - segment->avail_start;
	return PHYSSEG_OK;
}

const char *
memmap_wrong(const struct physseg_memmap *memmap)
{
	struct physseg_region region, before = { .last = 0 };
	struct physseg_memmap_totals totals;
	struct sum sum = { .end = 0 };
	uint64_t memory = 0;
	bool conflict = false;
	size_t at = 0, n = 0;
	int error;

	if (memmap->used > memmap->max)
		return "more entries than there is room for";
	for (size_t i = 0; i < memmap->used; i++)
		if (memmap->entries[i].first > memmap->entries[i].last ||
		    (i > 0 &&
			memmap->entries[i].first <=
			    memmap->entries[i - 1].last))
			return "entries overlap";
	for (; physseg_memmap_next(memmap, &at, &region); n++) {
		if (region.first > region.last ||
		    (n > 0 && region.first <= before.last))
			return "regions overlap";
		if (n > 0 && region.first - 1 == before.last &&
		    region.kind == before.kind && region.node == before.node &&
		    region.flags == before.flags)
			return "regions are not joined";
		if (physseg_kind_is_memory(region.kind))
			memory += region.last - region.first + 1;
		conflict = conflict || region.flags & PHYSSEG_REGION_CONFLICT;
		before = region;
	}
	error = physseg_memmap_count(memmap, NULL, &totals, NULL);
	if (memmap->failed != PHYSSEG_OK)
		return error == memmap->failed ? NULL : "a failure is lost";
	if (conflict)
		return error == PHYSSEG_EOVERLAP ? NULL : "a conflict is lost";
	if (PHYSSEG_PFN_BITS == 32 && error == PHYSSEG_ERANGE)
		return NULL;
	if (error != PHYSSEG_OK)
		return "it cannot be counted";
	if (physseg_memmap_segments(memmap, NULL, add_segment, &sum, NULL) !=
		PHYSSEG_OK ||
	    sum.wrong)
		return "segments are wrong";
	if (sum.totals.segments != totals.segments ||
	    sum.totals.frames != totals.frames ||
	    sum.totals.available != totals.available)
		return "the count is not that of the segments";
	if (memory != ((uint64_t)totals.frames << 12) + totals.lost)
		return "memory is lost that is not counted";
	return NULL;
}

const char *
memmap_text(const struct physseg_memmap *memmap)
{
	static const char letters[] = "hruc";
	static char text[8192];
	struct physseg_region region;
	size_t at = 0, n = 0;

	text[0] = '\0';
	while (physseg_memmap_next(memmap, &at, &region)) {
		if (n > sizeof(text) - 100)
			abort();
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%s%" PRIx64 "-%" PRIx64 " %s", n == 0 ? "" : ", ",
		    region.first, region.last, physseg_kind_name(region.kind));
		for (unsigned i = 0; i < 4; i++)
			if (region.flags >> i & 1)
				n += (size_t)snprintf(text + n,
				    sizeof(text) - n, " %c", letters[i]);
		if (region.node != PHYSSEG_NONODE)
			n += (size_t)snprintf(
			    text + n, sizeof(text) - n, " %d", region.node);
	}
	return text;
}
