/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/host_user.c -- userspace as a host: kmem, panic, and a log on
 * stderr.
 */
#include <stdio.h>

#include <physseg/host.h>

#include "shim/libc/kmem.h"
#include "shim/libc/panic.h"

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

static const struct physseg_host user_host = {
	.alloc = user_alloc,
	.free = user_free,
	.panic = user_panic,
	.log = user_log,
};

const struct physseg_host *
physseg_host_user(void)
{
	return &user_host;
}
