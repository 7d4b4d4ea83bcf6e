/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/tools/faulty.c -- a backend for physseg-replay with a fault put in by
 * hand, which the environment's FAULT names.  It is the red-black tree, and
 *goes wrong when two long nodes are joined:
 *
 *	lookup	the last frame is not found from then on
 *	join	the joined node has one frame less
 *	check	the index says that it is broken
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/backend.h>

const struct physseg_backend *faulty_backend(void); /* -DREPLAY_OWN_BACKEND */

#define LONG 0x180

static struct physseg_backend backend;
static physseg_pfn_t lost = PHYSSEG_NOFRAME;

static bool
is_fault(const char *name)
{
	const char *fault = getenv("FAULT");

	return fault != NULL && strcmp(fault, name) == 0;
}

static void
faulty_join(void *index, struct physseg_node *node, struct physseg_node *upper)
{
	const bool far =
	    node->end - node->start > LONG && upper->end - upper->start > LONG;

	if (far && is_fault("join"))
		physseg_backend_rbtree()->update(
		    index, upper, upper->start, upper->end - 1, upper->base);
	else if (far)
		lost = upper->end - 1;
	physseg_backend_rbtree()->join(index, node, upper);
}

static struct physseg_node *
faulty_lookup(const void *index, physseg_pfn_t pfn)
{
	return pfn == lost && is_fault("lookup")
	    ? NULL
	    : physseg_backend_rbtree()->lookup(index, pfn);
}

static const char *
faulty_check(const void *index)
{
	(void)index;
	return lost != PHYSSEG_NOFRAME && is_fault("check")
	    ? "the index is broken"
	    : NULL;
}

/* The fault is gone with the map. */
static void
faulty_init(void *index, size_t capacity, size_t page_size)
{
	lost = PHYSSEG_NOFRAME;
	physseg_backend_rbtree()->init(index, capacity, page_size);
}

const struct physseg_backend *
faulty_backend(void)
{
	backend = *physseg_backend_rbtree();
	backend.name = "faulty";
	backend.init = faulty_init;
	backend.join = faulty_join;
	backend.lookup = faulty_lookup;
	backend.check = faulty_check;
	return &backend;
}
