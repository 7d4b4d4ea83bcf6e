/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fdt_memory.c -- what the nodes of a device tree say of memory (Devicetree
 * Specification 0.4, 3.4 to 3.6; Linux: Documentation/devicetree).
 *
 * Memory is told by children of the root, and what of it is taken by children
 * of one of these.  Nothing else in the tree matters, and it does not matter in
 * which order they come, since a memory map takes layers in any order.
 */
#include "fdt.h"

struct cells {
	uint32_t address;
	uint32_t size;
};

struct reading {
	struct physseg_memmap *memmap;
	struct cells root;
	struct cells reserved; /* of /reserved-memory, */
	bool inside_reserved;  /* of which children come now */
	void (*unplaced)(void *, const struct physseg_memmap_unplaced *);
	void *arg;
	struct physseg_memmap_reason *reason;
};

/* Call it for each range of a property. */
typedef int range_visit(
    struct reading *reading, uint64_t base, uint64_t length, void *arg);

static int
fdt_malformed(const struct reading *reading, const char *wrong)
{
	return physseg_reader_fail(reading->memmap, reading->reason, wrong);
}

/* A property of one word. */
static int
fdt_word(
    const struct reading *reading, struct physseg_input value, uint32_t *word)
{
	uint64_t number = 0;
	const char *const wrong = physseg_fdt_number(&value, 1, &number);

	*word = (uint32_t)number;
	return wrong == NULL ? PHYSSEG_OK : fdt_malformed(reading, wrong);
}

/* The cells of a node's children. */
static int
fdt_read_cells(const struct reading *reading,
    const struct physseg_fdt_node *node, struct cells *cells)
{
	const struct physseg_input *const value = node->value;
	int error = PHYSSEG_OK;

	*cells = (struct cells){ .address = 2, .size = 1 };
	if (value[FDT_ADDRESS_CELLS].at != NULL)
		error = fdt_word(
		    reading, value[FDT_ADDRESS_CELLS], &cells->address);
	if (error == PHYSSEG_OK && value[FDT_SIZE_CELLS].at != NULL)
		error = fdt_word(reading, value[FDT_SIZE_CELLS], &cells->size);
	return error;
}

static int
fdt_each_range(struct reading *reading, struct physseg_input ranges,
    const struct cells *cells, range_visit *visit, void *arg)
{
	uint64_t base, length;
	const char *wrong;
	int error = PHYSSEG_OK;

	if (ranges.size > 0 && cells->size == 0)
		return fdt_malformed(reading, "ranges of memory have no sizes");
	while (error == PHYSSEG_OK && ranges.size > 0) {
		wrong = physseg_fdt_number(&ranges, cells->address, &base);
		if (wrong == NULL)
			wrong =
			    physseg_fdt_number(&ranges, cells->size, &length);
		error = wrong == NULL ? visit(reading, base, length, arg)
				      : fdt_malformed(reading, wrong);
	}
	return error;
}

/* ---- memory ---- */

static bool
fdt_is_enabled(const struct physseg_fdt_node *node)
{
	const struct physseg_input *const status = &node->value[FDT_STATUS];

	return status->at == NULL || physseg_fdt_is(status, "okay") ||
	    physseg_fdt_is(status, "ok");
}

/* Is a node called this, whatever its unit address is? */
static bool
fdt_is_named(const struct physseg_fdt_node *node, const char *name)
{
	size_t i = 0;

	while (name[i] != '\0' && node->name[i] == name[i])
		i++;
	return name[i] == '\0' &&
	    (node->name[i] == '\0' || node->name[i] == '@');
}

static bool
fdt_is_memory(const struct physseg_fdt_node *node)
{
	const struct physseg_input *const type = &node->value[FDT_DEVICE_TYPE];

	return type->at != NULL ? physseg_fdt_is(type, "memory")
				: fdt_is_named(node, "memory");
}

/* A bank of memory; `arg' is the node's number and flags. */
struct bank {
	int node;
	unsigned flags;
};

static int
fdt_add_bank(struct reading *reading, uint64_t base, uint64_t length, void *arg)
{
	const struct bank *const bank = arg;

	return physseg_reader_add(reading->memmap, base, length,
	    PHYSSEG_KIND_RAM, bank->node, bank->flags, reading->reason);
}

static int
fdt_memory(struct reading *reading, const struct physseg_fdt_node *node)
{
	const struct physseg_input *const value = node->value;
	const struct physseg_input *banks = &value[FDT_USABLE_MEMORY];
	struct bank bank = { .node = PHYSSEG_NONODE };
	uint32_t number = 0;
	int error;

	if (!fdt_is_enabled(node))
		return PHYSSEG_OK;
	if (banks->at == NULL)
		banks = &value[FDT_REG];
	if (value[FDT_HOTPLUGGABLE].at != NULL)
		bank.flags = PHYSSEG_REGION_REMOVABLE;
	if (value[FDT_NODE_ID].at != NULL) {
		error = fdt_word(reading, value[FDT_NODE_ID], &number);
		if (error != PHYSSEG_OK)
			return error;
		if (number > INT32_MAX)
			return fdt_malformed(reading, "there is no such node");
		bank.node = (int)number;
	}
	return fdt_each_range(
	    reading, *banks, &reading->root, fdt_add_bank, &bank);
}

/* ---- the range that may be used: outside of it memory is cut ---- */

/* The lowest of the ranges that reach `from' or lie above it. */
struct lowest {
	uint64_t from;
	uint64_t first;
	uint64_t last;
	bool found;
};

static int
fdt_find_lowest(
    struct reading *reading, uint64_t base, uint64_t length, void *arg)
{
	struct lowest *const lowest = arg;
	const uint64_t last = base + (length - 1);

	if (length == 0)
		return PHYSSEG_OK;
	if (last < base)
		return fdt_malformed(reading, "a range of memory wraps");
	if (last < lowest->from)
		return PHYSSEG_OK;
	if (!lowest->found || base < lowest->first) {
		lowest->first = base;
		lowest->last = last;
		lowest->found = true;
	}
	return PHYSSEG_OK;
}

static int
fdt_clip(struct reading *reading, const struct physseg_input *ranges)
{
	struct lowest lowest = { .from = 0 };
	bool any = false;
	int error;

	for (;;) {
		lowest.found = false;
		error = fdt_each_range(
		    reading, *ranges, &reading->root, fdt_find_lowest, &lowest);
		if (error != PHYSSEG_OK || (!lowest.found && !any))
			return error;
		if (!lowest.found) /* up to the end of the address space */
			return physseg_reader_done(reading->memmap,
			    physseg_memmap_cut(reading->memmap, lowest.from,
				0 - lowest.from, reading->reason));
		any = true;
		if (lowest.first > lowest.from)
			error = physseg_reader_done(reading->memmap,
			    physseg_memmap_cut(reading->memmap, lowest.from,
				lowest.first - lowest.from, reading->reason));
		if (error != PHYSSEG_OK || lowest.last == UINT64_MAX)
			return error;
		lowest.from = lowest.last + 1;
	}
}

/* ---- memory that is taken ---- */

/* `arg' is whether it must not be mapped: then it is no memory. */
static int
fdt_take_away(
    struct reading *reading, uint64_t base, uint64_t length, void *arg)
{
	const bool *const no_map = arg;
	int error;

	if (length == 0) {
		reading->memmap->skipped++;
		return PHYSSEG_OK;
	}
	error = *no_map
	    ? physseg_memmap_add(reading->memmap, base, length,
		  PHYSSEG_KIND_RESERVED, PHYSSEG_NONODE, 0, reading->reason)
	    : physseg_memmap_reserve(
		  reading->memmap, base, length, reading->reason);
	return physseg_reader_done(reading->memmap, error);
}

/* A node that has a size and no address. */
static int
fdt_tell_unplaced(struct reading *reading, const struct physseg_fdt_node *node)
{
	struct physseg_memmap_unplaced unplaced = { .name = node->name,
		.no_map = node->value[FDT_NO_MAP].at != NULL,
		.offset = node->offset };
	struct physseg_input size = node->value[FDT_SIZE];
	struct physseg_input alignment = node->value[FDT_ALIGNMENT];
	const char *wrong;

	wrong =
	    physseg_fdt_number(&size, reading->reserved.size, &unplaced.size);
	if (wrong == NULL && alignment.at != NULL)
		wrong = physseg_fdt_number(
		    &alignment, reading->reserved.size, &unplaced.alignment);
	if (wrong != NULL)
		return fdt_malformed(reading, wrong);
	reading->memmap->unplaced++;
	if (reading->unplaced != NULL)
		reading->unplaced(reading->arg, &unplaced);
	return PHYSSEG_OK;
}

static int
fdt_reserved_node(struct reading *reading, const struct physseg_fdt_node *node)
{
	const struct physseg_input *const value = node->value;
	bool no_map = value[FDT_NO_MAP].at != NULL;

	if (!fdt_is_enabled(node))
		return PHYSSEG_OK;
	if (value[FDT_REG].at != NULL)
		return fdt_each_range(reading, value[FDT_REG],
		    &reading->reserved, fdt_take_away, &no_map);
	if (value[FDT_SIZE].at != NULL)
		return fdt_tell_unplaced(reading, node);
	reading->memmap->skipped++;
	return PHYSSEG_OK;
}

/* ---- the tree ---- */

static int
fdt_child_of_root(struct reading *reading, const struct physseg_fdt_node *node)
{
	reading->inside_reserved = fdt_is_named(node, "reserved-memory");
	if (reading->inside_reserved)
		return fdt_read_cells(reading, node, &reading->reserved);
	if (fdt_is_named(node, "chosen"))
		return fdt_clip(reading, &node->value[FDT_USABLE_RANGE]);
	if (fdt_is_named(node, "ibm,dynamic-reconfiguration-memory"))
		return fdt_malformed(
		    reading, "ibm,dynamic-reconfiguration-memory is not read");
	return fdt_is_memory(node) ? fdt_memory(reading, node) : PHYSSEG_OK;
}

static int
fdt_visit(void *arg, const struct physseg_fdt_node *node)
{
	struct reading *const reading = arg;

	switch (node->depth) {
	case 0:
		return fdt_read_cells(reading, node, &reading->root);
	case 1:
		return fdt_child_of_root(reading, node);
	case 2:
		return reading->inside_reserved
		    ? fdt_reserved_node(reading, node)
		    : PHYSSEG_OK;
	default:
		return PHYSSEG_OK;
	}
}

/* The blob's own list, which ends with an entry of zeros. */
static int
fdt_blob_list(struct reading *reading, struct physseg_fdt *fdt)
{
	uint64_t base, length;
	bool no_map = false;
	int error;

	do {
		if (!physseg_fdt_reserved(fdt, &base, &length))
			return fdt_malformed(reading,
			    "the device tree's reserved ranges do not end");
		if (base == 0 && length == 0)
			return PHYSSEG_OK;
		error = fdt_take_away(reading, base, length, &no_map);
	} while (error == PHYSSEG_OK);
	return error;
}

int
physseg_memmap_add_fdt(struct physseg_memmap *memmap, const void *blob,
    size_t size,
    void (*unplaced)(void *, const struct physseg_memmap_unplaced *), void *arg,
    struct physseg_memmap_reason *reason)
{
	struct reading reading = { .memmap = memmap,
		.unplaced = unplaced,
		.arg = arg,
		.reason = reason };
	struct physseg_fdt fdt;
	const char *wrong;
	int error;

	if ((wrong = physseg_fdt_open(&fdt, blob, size)) != NULL)
		return fdt_malformed(&reading, wrong);
	if ((error = fdt_blob_list(&reading, &fdt)) != PHYSSEG_OK)
		return error;
	error = physseg_fdt_walk(&fdt, fdt_visit, &reading, &wrong);
	return wrong == NULL ? error : fdt_malformed(&reading, wrong);
}
