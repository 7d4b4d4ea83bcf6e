/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * load.c -- the segments of a memory map go into a map.
 *
 * Two walks over the same segments.  The first looks for all that could make a
 * load fail, the second loads.  Both are one call that changes the map, so
 * nobody changes it in between; and segments of one memory map are disjoint, so
 * none is in the way of another.
 */
#include "engine.h"
#include "memmap/memmap_private.h"

struct loading {
	struct physseg_map *map;
	const struct physseg_memmap_layout *layout; /* may be NULL */
	size_t room;				    /* for segments */
};

/* How many segments the map has room for before the switch.  On a bounded
 * backend there are as many boot records as slots. */
static size_t
segment_room(const struct physseg_map *map)
{
	const size_t max = map->backend->max_segments;
	size_t room = physseg_record_room(map);

	if (max != 0 && max - map->segments < room)
		room = max - map->segments;
	return room;
}

static int
load_check(void *arg, const struct physseg_memmap_segment *segment)
{
	struct loading *const loading = arg;
	const struct physseg_map *const map = loading->map;
	int error;

	if (!physseg_freelist_ok(map, segment->free_list))
		return PHYSSEG_EINVAL;
	error = physseg_check_range(
	    map, segment->start, segment->end - segment->start);
	if (error != PHYSSEG_OK)
		return error;
	if (physseg_index_find(map, segment->start, segment->end) != NULL)
		return PHYSSEG_EOVERLAP;
	if (loading->room == 0)
		return PHYSSEG_ENOSLOT;
	loading->room--;
	return PHYSSEG_OK;
}

/* What a region is, as a segment's kind. */
static int
kind_of(const struct physseg_memmap_segment *segment)
{
	switch (segment->kind) {
	case PHYSSEG_KIND_SOFT_RESERVED:
		return PHYSSEG_SOFT_RESERVED;
	case PHYSSEG_KIND_PERSISTENT:
		return PHYSSEG_PERSISTENT;
	default:
		return (segment->flags & PHYSSEG_REGION_REMOVABLE) != 0
		    ? PHYSSEG_RAM_REMOVABLE
		    : PHYSSEG_RAM;
	}
}

/* To who is told of calls it is one for each segment. */
static void
trace_segment(struct physseg_map *map, const struct physseg_plug *plug)
{
	const uint64_t segment = map->call.result;

	if (!physseg_is_traced(map))
		return;
	(void)physseg_trace_begin(map, PHYSSEG_CALL_ADD,
	    PHYSSEG_ARGS(plug->pfn, plug->n, plug->avail.start - plug->pfn,
		plug->pfn + plug->n - plug->avail.end,
		(uint64_t)plug->free_list, (uint64_t)plug->numa,
		(uint64_t)plug->kind));
	map->call.result = segment;
	physseg_trace_end(map, PHYSSEG_OK);
}

static int
load_segment(void *arg, const struct physseg_memmap_segment *segment)
{
	const struct loading *const loading = arg;
	const struct physseg_memmap_layout *const layout = loading->layout;
	const struct physseg_plug plug = {
		.pfn = segment->start,
		.n = segment->end - segment->start,
		.avail = { segment->avail_start, segment->avail_end },
		.free_list = segment->free_list,
		.numa = segment->node < 0 ? 0 : segment->node,
		.kind = kind_of(segment),
	};
	physseg_t handle;
	const int error = physseg_plug_frames(loading->map, &plug, &handle);

	if (error != PHYSSEG_OK)
		physseg_panic(loading->map, "memmap: a checked load failed");
	trace_segment(loading->map, &plug);
	if (layout != NULL && layout->loaded != NULL)
		layout->loaded(layout->arg, handle, segment);
	return PHYSSEG_OK;
}

int
physseg_memmap_load(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout, struct physseg_map *map,
    struct physseg_memmap_reason *reason)
{
	struct loading loading = { .map = map, .layout = layout };
	int error;

	/* Each of its segments is told, as it is loaded. */
	if ((error = physseg_enter(map, PHYSSEG_CALL_NONE, 0)) != PHYSSEG_OK)
		return physseg_memmap_fail(
		    reason, error, physseg_strerror(error), NULL);
	if (physseg_is_running(map))
		return physseg_leave(map,
		    physseg_memmap_fail(reason, PHYSSEG_EPHASE,
			physseg_strerror(PHYSSEG_EPHASE), NULL));
	loading.room = segment_room(map);
	error = physseg_memmap_segments(
	    memmap, layout, load_check, &loading, reason);
	if (error == PHYSSEG_OK)
		error = physseg_memmap_segments(
		    memmap, layout, load_segment, &loading, NULL);
	return physseg_leave(map, error);
}
