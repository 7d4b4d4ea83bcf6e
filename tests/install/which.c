/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * which.c -- say which backend this program was linked with.  It also writes
 * a variable of the library and asks the library to read it back: in a shared
 * library both must mean the same variable.
 */

#include <stdio.h>

#include <uvm/uvm.h>

int
main(void)
{
	uvm_physseg_t segment;

	uvm_physseg_init();
	uvmexp.pagesize = PAGE_SIZE;
	segment = uvm_page_physload(0, 16, 0, 16, VM_FREELIST_DEFAULT);
	uvm_page_init(NULL, NULL);
	if (!uvm.page_init_done || uvmexp.npages != 16 ||
	    !uvm_physseg_valid_p(segment)) {
		printf("the library has variables of its own\n");
		return 1;
	}
	printf("%s\n", uvm_physseg_backend_name);
	return 0;
}
