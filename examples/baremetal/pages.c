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

void
page_add(struct vm_page *pg, int list)
{
	pg->list = list;
	page_free(pg);
}

void
page_free(struct vm_page *pg)
{
	pg->state = PAGE_FREE;
	pg->prev = NULL;
	pg->next = first[pg->list];
	if (pg->next != NULL)
		pg->next->prev = pg;
	first[pg->list] = pg;
	count[pg->list]++;
}

static void
take(struct vm_page *pg)
{
	if (pg->next != NULL)
		pg->next->prev = pg->prev;
	if (pg->prev != NULL)
		pg->prev->next = pg->next;
	else
		first[pg->list] = pg->next;
	count[pg->list]--;
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

/* From the highest bank down, to spare low memory; of a bank the lowest
 * frames. */
void *
run_alloc(size_t size)
{
	const size_t n = (size + PAGE_SIZE - 1) / PAGE_SIZE;
	const struct bank *bank;
	uint64_t frame;
	size_t i, run;

	for (i = machine_banks.n; i-- > 0;) {
		bank = &machine_banks.of[i];
		for (frame = bank->avail_start; frame + n <= bank->end;
		     frame += run + 1) {
			run = free_run(frame, n);
			if (run < n)
				continue;
			take_run(frame, n);
			return memset(frame_address(frame), 0, n * PAGE_SIZE);
		}
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

size_t
page_drain(uint64_t frame, uint64_t n)
{
	uint64_t i;
	size_t used = 0;

	for (i = 0; i < n; i++)
		used += glue_page(frame + i)->state != PAGE_FREE;
	if (used == 0)
		take_run(frame, n);
	return used;
}
