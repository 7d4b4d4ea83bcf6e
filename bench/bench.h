/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench.h -- what a benchmark is, to the C files that have some.
 *
 * Everything is made before the clock starts and lives until the program
 * ends; the clock sees only calls of run.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bench {
	const char *table; /* in which table it is shown */
	const char *row;   /* under which name */
	size_t operations; /* that one call of run does */

	/* Do them; the answer depends on the answer of every one, and is
	 * consumed. */
	uintptr_t (*run)(const void *arg);

	/* Is every answer right?  Called once, before the clock starts. */
	bool (*verify)(const void *arg);

	const void *arg;
};

/* Measure this too; copied, but for what it points to. */
void bench_add(const struct bench *bench);

/* The files' own. */
void bench_lookup(void);

#ifdef __cplusplus
}
#endif
#endif /* BENCH_H */
