/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * memmap_private.h -- what the files of the memory map share.  Not installed.
 *
 * memmap.c	the list of entries: layers, precedence
 * pages.c	bytes become pages, pages become segments
 * load.c	segments go into a map
 * reader.c	what the readers share
 *
 * A reader each:
 *
 * e820.c	the BIOS's list
 * boot_params.c	Linux's zero page
 * pvh.c	Xen's start_info
 * multiboot.c	Multiboot 1 and 2
 * multiboot2.c
 * efi.c	EFI's memory map
 * fdt.c	a flattened device tree: the blob's form
 * fdt_memory.c	and what its nodes say of memory
 */
#ifndef MEMMAP_PRIVATE_H
#define MEMMAP_PRIVATE_H

#include <physseg/memmap.h>

#include "base/mem.h"

/* ---- memmap.c ---- */

/* Write the reason, if somebody wants it; `region' may be NULL.  Returns the
 * error. */
int physseg_memmap_fail(struct physseg_memmap_reason *reason, int error,
    const char *text, const struct physseg_region *region);

/* Order: memory in these bytes is left out; what is no memory stays. */
int physseg_memmap_cut(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, struct physseg_memmap_reason *reason);

/* The region of these bytes, of which nothing else is known. */
static inline struct physseg_region
physseg_memmap_region(
    uint64_t base, uint64_t length, enum physseg_region_kind kind)
{
	return (struct physseg_region){ .first = base,
		.last = base + (length - 1),
		.kind = kind,
		.node = PHYSSEG_NONODE };
}

/* ---- reader.c ---- */

/* Input that a reader is given.  Nothing is read but by the functions below,
 * which look whether it lies inside. */
struct physseg_input {
	const unsigned char *at;
	size_t size;
};

/* Cut `size' bytes off the front.  False: there are not so many. */
bool physseg_input_take(
    struct physseg_input *input, size_t size, struct physseg_input *taken);

/* The `size' bytes from `offset' on.  False: they are not all inside. */
bool physseg_input_part(const struct physseg_input *input, size_t offset,
    size_t size, struct physseg_input *part);

/* A number of `size' bytes at `offset', which lies inside: the lowest byte
 * first. */
uint64_t physseg_input_number(
    const struct physseg_input *input, size_t offset, size_t size);

/* The input that a physical address leads to.  False: it cannot be reached. */
bool physseg_input_reach(struct physseg_input *input,
    physseg_memmap_reach *reach, void *arg, uint64_t address, uint64_t size);

/* Input is malformed: EFORMAT, and the memory map is of no more use. */
int physseg_reader_fail(struct physseg_memmap *memmap,
    struct physseg_memmap_reason *reason, const char *text);

/* A call failed with `error', and the reader with it. */
int physseg_reader_done(struct physseg_memmap *memmap, int error);

/* An entry that wraps: an error if it is memory, else it is skipped. */
int physseg_reader_broken(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, enum physseg_region_kind kind,
    struct physseg_memmap_reason *reason);

/* Add an entry of a firmware's list, by the rules that all readers have in
 * common. */
int physseg_reader_add(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, enum physseg_region_kind kind, int node, unsigned flags,
    struct physseg_memmap_reason *reason);

/*
 * Add the entries of a list that is made like the BIOS's: base, length, type,
 * of `entry_size' bytes each.  `enabled': the word behind them has a bit
 * without which an entry does not count.
 */
int physseg_reader_list(struct physseg_memmap *memmap,
    struct physseg_input list, size_t entry_size,
    enum physseg_region_kind (*kind)(uint32_t type), bool enabled,
    struct physseg_memmap_reason *reason);

/* ---- of one reader, for others ---- */

enum physseg_region_kind physseg_e820_kind(uint32_t type);
enum physseg_region_kind physseg_multiboot_kind(uint32_t type);

/* The two sizes, in KiB, of memory from 0 and from 1 MiB on. */
int physseg_bios_sizes(struct physseg_memmap *memmap, uint32_t lower,
    uint32_t upper, struct physseg_memmap_reason *reason);

#endif /* MEMMAP_PRIVATE_H */
