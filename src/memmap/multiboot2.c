/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * multiboot2.c -- what a boot loader hands to a Multiboot 2 kernel (Multiboot2
 * Specification 2.0): tags, one behind the other, each on a multiple of 8
 * bytes.
 */
#include "memmap_private.h"

enum { MULTIBOOT2_TOTAL = 0, MULTIBOOT2_TAGS = 8 }; /* of the information */
enum {
	TAG_TYPE = 0,
	TAG_SIZE = 4,
	TAG_HEADER_SIZE = 8,
	TAG_ALIGN = 8
}; /* of a tag */

enum tag {
	TAG_END = 0,
	TAG_SIZES = 4,
	TAG_MAP = 6,
	TAG_EFI_MAP = 17,
	TAG_EFI_RUNS = 18, /* boot services still run */
	TAGS_KNOWN
};

/* What was found: the tags' contents; NULL: there is none. */
struct found {
	struct physseg_input sizes;
	struct physseg_input map;
	struct physseg_input efi;
	bool efi_runs;
};

/* NULL, or what is malformed. */
static const char *
find_tags(struct physseg_input tags, struct found *found)
{
	struct physseg_input header, tag, padding;
	uint32_t type;
	size_t size;

	for (;;) {
		header = tags;
		if (!physseg_input_take(&header, TAG_HEADER_SIZE, &tag))
			return "Multiboot's tags do not end";
		type = (uint32_t)physseg_input_number(&tag, TAG_TYPE, 4);
		size = (size_t)physseg_input_number(&tag, TAG_SIZE, 4);
		if (size < TAG_HEADER_SIZE ||
		    !physseg_input_take(&tags, size, &tag))
			return "a tag of Multiboot's is not whole";
		(void)physseg_input_part(
		    &tag, TAG_HEADER_SIZE, size - TAG_HEADER_SIZE, &tag);
		if (type == TAG_END)
			return NULL;
		if (type == TAG_SIZES)
			found->sizes = tag;
		else if (type == TAG_MAP)
			found->map = tag;
		else if (type == TAG_EFI_MAP)
			found->efi = tag;
		else if (type == TAG_EFI_RUNS)
			found->efi_runs = true;
		if (!physseg_input_take(&tags,
			(TAG_ALIGN - size % TAG_ALIGN) % TAG_ALIGN, &padding))
			return "Multiboot's tags do not end";
	}
}

/* The memory map begins with the size of an entry and its version. */
static int
read_map_tag(struct physseg_memmap *memmap, struct physseg_input map,
    struct physseg_memmap_reason *reason)
{
	struct physseg_input header;

	if (!physseg_input_take(&map, 8, &header))
		return physseg_reader_fail(
		    memmap, reason, "a tag of Multiboot's is not whole");
	return physseg_reader_list(memmap, map,
	    (size_t)physseg_input_number(&header, 0, 4), physseg_multiboot_kind,
	    false, reason);
}

/* EFI's begins with the size of a descriptor and its version. */
static int
read_efi_tag(struct physseg_memmap *memmap, struct physseg_input efi, bool runs,
    struct physseg_memmap_reason *reason)
{
	struct physseg_input header;

	if (!physseg_input_take(&efi, 8, &header))
		return physseg_reader_fail(
		    memmap, reason, "a tag of Multiboot's is not whole");
	return physseg_memmap_add_efi(memmap, efi.at, efi.size,
	    (size_t)physseg_input_number(&header, 0, 4),
	    (uint32_t)physseg_input_number(&header, 4, 4), runs, reason);
}

int
physseg_memmap_add_multiboot2(struct physseg_memmap *memmap, const void *info,
    size_t size, struct physseg_memmap_reason *reason)
{
	const struct physseg_input input = { info, size };
	struct physseg_input tags;
	struct found found = { .efi_runs = false };
	const char *wrong;
	size_t total;

	if (size < MULTIBOOT2_TAGS ||
	    (total = (size_t)physseg_input_number(
		 &input, MULTIBOOT2_TOTAL, 4)) < MULTIBOOT2_TAGS ||
	    !physseg_input_part(
		&input, MULTIBOOT2_TAGS, total - MULTIBOOT2_TAGS, &tags))
		return physseg_reader_fail(
		    memmap, reason, "Multiboot's information is too short");
	if ((wrong = find_tags(tags, &found)) != NULL)
		return physseg_reader_fail(memmap, reason, wrong);
	if (found.map.at != NULL)
		return read_map_tag(memmap, found.map, reason);
	if (found.efi.at != NULL)
		return read_efi_tag(memmap, found.efi, found.efi_runs, reason);
	if (found.sizes.size >= 8)
		return physseg_bios_sizes(memmap,
		    (uint32_t)physseg_input_number(&found.sizes, 0, 4),
		    (uint32_t)physseg_input_number(&found.sizes, 4, 4), reason);
	return physseg_reader_fail(
	    memmap, reason, "Multiboot's information does not tell of memory");
}
