/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_trace.c -- the hook `trace' is told every call that
 * changes a map, once, with its arguments and its outcome; and a call as a
 * line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>
#include <physseg/memmap.h>
#include <physseg/trace.h>

#include "support.h"

#define PAGE 24

static struct test_map t;
static struct physseg_call call; /* the last one */
static char line[PHYSSEG_CALL_LINE];
static unsigned ntold;
static bool seen[PHYSSEG_NCALLS];
static bool looks; /* from inside the hook */

static void
trace(void *ctx, const struct physseg_call *told)
{
	physseg_pfn_t offset;

	ck_assert_ptr_eq(ctx, &t.host);
	call = *told;
	ck_assert_uint_lt(
	    physseg_strcall(told, line, sizeof(line)), sizeof(line));
	seen[told->id] = true;
	ntold++;
	if (looks)
		ck_assert_ptr_ne(
		    physseg_find(told->map, 0x100, &offset), PHYSSEG_NONE);
}

/* The last call is told so, up to the map's address; and it alone. */
static void
check_told(const char *expect)
{
	char end[40];

	ck_assert_uint_eq(ntold, 1);
	ntold = 0;
	snprintf(end, sizeof(end), " @0x%llx",
	    (unsigned long long)(uintptr_t)call.map);
	ck_assert_uint_gt(strlen(line), strlen(end));
	ck_assert_str_eq(line + strlen(line) - strlen(end), end);
	line[strlen(line) - strlen(end)] = '\0';
	ck_assert_str_eq(line, expect);
	if (call.id != PHYSSEG_CALL_CREATE && call.id != PHYSSEG_CALL_DESTROY)
		ck_assert_ptr_eq(call.map, t.map);
}

#define told(call_, error, ...)                                  \
	do {                                                     \
		char expect_[PHYSSEG_CALL_LINE];                 \
		ck_assert_int_eq((call_), error);                \
		snprintf(expect_, sizeof(expect_), __VA_ARGS__); \
		check_told(expect_);                             \
	} while (0)

#define NUMBER(p) ((unsigned long long)(uintptr_t)(p))

static void
map_init(void)
{
	test_map_init(&t, PAGE);
	t.host.hooks.trace = trace;
	test_host_allocator(&t.host.hooks);
	test_host_busy = PHYSSEG_NOFRAME;
	test_host_code = 0;
	ntold = 0;
	looks = false;
}

static void
map_fini(void)
{
	ntold = 0;
	test_map_fini(&t);
	ck_assert_uint_eq(ntold, 1);
	ck_assert_int_eq(call.id, PHYSSEG_CALL_DESTROY);
	test_host_busy = PHYSSEG_NOFRAME;
}

static physseg_t
at(physseg_pfn_t pfn)
{
	return physseg_find(t.map, pfn, NULL);
}

/* ---- the boot ---- */

START_TEST(test_create)
{
	const bool bounded = test_backend->bounded;
	char expect[PHYSSEG_CALL_LINE];
	size_t most = test_backend->max_segments;

	map_init();
	t.config.capacity = 20;
	t.config.boot_records = 30;
	t.config.boot_slabs = 3;
	t.config.frames = 0x10000;
	t.config.may_empty = t.config.coalesce = true;
	test_map_boot(&t);
	if (most == 0 || most > 20)
		most = 20;
	snprintf(expect, sizeof(expect),
	    "create backend=%s boot=1 page_size=0x18 data_size=%d capacity=%s "
	    "boot_records=%s boot_slabs=3 frames=0x10000 freelists=4 "
	    "may_empty=1 coalesce=1 block=1 frame_size=0x1000 hooks=1 : OK | "
	    "0 0 0 0",
	    test_backend->name, (int)sizeof(void *), most == 1 ? "1" : "0x14",
	    !bounded	    ? "0x1e"
		: most == 1 ? "1"
			    : "0x14");
	check_told(expect);
	map_fini();
}
END_TEST

/* A failure makes no map, and nothing is told. */
START_TEST(test_create_fails)
{
	struct physseg_map *map;

	map_init();
	t.config.freelists = -1;
	ck_assert_int_eq(
	    physseg_create(&map, &t.config, NULL, 0), PHYSSEG_EINVAL);
	ck_assert_uint_eq(ntold, 0);
	test_host_fini(&t.host);
}
END_TEST

static void
check_boot(void)
{
	physseg_pfn_t pfn = 0;

	map_init();
	test_map_boot(&t);
	ntold = 0;
	told(physseg_load(t.map, 0x100, 0x200, 0x110, 0x1f0, 1, NULL),
	    PHYSSEG_OK,
	    "load start=0x100 end=0x200 avail_start=0x110 avail_end=0x1f0 "
	    "free_list=1 : OK segment=0x100 | 1 0x100 0x100 0");
	told(physseg_load(t.map, 0x100, 0x200, 0x90, 0x200, -2, NULL),
	    PHYSSEG_EINVAL,
	    "load start=0x100 end=0x200 avail_start=0x90 avail_end=0x200 "
	    "free_list=0xfffffffffffffffe : EINVAL | 1 0x100 0x100 0");
	told(physseg_set_avail(t.map, at(0x1ff), 0x100, 0x200), PHYSSEG_OK,
	    "set_avail segment=0x100 avail_start=0x100 avail_end=0x200 : OK | "
	    "1 0x100 0x100 0");
	told(physseg_set_avail(t.map, PHYSSEG_NONE, 0x100, 0x200),
	    PHYSSEG_ENOENT,
	    "set_avail segment=none avail_start=0x100 avail_end=0x200 : "
	    "ENOENT | 1 0x100 0x100 0");
	told(physseg_unload(t.map, at(0x100), 1, &pfn), PHYSSEG_OK,
	    "unload segment=0x100 free_list=1 : OK pfn=0x100 | 1 0xff 0xff 0");
	told(physseg_unload_force(t.map, at(0x101), 0, &pfn), PHYSSEG_EINVAL,
	    "unload_force segment=0x101 : EINVAL | 1 0xff 0xff 0");
	told(physseg_unload_force(t.map, at(0x101), 1, &pfn), PHYSSEG_OK,
	    "unload_force segment=0x101 free_list=1 : OK pfn=0x101 | 1 0xfe "
	    "0xfe 0");
	told(physseg_steal(t.map, &pfn), PHYSSEG_OK,
	    "steal : OK pfn=0x102 | 1 0xfd 0xfd 0");
	told(physseg_set_start_hint(t.map, at(0x103), 17), PHYSSEG_OK,
	    "set_start_hint segment=0x103 hint=0x11 : OK | 1 0xfd 0xfd 0");
	told(physseg_build(t.map), PHYSSEG_EPHASE,
	    "build : EPHASE | 1 0xfd 0xfd 0");
	map_fini();
}

START_TEST(test_boot)
{
	check_boot();
}
END_TEST

static void
check_switch(void)
{
	char *pages = calloc(0x200, PAGE);
	void *part = NULL;

	map_init();
	test_map_boot(&t);
	ck_assert_int_eq(
	    physseg_load(t.map, 0x100, 0x200, 0x110, 0x200, 0, NULL), 0);
	ntold = 0;
	told(physseg_chomp_slab(t.map, at(0x100), pages, 0x200), PHYSSEG_OK,
	    "chomp_slab segment=0x100 pages=0x%llx npages=0x200 : OK | 1 "
	    "0x100 0x100 0",
	    NUMBER(pages));
	told(physseg_alloc_from_slab(t.map, at(0x100), 0x100, &part),
	    PHYSSEG_OK,
	    "alloc_from_slab segment=0x100 n=0x100 : OK pages=0x%llx | 1 "
	    "0x100 0x100 0",
	    NUMBER(part));
	told(physseg_init_seg(t.map, at(0x100), part), PHYSSEG_OK,
	    "init_seg segment=0x100 pages=0x%llx : OK | 1 0x100 0x100 0xf0",
	    NUMBER(part));
	told(physseg_switch(t.map, NULL, 1), PHYSSEG_EINVAL,
	    "switch npages=1 : EINVAL | 1 0x100 0x100 0xf0");
	told(physseg_set_running(t.map, true), PHYSSEG_OK,
	    "set_running running=1 : OK | 1 0x100 0x100 0xf0");
	ck_assert_int_eq(physseg_set_running(t.map, true), PHYSSEG_OK);
	ck_assert_uint_eq(ntold, 0); /* it did nothing */
	told(physseg_build(t.map), PHYSSEG_OK,
	    "build : OK | 1 0x100 0x100 0xf0");
	told(physseg_set_running(t.map, false), PHYSSEG_OK,
	    "set_running : OK | 1 0x100 0x100 0xf0");
	map_fini();
	free(pages);
}

START_TEST(test_switch)
{
	check_switch();
}
END_TEST

/* A memory map is an `add' for each of its segments. */
START_TEST(test_memmap)
{
	struct physseg_memmap_entry entries[8];
	struct physseg_memmap memmap;

	map_init();
	test_map_boot(&t);
	physseg_memmap_init(&memmap, entries, 8);
	ck_assert_int_eq(physseg_memmap_add(&memmap, 0x100000, 0x100000,
			     PHYSSEG_KIND_RAM, PHYSSEG_NONODE, 0, NULL),
	    PHYSSEG_OK);
	ntold = 0;
	told(physseg_memmap_load(&memmap, NULL, t.map, NULL), PHYSSEG_OK,
	    "add pfn=0x100 n=0x100 : OK segment=0x100 | 1 0x100 0x100 0");
	ck_assert_int_ne(
	    physseg_memmap_load(&memmap, NULL, t.map, NULL), PHYSSEG_OK);
	ck_assert_uint_eq(ntold, 0); /* it changed nothing */
	map_fini();
}
END_TEST

/* ---- memory in use ---- */

static bool
run(void)
{
	if (!test_has(PHYSSEG_HOTPLUG))
		return false;
	map_init();
	t.config.data_size = 4;
	test_map_run(&t);
	ntold = 0;
	told(physseg_plug(t.map, 0x100, 0x100, 2, NULL), PHYSSEG_OK,
	    "plug pfn=0x100 n=0x100 free_list=2 : OK segment=0x100 | 1 0x100 "
	    "0x100 0x100");
	return true;
}

static void
check_plug(void)
{
	static const unsigned char data[4] = { 1, 2, 3, 4 }, zero[4];
	struct physseg_addition add = { .pfn = 0x300,
		.n = 0x40,
		.reserved_low = 1,
		.reserved_high = 2,
		.free_list = 3,
		.node = 4,
		.kind = PHYSSEG_KIND_OWN,
		.state = PHYSSEG_OFFLINE,
		.data = data };
	char *pages;
	uint64_t sum;

	if (!run())
		return;
	told(physseg_plug_check(t.map, 0x1ff, 2, 0), PHYSSEG_EOVERLAP,
	    "plug_check pfn=0x1ff n=2 : EOVERLAP | 1 0x100 0x100 0x100");
	told(physseg_plug(t.map, 0x1ff, 2, 0, NULL), PHYSSEG_EOVERLAP,
	    "plug pfn=0x1ff n=2 : EOVERLAP | 1 0x100 0x100 0x100");
	ck_assert_int_eq(physseg_add(t.map, &add, NULL, NULL), PHYSSEG_OK);
	sum = call.arg[10];
	ck_assert_uint_ne(sum, 0);
	told(PHYSSEG_OK, PHYSSEG_OK,
	    "add pfn=0x300 n=0x40 reserved_low=1 reserved_high=2 free_list=3 "
	    "node=4 kind=0x40 state=1 data=0x%llx : OK segment=0x300 | 2 "
	    "0x140 0x100 0x100",
	    (unsigned long long)sum);
	add = (struct physseg_addition){ .pfn = 0x400, .n = 1, .data = zero };
	told(physseg_add(t.map, &add, NULL, NULL), PHYSSEG_OK,
	    "add pfn=0x400 n=1 : OK segment=0x400 | 3 0x141 0x101 0x101");
	pages = calloc(2, PAGE);
	add = (struct physseg_addition){ .pfn = 0x500,
		.n = 2,
		.source = PHYSSEG_FROM_CALLER,
		.pages = pages };
	told(physseg_add(t.map, &add, NULL, NULL), PHYSSEG_OK,
	    "add pfn=0x500 n=2 source=1 pages=0x%llx : OK segment=0x500 | 4 "
	    "0x143 0x103 0x103",
	    NUMBER(pages));
	told(physseg_unplug(t.map, 0x500, 2), PHYSSEG_OK,
	    "unplug pfn=0x500 n=2 : OK | 3 0x141 0x101 0x101");
	map_fini();
	free(pages);
}

START_TEST(test_plug)
{
	check_plug();
}
END_TEST

static void
check_states(void)
{
	physseg_pfn_t done = 0;

	if (!run())
		return;
	told(physseg_remove(t.map, 0x140, 0x40, PHYSSEG_REMOVE_OFFLINE, NULL),
	    PHYSSEG_OK, "remove pfn=0x140 n=0x40 : OK | 3 0x100 0xc0 0xc0");
	told(physseg_init_pages(t.map, at(0x140), 16, &done), PHYSSEG_OK,
	    "init_pages segment=0x140 max=0x10 : OK done=0x10 | 0 0 0 0");
	told(physseg_init_pages(t.map, at(0x100), 16, &done), PHYSSEG_ESTATE,
	    "init_pages segment=0x100 max=0x10 : ESTATE | 0 0 0 0");
	told(physseg_init_pages(t.map, PHYSSEG_NONE, 16, &done), PHYSSEG_ENOENT,
	    "init_pages segment=none max=0x10 : ENOENT | 0 0 0 0");
	told(physseg_online(t.map, 0x140, 0x40, NULL), PHYSSEG_OK,
	    "online pfn=0x140 n=0x40 : OK | 3 0x100 0x100 0x100");
	told(physseg_online(t.map, 0x200, 1, NULL), PHYSSEG_ENOENT,
	    "online pfn=0x200 n=1 : ENOENT | 3 0x100 0x100 0x100");
	map_fini();
}

START_TEST(test_states)
{
	check_states();
}
END_TEST

static void
check_removals(void)
{
	struct physseg_removal *removal;

	if (!run())
		return;
	told(physseg_remove_begin(
		 t.map, 0x180, 0x40, PHYSSEG_REMOVE_UNPLUG, &removal, NULL),
	    PHYSSEG_OK,
	    "remove_begin pfn=0x180 n=0x40 how=1 : OK | 1 0x100 0x100 0x100");
	told(physseg_unplug(t.map, 0x180, 1), PHYSSEG_EREMOVING,
	    "unplug pfn=0x180 n=1 : EREMOVING | 1 0x100 0x100 0x100");
	test_host_busy = 0x190;
	told(physseg_remove_commit(removal, NULL, NULL), PHYSSEG_EINUSE,
	    "remove_commit pfn=0x180 n=0x40 : EINUSE | 1 0x100 0x100 0x100");
	told(physseg_remove_cancel(removal), PHYSSEG_OK,
	    "remove_cancel pfn=0x180 n=0x40 : OK | 1 0x100 0x100 0x100");
	test_host_busy = PHYSSEG_NOFRAME;
	ck_assert_int_eq(physseg_remove_begin(t.map, 0x180, 0x40,
			     PHYSSEG_REMOVE_UNPLUG, &removal, NULL),
	    PHYSSEG_OK);
	ntold = 0;
	told(physseg_remove_commit(removal, NULL, NULL), PHYSSEG_OK,
	    "remove_commit pfn=0x180 n=0x40 : OK | 2 0xc0 0xc0 0xc0");
	map_fini();
}

START_TEST(test_removals)
{
	check_removals();
}
END_TEST

/* ---- who else is told ---- */

static int inner; /* what a call from inside a listener returned */

static int
notify(struct physseg_listener *listener, const struct physseg_change *change)
{
	unsigned before = ntold;

	(void)listener;
	if (change->event != PHYSSEG_NOW_ONLINE)
		return 0;
	inner = physseg_unplug(t.map, 0x100, 1);
	ck_assert_uint_eq(ntold, before);
	ck_assert_int_eq(
	    physseg_set_start_hint(t.map, at(0x100), 3), PHYSSEG_OK);
	ck_assert_uint_eq(ntold, before + 1);
	check_told("inside set_start_hint segment=0x100 hint=3 : OK | 2 0x102 "
		   "0x102 0x102");
	return 0;
}

static void
check_listeners(void)
{
	struct physseg_listener listener = { .notify = notify, .priority = -2 };

	if (!run())
		return;
	told(physseg_listen(t.map, &listener, false), PHYSSEG_OK,
	    "listen listener=0x%llx priority=0xfffffffffffffffe : OK | 1 "
	    "0x100 0x100 0x100",
	    NUMBER(&listener));
	told(physseg_listen(t.map, &listener, true), PHYSSEG_EINVAL,
	    "listen listener=0x%llx priority=0xfffffffffffffffe replay=1 : "
	    "EINVAL | 1 0x100 0x100 0x100",
	    NUMBER(&listener));
	looks = true;
	told(physseg_plug(t.map, 0x200, 2, 0, NULL), PHYSSEG_OK,
	    "plug pfn=0x200 n=2 : OK segment=0x200 | 2 0x102 0x102 0x102");
	ck_assert_int_eq(inner, PHYSSEG_EBUSY);
	told(physseg_unlisten(t.map, &listener), PHYSSEG_OK,
	    "unlisten listener=0x%llx : OK | 2 0x102 0x102 0x102",
	    NUMBER(&listener));
	told(physseg_unlisten(t.map, &listener), PHYSSEG_ENOENT,
	    "unlisten listener=0x%llx : ENOENT | 2 0x102 0x102 0x102",
	    NUMBER(&listener));
	map_fini();
}

START_TEST(test_listeners)
{
	check_listeners();
}
END_TEST

START_TEST(test_reads_are_not)
{
	struct physseg_stats stats;
	struct physseg_info info;
	struct physseg_found found;
	physseg_t handle;

	if (!run())
		return;
	ck_assert_ptr_ne(handle = at(0x100), PHYSSEG_NONE);
	ck_assert_ptr_ne(physseg_page(t.map, 0x100), NULL);
	ck_assert(physseg_lookup(t.map, 0x100, &found));
	ck_assert(physseg_covers(t.map, 0x100, 2, true, NULL));
	ck_assert_int_eq(physseg_get_info(t.map, handle, &info), 0);
	ck_assert_int_eq((int)info.start, 0x100);
	physseg_get_stats(t.map, &stats);
	ck_assert_ptr_eq(physseg_first(t.map), handle);
	ck_assert_ptr_eq(physseg_check(t.map), NULL);
	ck_assert_uint_eq(ntold, 0);
	map_fini();
}
END_TEST

/* Every call of the table is told by one of the tests above. */
START_TEST(test_all)
{
	int id;

	if (!test_has(PHYSSEG_HOTPLUG))
		return;
	check_boot();
	check_switch();
	check_plug();
	check_states();
	check_removals();
	check_listeners();
	ck_assert(run());
	ck_assert_int_eq(
	    physseg_remove(t.map, 0x100, 1, PHYSSEG_REMOVE_UNPLUG, NULL), 0);
	map_fini();
	for (id = PHYSSEG_CALL_CREATE; id < PHYSSEG_NCALLS; id++)
		if (!seen[id])
			ck_abort_msg("call %d was never told", id);
}
END_TEST

/* ---- a line ---- */

/* The longest that there can be fits. */
START_TEST(test_longest)
{
	struct physseg_call longest;
	char cut[8];
	size_t length, i;
	int id;

	map_init();
	test_map_boot(&t);
	for (id = 0; id < PHYSSEG_NCALLS; id++) {
		longest = call;
		longest.id = (enum physseg_call_id)id;
		longest.backend = id == PHYSSEG_CALL_CREATE
		    ? "a-name-of-thirty-two-characters-"
		    : NULL;
		longest.error = PHYSSEG_OK;
		for (i = 0; i < PHYSSEG_CALL_ARGS; i++)
			longest.arg[i] = UINT64_MAX - 1;
		longest.result = longest.segments = longest.frames =
		    longest.online = longest.counted = UINT64_MAX - 1;
		length = physseg_strcall(&longest, line, sizeof(line));
		ck_assert_uint_lt(length + 32, PHYSSEG_CALL_LINE);
		ck_assert_uint_eq(strlen(line), length);
		memset(cut, 'x', sizeof(cut));
		ck_assert_uint_eq(physseg_strcall(&longest, cut, 5), length);
		ck_assert_int_eq(strncmp(cut, line, 4), 0);
		ck_assert_int_eq(cut[4], '\0');
		ck_assert_int_eq(cut[5], 'x');
		ck_assert_uint_eq(physseg_strcall(&longest, NULL, 0), length);
	}
	map_fini();
}
END_TEST

/* A copy of a call can be written when its map is gone, and a call of a later
 * release, too. */
START_TEST(test_copy)
{
	struct physseg_call create;
	char then[PHYSSEG_CALL_LINE];

	map_init();
	test_map_boot(&t);
	create = call;
	ck_assert_int_eq(create.id, PHYSSEG_CALL_CREATE);
	memcpy(then, line, sizeof(then));
	map_fini();
	(void)physseg_strcall(&create, line, sizeof(line));
	ck_assert_str_eq(line, then);
	create.map = NULL;
	create.error = PHYSSEG_NERRORS;
	(void)physseg_strcall(&create, line, sizeof(line));
	snprintf(then, sizeof(then), " : 0x%x | ", (unsigned)PHYSSEG_NERRORS);
	ck_assert_ptr_nonnull(strstr(line, then));
	create.segments = 9; /* the last that can be read in one way only */
	create.frames = 10;
	create.online = create.counted = 0;
	(void)physseg_strcall(&create, line, sizeof(line));
	ck_assert_ptr_nonnull(strstr(line, " | 9 0xa 0 0 @"));
	create.error = -1;
	create.id = (enum physseg_call_id)PHYSSEG_NCALLS;
	(void)physseg_strcall(&create, line, sizeof(line));
	ck_assert_int_eq(strncmp(line, "none ", 5), 0);
	ck_assert_ptr_nonnull(strstr(line, " : 0xffffffff"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_trace");
	TCase *tc = tcase_create("trace");

	tcase_add_test(tc, test_create);
	tcase_add_test(tc, test_create_fails);
	tcase_add_test(tc, test_boot);
	tcase_add_test(tc, test_switch);
	tcase_add_test(tc, test_memmap);
	tcase_add_test(tc, test_plug);
	tcase_add_test(tc, test_states);
	tcase_add_test(tc, test_removals);
	tcase_add_test(tc, test_listeners);
	tcase_add_test(tc, test_reads_are_not);
	tcase_add_test(tc, test_all);
	tcase_add_test(tc, test_longest);
	tcase_add_test(tc, test_copy);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
