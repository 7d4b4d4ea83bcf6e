/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * reader.c -- what the readers share: input that is not read outside of its
 * bounds, and what is done with an entry of firmware's.
 */
#include "memmap_private.h"

/* An entry of the lists that are made like the BIOS's. */
enum {
	LIST_BASE = 0,
	LIST_LENGTH = 8,
	LIST_TYPE = 16,
	LIST_EXTENDED = 20,
	LIST_ENTRY_SIZE = 20
};
enum { LIST_ENABLED = 1 << 0 };

bool
physseg_input_part(const struct physseg_input *input, size_t offset,
    size_t size, struct physseg_input *part)
{
	if (offset > input->size || size > input->size - offset)
		return false;
	part->at = input->at + offset;
	part->size = size;
	return true;
}

bool
physseg_input_take(
    struct physseg_input *input, size_t size, struct physseg_input *taken)
{
	if (!physseg_input_part(input, 0, size, taken))
		return false;
	input->at += size;
	input->size -= size;
	return true;
}

uint64_t
physseg_input_number(
    const struct physseg_input *input, size_t offset, size_t size)
{
	uint64_t number = 0;

	while (size > 0)
		number = number << 8 | input->at[offset + --size];
	return number;
}

bool
physseg_input_reach(struct physseg_input *input, physseg_memmap_reach *reach,
    void *arg, uint64_t address, uint64_t size)
{
	if (reach == NULL || size > SIZE_MAX)
		return false;
	input->size = (size_t)size;
	input->at = reach(arg, address, input->size);
	return input->at != NULL;
}

int
physseg_reader_fail(struct physseg_memmap *memmap,
    struct physseg_memmap_reason *reason, const char *text)
{
	return physseg_reader_done(
	    memmap, physseg_memmap_fail(reason, PHYSSEG_EFORMAT, text, NULL));
}

int
physseg_reader_done(struct physseg_memmap *memmap, int error)
{
	if (error != PHYSSEG_OK)
		memmap->failed = error;
	return error;
}

int
physseg_reader_broken(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, enum physseg_region_kind kind,
    struct physseg_memmap_reason *reason)
{
	const struct physseg_region region =
	    physseg_memmap_region(base, length, kind);

	if (physseg_kind_is_memory(kind))
		return physseg_reader_done(memmap,
		    physseg_memmap_fail(
			reason, PHYSSEG_ERANGE, "memory wraps", &region));
	memmap->skipped++;
	return PHYSSEG_OK;
}

int
physseg_reader_add(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, enum physseg_region_kind kind, int node, unsigned flags,
    struct physseg_memmap_reason *reason)
{
	if (length == 0) {
		memmap->skipped++;
		return PHYSSEG_OK;
	}
	if (length - 1 > UINT64_MAX - base)
		return physseg_reader_broken(
		    memmap, base, length, kind, reason);
	return physseg_reader_done(memmap,
	    physseg_memmap_add(
		memmap, base, length, kind, node, flags, reason));
}

int
physseg_reader_list(struct physseg_memmap *memmap, struct physseg_input list,
    size_t entry_size, enum physseg_region_kind (*kind)(uint32_t), bool enabled,
    struct physseg_memmap_reason *reason)
{
	struct physseg_input entry;
	int error = PHYSSEG_OK;

	if (entry_size < LIST_ENTRY_SIZE || list.size % entry_size != 0)
		return physseg_reader_fail(
		    memmap, reason, "the memory map is no list of entries");
	while (error == PHYSSEG_OK &&
	    physseg_input_take(&list, entry_size, &entry))
		if (enabled &&
		    (physseg_input_number(&entry, LIST_EXTENDED, 4) &
			LIST_ENABLED) == 0)
			memmap->skipped++;
		else
			error = physseg_reader_add(memmap,
			    physseg_input_number(&entry, LIST_BASE, 8),
			    physseg_input_number(&entry, LIST_LENGTH, 8),
			    kind((uint32_t)physseg_input_number(
				&entry, LIST_TYPE, 4)),
			    PHYSSEG_NONODE, 0, reason);
	return error;
}
