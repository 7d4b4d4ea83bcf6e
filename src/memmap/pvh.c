/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * pvh.c -- what a hypervisor hands to a PVH guest (Xen:
 * xen/include/public/arch-x86/hvm/start_info.h).  Its memory map has the BIOS's
 * types.
 */
#include "memmap_private.h"

/* Where things are in it. */
enum {
	PVH_MAGIC = 0,
	PVH_VERSION = 4,
	PVH_TABLE = 40,
	PVH_ENTRIES = 48,
	PVH_SIZE = 56
};
enum { PVH_ENTRY_SIZE = 24 };

#define PVH_MAGIC_VALUE 0x336ec578

int
physseg_memmap_add_pvh(struct physseg_memmap *memmap, const void *info,
    size_t size, physseg_memmap_reach *reach, void *arg,
    struct physseg_memmap_reason *reason)
{
	const struct physseg_input input = { info, size };
	struct physseg_input table;
	uint64_t n;

	if (size < PVH_TABLE ||
	    physseg_input_number(&input, PVH_MAGIC, 4) != PVH_MAGIC_VALUE)
		return physseg_reader_fail(
		    memmap, reason, "it is no start_info of PVH");
	if (physseg_input_number(&input, PVH_VERSION, 4) == 0 ||
	    size < PVH_SIZE)
		return physseg_reader_fail(
		    memmap, reason, "this start_info of PVH has no memory map");
	n = physseg_input_number(&input, PVH_ENTRIES, 4);
	if (!physseg_input_reach(&table, reach, arg,
		physseg_input_number(&input, PVH_TABLE, 8), n * PVH_ENTRY_SIZE))
		return physseg_reader_fail(
		    memmap, reason, "the memory map cannot be reached");
	return physseg_reader_list(
	    memmap, table, PVH_ENTRY_SIZE, physseg_e820_kind, false, reason);
}
