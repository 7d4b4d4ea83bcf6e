/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem_json.c -- iomem's report for programs: one JSON object.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "iomem.h"

/* How many bytes the character of UTF-8 at `s' has, 0: there is none. */
static size_t
utf8(const unsigned char *s)
{
	static const struct {
		unsigned char first, last; /* the first byte */
		unsigned char low, high;   /* the second one */
		size_t n;
	} forms[] = {
		{ 0x01, 0x7f, 0x00, 0xff, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last ||
		    s[1] < forms[i].low || s[1] > forms[i].high)
			continue;
		for (size_t k = 2; k < forms[i].n; k++)
			if (s[k] < 0x80 || s[k] > 0xbf)
				return 0;
		return forms[i].n;
	}
	return 0;
}

void
json_string(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	putchar('"');
	for (; *p != '\0'; p += n) {
		n = utf8(p);
		if (n == 0) { /* the character for what is none */
			printf("\\ufffd");
			n = 1;
		} else if (*p == '"' || *p == '\\')
			printf("\\%c", *p);
		else if (*p < ' ' || *p == 0x7f)
			printf("\\u%04x", (unsigned)*p);
		else
			fwrite(p, 1, n, stdout);
	}
	putchar('"');
}

void
json_node(int node)
{
	if (node == PHYSSEG_NONODE)
		printf("null");
	else
		printf("%d", node);
}

/* ,"name":"string", if there is one */
static void
json_optional(const char *name, const char *s)
{
	if (s == NULL)
		return;
	printf(",\"%s\":", name);
	json_string(s);
}

static void
json_rows(const struct memory *memory)
{
	for (size_t i = 0; i < memory->nrows; i++) {
		const struct row *const row = &memory->rows[i];

		printf("%s\n{\"first\":%" PRIu64 ",\"last\":%" PRIu64
		       ",\"kind\":\"%s\",\"node\":",
		    i == 0 ? "" : ",", row->first, row->last, row_name(row));
		json_node(row->node);
		printf(",\"pages\":%" PRIu64 ",\"available\":%" PRIu64
		       ",\"removable\":%s,\"reliable\":%s",
		    row->pages, row->available,
		    row->flags & PHYSSEG_REGION_REMOVABLE ? "true" : "false",
		    row->flags & PHYSSEG_REGION_RELIABLE ? "true" : "false");
		json_optional("provider", row->provider);
		json_optional("window", row->window);
		printf("}");
	}
}

/* The lists of the file, and which counts. */
static void
json_lists(const struct memory *memory)
{
	const enum source source = memory->file.source;
	const char *separator = "";
	size_t first = 0, last = 0;

	for (int i = SOURCE_IOMEM; i < SOURCES; i++) {
		if (!memory_lines_of(memory, (enum source)i, &first, &last))
			continue;
		printf("%s{\"name\":\"%s\",\"first_line\":%zu,\"last_line\":%zu"
		       ",\"in_force\":%s}",
		    separator, source_name((enum source)i), first, last,
		    (enum source)i == source || (enum source)i == SOURCE_NODES
			? "true"
			: "false");
		separator = ",";
	}
}

static void
json_answer(const struct machine *m, const struct answer *a)
{
	printf("{\"address\":%" PRIu64 ",\"frame\":%" PRIu64 ",\"kind\":\"%s\"",
	    a->address, a->frame, a->row != NULL ? row_name(a->row) : "hole");
	if (a->line != NULL)
		printf(",\"line\":%zu", a->line->number);
	if (a->found) {
		printf(",\"segment\":{\"start\":%" PRIu64 ",\"end\":%" PRIu64
		       "},\"offset\":%" PRIu64 ",\"node\":",
		    (uint64_t)a->info.start, (uint64_t)a->info.end,
		    (uint64_t)a->offset);
		json_node(a->row->node);
		if (m->pages != NULL)
			printf(",\"page\":%zu", a->page);
	} else
		printf(",\"segment\":null");
	printf("}");
}

void
show_json(const struct machine *m)
{
	const struct memory *const memory = &m->memory;
	struct answer a;

	printf("{\"file\":");
	json_string(m->opt->path[0]);
	printf(",\"format\":\"%s\",\"backend\":\"%s\",\"page_size\":%" PRIu64
	       ",\"struct_size\":%" PRIu64 ",\"segments\":%zu"
	       ",\"pages\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"left_out\":%zu",
	    source_name(memory->file.source), m->opt->backend->name,
	    m->opt->page_size, m->opt->struct_size, memory->totals.segments,
	    memory->totals.pages[PHYSSEG_KIND_RAM], memory->totals.lost,
	    memory->file.left_out);
	printf(",\"lists\":[");
	json_lists(memory);
	printf("],\"rows\":[");
	json_rows(memory);
	printf("],\"addresses\":[");
	for (size_t i = 0; i < m->opt->naddresses; i++) {
		printf("%s\n", i == 0 ? "" : ",");
		a = machine_ask(m, m->opt->addresses[i]);
		json_answer(m, &a);
	}
	printf("]}\n");
}
