/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * abi/0.2.0/program.c -- a program as it was written for 0.2.0, for
 * tests/programs/t_releases.sh: it is compiled with the headers of that release
 * and linked with the library as it is.
 *
 * It uses every structure that the two share, with a guard behind each that
 * the library must neither read nor write.  0: all was right.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/physseg.h>

#define MUST(condition)                                           \
	do {                                                      \
		if (!(condition)) {                               \
			printf("%d: %s\n", __LINE__, #condition); \
			exit(1);                                  \
		}                                                 \
	} while (0)

#define SEGMENTS 16
#define FRAMES	 256 /* in each segment */

struct page {
	physseg_pfn_t pfn;
	int free;
};

/* A structure as this release has it, and what lies behind it. */
#define GUARD 256
#define GUARDED(type)                       \
	struct {                            \
		struct type s;              \
		unsigned char guard[GUARD]; \
	}

static GUARDED(physseg_host) host;
static GUARDED(physseg_config) config;
static GUARDED(physseg_backend) table;
static GUARDED(physseg_info) info;
static GUARDED(physseg_stats) stats;

static bool
whole(const unsigned char *guard)
{
	for (size_t i = 0; i < GUARD; i++)
		if (guard[i] != 0xff)
			return false;
	return true;
}

/* ---- the host ---- */

static size_t taken, locked, waited, counted;

static void *
host_alloc(void *ctx, size_t size)
{
	MUST(ctx == &taken);
	taken += size;
	return calloc(1, size);
}

static void
host_free(void *ctx, void *p, size_t size)
{
	MUST(ctx == &taken && taken >= size);
	taken -= size;
	free(p);
}

static void
host_page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	((struct page *)page)->pfn = pfn;
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct page *)page)->pfn;
}

static void
host_page_free(void *ctx, void *page)
{
	(void)ctx;
	((struct page *)page)->free = 1;
}

static void
host_account(void *ctx, const struct physseg_account *what)
{
	const size_t n = (size_t)what->counted;

	(void)ctx;
	counted = what->added ? counted + n : counted - n;
}

static void
host_reinit(void *ctx)
{
	(void)ctx;
}

static void
host_lock(void *ctx)
{
	(void)ctx;
	locked++;
}

static void
host_unlock(void *ctx)
{
	(void)ctx;
	locked--;
}

static void
host_sync(void *ctx)
{
	(void)ctx;
	waited++;
}

static void
fill_host(void)
{
	memset(&host, 0xff, sizeof(host));
	host.s = *physseg_host_user();
	host.s.alloc = host_alloc;
	host.s.free = host_free;
	host.s.page_init = host_page_init;
	host.s.page_frame = host_page_frame;
	host.s.page_free = host_page_free;
	host.s.account = host_account;
	host.s.reinit = host_reinit;
	host.s.lock = host_lock;
	host.s.unlock = host_unlock;
	host.s.sync = host_sync;
}

static void
fill_config(const struct physseg_backend *backend)
{
	memset(&config, 0xff, sizeof(config));
	memset(&config.s, 0, sizeof(config.s));
	config.s.backend = backend;
	config.s.host = &host.s;
	config.s.ctx = &taken;
	config.s.page_size = sizeof(struct page);
	config.s.data_size = 40;
	config.s.capacity = config.s.boot_records = SEGMENTS;
	config.s.boot_slabs = 2;
	config.s.freelists = 3;
}

/* ---- a map's life ---- */

static struct physseg_map *map;

static void
ask(physseg_t h, physseg_pfn_t start)
{
	physseg_pfn_t offset = 0;

	memset(&info, 0xff, sizeof(info));
	MUST(physseg_get_info(map, h, &info.s) == PHYSSEG_OK);
	MUST(whole(info.guard));
	MUST(info.s.start == start && info.s.end == start + FRAMES);
	MUST(info.s.avail_start == start && info.s.avail_end == info.s.end);
	MUST(info.s.free_list == 2 && info.s.start_hint == 5);
	MUST(((const char *)info.s.data)[39] == 'x');
	MUST(physseg_valid(map, h));
	MUST(physseg_find(map, start + 7, &offset) == h && offset == 7);
	MUST(physseg_from(map, start) == h);
}

static void
count(physseg_pfn_t frames)
{
	memset(&stats, 0xff, sizeof(stats));
	physseg_get_stats(map, &stats.s);
	MUST(whole(stats.guard));
	MUST(stats.s.frames == frames);
	MUST(stats.s.host_bytes == taken);
	MUST(physseg_check(map) == NULL);
	MUST(locked == 0);
}

static void
plug_and_unplug(const struct physseg_backend *backend)
{
	struct page *page;
	physseg_t h;

	MUST(physseg_unplug(map, 0, 8) == PHYSSEG_OK);
	MUST(physseg_page(map, 0) == NULL);
	page = physseg_page(map, 8);
	MUST(page != NULL && page->pfn == 8 && page->free == 1);
	MUST(physseg_frame(map, page) == 8);
	if ((backend->capabilities & PHYSSEG_HOTPLUG) == 0) {
		count(FRAMES - 8);
		return;
	}
	MUST(physseg_plug_check(map, 1000, 5000, 0) == PHYSSEG_OK);
	MUST(physseg_plug(map, 1000, 5000, 0, &h) == PHYSSEG_OK);
	MUST(physseg_next(map, physseg_first(map)) == h);
	MUST(physseg_prev(map, h) == physseg_first(map));
	MUST(physseg_last(map) == h);
	MUST(physseg_highest_frame(map) == 5999);
	count(FRAMES - 8 + 5000);
	MUST(counted == FRAMES - 8 + 5000);
	MUST(physseg_unplug(map, 1000, 5000) == PHYSSEG_OK);
	MUST(!physseg_valid(map, h));
}

static void
emit(void *arg, const char *text, size_t length)
{
	(void)text;
	*(size_t *)arg += length;
}

static void
load(void)
{
	physseg_pfn_t pfn = 1;
	physseg_t h;

	MUST(physseg_load(map, 0, FRAMES + 1, 0, FRAMES + 1, 2, &h) ==
	    PHYSSEG_OK);
	MUST(physseg_unload(map, h, 2, &pfn) == PHYSSEG_OK && pfn == 0);
	MUST(physseg_unload_force(map, physseg_first(map), 2, &pfn) ==
	    PHYSSEG_OK);
	MUST(physseg_steal(map, &pfn) == PHYSSEG_OK);
	h = physseg_first(map);
	MUST(physseg_unplug(map, pfn, 1) == PHYSSEG_ENOENT);
	MUST(physseg_set_avail(map, h, pfn + 1, pfn + 1) == PHYSSEG_OK);
	while (physseg_unplug(map, physseg_highest_frame(map), 1) == PHYSSEG_OK)
		continue; /* all but the last */
	MUST(physseg_highest_frame(map) == pfn + 1);
}

static void
live(const struct physseg_backend *backend)
{
	static unsigned char storage[PHYSSEG_STORAGE_SIZE(SEGMENTS, 2, 40)];
	struct page *pages = calloc(FRAMES, sizeof(*pages));
	size_t length = 0;
	void *part;
	physseg_t h;

	counted = 0;
	MUST(pages != NULL);
	fill_host();
	fill_config(backend);
	MUST(physseg_create(&map, &config.s, storage, sizeof(storage)) ==
	    PHYSSEG_OK);
	load();
	physseg_destroy(map);

	MUST(physseg_create(&map, &config.s, storage, sizeof(storage)) ==
	    PHYSSEG_OK);
	MUST(physseg_get_backend(map) == backend);
	memset(&config, 0xff, sizeof(config));
	MUST(physseg_load(map, 0, FRAMES, 0, FRAMES, 2, &h) == PHYSSEG_OK);
	MUST(physseg_set_start_hint(map, h, 5) == PHYSSEG_OK);
	MUST(physseg_get_info(map, h, &info.s) == PHYSSEG_OK);
	memset(info.s.data, 'x', 40);
	ask(h, 0);
	MUST(physseg_chomp_slab(map, h, pages, FRAMES) == PHYSSEG_OK);
	MUST(physseg_alloc_from_slab(map, h, FRAMES, &part) == PHYSSEG_OK);
	MUST(physseg_init_seg(map, h, part) == PHYSSEG_OK);
	(void)physseg_set_running(map, true);
	MUST(physseg_running(map));
	ask(h, 0);
	count(FRAMES);
	plug_and_unplug(backend);
	MUST(physseg_dump(map, PHYSSEG_DUMP_JSON, emit, &length) == PHYSSEG_OK);
	MUST(length > 100);
	physseg_destroy(map);
	MUST(taken == 0 && locked == 0);
	free(pages);
}

/* A map that runs from the start, and a registry. */
static void
run(const struct physseg_backend *backend)
{
	physseg_t h;

	fill_config(backend);
	config.s.page_size = 0;
	if ((backend->capabilities & PHYSSEG_HOTPLUG) == 0) {
		MUST(physseg_create(&map, &config.s, NULL, 0) ==
		    PHYSSEG_ENOHOTPLUG);
		return;
	}
	MUST(physseg_create(&map, &config.s, NULL, 0) == PHYSSEG_OK);
	for (physseg_pfn_t i = 0; i < 300; i++)
		MUST(physseg_plug(map, 100 * i, 50, 0, &h) == PHYSSEG_OK);
	MUST(physseg_unplug(map, 0, 1) == PHYSSEG_OK);
	count(300 * 50 - 1);
	physseg_destroy(map);
	MUST(taken == 0);
}

/* ---- a backend of the program's own ---- */

static const struct physseg_backend *under;
static size_t looked_up;

static struct physseg_node *
own_lookup(const void *index, physseg_pfn_t pfn)
{
	struct physseg_node *node = under->lookup(index, pfn);

	looked_up++;
	MUST(node == NULL || (node->start <= pfn && pfn < node->end));
	return node;
}

static void
live_on_own(const struct physseg_backend *backend)
{
	under = backend;
	memset(&table, 0xff, sizeof(table));
	memcpy(&table.s, backend, sizeof(table.s));
	table.s.struct_size = sizeof(table.s);
	table.s.name = "own";
	table.s.lookup = own_lookup;
	looked_up = 0;
	live(&table.s);
	MUST(looked_up > 0);
}

/* ---- the storage that is compiled into programs ---- */

static void
check_storage(const struct physseg_backend *backend)
{
	static const size_t number[] = { 0, 1, 2, 5, 31, 32, 33, 64, 200,
		1000 };
	static const size_t data[] = { 0, 1, 8, 57, 64, 65, 200, 4096 };

	fill_config(backend);
	for (size_t n = 0; n < sizeof(number) / sizeof(number[0]); n++)
		for (size_t d = 0; d < sizeof(data) / sizeof(data[0]); d++)
			for (size_t slabs = 0; slabs < 4; slabs++) {
				config.s.capacity = number[n];
				config.s.boot_records = number[n];
				config.s.data_size = data[d];
				config.s.boot_slabs = slabs;
				MUST(physseg_storage_size(&config.s) <=
				    PHYSSEG_STORAGE_SIZE(
					number[n], slabs, data[d]));
			}
}

int
main(void)
{
	const struct physseg_backend *const backends[] = {
		physseg_backend_array_random(), physseg_backend_array_bsearch(),
		physseg_backend_array_bigfirst(),
		physseg_backend_array_contig(), physseg_backend_rbtree(),
		physseg_backend_radix(), physseg_backend_default()
	};
	int version[3];

	MUST(sscanf(physseg_version(), "%d.%d.%d", &version[0], &version[1],
		 &version[2]) == 3);
	MUST(version[0] > PHYSSEG_VERSION_MAJOR ||
	    version[1] >= PHYSSEG_VERSION_MINOR);
	MUST(strcmp(physseg_strerror(PHYSSEG_OK), "no error") == 0);
	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		live(backends[i]);
		run(backends[i]);
		live_on_own(backends[i]);
		check_storage(backends[i]);
	}
	printf("compiled for %d.%d.%d, run with %s\n", PHYSSEG_VERSION_MAJOR,
	    PHYSSEG_VERSION_MINOR, PHYSSEG_VERSION_PATCH, physseg_version());
	return 0;
}
