/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench.h -- what a benchmark is, to the C files that have some.
 *
 * A file makes what it measures, adds its cases, and runs them: all that were
 * added since the last run interleave, and their results are in `results'
 * afterwards.  What is prepared outside of `run' is never timed.
 */
#ifndef BENCH_H
#define BENCH_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"

#ifdef __cplusplus
extern "C" {
#endif

struct bench {
	/* Its name in the results; ns for one operation are measured. */
	const char *experiment;
	const char *variant;
	double x;

	/* So many operations are done by one call of run.  The answer depends
	 * on the answer of every one, and is consumed. */
	double operations;
	uintptr_t (*run)(void *arg);

	/* Before and after each call of run, not timed; may be NULL. */
	void (*before)(void *arg);
	void (*after)(void *arg);

	/* Is every answer right?  Called once; may be NULL. */
	bool (*verify)(void *arg);

	void *arg;
	bool once; /* a call is long: one for each repetition */
};

/*
 * Go through all parts, but measure nothing: bench_wanted says no to everything
 * and notes what there will be to do.  False, which has been said: a filter
 * matches nothing, or --delay names no variant that will be measured.
 */
bool bench_count(void (*const *parts)(const struct options *), size_t n);

/* Does the command line want this?  Where it only wants a list, this prints
 * the name and says no. */
bool bench_wanted(const char *experiment, const char *variant, double x);

/* Measure this in the next run; copied, also the texts. */
void bench_add(const struct bench *bench);

/* Note why something that was wanted cannot be measured. */
void bench_skip(
    const char *experiment, const char *variant, double x, const char *why);

/* Run what was added, and forget it. */
void bench_run(void);

/* SIGINT or SIGTERM came, and this is its number: measure no more, print what
 * there is.  0: none. */
extern volatile sig_atomic_t bench_interrupted;

/* What is measured from now on: shown with an estimate of what is left. */
void bench_part(const char *format, ...)
#if defined(__GNUC__)
    __attribute__((__format__(__printf__, 1, 2)))
#endif
    ;

/* Say what takes so long: in a terminal's last line, else on a line of its own
 * now and then.  An empty text clears the terminal's line. */
void bench_progress(const char *format, ...)
#if defined(__GNUC__)
    __attribute__((__format__(__printf__, 1, 2)))
#endif
    ;

/* Once, before and after everything; the library's own arguments.  False:
 * they are wrong, which has been said. */
bool bench_init(int argc, char **argv, const struct options *options);
void bench_fini(void);

/* The files' own; each leaves the machine as it found it. */
void bench_lookup(const struct options *options);
void bench_layers(const struct options *options);
void bench_beside(const struct options *options);
void bench_change(const struct options *options);
void bench_grow(const struct options *options);
void bench_structures(const struct options *options);
void bench_memory(const struct options *options);

#ifdef __cplusplus
}
#endif
#endif /* BENCH_H */
