/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm_param.h -- the types and constants of the compatible face.
 *
 * YOUR OWN CONSTANTS.  A constant that is defined already is left as it is.  To
 * define several in one place, write a header and define UVM_PHYSSEG_PARAM_H as
 * its name, with quotes or angle brackets.  It is included here, after the
 * types.  A constant that it does not define has the default.
 *
 * A program may be compiled with other constants than the library.
 * uvm_physseg_init tells the library those of its caller.  It panics if they do
 * not fit the library as it was built: another PAGE_SHIFT, another width of
 * paddr_t, more than the library's VM_PHYSSEG_MAX or VM_PMSEG_SIZE, or a
 * VM_FREELIST_DEFAULT that is not below VM_NFREELIST.
 *
 * As in NetBSD, each port names its free lists itself (VM_FREELIST_FIRST16 and
 * so on), in its own header, together with VM_NFREELIST.
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

/* Addresses and sizes.  Physical ones are as wide as a frame number, also on
 * 32-bit hosts (see PHYSSEG_PFN_TYPE).  Virtual ones are as wide as a
 * pointer. */
typedef PHYSSEG_PFN_TYPE paddr_t;
typedef PHYSSEG_PFN_TYPE psize_t;
typedef uintptr_t vaddr_t;
typedef uintptr_t vsize_t;

/* The same types as in a <sys/types.h> that has them. */
typedef unsigned int u_int;
typedef unsigned long u_long;

struct vm_page;
struct pmap_physseg;

/* The handle of a segment: a number that is never dereferenced.  It has a
 * pointer type, which is the same for every backend. */
typedef struct uvm_physseg *uvm_physseg_t;

#ifdef UVM_PHYSSEG_PARAM_H
#include UVM_PHYSSEG_PARAM_H
#endif

/* The handle that names no segment.  The three names have one value, because
 * code for NetBSD tests for each of them. */
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
#define PRIxPHYSSEG "p" /* the conversion of printf for a handle */
#endif

/* The conversions of printf for addresses and sizes.  They follow from
 * PHYSSEG_PFN_TYPE.  Without a libc there is no <inttypes.h>. */
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

/* The most segments before the switch; on an array backend, at any time. */
#ifndef VM_PHYSSEG_MAX
#define VM_PHYSSEG_MAX 32
#endif

/* How many arrays of page structures uvm_physseg_seg_chomp_slab accepts.  Only
 * the value with which the library is built counts. */
#ifndef VM_BOOTSLAB_MAX
#define VM_BOOTSLAB_MAX 4
#endif

/* The most bytes that struct pmap_physseg may have.  Only the value with which
 * the library is built counts. */
#ifndef VM_PMSEG_SIZE
#define VM_PMSEG_SIZE 64
#endif

/* 1: a plug may extend a segment that it touches, see `coalesce' and
 * physseg_plug in <physseg/physseg.h>.  0: it always makes a segment, as in
 * NetBSD.  Only the value with which the library is built counts. */
#ifndef VM_PHYSSEG_COALESCE
#define VM_PHYSSEG_COALESCE 0
#endif

/* NetBSD's names for the array strategies.  They choose nothing here: a program
 * gets the backend of the library that it links, see
 * uvm_physseg_backend_name. */
#ifndef VM_PSTRAT_RANDOM
#define VM_PSTRAT_RANDOM 1
#endif
#ifndef VM_PSTRAT_BSEARCH
#define VM_PSTRAT_BSEARCH 2
#endif
#ifndef VM_PSTRAT_BIGFIRST
#define VM_PSTRAT_BIGFIRST 3
#endif

/* Free lists have the numbers from 0 up to before VM_NFREELIST. */
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
#define PAGE_MASK (PAGE_SIZE - 1) /* the bits of an offset in a page */
#endif

/* Round an unsigned number of bytes to whole pages: down, up, and up to a
 * number of pages.  The result has the type of the argument. */
#ifndef trunc_page
#define trunc_page(x) ((x) >> PAGE_SHIFT << PAGE_SHIFT)
#endif
#ifndef round_page
#define round_page(x) trunc_page((x) + PAGE_MASK)
#endif
#ifndef btoc
#define btoc(x) (((x) + PAGE_MASK) >> PAGE_SHIFT)
#endif

/* A byte address to a frame number, and back. */
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
