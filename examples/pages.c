/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * pages -- page structures: a machine of 2 MiB boots, and 1 MiB is plugged in
 * while it runs.  The map lies in static storage and the page structure is our
 * own: a kernel has no malloc when it needs its first map, and has its own idea
 * of a page.
 */

#include <stdio.h>
#include <physseg/physseg.h>

struct page { /* yours, whatever it looks like */
	physseg_pfn_t frame;
};

static void
page_init(void *ctx, void *page, physseg_pfn_t frame)
{
	(void)ctx;
	((struct page *)page)->frame = frame;
}

static physseg_pfn_t
page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct page *)page)->frame;
}

static void
show(const struct physseg_map *map, physseg_pfn_t frame)
{
	unsigned long long asked = frame;
	physseg_pfn_t offset;

	if (physseg_find(map, frame, &offset) == PHYSSEG_NONE)
		printf("frame %llu: no memory\n", asked);
	else
		printf("frame %llu: at offset %llu of its segment, its page "
		       "structure says %llu\n",
		    asked, (unsigned long long)offset,
		    (unsigned long long)physseg_frame(
			map, physseg_page(map, frame)));
}

int
main(void)
{
	/* README */
	static _Alignas(64) char storage[PHYSSEG_STORAGE_SIZE(32, 1, 8)];
	static struct page pages[512];
	struct physseg_host host = *physseg_host_user();
	struct physseg_config config = { .host = &host,
		.page_size = sizeof(struct page) };
	struct physseg_map *map;

	host.page_init = page_init;
	host.page_frame = page_frame;
	if (physseg_create(&map, &config, storage, sizeof(storage)) != 0 ||
	    physseg_load(map, 0, 256, 0, 256, 0, NULL) != 0 ||
	    physseg_load(map, 512, 768, 520, 768, 0, NULL) != 0 ||
	    physseg_switch(map, pages, 512) != 0 || /* from here on it runs */
	    physseg_plug(map, 1024, 256, 0, NULL) != 0)
		return 1;
	/* README */
	show(map, 600);
	show(map, 900);
	show(map, 1100);
	physseg_destroy(map);
	return 0;
}
