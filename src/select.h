/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select.h -- one of two pointers, without a jump.
 *
 * A search of unknown data goes either way as often; a processor that jumps
 * guesses, and guesses wrongly every other time.  A compiler left alone makes a
 * jump of the condition below, because it loads only what is needed.  Where it
 * can be told that both pointers are there already, it selects.
 */
#ifndef PHYSSEG_SELECT_H
#define PHYSSEG_SELECT_H

#include <stdbool.h>

/* `b' if `second', else `a'. */
static inline const void *
physseg_select(const void *a, const void *b, bool second)
{
#if defined(__GNUC__)
	__asm__("" : "+r"(a), "+r"(b));
#endif
	return second ? b : a;
}

#endif /* PHYSSEG_SELECT_H */
