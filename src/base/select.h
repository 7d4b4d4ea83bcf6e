/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select.h -- one of two pointers, without a jump; and a search made of that.
 *
 * A search of random data goes either way equally often.  A processor predicts
 * such a jump wrongly half of the time, and a textbook search spends more time
 * on that than on its instructions.  A compiler makes a jump of the condition
 * below unless it believes that both pointers are computed already.
 */
#ifndef PHYSSEG_SELECT_H
#define PHYSSEG_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include <physseg/types.h>

/* `b' if `second', else `a'. */
/*@ assigns \nothing;
    ensures \result == (second ? b : a); */
static inline const void *
physseg_select(const void *a, const void *b, bool second)
{
#if defined(__GNUC__)
	__asm__("" : "+r"(a), "+r"(b));
#endif
	return second ? b : a;
}

/* The position of the last of `n' sorted starts that is at most `pfn', or of
 * the first start if none is.  Each step adds half of what is left, or nothing.
 */
/*@ requires \valid_read(start + (0 .. n - 1));
    requires \forall integer i, j; 0 <= i <= j < n ==> start[i] <= start[j];
    assigns \nothing;
    ensures n == 0 ==> \result == 0;
    ensures n > 0 ==> \result < n;
    ensures \result > 0 ==> start[\result] <= pfn;
    ensures \result + 1 < n ==> pfn < start[\result + 1]; */
static inline size_t
physseg_floor(const physseg_pfn_t *start, size_t n, physseg_pfn_t pfn)
{
	const physseg_pfn_t *base = start;
	size_t half;

	/*@ loop invariant base == start + (base - start);
	    loop invariant 0 <= base - start <= \at(n, Pre);
	    loop invariant 0 <= n && (base - start) + n <= \at(n, Pre);
	    loop invariant \at(n, Pre) > 0 ==> n > 0;
	    loop invariant base - start > 0 ==> *base <= pfn;
	    loop invariant \forall integer i;
		(base - start) + n <= i < \at(n, Pre) ==> pfn < start[i];
	    loop assigns base, half, n;
	    loop variant n; */
	while (n > 1) {
		half = n / 2;
		/*@ assert base[half] == start[(base - start) + half]; */
		base = physseg_select(base, base + half, base[half] <= pfn);
		n -= half;
	}
	return (size_t)(base - start);
}

#endif /* PHYSSEG_SELECT_H */
