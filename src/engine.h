/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * engine.h -- what the files of the engine share.  Not installed.
 *
 * host.c      every call of the host
 * map.c       making and unmaking
 * lookup.c    lookups, walks, attributes
 * plug.c      the two operations that change a map,
 * unplug.c    in all their shapes
 * coalesce.c  a plug that makes a segment grow
 * index.c     LIST or BUILT: which index is in force, its memory, its readers
 * list.c      the index of a map that is not BUILT
 * record.c    segment records: memory, generations, handles
 * slab.c      page arrays, which segments share
 * boot.c      what is done before the map runs, and the switch
 * check.c     every invariant
 * dump.c      a map as text
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

#include "base/atomic.h"
#include "base/mem.h"
#include "base/sized.h"
#include "shim/extent.h"
#include "shim/queue.h"
#include "shim/rbtree.h"

/* Frames [start, end); empty if start >= end. */
struct physseg_range {
	physseg_pfn_t start;
	physseg_pfn_t end;
};

/*
 * A segment.  Records are type-stable: their memory stays a record until the
 * map is destroyed, so a stale handle is compared with memory that is valid to
 * read. The first cache line has all that a lookup reads.
 */
struct physseg_record {
	_Alignas(8) struct physseg_node node;
	uintptr_t handle;	    /* generation and index: record.c */
	struct physseg_range avail; /* inside the node's bounds */
	struct physseg_range counted;
	struct physseg_slab *slab; /* that its pages are a part of */
	unsigned long start_hint;
	int free_list;
	uint32_t changed; /* what, and when last: field_wait in index.c */
			  /* the integrator's data follows the record */
};

/* An array of page structures, which segments share: slab.c. */
struct physseg_slab {
	struct rb_node fit; /* in map->slabs_by_fit, unless full */
	LIST_ENTRY(physseg_slab) all;
	char *pages;
	size_t npages;
	size_t used;	    /* page structures that are allocated */
	size_t held;	    /* those of them that segments have */
	size_t largest;	    /* free in one piece, at most; the key of `fit' */
	size_t header_size; /* of this header if the host gave it,
			     * else 0 */
	bool from_host;	    /* pages too: freed with its last page */
	struct extent *extent; /* of indices [0, npages) */
};

/* The directory of the chunks of records has levels.  Each is twice as long as
 * the one before it, and none ever moves. */
#define PHYSSEG_DIR_LEVELS 24

/* A piece of the index's memory.  The backend gets what follows this header,
 * from the next cache line on. */
struct physseg_chunk {
	struct physseg_chunk *next;
};

/* What a change may take of the index's memory: index.c. */
struct physseg_reserve {
	struct physseg_chunk *chunks; /* not the backend's yet */
	bool build; /* the backend's index is made, but not in force */
};

struct physseg_map {
	/* What every lookup reads. */
	struct physseg_node *(*lookup)(const void *, physseg_pfn_t);
	void *(*page)(const void *, physseg_pfn_t, size_t);
	void *(*page_indirect)(const struct physseg_map *, physseg_pfn_t);
	size_t (*position)(const void *, const struct physseg_node *);
	uintptr_t direct; /* BUILT, and pages are asked of `page' */
	uintptr_t built;  /* the state, LIST or BUILT: index.c */
	void *index;
	void *list; /* NULL: the backend needs none, it is always BUILT */
	size_t page_size;
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

	/* The index: index.c */
	struct physseg_chunk *chunks; /* that the backend has */
	uint32_t graces;	      /* grows at every wait for readers */

	/* Slabs: slab.c */
	rb_tree_t slabs_by_fit;
	LIST_HEAD(, physseg_slab) slabs;
	char *boot_slabs;   /* headers not used yet, */
	size_t nboot_slabs; /* so many */
	size_t boot_slab_size;

	/* Statistics */
	size_t segments;
	physseg_pfn_t frames;
	physseg_pfn_t counted;
	size_t host_bytes;
};

#define PHYSSEG_DEFAULT_SEGMENTS  32
#define PHYSSEG_DEFAULT_FREELISTS 4
#define PHYSSEG_DATA_MAX	  4096 /* bytes of the integrator's data */

/* The lower bits of a handle are the number of a record, the upper bits its
 * generation.  A test builds with more of the lower bits, so that generations
 * are used up. */
#ifndef PHYSSEG_INDEX_BITS
#define PHYSSEG_INDEX_BITS (sizeof(uintptr_t) > 4 ? 32 : 20)
#endif
#define PHYSSEG_GENERATION  ((uintptr_t)1 << PHYSSEG_INDEX_BITS)
#define PHYSSEG_RECORDS_MAX (PHYSSEG_GENERATION - 1)

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

/* Do two pieces of memory share a byte?  Neither may be empty.  If they do, one
 * of them begins in the other. */
static inline bool
physseg_overlap(const void *a, size_t a_size, const void *b, size_t b_size)
{
	return (uintptr_t)a - (uintptr_t)b < b_size ||
	    (uintptr_t)b - (uintptr_t)a < a_size;
}

static inline physseg_pfn_t
physseg_range_size(struct physseg_range range)
{
	return range.start < range.end ? range.end - range.start : 0;
}

/* The part of the range that lies in [start, end). */
static inline struct physseg_range
physseg_range_clamp(
    struct physseg_range range, physseg_pfn_t start, physseg_pfn_t end)
{
	if (range.start < start)
		range.start = start;
	if (range.start > end)
		range.start = end;
	if (range.end < start)
		range.end = start;
	if (range.end > end)
		range.end = end;
	return range;
}

/* Two ranges that touch, as one. */
static inline struct physseg_range
physseg_range_join(struct physseg_range a, struct physseg_range b)
{
	return a.end == b.start ? (struct physseg_range){ a.start, b.end }
				: (struct physseg_range){ b.start, a.end };
}

/* list.c */
extern const struct physseg_backend physseg_list;
struct physseg_node *physseg_list_lookup(const void *list, physseg_pfn_t pfn);
bool physseg_list_is_spent(const void *list);
void physseg_list_renew(void *list);

/* host.c: every call of the host. */
void *physseg_host_alloc(struct physseg_map *map, size_t size);
void physseg_host_free(struct physseg_map *map, void *mem, size_t size);
_Noreturn void physseg_panic(const struct physseg_map *map, const char *reason);
void physseg_host_init_pages(const struct physseg_map *map, void *pages,
    physseg_pfn_t pfn, physseg_pfn_t n);
void physseg_host_free_pages(
    const struct physseg_map *map, void *pages, physseg_pfn_t n);
void physseg_account(struct physseg_map *map, bool added, physseg_pfn_t counted,
    physseg_pfn_t frames);
void physseg_reinit(const struct physseg_map *map);
void physseg_host_sync(const struct physseg_map *map);

/* The host as the map sees it; its `ctx' is the map. */
extern const struct physseg_host physseg_counting_host;

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
	if (pfn >= map->limit || n > map->limit - pfn)
		return PHYSSEG_ERANGE;
	return PHYSSEG_OK;
}

/* Has the backend no room for another segment? */
static inline bool
physseg_is_full(const struct physseg_map *map)
{
	const struct physseg_backend *backend = map->backend;

	if (backend->bounded)
		return map->segments >= map->capacity;
	return backend->max_segments != 0 &&
	    map->segments >= backend->max_segments;
}

/* plug.c and unplug.c, without the guard against calls from hooks.  `avail' is
 * what of [pfn, pfn + n) the host may allocate. */
int physseg_plug_range(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, struct physseg_range avail, int free_list,
    physseg_t *handle);
int physseg_unplug_range(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n);

/* index.c */
void physseg_index_init(struct physseg_map *map);
void physseg_index_fini(struct physseg_map *map);
void physseg_index_build(struct physseg_map *map);
bool physseg_index_unbuild(struct physseg_map *map);
int physseg_index_reserve(struct physseg_map *map, physseg_pfn_t start,
    physseg_pfn_t end, bool slot, struct physseg_reserve *reserve);
void physseg_index_unreserve(
    struct physseg_map *map, struct physseg_reserve *reserve);
void physseg_index_commit(
    struct physseg_map *map, struct physseg_reserve *reserve);
void physseg_index_wait(struct physseg_map *map);
void physseg_index_update(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end, uintptr_t base);
void physseg_index_split(struct physseg_map *map, struct physseg_record *rec,
    physseg_pfn_t end, struct physseg_record *tail);

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

/* The same for every caller: it asks for the state of the map. */
static inline struct physseg_node *
physseg_index_lookup(const struct physseg_map *map, physseg_pfn_t pfn)
{
	if (physseg_is_built(map))
		return map->lookup(map->index, pfn);
	return physseg_list_lookup(map->list, pfn);
}

/* Begin a call that changes the map: 0 or PHYSSEG_EBUSY. */
static inline int
physseg_enter(struct physseg_map *map)
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
	return physseg_leave_unchanged(map, error);
}

/* coalesce.c: a segment that can grow into what lies beside it. */
struct physseg_join {
	struct physseg_record *rec;
	bool below;  /* it lies below what it gets */
	void *pages; /* the page structures that it gets */
};

bool physseg_join_find(const struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, struct physseg_range avail, int free_list,
    struct physseg_join *join);
void physseg_join(struct physseg_map *map, const struct physseg_join *join,
    physseg_pfn_t n, struct physseg_range avail);

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
	const uintptr_t i = number & PHYSSEG_RECORDS_MAX;
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

/* slab.c */
void physseg_slab_init(struct physseg_map *map);
void physseg_slab_fini(struct physseg_map *map);
size_t physseg_slab_boot_size(size_t nboot);
int physseg_slab_add(struct physseg_map *map, void *pages, size_t npages,
    struct physseg_slab **slab);
bool physseg_slab_fits(struct physseg_map *map, size_t n);
int physseg_slab_alloc(struct physseg_map *map, size_t n,
    struct physseg_slab **slab, void **pages);
int physseg_slab_fresh(struct physseg_map *map, size_t n,
    struct physseg_slab **slab, void **pages);
bool physseg_slab_is_free(const struct physseg_map *map,
    const struct physseg_slab *slab, const void *pages, size_t n);
void physseg_slab_take_at(
    struct physseg_map *map, struct physseg_slab *slab, void *pages, size_t n);
int physseg_slab_claim(
    struct physseg_map *map, void *pages, size_t n, struct physseg_slab **slab);
int physseg_slab_reserve(
    struct physseg_map *map, struct physseg_slab *slab, size_t n);
int physseg_slab_free(
    struct physseg_map *map, struct physseg_slab *slab, void *pages, size_t n);
const char *physseg_slab_check(const struct physseg_map *map);

/* lookup.c: map->page_indirect, without a lock of the host's and with one */
void *physseg_page_of_segment(const struct physseg_map *map, physseg_pfn_t pfn);
void *physseg_page_of_segment_locked(
    const struct physseg_map *map, physseg_pfn_t pfn);

#endif /* PHYSSEG_ENGINE_H */
