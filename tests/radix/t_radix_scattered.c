/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/radix/t_radix_scattered.c -- a space of 4 PiB, 2^40 frames of 4 KiB,
 * with segments scattered all over it: plugged one by one, looked up, walked,
 * unplugged in another order; and what memory that takes, in all and for each.
 *
 * Segment `i' lies in the i-th of as many equal parts of the space, at a place
 * and with a length that are computed from the seed and `i'; so each answer is
 * known without a table.  Here 20000 segments; a million:
 *
 *	t_radix_scattered --steps 1000000
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

/* 4 PiB, or half of what there is. */
#define FRAMES	((physseg_pfn_t)1 << (sizeof(physseg_pfn_t) > 4 ? 40 : 31))
#define LONGEST 512 /* frames: 2 MiB */

static struct test_host host;
static struct physseg_map *map;
static physseg_pfn_t nsegments;

struct place {
	physseg_pfn_t start, end;
};

static struct place
place_of(physseg_pfn_t i)
{
	struct test_rng rng = { test_seed + i * 977 };
	const physseg_pfn_t part = FRAMES / nsegments;
	const physseg_pfn_t n = 1 + test_random_pfn(&rng, LONGEST);
	const physseg_pfn_t start =
	    i * part + test_random_pfn(&rng, part - LONGEST);

	return (struct place){ start, start + n };
}

/* The next in an order that jumps about: an odd step visits all of a power of
 * two, of which those that are no segment are left out. */
static physseg_pfn_t
shuffled(physseg_pfn_t *at)
{
	physseg_pfn_t mask = 1;

	while (mask < nsegments)
		mask *= 2;
	do
		*at = (*at + 0x9e3779b1) & (mask - 1);
	while (*at >= nsegments);
	return *at;
}

static void
expect(physseg_pfn_t pfn, const struct place *place)
{
	physseg_pfn_t offset = 0;
	physseg_t h = physseg_find(map, pfn, &offset);

	if (place == NULL)
		test_assert(h == PHYSSEG_NONE);
	else
		test_assert(
		    physseg_valid(map, h) && offset == pfn - place->start);
}

/* Ends, middle, and just outside: segments do not touch. */
static void
look_at(physseg_pfn_t i)
{
	const struct place place = place_of(i);

	expect(place.start, &place);
	expect(place.start + (place.end - place.start) / 2, &place);
	expect(place.end - 1, &place);
	expect(place.end, NULL);
	if (place.start > 0)
		expect(place.start - 1, NULL);
}

static void
load(void)
{
	physseg_pfn_t at = 0;

	for (physseg_pfn_t i = 0; i < nsegments; i++) {
		const struct place place = place_of(shuffled(&at));

		test_assert(physseg_plug(map, place.start,
				place.end - place.start, 0, NULL) == 0);
	}
}

static void
print_memory(const char *when)
{
	struct physseg_stats stats;
	const size_t index = host.index_live * host.index_size;

	physseg_get_stats(map, &stats);
	printf("%s: %zu segments, %" PRIu64 " frames: index %zu bytes, records "
	       "%zu; %zu and %zu a segment\n",
	    when, stats.segments, (uint64_t)stats.frames, index,
	    host.outstanding - index,
	    stats.segments == 0 ? 0 : index / stats.segments,
	    stats.segments == 0 ? 0
				: (host.outstanding - index) / stats.segments);
	fflush(stdout);
}

static void
walk(void)
{
	struct physseg_info info;
	physseg_pfn_t i = 0;
	physseg_t h;

	PHYSSEG_FOREACH(h, map) {
		const struct place place = place_of(i++);

		test_assert(physseg_get_info(map, h, &info) == 0);
		test_assert(info.start == place.start && info.end == place.end);
	}
	test_assert(i == nsegments);
	test_assert(
	    physseg_highest_frame(map) == place_of(nsegments - 1).end - 1);
}

/* A third whole, of a third the middle first. */
static void
unload(void)
{
	physseg_pfn_t at = 0;

	for (physseg_pfn_t i = 0; i < nsegments; i++) {
		struct place place = place_of(shuffled(&at));

		if (i % 3 == 0 && place.end - place.start > 2) {
			test_assert(
			    physseg_unplug(map, place.start + 1, 1) == 0);
			expect(place.start + 1, NULL);
			test_assert(physseg_unplug(map, place.start, 1) == 0);
			place.start += 2;
		}
		test_assert(physseg_unplug(map, place.start,
				place.end - place.start) == 0);
		expect(place.start, NULL);
		expect(place.end - 1, NULL);
	}
}

START_TEST(test_scattered)
{
	struct physseg_config config;
	physseg_pfn_t at = 0;

	nsegments = test_steps != 0 ? (physseg_pfn_t)test_steps : 20000;
	test_host_init(&host, 0);
	host.quiet = true;
	config = test_config(physseg_backend_radix(), &host);
	config.frames = FRAMES;
	config.may_empty = true;
	ck_assert_int_eq(physseg_create(&map, &config, NULL, 0), 0);
	load();
	print_memory("loaded");
	for (physseg_pfn_t i = 0; i < nsegments; i++)
		look_at(shuffled(&at));
	walk();
	if (nsegments <= 100000)
		ck_assert_ptr_null(physseg_check(map));
	unload();
	print_memory("unloaded");
	ck_assert_ptr_null(physseg_check(map));
	load(); /* in the memory that is there */
	look_at(nsegments / 2);
	print_memory("loaded again");
	physseg_destroy(map);
	ck_assert_uint_eq(host.outstanding, 0);
	test_host_fini(&host);
}
END_TEST

/* A segment at each end. */
START_TEST(test_ends)
{
	struct physseg_config config;

	test_host_init(&host, 0);
	config = test_config(physseg_backend_radix(), &host);
	config.frames = FRAMES;
	ck_assert_int_eq(physseg_create(&map, &config, NULL, 0), 0);
	ck_assert_int_eq(physseg_plug(map, 0, 8, 0, NULL), 0);
	ck_assert_int_eq(physseg_plug(map, FRAMES - 8, 8, 0, NULL), 0);
	print_memory("a segment at each end");
	ck_assert_uint_lt(host.outstanding, 1 << 20);
	ck_assert_ptr_eq(physseg_find(map, FRAMES / 2, NULL), PHYSSEG_NONE);
	ck_assert_ptr_null(physseg_check(map));
	physseg_destroy(map);
	test_host_fini(&host);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("radix_scattered");
	TCase *tc = tcase_create("scattered");

	tcase_add_test(tc, test_ends);
	tcase_add_test(tc, test_scattered);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
