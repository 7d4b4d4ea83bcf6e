/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/trace_user.c -- a trace of a process, in a file.
 *
 * A line is written in one piece at the end of the file, so those of several
 * threads do not mix.  A program that has the rights of somebody else than who
 * started it must not write where that one says: it has no trace.
 */
#include <stdio.h>
#include <stdlib.h>
#ifdef __unix__
#include <unistd.h>
#endif

#include <physseg/trace.h>

#include "shim/libc/trace_user.h"

const char *
physseg_trace_path(void)
{
#ifdef __unix__
	if (getuid() != geteuid() || getgid() != getegid())
		return NULL;
#endif
	return getenv("PHYSSEG_TRACE");
}

void
physseg_trace_user(void *ctx, const struct physseg_call *call)
{
	char line[PHYSSEG_CALL_LINE];
	const char *path = physseg_trace_path();
	FILE *file = path == NULL ? NULL : fopen(path, "a");

	(void)ctx;
	if (file == NULL)
		return;
	(void)physseg_strcall(call, line, sizeof(line));
	(void)fprintf(file, "%s\n", line);
	(void)fclose(file);
}
