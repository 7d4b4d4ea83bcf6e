/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * online.c -- what is offline comes into use.
 *
 * It goes as a removal does: planned, reserved, asked, and then done.
 */
#include "engine.h"

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
	uintptr_t done;

	rec = physseg_removal_cut(map, range, rec, pfn, end);
	done = physseg_initialised(rec);
	physseg_init_offline(map, rec, done, (uintptr_t)(end - pfn) - done);
	physseg_atomic_store(&rec->claimed, PHYSSEG_CLOSED);
	if (physseg_own_page(map, rec, pfn) != NULL)
		rec->counted = rec->avail;
	physseg_index_update(map, rec, pfn, end, physseg_own_base(rec));
	physseg_atomic_store(&rec->state, PHYSSEG_ONLINE);
	map->online += end - pfn;
	return rec;
}

/* It cannot fail any more. */
static void
bring(struct physseg_map *map, struct physseg_removal *range)
{
	struct physseg_record *rec, *first = NULL, **next = &first;
	struct physseg_change run = { .event = PHYSSEG_NOW_ONLINE };
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
		physseg_account(map, rec, true,
		    physseg_range_size(rec->counted),
		    physseg_is_running(map) ? rec->node.end - rec->node.start
					    : 0);
		physseg_free_avail(map, rec,
		    (struct physseg_range){ rec->node.start, rec->node.end });
	}
	physseg_reinit(map);
	for (rec = first; rec != NULL && physseg_is_running(map);
	     rec = rec->gone)
		physseg_tell_more(
		    map, &run, rec, rec->node.start, rec->node.end);
	physseg_tell_rest(map, &run);
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
	error = physseg_enter(map, PHYSSEG_CALL_ONLINE, pfn, n);
	if (error == PHYSSEG_OK) {
		map->why = &own;
		error = online(map, pfn, n);
		map->why = NULL;
		error = physseg_leave(map, error);
	}
	return physseg_reason_end(error, &own, reason, reason_size);
}
