/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_at.c -- the backends of the library, one by one.
 *
 * Alone in its file: it needs all of them, and a program that names one should
 * get no other.  The list is that of sources.mk.
 */
#include <physseg/backend.h>

const struct physseg_backend *
physseg_backend_at(size_t i)
{
#define PHYSSEG_BACKEND(name) physseg_backend_##name,
	static const struct physseg_backend *(*const backends[])(void) = {
#include "backends.h"
	};

	return i < sizeof(backends) / sizeof(backends[0]) ? backends[i]()
							  : NULL;
}
