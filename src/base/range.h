/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * range.h -- the arithmetic of ranges of frames.
 *
 * A comment that begins with @ is a contract, in ACSL: `requires' is what a
 * caller owes, `ensures' what the function promises.  scripts/prove.sh proves
 * that it keeps the promise for every argument (docs/proof.md).
 */
#ifndef PHYSSEG_RANGE_H
#define PHYSSEG_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/types.h>

/* Frames [start, end); empty if start >= end. */
struct physseg_range {
	physseg_pfn_t start;
	physseg_pfn_t end;
};

/* C11 6.2.5, 9: a result below 0 is reduced modulo 2 to the power of the
 * width. */
/*@ lemma frame_wraps: \forall integer x; -PHYSSEG_NOFRAME - 1 <= x < 0 ==>
	(physseg_pfn_t)x == x + PHYSSEG_NOFRAME + 1;
    lemma address_wraps: \forall integer x; -UINTPTR_MAX - 1 <= x < 0 ==>
	(uintptr_t)x == x + UINTPTR_MAX + 1; */

/*@ predicate range_has(struct physseg_range range, integer pfn) =
	range.start <= pfn < range.end; */

/*@ assigns \nothing;
    ensures range.start < range.end ==>
	\result == range.end - range.start;
    ensures range.start >= range.end ==> \result == 0; */
static inline physseg_pfn_t
physseg_range_size(struct physseg_range range)
{
	return range.start < range.end ? range.end - range.start : 0;
}

/* The part of the range that lies in [start, end). */
/*@ assigns \nothing;
    ensures \forall integer pfn; range_has(\result, pfn) <==>
	range_has(range, pfn) && start <= pfn < end;
    ensures start <= end ==>
	start <= \result.start <= end && start <= \result.end <= end; */
static inline struct physseg_range
physseg_range_clamp(
    struct physseg_range range, physseg_pfn_t start, physseg_pfn_t end)
{
	if (range.start < start)
		range.start = start;
	if (range.start > end)
		range.start = end;
	if (range.end < start)
		range.end = start;
	if (range.end > end)
		range.end = end;
	return range;
}

/* Two ranges as one.  Both are empty, or the upper begins where the lower
 * ends. */
/*@ requires lower.start < lower.end <==> upper.start < upper.end;
    requires lower.start < lower.end ==> lower.end == upper.start;
    assigns \nothing;
    ensures \forall integer pfn; range_has(\result, pfn) <==>
	range_has(lower, pfn) || range_has(upper, pfn); */
static inline struct physseg_range
physseg_range_join(struct physseg_range lower, struct physseg_range upper)
{
	if (physseg_range_size(upper) == 0)
		return lower;
	return (struct physseg_range){ lower.start, upper.end };
}

/* Is the frame in [start, end)?  A frame below `start' is so far above it,
 * modulo the width of a frame number, that it is not. */
/*@ requires start <= end;
    assigns \nothing;
    ensures \result <==> start <= pfn < end; */
static inline bool
physseg_range_contains(
    physseg_pfn_t start, physseg_pfn_t end, physseg_pfn_t pfn)
{
	return pfn - start < end - start;
}

/* Is some frame in both?  Neither may be empty. */
/*@ requires start < end && other_start < other_end;
    assigns \nothing;
    ensures \result <==> \exists integer pfn;
	start <= pfn < end && other_start <= pfn < other_end; */
static inline bool
physseg_range_meets(physseg_pfn_t start, physseg_pfn_t end,
    physseg_pfn_t other_start, physseg_pfn_t other_end)
{
	return other_start < end && start < other_end;
}

/* Is [pfn, pfn + n), which is not empty, below the limit? */
/*@ requires n > 0;
    assigns \nothing;
    ensures \result <==> pfn + n <= limit; */
static inline bool
physseg_range_below(physseg_pfn_t limit, physseg_pfn_t pfn, physseg_pfn_t n)
{
	return pfn < limit && n <= limit - pfn;
}

/* Do two pieces of memory share a byte?  Neither may be empty.  If they do, one
 * of them begins in the other. */
/*@ requires a_size > 0 && b_size > 0;
    requires 0 <= (uintptr_t)a && (uintptr_t)a + a_size <= UINTPTR_MAX + 1;
    requires 0 <= (uintptr_t)b && (uintptr_t)b + b_size <= UINTPTR_MAX + 1;
    assigns \nothing;
    ensures \result <==> (uintptr_t)a < (uintptr_t)b + b_size &&
	(uintptr_t)b < (uintptr_t)a + a_size; */
static inline bool
physseg_overlap(const void *a, size_t a_size, const void *b, size_t b_size)
{
	return (uintptr_t)a - (uintptr_t)b < b_size ||
	    (uintptr_t)b - (uintptr_t)a < a_size;
}

#endif /* PHYSSEG_RANGE_H */
