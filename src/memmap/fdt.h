/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fdt.h -- a flattened device tree's form (fdt.c), apart from what its nodes
 * mean (fdt_memory.c).  Not installed.
 */
#ifndef FDT_H
#define FDT_H

#include "memmap_private.h"

/* The properties that somebody here wants to know. */
enum physseg_fdt_property {
	FDT_ADDRESS_CELLS,
	FDT_SIZE_CELLS,
	FDT_DEVICE_TYPE,
	FDT_STATUS,
	FDT_REG,
	FDT_USABLE_MEMORY,
	FDT_USABLE_RANGE,
	FDT_HOTPLUGGABLE,
	FDT_NODE_ID,
	FDT_NO_MAP,
	FDT_SIZE,
	FDT_ALIGNMENT,
	FDT_PROPERTIES
};

struct physseg_fdt_node {
	const char *name;
	size_t depth;				    /* the root's is 0 */
	size_t offset;				    /* in the structure block */
	struct physseg_input value[FDT_PROPERTIES]; /* NULL: it has none */
};

/* The parts of a blob. */
struct physseg_fdt {
	struct physseg_input structure;
	struct physseg_input strings;
	struct physseg_input reserved; /* the list begins here */
};

/* Find the parts.  NULL, or what is malformed. */
const char *physseg_fdt_open(
    struct physseg_fdt *fdt, const void *blob, size_t size);

/* The next range of the blob's own list.  False: it is not inside. */
bool physseg_fdt_reserved(
    struct physseg_fdt *fdt, uint64_t *base, uint64_t *length);

/* Call `visit' for each node, a parent before its children.  What it returns,
 * if not 0, ends the walk.  *wrong is what is malformed, if anything is. */
int physseg_fdt_walk(const struct physseg_fdt *fdt,
    int (*visit)(void *arg, const struct physseg_fdt_node *node), void *arg,
    const char **wrong);

/* Is a property's value this text? */
bool physseg_fdt_is(const struct physseg_input *value, const char *text);

/*
 * Take a number of `cells' words off the front of a property's value.  NULL, or
 * what is malformed; a number that does not fit 64 bits is.
 */
const char *physseg_fdt_number(
    struct physseg_input *value, uint32_t cells, uint64_t *number);

#endif /* FDT_H */
