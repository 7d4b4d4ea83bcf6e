/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm_param.h -- the types and constants of the compatible face.
 *
 * Every constant yields to one that is defined already.  To give your own in
 * one place, define UVM_PHYSSEG_PARAM_H as the name of a header, with its
 * quotes or angle brackets: it is included here, with the types known, and
 * what it leaves undefined gets the default.
 *
 * Program and library may be compiled with different constants:
 * uvm_physseg_init tells the library those of its caller, and panics where the
 * library as built cannot follow (another PAGE_SHIFT or width of paddr_t, more
 * than its VM_PHYSSEG_MAX or VM_PMSEG_SIZE).
 *
 * As on NetBSD, the names of single free lists (VM_FREELIST_FIRST16, ...) are
 * the port's: they and their VM_NFREELIST stand in its header.
 */
#ifndef UVM_UVM_PARAM_H
#define UVM_UVM_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#if __STDC_HOSTED__
#include <inttypes.h>
#endif

#include <physseg/types.h>

/* Addresses and sizes: physical ones of the width of a frame number, also on
 * 32-bit hosts (see PHYSSEG_PFN_TYPE), virtual ones of a pointer's. */
typedef PHYSSEG_PFN_TYPE paddr_t;
typedef PHYSSEG_PFN_TYPE psize_t;
typedef uintptr_t vaddr_t;
typedef uintptr_t vsize_t;

/* As <sys/types.h> has them, where it has them. */
typedef unsigned int u_int;
typedef unsigned long u_long;

struct vm_page;
struct pmap_physseg;

/* A segment's handle: a number in the clothes of a pointer, so that it is one
 * type for every backend.  Never dereferenced. */
typedef struct uvm_physseg *uvm_physseg_t;

#ifdef UVM_PHYSSEG_PARAM_H
#include UVM_PHYSSEG_PARAM_H
#endif

/* No segment.  Three names, one value: callers test for any of them. */
#ifndef UVM_PHYSSEG_TYPE_INVALID
#define UVM_PHYSSEG_TYPE_INVALID NULL
#endif
#ifndef UVM_PHYSSEG_TYPE_INVALID_EMPTY
#define UVM_PHYSSEG_TYPE_INVALID_EMPTY UVM_PHYSSEG_TYPE_INVALID
#endif
#ifndef UVM_PHYSSEG_TYPE_INVALID_OVERFLOW
#define UVM_PHYSSEG_TYPE_INVALID_OVERFLOW UVM_PHYSSEG_TYPE_INVALID
#endif
#ifndef PRIxPHYSSEG
#define PRIxPHYSSEG "p" /* how printf prints a handle */
#endif

/* How printf prints addresses and sizes.  PHYSSEG_PFN_TYPE is one of
 * <stdint.h>'s; without a libc there is no <inttypes.h>. */
#if __STDC_HOSTED__
#define UVM_PRI_uint32_t(c) PRI##c##32
#define UVM_PRI_uint64_t(c) PRI##c##64
#else
#define UVM_PRI_uint32_t(c) #c
#if UINTPTR_MAX > UINT32_MAX
#define UVM_PRI_uint64_t(c) "l" #c
#else
#define UVM_PRI_uint64_t(c) "ll" #c
#endif
#endif
#define UVM_PRI_TYPE_(type, c) UVM_PRI_##type(c)
#define UVM_PRI_(type, c)      UVM_PRI_TYPE_(type, c)

#ifndef PRIxPADDR
#define PRIxPADDR UVM_PRI_(PHYSSEG_PFN_TYPE, x)
#endif
#ifndef PRIxPSIZE
#define PRIxPSIZE UVM_PRI_(PHYSSEG_PFN_TYPE, x)
#endif
#ifndef PRIuPSIZE
#define PRIuPSIZE UVM_PRI_(PHYSSEG_PFN_TYPE, u)
#endif

/* Segments at boot; on an array backend, at any time. */
#ifndef VM_PHYSSEG_MAX
#define VM_PHYSSEG_MAX 32
#endif

/* Arrays of page structures that the boot protocol may hand over; asked only
 * where the library is built. */
#ifndef VM_BOOTSLAB_MAX
#define VM_BOOTSLAB_MAX 4
#endif

/* Bytes that struct pmap_physseg may have; asked only where the library is
 * built. */
#ifndef VM_PMSEG_SIZE
#define VM_PMSEG_SIZE 64
#endif

/* Does a plug extend the segment it touches, if that has the same attributes
 * (coalesce in <physseg/physseg.h>)?  Asked only where the library is built;
 * the original never does. */
#ifndef VM_PHYSSEG_COALESCE
#define VM_PHYSSEG_COALESCE 0
#endif

/* Names for the array strategies.  Which one a program gets is decided by the
 * library it links, see uvm_physseg_backend_name. */
#ifndef VM_PSTRAT_RANDOM
#define VM_PSTRAT_RANDOM 1
#endif
#ifndef VM_PSTRAT_BSEARCH
#define VM_PSTRAT_BSEARCH 2
#endif
#ifndef VM_PSTRAT_BIGFIRST
#define VM_PSTRAT_BIGFIRST 3
#endif

/* Free lists are [0, VM_NFREELIST). */
#ifndef VM_NFREELIST
#define VM_NFREELIST 4
#endif
#ifndef VM_FREELIST_DEFAULT
#define VM_FREELIST_DEFAULT 0
#endif

#ifndef PAGE_SHIFT
#define PAGE_SHIFT 12
#endif
#ifndef PAGE_SIZE
#define PAGE_SIZE (1 << PAGE_SHIFT) /* bytes */
#endif
#ifndef PAGE_MASK
#define PAGE_MASK (PAGE_SIZE - 1) /* the offset in a page */
#endif

/* An unsigned number of bytes down and up to whole pages, in its own type; up
 * to a number of pages. */
#ifndef trunc_page
#define trunc_page(x) ((x) >> PAGE_SHIFT << PAGE_SHIFT)
#endif
#ifndef round_page
#define round_page(x) trunc_page((x) + PAGE_MASK)
#endif
#ifndef btoc
#define btoc(x) (((x) + PAGE_MASK) >> PAGE_SHIFT)
#endif

/* Byte address to frame number and back. */
#ifndef atop
#define atop(pa) ((paddr_t)(pa) >> PAGE_SHIFT)
#endif
#ifndef ptoa
#define ptoa(pf) ((paddr_t)(pf) << PAGE_SHIFT)
#endif
#ifndef ctob
#define ctob(pf) ptoa(pf)
#endif

#endif /* UVM_UVM_PARAM_H */
