/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * x86_64_vmemmap.c -- page structures at fixed addresses, by x86-64's page
 * tables: with "vmemmap" on the command line.
 *
 * They have a GiB of addresses of their own, which no memory has.  The map asks
 * for memory behind them page by page.  That comes from the frames that were
 * stolen for it before the switch, and then from the free pages.  A table of
 * the lowest level takes a frame, too, and keeps it.
 */
#include "glue.h"
#include "kernel.h"

#define VMEMMAP (512 * GIB) /* from the second entry of the top table on */
#define SIZE	GIB
#define ENTRIES 512
#define PRESENT 3				/* and writable */
#define MAPPED	(ENTRIES * (uint64_t)PAGE_SIZE) /* by one table */
#define FRAMES	(32 * GIB / PAGE_SIZE)		/* below machine_limit */

_Static_assert(FRAMES * sizeof(struct vm_page) <= SIZE, "a GiB is enough");

extern uint64_t top[ENTRIES];

static _Alignas(PAGE_SIZE) uint64_t pointers[ENTRIES], directory[ENTRIES];
static uint64_t present[FRAMES / 64];

/* ---- frames ---- */

/* Those that were stolen and nobody uses: each begins with the next.  Frame 0
 * is none. */
static uint64_t spare;

static void
put(uint64_t frame)
{
	struct vm_page *pg = glue_page(frame);

	if (pg != NULL) {
		page_free(pg);
		return;
	}
	*(uint64_t *)frame_address(frame) = spare;
	spare = frame;
}

/* 0: there is none. */
static uint64_t
take(void)
{
	const uint64_t frame = spare;
	struct vm_page *pg = NULL;
	int list;

	if (frame != 0) {
		spare = *(uint64_t *)frame_address(frame);
		return frame;
	}
	for (list = FREE_PLUGGED; pg == NULL && list-- > FREE_LOW;)
		pg = page_alloc(list);
	return pg == NULL ? 0 : glue_frame(pg);
}

static uint64_t
needs(uint64_t frames, uint64_t segments)
{
	const uint64_t size = frames * sizeof(struct vm_page);
	const uint64_t ends =
	    2 * (segments + 1); /* a theft may make one more */

	return size / PAGE_SIZE + size / MAPPED + 2 * ends;
}

static void
give(struct range frames)
{
	uint64_t frame;

	for (frame = frames.start; frame < frames.end; frame++)
		put(frame);
}

/* ---- page tables ---- */

/* NULL: there is no memory for the table that it is in. */
static uint64_t *
entry_of(uintptr_t address)
{
	uint64_t *table = &directory[(address - VMEMMAP) / MAPPED];
	uint64_t frame;

	if (*table == 0) {
		if ((frame = take()) == 0)
			return NULL;
		memset(frame_address(frame), 0, PAGE_SIZE);
		*table = frame << PAGE_SHIFT | PRESENT;
	}
	return (uint64_t *)frame_address(*table >> PAGE_SHIFT) +
	    address / PAGE_SIZE % ENTRIES;
}

static void
unmap(uintptr_t start, uintptr_t end)
{
	uint64_t *entry, frame;

	for (; start < end; start += PAGE_SIZE) {
		entry = entry_of(start);
		frame = *entry >> PAGE_SHIFT;
		*entry = 0;
		__asm__ volatile("invlpg (%0)" : : "r"(start) : "memory");
		put(frame);
	}
}

static bool
commit(void *ctx, void *p, size_t size)
{
	const uintptr_t start = (uintptr_t)p;
	uint64_t *entry, frame;
	uintptr_t at;

	(void)ctx;
	for (at = start; at < start + size; at += PAGE_SIZE) {
		entry = entry_of(at);
		if (entry == NULL || (frame = take()) == 0) {
			unmap(start, at);
			return false;
		}
		*entry = frame << PAGE_SHIFT | PRESENT;
	}
	return true;
}

static void
decommit(void *ctx, void *p, size_t size)
{
	(void)ctx;
	unmap((uintptr_t)p, (uintptr_t)p + size);
}

static void
configure(struct physseg_config *config, struct physseg_host *host)
{
	pointers[0] = (uintptr_t)directory | PRESENT;
	top[VMEMMAP / SIZE / ENTRIES] = (uintptr_t)pointers | PRESENT;
	config->vmemmap = (void *)VMEMMAP;
	config->present = present;
	config->frames = FRAMES;
	config->granule = PAGE_SIZE;
	host->commit = commit;
	host->decommit = decommit;
	print(
	    "page structures are at fixed addresses, from 0x%lx on\n", VMEMMAP);
}

const struct vmemmap x86_64_vmemmap = { configure, needs, give };
