/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * options.h -- what the command line says.
 */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct options {
	bool help;
	bool list;
	bool full;	     /* everything at full size */
	bool paper;	     /* the paper's experiments only */
	bool faithful;	     /* their keys made inside the clock, as there */
	bool net;	     /* ... and before it */
	unsigned long runs;  /* of the paper's experiments; 0: default */
	unsigned long calls; /* at most, of one run; 0: default */
	unsigned long max;   /* segments at most; 0: default */
	bool targets;	     /* show the project's own targets */
	const char *out;     /* write the results to this file */
	const char *tables;  /* write the tables to this file */
	const char *report;  /* write a report into this directory */
	const char *before;  /* compare these two files */
	const char *after;
	double threshold;   /* from which ratio on they differ */
	const char *delay;  /* a variant to be slowed down */
	const char *format; /* of Google Benchmark's output; NULL: ours */
	const char *filter; /* Google Benchmark's; NULL: all */
	const char *file;   /* Google Benchmark's output goes there too */
	const char *file_format;
	double min_time;	   /* Google Benchmark's; 0: default */
	unsigned long repetitions; /* the same */
};

/*
 * Read the command line.  What Google Benchmark knows itself stays in *argc
 * and argv.  False: it is wrong, which has been said on stderr.
 */
bool options_parse(struct options *options, int *argc, char **argv);

/* What --help prints. */
void options_help(FILE *to);

#ifdef __cplusplus
}
#endif
#endif /* BENCH_OPTIONS_H */
