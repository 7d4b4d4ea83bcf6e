/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/tree.h -- libbsd's <bsd/sys/tree.h> for freestanding code.
 *
 * RB_GENERATE_STATIC uses a macro `__unused', which must not be defined here:
 * system headers use that name for members of structures.  TREE_GENERATE is
 * RB_GENERATE_STATIC with an attribute of our own.  Only .c files include this
 * file; the headers of the shims describe their nodes themselves.
 */
#ifndef SHIM_TREE_H
#define SHIM_TREE_H

#include <stddef.h>

#include <bsd/sys/tree.h>

#if defined(__GNUC__)
#define TREE_UNUSED __attribute__((__unused__))
#else
#define TREE_UNUSED
#endif

#define TREE_GENERATE(name, type, field, cmp) \
	RB_GENERATE_INTERNAL(name, type, field, cmp, TREE_UNUSED static)

#endif /* SHIM_TREE_H */
