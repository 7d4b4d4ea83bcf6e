/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm_page.h -- pages: their structure, how to find them, and how to
 * register memory at boot.
 *
 * The boot functions change the map.  For locking see uvm/uvm_physseg.h.
 */
#ifndef UVM_UVM_PAGE_H
#define UVM_UVM_PAGE_H

#include <uvm/uvm_param.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A page structure.  To use another one, define UVM_VM_PAGE_DEFINED, and define
 * the structure before the place where uvm_physseg_init is called.  The library
 * need not be built anew for that.  The structure must have a field `paddr_t
 * phys_addr', of which the page layer may use the low PAGE_SHIFT bits.
 *
 * A program with a structure of its own must call uvm_physseg_init, because the
 * library learns of the structure only there.  Registering frames before that
 * call panics.
 */
#ifndef UVM_VM_PAGE_DEFINED
#define UVM_VM_PAGE_DEFINED
#define UVM_VM_PAGE_OURS_
struct vm_page {
	paddr_t phys_addr; /* byte address; the library uses no other field */
	uint32_t flags;
	uint32_t pqflags;
	uint16_t loan_count;
	uint16_t wire_count;
};
#endif

/*
 * NetBSD's page layer also defines uvm_phys_to_vm_page, uvm_vm_page_to_phys,
 * uvm_pageismanaged, uvm_page_lookup_freelist, uvm_page_physget,
 * uvm_pageboot_alloc and uvm_page_init.  A program may have its own definition
 * of any of them.  The library does not call them.
 */

/* ---- lookups: one search of the index ---- */

/* The page structure of a byte address.  NULL if no segment contains it, or if
 * it has no page structure yet. */
PHYSSEG_API struct vm_page *uvm_phys_to_vm_page(paddr_t pa);
#define PHYS_TO_VM_PAGE(pa) uvm_phys_to_vm_page(pa)

/* The byte address of a page: its phys_addr without the low PAGE_SHIFT bits.
 * O(1). */
PHYSSEG_API paddr_t uvm_vm_page_to_phys(const struct vm_page *pg);
#define VM_PAGE_TO_PHYS(pg) uvm_vm_page_to_phys(pg)

/* Does a segment contain this byte address? */
PHYSSEG_API bool uvm_pageismanaged(paddr_t pa);

/* The free list of the segment that contains a page.  If none does: as
 * uvm_physseg_get_free_list with an invalid handle. */
PHYSSEG_API int uvm_page_lookup_freelist(struct vm_page *pg);

/* ---- boot: `start' and the like are frames, `pa' is a byte address ---- */

/*
 * Register the frames [start, end).  The page layer may allocate [avail_start,
 * avail_end) of them.  Returns the segment's handle.  Panics after the switch,
 * if uvmexp.pagesize is 0, if an argument is wrong, if there is no room for
 * another segment, and if the range overlaps a segment.  O(segments) at worst.
 */
PHYSSEG_API uvm_physseg_t uvm_page_physload(paddr_t start, paddr_t end,
    paddr_t avail_start, paddr_t avail_end, int free_list);

/*
 * Remove one avail frame from a segment, and set *pa to its byte address.  It
 * is the first frame of the segment if that one is available, else the last if
 * that one is.  The map does not know the frame any more.  Returns false, with
 * *pa unchanged, if the segment is on another free list, if neither end is
 * available, for an invalid handle, inside a hook, and, on a map that boots
 * again, if there is no memory to describe one more free piece of a slab.
 * Panics after the switch, and if it would remove the last frame of the only
 * segment.
 * O(segments) at worst.
 */
PHYSSEG_API bool uvm_page_physunload(
    uvm_physseg_t handle, int free_list, paddr_t *pa);

/* The same for the first avail frame, wherever it lies.  If it lies in the
 * middle, the segment is split; false if there is no room for that. */
PHYSSEG_API bool uvm_page_physunload_force(
    uvm_physseg_t handle, int free_list, paddr_t *pa);

/*
 * The same from any segment.  The free lists are tried in order.  For each
 * list, uvm_page_physunload is tried on every segment, then
 * uvm_page_physunload_force on every segment.  The segments are tried in the
 * backend's order; on a backend that walks by size, in the opposite order.
 * O(segments).
 */
PHYSSEG_API bool uvm_page_physget(paddr_t *pa);

/*
 * Get memory for the boot itself: `size' bytes, rounded up to whole pages,
 * zeroed, at the start of a page.  It comes from the host's `alloc' and is
 * never given back.  Returns its address.  Panics if there is no memory, and
 * after the switch.
 */
PHYSSEG_API vaddr_t uvm_pageboot_alloc(vsize_t size);

/*
 * The switch.  Every frame gets a page structure, in memory from the host's
 * `alloc', which is given back at the next uvm_physseg_init.  Then
 * uvm.page_init_done is set.  The arguments are not used.  Panics on an empty
 * map, if there is no memory, and if a segment has page structures already, so
 * also if it is called a second time.  O(frames).
 */
PHYSSEG_API void uvm_page_init(vaddr_t *kvm_startp, vaddr_t *kvm_endp);

#ifdef __cplusplus
}
#endif

#include <uvm/uvm.h>

#endif /* UVM_UVM_PAGE_H */
