/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * summary.h -- the results for people: tables of everything but the paper's,
 * and what of the targets was met.
 */
#ifndef BENCH_SUMMARY_H
#define BENCH_SUMMARY_H

#include <stdio.h>

#include "run/results.h"
#include "table.h"

/* Every experiment that has results, a table or several. */
void summary_print(FILE *, enum table_format, const struct results *);

/* What an experiment is, and what its x is, for people; an experiment that has
 * no such texts is its own. */
const char *summary_title(const char *experiment);
const char *summary_column(const char *experiment);

/* Target, measured, met or not; one that lacks results says so. */
void targets_print(FILE *, enum table_format, const struct results *);

#endif /* BENCH_SUMMARY_H */
