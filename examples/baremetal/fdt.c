/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fdt.c -- a flattened device tree, read once from front to back.
 *
 * Everything is read through a part: a pointer and the bytes left behind it.
 * A read past its end fails, and nothing else can run out of the blob.  Names
 * are strings whose NUL was seen.  Memory is at most two nodes below the root,
 * so the reader remembers the path that far, and of deeper nodes their number.
 *
 * The format is the Devicetree Specification's, version 17 of the blob.
 */
#include "fdt.h"

enum {
	MAGIC,
	TOTAL,
	STRUCTURE,
	STRINGS,
	RESERVED,
	VERSION,
	COMPATIBLE,
	CPU,
	STRINGS_SIZE,
	STRUCTURE_SIZE,
	HEADER
}; /* words of the header */

enum { BEGIN_NODE = 1, END_NODE = 2, PROPERTY = 3, NOP = 4, END = 9 };

enum { PATH = 3 };

struct part {
	const unsigned char *at;
	size_t left;
};

struct node {
	const char *name;
	uint32_t address_cells; /* of its children's addresses, and sizes */
	uint32_t size_cells;
	bool memory;
	struct part reg;
};

struct reader {
	struct part strings;
	struct node path[PATH]; /* the open nodes from the root on */
	size_t depth;		/* how many are open */
	struct ranges *memory;
	struct ranges *reserved;
};

static bool
take(struct part *part, size_t size, struct part *taken)
{
	if (size > part->left)
		return false;
	*taken = (struct part){ part->at, size };
	part->at += size;
	part->left -= size;
	return true;
}

/* A number of `cells' words, the highest byte first. */
static bool
number(struct part *part, uint32_t cells, uint64_t *n)
{
	struct part bytes;

	if (cells > 2 || !take(part, cells * 4, &bytes))
		return false;
	for (*n = 0; bytes.left > 0; bytes.at++, bytes.left--)
		*n = *n << 8 | *bytes.at;
	return true;
}

static bool
word(struct part *part, uint32_t *w)
{
	uint64_t n = 0;
	bool read = number(part, 1, &n);

	*w = (uint32_t)n;
	return read;
}

/* A string that ends inside the part. */
static const char *
string(struct part *part)
{
	const char *s = (const char *)part->at;
	unsigned char c = 1;
	struct part byte;

	while (c != 0) {
		if (!take(part, 1, &byte))
			return NULL;
		c = *byte.at;
	}
	return s;
}

/* Go on at the next word of the structure; its own padding may end it. */
static void
align(struct part *part, size_t size)
{
	struct part padding;

	size = (4 - size % 4) % 4;
	(void)take(part, size < part->left ? size : part->left, &padding);
}

static bool
same(const char *a, const char *b)
{
	while (*a == *b && *a != '\0')
		a++, b++;
	return *a == *b;
}

static const char *
add(struct ranges *ranges, uint64_t start, uint64_t size)
{
	if (size > UINT64_MAX - start)
		return "a range wraps";
	if (!ranges_add(ranges, start, start + size))
		return "there are too many ranges";
	return NULL;
}

/* ---- nodes ---- */

/* The ranges of a node's reg, in its parent's cells. */
static const char *
add_reg(const struct node *parent, struct part reg, struct ranges *ranges)
{
	const char *wrong = NULL;
	uint64_t start, size;

	if (reg.left > 0 && parent->address_cells + parent->size_cells == 0)
		return "a reg without cells";
	while (wrong == NULL && reg.left > 0)
		if (number(&reg, parent->address_cells, &start) &&
		    number(&reg, parent->size_cells, &size))
			wrong = add(ranges, start, size);
		else
			wrong = "a reg has not the length of its cells";
	return wrong;
}

static const char *
begin_node(struct reader *reader, struct part *structure)
{
	const size_t before = structure->left;
	const char *name = string(structure);

	if (name == NULL)
		return "a name does not end";
	align(structure, before - structure->left);
	if (reader->depth < PATH)
		reader->path[reader->depth] = (struct node){
			.name = name, .address_cells = 2, .size_cells = 1
		};
	reader->depth++;
	return NULL;
}

static const char *
end_node(struct reader *reader)
{
	const struct node *path = reader->path;

	switch (reader->depth--) {
	case 0:
		return "a node ends that did not begin";
	case 2:
		if (path[1].memory)
			return add_reg(&path[0], path[1].reg, reader->memory);
		return NULL;
	case 3:
		if (same(path[1].name, "reserved-memory"))
			return add_reg(&path[1], path[2].reg, reader->reserved);
		return NULL;
	default:
		return NULL;
	}
}

static const char *
property(struct reader *reader, struct part *structure)
{
	struct part value, strings = reader->strings, skipped;
	uint32_t size, offset;
	struct node *node;
	const char *name;

	if (!word(structure, &size) || !word(structure, &offset) ||
	    !take(structure, size, &value))
		return "a property does not end";
	align(structure, size);
	if (!take(&strings, offset, &skipped) ||
	    (name = string(&strings)) == NULL)
		return "a property has no name";
	if (reader->depth == 0)
		return "a property outside of every node";
	if (reader->depth > PATH)
		return NULL;
	node = &reader->path[reader->depth - 1];
	if (same(name, "#address-cells"))
		return word(&value, &node->address_cells) ? NULL : name;
	if (same(name, "#size-cells"))
		return word(&value, &node->size_cells) ? NULL : name;
	if (same(name, "device_type"))
		node->memory = size == sizeof("memory") &&
		    memcmp(value.at, "memory", size) == 0;
	else if (same(name, "reg"))
		node->reg = value;
	return NULL;
}

static const char *
read_structure(struct reader *reader, struct part structure)
{
	const char *wrong = NULL;
	uint32_t token;

	while (wrong == NULL) {
		if (!word(&structure, &token))
			return "the structure does not end";
		switch (token) {
		case BEGIN_NODE:
			wrong = begin_node(reader, &structure);
			break;
		case END_NODE:
			wrong = end_node(reader);
			break;
		case PROPERTY:
			wrong = property(reader, &structure);
			break;
		case NOP:
			break;
		case END:
			return reader->depth == 0 ? NULL : "a node is open";
		default:
			return "a token that is none";
		}
	}
	return wrong;
}

/* ---- the blob ---- */

/* The blob's own list of reserved ranges, which ends with an empty one. */
static const char *
read_reserved(struct ranges *reserved, struct part list)
{
	const char *wrong = NULL;
	uint64_t start, size;

	while (wrong == NULL) {
		if (!number(&list, 2, &start) || !number(&list, 2, &size))
			return "the reserved ranges do not end";
		if (start == 0 && size == 0)
			return NULL;
		wrong = add(reserved, start, size);
	}
	return wrong;
}

/* The `size' bytes of a blob from `offset' on. */
static bool
section(struct part blob, uint32_t offset, size_t size, struct part *found)
{
	struct part skipped;

	return take(&blob, offset, &skipped) && take(&blob, size, found);
}

const char *
fdt_read(const void *blob, size_t most, struct ranges *memory,
    struct ranges *reserved)
{
	struct part whole = { blob, most }, structure, list, header = whole;
	struct reader reader = { .memory = memory, .reserved = reserved };
	uint32_t head[HEADER];
	const char *wrong;
	size_t i;

	for (i = 0; i < HEADER; i++)
		if (!word(&header, &head[i]))
			return "there is no header";
	if (head[MAGIC] != 0xd00dfeed)
		return "it is no device tree";
	if (head[VERSION] < 17 || head[COMPATIBLE] > 17)
		return "it is of another version";
	if (!section(whole, 0, head[TOTAL], &whole))
		return "it is longer than the memory it lies in";
	if (!section(
		whole, head[STRUCTURE], head[STRUCTURE_SIZE], &structure) ||
	    !section(
		whole, head[STRINGS], head[STRINGS_SIZE], &reader.strings) ||
	    head[RESERVED] > whole.left ||
	    !section(whole, head[RESERVED], whole.left - head[RESERVED], &list))
		return "a part of it lies outside";
	if ((wrong = read_reserved(reserved, list)) != NULL)
		return wrong;
	return read_structure(&reader, structure);
}

size_t
fdt_size(const void *blob)
{
	struct part total = { (const unsigned char *)blob + 4, 4 };
	uint32_t size;

	(void)word(&total, &size);
	return size;
}
