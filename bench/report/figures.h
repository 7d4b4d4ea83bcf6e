/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * figures.h -- the pictures: the paper's two, and for each experiment its
 * values against the number of segments.
 */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "run/results.h"

struct figure {
	char name[64]; /* of its files */
	char title[128];
	char experiment[64]; /* whose results it shows; "paper/": several */
};

/* Write what gnuplot needs for each picture there are results for.  NULL: it
 * could not be written.  The list is valid until the next call. */
const struct figure *figures_write(
    const struct results *, const char *dir, size_t *count);

/* Let gnuplot draw them.  False: it could not, which has been said. */
bool figures_draw(const struct figure *, size_t count, const char *dir);

#endif /* BENCH_FIGURES_H */
