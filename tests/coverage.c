/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * coverage.c -- linked with every suite when coverage is measured: a child
 * that panics dies by abort(), and what it had reached would not be written.
 */

#include <signal.h>

extern void __gcov_dump(void);

static void
dump(int signo)
{
	(void)signo;
	__gcov_dump();
}

__attribute__((__constructor__)) static void
dump_on_abort(void)
{
	signal(SIGABRT, dump);
}
