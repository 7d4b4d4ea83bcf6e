/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/radix/t_radix_race.c -- every word that a reader without a lock loads
 * is written meanwhile.
 *
 * The writer goes round and round through the states of a map: it boots, gets
 * page structures, runs, grows and shrinks at all heights of the tree, and
 * boots again.  Readers look up a few frames beside it.  A thread sanitizer
 * tells whether a load and a store of one word are both atomic, whenever they
 * meet; so nothing needs to meet at a certain moment.  Without one, what is
 * compared is what must hold at any time: a segment that stays is found, with
 * its pages; and a page that was found describes its frame for as long as the
 * section lasts.
 *
 * --steps N: N / 5 rounds.
 */
#define _XOPEN_SOURCE 700

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#define READERS 2
#define ROUNDS	200
#define PAGES	256

/* Frames of a slot of a root of height 1, and what stays. */
#define BIG  ((physseg_pfn_t)1 << 15)
#define STAY (2 * BIG + 100)
#define N    4 /* of every segment */

struct page {
	physseg_pfn_t pfn;
};

static struct physseg_map *map;
static physseg_t stays;

/* One reader's counter, on a cache line of its own. */
static struct section {
	_Alignas(64) atomic_uint count; /* odd inside */
} sections[READERS];
static atomic_bool stop;

/* ---- the host ---- */

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

static _Noreturn void
host_panic(void *ctx, const char *reason)
{
	(void)ctx;
	ck_abort_msg("panic: %s", reason);
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

/* As in t_physseg_stress. */
static void
host_sync(void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < READERS; i++) {
		unsigned count = atomic_fetch_add(&sections[i].count, 0);

		while (
		    count % 2 != 0 && atomic_load(&sections[i].count) == count)
			sched_yield();
	}
	sched_yield();
}

static bool
commit(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)p;
	(void)size;
	return true;
}

static void
decommit(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)p;
	(void)size;
}

static const struct physseg_host host = { .alloc = host_alloc,
	.free = host_free,
	.panic = host_panic,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
	.sync = host_sync };

/* ---- readers ---- */

static const physseg_pfn_t frames[] = { 0, 8, 50, 100, 103, BIG + 5, BIG + 50,
	2 * BIG + 50, STAY, STAY + N - 1, STAY + 92, STAY + 96, STAY + 120,
	STAY + 3000, 3 * BIG, 3 * BIG + 50, 5 * BIG, 5 * BIG + 50,
	(physseg_pfn_t)1 << 30, ((physseg_pfn_t)1 << 30) + 50 };

static void
look(physseg_pfn_t pfn)
{
	const struct page *page = physseg_page(map, pfn);
	physseg_pfn_t offset = 0;
	const physseg_t h = physseg_find(map, pfn, &offset);
	const physseg_pfn_t both[] = { pfn, STAY };
	void *pages[2];
	struct physseg_found found;
	const struct page *same;

	(void)physseg_free_list(map, pfn);
	if (physseg_lookup(map, pfn, &found) && found.page != NULL) {
		same = found.page;
		test_assert(same->pfn == pfn);
	}
	if (h != PHYSSEG_NONE) {
		(void)physseg_valid(map, h);
		same = physseg_segment_page(map, h, offset);
		/* A frame may have left at the front meanwhile. */
		if (same != NULL)
			test_assert(same->pfn == pfn || same->pfn == pfn + 1);
	}
	if (page != NULL)
		test_assert(page->pfn == pfn);
	physseg_pages(map, both, 2, pages);
	same = pages[0];
	if (same != NULL)
		test_assert(same->pfn == pfn);
	same = pages[1];
	test_assert(same != NULL && same->pfn == STAY);
	if (pfn - STAY < N) {
		test_assert(page != NULL && physseg_frame(map, page) == pfn);
		test_assert(h == stays && offset == pfn - STAY);
		test_assert(physseg_valid(map, h));
	}
}

static void *
read_on(void *arg)
{
	struct section *section = arg;

	while (!atomic_load(&stop))
		for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]);
		     i++) {
			atomic_fetch_add(&section->count, 1);
			look(frames[i]);
			atomic_fetch_add(&section->count, 1);
			sched_yield(); /* else the writer waits for its turn */
		}
	return NULL;
}

/* ---- the writer ---- */

/* Readers are there; which is no order between them and the writer. */
static void
meet_readers(void)
{
	for (size_t i = 0; i < READERS; i++) {
		const unsigned count = atomic_load_explicit(
		    &sections[i].count, memory_order_relaxed);

		while (atomic_load_explicit(
			   &sections[i].count, memory_order_relaxed) -
			count <
		    4)
			sched_yield();
	}
}

static void
plug(physseg_pfn_t pfn)
{
	test_assert(physseg_plug(map, pfn, N, 0, NULL) == 0);
	meet_readers();
}

static void
unplug_frames(physseg_pfn_t pfn, physseg_pfn_t n)
{
	test_assert(physseg_unplug(map, pfn, n) == 0);
	meet_readers();
}

static void
unplug(physseg_pfn_t pfn)
{
	unplug_frames(pfn, N);
}

static void
add_offline(physseg_pfn_t pfn)
{
	const struct physseg_addition add = {
		.pfn = pfn, .n = N, .state = PHYSSEG_OFFLINE
	};

	test_assert(physseg_add(map, &add, NULL, NULL) == 0);
	meet_readers();
}

static void
give_pages(physseg_pfn_t pfn)
{
	const physseg_t h = physseg_find(map, pfn, NULL);
	void *pages;

	test_assert(physseg_alloc_from_slab(map, h, N, &pages) == 0);
	test_assert(physseg_init_seg(map, h, pages) == 0);
}

/* In one quarter of an entry, and their pages elsewhere; so it comes apart. Its
 * block stays, for it has what stays. */
static void
apart(physseg_pfn_t first, physseg_pfn_t second)
{
	plug(first);
	plug(STAY + 3000);
	plug(second);
	unplug(first);
	unplug(second);
	unplug(STAY + 3000);
}

/* A front and a back go, and page structures; and a segment without any. */
static void
shrink(void)
{
	plug(BIG + 48);
	unplug_frames(BIG + 48, 1);
	unplug_frames(BIG + 51, 1);
	test_assert(physseg_remove(
			map, BIG + 49, 2, PHYSSEG_REMOVE_OFFLINE, NULL) == 0);
	meet_readers();
	test_assert(physseg_online(map, BIG + 49, 2, NULL) == 0);
	meet_readers();
	unplug_frames(BIG + 49, 2);
	add_offline(50); /* all others have pages by now */
	unplug(50);
}

static void
go_round(void)
{
	plug(5 * BIG); /* it boots: at the end of the list, and before it */
	plug(100);
	give_pages(100);
	plug(3 * BIG);
	unplug(100);
	test_assert(physseg_set_running(map, true) == 0);
	apart(STAY + 92, STAY + 96); /* some segments have no pages */
	apart(STAY + 96, STAY + 92);
	plug(STAY + 8); /* in order with what stays, also of pages */
	plug(STAY + 16);
	unplug(STAY + 8);
	unplug(STAY + 16);
	plug(8);
	unplug(8);
	plug(BIG + 5);
	unplug(BIG + 5);
	plug((physseg_pfn_t)1 << 30);
	unplug((physseg_pfn_t)1 << 30);
	give_pages(3 * BIG);
	give_pages(5 * BIG);
	shrink();
	plug(BIG + 5);
	unplug(3 * BIG);
	unplug(5 * BIG);
	unplug(BIG + 5);
	test_assert(physseg_set_running(map, false) == 0);
}

/* Page structures are at fixed addresses. */
static void
go_fixed_round(void)
{
	plug(8);
	plug(STAY + 8);
	unplug(8);
	shrink();
	unplug(STAY + 8);
}

static unsigned long
count_rounds(void)
{
	return test_steps != 0 ? test_steps / 5 + 1 : ROUNDS;
}

/* The map has what stays. */
static void
beside_readers(void (*go)(void))
{
	const unsigned long rounds = count_rounds();
	pthread_t readers[READERS];

	atomic_store(&stop, false);
	for (size_t i = 0; i < READERS; i++)
		ck_assert_int_eq(
		    pthread_create(&readers[i], NULL, read_on, &sections[i]),
		    0);
	for (unsigned long i = 0; i < rounds; i++) {
		go();
		if (i % 16 == 0)
			test_assert(physseg_check(map) == NULL);
	}
	atomic_store(&stop, true);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	test_assert(physseg_check(map) == NULL);
	physseg_destroy(map);
}

/* Readers need no lock; else it is said that the test is skipped. */
static bool
can_race(const struct physseg_config *config, const char *test)
{
	if ((config->backend->capabilities & PHYSSEG_LOCKFREE) != 0)
		return true;
	test_skip(test, "readers need the lock here");
	return false;
}

START_TEST(test_rounds)
{
	struct physseg_config config = { .backend = physseg_backend_radix(),
		.host = &host,
		.page_size = sizeof(struct page),
		/* A record of boot is not used again there. */
		.boot_records = 3 * count_rounds() + 8 };
	const size_t size = physseg_storage_size(&config);
	void *storage, *pages;

	if (!can_race(&config, "test_rounds"))
		return;
	storage = malloc(size);
	pages = calloc(PAGES, sizeof(struct page));
	ck_assert(storage != NULL && pages != NULL);
	test_assert(physseg_create(&map, &config, storage, size) == 0);
	test_assert(physseg_plug(map, STAY, N, 0, &stays) == 0);
	test_assert(physseg_chomp_slab(map, stays, pages, PAGES) == 0);
	give_pages(STAY);
	beside_readers(go_round);
	free(storage);
	free(pages);
}
END_TEST

START_TEST(test_fixed)
{
	struct physseg_host fixed = host;
	struct physseg_config config = { .backend = physseg_backend_radix(),
		.host = &fixed,
		.page_size = sizeof(struct page),
		.frames = 3 * BIG };

	if (!can_race(&config, "test_fixed"))
		return;
	fixed.commit = commit;
	fixed.decommit = decommit;
	config.vmemmap = calloc((size_t)config.frames, sizeof(struct page));
	config.present = calloc((size_t)config.frames / 8, 1);
	ck_assert(config.vmemmap != NULL && config.present != NULL);
	test_assert(physseg_create(&map, &config, NULL, 0) == 0);
	test_assert(physseg_plug(map, STAY, N, 0, &stays) == 0);
	beside_readers(go_fixed_round);
	free(config.vmemmap);
	free(config.present);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("radix_race");
	TCase *tc = tcase_create("race");

	tcase_add_test(tc, test_rounds);
	tcase_add_test(tc, test_fixed);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
