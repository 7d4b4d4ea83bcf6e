/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * dump.c -- a map as text: a table for people, JSON for programs.
 *
 * Three tables of named numbers, for the map, for a segment and for a removal,
 * say what is printed.  A format is a way to write such a table.  Frames are
 * hexadecimal for people, and decimal in JSON, which has no hexadecimal
 * numbers.
 */
#include "engine.h"

struct out {
	void (*emit)(void *arg, const char *text, size_t length);
	void *arg;
};

struct dump_field {
	const char *name;
	unsigned width;		  /* columns of the table */
	unsigned base;		  /* for people */
	const char *const *words; /* that the number stands for; NULL: none */
};

#define MAP_FIELDS     13
#define SEGMENT_FIELDS 12
#define REMOVAL_FIELDS 6
#define MOST_FIELDS    MAP_FIELDS

static const char *const states[] = { "online", "offline" };
static const char *const hows[] = { "offline", "unplug" };

static const struct dump_field map_fields[MAP_FIELDS] = {
	{ "page_size", 0, 10, NULL },
	{ "segments", 0, 10, NULL },
	{ "frames", 0, 10, NULL },
	{ "counted", 0, 10, NULL },
	{ "slabs", 0, 10, NULL },
	{ "slab_pages", 0, 10, NULL },
	{ "slab_used", 0, 10, NULL },
	{ "largest_free", 0, 10, NULL },
	{ "host_bytes", 0, 10, NULL },
	{ "online", 0, 10, NULL },
	{ "metadata", 0, 10, NULL },
	{ "removals", 0, 10, NULL },
	{ "apart", 0, 10, NULL },
};

static const struct dump_field segment_fields[SEGMENT_FIELDS] = {
	{ "start", 16, 16, NULL },
	{ "end", 16, 16, NULL },
	{ "frames", 12, 10, NULL },
	{ "avail_start", 16, 16, NULL },
	{ "avail_end", 16, 16, NULL },
	{ "counted", 12, 10, NULL },
	{ "free_list", 9, 10, NULL },
	{ "start_hint", 10, 10, NULL },
	{ "pages", 5, 10, NULL },
	{ "node", 4, 10, NULL },
	{ "kind", 4, 10, NULL },
	{ "state", 7, 10, states },
};

static const struct dump_field removal_fields[REMOVAL_FIELDS] = {
	{ "start", 16, 16, NULL },
	{ "end", 16, 16, NULL },
	{ "frames", 12, 10, NULL },
	{ "how", 16, 10, hows },
	{ "forced", 16, 10, NULL },
	{ "online", 12, 10, NULL },
};

static void
map_values(const struct physseg_map *map, uint64_t *value)
{
	struct physseg_stats stats;

	physseg_fill_stats(map, &stats); /* with the lock held */
	value[0] = map->page_size;
	value[1] = stats.segments;
	value[2] = stats.frames;
	value[3] = stats.counted;
	value[4] = stats.slabs;
	value[5] = stats.slab_pages;
	value[6] = stats.slab_used;
	value[7] = stats.largest_free;
	value[8] = stats.host_bytes;
	value[9] = stats.online;
	value[10] = stats.metadata;
	value[11] = stats.removals;
	value[12] = stats.apart;
}

static void
segment_values(const struct physseg_map *map, const struct physseg_node *node,
    uint64_t *value)
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
	value[8] = physseg_own_page(map, rec, node->start) != NULL;
	value[9] = (uint64_t)rec->numa;
	value[10] = (uint64_t)rec->kind;
	value[11] = rec->state;
}

static void
removal_values(const struct physseg_removal *removal, uint64_t *value)
{
	value[0] = removal->pfn;
	value[1] = removal->end;
	value[2] = removal->end - removal->pfn;
	value[3] = (removal->how & PHYSSEG_REMOVE_UNPLUG) != 0;
	value[4] = (removal->how & PHYSSEG_REMOVE_FORCE) != 0;
	value[5] = removal->online;
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
put_head(const struct out *out, const struct dump_field *field, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		column(out, field[i].name, field[i].width);
	text(out, "\n");
}

static void
row(const struct out *out, const struct dump_field *field,
    const uint64_t *value, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (field[i].words != NULL)
			column(out, field[i].words[value[i]], field[i].width);
		else
			number(out, value[i], field[i].base, field[i].width);
	text(out, "\n");
}

static void
table(const struct physseg_map *map, const struct out *out)
{
	const struct physseg_node *node = NULL;
	const struct physseg_removal *removal;
	uint64_t value[MOST_FIELDS];
	size_t i;

	text(out, map->backend->name);
	text(out, physseg_is_running(map) ? ", running" : ", boot");
	text(out, physseg_is_built(map) ? ", built\n" : ", list\n");
	put_head(out, segment_fields, SEGMENT_FIELDS);
	while ((node = physseg_index_next(map, node)) != NULL) {
		segment_values(map, node, value);
		row(out, segment_fields, value, SEGMENT_FIELDS);
	}
	if (LIST_FIRST(&map->removals) != NULL) {
		text(out, "removals\n");
		put_head(out, removal_fields, REMOVAL_FIELDS);
	}
	LIST_FOREACH(removal, &map->removals, all) {
		removal_values(removal, value);
		row(out, removal_fields, value, REMOVAL_FIELDS);
	}
	map_values(map, value);
	for (i = 0; i < MAP_FIELDS; i++) {
		number(out, value[i], 10, 0);
		text(out, " ");
		text(out, map_fields[i].name);
		text(out, i + 1 < MAP_FIELDS ? ", " : "\n");
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
		if (field[i].words == NULL) {
			number(out, value[i], 10, 0);
			continue;
		}
		text(out, "\"");
		text(out, field[i].words[value[i]]);
		text(out, "\"");
	}
}

static void
json(const struct physseg_map *map, const struct out *out)
{
	const struct physseg_node *node = NULL;
	const struct physseg_removal *removal;
	const char *separator = "{";
	uint64_t value[MOST_FIELDS];

	text(out, "{\"backend\":\"");
	text(out, map->backend->name);
	text(out, "\",\"running\":");
	text(out, physseg_is_running(map) ? "true" : "false");
	text(out, ",\"built\":");
	text(out, physseg_is_built(map) ? "true," : "false,");
	map_values(map, value);
	members(out, map_fields, value, MAP_FIELDS);
	text(out, ",\"segment\":[");
	while ((node = physseg_index_next(map, node)) != NULL) {
		segment_values(map, node, value);
		text(out, separator);
		members(out, segment_fields, value, SEGMENT_FIELDS);
		text(out, "}");
		separator = ",{";
	}
	text(out, "],\"removal\":[");
	separator = "{";
	LIST_FOREACH(removal, &map->removals, all) {
		removal_values(removal, value);
		text(out, separator);
		members(out, removal_fields, value, REMOVAL_FIELDS);
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
