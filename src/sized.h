/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * sized.h -- structures that a program shares with the library, and that grow.
 *
 * Each side may have been compiled with an older or a newer form than the
 * other.  A form differs from the one before it by fields at its end, which
 * begin where that ended: so sizes say all.
 */
#ifndef PHYSSEG_SIZED_H
#define PHYSSEG_SIZED_H

#include <stdbool.h>
#include <stddef.h>

#include "mem.h"

/* Copy what a program wrote into our form; what it lacks is 0.  False: it has
 * something that we do not know, which is not 0. */
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

/* Where to write our form, of `size' bytes, for a program that has room for
 * `to_size': there, or into `own' if that is too small. */
static inline void *
physseg_sized_begin(void *to, size_t to_size, void *own, size_t size)
{
	return to_size < size ? own : to;
}

/* It is written: give the program what it has room for, and 0 for what we do
 * not know. */
static inline void
physseg_sized_end(void *to, size_t to_size, const void *own, size_t size)
{
	if (to_size < size)
		memcpy(to, own, to_size);
	else
		memset((char *)to + size, 0, to_size - size);
}

#endif /* PHYSSEG_SIZED_H */
