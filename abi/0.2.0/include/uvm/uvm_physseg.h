/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm_physseg.h -- NetBSD's interface to the segments of physical memory,
 * on one map, the program's; physseg/physseg.h has the interface for many.
 *
 * Frames (a paddr_t that counts pages) go in and come out here.  Ranges are
 * half-open.  Nothing locks: the caller does, around the calls that change the
 * map and those that run beside them.
 */
#ifndef UVM_UVM_PHYSSEG_H
#define UVM_UVM_PHYSSEG_H

#include <uvm/uvm_param.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The integrator's own data of a segment, see uvm_physseg_get_pmseg.  As on
 * NetBSD, who defines __HAVE_PMAP_PHYSSEG defines it too, before
 * uvm_physseg_init is called; at most the library's VM_PMSEG_SIZE bytes.
 */
#ifndef __HAVE_PMAP_PHYSSEG
#define __HAVE_PMAP_PHYSSEG
struct pmap_physseg {
	void *pmap_data;
};
#endif

/*
 * Empty the map; what it held is released.  May be called again, but not from
 * inside a hook, and need not be called by a program without a struct vm_page
 * of its own.  Touches none of uvm, uvmexp, physmem.  As a call it tells the
 * library the caller's structures and constants; through a pointer, the
 * library's own are taken.
 */
PHYSSEG_API void uvm_physseg_init(void);

/* What it tells: sizes in bytes, and where fields are.  New fields are added at
 * the end; what a program compiled earlier does not tell is the library's. */
struct uvm_physseg_program {
	size_t size; /* of this structure */
	size_t paddr_size;
	size_t page_size;      /* of struct vm_page */
	size_t page_phys_addr; /* where phys_addr is in that */
	size_t pmseg_size;     /* of struct pmap_physseg */
	size_t uvm_size;       /* of struct uvm */
	size_t uvm_page_init_done;
	size_t uvmexp_size; /* of struct uvmexp */
	size_t uvmexp_pagesize;
	size_t uvmexp_npages;
	size_t npages_size; /* of that field */
	int page_shift;	    /* the program's constants */
	int segment_max;
	int nfreelist;
	int freelist;
};
PHYSSEG_API void uvm_physseg_init_program(
    const struct uvm_physseg_program *program);

/* The call, whether or not the declaration is repeated after this macro: what
 * stands in the parentheses selects one of the two below. */
#define uvm_physseg_init(...) UVM_PHYSSEG_INIT_##__VA_ARGS__
#define UVM_PHYSSEG_INIT_void (uvm_physseg_init)(void)
#define UVM_PHYSSEG_INIT_                                                     \
	uvm_physseg_init_of_(sizeof(struct vm_page),                          \
	    offsetof(struct vm_page, phys_addr), sizeof(struct pmap_physseg), \
	    sizeof(struct uvm), offsetof(struct uvm, page_init_done),         \
	    sizeof(struct uvmexp), offsetof(struct uvmexp, pagesize),         \
	    offsetof(struct uvmexp, npages),                                  \
	    sizeof(((struct uvmexp *)0)->npages))

/* A function, for C++ has no structures without a name; what may be defined
 * later than here is passed. */
static inline void
uvm_physseg_init_of_(size_t page_size, size_t page_phys_addr, size_t pmseg_size,
    size_t uvm_size, size_t uvm_page_init_done, size_t uvmexp_size,
    size_t uvmexp_pagesize, size_t uvmexp_npages, size_t npages_size)
{
	const struct uvm_physseg_program program = { sizeof(program),
		sizeof(paddr_t), page_size, page_phys_addr, pmseg_size,
		uvm_size, uvm_page_init_done, uvmexp_size, uvmexp_pagesize,
		uvmexp_npages, npages_size, PAGE_SHIFT, VM_PHYSSEG_MAX,
		VM_NFREELIST, VM_FREELIST_DEFAULT };

	uvm_physseg_init_program(&program);
}

/* ---- plug and unplug ---- */

/*
 * Register frames [pfn, pfn + n), all available, on the default free list.
 * After the switch they get page structures, and in this order: can be found,
 * are in uvmexp.npages and physmem, *handle (may be NULL) is set, each goes to
 * uvm_pagefree, uvmpdpol_reinit.  False, nothing changed, *handle invalid: n
 * is 0, the range leaves the address width or overlaps, no room, no memory,
 * inside a hook.  Panics after the switch on an array backend.
 */
PHYSSEG_API bool uvm_physseg_plug(paddr_t pfn, size_t n, uvm_physseg_t *handle);

/*
 * Forget frames [pfn, pfn + n), which lie in one segment; in use or not.  The
 * segment's handle stays with what is left in front.  False, nothing changed:
 * no such range, no memory, inside a hook.  Panics for the last page of the
 * only segment, and in the middle of a segment of a full array.
 */
PHYSSEG_API bool uvm_physseg_unplug(paddr_t pfn, size_t n);

/* ---- finding and walking ---- */

/* The segment that contains a frame, and in *offset (may be NULL) the frames
 * before it there; else the invalid handle, *offset untouched. */
PHYSSEG_API uvm_physseg_t uvm_physseg_find(paddr_t pfn, psize_t *offset);

/* In the backend's order; the invalid handle at the end, on an empty map, and
 * of an invalid handle. */
PHYSSEG_API uvm_physseg_t uvm_physseg_get_first(void);
PHYSSEG_API uvm_physseg_t uvm_physseg_get_last(void);
PHYSSEG_API uvm_physseg_t uvm_physseg_get_next(uvm_physseg_t handle);
PHYSSEG_API uvm_physseg_t uvm_physseg_get_prev(uvm_physseg_t handle);

/* The greatest registered frame; (paddr_t)-1 on an empty map. */
PHYSSEG_API paddr_t uvm_physseg_get_highest_frame(void);

/* ---- a segment's attributes; any bit pattern may be passed ---- */

/* Does it name a live segment, after the switch (uvm.page_init_done, as it is
 * now) one with page structures?  Two spellings.  All that follow, and next and
 * prev, ask this first: to them any other handle is of no segment. */
PHYSSEG_API bool uvm_physseg_valid_p(uvm_physseg_t handle);
PHYSSEG_API bool uvm_physseg_valid(uvm_physseg_t handle);

/* Its frames, and those that may be allocated; (paddr_t)-1: no segment. */
PHYSSEG_API paddr_t uvm_physseg_get_start(uvm_physseg_t handle);
PHYSSEG_API paddr_t uvm_physseg_get_end(uvm_physseg_t handle);
PHYSSEG_API paddr_t uvm_physseg_get_avail_start(uvm_physseg_t handle);
PHYSSEG_API paddr_t uvm_physseg_get_avail_end(uvm_physseg_t handle);

/* Boot only, within the segment; else nothing, with DIAGNOSTIC a panic. */
PHYSSEG_API void uvm_physseg_set_avail_start(
    uvm_physseg_t handle, paddr_t avail_start);
PHYSSEG_API void uvm_physseg_set_avail_end(
    uvm_physseg_t handle, paddr_t avail_end);

/*
 * Of no segment, and of a page past the end: NULL, VM_FREELIST_DEFAULT, 0;
 * with DIAGNOSTIC a panic.
 */

/* The page structure of frame start + index; NULL before the switch. */
PHYSSEG_API struct vm_page *uvm_physseg_get_pg(
    uvm_physseg_t handle, paddr_t index);

/* The integrator's data: zeroed at plug, copied to a split-off tail, lives as
 * long as the segment. */
PHYSSEG_API struct pmap_physseg *uvm_physseg_get_pmseg(uvm_physseg_t handle);

PHYSSEG_API int uvm_physseg_get_free_list(uvm_physseg_t handle);

/* Where the page layer scans first, in frames from the start of the available
 * range; false: no segment. */
PHYSSEG_API u_long uvm_physseg_get_start_hint(uvm_physseg_t handle);
PHYSSEG_API bool uvm_physseg_set_start_hint(uvm_physseg_t handle, u_long hint);

#ifdef __cplusplus
}
#endif

#include <uvm/uvm.h>

#endif /* UVM_UVM_PHYSSEG_H */
