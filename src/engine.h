/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * engine.h -- what the files of the engine share.  Not installed.
 *
 * host.c      every call of the host
 * map.c       making and unmaking
 * lookup.c    lookups, walks, attributes
 * plug.c      memory is added,
 * unplug.c    and leaves, in all their shapes
 * coalesce.c  segments that touch become one
 * remove.c    memory leaves in two phases
 * claims.c    page structures of offline segments, initialised ahead of time
 * online.c    what is offline comes into use
 * listen.c    who is told of changes
 * index.c     LIST or BUILT: which index is in force, its memory, its readers
 * list.c      the index of a map that is not BUILT
 * record.c    segment records: memory, generations, handles
 * slab.c      page arrays, which segments share
 * freemap.c   which page structures of a slab are free, where they are many
 * present.c   page structures at fixed addresses: which are there,
 * vmemmap.c   and their memory
 * boot.c      what is done before the map runs, and the switch
 * diag/reason.c   why a call failed, as data and as a line
 * diag/trace.c    who is told of calls
 * diag/strcall.c  a call as a line
 * diag/check.c    every invariant
 * diag/dump.c     a map as text
 *
 * The engine owns the life of a map; the backend under it only orders nodes.
 * A node is the first member of a record, so one pointer is both.
 */
#ifndef PHYSSEG_ENGINE_H
#define PHYSSEG_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>
#include <physseg/trace.h>

#include "base/atomic.h"
#include "base/directory.h"
#include "base/handle.h"
#include "base/mem.h"
#include "base/range.h"
#include "base/sized.h"
#include "shim/extent.h"
#include "shim/queue.h"
#include "shim/rbtree.h"

/*
 * A segment.  Records are type-stable: their memory stays a record until the
 * map is destroyed, so a stale handle is compared with memory that is valid to
 * read. The first cache line has all that a lookup reads.
 */
struct physseg_record {
	_Alignas(8) struct physseg_node node;
	uintptr_t handle; /* generation and index: record.c */

	uintptr_t state;    /* enum physseg_state */
	uintptr_t claimed;  /* offline: page structures that are initialised, or
			     * are being so, from the first: claims.c */
	uintptr_t working;  /* threads that are at it, or may want to be */
	uintptr_t own_base; /* of its page structures, also while offline */

	/* What follows is zeroed when the record is a segment no more. */
	struct physseg_range avail; /* inside the node's bounds */
	struct physseg_range counted;
	struct physseg_slab *slab; /* that its pages are a part of */
	unsigned long start_hint;
	int free_list;
	uint32_t changed; /* what, and when last: field_wait in index.c */

	int numa; /* the proximity domain */
	int kind;
#ifdef DEBUG
	bool filled; /* offline: page structures that are not initialised have
		      * the pattern of slab.c */
#endif
	struct physseg_record *gone; /* the next that left the index */
				     /* the integrator's data follows */
};

/* In `claimed': no thread may take more.  That is so of a segment that is
 * online, and of all records that are no segment. */
#define PHYSSEG_CLOSED ((uintptr_t)1 << (sizeof(uintptr_t) * 8 - 1))

/* An array of page structures, which segments share: slab.c. */
struct physseg_slab {
	struct rb_node fit; /* in map->slabs_by_fit, unless full */
	LIST_ENTRY(physseg_slab) all;
	char *pages;
	size_t npages;
	size_t used;	       /* page structures that are allocated */
	size_t held;	       /* those of them that segments have */
	size_t pending;	       /* pieces that removals will give back */
	size_t largest;	       /* free in one piece; the key of `fit' */
	size_t header_size;    /* of this header if the host gave it,
				* else 0 */
	bool from_host;	       /* pages too: freed with its last page */
	bool poisoned;	       /* some page structures are, or were */
	physseg_pfn_t pfn;     /* the slab lies in frames [pfn, pfn + meta) */
	physseg_pfn_t meta;    /* of the range that it serves; else both 0 */
	struct extent *extent; /* of indices [0, npages); or, where this is
				* NULL, the free map; without either such a
				* slab, of which nothing is allocated again */
	struct physseg_freemap *freemap; /* in use, or reserved */
};

/* A piece of the index's memory.  The backend gets what follows this header,
 * from the next cache line on. */
struct physseg_chunk {
	struct physseg_chunk *next;
};

/* What changes of the index need: it gets so many segments more, and so many
 * changes, one for each of those at least, may take memory. */
struct physseg_need {
	size_t slots;
	size_t changes;
};

/* What was reserved for changes of frames within [start, end): index.c. */
struct physseg_reserve {
	physseg_pfn_t start;
	physseg_pfn_t end;
	struct physseg_need need;
	size_t chunks; /* so many were added to the spare ones */
	bool build;    /* the backend's index is made, but not in force */
};

/* Memory that is about to leave: remove.c. */
struct physseg_removal {
	LIST_ENTRY(physseg_removal) all;
	struct physseg_map *map;
	physseg_pfn_t pfn; /* frames [pfn, end) */
	physseg_pfn_t end;
	unsigned how;
	uint64_t serial;      /* listeners with a lower one were asked */
	physseg_pfn_t online; /* frames of it */
	physseg_pfn_t busy;   /* when it began, as the host said */
	physseg_pfn_t asked;  /* below it the host isolated; it is not asked
			       * about the rest */
	struct physseg_reserve reserve;
	struct physseg_record *rec[2]; /* for pieces of segments */
	struct physseg_record *first;  /* the first of the range, at plan */
};

/* Where page structures have fixed addresses: present.c and vmemmap.c. */
struct physseg_vmemmap {
	uintptr_t base;	    /* of the page structure of frame 0 */
	uintptr_t *present; /* a bit for each frame; NULL: there is no
			     * vmemmap */
	physseg_pfn_t frames;
	size_t granule; /* bytes that are committed together */
};

struct physseg_map {
	/* What every lookup reads. */
	struct physseg_node *(*lookup)(const void *, physseg_pfn_t);
	void *(*page)(const void *, physseg_pfn_t, size_t);
	void *(*page_indirect)(const struct physseg_map *, physseg_pfn_t);
	void *page_in;	  /* what `page' looks in: the index, or */
	uintptr_t direct; /* `vmemmap'.  Pages are asked of `page' */
	uintptr_t built;  /* the state, LIST or BUILT: index.c */
	void *index;
	size_t page_size;
	size_t (*position)(const void *, const struct physseg_node *);
	void *list; /* NULL: the backend needs none, it is always BUILT */
	struct physseg_vmemmap vmemmap;
	void (*pages)(
	    const void *, const physseg_pfn_t *, size_t, size_t, void **);
	uintptr_t running;
	const struct physseg_backend *backend;
	bool lock_walks;   /* the host has a lock, */
	bool lock_lookups; /* and lookups take it */
	bool waits;	   /* for readers, who take none */

	/* The index in force: the list, or the backend's. */
	const struct physseg_backend *active;
	void *active_index;

	const struct physseg_host *host; /* our copies of the tables; */
	const struct physseg_backend *backend_named; /* the program's own */
	struct physseg_host host_copy;
	struct physseg_backend backend_copy;
	void *ctx;
	size_t data_size;
	size_t data_offset;  /* of it in a record */
	size_t capacity;     /* of a bounded backend */
	physseg_pfn_t limit; /* every frame is below */
	int freelists;
	bool may_empty;
	bool coalesce;
	physseg_pfn_t block; /* changes while running are of whole ones */
	size_t frame_size;
	bool busy; /* inside a call that changes the map */
	char *own; /* the map's memory, if the host gave it */
	size_t own_size;

	/* Records: record.c */
	size_t record_size;
	char *boot_records;
	size_t nboot;
	uintptr_t nrecords; /* indices below are records; below nborn */
	uintptr_t nborn;    /* they are or were segments, with handles */
	struct physseg_record *free_records;
	char **directory[PHYSSEG_DIR_LEVELS];

	size_t nidle; /* of the numbers below nrecords: taken and given back */

	/* The index: index.c */
	struct physseg_chunk *chunks; /* that the backend has, */
	struct physseg_chunk *spare;  /* and those it does not have yet */
	size_t nspare;
	struct physseg_need held; /* by removals */
	uint32_t graces;	  /* grows at every wait for readers */

	/* Removals that are open: remove.c */
	LIST_HEAD(, physseg_removal) removals;
	physseg_pfn_t leaving; /* frames online that they take */

	/* Listeners, in order: listen.c */
	struct physseg_listener *listeners;
	struct physseg_listener *next_told; /* while they are told */
	bool backwards;
	uint64_t serial;
	struct physseg_reason *why; /* of the call under way, or NULL */
	struct physseg_call call;   /* under way, if it is traced: trace.c */

	/* Slabs: slab.c */
	rb_tree_t slabs_by_fit;
	LIST_HEAD(, physseg_slab) slabs;
	char *boot_slabs;   /* headers not used yet, */
	size_t nboot_slabs; /* so many */
	size_t boot_slab_size;

	/* Statistics */
	size_t segments;
	physseg_pfn_t frames;
	physseg_pfn_t online;
	physseg_pfn_t counted;
	physseg_pfn_t metadata;
	size_t host_bytes;
};

#define PHYSSEG_DEFAULT_SEGMENTS  32
#define PHYSSEG_DEFAULT_FREELISTS 4
#define PHYSSEG_DATA_MAX	  4096 /* bytes of the integrator's data */

static inline size_t
physseg_round_up(size_t size)
{
	return (size + PHYSSEG_ALIGN - 1) & ~(size_t)(PHYSSEG_ALIGN - 1);
}

static inline bool
physseg_has(const struct physseg_map *map, enum physseg_capability capability)
{
	return (map->backend->capabilities & (unsigned)capability) != 0;
}

static inline bool
physseg_is_running(const struct physseg_map *map)
{
	return physseg_atomic_load(&map->running) != 0;
}

static inline bool
physseg_is_built(const struct physseg_map *map)
{
	return physseg_atomic_load(&map->built) != 0;
}

static inline bool
physseg_is_vmemmap(const struct physseg_map *map)
{
	return map->vmemmap.present != NULL;
}

/* Where the page structure of a frame is, on a map with a vmemmap. */
static inline uintptr_t
physseg_vmemmap_at(const struct physseg_map *map, physseg_pfn_t pfn)
{
	return map->vmemmap.base + (uintptr_t)pfn * map->page_size;
}

/* Are pages asked of `page', without a segment?  In LIST the backend's index is
 * not there yet. */
static inline bool
physseg_is_direct(const struct physseg_map *map, bool built)
{
	return map->page != NULL && !map->lock_lookups &&
	    (built || physseg_is_vmemmap(map));
}

static inline struct physseg_record *
physseg_record_of(struct physseg_node *node)
{
	return (struct physseg_record *)(void *)node;
}

/* The base of a node, if the page structure of frame `start' is at `pages'.
 * PHYSSEG_NOBASE if that is NULL. */
static inline uintptr_t
physseg_base(
    const struct physseg_map *map, physseg_pfn_t start, const void *pages)
{
	if (map->page_size == 0)
		return 0;
	return pages == NULL
	    ? PHYSSEG_NOBASE
	    : (uintptr_t)pages - (uintptr_t)start * map->page_size;
}

/* Does the segment have page structures?  In a registry every segment has, and
 * they take no memory. */
static inline bool
physseg_has_pages(const struct physseg_record *rec)
{
	return physseg_atomic_load(&rec->node.base) != PHYSSEG_NOBASE;
}

/* The page structure of a frame of the segment.  NULL: it has none, or the map
 * is a registry. */
static inline char *
physseg_page_at(const struct physseg_map *map, const struct physseg_record *rec,
    physseg_pfn_t pfn)
{
	const uintptr_t base = physseg_atomic_load(&rec->node.base);

	if (base == PHYSSEG_NOBASE)
		return NULL;
	return (char *)(base + (uintptr_t)pfn * map->page_size);
}

static inline void *
physseg_data(const struct physseg_map *map, const struct physseg_record *rec)
{
	return (char *)(uintptr_t)rec + map->data_offset;
}

/* list.c */
extern const struct physseg_backend physseg_list;
struct physseg_node *physseg_list_lookup(const void *list, physseg_pfn_t pfn);
bool physseg_list_is_spent(const void *list);
void physseg_list_renew(void *list);

/* lookup.c: with the lock held. */
void physseg_fill_stats(
    const struct physseg_map *map, struct physseg_stats *stats);

/* host.c: every call of the host. */
bool physseg_host_read(struct physseg_host *to,
    const struct physseg_config *config, size_t host_size);
bool physseg_host_ok(const struct physseg_config *config, size_t host_size);
void *physseg_host_alloc_first(
    const struct physseg_config *config, size_t host_size, size_t size);
void *physseg_host_alloc(struct physseg_map *map, size_t size);
void *physseg_host_alloc_raw(struct physseg_map *map, size_t size);
void physseg_host_free(struct physseg_map *map, void *mem, size_t size);
_Noreturn void physseg_panic(const struct physseg_map *map, const char *reason);
void physseg_host_init_pages(const struct physseg_map *map, void *pages,
    physseg_pfn_t pfn, physseg_pfn_t n);
void physseg_free_avail(const struct physseg_map *map,
    const struct physseg_record *rec, struct physseg_range range);
void physseg_account(struct physseg_map *map, const struct physseg_record *rec,
    bool added, physseg_pfn_t counted, physseg_pfn_t frames);
void physseg_reinit(const struct physseg_map *map);
void physseg_host_sync(const struct physseg_map *map);

/* Can the host initialise page structures?  Then it can read them, too. */
static inline bool
physseg_host_has_pages(const struct physseg_map *map)
{
	return map->host->page_frame != NULL;
}

/* The frame that a page structure describes. */
static inline physseg_pfn_t
physseg_host_frame(const struct physseg_map *map, const void *page)
{
	return map->host->page_frame(map->ctx, page);
}

/* Take and release the host's lock, if `locked'. */
static inline void
physseg_lock(const struct physseg_map *map, bool locked)
{
	if (locked)
		map->host->lock(map->ctx);
}

static inline void
physseg_unlock(const struct physseg_map *map, bool locked)
{
	if (locked)
		map->host->unlock(map->ctx);
}

/* Is there such a free list? */
static inline bool
physseg_freelist_ok(const struct physseg_map *map, int free_list)
{
	return free_list >= 0 && free_list < map->freelists;
}

/* Is [pfn, pfn + n) not empty, and below the limit? */
static inline int
physseg_check_range(
    const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n)
{
	if (n == 0)
		return PHYSSEG_EINVAL;
	return physseg_range_below(map->limit, pfn, n) ? PHYSSEG_OK
						       : PHYSSEG_ERANGE;
}

/* Has the backend no room for `n' more segments? */
static inline bool
physseg_is_full(const struct physseg_map *map, size_t n)
{
	const struct physseg_backend *backend = map->backend;
	const size_t most =
	    backend->bounded ? map->capacity : backend->max_segments;

	return most != 0 && map->segments + map->held.slots + n > most;
}

/* The open removal that has some of the frames; NULL: none. */
static inline struct physseg_removal *
physseg_removal_over(
    const struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end)
{
	struct physseg_removal *removal;

	LIST_FOREACH(removal, &map->removals, all)
		if (physseg_range_meets(removal->pfn, removal->end, start, end))
			break;
	return removal;
}

/* In a kernel with DEBUG: see slab.c. */
static inline void
physseg_set_filled(struct physseg_record *rec, bool filled)
{
#ifdef DEBUG
	rec->filled = filled;
#else
	(void)rec;
	(void)filled;
#endif
}

static inline bool
physseg_is_filled(const struct physseg_record *rec)
{
#ifdef DEBUG
	return rec->filled;
#else
	(void)rec;
	return false;
#endif
}

static inline bool
physseg_is_offline(const struct physseg_record *rec)
{
	return physseg_atomic_load(&rec->state) == PHYSSEG_OFFLINE;
}

/* So many page structures of an offline segment are initialised, from the
 * first, once its claims are closed. */
static inline uintptr_t
physseg_initialised(const struct physseg_record *rec)
{
	return physseg_atomic_load(&rec->claimed) & ~PHYSSEG_CLOSED;
}

/* The base of the segment's page structures, whether readers see it or not. */
static inline uintptr_t
physseg_own_base(const struct physseg_record *rec)
{
	return physseg_atomic_load(&rec->own_base);
}

/* Its page structure of a frame; NULL: none, or a registry. */
static inline char *
physseg_own_page(const struct physseg_map *map,
    const struct physseg_record *rec, physseg_pfn_t pfn)
{
	const uintptr_t base = physseg_own_base(rec);

	if (base == PHYSSEG_NOBASE)
		return NULL;
	return (char *)(base + (uintptr_t)pfn * map->page_size);
}

/* A range of the segment without frames that hold page structures; empty if
 * there are no others. */
static inline struct physseg_range
physseg_without_metadata(
    const struct physseg_record *rec, physseg_pfn_t pfn, physseg_pfn_t end)
{
	const struct physseg_slab *slab = rec->slab;

	if (slab != NULL && pfn < slab->pfn + slab->meta)
		pfn = slab->pfn + slab->meta;
	return (struct physseg_range){ pfn, end };
}

/* Memory to be added, as the engine sees it. */
struct physseg_plug {
	physseg_pfn_t pfn; /* frames [pfn, pfn + n) */
	physseg_pfn_t n;
	struct physseg_range avail;
	int free_list;
	int numa;
	int kind;
	enum physseg_state state;
	enum physseg_source source;
	void *pages; /* the caller's */
	const void *data;
};

/* plug.c and unplug.c, without the guard against calls from hooks. */
int physseg_plug_frames(struct physseg_map *map,
    const struct physseg_plug *plug, physseg_t *handle);
int physseg_unplug_range(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n);
int physseg_check_block(
    const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n);
void physseg_copy_attributes(
    struct physseg_record *to, const struct physseg_record *rec);
void physseg_cut(struct physseg_map *map, struct physseg_record *rec,
    struct physseg_range stays, struct physseg_record *other,
    struct physseg_range gets);
void physseg_shrink(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t pfn, physseg_pfn_t end, struct physseg_record *tail);

/* index.c */
void physseg_index_init(struct physseg_map *map);
void physseg_index_fini(struct physseg_map *map);
void physseg_index_build(struct physseg_map *map);
bool physseg_index_unbuild(struct physseg_map *map);
int physseg_index_reserve(struct physseg_map *map, physseg_pfn_t start,
    physseg_pfn_t end, struct physseg_need need,
    struct physseg_reserve *reserve);
void physseg_index_unreserve(
    struct physseg_map *map, const struct physseg_reserve *reserve);
void physseg_index_hold(
    struct physseg_map *map, const struct physseg_reserve *reserve);
void physseg_index_unhold(
    struct physseg_map *map, const struct physseg_reserve *reserve);
void physseg_index_commit(
    struct physseg_map *map, const struct physseg_reserve *reserve);
void physseg_index_trim(struct physseg_map *map);
void physseg_index_wait(struct physseg_map *map);
void physseg_index_insert(struct physseg_map *map, struct physseg_record *rec);
void physseg_index_remove(struct physseg_map *map, struct physseg_record *rec);
void physseg_index_update(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end, uintptr_t base);
void physseg_index_split(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end, struct physseg_record *other);
void physseg_index_join(struct physseg_map *map, struct physseg_record *rec,
    struct physseg_record *upper);

/* The index in force.  Only for callers that hold the lock. */
static inline struct physseg_node *
physseg_index_next(
    const struct physseg_map *map, const struct physseg_node *node)
{
	return map->active->next(map->active_index, node);
}

static inline struct physseg_node *
physseg_index_prev(
    const struct physseg_map *map, const struct physseg_node *node)
{
	return map->active->prev(map->active_index, node);
}

static inline struct physseg_node *
physseg_index_find(
    const struct physseg_map *map, physseg_pfn_t lo, physseg_pfn_t hi)
{
	return map->active->find(map->active_index, lo, hi);
}

/* The segment with the lowest frame at or above `pfn'; NULL: there is none. */
struct physseg_node *physseg_index_from(
    const struct physseg_map *map, physseg_pfn_t pfn);

/* The same for every caller: it asks for the state of the map. */
static inline struct physseg_node *
physseg_index_lookup(const struct physseg_map *map, physseg_pfn_t pfn)
{
	if (physseg_is_built(map))
		return map->lookup(map->index, pfn);
	return physseg_list_lookup(map->list, pfn);
}

/* trace.c */
int physseg_trace_begin(struct physseg_map *map, enum physseg_call_id id,
    const uint64_t *arg, size_t n);
void physseg_trace_end(struct physseg_map *map, int error);
void physseg_trace_call(const struct physseg_map *map, enum physseg_call_id id,
    int error, uint64_t result, const uint64_t *arg, size_t n);
void physseg_trace_created(const struct physseg_map *map,
    const struct physseg_config *config, bool boot);
uint64_t physseg_trace_segment(const struct physseg_map *map, physseg_t handle);
uint64_t physseg_trace_data(const struct physseg_map *map, const void *data);

/* Where systemtap's probes are compiled in, somebody who watches the process
 * makes this word different from 0. */
#ifdef PHYSSEG_USDT
extern unsigned short physseg_call_semaphore;
#else
#define physseg_call_semaphore 0
#endif

/* Is somebody told of calls? */
static inline bool
physseg_is_traced(const struct physseg_map *map)
{
	return map->host_copy.trace != NULL || physseg_call_semaphore != 0;
}

/* Arguments, and how many they are. */
#define PHYSSEG_ARGS(...)                  \
	(const uint64_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t)

/* Tell of a call that is not begun by physseg_enter.  What follows `result' are
 * its arguments. */
#define physseg_trace(map, id, error, result, ...)                           \
	(physseg_is_traced(map) ? physseg_trace_call(map, id, error, result, \
				      PHYSSEG_ARGS(__VA_ARGS__))             \
				: (void)0)

/* Begin a call that changes the map: 0 or PHYSSEG_EBUSY.  What follows `id' are
 * its arguments, which are looked at only if the call is traced. */
#define physseg_enter(map, id, ...)                            \
	(physseg_enter_call(map) != PHYSSEG_OK ? PHYSSEG_EBUSY \
		: !physseg_is_traced(map)                      \
		? PHYSSEG_OK                                   \
		: physseg_trace_begin(map, id, PHYSSEG_ARGS(__VA_ARGS__)))

static inline int
physseg_enter_call(struct physseg_map *map)
{
	physseg_lock(map, map->lock_walks);
	if (map->busy) {
		physseg_unlock(map, map->lock_walks);
		return PHYSSEG_EBUSY;
	}
	map->busy = true;
	return PHYSSEG_OK;
}

/* End it, if it has changed nothing. */
static inline int
physseg_leave_unchanged(struct physseg_map *map, int error)
{
	if (physseg_is_traced(map))
		physseg_trace_end(map, error);
	map->busy = false;
	physseg_unlock(map, map->lock_walks);
	return error;
}

/* End it after a change.  If the index is not built yet, try to build it. */
static inline int
physseg_leave(struct physseg_map *map, int error)
{
	if (error == PHYSSEG_OK)
		physseg_index_build(map);
	if (map->nspare > 0)
		physseg_index_trim(map);
	return physseg_leave_unchanged(map, error);
}

/* coalesce.c: a segment that can grow into what lies beside it. */
struct physseg_join {
	struct physseg_record *rec;
	bool below;  /* it lies below what it gets */
	void *pages; /* the page structures that it gets */
};

bool physseg_join_find(const struct physseg_map *map,
    const struct physseg_plug *plug, struct physseg_join *join);
void physseg_join(struct physseg_map *map, const struct physseg_join *join,
    const struct physseg_plug *plug);
void physseg_merge(
    struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end);

/* remove.c */
int physseg_removal_forbids(
    const struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end);
int physseg_removal_plan(
    struct physseg_map *map, struct physseg_removal *removal);
int physseg_removal_reserve(
    struct physseg_map *map, struct physseg_removal *removal);
void physseg_removal_unreserve(
    struct physseg_map *map, struct physseg_removal *removal);
void physseg_removal_fini(struct physseg_map *map);
void physseg_removal_put_records(
    struct physseg_map *map, struct physseg_removal *removal);
struct physseg_record *physseg_removal_cut(struct physseg_map *map,
    struct physseg_removal *removal, struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end);

/* claims.c */
bool physseg_claims_close(
    struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end);
void physseg_claims_settle(
    struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end);
void physseg_init_offline(const struct physseg_map *map,
    const struct physseg_record *rec, uintptr_t first, uintptr_t n);

/* listen.c */
int physseg_ask(struct physseg_map *map, const struct physseg_change *change,
    const struct physseg_listener **refused);
void physseg_tell(struct physseg_map *map, const struct physseg_change *change);
void physseg_tell_more(struct physseg_map *map, struct physseg_change *run,
    const struct physseg_record *rec, physseg_pfn_t start, physseg_pfn_t end);
void physseg_tell_rest(struct physseg_map *map, struct physseg_change *run);
bool physseg_run(const struct physseg_map *map, physseg_pfn_t *pfn,
    physseg_pfn_t end, enum physseg_event event, struct physseg_change *change,
    bool *online);
void physseg_tell_asked(struct physseg_map *map,
    const struct physseg_change *change, uint64_t serial,
    const struct physseg_listener *until);

/* reason.c: what forbids the call that is under way. */
int physseg_forbid(const struct physseg_map *map, int error,
    enum physseg_stage stage, physseg_pfn_t frame,
    const struct physseg_node *node);
int physseg_refused(const struct physseg_map *map, enum physseg_stage stage,
    struct physseg_listener *listener, int code, physseg_pfn_t frame,
    const struct physseg_node *node);
void physseg_reason_begin(struct physseg_reason *reason,
    enum physseg_operation operation, physseg_pfn_t pfn, physseg_pfn_t n);
int physseg_reason_end(int error, struct physseg_reason *own,
    struct physseg_reason *reason, size_t size);

/* record.c */
size_t physseg_record_size(const struct physseg_map *map);
int physseg_record_alloc(struct physseg_map *map, size_t size, void **mem);
int physseg_record_free(struct physseg_map *map, void *mem, size_t size);
int physseg_record_get(struct physseg_map *map, struct physseg_record **rec);
size_t physseg_record_room(const struct physseg_map *map);
void physseg_record_unreserve(
    struct physseg_map *map, struct physseg_record *rec);
void physseg_record_publish(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end);
void physseg_record_empty(struct physseg_record *rec);
void physseg_record_retire(struct physseg_map *map, struct physseg_record *rec);
bool physseg_record_live(const struct physseg_record *rec);
struct physseg_record *physseg_record_in_chunk(
    const struct physseg_map *map, size_t i);
void physseg_record_fini(struct physseg_map *map);

/* The record of number `i', which is below nrecords. */
static inline struct physseg_record *
physseg_record_at(const struct physseg_map *map, size_t i)
{
	if (i < map->nboot)
		return (void *)(map->boot_records + i * map->record_size);
	return physseg_record_in_chunk(map, i);
}

/* The handle of a node that is in the index. */
static inline physseg_t
physseg_record_handle(
    const struct physseg_map *map, const struct physseg_node *node)
{
	if (node == NULL)
		return PHYSSEG_NONE;
	if (map->position != NULL)
		return (physseg_t)(map->position(map->index, node) + 1);
	return (physseg_t)physseg_atomic_load(
	    &((const struct physseg_record *)(const void *)node)->handle);
}

/*
 * The live segment that a handle names, and its end; NULL: none.  Any bits may
 * be passed.  The end is read before the handle: a record that is no segment
 * has the end 0, and a record that has been used again meanwhile has another
 * handle.  The record may be read if it is in the boot storage or numbered
 * below nborn.
 */
static inline struct physseg_record *
physseg_record_find_end(
    const struct physseg_map *map, physseg_t handle, physseg_pfn_t *end)
{
	const uintptr_t number = (uintptr_t)handle;
	const uintptr_t i = physseg_handle_number(number);
	struct physseg_record *rec;

	if (map->position != NULL) {
		rec = number == 0 ? NULL
				  : physseg_record_of(map->backend->at(
					map->index, number - 1));
		*end = rec == NULL ? 0 : rec->node.end;
		return rec;
	}
	if (i >= map->nboot && i >= physseg_atomic_load(&map->nborn))
		return NULL;
	rec = physseg_record_at(map, i);
	*end = physseg_atomic_load_pfn(&rec->node.end);
	return *end != 0 && physseg_atomic_load(&rec->handle) == number ? rec
									: NULL;
}

static inline struct physseg_record *
physseg_record_find(const struct physseg_map *map, physseg_t handle)
{
	physseg_pfn_t end;

	return physseg_record_find_end(map, handle, &end);
}

/* freemap.c */
struct physseg_freemap *physseg_freemap_init(void *mem, size_t n);
size_t physseg_freemap_size(size_t n);
bool physseg_freemap_is(
    const struct physseg_freemap *map, size_t i, size_t n, bool free);
void physseg_freemap_set(
    struct physseg_freemap *map, size_t i, size_t n, bool free);
size_t physseg_freemap_largest(const struct physseg_freemap *map);
size_t physseg_freemap_find(const struct physseg_freemap *map, size_t n);
size_t physseg_freemap_total(const struct physseg_freemap *map);
const char *physseg_freemap_check(const struct physseg_freemap *map);

/* slab.c */
bool physseg_pages_in_use(
    const struct physseg_map *map, const void *pages, size_t n);
void physseg_slab_init(struct physseg_map *map);
void physseg_slab_fini(struct physseg_map *map);
size_t physseg_slab_boot_size(size_t nboot);
int physseg_slab_add(struct physseg_map *map, void *pages, size_t npages,
    struct physseg_slab **slab);
void *physseg_slab_find(
    struct physseg_map *map, size_t n, struct physseg_slab **slab);
int physseg_slab_alloc(struct physseg_map *map, size_t n,
    struct physseg_slab **slab, void **pages);
int physseg_slab_fresh(struct physseg_map *map, size_t n, bool zero,
    struct physseg_slab **slab, void **pages);
int physseg_slab_in_range(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, bool zero, struct physseg_slab **slab, void **pages);
bool physseg_slab_is_free(const struct physseg_map *map,
    const struct physseg_slab *slab, const void *pages, size_t n);
void physseg_slab_take_at(struct physseg_map *map, struct physseg_slab *slab,
    void *pages, size_t n, bool zero);
int physseg_slab_claim(
    struct physseg_map *map, void *pages, size_t n, struct physseg_slab **slab);
void physseg_slab_trim(struct physseg_map *map, struct physseg_slab *slab);
bool physseg_slab_is_allocated(
    const struct physseg_slab *slab, size_t i, size_t n);
bool physseg_slab_over_map(
    const struct physseg_map *map, const void *pages, size_t n);
bool physseg_slab_poison_holds(
    const struct physseg_map *map, const struct physseg_record *rec);
void physseg_slab_poison(const struct physseg_map *map,
    struct physseg_slab *slab, void *pages, size_t n);
void physseg_slab_unpoison(
    const struct physseg_map *map, void *pages, size_t n);
struct physseg_slab *physseg_slab_over(
    const struct physseg_map *map, const void *pages, size_t n);
int physseg_slab_hold(struct physseg_map *map, struct physseg_slab *slab);
void physseg_slab_unhold(struct physseg_slab *slab);
int physseg_slab_free(
    struct physseg_map *map, struct physseg_slab *slab, void *pages, size_t n);
const char *physseg_slab_check(const struct physseg_map *map);

/* present.c */
void *physseg_present_page(
    const void *vmemmap, physseg_pfn_t pfn, size_t page_size);
void physseg_present_pages(const void *vmemmap, const physseg_pfn_t *pfns,
    size_t n, size_t page_size, void **pages);
void physseg_present_mark(struct physseg_map *map, physseg_pfn_t start,
    physseg_pfn_t end, bool present);
physseg_pfn_t physseg_present_count(const struct physseg_map *map);

/* vmemmap.c */
bool physseg_vmemmap_ok(const struct physseg_config *config);
bool physseg_vmemmap_commit(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t end, bool zero);
void physseg_vmemmap_decommit(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t end, uintptr_t *from);
bool physseg_vmemmap_switch(struct physseg_map *map);
void physseg_vmemmap_undo(struct physseg_map *map, physseg_pfn_t end);
void physseg_vmemmap_fini(struct physseg_map *map);

/* lookup.c: map->page_indirect, without a lock of the host's and with one */
void *physseg_page_of_segment(const struct physseg_map *map, physseg_pfn_t pfn);
void *physseg_page_of_segment_locked(
    const struct physseg_map *map, physseg_pfn_t pfn);

#endif /* PHYSSEG_ENGINE_H */
