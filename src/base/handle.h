/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * handle.h -- the arithmetic of handles: the lower PHYSSEG_INDEX_BITS bits are
 * the number of a record, the upper ones its generation.
 */
#ifndef PHYSSEG_HANDLE_H
#define PHYSSEG_HANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A test builds with more bits for the number, so that generations are used
 * up. */
#ifndef PHYSSEG_INDEX_BITS
#if UINTPTR_MAX > 0xffffffff
#define PHYSSEG_INDEX_BITS 32
#else
#define PHYSSEG_INDEX_BITS 20
#endif
#endif
#define PHYSSEG_GENERATION  ((uintptr_t)1 << PHYSSEG_INDEX_BITS)
#define PHYSSEG_RECORDS_MAX (PHYSSEG_GENERATION - 1)

/* The number of the record. */
/*@ assigns \nothing;
    ensures \result == handle % PHYSSEG_GENERATION; */
static inline size_t
physseg_handle_number(uintptr_t handle)
{
	return handle % PHYSSEG_GENERATION;
}

/* Does it name a segment?  Every second generation is one. */
/*@ assigns \nothing;
    ensures \result <==> handle / PHYSSEG_GENERATION % 2 == 1; */
static inline bool
physseg_handle_live(uintptr_t handle)
{
	return handle / PHYSSEG_GENERATION % 2 != 0;
}

/* C11 6.2.5, 9: what is too large is reduced modulo 2 to the power of the
 * width. */
/*@ lemma handle_wraps: \forall integer x;
	UINTPTR_MAX < x <= 2 * UINTPTR_MAX + 1 ==>
	(uintptr_t)x == x - UINTPTR_MAX - 1; */

/* The same number in the next generation; in generation 0 behind the last. */
/*@ assigns \nothing;
    ensures \result % PHYSSEG_GENERATION == handle % PHYSSEG_GENERATION;
    ensures \result / PHYSSEG_GENERATION ==
	(handle / PHYSSEG_GENERATION + 1) %
	    (UINTPTR_MAX / PHYSSEG_GENERATION + 1); */
static inline uintptr_t
physseg_handle_next(uintptr_t handle)
{
	return handle + PHYSSEG_GENERATION;
}

#endif /* PHYSSEG_HANDLE_H */
