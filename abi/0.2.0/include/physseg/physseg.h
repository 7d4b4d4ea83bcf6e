/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/physseg.h -- libphysseg's native interface: maps of physical memory.
 *
 * A map knows which ranges of page frames exist and answers which segment and
 * which page structure a frame belongs to.  Any number of maps live side by
 * side; a map shares nothing with another.
 *
 * THE ERROR CONTRACT.  A function that can fail returns an int: PHYSSEG_OK (0)
 * or an error of the list below.  After an error the map is what it was, no
 * result was written, nothing leaked.  Bad input never aborts.  Functions that
 * return a handle, a pointer or a frame say what they return for "none".
 *
 * UNITS.  Frames (physseg_pfn_t) number pages.  A range of them is passed as
 * its first frame and their number; but to physseg_load and physseg_set_avail,
 * whose order is the original's, as bounds, and so it comes out: half-open,
 * [start, end).  `pages' are the host's page structures, one per frame.
 *
 * THE LIFE OF A MAP (the paper, 6.1).  Given boot storage, a map starts in the
 * boot phase: it takes no memory but its storage, ranges are loaded and page
 * structures do not exist yet.  The switch gives every segment its page
 * structures; from then on the map runs: hot plug and unplug, memory from the
 * host.  A map without boot storage runs from the start.
 *
 * THREADS.  Readers may run beside readers.  The functions of a map may not run
 * at the same time as one that changes it: that is, all that take a map which
 * is not const.  The host's hooks `lock' and `unlock' see to it, or the caller.
 *
 * LOCK-FREE READERS.  On a backend with PHYSSEG_LOCKFREE, on a map whose host
 * has the hook `sync', physseg_find, physseg_page, physseg_frame,
 * physseg_valid, physseg_free_list, physseg_segment_page and physseg_running
 * take no lock and never wait, in every phase of the map: any number of threads
 * may be in them beside one that changes it.  A reader encloses such a call,
 * and all use of what it returned, in a read-side section of its host, the one
 * that `sync' waits for:
 *
 *	rcu_read_lock();
 *	page = physseg_page(map, pfn);
 *	... use the page ...
 *	rcu_read_unlock();
 *
 * Frames that stay registered are found throughout, with the same page.  Frames
 * of an unplug or a plug under way are found or not.  Once an unplug has
 * returned its frames are found by nobody, and nobody inside a section holds
 * their pages; so a page, or an offset, may be kept to the end of the section
 * and no longer, unless the host sees to it that its frame is not unplugged.  A
 * handle may be kept for ever: it names its segment, or nothing.  It may name
 * nothing from the moment on at which the unplug of its segment begins.
 */
#ifndef PHYSSEG_PHYSSEG_H
#define PHYSSEG_PHYSSEG_H

#include <stdbool.h>
#include <stddef.h>

#include <physseg/types.h>
#include <physseg/backend.h>
#include <physseg/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PHYSSEG_VERSION_MAJOR 0
#define PHYSSEG_VERSION_MINOR 2
#define PHYSSEG_VERSION_PATCH 0

/* The version of the library that the program runs with, "0.2.0"; that of the
 * headers it was compiled with are the numbers above. */
PHYSSEG_API
const char *physseg_version(void);

/* X(name, text): every error, from 0 upwards. */
#define PHYSSEG_ERRORS(X)                                                   \
	X(PHYSSEG_OK, "no error")                                           \
	X(PHYSSEG_EINVAL, "an argument is not one this call takes")         \
	X(PHYSSEG_ERANGE, "the range wraps or leaves the address width")    \
	X(PHYSSEG_EOVERLAP, "the range overlaps a registered one")          \
	X(PHYSSEG_ENOENT, "no such segment")                                \
	X(PHYSSEG_ESPAN, "the range reaches past the end of its segment")   \
	X(PHYSSEG_ENOSLOT, "no free slot or boot record for a segment")     \
	X(PHYSSEG_ENOMEM, "the host has no memory")                         \
	X(PHYSSEG_EPHASE, "not in this phase of the map's life")            \
	X(PHYSSEG_ENOHOTPLUG, "the backend cannot plug while running")      \
	X(PHYSSEG_ELAST, "it would take the last page of the only segment") \
	X(PHYSSEG_EBUSY, "called from inside a hook of the same map")       \
	X(PHYSSEG_EEMPTY, "nothing is available to be taken")               \
	X(PHYSSEG_ESMALL, "the storage or page array is too small")         \
	X(PHYSSEG_EFORMAT, "the table is malformed or of another form")

#define PHYSSEG_ERROR_NAME_(name, text) name,
enum physseg_error { PHYSSEG_ERRORS(PHYSSEG_ERROR_NAME_) PHYSSEG_NERRORS };
#undef PHYSSEG_ERROR_NAME_

/* A sentence for people, without a full stop; also for an unknown code. */
PHYSSEG_API
const char *physseg_strerror(int error);

struct physseg_map; /* opaque */

/*
 * How a map is made.  Zero is the documented default of every field but
 * `host'.  Read by physseg_create and physseg_storage_size, not kept, and so
 * are the tables that `host' and `backend' point to: the map copies them.
 *
 * THINGS THAT GROW.  Later releases may add fields at the end of this, of a
 * host, a backend, an info and stats.  A program tells the size that it was
 * compiled with, in the functions of which the name ends in `_sized'; in C and
 * C++ the inline functions without that ending do so.  What an older program's
 * structure lacks is 0 to the library, and nothing is written past its end.
 * Fields that a newer program has and this library does not know must be 0, or
 * the call is refused (EINVAL); the library writes 0 there.
 */
struct physseg_config {
	const struct physseg_backend *backend; /* NULL: the default one, see
						* physseg_backend_default */
	const struct physseg_host *host;       /* required */
	void *ctx;	      /* handed to the host's hooks, not used */
	size_t page_size;     /* bytes of one page structure; 0: a registry,
			       * a map without page structures */
	size_t data_size;     /* bytes of the integrator's own data in every
			       * segment, up to 4096; 0: sizeof(void *), one
			       * pointer */
	size_t capacity;      /* slots of a bounded backend; 0: 32 */
	size_t boot_records;  /* segments that can be made before the switch on
			       * an unbounded backend; 0: 32.  A record that
			       * is freed before the switch is used again
			       * after it.  A bounded one has as many as
			       * slots */
	size_t boot_slabs;    /* page arrays that can be handed over at boot;
			       * 0: 1, or none in a registry */
	physseg_pfn_t frames; /* the address width: every frame is below
			       * this; 0: PHYSSEG_NOFRAME */
	int freelists;	      /* free lists are [0, freelists); 0: 4 */
	bool may_empty;	      /* the last segment may be taken; false: that
			       * is PHYSSEG_ELAST */
	bool coalesce;	      /* plug extends a neighbour, see physseg_plug;
			       * false: it makes a segment */
};

/* ---- making and unmaking ---- */

/*
 * Bytes of boot storage that a map of this configuration needs, whatever the
 * storage's alignment; 0 when the configuration is not valid.  O(1).
 */
PHYSSEG_API
size_t physseg_storage_size_sized(
    const struct physseg_config *config, size_t config_size, size_t host_size);

static inline size_t
physseg_storage_size(const struct physseg_config *config)
{
	return physseg_storage_size_sized(
	    config, sizeof(*config), sizeof(struct physseg_host));
}

/*
 * The same as a constant, for static storage; never less than what
 * physseg_storage_size says for a capacity (where the backend is bounded) or a
 * number of boot records of `nsegs', `nslabs' boot slabs, and data_size bytes
 * of the integrator's data, 0 being the default of each, on every backend of
 * the library.  It is more than this release needs, by 1024 bytes, 64 a segment
 * and 256 a slab: that is how far later ones may grow under a program which was
 * compiled with it.
 */
#define PHYSSEG_STORAGE_SIZE(nsegs, nslabs, data_size)          \
	PHYSSEG_STORAGE_SIZE_(PHYSSEG_STORAGE_OR_((nsegs), 32), \
	    PHYSSEG_STORAGE_OR_((nslabs), 1),                   \
	    PHYSSEG_STORAGE_OR_((data_size), sizeof(void *)))
#define PHYSSEG_STORAGE_OR_(n, zero) ((n) == 0 ? (size_t)(zero) : (size_t)(n))
#define PHYSSEG_STORAGE_SIZE_(nsegs, nslabs, data_size)          \
	(2048 + 192 * sizeof(void *) +                           \
	    (nsegs) * (256 + 8 * sizeof(void *) + (data_size)) + \
	    (nslabs) *                                           \
		(256 + 72 * sizeof(void *) +                     \
		    ((nsegs) + 2) * 14 * sizeof(void *)))

/*
 * Make an empty map.  With `storage' (of `size' bytes, the caller's, kept by
 * reference until destroy; at least physseg_storage_size) it starts in the
 * boot phase and takes no memory from the host before the switch.  With NULL
 * and 0 it is taken from the host, and the map runs from the start; not on a
 * backend without PHYSSEG_HOTPLUG, which could never hold a segment.
 * EINVAL, ESMALL, ENOMEM, ENOHOTPLUG.  O(size).
 */
PHYSSEG_API
int physseg_create_sized(struct physseg_map **map,
    const struct physseg_config *config, size_t config_size, size_t host_size,
    void *storage, size_t size);

static inline int
physseg_create(struct physseg_map **map, const struct physseg_config *config,
    void *storage, size_t size)
{
	return physseg_create_sized(map, config, sizeof(*config),
	    sizeof(struct physseg_host), storage, size);
}

/*
 * Give everything back to the host: records, slabs, the map if it came from
 * there.  Page arrays handed over with physseg_switch or physseg_chomp_slab,
 * and the storage, are the caller's again.  No page hook is called.  NULL is
 * allowed.  O(segments).
 */
PHYSSEG_API
void physseg_destroy(struct physseg_map *map);

/* ---- the boot phase (EPHASE once the map runs) ---- */

/*
 * Register frames [start, end), of which [avail_start, avail_end) may be
 * allocated by the host; the rest is reserved.  *handle (may be NULL) is the
 * new segment's; with `coalesce' a neighbour may grow instead, as in
 * physseg_plug.  EPHASE; EINVAL: free list, empty range, available range
 * outside or with its end first; ERANGE, EOVERLAP, ENOSLOT, EBUSY.  O(segments)
 * at worst.
 */
PHYSSEG_API
int physseg_load(struct physseg_map *map, physseg_pfn_t start,
    physseg_pfn_t end, physseg_pfn_t avail_start, physseg_pfn_t avail_end,
    int free_list, physseg_t *handle);

/*
 * Take one available page, on `free_list', away from the segment for good:
 * its first page if that is available, else its last if that is; *pfn is its
 * frame.  A segment vanishes with its last page.  EPHASE, ENOENT; EINVAL: not
 * the segment's list; EEMPTY: neither end is available; ELAST; EBUSY; ENOMEM:
 * only on a map that boots again.
 */
PHYSSEG_API
int physseg_unload(struct physseg_map *map, physseg_t handle, int free_list,
    physseg_pfn_t *pfn);

/*
 * Take the first available page whatever lies before it, splitting the
 * segment if need be (ENOSLOT).  Otherwise as physseg_unload.
 */
PHYSSEG_API
int physseg_unload_force(struct physseg_map *map, physseg_t handle,
    int free_list, physseg_pfn_t *pfn);

/*
 * Steal a page for the boot itself, from whichever segment has one: for each
 * free list in order, first by physseg_unload, then by force; segment by
 * segment in the backend's order, on an array by size the smallest first.  *pfn
 * is its frame.  A page that cannot be taken is passed over; where none can,
 * the answer says why not the first.  EPHASE; EEMPTY: none is available; ELAST;
 * ENOSLOT, ENOMEM, EBUSY.  O(segments).
 */
PHYSSEG_API
int physseg_steal(struct physseg_map *map, physseg_pfn_t *pfn);

/*
 * Change which frames may be allocated; each bound must lie within the
 * segment, and none are available where `avail_start' >= `avail_end'.  EPHASE,
 * ENOENT, EINVAL, EBUSY.  O(1).
 */
PHYSSEG_API
int physseg_set_avail(struct physseg_map *map, physseg_t handle,
    physseg_pfn_t avail_start, physseg_pfn_t avail_end);

/*
 * The switch: divide `pages', one array of `npages' zeroed page structures and
 * the caller's, among the segments in order; initialise them, count and free
 * those of the available frames, in ascending order within a segment; run.
 * What is left of the array serves later plugs for the map's life.  A registry
 * passes NULL and 0, and may be empty.  So does a caller that gave every
 * segment its pages by the calls of physseg/boot.h. EPHASE; EINVAL, also for an
 * array that shares memory with one that was handed over before or with the
 * map; ENOENT: no segment to switch with; ESMALL: less than one a frame;
 * ENOMEM: no boot slab left.  O(frames). The same step by step: physseg/boot.h.
 */
PHYSSEG_API
int physseg_switch(struct physseg_map *map, void *pages, size_t npages);

/* Has the switch been?  O(1).  May run beside a change. */
PHYSSEG_API
bool physseg_running(const struct physseg_map *map);

/*
 * Build the backend's index now.  Until a map runs, its segments are in a
 * sorted list in the boot storage, which every lookup searches; the switch
 * builds the index.  If the host had no memory then, every later change tries
 * again; call this where the first change may be far away.  physseg_get_stats
 * says whether it is built.  On a map whose index is built, or whose backend
 * needs no memory, nothing happens.  EPHASE before the switch; ENOMEM: the host
 * has no memory still, lookups go on in the list; EBUSY.  O(segments).
 */
PHYSSEG_API
int physseg_build(struct physseg_map *map);

/* ---- plug and unplug (any phase) ---- */

/*
 * Register frames [pfn, pfn + n) on `free_list', all of them available;
 * *handle (may be NULL) is the new segment's, set before page_free is called.
 * While running the frames get zeroed page structures, from a slab with room
 * or from the host; then, in this order: page_init for each, they can be
 * found, account, page_free for each, reinit.
 * On a map with `coalesce', where the frames touch a segment with the
 * attributes that the new one would have (list, zeroed data, no start hint,
 * available up to where they touch) and its page structures can be continued in
 * their slab, that segment grows instead, and *handle is its.
 * ENOHOTPLUG, EINVAL: n == 0 or the list; ERANGE, EOVERLAP, ENOSLOT, ENOMEM,
 * EBUSY.  Two searches of the backend, O(log slabs), O(n) page structures.
 */
PHYSSEG_API
int physseg_plug(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    int free_list, physseg_t *handle);

/* Would this plug succeed?  What physseg_plug would return, now; memory is
 * asked of the host and given back. */
PHYSSEG_API
int physseg_plug_check(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n, int free_list);

/*
 * Forget frames [pfn, pfn + n), which lie in one segment.  Whether they are
 * in use is not looked at.  Of the whole segment: it is gone, its handle names
 * nothing.  At its front or back: the handle stays.  In its middle: the handle
 * stays with the front, the tail is a new segment with the same attributes.
 * Available ranges are clamped, never widened; a start hint that lies beyond
 * the available range becomes 0.  The page structures are the slab's again.
 * ENOENT; ESPAN; EINVAL: n == 0; ERANGE; ENOSLOT, ENOMEM: only in the middle,
 * and ENOMEM where the slab has one free piece more and no
 * memory to describe it; ELAST, EBUSY.
 */
PHYSSEG_API
int physseg_unplug(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n);

/* ---- lookup ---- */

/*
 * The segment that contains `pfn', and in *offset (may be NULL) the distance
 * from its start, in frames; PHYSSEG_NONE and *offset untouched when there is
 * none.  One search of the backend, O(log segments) while its index is not
 * built.
 */
PHYSSEG_API
physseg_t physseg_find(
    const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t *offset);

/* The page structure of a frame; NULL: not registered, or none yet.  As fast
 * as physseg_find. */
PHYSSEG_API
void *physseg_page(const struct physseg_map *map, physseg_pfn_t pfn);

/* The free list of a frame's segment, -1: none contains it.  One search of the
 * backend. */
PHYSSEG_API
int physseg_free_list(const struct physseg_map *map, physseg_pfn_t pfn);

/* The frame of a page structure, PHYSSEG_NOFRAME if it is not one of this
 * map's now.  `page' is read by the host's page_frame. */
PHYSSEG_API
physseg_pfn_t physseg_frame(const struct physseg_map *map, const void *page);

/*
 * The page structure of a segment's frame start + index; NULL: the handle names
 * no segment, the index is not below its number of frames, or it has no page
 * structures.  For a caller that has just found the segment.  Beside a thread
 * that changes the map the segment may be shorter by then, and the frame in
 * another one: physseg_page has no such gap.  O(1).
 */
PHYSSEG_API
void *physseg_segment_page(
    const struct physseg_map *map, physseg_t handle, physseg_pfn_t index);

/* ---- walking ---- */

/*
 * The first, last, next and previous segment in the backend's order;
 * PHYSSEG_NONE at the end, on an empty map and for a handle that names none.
 * To unplug while walking, take the next first; with PHYSSEG_POSITION go on by
 * frame instead.
 */
PHYSSEG_API
physseg_t physseg_first(const struct physseg_map *map);
PHYSSEG_API
physseg_t physseg_last(const struct physseg_map *map);
PHYSSEG_API
physseg_t physseg_next(const struct physseg_map *map, physseg_t handle);
PHYSSEG_API
physseg_t physseg_prev(const struct physseg_map *map, physseg_t handle);

/*
 * The segment that contains `pfn' or, if none does, the next higher one;
 * PHYSSEG_NONE above the highest.  Walks by ascending address on every
 * backend: call again with the end of what it found.  A search of the backend
 * where PHYSSEG_SORTED, else O(segments).
 */
PHYSSEG_API
physseg_t physseg_from(const struct physseg_map *map, physseg_pfn_t pfn);

/* The greatest registered frame, PHYSSEG_NOFRAME on an empty map.  O(1) to
 * O(log segments) where PHYSSEG_SORTED, else O(segments). */
PHYSSEG_API
physseg_pfn_t physseg_highest_frame(const struct physseg_map *map);

#define PHYSSEG_FOREACH(h, map)                             \
	for ((h) = physseg_first(map); (h) != PHYSSEG_NONE; \
	     (h) = physseg_next((map), (h)))

/* ---- a segment's attributes ---- */

struct physseg_info {
	physseg_pfn_t start; /* frames [start, end) */
	physseg_pfn_t end;
	physseg_pfn_t avail_start; /* of which these may be allocated */
	physseg_pfn_t avail_end;
	physseg_pfn_t counted;	  /* pages counted as available */
	unsigned long start_hint; /* where the host scans first, in frames */
	int free_list;
	void *pages; /* the page structure of `start'; NULL: none
		      * yet, or a registry */
	void *data;  /* the integrator's data_size bytes,
		      * aligned for any object that fits: zeroed
		      * at plug, copied to a split-off tail,
		      * readable as long as the segment lives */
};

/* All attributes of a segment.  ENOENT.  O(1). */
PHYSSEG_API
int physseg_get_info_sized(const struct physseg_map *map, physseg_t handle,
    struct physseg_info *info, size_t info_size);

static inline int
physseg_get_info(
    const struct physseg_map *map, physseg_t handle, struct physseg_info *info)
{
	return physseg_get_info_sized(map, handle, info, sizeof(*info));
}

/* Does the handle name a live segment?  While running, on a map with page
 * structures: one that has them.  Any bit pattern may be passed.  O(1). */
PHYSSEG_API
bool physseg_valid(const struct physseg_map *map, physseg_t handle);

/* Remember where to scan first, in frames from the start of the available
 * range; 0 after plug.  ENOENT.  O(1). */
PHYSSEG_API
int physseg_set_start_hint(
    struct physseg_map *map, physseg_t handle, unsigned long hint);

/* ---- looking at a map ---- */

struct physseg_stats {
	size_t segments;
	physseg_pfn_t frames;  /* registered */
	physseg_pfn_t counted; /* pages counted as available */
	size_t slabs;	       /* page arrays */
	size_t slab_pages;     /* page structures in them */
	size_t slab_used;      /* of which belong to a segment */
	size_t host_bytes;     /* taken from the host and not given back */
	size_t largest_free;   /* the largest plug that fits into a slab */
	bool built;	       /* the backend's index is, see physseg_build */
};

/* O(slabs). */
PHYSSEG_API
void physseg_get_stats_sized(const struct physseg_map *map,
    struct physseg_stats *stats, size_t stats_size);

static inline void
physseg_get_stats(const struct physseg_map *map, struct physseg_stats *stats)
{
	physseg_get_stats_sized(map, stats, sizeof(*stats));
}

/* The backend that the map was made with: the table that its configuration
 * named. */
PHYSSEG_API
const struct physseg_backend *physseg_get_backend(
    const struct physseg_map *map);

/*
 * Check every invariant: order, no overlap, no empty segment; backend and
 * records hold the same segments; available and counted ranges inside; page
 * arrays inside allocated parts of slabs, none shared, sums equal; the frame
 * of every page, through the host; statistics.  NULL, or a text that says
 * which is broken.  For tests: O(frames).
 */
PHYSSEG_API
const char *physseg_check(const struct physseg_map *map);

enum physseg_dump_format {
	PHYSSEG_DUMP_TABLE, /* lines for people */
	PHYSSEG_DUMP_JSON   /* one object for programs */
};

/*
 * Write the map's segments and statistics, in pieces of text, to `emit'; a
 * piece is not terminated by NUL.  `emit' may look the map up, but must not
 * change it.  EINVAL: no such format.  O(segments).
 */
PHYSSEG_API
int physseg_dump(const struct physseg_map *map, enum physseg_dump_format format,
    void (*emit)(void *arg, const char *text, size_t length), void *arg);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_PHYSSEG_H */
