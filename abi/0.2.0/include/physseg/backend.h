/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/backend.h -- for authors of a backend.
 *
 * A backend is an ordered index of segments.  The engine calls it through a
 * table of functions.
 *
 * WHO DOES WHAT.  A backend sees the bounds of segments and its own links.  It
 * never allocates, counts pages, checks arguments or panics, and it does not
 * know what "boot" is.  The engine has done all of that before it calls.  It
 * guarantees that segments never overlap and are never empty.
 *
 * MEMORY.  The engine owns the nodes.  They do not move, and stay readable as
 * long as the map exists.  The engine also owns the memory of the index:
 * `size(capacity)' bytes, zeroed and aligned to PHYSSEG_ALIGN.
 *
 * CHANGES.  The engine makes one call at a time that changes an index.  Every
 * frame that stays registered must be found throughout such a call.
 *
 * AN INDEX THAT GROWS says before a change how much memory the change may need
 * at worst (mem_needed).  The engine adds that much, in chunks, or cancels the
 * change.  The backend may use again what it took out of the index only when
 * the engine has called mem_reclaim.
 *
 * READERS WITHOUT A LOCK.  On a backend with PHYSSEG_LOCKFREE other threads
 * call `lookup', `page' and `pages' while a change is under way.
 *
 *  - Write everything that they can read with atomic stores, the bounds of
 *    nodes included.
 *  - A call that removes a node or frames must leave no path to them for a
 *    reader that begins after the call.
 *  - The engine then waits for the readers that began earlier, and calls
 *    mem_reclaim.
 */
#ifndef PHYSSEG_BACKEND_H
#define PHYSSEG_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

#include <physseg/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PHYSSEG_ALIGN 64 /* bytes: a cache line nearly everywhere */

/*
 * A segment as a backend sees it: the frames [start, end), the place of their
 * page structures, and four words for the backend's own use.
 *
 * The page structure of frame `pfn' is at base + pfn * page_size, modulo the
 * width of an address.  So `base' stays the same when a segment grows, shrinks
 * or is split.
 */
struct physseg_node {
	physseg_pfn_t start;
	physseg_pfn_t end;
	uintptr_t base; /* PHYSSEG_NOBASE: no page structures */
	union {
		void *ptr[4];
		uintptr_t word[4];
	} link;
};

#define PHYSSEG_NOBASE UINTPTR_MAX

/* How backends differ, as data that the engine and programs can read. */
enum physseg_capability {
	PHYSSEG_SORTED = 1 << 0,   /* walks by ascending address */
	PHYSSEG_POSITION = 1 << 1, /* a handle is a position, see physseg_t */
	PHYSSEG_HOTPLUG = 1 << 2,  /* can plug while the map runs */
	PHYSSEG_LOCKFREE = 1 << 3, /* lookups may run during a change */
	PHYSSEG_BYSIZE = 1 << 4	   /* walks by descending size */
};

/*
 * A backend's table.  A map copies it when it is made.
 *
 * Later releases may add fields at the end of this table.  In a table that was
 * compiled earlier they count as 0.  They may also add fields at the end of a
 * node.  So a backend must allocate neither a node nor an array of nodes.
 */
struct physseg_backend {
	size_t struct_size;    /* sizeof(struct physseg_backend) */
	const char *name;      /* "rbtree", "array-bsearch", ... */
	unsigned capabilities; /* of enum physseg_capability, or'ed */
	size_t max_segments;   /* it holds no more; 0: no such limit */
	bool bounded;	       /* it holds at most `capacity' segments;
				* false: as many as there are nodes */

	/* The bytes of an index for `capacity' segments. */
	size_t (*size)(size_t capacity);

	/* Make the index empty.  It is for page structures of so many bytes,
	 * which `page' is told, too; 0: a registry. */
	void (*init)(void *index, size_t capacity, size_t page_size);

	/* Add a node.  It overlaps no other node, and there is room. */
	void (*insert)(void *index, struct physseg_node *node);

	/* Remove a node that is in the index. */
	void (*remove)(void *index, struct physseg_node *node);

	/*
	 * Change one of the three values and store it in the node.  The other
	 * two are as they were.  A bound moves when the node is trimmed, or
	 * extended over frames that no node holds.  The base changes from
	 * PHYSSEG_NOBASE when the node gets page structures, and to it when
	 * the node is taken offline.
	 */
	void (*update)(void *index, struct physseg_node *node,
	    physseg_pfn_t start, physseg_pfn_t end, uintptr_t base);

	/*
	 * Cut a node: shrink it to [start, end), which lies at one end of its
	 * old bounds, and add `other'.  The bounds of `other' lie at the other
	 * end of the old bounds.  It has the base of `node'.  Frames between
	 * the two, if there are any, are removed.
	 */
	void (*split)(void *index, struct physseg_node *node,
	    physseg_pfn_t start, physseg_pfn_t end, struct physseg_node *other);

	/*
	 * Undo a cut: extend `node' over the frames of `upper', and remove
	 * `upper'.  It begins where `node' ends, and has the same base.
	 */
	void (*join)(
	    void *index, struct physseg_node *node, struct physseg_node *upper);

	/* Find a node that has a frame in [lo, hi), where lo < hi; on a backend
	 * with PHYSSEG_SORTED the lowest such node.  NULL if there is none. */
	struct physseg_node *(*find)(
	    const void *index, physseg_pfn_t lo, physseg_pfn_t hi);

	/* Find the node that contains `pfn'; NULL if there is none.  This is
	 * the hot path.  `pfn' may be any value, even PHYSSEG_NOFRAME. */
	struct physseg_node *(*lookup)(const void *index, physseg_pfn_t pfn);

	/* The next and the previous node in the backend's order; NULL if there
	 * is none.  For a `node' of NULL they return the first and the last. */
	struct physseg_node *(*next)(
	    const void *index, const struct physseg_node *node);
	struct physseg_node *(*prev)(
	    const void *index, const struct physseg_node *node);

	/* For PHYSSEG_POSITION, else both are NULL.  The node at a position,
	 * NULL if there is none; and the position of a node.  The first
	 * position is 0. */
	struct physseg_node *(*at)(const void *index, size_t position);
	size_t (*position)(const void *index, const struct physseg_node *node);

	/* Check the invariants of the index.  Return NULL, or a text that says
	 * which one is broken.  The function may be absent (NULL). */
	const char *(*check)(const void *index);

	/* Find the page structure of a frame without going through its node.
	 * NULL if no node contains the frame or its node has no page
	 * structures.  The function may be absent (NULL). */
	void *(*page)(const void *index, physseg_pfn_t pfn, size_t page_size);

	/*
	 * Memory for an index that grows.  A backend has all four of these or
	 * none (0 and NULL).  One that has them must be PHYSSEG_SORTED, must
	 * not be `bounded', and must not be PHYSSEG_POSITION, because before
	 * the switch the engine uses a sorted array of its own instead.
	 *
	 * Before changes of nodes within [start, end), or of nodes that are in
	 * the index, the engine calls mem_needed.  It returns how many chunks
	 * of `chunk_size' bytes so many changes may need at worst, beyond what
	 * the index has.  A remove and a join need none.  The engine passes
	 * that many to mem_add, zeroed and aligned to PHYSSEG_ALIGN, or
	 * cancels the changes.  A chunk belongs to the index until the next
	 * `init'.
	 */
	size_t chunk_size;
	size_t (*mem_needed)(const void *index, physseg_pfn_t start,
	    physseg_pfn_t end, size_t changes);
	void (*mem_add)(void *index, void *chunk);

	/* No reader can hold any more what was removed before this call.  It
	 * may be used again. */
	void (*mem_reclaim)(void *index);

	/* As `page', for each of n frames.  The function may be absent (NULL),
	 * and is called only if there is `page'. */
	void (*pages)(const void *index, const physseg_pfn_t *pfns, size_t n,
	    size_t page_size, void **pages);
};

/* The backends of the library, which README.md compares.  Constant tables; the
 * functions may be called at any time, by any thread. */
PHYSSEG_API
const struct physseg_backend *physseg_backend_array_random(void);
PHYSSEG_API
const struct physseg_backend *physseg_backend_array_bsearch(void);
PHYSSEG_API
const struct physseg_backend *physseg_backend_array_bigfirst(void);
PHYSSEG_API
const struct physseg_backend *physseg_backend_array_contig(void);
PHYSSEG_API
const struct physseg_backend *physseg_backend_rbtree(void);
PHYSSEG_API
const struct physseg_backend *physseg_backend_radix(void);

/*
 * The backend of a map whose configuration names none.  In the freestanding
 * library it is NULL: there each configuration must name a backend, and only
 * the backends that are named are linked into the program.
 */
PHYSSEG_API
const struct physseg_backend *physseg_backend_default(void);

/*
 * The backends that this library was built with: that of number `i', from 0,
 * or NULL from their number on.  A program that calls this is linked with all
 * of them.  O(1), at any time, from any thread.
 */
PHYSSEG_API
const struct physseg_backend *physseg_backend_at(size_t i);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_BACKEND_H */
