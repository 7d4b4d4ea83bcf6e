/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * glue.c -- this kernel and libphysseg, by the native face: the one file to
 * start from for a kernel of one's own.  docs/porting.md walks through it.
 */
#include <physseg/lifecycle.h>

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

/* All memory is mapped, one to one. */
static void *
host_frames_map(void *ctx, physseg_pfn_t frame, physseg_pfn_t n)
{
	(void)ctx;
	return (frame + n) << PAGE_SHIFT <= machine_limit ? frame_address(frame)
							  : NULL;
}

static void
host_frames_unmap(void *ctx, physseg_pfn_t frame, physseg_pfn_t n, void *mem)
{
	(void)ctx;
	(void)frame;
	(void)n;
	(void)mem;
}

static struct physseg_host host = {
	.alloc = host_alloc,
	.free = host_free,
	.panic = host_panic,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
	.page_free = host_page_free,
	.isolate = page_isolate,
	.release = page_release,
	.in_use = page_in_use,
	.frames_map = host_frames_map,
	.frames_unmap = host_frames_unmap,
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
	struct physseg_config config = {
		.backend = BACKEND(),
		.host = &host,
		.ctx = &map,
		.page_size = sizeof(struct vm_page),
		.freelists = NFREELIST,
	};

	if (machine_vmemmap != NULL)
		machine_vmemmap->configure(&config, &host);
	must(physseg_create(&map, &config, storage, sizeof(storage)));
	print("the map takes %lu bytes of storage\n",
	    physseg_storage_size(&config));
}

int
glue_load(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout,
    struct physseg_memmap_reason *reason)
{
	return physseg_memmap_load(memmap, layout, map, reason);
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
	if (machine_vmemmap != NULL) {
		*stolen =
		    steal(machine_vmemmap->needs(stats.frames, stats.segments));
		machine_vmemmap->give(*stolen);
		must(physseg_switch(map, NULL, 0));
		return;
	}
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
line_of(const struct physseg_reason *reason)
{
	static char line[200];

	if (reason->error == PHYSSEG_OK)
		return NULL;
	(void)physseg_strreason(reason, line, sizeof(line));
	return line;
}

const char *
glue_plug(uint64_t frame, uint64_t n)
{
	struct physseg_addition add = {
		.pfn = frame,
		.n = n,
		.free_list = FREE_PLUGGED,
		.kind = PHYSSEG_RAM_REMOVABLE,
	};
	struct physseg_reason reason;
	struct physseg_stats stats;

	physseg_get_stats(map, &stats);
	if (n > stats.frames && machine_vmemmap == NULL)
		add.source = PHYSSEG_FROM_RANGE;
	(void)physseg_add(map, &add, NULL, &reason);
	return line_of(&reason);
}

const char *
glue_unplug(uint64_t frame, uint64_t n, uint64_t *moved)
{
	struct physseg_removal *removal;
	struct physseg_reason reason;

	*moved = 0;
	if (physseg_remove_begin(map, frame, n, PHYSSEG_REMOVE_UNPLUG, &removal,
		&reason) != PHYSSEG_OK)
		return line_of(&reason);
	*moved = page_migrate(frame, n);
	if (physseg_remove_commit(removal, NULL, &reason) != PHYSSEG_OK)
		(void)physseg_remove_cancel(removal);
	return line_of(&reason);
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
