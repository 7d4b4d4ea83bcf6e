/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_memory.c -- what a map takes, counted by the host's hooks; and what a
 * process takes, as the system counts it.  Nothing here is timed.
 *
 *	memory/segment	  bytes of a registry for each of x segments; a foreign
 *			  one has records of the same size
 *	memory/page	  ... of a map with page structures, for each page,
 *			  without the structures themselves
 *	memory/index	  ... of the index alone, for each segment; of the flat
 *			  array that is also the page structures of no page
 *	memory/large	  ... of the index alone, of x segments of 64 MiB
 *	memory/hotplug	  ... taken by one hot plug of x pages; nothing where a
 *			  slab has room
 *	memory/structures ... that their page structures are
 *	memory/few	  a registry of x segments, as far apart as they can be
 *			  within 2^24 frames
 *	memory/wide	  a registry with a segment at each end of 2^52 bytes
 *	memory/resident	  the greatest resident set of a process that makes a
 *			  registry of x segments, less what it was before, for
 *			  each segment
 */

#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE 1
#endif

#include <stdio.h>
#include <stdlib.h>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#define HAVE_FORK 1
#endif

#include "engine.h"

#include "bench.h"
#include "map.h"
#include "results.h"

static void
note(const char *experiment, const char *variant, size_t x, double bytes)
{
	results_add_values(
	    &results, experiment, variant, (double)x, "bytes", &bytes, 1);
}

static bool
wanted(const char *experiment, const char *variant, size_t x)
{
	return bench_wanted(experiment, variant, (double)x);
}

/* A map that holds `n' segments, which it was given while it ran; or at boot
 * where that is all it can. */
static struct mapped *
filled(const struct subject *subject, size_t page_size, size_t n)
{
	uint32_t *order = ordered(n, subject->ascending ? ASCENDING : RANDOM);
	struct mapped *mapped =
	    mapped_filled(subject->backend, page_size, n, order, n);

	free(order);
	return mapped;
}

/* Of its storage and of what it took since, without page structures. */
static double
taken(const struct mapped *mapped, size_t n)
{
	const struct physseg_config config = {
		.backend = mapped->backend,
		.host = &counting_host,
		.capacity = n,
	};
	size_t bytes = mapped->count.bytes;

	if (mapped->storage != NULL)
		bytes += physseg_storage_size(&config);
	return (double)bytes - (double)(n * SEGMENT_PAGES * mapped->page_size);
}

/* What the backend was given at first, and since. */
static double
index_bytes(const struct mapped *mapped, size_t n)
{
	const struct physseg_chunk *chunk;
	size_t bytes = mapped->backend->size(n);

	for (chunk = mapped->map->chunks; chunk != NULL; chunk = chunk->next)
		bytes += mapped->backend->chunk_size;
	return (double)bytes;
}

static void
measure_segments(const struct subject *subject, size_t n)
{
	const struct physseg_backend *backend = subject->backend;
	const char *name = backend->name;
	struct mapped *mapped;

	if (wanted("memory/index", name, n)) {
		mapped = filled(subject, 0, n);
		note("memory/index", name, n,
		    index_bytes(mapped, n) / (double)n);
		mapped_free(mapped);
	}
	if (wanted("memory/segment", name, n)) {
		mapped = filled(subject, 0, n);
		note("memory/segment", name, n, taken(mapped, n) / (double)n);
		mapped_free(mapped);
	}
	if (mapped_hotplug(backend) && wanted("memory/page", name, n)) {
		mapped = filled(subject, PAGE_BYTES, n);
		note("memory/page", name, n,
		    taken(mapped, n) / (double)(n * SEGMENT_PAGES));
		mapped_free(mapped);
	}
}

/* A foreign one: its index, and records of the size that a map's have. */
static void
measure_foreign(const struct subject *subject, size_t n)
{
	const char *name = subject->backend->name;
	const bool index = wanted("memory/index", name, n);
	const bool segment = wanted("memory/segment", name, n);
	struct filled *filled;
	double each;

	if ((!index && !segment) || subject->missing != NULL)
		return;
	filled = filled_make(subject, n);
	each = (double)subject->backend->size(n) / (double)n;
	if (subject->bytes != NULL)
		each += (double)subject->bytes(filled->index) / (double)n;
	if (index)
		note("memory/index", name, n, each);
	if (segment)
		note("memory/segment", name, n, each + RECORD_BYTES);
	filled_free(filled);
}

/* ---- one hot plug ---- */

static void
measure_hotplug(const struct subject *subject, size_t pages)
{
	const char *name = subject->backend->name;
	struct mapped *mapped;
	size_t before;

	if (!wanted("memory/hotplug", name, pages))
		return;
	mapped = filled(subject, PAGE_BYTES, 32);
	before = mapped->count.bytes;
	must_be_ok(
	    physseg_plug(mapped->map, 32 * SEGMENT_STRIDE, pages, 0, NULL));
	note("memory/hotplug", name, pages,
	    (double)(mapped->count.bytes - before));
	note("memory/structures", name, pages, (double)(pages * PAGE_BYTES));
	mapped_free(mapped);
}

/* ---- large segments ---- */

static void
measure_large(const struct subject *subject)
{
	const size_t n = 64;
	const char *name = subject->backend->name;
	struct mapped *mapped;

	if (subject->backend->max_segments == 1 ||
	    !wanted("memory/large", name, n))
		return;
	mapped = mapped_empty(subject->backend, 0, n);
	for (size_t i = 0; i < n; i++)
		must_be_ok(physseg_plug(mapped->map,
		    (physseg_pfn_t)(2 * i) * LARGE_PAGES, LARGE_PAGES, 0,
		    NULL));
	note("memory/large", name, n, index_bytes(mapped, n));
	mapped_free(mapped);
}

/* ---- empty space ---- */

static void
measure_few(const struct subject *subject)
{
	const physseg_pfn_t n = 16, apart = ((physseg_pfn_t)1 << 24) / n;
	const char *name = subject->backend->name;
	struct mapped *mapped;

	if (subject->backend->max_segments == 1 ||
	    !wanted("memory/few", name, n))
		return;
	mapped = mapped_empty(subject->backend, 0, n);
	for (physseg_pfn_t i = 0; i < n; i++)
		must_be_ok(physseg_plug(mapped->map, i * apart, 8, 0, NULL));
	note("memory/few", name, (size_t)n, taken(mapped, (size_t)n));
	mapped_free(mapped);
}

static void
measure_wide(const struct subject *subject)
{
	const char *name = subject->backend->name;
	const physseg_pfn_t end = (physseg_pfn_t)1 << 40; /* 4 KB each */
	struct mapped *mapped;

	if ((end >> 40) != 1 || subject->backend->max_segments == 1 ||
	    !wanted("memory/wide", name, 2))
		return;
	mapped = mapped_empty(subject->backend, 0, 2);
	must_be_ok(physseg_plug(mapped->map, 0, 8, 0, NULL));
	must_be_ok(physseg_plug(mapped->map, end - 8, 8, 0, NULL));
	note("memory/wide", name, 2, taken(mapped, 2));
	mapped_free(mapped);
}

/* ---- a process ---- */

#ifdef HAVE_FORK
static double
resident(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
	return (double)usage.ru_maxrss;
#else
	return (double)usage.ru_maxrss * 1024;
#endif
}

/* In a child, which has nothing yet of what was measured before. */
static void
measure_resident(const struct subject *subject, size_t n)
{
	const char *name = subject->backend->name;
	double bytes = 0;
	int ends[2];
	pid_t child;

	if (!wanted("memory/resident", name, n) || pipe(ends) != 0)
		return;
	fflush(NULL);
	if ((child = fork()) == 0) {
		bytes = resident();
		filled(subject, 0, n);
		bytes = resident() - bytes;
		_exit(write(ends[1], &bytes, sizeof(bytes)) !=
		    (ssize_t)sizeof(bytes));
	}
	close(ends[1]);
	if (read(ends[0], &bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes))
		note("memory/resident", name, n, bytes / (double)n);
	close(ends[0]);
	waitpid(child, NULL, 0);
}
#else
static void
measure_resident(const struct subject *subject, size_t n)
{
	if (wanted("memory/resident", subject->backend->name, n))
		results_add_skipped(&results, "memory/resident",
		    subject->backend->name, (double)n, "bytes",
		    "needs fork and getrusage");
}
#endif

void
bench_memory(const struct options *options)
{
	static const size_t pages[] = { 8, 512, 16384, 262144 };

	bench_part("memory");
	for (size_t i = 0; subjects[i] != NULL; i++) {
		const struct subject *subject = subjects[i];

		for (const size_t *n = sizes(options); *n != 0; n++) {
			if (subject->most != 0 && *n > subject->most)
				break;
			if (subject->foreign) {
				measure_foreign(subject, *n);
				continue;
			}
			if (*n >= 100000)
				measure_resident(subject, *n);
			measure_segments(subject, *n);
		}
		if (subject->foreign)
			continue;
		measure_large(subject);
		measure_few(subject);
		measure_wide(subject);
		if (mapped_hotplug(subject->backend))
			for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]);
			     p++)
				measure_hotplug(subject, pages[p]);
	}
}
