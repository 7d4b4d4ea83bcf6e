/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_grow.c -- from nothing to many segments: one-page segments plugged one
 * by one, one-page holes cut into one segment, and the load at boot; and
 * others' ordered maps taking the same keys.  What is measured is the mean of
 * all steps on the way.  Where these are too few for the clock to tell, several
 * maps take them, one after the other.
 */

#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "map.h"

struct grow {
	const struct subject *subject;
	size_t page_size;
	const uint32_t *order;
	size_t n;

	/* From before to after. */
	struct mapped *mapped;
	void *index;
	char *nodes;
};

/* ---- others ---- */

static void
before_foreign(void *arg)
{
	struct grow *grow = arg;
	const struct physseg_backend *backend = grow->subject->backend;

	grow->index = zeroed(backend->size(grow->n));
	backend->init(grow->index, grow->n, PAGE_BYTES);
	grow->nodes = must(calloc(grow->n, subject_node_bytes(grow->subject)));
}

static uintptr_t
run_foreign(void *arg)
{
	struct grow *grow = arg;
	const struct physseg_backend *backend = grow->subject->backend;
	const size_t bytes = subject_node_bytes(grow->subject);

	for (size_t i = 0; i < grow->n; i++) {
		struct physseg_node *node = (void *)(grow->nodes + i * bytes);

		node->start = (physseg_pfn_t)grow->order[i] * 2;
		node->end = node->start + 1;
		backend->insert(grow->index, node);
	}
	return 0;
}

static void
after_foreign(void *arg)
{
	struct grow *grow = arg;

	if (grow->subject->fini != NULL)
		grow->subject->fini(grow->index);
	zeroed_free(grow->index);
	free(grow->nodes);
}

/* ---- ours ---- */

static void
before_grow(void *arg)
{
	struct grow *grow = arg;

	grow->mapped =
	    mapped_empty(grow->subject->backend, grow->page_size, grow->n + 1);
}

static uintptr_t
run_grow(void *arg)
{
	struct grow *grow = arg;

	for (size_t i = 0; i < grow->n; i++)
		must_be_ok(physseg_plug(grow->mapped->map,
		    (physseg_pfn_t)grow->order[i] * 2, 1, 0, NULL));
	return 0;
}

static void
before_holes(void *arg)
{
	struct grow *grow = arg;

	before_grow(arg);
	must_be_ok(physseg_plug(
	    grow->mapped->map, 0, (physseg_pfn_t)grow->n * 2 + 1, 0, NULL));
}

static uintptr_t
run_holes(void *arg)
{
	struct grow *grow = arg;

	for (size_t i = 0; i < grow->n; i++)
		must_be_ok(physseg_unplug(grow->mapped->map,
		    (physseg_pfn_t)grow->order[i] * 2 + 1, 1));
	return 0;
}

static void
before_load(void *arg)
{
	struct grow *grow = arg;

	grow->mapped =
	    mapped_boot(grow->subject->backend, grow->page_size, grow->n);
}

static uintptr_t
run_load(void *arg)
{
	struct grow *grow = arg;

	mapped_load(grow->mapped, grow->order, grow->n);
	return 0;
}

static void
after(void *arg)
{
	struct grow *grow = arg;

	mapped_free(grow->mapped);
}

/* ---- both ---- */

struct steps {
	void (*before)(void *);
	uintptr_t (*run)(void *);
	void (*after)(void *);
};

static const struct steps foreign = { before_foreign, run_foreign,
	after_foreign };

enum { GROW, HOLES, LOAD };

static const struct experiment {
	const char *name;
	struct steps ours;
} experiments[] = {
	[GROW] = { "change/grow", { before_grow, run_grow, after } },
	[HOLES] = { "change/holes", { before_holes, run_holes, after } },
	[LOAD] = { "change/load", { before_load, run_load, after } },
};

#define STEPS_LEAST 500
#define MAPS_MOST   STEPS_LEAST

/* The same in several maps. */
struct variant {
	struct grow maps[MAPS_MOST];
	size_t count;
	const struct steps *steps;
};

static void
before_all(void *arg)
{
	struct variant *variant = arg;

	for (size_t i = 0; i < variant->count; i++)
		variant->steps->before(&variant->maps[i]);
}

static uintptr_t
run_all(void *arg)
{
	struct variant *variant = arg;
	uintptr_t sum = 0;

	for (size_t i = 0; i < variant->count; i++)
		sum += variant->steps->run(&variant->maps[i]);
	return sum;
}

static void
after_all(void *arg)
{
	struct variant *variant = arg;

	for (size_t i = 0; i < variant->count; i++)
		variant->steps->after(&variant->maps[i]);
}

static void
add(struct variant *variant, const struct grow *grow, const char *text,
    const struct experiment *experiment, const char *name)
{
	const size_t n = grow->n;

	if (!bench_wanted(name, text, (double)n))
		return;
	variant->count = (STEPS_LEAST + n - 1) / n;
	variant->steps = grow->subject->foreign ? &foreign : &experiment->ours;
	for (size_t i = 0; i < variant->count; i++)
		variant->maps[i] = *grow;
	bench_add(&(struct bench){
	    .experiment = name,
	    .variant = text,
	    .x = (double)n,
	    .operations = (double)(n * variant->count),
	    .before = before_all,
	    .run = run_all,
	    .after = after_all,
	    .arg = variant,
	    .once = n > 10000,
	});
}

#define RANDOM_MOST \
	10000 /* at boot, where each step goes through half of all */

/* Can it do that? */
static bool
possible(const struct subject *subject, size_t n, int which, enum order order)
{
	const struct physseg_backend *backend = subject->backend;

	if (subject->foreign)
		return backend->remove != NULL && subject->fill == NULL;
	if (which != LOAD)
		return mapped_hotplug(backend);
	if (subject->most != 0 && n > subject->most)
		return false;
	return (!backend->bounded && backend->mem_needed == NULL) ||
	    order == ASCENDING || n <= RANDOM_MOST;
}

#define VARIANTS_MOST 32

static void
measure(size_t n, int which, enum order order)
{
	static struct variant variants[VARIANTS_MOST];
	const struct experiment *experiment = &experiments[which];
	uint32_t *list = ordered(n, order);
	char name[64], registry[64];
	size_t count = 0;

	snprintf(
	    name, sizeof(name), "%s/%s", experiment->name, order_names[order]);
	bench_part("%s, %zu", name, n);
	for (size_t i = 0; subjects[i] != NULL; i++) {
		const struct subject *subject = subjects[i];
		const char *text = subject->backend->name;
		struct grow grow = { subject, PAGE_BYTES, list, n, NULL, NULL,
			NULL };

		if (!possible(subject, n, which, order) ||
		    count + 2 > VARIANTS_MOST)
			continue;
		add(&variants[count++], &grow, text, experiment, name);
		if (subject->foreign || which == LOAD)
			continue;
		snprintf(registry, sizeof(registry), "%s, registry", text);
		grow.page_size = 0;
		add(&variants[count++], &grow, registry, experiment, name);
	}
	bench_run();
	free(list);
}

void
bench_grow(const struct options *options)
{
	const size_t most = size_most(options);

	for (int which = GROW; which <= HOLES; which++)
		for (int order = ASCENDING; order <= RANDOM; order++)
			measure(most, which, (enum order)order);
	for (const size_t *n = sizes(options); *n != 0; n++) {
		if (*n < 32)
			continue;
		measure(*n, LOAD, ASCENDING);
		measure(*n, LOAD, RANDOM);
	}
}
