/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_at.c -- the backends of the library, one by one.
 *
 * It has a file of its own, because it refers to all of them: a program that
 * names one backend must not be linked with the others.  The list is that of
 * sources.mk.
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
