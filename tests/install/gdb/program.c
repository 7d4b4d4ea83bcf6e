/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * program.c -- maps for t_gdb.sh, which stops in stop() and has gdb print
 * them: one that boots, one that runs and has records from the host, and one
 * on an array, whose segments have page structures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/physseg.h>

#define MANY 1500 /* segments: chunks on two levels of the directory */

struct physseg_map *boot, *running, *array;
physseg_t handle, gone, position;

void
stop(void)
{
}

static void
page_init(void *ctx, void *page, physseg_pfn_t frame)
{
	(void)ctx;
	memcpy(page, &frame, sizeof(frame));
}

static physseg_pfn_t
page_frame(void *ctx, const void *page)
{
	physseg_pfn_t frame;

	(void)ctx;
	memcpy(&frame, page, sizeof(frame));
	return frame;
}

static void
must(int error)
{
	if (error != PHYSSEG_OK) {
		fprintf(stderr, "%s\n", physseg_strerror(error));
		exit(1);
	}
}

static struct physseg_map *
make(const struct physseg_backend *backend, size_t page_size)
{
	struct physseg_host host = *physseg_host_user();
	const struct physseg_config config = {
		.backend = backend,
		.host = &host,
		.page_size = page_size,
		.data_size = 24,
	};
	struct physseg_map *map;
	size_t size;

	host.page_init = page_init;
	host.page_frame = page_frame;
	size = physseg_storage_size(&config);
	must(physseg_create(&map, &config, malloc(size), size));
	return map;
}

int
main(void)
{
	size_t i;

	boot = make(physseg_backend_radix(), sizeof(physseg_pfn_t));
	must(physseg_load(boot, 0x100, 0x300, 0x180, 0x280, 2, NULL));

	running = make(physseg_backend_radix(), 0);
	must(physseg_load(running, 0x10, 0x20, 0x10, 0x20, 0, &gone));
	must(physseg_switch(running, NULL, 0));
	for (i = MANY; i > 0; i--)
		must(physseg_plug(running, 0x1000 * i, 0x800, 1, &handle));
	must(physseg_unplug(running, 0x10, 0x10));
	must(physseg_plug(running, 0x30, 1, 3, NULL)); /* the same record */

	array = make(physseg_backend_array_bsearch(), sizeof(physseg_pfn_t));
	must(physseg_load(array, 0x900, 0xa00, 0x900, 0xa00, 0, NULL));
	must(physseg_load(array, 0x100, 0x200, 0x100, 0x200, 0, NULL));
	must(physseg_load(array, 0x500, 0x600, 0x500, 0x600, 0, NULL));
	must(
	    physseg_switch(array, calloc(0x300, sizeof(physseg_pfn_t)), 0x300));
	position = physseg_find(array, 0x900, NULL);
	stop();
	return 0;
}
