/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/backend.h -- for authors of a backend.
 *
 * A backend is an ordered index of segments that never overlap and are never
 * empty.  It sees keys (start, end) and its own links, nothing else: it never
 * allocates, counts pages, checks arguments, panics, or knows what "boot" is.
 * The engine has done all that before it calls.
 *
 * The nodes are the engine's: they do not move and stay readable as long as
 * the map lives.  The index is `size(capacity)' bytes of memory, zeroed and
 * aligned to PHYSSEG_ALIGN, also the engine's.
 *
 * The calls that change an index come one at a time.  Every frame that stays
 * registered must be found throughout them.
 *
 * A backend whose index grows says how much (mem_needed) before a change.  The
 * engine adds that much in chunks, or the change does not take place.  What a
 * change took out of the index may be used again from mem_reclaim on.
 *
 * Where PHYSSEG_LOCKFREE, `lookup' and `page' run on other threads beside the
 * calls that change.  What they may meet is written with atomic stores, which
 * goes for the bounds of a node too.  A call that takes a node or frames out
 * leaves nothing by which a reader could reach them who begins after it.  The
 * engine then waits for the readers who began before, and calls mem_reclaim.
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
 * A segment, as a backend sees it: frames [start, end); where their page
 * structures are; and four words of the backend's own.  The page structure of
 * frame `pfn' is at base + pfn * page_size, modulo the width of an address, so
 * the base stays the same when a segment grows, shrinks or is split.
 */
struct physseg_node {
	physseg_pfn_t start;
	physseg_pfn_t end;
	uintptr_t base; /* PHYSSEG_NOBASE: it has no page structures */
	union {
		void *ptr[4];
		uintptr_t word[4];
	} link;
};

#define PHYSSEG_NOBASE UINTPTR_MAX

/* Capabilities: how this backend differs, as data. */
enum physseg_capability {
	PHYSSEG_SORTED = 1 << 0,   /* iterates by ascending address */
	PHYSSEG_POSITION = 1 << 1, /* handle = position: MUTABLE handles */
	PHYSSEG_HOTPLUG = 1 << 2,  /* plug works while running */
	PHYSSEG_LOCKFREE = 1 << 3, /* lookups run beside one writer */
	PHYSSEG_BYSIZE = 1 << 4	   /* iterates by descending size */
};

/*
 * A backend's table is read when a map is made.  Later releases may add fields
 * at its end, which are 0 in a table that was compiled before, and to the end
 * of a node; so an author allocates no nodes and no array of them.
 */
struct physseg_backend {
	size_t struct_size;    /* sizeof(struct physseg_backend) */
	const char *name;      /* "rbtree", "array-bsearch", ... */
	unsigned capabilities; /* enum physseg_capability, or'ed */
	size_t max_segments;   /* at most so many; 0: no limit of its own */
	bool bounded;	       /* holds `capacity' segments and no more;
				* false: as many as there are nodes */

	/* Bytes of an index for `capacity' segments. */
	size_t (*size)(size_t capacity);

	/* Make it empty. */
	void (*init)(void *index, size_t capacity);

	/* Add a node that overlaps nothing; there is room. */
	void (*insert)(void *index, struct physseg_node *node);

	/* Take out a node that is in. */
	void (*remove)(void *index, struct physseg_node *node);

	/* Change one thing of a node: trim it or extend it, at one end, over
	 * frames that no node holds; or give it page structures (base, which
	 * is PHYSSEG_NOBASE until then).  Store what changed. */
	void (*update)(void *index, struct physseg_node *node,
	    physseg_pfn_t start, physseg_pfn_t end, uintptr_t base);

	/* Take the middle out: end `node' at `end', and add `tail', which
	 * lies inside the old bounds of `node' above `end' and has its base. */
	void (*split)(void *index, struct physseg_node *node, physseg_pfn_t end,
	    struct physseg_node *tail);

	/* A node that intersects [lo, hi), lo < hi; where PHYSSEG_SORTED,
	 * the lowest.  NULL: none. */
	struct physseg_node *(*find)(
	    const void *index, physseg_pfn_t lo, physseg_pfn_t hi);

	/* The node that contains `pfn', NULL: none.  This is the hot path.
	 * Any value may be passed, PHYSSEG_NOFRAME too. */
	struct physseg_node *(*lookup)(const void *index, physseg_pfn_t pfn);

	/* The neighbour in the backend's order, NULL: none.  Of NULL: the
	 * first, the last. */
	struct physseg_node *(*next)(
	    const void *index, const struct physseg_node *node);
	struct physseg_node *(*prev)(
	    const void *index, const struct physseg_node *node);

	/* Where PHYSSEG_POSITION, else NULL: the node at a position, NULL if
	 * there is none, and the position of a node; from 0. */
	struct physseg_node *(*at)(const void *index, size_t position);
	size_t (*position)(const void *index, const struct physseg_node *node);

	/* NULL, or which of the index's own invariants is broken.  May be
	 * absent (NULL). */
	const char *(*check)(const void *index);

	/* The page structure of a frame, past the node; NULL where its node
	 * has none, or no node contains it.  May be absent (NULL). */
	void *(*page)(const void *index, physseg_pfn_t pfn, size_t page_size);

	/*
	 * Index memory; all or none (NULL).  Before any change of nodes within
	 * [start, end) the engine asks how many chunks of chunk_size bytes it
	 * may take, at worst.  It adds that many, zeroed and aligned to
	 * PHYSSEG_ALIGN, or the change does not take place.  They are the
	 * index's until the next `init'.  Such a backend is PHYSSEG_SORTED and
	 * not `bounded': at boot the engine has a sorted list in its place.
	 */
	size_t chunk_size;
	size_t (*mem_needed)(
	    const void *index, physseg_pfn_t start, physseg_pfn_t end);
	void (*mem_add)(void *index, void *chunk);

	/* No reader is left that can hold what was taken out so far. */
	void (*mem_reclaim)(void *index);
};

/* The backends of the library: constant tables. */
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
 * What a map gets whose configuration names none.  NULL in the freestanding
 * library: there a configuration names one, and that one alone is linked.
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
