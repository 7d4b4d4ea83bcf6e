/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * strcall.c -- a call as a line: man/man5/physseg-trace.5 has the format.
 *
 * In a file of its own, so that a kernel that does not use it does not have it.
 */
#include "base/line.h"
#include "engine.h"

static const struct call_name {
	const char *name;
	const char *arguments;
	const char *result;
} call_names[] = {
#define CALL_NAME(id, name, arguments, result) { name, arguments, result },
	PHYSSEG_CALLS(CALL_NAME)
#undef CALL_NAME
};

#define CALL_ERROR(name, text) #name,
static const char *const call_errors[] = { PHYSSEG_ERRORS(CALL_ERROR) };

/* One word of `names', and where the next begins. */
static const char *
put_word(struct physseg_line *line, const char *names)
{
	char letter[2] = "";

	for (; *names != ' ' && *names != '\0'; names++) {
		letter[0] = *names;
		physseg_line_put(line, letter);
	}
	return *names == ' ' ? names + 1 : names;
}

/* A number: below ten there is only one way to read it. */
static void
put_value(struct physseg_line *line, uint64_t value)
{
	if (value == PHYSSEG_NOFRAME)
		physseg_line_put(line, "none");
	else
		physseg_line_number(line, value, value < 10 ? 10 : 16);
}

static void
put_more(struct physseg_line *line, uint64_t value)
{
	physseg_line_put(line, " ");
	put_value(line, value);
}

static const char *
put_named(struct physseg_line *line, const char *names, uint64_t value)
{
	physseg_line_put(line, " ");
	names = put_word(line, names);
	physseg_line_put(line, "=");
	put_value(line, value);
	return names;
}

/* Skip one word. */
static const char *
skip_word(const char *names)
{
	struct physseg_line nowhere = { NULL, 0, 0 };

	return put_word(&nowhere, names);
}

size_t
physseg_strcall(const struct physseg_call *call, char *text, size_t size)
{
	const size_t id = (size_t)call->id, error = (size_t)call->error;
	const struct call_name *names =
	    &call_names[id < PHYSSEG_NCALLS ? id : PHYSSEG_CALL_NONE];
	struct physseg_line line = { text, size, 0 };
	const char *name = names->arguments;
	size_t i;

	physseg_line_put(&line, call->inside ? "inside " : "");
	physseg_line_put(&line, names->name);
	if (call->backend != NULL) {
		physseg_line_put(&line, " backend=");
		physseg_line_put(&line, call->backend);
	}
	for (i = 0; *name != '\0'; i++)
		name = call->arg[i] == 0 ? skip_word(name)
					 : put_named(&line, name, call->arg[i]);
	physseg_line_put(&line, " : ");
	if (error < PHYSSEG_NERRORS)
		physseg_line_put(
		    &line, call_errors[error] + sizeof("PHYSSEG_") - 1);
	else
		physseg_line_number(&line, error, 16);
	if (*names->result != '\0' && call->error == PHYSSEG_OK)
		put_named(&line, names->result, call->result);
	physseg_line_put(&line, " |");
	put_more(&line, call->segments);
	put_more(&line, call->frames);
	put_more(&line, call->online);
	put_more(&line, call->counted);
	physseg_line_put(&line, " @");
	physseg_line_number(&line, (uintptr_t)call->map, 16);
	return physseg_line_end(&line);
}
