/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_none.c -- no backend for a map that names none: the freestanding
 * library's, in the place of backend_default.c.
 *
 * An archive's object brings along what it refers to.  A default would bring
 * its backend into every kernel, also into one that names another.
 */
#include <physseg/backend.h>

const struct physseg_backend *
physseg_backend_default(void)
{
	return NULL;
}
