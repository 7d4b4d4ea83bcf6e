/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_walk.c -- lookups, walks and handles: live, stale,
 * forged.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/lifecycle.h>

#include "engine.h"

#include "support.h"

#define PAGE 24

static struct test_map t;

/* The paper's: three segments loaded out of order, sizes 20, 10, 30. */
static const struct {
	physseg_pfn_t start, end;
} loaded[] = { { 200, 220 }, { 100, 110 }, { 300, 330 } };

static const size_t sorted[] = { 1, 0, 2 };
static const size_t bysize[] = { 2, 0, 1 };
static const size_t asloaded[] = { 0, 1, 2 };

/* False: this backend holds one segment only; then that is loaded. */
static bool
begin(const char *test)
{
	size_t n = 3;

	test_map_init(&t, PAGE);
	test_map_boot(&t);
	if (test_map_capacity(&t) < n) {
		test_skip(test, "room for one segment only");
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(physseg_plug(t.map, loaded[i].start,
				     loaded[i].end - loaded[i].start, 0, NULL),
		    0);
	return n == 3;
}

static physseg_t
at(physseg_pfn_t pfn)
{
	return physseg_find(t.map, pfn, NULL);
}

/* ---- lookups ---- */

START_TEST(test_find)
{
	physseg_pfn_t offset;
	size_t n = begin("test_find") ? 3 : 1;

	for (size_t i = 0; i < n; i++)
		for (physseg_pfn_t f = loaded[i].start - 2;
		     f < loaded[i].end + 2; f++) {
			bool in = f >= loaded[i].start && f < loaded[i].end;

			offset = 4711;
			ck_assert((physseg_find(t.map, f, &offset) !=
				      PHYSSEG_NONE) == in);
			ck_assert_uint_eq(
			    offset, in ? f - loaded[i].start : 4711);
		}
	ck_assert_ptr_eq(at(0), PHYSSEG_NONE);
	ck_assert_ptr_eq(at(PHYSSEG_NOFRAME), PHYSSEG_NONE);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_page_and_frame)
{
	size_t n = begin("test_page_and_frame") ? 3 : 1;
	char stranger[PAGE] = { 0 };

	test_map_switch(&t, 0);
	for (size_t i = 0; i < n; i++)
		for (physseg_pfn_t f = loaded[i].start; f < loaded[i].end;
		     f++) {
			struct physseg_info info;
			const char *page = physseg_page(t.map, f);

			ck_assert_int_eq(
			    physseg_get_info(t.map, at(f), &info), 0);
			ck_assert_ptr_eq(
			    page, (char *)info.pages + PAGE * (f - info.start));
			ck_assert_uint_eq(physseg_frame(t.map, page), f);
		}
	ck_assert_ptr_null(physseg_page(t.map, 199));
	ck_assert_ptr_null(physseg_page(t.map, PHYSSEG_NOFRAME));
	ck_assert_uint_eq(physseg_frame(t.map, NULL), PHYSSEG_NOFRAME);
	/* A copy of a page is none; nor is one of no frame of ours. */
	memcpy(stranger, physseg_page(t.map, 205), PAGE);
	ck_assert_uint_eq(physseg_frame(t.map, stranger), PHYSSEG_NOFRAME);
	memset(stranger, 0, PAGE);
	ck_assert_uint_eq(physseg_frame(t.map, stranger), PHYSSEG_NOFRAME);
	test_map_fini(&t);
}
END_TEST

/* A program's own backend need not know how to look up many. */
START_TEST(test_pages_one_by_one)
{
	const physseg_pfn_t pfns[] = { 205, 99, 219 };
	struct physseg_backend own;
	void *pages[3];

	test_map_init(&t, PAGE);
	own = *t.config.backend;
	own.pages = NULL;
	t.config.backend = &own;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 200, 20, 0, NULL), 0);
	test_map_switch(&t, 0);
	physseg_pages(t.map, pfns, 3, pages);
	for (size_t i = 0; i < 3; i++)
		ck_assert_ptr_eq(pages[i], physseg_page(t.map, pfns[i]));
	ck_assert_ptr_nonnull(pages[2]);
	test_map_fini(&t);
}
END_TEST

static void
no_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	(void)page;
	ck_abort_msg("frame 0x%" PRIx64 " has no page", (uint64_t)pfn);
}

static physseg_pfn_t
no_frame(void *ctx, const void *page)
{
	(void)ctx;
	ck_abort_msg("%p is no page", page);
}

/* The host of a registry may have hooks for pages: it has none. */
START_TEST(test_frame_in_registry)
{
	test_map_init(&t, 0);
	t.host.hooks.page_init = no_init;
	t.host.hooks.page_frame = no_frame;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 200, 20, 0, NULL), 0);
	physseg_set_running(t.map, true);
	ck_assert_uint_eq(physseg_frame(t.map, &t), PHYSSEG_NOFRAME);
	test_map_fini(&t);
}
END_TEST

/* A host that need not look into a page structure to know its frame. */
static const void *old_page;

static physseg_pfn_t
page_frame(void *ctx, const void *page)
{
	struct test_page p;

	(void)ctx;
	if (page == old_page)
		return 219;
	memcpy(&p, page, sizeof(p));
	return p.pfn;
}

/* A page of an unplugged frame is not the map's any more.  Nobody may look
 * into it: AddressSanitizer would tell. */
START_TEST(test_frame_of_old_page)
{
	test_map_init(&t, PAGE);
	t.host.hooks.page_frame = page_frame;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 200, 20, 0, NULL), 0);
	test_map_switch(&t, 0);
	old_page = physseg_page(t.map, 219);
	ck_assert_uint_eq(physseg_frame(t.map, old_page), 219);
	ck_assert_int_eq(physseg_unplug(t.map, 219, 1), 0);
	ck_assert_uint_eq(physseg_frame(t.map, old_page), PHYSSEG_NOFRAME);
	test_map_fini(&t);
}
END_TEST

/* ---- walks ---- */

START_TEST(test_order)
{
	const size_t *order = test_has(PHYSSEG_SORTED) ? sorted
	    : test_has(PHYSSEG_BYSIZE)		       ? bysize
						       : asloaded;
	physseg_t h = PHYSSEG_NONE;

	if (begin("test_order")) {
		h = physseg_first(t.map);
		for (size_t i = 0; i < 3; i++) {
			ck_assert_ptr_eq(h, at(loaded[order[i]].start));
			h = physseg_next(t.map, h);
		}
		ck_assert_ptr_eq(h, PHYSSEG_NONE);
		h = physseg_last(t.map);
		for (size_t i = 3; i-- > 0;) {
			ck_assert_ptr_eq(h, at(loaded[order[i]].start));
			h = physseg_prev(t.map, h);
		}
	}
	ck_assert_ptr_eq(h, PHYSSEG_NONE);
	ck_assert_ptr_eq(
	    physseg_next(t.map, physseg_last(t.map)), PHYSSEG_NONE);
	ck_assert_ptr_eq(
	    physseg_prev(t.map, physseg_first(t.map)), PHYSSEG_NONE);
	ck_assert_ptr_eq(physseg_next(t.map, PHYSSEG_NONE), PHYSSEG_NONE);
	ck_assert_ptr_eq(physseg_prev(t.map, PHYSSEG_NONE), PHYSSEG_NONE);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_from)
{
	if (!begin("test_from")) {
		ck_assert_ptr_eq(physseg_from(t.map, 0), at(200));
		ck_assert_ptr_eq(physseg_from(t.map, 219), at(200));
		ck_assert_ptr_eq(physseg_from(t.map, 220), PHYSSEG_NONE);
		test_map_fini(&t);
		return;
	}
	for (physseg_pfn_t f = 0; f < 340; f++)
		ck_assert_ptr_eq(physseg_from(t.map, f),
		    f < 110	  ? at(100)
			: f < 220 ? at(200)
			: f < 330 ? at(300)
				  : PHYSSEG_NONE);
	ck_assert_ptr_eq(physseg_from(t.map, PHYSSEG_NOFRAME), PHYSSEG_NONE);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_highest)
{
	bool three = begin("test_highest");

	ck_assert_uint_eq(physseg_highest_frame(t.map), three ? 329 : 219);
	if (three) {
		ck_assert_int_eq(physseg_unplug(t.map, 310, 20), 0);
		ck_assert_uint_eq(physseg_highest_frame(t.map), 309);
		ck_assert_int_eq(physseg_unplug(t.map, 300, 10), 0);
		ck_assert_uint_eq(physseg_highest_frame(t.map), 219);
		ck_assert_int_eq(physseg_unplug(t.map, 200, 20), 0);
		ck_assert_uint_eq(physseg_highest_frame(t.map), 109);
	}
	test_map_fini(&t);
}
END_TEST

/* Unplug while walking: the next first, or by frame. */
START_TEST(test_unplug_while_walking)
{
	physseg_pfn_t f = 0;
	physseg_t h;
	size_t n = 0;

	test_map_init(&t, PAGE);
	t.config.may_empty = true;
	test_map_boot(&t);
	for (physseg_pfn_t i = 0; i < test_map_capacity(&t); i++)
		ck_assert_int_eq(
		    physseg_plug(t.map, 10 * (31 - i), 5 + i % 5, 0, NULL), 0);
	while ((h = physseg_from(t.map, f)) != PHYSSEG_NONE) {
		struct physseg_info info;

		ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
		f = info.end;
		if (n++ % 3 != 0)
			ck_assert_int_eq(physseg_unplug(t.map, info.start,
					     info.end - info.start),
			    0);
	}
	ck_assert_uint_eq(n, test_map_capacity(&t));
	if (!test_has(PHYSSEG_POSITION)) {
		physseg_t next = physseg_first(t.map);

		while ((h = next) != PHYSSEG_NONE) {
			struct physseg_info info;

			next = physseg_next(t.map, h);
			ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
			ck_assert_int_eq(physseg_unplug(t.map, info.start,
					     info.end - info.start),
			    0);
		}
		ck_assert_ptr_eq(physseg_first(t.map), PHYSSEG_NONE);
	}
	test_map_fini(&t);
}
END_TEST

/* ---- handles ---- */

/* The paper's case: a segment below moves the positions, not the records. */
START_TEST(test_mutable)
{
	physseg_t h;

	test_map_init(&t, PAGE);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 256, 256, 0, &h), 0);
	if (test_map_capacity(&t) < 2) {
		test_skip("test_mutable", "room for one segment only");
		test_map_fini(&t);
		return;
	}
	ck_assert_int_eq(physseg_plug(t.map, 0, 256, 0, NULL), 0);
	if (test_has(PHYSSEG_POSITION) && test_has(PHYSSEG_SORTED))
		ck_assert_ptr_eq(at(0), h);
	else
		ck_assert_ptr_eq(at(256), h);
	ck_assert_int_eq(physseg_plug(t.map, 1000, 300, 0, NULL), 0);
	if (test_has(PHYSSEG_BYSIZE))
		ck_assert_ptr_eq(at(1000), h);
	test_map_fini(&t);
}
END_TEST

/* Bits at random name a segment only if a segment has them for a handle. */
START_TEST(test_forged)
{
	struct test_rng rng = { test_seed };
	struct physseg_info info;
	struct test_state state;

	begin("test_forged");
	test_map_switch(&t, 0);
	test_state_save(&state, &t);
	for (unsigned i = 0; i < 200000; i++) {
		uintptr_t bits = (uintptr_t)test_random(&rng);
		bool live = false;
		physseg_t h;

		bits >>= test_random_below(&rng, 8 * sizeof(bits));
		if (i % 4 == 0) /* a live one, a bit changed */
			bits = test_bits(state.handles[i % state.nhandles]) ^
			    (uintptr_t)1
				<< test_random_below(&rng, 8 * sizeof(bits));
		h = test_handle(bits);
		for (size_t k = 0; k < state.nhandles; k++)
			live |= state.handles[k] == h;
		test_assert(physseg_valid(t.map, h) == live);
		test_assert((physseg_get_info(t.map, h, &info) == 0) == live);
		test_assert(live || physseg_next(t.map, h) == PHYSSEG_NONE);
		test_assert(live || physseg_prev(t.map, h) == PHYSSEG_NONE);
		test_assert(live ||
		    physseg_set_start_hint(t.map, h, 0) == PHYSSEG_ENOENT);
	}
	ck_assert(test_state_unchanged(&state, &t));
	test_map_fini(&t);
}
END_TEST

#define LIVES 3000

/* One record, many lives: no two share a handle, the old ones stay stale.  On
 * 32-bit hosts a record has fewer, then another one takes over. */
START_TEST(test_generations)
{
	const uintptr_t lives = UINTPTR_MAX / (PHYSSEG_RECORDS_MAX + 1) / 2 + 1;
	static physseg_t old[LIVES];
	physseg_t h;

	if (test_has(PHYSSEG_POSITION)) {
		test_skip("test_generations", "handles are positions");
		return;
	}
	test_map_init(&t, PAGE);
	t.config.may_empty = true;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, 1, 0, NULL), 0);
	test_map_switch(&t, 0);
	for (size_t i = 0; i < LIVES; i++) {
		ck_assert_int_eq(physseg_plug(t.map, 100, 2, 0, &h), 0);
		ck_assert_ptr_eq(at(101), h);
		for (size_t k = 0; k < i; k++)
			test_assert(old[k] != h);
		old[i] = h;
		ck_assert_int_eq(physseg_unplug(t.map, 100, 2), 0);
	}
	for (size_t k = 0; k < LIVES; k++)
		ck_assert(!physseg_valid(t.map, old[k]));
	ck_assert_uint_eq(t.map->nrecords, 1 + (LIVES + lives - 1) / lives);
	test_map_fini(&t);
}
END_TEST

/* A record whose generations are used up is retired. */
START_TEST(test_last_generation)
{
	const uintptr_t generation = (uintptr_t)PHYSSEG_RECORDS_MAX + 1;
	const uintptr_t last = UINTPTR_MAX - PHYSSEG_RECORDS_MAX;
	struct physseg_record *rec;
	physseg_t h, h2;

	if (test_has(PHYSSEG_POSITION)) {
		test_skip("test_last_generation", "handles are positions");
		return;
	}
	test_map_init(&t, PAGE);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, 1, 0, NULL), 0);
	test_map_switch(&t, 0);
	ck_assert_int_eq(physseg_plug(t.map, 100, 2, 0, NULL), 0);
	rec = physseg_record_at(t.map, 1);
	ck_assert_uint_eq(rec->handle, test_bits(at(100)));
	ck_assert_uint_eq(last & generation, generation);
	rec->handle = last | 1;
	h = at(100);
	ck_assert_uint_eq(test_bits(h), last | 1);
	ck_assert(physseg_valid(t.map, h));
	ck_assert_ptr_null(physseg_check(t.map));
	ck_assert_int_eq(physseg_unplug(t.map, 100, 2), 0);
	ck_assert(!physseg_valid(t.map, h));
	ck_assert_ptr_null(physseg_check(t.map));
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(physseg_plug(t.map, 100, 2, 0, &h2), 0);
		ck_assert_ptr_ne(h2, PHYSSEG_NONE);
		ck_assert_uint_ne(test_bits(h2) & PHYSSEG_RECORDS_MAX, 1);
		ck_assert(!physseg_valid(t.map, h));
		ck_assert_int_eq(physseg_unplug(t.map, 100, 2), 0);
	}
	test_map_fini(&t);
}
END_TEST

/* Nor where other records that were no segments yet were given back. */
START_TEST(test_last_generation_beside_idle)
{
	const uintptr_t last = UINTPTR_MAX - PHYSSEG_RECORDS_MAX;
	struct physseg_removal *removal;
	struct physseg_record *rec;
	physseg_t h, h2;

	if (test_has(PHYSSEG_POSITION)) {
		test_skip("test_last_generation_beside_idle",
		    "handles are positions");
		return;
	}
	for (int above = 0; above < 2; above++) {
		test_map_init(&t, PAGE);
		test_map_boot(&t);
		ck_assert_int_eq(physseg_plug(t.map, 0, 100, 0, NULL), 0);
		test_map_switch(&t, 0);
		ck_assert_int_eq(physseg_remove_begin(t.map, 10, 10,
				     PHYSSEG_REMOVE_UNPLUG, &removal, NULL),
		    0); /* with record 1 for what is above */
		ck_assert_int_eq(physseg_plug(t.map, 300, 2, 0, NULL), 0);
		ck_assert_int_eq(physseg_plug(t.map, 200, 2, 0, NULL), 0);
		rec = physseg_record_at(t.map, 3);
		ck_assert_uint_eq(rec->handle, test_bits(at(200)));
		rec->handle = last | 3;
		h = at(200);
		if (above != 0) /* has a record above */
			ck_assert_int_eq(
			    physseg_plug(t.map, 350, 2, 0, NULL), 0);
		ck_assert_int_eq(physseg_unplug(t.map, 200, 2), 0);
		ck_assert_int_eq(physseg_remove_cancel(removal), 0);
		ck_assert_ptr_null(physseg_check(t.map));
		for (physseg_pfn_t i = 0; i < 40; i++) {
			ck_assert_int_eq(
			    physseg_plug(t.map, 400 + 4 * i, 2, 0, &h2), 0);
			ck_assert_uint_ne(
			    test_bits(h2) & PHYSSEG_RECORDS_MAX, 3);
			ck_assert(!physseg_valid(t.map, h));
		}
		ck_assert_ptr_null(physseg_check(t.map));
		test_map_fini(&t);
	}
}
END_TEST

/* Where handles are positions, a slot's record is used for ever. */
START_TEST(test_lives_of_a_slot)
{
	struct physseg_record *rec;

	if (!test_has(PHYSSEG_POSITION)) {
		test_skip("test_lives_of_a_slot", "handles are no positions");
		return;
	}
	test_map_init(&t, PAGE);
	t.config.capacity = 1;
	t.config.may_empty = true;
	test_map_boot(&t);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(physseg_plug(t.map, 100, 2, 0, NULL), 0);
		rec = physseg_record_at(t.map, 0);
		rec->handle |= UINTPTR_MAX - PHYSSEG_RECORDS_MAX;
		ck_assert_int_eq(physseg_unplug(t.map, 100, 2), 0);
	}
	test_map_fini(&t);
}
END_TEST

/* ---- attributes ---- */

START_TEST(test_start_hint)
{
	const unsigned long hints[] = { 0, 1, 19, 20, 21, (unsigned long)-1 };
	struct physseg_info info;

	begin("test_start_hint");
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		ck_assert_int_eq(physseg_get_info(t.map, at(200), &info), 0);
		ck_assert_uint_eq(info.start_hint, i == 0 ? 0 : hints[i - 1]);
		ck_assert_int_eq(
		    physseg_set_start_hint(t.map, at(200), hints[i]), 0);
	}
	/* An unplug, even elsewhere in the segment, ends a senseless hint. */
	ck_assert_int_eq(physseg_unplug(t.map, 219, 1), 0);
	ck_assert_int_eq(physseg_get_info(t.map, at(200), &info), 0);
	ck_assert_uint_eq(info.start_hint, 0);
	test_map_fini(&t);
}
END_TEST

/* The greatest alignment that an object of so many bytes may have. */
static size_t
alignment_of(size_t size)
{
	size_t align = 1;

	while (2 * align <= size && align < _Alignof(max_align_t))
		align *= 2;
	return align;
}

/* How many segments there are; the data of each is aligned. */
static size_t
aligned_data(size_t size)
{
	struct physseg_info info;
	physseg_t h;
	size_t n = 0;

	PHYSSEG_FOREACH(h, t.map) {
		ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
		ck_assert_uint_eq((uintptr_t)info.data % alignment_of(size), 0);
		n++;
	}
	return n;
}

/* Whatever the size, in records of boot and in two of the host's chunks. */
START_TEST(test_data_is_aligned)
{
	for (size_t size = 1; size <= 200; size++) {
		size_t room;

		test_map_init(&t, 0);
		t.config.data_size = size;
		t.config.capacity = t.config.boot_records = 4;
		test_map_boot(&t);
		room = test_map_capacity(&t);
		for (physseg_pfn_t i = 0; i < room; i++)
			ck_assert_int_eq(
			    physseg_plug(t.map, 10 * i, 1, 0, NULL), 0);
		ck_assert_uint_eq(aligned_data(size), room);
		test_map_switch(&t, 0);
		if (test_has(PHYSSEG_HOTPLUG)) {
			for (size_t i = room; i < room + 70; i++)
				ck_assert_int_eq(
				    physseg_plug(t.map, (physseg_pfn_t)(10 * i),
					1, 0, NULL),
				    0);
			ck_assert_uint_eq(aligned_data(size), room + 70);
		}
		test_map_fini(&t);
	}
	if (!test_has(PHYSSEG_HOTPLUG))
		test_skip("test_data_is_aligned",
		    "no hot plug: all records are those of boot");
}
END_TEST

/* Each segment's data is its own, of the size asked for, zeroed anew. */
START_TEST(test_data)
{
	const size_t sizes[] = { 0, 1, 8, 13, 64, 500 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i] != 0 ? sizes[i] : sizeof(void *);
		struct physseg_info info;

		test_map_init(&t, PAGE);
		t.config.data_size = sizes[i];
		t.config.may_empty = true;
		test_map_boot(&t);
		for (physseg_pfn_t k = 0; k < test_map_capacity(&t); k++) {
			ck_assert_int_eq(
			    physseg_plug(t.map, 10 * k, 5, 0, NULL), 0);
			ck_assert_int_eq(
			    physseg_get_info(t.map, at(10 * k), &info), 0);
			for (size_t b = 0; b < size; b++)
				ck_assert_uint_eq(
				    ((unsigned char *)info.data)[b], 0);
			memset(info.data, (int)k + 1, size);
		}
		for (physseg_pfn_t k = 0; k < test_map_capacity(&t); k++) {
			ck_assert_int_eq(
			    physseg_get_info(t.map, at(10 * k), &info), 0);
			for (size_t b = 0; b < size; b++)
				ck_assert_uint_eq(
				    ((unsigned char *)info.data)[b], k + 1);
		}
		if (test_backend->bounded) { /* a slot's record is reused */
			ck_assert_int_eq(physseg_unplug(t.map, 0, 5), 0);
			ck_assert_int_eq(physseg_plug(t.map, 0, 5, 0, NULL), 0);
			ck_assert_int_eq(
			    physseg_get_info(t.map, at(0), &info), 0);
			ck_assert_uint_eq(*(unsigned char *)info.data, 0);
		}
		test_map_fini(&t);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_walk");
	TCase *tc = tcase_create("lookup");

	tcase_add_test(tc, test_find);
	tcase_add_test(tc, test_page_and_frame);
	tcase_add_test(tc, test_pages_one_by_one);
	tcase_add_test(tc, test_frame_in_registry);
	tcase_add_test(tc, test_frame_of_old_page);
	suite_add_tcase(s, tc);
	tc = tcase_create("walk");
	tcase_add_test(tc, test_order);
	tcase_add_test(tc, test_from);
	tcase_add_test(tc, test_highest);
	tcase_add_test(tc, test_unplug_while_walking);
	suite_add_tcase(s, tc);
	tc = tcase_create("handles");
	tcase_add_test(tc, test_mutable);
	tcase_add_test(tc, test_forged);
	tcase_add_test(tc, test_generations);
	tcase_add_test(tc, test_last_generation);
	tcase_add_test(tc, test_last_generation_beside_idle);
	tcase_add_test(tc, test_lives_of_a_slot);
	suite_add_tcase(s, tc);
	tc = tcase_create("attributes");
	tcase_add_test(tc, test_start_hint);
	tcase_add_test(tc, test_data_is_aligned);
	tcase_add_test(tc, test_data);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
