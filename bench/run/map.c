/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * map.c -- maps of the library on a host that counts.
 */

#include <stdlib.h>

#include "map.h"

bool
mapped_hotplug(const struct physseg_backend *backend)
{
	return (backend->capabilities & PHYSSEG_HOTPLUG) != 0;
}

static struct mapped *
make(const struct physseg_backend *backend, size_t page_size, size_t capacity,
    bool boot)
{
	struct mapped *mapped = must(calloc(1, sizeof(*mapped)));
	const struct physseg_config config = {
		.backend = backend,
		.host = &counting_host,
		.ctx = &mapped->count,
		.page_size = page_size,
		.capacity = capacity,
		.boot_records = capacity,
		.may_empty = true,
	};
	const size_t size = boot ? physseg_storage_size(&config) : 0;

	mapped->backend = backend;
	mapped->page_size = page_size;
	mapped->storage = boot ? zeroed(size) : NULL;
	must_be_ok(
	    physseg_create(&mapped->map, &config, mapped->storage, size));
	return mapped;
}

struct mapped *
mapped_boot(
    const struct physseg_backend *backend, size_t page_size, size_t capacity)
{
	return make(backend, page_size, capacity, true);
}

struct mapped *
mapped_empty(
    const struct physseg_backend *backend, size_t page_size, size_t capacity)
{
	return make(backend, page_size, capacity, !mapped_hotplug(backend));
}

struct mapped *
mapped_filled(const struct physseg_backend *backend, size_t page_size,
    size_t capacity, const uint32_t *order, size_t n)
{
	struct mapped *mapped = mapped_empty(backend, page_size, capacity);

	for (size_t i = 0; i < n; i++)
		must_be_ok(physseg_plug(mapped->map,
		    (physseg_pfn_t)order[i] * SEGMENT_STRIDE, SEGMENT_PAGES, 0,
		    NULL));
	return mapped;
}

struct mapped *
mapped_fixed(const struct physseg_backend *backend, size_t page_size, size_t n)
{
	struct mapped *mapped = must(calloc(1, sizeof(*mapped)));
	struct physseg_host host = counting_host;
	struct physseg_config *config = &mapped->vmemmap;

	host.commit = physseg_host_user()->commit;
	host.decommit = physseg_host_user()->decommit;
	*config = (struct physseg_config){
		.backend = backend,
		.host = &host,
		.ctx = &mapped->count,
		.page_size = page_size,
		.frames = (physseg_pfn_t)n * SEGMENT_STRIDE,
		.may_empty = true,
	};
	mapped->backend = backend;
	mapped->page_size = page_size;
	must_be_ok(physseg_vmemmap_user_reserve(config));
	must_be_ok(physseg_create(&mapped->map, config, NULL, 0));
	for (size_t i = 0; i < n; i++)
		must_be_ok(physseg_plug(mapped->map,
		    (physseg_pfn_t)i * SEGMENT_STRIDE, SEGMENT_PAGES, 0, NULL));
	return mapped;
}

void
mapped_load(struct mapped *mapped, const uint32_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const physseg_pfn_t start =
		    (physseg_pfn_t)order[i] * SEGMENT_STRIDE;

		must_be_ok(
		    physseg_load(mapped->map, start, start + SEGMENT_PAGES,
			start, start + SEGMENT_PAGES, 0, NULL));
	}
}

void
mapped_switch(struct mapped *mapped, size_t spare)
{
	struct physseg_stats stats;
	size_t npages = 0;

	physseg_get_stats(mapped->map, &stats);
	if (mapped->page_size != 0) {
		npages = (size_t)stats.frames + spare;
		mapped->pages = must(calloc(npages, mapped->page_size));
	}
	must_be_ok(physseg_switch(mapped->map, mapped->pages, npages));
}

void
mapped_free(struct mapped *mapped)
{
	physseg_destroy(mapped->map);
	if (mapped->vmemmap.present != NULL)
		physseg_vmemmap_user_release(&mapped->vmemmap);
	zeroed_free(mapped->storage);
	free(mapped->pages);
	free(mapped);
}
