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
	MAGIC = 0,
	TOTAL = 4,
	STRUCTURE = 8,
	STRINGS = 12,
	RESERVED = 16,
	VERSION = 20,
	COMPATIBLE = 24,
	STRINGS_SIZE = 32,
	STRUCTURE_SIZE = 36,
	HEADER_SIZE = 40
};

/* The version that tells the structure's size is the only one in use. */
enum { VERSION_READ = 17 };

enum token { BEGIN_NODE = 1, END_NODE = 2, PROPERTY = 3, NOP = 4, END = 9 };

#define MAGIC_VALUE 0xd00dfeed

static const char *const names[FDT_PROPERTIES] = {
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
word_at(const struct physseg_input *input, size_t offset)
{
	const unsigned char *const at = input->at + offset;

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | at[3];
}

static bool
take_word(struct physseg_input *input, uint32_t *word)
{
	struct physseg_input taken;

	if (!physseg_input_take(input, 4, &taken))
		return false;
	*word = word_at(&taken, 0);
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
		if (!take_word(value, &word))
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

	if (size < HEADER_SIZE || word_at(header, MAGIC) != MAGIC_VALUE)
		return "it is no device tree";
	if (word_at(header, VERSION) < VERSION_READ ||
	    word_at(header, COMPATIBLE) > VERSION_READ)
		return "the device tree is of another version";
	if (word_at(header, TOTAL) < HEADER_SIZE ||
	    !physseg_input_part(&whole, 0, word_at(header, TOTAL), &whole))
		return "the device tree is not whole";
	if (!physseg_input_part(&whole, word_at(header, STRUCTURE),
		word_at(header, STRUCTURE_SIZE), &fdt->structure) ||
	    !physseg_input_part(&whole, word_at(header, STRINGS),
		word_at(header, STRINGS_SIZE), &fdt->strings) ||
	    word_at(header, RESERVED) > whole.size)
		return "a block of the device tree lies outside of it";
	(void)physseg_input_part(&whole, word_at(header, RESERVED),
	    whole.size - word_at(header, RESERVED), &fdt->reserved);
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

struct walk {
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
align(struct walk *walk, size_t size)
{
	struct physseg_input padding;

	size = (4 - size % 4) % 4;
	(void)physseg_input_take(&walk->rest,
	    size < walk->rest.size ? size : walk->rest.size, &padding);
}

static int
show(struct walk *walk)
{
	if (walk->shown)
		return PHYSSEG_OK;
	walk->shown = true;
	return walk->visit(walk->arg, &walk->node);
}

/* What a token begins, each: NULL, or what is malformed. */
static const char *
begin_node(struct walk *walk, size_t offset)
{
	const struct physseg_input before = walk->rest;
	struct physseg_input byte;

	if (walk->depth == 0 && walk->begun)
		return "the device tree has two roots";
	do {
		if (!physseg_input_take(&walk->rest, 1, &byte))
			return "a node's name does not end";
	} while (*byte.at != '\0');
	align(walk, before.size - walk->rest.size);
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
end_node(struct walk *walk)
{
	if (walk->depth == 0)
		return "a node ends that did not begin";
	walk->depth--;
	return NULL;
}

static const char *
property(struct walk *walk)
{
	uint32_t size, offset;
	struct physseg_input value, name;
	size_t i;

	if (!take_word(&walk->rest, &size) ||
	    !take_word(&walk->rest, &offset) ||
	    !physseg_input_take(&walk->rest, size, &value))
		return "a property does not end";
	align(walk, size);
	if (walk->shown)
		return "a property is not where its node begins";
	if (offset >= walk->fdt->strings.size)
		return "a property has no name";
	(void)physseg_input_part(&walk->fdt->strings, offset,
	    walk->fdt->strings.size - offset, &name);
	for (i = 0; i < FDT_PROPERTIES; i++)
		if (walk->node.value[i].at == NULL &&
		    physseg_fdt_is(&name, names[i]))
			walk->node.value[i] = value;
	return NULL;
}

int
physseg_fdt_walk(const struct physseg_fdt *fdt,
    int (*visit)(void *, const struct physseg_fdt_node *), void *arg,
    const char **wrong)
{
	struct walk walk = { .fdt = fdt,
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
		if (!take_word(&walk.rest, &token))
			token = 0; /* which is none */
		switch (token) {
		case BEGIN_NODE:
			if ((error = show(&walk)) == PHYSSEG_OK)
				*wrong = begin_node(&walk, offset);
			break;
		case END_NODE:
			if ((error = show(&walk)) == PHYSSEG_OK)
				*wrong = end_node(&walk);
			break;
		case PROPERTY:
			*wrong = property(&walk);
			break;
		case NOP:
			break;
		case END:
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
