/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_boot.c -- the switch, step by step: page structures for what was loaded.
 *
 * The functions of the boot protocol cannot return an error.  So they panic
 * where the native functions return one.  Only a slab that is used up is no
 * panic.
 */
#include "uvm_private.h"

void
uvm_physseg_seg_chomp_slab(
    uvm_physseg_t handle, struct vm_page *pages, size_t npages)
{
	int error = physseg_chomp_slab(
	    uvm_physseg_map_now(), uvm_physseg_native(handle), pages, npages);

	if (error != PHYSSEG_OK)
		uvm_physseg_panic(__func__, physseg_strerror(error));
}

struct vm_page *
uvm_physseg_seg_alloc_from_slab(uvm_physseg_t handle, size_t npages)
{
	void *pages = NULL;
	int error = physseg_alloc_from_slab(
	    uvm_physseg_map_now(), uvm_physseg_native(handle), npages, &pages);

	if (error == PHYSSEG_ENOENT)
		uvm_physseg_blame(__func__, "invalid segment");
	else if (error != PHYSSEG_OK && error != PHYSSEG_ENOMEM)
		uvm_physseg_panic(__func__, physseg_strerror(error));
	return pages;
}

void
uvm_physseg_init_seg(uvm_physseg_t handle, struct vm_page *pages)
{
	int error = physseg_init_seg(
	    uvm_physseg_map_now(), uvm_physseg_native(handle), pages);

	if (error != PHYSSEG_OK)
		uvm_physseg_panic(__func__, physseg_strerror(error));
}

bool
uvm_physseg_build(void)
{
	return physseg_build(uvm_physseg_map_now()) == PHYSSEG_OK;
}
