/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_add.c -- memory is added, with all that can be said
 * about it: attributes, what is reserved, where page structures come from, and
 * memory that is offline at first.
 *
 * A backend that cannot plug while the map runs is asked for ENOHOTPLUG there,
 * and gets the same memory at boot.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#define PAGE  24
#define GUEST 4096 /* a VMM's page structure is the guest's page */

static struct test_map t;

#define ok(call) ck_assert_int_eq((call), PHYSSEG_OK)

static void
checked(void)
{
	const char *broken = physseg_check(t.map);

	ck_assert_msg(broken == NULL, "%s", broken);
}

/* A map that boots. */
static void
boot(size_t page_size)
{
	test_map_init(&t, page_size);
	t.config.may_empty = true;
	t.config.data_size = 8;
	test_map_boot(&t);
}

/* A map that runs, with `spare' page structures and, where one segment does
 * not fill it, [0, 8). */
static void
run(size_t page_size, size_t spare)
{
	boot(page_size);
	ok(physseg_plug(t.map, 0, 8, 0, NULL));
	test_map_switch(&t, spare);
	test_log_clear(&t.host);
}

/* Nothing may come of this. */
static void
refused(const struct physseg_addition *add, int error)
{
	struct physseg_reason reason;
	struct test_state state;
	physseg_t h = test_handle(4711);

	test_state_save(&state, &t);
	ck_assert_int_eq(physseg_add(t.map, add, &h, &reason), error);
	ck_assert_ptr_eq(h, test_handle(4711));
	ck_assert_int_eq(reason.error, error);
	ck_assert_int_eq(reason.operation, PHYSSEG_OP_ADD);
	ck_assert_uint_eq(reason.pfn, add->pfn);
	ck_assert_uint_eq(reason.n, add->n);
	ck_assert(test_state_unchanged(&state, &t));
}

/* Add while the map runs; false: the backend cannot, and says so. */
static bool
added(const struct physseg_addition *add, physseg_t *h)
{
	if (!test_has(PHYSSEG_HOTPLUG)) {
		refused(add, PHYSSEG_ENOHOTPLUG);
		return false;
	}
	ok(physseg_add(t.map, add, h, NULL));
	checked();
	return true;
}

static struct physseg_info
info_of(physseg_t h)
{
	struct physseg_info info;

	ok(physseg_get_info(t.map, h, &info));
	return info;
}

static struct physseg_stats
stats(void)
{
	struct physseg_stats s;

	physseg_get_stats(t.map, &s);
	return s;
}

static struct test_page
page_at(physseg_pfn_t pfn)
{
	struct test_page p;

	ck_assert_ptr_nonnull(physseg_page(t.map, pfn));
	memcpy(&p, physseg_page(t.map, pfn), sizeof(p));
	return p;
}

/* ---- attributes ---- */

static const uint64_t some_data = UINT64_C(0x0123456789abcdef);

static void
check_attributes(physseg_t h)
{
	const struct physseg_info info = info_of(h);
	struct physseg_found found;

	ck_assert_int_eq(info.node, 3);
	ck_assert_int_eq(info.kind, PHYSSEG_KIND_OWN + 1);
	ck_assert_int_eq(info.free_list, 2);
	ck_assert_int_eq(info.state, PHYSSEG_ONLINE);
	ck_assert_int_eq(memcmp(info.data, &some_data, 8), 0);
	ck_assert(physseg_lookup(t.map, info.end - 1, &found));
	ck_assert_ptr_eq(found.handle, h);
	ck_assert_uint_eq(found.start, info.start);
	ck_assert_uint_eq(found.end, info.end);
	ck_assert_uint_eq(found.offset, info.end - 1 - info.start);
	ck_assert_int_eq(found.node, 3);
	ck_assert_int_eq(found.kind, PHYSSEG_KIND_OWN + 1);
	ck_assert_int_eq(found.free_list, 2);
	ck_assert_int_eq(found.state, PHYSSEG_ONLINE);
	ck_assert_ptr_eq(found.data, info.data);
	ck_assert_ptr_eq(found.page, physseg_page(t.map, info.end - 1));
}

static const struct physseg_addition attributes = { .pfn = 100,
	.n = 30,
	.node = 3,
	.kind = PHYSSEG_KIND_OWN + 1,
	.free_list = 2,
	.data = &some_data };

/* Of a segment, and of the piece that is split off it. */
static void
check_split(physseg_t h)
{
	physseg_t tail;

	check_attributes(h);
	if (test_map_capacity(&t) <= stats().segments) {
		test_skip("split", "no room for the piece");
		return;
	}
	ok(physseg_unplug(t.map, 110, 5));
	tail = physseg_find(t.map, 115, NULL);
	ck_assert_ptr_ne(tail, physseg_find(t.map, 109, NULL));
	check_attributes(tail);
	check_attributes(physseg_find(t.map, 109, NULL));
	checked();
}

START_TEST(test_attributes)
{
	const size_t sizes[] = { 0, PAGE };
	physseg_t h;

	boot(sizes[_i]);
	ok(physseg_add(t.map, &attributes, &h, NULL));
	checked();
	test_map_switch(&t, 0);
	check_split(h);
	test_map_fini(&t);
	run(sizes[_i], 0);
	if (added(&attributes, &h))
		check_split(h);
	test_map_fini(&t);
}
END_TEST

/* All zero but the frames is what a plug makes. */
static void
check_default(physseg_t h)
{
	const struct physseg_info info = info_of(h);
	const uint64_t zero = 0;

	ck_assert_uint_eq(info.avail_start, info.start);
	ck_assert_uint_eq(info.avail_end, info.end);
	ck_assert_int_eq(info.free_list, 0);
	ck_assert_int_eq(info.node, 0);
	ck_assert_int_eq(info.kind, PHYSSEG_RAM);
	ck_assert_int_eq(info.state, PHYSSEG_ONLINE);
	ck_assert_int_eq(memcmp(info.data, &zero, 8), 0);
}

START_TEST(test_defaults)
{
	const struct physseg_addition add = { .pfn = 100, .n = 10 };
	struct test_call *log;
	size_t n;
	physseg_t h;

	run(PAGE, 0);
	if (added(&add, &h)) {
		check_default(h);
		ck_assert_uint_eq(info_of(h).counted, 10);
		n = t.host.ncalls;
		log = malloc(n * sizeof(*log));
		memcpy(log, t.host.log, n * sizeof(*log));
		test_log_clear(&t.host);
		ok(physseg_unplug(t.map, 100, 10));
		test_log_clear(&t.host);
		ok(physseg_plug(t.map, 100, 10, 0, &h));
		check_default(h);
		ck_assert_uint_eq(t.host.ncalls, n); /* the same calls */
		for (size_t i = 0; i < n; i++)
			ck_assert(log[i].hook == t.host.log[i].hook &&
			    log[i].pfn == t.host.log[i].pfn);
		free(log);
	}
	test_map_fini(&t);
	boot(PAGE);
	ok(physseg_add(t.map, &add, &h, NULL));
	check_default(h);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_kinds)
{
	struct physseg_addition add = { .pfn = 100, .n = 5 };
	physseg_t h;

	for (int kind = PHYSSEG_RAM; kind <= PHYSSEG_KIND_OWN; kind++) {
		if (kind == PHYSSEG_SOFT_RESERVED + 1)
			kind = PHYSSEG_KIND_OWN; /* those between are wrong */
		boot(0);
		add.kind = kind;
		ok(physseg_add(t.map, &add, &h, NULL));
		ck_assert_int_eq(info_of(h).kind, kind);
		test_map_fini(&t);
	}
}
END_TEST

START_TEST(test_wrong_arguments)
{
	const struct {
		struct physseg_addition add;
		int error;
	} wrong[] = {
		{ { .pfn = 100, .n = 0 }, PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .kind = -1 }, PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .kind = PHYSSEG_SOFT_RESERVED + 1 },
		    PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .kind = PHYSSEG_KIND_OWN - 1 },
		    PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .node = -1 }, PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .free_list = -1 }, PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .free_list = 4 }, PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .reserved_low = 6 }, PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .reserved_high = 6 }, PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .reserved_low = 3, .reserved_high = 3 },
		    PHYSSEG_EINVAL },
		{ { .pfn = 100,
		      .n = 5,
		      .reserved_low = 1,
		      .reserved_high = (physseg_pfn_t)-1 },
		    PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .state = (enum physseg_state)2 },
		    PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .source = (enum physseg_source)3 },
		    PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .pages = &t }, PHYSSEG_EINVAL },
		{ { .pfn = 100, .n = 5, .source = PHYSSEG_FROM_CALLER },
		    PHYSSEG_EINVAL },
		{ { .pfn = PHYSSEG_NOFRAME, .n = 1 }, PHYSSEG_ERANGE },
		{ { .pfn = PHYSSEG_NOFRAME - 5, .n = 6 }, PHYSSEG_ERANGE },
		{ { .pfn = 100, .n = PHYSSEG_NOFRAME }, PHYSSEG_ERANGE },
		{ { .pfn = 3, .n = 1 }, PHYSSEG_EOVERLAP },
	};
	struct {
		struct physseg_addition add;
		uint64_t more;
	} newer = { { .pfn = 100, .n = 5 }, 1 };

	boot(PAGE);
	ok(physseg_plug(t.map, 0, 8, 0, NULL));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refused(&wrong[i].add, wrong[i].error);
	ck_assert_int_eq(
	    physseg_add_sized(t.map, &newer.add, sizeof(newer), NULL, NULL, 0),
	    PHYSSEG_EINVAL);
	test_map_switch(&t, 0);
	if (test_has(PHYSSEG_HOTPLUG))
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			refused(&wrong[i].add, wrong[i].error);
	test_map_fini(&t);
}
END_TEST

/* A program whose structure is older says nothing of what it lacks. */
START_TEST(test_short_add)
{
	union {
		struct physseg_addition add;
		unsigned char byte[256];
	} old;
	const size_t size = offsetof(struct physseg_addition, node);
	physseg_t h;

	boot(PAGE);
	memset(&old, 0xff, sizeof(old));
	memset(&old, 0, size);
	old.add.pfn = 100;
	old.add.n = 10;
	ok(physseg_add_sized(t.map, &old.add, size, &h, NULL, 0));
	check_default(h);
	test_map_fini(&t);
}
END_TEST

/* ---- what is reserved ---- */

static void
check_reserved(const struct physseg_addition *add, physseg_t h)
{
	const physseg_pfn_t low = add->pfn + add->reserved_low;
	const physseg_pfn_t high = add->pfn + add->n - add->reserved_high;

	ck_assert_uint_eq(info_of(h).avail_start, low);
	ck_assert_uint_eq(info_of(h).avail_end, high);
	ck_assert_uint_eq(info_of(h).counted, high - low);
	for (physseg_pfn_t f = add->pfn; f < add->pfn + add->n; f++) {
		ck_assert_uint_eq(page_at(f).pfn, f);
		ck_assert_uint_eq(page_at(f).inits, 1);
		ck_assert_uint_eq(page_at(f).frees, f >= low && f < high);
	}
	checked();
}

START_TEST(test_reserved)
{
	const physseg_pfn_t low[] = { 5, 0, 20, 0, 12 };
	const physseg_pfn_t high[] = { 3, 7, 0, 20, 8 };
	const struct physseg_addition add = { .pfn = 100,
		.n = 20,
		.reserved_low = low[_i],
		.reserved_high = high[_i] };
	physseg_t h;

	run(PAGE, 0);
	t.host.counted = 0;
	if (added(&add, &h)) {
		check_reserved(&add, h);
		ck_assert_uint_eq(t.host.counted, 20 - low[_i] - high[_i]);
		ok(physseg_unplug(t.map, 100, 20));
		ck_assert_uint_eq(t.host.counted, 0);
	}
	test_map_fini(&t);
	boot(PAGE);
	ok(physseg_add(t.map, &add, &h, NULL));
	test_map_switch(&t, 0);
	check_reserved(&add, h);
	ck_assert_uint_eq(t.host.counted, 20 - low[_i] - high[_i]);
	test_map_fini(&t);
}
END_TEST

/* ---- nothing is seen before it is whole ---- */

static unsigned seen;

static void
look(struct test_host *host, const struct test_call *call)
{
	struct physseg_found found;

	(void)host;
	if (call->hook == TEST_INIT) {
		ck_assert_ptr_eq(
		    physseg_find(t.map, call->pfn, NULL), PHYSSEG_NONE);
		ck_assert_ptr_null(physseg_page(t.map, call->pfn));
		ck_assert(!physseg_lookup(t.map, call->pfn, &found));
		seen |= 1;
	} else if (call->hook == TEST_FREE) {
		check_attributes(physseg_find(t.map, call->pfn, NULL));
		ck_assert_ptr_nonnull(physseg_page(t.map, call->pfn));
		seen |= 2;
	}
}

START_TEST(test_whole_at_once)
{
	run(PAGE, 0);
	t.host.watch = look;
	seen = 0;
	if (added(&attributes, NULL))
		ck_assert_uint_eq(seen, 3);
	test_map_fini(&t);
}
END_TEST

/* ---- page structures of the caller's ---- */

/* Guest memory, all of one pattern that nobody may touch. */
static unsigned char *
guest(size_t n)
{
	unsigned char *mem = malloc(n * GUEST);

	memset(mem, 0x37, n * GUEST);
	return mem;
}

static void
untouched(const unsigned char *mem, size_t n)
{
	for (size_t i = 0; i < n * GUEST; i++)
		test_assert(mem[i] == 0x37);
}

static void
vmm(void)
{
	test_map_init(&t, GUEST);
	t.config.may_empty = true;
	t.host.hooks.page_init = NULL;
	t.host.hooks.page_frame = NULL;
	t.host.hooks.page_free = NULL;
	test_map_boot(&t);
}

START_TEST(test_vmm)
{
	unsigned char *mem = guest(16);
	const struct physseg_addition add = {
		.pfn = 100, .n = 16, .source = PHYSSEG_FROM_CALLER, .pages = mem
	};
	struct physseg_addition slab = { .pfn = 200, .n = 1 };
	const struct physseg_addition again = { .pfn = 300,
		.n = 4,
		.source = PHYSSEG_FROM_CALLER,
		.pages = mem + (size_t)12 * GUEST };
	physseg_t h;

	vmm();
	ok(physseg_add(t.map, &add, &h, NULL));
	checked();
	ok(physseg_switch(t.map, NULL, 0));
	checked();
	for (physseg_pfn_t f = 0; f < 16; f++) {
		ck_assert_ptr_eq(physseg_page(t.map, 100 + f), mem + f * GUEST);
		ck_assert_ptr_eq(
		    physseg_segment_page(t.map, h, f), mem + f * GUEST);
		ck_assert_uint_eq(
		    physseg_frame(t.map, mem + f * GUEST), PHYSSEG_NOFRAME);
	}
	ck_assert(physseg_valid(t.map, h));
	ck_assert_uint_eq(stats().slabs, 0);
	for (; test_has(PHYSSEG_HOTPLUG) && slab.n != 0;
	     slab.n = slab.n == 1 ? PHYSSEG_NOFRAME - slab.pfn : 0)
		refused(&slab, PHYSSEG_EINVAL); /* who would initialise it? */
	/* A part is the caller's once its frames are gone, not before. */
	if (test_has(PHYSSEG_HOTPLUG))
		refused(&again, PHYSSEG_EINVAL);
	ok(physseg_unplug(t.map, 112, 4));
	checked();
	if (added(&again, NULL))
		ck_assert_ptr_eq(
		    physseg_page(t.map, 303), mem + (size_t)15 * GUEST);
	/* Offline, and again online: nobody writes into it. */
	ok(physseg_remove(t.map, 100, 12, PHYSSEG_REMOVE_OFFLINE, NULL));
	checked();
	ck_assert_ptr_null(physseg_page(t.map, 105));
	ok(physseg_online(t.map, 100, 12, NULL));
	checked();
	ck_assert_ptr_eq(physseg_page(t.map, 105), mem + (size_t)5 * GUEST);
	ok(physseg_unplug(t.map, 100, 12));
	untouched(mem, 16); /* nor is it poisoned */
	test_map_fini(&t);
	free(mem);
}
END_TEST

/* Arrays that share memory, or leave the address space. */
START_TEST(test_arrays_apart)
{
	char *mem = calloc(32, PAGE);
	struct physseg_addition add = {
		.pfn = 1000, .n = 8, .source = PHYSSEG_FROM_CALLER
	};
	struct {
		void *pages;
		size_t n;
	} wrong[] = {
		{ NULL, 8 },
		{ mem, 8 }, /* [0, 16) are taken */
		{ mem + (size_t)15 * PAGE, 8 },
		{ mem + (size_t)15 * PAGE + 1, 1 },
		{ NULL, 8 }, /* the slab */
		{ NULL, 8 }, /* the map */
		{ (void *)(UINTPTR_MAX - 7 * PAGE), 8 },
	};
	const bool more = test_has(PHYSSEG_HOTPLUG);

	boot(PAGE);
	add.pfn = 100;
	add.n = 16;
	add.pages = mem;
	ok(physseg_add(t.map, &add, NULL, NULL));
	checked();
	/* No other array may lie there, whatever it is for. */
	ck_assert_int_eq(physseg_chomp_slab(t.map, physseg_first(t.map),
			     mem + (size_t)8 * PAGE, 16),
	    PHYSSEG_EINVAL);
	ck_assert_int_eq(physseg_switch(t.map, mem, 32), PHYSSEG_EINVAL);
	ck_assert(!physseg_running(t.map));
	t.pages = calloc(8, PAGE);
	ok(physseg_switch(t.map, t.pages, 8));
	checked();
	wrong[4].pages = t.pages;
	wrong[5].pages = t.map;
	add.pfn = 1000;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]) && more; i++) {
		add.pages = wrong[i].pages;
		add.n = (physseg_pfn_t)wrong[i].n;
		refused(&add, PHYSSEG_EINVAL);
	}
	if (more && PHYSSEG_NOFRAME > SIZE_MAX / PAGE) {
		add.pages = mem;
		add.n = (physseg_pfn_t)(SIZE_MAX / PAGE + 1);
		refused(&add, PHYSSEG_EINVAL);
	}
	add.pages = mem + (size_t)16 * PAGE;
	add.n = 16;
	if (added(&add, NULL)) {
		ck_assert_uint_eq(page_at(1015).pfn, 1015);
		ck_assert_uint_eq(page_at(1015).frees, 1);
	}
	ck_assert_uint_eq(page_at(115).pfn, 115);
	test_map_fini(&t);
	free(mem);
}
END_TEST

/* A registry has no use for an array. */
START_TEST(test_array_of_registry)
{
	const struct physseg_addition add = { .pfn = 100,
		.n = 1,
		.source = PHYSSEG_FROM_CALLER,
		.pages = &seen };
	const struct physseg_addition range = {
		.pfn = 100, .n = 1, .source = PHYSSEG_FROM_RANGE
	};

	boot(0);
	refused(&add, PHYSSEG_EINVAL);
	refused(&range, PHYSSEG_EINVAL);
	test_map_fini(&t);
}
END_TEST

/* ---- page structures in the range itself ---- */

#define FRAME 128 /* bytes of a frame, here */

static struct {
	char *mem; /* NULL: nothing is mapped */
	physseg_pfn_t pfn;
	physseg_pfn_t n;
	unsigned maps, unmaps, syncs;
	unsigned asked;	     /* frames, by all hooks */
	unsigned syncs_then; /* at the last unmap */
	bool none;
} frames;

static void *
frames_map(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	if (frames.none)
		return NULL;
	ck_assert_ptr_null(frames.mem);
	frames.mem = malloc((size_t)n * FRAME);
	memset(frames.mem, 0xa7, (size_t)n * FRAME);
	frames.pfn = pfn;
	frames.n = n;
	frames.maps++;
	return frames.mem;
}

static void
frames_unmap(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, void *mem)
{
	(void)ctx;
	ck_assert_ptr_eq(mem, frames.mem);
	ck_assert_uint_eq(pfn, frames.pfn);
	ck_assert_uint_eq(n, frames.n);
	memset(mem, 0xdb, (size_t)n * FRAME); /* nobody's, and not poisoned */
	free(mem);
	frames.mem = NULL;
	frames.unmaps++;
	frames.syncs_then = frames.syncs;
}

static void
count_sync(void *ctx)
{
	(void)ctx;
	frames.syncs++;
}

/* The host is not asked about frames that hold page structures. */
static void
host_is_asked(physseg_pfn_t pfn, physseg_pfn_t n)
{
	ck_assert(frames.mem == NULL || pfn + n <= frames.pfn ||
	    pfn >= frames.pfn + frames.n);
	frames.asked += (unsigned)n;
}

static int
isolate(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy)
{
	(void)ctx;
	host_is_asked(pfn, n);
	*busy = 0;
	return 0;
}

static void
release(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	host_is_asked(pfn, n);
}

static physseg_pfn_t
in_use(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	host_is_asked(pfn, n);
	return PHYSSEG_NOFRAME;
}

static const struct physseg_addition in_range = {
	.pfn = 1000, .n = 200, .source = PHYSSEG_FROM_RANGE
};

/* A map that runs; false: one to which nothing can be added. */
static bool
run_with_frames_of(size_t frame_size, bool coalesce)
{
	memset(&frames, 0, sizeof(frames));
	test_map_init(&t, PAGE);
	t.config.may_empty = true;
	t.config.frame_size = frame_size;
	t.config.coalesce = coalesce;
	t.host.hooks.frames_map = frames_map;
	t.host.hooks.frames_unmap = frames_unmap;
	t.host.hooks.sync = count_sync;
	t.host.hooks.isolate = isolate;
	t.host.hooks.release = release;
	t.host.hooks.in_use = in_use;
	test_map_boot(&t);
	ok(physseg_plug(t.map, 0, 8, 0, NULL));
	refused(&in_range, PHYSSEG_EPHASE);
	test_map_switch(&t, 300);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		refused(&in_range, PHYSSEG_ENOHOTPLUG);
		test_map_fini(&t);
		return false;
	}
	return true;
}

static bool
run_with_frames(bool coalesce)
{
	return run_with_frames_of(FRAME, coalesce);
}

START_TEST(test_in_range)
{
	physseg_pfn_t meta;
	size_t allocs;
	physseg_t h;

	if (!run_with_frames(false))
		return;
	ok(physseg_plug(t.map, 5000, 1, 0, NULL)); /* a record is there */
	allocs = test_host_allocs(&t.host);
	ok(physseg_add(t.map, &in_range, &h, NULL));
	checked();
	ck_assert_uint_eq(test_host_allocs(&t.host), allocs);
	meta = stats().metadata;
	ck_assert_uint_eq(meta, frames.n);
	ck_assert_uint_ge(meta * FRAME, 200 * PAGE);
	ck_assert_uint_lt(meta * FRAME, 200 * PAGE + 5 * FRAME);
	ck_assert_uint_eq(frames.pfn, 1000);
	ck_assert_uint_eq(info_of(h).avail_start, 1000 + meta);
	ck_assert_uint_eq(info_of(h).avail_end, 1200);
	ck_assert_uint_eq(info_of(h).counted, 200 - meta);
	ck_assert_ptr_eq(physseg_page(t.map, 1000), frames.mem);
	for (physseg_pfn_t f = 1000; f < 1200; f++) {
		ck_assert_uint_eq(page_at(f).pfn, f);
		ck_assert_uint_eq(page_at(f).frees, f >= 1000 + meta);
	}
	ok(physseg_unplug(t.map, 1000, 200));
	checked();
	ck_assert_uint_eq(stats().metadata, 0);
	ck_assert_uint_eq(frames.unmaps, 1);
	if (test_has(PHYSSEG_LOCKFREE)) {
		ck_assert_uint_gt(frames.syncs_then, 0);
		ck_assert_uint_eq(frames.syncs_then, frames.syncs);
	}
	test_map_fini(&t);
}
END_TEST

/* They leave with the last of the range. */
START_TEST(test_metadata_last)
{
	const unsigned how[] = { PHYSSEG_REMOVE_UNPLUG,
		PHYSSEG_REMOVE_OFFLINE };
	struct physseg_removal *removal = NULL;
	struct physseg_reason reason;
	struct test_state state;
	physseg_pfn_t meta;
	char line[256];

	if (!run_with_frames(false))
		return;
	ok(physseg_add(t.map, &in_range, NULL, NULL));
	meta = stats().metadata;
	test_state_save(&state, &t);
	for (size_t i = 0; i < 2; i++) {
		/* The front, all metadata, one frame of it, all but a frame. */
		const physseg_pfn_t ranges[][2] = { { 1000, 1 }, { 1000, meta },
			{ 1000 + meta - 1, 1 }, { 1000 + meta - 1, 50 },
			{ 1000, 199 }, { 1001, 199 } };

		for (size_t k = 0; k < sizeof(ranges) / sizeof(ranges[0]);
		     k++) {
			ck_assert_int_eq(physseg_remove(t.map, ranges[k][0],
					     ranges[k][1], how[i], &reason),
			    PHYSSEG_EMETADATA);
			ck_assert_uint_eq(reason.frame, ranges[k][0]);
			ck_assert_uint_eq(reason.start, 1000);
			ck_assert_uint_eq(reason.end, 1200);
			physseg_strreason(&reason, line, sizeof(line));
			ck_assert_ptr_nonnull(strstr(line,
			    ": page structures of other frames lie there: "
			    "frame 0x"));
			ck_assert_ptr_nonnull(
			    strstr(line, ", segment [0x3e8, 0x4b0)"));
			ck_assert_int_eq(
			    physseg_remove_begin(t.map, ranges[k][0],
				ranges[k][1], how[i], &removal, NULL),
			    PHYSSEG_EMETADATA);
			ck_assert_ptr_null(removal);
		}
	}
	ck_assert_int_eq(physseg_unplug(t.map, 1000, 1), PHYSSEG_EMETADATA);
	ck_assert(test_state_unchanged(&state, &t));
	/* What is not metadata may go, in pieces; then the rest at once. */
	ok(physseg_unplug(t.map, 1150, 50));
	checked();
	ok(physseg_unplug(t.map, 1100, 10)); /* of two segments now */
	checked();
	ck_assert_int_eq(physseg_unplug(t.map, 1000, 100), PHYSSEG_EMETADATA);
	ok(physseg_unplug(t.map, 1110, 40));
	checked();
	ok(physseg_remove(
	    t.map, 1000 + meta, 100 - meta, PHYSSEG_REMOVE_OFFLINE, NULL));
	checked();
	ok(physseg_online(t.map, 1000 + meta, 100 - meta, NULL));
	checked();
	ck_assert_uint_eq(frames.unmaps, 0);
	/* Offline it keeps them. */
	ok(physseg_remove(t.map, 1000, 100, PHYSSEG_REMOVE_OFFLINE, NULL));
	checked();
	ck_assert_uint_eq(frames.unmaps, 0);
	ck_assert_uint_eq(stats().metadata, meta);
	ok(physseg_online(t.map, 1000, 100, NULL));
	checked();
	ck_assert_uint_eq(page_at(1000).pfn, 1000);
	ck_assert_uint_eq(page_at(1000).frees, 0);
	ok(physseg_unplug(t.map, 1000, 100));
	ck_assert_uint_eq(frames.unmaps, 1);
	ck_assert_uint_eq(stats().metadata, 0);
	test_map_fini(&t);
}
END_TEST

/* All of it may be metadata: the fewest frames that hold their own. */
START_TEST(test_in_range_fewest)
{
	struct physseg_addition add = in_range;
	physseg_t h;

	if (!run_with_frames(false))
		return;
	for (add.n = 1; physseg_add(t.map, &add, &h, NULL) != 0; add.n++)
		ck_assert_uint_lt(add.n, 200);
	checked();
	ck_assert_uint_eq(stats().metadata, add.n);
	ck_assert_uint_eq(info_of(h).counted, 0);
	ok(physseg_unplug(t.map, 1000, add.n));
	checked();
	ck_assert_uint_eq(frames.unmaps, 1);
	test_map_fini(&t);
}
END_TEST

/* More bytes than an object can have, in frames however large. */
START_TEST(test_in_range_too_large)
{
	struct physseg_addition add = in_range;

	add.n = (physseg_pfn_t)(PTRDIFF_MAX / PAGE + 2);
	if (sizeof(physseg_pfn_t) < sizeof(size_t)) {
		test_skip("test_in_range_too_large", "few frames");
		return;
	}
	if (!run_with_frames_of(PTRDIFF_MAX, false))
		return;
	refused(&add, PHYSSEG_ENOMEM);
	ck_assert_uint_eq(frames.maps, 0);
	test_map_fini(&t);
}
END_TEST

static int
veto(struct physseg_listener *listener, const struct physseg_change *change)
{
	(void)listener;
	return change->event == PHYSSEG_GOING_ONLINE ? 5 : 0;
}

START_TEST(test_in_range_refused)
{
	struct physseg_listener listener = { .notify = veto };
	struct physseg_addition add = in_range;

	if (!run_with_frames(false))
		return;
	frames.none = true; /* the host cannot address them */
	refused(&in_range, PHYSSEG_ENOMEM);
	frames.none = false;
	add.n = 1; /* no room for its header */
	refused(&add, PHYSSEG_EINVAL);
	add.pages = &seen;
	refused(&add, PHYSSEG_EINVAL);
	ck_assert_uint_eq(frames.maps, 0);
	ok(physseg_listen(t.map, &listener, false));
	refused(&in_range, PHYSSEG_EREFUSED);
	ck_assert_uint_eq(frames.maps, 1);
	ck_assert_uint_eq(frames.unmaps, 1);
	ok(physseg_unlisten(t.map, &listener));
	ok(physseg_add(t.map, &in_range, NULL, NULL));
	test_map_fini(&t); /* unmapped with the map */
	ck_assert_uint_eq(frames.unmaps, 2);
	run(PAGE, 0); /* a host without the hooks */
	refused(&in_range, PHYSSEG_EINVAL);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_metadata_not_asked)
{
	struct physseg_removal *removal;
	physseg_pfn_t meta;

	if (!run_with_frames(false))
		return;
	ok(physseg_add(t.map, &in_range, NULL, NULL));
	meta = stats().metadata;
	ok(physseg_remove_begin(
	    t.map, 1000, 200, PHYSSEG_REMOVE_OFFLINE, &removal, NULL));
	ck_assert_uint_eq(frames.asked, 200 - meta);
	ok(physseg_remove_cancel(removal));
	ck_assert_uint_eq(frames.asked, 2 * (200 - meta));
	frames.asked = 0;
	ok(physseg_unplug(t.map, 1150, 50)); /* none of them is in it */
	ck_assert_uint_eq(frames.asked, 2 * 50);
	checked();
	ok(physseg_unplug(t.map, 1000, 150));
	ck_assert_uint_eq(frames.asked, 2 * (200 - meta));
	test_map_fini(&t);
}
END_TEST

/* A map that boots again makes none of them available. */
START_TEST(test_metadata_not_avail)
{
	struct test_state state;
	physseg_pfn_t meta;
	physseg_t h;

	if (!run_with_frames(false))
		return;
	ok(physseg_add(t.map, &in_range, &h, NULL));
	meta = stats().metadata;
	ok(physseg_set_running(t.map, false));
	for (physseg_pfn_t f = 1000; f < 1000 + meta; f++) {
		test_state_save(&state, &t);
		ck_assert_int_eq(
		    physseg_set_avail(t.map, h, f, 1200), PHYSSEG_EMETADATA);
		ck_assert_int_eq(
		    physseg_set_avail(t.map, h, f, f + 1), PHYSSEG_EMETADATA);
		ck_assert(test_state_unchanged(&state, &t));
	}
	ok(physseg_set_avail(t.map, h, 1000, 1000));
	checked();
	ok(physseg_set_avail(t.map, h, 1000 + meta, 1200));
	checked();
	ck_assert_uint_eq(info_of(h).avail_start, 1000 + meta);
	ok(physseg_set_running(t.map, true));
	test_map_fini(&t);
}
END_TEST

/* It joins no neighbour, and none joins it. */
START_TEST(test_in_range_apart)
{
	if (!run_with_frames(true))
		return;
	ok(physseg_plug(t.map, 900, 100, 0, NULL));
	ok(physseg_add(t.map, &in_range, NULL, NULL));
	ok(physseg_plug(t.map, 1200, 100, 0, NULL));
	checked();
	ck_assert_uint_eq(stats().segments, 4);
	ck_assert_uint_eq(stats().apart, 2);
	test_map_fini(&t);
}
END_TEST

/* Offline it is mapped and left alone; it is initialised when it is online. */
START_TEST(test_in_range_offline)
{
	struct physseg_addition add = in_range;
	physseg_t h;

	if (!run_with_frames(false))
		return;
	add.state = PHYSSEG_OFFLINE;
	test_log_clear(&t.host);
	ok(physseg_add(t.map, &add, &h, NULL));
	checked();
	ck_assert_uint_eq(t.host.ncalls, 0);
	for (size_t i = 0; i < (size_t)200 * PAGE; i++)
		test_assert((unsigned char)frames.mem[i] == 0xa7);
	ok(physseg_online(t.map, 1000, 200, NULL));
	checked();
	ck_assert_uint_eq(page_at(1199).pfn, 1199);
	ck_assert_uint_eq(info_of(h).counted, 200 - stats().metadata);
	test_map_fini(&t);
}
END_TEST

/* ---- offline ---- */

static size_t raw_allocs;
static void *(*zeroed_alloc)(void *ctx, size_t size);

/* Memory as it comes. */
static void *
alloc_raw(void *ctx, size_t size)
{
	void *mem = zeroed_alloc(ctx, size);

	if (mem != NULL)
		memset(mem, 0xa6, size);
	raw_allocs++;
	return mem;
}

static void
storage_is(bool possible)
{
	struct physseg_map *map = NULL;

	ck_assert_int_eq(physseg_storage_size(&t.config) != 0, possible);
	if (!possible)
		ck_assert_int_eq(
		    physseg_create(&map, &t.config, NULL, 0), PHYSSEG_EINVAL);
	ck_assert_ptr_null(map);
}

/* What a host gives it can take back. */
START_TEST(test_pairs)
{
	struct physseg_host *hooks = &t.host.hooks;

	test_map_init(&t, PAGE);
	zeroed_alloc = hooks->alloc;
	hooks->alloc = NULL;
	hooks->alloc_raw = alloc_raw;
	storage_is(true);
	hooks->free = NULL;
	storage_is(false);
	hooks->alloc_raw = NULL;
	storage_is(true);
	hooks->frames_map = frames_map;
	storage_is(false);
	hooks->frames_unmap = frames_unmap;
	storage_is(true);
	hooks->frames_map = NULL;
	storage_is(false);
	test_host_fini(&t.host);
}
END_TEST

#define N 1000 /* frames */

static const struct physseg_addition offline = { .pfn = 2000,
	.n = N,
	.state = PHYSSEG_OFFLINE,
	.node = 1,
	.reserved_low = 10 };

static bool many; /* the host has the hooks for many frames */

/* A running map with an offline segment: added while it runs or, `early' or
 * where that cannot be, at boot. */
static physseg_t
run_offline(bool early)
{
	physseg_t h;

	test_map_init(&t, PAGE);
	t.config.may_empty = true;
	if (many)
		test_host_ranges(&t.host, false);
	t.host.hooks.alloc_raw = alloc_raw;
	zeroed_alloc = t.host.hooks.alloc;
	raw_allocs = 0;
	test_map_boot(&t);
	if (early || !test_has(PHYSSEG_HOTPLUG)) {
		ok(physseg_add(t.map, &offline, &h, NULL));
		checked();
		ck_assert_int_eq(
		    physseg_init_pages(t.map, h, 1, NULL), PHYSSEG_ESTATE);
		test_map_switch(&t, 0);
		ck_assert_uint_eq(t.host.counted, 0);
	} else {
		ok(physseg_plug(t.map, 0, 8, 0, NULL));
		test_map_switch(&t, 0);
		t.host.counted = 0;
		ok(physseg_add(t.map, &offline, &h, NULL));
		ck_assert_uint_eq(raw_allocs, 1);
		ck_assert_uint_eq(stats().host_bytes, t.host.outstanding);
		checked();
	}
	return h;
}

static void
check_offline(physseg_t h)
{
	physseg_pfn_t offset = 0, missing = 0;
	struct physseg_found found;

	ck_assert_ptr_eq(physseg_find(t.map, 2999, &offset), h);
	ck_assert_uint_eq(offset, 999);
	ck_assert(physseg_valid(t.map, h));
	ck_assert_ptr_null(physseg_page(t.map, 2000));
	ck_assert_ptr_null(physseg_segment_page(t.map, h, 5));
	ck_assert_int_eq(info_of(h).state, PHYSSEG_OFFLINE);
	ck_assert_int_eq(info_of(h).node, 1);
	ck_assert_uint_eq(info_of(h).counted, 0);
	ck_assert_ptr_null(info_of(h).pages);
	ck_assert_uint_eq(info_of(h).avail_start, 2010);
	ck_assert_uint_eq(info_of(h).avail_end, 3000);
	ck_assert_uint_eq(physseg_highest_frame(t.map), 2999);
	ck_assert(physseg_lookup(t.map, 2500, &found));
	ck_assert_int_eq(found.state, PHYSSEG_OFFLINE);
	ck_assert_ptr_null(found.page);
	ck_assert(physseg_covers(t.map, 2000, N, false, NULL));
	ck_assert(!physseg_covers(t.map, 2000, N, true, &missing));
	ck_assert_uint_eq(missing, 2000);
	ck_assert_uint_eq(stats().frames - stats().online, N);
	ck_assert_uint_eq(t.host.counted, 0);
	for (size_t i = 0; i < t.host.ncalls; i++) {
		ck_assert_int_ne(t.host.log[i].hook, TEST_ACCOUNT);
		ck_assert_int_ne(t.host.log[i].hook, TEST_FREE);
	}
}

static void
check_online(physseg_t h)
{
	ck_assert_ptr_eq(physseg_find(t.map, 2999, NULL), h);
	ck_assert_int_eq(info_of(h).state, PHYSSEG_ONLINE);
	ck_assert_uint_eq(info_of(h).counted, N - 10);
	ck_assert_uint_eq(t.host.counted, N - 10);
	ck_assert(physseg_covers(t.map, 2000, N, true, NULL));
	for (physseg_pfn_t f = 2000; f < 3000; f++) {
		const struct test_page p = page_at(f);

		test_assert(p.pfn == f && p.inits == 1);
		test_assert(p.frees == (f >= 2010));
	}
	checked();
}

START_TEST(test_offline)
{
	physseg_t h;

	h = run_offline(_i != 0);
	for (size_t i = 0; i < t.host.ncalls; i++)
		ck_assert(t.host.log[i].hook != TEST_INIT ||
		    t.host.log[i].pfn < 2000);
	test_log_clear(&t.host); /* what was for [0, 8) */
	check_offline(h);
	ok(physseg_online(t.map, 2000, N, NULL));
	check_online(h);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_init_pages)
{
	physseg_pfn_t done = 4711, sum = 0;
	physseg_t h = run_offline(_i != 0);

	test_log_clear(&t.host);
	ck_assert_int_eq(
	    physseg_init_pages(t.map, h, 0, &done), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_init_pages(t.map, PHYSSEG_NONE, 1, &done), PHYSSEG_ENOENT);
	ck_assert_uint_eq(done, 4711);
	ok(physseg_init_pages(t.map, h, 7, NULL));
	ok(physseg_init_pages(t.map, h, 300, &done));
	ck_assert_uint_eq(done, 300);
	ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), 307);
	checked();
	check_offline(h); /* nothing of it is seen */
	if (_i != 0)
		do {
			ok(physseg_init_pages(t.map, h, 400, &done));
			sum += done;
		} while (done != 0);
	ck_assert_uint_eq(sum, _i != 0 ? N - 307 : 0);
	checked();
	ok(physseg_online(t.map, 2000, N, NULL));
	ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), N);
	check_online(h);
	ck_assert_int_eq(
	    physseg_init_pages(t.map, h, 7, &done), PHYSSEG_ESTATE);
	/* Once more offline they are all to be done again. */
	ok(physseg_remove(t.map, 2000, N, PHYSSEG_REMOVE_OFFLINE, NULL));
	test_log_clear(&t.host);
	ok(physseg_init_pages(t.map, h, N + 1, &done));
	ck_assert_uint_eq(done, N);
	ok(physseg_online(t.map, 2000, N, NULL));
	ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), N);
	check_online(h);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_init_pages_of_registry)
{
	physseg_t h;

	boot(0);
	ok(physseg_add(t.map, &offline, &h, NULL));
	ok(physseg_switch(t.map, NULL, 0));
	checked();
	ck_assert_int_eq(physseg_init_pages(t.map, h, 1, NULL), PHYSSEG_EINVAL);
	ck_assert(!physseg_covers(t.map, 2000, 1, true, NULL));
	ok(physseg_online(t.map, 2000, N, NULL));
	checked();
	ck_assert(physseg_covers(t.map, 2000, N, true, NULL));
	ck_assert_uint_eq(info_of(h).counted, 0);
	test_map_fini(&t);
}
END_TEST

/* Part of it comes online, what is initialised and what is not. */
START_TEST(test_part_online)
{
	physseg_t h;

	h = run_offline(false);
	if (test_map_capacity(&t) < 3) {
		test_skip("part online", "room for one segment only");
		test_map_fini(&t);
		return;
	}
	ok(physseg_init_pages(t.map, h, 500, NULL));
	ok(physseg_online(t.map, 2400, 200, NULL));
	checked();
	ck_assert_ptr_eq(physseg_find(t.map, 2399, NULL), h);
	ck_assert_ptr_null(physseg_page(t.map, 2399));
	ck_assert_ptr_null(physseg_page(t.map, 2600));
	for (physseg_pfn_t f = 2400; f < 2600; f++) {
		ck_assert_uint_eq(page_at(f).inits, 1);
		ck_assert_uint_eq(page_at(f).frees, 1);
	}
	ck_assert_uint_eq(t.host.counted, 200);
	ok(physseg_online(t.map, 2000, N, NULL)); /* the rest */
	checked();
	for (physseg_pfn_t f = 2000; f < 3000; f++)
		ck_assert_uint_eq(page_at(f).inits, 1);
	ck_assert_uint_eq(t.host.counted, N - 10);
	test_map_fini(&t);
}
END_TEST

/* While a claim is unfinished nobody may change the segment. */
static void
change_meanwhile(struct test_host *host, const struct test_call *call)
{
	struct physseg_removal *removal = NULL;
	struct physseg_reason reason;

	if (call->hook != TEST_INIT)
		return;
	seen++;
	ck_assert_int_eq(
	    physseg_online(t.map, 2000, N, &reason), PHYSSEG_EBUSY);
	ck_assert_int_eq(reason.error, PHYSSEG_EBUSY);
	ck_assert_int_eq(physseg_remove_begin(t.map, 2000, N,
			     PHYSSEG_REMOVE_UNPLUG, &removal, NULL),
	    PHYSSEG_EBUSY);
	ck_assert_ptr_null(removal);
	ck_assert_int_eq(physseg_unplug(t.map, 2990, 10), PHYSSEG_EBUSY);
	if (test_has(PHYSSEG_HOTPLUG)) { /* changes elsewhere may go on, */
		host->watch = NULL;
		ok(physseg_online(t.map, 1990, 10, NULL)); /* beside it, too */
		ok(physseg_online(t.map, 3000, 10, NULL));
		ok(physseg_plug(t.map, 50, 1, 0, NULL));
		ok(physseg_unplug(t.map, 50, 1));
	}
}

START_TEST(test_unfinished_claim)
{
	physseg_t h = run_offline(false);
	struct physseg_addition beside = {
		.pfn = 1990, .n = 10, .state = PHYSSEG_OFFLINE
	};
	physseg_pfn_t done;

	if (test_has(PHYSSEG_HOTPLUG)) {
		ok(physseg_add(t.map, &beside, NULL, NULL));
		beside.pfn = 3000;
		ok(physseg_add(t.map, &beside, NULL, NULL));
	}
	seen = 0;
	t.host.watch = change_meanwhile;
	ok(physseg_init_pages(t.map, h, 1, &done));
	t.host.watch = NULL;
	ck_assert_uint_eq(seen, 1);
	checked();
	ok(physseg_online(t.map, 2000, N, NULL));
	for (physseg_pfn_t f = 2000; f < 3000; f++)
		ck_assert_uint_eq(page_at(f).inits, 1);
	test_map_fini(&t);
}
END_TEST

#define THREADS 4

static physseg_t claimed;
static physseg_pfn_t shares[THREADS];

static void *
initialise(void *arg)
{
	physseg_pfn_t *share = arg, done;

	do {
		if (physseg_init_pages(t.map, claimed, 7, &done) != PHYSSEG_OK)
			abort();
		*share += done;
	} while (done != 0);
	return NULL;
}

/* The host aborts at a page that is initialised twice: it is not zeroed. */
START_TEST(test_threads)
{
	pthread_t thread[THREADS];
	physseg_pfn_t sum = 0;

	many = _i / 2 != 0;
	claimed = run_offline(_i % 2 != 0);
	many = false;
	t.host.quiet = true;
	memset(shares, 0, sizeof(shares));
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, initialise, &shares[i]),
		    0);
	if (test_has(PHYSSEG_HOTPLUG)) {
		ok(physseg_plug(t.map, 50, 1, 0, NULL));
		ok(physseg_unplug(t.map, 50, 1));
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (size_t i = 0; i < THREADS; i++)
		sum += shares[i];
	ck_assert_uint_eq(sum, N);
	checked();
	ok(physseg_online(t.map, 2000, N, NULL));
	check_online(claimed);
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_add");
	TCase *tc = tcase_create("attributes");

	tcase_add_loop_test(tc, test_attributes, 0, 2);
	tcase_add_test(tc, test_defaults);
	tcase_add_test(tc, test_kinds);
	tcase_add_test(tc, test_wrong_arguments);
	tcase_add_test(tc, test_short_add);
	tcase_add_loop_test(tc, test_reserved, 0, 5);
	tcase_add_test(tc, test_whole_at_once);
	suite_add_tcase(s, tc);
	tc = tcase_create("sources");
	tcase_add_test(tc, test_vmm);
	tcase_add_test(tc, test_arrays_apart);
	tcase_add_test(tc, test_array_of_registry);
	tcase_add_test(tc, test_in_range);
	tcase_add_test(tc, test_in_range_fewest);
	tcase_add_test(tc, test_metadata_last);
	tcase_add_test(tc, test_pairs);
	tcase_add_test(tc, test_in_range_too_large);
	tcase_add_test(tc, test_in_range_refused);
	tcase_add_test(tc, test_metadata_not_asked);
	tcase_add_test(tc, test_metadata_not_avail);
	tcase_add_test(tc, test_in_range_apart);
	tcase_add_test(tc, test_in_range_offline);
	suite_add_tcase(s, tc);
	tc = tcase_create("offline");
	tcase_add_loop_test(tc, test_offline, 0, 2);
	tcase_add_loop_test(tc, test_init_pages, 0, 2);
	tcase_add_test(tc, test_init_pages_of_registry);
	tcase_add_test(tc, test_part_online);
	tcase_add_test(tc, test_unfinished_claim);
	tcase_add_loop_test(tc, test_threads, 0, 4);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
