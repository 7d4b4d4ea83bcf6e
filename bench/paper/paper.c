/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * paper.c -- which of the paper's tests run, in which order, and how long it
 * will take.
 *
 * A group is a test in one mode; its series are the backends, and what
 * the paper compared, by the textbook.  All runs of all
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

#include "run/bench.h"
#include "paper.h"
#include "paper_map.h"
#include "stats.h"
#include "baseline/subject.h"
#include "run/support.h"

#define MAX_SUBJECTS	 32
#define NTESTS		 (sizeof(tests) / sizeof(tests[0]))
#define MAX_GROUPS	 (2 * NTESTS)
#define MAX_FRAMES	 (256 * 256) /* of the largest test */
#define FRAGMENTED_CALLS 10000000ul

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
	struct series series[MAX_SUBJECTS + 1]; /* and random() alone */
	size_t nseries;
} groups[MAX_GROUPS];
static size_t ngroups;

/* ---- what there is to run ---- */

/* The map of a test on a subject, made when first asked for. */
static const struct paper_map *
map_of(size_t test, size_t subject)
{
	static struct paper_map made[NTESTS][MAX_SUBJECTS];
	const unsigned mib = tests[test].mib;
	/* All static tests share the first one's. */
	struct paper_map *m = &made[mib == 0 ? 0 : test][subject];

	if (m->frames == 0)
		paper_map_make(m, subjects[subject], mib);
	return m;
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

/* Every backend; of the foreign, what the paper compared. */
static bool
is_wanted(const struct subject *subject)
{
	return !subject->foreign || subject == &baseline_bsearch ||
	    subject == &baseline_rbtree;
}

static unsigned long
calls_of(unsigned long calls, const struct paper_options *options)
{
	return calls < options->calls ? calls : options->calls;
}

static void
add_group(size_t test, bool faithful, const struct paper_options *options,
    struct results *all)
{
	static struct paper_map none;
	const struct test *t = &tests[test];
	struct group *g = &groups[ngroups++];

	*g = (struct group){
		.experiment = t->mib == 0
		    ? faithful ? "paper/calls/faithful" : "paper/calls/net"
		    : faithful ? "paper/fragmented/faithful"
			       : "paper/fragmented/net",
		.x = t->x,
		.draw.faithful = faithful,
		.draw.calls = calls_of(t->calls, options),
		.draw.frames = t->mib == 0 ? 256 : t->mib * 256,
	};
	for (size_t i = 0; subjects[i] != NULL; i++) {
		const char *name = subjects[i]->backend->name;
		const struct paper_map *map;

		if (!is_wanted(subjects[i]))
			continue;
		map = map_of(test, i);
		if (map->error == PHYSSEG_OK)
			add_series(g, name, map, options->runs);
		else
			results_add_skipped(all, g->experiment, name, g->x, "s",
			    physseg_strerror(map->error));
	}
	if (faithful && t->mib == 0) {
		paper_map_none(&none, g->draw.frames);
		add_series(g, PAPER_RANDOM, &none, options->runs);
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
	double started;
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
progress_start(struct progress *p, unsigned long runs)
{
	*p = (struct progress){ .started = now() };
	for (size_t i = 0; i < ngroups; i++)
		p->all += (double)runs * (double)groups[i].nseries *
		    (double)groups[i].draw.calls;
}

static void
progress_say(const struct progress *p, unsigned long run, unsigned long runs)
{
	const double left = (now() - p->started) * (p->all / p->done - 1);

	bench_progress("paper: run %lu of %lu, %.0f %%, about %.0f s left",
	    run + 1, runs, 100 * p->done / p->all, left);
}

/* ---- running it ---- */

static void
run_group(struct group *g, unsigned long run)
{
	static uint32_t counts[MAX_FRAMES];

	g->draw.seed = (unsigned)run + 1;
	paper_count(&g->draw, counts);
	for (size_t i = 0; i < g->nseries && !bench_interrupted; i++) {
		struct series *s = &g->series[(run + i) % g->nseries];
		const double seconds = paper_clock(s->map, &g->draw, counts);

		if (seconds >= 0)
			s->seconds[s->n++] = seconds;
	}
}

static void
run_all(unsigned long runs)
{
	struct progress progress;

	progress_start(&progress, runs);
	for (unsigned long run = 0; run < runs; run++)
		for (size_t i = 0; i < ngroups && !bench_interrupted; i++) {
			run_group(&groups[i], run);
			progress.done += (double)groups[i].nseries *
			    (double)groups[i].draw.calls;
			progress_say(&progress, run, runs);
		}
	bench_progress("%s", "");
}

static void
add_results(struct results *all, double fragmented_calls)
{
	results_add_values(all, "paper/fragmented/calls", PAPER_EACH, 0,
	    "calls", &fragmented_calls, 1);
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
	add_groups(&o, all);
	run_all(o.runs);
	add_results(all, (double)calls_of(FRAGMENTED_CALLS, &o));
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
