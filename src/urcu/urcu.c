/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * urcu/urcu.c -- userspace as a host with a lock and liburcu's grace periods.
 */
#define _XOPEN_SOURCE 700 /* recursive mutexes */

#include <urcu/urcu-memb.h>

#include <physseg/physseg.h>
#include <physseg/trace.h>
#include <physseg/urcu.h>

static void *
urcu_alloc(void *ctx, size_t size)
{
	return physseg_host_user()->alloc(ctx, size);
}

static void
urcu_free(void *ctx, void *p, size_t size)
{
	physseg_host_user()->free(ctx, p, size);
}

static void
urcu_panic(void *ctx, const char *reason)
{
	physseg_host_user()->panic(ctx, reason);
}

static void
urcu_log(void *ctx, const char *line)
{
	physseg_host_user()->log(ctx, line);
}

static void
urcu_lock(void *ctx)
{
	struct physseg_urcu *urcu = ctx;

	(void)pthread_mutex_lock(&urcu->lock.mutex);
}

static void
urcu_unlock(void *ctx)
{
	struct physseg_urcu *urcu = ctx;

	(void)pthread_mutex_unlock(&urcu->lock.mutex);
}

static void
urcu_sync(void *ctx)
{
	(void)ctx;
	urcu_memb_synchronize_rcu();
}

static bool
urcu_commit(void *ctx, void *p, size_t size)
{
	return physseg_host_user()->commit(ctx, p, size);
}

static void
urcu_decommit(void *ctx, void *p, size_t size)
{
	physseg_host_user()->decommit(ctx, p, size);
}

/* Where liburcu is, there is mmap. */
#define URCU_HOOKS                                                   \
	.alloc = urcu_alloc, .free = urcu_free, .panic = urcu_panic, \
	.log = urcu_log, .lock = urcu_lock, .unlock = urcu_unlock,   \
	.sync = urcu_sync, .commit = urcu_commit, .decommit = urcu_decommit

/* Without a trace, and with one. */
static const struct physseg_host urcu_hosts[] = {
	{ URCU_HOOKS },
	{ URCU_HOOKS, .trace = physseg_trace_user },
};

const struct physseg_host *
physseg_host_urcu(void)
{
	return &urcu_hosts[physseg_host_user()->trace != NULL];
}

int
physseg_urcu_init(struct physseg_urcu *urcu)
{
	pthread_mutexattr_t attributes;
	int error;

	if (pthread_mutexattr_init(&attributes) != 0)
		return PHYSSEG_ENOMEM;
	(void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	error = pthread_mutex_init(&urcu->lock.mutex, &attributes);
	(void)pthread_mutexattr_destroy(&attributes);
	return error == 0 ? PHYSSEG_OK : PHYSSEG_ENOMEM;
}

void
physseg_urcu_destroy(struct physseg_urcu *urcu)
{
	(void)pthread_mutex_destroy(&urcu->lock.mutex);
}
