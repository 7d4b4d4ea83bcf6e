/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * judy.c -- JudyL, a trie of cache lines: from a segment's start to
 * its node, which has to be read for its end.
 */

#include "subject.h"
#include "run/support.h"

#ifdef HAVE_JUDY

#include <Judy.h>

static size_t
judy_size(size_t capacity)
{
	(void)capacity;
	return sizeof(Pvoid_t);
}

static void
judy_init(void *index, size_t capacity, size_t page_size)
{
	(void)page_size;
	(void)capacity;
	*(Pvoid_t *)index = NULL;
}

static void
judy_fini(void *index)
{
	JudyLFreeArray(index, PJE0);
}

static void
judy_insert(void *index, struct physseg_node *node)
{
	PPvoid_t value = JudyLIns(index, (Word_t)node->start, PJE0);

	*(struct physseg_node **)must(value) = node;
}

static void
judy_remove(void *index, struct physseg_node *node)
{
	JudyLDel(index, (Word_t)node->start, PJE0);
}

static struct physseg_node *
judy_lookup(const void *index, physseg_pfn_t pfn)
{
	Word_t start = (Word_t)pfn;
	PPvoid_t value = JudyLLast(*(const Pcvoid_t *)index, &start, PJE0);
	struct physseg_node *node;

	if (value == NULL)
		return NULL;
	node = *(struct physseg_node **)value;
	return pfn < node->end ? node : NULL;
}

static size_t
judy_bytes(const void *index)
{
	return JudyLMemUsed(*(const Pcvoid_t *)index);
}

static const struct physseg_backend judy = {
	.name = "JudyL",
	.size = judy_size,
	.init = judy_init,
	.insert = judy_insert,
	.remove = judy_remove,
	.lookup = judy_lookup,
};

const struct subject baseline_judy = {
	.backend = &judy,
	.foreign = true,
	.fini = judy_fini,
	.bytes = judy_bytes,
};

#else

static const struct physseg_backend judy = { .name = "JudyL" };

const struct subject baseline_judy = {
	.backend = &judy,
	.foreign = true,
	.missing = "libjudy-dev",
};

#endif
