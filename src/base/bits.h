/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bits.h -- the highest and the lowest bit of a word, and how many are set.
 */
#ifndef PHYSSEG_BITS_H
#define PHYSSEG_BITS_H

#include <stddef.h>
#include <stdint.h>

/* The highest bit that is set in a word, which is not 0. */
static inline size_t
physseg_highest_bit(uintptr_t word)
{
#if defined(__GNUC__)
	return sizeof(unsigned long long) * 8 - 1 -
	    (size_t)__builtin_clzll(word);
#else
	size_t bit = 0, step;

	for (step = sizeof(word) * 4; step > 0; step /= 2)
		if (word >> step != 0) {
			word >>= step;
			bit += step;
		}
	return bit;
#endif
}

/* The lowest one. */
static inline size_t
physseg_lowest_bit(uintptr_t word)
{
	return physseg_highest_bit(word & (0 - word));
}

/* How many bits are set in a word.  Without the instruction compilers call a
 * function of their own library for it. */
static inline size_t
physseg_count_bits(uintptr_t word)
{
#if defined(__POPCNT__)
	return (size_t)__builtin_popcountll(word);
#else
	word -= word >> 1 & UINTPTR_MAX / 3;
	word = (word & UINTPTR_MAX / 5) + (word >> 2 & UINTPTR_MAX / 5);
	word = (word + (word >> 4)) & UINTPTR_MAX / 17;
	return (
	    size_t)(word * (UINTPTR_MAX / 255) >> (sizeof(uintptr_t) * 8 - 8));
#endif
}

#endif /* PHYSSEG_BITS_H */
