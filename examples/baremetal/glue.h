/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * glue.h -- what this kernel asks of libphysseg, whichever face it goes by.
 */
#ifndef GLUE_H
#define GLUE_H

#include "kernel.h"

/* Boot, in this order: an empty map; all of the firmware's memory map; the
 * switch, for which the page structures' memory is stolen from it, *stolen. */
void glue_init(void);
int glue_load(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout,
    struct physseg_memmap_reason *reason);
void glue_switch(struct range *stolen);

/* The page structure of a frame, NULL: none; the frame of a page structure. */
struct vm_page *glue_page(uint64_t frame);
uint64_t glue_frame(const struct vm_page *pg);

/* Memory comes and goes, in frames.  NULL, or why it cannot.  Its page
 * structures lie in the range itself, if the face can do that and the range is
 * larger than memory at boot.  What is in use is moved first: *moved pages. */
const char *glue_plug(uint64_t frame, uint64_t n);
const char *glue_unplug(uint64_t frame, uint64_t n, uint64_t *moved);

/* Show the map; name its backend. */
void glue_dump(void);
const char *glue_backend(void);

#endif /* GLUE_H */
