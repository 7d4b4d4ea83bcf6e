/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * claims.c -- page structures of offline segments, initialised ahead of time.
 *
 * Threads do that beside each other and beside changes elsewhere, without a
 * lock; where lookups take one, a claim does.  `claimed' is how many have been
 * claimed, from the first.  A thread claims the next by one atomic step, works,
 * and adds to `done'.
 *
 * Whoever changes the segment closes its claims first: PHYSSEG_CLOSED is set in
 * `claimed', which succeeds only while claimed == done.  A thread reads where
 * the segment is after it has claimed, for it cannot change any more then.
 * Claims of a segment that is online, and of a record that is no segment, are
 * closed always.
 */
#include "engine.h"

/* Run over the offline segments with frames in [start, end). */
static struct physseg_record *
next_offline(
    const struct physseg_map *map, physseg_pfn_t *pfn, physseg_pfn_t end)
{
	struct physseg_record *rec;

	if (map->online == map->frames)
		return NULL;
	while (*pfn < end) {
		rec = physseg_record_of(physseg_index_from(map, *pfn));
		if (rec == NULL || rec->node.start >= end)
			break;
		*pfn = rec->node.end;
		if (physseg_is_offline(rec))
			return rec;
	}
	return NULL;
}

/* Open claims that were closed, where no removal is open. */
void
physseg_claims_settle(
    struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end)
{
	struct physseg_record *rec;
	uintptr_t claimed;

	while ((rec = next_offline(map, &start, end)) != NULL) {
		claimed = physseg_atomic_load(&rec->claimed);
		if ((claimed & PHYSSEG_CLOSED) != 0 &&
		    physseg_removal_over(map, rec->node.start, rec->node.end) ==
			NULL)
			physseg_atomic_store(
			    &rec->claimed, claimed & ~PHYSSEG_CLOSED);
	}
}

/* Close the claims of all segments with frames in [start, end).  False: some
 * are unfinished, and all are as before. */
bool
physseg_claims_close(
    struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end)
{
	const physseg_pfn_t first = start;
	struct physseg_record *rec;
	uintptr_t claimed;

	while ((rec = next_offline(map, &start, end)) != NULL) {
		claimed = physseg_atomic_load(&rec->claimed);
		if ((claimed & PHYSSEG_CLOSED) != 0)
			continue;
		if (physseg_atomic_load(&rec->done) != claimed ||
		    !physseg_atomic_swap(
			&rec->claimed, claimed, claimed | PHYSSEG_CLOSED)) {
			physseg_claims_settle(map, first, rec->node.start);
			return false;
		}
	}
	return true;
}

/* Claim at most `max' page structures of a segment, from *first on in it.  0
 * and an error: none. */
static uintptr_t
claim(
    struct physseg_record *rec, physseg_pfn_t max, uintptr_t *first, int *error)
{
	physseg_pfn_t start, end, n;
	uintptr_t claimed, take;

	*error = PHYSSEG_OK;
	for (;;) {
		claimed = physseg_atomic_load(&rec->claimed);
		if (!physseg_is_offline(rec))
			*error = PHYSSEG_ESTATE;
		else if ((claimed & PHYSSEG_CLOSED) != 0)
			*error = PHYSSEG_EREMOVING;
		end = physseg_atomic_load_pfn(&rec->node.end);
		start = physseg_atomic_load_pfn(&rec->node.start);
		n = end > start ? end - start : 0;
		if (*error != PHYSSEG_OK || claimed >= n)
			return 0;
		take = (uintptr_t)(n - claimed < max ? n - claimed : max);
		if (physseg_atomic_swap(
			&rec->claimed, claimed, claimed + take)) {
			*first = claimed;
			return take;
		}
	}
}

/* Zero and initialise page structures of an offline segment. */
void
physseg_init_offline(const struct physseg_map *map,
    const struct physseg_record *rec, uintptr_t first, uintptr_t n)
{
	const physseg_pfn_t pfn = rec->node.start + (physseg_pfn_t)first;
	char *pages = physseg_own_page(map, rec, pfn);

	if (pages == NULL || n == 0)
		return;
	if (physseg_is_vmemmap(map))
		memset(pages, 0, n * map->page_size);
	else if (rec->slab != NULL) {
		physseg_slab_unpoison(map, pages, n);
		memset(pages, 0, n * map->page_size);
	}
	physseg_host_init_pages(map, pages, pfn, (physseg_pfn_t)n);
}

int
physseg_init_pages(struct physseg_map *map, physseg_t handle, physseg_pfn_t max,
    physseg_pfn_t *done)
{
	struct physseg_record *rec;
	uintptr_t first = 0, n = 0;
	physseg_pfn_t start = PHYSSEG_NOFRAME;
	int error;

	if (map->page_size == 0 || max == 0)
		return PHYSSEG_EINVAL;
	physseg_lock(map, map->lock_lookups);
	rec = physseg_record_find(map, handle);
	if (rec == NULL)
		error = PHYSSEG_ENOENT;
	else if (physseg_is_offline(rec) &&
	    physseg_atomic_load(&rec->hidden) == PHYSSEG_NOBASE)
		error = PHYSSEG_ESTATE; /* the switch has not been */
	else
		n = claim(rec, max, &first, &error);
	if (rec != NULL)
		start = physseg_atomic_load_pfn(&rec->node.start);
	physseg_unlock(map, map->lock_lookups);
	if (n != 0) {
		physseg_init_offline(map, rec, first, n);
		physseg_atomic_add(&rec->done, n);
	}
	physseg_trace(map, PHYSSEG_CALL_INIT_PAGES, error, n, start, max);
	if (error != PHYSSEG_OK)
		return error;
	if (done != NULL)
		*done = (physseg_pfn_t)n;
	return PHYSSEG_OK;
}
