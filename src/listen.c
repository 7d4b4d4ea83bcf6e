/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * listen.c -- who is told of changes.
 *
 * A listener may take itself or another one off while listeners are told.  So
 * the next one is kept in the map, where physseg_unlisten moves it on.
 *
 * `serial' grows with every listener and every removal.  A removal's listeners
 * are those with a lower number: they were asked when it began, or were told of
 * it by a replay.
 */
#include "engine.h"

/* What a segment's frames [start, end) are, for listeners. */
static struct physseg_change
change_in(enum physseg_event event, const struct physseg_record *rec,
    physseg_pfn_t start, physseg_pfn_t end)
{
	return (struct physseg_change){ event, start, end - start,
		rec->free_list, rec->numa, rec->kind, false };
}

/* Begin with a listener, in order or backwards. */
static struct physseg_listener *
told_first(
    struct physseg_map *map, struct physseg_listener *first, bool backwards)
{
	map->backwards = backwards;
	map->next_told = first;
	return first;
}

/* Tell it; the next one is kept in the map. */
static int
tell_one(struct physseg_map *map, struct physseg_listener *listener,
    const struct physseg_change *change)
{
	map->next_told = map->backwards ? listener->prev : listener->next;
	return listener->notify(listener, change);
}

static void
log_ignored(const struct physseg_map *map)
{
	if (map->host->log != NULL)
		map->host->log(map->ctx,
		    "a listener refused what cannot be refused: ignored");
}

/* Ask all.  EREFUSED: *refused said no, and those before it were asked. */
int
physseg_ask(struct physseg_map *map, const struct physseg_change *change,
    const struct physseg_listener **refused)
{
	struct physseg_listener *listener = map->listeners;
	int code, error;

	*refused = NULL;
	for (told_first(map, listener, false); listener != NULL;
	     listener = map->next_told) {
		code = tell_one(map, listener, change);
		if (code == 0)
			continue;
		error = physseg_refused(map, PHYSSEG_STAGE_LISTENER, listener,
		    code, change->pfn, NULL);
		*refused = listener;
		if (!change->forced)
			return error;
	}
	*refused = NULL;
	return PHYSSEG_OK;
}

/* Tell all. */
void
physseg_tell(struct physseg_map *map, const struct physseg_change *change)
{
	struct physseg_listener *listener = map->listeners;

	for (told_first(map, listener, false); listener != NULL;
	     listener = map->next_told)
		if (tell_one(map, listener, change) != 0)
			log_ignored(map);
}

/* Tell all, run by run: add frames [start, end) of the segment to the run, of
 * no frames at first.  Its event and `forced' are the caller's. */
void
physseg_tell_more(struct physseg_map *map, struct physseg_change *run,
    const struct physseg_record *rec, physseg_pfn_t start, physseg_pfn_t end)
{
	struct physseg_change next = change_in(run->event, rec, start, end);

	if (run->n != 0 && run->pfn + run->n == start &&
	    run->free_list == next.free_list && run->node == next.node &&
	    run->kind == next.kind) {
		run->n += next.n;
		return;
	}
	physseg_tell_rest(map, run);
	next.forced = run->forced;
	*run = next;
}

void
physseg_tell_rest(struct physseg_map *map, struct physseg_change *run)
{
	if (run->n != 0)
		physseg_tell(map, run);
	run->n = 0;
}

static struct physseg_listener *
last_listener(const struct physseg_map *map)
{
	struct physseg_listener *last = map->listeners;

	while (last != NULL && last->next != NULL)
		last = last->next;
	return last;
}

/* Tell those that were asked, in reverse order: with a number below `serial',
 * and before `until' (NULL: all). */
void
physseg_tell_asked(struct physseg_map *map, const struct physseg_change *change,
    uint64_t serial, const struct physseg_listener *until)
{
	struct physseg_listener *listener = last_listener(map);

	/* `until' may be off by now: it is not looked into. */
	if (until != NULL && map->next_told != NULL)
		listener = map->next_told->prev;
	for (told_first(map, listener, true); listener != NULL;
	     listener = map->next_told)
		if (listener == until || listener->serial >= serial)
			map->next_told = listener->prev;
		else if (tell_one(map, listener, change) != 0)
			log_ignored(map);
}

/* ---- registering ---- */

static bool
is_registered(
    const struct physseg_map *map, const struct physseg_listener *listener)
{
	const struct physseg_listener *other = map->listeners;

	while (other != NULL && other != listener)
		other = other->next;
	return other != NULL;
}

static void
enlist(struct physseg_map *map, struct physseg_listener *listener)
{
	struct physseg_listener *prev = NULL, *next = map->listeners;

	while (next != NULL && next->priority >= listener->priority) {
		prev = next;
		next = next->next;
	}
	listener->prev = prev;
	listener->next = next;
	if (prev == NULL)
		map->listeners = listener;
	else
		prev->next = listener;
	if (next != NULL)
		next->prev = listener;
}

/*
 * The next run of frames with the same attributes and state in [*pfn, end), and
 * in *pfn where it ends; false: there is none.
 */
bool
physseg_run(const struct physseg_map *map, physseg_pfn_t *pfn,
    physseg_pfn_t end, enum physseg_event event, struct physseg_change *change,
    bool *online)
{
	const struct physseg_record *rec, *next;
	physseg_pfn_t start, to;

	rec = *pfn < end ? physseg_record_of(physseg_index_from(map, *pfn))
			 : NULL;
	if (rec == NULL || rec->node.start >= end)
		return false;
	start = rec->node.start > *pfn ? rec->node.start : *pfn;
	*online = !physseg_is_offline(rec);
	for (next = rec;; next = rec) {
		to = next->node.end < end ? next->node.end : end;
		rec = to < end
		    ? physseg_record_of(physseg_index_lookup(map, to))
		    : NULL;
		if (rec == NULL || rec->free_list != next->free_list ||
		    rec->numa != next->numa || rec->kind != next->kind ||
		    physseg_is_offline(rec) == *online)
			break;
	}
	*change = change_in(event, next, start, to);
	*pfn = to;
	return true;
}

/* Tell one of what is there, unless it has taken itself off. */
static void
tell_again(struct physseg_map *map, struct physseg_listener *listener,
    const struct physseg_change *change)
{
	if (is_registered(map, listener) &&
	    listener->notify(listener, change) != 0)
		log_ignored(map);
}

/* Tell one listener what is there. */
static void
replay(struct physseg_map *map, struct physseg_listener *listener)
{
	const struct physseg_removal *removal;
	struct physseg_change change;
	physseg_pfn_t pfn = 0;
	bool online;

	while (physseg_run(
	    map, &pfn, map->limit, PHYSSEG_ADDED, &change, &online)) {
		tell_again(map, listener, &change);
		change.event = PHYSSEG_NOW_ONLINE;
		if (online)
			tell_again(map, listener, &change);
	}
	LIST_FOREACH(removal, &map->removals, all)
		for (pfn = removal->pfn; physseg_run(map, &pfn, removal->end,
			 PHYSSEG_GOING_OFFLINE, &change, &online);) {
			change.forced =
			    (removal->how & PHYSSEG_REMOVE_FORCE) != 0;
			if (online)
				tell_again(map, listener, &change);
		}
}

int
physseg_listen(
    struct physseg_map *map, struct physseg_listener *listener, bool with)
{
	int error;

	error = physseg_enter(map, PHYSSEG_CALL_LISTEN, (uintptr_t)listener,
	    (uint64_t)listener->priority, with);
	if (error != PHYSSEG_OK)
		return error;
	if (listener->notify == NULL || is_registered(map, listener))
		return physseg_leave_unchanged(map, PHYSSEG_EINVAL);
	/* Without a replay it is not one of those that open removals asked. */
	listener->serial = with ? 0 : map->serial++;
	enlist(map, listener);
	if (with && physseg_is_running(map))
		replay(map, listener);
	return physseg_leave_unchanged(map, PHYSSEG_OK);
}

int
physseg_unlisten(struct physseg_map *map, struct physseg_listener *listener)
{
	int error = PHYSSEG_ENOENT;

	physseg_lock(map, map->lock_walks);
	if (is_registered(map, listener)) {
		if (map->next_told == listener)
			map->next_told =
			    map->backwards ? listener->prev : listener->next;
		if (listener->prev == NULL)
			map->listeners = listener->next;
		else
			listener->prev->next = listener->next;
		if (listener->next != NULL)
			listener->next->prev = listener->prev;
		error = PHYSSEG_OK;
	}
	physseg_trace(
	    map, PHYSSEG_CALL_UNLISTEN, error, 0, (uintptr_t)listener);
	physseg_unlock(map, map->lock_walks);
	return error;
}
