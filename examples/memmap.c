/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * memmap.c -- memory maps as Linux prints them, see memmap.h.
 *
 * The formats are a table: what marks a line, what stands between the range
 * and the kind of memory, which kind is RAM.  The file is read whole, since
 * which format it has may only be seen at its end, and its lines are cut into
 * strings where they lie.
 *
 * Linux 7.0 says "System RAM" where the kernels before it said "usable", after
 * two blanks instead of one, and has lines for the gaps.
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memmap.h"

struct format {
	const char *name;
	const char *(*range)(const char *line); /* where it must start; NULL:
						 * not a line of this format */
	const char *separator;			/* between range and kind */
	const char *ram[2];			/* the kinds that are RAM */
	bool nests;				/* by leading blanks */
};

static const char *
skip(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

/* What follows "[mem ", or the wrong place itself, where no number starts;
 * NULL for a gap. */
static const char *
after_mem(const char *p)
{
	const char *range = skip(p, "[mem ");

	if (skip(p, "[gap ") != NULL)
		return NULL;
	return range != NULL ? range : p;
}

static const char *
range_e820(const char *line)
{
	const char *p = strstr(line, "BIOS-e820: ");

	return p != NULL ? after_mem(p + strlen("BIOS-e820: ")) : NULL;
}

/* "node", a number to the right of a column, and a colon.  The log has other
 * lines about nodes, none of which looks like this. */
static const char *
range_node(const char *line)
{
	const char *p = strstr(line, "  node ");

	if (p == NULL)
		return NULL;
	p += strlen("  node ");
	p += strspn(p, " ");
	if (!isdigit((unsigned char)*p))
		return NULL;
	p = skip(p + strspn(p, "0123456789"), ": ");
	return p != NULL ? after_mem(p) : NULL;
}

static const char *
range_iomem(const char *line)
{
	const char *p = line + strspn(line, " ");

	return *p != '\0' ? p : NULL;
}

/* The last takes any line that is not blank. */
static const struct format formats[] = {
	{ "BIOS-e820", range_e820, "] ", { "usable", "System RAM" }, false },
	{ "node ranges", range_node, "]", { "", "" }, false },
	{ "/proc/iomem", range_iomem, " : ", { "System RAM", "System RAM" },
	    true },
};
#define NFORMATS (sizeof(formats) / sizeof(formats[0]))

/* ---- a line ---- */

const char *
memmap_number(const char *text, uint64_t *number, const char **reason)
{
	unsigned long long value;
	char *end;

	if (!isxdigit((unsigned char)*text)) {
		*reason = "no hexadecimal number where one belongs";
		return NULL;
	}
	errno = 0;
	value = strtoull(text, &end, 16);
	if (errno == ERANGE || value > UINT64_MAX) {
		*reason = "a number of more than 64 bits";
		return NULL;
	}
	*number = value;
	return end;
}

/* The range at `p': what follows it, or NULL and a reason. */
static const char *
parse_range(struct memmap_line *line, const char *p)
{
	p = memmap_number(p, &line->first, &line->reason);
	if (p == NULL)
		return NULL;
	if (*p != '-') {
		line->reason = "no \"-\" after the start";
		return NULL;
	}
	p = memmap_number(p + 1, &line->last, &line->reason);
	if (p != NULL && line->last < line->first) {
		line->reason = "the end lies before the start";
		return NULL;
	}
	return p;
}

/* The line's kind, once it is known to hold a range and a name. */
static enum memmap_kind
judge(const struct format *format, const char *text, const char *name)
{
	bool ram = strcmp(name, format->ram[0]) == 0 ||
	    strcmp(name, format->ram[1]) == 0;

	if (!format->nests || text[0] != ' ')
		return ram ? MEMMAP_RAM : MEMMAP_OTHER;
	/* A driver that adds memory says whose it is: "System RAM (kmem)". */
	return skip(name, format->ram[0]) != NULL ? MEMMAP_NESTED
						  : MEMMAP_OTHER;
}

/* Judge line->text; true if it holds a range. */
static bool
parse_line(struct memmap_line *line, const struct format *format)
{
	const char *p = format->range(line->text);

	line->kind = MEMMAP_OTHER;
	if (p == NULL)
		return false;
	line->kind = MEMMAP_BAD;
	p = parse_range(line, p);
	if (p == NULL)
		return false;
	p = skip(p, format->separator);
	if (p == NULL) {
		line->reason = "no kind of memory after the range";
		return false;
	}
	line->kind = judge(format, line->text, p + strspn(p, " "));
	return true;
}

/* ---- a file ---- */

/* Everything in the file, with a NUL behind it, or NULL and errno. */
static char *
slurp(FILE *file, size_t *length)
{
	size_t room = 0, n = 0;
	char *text = NULL, *more;

	do {
		room = room == 0 ? 4096 : 2 * room;
		more = realloc(text, room);
		if (more == NULL) {
			free(text);
			return NULL;
		}
		text = more;
		n += fread(text + n, 1, room - 1 - n, file);
	} while (n == room - 1);
	if (ferror(file)) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*length = n;
	return text;
}

/* End the line at `p', and what blanks end it (a CR is one). */
static void
trim(const char *text, char *p)
{
	while (p > text && isspace((unsigned char)p[-1]))
		p--;
	*p = '\0';
	while (p-- > text)
		if (iscntrl((unsigned char)*p))
			*p = '?';
}

/* Cut the text into lines; a last one without an end counts. */
static bool
cut_lines(struct memmap *map)
{
	size_t n = 1;
	char *p, *next;

	for (p = map->text; *p != '\0'; p++)
		n += *p == '\n';
	map->lines = calloc(n, sizeof(map->lines[0]));
	if (map->lines == NULL)
		return false;
	for (p = map->text; *p != '\0'; p = next) {
		char *end = p + strcspn(p, "\n");

		next = *end != '\0' ? end + 1 : end;
		trim(p, end);
		map->lines[map->nlines++].text = p;
	}
	return true;
}

static const struct format *
find_format(const struct memmap *map)
{
	for (size_t f = 0; f < NFORMATS - 1; f++)
		for (size_t i = 0; i < map->nlines; i++)
			if (formats[f].range(map->lines[i].text) != NULL)
				return &formats[f];
	return &formats[NFORMATS - 1];
}

static void
parse_lines(struct memmap *map)
{
	const struct format *format = find_format(map);
	bool ranges = false, nonzero = false;

	map->format = format->name;
	for (size_t i = 0; i < map->nlines; i++) {
		struct memmap_line *line = &map->lines[i];

		if (parse_line(line, format)) {
			ranges = true;
			nonzero |= line->last != 0;
		} else
			nonzero |= line->kind == MEMMAP_BAD;
		map->ram += line->kind == MEMMAP_RAM;
	}
	map->zeros = format->nests && ranges && !nonzero;
}

/* NULL, or what is wrong with the file; a part may have been done. */
static const char *
read_file(struct memmap *map, FILE *file)
{
	size_t length;

	errno = 0;
	map->text = slurp(file, &length);
	if (map->text == NULL)
		return errno != 0 ? strerror(errno) : "cannot be read";
	if (strlen(map->text) != length)
		return "not a text: there is a NUL in it";
	if (!cut_lines(map))
		return "no memory for so many lines";
	parse_lines(map);
	return NULL;
}

const char *
memmap_read(struct memmap *map, const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	const char *wrong;

	*map = (struct memmap){ 0 };
	if (file == NULL)
		return strerror(errno);
	wrong = read_file(map, file);
	if (file != stdin)
		fclose(file);
	if (wrong != NULL)
		memmap_free(map);
	return wrong;
}

void
memmap_free(struct memmap *map)
{
	free(map->lines);
	free(map->text);
	*map = (struct memmap){ 0 };
}
