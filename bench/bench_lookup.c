/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_lookup.c -- the page of a random frame among 32 segments of 8 pages
 * with gaps of 8 (CONTIG, which holds one segment: of 256 pages).  Every
 * lookup hits.
 *
 * Once on the backend alone, through its table of functions: segment and
 * offset; once on a map, through physseg_page.
 */

#include <stdio.h>
#include <stdlib.h>

#include <physseg/physseg.h>

#include "bench.h"

#define SEGMENTS   32
#define PAGES	   8	 /* of a segment, and of a gap */
#define KEYS	   65536 /* more than a branch predictor remembers */
#define PAGE_BYTES 64	 /* of a page structure: one is a frame and padding */

struct lookup {
	const struct physseg_backend *backend;
	void *index; /* of the backend alone */
	struct physseg_node nodes[SEGMENTS];
	struct physseg_map *map;
	uint32_t keys[KEYS];
};

static uintptr_t
run_table(const void *arg)
{
	const struct lookup *lookup = arg;
	const struct physseg_backend *backend = lookup->backend;
	uintptr_t sum = 0;

	for (size_t i = 0; i < KEYS; i++)
		sum +=
		    (uintptr_t)backend->lookup(lookup->index, lookup->keys[i]);
	return sum;
}

static uintptr_t
run_page(const void *arg)
{
	const struct lookup *lookup = arg;
	uintptr_t sum = 0;

	for (size_t i = 0; i < KEYS; i++)
		sum += (uintptr_t)physseg_page(lookup->map, lookup->keys[i]);
	return sum;
}

static bool
verify_table(const void *arg)
{
	const struct lookup *lookup = arg;

	for (size_t i = 0; i < KEYS; i++) {
		const struct physseg_node *node =
		    lookup->backend->lookup(lookup->index, lookup->keys[i]);

		if (node == NULL || lookup->keys[i] < node->start ||
		    lookup->keys[i] >= node->end)
			return false;
	}
	return true;
}

static bool
verify_page(const void *arg)
{
	const struct lookup *lookup = arg;

	for (size_t i = 0; i < KEYS; i++) {
		const physseg_pfn_t *page =
		    physseg_page(lookup->map, lookup->keys[i]);

		if (page == NULL || *page != lookup->keys[i])
			return false;
	}
	return true;
}

/* ---- making it ---- */

static void
page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	*(physseg_pfn_t *)page = pfn;
}

static physseg_pfn_t
page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return *(const physseg_pfn_t *)page;
}

static void *
must(void *mem)
{
	if (mem == NULL) {
		fprintf(stderr, "bench: no memory\n");
		exit(EXIT_FAILURE);
	}
	return mem;
}

/* Zeroed, aligned as an index must be. */
static void *
zeroed(size_t size)
{
	char *mem = must(calloc(1, size + PHYSSEG_ALIGN));

	return mem + PHYSSEG_ALIGN - (uintptr_t)mem % PHYSSEG_ALIGN;
}

/* splitmix64 */
static uint64_t
random64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void
check(int error)
{
	if (error != PHYSSEG_OK) {
		fprintf(stderr, "bench: %s\n", physseg_strerror(error));
		exit(EXIT_FAILURE);
	}
}

/* `n' segments of `pages' pages each: on the backend alone. */
static void
fill_index(struct lookup *lookup, size_t n, size_t pages)
{
	const struct physseg_backend *backend = lookup->backend;

	lookup->index = zeroed(backend->size(SEGMENTS));
	backend->init(lookup->index, SEGMENTS);
	for (size_t i = 0; i < n; i++) {
		lookup->nodes[i].start = 2 * i * pages;
		lookup->nodes[i].end = (2 * i + 1) * pages;
		backend->insert(lookup->index, &lookup->nodes[i]);
	}
}

/* The same in a map. */
static void
fill_map(struct lookup *lookup, size_t n, size_t pages)
{
	static struct physseg_host host;
	const struct physseg_config config = {
		.backend = lookup->backend,
		.host = &host,
		.page_size = PAGE_BYTES,
	};
	size_t size;

	host = physseg_host_user;
	host.page_init = page_init;
	host.page_frame = page_frame;
	size = physseg_storage_size(&config);
	check(physseg_create(&lookup->map, &config, zeroed(size), size));
	for (size_t i = 0; i < n; i++) {
		const physseg_pfn_t start = 2 * i * pages;

		check(physseg_load(lookup->map, start, start + pages, start,
		    start + pages, 0, NULL));
	}
	check(physseg_switch(
	    lookup->map, zeroed(n * pages * PAGE_BYTES), n * pages));
}

static void
add(const struct physseg_backend *backend)
{
	struct lookup *lookup = must(calloc(1, sizeof(*lookup)));
	const size_t n = backend->max_segments == 1 ? 1 : SEGMENTS;
	const size_t pages = SEGMENTS * PAGES / n;
	uint64_t seed = 1;

	lookup->backend = backend;
	fill_index(lookup, n, pages);
	fill_map(lookup, n, pages);
	for (size_t i = 0; i < KEYS; i++) {
		const uint64_t page = random64(&seed) % (n * pages);

		lookup->keys[i] = (uint32_t)(page + page / pages * pages);
	}
	bench_add(&(struct bench){
	    "lookup in 32 segments (CONTIG: one), table of functions",
	    backend->name, KEYS, run_table, verify_table, lookup });
	bench_add(&(struct bench){
	    "lookup in 32 segments (CONTIG: one), physseg_page", backend->name,
	    KEYS, run_page, verify_page, lookup });
}

void
bench_lookup(void)
{
	add(&physseg_array_random);
	add(&physseg_array_bsearch);
	add(&physseg_array_bigfirst);
	add(&physseg_array_contig);
	add(&physseg_rbtree);
}
