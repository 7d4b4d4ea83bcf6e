/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/urcu.h -- a host in userspace whose readers take no lock: liburcu's
 * grace periods.  A library of its own, physseg-urcu, which is there when
 * liburcu was.
 *
 *	struct physseg_urcu urcu;
 *	struct physseg_config config = { .host = physseg_host_urcu(),
 *		.ctx = &urcu, .backend = physseg_backend_radix() };
 *
 *	physseg_urcu_init(&urcu);
 *	physseg_create(&map, &config, NULL, 0);
 *
 * From then on any thread may change the map, one at a time by the host's lock,
 * and any thread may read it that does as readers of liburcu's flavour `memb'
 * do (<urcu.h>, unless that was told to be of another):
 *
 *	rcu_register_thread();		once in each thread that reads
 *	...
 *	rcu_read_lock();
 *	page = physseg_page(map, pfn);
 *	... use the page ...
 *	rcu_read_unlock();
 *	...
 *	rcu_unregister_thread();	before the thread ends
 *
 * Inside such a section a thread must not change any map, walk it or ask for
 * attributes: that takes the lock, whose holder may be waiting for the section
 * to end.  What may be called there is said in physseg.h, LOCK-FREE READERS.
 */
#ifndef PHYSSEG_URCU_H
#define PHYSSEG_URCU_H

#include <pthread.h>

#include <physseg/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The lock of a map: its `ctx', or what that begins with.  Do not touch.  There
 * is room in it, so that it keeps its size when it needs more. */
struct physseg_urcu {
	union {
		pthread_mutex_t mutex;
		uint64_t room[24];
	} lock;
};

/* Make a lock, of the caller's memory, before the map.  PHYSSEG_ENOMEM. */
PHYSSEG_API
int physseg_urcu_init(struct physseg_urcu *urcu);

/* Unmake it, after the map. */
PHYSSEG_API
void physseg_urcu_destroy(struct physseg_urcu *urcu);

/*
 * physseg_host_user() with lock, unlock, which its holder may take again, and
 * sync; a table for pages copies it and adds the page hooks, whose ctx then is
 * the same.
 */
PHYSSEG_API
const struct physseg_host *physseg_host_urcu(void);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_URCU_H */
