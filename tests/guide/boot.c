/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * boot.c -- the recipes of docs/porting.md for boot and memory, each tried on
 * every backend that can:
 *
 *	piece	a contiguous piece, and a certain page, in one call
 *	empty	an allocator that is empty at the switch
 *	pages	an allocator that has pages in one piece, and nothing smaller
 *	single	an allocator that has single pages, and nothing larger
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/physseg.h>

#define PAGE_SIZE 4096

struct page {
	physseg_pfn_t frame;
	char more[56];
};

#define must(condition)                                                     \
	do {                                                                \
		if (!(condition)) {                                         \
			fprintf(stderr, "boot: %d: not so: %s\n", __LINE__, \
			    #condition);                                    \
			abort();                                            \
		}                                                           \
	} while (0)

static struct physseg_map *map;
static size_t most_pages;   /* that the allocator gives in one piece */
static unsigned long calls; /* of it */
static size_t most_asked;   /* pages in one piece */

/* The kernel's allocator of pages. */
static void *
kernel_pages(size_t n)
{
	void *p = NULL;

	calls++;
	if (n > most_asked)
		most_asked = n;
	if (n <= most_pages)
		p = aligned_alloc(PAGE_SIZE, n * PAGE_SIZE);
	return p;
}

static void
kernel_free(void *p, size_t n)
{
	(void)n;
	free(p);
}

/* RECIPE pages */
#define SMALL 64

union small {
	union small *next;
	char bytes[SMALL];
};

static union small *smalls; /* the free ones */

static void *
host_alloc(void *ctx, size_t size)
{
	union small *p;
	size_t i;

	(void)ctx;
	if (size > SMALL) {
		p = kernel_pages((size + PAGE_SIZE - 1) / PAGE_SIZE);
		return p == NULL ? NULL : memset(p, 0, size);
	}
	if (smalls == NULL && (p = kernel_pages(1)) != NULL)
		for (i = 0; i < PAGE_SIZE / SMALL; i++, p++) {
			p->next = smalls;
			smalls = p;
		}
	if ((p = smalls) == NULL)
		return NULL;
	smalls = p->next;
	return memset(p, 0, sizeof(*p));
}

static void
host_free(void *ctx, void *memory, size_t size)
{
	union small *p = memory;

	(void)ctx;
	if (size > SMALL) {
		kernel_free(p, (size + PAGE_SIZE - 1) / PAGE_SIZE);
		return;
	}
	p->next = smalls;
	smalls = p;
}
/* RECIPE pages */

static void
host_page_init(void *ctx, void *page, physseg_pfn_t frame)
{
	(void)ctx;
	((struct page *)page)->frame = frame;
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct page *)page)->frame;
}

static const struct physseg_host host = {
	.alloc = host_alloc,
	.free = host_free,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
};

static bool
plugs(void)
{
	return (physseg_get_backend(map)->capabilities & PHYSSEG_HOTPLUG) != 0;
}

static void *boot_storage;
static struct page *pages;

/* [100, 2100), of which [200, 2000) may be allocated. */
static void
boot(const struct physseg_backend *backend, size_t records)
{
	const struct physseg_config config = { .backend = backend,
		.host = &host,
		.page_size = sizeof(struct page),
		.boot_records = records };
	const size_t size = physseg_storage_size(&config);

	calls = most_asked = 0;
	boot_storage = malloc(size);
	pages = calloc(4000, sizeof(*pages));
	must(boot_storage != NULL && pages != NULL);
	must(physseg_create(&map, &config, boot_storage, size) == 0);
	must(physseg_load(map, 100, 2100, 200, 2000, 0, NULL) == 0);
}

static void
end(void)
{
	must(physseg_check(map) == NULL);
	physseg_destroy(map);
	smalls = NULL; /* their pages are lost: this is a test */
	free(boot_storage);
	free(pages);
}

static physseg_pfn_t
frames(void)
{
	struct physseg_stats stats;

	physseg_get_stats(map, &stats);
	return stats.frames;
}

static bool
built(void)
{
	struct physseg_stats stats;

	physseg_get_stats(map, &stats);
	return stats.built;
}

/* ---- piece ---- */

/* RECIPE piece */
/* Take `n' pages that lie one after the other out of a segment, for good. */
static int
take_piece(physseg_t h, physseg_pfn_t n, physseg_pfn_t *start)
{
	struct physseg_info info;
	int error;

	if ((error = physseg_get_info(map, h, &info)) != PHYSSEG_OK)
		return error;
	if (info.avail_start >= info.avail_end ||
	    info.avail_end - info.avail_start < n)
		return PHYSSEG_EEMPTY;
	*start = info.avail_start;
	return physseg_unplug(map, info.avail_start, n);
}
/* RECIPE piece */

static void
try_piece(const struct physseg_backend *backend)
{
	const int full = backend->max_segments == 1 ? PHYSSEG_ENOSLOT : 0;
	physseg_pfn_t start = 0;

	boot(backend, 0);
	/* By force the first available page is taken, not one of choice. */
	must(physseg_unload_force(map, physseg_first(map), 0, &start) == full);
	must(full != 0 || start == 200);
	/* The next is asked of the segment that it is in now. */
	must(take_piece(physseg_find(map, 1000, NULL), 500, &start) == full);
	must(full != 0 || start == 201);
	must(full != 0 || frames() == 1499);
	must(full != 0 || physseg_find(map, 700, NULL) == PHYSSEG_NONE);
	must(physseg_find(map, 701, NULL) != PHYSSEG_NONE);
	must(physseg_find(map, 199, NULL) != PHYSSEG_NONE);
	must(take_piece(physseg_find(map, 1000, NULL), 5000, &start) ==
	    PHYSSEG_EEMPTY);
	must(physseg_unplug(map, 1234, 1) == full); /* a certain page */
	must(full != 0 || physseg_find(map, 1234, NULL) == PHYSSEG_NONE);
	must(physseg_unplug(map, 2099, 1) == 0); /* available or not */
	must(calls == 0);
	must(physseg_switch(map, pages, 4000) == 0);
	end();
}

/* ---- empty ---- */

static void
try_empty(const struct physseg_backend *backend)
{
	const bool list = backend->mem_needed != NULL;

	most_pages = 0;
	boot(backend, 0);
	must(physseg_switch(map, pages, 2000) == 0);
	must(built() == !list);
	must(physseg_build(map) == (list ? PHYSSEG_ENOMEM : PHYSSEG_OK));
	must(physseg_page(map, 100) == &pages[0]);
	must(physseg_unplug(map, 100, 1) == 0); /* works, without memory */
	must(built() == !list);
	most_pages = 1000; /* now the allocator is up */
	must(physseg_build(map) == PHYSSEG_OK);
	must(built());
	must(physseg_page(map, 101) == &pages[1]);
	end();
}

/* ---- pages, single ---- */

static void
try_pages(const struct physseg_backend *backend)
{
	unsigned long before;
	physseg_pfn_t i;

	most_pages = 1000;
	boot(backend, 0);
	must(physseg_switch(map, pages, 2000) == 0);
	for (i = 0; plugs() && i < 100; i++)
		must(physseg_plug(map, 10000 + 2 * i, 1, 0, NULL) == 0);
	must(!plugs() || most_asked == 4); /* 16 KiB of page structures */
	if (plugs()) {
		must(physseg_plug(map, 20000, 200, 0, NULL) == 0);
		before = calls;
		for (i = 20001; i < 20150; i += 2) /* each leaves a hole */
			must(physseg_unplug(map, i, 1) == 0);
		must(calls - before < 20);
	}
	end();
}

static void
try_single(const struct physseg_backend *backend)
{
	physseg_pfn_t i;
	struct page *more;

	most_pages = 1;
	boot(backend, 200); /* as many segments as there will ever be */
	must(physseg_switch(map, pages, 2050) == 0); /* 50 to spare */
	for (i = 0; plugs() && i < 50; i++)
		must(physseg_plug(map, 10000 + 2 * i, 1, 0, NULL) == 0);
	if (plugs()) {
		must(most_asked <= 1);
		must(physseg_plug(map, 20000, 100, 0, NULL) == PHYSSEG_ENOMEM);
		/* The kernel brings the page structures. */
		more = calloc(100, sizeof(*more));
		must(physseg_chomp_slab(map, physseg_first(map), more, 100) ==
		    0);
		must(physseg_plug(map, 20000, 100, 0, NULL) == 0);
		end();
		free(more);
	} else
		end();
}

int
main(void)
{
	const struct physseg_backend *const backends[] = {
		physseg_backend_radix(), physseg_backend_rbtree(),
		physseg_backend_array_bsearch(), physseg_backend_array_random(),
		physseg_backend_array_bigfirst(), physseg_backend_array_contig()
	};
	size_t i;

	for (i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		try_piece(backends[i]);
		try_empty(backends[i]);
		try_pages(backends[i]);
		try_single(backends[i]);
		printf("%s\n", backends[i]->name);
	}
	return 0;
}
