/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bsearch.c -- the textbook's binary search over a sorted array of
 * whole records, with a branch at every step: what a static array of segment
 * structures is searched by, and what the paper measured as "static array".
 */

#include "subject.h"
#include "run/support.h"

struct record {
	struct physseg_node node;
	char rest[RECORD_BYTES - sizeof(struct physseg_node)];
};

struct array {
	size_t n;
	struct record *records;
};

static size_t
bsearch_size(size_t capacity)
{
	(void)capacity;
	return sizeof(struct array);
}

static void
bsearch_init(void *index, size_t capacity, size_t page_size)
{
	struct array *array = index;

	(void)page_size;
	array->n = 0;
	array->records = zeroed(capacity * sizeof(array->records[0]));
}

static void
bsearch_fini(void *index)
{
	struct array *array = index;

	zeroed_free(array->records);
}

static void
bsearch_insert(void *index, struct physseg_node *node)
{
	struct array *array = index;
	size_t i = array->n++;

	for (; i > 0 && array->records[i - 1].node.start > node->start; i--)
		array->records[i] = array->records[i - 1];
	array->records[i].node = *node;
}

static struct physseg_node *
bsearch_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct array *array = index;
	size_t low = 0, high = array->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (pfn < array->records[middle].node.start)
			high = middle;
		else if (pfn >= array->records[middle].node.end)
			low = middle + 1;
		else
			return &array->records[middle].node;
	}
	return NULL;
}

static const struct physseg_backend textbook = {
	.name = "textbook bsearch",
	.size = bsearch_size,
	.init = bsearch_init,
	.insert = bsearch_insert,
	.lookup = bsearch_lookup,
};

const struct subject baseline_bsearch = {
	.backend = &textbook,
	.foreign = true,
	.ascending = true,
	.fini = bsearch_fini,
};
