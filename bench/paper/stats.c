/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * stats.c -- average, extremes, median, standard deviation, margin of error.
 *
 * Two passes, average first: the sum of squares minus the square of the sum
 * would lose every digit where runs differ little.
 */
#include "stats.h"

#include <math.h>

/* The sample that would be at `rank', from 0, were they sorted. */
static double
sorted_at(const double *samples, size_t n, size_t rank)
{
	for (size_t i = 0; i < n; i++) {
		size_t less = 0, same = 0;

		for (size_t j = 0; j < n; j++) {
			less += samples[j] < samples[i];
			same += !(samples[j] < samples[i]) &&
			    !(samples[j] > samples[i]);
		}
		if (less <= rank && rank < less + same)
			return samples[i];
	}
	return 0;
}

struct stats
stats_of(const double *samples, size_t n)
{
	struct stats s = { 0 };
	double squares = 0;

	if (n == 0)
		return s;
	s.n = n;
	s.minimum = s.maximum = samples[0];
	for (size_t i = 0; i < n; i++) {
		s.average += samples[i] / (double)n;
		s.minimum = fmin(s.minimum, samples[i]);
		s.maximum = fmax(s.maximum, samples[i]);
	}
	for (size_t i = 0; i < n; i++)
		squares += (samples[i] - s.average) * (samples[i] - s.average);
	s.median = (sorted_at(samples, n, (n - 1) / 2) +
		       sorted_at(samples, n, n / 2)) /
	    2;
	s.sd = sqrt(squares / (double)n);
	s.margin = 1.96 * s.sd / sqrt((double)n);
	return s;
}

double
stats_percent(double ours, double base)
{
	return (ours / base - 1) * 100;
}
