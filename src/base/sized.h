/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * sized.h -- structures that a program shares with the library, and that can
 * grow.
 *
 * Program and library may have been compiled with different forms of a
 * structure.  A newer form has additional fields at its end, behind the last
 * byte of the older form.  So the size tells which form it is.
 */
#ifndef PHYSSEG_SIZED_H
#define PHYSSEG_SIZED_H

#include <stdbool.h>
#include <stddef.h>

#include "mem.h"

/* Copy a program's structure into the library's form.  Fields that the program
 * does not have are 0.  False: the program has set a field that this library
 * does not know. */
static inline bool
physseg_sized_read(void *to, size_t to_size, const void *from, size_t from_size)
{
	const unsigned char *byte = from;
	size_t i;

	memset(to, 0, to_size);
	memcpy(to, from, from_size < to_size ? from_size : to_size);
	for (i = to_size; i < from_size; i++)
		if (byte[i] != 0)
			return false;
	return true;
}

/* Where to write the library's form, of `size' bytes: into the program's
 * `to_size' bytes, or into `own' if these are too few. */
static inline void *
physseg_sized_begin(void *to, size_t to_size, void *own, size_t size)
{
	return to_size < size ? own : to;
}

/* After that was written: give the program what it has room for, and 0 for
 * fields that this library does not know. */
static inline void
physseg_sized_end(void *to, size_t to_size, const void *own, size_t size)
{
	if (to_size < size)
		memcpy(to, own, to_size);
	else
		memset((char *)to + size, 0, to_size - size);
}

#endif /* PHYSSEG_SIZED_H */
