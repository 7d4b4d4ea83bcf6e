/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/backend/t_physseg_arrays.c -- arrays of page structures that share
 * memory with one that the map has, whichever call hands them over and in
 * whichever phase; and arrays that no memory could hold.  All are refused, and
 * nothing changes.
 *
 * The map's frames are drawn nowhere: what matters is the arrays.  In pages:
 *
 *	memory	0        8                24       32
 *		|        |----- slab -----|        |
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>

#include "support.h"

#define PAGE   40
#define BEFORE ((size_t)8)
#define SLAB   ((size_t)16)
#define ALL    ((size_t)32)

static struct test_map t;
static char *memory;
static size_t frame_calls; /* of the host's page_frame */

static physseg_pfn_t
count_frame(void *ctx, const void *page)
{
	struct test_page p;

	(void)ctx;
	frame_calls++;
	memcpy(&p, page, sizeof(p));
	return p.pfn;
}

static char *
at(size_t page)
{
	return memory + page * PAGE;
}

/* One segment of `n' frames, without pages, and room for some arrays. */
static void
begin(physseg_pfn_t n)
{
	test_map_init(&t, PAGE);
	t.host.hooks.page_frame = count_frame;
	t.config.boot_slabs = 4;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 0, n, 0, n, 0, NULL), 0);
	memory = t.pages = calloc(ALL, PAGE);
}

static int
chomp(const void *pages, size_t npages)
{
	return physseg_chomp_slab(
	    t.map, physseg_first(t.map), (void *)(uintptr_t)pages, npages);
}

static int
init(const void *pages)
{
	return physseg_init_seg(
	    t.map, physseg_first(t.map), (void *)(uintptr_t)pages);
}

static int
switches(const void *pages, size_t npages)
{
	return physseg_switch(t.map, (void *)(uintptr_t)pages, npages);
}

/* The answer is EINVAL, and nothing has changed. */
#define REFUSED(call)                                         \
	do {                                                  \
		struct test_state state_;                     \
                                                              \
		test_state_save(&state_, &t);                 \
		ck_assert_int_eq(call, PHYSSEG_EINVAL);       \
		ck_assert(test_state_unchanged(&state_, &t)); \
	} while (0)

/* What shares memory with the slab. */
static const struct {
	size_t skip;   /* bytes of `memory' before it */
	size_t npages; /* as many as frames where the call has no number */
} overlaps[] = {
	{ BEFORE * PAGE, SLAB },	      /* the same */
	{ BEFORE * PAGE, 1 },		      /* its first page */
	{ (BEFORE + SLAB - 1) * PAGE, 1 },    /* its last page */
	{ (BEFORE + 3) * PAGE, 5 },	      /* within */
	{ (BEFORE - 1) * PAGE, SLAB + 2 },    /* around */
	{ (BEFORE - 1) * PAGE, 2 },	      /* over its start */
	{ (BEFORE + SLAB - 1) * PAGE, 2 },    /* over its end */
	{ (BEFORE - 1) * PAGE + 1, 1 },	      /* by its first byte */
	{ (BEFORE + SLAB) * PAGE - 1, 1 },    /* by its last byte */
	{ (BEFORE + 2) * PAGE + PAGE / 2, 3 } /* between pages */
};

#define NOVERLAPS (sizeof(overlaps) / sizeof(overlaps[0]))

/* Before the switch and after it; what touches the slab is taken. */
START_TEST(test_chomp)
{
	for (int phase = 0; phase < 2; phase++) {
		begin(10);
		ck_assert_int_eq(chomp(at(BEFORE), SLAB), 0);
		physseg_set_running(t.map, phase == 1);
		for (size_t i = 0; i < NOVERLAPS; i++)
			REFUSED(chomp(
			    memory + overlaps[i].skip, overlaps[i].npages));
		ck_assert_int_eq(chomp(at(0), BEFORE), 0);
		ck_assert_int_eq(chomp(at(BEFORE + SLAB), 8), 0);
		REFUSED(chomp(at(0), ALL));
		test_map_fini(&t);
	}
}
END_TEST

/* The switch itself; it can be called again with another array. */
START_TEST(test_switch)
{
	for (size_t i = 0; i < NOVERLAPS; i++) {
		if (overlaps[i].npages < 4)
			continue; /* PHYSSEG_ESMALL */
		begin(4);
		ck_assert_int_eq(chomp(at(BEFORE), SLAB), 0);
		REFUSED(
		    switches(memory + overlaps[i].skip, overlaps[i].npages));
		ck_assert(!physseg_running(t.map));
		ck_assert_int_eq(switches(at(0), 4), 0);
		ck_assert(physseg_running(t.map));
		ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), 4);
		test_map_fini(&t);
	}
}
END_TEST

/* The same of an array that init_seg took for a slab. */
START_TEST(test_after_own_array)
{
	for (int phase = 0; phase < 2; phase++) {
		begin(SLAB);
		physseg_set_running(t.map, phase == 1);
		ck_assert_int_eq(init(at(BEFORE)), 0);
		for (size_t i = 0; i < NOVERLAPS; i++)
			REFUSED(chomp(
			    memory + overlaps[i].skip, overlaps[i].npages));
		if (phase == 0)
			REFUSED(switches(at(BEFORE), SLAB));
		test_map_fini(&t);
	}
}
END_TEST

/* An array for the segment that shares memory with the slab: of nothing that
 * is not the segment's a page is read. */
START_TEST(test_init)
{
	for (int phase = 0; phase < 2; phase++)
		for (size_t i = 0; i < NOVERLAPS; i++) {
			begin((physseg_pfn_t)overlaps[i].npages);
			ck_assert_int_eq(chomp(at(BEFORE), SLAB), 0);
			physseg_set_running(t.map, phase == 1);
			frame_calls = 0;
			ck_assert_int_eq(
			    init(memory + overlaps[i].skip), PHYSSEG_EINVAL);
			ck_assert_uint_eq(frame_calls, 0);
			REFUSED(init(memory + overlaps[i].skip));
			test_map_fini(&t);
		}
}
END_TEST

/* The slab is all handed out: what lies in it is right, the rest is not. */
START_TEST(test_init_allocated)
{
	void *part;

	for (size_t i = 0; i < NOVERLAPS; i++) {
		const size_t skip = overlaps[i].skip, n = overlaps[i].npages;
		bool inside = skip >= BEFORE * PAGE &&
		    skip + n * PAGE <= (BEFORE + SLAB) * PAGE &&
		    skip % PAGE == 0;

		begin((physseg_pfn_t)n);
		ck_assert_int_eq(chomp(at(BEFORE), SLAB), 0);
		ck_assert_int_eq(physseg_alloc_from_slab(
				     t.map, physseg_first(t.map), SLAB, &part),
		    0);
		if (inside) {
			frame_calls = 0;
			ck_assert_int_eq(init(memory + skip), 0);
			ck_assert_uint_eq(frame_calls, 0);
		} else
			REFUSED(init(memory + skip));
		test_map_fini(&t);
	}
}
END_TEST

/* Two slabs that touch, both handed out: no array has parts of both. */
START_TEST(test_init_over_two)
{
	void *part;

	begin(10);
	ck_assert_int_eq(chomp(at(0), SLAB), 0);
	ck_assert_int_eq(chomp(at(SLAB), SLAB), 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(physseg_alloc_from_slab(
				     t.map, physseg_first(t.map), SLAB, &part),
		    0);
	for (size_t page = SLAB - 9; page < SLAB; page++)
		REFUSED(init(at(page)));
	ck_assert_int_eq(init(at(SLAB)), 0);
	test_map_fini(&t);
}
END_TEST

/* Parts of what another segment has, though as much beside it is free to be
 * taken. */
START_TEST(test_init_held)
{
	void *part;
	physseg_t b;

	begin(6);
	if (physseg_load(t.map, 100, 103, 100, 103, 0, NULL) != PHYSSEG_OK) {
		ck_assert_uint_eq(test_map_capacity(&t), 1);
		test_skip("test_init_held", "needs two segments");
		test_map_fini(&t);
		return;
	}
	ck_assert_int_eq(chomp(at(BEFORE), SLAB), 0);
	ck_assert_int_eq(
	    physseg_alloc_from_slab(t.map, physseg_first(t.map), SLAB, &part),
	    0);
	ck_assert_int_eq(
	    physseg_init_seg(t.map, physseg_find(t.map, 0, NULL), at(12)), 0);
	b = physseg_find(t.map, 100, NULL);
	for (size_t page = 10; page < 18; page++) /* it has [12, 18) */
		REFUSED(physseg_init_seg(t.map, b, at(page)));
	/* Whatever the host has made of the pages since. */
	memset(at(12), 0xff, 6 * PAGE);
	for (size_t page = 10; page < 18; page++)
		ck_assert_int_eq(
		    physseg_init_seg(t.map, b, at(page)), PHYSSEG_EINVAL);
	for (physseg_pfn_t pfn = 0; pfn < 6; pfn++)
		memcpy(at(12 + (size_t)pfn), &(struct test_page){ pfn, 1, 1 },
		    sizeof(struct test_page));
	ck_assert_int_eq(physseg_init_seg(t.map, b, at(9)), 0);
	test_map_fini(&t);
}
END_TEST

/* A slab from the host, whole and in part. */
START_TEST(test_host_slab)
{
	char *pages;

	begin(4);
	ck_assert_int_eq(switches(at(0), 4), 0);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		ck_assert_int_eq(physseg_plug(t.map, 1000, 1000, 0, NULL),
		    PHYSSEG_ENOHOTPLUG);
		test_skip("test_host_slab", "no hot plug");
		test_map_fini(&t);
		return;
	}
	ck_assert_int_eq(physseg_plug(t.map, 1000, 1000, 0, NULL), 0);
	pages = physseg_page(t.map, 1000);
	REFUSED(chomp(pages, 1000));
	REFUSED(chomp(pages + 999 * PAGE, 1));
	REFUSED(chomp(pages - 1, 1));
	ck_assert_int_eq(physseg_unplug(t.map, 1100, 800), 0);
	REFUSED(chomp(pages + 500 * PAGE, 1)); /* free to be scavenged */
	test_map_fini(&t);
}
END_TEST

/* The map itself: its first byte, its last, whatever of it is in use. */
static void
refuse_own(void)
{
	const size_t size =
	    physseg_storage_size(&t.config) - (PHYSSEG_ALIGN - 1);
	const char *map = (const char *)t.map;

	REFUSED(chomp(map, 1));
	REFUSED(chomp(map - PAGE + 1, 1));
	REFUSED(chomp(map + size - 1, 1));
	REFUSED(chomp(map - PAGE, size / PAGE + 3));
	REFUSED(init(map + size / 2));
	if (!physseg_running(t.map))
		REFUSED(switches(map + size - 1, 4));
}

START_TEST(test_own_storage)
{
	begin(4);
	refuse_own();
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(chomp(at(4 + i), 1), 0);
		refuse_own(); /* fewer headers are left */
	}
	physseg_set_running(t.map, true);
	refuse_own();
	test_map_fini(&t);
}
END_TEST

/* A map in memory of the host's. */
START_TEST(test_own_memory)
{
	const char *map;

	test_map_init(&t, PAGE);
	t.config.may_empty = true;
	if (!test_has(PHYSSEG_HOTPLUG)) {
		ck_assert_int_eq(physseg_create(&t.map, &t.config, NULL, 0),
		    PHYSSEG_ENOHOTPLUG);
		test_skip("test_own_memory", "no hot plug");
		test_host_fini(&t.host);
		return;
	}
	test_map_run(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, 4, 0, NULL), 0);
	map = (const char *)t.map;
	REFUSED(chomp(map, 1));
	REFUSED(chomp(map - PAGE + 1, 1));
	REFUSED(chomp(map + 64, 1));
	test_map_fini(&t);
}
END_TEST

/* None, and more than there are addresses for. */
START_TEST(test_impossible)
{
	const char *last = (const char *)(UINTPTR_MAX - 10 * PAGE + 1);
	physseg_pfn_t n = 10;

	for (int phase = 0; phase < 2; phase++) {
		begin((physseg_pfn_t)n);
		physseg_set_running(t.map, phase == 1);
		REFUSED(chomp(at(0), 0));
		REFUSED(chomp(NULL, 10));
		REFUSED(chomp(at(0), SIZE_MAX));
		REFUSED(chomp(at(0), SIZE_MAX / PAGE));
		REFUSED(chomp(at(0), SIZE_MAX / PAGE + 2));
		REFUSED(chomp(last, 10));
		REFUSED(chomp(last, 11));
		REFUSED(init(NULL));
		REFUSED(init(last));
		REFUSED(init(last + PAGE));
		if (phase == 0) {
			REFUSED(switches(last, 10));
			REFUSED(switches(at(0), SIZE_MAX / PAGE + 12));
			REFUSED(switches(NULL, 10));
		}
		/* It ends with the last address but one. */
		ck_assert_int_eq(chomp(last - 1, 10), 0);
		test_map_fini(&t);
	}
}
END_TEST

/* ---- at random ---- */

#define FIELD ((size_t)400) /* pages of memory */

static struct test_rng rng;
static struct {
	size_t start, end; /* bytes of the field */
} taken[FIELD];
static size_t ntaken;

/* Does it share memory with an array that the map took? */
static bool
is_taken(size_t start, size_t end)
{
	for (size_t i = 0; i < ntaken; i++)
		if (start < taken[i].end && taken[i].start < end)
			return true;
	return false;
}

/* A place in the field for so many page structures; at times between two. */
static size_t
some_place(size_t n)
{
	size_t start = test_random_size(&rng, FIELD - n) * PAGE;

	return start +
	    (test_random_below(&rng, 8) == 0 ? test_random_size(&rng, PAGE)
					     : 0);
}

/* It was taken if it had to be, and only then. */
static void
took(size_t start, size_t n, int got)
{
	bool clear = !is_taken(start, start + n * PAGE);

	ck_assert_msg(got == (clear ? PHYSSEG_OK : PHYSSEG_EINVAL),
	    "an array of %zu at %zu: %s; again: %s", n, start,
	    physseg_strerror(got), test_rerun());
	if (clear) {
		taken[ntaken].start = start;
		taken[ntaken++].end = start + n * PAGE;
	}
}

static void
random_chomp(void)
{
	size_t n = 1 + test_random_size(&rng, 30), start = some_place(n);

	took(start, n, chomp(memory + start, n));
}

/* Of a segment that has none, if there is one. */
static void
random_init(void)
{
	physseg_pfn_t pfn = 100 * test_random_pfn(&rng, 20);
	physseg_t h = physseg_find(t.map, pfn, NULL);
	struct physseg_info info;
	size_t start, n;

	if (physseg_get_info(t.map, h, &info) != PHYSSEG_OK ||
	    info.pages != NULL)
		return;
	n = (size_t)(info.end - info.start);
	start = some_place(n);
	took(start, n, physseg_init_seg(t.map, h, memory + start));
}

static void
random_step(void)
{
	physseg_pfn_t pfn = 100 * test_random_pfn(&rng, 20);

	switch (test_random_below(&rng, 4)) {
	case 0:
		random_chomp();
		break;
	case 1:
		random_init();
		break;
	case 2:
		(void)physseg_plug(
		    t.map, pfn, 1 + test_random_pfn(&rng, 60), 0, NULL);
		break;
	default:
		(void)physseg_unplug(t.map, pfn + test_random_pfn(&rng, 3),
		    1 + test_random_pfn(&rng, 9));
	}
}

static void
random_map(void)
{
	const char *broken;

	test_map_init(&t, PAGE);
	t.config.boot_slabs = 60;
	test_map_boot(&t);
	ck_assert_int_eq(
	    physseg_load(t.map, 5000, 5004, 5000, 5004, 0, NULL), 0);
	memory = t.pages = calloc(FIELD, PAGE);
	ntaken = 0;
	for (int i = 0; i < 100; i++) {
		if (i == 50)
			physseg_set_running(t.map, true);
		random_step();
		broken = physseg_check(t.map);
		ck_assert_msg(
		    broken == NULL, "%s; again: %s", broken, test_rerun());
	}
	test_map_fini(&t);
}

START_TEST(test_at_random)
{
	rng.state = test_seed;
	for (int i = 0; i < 40; i++)
		random_map();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_arrays");
	TCase *tc = tcase_create("arrays");

	tcase_add_test(tc, test_chomp);
	tcase_add_test(tc, test_switch);
	tcase_add_test(tc, test_after_own_array);
	tcase_add_test(tc, test_init);
	tcase_add_test(tc, test_init_allocated);
	tcase_add_test(tc, test_init_over_two);
	tcase_add_test(tc, test_init_held);
	tcase_add_test(tc, test_host_slab);
	tcase_add_test(tc, test_own_storage);
	tcase_add_test(tc, test_own_memory);
	tcase_add_test(tc, test_impossible);
	tcase_add_test(tc, test_at_random);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
