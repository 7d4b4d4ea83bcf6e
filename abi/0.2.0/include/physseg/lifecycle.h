/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/lifecycle.h -- memory in use: attributes, states, ranges, and leaving
 * in two phases.
 *
 * STATES.  A segment is online or offline.  An offline segment is registered:
 * physseg_find and walks find it, statistics count its frames, and its handle
 * is valid.  But physseg_page returns NULL for its frames, and its pages are
 * not counted.  So a page pointer always means memory that is online.  On a map
 * that has not been switched yet, a segment without page structures can be
 * online.
 *
 * LEAVING.  physseg_unplug takes memory away at once.  A removal takes it away
 * in two phases.  It begins; the caller empties the memory; it is committed or
 * cancelled.
 *
 *	error = physseg_remove_begin(map, pfn, n, PHYSSEG_REMOVE_UNPLUG,
 *	    &removal, &reason);
 *	... move what is in use; physseg_remove_get_status says what is left ...
 *	error = physseg_remove_commit(removal, NULL, &reason);
 *	if (error == PHYSSEG_EINUSE)
 *		physseg_remove_cancel(removal);
 *
 * Before the commit, lookups return what they returned before the removal.
 *
 * THREADS.  A function that takes a map or a removal is a change of the map,
 * unless its comment says otherwise.  So the rules of <physseg/physseg.h>
 * apply: one change at a time, and EBUSY from inside a hook or a listener.
 * physseg_lookup and physseg_covers are lookups.  physseg_strreason may be
 * called at any time, by any thread.
 *
 * REASONS.  `reason' may be NULL where a function takes one.  Otherwise the
 * function writes it before it returns.  After an error it says what forbade
 * the call.  After success its `error' is PHYSSEG_OK.
 */
#ifndef PHYSSEG_LIFECYCLE_H
#define PHYSSEG_LIFECYCLE_H

#include <physseg/physseg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- reasons ---- */

enum physseg_operation {
	PHYSSEG_OP_NONE,
	PHYSSEG_OP_ADD,
	PHYSSEG_OP_UNPLUG,
	PHYSSEG_OP_OFFLINE,
	PHYSSEG_OP_ONLINE,
	PHYSSEG_OP_COMMIT
};

/* The step at which the operation failed. */
enum physseg_stage {
	PHYSSEG_STAGE_CHECK,	/* arguments and the map's state */
	PHYSSEG_STAGE_RESERVE,	/* memory, records, slots */
	PHYSSEG_STAGE_LISTENER, /* a listener refused */
	PHYSSEG_STAGE_HOST	/* the host's isolate or in_use refused */
};

/* Why a call failed, as data.  The structure belongs to the caller.  A map
 * keeps none. */
struct physseg_reason {
	int error; /* enum physseg_error: what the call returned */
	enum physseg_operation operation;
	enum physseg_stage stage;
	physseg_pfn_t pfn; /* the range of the call, [pfn, pfn + n) */
	physseg_pfn_t n;
	physseg_pfn_t frame; /* the first frame that forbids it;
			      * PHYSSEG_NOFRAME: it is not one frame */
	physseg_pfn_t start; /* the frames [start, end) of the segment or */
	physseg_pfn_t end;   /* removal that forbids it; empty: none does */
	physseg_t segment;   /* that segment; PHYSSEG_NONE: none, or a
			      * removal */
	struct physseg_listener *listener; /* it refused; NULL: none did */
	int code; /* what the listener, or the host's isolate, returned */
};

/*
 * Write a reason as one line for people, such as "add [0x100, 0x200): the range
 * overlaps a registered one: frame 0x180, segment [0x180, 0x280)".  `line' has
 * room for `size' bytes.  A longer line is cut off.  If `size' is not 0, the
 * text ends in a NUL.  Returns the length of the whole line, without the NUL.
 * O(length).
 */
PHYSSEG_API
size_t physseg_strreason(
    const struct physseg_reason *reason, char *line, size_t size);

/* ---- adding ---- */

/* What kind of memory it is.  The library does not use the kind.  A program may
 * define kinds of its own, from PHYSSEG_KIND_OWN upwards. */
enum physseg_kind {
	PHYSSEG_RAM,
	PHYSSEG_RAM_REMOVABLE,
	PHYSSEG_DEVICE,
	PHYSSEG_PERSISTENT,
	PHYSSEG_SOFT_RESERVED,
	PHYSSEG_KIND_OWN = 64
};

/* Where page structures come from. */
enum physseg_source {
	PHYSSEG_FROM_SLAB,   /* a slab of the map */
	PHYSSEG_FROM_CALLER, /* an array that the caller passes */
	PHYSSEG_FROM_RANGE   /* the first frames of the range itself */
};

/*
 * Memory to be added.  Set `pfn' and `n'.  In every other field 0 is the
 * default: RAM of node 0 on free list 0, online, all of it available, with page
 * structures from a slab.
 */
struct physseg_addition {
	physseg_pfn_t pfn; /* frames [pfn, pfn + n) */
	physseg_pfn_t n;
	physseg_pfn_t reserved_low;  /* frames at the start, and at the end, */
	physseg_pfn_t reserved_high; /* that are not available */
	int free_list;
	int node; /* proximity domain */
	int kind; /* enum physseg_kind, or the program's own */
	enum physseg_state state;
	enum physseg_source source;
	void *pages;	  /* FROM_CALLER: an array of n page structures */
	const void *data; /* data_size bytes, copied into the segment's data
			   * before it can be found; NULL: zeros */
};

/*
 * Add memory.  *handle, unless `handle' is NULL, is set to its segment.
 * physseg_load and physseg_plug are this call with the usual fields.
 *
 * Frames outside the available range have page structures, but are never
 * counted and never given to page_free.  No lookup finds a segment before its
 * attributes and data are written.
 *
 * FROM_SLAB.  As in physseg_plug.  In the boot phase the switch gives the
 * segment its page structures.  On a map with a vmemmap this stands for their
 * fixed addresses.
 *
 * FROM_CALLER.  `pages' belongs to the caller, and must exist until its frames
 * are unplugged.  The map never zeroes it, and gives no part of it to another
 * segment.  Each part belongs to the caller alone again once its frames are
 * unplugged.  It must not share memory with the map or with another array of
 * it.  The page structures are there at once, also in the boot phase: the hooks
 * page_init, account and page_free are called as the table in
 * <physseg/host.h> says.
 *
 * FROM_RANGE.  The page structures, and behind them a header of the map's, are
 * in the first frames of the range.  The host must have frames_map, and the
 * configuration names the bytes of a frame (frame_size).  No other memory is
 * taken for page structures.  The frames that hold them are reserved, are
 * counted as `metadata' in the statistics, and can be unplugged only together
 * with all that is left of the range (EMETADATA).
 *
 * OFFLINE.  The page structures of an offline segment are neither zeroed nor
 * initialised before physseg_online or physseg_init_pages.  So adding it takes
 * a time that does not grow with n.  If the host has alloc_raw, new slabs for
 * offline segments come from there.
 *
 * COALESCING.  With `coalesce' in the configuration, the new segment is joined
 * with the segment below it, with the one above it, or with both.  Two segments
 * are joined if all of this is true:
 *
 *  - they have the same free list, node, kind, state and data;
 *  - neither has a start hint;
 *  - their available ranges touch, or both are empty, and so do their counted
 *    ones;
 *  - the page structures of the upper one follow those of the lower one in
 *    address, in the same slab or in arrays of the caller, or because the map
 *    has a vmemmap; or neither has any, on a registry or in the boot phase;
 *  - of offline ones the upper has initialised page structures only if the
 *    lower has initialised all of its own;
 *  - no removal is open in either, and no thread is in physseg_init_pages for
 *    one of them.
 *
 * The lower handle then names the joined segment.  The upper handle names
 * nothing.  But online frames that are added below a segment only let it
 * grow, and it keeps its handle.  Segments that go online or offline are joined
 * in the same way.  `apart' in the statistics counts neighbours that were not
 * joined.
 *
 * EINVAL: a field is out of range; the array is missing or shares memory; there
 * is no frames_map; the range is too small to hold its page structures; the map
 * has a vmemmap and the source is not FROM_SLAB.
 * ERANGE, EOVERLAP, EALIGN.  ENOHOTPLUG: the map runs, and the backend cannot
 * plug then.  EPHASE: FROM_RANGE before the switch.  ENOSLOT, ENOMEM.
 * EREFUSED: a listener refused.  EBUSY.  The complexity is that of
 * physseg_plug, for an offline segment without the O(n).
 */
PHYSSEG_API
int physseg_add_sized(struct physseg_map *map,
    const struct physseg_addition *add, size_t add_size, physseg_t *handle,
    struct physseg_reason *reason, size_t reason_size);

static inline int
physseg_add(struct physseg_map *map, const struct physseg_addition *add,
    physseg_t *handle, struct physseg_reason *reason)
{
	return physseg_add_sized(
	    map, add, sizeof(*add), handle, reason, sizeof(*reason));
}

/*
 * Initialise page structures of an offline segment ahead of physseg_online: the
 * next frames that no call has claimed yet, at most `max' of them.  *done,
 * unless `done' is NULL, is set to their number, which is 0 when none is left
 * to claim: other threads may still be at work on the last ones.
 *
 * This is not a change.  It takes no lock where lookups take none; elsewhere it
 * holds the lock while it claims, and not while it initialises.  Several
 * threads may call it for the same segment at once, beside lookups, and beside
 * changes of other frames where lookups may run beside them.  While one of them
 * is at work, a change of the segment is EBUSY.
 *
 * EINVAL: the map has no page structures, or `max' is 0.  ENOENT: no such
 * segment.  ESTATE: it is online, or has no page structures yet.  EREMOVING: a
 * removal of its frames is open, or another change of them is under way.
 * O(max).
 */
PHYSSEG_API
int physseg_init_pages(struct physseg_map *map, physseg_t handle,
    physseg_pfn_t max, physseg_pfn_t *done);

/* ---- ranges ---- */

/*
 * Is every frame of [pfn, pfn + n) registered and, if `online', also online?
 * If not, *missing, unless `missing' is NULL, is set to the first frame that is
 * not.  An empty range is covered.  A lookup for each segment of the range:
 * beside changes, each is as of its own moment.
 */
PHYSSEG_API
bool physseg_covers(const struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, bool online, physseg_pfn_t *missing);

/* Everything about a frame, as of one moment. */
struct physseg_found {
	physseg_t handle;
	physseg_pfn_t start; /* the segment's frames are [start, end) */
	physseg_pfn_t end;
	physseg_pfn_t offset; /* of the frame from `start' */
	void *page;	      /* NULL: none, offline, or a registry */
	void *data;	      /* the program's own data of the segment */
	int free_list;
	int node;
	int kind;
	enum physseg_state state;
};

/*
 * Look up a frame and everything that the map knows about it.  Returns false if
 * no segment contains the frame; then *found is not written.
 *
 * A lookup, as physseg_find: where readers need no lock it takes none and never
 * waits.  All fields of *found were true at one and the same moment during the
 * call.  A plug or an unplug of several segments may take several steps, and a
 * lookup beside it sees the map after any of them: for instance the lower
 * segment grown by what is plugged, and not yet joined with the upper one.  At
 * most four searches of the index, and one unless the segment is cut or joined
 * meanwhile.
 */
PHYSSEG_API
bool physseg_lookup_sized(const struct physseg_map *map, physseg_pfn_t pfn,
    struct physseg_found *found, size_t found_size);

static inline bool
physseg_lookup(const struct physseg_map *map, physseg_pfn_t pfn,
    struct physseg_found *found)
{
	return physseg_lookup_sized(map, pfn, found, sizeof(*found));
}

/* ---- leaving ---- */

struct physseg_removal; /* opaque */

/* How memory leaves.  FORCE may be or'ed to either of the others. */
enum physseg_how {
	PHYSSEG_REMOVE_OFFLINE = 0, /* it stays registered */
	PHYSSEG_REMOVE_UNPLUG = 1,  /* it is not registered any more */
	PHYSSEG_REMOVE_FORCE = 2    /* refusals and pages in use are not
				     * obeyed; the first of them is written
				     * to the reason */
};

/*
 * Begin to take away [pfn, pfn + n), which may lie in several adjacent
 * segments.  First, everything that forbids it is checked.  Then everything
 * that the commit will need is reserved.  Then the listeners are asked
 * (GOING_OFFLINE).  Last, the host's `isolate' is called for the frames of each
 * online segment, without those that hold page structures of the map.
 *
 * *removal is then an object of the library.  It exists until it is committed
 * or cancelled, or until the map is destroyed.  Several removals may be open at
 * a time, on ranges that share no frame.  While it is open, every other change
 * of its frames is EREMOVING.  Changes beside its range are allowed.
 *
 * After an error everything is as before: isolated frames were released, and
 * the listeners that were asked and did not refuse were told OFFLINE_CANCELLED,
 * in reverse order.
 *
 * EPHASE: the map does not run.  EINVAL, ERANGE.  ENOENT: the first frame is
 * not registered.  ESPAN: another frame of the range is not; the reason names
 * it.  EALIGN.  EREMOVING: another removal has some of the frames.  EMETADATA:
 * page structures of frames outside the range lie in it, which is no error of
 * frames that are offline and stay so.  ELAST: no frame would be online any
 * more, or none registered, on a map without `may_empty'.  ENOSLOT, ENOMEM.
 * EREFUSED: a listener or the host refused.  EBUSY: inside a hook or listener,
 * or a thread is in physseg_init_pages for one of the frames.  O(segments of
 * the range), and what the listeners and the host take.
 */
PHYSSEG_API
int physseg_remove_begin_sized(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, unsigned how, struct physseg_removal **removal,
    struct physseg_reason *reason, size_t reason_size);

static inline int
physseg_remove_begin(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, unsigned how, struct physseg_removal **removal,
    struct physseg_reason *reason)
{
	return physseg_remove_begin_sized(
	    map, pfn, n, how, removal, reason, sizeof(*reason));
}

struct physseg_remove_status {
	physseg_pfn_t pfn; /* the range */
	physseg_pfn_t n;
	physseg_pfn_t busy;	  /* frames in use, as `in_use' tells */
	physseg_pfn_t first_busy; /* PHYSSEG_NOFRAME: none */
	unsigned how;
	physseg_pfn_t at_begin; /* frames in use when the removal began, as
				 * `isolate' said */
};

/*
 * Ask the host which frames of an open removal are still in use.  A read.  The
 * removal must not end meanwhile.
 * Calls the host's `in_use' once for each frame in use, and once for each
 * segment of the range.
 */
PHYSSEG_API
void physseg_remove_get_status_sized(const struct physseg_removal *removal,
    struct physseg_remove_status *status, size_t status_size);

static inline void
physseg_remove_get_status(
    const struct physseg_removal *removal, struct physseg_remove_status *status)
{
	physseg_remove_get_status_sized(removal, status, sizeof(*status));
}

/* The segments beside and in the range of a removal after the commit.
 * PHYSSEG_NONE where there is none: also where the range was offline already,
 * or is joined, and a segment goes on over its bound. */
struct physseg_pieces {
	physseg_t below; /* it ends where the range begins */
	physseg_t first; /* it has the range's first frame, and is offline */
	physseg_t above; /* it begins where the range ends */
};

/*
 * Take the memory away, and end the removal.  If frames are still in use,
 * nothing is done and the removal stays open (EINUSE); the reason names the
 * first such frame.  With FORCE the reason names it, and the memory is taken
 * away.
 *
 * The call waits for readers as physseg_unplug does.  No page structure is used
 * again before that.  Then the listeners are told NOW_OFFLINE and, for an
 * unplug, UNPLUGGED; `account' and `reinit' are called.  An unplug gives the
 * page structures back to their slabs.  After PHYSSEG_REMOVE_OFFLINE their
 * memory is kept for the next physseg_online; nobody may use it until then, and
 * it is guarded as after physseg_unplug.
 *
 * A part of a segment that stays keeps the handle: the part in front of the
 * range, or if there is none the part behind it.  *pieces, unless `pieces' is
 * NULL, is set to the handles.
 *
 * EINUSE, EBUSY; no other error.  O(segments of the range) changes of the
 * index.
 */
PHYSSEG_API
int physseg_remove_commit_sized(struct physseg_removal *removal,
    struct physseg_pieces *pieces, struct physseg_reason *reason,
    size_t reason_size);

static inline int
physseg_remove_commit(struct physseg_removal *removal,
    struct physseg_pieces *pieces, struct physseg_reason *reason)
{
	return physseg_remove_commit_sized(
	    removal, pieces, reason, sizeof(*reason));
}

/*
 * Call a removal off, and end it.  The host's `release' is called, the
 * listeners that were asked are told OFFLINE_CANCELLED in reverse order, and
 * what was reserved is given back.  Segments and handles are as if the removal
 * had not begun, but a neighbour that came meanwhile stays apart.  EBUSY; no
 * other error.  O(segments of the range).
 */
PHYSSEG_API
int physseg_remove_cancel(struct physseg_removal *removal);

/* Begin and commit in one call.  After an error nothing has changed.  The
 * errors are those of physseg_remove_begin and physseg_remove_commit.  Before
 * the switch PHYSSEG_REMOVE_UNPLUG works as well, and nobody is asked. */
PHYSSEG_API
int physseg_remove_sized(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, unsigned how, struct physseg_reason *reason,
    size_t reason_size);

static inline int
physseg_remove(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    unsigned how, struct physseg_reason *reason)
{
	return physseg_remove_sized(map, pfn, n, how, reason, sizeof(*reason));
}

/*
 * Take the offline frames of [pfn, pfn + n) into use.  Frames of the range that
 * are online stay as they are.  The listeners are asked first (GOING_ONLINE).
 * Then, in this order: the page structures that physseg_init_pages has left are
 * zeroed (not those of the caller's arrays) and initialised; lookups find them;
 * account is called; page_free is called for each available page; reinit is
 * called; the listeners are told NOW_ONLINE.
 *
 * The part of a segment that stays offline keeps the handle: the part in front
 * of the range, or if there is none the part behind it.  Start hints are as
 * after physseg_unplug.
 *
 * This works before the switch as well, where no listener is asked or told.
 *
 * ENOENT, ESPAN, EINVAL, ERANGE, EALIGN, EREMOVING, ENOSLOT, ENOMEM, EREFUSED,
 * EBUSY: as in physseg_remove_begin.  O(n).
 */
PHYSSEG_API
int physseg_online_sized(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, struct physseg_reason *reason, size_t reason_size);

static inline int
physseg_online(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    struct physseg_reason *reason)
{
	return physseg_online_sized(map, pfn, n, reason, sizeof(*reason));
}

/* ---- listeners ---- */

enum physseg_event {
	PHYSSEG_ADDED,		   /* the frames are registered */
	PHYSSEG_GOING_ONLINE,	   /* a question */
	PHYSSEG_NOW_ONLINE,	   /* lookups find the pages */
	PHYSSEG_ONLINE_CANCELLED,  /* told to those that were asked, without
				    * the one that refused */
	PHYSSEG_GOING_OFFLINE,	   /* a question */
	PHYSSEG_NOW_OFFLINE,	   /* no lookup finds the pages any more */
	PHYSSEG_OFFLINE_CANCELLED, /* likewise; when a removal by force is
				    * called off, to all that were asked */
	PHYSSEG_UNPLUGGED	   /* the frames are not registered any more */
};

/* One event, about a run of frames with the same attributes: [pfn, pfn + n). */
struct physseg_change {
	enum physseg_event event;
	physseg_pfn_t pfn;
	physseg_pfn_t n;
	int free_list;
	int node;
	int kind;
	bool forced; /* by FORCE: a refusal is not obeyed */
};

/*
 * A listener.  The caller provides its memory, from physseg_listen to
 * physseg_unlisten, sets the first three fields, and zeroes the rest.
 *
 * `notify' returns 0, or a code of its own to refuse one of the two events that
 * are questions.  After any other event a code is ignored, and a line is
 * logged.  `notify' may look up and read the map, and may unregister listeners.
 * Other changes return EBUSY there.
 */
struct physseg_listener {
	int (*notify)(struct physseg_listener *listener,
	    const struct physseg_change *change);
	void *ctx;    /* for the listener; the library does not use it */
	int priority; /* a higher one is told first, of equal ones the one
		       * that was registered first */

	/* For the map. */
	struct physseg_listener *next;
	struct physseg_listener *prev;
	uint64_t serial;
};

/*
 * Register a listener.  With `replay' it is told, during this call, what is
 * there: ADDED for each run of frames, NOW_ONLINE for each that is online, and
 * GOING_OFFLINE for each that an open removal has, which it cannot refuse.  So
 * the replay and the later events together tell everything once.  In the boot
 * phase nothing is told.  The switch tells ADDED and NOW_ONLINE.  A map that
 * boots again (physseg_set_running) tells NOW_OFFLINE and UNPLUGGED of all.
 *
 * A listener is registered on one map at a time.  The library cannot check
 * that.
 *
 * EINVAL: `notify' is NULL, or it is registered on this map already.  EBUSY.
 * O(listeners), with `replay' also O(segments).
 */
PHYSSEG_API
int physseg_listen(
    struct physseg_map *map, struct physseg_listener *listener, bool replay);

/* Unregister a listener.  Allowed from inside a listener, also for itself, and
 * from inside a hook.
 * ENOENT: it is not registered.  O(listeners). */
PHYSSEG_API
int physseg_unlisten(
    struct physseg_map *map, struct physseg_listener *listener);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_LIFECYCLE_H */
