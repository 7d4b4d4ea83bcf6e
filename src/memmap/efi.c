/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * efi.c -- EFI's memory map (UEFI specification, GetMemoryMap).
 *
 * A type says who has the memory, attributes what it can do.  Both together
 * make a kind: the type proposes one, and attributes may change it where that
 * is memory.
 */
#include "memmap_private.h"

/* Where things are in a descriptor. */
enum {
	EFI_TYPE = 0,
	EFI_START = 8,
	EFI_PAGES = 24,
	EFI_ATTRIBUTES = 32,
	EFI_SIZE = 40
};
enum { EFI_VERSION = 1 };
enum { EFI_PAGE_SHIFT = 12 }; /* of EFI, whatever the kernel's is */

#define EFI_WRITE_BACK	     ((uint64_t)1 << 3)
#define EFI_NON_VOLATILE     ((uint64_t)1 << 15)
#define EFI_MORE_RELIABLE    ((uint64_t)1 << 16)
#define EFI_SPECIFIC_PURPOSE ((uint64_t)1 << 18)
#define EFI_HOT_PLUGGABLE    ((uint64_t)1 << 20)
#define EFI_RUNTIME	     ((uint64_t)1 << 63)

/* Whether memory of a type is in use by somebody. */
enum use { EFI_FREE, EFI_LOADER, EFI_BOOT_SERVICES };

static const struct {
	enum physseg_region_kind kind;
	enum use use;
} efi_types[] = {
	{ PHYSSEG_KIND_RESERVED, EFI_FREE },	 /* 0 reserved */
	{ PHYSSEG_KIND_RAM, EFI_LOADER },	 /* 1 loader code */
	{ PHYSSEG_KIND_RAM, EFI_LOADER },	 /* 2 loader data */
	{ PHYSSEG_KIND_RAM, EFI_BOOT_SERVICES }, /* 3 boot services' code */
	{ PHYSSEG_KIND_RAM, EFI_BOOT_SERVICES }, /* 4 boot services' data */
	{ PHYSSEG_KIND_FIRMWARE, EFI_FREE },	 /* 5 runtime services' code */
	{ PHYSSEG_KIND_FIRMWARE, EFI_FREE },	 /* 6 runtime services' data */
	{ PHYSSEG_KIND_RAM, EFI_FREE },		 /* 7 conventional */
	{ PHYSSEG_KIND_UNUSABLE, EFI_FREE },	 /* 8 unusable */
	{ PHYSSEG_KIND_ACPI_TABLES, EFI_FREE },	 /* 9 ACPI, reclaimable */
	{ PHYSSEG_KIND_ACPI_NVS, EFI_FREE },	 /* 10 ACPI, not reclaimable */
	{ PHYSSEG_KIND_RESERVED, EFI_FREE },	 /* 11 memory-mapped I/O */
	{ PHYSSEG_KIND_RESERVED, EFI_FREE },	 /* 12 its ports */
	{ PHYSSEG_KIND_FIRMWARE, EFI_FREE },	 /* 13 PAL code */
	{ PHYSSEG_KIND_PERSISTENT, EFI_FREE },	 /* 14 persistent */
	{ PHYSSEG_KIND_UNACCEPTED, EFI_FREE },	 /* 15 unaccepted */
};

enum { EFI_TYPES = sizeof(efi_types) / sizeof(efi_types[0]) };

static enum physseg_region_kind
efi_kind(uint64_t type, uint64_t attributes)
{
	const enum physseg_region_kind kind =
	    type < EFI_TYPES ? efi_types[type].kind : PHYSSEG_KIND_RESERVED;

	if (!physseg_kind_is_memory(kind))
		return kind;
	if ((attributes & EFI_RUNTIME) != 0)
		return PHYSSEG_KIND_FIRMWARE;
	if ((attributes & EFI_NON_VOLATILE) != 0)
		return PHYSSEG_KIND_PERSISTENT;
	if ((attributes & EFI_SPECIFIC_PURPOSE) != 0)
		return PHYSSEG_KIND_SOFT_RESERVED;
	if (kind == PHYSSEG_KIND_RAM && (attributes & EFI_WRITE_BACK) == 0)
		return PHYSSEG_KIND_RESERVED;
	return kind;
}

static int
add_descriptor(struct physseg_memmap *memmap,
    const struct physseg_input *descriptor, bool boot_services,
    struct physseg_memmap_reason *reason)
{
	const uint64_t type = physseg_input_number(descriptor, EFI_TYPE, 4);
	const uint64_t start = physseg_input_number(descriptor, EFI_START, 8);
	const uint64_t pages = physseg_input_number(descriptor, EFI_PAGES, 8);
	const uint64_t attributes =
	    physseg_input_number(descriptor, EFI_ATTRIBUTES, 8);
	const enum physseg_region_kind kind = efi_kind(type, attributes);
	const uint64_t length = pages << EFI_PAGE_SHIFT;
	unsigned flags = 0;
	size_t skipped = memmap->skipped;
	int error;

	if ((attributes & EFI_MORE_RELIABLE) != 0)
		flags |= PHYSSEG_REGION_RELIABLE;
	if ((attributes & EFI_HOT_PLUGGABLE) != 0)
		flags |= PHYSSEG_REGION_REMOVABLE;
	if (length >> EFI_PAGE_SHIFT != pages)
		return physseg_reader_broken(
		    memmap, start, length, kind, reason);
	error = physseg_reader_add(
	    memmap, start, length, kind, PHYSSEG_NONODE, flags, reason);
	if (error != PHYSSEG_OK || memmap->skipped != skipped ||
	    !physseg_kind_is_memory(kind) || efi_types[type].use == EFI_FREE ||
	    (efi_types[type].use == EFI_BOOT_SERVICES && !boot_services))
		return error;
	return physseg_reader_done(
	    memmap, physseg_memmap_reserve(memmap, start, length, reason));
}

int
physseg_memmap_add_efi(struct physseg_memmap *memmap, const void *map,
    size_t size, size_t descriptor_size, uint32_t descriptor_version,
    bool boot_services, struct physseg_memmap_reason *reason)
{
	struct physseg_input input = { map, size }, descriptor;
	int error = PHYSSEG_OK;

	if (descriptor_version != EFI_VERSION || descriptor_size < EFI_SIZE)
		return physseg_reader_fail(
		    memmap, reason, "EFI's descriptors are of another version");
	if (size % descriptor_size != 0)
		return physseg_reader_fail(memmap, reason,
		    "EFI's memory map is no list of descriptors");
	while (error == PHYSSEG_OK &&
	    physseg_input_take(&input, descriptor_size, &descriptor))
		error =
		    add_descriptor(memmap, &descriptor, boot_services, reason);
	return error;
}
