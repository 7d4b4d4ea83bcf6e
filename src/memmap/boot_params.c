/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * boot_params.c -- what a boot loader hands to Linux on x86, the "zero page"
 * (Linux: Documentation/arch/x86/zero-page.rst and boot.rst).
 *
 * It has room for 128 entries of the BIOS's memory map.  The others are in a
 * linked list of pieces, each at a physical address.
 */
#include "memmap_private.h"

enum { SIZE = 4096 };

/* Where things are in it. */
enum {
	ENTRIES = 0x1e8,
	MAGIC = 0x202,
	VERSION = 0x206,
	SETUP_DATA = 0x250,
	TABLE = 0x2d0
};
enum { ENTRY_SIZE = 20, ENTRIES_MAX = 128 };
enum { VERSION_SETUP_DATA = 0x209 };

/* And in a piece of setup_data, before its data. */
enum { NEXT = 0, TYPE = 8, LENGTH = 12, HEADER_SIZE = 16 };
enum { TYPE_E820 = 1 };

/* Longer than any list that does not bite its own tail. */
enum { PIECES_MAX = 4096 };

static int
read_pieces(struct physseg_memmap *memmap, uint64_t address,
    physseg_memmap_reach *reach, void *arg,
    struct physseg_memmap_reason *reason)
{
	struct physseg_input piece, data;
	unsigned n;
	uint64_t next, length;
	uint32_t type;
	int error = PHYSSEG_OK;

	for (n = 0; address != 0 && error == PHYSSEG_OK; n++) {
		if (n == PIECES_MAX)
			return physseg_reader_fail(
			    memmap, reason, "setup_data does not end");
		if (!physseg_input_reach(
			&piece, reach, arg, address, HEADER_SIZE))
			return physseg_reader_fail(
			    memmap, reason, "setup_data cannot be reached");
		next = physseg_input_number(&piece, NEXT, 8);
		type = (uint32_t)physseg_input_number(&piece, TYPE, 4);
		length = physseg_input_number(&piece, LENGTH, 4);
		if (type == TYPE_E820) {
			if (!physseg_input_reach(&piece, reach, arg, address,
				HEADER_SIZE + length) ||
			    !physseg_input_part(
				&piece, HEADER_SIZE, (size_t)length, &data))
				return physseg_reader_fail(memmap, reason,
				    "setup_data cannot be reached");
			error = physseg_reader_list(memmap, data, ENTRY_SIZE,
			    physseg_e820_kind, false, reason);
		}
		address = next;
	}
	return error;
}

int
physseg_memmap_add_boot_params(struct physseg_memmap *memmap,
    const void *params, size_t size, physseg_memmap_reach *reach, void *arg,
    struct physseg_memmap_reason *reason)
{
	const struct physseg_input input = { params, size };
	struct physseg_input table;
	uint64_t pieces = 0;
	size_t n;
	int error;

	if (size < SIZE)
		return physseg_reader_fail(
		    memmap, reason, "boot_params has 4096 bytes");
	n = (size_t)physseg_input_number(&input, ENTRIES, 1);
	if (n > ENTRIES_MAX ||
	    !physseg_input_part(&input, TABLE, n * ENTRY_SIZE, &table))
		return physseg_reader_fail(memmap, reason,
		    "boot_params has more entries than there is room for");
	if (memcmp(input.at + MAGIC, "HdrS", 4) == 0 &&
	    physseg_input_number(&input, VERSION, 2) >= VERSION_SETUP_DATA)
		pieces = physseg_input_number(&input, SETUP_DATA, 8);
	if (reach == NULL && n < ENTRIES_MAX)
		pieces = 0; /* none of them has entries */
	error = physseg_reader_list(
	    memmap, table, ENTRY_SIZE, physseg_e820_kind, false, reason);
	return error == PHYSSEG_OK
	    ? read_pieces(memmap, pieces, reach, arg, reason)
	    : error;
}
