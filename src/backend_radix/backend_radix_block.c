/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_block.c -- blocks and their entries: which frames are there,
 * and where their page structures are.
 *
 * A reader reads the bit of a frame first, and then its base.  So what bases an
 * entry has is only changed while none of its frames is there; the delta of a
 * quarter, while none of that quarter is; and before one is.  An entry that
 * comes apart keeps its base for readers who have not noticed.
 */
#include "backend_radix.h"

/* A block like another that has no starts; no slot leads to it yet. */
struct radix_block *
physseg_radix_copy(struct radix *radix, const struct radix_block *old)
{
	struct radix_block *block = physseg_radix_get(radix, &radix->blocks);
	const uintptr_t detail = block->detail;

	*block = *old;
	block->detail = detail;
	block->refs = 0;
	return block;
}

/* A block with every frame there: a run. */
struct radix_block *
physseg_radix_run(struct radix *radix, uintptr_t base, uintptr_t hint)
{
	struct radix_block *run = physseg_radix_copy(radix, &radix->empty);
	size_t i;

	for (i = 0; i < RADIX_ENTRIES; i++) {
		run->entry[i].present = UINTPTR_MAX;
		run->entry[i].base = base;
	}
	run->hint = hint;
	return run;
}

/* A block's detail, made if need be. */
struct radix_detail *
physseg_radix_detail(struct radix *radix, struct radix_block *block)
{
	if (block->detail == 0)
		physseg_atomic_store(&block->detail,
		    (uintptr_t)physseg_radix_get(radix, &radix->details));
	return radix_detail(block);
}

static uintptr_t
quarter(size_t i)
{
	const size_t n = (size_t)1 << RADIX_QUARTER_BITS;

	return (((uintptr_t)1 << n) - 1) << i * n;
}

static bool
is_apart(const struct radix_entry *entry)
{
	return entry->delta[0] == RADIX_APART;
}

static void
set_deltas(struct radix_entry *entry, uintptr_t bits, int32_t delta)
{
	size_t i;

	for (i = 0; i < RADIX_BASES; i++)
		if ((bits & quarter(i)) != 0 && entry->delta[i] != delta)
			physseg_atomic_store_32(&entry->delta[i], delta);
}

/* Can these frames have that delta beside those that are there? */
static bool
fits(const struct radix_entry *entry, uintptr_t bits, intptr_t delta)
{
	size_t i;

	if (delta > INT32_MAX || delta <= RADIX_APART)
		return false;
	for (i = 0; i < RADIX_BASES; i++)
		if ((bits & quarter(i)) != 0 &&
		    (entry->present & quarter(i)) != 0 &&
		    entry->delta[i] != delta)
			return false;
	return true;
}

/* A table with the base that each frame has now. */
static void
come_apart(struct radix *radix, struct radix_block *block, size_t i)
{
	struct radix_entry *entry = &block->entry[i];
	struct radix_table *table = physseg_radix_get(radix, &radix->tables);
	size_t f;

	for (f = 0; f < RADIX_FANOUT; f++)
		table->base[f] = entry->base +
		    (uintptr_t)(intptr_t)entry->delta[f >> RADIX_QUARTER_BITS];
	physseg_atomic_store(
	    &physseg_radix_detail(radix, block)->table[i], (uintptr_t)table);
	set_deltas(entry, UINTPTR_MAX, RADIX_APART);
}

/* An entry without frames is as new. */
static void
come_together(struct radix *radix, struct radix_block *block, size_t i)
{
	if (is_apart(&block->entry[i]))
		physseg_radix_put(
		    &radix->tables, (void *)radix_detail(block)->table[i]);
	set_deltas(&block->entry[i], UINTPTR_MAX, 0);
}

static void
set_bases(struct radix_table *table, uintptr_t bits, uintptr_t base)
{
	size_t f;

	for (; bits != 0; bits ^= (uintptr_t)1 << f) {
		f = radix_highest_bit(bits);
		physseg_atomic_store(&table->base[f], base);
	}
}

static void
show_entry(struct radix *radix, struct radix_block *block, size_t i,
    uintptr_t bits, uintptr_t base)
{
	struct radix_entry *entry = &block->entry[i];
	intptr_t delta;

	if (entry->present == 0) {
		come_together(radix, block, i);
		physseg_atomic_store(&entry->base, base);
	} else {
		delta = (intptr_t)(base - entry->base);
		if (!is_apart(entry) && !fits(entry, bits, delta))
			come_apart(radix, block, i);
		if (is_apart(entry))
			set_bases(
			    (void *)radix_detail(block)->table[i], bits, base);
		else
			set_deltas(entry, bits, (int32_t)delta);
	}
	physseg_atomic_store(&entry->present, entry->present | bits);
}

/* The bits, in entry `i' of a block, of frames [start, last] of that block. */
static uintptr_t
bits_of(size_t i, physseg_pfn_t start, physseg_pfn_t last)
{
	uintptr_t bits = UINTPTR_MAX;

	if (i == radix_entry_of(start))
		bits &= UINTPTR_MAX << radix_digit(start, 0);
	if (i == radix_entry_of(last))
		bits &=
		    UINTPTR_MAX >> (RADIX_FANOUT - 1 - radix_digit(last, 0));
	return bits;
}

/* Frames [start, last], all of this block, are there, with this base. */
void
physseg_radix_show(struct radix *radix, struct radix_block *block,
    physseg_pfn_t start, physseg_pfn_t last, uintptr_t base)
{
	size_t i;

	for (i = radix_entry_of(start); i <= radix_entry_of(last); i++)
		show_entry(radix, block, i, bits_of(i, start, last), base);
}

/* They are not; a reader who has seen the bit still finds the base. */
void
physseg_radix_hide(
    struct radix_block *block, physseg_pfn_t start, physseg_pfn_t last)
{
	struct radix_entry *entry;
	size_t i;

	for (i = radix_entry_of(start); i <= radix_entry_of(last); i++) {
		entry = &block->entry[i];
		physseg_atomic_store(
		    &entry->present, entry->present & ~bits_of(i, start, last));
	}
}

/* No frame is there, and no segment starts. */
bool
physseg_radix_is_empty(const struct radix_block *block)
{
	uintptr_t any = block->starts;
	size_t i;

	for (i = 0; i < RADIX_ENTRIES; i++)
		any |= block->entry[i].present;
	return any == 0;
}

/* A slot leads to the block no more. */
void
physseg_radix_drop(struct radix *radix, struct radix_block *block)
{
	size_t i;

	if (block->refs > 1) {
		block->refs--;
		return;
	}
	for (i = 0; i < RADIX_ENTRIES; i++)
		if (is_apart(&block->entry[i]))
			physseg_radix_put(&radix->tables,
			    (void *)radix_detail(block)->table[i]);
	physseg_radix_put(&radix->blocks, block);
}
