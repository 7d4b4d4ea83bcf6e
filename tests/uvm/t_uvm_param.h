/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_param.h -- an integrator's parameters, for t_uvm_own_page.c.
 *
 * The page is of an odd shape on purpose: phys_addr last, the size no power of
 * two, and room in front that must be zeroed and left alone.
 */
#ifndef TESTS_T_UVM_PARAM_H
#define TESTS_T_UVM_PARAM_H

#define VM_PHYSSEG_MAX	    3
#define VM_NFREELIST	    7
#define VM_FREELIST_DEFAULT 1
#define VM_FREELIST_FIRST16 6
#define btoc(x)		    99

#define UVM_VM_PAGE_DEFINED
struct vm_page {
	char name[5];
	void *queue[3];
	paddr_t phys_addr;
};

#define __HAVE_PMAP_PHYSSEG
struct pmap_physseg {
	char bytes[40];
};

#endif /* TESTS_T_UVM_PARAM_H */
