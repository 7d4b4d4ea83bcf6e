/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/host.h -- what a map needs from its surroundings.  For porters.
 *
 * The host is the kernel, the VMM or the process that a map lives in.  A map
 * reaches it only through a table of functions, the hooks: memory, a panic, a
 * log, a lock, and page structures, whose layout the library never learns.
 *
 * A map copies the table when it is made.  So one table may serve many maps,
 * and it need not exist afterwards.  `ctx' is set for each map, in its
 * configuration, and is passed to the hooks as it is.  Later releases may add
 * hooks at the end of the table.  For a program that was compiled earlier these
 * hooks are NULL.
 *
 * WHICH HOOKS ARE NEEDED.  A map with page structures needs page_frame, and
 * page_init or pages_init, unless all of them come from arrays of the caller.
 * Without page_frame it may have neither of the two.  A host with `alloc' or
 * alloc_raw needs `free'.  A map with a vmemmap needs `commit' and `decommit'.
 * `lock' and `unlock', frames_map and frames_unmap, `commit' and `decommit' are
 * pairs.  Every other hook may be NULL.
 *
 * WHEN THEY ARE CALLED
 *
 *	alloc, free	Never before the switch, on a map with boot storage; but
 *			a map that boots again gives memory back.  In the uvm_*
 *			face the library's own uvm_pageboot_alloc and
 *			uvm_page_init call `alloc' before it.
 *	page hooks	Only on a map with page structures.
 *	lock, unlock	Around calls, see `lock' below.
 *	page_frame	By physseg_frame and physseg_check.
 *	page_init,	By physseg_init_pages too, by several threads at once.
 *	pages_init
 *	in_use		By physseg_remove_get_status too.
 *	decommit	By physseg_destroy too.
 *	trace		By physseg_create, physseg_destroy and
 *			physseg_init_pages too.
 *	the others	Only by calls that change the map.
 *
 * Except for page_frame, `lock' and `unlock', no hook is called by a lookup, a
 * walk or a getter.
 *
 * INSIDE A HOOK.  A hook may call every lookup, walk and getter of the same
 * map, physseg_set_start_hint and physseg_unlisten.  Every other function that
 * changes the map returns PHYSSEG_EBUSY there.  physseg_set_running to the
 * phase that the map is in changes nothing, and returns PHYSSEG_OK.
 * physseg_init_pages and physseg_remove_get_status are no changes, so a
 * page_init, pages_init or `in_use' that they call would not be told EBUSY: it
 * must not change the map.  Nor must `lock', `unlock', page_frame or `trace',
 * which is also told of calls that change no segment.
 */
#ifndef PHYSSEG_HOST_H
#define PHYSSEG_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include <physseg/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What `account' is told of: a segment, or a part of one. */
struct physseg_account {
	bool added;	       /* or removed */
	physseg_pfn_t counted; /* frames that were counted, or are now */
	physseg_pfn_t frames;
	int free_list;
	int node;
	int kind;
};

struct physseg_call; /* <physseg/trace.h> */

struct physseg_host {
	/*
	 * Return `size' bytes, zeroed and aligned for any object, or NULL if
	 * there is no memory.  `size' is never 0.  Called with the lock of the
	 * map held: must not sleep until there is memory, because what gives
	 * memory back may need the map.  docs/porting.md lists the sizes.  If
	 * this hook is NULL, there is never any memory.
	 */
	void *(*alloc)(void *ctx, size_t size);

	/* Take back `p'.  `size' is exactly what it was allocated with. */
	void (*free)(void *ctx, void *p, size_t size);

	/*
	 * An invariant of the library is broken.  Report it and do not return.
	 * Wrong input never leads here: it leads to an error code.  If this
	 * hook is NULL, the library stops in an endless loop.
	 */
	void (*panic)(void *ctx, const char *reason);

	/* Show one line of text to people.  It does not end in a newline.  If
	 * this hook is NULL, the line is dropped. */
	void (*log)(void *ctx, const char *line);

	/*
	 * Turn zeroed memory into the page structure of frame `pfn'.  Called
	 * before lookups can find the page.  pages_init, below, does it for
	 * many frames at once.  If all page structures come from arrays of the
	 * caller (PHYSSEG_FROM_CALLER), these two and page_frame may all be
	 * NULL.  Then any other source is EINVAL, physseg_frame returns
	 * PHYSSEG_NOFRAME, and physseg_check does not look into page
	 * structures.
	 */
	void (*page_init)(void *ctx, void *page, physseg_pfn_t pfn);

	/* Return the frame that `page' was initialised for. */
	physseg_pfn_t (*page_frame)(void *ctx, const void *page);

	/*
	 * The frame of this page structure belongs to the host's allocator from
	 * now on.  Lookups find it already.  Called for each avail frame of a
	 * segment, in ascending order.  At the switch that is done for one
	 * segment after the other, in the order of physseg_next; the segments
	 * that follow have no page structures yet.  pages_free, below, is told
	 * of many frames at once.  If both are NULL, the host finds its frames
	 * by a walk.
	 */
	void (*page_free)(void *ctx, void *page);

	/*
	 * A segment came, grew, shrank or left.  Who calls it, and the two
	 * hooks around it, with (added, counted, frames); `n' is the frames of
	 * a segment that are plugged, put online, unplugged or taken offline,
	 * `a' its avail frames, `c' the counted ones that leave:
	 *
	 *	call			account			page_free reinit
	 *	----------------------	---------------------- ---------- ------
	 *	boot: load, plug	-			-	    -
	 *	boot: unplug, unload,	(false, c, 0)		-	    -
	 *	    steal
	 *	switch, init_seg,	(true, a, 0)		a times	    -
	 *	    for each segment
	 *	boot: an array of the	(true, a, 0)		a times	    -
	 *	    caller's, online
	 *	run: plug, online	(true, a, n)		a times	    last
	 *	run: these, registry	(true, 0, n)		-	    last
	 *	run: unplug, offline,	(false, c, n)		-	    last
	 *	    for each segment
	 *
	 * It is not called with (0, 0), nor when a segment is added or
	 * unplugged that is offline.  Before the switch and in it `frames'
	 * is 0, because the host counts its memory itself until then.  Called
	 * before page_free, so that the host's statistics are never behind its
	 * free frames.  Where page_free is called `a' times, pages_free is
	 * called once, unless `a' is 0.  If `account' is NULL,
	 * physseg_get_stats has the sums.
	 */
	void (*account)(void *ctx, const struct physseg_account *what);

	/* The amount of memory has changed.  While the map runs, each plug and
	 * unplug calls this hook last, before `unlock'. */
	void (*reinit)(void *ctx);

	/*
	 * Take and release the lock of the map with this `ctx'.  The library
	 * holds it throughout each change, and in walks, getters, statistics,
	 * checks and dumps.  Lookups hold it too, unless the host has `sync'
	 * and the backend PHYSSEG_LOCKFREE.
	 *
	 * Other hooks are called with the lock held.  If one of them calls a
	 * function of the map that takes the lock, the lock must be recursive:
	 * its holder can take it again.  If none does, any lock will do.
	 * Called without it: every hook by physseg_create and physseg_destroy,
	 * page_frame by physseg_frame, and by physseg_init_pages page_init,
	 * pages_init and `trace'.
	 *
	 * If both are NULL, the caller locks, or only one thread uses the map.
	 */
	void (*lock)(void *ctx);
	void (*unlock)(void *ctx);

	/*
	 * Wait until every reader that is now in a read-side section of the
	 * host has left it.  This is a grace period, as synchronize_rcu of RCU.
	 *
	 * It is used on a backend with PHYSSEG_LOCKFREE.  There every change
	 * may call it, in each phase.  An unplug always does, a plug and a load
	 * sometimes do.  Before the switch one processor runs in most kernels,
	 * and no scheduler: then no reader can be in a section, and the hook
	 * must return at once.  The lock is held during the call, so a reader
	 * in a section must not wait for the lock.
	 *
	 * If this hook is NULL, lookups take `lock'.  With neither, the caller
	 * must keep lookups out while the map changes.
	 */
	void (*sync)(void *ctx);

	/* ---- memory in use: <physseg/lifecycle.h>.  All may be NULL. ---- */

	/*
	 * The frames [pfn, pfn + n), which are online, are about to leave.
	 * Take the free ones off the allocator's free lists, and from now on
	 * keep those that are freed off them.  Set *busy to the number of
	 * frames that are in use now; physseg_remove_get_status returns the
	 * sum as `at_begin'.  Return 0, or a code of the host's own to refuse;
	 * then change nothing.  A removal by force goes on after that, but
	 * without this hook: `release' and `in_use' are called only for what
	 * was isolated before.  Called when a removal begins, by physseg_unplug
	 * too, for each segment.  Not called for frames that hold page
	 * structures of the map.  A host that has this hook must have `release'
	 * and `in_use'.
	 */
	int (*isolate)(
	    void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy);

	/* Undo `isolate': the frames stay.  Those that are free may be
	 * allocated again. */
	void (*release)(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n);

	/*
	 * Return the first frame of [pfn, pfn + n) that is in use;
	 * PHYSSEG_NOFRAME if none is.  The frames are isolated.  Called by a
	 * commit, by physseg_remove_get_status, and by physseg_unplug if there
	 * is `isolate' or a listener.  If this hook is NULL, no frame counts as
	 * in use.
	 */
	physseg_pfn_t (*in_use)(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n);

	/* As alloc, but the memory need not be zeroed.  It is given back with
	 * `free'.  Used for page structures of offline segments.  If this hook
	 * is NULL, alloc is used. */
	void *(*alloc_raw)(void *ctx, size_t size);

	/*
	 * Make the frames [pfn, pfn + n) addressable in one piece, and return
	 * the address, aligned for any object.  NULL: they cannot be.  Used for
	 * page structures that are in the range itself (PHYSSEG_FROM_RANGE).
	 * frames_unmap undoes it: after the last frame of the range was
	 * unplugged and readers were waited for, or when the map is destroyed.
	 * The two come as a pair.
	 */
	void *(*frames_map)(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n);
	void (*frames_unmap)(
	    void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, void *mem);

	/* ---- looking on: <physseg/trace.h> ---- */

	/*
	 * A call that changes the map, or tries to, is about to return.  *call
	 * has its arguments and its result, and lasts until the hook returns.
	 * Told are all such calls but those that are EBUSY from inside a hook,
	 * and those that return before they look at the map, as a
	 * physseg_create that fails does.  A call made from inside a hook is
	 * told before the call that it is made in.  This hook may look up and
	 * read the map, and must not change it.  Called with the lock held,
	 * last before `unlock', but for physseg_create, physseg_destroy and
	 * physseg_init_pages.  For the last one it may be called by several
	 * threads at once.  May be NULL.
	 */
	void (*trace)(void *ctx, const struct physseg_call *call);

	/* ---- page structures of many frames.  Both may be NULL. ---- */

	/*
	 * As page_init, for the frames [pfn, pfn + n), n > 0.  Their page
	 * structures follow each other from `pages' on.  If the host has this
	 * hook, page_init is not called, and may be NULL.  Called once for a
	 * segment, for what a segment grows by, for what a physseg_init_pages
	 * claims, and for what those have left.
	 *
	 * Other comments say page_init and page_free for short, and mean the
	 * hooks that the host has.
	 */
	void (*pages_init)(
	    void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n);

	/* As page_free, for the frames [pfn, pfn + n), n > 0.  If the host has
	 * this hook, page_free is not called. */
	void (*pages_free)(
	    void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n);

	/* ---- page structures at fixed addresses: `vmemmap' ---- */

	/*
	 * Put memory behind the addresses [p, p + size), which need not be
	 * zeroed.  False: there is none, and nothing was committed.  Both `p'
	 * and `size' are multiples of the configuration's `granule', and none
	 * of these granules is committed.  Called by physseg_plug and
	 * physseg_add while the map runs, by physseg_switch and by
	 * physseg_init_seg.
	 */
	bool (*commit)(void *ctx, void *p, size_t size);

	/*
	 * Take back the memory behind [p, p + size), which is committed.
	 * Nobody reads it any more: it is called after `sync', or before
	 * lookups could find what lies there, or when the map is destroyed.
	 * Ranges that were committed in one call may be taken back in several,
	 * and the other way round.  The two come as a pair.
	 */
	void (*decommit)(void *ctx, void *p, size_t size);
};

/*
 * The table of a process, with calloc, free, an abort that prints the reason to
 * standard error, and a log to standard error.  Where there is mmap it has
 * `commit' and `decommit', for physseg_vmemmap_user_reserve.  It has no page
 * hooks and no lock.  If the environment has PHYSSEG_TRACE, it has the hook of
 * physseg_trace_user, see <physseg/trace.h>.  `ctx' is not used.  A map with
 * page structures takes a copy and adds them:
 *
 *	struct physseg_host host = *physseg_host_user();
 *
 * A constant table.  May be called at any time, by any thread.  It is not in
 * the freestanding library.
 */
PHYSSEG_API
const struct physseg_host *physseg_host_user(void);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_HOST_H */
