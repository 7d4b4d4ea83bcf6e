/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * plug.c -- memory is added, as a segment or as part of one.
 *
 * First check, then reserve whatever can fail, then ask the listeners, then
 * change; once the change begins nothing is left that could fail, and nothing
 * to roll back.  Every load of the boot phase ends here too.
 */
#include "engine.h"

/* Does the map give page structures to what is plugged now? */
static bool
needs_pages(const struct physseg_map *map, const struct physseg_plug *plug)
{
	return map->page_size != 0 &&
	    (physseg_is_running(map) || plug->source != PHYSSEG_FROM_SLAB);
}

/* An array of the caller's that is in nobody's way.  NULL has no base. */
static bool
callers_array_ok(const struct physseg_map *map, const struct physseg_plug *plug)
{
	const size_t n = (size_t)plug->n;

	return plug->n <=
	    (SIZE_MAX - (uintptr_t)plug->pages) / map->page_size &&
	    physseg_base(map, plug->pfn, plug->pages) != PHYSSEG_NOBASE &&
	    physseg_slab_over(map, plug->pages, n) == NULL &&
	    !physseg_slab_over_map(map, plug->pages, n) &&
	    !physseg_pages_in_use(map, plug->pages, n);
}

static int
check_source(const struct physseg_map *map, const struct physseg_plug *plug)
{
	bool ok = true;

	if (!needs_pages(map, plug) || physseg_is_vmemmap(map))
		ok = plug->source == PHYSSEG_FROM_SLAB;
	else if (plug->source == PHYSSEG_FROM_CALLER)
		ok = callers_array_ok(map, plug);
	else if (!physseg_host_has_pages(map))
		ok = false;
	else if (plug->n > SIZE_MAX / map->page_size)
		return PHYSSEG_ENOMEM;
	else if (plug->source == PHYSSEG_FROM_RANGE) {
		if (!physseg_is_running(map))
			return PHYSSEG_EPHASE;
		ok = map->host->frames_map != NULL;
	} else
		ok = plug->source == PHYSSEG_FROM_SLAB;
	return ok ? PHYSSEG_OK : PHYSSEG_EINVAL;
}

/* Everything that forbids a plug before memory is asked for. */
static int
plug_check(const struct physseg_map *map, const struct physseg_plug *plug)
{
	const struct physseg_node *node, *lower;
	int error;

	if (physseg_is_running(map) && !physseg_has(map, PHYSSEG_HOTPLUG))
		return PHYSSEG_ENOHOTPLUG;
	if (!physseg_freelist_ok(map, plug->free_list))
		return PHYSSEG_EINVAL;
	error = physseg_check_range(map, plug->pfn, plug->n);
	if (error != PHYSSEG_OK)
		return error;
	node = physseg_index_find(map, plug->pfn, plug->pfn + plug->n);
	if (node != NULL) {
		while (node->start > plug->pfn &&
		    (lower = physseg_index_find(map, plug->pfn, node->start)) !=
			NULL)
			node = lower;
		return physseg_forbid(map, PHYSSEG_EOVERLAP,
		    PHYSSEG_STAGE_CHECK,
		    node->start > plug->pfn ? node->start : plug->pfn, node);
	}
	error = physseg_check_block(map, plug->pfn, plug->n);
	return error != PHYSSEG_OK ? error : check_source(map, plug);
}

/* What a new segment takes that may not be there. */
struct reserve {
	struct physseg_record *rec;
	struct physseg_reserve index;
	struct physseg_slab *slab; /* NULL: the caller's array */
	void *pages;
	bool found; /* free in an old slab, and not allocated yet */
};

static bool
has_listeners(const struct physseg_map *map)
{
	return map->listeners != NULL && physseg_is_running(map);
}

/* Page structures of the map's or the host's.  An old slab that has room is
 * left as it is until nothing can fail any more: what is allocated there would
 * have to be given back, which may take memory. */
static int
get_slab(struct physseg_map *map, const struct physseg_plug *plug,
    struct reserve *reserve)
{
	const size_t n = (size_t)plug->n;

	reserve->pages = physseg_slab_find(map, n, &reserve->slab);
	reserve->found = reserve->pages != NULL;
	return reserve->found
	    ? PHYSSEG_OK
	    : physseg_slab_fresh(map, n, plug->state == PHYSSEG_ONLINE,
		  &reserve->slab, &reserve->pages);
}

/* They stay.  Nothing can fail any more. */
static void
keep_pages(struct physseg_map *map, const struct physseg_plug *plug,
    const struct reserve *reserve)
{
	if (reserve->found)
		physseg_slab_take_at(map, reserve->slab, reserve->pages,
		    (size_t)plug->n, plug->state == PHYSSEG_ONLINE);
}

/* Memory for page structures at their fixed addresses. */
static int
get_fixed(struct physseg_map *map, const struct physseg_plug *plug)
{
	return physseg_vmemmap_commit(map, plug->pfn, plug->pfn + plug->n,
		   plug->state == PHYSSEG_ONLINE)
	    ? PHYSSEG_OK
	    : PHYSSEG_ENOMEM;
}

static void
put_fixed(struct physseg_map *map, const struct physseg_plug *plug)
{
	uintptr_t from = 0;

	physseg_vmemmap_decommit(map, plug->pfn, plug->pfn + plug->n, &from);
}

static void
put_pages(struct physseg_map *map, const struct physseg_plug *plug,
    struct reserve *reserve)
{
	if (physseg_is_vmemmap(map) && reserve->pages != NULL)
		put_fixed(map, plug);
	if (reserve->slab != NULL && !reserve->found)
		(void)physseg_slab_free(
		    map, reserve->slab, reserve->pages, (size_t)plug->n);
}

static int
get_pages(struct physseg_map *map, const struct physseg_plug *plug,
    struct reserve *reserve)
{
	int error = PHYSSEG_OK;

	if (physseg_is_vmemmap(map)) {
		reserve->pages = (void *)physseg_vmemmap_at(map, plug->pfn);
		return get_fixed(map, plug);
	}
	if (plug->source == PHYSSEG_FROM_CALLER)
		reserve->pages = plug->pages;
	else if (plug->source == PHYSSEG_FROM_RANGE)
		error = physseg_slab_in_range(map, plug->pfn, plug->n,
		    plug->state == PHYSSEG_ONLINE, &reserve->slab,
		    &reserve->pages);
	else
		error = get_slab(map, plug, reserve);
	if (error == PHYSSEG_OK &&
	    physseg_base(map, plug->pfn, reserve->pages) == PHYSSEG_NOBASE) {
		put_pages(map, plug, reserve);
		error = PHYSSEG_ENOMEM; /* no base is left to tell them by */
	}
	return error;
}

/* All but page structures.  Inline, as reserve_all, for every plug goes this
 * way; physseg_plug_check does, too. */
static inline int
reserve_segment(struct physseg_map *map, const struct physseg_plug *plug,
    struct reserve *reserve)
{
	static const struct physseg_need need = { 1, 1 };
	int error;

	reserve->slab = NULL;
	reserve->pages = NULL;
	reserve->found = false;
	if (physseg_is_full(map, 1))
		return PHYSSEG_ENOSLOT;
	if ((error = physseg_record_get(map, &reserve->rec)) != PHYSSEG_OK)
		return error;
	error = physseg_index_reserve(
	    map, plug->pfn, plug->pfn + plug->n, need, &reserve->index);
	if (error != PHYSSEG_OK)
		physseg_record_unreserve(map, reserve->rec);
	return error;
}

static void
unreserve_segment(struct physseg_map *map, struct reserve *reserve)
{
	physseg_index_unreserve(map, &reserve->index);
	physseg_record_unreserve(map, reserve->rec);
}

static inline int
reserve_all(struct physseg_map *map, const struct physseg_plug *plug,
    struct reserve *reserve)
{
	int error = reserve_segment(map, plug, reserve);

	if (error != PHYSSEG_OK || !needs_pages(map, plug))
		return error;
	error = get_pages(map, plug, reserve);
	if (error != PHYSSEG_OK)
		unreserve_segment(map, reserve);
	return error;
}

static void
unreserve_all(struct physseg_map *map, const struct physseg_plug *plug,
    struct reserve *reserve)
{
	put_pages(map, plug, reserve);
	unreserve_segment(map, reserve);
}

static physseg_pfn_t
metadata(const struct reserve *reserve)
{
	return reserve->slab == NULL ? 0 : reserve->slab->meta;
}

/* A segment that was not there before.  All of it is written before a reader
 * can find it. */
static void
new_segment(struct physseg_map *map, const struct physseg_plug *plug,
    struct reserve *reserve)
{
	const bool online = plug->state == PHYSSEG_ONLINE;
	struct physseg_record *rec = reserve->rec;
	uintptr_t base = physseg_base(map, plug->pfn, reserve->pages);

	if (reserve->slab != NULL)
		reserve->slab->held += (size_t)plug->n;
	rec->avail = plug->avail;
	if (rec->avail.start < plug->pfn + metadata(reserve))
		rec->avail = physseg_range_clamp(rec->avail,
		    plug->pfn + metadata(reserve), plug->pfn + plug->n);
	if (online && reserve->pages != NULL) {
		physseg_host_init_pages(
		    map, reserve->pages, plug->pfn, plug->n);
		rec->counted = rec->avail;
	}
	rec->free_list = plug->free_list;
	rec->numa = plug->numa;
	rec->kind = plug->kind;
	rec->slab = reserve->slab;
	physseg_set_filled(rec, false);
	physseg_atomic_store(&rec->own_base, base);
	if (plug->data != NULL)
		memcpy(physseg_data(map, rec), plug->data, map->data_size);
	physseg_atomic_store(&rec->state, (uintptr_t)plug->state);
	if (!online)
		physseg_atomic_store(&rec->claimed, 0);
	physseg_atomic_store(&rec->node.base, online ? base : PHYSSEG_NOBASE);
	physseg_index_commit(map, &reserve->index);
	physseg_record_publish(map, rec, plug->pfn, plug->pfn + plug->n);
	physseg_index_insert(map, rec);
	map->segments++;
	map->frames += plug->n;
	if (online)
		map->online += plug->n;
}

/* The same frames, to a segment that is there. */
static void
grow_segment(struct physseg_map *map, const struct physseg_plug *plug,
    const struct physseg_join *join)
{
	struct physseg_slab *slab = join->rec->slab;
	const bool online = plug->state == PHYSSEG_ONLINE;

	if (slab != NULL) {
		physseg_slab_take_at(
		    map, slab, join->pages, (size_t)plug->n, online);
		slab->held += (size_t)plug->n;
	}
	if (join->pages != NULL && online)
		physseg_host_init_pages(map, join->pages, plug->pfn, plug->n);
	physseg_join(map, join, plug);
}

/* What the frames are, for listeners. */
static struct physseg_change
change_of(const struct physseg_plug *plug, enum physseg_event event)
{
	return (struct physseg_change){ event, plug->pfn, plug->n,
		plug->free_list, plug->numa, plug->kind, false };
}

static int
plug_ask(struct physseg_map *map, const struct physseg_plug *plug)
{
	struct physseg_change change;
	const struct physseg_listener *refused;
	int error;

	if (!has_listeners(map) || plug->state != PHYSSEG_ONLINE)
		return PHYSSEG_OK;
	change = change_of(plug, PHYSSEG_GOING_ONLINE);
	if ((error = physseg_ask(map, &change, &refused)) == PHYSSEG_OK)
		return PHYSSEG_OK;
	change.event = PHYSSEG_ONLINE_CANCELLED;
	physseg_tell_asked(map, &change, UINT64_MAX, refused);
	return error;
}

static void
plug_tell(struct physseg_map *map, const struct physseg_plug *plug,
    enum physseg_event event)
{
	struct physseg_change change;

	if (!has_listeners(map))
		return;
	change = change_of(plug, event);
	physseg_tell(map, &change);
}

/* Tell the host and the listeners of the frames, in the order that plug
 * promises. */
static void
hand_over(struct physseg_map *map, const struct physseg_plug *plug,
    const struct physseg_record *rec)
{
	const struct physseg_range range = { plug->pfn, plug->pfn + plug->n };
	const struct physseg_range counted =
	    physseg_range_clamp(rec->counted, range.start, range.end);

	plug_tell(map, plug, PHYSSEG_ADDED);
	if (plug->state != PHYSSEG_ONLINE)
		return;
	physseg_account(map, rec, true, physseg_range_size(counted),
	    physseg_is_running(map) ? plug->n : 0);
	physseg_free_avail(map, rec, range);
	physseg_reinit(map);
	plug_tell(map, plug, PHYSSEG_NOW_ONLINE);
}

/* What a segment takes to grow.  Its slab has the page structures. */
static int
reserve_growth(struct physseg_map *map, const struct physseg_plug *plug,
    const struct physseg_join *join, struct physseg_reserve *index)
{
	static const struct physseg_need need = { 0, 1 };
	int error;

	error = physseg_index_reserve(
	    map, plug->pfn, plug->pfn + plug->n, need, index);
	if (error != PHYSSEG_OK || !physseg_is_vmemmap(map) ||
	    join->pages == NULL)
		return error;
	if ((error = get_fixed(map, plug)) != PHYSSEG_OK)
		physseg_index_unreserve(map, index);
	return error;
}

static void
unreserve_growth(struct physseg_map *map, const struct physseg_plug *plug,
    const struct physseg_join *join, const struct physseg_reserve *index)
{
	if (physseg_is_vmemmap(map) && join->pages != NULL)
		put_fixed(map, plug);
	physseg_index_unreserve(map, index);
}

/* A segment grows into the frames. */
static int
plug_grow(struct physseg_map *map, const struct physseg_plug *plug,
    const struct physseg_join *join)
{
	struct physseg_reserve index;
	int error;

	error = reserve_growth(map, plug, join, &index);
	if (error != PHYSSEG_OK)
		return error;
	if ((error = plug_ask(map, plug)) != PHYSSEG_OK) {
		unreserve_growth(map, plug, join, &index);
		return error;
	}
	physseg_index_commit(map, &index);
	grow_segment(map, plug, join);
	return PHYSSEG_OK;
}

/* They are a new one. */
static int
plug_new(struct physseg_map *map, const struct physseg_plug *plug,
    struct physseg_record **rec)
{
	struct reserve reserve;
	int error;

	if ((error = reserve_all(map, plug, &reserve)) != PHYSSEG_OK)
		return error;
	if ((error = plug_ask(map, plug)) != PHYSSEG_OK) {
		unreserve_all(map, plug, &reserve);
		return error;
	}
	keep_pages(map, plug, &reserve);
	*rec = reserve.rec;
	new_segment(map, plug, &reserve);
	return PHYSSEG_OK;
}

int
physseg_plug_frames(
    struct physseg_map *map, const struct physseg_plug *plug, physseg_t *handle)
{
	struct physseg_join join;
	struct physseg_record *rec = NULL;
	int error;

	if ((error = plug_check(map, plug)) != PHYSSEG_OK)
		return error;
	if (physseg_join_find(map, plug, &join)) {
		rec = join.rec;
		error = plug_grow(map, plug, &join);
	} else
		error = plug_new(map, plug, &rec);
	if (error != PHYSSEG_OK)
		return error;
	/* What could be joined with the segment below has made that grow.  So
	 * this one is the lowest of those that are joined now, and stays. */
	physseg_merge(map, plug->pfn, plug->pfn + plug->n);
	if (handle != NULL)
		*handle = physseg_record_handle(map, &rec->node);
	map->call.result = rec->node.start;
	hand_over(map, plug, rec);
	return PHYSSEG_OK;
}

int
physseg_plug(struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n,
    int free_list, physseg_t *handle)
{
	const struct physseg_plug plug = { .pfn = pfn,
		.n = n,
		.avail = { pfn, pfn + n },
		.free_list = free_list };
	int error;

	error =
	    physseg_enter(map, PHYSSEG_CALL_PLUG, pfn, n, (uint64_t)free_list);
	if (error != PHYSSEG_OK)
		return error;
	return physseg_leave(map, physseg_plug_frames(map, &plug, handle));
}

/* A kind of ours, or of the program's own. */
static bool
kind_ok(int kind)
{
	return (kind >= PHYSSEG_RAM && kind <= PHYSSEG_SOFT_RESERVED) ||
	    kind >= PHYSSEG_KIND_OWN;
}

/* Read what is asked for.  plug_check asks whether the range is one. */
static int
read_add(const struct physseg_addition *add, struct physseg_plug *plug)
{
	if (add->reserved_low > add->n ||
	    add->reserved_high > add->n - add->reserved_low ||
	    (add->state != PHYSSEG_ONLINE && add->state != PHYSSEG_OFFLINE) ||
	    (unsigned)add->source > PHYSSEG_FROM_RANGE || !kind_ok(add->kind) ||
	    add->node < 0 ||
	    (add->pages != NULL && add->source != PHYSSEG_FROM_CALLER))
		return PHYSSEG_EINVAL;
	*plug = (struct physseg_plug){
		.pfn = add->pfn,
		.n = add->n,
		.avail = { add->pfn + add->reserved_low,
		    add->pfn + (add->n - add->reserved_high) },
		.free_list = add->free_list,
		.numa = add->node,
		.kind = add->kind,
		.state = add->state,
		.source = add->source,
		.pages = add->pages,
		.data = add->data,
	};
	return PHYSSEG_OK;
}

int
physseg_add_sized(struct physseg_map *map, const struct physseg_addition *add,
    size_t add_size, physseg_t *handle, struct physseg_reason *reason,
    size_t reason_size)
{
	struct physseg_reason own;
	struct physseg_addition all;
	struct physseg_plug plug;
	const bool known = physseg_sized_read(&all, sizeof(all), add, add_size);
	int error;

	physseg_reason_begin(&own, PHYSSEG_OP_ADD, all.pfn, all.n);
	error = physseg_enter(map, PHYSSEG_CALL_ADD, all.pfn, all.n,
	    all.reserved_low, all.reserved_high, (uint64_t)all.free_list,
	    (uint64_t)all.node, (uint64_t)all.kind, (uint64_t)all.state,
	    (uint64_t)all.source, (uintptr_t)all.pages,
	    physseg_trace_data(map, all.data));
	if (error != PHYSSEG_OK)
		return physseg_reason_end(error, &own, reason, reason_size);
	map->why = &own;
	error = known ? read_add(&all, &plug) : PHYSSEG_EINVAL;
	if (error == PHYSSEG_OK)
		error = physseg_plug_frames(map, &plug, handle);
	map->why = NULL;
	return physseg_reason_end(
	    physseg_leave(map, error), &own, reason, reason_size);
}

/* Take what a plug would take, and give it back. */
static int
try_plug(struct physseg_map *map, const struct physseg_plug *plug)
{
	struct physseg_join join;
	struct reserve reserve;
	int error;

	if ((error = plug_check(map, plug)) != PHYSSEG_OK)
		return error;
	if (physseg_join_find(map, plug, &join)) {
		error = reserve_growth(map, plug, &join, &reserve.index);
		if (error == PHYSSEG_OK)
			unreserve_growth(map, plug, &join, &reserve.index);
		return error;
	}
	if ((error = reserve_all(map, plug, &reserve)) == PHYSSEG_OK)
		unreserve_all(map, plug, &reserve);
	return error;
}

int
physseg_plug_check(
    struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n, int free_list)
{
	const struct physseg_plug plug = { .pfn = pfn,
		.n = n,
		.avail = { pfn, pfn + n },
		.free_list = free_list };
	int error;

	error = physseg_enter(
	    map, PHYSSEG_CALL_PLUG_CHECK, pfn, n, (uint64_t)free_list);
	if (error != PHYSSEG_OK)
		return error;
	return physseg_leave_unchanged(map, try_plug(map, &plug));
}
