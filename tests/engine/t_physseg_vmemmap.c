/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_vmemmap.c -- page structures at fixed addresses.
 *
 * The host commits real pages, and all others cannot be touched: a page
 * structure outside committed memory stops the test.  What is committed is
 * compared with a model of the frames, granule by granule.
 */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>
#ifdef TEST_URCU
#include <physseg/urcu.h>
#endif

#include "support.h"

#define FRAMES	  1500 /* the bound */
#define WORDS	  (FRAMES / (8 * sizeof(uintptr_t)) + 1)
#define MOST_PAGE 5000 /* bytes of a page structure */
#define UNPLUG	  PHYSSEG_REMOVE_UNPLUG
#define OFFLINE	  PHYSSEG_REMOVE_OFFLINE

#define ok(call) ck_assert_int_eq((call), PHYSSEG_OK)

static struct test_map t;

/* ---- a host that commits ---- */

static size_t granule;
static char *window;
static size_t ngranules;
static bool committed[FRAMES * MOST_PAGE / 4096 + 2];
static uintptr_t present[WORDS + 2]; /* a word of the test's at either end */
static size_t commits, decommits;
static size_t fail_commit; /* the call that fails, from now on; 0: none */

static bool removing; /* frames are leaving, and pages of them */
static bool unseen;   /* were not there when readers were waited for */
static physseg_pfn_t leaving, left;

static size_t
first_granule(const void *p, size_t size)
{
	const size_t offset = (size_t)((const char *)p - window);

	test_assert(size > 0 && offset % granule == 0 && size % granule == 0);
	test_assert((offset + size) / granule <= ngranules);
	return offset / granule;
}

static bool
vm_commit(void *ctx, void *p, size_t size)
{
	const size_t first = first_granule(p, size);

	(void)ctx;
	for (size_t i = 0; i < size / granule; i++)
		test_assert(!committed[first + i]);
	if (fail_commit != 0 && --fail_commit == 0)
		return false;
	for (size_t i = 0; i < size / granule; i++)
		committed[first + i] = true;
	test_assert(mprotect(p, size, PROT_READ | PROT_WRITE) == 0);
	memset(p, 0xee, size);
	commits++;
	return true;
}

static void
vm_decommit(void *ctx, void *p, size_t size)
{
	const size_t first = first_granule(p, size);

	(void)ctx;
	for (size_t i = 0; i < size / granule; i++) {
		test_assert(committed[first + i]);
		committed[first + i] = false;
	}
	test_assert(mprotect(p, size, PROT_NONE) == 0);
	test_assert(!removing || unseen ||
	    !test_has(PHYSSEG_LOCKFREE)); /* on others nobody waits */
	decommits++;
}

static void
vm_sync(void *ctx)
{
	(void)ctx;
	unseen = true;
	for (physseg_pfn_t f = leaving; removing && f < left; f++)
		unseen = unseen && physseg_page(t.map, f) == NULL;
}

static void
no_lock(void *ctx)
{
	(void)ctx;
}

static void *
at(physseg_pfn_t pfn)
{
	return (char *)t.config.vmemmap + pfn * t.config.page_size;
}

/* A configuration; no map yet. */
static void
prepare(size_t page_size)
{
	test_map_init(&t, page_size);
	granule = (size_t)sysconf(_SC_PAGESIZE);
	ngranules = FRAMES * page_size / granule + 1;
	window = mmap(NULL, ngranules * granule, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(window, MAP_FAILED);
	memset(committed, 0, sizeof(committed));
	memset(present, 0, sizeof(present));
	present[0] = present[WORDS + 1] = 0xa5a5a5;
	commits = decommits = fail_commit = 0;
	removing = false;
	t.host.hooks.commit = vm_commit;
	t.host.hooks.decommit = vm_decommit;
	t.host.hooks.sync = vm_sync;
	t.host.quiet = true;
	t.config.vmemmap = window;
	t.config.present = &present[1];
	t.config.granule = granule;
	t.config.frames = FRAMES;
	t.config.may_empty = true;
	t.config.capacity = 256;
	t.config.boot_records = 256;
}

/* The map ends, and nothing is left of it. */
static void
finish(void)
{
	test_map_fini(&t);
	for (size_t i = 0; i < ngranules; i++)
		test_assert(!committed[i]);
	for (size_t i = 1; i <= WORDS; i++)
		test_assert(present[i] == 0);
	ck_assert(present[0] == 0xa5a5a5 && present[WORDS + 1] == 0xa5a5a5);
	ck_assert_int_eq(munmap(window, ngranules * granule), 0);
}

/* ---- the model ---- */

static enum state {
	NONE,
	BOOT,	  /* loaded, without page structures yet */
	BOOT_OFF, /* the same, offline */
	ON,
	OFF
} model[FRAMES];

static void
set(physseg_pfn_t pfn, physseg_pfn_t n, enum state state)
{
	for (; n > 0; n--)
		model[pfn++] = state;
}

static bool
uses_memory(enum state state)
{
	return state == ON || state == OFF;
}

/* What is committed is what page structures lie in. */
static void
check_granules(void)
{
	static bool used[sizeof(committed)];
	const size_t size = t.config.page_size;
	const size_t first = (size_t)((char *)t.config.vmemmap - window);

	memset(used, 0, sizeof(used));
	for (size_t f = 0; f < FRAMES; f++)
		if (uses_memory(model[f]))
			for (size_t g = (first + f * size) / granule;
			     g <= (first + (f + 1) * size - 1) / granule; g++)
				used[g] = true;
	for (size_t g = 0; g < ngranules; g++)
		test_assert(used[g] == committed[g]);
}

static void
check(void)
{
	static physseg_pfn_t pfns[FRAMES];
	static void *pages[FRAMES + 1];
	const char *broken = physseg_check(t.map);
	struct test_page p;

	if (broken != NULL)
		test_failed(broken);
	ck_assert_msg(broken == NULL, "%s", broken);
	for (physseg_pfn_t f = 0; f < FRAMES; f++)
		pfns[f] = f;
	pages[FRAMES] = pages;
	physseg_pages(t.map, pfns, FRAMES, pages);
	test_assert(pages[FRAMES] == pages);
	for (physseg_pfn_t f = 0; f < FRAMES; f++) {
		void *page = physseg_page(t.map, f);

		test_assert(page == (model[f] == ON ? at(f) : NULL));
		test_assert(page == pages[f]);
		test_assert((physseg_find(t.map, f, NULL) != PHYSSEG_NONE) ==
		    (model[f] != NONE));
		if (page == NULL)
			continue;
		memcpy(&p, page, sizeof(p));
		test_assert(p.pfn == f && p.inits == 1);
		test_assert(physseg_frame(t.map, page) == f);
	}
	check_granules();
}

/* ---- single calls ---- */

static void
boot(size_t page_size)
{
	prepare(page_size);
	memset(model, 0, sizeof(model));
	test_map_boot(&t);
}

static void
load(physseg_pfn_t pfn, physseg_pfn_t n)
{
	ok(physseg_load(t.map, pfn, pfn + n, pfn, pfn + n, 0, NULL));
	set(pfn, n, BOOT);
}

static void
switch_map(void)
{
	ok(physseg_switch(t.map, NULL, 0));
	for (size_t f = 0; f < FRAMES; f++)
		model[f] = model[f] == BOOT ? ON
		    : model[f] == BOOT_OFF  ? OFF
					    : model[f];
	check();
}

/* Two segments, or one where there is no room; the map runs. */
static void
run(size_t page_size)
{
	boot(page_size);
	load(10, 100);
	if (test_map_capacity(&t) > 1)
		load(300, 200);
	switch_map();
}

static void
plug(physseg_pfn_t pfn, physseg_pfn_t n)
{
	ok(physseg_plug(t.map, pfn, n, 0, NULL));
	set(pfn, n, ON);
	check();
}

static void
leave(physseg_pfn_t pfn, physseg_pfn_t n)
{
	removing = true;
	unseen = false;
	leaving = pfn;
	left = pfn + n;
}

static void
unplug(physseg_pfn_t pfn, physseg_pfn_t n)
{
	leave(pfn, n);
	ok(physseg_unplug(t.map, pfn, n));
	removing = false;
	set(pfn, n, NONE);
	check();
}

/* A backend that cannot plug is left out; then the map ends. */
static bool
cannot_plug(const char *test)
{
	if (test_has(PHYSSEG_HOTPLUG))
		return false;
	test_skip(test, "the backend cannot plug while the map runs");
	finish();
	return true;
}

START_TEST(test_addresses)
{
	struct physseg_stats stats;

	run(24);
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.slabs, 0);
	ck_assert_uint_eq(
	    stats.host_bytes % granule, t.host.outstanding % granule);
	ck_assert_uint_gt(stats.host_bytes, t.host.outstanding);
	if (test_map_capacity(&t) > 2)
		unplug(50, 20); /* the middle */
	unplug(10, 5);
	unplug(105, 5);
	unplug(15, 35);
	finish();
}
END_TEST

START_TEST(test_plugged)
{
	run(24);
	if (cannot_plug("test_plugged"))
		return;
	plug(0, 10);
	plug(110, 190);
	unplug(100, 250);
	plug(100, 1);
	plug(1499, 1);
	plug(1000, 499);
	finish();
}
END_TEST

/* The first page structure lies inside a granule. */
START_TEST(test_inside_granule)
{
	prepare(24);
	memset(model, 0, sizeof(model));
	t.config.vmemmap = window + 48;
	test_map_boot(&t);
	load(0, 4);
	switch_map();
	if (cannot_plug("test_inside_granule"))
		return;
	plug(8, 4);
	unplug(8, 4);
	plug(20, 400);
	unplug(0, 4);
	finish();
}
END_TEST

START_TEST(test_bound)
{
	run(24);
	ck_assert_ptr_null(physseg_page(t.map, FRAMES));
	ck_assert_ptr_null(physseg_page(t.map, PHYSSEG_NOFRAME));
	ck_assert_ptr_null(physseg_page(t.map, FRAMES + 64));
	finish();
	prepare(24);
	memset(model, 0, sizeof(model));
	t.config.frames = 1472; /* whole words: the next one is not the map's */
	present[1 + 1472 / (8 * sizeof(uintptr_t))] = UINTPTR_MAX;
	test_map_boot(&t);
	load(1371, 101);
	ok(physseg_switch(t.map, NULL, 0));
	ck_assert_ptr_eq(physseg_page(t.map, 1471), at(1471));
	ck_assert_ptr_null(physseg_page(t.map, 1472));
	present[1 + 1472 / (8 * sizeof(uintptr_t))] = 0;
	finish();
	run(24);
	if (cannot_plug("test_bound"))
		return;
	plug(FRAMES - 1, 1);
	ck_assert_ptr_null(physseg_page(t.map, FRAMES));
	ck_assert_int_eq(
	    physseg_plug(t.map, FRAMES, 1, 0, NULL), PHYSSEG_ERANGE);
	ck_assert_int_eq(
	    physseg_plug(t.map, FRAMES - 1, 2, 0, NULL), PHYSSEG_ERANGE);
	check();
	finish();
}
END_TEST

/* ---- configurations ---- */

static void
refused(void)
{
	struct physseg_map *map = NULL;

	ck_assert_uint_eq(physseg_storage_size(&t.config), 0);
	ck_assert_int_eq(
	    physseg_create(&map, &t.config, NULL, 0), PHYSSEG_EINVAL);
	ck_assert_ptr_null(map);
}

#define REFUSED(assignment)              \
	do {                             \
		prepare(24);             \
		assignment;              \
		refused();               \
		test_host_fini(&t.host); \
		munmap(window, granule); \
	} while (0)

START_TEST(test_configurations)
{
	const uintmax_t most = (UINTPTR_MAX - granule) / 24;

	REFUSED(t.config.present = NULL);
	REFUSED(t.config.present = (char *)&present[1] + 1);
	REFUSED(t.config.page_size = 0);
	REFUSED(t.config.granule = 4095);
	if (most < PHYSSEG_NOFRAME)
		REFUSED(t.config.frames = 0); /* all there can be: they wrap */
	REFUSED(t.config.vmemmap = (void *)(UINTPTR_MAX - 4096));
	REFUSED(t.config.present = (void *)(UINTPTR_MAX - 7));
	REFUSED(t.config.present = (void *)(UINTPTR_MAX - sizeof(void *) + 1);
		t.config.frames = 8 * sizeof(void *) - 1);
	REFUSED(t.host.hooks.commit = NULL);
	REFUSED(t.host.hooks.decommit = NULL);
	REFUSED(t.host.hooks.commit = NULL; t.host.hooks.decommit = NULL);
	REFUSED(t.host.hooks.page_init = NULL; t.host.hooks.page_frame = NULL);
	prepare(24);
	ck_assert_uint_ne(physseg_storage_size(&t.config), 0);
	test_host_fini(&t.host);
}
END_TEST

/* One frame more would wrap. */
START_TEST(test_largest_bound)
{
	const uintmax_t most = (UINTPTR_MAX - 4096) / 24;

	prepare(24);
	t.config.vmemmap = NULL;
	t.config.granule = 4096;
	if (most < PHYSSEG_NOFRAME) {
		t.config.frames = (physseg_pfn_t)most;
		ck_assert_uint_ne(physseg_storage_size(&t.config), 0);
		t.config.frames++;
		ck_assert_uint_eq(physseg_storage_size(&t.config), 0);
	} else
		test_skip("test_largest_bound", "frames are too narrow");
	test_host_fini(&t.host);
}
END_TEST

START_TEST(test_other_sources)
{
	static char array[24 * 100];
	struct physseg_addition add = { .pfn = 600,
		.n = 100,
		.source = PHYSSEG_FROM_CALLER,
		.pages = array };
	struct physseg_reason reason;
	void *pages = array;
	physseg_t first;

	boot(24);
	load(10, 100);
	first = physseg_first(t.map);
	ck_assert_int_eq(
	    physseg_add(t.map, &add, NULL, &reason), PHYSSEG_EINVAL);
	ck_assert_int_eq(reason.error, PHYSSEG_EINVAL);
	add.pages = at(600);
	ck_assert_int_eq(physseg_add(t.map, &add, NULL, NULL), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_chomp_slab(t.map, first, array, 100), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_alloc_from_slab(t.map, first, 1, &pages), PHYSSEG_EINVAL);
	ck_assert_int_eq(physseg_switch(t.map, array, 100), PHYSSEG_EINVAL);
	ck_assert_int_eq(physseg_init_seg(t.map, first, array), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_init_seg(t.map, first, at(10)), PHYSSEG_EINVAL);
	check();
	switch_map();
	ck_assert_int_eq(physseg_init_seg(t.map, first, NULL), PHYSSEG_EINVAL);
	if (test_has(PHYSSEG_HOTPLUG)) {
		ck_assert_int_eq(
		    physseg_add(t.map, &add, NULL, NULL), PHYSSEG_EINVAL);
		add.source = PHYSSEG_FROM_RANGE;
		add.pages = NULL;
		ck_assert_int_eq(
		    physseg_add(t.map, &add, NULL, NULL), PHYSSEG_EINVAL);
	}
	check();
	finish();
}
END_TEST

/* ---- joins ---- */

static size_t
segments(void)
{
	struct physseg_stats stats;

	physseg_get_stats(t.map, &stats);
	return stats.segments;
}

/* Whatever the size, and in whatever order. */
START_TEST(test_joins)
{
	static const physseg_pfn_t order[] = { 0, 1, 2, 5, 4, 3, 15, 14, 13, 6,
		8, 10, 12, 7, 9, 11 };
	struct physseg_addition add = { .state = PHYSSEG_OFFLINE };
	const physseg_pfn_t n = _i == 0 ? 1 : 40;
	physseg_t upper;

	prepare(_i == 2 ? 500 : 24);
	memset(model, 0, sizeof(model));
	t.config.coalesce = true;
	test_map_boot(&t);
	load(10, 100);
	switch_map();
	if (cannot_plug("test_joins"))
		return;
	for (size_t i = 0; i < 16; i++)
		plug(200 + order[i] * n, n);
	ck_assert_uint_eq(segments(), 2);
	for (size_t i = 0; i < 16; i++) {
		add.pfn = 900 + order[i] * 20;
		add.n = 20;
		ok(physseg_add(t.map, &add, NULL, NULL));
		set(add.pfn, add.n, OFF);
		check();
	}
	ck_assert_uint_eq(segments(), 3);
	ok(physseg_online(t.map, 950, 50, NULL));
	set(950, 50, ON);
	check();
	ck_assert_uint_eq(segments(), 5);
	ok(physseg_online(t.map, 900, 320, NULL));
	set(900, 320, ON);
	check();
	ck_assert_uint_eq(segments(), 3);
	/* What comes below a segment lets it grow: the handle stays. */
	upper = physseg_find(t.map, 10, NULL);
	plug(5, 5);
	ck_assert_ptr_eq(physseg_find(t.map, 5, NULL), upper);
	finish();
}
END_TEST

/* Every change takes one more chunk for the index. */
static size_t
needs_more(
    const void *index, physseg_pfn_t start, physseg_pfn_t end, size_t changes)
{
	return test_backend->mem_needed(index, start, end, changes) + 1;
}

static size_t chunks_added;

static void
adds_chunk(void *index, void *chunk)
{
	chunks_added++;
	test_backend->mem_add(index, chunk);
}

/* Where a segment cannot grow for want of memory, nothing is committed. */
START_TEST(test_no_growth)
{
	struct physseg_backend own = *test_backend;
	struct test_state state;

	if (own.mem_needed == NULL) {
		test_skip("no growth", "the index takes no memory");
		return;
	}
	own.mem_needed = needs_more;
	own.mem_add = adds_chunk;
	prepare(24);
	memset(model, 0, sizeof(model));
	t.config.backend = &own;
	t.config.coalesce = true;
	test_map_boot(&t);
	load(10, 50);
	load(60, 50); /* it grows at boot, too, which commits nothing */
	check();
	switch_map();
	test_state_save(&state, &t);
	t.host.fail_at = 1;
	ck_assert_int_eq(
	    physseg_plug(t.map, 110, 1000, 0, NULL), PHYSSEG_ENOMEM);
	ck_assert_uint_eq(t.host.fail_at, 0);
	fail_commit = 1;
	ck_assert_int_eq(
	    physseg_plug(t.map, 110, 1000, 0, NULL), PHYSSEG_ENOMEM);
	ck_assert_uint_eq(fail_commit, 0);
	ck_assert(test_state_unchanged(&state, &t));
	check();
	chunks_added = 0;
	plug(110, 1000);
	ck_assert_uint_ne(chunks_added, 0);
	ck_assert_uint_eq(segments(), 1);
	finish();
}
END_TEST

/* The bits are held against the segments, whether lookups read them or not. */
START_TEST(test_check)
{
	const size_t word = 1 + 100 / (8 * sizeof(uintptr_t));
	const uintptr_t bit = (uintptr_t)1 << 100 % (8 * sizeof(uintptr_t));
	uintptr_t was[WORDS + 2];

	prepare(24);
	memset(model, 0, sizeof(model));
	if (_i != 0) { /* lookups take the lock, and search */
		t.host.hooks.lock = t.host.hooks.unlock = no_lock;
		t.host.hooks.sync = NULL;
	}
	test_map_boot(&t);
	load(10, 100);
	switch_map();
	memcpy(was, present, sizeof(was));
	present[word] &= ~bit;
	ck_assert_ptr_nonnull(physseg_check(t.map));
	present[1 + 1000 / (8 * sizeof(uintptr_t))] |= 1;
	ck_assert_ptr_nonnull(physseg_check(t.map)); /* as many as before */
	present[word] |= bit;
	ck_assert_ptr_nonnull(physseg_check(t.map));
	memcpy(present, was, sizeof(was));
	check();
	finish();
}
END_TEST

/* ---- failures ---- */

enum call { PLUG, PLUG_CHECK, GROW, ADD_OFFLINE, SWITCH, INIT_SEG, CALLS };

static int
call(enum call what)
{
	struct physseg_addition add = {
		.pfn = 700, .n = 300, .state = PHYSSEG_OFFLINE
	};

	switch (what) {
	case PLUG:
		return physseg_plug(t.map, 700, 300, 0, NULL);
	case PLUG_CHECK:
		return physseg_plug_check(t.map, 700, 300, 0);
	case GROW:
		return physseg_plug(t.map, 110, 400, 0, NULL);
	case ADD_OFFLINE:
		return physseg_add(t.map, &add, NULL, NULL);
	case SWITCH:
		return physseg_switch(t.map, NULL, 0);
	default:
		return physseg_init_seg(t.map, physseg_first(t.map), NULL);
	}
}

static void
make(enum call what)
{
	const physseg_pfn_t apart = 250;

	prepare(24);
	memset(model, 0, sizeof(model));
	t.config.coalesce = true;
	test_map_boot(&t);
	load(10, 100);
	if (what == SWITCH) /* two of them in one granule */
		for (physseg_pfn_t i = 1; i < test_map_capacity(&t) && i < 5;
		     i++)
			load(i * apart - (i == 2 ? 100 : 0), 100);
	if (what != SWITCH && what != INIT_SEG)
		switch_map();
}

static void
made(enum call what)
{
	if (what == PLUG)
		set(700, 300, ON);
	else if (what == GROW)
		set(110, 400, ON);
	else if (what == ADD_OFFLINE)
		set(700, 300, OFF);
	else if (what == SWITCH || what == INIT_SEG)
		for (size_t f = 0; f < FRAMES; f++)
			model[f] = model[f] == NONE ? NONE : ON;
}

/* Whichever call of the host's fails, nothing has changed. */
START_TEST(test_failures)
{
	const enum call what = (enum call)_i;
	struct test_state state;
	size_t failed = 0;
	int error = PHYSSEG_ENOMEM;

	if (what != SWITCH && what != INIT_SEG && !test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_failures", "the backend cannot plug");
		return;
	}
	for (int commit = 0; commit < 2; commit++)
		for (size_t k = 1;; k++) {
			make(what);
			test_state_save(&state, &t);
			if (commit != 0)
				fail_commit = k;
			else
				t.host.fail_at = k;
			error = call(what);
			if (error == PHYSSEG_OK) {
				made(what);
				test_state_free(&state);
			} else {
				ck_assert_int_eq(error, PHYSSEG_ENOMEM);
				ck_assert(test_state_unchanged(&state, &t));
				failed += commit != 0;
			}
			fail_commit = t.host.fail_at = 0;
			check();
			if (error != PHYSSEG_OK)
				ok(call(what));
			finish();
			if (error == PHYSSEG_OK)
				break;
		}
	ck_assert_uint_ge(failed, 1);
	if (what == SWITCH && test_map_capacity(&t) > 1)
		ck_assert_uint_ge(failed, 3);
}
END_TEST

static int
refuse(struct physseg_listener *listener, const struct physseg_change *change)
{
	(void)listener;
	return change->event == PHYSSEG_GOING_ONLINE;
}

/* What a listener refuses takes no memory. */
START_TEST(test_refused)
{
	struct physseg_listener listener = { .notify = refuse };
	struct test_state state;

	make(PLUG);
	if (cannot_plug("test_refused"))
		return;
	ok(physseg_listen(t.map, &listener, false));
	for (int i = 0; i < 2; i++) {
		test_state_save(&state, &t);
		ck_assert_int_eq(call(i == 0 ? PLUG : GROW), PHYSSEG_EREFUSED);
		ck_assert(test_state_unchanged(&state, &t));
		check();
	}
	ck_assert_uint_ge(decommits, 2);
	ok(physseg_unlisten(t.map, &listener));
	finish();
}
END_TEST

/* ---- the steps of the switch; boot again ---- */

START_TEST(test_in_steps)
{
	physseg_pfn_t pfn = 0;

	boot(24);
	if (test_map_capacity(&t) < 4) {
		test_skip("test_in_steps", "one segment only");
		finish();
		return;
	}
	load(100, 20); /* three of them in one granule */
	load(130, 10);
	load(150, 1);
	load(600, 300);
	ok(physseg_init_seg(t.map, physseg_find(t.map, 130, NULL), NULL));
	set(130, 10, ON);
	check();
	ok(physseg_init_seg(t.map, physseg_find(t.map, 150, NULL), NULL));
	set(150, 1, ON);
	check();
	unplug(130, 10); /* the granule stays */
	unplug(150, 1);
	load(130, 10);
	switch_map();
	ok(physseg_set_running(t.map, false));
	check();
	unplug(600, 100);
	ok(physseg_unload(t.map, physseg_find(t.map, 700, NULL), 0, &pfn));
	ck_assert_uint_eq(pfn, 700);
	set(700, 1, NONE);
	check();
	load(1000, 100);
	load(700, 1);
	check();
	switch_map();
	finish();
}
END_TEST

/* What gets no page structures after all gives its memory back. */
START_TEST(test_no_step)
{
	struct physseg_removal *open = NULL;

	boot(24);
	load(600, 300);
	ok(physseg_set_running(t.map, true));
	ok(physseg_remove_begin(t.map, 600, 300, UNPLUG, &open, NULL));
	ck_assert_int_eq(physseg_init_seg(t.map, physseg_first(t.map), NULL),
	    PHYSSEG_EREMOVING);
	check();
	ok(physseg_remove_cancel(open));
	finish();
}
END_TEST

/* ---- at random ---- */

static unsigned long done[16]; /* calls that succeeded, by what they were */
static struct physseg_removal *removal;

static bool
all(physseg_pfn_t pfn, physseg_pfn_t n, bool offline)
{
	for (; n > 0; n--, pfn++)
		if (model[pfn] == NONE ||
		    (!offline && (model[pfn] == OFF || model[pfn] == BOOT_OFF)))
			return false;
	return true;
}

static void
went_offline(physseg_pfn_t pfn, physseg_pfn_t n)
{
	for (; n > 0; n--, pfn++)
		model[pfn] = uses_memory(model[pfn]) ? OFF : BOOT_OFF;
}

static void
went_online(physseg_pfn_t pfn, physseg_pfn_t n)
{
	for (; n > 0; n--, pfn++)
		model[pfn] = uses_memory(model[pfn]) ? ON : BOOT;
}

static void
end_removal(struct test_rng *rng)
{
	struct physseg_remove_status status;

	physseg_remove_get_status(removal, &status);
	if (test_random_below(rng, 3) == 0)
		ok(physseg_remove_cancel(removal));
	else {
		leave(status.pfn, status.n);
		ok(physseg_remove_commit(removal, NULL, NULL));
		removing = false;
		if (status.how == UNPLUG)
			set(status.pfn, status.n, NONE);
		else
			went_offline(status.pfn, status.n);
		done[8]++;
	}
	removal = NULL;
}

static int
put(physseg_pfn_t pfn, physseg_pfn_t n, bool offline)
{
	const struct physseg_addition add = { .pfn = pfn,
		.n = n,
		.state = offline ? PHYSSEG_OFFLINE : PHYSSEG_ONLINE };
	const bool running = physseg_running(t.map);
	const int error = physseg_add(t.map, &add, NULL, NULL);

	if (error == PHYSSEG_OK)
		set(pfn, n,
		    running ? (offline ? OFF : ON)
			    : (offline ? BOOT_OFF : BOOT));
	return error;
}

static int
take(physseg_pfn_t pfn, physseg_pfn_t n, unsigned how)
{
	int error;

	leave(pfn, n);
	error = physseg_remove(t.map, pfn, n, how, NULL);
	removing = false;
	if (error != PHYSSEG_OK)
		return error;
	test_assert(all(pfn, n, true));
	if (how == UNPLUG)
		set(pfn, n, NONE);
	else
		went_offline(pfn, n);
	return error;
}

static int
change_phase(void)
{
	const bool running = physseg_running(t.map);
	const int error = running ? physseg_set_running(t.map, false)
				  : physseg_switch(t.map, NULL, 0);

	if (error == PHYSSEG_OK && !running)
		for (size_t f = 0; f < FRAMES; f++)
			model[f] = model[f] == BOOT ? ON
			    : model[f] == BOOT_OFF  ? OFF
						    : model[f];
	return error;
}

static int
step(struct test_rng *rng, unsigned what)
{
	physseg_pfn_t pfn = test_random_pfn(rng, FRAMES);
	physseg_pfn_t n =
	    1 + test_random_pfn(rng, test_random_below(rng, 2) == 0 ? 6 : 400);
	int error;

	if (n > FRAMES - pfn)
		n = FRAMES - pfn;
	switch (what) {
	case 0:
	case 1:
		return put(pfn, n, false);
	case 2:
		return put(pfn, n, true);
	case 3:
	case 4:
		return take(pfn, n, UNPLUG);
	case 5:
		return take(pfn, n, OFFLINE);
	case 6:
		error = physseg_online(t.map, pfn, n, NULL);
		if (error == PHYSSEG_OK)
			went_online(pfn, n);
		return error;
	case 7:
		return physseg_init_pages(
		    t.map, physseg_find(t.map, pfn, NULL), n, NULL);
	case 8:
		if (removal == NULL)
			return physseg_remove_begin(t.map, pfn, n,
			    test_random_below(rng, 2) == 0 ? UNPLUG : OFFLINE,
			    &removal, NULL);
		end_removal(rng);
		return PHYSSEG_OK;
	case 9:
		return test_random_below(rng, 8) == 0 ? change_phase()
						      : PHYSSEG_EINVAL;
	default:
		return physseg_plug_check(t.map, pfn, n, 0);
	}
}

static void
at_random(size_t page_size, bool coalesce, unsigned long steps)
{
	struct test_rng rng = { test_seed + page_size + coalesce };
	unsigned what;

	prepare(page_size);
	memset(model, 0, sizeof(model));
	removal = NULL;
	t.config.coalesce = coalesce;
	test_map_boot(&t);
	while (steps-- > 0) {
		what = (unsigned)test_random_below(&rng, 11);
		if (test_random_below(&rng, 8) == 0)
			t.host.fail_at = 1 + test_random_size(&rng, 3);
		if (test_random_below(&rng, 8) == 0)
			fail_commit = 1;
		done[what] += step(&rng, what) == PHYSSEG_OK;
		t.host.fail_at = fail_commit = 0;
		check();
	}
	finish();
}

START_TEST(test_at_random)
{
	static const size_t sizes[] = { 24, 64, 16, MOST_PAGE };
	const unsigned long steps = test_steps != 0 ? test_steps
	    : _i < 3				    ? 1500
						    : 200;

	memset(done, 0, sizeof(done));
	at_random(sizes[_i], false, steps);
	at_random(sizes[_i], true, steps);
	if (steps >= 1500 && test_has(PHYSSEG_HOTPLUG))
		for (size_t i = 0; i < 11; i++)
			ck_assert_uint_gt(done[i], 4);
	ck_assert_uint_gt(done[0] + done[1] + done[2], 0);
}
END_TEST

/* ---- memory, and a process ---- */

/* Segments of 512 frames take at most twice what they fill. */
START_TEST(test_memory)
{
	size_t used = 0;

	prepare(64);
	memset(model, 0, sizeof(model));
	test_map_boot(&t);
	load(1, 512);
	if (test_map_capacity(&t) > 1)
		load(700, 512);
	switch_map();
	for (size_t i = 0; i < ngranules; i++)
		used += committed[i];
	ck_assert_uint_le(
	    used * granule, 2 * 64 * 512 * (test_map_capacity(&t) > 1 ? 2 : 1));
	finish();
}
END_TEST

/* The vmemmap of a process. */
static void
reserve(void)
{
	ok(physseg_vmemmap_user_reserve(&t.config));
	t.host.hooks.commit = physseg_host_user()->commit;
	t.host.hooks.decommit = physseg_host_user()->decommit;
}

START_TEST(test_process)
{
	struct physseg_config *c = &t.config;
	const physseg_pfn_t frames = (physseg_pfn_t)1 << 20;
	char *page;
	int ends[2];

	test_map_init(&t, 64);
	t.host.quiet = true;
	c->frames = 0;
	ck_assert_int_eq(physseg_vmemmap_user_reserve(c), PHYSSEG_EINVAL);
	c->frames = frames;
	c->page_size = SIZE_MAX / 1024;
	ck_assert_int_eq(physseg_vmemmap_user_reserve(c), PHYSSEG_EINVAL);
	c->page_size = 0;
	ck_assert_int_eq(physseg_vmemmap_user_reserve(c), PHYSSEG_EINVAL);
	c->page_size = 64;
	reserve();
	test_map_boot(&t);
	ok(physseg_load(t.map, 0, 100, 0, 100, 0, NULL));
	ok(physseg_switch(t.map, NULL, 0));
	if (test_has(PHYSSEG_HOTPLUG)) {
		ok(physseg_plug(t.map, frames - 10000, 10000, 0, NULL));
		page = physseg_page(t.map, frames - 1);
		ck_assert_ptr_eq(
		    page, (char *)c->vmemmap + 64 * (size_t)(frames - 1));
		ok(physseg_unplug(t.map, frames - 10000, 10000));
		ck_assert_ptr_null(physseg_page(t.map, frames - 1));
		/* Who reads it now is stopped. */
		ck_assert_int_eq(pipe(ends), 0);
		ck_assert_int_eq((int)write(ends[1], page, 1), -1);
		ck_assert_int_eq(errno, EFAULT);
		ok(physseg_plug(t.map, frames - 10000, 10000, 0, NULL));
	} else
		test_skip("test_process", "the backend cannot plug");
	test_map_fini(&t);
	physseg_vmemmap_user_release(c);
}
END_TEST

/* Blocks that touch are one segment, of whatever size they and the page
 * structures are. */
START_TEST(test_blocks)
{
	const size_t size = (size_t)(_i % 4 + 1) * 16;
	const physseg_pfn_t n = (physseg_pfn_t)32 << _i / 4 * 5;
	struct physseg_config *c = &t.config;

	test_map_init(&t, size);
	c->frames = 0x140000 + 16 * n;
	c->coalesce = true;
	reserve();
	test_map_boot(&t);
	ok(physseg_load(t.map, 0, 4096, 0, 4096, 0, NULL));
	ok(physseg_switch(t.map, NULL, 0));
	for (physseg_pfn_t i = 0; i < 16 && test_has(PHYSSEG_HOTPLUG); i++) {
		ok(physseg_plug(t.map, 0x140000 + i * n, n, 0, NULL));
		ck_assert_uint_eq(segments(), 2);
		ck_assert_ptr_null(physseg_check(t.map));
	}
	if (!test_has(PHYSSEG_HOTPLUG))
		test_skip("test_blocks", "the backend cannot plug");
	test_map_fini(&t);
	physseg_vmemmap_user_release(c);
}
END_TEST

#ifdef TEST_URCU
static void
number_page(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	memcpy(page, &pfn, sizeof(pfn));
}

static physseg_pfn_t
number_of(void *ctx, const void *page)
{
	physseg_pfn_t pfn;

	(void)ctx;
	memcpy(&pfn, page, sizeof(pfn));
	return pfn;
}

/* The host with liburcu has every hook of a process, these as well. */
START_TEST(test_urcu)
{
	enum { HOOKS = sizeof(struct physseg_host) / sizeof(void (*)(void)) };
	void (*process[HOOKS])(void), (*hooks[HOOKS])(void);
	struct physseg_host host = *physseg_host_urcu();
	struct physseg_urcu urcu;
	struct physseg_config config = { .host = &host,
		.ctx = &urcu,
		.backend = test_backend,
		.page_size = 64,
		.frames = 5000 };
	struct physseg_map *map;

	memcpy(process, physseg_host_user(), sizeof(process));
	memcpy(hooks, &host, sizeof(hooks));
	for (size_t i = 0; i < HOOKS; i++)
		ck_assert(process[i] == NULL || hooks[i] != NULL);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_urcu", "the backend cannot plug");
		return;
	}
	host.page_init = number_page;
	host.page_frame = number_of;
	ok(physseg_vmemmap_user_reserve(&config));
	ok(physseg_urcu_init(&urcu));
	ok(physseg_create(&map, &config, NULL, 0));
	ok(physseg_plug(map, 100, 4900, 0, NULL));
	ck_assert_uint_eq(number_of(NULL, physseg_page(map, 4999)), 4999);
	ck_assert_ptr_null(physseg_check(map));
	physseg_destroy(map);
	physseg_urcu_destroy(&urcu);
	physseg_vmemmap_user_release(&config);
}
END_TEST
#endif

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_vmemmap");
	TCase *tc = tcase_create("vmemmap");

	tcase_set_timeout(tc, 600);
	tcase_add_test(tc, test_addresses);
	tcase_add_test(tc, test_plugged);
	tcase_add_test(tc, test_bound);
	tcase_add_test(tc, test_inside_granule);
	tcase_add_test(tc, test_configurations);
	tcase_add_test(tc, test_largest_bound);
	tcase_add_test(tc, test_other_sources);
	tcase_add_loop_test(tc, test_joins, 0, 3);
	tcase_add_test(tc, test_no_growth);
	tcase_add_loop_test(tc, test_check, 0, 2);
	tcase_add_loop_test(tc, test_failures, 0, CALLS);
	tcase_add_test(tc, test_refused);
	tcase_add_test(tc, test_in_steps);
	tcase_add_test(tc, test_no_step);
	tcase_add_loop_test(tc, test_at_random, 0, 4);
	tcase_add_test(tc, test_memory);
	tcase_add_test(tc, test_process);
	tcase_add_loop_test(tc, test_blocks, 0, 12);
#ifdef TEST_URCU
	tcase_add_test(tc, test_urcu);
#endif
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
