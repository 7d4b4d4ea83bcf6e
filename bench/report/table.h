/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * table.h -- a table for people: aligned text, or HTML of the same.
 *
 *	table_begin(&t, out, TABLE_TEXT, "Title");
 *	table_cell(&t, "name"); table_cell(&t, "ns"); table_row(&t);
 *	table_cell(&t, "%s", name); table_cell(&t, "%.1f", ns); table_row(&t);
 *	table_end(&t);
 *
 * The first row is the head, the first column is text, the others are figures.
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include <stddef.h>
#include <stdio.h>

enum table_format { TABLE_TEXT, TABLE_HTML };

struct table {
	FILE *out;
	enum table_format format;
	char **cells; /* row after row; NULL ends a row */
	size_t count;
	size_t room;
};

/* The title is a line of its own.  `out' is only written to by table_end and
 * the functions that take no table. */
void table_begin(
    struct table *, FILE *out, enum table_format, const char *title);

#if defined(__GNUC__)
__attribute__((__format__(__printf__, 2, 3)))
#endif
void
table_cell(struct table *, const char *format, ...);

/* Ends the row. */
void table_row(struct table *);

/* Writes the table and gives its memory back. */
void table_end(struct table *);

/* A line; a paragraph, which is wrapped at 80 columns as text. */
void table_note(FILE *out, enum table_format, const char *text);
void table_paragraph(FILE *out, enum table_format, const char *text);

/* Between the two stands what belongs together, under this title.  In HTML it
 * is folded: one click shows it. */
void table_fold(FILE *out, enum table_format, const char *title);
void table_unfold(FILE *out, enum table_format);

/* Text as HTML has it. */
void table_escape(FILE *out, const char *text);

#endif /* BENCH_TABLE_H */
