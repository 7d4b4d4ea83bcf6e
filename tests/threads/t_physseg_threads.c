/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/threads/t_physseg_threads.c -- readers beside a writer, under the
 * host's lock.
 *
 * Frames that never move must be found at every moment, whatever the writer
 * plugs and unplugs around them.  Readers do run beside readers.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define READERS 3
#define FIXED	64  /* segments that stay, */
#define APART	256 /* frames from one to the next, */
#define LENGTH	16  /* of so many frames */
#define PAGE	24

static struct test_map t;
static bool writing;
static physseg_pfn_t nfixed;

/* ---- the host's lock ---- */

/* Readers share it, a writer has it alone; between two writes there is at
 * least one round of a reader, and no crowd of readers keeps a writer out. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned reading;	     /* readers inside */
static bool wanted;		     /* by the writer, or it has it */
static unsigned long rounds, before; /* of readers; at the last write */

static void
enter_to_read(void)
{
	pthread_mutex_lock(&mutex);
	while (wanted)
		pthread_cond_wait(&changed, &mutex);
	reading++;
	pthread_mutex_unlock(&mutex);
}

static void
leave_from_reading(void)
{
	pthread_mutex_lock(&mutex);
	reading--;
	rounds++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

static void
enter_to_write(void)
{
	pthread_mutex_lock(&mutex);
	while (rounds == before)
		pthread_cond_wait(&changed, &mutex);
	wanted = true;
	while (reading > 0)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
}

static void
leave_from_writing(void)
{
	pthread_mutex_lock(&mutex);
	before = rounds;
	wanted = false;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

/* ---- readers and writer ---- */

/* What one reader saw. */
struct reader {
	pthread_t thread;
	uint64_t seed;
	unsigned long lookups, misses;
};

static void
look(struct reader *r, struct test_rng *rng)
{
	physseg_pfn_t start = APART * test_random_pfn(rng, nfixed);
	physseg_pfn_t in = test_random_pfn(rng, LENGTH), offset = 0;
	physseg_t h = physseg_find(t.map, start + in, &offset);
	const void *page = physseg_page(t.map, start + in);
	struct physseg_info info;

	r->lookups++;
	if (!physseg_valid(t.map, h) || offset != in ||
	    physseg_get_info(t.map, h, &info) != PHYSSEG_OK ||
	    info.start != start || info.end != start + LENGTH ||
	    info.free_list != 1)
		r->misses++;
	else if (page != NULL && physseg_frame(t.map, page) != start + in)
		r->misses++;
}

static void *
read_on(void *arg)
{
	struct reader *r = arg;
	struct test_rng rng = { r->seed };
	bool go_on = true;

	while (go_on) {
		enter_to_read();
		for (int i = 0; i < 64; i++)
			look(r, &rng);
		go_on = writing;
		leave_from_reading();
	}
	return NULL;
}

/* Plug or unplug between the segments that stay. */
static void
change(struct test_rng *rng, unsigned long *changes)
{
	physseg_pfn_t pfn = APART * test_random_pfn(rng, FIXED) + LENGTH;
	physseg_pfn_t n = 1 + test_random_pfn(rng, 64);
	int error;

	pfn += test_random_pfn(rng, APART - LENGTH - 64);
	enter_to_write();
	error = test_random_below(rng, 2) == 0
	    ? physseg_plug(t.map, pfn, n, 0, NULL)
	    : physseg_unplug(t.map, pfn, 1 + n / 4);
	*changes += error == PHYSSEG_OK;
	leave_from_writing();
}

static void
make_map(size_t page_size)
{
	test_map_init(&t, page_size);
	t.config.capacity = 4 * FIXED;
	t.config.boot_records = 256 * FIXED;
	test_map_boot(&t);
	nfixed = test_map_capacity(&t) > FIXED ? FIXED : 1;
	for (physseg_pfn_t i = 0; i < nfixed; i++)
		ck_assert_int_eq(
		    physseg_load(t.map, APART * i, APART * i + LENGTH,
			APART * i, APART * i + LENGTH, 1, NULL),
		    0);
}

static void
run(void)
{
	struct reader readers[READERS] = { { .seed = 0 } };
	struct test_rng rng = { test_seed };
	unsigned long changes = 0;
	unsigned long n = test_steps != 0 ? test_steps : 5000;

	t.host.quiet = true;
	writing = true;
	for (uint64_t i = 0; i < READERS; i++) {
		readers[i].seed = test_seed + i;
		ck_assert_int_eq(pthread_create(&readers[i].thread, NULL,
				     read_on, &readers[i]),
		    0);
	}
	for (unsigned long i = 0; i < n; i++)
		change(&rng, &changes);
	enter_to_write();
	writing = false;
	leave_from_writing();
	for (size_t i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		ck_assert_uint_eq(readers[i].misses, 0);
		ck_assert_uint_gt(readers[i].lookups, 0);
	}
	if (nfixed > 1)
		ck_assert_uint_gt(changes, 10);
}

/* At boot every backend can be changed. */
START_TEST(test_beside_a_writer_at_boot)
{
	make_map(0);
	if (nfixed == 1)
		test_skip("test_beside_a_writer_at_boot",
		    "one segment: the writer is refused all it wants");
	run();
	test_map_fini(&t);
}
END_TEST

START_TEST(test_beside_a_writer_running)
{
	make_map(PAGE);
	test_map_switch(&t, 100);
	if (!test_has(PHYSSEG_HOTPLUG))
		test_skip("test_beside_a_writer_running",
		    "no hot plug: the writer is refused all it wants");
	else
		run();
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_threads");
	TCase *tc = tcase_create("threads");

	tcase_add_test(tc, test_beside_a_writer_at_boot);
	tcase_add_test(tc, test_beside_a_writer_running);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
