/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * report.c -- a directory of files, of which report.html holds all that people
 * look at: the pictures are copied into it, it loads nothing and runs nothing.
 *
 * The page begins with the answers and the pictures of them.  Everything else
 * is folded, in sections that the table of contents names.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "answers.h"
#include "figures.h"
#include "machine.h"
#include "paper/paper.h"
#include "report.h"
#include "summary.h"

#define PATH_MOST 4096

/* Dark: gnuplot's pictures are black on white, so they are inverted, and their
 * hues turned back. */
static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" "
    "content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<title>libphysseg: the benchmark</title>\n"
    "<style>\n"
    ":root { --ink: #1f2328; --faint: #59636e; --paper: #fff;\n"
    "    --band: #f3f5f7; --line: #d1d9e0; --link: #0550ae }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink);\n"
    "    background: var(--paper); max-width: 62em; margin: 0 auto;\n"
    "    padding: 1em }\n"
    "a { color: var(--link) }\n"
    "h1 { font-size: 1.6em; line-height: 1.25 }\n"
    "h2 { font-size: 1.3em; margin: 2em 0 0.6em; padding-bottom: 0.2em;\n"
    "    border-bottom: 1px solid var(--line) }\n"
    "h3 { font-size: 1em; margin: 1.4em 0 0.4em }\n"
    "p { max-width: 44em; overflow-wrap: anywhere }\n"
    "p, figcaption { color: var(--faint) }\n"
    "nav ul { padding: 0; margin: 0; display: flex; flex-wrap: wrap;\n"
    "    gap: 0.3em 1.2em; list-style: none }\n"
    "table { border-collapse: collapse; display: block; overflow-x: auto;\n"
    "    font-size: 0.88em }\n"
    "th, td { padding: 0.2em 0.7em; text-align: right;\n"
    "    font-variant-numeric: tabular-nums; white-space: nowrap }\n"
    "th { border-bottom: 1px solid var(--faint) }\n"
    "th:first-child, td:first-child { text-align: left; padding-left: 0 }\n"
    "tr:nth-child(odd) td { background: var(--band) }\n"
    "details { border: 1px solid var(--line); border-radius: 6px;\n"
    "    margin: 0.5em 0; padding: 0 0.8em }\n"
    "details[open] { padding-bottom: 0.8em }\n"
    "summary { cursor: pointer; padding: 0.45em 0 }\n"
    "figure { margin: 1.5em 0 }\n"
    "figure svg { max-width: 100%; height: auto; display: block }\n"
    "figure svg > g > rect { fill: none }\n"
    ".narrow { display: none !important }\n"
    "@media (min-width: 60em) {\n"
    "    #answers { columns: 2; column-gap: 3em }\n"
    "    #answers h2, #answers p { column-span: all }\n"
    "    #answers h3 { break-after: avoid; margin-top: 0 }\n"
    "    #answers table { break-inside: avoid; margin-bottom: 1em }\n"
    "}\n"
    "@media (max-width: 44em) {\n"
    "    .wide { display: none !important }\n"
    "    .narrow { display: block !important }\n"
    "    figure svg { margin: 0 auto }\n"
    "    th, td { padding: 0.2em 0.4em }\n"
    "    table { font-size: 0.8em }\n"
    "    td:first-child, th:first-child { white-space: normal }\n"
    "}\n"
    "@media (prefers-color-scheme: dark) {\n"
    "    :root { --ink: #e6edf3; --faint: #a3adb8; --paper: #0d1117;\n"
    "        --band: #171d25; --line: #343c46; --link: #79b8ff }\n"
    "    figure svg { filter: invert(1) hue-rotate(180deg) }\n"
    "}\n"
    "</style>\n</head>\n<body>\n";

static const char introduction[] =
    "All times are of one process on the machine below. Compare figures of "
    "one run; their ratios say something, the figures of two machines do not.";

/* ---- pieces of the page ---- */

struct page {
	FILE *out;
	const struct results *all;
	const char *dir;
	const struct figure *figures;
	size_t count; /* of them; 0: there was no gnuplot */
	bool targets;
};

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

/* The picture itself, from its <svg> on; `shown' where the page is wide, or
 * where it is narrow. */
static void
copy_svg(const struct page *page, const char *name, const char *shown)
{
	char path[PATH_MOST], line[4096];
	bool inside = false;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s%s.svg", page->dir, name,
	    strcmp(shown, "narrow") == 0 ? "_narrow" : "");
	in = fopen(path, "r");
	if (in == NULL)
		return;
	while (fgets(line, sizeof(line), in) != NULL) {
		if (inside)
			fputs(line, page->out);
		else if (strncmp(line, "<svg", 4) == 0) {
			inside = true;
			fprintf(
			    page->out, "<svg class=\"%s\"%s", shown, line + 4);
		}
	}
	fclose(in);
}

static void
write_figure(const struct page *page, const struct figure *figure)
{
	fprintf(page->out, "<figure>\n<figcaption class=\"narrow\">");
	table_escape(page->out, figure->title);
	fprintf(page->out, "</figcaption>\n");
	copy_svg(page, figure->name, "wide");
	copy_svg(page, figure->name, "narrow");
	fprintf(page->out, "</figure>\n");
}

/* ---- its sections ---- */

/* The pictures that belong to the answers. */
static const char *const main_figures[] = {
	"lookup_hit_random",
	"change_plug8_random",
	"memory_segment",
	"figure1_net",
};

#define MAIN_FIGURES (sizeof(main_figures) / sizeof(main_figures[0]))

static bool
is_main(const struct figure *figure)
{
	for (size_t i = 0; i < MAIN_FIGURES; i++)
		if (strcmp(main_figures[i], figure->name) == 0)
			return true;
	return false;
}

static void
write_answers(const struct page *page, const char *prefix)
{
	(void)prefix;
	answers_print(page->out, TABLE_HTML, page->all);
}

static void
write_main_figures(const struct page *page, const char *prefix)
{
	(void)prefix;
	for (size_t m = 0; m < MAIN_FIGURES; m++)
		for (size_t i = 0; i < page->count; i++)
			if (strcmp(page->figures[i].name, main_figures[m]) == 0)
				write_figure(page, &page->figures[i]);
}

/* Pictures of one experiment, but those that were shown above. */
static void
write_figures(const struct page *page, const char *experiment)
{
	for (size_t i = 0; i < page->count; i++)
		if (!is_main(&page->figures[i]) &&
		    strcmp(page->figures[i].experiment, experiment) == 0)
			write_figure(page, &page->figures[i]);
}

/* Pictures and tables of the experiments whose names begin so. */
static void
write_experiments(const struct page *page, const char *prefix)
{
	const char *experiment;

	for (size_t i = 0; (experiment = summary_experiment(i)) != NULL; i++) {
		if (strncmp(experiment, prefix, strlen(prefix)) != 0 ||
		    !summary_begin(
			page->out, TABLE_HTML, page->all, experiment))
			continue;
		write_figures(page, experiment);
		table_unfold(page->out, TABLE_HTML);
	}
}

static void
write_paper(const struct page *page, const char *prefix)
{
	paper_print(page->out, TABLE_HTML, page->all);
	table_fold(page->out, TABLE_HTML, "Its figures");
	write_figures(page, prefix);
	table_unfold(page->out, TABLE_HTML);
}

static void
write_targets(const struct page *page, const char *prefix)
{
	(void)prefix;
	table_fold(page->out, TABLE_HTML, "What it set out to reach");
	targets_print(page->out, TABLE_HTML, page->all);
	table_unfold(page->out, TABLE_HTML);
}

static void
write_method(const struct page *page, const char *prefix)
{
	(void)prefix;
	table_note(page->out, TABLE_HTML, introduction);
	table_note(page->out, TABLE_HTML,
	    "Where a row is marked as the paper's, its authors measured it on "
	    "another machine.");
	write_machine(page->out, TABLE_HTML);
}

static const struct section {
	const char *id;
	const char *title;
	const char *prefix; /* experiments that it needs; "": none */
	void (*write)(const struct page *, const char *prefix);
} sections[] = {
	{ "answers", "Which backend for me?", "", write_answers },
	{ "pictures", "In pictures", "", write_main_figures },
	{ "lookups", "Lookups", "lookup/", write_experiments },
	{ "layers", "What each layer adds", "layer/", write_experiments },
	{ "beside", "A reader beside a writer", "beside/", write_experiments },
	{ "changes", "Changes", "change/", write_experiments },
	{ "memory", "Memory", "memory/", write_experiments },
	{ "paper", "The paper's tests", "paper/", write_paper },
	{ "targets", "The project's own targets", "", write_targets },
	{ "machine", "How and where it was measured", "", write_method },
};

#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

static bool
is_there(const struct page *page, const struct section *section)
{
	const size_t length = strlen(section->prefix);

	if (section->write == write_main_figures)
		return page->count > 0;
	if (section->write == write_targets)
		return page->targets;
	for (size_t i = 0; i < page->all->count; i++)
		if (strncmp(page->all->list[i].experiment, section->prefix,
			length) == 0)
			return true;
	return length == 0;
}

static void
write_contents(const struct page *page)
{
	fprintf(page->out, "<nav>\n<ul>\n");
	for (size_t i = 0; i < SECTIONS; i++)
		if (is_there(page, &sections[i]))
			fprintf(page->out, "<li><a href=\"#%s\">%s</a></li>\n",
			    sections[i].id, sections[i].title);
	fprintf(page->out, "</ul>\n</nav>\n");
}

static void
write_page(const struct page *page)
{
	fputs(head, page->out);
	fprintf(page->out, "<h1>libphysseg: the benchmark</h1>\n");
	write_contents(page);
	if (page->count == 0)
		table_note(page->out, TABLE_HTML,
		    "Without pictures: there was no gnuplot.");
	for (size_t i = 0; i < SECTIONS; i++) {
		if (!is_there(page, &sections[i]))
			continue;
		fprintf(page->out, "<section id=\"%s\">\n<h2>%s</h2>\n",
		    sections[i].id, sections[i].title);
		sections[i].write(page, sections[i].prefix);
		fprintf(page->out, "</section>\n");
	}
	fprintf(page->out, "</body>\n</html>\n");
}

/* ---- files ---- */

static bool
closed(FILE *file, const char *path)
{
	const bool bad = ferror(file) != 0;

	if (fclose(file) == 0 && !bad)
		return true;
	fprintf(stderr, "bench: %s: cannot be written\n", path);
	return false;
}

static FILE *
opened(const char *path, const char *mode)
{
	FILE *file = fopen(path, mode);

	if (file == NULL)
		fprintf(stderr, "bench: %s: cannot be written: %s\n", path,
		    strerror(errno));
	return file;
}

bool
report_file_writable(const char *path)
{
	struct stat status;
	const bool was_there = stat(path, &status) == 0;
	FILE *file = opened(path, "a");

	if (file == NULL)
		return false;
	if (!was_there)
		remove(path);
	return closed(file, path);
}

bool
report_writable(const char *dir)
{
	char path[PATH_MOST];

	if (mkdir(dir, 0777) == -1 && errno != EEXIST) {
		fprintf(stderr, "bench: %s: cannot be made: %s\n", dir,
		    strerror(errno));
		return false;
	}
	snprintf(path, sizeof(path), "%s/report.html", dir);
	return report_file_writable(path);
}

bool
report_write_tables(const struct results *all, const char *path, bool targets)
{
	FILE *out = opened(path, "w");

	if (out == NULL)
		return false;
	write_machine(out, TABLE_TEXT);
	paper_print(out, TABLE_TEXT, all);
	for (size_t i = 0; summary_experiment(i) != NULL; i++)
		summary_begin(out, TABLE_TEXT, all, summary_experiment(i));
	if (targets)
		targets_print(out, TABLE_TEXT, all);
	return closed(out, path);
}

bool
report_write(const struct results *all, const char *dir, bool targets)
{
	struct page page = { .all = all, .dir = dir, .targets = targets };
	char path[PATH_MOST];

	page.figures = figures_write(all, dir, &page.count);
	if (page.figures == NULL)
		return false;
	if (!figures_draw(page.figures, page.count, dir))
		page.count = 0;
	snprintf(path, sizeof(path), "%s/results.json", dir);
	if (!results_write_json(all, path))
		return false;
	snprintf(path, sizeof(path), "%s/tables.txt", dir);
	if (!report_write_tables(all, path, targets))
		return false;
	snprintf(path, sizeof(path), "%s/report.html", dir);
	page.out = opened(path, "w");
	if (page.out == NULL)
		return false;
	write_page(&page);
	return closed(page.out, path);
}
