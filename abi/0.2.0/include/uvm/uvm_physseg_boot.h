/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm_physseg_boot.h -- the switch, step by step, for a page layer that
 * runs it itself (uvm_page_init is all of it in one call):
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
 * These three only ask whether the segment exists: one that has no page
 * structures after the switch is not valid, and can still be given some.
 */
#ifndef UVM_UVM_PHYSSEG_BOOT_H
#define UVM_UVM_PHYSSEG_BOOT_H

#include <uvm/uvm_param.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Hand over an array of `npages' page structures, a slab: it stays the
 * caller's and serves until the next uvm_physseg_init.  Panics without a valid
 * segment or pages, and beyond the library's VM_BOOTSLAB_MAX arrays.
 */
PHYSSEG_API void uvm_physseg_seg_chomp_slab(
    uvm_physseg_t handle, struct vm_page *pages, size_t npages);

/*
 * Take `npages' page structures, zeroed, out of the slabs: a fresh one is
 * handed out from its start.  NULL: no slab has so many in one piece, or an
 * invalid handle (with DIAGNOSTIC a panic).  Panics for 0.
 */
PHYSSEG_API struct vm_page *uvm_physseg_seg_alloc_from_slab(
    uvm_physseg_t handle, size_t npages);

/*
 * Make `pages', zeroed and one for every frame, the segment's: phys_addr of
 * each is set, those of the available frames are counted and handed to
 * uvm_pagefree.  Panics for NULL, the second time, and for an invalid handle.
 */
PHYSSEG_API void uvm_physseg_init_seg(
    uvm_physseg_t handle, struct vm_page *pages);

/*
 * Build the backend's index of the segments now.  The switch does it, where
 * there is memory then, and else the next change that finds some; so this is
 * for a kernel whose allocator comes up after the switch.  False: there is no
 * memory yet.  Until it is built lookups search a sorted array.
 * O(segments); nothing if it is built.
 */
PHYSSEG_API bool uvm_physseg_build(void);

#ifdef __cplusplus
}
#endif

#include <uvm/uvm.h>

#endif /* UVM_UVM_PHYSSEG_BOOT_H */
