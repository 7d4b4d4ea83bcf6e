/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * claims.c -- page structures of offline segments, initialised ahead of time.
 *
 * Threads do that beside each other and beside changes elsewhere, without a
 * lock; where lookups take one, a claim does.  `claimed' is how many have been
 * claimed, from the first.  A thread claims the next by one atomic step.
 *
 * Before it claims, a thread says in `working' that it is there; it looks for
 * PHYSSEG_CLOSED in `claimed' only then.  Whoever changes the segment sets that
 * bit first, and only then looks whether somebody is there: if so, it takes the
 * bit back, and changes nothing.  Both write to `working', which orders them:
 * at least one of the two sees the other.  So a thread that found the claims
 * open reads a segment that stays what it is until the thread has left.  It may
 * get more frames at its end, and no others.
 *
 * To compare `claimed' with what it was would not do.  The segment may have
 * been cut meanwhile, or its record may be another segment's, with as many
 * claimed.
 *
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
	while (
	    (rec = physseg_record_of(physseg_index_from(map, *pfn))) != NULL &&
	    rec->node.start < end) {
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

/* Close the claims of a segment; false: a thread is at work. */
static bool
close_one(struct physseg_record *rec)
{
	uintptr_t claimed;

	do {
		claimed = physseg_atomic_load(&rec->claimed);
		if ((claimed & PHYSSEG_CLOSED) != 0)
			return true;
		if (physseg_atomic_load(&rec->working) != 0)
			return false; /* and who is there goes on */
	} while (!physseg_atomic_swap(
	    &rec->claimed, claimed, claimed | PHYSSEG_CLOSED));
	if (physseg_atomic_add(&rec->working, 0) == 0)
		return true;
	physseg_atomic_store(&rec->claimed, claimed);
	return false;
}

/* Close the claims of all segments with frames in [start, end).  False: some
 * are unfinished, and all are as before. */
bool
physseg_claims_close(
    struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end)
{
	const physseg_pfn_t first = start;
	struct physseg_record *rec;

	while ((rec = next_offline(map, &start, end)) != NULL)
		if (!close_one(rec)) {
			physseg_claims_settle(map, first, rec->node.start);
			return false;
		}
	return true;
}

/* May a thread, which has said that it is there, claim page structures of the
 * segment?  What is asked after `claimed' is true as long as the claims are
 * open. */
static int
may_claim(const struct physseg_map *map, const struct physseg_record *rec,
    physseg_t handle)
{
	const uintptr_t claimed = physseg_atomic_load(&rec->claimed);

	if (physseg_record_find(map, handle) != rec)
		return PHYSSEG_ENOENT;
	if (!physseg_is_offline(rec) || physseg_own_base(rec) == PHYSSEG_NOBASE)
		return PHYSSEG_ESTATE; /* or the switch has not been */
	return (claimed & PHYSSEG_CLOSED) != 0 ? PHYSSEG_EREMOVING : PHYSSEG_OK;
}

/* Claim at most `max' of them: *n from *first on, which may be none. */
static int
claim(struct physseg_record *rec, physseg_pfn_t max, uintptr_t *first,
    uintptr_t *n)
{
	physseg_pfn_t left;

	do {
		*first = physseg_atomic_load(&rec->claimed);
		if ((*first & PHYSSEG_CLOSED) != 0)
			return PHYSSEG_EREMOVING; /* to be opened again */
		left = physseg_atomic_load_pfn(&rec->node.end) -
		    physseg_atomic_load_pfn(&rec->node.start) -
		    (physseg_pfn_t)*first;
		*n = (uintptr_t)(left < max ? left : max);
	} while (!physseg_atomic_swap(&rec->claimed, *first, *first + *n));
	return PHYSSEG_OK;
}

/* Zero and initialise page structures of an offline segment. */
void
physseg_init_offline(const struct physseg_map *map,
    const struct physseg_record *rec, uintptr_t first, uintptr_t n)
{
	const physseg_pfn_t pfn =
	    physseg_atomic_load_pfn(&rec->node.start) + (physseg_pfn_t)first;
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
	int error = PHYSSEG_ENOENT;

	if (map->page_size == 0 || max == 0)
		return PHYSSEG_EINVAL;
	physseg_lock(map, map->lock_lookups);
	rec = physseg_record_find(map, handle);
	if (rec != NULL) {
		(void)physseg_atomic_add(&rec->working, 1);
		error = may_claim(map, rec, handle);
		if (error == PHYSSEG_OK)
			error = claim(rec, max, &first, &n);
		start = physseg_atomic_load_pfn(&rec->node.start);
	}
	physseg_unlock(map, map->lock_lookups);
	if (n != 0)
		physseg_init_offline(map, rec, first, n);
	if (rec != NULL)
		(void)physseg_atomic_add(&rec->working, (uintptr_t)-1);
	physseg_trace(map, PHYSSEG_CALL_INIT_PAGES, error, n, start, max);
	if (error != PHYSSEG_OK)
		return error;
	if (done != NULL)
		*done = (physseg_pfn_t)n;
	return PHYSSEG_OK;
}
