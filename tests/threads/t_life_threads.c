/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/threads/t_life_threads.c -- readers and threads that initialise page
 * structures, beside a writer that takes memory offline and online, adds and
 * unplugs it, with several removals open.
 *
 * The window's frames lie in regions, each with a node, a kind and data of its
 * own, so a reader knows what must belong together.  In each region some frames
 * stay online.  Of every other frame the writer says in a word whether it is
 * online, offline or not registered, or that it is being changed; the word
 * differs after each change.  So a reader who finds the same word before and
 * after a lookup knows what the lookup must have answered.
 *
 * Readers take no lock where the backend says so, else the host's.  Threads
 * that initialise take none; the handles that they have may be stale.
 *
 * The grace period is one of C11 atomics, so that a thread sanitizer follows
 * it.  All is drawn from the seed but how the threads meet.  --steps N: N
 * changes in each case.
 */
#define _XOPEN_SOURCE 700

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#define READERS	 2
#define HELPERS	 2 /* who initialise */
#define REGION	 128
#define REGIONS	 12
#define FRAMES	 (REGION * REGIONS)
#define STAYS	 8 /* frames of each region */
#define STEPS	 6000
#define REMOVALS 4
#define HANDLES	 8
#define LOOKS	 4 /* in one section */

#include "sections.h"

/* ---- the host ---- */

struct page {
	physseg_pfn_t pfn;
	uintptr_t alive;
	char rest[240]; /* so that few fill a slab, which then dies soon */
};

#define ALIVE 0x600d600dU

static struct physseg_map *map;
static atomic_bool stop, failed;
static atomic_uint knew;    /* readers that knew what a frame was */
static atomic_bool helped;  /* somebody initialised a page structure */
static atomic_size_t bytes; /* of the host's */

static void
host_sync(void *ctx)
{
	(void)ctx;
	wait_for_sections();
}

static void *
host_alloc(void *ctx, size_t size)
{
	(void)ctx;
	atomic_fetch_add(&bytes, size);
	return calloc(1, size);
}

static void *
host_alloc_raw(void *ctx, size_t size)
{
	return memset(host_alloc(ctx, size), 0xa5, size);
}

/* Who still reads it shall notice. */
static void
host_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	atomic_fetch_sub(&bytes, size);
	memset(p, 0xdb, size);
	free(p);
}

static _Noreturn void
host_panic(void *ctx, const char *reason)
{
	(void)ctx;
	ck_abort_msg("panic: %s", reason);
}

/* By the writer, or by a helper. */
static void
host_page_init(void *ctx, void *p, physseg_pfn_t pfn)
{
	struct page *page = p;

	(void)ctx;
	if (page->pfn != 0 || page->alive != 0)
		atomic_store(&failed, true);
	page->pfn = pfn;
	page->alive = ALIVE;
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct page *)page)->pfn;
}

static const struct physseg_host host = { .alloc = host_alloc,
	.free = host_free,
	.panic = host_panic,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
	.lock = host_lock,
	.unlock = host_unlock,
	.sync = host_sync,
	.alloc_raw = host_alloc_raw };

static bool
lockfree(void)
{
	return test_has(PHYSSEG_LOCKFREE);
}

static void
section_enter(size_t reader)
{
	if (lockfree())
		atomic_fetch_add(&sections[reader].count, 1);
	else
		host_lock(NULL);
}

static void
section_leave(size_t reader)
{
	if (lockfree())
		atomic_fetch_add(&sections[reader].count, 1);
	else
		host_unlock(NULL);
}

/* ---- what is known of a frame ---- */

enum known { NONE, OFFLINE, ONLINE, CHANGING };

static struct frame {
	atomic_uint word; /* changes so far, times 4, and what is known */
	bool stays;
	const void *page; /* of one that stays */
} frames[FRAMES];

static const physseg_pfn_t base = ((physseg_pfn_t)1 << 18) - FRAMES / 2;

static physseg_pfn_t
at(size_t i)
{
	return base + (physseg_pfn_t)i;
}

static void
set_known(size_t i, enum known known)
{
	const unsigned word = atomic_load(&frames[i].word);

	atomic_store(&frames[i].word, (word / 4 + 1) * 4 + known);
}

static void
set_changing(size_t i, size_t n)
{
	for (; n > 0; n--, i++)
		set_known(i, CHANGING);
}

/* What the map says, asked by the writer. */
static void
set_as_it_is(size_t i, size_t n)
{
	struct physseg_info info;

	for (; n > 0; n--, i++)
		if (physseg_get_info(
			map, physseg_find(map, at(i), NULL), &info) != 0)
			set_known(i, NONE);
		else
			set_known(
			    i, info.state == PHYSSEG_ONLINE ? ONLINE : OFFLINE);
}

static size_t
region_start(size_t i)
{
	return i - i % REGION;
}

/* ---- readers ---- */

struct reader {
	pthread_t thread;
	size_t number;
	struct test_rng rng;
	const struct page *pages[LOOKS]; /* found in this section, */
	size_t of[LOOKS];		 /* and of which frames */
	size_t npages;
	unsigned long looks, known, online;
	const char *wrong; /* the first thing that was */
	size_t wrong_frame;
};

static void
expect(struct reader *r, bool right, const char *what, size_t i)
{
	if (right)
		return;
	atomic_store(&failed, true);
	if (r->wrong != NULL)
		return;
	r->wrong = what;
	r->wrong_frame = i;
}

/* What was found of a frame, and what must have been. */
static void
judge(struct reader *r, size_t i, unsigned word, bool found, bool is_online)
{
	const unsigned known = word % 4;

	if (frames[i].stays)
		expect(r, found && is_online, "one that stays is missed", i);
	if (atomic_load(&frames[i].word) != word || known == CHANGING)
		return;
	if (r->known++ == 0)
		atomic_fetch_add(&knew, 1);
	r->online += known == ONLINE;
	expect(r, found == (known != NONE), "registered, or not", i);
	expect(r, is_online == (known == ONLINE), "online, or not", i);
}

static void
keep_page(struct reader *r, size_t i, const struct page *page)
{
	if (page == NULL)
		return;
	r->pages[r->npages] = page;
	r->of[r->npages++] = i;
	if (frames[i].stays)
		expect(r, page == frames[i].page, "another page", i);
}

static void
look_for_page(struct reader *r, size_t i)
{
	const unsigned word = atomic_load(&frames[i].word);
	const struct page *page = physseg_page(map, at(i));

	judge(r, i, word, page != NULL || word % 4 != NONE, page != NULL);
	keep_page(r, i, page);
}

static void
look_for_segment(struct reader *r, size_t i)
{
	const unsigned word = atomic_load(&frames[i].word);
	physseg_pfn_t offset = 0;
	const physseg_t handle = physseg_find(map, at(i), &offset);
	const bool found = handle != PHYSSEG_NONE;

	judge(r, i, word, found, word % 4 == ONLINE || frames[i].stays);
	if (found)
		expect(r, offset <= i % REGION, "an absurd offset", i);
	if (frames[i].stays)
		expect(r, physseg_free_list(map, at(i)) == 1, "free list", i);
}

/* All that is said belongs together. */
static void
look_up(struct reader *r, size_t i)
{
	const unsigned word = atomic_load(&frames[i].word);
	const int region = (int)(i / REGION);
	struct physseg_found found;

	if (!physseg_lookup(map, at(i), &found)) {
		judge(r, i, word, false, false);
		return;
	}
	judge(r, i, word, true, found.state == PHYSSEG_ONLINE);
	expect(r,
	    found.start >= at(region_start(i)) && found.start <= at(i) &&
		found.end > at(i) && found.end <= at(region_start(i) + REGION),
	    "bounds", i);
	expect(r, found.offset == at(i) - found.start, "offset", i);
	expect(r, (found.page != NULL) == (found.state == PHYSSEG_ONLINE),
	    "a page and a state that differ", i);
	expect(r,
	    found.node == region && found.kind == region % 3 &&
		found.free_list == 1 && *(const int *)found.data == region,
	    "attributes", i);
	keep_page(r, i, found.page);
}

static void
look_at_range(struct reader *r, size_t i)
{
	const size_t start = region_start(i) + REGION / 2;
	physseg_pfn_t missing;

	expect(r, physseg_covers(map, at(start), STAYS, true, &missing),
	    "what stays is not covered", start);
}

static void
read_section(struct reader *r)
{
	static void (*const looks[])(struct reader *, size_t) = { look_for_page,
		look_for_segment, look_up, look_up, look_at_range };
	size_t i;

	section_enter(r->number);
	r->npages = 0;
	for (int n = 0; n < LOOKS; n++) {
		i = test_random_size(&r->rng, FRAMES);
		looks[test_random_below(&r->rng, 5)](r, i);
		r->looks++;
	}
	for (size_t k = 0; k < r->npages; k++)
		expect(r,
		    r->pages[k]->pfn == at(r->of[k]) &&
			r->pages[k]->alive == ALIVE,
		    "a page of another frame", r->of[k]);
	section_leave(r->number);
}

static void *
read_on(void *arg)
{
	struct reader *r = arg;

	while (!atomic_load(&stop)) {
		for (int n = 0; n < 32; n++)
			read_section(r);
		sched_yield();
	}
	return NULL;
}

/* ---- helpers ---- */

struct helper {
	pthread_t thread;
	struct test_rng rng;
	unsigned long done;
	int error; /* one that must not be */
};

/* Of segments that were offline. */
static atomic_uintptr_t handles[HANDLES];

static void *
help_on(void *arg)
{
	struct helper *h = arg;
	physseg_pfn_t done;
	physseg_t handle;
	int error;

	while (!atomic_load(&stop)) {
		handle = test_handle(
		    atomic_load(&handles[test_random_size(&h->rng, HANDLES)]));
		done = 0;
		error = physseg_init_pages(
		    map, handle, 1 + test_random_pfn(&h->rng, 16), &done);
		if (error == 0 && done != 0) {
			h->done += (unsigned long)done;
			atomic_store(&helped, true);
		}
		if (error != 0 && error != PHYSSEG_ENOENT &&
		    error != PHYSSEG_ESTATE && error != PHYSSEG_EREMOVING)
			h->error = error;
		sched_yield();
	}
	return NULL;
}

/* ---- the writer ---- */

static struct removal {
	struct physseg_removal *removal;
	size_t i, n;
} removals[REMOVALS];

static struct test_rng rng;
static unsigned long changed[8]; /* by each kind of change */

static void
publish(size_t i)
{
	const physseg_t handle = physseg_find(map, at(i), NULL);

	atomic_store(
	    &handles[test_random_size(&rng, HANDLES)], test_bits(handle));
}

/* Errors of a change of frames that nobody asked about before. */
static bool
is_refused(int error)
{
	return error == PHYSSEG_ENOENT || error == PHYSSEG_ESPAN ||
	    error == PHYSSEG_EREMOVING || error == PHYSSEG_EOVERLAP ||
	    error == PHYSSEG_EBUSY;
}

static int
do_begin(size_t i, size_t n)
{
	const unsigned how = test_has(PHYSSEG_HOTPLUG)
	    ? (unsigned)test_random_below(&rng, 2)
	    : PHYSSEG_REMOVE_OFFLINE;
	struct removal *removal = &removals[test_random_size(&rng, REMOVALS)];
	int error;

	if (removal->removal != NULL)
		return PHYSSEG_EREMOVING;
	error = physseg_remove_begin(
	    map, at(i), (physseg_pfn_t)n, how, &removal->removal, NULL);
	if (error != 0)
		removal->removal = NULL;
	removal->i = i;
	removal->n = n;
	return error;
}

static int
do_commit(size_t i, size_t n)
{
	struct removal *removal = &removals[test_random_size(&rng, REMOVALS)];
	int error;

	(void)i;
	(void)n;
	if (removal->removal == NULL)
		return PHYSSEG_ENOENT;
	set_changing(removal->i, removal->n);
	error = physseg_remove_commit(removal->removal, NULL, NULL);
	set_as_it_is(removal->i, removal->n);
	test_assert(error == 0);
	publish(removal->i);
	removal->removal = NULL;
	return error;
}

static int
do_cancel(size_t i, size_t n)
{
	struct removal *removal = &removals[test_random_size(&rng, REMOVALS)];

	(void)i;
	(void)n;
	if (removal->removal == NULL)
		return PHYSSEG_ENOENT;
	test_assert(physseg_remove_cancel(removal->removal) == 0);
	removal->removal = NULL;
	return 0;
}

static int
do_online(size_t i, size_t n)
{
	return physseg_online(map, at(i), (physseg_pfn_t)n, NULL);
}

static int
do_remove(size_t i, size_t n)
{
	return physseg_remove(map, at(i), (physseg_pfn_t)n,
	    test_has(PHYSSEG_HOTPLUG) ? (unsigned)test_random_below(&rng, 2)
				      : PHYSSEG_REMOVE_OFFLINE,
	    NULL);
}

/* Within one region. */
static int
do_add(size_t i, size_t n)
{
	const int region = (int)(i / REGION);
	const size_t most = REGION - i % REGION;
	const struct physseg_addition add = { .pfn = at(i),
		.n = (physseg_pfn_t)(n < most ? n : most),
		.state = test_random_below(&rng, 2) == 0 ? PHYSSEG_ONLINE
							 : PHYSSEG_OFFLINE,
		.free_list = 1,
		.node = region,
		.kind = region % 3,
		.data = &region };

	return physseg_add(map, &add, NULL, NULL);
}

static const struct {
	int (*change)(size_t i, size_t n);
	bool of_range; /* else it says itself what it changes */
	bool hotplug;
} operations[] = { { do_begin, false, false }, { do_commit, false, false },
	{ do_commit, false, false }, { do_cancel, false, false },
	{ do_online, true, false }, { do_online, true, false },
	{ do_remove, true, false }, { do_add, true, true } };

#define NOPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* Some frames that do not stay; from `i' on they are often as they are. */
static size_t
draw_range(size_t *i)
{
	size_t n = 1 + test_random_size(&rng, 48), k = 1;
	enum known known;

	do
		*i = test_random_size(&rng, FRAMES);
	while (frames[*i].stays);
	known = (enum known)(atomic_load(&frames[*i].word) % 4);
	while (k < n && *i + k < FRAMES && !frames[*i + k].stays &&
	    atomic_load(&frames[*i + k].word) % 4 == known)
		k++;
	return k;
}

static void
change(size_t o)
{
	size_t i, n = draw_range(&i);
	int error;

	if (operations[o].hotplug && !test_has(PHYSSEG_HOTPLUG))
		return;
	if (operations[o].of_range)
		set_changing(i, n);
	error = operations[o].change(i, n);
	if (operations[o].of_range) {
		set_as_it_is(i, n);
		publish(i);
	}
	test_assert(error == 0 || is_refused(error));
	changed[o] += error == 0;
}

/* Did each operation succeed at least once, where the backend has it? */
static bool
all_changed(void)
{
	size_t o = 0;

	while (o < NOPERATIONS &&
	    (changed[o] > 0 ||
		(operations[o].hotplug && !test_has(PHYSSEG_HOTPLUG))))
		o++;
	return o == NOPERATIONS;
}

static void
write_on(unsigned long steps)
{
	const char *broken;

	for (unsigned long s = 0; !atomic_load(&failed) &&
	     (s < steps || atomic_load(&knew) < READERS || !all_changed() ||
		 !atomic_load(&helped));
	     s++) {
		change(test_random_size(&rng, NOPERATIONS));
		if (test_random_below(&rng, 8) == 0)
			sched_yield();
		if (s % 64 == 0 && (broken = physseg_check(map)) != NULL)
			ck_abort_msg("check: %s", broken);
	}
}

/* ---- cases ---- */

static struct physseg_config config;

/* Page structures at fixed addresses (`fixed') are committed and decommitted: a
 * reader with one that is gone crashes. */
static void
make_map(bool coalesce, bool fixed, void **all)
{
	struct physseg_host hooks = host;
	size_t size;

	hooks.commit = physseg_host_user()->commit;
	hooks.decommit = physseg_host_user()->decommit;
	config = (struct physseg_config){ .backend = test_backend,
		.host = &hooks,
		.page_size = sizeof(struct page),
		.data_size = sizeof(int),
		.capacity = FRAMES,
		.boot_records = 2 * REGIONS,
		.frames = at(FRAMES),
		.coalesce = coalesce };
	if (fixed)
		test_assert(physseg_vmemmap_user_reserve(&config) == 0);
	size = physseg_storage_size(&config);
	all[0] = malloc(size);
	all[1] = fixed ? NULL : calloc(FRAMES, sizeof(struct page));
	test_assert(physseg_create(&map, &config, all[0], size) == 0);
	for (size_t i = 0; i < FRAMES; i += REGION) {
		const int region = (int)(i / REGION);
		const struct physseg_addition add = { .pfn = at(i),
			.n = REGION,
			.free_list = 1,
			.node = region,
			.kind = region % 3,
			.data = &region };

		test_assert(physseg_add(map, &add, NULL, NULL) == 0);
	}
	test_assert(physseg_switch(map, all[1], fixed ? 0 : FRAMES) == 0);
	set_as_it_is(0, FRAMES);
	for (size_t i = 0; i < FRAMES; i++) {
		frames[i].stays =
		    i % REGION - REGION / 2 < STAYS || i % REGION == 7;
		frames[i].page = physseg_page(map, at(i));
		test_assert(frames[i].page != NULL);
	}
}

/* What the case before left, if it ran in this process. */
static void
forget(void)
{
	atomic_store(&stop, false);
	atomic_store(&failed, false);
	atomic_store(&knew, 0);
	atomic_store(&helped, false);
	memset(changed, 0, sizeof(changed));
	memset(removals, 0, sizeof(removals));
	for (size_t h = 0; h < HANDLES; h++)
		atomic_store(&handles[h], test_bits(PHYSSEG_NONE));
}

static void
report(const struct reader *readers, const struct helper *helpers)
{
	unsigned long done = 0;

	for (size_t k = 0; k < READERS; k++) {
		printf("reader %zu: %lu looks, %lu known, %lu online\n", k,
		    readers[k].looks, readers[k].known, readers[k].online);
		if (readers[k].wrong != NULL)
			ck_abort_msg("reader %zu, frame %zu: %s", k,
			    readers[k].wrong_frame, readers[k].wrong);
		ck_assert_uint_gt(readers[k].known, 0);
	}
	for (size_t k = 0; k < HELPERS; k++) {
		printf("helper %zu: %lu page structures\n", k, helpers[k].done);
		ck_assert_int_eq(helpers[k].error, 0);
		done += helpers[k].done;
	}
	ck_assert(!atomic_load(&failed));
	ck_assert_uint_gt(done, 0);
	ck_assert(all_changed());
}

static void
run(bool coalesce, bool fixed)
{
	struct reader readers[READERS] = { { .number = 0 } };
	struct helper helpers[HELPERS] = { { .done = 0 } };
	pthread_mutexattr_t attributes;
	void *all[2];

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
	rng.state = test_seed;
	forget();
	make_map(coalesce, fixed, all);
	for (size_t k = 0; k < READERS; k++) {
		readers[k].number = k;
		readers[k].rng.state = test_seed + 1 + k;
		test_assert(pthread_create(&readers[k].thread, NULL, read_on,
				&readers[k]) == 0);
	}
	for (size_t k = 0; k < HELPERS; k++) {
		helpers[k].rng.state = test_seed + 100 + k;
		test_assert(pthread_create(&helpers[k].thread, NULL, help_on,
				&helpers[k]) == 0);
	}
	write_on(test_steps != 0 ? test_steps : STEPS);
	atomic_store(&stop, true);
	for (size_t k = 0; k < READERS; k++)
		pthread_join(readers[k].thread, NULL);
	for (size_t k = 0; k < HELPERS; k++)
		pthread_join(helpers[k].thread, NULL);
	report(readers, helpers);
	ck_assert_ptr_null(physseg_check(map));
	physseg_destroy(map);
	ck_assert_uint_eq(atomic_load(&bytes), 0);
	pthread_mutex_destroy(&mutex);
	if (fixed)
		physseg_vmemmap_user_release(&config);
	free(all[0]);
	free(all[1]);
}

START_TEST(test_life)
{
	if (test_backend->max_segments == 1)
		test_skip("test_life", "one segment");
	else
		run(false, false);
}
END_TEST

START_TEST(test_joining)
{
	if (test_backend->max_segments == 1)
		test_skip("test_joining", "one segment");
	else
		run(true, false);
}
END_TEST

START_TEST(test_fixed_addresses)
{
	if (test_backend->max_segments == 1)
		test_skip("test_fixed_addresses", "one segment");
	else
		run(_i != 0, true);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("life_threads");
	TCase *tc = tcase_create("threads");

	tcase_add_test(tc, test_life);
	tcase_add_test(tc, test_joining);
	tcase_add_loop_test(tc, test_fixed_addresses, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
