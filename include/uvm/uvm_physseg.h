/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm_physseg.h -- NetBSD's interface to the segments of physical memory.
 *
 * It works on one map, the program's.  physseg/physseg.h explains the words
 * (segment, frame, avail frames, slab) and has the interface for many
 * maps.
 *
 * UNITS.  In this header a paddr_t is a frame number or a number of frames.
 * Ranges are half-open: [start, end) ends before `end'.
 *
 * LOCKING.  The caller locks, around each call that changes the map and around
 * the calls that could run at the same time.  If uvm_physseg_host returns a
 * table with `lock', `unlock' or `sync', the library uses them as
 * physseg/physseg.h says.
 */
#ifndef UVM_UVM_PHYSSEG_H
#define UVM_UVM_PHYSSEG_H

#include <uvm/uvm_param.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The integrator's own data in each segment, see uvm_physseg_get_pmseg.  As in
 * NetBSD, define __HAVE_PMAP_PHYSSEG to use another structure.  Define that
 * structure before the place where uvm_physseg_init is called.  It may have at
 * most VM_PMSEG_SIZE bytes, as the library was built.
 */
#ifndef __HAVE_PMAP_PHYSSEG
#define __HAVE_PMAP_PHYSSEG
struct pmap_physseg {
	void *pmap_data;
};
#endif

/*
 * Start with an empty map.  If there was one already, all that it held is given
 * back first.  Must not be called from inside a hook.  It changes none of uvm,
 * uvmexp and physmem.
 *
 * A program that defines its own struct vm_page must call this before it
 * registers memory.  Another program need not: the first call that changes the
 * map makes it.
 *
 * uvm_physseg_init() is a macro, which tells the library the caller's
 * structures and constants.  Panics if they do not fit the library as it was
 * built, see uvm_param.h and uvm_extern.h.  A call through a pointer to the
 * function tells it nothing; the library then uses its own structures and
 * constants.
 */
PHYSSEG_API void uvm_physseg_init(void);

/*
 * What uvm_physseg_init tells the library: sizes and offsets of fields, in
 * bytes, and constants.  Later releases may add fields at the end.  Where a
 * program that was compiled earlier has no field, the library's own value
 * counts.
 */
struct uvm_physseg_program {
	size_t size; /* of this structure */
	size_t paddr_size;
	size_t page_size;      /* of struct vm_page */
	size_t page_phys_addr; /* the offset of phys_addr in it */
	size_t pmseg_size;     /* of struct pmap_physseg */
	size_t uvm_size;       /* of struct uvm */
	size_t uvm_page_init_done;
	size_t uvmexp_size; /* of struct uvmexp */
	size_t uvmexp_pagesize;
	size_t uvmexp_npages;
	size_t npages_size; /* of the field npages */
	int page_shift;	    /* the program's constants */
	int segment_max;
	int nfreelist;
	int freelist;
};
PHYSSEG_API void uvm_physseg_init_program(
    const struct uvm_physseg_program *program);

/*
 * uvm_physseg_init as a macro.  The text in the parentheses selects one of the
 * two macros below.  For `()' that is the call.  For `(void)' it is the
 * declaration, so that a program may repeat the declaration after this header.
 */
#define uvm_physseg_init(...) UVM_PHYSSEG_INIT_##__VA_ARGS__
#define UVM_PHYSSEG_INIT_void (uvm_physseg_init)(void)
#define UVM_PHYSSEG_INIT_                                                     \
	uvm_physseg_init_of_(sizeof(struct vm_page),                          \
	    offsetof(struct vm_page, phys_addr), sizeof(struct pmap_physseg), \
	    sizeof(struct uvm), offsetof(struct uvm, page_init_done),         \
	    sizeof(struct uvmexp), offsetof(struct uvmexp, pagesize),         \
	    offsetof(struct uvmexp, npages),                                  \
	    sizeof(((struct uvmexp *)0)->npages))

/* The body of the call.  It is a function because C++ has no compound literals.
 * Its arguments are what a program may define after this header. */
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
 * Register the frames [pfn, pfn + n), all available, on the default free list.
 * *handle, unless `handle' is NULL, is set to the segment.
 *
 * After the switch the frames get page structures.  Then, in this order:
 * lookups find the frames; uvmexp.npages and physmem grow; *handle is set;
 * uvm_pagefree is called for each frame; uvmpdpol_reinit is called.
 *
 * Returns false, with nothing changed but *handle invalid, if n is 0, if the
 * range leaves the address width or overlaps a segment, if there is no room or
 * no memory, and inside a hook.  Panics after the switch on an array backend.
 * Costs as physseg_plug.
 */
PHYSSEG_API bool uvm_physseg_plug(paddr_t pfn, size_t n, uvm_physseg_t *handle);

/*
 * Remove the frames [pfn, pfn + n), which must lie in one segment.  A host with
 * `isolate' is asked whether they are in use.  The handle of the segment names
 * what is left, or the front part if the segment is split.
 *
 * Returns false, with nothing changed, if no segment has such a range, if it is
 * in use, if there is no memory, and inside a hook.  Panics if it
 * would remove the last frame of the only segment, and if a segment must be
 * split and the array is full.
 * Costs as physseg_unplug.
 */
PHYSSEG_API bool uvm_physseg_unplug(paddr_t pfn, size_t n);

/* ---- finding and walking ---- */

/* The segment that contains a frame.  *offset, unless `offset' is NULL, is set
 * to the number of frames between its start and that frame.  Returns the
 * invalid handle, with *offset unchanged, if there is none.  One search of the
 * index. */
PHYSSEG_API uvm_physseg_t uvm_physseg_find(paddr_t pfn, psize_t *offset);

/* Walk in the backend's order.  The invalid handle at the end, on an empty map,
 * and for an invalid handle. */
PHYSSEG_API uvm_physseg_t uvm_physseg_get_first(void);
PHYSSEG_API uvm_physseg_t uvm_physseg_get_last(void);
PHYSSEG_API uvm_physseg_t uvm_physseg_get_next(uvm_physseg_t handle);
PHYSSEG_API uvm_physseg_t uvm_physseg_get_prev(uvm_physseg_t handle);

/* The greatest registered frame; (paddr_t)-1 on an empty map. */
PHYSSEG_API paddr_t uvm_physseg_get_highest_frame(void);

/* ---- a segment's attributes; any bit pattern may be passed; O(1) ---- */

/*
 * Is the handle valid?  Before the switch it is valid if it names a live
 * segment.  After the switch that segment must also have page structures.
 * Whether the switch is over is read from uvm.page_init_done at the time of the
 * call. The two names mean the same.
 *
 * uvm_physseg_get_next, uvm_physseg_get_prev and all functions below ask this
 * first.  For them a handle that is not valid names no segment.
 */
PHYSSEG_API bool uvm_physseg_valid_p(uvm_physseg_t handle);
PHYSSEG_API bool uvm_physseg_valid(uvm_physseg_t handle);

/* The bounds of the segment and of its avail range, in frames.  (paddr_t)-1 if
 * the handle is not valid. */
PHYSSEG_API paddr_t uvm_physseg_get_start(uvm_physseg_t handle);
PHYSSEG_API paddr_t uvm_physseg_get_end(uvm_physseg_t handle);
PHYSSEG_API paddr_t uvm_physseg_get_avail_start(uvm_physseg_t handle);
PHYSSEG_API paddr_t uvm_physseg_get_avail_end(uvm_physseg_t handle);

/* Change a bound of the avail range, at boot, to a frame within the segment.
 * Anything else has no effect, or panics if the library has DIAGNOSTIC. */
PHYSSEG_API void uvm_physseg_set_avail_start(
    uvm_physseg_t handle, paddr_t avail_start);
PHYSSEG_API void uvm_physseg_set_avail_end(
    uvm_physseg_t handle, paddr_t avail_end);

/*
 * For a handle that is not valid, the next three functions return NULL, NULL
 * and VM_FREELIST_DEFAULT, and uvm_physseg_get_start_hint returns 0.  If the
 * library has DIAGNOSTIC, they panic.
 */

/* The page structure of the frame start + index.  NULL if the segment has none
 * yet.  Past the end of the segment NULL, or a panic if the library has
 * DIAGNOSTIC. */
PHYSSEG_API struct vm_page *uvm_physseg_get_pg(
    uvm_physseg_t handle, paddr_t index);

/* The integrator's data.  It is zeroed at plug, and a tail that is split off
 * gets a copy.  The caller may use it as long as the segment lives. */
PHYSSEG_API struct pmap_physseg *uvm_physseg_get_pmseg(uvm_physseg_t handle);

/* The number of the segment's free list. */
PHYSSEG_API int uvm_physseg_get_free_list(uvm_physseg_t handle);

/* Where the page layer should look first, in frames from the start of the avail
 * range.  The library does not use it.  Setting it returns false if the handle
 * is not valid. */
PHYSSEG_API u_long uvm_physseg_get_start_hint(uvm_physseg_t handle);
PHYSSEG_API bool uvm_physseg_set_start_hint(uvm_physseg_t handle, u_long hint);

#ifdef __cplusplus
}
#endif

#include <uvm/uvm.h>

#endif /* UVM_UVM_PHYSSEG_H */
