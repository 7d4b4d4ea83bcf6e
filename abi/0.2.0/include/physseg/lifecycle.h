/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/lifecycle.h -- memory in use: attributes, states, ranges, and leaving
 * in two phases.
 *
 * STATES.  A segment is online or offline.  An offline segment is registered:
 * physseg_find and walks find it, it is part of the statistics' frames, and its
 * handle is valid.  But physseg_page answers NULL for its frames, and they are
 * not counted.  So a page pointer always means memory that is online.  A
 * segment without page structures on a map that has not been switched yet is
 * online.
 *
 * LEAVING.  physseg_unplug takes memory away at once.  A removal does it in two
 * phases: it begins, the caller empties the memory, and it is committed or
 * cancelled.
 *
 *	error = physseg_remove_begin(map, pfn, n, PHYSSEG_REMOVE_UNPLUG,
 *	    &removal, &reason);
 *	... move what is in use, physseg_remove_status says what is left ...
 *	error = physseg_remove_commit(removal, NULL, &reason);
 *	if (error == PHYSSEG_EINUSE)
 *		physseg_remove_cancel(removal);
 *
 * Lookups are not affected before the commit.
 *
 * THREADS.  Every function that takes a map or a removal changes the map,
 *unless its comment says otherwise.  So the rules of <physseg/physseg.h> apply:
 *one change at a time, and EBUSY from inside a hook or a listener.
 *
 * REASONS.  Where a function takes a `reason' it may be NULL.  Else it says
 * after an error what forbade the call, and after success that nothing did.
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

/* How far the operation came. */
enum physseg_stage {
	PHYSSEG_STAGE_CHECK,	/* arguments and the map's state */
	PHYSSEG_STAGE_RESERVE,	/* memory and slots */
	PHYSSEG_STAGE_LISTENER, /* a listener refused */
	PHYSSEG_STAGE_HOST	/* the host's isolate or in_use did */
};

/* Why a call failed, as data.  It is the caller's; a map keeps none. */
struct physseg_reason {
	int error; /* enum physseg_error, what the call returned */
	enum physseg_operation operation;
	enum physseg_stage stage;
	physseg_pfn_t pfn;   /* the range that was asked for, */
	physseg_pfn_t n;     /* in frames */
	physseg_pfn_t frame; /* which forbids it; PHYSSEG_NOFRAME: none does */
	physseg_pfn_t start; /* of the segment or removal that forbids it, */
	physseg_pfn_t end;   /* frames [start, end); empty: none does */
	physseg_t segment;   /* that segment; PHYSSEG_NONE: none */
	struct physseg_listener *listener; /* that refused; NULL: none */
	int code; /* the listener's, or that of the host's isolate */
};

/*
 * Write one line for people, such as "plug [0x100, 0x200): the range overlaps a
 * registered one: segment [0x180, 0x280)", into `size' bytes at `line', with a
 * NUL at its end; what does not fit is left out.  Returns the length of the
 * whole line.  Changes nothing; O(1).
 */
PHYSSEG_API
size_t physseg_strreason(
    const struct physseg_reason *reason, char *line, size_t size);

/* ---- adding ---- */

/* What memory is.  An integrator's own kinds begin at PHYSSEG_KIND_OWN. */
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
	PHYSSEG_FROM_SLAB,   /* the map's arrays, or the host */
	PHYSSEG_FROM_CALLER, /* an array of the caller's */
	PHYSSEG_FROM_RANGE   /* the first frames of the range itself */
};

/*
 * Memory to be added.  Zero is the default of every field but `n': RAM of node
 * 0 on free list 0, online, all of it available, page structures from a slab.
 */
struct physseg_addition {
	physseg_pfn_t pfn; /* frames [pfn, pfn + n) */
	physseg_pfn_t n;
	physseg_pfn_t reserved_low;  /* so many of the lowest frames, and */
	physseg_pfn_t reserved_high; /* of the highest, are not available */
	int free_list;
	int node; /* proximity domain */
	int kind; /* enum physseg_kind, or the integrator's own */
	enum physseg_state state;
	enum physseg_source source;
	void *pages;	  /* FROM_CALLER: an array of n page structures */
	const void *data; /* what the segment's data begin as, data_size bytes;
			   * NULL: zeros */
};

/*
 * Add memory.  physseg_load and physseg_plug are this call with the usual
 * fields.  *handle (may be NULL) is the segment's.
 *
 * Frames outside the available range have page structures, but are never
 * counted and never given to page_free.  A segment is never found before its
 * attributes and data are written.
 *
 * An array of the caller's must live until its frames are unplugged.  It is
 * never zeroed, and each part of it is the caller's again once its frames are
 * unplugged.  It must not share memory with another array of this map.
 *
 * Page structures from the range itself need the host's hook frames_map, and
 * the configuration's frame_size.  The frames that hold them are reserved and
 * counted as `metadata' in statistics.  They leave with the last of the range.
 *
 * An offline segment's page structures are not touched before physseg_online or
 * physseg_init_pages, so that adding it takes a time that does not grow with n.
 *
 * With `coalesce' in the configuration the segment is joined with a neighbour,
 * or with both, where all of this holds: they have the same attributes, state
 * and data; no start hint; their available ranges touch, or both are empty; and
 * the page structures go on in address, in one slab or in arrays of the
 * caller's.  The lowest handle stays; the upper ones name nothing any more.  A
 * segment in which a removal is open is not joined.
 *
 * EINVAL, ERANGE, EOVERLAP, EALIGN; ENOHOTPLUG: running, on a backend that
 * cannot plug; EPHASE: FROM_RANGE before the switch; ENOSLOT, ENOMEM; EREFUSED:
 * a listener refused, the reason says which; EBUSY.  Complexity as of
 * physseg_plug; offline O(log segments).
 */
PHYSSEG_API
int physseg_add_sized(struct physseg_map *map, const struct physseg_addition *add,
    size_t add_size, physseg_t *handle, struct physseg_reason *reason,
    size_t reason_size);

static inline int
physseg_add(struct physseg_map *map, const struct physseg_addition *add,
    physseg_t *handle, struct physseg_reason *reason)
{
	return physseg_add_sized(
	    map, add, sizeof(*add), handle, reason, sizeof(*reason));
}

/*
 * Initialise page structures of an offline segment ahead of physseg_online: at
 * most `max' frames, the next that nobody has claimed.  *done (may be NULL) is
 * how many; 0 when none is left.  Takes no lock: several threads may call it at
 * once, beside readers and beside changes of other segments.  ENOENT; ESTATE:
 * the segment is online; EINVAL: the map has no page structures, or max is 0.
 * O(max).
 */
PHYSSEG_API
int physseg_init_pages(struct physseg_map *map, physseg_t handle,
    physseg_pfn_t max, physseg_pfn_t *done);

/* ---- ranges ---- */

/*
 * Is every frame of [pfn, pfn + n) registered and, if `online', online?  If
 * not, *missing (may be NULL) is the first that is not.  A map that is const is
 * not changed.  O(segments of the range) searches of the backend.
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
	void *data;	      /* the integrator's, of the segment */
	int free_list;
	int node;
	int kind;
	enum physseg_state state;
};

/*
 * Look a frame up with everything that is known about it.  false: no segment
 * contains it, and *found is not written.  As physseg_find it takes no lock and
 * does not wait where readers are without a lock, and what it says belongs
 * together: it was so at one moment of the call.  A bounded number of loads
 * beside those of physseg_find.
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

/* How memory leaves; FORCE may be added to either. */
enum physseg_how {
	PHYSSEG_REMOVE_OFFLINE = 0, /* registered, but out of use */
	PHYSSEG_REMOVE_UNPLUG = 1,  /* not registered any more */
	PHYSSEG_REMOVE_FORCE = 2    /* refusals and pages in use are reported,
				     * not obeyed */
};

/*
 * Begin to take [pfn, pfn + n) away, which may lie in several adjacent
 * segments. Everything that the commit needs is reserved; then listeners are
 * asked (GOING_OFFLINE), and then the host's `isolate' is called for every run
 * of online frames.  *removal is an object of the library's, until it is
 * committed, cancelled, or the map is destroyed.  Several may be open on ranges
 * that share no frame.
 *
 * After an error everything is as before: listeners that were asked are told
 * OFFLINE_CANCELLED in reverse order, frames that were isolated are released.
 *
 * EPHASE: the map does not run; EINVAL, ERANGE; ENOENT: the first frame is not
 * registered; ESPAN: another one is not, the reason says which; EALIGN;
 * EREMOVING: another removal or an initialisation holds some of the frames;
 * EMETADATA: page structures of frames outside the range lie in it; ELAST: no
 * online frame would be left; ENOSLOT, ENOMEM; EREFUSED: a listener or the host
 * refused; EBUSY.  O(segments of the range).
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
	physseg_pfn_t busy;	  /* frames in use, as the host says */
	physseg_pfn_t first_busy; /* PHYSSEG_NOFRAME: none */
	unsigned how;
};

/* How far the memory is empty: asks the host's `in_use'.  Changes nothing.
 * O(frames in use) calls of the hook. */
PHYSSEG_API
void physseg_remove_get_status_sized(const struct physseg_removal *removal,
    struct physseg_remove_status *status, size_t status_size);

static inline void
physseg_remove_get_status(
    const struct physseg_removal *removal, struct physseg_remove_status *status)
{
	physseg_remove_get_status_sized(removal, status, sizeof(*status));
}

/* The segments that are beside and in the range of a removal afterwards;
 * PHYSSEG_NONE where there is none. */
struct physseg_pieces {
	physseg_t below; /* it ends where the range begins */
	physseg_t first; /* the first of the range: offline */
	physseg_t above; /* it begins where the range ends */
};

/*
 * Take the memory away.  Waits for readers as physseg_unplug does; no page
 * structure is used again before.  Listeners are told OFFLINE, and UNPLUGGED.
 * A part of a segment that stays keeps the handle: the front if there is one,
 * else the back.  *pieces (may be NULL).  The removal is gone.
 * EINUSE: the host says that a frame is in use, the reason says which; the
 * removal stays open.  EBUSY.  It does not fail in another way.
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
 * Leave everything as it was before the removal began: the host's `release' is
 * called, listeners that were asked are told OFFLINE_CANCELLED, what was
 * reserved is given back.  The removal is gone.  EBUSY.
 */
PHYSSEG_API
int physseg_remove_cancel(struct physseg_removal *removal);

/* Begin and commit, or nothing: where the commit fails it is cancelled. */
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
 * Put the offline frames of [pfn, pfn + n) into use: listeners may refuse
 * (GOING_ONLINE); then page structures are zeroed and initialised, or what
 * physseg_init_pages has left of them; they can be found; account, page_free
 * for each that is available, reinit; listeners are told ONLINE.  Frames that
 * are online already stay as they are.  Errors as of physseg_remove_begin, and
 * ENOENT, ESPAN, EREFUSED.  O(n).
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
	PHYSSEG_ADDED,		   /* registered */
	PHYSSEG_GOING_ONLINE,	   /* asked */
	PHYSSEG_NOW_ONLINE,	   /* pages can be found */
	PHYSSEG_ONLINE_CANCELLED,  /* told to those that were asked */
	PHYSSEG_GOING_OFFLINE,	   /* asked */
	PHYSSEG_NOW_OFFLINE,	   /* no page can be found */
	PHYSSEG_OFFLINE_CANCELLED, /* told to those that were asked */
	PHYSSEG_UNPLUGGED	   /* not registered any more */
};

/* One event, about frames with the same attributes. */
struct physseg_change {
	enum physseg_event event;
	physseg_pfn_t pfn;
	physseg_pfn_t n;
	int free_list;
	int node;
	int kind;
	bool forced; /* a refusal is not obeyed */
};

/*
 * Who wants to know.  The memory is the caller's, from physseg_listen to
 * physseg_unlisten.  `notify' returns 0 or, to refuse an event that asks, a
 * code of its own; of other events the answer is ignored and logged.  It may
 * look the map up and may take listeners off; other changes answer EBUSY.
 */
struct physseg_listener {
	int (*notify)(struct physseg_listener *listener,
	    const struct physseg_change *change);
	void *ctx;    /* the listener's own */
	int priority; /* higher ones come first; equal ones as registered */

	/* The map's. */
	struct physseg_listener *next;
	struct physseg_listener *prev;
	uint64_t serial;
};

/*
 * Register a listener.  With `replay' it is told what is there: ADDED for each
 * run of frames, NOW_ONLINE for each that is online, and GOING_OFFLINE for each
 * of open removals, which it cannot refuse.  Before the switch nothing is told;
 * the switch tells ADDED and NOW_ONLINE.  EINVAL: notify is NULL; EBUSY.
 * O(segments) with replay.
 */
PHYSSEG_API
int physseg_listen(
    struct physseg_map *map, struct physseg_listener *listener, bool replay);

/* Take a listener off; also from inside a listener.  ENOENT: it is not
 * registered. */
PHYSSEG_API
int physseg_unlisten(
    struct physseg_map *map, struct physseg_listener *listener);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_LIFECYCLE_H */
