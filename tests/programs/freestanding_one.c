/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/programs/freestanding_one.c -- a kernel that names one backend, for
 * t_freestanding.sh.
 */
#include <physseg/physseg.h>

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

static _Alignas(PHYSSEG_ALIGN) char storage[PHYSSEG_STORAGE_SIZE(0, 0, 0)];

/* As a program: 0 if the backend that is named is there and no other one. */
int
main(void)
{
	struct physseg_config config = { .host = &host,
		.page_size = sizeof(physseg_pfn_t) };
	struct physseg_map *map;

	if (physseg_backend_default() != NULL ||
	    physseg_storage_size(&config) != 0 ||
	    physseg_create(&map, &config, storage, sizeof(storage)) !=
		PHYSSEG_EINVAL)
		return 1;
	config.backend = physseg_backend_rbtree();
	return physseg_create(&map, &config, storage, sizeof(storage)) !=
	    PHYSSEG_OK ||
	    physseg_load(map, 16, 32, 16, 32, 0, NULL) != PHYSSEG_OK ||
	    physseg_find(map, 31, NULL) == PHYSSEG_NONE;
}
