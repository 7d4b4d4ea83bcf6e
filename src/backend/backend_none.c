/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_none.c -- no backend for a map that names none.  The freestanding
 * library has this file in the place of backend_default.c.
 *
 * A linker takes every object that a program's objects refer to.  A default
 * would bring its backend into every kernel, also into one that names another
 * backend.
 */
#include <physseg/backend.h>

const struct physseg_backend *
physseg_backend_default(void)
{
	return NULL;
}
