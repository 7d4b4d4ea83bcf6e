/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fdt.h -- the memory that a flattened device tree tells of.
 */
#ifndef FDT_H
#define FDT_H

#include "kernel.h"

/*
 * Add the tree's memory, and what of it is reserved: by the blob's own list,
 * by the nodes under /reserved-memory.  The blob is not aligned to anything,
 * nothing outside of its first `most' bytes is read, whatever it says.  NULL,
 * or what is malformed; what was found until then has been added.
 */
const char *fdt_read(const void *blob, size_t most, struct ranges *memory,
    struct ranges *reserved);

/* The bytes that a blob which was read takes. */
size_t fdt_size(const void *blob);

#endif /* FDT_H */
