/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * sections.h -- a host's lock, and the sections of its readers, of which there
 * are READERS.
 */
#ifndef TESTS_SECTIONS_H
#define TESTS_SECTIONS_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "support.h"

static pthread_mutex_t mutex; /* the host's lock */

/* One reader's counter, on a cache line of its own; odd inside a section. */
static struct section {
	_Alignas(64) atomic_uint count;
} sections[READERS];

static void
host_lock(void *ctx)
{
	(void)ctx;
	test_assert(pthread_mutex_lock(&mutex) == 0);
}

static void
host_unlock(void *ctx)
{
	(void)ctx;
	test_assert(pthread_mutex_unlock(&mutex) == 0);
}

/*
 * Writing to a reader's counter, as the reader does, orders the two: either the
 * reader comes later and sees what was unplugged, or it is waited for.
 */
static void
wait_for_sections(void)
{
	for (size_t i = 0; i < READERS; i++) {
		const unsigned count = atomic_fetch_add(&sections[i].count, 0);

		while (
		    count % 2 != 0 && atomic_load(&sections[i].count) == count)
			sched_yield();
	}
}

#endif /* TESTS_SECTIONS_H */
