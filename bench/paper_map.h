/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * paper_map.h -- the maps of the paper's experiments, and a clock around
 * lookups in them.
 */
#ifndef BENCH_PAPER_MAP_H
#define BENCH_PAPER_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include <physseg/physseg.h>

/* A map, and the right answers: of the frames [base, base + frames), whose
 * number is a power of two, the addresses of their page structures. */
struct paper_map {
	struct physseg_map *map; /* NULL: random() alone */
	physseg_pfn_t base;
	uint32_t frames;
	uintptr_t *answers; /* 0: not registered */
};

/*
 * Make them.  `static': 1 MiB at boot, in 32 segments of 8 pages, or in one
 * on a backend that holds only one.  `fragmented': 1 MiB at boot, then a hot
 * plug of `mib' MiB, of which at every 8th frame, from the 8th on, random() %
 * 7 + 1 go again.  Every frame's answer has been compared with what it must
 * be.  An error: this backend cannot; anything else that goes wrong ends the
 * program.
 */
int paper_map_static(struct paper_map *, const struct physseg_backend *);
int paper_map_fragmented(
    struct paper_map *, const struct physseg_backend *, unsigned mib);

/* No map at all: what drawing frames alone costs. */
void paper_map_none(struct paper_map *, uint32_t frames);

/* Which frames are asked for. */
struct paper_draw {
	bool faithful; /* by random() inside the loop, else before the clock */
	unsigned seed;
	unsigned long calls;
	uint32_t frames;
};

/* How often a draw asks for each of its frames; counts has room for them. */
void paper_count(const struct paper_draw *, uint32_t *counts);

/*
 * Seconds that the lookups of a draw take in a map; the sum of their answers
 * is compared with what `counts' makes of the right ones.  Negative: stop()
 * said so.
 */
double paper_clock(const struct paper_map *, const struct paper_draw *,
    const uint32_t *counts, bool (*stop)(void));

#endif /* BENCH_PAPER_MAP_H */
