/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_beside.c -- a reader beside a writer: what physseg_page costs a thread
 * while another plugs and unplugs, and what when nobody does.
 *
 *	beside/alone	ns of the reader's processor time, for one lookup
 *	beside/writer	the same while the writer is at work
 *	beside/rate	plugs and unplugs a second that it came to meanwhile
 *
 * Each thread has a processor of its own.  Whenever PERIOD has passed the
 * writer plugs 8 pages far behind everything the reader asks for, and unplugs
 * them.  Where the backend's readers need no lock, memory is used again only
 * after the reader's next pause; where they do, it is a mutex.  Each answer
 * goes into a sum, which must be right.
 */

#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1 /* processors */
#endif

#include <stdlib.h>

#include "bench.h"
#include "map.h"
#include "results.h"

static bool
wanted(const char *experiment, const struct subject *subject, size_t n)
{
	return bench_wanted(experiment, subject->backend->name, (double)n);
}

#ifdef __linux__

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define PERIOD 1e-4 /* s, from an unplug to the next plug */
#define PAUSE  1024 /* lookups, from one pause of the reader to the next */
#define SLICE  (64 * PAUSE) /* lookups in one call of run */
#define SLICES 8
#define BEHIND ((physseg_pfn_t)1 << 24) /* frames */

struct beside {
	struct physseg_map *map;
	struct physseg_host host;
	size_t n;
	uint32_t *keys;
	uintptr_t sums[SLICES]; /* of the right answers */
	size_t next;		/* slice */

	pthread_mutex_t mutex;
	atomic_bool reading;
	atomic_ulong pauses;

	pthread_t writer;
	atomic_bool writing; /* is asked for */
	atomic_bool quit;
	atomic_ulong changes; /* a plug and an unplug are two */
	double since;	      /* the writer is at work, */
	unsigned long changes_then;
	double spent; /* s, so far */
	double made;  /* changes, in that time */
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- the host ---- */

static void
lock(void *ctx)
{
	struct beside *beside = ctx;

	pthread_mutex_lock(&beside->mutex);
}

static void
unlock(void *ctx)
{
	struct beside *beside = ctx;

	pthread_mutex_unlock(&beside->mutex);
}

/* The reader's next pause; when it does not read, it holds nothing. */
static void
grace(void *ctx)
{
	struct beside *beside = ctx;
	const unsigned long pauses = atomic_load(&beside->pauses);

	while (atomic_load(&beside->reading) &&
	    atomic_load(&beside->pauses) == pauses)
		continue;
}

static void
make_map(struct beside *beside, const struct physseg_backend *backend)
{
	const bool lockfree = (backend->capabilities & PHYSSEG_LOCKFREE) != 0;
	const struct physseg_config config = {
		.backend = backend,
		.host = &beside->host,
		.ctx = beside,
		.page_size = PAGE_BYTES,
	};
	uint32_t *order = ordered(beside->n, RANDOM);
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&beside->mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
	beside->host = frame_host;
	beside->host.lock = lockfree ? NULL : lock;
	beside->host.unlock = lockfree ? NULL : unlock;
	beside->host.sync = grace;
	must_be_ok(physseg_create(&beside->map, &config, NULL, 0));
	for (size_t i = 0; i < beside->n; i++)
		must_be_ok(physseg_plug(beside->map,
		    (physseg_pfn_t)order[i] * SEGMENT_STRIDE, SEGMENT_PAGES, 0,
		    NULL));
	free(order);
}

/* ---- the writer ---- */

/* On any processor but the reader's; false: there is no other. */
static bool
go_elsewhere(pthread_t thread)
{
	const int here = sched_getcpu();
	const long most = sysconf(_SC_NPROCESSORS_CONF);

	for (int cpu = 0; cpu < most; cpu++) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET((size_t)cpu, &set);
		if (cpu != here &&
		    pthread_setaffinity_np(thread, sizeof(set), &set) == 0)
			return true;
	}
	return false;
}

static void *
write_on(void *arg)
{
	struct beside *beside = arg;
	const struct timespec idle = { 0, 100000 };
	double due = now();

	while (!atomic_load(&beside->quit)) {
		if (!atomic_load(&beside->writing)) {
			nanosleep(&idle, NULL);
			due = now();
			continue;
		}
		if (now() < due)
			continue;
		due = now() + PERIOD;
		must_be_ok(
		    physseg_plug(beside->map, BEHIND, SEGMENT_PAGES, 0, NULL));
		must_be_ok(physseg_unplug(beside->map, BEHIND, SEGMENT_PAGES));
		atomic_fetch_add(&beside->changes, 2);
	}
	return NULL;
}

static void
before(void *arg)
{
	struct beside *beside = arg;
	const unsigned long changes = atomic_load(&beside->changes);

	atomic_store(&beside->writing, true);
	while (atomic_load(&beside->changes) == changes)
		continue;
	beside->since = now();
	beside->changes_then = atomic_load(&beside->changes);
}

static void
after(void *arg)
{
	struct beside *beside = arg;

	beside->spent += now() - beside->since;
	beside->made +=
	    (double)(atomic_load(&beside->changes) - beside->changes_then);
	atomic_store(&beside->writing, false);
}

/* ---- the reader ---- */

static uintptr_t
sum_of(struct beside *beside, size_t slice)
{
	const uint32_t *keys = beside->keys + slice * SLICE;
	uintptr_t sum = 0;

	atomic_store(&beside->reading, true);
	for (size_t i = 0; i < SLICE; i += PAUSE) {
		for (size_t k = 0; k < PAUSE; k++)
			sum +=
			    (uintptr_t)physseg_page(beside->map, keys[i + k]);
		atomic_fetch_add(&beside->pauses, 1);
	}
	atomic_store(&beside->reading, false);
	return sum;
}

static uintptr_t
run(void *arg)
{
	struct beside *beside = arg;
	const size_t slice = beside->next;

	beside->next = (slice + 1) % SLICES;
	if (sum_of(beside, slice) != beside->sums[slice]) {
		fprintf(stderr, "bench: beside a writer: a wrong answer\n");
		exit(EXIT_FAILURE);
	}
	return slice;
}

/* Page by page, while nobody writes. */
static bool
verify(void *arg)
{
	struct beside *beside = arg;

	for (size_t slice = 0; slice < SLICES; slice++) {
		beside->sums[slice] = 0;
		for (size_t i = slice * SLICE; i < (slice + 1) * SLICE; i++) {
			const physseg_pfn_t *page =
			    physseg_page(beside->map, beside->keys[i]);

			if (page == NULL || *page != beside->keys[i])
				return false;
			beside->sums[slice] += (uintptr_t)page;
		}
	}
	return true;
}

/* ---- both ---- */

static struct beside *
make(const struct subject *subject, size_t n)
{
	struct beside *beside = zeroed(sizeof(*beside));
	uint64_t state = 1;

	beside->n = n;
	make_map(beside, subject->backend);
	beside->keys = must(malloc(SLICES * SLICE * sizeof(beside->keys[0])));
	for (size_t i = 0; i < SLICES * SLICE; i++)
		beside->keys[i] =
		    (uint32_t)(random_next(&state) % n * SEGMENT_STRIDE +
			random_next(&state) % SEGMENT_PAGES);
	return beside;
}

static void
unmake(struct beside *beside)
{
	physseg_destroy(beside->map);
	pthread_mutex_destroy(&beside->mutex);
	free(beside->keys);
	zeroed_free(beside);
}

static void
add(struct beside *beside, const struct subject *subject, bool writer)
{
	bench_add(&(struct bench){
	    .experiment = writer ? "beside/writer" : "beside/alone",
	    .variant = subject->backend->name,
	    .x = (double)beside->n,
	    .operations = SLICE,
	    .before = writer ? before : NULL,
	    .run = run,
	    .after = writer ? after : NULL,
	    .verify = verify,
	    .arg = beside,
	});
}

static void
measure(const struct subject *subject, size_t n)
{
	const char *name = subject->backend->name;
	const bool alone = wanted("beside/alone", subject, n);
	const bool writer = wanted("beside/writer", subject, n);
	struct beside *beside;
	double rate;

	if (!alone && !writer)
		return;
	bench_part("a reader beside a writer, %s, %zu segments", name, n);
	beside = make(subject, n);
	if (alone)
		add(beside, subject, false);
	if (writer &&
	    (pthread_create(&beside->writer, NULL, write_on, beside) != 0 ||
		!go_elsewhere(beside->writer)))
		bench_skip("beside/writer", name, (double)n,
		    "needs a second processor");
	else if (writer)
		add(beside, subject, true);
	bench_run();
	if (writer) {
		atomic_store(&beside->quit, true);
		pthread_join(beside->writer, NULL);
	}
	if (beside->spent > 0) {
		rate = beside->made / beside->spent;
		results_add_values(
		    &results, "beside/rate", name, (double)n, "1/s", &rate, 1);
	}
	unmake(beside);
}

#else

static void
measure(const struct subject *subject, size_t n)
{
	if (wanted("beside/writer", subject, n))
		bench_skip("beside/writer", subject->backend->name, (double)n,
		    "is told which processor to use on Linux only");
}

#endif

void
bench_beside(const struct options *options)
{
	for (const size_t *n = sizes(options); *n != 0; n++)
		for (size_t i = 0; *n >= 1000 && subjects[i] != NULL; i++)
			if (!subjects[i]->foreign &&
			    mapped_hotplug(subjects[i]->backend))
				measure(subjects[i], *n);
}
