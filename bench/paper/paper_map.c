/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * paper_map.c -- the paper's maps, and the loops the clock sees.
 *
 * That every answer is right is shown in two steps, neither of them timed.
 * When a map is made, each of its frames is looked up and compared with a
 * model.  When a draw is clocked, the loop adds up the answers it gets; the
 * sum must be the one that the right answers make, so a loop that left calls
 * out, or got one wrong answer, is found out.  It also means that no compiler
 * can drop a lookup.
 *
 * The clock is read around blocks of calls: between them keys are drawn (net),
 * and Ctrl-C is looked for.
 */
#define _DEFAULT_SOURCE /* random */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/bench.h"
#include "paper_map.h"
#include "run/support.h"

#define MIB	   256	 /* in frames of 4 KiB */
#define BLOCK	   65536 /* calls between two looks at the clock */
#define PAGE_SHIFT 12

/* ---- making a map ---- */

static void
die(const char *reason)
{
	fprintf(stderr, "bench: %s\n", reason);
	exit(EXIT_FAILURE);
}

/* At boot [0, 1 MiB) in `n' segments, with page structures for all of it. */
static struct physseg_map *
boot(const struct physseg_backend *backend, unsigned n)
{
	const struct physseg_config config = {
		.backend = backend,
		.host = &frame_host,
		.page_size = PAGE_BYTES,
	};
	const size_t size = physseg_storage_size(&config);
	const physseg_pfn_t pages = MIB / n;
	struct physseg_map *map;

	must_be_ok(physseg_create(&map, &config, zeroed(size), size));
	for (physseg_pfn_t pfn = 0; pfn < MIB; pfn += pages)
		must_be_ok(physseg_load(
		    map, pfn, pfn + pages, pfn, pfn + pages, 0, NULL));
	must_be_ok(physseg_switch(map, zeroed(MIB * PAGE_BYTES), MIB));
	return map;
}

/* In `there': which frames have a page. */
static struct physseg_map *
static_map(const struct physseg_backend *backend, bool *there)
{
	memset(there, true, MIB * sizeof(there[0]));
	return boot(backend, backend->max_segments == 1 ? 1 : 32);
}

/* At every 8th frame of the hot-plugged, from the 8th on. */
static void
fragment(
    struct physseg_map *map, physseg_pfn_t base, uint32_t frames, bool *there)
{
	srandom(1);
	for (uint32_t i = 8; i < frames; i += 8) {
		const physseg_pfn_t n = (physseg_pfn_t)(random() % 7) + 1;

		must_be_ok(physseg_unplug(map, base + i, n));
		memset(there + i, false, n * sizeof(there[0]));
	}
}

static struct physseg_map *
fragmented_map(const struct physseg_backend *backend, uint32_t frames,
    bool *there, int *error)
{
	struct physseg_map *map = boot(backend, 1);

	*error = physseg_plug(map, MIB, frames, 0, NULL);
	if (*error != PHYSSEG_OK)
		return map;
	memset(there, true, frames * sizeof(there[0]));
	fragment(map, MIB, frames, there);
	return map;
}

static void *
page_of_map(const void *index, physseg_pfn_t pfn)
{
	return physseg_page(index, pfn);
}

/* ---- the textbook's ---- */

struct textbook {
	const struct physseg_backend *backend;
	void *index;
	size_t page_size;
};

/* What lies between is the index's. */
struct record {
	struct physseg_node node;
	char rest[RECORD_BYTES - sizeof(struct physseg_node) - sizeof(char *)];
	char *pages;
};

static void *
page_of_textbook(const void *index, physseg_pfn_t pfn)
{
	const struct textbook *t = index;
	const void *found = t->backend->lookup(t->index, pfn);
	const struct record *record = found;

	if (record == NULL)
		return NULL;
	return record->pages +
	    (size_t)(pfn - record->node.start) * t->page_size;
}

/* The segments of a map, in ascending order.  An index may copy the node it is
 * given, so the pages are written to what it finds. */
static const struct textbook *
textbook_of(
    const struct physseg_backend *backend, const struct physseg_map *map)
{
	struct textbook *t = must(calloc(1, sizeof(*t)));
	struct physseg_stats stats;
	struct physseg_info info;
	struct record *records, *found;
	physseg_t h;

	physseg_get_stats(map, &stats);
	*t = (struct textbook){ backend, zeroed(backend->size(stats.segments)),
		PAGE_BYTES };
	backend->init(t->index, stats.segments, PAGE_BYTES);
	records = zeroed(stats.segments * sizeof(*records));
	PHYSSEG_FOREACH(h, map) {
		must_be_ok(physseg_get_info(map, h, &info));
		records->node.start = info.start;
		records->node.end = info.end;
		backend->insert(t->index, &records->node);
		found = (void *)backend->lookup(t->index, info.start);
		found->pages = info.pages;
		records++;
	}
	return t;
}

/* ---- either ---- */

/* Every frame is answered as `there' says. */
static void
learn_answers(struct paper_map *m, const bool *there)
{
	m->answers = zeroed(m->frames * sizeof(m->answers[0]));
	for (uint32_t i = 0; i < m->frames; i++) {
		const physseg_pfn_t *page = m->page(m->index, m->base + i);

		if ((page != NULL) != there[i] ||
		    (page != NULL && *page != m->base + i))
			die("a lookup's answer is wrong");
		m->answers[i] = (uintptr_t)page;
	}
}

void
paper_map_make(struct paper_map *m, const struct subject *subject, unsigned mib)
{
	const struct physseg_backend *backend =
	    subject->foreign ? physseg_backend_rbtree() : subject->backend;
	struct physseg_map *map;
	bool *there;

	*m = (struct paper_map){
		.page = page_of_map,
		.base = mib == 0 ? 0 : MIB,
		.frames = mib == 0 ? MIB : mib * MIB,
	};
	there = zeroed(m->frames * sizeof(there[0]));
	map = mib == 0 ? static_map(backend, there)
		       : fragmented_map(backend, m->frames, there, &m->error);
	m->index = map;
	if (subject->foreign) {
		m->page = page_of_textbook;
		m->index = textbook_of(subject->backend, map);
	}
	if (m->error == PHYSSEG_OK)
		learn_answers(m, there);
	zeroed_free(there);
}

void
paper_map_none(struct paper_map *m, uint32_t frames)
{
	*m = (struct paper_map){ .frames = frames };
}

/* ---- drawing frames ---- */

/* Which frame an address at random in the first `frames' is in.  Both are
 * powers of two, so this is the paper's random() % ctob(frames). */
static inline uint32_t
random_frame(uint32_t frames)
{
	const unsigned long bytes = (unsigned long)frames << PAGE_SHIFT;

	return (
	    uint32_t)(((unsigned long)random() & (bytes - 1)) >> PAGE_SHIFT);
}

/* A draw that is under way. */
struct drawing {
	const struct paper_draw *draw;
	unsigned long left; /* calls */
	uint64_t state;	    /* where not faithful */
	uint32_t keys[BLOCK];
};

static void
start(struct drawing *d, const struct paper_draw *draw)
{
	d->draw = draw;
	d->left = draw->calls;
	d->state = draw->seed;
	srandom(draw->seed);
}

/* How many calls the next block has, 0: none is left.  The keys of those of a
 * draw that is not faithful are ready then. */
static size_t
next_block(struct drawing *d)
{
	const size_t n = d->left < BLOCK ? (size_t)d->left : BLOCK;

	d->left -= n;
	if (!d->draw->faithful)
		for (size_t i = 0; i < n; i++)
			d->keys[i] = (uint32_t)random_next(&d->state) &
			    (d->draw->frames - 1);
	return n;
}

void
paper_count(const struct paper_draw *draw, uint32_t *counts)
{
	static struct drawing d;
	size_t n;

	memset(counts, 0, draw->frames * sizeof(counts[0]));
	start(&d, draw);
	while ((n = next_block(&d)) > 0)
		for (size_t i = 0; i < n; i++)
			counts[draw->faithful ? random_frame(draw->frames)
					      : d.keys[i]]++;
}

/* ---- what the clock sees ---- */

static uintptr_t
loop_net(const struct paper_map *m, const struct drawing *d, size_t n)
{
	const physseg_pfn_t base = m->base;
	void *(*const page)(const void *, physseg_pfn_t) = m->page;
	const void *const index = m->index;
	uintptr_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (uintptr_t)page(index, base + d->keys[i]);
	return sum;
}

static uintptr_t
loop_faithful(const struct paper_map *m, const struct drawing *d, size_t n)
{
	const physseg_pfn_t base = m->base;
	const uint32_t frames = m->frames;
	void *(*const page)(const void *, physseg_pfn_t) = m->page;
	const void *const index = m->index;
	uintptr_t sum = 0;

	(void)d;
	for (size_t i = 0; i < n; i++)
		sum += (uintptr_t)page(index, base + random_frame(frames));
	return sum;
}

static uintptr_t
loop_random(const struct paper_map *m, const struct drawing *d, size_t n)
{
	const uint32_t frames = m->frames;
	uintptr_t sum = 0;

	(void)d;
	for (size_t i = 0; i < n; i++)
		sum += random_frame(frames);
	return sum;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uintptr_t
right_sum(const struct paper_map *m, const uint32_t *counts)
{
	uintptr_t sum = 0;

	for (uint32_t i = 0; i < m->frames; i++)
		sum += counts[i] * (m->page == NULL ? i : m->answers[i]);
	return sum;
}

double
paper_clock(const struct paper_map *m, const struct paper_draw *draw,
    const uint32_t *counts)
{
	static struct drawing d;
	uintptr_t (*const loop)(const struct paper_map *,
	    const struct drawing *, size_t) = m->page == NULL ? loop_random
	    : draw->faithful				      ? loop_faithful
							      : loop_net;
	double seconds = 0;
	uintptr_t sum = 0;
	size_t n;

	start(&d, draw);
	while ((n = next_block(&d)) > 0) {
		const double then = now();

		sum += loop(m, &d, n);
		seconds += now() - then;
		if (bench_interrupted)
			return -1;
	}
	if (sum != right_sum(m, counts))
		die("the answers of the timed lookups are wrong");
	return seconds;
}
