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

#include "baseline/subject.h"

/*
 * What finds a page, and the right answers: of the frames [base, base +
 * frames), whose number is a power of two, the addresses of their page
 * structures.
 */
struct paper_map {
	int error; /* the subject cannot do this */
	void *(*page)(const void *index, physseg_pfn_t); /* NULL: random()
							  * alone */
	const void *index;
	physseg_pfn_t base;
	uint32_t frames;
	uintptr_t *answers; /* 0: not registered */
};

/*
 * Make it.  Of 0 MiB: 1 MiB at boot, in 32 segments of 8 pages, or in one on a
 * backend that holds only one.  Else 1 MiB at boot, then a hot plug of `mib'
 * MiB, of which at every 8th frame, from the 8th on, random() % 7 + 1 pages go
 * again.  A foreign subject gets the segments that this leaves on another
 * backend.  Every frame's answer has been compared with what it must be; what
 * goes wrong but for the error ends the program.
 */
void paper_map_make(struct paper_map *, const struct subject *, unsigned mib);

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
 * is compared with what `counts' makes of the right ones.  Negative: it was
 * interrupted.
 */
double paper_clock(const struct paper_map *, const struct paper_draw *,
    const uint32_t *counts);

#endif /* BENCH_PAPER_MAP_H */
