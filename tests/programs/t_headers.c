/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * t_headers.c -- every name of NetBSD's interface, with its type, after the
 * one header T_HEADER.  Compiled as C and as C++, never run: a name that is
 * missing, or has another type, does not compile.
 */
#include T_HEADER

#ifdef __cplusplus
#define ASSERT(e) static_assert(e, #e)
#define LINKAGE	  extern "C"
#else
#define ASSERT(e) _Static_assert(e, #e)
#define LINKAGE	  extern
#endif

/* A function's type is checked by a pointer to it. */
#define FUNCTION(result, name, arguments)             \
	extern result(*const check_##name) arguments; \
	result(*const check_##name) arguments = name

/* Types. */
ASSERT(sizeof(paddr_t) == 8 && (paddr_t)-1 > 0);
ASSERT(sizeof(psize_t) == 8 && (psize_t)-1 > 0);
ASSERT(sizeof(vaddr_t) == sizeof(void *) && (vaddr_t)-1 > 0);
ASSERT(sizeof(vsize_t) == sizeof(void *) && (vsize_t)-1 > 0);
ASSERT(sizeof(((struct vm_page *)0)->phys_addr) == sizeof(paddr_t));
ASSERT(sizeof(struct uvm_physseg *) == sizeof(uvm_physseg_t));
ASSERT(sizeof(struct pmap_physseg) > 0);

/* Constants. */
ASSERT(VM_PHYSSEG_MAX == 32);
ASSERT(VM_NFREELIST == 4 && VM_FREELIST_DEFAULT == 0);
ASSERT(VM_PSTRAT_RANDOM != VM_PSTRAT_BSEARCH);
ASSERT(VM_PSTRAT_RANDOM != VM_PSTRAT_BIGFIRST);
ASSERT(VM_PSTRAT_BSEARCH != VM_PSTRAT_BIGFIRST);
ASSERT(PAGE_SHIFT == 12 && PAGE_SIZE == 4096);
ASSERT(atop(8192) == 2 && ptoa(2) == 8192 && ctob(2) == 8192);
ASSERT(ptoa((paddr_t)1 << 40) == (paddr_t)1 << 52);
ASSERT(PAGE_MASK == 4095);
ASSERT(round_page(4097U) == 8192 && trunc_page(8191U) == 4096);
ASSERT(btoc(4097U) == 2);
ASSERT(sizeof("%" PRIxPHYSSEG) == 3);
ASSERT(sizeof("%" PRIxPADDR) == sizeof("%" PRIx64));
ASSERT(sizeof("%" PRIxPSIZE) == sizeof("%" PRIx64));
ASSERT(sizeof("%" PRIuPSIZE) == sizeof("%" PRIu64));

/* Globals. */
extern int *const check_pagesize;
int *const check_pagesize = &uvmexp.pagesize;
ASSERT(sizeof(uvmexp.npages) == 8);
extern bool *const check_page_init_done;
bool *const check_page_init_done = &uvm.page_init_done;
extern psize_t *const check_physmem;
psize_t *const check_physmem = &physmem;
extern const char *const check_backend_name;
const char *const check_backend_name = uvm_physseg_backend_name;

/* The segments. */
FUNCTION(void, uvm_physseg_init, (void));
FUNCTION(bool, uvm_physseg_valid_p, (uvm_physseg_t));
FUNCTION(bool, uvm_physseg_valid, (uvm_physseg_t));
FUNCTION(paddr_t, uvm_physseg_get_start, (uvm_physseg_t));
FUNCTION(paddr_t, uvm_physseg_get_end, (uvm_physseg_t));
FUNCTION(paddr_t, uvm_physseg_get_avail_start, (uvm_physseg_t));
FUNCTION(paddr_t, uvm_physseg_get_avail_end, (uvm_physseg_t));
FUNCTION(void, uvm_physseg_set_avail_start, (uvm_physseg_t, paddr_t));
FUNCTION(void, uvm_physseg_set_avail_end, (uvm_physseg_t, paddr_t));
FUNCTION(struct vm_page *, uvm_physseg_get_pg, (uvm_physseg_t, paddr_t));
FUNCTION(struct pmap_physseg *, uvm_physseg_get_pmseg, (uvm_physseg_t));
FUNCTION(int, uvm_physseg_get_free_list, (uvm_physseg_t));
FUNCTION(u_long, uvm_physseg_get_start_hint, (uvm_physseg_t));
FUNCTION(bool, uvm_physseg_set_start_hint, (uvm_physseg_t, u_long));
FUNCTION(uvm_physseg_t, uvm_physseg_get_first, (void));
FUNCTION(uvm_physseg_t, uvm_physseg_get_last, (void));
FUNCTION(uvm_physseg_t, uvm_physseg_get_next, (uvm_physseg_t));
FUNCTION(uvm_physseg_t, uvm_physseg_get_prev, (uvm_physseg_t));
FUNCTION(paddr_t, uvm_physseg_get_highest_frame, (void));
FUNCTION(uvm_physseg_t, uvm_physseg_find, (paddr_t, psize_t *));
FUNCTION(bool, uvm_physseg_plug, (paddr_t, size_t, uvm_physseg_t *));
FUNCTION(bool, uvm_physseg_unplug, (paddr_t, size_t));

/* The page layer. */
FUNCTION(uvm_physseg_t, uvm_page_physload,
    (paddr_t, paddr_t, paddr_t, paddr_t, int));
FUNCTION(bool, uvm_page_physunload, (uvm_physseg_t, int, paddr_t *));
FUNCTION(bool, uvm_page_physunload_force, (uvm_physseg_t, int, paddr_t *));
FUNCTION(struct vm_page *, uvm_phys_to_vm_page, (paddr_t));
FUNCTION(paddr_t, uvm_vm_page_to_phys, (const struct vm_page *));
FUNCTION(bool, uvm_pageismanaged, (paddr_t));
FUNCTION(int, uvm_page_lookup_freelist, (struct vm_page *));
FUNCTION(bool, uvm_page_physget, (paddr_t *));
FUNCTION(vaddr_t, uvm_pageboot_alloc, (vsize_t));
FUNCTION(void, uvm_page_init, (vaddr_t *, vaddr_t *));
FUNCTION(void, uvm_setpagesize, (void));

/* The boot protocol. */
FUNCTION(void, uvm_physseg_seg_chomp_slab,
    (uvm_physseg_t, struct vm_page *, size_t));
FUNCTION(
    struct vm_page *, uvm_physseg_seg_alloc_from_slab, (uvm_physseg_t, size_t));
FUNCTION(void, uvm_physseg_init_seg, (uvm_physseg_t, struct vm_page *));
FUNCTION(bool, uvm_physseg_build, (void));

/* The integrator's. */
FUNCTION(void, uvm_pagefree, (struct vm_page *));
FUNCTION(void, uvmpdpol_reinit, (void));

/* Consumers may declare the boot functions again. */
LINKAGE void uvm_physseg_init(void);
LINKAGE void uvm_physseg_seg_chomp_slab(
    uvm_physseg_t, struct vm_page *, size_t);
LINKAGE struct vm_page *uvm_physseg_seg_alloc_from_slab(uvm_physseg_t, size_t);
LINKAGE void uvm_physseg_init_seg(uvm_physseg_t, struct vm_page *);

/* What only macros give. */
static inline bool
macros(uvm_physseg_t segment, struct vm_page *page)
{
	uvm_physseg_init();
	return segment == UVM_PHYSSEG_TYPE_INVALID ||
	    segment == UVM_PHYSSEG_TYPE_INVALID_EMPTY ||
	    segment == UVM_PHYSSEG_TYPE_INVALID_OVERFLOW ||
	    PHYS_TO_VM_PAGE(VM_PAGE_TO_PHYS(page)) == page;
}

LINKAGE bool use_macros(void);

bool
use_macros(void)
{
	return macros(uvm_physseg_get_first(), PHYS_TO_VM_PAGE(0));
}
