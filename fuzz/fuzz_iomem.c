/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_iomem.c -- the program iomem reads any text.
 *
 * The first byte of the input chooses the size of a page, and whether malformed
 * lines are left out.  The rest is the text.  If it is accepted, its rows must
 * tell all bytes once, and add up to the totals; and of the form of /proc/iomem
 * the RAM is computed here once more: the union of the lines of System RAM.
 */
#define _POSIX_C_SOURCE 200809L /* fmemopen */

#include <ctype.h>
#include <string.h>

#include "fuzz.h"

#define RANGES 256

/* The file that iomem opens is the input; what it says of it is not shown. */
static const uint8_t *input_text;
static size_t input_size;
static FILE *nowhere;

static FILE *
input_open(const char *path, const char *mode)
{
	must(strcmp(path, "input") == 0);
	return fmemopen((void *)(uintptr_t)input_text, input_size, mode);
}

#define fopen input_open
#undef stderr
#define stderr nowhere
#include "../examples/iomem_file.c"
#undef stderr
#undef fopen

/* ---- the same once more ---- */

struct bytes {
	uint64_t first, last;
};

static struct bytes ranges[RANGES];
static size_t nranges;

/* Part of the text.  What cannot be shown counts as a `?'. */
struct span {
	const char *at, *end;
};

static int
next_char(const struct span *s)
{
	if (s->at == s->end)
		return 0;
	if (*s->at == '\t')
		return ' ';
	return *s->at < ' ' || *s->at > '~' ? '?' : *s->at;
}

static void
skip_blanks(struct span *s)
{
	while (next_char(s) == ' ')
		s->at++;
}

static bool
read_number(struct span *s, uint64_t *number)
{
	const char *digits = "0123456789abcdef", *digit;

	if (s->end - s->at > 2 && s->at[0] == '0' &&
	    (s->at[1] == 'x' || s->at[1] == 'X') &&
	    isxdigit((unsigned char)s->at[2]))
		s->at += 2;
	if (!isxdigit(next_char(s)))
		return false;
	for (*number = 0; isxdigit(next_char(s)); s->at++) {
		if (*number >> 60 != 0)
			return false;
		digit = strchr(digits, tolower(next_char(s)));
		*number = *number << 4 | (uint64_t)(digit - digits);
	}
	return true;
}

static bool
read_text(struct span *s, const char *text)
{
	const char *at = s->at;

	for (; *text != '\0'; text++, s->at++)
		if (tolower(next_char(s)) != tolower((unsigned char)*text)) {
			s->at = at;
			return false;
		}
	return true;
}

/* "A-B : System RAM" */
static bool
read_ram(struct span s, struct bytes *range)
{
	skip_blanks(&s);
	if (!read_number(&s, &range->first))
		return false;
	skip_blanks(&s);
	if (next_char(&s) != '-')
		return false;
	s.at++;
	skip_blanks(&s);
	if (!read_number(&s, &range->last) || range->last < range->first)
		return false;
	skip_blanks(&s);
	if (next_char(&s) != ':')
		return false;
	s.at++;
	skip_blanks(&s);
	if (!read_text(&s, "System RAM") || isalnum(next_char(&s)))
		return false;
	return !read_text(&s, " (boot alias)") || isalnum(next_char(&s));
}

static int
by_first(const void *a, const void *b)
{
	const struct bytes *p = a, *q = b;

	return (p->first > q->first) - (p->first < q->first);
}

/* All ranges of RAM, without overlaps; what touches is one.  False: there are
 * too many. */
static bool
find_ram(void)
{
	const char *end = (const char *)input_text + input_size;
	struct span line = { (const char *)input_text, NULL };
	size_t n = 0;

	nranges = 0;
	for (; line.at < end; line.at = line.end + 1) {
		line.end = memchr(line.at, '\n', (size_t)(end - line.at));
		if (line.end == NULL)
			line.end = end;
		if (nranges == RANGES)
			return false;
		nranges += read_ram(line, &ranges[nranges]);
	}
	qsort(ranges, nranges, sizeof(ranges[0]), by_first);
	for (size_t i = 0; i < nranges; i++)
		if (n > 0 &&
		    (ranges[n - 1].last == UINT64_MAX ||
			ranges[i].first <= ranges[n - 1].last + 1)) {
			if (ranges[i].last > ranges[n - 1].last)
				ranges[n - 1].last = ranges[i].last;
		} else
			ranges[n++] = ranges[i];
	nranges = n;
	return true;
}

/* Bytes of RAM, and whole pages that have nothing else. */
static void
compare_ram(const struct memory *memory)
{
	const uint64_t mask = ((uint64_t)1 << memory->layout.page_shift) - 1;
	uint64_t bytes = 0, rows = 0, pages = 0, start, size;

	for (size_t i = 0; i < nranges; i++) {
		const struct bytes *r = &ranges[i];

		bytes += r->last - r->first + 1;
		start = (r->first + mask) & ~mask;
		if (start < r->first || start > r->last)
			continue;
		size = r->last - start;
		pages += (size >> memory->layout.page_shift) +
		    ((size & mask) == mask);
	}
	for (size_t i = 0; i < memory->nrows; i++)
		if (memory->rows[i].kind == PHYSSEG_KIND_RAM)
			rows +=
			    memory->rows[i].last - memory->rows[i].first + 1;
	must(rows == bytes);
	must(memory->totals.pages[PHYSSEG_KIND_RAM] <= pages);
	for (size_t i = 0; i < memory->file.nlines; i++)
		if (memory->file.lines[i].name != NULL &&
		    strchr(memory->file.lines[i].name, '(') != NULL)
			return; /* who brought it divides it */
	must(memory->totals.pages[PHYSSEG_KIND_RAM] == pages);
}

/* ---- what is true of each ---- */

static void
compare_rows(const struct memory *memory)
{
	uint64_t byte = 0, pages = 0;

	for (size_t i = 0; i < memory->nrows; i++) {
		const struct row *row = &memory->rows[i];

		must(row->first == byte && row->last >= row->first);
		must(row->available <= row->pages);
		must(memory_row(memory, row->first) == row);
		must(memory_row(memory, row->last) == row);
		pages += row->pages;
		byte = row->last + 1;
		must(byte != 0 || i + 1 == memory->nrows);
	}
	must(pages == memory->totals.frames);
	must(memory->totals.available <= memory->totals.frames);
	for (size_t i = 1; i < memory->totals.segments; i++)
		must(memory->by_node[i - 1].node <= memory->by_node[i].node);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct options opt = { .page_size = 4096 };
	struct memory memory;

	if (nowhere == NULL && (nowhere = fopen("/dev/null", "w")) == NULL)
		abort();
	if (size < 2)
		return 0;
	opt.page_size = (uint64_t)1 << (10 + data[0] % 12);
	opt.keep_going = data[0] >= 128;
	input_text = data + 1;
	input_size = size - 1;
	if (memory_read(&memory, "input", &opt)) {
		compare_rows(&memory);
		for (uint64_t at = 1; at != 0; at *= 2)
			(void)memory_line(&memory, at);
		if (memory.file.source == SOURCE_IOMEM && find_ram())
			compare_ram(&memory);
	}
	memory_free(&memory);
	return 0;
}
