/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * trace.c -- a file becomes traces: physseg-trace(5).
 */

#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define NAME(id, name, arguments, result) { name, arguments, result },
const struct call_name call_names[PHYSSEG_NCALLS] = { PHYSSEG_CALLS(NAME) };

#define ERROR(name, text) #name,
static const char *const errors[] = { PHYSSEG_ERRORS(ERROR) };

const char *
error_name(int error)
{
	return errors[error] + strlen("PHYSSEG_");
}

/* The place of a word among words; -1: it is none of them. */
static int
place_of(const char *words, const char *word, size_t length)
{
	size_t n;
	int i;

	for (i = 0; *words != '\0'; i++, words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		if (n == length && strncmp(words, word, n) == 0)
			return i;
	}
	return -1;
}

uint64_t
op_arg(const struct op *op, const char *name)
{
	const int i =
	    place_of(call_names[op->id].arguments, name, strlen(name));

	return i < 0 ? 0 : op->arg[i];
}

static bool
read_number(const char *text, uint64_t *value)
{
	char *end;

	if (text == NULL)
		return false;
	if (strcmp(text, "none") == 0) {
		*value = PHYSSEG_NOFRAME;
		return true;
	}
	*value = strtoull(text, &end, 0);
	return end != text && *end == '\0' && *text != '-';
}

static bool
read_id(const char *text, struct op *op)
{
	int id;

	if (text == NULL)
		return false;
	for (id = PHYSSEG_CALL_CREATE; id < PHYSSEG_NCALLS; id++)
		if (strcmp(call_names[id].name, text) == 0)
			break;
	op->id = (enum physseg_call_id)id;
	return id < PHYSSEG_NCALLS;
}

static bool
read_error(const char *text, struct op *op)
{
	int error;

	for (error = 0; text != NULL && error < PHYSSEG_NERRORS; error++)
		if (strcmp(error_name(error), text) == 0)
			break;
	op->was.error = error;
	return text != NULL && error < PHYSSEG_NERRORS;
}

/* name=value */
static bool
read_argument(char *word, struct op *op, char *backend, size_t size)
{
	const size_t n = strcspn(word, "=");
	int i;

	if (word[n] != '=')
		return false;
	if (op->id == PHYSSEG_CALL_CREATE && strncmp(word, "backend", n) == 0) {
		snprintf(backend, size, "%s", word + n + 1);
		return true;
	}
	i = place_of(call_names[op->id].arguments, word, n);
	return i >= 0 && op->arg[i] == 0 &&
	    read_number(word + n + 1, &op->arg[i]);
}

/* What stands behind the colon. */
static bool
read_outcome(char **rest, struct op *op, uint64_t *map)
{
	const char *name = call_names[op->id].result;
	char *word = strtok_r(NULL, " \n", rest);
	int i;

	if (!read_error(word, op))
		return false;
	word = strtok_r(NULL, " \n", rest);
	if (*name != '\0' && op->was.error == PHYSSEG_OK) {
		const size_t n = strlen(name);

		if (word == NULL || strncmp(word, name, n) != 0 ||
		    word[n] != '=' ||
		    !read_number(word + n + 1, &op->was.result))
			return false;
		word = strtok_r(NULL, " \n", rest);
	}
	if (word == NULL || strcmp(word, "|") != 0)
		return false;
	for (i = 0; i < NSTATE; i++)
		if (!read_number(
			strtok_r(NULL, " \n", rest), &op->was.state[i]))
			return false;
	word = strtok_r(NULL, " \n", rest);
	return word != NULL && *word == '@' && read_number(word + 1, map) &&
	    strtok_r(NULL, " \n", rest) == NULL;
}

static bool
read_line(char *text, struct op *op, char *backend, size_t size, uint64_t *map)
{
	char *rest, *word = strtok_r(text, " \n", &rest);

	op->inside = word != NULL && strcmp(word, "inside") == 0;
	if (op->inside)
		word = strtok_r(NULL, " \n", &rest);
	if (!read_id(word, op))
		return false;
	for (;;) {
		word = strtok_r(NULL, " \n", &rest);
		if (word != NULL && strcmp(word, ":") == 0)
			return read_outcome(&rest, op, map);
		if (word == NULL || !read_argument(word, op, backend, size))
			return false;
	}
}

static void *
grow(void *array, size_t n, size_t size)
{
	void *more;

	if ((n & (n - 1)) != 0) /* it has room up to the next power of 2 */
		return array;
	more = realloc(array, (n == 0 ? 1 : 2 * n) * size);
	if (more == NULL)
		abort();
	return more;
}

/* The trace that a line belongs to; NULL: its map was never created. */
static struct trace *
trace_of(struct trace **traces, size_t *n, const struct op *op, uint64_t map)
{
	struct trace *trace;
	size_t i;

	if (op->id == PHYSSEG_CALL_CREATE) {
		*traces = grow(*traces, *n, sizeof(**traces));
		trace = &(*traces)[(*n)++];
		memset(trace, 0, sizeof(*trace));
		trace->map = map;
		return trace;
	}
	for (i = *n; i-- > 0;)
		if ((*traces)[i].map == map)
			return (*traces)[i].ended ? NULL : &(*traces)[i];
	return NULL;
}

/* What was made inside of a call stands before it in the file.  It is made
 * again after it.  Init_pages tells no sums: they are those of before. */
static void
append(struct trace *trace, struct op *op)
{
	struct op *at;

	trace->ops = grow(trace->ops, trace->n, sizeof(*op));
	at = &trace->ops[trace->n++];
	if (op->id == PHYSSEG_CALL_INIT_PAGES && at > trace->ops)
		memcpy(op->was.state, at[-1].was.state, sizeof(op->was.state));
	while (
	    !op->inside && at > trace->ops && at[-1].inside && !at[-1].placed) {
		at[0] = at[-1];
		at->placed = true;
		at--;
	}
	*at = *op;
}

static bool
is_blank(const char *text)
{
	text += strspn(text, " \t\r\n");
	return *text == '\0' || *text == '#';
}

static bool
read_file(FILE *file, const char *path, struct trace **traces, size_t *n)
{
	char text[2 * PHYSSEG_CALL_LINE], backend[32];
	struct trace *trace;
	struct op op;
	uint64_t map;
	size_t line;

	for (line = 1; fgets(text, sizeof(text), file) != NULL; line++) {
		if (is_blank(text))
			continue;
		memset(&op, 0, sizeof(op));
		backend[0] = '\0';
		op.line = line;
		if (!read_line(text, &op, backend, sizeof(backend), &map)) {
			fprintf(stderr, "%s:%zu: not a line of a trace\n", path,
			    line);
			return false;
		}
		if ((trace = trace_of(traces, n, &op, map)) == NULL) {
			fprintf(stderr, "%s:%zu: a map that was not created\n",
			    path, line);
			return false;
		}
		if (op.id == PHYSSEG_CALL_CREATE)
			memcpy(trace->backend, backend, sizeof(backend));
		trace->ended = op.id == PHYSSEG_CALL_DESTROY;
		append(trace, &op);
	}
	if (*n == 0)
		fprintf(stderr, "%s: there is no trace in it\n", path);
	return *n != 0;
}

struct trace *
trace_read(const char *path, size_t *n)
{
	struct trace *traces = NULL;
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	bool ok;

	*n = 0;
	if (file == NULL) {
		perror(path);
		return NULL;
	}
	ok = read_file(file, path, &traces, n);
	if (file != stdin)
		(void)fclose(file);
	if (!ok) {
		trace_free(traces, *n);
		*n = 0;
		return NULL;
	}
	return traces;
}

void
trace_free(struct trace *traces, size_t n)
{
	while (n-- > 0)
		free(traces[n].ops);
	free(traces);
}
