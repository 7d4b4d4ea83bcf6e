/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * backend_radix_pool.c -- the tree's memory: chunks from the engine, cut into
 * nodes, blocks or tables when they are needed, and that for ever.
 *
 * What readers may still be in goes to the limbo and is used again from
 * mem_reclaim on; its contents are not touched before.
 */
#include "backend_radix.h"

static void
pool_init(struct radix_pool *pool, size_t size, size_t link)
{
	pool->size = (size + PHYSSEG_ALIGN - 1) / PHYSSEG_ALIGN * PHYSSEG_ALIGN;
	pool->each = RADIX_CHUNK / pool->size;
	pool->link = link;
}

void
physseg_radix_pool_init(struct radix *radix)
{
	pool_init(&radix->nodes, sizeof(struct radix_node),
	    offsetof(struct radix_node, free));
	pool_init(&radix->blocks, sizeof(struct radix_block),
	    offsetof(struct radix_block, refs));
	pool_init(&radix->details, sizeof(struct radix_detail), 0);
	pool_init(&radix->tables, sizeof(struct radix_table),
	    offsetof(struct radix_table, free));
}

static uintptr_t *
link_of(const struct radix_pool *pool, uintptr_t mem)
{
	return (uintptr_t *)(mem + pool->link);
}

/* What no reader has seen or is left to see. */
static void
free_push(struct radix_pool *pool, uintptr_t mem)
{
	*link_of(pool, mem) = pool->free;
	pool->free = mem;
	pool->nfree++;
}

/* There is one: mem_needed has seen to it. */
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
			free_push(pool, mem + i * pool->size);
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
		free_push(pool, mem);
	}
}

void
physseg_radix_mem_reclaim(void *index)
{
	struct radix *radix = index;

	pool_reclaim(&radix->nodes);
	pool_reclaim(&radix->blocks);
	pool_reclaim(&radix->tables);
}

/* The chunks that `n' more from the pool may take. */
static size_t
pool_need(const struct radix_pool *pool, size_t n)
{
	if (n <= pool->nfree)
		return 0;
	return (n - pool->nfree + pool->each - 1) / pool->each;
}

/*
 * At worst a change makes new every node on the ways to both ends of a range,
 * and those above the root as it is.  Each of these may take a block for a run,
 * and both ends one, and the segment's start, and its run; at both ends an
 * entry may come apart.
 */
size_t
physseg_radix_mem_needed(
    const void *index, physseg_pfn_t start, physseg_pfn_t end, size_t changes)
{
	const struct radix *radix = index;
	unsigned shift = RADIX_BLOCK_BITS;
	size_t levels, n;

	(void)start;
	if (radix_is_node(radix->root))
		shift = radix_shift(radix->root);
	while ((end - 1) >> shift >= RADIX_FANOUT)
		shift += RADIX_BITS;
	levels = (shift - RADIX_BLOCK_BITS) / RADIX_BITS + 1;
	n = pool_need(&radix->nodes, 3 * levels * changes) +
	    pool_need(&radix->blocks, (2 * levels + 4) * changes) +
	    pool_need(&radix->details, 4 * changes) +
	    pool_need(&radix->tables, 2 * changes);
	return n <= radix->nchunks ? 0 : n - radix->nchunks;
}

void
physseg_radix_mem_add(void *index, void *chunk)
{
	struct radix *radix = index;

	*(uintptr_t *)chunk = radix->chunks;
	radix->chunks = (uintptr_t)chunk;
	radix->nchunks++;
}
