/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/model/model.h -- what a map must be, kept so plainly that it is right:
 * for every frame of a window which segment has it, whether it is available and
 * whether it is counted.  Bounds, sizes and sums are counted out of that.
 *
 * Every operation answers what the map must answer; with `apply' it also does
 * to the model what it must do to the map, and logs the hooks' calls.  All of
 * it without a look at the map.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include "support.h"

#define MODEL_FRAMES 1024
#define MODEL_DATA   24

/* A segment's attributes, and its bounds as they were counted last. */
struct model_seg {
	bool live;
	bool pages; /* it has page structures */
	int free_list;
	unsigned long hint;
	unsigned long born; /* the how-many-eth segment it is */
	unsigned char data[MODEL_DATA];
	physseg_t handle; /* what the map calls it */

	physseg_pfn_t start, end, avail_start, avail_end, counted;
};

struct model {
	unsigned capabilities; /* of the backend */
	size_t capacity;       /* 0: unbounded */
	size_t boot_records;   /* left, where unbounded */
	size_t boot_slabs;     /* left */
	physseg_pfn_t base;    /* the window: [base, limit) */
	physseg_pfn_t limit;
	int freelists;
	size_t page_size;
	bool may_empty;
	bool running;

	unsigned short seg[MODEL_FRAMES]; /* index into segs; 0: none */
	bool avail[MODEL_FRAMES];
	bool counted[MODEL_FRAMES];

	struct model_seg segs[MODEL_FRAMES + 1];
	unsigned short order[MODEL_FRAMES]; /* the backend's */
	unsigned short ascending[MODEL_FRAMES];
	size_t nsegs;
	unsigned long births;
	physseg_pfn_t nframes, ncounted, npages;
	size_t slabs; /* the caller's */

	struct test_host expected; /* whose log it is */
};

/* An empty map of this configuration, in the boot phase or running. */
void model_init(struct model *m, const struct physseg_config *config,
    physseg_pfn_t base, bool running);
void model_fini(struct model *m);

/* The segment of a frame, NULL: none. */
struct model_seg *model_at(struct model *m, physseg_pfn_t pfn);

/* The operations; `seg' may be NULL, for a handle that names nothing. */
int model_load(struct model *m, physseg_pfn_t start, physseg_pfn_t end,
    physseg_pfn_t avail_start, physseg_pfn_t avail_end, int free_list,
    bool apply);
int model_plug(struct model *m, physseg_pfn_t pfn, physseg_pfn_t n,
    int free_list, bool apply);
int model_unplug(
    struct model *m, physseg_pfn_t pfn, physseg_pfn_t n, bool apply);
int model_unload(struct model *m, struct model_seg *seg, int free_list,
    bool force, physseg_pfn_t *pfn, bool apply);
int model_steal(struct model *m, physseg_pfn_t *pfn, bool apply);
int model_set_avail(struct model *m, struct model_seg *seg,
    physseg_pfn_t avail_start, physseg_pfn_t avail_end, bool apply);
int model_set_hint(
    struct model *m, struct model_seg *seg, unsigned long hint, bool apply);
int model_chomp(
    struct model *m, const struct model_seg *seg, size_t npages, bool apply);
int model_init_seg(
    struct model *m, struct model_seg *seg, bool own_array, bool apply);
int model_switch(struct model *m, size_t npages, bool apply);

#endif /* TESTS_MODEL_H */
