/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * results_json.c -- results in a file, and back.
 *
 * Written is JSON for everybody, one result on a line.  Read is what was
 * written, by a reader that knows of JSON what is needed for that: objects of
 * texts and numbers, wherever in the file they are; one that has an
 * "experiment" is a result.
 */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/machine.h"
#include "results.h"
#include "support.h"

/* The members of an object. */
static const struct member {
	const char *name;
	size_t offset;
	bool text; /* else a double */
} members[] = {
#define MEMBER(name, text)                                 \
	{                                                  \
#name, offsetof(struct result, name), text \
	}
	MEMBER(experiment, true),
	MEMBER(variant, true),
	MEMBER(unit, true),
	MEMBER(skipped, true),
	MEMBER(x, false),
	MEMBER(min, false),
	MEMBER(median, false),
	MEMBER(mean, false),
	MEMBER(sd, false),
	MEMBER(max, false),
#undef MEMBER
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static bool
failed(const char *path, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", path, why);
	return false;
}

/* ---- writing ---- */

static void
write_text(FILE *to, const char *text)
{
	putc('"', to);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', to);
		putc(*text, to);
	}
	putc('"', to);
}

static void
write_result(FILE *to, const struct result *result)
{
	const char *at = (const char *)result;

	putc('{', to);
	for (size_t i = 0; i < MEMBERS; i++) {
		const char *text = members[i].text
		    ? *(char *const *)(at + members[i].offset)
		    : "";

		if (text == NULL)
			continue;
		fprintf(to, "\"%s\": ", members[i].name);
		if (members[i].text)
			write_text(to, text);
		else
			fprintf(to, "%.17g",
			    *(const double *)(at + members[i].offset));
		fputs(", ", to);
	}
	fprintf(to, "\"n\": %u}", result->n);
}

static void
write_machine(FILE *to)
{
	size_t count;
	const struct machine_fact *facts = machine_facts(&count);

	for (size_t i = 0; i < count; i++) {
		fputs(i == 0 ? "\n" : ",\n", to);
		write_text(to, facts[i].name);
		fputs(": ", to);
		write_text(to, facts[i].value);
	}
}

bool
results_write_json(const struct results *all, const char *path)
{
	FILE *to = fopen(path, "w");
	bool good;

	if (to == NULL)
		return failed(path, strerror(errno));
	fputs("{\"machine\": {", to);
	write_machine(to);
	fputs("},\n\"results\": [", to);
	for (size_t i = 0; i < all->count; i++) {
		fputs(i == 0 ? "\n" : ",\n", to);
		write_result(to, &all->list[i]);
	}
	fputs("\n]}\n", to);
	good = ferror(to) == 0;
	good = fclose(to) == 0 && good;
	return good || failed(path, "cannot be written");
}

/* ---- reading ---- */

/* The text that starts at the quote; it is ended in place.  The answer points
 * behind it, NULL: it does not end. */
static char *
read_text(char *at, char **text)
{
	char *to = ++at;

	*text = at;
	while (*at != '"') {
		if (*at == '\\')
			at++;
		if (*at == '\0')
			return NULL;
		*to++ = *at++;
	}
	*to = '\0';
	return at + 1;
}

/* What follows a member's name and its colon. */
static char *
read_value(char *at, const char *name, struct result *result)
{
	char *text = NULL, *end = at;
	double number = 0;

	if (*at == '"')
		end = read_text(at, &text);
	else
		number = strtod(at, &end);
	for (size_t i = 0; i < MEMBERS; i++) {
		char *to = (char *)result + members[i].offset;

		if (strcmp(members[i].name, name) != 0)
			continue;
		if (members[i].text)
			*(char **)(void *)to = text;
		else
			*(double *)(void *)to = number;
	}
	if (strcmp(name, "n") == 0 && number >= 0 && number < 1e9)
		result->n = (unsigned)number;
	return end;
}

static bool
read_all(struct results *all, char *at)
{
	struct result result = { 0 };
	char *name;

	while (at != NULL && *at != '\0') {
		if (*at == '{')
			result = (struct result){ 0 };
		if (*at == '}' && result.experiment != NULL &&
		    result.variant != NULL && result.unit != NULL) {
			results_add(all, &result);
			result = (struct result){ 0 };
		}
		if (*at++ != '"')
			continue;
		if ((at = read_text(at - 1, &name)) == NULL)
			return false;
		at += strspn(at, " \t\n");
		if (*at == ':') {
			at++;
			at =
			    read_value(at + strspn(at, " \t\n"), name, &result);
		}
	}
	return at != NULL;
}

bool
results_read_json(struct results *all, const char *path)
{
	FILE *from = fopen(path, "r");
	const size_t had = all->count;
	size_t room = 0, size = 0, got;
	char *mem = NULL;
	bool good;

	if (from == NULL)
		return failed(path, strerror(errno));
	do {
		if (size == room)
			mem = must(realloc(mem, (room = 2 * room + 65536) + 1));
		got = fread(mem + size, 1, room - size, from);
		size += got;
	} while (got > 0);
	fclose(from);
	mem[size] = '\0';
	good = read_all(all, mem) && all->count > had;
	free(mem);
	return good || failed(path, "no results in it");
}
