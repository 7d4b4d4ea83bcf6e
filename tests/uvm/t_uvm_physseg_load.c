/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_physseg_load.c -- many lookups, of few segments and of many:
 * the 11 cases of NetBSD's t_uvm_physseg_load.  There they are timed; here
 * every answer is compared with a bitmap of what is registered.
 *
 * By default at most a million lookups; with TEST_FULL in the environment as
 * many as the case's name says.
 */
#include "t_uvm.h"

#define MIB (1024 * 1024 / PAGE_SIZE) /* in frames */

static bool *there; /* of frames [0, nframes) */
static paddr_t nframes;

static void
frames_are(paddr_t n)
{
	nframes = n;
	there = calloc((size_t)n, sizeof(*there));
	ck_assert_ptr_nonnull(there);
}

static void
mark(paddr_t pfn, paddr_t n, bool is_there)
{
	while (n-- > 0)
		there[pfn + n] = is_there;
}

static unsigned long
limited(unsigned long n)
{
	return getenv("TEST_FULL") != NULL || n < 1000000 ? n : 1000000;
}

/* Look up addresses in frames [from, nframes). */
static void
look_up(unsigned long n, paddr_t from)
{
	struct test_rng rng = { test_seed };
	const paddr_t bytes = ptoa(nframes - from);
	const struct vm_page *pg;
	paddr_t pa;

	for (n = limited(n); n > 0; n--) {
		pa = ptoa(from) + (paddr_t)test_random_below(&rng, bytes);
		pg = PHYS_TO_VM_PAGE(pa);
		/* Not ck_assert, which reports to its parent every time. */
		if (there[atop(pa)]
			? pg == NULL || pg->phys_addr != pa - pa % PAGE_SIZE
			: pg != NULL)
			ck_abort_msg(
			    "wrong answer for %#" PRIx64, (uint64_t)pa);
	}
	free(there);
}

/* ---- 32 segments of 8 pages: 1 MiB, of pages of 4 KiB ---- */

static void
static_segments(unsigned long n, const char *test)
{
	const paddr_t all = 32 * 8; /* so many frames */
	paddr_t i;

	frames_are(all);
	for (i = 0; i < 32 && i < slots(); i++) {
		load(i * 8, 8);
		mark(i * 8, 8, true);
	}
	room_for(32, test);
	switch_by_loop((size_t)all);
	look_up(n, 0);
}

START_TEST(static_100)
{
	static_segments(100, __func__);
}
END_TEST

START_TEST(static_1K)
{
	static_segments(1000, __func__);
}
END_TEST

START_TEST(static_10K)
{
	static_segments(10000, __func__);
}
END_TEST

START_TEST(static_100K)
{
	static_segments(100000, __func__);
}
END_TEST

START_TEST(static_1M)
{
	static_segments(1000000, __func__);
}
END_TEST

START_TEST(static_10M)
{
	static_segments(10000000, __func__);
}
END_TEST

START_TEST(static_100M)
{
	static_segments(100000000, __func__);
}
END_TEST

/* ---- 1 MiB at boot, then a hot plug, fragmented ---- */

/* At every 8th frame of a segment 1 to 7 pages go, as long as there are
 * slots for what is left behind them. */
static void
fragment(paddr_t start, paddr_t end)
{
	struct test_rng rng = { test_seed };
	paddr_t pfn;
	size_t n;

	for (pfn = start; pfn < end; pfn += 8) {
		if (pfn > start && uvm_physseg_backend()->bounded &&
		    entries() == slots())
			break;
		n = (size_t)test_random_below(&rng, 7) + 1;
		ck_assert(uvm_physseg_unplug(pfn, n));
		mark(pfn, (paddr_t)n, false);
	}
	check_map();
}

static void
fragmented(paddr_t mib, const char *test)
{
	const paddr_t end = MIB + mib * MIB;

	load(0, MIB);
	switch_by_loop(MIB);
	frames_are(end);
	mark(0, MIB, true);
	if (hot_plug_works(test)) {
		ck_assert(plug_and_check(MIB, (size_t)(end - MIB), NULL));
		mark(MIB, end - MIB, true);
		fragment(MIB, end);
		ck_assert_uint_eq(entries(), 1 + (end - MIB) / 8);
		look_up(10000000, MIB);
	} else { /* as far as it can: what there is at boot */
		fragment(0, MIB);
		look_up(10000000, 0);
	}
}

START_TEST(hot_plug_1MB)
{
	fragmented(1, __func__);
}
END_TEST

START_TEST(hot_plug_64MB)
{
	fragmented(64, __func__);
}
END_TEST

START_TEST(hot_plug_128MB)
{
	fragmented(128, __func__);
}
END_TEST

START_TEST(hot_plug_256MB)
{
	fragmented(256, __func__);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("uvm_physseg_load");
	TCase *t = add_case(s, "static");

	tcase_add_test(t, static_100);
	tcase_add_test(t, static_1K);
	tcase_add_test(t, static_10K);
	tcase_add_test(t, static_100K);
	tcase_add_test(t, static_1M);
	tcase_add_test(t, static_10M);
	tcase_add_test(t, static_100M);

	t = add_case(s, "fragmented");
	tcase_add_test(t, hot_plug_1MB);
	tcase_add_test(t, hot_plug_64MB);
	tcase_add_test(t, hot_plug_128MB);
	tcase_add_test(t, hot_plug_256MB);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
