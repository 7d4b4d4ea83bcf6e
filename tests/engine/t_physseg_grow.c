/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_grow.c -- programs that were compiled with other
 * headers: structures that are shorter than the library's, and longer ones.
 *
 * What lies behind a structure is all ones here, so that a library which reads
 * it calls a function at an address where there is none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>

#include <physseg/lifecycle.h>

#include "base/sized.h"
#include "support.h"

#define PAGE 24 /* bytes of a page structure */
#define MORE 32 /* bytes that a later structure may have more */

#define END(type, field) \
	(offsetof(struct type, field) + sizeof(((struct type *)0)->field))

static struct test_map t;

/* A structure in memory of its own, of which `size' bytes are one's own. */
union grown {
	struct physseg_config config;
	struct physseg_host host;
	struct physseg_backend backend;
	struct physseg_info info;
	struct physseg_stats stats;
	unsigned char byte[1024];
};

static void
put(union grown *grown, const void *from, size_t size)
{
	memset(grown, 0xff, sizeof(*grown));
	memcpy(grown, from, size);
}

/* What follows it, in a longer structure, is 0. */
static void
put_longer(union grown *grown, const void *from, size_t size)
{
	put(grown, from, size);
	memset(&grown->byte[size], 0, MORE);
}

static void
nothing(void *ctx)
{
	(void)ctx;
}

static void
begin(size_t page_size)
{
	test_map_init(&t, page_size);
	t.host.hooks.lock = t.host.hooks.unlock = nothing;
	t.host.hooks.sync = nothing;
	t.storage = malloc(PHYSSEG_STORAGE_SIZE(32, 2, 256));
}

static int
create(const union grown *config, size_t config_size, size_t host_size)
{
	t.map = NULL;
	return physseg_create_sized(&t.map, &config->config, config_size,
	    host_size, t.storage, PHYSSEG_STORAGE_SIZE(32, 2, 256));
}

/* The map goes through all of its life; not one hook is called that is not
 * there.  A host that knows nothing of page structures gives its own. */
static void
live(bool init)
{
	const size_t page_size = t.host.page_size;
	struct physseg_stats stats;
	struct physseg_addition add = { .pfn = 100, .n = 8 };

	if (page_size != 0)
		t.pages = calloc(8, page_size);
	if (page_size != 0 && !init) {
		add.source = PHYSSEG_FROM_CALLER;
		add.pages = t.pages;
	}
	ck_assert_int_eq(physseg_add(t.map, &add, NULL, NULL), 0);
	if (add.pages != NULL)
		ck_assert_int_eq(physseg_switch(t.map, NULL, 0), 0);
	else
		ck_assert_int_eq(
		    physseg_switch(t.map, t.pages, page_size != 0 ? 8 : 0), 0);
	ck_assert_ptr_null(physseg_check(t.map));
	ck_assert((physseg_page(t.map, 104) != NULL) == (page_size != 0));
	ck_assert_int_eq(physseg_unplug(t.map, 100, 2), 0);
	(void)physseg_plug(t.map, 500, 3000, 0, NULL); /* if there is memory */
	ck_assert_ptr_null(physseg_check(t.map));
	physseg_get_stats(t.map, &stats);
	ck_assert(stats.frames == 6 || stats.frames == 3006);
}

static void
end(void)
{
	if (t.map != NULL)
		physseg_destroy(t.map);
	ck_assert_uint_eq(t.host.outstanding, 0);
	test_host_fini(&t.host);
	free(t.storage);
	free(t.pages);
}

/* ---- the host ---- */

/* Which page hooks a host has: none, those for one frame, or for many. */
enum hooks { NONE, ONE, MANY, HOOKS };

static const size_t init_end[HOOKS] = { 0, END(physseg_host, page_init),
	END(physseg_host, pages_init) };

/* Is that much of a host a host? */
static bool
host_is_whole(size_t size, int hooks)
{
	return (size >= END(physseg_host, free) ||
		   size < END(physseg_host, alloc)) &&
	    (size >= END(physseg_host, unlock) ||
		size < END(physseg_host, lock)) &&
	    (hooks == NONE ||
		(size >= END(physseg_host, page_frame)) ==
		    (size >= init_end[hooks]));
}

START_TEST(test_short_host)
{
	const size_t last = sizeof(struct physseg_host);
	union grown host, config;
	size_t size, lived = 0;
	int error;

	for (int hooks = NONE; hooks < HOOKS; hooks++)
		for (size = 0; size <= last; size += sizeof(void *)) {
			begin(hooks != NONE ? PAGE : 0);
			if (hooks == MANY)
				test_host_ranges(&t.host, false);
			put(&host, &t.host.hooks, size);
			t.config.host = &host.host;
			put(&config, &t.config, sizeof(t.config));
			error = create(&config, sizeof(t.config), size);
			ck_assert_int_eq(error,
			    host_is_whole(size, hooks) ? PHYSSEG_OK
						       : PHYSSEG_EINVAL);
			/* The map has copies of all. */
			memset(&host, 0xff, sizeof(host));
			memset(&config, 0xff, sizeof(config));
			if (error == PHYSSEG_OK) {
				live(size >= init_end[hooks]);
				lived++;
			}
			end();
		}
	ck_assert_uint_gt(lived, last / sizeof(void *));
}
END_TEST

/* A host with a hook that this library does not know. */
START_TEST(test_long_host)
{
	const size_t size = sizeof(struct physseg_host);
	union grown host, config;

	begin(PAGE);
	put_longer(&host, &t.host.hooks, size);
	t.config.host = &host.host;
	put(&config, &t.config, sizeof(t.config));
	for (size_t i = size; i < size + MORE; i++) {
		host.byte[i] = 1;
		ck_assert_int_eq(create(&config, sizeof(t.config), size + MORE),
		    PHYSSEG_EINVAL);
		ck_assert_ptr_null(t.map);
		ck_assert_uint_eq(physseg_storage_size_sized(
				      &t.config, sizeof(t.config), size + MORE),
		    0);
		host.byte[i] = 0;
	}
	ck_assert_int_eq(create(&config, sizeof(t.config), size + MORE), 0);
	live(true);
	end();
}
END_TEST

/* ---- the configuration ---- */

#define FIELD(name) END(physseg_config, name)

static const size_t config_sizes[] = { FIELD(ctx), FIELD(page_size),
	FIELD(data_size), FIELD(capacity), FIELD(boot_records),
	FIELD(boot_slabs), FIELD(frames), FIELD(freelists), FIELD(may_empty),
	FIELD(coalesce), sizeof(struct physseg_config) };

#define NCONFIGS (sizeof(config_sizes) / sizeof(config_sizes[0]))

/* It is the map of a configuration whose last fields are 0. */
static void
ask(size_t size)
{
	struct physseg_stats stats;
	struct physseg_info info;
	physseg_t h;
	int error;

	if (size < FIELD(page_size))
		t.host.page_size = 0;
	ck_assert_int_eq(physseg_plug_check(t.map, 5000, 1, 0),
	    size < FIELD(frames) ? PHYSSEG_OK : PHYSSEG_ERANGE);
	ck_assert_int_eq(physseg_plug_check(t.map, 1, 1, 3),
	    size < FIELD(freelists) ? PHYSSEG_OK : PHYSSEG_EINVAL);
	ck_assert_int_eq(physseg_load(t.map, 0, 8, 0, 8, 0, &h), 0);
	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	memset(info.data, 1, size < FIELD(data_size) ? sizeof(void *) : 200);
	ck_assert_ptr_null(physseg_check(t.map));
	ck_assert_int_eq(physseg_unplug(t.map, 0, 8),
	    size < FIELD(may_empty) ? PHYSSEG_ELAST : PHYSSEG_OK);
	if (size >= FIELD(may_empty))
		ck_assert_int_eq(physseg_load(t.map, 0, 8, 0, 8, 0, &h), 0);
	error = physseg_plug(t.map, 8, 8, 0, NULL);
	physseg_get_stats(t.map, &stats);
	ck_assert(error == PHYSSEG_OK || test_backend->max_segments == 1);
	ck_assert_uint_eq(stats.segments,
	    error != PHYSSEG_OK || size >= FIELD(coalesce) ? 1 : 2);
}

START_TEST(test_short_config)
{
	const size_t size = config_sizes[_i];
	struct physseg_config zeroed = { .host = NULL };
	union grown config;

	begin(PAGE);
	t.config.data_size = 200;
	t.config.capacity = t.config.boot_records = 5;
	t.config.boot_slabs = 2;
	t.config.frames = 1000;
	t.config.freelists = 2;
	t.config.may_empty = t.config.coalesce = true;
	put(&config, &t.config, size);
	memcpy(&zeroed, &t.config, size);
	ck_assert_uint_eq(physseg_storage_size_sized(&config.config, size,
			      sizeof(struct physseg_host)),
	    physseg_storage_size(&zeroed));
	ck_assert_int_eq(create(&config, size, sizeof(struct physseg_host)), 0);
	memset(&config, 0xff, sizeof(config));
	ask(size);
	end();
}
END_TEST

/* So short that there is no host. */
START_TEST(test_no_config)
{
	union grown config;

	begin(0);
	for (size_t size = 0; size < FIELD(host); size += sizeof(void *)) {
		put(&config, &t.config, size);
		ck_assert_int_eq(
		    create(&config, size, sizeof(struct physseg_host)),
		    PHYSSEG_EINVAL);
		ck_assert_ptr_null(t.map);
	}
	end();
}
END_TEST

START_TEST(test_long_config)
{
	const size_t size = sizeof(struct physseg_config);
	union grown config;

	begin(PAGE);
	put_longer(&config, &t.config, size);
	for (size_t i = size; i < size + MORE; i++) {
		config.byte[i] = 1;
		ck_assert_int_eq(
		    create(&config, size + MORE, sizeof(struct physseg_host)),
		    PHYSSEG_EINVAL);
		ck_assert_ptr_null(t.map);
		ck_assert_uint_eq(physseg_storage_size_sized(&config.config,
				      size + MORE, sizeof(struct physseg_host)),
		    0);
		config.byte[i] = 0;
	}
	ck_assert_int_eq(
	    create(&config, size + MORE, sizeof(struct physseg_host)), 0);
	live(true);
	end();
}
END_TEST

/* A form that is longer than all that lies behind ours on the stack. */
START_TEST(test_huge_config)
{
	const size_t size = 65536;
	struct physseg_config *config = calloc(1, size);

	begin(PAGE);
	ck_assert_ptr_nonnull(config);
	*config = t.config;
	ck_assert_uint_eq(physseg_storage_size_sized(
			      config, size, sizeof(struct physseg_host)),
	    physseg_storage_size(&t.config));
	((unsigned char *)config)[size - 1] = 1;
	ck_assert_uint_eq(physseg_storage_size_sized(
			      config, size, sizeof(struct physseg_host)),
	    0);
	free(config);
	end();
}
END_TEST

/* ---- a backend's table ---- */

static void
use_backend(const union grown *backend, int error)
{
	struct physseg_map *map = NULL;

	t.config.backend = &backend->backend;
	ck_assert_int_eq(physseg_create(&map, &t.config, t.storage,
			     PHYSSEG_STORAGE_SIZE(32, 2, 256)),
	    error);
	ck_assert((map != NULL) == (error == PHYSSEG_OK));
	ck_assert(
	    (physseg_storage_size(&t.config) != 0) == (error == PHYSSEG_OK));
	t.map = map;
}

/* Of a table all of whose last fields are 0, only the others are there. */
START_TEST(test_short_backend)
{
	union grown backend;
	size_t size = sizeof(backend.backend);
	const struct physseg_backend *table = &backend.backend;

	begin(PAGE);
	put(&backend, test_backend, size);
	while (backend.byte[size - 1] == 0)
		size--;
	size = (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
	put(&backend, test_backend, size);
	backend.backend.struct_size = size;
	use_backend(&backend, PHYSSEG_OK);
	ck_assert_ptr_eq(physseg_get_backend(t.map), table);
	memset(&backend, 0xff, sizeof(backend));
	live(true);
	end();
}
END_TEST

START_TEST(test_long_backend)
{
	const size_t size = sizeof(struct physseg_backend);
	union grown backend;

	begin(PAGE);
	put_longer(&backend, test_backend, size);
	backend.backend.struct_size = size + MORE;
	for (size_t i = size; i < size + MORE; i++) {
		backend.byte[i] = 1;
		use_backend(&backend, PHYSSEG_EINVAL);
		backend.byte[i] = 0;
	}
	use_backend(&backend, PHYSSEG_OK);
	live(true);
	end();
}
END_TEST

/* An author who forgot a function, or the size. */
START_TEST(test_no_backend)
{
	static const size_t needed[] = {
		offsetof(struct physseg_backend, struct_size),
		offsetof(struct physseg_backend, name),
		offsetof(struct physseg_backend, size),
		offsetof(struct physseg_backend, init),
		offsetof(struct physseg_backend, insert),
		offsetof(struct physseg_backend, remove),
		offsetof(struct physseg_backend, update),
		offsetof(struct physseg_backend, split),
		offsetof(struct physseg_backend, join),
		offsetof(struct physseg_backend, find),
		offsetof(struct physseg_backend, lookup),
		offsetof(struct physseg_backend, next),
		offsetof(struct physseg_backend, prev),
	};
	union grown backend;

	begin(PAGE);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		put(&backend, test_backend, sizeof(struct physseg_backend));
		memset(&backend.byte[needed[i]], 0, sizeof(void *));
		use_backend(&backend, PHYSSEG_EINVAL);
	}
	end();
}
END_TEST

/* One whose functions and capabilities contradict each other. */
START_TEST(test_wrong_backend)
{
	static const size_t pairs[] = {
		offsetof(struct physseg_backend, at),
		offsetof(struct physseg_backend, position),
		offsetof(struct physseg_backend, mem_needed),
		offsetof(struct physseg_backend, mem_add),
		offsetof(struct physseg_backend, mem_reclaim),
	};
	static const unsigned flags[] = { PHYSSEG_POSITION, PHYSSEG_SORTED,
		2 * PHYSSEG_BYSIZE };
	const void *none = NULL, *some = &none;
	struct physseg_backend table;
	union grown backend;

	begin(PAGE);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		unsigned char *at = &backend.byte[pairs[i]];

		put(&backend, test_backend, sizeof(table));
		memcpy(at, memcmp(at, &none, sizeof(none)) == 0 ? &some : &none,
		    sizeof(none));
		use_backend(&backend, PHYSSEG_EINVAL);
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flags[i] == PHYSSEG_SORTED &&
		    test_backend->mem_needed == NULL)
			continue; /* then it is free to say so */
		table = *test_backend;
		table.capabilities ^= flags[i];
		put(&backend, &table, sizeof(table));
		use_backend(&backend, PHYSSEG_EINVAL);
	}
	table = *test_backend;
	if (table.at == NULL && table.mem_needed == NULL) {
		table.capabilities = 2 * PHYSSEG_BYSIZE; /* and no other */
		put(&backend, &table, sizeof(table));
		use_backend(&backend, PHYSSEG_EINVAL);
	}
	table = *test_backend;
	table.capabilities |= PHYSSEG_SORTED | PHYSSEG_BYSIZE;
	put(&backend, &table, sizeof(table));
	use_backend(&backend, PHYSSEG_EINVAL);
	table = *test_backend;
	table.chunk_size = table.chunk_size == 0;
	put(&backend, &table, sizeof(table));
	use_backend(&backend, PHYSSEG_EINVAL);
	end();
}
END_TEST

/* One that holds two segments, whatever there is room for. */
START_TEST(test_most_segments)
{
	struct physseg_backend table = *test_backend;
	physseg_pfn_t pfn;

	begin(PAGE);
	if (table.max_segments == 1) {
		test_skip("test_most_segments", "one segment");
		end();
		return;
	}
	table.max_segments = 2;
	t.config.backend = &table;
	ck_assert_int_eq(physseg_create(&t.map, &t.config, t.storage,
			     PHYSSEG_STORAGE_SIZE(32, 2, 256)),
	    0);
	for (pfn = 100; pfn < 300; pfn += 100)
		ck_assert_int_eq(
		    physseg_load(t.map, pfn, pfn + 8, pfn, pfn + 8, 0, NULL),
		    0);
	ck_assert_int_eq(
	    physseg_load(t.map, 300, 308, 300, 308, 0, NULL), PHYSSEG_ENOSLOT);
	ck_assert_int_eq(physseg_unplug(t.map, 103, 2), PHYSSEG_ENOSLOT);
	ck_assert_ptr_null(physseg_check(t.map));
	end();
}
END_TEST

/* Of a host whose size is 0 there is no hook, and so no memory.  Storage that
 * wraps is none. */
START_TEST(test_no_memory)
{
	void *wraps = (void *)(UINTPTR_MAX - 100);
	union grown config;

	begin(0);
	t.config.host = &t.host.hooks;
	put(&config, &t.config, sizeof(t.config));
	ck_assert_int_eq(physseg_create_sized(&t.map, &config.config,
			     sizeof(t.config), 0, NULL, 0),
	    test_has(PHYSSEG_HOTPLUG) ? PHYSSEG_ENOMEM : PHYSSEG_ENOHOTPLUG);
	ck_assert_int_eq(physseg_create(&t.map, &t.config, wraps,
			     PHYSSEG_STORAGE_SIZE(32, 2, 256)),
	    PHYSSEG_EINVAL);
	ck_assert_ptr_null(t.map);
	end();
}
END_TEST

/* ---- what the library writes ---- */

/* Of `size' bytes that were asked for, `known' are written, more are 0, and
 * nothing behind them. */
static bool
written(const union grown *grown, size_t size, size_t known)
{
	for (size_t i = known; i < sizeof(*grown); i++)
		if (grown->byte[i] != (i < size ? 0 : 0xff))
			return false;
	return true;
}

#define SAME(got, wanted, type, field, size)        \
	test_assert((size) < END(type, field) ||    \
	    memcmp(&(got)->field, &(wanted)->field, \
		sizeof((wanted)->field)) == 0)

START_TEST(test_sizes_of_info)
{
	const size_t known = sizeof(struct physseg_info);
	struct physseg_info info;
	union grown got;
	physseg_t h;

	test_map_init(&t, PAGE);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 100, 200, 120, 190, 2, &h), 0);
	test_map_switch(&t, 0);
	ck_assert_int_eq(physseg_set_start_hint(t.map, h, 7), 0);
	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	ck_assert_uint_eq(info.avail_end, 190);
	for (size_t size = 0; size <= known + MORE; size++) {
		put(&got, "", 0);
		test_assert(physseg_get_info_sized(t.map, PHYSSEG_NONE,
				&got.info, size) == PHYSSEG_ENOENT);
		test_assert(written(&got, 0, 0));
		test_assert(physseg_get_info_sized(t.map, h, &got.info, size) ==
		    PHYSSEG_OK);
		test_assert(written(&got, size, size < known ? size : known));
		SAME(&got.info, &info, physseg_info, start, size);
		SAME(&got.info, &info, physseg_info, end, size);
		SAME(&got.info, &info, physseg_info, avail_start, size);
		SAME(&got.info, &info, physseg_info, avail_end, size);
		SAME(&got.info, &info, physseg_info, counted, size);
		SAME(&got.info, &info, physseg_info, start_hint, size);
		SAME(&got.info, &info, physseg_info, free_list, size);
		SAME(&got.info, &info, physseg_info, pages, size);
		SAME(&got.info, &info, physseg_info, data, size);
	}
	test_map_fini(&t);
}
END_TEST

START_TEST(test_sizes_of_stats)
{
	const size_t known = sizeof(struct physseg_stats);
	struct physseg_stats stats;
	union grown got;

	test_map_init(&t, PAGE);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 100, 200, 120, 190, 2, NULL), 0);
	test_map_switch(&t, 5);
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.largest_free, 5);
	for (size_t size = 0; size <= known + MORE; size++) {
		put(&got, "", 0);
		physseg_get_stats_sized(t.map, &got.stats, size);
		test_assert(written(&got, size, size < known ? size : known));
		SAME(&got.stats, &stats, physseg_stats, segments, size);
		SAME(&got.stats, &stats, physseg_stats, frames, size);
		SAME(&got.stats, &stats, physseg_stats, counted, size);
		SAME(&got.stats, &stats, physseg_stats, slabs, size);
		SAME(&got.stats, &stats, physseg_stats, slab_pages, size);
		SAME(&got.stats, &stats, physseg_stats, slab_used, size);
		SAME(&got.stats, &stats, physseg_stats, host_bytes, size);
		SAME(&got.stats, &stats, physseg_stats, largest_free, size);
	}
	test_map_fini(&t);
}
END_TEST

/* ---- the storage that a program was compiled with ---- */

static const size_t numbers[] = { 0, 1, 2, 3, 7, 16, 31, 32, 33, 64, 100, 399,
	5000 };
static const size_t data_sizes[] = { 0, 1, 7, 8, 9, 24, 56, 57, 63, 64, 65, 72,
	73, 120, 121, 199, 200, 201, 1000, 4095, 4096 };

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* What its header says: 1024 bytes, 64 a segment, 256 a slab to spare. */
static void
check_storage(size_t n, size_t slabs, size_t data)
{
	const size_t spare =
	    1024 + 64 * (n == 0 ? 32 : n) + 256 * (slabs == 0 ? 1 : slabs);
	size_t needed;

	t.config.capacity = t.config.boot_records = n;
	t.config.boot_slabs = slabs;
	t.config.data_size = data;
	needed = physseg_storage_size(&t.config);
	ck_assert_uint_ne(needed, 0);
	if (PHYSSEG_STORAGE_SIZE(n, slabs, data) < needed + spare)
		ck_abort_msg("%zu segments, %zu slabs, %zu bytes of data: "
			     "%zu bytes are needed, the constant is %zu",
		    n, slabs, data, needed,
		    (size_t)PHYSSEG_STORAGE_SIZE(n, slabs, data));
}

START_TEST(test_storage_to_spare)
{
	for (int paged = 0; paged < 2; paged++) {
		begin(paged != 0 ? PAGE : 0);
		for (size_t n = 0; n < N(numbers); n++)
			for (size_t slabs = 0; slabs < 6; slabs++)
				for (size_t d = 0; d < N(data_sizes); d++)
					check_storage(
					    numbers[n], slabs, data_sizes[d]);
		t.map = NULL;
		end();
	}
}
END_TEST

/* ---- what is copied ---- */

/* A longer form than ours, whose rest is 0: nothing is written behind ours. */
START_TEST(test_read_longer)
{
	const unsigned char from[8] = { 1, 2, 3, 4, 0, 0, 0, 0 };
	unsigned char to[8];

	memset(to, 0x77, sizeof(to));
	ck_assert(physseg_sized_read(to, 4, from, 8));
	ck_assert_int_eq(memcmp(to, from, 4), 0);
	for (size_t i = 4; i < 8; i++)
		ck_assert_uint_eq(to[i], 0x77);
}
END_TEST

/* ---- the version ---- */

START_TEST(test_version)
{
	char text[64];

	snprintf(text, sizeof(text), "%d.%d.%d", PHYSSEG_VERSION_MAJOR,
	    PHYSSEG_VERSION_MINOR, PHYSSEG_VERSION_PATCH);
	ck_assert_str_eq(physseg_version(), text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_grow");
	TCase *tc = tcase_create("grow");

	tcase_add_test(tc, test_short_host);
	tcase_add_test(tc, test_long_host);
	tcase_add_loop_test(tc, test_short_config, 0, NCONFIGS);
	tcase_add_test(tc, test_no_config);
	tcase_add_test(tc, test_long_config);
	tcase_add_test(tc, test_huge_config);
	tcase_add_test(tc, test_short_backend);
	tcase_add_test(tc, test_long_backend);
	tcase_add_test(tc, test_no_backend);
	tcase_add_test(tc, test_wrong_backend);
	tcase_add_test(tc, test_most_segments);
	tcase_add_test(tc, test_no_memory);
	tcase_add_test(tc, test_sizes_of_info);
	tcase_add_test(tc, test_sizes_of_stats);
	tcase_add_test(tc, test_storage_to_spare);
	tcase_add_test(tc, test_version);
	tcase_add_test(tc, test_read_longer);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
