/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_grow.c -- from nothing to many segments: one-page segments plugged one
 * by one, one-page holes cut into one segment, and the load at boot; and
 * others' ordered maps taking the same keys.  What is measured is the mean of
 * all steps on the way.
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
	struct physseg_node *nodes;
};

/* ---- others ---- */

static void
before_foreign(void *arg)
{
	struct grow *grow = arg;
	const struct physseg_backend *backend = grow->subject->backend;

	grow->index = zeroed(backend->size(grow->n));
	backend->init(grow->index, grow->n);
	grow->nodes = must(calloc(grow->n, sizeof(grow->nodes[0])));
}

static uintptr_t
run_foreign(void *arg)
{
	struct grow *grow = arg;
	const struct physseg_backend *backend = grow->subject->backend;

	for (size_t i = 0; i < grow->n; i++) {
		struct physseg_node *node = &grow->nodes[i];

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

enum { GROW, HOLES, LOAD };

static const struct experiment {
	const char *name;
	void (*before)(void *);
	uintptr_t (*run)(void *);
} experiments[] = {
	[GROW] = { "change/grow", before_grow, run_grow },
	[HOLES] = { "change/holes", before_holes, run_holes },
	[LOAD] = { "change/load", before_load, run_load },
};

static void
add(struct grow *grow, const char *variant, const struct experiment *experiment,
    const char *name)
{
	const bool foreign = grow->subject->foreign;

	if (!bench_wanted(name, variant, (double)grow->n))
		return;
	bench_add(&(struct bench){
	    .experiment = name,
	    .variant = variant,
	    .x = (double)grow->n,
	    .operations = (double)grow->n,
	    .before = foreign ? before_foreign : experiment->before,
	    .run = foreign ? run_foreign : experiment->run,
	    .after = foreign ? after_foreign : after,
	    .arg = grow,
	    .once = grow->n > 10000,
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
		return backend->remove != NULL;
	if (which != LOAD)
		return mapped_hotplug(backend);
	if (subject->most != 0 && n > subject->most)
		return false;
	return (!backend->bounded && backend->show == NULL) ||
	    order == ASCENDING || n <= RANDOM_MOST;
}

#define VARIANTS_MOST 32

static void
measure(size_t n, int which, enum order order)
{
	static struct grow grows[VARIANTS_MOST];
	uint32_t *list = ordered(n, order);
	char name[64], registry[64];
	size_t count = 0;

	snprintf(name, sizeof(name), "%s/%s", experiments[which].name,
	    order_names[order]);
	bench_part("%s, %zu", name, n);
	for (size_t i = 0; subjects[i] != NULL; i++) {
		const struct subject *subject = subjects[i];
		const char *variant = subject->backend->name;

		if (!possible(subject, n, which, order) ||
		    count + 2 > VARIANTS_MOST)
			continue;
		grows[count] = (struct grow){ subject, PAGE_BYTES, list, n,
			NULL, NULL, NULL };
		add(&grows[count], variant, &experiments[which], name);
		count++;
		if (subject->foreign || which == LOAD)
			continue;
		snprintf(registry, sizeof(registry), "%s, registry", variant);
		grows[count] = grows[count - 1];
		grows[count].page_size = 0;
		add(&grows[count], registry, &experiments[which], name);
		count++;
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
