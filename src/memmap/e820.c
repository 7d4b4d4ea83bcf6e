/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * e820.c -- the BIOS's memory map, by the name of the call that gives it (ACPI
 * specification, "System Address Map Interfaces").  Other forms have its
 * entries, or entries like them.
 */
#include "memmap_private.h"

enum { E820_SIZE = 20, E820_EXTENDED_SIZE = 24 }; /* of an entry */

enum physseg_region_kind
physseg_e820_kind(uint32_t type)
{
	static const struct {
		uint32_t type;
		enum physseg_region_kind kind;
	} kinds[] = {
		{ 1, PHYSSEG_KIND_RAM }, { 3, PHYSSEG_KIND_ACPI_TABLES },
		{ 4, PHYSSEG_KIND_ACPI_NVS }, { 5, PHYSSEG_KIND_UNUSABLE },
		{ 7, PHYSSEG_KIND_PERSISTENT },
		{ 12, PHYSSEG_KIND_PERSISTENT }, /* before ACPI had a type */
		{ 0xefffffff, PHYSSEG_KIND_SOFT_RESERVED }, /* Linux's own */
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return kinds[i].kind;
	return PHYSSEG_KIND_RESERVED;
}

int
physseg_memmap_add_e820(struct physseg_memmap *memmap, const void *table,
    size_t size, size_t entry_size, struct physseg_memmap_reason *reason)
{
	const struct physseg_input input = { table, size };

	if (entry_size != E820_SIZE && entry_size != E820_EXTENDED_SIZE)
		return physseg_memmap_fail(reason, PHYSSEG_EINVAL,
		    "an entry has 20 bytes, or 24", NULL);
	return physseg_reader_list(memmap, input, entry_size, physseg_e820_kind,
	    entry_size == E820_EXTENDED_SIZE, reason);
}
