/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * answers.c -- a few lines of each question's experiment.
 *
 * Shown are variants that were measured with most segments: those that are best
 * there, of ours and of the others, and the limit.  The rest is in the full
 * tables.
 */

#include <stdlib.h>
#include <string.h>

#include <physseg/physseg.h>

#include "answers.h"
#include "baseline/subject.h"
#include "grid.h"
#include "machine.h"
#include "paper/paper.h"

#define LEAST_SEGMENTS 32 /* of a column; a map of one answers no question */
#define COLUMNS	       5
#define OTHERS	       2

static const struct question {
	const char *experiment;
	const char *title;
	const char *limit; /* what the limit is here */
	size_t ours;	   /* lines at most */
	bool registry;	   /* maps without page structures are lines as well */
} questions[] = {
	{ "lookup/hit/random",
	    "LOOKUP: ns to find a random frame, by number of segments", "floor",
	    3, false },
	{ "change/plug8/random",
	    "CHANGE: ns to plug and unplug 8 pages; others have no page "
	    "structures",
	    "", 4, true },
	{ "memory/segment",
	    "MEMORY: bytes for each segment, beside the page structures",
	    "others", 3, false },
};

#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))

struct line {
	const char *who; /* "ours", "others" */
	const char *variant;
	const double *values; /* one a column; 0: none */
};

struct answer {
	double x[COLUMNS];
	size_t columns;
	double values[LINES_MOST][COLUMNS];
	struct line ours[LINES_MOST], others[LINES_MOST];
	size_t nours, nothers;
	struct line limit; /* of no variant: there is none */
};

static double
last_of(const struct answer *answer, const struct line *line)
{
	return line->values[answer->columns - 1];
}

/* The last columns, in ascending order as they were measured. */
static void
choose_columns(struct answer *answer, const struct grid *grid)
{
	for (size_t i = 0; i < grid->columns; i++) {
		if (grid->x[i] < LEAST_SEGMENTS)
			continue;
		if (answer->columns == COLUMNS)
			memmove(answer->x, answer->x + 1,
			    --answer->columns * sizeof(answer->x[0]));
		answer->x[answer->columns++] = grid->x[i];
	}
}

/* Is it a registry of a backend whose maps with page structures are here? */
static bool
is_registry(const struct grid *grid, const char *variant, const char *comma)
{
	const size_t length = (size_t)(comma - variant);

	for (size_t i = 0; i < grid->lines; i++)
		if (strlen(grid->variants[i]) == length &&
		    strncmp(grid->variants[i], variant, length) == 0)
			return strcmp(comma, ", registry") == 0;
	return false;
}

/* Insert by the last column, best first. */
static void
insert(const struct answer *answer, struct line *lines, size_t *n,
    const struct line *new)
{
	size_t i = (*n)++;

	for (; i > 0 && last_of(answer, &lines[i - 1]) > last_of(answer, new);
	     i--)
		lines[i] = lines[i - 1];
	lines[i] = *new;
}

static void
choose_lines(struct answer *answer, const struct results *all,
    const struct question *question, const struct grid *grid)
{
	for (size_t i = 0; i < grid->lines; i++) {
		const char *variant = grid->variants[i];
		const char *comma = strchr(variant, ',');
		struct line line = { "ours", variant, answer->values[i] };

		for (size_t c = 0; c < answer->columns; c++) {
			const struct result *result = results_find(
			    all, question->experiment, variant, answer->x[c]);

			answer->values[i][c] = result == NULL ? 0 : result->min;
		}
		if (!(last_of(answer, &line) > 0))
			continue;
		if (strstr(variant, "(limit)") != NULL) {
			line.who = question->limit;
			answer->limit = line;
		} else if (subject_is_foreign(variant)) {
			line.who = "others";
			insert(answer, answer->others, &answer->nothers, &line);
		} else if (comma == NULL ||
		    (question->registry && is_registry(grid, variant, comma)))
			insert(answer, answer->ours, &answer->nours, &line);
	}
}

/* ---- printing ---- */

static bool
is_best(const struct answer *answer, double value, size_t column)
{
	for (size_t i = 0; i < answer->nours; i++) {
		const double other = answer->ours[i].values[column];

		if (other > 0 && other < value)
			return false;
	}
	return true;
}

static void
print_line(
    struct table *table, const struct answer *answer, const struct line *line)
{
	const bool ours = strcmp(line->who, "ours") == 0;

	table_cell(table, "%-7s %s", line->who, line->variant);
	for (size_t c = 0; c < answer->columns; c++) {
		const double value = line->values[c];

		if (value > 0)
			table_cell(table, "%.*f%s", value < 100 ? 1 : 0, value,
			    ours && is_best(answer, value, c) ? "*" : " ");
		else
			table_cell(table, "- ");
	}
	table_row(table);
}

static void
print_question(FILE *to, enum table_format format, const struct results *all,
    const struct question *question)
{
	const struct grid grid = grid_of(all, question->experiment);
	struct answer answer = { .columns = 0 };
	char text[GRID_NUMBER];
	struct table table;

	choose_columns(&answer, &grid);
	if (answer.columns == 0)
		return;
	choose_lines(&answer, all, question, &grid);
	table_begin(&table, to, format, question->title);
	table_cell(&table, "%-22s", "");
	for (size_t c = 0; c < answer.columns; c++)
		table_cell(&table, "%s ", grid_number(text, answer.x[c]));
	table_row(&table);
	for (size_t i = 0; i < answer.nours && i < question->ours; i++)
		print_line(&table, &answer, &answer.ours[i]);
	for (size_t i = 0; i < answer.nothers && i < OTHERS; i++)
		print_line(&table, &answer, &answer.others[i]);
	if (answer.limit.who != NULL)
		print_line(&table, &answer, &answer.limit);
	table_end(&table);
}

static bool
one_word(const char *text)
{
	return strchr(text, ' ') == NULL;
}

/* A fact of several words says itself what it is.  The version is in the title
 * already. */
static void
print_machine(FILE *to, enum table_format format)
{
	char text[2048] = "";
	size_t count, length = 0;
	const struct machine_fact *facts = machine_facts(&count);

	for (size_t i = 0; i < count && length < sizeof(text); i++) {
		if (format == TABLE_TEXT &&
		    strcmp(facts[i].name, "libphysseg") == 0)
			continue;
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    "%s%s%s%s", i == 0 ? "" : "; ",
		    one_word(facts[i].value) ? facts[i].name : "",
		    one_word(facts[i].value) ? " " : "", facts[i].value);
	}
	table_paragraph(to, format, text);
}

void
answers_print(FILE *to, enum table_format format, const struct results *all)
{
	if (format == TABLE_TEXT)
		fprintf(to, "libphysseg %s: which backend for me?\n",
		    physseg_version());
	print_machine(to, format);
	table_paragraph(to, format,
	    "Lower is better; * is the best of ours. Segments of 8 pages, 8 "
	    "frames apart.");
	for (size_t i = 0; i < QUESTIONS; i++)
		print_question(to, format, all, &questions[i]);
	paper_print_degradation(to, format, all);
}
