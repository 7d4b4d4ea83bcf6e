/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/programs/netbsd_param.h -- a kernel's headers, for which src/uvm/ is
 * compiled, too: structures of its own, with fields that the library does not
 * know, in another order.
 */
#ifndef TESTS_NETBSD_PARAM_H
#define TESTS_NETBSD_PARAM_H

#define UVM_VM_PAGE_DEFINED
struct vm_page {
	void *queue[4];
	paddr_t phys_addr;
};

#define UVM_UVMEXP_DEFINED
struct uvmexp {
	int64_t free;
	int64_t npages;
	int faults;
	int pageshift;
	int pagemask;
	int pagesize;
};

#define UVM_UVM_DEFINED
struct uvm {
	void *kernel_map;
	bool page_init_done;
};

#endif /* TESTS_NETBSD_PARAM_H */
