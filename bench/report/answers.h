/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * answers.h -- the one screen that a run ends with: which backend for me?
 */
#ifndef BENCH_ANSWERS_H
#define BENCH_ANSWERS_H

#include <stdio.h>

#include "run/results.h"
#include "table.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The machine; then lookup, change and memory by number of segments, the
 * library's backends beside the best of the others; then the paper's
 * degradation, then and now.  At most 40 lines of 80 columns as text.  What was
 * not measured is left out.
 */
void answers_print(FILE *, enum table_format, const struct results *);

#ifdef __cplusplus
}
#endif
#endif /* BENCH_ANSWERS_H */
