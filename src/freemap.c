/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * freemap.c -- which of n places are free: a bit for each, and a tree of what
 * is known of runs of free places.
 *
 * A word of bits is a leaf of the tree, a node is FREEMAP_FANOUT words or
 * nodes. Of each node the tree knows how many places are free at its front, at
 * its back, and in its longest run.  So the longest run of all is known, and
 * the lowest run that is long enough is found in one descent.
 *
 * A change writes bits and then what the tree knows, from the words upwards, as
 * far as anything is different.  No change takes memory.
 */
#include "engine.h"
#include "base/bits.h"

#define FREEMAP_FANOUT 8U
#define FREEMAP_HEIGHT (sizeof(size_t) * 8 / 3 + 1)

#define WORD_BITS (sizeof(uintptr_t) * 8)

/* Free places at the front, at the back, and in the longest run. */
struct freemap_run {
	size_t front;
	size_t back;
	size_t most;
};

struct physseg_freemap {
	uintptr_t *bits; /* 1: free */
	size_t height;
	struct freemap_level {
		struct freemap_run *run;
		size_t n;
	} level[FREEMAP_HEIGHT]; /* [0]: the words, whose runs are not kept.
				  * The last one has one node */
};

/* How many nodes are above so many. */
static size_t
above(size_t n)
{
	return n / FREEMAP_FANOUT + (n % FREEMAP_FANOUT != 0);
}

static size_t
words(size_t n)
{
	return n / WORD_BITS + (n % WORD_BITS != 0);
}

/* The size in bytes of a map of `n' places, which are not 0. */
size_t
physseg_freemap_size(size_t n)
{
	size_t nodes = words(n), size;

	size = sizeof(struct physseg_freemap) + nodes * sizeof(uintptr_t);
	while (nodes > 1) {
		nodes = above(nodes);
		size += nodes * sizeof(struct freemap_run);
	}
	return size;
}

/* Make one in zeroed memory of that size.  No place is free. */
struct physseg_freemap *
physseg_freemap_init(void *mem, size_t n)
{
	struct physseg_freemap *map = mem;
	size_t nodes = words(n);
	struct freemap_run *run;

	map->bits = (uintptr_t *)(map + 1);
	run = (struct freemap_run *)(map->bits + nodes);
	map->level[map->height++].n = nodes;
	while (nodes > 1) {
		nodes = above(nodes);
		map->level[map->height++] =
		    (struct freemap_level){ run, nodes };
		run += nodes;
	}
	return map;
}

/* ---- runs ---- */

/* What is known of `span' places, and of as many as `next' stands for behind
 * them. */
static struct freemap_run
join(struct freemap_run run, size_t span, struct freemap_run next,
    size_t next_span)
{
	const size_t middle = run.back + next.front;
	struct freemap_run joined = { run.front, next.back, run.most };

	if (run.front == span)
		joined.front += next.front;
	if (next.back == next_span)
		joined.back += run.back;
	if (next.most > joined.most)
		joined.most = next.most;
	if (middle > joined.most)
		joined.most = middle;
	return joined;
}

static struct freemap_run
run_of_word(uintptr_t word)
{
	const uintptr_t taken = ~word;
	struct freemap_run run = { WORD_BITS, WORD_BITS, WORD_BITS };

	if (taken == 0)
		return run;
	run.front = physseg_lowest_bit(taken);
	run.back = WORD_BITS - 1 - physseg_highest_bit(taken);
	for (run.most = 0; word != 0; run.most++)
		word &= word << 1; /* each run gets shorter by one */
	return run;
}

static struct freemap_run
run_at(const struct physseg_freemap *map, size_t level, size_t i)
{
	return level == 0 ? run_of_word(map->bits[i])
			  : map->level[level].run[i];
}

/* The places that a run on a level stands for. */
static size_t
span_of(size_t level)
{
	size_t span = WORD_BITS;

	for (; level > 0; level--)
		span *= FREEMAP_FANOUT;
	return span;
}

/* What the run of a node is, by what is below it. */
static struct freemap_run
run_of(const struct physseg_freemap *map, size_t level, size_t i)
{
	const size_t span = span_of(--level), first = i * FREEMAP_FANOUT;
	struct freemap_run run = run_at(map, level, first);
	size_t k;

	for (k = 1; k < FREEMAP_FANOUT && first + k < map->level[level].n; k++)
		run = join(run, k * span, run_at(map, level, first + k), span);
	return run;
}

static bool
is_same(const struct freemap_run *a, const struct freemap_run *b)
{
	return a->front == b->front && a->back == b->back && a->most == b->most;
}

/* Set the runs [lo, hi] of a level.  True: one is different now. */
static bool
update(struct physseg_freemap *map, size_t level, size_t lo, size_t hi)
{
	struct freemap_run *run = map->level[level].run, is;
	bool differs = false;

	for (; lo <= hi; lo++) {
		is = run_of(map, level, lo);
		differs |= !is_same(&is, &run[lo]);
		run[lo] = is;
	}
	return differs;
}

/* ---- places ---- */

/* The bits of places [i, end) in the word of place i. */
static uintptr_t
mask_of(size_t i, size_t end)
{
	const size_t last =
	    (i | (WORD_BITS - 1)) < end ? WORD_BITS - 1 : (end - 1) % WORD_BITS;

	return UINTPTR_MAX << i % WORD_BITS &
	    UINTPTR_MAX >> (WORD_BITS - 1 - last);
}

/* Are the places [i, i + n) all free, or all taken? */
bool
physseg_freemap_is(
    const struct physseg_freemap *map, size_t i, size_t n, bool free)
{
	const size_t end = i + n;
	uintptr_t mask;

	for (; i < end; i = (i | (WORD_BITS - 1)) + 1) {
		mask = mask_of(i, end);
		if ((map->bits[i / WORD_BITS] & mask) != (free ? mask : 0))
			return false;
	}
	return true;
}

/* Let the places [i, i + n) be free, or taken; n is not 0.  O(n) */
void
physseg_freemap_set(struct physseg_freemap *map, size_t i, size_t n, bool free)
{
	const size_t end = i + n;
	size_t level = 1, lo = i / WORD_BITS, hi = (end - 1) / WORD_BITS;
	uintptr_t mask, *word;

	for (; i < end; i = (i | (WORD_BITS - 1)) + 1) {
		mask = mask_of(i, end);
		word = &map->bits[i / WORD_BITS];
		*word = free ? *word | mask : *word & ~mask;
	}
	do {
		lo /= FREEMAP_FANOUT;
		hi /= FREEMAP_FANOUT;
	} while (level < map->height && update(map, level++, lo, hi));
}

/* The length of the longest run. */
size_t
physseg_freemap_largest(const struct physseg_freemap *map)
{
	return run_at(map, map->height - 1, 0).most;
}

/* Where the lowest run of `n' bits is in a word that has one. */
static size_t
find_in_word(uintptr_t word, size_t n)
{
	for (; n > 1; n--)
		word &= word >> 1;
	return physseg_lowest_bit(word);
}

/* The first of the lowest `n' places that are free and follow one another;
 * there must be so many. */
size_t
physseg_freemap_find(const struct physseg_freemap *map, size_t n)
{
	size_t level = map->height - 1, i = 0, span, tail;
	struct freemap_run run;

	for (;; level--, i *= FREEMAP_FANOUT) {
		span = span_of(level);
		for (tail = 0;; i++) {
			run = run_at(map, level, i);
			if (tail + run.front >= n)
				return i * span - tail;
			if (run.most >= n)
				break;
			tail = run.front == span ? tail + span : run.back;
		}
		if (level == 0)
			return i * span + find_in_word(map->bits[i], n);
	}
}

/* ---- checking ---- */

/* How many places are free. */
size_t
physseg_freemap_total(const struct physseg_freemap *map)
{
	size_t i, total = 0;

	for (i = 0; i < map->level[0].n; i++)
		total += physseg_count_bits(map->bits[i]);
	return total;
}

/* NULL, or which invariant is broken. */
const char *
physseg_freemap_check(const struct physseg_freemap *map)
{
	struct freemap_run is;
	size_t level, i;

	for (level = 1; level < map->height; level++)
		for (i = 0; i < map->level[level].n; i++) {
			is = run_of(map, level, i);
			if (!is_same(&is, &map->level[level].run[i]))
				return "freemap: a run is not what is below it";
		}
	return NULL;
}
