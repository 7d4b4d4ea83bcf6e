/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * support.c -- what every benchmark needs.
 */

#include <stdio.h>
#include <stdlib.h>

#include "options.h"
#include "support.h"

#define QUICK 100000
#define FULL  1000000

const char *const order_names[3] = { "ascending", "descending", "random" };

void *
must(void *mem)
{
	if (mem == NULL) {
		fprintf(stderr, "bench: no memory\n");
		exit(EXIT_FAILURE);
	}
	return mem;
}

void
must_be_ok(int error)
{
	if (error != PHYSSEG_OK) {
		fprintf(stderr, "bench: %s\n", physseg_strerror(error));
		exit(EXIT_FAILURE);
	}
}

/* What calloc returned lies in the word before. */
void *
zeroed(size_t size)
{
	char *mem = must(calloc(1, size + 2 * PHYSSEG_ALIGN));
	char *aligned =
	    mem + 2 * PHYSSEG_ALIGN - (uintptr_t)mem % PHYSSEG_ALIGN;

	((void **)(void *)aligned)[-1] = mem;
	return aligned;
}

void
zeroed_free(void *mem)
{
	if (mem != NULL)
		free(((void **)mem)[-1]);
}

/* splitmix64 */
uint64_t
random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint32_t *
ordered(size_t n, enum order order)
{
	uint32_t *list = must(malloc(n * sizeof(list[0])));
	uint64_t state = 1;

	for (size_t i = 0; i < n; i++)
		list[i] = (uint32_t)(order == DESCENDING ? n - 1 - i : i);
	for (size_t i = n; order == RANDOM && i > 1; i--) {
		const size_t other = random_next(&state) % i;
		const uint32_t was = list[other];

		list[other] = list[i - 1];
		list[i - 1] = was;
	}
	return list;
}

size_t
size_most(const struct options *options)
{
	if (options->max != 0)
		return options->max < FULL ? options->max : FULL;
	return options->full ? FULL : QUICK;
}

const size_t *
sizes(const struct options *options)
{
	static const size_t all[] = { 1, 2, 32, 1000, 10000, QUICK, FULL };
	static size_t some[sizeof(all) / sizeof(all[0]) + 1];
	const size_t most = size_most(options);
	size_t n = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] <= most)
			some[n++] = all[i];
	some[n] = 0;
	return some;
}

static void *
count_alloc(void *ctx, size_t size)
{
	struct count *count = ctx;

	if (count->refuses)
		return NULL;
	count->calls++;
	count->bytes += size;
	if (count->bytes > count->most)
		count->most = count->bytes;
	return calloc(1, size);
}

static void
count_free(void *ctx, void *mem, size_t size)
{
	struct count *count = ctx;

	count->bytes -= size;
	free(mem);
}

static void
nothing_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	(void)page;
	(void)pfn;
}

static void
frame_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	*(physseg_pfn_t *)page = pfn;
}

static physseg_pfn_t
frame_of(void *ctx, const void *page)
{
	(void)ctx;
	return *(const physseg_pfn_t *)page;
}

static void
stop(void *ctx, const char *reason)
{
	(void)ctx;
	fprintf(stderr, "bench: %s\n", reason);
	abort();
}

static void *
plain_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return calloc(1, size);
}

static void
plain_free(void *ctx, void *mem, size_t size)
{
	(void)ctx;
	(void)size;
	free(mem);
}

const struct physseg_host counting_host = {
	.alloc = count_alloc,
	.free = count_free,
	.panic = stop,
	.page_init = nothing_init,
	.page_frame = frame_of,
};

const struct physseg_host frame_host = {
	.alloc = plain_alloc,
	.free = plain_free,
	.panic = stop,
	.page_init = frame_init,
	.page_frame = frame_of,
};
