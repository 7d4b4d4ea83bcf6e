/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg.c -- making and unmaking maps, and the error contract:
 * each call's errors, in the order in which its header lists them, and nothing
 * changed by any.
 */
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>

#include "engine.h"
#include "support.h"

#define PAGE 24 /* bytes of a page structure */

static struct test_map t;

static void
begin(size_t page_size)
{
	test_map_init(&t, page_size);
}

/* ---- configuration ---- */

START_TEST(test_defaults)
{
	struct physseg_config config;
	physseg_pfn_t f = 0;

	begin(PAGE);
	test_map_boot(&t);
	ck_assert(!physseg_running(t.map));
	ck_assert_ptr_eq(physseg_get_backend(t.map), test_backend);
	for (; f < 32 && f < test_map_capacity(&t); f++)
		ck_assert_int_eq(physseg_plug(t.map, 2 * f, 1, 0, NULL), 0);
	ck_assert_uint_eq(f, test_map_capacity(&t));
	ck_assert_int_eq(
	    physseg_plug(t.map, 2 * f, 1, 0, NULL), PHYSSEG_ENOSLOT);
	ck_assert_int_eq(
	    physseg_plug(t.map, 2 * f, 1, 3, NULL), PHYSSEG_ENOSLOT);
	ck_assert_int_eq(
	    physseg_plug(t.map, 2 * f, 1, 4, NULL), PHYSSEG_EINVAL);
	test_map_fini(&t);

	/* No backend named, but the default's name. */
	begin(0);
	config = t.config;
	config.backend = NULL;
	t.config.backend = physseg_backend_default();
	ck_assert_uint_eq(
	    physseg_storage_size(&config), physseg_storage_size(&t.config));
	t.config.backend = NULL;
	t.storage = malloc(physseg_storage_size(&config));
	ck_assert_int_eq(physseg_create(&t.map, &config, t.storage,
			     physseg_storage_size(&config)),
	    0);
	ck_assert_ptr_eq(physseg_get_backend(t.map), physseg_backend_default());
	test_map_fini(&t);
}
END_TEST

/* The same number said and left out makes the same map. */
START_TEST(test_defaults_are_numbers)
{
	struct physseg_config said;

	begin(PAGE);
	said = t.config;
	said.data_size = sizeof(void *);
	said.capacity = said.boot_records = 32;
	said.boot_slabs = 1;
	said.frames = PHYSSEG_NOFRAME;
	said.freelists = 4;
	ck_assert_uint_eq(
	    physseg_storage_size(&said), physseg_storage_size(&t.config));
}
END_TEST

static void
no_host(struct physseg_config *c)
{
	c->host = NULL;
}

static void
no_page_init(struct physseg_config *c)
{
	t.host.hooks.page_init = NULL;
	(void)c;
}

static void
no_page_frame(struct physseg_config *c)
{
	t.host.hooks.page_frame = NULL;
	(void)c;
}

/* What isolates must be able to say what is in use, and to let go. */
static void
only_release(struct physseg_config *c)
{
	t.host.hooks.release = test_host_release;
	(void)c;
}

static void
no_release(struct physseg_config *c)
{
	t.host.hooks.isolate = test_host_isolate;
	t.host.hooks.in_use = test_host_in_use;
	(void)c;
}

static void
no_in_use(struct physseg_config *c)
{
	t.host.hooks.isolate = test_host_isolate;
	t.host.hooks.release = test_host_release;
	(void)c;
}

static void
bad_freelists(struct physseg_config *c)
{
	c->freelists = -1;
}

static void
huge_page(struct physseg_config *c)
{
	c->page_size = SIZE_MAX;
}

static void
huge_data(struct physseg_config *c)
{
	c->data_size = SIZE_MAX;
}

static void
huge_capacity(struct physseg_config *c)
{
	c->boot_records = c->capacity = SIZE_MAX;
}

static void
huge_slabs(struct physseg_config *c)
{
	c->boot_slabs = SIZE_MAX / 2;
}

static const struct {
	void (*spoil)(struct physseg_config *);
	bool but_contig; /* whose capacity is 1 whatever is asked */
} bad[] = { { no_host, false }, { no_page_init, false },
	{ no_page_frame, false }, { only_release, false },
	{ no_release, false }, { no_in_use, false }, { bad_freelists, false },
	{ huge_page, false }, { huge_data, false }, { huge_capacity, true },
	{ huge_slabs, false } };

#define NBAD (sizeof(bad) / sizeof(bad[0]))

START_TEST(test_bad_config)
{
	struct physseg_map *map = (void *)&t;
	char storage[64];

	begin(PAGE);
	bad[_i].spoil(&t.config);
	if (bad[_i].but_contig && test_backend->max_segments != 0) {
		test_skip("test_bad_config", "this capacity is always 1");
		return;
	}
	ck_assert_uint_eq(physseg_storage_size(&t.config), 0);
	ck_assert_int_eq(
	    physseg_create(&map, &t.config, storage, sizeof(storage)),
	    PHYSSEG_EINVAL);
	ck_assert_int_eq(physseg_create(&map, &t.config, storage, SIZE_MAX / 2),
	    PHYSSEG_EINVAL);
	ck_assert_ptr_eq(map, &t);
	ck_assert_uint_eq(t.host.allocs, 0);
}
END_TEST

/* The largest numbers that are possible, and one more. */
START_TEST(test_largest)
{
	size_t slab, size;

	begin(PAGE);
	if (!test_backend->bounded) { /* else that much is asked for */
		t.config.page_size = PTRDIFF_MAX;
		t.config.capacity = SIZE_MAX / 512;
		ck_assert_uint_ne(physseg_storage_size(&t.config), 0);
		t.config.page_size = (size_t)PTRDIFF_MAX + 1;
		ck_assert_uint_eq(physseg_storage_size(&t.config), 0);
		t.config.page_size = PAGE;
		t.config.frame_size = PTRDIFF_MAX;
		ck_assert_uint_ne(physseg_storage_size(&t.config), 0);
		t.config.frame_size = (size_t)PTRDIFF_MAX + 1;
		ck_assert_uint_eq(physseg_storage_size(&t.config), 0);
		t.config.frame_size = 0;
		t.config.capacity = SIZE_MAX / 512 + 1;
		ck_assert_uint_eq(physseg_storage_size(&t.config), 0);
		t.config.capacity = 0;
		t.config.boot_records = PHYSSEG_RECORDS_MAX;
		/* Where a handle has many bits for it, memory is the limit. */
		ck_assert((physseg_storage_size(&t.config) != 0) ==
		    (PHYSSEG_RECORDS_MAX < PTRDIFF_MAX / 512));
		t.config.boot_records = (size_t)PHYSSEG_RECORDS_MAX + 1;
		ck_assert_uint_eq(physseg_storage_size(&t.config), 0);
		t.config.boot_records = 0;
	}
	t.config.boot_slabs = 1;
	size = physseg_storage_size(&t.config) - (PHYSSEG_ALIGN - 1);
	t.config.boot_slabs = 2;
	slab = physseg_storage_size(&t.config) - (PHYSSEG_ALIGN - 1) - size;
	t.config.boot_slabs = 1 + (PTRDIFF_MAX - size) / slab;
	ck_assert_uint_ne(physseg_storage_size(&t.config), 0);
	t.config.boot_slabs++;
	ck_assert_uint_eq(physseg_storage_size(&t.config), 0);
}
END_TEST

/* ---- storage ---- */

#define GUARD 96

/* A life in storage at every alignment, with exactly what is needed. */
START_TEST(test_storage_alignment)
{
	for (size_t skew = 0; skew < PHYSSEG_ALIGN; skew++) {
		size_t size;
		unsigned char *s;
		void *mem;

		begin(PAGE);
		size = physseg_storage_size(&t.config);
		s = test_storage(size + 2 * GUARD, skew, &mem);
		memset(s, 0x77, size + 2 * GUARD);
		ck_assert_int_eq(
		    physseg_create(&t.map, &t.config, s + GUARD, size), 0);
		for (physseg_pfn_t i = 0; i < test_map_capacity(&t); i++)
			ck_assert_int_eq(
			    physseg_plug(t.map, 10 * i, 9, 0, NULL), 0);
		test_map_switch(&t, 0);
		(void)physseg_unplug(t.map, 3, 3);
		test_map_fini(&t);
		for (size_t i = 0; i < GUARD; i++) {
			ck_assert_uint_eq(s[i], 0x77);
			ck_assert_uint_eq(s[GUARD + size + i], 0x77);
		}
		free(mem);
	}
}
END_TEST

START_TEST(test_storage_too_small)
{
	struct physseg_map *map = (void *)&t;
	unsigned char *s;
	void *mem;
	size_t size;

	begin(PAGE);
	size = physseg_storage_size(&t.config);
	s = test_storage(size, 1, &mem);
	for (size_t n = 0; n < size - PHYSSEG_ALIGN; n++)
		ck_assert_int_eq(
		    physseg_create(&map, &t.config, s, n), PHYSSEG_ESMALL);
	ck_assert_int_eq(
	    physseg_create(&map, &t.config, NULL, size), PHYSSEG_EINVAL);
	ck_assert_ptr_eq(map, &t);
	for (size_t i = 0; i < size; i++)
		ck_assert_uint_eq(s[i], 0);
	free(mem);
}
END_TEST

/* Of storage that ends where addresses do only the beginning is used. */
START_TEST(test_storage_to_the_end)
{
	struct physseg_map *map = (void *)&t;
	size_t most;

	begin(PAGE);
	t.storage = malloc(physseg_storage_size(&t.config));
	ck_assert_ptr_nonnull(t.storage);
	most = UINTPTR_MAX - (uintptr_t)t.storage;
	ck_assert_int_eq(physseg_create(&map, &t.config, t.storage, most + 1),
	    PHYSSEG_EINVAL);
	ck_assert_ptr_eq(map, &t);
	ck_assert_int_eq(physseg_create(&t.map, &t.config, t.storage, most), 0);
	test_map_fini(&t);
}
END_TEST

/* The constant is enough for every backend, whatever the numbers. */
START_TEST(test_storage_macro)
{
	const size_t nsegs[] = { 1, 2, 3, 31, 32, 33, 100, 1000, 5000 };
	const size_t data[] = { 1, 7, 8, 24, 63, 64, 65, 500 };

	begin(PAGE);
	for (size_t i = 0; i < sizeof(nsegs) / sizeof(nsegs[0]); i++)
		for (size_t j = 0; j < sizeof(data) / sizeof(data[0]); j++)
			for (size_t slabs = 0; slabs < 6; slabs++) {
				struct physseg_config c = t.config;

				c.page_size = slabs == 0 ? 0 : PAGE;
				c.boot_slabs = slabs;
				c.data_size = data[j];
				c.capacity = c.boot_records = nsegs[i];
				ck_assert_uint_ge(PHYSSEG_STORAGE_SIZE(
						      nsegs[i], slabs, data[j]),
				    physseg_storage_size(&c));
			}
}
END_TEST

/* It is a constant: this would not compile otherwise. */
static char a_storage[PHYSSEG_STORAGE_SIZE(16, 2, 8)];

START_TEST(test_storage_static)
{
	begin(PAGE);
	t.config.capacity = t.config.boot_records = 16;
	t.config.boot_slabs = 2;
	t.config.data_size = 8;
	ck_assert_int_eq(
	    physseg_create(&t.map, &t.config, a_storage, sizeof(a_storage)), 0);
	ck_assert_int_eq(physseg_load(t.map, 0, 9, 1, 2, 3, NULL), 0);
	test_map_fini(&t);
}
END_TEST

/* ---- several maps, maps without storage ---- */

START_TEST(test_many_maps)
{
	struct test_map m[2][8];
	size_t n = 0;

	for (; test_backends[n] != NULL && n < 8; n++)
		for (int k = 0; k < 2; k++) {
			physseg_pfn_t at = (physseg_pfn_t)(100 * n);

			test_map_init(&m[k][n], PAGE);
			m[k][n].config.backend = test_backends[n];
			test_map_boot(&m[k][n]);
			ck_assert_int_eq(physseg_plug(m[k][n].map, at,
					     10 + at / 100, k, NULL),
			    0);
		}
	for (size_t i = 0; i < n; i++) {
		test_map_switch(&m[0][i], i);
		ck_assert(!physseg_running(m[1][i].map));
		ck_assert_uint_eq(m[0][i].host.counted, 10 + i);
		ck_assert_uint_eq(m[1][i].host.counted, 0);
		ck_assert_uint_eq(
		    physseg_highest_frame(m[1][i].map), 100 * i + 9 + i);
		ck_assert_ptr_eq(
		    physseg_get_backend(m[1][i].map), test_backends[i]);
	}
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			test_map_fini(&m[k][i]);
}
END_TEST

START_TEST(test_no_storage)
{
	struct physseg_map *map = (void *)&t;
	struct physseg_stats stats;

	begin(PAGE);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		ck_assert_int_eq(physseg_create(&map, &t.config, NULL, 0),
		    PHYSSEG_ENOHOTPLUG);
		ck_assert_ptr_eq(map, &t);
		ck_assert_uint_eq(t.host.allocs, 0);
		return;
	}
	test_map_run(&t);
	ck_assert(physseg_running(t.map));
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.host_bytes, t.host.outstanding);
	ck_assert_uint_ne(stats.host_bytes, 0);
	ck_assert_int_eq(physseg_plug(t.map, 7, 100, 1, NULL), 0);
	ck_assert_uint_eq(t.host.counted, 100);
	ck_assert_int_eq(physseg_switch(t.map, NULL, 0), PHYSSEG_EPHASE);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_no_storage_no_memory)
{
	struct physseg_map *map = (void *)&t;

	begin(PAGE);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_no_storage_no_memory", "no hot plug");
		return;
	}
	t.host.fail_at = 1;
	ck_assert_int_eq(
	    physseg_create(&map, &t.config, NULL, 0), PHYSSEG_ENOMEM);
	ck_assert_ptr_eq(map, &t);
	t.host.hooks.alloc = NULL;
	ck_assert_int_eq(
	    physseg_create(&map, &t.config, NULL, 0), PHYSSEG_ENOMEM);
	ck_assert_uint_eq(t.host.outstanding, 0);
}
END_TEST

START_TEST(test_destroy_null)
{
	physseg_destroy(NULL);
}
END_TEST

/* Destroyed while it boots, and with much from the host. */
START_TEST(test_destroy)
{
	begin(PAGE);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, 100, 0, NULL), 0);
	test_map_fini(&t);
	ck_assert_uint_eq(t.host.allocs, 0);

	begin(PAGE);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_plug(t.map, 0, 100, 0, NULL), 0);
	test_map_switch(&t, 0);
	test_log_clear(&t.host);
	for (physseg_pfn_t i = 1; i < 300; i++)
		(void)physseg_plug(t.map, 1000 * i, 999, 0, NULL);
	physseg_destroy(t.map);
	ck_assert_uint_eq(t.host.outstanding, 0);
	if (!test_has(PHYSSEG_HOTPLUG))
		ck_assert_uint_eq(t.host.ncalls, 0);
	free(t.storage);
	free(t.pages);
	test_host_fini(&t.host);
}
END_TEST

/* A host with the required hooks only. */
START_TEST(test_least_host)
{
	begin(PAGE);
	t.host.hooks.page_free = NULL;
	t.host.hooks.account = NULL;
	t.host.hooks.reinit = NULL;
	t.host.hooks.log = NULL;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 0, 90, 1, 80, 0, NULL), 0);
	test_map_switch(&t, 7);
	ck_assert_int_eq(physseg_unplug(t.map, 0, 10), 0);
	if (test_has(PHYSSEG_HOTPLUG))
		ck_assert_int_eq(physseg_plug(t.map, 1000, 50, 0, NULL), 0);
	test_map_fini(&t);
}
END_TEST

/* A map that never runs needs no memory of the host; one that runs goes as far
 * as its storage goes. */
START_TEST(test_no_allocator)
{
	int error = 0;

	begin(0);
	t.host.hooks = (struct physseg_host){ .alloc = NULL };
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 0, 90, 1, 80, 0, NULL), 0);
	ck_assert_int_eq(physseg_unplug(t.map, 0, 10), 0);
	test_map_switch(&t, 0);
	for (physseg_pfn_t i = 88; i > 11 && error == PHYSSEG_OK; i -= 2)
		error = physseg_unplug(t.map, i, 1);
	ck_assert_int_eq(
	    error, test_backend->bounded ? PHYSSEG_ENOSLOT : PHYSSEG_ENOMEM);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_user_host)
{
	struct physseg_config config = { .backend = test_backend,
		.host = physseg_host_user() };
	struct physseg_map *map;

	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("test_user_host", "no hot plug");
		return;
	}
	ck_assert_int_eq(physseg_create(&map, &config, NULL, 0), 0);
	for (physseg_pfn_t i = 0; i < 1000; i++)
		ck_assert_int_eq(physseg_plug(map, 2 * i, 1, 0, NULL), 0);
	ck_assert_ptr_null(physseg_check(map));
	physseg_destroy(map);
}
END_TEST

/* ---- texts ---- */

START_TEST(test_strerror)
{
	for (int e = 0; e < PHYSSEG_NERRORS; e++) {
		const char *text = physseg_strerror(e);

		ck_assert_ptr_nonnull(text);
		ck_assert_uint_gt(strlen(text), 5);
		ck_assert_int_ne(text[strlen(text) - 1], '.');
		for (int f = 0; f < e; f++)
			ck_assert_str_ne(text, physseg_strerror(f));
	}
	for (int e = 0; e < PHYSSEG_NERRORS; e++)
		ck_assert_str_ne(physseg_strerror(e), physseg_strerror(-1));
	for (int e = -2; e < 0; e++)
		ck_assert_uint_gt(strlen(physseg_strerror(e)), 5);
	ck_assert_str_eq(
	    physseg_strerror(PHYSSEG_NERRORS), physseg_strerror(-1));
	ck_assert_str_eq(physseg_strerror(1 << 30), physseg_strerror(-1));
	ck_assert_int_eq(PHYSSEG_OK, 0);
}
END_TEST

/* ---- the error contract ---- */

/* A call that must be refused. */
struct refusal {
	int (*call)(physseg_t handle);
	int error;
};

static physseg_pfn_t out_pfn;
static physseg_t out_handle;

#define PLUG(name, pfn, n, list)                                          \
	static int name(physseg_t h)                                      \
	{                                                                 \
		(void)h;                                                  \
		ck_assert_int_eq(physseg_plug_check(t.map, pfn, n, list), \
		    physseg_plug(t.map, pfn, n, list, &out_handle));      \
		return physseg_plug(t.map, pfn, n, list, NULL);           \
	}
#define UNPLUG(name, pfn, n)                          \
	static int name(physseg_t h)                  \
	{                                             \
		(void)h;                              \
		return physseg_unplug(t.map, pfn, n); \
	}
#define LOAD(name, start, end, as, ae, list)                       \
	static int name(physseg_t h)                               \
	{                                                          \
		(void)h;                                           \
		return physseg_load(                               \
		    t.map, start, end, as, ae, list, &out_handle); \
	}
#define CALL(name, call)             \
	static int name(physseg_t h) \
	{                            \
		(void)h;             \
		return call;         \
	}

/* The map is [100, 200), available [120, 180), list 2, below 10000. */
PLUG(plug_list, 300, 10, 4)
PLUG(plug_negative, 300, 10, -1)
PLUG(plug_none, 300, 0, 0)
PLUG(plug_none_beyond, 20000, 0, 0)
PLUG(plug_wrap, 300, PHYSSEG_NOFRAME - 100, 0)
PLUG(plug_wide, 9990, 11, 0)
PLUG(plug_beyond, 10000, 1, 0)
PLUG(plug_noframe, PHYSSEG_NOFRAME, 1, 0)
PLUG(plug_head, 90, 11, 0)
PLUG(plug_tail, 199, 10, 0)
PLUG(plug_same, 100, 100, 0)
PLUG(plug_within, 150, 1, 0)
PLUG(plug_around, 0, 1000, 0)
UNPLUG(unplug_none, 150, 0)
UNPLUG(unplug_unknown, 99, 1)
UNPLUG(unplug_unknown_end, 200, 1)
UNPLUG(unplug_unknown_span, 99, 10)
UNPLUG(unplug_span, 150, 51)
UNPLUG(unplug_far, 150, 5000)
UNPLUG(unplug_wrap, 150, PHYSSEG_NOFRAME - 100)
UNPLUG(unplug_beyond, 10000, 1)
UNPLUG(unplug_last, 100, 100)
LOAD(load_empty, 300, 300, 300, 300, 0)
LOAD(load_backwards, 300, 290, 290, 300, 0)
LOAD(load_list, 300, 310, 300, 310, 4)
LOAD(load_negative, 300, 310, 300, 310, -1)
LOAD(load_avail_low, 300, 310, 299, 310, 0)
LOAD(load_avail_high, 300, 310, 300, 311, 0)
LOAD(load_avail_backwards, 300, 310, 308, 302, 0)
LOAD(load_wide, 9990, 10001, 9990, 10001, 0)
LOAD(load_overlap, 190, 210, 190, 210, 0)
CALL(unload_none, physseg_unload(t.map, PHYSSEG_NONE, 2, &out_pfn))
CALL(
    unload_forged, physseg_unload(t.map, test_handle(UINTPTR_MAX), 2, &out_pfn))
CALL(unload_list, physseg_unload(t.map, h, 1, &out_pfn))
CALL(unload_inset, physseg_unload(t.map, h, 2, &out_pfn))
CALL(force_none, physseg_unload_force(t.map, PHYSSEG_NONE, 2, &out_pfn))
CALL(force_list, physseg_unload_force(t.map, h, 3, &out_pfn))
CALL(avail_none, physseg_set_avail(t.map, PHYSSEG_NONE, 120, 180))
CALL(avail_low, physseg_set_avail(t.map, h, 99, 180))
CALL(avail_high, physseg_set_avail(t.map, h, 120, 201))
CALL(avail_low_end, physseg_set_avail(t.map, h, 120, 99))
CALL(avail_high_start, physseg_set_avail(t.map, h, 201, 180))
CALL(hint_none, physseg_set_start_hint(t.map, PHYSSEG_NONE, 1))
CALL(
    hint_forged, physseg_set_start_hint(t.map, test_handle(UINTPTR_MAX - 7), 1))
CALL(switch_small, physseg_switch(t.map, &t, 99))
CALL(switch_null, physseg_switch(t.map, NULL, 100))
CALL(switch_wrap, physseg_switch(t.map, &t, SIZE_MAX / 2))
CALL(chomp_none, physseg_chomp_slab(t.map, PHYSSEG_NONE, &t, 9))
CALL(chomp_null, physseg_chomp_slab(t.map, h, NULL, 9))
CALL(chomp_no_pages, physseg_chomp_slab(t.map, h, &t, 0))
CALL(chomp_wrap, physseg_chomp_slab(t.map, h, &t, SIZE_MAX / PAGE + 1))

static void *out_pages;

CALL(part_none, physseg_alloc_from_slab(t.map, PHYSSEG_NONE, 9, &out_pages))
CALL(part_zero, physseg_alloc_from_slab(t.map, h, 0, &out_pages))
CALL(part_no_slab, physseg_alloc_from_slab(t.map, h, 1, &out_pages))
CALL(part_huge, physseg_alloc_from_slab(t.map, h, SIZE_MAX, &out_pages))
CALL(init_none, physseg_init_seg(t.map, PHYSSEG_NONE, &t))
CALL(init_null, physseg_init_seg(t.map, h, NULL))

static const struct refusal at_boot[] = { { plug_list, PHYSSEG_EINVAL },
	{ plug_negative, PHYSSEG_EINVAL }, { plug_none, PHYSSEG_EINVAL },
	{ plug_none_beyond, PHYSSEG_EINVAL }, { plug_wrap, PHYSSEG_ERANGE },
	{ plug_wide, PHYSSEG_ERANGE }, { plug_beyond, PHYSSEG_ERANGE },
	{ plug_noframe, PHYSSEG_ERANGE }, { plug_head, PHYSSEG_EOVERLAP },
	{ plug_tail, PHYSSEG_EOVERLAP }, { plug_same, PHYSSEG_EOVERLAP },
	{ plug_within, PHYSSEG_EOVERLAP }, { plug_around, PHYSSEG_EOVERLAP },
	{ unplug_none, PHYSSEG_EINVAL }, { unplug_unknown, PHYSSEG_ENOENT },
	{ unplug_unknown_end, PHYSSEG_ENOENT },
	{ unplug_unknown_span, PHYSSEG_ENOENT }, { unplug_span, PHYSSEG_ESPAN },
	{ unplug_far, PHYSSEG_ESPAN }, { unplug_wrap, PHYSSEG_ERANGE },
	{ unplug_beyond, PHYSSEG_ERANGE }, { unplug_last, PHYSSEG_ELAST },
	{ load_empty, PHYSSEG_EINVAL }, { load_backwards, PHYSSEG_EINVAL },
	{ load_list, PHYSSEG_EINVAL }, { load_negative, PHYSSEG_EINVAL },
	{ load_avail_low, PHYSSEG_EINVAL }, { load_avail_high, PHYSSEG_EINVAL },
	{ load_avail_backwards, PHYSSEG_EINVAL }, { load_wide, PHYSSEG_ERANGE },
	{ load_overlap, PHYSSEG_EOVERLAP }, { unload_none, PHYSSEG_ENOENT },
	{ unload_forged, PHYSSEG_ENOENT }, { unload_list, PHYSSEG_EINVAL },
	{ unload_inset, PHYSSEG_EEMPTY }, { force_none, PHYSSEG_ENOENT },
	{ force_list, PHYSSEG_EINVAL }, { avail_none, PHYSSEG_ENOENT },
	{ avail_low, PHYSSEG_EINVAL }, { avail_high, PHYSSEG_EINVAL },
	{ avail_low_end, PHYSSEG_EINVAL }, { avail_high_start, PHYSSEG_EINVAL },
	{ hint_none, PHYSSEG_ENOENT }, { hint_forged, PHYSSEG_ENOENT },
	{ switch_small, PHYSSEG_ESMALL }, { switch_null, PHYSSEG_EINVAL },
	{ switch_wrap, PHYSSEG_EINVAL }, { chomp_none, PHYSSEG_ENOENT },
	{ chomp_null, PHYSSEG_EINVAL }, { chomp_no_pages, PHYSSEG_EINVAL },
	{ chomp_wrap, PHYSSEG_EINVAL }, { part_none, PHYSSEG_ENOENT },
	{ part_zero, PHYSSEG_EINVAL }, { part_no_slab, PHYSSEG_ENOMEM },
	{ part_huge, PHYSSEG_ENOMEM }, { init_none, PHYSSEG_ENOENT },
	{ init_null, PHYSSEG_EINVAL } };

/* While running: what boot alone may do, and the same nonsense. */
CALL(late_load, physseg_load(t.map, 300, 310, 300, 310, 0, &out_handle))
CALL(late_unload, physseg_unload(t.map, h, 2, &out_pfn))
CALL(late_force, physseg_unload_force(t.map, h, 2, &out_pfn))
CALL(late_steal, physseg_steal(t.map, &out_pfn))
CALL(late_avail, physseg_set_avail(t.map, h, 130, 140))
CALL(late_switch, physseg_switch(t.map, &t, 100))
CALL(late_init, physseg_init_seg(t.map, h, t.pages))

static const struct refusal while_running[] = { { late_load, PHYSSEG_EPHASE },
	{ late_unload, PHYSSEG_EPHASE }, { late_force, PHYSSEG_EPHASE },
	{ late_steal, PHYSSEG_EPHASE }, { late_avail, PHYSSEG_EPHASE },
	{ late_switch, PHYSSEG_EPHASE }, { late_init, PHYSSEG_EINVAL },
	{ unplug_none, PHYSSEG_EINVAL }, { unplug_unknown, PHYSSEG_ENOENT },
	{ unplug_span, PHYSSEG_ESPAN }, { unplug_wrap, PHYSSEG_ERANGE },
	{ unplug_last, PHYSSEG_ELAST }, { hint_none, PHYSSEG_ENOENT },
	{ part_zero, PHYSSEG_EINVAL }, { part_no_slab, PHYSSEG_ENOMEM },
	{ chomp_null, PHYSSEG_EINVAL } };

static const struct refusal hotplug[] = { { plug_list, PHYSSEG_EINVAL },
	{ plug_negative, PHYSSEG_EINVAL }, { plug_none, PHYSSEG_EINVAL },
	{ plug_wrap, PHYSSEG_ERANGE }, { plug_wide, PHYSSEG_ERANGE },
	{ plug_beyond, PHYSSEG_ERANGE }, { plug_head, PHYSSEG_EOVERLAP },
	{ plug_tail, PHYSSEG_EOVERLAP }, { plug_around, PHYSSEG_EOVERLAP } };

static physseg_t
a_map(void)
{
	physseg_t h;

	begin(PAGE);
	t.config.frames = 10000;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 100, 200, 120, 180, 2, &h), 0);
	return h;
}

static void
refused(const struct refusal *r, size_t i, physseg_t h, int error)
{
	struct test_state state;
	int got;

	out_pfn = 77;
	out_handle = test_handle(78);
	out_pages = &t;
	test_state_save(&state, &t);
	got = r[i].call(h);
	ck_assert_msg(got == error, "refusal %zu: %s, not %s", i,
	    physseg_strerror(got), physseg_strerror(error));
	ck_assert(test_state_unchanged(&state, &t));
	ck_assert(
	    out_pfn == 77 && out_handle == test_handle(78) && out_pages == &t);
}

#define REFUSED(table, h)                                             \
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) \
	refused(table, i, h, (table)[i].error)

START_TEST(test_errors_at_boot)
{
	physseg_t h = a_map();

	REFUSED(at_boot, h);
	test_map_fini(&t);
}
END_TEST

START_TEST(test_errors_running)
{
	physseg_t h = a_map();

	test_map_switch(&t, 0);
	REFUSED(while_running, h);
	if (test_has(PHYSSEG_HOTPLUG)) {
		REFUSED(hotplug, h);
	} else
		for (size_t i = 0; i < sizeof(hotplug) / sizeof(hotplug[0]);
		     i++)
			refused(hotplug, i, h, PHYSSEG_ENOHOTPLUG);
	test_map_fini(&t);
}
END_TEST

/* A registry has no page structures to hand over. */
CALL(registry_switch, physseg_switch(t.map, &t, 100))
CALL(registry_switch_n, physseg_switch(t.map, NULL, 100))
CALL(registry_chomp, physseg_chomp_slab(t.map, h, &t, 100))
CALL(registry_init, physseg_init_seg(t.map, h, &t))

static const struct refusal in_registry[] = { { registry_switch,
						  PHYSSEG_EINVAL },
	{ registry_switch_n, PHYSSEG_EINVAL },
	{ registry_chomp, PHYSSEG_EINVAL }, { registry_init, PHYSSEG_EINVAL },
	{ part_no_slab, PHYSSEG_ENOMEM } };

START_TEST(test_errors_registry)
{
	physseg_t h;

	begin(0);
	test_map_boot(&t);
	ck_assert_int_eq(physseg_load(t.map, 100, 200, 120, 180, 2, &h), 0);
	REFUSED(in_registry, h);
	test_map_fini(&t);
}
END_TEST

/* An empty map has nothing to switch with, nothing to find or steal. */
START_TEST(test_empty_map)
{
	struct test_state state;
	struct physseg_info info;

	begin(PAGE);
	test_map_boot(&t);
	test_state_save(&state, &t);
	ck_assert_int_eq(physseg_switch(t.map, &t, 100), PHYSSEG_ENOENT);
	ck_assert_int_eq(physseg_steal(t.map, &out_pfn), PHYSSEG_EEMPTY);
	ck_assert_int_eq(physseg_unplug(t.map, 0, 1), PHYSSEG_ENOENT);
	ck_assert_ptr_eq(physseg_first(t.map), PHYSSEG_NONE);
	ck_assert_ptr_eq(physseg_last(t.map), PHYSSEG_NONE);
	ck_assert_ptr_eq(physseg_from(t.map, 0), PHYSSEG_NONE);
	ck_assert_uint_eq(physseg_highest_frame(t.map), PHYSSEG_NOFRAME);
	ck_assert_ptr_eq(physseg_find(t.map, 0, NULL), PHYSSEG_NONE);
	ck_assert_ptr_null(physseg_page(t.map, 0));
	for (uintptr_t bits = 0; bits < 100; bits++) {
		physseg_t h = test_handle(bits);

		ck_assert(!physseg_valid(t.map, h));
		ck_assert_int_eq(
		    physseg_get_info(t.map, h, &info), PHYSSEG_ENOENT);
	}
	ck_assert(test_state_unchanged(&state, &t));
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg");
	TCase *tc = tcase_create("life");

	tcase_add_test(tc, test_defaults);
	tcase_add_test(tc, test_defaults_are_numbers);
	tcase_add_loop_test(tc, test_bad_config, 0, NBAD);
	tcase_add_test(tc, test_storage_alignment);
	tcase_add_test(tc, test_storage_too_small);
	tcase_add_test(tc, test_largest);
	tcase_add_test(tc, test_storage_to_the_end);
	tcase_add_test(tc, test_storage_macro);
	tcase_add_test(tc, test_storage_static);
	tcase_add_test(tc, test_many_maps);
	tcase_add_test(tc, test_no_storage);
	tcase_add_test(tc, test_no_storage_no_memory);
	tcase_add_test(tc, test_destroy_null);
	tcase_add_test(tc, test_destroy);
	tcase_add_test(tc, test_least_host);
	tcase_add_test(tc, test_no_allocator);
	tcase_add_test(tc, test_user_host);
	suite_add_tcase(s, tc);
	tc = tcase_create("errors");
	tcase_add_test(tc, test_strerror);
	tcase_add_test(tc, test_errors_at_boot);
	tcase_add_test(tc, test_errors_running);
	tcase_add_test(tc, test_errors_registry);
	tcase_add_test(tc, test_empty_map);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
