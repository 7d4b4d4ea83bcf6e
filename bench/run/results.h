/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * results.h -- what was measured, in one flat list.
 *
 * Whoever measures adds; whoever prints, writes, draws or compares reads.  An
 * entry is named by its experiment, its variant and x, and these names are
 * stable: files of two builds are compared by them.
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct result {
	const char *experiment; /* "lookup/hit/random" */
	const char *variant;	/* "rbtree", "std::map" */
	double x;		/* segments, calls, MiB; 0: none */
	const char *unit;	/* of the values: "ns", "bytes", "s" */
	double min;
	double median;
	double mean;
	double sd; /* standard deviation of the population */
	double max;
	unsigned n;	     /* how many values; 0: not measured */
	const char *skipped; /* and why not; NULL where n > 0 */
};

struct results {
	struct result *list; /* in the order of adding */
	size_t count;
	size_t room;
};

/* Those of this run. */
extern struct results results;

/* Append; the texts are copied.  Ends the program when there is no memory.
 * The entry's address is valid until the next one is added. */
struct result *results_add(struct results *, const struct result *);

/* Append what `n' > 0 values say; they are sorted on the way. */
struct result *results_add_values(struct results *, const char *experiment,
    const char *variant, double x, const char *unit, double *values,
    unsigned n);

/* Append that this was not measured, and why. */
struct result *results_add_skipped(struct results *, const char *experiment,
    const char *variant, double x, const char *unit, const char *why);

/* The entry of these names that was measured, NULL: none. */
const struct result *results_find(const struct results *,
    const char *experiment, const char *variant, double x);

/* Give everything back. */
void results_clear(struct results *);

/*
 * As JSON: {"machine": {...}, "results": [{...}, ...]}.  Both say what is wrong
 * on stderr and return false then.  Reading appends.
 */
bool results_write_json(const struct results *, const char *path);
bool results_read_json(struct results *, const char *path);

#ifdef __cplusplus
}
#endif
#endif /* BENCH_RESULTS_H */
