/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_change.c -- plug and unplug, by number of segments that are there: on
 * maps with page structures (which the host here does not initialise), on
 * registries, which have none, and on ordered maps of others that insert and
 * erase the same keys.  One row more of the textbook's tree has what our maps
 * do to page structures that are there: they are zeroed, and a hook of the host
 * is called for each.
 *
 * Where a backend cannot grow while it runs, its registry boots for ever.
 * Every case leaves the map with the segments it found.
 *
 * What can be done only once at each place takes too little time, where places
 * are few, for the clock to tell: there it is done in several such maps.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "map.h"

#define PLACES	     1000  /* in one call of run, at most */
#define PLACES_LEAST 500   /* in all maps together */
#define ARRAY_MOST   10000 /* segments; each change moves half of them */

struct place_map {
	struct mapped *mapped; /* NULL: a foreign one */
	struct filled *filled;
	char *nodes; /* for that: for each place a segment's and a gap's */
	char *pages; /* as many times page structures; NULL: none */
};

struct change {
	struct place_map *maps;
	size_t nmaps;
	const uint32_t *order; /* of segments */
	size_t n;	       /* of them */
	size_t places;	       /* in each map */
	size_t next;	       /* in `order' */
};

static void
init_pages(char *pages, physseg_pfn_t pfn)
{
	memset(pages, 0, SEGMENT_PAGES * PAGE_BYTES);
	for (physseg_pfn_t i = 0; i < SEGMENT_PAGES; i++)
		counting_host.page_init(NULL, pages + i * PAGE_BYTES, pfn + i);
}

/* A foreign one gets the node number `i'. */
static void
plug(struct place_map *map, physseg_pfn_t pfn, size_t i)
{
	const struct subject *subject;
	struct physseg_node *node;

	if (map->mapped != NULL) {
		must_be_ok(physseg_plug(
		    map->mapped->map, pfn, SEGMENT_PAGES, 0, NULL));
		return;
	}
	subject = map->filled->subject;
	node = (void *)(map->nodes + i * subject_node_bytes(subject));
	node->start = pfn;
	node->end = pfn + SEGMENT_PAGES;
	subject->backend->insert(map->filled->index, node);
	if (map->pages != NULL)
		init_pages(map->pages + i * SEGMENT_PAGES * PAGE_BYTES, pfn);
}

static void
unplug(struct place_map *map, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct physseg_node node = { .start = pfn };

	if (map->mapped != NULL)
		must_be_ok(physseg_unplug(map->mapped->map, pfn, n));
	else
		map->filled->subject->backend->remove(
		    map->filled->index, &node);
}

static physseg_pfn_t
segment(const struct change *change, size_t i)
{
	return (physseg_pfn_t)change->order[i] * SEGMENT_STRIDE;
}

static physseg_pfn_t
gap(const struct change *change, size_t i)
{
	return segment(change, i) + SEGMENT_PAGES;
}

/* ---- plug and unplug again, in the first map ---- */

static uintptr_t
run_same(void *arg)
{
	struct change *change = arg;

	for (size_t i = 0; i < PLACES; i++) {
		plug(change->maps, gap(change, 0), 0);
		unplug(change->maps, gap(change, 0), SEGMENT_PAGES);
	}
	return 0;
}

static uintptr_t
run_random(void *arg)
{
	struct change *change = arg;

	for (size_t i = 0; i < PLACES; i++) {
		plug(change->maps, gap(change, change->next), 0);
		unplug(change->maps, gap(change, change->next), SEGMENT_PAGES);
		change->next = (change->next + 1) % change->n;
	}
	return 0;
}

/* ---- one of the two, at many places ---- */

static uintptr_t
plug_gaps(void *arg)
{
	struct change *change = arg;

	for (size_t m = 0; m < change->nmaps; m++)
		for (size_t i = 0; i < change->places; i++)
			plug(&change->maps[m], gap(change, i), i);
	return 0;
}

static void
unplug_gaps(void *arg)
{
	struct change *change = arg;

	for (size_t m = 0; m < change->nmaps; m++)
		for (size_t i = 0; i < change->places; i++)
			unplug(&change->maps[m], gap(change, i), SEGMENT_PAGES);
}

static uintptr_t
plug_segments(void *arg)
{
	struct change *change = arg;

	for (size_t m = 0; m < change->nmaps; m++)
		for (size_t i = 0; i < change->places; i++)
			plug(&change->maps[m], segment(change, i),
			    change->places + i);
	return 0;
}

/* `n' frames, `offset' behind the start. */
static uintptr_t
unplug_part(struct change *change, physseg_pfn_t offset, physseg_pfn_t n)
{
	for (size_t m = 0; m < change->nmaps; m++)
		for (size_t i = 0; i < change->places; i++)
			unplug(
			    &change->maps[m], segment(change, i) + offset, n);
	return 0;
}

static uintptr_t
unplug_whole(void *arg)
{
	return unplug_part(arg, 0, SEGMENT_PAGES);
}

static uintptr_t
unplug_front(void *arg)
{
	return unplug_part(arg, 0, 2);
}

static uintptr_t
unplug_middle(void *arg)
{
	return unplug_part(arg, 3, 2);
}

static uintptr_t
unplug_back(void *arg)
{
	return unplug_part(arg, 6, 2);
}

static void
before_replug(void *arg)
{
	unplug_whole(arg);
}

static void
after_whole(void *arg)
{
	plug_segments(arg);
}

static void
after_front(void *arg)
{
	unplug_part(arg, 2, 6);
	plug_segments(arg);
}

static void
after_middle(void *arg)
{
	unplug_part(arg, 0, 3);
	unplug_part(arg, 5, 3);
	plug_segments(arg);
}

static void
after_back(void *arg)
{
	unplug_part(arg, 0, 6);
	plug_segments(arg);
}

static const struct experiment {
	const char *name;
	void (*before)(void *);
	uintptr_t (*run)(void *);
	void (*after)(void *);
	bool pairs; /* PLACES of them, else once at each place */
	bool parts; /* of a segment: nothing to be done with keys alone */
} experiments[] = {
	{ "change/plug8/same", NULL, run_same, NULL, true, false },
	{ "change/plug8/random", NULL, run_random, NULL, true, false },
	{ "change/plug", NULL, plug_gaps, unplug_gaps, false, false },
	{ "change/replug", before_replug, plug_segments, NULL, false, false },
	{ "change/unplug/whole", NULL, unplug_whole, after_whole, false,
	    false },
	{ "change/unplug/front", NULL, unplug_front, after_front, false, true },
	{ "change/unplug/middle", NULL, unplug_middle, after_middle, false,
	    true },
	{ "change/unplug/back", NULL, unplug_back, after_back, false, true },
};

#define EXPERIMENTS (sizeof(experiments) / sizeof(experiments[0]))

/* ---- making it ---- */

static struct mapped *
map_make(const struct subject *subject, size_t page_size, size_t n)
{
	const struct physseg_backend *backend = subject->backend;
	const size_t capacity = mapped_hotplug(backend) ? n : n + 2 * PLACES;
	uint32_t *order = ordered(n, subject->ascending ? ASCENDING : RANDOM);
	struct mapped *mapped =
	    mapped_filled(backend, page_size, capacity, order, n);

	free(order);
	return mapped;
}

static void
make(struct change *change, const struct subject *subject, size_t page_size)
{
	change->nmaps = (PLACES_LEAST + change->places - 1) / change->places;
	change->maps = must(calloc(change->nmaps, sizeof(change->maps[0])));
	for (size_t m = 0; m < change->nmaps; m++) {
		struct place_map *map = &change->maps[m];
		const size_t nodes = 2 * change->places;

		if (!subject->foreign) {
			map->mapped = map_make(subject, page_size, change->n);
			continue;
		}
		map->filled = filled_make(subject, change->n);
		map->nodes = must(calloc(nodes, subject_node_bytes(subject)));
		if (page_size != 0)
			map->pages =
			    must(calloc(nodes, SEGMENT_PAGES * page_size));
	}
}

static void
unmake(struct change *change)
{
	for (size_t m = 0; m < change->nmaps; m++) {
		struct place_map *map = &change->maps[m];

		if (map->mapped != NULL)
			mapped_free(map->mapped);
		if (map->filled != NULL)
			filled_free(map->filled);
		free(map->nodes);
		free(map->pages);
	}
	free(change->maps);
}

/* The cases of one variant. */
static void
add(struct change *change, const struct subject *subject, size_t page_size,
    const char *variant)
{
	for (size_t i = 0; i < EXPERIMENTS; i++) {
		const struct experiment *experiment = &experiments[i];

		if ((subject->foreign && experiment->parts) ||
		    !bench_wanted(experiment->name, variant, (double)change->n))
			continue;
		if (change->maps == NULL)
			make(change, subject, page_size);
		bench_add(&(struct bench){
		    .experiment = experiment->name,
		    .variant = variant,
		    .x = (double)change->n,
		    .operations = experiment->pairs
			? PLACES
			: (double)(change->nmaps * change->places),
		    .before = experiment->before,
		    .run = experiment->run,
		    .after = experiment->after,
		    .arg = change,
		});
	}
}

/* Can it be measured with so many segments? */
static bool
possible(const struct subject *subject, size_t n)
{
	const struct physseg_backend *backend = subject->backend;

	if (subject->ascending && n > ARRAY_MOST)
		return false;
	if (subject->foreign)
		return backend->remove != NULL;
	return subject->most == 0 || n <= subject->most;
}

#define VARIANTS_MOST 32

/* All variants with `n' segments; those that were made. */
static size_t
add_all(struct change *changes, const struct change *template)
{
	size_t count = 0;

	for (size_t i = 0; subjects[i] != NULL; i++) {
		const struct subject *subject = subjects[i];
		const char *name = subject->backend->name;
		char keys[64], pages[64];

		if (!possible(subject, template->n) ||
		    count + 2 > VARIANTS_MOST)
			continue;
		snprintf(keys, sizeof(keys), "%s, registry", name);
		snprintf(pages, sizeof(pages), "%s", name);
		if (subject->foreign) {
			snprintf(keys, sizeof(keys), "%s", name);
			snprintf(
			    pages, sizeof(pages), "%s, 8 page inits", name);
		}
		if (subject->foreign ? subject == &baseline_rbtree
				     : mapped_hotplug(subject->backend)) {
			changes[count] = *template;
			add(&changes[count++], subject, PAGE_BYTES, pages);
		}
		changes[count] = *template;
		add(&changes[count++], subject, 0, keys);
	}
	return count;
}

static void
measure(size_t n)
{
	static struct change changes[VARIANTS_MOST];
	uint32_t *order = ordered(n, RANDOM);
	const struct change template = {
		.order = order,
		.n = n,
		.places = n / 2 < PLACES ? n / 2 : PLACES,
	};
	size_t count;

	bench_part("plug and unplug among %zu segments", n);
	count = add_all(changes, &template);
	bench_run();
	while (count-- > 0)
		unmake(&changes[count]);
	free(order);
}

void
bench_change(const struct options *options)
{
	for (const size_t *n = sizes(options); *n != 0; n++)
		if (*n >= 32)
			measure(*n);
}
