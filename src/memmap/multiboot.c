/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * multiboot.c -- what a boot loader hands to a Multiboot kernel (Multiboot
 * Specification 0.6.96).  Each entry of its memory map says its own size.
 */
#include "memmap_private.h"

/* Where things are in it. */
enum {
	MULTIBOOT_FLAGS = 0,
	MULTIBOOT_LOWER = 4,
	MULTIBOOT_UPPER = 8,
	MULTIBOOT_MAP_SIZE = 44,
	MULTIBOOT_MAP = 48,
	MULTIBOOT_SIZE = 52
};
enum { MULTIBOOT_HAS_SIZES = 1 << 0, MULTIBOOT_HAS_MAP = 1 << 6 };

/* In an entry of the map: its size without this word, then the rest. */
enum { MULTIBOOT_WORD = 4, MULTIBOOT_ENTRY_MIN = 20, MULTIBOOT_TYPE = 16 };

int
physseg_bios_sizes(struct physseg_memmap *memmap, uint32_t lower,
    uint32_t upper, struct physseg_memmap_reason *reason)
{
	const uint64_t kib = 1024;
	int error;

	error = physseg_reader_add(memmap, 0, lower * kib, PHYSSEG_KIND_RAM,
	    PHYSSEG_NONODE, 0, reason);
	return error != PHYSSEG_OK
	    ? error
	    : physseg_reader_add(memmap, kib * kib, upper * kib,
		  PHYSSEG_KIND_RAM, PHYSSEG_NONODE, 0, reason);
}

/* Multiboot knows the types from 1 to 5 only, which are the BIOS's. */
enum physseg_region_kind
physseg_multiboot_kind(uint32_t type)
{
	return type <= 5 ? physseg_e820_kind(type) : PHYSSEG_KIND_RESERVED;
}

static int
read_multiboot_map(struct physseg_memmap *memmap, struct physseg_input map,
    struct physseg_memmap_reason *reason)
{
	struct physseg_input word, entry;
	int error = PHYSSEG_OK;

	while (error == PHYSSEG_OK && map.size > 0) {
		if (!physseg_input_take(&map, MULTIBOOT_WORD, &word) ||
		    !physseg_input_take(&map,
			(size_t)physseg_input_number(&word, 0, MULTIBOOT_WORD),
			&entry) ||
		    entry.size < MULTIBOOT_ENTRY_MIN)
			return physseg_reader_fail(memmap, reason,
			    "the memory map is no list of entries");
		error = physseg_reader_add(memmap,
		    physseg_input_number(&entry, 0, 8),
		    physseg_input_number(&entry, 8, 8),
		    physseg_multiboot_kind((uint32_t)physseg_input_number(
			&entry, MULTIBOOT_TYPE, 4)),
		    PHYSSEG_NONODE, 0, reason);
	}
	return error;
}

int
physseg_memmap_add_multiboot(struct physseg_memmap *memmap, const void *info,
    size_t size, physseg_memmap_reach *reach, void *arg,
    struct physseg_memmap_reason *reason)
{
	const struct physseg_input input = { info, size };
	struct physseg_input map;
	uint64_t flags;

	if (size < MULTIBOOT_SIZE)
		return physseg_reader_fail(
		    memmap, reason, "Multiboot's information is too short");
	flags = physseg_input_number(&input, MULTIBOOT_FLAGS, 4);
	if ((flags & MULTIBOOT_HAS_MAP) != 0) {
		if (!physseg_input_reach(&map, reach, arg,
			physseg_input_number(&input, MULTIBOOT_MAP, 4),
			physseg_input_number(&input, MULTIBOOT_MAP_SIZE, 4)))
			return physseg_reader_fail(
			    memmap, reason, "the memory map cannot be reached");
		return read_multiboot_map(memmap, map, reason);
	}
	if ((flags & MULTIBOOT_HAS_SIZES) != 0)
		return physseg_bios_sizes(memmap,
		    (uint32_t)physseg_input_number(&input, MULTIBOOT_LOWER, 4),
		    (uint32_t)physseg_input_number(&input, MULTIBOOT_UPPER, 4),
		    reason);
	return physseg_reader_fail(
	    memmap, reason, "Multiboot's information does not tell of memory");
}
