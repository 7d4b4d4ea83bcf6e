/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_lookup.c -- one lookup, by number of segments: every backend and every
 * baseline, each through its own function.  From a frame that leads to its
 * segment; but where a backend has a direct way to the page structure, that is
 * what counts, as it does for the limit.  Such a backend has two variants more:
 * from a frame to its segment, and with page structures in order of the frames,
 * as the switch lays them.  Otherwise they lie as segments were plugged, at
 * random.
 *
 * Frames are drawn before the clock starts, and more of them than a branch
 * predictor remembers: a call takes the next slice.  Where lookups depend, the
 * next frame cannot be known before the last answer is; of all others the
 * processor has several under way.
 */

#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "map.h"

#define SLICE 8192 /* lookups in one call */

struct keys {
	uint32_t *frames;
	size_t count; /* a multiple of SLICE */
};

struct lookup {
	const struct filled *filled;
	const struct keys *keys;
	size_t next; /* key */
	bool page;   /* the direct way to it, else to the segment */
};

static const uint32_t *
slice(struct lookup *lookup)
{
	const size_t first = lookup->next;

	lookup->next = (first + SLICE) % lookup->keys->count;
	return lookup->keys->frames + first;
}

static uintptr_t
run_independent(void *arg)
{
	struct lookup *lookup = arg;
	const struct physseg_backend *backend =
	    lookup->filled->subject->backend;
	struct physseg_node *(*find)(const void *, physseg_pfn_t) =
	    backend->lookup;
	void *(*page)(const void *, physseg_pfn_t, size_t) = backend->page;
	const void *index = lookup->filled->index;
	const uint32_t *keys = slice(lookup);
	uintptr_t sum = 0;

	if (lookup->page)
		for (size_t i = 0; i < SLICE; i++)
			sum += (uintptr_t)page(index, keys[i], PAGE_BYTES);
	else
		for (size_t i = 0; i < SLICE; i++)
			sum += (uintptr_t)find(index, keys[i]);
	return sum;
}

static uintptr_t
run_dependent(void *arg)
{
	static volatile uintptr_t zero;
	struct lookup *lookup = arg;
	const struct physseg_backend *backend =
	    lookup->filled->subject->backend;
	struct physseg_node *(*find)(const void *, physseg_pfn_t) =
	    backend->lookup;
	void *(*page)(const void *, physseg_pfn_t, size_t) = backend->page;
	const void *index = lookup->filled->index;
	const uint32_t *keys = slice(lookup);
	const uintptr_t none = zero; /* which the compiler does not know */
	uintptr_t last = 0;

	if (lookup->page)
		for (size_t i = 0; i < SLICE; i++)
			last = (uintptr_t)page(
			    index, keys[i] + (last & none), PAGE_BYTES);
	else
		for (size_t i = 0; i < SLICE; i++)
			last = (uintptr_t)find(index, keys[i] + (last & none));
	return last;
}

/* Is this the answer? */
static bool
right(const struct filled *filled, physseg_pfn_t pfn,
    const struct physseg_node *answer)
{
	const struct subject *subject = filled->subject;
	const physseg_pfn_t offset = pfn % SEGMENT_STRIDE;
	physseg_pfn_t start = pfn - offset;

	if (offset >= SEGMENT_PAGES || pfn / SEGMENT_STRIDE >= filled->n)
		return answer == NULL;
	if (answer == NULL)
		return false;
	if (subject->answer == NULL)
		return answer->start == start;
	if (subject->exact)
		start = pfn;
	return subject->answer(filled->index, answer) == start;
}

/* Is this the page structure?  Its segment knows; and the switch has laid them
 * in order. */
static bool
right_page(const struct filled *filled, physseg_pfn_t pfn, const void *page)
{
	struct physseg_info info;
	physseg_pfn_t offset;
	physseg_t handle = physseg_find(filled->mapped->map, pfn, &offset);

	if (physseg_get_info(filled->mapped->map, handle, &info) != PHYSSEG_OK)
		return page == NULL &&
		    (pfn % SEGMENT_STRIDE >= SEGMENT_PAGES ||
			pfn / SEGMENT_STRIDE >= filled->n);
	if (filled->mapped->pages != NULL &&
	    info.pages !=
		(char *)filled->mapped->pages +
		    info.start / SEGMENT_STRIDE * SEGMENT_PAGES * PAGE_BYTES)
		return false;
	return info.start == pfn - pfn % SEGMENT_STRIDE &&
	    page == (const char *)info.pages + offset * PAGE_BYTES;
}

static bool
verify(void *arg)
{
	const struct lookup *lookup = arg;
	const struct filled *filled = lookup->filled;
	const struct physseg_backend *backend = filled->subject->backend;

	for (size_t i = 0; i < lookup->keys->count; i++) {
		const physseg_pfn_t pfn = lookup->keys->frames[i];

		if (lookup->page
			? !right_page(filled, pfn,
			      backend->page(filled->index, pfn, PAGE_BYTES))
			: !right(
			      filled, pfn, backend->lookup(filled->index, pfn)))
			return false;
	}
	return true;
}

/* ---- the keys ---- */

static uint32_t
frame_of_page(size_t page)
{
	return (uint32_t)(page / SEGMENT_PAGES * SEGMENT_STRIDE +
	    page % SEGMENT_PAGES);
}

static uint32_t
hit(size_t n, size_t i, uint64_t *state)
{
	(void)i;
	return frame_of_page(random_next(state) % (n * SEGMENT_PAGES));
}

/* Half of all frames are in segments. */
static uint32_t
miss50(size_t n, size_t i, uint64_t *state)
{
	(void)i;
	return (uint32_t)(random_next(state) % (n * SEGMENT_STRIDE));
}

static uint32_t
sequential(size_t n, size_t i, uint64_t *state)
{
	(void)state;
	return frame_of_page(i % (n * SEGMENT_PAGES));
}

static uint32_t (*const draw[])(size_t, size_t, uint64_t *) = {
	hit,
	miss50,
	sequential,
};

#define KEYS_KINDS (sizeof(draw) / sizeof(draw[0]))

static void
keys_make(struct keys *keys, size_t kind, size_t n, bool full)
{
	uint64_t state = 1;

	keys->count =
	    n < 100000 ? (size_t)1 << 16 : (size_t)1 << (full ? 20 : 18);
	keys->frames = must(malloc(keys->count * sizeof(keys->frames[0])));
	for (size_t i = 0; i < keys->count; i++)
		keys->frames[i] = draw[kind](n, i, &state);
}

/* ---- the experiments ---- */

static const struct experiment {
	const char *name;
	size_t keys;
	uintptr_t (*run)(void *);
	bool verify; /* or has another done it, with the same keys? */
} experiments[] = {
	{ "lookup/hit/random", 0, run_independent, true },
	{ "lookup/miss50/random", 1, run_independent, true },
	{ "lookup/hit/sequential", 2, run_independent, true },
	{ "lookup/hit/dependent", 0, run_dependent, false },
	{ "lookup/miss50/dependent", 1, run_dependent, false },
};

#define EXPERIMENTS (sizeof(experiments) / sizeof(experiments[0]))

/* Why not, or NULL. */
static const char *
reason(const struct subject *subject, size_t n)
{
	static char text[64];

	if (subject->missing != NULL) {
		snprintf(text, sizeof(text), "install %s", subject->missing);
		return text;
	}
	if (subject->most != 0 && n > subject->most) {
		snprintf(text, sizeof(text), "not measured above %zu segment%s",
		    subject->most, subject->most == 1 ? "" : "s");
		return text;
	}
	return NULL;
}

/* The ways in which a subject answers.  The first is everybody's, the others
 * are those of a backend with a direct way to the page structure. */
static const struct way {
	const char *suffix; /* of the variant's name */
	bool page;	    /* the direct way, where there is one */
	bool in_order;	    /* page structures */
} ways[] = {
	{ "", true, false },
	{ ", in order", true, true },
	{ ", segment", false, false },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* A subject answering in one way. */
struct answering {
	const struct subject *subject;
	bool page;
	char variant[64];
	struct filled **filled; /* when it is wanted */
	struct filled *(*fill)(const struct subject *, size_t);
	struct lookup lookups[EXPERIMENTS];
};

/* All experiments on one way. */
static void
add(struct answering *answering, size_t n, const struct keys *keys)
{
	const struct subject *subject = answering->subject;
	const char *variant = answering->variant;
	const char *why = reason(subject, n);

	for (size_t e = 0; e < EXPERIMENTS; e++) {
		const struct experiment *experiment = &experiments[e];

		if (!bench_wanted(experiment->name, variant, (double)n))
			continue;
		if (why != NULL) {
			bench_skip(experiment->name, variant, (double)n, why);
			continue;
		}
		if (*answering->filled == NULL)
			*answering->filled = answering->fill(subject, n);
		answering->lookups[e] = (struct lookup){ *answering->filled,
			&keys[experiment->keys], 0, answering->page };
		bench_add(&(struct bench){
		    .experiment = experiment->name,
		    .variant = variant,
		    .x = (double)n,
		    .operations = SLICE,
		    .run = experiment->run,
		    .verify = experiment->verify ? verify : NULL,
		    .arg = &answering->lookups[e],
		});
	}
}

#define SUBJECTS_MOST 32

static void
measure(size_t n, bool full)
{
	static struct answering answering[SUBJECTS_MOST][WAYS];
	struct filled *filled[SUBJECTS_MOST][2] = { { NULL } };
	struct keys keys[KEYS_KINDS];
	size_t i, w;

	bench_part("lookups in %zu segments", n);
	for (i = 0; i < KEYS_KINDS; i++)
		keys_make(&keys[i], i, n, full);
	for (i = 0; subjects[i] != NULL && i < SUBJECTS_MOST; i++) {
		const struct physseg_backend *backend = subjects[i]->backend;
		const bool direct = backend->page != NULL;

		for (w = 0; w < (direct ? WAYS : 1); w++) {
			const bool in_order = ways[w].in_order;
			struct answering *way = &answering[i][w];

			*way = (struct answering){ .subject = subjects[i],
				.page = direct && ways[w].page,
				.filled = &filled[i][in_order],
				.fill =
				    in_order ? filled_in_order : filled_make };
			snprintf(way->variant, sizeof(way->variant), "%s%s",
			    backend->name, ways[w].suffix);
			add(way, n, keys);
		}
	}
	bench_run();
	while (i-- > 0)
		for (w = 0; w < 2; w++)
			if (filled[i][w] != NULL)
				filled_free(filled[i][w]);
	for (i = 0; i < KEYS_KINDS; i++)
		free(keys[i].frames);
}

void
bench_lookup(const struct options *options)
{
	for (const size_t *n = sizes(options); *n != 0; n++)
		measure(*n, options->full);
}
