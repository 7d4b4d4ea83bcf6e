/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * mem.h -- all that the library needs of a libc.
 *
 * Declared here, because a compiler without a libc has no <string.h>; a kernel
 * has these four, since compilers make calls of them out of assignments.
 */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

#endif /* MEM_H */
