/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * mem.h -- the four functions of libc that the library calls.
 *
 * They are declared here, because a compiler without a libc has no <string.h>.
 * Every kernel has them, because compilers turn assignments into calls of them.
 */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

#endif /* MEM_H */
