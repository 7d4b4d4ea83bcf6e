/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_default.c -- the backend of a map that names none.
 *
 * It has a file of its own, because the freestanding library has backend_none.c
 * instead.  Of the backends that can hot plug, the radix tree has the faster
 * lookups at every number of segments (docs/benchmark.md).
 */
#include <physseg/backend.h>

const struct physseg_backend *
physseg_backend_default(void)
{
	return physseg_backend_radix();
}
