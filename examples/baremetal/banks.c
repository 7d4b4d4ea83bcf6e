/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * banks.c -- the firmware's memory map, made fit to be loaded.
 *
 * Firmware reports ranges in any order, empty ones, ones that overlap or end in
 * the middle of a page.  A bank is what libphysseg takes as one segment: whole
 * pages of one free list, of which the front may be reserved.  So memory is cut
 * where a free list ends and where a reserved range begins.
 */
#include "kernel.h"

static const struct {
	uint64_t end; /* frame */
	int list;
} zones[] = {
	{ 16 * MIB / PAGE_SIZE, FREE_LOW }, /* as far as old devices reach */
	{ 4 * GIB / PAGE_SIZE, FREE_NORMAL },
	{ UINT64_MAX, FREE_HIGH },
};

bool
ranges_add(struct ranges *ranges, uint64_t start, uint64_t end)
{
	const bool room =
	    ranges->n < sizeof(ranges->of) / sizeof(ranges->of[0]);

	if (start < end && room)
		ranges->of[ranges->n++] = (struct range){ start, end };
	return room;
}

/* The frames that lie in a range wholly, and those that it touches. */
static struct range
frames_inside(struct range bytes)
{
	return (struct range){ bytes.start / PAGE_SIZE +
		    (bytes.start % PAGE_SIZE != 0),
		bytes.end / PAGE_SIZE };
}

static struct range
frames_touched(struct range bytes)
{
	return (struct range){ bytes.start / PAGE_SIZE,
		bytes.end / PAGE_SIZE + (bytes.end % PAGE_SIZE != 0) };
}

/* The lowest piece of memory at or after frame `at'; empty: none. */
static struct range
lowest(const struct ranges *memory, uint64_t at)
{
	struct range piece, found = { UINT64_MAX, UINT64_MAX };
	size_t i;

	for (i = 0; i < memory->n; i++) {
		piece = frames_inside(memory->of[i]);
		if (piece.start < at)
			piece.start = at;
		if (piece.start < piece.end && piece.start < found.start)
			found = piece;
	}
	return found;
}

/* Of a bank that begins at `start': how much is reserved, and where the next
 * reserved range ends it. */
static void
cut(struct bank *bank, const struct ranges *reserved)
{
	struct range piece;
	size_t i;

	for (i = 0; i < reserved->n; i++) {
		piece = frames_touched(reserved->of[i]);
		if (piece.start > bank->start && piece.start < bank->end)
			bank->end = piece.start;
		if (piece.start <= bank->start && piece.end > bank->avail_start)
			bank->avail_start = piece.end;
	}
	if (bank->avail_start > bank->end)
		bank->avail_start = bank->end;
}

static void
add(struct banks *banks, const struct bank *bank)
{
	if (banks->n == sizeof(banks->of) / sizeof(banks->of[0]))
		panic("memory is in too many pieces");
	banks->of[banks->n++] = *bank;
}

void
banks_make(struct banks *banks, const struct ranges *memory,
    const struct ranges *reserved, uint64_t limit)
{
	struct range piece = lowest(memory, 0);
	struct bank bank;
	size_t zone = 0;

	banks->n = 0;
	limit /= PAGE_SIZE;
	while (piece.start < piece.end && piece.start < limit) {
		while (piece.start >= zones[zone].end)
			zone++;
		bank = (struct bank){ piece.start, piece.end, piece.start,
			zones[zone].list };
		if (bank.end > zones[zone].end)
			bank.end = zones[zone].end;
		if (bank.end > limit)
			bank.end = limit;
		cut(&bank, reserved);
		add(banks, &bank);
		piece = lowest(memory, bank.end);
	}
}
