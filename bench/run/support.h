/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * support.h -- memory, random numbers, and a host that counts.
 */
#ifndef BENCH_SUPPORT_H
#define BENCH_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/physseg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is measured lies so: segments of 8 pages, gaps of 8. */
#define SEGMENT_PAGES  8u
#define SEGMENT_STRIDE 16u    /* frames from one start to the next */
#define PAGE_BYTES     32u    /* of a page structure */
#define LARGE_PAGES    16384u /* of a large segment: 64 MiB */

/* The memory, or the end of the program. */
void *must(void *mem);

/* Zeroed; for an index.  Free with zeroed_free. */
void *zeroed(size_t size);
void zeroed_free(void *mem);

/* End the program for a call that cannot fail here, and does. */
void must_be_ok(int error);

/* A sequence that is the same in every run. */
uint64_t random_next(uint64_t *state);

/* 0 to n - 1 in an order; must be freed. */
enum order { ASCENDING, DESCENDING, RANDOM };
extern const char *const order_names[3];
uint32_t *ordered(size_t n, enum order order);

/* How many segments to measure at most; and all numbers of them, ending with
 * 0. */
struct options;
size_t size_most(const struct options *options);
const size_t *sizes(const struct options *options);

/* A host that counts what a map takes, ctx is the count; and with page
 * structures that nobody initialises. */
struct count {
	size_t bytes; /* taken and not given back */
	size_t most;
	size_t calls; /* of alloc */
	bool refuses; /* to give memory */
};
extern const struct physseg_host counting_host;

/* As for `host', `ctx' is not used: pages whose structure holds the frame. */
extern const struct physseg_host frame_host;

#ifdef __cplusplus
}
#endif
#endif /* BENCH_SUPPORT_H */
