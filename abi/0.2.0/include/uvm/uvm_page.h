/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm_page.h -- pages: their structure, finding them, loading them at
 * boot.
 */
#ifndef UVM_UVM_PAGE_H
#define UVM_UVM_PAGE_H

#include <uvm/uvm_param.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A page structure.  An integrator who has one defines UVM_VM_PAGE_DEFINED
 * (and the structure anywhere before uvm_physseg_init is called); the library
 * as built works with any that has a `paddr_t phys_addr'.  The low PAGE_SHIFT
 * bits of that are the page layer's.
 *
 * Such a program must call uvm_physseg_init, for nothing else tells the library
 * of the structure: to register frames before that is a panic.
 */
#ifndef UVM_VM_PAGE_DEFINED
#define UVM_VM_PAGE_DEFINED
#define UVM_VM_PAGE_OURS_
struct vm_page {
	paddr_t phys_addr; /* byte address; all else is the page layer's */
	uint32_t flags;
	uint32_t pqflags;
	uint16_t loan_count;
	uint16_t wire_count;
};
#endif

/*
 * NetBSD's page layer has uvm_phys_to_vm_page, uvm_vm_page_to_phys,
 * uvm_pageismanaged, uvm_page_lookup_freelist, uvm_page_physget,
 * uvm_pageboot_alloc and uvm_page_init, too.  Each may be the program's own:
 * the library needs none of them.
 */

/* ---- finding: one search of the backend ---- */

/* The page structure of a byte address; NULL: not managed, or none yet. */
PHYSSEG_API struct vm_page *uvm_phys_to_vm_page(paddr_t pa);
#define PHYS_TO_VM_PAGE(pa) uvm_phys_to_vm_page(pa)

/* The byte address of a page: what it says itself, without the low bits. */
PHYSSEG_API paddr_t uvm_vm_page_to_phys(const struct vm_page *pg);
#define VM_PAGE_TO_PHYS(pg) uvm_vm_page_to_phys(pg)

/* Does a byte address lie in a segment? */
PHYSSEG_API bool uvm_pageismanaged(paddr_t pa);

/* The free list of a page's segment.  Of a page of none: as
 * uvm_physseg_get_free_list of an invalid handle. */
PHYSSEG_API int uvm_page_lookup_freelist(struct vm_page *pg);

/* ---- boot: frames in, byte addresses out ---- */

/*
 * Register frames [start, end), of which [avail_start, avail_end) may be
 * allocated.  Panics after the switch, when uvmexp.pagesize is 0, for bad
 * arguments, and when there is no room or an overlap.
 */
PHYSSEG_API uvm_physseg_t uvm_page_physload(paddr_t start, paddr_t end,
    paddr_t avail_start, paddr_t avail_end, int free_list);

/*
 * Take one available page for good: the segment's first if that is available,
 * else its last if that is.  *pa is its byte address.  False, *pa untouched:
 * another free list, neither end available, an invalid handle.  Panics after
 * the switch and for the last page of the only segment.
 */
PHYSSEG_API bool uvm_page_physunload(
    uvm_physseg_t handle, int free_list, paddr_t *pa);

/* The same, but the first available page whatever lies before it, splitting
 * the segment; false also when there is no room for that. */
PHYSSEG_API bool uvm_page_physunload_force(
    uvm_physseg_t handle, int free_list, paddr_t *pa);

/* The same from any segment: for each free list in order, first by physunload,
 * then by force; backwards where the backend walks by size.  O(segments). */
PHYSSEG_API bool uvm_page_physget(paddr_t *pa);

/*
 * Memory for the boot itself, in whole pages, at the start of one, zeroed: of
 * the host's, for good.  Returns its address.  Panics without memory and after
 * the switch.
 */
PHYSSEG_API vaddr_t uvm_pageboot_alloc(vsize_t size);

/*
 * The switch: page structures for every frame, from the host's memory, which
 * get it back at the next uvm_physseg_init; then uvm.page_init_done.  Neither
 * argument is looked at.  Panics on an empty map, without memory, and the
 * second time.  O(frames).
 */
PHYSSEG_API void uvm_page_init(vaddr_t *kvm_startp, vaddr_t *kvm_endp);

#ifdef __cplusplus
}
#endif

#include <uvm/uvm.h>

#endif /* UVM_UVM_PAGE_H */
