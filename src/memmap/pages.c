/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * pages.c -- bytes become pages, and pages become segments.
 *
 * Two steps, each of which takes one thing after the other and keeps nothing
 * but where it is.  Regions, which are joined already, become runs: pages that
 * are alike.  A page that no region covers alone is a run by itself.  Runs
 * become segments.
 */
#include "memmap_private.h"

#define PAGE_SHIFT_DEFAULT 12
#define REGION_IN_USE	   ((unsigned)PHYSSEG_REGION_IN_USE)

/* ---- runs of pages ---- */

/* Where the walk is. */
struct page_walk {
	const struct physseg_memmap *memmap;
	unsigned shift;
	size_t at;		      /* of physseg_memmap_next */
	struct physseg_region region; /* the lowest that is not done */
	bool more;		      /* there is one */
	uint64_t page;		      /* pages below are done */
};

/* Pages [page, page + n) that are alike. */
struct run {
	uint64_t page;
	uint64_t n;
	enum physseg_region_kind kind;
	int node;
	unsigned flags;
	uint64_t lost; /* bytes of memory, if the page is not */
};

static void
next_region(struct page_walk *walk)
{
	walk->more =
	    physseg_memmap_next(walk->memmap, &walk->at, &walk->region);
}

/*
 * A page that the region at hand does not cover.  The region that reaches
 * beyond the page, or lies behind it, is at hand afterwards.
 */
static void
mixed_page(struct page_walk *walk, struct run *run)
{
	const struct physseg_region *const region = &walk->region;
	const uint64_t first = run->page << walk->shift;
	const uint64_t last = first + (((uint64_t)1 << walk->shift) - 1);
	enum physseg_region_kind strongest = PHYSSEG_KIND_NONE; /* no memory */
	uint64_t start, end, next = first; /* the byte after those seen */
	bool whole = true;		   /* memory of one kind so far */

	while (walk->more && region->first <= last) {
		start = region->first > first ? region->first : first;
		end = region->last < last ? region->last : last;
		if (physseg_kind_is_memory(region->kind)) {
			run->lost += end - start + 1;
			run->flags |= region->flags & REGION_IN_USE;
		} else if (region->kind > strongest)
			strongest = region->kind;
		whole = whole && start == next && region->kind == run->kind;
		next = end + 1;
		if (region->last >= last)
			break;
		next_region(walk);
	}
	whole = whole && next == last + 1;
	if (whole && physseg_kind_is_memory(run->kind))
		run->lost = 0;
	else
		run->kind = strongest;
}

/* False: there are no more. */
static bool
next_run(struct page_walk *walk, struct run *run)
{
	const struct physseg_region *const region = &walk->region;
	const uint64_t mask = ((uint64_t)1 << walk->shift) - 1;
	uint64_t end; /* of the pages that the region covers */

	while (walk->more && region->last >> walk->shift < walk->page)
		next_region(walk);
	if (!walk->more)
		return false;
	*run = (struct run){ .page = region->first >> walk->shift,
		.n = 1,
		.kind = region->kind,
		.node = region->node,
		.flags = region->flags };
	if (run->page < walk->page)
		run->page = walk->page;
	end = (region->last >> walk->shift) + ((region->last & mask) == mask);
	if (region->first <= run->page << walk->shift && end > run->page)
		run->n = end - run->page;
	else
		mixed_page(walk, run);
	walk->page = run->page + run->n;
	return true;
}

/* ---- segments ---- */

/* What is under way in a walk that makes segments. */
struct making {
	const struct physseg_memmap_layout *layout;
	struct physseg_memmap_segment segment; /* not told yet, */
	bool begun;			       /* if there is one */
	struct physseg_memmap_totals *totals;
	int (*each)(void *, const struct physseg_memmap_segment *);
	void *arg;
	unsigned shift;
	struct physseg_memmap_reason *reason;
};

/* These pages are why the walk ends. */
static int
making_fail(const struct making *making, int error, uint64_t page, uint64_t end,
    enum physseg_region_kind kind, int node)
{
	const struct physseg_region region = { .first = page << making->shift,
		.last = (end << making->shift) - 1,
		.kind = kind,
		.node = node };

	return physseg_memmap_fail(
	    making->reason, error, physseg_strerror(error), &region);
}

/* The free list of a page, and the page where it ends. */
static int
layout_list_of(
    const struct physseg_memmap_layout *layout, uint64_t page, uint64_t *end)
{
	size_t i;

	*end = UINT64_MAX;
	for (i = layout->nlists; i > 0; i--) {
		if (layout->lists[i - 1].first <= page)
			return layout->lists[i - 1].free_list;
		*end = layout->lists[i - 1].first;
	}
	return 0;
}

/* Tell the segment under way. */
static int
making_tell(struct making *making)
{
	const struct physseg_memmap_segment *const segment = &making->segment;
	int error = PHYSSEG_OK;

	if (!making->begun)
		return PHYSSEG_OK;
	making->begun = false;
	making->totals->segments++;
	making->totals->frames += segment->end - segment->start;
	making->totals->available += segment->avail_end - segment->avail_start;
	if (making->each != NULL)
		error = making->each(making->arg, segment);
	return error == PHYSSEG_OK
	    ? error
	    : making_fail(making, error, segment->start, segment->end,
		  segment->kind, segment->node);
}

/* Do these pages go on with the segment under way?  If they are available, it
 * must have no others, or others that they touch. */
static bool
making_goes_on(const struct making *making, const struct run *run, bool avail,
    int free_list)
{
	const struct physseg_memmap_segment *const segment = &making->segment;

	return making->begun && segment->end == run->page &&
	    segment->kind == run->kind && segment->node == run->node &&
	    segment->flags == (run->flags & ~REGION_IN_USE) &&
	    segment->free_list == free_list &&
	    (!avail || segment->avail_start == segment->avail_end ||
		segment->avail_end == segment->end);
}

/* Begin a segment of these pages. */
static void
making_begin(struct making *making, const struct run *run, int free_list)
{
	const physseg_pfn_t start = (physseg_pfn_t)run->page;

	making->begun = true;
	making->segment = (struct physseg_memmap_segment){ .start = start,
		.avail_start = start,
		.avail_end = start,
		.free_list = free_list,
		.kind = run->kind,
		.node = run->node,
		.flags = run->flags & ~REGION_IN_USE };
}

/* Add pages of memory to the segments. */
static int
making_add_run(struct making *making, const struct run *run)
{
	struct physseg_memmap_segment *const segment = &making->segment;
	const bool avail =
	    run->kind == PHYSSEG_KIND_RAM && (run->flags & REGION_IN_USE) == 0;
	const uint64_t end = run->page + run->n;
	struct run part = *run;
	int error, free_list;

	if (end > PHYSSEG_NOFRAME)
		return making_fail(making, PHYSSEG_ERANGE, run->page, end,
		    run->kind, run->node);
	for (; part.page < end; part.page += part.n) {
		free_list = layout_list_of(making->layout, part.page, &part.n);
		part.n = (part.n < end ? part.n : end) - part.page;
		if (!making_goes_on(making, &part, avail, free_list)) {
			if ((error = making_tell(making)) != PHYSSEG_OK)
				return error;
			making_begin(making, &part, free_list);
		}
		segment->end = (physseg_pfn_t)(part.page + part.n);
		if (!avail)
			continue;
		if (segment->avail_start == segment->avail_end)
			segment->avail_start = (physseg_pfn_t)part.page;
		segment->avail_end = segment->end;
	}
	return PHYSSEG_OK;
}

/* ---- the whole of it ---- */

static bool
layout_ok(const struct physseg_memmap_layout *layout)
{
	size_t i;

	if (layout->page_shift > 63 ||
	    (layout->lists == NULL && layout->nlists != 0))
		return false;
	for (i = 0; i < layout->nlists; i++)
		if (i == 0
			? layout->lists[0].first != 0
			: layout->lists[i].first <= layout->lists[i - 1].first)
			return false;
	return true;
}

/* What forbids to use the memory map at all. */
static int
check_memmap(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout,
    struct physseg_memmap_reason *reason)
{
	struct physseg_region region;
	size_t at = 0;

	if (memmap->failed != PHYSSEG_OK)
		return physseg_memmap_fail(reason, memmap->failed,
		    "a reader failed, the memory map is not whole", NULL);
	if (!layout_ok(layout))
		return physseg_memmap_fail(reason, PHYSSEG_EINVAL,
		    "the layout's page size or lists are wrong", NULL);
	while (physseg_memmap_next(memmap, &at, &region))
		if ((region.flags & PHYSSEG_REGION_CONFLICT) != 0)
			return physseg_memmap_fail(reason, PHYSSEG_EOVERLAP,
			    "the region is on several nodes", &region);
	return PHYSSEG_OK;
}

/* Tell each segment, unless `each' is NULL, and add them up. */
static int
walk_segments(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout,
    int (*each)(void *, const struct physseg_memmap_segment *), void *arg,
    struct physseg_memmap_totals *totals, struct physseg_memmap_reason *reason)
{
	static const struct physseg_memmap_layout plain;
	struct making making = {
		.totals = totals, .each = each, .arg = arg, .reason = reason
	};
	struct page_walk walk = { .memmap = memmap };
	struct run run;
	int error;

	making.layout = layout == NULL ? &plain : layout;
	if ((error = check_memmap(memmap, making.layout, reason)) != PHYSSEG_OK)
		return error;
	walk.shift = making.layout->page_shift == 0 ? PAGE_SHIFT_DEFAULT
						    : making.layout->page_shift;
	making.shift = walk.shift;
	next_region(&walk);
	while (next_run(&walk, &run)) {
		totals->lost += run.lost;
		totals->pages[run.kind] += run.n;
		if (!physseg_kind_is_memory(run.kind) ||
		    (making.layout->leave_out >> run.kind & 1) != 0)
			continue;
		if ((error = making_add_run(&making, &run)) != PHYSSEG_OK)
			return error;
	}
	return making_tell(&making);
}

int
physseg_memmap_segments(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout,
    int (*each)(void *, const struct physseg_memmap_segment *), void *arg,
    struct physseg_memmap_reason *reason)
{
	struct physseg_memmap_totals totals = { .segments = 0 };

	return walk_segments(memmap, layout, each, arg, &totals, reason);
}

int
physseg_memmap_count(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout,
    struct physseg_memmap_totals *totals, struct physseg_memmap_reason *reason)
{
	struct physseg_memmap_totals all = { .segments = 0 };
	const int error =
	    walk_segments(memmap, layout, NULL, NULL, &all, reason);

	if (error == PHYSSEG_OK)
		*totals = all;
	return error;
}
