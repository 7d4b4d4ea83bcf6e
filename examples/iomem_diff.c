/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem_diff.c -- how two memory maps differ, byte by byte: what came, what
 * went, what became another kind or went to another node.
 *
 * Where one of them does not know a node, nodes are not compared: /proc/iomem
 * knows none, a log does.
 */

#include <inttypes.h>
#include <stdio.h>

#include "iomem.h"

/* Bytes that are one thing in each of the two. */
struct change {
	uint64_t first;
	uint64_t last;
	struct row before; /* of these only kind and node count */
	struct row after;
};

/* Both tables of rows at once. */
struct diff_walk {
	const struct memory *memory[2];
	size_t row[2];
	uint64_t byte; /* bytes below are done */
	bool end;
};

/* What is at walk->byte; cuts `*last' to where it ends. */
static struct row
diff_row(struct diff_walk *walk, int side, uint64_t *last)
{
	const struct memory *const memory = walk->memory[side];
	size_t *const i = &walk->row[side];

	while (*i < memory->nrows && memory->rows[*i].last < walk->byte)
		++*i;
	if (*i == memory->nrows)
		return (struct row){ .node = PHYSSEG_NONODE };
	if (memory->rows[*i].last < *last)
		*last = memory->rows[*i].last;
	return memory->rows[*i];
}

static bool
alike(const struct row *a, const struct row *b)
{
	return a->kind == b->kind &&
	    (a->node == b->node || a->node == PHYSSEG_NONODE ||
		b->node == PHYSSEG_NONODE);
}

/* The next bytes that differ.  False: there are none. */
static bool
next_piece(struct diff_walk *walk, struct change *change)
{
	while (!walk->end) {
		*change =
		    (struct change){ .first = walk->byte, .last = UINT64_MAX };
		change->before = diff_row(walk, 0, &change->last);
		change->after = diff_row(walk, 1, &change->last);
		walk->end = change->last == UINT64_MAX;
		walk->byte = change->last + 1;
		if (!alike(&change->before, &change->after))
			return true;
	}
	return false;
}

/* The next change, of all pieces that touch and are alike. */
static bool
next_change(struct diff_walk *walk, struct change *change)
{
	struct diff_walk ahead;
	struct change more;

	if (!next_piece(walk, change))
		return false;
	for (ahead = *walk;
	     next_piece(&ahead, &more) && more.first - 1 == change->last &&
	     more.before.kind == change->before.kind &&
	     more.before.node == change->before.node &&
	     more.after.kind == change->after.kind &&
	     more.after.node == change->after.node;
	     *walk = ahead)
		change->last = more.last;
	return true;
}

static void
print_row(const struct row *row)
{
	printf("%s", row_name(row));
	print_node(row);
}

enum { RANGE_TEXT = 40 };

/* Returns how long the text is. */
static int
range_text(char text[RANGE_TEXT], const struct change *change)
{
	return snprintf(text, RANGE_TEXT, "0x%" PRIx64 "-0x%" PRIx64,
	    change->first, change->last);
}

static void
text_change(const struct change *change, int width)
{
	const bool came = change->before.kind == PHYSSEG_KIND_NONE;
	const bool went = change->after.kind == PHYSSEG_KIND_NONE;
	char range[RANGE_TEXT], size[SIZE_TEXT];

	range_text(range, change);
	size_text(size, change->last - change->first);
	printf("%c %*s  %8s  ",
	    came       ? '+'
		: went ? '-'
		       : '~',
	    width, range, size);
	if (!came)
		print_row(&change->before);
	if (!came && !went)
		printf(" -> ");
	if (!went)
		print_row(&change->after);
	printf("\n");
}

static void
text_diff(const struct memory *a, const struct memory *b)
{
	const uint64_t pages[] = { a->totals.pages[PHYSSEG_KIND_RAM],
		b->totals.pages[PHYSSEG_KIND_RAM] };
	const uint64_t size = (uint64_t)1 << a->layout.page_shift;
	const bool more = pages[1] > pages[0];
	const uint64_t moved = more ? pages[1] - pages[0] : pages[0] - pages[1];
	const struct diff_walk start = { .memory = { a, b } };
	struct diff_walk walk = start;
	struct change change;
	char range[RANGE_TEXT], text[SIZE_TEXT];
	int n, width = 0;

	printf("from %s: %s\n  to %s: %s\n\n", a->file.path,
	    source_name(a->file.source), b->file.path,
	    source_name(b->file.source));
	while (next_change(&walk, &change)) {
		n = range_text(range, &change);
		width = n > width ? n : width;
	}
	for (walk = start; next_change(&walk, &change);)
		text_change(&change, width);
	if (width != 0)
		printf("\n");
	printf("%-16s%" PRIu64 " -> %" PRIu64 " of %" PRIu64 " bytes: ",
	    "pages", pages[0], pages[1], size);
	if (moved == 0)
		printf("as much RAM\n");
	else
		printf("%s of RAM %s\n", size_text(text, moved * size - 1),
		    more ? "more" : "less");
}

static void
json_side(const char *name, const struct memory *memory)
{
	printf("\"%s\":{\"file\":", name);
	json_string(memory->file.path);
	printf(",\"format\":\"%s\",\"pages\":%" PRIu64 "}",
	    source_name(memory->file.source),
	    memory->totals.pages[PHYSSEG_KIND_RAM]);
}

static void
json_row(const char *name, const struct row *row)
{
	printf(",\"%s\":{\"kind\":\"%s\",\"node\":", name, row_name(row));
	json_node(row->node);
	printf("}");
}

static void
json_diff(const struct memory *a, const struct memory *b)
{
	struct diff_walk walk = { .memory = { a, b } };
	struct change change;
	const char *separator = "\n";

	printf("{");
	json_side("from", a);
	printf(",");
	json_side("to", b);
	printf(",\"changes\":[");
	for (; next_change(&walk, &change); separator = ",\n") {
		printf("%s{\"first\":%" PRIu64 ",\"last\":%" PRIu64, separator,
		    change.first, change.last);
		json_row("before", &change.before);
		json_row("after", &change.after);
		printf("}");
	}
	printf("]}\n");
}

void
show_diff(
    const struct memory *a, const struct memory *b, const struct options *opt)
{
	(opt->json ? json_diff : text_diff)(a, b);
}
