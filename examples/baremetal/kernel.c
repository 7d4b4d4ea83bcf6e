/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * kernel.c -- what is done, in order, and what is checked.
 *
 * Every frame is looked up, those that are memory and those that are not, and
 * the answer compared with the firmware's map.  Every page that is free is
 * written before any is read again, so two that are one would be seen.
 */
#include "glue.h"
#include "kernel.h"

static struct physseg_memmap_entry entries[2 * 512];
static struct physseg_memmap memory; /* the firmware's map */

static struct range stolen; /* frames */

/* ---- the stack: how much of it was ever used ---- */

static void
stack_paint(void)
{
	char here, *p;

	for (p = stack_start; (uintptr_t)p < (uintptr_t)&here - 512; p++)
		*p = 0x5a;
}

static size_t
stack_used(void)
{
	const char *p = stack_start;

	while (*p == 0x5a)
		p++;
	return (size_t)((uintptr_t)stack_end - (uintptr_t)p);
}

/* ---- what is memory ---- */

static bool
within(const struct range *range, uint64_t start, uint64_t end)
{
	return range->start <= start && end <= range->end;
}

/* Does the firmware's map say that this is memory, still? */
static bool
is_memory(uint64_t frame)
{
	const uint64_t end = (frame + 1) << PAGE_SHIFT;
	uint64_t byte = frame << PAGE_SHIFT; /* what is below is memory */
	struct physseg_region region;
	size_t at = 0;

	if (within(&stolen, frame, frame + 1))
		return false;
	while (byte < end && physseg_memmap_next(&memory, &at, &region))
		if (region.kind == PHYSSEG_KIND_RAM && region.first <= byte &&
		    byte <= region.last)
			byte = region.last + 1;
	return byte >= end;
}

/* Up to here every frame is looked up. */
#define LOOKED_UP (8 * GIB / PAGE_SIZE)

static void
check_lookup(void)
{
	const uint64_t end = LOOKED_UP;
	uint64_t frame, found = 0;
	const struct vm_page *pg;

	for (frame = 0; frame < end; frame++) {
		pg = glue_page(frame);
		if ((pg != NULL) != is_memory(frame))
			panic("lookup and firmware disagree on a frame");
		if (pg != NULL && glue_frame(pg) != frame)
			panic("a page structure is another frame's");
		found += pg != NULL;
	}
	if (glue_page(end) != NULL || glue_page(UINT64_MAX) != NULL)
		panic("a frame was found outside of everything");
	print("lookup: %lu frames have the right page, %lu have none\n", found,
	    end - found);
}

/* ---- using pages ---- */

uint64_t *
page_words(const struct vm_page *pg)
{
	return frame_address(glue_frame(pg));
}

void
page_fill(const struct vm_page *pg)
{
	uint64_t *words = page_words(pg);
	size_t i;

	for (i = 0; i < PAGE_SIZE / sizeof(words[0]); i++)
		words[i] = ~(uintptr_t)&words[i];
}

static bool
page_filled(const struct vm_page *pg)
{
	const uint64_t *words = page_words(pg);
	size_t i;

	for (i = 0; i < PAGE_SIZE / sizeof(words[0]); i++)
		if (words[i] != ~(uintptr_t)&words[i])
			return false;
	return true;
}

/* Look what was written to pages, and free them; returns how many they are. */
static uint64_t
look(struct vm_page *mine)
{
	struct vm_page *pg;
	uint64_t n = 0;

	for (; (pg = mine) != NULL; n++) {
		mine = pg->next;
		if (!page_filled(pg))
			panic("a page did not keep what was written");
		page_free(pg);
	}
	return n;
}

/* Allocate every page of a list, and write them all. */
static uint64_t
use_pages(int list)
{
	struct vm_page *pg, *mine = NULL;

	while ((pg = page_alloc(list)) != NULL) {
		page_fill(pg);
		pg->next = mine;
		mine = pg;
	}
	return look(mine);
}

uint64_t
use_frames(struct range frames, uint64_t step)
{
	struct vm_page *pg, *mine = NULL;
	uint64_t frame;

	for (frame = frames.start; frame < frames.end; frame += step) {
		if ((pg = page_alloc_at(frame, NULL)) == NULL)
			continue;
		page_fill(pg);
		pg->next = mine;
		mine = pg;
	}
	return look(mine);
}

static void
check_pages(void)
{
	static const char *const names[] = { "low", "normal", "high" };
	uint64_t n;
	int list;

	for (list = FREE_LOW; list < FREE_PLUGGED; list++) {
		n = use_pages(list);
		if (page_count(list) != n)
			panic("pages were lost");
		print("pages: %lu allocated, written and freed, %s\n", n,
		    names[list]);
	}
}

/* ---- all of it ---- */

static struct physseg_memmap_reason reason;

/* Without memory there is nothing to go on with. */
static void
must(int error)
{
	if (error == PHYSSEG_OK)
		return;
	if (reason.region.last != 0)
		print("firmware's region 0x%lx-0x%lx\n", reason.region.first,
		    reason.region.last);
	panic(reason.text);
}

/* Take the firmware's map, and show what it is. */
static void
read_memory(const void *given)
{
	struct physseg_region region;
	size_t at = 0;

	physseg_memmap_init(
	    &memory, entries, sizeof(entries) / sizeof(entries[0]));
	must(machine_start(given, &memory, &reason));
	must(physseg_memmap_reserve(&memory, (uintptr_t)image_start,
	    (size_t)(image_end - image_start), &reason));
	must(physseg_memmap_clip(&memory, 0, machine_limit, &reason));
	print("the firmware's map:\n");
	while (physseg_memmap_next(&memory, &at, &region)) {
		print("  0x%012lx-0x%012lx %s", region.first, region.last + 1,
		    physseg_kind_name(region.kind));
		if (region.node != PHYSSEG_NONODE)
			print(", node %d", region.node);
		print("%s\n",
		    region.flags & PHYSSEG_REGION_IN_USE ? ", in use" : "");
	}
}

static void
boot(void)
{
	static const struct physseg_memmap_list lists[] = {
		{ 0, FREE_LOW }, /* as far as old devices reach */
		{ 16 * MIB / PAGE_SIZE, FREE_NORMAL },
		{ 4 * GIB / PAGE_SIZE, FREE_HIGH },
	};
	static const struct physseg_memmap_layout layout = { .lists = lists,
		.nlists = sizeof(lists) / sizeof(lists[0]) };
	static struct physseg_memmap_totals totals;

	must(physseg_memmap_count(&memory, &layout, &totals, &reason));
	print("%lu pages are memory, %lu of them free; %lu bytes are lost\n",
	    totals.frames, totals.available, totals.lost);
	glue_init();
	must(glue_load(&memory, &layout, &reason));
	glue_switch(&stolen);
	print("page structures lie at 0x%012lx-0x%012lx\n",
	    stolen.start << PAGE_SHIFT, stolen.end << PAGE_SHIFT);
	glue_dump();
}

void
kernel(const void *given)
{
	stack_paint();
	print("libphysseg on %s, backend %s\n", machine_name, glue_backend());
	read_memory(given);
	boot();
	check_lookup();
	check_pages();
	machine_hotplug();
	check_lookup();
	print("stack: %lu bytes used of %lu\n", stack_used(),
	    (size_t)((uintptr_t)stack_end - (uintptr_t)stack_start));
	print("all is well\n");
	machine_exit(true);
}
