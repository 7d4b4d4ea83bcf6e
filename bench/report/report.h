/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * report.h -- the results as files, for people and for programs.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "run/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Write into a directory, which is made if it is not there:
 *
 *	report.html	everything on one page that needs nothing else
 *	tables.txt	the tables
 *	results.json	what --compare reads
 *	NAME.svg, .png	the pictures, and of each
 *	NAME.dat	what it shows, and
 *	NAME.gnuplot	what draws it
 *
 * 0, or -1 when a file could not be written, which has been said on stderr.
 * Where there is no gnuplot, that is said, and there are no pictures.
 */
int report_write(const struct results *, const char *dir);

#ifdef __cplusplus
}
#endif
#endif /* BENCH_REPORT_H */
