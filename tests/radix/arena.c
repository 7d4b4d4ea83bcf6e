/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/radix/arena.c -- see arena.h.
 */
#include <stdatomic.h>
#include <string.h>

#include "arena.h"
#include "stepped.h"
#include "support.h"

#define K	    *1024
#define WORDS	    (128 K)
#define CHANGES	    (512 K)
#define PIECE	    256 /* words, compared at once */
#define MOST_BLOCKS 256

size_t arena_now, arena_last, arena_mark;
struct arena_sync arena_syncs[ARENA_SYNCS];
size_t arena_nsyncs, arena_refuse;

/* PHYSSEG_ALIGN is the map's own affair. */
static _Alignas(max_align_t) uintptr_t arena[WORDS];
static size_t used; /* words of it */

static struct block {
	uintptr_t *mem;
	size_t words;
	bool free;
} blocks[MOST_BLOCKS];
static size_t nblocks;

static uintptr_t serial; /* of pages */

/* ---- states ---- */

static uintptr_t shadow[WORDS]; /* the arena in the last state */
static struct arena_change changes[CHANGES], *end = changes;
static struct arena_change *first[WORDS], *latest[WORDS]; /* of a word */
static bool recording;

static const uintptr_t *stored; /* the word of the ordered store under way */
static bool stored_plain;

static void
add_change(size_t word, bool plain)
{
	test_assert(end < changes + CHANGES);
	*end = (struct arena_change){ word, arena_last + 1, shadow[word],
		arena[word], plain, NULL };
	*(first[word] == NULL ? &first[word] : &latest[word]->again) = end;
	latest[word] = end++;
	shadow[word] = arena[word];
}

/* What was written, other than by the ordered stores, makes a state. */
static void
take_state(void)
{
	const struct arena_change *old = end;

	if (!recording)
		return;
	for (size_t i = 0; i < used; i += PIECE)
		if (memcmp(arena + i, shadow + i, PIECE * sizeof(*arena)) != 0)
			for (size_t k = i; k < i + PIECE; k++)
				if (arena[k] != shadow[k])
					add_change(k, true);
	arena_last += end != old;
}

static const uintptr_t *
word_at(const volatile void *at)
{
	const uintptr_t offset = (uintptr_t)at - (uintptr_t)arena;

	return offset < used * sizeof(*arena) ? &arena[offset / sizeof(*arena)]
					      : NULL;
}

void
test_before_store(const volatile void *at, size_t size, int order)
{
	(void)size;
	take_state();
	stored = word_at(at);
	stored_plain = order == (int)memory_order_relaxed;
}

void
test_after_store(void)
{
	if (!recording || stored == NULL || *stored == shadow[stored - arena])
		return;
	add_change((size_t)(stored - arena), stored_plain);
	arena_last++;
}

void
arena_start(void)
{
	memcpy(shadow, arena, sizeof(arena));
	memset(first, 0, sizeof(first));
	end = changes;
	arena_last = arena_now = arena_nsyncs = arena_mark = 0;
	recording = true;
}

void
arena_pause(void)
{
	take_state();
	recording = false;
	arena_now = arena_last;
}

void
arena_resume(void)
{
	test_assert(arena_now == arena_last);
	recording = true;
}

/* The changes are in the order of states. */
void
arena_go(size_t state)
{
	static const struct arena_change *at; /* the next change */

	if (arena_now == arena_last)
		at = end;
	for (; at < end && at->state <= state; at++)
		arena[at->word] = at->is;
	for (; at > changes && at[-1].state > state; at--)
		arena[at[-1].word] = at[-1].was;
	arena_now = state;
}

const struct arena_change *
arena_changed(const volatile void *at, size_t after)
{
	const uintptr_t *word = word_at(at);
	const struct arena_change *change;

	if (word == NULL)
		return NULL;
	change = first[word - arena];
	while (change != NULL && change->state <= after)
		change = change->again;
	return change;
}

/* ---- the host ---- */

void
arena_reset(void)
{
	memset(arena, 0xdb, sizeof(arena));
	used = nblocks = arena_refuse = arena_mark = 0;
	end = changes;
	arena_now = arena_last = 0;
	recording = false;
}

bool
arena_is_full(void)
{
	return nblocks > MOST_BLOCKS / 2 || used > WORDS / 2;
}

static size_t
words_of(size_t size)
{
	return (size + 2 * sizeof(uintptr_t) - 1) / (2 * sizeof(uintptr_t)) * 2;
}

void *
arena_alloc(size_t size)
{
	const size_t words = words_of(size);
	struct block *block = NULL;

	if (arena_refuse != 0 && (arena_refuse == 1 || --arena_refuse == 0))
		return NULL;
	for (size_t i = nblocks; i-- > 0 && block == NULL;)
		if (blocks[i].free && blocks[i].words == words)
			block = &blocks[i];
	if (block == NULL) {
		test_assert(nblocks < MOST_BLOCKS && words < WORDS - used);
		block = &blocks[nblocks++];
		*block = (struct block){ arena + used, words, true };
		used += words;
	}
	block->free = false;
	take_state();
	memset(block->mem, 0, words * sizeof(uintptr_t));
	take_state();
	return block->mem;
}

static void *
host_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return arena_alloc(size);
}

static void
host_free(void *ctx, void *p, size_t size)
{
	size_t i = 0;

	(void)ctx;
	while (i < nblocks && (void *)blocks[i].mem != p)
		i++;
	test_assert(i < nblocks && !blocks[i].free);
	test_assert(blocks[i].words == words_of(size));
	blocks[i].free = true;
	take_state();
	memset(p, 0xdb, blocks[i].words * sizeof(uintptr_t));
	take_state();
}

static _Noreturn void
host_panic(void *ctx, const char *reason)
{
	(void)ctx;
	ck_abort_msg("panic: %s", reason);
}

static void
host_page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	*(struct arena_page *)page = (struct arena_page){ pfn, ++serial };
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct arena_page *)page)->pfn;
}

/* The memory is the arena's all the time. */
static bool
host_commit(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)p;
	(void)size;
	return arena_refuse == 0 || (arena_refuse != 1 && --arena_refuse != 0);
}

static void
host_decommit(void *ctx, void *p, size_t size)
{
	(void)ctx;
	take_state();
	memset(p, 0xdb, size);
	take_state();
}

static void
host_sync(void *ctx)
{
	(void)ctx;
	if (!recording)
		return;
	take_state();
	test_assert(arena_nsyncs < ARENA_SYNCS);
	arena_syncs[arena_nsyncs++] =
	    (struct arena_sync){ arena_last, arena_mark };
}

const struct physseg_host arena_host = { .alloc = host_alloc,
	.free = host_free,
	.panic = host_panic,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
	.sync = host_sync,
	.commit = host_commit,
	.decommit = host_decommit };
