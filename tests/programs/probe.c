/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/programs/probe.c -- calls that a probe tells of.
 */
#include <physseg/physseg.h>

int
main(void)
{
	struct physseg_config config = { .host = physseg_host_user() };
	struct physseg_map *map;

	if (physseg_create(&map, &config, NULL, 0) != PHYSSEG_OK ||
	    physseg_plug(map, 0x100, 0x80, 0, NULL) != PHYSSEG_OK ||
	    physseg_plug(map, 0x140, 0x80, 0, NULL) != PHYSSEG_EOVERLAP)
		return 1;
	physseg_destroy(map);
	return 0;
}
