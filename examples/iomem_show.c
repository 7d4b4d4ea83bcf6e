/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem_show.c -- iomem's report: the map, what became of the file's lines,
 * the totals, and what the map answers about the addresses.  Nothing here
 * changes the map.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "iomem.h"

/* What is to be said about the lines that are not simply segments. */
struct notes {
	uint64_t vanished; /* bytes in no whole page */
	size_t left_out;   /* lines */
};

typedef void note_fn(size_t number, const struct memmap_line *line,
    uint64_t vanished, bool first);

static void
note_text(size_t number, const struct memmap_line *line, uint64_t vanished,
    bool first)
{
	(void)first;
	printf("line %zu: ", number);
	if (vanished != 0)
		printf("bytes in no whole page: %" PRIu64 "\n", vanished);
	else
		printf("%s: \"%s\"\n",
		    line->reason != NULL ? "left out" : "nested, so no segment",
		    line->text + strspn(line->text, " "));
}

static void
note_json(size_t number, const struct memmap_line *line, uint64_t vanished,
    bool first)
{
	printf("%s{\"line\":%zu,", first ? "" : ",", number);
	if (vanished != 0)
		printf("\"vanished\":%" PRIu64 "}", vanished);
	else
		printf("\"%s\":true}",
		    line->reason != NULL ? "left_out" : "nested");
}

static struct notes
show_notes(const struct machine *m, note_fn *note)
{
	struct notes sum = { 0 };
	uint64_t start, end, vanished;
	bool first = true;

	for (size_t number = 1; number <= m->file.nlines; number++) {
		const struct memmap_line *line = &m->file.lines[number - 1];

		vanished = 0;
		if (line->kind == MEMMAP_RAM && line->reason == NULL)
			vanished = round_inwards(
			    line, m->opt->page_size, &start, &end);
		sum.vanished += vanished;
		sum.left_out += line->reason != NULL;
		if (vanished == 0 && line->reason == NULL &&
		    line->kind != MEMMAP_NESTED)
			continue;
		note(number, line, vanished, first);
		first = false;
	}
	return sum;
}

static void
emit(void *arg, const char *text, size_t length)
{
	fwrite(text, 1, length, arg);
}

/* Everything the map knows about the frame of an address. */
struct answer {
	uint64_t address;
	uint64_t frame;
	struct physseg_info info;
	size_t line;	      /* that the segment came from; where there is
			       * no segment, that has the address; or 0 */
	physseg_pfn_t offset; /* of the frame, in the segment */
	size_t page;	      /* its page structure is pages[page], */
	physseg_pfn_t says;   /* which says that it is of this frame */
};

/* The line of RAM that holds an address of no segment, 0: none. */
static size_t
line_with(const struct machine *m, uint64_t address)
{
	for (size_t number = 1; number <= m->file.nlines; number++) {
		const struct memmap_line *line = &m->file.lines[number - 1];

		if (line->kind == MEMMAP_RAM && line->first <= address &&
		    address <= line->last)
			return number;
	}
	return 0;
}

/* false: the address is in no segment. */
static bool
ask(const struct machine *m, const char *text, struct answer *a)
{
	const char *reason;
	const void *page;
	physseg_t segment = PHYSSEG_NONE;

	memmap_number(text, &a->address, &reason);
	a->frame = a->address / m->opt->page_size;
	if (a->frame < PHYSSEG_NOFRAME)
		segment =
		    physseg_find(m->map, (physseg_pfn_t)a->frame, &a->offset);
	if (physseg_get_info(m->map, segment, &a->info) != PHYSSEG_OK) {
		a->line = line_with(m, a->address);
		return false;
	}
	a->line = line_of(m, segment);
	page = physseg_page(m->map, (physseg_pfn_t)a->frame);
	if (page != NULL) {
		a->page = (size_t)((const char *)page - m->pages) /
		    (size_t)m->opt->struct_size;
		a->says = physseg_frame(m->map, page);
	}
	return true;
}

/* Why an address is in no segment. */
static const char *
why_none(const struct machine *m, const struct answer *a)
{
	if (a->line == 0)
		return "not RAM";
	if (m->file.lines[a->line - 1].reason != NULL)
		return "RAM, but its line was left out";
	return "RAM, but in no whole page";
}

static void
answer_text(const struct machine *m, const char *text)
{
	uint64_t size = m->opt->page_size;
	struct answer a = { 0 };

	if (!ask(m, text, &a)) {
		printf("0x%" PRIx64 ": %s\n", a.address, why_none(m, &a));
		return;
	}
	printf("0x%" PRIx64 ": segment 0x%" PRIx64 "-0x%" PRIx64
	       " (line %zu), page %" PRIu64 " of it, byte %" PRIu64 ", ",
	    a.address, a.info.start * size, a.info.end * size - 1, a.line,
	    (uint64_t)a.offset, a.address % size);
	if (m->pages != NULL)
		printf("page structure %zu, of frame %" PRIu64 "\n", a.page,
		    (uint64_t)a.says);
	else
		printf("frame %" PRIu64 "\n", a.frame);
}

static void
answer_json(const struct machine *m, const char *text, bool first)
{
	struct answer a = { 0 };

	if (!ask(m, text, &a)) {
		printf("%s{\"address\":%" PRIu64 ",\"segment\":null,"
		       "\"why\":\"%s\"}",
		    first ? "" : ",", a.address, why_none(m, &a));
		return;
	}
	printf("%s{\"address\":%" PRIu64 ",\"frame\":%" PRIu64
	       ",\"segment\":{\"start\":%" PRIu64 ",\"end\":%" PRIu64
	       "},\"line\":%zu,\"offset\":%" PRIu64,
	    first ? "" : ",", a.address, a.frame, (uint64_t)a.info.start,
	    (uint64_t)a.info.end, a.line, (uint64_t)a.offset);
	if (m->pages != NULL)
		printf(",\"page\":%zu", a.page);
	printf("}");
}

/* `n' things of `size' bytes, in MiB and tenths of it, rounded down.  They
 * may be as much as a 64-bit address space, whose bytes do not fit 64 bits. */
static void
print_total(const char *what, uint64_t n, uint64_t size)
{
	uint64_t kib = n / 1024 * size + n % 1024 * size / 1024;

	printf("%-16s%" PRIu64 " of %" PRIu64 " bytes, %" PRIu64 ".%" PRIu64
	       " MiB\n",
	    what, n, size, kib / 1024, kib % 1024 * 10 / 1024);
}

void
show_text(const struct machine *m)
{
	struct physseg_stats stats;
	struct notes sum;

	printf("%s: %s, on %s\n\n", m->opt->path, m->file.format,
	    m->opt->backend->name);
	physseg_dump(m->map, PHYSSEG_DUMP_TABLE, emit, stdout);
	printf("\n");
	sum = show_notes(m, note_text);
	physseg_get_stats(m->map, &stats);
	print_total("pages", stats.frames, m->opt->page_size);
	print_total("page structures", m->pages != NULL ? stats.frames : 0,
	    m->opt->struct_size);
	printf("%-16s%" PRIu64 " bytes\n", "vanished", sum.vanished);
	if (sum.left_out != 0)
		printf("%-16s%zu\n", "lines left out", sum.left_out);
	for (int i = 0; i < m->opt->naddresses; i++)
		answer_text(m, m->opt->addresses[i]);
}

static void
print_json_string(const char *s)
{
	putchar('"');
	for (; *s != '\0'; s++)
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < ' ')
			printf("\\u%04x", (unsigned)*s);
		else
			putchar(*s);
	putchar('"');
}

void
show_json(const struct machine *m)
{
	struct notes sum;

	printf("{\"file\":");
	print_json_string(m->opt->path);
	printf(",\"format\":\"%s\",\"page_size\":%" PRIu64
	       ",\"struct_size\":%" PRIu64 ",\"map\":",
	    m->file.format, m->opt->page_size, m->opt->struct_size);
	physseg_dump(m->map, PHYSSEG_DUMP_JSON, emit, stdout);
	printf(",\"notes\":[");
	sum = show_notes(m, note_json);
	printf("],\"vanished\":%" PRIu64 ",\"left_out\":%zu,\"addresses\":[",
	    sum.vanished, sum.left_out);
	for (int i = 0; i < m->opt->naddresses; i++)
		answer_json(m, m->opt->addresses[i], i == 0);
	printf("]}\n");
}
