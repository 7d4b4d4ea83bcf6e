/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * one.c -- the calls of a kernel that uses one BACKEND, for scripts/sizes.sh:
 * what the linker takes out of the library for them is that kernel's code.
 * With LOOKING, physseg_check and physseg_dump too.
 */
#include <physseg/physseg.h>

int
calls(struct physseg_map *map, const struct physseg_host *host, void *memory)
{
	struct physseg_config config = { .backend = BACKEND(), .host = host };
	struct physseg_info info;
	struct physseg_stats stats;
	physseg_pfn_t frame;
	physseg_t h;
	int error = 0;

	error |= physseg_create(&map, &config, memory, 4096);
	error |= physseg_load(map, 0, 16, 0, 16, 0, NULL);
	error |= physseg_steal(map, &frame);
	physseg_get_stats(map, &stats);
	error |= physseg_switch(map, memory, 16);
	error |= physseg_build(map);
	error |= physseg_plug(map, 64, 16, 0, NULL);
	error |= physseg_unplug(map, 64, 16);
	PHYSSEG_FOREACH(h, map)
		error |= physseg_get_info(map, h, &info);
	error |= physseg_find(map, 3, &frame) == PHYSSEG_NONE;
	error |= physseg_frame(map, physseg_page(map, 3)) != 3;
#ifdef LOOKING
	error |= physseg_check(map) != NULL;
	error |= physseg_dump(map, PHYSSEG_DUMP_TABLE, NULL, NULL);
#endif
	return error;
}
