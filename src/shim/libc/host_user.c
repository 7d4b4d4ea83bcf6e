/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/host_user.c -- userspace as a host: kmem, panic, a log on stderr,
 * memory at fixed addresses, and a trace where one is asked for.
 */
#include <stdio.h>

#include <physseg/trace.h>

#include "shim/libc/kmem.h"
#include "shim/libc/panic.h"
#include "shim/libc/trace_user.h"
#include "shim/libc/vmemmap_user.h"

static void *
user_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return kmem_zalloc(size, KM_NOSLEEP);
}

static void
user_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	kmem_free(p, size);
}

static void
user_panic(void *ctx, const char *reason)
{
	(void)ctx;
	panic("%s", reason);
}

static void
user_log(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

#define USER_HOOKS                                                   \
	.alloc = user_alloc, .free = user_free, .panic = user_panic, \
	.log = user_log, .commit = PHYSSEG_USER_COMMIT,              \
	.decommit = PHYSSEG_USER_DECOMMIT

/* Without a trace, and with one. */
static const struct physseg_host user_hosts[] = {
	{ USER_HOOKS },
	{ USER_HOOKS, .trace = physseg_trace_user },
};

const struct physseg_host *
physseg_host_user(void)
{
	return &user_hosts[physseg_trace_path() != NULL];
}
