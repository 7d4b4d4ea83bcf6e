/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * guard.c -- how many instructions a lookup, a plug and an unplug take, for
 * each backend: a number that no noise touches.
 *
 * Run under callgrind, which collects only inside guard_measured and writes
 * down a count each time that returns.  Printed is what the counts are of, a
 * line for each, in the same order: a name and the number of operations to
 * divide by.  guard.sh puts the two together.  Nothing but the library
 * is linked, so there is nothing else to change.
 */

#include <stdio.h>
#include <stdlib.h>

#include <physseg/lifecycle.h>

#include "run/map.h"

#define SEGMENTS 32
#define LOOKUPS	 4096
#define CHANGES	 512

struct work {
	const struct physseg_backend *backend;
	struct filled *filled;
	struct mapped *registry;
	struct mapped *mapped;
	struct mapped *offline; /* the same, and a segment that is offline */
	struct mapped *fixed;	/* page structures at fixed addresses */
	size_t segments;
	uint32_t keys[LOOKUPS];
};

static void
lookup(struct work *work)
{
	for (size_t i = 0; i < LOOKUPS; i++)
		work->backend->lookup(work->filled->index, work->keys[i]);
}

static void
direct(struct work *work)
{
	for (size_t i = 0; i < LOOKUPS; i++)
		work->backend->page(
		    work->filled->index, work->keys[i], PAGE_BYTES);
}

static void
page(struct work *work)
{
	for (size_t i = 0; i < LOOKUPS; i++)
		physseg_page(work->mapped->map, work->keys[i]);
}

static void
page_offline(struct work *work)
{
	for (size_t i = 0; i < LOOKUPS; i++)
		physseg_page(work->offline->map, work->keys[i]);
}

static void
page_fixed(struct work *work)
{
	for (size_t i = 0; i < LOOKUPS; i++)
		physseg_page(work->fixed->map, work->keys[i]);
}

static void
find(struct work *work)
{
	physseg_pfn_t offset;

	for (size_t i = 0; i < LOOKUPS; i++)
		physseg_find(work->mapped->map, work->keys[i], &offset);
}

/* 8 pages into the gap behind each segment in turn, and out again; where there
 * is room for one segment, that itself. */
static void
change(const struct work *work, struct mapped *mapped)
{
	const bool alone = work->backend->max_segments == 1;

	for (size_t i = 0; i < CHANGES; i++) {
		const physseg_pfn_t pfn = i % work->segments * SEGMENT_STRIDE;

		if (alone) {
			physseg_unplug(mapped->map, pfn, SEGMENT_PAGES);
			physseg_plug(mapped->map, pfn, SEGMENT_PAGES, 0, NULL);
			continue;
		}
		physseg_plug(
		    mapped->map, pfn + SEGMENT_PAGES, SEGMENT_PAGES, 0, NULL);
		physseg_unplug(mapped->map, pfn + SEGMENT_PAGES, SEGMENT_PAGES);
	}
}

static void
change_registry(struct work *work)
{
	change(work, work->registry);
}

static void
change_pages(struct work *work)
{
	change(work, work->mapped);
}

static const struct step {
	const char *name;
	void (*run)(struct work *);
	unsigned operations;
	bool hotplug; /* where there is */
	bool page;    /* the same */
} steps[] = {
	{ "lookup", lookup, LOOKUPS, false, false },
	{ "page", direct, LOOKUPS, false, true },
	{ "physseg_page", page, LOOKUPS, false, false },
	{ "physseg_page/offline", page_offline, LOOKUPS, true, false },
	{ "physseg_page/vmemmap", page_fixed, LOOKUPS, true, false },
	{ "physseg_find", find, LOOKUPS, false, false },
	{ "plug+unplug/registry", change_registry, CHANGES, false, false },
	{ "plug+unplug/pages", change_pages, CHANGES, true, false },
};

/* callgrind knows it by name: it must stay a function. */
void guard_measured(void (*run)(struct work *), struct work *work);

void
guard_measured(void (*run)(struct work *), struct work *work)
{
	run(work);
}

static void (*volatile measured)(
    void (*run)(struct work *), struct work *work) = guard_measured;

static struct mapped *
mapped_pages(
    const struct physseg_backend *backend, const uint32_t *order, size_t n)
{
	struct mapped *mapped = mapped_boot(backend, PAGE_BYTES, n + (n > 1));

	mapped_load(mapped, order, n);
	/* Plugs find room there, and malloc is not measured. */
	mapped_switch(mapped, SEGMENT_PAGES);
	return mapped;
}

static void
measure(const struct subject *subject)
{
	struct work *work = must(calloc(1, sizeof(*work)));
	const struct physseg_backend *backend = subject->backend;
	const size_t n = backend->max_segments == 1 ? 1 : SEGMENTS;
	uint32_t *order = ordered(n, subject->ascending ? ASCENDING : RANDOM);
	uint64_t state = 1;

	work->backend = backend;
	work->segments = n;
	work->filled = filled_make(subject, n);
	work->registry = mapped_boot(backend, 0, n + (n > 1));
	mapped_load(work->registry, order, n);
	if (mapped_hotplug(backend))
		mapped_switch(work->registry, 0);
	work->mapped = mapped_pages(backend, order, n);
	work->offline = mapped_pages(backend, order, n);
	if (mapped_hotplug(backend) &&
	    physseg_add(work->offline->map,
		&(struct physseg_addition){ .pfn = n * SEGMENT_STRIDE,
		    .n = SEGMENT_PAGES,
		    .state = PHYSSEG_OFFLINE },
		NULL, NULL) != PHYSSEG_OK)
		abort();
	if (mapped_hotplug(backend))
		work->fixed = mapped_fixed(backend, PAGE_BYTES, n);
	for (size_t i = 0; i < LOOKUPS; i++)
		work->keys[i] =
		    (uint32_t)(random_next(&state) % n * SEGMENT_STRIDE +
			random_next(&state) % SEGMENT_PAGES);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if ((steps[i].hotplug && !mapped_hotplug(backend)) ||
		    (steps[i].page && backend->page == NULL))
			continue;
		steps[i].run(work); /* what is only done once */
		measured(steps[i].run, work);
		printf("%s/%s %u\n", backend->name, steps[i].name,
		    steps[i].operations);
	}
	free(order);
	filled_free(work->filled);
	mapped_free(work->registry);
	mapped_free(work->mapped);
	mapped_free(work->offline);
	if (work->fixed != NULL)
		mapped_free(work->fixed);
	free(work);
}

int
main(void)
{
	subjects_init();
	printf("# %s\n", GUARD_BUILD);
	for (size_t i = 0; subjects[i] != NULL; i++)
		if (!subjects[i]->foreign)
			measure(subjects[i]);
	return EXIT_SUCCESS;
}
