/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * sizes.c -- the figures of docs/porting.md that a program can count:
 * scripts/sizes.sh compiles and runs it.
 *
 *	sizes storage	bytes of boot storage
 *	sizes memory	bytes taken from the host
 *	sizes asked	which sizes `alloc' is asked for
 *	sizes stack	the deepest stack, per backend and call
 */
#define _XOPEN_SOURCE 600 /* makecontext */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <physseg/physseg.h>

#define PAGE_SIZE 4096
#define PAGE	  64 /* bytes of a page structure */

static const struct physseg_backend *(*const backends[])(void) = {
	physseg_backend_radix,
	physseg_backend_rbtree,
	physseg_backend_array_bsearch,
	physseg_backend_array_random,
	physseg_backend_array_bigfirst,
	physseg_backend_array_contig,
};

#define NBACKENDS (sizeof(backends) / sizeof(backends[0]))

static void
must(int error)
{
	if (error == PHYSSEG_OK)
		return;
	fprintf(stderr, "sizes: %s\n", physseg_strerror(error));
	exit(1);
}

static bool
plugs(const struct physseg_backend *backend)
{
	return (backend->capabilities & PHYSSEG_HOTPLUG) != 0;
}

/* ---- a host that notes what it is asked for ---- */

#define SIZES 32

static struct {
	size_t size;
	unsigned times;
} asked[SIZES];
static unsigned nasked;

static void
note(size_t size)
{
	unsigned i;

	for (i = 0; i < nasked && asked[i].size != size; i++)
		continue;
	if (i == SIZES)
		exit(1);
	if (i == nasked)
		nasked++;
	asked[i].size = size;
	asked[i].times++;
}

static void *
host_alloc(void *ctx, size_t size)
{
	(void)ctx;
	note(size);
	return calloc(1, size);
}

static void
host_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)size;
	free(p);
}

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

/* Memory that is never used again, by a function without a deep stack. */
static void *
pool_alloc(void *ctx, size_t size)
{
	static _Alignas(64) unsigned char pool[64 << 20];
	static size_t used;
	void *p = pool + used;

	(void)ctx;
	size = (size + 63) / 64 * 64;
	if (size > sizeof(pool) - used)
		return NULL;
	used += size;
	return p;
}

static void
pool_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)p;
	(void)size;
}

static const struct physseg_host host = {
	.alloc = host_alloc,
	.free = host_free,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
};

static const struct physseg_host pool_host = {
	.alloc = pool_alloc,
	.free = pool_free,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
};

/* ---- storage ---- */

static size_t
storage_size(const struct physseg_backend *backend, size_t segments)
{
	const struct physseg_config config = { .backend = backend,
		.host = &host,
		.page_size = PAGE,
		.capacity = segments,
		.boot_records = segments };

	return physseg_storage_size(&config);
}

static void
storage(void)
{
	size_t i;

	printf("| backend | 32 segments | each segment more |\n");
	printf("| --- | --- | --- |\n");
	for (i = 0; i < NBACKENDS; i++) {
		const struct physseg_backend *b = backends[i]();

		printf("| `%s` | %zu | ", b->name, storage_size(b, 32));
		if (b->max_segments == 1)
			printf("- |\n");
		else
			printf("%zu |\n",
			    (storage_size(b, 1056) - storage_size(b, 32)) /
				1024);
	}
	printf("| the constant `PHYSSEG_STORAGE_SIZE` | %zu | %zu |\n",
	    PHYSSEG_STORAGE_SIZE(32, 1, 0),
	    (PHYSSEG_STORAGE_SIZE(1056, 1, 0) -
		PHYSSEG_STORAGE_SIZE(32, 1, 0)) /
		1024);
}

/* ---- memory ---- */

static struct physseg_map *
registry(const struct physseg_backend *backend)
{
	const struct physseg_config config = { .backend = backend,
		.host = &host };
	struct physseg_map *map;

	must(physseg_create(&map, &config, NULL, 0));
	return map;
}

static size_t
host_bytes(const struct physseg_map *map)
{
	struct physseg_stats stats;

	physseg_get_stats(map, &stats);
	return stats.host_bytes;
}

/* Bytes of a registry of `n' segments of `length' frames, a length apart. */
static size_t
registry_bytes(
    const struct physseg_backend *backend, size_t n, physseg_pfn_t length)
{
	struct physseg_map *map = registry(backend);
	size_t i, bytes;

	for (i = 0; i < n; i++)
		must(physseg_plug(map, i * 2 * length, length, 0, NULL));
	bytes = host_bytes(map);
	physseg_destroy(map);
	return bytes;
}

static void
memory(void)
{
	static const physseg_pfn_t lengths[] = { 8, 256, 32768 };
	size_t i, j;

	printf("| backend | segments of | empty map | with 1 segment | with "
	       "64 | each of 10000 |\n");
	printf("| --- | --- | --- | --- | --- | --- |\n");
	for (i = 0; i < NBACKENDS; i++) {
		const struct physseg_backend *b = backends[i]();

		if (!plugs(b))
			continue;
		for (j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++)
			printf("| `%s` | %d frames | %zu | %zu | %zu | %zu "
			       "|\n",
			    b->name, (int)lengths[j],
			    registry_bytes(b, 0, lengths[j]),
			    registry_bytes(b, 1, lengths[j]),
			    registry_bytes(b, 64, lengths[j]),
			    registry_bytes(b, 10000, lengths[j]) / 10000);
	}
}

/* ---- the sizes that are asked for ---- */

static void
asked_row(const struct physseg_backend *backend, const char *when)
{
	unsigned i;

	printf("| `%s` | %s | ", backend->name, when);
	for (i = 0; i < nasked; i++) {
		if (asked[i].times > 1)
			printf("%s%zu (%u times)", i > 0 ? ", " : "",
			    asked[i].size, asked[i].times);
		else
			printf("%s%zu", i > 0 ? ", " : "", asked[i].size);
	}
	printf("%s |\n", nasked == 0 ? "nothing" : "");
	memset(asked, 0, sizeof(asked));
	nasked = 0;
}

static void
asked_of(const struct physseg_backend *backend)
{
	const struct physseg_config config = {
		.backend = backend, .host = &host, .page_size = PAGE
	};
	const size_t size = physseg_storage_size(&config);
	void *memory = malloc(size), *pages = calloc(1024, PAGE);
	struct physseg_map *map;
	physseg_pfn_t i;

	must(physseg_create(&map, &config, memory, size));
	must(physseg_load(map, 0, 1024, 0, 1024, 0, NULL));
	must(physseg_switch(map, pages, 1024));
	asked_row(backend, "boot and the switch");
	for (i = 1; plugs(backend) && i <= 31; i++)
		must(physseg_plug(map, i << 20, 1, 0, NULL));
	if (plugs(backend)) {
		asked_row(backend, "plug 31 segments of one page");
		must(physseg_plug(map, (physseg_pfn_t)32 << 20, 1, 0, NULL));
		asked_row(backend, "plug one more");
		must(
		    physseg_plug(map, (physseg_pfn_t)33 << 20, 32768, 0, NULL));
		asked_row(backend, "plug 32768 pages in one piece");
		for (i = 9; i < 109; i += 2)
			must(physseg_unplug(
			    map, ((physseg_pfn_t)33 << 20) + i, 1));
		asked_row(backend, "unplug 50 single pages in their middle");
	} else {
		must(physseg_unplug(map, 1023, 1));
		asked_row(backend, "unplug a page at the end");
	}
	physseg_destroy(map);
	free(memory);
	free(pages);
}

static void
sizes_asked(void)
{
	size_t i;

	printf("| backend | when | bytes in one call of `alloc` |\n");
	printf("| --- | --- | --- |\n");
	for (i = 0; i < 3; i++) /* the other arrays are as this one */
		asked_of(backends[i]());
}

/* ---- the stack ---- */

#define STACK (1024 * 1024)
#define PAINT 0xa5

static struct physseg_map *map;
static void *boot_memory, *boot_pages;
static size_t boot_size;
static const struct physseg_backend *backend;

static void
call_nothing(void)
{
}

static void
call_boot(void)
{
	const struct physseg_config config = {
		.backend = backend, .host = &pool_host, .page_size = PAGE
	};

	must(physseg_create(&map, &config, boot_memory, boot_size));
	must(physseg_load(map, 0, 1024, 0, 1024, 0, NULL));
	must(physseg_unplug(map, 1000, 24));
}

static void
call_switch(void)
{
	must(physseg_switch(map, boot_pages, 1024));
}

/* Of the front, the back, the middle. */
static void
call_unplug(void)
{
	must(physseg_unplug(map, 0, 1));
	must(physseg_unplug(map, 999, 1));
	if (backend->max_segments != 1)
		must(physseg_unplug(map, 500, 1));
}

static void
call_plug(void)
{
	physseg_pfn_t i;

	for (i = 1; i < 100; i++)
		must(physseg_plug(map, i << 30, 5000, 0, NULL));
}

static void
call_lookup(void)
{
	physseg_pfn_t i;

	for (i = 0; i < 2000; i++) {
		(void)physseg_page(map, i << 20);
		(void)physseg_find(map, i << 20, NULL);
	}
}

/* Bytes of a stack of its own that running `call' writes to. */
static size_t
stack_of(void (*call)(void))
{
	static _Alignas(64) unsigned char stack[STACK];
	static ucontext_t here, there;
	size_t i;

	memset(stack, PAINT, sizeof(stack));
	if (getcontext(&there) != 0)
		exit(1);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = sizeof(stack);
	there.uc_link = &here;
	makecontext(&there, call, 0);
	if (swapcontext(&here, &there) != 0)
		exit(1);
	for (i = 0; i < sizeof(stack) && stack[i] == PAINT; i++)
		continue;
	return sizeof(stack) - i;
}

static void
stack_row(void)
{
	static void (*const calls[])(void) = { call_boot, call_switch,
		call_lookup, call_unplug, call_plug };
	const struct physseg_config config = {
		.backend = backend, .host = &pool_host, .page_size = PAGE
	};
	const size_t none = stack_of(call_nothing);
	const size_t n =
	    sizeof(calls) / sizeof(calls[0]) - (plugs(backend) ? 0 : 1);
	size_t i;

	boot_size = physseg_storage_size(&config);
	boot_memory = malloc(boot_size);
	boot_pages = calloc(1024, PAGE);
	printf("| `%s` |", backend->name);
	for (i = 0; i < n; i++)
		printf(" %zu |", stack_of(calls[i]) - none);
	printf("%s\n", plugs(backend) ? "" : " - |");
	physseg_destroy(map);
	free(boot_memory);
	free(boot_pages);
}

static void
stack(void)
{
	size_t i;

	(void)stack_of(call_nothing); /* what is done once */
	printf("| backend | boot | switch | lookup | unplug | plug |\n");
	printf("| --- | --- | --- | --- | --- | --- |\n");
	for (i = 0; i < 3; i++) { /* the other arrays are as this one */
		backend = backends[i]();
		stack_row();
	}
}

static const struct {
	const char *name;
	void (*print)(void);
} tables[] = {
	{ "storage", storage },
	{ "memory", memory },
	{ "asked", sizes_asked },
	{ "stack", stack },
};

int
main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc == 2 && i < sizeof(tables) / sizeof(tables[0]); i++)
		if (strcmp(argv[1], tables[i].name) == 0) {
			tables[i].print();
			return fflush(stdout) != 0;
		}
	fprintf(stderr, "usage: sizes storage|memory|asked|stack\n");
	return 2;
}
