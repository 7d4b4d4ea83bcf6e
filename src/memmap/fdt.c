/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fdt.c -- a flattened device tree, read once from front to back (Devicetree
 * Specification 0.4, chapter 5).
 *
 * The properties of a node come before its children.  So one node at a time has
 * to be remembered, and it is shown when its first child begins or it ends.
 */
#include "fdt.h"

/* The header's words. */
enum {
	FDT_MAGIC = 0,
	FDT_TOTAL = 4,
	FDT_STRUCTURE = 8,
	FDT_STRINGS = 12,
	FDT_RESERVED = 16,
	FDT_VERSION = 20,
	FDT_COMPATIBLE = 24,
	FDT_STRINGS_SIZE = 32,
	FDT_STRUCTURE_SIZE = 36,
	FDT_HEADER_SIZE = 40
};

/* The version that tells the structure's size is the only one in use. */
enum { FDT_VERSION_READ = 17 };

enum token {
	FDT_BEGIN_NODE = 1,
	FDT_END_NODE = 2,
	FDT_PROPERTY = 3,
	FDT_NOP = 4,
	FDT_END = 9
};

#define FDT_MAGIC_VALUE 0xd00dfeed

static const char *const fdt_names[FDT_PROPERTIES] = {
	[FDT_ADDRESS_CELLS] = "#address-cells",
	[FDT_SIZE_CELLS] = "#size-cells",
	[FDT_DEVICE_TYPE] = "device_type",
	[FDT_STATUS] = "status",
	[FDT_REG] = "reg",
	[FDT_USABLE_MEMORY] = "linux,usable-memory",
	[FDT_USABLE_RANGE] = "linux,usable-memory-range",
	[FDT_HOTPLUGGABLE] = "hotpluggable",
	[FDT_NODE_ID] = "numa-node-id",
	[FDT_NO_MAP] = "no-map",
	[FDT_SIZE] = "size",
	[FDT_ALIGNMENT] = "alignment",
};

/* ---- words and texts ---- */

/* A word at `offset', which lies inside: the highest byte first. */
static uint32_t
fdt_word_at(const struct physseg_input *input, size_t offset)
{
	const unsigned char *const at = input->at + offset;

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | at[3];
}

static bool
fdt_take_word(struct physseg_input *input, uint32_t *word)
{
	struct physseg_input taken;

	if (!physseg_input_take(input, 4, &taken))
		return false;
	*word = fdt_word_at(&taken, 0);
	return true;
}

const char *
physseg_fdt_number(
    struct physseg_input *value, uint32_t cells, uint64_t *number)
{
	uint32_t word;

	for (*number = 0; cells > 0; cells--) {
		if (*number >> 32 != 0)
			return "a number does not fit 64 bits";
		if (!fdt_take_word(value, &word))
			return "a property has not the length of its cells";
		*number = *number << 32 | word;
	}
	return NULL;
}

bool
physseg_fdt_is(const struct physseg_input *value, const char *text)
{
	size_t i = 0;

	do {
		if (i == value->size || value->at[i] != (unsigned char)text[i])
			return false;
	} while (text[i++] != '\0');
	return true;
}

/* ---- the blob ---- */

const char *
physseg_fdt_open(struct physseg_fdt *fdt, const void *blob, size_t size)
{
	struct physseg_input whole = { blob, size };
	const struct physseg_input *const header = &whole;

	if (size < FDT_HEADER_SIZE ||
	    fdt_word_at(header, FDT_MAGIC) != FDT_MAGIC_VALUE)
		return "it is no device tree";
	if (fdt_word_at(header, FDT_VERSION) < FDT_VERSION_READ ||
	    fdt_word_at(header, FDT_COMPATIBLE) > FDT_VERSION_READ)
		return "the device tree is of another version";
	if (fdt_word_at(header, FDT_TOTAL) < FDT_HEADER_SIZE ||
	    !physseg_input_part(
		&whole, 0, fdt_word_at(header, FDT_TOTAL), &whole))
		return "the device tree is not whole";
	if (!physseg_input_part(&whole, fdt_word_at(header, FDT_STRUCTURE),
		fdt_word_at(header, FDT_STRUCTURE_SIZE), &fdt->structure) ||
	    !physseg_input_part(&whole, fdt_word_at(header, FDT_STRINGS),
		fdt_word_at(header, FDT_STRINGS_SIZE), &fdt->strings) ||
	    fdt_word_at(header, FDT_RESERVED) > whole.size)
		return "a block of the device tree lies outside of it";
	(void)physseg_input_part(&whole, fdt_word_at(header, FDT_RESERVED),
	    whole.size - fdt_word_at(header, FDT_RESERVED), &fdt->reserved);
	/* So every string in it ends. */
	while (fdt->strings.size > 0 &&
	    fdt->strings.at[fdt->strings.size - 1] != '\0')
		fdt->strings.size--;
	return NULL;
}

bool
physseg_fdt_reserved(struct physseg_fdt *fdt, uint64_t *base, uint64_t *length)
{
	return physseg_fdt_number(&fdt->reserved, 2, base) == NULL &&
	    physseg_fdt_number(&fdt->reserved, 2, length) == NULL;
}

/* ---- the structure ---- */

struct fdt_walk {
	const struct physseg_fdt *fdt;
	struct physseg_input rest; /* of the structure */
	size_t depth;		   /* nodes that are open */
	bool begun;		   /* the root has */
	bool shown;		   /* the innermost one was */
	struct physseg_fdt_node node;
	int (*visit)(void *, const struct physseg_fdt_node *);
	void *arg;
};

/* Skip to the next word after `size' bytes; the last padding may be missing. */
static void
fdt_align(struct fdt_walk *walk, size_t size)
{
	struct physseg_input padding;

	size = (4 - size % 4) % 4;
	(void)physseg_input_take(&walk->rest,
	    size < walk->rest.size ? size : walk->rest.size, &padding);
}

static int
fdt_show(struct fdt_walk *walk)
{
	if (walk->shown)
		return PHYSSEG_OK;
	walk->shown = true;
	return walk->visit(walk->arg, &walk->node);
}

/* What a token begins, each: NULL, or what is malformed. */
static const char *
fdt_begin_node(struct fdt_walk *walk, size_t offset)
{
	const struct physseg_input before = walk->rest;
	struct physseg_input byte;

	if (walk->depth == 0 && walk->begun)
		return "the device tree has two roots";
	do {
		if (!physseg_input_take(&walk->rest, 1, &byte))
			return "a node's name does not end";
	} while (*byte.at != '\0');
	fdt_align(walk, before.size - walk->rest.size);
	walk->node = (struct physseg_fdt_node){
		.name = (const char *)before.at,
		.depth = walk->depth++,
		.offset = offset,
	};
	walk->begun = true;
	walk->shown = false;
	return NULL;
}

static const char *
fdt_end_node(struct fdt_walk *walk)
{
	if (walk->depth == 0)
		return "a node ends that did not begin";
	walk->depth--;
	return NULL;
}

static const char *
fdt_property(struct fdt_walk *walk)
{
	uint32_t size, offset;
	struct physseg_input value, name;
	size_t i;

	if (!fdt_take_word(&walk->rest, &size) ||
	    !fdt_take_word(&walk->rest, &offset) ||
	    !physseg_input_take(&walk->rest, size, &value))
		return "a property does not end";
	fdt_align(walk, size);
	if (walk->shown)
		return "a property is not where its node begins";
	if (offset >= walk->fdt->strings.size)
		return "a property has no name";
	(void)physseg_input_part(&walk->fdt->strings, offset,
	    walk->fdt->strings.size - offset, &name);
	for (i = 0; i < FDT_PROPERTIES; i++)
		if (walk->node.value[i].at == NULL &&
		    physseg_fdt_is(&name, fdt_names[i]))
			walk->node.value[i] = value;
	return NULL;
}

int
physseg_fdt_walk(const struct physseg_fdt *fdt,
    int (*visit)(void *, const struct physseg_fdt_node *), void *arg,
    const char **wrong)
{
	struct fdt_walk walk = { .fdt = fdt,
		.rest = fdt->structure,
		.shown = true,
		.visit = visit,
		.arg = arg };
	uint32_t token;
	size_t offset;
	int error = PHYSSEG_OK;

	*wrong = NULL;
	while (error == PHYSSEG_OK && *wrong == NULL) {
		offset = fdt->structure.size - walk.rest.size;
		if (!fdt_take_word(&walk.rest, &token))
			token = 0; /* which is none */
		switch (token) {
		case FDT_BEGIN_NODE:
			if ((error = fdt_show(&walk)) == PHYSSEG_OK)
				*wrong = fdt_begin_node(&walk, offset);
			break;
		case FDT_END_NODE:
			if ((error = fdt_show(&walk)) == PHYSSEG_OK)
				*wrong = fdt_end_node(&walk);
			break;
		case FDT_PROPERTY:
			*wrong = fdt_property(&walk);
			break;
		case FDT_NOP:
			break;
		case FDT_END:
			if (walk.depth == 0 && walk.begun)
				return PHYSSEG_OK;
			*wrong = "a node of the device tree does not end";
			break;
		default:
			*wrong = "the device tree does not end";
		}
	}
	return error;
}
