/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_panics.c -- every panic of the compatible face, with the name
 * of the function first in its message, and what the getters say to handles
 * that name nothing.
 *
 * Panics are a table: what is done before, in this process, what is done in a
 * child, and what the child must say when it dies.
 */
#include "t_uvm.h"

#define LIST VM_FREELIST_DEFAULT

static paddr_t pa;
static struct vm_page pages[SEG];

/* ---- what goes before ---- */

static void
nothing(void)
{
}

static void
loaded(void)
{
	load(S1, SEG);
}

static void
switched(void)
{
	load(S1, SEG);
	switch_by_loop(SEG);
}

/* The page layer says that the switch has been; it has not. */
static void
pretended(void)
{
	load(S1, SEG);
	uvm.page_init_done = true;
}

static void
no_page_size(void)
{
	uvmexp.pagesize = 0;
}

static void
odd_page_size(void)
{
	uvmexp.pagesize = 12288;
}

static void
one_page(void)
{
	load(7, 1);
}

static void
one_page_switched(void)
{
	load(7, 1);
	switch_at_once();
}

/* Every slot taken, the segment at 0 is the largest. */
static void
full(void)
{
	paddr_t i;

	load(0, 64);
	for (i = 1; i < slots(); i++)
		load(i * 1000, 8);
}

static void
full_switched(void)
{
	full();
	switch_at_once();
}

static void
chomped(void)
{
	load(S1, SEG);
	chomp(SEG);
}

/* The segment has pages, the switch is not done. */
static void
initialised(void)
{
	chomped();
	uvm_physseg_seg_alloc_from_slab(uvm_physseg_get_first(), SEG);
	uvm_physseg_init_seg(uvm_physseg_get_first(), boot_pages);
}

static void
all_allocated(void)
{
	chomped();
	uvm_physseg_seg_alloc_from_slab(uvm_physseg_get_first(), SEG);
}

/* With an array that uvm_page_init took. */
static void
switched_at_once(void)
{
	load(S1, SEG);
	switch_at_once();
}

static void
slabs_used_up(void)
{
	int i;

	load(S1, SEG);
	for (i = 0; i < VM_BOOTSLAB_MAX; i++)
		uvm_physseg_seg_chomp_slab(
		    uvm_physseg_get_first(), &boot_pages[i], 1);
	check_map();
}

/* ---- what panics ---- */

#define FIRST uvm_physseg_get_first()
#define STALE ((uvm_physseg_t)(uintptr_t)99)

PANIC(physload, uvm_page_physload(FAR, FAR + 8, FAR, FAR + 8, LIST))
PANIC(physload_list_low, uvm_page_physload(S2, S3, S2, S3, -1))
PANIC(physload_list_high, uvm_page_physload(S2, S3, S2, S3, VM_NFREELIST))
PANIC(physload_empty, uvm_page_physload(S2, S2, S2, S2, LIST))
PANIC(physload_backwards, uvm_page_physload(S3, S2, S3, S2, LIST))
PANIC(physload_avail_low, uvm_page_physload(S2, S3, S2 - 1, S3, LIST))
PANIC(physload_avail_high, uvm_page_physload(S2, S3, S2, S3 + 1, LIST))
PANIC(physload_avail_wrong, uvm_page_physload(S2, S3, S2 + 9, S2 + 8, LIST))
PANIC(physload_overlap, uvm_page_physload(S1 + 9, S1 + 10, S1 + 9, S1 + 10, 0))
PANIC(physload_wide, uvm_page_physload(1, (paddr_t)-1, 1, (paddr_t)-1, LIST))

PANIC(physunload, uvm_page_physunload(FIRST, LIST, &pa))
PANIC(physunload_stale, uvm_page_physunload(STALE, LIST, &pa))
PANIC(physunload_force, uvm_page_physunload_force(FIRST, LIST, &pa))
PANIC(physget, uvm_page_physget(&pa))

PANIC(unplug_last, uvm_physseg_unplug(7, 1))
PANIC(unplug_middle, uvm_physseg_unplug(16, 16))
PANIC(plug_hot, uvm_physseg_plug(FAR, 8, NULL))
PANIC(plug_hot_nothing, uvm_physseg_plug(0, 0, NULL))
PANIC(plug_hot_overlap, uvm_physseg_plug(S1, SEG, NULL))

PANIC(page_init, uvm_page_init(NULL, NULL))
PANIC(page_init_starved, machine.fail_at = 1; uvm_page_init(NULL, NULL))
PANIC(pageboot, uvm_pageboot_alloc(1))
PANIC(pageboot_starved, machine.fail_at = 1; uvm_pageboot_alloc(1))
PANIC(pageboot_wrap, uvm_pageboot_alloc(SIZE_MAX - 1))
PANIC(setpagesize, uvm_setpagesize())
PANIC(init_seg_null, uvm_physseg_init_seg(FIRST, NULL))
PANIC(init_seg, uvm_physseg_init_seg(FIRST, boot_pages))
PANIC(init_seg_stale, uvm_physseg_init_seg(STALE, pages))
PANIC(alloc_nothing, uvm_physseg_seg_alloc_from_slab(FIRST, 0))
PANIC(chomp_stale, uvm_physseg_seg_chomp_slab(STALE, pages, SEG))
PANIC(chomp_null, uvm_physseg_seg_chomp_slab(FIRST, NULL, SEG))
PANIC(chomp_nothing, uvm_physseg_seg_chomp_slab(FIRST, pages, 0))
PANIC(chomp_again, uvm_physseg_seg_chomp_slab(FIRST, boot_pages, SEG))
PANIC(chomp_over, uvm_physseg_seg_chomp_slab(FIRST, &boot_pages[SEG - 1], 2))
PANIC(init_seg_over, uvm_physseg_init_seg(FIRST, &boot_pages[1]))
PANIC(chomp_own, uvm_physseg_seg_chomp_slab(FIRST, PHYS_TO_VM_PAGE(0), 1))
PANIC(chomp_more, uvm_physseg_seg_chomp_slab(FIRST, pages, SEG))

PANIC(get_pg, uvm_physseg_get_pg(STALE, 0))
PANIC(get_pg_past, uvm_physseg_get_pg(FIRST, SEG))
PANIC(get_pg_wrap, uvm_physseg_get_pg(FIRST, (paddr_t)-1))
PANIC(get_pmseg, uvm_physseg_get_pmseg(STALE))
PANIC(get_free_list, uvm_physseg_get_free_list(STALE))
PANIC(get_start_hint, uvm_physseg_get_start_hint(STALE))
PANIC(lookup_freelist, uvm_page_lookup_freelist(&pages[0]))
PANIC(set_avail_start, uvm_physseg_set_avail_start(FIRST, S1 + 1))
PANIC(set_avail_start_past, uvm_physseg_set_avail_start(FIRST, S2 + 1))
PANIC(set_avail_start_stale, uvm_physseg_set_avail_start(STALE, 0))
PANIC(set_avail_end, uvm_physseg_set_avail_end(FIRST, S2 - 1))
PANIC(set_avail_end_past, uvm_physseg_set_avail_end(FIRST, S2 + 1))
PANIC(set_avail_end_stale, uvm_physseg_set_avail_end(STALE, 1))
PANIC(alloc_stale, uvm_physseg_seg_alloc_from_slab(STALE, 1))

enum where {
	ALWAYS,
	ON_ARRAYS, /* that cannot plug while running */
	ON_FULL,   /* where slots are bounded */
	DIAGNOSED  /* in builds with DIAGNOSTIC; else nothing happens */
};

#define DONE "called after uvm_page_init"
#define OUT  "out of memory"
#define LATE "tried to add RAM after uvm_page_init"
#define MASK "the available range is not in the segment"

static const struct {
	void (*before)(void);
	void (*call)(void *arg);
	const char *text;
	enum where where;
} panics[] = {
	{ switched, physload, "uvm_page_physload: " DONE, ALWAYS },
	{ switched, physunload, "uvm_page_physunload: " DONE, ALWAYS },
	{ switched, physunload_stale, "uvm_page_physunload: " DONE, ALWAYS },
	{ switched, physunload_force, "uvm_page_physunload_force: " DONE,
	    ALWAYS },
	{ switched, physget, "uvm_page_physget: " DONE, ALWAYS },

	{ no_page_size, physload, "uvm_page_physload: page size not set",
	    ALWAYS },
	{ nothing, physload_list_low, "uvm_page_physload: bad free list",
	    ALWAYS },
	{ nothing, physload_list_high, "uvm_page_physload: bad free list",
	    ALWAYS },
	{ nothing, physload_empty, "uvm_page_physload: start >= end", ALWAYS },
	{ nothing, physload_backwards, "uvm_page_physload: start >= end",
	    ALWAYS },
	{ nothing, physload_avail_low, "uvm_page_physload: " MASK, ALWAYS },
	{ nothing, physload_avail_high, "uvm_page_physload: " MASK, ALWAYS },
	{ nothing, physload_avail_wrong, "uvm_page_physload: " MASK, ALWAYS },
	{ loaded, physload_overlap, "): the range overlaps", ALWAYS },
	{ nothing, physload_wide, "): the range wraps or ", ALWAYS },
	{ full, physload, "): no free slot", ALWAYS },

	{ one_page, unplug_last, "uvm_physseg_unplug: " OUT, ALWAYS },
	{ one_page_switched, unplug_last, "uvm_physseg_unplug: " OUT, ALWAYS },
	{ one_page, physunload, "uvm_page_physunload: " OUT, ALWAYS },
	{ one_page, physunload_force, "uvm_page_physunload_force: " OUT,
	    ALWAYS },
	{ one_page, physget, "uvm_page_physget: " OUT, ALWAYS },

	{ switched, plug_hot, "uvm_physseg_plug: " LATE, ON_ARRAYS },
	{ switched, plug_hot_nothing, "uvm_physseg_plug: " LATE, ON_ARRAYS },
	{ switched, plug_hot_overlap, "uvm_physseg_plug: " LATE, ON_ARRAYS },
	{ full, unplug_middle, "uvm_physseg_unplug: no slot", ON_FULL },
	{ full_switched, unplug_middle, "uvm_physseg_unplug: no slot",
	    ON_FULL },

	{ switched, page_init, "uvm_page_init: called twice", ALWAYS },
	{ initialised, page_init, "uvm_page_init: called twice", ALWAYS },
	{ pretended, page_init, "uvm_page_init: not in this phase", ALWAYS },
	{ nothing, page_init, "uvm_page_init: no memory was loaded", ALWAYS },
	{ loaded, page_init_starved, "uvm_page_init: no memory for pages",
	    ALWAYS },
	{ slabs_used_up, page_init, "uvm_page_init: the host has no memory",
	    ALWAYS },
	{ switched, pageboot, "uvm_pageboot_alloc: " DONE, ALWAYS },
	{ loaded, pageboot_starved, "uvm_pageboot_alloc: no memory", ALWAYS },
	{ loaded, pageboot_wrap, "uvm_pageboot_alloc: no memory", ALWAYS },
	{ odd_page_size, setpagesize, "uvm_setpagesize: not a power", ALWAYS },
	{ chomped, init_seg_null, "uvm_physseg_init_seg: ", ALWAYS },
	{ chomped, init_seg, "uvm_physseg_init_seg: ", ALWAYS },
	{ initialised, init_seg, "uvm_physseg_init_seg: ", ALWAYS },
	{ all_allocated, init_seg_over, "uvm_physseg_init_seg: ", ALWAYS },
	{ chomped, init_seg_stale, "uvm_physseg_init_seg: ", ALWAYS },
	{ chomped, alloc_nothing, "uvm_physseg_seg_alloc_from_slab: ", ALWAYS },
	{ loaded, chomp_stale, "uvm_physseg_seg_chomp_slab: ", ALWAYS },
	{ loaded, chomp_null, "uvm_physseg_seg_chomp_slab: ", ALWAYS },
	{ loaded, chomp_nothing, "uvm_physseg_seg_chomp_slab: ", ALWAYS },
	{ chomped, chomp_again, "uvm_physseg_seg_chomp_slab: an argument",
	    ALWAYS },
	{ chomped, chomp_over, "uvm_physseg_seg_chomp_slab: an argument",
	    ALWAYS },
	{ switched, chomp_again, "uvm_physseg_seg_chomp_slab: an argument",
	    ALWAYS },
	{ switched_at_once, chomp_own,
	    "uvm_physseg_seg_chomp_slab: an argument", ALWAYS },
	{ slabs_used_up, chomp_more, "uvm_physseg_seg_chomp_slab: ", ALWAYS },

	{ loaded, get_pg, "uvm_physseg_get_pg: ", DIAGNOSED },
	{ switched, get_pg_past, "uvm_physseg_get_pg: ", DIAGNOSED },
	{ switched, get_pg_wrap, "uvm_physseg_get_pg: ", DIAGNOSED },
	{ loaded, get_pmseg, "uvm_physseg_get_pmseg: ", DIAGNOSED },
	{ loaded, get_free_list, "uvm_physseg_get_free_list: ", DIAGNOSED },
	{ loaded, get_start_hint, "uvm_physseg_get_start_hint: ", DIAGNOSED },
	{ nothing, lookup_freelist, "uvm_page_lookup_freelist: ", DIAGNOSED },
	{ switched, set_avail_start,
	    "uvm_physseg_set_avail_start: ", DIAGNOSED },
	{ loaded, set_avail_start_past,
	    "uvm_physseg_set_avail_start: ", DIAGNOSED },
	{ loaded, set_avail_start_stale,
	    "uvm_physseg_set_avail_start: ", DIAGNOSED },
	{ switched, set_avail_end, "uvm_physseg_set_avail_end: ", DIAGNOSED },
	{ loaded, set_avail_end_past,
	    "uvm_physseg_set_avail_end: ", DIAGNOSED },
	{ loaded, set_avail_end_stale,
	    "uvm_physseg_set_avail_end: ", DIAGNOSED },
	{ chomped, alloc_stale,
	    "uvm_physseg_seg_alloc_from_slab: ", DIAGNOSED },
};

#define NPANICS (int)(sizeof(panics) / sizeof(panics[0]))

static bool
expected(enum where where)
{
	switch (where) {
	case ON_ARRAYS:
		return !can(PHYSSEG_HOTPLUG);
	case ON_FULL:
		return uvm_physseg_backend()->bounded;
	case DIAGNOSED:
		return uvm_physseg_diagnostic;
	case ALWAYS:
		break;
	}
	return true;
}

START_TEST(panic)
{
	char before[4096];

	panics[_i].before();
	if (expected(panics[_i].where)) {
		ck_assert_msg(
		    test_panics(panics[_i].call, NULL, panics[_i].text),
		    "row %d: %s", _i, panics[_i].text);
		return;
	}
	/* Where it is no panic the map does not change, or it is a plug or an
	 * unplug that other tests are about. */
	snprintf(before, sizeof(before), "%s", show(false));
	panics[_i].call(NULL);
	check_map();
	if (panics[_i].where == DIAGNOSED)
		ORDER_IS(before);
}
END_TEST

/* ---- panics that are left by longjmp, as a harness of tests does ---- */

/* A piece of a map as text. */
static void
collect(void *arg, const char *text, size_t length)
{
	strncat(arg, text, length);
}

static char dumps[2][65536];

static const char *
dump(int i)
{
	*dumps[i] = '\0';
	ck_assert_int_eq(physseg_dump(uvm_physseg_map_now(), PHYSSEG_DUMP_JSON,
			     collect, dumps[i]),
	    PHYSSEG_OK);
	return dumps[i];
}

/* The same table, in this process: nothing is changed or held, and the
 * variables are what they were. */
START_TEST(panic_left)
{
	size_t bytes;
	bool done;

	if (!expected(panics[_i].where))
		return;
	panics[_i].before();
	done = uvm.page_init_done;
	(void)dump(0);
	bytes = machine.outstanding;
	ck_assert_msg(panics_by_longjmp(panics[_i].call, NULL, panics[_i].text),
	    "row %d: %s", _i, panics[_i].text);
	check_map();
	ck_assert_uint_eq(machine.outstanding, bytes);
	ck_assert_ptr_null(uvm_physseg_plugging.to);
	ck_assert(uvm.page_init_done == done);
	ck_assert_str_eq(dump(1), dumps[0]);
	ck_assert(!uvm_physseg_map()->busy);
}
END_TEST

/* ---- handles that name nothing ---- */

/* Every answer to a handle of no segment; those that a build with DIAGNOSTIC
 * panics for are in the table above. */
static void
names_nothing(uvm_physseg_t h)
{
	const paddr_t none = (paddr_t)-1;
	const paddr_t untouched = 0xdead;
	paddr_t result = untouched;

	ck_assert(!uvm_physseg_valid_p(h));
	ck_assert(!uvm_physseg_valid(h));
	ck_assert_uint_eq(uvm_physseg_get_start(h), none);
	ck_assert_uint_eq(uvm_physseg_get_end(h), none);
	ck_assert_uint_eq(uvm_physseg_get_avail_start(h), none);
	ck_assert_uint_eq(uvm_physseg_get_avail_end(h), none);
	ck_assert(!uvm_physseg_set_start_hint(h, 1));
	ck_assert_ptr_eq(uvm_physseg_get_next(h), NOWHERE);
	ck_assert_ptr_eq(uvm_physseg_get_prev(h), NOWHERE);
	if (!uvm.page_init_done) {
		ck_assert(!uvm_page_physunload(h, LIST, &result));
		ck_assert(!uvm_page_physunload_force(h, LIST, &result));
		ck_assert_uint_eq(result, untouched);
	}
	if (uvm_physseg_diagnostic)
		return;
	ck_assert_ptr_null(uvm_physseg_get_pg(h, 0));
	ck_assert_ptr_null(uvm_physseg_get_pg(h, none));
	ck_assert_ptr_null(uvm_physseg_get_pmseg(h));
	ck_assert_int_eq(uvm_physseg_get_free_list(h), VM_FREELIST_DEFAULT);
	ck_assert_uint_eq(uvm_physseg_get_start_hint(h), 0);
	ck_assert_ptr_null(uvm_physseg_seg_alloc_from_slab(h, 1));
	uvm_physseg_set_avail_start(h, 0);
	uvm_physseg_set_avail_end(h, 0);
}

static bool
names_something(uvm_physseg_t h)
{
	uvm_physseg_t live;

	for (live = uvm_physseg_get_first(); live != NOWHERE;
	     live = uvm_physseg_get_next(live))
		if (h == live)
			return true;
	return false;
}

/* All small numbers, all near a live handle, and many at random. */
static void
try_bit_patterns(void)
{
	struct test_rng rng = { test_seed };
	const uintptr_t near = (uintptr_t)uvm_physseg_get_last();
	char before[4096];
	uintptr_t bits;
	int i;

	snprintf(before, sizeof(before), "%s", show(false));
	for (i = 0; i < 5000; i++) {
		if (i < 1000)
			bits = (uintptr_t)i;
		else if (i < 2000)
			bits = near + (uintptr_t)i - 1500;
		else
			bits = (uintptr_t)test_random(&rng) >>
			    test_random_below(&rng, sizeof(uintptr_t) * 8);
		if (!names_something((uvm_physseg_t)bits))
			names_nothing((uvm_physseg_t)bits);
	}
	for (bits = 1; bits != 0; bits <<= 1) {
		if (!names_something((uvm_physseg_t)bits))
			names_nothing((uvm_physseg_t)bits);
		if (!names_something((uvm_physseg_t)(near ^ bits)))
			names_nothing((uvm_physseg_t)(near ^ bits));
	}
	ORDER_IS(before);
	check_map();
}

START_TEST(bit_patterns)
{
	paddr_t i;

	try_bit_patterns();
	for (i = 0; i < 5 && i < slots(); i++)
		load(i * 100, 64);
	try_bit_patterns();
	switch_at_once();
	try_bit_patterns();
	if (can(PHYSSEG_HOTPLUG)) {
		for (; i < 100; i++)
			ck_assert(plug_and_check(i * 100, 1, NULL));
		for (; i > 50; i--)
			ck_assert(unplug_and_check((i - 1) * 100, 1));
		names_nothing(NOWHERE);
	}
}
END_TEST

/* A handle whose segment is gone, also after its record lives again. */
START_TEST(stale_handle)
{
	uvm_physseg_t h, again;
	int i;

	load(S1, SEG);
	if (!room_for(2, __func__) || !segments_stay_apart(__func__))
		return;
	ck_assert(plug_and_check(S2, SEG, &h));
	ck_assert(unplug_and_check(S2, SEG));
	names_nothing(h);
	ck_assert(plug_and_check(S2, SEG, &again));
	if (can(PHYSSEG_POSITION)) {
		ck_assert_ptr_eq(again, h); /* a position is that and no more */
		return;
	}
	names_nothing(h);
	switch_at_once();
	for (i = 0; i < 100; i++) {
		ck_assert(unplug_and_check(S2, SEG));
		names_nothing(h);
		names_nothing(again);
		h = again;
		ck_assert(plug_and_check(S2, SEG, &again));
		ck_assert_ptr_ne(again, h);
		names_nothing(h);
	}
}
END_TEST

/* get_pg past the end; in builds with DIAGNOSTIC see the table. */
START_TEST(get_pg_bounds)
{
	uvm_physseg_t h = load(S2, 8);

	switch_by_loop(SEG);
	ck_assert_ptr_eq(uvm_physseg_get_pg(h, 7), &boot_pages[7]);
	if (uvm_physseg_diagnostic)
		return;
	ck_assert_ptr_null(uvm_physseg_get_pg(h, 8));
	ck_assert_ptr_null(uvm_physseg_get_pg(h, (paddr_t)-1));
	ck_assert_ptr_null(uvm_physseg_get_pg(h, ((paddr_t)-1) / 2));
}
END_TEST

START_TEST(set_avail)
{
	uvm_physseg_t h = load(S1, SEG);

	uvm_physseg_set_avail_start(h, 10);
	check_map();
	MAP_IS("0-256(10-256)");
	uvm_physseg_set_avail_end(h, 200);
	check_map();
	MAP_IS("0-256(10-200)");
	uvm_physseg_set_avail_start(h, 0);
	uvm_physseg_set_avail_end(h, 256);
	MAP_IS("0-256");
	uvm_physseg_set_avail_end(h, 5);
	switch_by_loop(SEG);
	ck_assert_int_eq(uvmexp.npages, 5);
}
END_TEST

/* ---- hosts of other releases ---- */

static void
host_is_called(void)
{
}

static void
init_again(void *arg)
{
	(void)arg;
	uvm_physseg_init();
}

/* What is behind a host's end is not the host's. */
START_TEST(short_host)
{
	machine_host_size = offsetof(struct physseg_host, page_init);
	memset((char *)&machine_host + machine_host_size, 0xff,
	    sizeof(machine_host) - machine_host_size);
	uvm_physseg_init();
	load(S1, SEG);
	switch_at_once();
	ck_assert(unplug_and_check(S1, 8));
	MAP_IS("8-256");
}
END_TEST

START_TEST(long_host)
{
	machine_host_size = sizeof(machine_host);
	uvm_physseg_init();
	load(S1, SEG);
	machine_host.later = host_is_called;
	ck_assert(test_panics(init_again, NULL,
	    "uvm_physseg_init: the host has a hook that the library does "
	    "not know"));
	machine_host.later = NULL;
	switch_at_once();
	MAP_IS("0-256");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("uvm_panics");
	TCase *t = add_case(s, "panics");

	tcase_add_loop_test(t, panic, 0, NPANICS);
	tcase_add_loop_test(t, panic_left, 0, NPANICS);

	t = add_case(s, "handles");
	tcase_add_test(t, bit_patterns);
	tcase_add_test(t, stale_handle);
	tcase_add_test(t, get_pg_bounds);
	tcase_add_test(t, set_avail);

	t = add_case(s, "host");
	tcase_add_test(t, short_host);
	tcase_add_test(t, long_host);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
