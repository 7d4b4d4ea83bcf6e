/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * options.c -- the command line, as a table: a name, what follows it, and
 * where that goes.
 */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

enum kind { FLAG, NUMBER, RATIO, SECONDS, TEXT, PAIR };

static const struct option {
	const char *name;
	enum kind kind;
	size_t offset;
	const char *operands; /* as --help shows them */
	const char *help;     /* NULL: Google Benchmark's, not shown */
} table[] = {
#define AT(field) offsetof(struct options, field)
	{ "--help", FLAG, AT(help), "", "this text" },
	{ "--list", FLAG, AT(list), "", "list all benchmarks and run none" },
	{ "--full", FLAG, AT(full), "",
	    "everything at full size; this takes hours" },
	{ "--paper", FLAG, AT(paper), "", "the paper's tests only" },
	{ "--faithful", FLAG, AT(faithful), "",
	    "the paper's tests: only with random() timed too, as there" },
	{ "--net", FLAG, AT(net), "",
	    "the paper's tests: only with frames drawn beforehand" },
	{ "--runs", NUMBER, AT(runs), "N",
	    "run each of the paper's tests N times" },
	{ "--calls", NUMBER, AT(calls), "N",
	    "make at most N calls in such a run" },
	{ "--segments", NUMBER, AT(max), "N",
	    "use at most N segments: 100000, with --full 1000000" },
	{ "--out", TEXT, AT(out), "FILE", "write the results as JSON" },
	{ "--tables", TEXT, AT(tables), "FILE", "write all tables as text" },
	{ "--report", TEXT, AT(report), "DIR",
	    "write tables, pictures and a page of HTML" },
	{ "--targets", FLAG, AT(targets), "",
	    "show the project's own targets as well" },
	{ "--compare", PAIR, AT(before), "OLD NEW",
	    "compare two JSON files; status 1 if they differ" },
	{ "--threshold", RATIO, AT(threshold), "R",
	    "they differ if a ratio is above R: 1.15" },
	{ "--delay", TEXT, AT(delay), "VARIANT",
	    "slow a variant down, to see that --compare sees it" },
	{ "--benchmark_list_tests", FLAG, AT(list), NULL, NULL },
	{ "--benchmark_format", TEXT, AT(format), NULL, NULL },
	{ "--benchmark_filter", TEXT, AT(filter), NULL, NULL },
	{ "--benchmark_out", TEXT, AT(file), NULL, NULL },
	{ "--benchmark_out_format", TEXT, AT(file_format), NULL, NULL },
	{ "--benchmark_min_time", SECONDS, AT(min_time), NULL, NULL },
	{ "--benchmark_repetitions", NUMBER, AT(repetitions), NULL, NULL },
#undef AT
};

#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

void
options_help(FILE *to)
{
	fprintf(to,
	    "usage: bench [OPTION...]\n"
	    "Without options: everything, quickly; one screen says what was "
	    "found.\n\n");
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (table[i].help != NULL)
			fprintf(to, "  %-11s %-8s %s\n", table[i].name,
			    table[i].operands, table[i].help);
	fprintf(to,
	    "\nand Google Benchmark's own --benchmark_...: filter, format, "
	    "out,\nrepetitions, min_time\n");
}

static bool
bad(const char *what, const char *argument)
{
	fprintf(stderr, "bench: %s: %s; --help says more\n", argument, what);
	return false;
}

static bool
number(const char *text, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return errno == 0 && *end == '\0' && *text >= '0' && *text <= '9' &&
	    *value > 0;
}

static bool
ratio(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && *end == '\0' && *value >= 1 && *value <= 1000;
}

/* Newer versions of Google Benchmark want the unit, too. */
static bool
seconds(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && (strcmp(end, "") == 0 || strcmp(end, "s") == 0) &&
	    *value > 0 && *value <= 1000;
}

/* Which option an argument is; *value is what follows its '='. */
static const struct option *
find(const char *argument, char **value)
{
	const size_t length = strcspn(argument, "=");

	*value = argument[length] == '=' ? (char *)argument + length + 1 : NULL;
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (strlen(table[i].name) == length &&
		    strncmp(table[i].name, argument, length) == 0)
			return &table[i];
	return NULL;
}

/* One option and what follows it; *value moves over what it uses. */
static bool
take(struct options *options, const struct option *option, char ***next,
    char *value)
{
	void *to = (char *)options + option->offset;

	if (option->kind == FLAG) {
		*(bool *)to = value == NULL || strcmp(value, "false") != 0;
		return true;
	}
	if (value == NULL && (value = **next) != NULL)
		++*next;
	if (value == NULL || *value == '\0')
		return bad("something must follow", option->name);
	if (option->kind == NUMBER)
		return number(value, to) ||
		    bad("not a number greater than 0", value);
	if (option->kind == RATIO)
		return ratio(value, to) ||
		    bad("not a ratio from 1 to 1000", value);
	if (option->kind == SECONDS)
		return seconds(value, to) ||
		    bad("not a time up to 1000 s", value);
	*(const char **)to = value;
	if (option->kind != PAIR)
		return true;
	if (**next == NULL)
		return bad("two files must follow", option->name);
	((const char **)to)[1] = *(*next)++;
	return true;
}

static bool
is_format(const char *format)
{
	return format == NULL || strcmp(format, "console") == 0 ||
	    strcmp(format, "json") == 0 || strcmp(format, "csv") == 0;
}

/* What single options cannot see. */
static bool
consistent(const struct options *options)
{
	if (!is_format(options->format) || !is_format(options->file_format))
		return bad("console, json, or csv", "the format");
	if (options->faithful && options->net)
		return bad("only one of the two", "--faithful --net");
	if (options->paper && options->filter != NULL)
		return bad("a filter has no effect on the paper's tests",
		    "--paper --benchmark_filter");
	if (options->paper && options->delay != NULL)
		return bad(
		    "the paper's tests cannot be delayed", "--paper --delay");
	return true;
}

bool
options_parse(struct options *options, int *argc, char **argv)
{
	char **next = argv + 1, **keep = argv + 1;

	*options = (struct options){ .threshold = 1.15 };
	while (*next != NULL) {
		char *argument = *next++, *value;
		const struct option *option = find(argument, &value);

		if (option != NULL) {
			if (!take(options, option, &next, value))
				return false;
		} else if (strncmp(argument, "--benchmark_", 12) == 0 ||
		    strncmp(argument, "--v=", 4) == 0)
			*keep++ = argument;
		else
			return bad("no such option", argument);
	}
	*keep = NULL;
	*argc = (int)(keep - argv);
	return consistent(options);
}
