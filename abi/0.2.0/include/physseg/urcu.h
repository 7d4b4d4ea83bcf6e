/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/urcu.h -- a host for a process in which readers take no lock.
 *
 * It has the userspace host's hooks, a lock, and liburcu's grace period as
 * `sync'.  It is in a library of its own, physseg-urcu, which is built where
 * liburcu is installed.
 *
 *	struct physseg_urcu urcu;
 *	struct physseg_config config = { .host = physseg_host_urcu(),
 *		.ctx = &urcu, .backend = physseg_backend_radix() };
 *
 *	physseg_urcu_init(&urcu);
 *	physseg_create(&map, &config, NULL, 0);
 *
 * Then any thread may change the map.  The host's lock makes changes wait for
 * each other.  Any thread may look up without a lock if it registers with
 * liburcu, in the flavour `memb'.  <urcu.h> is of that flavour unless the
 * program selects another:
 *
 *	rcu_register_thread();		once in each thread that looks up
 *	...
 *	rcu_read_lock();
 *	page = physseg_page(map, pfn);
 *	... use the page ...
 *	rcu_read_unlock();
 *	...
 *	rcu_unregister_thread();	before the thread ends
 *
 * Inside such a section a thread must not change a map, walk it or ask for
 * attributes.  Those calls take the lock, and the thread that holds the lock
 * may be waiting for the section to end.  Only lookups may be called there,
 * as listed in physseg/physseg.h, LOCKING.
 */
#ifndef PHYSSEG_URCU_H
#define PHYSSEG_URCU_H

#include <pthread.h>

#include <physseg/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The lock of one map.  The map's `ctx' points to it, or to a structure that
 * begins with it.  Only the functions below may touch it.  `room' keeps the
 * size the same in later releases.
 */
struct physseg_urcu {
	union {
		pthread_mutex_t mutex;
		uint64_t room[24];
	} lock;
};

/* Prepare a lock, in the caller's memory, before its map is made.  Returns
 * PHYSSEG_OK or PHYSSEG_ENOMEM.  O(1). */
PHYSSEG_API
int physseg_urcu_init(struct physseg_urcu *urcu);

/* Destroy the lock, after its map was destroyed.  O(1). */
PHYSSEG_API
void physseg_urcu_destroy(struct physseg_urcu *urcu);

/*
 * The table: physseg_host_user(), with a lock that its holder may take again,
 * and `sync'.  A map with page structures takes a copy and adds the page hooks.
 * These get the same `ctx'.  A constant table.  May be called at any time, by
 * any thread.
 */
PHYSSEG_API
const struct physseg_host *physseg_host_urcu(void);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_URCU_H */
