/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * main.c -- a kernel's boot in a program, for the test of tests/guide/libc.c.
 */
#include <physseg/physseg.h>

static _Alignas(64) char storage[PHYSSEG_STORAGE_SIZE(0, 0, 0)];
static _Alignas(64) physseg_pfn_t pages[64];

static void
host_page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	*(physseg_pfn_t *)page = pfn;
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return *(const physseg_pfn_t *)page;
}

static const struct physseg_host host = {
	.page_init = host_page_init,
	.page_frame = host_page_frame,
};

int
main(void)
{
	const struct physseg_config config = { .backend =
						   physseg_backend_radix(),
		.host = &host,
		.page_size = sizeof(physseg_pfn_t) };
	struct physseg_map *map;

	return physseg_create(&map, &config, storage, sizeof(storage)) != 0 ||
	    physseg_load(map, 16, 32, 16, 32, 0, NULL) != 0 ||
	    physseg_load(map, 0, 8, 0, 8, 0, NULL) != 0 ||
	    physseg_unplug(map, 20, 4) != 0 ||
	    physseg_switch(map, pages, 64) != 0 ||
	    physseg_frame(map, physseg_page(map, 25)) != 25 ||
	    physseg_page(map, 21) != NULL || physseg_check(map) != NULL;
}
