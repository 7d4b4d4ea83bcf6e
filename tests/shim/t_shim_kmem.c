/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/shim/t_shim_kmem.c -- kmem(9), panic(9) and userspace's host: that
 * zeroed memory is zero, that a panic does not return, that KM_SLEEP does not
 * fail.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

#include "shim/libc/kmem.h"
#include "shim/libc/panic.h"

/* More than any machine has; not so much that a checker takes it for a
 * negative number, but where a machine may well have all that is less. */
#define TOO_MUCH (SIZE_MAX > UINT32_MAX ? SIZE_MAX / 4 : SIZE_MAX / 2 + 1)

/* A sanitizer, too, answers a request for too much with NULL.  It may be a
 * shared library, which looks for this by name. */
PHYSSEG_API const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static bool
is_zero(const unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* ---- kmem ---- */

START_TEST(alloc_gives_the_whole_size)
{
	for (size_t size = 1; size < 5000; size += 7)
		for (km_flag_t flag = KM_SLEEP; flag <= KM_NOSLEEP; flag++) {
			void *p = kmem_alloc(size, flag);

			ck_assert_ptr_nonnull(p);
			ck_assert_uint_eq(
			    (uintptr_t)p % _Alignof(max_align_t), 0);
			memset(p, 0xff, size);
			kmem_free(p, size);
		}
}
END_TEST

/* Memory that was used before, of the same size: it must be cleared again. */
START_TEST(zalloc_zeroes)
{
	for (size_t size = 1; size < 5000; size += 7)
		for (km_flag_t flag = KM_SLEEP; flag <= KM_NOSLEEP; flag++) {
			unsigned char *p = kmem_alloc(size, flag);

			memset(p, 0xff, size);
			kmem_free(p, size);
			p = kmem_zalloc(size, flag);
			ck_assert(is_zero(p, size));
			memset(p, 0xff, size);
			kmem_free(p, size);
		}
}
END_TEST

START_TEST(nosleep_fails)
{
	ck_assert_ptr_null(kmem_alloc(TOO_MUCH, KM_NOSLEEP));
	ck_assert_ptr_null(kmem_zalloc(TOO_MUCH, KM_NOSLEEP));
}
END_TEST

static void
sleep_alloc(void *arg)
{
	(void)arg;
	kmem_alloc(TOO_MUCH, KM_SLEEP);
}

static void
sleep_zalloc(void *arg)
{
	(void)arg;
	kmem_zalloc(TOO_MUCH, KM_SLEEP);
}

static void
alloc_nothing(void *arg)
{
	(void)arg;
	kmem_alloc(0, KM_NOSLEEP);
}

static void
zalloc_nothing(void *arg)
{
	(void)arg;
	kmem_zalloc(0, KM_SLEEP);
}

static void
alloc_flagless(void *arg)
{
	kmem_free(kmem_alloc(1, *(int *)arg), 1);
}

static void
free_null(void *arg)
{
	(void)arg;
	kmem_free(NULL, 1);
}

static void
free_nothing(void *arg)
{
	kmem_free(arg, 0);
}

START_TEST(kmem_panics)
{
	int none = 0, both = KM_SLEEP | KM_NOSLEEP;
	char byte;

	ck_assert(test_panics(sleep_alloc, NULL, "panic: kmem: no memory"));
	ck_assert(test_panics(sleep_zalloc, NULL, "panic: kmem: no memory"));
	ck_assert(test_panics(alloc_nothing, NULL, "panic: kmem: an alloc"));
	ck_assert(test_panics(zalloc_nothing, NULL, "panic: kmem: an alloc"));
	ck_assert(test_panics(alloc_flagless, &none, "panic: kmem: neither"));
	ck_assert(test_panics(alloc_flagless, &both, "panic: kmem: neither"));
	ck_assert(test_panics(free_null, NULL, "panic: kmem_free: 1 bytes"));
	ck_assert(test_panics(free_nothing, &byte, "panic: kmem_free: 0 b"));
}
END_TEST

/* ---- panic ---- */

static void
panic_formatted(void *arg)
{
	panic("%s is %d%c", (const char *)arg, 42, '!');
}

static void
panic_percent(void *arg)
{
	(physseg_host_user()->panic)(NULL, arg);
}

START_TEST(panic_says_why_and_ends)
{
	char answer[] = "the answer", percent[] = "100%n of it";

	ck_assert(
	    test_panics(panic_formatted, answer, "panic: the answer is 42!\n"));
	/* The host's reason is a text, not a format. */
	ck_assert(test_panics(panic_percent, percent, "panic: 100%n of it\n"));
}
END_TEST

/* ---- the host ---- */

START_TEST(host_memory)
{
	const struct physseg_host *host = physseg_host_user();

	for (size_t size = 1; size < 5000; size += 7) {
		unsigned char *p = kmem_alloc(size, KM_SLEEP);

		memset(p, 0xff, size);
		kmem_free(p, size);
		p = host->alloc(NULL, size);
		ck_assert_ptr_nonnull(p);
		ck_assert(is_zero(p, size));
		memset(p, 0xff, size);
		host->free(NULL, p, size);
	}
	ck_assert_ptr_null(host->alloc(NULL, TOO_MUCH));
}
END_TEST

START_TEST(host_has_no_page_hooks)
{
	ck_assert(physseg_host_user()->page_init == NULL);
	ck_assert(physseg_host_user()->page_frame == NULL);
	ck_assert(physseg_host_user()->page_free == NULL);
	ck_assert(physseg_host_user()->account == NULL);
	ck_assert(physseg_host_user()->reinit == NULL);
}
END_TEST

static void
log_and_die(void *arg)
{
	physseg_host_user()->log(NULL, arg);
	abort();
}

START_TEST(host_log)
{
	char line[] = "50% of a line";

	ck_assert(test_panics(log_and_die, line, "50% of a line\n"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kmem(9)");
	TCase *kmem = tcase_create("kmem"), *host = tcase_create("host");

	tcase_add_test(kmem, alloc_gives_the_whole_size);
	tcase_add_test(kmem, zalloc_zeroes);
	tcase_add_test(kmem, nosleep_fails);
	tcase_add_test(kmem, kmem_panics);
	tcase_add_test(kmem, panic_says_why_and_ends);
	suite_add_tcase(s, kmem);
	tcase_add_test(host, host_memory);
	tcase_add_test(host, host_has_no_page_hooks);
	tcase_add_test(host, host_log);
	suite_add_tcase(s, host);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
