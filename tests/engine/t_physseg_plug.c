/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_plug.c -- plug and unplug: the four shapes, what the
 * parts inherit, the hooks' order, calls from inside a hook, the edges of the
 * address width, registries.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>

#include "support.h"

#define PAGE 72
#define DATA 11

static struct test_map t;

static physseg_t
at(physseg_pfn_t pfn)
{
	return physseg_find(t.map, pfn, NULL);
}

static struct physseg_info
info_of(physseg_pfn_t pfn)
{
	struct physseg_info info;

	ck_assert_int_eq(physseg_get_info(t.map, at(pfn), &info), PHYSSEG_OK);
	return info;
}

static size_t
nsegments(void)
{
	struct physseg_stats stats;

	physseg_get_stats(t.map, &stats);
	return stats.segments;
}

/* What happened in the hooks: calls, by hook, and wrong answers. */
static size_t watched[4];
static int inner_errors;

/* A map that runs, of [0, n); later plugs find an empty slab if not all of it
 * is available. */
static void
run_with(physseg_pfn_t n)
{
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, n, 0, NULL), 0);
	test_map_switch(&t, 0);
	test_log_clear(&t.host);
	memset(watched, 0, sizeof(watched));
	inner_errors = 0;
}

/* ---- unplug in all shapes ---- */

/*
 * A segment [100, 200), available [120, 180), with start hint 40, and what is
 * left of it after an unplug: start, end, avail_start, avail_end, hint.
 *
 *	100   120                 180   200
 *	|-----|aaaaaaaaaaaaaaaaaaa|-----|
 */
struct part {
	physseg_pfn_t start, end, avail_start, avail_end;
	unsigned long hint;
};

static const struct shape {
	physseg_pfn_t pfn, n;
	struct part left[2];
} shapes[] = {
	/* whole */
	{ 100, 100, { { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } } },
	/* front: of the reserved part, more, up to the hint, beyond it, all */
	{ 100, 1, { { 101, 200, 120, 180, 40 }, { 0, 0, 0, 0, 0 } } },
	{ 100, 20, { { 120, 200, 120, 180, 40 }, { 0, 0, 0, 0, 0 } } },
	{ 100, 40, { { 140, 200, 140, 180, 40 }, { 0, 0, 0, 0, 0 } } },
	{ 100, 41, { { 141, 200, 141, 180, 0 }, { 0, 0, 0, 0, 0 } } },
	{ 100, 90, { { 190, 200, 190, 190, 0 }, { 0, 0, 0, 0, 0 } } },
	/* back */
	{ 199, 1, { { 100, 199, 120, 180, 40 }, { 0, 0, 0, 0, 0 } } },
	{ 180, 20, { { 100, 180, 120, 180, 40 }, { 0, 0, 0, 0, 0 } } },
	{ 160, 40, { { 100, 160, 120, 160, 40 }, { 0, 0, 0, 0, 0 } } },
	{ 159, 41, { { 100, 159, 120, 159, 0 }, { 0, 0, 0, 0, 0 } } },
	{ 110, 90, { { 100, 110, 110, 110, 0 }, { 0, 0, 0, 0, 0 } } },
	/* middle: all available, before that, behind it, across its ends */
	{ 140, 10, { { 100, 140, 120, 140, 0 }, { 150, 200, 150, 180, 0 } } },
	{ 125, 5, { { 100, 125, 120, 125, 0 }, { 130, 200, 130, 180, 40 } } },
	{ 105, 5, { { 100, 105, 105, 105, 0 }, { 110, 200, 120, 180, 40 } } },
	{ 190, 5, { { 100, 190, 120, 180, 40 }, { 195, 200, 195, 195, 0 } } },
	{ 110, 20, { { 100, 110, 110, 110, 0 }, { 130, 200, 130, 180, 40 } } },
	{ 170, 20, { { 100, 170, 120, 170, 40 }, { 190, 200, 190, 190, 0 } } },
	{ 101, 98, { { 100, 101, 101, 101, 0 }, { 199, 200, 199, 199, 0 } } }
};

#define NSHAPES (sizeof(shapes) / sizeof(shapes[0]))

static char *pages; /* of frame 100 */

static void
check_part(const struct part *part, bool running)
{
	struct physseg_info info;
	const unsigned char *data;

	if (part->start == part->end)
		return;
	info = info_of(part->start);
	ck_assert_uint_eq(info.start, part->start);
	ck_assert_uint_eq(info.end, part->end);
	ck_assert_uint_eq(info.avail_start, part->avail_start);
	ck_assert_uint_eq(info.avail_end, part->avail_end);
	ck_assert_uint_eq(info.start_hint, part->hint);
	ck_assert_int_eq(info.free_list, 2);
	ck_assert_uint_eq(
	    info.counted, running ? part->avail_end - part->avail_start : 0);
	data = info.data;
	for (unsigned i = 0; i < DATA; i++)
		ck_assert_uint_eq(data[i], 0xc0 + i);
	for (physseg_pfn_t f = part->start; running && f < part->end; f++) {
		ck_assert_ptr_eq(
		    physseg_page(t.map, f), pages + (f - 100) * PAGE);
		ck_assert_uint_eq(
		    physseg_frame(t.map, pages + (f - 100) * PAGE), f);
	}
}

static void
check_gone(const struct shape *shape)
{
	for (physseg_pfn_t f = shape->pfn; f < shape->pfn + shape->n; f++) {
		ck_assert_ptr_eq(at(f), PHYSSEG_NONE);
		ck_assert_ptr_null(physseg_page(t.map, f));
	}
}

static physseg_t
segment_100(bool running)
{
	physseg_t h;
	unsigned char *data;

	test_map_init(&t, PAGE);
	t.config.data_size = DATA;
	t.config.may_empty = true;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 100, 200, 120, 180, 2, &h), 0);
	ck_assert_int_eq(physseg_set_start_hint(t.map, h, 40), 0);
	data = info_of(100).data;
	for (unsigned i = 0; i < DATA; i++)
		ck_assert_uint_eq(data[i], 0);
	for (unsigned i = 0; i < DATA; i++)
		data[i] = (unsigned char)(0xc0 + i);
	if (running)
		test_map_switch(&t, 0);
	pages = info_of(100).pages;
	test_log_clear(&t.host);
	return h;
}

/* The count of available frames in what goes. */
static physseg_pfn_t
counted_in(const struct shape *s)
{
	physseg_pfn_t n = 0;

	for (physseg_pfn_t f = s->pfn; f < s->pfn + s->n; f++)
		n += f >= 120 && f < 180;
	return n;
}

static void
check_unplug_log(const struct shape *s)
{
	const struct test_call *c = t.host.log;

	ck_assert_uint_eq(t.host.ncalls, 2);
	ck_assert(c[0].hook == TEST_ACCOUNT && !c[0].added);
	ck_assert_uint_eq(c[0].counted, counted_in(s));
	ck_assert_uint_eq(c[0].frames, s->n);
	ck_assert(c[1].hook == TEST_REINIT);
}

static void
check_shape(const struct shape *s, bool running)
{
	physseg_t h = segment_100(running);
	size_t parts = s->left[0].end == 0 ? 0 : s->left[1].end == 0 ? 1 : 2;
	struct test_state state;

	if (parts > test_map_capacity(&t)) {
		test_state_save(&state, &t);
		ck_assert_int_eq(
		    physseg_unplug(t.map, s->pfn, s->n), PHYSSEG_ENOSLOT);
		ck_assert(test_state_unchanged(&state, &t));
		test_skip("test_shapes", "a middle needs a second slot");
		test_map_fini(&t);
		return;
	}
	ck_assert_int_eq(physseg_unplug(t.map, s->pfn, s->n), 0);
	ck_assert_uint_eq(nsegments(), parts);
	check_part(&s->left[0], running);
	check_part(&s->left[1], running);
	check_gone(s);
	if (!test_has(PHYSSEG_POSITION)) {
		ck_assert(physseg_valid(t.map, h) == (parts != 0));
		if (parts != 0)
			ck_assert_ptr_eq(at(s->left[0].start), h);
	}
	if (running)
		check_unplug_log(s);
	else
		ck_assert_uint_eq(t.host.ncalls, 0);
	test_map_fini(&t);
}

START_TEST(test_shapes)
{
	check_shape(&shapes[_i / 2], _i % 2 != 0);
}
END_TEST

/* The parts' data are two, not one. */
START_TEST(test_data_is_copied)
{
	unsigned char *front, *tail;

	segment_100(false);
	if (test_map_capacity(&t) < 2) {
		test_skip("test_data_is_copied", "room for one segment only");
		test_map_fini(&t);
		return;
	}
	ck_assert_int_eq(physseg_unplug(t.map, 150, 1), 0);
	front = info_of(100).data;
	tail = info_of(151).data;
	ck_assert_ptr_ne(front, tail);
	memset(tail, 0, DATA);
	ck_assert_uint_eq(front[DATA - 1], 0xc0 + DATA - 1);
	test_map_fini(&t);
}
END_TEST

/* One pointer by default, and a tail has it, too. */
START_TEST(test_default_data)
{
	test_map_init(&t, PAGE);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 100, 10, 0, NULL), 0);
	*(void **)info_of(100).data = &t;
	if (test_map_capacity(&t) < 2)
		test_skip("test_default_data", "room for one segment only");
	else {
		ck_assert_int_eq(physseg_unplug(t.map, 104, 2), 0);
		ck_assert_ptr_eq(*(void **)info_of(106).data, &t);
	}
	ck_assert_ptr_eq(*(void **)info_of(100).data, &t);
	test_map_fini(&t);
}
END_TEST

/* Adjacent segments stay two, and an unplug may reach over both. */
START_TEST(test_adjacent)
{
	test_map_init(&t, PAGE);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 100, 10, 0, NULL), 0);
	if (test_map_capacity(&t) < 2) {
		test_skip("test_adjacent", "room for one segment only");
		test_map_fini(&t);
		return;
	}
	ck_assert_int_eq(physseg_plug(t.map, 110, 10, 0, NULL), 0);
	ck_assert_uint_eq(nsegments(), 2);
	ck_assert_int_eq(physseg_unplug(t.map, 105, 16), PHYSSEG_ESPAN);
	ck_assert_int_eq(physseg_unplug(t.map, 100, 20), PHYSSEG_ELAST);
	ck_assert_int_eq(physseg_unplug(t.map, 105, 10), 0);
	ck_assert_uint_eq(info_of(100).end, 105);
	ck_assert_uint_eq(info_of(115).start, 115);
	test_map_fini(&t);
}
END_TEST

/* ---- the hooks ---- */

static physseg_t plugged;

/* In a hook every lookup works, and every change is refused. */
static void
watch(struct test_host *host, const struct test_call *call)
{
	physseg_t h;
	void *pages_out = NULL;
	physseg_pfn_t pfn = 0;
	size_t n = 0;

	watched[call->hook]++;
	if (call->hook == TEST_INIT)
		ck_assert_ptr_null(physseg_page(t.map, call->pfn));
	if (call->hook == TEST_FREE) {
		const char *page = physseg_page(t.map, call->pfn);

		ck_assert_ptr_nonnull(page);
		ck_assert_uint_eq(physseg_frame(t.map, page), call->pfn);
		ck_assert_ptr_ne(at(call->pfn), PHYSSEG_NONE);
	}
	if (call->hook != TEST_INIT && host->watch_arg != NULL) {
		h = *(physseg_t *)host->watch_arg;
		ck_assert(physseg_valid(t.map, h));
		ck_assert_ptr_eq(at(1000), h);
	}
	PHYSSEG_FOREACH(h, t.map)
		n++;
	ck_assert_uint_eq(n, nsegments());
	h = physseg_first(t.map);
	inner_errors += physseg_plug(t.map, 5000, 1, 0, NULL) != PHYSSEG_EBUSY;
	inner_errors += physseg_plug_check(t.map, 5000, 1, 0) != PHYSSEG_EBUSY;
	inner_errors += physseg_unplug(t.map, 0, 1) != PHYSSEG_EBUSY;
	inner_errors += physseg_chomp_slab(t.map, h, &t, 1) != PHYSSEG_EBUSY;
	inner_errors +=
	    physseg_alloc_from_slab(t.map, h, 1, &pages_out) != PHYSSEG_EBUSY;
	inner_errors += physseg_init_seg(t.map, h, &t) != PHYSSEG_EBUSY;
	if (physseg_running(t.map))
		return;
	inner_errors += physseg_steal(t.map, &pfn) != PHYSSEG_EBUSY;
	inner_errors += physseg_unload(t.map, h, 0, &pfn) != PHYSSEG_EBUSY;
	inner_errors += physseg_load(t.map, 5000, 5001, 5000, 5001, 0, NULL) !=
	    PHYSSEG_EBUSY;
	inner_errors += physseg_set_avail(t.map, h, 0, 1) != PHYSSEG_EBUSY;
	inner_errors += physseg_switch(t.map, &t, 1) != PHYSSEG_EBUSY;
}

/* Pages initialised, then account, then pages freed ascending, then reinit. */
static void
check_plug_log(physseg_pfn_t pfn, physseg_pfn_t n)
{
	const struct test_call *c = t.host.log;

	ck_assert_uint_eq(t.host.ncalls, 2 * n + 2);
	for (physseg_pfn_t i = 0; i < n; i++)
		ck_assert(c[i].hook == TEST_INIT && c[i].pfn == pfn + i);
	c += n;
	ck_assert(c->hook == TEST_ACCOUNT && c->added);
	ck_assert(c->counted == n && c->frames == n);
	c++;
	for (physseg_pfn_t i = 0; i < n; i++)
		ck_assert(c[i].hook == TEST_FREE && c[i].pfn == pfn + i);
	ck_assert(c[n].hook == TEST_REINIT);
}

START_TEST(test_hooks_of_plug)
{
	test_map_init(&t, PAGE);
	run_with(100);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_hooks_of_plug", "no hot plug");
		test_map_fini(&t);
		return;
	}
	t.host.watch = watch;
	t.host.watch_arg = &plugged;
	plugged = PHYSSEG_NONE;
	ck_assert_int_eq(physseg_plug(t.map, 1000, 50, 0, &plugged), 0);
	check_plug_log(1000, 50);
	ck_assert_uint_eq(watched[TEST_FREE], 50);
	ck_assert_int_eq(inner_errors, 0);
	t.host.watch = NULL;
	ck_assert_uint_eq(nsegments(), 2);
	ck_assert_int_eq(physseg_plug(t.map, 5000, 1, 0, NULL), 0);
	test_map_fini(&t);
}
END_TEST

/* The host's alloc is a hook, too, and a dry run asks it for memory. */
static void *(*host_alloc)(void *, size_t);
static int answer;

static void *
alloc_that_plugs(void *ctx, size_t size)
{
	answer = physseg_plug(t.map, 5000, 1, 0, NULL);
	return host_alloc(ctx, size);
}

START_TEST(test_hook_of_dry_run)
{
	test_map_init(&t, PAGE);
	host_alloc = t.host.hooks.alloc;
	t.host.hooks.alloc = alloc_that_plugs;
	run_with(100);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_hook_of_dry_run", "no hot plug");
		test_map_fini(&t);
		return;
	}
	answer = PHYSSEG_OK;
	ck_assert_int_eq(physseg_plug_check(t.map, 10000, 5000, 0), 0);
	ck_assert_int_eq(answer, PHYSSEG_EBUSY);
	ck_assert_uint_eq(nsegments(), 1);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_hooks_of_unplug)
{
	test_map_init(&t, PAGE);
	run_with(100);
	t.host.watch = watch;
	ck_assert_int_eq(physseg_unplug(t.map, 90, 10), 0);
	ck_assert_uint_eq(watched[TEST_ACCOUNT] + watched[TEST_REINIT], 2);
	ck_assert_int_eq(inner_errors, 0);
	t.host.watch = NULL;
	ck_assert_int_eq(physseg_unplug(t.map, 80, 10), 0);
	test_map_fini(&t);
}
END_TEST

/* When the host is told, the page structures are their slab's again. */
static void
is_given_back(struct test_host *host, const struct test_call *call)
{
	struct physseg_stats stats;

	(void)host;
	if (call->hook != TEST_ACCOUNT)
		return;
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.frames, stats.slab_used);
}

START_TEST(test_account_of_unplug)
{
	test_map_init(&t, PAGE);
	run_with(10);
	t.host.watch = is_given_back;
	ck_assert_int_eq(
	    physseg_unplug(t.map, physseg_highest_frame(t.map), 1), 0);
	ck_assert_uint_gt(test_log_count(&t.host, TEST_ACCOUNT), 0);
	t.host.watch = NULL;
	test_map_fini(&t);
}
END_TEST

START_TEST(test_hooks_of_switch)
{
	test_map_init(&t, PAGE);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 0, 10, 2, 8, 0, NULL), 0);
	t.host.watch = watch;
	memset(watched, 0, sizeof(watched));
	inner_errors = 0;
	test_map_switch(&t, 0);
	ck_assert_uint_eq(watched[TEST_INIT], 10);
	ck_assert_uint_eq(watched[TEST_ACCOUNT], 1);
	ck_assert_uint_eq(watched[TEST_FREE], 6);
	ck_assert_uint_eq(watched[TEST_REINIT], 0);
	ck_assert_int_eq(inner_errors, 0);
	ck_assert_uint_eq(t.host.counted, 6);
	t.host.watch = NULL;
	test_map_fini(&t);
}
END_TEST

/* A refused call from outside calls no hook and leaves the map open. */
START_TEST(test_refused_is_not_busy)
{
	test_map_init(&t, PAGE);
	run_with(100);
	ck_assert_int_ne(physseg_plug(t.map, 0, 0, 0, NULL), 0);
	ck_assert_int_ne(physseg_unplug(t.map, 0, 0), 0);
	ck_assert_int_ne(physseg_alloc_from_slab(t.map, 0, 0, NULL), 0);
	ck_assert_int_ne(physseg_chomp_slab(t.map, 0, NULL, 0), 0);
	ck_assert_int_ne(physseg_init_seg(t.map, 0, NULL), 0);
	ck_assert_uint_eq(t.host.ncalls, 0);
	ck_assert_int_eq(physseg_unplug(t.map, 0, 1), 0);
	test_map_fini(&t);
}
END_TEST

/* ---- the edges of the frame numbers ---- */

/* No page structures: nobody has that many. */
START_TEST(test_top)
{
	const physseg_pfn_t top = PHYSSEG_NOFRAME;
	physseg_pfn_t offset = 3;

	test_map_init(&t, 0);
	t.config.may_empty = true;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, top, 1, 0, NULL), PHYSSEG_ERANGE);
	ck_assert_int_eq(
	    physseg_plug(t.map, top - 3, 4, 0, NULL), PHYSSEG_ERANGE);
	ck_assert_int_eq(
	    physseg_plug(t.map, top - 3, 16, 0, NULL), PHYSSEG_ERANGE);
	ck_assert_int_eq(physseg_plug(t.map, top - 3, 3, 0, NULL), 0);
	ck_assert_uint_eq(physseg_highest_frame(t.map), top - 1);
	ck_assert_ptr_eq(
	    physseg_find(t.map, top - 1, &offset), physseg_first(t.map));
	ck_assert_uint_eq(offset, 2);
	ck_assert_ptr_eq(physseg_find(t.map, top, &offset), PHYSSEG_NONE);
	ck_assert_uint_eq(offset, 2);
	ck_assert_ptr_eq(physseg_from(t.map, top), PHYSSEG_NONE);
	ck_assert_ptr_eq(physseg_from(t.map, top - 1), physseg_first(t.map));
	ck_assert_ptr_eq(physseg_from(t.map, 0), physseg_first(t.map));
	ck_assert_int_eq(physseg_unplug(t.map, top - 1, 2), PHYSSEG_ERANGE);
	ck_assert_int_eq(physseg_unplug(t.map, top - 1, 1), 0);
	ck_assert_uint_eq(physseg_highest_frame(t.map), top - 2);
	ck_assert_int_eq(physseg_unplug(t.map, top - 3, 2), 0);
	ck_assert_uint_eq(physseg_highest_frame(t.map), PHYSSEG_NOFRAME);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_all_frames)
{
	const physseg_pfn_t all = PHYSSEG_NOFRAME;

	test_map_init(&t, 0);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, all, 0, NULL), 0);
	ck_assert_int_eq(physseg_plug(t.map, 7, 1, 0, NULL), PHYSSEG_EOVERLAP);
	ck_assert_ptr_ne(at(0), PHYSSEG_NONE);
	ck_assert_ptr_ne(at(all / 2), PHYSSEG_NONE);
	ck_assert_ptr_ne(at(all - 1), PHYSSEG_NONE);
	ck_assert_ptr_eq(at(all), PHYSSEG_NONE);
	ck_assert_int_eq(physseg_unplug(t.map, 0, all), PHYSSEG_ELAST);
	ck_assert_int_eq(physseg_unplug(t.map, 0, all - 1), 0);
	ck_assert_uint_eq(info_of(all - 1).start, all - 1);
	test_map_fini(&t);
}
END_TEST

/* Page structures that no address space holds: no memory, not a crash. */
START_TEST(test_absurd_plug)
{
	const uint64_t held = SIZE_MAX / 4 / PAGE;
	struct test_state state;

	test_map_init(&t, PAGE);
	run_with(10);
	if (!test_has(PHYSSEG_HOTPLUG) || PHYSSEG_NOFRAME >> 1 <= held) {
		test_skip("test_absurd_plug",
		    "no hot plug, or the address space holds them");
		test_map_fini(&t);
		return;
	}
	test_state_save(&state, &t);
	for (int shift = 1; shift < 20; shift++) {
		physseg_pfn_t n = PHYSSEG_NOFRAME >> shift;

		if (n <= held)
			break;
		ck_assert_int_eq(
		    physseg_plug(t.map, 100, n, 0, NULL), PHYSSEG_ENOMEM);
		ck_assert_int_eq(
		    physseg_plug_check(t.map, 100, n, 0), PHYSSEG_ENOMEM);
	}
	ck_assert(test_state_unchanged(&state, &t));
	test_map_fini(&t);
}
END_TEST

/* So many that their size is none, or small: it does not fit into a word. */
START_TEST(test_sizes_that_wrap)
{
	const size_t odd = PAGE * 8 + 1;
	size_t inverse = odd; /* of a page's size, by Newton's method */
	physseg_pfn_t n;

	for (int i = 0; i < 6; i++)
		inverse *= 2 - odd * inverse;
	ck_assert_uint_eq(odd * inverse, 1);
	test_map_init(&t, odd);
	run_with(10);
	if (!test_has(PHYSSEG_HOTPLUG) ||
	    sizeof(physseg_pfn_t) < sizeof(size_t)) {
		test_skip("test_sizes_that_wrap", "no hot plug, or few frames");
		test_map_fini(&t);
		return;
	}
	n = (physseg_pfn_t)(inverse * (odd * 64)); /* bytes that it seems */
	ck_assert_uint_eq(n, 64);
	for (size_t bytes = 0; bytes < 100000; bytes += 1 + bytes / 3) {
		n = (physseg_pfn_t)(size_t)(inverse * bytes);
		if (n <= SIZE_MAX / odd || PHYSSEG_NOFRAME - 100 <= n)
			continue;
		ck_assert_int_eq(
		    physseg_plug(t.map, 100, n, 0, NULL), PHYSSEG_ENOMEM);
		ck_assert_int_eq(
		    physseg_plug_check(t.map, 100, n, 0), PHYSSEG_ENOMEM);
	}
	test_map_fini(&t);
}
END_TEST

/* A map that boots has no page structures yet, however many frames. */
START_TEST(test_absurd_at_boot)
{
	const physseg_pfn_t n = PHYSSEG_NOFRAME - 100;

	test_map_init(&t, PAGE);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug_check(t.map, 100, n, 0), 0);
	ck_assert_int_eq(physseg_plug(t.map, 100, n, 0, NULL), 0);
	test_map_fini(&t);
}
END_TEST

/* A chunk is as many records as boot left over here. */
START_TEST(test_boot_records_left)
{
	for (size_t n = 63; n < 67; n++) {
		test_map_init(&t, PAGE);
		t.config.capacity = t.config.boot_records = n;
		run_with(10);
		if (test_has(PHYSSEG_HOTPLUG)) {
			ck_assert_int_eq(
			    physseg_plug(t.map, 5000, 1, 0, NULL), 0);
			ck_assert_ptr_null(physseg_check(t.map));
		}
		test_map_fini(&t);
	}
}
END_TEST

START_TEST(test_limit)
{
	test_map_init(&t, PAGE);
	t.config.frames = 1000;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 990, 11, 0, NULL), PHYSSEG_ERANGE);
	ck_assert_int_eq(physseg_plug(t.map, 1000, 1, 0, NULL), PHYSSEG_ERANGE);
	ck_assert_int_eq(physseg_plug(t.map, 990, 10, 0, NULL), 0);
	ck_assert_int_eq(physseg_unplug(t.map, 999, 2), PHYSSEG_ERANGE);
	ck_assert_int_eq(physseg_unplug(t.map, 999, 1), 0);
	test_map_fini(&t);
}
END_TEST

/* ---- registries ---- */

START_TEST(test_registry)
{
	const struct test_call *c;

	test_map_init(&t, 0);
	t.config.may_empty = true;
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_registry", "no hot plug");
		return;
	}
	test_map_run(&t);
	for (int round = 0; round < 3; round++) {
		physseg_t h;

		test_log_clear(&t.host);
		ck_assert_int_eq(physseg_plug(t.map, 7, 90, 1, &h), 0);
		ck_assert(physseg_valid(t.map, h));
		ck_assert_ptr_null(physseg_page(t.map, 7));
		ck_assert_int_eq(physseg_unplug(t.map, 10, 5), 0);
		ck_assert_uint_eq(nsegments(), 2);
		ck_assert_int_eq(physseg_unplug(t.map, 7, 3), 0);
		ck_assert_int_eq(physseg_unplug(t.map, 15, 82), 0);
		ck_assert_uint_eq(nsegments(), 0);
		ck_assert(!physseg_valid(t.map, h));
		c = t.host.log;
		ck_assert_uint_eq(t.host.ncalls, 8);
		ck_assert(c[0].hook == TEST_ACCOUNT && c[0].added);
		ck_assert_uint_eq(c[0].frames, 90);
		ck_assert(c[1].hook == TEST_REINIT);
		ck_assert(c[6].hook == TEST_ACCOUNT && !c[6].added);
		ck_assert_uint_eq(c[6].frames, 82);
	}
	ck_assert_uint_eq(t.host.frames, 0);
	test_map_fini(&t);
}
END_TEST

/* Many more segments than boot had records for. */
START_TEST(test_many_segments)
{
	struct physseg_stats stats;
	const physseg_pfn_t n = 3000;

	test_map_init(&t, 0);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_many_segments", "no hot plug");
		return;
	}
	run_with(1);
	for (physseg_pfn_t i = 1; i < n; i++)
		ck_assert_int_eq(physseg_plug(t.map, 3 * i, 2, 0, NULL), 0);
	ck_assert_uint_eq(nsegments(), n);
	for (physseg_pfn_t i = 1; i < n; i++)
		ck_assert_uint_eq(info_of(3 * i + 1).start, 3 * i);
	ck_assert_ptr_null(physseg_check(t.map));
	for (physseg_pfn_t i = 1; i < n; i++)
		ck_assert_int_eq(physseg_unplug(t.map, 3 * i, 2), 0);
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.frames, 1);
	test_map_fini(&t);
}
END_TEST

/* A dry run says what the plug says, and does nothing. */
START_TEST(test_plug_check)
{
	struct test_state state;

	test_map_init(&t, PAGE);
	run_with(10);
	for (physseg_pfn_t n = 0; n < 3000; n += 97) {
		size_t allocs;
		int error;

		test_state_save(&state, &t);
		error = physseg_plug_check(t.map, 5000 * n, n, 0);
		allocs = t.host.live;
		ck_assert(test_state_unchanged(&state, &t));
		ck_assert_uint_eq(allocs, t.host.live);
		ck_assert_int_eq(
		    physseg_plug(t.map, 5000 * n, n, 0, NULL), error);
	}
	test_map_fini(&t);
}
END_TEST

static size_t budget; /* bytes that the host has in all */
static void *(*rich_alloc)(void *ctx, size_t size);

static void *
poor_alloc(void *ctx, size_t size)
{
	return t.host.outstanding + size <= budget ? rich_alloc(ctx, size)
						   : NULL;
}

/* With little memory, and with a little more, until it is enough: for page
 * structures in a slab that is there, in a new one, of a segment that grows;
 * and for the index alone.  Asking takes nothing. */
START_TEST(test_plug_check_budget)
{
	static const struct {
		size_t page_size;
		bool coalesce;
		physseg_pfn_t spare, pfn, n;
	} plugs[] = { { PAGE, false, 10, 5000, 10 },
		{ PAGE, false, 10, 5000, 11 }, { PAGE, false, 0, 5000, 3000 },
		{ PAGE, true, 10, 110, 10 }, { PAGE, true, 10, 110, 11 },
		{ 0, false, 0, 5000, PHYSSEG_NOFRAME - 5000 },
		{ 0, true, 0, 110, PHYSSEG_NOFRAME - 110 } };
	size_t i, rounds, outstanding;
	int error, told;

	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_plug_check_budget", "no hot plug");
		return;
	}
	for (i = 0; i < sizeof(plugs) / sizeof(plugs[0]); i++) {
		test_map_init(&t, plugs[i].page_size);
		rich_alloc = t.host.hooks.alloc;
		t.host.hooks.alloc = poor_alloc;
		budget = SIZE_MAX;
		t.config.coalesce = plugs[i].coalesce;
		t.config.boot_records = 1;
		test_map_boot(&t);
		ck_assert_int_eq(physseg_plug(t.map, 100, 10, 0, NULL), 0);
		test_map_switch(&t, (size_t)plugs[i].spare);
		budget = t.host.outstanding;
		rounds = 0;
		do {
			outstanding = t.host.outstanding;
			told = physseg_plug_check(
			    t.map, plugs[i].pfn, plugs[i].n, 0);
			ck_assert_uint_eq(t.host.outstanding, outstanding);
			error = physseg_plug(
			    t.map, plugs[i].pfn, plugs[i].n, 0, NULL);
			ck_assert_int_eq(told, error);
			budget += 64;
			ck_assert_uint_lt(++rounds, 10000);
		} while (error == PHYSSEG_ENOMEM);
		ck_assert_int_eq(error, 0);
		test_map_fini(&t);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_plug");
	TCase *tc = tcase_create("shapes");

	tcase_add_loop_test(tc, test_shapes, 0, 2 * NSHAPES);
	tcase_add_test(tc, test_data_is_copied);
	tcase_add_test(tc, test_default_data);
	tcase_add_test(tc, test_adjacent);
	suite_add_tcase(s, tc);
	tc = tcase_create("hooks");
	tcase_add_test(tc, test_hooks_of_plug);
	tcase_add_test(tc, test_hook_of_dry_run);
	tcase_add_test(tc, test_hooks_of_unplug);
	tcase_add_test(tc, test_account_of_unplug);
	tcase_add_test(tc, test_hooks_of_switch);
	tcase_add_test(tc, test_refused_is_not_busy);
	suite_add_tcase(s, tc);
	tc = tcase_create("edges");
	tcase_add_test(tc, test_top);
	tcase_add_test(tc, test_all_frames);
	tcase_add_test(tc, test_absurd_plug);
	tcase_add_test(tc, test_limit);
	suite_add_tcase(s, tc);
	tc = tcase_create("more");
	tcase_add_test(tc, test_registry);
	tcase_add_test(tc, test_many_segments);
	tcase_add_test(tc, test_plug_check);
	tcase_add_test(tc, test_plug_check_budget);
	tcase_add_test(tc, test_boot_records_left);
	tcase_add_test(tc, test_absurd_at_boot);
	tcase_add_test(tc, test_sizes_that_wrap);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
