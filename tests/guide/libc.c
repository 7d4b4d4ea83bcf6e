/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * libc.c -- the four functions of libc that the library needs, as a kernel has
 * them.  With OTHER two of them have prototypes that are not the standard's.
 */
#include <stddef.h>

#ifdef OTHER
void memcpy(void *to, const void *from, unsigned size);
void *memset(void *to, unsigned char byte, unsigned size);
#define RETURN(to)
#else
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int byte, size_t size);
#define RETURN(to) return to
#endif
void *memmove(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);

#ifdef OTHER
void
memcpy(void *to, const void *from, unsigned size)
#else
void *
memcpy(void *restrict to, const void *restrict from, size_t size)
#endif
{
	const char *f = from;
	char *t = to;

	while (size-- > 0)
		*t++ = *f++;
	RETURN(to);
}

#ifdef OTHER
void *
memset(void *to, unsigned char byte, unsigned size)
#else
void *
memset(void *to, int byte, size_t size)
#endif
{
	char *t = to;

	while (size-- > 0)
		*t++ = (char)byte;
	return to;
}

void *
memmove(void *to, const void *from, size_t size)
{
	const char *f = from;
	char *t = to;

	if (t < f)
		while (size-- > 0)
			*t++ = *f++;
	else
		while (size-- > 0)
			t[size] = f[size];
	return to;
}

int
memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a, *y = b;

	for (; size > 0; size--, x++, y++)
		if (*x != *y)
			return *x < *y ? -1 : 1;
	return 0;
}
