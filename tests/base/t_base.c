/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/base/t_base.c -- the place of every entry that a directory can have;
 * bits of words.
 */
#include "support.h"

#include "engine.h"

/* Each entry is behind the one before, or the first of the next level. */
START_TEST(test_every_entry)
{
	size_t place = 0, i, n = 0;
	unsigned level = 0;

	for (i = 0; i < physseg_directory_start(PHYSSEG_DIR_LEVELS); i++) {
		if (place == physseg_directory_length(level)) {
			place = 0;
			level++;
		}
		n += physseg_directory_level(i) == level &&
		    i - physseg_directory_start(level) == place++;
	}
	ck_assert_uint_eq(n, i);
	ck_assert_uint_eq(level, PHYSSEG_DIR_LEVELS - 1);
	ck_assert_uint_eq(place, physseg_directory_length(level));
}
END_TEST

/* Words with each pair of bits, and with all bits between the two. */
START_TEST(test_words)
{
	const size_t width = sizeof(uintptr_t) * 8;
	size_t low, high;
	uintptr_t word;

	for (high = 0; high < width; high++)
		for (low = 0; low <= high; low++) {
			word = (uintptr_t)1 << high | (uintptr_t)1 << low;
			ck_assert_uint_eq(physseg_highest_bit(word), high);
			ck_assert_uint_eq(physseg_lowest_bit(word), low);
			ck_assert_uint_eq(
			    physseg_count_bits(word), 1 + (low < high));
			word = UINTPTR_MAX >> (width - 1 - high + low) << low;
			ck_assert_uint_eq(physseg_highest_bit(word), high);
			ck_assert_uint_eq(physseg_lowest_bit(word), low);
			ck_assert_uint_eq(
			    physseg_count_bits(word), high - low + 1);
		}
	ck_assert_uint_eq(physseg_count_bits(0), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base");
	TCase *tc = tcase_create("base");

	tcase_add_test(tc, test_every_entry);
	tcase_add_test(tc, test_words);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
