/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * subject.c -- the table of all that is compared, and how one is filled.
 *
 * Records lie in memory in the order of insertion.  That is random where the
 * order of insertion is free, so that neighbours in memory are no neighbours in
 * the address space; into arrays it ascends, or filling them would take hours.
 */

#include <stdlib.h>
#include <string.h>

#include "engine.h"

#include "run/map.h"
#include "subject.h"
#include "run/support.h"

#define LINEAR_MOST 1000 /* segments; each lookup looks at them all */
#define OURS_MOST   16	 /* backends of the library */

#ifdef BENCH_OURS_ONLY
#define FOREIGN 0
#else
static const struct subject *const foreign[] = {
	&baseline_flat,
	&baseline_bsearch,
	&baseline_rbtree,
	&baseline_map,
	&baseline_btree,
	&baseline_judy,
	&baseline_vm_memory,
};
#define FOREIGN (sizeof(foreign) / sizeof(foreign[0]))
#endif

static struct subject ours[OURS_MOST];
const struct subject *subjects[OURS_MOST + FOREIGN + 1];

/* The segments that are sensible; 0: any number.  What is not sorted by address
 * is searched from its front. */
static size_t
most_of(const struct physseg_backend *backend)
{
	if (backend->max_segments != 0)
		return backend->max_segments;
	return (backend->capabilities & PHYSSEG_SORTED) != 0 ? 0 : LINEAR_MOST;
}

/* The bounded ones, or the others, from subject number `n' on. */
static size_t
add_ours(bool bounded, size_t n)
{
	const struct physseg_backend *backend;

	for (size_t i = 0; (backend = physseg_backend_at(i)) != NULL; i++) {
		if (backend->bounded != bounded)
			continue;
		if (n == OURS_MOST)
			abort();
		ours[n] = (struct subject){
			.backend = backend,
			.ascending = bounded,
			.most = most_of(backend),
		};
		subjects[n] = &ours[n];
		n++;
	}
	return n;
}

/* The place of a subject is its line style in the pictures (figures.c), where
 * those of the arrays come first. */
void
subjects_init(void)
{
	size_t n = add_ours(false, add_ours(true, 0));

#ifdef BENCH_OURS_ONLY
	subjects[n] = NULL;
#else
	memcpy(&subjects[n], foreign, sizeof(foreign));
#endif
}

bool
subject_is_foreign(const char *variant)
{
	for (size_t i = 0; subjects[i] != NULL; i++) {
		const char *name = subjects[i]->backend->name;
		const size_t length = strlen(name);

		if (subjects[i]->foreign &&
		    strncmp(name, variant, length) == 0 &&
		    (variant[length] == '\0' || variant[length] == ','))
			return true;
	}
	return false;
}

/* ---- filling ---- */

static void
fill_map(struct filled *filled, const uint32_t *order)
{
	const struct physseg_backend *backend = filled->subject->backend;

	filled->mapped =
	    mapped_filled(backend, backend->page != NULL ? PAGE_BYTES : 0,
		filled->n, order, filled->n);
	filled->index = filled->mapped->map->index;
}

static void
fill_foreign(struct filled *filled, const uint32_t *order)
{
	const struct physseg_backend *backend = filled->subject->backend;

	filled->records = zeroed(filled->n * RECORD_BYTES);
	filled->index = zeroed(backend->size(filled->n));
	backend->init(filled->index, filled->n, PAGE_BYTES);
	for (size_t i = 0; i < filled->n; i++) {
		struct physseg_node *node =
		    (void *)(filled->records + i * RECORD_BYTES);

		node->start = (physseg_pfn_t)order[i] * SEGMENT_STRIDE;
		node->end = node->start + SEGMENT_PAGES;
		if (filled->subject->fill == NULL)
			backend->insert(filled->index, node);
	}
	if (filled->subject->fill != NULL)
		filled->subject->fill(
		    filled->index, filled->records, filled->n);
}

struct filled *
filled_make(const struct subject *subject, size_t n)
{
	struct filled *filled = must(calloc(1, sizeof(*filled)));
	uint32_t *order = ordered(n, subject->ascending ? ASCENDING : RANDOM);

	filled->subject = subject;
	filled->n = n;
	(subject->foreign ? fill_foreign : fill_map)(filled, order);
	free(order);
	return filled;
}

struct filled *
filled_in_order(const struct subject *subject, size_t n)
{
	struct filled *filled = must(calloc(1, sizeof(*filled)));
	uint32_t *order = ordered(n, ASCENDING);

	filled->subject = subject;
	filled->n = n;
	filled->mapped = mapped_boot(subject->backend, PAGE_BYTES, n);
	filled->index = filled->mapped->map->index;
	mapped_load(filled->mapped, order, n);
	mapped_switch(filled->mapped, 0);
	free(order);
	return filled;
}

void
filled_free(struct filled *filled)
{
	if (filled->mapped != NULL)
		mapped_free(filled->mapped);
	else {
		if (filled->subject->fini != NULL)
			filled->subject->fini(filled->index);
		zeroed_free(filled->index);
		zeroed_free(filled->records);
	}
	free(filled);
}
