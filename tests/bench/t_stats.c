/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/bench/t_stats.c -- the benchmark's statistics, against figures worked
 * out by hand and against the paper's own.
 */
#include <math.h>

#include "support.h"

#include "bench/paper/stats.h"

#define NEAR 1e-12

START_TEST(none)
{
	const struct stats s = stats_of(NULL, 0);

	ck_assert_uint_eq(s.n, 0);
	ck_assert_double_eq(s.average, 0);
	ck_assert_double_eq(s.margin, 0);
}
END_TEST

START_TEST(one)
{
	const double sample = 8.25;
	const struct stats s = stats_of(&sample, 1);

	ck_assert_uint_eq(s.n, 1);
	ck_assert_double_eq(s.average, 8.25);
	ck_assert_double_eq(s.minimum, 8.25);
	ck_assert_double_eq(s.maximum, 8.25);
	ck_assert_double_eq(s.median, 8.25);
	ck_assert_double_eq(s.sd, 0);
	ck_assert_double_eq(s.margin, 0);
}
END_TEST

/* The deviation is the population's: a sample's would be 2.138. */
START_TEST(by_hand)
{
	const double samples[] = { 9, 2, 4, 5, 4, 7, 5, 4 };
	const struct stats s = stats_of(samples, 8);

	ck_assert_uint_eq(s.n, 8);
	ck_assert_double_eq_tol(s.average, 5, NEAR);
	ck_assert_double_eq(s.minimum, 2);
	ck_assert_double_eq(s.maximum, 9);
	ck_assert_double_eq_tol(s.median, 4.5, NEAR);
	ck_assert_double_eq_tol(s.sd, 2, NEAR);
	ck_assert_double_eq_tol(s.margin, 3.92 / sqrt(8), NEAR);
	ck_assert_double_eq(samples[0], 9); /* in the order they were */
}
END_TEST

START_TEST(median_of_odd)
{
	const double samples[] = { 30, -10, 20, 20, 1e9 };

	ck_assert_double_eq(stats_of(samples, 5).median, 20);
	ck_assert_double_eq(stats_of(samples, 3).median, 20);
	ck_assert_double_eq(stats_of(samples, 3).minimum, -10);
}
END_TEST

/* Half of them one deviation below the average, half one above. */
static struct stats
spread(double average, double sd)
{
	double samples[100];

	for (size_t i = 0; i < 100; i++)
		samples[i] = average + (i % 2 == 0 ? sd : -sd);
	return stats_of(samples, 100);
}

/* Its margins of error follow from its deviations and 100 runs. */
START_TEST(the_papers_table_3)
{
	const struct stats array = spread(8.43476, 0.19331);
	const struct stats tree = spread(8.93254, 0.41553);

	ck_assert_double_eq_tol(array.average, 8.43476, NEAR);
	ck_assert_double_eq_tol(array.sd, 0.19331, NEAR);
	ck_assert_double_eq_tol(array.margin, 0.03789, 0.000005);
	ck_assert_double_eq_tol(tree.margin, 0.08144, 0.000005);
}
END_TEST

/* A deviation of a billionth of the average is not lost. */
START_TEST(small_deviation)
{
	ck_assert_double_eq_tol(spread(1, 1e-9).sd, 1e-9, 1e-14);
}
END_TEST

/* The paper says 5.59; the averages it prints give 5.90. */
START_TEST(percent)
{
	ck_assert_double_eq_tol(stats_percent(8.93254, 8.43476), 5.90, 0.005);
	ck_assert_double_eq_tol(stats_percent(1, 2), -50, NEAR);
	ck_assert_double_eq(stats_percent(3, 3), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("stats");
	TCase *t = tcase_create("stats");

	tcase_add_test(t, none);
	tcase_add_test(t, one);
	tcase_add_test(t, by_hand);
	tcase_add_test(t, median_of_odd);
	tcase_add_test(t, the_papers_table_3);
	tcase_add_test(t, small_deviation);
	tcase_add_test(t, percent);
	suite_add_tcase(s, t);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
