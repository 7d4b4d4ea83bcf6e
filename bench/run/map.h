/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * map.h -- whole maps of the library, ready to be measured.
 */
#ifndef BENCH_MAP_H
#define BENCH_MAP_H

#include <stdbool.h>

#include "baseline/subject.h"
#include "support.h"

struct mapped {
	const struct physseg_backend *backend;
	size_t page_size; /* 0: a registry */
	struct physseg_map *map;
	void *storage;		       /* of a map that booted */
	void *pages;		       /* handed over at the switch */
	struct physseg_config vmemmap; /* that was reserved, if there is one */
	struct count count;
};

/* Does it hold new segments while it runs? */
bool mapped_hotplug(const struct physseg_backend *backend);

/* An empty map: where the backend allows it one that runs and lives of the
 * host, else one that boots and has room for `capacity' segments. */
struct mapped *mapped_empty(
    const struct physseg_backend *backend, size_t page_size, size_t capacity);

/* An empty map that boots, with room for `capacity' segments. */
struct mapped *mapped_boot(
    const struct physseg_backend *backend, size_t page_size, size_t capacity);

/* The same with `n' segments, see support.h, plugged in this order. */
struct mapped *mapped_filled(const struct physseg_backend *backend,
    size_t page_size, size_t capacity, const uint32_t *order, size_t n);

/* A map that runs, with page structures at fixed addresses and `n' segments in
 * ascending order: others would need a mapping each meanwhile. */
struct mapped *mapped_fixed(
    const struct physseg_backend *backend, size_t page_size, size_t n);

/* Load `n' segments, see support.h, into a map that boots. */
void mapped_load(struct mapped *mapped, const uint32_t *order, size_t n);

/* The switch, with so many page structures more than pages. */
void mapped_switch(struct mapped *mapped, size_t spare);

void mapped_free(struct mapped *mapped);

#endif /* BENCH_MAP_H */
