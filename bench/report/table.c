/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * table.c -- tables: cells are kept until the last one is known, because the
 * widest decides a column's width.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "run/support.h"
#include "table.h"

#define COLUMNS 80 /* of a terminal */

static void
add(struct table *t, char *cell)
{
	if (t->count == t->room) {
		t->room = t->room == 0 ? 64 : 2 * t->room;
		t->cells =
		    must(realloc(t->cells, t->room * sizeof(t->cells[0])));
	}
	t->cells[t->count++] = cell;
}

void
table_escape(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		default:
			putc(*text, out);
		}
}

/* Text between two marks, of which text has none but the line's end. */
static void
line(FILE *out, enum table_format format, const char *mark, const char *text)
{
	if (format == TABLE_TEXT) {
		fprintf(out, "%s\n", text);
		return;
	}
	fprintf(out, "<%s>", mark);
	table_escape(out, text);
	fprintf(out, "</%s>\n", mark);
}

void
table_note(FILE *out, enum table_format format, const char *text)
{
	line(out, format, "p", text);
}

void
table_paragraph(FILE *out, enum table_format format, const char *text)
{
	const char *const start = text;
	size_t column = 0;

	if (format == TABLE_HTML) {
		table_note(out, format, text);
		return;
	}
	while (*text != '\0') {
		const size_t word = strcspn(text, " ");

		if (column > 0 && column + 1 + word > COLUMNS)
			column = 0;
		fprintf(out, "%s%.*s",
		    column > 0		? " "
			: text == start ? ""
					: "\n",
		    (int)word, text);
		column += word + (column > 0);
		text += word + strspn(text + word, " ");
	}
	fprintf(out, "\n");
}

void
table_fold(FILE *out, enum table_format format, const char *title)
{
	fputs(format == TABLE_HTML ? "<details>\n" : "\n", out);
	line(out, format, "summary", title);
}

void
table_unfold(FILE *out, enum table_format format)
{
	if (format == TABLE_HTML)
		fputs("</details>\n", out);
}

void
table_begin(
    struct table *t, FILE *out, enum table_format format, const char *title)
{
	*t = (struct table){ .out = out, .format = format };
	if (format == TABLE_TEXT)
		fprintf(out, "\n");
	line(out, format, "h3", title);
}

void
table_cell(struct table *t, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	add(t, strcpy(must(malloc(strlen(text) + 1)), text));
}

void
table_row(struct table *t)
{
	add(t, NULL);
}

/* The widest cell of a column. */
static int
width_of(const struct table *t, size_t column)
{
	size_t at = 0, width = 0;

	for (size_t i = 0; i < t->count; i++) {
		const char *cell = t->cells[i];

		if (cell != NULL && at == column && strlen(cell) > width)
			width = strlen(cell);
		at = cell == NULL ? 0 : at + 1;
	}
	return (int)width;
}

/* Blanks at a line's end are not printed. */
static void
last_cell(FILE *out, const char *cell, int width)
{
	int length = (int)strlen(cell), blanks = 0;

	while (length > 0 && cell[length - 1] == ' ') {
		length--;
		blanks++;
	}
	fprintf(
	    out, "%*.*s", width > blanks ? width - blanks : 0, length, cell);
}

static void
write_text(const struct table *t)
{
	size_t column = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (t->cells[i] == NULL)
			fprintf(t->out, "\n");
		else if (t->cells[i + 1] == NULL)
			last_cell(t->out, t->cells[i],
			    column == 0 ? 0 : 2 + width_of(t, column));
		else
			fprintf(t->out, column == 0 ? "%-*s" : "  %*s",
			    width_of(t, column), t->cells[i]);
		column = t->cells[i] == NULL ? 0 : column + 1;
	}
}

static void
write_html(const struct table *t)
{
	const char *mark = "th";
	size_t column = 0;

	fprintf(t->out, "<table>\n");
	for (size_t i = 0; i < t->count; i++) {
		if (t->cells[i] == NULL) {
			fprintf(t->out, "</tr>\n");
			mark = "td";
			column = 0;
			continue;
		}
		if (column++ == 0)
			fprintf(t->out, "<tr>");
		fprintf(t->out, "<%s>", mark);
		table_escape(t->out, t->cells[i]);
		fprintf(t->out, "</%s>", mark);
	}
	fprintf(t->out, "</table>\n");
}

void
table_end(struct table *t)
{
	(t->format == TABLE_TEXT ? write_text : write_html)(t);
	for (size_t i = 0; i < t->count; i++)
		free(t->cells[i]);
	free(t->cells);
}
