/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * online.c -- what comes into use: page structures, and states of segments.
 *
 * CLAIMS.  Threads initialise an offline segment's page structures beside each
 * other and beside changes elsewhere, without a lock; where lookups take one, a
 * claim does.  `claimed' is how many
 * have been claimed, from the first; a thread claims the next by one atomic
 * step, works, and adds to `done'.  Whoever changes the segment closes its
 * claims first: PHYSSEG_CLOSED is set in `claimed', which succeeds only while
 * claimed == done.  A thread reads where the segment is after it has claimed,
 * for it cannot change any more then.  Claims of a segment that is online, and
 * of a record that is no segment, are closed always.
 */
#include "engine.h"

/* Give the host the pages of the segment that are available, in a range. */
void
physseg_free_avail(const struct physseg_map *map,
    const struct physseg_record *rec, struct physseg_range range)
{
	range = physseg_range_clamp(rec->counted, range.start, range.end);
	physseg_host_free_pages(map, physseg_page_at(map, rec, range.start),
	    physseg_range_size(range));
}

/* ---- claims ---- */

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
static void
init_offline(const struct physseg_map *map, const struct physseg_record *rec,
    uintptr_t first, uintptr_t n)
{
	const physseg_pfn_t pfn = rec->node.start + (physseg_pfn_t)first;
	char *pages = physseg_own_page(map, rec, pfn);

	if (pages == NULL || n == 0)
		return;
	if (rec->slab != NULL) {
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
	physseg_unlock(map, map->lock_lookups);
	if (error != PHYSSEG_OK)
		return error;
	if (n != 0) {
		init_offline(map, rec, first, n);
		physseg_atomic_add(&rec->done, n);
	}
	if (done != NULL)
		*done = (physseg_pfn_t)n;
	return PHYSSEG_OK;
}

/* ---- coming into use ---- */

/* As a removal's plan: what is offline in the range comes into use. */
static int
plan(struct physseg_map *map, struct physseg_removal *range)
{
	struct physseg_need *need = &range->reserve.need;
	const struct physseg_record *rec;
	physseg_pfn_t pfn, end;
	int error;

	range->reserve.start = range->pfn;
	for (pfn = range->pfn; pfn < range->end; pfn = end) {
		rec = physseg_record_of(physseg_index_lookup(map, pfn));
		if (rec == NULL)
			return physseg_forbid(map,
			    pfn == range->pfn ? PHYSSEG_ENOENT : PHYSSEG_ESPAN,
			    PHYSSEG_STAGE_CHECK, pfn, NULL);
		end = rec->node.end < range->end ? rec->node.end : range->end;
		if (rec->node.start < range->reserve.start)
			range->reserve.start = rec->node.start;
		range->reserve.end = rec->node.end;
		if (!physseg_is_offline(rec))
			continue;
		need->slots +=
		    (size_t)(pfn > rec->node.start) + (end < rec->node.end);
		need->changes +=
		    (size_t)(pfn > rec->node.start) + (end < rec->node.end) + 1;
	}
	error = physseg_removal_forbids(map, range->pfn, range->end);
	if (error != PHYSSEG_OK)
		return error;
	if (need->slots != 0 && physseg_is_full(map, need->slots))
		return PHYSSEG_ENOSLOT;
	return physseg_check_block(map, range->pfn, range->end - range->pfn);
}

/* Ask the listeners, run by run.  After a refusal those that were asked are
 * told that nothing comes of it, in reverse. */
static int
online_ask(struct physseg_map *map, const struct physseg_removal *range)
{
	const struct physseg_listener *refused;
	struct physseg_change change, before;
	physseg_pfn_t pfn = range->pfn, end, at;
	bool online, found;
	int error;

	while (physseg_run(
	    map, &pfn, range->end, PHYSSEG_GOING_ONLINE, &change, &online)) {
		if (online ||
		    (error = physseg_ask(map, &change, &refused)) == PHYSSEG_OK)
			continue;
		change.event = PHYSSEG_ONLINE_CANCELLED;
		physseg_tell_asked(map, &change, UINT64_MAX, refused);
		for (end = change.pfn;; end = change.pfn) {
			found = false;
			at = range->pfn;
			while (physseg_run(map, &at, end,
			    PHYSSEG_ONLINE_CANCELLED, &before, &online))
				if (!online) {
					change = before;
					found = true;
				}
			if (!found)
				return error;
			physseg_tell_asked(map, &change, UINT64_MAX, NULL);
		}
	}
	return PHYSSEG_OK;
}

/* Part of an offline segment comes into use. */
static struct physseg_record *
put_online(struct physseg_map *map, struct physseg_removal *range,
    struct physseg_record *rec, physseg_pfn_t pfn, physseg_pfn_t end)
{
	rec = physseg_removal_cut(map, range, rec, pfn, end);
	init_offline(map, rec, rec->done, (uintptr_t)(end - pfn) - rec->done);
	physseg_atomic_store(&rec->done, 0);
	physseg_atomic_store(&rec->claimed, PHYSSEG_CLOSED);
	if (physseg_own_page(map, rec, pfn) != NULL)
		rec->counted = rec->avail;
	physseg_index_update(map, rec, pfn, end, rec->hidden);
	physseg_atomic_store(&rec->state, PHYSSEG_ONLINE);
	map->online += end - pfn;
	return rec;
}

/* It cannot fail any more. */
static void
bring(struct physseg_map *map, struct physseg_removal *range)
{
	struct physseg_record *rec, *first = NULL, **next = &first;
	struct physseg_change run = { .n = 0 }, change;
	physseg_pfn_t pfn, end;

	physseg_index_commit(map, &range->reserve);
	for (pfn = range->pfn; pfn < range->end; pfn = end) {
		rec = physseg_record_of(physseg_index_lookup(map, pfn));
		end = rec->node.end < range->end ? rec->node.end : range->end;
		if (!physseg_is_offline(rec))
			continue;
		rec = put_online(map, range, rec, pfn, end);
		rec->gone = NULL;
		*next = rec;
		next = &rec->gone;
	}
	physseg_removal_put_records(map, range);
	physseg_claims_settle(map, range->reserve.start, range->reserve.end);
	for (rec = first; rec != NULL; rec = rec->gone) {
		physseg_account(map, true, physseg_range_size(rec->counted),
		    physseg_is_running(map) ? rec->node.end - rec->node.start
					    : 0);
		physseg_free_avail(map, rec,
		    (struct physseg_range){ rec->node.start, rec->node.end });
	}
	physseg_reinit(map);
	for (rec = first; rec != NULL && physseg_is_running(map);
	     rec = rec->gone) {
		change = physseg_change_of(
		    PHYSSEG_NOW_ONLINE, rec, rec->node.start, rec->node.end);
		physseg_tell_run(map, &run, &change);
	}
	physseg_tell_run(map, &run, NULL);
	physseg_merge(map, range->pfn, range->end);
}

static int
online(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct physseg_removal range = { .map = map, .pfn = pfn };
	int error;

	if ((error = physseg_check_range(map, pfn, n)) != PHYSSEG_OK)
		return error;
	range.end = pfn + n;
	if ((error = plan(map, &range)) != PHYSSEG_OK ||
	    (error = physseg_removal_reserve(map, &range)) != PHYSSEG_OK)
		return error;
	if (physseg_is_running(map))
		error = online_ask(map, &range);
	if (error == PHYSSEG_OK)
		bring(map, &range);
	else
		physseg_removal_unreserve(map, &range);
	return error;
}

int
physseg_online_sized(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, struct physseg_reason *reason, size_t reason_size)
{
	struct physseg_reason own;
	int error;

	physseg_reason_begin(&own, PHYSSEG_OP_ONLINE, pfn, n);
	if ((error = physseg_enter(map)) == PHYSSEG_OK) {
		map->why = &own;
		error = online(map, pfn, n);
		map->why = NULL;
		error = physseg_leave(map, error);
	}
	return physseg_reason_end(error, &own, reason, reason_size);
}
