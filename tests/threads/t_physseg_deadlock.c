/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/threads/t_physseg_deadlock.c -- a reader that looks something up inside
 * a read-side section, at any moment of the map's life, while another thread
 * holds the map's lock in a change.
 *
 * If the lookup wanted the lock, and the change, or a later one, waited in
 * `sync' for the section to end, both would wait for ever.  Nothing is left to
 * luck: a change waits, as soon as it has the lock, for the reader's lookup to
 * end or to want the lock; who wants it gets it when all changes are done, as
 * from an unfair lock; and `sync' knows that it would wait in vain.
 *
 * The two threads tell each other their progress in relaxed order, which a
 * thread sanitizer takes for no order at all.  So it sees every lookup as if it
 * ran beside the changes before and after it, and reports what these share
 * other than through ordered loads and stores.
 */
#define _XOPEN_SOURCE 700

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "support.h"

#define FRAMES 100

struct page {
	physseg_pfn_t pfn;
};

static struct physseg_map *map;
static struct page pages[2 * FRAMES];
static pthread_mutex_t mutex;
static unsigned depth; /* of the writer's lock */
static _Thread_local bool is_reader;

static atomic_uint asked;  /* for so many lookups, */
static atomic_uint looked; /* of which so many are done */
static atomic_uint inside; /* the reader, a section */
static atomic_uint wants;  /* the reader, the lock */
static atomic_uint leave;  /* the section: it is waited for, or no more */
static atomic_uint ended;  /* all changes */
static unsigned syncs;

static unsigned
get(const atomic_uint *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

static void
set(atomic_uint *word, unsigned value)
{
	atomic_store_explicit(word, value, memory_order_relaxed);
}

static void
host_lock(void *ctx)
{
	(void)ctx;
	if (is_reader) {
		set(&wants, 1);
		while (get(&ended) == 0)
			sched_yield();
	}
	test_assert(pthread_mutex_lock(&mutex) == 0);
	if (is_reader) {
		set(&wants, 0);
		return;
	}
	if (depth++ > 0 || get(&wants) != 0)
		return;
	set(&leave, 0);
	set(&asked, get(&asked) + 1);
	while (get(&looked) != get(&asked) && get(&wants) == 0)
		sched_yield();
}

static void
host_unlock(void *ctx)
{
	(void)ctx;
	if (!is_reader && --depth == 0) {
		set(&leave, 1);
		while (get(&inside) != 0 && get(&wants) == 0)
			sched_yield();
	}
	test_assert(pthread_mutex_unlock(&mutex) == 0);
}

static void
host_sync(void *ctx)
{
	(void)ctx;
	syncs++;
	set(&leave, 1);
	while (atomic_load(&inside) != 0) {
		if (get(&wants) != 0)
			ck_abort_msg("the lookup waits for the lock, and its "
				     "holder for the lookup");
		sched_yield();
	}
}

static void *
host_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return calloc(1, size);
}

static void
host_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)size;
	free(p);
}

static void
host_page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	((struct page *)page)->pfn = pfn;
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct page *)page)->pfn;
}

static const struct physseg_host host = { .alloc = host_alloc,
	.free = host_free,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
	.lock = host_lock,
	.unlock = host_unlock,
	.sync = host_sync };

/* ---- the reader ---- */

static _Atomic(physseg_t) handle; /* of a segment that stays */
static struct page a_page = { 5 };

static void
look_find(void)
{
	physseg_pfn_t offset;

	(void)physseg_find(map, 5, &offset);
}

static void
look_page(void)
{
	(void)physseg_page(map, 5);
}

static void
look_frame(void)
{
	(void)physseg_frame(map, &a_page);
}

static void
look_valid(void)
{
	(void)physseg_valid(
	    map, atomic_load_explicit(&handle, memory_order_relaxed));
}

static void (*const lookups[])(
    void) = { look_find, look_page, look_frame, look_valid };

#define NLOOKUPS (int)(sizeof(lookups) / sizeof(lookups[0]))

static void *
read_on(void *arg)
{
	void (*const *look)(void) = arg;

	is_reader = true;
	while (get(&ended) == 0) {
		if (get(&looked) == get(&asked)) {
			sched_yield();
			continue;
		}
		atomic_store(&inside, 1);
		(*look)();
		set(&looked, get(&looked) + 1);
		while (get(&leave) == 0 && get(&ended) == 0)
			sched_yield();
		atomic_store(&inside, 0);
	}
	return NULL;
}

/* As at first: cases may run in one process. */
static void
begin(void)
{
	depth = syncs = 0;
	atomic_store(&asked, 0);
	atomic_store(&looked, 0);
	atomic_store(&inside, 0);
	atomic_store(&wants, 0);
	atomic_store(&leave, 0);
	atomic_store(&ended, 0);
}

/* ---- the changes ---- */

/* Where there is room for one segment some are refused, with the lock held like
 * the others. */
static void
must_change(int error)
{
	test_assert(error == PHYSSEG_OK || test_backend->max_segments == 1);
	test_assert(physseg_check(map) == NULL);
}

static void
boot(void)
{
	must_change(physseg_load(map, 0, FRAMES / 2, 0, FRAMES / 2, 0, NULL));
	must_change(physseg_load(
	    map, FRAMES, FRAMES + 20, FRAMES, FRAMES + 20, 0, NULL));
	must_change(physseg_unplug(map, 20, 1));
	ck_assert_uint_gt(get(&looked) + get(&wants), 0);
	must_change(physseg_switch(map, pages, 2 * FRAMES));
}

static void
change_map(bool boots)
{
	if (boots)
		boot();
	else {
		must_change(physseg_plug(map, 0, FRAMES / 2, 0, NULL));
		must_change(physseg_plug(map, FRAMES, 20, 0, NULL));
	}
	atomic_store_explicit(
	    &handle, physseg_find(map, 5, NULL), memory_order_relaxed);
	must_change(physseg_unplug(map, 10, 1));
	must_change(physseg_unplug(map, 0, 2));
	must_change(physseg_unplug(map, FRAMES, 20));
	if (test_has(PHYSSEG_HOTPLUG)) {
		must_change(physseg_plug(map, FRAMES, 5, 0, NULL));
		must_change(physseg_plug(map, 300, 5, 0, NULL));
		must_change(physseg_unplug(map, FRAMES, 5));
		must_change(physseg_plug(map, 10, 1, 0, NULL));
	}
}

static void
run(int lookup, bool boots)
{
	const struct physseg_config config = { .backend = test_backend,
		.host = &host,
		.page_size = sizeof(struct page) };
	const size_t size = boots ? physseg_storage_size(&config) : 0;
	void *storage = boots ? malloc(size) : NULL;
	pthread_mutexattr_t attributes;
	pthread_t thread;

	begin();
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
	test_assert(physseg_create(&map, &config, storage, size) == PHYSSEG_OK);
	test_assert(pthread_create(&thread, NULL, read_on,
			(void *)(uintptr_t)&lookups[lookup]) == 0);
	change_map(boots);
	set(&ended, 1);
	test_assert(pthread_join(thread, NULL) == 0);
	if (test_has(PHYSSEG_LOCKFREE))
		ck_assert_uint_gt(syncs, 0);
	physseg_destroy(map);
	pthread_mutex_destroy(&mutex);
	free(storage);
}

START_TEST(test_from_boot)
{
	run(_i, true);
}
END_TEST

START_TEST(test_running)
{
	if (test_has(PHYSSEG_HOTPLUG))
		run(_i, false);
	else
		test_skip("test_running", "no map runs from the start");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_deadlock");
	TCase *tc = tcase_create("lookups");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_from_boot, 0, NLOOKUPS);
	tcase_add_loop_test(tc, test_running, 0, NLOOKUPS);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
