/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * paper.h -- the experiments of "Hotplugging memory in NetBSD" (the paper
 * that described uvm_hotplug(9)), its sections 7 and 8, on every backend.
 *
 * In results: experiment "paper/calls/MODE" (x: calls) and
 * "paper/fragmented/MODE" (x: MiB), unit "s", as the paper's; MODE is
 *
 *	faithful	random() is called inside the timed loop, as in the
 *			paper; its own cost is variant "random() alone"
 *	net		frames are drawn before the clock starts and every
 *			answer is consumed
 *
 * and, as tests of Table 4 can be shortened, "paper/fragmented/calls", unit
 * "calls": how many each of them made.
 */
#ifndef BENCH_PAPER_H
#define BENCH_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "run/results.h"
#include "report/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The variant of what is measured of random(), and of "paper/.../calls". */
#define PAPER_RANDOM "random() alone"
#define PAPER_EACH   "each test"

/* Zero is the default of every field. */
struct paper_options {
	unsigned long runs;  /* of every test; 0: PAPER_RUNS */
	unsigned long calls; /* no test makes more: longer ones of Tables 1
			      * to 3 are left out, those of Table 4 are made
			      * shorter; 0: PAPER_CALLS */
	bool faithful;	     /* which modes; neither: both */
	bool net;
};

#define PAPER_RUNS	 20
#define PAPER_CALLS	 1000000ul
#define PAPER_FULL_RUNS	 100
#define PAPER_FULL_CALLS 100000000ul

/* Measure, and append to results; returns before all runs were made once
 * bench_interrupted is set.  A wrong answer of a lookup ends the program. */
void paper_measure(const struct paper_options *, struct results *);

/* The paper's Tables 1 to 4, its figures beside those measured. */
void paper_print(FILE *, enum table_format, const struct results *);

/* Its one percentage, then and now: a table of a few lines. */
void paper_print_degradation(FILE *, enum table_format, const struct results *);

/* What the paper measured: seconds, of 100 runs, on an i386 in VirtualBox.
 * A row without a test ends them. */
struct paper_row {
	const char *test; /* uvm_physseg_... */
	double x;
	double average;
	double minimum;
	double maximum;
};

extern const struct paper_row paper_rbtree[];	  /* its Table 1 */
extern const struct paper_row paper_array[];	  /* 2 */
extern const struct paper_row paper_fragmented[]; /* 4, of 10M calls */

/* The single runs of a test, in order, in seconds: what Figure 1 shows.
 * NULL: there are none.  Valid until the next paper_measure. */
const double *paper_runs(
    const char *experiment, const char *variant, double x, unsigned *n);

#ifdef __cplusplus
}
#endif
#endif /* BENCH_PAPER_H */
