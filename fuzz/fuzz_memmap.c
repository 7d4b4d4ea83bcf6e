/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_memmap.c -- memory maps of any input: each reader, and calls one after
 * the other.
 *
 *	sh scripts/fuzz.sh
 *
 * The first byte of the input chooses: a form of firmware's, of which the rest
 * is the input (tests/memmap/forms.h); or calls, 12 bytes each.  Then the
 * memory map has to be right by itself, and to go into a map as it says it
 * does.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/memmap.h>

#include "forms.h"

#define ENTRIES 300
#define RECORDS 64

/* libFuzzer looks for it by its name. */
PHYSSEG_API int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

/* A few places, so that ranges meet. */
static uint64_t
place(const uint8_t *at)
{
	static const uint64_t near[] = { 0, UINT64_C(1) << 20,
		UINT64_C(1) << 32, UINT64_C(1) << 52, 0 - (UINT64_C(1) << 20) };

	return near[at[0] % 5] + (uint64_t)at[1] * 4096 + at[2];
}

static void
calls(struct physseg_memmap *memmap, const uint8_t *at, size_t size)
{
	struct physseg_memmap before;
	size_t n = 0;
	int error;

	for (; size >= 12; at += 12, size -= 12) {
		const uint64_t base = place(at + 1);
		const uint64_t length = at[4] < 250
		    ? (uint64_t)at[5] * 4096 + at[4]
		    : place(at + 6);
		const enum physseg_region_kind kind =
		    (enum physseg_region_kind)(at[9] % (PHYSSEG_KINDS + 1));
		const int node = at[10] % 4 - 2;

		before = *memmap;
		n += at[0] % 5 == 3 ? 4 : 2;
		switch (at[0] % 5) {
		case 0:
			error = physseg_memmap_add(
			    memmap, base, length, kind, node, at[11] % 5, NULL);
			break;
		case 1:
			error = physseg_memmap_set_kind(
			    memmap, base, length, kind, NULL);
			break;
		case 2:
			error = physseg_memmap_set_node(
			    memmap, base, length, node, NULL);
			break;
		case 3:
			error = physseg_memmap_clip(memmap, base, length, NULL);
			break;
		default:
			error =
			    physseg_memmap_reserve(memmap, base, length, NULL);
		}
		must(error == PHYSSEG_OK || before.used == memmap->used);
		must(error != PHYSSEG_ESMALL || n > memmap->max);
		must(memmap->used <= n);
	}
}

/* It goes into a map, whole; or not at all, with a reason. */
static void
load(const struct physseg_memmap *memmap, unsigned shift)
{
	static char storage[PHYSSEG_STORAGE_SIZE(RECORDS, 1, 0)];
	const struct physseg_host host = { .alloc = NULL };
	const struct physseg_config config = {
		.backend = physseg_backend_array_bsearch(),
		.host = &host,
		.capacity = RECORDS
	};
	const struct physseg_memmap_layout layout = { .page_shift = shift };
	struct physseg_memmap_reason reason = { .error = 0 };
	struct physseg_memmap_totals totals;
	struct physseg_stats stats;
	struct physseg_map *map;
	int error;

	must(physseg_create(&map, &config, storage, sizeof(storage)) ==
	    PHYSSEG_OK);
	error = physseg_memmap_load(memmap, &layout, map, &reason);
	must(reason.error == error);
	physseg_get_stats(map, &stats);
	must(physseg_check(map) == NULL);
	if (error == PHYSSEG_OK) {
		must(physseg_memmap_count(memmap, &layout, &totals, NULL) ==
		    PHYSSEG_OK);
		must(stats.segments == totals.segments);
		must(stats.frames == totals.frames);
	} else
		must(stats.segments == 0 && reason.text != NULL);
	physseg_destroy(map);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct physseg_memmap_entry entries[ENTRIES];
	struct physseg_memmap_reason reason = { .error = 0 };
	struct physseg_memmap memmap;
	unsigned choice;
	int error;

	if (size == 0)
		return 0;
	choice = data[0];
	physseg_memmap_init(&memmap, entries, ENTRIES);
	if (choice % (FORMS + 1) == FORMS)
		calls(&memmap, data + 1, size - 1);
	else {
		error = form_read((enum form)(choice % (FORMS + 1)), &memmap,
		    data + 1, size - 1, &reason);
		must(reason.error == error);
	}
	must(memmap_wrong(&memmap) == NULL);
	load(&memmap, 10 + choice % 12);
	return 0;
}
