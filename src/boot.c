/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * boot.c -- what is done before the map runs, and the switch.
 *
 * To load is to plug with an available range of its own.  To unload is to
 * unplug one page that is available.  The switch gives every segment its page
 * structures; from then on the map takes memory from the host.
 */
#include "engine.h"

bool
physseg_running(const struct physseg_map *map)
{
	return physseg_is_running(map);
}

/* Tell the listeners two events of every run of frames; one that is offline has
 * not been or does not go online. */
static void
tell_all(struct physseg_map *map, enum physseg_event first,
    enum physseg_event second)
{
	const enum physseg_event events[] = { first, second };
	struct physseg_change change;
	physseg_pfn_t pfn = 0;
	bool online;
	int i;

	while (map->listeners != NULL &&
	    physseg_run(map, &pfn, map->limit, first, &change, &online))
		for (i = 0; i < 2; i++) {
			change.event = events[i];
			if (online || change.event == PHYSSEG_ADDED ||
			    change.event == PHYSSEG_UNPLUGGED)
				physseg_tell(map, &change);
		}
}

/* The map runs; the listeners are told what boot has left. */
static void
run(struct physseg_map *map)
{
	physseg_atomic_store(&map->running, true);
	tell_all(map, PHYSSEG_ADDED, PHYSSEG_NOW_ONLINE);
}

/* It boots again, and nobody is told what is changed then: for listeners all
 * is gone until it runs. */
static void
stop(struct physseg_map *map)
{
	tell_all(map, PHYSSEG_NOW_OFFLINE, PHYSSEG_UNPLUGGED);
	physseg_atomic_store(&map->running, false);
}

int
physseg_set_running(struct physseg_map *map, bool running)
{
	int error;

	if (physseg_is_running(map) == running)
		return PHYSSEG_OK;
	if ((error = physseg_enter(map, PHYSSEG_CALL_SET_RUNNING, running)) !=
	    PHYSSEG_OK)
		return error;
	if (!running && LIST_FIRST(&map->removals) != NULL)
		return physseg_leave_unchanged(map, PHYSSEG_EREMOVING);
	if (!running && !physseg_index_unbuild(map))
		return physseg_leave_unchanged(map, PHYSSEG_ENOSLOT);
	if (running)
		run(map);
	else
		stop(map);
	return physseg_leave(map, PHYSSEG_OK);
}

int
physseg_build(struct physseg_map *map)
{
	int error;

	if ((error = physseg_enter(map, PHYSSEG_CALL_BUILD, 0)) != PHYSSEG_OK)
		return error;
	if (!physseg_is_running(map))
		return physseg_leave(map, PHYSSEG_EPHASE);
	physseg_index_build(map);
	return physseg_leave(
	    map, physseg_is_built(map) ? PHYSSEG_OK : PHYSSEG_ENOMEM);
}

/* A call that was entered belongs to the boot phase. */
static int
boot_only(struct physseg_map *map, int error)
{
	if (error == PHYSSEG_OK && physseg_is_running(map))
		error = physseg_leave(map, PHYSSEG_EPHASE);
	return error;
}

#define enter_boot(map, ...) boot_only(map, physseg_enter(map, __VA_ARGS__))

int
physseg_load(struct physseg_map *map, physseg_pfn_t start, physseg_pfn_t end,
    physseg_pfn_t avail_start, physseg_pfn_t avail_end, int free_list,
    physseg_t *handle)
{
	const struct physseg_plug plug = {
		.pfn = start,
		.n = end - start,
		.avail = { avail_start, avail_end },
		.free_list = free_list,
	};
	int error;

	error = enter_boot(map, PHYSSEG_CALL_LOAD, start, end, avail_start,
	    avail_end, (uint64_t)free_list);
	if (error != PHYSSEG_OK)
		return error;
	if (start >= end || avail_start > avail_end || avail_start < start ||
	    avail_end > end)
		return physseg_leave(map, PHYSSEG_EINVAL);
	return physseg_leave(map, physseg_plug_frames(map, &plug, handle));
}

/* Find an available page at an end of the segment; false: there is none. */
static bool
edge(const struct physseg_record *rec, physseg_pfn_t *pfn)
{
	if (rec->avail.start == rec->node.start)
		*pfn = rec->node.start;
	else if (rec->avail.end == rec->node.end)
		*pfn = rec->node.end - 1;
	else
		return false;
	return true;
}

/* Take one available page: at an end of the segment, or with `force' the first
 * one.  Nobody has taken what is offline into use. */
static int
unload(struct physseg_map *map, struct physseg_record *rec, int free_list,
    bool force, physseg_pfn_t *pfnp)
{
	physseg_pfn_t pfn;
	int error;

	if (rec == NULL)
		return PHYSSEG_ENOENT;
	if (rec->free_list != free_list)
		return PHYSSEG_EINVAL;
	if (physseg_is_offline(rec) || physseg_range_size(rec->avail) == 0)
		return PHYSSEG_EEMPTY;
	pfn = rec->avail.start;
	if (!force && !edge(rec, &pfn))
		return PHYSSEG_EEMPTY;
	if ((error = physseg_unplug_range(map, pfn, 1)) == PHYSSEG_OK)
		map->call.result = *pfnp = pfn;
	return error;
}

static int
unload_handle(struct physseg_map *map, physseg_t handle, int free_list,
    bool force, physseg_pfn_t *pfn)
{
	int error;

	error = enter_boot(map,
	    force ? PHYSSEG_CALL_UNLOAD_FORCE : PHYSSEG_CALL_UNLOAD,
	    physseg_trace_segment(map, handle), (uint64_t)free_list);
	if (error != PHYSSEG_OK)
		return error;
	return physseg_leave(map,
	    unload(
		map, physseg_record_find(map, handle), free_list, force, pfn));
}

int
physseg_unload(struct physseg_map *map, physseg_t handle, int free_list,
    physseg_pfn_t *pfn)
{
	return unload_handle(map, handle, free_list, false, pfn);
}

int
physseg_unload_force(struct physseg_map *map, physseg_t handle, int free_list,
    physseg_pfn_t *pfn)
{
	return unload_handle(map, handle, free_list, true, pfn);
}

/*
 * Take one page of a free list, from the first segment that has one.  True: it
 * was taken.  Otherwise *answer becomes the reason why the first page that was
 * found could not be taken, unless an earlier call has set a reason.
 */
static bool
steal(struct physseg_map *map, int free_list, bool force, physseg_pfn_t *pfn,
    int *answer)
{
	struct physseg_node *(*next)(
	    const struct physseg_map *, const struct physseg_node *);
	struct physseg_node *node;
	int error;

	next = physseg_has(map, PHYSSEG_BYSIZE) ? physseg_index_prev
						: physseg_index_next;
	for (node = next(map, NULL); node != NULL; node = next(map, node)) {
		error =
		    unload(map, physseg_record_of(node), free_list, force, pfn);
		if (error == PHYSSEG_EINVAL || error == PHYSSEG_EEMPTY)
			continue; /* another free list, or no page is available
				   */
		if (error == PHYSSEG_OK || *answer == PHYSSEG_EEMPTY)
			*answer = error;
		if (error == PHYSSEG_OK)
			return true;
	}
	return false;
}

int
physseg_steal(struct physseg_map *map, physseg_pfn_t *pfn)
{
	int answer, free_list;

	answer = enter_boot(map, PHYSSEG_CALL_STEAL, 0);
	if (answer != PHYSSEG_OK)
		return answer;
	answer = PHYSSEG_EEMPTY;
	for (free_list = 0; free_list < map->freelists; free_list++)
		if (steal(map, free_list, false, pfn, &answer) ||
		    steal(map, free_list, true, pfn, &answer))
			break;
	return physseg_leave(map, answer);
}

static int
set_avail(struct physseg_record *rec, physseg_pfn_t start, physseg_pfn_t end)
{
	if (rec == NULL)
		return PHYSSEG_ENOENT;
	if (start < rec->node.start || start > rec->node.end ||
	    end < rec->node.start || end > rec->node.end)
		return PHYSSEG_EINVAL;
	if (start < end &&
	    physseg_without_metadata(rec, start, end).start != start)
		return PHYSSEG_EMETADATA;
	rec->avail.start = start;
	rec->avail.end = end;
	return PHYSSEG_OK;
}

int
physseg_set_avail(struct physseg_map *map, physseg_t handle,
    physseg_pfn_t avail_start, physseg_pfn_t avail_end)
{
	int error;

	error = enter_boot(map, PHYSSEG_CALL_SET_AVAIL,
	    physseg_trace_segment(map, handle), avail_start, avail_end);
	if (error != PHYSSEG_OK)
		return error;
	return physseg_leave(map,
	    set_avail(
		physseg_record_find(map, handle), avail_start, avail_end));
}

/* Can `n' page structures be at this address? */
static bool
array_ok(const struct physseg_map *map, const void *pages, uint64_t n)
{
	return map->page_size != 0 && pages != NULL && n > 0 &&
	    n <= (SIZE_MAX - (uintptr_t)pages) / map->page_size;
}

static int
chomp(struct physseg_map *map, const struct physseg_record *rec, void *pages,
    size_t npages)
{
	struct physseg_slab *slab;

	if (rec == NULL)
		return PHYSSEG_ENOENT;
	if (physseg_is_vmemmap(map) || !array_ok(map, pages, npages) ||
	    physseg_pages_in_use(map, pages, npages))
		return PHYSSEG_EINVAL;
	return physseg_slab_add(map, pages, npages, &slab);
}

int
physseg_chomp_slab(
    struct physseg_map *map, physseg_t handle, void *pages, size_t npages)
{
	int error;

	error = physseg_enter(map, PHYSSEG_CALL_CHOMP_SLAB,
	    physseg_trace_segment(map, handle), (uintptr_t)pages, npages);
	if (error != PHYSSEG_OK)
		return error;
	return physseg_leave(
	    map, chomp(map, physseg_record_find(map, handle), pages, npages));
}

int
physseg_alloc_from_slab(
    struct physseg_map *map, physseg_t handle, size_t n, void **pages)
{
	struct physseg_slab *slab;
	int error;

	error = physseg_enter(map, PHYSSEG_CALL_ALLOC_FROM_SLAB,
	    physseg_trace_segment(map, handle), n);
	if (error != PHYSSEG_OK)
		return error;
	if (physseg_record_find(map, handle) == NULL)
		error = PHYSSEG_ENOENT;
	else if (n == 0 || physseg_is_vmemmap(map))
		error = PHYSSEG_EINVAL;
	else
		error = physseg_slab_alloc(map, n, &slab, pages);
	if (error == PHYSSEG_OK)
		map->call.result = (uintptr_t)*pages;
	return physseg_leave(map, error);
}

/* Give a segment its page structures, and the available ones to the host. */
static int
init_seg(struct physseg_map *map, struct physseg_record *rec, void *pages)
{
	static const struct physseg_need need = { 0, 1 };
	struct physseg_reserve index;
	uintptr_t base;
	physseg_pfn_t n;
	int error;

	if (rec == NULL)
		return PHYSSEG_ENOENT;
	n = rec->node.end - rec->node.start;
	error = physseg_removal_forbids(map, rec->node.start, rec->node.end);
	if (error != PHYSSEG_OK)
		return error;
	if (!physseg_host_has_pages(map) ||
	    physseg_own_base(rec) != PHYSSEG_NOBASE ||
	    !array_ok(map, pages, n) ||
	    physseg_base(map, rec->node.start, pages) == PHYSSEG_NOBASE)
		return PHYSSEG_EINVAL;
	error = physseg_index_reserve(
	    map, rec->node.start, rec->node.end, need, &index);
	if (error != PHYSSEG_OK)
		return error;
	if (!physseg_is_vmemmap(map))
		error = physseg_slab_claim(map, pages, (size_t)n, &rec->slab);
	if (error != PHYSSEG_OK) {
		physseg_index_unreserve(map, &index);
		rec->slab = NULL;
		return error;
	}
	physseg_index_commit(map, &index);
	if (rec->slab != NULL)
		rec->slab->held += (size_t)n;
	base = physseg_base(map, rec->node.start, pages);
	physseg_atomic_store(&rec->own_base, base);
	if (physseg_is_offline(rec))
		return PHYSSEG_OK; /* nobody sees them before it is online */
	if (physseg_is_vmemmap(map))
		memset(pages, 0, (size_t)n * map->page_size);
	physseg_host_init_pages(map, pages, rec->node.start, n);
	rec->counted = rec->avail;
	physseg_index_update(map, rec, rec->node.start, rec->node.end, base);
	physseg_account(map, rec, true, physseg_range_size(rec->counted), 0);
	physseg_free_avail(
	    map, rec, (struct physseg_range){ rec->node.start, rec->node.end });
	return PHYSSEG_OK;
}

/* Likewise, at their fixed addresses. */
static int
init_fixed(struct physseg_map *map, struct physseg_record *rec)
{
	const struct physseg_node *node = &rec->node;
	uintptr_t from = 0;
	int error;

	if (physseg_own_base(rec) != PHYSSEG_NOBASE)
		return PHYSSEG_EINVAL;
	if (!physseg_vmemmap_commit(map, node->start, node->end, false))
		return PHYSSEG_ENOMEM;
	error =
	    init_seg(map, rec, (void *)physseg_vmemmap_at(map, node->start));
	if (error != PHYSSEG_OK)
		physseg_vmemmap_decommit(map, node->start, node->end, &from);
	return error;
}

int
physseg_init_seg(struct physseg_map *map, physseg_t handle, void *pages)
{
	struct physseg_record *rec;
	physseg_pfn_t n;
	int error;

	error = physseg_enter(map, PHYSSEG_CALL_INIT_SEG,
	    physseg_trace_segment(map, handle), (uintptr_t)pages);
	if (error != PHYSSEG_OK)
		return error;
	rec = physseg_record_find(map, handle);
	n = rec == NULL ? 0 : rec->node.end - rec->node.start;
	if (physseg_is_vmemmap(map) && rec != NULL)
		error = pages == NULL ? init_fixed(map, rec) : PHYSSEG_EINVAL;
	else if (rec != NULL && array_ok(map, pages, n) &&
	    physseg_pages_in_use(map, pages, (size_t)n))
		error = PHYSSEG_EINVAL;
	else
		error = init_seg(map, rec, pages);
	return physseg_leave(map, error);
}

/* The first segment that has no page structures yet. */
static struct physseg_node *
without_pages(const struct physseg_map *map, struct physseg_node *node)
{
	while (node != NULL &&
	    physseg_own_base(physseg_record_of(node)) != PHYSSEG_NOBASE)
		node = physseg_index_next(map, node);
	return node;
}

/* How many page structures the switch needs. */
static physseg_pfn_t
frames_without_pages(const struct physseg_map *map)
{
	struct physseg_node *node = NULL;
	physseg_pfn_t n = 0;

	while (
	    (node = without_pages(map, physseg_index_next(map, node))) != NULL)
		n += node->end - node->start;
	return n;
}

/* Give page structures to every segment that has none. */
static int
divide(struct physseg_map *map, void *pages, size_t npages)
{
	struct physseg_node *node = physseg_index_next(map, NULL);
	struct physseg_slab *slab;
	void *part;
	const physseg_pfn_t needed = frames_without_pages(map);
	int error;

	if (needed > npages)
		return PHYSSEG_ESMALL;
	if (needed != 0 && !physseg_host_has_pages(map))
		return PHYSSEG_EINVAL;
	if (npages == 0)
		return pages == NULL ? PHYSSEG_OK : PHYSSEG_EINVAL;
	error = chomp(map, physseg_record_of(node), pages, npages);
	while (
	    error == PHYSSEG_OK && (node = without_pages(map, node)) != NULL) {
		error = physseg_slab_alloc(
		    map, (size_t)(node->end - node->start), &slab, &part);
		if (error == PHYSSEG_OK)
			error = init_seg(map, physseg_record_of(node), part);
	}
	return error;
}

/* The same at their fixed addresses. */
static int
give_fixed(struct physseg_map *map)
{
	struct physseg_node *node = physseg_index_next(map, NULL);
	int error = PHYSSEG_OK;

	if (!physseg_vmemmap_switch(map))
		return PHYSSEG_ENOMEM;
	while (error == PHYSSEG_OK && (node = without_pages(map, node)) != NULL)
		error = init_seg(map, physseg_record_of(node),
		    (void *)physseg_vmemmap_at(map, node->start));
	if (error != PHYSSEG_OK)
		physseg_vmemmap_undo(map, map->limit);
	return error;
}

int
physseg_switch(struct physseg_map *map, void *pages, size_t npages)
{
	int error;

	error = enter_boot(map, PHYSSEG_CALL_SWITCH, (uintptr_t)pages, npages);
	if (error != PHYSSEG_OK)
		return error;
	if (map->page_size == 0)
		error =
		    pages == NULL && npages == 0 ? PHYSSEG_OK : PHYSSEG_EINVAL;
	else if (map->segments == 0)
		error = PHYSSEG_ENOENT;
	else if (physseg_is_vmemmap(map))
		error = pages == NULL && npages == 0 ? give_fixed(map)
						     : PHYSSEG_EINVAL;
	else
		error = divide(map, pages, npages);
	if (error == PHYSSEG_OK)
		run(map);
	return physseg_leave(map, error);
}
