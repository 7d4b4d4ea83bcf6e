/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * quickstart -- the README's example, which shows what stands between the two
 * marks: a registry of memory without page structures, running from the start.
 */

/* README */
#include <stdio.h>
#include <physseg/physseg.h>

int
main(void)
{
	struct physseg_config config = { .host = physseg_host_user() };
	struct physseg_map *map;
	physseg_pfn_t offset;

	if (physseg_create(&map, &config, NULL, 0) != 0 ||
	    physseg_plug(map, 1024, 256, 0, NULL) != 0)
		return 1;
	if (physseg_find(map, 1100, &offset) != PHYSSEG_NONE)
		printf("frame 1100 is at offset %d\n", (int)offset);
	if (physseg_find(map, 900, NULL) == PHYSSEG_NONE)
		printf("900 is no memory\n");
	physseg_destroy(map);
	return 0;
}
/* README */
