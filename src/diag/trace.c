/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * trace.c -- who is told of calls: the host's hook, and systemtap's probe.
 *
 * Every call that changes a map passes physseg_enter and physseg_leave. Between
 * the two it is in map->call, which exists for this only.  A few calls do not
 * pass there, because they may be made beside a change: they are told whole,
 * by physseg_trace.
 *
 * A segment is told by its first frame.  Handles would mean nothing on another
 * backend, and those that are positions mean another segment after each change.
 */
#include "engine.h"

#ifdef PHYSSEG_USDT
#ifdef __clang__ /* which warns of what that header does */
#pragma clang diagnostic ignored "-Wgnu-zero-variadic-macro-arguments"
#endif
#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>
__extension__ unsigned short physseg_call_semaphore
    __attribute__((section(".probes")));
#define PROBE(call) \
	STAP_PROBE3(physseg, call, (call)->id, (call)->error, (call))
#else
#define PROBE(call) ((void)0)
#endif

static void
tell(const struct physseg_map *map, struct physseg_call *call)
{
	call->map = map;
	if (call->id == PHYSSEG_CALL_CREATE)
		call->backend = map->backend->name;
	if (call->id != PHYSSEG_CALL_INIT_PAGES) {
		call->segments = map->segments;
		call->frames = map->frames;
		call->online = map->online;
		call->counted = map->counted;
	}
	PROBE(call);
	if (map->host->trace != NULL)
		map->host->trace(map->ctx, call);
}

/* It has begun. */
int
physseg_trace_begin(struct physseg_map *map, enum physseg_call_id id,
    const uint64_t *arg, size_t n)
{
	memset(&map->call, 0, sizeof(map->call));
	map->call.id = id;
	memcpy(map->call.arg, arg, n * sizeof(*arg));
	return PHYSSEG_OK;
}

/* It ends.  A watcher that came meanwhile has missed its begin. */
void
physseg_trace_end(struct physseg_map *map, int error)
{
	if (map->call.id == PHYSSEG_CALL_NONE)
		return;
	map->call.error = error;
	tell(map, &map->call);
	map->call.id = PHYSSEG_CALL_NONE;
}

/* It was a call that does not pass physseg_enter.  Threads that initialise
 * pages hold no lock, so they may not look at the map. */
void
physseg_trace_call(const struct physseg_map *map, enum physseg_call_id id,
    int error, uint64_t result, const uint64_t *arg, size_t n)
{
	struct physseg_call call = { .id = id,
		.error = error,
		.result = result,
		.inside = id != PHYSSEG_CALL_INIT_PAGES && map->busy };

	memcpy(call.arg, arg, n * sizeof(*arg));
	tell(map, &call);
}

/* A map was made; the defaults are filled in. */
void
physseg_trace_created(
    const struct physseg_map *map, const struct physseg_config *c, bool boot)
{
	physseg_trace(map, PHYSSEG_CALL_CREATE, PHYSSEG_OK, 0, boot,
	    c->page_size, c->data_size, c->capacity, c->boot_records,
	    c->boot_slabs, c->frames, (uint64_t)c->freelists, c->may_empty,
	    c->coalesce, c->block, c->frame_size,
	    (uint64_t)physseg_host_has_pages(map) +
		2 * (uint64_t)(map->host->frames_map != NULL) +
		4 * (uint64_t)physseg_is_vmemmap(map));
}

/* What stands for a handle.  Only for callers that hold the lock. */
uint64_t
physseg_trace_segment(const struct physseg_map *map, physseg_t handle)
{
	const struct physseg_record *rec = physseg_record_find(map, handle);

	return rec == NULL ? PHYSSEG_NOFRAME : rec->node.start;
}

/* What stands for a segment's data.  Zeros are 0, as no data is. */
uint64_t
physseg_trace_data(const struct physseg_map *map, const void *data)
{
	const unsigned char *byte = data;
	uint64_t sum = 0;
	size_t i;

	for (i = 0; data != NULL && i < map->data_size; i++)
		sum = (sum ^ byte[i]) * 0x1000193;
	return sum;
}
