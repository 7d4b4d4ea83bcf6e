/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem_memory.c -- lines become a memory map, and that becomes rows.
 *
 * What wins over what is for physseg/memmap.h to decide.  Here is only said
 * which of its layers a line belongs to:
 *
 * - A line of /proc/iomem is an order, since the inner one of two lines is
 *   right.  System RAM is told again as firmware's, for the sake of its flags,
 *   and nothing that begins inside of it counts.
 * - A line of a firmware's list is firmware's.
 * - A line of EFI's list becomes EFI's descriptor, for the reader.
 * - Node ranges are orders of nodes, and memory if there is no list.  One node
 *   is that of all memory.
 *
 * The rows are what a walk from the first byte to the last passes through:
 * segments, other regions, holes.
 */

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iomem.h"

/* ---- lines ---- */

/* Lines are worked on by ascending address, an outer one before an inner one,
 * as Linux prints it.  Adding in order is fast, whatever the order of the file.
 */
static int
compare_lines(const void *a, const void *b)
{
	const struct line *const x = a, *const y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* The node of the node ranges, if there is only one. */
static int
only_node(const struct file *file)
{
	int node = PHYSSEG_NONODE;

	for (size_t i = 0; i < file->nlines; i++) {
		if (file->lines[i].source != SOURCE_NODES)
			continue;
		if (node != PHYSSEG_NONODE && node != file->lines[i].node)
			return PHYSSEG_NONODE;
		node = file->lines[i].node;
	}
	return node;
}

/* What is under way. */
struct adding {
	struct physseg_memmap *memmap;
	struct physseg_memmap_reason *reason;
	enum source source; /* the list that is in force */
	bool ram;	    /* there was System RAM in /proc/iomem, */
	uint64_t ram_last;  /* which ends here at the highest */
};

/* Who brought a range of System RAM: "(kmem)"; NULL: it is there from the
 * start. */
static const char *
provider(const struct line *line)
{
	return line->kind == PHYSSEG_KIND_RAM && line->name != NULL
	    ? strchr(line->name, '(')
	    : NULL;
}

static int
add_iomem(struct adding *adding, const struct line *line)
{
	const bool ram = line->kind == PHYSSEG_KIND_RAM;
	uint64_t first = line->first;
	int error;

	if (line->kind == PHYSSEG_KIND_NONE)
		return PHYSSEG_OK;
	if (!ram && adding->ram && first <= adding->ram_last) {
		if (line->last <= adding->ram_last)
			return PHYSSEG_OK;
		first = adding->ram_last + 1;
	}
	error = physseg_memmap_set_kind(adding->memmap, first,
	    line->last - first + 1, line->kind, adding->reason);
	if (error != PHYSSEG_OK || !ram)
		return error;
	if (!adding->ram || line->last > adding->ram_last)
		adding->ram_last = line->last;
	adding->ram = true;
	return physseg_memmap_add(adding->memmap, first, line->last - first + 1,
	    line->kind, PHYSSEG_NONODE,
	    provider(line) != NULL ? PHYSSEG_REGION_REMOVABLE : 0,
	    adding->reason);
}

static int
add_list(struct adding *adding, const struct line *line)
{
	return physseg_memmap_add(adding->memmap, line->first,
	    line->last - line->first + 1, line->kind, PHYSSEG_NONODE, 0,
	    adding->reason);
}

static int
add_nodes(struct adding *adding, const struct line *line)
{
	if (adding->source == SOURCE_NODES)
		return physseg_memmap_add(adding->memmap, line->first,
		    line->last - line->first + 1, line->kind, line->node, 0,
		    adding->reason);
	return physseg_memmap_set_node(adding->memmap, line->first,
	    line->last - line->first + 1, line->node, adding->reason);
}

/* The lowest byte first. */
static void
put(unsigned char *to, size_t size, uint64_t number)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (unsigned char)(number >> 8 * i);
}

static int
add_efi(struct adding *adding, const struct line *line)
{
	unsigned char descriptor[40] = { 0 };

	put(descriptor, 4, line->efi_type);
	put(descriptor + 8, 8, line->first);
	put(descriptor + 24, 8, ((line->last - line->first) >> 12) + 1);
	put(descriptor + 32, 8, line->efi_attributes);
	return physseg_memmap_add_efi(adding->memmap, descriptor,
	    sizeof(descriptor), sizeof(descriptor), 1, false, adding->reason);
}

/* How lines are added that are not those of a firmware's list. */
static int (*const adders[SOURCES])(struct adding *, const struct line *) = {
	[SOURCE_IOMEM] = add_iomem,
	[SOURCE_NODES] = add_nodes,
	[SOURCE_EFI] = add_efi,
	[SOURCE_EFI_ARM] = add_efi,
};
enum { CALLS = 2 }; /* of the memory map, for a line, at most */

static int
add_bytes(struct adding *adding, const struct line *line)
{
	return (adders[line->source] != NULL ? adders[line->source] : add_list)(
	    adding, line);
}

/* All bytes there are have no length of 64 bits, so they are two lines. */
static int
add_line(struct adding *adding, const struct line *line)
{
	struct line half = *line;
	int error;

	if (line->last - line->first != UINT64_MAX)
		return add_bytes(adding, line);
	half.last = UINT64_MAX / 2;
	error = add_bytes(adding, &half);
	half.first = half.last + 1;
	half.last = UINT64_MAX;
	return error != PHYSSEG_OK ? error : add_bytes(adding, &half);
}

/* The only node of a list has all of its memory. */
static int
add_only_node(struct adding *adding, const struct file *file)
{
	const struct line all = { .source = SOURCE_NODES,
		.last = UINT64_MAX,
		.node = only_node(file) };

	if (all.node == PHYSSEG_NONODE || adding->source == SOURCE_NODES)
		return PHYSSEG_OK;
	return add_line(adding, &all);
}

static bool
in_force(const struct file *file, const struct line *line)
{
	return line->source == file->source || line->source == SOURCE_NODES;
}

/* ---- errors ---- */

/* The library's reason, with the lines that speak of the region. */
static bool
fail_reason(
    const struct memory *memory, const struct physseg_memmap_reason *reason)
{
	const struct file *const file = &memory->file;
	char lines[80] = "";
	int n, length = 0;

	for (size_t i = 0; i < file->nlines && length < 40; i++) {
		const struct line *const line = &file->lines[i];

		if (line->last < reason->region.first ||
		    line->first > reason->region.last)
			continue;
		n = snprintf(lines + length, sizeof(lines) - (size_t)length,
		    ", line %zu", line->number);
		length += n;
	}
	return file_fail(file, "%s: 0x%" PRIx64 "-0x%" PRIx64 "%s",
	    reason->text, reason->region.first, reason->region.last, lines);
}

static bool
fail_memory(const struct memory *memory)
{
	return file_fail(&memory->file, "no memory for so many lines");
}

/* ---- the memory map ---- */

static bool
make_memmap(struct memory *memory)
{
	const struct file *const file = &memory->file;
	const size_t max = 2 * CALLS * (file->nlines + 1);
	struct physseg_memmap_entry *const entries =
	    malloc(max * sizeof(*entries));
	struct physseg_memmap_reason reason;
	struct adding adding = { .memmap = &memory->memmap,
		.reason = &reason,
		.source = file->source };

	if (entries == NULL)
		return fail_memory(memory);
	physseg_memmap_init(&memory->memmap, entries, max);
	for (size_t i = 0; i < file->nlines; i++) {
		const struct line *const line = &file->lines[i];

		if (in_force(file, line) &&
		    add_line(&adding, line) != PHYSSEG_OK)
			return fail_reason(memory, &reason);
	}
	return add_only_node(&adding, file) == PHYSSEG_OK ||
	    fail_reason(memory, &reason);
}

/* ---- rows ---- */

static int
make_segment(void *arg, const struct physseg_memmap_segment *segment)
{
	struct memory *const memory = arg;
	const uint64_t size = (uint64_t)1 << memory->layout.page_shift;

	memory->rows[memory->nrows++] = (struct row){
		.first = segment->start * size,
		.last = (segment->end - 1) * size + (size - 1),
		.kind = segment->kind,
		.node = segment->node,
		.flags = segment->flags,
		.pages = segment->end - segment->start,
		.available = segment->avail_end - segment->avail_start,
	};
	return PHYSSEG_OK;
}

/* Lines of /proc/iomem that stand for memory that comes and goes, and show even
 * where there is none now. */
static bool
is_window(const struct line *line)
{
	static const char *const names[] = { "CXL Window ", "virtio" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const size_t n = strlen(names[i]);

		/* a number follows: "virtio-pci-modern" is a device */
		if (line->name != NULL && line->kind == PHYSSEG_KIND_NONE &&
		    strncmp(line->name, names[i], n) == 0 &&
		    isdigit((unsigned char)line->name[n]))
			return true;
	}
	return false;
}

static bool
is_provided(const struct line *line)
{
	return provider(line) != NULL;
}

/* Where a walk along the rows is. */
struct row_walk {
	const struct memory *memory;
	const struct row *segment; /* the next one, or what is left of it */
	size_t nsegments;
	size_t at; /* of physseg_memmap_next */
	struct physseg_region region;
	bool more; /* there is a region */
	size_t window;
	size_t provided; /* lines */
};

/* The first line of a sort, from `*i' on, that ends at `byte' or after it. */
static const struct line *
next_line(const struct file *file, size_t *i, uint64_t byte,
    bool (*sort)(const struct line *))
{
	for (; *i < file->nlines; (*i)++)
		if (file->lines[*i].last >= byte && sort(&file->lines[*i]))
			return &file->lines[*i];
	return NULL;
}

/* Cut a row where something begins. */
static void
cut_row(struct row *row, uint64_t begin)
{
	if (begin > row->first && begin <= row->last)
		row->last = begin - 1;
}

/* The lines of /proc/iomem that a row lies in. */
static void
row_lines(struct row_walk *walk, struct row *row)
{
	const struct file *const file = &walk->memory->file;
	const struct line *line =
	    next_line(file, &walk->window, row->first, is_window);

	if (line != NULL && line->first <= row->first) {
		row->window = line->name;
		if (row->pages == 0 && line->last < row->last)
			row->last = line->last;
	} else if (line != NULL && row->pages == 0)
		cut_row(row, line->first);
	line = next_line(file, &walk->provided, row->first, is_provided);
	if (line != NULL && line->first <= row->last &&
	    (row->flags & PHYSSEG_REGION_REMOVABLE) != 0)
		row->provider = provider(line);
}

/* Where the memory of another driver, or of another window, begins behind
 * `byte'; 0: nowhere. */
static uint64_t
provided_end(const struct row_walk *walk, uint64_t byte)
{
	const struct file *const file = &walk->memory->file;
	size_t w = walk->window, i = walk->provided;
	const struct line *line = next_line(file, &w, byte, is_window);
	const char *name = "";
	uint64_t end = UINT64_MAX; /* of the window, or of what is in none */

	if (line != NULL)
		end = line->first <= byte ? line->last : line->first - 1;
	for (; (line = next_line(file, &i, byte, is_provided)) != NULL; i++)
		if (line->first <= byte)
			name = provider(line);
		else if (line->first > end || strcmp(provider(line), name) != 0)
			return line->first;
	return 0;
}

/* The row of a segment from `byte' on. */
static void
segment_row(struct row_walk *walk, uint64_t byte, struct row *row)
{
	const unsigned shift = walk->memory->layout.page_shift;
	const uint64_t mask = ((uint64_t)1 << shift) - 1;
	const struct row *const segment = walk->segment;

	*row = *segment;
	row->first = byte;
	if ((row->flags & PHYSSEG_REGION_REMOVABLE) != 0)
		cut_row(row, (provided_end(walk, byte) + mask) & ~mask);
	if (byte != segment->first || row->last != segment->last)
		row->pages = row->available = ((row->last - byte) >> shift) + 1;
	if (row->last == segment->last) {
		walk->segment++;
		walk->nsegments--;
	}
}

/* The row from `byte' on.  False: nothing is behind it. */
static bool
next_row(struct row_walk *walk, uint64_t byte, struct row *row)
{
	const struct physseg_region *const region = &walk->region;

	while (walk->more && region->last < byte)
		walk->more = physseg_memmap_next(
		    &walk->memory->memmap, &walk->at, &walk->region);
	if (walk->nsegments > 0 && walk->segment->first <= byte)
		segment_row(walk, byte, row);
	else if (walk->more) {
		*row = (struct row){ .first = byte,
			.last = UINT64_MAX,
			.node = PHYSSEG_NONODE };
		if (region->first <= byte) {
			row->last = region->last;
			row->kind = region->kind;
			row->flags = region->flags;
			if (physseg_kind_is_memory(region->kind))
				row->node = region->node;
		} else
			cut_row(row, region->first);
		if (walk->nsegments > 0)
			cut_row(row, walk->segment->first);
	} else
		return false;
	row_lines(walk, row);
	return true;
}

/* Does a row go on from the one before it?  Regions that are no memory touch
 * where they differ in what does not show. */
static bool
goes_on(const struct row *before, const struct row *row)
{
	return !physseg_kind_is_memory(row->kind) &&
	    before->kind == row->kind && before->last + 1 == row->first &&
	    before->window == row->window;
}

/* Rows begin where a segment, a region or a window does, or ends. */
static size_t
most_rows(const struct memory *memory)
{
	return 2 *
	    (memory->totals.segments + memory->memmap.used +
		memory->file.nlines) +
	    1;
}

/* By ascending node; those without one come first. */
static int
compare_nodes(const void *a, const void *b)
{
	const int x = ((const struct row *)a)->node;
	const int y = ((const struct row *)b)->node;

	return (x > y) - (x < y);
}

static bool
make_rows(struct memory *memory)
{
	struct physseg_memmap_reason reason;
	struct row_walk walk = { .memory = memory };
	struct row *segments, row;
	uint64_t byte = 0;

	if (physseg_memmap_count(&memory->memmap, &memory->layout,
		&memory->totals, &reason) != PHYSSEG_OK)
		return fail_reason(memory, &reason);
	if (memory->totals.pages[PHYSSEG_KIND_RAM] == 0)
		return file_fail(
		    &memory->file, "there is no whole page of RAM in it");
	segments = malloc((memory->totals.segments + 1) * sizeof(segments[0]));
	memory->rows = memory->by_node = segments;
	if (segments == NULL)
		return fail_memory(memory);
	physseg_memmap_segments(
	    &memory->memmap, &memory->layout, make_segment, memory, NULL);
	walk.segment = segments;
	walk.nsegments = memory->nrows;
	memory->nrows = 0;
	memory->rows = malloc(most_rows(memory) * sizeof(row));
	walk.more =
	    physseg_memmap_next(&memory->memmap, &walk.at, &walk.region);
	while (memory->rows != NULL && next_row(&walk, byte, &row)) {
		if (memory->nrows > 0 &&
		    goes_on(&memory->rows[memory->nrows - 1], &row))
			memory->rows[memory->nrows - 1].last = row.last;
		else
			memory->rows[memory->nrows++] = row;
		if (row.last == UINT64_MAX)
			break;
		byte = row.last + 1;
	}
	qsort(segments, memory->totals.segments, sizeof(row), compare_nodes);
	return memory->rows != NULL || fail_memory(memory);
}

/* ---- all of it ---- */

bool
memory_read(struct memory *memory, const char *path, const struct options *opt)
{
	*memory = (struct memory){ 0 };
	while ((uint64_t)1 << memory->layout.page_shift < opt->page_size)
		memory->layout.page_shift++;
	if (!file_read(&memory->file, path, opt->keep_going))
		return false;
	if (memory->file.nlines > 0)
		qsort(memory->file.lines, memory->file.nlines,
		    sizeof(memory->file.lines[0]), compare_lines);
	return make_memmap(memory) && make_rows(memory);
}

void
memory_free(struct memory *memory)
{
	free(memory->rows);
	free(memory->by_node);
	free(memory->memmap.entries);
	file_free(&memory->file);
}

const struct row *
memory_row(const struct memory *memory, uint64_t address)
{
	for (size_t i = 0; i < memory->nrows; i++)
		if (address <= memory->rows[i].last)
			return &memory->rows[i];
	return NULL;
}

const struct line *
memory_line(const struct memory *memory, uint64_t address)
{
	const struct file *const file = &memory->file;
	const struct row *const row = memory_row(memory, address);
	const enum physseg_region_kind kind =
	    row != NULL ? row->kind : PHYSSEG_KIND_NONE;
	const struct line *best = NULL, *line;

	for (size_t i = 0; i < file->nlines; i++) {
		line = &file->lines[i];
		if (line->source != file->source || line->first > address ||
		    line->last < address)
			continue;
		if (best == NULL || line->kind == kind)
			best = line;
	}
	return best;
}

bool
memory_pages_of(
    const struct memory *memory, enum source source, uint64_t *pages)
{
	struct memory other = { .file = memory->file,
		.layout = memory->layout };
	bool ok;

	other.file.source = source;
	ok = make_memmap(&other) &&
	    physseg_memmap_count(&other.memmap, &other.layout, &other.totals,
		NULL) == PHYSSEG_OK;
	*pages = other.totals.pages[PHYSSEG_KIND_RAM];
	free(other.memmap.entries);
	return ok;
}

bool
memory_lines_of(const struct memory *memory, enum source source, size_t *first,
    size_t *last)
{
	bool any = false;

	for (size_t i = 0; i < memory->file.nlines; i++) {
		const struct line *const line = &memory->file.lines[i];

		if (line->source != source)
			continue;
		if (!any || line->number < *first)
			*first = line->number;
		if (!any || line->number > *last)
			*last = line->number;
		any = true;
	}
	return any;
}

bool
row_is_partial(const struct row *row)
{
	return physseg_kind_is_memory(row->kind) && row->pages == 0;
}

const char *
row_name(const struct row *row)
{
	return row->kind == PHYSSEG_KIND_NONE ? "hole"
					      : physseg_kind_name(row->kind);
}
