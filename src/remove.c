/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * remove.c -- memory leaves: at once, or in two phases.
 *
 * A removal is planned, then everything that it needs is reserved, then the
 * listeners and the host are asked, and then nothing is left that could fail.
 * An unplug does all that in one call, with a removal on the stack.  One that
 * is begun is held: what it reserved serves nobody else, and no other change
 * may touch its frames.
 *
 * What other changes do beside its range only makes it need less: segments
 * there may be cut, and none is joined with one of the range (coalesce.c).
 */
#include "engine.h"

static bool
is_unplug(const struct physseg_removal *removal)
{
	return (removal->how & PHYSSEG_REMOVE_UNPLUG) != 0;
}

static bool
is_forced(const struct physseg_removal *removal)
{
	return (removal->how & PHYSSEG_REMOVE_FORCE) != 0;
}

/* Does a removal take this segment's frames out of use, or out of the map? */
static bool
takes(const struct physseg_removal *removal, const struct physseg_record *rec)
{
	return is_unplug(removal) || !physseg_is_offline(rec);
}

/* The segment of a frame of the range, and where its part of it ends.  Most
 * removals are of one segment, which is not searched for again and again: a
 * record that contains the frame is the frame's segment, whatever happened to
 * it since the plan. */
static struct physseg_record *
part(const struct physseg_removal *removal, physseg_pfn_t pfn,
    physseg_pfn_t *end)
{
	struct physseg_record *rec = removal->first;

	if (rec == NULL || pfn < rec->node.start || pfn >= rec->node.end)
		rec =
		    physseg_record_of(physseg_index_lookup(removal->map, pfn));
	*end = removal->end;
	if (rec != NULL && rec->node.end < *end)
		*end = rec->node.end;
	return rec;
}

/* ---- planning ---- */

/* How many frames of the range have page structures in this slab? */
static physseg_pfn_t
in_slab(const struct physseg_removal *removal, const struct physseg_slab *slab)
{
	const struct physseg_record *rec;
	physseg_pfn_t pfn, end, n = 0;

	for (pfn = removal->pfn; pfn < removal->end; pfn = end) {
		rec = part(removal, pfn, &end);
		if (rec->slab == slab)
			n += end - pfn;
	}
	return n;
}

/* Frames that hold page structures leave with the last of those.  They are the
 * first of the frames that those are of; of other slabs pfn and meta are 0.
 * There is no hole in the range. */
static int
plan_metadata(const struct physseg_removal *removal)
{
	const struct physseg_record *rec;
	const struct physseg_slab *slab;
	physseg_pfn_t pfn = removal->pfn, end;

	if (removal->map->metadata == 0)
		return PHYSSEG_OK;
	for (; pfn < removal->end; pfn = end) {
		rec = part(removal, pfn, &end);
		slab = rec->slab;
		if (takes(removal, rec) && slab != NULL &&
		    pfn < slab->pfn + slab->meta &&
		    in_slab(removal, slab) != slab->used)
			return physseg_forbid(removal->map, PHYSSEG_EMETADATA,
			    PHYSSEG_STAGE_CHECK, pfn, &rec->node);
	}
	return PHYSSEG_OK;
}

static void
plan_part(struct physseg_removal *removal, const struct physseg_record *rec,
    physseg_pfn_t pfn, physseg_pfn_t end)
{
	const bool front = pfn > rec->node.start, back = end < rec->node.end;
	struct physseg_need *need = &removal->reserve.need;

	if (!takes(removal, rec))
		return;
	if (!physseg_is_offline(rec))
		removal->online += end - pfn;
	if (is_unplug(removal)) {
		need->slots += front && back;
		need->changes += front || back;
	} else {
		need->slots += (size_t)front + back;
		need->changes += (size_t)front + back + 1;
	}
}

/* An open removal forbids other changes of its frames. */
int
physseg_removal_forbids(
    const struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end)
{
	const struct physseg_removal *other, *lower;
	int error;

	if ((other = physseg_removal_over(map, start, end)) == NULL)
		return PHYSSEG_OK;
	while ((lower = physseg_removal_over(map, start, other->pfn)) != NULL)
		other = lower;
	error = physseg_forbid(map, PHYSSEG_EREMOVING, PHYSSEG_STAGE_CHECK,
	    other->pfn > start ? other->pfn : start, NULL);
	if (map->why != NULL) {
		map->why->start = other->pfn;
		map->why->end = other->end;
	}
	return error;
}

/* Frames that stay registered when all open removals are committed. */
static physseg_pfn_t
frames_that_stay(const struct physseg_map *map)
{
	const struct physseg_removal *removal;
	physseg_pfn_t n = map->frames;

	LIST_FOREACH(removal, &map->removals, all)
		if (is_unplug(removal))
			n -= removal->end - removal->pfn;
	return n;
}

/* Check everything that forbids it, and sum up what it needs. */
int
physseg_removal_plan(struct physseg_map *map, struct physseg_removal *removal)
{
	const physseg_pfn_t pfn = removal->pfn, n = removal->end - pfn;
	struct physseg_record *rec;
	physseg_pfn_t at, end;
	int error;

	for (at = pfn; at < removal->end; at = end) {
		rec = part(removal, at, &end);
		if (rec == NULL)
			return physseg_forbid(map,
			    at == pfn ? PHYSSEG_ENOENT : PHYSSEG_ESPAN,
			    PHYSSEG_STAGE_CHECK, at, NULL);
		if (at == pfn) {
			removal->first = rec;
			removal->reserve.start = rec->node.start;
		}
		removal->reserve.end = rec->node.end;
		plan_part(removal, rec, at, end);
	}
	if ((error = plan_metadata(removal)) != PHYSSEG_OK ||
	    (error = physseg_check_block(map, pfn, n)) != PHYSSEG_OK ||
	    (error = physseg_removal_forbids(map, pfn, removal->end)) !=
		PHYSSEG_OK)
		return error;
	if (!map->may_empty &&
	    (removal->online != 0
		    ? map->online - map->leaving == removal->online
		    : is_unplug(removal) && frames_that_stay(map) == n))
		return PHYSSEG_ELAST;
	if (removal->reserve.need.slots != 0 &&
	    physseg_is_full(map, removal->reserve.need.slots))
		return PHYSSEG_ENOSLOT;
	return PHYSSEG_OK;
}

/* ---- reserving ---- */

void
physseg_removal_put_records(
    struct physseg_map *map, struct physseg_removal *removal)
{
	size_t i;

	for (i = 2; i-- > 0; removal->rec[i] = NULL)
		if (removal->rec[i] != NULL)
			physseg_record_unreserve(map, removal->rec[i]);
}

static int
get_records(struct physseg_map *map, struct physseg_removal *removal)
{
	size_t i;
	int error;

	for (i = 0; i < removal->reserve.need.slots; i++) {
		error = physseg_record_get(map, &removal->rec[i]);
		if (error != PHYSSEG_OK) {
			removal->rec[i] = NULL;
			physseg_removal_put_records(map, removal);
			return error;
		}
	}
	return PHYSSEG_OK;
}

/* Slabs that do not get back the pieces of [pfn, end), after all. */
static void
put_slabs(struct physseg_map *map, const struct physseg_removal *removal,
    physseg_pfn_t until)
{
	const struct physseg_record *rec;
	physseg_pfn_t pfn, end;

	for (pfn = removal->pfn; pfn < until; pfn = end) {
		rec = part(removal, pfn, &end);
		if (rec->slab == NULL || !is_unplug(removal))
			continue;
		physseg_slab_unhold(rec->slab);
		physseg_slab_trim(map, rec->slab);
	}
}

static int
get_slabs(struct physseg_map *map, const struct physseg_removal *removal)
{
	const struct physseg_record *rec;
	physseg_pfn_t pfn, end;
	int error;

	for (pfn = removal->pfn; pfn < removal->end; pfn = end) {
		rec = part(removal, pfn, &end);
		if (rec->slab == NULL || !is_unplug(removal))
			continue;
		error = physseg_slab_hold(map, rec->slab);
		if (error != PHYSSEG_OK) {
			put_slabs(map, removal, pfn);
			return error;
		}
	}
	return PHYSSEG_OK;
}

/* All that it may need, or nothing. */
int
physseg_removal_reserve(
    struct physseg_map *map, struct physseg_removal *removal)
{
	const struct physseg_reserve plan = removal->reserve;
	int error;

	if (!physseg_claims_close(map, removal->pfn, removal->end))
		return PHYSSEG_EBUSY;
	if ((error = get_records(map, removal)) != PHYSSEG_OK) {
		physseg_claims_settle(map, removal->pfn, removal->end);
		return error;
	}
	error = physseg_index_reserve(
	    map, plan.start, plan.end, plan.need, &removal->reserve);
	if (error == PHYSSEG_OK &&
	    (error = get_slabs(map, removal)) != PHYSSEG_OK)
		physseg_index_unreserve(map, &removal->reserve);
	if (error != PHYSSEG_OK) {
		physseg_removal_put_records(map, removal);
		physseg_claims_settle(map, removal->pfn, removal->end);
	}
	return error;
}

void
physseg_removal_unreserve(
    struct physseg_map *map, struct physseg_removal *removal)
{
	put_slabs(map, removal, removal->end);
	physseg_index_unreserve(map, &removal->reserve);
	physseg_removal_put_records(map, removal);
	physseg_claims_settle(map, removal->pfn, removal->end);
}

/* ---- asking ---- */

/* The run of online frames that ends at *end or below; false: none is left. */
static bool
run_before(const struct physseg_removal *removal, physseg_pfn_t *end,
    enum physseg_event event, struct physseg_change *change)
{
	struct physseg_change run;
	physseg_pfn_t pfn = removal->pfn;
	bool online, found = false;

	while (physseg_run(removal->map, &pfn, *end, event, &run, &online))
		if (online) {
			*change = run;
			found = true;
		}
	if (found)
		*end = change->pfn;
	change->forced = is_forced(removal);
	return found;
}

/* Tell those that were asked about the runs below `end', in reverse. */
static void
tell_cancelled(struct physseg_map *map, const struct physseg_removal *removal,
    physseg_pfn_t end)
{
	struct physseg_change change;

	while (run_before(removal, &end, PHYSSEG_OFFLINE_CANCELLED, &change))
		physseg_tell_asked(map, &change, removal->serial, NULL);
}

static int
ask_listeners(struct physseg_map *map, const struct physseg_removal *removal)
{
	const struct physseg_listener *refused;
	struct physseg_change change;
	physseg_pfn_t pfn = removal->pfn;
	bool online;
	int error;

	while (physseg_run(
	    map, &pfn, removal->end, PHYSSEG_GOING_OFFLINE, &change, &online)) {
		change.forced = is_forced(removal);
		if (!online ||
		    (error = physseg_ask(map, &change, &refused)) == PHYSSEG_OK)
			continue;
		change.event = PHYSSEG_OFFLINE_CANCELLED;
		physseg_tell_asked(map, &change, removal->serial, refused);
		tell_cancelled(map, removal, change.pfn);
		return error;
	}
	return PHYSSEG_OK;
}

/* The frames that the host isolated stay after all. */
static void
release(const struct physseg_map *map, const struct physseg_removal *removal)
{
	const struct physseg_record *rec;
	struct physseg_range range;
	physseg_pfn_t pfn, end;

	if (map->host->isolate == NULL)
		return;
	for (pfn = removal->pfn; pfn < removal->asked; pfn = end) {
		rec = part(removal, pfn, &end);
		range = physseg_without_metadata(rec, pfn, end);
		if (!physseg_is_offline(rec) && physseg_range_size(range) != 0)
			map->host->release(
			    map->ctx, range.start, range.end - range.start);
	}
}

static int
isolate(struct physseg_map *map, struct physseg_removal *removal)
{
	const struct physseg_record *rec;
	struct physseg_range range;
	physseg_pfn_t pfn, end, busy;
	int code, error;

	removal->asked = removal->end;
	if (map->host->isolate == NULL)
		return PHYSSEG_OK;
	for (pfn = removal->pfn; pfn < removal->end; pfn = end) {
		rec = part(removal, pfn, &end);
		range = physseg_without_metadata(rec, pfn, end);
		if (physseg_is_offline(rec) || physseg_range_size(range) == 0)
			continue;
		busy = 0;
		code = map->host->isolate(
		    map->ctx, range.start, range.end - range.start, &busy);
		if (code == 0) {
			removal->busy += busy;
			continue;
		}
		error = physseg_refused(map, PHYSSEG_STAGE_HOST, NULL, code,
		    range.start, &rec->node);
		removal->asked = pfn;
		if (is_forced(removal))
			return PHYSSEG_OK;
		release(map, removal);
		return error;
	}
	return PHYSSEG_OK;
}

/* Listeners first, then the host. */
static int
removal_ask(struct physseg_map *map, struct physseg_removal *removal)
{
	int error;

	if ((error = ask_listeners(map, removal)) != PHYSSEG_OK ||
	    (error = isolate(map, removal)) == PHYSSEG_OK)
		return error;
	tell_cancelled(map, removal, removal->end);
	return error;
}

/* The first frame in use at or above `pfn'; PHYSSEG_NOFRAME: none. */
static physseg_pfn_t
first_in_use(const struct physseg_removal *removal, physseg_pfn_t pfn)
{
	const struct physseg_map *map = removal->map;
	const struct physseg_record *rec;
	struct physseg_range range;
	physseg_pfn_t end, busy;

	if (map->host->in_use == NULL)
		return PHYSSEG_NOFRAME;
	for (; pfn < removal->asked; pfn = end) {
		rec = part(removal, pfn, &end);
		range = physseg_without_metadata(rec, pfn, end);
		if (physseg_is_offline(rec) || physseg_range_size(range) == 0)
			continue;
		busy = map->host->in_use(
		    map->ctx, range.start, range.end - range.start);
		if (busy != PHYSSEG_NOFRAME)
			return busy;
	}
	return PHYSSEG_NOFRAME;
}

static int
check_in_use(const struct physseg_removal *removal)
{
	const physseg_pfn_t busy = first_in_use(removal, removal->pfn);
	int error;

	if (busy == PHYSSEG_NOFRAME)
		return PHYSSEG_OK;
	error = physseg_forbid(removal->map, PHYSSEG_EINUSE, PHYSSEG_STAGE_HOST,
	    busy, physseg_index_lookup(removal->map, busy));
	return is_forced(removal) ? PHYSSEG_OK : error;
}

/* ---- taking ---- */

static struct physseg_record *
reserved_record(struct physseg_removal *removal)
{
	const size_t i = removal->rec[1] != NULL;
	struct physseg_record *rec = removal->rec[i];

	removal->rec[i] = NULL;
	return rec;
}

/* Make a segment of [start, end) alone; what stays beside it keeps the handle:
 * the front if there is one, else the back. */
struct physseg_record *
physseg_removal_cut(struct physseg_map *map, struct physseg_removal *removal,
    struct physseg_record *rec, physseg_pfn_t start, physseg_pfn_t end)
{
	const struct physseg_range middle = { start, end };
	const struct physseg_range front = { rec->node.start, start };
	const struct physseg_range back = { end, rec->node.end };
	struct physseg_record *other;

	if (front.start < front.end && back.start < back.end)
		physseg_cut(map, rec,
		    (struct physseg_range){ front.start, end },
		    reserved_record(removal), back);
	else if (back.start < back.end) {
		other = reserved_record(removal);
		physseg_cut(map, rec, back, other, middle);
		return other;
	}
	if (front.start == front.end)
		return rec;
	other = reserved_record(removal);
	physseg_cut(map, rec, front, other, middle);
	return other;
}

/*
 * What was taken: segments in order of address, chained by `gone'.  A part of a
 * segment, at either end of the range, is in the chain as a copy of it.  Those
 * that left the index end where the next one begins.
 */
struct taken {
	const struct physseg_removal *removal;
	struct physseg_record *first;
	struct physseg_record *last;
	struct physseg_record part[2];
	size_t nparts;
};

static void
taken_begin(struct taken *taken, const struct physseg_removal *removal)
{
	taken->removal = removal;
	taken->first = taken->last = NULL;
	taken->nparts = 0;
}

static void
taken_add(struct taken *taken, struct physseg_record *rec)
{
	rec->gone = NULL;
	if (taken->first == NULL)
		taken->first = rec;
	else
		taken->last->gone = rec;
	taken->last = rec;
}

static void
taken_add_part(
    struct taken *taken, const struct physseg_record *rec, physseg_pfn_t pfn)
{
	struct physseg_record *part = &taken->part[taken->nparts++];

	physseg_copy_attributes(part, rec);
	part->node.start = pfn;
	part->node.end = 0;
	taken_add(taken, part);
}

static bool
is_part(const struct taken *taken, const struct physseg_record *rec)
{
	return rec == &taken->part[0] || rec == &taken->part[1];
}

static physseg_pfn_t
taken_end(const struct taken *taken, const struct physseg_record *rec)
{
	if (rec->node.end != 0)
		return rec->node.end;
	return rec->gone == NULL ? taken->removal->end : rec->gone->node.start;
}

/* Tell the listeners, run by run; NOW_OFFLINE only of what was online. */
static void
tell_taken(struct physseg_map *map, const struct taken *taken,
    enum physseg_event event)
{
	const bool unplugs = is_unplug(taken->removal);
	const struct physseg_record *rec;
	struct physseg_change run = { .event = event,
		.forced = is_forced(taken->removal) };

	for (rec = taken->first; rec != NULL; rec = rec->gone)
		if (event != PHYSSEG_NOW_OFFLINE || !unplugs ||
		    !physseg_is_offline(rec))
			physseg_tell_more(map, &run, rec, rec->node.start,
			    taken_end(taken, rec));
	physseg_tell_rest(map, &run);
}

/* Page structures are the slab's again, or their memory the host's. */
static void
give_back(struct physseg_map *map, const struct taken *taken)
{
	struct physseg_record *rec;
	physseg_pfn_t n;
	uintptr_t from = 0;

	for (rec = taken->first; rec != NULL; rec = rec->gone) {
		if (physseg_is_vmemmap(map) &&
		    physseg_own_base(rec) != PHYSSEG_NOBASE)
			physseg_vmemmap_decommit(
			    map, rec->node.start, taken_end(taken, rec), &from);
		if (rec->slab == NULL)
			continue;
		n = taken_end(taken, rec) - rec->node.start;
		rec->slab->held -= (size_t)n;
		physseg_slab_unhold(rec->slab);
		if (physseg_slab_free(map, rec->slab,
			physseg_own_page(map, rec, rec->node.start),
			(size_t)n) != PHYSSEG_OK)
			physseg_panic(map, "unplug: a reserve was not there");
	}
}

/* What went offline keeps its page structures, which nobody reads. */
static void
poison(struct physseg_map *map, const struct taken *taken)
{
	struct physseg_record *rec;

	for (rec = taken->first; rec != NULL; rec = rec->gone) {
		if (rec->slab == NULL)
			continue;
		physseg_slab_poison(map, rec->slab,
		    physseg_own_page(map, rec, rec->node.start),
		    (size_t)(rec->node.end - rec->node.start));
		physseg_set_filled(rec, true);
	}
}

/* Tell the host what of each segment it has lost. */
static void
account_taken(struct physseg_map *map, const struct taken *taken)
{
	const bool running = physseg_is_running(map);
	const bool unplugs = is_unplug(taken->removal);
	struct physseg_record *rec;
	physseg_pfn_t start, end, counted;

	for (rec = taken->first; rec != NULL; rec = rec->gone) {
		start = rec->node.start;
		end = taken_end(taken, rec);
		counted = physseg_range_size(
		    physseg_range_clamp(rec->counted, start, end));
		if (!unplugs)
			rec->counted = (struct physseg_range){ start, start };
		physseg_account(map, rec, false, counted,
		    running && !(unplugs && physseg_is_offline(rec))
			? end - start
			: 0);
	}
}

/* Records that are no segment any more can be used again. */
static void
retire(struct physseg_map *map, const struct taken *taken)
{
	struct physseg_record *rec, *next;

	for (rec = taken->first; rec != NULL; rec = next) {
		next = rec->gone;
		if (!is_part(taken, rec))
			physseg_record_retire(map, rec);
	}
}

/* Nobody finds the range any more. */
static void
take_out(struct physseg_map *map, struct physseg_removal *removal,
    struct taken *taken)
{
	struct physseg_record *rec, *tail;
	physseg_pfn_t pfn, end;

	for (pfn = removal->pfn; pfn < removal->end; pfn = end) {
		rec = part(removal, pfn, &end);
		tail = NULL;
		if (pfn == rec->node.start && end == rec->node.end)
			taken_add(taken, rec);
		else {
			taken_add_part(taken, rec, pfn);
			if (pfn > rec->node.start && end < rec->node.end)
				tail = reserved_record(removal);
		}
		physseg_shrink(map, rec, pfn, end, tail);
	}
}

/* Nobody finds its page structures, which stay where they are. */
static void
take_offline(struct physseg_map *map, struct physseg_removal *removal,
    struct taken *taken)
{
	struct physseg_record *rec;
	physseg_pfn_t pfn, end;

	for (pfn = removal->pfn; pfn < removal->end; pfn = end) {
		rec = part(removal, pfn, &end);
		if (physseg_is_offline(rec))
			continue;
		rec = physseg_removal_cut(map, removal, rec, pfn, end);
		physseg_atomic_store(&rec->state, PHYSSEG_OFFLINE);
		physseg_index_update(map, rec, pfn, end, PHYSSEG_NOBASE);
		map->online -= end - pfn;
		taken_add(taken, rec);
	}
}

/* It cannot fail any more.  Readers are waited for once, and no page structure
 * is used again before. */
static void
take_range(struct physseg_map *map, struct physseg_removal *removal)
{
	const bool unplugs = is_unplug(removal);
	struct taken taken;

	physseg_index_commit(map, &removal->reserve);
	taken_begin(&taken, removal);
	if (unplugs)
		take_out(map, removal, &taken);
	else
		take_offline(map, removal, &taken);
	physseg_index_wait(map);
	if (map->listeners != NULL && physseg_is_running(map)) {
		tell_taken(map, &taken, PHYSSEG_NOW_OFFLINE);
		if (unplugs)
			tell_taken(map, &taken, PHYSSEG_UNPLUGGED);
	}
	if (unplugs)
		give_back(map, &taken);
	else
		poison(map, &taken);
	account_taken(map, &taken);
	if (unplugs)
		retire(map, &taken);
	physseg_removal_put_records(map, removal);
	physseg_claims_settle(map, removal->pfn == 0 ? 0 : removal->pfn - 1,
	    removal->end == map->limit ? map->limit : removal->end + 1);
	if (!unplugs)
		physseg_merge(map, removal->pfn, removal->end);
	physseg_reinit(map);
}

/* ---- at once ---- */

/* Begin and commit at once.  `asks': not without listeners and the host. */
static int
remove_now(struct physseg_map *map, struct physseg_removal *removal, bool asks)
{
	int error;

	if ((error = physseg_removal_plan(map, removal)) != PHYSSEG_OK ||
	    (error = physseg_removal_reserve(map, removal)) != PHYSSEG_OK)
		return error;
	if (asks && physseg_is_running(map)) {
		removal->serial = map->serial++;
		if ((error = removal_ask(map, removal)) == PHYSSEG_OK &&
		    (error = check_in_use(removal)) != PHYSSEG_OK) {
			release(map, removal);
			tell_cancelled(map, removal, removal->end);
		}
	}
	if (error == PHYSSEG_OK)
		take_range(map, removal);
	else
		physseg_removal_unreserve(map, removal);
	return error;
}

/* Without the guard against calls from hooks. */
static int
remove_range(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    unsigned how, bool asks)
{
	struct physseg_removal removal = { .map = map, .pfn = pfn, .how = how };
	int error;

	if (how > (PHYSSEG_REMOVE_UNPLUG | PHYSSEG_REMOVE_FORCE))
		return PHYSSEG_EINVAL;
	if ((error = physseg_check_range(map, pfn, n)) != PHYSSEG_OK)
		return error;
	removal.end = pfn + n;
	return remove_now(map, &removal, asks);
}

/* With neither listeners nor `isolate' this is the driver's word. */
int
physseg_unplug_range(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n)
{
	return remove_range(map, pfn, n, PHYSSEG_REMOVE_UNPLUG,
	    map->host->isolate != NULL || map->listeners != NULL);
}

int
physseg_unplug(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n)
{
	int error;

	error = physseg_enter(map, PHYSSEG_CALL_UNPLUG, pfn, n);
	if (error != PHYSSEG_OK)
		return error;
	return physseg_leave(map, physseg_unplug_range(map, pfn, n));
}

static enum physseg_operation
operation_of(unsigned how)
{
	return (how & PHYSSEG_REMOVE_UNPLUG) != 0 ? PHYSSEG_OP_UNPLUG
						  : PHYSSEG_OP_OFFLINE;
}

int
physseg_remove_sized(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, unsigned how, struct physseg_reason *reason,
    size_t reason_size)
{
	struct physseg_reason own;
	int error;

	physseg_reason_begin(&own, operation_of(how), pfn, n);
	error = physseg_enter(map, PHYSSEG_CALL_REMOVE, pfn, n, how);
	if (error == PHYSSEG_OK) {
		map->why = &own;
		if (!physseg_is_running(map) &&
		    (how & PHYSSEG_REMOVE_UNPLUG) == 0)
			error = PHYSSEG_EPHASE;
		else
			error = remove_range(map, pfn, n, how, true);
		map->why = NULL;
		error = physseg_leave(map, error);
	}
	return physseg_reason_end(error, &own, reason, reason_size);
}

/* ---- in two phases ---- */

/* What was planned. */
static int
begin(struct physseg_map *map, struct physseg_removal *removal)
{
	int error;

	if ((error = physseg_removal_reserve(map, removal)) != PHYSSEG_OK)
		return error;
	removal->serial = map->serial++;
	if ((error = removal_ask(map, removal)) != PHYSSEG_OK) {
		physseg_removal_unreserve(map, removal);
		return error;
	}
	physseg_index_hold(map, &removal->reserve);
	map->leaving += removal->online;
	LIST_INSERT_HEAD(&map->removals, removal, all);
	return PHYSSEG_OK;
}

static int
begin_new(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    unsigned how, struct physseg_removal **removalp)
{
	struct physseg_removal plan = { .map = map, .pfn = pfn, .how = how };
	struct physseg_removal *removal;
	int error;

	if (!physseg_is_running(map))
		return PHYSSEG_EPHASE;
	if (how > (PHYSSEG_REMOVE_UNPLUG | PHYSSEG_REMOVE_FORCE))
		return PHYSSEG_EINVAL;
	if ((error = physseg_check_range(map, pfn, n)) != PHYSSEG_OK)
		return error;
	plan.end = pfn + n;
	if ((error = physseg_removal_plan(map, &plan)) != PHYSSEG_OK)
		return error;
	removal = physseg_host_alloc(map, sizeof(*removal));
	if (removal == NULL)
		return PHYSSEG_ENOMEM;
	*removal = plan;
	error = begin(map, removal);
	if (error == PHYSSEG_OK)
		*removalp = removal;
	else
		physseg_host_free(map, removal, sizeof(*removal));
	return error;
}

int
physseg_remove_begin_sized(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, unsigned how, struct physseg_removal **removal,
    struct physseg_reason *reason, size_t reason_size)
{
	struct physseg_reason own;
	int error;

	physseg_reason_begin(&own, operation_of(how), pfn, n);
	error = physseg_enter(map, PHYSSEG_CALL_REMOVE_BEGIN, pfn, n, how);
	if (error == PHYSSEG_OK) {
		map->why = &own;
		error = begin_new(map, pfn, n, how, removal);
		map->why = NULL;
		error = physseg_leave_unchanged(map, error);
	}
	return physseg_reason_end(error, &own, reason, reason_size);
}

void
physseg_remove_get_status_sized(const struct physseg_removal *removal,
    struct physseg_remove_status *status, size_t size)
{
	const struct physseg_map *map = removal->map;
	struct physseg_remove_status own, *all;
	physseg_pfn_t busy;

	all = physseg_sized_begin(status, size, &own, sizeof(own));
	memset(all, 0, sizeof(*all));
	physseg_lock(map, map->lock_walks);
	all->pfn = removal->pfn;
	all->n = removal->end - removal->pfn;
	all->how = removal->how;
	all->at_begin = removal->busy;
	all->first_busy = busy = first_in_use(removal, removal->pfn);
	for (; busy != PHYSSEG_NOFRAME; busy = first_in_use(removal, busy + 1))
		all->busy++;
	physseg_unlock(map, map->lock_walks);
	physseg_sized_end(status, size, &own, sizeof(own));
}

/* It is not open any more. */
static void
close_removal(struct physseg_map *map, struct physseg_removal *removal)
{
	LIST_REMOVE(removal, all);
	map->leaving -= removal->online;
	physseg_index_unhold(map, &removal->reserve);
	removal->reserve.build = false; /* it was */
	removal->reserve.chunks = 0;
}

static void
fill_pieces(const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t end,
    struct physseg_pieces *pieces)
{
	const struct physseg_node *below =
	    pfn == 0 ? NULL : physseg_index_lookup(map, pfn - 1);
	const struct physseg_node *above = physseg_index_lookup(map, end);

	if (below != NULL && below->end != pfn)
		below = NULL;
	if (above != NULL && above->start != end)
		above = NULL;
	pieces->below = physseg_record_handle(map, below);
	pieces->first =
	    physseg_record_handle(map, physseg_index_lookup(map, pfn));
	pieces->above = physseg_record_handle(map, above);
}

int
physseg_remove_commit_sized(struct physseg_removal *removal,
    struct physseg_pieces *pieces, struct physseg_reason *reason,
    size_t reason_size)
{
	struct physseg_map *map = removal->map;
	const physseg_pfn_t pfn = removal->pfn, end = removal->end;
	struct physseg_reason own;
	int error;

	physseg_reason_begin(&own, PHYSSEG_OP_COMMIT, pfn, end - pfn);
	error = physseg_enter(map, PHYSSEG_CALL_REMOVE_COMMIT, pfn, end - pfn);
	if (error == PHYSSEG_OK) {
		map->why = &own;
		error = check_in_use(removal);
		if (error == PHYSSEG_OK) {
			close_removal(map, removal);
			take_range(map, removal);
			if (pieces != NULL)
				fill_pieces(map, pfn, end, pieces);
			physseg_host_free(map, removal, sizeof(*removal));
		}
		map->why = NULL;
		error = physseg_leave(map, error);
	}
	return physseg_reason_end(error, &own, reason, reason_size);
}

int
physseg_remove_cancel(struct physseg_removal *removal)
{
	struct physseg_map *map = removal->map;
	int error;

	error = physseg_enter(map, PHYSSEG_CALL_REMOVE_CANCEL, removal->pfn,
	    removal->end - removal->pfn);
	if (error != PHYSSEG_OK)
		return error;
	release(map, removal);
	tell_cancelled(map, removal, removal->end);
	close_removal(map, removal);
	physseg_removal_unreserve(map, removal);
	physseg_host_free(map, removal, sizeof(*removal));
	physseg_index_trim(map);
	return physseg_leave_unchanged(map, PHYSSEG_OK);
}

/* Open ones are dropped, and nobody is told. */
void
physseg_removal_fini(struct physseg_map *map)
{
	struct physseg_removal *removal;

	while ((removal = LIST_FIRST(&map->removals)) != NULL) {
		LIST_REMOVE(removal, all);
		physseg_host_free(map, removal, sizeof(*removal));
	}
}
