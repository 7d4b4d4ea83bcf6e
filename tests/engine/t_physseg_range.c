/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_range.c -- ranges over several segments: whether they
 * are there, how they leave, what becomes one segment, and whole blocks.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#define PAGE	24
#define UNPLUG	PHYSSEG_REMOVE_UNPLUG
#define OFFLINE PHYSSEG_REMOVE_OFFLINE

#define ok(call) ck_assert_int_eq((call), PHYSSEG_OK)

static struct test_map t;
static unsigned syncs;

static void
count_sync(void *ctx)
{
	(void)ctx;
	syncs++;
}

static void
checked(void)
{
	const char *broken = physseg_check(t.map);

	ck_assert_msg(broken == NULL, "%s", broken);
}

static struct physseg_stats
stats(void)
{
	struct physseg_stats s;

	physseg_get_stats(t.map, &s);
	return s;
}

static physseg_t
at(physseg_pfn_t pfn)
{
	return physseg_find(t.map, pfn, NULL);
}

static struct physseg_info
info_at(physseg_pfn_t pfn)
{
	struct physseg_info info;

	ok(physseg_get_info(t.map, at(pfn), &info));
	return info;
}

/* The segment of this frame is [start, end). */
static void
is(physseg_pfn_t pfn, physseg_pfn_t start, physseg_pfn_t end)
{
	ck_assert_uint_eq(info_at(pfn).start, start);
	ck_assert_uint_eq(info_at(pfn).end, end);
}

static void
boot(size_t page_size)
{
	test_map_init(&t, page_size);
	t.config.may_empty = true;
	t.config.data_size = 8;
	t.host.hooks.sync = count_sync;
	test_map_boot(&t);
}

static void
add(physseg_pfn_t pfn, physseg_pfn_t n, int kind)
{
	const struct physseg_addition a = { .pfn = pfn, .n = n, .kind = kind };

	ok(physseg_add(t.map, &a, NULL, NULL));
	checked();
}

/* ---- a row of segments ---- */

static bool there[70], online[70]; /* what is expected of a frame */

/* [10, 20) [20, 30) [30, 40), [50, 60), of two kinds; or [10, 30). */
static void
row(void)
{
	boot(PAGE);
	memset(there, 0, sizeof(there));
	add(10, test_map_capacity(&t) >= 4 ? 10 : 20, PHYSSEG_RAM);
	if (test_map_capacity(&t) >= 4) {
		add(20, 10, PHYSSEG_DEVICE);
		add(30, 10, PHYSSEG_RAM);
		add(50, 10, PHYSSEG_RAM);
		add(68, 1, PHYSSEG_RAM);
	}
	test_map_switch(&t, 0);
	/* Readers were waited for since the switch. */
	if (test_map_capacity(&t) >= 4)
		ok(physseg_unplug(t.map, 68, 1));
	for (physseg_pfn_t f = 0; f < 70; f++)
		there[f] = at(f) != PHYSSEG_NONE;
	memcpy(online, there, sizeof(online));
	ck_assert_uint_eq(stats().apart, test_map_capacity(&t) >= 4 ? 2 : 0);
}

static physseg_pfn_t
first_missing(const bool *frames, physseg_pfn_t pfn, physseg_pfn_t n)
{
	while (n > 0 && frames[pfn]) {
		pfn++;
		n--;
	}
	return n == 0 ? PHYSSEG_NOFRAME : pfn;
}

static void
check_covers(physseg_pfn_t pfn, physseg_pfn_t n, bool on)
{
	const physseg_pfn_t miss = first_missing(on ? online : there, pfn, n);
	physseg_pfn_t missing = PHYSSEG_NOFRAME;

	test_assert(physseg_covers(t.map, pfn, n, on, NULL) ==
	    (miss == PHYSSEG_NOFRAME));
	(void)physseg_covers(t.map, pfn, n, on, &missing);
	test_assert(missing == miss);
}

START_TEST(test_covers)
{
	physseg_pfn_t missing = 0;

	row();
	if (test_map_capacity(&t) >= 7) {
		ok(physseg_remove(t.map, 15, 10, OFFLINE, NULL));
		memset(&online[15], 0, 10);
	} else {
		ok(physseg_remove(t.map, 10, 20, OFFLINE, NULL));
		memset(online, 0, sizeof(online));
	}
	for (physseg_pfn_t pfn = 0; pfn < 70; pfn++)
		for (physseg_pfn_t n = 0; pfn + n <= 70; n++) {
			check_covers(pfn, n, false);
			check_covers(pfn, n, true);
		}
	/* To the end of all frames, and beyond. */
	ck_assert(!physseg_covers(t.map, 10, PHYSSEG_NOFRAME, false, &missing));
	ck_assert(!there[missing] && there[missing - 1]);
	test_map_fini(&t);
	boot(0);
	add(PHYSSEG_NOFRAME - 10, 10, 0);
	ck_assert(physseg_covers(t.map, PHYSSEG_NOFRAME - 10, 10, true, NULL));
	ck_assert(
	    !physseg_covers(t.map, PHYSSEG_NOFRAME - 10, 11, true, &missing));
	ck_assert_uint_eq(missing, PHYSSEG_NOFRAME);
	ck_assert(!physseg_covers(
	    t.map, PHYSSEG_NOFRAME - 10, PHYSSEG_NOFRAME, true, &missing));
	ck_assert_uint_eq(missing, PHYSSEG_NOFRAME);
	test_map_fini(&t);
}
END_TEST

/* ---- leaving, over several ---- */

static void
check_gone(physseg_pfn_t pfn, physseg_pfn_t n)
{
	physseg_pfn_t frames = 0;

	for (physseg_pfn_t f = 0; f < 70; f++) {
		const bool stays = there[f] && (f < pfn || f >= pfn + n);
		struct test_page p;

		test_assert((at(f) != PHYSSEG_NONE) == stays);
		test_assert((physseg_page(t.map, f) != NULL) == stays);
		frames += stays;
		if (stays) {
			memcpy(&p, physseg_page(t.map, f), sizeof(p));
			test_assert(p.pfn == f);
		}
	}
	ck_assert_uint_eq(stats().frames, frames);
	ck_assert_uint_eq(stats().counted, frames);
	ck_assert_uint_eq(t.host.counted, frames);
}

static void
unplug(physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct physseg_reason reason;
	struct test_state state;
	physseg_pfn_t miss;
	int error;

	row();
	miss = first_missing(there, pfn, n);
	error = miss == PHYSSEG_NOFRAME ? PHYSSEG_OK
	    : miss == pfn		? PHYSSEG_ENOENT
					: PHYSSEG_ESPAN;
	if (error == PHYSSEG_OK && test_map_capacity(&t) == 1 && pfn > 10 &&
	    pfn + n < 30)
		error = PHYSSEG_ENOSLOT;
	test_state_save(&state, &t);
	syncs = 0;
	if (error != PHYSSEG_OK) {
		ck_assert_int_eq(
		    physseg_remove(t.map, pfn, n, UNPLUG, &reason), error);
		if (miss != PHYSSEG_NOFRAME)
			ck_assert_uint_eq(reason.frame, miss);
		ck_assert_int_eq(physseg_unplug(t.map, pfn, n), error);
		ck_assert(test_state_unchanged(&state, &t));
		ck_assert_uint_eq(syncs, 0);
	} else {
		ok(physseg_unplug(t.map, pfn, n));
		checked();
		check_gone(pfn, n);
		ck_assert_uint_eq(syncs, test_has(PHYSSEG_LOCKFREE));
		test_state_free(&state);
	}
	test_map_fini(&t);
}

START_TEST(test_unplug)
{
	static const physseg_pfn_t bounds[] = { 5, 9, 10, 11, 15, 19, 20, 21,
		29, 30, 31, 39, 40, 45, 49, 50, 55, 59, 60, 65 };
	const size_t n = sizeof(bounds) / sizeof(bounds[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			unplug(bounds[i], bounds[k] - bounds[i]);
}
END_TEST

/* ---- coalescing ---- */

static const uint64_t some = 7;

/* In what a neighbour differs. */
enum difference {
	NOTHING,
	FREE_LIST,
	NODE,
	KIND,
	STATE,
	DATA,
	RESERVED,
	HINT,
	NDIFFERENCES
};

static struct physseg_addition
differing(physseg_pfn_t pfn, enum difference d)
{
	return (struct physseg_addition){
		.pfn = pfn,
		.n = 10,
		.free_list = d == FREE_LIST,
		.node = d == NODE,
		.kind = d == KIND,
		.state = d == STATE ? PHYSSEG_OFFLINE : PHYSSEG_ONLINE,
		.data = d == DATA ? &some : NULL,
		.reserved_low = d == RESERVED,
		.reserved_high = d == RESERVED,
	};
}

/* Three that touch: the outer ones first, of which one differs. */
static void
three(enum difference lower, enum difference upper)
{
	struct physseg_addition a = differing(100, lower);
	const size_t n = 1 + (size_t)(lower != NOTHING) + (upper != NOTHING);

	ok(physseg_add(t.map, &a, NULL, NULL));
	if (lower == HINT)
		ok(physseg_set_start_hint(t.map, at(100), 3));
	a = differing(120, upper);
	ok(physseg_add(t.map, &a, NULL, NULL));
	if (upper == HINT)
		ok(physseg_set_start_hint(t.map, at(120), 3));
	checked();
	a = differing(110, NOTHING);
	ok(physseg_add(t.map, &a, NULL, NULL));
	checked();
	ck_assert_uint_eq(stats().segments, n);
	ck_assert_uint_eq(stats().apart, n - 1);
	is(115, lower == NOTHING ? 100 : 110, upper == NOTHING ? 130 : 120);
}

/* At boot, where nothing has page structures yet, and of registries. */
START_TEST(test_join_loads)
{
	const enum difference d = (enum difference)(_i / 4);
	const bool below = _i % 2 != 0;

	test_map_init(&t, _i / 2 % 2 != 0 ? PAGE : 0);
	t.config.coalesce = true;
	t.config.data_size = 8;
	test_map_boot(&t);
	if (test_map_capacity(&t) < 3)
		test_skip("loads", "room for one segment only");
	else {
		three(below ? d : NOTHING, below ? NOTHING : d);
		test_map_switch(&t, 0);
	}
	test_map_fini(&t);
}
END_TEST

static bool
run(size_t page_size, size_t spare)
{
	test_map_init(&t, page_size);
	t.config.coalesce = true;
	t.config.may_empty = true;
	t.config.data_size = 8;
	t.host.hooks.sync = count_sync;
	test_map_boot(&t);
	ok(physseg_plug(t.map, 0, 40, 3, NULL));
	test_map_switch(&t, spare);
	if (test_has(PHYSSEG_HOTPLUG))
		return true;
	test_skip("joined while it runs", "no hot plug");
	test_map_fini(&t);
	return false;
}

/* A hole is filled: one segment again, where the page structures are there. */
START_TEST(test_refilled)
{
	const size_t sizes[] = { 0, PAGE, PAGE };
	const size_t spares[] = { 0, 30, 0 }; /* a slab of the host's last */
	physseg_t lower, upper;
	uint64_t data = 3;

	if (!run(sizes[_i], spares[_i]))
		return;
	ok(physseg_plug(t.map, 100, 30, 1, &lower));
	ok(physseg_unplug(t.map, 110, 10));
	upper = at(125);
	ck_assert_ptr_ne(upper, lower);
	ck_assert_ptr_eq(at(105), lower);
	ok(physseg_plug(t.map, 110, 10, 1, NULL));
	checked();
	is(115, 100, 130);
	ck_assert_ptr_eq(at(129), lower);
	ck_assert(!physseg_valid(t.map, upper));
	ck_assert_uint_eq(stats().segments, 2);
	ck_assert_uint_eq(stats().apart, 0);
	ck_assert_uint_eq(info_at(100).counted, sizes[_i] == 0 ? 0 : 30);
	ck_assert_uint_eq(info_at(100).avail_end, 130);
	/* Not if the data of a part were changed meanwhile. */
	ok(physseg_unplug(t.map, 110, 10));
	memcpy(info_at(125).data, &data, sizeof(data));
	ok(physseg_plug(t.map, 110, 10, 1, NULL));
	checked();
	is(115, 100, 120);
	ck_assert_uint_eq(stats().apart, 1);
	test_map_fini(&t);
}
END_TEST

/* Arrays of the caller's that go on, and such that do not. */
START_TEST(test_join_arrays)
{
	char *mem = calloc(40, PAGE);
	struct physseg_addition a = { .n = 10, .source = PHYSSEG_FROM_CALLER };
	const size_t places[] = { 0, 20, 10 };
	const physseg_pfn_t frames[] = { 100, 120, 110 };

	if (run(PAGE, 0)) {
		for (size_t i = 0; i < 3; i++) {
			a.pfn = frames[i];
			a.pages = mem + places[i] * PAGE;
			ok(physseg_add(t.map, &a, NULL, NULL));
			checked();
		}
		is(115, 100, 130);
		a.pfn = 130;
		a.pages = mem + (size_t)30 * PAGE;
		a.n = 5;
		ok(physseg_add(t.map, &a, NULL, NULL));
		is(130, 100, 135);
		a.pfn = 135; /* not where 134 ends */
		a.pages = mem + (size_t)36 * PAGE;
		a.n = 4;
		ok(physseg_add(t.map, &a, NULL, NULL));
		checked();
		is(135, 135, 139);
		ck_assert_uint_eq(stats().apart, 1);
		test_map_fini(&t);
	}
	free(mem);
}
END_TEST

/* While it runs, with page structures out of one slab. */
START_TEST(test_join_plugs)
{
	const enum difference d = (enum difference)(_i / 2);
	const bool below = _i % 2 != 0;

	if (!run(PAGE, 30))
		return;
	ok(physseg_plug(t.map, 100, 30, 2, NULL)); /* take all, in order */
	ok(physseg_unplug(t.map, 110, 10));
	ok(physseg_unplug(t.map, 100, 10)); /* each part where it was */
	ok(physseg_unplug(t.map, 120, 10));
	if (d == NOTHING || below) {
		/* The lower one takes the first free piece, and so on. */
		struct physseg_addition a = differing(100, d);

		ok(physseg_add(t.map, &a, NULL, NULL));
		if (d == HINT)
			ok(physseg_set_start_hint(t.map, at(100), 3));
		a = differing(110, NOTHING);
		ok(physseg_add(t.map, &a, NULL, NULL));
		a = differing(120, NOTHING);
		ok(physseg_add(t.map, &a, NULL, NULL));
		checked();
		is(115, d == NOTHING ? 100 : 110, 130);
	} else {
		struct physseg_addition a = differing(110, NOTHING);

		ok(physseg_add(t.map, &a, NULL, NULL));
		if (d == HINT)
			ok(physseg_set_start_hint(t.map, at(110), 3));
		a = differing(120, d);
		ok(physseg_add(t.map, &a, NULL, NULL));
		checked();
		is(115, 110, 120);
		is(125, 120, 130);
	}
	ck_assert_uint_eq(stats().apart, d != NOTHING);
	test_map_fini(&t);
}
END_TEST

/* A part goes offline and comes back: one segment again. */
START_TEST(test_states)
{
	physseg_t h, middle, upper;

	test_map_init(&t, _i != 0 ? PAGE : 0);
	t.config.coalesce = true;
	test_map_boot(&t);
	if (test_map_capacity(&t) < 4) {
		test_skip("states", "room for one segment only");
		test_map_fini(&t);
		return;
	}
	ok(physseg_plug(t.map, 100, 40, 0, &h));
	test_map_switch(&t, 0);
	ok(physseg_remove(t.map, 110, 10, OFFLINE, NULL));
	checked();
	is(110, 110, 120);
	is(120, 120, 140);
	ck_assert_uint_eq(stats().apart, 2);
	middle = at(110);
	upper = at(120);
	/* What is offline beside it joins that. */
	ok(physseg_remove(t.map, 120, 10, OFFLINE, NULL));
	checked();
	is(115, 110, 130);
	if (!test_has(PHYSSEG_POSITION)) {
		ck_assert_ptr_eq(at(129), middle);
		ck_assert_ptr_eq(at(135), upper);
	}
	if (_i != 0) { /* part of it is initialised: that stays known */
		physseg_pfn_t done;

		ok(physseg_init_pages(t.map, at(110), 20, &done));
		ck_assert_uint_eq(done, 20);
		test_log_clear(&t.host);
	}
	ok(physseg_online(t.map, 110, 20, NULL));
	checked();
	is(115, 100, 140);
	ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), 0);
	ck_assert_uint_eq(stats().apart, 0);
	if (!test_has(PHYSSEG_POSITION)) {
		ck_assert_ptr_eq(at(139), h);
		ck_assert(!physseg_valid(t.map, middle));
		ck_assert(!physseg_valid(t.map, upper));
	}
	test_map_fini(&t);
}
END_TEST

/* A map with [100, 140) that joins segments; of it [110, 120) is offline. */
static bool
start_offline(const char *test)
{
	test_map_init(&t, PAGE);
	t.config.coalesce = true;
	test_map_boot(&t);
	if (test_map_capacity(&t) < 5) {
		test_skip(test, "room for one segment only");
		test_map_fini(&t);
		return false;
	}
	ok(physseg_plug(t.map, 100, 40, 0, NULL));
	test_map_switch(&t, 0);
	ok(physseg_remove(t.map, 110, 10, OFFLINE, NULL));
	return true;
}

/* Offline, with page structures some of which are initialised: two segments
 * are joined only where one count can tell which are. */
START_TEST(test_states_initialised)
{
	static const physseg_pfn_t inits[][2] = { { 0, 0 }, { 5, 0 }, { 10, 0 },
		{ 10, 5 }, { 10, 10 }, { 0, 5 }, { 5, 5 } };
	const physseg_pfn_t *init = inits[_i];

	if (!start_offline("initialised"))
		return;
	/* [130, 140) is offline, too, then all between. */
	ok(physseg_remove(t.map, 130, 10, OFFLINE, NULL));
	if (init[0] != 0)
		ok(physseg_init_pages(t.map, at(110), init[0], NULL));
	if (init[1] != 0)
		ok(physseg_init_pages(t.map, at(130), init[1], NULL));
	ok(physseg_remove(t.map, 120, 10, OFFLINE, NULL));
	checked();
	test_log_clear(&t.host);
	ok(physseg_online(t.map, 110, 30, NULL));
	checked();
	ck_assert_uint_eq(
	    test_log_count(&t.host, TEST_INIT), 30 - init[0] - init[1]);
	is(125, 100, 140);
	for (physseg_pfn_t f = 100; f < 140; f++) {
		struct test_page p;

		memcpy(&p, physseg_page(t.map, f), sizeof(p));
		test_assert(p.pfn == f && p.inits == 1 && p.frees == 1);
	}
	test_map_fini(&t);
}
END_TEST

/* Two that touch, of which neither could be joined while a removal was open:
 * both are initialised, the lower one whole, when they become one. */
START_TEST(test_states_later)
{
	struct physseg_removal *removal;
	physseg_pfn_t done;

	if (!start_offline("later"))
		return;
	ok(physseg_remove_begin(t.map, 112, 2, UNPLUG, &removal, NULL));
	ok(physseg_remove(t.map, 120, 10, OFFLINE, NULL));
	ok(physseg_remove_cancel(removal));
	checked();
	is(115, 110, 120);
	ok(physseg_init_pages(t.map, at(110), 10, &done));
	ck_assert_uint_eq(done, 10);
	ok(physseg_init_pages(t.map, at(120), 4, &done));
	ck_assert_uint_eq(done, 4);
	ok(physseg_remove(t.map, 120, 1, OFFLINE, NULL)); /* it is already */
	checked();
	is(115, 110, 130);
	test_log_clear(&t.host);
	ok(physseg_init_pages(t.map, at(110), 100, &done));
	ck_assert_uint_eq(done, 6);
	for (size_t i = 0; i < 6; i++)
		ck_assert_uint_eq(t.host.log[i].pfn, 124 + i);
	ok(physseg_online(t.map, 110, 20, NULL));
	checked();
	ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), 6);
	test_map_fini(&t);
}
END_TEST

/* What lies behind an addition's data is not part of it.  There is room for one
 * segment, which grows. */
START_TEST(test_data_ends)
{
	char data[] = { 1, 2, 3, 0, 0 };
	struct physseg_addition a = { .pfn = 100, .n = 10, .data = data };

	test_map_init(&t, 0);
	t.config.coalesce = true;
	t.config.data_size = 3;
	t.config.capacity = t.config.boot_records = 1;
	test_map_boot(&t);
	ok(physseg_add(t.map, &a, NULL, NULL));
	a.pfn = 110;
	data[3] = 1;
	ok(physseg_add(t.map, &a, NULL, NULL));
	checked();
	is(115, 100, 120);
	ck_assert_int_eq(((char *)info_at(115).data)[2], 3);
	test_map_fini(&t);
}
END_TEST

/* One in which a removal is open is not joined, and does not grow. */
START_TEST(test_not_while_open)
{
	struct physseg_removal *removal;

	if (!run(PAGE, 30))
		return;
	ok(physseg_plug(t.map, 100, 30, 1, NULL));
	ok(physseg_unplug(t.map, 110, 10));
	ok(physseg_remove_begin(t.map, 122, 2, UNPLUG, &removal, NULL));
	ok(physseg_plug(t.map, 110, 10, 1, NULL));
	checked();
	is(115, 100, 120);
	is(125, 120, 130);
	ok(physseg_plug(t.map, 130, 5, 1, NULL));
	checked();
	is(130, 130, 135);
	ok(physseg_remove_cancel(removal));
	is(125, 120, 130); /* as it was */
	test_map_fini(&t);
}
END_TEST

/* Without the configuration nothing is joined. */
START_TEST(test_not_configured)
{
	boot(0);
	if (test_map_capacity(&t) > 1) {
		add(100, 10, 0);
		add(110, 10, 0);
		ck_assert_uint_eq(stats().segments, 2);
		ck_assert_uint_eq(stats().apart, 1);
		ok(physseg_switch(t.map, NULL, 0));
		ok(physseg_remove(t.map, 100, 10, OFFLINE, NULL));
		ok(physseg_remove(t.map, 110, 10, OFFLINE, NULL));
		ck_assert_uint_eq(stats().segments, 2);
	}
	test_map_fini(&t);
}
END_TEST

/* ---- blocks ---- */

static void
misaligned(physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t frame)
{
	struct physseg_reason reason;
	struct test_state state;

	test_state_save(&state, &t);
	for (unsigned how = 0; how < 4; how++) {
		ck_assert_int_eq(physseg_remove(t.map, pfn, n, how, &reason),
		    PHYSSEG_EALIGN);
		ck_assert_uint_eq(reason.frame, frame);
	}
	ck_assert_int_eq(physseg_unplug(t.map, pfn, n), PHYSSEG_EALIGN);
	ck_assert_int_eq(
	    physseg_online(t.map, pfn, n, &reason), PHYSSEG_EALIGN);
	ck_assert_uint_eq(reason.frame, frame);
	ck_assert(test_state_unchanged(&state, &t));
}

static void
misaligned_add(physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t frame)
{
	const struct physseg_addition a = { .pfn = pfn, .n = n };
	struct physseg_reason reason;
	struct test_state state;

	test_state_save(&state, &t);
	ck_assert_int_eq(physseg_add(t.map, &a, NULL, &reason), PHYSSEG_EALIGN);
	ck_assert_uint_eq(reason.frame, frame);
	ck_assert_int_eq(physseg_plug(t.map, pfn, n, 0, NULL), PHYSSEG_EALIGN);
	ck_assert_int_eq(physseg_plug_check(t.map, pfn, n, 0), PHYSSEG_EALIGN);
	ck_assert(test_state_unchanged(&state, &t));
}

/* Blocks of 16; boot memory is ragged: [5, 100). */
START_TEST(test_blocks)
{
	test_map_init(&t, PAGE);
	t.config.block = 16;
	t.config.may_empty = true;
	test_map_boot(&t);
	ok(physseg_load(t.map, 3, 100, 3, 100, 0, NULL));
	ok(physseg_unplug(t.map, 3, 2)); /* at boot there are no blocks */
	test_map_switch(&t, 40);
	misaligned(16, 15, 31);
	misaligned(17, 15, 17);
	misaligned(16, 1, 17);
	misaligned(5, 10, 15);
	misaligned(6, 10, 6);
	misaligned(96, 3, 99);
	misaligned(97, 3, 97);
	ok(physseg_unplug(t.map, 5, 11)); /* from where it begins */
	checked();
	ok(physseg_unplug(t.map, 96, 4)); /* to where it ends */
	checked();
	if (test_map_capacity(&t) > 1) {
		ok(physseg_unplug(t.map, 32, 16));
		ok(physseg_remove(t.map, 64, 16, OFFLINE, NULL));
		checked();
		misaligned(64, 8, 72);
		ok(physseg_online(t.map, 64, 16, NULL));
		checked();
	}
	if (test_has(PHYSSEG_HOTPLUG)) {
		misaligned_add(200, 8, 200);
		misaligned_add(208, 10, 218);
		misaligned_add(33, 15, 33);
		misaligned_add(32, 15, 47);
		ok(physseg_plug(t.map, 32, 16, 0, NULL));
		ok(physseg_plug(t.map, 208, 16, 0, NULL));
		checked();
	}
	test_map_fini(&t);
}
END_TEST

/* Memory may be added up to where registered memory ends. */
START_TEST(test_ragged_add)
{
	test_map_init(&t, PAGE);
	t.config.block = 16;
	test_map_boot(&t);
	ok(physseg_load(t.map, 5, 100, 5, 100, 0, NULL));
	test_map_switch(&t, 40);
	if (test_has(PHYSSEG_HOTPLUG)) {
		misaligned_add(101, 11, 101);
		misaligned_add(100, 11, 111);
		ok(physseg_plug(t.map, 100, 12, 0, NULL));
		checked();
		misaligned_add(0, 4, 4);
		ok(physseg_plug(t.map, 0, 5, 0, NULL));
		checked();
	} else
		test_skip("ragged", "no hot plug");
	test_map_fini(&t);
}
END_TEST

/* ---- everything about a frame ---- */

static void
check_lookups(void)
{
	for (physseg_pfn_t f = 0; f < 70; f++) {
		struct physseg_found found;
		struct physseg_info info;

		memset(&found, 0xee, sizeof(found));
		if (!physseg_lookup(t.map, f, &found)) {
			const unsigned char *byte = (void *)&found;

			test_assert(at(f) == PHYSSEG_NONE);
			for (size_t i = 0; i < sizeof(found); i++)
				test_assert(byte[i] == 0xee);
			continue;
		}
		ok(physseg_get_info(t.map, at(f), &info));
		test_assert(found.handle == at(f));
		test_assert(found.start == info.start);
		test_assert(found.end == info.end);
		test_assert(found.offset == f - info.start);
		test_assert(found.page == physseg_page(t.map, f));
		test_assert(found.data == info.data);
		test_assert(found.free_list == info.free_list);
		test_assert(found.node == info.node);
		test_assert(found.kind == info.kind);
		test_assert(found.state == info.state);
	}
}

/* In every hook it belongs together. */
static void
consistent(struct test_host *host, const struct test_call *call)
{
	(void)host;
	(void)call;
	for (physseg_pfn_t f = 0; f < 70; f++) {
		struct physseg_found found;

		if (!physseg_lookup(t.map, f, &found))
			continue;
		test_assert(found.start <= f && f < found.end);
		test_assert(found.offset == f - found.start);
		test_assert(
		    (found.page != NULL) == (found.state == PHYSSEG_ONLINE));
	}
}

START_TEST(test_lookup)
{
	union {
		struct physseg_found found;
		unsigned char byte[256];
	} f;

	row();
	check_lookups();
	t.host.watch = consistent;
	if (test_map_capacity(&t) >= 7) {
		ok(physseg_remove(t.map, 15, 10, OFFLINE, NULL));
		check_lookups();
		ok(physseg_unplug(t.map, 18, 3));
		check_lookups();
		ok(physseg_online(t.map, 15, 3, NULL));
		check_lookups();
	}
	(void)physseg_plug(t.map, 62, 3, 1, NULL);
	check_lookups();
	ok(physseg_unplug(t.map, 10, 2));
	check_lookups();
	for (size_t size = 0; size <= sizeof(f); size += 8) {
		memset(&f, 0xee, sizeof(f));
		ck_assert(physseg_lookup_sized(t.map, 14, &f.found, size));
		for (size_t i = size; i < sizeof(f); i++)
			ck_assert_uint_eq(f.byte[i], 0xee);
		for (size_t i = sizeof(f.found); i < size; i++)
			ck_assert_uint_eq(f.byte[i], 0);
	}
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_range");
	TCase *tc = tcase_create("ranges");

	tcase_add_test(tc, test_covers);
	tcase_add_test(tc, test_unplug);
	tcase_add_test(tc, test_lookup);
	suite_add_tcase(s, tc);
	tc = tcase_create("joined");
	tcase_add_loop_test(tc, test_join_loads, 0, 4 * NDIFFERENCES);
	tcase_add_loop_test(tc, test_refilled, 0, 3);
	tcase_add_test(tc, test_join_arrays);
	tcase_add_loop_test(tc, test_join_plugs, 0, 2 * NDIFFERENCES);
	tcase_add_loop_test(tc, test_states, 0, 2);
	tcase_add_loop_test(tc, test_states_initialised, 0, 7);
	tcase_add_test(tc, test_states_later);
	tcase_add_test(tc, test_data_ends);
	tcase_add_test(tc, test_not_while_open);
	tcase_add_test(tc, test_not_configured);
	suite_add_tcase(s, tc);
	tc = tcase_create("blocks");
	tcase_add_test(tc, test_blocks);
	tcase_add_test(tc, test_ragged_add);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
