/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix.h -- a radix tree from frames to page structures, over a list.
 *
 * The list holds every segment in order of address.  The tree tells, in a few
 * loads, where the page structure of a frame is, and near which place in the
 * list its segment is.  For segments the tree only shortens a walk of the list,
 * so it may lag behind the list.
 *
 * The number of a frame, cut into digits, leads from the root down through
 * nodes to a block of entries.  An entry has half a cache line and stands for
 * as many frames as a word has bits.  It has a bit for each frame that has a
 * page structure (in a registry: that is registered), and the bases of its four
 * quarters.  The page structure of frame `pfn' is at base + pfn * page_size.
 * All of a segment has one base, and its pieces keep that base when it is cut.
 * So
 *
 *  - a slot that one segment covers completely needs no node.  At any height it
 *    leads to a block with all bits set, and all such slots of a segment share
 *    one block (a `run');
 *  - an entry needs a base for each frame only if two bases meet in a quarter,
 *    or if its bases lie too far apart.  It is then `expanded': a table has the
 *    base of each of its frames.
 *
 * So all lookups of pages run the same code, without a branch on whether the
 * frame is present.  Of the memory that grows with the number of segments they
 * read one cache line.
 *
 * In a large map these lines are more than the caches hold.  There a block is
 * `ranked', if the page structures of its frames lie one after another in order
 * of the frames.  Its present bits have a line of their own.  The node above
 * has a cell with the place of the first page structure, and with the number of
 * frames that are present below each entry.  A frame's page structure is found
 * by counting the bits below its own.  The slot leads to the line then, with a
 * tag, and lookups of pages read a third of the memory.  Everybody else goes to
 * the block, by way of the cell.  The block is always complete, so that a block
 * is ranked and unranked by one store of the slot.
 *
 * To find segments, a block knows the first segment that starts in each quarter
 * of each entry, and a node knows in which of its slots segments start.  One
 * way up and one way down lead to the last start at or below a frame, however
 * far below it is.  A segment without page structures is in the tree by its
 * start only.  Lookups of pages find no present bit for its frames, and lookups
 * of other frames cost the same as without it.
 *
 * REASONS.
 *
 *  - The list is the truth, and the tree is an index into it.  One search
 *    serves lookups, insertions and the test for overlaps.  It still works
 *    while the tree lags behind the list, which a reader can see during a
 *    change.
 *  - A digit has six bits.  Then the present bits of an entry, and the starts
 *    and the slots of a node, are one machine word each, and operations on that
 *    word find a frame, or the last start below a frame.  Nine bits would save
 *    one level of a large map, but a lonely segment would take 4 KiB.  Levels
 *    hardly matter.  The upper ones are in the cache, and a lookup spends its
 *    time on the one line that is not.
 *  - An entry is part of its block.  A pointer to an entry in a line of its own
 *    would cost two cache misses a lookup.  Four differences of 32 bits serve
 *    instead of four bases, because the page structures of neighbours lie near
 *    each other.
 *  - The present bit is used as a mask, not in a branch.  So a lookup costs the
 *    same whether its frame is present or not.
 *  - A run counts the slots that lead to it, not the segments.  A split need
 *    not touch the runs.
 *  - Paths are not compressed.  Only a million segments, each alone in its
 *    region, would gain by it, and every lookup would compare the digits that
 *    were skipped.
 *  - Index memory is used again, and not given back before the map is destroyed
 *    or boots again.  Records are treated in the same way.
 *
 * READERS take no lock.  Any of the writer's stores may come between two of
 * their loads.  So whatever readers can reach is written with
 * physseg_atomic_store, and these rules hold:
 *
 *  1. What is new is complete before the one store that makes it reachable.
 *  2. A segment is in the list before its frames are in the tree.  It leaves
 *     the list, or shrinks, after its frames have left the tree.
 *  3. A split links the tail into the list before the front ends.  So a walk
 *     reads the end of a node before it goes on to the next one (radix_walk).
 *     A join lets the lower one grow before the upper one leaves the list.  So
 *     where a walk ends the end is read once more (has_changed).
 *  4. What was removed keeps its contents and its links until mem_reclaim.  A
 *     reader that is in it goes on to what remains.
 *  5. The base of an entry is written only while none of its frames is present.
 *     The present bits are set last, and read first.
 *  6. A hint is a guess: the bounds of the node decide.  The end is read first.
 *     A node that is no segment has the end 0 until all else is written.
 *  7. A block is ranked, and its line and its cell are made anew, only while no
 *     reader can have seen that slot ranked: not before mem_reclaim, if it was.
 *     While it is ranked only frames above all its others are added: first to
 *     the counts, which no other frame needs, then to the bits.
 *  8. A block that stood for more frames than it has bits does not stand for
 *     fewer and change: readers may be in it for the others.
 */
#ifndef BACKEND_RADIX_H
#define BACKEND_RADIX_H

#include <physseg/backend.h>

#include "base/atomic.h"
#include "base/bits.h"

/* Compilers put what is seldom done out of the way. */
#if defined(__GNUC__)
#define RADIX_SELDOM(condition) __builtin_expect((condition), 0)
#else
#define RADIX_SELDOM(condition) (condition)
#endif

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

#define RADIX_EXPANDED INT32_MIN /* a delta: the entry is expanded */

struct radix_block {
	struct radix_entry entry[RADIX_ENTRIES];
	uintptr_t starts; /* the quarters in which a segment starts */
	uintptr_t hint;	  /* a node that may have frames here; or 0 */
	uintptr_t detail; /* a radix_detail; 0: none was needed yet */
	uintptr_t line;	  /* a radix_line; 0: it was never ranked */
	uintptr_t refs;	  /* of a run: the slots that lead to it; else 0.
			   * Out of use: the next block of its list */
};

/* What lookups of pages seldom read of a block.  It lies elsewhere, so that
 * what they do read is in half as many pages of memory.  A block keeps its
 * detail, and its line, when it is out of use. */
struct radix_detail {
	uintptr_t first[RADIX_QUARTERS]; /* the first node that starts there */
	uintptr_t table[RADIX_ENTRIES];	 /* of entries that are expanded */
};

/* The present bits of a block that is ranked. */
struct radix_line {
	uintptr_t present[RADIX_ENTRIES];
};

/* The base of each frame of an expanded entry. */
struct radix_table {
	uintptr_t base[sizeof(uintptr_t) > 4 ? 64 : 32];
	uintptr_t free; /* out of use: the next table of its list */
};

/* The rest of what is known of the blocks of a node that are ranked. */
struct radix_ranks {
	struct radix_cell {
		uintptr_t first; /* the first page structure */
		uintptr_t block;
		int32_t below[RADIX_ENTRIES / 2]; /* of two entries each */
	} cell[sizeof(uintptr_t) > 4 ? 64 : 32];
	uintptr_t left;	 /* the slots that were ranked since `epoch' */
	uintptr_t epoch; /* the tree's, at that time */
	uintptr_t free;	 /* out of use: the next of its list */
};

#define RADIX_BELOW_BITS 16 /* of a count of frames */

/*
 * A slot leads to a block, to a node, or to the line of a block that is ranked.
 * The address of a node is tagged with one more than its height: at height 0 a
 * slot stands for the frames of a block, at height h for RADIX_FANOUT^h times
 * as many.  That of a line is tagged with RADIX_RANKED.  A slot is never 0: an
 * empty one leads to the shared block `empty'.
 */
struct radix_node {
	uintptr_t slot[sizeof(uintptr_t) > 4 ? 64 : 32];
	uintptr_t ranks;  /* a radix_ranks; 0: none was needed yet */
	uintptr_t starts; /* the slots in which a segment starts */
	uintptr_t used;	  /* how many slots are not empty */
	uintptr_t free;	  /* out of use: the next node of its list */
};

#define RADIX_RANKED ((uintptr_t)PHYSSEG_ALIGN / 2)
#define RADIX_TAG    (RADIX_RANKED - 1) /* of a node */

/*
 * With more blocks than RADIX_MANY a map is more than the nearest caches hold,
 * and lookups of many frames fetch ahead.  With more than RADIX_LARGE, blocks
 * are ranked: to count bits takes longer than to wait for the second cache, and
 * less long than to wait for memory.  Tests that shall do either in every map
 * say 0.
 */
#ifndef RADIX_MANY
#define RADIX_MANY 1024
#endif
#ifndef RADIX_LARGE
#define RADIX_LARGE 8192
#endif

/* Bytes of a chunk.  The engine adds its own, and the sum is a page at most. */
#define RADIX_CHUNK 3968

/* Memory for one kind of what the tree consists of. */
struct radix_pool {
	size_t size; /* of one, in bytes: whole cache lines */
	size_t each; /* how many of them a chunk makes */
	size_t link; /* the offset in it of the link to the next of a list */
	uintptr_t free;
	size_t nfree;
	size_t total;	 /* made so far */
	uintptr_t limbo; /* readers may still be in these */
};

struct radix {
	uintptr_t root;	    /* a slot */
	uintptr_t pageless; /* how many nodes have no page structures */
	uintptr_t many;	    /* are there many blocks? */
	uintptr_t head;	    /* of the list */
	struct physseg_node *tail;
	size_t page_size;
	uintptr_t epoch;     /* how often memory was reclaimed */
	physseg_pfn_t swept; /* sweep() goes on from here */
	uintptr_t chunks;    /* that mem_add gave, and that are not cut yet */
	size_t nchunks;
	struct radix_pool nodes;
	struct radix_pool blocks;
	struct radix_pool details;
	struct radix_pool tables;
	struct radix_pool ranks;
	struct radix_pool lines; /* they stay with their blocks */
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

/* Each slot of the node that `slot' leads to stands for 2^shift frames. */
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

static inline size_t
radix_digit(physseg_pfn_t pfn, unsigned shift)
{
	return (size_t)(pfn >> shift) & (RADIX_FANOUT - 1);
}

/* The number of a frame's entry in its block, and of its quarter in its block.
 */
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

/* Is the frame below this root? */
static inline bool
radix_reaches(uintptr_t root, physseg_pfn_t pfn)
{
	return radix_is_node(root) && pfn >> radix_shift(root) < RADIX_FANOUT;
}

static inline bool
radix_is_ranked(uintptr_t slot)
{
	return (slot & RADIX_RANKED) != 0;
}

/* Of a node with a block that is ranked. */
static inline struct radix_ranks *
radix_ranks(const struct radix_node *node)
{
	return (struct radix_ranks *)physseg_atomic_load(&node->ranks);
}

/* The slot that a frame's digits lead to at last, and the node that it is in;
 * that is NULL only if the slot leads to `empty'. */
static inline uintptr_t
radix_descend(
    const struct radix *radix, physseg_pfn_t pfn, const struct radix_node **in)
{
	uintptr_t slot = physseg_atomic_load(&radix->root);
	unsigned shift = radix_shift(slot);
	uintptr_t tag = slot & RADIX_TAG;
	const struct radix_node *node;

	*in = NULL;
	if (!radix_reaches(slot, pfn))
		return (uintptr_t)&radix->empty;
	do {
		node = (const void *)(slot - tag);
		slot =
		    physseg_atomic_load(&node->slot[radix_digit(pfn, shift)]);
		shift -= RADIX_BITS;
		tag--;
	} while (radix_is_node(slot));
	*in = node;
	return slot;
}

/* What a node's slot `i', which was loaded, leads to: never a line, but the
 * block behind it. */
static inline uintptr_t
radix_behind(uintptr_t slot, const struct radix_node *in, size_t i)
{
	if (!radix_is_ranked(slot))
		return slot;
	return physseg_atomic_load(&radix_ranks(in)->cell[i].block);
}

static inline struct radix_detail *
radix_detail(const struct radix_block *block)
{
	return (struct radix_detail *)physseg_atomic_load(&block->detail);
}

/* 1 if the frame is present, else 0. */
static inline uintptr_t
radix_present(const struct radix_block *block, physseg_pfn_t pfn)
{
	return physseg_atomic_load(
		   &block->entry[radix_entry_of(pfn)].present) >>
	    radix_digit(pfn, 0) &
	    1;
}

/* In a block that is not ranked, or behind the line of one that is. */
static inline uintptr_t
radix_page_in_block(
    const struct radix_block *block, physseg_pfn_t pfn, size_t page_size)
{
	const size_t i = radix_entry_of(pfn);
	const struct radix_entry *entry = &block->entry[i];
	const uintptr_t mask = 0 - radix_present(block, pfn);
	const int32_t delta = physseg_atomic_load_32(
	    &entry->delta[radix_quarter_of(pfn) & (RADIX_BASES - 1)]);
	uintptr_t base = physseg_atomic_load(&entry->base);
	const struct radix_table *table;

	if (delta != RADIX_EXPANDED)
		base += (uintptr_t)(intptr_t)delta;
	else {
		table = (const void *)physseg_atomic_load(
		    &radix_detail(block)->table[i]);
		base = physseg_atomic_load(&table->base[radix_digit(pfn, 0)]);
	}
	return mask & (base + (uintptr_t)pfn * page_size);
}

/* backend_radix.c */
size_t physseg_radix_blocks(const struct radix *radix);
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
