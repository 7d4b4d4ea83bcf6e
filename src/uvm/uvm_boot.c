/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_boot.c -- the switch: page structures for what was loaded.
 *
 * The boot protocol's functions return nothing that could say no, so what the
 * native ones refuse is a panic, but for a slab that is used up.
 */
#include "uvm_private.h"

#include <physseg/host.h>

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

/* The array for all frames, from the host. */
static void *
pages_get(physseg_pfn_t npages)
{
	const size_t size = uvm_physseg_program.page_size;
	size_t host_size;
	void *pages = NULL;

	if (npages <= SIZE_MAX / size)
		pages = uvm_physseg_host(&host_size)
			    ->alloc(NULL, (size_t)npages * size);
	if (pages == NULL)
		uvm_physseg_panic("uvm_page_init", "no memory for pages");
	uvm_physseg_keep(pages, (size_t)npages * size);
	return pages;
}

void
uvm_page_init(vaddr_t *kvm_startp, vaddr_t *kvm_endp)
{
	struct physseg_map *map = uvm_physseg_map_now();
	struct physseg_stats stats;
	int error;

	(void)kvm_startp;
	(void)kvm_endp;
	physseg_get_stats(map, &stats);
	if (stats.slab_used != 0)
		uvm_physseg_panic(__func__, "called twice");
	if (stats.frames == 0)
		uvm_physseg_panic(__func__, "no memory was loaded");
	error =
	    physseg_switch(map, pages_get(stats.frames), (size_t)stats.frames);
	if (error != PHYSSEG_OK)
		uvm_physseg_panic(__func__, physseg_strerror(error));
	uvm.page_init_done = true;
}
