/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_coalesce.c -- a plug that makes a neighbour grow, and
 * all that makes it a segment of its own.
 *
 * Most maps here run with one segment, [100, 110), whose page structures are
 * the first of a slab, and 100 more behind them:
 *
 *	frames	100      110
 *		|--------|
 *	slab	pppppppppp..........(100 free)
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>

#include "support.h"

#define PAGE  24
#define SPARE 100

static struct test_map t;
static physseg_t first;

static struct physseg_info
info_of(physseg_t handle)
{
	struct physseg_info info;

	ck_assert_int_eq(physseg_get_info(t.map, handle, &info), PHYSSEG_OK);
	return info;
}

static size_t
nsegments(void)
{
	struct physseg_stats stats;

	physseg_get_stats(t.map, &stats);
	return stats.segments;
}

static physseg_t
plug(physseg_pfn_t pfn, physseg_pfn_t n, int free_list)
{
	physseg_t handle = PHYSSEG_NONE;

	ck_assert_int_eq(physseg_plug_check(t.map, pfn, n, free_list), 0);
	ck_assert_int_eq(physseg_plug(t.map, pfn, n, free_list, &handle), 0);
	ck_assert_ptr_null(physseg_check(t.map));
	ck_assert_ptr_eq(physseg_find(t.map, pfn, NULL), handle);
	return handle;
}

/* Bounds of a segment that is all available, and counted where it has pages. */
static void
is(physseg_t handle, physseg_pfn_t start, physseg_pfn_t end)
{
	struct physseg_info info = info_of(handle);

	ck_assert_uint_eq(info.start, start);
	ck_assert_uint_eq(info.end, end);
	ck_assert_uint_eq(info.avail_start, start);
	ck_assert_uint_eq(info.avail_end, end);
	ck_assert_uint_eq(info.counted, info.pages == NULL ? 0 : end - start);
	for (physseg_pfn_t pfn = start; pfn < end && info.pages != NULL; pfn++)
		ck_assert_ptr_eq(physseg_page(t.map, pfn),
		    (char *)info.pages + (pfn - start) * PAGE);
}

static void
begin_boot(size_t page_size, bool coalesce)
{
	test_map_init(&t, page_size);
	t.config.coalesce = coalesce;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 100, 110, 100, 110, 0, &first), 0);
}

static void
begin(size_t page_size)
{
	begin_boot(page_size, true);
	test_map_switch(&t, SPARE);
	test_log_clear(&t.host);
}

static bool
hot(const char *test)
{
	if (test_has(PHYSSEG_HOTPLUG))
		return true;
	test_skip(test, "no hot plug");
	return false;
}

/* ---- it grows ---- */

START_TEST(test_upwards)
{
	static const enum test_hook hooks[] = { TEST_INIT, TEST_INIT,
		TEST_ACCOUNT, TEST_FREE, TEST_FREE, TEST_REINIT };

	if (!hot("test_upwards"))
		return;
	begin(PAGE);
	ck_assert_int_eq(physseg_plug_check(t.map, 110, 2, 0), 0);
	ck_assert_uint_eq(t.host.ncalls, 0);
	ck_assert_ptr_eq(plug(110, 2, 0), first);
	is(first, 100, 112);
	ck_assert_uint_eq(nsegments(), 1);
	ck_assert_uint_eq(t.host.ncalls, 6);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(t.host.log[i].hook, hooks[i]);
	ck_assert_uint_eq(t.host.log[0].pfn, 110);
	ck_assert(t.host.log[2].added);
	ck_assert_uint_eq(t.host.log[2].counted, 2);
	ck_assert_uint_eq(t.host.log[2].frames, 2);
	ck_assert_uint_eq(t.host.log[4].pfn, 111);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_downwards)
{
	if (!hot("test_downwards"))
		return;
	begin(PAGE);
	ck_assert_int_eq(physseg_unplug(t.map, 100, 4), 0);
	ck_assert_ptr_eq(plug(102, 2, 0), first);
	is(first, 102, 110);
	ck_assert_ptr_eq(plug(100, 2, 0), first);
	is(first, 100, 110);
	ck_assert_ptr_ne(plug(99, 1, 0), first); /* the slab begins there */
	is(first, 100, 110);
	ck_assert_uint_eq(nsegments(), 2);
	test_map_fini(&t);
}
END_TEST

/* In a gap the lower neighbour grows; the two stay two. */
START_TEST(test_between)
{
	physseg_t tail;

	if (!hot("test_between"))
		return;
	begin(PAGE);
	ck_assert_int_eq(physseg_unplug(t.map, 103, 4), 0);
	tail = physseg_find(t.map, 107, NULL);
	ck_assert_ptr_eq(plug(103, 4, 0), first);
	is(first, 100, 110);
	ck_assert(!physseg_valid(t.map, tail));
	ck_assert_uint_eq(nsegments(), 1);
	test_map_fini(&t);
}
END_TEST

/* The lower one cannot, so the upper does. */
START_TEST(test_between_upper)
{
	physseg_t tail;

	if (!hot("test_between_upper"))
		return;
	begin(PAGE);
	ck_assert_int_eq(physseg_unplug(t.map, 103, 4), 0);
	tail = physseg_find(t.map, 107, NULL);
	ck_assert_int_eq(physseg_set_start_hint(t.map, first, 1), 0);
	ck_assert_ptr_eq(plug(103, 4, 0), tail);
	is(tail, 103, 110);
	test_map_fini(&t);
}
END_TEST

/* A page at a time, through the boot slab and two of the host's. */
START_TEST(test_one_by_one)
{
	const physseg_pfn_t slab = 16384 / PAGE;
	physseg_pfn_t pfn = 110;

	if (!hot("test_one_by_one"))
		return;
	begin(PAGE);
	for (; pfn < 110 + SPARE; pfn++)
		ck_assert_ptr_eq(plug(pfn, 1, 0), first);
	ck_assert_uint_eq(nsegments(), 1);
	for (; pfn < 110 + SPARE + 2 * slab; pfn++)
		(void)plug(pfn, 1, 0);
	ck_assert_uint_eq(nsegments(), 3);
	is(physseg_last(t.map), pfn - slab, pfn);
	(void)plug(pfn, 1, 0);
	ck_assert_uint_eq(nsegments(), 4);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_registry)
{
	if (!hot("test_registry"))
		return;
	begin(0);
	ck_assert_ptr_eq(plug(110, 1000, 0), first);
	ck_assert_ptr_eq(plug(0, 100, 0), first);
	is(first, 0, 1110);
	ck_assert_int_eq(physseg_unplug(t.map, 50, 10), 0);
	ck_assert_ptr_eq(plug(50, 10, 0), first);
	is(first, 0, 1110);
	ck_assert_uint_eq(nsegments(), 1);
	test_map_fini(&t);
}
END_TEST

/* It may shrink again, and go. */
START_TEST(test_and_unplug)
{
	if (!hot("test_and_unplug"))
		return;
	begin(PAGE);
	(void)plug(110, 10, 0);
	(void)plug(500, 1, 0);
	ck_assert_int_eq(physseg_unplug(t.map, 105, 10), 0);
	is(first, 100, 105);
	is(physseg_find(t.map, 115, NULL), 115, 120);
	ck_assert_int_eq(physseg_unplug(t.map, 100, 5), 0);
	ck_assert(!physseg_valid(t.map, first));
	ck_assert_ptr_null(physseg_check(t.map));
	test_map_fini(&t);
}
END_TEST

/* ---- at boot, on every backend ---- */

START_TEST(test_boot)
{
	physseg_t handle = PHYSSEG_NONE;

	begin_boot(PAGE, true);
	ck_assert_ptr_eq(plug(110, 5, 0), first); /* a full array, too */
	ck_assert_ptr_eq(plug(90, 10, 0), first);
	is(first, 90, 115);
	ck_assert_int_eq(
	    physseg_load(t.map, 115, 130, 115, 120, 0, &handle), 0);
	ck_assert_ptr_eq(handle, first);
	ck_assert_uint_eq(info_of(first).end, 130);
	ck_assert_uint_eq(info_of(first).avail_end, 120);
	test_map_switch(&t, 0);
	ck_assert_uint_eq(info_of(first).counted, 30);
	ck_assert_uint_eq(nsegments(), 1);
	test_map_fini(&t);
}
END_TEST

/* Available frames must go on where they touch. */
START_TEST(test_boot_avail)
{
	begin_boot(PAGE, true);
	if (test_map_capacity(&t) < 4) {
		test_skip("test_boot_avail", "one segment");
		test_map_fini(&t);
		return;
	}
	ck_assert_int_eq(physseg_load(t.map, 110, 120, 111, 120, 0, NULL), 0);
	ck_assert_uint_eq(nsegments(), 2); /* reserved in between */
	ck_assert_int_eq(physseg_load(t.map, 120, 130, 120, 125, 0, NULL), 0);
	ck_assert_uint_eq(nsegments(), 2);
	(void)plug(130, 10, 0);
	ck_assert_uint_eq(nsegments(), 3);
	ck_assert_int_eq(physseg_load(t.map, 140, 150, 145, 145, 0, NULL), 0);
	ck_assert_uint_eq(nsegments(), 4); /* none available */
	test_map_fini(&t);
}
END_TEST

/* ---- on a map that boots again, on every backend ---- */

#define MIDDLE (PHYSSEG_NOFRAME / 2)

/* Running, and then not. */
static void
begin_again(size_t page_size)
{
	test_map_init(&t, page_size);
	t.config.coalesce = true;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, MIDDLE, MIDDLE + 10, MIDDLE,
			     MIDDLE + 10, 0, &first),
	    0);
	test_map_switch(&t, SPARE);
	physseg_set_running(t.map, false);
}

/* A registry's segment grows, whatever the backend has of it: by a frame, by
 * two, and so on until it has an eighth of all. */
START_TEST(test_registry_again)
{
	physseg_pfn_t start = MIDDLE, end = MIDDLE + 10, n;

	begin_again(0);
	for (n = 1; n < MIDDLE / 4; n *= 2) {
		ck_assert_ptr_eq(plug(end, n, 0), first);
		end += n;
	}
	for (n = 1; n < MIDDLE / 4; n *= 2) {
		ck_assert_ptr_eq(plug(start - n, n, 0), first);
		start -= n;
	}
	is(first, start, end);
	physseg_set_running(t.map, true);
	is(first, start, end);
	test_map_fini(&t);
}
END_TEST

/* Without memory it stays as it is, or needs none. */
START_TEST(test_registry_again_fault)
{
	struct test_state state;
	int error = PHYSSEG_ENOMEM;

	for (size_t k = 1; error != PHYSSEG_OK; k++) {
		begin_again(0);
		test_state_save(&state, &t);
		t.host.fail_at = k;
		error = physseg_plug(t.map, MIDDLE + 10, MIDDLE / 4, 0, NULL);
		t.host.fail_at = 0;
		if (error == PHYSSEG_OK) {
			is(first, MIDDLE, MIDDLE + 10 + MIDDLE / 4);
			test_state_free(&state);
		} else {
			ck_assert_int_eq(error, PHYSSEG_ENOMEM);
			ck_assert(test_state_unchanged(&state, &t));
		}
		test_map_fini(&t);
	}
}
END_TEST

/* What is plugged then has no pages yet: it joins its like only. */
START_TEST(test_pages_again)
{
	physseg_t second;

	begin_again(PAGE);
	if (test_map_capacity(&t) < 2) {
		ck_assert_int_eq(physseg_plug(t.map, MIDDLE + 10, 5, 0, NULL),
		    PHYSSEG_ENOSLOT);
		test_skip("test_pages_again", "one segment");
		test_map_fini(&t);
		return;
	}
	second = plug(MIDDLE + 10, 5, 0);
	ck_assert_uint_eq(nsegments(), 2);
	is(physseg_find(t.map, MIDDLE, NULL), MIDDLE, MIDDLE + 10);
	ck_assert_ptr_eq(plug(MIDDLE + 15, 5, 0), second);
	is(second, MIDDLE + 10, MIDDLE + 20);
	ck_assert_ptr_null(info_of(second).pages);
	ck_assert_int_eq(physseg_switch(t.map, NULL, 0), PHYSSEG_ESMALL);
	test_map_fini(&t);
}
END_TEST

/* ---- it does not ---- */

static void *(*host_alloc)(void *ctx, size_t size);
static size_t too_large; /* bytes */

static void *
small_alloc(void *ctx, size_t size)
{
	return size >= too_large ? NULL : host_alloc(ctx, size);
}

/* So many frames below the segment that its page structures, continued, would
 * begin at address 0: that there is none is another matter. */
START_TEST(test_page_at_zero)
{
	struct test_state state;
	physseg_pfn_t n;
	uint64_t down; /* as wide as any address and any frame */
	char *pages;
	void *base;

	if (!hot("test_page_at_zero"))
		return;
	test_map_init(&t, 32);
	host_alloc = t.host.hooks.alloc;
	too_large = SIZE_MAX;
	t.host.hooks.alloc = small_alloc;
	t.config.coalesce = true;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, MIDDLE, MIDDLE + 10, MIDDLE,
			     MIDDLE + 10, 0, &first),
	    0);
	pages = test_storage((size_t)10 * 32, 0, &base);
	ck_assert_int_eq(physseg_switch(t.map, pages, 10), 0);
	down = (uintptr_t)pages / 32;
	if (down > MIDDLE) {
		test_skip("test_page_at_zero", "addresses are beyond frames");
		test_map_fini(&t);
		free(base);
		return;
	}
	n = (physseg_pfn_t)down;
	too_large = (size_t)n * 32;
	test_state_save(&state, &t);
	ck_assert_int_eq(
	    physseg_plug(t.map, MIDDLE - n, n, 0, NULL), PHYSSEG_ENOMEM);
	ck_assert_int_eq(
	    physseg_plug_check(t.map, MIDDLE - n, n, 0), PHYSSEG_ENOMEM);
	ck_assert(test_state_unchanged(&state, &t));
	test_map_fini(&t);
	free(base);
}
END_TEST

/* With the segment `first' altered, a plug behind it is a new one. */
static void
is_alone(physseg_pfn_t pfn, physseg_pfn_t n, int free_list)
{
	const size_t before = nsegments();

	ck_assert_ptr_ne(plug(pfn, n, free_list), first);
	ck_assert_uint_eq(nsegments(), before + 1);
	ck_assert_uint_eq(info_of(first).end, 110);
	is(physseg_find(t.map, pfn, NULL), pfn, pfn + n);
	test_map_fini(&t);
}

START_TEST(test_off)
{
	if (!hot("test_off"))
		return;
	begin_boot(PAGE, false);
	test_map_switch(&t, SPARE);
	is_alone(110, 5, 0);
}
END_TEST

START_TEST(test_off_at_boot)
{
	begin_boot(PAGE, false);
	if (test_map_capacity(&t) < 2)
		ck_assert_int_eq(
		    physseg_plug(t.map, 110, 5, 0, NULL), PHYSSEG_ENOSLOT);
	else
		(void)plug(110, 5, 0);
	is(first, 100, 110);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_apart)
{
	if (!hot("test_apart"))
		return;
	begin(PAGE);
	is_alone(111, 5, 0);
}
END_TEST

START_TEST(test_list)
{
	if (!hot("test_list"))
		return;
	begin(PAGE);
	is_alone(110, 5, 1);
}
END_TEST

START_TEST(test_data)
{
	if (!hot("test_data"))
		return;
	begin(PAGE);
	((char *)info_of(first).data)[sizeof(void *) - 1] = 1;
	is_alone(110, 5, 0);
}
END_TEST

START_TEST(test_hint)
{
	if (!hot("test_hint"))
		return;
	begin(PAGE);
	ck_assert_int_eq(physseg_set_start_hint(t.map, first, 1), 0);
	is_alone(110, 5, 0);
}
END_TEST

START_TEST(test_avail)
{
	if (!hot("test_avail"))
		return;
	begin_boot(PAGE, true);
	ck_assert_int_eq(physseg_set_avail(t.map, first, 100, 109), 0);
	test_map_switch(&t, SPARE);
	is_alone(110, 5, 0);
}
END_TEST

/* Somebody has the page structures behind its own. */
START_TEST(test_pages_taken)
{
	if (!hot("test_pages_taken"))
		return;
	begin(PAGE);
	(void)plug(500, 1, 0);
	is_alone(110, 5, 0);
}
END_TEST

START_TEST(test_slab_ends)
{
	if (!hot("test_slab_ends"))
		return;
	begin(PAGE);
	is_alone(110, SPARE + 1, 0);
}
END_TEST

/* At the ends of all frames there is no neighbour to ask for. */
START_TEST(test_edges)
{
	if (!hot("test_edges"))
		return;
	begin(0);
	is(plug(0, 1, 0), 0, 1);
	is(plug(PHYSSEG_NOFRAME - 1, 1, 0), PHYSSEG_NOFRAME - 1,
	    PHYSSEG_NOFRAME);
	is(plug(PHYSSEG_NOFRAME - 3, 2, 0), PHYSSEG_NOFRAME - 3,
	    PHYSSEG_NOFRAME);
	ck_assert_uint_eq(nsegments(), 3);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_overlap)
{
	if (!hot("test_overlap"))
		return;
	begin(PAGE);
	ck_assert_int_eq(
	    physseg_plug(t.map, 109, 5, 0, NULL), PHYSSEG_EOVERLAP);
	ck_assert_int_eq(physseg_plug(t.map, 110, 0, 0, NULL), PHYSSEG_EINVAL);
	is(first, 100, 110);
	test_map_fini(&t);
}
END_TEST

/* ---- no memory ---- */

/* Growing takes none but the index's; refused that, the map is what it was. */
static bool
grow_without(size_t at, size_t page_size, physseg_pfn_t n)
{
	struct test_state state;
	int error;

	begin(page_size);
	test_state_save(&state, &t);
	t.host.fail_at = at;
	error = physseg_plug(t.map, 110, n, 0, NULL);
	t.host.fail_at = 0;
	if (error != 0) {
		ck_assert_int_eq(error, PHYSSEG_ENOMEM);
		ck_assert(test_state_unchanged(&state, &t));
		ck_assert_ptr_eq(plug(110, n, 0), first);
	} else {
		test_state_free(&state);
	}
	is(first, 100, 110 + n);
	test_map_fini(&t);
	return error != 0;
}

START_TEST(test_fault)
{
	const physseg_pfn_t far = (physseg_pfn_t)1
	    << (sizeof(physseg_pfn_t) > 4 ? 40 : 30);
	size_t at;

	if (!hot("test_fault"))
		return;
	ck_assert(
	    !grow_without(1, PAGE, 1) || test_backend->mem_needed != NULL);
	for (at = 1; grow_without(at, PAGE, SPARE); at++)
		ck_assert(test_backend->mem_needed != NULL);
	for (at = 1; grow_without(at, 0, far); at++)
		ck_assert(test_backend->mem_needed != NULL);
	/* A tree of frames of 32 bits may fit into what it has. */
	if (test_backend->mem_needed != NULL && sizeof(far) > 4)
		ck_assert_uint_gt(at, 1);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = { test_upwards, test_downwards,
		test_between, test_between_upper, test_one_by_one,
		test_registry, test_and_unplug, test_boot, test_boot_avail,
		test_off, test_off_at_boot, test_apart, test_list, test_data,
		test_hint, test_avail, test_pages_taken, test_slab_ends,
		test_edges, test_overlap, test_fault, test_registry_again,
		test_registry_again_fault, test_pages_again,
		test_page_at_zero };
	Suite *s = suite_create("physseg_coalesce");
	TCase *tc = tcase_create("coalesce");

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
