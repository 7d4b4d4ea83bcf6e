/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/tools/faulty.c -- a backend for physseg-replay with a fault put in by
 * hand: the red-black tree, which after a join of two long nodes does not find
 * the last frame.
 */
#include <physseg/backend.h>

const struct physseg_backend *faulty_backend(void); /* -DREPLAY_OWN_BACKEND */

#define LONG 0x180

static struct physseg_backend backend;
static physseg_pfn_t lost = PHYSSEG_NOFRAME;

static void
faulty_join(void *index, struct physseg_node *node, struct physseg_node *upper)
{
	if (node->end - node->start > LONG && upper->end - upper->start > LONG)
		lost = upper->end - 1;
	physseg_backend_rbtree()->join(index, node, upper);
}

static struct physseg_node *
faulty_lookup(const void *index, physseg_pfn_t pfn)
{
	return pfn == lost ? NULL
			   : physseg_backend_rbtree()->lookup(index, pfn);
}

/* The fault is gone with the map. */
static void
faulty_init(void *index, size_t capacity)
{
	lost = PHYSSEG_NOFRAME;
	physseg_backend_rbtree()->init(index, capacity);
}

const struct physseg_backend *
faulty_backend(void)
{
	backend = *physseg_backend_rbtree();
	backend.name = "faulty";
	backend.init = faulty_init;
	backend.join = faulty_join;
	backend.lookup = faulty_lookup;
	return &backend;
}
