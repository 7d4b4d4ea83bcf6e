/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * t_memmap.c -- memory maps made by hand: what each rule of the header says,
 * the ends of the address space, and every refusal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/memmap.h>

#include "support.h"

#include "forms.h"

#define PAGE	UINT64_C(4096)
#define ENTRIES 64

static struct physseg_memmap_entry entries[ENTRIES];
static struct physseg_memmap memmap;
static struct physseg_memmap_reason reason;

static void
setup(void)
{
	physseg_memmap_init(&memmap, entries, ENTRIES);
	memset(&reason, 0, sizeof(reason));
}

/* ---- short names ---- */

static void
add(uint64_t base, uint64_t length, enum physseg_region_kind kind)
{
	ck_assert_int_eq(physseg_memmap_add(&memmap, base, length, kind,
			     PHYSSEG_NONODE, 0, NULL),
	    PHYSSEG_OK);
}

static void
ram(uint64_t base, uint64_t length)
{
	add(base, length, PHYSSEG_KIND_RAM);
}

static void
use(uint64_t base, uint64_t length)
{
	ck_assert_int_eq(
	    physseg_memmap_reserve(&memmap, base, length, NULL), PHYSSEG_OK);
}

static const char *
regions(void)
{
	return memmap_text(&memmap);
}

static int
print_segment(void *arg, const struct physseg_memmap_segment *segment)
{
	char *text = arg;
	const size_t n = strlen(text);

	snprintf(text + n, 4096 - n,
	    "%s[%" PRIu64 ", %" PRIu64 ") [%" PRIu64 ", %" PRIu64 ") %d",
	    n == 0 ? "" : ", ", (uint64_t)segment->start,
	    (uint64_t)segment->end, (uint64_t)segment->avail_start,
	    (uint64_t)segment->avail_end, segment->free_list);
	return PHYSSEG_OK;
}

/* The segments as text: frames, available ones, free list. */
static const char *
segments(const struct physseg_memmap_layout *layout)
{
	static char text[4096];

	text[0] = '\0';
	ck_assert_int_eq(physseg_memmap_segments(
			     &memmap, layout, print_segment, text, &reason),
	    PHYSSEG_OK);
	return text;
}

static struct physseg_memmap_totals
count(unsigned page_shift)
{
	const struct physseg_memmap_layout layout = { .page_shift =
							  page_shift };
	struct physseg_memmap_totals totals;

	ck_assert_int_eq(
	    physseg_memmap_count(&memmap, &layout, &totals, NULL), PHYSSEG_OK);
	return totals;
}

static void
refused(int error, int expected, uint64_t first, uint64_t last)
{
	ck_assert_int_eq(error, expected);
	ck_assert_int_eq(reason.error, expected);
	ck_assert_ptr_nonnull(reason.text);
	ck_assert_uint_eq(reason.region.first, first);
	ck_assert_uint_eq(reason.region.last, last);
	memset(&reason, 0, sizeof(reason));
}

/* ---- the list ---- */

START_TEST(empty)
{
	ck_assert_str_eq(regions(), "");
	ck_assert_str_eq(segments(NULL), "");
	ck_assert_uint_eq(count(0).segments, 0);
}
END_TEST

/* The order of kinds is the contract's. */
START_TEST(precedence)
{
	static const enum physseg_region_kind order[] = { PHYSSEG_KIND_UNUSABLE,
		PHYSSEG_KIND_RESERVED, PHYSSEG_KIND_FIRMWARE,
		PHYSSEG_KIND_ACPI_NVS, PHYSSEG_KIND_ACPI_TABLES,
		PHYSSEG_KIND_UNACCEPTED, PHYSSEG_KIND_PERSISTENT,
		PHYSSEG_KIND_SOFT_RESERVED, PHYSSEG_KIND_RAM };
	struct physseg_region region;

	for (size_t i = 0; i < 9; i++)
		for (size_t j = 0; j < 9; j++) {
			size_t at = 0;

			setup();
			add(100, 10, order[i]);
			add(100, 10, order[j]);
			ck_assert(physseg_memmap_next(&memmap, &at, &region));
			ck_assert_int_eq(region.kind, order[i < j ? i : j]);
			ck_assert(!physseg_memmap_next(&memmap, &at, &region));
		}
}
END_TEST

START_TEST(overlaps)
{
	ram(0x100, 0x100);
	add(0x180, 0x100, PHYSSEG_KIND_RESERVED);
	ck_assert_str_eq(regions(), "100-17f RAM, 180-27f reserved");
	add(0x140, 0x10, PHYSSEG_KIND_ACPI_NVS);
	ck_assert_str_eq(regions(),
	    "100-13f RAM, 140-14f ACPI NVS, 150-17f RAM, 180-27f reserved");
	ram(0, 0x400); /* only where nothing is said */
	ck_assert_str_eq(regions(),
	    "0-13f RAM, 140-14f ACPI NVS, 150-17f RAM, 180-27f reserved, "
	    "280-3ff RAM");
	add(0x0, 0x400, PHYSSEG_KIND_UNUSABLE);
	ck_assert_str_eq(regions(), "0-3ff unusable");
	ck_assert_uint_eq(memmap.used, 1);
}
END_TEST

START_TEST(touching_regions_are_joined)
{
	ram(0x200, 0x100);
	ram(0x000, 0x100);
	ram(0x100, 0x100);
	ck_assert_str_eq(regions(), "0-2ff RAM");
	ck_assert_uint_eq(memmap.used, 1);
	physseg_memmap_add(&memmap, 0x300, 0x100, PHYSSEG_KIND_RAM, 1, 0, NULL);
	physseg_memmap_add(&memmap, 0x400, 0x100, PHYSSEG_KIND_RAM, 1,
	    PHYSSEG_REGION_REMOVABLE, NULL);
	ck_assert_str_eq(
	    regions(), "0-2ff RAM, 300-3ff RAM 1, 400-4ff RAM h 1");
}
END_TEST

START_TEST(flags_are_united)
{
	physseg_memmap_add(&memmap, 0, 0x20, PHYSSEG_KIND_RAM, PHYSSEG_NONODE,
	    PHYSSEG_REGION_REMOVABLE, NULL);
	physseg_memmap_add(&memmap, 0x10, 0x20, PHYSSEG_KIND_RAM,
	    PHYSSEG_NONODE, PHYSSEG_REGION_RELIABLE, NULL);
	ck_assert_str_eq(regions(), "0-f RAM h, 10-1f RAM h r, 20-2f RAM r");
	add(0, 0x100, PHYSSEG_KIND_RESERVED); /* which has none of them */
	ck_assert_str_eq(regions(), "0-ff reserved");
}
END_TEST

/* Where only one of two says on which node, that is so. */
START_TEST(nodes)
{
	physseg_memmap_add(&memmap, 0, 0x20, PHYSSEG_KIND_RAM, 0, 0, NULL);
	physseg_memmap_add(&memmap, 0x20, 0x20, PHYSSEG_KIND_RAM, 1, 0, NULL);
	ram(0x10, 0x40);
	ck_assert_str_eq(regions(), "0-1f RAM 0, 20-3f RAM 1, 40-4f RAM");
}
END_TEST

START_TEST(nodes_that_contradict)
{
	struct physseg_memmap_totals totals = { .segments = 77 };

	physseg_memmap_add(&memmap, 0, 0x3000, PHYSSEG_KIND_RAM, 0, 0, NULL);
	physseg_memmap_add(
	    &memmap, 0x2000, 0x2000, PHYSSEG_KIND_RAM, 1, 0, NULL);
	ck_assert_str_eq(
	    regions(), "0-1fff RAM 0, 2000-2fff RAM c, 3000-3fff RAM 1");
	refused(physseg_memmap_count(&memmap, NULL, &totals, &reason),
	    PHYSSEG_EOVERLAP, 0x2000, 0x2fff);
	ck_assert_uint_eq(totals.segments, 77);
	refused(physseg_memmap_segments(
		    &memmap, NULL, print_segment, NULL, &reason),
	    PHYSSEG_EOVERLAP, 0x2000, 0x2fff);

	/* An order decides, and so does a stronger kind. */
	ck_assert_int_eq(
	    physseg_memmap_set_node(&memmap, 0x2000, 0x800, 1, NULL),
	    PHYSSEG_OK);
	refused(physseg_memmap_count(&memmap, NULL, &totals, &reason),
	    PHYSSEG_EOVERLAP, 0x2800, 0x2fff);
	add(0x2800, 0x800, PHYSSEG_KIND_RESERVED);
	ck_assert_str_eq(regions(),
	    "0-1fff RAM 0, 2000-27ff RAM 1, 2800-2fff reserved, "
	    "3000-3fff RAM 1");
	ck_assert_uint_eq(count(0).lost, 0x800);
}
END_TEST

/* ---- the ends of the address space ---- */

START_TEST(the_last_byte)
{
	ram(UINT64_MAX, 1);
	ck_assert_str_eq(regions(), "ffffffffffffffff-ffffffffffffffff RAM");
	ck_assert_uint_eq(count(0).lost, 1);
	ram(0 - PAGE, PAGE);
	ck_assert_str_eq(regions(), "fffffffffffff000-ffffffffffffffff RAM");
	if (PHYSSEG_PFN_BITS == 64)
		ck_assert_str_eq(segments(NULL),
		    "[4503599627370495, 4503599627370496) "
		    "[4503599627370495, 4503599627370496) 0");
	use(UINT64_MAX, 1);
	if (PHYSSEG_PFN_BITS == 64)
		ck_assert_str_eq(segments(NULL),
		    "[4503599627370495, 4503599627370496) "
		    "[4503599627370495, 4503599627370495) 0");
}
END_TEST

/* All of it: two calls, as one would be of 2^64 bytes. */
START_TEST(the_whole_address_space)
{
	const struct physseg_memmap_layout large = { .page_shift = 63 };

	ram(0, UINT64_C(1) << 63);
	ram(UINT64_C(1) << 63, UINT64_C(1) << 63);
	ck_assert_str_eq(regions(), "0-ffffffffffffffff RAM");
	ck_assert_str_eq(segments(&large), "[0, 2) [0, 2) 0");
	ck_assert_int_eq(
	    physseg_memmap_clip(&memmap, PAGE, PAGE, NULL), PHYSSEG_OK);
	ck_assert_str_eq(regions(), "1000-1fff RAM");
}
END_TEST

START_TEST(refusals_of_a_call)
{
	struct physseg_memmap *const m = &memmap;

	ram(0, 0x100);
	refused(physseg_memmap_add(
		    m, 0x100, 0, PHYSSEG_KIND_RAM, PHYSSEG_NONODE, 0, &reason),
	    PHYSSEG_EINVAL, 0x100, 0xff);
	refused(physseg_memmap_add(m, 0x1000, UINT64_MAX, PHYSSEG_KIND_RAM,
		    PHYSSEG_NONODE, 0, &reason),
	    PHYSSEG_ERANGE, 0x1000, 0xffe);
	refused(physseg_memmap_add(m, UINT64_MAX, 2, PHYSSEG_KIND_RESERVED,
		    PHYSSEG_NONODE, 0, &reason),
	    PHYSSEG_ERANGE, UINT64_MAX, 0);
	refused(physseg_memmap_add(
		    m, 0, 1, PHYSSEG_KIND_NONE, PHYSSEG_NONODE, 0, &reason),
	    PHYSSEG_EINVAL, 0, 0);
	refused(physseg_memmap_add(
		    m, 0, 1, PHYSSEG_KINDS, PHYSSEG_NONODE, 0, &reason),
	    PHYSSEG_EINVAL, 0, 0);
	refused(physseg_memmap_add(m, 0, 1, PHYSSEG_KIND_RAM, -2, 0, &reason),
	    PHYSSEG_EINVAL, 0, 0);
	refused(physseg_memmap_add(m, 0, 1, PHYSSEG_KIND_RAM, 0,
		    PHYSSEG_REGION_IN_USE, &reason),
	    PHYSSEG_EINVAL, 0, 0);
	refused(physseg_memmap_set_kind(m, 0, 1, PHYSSEG_KINDS, &reason),
	    PHYSSEG_EINVAL, 0, 0);
	refused(physseg_memmap_set_kind(m, 5, 0, PHYSSEG_KIND_RAM, &reason),
	    PHYSSEG_EINVAL, 5, 4);
	refused(physseg_memmap_set_node(m, 0, 1, -2, &reason), PHYSSEG_EINVAL,
	    0, 0);
	refused(physseg_memmap_set_node(m, 2, UINT64_MAX, 0, &reason),
	    PHYSSEG_ERANGE, 2, 0);
	refused(physseg_memmap_clip(m, 2, 0, &reason), PHYSSEG_EINVAL, 2, 1);
	refused(physseg_memmap_clip(m, 2, UINT64_MAX, &reason), PHYSSEG_ERANGE,
	    2, 0);
	refused(physseg_memmap_reserve(m, 2, 0, &reason), PHYSSEG_EINVAL, 2, 1);
	refused(physseg_memmap_reserve(m, 2, UINT64_MAX, &reason),
	    PHYSSEG_ERANGE, 2, 0);
	ck_assert_str_eq(regions(), "0-ff RAM");
	ck_assert_uint_eq(memmap.used, 1);
}
END_TEST

START_TEST(a_full_array)
{
	memmap.max = 2;
	ram(0x100, 0x100);
	add(0x300, 0x100, PHYSSEG_KIND_RESERVED);
	refused(physseg_memmap_add(&memmap, 0x500, 0x100, PHYSSEG_KIND_RAM,
		    PHYSSEG_NONODE, 0, &reason),
	    PHYSSEG_ESMALL, 0x500, 0x5ff);
	refused(physseg_memmap_clip(&memmap, 0x150, 0x10, &reason),
	    PHYSSEG_ESMALL, 0, 0x14f);
	ck_assert_str_eq(regions(), "100-1ff RAM, 300-3ff reserved");
	ram(0x100, 0x80);			  /* says nothing new */
	add(0x300, 0x100, PHYSSEG_KIND_UNUSABLE); /* needs no room */
	ck_assert_str_eq(regions(), "100-1ff RAM, 300-3ff unusable");
	memmap.max = 0;
	memmap.used = 0;
	ck_assert_int_eq(
	    physseg_memmap_reserve(&memmap, 0, 1, NULL), PHYSSEG_ESMALL);
}
END_TEST

/* ---- layers ---- */

static void
set_kind(uint64_t base, uint64_t length, enum physseg_region_kind kind)
{
	ck_assert_int_eq(
	    physseg_memmap_set_kind(&memmap, base, length, kind, NULL),
	    PHYSSEG_OK);
}

START_TEST(an_order_beats_firmware)
{
	set_kind(0x100, 0x100, PHYSSEG_KIND_RAM);
	add(0, 0x400, PHYSSEG_KIND_UNUSABLE);
	ck_assert_str_eq(
	    regions(), "0-ff unusable, 100-1ff RAM, 200-3ff unusable");
	set_kind(0x180, 0x100, PHYSSEG_KIND_PERSISTENT);
	ck_assert_str_eq(regions(),
	    "0-ff unusable, 100-17f RAM, 180-27f persistent, "
	    "280-3ff unusable");
	set_kind(0x0, 0x200, PHYSSEG_KIND_NONE);
	ck_assert_str_eq(regions(), "200-27f persistent, 280-3ff unusable");
	set_kind(0x1000, 0x100, PHYSSEG_KIND_RAM); /* where there was none */
	ck_assert_str_eq(
	    regions(), "200-27f persistent, 280-3ff unusable, 1000-10ff RAM");
}
END_TEST

/* The order of these calls matters: what is ordered after a clip stays. */
START_TEST(a_clip_cuts_memory_only)
{
	ram(0, 0x1000);
	add(0x1000, 0x1000, PHYSSEG_KIND_RESERVED);
	add(0x2000, 0x1000, PHYSSEG_KIND_PERSISTENT);
	set_kind(0x3000, 0x1000, PHYSSEG_KIND_RAM);
	ck_assert_int_eq(
	    physseg_memmap_clip(&memmap, 0x100, 0x700, NULL), PHYSSEG_OK);
	ram(0xc00, 0x800); /* said later, cut as well */
	ck_assert_str_eq(regions(), "100-7ff RAM, 1000-1fff reserved");
	set_kind(0x2000, 0x80, PHYSSEG_KIND_RAM);
	ck_assert_str_eq(
	    regions(), "100-7ff RAM, 1000-1fff reserved, 2000-207f RAM");
	ck_assert_int_eq(
	    physseg_memmap_clip(&memmap, 0, 0x2000, NULL), PHYSSEG_OK);
	ck_assert_str_eq(regions(), "100-7ff RAM, 1000-1fff reserved");
}
END_TEST

START_TEST(a_clip_of_all_but_a_byte)
{
	ram(0, UINT64_C(1) << 63);
	ram(UINT64_C(1) << 63, UINT64_C(1) << 63);
	ck_assert_int_eq(
	    physseg_memmap_clip(&memmap, 1, UINT64_MAX, NULL), PHYSSEG_OK);
	ck_assert_str_eq(regions(), "1-ffffffffffffffff RAM");
	ck_assert_int_eq(
	    physseg_memmap_clip(&memmap, 0, UINT64_MAX, NULL), PHYSSEG_OK);
	ck_assert_str_eq(regions(), "1-fffffffffffffffe RAM");
}
END_TEST

/* What lies behind the entries in use is nothing. */
START_TEST(entries_not_in_use)
{
	ram(0, 0x100);
	entries[1] = entries[0];
	entries[1].first = 0x100;
	entries[1].last = 0x1ff;
	ck_assert_str_eq(regions(), "0-ff RAM");
	ram(0x300, 0x100);
	ck_assert_str_eq(regions(), "0-ff RAM, 300-3ff RAM");
}
END_TEST

START_TEST(in_use_is_a_flag_over_memory)
{
	use(0, 0x1000);
	ck_assert_str_eq(regions(), "");
	ram(0x800, 0x400);
	add(0xa00, 0x100, PHYSSEG_KIND_RESERVED);
	add(0x1000, 0x100, PHYSSEG_KIND_PERSISTENT);
	ck_assert_str_eq(regions(),
	    "800-9ff RAM u, a00-aff reserved, b00-bff RAM u, "
	    "1000-10ff persistent");
}
END_TEST

START_TEST(a_node_makes_no_memory)
{
	ck_assert_int_eq(
	    physseg_memmap_set_node(&memmap, 0, 0x1000, 3, NULL), PHYSSEG_OK);
	ck_assert_str_eq(regions(), "");
	physseg_memmap_add(&memmap, 0xf00, 0x200, PHYSSEG_KIND_RAM, 1, 0, NULL);
	ck_assert_str_eq(regions(), "f00-fff RAM 3, 1000-10ff RAM 1");
	physseg_memmap_set_node(&memmap, 0xf80, 0x100, PHYSSEG_NONODE, NULL);
	ck_assert_str_eq(
	    regions(), "f00-f7f RAM 3, f80-107f RAM, 1080-10ff RAM 1");
}
END_TEST

/* ---- pages ---- */

START_TEST(joined_before_rounded)
{
	/* [0x1000, 0x4000), in pieces that touch inside of pages. */
	ram(0x1000, 0x1018);
	ram(0x2018, 0x1);
	ram(0x2019, 0x1fe7);
	ck_assert_str_eq(segments(NULL), "[1, 4) [1, 4) 0");
	ck_assert_uint_eq(count(0).lost, 0);
}
END_TEST

START_TEST(what_is_lost_is_counted)
{
	ram(0x1001, 0x1fff); /* [0x1001, 0x3000) */
	ram(0x5000, 0x10);
	ram(0x5020, 0x10);
	ram(0x7000, 0x800);
	add(0x7800, 0x800, PHYSSEG_KIND_PERSISTENT); /* no memory of one kind */
	ck_assert_str_eq(segments(NULL), "[2, 3) [2, 3) 0");
	ck_assert_uint_eq(count(0).lost, 0xfff + 0x10 + 0x10 + 0x1000);
	ck_assert_uint_eq(count(0).pages[PHYSSEG_KIND_NONE], 3);
	add(0x5800, 1, PHYSSEG_KIND_ACPI_TABLES);
	add(0x5801, 1, PHYSSEG_KIND_RESERVED);
	add(0x5802, 1, PHYSSEG_KIND_FIRMWARE);
	ck_assert_uint_eq(count(0).pages[PHYSSEG_KIND_NONE], 2);
	ck_assert_uint_eq(count(0).pages[PHYSSEG_KIND_RESERVED], 1);
	ck_assert_uint_eq(count(0).pages[PHYSSEG_KIND_RAM], 1);
}
END_TEST

/* Nodes and flags do not keep a page from being memory. */
START_TEST(the_first_byte_decides)
{
	struct physseg_memmap_totals totals;

	physseg_memmap_add(
	    &memmap, 0x1000, 0x1800, PHYSSEG_KIND_RAM, 0, 0, NULL);
	physseg_memmap_add(&memmap, 0x2800, 0x1800, PHYSSEG_KIND_RAM, 1,
	    PHYSSEG_REGION_REMOVABLE, NULL);
	totals = count(0);
	ck_assert_uint_eq(totals.frames, 3);
	ck_assert_uint_eq(totals.lost, 0);
	ck_assert_str_eq(segments(NULL), "[1, 3) [1, 3) 0, [3, 4) [3, 4) 0");
}
END_TEST

START_TEST(in_use_rounds_outwards)
{
	ram(0x1000, 0x9000);
	use(0x2fff, 2);
	use(0x8000, 1);
	ck_assert_str_eq(segments(NULL),
	    "[1, 4) [1, 2) 0, [4, 9) [4, 8) 0, [9, 10) [9, 10) 0");
	ck_assert_uint_eq(count(0).available, 6);
	ck_assert_uint_eq(count(0).frames, 9);
}
END_TEST

START_TEST(page_sizes)
{
	ram(0x3000, 0x1f000);
	ck_assert_uint_eq(count(12).frames, 0x1f);
	ck_assert_uint_eq(count(14).frames, 7);
	ck_assert_uint_eq(count(14).lost, 0x3000);
	ck_assert_uint_eq(count(16).frames, 1);
	ck_assert_uint_eq(count(16).lost, 0xf000);
	ck_assert_uint_eq(count(21).frames, 0);
	ck_assert_uint_eq(count(21).lost, 0x1f000);
	ck_assert_uint_eq(count(63).lost, 0x1f000);
	ck_assert_uint_eq(count(1).frames, 0x1f000 / 2);
}
END_TEST

/* ---- segments ---- */

START_TEST(lists_cut)
{
	static const struct physseg_memmap_list lists[] = { { 0, 3 }, { 16, 2 },
		{ 64, 5 } };
	const struct physseg_memmap_layout layout = { .lists = lists,
		.nlists = 3 };

	ram(0, 100 * PAGE);
	ck_assert_str_eq(segments(&layout),
	    "[0, 16) [0, 16) 3, [16, 64) [16, 64) 2, "
	    "[64, 100) [64, 100) 5");
	use(10 * PAGE, 60 * PAGE);
	ck_assert_str_eq(segments(&layout),
	    "[0, 16) [0, 10) 3, [16, 64) [16, 16) 2, "
	    "[64, 100) [70, 100) 5");
}
END_TEST

/* One available range each, and as few as there can be. */
START_TEST(one_available_range)
{
	ram(0, 20 * PAGE);
	use(0, PAGE);
	use(3 * PAGE, PAGE);
	use(5 * PAGE, 2 * PAGE);
	use(18 * PAGE, 2 * PAGE);
	ck_assert_str_eq(segments(NULL),
	    "[0, 4) [1, 3) 0, [4, 7) [4, 5) 0, [7, 20) [7, 18) 0");
}
END_TEST

START_TEST(kinds_cut_and_may_be_left_out)
{
	struct physseg_memmap_layout layout = { .leave_out = 0 };

	ram(0, 4 * PAGE);
	add(4 * PAGE, 4 * PAGE, PHYSSEG_KIND_PERSISTENT);
	add(8 * PAGE, 4 * PAGE, PHYSSEG_KIND_SOFT_RESERVED);
	add(12 * PAGE, 4 * PAGE, PHYSSEG_KIND_UNACCEPTED);
	ck_assert_str_eq(segments(&layout),
	    "[0, 4) [0, 4) 0, [4, 8) [4, 4) 0, [8, 12) [8, 8) 0");
	layout.leave_out = 1u << PHYSSEG_KIND_PERSISTENT;
	ck_assert_str_eq(
	    segments(&layout), "[0, 4) [0, 4) 0, [8, 12) [8, 8) 0");
}
END_TEST

START_TEST(refusals_of_a_layout)
{
	static const struct physseg_memmap_list not_from_0[] = { { 1, 0 } },
						falling[] = { { 0, 0 },
							{ 9, 1 }, { 9, 2 } };
	const struct physseg_memmap_layout layouts[] = { { .page_shift = 64 },
		{ .lists = not_from_0, .nlists = 1 },
		{ .lists = falling, .nlists = 3 } };

	ram(0, 0x100000);
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		refused(physseg_memmap_segments(
			    &memmap, &layouts[i], print_segment, NULL, &reason),
		    PHYSSEG_EINVAL, 0, 0);
}
END_TEST

static int
refuse_second(void *arg, const struct physseg_memmap_segment *segment)
{
	int *calls = arg;

	(void)segment;
	return ++*calls == 2 ? 1234 : 0;
}

START_TEST(a_visitor_ends_the_walk)
{
	int calls = 0;

	ram(0x1000, 0x1000);
	ram(0x3000, 0x2000);
	ram(0x7000, 0x1000);
	refused(physseg_memmap_segments(
		    &memmap, NULL, refuse_second, &calls, &reason),
	    1234, 0x3000, 0x4fff);
	ck_assert_int_eq(calls, 2);
}
END_TEST

START_TEST(frames_that_do_not_fit)
{
	struct physseg_memmap_totals totals;
	int error;

	ram(0x1000, 0x1000);
	ram(UINT64_C(0xfffffffe) * PAGE, PAGE); /* still fits 32 bits */
	ck_assert_int_eq(
	    physseg_memmap_count(&memmap, NULL, &totals, NULL), PHYSSEG_OK);
	ck_assert_uint_eq(totals.frames, 2);
	ram(UINT64_C(0xffffffff) * PAGE, PAGE);
	error = physseg_memmap_count(&memmap, NULL, &totals, &reason);
	if (PHYSSEG_PFN_BITS == 32)
		refused(error, PHYSSEG_ERANGE, 0xfffffffe000, 0xfffffffffff);
	else
		ck_assert_int_eq(error, PHYSSEG_OK);
}
END_TEST

/* ---- size ---- */

/* As long as a real PC's: 312 entries, ragged, from above and from below. */
START_TEST(long_lists)
{
	static struct physseg_memmap_entry many[2 * 312];
	struct physseg_memmap_totals totals;

	for (int down = 0; down < 2; down++) {
		physseg_memmap_init(&memmap, many, 2 * 312);
		for (unsigned i = 0; i < 312; i++) {
			const uint64_t n = down ? 311 - i : i;

			add(n * 0x1800, 0x1800,
			    n % 2 == 0 ? PHYSSEG_KIND_RAM
				       : PHYSSEG_KIND_RESERVED);
		}
		ck_assert_uint_eq(memmap.used, 312);
		ck_assert_int_eq(
		    physseg_memmap_count(&memmap, NULL, &totals, NULL),
		    PHYSSEG_OK);
		/* RAM is [3k, 3k + 1.5) pages, k even: a whole page, and half
		 * a page that is reserved behind it. */
		ck_assert_uint_eq(totals.segments, 156);
		ck_assert_uint_eq(totals.frames, 156);
		ck_assert_uint_eq(totals.lost, 156 * 0x800);
	}
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(physseg_kind_name(PHYSSEG_KIND_RAM), "RAM");
	for (int i = 0; i < PHYSSEG_KINDS; i++)
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(
			    physseg_kind_name((enum physseg_region_kind)i),
			    physseg_kind_name((enum physseg_region_kind)j));
	ck_assert_str_eq(physseg_kind_name(PHYSSEG_KINDS), "unknown");
	ck_assert_int_le(PHYSSEG_KINDS, 16); /* totals.pages */
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("memmap");
	TCase *t = tcase_create("memmap");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, empty);
	tcase_add_test(t, precedence);
	tcase_add_test(t, overlaps);
	tcase_add_test(t, touching_regions_are_joined);
	tcase_add_test(t, flags_are_united);
	tcase_add_test(t, nodes);
	tcase_add_test(t, nodes_that_contradict);
	tcase_add_test(t, the_last_byte);
	tcase_add_test(t, the_whole_address_space);
	tcase_add_test(t, refusals_of_a_call);
	tcase_add_test(t, a_full_array);
	tcase_add_test(t, an_order_beats_firmware);
	tcase_add_test(t, a_clip_cuts_memory_only);
	tcase_add_test(t, a_clip_of_all_but_a_byte);
	tcase_add_test(t, entries_not_in_use);
	tcase_add_test(t, in_use_is_a_flag_over_memory);
	tcase_add_test(t, a_node_makes_no_memory);
	tcase_add_test(t, joined_before_rounded);
	tcase_add_test(t, what_is_lost_is_counted);
	tcase_add_test(t, the_first_byte_decides);
	tcase_add_test(t, in_use_rounds_outwards);
	tcase_add_test(t, page_sizes);
	tcase_add_test(t, lists_cut);
	tcase_add_test(t, one_available_range);
	tcase_add_test(t, kinds_cut_and_may_be_left_out);
	tcase_add_test(t, refusals_of_a_layout);
	tcase_add_test(t, a_visitor_ends_the_walk);
	tcase_add_test(t, frames_that_do_not_fit);
	tcase_add_test(t, long_lists);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
