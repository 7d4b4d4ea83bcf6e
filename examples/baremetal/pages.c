/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * pages.c -- the free pages: one list for each kind of memory.
 *
 * As simple as can be: a page is on a list or it is not, and a piece of several
 * pages is looked for frame by frame.  The page structure of a frame is found
 * through libphysseg, so nothing here knows where page structures are.
 */
#include "glue.h"
#include "kernel.h"

static struct vm_page *first[NFREELIST];
static size_t count[NFREELIST];
static uint64_t
    boot_end; /* the frame behind the memory that was there at boot */

void
page_add(struct vm_page *pg, int list)
{
	if (list != FREE_PLUGGED && glue_frame(pg) >= boot_end)
		boot_end = glue_frame(pg) + 1;
	pg->list = list;
	page_free(pg);
}

static void
put(struct vm_page *pg)
{
	pg->prev = NULL;
	pg->next = first[pg->list];
	if (pg->next != NULL)
		pg->next->prev = pg;
	first[pg->list] = pg;
	count[pg->list]++;
}

void
page_free(struct vm_page *pg)
{
	pg->state = PAGE_FREE;
	pg->owner = NULL;
	if (!pg->leaving)
		put(pg);
}

static void
unlist(struct vm_page *pg)
{
	if (pg->next != NULL)
		pg->next->prev = pg->prev;
	if (pg->prev != NULL)
		pg->prev->next = pg->next;
	else
		first[pg->list] = pg->next;
	count[pg->list]--;
}

static void
take(struct vm_page *pg)
{
	unlist(pg);
	pg->state = PAGE_USED;
}

struct vm_page *
page_alloc(int list)
{
	struct vm_page *pg = first[list];

	if (pg != NULL)
		take(pg);
	return pg;
}

size_t
page_count(int list)
{
	return count[list];
}

/* How many of the `n' frames from `frame' on are free, up to the first that is
 * not. */
static size_t
free_run(uint64_t frame, size_t n)
{
	const struct vm_page *pg;
	size_t i;

	for (i = 0; i < n; i++) {
		pg = glue_page(frame + i);
		if (pg == NULL || pg->state != PAGE_FREE)
			break;
	}
	return i;
}

static void
take_run(uint64_t frame, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		take(glue_page(frame + i));
}

/* From the highest frame down, to spare low memory. */
void *
run_alloc(size_t size)
{
	const size_t n = (size + PAGE_SIZE - 1) / PAGE_SIZE;
	uint64_t end; /* frames from here on will not do */
	size_t run;

	for (end = boot_end; end >= n; end = end - n + run) {
		run = free_run(end - n, n);
		if (run < n)
			continue;
		take_run(end - n, n);
		return memset(frame_address(end - n), 0, n * PAGE_SIZE);
	}
	return NULL;
}

void
run_free(void *p, size_t size)
{
	uint64_t frame = (uintptr_t)p / PAGE_SIZE;
	size_t i;

	for (i = 0; i * PAGE_SIZE < size; i++)
		page_free(glue_page(frame + i));
}

/* ---- frames that are to leave ---- */

struct vm_page *
page_alloc_at(uint64_t frame, struct vm_page **owner)
{
	struct vm_page *pg = glue_page(frame);

	if (pg == NULL || pg->state != PAGE_FREE || pg->leaving)
		return NULL;
	take(pg);
	pg->owner = owner;
	return pg;
}

int
page_isolate(
    void *ctx, physseg_pfn_t frame, physseg_pfn_t n, physseg_pfn_t *used)
{
	const physseg_pfn_t end = frame + n;
	struct vm_page *pg;

	(void)ctx;
	for (*used = 0; frame < end; frame++) {
		pg = glue_page(frame);
		if (pg->state == PAGE_FREE && !pg->leaving)
			unlist(pg);
		*used += pg->state != PAGE_FREE;
		pg->leaving = 1;
	}
	return 0;
}

void
page_release(void *ctx, physseg_pfn_t frame, physseg_pfn_t n)
{
	const physseg_pfn_t end = frame + n;
	struct vm_page *pg;

	(void)ctx;
	for (; frame < end; frame++) {
		pg = glue_page(frame);
		if (pg->leaving && pg->state == PAGE_FREE)
			put(pg);
		pg->leaving = 0;
	}
}

/* A page's words are those of another one from now on. */
static void
move(struct vm_page *pg, struct vm_page *to)
{
	memcpy(frame_address(glue_frame(to)), frame_address(glue_frame(pg)),
	    PAGE_SIZE);
	to->owner = pg->owner;
	*to->owner = to;
	page_free(pg);
}

uint64_t
page_migrate(uint64_t frame, uint64_t n)
{
	const uint64_t end = frame + n;
	struct vm_page *pg, *to;
	uint64_t moved = 0;

	for (; frame < end; frame++) {
		pg = glue_page(frame);
		if (pg->state != PAGE_USED || pg->owner == NULL)
			continue;
		to = page_alloc(FREE_PLUGGED);
		if (to == NULL)
			to = page_alloc(FREE_NORMAL);
		if (to == NULL)
			break;
		move(pg, to);
		moved++;
	}
	return moved;
}

physseg_pfn_t
page_in_use(void *ctx, physseg_pfn_t frame, physseg_pfn_t n)
{
	const physseg_pfn_t end = frame + n;

	(void)ctx;
	while (frame < end && glue_page(frame)->state == PAGE_FREE)
		frame++;
	return frame < end ? frame : PHYSSEG_NOFRAME;
}
