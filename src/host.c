/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * host.c -- the calls of the host.
 *
 * The other files of the engine reach the host through this one.  There are two
 * exceptions.  `lock', `unlock' and `page_frame' are inline in engine.h,
 * because lookups need them.  And hooks that one file has a use for are called
 * there.
 *
 * Hooks are called with the host's lock held, while the map is in the middle of
 * a change.  A hook may look things up.  So the holder of the lock must be able
 * to take it again.  A hook that asks for a change gets PHYSSEG_EBUSY: one
 * flag, which every call that changes the map sets (physseg_enter).
 *
 * `account' is told differences.  The map never copies its own totals over the
 * host's counters, because a page layer may assign to these at any time.
 */
#include "engine.h"

/* ---- before there is a map ---- */

/* Read the host's table into this library's form.  False: it has a hook that
 * this library does not know, or lacks one that the map needs. */
bool
physseg_host_read(struct physseg_host *to, const struct physseg_config *config,
    size_t host_size)
{
	if (config->host == NULL ||
	    !physseg_sized_read(to, sizeof(*to), config->host, host_size) ||
	    (to->alloc != NULL && to->free == NULL) ||
	    (to->alloc_raw != NULL && to->free == NULL) ||
	    (to->lock == NULL) != (to->unlock == NULL) ||
	    (to->isolate == NULL) != (to->release == NULL) ||
	    (to->isolate != NULL && to->in_use == NULL) ||
	    (to->frames_map == NULL) != (to->frames_unmap == NULL) ||
	    (to->commit == NULL) != (to->decommit == NULL) ||
	    (config->present != NULL &&
		(to->page_frame == NULL || to->commit == NULL)))
		return false;
	return (to->page_init == NULL && to->pages_init == NULL) ==
	    (to->page_frame == NULL);
}

/* These two read it once more.  A map that is being made would need more of the
 * stack than kernels have, if the table were there all the time. */
bool
physseg_host_ok(const struct physseg_config *config, size_t host_size)
{
	struct physseg_host host;

	return physseg_host_read(&host, config, host_size);
}

/* Memory for the map itself, which cannot count it yet. */
void *
physseg_host_alloc_first(
    const struct physseg_config *config, size_t host_size, size_t size)
{
	struct physseg_host host;

	if (!physseg_host_read(&host, config, host_size) || host.alloc == NULL)
		return NULL;
	return host.alloc(config->ctx, size);
}

/* ---- memory, counted ---- */

void *
physseg_host_alloc(struct physseg_map *map, size_t size)
{
	void *mem = NULL;

	if (map->host->alloc != NULL)
		mem = map->host->alloc(map->ctx, size);
	if (mem != NULL)
		map->host_bytes += size;
	return mem;
}

/* The same, not zeroed if the host can do with less. */
void *
physseg_host_alloc_raw(struct physseg_map *map, size_t size)
{
	void *mem;

	if (map->host->alloc_raw == NULL)
		return physseg_host_alloc(map, size);
	mem = map->host->alloc_raw(map->ctx, size);
	if (mem != NULL)
		map->host_bytes += size;
	return mem;
}

void
physseg_host_free(struct physseg_map *map, void *mem, size_t size)
{
	map->host_bytes -= size;
	map->host->free(map->ctx, mem, size);
}

_Noreturn void
physseg_panic(const struct physseg_map *map, const char *reason)
{
	if (map->host->panic != NULL)
		map->host->panic(map->ctx, reason);
	for (;;)
		continue;
}

/* ---- page structures ---- */

/* Initialise the page structures of [pfn, pfn + n), n > 0. */
void
physseg_host_init_pages(const struct physseg_map *map, void *pages,
    physseg_pfn_t pfn, physseg_pfn_t n)
{
	physseg_pfn_t i;

	if (map->host->pages_init != NULL)
		map->host->pages_init(map->ctx, pages, pfn, n);
	else if (map->host->page_init != NULL)
		for (i = 0; i < n; i++)
			map->host->page_init(map->ctx,
			    (char *)pages + i * map->page_size, pfn + i);
}

/* Hand the pages of [pfn, pfn + n), n > 0, to the host's free lists. */
static void
free_pages(const struct physseg_map *map, void *pages, physseg_pfn_t pfn,
    physseg_pfn_t n)
{
	physseg_pfn_t i;

	if (map->host->pages_free != NULL)
		map->host->pages_free(map->ctx, pages, pfn, n);
	else if (map->host->page_free != NULL)
		for (i = 0; i < n; i++)
			map->host->page_free(
			    map->ctx, (char *)pages + i * map->page_size);
}

/* ---- what changed ---- */

/* Give the host the pages of the segment that are available, in a range. */
void
physseg_free_avail(const struct physseg_map *map,
    const struct physseg_record *rec, struct physseg_range range)
{
	range = physseg_range_clamp(rec->counted, range.start, range.end);
	if (physseg_range_size(range) != 0)
		free_pages(map, physseg_page_at(map, rec, range.start),
		    range.start, physseg_range_size(range));
}

/* Tell the host what was added to a segment, before it gets the pages; or
 * removed, after it has lost them. */
void
physseg_account(struct physseg_map *map, const struct physseg_record *rec,
    bool added, physseg_pfn_t counted, physseg_pfn_t frames)
{
	const struct physseg_account what = { added, counted, frames,
		rec->free_list, rec->numa, rec->kind };

	map->counted += added ? counted : 0 - counted;
	if (map->host->account != NULL && (counted != 0 || frames != 0))
		map->host->account(map->ctx, &what);
}

void
physseg_reinit(const struct physseg_map *map)
{
	if (physseg_is_running(map) && map->host->reinit != NULL)
		map->host->reinit(map->ctx);
}

/* Wait for the readers that are in a section now.  Only for a map that `waits'.
 */
void
physseg_host_sync(const struct physseg_map *map)
{
	map->host->sync(map->ctx);
}
