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

enum { ZERO_SIZE = 4096 };

/* Where things are in it. */
enum {
	ZERO_ENTRIES = 0x1e8,
	ZERO_MAGIC = 0x202,
	ZERO_VERSION = 0x206,
	ZERO_SETUP_DATA = 0x250,
	ZERO_TABLE = 0x2d0
};
enum { ZERO_ENTRY_SIZE = 20, ZERO_ENTRIES_MAX = 128 };
enum { ZERO_VERSION_SETUP_DATA = 0x209 };

/* And in a piece of setup_data, before its data. */
enum {
	PIECE_NEXT = 0,
	PIECE_TYPE = 8,
	PIECE_LENGTH = 12,
	PIECE_HEADER_SIZE = 16
};
enum { PIECE_TYPE_E820 = 1 };

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
			&piece, reach, arg, address, PIECE_HEADER_SIZE))
			return physseg_reader_fail(
			    memmap, reason, "setup_data cannot be reached");
		next = physseg_input_number(&piece, PIECE_NEXT, 8);
		type = (uint32_t)physseg_input_number(&piece, PIECE_TYPE, 4);
		length = physseg_input_number(&piece, PIECE_LENGTH, 4);
		if (type == PIECE_TYPE_E820) {
			if (!physseg_input_reach(&piece, reach, arg, address,
				PIECE_HEADER_SIZE + length) ||
			    !physseg_input_part(&piece, PIECE_HEADER_SIZE,
				(size_t)length, &data))
				return physseg_reader_fail(memmap, reason,
				    "setup_data cannot be reached");
			error = physseg_reader_list(memmap, data,
			    ZERO_ENTRY_SIZE, physseg_e820_kind, false, reason);
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

	if (size < ZERO_SIZE)
		return physseg_reader_fail(
		    memmap, reason, "boot_params has 4096 bytes");
	n = (size_t)physseg_input_number(&input, ZERO_ENTRIES, 1);
	if (n > ZERO_ENTRIES_MAX ||
	    !physseg_input_part(
		&input, ZERO_TABLE, n * ZERO_ENTRY_SIZE, &table))
		return physseg_reader_fail(memmap, reason,
		    "boot_params has more entries than there is room for");
	if (memcmp(input.at + ZERO_MAGIC, "HdrS", 4) == 0 &&
	    physseg_input_number(&input, ZERO_VERSION, 2) >=
		ZERO_VERSION_SETUP_DATA)
		pieces = physseg_input_number(&input, ZERO_SETUP_DATA, 8);
	if (reach == NULL && n < ZERO_ENTRIES_MAX)
		pieces = 0; /* none of them has entries */
	error = physseg_reader_list(
	    memmap, table, ZERO_ENTRY_SIZE, physseg_e820_kind, false, reason);
	return error == PHYSSEG_OK
	    ? read_pieces(memmap, pieces, reach, arg, reason)
	    : error;
}
