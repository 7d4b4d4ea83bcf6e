/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_structures.c -- page structures of large plugs.
 *
 *	change/structures  a plug of 1 GiB, ns for each of its x frames, with
 *			   the hooks for many frames and with those for one;
 *			   beside it the least that anybody would have to do,
 *			   an array of the same size that is zeroed and gets one
 *			   store a structure.  All in memory that was touched
 *			   before.
 *	change/offline	   a plug of x GiB that stays offline.  Its page
 *			   structures are in memory that may not be touched.
 */

#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE 1
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#define HAVE_MMAP 1
#endif

#include <physseg/lifecycle.h>

#include "bench.h"
#include "map.h"

#define GIB	      ((physseg_pfn_t)1 << 18) /* frames */
#define ARRAY	      ((size_t)GIB * PAGE_BYTES)
#define TIMES	      8 /* plugs that stay offline, in one call of run */
#define VARIANTS_MOST 64

struct structures {
	struct physseg_host host;
	struct physseg_map *map;
	physseg_pfn_t n;     /* frames of a plug */
	physseg_pfn_t freed; /* so many are the host's */

	/* Page structures: of one plug, or of TIMES plugs one after the other.
	 * Nobody else uses this memory. */
	char *array;
	size_t array_size, used;
};

static size_t
array_size(physseg_pfn_t n)
{
	return (size_t)n * PAGE_BYTES;
}

/* ---- the host ---- */

static void *
array_alloc(void *ctx, size_t size)
{
	struct structures *s = ctx;

	if (size != array_size(s->n))
		return frame_host.alloc(ctx, size);
	s->used += size;
	return s->array + s->used - size;
}

static void *
zeroed_array_alloc(void *ctx, size_t size)
{
	struct structures *s = ctx;
	void *mem = array_alloc(ctx, size);

	if (size == array_size(s->n))
		memset(mem, 0, size);
	return mem;
}

static void
array_free(void *ctx, void *mem, size_t size)
{
	struct structures *s = ctx;

	if (size == array_size(s->n))
		s->used -= size;
	else
		frame_host.free(ctx, mem, size);
}

static void
pages_init(void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n)
{
	char *page = pages;

	(void)ctx;
	for (physseg_pfn_t i = 0; i < n; i++, page += PAGE_BYTES)
		*(physseg_pfn_t *)(void *)page = pfn + i;
}

static void
page_free(void *ctx, void *page)
{
	struct structures *s = ctx;

	(void)page;
	s->freed++;
}

static void
pages_free(void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct structures *s = ctx;

	(void)pages;
	(void)pfn;
	s->freed += n;
}

static void
make_map(struct structures *s, const struct physseg_backend *backend)
{
	const struct physseg_config config = {
		.backend = backend,
		.host = &s->host,
		.ctx = s,
		.page_size = PAGE_BYTES,
		.may_empty = true,
	};

	must_be_ok(physseg_create(&s->map, &config, NULL, 0));
}

/* ---- online ---- */

static uintptr_t
run_alone(void *arg)
{
	struct structures *s = arg;

	memset(s->array, 0, s->array_size);
	pages_init(s, s->array, s->n, s->n);
	return *(uintptr_t *)(void *)(s->array + s->array_size - PAGE_BYTES);
}

static uintptr_t
run_plug(void *arg)
{
	struct structures *s = arg;

	must_be_ok(physseg_plug(s->map, s->n, s->n, 0, NULL));
	return (uintptr_t)s->freed;
}

static void
after_plug(void *arg)
{
	struct structures *s = arg;
	const physseg_pfn_t last = 2 * s->n - 1;

	if (s->freed != s->n ||
	    physseg_frame(s->map, physseg_page(s->map, last)) != last) {
		fprintf(stderr, "bench: a wrong page structure\n");
		exit(EXIT_FAILURE);
	}
	must_be_ok(physseg_unplug(s->map, s->n, s->n));
	s->freed = 0;
}

/* A variant, without a map if there is no backend; false: it is not wanted. */
static bool
add_online(struct structures *s, const struct physseg_backend *backend,
    bool many, char *array)
{
	static const char experiment[] = "change/structures";
	char variant[64];

	if (backend == NULL)
		snprintf(variant, sizeof(variant), "memset and a store each");
	else
		snprintf(variant, sizeof(variant), "%s, hooks for %s",
		    backend->name, many ? "many" : "one");
	if (!bench_wanted(experiment, variant, (double)GIB))
		return false;
	*s = (struct structures){ .host = frame_host,
		.n = GIB,
		.array = array,
		.array_size = ARRAY };
	s->host.alloc = zeroed_array_alloc;
	s->host.free = array_free;
	s->host.page_free = page_free;
	if (many) {
		s->host.pages_init = pages_init;
		s->host.pages_free = pages_free;
	}
	if (backend != NULL)
		make_map(s, backend);
	bench_add(&(struct bench){
	    .experiment = experiment,
	    .variant = variant,
	    .x = (double)GIB,
	    .operations = (double)GIB,
	    .run = backend == NULL ? run_alone : run_plug,
	    .after = backend == NULL ? NULL : after_plug,
	    .arg = s,
	});
	return true;
}

/* ---- offline ---- */

static uintptr_t
run_offline(void *arg)
{
	struct structures *s = arg;
	struct physseg_addition add = { .n = s->n, .state = PHYSSEG_OFFLINE };

	for (physseg_pfn_t i = 0; i < TIMES; i++) {
		add.pfn = i * s->n;
		must_be_ok(physseg_add(s->map, &add, NULL, NULL));
	}
	return 0;
}

static void
after_offline(void *arg)
{
	struct structures *s = arg;

	for (physseg_pfn_t i = 0; i < TIMES; i++)
		must_be_ok(physseg_unplug(s->map, i * s->n, s->n));
}

/* Memory for page structures of so many GiB in each of TIMES plugs, to which
 * all access faults.  NULL: there is none. */
static char *
untouchable(size_t gib)
{
#ifdef HAVE_MMAP
	void *mem;

	if (gib > SIZE_MAX / 2 / TIMES / ARRAY)
		return NULL;
	mem = mmap(NULL, TIMES * gib * ARRAY, PROT_NONE, MAP_PRIVATE | MAP_ANON,
	    -1, 0);
	return mem == MAP_FAILED ? NULL : mem;
#else
	(void)gib;
	return NULL;
#endif
}

static bool
add_offline(
    struct structures *s, const struct physseg_backend *backend, size_t gib)
{
	static const char experiment[] = "change/offline";
	char *array;

	if (!bench_wanted(experiment, backend->name, (double)gib))
		return false;
	if ((array = untouchable(gib)) == NULL) {
		bench_skip(experiment, backend->name, (double)gib,
		    "too few addresses");
		return false;
	}
	*s = (struct structures){ .host = frame_host,
		.n = (physseg_pfn_t)gib * GIB,
		.array = array,
		.array_size = TIMES * gib * ARRAY };
	s->host.alloc_raw = array_alloc;
	s->host.free = array_free;
	make_map(s, backend);
	bench_add(&(struct bench){
	    .experiment = experiment,
	    .variant = backend->name,
	    .x = (double)gib,
	    .operations = TIMES,
	    .run = run_offline,
	    .after = after_offline,
	    .arg = s,
	});
	return true;
}

/* ---- all of it ---- */

static void
unmake(struct structures *s)
{
	if (s->map != NULL)
		physseg_destroy(s->map);
#ifdef HAVE_MMAP
	if (s->host.alloc_raw != NULL)
		munmap(s->array, s->array_size);
#endif
}

void
bench_structures(const struct options *options)
{
	static struct structures all[VARIANTS_MOST];
	static const size_t gib[] = { 1, 1024 };
	char *array = must(malloc(ARRAY));
	size_t n = 0;

	(void)options;
	bench_part("page structures of large plugs");
	memset(array, 1, ARRAY);
	n += add_online(&all[n], NULL, true, array);
	for (size_t i = 0; subjects[i] != NULL; i++) {
		const struct physseg_backend *backend = subjects[i]->backend;

		if (subjects[i]->foreign || !mapped_hotplug(backend) ||
		    n + 4 > VARIANTS_MOST)
			continue;
		n += add_online(&all[n], backend, true, array);
		n += add_online(&all[n], backend, false, array);
		for (size_t k = 0; k < sizeof(gib) / sizeof(gib[0]); k++)
			n += add_offline(&all[n], backend, gib[k]);
	}
	bench_run();
	while (n-- > 0)
		unmake(&all[n]);
	free(array);
}
