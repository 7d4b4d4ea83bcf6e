/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * glue.c -- this kernel and libphysseg, by the native face: the one file to
 * start from for a kernel of one's own.  docs/porting.md walks through it.
 */
#include <physseg/physseg.h>

#include "glue.h"
#include "kernel.h"

/* ---- what libphysseg asks of the kernel ---- */

/* Not before the switch, so the free pages are there. */
static void *
host_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return run_alloc(size);
}

static void
host_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	run_free(p, size);
}

static void
host_panic(void *ctx, const char *reason)
{
	(void)ctx;
	panic(reason);
}

static void
host_page_init(void *ctx, void *page, physseg_pfn_t frame)
{
	struct vm_page *pg = page;

	(void)ctx;
	pg->phys_addr = frame << PAGE_SHIFT;
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	const struct vm_page *pg = page;

	(void)ctx;
	return pg->phys_addr >> PAGE_SHIFT;
}

/* The list it belongs to is its segment's. */
static void
host_page_free(void *ctx, void *page)
{
	struct physseg_map *const *map = ctx;
	struct physseg_info info;
	physseg_pfn_t frame = host_page_frame(ctx, page);

	(void)physseg_get_info(*map, physseg_find(*map, frame, NULL), &info);
	page_add(page, info.free_list);
}

static const struct physseg_host host = {
	.alloc = host_alloc,
	.free = host_free,
	.panic = host_panic,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
	.page_free = host_page_free,
};

/* ---- the map ---- */

static struct physseg_map *map;

static _Alignas(
    PHYSSEG_ALIGN) char storage[PHYSSEG_STORAGE_SIZE(32, 1, sizeof(void *))];

static void
must(int error)
{
	if (error != PHYSSEG_OK)
		panic(physseg_strerror(error));
}

void
glue_init(void)
{
	const struct physseg_config config = {
		.backend = BACKEND(),
		.host = &host,
		.ctx = &map,
		.page_size = sizeof(struct vm_page),
		.freelists = NFREELIST,
	};

	must(physseg_create(&map, &config, storage, sizeof(storage)));
	print("the map takes %lu bytes of storage\n",
	    physseg_storage_size(&config));
}

void
glue_load(const struct bank *bank)
{
	must(physseg_load(map, bank->start, bank->end, bank->avail_start,
	    bank->end, bank->list, NULL));
}

/* The available pages of the segment that has most of them. */
static struct physseg_info
largest(void)
{
	struct physseg_info info, found = { .avail_end = 0 };
	physseg_t h;

	PHYSSEG_FOREACH(h, map) {
		must(physseg_get_info(map, h, &info));
		if (info.avail_end - info.avail_start >
		    found.avail_end - found.avail_start)
			found = info;
	}
	return found;
}

/* Take `n' pages that lie one after the other, for good. */
static struct range
steal(physseg_pfn_t n)
{
	const struct physseg_info from = largest();

	if (from.avail_end - from.avail_start < n)
		panic("no memory for page structures");
	must(physseg_unplug(map, from.avail_start, n));
	return (struct range){ from.avail_start, from.avail_start + n };
}

void
glue_switch(struct range *stolen)
{
	struct physseg_stats stats;
	size_t size;

	physseg_get_stats(map, &stats);
	size = stats.frames * sizeof(struct vm_page);
	*stolen = steal((size + PAGE_SIZE - 1) / PAGE_SIZE);
	must(physseg_switch(
	    map, memset(frame_address(stolen->start), 0, size), stats.frames));
}

/* ---- what the kernel asks of libphysseg ---- */

struct vm_page *
glue_page(uint64_t frame)
{
	return physseg_page(map, frame);
}

uint64_t
glue_frame(const struct vm_page *pg)
{
	return physseg_frame(map, pg);
}

static const char *
reason(int error)
{
	return error == PHYSSEG_OK ? NULL : physseg_strerror(error);
}

const char *
glue_plug(uint64_t frame, uint64_t n)
{
	return reason(physseg_plug(map, frame, n, FREE_PLUGGED, NULL));
}

const char *
glue_unplug(uint64_t frame, uint64_t n)
{
	return reason(physseg_unplug(map, frame, n));
}

static void
emit(void *arg, const char *text, size_t length)
{
	(void)arg;
	while (length-- > 0)
		print("%c", *text++);
}

void
glue_dump(void)
{
	(void)physseg_dump(map, PHYSSEG_DUMP_TABLE, emit, NULL);
}

const char *
glue_backend(void)
{
	return BACKEND()->name;
}
