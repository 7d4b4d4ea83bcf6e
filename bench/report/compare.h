/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * compare.h -- did a change make anything slower, or faster?
 */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

/* Print the ratios of two files that --out wrote.  The answer is main's: 0, or
 * 1 when a ratio or its inverse is beyond `threshold', or 2 when there is
 * nothing to compare. */
int compare(const char *before, const char *after, double threshold);

#endif /* BENCH_COMPARE_H */
