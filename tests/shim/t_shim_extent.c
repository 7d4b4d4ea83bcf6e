/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/shim/t_shim_extent.c -- extent(9): what its manual page says, our
 * additions to it, and its memory.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "shim/extent.h"
#include "shim/extent_private.h"
#include "shim/libc/extent_user.h"

#define ALIGN EX_NOALIGN
#define BOUND EX_NOBOUNDARY

/* ---- a host that remembers what was logged ---- */

static struct test_host host;
static char logged[1024];

static void
remember(void *ctx, const char *line)
{
	size_t length = strlen(logged);

	ck_assert_ptr_eq(ctx, &host);
	snprintf(logged + length, sizeof(logged) - length, "%s\n", line);
}

static void
setup(void)
{
	test_host_init(&host, 0);
	host.hooks.log = remember;
	logged[0] = '\0';
}

static void
teardown(void)
{
	ck_assert_uint_eq(host.outstanding, 0);
	test_host_fini(&host);
}

/* ---- short names ---- */

static struct extent *
make(u_long start, u_long end, int flags)
{
	struct extent *ex = extent_create_host(
	    &host.hooks, &host, "test", start, end, NULL, 0, flags);

	ck_assert_ptr_nonnull(ex);
	return ex;
}

static void
check(const struct extent *ex)
{
	const char *broken = extent_check(ex);

	if (broken != NULL)
		ck_abort_msg("%s", broken);
}

/* Allocate; the answer is the address. */
static u_long
alloc(struct extent *ex, u_long size, u_long alignment, u_long boundary,
    int flags)
{
	u_long at = 0xbad;

	ck_assert_int_eq(
	    extent_alloc(ex, size, alignment, boundary, flags, &at), 0);
	check(ex);
	return at;
}

static void
region(struct extent *ex, u_long start, u_long size)
{
	ck_assert_int_eq(extent_alloc_region(ex, start, size, EX_NOWAIT), 0);
	check(ex);
}

static void
give_back(struct extent *ex, u_long start, u_long size)
{
	ck_assert_int_eq(extent_free(ex, start, size, EX_NOWAIT), 0);
	check(ex);
}

/* What extent_print says, for comparing states. */
static const char *
print(struct extent *ex)
{
	logged[0] = '\0';
	extent_print(ex);
	return logged;
}

/* ---- where an allocation goes ---- */

START_TEST(fresh_is_handed_out_from_the_start)
{
	for (int fast = 0; fast <= EX_FAST; fast += EX_FAST) {
		struct extent *ex = make(1000, 1099, EX_NOWAIT);
		u_long at = 0xbad;

		ck_assert_uint_eq(extent_free_total(ex), 100);
		ck_assert_uint_eq(extent_largest(ex), 100);
		ck_assert_uint_eq(alloc(ex, 10, ALIGN, BOUND, fast), 1000);
		ck_assert_uint_eq(alloc(ex, 1, ALIGN, BOUND, fast), 1010);
		ck_assert_uint_eq(alloc(ex, 80, ALIGN, BOUND, fast), 1011);
		ck_assert_uint_eq(extent_free_total(ex), 9);
		ck_assert_int_eq(
		    extent_alloc(ex, 10, ALIGN, BOUND, fast, &at), EAGAIN);
		ck_assert_uint_eq(at, 0xbad);
		ck_assert_uint_eq(alloc(ex, 9, ALIGN, BOUND, fast), 1091);
		ck_assert_uint_eq(extent_free_total(ex), 0);
		ck_assert_uint_eq(extent_largest(ex), 0);
		ck_assert_int_eq(
		    extent_alloc(ex, 1, ALIGN, BOUND, fast, &at), EAGAIN);
		give_back(ex, 1000, 100);
		ck_assert_uint_eq(extent_largest(ex), 100);
		extent_destroy(ex);
	}
}
END_TEST

/* Free: [0, 30), [40, 50), [60, 80), [90, 100). */
static struct extent *
make_holes(void)
{
	struct extent *ex = make(0, 99, EX_NOWAIT);

	region(ex, 30, 10);
	region(ex, 50, 10);
	region(ex, 80, 10);
	return ex;
}

START_TEST(best_fit)
{
	struct extent *ex = make_holes();

	ck_assert_uint_eq(alloc(ex, 10, ALIGN, BOUND, EX_NOWAIT), 40);
	ck_assert_uint_eq(alloc(ex, 10, ALIGN, BOUND, EX_NOWAIT), 90);
	ck_assert_uint_eq(alloc(ex, 15, ALIGN, BOUND, EX_NOWAIT), 60);
	ck_assert_uint_eq(alloc(ex, 5, ALIGN, BOUND, EX_NOWAIT), 75);
	ck_assert_uint_eq(alloc(ex, 5, ALIGN, BOUND, EX_NOWAIT), 0);
	extent_destroy(ex);
}
END_TEST

START_TEST(first_fit)
{
	struct extent *ex = make_holes();

	ck_assert_uint_eq(alloc(ex, 10, ALIGN, BOUND, EX_FAST), 0);
	ck_assert_uint_eq(alloc(ex, 15, ALIGN, BOUND, EX_FAST), 10);
	ck_assert_uint_eq(alloc(ex, 15, ALIGN, BOUND, EX_FAST), 60);
	ck_assert_uint_eq(alloc(ex, 6, ALIGN, BOUND, EX_FAST), 40);
	ck_assert_uint_eq(alloc(ex, 6, ALIGN, BOUND, EX_FAST), 90);
	ck_assert_uint_eq(alloc(ex, 5, ALIGN, BOUND, EX_FAST), 25);
	extent_destroy(ex);
}
END_TEST

START_TEST(alignment)
{
	struct extent *ex = make(3, 99, EX_NOWAIT);
	u_long at;

	ck_assert_uint_eq(alloc(ex, 1, 16, BOUND, EX_NOWAIT), 16);
	ck_assert_uint_eq(alloc(ex, 1, 16, BOUND, EX_NOWAIT), 32);
	ck_assert_uint_eq(alloc(ex, 1, 2, BOUND, EX_NOWAIT), 4);
	ck_assert_uint_eq(alloc(ex, 1, 64, BOUND, EX_NOWAIT), 64);
	ck_assert_int_eq(
	    extent_alloc(ex, 1, 64, BOUND, EX_NOWAIT, &at), EAGAIN);
	ck_assert_int_eq(
	    extent_alloc(ex, 1, ULONG_MAX / 2 + 1, BOUND, EX_NOWAIT, &at),
	    EAGAIN);
	extent_destroy(ex);
}
END_TEST

START_TEST(skew)
{
	struct extent *ex = make(3, 99, EX_NOWAIT);
	u_long at;

	ck_assert_int_eq(extent_alloc1(ex, 4, 16, 5, BOUND, 0, &at), 0);
	ck_assert_uint_eq(at, 5);
	ck_assert_int_eq(extent_alloc1(ex, 4, 16, 5, BOUND, 0, &at), 0);
	ck_assert_uint_eq(at, 21);
	ck_assert_int_eq(extent_alloc1(ex, 4, 16, 2, BOUND, 0, &at), 0);
	ck_assert_uint_eq(at, 34);
	ck_assert_int_eq(
	    extent_alloc_subregion1(ex, 50, 99, 4, 16, 15, BOUND, 0, &at), 0);
	ck_assert_uint_eq(at, 63);
	check(ex);
	extent_destroy(ex);
}
END_TEST

START_TEST(boundaries_count_from_the_start)
{
	struct extent *ex = make(10, 209, EX_NOWAIT);

	/* At 10, 74, 138: three times 50 of 64, then the ends. */
	ck_assert_uint_eq(alloc(ex, 50, ALIGN, 64, EX_FAST), 10);
	ck_assert_uint_eq(alloc(ex, 50, ALIGN, 64, EX_FAST), 74);
	ck_assert_uint_eq(alloc(ex, 50, ALIGN, 64, EX_FAST), 138);
	ck_assert_uint_eq(alloc(ex, 14, ALIGN, 64, EX_FAST), 60);
	/* A region may begin on a boundary and end right before one. */
	ck_assert_uint_eq(alloc(ex, 14, 2, 64, EX_FAST), 124);
	ck_assert_uint_eq(alloc(ex, 8, ALIGN, 64, EX_FAST), 188);
	extent_destroy(ex);
}
END_TEST

START_TEST(boundaries_count_from_zero)
{
	struct extent *ex = make(10, 209, EX_NOWAIT);
	const int flags = EX_FAST | EX_BOUNDZERO;

	/* At 64, 128, 192. */
	ck_assert_uint_eq(alloc(ex, 50, ALIGN, 64, flags), 10);
	ck_assert_uint_eq(alloc(ex, 50, ALIGN, 64, flags), 64);
	ck_assert_uint_eq(alloc(ex, 5, ALIGN, 64, flags), 114);
	ck_assert_uint_eq(alloc(ex, 64, 64, 64, flags), 128);
	ck_assert_uint_eq(alloc(ex, 10, ALIGN, 64, flags), 192);
	extent_destroy(ex);
}
END_TEST

/* Alignment and skew push the request over a boundary, wherever it starts. */
START_TEST(boundary_and_skew)
{
	struct extent *ex = make(0, 999, EX_NOWAIT);
	u_long at = 0xbad;

	ck_assert_int_eq(extent_alloc1(ex, 10, 16, 6, 16, 0, &at), 0);
	ck_assert_uint_eq(at, 6);
	ck_assert_int_eq(extent_alloc1(ex, 10, 16, 7, 16, 0, &at), EINVAL);
	/* From 8 the boundaries are 8, 24, 40...: 14 - 8 + 11 is too much. */
	extent_destroy(ex);
	ex = make(8, 999, EX_NOWAIT);
	ck_assert_int_eq(
	    extent_alloc1(ex, 11, 16, 3, 16, EX_FAST, &at), EAGAIN);
	ck_assert_int_eq(extent_alloc1(ex, 5, 16, 3, 16, EX_FAST, &at), 0);
	ck_assert_uint_eq(at, 19);
	extent_destroy(ex);
}
END_TEST

START_TEST(subregion)
{
	for (int fast = 0; fast <= EX_FAST; fast += EX_FAST) {
		struct extent *ex = make(0, 99, EX_NOWAIT);
		u_long at = 0xbad;

		ck_assert_int_eq(extent_alloc_subregion(
				     ex, 50, 59, 5, ALIGN, BOUND, fast, &at),
		    0);
		ck_assert_uint_eq(at, 50);
		ck_assert_int_eq(extent_alloc_subregion(
				     ex, 50, 59, 6, ALIGN, BOUND, fast, &at),
		    EAGAIN);
		ck_assert_int_eq(extent_alloc_subregion(
				     ex, 50, 59, 5, ALIGN, BOUND, fast, &at),
		    0);
		ck_assert_uint_eq(at, 55);
		at = 0xbad;
		ck_assert_int_eq(extent_alloc_subregion(
				     ex, 50, 59, 1, ALIGN, BOUND, fast, &at),
		    EAGAIN);
		ck_assert_uint_eq(at, 0xbad);
		ck_assert_int_eq(extent_alloc_subregion(
				     ex, 99, 99, 1, ALIGN, BOUND, fast, &at),
		    0);
		ck_assert_uint_eq(at, 99);
		check(ex);
		extent_destroy(ex);
	}
}
END_TEST

START_TEST(bad_arguments)
{
	static const struct {
		u_long start, end, size, alignment, skew, boundary;
	} bad[] = {
		{ 10, 99, 0, 1, 0, 0 }, /* no size */
		{ 10, 99, 1, 0, 0, 0 }, /* no alignment */
		{ 10, 99, 1, 3, 0, 0 }, /* not a power of two */
		{ 10, 99, 1, 4, 4, 0 }, /* skew not below alignment */
		{ 10, 99, 1, 1, 1, 0 },
		{ 10, 99, 9, 1, 0, 8 },	 /* boundary below size */
		{ 10, 99, 7, 4, 2, 8 },	 /* boundary below skew and size */
		{ 10, 99, 1, 1, 0, 12 }, /* not a power of two */
		{ 9, 99, 1, 1, 0, 0 },	 /* begins outside */
		{ 10, 100, 1, 1, 0, 0 }, /* ends outside */
		{ 60, 59, 1, 1, 0, 0 },	 /* begins after its end */
		{ ULONG_MAX, 0, 1, 1, 0, 0 },
	};
	struct extent *ex = make(10, 99, EX_NOWAIT);
	u_long at = 0xbad;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(
		    extent_alloc_subregion1(ex, bad[i].start, bad[i].end,
			bad[i].size, bad[i].alignment, bad[i].skew,
			bad[i].boundary, EX_FAST, &at),
		    EINVAL);
	ck_assert_int_eq(extent_alloc(ex, ULONG_MAX, 1, 0, 0, &at), EAGAIN);
	ck_assert_uint_eq(at, 0xbad);
	ck_assert_int_eq(extent_alloc_region(ex, 10, 0, 0), EINVAL);
	ck_assert_int_eq(extent_alloc_region(ex, 9, 2, 0), EINVAL);
	ck_assert_int_eq(extent_alloc_region(ex, 99, 2, 0), EINVAL);
	ck_assert_int_eq(extent_alloc_region(ex, 100, 1, 0), EINVAL);
	ck_assert_int_eq(extent_alloc_region(ex, 50, ULONG_MAX, 0), EINVAL);
	ck_assert_uint_eq(extent_free_total(ex), 90);
	check(ex);
	extent_destroy(ex);
}
END_TEST

/* ---- a certain region; freeing ---- */

START_TEST(alloc_region)
{
	struct extent *ex = make(0, 99, EX_NOWAIT);

	region(ex, 40, 20);
	ck_assert_int_eq(extent_alloc_region(ex, 59, 1, 0), EAGAIN);
	ck_assert_int_eq(extent_alloc_region(ex, 59, 5, 0), EAGAIN);
	ck_assert_int_eq(extent_alloc_region(ex, 30, 11, 0), EAGAIN);
	ck_assert_int_eq(extent_alloc_region(ex, 0, 100, 0), EAGAIN);
	ck_assert_int_eq(extent_alloc_region(ex, 45, 1, EX_WAITSPACE), EAGAIN);
	ck_assert_uint_eq(extent_free_total(ex), 80);
	region(ex, 0, 40);
	region(ex, 99, 1);
	region(ex, 60, 39);
	ck_assert_uint_eq(extent_free_total(ex), 0);
	ck_assert_int_eq(extent_alloc_region(ex, 0, 1, 0), EAGAIN);
	extent_destroy(ex);
}
END_TEST

/* Every shape of a free: both, one and no side touch what is free. */
START_TEST(free_shapes)
{
	struct extent *ex = make(0, 99, EX_NOWAIT);

	region(ex, 0, 100);
	give_back(ex, 40, 10);
	ck_assert_uint_eq(extent_largest(ex), 10);
	give_back(ex, 60, 10);
	ck_assert_uint_eq(extent_largest(ex), 10);
	give_back(ex, 35, 5);
	ck_assert_uint_eq(extent_largest(ex), 15);
	give_back(ex, 70, 10);
	ck_assert_uint_eq(extent_largest(ex), 20);
	give_back(ex, 50, 10);
	ck_assert_uint_eq(extent_largest(ex), 45);
	give_back(ex, 99, 1);
	give_back(ex, 0, 1);
	ck_assert_str_eq(print(ex),
	    "extent `test' (0x0 - 0x63)\n"
	    "     0x1 - 0x22\n     0x50 - 0x62\n");
	give_back(ex, 1, 34);
	give_back(ex, 80, 19);
	ck_assert_uint_eq(extent_largest(ex), 100);
	ck_assert_str_eq(print(ex), "extent `test' (0x0 - 0x63)\n");
	extent_destroy(ex);
}
END_TEST

START_TEST(is_allocated)
{
	struct extent *ex = make(10, 99, EX_NOWAIT);

	ck_assert(!extent_allocated(ex, 10, 1));
	region(ex, 20, 30);
	ck_assert(extent_allocated(ex, 20, 30));
	ck_assert(extent_allocated(ex, 49, 1));
	ck_assert(!extent_allocated(ex, 19, 2));
	ck_assert(!extent_allocated(ex, 49, 2));
	ck_assert(!extent_allocated(ex, 30, 0));
	ck_assert(!extent_allocated(ex, 5, 1));
	ck_assert(!extent_allocated(ex, 30, ULONG_MAX));
	region(ex, 50, 50);
	ck_assert(extent_allocated(ex, 20, 80));
	ck_assert(!extent_allocated(ex, 20, 81));
	ck_assert(!extent_allocated(ex, 100, 1));
	extent_destroy(ex);
}
END_TEST

struct wrong_free {
	struct extent *ex;
	u_long start, size;
};

static void
free_wrong(void *arg)
{
	struct wrong_free *w = arg;

	(void)extent_free(w->ex, w->start, w->size, EX_NOWAIT);
}

START_TEST(free_of_what_is_not_allocated)
{
	static const u_long wrong[][2] = { { 15, 1 }, { 15, 10 }, { 45, 10 },
		{ 15, 50 }, { 30, 0 }, { 0, 5 }, { 95, 10 }, { 30, ULONG_MAX },
		{ 10, 90 } };
	struct extent *ex = make(10, 99, EX_NOWAIT);

	region(ex, 20, 30);
	region(ex, 90, 10);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct wrong_free w = { ex, wrong[i][0], wrong[i][1] };

		ck_assert_msg(test_panics(free_wrong, &w,
				  "panic: extent_free: not allocated: 0x"),
		    "%zu", i);
	}
	ck_assert(test_panics(free_wrong, &(struct wrong_free){ ex, 0x50, 4 },
	    "0x50 - 0x53 of extent `test'"));
	extent_destroy(ex);
}
END_TEST

static void
create_backwards(void *arg)
{
	(void)arg;
	(void)make(5, 4, EX_NOWAIT);
}

START_TEST(create_with_end_before_start)
{
	ck_assert(test_panics(create_backwards, NULL,
	    "panic: extent_create: end < start: 0x5 - 0x4 of extent `test'"));
}
END_TEST

START_TEST(print_all)
{
	struct extent *ex = make(0, 0xfff, EX_NOCOALESCE);

	ck_assert_str_eq(
	    print(ex), "extent `test' (0x0 - 0xfff), EX_NOCOALESCE\n");
	region(ex, 0, 1);
	region(ex, 0xabc, 0x10);
	region(ex, 0xfff, 1);
	ck_assert_str_eq(print(ex),
	    "extent `test' (0x0 - 0xfff), EX_NOCOALESCE\n"
	    "     0x0 - 0x0\n     0xabc - 0xacb\n     0xfff - 0xfff\n");
	host.hooks.log = NULL;
	ck_assert_str_eq(print(ex), "");
	extent_destroy(ex);
}
END_TEST

/* A name is of any length; a line is not. */
START_TEST(print_long_name)
{
	char name[500];
	struct extent *ex;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ex = extent_create_host(&host.hooks, &host, name, 0, 1, NULL, 0, 0);
	ck_assert_uint_gt(strlen(print(ex)), 80);
	ck_assert_uint_lt(strlen(logged), 200);
	ck_assert_int_eq(memcmp(logged, "extent `nnnn", 12), 0);
	extent_destroy(ex);
}
END_TEST

/* ---- the ends of the address space ---- */

START_TEST(every_address)
{
	struct extent *ex = make(0, ULONG_MAX, EX_NOWAIT);
	const u_long half = ULONG_MAX / 2 + 1;

	ck_assert_uint_eq(extent_largest(ex), ULONG_MAX);
	ck_assert_uint_eq(extent_free_total(ex), ULONG_MAX);
	ck_assert_uint_eq(alloc(ex, ULONG_MAX, ALIGN, BOUND, EX_NOWAIT), 0);
	ck_assert_uint_eq(extent_largest(ex), 1);
	ck_assert_uint_eq(alloc(ex, 1, ALIGN, BOUND, EX_NOWAIT), ULONG_MAX);
	ck_assert_uint_eq(extent_largest(ex), 0);
	ck_assert_uint_eq(extent_free_total(ex), 0);
	ck_assert(extent_allocated(ex, ULONG_MAX, 1));
	ck_assert(!extent_allocated(ex, ULONG_MAX, 2));
	give_back(ex, ULONG_MAX, 1);
	give_back(ex, 1, ULONG_MAX - 1);
	give_back(ex, 0, 1);
	ck_assert_uint_eq(extent_free_total(ex), ULONG_MAX);
	ck_assert_uint_eq(alloc(ex, half, half, half, EX_NOWAIT), 0);
	ck_assert_uint_eq(alloc(ex, half, half, half, EX_NOWAIT), half);
	ck_assert_str_eq(print(ex) + strlen(logged) - 2, "f\n");
	extent_destroy(ex);
}
END_TEST

START_TEST(top_of_the_addresses)
{
	struct extent *ex = make(ULONG_MAX - 9, ULONG_MAX, EX_NOWAIT);
	u_long at;

	/* Nothing aligned up there but by wrapping around. */
	ck_assert_int_eq(extent_alloc(ex, 1, 16, BOUND, EX_FAST, &at), EAGAIN);
	ck_assert_int_eq(extent_alloc(ex, 11, 1, BOUND, EX_FAST, &at), EAGAIN);
	ck_assert_uint_eq(
	    alloc(ex, 4, 4, 8, EX_FAST | EX_BOUNDZERO), ULONG_MAX - 7);
	region(ex, ULONG_MAX, 1);
	ck_assert_int_eq(extent_alloc_region(ex, ULONG_MAX, 2, 0), EINVAL);
	give_back(ex, ULONG_MAX - 7, 4);
	give_back(ex, ULONG_MAX, 1);
	ck_assert_uint_eq(extent_largest(ex), 10);
	extent_destroy(ex);
}
END_TEST

/* ---- memory ---- */

START_TEST(memory_follows_use)
{
	struct extent *ex = make(0, 999, EX_NOWAIT);
	size_t fresh = host.outstanding, one;

	region(ex, 100, 1);
	one = host.outstanding - fresh;
	ck_assert_uint_gt(one, 0);
	ck_assert_uint_le(one, EXTENT_REGION_SIZE_);
	region(ex, 200, 1);
	region(ex, 300, 1);
	ck_assert_uint_eq(host.outstanding, fresh + 3 * one);
	region(ex, 101, 99); /* a free region goes, and its memory */
	ck_assert_uint_eq(host.outstanding, fresh + 2 * one);
	give_back(ex, 100, 101);
	give_back(ex, 300, 1);
	ck_assert_uint_eq(host.outstanding, fresh);
	region(ex, 0, 1000); /* the last descriptor stays */
	ck_assert_uint_eq(host.outstanding, fresh);
	host.fail_at = 1;
	give_back(ex, 0, 1000);
	ck_assert_uint_eq(host.fail_at, 1);
	host.fail_at = 0;
	extent_destroy(ex);
	ck_assert_uint_eq(host.outstanding, 0);
}
END_TEST

START_TEST(create_without_memory)
{
	for (size_t k = 1; k <= 2; k++) {
		host.fail_at = k;
		ck_assert_ptr_null(extent_create_host(
		    &host.hooks, &host, "x", 0, 99, NULL, 0, EX_NOWAIT));
		ck_assert_uint_eq(host.fail_at, 0);
		ck_assert_uint_eq(host.outstanding, 0);
	}
}
END_TEST

/* A call that finds no descriptor leaves everything as it was. */
START_TEST(no_memory_changes_nothing)
{
	struct extent *ex = make(0, 99, EX_NOWAIT);
	char before[sizeof(logged)];
	u_long at = 0xbad;

	region(ex, 30, 20);
	strcpy(before, print(ex));
	for (int call = 0; call < 3; call++) {
		size_t outstanding = host.outstanding;
		int error = -1;

		host.fail_at = 1;
		if (call == 0)
			error = extent_alloc_region(ex, 10, 5, EX_NOWAIT);
		else if (call == 1)
			error = extent_alloc(ex, 35, 64, BOUND, EX_WAITOK, &at);
		else
			error = extent_free(ex, 40, 5, EX_NOWAIT);
		ck_assert_int_eq(error, ENOMEM);
		ck_assert_uint_eq(host.fail_at, 0);
		ck_assert_uint_eq(at, 0xbad);
		ck_assert_uint_eq(host.outstanding, outstanding);
		ck_assert_str_eq(print(ex), before);
		check(ex);
	}
	/* These need none. */
	host.fail_at = 1;
	ck_assert_uint_eq(alloc(ex, 5, ALIGN, BOUND, EX_FAST), 0);
	region(ex, 95, 5);
	give_back(ex, 30, 5);
	give_back(ex, 45, 5);
	give_back(ex, 35, 10);
	host.fail_at = 0;
	extent_destroy(ex);
}
END_TEST

/* As many calls as there are spare descriptors need no memory. */
START_TEST(spare)
{
	static char storage[EXTENT_FIXED_STORAGE_SIZE(9)];
	struct extent *ex = make(0, 99, EX_NOWAIT);
	size_t n;

	/* Of the host's there is none, until all is allocated. */
	ck_assert_uint_eq(extent_spare(ex), 0);
	region(ex, 10, 10);
	ck_assert_uint_eq(extent_spare(ex), 0);
	region(ex, 0, 10);
	region(ex, 20, 80);
	ck_assert_uint_eq(extent_spare(ex), 1);
	host.fail_at = 1;
	give_back(ex, 40, 1);
	ck_assert_uint_eq(host.fail_at, 1);
	ck_assert_uint_eq(extent_spare(ex), 0);
	ck_assert_int_eq(extent_free(ex, 50, 1, EX_NOWAIT), ENOMEM);
	extent_destroy(ex);

	ex = extent_create_host(&host.hooks, &host, "fixed", 0, 999, storage,
	    sizeof(storage), EX_NOWAIT);
	n = extent_spare(ex);
	ck_assert_uint_ge(n, 9);
	for (u_long at = 1; n-- > 0; at += 2) {
		region(ex, at, 1);
		ck_assert_uint_eq(extent_spare(ex), n);
	}
	ck_assert_int_eq(extent_alloc_region(ex, 900, 1, EX_NOWAIT), ENOMEM);
	ck_assert_int_eq(extent_free(ex, 1, 1, EX_NOWAIT), 0); /* joins two */
	ck_assert_uint_eq(extent_spare(ex), 1);
	region(ex, 0, 1); /* needs none */
	ck_assert_uint_eq(extent_spare(ex), 1);
	region(ex, 900, 1);
	ck_assert_uint_eq(extent_spare(ex), 0);
	extent_destroy(ex);

	/* What freeing may need is not spare. */
	ex = make(0, 99, EX_NOCOALESCE);
	for (u_long at = 0; at < 3; at++)
		region(ex, at, 1);
	ck_assert_uint_eq(extent_spare(ex), 0);
	extent_destroy(ex);
}
END_TEST

/* A fixed extent without a host to ask: as many regions as were promised, at
 * every alignment of the storage. */
START_TEST(fixed_storage)
{
	static const struct physseg_host nothing;
	enum { REGIONS = 5 };
	static char storage[EXTENT_FIXED_STORAGE_SIZE(REGIONS) + 64];

	for (size_t skewed = 0; skewed < 64; skewed++) {
		size_t size = EXTENT_FIXED_STORAGE_SIZE(REGIONS);
		struct extent *ex;
		u_long at = 1;

		memset(storage, 0xa5, sizeof(storage));
		ex = extent_create_host(&nothing, NULL, "fixed", 0, 999,
		    storage + skewed, size, EX_NOWAIT);
		ck_assert_ptr_nonnull(ex);
		for (int i = 0; i < REGIONS; i++, at += 2)
			region(ex, at, 1);
		ck_assert_uint_eq(extent_free_total(ex), 995);
		/* The rest, whatever the alignment left of it, runs out. */
		while (extent_alloc_region(ex, at, 1, EX_NOWAIT) == 0)
			at += 2;
		ck_assert_uint_lt(at, 60);
		ck_assert_int_eq(
		    extent_alloc_region(ex, at, 1, EX_NOWAIT), ENOMEM);
		check(ex);
		region(ex, 0, 1); /* what needs none goes on */
		region(ex, at, 1);
		extent_print(ex);
		extent_destroy(ex);
		for (size_t i = 0; i < skewed; i++)
			ck_assert_int_eq(storage[i], (char)0xa5);
		for (size_t i = skewed + size; i < sizeof(storage); i++)
			ck_assert_int_eq(storage[i], (char)0xa5);
	}
}
END_TEST

START_TEST(fixed_storage_too_small)
{
	char storage[EXTENT_FIXED_STORAGE_SIZE(0)];
	size_t size = sizeof(storage);

	ck_assert_ptr_nonnull(extent_create_host(
	    &host.hooks, &host, "fixed", 0, 9, storage, size, EX_NOWAIT));
	while (extent_create_host(&host.hooks, &host, "fixed", 0, 9, storage,
		   size, EX_MALLOCOK) != NULL)
		size--;
	ck_assert_uint_gt(size, 0);
	ck_assert_ptr_null(extent_create_host(
	    &host.hooks, &host, "fixed", 0, 9, storage, 0, EX_MALLOCOK));
	ck_assert_uint_eq(host.allocs, 0);
}
END_TEST

START_TEST(fixed_storage_extended)
{
	static char storage[EXTENT_FIXED_STORAGE_SIZE(2)];
	struct extent *ex = extent_create_host(&host.hooks, &host, "fixed", 0,
	    999, storage, sizeof(storage), EX_NOWAIT);
	u_long at = 1;

	while (extent_alloc_region(ex, at, 1, EX_NOWAIT) == 0)
		at += 2;
	ck_assert_uint_eq(host.allocs, 0);
	ck_assert_int_eq(extent_alloc_region(ex, at, 1, EX_MALLOCOK), 0);
	ck_assert_uint_eq(host.allocs, 1);
	ck_assert_int_eq(extent_free(ex, at, 1, EX_NOWAIT), 0);
	check(ex);
	ck_assert_uint_eq(host.outstanding, 0);
	ck_assert_int_eq(extent_alloc_region(ex, at, 1, EX_NOWAIT), ENOMEM);
	for (int i = 0; i < 2; i++, at += 2)
		ck_assert_int_eq(
		    extent_alloc_region(ex, at, 1, EX_MALLOCOK), 0);
	check(ex);
	ck_assert_uint_eq(host.live, 2);
	extent_destroy(ex);
	ck_assert_uint_eq(host.live, 0);
}
END_TEST

/* The storage's descriptors are used first, whichever are there. */
START_TEST(fixed_storage_first)
{
	static char storage[EXTENT_FIXED_STORAGE_SIZE(2)];
	struct extent *ex = extent_create_host(&host.hooks, &host, "fixed", 0,
	    999, storage, sizeof(storage), EX_NOCOALESCE);

	for (u_long at = 0; at < 8; at++)
		ck_assert_int_eq(
		    extent_alloc_region(ex, at, 1, EX_MALLOCOK), 0);
	ck_assert_uint_gt(host.live, 4);
	give_back(ex, 1, 1);
	give_back(ex, 3, 1);
	for (u_long at = 0; at < 8; at++)
		if (at != 1 && at != 3 && at != 7)
			give_back(ex, at, 1);
	check(ex);
	ck_assert_uint_eq(host.live, 0);
	extent_destroy(ex);
}
END_TEST

/* EX_NOCOALESCE: whoever frees what he allocated never needs memory. */
START_TEST(nocoalesce_free_never_fails)
{
	struct extent *ex = make(0, 99, EX_NOCOALESCE);
	size_t fresh = host.outstanding;
	u_long at;

	for (u_long i = 0; i < 10; i++)
		ck_assert_uint_eq(alloc(ex, 10, ALIGN, BOUND, 0), 10 * i);
	host.fail_at = 1;
	for (u_long i = 0; i < 10; i += 2)
		give_back(ex, 10 * i, 10);
	for (u_long i = 1; i < 10; i += 2)
		give_back(ex, 10 * i, 10);
	ck_assert_uint_eq(host.fail_at, 1);
	ck_assert_uint_eq(host.outstanding, fresh);
	ck_assert_uint_eq(extent_largest(ex), 100);
	/* It is the allocation that fails. */
	ck_assert_int_eq(extent_alloc(ex, 10, 1, 0, 0, &at), ENOMEM);
	ck_assert_uint_eq(extent_free_total(ex), 100);
	check(ex);
	/* Parts may not be freed, but if they are, nothing breaks. */
	ck_assert_uint_eq(alloc(ex, 100, ALIGN, BOUND, 0), 0);
	for (u_long i = 1; i < 100; i += 2)
		give_back(ex, i, 1);
	extent_destroy(ex);
}
END_TEST

/* extent_create proper, on userspace's host. */
START_TEST(userspace)
{
	char storage[EXTENT_FIXED_STORAGE_SIZE(1)];

	for (int fixed = 0; fixed < 2; fixed++) {
		struct extent *ex =
		    extent_create("user", 0, 99, fixed ? storage : NULL,
			fixed ? sizeof(storage) : 0, EX_WAITOK);

		ck_assert_ptr_nonnull(ex);
		for (u_long at = 1; at < 99; at += 2)
			ck_assert_int_eq(
			    extent_alloc_region(ex, at, 1, EX_MALLOCOK), 0);
		check(ex);
		extent_destroy(ex);
	}
}
END_TEST

/* The manual page's own example. */
START_TEST(manual_page)
{
	struct extent *foo = make(0, 0x3ffff, EX_WAITOK | EX_NOCOALESCE);

	ck_assert_uint_eq(alloc(foo, 0x2000, 0x1000, 0x10000, EX_NOWAIT), 0);
	extent_destroy(foo);
}
END_TEST

/* ---- a check that finds nothing is no check ---- */

/* Break one thing, see what the check calls it, mend it. */
#define BREAKS(breaking, mending, text)                              \
	do {                                                         \
		breaking;                                            \
		ck_assert_ptr_nonnull(extent_check(ex));             \
		ck_assert_str_eq(extent_check(ex), "extent: " text); \
		mending;                                             \
		check(ex);                                           \
	} while (0)

START_TEST(check_finds_what_is_broken)
{
	struct extent *ex = make_holes();
	struct region *a = physseg_extent_next(ex, NULL);
	struct region *b = physseg_extent_next(ex, a);
	struct region *c = physseg_extent_next(ex, b);
	struct region *d = physseg_extent_next(ex, c);
	struct region a0 = *a, c0 = *c, d0 = *d;
	struct region odd = { .start = 35, .end = 36 };

	/* The tree is b over a and c, c over d, which alone is red. */
	ck_assert_ptr_eq(RB_ROOT(&ex->by_address), b);
	ck_assert_ptr_eq(RB_RIGHT(c, by_address), d);
	BREAKS(a->start = 31, *a = a0, "a free region is empty or outside");
	BREAKS(ex->end = 98, ex->end = 99, "a free region is empty or outside");
	BREAKS(a->end = a->largest = 45, *a = a0, "free regions overlap");
	BREAKS(a->end = a->largest = 39, *a = a0, "free regions touch");
	BREAKS(a->end--, *a = a0, "largest of a subtree is wrong");
	BREAKS(b->largest++, b->largest--, "largest of a subtree is wrong");
	BREAKS((d->end--, d->largest--), *d = d0, "sum of free is wrong");
	BREAKS(RB_COLOR(a, by_address) = RB_RED, *a = a0,
	    "paths differ in black nodes");
	BREAKS(RB_COLOR(a, by_address) = RB_COLOR(c, by_address) = RB_RED,
	    (*a = a0, *c = c0), "a red node has a red child");
	BREAKS(RB_PARENT(d, by_address) = NULL, *d = d0,
	    "a child has another parent");
	BREAKS(ex->nfree++, ex->nfree--, "regions by address are miscounted");
	BREAKS((c->end -= 17, c->largest = 9, ex->free_total -= 17),
	    (*c = c0, ex->free_total += 17), "regions are not sorted by size");
	BREAKS(rb_tree_insert_node(&ex->by_size, &odd),
	    rb_tree_remove_node(&ex->by_size, &odd),
	    "by size, but not by address");
	BREAKS(rb_tree_remove_node(&ex->by_size, a),
	    rb_tree_insert_node(&ex->by_size, a),
	    "by address, but not by size");
	BREAKS(ex->ndescr++, ex->ndescr--, "a descriptor is lost");
	BREAKS(ex->nwhole += 99, ex->nwhole -= 99, "a descriptor is missing");
	BREAKS((ex->spare[true] = &odd, ex->ndescr++),
	    (ex->spare[true] = NULL, ex->ndescr--),
	    "a spare descriptor was not given back");
	extent_destroy(ex);
}
END_TEST

static void
add_tests(Suite *s, const char *name, const TTest *const *tests, size_t n)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
}
#define ADD_TESTS(s, name, tests) \
	add_tests(s, name, tests, sizeof(tests) / sizeof((tests)[0]))

static Suite *
suite(void)
{
	const TTest *const where[] = { fresh_is_handed_out_from_the_start,
		best_fit, first_fit, alignment, skew,
		boundaries_count_from_the_start, boundaries_count_from_zero,
		boundary_and_skew, subregion, bad_arguments, every_address,
		top_of_the_addresses, manual_page };
	const TTest *const freeing[] = { alloc_region, free_shapes,
		is_allocated, free_of_what_is_not_allocated,
		create_with_end_before_start, print_all, print_long_name,
		check_finds_what_is_broken };
	const TTest *const memory[] = { memory_follows_use,
		create_without_memory, no_memory_changes_nothing, spare,
		fixed_storage, fixed_storage_too_small, fixed_storage_extended,
		fixed_storage_first, nocoalesce_free_never_fails, userspace };
	Suite *s = suite_create("extent(9)");

	ADD_TESTS(s, "where", where);
	ADD_TESTS(s, "freeing", freeing);
	ADD_TESTS(s, "memory", memory);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
