/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * dump.c -- a map as text: a table for people, JSON for programs.
 *
 * Two tables of named numbers, one for the map and one for a segment, say what
 * is printed.  A format is a way to write such a table.  Frames are hexadecimal
 * for people, and decimal in JSON, which has no hexadecimal numbers.
 */
#include "engine.h"

struct out {
	void (*emit)(void *arg, const char *text, size_t length);
	void *arg;
};

struct dump_field {
	const char *name;
	unsigned width; /* columns of the table */
	unsigned base;	/* for people */
};

#define NFIELDS 9

static const struct dump_field map_fields[NFIELDS] = {
	{ "page_size", 0, 10 },
	{ "segments", 0, 10 },
	{ "frames", 0, 10 },
	{ "counted", 0, 10 },
	{ "slabs", 0, 10 },
	{ "slab_pages", 0, 10 },
	{ "slab_used", 0, 10 },
	{ "largest_free", 0, 10 },
	{ "host_bytes", 0, 10 },
};

static const struct dump_field segment_fields[NFIELDS] = {
	{ "start", 16, 16 },
	{ "end", 16, 16 },
	{ "frames", 12, 10 },
	{ "avail_start", 16, 16 },
	{ "avail_end", 16, 16 },
	{ "counted", 12, 10 },
	{ "free_list", 9, 10 },
	{ "start_hint", 10, 10 },
	{ "pages", 5, 10 },
};

static void
map_values(const struct physseg_map *map, uint64_t *value)
{
	struct physseg_stats stats;

	physseg_get_stats(map, &stats);
	value[0] = map->page_size;
	value[1] = stats.segments;
	value[2] = stats.frames;
	value[3] = stats.counted;
	value[4] = stats.slabs;
	value[5] = stats.slab_pages;
	value[6] = stats.slab_used;
	value[7] = stats.largest_free;
	value[8] = stats.host_bytes;
}

static void
segment_values(const struct physseg_node *node, uint64_t *value)
{
	const struct physseg_record *rec = (const void *)node;

	value[0] = node->start;
	value[1] = node->end;
	value[2] = node->end - node->start;
	value[3] = rec->avail.start;
	value[4] = rec->avail.end;
	value[5] = physseg_range_size(rec->counted);
	value[6] = (uint64_t)rec->free_list;
	value[7] = rec->start_hint;
	value[8] = rec->slab != NULL;
}

static size_t
length_of(const char *text)
{
	size_t n = 0;

	while (text[n] != '\0')
		n++;
	return n;
}

static void
text(const struct out *out, const char *s)
{
	out->emit(out->arg, s, length_of(s));
}

/* Right-aligned in `width' columns, after a space if there are any. */
static void
column(const struct out *out, const char *s, unsigned width)
{
	size_t n;

	if (width > 0)
		text(out, " ");
	for (n = length_of(s); n < width; n++)
		text(out, " ");
	text(out, s);
}

static void
number(const struct out *out, uint64_t value, unsigned base, unsigned width)
{
	char digits[24], *p = &digits[sizeof(digits) - 1];

	*p = '\0';
	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	if (base == 16) {
		*--p = 'x';
		*--p = '0';
	}
	column(out, p, width);
}

static void
table(const struct physseg_map *map, const struct out *out)
{
	const struct physseg_node *node = NULL;
	uint64_t value[NFIELDS];
	size_t i;

	text(out, map->backend->name);
	text(out, physseg_is_running(map) ? ", running" : ", boot");
	text(out, physseg_is_built(map) ? ", built\n" : ", list\n");
	for (i = 0; i < NFIELDS; i++)
		column(out, segment_fields[i].name, segment_fields[i].width);
	text(out, "\n");
	while ((node = physseg_index_next(map, node)) != NULL) {
		segment_values(node, value);
		for (i = 0; i < NFIELDS; i++)
			number(out, value[i], segment_fields[i].base,
			    segment_fields[i].width);
		text(out, "\n");
	}
	map_values(map, value);
	for (i = 0; i < NFIELDS; i++) {
		number(out, value[i], 10, 0);
		text(out, " ");
		text(out, map_fields[i].name);
		text(out, i + 1 < NFIELDS ? ", " : "\n");
	}
}

/* "name":value, comma-separated. */
static void
members(const struct out *out, const struct dump_field *field,
    const uint64_t *value, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		text(out, i == 0 ? "\"" : ",\"");
		text(out, field[i].name);
		text(out, "\":");
		number(out, value[i], 10, 0);
	}
}

static void
json(const struct physseg_map *map, const struct out *out)
{
	const struct physseg_node *node = NULL;
	const char *separator = "{";
	uint64_t value[NFIELDS];

	text(out, "{\"backend\":\"");
	text(out, map->backend->name);
	text(out, "\",\"running\":");
	text(out, physseg_is_running(map) ? "true" : "false");
	text(out, ",\"built\":");
	text(out, physseg_is_built(map) ? "true," : "false,");
	map_values(map, value);
	members(out, map_fields, value, NFIELDS);
	text(out, ",\"segment\":[");
	while ((node = physseg_index_next(map, node)) != NULL) {
		segment_values(node, value);
		text(out, separator);
		members(out, segment_fields, value, NFIELDS);
		text(out, "}");
		separator = ",{";
	}
	text(out, "]}\n");
}

int
physseg_dump(const struct physseg_map *map, enum physseg_dump_format format,
    void (*emit)(void *arg, const char *text, size_t length), void *arg)
{
	static void (*const dump[])(
	    const struct physseg_map *, const struct out *) = {
		[PHYSSEG_DUMP_TABLE] = table,
		[PHYSSEG_DUMP_JSON] = json,
	};
	const struct out out = { emit, arg };

	if ((unsigned)format >= sizeof(dump) / sizeof(dump[0]))
		return PHYSSEG_EINVAL;
	physseg_lock(map, map->lock_walks);
	dump[format](map, &out);
	physseg_unlock(map, map->lock_walks);
	return PHYSSEG_OK;
}
