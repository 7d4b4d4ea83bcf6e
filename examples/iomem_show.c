/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem_show.c -- iomem's report for people, in 80 columns unless addresses are
 * very long: a bar of the address space, the rows, totals, notes, and what is
 * at the addresses.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "iomem.h"

const char *
size_text(char text[SIZE_TEXT], uint64_t last)
{
	static const char units[] = " KMGTPE";
	const uint64_t size = last + 1; /* 0: 2^64 */
	unsigned shift = 0;
	uint64_t tenths;

	while (size >> shift >= 1024)
		shift += 10;
	if (size == 0)
		snprintf(text, SIZE_TEXT, "16 EiB");
	else if (shift == 0)
		snprintf(text, SIZE_TEXT, "%" PRIu64 " B", size);
	else if ((size & (((uint64_t)1 << shift) - 1)) == 0)
		snprintf(text, SIZE_TEXT, "%" PRIu64 " %ciB", size >> shift,
		    units[shift / 10]);
	else {
		tenths = ((size >> (shift - 10)) * 10 + 512) / 1024;
		if (tenths >= 10235) { /* "1024 MiB" */
			shift += 10;
			tenths = 10;
		}
		snprintf(text, SIZE_TEXT,
		    tenths < 1000 ? "%.1f %ciB" : "%.0f %ciB",
		    (double)tenths / 10, units[shift / 10]);
	}
	return text;
}

/* The size of so many pages.  All pages there are have 2^64 bytes. */
static const char *
pages_text(char text[SIZE_TEXT], const struct machine *m, uint64_t pages)
{
	return pages == 0 ? "0 B"
			  : size_text(text, pages * m->opt->page_size - 1);
}

/* ---- the bar ---- */

enum { CELLS = 64 }; /* of the bar, at most; each of some 2^n bytes */

/* How the kinds look.  A hole has no name in the legend's table of kinds. */
static const char marks[PHYSSEG_KINDS] = {
	[PHYSSEG_KIND_NONE] = '.',
	[PHYSSEG_KIND_RAM] = '#',
	[PHYSSEG_KIND_SOFT_RESERVED] = 's',
	[PHYSSEG_KIND_PERSISTENT] = 'p',
	[PHYSSEG_KIND_UNACCEPTED] = 'u',
	[PHYSSEG_KIND_ACPI_TABLES] = 'a',
	[PHYSSEG_KIND_ACPI_NVS] = 'n',
	[PHYSSEG_KIND_FIRMWARE] = 'f',
	[PHYSSEG_KIND_RESERVED] = 'r',
	[PHYSSEG_KIND_UNUSABLE] = 'x',
};

struct bar {
	unsigned shift; /* a cell has 1 << shift bytes */
	size_t n;	/* cells */
	char kinds[CELLS + 1];
	char nodes[CELLS + 1];
};

/* The bytes of each kind in a cell.  `*row' is the first row that is not
 * done. */
static void
count_cell(const struct bar *bar, const struct memory *memory, size_t cell,
    size_t *row, uint64_t bytes[PHYSSEG_KINDS])
{
	const uint64_t size = (uint64_t)1 << bar->shift;
	const uint64_t first = cell * size, last = first + (size - 1);
	const struct row *r;
	uint64_t from, to;

	bytes[PHYSSEG_KIND_NONE] = size;
	for (; *row < memory->nrows; (*row)++) {
		r = &memory->rows[*row];
		if (r->first > last)
			break;
		from = r->first > first ? r->first : first;
		to = r->last < last ? r->last : last;
		bytes[PHYSSEG_KIND_NONE] -= to - from + 1;
		bytes[r->kind] += to - from + 1;
		if (r->last > last)
			break;
	}
}

/* A cell looks like what most of its bytes are.  If that is not RAM, but some
 * of it is, it says so. */
static char
cell_mark(const uint64_t bytes[PHYSSEG_KINDS])
{
	int most = PHYSSEG_KIND_NONE;

	for (int kind = PHYSSEG_KIND_RAM; kind < PHYSSEG_KINDS; kind++)
		if (bytes[kind] > bytes[most])
			most = kind;
	if (most != PHYSSEG_KIND_RAM && bytes[PHYSSEG_KIND_RAM] != 0)
		return '+';
	return marks[most];
}

static char
node_mark(int node)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

	return node >= 0 && node < 36 ? digits[node] : '*';
}

/* Mark the cells of a row with its node; one of several nodes has a star. */
static void
mark_nodes(struct bar *bar, const struct row *row)
{
	const char mark = node_mark(row->node);
	char *cell;

	for (uint64_t i = row->first >> bar->shift;
	     i <= row->last >> bar->shift; i++) {
		cell = &bar->nodes[i];
		*cell = *cell == ' ' || *cell == mark ? mark : '*';
	}
}

/* Where the last memory ends. */
static uint64_t
memory_end(const struct memory *memory)
{
	uint64_t last = 0;

	for (size_t i = 0; i < memory->nrows; i++)
		if (physseg_kind_is_memory(memory->rows[i].kind))
			last = memory->rows[i].last;
	return last;
}

/* An entry of the legend, in a line that is not too long. */
static void
legend_entry(const struct bar *bar, char mark, const char *name, int *column)
{
	if (strchr(bar->kinds, mark) == NULL)
		return;
	*column += 4 + (int)strlen(name);
	if (*column > 80) {
		printf("\n    ");
		*column = 8 + (int)strlen(name);
	}
	printf("  %c %s", mark, name);
}

static void
legend(const struct bar *bar)
{
	char text[SIZE_TEXT];
	int column = printf("     one character: %s",
	    size_text(text, ((uint64_t)1 << bar->shift) - 1));

	for (int kind = PHYSSEG_KIND_RAM; kind < PHYSSEG_KINDS; kind++)
		legend_entry(bar, marks[kind],
		    physseg_kind_name((enum physseg_region_kind)kind), &column);
	legend_entry(bar, '+', "partly RAM", &column);
	legend_entry(bar, marks[PHYSSEG_KIND_NONE], "hole", &column);
	printf("\n");
}

/* Is the node of some segment known? */
static bool
has_nodes(const struct memory *memory)
{
	return memory->by_node[memory->totals.segments - 1].node !=
	    PHYSSEG_NONODE;
}

/* Do not all lie on one node, or are all without one? */
static bool
several_nodes(const struct memory *memory)
{
	return memory->by_node[0].node !=
	    memory->by_node[memory->totals.segments - 1].node;
}

/* Up to the end of memory; behind it is nothing to see. */
static void
show_bar(const struct memory *memory)
{
	const uint64_t end = memory_end(memory);
	struct bar bar = { .shift = 12 };
	char text[SIZE_TEXT];
	size_t row = 0;

	while (end >> bar.shift >= CELLS)
		bar.shift++;
	bar.n = (size_t)(end >> bar.shift) + 1;
	memset(bar.nodes, ' ', bar.n);
	for (size_t i = 0; i < bar.n; i++) {
		uint64_t bytes[PHYSSEG_KINDS] = { 0 };

		count_cell(&bar, memory, i, &row, bytes);
		bar.kinds[i] = cell_mark(bytes);
	}
	for (size_t i = 0; i < memory->nrows; i++)
		if (memory->rows[i].node != PHYSSEG_NONODE)
			mark_nodes(&bar, &memory->rows[i]);
	printf("   0 [%s] %s\n", bar.kinds,
	    size_text(text, ((uint64_t)bar.n << bar.shift) - 1));
	if (several_nodes(memory))
		printf("node [%s]\n", bar.nodes);
	legend(&bar);
}

/* ---- the rows ---- */

/* How wide the columns are. */
struct widths {
	int address;
	int pages;
	bool node;
};

static int
digits(const char *format, uint64_t n)
{
	return snprintf(NULL, 0, format, n);
}

static struct widths
measure(const struct memory *memory)
{
	struct widths widths = { .address = (int)strlen("first"),
		.pages = (int)strlen("pages"),
		.node = has_nodes(memory) };
	int n;

	for (size_t i = 0; i < memory->nrows; i++) {
		n = digits("0x%" PRIx64, memory->rows[i].last);
		if (n > widths.address)
			widths.address = n;
		n = digits("%" PRIu64, memory->rows[i].pages);
		if (n > widths.pages)
			widths.pages = n;
	}
	return widths;
}

static void
show_details(const struct machine *m, const struct row *row)
{
	const uint64_t in_use = row->pages - row->available;
	char text[SIZE_TEXT];

	printf("%s", row_name(row));
	if (row_is_partial(row)) {
		printf(", no whole page\n");
		return;
	}
	if ((row->flags & PHYSSEG_REGION_RELIABLE) != 0)
		printf(", reliable");
	if ((row->flags & PHYSSEG_REGION_REMOVABLE) != 0 &&
	    row->provider == NULL)
		printf(", removable");
	if (row->kind == PHYSSEG_KIND_RAM && in_use == row->pages &&
	    in_use != 0)
		printf(", in use");
	else if (row->kind == PHYSSEG_KIND_RAM && in_use != 0)
		printf(", %s in use", pages_text(text, m, in_use));
	if (row->provider != NULL)
		printf(" %.14s", row->provider);
	if (row->window != NULL)
		printf("%s%.16s",
		    row->kind == PHYSSEG_KIND_NONE ? " in "
			: row->provider != NULL	   ? " "
						   : ", ",
		    row->window);
	printf("\n");
}

static void
show_rows(const struct machine *m)
{
	const struct memory *const memory = &m->memory;
	const struct widths widths = measure(memory);
	char address[24], text[SIZE_TEXT];

	printf("%*s  %*s  %8s  %*s  %skind\n", widths.address, "first",
	    widths.address, "last", "size", widths.pages, "pages",
	    widths.node ? "node  " : "");
	for (size_t i = 0; i < memory->nrows; i++) {
		const struct row *const row = &memory->rows[i];

		snprintf(address, sizeof(address), "0x%" PRIx64, row->first);
		printf("%*s", widths.address, address);
		snprintf(address, sizeof(address), "0x%" PRIx64, row->last);
		printf("  %*s  %8s", widths.address, address,
		    size_text(text, row->last - row->first));
		if (row->pages != 0)
			printf("  %*" PRIu64 "  ", widths.pages, row->pages);
		else
			printf("  %*s  ", widths.pages, "");
		if (widths.node && row->node != PHYSSEG_NONODE)
			printf("%4d  ", row->node);
		else if (widths.node)
			printf("      ");
		show_details(m, row);
	}
}

/* ---- totals and notes ---- */

static void
show_kinds(const struct machine *m)
{
	const struct physseg_memmap_totals *const totals = &m->memory.totals;
	char text[SIZE_TEXT];

	printf("%-16s%" PRIu64 " of %" PRIu64 " bytes: %s of RAM\n", "pages",
	    totals->pages[PHYSSEG_KIND_RAM], m->opt->page_size,
	    pages_text(text, m, totals->pages[PHYSSEG_KIND_RAM]));
	for (int i = PHYSSEG_KIND_SOFT_RESERVED; i < PHYSSEG_KINDS; i++) {
		const enum physseg_region_kind kind =
		    (enum physseg_region_kind)i;

		if (physseg_kind_is_memory(kind) && totals->pages[i] != 0)
			printf("%-16s%" PRIu64 " pages: %s\n",
			    physseg_kind_name(kind), totals->pages[i],
			    pages_text(text, m, totals->pages[i]));
	}
}

/* The pages of RAM on each node, by ascending node. */
static void
show_nodes(const struct machine *m)
{
	const struct row *row = m->memory.by_node;
	const struct row *const end = row + m->memory.totals.segments;
	char name[24], text[SIZE_TEXT];
	uint64_t pages;
	int node;

	while (row < end) {
		node = row->node;
		for (pages = 0; row < end && row->node == node; row++)
			if (row->kind == PHYSSEG_KIND_RAM)
				pages += row->pages;
		if (pages == 0 || node == PHYSSEG_NONODE)
			continue;
		snprintf(name, sizeof(name), "on node %d", node);
		printf("%-16s%" PRIu64 " pages: %s\n", name, pages,
		    pages_text(text, m, pages));
	}
}

static void
show_difference(const struct machine *m, uint64_t there, uint64_t here)
{
	char text[SIZE_TEXT];

	if (here < there)
		printf(
		    ", with %s of RAM less", pages_text(text, m, there - here));
	else if (here > there)
		printf(
		    ", with %s of RAM more", pages_text(text, m, here - there));
}

static void
show_notes(const struct machine *m)
{
	const struct memory *const memory = &m->memory;
	const enum source source = memory->file.source;
	size_t first = 0, last = 0;
	uint64_t pages;

	if (memory->totals.lost != 0)
		printf("%-16s%" PRIu64 " bytes of memory, in no whole page\n",
		    "lost", memory->totals.lost);
	if (memory->file.left_out != 0)
		printf("%-16s%zu\n", "lines left out", memory->file.left_out);
	if (source == SOURCE_NODES)
		printf("note: node ranges include what firmware keeps\n");
	for (int i = SOURCE_EFI; i < SOURCES; i++) {
		if ((enum source)i == source ||
		    !memory_lines_of(memory, (enum source)i, &first, &last))
			continue;
		printf("note: \"%s\" (lines %zu to %zu) does not count:\n",
		    source_name((enum source)i), first, last);
		memory_lines_of(memory, source, &first, &last);
		printf("      \"%s\" (lines %zu to %zu) is in force",
		    source_name(source), first, last);
		if (memory_pages_of(memory, (enum source)i, &pages))
			show_difference(
			    m, pages, memory->totals.pages[PHYSSEG_KIND_RAM]);
		printf("\n");
	}
}

/* ---- addresses ---- */

void
print_node(const struct row *row)
{
	if (row->node != PHYSSEG_NONODE)
		printf(" on node %d", row->node);
}

static void
show_answer(const struct machine *m, const struct answer *a)
{
	const struct row *const row = a->row;
	const uint64_t size = m->opt->page_size;

	printf("0x%" PRIx64 ": ", a->address);
	if (!a->found && (row == NULL || !row_is_partial(row)))
		printf("not RAM, ");
	printf("%s", row != NULL ? row_name(row) : "hole");
	if (row != NULL && row_is_partial(row))
		printf(", but in no whole page");
	if (row != NULL)
		print_node(row);
	if (a->line != NULL)
		printf(", line %zu", a->line->number);
	if (a->line != NULL && a->line->name != NULL)
		printf(": %.40s", a->line->name);
	printf("\n");
	if (!a->found)
		return;
	printf("    segment 0x%" PRIx64 "-0x%" PRIx64 ", page %" PRIu64
	       " of it\n    frame %" PRIu64 ", byte %" PRIu64,
	    a->info.start * size, a->info.end * size - 1, (uint64_t)a->offset,
	    a->frame, a->address % size);
	if (m->pages != NULL)
		printf(", page structure %zu, which says frame %" PRIu64,
		    a->page, (uint64_t)a->says);
	printf("\n");
}

void
show_text(const struct machine *m)
{
	struct answer a;

	printf("%s: %s, on %s\n\n", m->opt->path[0],
	    source_name(m->memory.file.source), m->opt->backend->name);
	show_bar(&m->memory);
	printf("\n");
	show_rows(m);
	printf("\n");
	show_kinds(m);
	if (several_nodes(&m->memory))
		show_nodes(m);
	show_notes(m);
	for (size_t i = 0; i < m->opt->naddresses; i++) {
		a = machine_ask(m, m->opt->addresses[i]);
		show_answer(m, &a);
	}
}
