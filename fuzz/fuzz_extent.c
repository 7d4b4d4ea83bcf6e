/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_extent.c -- extent(9) against a model: a byte for each address.
 *
 * The addresses are a window at either end of all numbers, or in the middle.
 * An extent that is wider than the window has all that is outside it allocated.
 * Descriptors come from the host, of which an allocation may fail, or from
 * storage of any size and alignment.  A panic must change nothing.
 */
#include <limits.h>
#include <setjmp.h>
#include <string.h>

#include "fuzz.h"
#include "shim/extent.h"

#define SPACE  80 /* of the window */
#define STEPS  300
#define ALLOCS 128 /* regions that must be freed as they were allocated */

static struct {
	struct input in;
	struct extent *ex;
	u_long base;
	bool wide, fixed, nocoalesce, fastonly;
	size_t regions; /* that the storage is for */
	bool used[SPACE + 1];
	u_long at[ALLOCS], size[ALLOCS];
	size_t nallocs;
	size_t spare; /* descriptors, before a call */

	size_t outstanding, fail_at, refused, lines;
	jmp_buf panicked;
	bool may_panic;
} x;

/* ---- the host ---- */

static void *
host_alloc(void *ctx, size_t size)
{
	void *mem;

	must(ctx == &x && size != 0);
	if (x.fail_at != 0 && --x.fail_at == 0) {
		x.refused++;
		return NULL;
	}
	if ((mem = calloc(1, size)) == NULL)
		abort();
	x.outstanding += size;
	return mem;
}

static void
host_free(void *ctx, void *p, size_t size)
{
	must(ctx == &x && x.outstanding >= size);
	x.outstanding -= size;
	memset(p, 0xdb, size);
	free(p);
}

static _Noreturn void
host_panic(void *ctx, const char *reason)
{
	must(ctx == &x);
	if (!x.may_panic)
		fuzz_failed("panic", 0, reason);
	longjmp(x.panicked, 1);
}

static void
host_log(void *ctx, const char *line)
{
	must(ctx == &x && line[0] != '\0' && strlen(line) < 128);
	x.lines++;
}

static const struct physseg_host host = { .alloc = host_alloc,
	.free = host_free,
	.panic = host_panic,
	.log = host_log };

/* ---- the model ---- */

static size_t
run_end(size_t i)
{
	const bool used = x.used[i];

	while (i < SPACE && x.used[i] == used)
		i++;
	return i;
}

static size_t
count_free_regions(void)
{
	size_t n = 0;

	for (size_t i = 0; i < SPACE; i = run_end(i))
		n += !x.used[i];
	return n;
}

static bool
all_are(size_t i, size_t n, bool used)
{
	for (size_t k = i; k < i + n; k++)
		if (k >= SPACE || x.used[k] != used)
			return false;
	return n != 0;
}

static void
mark(size_t i, size_t n, bool used)
{
	for (size_t k = i; k < i + n; k++)
		x.used[k] = used;
}

/* May a call that went so answer ENOMEM?  The storage is enough for a number of
 * regions, and no call needs memory while a descriptor is spare. */
static bool
may_starve(int flags, bool allocates)
{
	if (x.spare != 0)
		return false;
	if (x.refused != 0)
		return true;
	if (!x.fixed || (flags & EX_MALLOCOK) != 0)
		return false;
	if (x.nocoalesce)
		return allocates && x.nallocs + 1 + x.wide * 2 > x.regions;
	return count_free_regions() > x.regions + 1;
}

/* Of what coalesces: of its storage, or what one of the host's has that is
 * completely allocated. */
static size_t
least_spare(void)
{
	const size_t n = count_free_regions();

	if (!x.fixed)
		return n == 0;
	return n > x.regions ? 0 : x.regions + 1 - n;
}

static void
answer(int error, int flags, bool allocates, size_t i, size_t n)
{
	if (error == 0 || error == ENOMEM)
		mark(i, n, allocates);
	must(error == 0 || (error == ENOMEM && may_starve(flags, allocates)));
	if (error == ENOMEM)
		mark(i, n, !allocates);
}

struct request {
	u_long start, end, size, alignment, skew, boundary;
	int flags;
};

static bool
is_valid(const struct request *r)
{
	const u_long a = r->alignment, b = r->boundary;

	if (r->size == 0 || r->start > r->end || r->start < x.base ||
	    r->end > x.base + (SPACE - 1) || a == 0 || (a & (a - 1)) != 0 ||
	    r->skew >= a || (b & (b - 1)) != 0)
		return false;
	return b == 0 || (r->size <= b && r->skew <= b - r->size);
}

/* Can it be there? */
static bool
fits(const struct request *r, size_t i)
{
	const u_long at = x.base + i;
	u_long zero = (r->flags & EX_BOUNDZERO) != 0 || x.wide ? 0 : x.base;

	if (at < r->start || at > r->end || r->size - 1 > r->end - at ||
	    !all_are(i, r->size, false) || (at & (r->alignment - 1)) != r->skew)
		return false;
	return r->boundary == 0 ||
	    (at - zero) / r->boundary ==
	    (at - zero + r->size - 1) / r->boundary;
}

/* Where it must be: in the smallest free region that it fits in, or in the
 * first. */
static size_t
right_place(const struct request *r)
{
	const bool fast = x.fastonly || (r->flags & EX_FAST) != 0;
	size_t best = SPACE, least = SPACE + 1;

	for (size_t i = 0, end; i < SPACE; i = end) {
		end = run_end(i);
		if (x.used[i] || end - i >= least)
			continue;
		for (size_t k = i; k < end; k++)
			if (fits(r, k)) {
				best = k;
				least = fast ? 0 : end - i;
				break;
			}
	}
	return best;
}

static void
compare(void)
{
	size_t total = 0, largest = 0, lines = 1, before = x.lines;
	const char *broken = extent_check(x.ex);
	bool all;

	if (broken != NULL)
		fuzz_failed("extent_check", 0, broken);
	for (size_t i = 0, end; i < SPACE; i = end) {
		const u_long at = x.base + i;

		end = run_end(i);
		all = !x.used[i];
		must(extent_is_free(x.ex, at, end - i) == all);
		must(extent_allocated(x.ex, at, end - i) == !all);
		if (end < SPACE) {
			must(!extent_is_free(x.ex, at, end - i + 1));
			must(!extent_allocated(x.ex, at, end - i + 1));
		}
		if (all) {
			total += end - i;
			largest = end - i > largest ? end - i : largest;
		} else
			lines++;
	}
	must(!extent_is_free(x.ex, x.base, 0));
	must(!extent_allocated(x.ex, x.base, 0));
	must(extent_free_total(x.ex) == total);
	must(extent_largest(x.ex) == largest);
	if (x.wide) { /* outside the window is a region more on either side */
		lines += x.base != 0 && !x.used[0];
		lines +=
		    x.base + (SPACE - 1) != ULONG_MAX && !x.used[SPACE - 1];
	}
	extent_print(x.ex);
	must(x.lines - before == lines);
}

/* ---- operations ---- */

static u_long
place(unsigned byte)
{
	return x.base + byte % SPACE;
}

static int
input_flags(unsigned byte)
{
	static const int flags[] = { EX_NOWAIT, EX_WAITOK, EX_CATCH,
		EX_WAITSPACE };

	return flags[byte % 4] | (byte & 4 ? EX_FAST : 0) |
	    (byte & 8 ? EX_MALLOCOK : 0) | (byte & 16 ? EX_BOUNDZERO : 0);
}

static void
keep(u_long at, u_long size)
{
	if (!x.nocoalesce)
		return;
	x.at[x.nallocs] = at;
	x.size[x.nallocs++] = size;
}

static void
op_alloc(void)
{
	static const u_long odd[] = { 0, 3, ULONG_MAX, ULONG_MAX / 2 + 1 };
	const unsigned a = input_byte(&x.in), b = input_byte(&x.in);
	const unsigned c = input_byte(&x.in), d = input_byte(&x.in);
	const unsigned e = input_byte(&x.in);
	struct request r = { .start = place(c),
		.size = a < 250 ? a % 20 : odd[a % 4],
		.alignment = b < 250 ? (u_long)1 << b % 6 : odd[b % 4],
		.boundary = e < 128 ? 0
		    : e < 250	    ? (u_long)1 << e % 7
				    : odd[e % 4],
		.flags = input_flags(d) };
	u_long at = 0xbad;
	size_t i;
	int error;

	if (x.nocoalesce && x.nallocs == ALLOCS)
		return;
	r.skew = b < 250 ? b / 6 % (r.alignment + 1) : 0;
	r.end = r.start + d % (SPACE + 1 - (c % SPACE));
	if (c % 4 < 2) {
		r.start = x.base;
		r.end = x.base + (SPACE - 1);
	}
	if (x.wide && r.end > x.base + (SPACE - 1))
		r.end = x.base + (SPACE - 1);
	error = extent_alloc_subregion1(x.ex, r.start, r.end, r.size,
	    r.alignment, r.skew, r.boundary, r.flags, &at);
	i = is_valid(&r) ? right_place(&r) : SPACE;
	if (i == SPACE) {
		must(error == (is_valid(&r) ? EAGAIN : EINVAL));
		must(at == 0xbad);
		return;
	}
	answer(error, r.flags, true, i, r.size);
	must(at == (error == 0 ? x.base + i : 0xbad));
	if (error == 0)
		keep(at, r.size);
}

static void
op_region(void)
{
	const unsigned a = input_byte(&x.in), b = input_byte(&x.in);
	const int flags = input_flags(input_byte(&x.in));
	const u_long at = place(a);
	const size_t i = a % SPACE;
	u_long size = b < 250 ? b % 24 : ULONG_MAX - b + 250;
	bool inside, free;
	int error;

	if (x.nocoalesce && x.nallocs == ALLOCS)
		return;
	if (b >= 200 && b < 250)
		size = run_end(i) - i;
	inside = size != 0 && size <= SPACE - i;
	free = inside && all_are(i, size, false);
	if (x.wide && size != 0 && size - 1 <= ULONG_MAX - at)
		inside = true;
	must(extent_is_free(x.ex, at, size) == free);
	error = extent_alloc_region(x.ex, at, size, flags);
	if (!inside)
		must(error == EINVAL);
	else if (!free)
		must(error == EAGAIN);
	else {
		answer(error, flags, true, i, size);
		if (error == 0)
			keep(at, size);
	}
}

/* A call of extent_free, and its answer. */
static struct {
	u_long start, size;
	int flags, error;
} freeing;

/* False: it panics. */
static bool
try_free(void)
{
	if (setjmp(x.panicked) != 0)
		return false;
	freeing.error =
	    extent_free(x.ex, freeing.start, freeing.size, freeing.flags);
	return true;
}

static void
op_free(void)
{
	const unsigned a = input_byte(&x.in), b = input_byte(&x.in);
	const int flags = input_flags(input_byte(&x.in));
	size_t i = a % SPACE, n = b % 24, k = 0;
	bool allocated;

	if (b >= 200)
		n = run_end(i) - i;
	if (x.nocoalesce) {
		if (x.nallocs == 0)
			return;
		k = a % x.nallocs;
		i = x.at[k] - x.base;
		n = x.size[k];
	} else if (!all_are(i, n, true) && n > SPACE - i)
		n = SPACE - i; /* what lies outside may be allocated */
	allocated = all_are(i, n, true);
	must(extent_allocated(x.ex, x.base + i, n) == allocated);
	freeing.start = x.base + i;
	freeing.size = n;
	freeing.flags = flags;
	x.may_panic = !allocated;
	must(try_free() == allocated);
	x.may_panic = false;
	if (!allocated)
		return;
	must(!x.nocoalesce || freeing.error == 0);
	answer(freeing.error, flags, false, i, n);
	if (x.nocoalesce) {
		x.at[k] = x.at[--x.nallocs];
		x.size[k] = x.size[x.nallocs];
	}
}

static void
step(void)
{
	const unsigned op = input_byte(&x.in);

	x.refused = 0;
	x.spare = extent_spare(x.ex);
	x.fail_at = x.spare != 0 || op / 8 % 4 == 3 ? 1 : 0;
	switch (op % 8) {
	case 0:
	case 1:
	case 2:
		op_alloc();
		break;
	case 3:
	case 6:
		op_region();
		break;
	default:
		op_free();
	}
	must(x.spare == 0 || x.refused == 0);
	must(x.nocoalesce || extent_spare(x.ex) + 1 >= x.spare);
	must(x.nocoalesce || extent_spare(x.ex) >= least_spare());
	x.fail_at = 0;
	compare();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const u_long bases[] = { 0, 1, 1000, ULONG_MAX / 2 - SPACE / 2,
		ULONG_MAX - (SPACE - 1), ULONG_MAX - SPACE };
	unsigned a, b;
	char *storage = NULL;
	size_t room = 0;
	u_long start, end;
	int flags;

	memset(&x, 0, sizeof(x));
	x.in = (struct input){ data, size };
	a = input_byte(&x.in);
	b = input_byte(&x.in);
	x.base = bases[a % 6];
	x.wide = (b & 1) != 0;
	x.fixed = (b & 2) != 0;
	x.nocoalesce = (b & 4) != 0;
	x.fastonly = (b & 8) != 0;
	flags =
	    (x.nocoalesce ? EX_NOCOALESCE : 0) | (x.fastonly ? EX_FASTONLY : 0);
	start = x.wide ? 0 : x.base;
	end = x.wide ? ULONG_MAX : x.base + (SPACE - 1);
	if (x.fixed) {
		x.regions = a / 6 % 12 + 2 * x.wide;
		room = EXTENT_FIXED_STORAGE_SIZE(x.regions);
		storage = malloc(room + b / 16);
	}
	x.ex = extent_create_host(&host, &x, "fuzz", start, end,
	    storage == NULL ? NULL : storage + b / 16, room, flags);
	must(x.ex != NULL);
	if (x.wide && x.base != 0)
		must(extent_alloc_region(x.ex, 0, x.base, 0) == 0);
	if (x.wide && x.base + (SPACE - 1) != ULONG_MAX)
		must(extent_alloc_region(x.ex, x.base + SPACE,
			 ULONG_MAX - x.base - (SPACE - 1), 0) == 0);
	for (int n = 0; n < STEPS && x.in.left > 0; n++)
		step();
	extent_destroy(x.ex);
	must(x.outstanding == 0);
	free(storage);
	return 0;
}
