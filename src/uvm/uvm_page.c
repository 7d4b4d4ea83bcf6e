/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_page.c -- pages that are loaded and unloaded at boot.
 */
/* In this file no function gets another name. */
#define UVM_VM_PAGE_OURS_
#include "uvm_private.h"

/* NULL, or why these frames cannot be loaded into any map. */
static const char *
load_broken(paddr_t start, paddr_t end, paddr_t avail_start, paddr_t avail_end)
{
	if (uvm.page_init_done)
		return "called after uvm_page_init";
	if (uvmexp.pagesize == 0)
		return "page size not set";
	if (start >= end)
		return "start >= end";
	if (avail_start < start || avail_end > end || avail_start > avail_end)
		return "the available range is not in the segment";
	return NULL;
}

static _Noreturn void
load_panics(const char *function, int error, paddr_t start, paddr_t end)
{
	const struct physseg_reason reason = { .error = error,
		.operation = PHYSSEG_OP_ADD,
		.pfn = start,
		.n = end - start,
		.frame = PHYSSEG_NOFRAME };
	char line[UVM_PHYSSEG_LINE];

	(void)physseg_strreason(&reason, line, sizeof(line));
	uvm_physseg_panic(function, line);
}

uvm_physseg_t
uvm_page_physload(paddr_t start, paddr_t end, paddr_t avail_start,
    paddr_t avail_end, int free_list)
{
	const char *broken = load_broken(start, end, avail_start, avail_end);
	physseg_t handle;
	int error;

	if (broken != NULL)
		uvm_physseg_panic(__func__, broken);
	error = physseg_load(uvm_physseg_map_now(), start, end, avail_start,
	    avail_end, free_list, &handle);
	if (error == PHYSSEG_EINVAL)
		uvm_physseg_panic(__func__, "bad free list");
	if (error != PHYSSEG_OK)
		load_panics(__func__, error, start, end);
	return uvm_physseg_handle(handle);
}

bool
uvm_physseg_taken(
    int error, physseg_pfn_t pfn, paddr_t *pa, const char *function)
{
	if (error == PHYSSEG_EPHASE)
		uvm_physseg_panic(function, "called after uvm_page_init");
	if (error == PHYSSEG_ELAST)
		uvm_physseg_panic(function, "out of memory");
	if (error == PHYSSEG_OK)
		*pa = ptoa(pfn);
	return error == PHYSSEG_OK;
}

bool
uvm_page_physunload(uvm_physseg_t handle, int free_list, paddr_t *pa)
{
	physseg_pfn_t pfn = PHYSSEG_NOFRAME;
	int error = physseg_unload(
	    uvm_physseg_map_now(), uvm_physseg_native(handle), free_list, &pfn);

	return uvm_physseg_taken(error, pfn, pa, __func__);
}

bool
uvm_page_physunload_force(uvm_physseg_t handle, int free_list, paddr_t *pa)
{
	physseg_pfn_t pfn = PHYSSEG_NOFRAME;
	int error = physseg_unload_force(
	    uvm_physseg_map_now(), uvm_physseg_native(handle), free_list, &pfn);

	return uvm_physseg_taken(error, pfn, pa, __func__);
}
