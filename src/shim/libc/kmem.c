/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/kmem.c -- kmem(9) over malloc and calloc.
 *
 * With KM_SLEEP callers do not check whether they got memory.  A process cannot
 * wait for memory, so kmem_alloc panics if there is none.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "shim/libc/kmem.h"
#include "shim/libc/panic.h"

static void *
checked(void *p, size_t size, km_flag_t flags)
{
	if (p == NULL && flags == KM_SLEEP)
		panic("kmem: no memory for %zu bytes", size);
	return p;
}

static void
check_arguments(size_t size, km_flag_t flags)
{
	if (size == 0)
		panic("kmem: an allocation of 0 bytes");
	if (flags != KM_SLEEP && flags != KM_NOSLEEP)
		panic("kmem: neither KM_SLEEP nor KM_NOSLEEP");
}

void *
kmem_alloc(size_t size, km_flag_t flags)
{
	check_arguments(size, flags);
	return checked(malloc(size), size, flags);
}

void *
kmem_zalloc(size_t size, km_flag_t flags)
{
	check_arguments(size, flags);
	return checked(calloc(1, size), size, flags);
}

void
kmem_free(void *p, size_t size)
{
	if (p == NULL || size == 0)
		panic("kmem_free: %zu bytes at %p", size, p);
	free(p);
}
