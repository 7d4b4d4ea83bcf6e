/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * report.h -- the results as files, for people and for programs.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>

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
 * The project's own targets are a part of it if they are asked for.  False when
 * a file could not be written, which has been said on stderr.  Where there is
 * no gnuplot, that is said, and there are no pictures.
 */
bool report_write(const struct results *, const char *dir, bool targets);

/* tables.txt alone, under another name. */
bool report_write_tables(
    const struct results *, const char *path, bool targets);

/* Can a file, or a report into this directory, be written?  What there is stays
 * as it is.  False: it has been said why not. */
bool report_file_writable(const char *path);
bool report_writable(const char *dir);

#ifdef __cplusplus
}
#endif
#endif /* BENCH_REPORT_H */
