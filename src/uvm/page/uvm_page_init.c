/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_page_init.c -- the switch at once, for a program without a page layer.
 */
#include "uvm/uvm_private.h"

/* Get the array for all frames from the host. */
static void *
pages_get(physseg_pfn_t npages)
{
	const size_t size = uvm_physseg_program.page_size;
	void *pages = NULL;

	if (npages <= SIZE_MAX / size)
		pages = uvm_physseg_keep((size_t)npages * size);
	if (pages == NULL)
		uvm_physseg_panic("uvm_page_init", "no memory for pages");
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
	if (stats.slab_used != 0 || uvm_physseg_keeps())
		uvm_physseg_panic(__func__, "called twice");
	if (stats.frames == 0)
		uvm_physseg_panic(__func__, "no memory was loaded");
	error =
	    physseg_switch(map, pages_get(stats.frames), (size_t)stats.frames);
	if (error != PHYSSEG_OK) {
		uvm_physseg_give_back();
		uvm_physseg_panic(__func__, physseg_strerror(error));
	}
	uvm.page_init_done = true;
	(void)uvm_physseg_in_phase(map);
}
