/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_lookup.c -- one lookup, by number of segments: every backend and every
 * baseline, each through its own function.
 *
 * Frames are drawn before the clock starts, and more of them than a branch
 * predictor remembers: a call takes the next slice.  Where lookups depend, the
 * next frame cannot be known before the last answer is; of all others the
 * processor has several under way.
 */

#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "subject.h"
#include "support.h"

#define SLICE 8192 /* lookups in one call */

struct keys {
	uint32_t *frames;
	size_t count; /* a multiple of SLICE */
};

struct lookup {
	const struct filled *filled;
	const struct keys *keys;
	size_t next; /* key */
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
	struct physseg_node *(*find)(const void *, physseg_pfn_t) =
	    lookup->filled->subject->backend->lookup;
	const void *index = lookup->filled->index;
	const uint32_t *keys = slice(lookup);
	uintptr_t sum = 0;

	for (size_t i = 0; i < SLICE; i++)
		sum += (uintptr_t)find(index, keys[i]);
	return sum;
}

static uintptr_t
run_dependent(void *arg)
{
	static volatile uintptr_t zero;
	struct lookup *lookup = arg;
	struct physseg_node *(*find)(const void *, physseg_pfn_t) =
	    lookup->filled->subject->backend->lookup;
	const void *index = lookup->filled->index;
	const uint32_t *keys = slice(lookup);
	const uintptr_t none = zero; /* which the compiler does not know */
	uintptr_t last = 0;

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

static bool
verify(void *arg)
{
	const struct lookup *lookup = arg;
	const struct filled *filled = lookup->filled;

	for (size_t i = 0; i < lookup->keys->count; i++) {
		const physseg_pfn_t pfn = lookup->keys->frames[i];

		if (!right(filled, pfn,
			filled->subject->backend->lookup(filled->index, pfn)))
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
		snprintf(text, sizeof(text), "sensible to %zu segments",
		    subject->most);
		return text;
	}
	return NULL;
}

/* All experiments on one subject: NULL when none is wanted. */
static struct filled *
add(const struct subject *subject, size_t n, const struct keys *keys,
    struct lookup *lookups)
{
	const char *variant = subject->backend->name;
	const char *why = reason(subject, n);
	struct filled *filled = NULL;

	for (size_t e = 0; e < EXPERIMENTS; e++) {
		const struct experiment *experiment = &experiments[e];

		if (!bench_wanted(experiment->name, variant, (double)n))
			continue;
		if (why != NULL) {
			bench_skip(experiment->name, variant, (double)n, why);
			continue;
		}
		if (filled == NULL)
			filled = filled_make(subject, n);
		lookups[e] =
		    (struct lookup){ filled, &keys[experiment->keys], 0 };
		bench_add(&(struct bench){
		    .experiment = experiment->name,
		    .variant = variant,
		    .x = (double)n,
		    .operations = SLICE,
		    .run = experiment->run,
		    .verify = experiment->verify ? verify : NULL,
		    .arg = &lookups[e],
		});
	}
	return filled;
}

#define SUBJECTS_MOST 32

static void
measure(size_t n, bool full)
{
	static struct lookup lookups[SUBJECTS_MOST][EXPERIMENTS];
	struct filled *filled[SUBJECTS_MOST];
	struct keys keys[KEYS_KINDS];
	size_t count;

	bench_progress("lookups in %zu segments", n);
	for (size_t i = 0; i < KEYS_KINDS; i++)
		keys_make(&keys[i], i, n, full);
	for (count = 0; subjects[count] != NULL && count < SUBJECTS_MOST;
	     count++)
		filled[count] = add(subjects[count], n, keys, lookups[count]);
	bench_run();
	while (count-- > 0)
		if (filled[count] != NULL)
			filled_free(filled[count]);
	for (size_t i = 0; i < KEYS_KINDS; i++)
		free(keys[i].frames);
}

void
bench_lookup(const struct options *options)
{
	for (const size_t *n = sizes(options); *n != 0; n++)
		measure(*n, options->full);
}
