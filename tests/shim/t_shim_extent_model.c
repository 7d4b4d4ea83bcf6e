/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/shim/t_shim_extent_model.c -- extent(9) against a map of addresses:
 * long random sequences of every call, where answer, address, totals and the
 * host's memory are known after each; and very many regions.
 */
#include <limits.h>
#include <string.h>

#include "support.h"

#include "shim/extent.h"
#include "shim/extent_private.h"

static struct test_host host;

static void
setup(void)
{
	test_host_init(&host, 0);
}

static void
teardown(void)
{
	ck_assert_uint_eq(host.outstanding, 0);
}

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

/* ---- the model ---- */

#define SPACE 300

static bool used[SPACE]; /* the model: is base + i allocated? */
static u_long base;

static const int fits[] = { 0, EX_FAST };

struct ask {
	u_long start, end, size, alignment, skew, boundary;
	int flags;
	bool fast; /* the first fit is asked for */
};

/* May the request be met at `at'?  As the manual page says it. */
static bool
allowed(const struct ask *a, u_long at)
{
	u_long zero = (a->flags & EX_BOUNDZERO) != 0 ? 0 : base;

	if (at < a->start || at > a->end || a->size - 1 > a->end - at ||
	    (at - a->skew) % a->alignment != 0)
		return false;
	return a->boundary == 0 ||
	    (at - zero) / a->boundary ==
	    (at - zero + a->size - 1) / a->boundary;
}

/* The lowest place in the free region [from, to), of indices. */
static bool
place(const struct ask *a, size_t from, size_t to, u_long *at)
{
	for (; from + a->size <= to; from++)
		if (allowed(a, base + from)) {
			*at = base + from;
			return true;
		}
	return false;
}

/* The end of the free region that begins at index i. */
static size_t
free_until(size_t i)
{
	while (i < SPACE && !used[i])
		i++;
	return i;
}

static bool
expected(const struct ask *a, u_long *best)
{
	size_t smallest = SPACE + 1;
	u_long at;

	for (size_t i = 0, end; i < SPACE; i = end + 1) {
		end = free_until(i);
		if (end - i >= smallest || !place(a, i, end, &at))
			continue;
		smallest = a->fast ? 0 : end - i;
		*best = at;
	}
	return smallest <= SPACE;
}

static void
mark(u_long start, u_long size, bool as)
{
	for (u_long i = 0; i < size; i++)
		used[start - base + i] = as;
}

/* Where is the first free region that has `size' or more? */
static void
find_in_model(const struct extent *ex, size_t size)
{
	u_long at = 0;
	size_t i = 0;

	while (i < SPACE && free_until(i) - i < size)
		i = free_until(i) + 1;
	ck_assert_int_eq(extent_find(ex, size, &at), i < SPACE);
	test_assert(i >= SPACE || at == base + i);
}

/* Which free region is the first that ends at an address or above? */
static void
next_in_model(const struct extent *ex, size_t from)
{
	u_long start = 0, end = 0;
	size_t i = from, first;

	while (i < SPACE && used[i])
		i++;
	ck_assert_int_eq(
	    extent_next_free(ex, base + from, &start, &end), i < SPACE);
	if (i == SPACE)
		return;
	for (first = i; first > 0 && !used[first - 1]; first--)
		continue;
	test_assert(start == base + first);
	test_assert(end == base + free_until(i) - 1);
}

static void
compare_with_model(struct extent *ex, size_t fresh)
{
	size_t total = 0, largest = 0, regions = 0;

	check(ex);
	for (size_t i = 0, end; i < SPACE; i = end + 1) {
		end = free_until(i);
		regions += end > i;
		total += end - i;
		largest = end - i > largest ? end - i : largest;
		if (end < SPACE)
			test_assert(extent_allocated(ex, base + end, 1));
		if (end > i) {
			test_assert(!extent_allocated(ex, base + i, 1));
			test_assert(!extent_allocated(ex, base + end - 1, 1));
		}
	}
	ck_assert_uint_eq(extent_free_total(ex), total);
	ck_assert_uint_eq(extent_largest(ex), largest);
	find_in_model(ex, 1);
	find_in_model(ex, largest / 2 + 1);
	find_in_model(ex, largest > 0 ? largest : 1);
	find_in_model(ex, largest + 1);
	for (size_t i = 0; i < SPACE; i += 37)
		next_in_model(ex, i);
	ck_assert_uint_eq(host.outstanding,
	    fresh + (regions > 1 ? regions - 1 : 0) * ex->descr_size);
}

static struct ask
random_ask(struct test_rng *rng)
{
	struct ask a = {
		.start = base,
		.end = base + SPACE - 1,
		.size = 1 +
		    test_random_size(rng, test_random_below(rng, 4) ? 8 : 60),
		.alignment = 1,
		.flags = fits[test_random_below(rng, 2)],
	};

	if (test_random_below(rng, 2) == 0) {
		a.alignment = (u_long)1 << test_random_below(rng, 6);
		a.skew = test_random_size(rng, a.alignment);
	}
	if (test_random_below(rng, 2) == 0) {
		a.boundary = (u_long)4 << test_random_below(rng, 6);
		if (test_random_below(rng, 2) == 0)
			a.flags |= EX_BOUNDZERO;
	}
	if (test_random_below(rng, 2) == 0) {
		a.start += test_random_size(rng, SPACE);
		a.end = a.start + test_random_size(rng, base + SPACE - a.start);
	}
	return a;
}

static void
step_alloc(struct extent *ex, struct test_rng *rng)
{
	struct ask a = random_ask(rng);
	u_long at = 0xbad, want = 0xbad;
	int error;

	a.fast = ex->fastonly || (a.flags & EX_FAST) != 0;
	if (a.boundary != 0 && a.boundary < a.size + a.skew)
		error = EINVAL;
	else
		error = expected(&a, &want) ? 0 : EAGAIN;
	ck_assert_int_eq(extent_alloc_subregion1(ex, a.start, a.end, a.size,
			     a.alignment, a.skew, a.boundary, a.flags, &at),
	    error);
	ck_assert_uint_eq(at, want);
	if (error == 0)
		mark(at, a.size, true);
}

/* Some addresses, with luck all of one kind. */
static u_long
random_range(struct test_rng *rng, u_long *start)
{
	size_t i = test_random_size(rng, SPACE), n = i;
	bool same = used[i];

	while (n < SPACE && used[n] == same)
		n++;
	if (test_random_below(rng, 3) == 0) /* from its start */
		while (i > 0 && used[i - 1] == same)
			i--;
	*start = base + i;
	return test_random_below(rng, 3) == 0
	    ? n - i
	    : 1 + test_random_size(rng, n - i);
}

static void
step_region(struct extent *ex, struct test_rng *rng)
{
	u_long start, size = random_range(rng, &start);

	if (used[start - base]) {
		if (test_random_below(rng, 2) == 0 && start > base) {
			start--; /* the first is free, the last is not */
			size++;
		}
		ck_assert_int_eq(
		    extent_alloc_region(ex, start, size, 0), EAGAIN);
		return;
	}
	ck_assert_int_eq(extent_alloc_region(ex, start, size, 0), 0);
	mark(start, size, true);
}

static void
step_free(struct extent *ex, struct test_rng *rng)
{
	u_long start, size = random_range(rng, &start);

	ck_assert(extent_allocated(ex, start, size) == used[start - base]);
	if (!used[start - base])
		return;
	ck_assert_int_eq(extent_free(ex, start, size, 0), 0);
	mark(start, size, false);
}

/* Any step, with the next allocation of memory failing: either it needs none,
 * or nothing changes. */
static void
step_starved(struct extent *ex, struct test_rng *rng)
{
	u_long start, size = random_range(rng, &start);
	bool was = used[start - base];
	int error;

	host.fail_at = 1;
	error = was ? extent_free(ex, start, size, 0)
		    : extent_alloc_region(ex, start, size, 0);
	ck_assert_int_eq(error, host.fail_at == 0 ? ENOMEM : 0);
	host.fail_at = 0;
	if (error == 0)
		mark(start, size, !was);
}

static void (*const steps[])(struct extent *, struct test_rng *) = {
	step_alloc,
	step_alloc,
	step_region,
	step_free,
	step_free,
	step_starved,
};

START_TEST(random_steps)
{
	static const u_long bases[] = { 0, 1, 1000, ULONG_MAX - SPACE + 1 };
	struct test_rng rng = { test_seed + (uint64_t)_i };
	unsigned long n = test_steps != 0 ? test_steps : 20000;
	struct extent *ex;
	size_t fresh;

	base = bases[_i / 2];
	memset(used, 0, sizeof(used));
	ex = make(base, base + SPACE - 1, _i % 2 ? EX_FASTONLY : EX_NOWAIT);
	fresh = host.outstanding;
	for (unsigned long step = 0; step < n; step++) {
		steps[test_random_below(&rng, 6)](ex, &rng);
		compare_with_model(ex, fresh);
	}
	extent_destroy(ex);
}
END_TEST

/* ---- many regions ---- */

static int
height(const struct region *r)
{
	int left, right;

	if (r == NULL)
		return 0;
	left = height(RB_LEFT(r, by_address));
	right = height(RB_RIGHT(r, by_address));
	return 1 + (left > right ? left : right);
}

static int
height_by_size(const rb_node_t *node)
{
	int left, right;

	if (node == NULL)
		return 0;
	left = height_by_size(rb_node_left(node));
	right = height_by_size(rb_node_right(node));
	return 1 + (left > right ? left : right);
}

/*
 * 2^18 free regions of one address, and one of two at the very end.  No search
 * takes more steps than a few times the height of a tree, which is bounded; and
 * so many calls as there are here would not come back if each were linear.
 */
START_TEST(many_regions)
{
	const u_long n = (u_long)1 << 18, last = 2 * n;
	struct extent *ex = make(0, last + 2, EX_NOWAIT);
	u_long at;

	test_assert(extent_alloc_region(ex, 0, last + 3, 0) == 0);
	for (u_long i = 1; i < last; i += 2)
		test_assert(extent_free(ex, i, 1, 0) == 0);
	test_assert(extent_free(ex, last + 1, 2, 0) == 0);
	check(ex);
	ck_assert_uint_eq(ex->nfree, n + 1);
	ck_assert_int_le(height(RB_ROOT(&ex->by_address)), 2 * 19);
	ck_assert_int_le(height_by_size(rb_tree_root(&ex->by_size)), 2 * 19);
	for (u_long i = 0; i < n; i++) {
		test_assert(extent_alloc(ex, 2, EX_NOALIGN, EX_NOBOUNDARY,
				fits[i % 2], &at) == 0);
		test_assert(at == last + 1);
		test_assert(extent_free(ex, at, 2, 0) == 0);
	}
	for (u_long i = 0; i < n; i++) {
		test_assert(extent_alloc(ex, 1, EX_NOALIGN, EX_NOBOUNDARY,
				fits[i % 2], &at) == 0);
		test_assert(at == 2 * i + 1);
	}
	check(ex);
	extent_destroy(ex);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("extent(9), random");
	TCase *tc = tcase_create("model");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, random_steps, 0, 8);
	tcase_add_test(tc, many_regions);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
