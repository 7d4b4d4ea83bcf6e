/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix.c -- the table of functions: memory, the list of segments,
 * lookups, changes.
 *
 * backend_radix.h describes the tree, and has the rules for its readers.
 *
 * MEMORY.  Chunks from the engine are cut into nodes, blocks, details and
 * tables when these are needed, and keep that form.  What readers may still be
 * in waits in the limbo until mem_reclaim.  Until then its contents do not
 * change (rule 4).
 *
 * LOOKUPS.  The tree tells from which segment to walk the list.  Most lookups
 * walk no step.  A reader that runs between two stores of the writer may find a
 * mark without a segment behind it.  It looks again.  After TRIES times it
 * walks the list from its head, so it never waits for the writer.
 */
#include "backend_radix.h"
#include "base/mem.h"

/* ---- memory ---- */

static void
pool_init(struct radix_pool *pool, size_t size, size_t link)
{
	pool->size = (size + PHYSSEG_ALIGN - 1) / PHYSSEG_ALIGN * PHYSSEG_ALIGN;
	pool->each = RADIX_CHUNK / pool->size;
	pool->link = link;
}

static void
pools_init(struct radix *radix)
{
	pool_init(&radix->nodes, sizeof(struct radix_node),
	    offsetof(struct radix_node, free));
	pool_init(&radix->blocks, sizeof(struct radix_block),
	    offsetof(struct radix_block, refs));
	pool_init(&radix->details, sizeof(struct radix_detail), 0);
	pool_init(&radix->tables, sizeof(struct radix_table),
	    offsetof(struct radix_table, free));
	pool_init(&radix->ranks, sizeof(struct radix_ranks),
	    offsetof(struct radix_ranks, free));
	pool_init(&radix->lines, sizeof(struct radix_line), 0);
}

static uintptr_t *
link_of(const struct radix_pool *pool, uintptr_t mem)
{
	return (uintptr_t *)(mem + pool->link);
}

/* Put back memory that no reader can be in. */
static void
pool_push(struct radix_pool *pool, uintptr_t mem)
{
	*link_of(pool, mem) = pool->free;
	pool->free = mem;
	pool->nfree++;
}

/* Cannot fail: the engine has given what mem_needed asked for. */
void *
physseg_radix_get(struct radix *radix, struct radix_pool *pool)
{
	uintptr_t mem;
	size_t i;

	if (pool->free == 0) {
		mem = radix->chunks;
		radix->chunks = *(const uintptr_t *)mem;
		radix->nchunks--;
		for (i = 0; i < pool->each; i++)
			pool_push(pool, mem + i * pool->size);
		pool->total += pool->each;
	}
	mem = pool->free;
	pool->free = *link_of(pool, mem);
	pool->nfree--;
	return (void *)mem;
}

void
physseg_radix_put(struct radix_pool *pool, void *mem)
{
	*link_of(pool, (uintptr_t)mem) = pool->limbo;
	pool->limbo = (uintptr_t)mem;
}

static void
pool_reclaim(struct radix_pool *pool)
{
	uintptr_t mem;

	while ((mem = pool->limbo) != 0) {
		pool->limbo = *link_of(pool, mem);
		pool_push(pool, mem);
	}
}

static void
radix_mem_reclaim(void *index)
{
	struct radix *radix = index;

	pool_reclaim(&radix->nodes);
	pool_reclaim(&radix->blocks);
	pool_reclaim(&radix->tables);
	pool_reclaim(&radix->ranks);
	radix->epoch++;
}

/* How many chunks it may take to get `n' more from the pool. */
static size_t
pool_need(const struct radix_pool *pool, size_t n)
{
	if (n <= pool->nfree)
		return 0;
	return (n - pool->nfree + pool->each - 1) / pool->each;
}

/* How many are in use. */
size_t
physseg_radix_blocks(const struct radix *radix)
{
	return radix->blocks.total - radix->blocks.nfree;
}

/*
 * At worst a change makes every node on the ways to both ends of the range, and
 * the nodes above the present root.  Each of them may take a block for a run,
 * and the lowest at each end another for its first slot.  Four more blocks: one
 * at each end, one where the segment starts, and its run.  At each end an entry
 * may be expanded.  The three blocks that are no run, and one more, may be
 * ranked, each in a node of its own, if the map is a large one by then.
 */
static size_t
radix_mem_needed(
    const void *index, physseg_pfn_t start, physseg_pfn_t end, size_t changes)
{
	const struct radix *radix = index;
	unsigned shift = RADIX_BLOCK_BITS;
	size_t levels, blocks, n;

	(void)start;
	if (radix_is_node(radix->root))
		shift = radix_shift(radix->root);
	while ((end - 1) >> shift >= RADIX_FANOUT)
		shift += RADIX_BITS;
	levels = (shift - RADIX_BLOCK_BITS) / RADIX_BITS + 1;
	blocks = (2 * levels + 6) * changes;
	n = pool_need(&radix->nodes, 3 * levels * changes) +
	    pool_need(&radix->blocks, blocks) +
	    pool_need(&radix->details, 6 * changes) +
	    pool_need(&radix->tables, 2 * changes);
	if (physseg_radix_blocks(radix) + blocks > RADIX_LARGE)
		n += pool_need(&radix->ranks, 4 * changes) +
		    pool_need(&radix->lines, 4 * changes);
	return n <= radix->nchunks ? 0 : n - radix->nchunks;
}

static void
radix_mem_add(void *index, void *chunk)
{
	struct radix *radix = index;

	*(uintptr_t *)chunk = radix->chunks;
	radix->chunks = (uintptr_t)chunk;
	radix->nchunks++;
}

static size_t
radix_size(size_t capacity)
{
	(void)capacity;
	return sizeof(struct radix);
}

static void
radix_init(void *index, size_t capacity, size_t page_size)
{
	struct radix *radix = index;

	(void)capacity;
	memset(radix, 0, sizeof(*radix));
	radix->page_size = page_size;
	radix->root = (uintptr_t)&radix->empty;
	pools_init(radix);
}

/* ---- the list ---- */

static struct physseg_node *
head(const struct radix *radix)
{
	return radix_segment(physseg_atomic_load(&radix->head));
}

/* Put a node after `prev'; NULL: before all others.  Its own link is stored
 * before the one that leads to it (rule 1). */
static void
radix_link(
    struct radix *radix, struct physseg_node *node, struct physseg_node *prev)
{
	struct physseg_node *next =
	    prev == NULL ? head(radix) : radix_next(prev);

	RADIX_PREV(node) = prev;
	physseg_atomic_store(&RADIX_NEXT(node), (uintptr_t)next);
	if (next == NULL)
		radix->tail = node;
	else
		RADIX_PREV(next) = node;
	physseg_atomic_store(
	    prev == NULL ? &radix->head : &RADIX_NEXT(prev), (uintptr_t)node);
}

/* The node keeps its own links, for readers that are at it (rule 4). */
static void
radix_unlink(struct radix *radix, struct physseg_node *node)
{
	struct physseg_node *prev = RADIX_PREV(node), *next = radix_next(node);

	if (next == NULL)
		radix->tail = prev;
	else
		RADIX_PREV(next) = prev;
	physseg_atomic_store(
	    prev == NULL ? &radix->head : &RADIX_NEXT(prev), (uintptr_t)next);
}

/* Add to the count of nodes without page structures. */
static void
pageless_add(struct radix *radix, uintptr_t n)
{
	physseg_atomic_store(&radix->pageless, radix->pageless + n);
}

/* ---- lookups ---- */

#define TRIES 4

/* Only a hint: without it the answers are the same. */
static inline void
prefetch(const void *mem)
{
#if defined(__GNUC__)
	__builtin_prefetch(mem);
#else
	(void)mem;
#endif
}

/*
 * Go on from a node that starts at or below the frame to the one that contains
 * it.  A node's end is read before its next (rule 3): if a split has moved the
 * end, the part above is linked by then.  False: the walk ended at *node.
 */
static bool
radix_walk(struct physseg_node **node, physseg_pfn_t pfn)
{
	struct physseg_node *next;

	while (!radix_contains(*node, pfn)) {
		next = radix_next(*node);
		if (next == NULL || !radix_starts_by(next, pfn))
			return false;
		*node = next;
	}
	return true;
}

/* The walk ended at this node.  Another one may hold the frame by now, if this
 * one has left, or one was inserted behind it; or this one itself, if it was
 * joined with the one above it.  If its start has moved above the frame, its
 * end is above the frame, too.  The end is read last: what was inserted may
 * have been joined with this one already, and is behind it no more. */
static bool
has_changed(const struct physseg_node *node, physseg_pfn_t pfn)
{
	const struct physseg_node *next = radix_next(node);
	const physseg_pfn_t end = physseg_atomic_load_pfn(&node->end);

	return end == 0 || end > pfn ||
	    (next != NULL && radix_starts_by(next, pfn));
}

/* The bits 0 to `i' of a word. */
static uintptr_t
up_to(size_t i)
{
	return UINTPTR_MAX >> (sizeof(uintptr_t) * 8 - 1 - i);
}

/* The first node that starts in the last of these quarters; NULL: none. */
static struct physseg_node *
last_first(const struct radix_block *block, uintptr_t quarters)
{
	if (quarters == 0)
		return NULL;
	return radix_segment(physseg_atomic_load(
	    &radix_detail(block)->first[physseg_highest_bit(quarters)]));
}

/* A node that starts in a block, at or below a frame of it; NULL: none.  The
 * first start in the frame's own quarter may be above the frame. */
static inline struct physseg_node *
near_in_block(const struct radix_block *block, physseg_pfn_t pfn)
{
	const size_t i = radix_quarter_of(pfn);
	const uintptr_t starts = physseg_atomic_load(&block->starts) & up_to(i);
	struct physseg_node *node = last_first(block, starts);

	if (node == NULL || radix_starts_by(node, pfn))
		return node;
	node = last_first(block, starts & ~((uintptr_t)1 << i));
	return node != NULL && radix_starts_by(node, pfn) ? node : NULL;
}

/* The first node of the last quarter that has a start, below the last of these
 * slots.  NULL: a start that was marked has been removed meanwhile. */
static struct physseg_node *
last_start(const struct radix_node *node, uintptr_t starts)
{
	const struct radix_block *block;
	uintptr_t slot;
	size_t i;

	for (;;) {
		i = physseg_highest_bit(starts);
		slot = physseg_atomic_load(&node->slot[i]);
		if (!radix_is_node(slot))
			break;
		node = radix_node(slot);
		if ((starts = physseg_atomic_load(&node->starts)) == 0)
			return NULL;
	}
	block = radix_block(radix_behind(slot, node, i));
	return last_first(block, physseg_atomic_load(&block->starts));
}

/*
 * A node to begin the walk to a frame at: it starts at or below the frame.
 * NULL: there is none.  Then *none says whether the tree had no mark of one.
 * Otherwise it had one, and the node has been removed meanwhile.
 */
static struct physseg_node *
near(const struct radix *radix, physseg_pfn_t pfn, bool *none)
{
	uintptr_t slot = physseg_atomic_load(&radix->root), starts;
	uintptr_t before_starts = 0;
	const struct radix_node *before = NULL, *node = NULL;
	struct physseg_node *found;
	size_t i = 0;

	*none = false;
	if (radix_is_node(slot) && !radix_reaches(slot, pfn)) {
		before = radix_node(slot);
		before_starts = physseg_atomic_load(&before->starts);
		slot = (uintptr_t)&radix->empty;
	}
	while (radix_is_node(slot)) {
		node = radix_node(slot);
		i = radix_digit(pfn, radix_shift(slot));
		starts = physseg_atomic_load(&node->starts) & (up_to(i) >> 1);
		if (starts != 0) {
			before = node;
			before_starts = starts;
		}
		slot = physseg_atomic_load(&node->slot[i]);
	}
	found = near_in_block(radix_block(radix_behind(slot, node, i)), pfn);
	if (found != NULL)
		return found;
	*none = before_starts == 0;
	return *none ? NULL : last_start(before, before_starts);
}

/* Some node that starts at or below the frame, seldom far below; NULL: none.
 * Where near finds none of those there are, the start of the first has moved
 * above the frame, and the part below is the list's head by now. */
static struct physseg_node *
start(const struct radix *radix, physseg_pfn_t pfn)
{
	struct physseg_node *node = NULL;
	bool none = false;
	int tries;

	for (tries = 0; node == NULL && !none && tries < TRIES; tries++)
		node = near(radix, pfn, &none);
	if (node != NULL && radix_starts_by(node, pfn))
		return node;
	node = head(radix);
	return node != NULL && radix_starts_by(node, pfn) ? node : NULL;
}

/* The last node that starts at or below the frame; NULL: none.  Only the writer
 * may call this. */
struct physseg_node *
physseg_radix_floor(const struct radix *radix, physseg_pfn_t pfn)
{
	struct physseg_node *node, *next;

	next = node = start(radix, pfn);
	for (; next != NULL && next->start <= pfn; next = radix_next(next))
		node = next;
	return node;
}

/* Not part of the lookup, which seldom gets here: it is not static so that
 * compilers leave it apart, and save no registers for it.  Between two waits
 * for readers a frame that stays can move twice: a front is cut off, and joined
 * with the node below.  So a third try is the last one that can be needed. */
struct physseg_node *
physseg_radix_search(const struct radix *radix, physseg_pfn_t pfn)
{
	struct physseg_node *node;
	int tries;

	for (tries = 0; tries < 3; tries++) {
		node = start(radix, pfn);
		if (node == NULL)
			break;
		if (radix_walk(&node, pfn))
			return node;
		if (!has_changed(node, pfn))
			break;
	}
	return NULL;
}

static inline const struct radix_block *
block_at(const struct radix *radix, physseg_pfn_t pfn)
{
	const struct radix_node *in;
	const uintptr_t slot = radix_descend(radix, pfn, &in);

	return radix_block(
	    radix_behind(slot, in, radix_digit(pfn, RADIX_BLOCK_BITS)));
}

/* The segment of a frame, if its block leads to it without a search; or NULL.
 */
static struct physseg_node *
lookup_in_block(const struct radix_block *block, physseg_pfn_t pfn)
{
	struct physseg_node *node = near_in_block(block, pfn);

	if (node != NULL)
		return radix_walk(&node, pfn) ? node : NULL;
	node = radix_segment(physseg_atomic_load(&block->hint));
	return node != NULL && radix_contains(node, pfn) ? node : NULL;
}

/*
 * The count of nodes without page structures is asked for before the frame, and
 * once more if that is not present.  Whenever page structures come or go either
 * the frame is seen or the count is (radix_update); that they go and come again
 * takes a wait for readers in between.
 */
static struct physseg_node *
radix_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct radix *radix = index;
	const uintptr_t pageless = physseg_atomic_load(&radix->pageless);
	const struct radix_block *block = block_at(radix, pfn);
	struct physseg_node *node;

	if ((radix_present(block, pfn) | pageless) == 0 &&
	    physseg_atomic_load(&radix->pageless) == 0)
		return NULL;
	node = lookup_in_block(block, pfn);
	return node != NULL ? node : physseg_radix_search(radix, pfn);
}

static inline const struct radix_line *
line_of(uintptr_t slot)
{
	return (const struct radix_line *)(slot - RADIX_RANKED);
}

/* The bits are read before the counts (rule 7). */
static inline uintptr_t
page_in_line(uintptr_t slot, const struct radix_node *in, physseg_pfn_t pfn,
    size_t page_size)
{
	const struct radix_cell *cell =
	    &radix_ranks(in)->cell[radix_digit(pfn, RADIX_BLOCK_BITS)];
	const size_t i = radix_entry_of(pfn), bit = radix_digit(pfn, 0);
	const uintptr_t word = physseg_atomic_load(&line_of(slot)->present[i]);
	const uintptr_t mask = 0 - (word >> bit & 1);
	const size_t below =
	    (size_t)(physseg_atomic_load_32(&cell->below[i / 2]) >>
		i % 2 * RADIX_BELOW_BITS) &
	    (((size_t)1 << RADIX_BELOW_BITS) - 1);

	return mask &
	    (physseg_atomic_load(&cell->first) +
		(below + physseg_count_bits(word & ~(UINTPTR_MAX << bit))) *
		    page_size);
}

static inline void *
page_in(uintptr_t slot, const struct radix_node *in, physseg_pfn_t pfn,
    size_t page_size)
{
	if (RADIX_SELDOM(radix_is_ranked(slot)))
		return (void *)page_in_line(slot, in, pfn, page_size);
	return (void *)radix_page_in_block(radix_block(slot), pfn, page_size);
}

static inline void *
page_of(const struct radix *radix, physseg_pfn_t pfn, size_t page_size)
{
	const struct radix_node *in;
	const uintptr_t slot = radix_descend(radix, pfn, &in);

	return page_in(slot, in, pfn, page_size);
}

void *
physseg_radix_page(const void *index, physseg_pfn_t pfn, size_t page_size)
{
	return page_of(index, pfn, page_size);
}

/* So many lookups go down the tree one after another, and have their entries
 * or lines fetched.  Then the first of them has its own, or nearly so. */
#define AT_ONCE 16

static void
radix_pages(const void *index, const physseg_pfn_t *pfns, size_t n,
    size_t page_size, void **pages)
{
	const struct radix *radix = index;
	const struct radix_node *in[AT_ONCE];
	uintptr_t slots[AT_ONCE];
	size_t m, i;

	if (physseg_atomic_load(&radix->many) == 0) {
		for (i = 0; i < n; i++)
			pages[i] = page_of(radix, pfns[i], page_size);
		return;
	}
	for (; n > 0; n -= m, pfns += m, pages += m) {
		m = n < AT_ONCE ? n : AT_ONCE;
		for (i = 0; i < m; i++) {
			slots[i] = radix_descend(radix, pfns[i], &in[i]);
			prefetch(radix_is_ranked(slots[i])
				? (const void *)line_of(slots[i])
				: &radix_block(slots[i])
				       ->entry[radix_entry_of(pfns[i])]);
		}
		for (i = 0; i < m; i++)
			pages[i] = page_in(slots[i], in[i], pfns[i], page_size);
	}
}

static struct physseg_node *
radix_find(const void *index, physseg_pfn_t lo, physseg_pfn_t hi)
{
	const struct radix *radix = index;
	struct physseg_node *node;

	if (radix->tail == NULL || radix->tail->end <= lo)
		return NULL;
	node = physseg_radix_floor(radix, lo);
	if (node == NULL || node->end <= lo)
		node = node == NULL ? head(radix) : radix_next(node);
	return node != NULL && node->start < hi ? node : NULL;
}

static struct physseg_node *
radix_iterate(const void *index, const struct physseg_node *node)
{
	return node == NULL ? head(index) : radix_next(node);
}

static struct physseg_node *
radix_prev(const void *index, const struct physseg_node *node)
{
	const struct radix *radix = index;

	return node == NULL ? radix->tail : RADIX_PREV(node);
}

/* ---- changes ---- */

/* Into the list, then into the tree (rule 2).  A node above all others needs no
 * search. */
static void
radix_insert(void *index, struct physseg_node *node)
{
	struct radix *radix = index;
	struct physseg_node *last = radix->tail;

	if (last != NULL && last->start > node->start)
		last = physseg_radix_floor(radix, node->start);
	if (!radix_has_pages(node))
		pageless_add(radix, 1);
	radix_link(radix, node, last);
	physseg_radix_mark(radix, node, node->start);
	if (radix_has_pages(node))
		physseg_radix_fill(radix, node, node->start, node->end);
}

/* Out of the tree, then out of the list (rule 2). */
static void
radix_remove(void *index, struct physseg_node *node)
{
	struct radix *radix = index;

	physseg_radix_clear(radix, node, node->start, node->end, node->end);
	radix_unlink(radix, node);
	if (!radix_has_pages(node))
		pageless_add(radix, (uintptr_t)-1);
}

/* What leaves leaves the tree before the list (rule 2), and what enters enters
 * it after.  The count of nodes without page structures rises before these
 * leave, and falls after they have come (physseg_radix_lookup). */
static void
radix_update(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, uintptr_t base)
{
	struct radix *radix = index;
	const struct physseg_node old = *node;

	if (start > old.start) {
		physseg_radix_mark(radix, node, start);
		physseg_radix_clear(radix, node, old.start, start, start);
	} else if (end < old.end)
		physseg_radix_clear(radix, node, end, old.end, start);
	else if (base == PHYSSEG_NOBASE && old.base != PHYSSEG_NOBASE) {
		pageless_add(radix, 1);
		physseg_radix_clear(radix, node, start, end, start);
	}
	physseg_atomic_store_pfn(&node->start, start);
	physseg_atomic_store_pfn(&node->end, end);
	physseg_atomic_store(&node->base, base);
	if (start < old.start) {
		physseg_radix_mark(radix, node, start);
		physseg_radix_unmark(radix, node, old.start);
	}
	if (base == PHYSSEG_NOBASE)
		return;
	if (start < old.start)
		physseg_radix_fill(radix, node, start, old.start);
	else if (end > old.end)
		physseg_radix_fill(radix, node, old.end, end);
	else if (old.base == PHYSSEG_NOBASE) {
		physseg_radix_fill(radix, node, start, end);
		pageless_add(radix, (uintptr_t)-1);
	}
}

/* The pieces of a segment share its run.  A run has one hint; it serves the
 * largest piece best. */
static void
hint(const struct radix *radix, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end)
{
	struct radix_block *block =
	    (struct radix_block *)block_at(radix, start + (end - start) / 2);

	if (block->refs != 0)
		physseg_atomic_store(&block->hint, (uintptr_t)node);
}

/* The other one is in the list, and its start is known, before the node's bound
 * moves: rule 3. */
static void
radix_split(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, struct physseg_node *other)
{
	struct radix *radix = index;
	const bool above = other->start > start;

	if (!radix_has_pages(other))
		pageless_add(radix, 1);
	radix_link(radix, other, above ? node : RADIX_PREV(node));
	physseg_radix_mark(radix, other, other->start);
	if (above) {
		if (end < other->start)
			physseg_radix_clear(
			    radix, node, end, other->start, start);
		physseg_atomic_store_pfn(&node->end, end);
	} else {
		physseg_radix_mark(radix, node, start);
		if (other->end < start)
			physseg_radix_clear(
			    radix, node, other->end, start, start);
		physseg_atomic_store_pfn(&node->start, start);
	}
	if (other->end - other->start > end - start)
		hint(radix, other, other->start, other->end);
}

/* Both have the frames until the upper one is out of the list. */
static void
radix_join(void *index, struct physseg_node *node, struct physseg_node *upper)
{
	struct radix *radix = index;

	physseg_atomic_store_pfn(&node->end, upper->end);
	physseg_radix_unmark(radix, upper, upper->start);
	radix_unlink(radix, upper);
	hint(radix, node, upper->start, upper->end);
	if (!radix_has_pages(upper))
		pageless_add(radix, (uintptr_t)-1);
}

static const struct physseg_backend backend = {
	.struct_size = sizeof(struct physseg_backend),
	.name = "radix",
	.capabilities = PHYSSEG_SORTED | PHYSSEG_HOTPLUG |
	    (PHYSSEG_ATOMIC_PFN ? PHYSSEG_LOCKFREE : 0),
	.size = radix_size,
	.init = radix_init,
	.insert = radix_insert,
	.remove = radix_remove,
	.update = radix_update,
	.split = radix_split,
	.join = radix_join,
	.find = radix_find,
	.lookup = radix_lookup,
	.next = radix_iterate,
	.prev = radix_prev,
	.check = physseg_radix_check,
	.page = physseg_radix_page,
	.chunk_size = RADIX_CHUNK,
	.mem_needed = radix_mem_needed,
	.mem_add = radix_mem_add,
	.mem_reclaim = radix_mem_reclaim,
	.pages = radix_pages,
};

const struct physseg_backend *
physseg_backend_radix(void)
{
	return &backend;
}
