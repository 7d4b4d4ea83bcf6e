/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_freemap.c -- the free map of a slab against an array
 * of places: random changes of every length, and after each change every
 * question that can be asked.
 */
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "engine.h"

#define WORD (sizeof(uintptr_t) * 8)
#define NODE (8 * WORD) /* places of the lowest node */

static const size_t sizes[] = { 1, 2, WORD - 1, WORD, WORD + 1, NODE - 1, NODE,
	NODE + 1, 3 * NODE + 5, 8 * NODE, 8 * NODE + 1, 64 * NODE + WORD + 7 };

static struct physseg_freemap *map;
static bool *is_free; /* the model */
static size_t n;

/* The lowest run of so many in the model; n: none. */
static size_t
model_find(size_t many)
{
	size_t run = 0, i;

	for (i = 0; i < n; i++) {
		run = is_free[i] ? run + 1 : 0;
		if (run == many)
			return i + 1 - run;
	}
	return n;
}

static void
check(void)
{
	size_t total = 0, run = 0, most = 0, i;

	for (i = 0; i < n; i++) {
		run = is_free[i] ? run + 1 : 0;
		most = run > most ? run : most;
		total += is_free[i];
	}
	ck_assert_ptr_null(physseg_freemap_check(map));
	ck_assert_uint_eq(physseg_freemap_total(map), total);
	ck_assert_uint_eq(physseg_freemap_largest(map), most);
}

static void
check_find(size_t many)
{
	ck_assert_uint_eq(physseg_freemap_find(map, many), model_find(many));
}

static void
set(size_t i, size_t many, bool free)
{
	for (size_t k = i; k < i + many; k++)
		is_free[k] = free;
	physseg_freemap_set(map, i, many, free);
	ck_assert(physseg_freemap_is(map, i, many, free));
	ck_assert(!physseg_freemap_is(map, i, many, !free));
	check();
}

/* A range that is all free or all taken, and one place that is not. */
static void
check_is(struct test_rng *rng)
{
	const size_t i = test_random_size(rng, n);
	const size_t many = 1 + test_random_size(rng, n - i);
	size_t k = i;

	while (k < i + many && is_free[k] == is_free[i])
		k++;
	ck_assert(physseg_freemap_is(map, i, k - i, is_free[i]));
	ck_assert_int_eq(
	    physseg_freemap_is(map, i, many, is_free[i]), k == i + many);
}

START_TEST(test_model)
{
	const unsigned long steps = test_steps != 0 ? test_steps : 300;
	struct test_rng rng = { test_seed + (uint64_t)_i };
	void *mem;

	n = sizes[_i];
	mem = calloc(1, physseg_freemap_size(n));
	is_free = calloc(n, sizeof(*is_free));
	map = physseg_freemap_init(mem, n);
	check();
	for (unsigned long step = 0; step < steps; step++) {
		const size_t i = test_random_size(&rng, n);
		const size_t most = test_random_size(&rng, 4) == 0
		    ? n - i
		    : 1 + test_random_size(&rng, n - i < 9 ? n - i : 9);

		set(i, most == 0 ? 1 : most, test_random_size(&rng, 2) == 0);
		check_is(&rng);
		if (physseg_freemap_largest(map) == 0)
			continue;
		check_find(1);
		check_find(physseg_freemap_largest(map));
		check_find(
		    1 + test_random_size(&rng, physseg_freemap_largest(map)));
	}
	set(0, n, true);
	check_find(n);
	set(0, n, false);
	free(is_free);
	free(mem);
}
END_TEST

/* A run that goes from one word or node into the next, at each place, alone and
 * with others that are too short before it. */
START_TEST(test_across)
{
	const size_t many = 5;

	void *mem;

	n = 2 * 8 * NODE;
	mem = calloc(1, physseg_freemap_size(n));
	is_free = calloc(n, sizeof(*is_free));
	map = physseg_freemap_init(mem, n);
	for (size_t edge = WORD; edge < n; edge += WORD) {
		for (size_t before = 0; before <= many; before++) {
			set(edge - before, many, true);
			check_find(many);
			set(edge - before, many, false);
		}
		set(edge - 1, many - 1, true); /* stays: it is too short */
	}
	free(is_free);
	free(mem);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("freemap");
	TCase *tc = tcase_create("freemap");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(
	    tc, test_model, 0, (int)(sizeof(sizes) / sizeof(sizes[0])));
	tcase_add_test(tc, test_across);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
