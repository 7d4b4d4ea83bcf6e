/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix.h -- a radix tree from frames to page structures, over a list.
 *
 * The list holds every segment in order of address.  The tree answers in a few
 * loads where a frame's page structure is, and whereabouts in the list its
 * segment.  For segments the tree only ever speeds up a walk of the list, so it
 * may lag behind it.
 *
 * The frame's number, cut into digits, leads from the root down through nodes
 * to a block of entries.  An entry, half a cache line, stands for as many
 * frames as a word has bits: a bit for each that has a page structure (in a
 * registry: that is registered), and the bases of its four quarters, where the
 * page structure of frame `pfn' is at base + pfn * page_size.  A base does not
 * change along a segment, nor when that is cut to fragments.  So
 *
 *  - a slot that is covered as a whole needs no node: whatever its height, it
 *    leads to a block with all bits set, one for all such slots of a segment
 *    (a `run');
 *  - where bases meet in one quarter, or lie too far apart, the entry comes
 *    apart: a table has a base for each of its frames.
 *
 * A lookup of a page thus has one form, with no branch on whether the frame is
 * there, and of what grows with the number of segments it reads one line.
 *
 * For segments, a block knows the first that starts in each quarter of each
 * entry, and a node in which of its slots segments start.  The last start at or
 * below a frame is found from that in one way up and one down, whatever lies
 * between.  A segment without page structures is in the tree by its start only.
 *
 * WHY SO.
 *
 *  - The list is the truth and the tree an index into it: one search serves
 *    lookups, insertions and the test for overlap, and it tolerates a tree that
 *    lags behind, which a reader beside the writer needs.
 *  - Digits of six bits: presence, starts and slots are one machine word each,
 *    and masks of a word find a frame and the last start below one.  Nine bits
 *    would save a level of a large map and cost 4 KiB for a lonely segment.  A
 *    lookup is bound by the one line that is not in the cache, not by the
 * levels above it, which are.
 *  - An entry is half a line and in place: a pointer and a line for every word
 *    of frames were two misses a lookup.  Four differences of 32 bits serve
 *    instead of four bases, since page structures of neighbours lie near each
 *    other.
 *  - Presence is a mask and no branch: misses cost what hits cost.
 *  - Runs count the slots that lead to them, not segments, since a split must
 *    not touch them.
 *  - Paths are not compressed.  Only a million segments, each alone in its
 *    region, would gain, and every lookup would compare what was skipped.
 *  - Index memory is kept for later changes until the map is destroyed or boots
 *    again, as records are.
 *
 * READERS take no lock, and any of these stores may come between two loads of
 * theirs.  So what they can reach is written with physseg_atomic_store, and
 *
 *  1. what is new is complete before the one store that makes it reachable;
 *  2. a segment is in the list before its frames are in the tree, and leaves
 * the list, or shrinks, after its frames have left the tree;
 *  3. a split links the tail into the list before the front ends; so a walk
 *     reads a node's end before it goes on to the next (radix_walk);
 *  4. what was taken out keeps its contents and its links until mem_reclaim:
 *     a reader in it goes on to what stays;
 *  5. an entry's base is written only while none of its frames is present; the
 *     present bits are set last, and read first;
 *  6. a hint is a guess: the node's bounds decide.  They are read end first,
 * for a node that is no segment has the end 0 until all else is written.
 */
#ifndef BACKEND_RADIX_H
#define BACKEND_RADIX_H

#include <physseg/backend.h>

#include "atomic.h"

#define RADIX_BITS	   (sizeof(uintptr_t) > 4 ? 6U : 5U) /* of a digit */
#define RADIX_FANOUT	   ((size_t)1 << RADIX_BITS)
#define RADIX_ENTRIES	   8U /* of a block */
#define RADIX_BLOCK_BITS   (RADIX_BITS + 3U)
#define RADIX_BASES	   4U /* of an entry */
#define RADIX_QUARTER_BITS (RADIX_BITS - 2U)
#define RADIX_QUARTERS	   (RADIX_ENTRIES * RADIX_BASES)

struct radix_entry {
	uintptr_t present;
	uintptr_t base;
	int32_t delta[RADIX_BASES]; /* a quarter's base is this from `base' */
};

#define RADIX_APART INT32_MIN /* a delta: the entry came apart */

struct radix_block {
	struct radix_entry entry[RADIX_ENTRIES];
	uintptr_t starts; /* the quarters in which a segment starts */
	uintptr_t hint;	  /* a node that may be here; or 0 */
	uintptr_t detail; /* 0: there was no need for it, yet */
	uintptr_t refs;	  /* slots that lead to a run; 0: not a run, one does.
			   * Out of use: the next on its list */
};

/* What lookups of pages seldom want of a block lies elsewhere, so that what
 * they do want is together.  A block keeps it, also when out of use. */
struct radix_detail {
	uintptr_t first[RADIX_QUARTERS]; /* the first node that starts there */
	uintptr_t table[RADIX_ENTRIES];	 /* of entries that came apart */
};

/* The bases of an entry that came apart, frame by frame. */
struct radix_table {
	uintptr_t base[sizeof(uintptr_t) > 4 ? 64 : 32];
	uintptr_t free; /* out of use: the next on its list */
};

/*
 * A slot leads to a block or to a node.  A node's address is then tagged with
 * one more than its height: at height 0 a slot stands for the frames of a
 * block, at height h for RADIX_FANOUT^h times as many.  There is never nothing
 * at the end of a slot, but a block without frames.
 */
struct radix_node {
	uintptr_t slot[sizeof(uintptr_t) > 4 ? 64 : 32];
	uintptr_t starts; /* the slots in which a segment starts */
	uintptr_t used;	  /* how many slots are not empty */
	uintptr_t free;	  /* out of use: the next on its list */
};

#define RADIX_TAG ((uintptr_t)PHYSSEG_ALIGN - 1)

#define RADIX_CHUNK 3968 /* bytes: with the engine's own, a page */

/* What the tree is made of, each kind on its own. */
struct radix_pool {
	size_t size; /* of one, in bytes: whole cache lines */
	size_t each; /* chunk makes so many */
	size_t link; /* where in it the next of a list is */
	uintptr_t free;
	size_t nfree;
	size_t total;	 /* made so far */
	uintptr_t limbo; /* readers may still be in these */
};

struct radix {
	uintptr_t root;	    /* as a slot */
	uintptr_t pageless; /* nodes without page structures */
	uintptr_t head;	    /* of the list */
	struct physseg_node *tail;
	uintptr_t chunks; /* given, and untouched */
	size_t nchunks;
	struct radix_pool nodes;
	struct radix_pool blocks;
	struct radix_pool details;
	struct radix_pool tables;
	_Alignas(PHYSSEG_ALIGN) struct radix_block empty;
};

/* A node's links. */
#define RADIX_NEXT(node) ((node)->link.word[0]) /* readers follow it */
#define RADIX_PREV(node) ((node)->link.ptr[1])

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
radix_starts_by(const struct physseg_node *node, physseg_pfn_t pfn)
{
	return physseg_atomic_load_pfn(&node->start) <= pfn;
}

static inline bool
radix_contains(const struct physseg_node *node, physseg_pfn_t pfn)
{
	return pfn < physseg_atomic_load_pfn(&node->end) &&
	    radix_starts_by(node, pfn);
}

static inline bool
radix_has_pages(const struct physseg_node *node)
{
	return node->base != PHYSSEG_NOBASE;
}

static inline bool
radix_is_node(uintptr_t slot)
{
	return (slot & RADIX_TAG) != 0;
}

/* Of a node: a slot of it stands for 2^shift frames. */
static inline unsigned
radix_shift(uintptr_t slot)
{
	return RADIX_BLOCK_BITS +
	    RADIX_BITS * ((unsigned)(slot & RADIX_TAG) - 1);
}

static inline struct radix_node *
radix_node(uintptr_t slot)
{
	return (struct radix_node *)(slot & ~RADIX_TAG);
}

static inline struct radix_block *
radix_block(uintptr_t slot)
{
	return (struct radix_block *)slot;
}

/* Of a word that is not 0. */
static inline size_t
radix_highest_bit(uintptr_t word)
{
#if defined(__GNUC__)
	return sizeof(unsigned long long) * 8 - 1 -
	    (size_t)__builtin_clzll(word);
#else
	size_t bit = 0, step;

	for (step = sizeof(word) * 4; step > 0; step /= 2)
		if (word >> step != 0) {
			word >>= step;
			bit += step;
		}
	return bit;
#endif
}

static inline size_t
radix_digit(physseg_pfn_t pfn, unsigned shift)
{
	return (size_t)(pfn >> shift) & (RADIX_FANOUT - 1);
}

/* A frame's entry in its block, and quarter in all of it. */
static inline size_t
radix_entry_of(physseg_pfn_t pfn)
{
	return (size_t)(pfn >> RADIX_BITS) & (RADIX_ENTRIES - 1);
}

static inline size_t
radix_quarter_of(physseg_pfn_t pfn)
{
	return (size_t)(pfn >> RADIX_QUARTER_BITS) & (RADIX_QUARTERS - 1);
}

/* Is the frame below the root? */
static inline bool
radix_reaches(uintptr_t root, physseg_pfn_t pfn)
{
	return radix_is_node(root) && pfn >> radix_shift(root) < RADIX_FANOUT;
}

/* The block at the end of a frame's way. */
static inline const struct radix_block *
radix_descend(const struct radix *radix, physseg_pfn_t pfn)
{
	uintptr_t slot = physseg_atomic_load(&radix->root);
	unsigned shift = radix_shift(slot);
	uintptr_t tag = slot & RADIX_TAG;

	if (!radix_reaches(slot, pfn))
		return &radix->empty;
	do {
		const struct radix_node *node = (const void *)(slot - tag);

		slot =
		    physseg_atomic_load(&node->slot[radix_digit(pfn, shift)]);
		shift -= RADIX_BITS;
		tag--;
	} while (radix_is_node(slot));
	return radix_block(slot);
}

static inline struct radix_detail *
radix_detail(const struct radix_block *block)
{
	return (struct radix_detail *)physseg_atomic_load(&block->detail);
}

/* 1 if the frame is there, else 0. */
static inline uintptr_t
radix_present(const struct radix_block *block, physseg_pfn_t pfn)
{
	return physseg_atomic_load(
		   &block->entry[radix_entry_of(pfn)].present) >>
	    radix_digit(pfn, 0) &
	    1;
}

/* backend_radix.c */
void *physseg_radix_get(struct radix *radix, struct radix_pool *pool);
void physseg_radix_put(struct radix_pool *pool, void *mem);
struct physseg_node *physseg_radix_floor(
    const struct radix *radix, physseg_pfn_t pfn);
struct physseg_node *physseg_radix_search(
    const struct radix *radix, physseg_pfn_t pfn);
void *physseg_radix_page(
    const void *index, physseg_pfn_t pfn, size_t page_size);

/* backend_radix_tree.c */
bool physseg_radix_is_empty(const struct radix_block *block);
void physseg_radix_mark(
    struct radix *radix, struct physseg_node *node, physseg_pfn_t start);
void physseg_radix_unmark(
    struct radix *radix, struct physseg_node *node, physseg_pfn_t start);
void physseg_radix_fill(struct radix *radix, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end);
void physseg_radix_clear(struct radix *radix, struct physseg_node *node,
    physseg_pfn_t start, physseg_pfn_t end, physseg_pfn_t moved);

/* backend_radix_check.c */
const char *physseg_radix_check(const void *index);

#endif /* BACKEND_RADIX_H */
