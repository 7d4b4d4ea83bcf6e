/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix.h -- a radix tree from frames to page structures, over a list.
 *
 * The list holds every segment in order of address.  It is all there is before
 * the switch, when no memory can be had and segments are few.  From then on
 * segments are `shown': entered into the tree, which answers in a few loads
 * where a frame's page structure is, and whereabouts in the list its segment.
 * The tree only ever speeds up a walk of the list, so it may lag behind it.
 *
 * The frame's number, cut into digits of BITS, leads from the root down through
 * nodes to a leaf.  A leaf stands for one digit's worth of frames: a bit for
 * each that is there, and four bases, each for a quarter of them: the page
 * structure of frame `pfn' is at base + pfn * page_size.  The base does not
 * change along a segment, nor when that is cut into fragments.  So
 *
 *  - a slot that is covered as a whole needs no node: whatever its height, it
 *    leads to a leaf with all bits set, one for all such slots of a segment
 *    (a `run');
 *  - where two bases meet in one quarter, a slot of a leaf's size leads to one
 *    more node, with a slot for every single frame, and leaves below it.
 *
 * A lookup of a page thus has one form, and no branch that depends on whether
 * the frame is there.
 *
 * For segments, a leaf knows the first that starts in its slot, and a node in
 * which of its slots segments start.  The last start at or below a frame is
 * found from that in one way up and one down, whatever lies between.
 *
 * Readers take no lock.  What they can reach changes by one store at a time,
 * after which the frames that stay are found as before; so it is written with
 * physseg_atomic_store, and what was taken out waits in a limbo until
 * `reclaim'.
 */
#ifndef BACKEND_RADIX_H
#define BACKEND_RADIX_H

#include <physseg/backend.h>

#include "atomic.h"

#define RADIX_BITS   (sizeof(uintptr_t) > 4 ? 6U : 5U)
#define RADIX_FANOUT ((size_t)1 << RADIX_BITS)
#define RADIX_BASES  4U

struct radix_leaf {
	uintptr_t present; /* a bit for each frame */
	uintptr_t base[RADIX_BASES];
	uintptr_t first; /* the first node that starts here; 0: none */
	uintptr_t hint;	 /* a node that may contain what is here; or 0 */
	uintptr_t refs;	 /* slots that lead to a run; 0: not a run, one does.
			  * Out of use: the next on its list */
};

/*
 * A slot leads to a leaf, or to a node, whose address is then tagged with its
 * shift + 1: a slot of that node stands for 2^shift frames.  Never nowhere:
 * there is an empty leaf for that.
 */
struct radix_node {
	uintptr_t slot[sizeof(uintptr_t) > 4 ? 64 : 32];
	uintptr_t starts; /* the slots in which a segment starts */
	uintptr_t used;	  /* how many slots are not empty */
	uintptr_t free;	  /* out of use: the next on its list */
};

#define RADIX_TAG ((uintptr_t)PHYSSEG_ALIGN - 1)

/* Sizes of memory, in bytes: leaves and nodes begin on a cache line. */
#define RADIX_CHUNK	4032 /* with the engine's own, a page */
#define RADIX_LEAF_SIZE PHYSSEG_ALIGN
#define RADIX_NODE_SIZE                                                    \
	((sizeof(struct radix_node) + PHYSSEG_ALIGN - 1) / PHYSSEG_ALIGN * \
	    PHYSSEG_ALIGN)

/* Leaves, or nodes: those that are free, and those that readers may still be
 * in. */
struct radix_pool {
	size_t size; /* of one, in bytes */
	size_t link; /* where in it the next of a list is */
	uintptr_t free;
	size_t nfree;
	size_t total; /* made so far */
	uintptr_t limbo;
};

struct radix {
	uintptr_t root;	  /* as a slot */
	uintptr_t head;	  /* of the list */
	uintptr_t hidden; /* nodes in the list that are not shown */
	struct physseg_node *tail;
	uintptr_t chunks; /* given, and untouched */
	size_t nchunks;
	struct radix_pool leaves;
	struct radix_pool nodes;
	_Alignas(PHYSSEG_ALIGN) struct radix_leaf empty;
};

/* A node's links. */
#define RADIX_NEXT(node)  ((node)->link.word[0]) /* readers follow it */
#define RADIX_PREV(node)  ((node)->link.ptr[1])
#define RADIX_BASE(node)  ((node)->link.word[2])
#define RADIX_SHOWN(node) ((node)->link.word[3])

static inline struct physseg_node *
radix_segment(uintptr_t word)
{
	return (struct physseg_node *)word;
}

static inline struct physseg_node *
radix_next(const struct physseg_node *node)
{
	return radix_segment(physseg_atomic_load(&RADIX_NEXT(node)));
}

static inline bool
radix_is_node(uintptr_t entry)
{
	return (entry & RADIX_TAG) != 0;
}

static inline unsigned
radix_shift(uintptr_t entry)
{
	return (unsigned)(entry & RADIX_TAG) - 1;
}

static inline struct radix_node *
radix_node(uintptr_t entry)
{
	return (struct radix_node *)(entry & ~RADIX_TAG);
}

static inline struct radix_leaf *
radix_leaf(uintptr_t entry)
{
	return (struct radix_leaf *)entry;
}

static inline size_t
radix_digit(physseg_pfn_t pfn, unsigned shift)
{
	return (size_t)(pfn >> shift) & (RADIX_FANOUT - 1);
}

/* Is the frame below the root? */
static inline bool
radix_reaches(uintptr_t root, physseg_pfn_t pfn)
{
	return radix_is_node(root) && pfn >> radix_shift(root) < RADIX_FANOUT;
}

/* The leaf at the end of a frame's way. */
static inline const struct radix_leaf *
radix_descend(const struct radix *radix, physseg_pfn_t pfn)
{
	uintptr_t entry = physseg_atomic_load(&radix->root);
	unsigned shift = radix_shift(entry);

	if (!radix_reaches(entry, pfn))
		return &radix->empty;
	do {
		const struct radix_node *node =
		    (const void *)(entry - (shift + 1));

		entry =
		    physseg_atomic_load(&node->slot[radix_digit(pfn, shift)]);
		shift -= RADIX_BITS;
	} while (radix_is_node(entry));
	return radix_leaf(entry);
}

/* 1 if the frame is there, else 0. */
static inline uintptr_t
radix_present(const struct radix_leaf *leaf, physseg_pfn_t pfn)
{
	return physseg_atomic_load(&leaf->present) >> radix_digit(pfn, 0) & 1;
}

/* backend_radix_pool.c */
void physseg_radix_pool_init(struct radix *radix);
struct radix_leaf *physseg_radix_leaf_get(struct radix *radix);
struct radix_node *physseg_radix_node_get(struct radix *radix);
void physseg_radix_put(struct radix_pool *pool, void *mem);
size_t physseg_radix_need(
    const void *index, physseg_pfn_t start, physseg_pfn_t end);
void physseg_radix_give(void *index, void *chunk);
void physseg_radix_take(void *index);
void physseg_radix_reclaim(void *index);

/* backend_radix_tree.c */
void physseg_radix_mark(
    struct radix *radix, struct physseg_node *node, physseg_pfn_t start);
void physseg_radix_unmark(
    struct radix *radix, struct physseg_node *node, physseg_pfn_t start);
void physseg_radix_fill(struct radix *radix, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end);
void physseg_radix_clear(struct radix *radix, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end, physseg_pfn_t moved);

/* backend_radix_find.c */
struct physseg_node *physseg_radix_floor(
    const struct radix *radix, physseg_pfn_t pfn);
struct physseg_node *physseg_radix_lookup(const void *index, physseg_pfn_t pfn);
void *physseg_radix_page(
    const void *index, physseg_pfn_t pfn, size_t page_size);

/* backend_radix_check.c */
const char *physseg_radix_check(const void *index);

#endif /* BACKEND_RADIX_H */
