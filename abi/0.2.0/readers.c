/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * abi/0.2.0/readers.c -- a program as it was written for 0.2.0 on the host of
 * liburcu, see program.c.
 */
#include <stdio.h>
#include <string.h>

#include <physseg/physseg.h>
#include <physseg/urcu.h>

static struct {
	struct physseg_urcu urcu;
	unsigned char guard[64];
} lock;

int
main(void)
{
	struct physseg_config config = { .host = physseg_host_urcu(),
		.ctx = &lock,
		.backend = physseg_backend_radix() };
	struct physseg_map *map;
	int wrong = 0;

	memset(&lock, 0xff, sizeof(lock));
	wrong += physseg_urcu_init(&lock.urcu) != PHYSSEG_OK;
	wrong += physseg_create(&map, &config, NULL, 0) != PHYSSEG_OK;
	wrong += physseg_plug(map, 0, 256, 0, NULL) != PHYSSEG_OK;
	wrong += physseg_unplug(map, 0, 128) != PHYSSEG_OK;
	wrong += physseg_find(map, 128, NULL) == PHYSSEG_NONE;
	physseg_destroy(map);
	physseg_urcu_destroy(&lock.urcu);
	for (size_t i = 0; i < sizeof(lock.guard); i++)
		wrong += lock.guard[i] != 0xff;
	printf("%d wrong answers\n", wrong);
	return wrong != 0;
}
