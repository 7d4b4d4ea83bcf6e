/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/trace_user.c -- a trace of a process, in a file.
 *
 * A line is written in one piece at the end of the file, so those of several
 * threads do not mix.  A set-user-ID program must not write where its user
 * says: where the C library can tell, such a program has no trace.
 */
#define _GNU_SOURCE /* secure_getenv */

#include <stdio.h>
#include <stdlib.h>

#include <physseg/trace.h>

#include "shim/libc/trace_user.h"

const char *
physseg_trace_path(void)
{
#ifdef __linux__
	return secure_getenv("PHYSSEG_TRACE");
#else
	return getenv("PHYSSEG_TRACE");
#endif
}

void
physseg_trace_user(void *ctx, const struct physseg_call *call)
{
	char line[PHYSSEG_CALL_LINE + 1];
	const char *path = physseg_trace_path();
	FILE *file = path == NULL ? NULL : fopen(path, "a");

	(void)ctx;
	if (file == NULL)
		return;
	(void)physseg_strcall(call, line, PHYSSEG_CALL_LINE);
	(void)fprintf(file, "%s\n", line);
	(void)fclose(file);
}
