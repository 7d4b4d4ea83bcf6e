/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * t_memmap_model.c -- memory maps of random calls, held against a model that
 * knows every byte.
 *
 * The model keeps the calls and nothing else.  Of each byte of a small window
 * it finds out by asking all of them, layer by layer, and of each page by
 * looking at its bytes.  The window lies at either end of the address space, or
 * across a border in it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/memmap.h>

#include "support.h"

#define WINDOW 256   /* bytes */
#define CALLS  40    /* at most */
#define LISTS  20000 /* random lists, unless --steps says how many */

enum what { ADD, KIND, NODE, CLIP, USE };

struct call {
	enum what what;
	unsigned start; /* in the window */
	unsigned n;
	enum physseg_region_kind kind;
	int node;
	unsigned flags;
};

struct calls {
	struct call call[2 * CALLS];
	size_t n;
	uint64_t origin; /* of the window */
};

/* ---- the model ---- */

struct byte {
	enum physseg_region_kind kind;
	int node;
	unsigned flags;
};

static bool
inside(const struct call *call, unsigned i)
{
	return i >= call->start && i < call->start + call->n;
}

static bool
memory(enum physseg_region_kind kind)
{
	return kind == PHYSSEG_KIND_RAM || kind == PHYSSEG_KIND_PERSISTENT ||
	    kind == PHYSSEG_KIND_SOFT_RESERVED;
}

/* What firmware says of a byte: the strongest kind, then what all calls of that
 * kind say. */
static void
firmware(const struct calls *calls, unsigned i, struct byte *byte)
{
	*byte = (struct byte){ .node = PHYSSEG_NONODE };
	for (size_t c = 0; c < calls->n; c++)
		if (calls->call[c].what == ADD && inside(&calls->call[c], i) &&
		    calls->call[c].kind > byte->kind)
			byte->kind = calls->call[c].kind;
	for (size_t c = 0; c < calls->n; c++) {
		const struct call *call = &calls->call[c];

		if (call->what != ADD || !inside(call, i) ||
		    call->kind != byte->kind)
			continue;
		byte->flags |= call->flags;
		if (call->node == PHYSSEG_NONODE || call->node == byte->node)
			continue;
		if (byte->node != PHYSSEG_NONODE)
			byte->flags |= PHYSSEG_REGION_CONFLICT;
		byte->node = call->node;
	}
	if (byte->flags & PHYSSEG_REGION_CONFLICT)
		byte->node = PHYSSEG_NONODE;
}

static struct byte
byte_of(const struct calls *calls, unsigned i)
{
	struct byte byte;

	firmware(calls, i, &byte);
	for (size_t c = 0; c < calls->n; c++) {
		const struct call *call = &calls->call[c];

		if (call->what == CLIP && !inside(call, i) && memory(byte.kind))
			byte.kind = PHYSSEG_KIND_NONE;
		if (!inside(call, i))
			continue;
		if (call->what == KIND)
			byte.kind = call->kind;
		if (call->what == NODE) {
			byte.node = call->node;
			byte.flags &= ~(unsigned)PHYSSEG_REGION_CONFLICT;
		}
	}
	for (size_t c = 0; c < calls->n; c++)
		if (calls->call[c].what == USE && inside(&calls->call[c], i) &&
		    memory(byte.kind))
			byte.flags |= PHYSSEG_REGION_IN_USE;
	if (byte.kind == PHYSSEG_KIND_NONE)
		byte = (struct byte){ .node = PHYSSEG_NONODE };
	return byte;
}

static bool
same_byte(const struct byte *a, const struct byte *b)
{
	return a->kind == b->kind && a->node == b->node && a->flags == b->flags;
}

/* What a page is, and how many bytes of memory are lost with it. */
static struct byte
page_of(const struct byte *bytes, unsigned size, unsigned *lost)
{
	struct byte page = bytes[0];
	enum physseg_region_kind strongest = PHYSSEG_KIND_NONE;
	bool one = memory(bytes[0].kind);

	*lost = 0;
	for (unsigned i = 0; i < size; i++) {
		one = one && bytes[i].kind == bytes[0].kind;
		if (memory(bytes[i].kind))
			++*lost;
		else if (bytes[i].kind > strongest)
			strongest = bytes[i].kind;
		page.flags |= bytes[i].flags & PHYSSEG_REGION_IN_USE;
	}
	if (one)
		*lost = 0;
	else
		page = (struct byte){ .kind = strongest };
	return page;
}

/* ---- making calls ---- */

static struct call
random_call(struct test_rng *rng, bool orders, bool nodes)
{
	struct call call = { .what = ADD,
		.kind = (enum physseg_region_kind)(
		    1 + test_random_below(rng, PHYSSEG_KINDS - 1)),
		.node = PHYSSEG_NONODE };

	if (orders && test_random_below(rng, 4) == 0)
		call.what = (enum what)(KIND + test_random_below(rng, 4));
	/* Mostly RAM, or little of it is left. */
	if (test_random_below(rng, 2) == 0)
		call.kind = PHYSSEG_KIND_RAM;
	if (call.what == KIND && test_random_below(rng, 4) == 0)
		call.kind = PHYSSEG_KIND_NONE;
	if (nodes || call.what == NODE)
		call.node = (int)test_random_below(rng, 3) - 1;
	if (call.what == ADD && test_random_below(rng, 4) == 0)
		call.flags = (unsigned)test_random_below(rng, 4);
	/* Short, long, or up to an edge; bounds meet often. */
	call.start = (unsigned)test_random_below(rng, WINDOW / 4) * 4;
	if (test_random_below(rng, 3) == 0)
		call.start += (unsigned)test_random_below(rng, 4);
	call.n = 1 +
	    (unsigned)test_random_below(rng, 1u << test_random_below(rng, 8));
	if (test_random_below(rng, 3) == 0)
		call.n = (call.n + 3) / 4 * 4;
	if (call.what == CLIP) { /* not all is cut off */
		call.start /= 4;
		call.n += WINDOW / 2;
	}
	if (call.n > WINDOW - call.start || test_random_below(rng, 16) == 0)
		call.n = WINDOW - call.start;
	return call;
}

static const uint64_t origins[] = { 0, (UINT64_C(1) << 32) - WINDOW / 2,
	(UINT64_C(1) << 52) - WINDOW / 2, (UINT64_C(1) << 63) - WINDOW / 2,
	0 - (uint64_t)WINDOW };

static void
random_calls(struct calls *calls, struct test_rng *rng)
{
	const bool orders = test_random_below(rng, 2) == 0;
	const bool nodes = test_random_below(rng, 4) == 0;

	calls->n = 1 + test_random_size(rng, CALLS);
	calls->origin = origins[test_random_size(rng, 5)];
	for (size_t i = 0; i < calls->n; i++)
		calls->call[i] = random_call(rng, orders, nodes);
}

static int
make_call(struct physseg_memmap *memmap, const struct calls *calls, size_t i,
    struct physseg_memmap_reason *reason)
{
	const struct call *call = &calls->call[i];
	const uint64_t base = calls->origin + call->start;

	switch (call->what) {
	case ADD:
		return physseg_memmap_add(memmap, base, call->n, call->kind,
		    call->node, call->flags, reason);
	case KIND:
		return physseg_memmap_set_kind(
		    memmap, base, call->n, call->kind, reason);
	case NODE:
		return physseg_memmap_set_node(
		    memmap, base, call->n, call->node, reason);
	case CLIP:
		return physseg_memmap_clip(memmap, base, call->n, reason);
	case USE:
		return physseg_memmap_reserve(memmap, base, call->n, reason);
	}
	abort();
}

/* Entries that always suffice for these calls: of malloc's, so that a checker
 * sees a step beyond them. */
static size_t
enough(const struct calls *calls)
{
	size_t n = 0;

	for (size_t i = 0; i < calls->n; i++)
		n += calls->call[i].what == CLIP ? 4 : 2;
	return n;
}

static void
make(struct physseg_memmap *memmap, const struct calls *calls)
{
	const size_t n = enough(calls);
	size_t room = 0;

	physseg_memmap_init(memmap, malloc(n * sizeof(*memmap->entries)), n);
	for (size_t i = 0; i < calls->n; i++) {
		room += calls->call[i].what == CLIP ? 4 : 2;
		test_assert(make_call(memmap, calls, i, NULL) == PHYSSEG_OK);
		test_assert(memmap->used <= room);
	}
}

/* ---- comparing ---- */

/* The regions are sorted, disjoint, joined, and of each byte what the model
 * says. */
static void
compare_regions(const struct physseg_memmap *memmap, const struct calls *calls)
{
	struct physseg_region region, before = { .last = 0 };
	struct byte byte, said[WINDOW];
	size_t at = 0, n = 0;

	for (unsigned i = 0; i < WINDOW; i++)
		said[i] = (struct byte){ .node = PHYSSEG_NONODE };
	for (; physseg_memmap_next(memmap, &at, &region); n++) {
		test_assert(region.first <= region.last);
		test_assert(n == 0 || region.first > before.last);
		test_assert(n == 0 || region.first - 1 != before.last ||
		    region.kind != before.kind || region.node != before.node ||
		    region.flags != before.flags);
		test_assert(region.first - calls->origin < WINDOW);
		test_assert(region.last - calls->origin < WINDOW);
		for (uint64_t i = region.first - calls->origin;
		     i <= region.last - calls->origin; i++)
			said[i] = (struct byte){ region.kind, region.node,
				region.flags };
		before = region;
	}
	for (unsigned i = 0; i < WINDOW; i++) {
		byte = byte_of(calls, i);
		test_assert(same_byte(&byte, &said[i]));
	}
}

/* Segments as they are told, to be held against the pages. */
struct told {
	const struct physseg_memmap_layout *layout;
	struct physseg_memmap_segment segment[WINDOW];
	size_t n;
};

static int
remember(void *arg, const struct physseg_memmap_segment *segment)
{
	struct told *told = arg;

	test_assert(told->n < WINDOW);
	told->segment[told->n++] = *segment;
	return PHYSSEG_OK;
}

/* The free list of a page, by looking at all lists. */
static int
list_of(const struct physseg_memmap_layout *layout, uint64_t page)
{
	int list = 0;

	for (size_t i = 0; i < layout->nlists; i++)
		if (page >= layout->lists[i].first)
			list = layout->lists[i].free_list;
	return list;
}

/* A page as a segment must have it; kind 0: in none. */
struct page {
	struct byte byte;
	int list;
	bool avail;
};

struct pages {
	struct page page[WINDOW + 2];
	unsigned n;
	uint64_t first;		    /* the page of number 0 */
	uint64_t memory;	    /* bytes of memory, */
	uint64_t lost;		    /* and lost ones */
	uint64_t of[PHYSSEG_KINDS]; /* pages of each kind */
};

static void
make_pages(struct pages *pages, const struct calls *calls,
    const struct physseg_memmap_layout *layout)
{
	const unsigned size = 1u << layout->page_shift;
	struct byte bytes[64];
	unsigned lost;

	*pages = (struct pages){ .first = calls->origin >> layout->page_shift,
		.n = WINDOW / size };
	for (unsigned p = 0; p < pages->n; p++) {
		struct page *page = &pages->page[p];

		for (unsigned i = 0; i < size; i++) {
			bytes[i] = byte_of(calls, p * size + i);
			pages->memory += memory(bytes[i].kind);
		}
		page->byte = page_of(bytes, size, &lost);
		pages->lost += lost;
		pages->of[page->byte.kind]++;
		page->avail = page->byte.kind == PHYSSEG_KIND_RAM &&
		    (page->byte.flags & PHYSSEG_REGION_IN_USE) == 0;
		page->list = list_of(layout, pages->first + p);
		page->byte.flags &= ~(unsigned)PHYSSEG_REGION_IN_USE;
		if (!memory(page->byte.kind) ||
		    layout->leave_out >> page->byte.kind & 1)
			page->byte = (struct byte){ .kind = 0 };
	}
}

static bool
same_page(const struct page *a, const struct page *b)
{
	return same_byte(&a->byte, &b->byte) && a->list == b->list;
}

/* The fewest segments: a cut wherever pages differ, and before each run of
 * available pages but the first of a segment. */
static size_t
fewest(const struct pages *pages)
{
	size_t n = 0, runs = 0;

	for (unsigned p = 0; p < pages->n; p++) {
		const struct page *page = &pages->page[p];
		const bool first =
		    p == 0 || !same_page(page, &pages->page[p - 1]);

		if (page->byte.kind == 0)
			continue;
		if (first) {
			n++;
			runs = 0;
		}
		if (page->avail && (first || !pages->page[p - 1].avail) &&
		    ++runs > 1)
			n++;
	}
	return n;
}

static void
compare_segments(const struct told *told, const struct pages *pages,
    const struct physseg_memmap_totals *totals)
{
	struct page said[WINDOW + 2] = { { .list = 0 } };
	uint64_t frames = 0, available = 0;

	for (size_t s = 0; s < told->n; s++) {
		const struct physseg_memmap_segment *segment =
		    &told->segment[s];

		test_assert(segment->start < segment->end);
		test_assert(
		    s == 0 || segment->start >= told->segment[s - 1].end);
		test_assert(segment->avail_start >= segment->start);
		test_assert(segment->avail_start <= segment->avail_end);
		test_assert(segment->avail_end <= segment->end);
		for (uint64_t p = segment->start; p < segment->end; p++) {
			test_assert(p - pages->first < pages->n);
			said[p - pages->first] =
			    (struct page){ { segment->kind, segment->node,
					       segment->flags },
				    segment->free_list,
				    p >= segment->avail_start &&
					p < segment->avail_end };
		}
	}
	for (unsigned p = 0; p < pages->n; p++) {
		const struct page *page = &pages->page[p];

		test_assert(said[p].byte.kind == page->byte.kind);
		if (page->byte.kind == 0)
			continue;
		test_assert(same_page(&said[p], page));
		test_assert(said[p].avail == page->avail);
		frames++;
		available += page->avail;
	}
	test_assert(told->n == fewest(pages));
	test_assert(totals->segments == told->n);
	test_assert(totals->frames == frames);
	test_assert(totals->available == available);
	test_assert(totals->lost == pages->lost);
	for (int kind = 1; kind < PHYSSEG_KINDS; kind++)
		test_assert(totals->pages[kind] == pages->of[kind]);
}

static void
random_layout(struct physseg_memmap_layout *layout,
    struct physseg_memmap_list *lists, const struct calls *calls,
    struct test_rng *rng)
{
	*layout = (struct physseg_memmap_layout){ .page_shift = 1 +
		    (unsigned)test_random_below(rng, 6),
		.lists = lists,
		.nlists = test_random_size(rng, 4) };
	lists[0] = (struct physseg_memmap_list){ 0, 1 };
	for (size_t i = 1; i < layout->nlists; i++)
		lists[i] = (struct physseg_memmap_list){
			(physseg_pfn_t)((calls->origin >> layout->page_shift) +
			    i * (WINDOW >> layout->page_shift) / 3),
			(int)i * 2
		};
	/* A window at 0 would have the same frame twice. */
	for (size_t i = 1; i < layout->nlists; i++)
		if (lists[i].first <= lists[i - 1].first)
			layout->nlists = i;
	if (test_random_below(rng, 4) == 0)
		layout->leave_out = (unsigned)test_random_below(rng, 1u << 4);
}

static void
compare_pages(const struct physseg_memmap *memmap, const struct calls *calls,
    struct test_rng *rng)
{
	struct physseg_memmap_reason reason = { .error = -1 };
	struct physseg_memmap_totals totals;
	struct physseg_memmap_list lists[4];
	struct physseg_memmap_layout layout;
	struct told told = { .layout = &layout };
	bool conflict = false;
	struct pages pages;
	int error;

	random_layout(&layout, lists, calls, rng);
	for (unsigned i = 0; i < WINDOW; i++)
		conflict = conflict ||
		    (byte_of(calls, i).flags & PHYSSEG_REGION_CONFLICT);
	make_pages(&pages, calls, &layout);
	error =
	    physseg_memmap_segments(memmap, &layout, remember, &told, &reason);
	test_assert(
	    physseg_memmap_count(memmap, &layout, &totals, NULL) == error);
	if (conflict) {
		test_assert(error == PHYSSEG_EOVERLAP && told.n == 0);
		test_assert(reason.error == PHYSSEG_EOVERLAP);
		test_assert(reason.region.flags & PHYSSEG_REGION_CONFLICT);
	} else if (PHYSSEG_PFN_BITS == 32 && error == PHYSSEG_ERANGE)
		test_assert(
		    reason.region.last >> layout.page_shift >= PHYSSEG_NOFRAME);
	else {
		test_assert(error == PHYSSEG_OK && reason.error == -1);
		compare_segments(&told, &pages, &totals);
		if (layout.leave_out == 0)
			test_assert(pages.memory ==
			    ((uint64_t)totals.frames << layout.page_shift) +
				totals.lost);
	}
}

/* ---- the tests ---- */

static void
swap(struct call *a, struct call *b)
{
	const struct call c = *a;

	*a = *b;
	*b = c;
}

/* The same calls in another order, some of firmware's and of those in use
 * twice.  The orders stay in order. */
static void
shuffle(struct calls *to, const struct calls *from, struct test_rng *rng)
{
	struct call orders[CALLS];
	size_t norders = 0;

	*to = *from;
	for (size_t i = 0; i < from->n; i++)
		if (from->call[i].what != ADD && from->call[i].what != USE)
			orders[norders++] = from->call[i];
		else if (test_random_below(rng, 3) == 0)
			to->call[to->n++] = from->call[i];
	for (size_t i = to->n - 1; i > 0; i--)
		swap(&to->call[i], &to->call[test_random_size(rng, i + 1)]);
	for (size_t i = to->n; i-- > 0;)
		if (to->call[i].what != ADD && to->call[i].what != USE)
			to->call[i] = orders[--norders];
}

/* Are the memory maps the same, entry by entry? */
static bool
same(const struct physseg_memmap *a, const struct physseg_memmap *b)
{
	return a->used == b->used &&
	    memcmp(a->entries, b->entries, a->used * sizeof(*a->entries)) == 0;
}

static unsigned long
lists(void)
{
	return test_steps != 0 ? test_steps : LISTS;
}

START_TEST(random_lists)
{
	struct test_rng rng = { test_seed };
	struct physseg_memmap memmap, again;
	struct calls calls, other;

	for (unsigned long i = 0; i < lists(); i++) {
		random_calls(&calls, &rng);
		make(&memmap, &calls);
		compare_regions(&memmap, &calls);
		compare_pages(&memmap, &calls, &rng);
		shuffle(&other, &calls, &rng);
		make(&again, &other);
		test_assert(same(&memmap, &again));
		free(again.entries);
		free(memmap.entries);
	}
}
END_TEST

/* Too little room: a call that fails changes nothing, and those that succeed
 * make the memory map that they would have made alone. */
START_TEST(random_lists_in_little_room)
{
	struct physseg_memmap memmap, before, whole;
	struct test_rng rng = { test_seed };
	struct physseg_memmap_reason reason;
	unsigned long failed = 0;
	struct calls calls, good;

	for (unsigned long i = 0; i < lists() / 4; i++) {
		random_calls(&calls, &rng);
		good = calls;
		good.n = 0;
		memmap.max = test_random_size(&rng, calls.n + 1);
		physseg_memmap_init(&memmap,
		    malloc((memmap.max + 1) * sizeof(*memmap.entries)),
		    memmap.max);
		for (size_t c = 0; c < calls.n; c++) {
			const struct call *call = &calls.call[c];

			before = memmap;
			before.entries =
			    malloc((memmap.max + 1) * sizeof(*before.entries));
			memcpy(before.entries, memmap.entries,
			    memmap.used * sizeof(*before.entries));
			reason.error = -1;
			if (make_call(&memmap, &calls, c, &reason) ==
			    PHYSSEG_OK) {
				test_assert(reason.error == -1);
				good.call[good.n++] = *call;
			} else {
				failed++;
				test_assert(reason.error == PHYSSEG_ESMALL);
				test_assert(call->what == CLIP ||
				    (reason.region.first ==
					    calls.origin + call->start &&
					reason.region.last -
						reason.region.first ==
					    call->n - 1));
				test_assert(same(&memmap, &before));
			}
			test_assert(memmap.used <= memmap.max);
			/* Once more: that needs no room. */
			if (reason.error == -1) {
				before.used = memmap.used;
				memcpy(before.entries, memmap.entries,
				    memmap.used * sizeof(*before.entries));
				test_assert(make_call(&memmap, &calls, c,
						NULL) == PHYSSEG_OK);
				test_assert(same(&memmap, &before));
			}
			free(before.entries);
		}
		if (good.n > 0) {
			make(&whole, &good);
			test_assert(same(&memmap, &whole));
			free(whole.entries);
		}
		free(memmap.entries);
	}
	ck_assert_uint_gt(failed, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("memmap, against a model");
	TCase *t = tcase_create("model");

	tcase_add_test(t, random_lists);
	tcase_add_test(t, random_lists_in_little_room);
	suite_add_tcase(s, t);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
