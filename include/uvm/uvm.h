/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm.h -- all of the compatible face.
 *
 * The compatible face is NetBSD's interface to its segments of physical memory.
 * It works on one map, the program's.  Errors are what they are in NetBSD:
 * false, an invalid handle, or a panic.
 */
#ifndef UVM_UVM_H
#define UVM_UVM_H

#include <uvm/uvm_param.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>
#include <uvm/uvm_physseg.h>
#include <uvm/uvm_physseg_boot.h>

/*
 * In a program with a struct vm_page of its own, the names uvm_page_physload
 * and uvm_physseg_plug mean these two functions.  They do the same, but panic
 * if uvm_physseg_init was not called before.
 */
#ifdef __cplusplus
extern "C" {
#endif
PHYSSEG_API uvm_physseg_t uvm_page_physload_own(paddr_t start, paddr_t end,
    paddr_t avail_start, paddr_t avail_end, int free_list);
PHYSSEG_API bool uvm_physseg_plug_own(
    paddr_t pfn, size_t n, uvm_physseg_t *handle);
#ifdef __cplusplus
}
#endif
#ifndef UVM_VM_PAGE_OURS_
#undef uvm_page_physload
#undef uvm_physseg_plug
#define uvm_page_physload uvm_page_physload_own
#define uvm_physseg_plug  uvm_physseg_plug_own
#endif

#endif /* UVM_UVM_H */
