/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/programs/pfn_native.c -- a program on the native face, for t_pfn.sh: 0
 * if its frames are the library's.
 */
#include <physseg/physseg.h>

int
main(void)
{
	const physseg_pfn_t start = PHYSSEG_NOFRAME / 2;
	struct physseg_config config = { .host = physseg_host_user() };
	struct physseg_info info;
	struct physseg_map *map;
	physseg_t h;

	if (physseg_create(&map, &config, NULL, 0) != PHYSSEG_OK ||
	    physseg_plug(map, start, 256, 0, &h) != PHYSSEG_OK ||
	    physseg_find(map, start + 255, NULL) != h ||
	    physseg_find(map, 255, NULL) != PHYSSEG_NONE ||
	    physseg_get_info(map, h, &info) != PHYSSEG_OK ||
	    info.start != start || info.end != start + 256)
		return 1;
	physseg_destroy(map);
	return 0;
}
