/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/panic.c -- panic(9): a line on stderr, and abort.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "shim/libc/panic.h"

_Noreturn void
physseg_user_panic(const char *fmt, ...)
{
	va_list ap;

	fputs("panic: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
