/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * stats.h -- what is said of a number of runs, as the paper says it.
 */
#ifndef STATS_H
#define STATS_H

#include <stddef.h>

/* Of no samples: all zero.  Everything but n in the samples' unit. */
struct stats {
	size_t n;
	double average;
	double minimum;
	double maximum;
	double median;
	double sd;     /* standard deviation of the population: the runs are
			* all there is, not a sample of more */
	double margin; /* of error at 95 %: 1.96 sd / sqrt(n) */
};

/* O(n^2): runs are few.  Samples keep their order, and take no memory. */
struct stats stats_of(const double *samples, size_t n);

/* How much more `ours' is than `base', in percent; signed. */
double stats_percent(double ours, double base);

#endif /* STATS_H */
