/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * summary.h -- the results for people: tables of everything but the paper's,
 * and what of the targets was met.
 */
#ifndef BENCH_SUMMARY_H
#define BENCH_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

#include "run/results.h"
#include "table.h"

/* All experiments, in the order in which they are shown; NULL: no more. */
const char *summary_experiment(size_t i);

/* The tables of one, in a fold that the caller ends.  False: it has no results,
 * and nothing was printed. */
bool summary_begin(
    FILE *, enum table_format, const struct results *, const char *experiment);

/* What an experiment is, what its x is, and which values are good ("lower is
 * better"), for people; an experiment that has no title is its own. */
const char *summary_title(const char *experiment);
const char *summary_column(const char *experiment);
const char *summary_better(const char *experiment);

/* Target, measured, met or not; one that lacks results says so, and one that
 * the repetitions do not decide. */
void targets_print(FILE *, enum table_format, const struct results *);

#endif /* BENCH_SUMMARY_H */
