/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * directory.h -- a directory whose levels double in length, so that it grows
 * without moving what it has: which level the i-th entry is on, and where.
 */
#ifndef PHYSSEG_DIRECTORY_H
#define PHYSSEG_DIRECTORY_H

#include <stddef.h>

#include "base/bits.h"

#define PHYSSEG_DIR_LEVELS 24
#define PHYSSEG_DIR_FIRST  8 /* entries on the first level */

/* How many entries a level has. */
static inline size_t
physseg_directory_length(unsigned level)
{
	return (size_t)PHYSSEG_DIR_FIRST << level;
}

/* How many the levels below it have, which is the number of its first. */
static inline size_t
physseg_directory_start(unsigned level)
{
	return physseg_directory_length(level) - PHYSSEG_DIR_FIRST;
}

/* The level that entry `i' is on: its place there is i - start(level). */
static inline unsigned
physseg_directory_level(size_t i)
{
	return (unsigned)physseg_highest_bit(i / PHYSSEG_DIR_FIRST + 1);
}

#endif /* PHYSSEG_DIRECTORY_H */
