/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_check.c -- physseg_check must be able to fail: a sound
 * map is spoilt in each way by which an invariant can break, and the check must
 * say which.  Then it is mended, and nothing may be found any more.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "backend_array/backend_array.h"
#include "shim/extent_private.h"

#include "support.h"

#define PAGE 24

static struct test_map t;
static struct physseg_record *rec; /* of [200, 220) */
static struct physseg_slab *slab;  /* its slab */
static char *second;		   /* another array of the caller's, unused */

/* What is put back by copying: the map, all records, all slabs, the pages of
 * `rec'. */
static struct {
	struct physseg_map map;
	struct physseg_record records[8];
	size_t nrecords;
	struct physseg_slab *slab[2];
	struct physseg_slab slabs[2];
	size_t nslabs;
	struct extent extent;
	char pages[20 * PAGE];
} saved;

static char *
pages(void)
{
	return physseg_page_at(t.map, rec, rec->node.start);
}

static void
save(void)
{
	struct physseg_slab *s;

	saved.map = *t.map;
	saved.nrecords = t.map->nrecords;
	ck_assert_uint_le(saved.nrecords, 8);
	saved.nslabs = 0;
	for (size_t i = 0; i < saved.nrecords; i++)
		saved.records[i] = *physseg_record_at(t.map, i);
	LIST_FOREACH(s, &t.map->slabs, all) {
		saved.slab[saved.nslabs] = s;
		saved.slabs[saved.nslabs++] = *s;
	}
	memcpy(saved.pages, pages(), sizeof(saved.pages));
	saved.extent = *slab->extent;
}

static void
mend(void)
{
	*t.map = saved.map;
	for (size_t i = 0; i < saved.nrecords; i++)
		*physseg_record_at(t.map, i) = saved.records[i];
	for (size_t i = 0; i < saved.nslabs; i++)
		*saved.slab[i] = saved.slabs[i];
	memcpy(pages(), saved.pages, sizeof(saved.pages));
	*slab->extent = saved.extent;
}

/*
 * [200, 220) and, where there is room, [100, 110) and [300, 330), of which
 * [320, 330) was unplugged; a record that is dead; an empty slab.
 */
static void
begin(void)
{
	bool room;

	test_map_init(&t, PAGE);
	t.config.boot_slabs = 2;
	t.config.capacity = t.config.boot_records = 8;
	test_map_boot(&t);
	room = test_map_capacity(&t) > 1;
	ck_assert_int_eq(physseg_plug(t.map, 200, 30, 0, NULL), 0);
	if (room) {
		ck_assert_int_eq(physseg_plug(t.map, 100, 10, 0, NULL), 0);
		ck_assert_int_eq(physseg_plug(t.map, 300, 30, 0, NULL), 0);
		ck_assert_int_eq(physseg_plug(t.map, 400, 1, 0, NULL), 0);
	}
	test_map_switch(&t, 5);
	second = calloc(3, PAGE);
	ck_assert_int_eq(
	    physseg_chomp_slab(t.map, physseg_first(t.map), second, 3), 0);
	ck_assert_int_eq(physseg_unplug(t.map, 220, 10), 0);
	if (room) {
		ck_assert_int_eq(physseg_unplug(t.map, 320, 10), 0);
		ck_assert_int_eq(physseg_unplug(t.map, 400, 1), 0);
	}
	rec = physseg_record_find(t.map, physseg_find(t.map, 200, NULL));
	slab = rec->slab;
	ck_assert_ptr_null(physseg_check(t.map));
	save();
}

/* ---- the ways to spoil it ---- */

static const uintptr_t generation = (uintptr_t)PHYSSEG_RECORDS_MAX + 1;

static void
empty_segment(void)
{
	rec->node.end = rec->node.start;
}

static void
wider_front(void)
{
	rec->node.start--;
}

static void
wider_back(void)
{
	rec->node.end += 2;
}

static void
over_the_next(void)
{
	rec->node.end = 305;
}

static void
beyond_width(void)
{
	t.map->limit = 205;
}

static void
avail_high(void)
{
	rec->avail.end = rec->node.end + 1;
}

static void
avail_low(void)
{
	rec->avail.start = rec->node.start - 1;
}

static void
counted_high(void)
{
	rec->counted.end = rec->node.end + 1;
}

static void
counted_less(void)
{
	rec->counted.end--;
}

static void
set_pages(const void *pages)
{
	rec->node.base = rec->own_base =
	    physseg_base(t.map, rec->node.start, pages);
}

static void
counted_without_pages(void)
{
	rec->node.base = rec->own_base = PHYSSEG_NOBASE;
	rec->slab = NULL;
}

static void
slab_without_pages(void)
{
	rec->counted.start = rec->counted.end;
	rec->node.base = rec->own_base = PHYSSEG_NOBASE;
}

static void
pages_without_slab(void)
{
	rec->slab = NULL;
}

static void
pages_between(void)
{
	rec->node.base = ++rec->own_base;
}

static void
other_pages_seen(void)
{
	rec->node.base += PAGE;
}

static void
pages_in_free_part(void)
{
	set_pages(slab->pages + (slab->npages - 1) * PAGE);
}

static void
pages_outside(void)
{
	set_pages(slab->pages + slab->npages * PAGE);
}

static void
pages_of_another_slab(void)
{
	set_pages(second);
}

static void
page_of_another_frame(void)
{
	struct test_page page;

	char *at = physseg_page_at(t.map, rec, rec->node.start + 7);

	memcpy(&page, at, sizeof(page));
	page.pfn++;
	memcpy(at, &page, sizeof(page));
}

static void
free_list_high(void)
{
	rec->free_list = 4;
}

static void
free_list_negative(void)
{
	rec->free_list = -1;
}

static void
dead_record(void)
{
	rec->handle += generation;
}

static void
another_number(void)
{
	rec->handle ^= 1;
}

static void
no_records(void)
{
	t.map->nrecords = 0;
}

/* As many as the highest number in use: that one is no record then. */
static void
fewer_records(void)
{
	size_t highest = 0;

	for (size_t i = 0; i < t.map->nrecords; i++)
		if (physseg_record_live(physseg_record_at(t.map, i)))
			highest = i;
	t.map->nrecords = highest;
}

static void
reborn(void)
{
	for (size_t i = 0; i < t.map->nrecords; i++) {
		struct physseg_record *r = physseg_record_at(t.map, i);

		if (!physseg_record_live(r)) {
			r->handle += generation;
			return;
		}
	}
}

static void
segments_more(void)
{
	t.map->segments++;
}

static void
segments_less(void)
{
	t.map->segments--;
}

static void
frames_more(void)
{
	t.map->frames++;
}

static void
counted_more(void)
{
	t.map->counted++;
}

static void
direct(void)
{
	t.map->direct ^= 1;
}

static void
other_state(void)
{
	t.map->built ^= 1;
}

static void
few_slots(void)
{
	t.map->capacity = t.map->segments - 1;
}

static void
held_less(void)
{
	slab->held--;
}

static void
held_more(void)
{
	slab->held = slab->used + 1;
}

static void
used_less(void)
{
	slab->used--;
}

static void
key_low(void)
{
	slab->largest = 0;
}

static void
key_high(void)
{
	slab->largest++;
}

/* Of two slabs the wrong one comes first in the tree. */
static void
keys_swapped(void)
{
	struct physseg_slab *first = RB_TREE_MIN(&t.map->slabs_by_fit);
	const size_t largest = first->largest;

	rb_tree_remove_node(&t.map->slabs_by_fit, first);
	first->largest = 1000;
	(void)rb_tree_insert_node(&t.map->slabs_by_fit, first);
	first->largest = largest;
}

static void
host_slab_empty(void)
{
	struct physseg_slab *s;

	LIST_FOREACH(s, &t.map->slabs, all)
		if (s->used == 0)
			s->from_host = true;
}

static void
slab_not_listed(void)
{
	struct physseg_slab *s = LIST_FIRST(&t.map->slabs);

	LIST_REMOVE(s, all);
}

static void
extent_loses(void)
{
	slab->extent->ndescr++;
}

/* The text is a part of what check says; `copied': or a backend that has a copy
 * of the bounds says first that they differ. */
static const struct spoil {
	const char *name;
	void (*spoil)(void);
	const char *text;
	bool copied;
	size_t room;  /* segments there must be room for */
	bool bounded; /* only on such a backend */
} spoils[] = {
	{ "empty", empty_segment, "segment: empty", true, 1, false },
	{ "wider front", wider_front, "another frame", true, 1, false },
	{ "wider back", wider_back, "outside what its slab", true, 1, false },
	{ "over the next", over_the_next, "segment: ", true, 3, false },
	{ "beyond width", beyond_width, "beyond the address width", false, 1,
	    false },
	{ "avail high", avail_high, "available range outside", false, 1,
	    false },
	{ "avail low", avail_low, "available range outside", false, 1, false },
	{ "counted high", counted_high, "counted range outside", false, 1,
	    false },
	{ "counted less", counted_less, "number of counted pages", false, 1,
	    false },
	{ "counted without pages", counted_without_pages,
	    "counted without pages", true, 1, false },
	{ "slab without pages", slab_without_pages, "slab without pages", true,
	    1, false },
	{ "pages without slab", pages_without_slab, "slabs and segments differ",
	    false, 1, false },
	{ "pages between", pages_between, "outside what its slab", true, 1,
	    false },
	{ "other pages seen", other_pages_seen, "see other pages than its own",
	    true, 1, false },
	{ "pages in a free part", pages_in_free_part, "outside what its slab",
	    true, 1, false },
	{ "pages outside", pages_outside, "outside what its slab", true, 1,
	    false },
	{ "pages elsewhere", pages_of_another_slab, "outside what its slab",
	    true, 1, false },
	{ "page of another frame", page_of_another_frame,
	    "a page has another frame", false, 1, false },
	{ "free list high", free_list_high, "no such free list", false, 1,
	    false },
	{ "free list negative", free_list_negative, "no such free list", false,
	    1, false },
	{ "dead record", dead_record, "dead record", false, 1, false },
	{ "another number", another_number, "a node is no record", false, 1,
	    false },
	{ "no records", no_records, "a node is no record", false, 1, false },
	{ "fewer records", fewer_records, "a node is no record", false, 1,
	    false },
	{ "reborn", reborn, "a live record is not in the backend", false, 3,
	    false },
	{ "segments more", segments_more, "number of segments", false, 1,
	    false },
	{ "segments less", segments_less, "more segments than it counts", false,
	    1, false },
	{ "frames more", frames_more, "number of frames", false, 1, false },
	{ "counted more", counted_more, "number of counted pages", false, 1,
	    false },
	{ "direct", direct, "looked up the wrong way", false, 1, false },
	{ "other state", other_state, "another index is in force", false, 1,
	    false },
	{ "few slots", few_slots, "more segments than slots", false, 1, true },
	{ "held less", held_less, "slabs and segments differ", false, 1,
	    false },
	{ "held more", held_more, "segments hold more", false, 1, false },
	{ "used less", used_less, "used is not what is allocated", false, 1,
	    false },
	{ "key low", key_low, "its key is not its largest piece", false, 1,
	    false },
	{ "key high", key_high, "its key is not its largest piece", false, 1,
	    false },
	{ "keys swapped", keys_swapped, "tree out of order", false, 1, false },
	{ "host's slab empty", host_slab_empty, "not given back", false, 1,
	    false },
	{ "slab not listed", slab_not_listed, "list and tree differ", false, 1,
	    false },
	{ "extent", extent_loses, "extent: ", false, 1, false },
};

#define NSPOILS (sizeof(spoils) / sizeof(spoils[0]))

static bool
says(const char *broken, const struct spoil *s)
{
	return broken != NULL &&
	    (strstr(broken, s->text) != NULL ||
		(s->copied &&
		    (strstr(broken, "array: a column") != NULL ||
			strstr(broken, "radix: ") != NULL)));
}

START_TEST(test_spoilt)
{
	const struct spoil *s = &spoils[_i];
	const char *broken;

	begin();
	if (test_map_capacity(&t) < s->room ||
	    (s->bounded && !test_backend->bounded))
		test_skip(s->name, "not with this backend");
	else {
		s->spoil();
		broken = physseg_check(t.map);
		ck_assert_msg(says(broken, s), "%s: %s", s->name,
		    broken == NULL ? "nothing found" : broken);
		mend();
		ck_assert_ptr_null(physseg_check(t.map));
	}
	test_map_fini(&t);
	free(second);
}
END_TEST

/* ---- a backend that lies ---- */

static const struct physseg_backend *honest;
static struct physseg_backend liar;

static struct physseg_node *
finds_nothing(const void *index, physseg_pfn_t pfn)
{
	(void)index;
	(void)pfn;
	return NULL;
}

/* Finds by the first and last frame, so that overlaps are not seen. */
static struct physseg_node *
finds_edges(const void *index, physseg_pfn_t pfn)
{
	struct physseg_node *node = NULL;

	while ((node = honest->next(index, node)) != NULL)
		if (node->start == pfn || node->end - 1 == pfn)
			break;
	return node;
}

static struct physseg_node *
first_again(const void *index, const struct physseg_node *node)
{
	return node == NULL ? honest->prev(index, NULL)
			    : honest->next(index, NULL);
}

static struct physseg_node *
first_at(const void *index, size_t position)
{
	(void)position;
	return honest->next(index, NULL);
}

static void *
no_page(const void *index, physseg_pfn_t pfn, size_t page_size)
{
	(void)index;
	(void)pfn;
	(void)page_size;
	return NULL;
}

static void
lie_lookup(void)
{
	liar.lookup = finds_nothing;
}

/* The last segment reaches into the one before it. */
static void
lie_overlap(void)
{
	struct physseg_node *last = honest->prev(t.map->index, NULL);
	const struct physseg_node *other = honest->prev(t.map->index, last);

	liar.lookup = finds_edges;
	if (other->start < last->start)
		last->start = other->end - 2;
	else
		last->end = other->start + 2;
}

static void
lie_prev(void)
{
	liar.prev = first_again;
}

static void
backwards(void)
{
	liar.next = honest->prev;
	liar.prev = honest->next;
}

static void
lie_sorted(void)
{
	liar.capabilities = PHYSSEG_SORTED;
	if (test_has(PHYSSEG_SORTED))
		backwards();
}

static void
lie_bysize(void)
{
	liar.capabilities = PHYSSEG_BYSIZE;
	if (test_has(PHYSSEG_BYSIZE))
		backwards();
}

static void
lie_at(void)
{
	liar.at = first_at;
}

static bool
has_positions(void)
{
	return test_has(PHYSSEG_POSITION);
}

static void
lie_page(void)
{
	t.map->page = no_page;
}

static bool
has_pages(void)
{
	return test_backend->page != NULL;
}

static const struct lie {
	void (*lie)(void);
	const char *text;
	bool (*can)(void); /* NULL: every backend */
} lies[] = {
	{ lie_lookup, "not found by its frames", NULL },
	{ lie_overlap, "segment: overlap", NULL },
	{ lie_prev, "next and prev differ", NULL },
	{ lie_sorted, "not in order of address", NULL },
	{ lie_bysize, "not in order of size", NULL },
	{ lie_at, "its handle leads elsewhere", has_positions },
	{ lie_page, "not found directly", has_pages },
};

#define NLIES (sizeof(lies) / sizeof(lies[0]))

START_TEST(test_lying_backend)
{
	const struct lie *lie = &lies[_i];
	const char *broken;

	begin();
	honest = test_backend;
	if (test_map_capacity(&t) < 3 || (lie->can != NULL && !lie->can()))
		test_skip(lie->text, "not with this backend");
	else {
		liar = *honest;
		liar.check = NULL;
		lie->lie();
		t.map->backend = t.map->active = &liar;
		t.map->lookup = liar.lookup;
		broken = physseg_check(t.map);
		ck_assert_ptr_nonnull(broken);
		ck_assert_ptr_nonnull(strstr(broken, lie->text));
		mend();
		ck_assert_ptr_null(physseg_check(t.map));
	}
	test_map_fini(&t);
	free(second);
}
END_TEST

/* ---- the arrays' own check ---- */

static void
swap_slots(struct array *array)
{
	physseg_pfn_t start = array->start[0];
	struct array_slot slot = array->slot[0];

	array->start[0] = array->start[1];
	array->start[1] = start;
	array->slot[0] = array->slot[1];
	array->slot[1] = slot;
	array->slot[0].node->link.word[0] = 0;
	array->slot[1].node->link.word[0] = 1;
	array->block[0] = array->start[0];
}

static void
array_says(const char *text)
{
	const char *broken = physseg_check(t.map);

	ck_assert_ptr_nonnull(broken);
	ck_assert_ptr_nonnull(strstr(broken, text));
}

/* Whatever the order goes by, the first two are alike. */
static void
same_place(struct array *array, const char *text)
{
	const struct physseg_node *first = array->slot[0].node;
	struct physseg_node *node = array->slot[1].node;
	const struct physseg_node old = *node;

	node->start = array->start[1] = first->start;
	node->end = array->slot[1].end = first->end;
	node->link.word[1] = first->link.word[1];
	array_says(text);
	*node = old;
	array->start[1] = old.start;
	array->slot[1].end = old.end;
}

START_TEST(test_array_check)
{
	struct array *array;

	begin();
	if (strncmp(test_backend->name, "array-", 6) != 0) {
		test_skip("test_array_check", "the backend is no array");
		test_map_fini(&t);
		free(second);
		return;
	}
	array = t.map->index;
	array->capacity -= 8;
	if (array->capacity == 0)
		array_says("array: more segments than slots");
	array->capacity += 8;
	rec->node.link.word[0]++;
	array_says("array: a node is not at its position");
	rec->node.link.word[0]--;
	array->block[0]++;
	array_says("array: a block's start");
	array->block[0]--;
	if (array->n > 1) {
		swap_slots(array);
		array_says("array: out of order");
		swap_slots(array);
		same_place(array, "array: out of order");
	}
	test_map_fini(&t);
	free(second);
}
END_TEST

/* ---- records and slabs, called directly ---- */

START_TEST(test_record_functions)
{
	size_t size;
	void *mem[2];

	test_map_init(&t, PAGE);
	t.config.capacity = t.config.boot_records = 1;
	test_map_boot(&t);
	size = physseg_record_size(t.map);
	ck_assert_int_eq(
	    physseg_record_alloc(t.map, 0, &mem[0]), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_record_alloc(t.map, size - 1, &mem[0]), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_record_alloc(t.map, 2 * size, &mem[0]), PHYSSEG_ENOSLOT);
	ck_assert_int_eq(physseg_record_alloc(t.map, size, &mem[0]), 0);
	ck_assert_int_eq(
	    physseg_record_alloc(t.map, size, &mem[1]), PHYSSEG_ENOSLOT);
	/* It is the whole array. */
	ck_assert_int_eq(
	    physseg_record_free(t.map, mem[0], size), PHYSSEG_EINVAL);
	ck_assert_int_eq(physseg_record_free(t.map, &t, size), PHYSSEG_EINVAL);
	physseg_set_running(t.map, true);
	ck_assert_int_eq(physseg_record_alloc(t.map, 123, &mem[1]), 0);
	ck_assert_uint_eq(t.host.outstanding, 123);
	ck_assert_int_eq(physseg_record_free(t.map, mem[1], 123), 0);
	ck_assert_int_eq(physseg_record_free(t.map, mem[0], size), 0);
	ck_assert_uint_eq(t.host.outstanding, 0);
	t.host.fail_at = 1;
	ck_assert_int_eq(
	    physseg_record_alloc(t.map, size, &mem[1]), PHYSSEG_ENOMEM);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_record_runs)
{
	size_t size;
	void *mem;

	test_map_init(&t, PAGE);
	t.config.capacity = t.config.boot_records = 8;
	test_map_boot(&t);
	if (test_map_capacity(&t) < 8) {
		test_skip("test_record_runs", "room for one segment only");
		test_map_fini(&t);
		return;
	}
	size = physseg_record_size(t.map);
	ck_assert_int_eq(physseg_record_alloc(t.map, 7 * size, &mem), 0);
	ck_assert_int_eq(
	    physseg_record_alloc(t.map, 2 * size, &mem), PHYSSEG_ENOSLOT);
	ck_assert_int_eq(
	    physseg_record_free(t.map, mem, size + 1), PHYSSEG_EINVAL);
	ck_assert_int_eq(physseg_record_free(t.map, mem, 7 * size), 0);
	ck_assert_int_eq(physseg_record_free(t.map, &t, size), PHYSSEG_EINVAL);
	ck_assert_int_eq(physseg_record_free(t.map,
			     t.map->boot_records + t.map->nboot * size, size),
	    PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_record_free(t.map, mem, 8 * size), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_record_alloc(t.map, 2 * size, &mem), PHYSSEG_ENOSLOT);
	ck_assert_int_eq(physseg_record_alloc(t.map, size, &mem), 0);
	test_map_fini(&t);
}
END_TEST

/* As many records can be had as there are segments that can be loaded.  One
 * that was given back counts only where it is used again at boot. */
START_TEST(test_record_room)
{
	size_t most;

	test_map_init(&t, PAGE);
	t.config.capacity = t.config.boot_records = 8;
	t.config.may_empty = true;
	test_map_boot(&t);
	most = test_map_capacity(&t);
	for (size_t i = 0; i < most; i++) {
		ck_assert_uint_eq(physseg_record_room(t.map), most - i);
		ck_assert_int_eq(
		    physseg_plug(t.map, (physseg_pfn_t)(10 * i), 5, 0, NULL),
		    0);
	}
	for (size_t i = 0; i < most; i++) {
		ck_assert_uint_eq(physseg_record_room(t.map),
		    test_has(PHYSSEG_POSITION) ? i : 0);
		ck_assert_int_eq(
		    physseg_unplug(t.map, (physseg_pfn_t)(10 * i), 5), 0);
	}
	test_map_fini(&t);
}
END_TEST

/* Nor are there more after a life in which the host gave some. */
START_TEST(test_record_room_again)
{
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_record_room_again", "no hot plug");
		return;
	}
	test_map_init(&t, 0);
	t.config.boot_records = 1;
	test_map_boot(&t);
	for (physseg_pfn_t i = 0; i < 3; i++) {
		ck_assert_int_eq(physseg_plug(t.map, 10 * i, 5, 0, NULL), 0);
		physseg_set_running(t.map, true);
	}
	ck_assert_int_eq(physseg_unplug(t.map, 10, 5), 0);
	ck_assert_int_eq(physseg_unplug(t.map, 20, 5), 0);
	ck_assert_int_eq(physseg_set_running(t.map, false), 0);
	ck_assert_uint_eq(physseg_record_room(t.map), 0);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_slab_functions)
{
	struct physseg_slab *s, *none;
	void *part[3];

	begin();
	mend();
	for (int round = 0; round < 100; round++) {
		ck_assert_int_eq(physseg_slab_alloc(t.map, 3, &s, &part[0]), 0);
		ck_assert_int_eq(
		    physseg_slab_alloc(t.map, 10, &s, &part[1]), 0);
		ck_assert_int_eq(
		    physseg_slab_alloc(t.map, 1000, &none, &part[2]),
		    PHYSSEG_ENOMEM);
		for (size_t i = 0; i < 10 * PAGE; i++)
			ck_assert_int_eq(((char *)part[1])[i], 0);
		memset(part[1], 0x5a, 10 * PAGE);
		ck_assert_int_eq(physseg_slab_free(t.map, s, part[1], 4), 0);
		ck_assert_int_eq(
		    physseg_slab_free(t.map, s, (char *)part[1] + 4 * PAGE, 6),
		    0);
		ck_assert_int_eq(physseg_slab_claim(t.map, part[0], 3, &s), 0);
		ck_assert_int_eq(physseg_slab_free(t.map, s, part[0], 3), 0);
	}
	test_map_fini(&t);
	free(second);
}
END_TEST

/* More free pieces than a boot slab has descriptors for: as many as there can
 * be gaps between the parts of all boot records, and one. */
START_TEST(test_slab_descriptors)
{
	size_t freed = 0;
	struct physseg_slab *s = NULL;
	void *part[64];
	int error = PHYSSEG_OK;
	physseg_t h;

	test_map_init(&t, PAGE);
	t.config.capacity = t.config.boot_records = 1 + (size_t)_i;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, 1, 0, &h), 0);
	t.pages = calloc(64, PAGE);
	ck_assert_int_eq(physseg_chomp_slab(t.map, h, t.pages, 64), 0);
	for (size_t i = 0; i < 64; i++)
		ck_assert_int_eq(physseg_slab_alloc(t.map, 1, &s, &part[i]), 0);
	for (size_t i = 0; i < 64 && error == PHYSSEG_OK; i += 2) {
		error = physseg_slab_free(t.map, s, part[i], 1);
		freed += error == PHYSSEG_OK;
	}
	ck_assert_int_eq(error, PHYSSEG_ENOMEM);
	ck_assert_uint_ge(freed, t.map->nboot + 1);
	ck_assert_ptr_null(physseg_check(t.map));
	test_map_fini(&t);
}
END_TEST

/* Each on a cache line of its own, wherever the host's memory lies. */
START_TEST(test_record_alignment)
{
	physseg_pfn_t n;

	test_map_init(&t, 0);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, 1, 0, NULL), 0);
	physseg_set_running(t.map, true);
	for (n = 1; n < 2000; n++)
		if (physseg_plug(t.map, 2 * n, 1, 0, NULL) != PHYSSEG_OK)
			break;
	ck_assert(n == 2000 || !test_has(PHYSSEG_HOTPLUG));
	ck_assert_uint_eq(t.map->nrecords, n);
	for (size_t i = 0; i < t.map->nrecords; i++)
		ck_assert_uint_eq(
		    (uintptr_t)physseg_record_at(t.map, i) % PHYSSEG_ALIGN, 0);
	test_map_fini(&t);
}
END_TEST

/* There are no more numbers for records. */
START_TEST(test_record_numbers)
{
	size_t n;

	test_map_init(&t, 0);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_record_numbers", "no hot plug");
		return;
	}
	test_map_run(&t);
	n = t.map->nrecords;
	t.map->nrecords = PHYSSEG_RECORDS_MAX + (size_t)1;
	if (t.map->nrecords % 64 == 0)
		ck_assert_int_eq(
		    physseg_plug(t.map, 0, 1, 0, NULL), PHYSSEG_ENOMEM);
	t.map->nboot = PHYSSEG_RECORDS_MAX % 64; /* so that a chunk begins */
	t.map->nrecords = PHYSSEG_RECORDS_MAX;
	ck_assert_int_eq(physseg_plug(t.map, 0, 1, 0, NULL), PHYSSEG_ENOMEM);
	t.map->nboot = 0;
	t.map->nrecords = n;
	ck_assert_int_eq(physseg_plug(t.map, 0, 1, 0, NULL), 0);
	test_map_fini(&t);
}
END_TEST

/* What the engine does when an invariant is broken: the host's panic. */
static void
panic(void *arg)
{
	physseg_panic(arg, "as the library would");
}

START_TEST(test_panic)
{
	begin();
	ck_assert(test_panics(panic, t.map, "panic: as the library would"));
	test_map_fini(&t);
	free(second);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_check");
	TCase *tc = tcase_create("check");

	tcase_add_loop_test(tc, test_spoilt, 0, NSPOILS);
	tcase_add_loop_test(tc, test_lying_backend, 0, NLIES);
	tcase_add_test(tc, test_array_check);
	suite_add_tcase(s, tc);
	tc = tcase_create("inside");
	tcase_add_test(tc, test_record_functions);
	tcase_add_test(tc, test_record_runs);
	tcase_add_test(tc, test_record_room);
	tcase_add_test(tc, test_record_room_again);
	tcase_add_test(tc, test_slab_functions);
	tcase_add_loop_test(tc, test_slab_descriptors, 0, 16);
	tcase_add_test(tc, test_record_alignment);
	tcase_add_test(tc, test_record_numbers);
	tcase_add_test(tc, test_panic);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
