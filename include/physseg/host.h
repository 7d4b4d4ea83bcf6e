/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/host.h -- what the machine below must provide.  For porters.
 *
 * A map reaches the world only through one of these tables: memory, panic,
 * log, and the page structures, whose layout libphysseg never learns.  A map
 * copies the table when it is made, so one may serve any number of maps and
 * need not outlive them; `ctx' is each map's own, from its configuration,
 * handed back untouched.
 *
 * Later releases may add hooks at the end; they are NULL in a table that was
 * compiled before.
 *
 * When a hook is called: alloc and free never before the switch (a map that
 * was given boot storage), the page hooks only on maps with page structures.
 * No hook is called by a lookup, a walk or a getter, but page_frame by
 * physseg_frame, and lock and unlock where the backend needs them.  A hook may
 * call every lookup, walk and getter of the same map; whatever changes the map,
 * but for a start hint, answers PHYSSEG_EBUSY from inside a hook.
 */
#ifndef PHYSSEG_HOST_H
#define PHYSSEG_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include <physseg/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct physseg_host {
	/*
	 * Return `size' bytes (never 0), zeroed and aligned for any object,
	 * or NULL when there is no memory.  Must not wait for memory.  A
	 * host without this hook (NULL) never has any.
	 */
	void *(*alloc)(void *ctx, size_t size);

	/* Take back `p', of exactly the `size' it was allocated with. */
	void (*free)(void *ctx, void *p, size_t size);

	/*
	 * A broken invariant inside the library: report and never return.
	 * Bad input never gets here, it gets an error code.  NULL: the
	 * library stops in an endless loop.
	 */
	void (*panic)(void *ctx, const char *reason);

	/* One line for people, without a newline.  NULL: nobody reads it. */
	void (*log)(void *ctx, const char *line);

	/*
	 * Make zeroed memory a page structure that describes frame `pfn'.
	 * Called before the page can be found.  Required with pages, but on
	 * a map to which all of them come FROM_CALLER: there both may be NULL.
	 */
	void (*page_init)(void *ctx, void *page, physseg_pfn_t pfn);

	/* The frame that page_init told `page'.  NULL where that is. */
	physseg_pfn_t (*page_frame)(void *ctx, const void *page);

	/*
	 * The page is the host's to allocate from now on; lookups find it.
	 * Called in ascending order of frames within a segment; at the switch
	 * segment by segment, in the order in which physseg_next walks.
	 * NULL: the host takes its pages from a walk.
	 */
	void (*page_free)(void *ctx, void *page);

	/*
	 * The map grew (`added') or shrank by `frames' frames of memory,
	 * `counted' of them counted as available to the host; before the switch
	 * `frames' is 0, memory is then the host's own to count.  Called before
	 * page_free, so that the host's statistics are never behind its free
	 * pages.  NULL: physseg_get_stats is enough.
	 */
	void (*account)(
	    void *ctx, bool added, physseg_pfn_t counted, physseg_pfn_t frames);

	/* Last of all in a plug or unplug while running: memory changed. */
	void (*reinit)(void *ctx);

	/*
	 * Both or neither (NULL): take and release the lock of the map of this
	 * `ctx'.  It is held throughout every call that changes the map, in
	 * walks, getters and statistics, and in lookups; but these go without
	 * in every phase, on a backend that is PHYSSEG_LOCKFREE if there is
	 * `sync'.  Other hooks are called with it held, but for `free' in
	 * physseg_destroy, and may call into the
	 * map: so it must be a lock that its holder can take again.
	 * NULL: one thread uses the map, or the caller locks.
	 */
	void (*lock)(void *ctx);
	void (*unlock)(void *ctx);

	/*
	 * Wait until every reader that is now inside a read-side section of
	 * the host's has left it (a grace period; RCU's synchronize_rcu).
	 * On a PHYSSEG_LOCKFREE backend any call that changes the map may
	 * call it, in any phase, also before the switch: an unplug does, a
	 * plug and a load sometimes.  The lock is held; readers that are
	 * waited for must not want it.  NULL: lookups take the lock, or
	 * without one there are no readers beside the writer.
	 */
	void (*sync)(void *ctx);

	/* ---- memory in use: <physseg/lifecycle.h>.  All may be NULL. ---- */

	/*
	 * Frames [pfn, pfn + n), which are online, are about to leave.  From
	 * its return on the host's allocator has none of them on a free list,
	 * nor puts one there that is freed later.  *busy: how many are in use.
	 * Returns 0 or, to refuse, a code of its own; then nothing has changed.
	 * Where it is not NULL, physseg_unplug calls it too.
	 */
	int (*isolate)(
	    void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy);

	/* They stay after all: what is free is free to be allocated. */
	void (*release)(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n);

	/* The first frame in use of [pfn, pfn + n), which were isolated;
	 * PHYSSEG_NOFRAME: none is.  NULL: none ever is. */
	physseg_pfn_t (*in_use)(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n);

	/* Like alloc, but the memory need not be zeroed; it is given back with
	 * free.  For page structures of offline segments.  NULL: alloc is. */
	void *(*alloc_raw)(void *ctx, size_t size);

	/*
	 * Make frames [pfn, pfn + n) addressable, in one piece, and return
	 * where, aligned for any object; NULL: they cannot be.  For page
	 * structures that lie in the range itself.  Undone by frames_unmap,
	 * after `sync'.  Both or neither.
	 */
	void *(*frames_map)(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n);
	void (*frames_unmap)(
	    void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, void *mem);
};

/*
 * Userspace's table: calloc, free, abort with the reason on stderr, log to
 * stderr, and no page hooks; a table for pages copies it and adds them:
 *
 *	struct physseg_host host = *physseg_host_user();
 *
 * `ctx' is not used.  Not in the freestanding part of the library.
 */
PHYSSEG_API
const struct physseg_host *physseg_host_user(void);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_HOST_H */
