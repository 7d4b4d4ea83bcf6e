/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm_physseg_boot.h -- the switch in steps, for a page layer that runs it
 * itself.
 *
 * uvm_page_init does all of this in one call:
 *
 *	uvm_physseg_seg_chomp_slab(uvm_physseg_get_first(), pages, npages);
 *	for (h = uvm_physseg_get_first(); uvm_physseg_valid_p(h);
 *	    h = uvm_physseg_get_next(h)) {
 *		n = uvm_physseg_get_end(h) - uvm_physseg_get_start(h);
 *		uvm_physseg_seg_alloc_from_slab(h, n);
 *		uvm_physseg_init_seg(h, pages);
 *		pages += n;
 *	}
 *	uvm.page_init_done = true;
 *
 * These three functions require that the segment exists, not that its handle is
 * valid.  So a segment without page structures can still get some after the
 * switch.  All functions here change the map.
 */
#ifndef UVM_UVM_PHYSSEG_BOOT_H
#define UVM_UVM_PHYSSEG_BOOT_H

#include <uvm/uvm_param.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Hand over an array of `npages' page structures.  It becomes a slab.  It
 * belongs to the caller, and the map uses it until the next uvm_physseg_init.
 * Panics if there is no such segment, if there are no pages, if some of them
 * were handed over before, and if more arrays are handed over than the
 * library's VM_BOOTSLAB_MAX (after the switch: if there is no memory for more).
 */
PHYSSEG_API void uvm_physseg_seg_chomp_slab(
    uvm_physseg_t handle, struct vm_page *pages, size_t npages);

/*
 * Take `npages' page structures in one piece from a slab, zeroed.  A fresh slab
 * is used from its start.  Returns NULL if no slab has that many in one piece.
 * If there is no such segment, returns NULL, or panics if the library has
 * DIAGNOSTIC.  Panics if `npages' is 0.
 */
PHYSSEG_API struct vm_page *uvm_physseg_seg_alloc_from_slab(
    uvm_physseg_t handle, size_t npages);

/*
 * Give a segment its page structures: `pages', zeroed, one for each frame.  The
 * phys_addr of each is set.  The pages of the avail frames are counted and
 * passed to uvm_pagefree.  Panics if `pages' is NULL, if the segment has page
 * structures already, if these are not all free to be the segment's (see
 * physseg_init_seg), and if there is no such segment.
 */
PHYSSEG_API void uvm_physseg_init_seg(
    uvm_physseg_t handle, struct vm_page *pages);

/*
 * Build the backend's index of the segments now.  The switch builds it if there
 * is memory at that time; otherwise the next change that finds memory does.  So
 * this is for a kernel whose allocator starts only after the switch.  Until the
 * index is built, lookups search a sorted array.
 *
 * Returns true if the index is built, and does nothing more if it was.  Returns
 * false before the switch, and if there is no memory yet.  O(segments).
 */
PHYSSEG_API bool uvm_physseg_build(void);

#ifdef __cplusplus
}
#endif

#include <uvm/uvm.h>

#endif /* UVM_UVM_PHYSSEG_BOOT_H */
