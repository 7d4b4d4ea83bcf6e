/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_layers.c -- what each layer above a backend costs: the page structure
 * of a random frame that has one, each time from the same map:
 *
 *	directly	the backend's function, in a register: its direct way to
 *			the page, or that to the segment, and the address of the
 *			page computed in place
 *	table		the same, the function taken from the backend's table
 *			each time
 *	physseg_page	the library's native call
 *	physseg_pages	for 8 and for 32 frames at once
 *	find + get_pg	physseg_find, then the page structure of the segment
 *			that it tells: what NetBSD's own page layer does
 *	uvm face	PHYS_TO_VM_PAGE, on the backend it was linked with
 *
 * The limit, the textbook's tree and vm-memory stand beside them, each behind
 * its own function, and the native calls on a map with page structures at fixed
 * addresses (vmemmap).
 *
 * At boot, before the switch, it is the segment that is looked for:
 *
 *	find at boot	physseg_find
 *
 * and where the switch found no memory for the index, physseg_page goes through
 * the list of the boot (LIST).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uvm/uvm_physseg.h>

#include "engine.h"

#include "bench.h"
#include "map.h"
#include "uvm/uvm_private.h"

#define SLICE	  8192
#define FACE_BOOT 32	/* segments the face has from its boot */
#define BOOT_MOST 10000 /* segments that are sensible at boot */

struct layers {
	const struct physseg_map *map;
	const uint32_t *keys;
	size_t count; /* of keys, a multiple of SLICE */
	size_t next;
};

static const uint32_t *
slice(struct layers *layers)
{
	const size_t first = layers->next;

	layers->next = (first + SLICE) % layers->count;
	return layers->keys + first;
}

static inline uintptr_t
page_of(const struct physseg_node *node, physseg_pfn_t pfn, size_t page_size)
{
	if (node == NULL || node->base == PHYSSEG_NOBASE)
		return 0;
	return node->base + (uintptr_t)pfn * page_size;
}

static uintptr_t
run_directly(void *arg)
{
	struct layers *layers = arg;
	const struct physseg_map *map = layers->map;
	struct physseg_node *(*find)(const void *, physseg_pfn_t) =
	    map->backend->lookup;
	void *(*page)(const void *, physseg_pfn_t, size_t) = map->backend->page;
	const void *index = map->index;
	const size_t page_size = map->page_size;
	const uint32_t *keys = slice(layers);
	uintptr_t sum = 0;

	if (page != NULL)
		for (size_t i = 0; i < SLICE; i++)
			sum += (uintptr_t)page(index, keys[i], page_size);
	else
		for (size_t i = 0; i < SLICE; i++)
			sum +=
			    page_of(find(index, keys[i]), keys[i], page_size);
	return sum;
}

static uintptr_t
run_table(void *arg)
{
	struct layers *layers = arg;
	const struct physseg_map *map = layers->map;
	const struct physseg_backend *volatile table = map->backend;
	const void *index = map->index;
	const size_t page_size = map->page_size;
	const uint32_t *keys = slice(layers);
	uintptr_t sum = 0;

	if (table->page != NULL)
		for (size_t i = 0; i < SLICE; i++)
			sum +=
			    (uintptr_t)table->page(index, keys[i], page_size);
	else
		for (size_t i = 0; i < SLICE; i++)
			sum += page_of(
			    table->lookup(index, keys[i]), keys[i], page_size);
	return sum;
}

static uintptr_t
run_page(void *arg)
{
	struct layers *layers = arg;
	const struct physseg_map *map = layers->map;
	const uint32_t *keys = slice(layers);
	uintptr_t sum = 0;

	for (size_t i = 0; i < SLICE; i++)
		sum += (uintptr_t)physseg_page(map, keys[i]);
	return sum;
}

#define MOST_PAGES 32 /* at once */

/* By n at once, which divides the slice. */
static uintptr_t
run_pages(struct layers *layers, size_t n)
{
	const struct physseg_map *map = layers->map;
	const uint32_t *keys = slice(layers);
	physseg_pfn_t pfns[MOST_PAGES];
	void *pages[MOST_PAGES];
	uintptr_t sum = 0;

	for (size_t i = 0; i < SLICE; i += n) {
		for (size_t k = 0; k < n; k++)
			pfns[k] = keys[i + k];
		physseg_pages(map, pfns, n, pages);
		for (size_t k = 0; k < n; k++)
			sum += (uintptr_t)pages[k];
	}
	return sum;
}

static uintptr_t
run_pages_8(void *arg)
{
	return run_pages(arg, 8);
}

static uintptr_t
run_pages_32(void *arg)
{
	return run_pages(arg, MOST_PAGES);
}

static uintptr_t
run_get_pg(void *arg)
{
	struct layers *layers = arg;
	const struct physseg_map *map = layers->map;
	const uint32_t *keys = slice(layers);
	uintptr_t sum = 0;

	for (size_t i = 0; i < SLICE; i++) {
		physseg_pfn_t index;
		const physseg_t segment = physseg_find(map, keys[i], &index);

		sum += (uintptr_t)physseg_segment_page(map, segment, index);
	}
	return sum;
}

static uintptr_t
run_face(void *arg)
{
	struct layers *layers = arg;
	const uint32_t *keys = slice(layers);
	uintptr_t sum = 0;

	for (size_t i = 0; i < SLICE; i++)
		sum += (uintptr_t)PHYS_TO_VM_PAGE(ptoa(keys[i]));
	return sum;
}

static const struct layer {
	const char *name;
	uintptr_t (*run)(void *);
	bool face;
} all[] = {
	{ "layer/directly", run_directly, false },
	{ "layer/table", run_table, false },
	{ "layer/physseg_page", run_page, false },
	{ "layer/physseg_pages 8", run_pages_8, false },
	{ "layer/physseg_pages 32", run_pages_32, false },
	{ "layer/find + get_pg", run_get_pg, false },
	{ "layer/uvm face", run_face, true },
};

#define LAYERS (sizeof(all) / sizeof(all[0]))

/* All layers find the same pages. */
static bool
verify(void *arg)
{
	struct layers *layers = arg;
	uintptr_t sums[LAYERS];

	for (size_t i = 0; i < LAYERS; i++) {
		if (all[i].face && layers->map != uvm_physseg_map())
			continue;
		layers->next = 0;
		sums[i] = all[i].run(layers);
		if (sums[i] == 0 || sums[i] != sums[0])
			return false;
	}
	layers->next = 0;
	return true;
}

/* The face's one map has `n' segments from now on, more than before. */
static void
face_grow(size_t n)
{
	static size_t have;
	uint32_t *order;

	if (have == 0) {
		uvmexp.pagesize = PAGE_SIZE;
		for (; have < FACE_BOOT; have++) {
			const paddr_t start = have * SEGMENT_STRIDE;

			uvm_page_physload(start, start + SEGMENT_PAGES, start,
			    start + SEGMENT_PAGES, VM_FREELIST_DEFAULT);
		}
		uvm_page_init(NULL, NULL);
	}
	if (n <= have)
		return;
	order = ordered(n - have, RANDOM);
	for (size_t i = 0; i < n - have; i++)
		if (!uvm_physseg_plug((have + order[i]) * SEGMENT_STRIDE,
			SEGMENT_PAGES, NULL))
			must_be_ok(PHYSSEG_ENOMEM);
	have = n;
	free(order);
}

/* A map of the library for a subject that is not the face's backend. */
static struct mapped *
map_make(const struct subject *subject, size_t n)
{
	uint32_t *order = ordered(n, subject->ascending ? ASCENDING : RANDOM);
	struct mapped *mapped =
	    mapped_filled(subject->backend, PAGE_BYTES, n, order, n);

	if (!mapped_hotplug(subject->backend))
		mapped_switch(mapped, 0);
	free(order);
	return mapped;
}

/* All layers above one subject; the map it made, NULL: none. */
static struct mapped *
add(const struct subject *subject, size_t n, struct layers *layers)
{
	const char *variant = subject->backend->name;
	const bool face =
	    n >= FACE_BOOT && strcmp(variant, uvm_physseg_backend_name) == 0;
	struct mapped *mapped = NULL;

	if (subject->most != 0 && n > subject->most)
		return NULL;
	for (size_t i = 0; i < LAYERS; i++) {
		if ((all[i].face && !face) ||
		    !bench_wanted(all[i].name, variant, (double)n))
			continue;
		if (face)
			face_grow(n);
		else if (mapped == NULL)
			mapped = map_make(subject, n);
		layers->map = face ? uvm_physseg_map() : mapped->map;
		bench_add(&(struct bench){
		    .experiment = all[i].name,
		    .variant = variant,
		    .x = (double)n,
		    .operations = SLICE,
		    .run = all[i].run,
		    .verify = verify,
		    .arg = layers,
		});
	}
	return mapped;
}

/* ---- before the index ---- */

static uintptr_t
run_find(void *arg)
{
	struct layers *layers = arg;
	const struct physseg_map *map = layers->map;
	const uint32_t *keys = slice(layers);
	uintptr_t sum = 0;

	for (size_t i = 0; i < SLICE; i++) {
		physseg_pfn_t index;

		if (physseg_find(map, keys[i], &index) != PHYSSEG_NONE)
			sum += (uintptr_t)index;
	}
	return sum;
}

static bool
verify_find(void *arg)
{
	struct layers *layers = arg;
	const uintptr_t sum = run_find(arg);
	uintptr_t right = 0;

	for (size_t i = 0; i < SLICE; i++)
		right += layers->keys[i] % SEGMENT_STRIDE;
	layers->next = 0;
	return sum == right;
}

static bool
verify_page(void *arg)
{
	struct layers *layers = arg;
	const uintptr_t sum = run_page(arg);

	layers->next = 0;
	if (sum == 0 || sum != run_get_pg(arg))
		return false;
	layers->next = 0;
	return true;
}

/* One case on a map that boots with these segments. */
static struct mapped *
add_booted(const struct bench *bench, const struct subject *subject,
    struct layers *layers, bool list)
{
	const size_t n = (size_t)bench->x;
	uint32_t *order;
	struct mapped *mapped;

	if (n > BOOT_MOST || (subject->most != 0 && n > subject->most) ||
	    !bench_wanted(bench->experiment, bench->variant, bench->x))
		return NULL;
	order = ordered(n, ASCENDING);
	mapped = mapped_boot(subject->backend, PAGE_BYTES, n);
	mapped_load(mapped, order, n);
	mapped->count.refuses = list;
	if (list)
		mapped_switch(mapped, 0);
	layers->map = mapped->map;
	bench_add(bench);
	free(order);
	return mapped;
}

static struct mapped *
add_boot(const struct subject *subject, size_t n, struct layers *layers)
{
	const struct bench bench = {
		.experiment = "layer/find at boot",
		.variant = subject->backend->name,
		.x = (double)n,
		.operations = SLICE,
		.run = run_find,
		.verify = verify_find,
		.arg = layers,
	};

	return add_booted(&bench, subject, layers, false);
}

/* The index of most takes no memory. */
static struct mapped *
add_list(const struct subject *subject, size_t n, struct layers *layers)
{
	char variant[64];
	const struct bench bench = {
		.experiment = "layer/physseg_page",
		.variant = variant,
		.x = (double)n,
		.operations = SLICE,
		.run = run_page,
		.verify = verify_page,
		.arg = layers,
	};

	if (subject->backend->mem_needed == NULL)
		return NULL;
	snprintf(variant, sizeof(variant), "%s, list", subject->backend->name);
	return add_booted(&bench, subject, layers, true);
}

/* ---- page structures at fixed addresses ---- */

static struct mapped *
add_fixed(const struct subject *subject, size_t n, struct layers *layers)
{
	struct mapped *mapped = NULL;

	if (subject->backend != physseg_backend_radix())
		return NULL;
	for (size_t i = 0; i < LAYERS; i++) {
		if ((all[i].run != run_page && all[i].run != run_pages_8 &&
			all[i].run != run_pages_32) ||
		    !bench_wanted(all[i].name, "vmemmap", (double)n))
			continue;
		if (mapped == NULL)
			mapped = mapped_fixed(subject->backend, PAGE_BYTES, n);
		layers->map = mapped->map;
		bench_add(&(struct bench){
		    .experiment = all[i].name,
		    .variant = "vmemmap",
		    .x = (double)n,
		    .operations = SLICE,
		    .run = all[i].run,
		    .verify = verify,
		    .arg = layers,
		});
	}
	return mapped;
}

/* ---- others ---- */

struct other {
	const struct subject *subject;
	struct filled *filled; /* NULL: not measured */
	struct layers layers;  /* for the keys */
};

static uintptr_t
run_other(void *arg)
{
	struct other *other = arg;
	struct physseg_node *(*find)(const void *, physseg_pfn_t) =
	    other->subject->backend->lookup;
	const void *index = other->filled->index;
	const uint32_t *keys = slice(&other->layers);
	uintptr_t sum = 0;

	for (size_t i = 0; i < SLICE; i++)
		sum += (uintptr_t)find(index, keys[i]);
	return sum;
}

static void
add_other(struct other *other, size_t n)
{
	const char *name = other->subject->backend->name;

	if (other->subject->missing != NULL ||
	    !bench_wanted(all[0].name, name, (double)n))
		return;
	other->filled = filled_make(other->subject, n);
	bench_add(&(struct bench){
	    .experiment = all[0].name,
	    .variant = name,
	    .x = (double)n,
	    .operations = SLICE,
	    .run = run_other,
	    .arg = other,
	});
}

static const struct subject *const other_subjects[] = {
	&baseline_flat,
	&baseline_rbtree,
	&baseline_vm_memory,
};

#define OTHERS (sizeof(other_subjects) / sizeof(other_subjects[0]))

/* What can be added for each of ours; the map it made, NULL: none. */
static struct mapped *(*const adders[])(
    const struct subject *, size_t, struct layers *) = {
	add,
	add_boot,
	add_list,
	add_fixed,
};

#define ADDERS	  (sizeof(adders) / sizeof(adders[0]))
#define MADE_MOST (16 * ADDERS)

static void
measure(size_t n)
{
	static struct layers layers[MADE_MOST];
	static struct other others[OTHERS];
	struct mapped *made[MADE_MOST];
	size_t nmade = 0;
	const size_t count = (size_t)1 << (n < 100000 ? 16 : 18);
	uint32_t *keys = must(malloc(count * sizeof(keys[0])));
	uint64_t state = 1;

	bench_part("layers over %zu segments", n);
	for (size_t i = 0; i < count; i++) {
		const uint64_t page = random_next(&state) % (n * SEGMENT_PAGES);

		keys[i] = (uint32_t)(page / SEGMENT_PAGES * SEGMENT_STRIDE +
		    page % SEGMENT_PAGES);
	}
	for (size_t i = 0; subjects[i] != NULL && !subjects[i]->foreign; i++)
		for (size_t k = 0; k < ADDERS && nmade < MADE_MOST; k++) {
			layers[nmade] = (struct layers){ NULL, keys, count, 0 };
			made[nmade] = adders[k](subjects[i], n, &layers[nmade]);
			nmade++;
		}
	for (size_t o = 0; o < OTHERS; o++) {
		others[o] = (struct other){
			.subject = other_subjects[o],
			.layers = { NULL, keys, count, 0 },
		};
		add_other(&others[o], n);
	}
	bench_run();
	for (size_t o = 0; o < OTHERS; o++)
		if (others[o].filled != NULL)
			filled_free(others[o].filled);
	while (nmade-- > 0)
		if (made[nmade] != NULL)
			mapped_free(made[nmade]);
	free(keys);
}

void
bench_layers(const struct options *options)
{
	for (const size_t *n = sizes(options); *n != 0; n++)
		measure(*n);
}
