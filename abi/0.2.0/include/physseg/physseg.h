/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/physseg.h -- libphysseg's native interface: maps of physical memory.
 *
 * A map answers two questions about the physical memory of a machine.  Which
 * segment does this frame belong to?  Where is its page structure?
 *
 * THE WORDS
 *
 *	frame		One page of physical memory, known by its number: the
 *			byte address divided by the size of a page.
 *	segment		A range of frames, without holes, that have the same
 *			attributes, such as the free list.  Segments never
 *			overlap and are never empty.
 *	handle		A value of type physseg_t that names a segment.  It
 *			names that segment until the segment is gone, and then
 *			nothing, except on array backends: there it is a
 *			position, and may name another segment after the map has
 *			changed.
 *	map		All segments of one machine, or of one virtual machine.
 *			A program may have many maps.  They share nothing.
 *	page structure	The host's description of one frame, for instance a
 *			kernel's struct vm_page.  The library knows its size and
 *			nothing else of it.  `page' and `pages' in a name stand
 *			for page structures.
 *	registry	A map without page structures (`page_size' is 0).
 *	slab		An array of page structures.  The segments' page
 *			structures are parts of slabs.  An unplug returns its
 *			part to the slab, and a later plug uses it again.  A
 *			slab is an array that the program handed over, at the
 *			switch for instance, or one that a plug took from the
 *			host.  The latter is given back when none of it is in
 *			use.
 *	free list	A number of a segment, from 0 up to before `freelists'.
 *			By it the host keeps kinds of memory apart, such as what
 *			a device with few address bits can reach.
 *	avail frames	The frames of a segment that the host's allocator
 *			manages, [avail_start, avail_end).  They are the same
 *			whether allocated or free.  The others are reserved, for
 *			instance because the kernel's image lies there.
 *			Reserved frames have page structures too.
 *	counted frames	The frames of a segment that were avail when they got
 *			their page structures, less those unplugged since; none
 *			while the segment is offline.  The host's counters
 *			include them: `account' tells it of each change.  Of an
 *			online segment they differ from the avail frames only if
 *			physseg_set_avail was called after that, which takes the
 *			steps of physseg/boot.h.
 *	host		What the map needs from its surroundings: memory, a
 *			panic, a lock, page structures.  It is a table of
 *			functions, the hooks: physseg/host.h.
 *	page layer	The part of a kernel that allocates frames and owns the
 *			page structures.
 *	backend		The way in which a map finds its segments: an array, a
 *			red-black tree or a radix tree: physseg/backend.h.
 *	index		The data structure in which one map keeps its segments.
 *	engine		The part of the library that is the same for all
 *			backends.
 *	slot		The room for one segment on a bounded backend, which has
 *			a fixed number of them, `capacity'.  The arrays are
 *			bounded.
 *	boot record	The room for one segment in the boot storage of an
 *			unbounded backend.  Each segment that is made before the
 *			switch takes a record, also the tail that is split off
 *			another one.  If the segment is gone before the switch,
 *			its record is not used again before the switch.  So
 *			`boot_records' is the number of all segments that are
 *			ever made before the switch.
 *	read-side section
 *			A piece of code in which a thread looks the map up
 *			without a lock, and which the hook `sync' waits for.
 *	grace period	The wait until all read-side sections that had begun are
 *			left.  The hook `sync' is one.
 *	freestanding library
 *			The library as built without a C library, for a kernel.
 *			It has no default backend and no physseg_host_user.
 *
 * THE LIFE OF A MAP.  A map that is made with boot storage starts in the boot
 * phase.  It takes no memory but that storage.  The program loads the ranges
 * that the firmware reports.  The switch (physseg_switch) then gives every
 * segment its page structures.  From then on the map runs: ranges are plugged
 * and unplugged, with memory from the host.  A map that is made without boot
 * storage runs from the start.
 *
 * LIST AND BUILT.  The index of the radix tree needs memory from the host, and
 * before the switch there is none.  So a map with boot storage on that backend
 * begins in the state LIST: its segments are in a sorted array in the boot
 * storage, and a lookup is a binary search.  The switch builds the tree, and
 * the map is BUILT.  If the host has no memory at that time, each later change
 * that succeeds tries again, and physseg_build tries when it is called.  Every
 * call works in both states.  The sorted array has room for `boot_records'
 * segments; a plug or unplug that makes one more builds the tree first, and is
 * ENOMEM if there is no memory for it.  On a backend whose index needs no
 * memory a map is always BUILT.
 *
 * UNITS.  A physseg_pfn_t is a frame number or a number of frames.  A size_t
 * whose name has `size' or `bytes' in it counts bytes.  physseg_load and
 * physseg_set_avail take a range as its two bounds, in the order of NetBSD's
 * functions; all other functions take the first frame and the number of frames.
 * A range that is returned is two bounds.  Bounds are half-open: [start, end)
 * ends before `end'.
 *
 * ERRORS.  A function that can fail returns an int: PHYSSEG_OK (0) or one of
 * the errors below.  After an error the map is unchanged, nothing was written
 * to the caller's variables, and no memory was leaked.  Wrong input never
 * aborts.  But pointers must be valid, and NULL only where a comment allows it.
 * A function that returns a handle, a pointer or a frame says which value means
 * "none".  The comments leave out the prefix PHYSSEG_.
 *
 * LOCKING.  The functions of a map fall into three groups.
 *
 *	lookups		physseg_find, physseg_page, physseg_pages,
 *			physseg_frame, physseg_valid, physseg_free_list,
 *			physseg_segment_page, physseg_lookup, physseg_covers
 *	reads		walks, physseg_get_info, physseg_get_stats,
 *			physseg_check, physseg_dump,
 *			physseg_remove_get_status
 *	changes		all other functions of a map that is not const, and of
 *			its removals; but physseg_init_pages, which says itself
 *			what may run beside it
 *
 * Lookups and reads may run at the same time.  A change must run alone.  What
 * the caller has to do depends on the hooks that the host has:
 *
 *	hooks			lookups			reads and changes
 *	----------------------	----------------------	----------------------
 *	none of the three	the caller locks	the caller locks
 *	lock, unlock		the library locks	the library locks
 *	sync			in a read-side section	the caller locks
 *	lock, unlock, sync	in a read-side section	the library locks
 *
 * The lines with `sync' are for a backend with PHYSSEG_LOCKFREE.  On another
 * backend `sync' is not used, and the line without it applies.  The library
 * locks neither in physseg_create nor in physseg_destroy: while they run, no
 * other call may use the map.  physseg_running and physseg_get_backend take no
 * lock and may run at any time between the two.
 *
 * READERS WITHOUT A LOCK.  In the cases with `sync' a lookup takes no lock and
 * never waits, in every phase.  Any number of threads may look up while one
 * thread changes the map.  The reader must be in a read-side section during the
 * call and for as long as it uses the result.  A read-side section is a piece
 * of code that the host's `sync' waits for.  With RCU:
 *
 *	rcu_read_lock();
 *	page = physseg_page(map, pfn);
 *	... use the page ...
 *	rcu_read_unlock();
 *
 * What such a reader can rely on:
 *
 *  - A frame that stays registered is always found; while it stays online, with
 *    the same page structure.
 *  - A frame that is being plugged or unplugged is found or is not found.
 *  - Once an unplug has returned, no lookup finds its frames, and no reader in
 *    a section has a page structure of them any more.
 *  - So a page structure or an offset may be used until the end of the section,
 *    and longer only if the host prevents the unplug of its frame.
 *  - A handle may be kept for ever.  It names its segment or nothing.  While
 *    the segment is being unplugged it may already name nothing.
 *
 * Inside a section a thread must not call a read or a change: walks, getters
 * and statistics take the lock, and the thread that holds it may be waiting in
 * `sync' for that section to end.  Both would wait for ever.
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

/* The version of these headers.  A program gets the version that it was
 * compiled with. */
#define PHYSSEG_VERSION_MAJOR 0
#define PHYSSEG_VERSION_MINOR 2
#define PHYSSEG_VERSION_PATCH 0

/* The version of the library that the program runs with, as "0.2.0".  A
 * constant string.  May be called at any time, by any thread. */
PHYSSEG_API
const char *physseg_version(void);

/* X(name, text) for each error, in order, from 0 upwards. */
#define PHYSSEG_ERRORS(X)                                                   \
	X(PHYSSEG_OK, "no error")                                           \
	X(PHYSSEG_EINVAL, "an argument is not one this call takes")         \
	X(PHYSSEG_ERANGE, "the range wraps or leaves the address width")    \
	X(PHYSSEG_EOVERLAP, "the range overlaps a registered one")          \
	X(PHYSSEG_ENOENT, "no such segment")                                \
	X(PHYSSEG_ESPAN, "a frame of the range is not registered")          \
	X(PHYSSEG_ENOSLOT, "no free slot or boot record for a segment")     \
	X(PHYSSEG_ENOMEM, "the host has no memory")                         \
	X(PHYSSEG_EPHASE, "not in this phase of the map's life")            \
	X(PHYSSEG_ENOHOTPLUG, "the backend cannot plug while running")      \
	X(PHYSSEG_ELAST, "it would take the last page of the only segment") \
	X(PHYSSEG_EBUSY, "a hook or an initialisation is at work")          \
	X(PHYSSEG_EEMPTY, "nothing is available to be taken")               \
	X(PHYSSEG_ESMALL, "the storage or page array is too small")         \
	X(PHYSSEG_EFORMAT, "the table is malformed or of another form")     \
	X(PHYSSEG_EALIGN, "the range is not whole blocks")                  \
	X(PHYSSEG_EREMOVING, "a removal of these frames is open")           \
	X(PHYSSEG_EMETADATA, "page structures of other frames lie there")   \
	X(PHYSSEG_EREFUSED, "a listener or the host refused")               \
	X(PHYSSEG_EINUSE, "a page is in use")                               \
	X(PHYSSEG_ESTATE, "not in this state of the segment")

#define PHYSSEG_ERROR_NAME_(name, text) name,
enum physseg_error { PHYSSEG_ERRORS(PHYSSEG_ERROR_NAME_) PHYSSEG_NERRORS };
#undef PHYSSEG_ERROR_NAME_

/* The text of an error, without a full stop.  An unknown number has a text
 * too.  A constant string.  May be called at any time, by any thread. */
PHYSSEG_API
const char *physseg_strerror(int error);

struct physseg_map; /* opaque */

/* The state of a segment: <physseg/lifecycle.h>. */
enum physseg_state { PHYSSEG_ONLINE, PHYSSEG_OFFLINE };

/*
 * How a map is made.  Set the host and, in the freestanding library, the
 * backend.  In every other field 0 is the default.
 * physseg_create and physseg_storage_size read the structure and do not keep
 * it.  They copy the tables that `host' and `backend' point to.
 *
 * HOW STRUCTURES GROW.  Later releases may add fields at the end of the
 * configuration, the host, the backend, the info and the statistics.  So each
 * function that reads or writes one of these is told its size, as the program
 * was compiled with it.  The names of these functions end in `_sized'.  C and
 * C++ programs call the inline function without `_sized', which passes the
 * size.  The library takes a field that an older program does not have as 0,
 * and writes nothing past the end of an older structure.  A field that a newer
 * program has and this library does not know must be 0, else the call fails
 * with EINVAL; where the library fills a structure, it writes 0 there.
 */
struct physseg_config {
	const struct physseg_backend *backend; /* NULL: the default, see
						* physseg_backend_default; in
						* the freestanding library
						* EINVAL */
	const struct physseg_host *host;       /* required */
	void *ctx;	      /* passed to the host's hooks; the library does
			       * not use it */
	size_t page_size;     /* bytes of one page structure; 0: a registry */
	size_t data_size;     /* bytes of the program's own data in each
			       * segment, at most 4096; 0: sizeof(void *) */
	size_t capacity;      /* slots of a bounded backend; 0: 32 */
	size_t boot_records;  /* on an unbounded backend, how many segments
			       * are ever made before the switch, also those
			       * that are gone again; 0: 32.  While the map
			       * runs, new segments use up those that are
			       * left, so none may be left to a map that
			       * boots again.  Not used on a bounded
			       * backend: there it is `capacity' */
	size_t boot_slabs;    /* how many page arrays can be handed over
			       * before the switch; 0: 1.  A registry has
			       * none */
	physseg_pfn_t frames; /* the address width: every frame is below
			       * this number; 0: PHYSSEG_NOFRAME */
	int freelists;	      /* free lists are numbered from 0 to
			       * freelists - 1; 0: 4 */
	bool may_empty;	      /* the last segment can be removed; false:
			       * that is ELAST */
	bool coalesce;	      /* segments that touch are joined where that is
			       * possible, see physseg_add; false: each plug
			       * makes a segment */
	physseg_pfn_t block;  /* frames of a block; 0: 1.  While the map runs,
			       * a range that is added, unplugged, or changes
			       * its state must begin and end at a multiple of
			       * this number, or where registered memory ends;
			       * else EALIGN */
	size_t frame_size;    /* bytes of a frame, for page structures that are
			       * in the range itself (PHYSSEG_FROM_RANGE);
			       * 0: 4096 */
	/* Page structures at fixed addresses: VMEMMAP, below. */
	void *vmemmap;	/* where the page structure of frame 0 is */
	void *present;	/* the presence bits; NULL: no vmemmap */
	size_t granule; /* bytes that the host commits together, a power of
			 * two; 0: 4096 */
};

/*
 * VMEMMAP.  A host that has address space to spare can give the page structure
 * of each frame a fixed address: that of frame pfn is vmemmap + pfn *
 * page_size.  The library asks the host's `commit' for memory at the addresses
 * of frames that it gives page structures, and gives it back by `decommit'
 * after their unplug.  Slabs are not used.
 *
 *  - physseg_page tests one bit and adds.  It does not search the index, so it
 *    takes the same time on every backend, in LIST as well, whatever the number
 *    of segments.  (Where lookups take the host's lock, they search the index
 *    as on other maps.)
 *  - The page structures of segments that touch follow each other.  So with
 *    `coalesce' segments are joined whatever their size.
 *  - Memory is committed in granules: parts of the address space that begin at
 *    multiples of `granule'.  A granule is committed as long as a page
 *    structure of a segment lies in it.  host_bytes in the statistics includes
 *    them.
 *
 * `frames' is the bound: frames at or above it are ERANGE.  Only addresses of
 * frames that get page structures are ever used, so `vmemmap' may lie below
 * what the host has reserved, if no memory is at these frames.  It must be
 * aligned for a page structure; the library does not know that alignment, and
 * cannot tell.
 *
 * `present' is for one bit a frame: frames / 8 bytes, rounded up to a multiple
 * of 8, aligned for a pointer.  All of it must be readable and writable from
 * physseg_create to the end of physseg_destroy, and zero at the beginning;
 * destroy leaves it zero.  The library writes to it only for frames that are
 * there, and physseg_check reads all of it.  So it may be memory that is filled
 * when it is first written.  Neither range may share memory with anything else.
 *
 * On such a map physseg_switch takes (NULL, 0), and physseg_init_seg NULL in
 * place of an array: both call `commit', and are ENOMEM if it fails.
 * physseg_chomp_slab, physseg_alloc_from_slab, and sources of page structures
 * other than PHYSSEG_FROM_SLAB are EINVAL.  Page structures are not poisoned
 * after an unplug.  Everything else is as on other maps.
 */

/*
 * Reserve address space for the vmemmap of a process, where there is mmap.  Set
 * `frames' and `page_size' in the configuration first.  The call sets
 * `vmemmap', `present' and `granule'.  Take `commit' and `decommit' of the host
 * from physseg_host_user.  The memory that is committed, and what of the bits
 * is written, is all that it takes.
 *
 * release gives it back, after physseg_destroy; *config is as reserve left it.
 *
 * EINVAL: `frames' or `page_size' is 0, or they are too large for the address
 * space.  ENOMEM: there is no address space, or no mmap.  A process has a
 * limited number of mappings (65530 on Linux), so some ten thousand segments
 * that are apart from each other exhaust it: then `commit' fails.  O(1).  May
 * be called at any time, by any thread.  Not in the freestanding library.
 */
PHYSSEG_API
int physseg_vmemmap_user_reserve(struct physseg_config *config);
PHYSSEG_API
void physseg_vmemmap_user_release(const struct physseg_config *config);

/* ---- making and destroying a map ---- */

/*
 * The bytes of boot storage that a map of this configuration needs, for storage
 * of any alignment.  0 if the configuration is not valid.  O(1).  May be called
 * before any map exists.
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
 * The same as a constant, for static storage:
 *
 *	nsegs		capacity on a bounded backend, else boot_records
 *	nslabs		boot_slabs
 *	data_size	data_size
 *
 * 0 stands for the default, as in the configuration.  The constant is never
 * less than physseg_storage_size, on any backend of the library.  It exceeds
 * what this release needs by at least 1024 bytes, 64 bytes a segment and 256 a
 * slab.  So a later library may need that much more, and a program that was
 * compiled with this constant still works.
 */
#define PHYSSEG_STORAGE_SIZE(nsegs, nslabs, data_size)          \
	PHYSSEG_STORAGE_SIZE_(PHYSSEG_STORAGE_OR_((nsegs), 32), \
	    PHYSSEG_STORAGE_OR_((nslabs), 1),                   \
	    PHYSSEG_STORAGE_OR_((data_size), sizeof(void *)))
#define PHYSSEG_STORAGE_OR_(n, zero) ((n) == 0 ? (size_t)(zero) : (size_t)(n))
#define PHYSSEG_STORAGE_SIZE_(nsegs, nslabs, data_size)          \
	(2048 + 256 * sizeof(void *) +                           \
	    (nsegs) * (320 + 8 * sizeof(void *) + (data_size)) + \
	    (nslabs) *                                           \
		(256 + 72 * sizeof(void *) +                     \
		    ((nsegs) + 2) * 14 * sizeof(void *)))

/*
 * Make an empty map and set *map to it.
 *
 * With `storage' the map starts in the boot phase, and takes no memory from the
 * host before the switch.  The storage has `size' bytes, at least
 * physseg_storage_size.  It belongs to the caller, and the map uses it until it
 * is destroyed; what is more than that stays unused.  With NULL and 0 the map
 * takes its memory from the host and runs from the start.  That is refused on a
 * backend without PHYSSEG_HOTPLUG, because such a map could never get a
 * segment.
 *
 * EINVAL if the configuration is not valid: there is no host; the host has
 * `alloc' but not `free', or one hook of a pair without the other; the backend
 * lacks a function that it needs; a number is out of range; `vmemmap' is there
 * without `present'; with `present', this is not aligned for a pointer,
 * `granule' is no power of two, the map is a registry, the host has neither
 * page_init nor pages_init or no `commit', or the address of one of the
 * `frames' wraps.  In the freestanding library EINVAL also if no backend is
 * named.  EINVAL if `storage' is NULL and `size' is not 0.  ESMALL if the
 * storage is too small.  ENOMEM; ENOHOTPLUG.  O(size).
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
 * Destroy a map, in either phase.  Its records, its slabs and its own memory
 * are given back to the host if they came from there.  The storage and the page
 * arrays that the caller handed over belong to the caller alone again.  No page
 * hook is called.  NULL is allowed.  Not to be called from inside a hook.
 * O(segments).
 */
PHYSSEG_API
void physseg_destroy(struct physseg_map *map);

/* ---- the boot phase: changes that are EPHASE once the map runs ---- */

/*
 * Register the frames [start, end).  The host may allocate [avail_start,
 * avail_end) of them; the rest is reserved.  *handle, unless `handle' is NULL,
 * is set to the new segment.  On a map with `coalesce' a neighbour may grow
 * instead, as in physseg_plug.
 *
 * EINVAL if there is no such free list, if the range is empty, or if the avail
 * range is not within it or ends before it starts.  ERANGE, EOVERLAP, ENOSLOT,
 * EPHASE, EBUSY.  ENOMEM only on a map that boots again (physseg_set_running),
 * for its index.  O(segments) at worst.
 */
PHYSSEG_API
int physseg_load(struct physseg_map *map, physseg_pfn_t start,
    physseg_pfn_t end, physseg_pfn_t avail_start, physseg_pfn_t avail_end,
    int free_list, physseg_t *handle);

/*
 * Remove one avail frame from a segment that is on `free_list', and set *pfn to
 * it.  It is the first frame of the segment if that one is available, else the
 * last if that one is.  The map does not know the frame any more: it gets no
 * page structure at the switch, and it is not the host's allocator's then.
 * When its only frame is removed, the segment is gone.
 *
 * EINVAL if the segment is on another free list.  EEMPTY if neither end is
 * available, or the segment is offline.  ENOENT, ELAST, EPHASE, EBUSY.  ENOMEM
 * if the slab may get one more free piece than it can describe: only on a map
 * that boots again (physseg_set_running), or where page structures were taken
 * that no segment has (physseg_alloc_from_slab).  While a map boots, the host
 * is not asked for that memory.  On a map that boots again ENOMEM for its
 * index, too.  O(segments) at worst.
 */
PHYSSEG_API
int physseg_unload(struct physseg_map *map, physseg_t handle, int free_list,
    physseg_pfn_t *pfn);

/*
 * Remove the first avail frame of a segment, wherever it lies.  If it lies in
 * the middle, the segment is split, which needs a slot or a boot record
 * (ENOSLOT).  EEMPTY if no frame is available, or the segment is offline.
 * Otherwise as physseg_unload.
 */
PHYSSEG_API
int physseg_unload_force(struct physseg_map *map, physseg_t handle,
    int free_list, physseg_pfn_t *pfn);

/*
 * Remove one avail frame from any segment, for the boot itself, and set *pfn to
 * it.  The free lists are tried in order.  For each list,
 * physseg_unload is tried on every segment, then physseg_unload_force on every
 * segment.  The segments are tried in the backend's order; on a backend with
 * PHYSSEG_BYSIZE in the opposite order, so that the smallest is the first.
 *
 * A frame that cannot be removed is passed over, as is a segment that is
 * offline.  If none can be removed, the error is that of the first one that was
 * tried: ELAST, ENOSLOT or ENOMEM.  EEMPTY if no frame that is online is
 * available.  EPHASE, EBUSY.  O(segments).
 */
PHYSSEG_API
int physseg_steal(struct physseg_map *map, physseg_pfn_t *pfn);

/*
 * Change the avail range of a segment.  Each bound must lie within the segment.
 * If `avail_start' >= `avail_end', no frame is available.  EMETADATA, on a map
 * that boots again: page structures lie in one of these frames.  ENOENT,
 * EINVAL, EPHASE, EBUSY.  O(1).
 */
PHYSSEG_API
int physseg_set_avail(struct physseg_map *map, physseg_t handle,
    physseg_pfn_t avail_start, physseg_pfn_t avail_end);

/*
 * The switch, from the boot phase to running, in one call.  physseg/boot.h has
 * the same in steps.
 *
 * `pages' is an array of `npages' page structures, at least one for each frame
 * of the map: `frames' of physseg_get_stats.  It belongs to the caller and must
 * exist as long as the map.  It need not be zeroed: the library zeroes a page
 * structure before it calls page_init.
 *
 * For one segment after the other, in the backend's order, of those that have
 * no page structures yet: the segment gets its part of the array; page_init is
 * called for each frame; the avail frames are counted (account); page_free is
 * called for each of them, in ascending order.  So while page_free is called
 * for a segment, the segments after it have no page structures yet.  Then the
 * map runs, and its index is built if there is memory.  What is left of the
 * array serves later plugs.
 *
 * Pass (NULL, 0) for a registry, which may be empty, on a map with a vmemmap,
 * or after every segment got its page structures by the calls of
 * physseg/boot.h.
 *
 * EINVAL if the array leaves the address space, if it shares memory with the
 * map or with an array that was handed over before, if a registry or a map with
 * a vmemmap is given an array, or if no page structure is needed and `npages'
 * is 0 but `pages' is not NULL.  ESMALL if there are fewer page structures than
 * frames that need one.  ENOENT if the map needs page structures and has no
 * segment.  ENOMEM if all boot slabs are in use, or `commit' fails.  EPHASE,
 * EBUSY.  O(frames).
 */
PHYSSEG_API
int physseg_switch(struct physseg_map *map, void *pages, size_t npages);

/* ---- any phase ---- */

/* Does the map run?  O(1).  Takes no lock; may run during a change. */
PHYSSEG_API
bool physseg_running(const struct physseg_map *map);

/*
 * Build the backend's index now, for a program whose host got memory only after
 * the switch (LIST AND BUILT, above).  Does nothing if the map is BUILT.
 * `built' in physseg_get_stats tells the state.
 *
 * EPHASE before the switch.  ENOMEM if the host still has no memory; the map
 * stays in LIST.  EBUSY.  O(segments).
 */
PHYSSEG_API
int physseg_build(struct physseg_map *map);

/* ---- plug and unplug: changes, in any phase ---- */

/*
 * Register the frames [pfn, pfn + n) on `free_list', all of them available.
 * *handle, unless `handle' is NULL, is set to the new segment, before page_free
 * is called.
 *
 * While the map runs, the frames get zeroed page structures, from a slab with
 * room or from the host.  Then, in this order: page_init is called for each
 * page; lookups find the frames; account is called; page_free is called for
 * each page; reinit is called.  In the boot phase the frames get no page
 * structures, nothing is taken from the host, and these hooks are not called.
 *
 * On a map with `coalesce' the new segment is joined with the segments that it
 * touches; *handle is then set to the joined segment.  It has the handle of the
 * joined segment below, else of the one above.  They are joined if they have
 * the same attributes (free list, node and kind, state, zeroed data, no start
 * hint, frames available up to where they touch) and if the page structures
 * follow each other in one slab.  physseg_add in <physseg/lifecycle.h> has the
 * exact rule, and other sources of page structures.
 *
 * If there are listeners, they are asked before anything is visible.
 *
 * ENOHOTPLUG if the map runs and the backend cannot plug then.  EINVAL if n is
 * 0 or there is no such free list.  ERANGE, EOVERLAP, EALIGN, ENOSLOT, ENOMEM,
 * EREFUSED, EBUSY.
 * Takes two searches of the index, a search of the slabs in O(log slabs), and
 * O(n) to make page structures; on an array and in LIST also O(segments).
 */
PHYSSEG_API
int physseg_plug(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    int free_list, physseg_t *handle);

/*
 * Would this plug succeed now?  Returns what physseg_plug would return if no
 * listener refused: they are not asked.  Changes nothing.  Memory that the plug
 * would need is taken from the host and given back.  It counts as a change: it
 * runs alone.
 */
PHYSSEG_API
int physseg_plug_check(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n, int free_list);

/*
 * Remove the frames [pfn, pfn + n).  They may lie in several adjacent segments:
 * all of them are removed, or none.  Of each segment:
 *
 *	all frames of the segment	The segment is gone.  Its handle names
 *					nothing.
 *	its front or its back		The handle names what is left.
 *	its middle			The handle names the front.  The tail
 *					is a new segment with the same
 *					attributes.
 *
 * The avail range is cut to what is left, and never grows.  A start hint that
 * is larger than the number of avail frames becomes 0.  On a backend with
 * PHYSSEG_LOCKFREE, `sync' is called and waited for, if the host has it; once
 * more before the change if a segment that is cut grew, or got its page
 * structures, since readers were last waited for.  Then the page structures
 * return to their slab, and account and, while the map runs, reinit are called.
 *
 * Whoever still has a pointer to such a page structure is stopped by
 * AddressSanitizer, if the library was compiled with it.  In a library that was
 * compiled with DEBUG, free page structures are filled with bytes 0xdb, and
 * physseg_check tells when somebody has written to one.
 *
 * While the map runs, the listeners and the host's `isolate' are asked, if
 * there are any, and then `in_use': EREFUSED if one refuses, EINUSE if a frame
 * is in use.  Without any of them the library does not ask whether the frames
 * are in use: the caller must do that first.  physseg_remove_begin does the
 * same in two phases, and says why.
 *
 * ENOENT if `pfn' is not registered, ESPAN if another frame of the range is
 * not.  EINVAL if n is 0.  ERANGE, EALIGN.  EREMOVING if an open removal has
 * some of the frames.  EMETADATA if page structures of other frames lie in the
 * range.  ENOSLOT only for the middle of a segment.  ENOMEM if there is no
 * memory for the record of a tail, for the index (radix, whatever part is
 * removed, also the whole), or to describe one more free piece of a slab for
 * each part of a segment, as if it joined no other; in the boot phase the host
 * is not asked for it.  ELAST if nothing would be left, or of what is online
 * nothing, on a map without `may_empty'.  EBUSY.
 *
 * One search and one change of the index for each segment; no page structure is
 * touched.  On an array and in LIST O(segments) each.
 */
PHYSSEG_API
int physseg_unplug(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n);

/* ---- lookups: any phase, also inside a hook ---- */

/*
 * The segment that contains `pfn'.  *offset, unless `offset' is NULL, is set to
 * the number of frames between its start and `pfn'.  PHYSSEG_NONE, with *offset
 * unchanged, if no segment contains the frame.  One search of the index, which
 * is O(log segments) in LIST.
 */
PHYSSEG_API
physseg_t physseg_find(
    const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t *offset);

/* The page structure of a frame.  NULL if the frame is not registered, is
 * offline, or has no page structure.  As fast as physseg_find, or faster. */
PHYSSEG_API
void *physseg_page(const struct physseg_map *map, physseg_pfn_t pfn);

/*
 * The page structures of many frames: pages[i] is set to what physseg_page
 * returns for pfns[i], for each i below n, in any order of frames.  The two
 * arrays are the caller's, and must not overlap.  Each answer is as of a moment
 * of its own.  Where lookups take the host's lock it is taken once.  O(n), and
 * in LIST O(n * log segments).
 *
 * On a large map this is faster than n calls, because the memory of several
 * lookups is fetched at the same time.
 */
PHYSSEG_API
void physseg_pages(const struct physseg_map *map, const physseg_pfn_t *pfns,
    size_t n, void **pages);

/* The free list of the segment that contains a frame; -1 if none does.  One
 * search of the index. */
PHYSSEG_API
int physseg_free_list(const struct physseg_map *map, physseg_pfn_t pfn);

/*
 * The frame of a page structure.  The host's page_frame reads it from `page',
 * which must be readable memory; then the frame is looked up.  PHYSSEG_NOFRAME
 * if `page' is not, or not any more, a page structure of this map.
 */
PHYSSEG_API
physseg_pfn_t physseg_frame(const struct physseg_map *map, const void *page);

/*
 * The page structure of the frame that lies `index' frames after a segment's
 * start.  For a caller that has just found the segment.  NULL if the handle
 * names no segment, if the segment has `index' frames or fewer, is offline, or
 * has no page structures.  Any bit pattern may be passed as a handle.  O(1).
 *
 * While another thread changes the map, the segment may become shorter between
 * the caller's two calls, and the frame may then be part of another segment.
 * physseg_page has no such gap.
 */
PHYSSEG_API
void *physseg_segment_page(
    const struct physseg_map *map, physseg_t handle, physseg_pfn_t index);

/* ---- walks: reads, any phase, also inside a hook ---- */

/*
 * The first, the last, the next and the previous segment in the backend's
 * order.  PHYSSEG_NONE at the end, on an empty map, and for a handle that names
 * no segment.  A program that unplugs while it walks gets the next segment
 * first.  Where handles are positions (PHYSSEG_POSITION) it continues by frame
 * instead, with physseg_from.  One step of the index; O(log segments) in LIST.
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
 * The segment that contains `pfn' or, if none does, the next one above it.
 * PHYSSEG_NONE if there is none.  To walk by ascending address on every
 * backend, call it again with the end of the segment that it returned.  One
 * search of the index where PHYSSEG_SORTED, else O(segments).
 */
PHYSSEG_API
physseg_t physseg_from(const struct physseg_map *map, physseg_pfn_t pfn);

/* The greatest registered frame; PHYSSEG_NOFRAME on an empty map.  O(1) to
 * O(log segments) where PHYSSEG_SORTED, else O(segments). */
PHYSSEG_API
physseg_pfn_t physseg_highest_frame(const struct physseg_map *map);

/* A loop over all segments, in the backend's order. */
#define PHYSSEG_FOREACH(h, map)                             \
	for ((h) = physseg_first(map); (h) != PHYSSEG_NONE; \
	     (h) = physseg_next((map), (h)))

/* ---- a segment's attributes: any phase, also inside a hook ---- */

struct physseg_info {
	physseg_pfn_t start; /* the segment is [start, end) */
	physseg_pfn_t end;
	physseg_pfn_t avail_start; /* the frames that may be allocated; none */
	physseg_pfn_t avail_end;   /* if avail_start >= avail_end */
	physseg_pfn_t counted;	   /* counted frames, see THE WORDS */
	unsigned long start_hint;  /* see physseg_set_start_hint, in frames */
	int free_list;
	void *pages; /* the page structure of `start', followed by
		      * those of the other frames; NULL: there are
		      * none yet, the segment is offline, or this
		      * is a registry */
	void *data;  /* the program's own data_size bytes, aligned
		      * for any object of that size.  Zeroed at
		      * plug; a tail that is split off gets a copy.
		      * The caller may read and write them as long
		      * as the segment lives */
	int node;    /* proximity domain */
	int kind;    /* enum physseg_kind, or the program's own */
	enum physseg_state state;
};

/* Write all attributes of a segment to *info.  A read.  ENOENT.  O(1). */
PHYSSEG_API
int physseg_get_info_sized(const struct physseg_map *map, physseg_t handle,
    struct physseg_info *info, size_t info_size);

static inline int
physseg_get_info(
    const struct physseg_map *map, physseg_t handle, struct physseg_info *info)
{
	return physseg_get_info_sized(map, handle, info, sizeof(*info));
}

/*
 * Does the handle name a live segment?  While a map with page structures runs,
 * an online segment that has none is not valid.  Any bit pattern may be passed.
 * A lookup.  O(1).
 */
PHYSSEG_API
bool physseg_valid(const struct physseg_map *map, physseg_t handle);

/*
 * Remember where the host's allocator should look first in the segment, in
 * frames from the start of the avail range.  The library does not use it.  It
 * is 0 after a plug.  A change; as physseg_unlisten, it is allowed inside a
 * hook.  ENOENT.  O(1).
 */
PHYSSEG_API
int physseg_set_start_hint(
    struct physseg_map *map, physseg_t handle, unsigned long hint);

/* ---- looking at a map: reads, any phase ---- */

struct physseg_stats {
	size_t segments;
	physseg_pfn_t frames;  /* registered frames */
	physseg_pfn_t counted; /* counted frames, see THE WORDS */
	size_t slabs;
	size_t slab_pages;    /* page structures in all slabs */
	size_t slab_used;     /* page structures that belong to segments */
	size_t host_bytes;    /* bytes taken from the host and not given back,
			       * and those that are committed */
	size_t largest_free;  /* frames of the largest plug that finds its page
			       * structures in a slab */
	bool built;	      /* the map is BUILT; false: LIST */
	physseg_pfn_t online; /* frames of segments that are online */
	physseg_pfn_t metadata; /* frames that hold page structures */
	size_t removals;	/* open removals */
	size_t apart;		/* segments that touch the one before them,
				 * and are not joined with it */
};

/* Write the statistics to *stats.  May be called inside a hook.  O(slabs +
 * segments). */
PHYSSEG_API
void physseg_get_stats_sized(const struct physseg_map *map,
    struct physseg_stats *stats, size_t stats_size);

static inline void
physseg_get_stats(const struct physseg_map *map, struct physseg_stats *stats)
{
	physseg_get_stats_sized(map, stats, sizeof(*stats));
}

/* The backend's table: the one that the configuration named, or the default.
 * O(1).  Takes no lock; may run during a change. */
PHYSSEG_API
const struct physseg_backend *physseg_get_backend(
    const struct physseg_map *map);

/*
 * Check every invariant of the map:
 *
 *  - the segments are in order, none is empty, no two overlap;
 *  - the index and the records hold the same segments;
 *  - avail and counted ranges lie within their segments;
 *  - page structures lie in allocated parts of slabs, and no two segments share
 *    one;
 *  - every page structure names its frame, as the host's page_frame tells;
 *  - with DEBUG, nobody wrote to a page structure that is free, or that is
 *    offline and not initialised (see physseg_unplug);
 *  - all sums and statistics are right.
 *
 * NULL, or a text that says which invariant is broken.
 * For tests.  Not for use inside a hook, where the map is in the middle of a
 * change.  O(frames).
 */
PHYSSEG_API
const char *physseg_check(const struct physseg_map *map);

enum physseg_dump_format {
	PHYSSEG_DUMP_TABLE, /* lines for people, frames in hexadecimal */
	PHYSSEG_DUMP_JSON   /* one JSON object, frames in decimal */
};

/*
 * Write the map's segments, open removals and statistics as text.  `emit' is
 * called with `arg' for each piece of the text: `length' bytes, not terminated
 * by NUL.  It may look the map up, and must not change it.  EINVAL if there is
 * no such format.  O(segments).
 */
PHYSSEG_API
int physseg_dump(const struct physseg_map *map, enum physseg_dump_format format,
    void (*emit)(void *arg, const char *text, size_t length), void *arg);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_PHYSSEG_H */
