/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * report.c -- a directory of files, of which report.html holds all that people
 * look at: the pictures are copied into it, it loads nothing and runs nothing.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "figures.h"
#include "machine.h"
#include "paper/paper.h"
#include "report.h"
#include "summary.h"

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>libphysseg: the benchmark</title>\n"
    "<style>\n"
    "body { font-family: sans-serif; line-height: 1.45; max-width: 70em;\n"
    "    margin: 2em auto; padding: 0 1em; color: #222; background: #fff }\n"
    "h2 { margin-top: 2.5em; border-bottom: 1px solid #ccc }\n"
    "table { border-collapse: collapse; display: block; overflow-x: auto;\n"
    "    font-size: 0.9em }\n"
    "th, td { padding: 0.15em 0.7em; text-align: right;\n"
    "    font-variant-numeric: tabular-nums; white-space: nowrap }\n"
    "th { border-bottom: 1px solid #888 }\n"
    "th:first-child, td:first-child { text-align: left }\n"
    "tr:nth-child(even) td { background: #f4f4f4 }\n"
    "figure { margin: 2em 0 }\n"
    "svg { max-width: 100%; height: auto }\n"
    "</style>\n</head>\n<body>\n";

static const char introduction[] =
    "Times are of one process on the machine below. What says something is "
    "the ratio of two figures of one run. Where a row is marked as the "
    "paper's, it was measured by its authors on another machine.";

/* ---- pieces of the page ---- */

static void
write_machine(FILE *out, enum table_format format)
{
	size_t count;
	const struct machine_fact *facts = machine_facts(&count);
	struct table t;

	table_begin(&t, out, format, "Measured on");
	table_cell(&t, "the machine and the build");
	table_row(&t);
	for (size_t i = 0; i < count; i++) {
		table_cell(&t, "%s: %s", facts[i].name, facts[i].value);
		table_row(&t);
	}
	table_end(&t);
}

/* The picture itself, from its <svg> on. */
static void
copy_svg(FILE *out, const char *dir, const char *name)
{
	char path[4096], line[4096];
	bool inside = false;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s.svg", dir, name);
	in = fopen(path, "r");
	if (in == NULL)
		return;
	while (fgets(line, sizeof(line), in) != NULL) {
		inside |= strncmp(line, "<svg", 4) == 0;
		if (inside)
			fputs(line, out);
	}
	fclose(in);
}

static void
write_figures(FILE *out, const char *dir, const struct figure *list,
    size_t count, bool of_paper)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].of_paper != of_paper)
			continue;
		fprintf(out, "<figure>\n");
		copy_svg(out, dir, list[i].name);
		fprintf(out, "<figcaption>");
		table_escape(out, list[i].title);
		fprintf(out, "</figcaption>\n</figure>\n");
	}
}

/* ---- files ---- */

static int
done(FILE *file)
{
	const int bad = ferror(file);

	return fclose(file) == EOF || bad ? -1 : 0;
}

static int
write_text(const struct results *all, const char *dir)
{
	FILE *out = figures_file(dir, "tables", "txt");

	if (out == NULL)
		return -1;
	write_machine(out, TABLE_TEXT);
	targets_print(out, TABLE_TEXT, all);
	paper_print(out, TABLE_TEXT, all);
	summary_print(out, TABLE_TEXT, all);
	return done(out);
}

static int
write_html(const struct results *all, const char *dir,
    const struct figure *list, size_t count, bool drawn)
{
	FILE *out = figures_file(dir, "report", "html");

	if (out == NULL)
		return -1;
	fputs(head, out);
	fprintf(out, "<h1>libphysseg: the benchmark</h1>\n");
	table_note(out, TABLE_HTML, introduction);
	if (!drawn)
		table_note(
		    out, TABLE_HTML, "Without pictures: there was no gnuplot.");
	write_machine(out, TABLE_HTML);
	targets_print(out, TABLE_HTML, all);
	paper_print(out, TABLE_HTML, all);
	if (drawn)
		write_figures(out, dir, list, count, true);
	summary_print(out, TABLE_HTML, all);
	if (drawn)
		write_figures(out, dir, list, count, false);
	fprintf(out, "</body>\n</html>\n");
	return done(out);
}

int
report_write(const struct results *all, const char *dir)
{
	const struct figure *list;
	char path[4096];
	size_t count;
	bool drawn;

	if (mkdir(dir, 0777) == -1 && errno != EEXIST) {
		perror(dir);
		return -1;
	}
	list = figures_write(all, dir, &count);
	if (list == NULL)
		return -1;
	drawn = figures_draw(list, count, dir);
	snprintf(path, sizeof(path), "%s/results.json", dir);
	if (!results_write_json(all, path) || write_text(all, dir) != 0)
		return -1;
	return write_html(all, dir, list, count, drawn);
}
