/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/threads/t_physseg_lock.c -- the host's lock: which calls take it, that
 * the other hooks are called with it held, that its holder may call into the
 * map, and that with it two threads change a map.
 */
#define _XOPEN_SOURCE 700

#include <pthread.h>
#include <stdlib.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#define PAGE 24

static struct test_map t;
static struct physseg_host inner; /* the counting host's hooks */
static unsigned long locks;
static unsigned depth, deepest;
static unsigned long outside; /* hooks called without the lock */

/* ---- a host with a lock that counts ---- */

static void
lock(void *ctx)
{
	ck_assert_ptr_eq(ctx, &t.host);
	locks++;
	depth++;
	deepest = depth > deepest ? depth : deepest;
}

static void
unlock(void *ctx)
{
	ck_assert_ptr_eq(ctx, &t.host);
	ck_assert_uint_gt(depth, 0);
	depth--;
}

static void *
locked_alloc(void *ctx, size_t size)
{
	outside += depth == 0;
	return inner.alloc(ctx, size);
}

static void
locked_free(void *ctx, void *p, size_t size)
{
	outside += depth == 0;
	inner.free(ctx, p, size);
}

static void
watch(struct test_host *host, const struct test_call *call)
{
	(void)host;
	(void)call;
	outside += depth == 0;
}

static void
nothing(void *ctx)
{
	(void)ctx;
}

static void
begin(size_t page_size, bool sync)
{
	test_map_init(&t, page_size);
	inner = t.host.hooks;
	t.host.hooks.lock = lock;
	t.host.hooks.unlock = unlock;
	t.host.hooks.sync = sync ? nothing : NULL;
	t.host.hooks.alloc = locked_alloc;
	t.host.hooks.free = locked_free;
	t.host.watch = watch;
	locks = outside = depth = 0;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 100, 200, 100, 200, 0, NULL), 0);
}

/* ---- which calls take it ---- */

enum kind { LOOKUP, WALK, CHANGE };

static physseg_t handle;
static void *page;
static struct test_page stranger; /* of no map */
static struct physseg_info info;
static struct physseg_stats stats;

static void
emit(void *arg, const char *text, size_t length)
{
	(void)arg;
	(void)text;
	(void)length;
}

static const struct physseg_addition addition = { .pfn = 600, .n = 8 };
static const physseg_pfn_t three[] = { 150, 1, 151 };
static void *pages[3];

#define CALL(name, call)       \
	static void name(void) \
	{                      \
		(void)call;    \
	}

CALL(do_find, physseg_find(t.map, 150, NULL))
CALL(do_find_none, physseg_find(t.map, 1, NULL))
CALL(do_page, physseg_page(t.map, 150))
CALL(do_pages, (physseg_pages(t.map, three, 3, pages), 0))
CALL(do_frame, physseg_frame(t.map, page))
CALL(do_valid, physseg_valid(t.map, handle))
CALL(do_first, physseg_first(t.map))
CALL(do_last, physseg_last(t.map))
CALL(do_next, physseg_next(t.map, handle))
CALL(do_prev, physseg_prev(t.map, handle))
CALL(do_from, physseg_from(t.map, 0))
CALL(do_highest, physseg_highest_frame(t.map))
CALL(do_info, physseg_get_info(t.map, handle, &info))
CALL(do_info_none, physseg_get_info(t.map, PHYSSEG_NONE, &info))
CALL(do_stats, (physseg_get_stats(t.map, &stats), 0))
CALL(do_check, physseg_check(t.map))
CALL(do_json, physseg_dump(t.map, PHYSSEG_DUMP_JSON, emit, NULL))
CALL(do_table, physseg_dump(t.map, PHYSSEG_DUMP_TABLE, emit, NULL))
CALL(do_hint, physseg_set_start_hint(t.map, handle, 1))
CALL(do_load, physseg_load(t.map, 300, 310, 300, 310, 0, NULL))
CALL(do_steal, physseg_steal(t.map, &info.start))
CALL(do_unload, physseg_unload(t.map, handle, 0, &info.start))
CALL(do_avail, physseg_set_avail(t.map, handle, 110, 190))
CALL(do_plug, physseg_plug(t.map, 400, 8, 0, NULL))
CALL(do_plug_refused, physseg_plug(t.map, 150, 8, 0, NULL))
CALL(do_plug_check, physseg_plug_check(t.map, 500, 8, 0))
CALL(do_unplug, physseg_unplug(t.map, 100, 1))
CALL(do_unplug_refused, physseg_unplug(t.map, 1, 1))
CALL(do_split, physseg_unplug(t.map, 150, 1))
CALL(do_add, physseg_add(t.map, &addition, NULL, NULL))
CALL(do_offline, physseg_remove(t.map, 150, 8, PHYSSEG_REMOVE_OFFLINE, NULL))
CALL(do_online, physseg_online(t.map, 150, 8, NULL))
CALL(do_build, physseg_build(t.map))

static const struct call {
	const char *name;
	void (*fn)(void);
	enum kind kind;
} calls[] = {
	{ "find", do_find, LOOKUP },
	{ "find, none", do_find_none, LOOKUP },
	{ "page", do_page, LOOKUP },
	{ "pages", do_pages, LOOKUP },
	{ "frame", do_frame, LOOKUP },
	{ "valid", do_valid, LOOKUP },
	{ "first", do_first, WALK },
	{ "last", do_last, WALK },
	{ "next", do_next, WALK },
	{ "prev", do_prev, WALK },
	{ "from", do_from, WALK },
	{ "highest_frame", do_highest, WALK },
	{ "get_info", do_info, WALK },
	{ "get_info, none", do_info_none, WALK },
	{ "get_stats", do_stats, WALK },
	{ "check", do_check, WALK },
	{ "dump, JSON", do_json, WALK },
	{ "dump, table", do_table, WALK },
	{ "set_start_hint", do_hint, CHANGE },
	{ "load", do_load, CHANGE },
	{ "steal", do_steal, CHANGE },
	{ "unload", do_unload, CHANGE },
	{ "set_avail", do_avail, CHANGE },
	{ "plug", do_plug, CHANGE },
	{ "plug, refused", do_plug_refused, CHANGE },
	{ "plug_check", do_plug_check, CHANGE },
	{ "unplug", do_unplug, CHANGE },
	{ "unplug, refused", do_unplug_refused, CHANGE },
	{ "unplug, middle", do_split, CHANGE },
	{ "add", do_add, CHANGE },
	{ "remove", do_offline, CHANGE },
	{ "online", do_online, CHANGE },
	{ "build", do_build, CHANGE },
};

#define NCALLS (sizeof(calls) / sizeof(calls[0]))

/* A lookup goes without on a backend that lets it, if somebody waits for it. */
static void
try_call(const struct call *call, bool running, bool sync)
{
	const bool free =
	    call->kind == LOOKUP && sync && test_has(PHYSSEG_LOCKFREE);

	begin(PAGE, sync);
	if (running)
		test_map_switch(&t, 50);
	handle = physseg_find(t.map, 150, NULL);
	page = physseg_page(t.map, 150);
	if (page == NULL)
		page = &stranger;
	locks = outside = deepest = 0;
	call->fn();
	ck_assert_msg(free ? locks == 0 : locks > 0, "%s: locked %lu times",
	    call->name, locks);
	ck_assert_msg(depth == 0, "%s: still locked", call->name);
	ck_assert_msg(deepest <= 1, "%s: locked twice", call->name);
	ck_assert_msg(outside == 0, "%s: %lu hooks without the lock",
	    call->name, outside);
	t.host.watch = NULL;
	test_map_fini(&t);
}

START_TEST(test_calls)
{
	for (int i = 0; i < 4; i++)
		try_call(&calls[_i], i % 2 != 0, i / 2 != 0);
}
END_TEST

/* The switch itself. */
START_TEST(test_switch)
{
	begin(PAGE, true);
	locks = 0;
	test_map_switch(&t, 50);
	ck_assert_uint_gt(locks, 0);
	ck_assert_uint_eq(depth, 0);
	ck_assert_uint_eq(outside, 0);
	ck_assert_uint_eq(test_log_count(&t.host, TEST_INIT), 100);
	test_map_fini(&t);
}
END_TEST

/* ---- from inside a hook ---- */

static unsigned inside;

static void
call_in(struct test_host *host, const struct test_call *call)
{
	(void)call;
	host->watch = NULL; /* once */
	inside++;
	ck_assert_uint_eq(depth, 1);
	ck_assert_int_eq(physseg_plug(t.map, 900, 1, 0, NULL), PHYSSEG_EBUSY);
	ck_assert_int_eq(physseg_plug_check(t.map, 900, 1, 0), PHYSSEG_EBUSY);
	ck_assert_int_eq(physseg_unplug(t.map, 150, 1), PHYSSEG_EBUSY);
	ck_assert_uint_eq(depth, 1);
	ck_assert_ptr_ne(physseg_find(t.map, 150, NULL), PHYSSEG_NONE);
	ck_assert_ptr_eq(physseg_find(t.map, 900, NULL), PHYSSEG_NONE);
	ck_assert_int_eq(
	    physseg_get_info(t.map, physseg_first(t.map), &info), 0);
	ck_assert_int_eq(
	    physseg_set_start_hint(t.map, physseg_first(t.map), 3), 0);
	ck_assert_uint_eq(depth, 1);
}

START_TEST(test_inside)
{
	begin(PAGE, true);
	test_map_switch(&t, 50);
	inside = 0;
	t.host.watch = call_in;
	ck_assert_int_eq(physseg_unplug(t.map, 199, 1), 0);
	if (test_has(PHYSSEG_HOTPLUG)) {
		t.host.watch = call_in;
		ck_assert_int_eq(physseg_plug(t.map, 400, 8, 0, NULL), 0);
	}
	ck_assert_uint_eq(inside, test_has(PHYSSEG_HOTPLUG) ? 2 : 1);
	ck_assert_uint_eq(depth, 0);
	test_map_fini(&t);
}
END_TEST

/* ---- configurations ---- */

START_TEST(test_both_or_neither)
{
	struct physseg_map *map = NULL;

	test_map_init(&t, 0);
	t.host.hooks.lock = nothing;
	ck_assert_uint_eq(physseg_storage_size(&t.config), 0);
	ck_assert_int_eq(
	    physseg_create(&map, &t.config, NULL, 0), PHYSSEG_EINVAL);
	t.host.hooks.lock = NULL;
	t.host.hooks.unlock = nothing;
	ck_assert_uint_eq(physseg_storage_size(&t.config), 0);
	ck_assert_ptr_null(map);
	t.host.hooks.lock = nothing;
	ck_assert_uint_ne(physseg_storage_size(&t.config), 0);
	test_host_fini(&t.host);
}
END_TEST

/* ---- two threads change a map ---- */

#define ROUNDS 2000

static pthread_mutex_t mutex;

static void
real_lock(void *ctx)
{
	(void)ctx;
	pthread_mutex_lock(&mutex);
}

static void
real_unlock(void *ctx)
{
	(void)ctx;
	pthread_mutex_unlock(&mutex);
}

/* Frames of its own, at boot, where every backend can. */
static void *
change_on(void *arg)
{
	const physseg_pfn_t *base = arg;
	unsigned long *failed = calloc(1, sizeof(*failed));

	for (int i = 0; i < ROUNDS; i++) {
		*failed += physseg_plug(t.map, *base, 8, 0, NULL) != 0;
		*failed += physseg_find(t.map, *base + 7, NULL) == PHYSSEG_NONE;
		*failed += physseg_unplug(t.map, *base, 8) != 0;
	}
	return failed;
}

START_TEST(test_two_writers)
{
	static physseg_pfn_t bases[] = { 1000, 2000 };
	pthread_mutexattr_t attributes;
	pthread_t threads[2];
	void *failed;

	test_map_init(&t, 0);
	if (test_map_capacity(&t) < 3) {
		test_skip("test_two_writers", "one segment");
		return;
	}
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&mutex, &attributes);
	t.host.hooks.lock = real_lock;
	t.host.hooks.unlock = real_unlock;
	t.host.quiet = true;
	t.config.boot_records = 4 * ROUNDS; /* freed at boot: used up */
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 0, 10, 0, 10, 0, NULL), 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, change_on, &bases[i]), 0);
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_uint_eq(*(unsigned long *)failed, 0);
		free(failed);
	}
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.segments, 1);
	ck_assert_uint_eq(stats.frames, 10);
	test_map_fini(&t);
	pthread_mutex_destroy(&mutex);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_lock");
	TCase *tc = tcase_create("lock");

	tcase_add_loop_test(tc, test_calls, 0, (int)NCALLS);
	tcase_add_test(tc, test_switch);
	tcase_add_test(tc, test_inside);
	tcase_add_test(tc, test_both_or_neither);
	tcase_add_test(tc, test_two_writers);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
