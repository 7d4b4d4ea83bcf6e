/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * paper.c -- which of the paper's tests run, in which order, and how long it
 * will take.
 *
 * A group is a test in one mode; its series are the backends.  All runs of all
 * groups are interleaved, a whole run of everything after the other, so that
 * what disturbs the machine disturbs all alike, and an early end leaves as
 * many runs of each as there was time for.  Within a group every series gets
 * the same frames; which of them goes first changes from run to run.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "paper.h"
#include "paper_map.h"
#include "stats.h"
#include "support.h"

#define MAX_BACKENDS	 16
#define NTESTS		 (sizeof(tests) / sizeof(tests[0]))
#define MAX_GROUPS	 (2 * NTESTS)
#define MAX_FRAMES	 (256 * 256) /* of the largest test */
#define FRAGMENTED_CALLS 10000000ul

static const struct physseg_backend *const bench_backends[] = {
	&physseg_array_bsearch,
	&physseg_rbtree,
	&physseg_array_random,
	&physseg_array_bigfirst,
	&physseg_array_contig,
	NULL,
};

static const struct test {
	double x;
	unsigned long calls;
	unsigned mib; /* 0: the static segments */
} tests[] = {
	{ 1e2, 100, 0 },
	{ 1e3, 1000, 0 },
	{ 1e4, 10000, 0 },
	{ 1e5, 100000, 0 },
	{ 1e6, 1000000, 0 },
	{ 1e7, 10000000, 0 },
	{ 1e8, 100000000, 0 },
	{ 1, FRAGMENTED_CALLS, 1 },
	{ 64, FRAGMENTED_CALLS, 64 },
	{ 128, FRAGMENTED_CALLS, 128 },
	{ 256, FRAGMENTED_CALLS, 256 },
};

struct series {
	const char *variant;
	const struct paper_map *map;
	double *seconds; /* of each run */
	unsigned n;
};

static struct group {
	const char *experiment;
	double x;
	struct paper_draw draw;
	struct series series[MAX_BACKENDS + 1]; /* and random() alone */
	size_t nseries;
} groups[MAX_GROUPS];
static size_t ngroups;

static const volatile sig_atomic_t *stop_flag;

static bool
stop(void)
{
	return stop_flag != NULL && *stop_flag != 0;
}

/* ---- what there is to run ---- */

/* The map of a test on a backend, made when first asked for. */
static const struct paper_map *
map_of(size_t test, size_t backend, int *error)
{
	static struct made {
		bool is;
		int error;
		struct paper_map map;
	} made[NTESTS][MAX_BACKENDS];
	const unsigned mib = tests[test].mib;
	/* All static tests share the first one's. */
	struct made *m = &made[mib == 0 ? 0 : test][backend];

	if (!m->is) {
		m->is = true;
		m->error = mib == 0
		    ? paper_map_static(&m->map, bench_backends[backend])
		    : paper_map_fragmented(
			  &m->map, bench_backends[backend], mib);
	}
	*error = m->error;
	return &m->map;
}

static void
add_series(struct group *g, const char *variant, const struct paper_map *map,
    unsigned long runs)
{
	struct series *s = &g->series[g->nseries++];

	*s = (struct series){
		.variant = variant,
		.map = map,
		.seconds = must(calloc(runs, sizeof(s->seconds[0]))),
	};
}

static void
add_group(size_t test, bool faithful, const struct paper_options *options,
    struct results *all)
{
	static struct paper_map none;
	const struct test *t = &tests[test];
	struct group *g = &groups[ngroups++];
	int error;

	*g = (struct group){
		.experiment = t->mib == 0
		    ? faithful ? "paper/calls/faithful" : "paper/calls/net"
		    : faithful ? "paper/fragmented/faithful"
			       : "paper/fragmented/net",
		.x = t->x,
		.draw.faithful = faithful,
		.draw.calls =
		    t->calls < options->calls ? t->calls : options->calls,
		.draw.frames = t->mib == 0 ? 256 : t->mib * 256,
	};
	for (size_t i = 0; bench_backends[i] != NULL; i++) {
		const char *name = bench_backends[i]->name;
		const struct paper_map *map = map_of(test, i, &error);

		if (error == PHYSSEG_OK)
			add_series(g, name, map, options->runs);
		else
			results_add_skipped(all, g->experiment, name, g->x, "s",
			    physseg_strerror(error));
	}
	if (faithful && t->mib == 0) {
		paper_map_none(&none, g->draw.frames);
		add_series(g, "random() alone", &none, options->runs);
	}
}

static void
add_groups(const struct paper_options *options, struct results *all)
{
	for (size_t i = 0; i < ngroups; i++)
		for (size_t j = 0; j < groups[i].nseries; j++)
			free(groups[i].series[j].seconds);
	ngroups = 0;
	for (int faithful = 1; faithful >= 0; faithful--) {
		if (!(faithful ? options->faithful : options->net))
			continue;
		for (size_t i = 0; i < NTESTS; i++)
			if (tests[i].mib != 0 ||
			    tests[i].calls <= options->calls)
				add_group(i, faithful, options, all);
	}
}

/* ---- how long it will take ---- */

struct progress {
	bool wanted;
	bool terminal;
	double started;
	double said;
	double done; /* calls */
	double all;
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
progress_start(struct progress *p, const struct paper_options *options)
{
	*p = (struct progress){
		.wanted = options->progress,
		.terminal = isatty(STDERR_FILENO),
		.started = now(),
	};
	for (size_t i = 0; i < ngroups; i++)
		p->all += (double)options->runs * (double)groups[i].nseries *
		    (double)groups[i].draw.calls;
}

/* A terminal is told twice a second, in one line; a file twice a minute. */
static void
progress_say(
    struct progress *p, unsigned long run, const struct paper_options *options)
{
	const double t = now();
	const double left = (t - p->started) * (p->all / p->done - 1);

	if (!p->wanted || t - p->said < (p->terminal ? 0.5 : 30))
		return;
	p->said = t;
	fprintf(stderr, "%spaper: run %lu of %lu, %.0f %%, about %.0f s left%s",
	    p->terminal ? "\r" : "", run + 1, options->runs,
	    100 * p->done / p->all, left, p->terminal ? "\033[K" : "\n");
	fflush(stderr);
}

static void
progress_end(const struct progress *p)
{
	if (p->wanted && p->terminal)
		fprintf(stderr, "\r\033[K");
}

/* ---- running it ---- */

static void
run_group(struct group *g, unsigned long run)
{
	static uint32_t counts[MAX_FRAMES];

	g->draw.seed = (unsigned)run + 1;
	paper_count(&g->draw, counts);
	for (size_t i = 0; i < g->nseries && !stop(); i++) {
		struct series *s = &g->series[(run + i) % g->nseries];
		const double seconds =
		    paper_clock(s->map, &g->draw, counts, stop);

		if (seconds >= 0)
			s->seconds[s->n++] = seconds;
	}
}

static void
run_all(const struct paper_options *options)
{
	struct progress progress;

	progress_start(&progress, options);
	for (unsigned long run = 0; run < options->runs; run++)
		for (size_t i = 0; i < ngroups && !stop(); i++) {
			run_group(&groups[i], run);
			progress.done += (double)groups[i].nseries *
			    (double)groups[i].draw.calls;
			progress_say(&progress, run, options);
		}
	progress_end(&progress);
}

static void
add_results(struct results *all)
{
	for (size_t i = 0; i < ngroups; i++)
		for (size_t j = 0; j < groups[i].nseries; j++) {
			const struct series *s = &groups[i].series[j];
			const struct stats stats = stats_of(s->seconds, s->n);

			if (s->n > 0)
				results_add(all,
				    &(struct result){
					.experiment = groups[i].experiment,
					.variant = s->variant,
					.x = groups[i].x,
					.unit = "s",
					.min = stats.minimum,
					.median = stats.median,
					.mean = stats.average,
					.sd = stats.sd,
					.max = stats.maximum,
					.n = s->n,
				    });
			else
				results_add_skipped(all, groups[i].experiment,
				    s->variant, groups[i].x, "s",
				    "interrupted");
		}
}

void
paper_measure(const struct paper_options *options, struct results *all)
{
	struct paper_options o = *options;

	if (o.runs == 0)
		o.runs = PAPER_RUNS;
	if (o.calls == 0)
		o.calls = PAPER_CALLS;
	if (!o.faithful && !o.net)
		o.faithful = o.net = true;
	stop_flag = o.stop;
	add_groups(&o, all);
	run_all(&o);
	add_results(all);
}

int
paper_main(const struct paper_options *options)
{
	paper_measure(options, &results);
	paper_print(stdout, TABLE_TEXT, &results);
	return EXIT_SUCCESS;
}

const double *
paper_runs(const char *experiment, const char *variant, double x, unsigned *n)
{
	for (size_t i = 0; i < ngroups; i++)
		for (size_t j = 0; j < groups[i].nseries; j++) {
			const struct series *s = &groups[i].series[j];

			if (!(groups[i].x < x) && !(groups[i].x > x) &&
			    strcmp(groups[i].experiment, experiment) == 0 &&
			    strcmp(s->variant, variant) == 0) {
				*n = s->n;
				return s->n == 0 ? NULL : s->seconds;
			}
		}
	return NULL;
}
