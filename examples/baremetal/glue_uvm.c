/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * glue_uvm.c -- this kernel and libphysseg by the uvm_* face, as a kernel uses
 * it that was written for NetBSD's: it has a struct vm_page and a page layer,
 * and runs the switch itself.  The backend is the library that is linked.
 */
#include "glue.h"
#include "kernel.h"

#include <uvm/uvm.h>

#include <physseg/host.h>

/* ---- what libphysseg asks of the kernel ---- */

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

/* The face returns false; why is a line of the log. */
static char why[200];

static void
host_log(void *ctx, const char *line)
{
	size_t i;

	(void)ctx;
	for (i = 0; i < sizeof(why) - 1 && line[i] != '\0'; i++)
		why[i] = line[i];
	why[i] = '\0';
}

static const struct physseg_host host = {
	.alloc = host_alloc,
	.free = host_free,
	.panic = host_panic,
	.log = host_log,
	.isolate = page_isolate,
	.release = page_release,
	.in_use = page_in_use,
};

const struct physseg_host *
uvm_physseg_host(size_t *size)
{
	*size = sizeof(host);
	return &host;
}

/* What comes after the switch was plugged. */
void
uvm_pagefree(struct vm_page *pg)
{
	page_add(pg,
	    uvm.page_init_done ? FREE_PLUGGED : uvm_page_lookup_freelist(pg));
}

/* ---- boot ---- */

void
glue_init(void)
{
	uvmexp.pagesize = PAGE_SIZE;
	uvm_physseg_init();
}

/* This face knows of no nodes. */
static int
load(void *arg, const struct physseg_memmap_segment *segment)
{
	(void)arg;
	(void)uvm_page_physload(segment->start, segment->end,
	    segment->avail_start, segment->avail_end, segment->free_list);
	physmem += segment->end - segment->start;
	return PHYSSEG_OK;
}

int
glue_load(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout,
    struct physseg_memmap_reason *reason)
{
	return physseg_memmap_segments(memmap, layout, load, NULL, reason);
}

/* The segment that has most available pages. */
static uvm_physseg_t
largest(void)
{
	uvm_physseg_t h, found = uvm_physseg_get_first();
	paddr_t n, most = 0;

	for (h = found; uvm_physseg_valid_p(h); h = uvm_physseg_get_next(h)) {
		n = uvm_physseg_get_avail_end(h) -
		    uvm_physseg_get_avail_start(h);
		if (n > most) {
			most = n;
			found = h;
		}
	}
	return found;
}

/* Take pages that lie one after the other, for good.  Each is asked for by its
 * frame, because a handle may name another segment after a change. */
static struct range
steal(paddr_t n)
{
	const uvm_physseg_t from = largest();
	const paddr_t start = uvm_physseg_get_avail_start(from);
	const int list = uvm_physseg_get_free_list(from);
	paddr_t i, pa;

	if (uvm_physseg_get_avail_end(from) - start < n)
		panic("no memory for page structures");
	for (i = 0; i < n; i++)
		if (!uvm_page_physunload_force(
			uvm_physseg_find(start + i, NULL), list, &pa))
			panic("a page cannot be stolen");
	physmem -= n;
	return (struct range){ start, start + n };
}

void
glue_switch(struct range *stolen)
{
	const size_t npages = (size_t)physmem;
	const size_t size = npages * sizeof(struct vm_page);
	struct vm_page *pages;
	uvm_physseg_t h;
	size_t n;

	*stolen = steal((size + PAGE_SIZE - 1) / PAGE_SIZE);
	pages = memset(frame_address(stolen->start), 0, size);
	uvm_physseg_seg_chomp_slab(uvm_physseg_get_first(), pages, npages);
	for (h = uvm_physseg_get_first(); uvm_physseg_valid_p(h);
	     h = uvm_physseg_get_next(h)) {
		n = uvm_physseg_get_end(h) - uvm_physseg_get_start(h);
		uvm_physseg_init_seg(h, uvm_physseg_seg_alloc_from_slab(h, n));
	}
	uvm.page_init_done = true;
	if (!uvm_physseg_build()) /* there are free pages now */
		panic("no memory for the index");
}

/* ---- what the kernel asks of libphysseg ---- */

struct vm_page *
glue_page(uint64_t frame)
{
	return PHYS_TO_VM_PAGE(ptoa(frame));
}

uint64_t
glue_frame(const struct vm_page *pg)
{
	return atop(VM_PAGE_TO_PHYS(pg));
}

/* On an array a plug after the switch is a panic, as in NetBSD. */
const char *
glue_plug(uint64_t frame, uint64_t n)
{
	if (uvm_physseg_backend_name[0] == 'a')
		return "the backend cannot plug while running";
	return uvm_physseg_plug(frame, n, NULL) ? NULL : why;
}

/* The unplug has one phase, so what is in use is moved before. */
const char *
glue_unplug(uint64_t frame, uint64_t n, uint64_t *moved)
{
	physseg_pfn_t used;

	(void)page_isolate(NULL, frame, n, &used);
	*moved = page_migrate(frame, n);
	if (uvm_physseg_unplug(frame, n))
		return NULL;
	page_release(NULL, frame, n);
	return why;
}

void
glue_dump(void)
{
	uvm_physseg_t h;

	for (h = uvm_physseg_get_first(); uvm_physseg_valid_p(h);
	     h = uvm_physseg_get_next(h))
		print("  segment 0x%012lx-0x%012lx, available 0x%012lx-"
		      "0x%012lx, free list %d\n",
		    ptoa(uvm_physseg_get_start(h)),
		    ptoa(uvm_physseg_get_end(h)),
		    ptoa(uvm_physseg_get_avail_start(h)),
		    ptoa(uvm_physseg_get_avail_end(h)),
		    uvm_physseg_get_free_list(h));
	print("uvmexp.npages %lu, physmem %lu\n", (unsigned long)uvmexp.npages,
	    physmem);
}

const char *
glue_backend(void)
{
	return uvm_physseg_backend_name;
}
