/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/names.h -- the names of functions where frames are 32 bits wide.
 *
 * A program must not link with a library whose frames have another width:
 * every answer would be wrong.  So with 32-bit frames, each function that takes
 * or returns a frame, or a structure with frames in it, has another name.
 * Programs do not notice, because <physseg/types.h> includes this header.
 */
#ifndef PHYSSEG_NAMES_H
#define PHYSSEG_NAMES_H

#include <physseg/types.h>

#if PHYSSEG_PFN_BITS == 32

#define PHYSSEG_NAMES_END_ "_pfn32" /* of each name below */

#define physseg_add_sized		physseg_add_sized_pfn32
#define physseg_backend_array_bigfirst	physseg_backend_array_bigfirst_pfn32
#define physseg_backend_array_bsearch	physseg_backend_array_bsearch_pfn32
#define physseg_backend_array_contig	physseg_backend_array_contig_pfn32
#define physseg_backend_array_random	physseg_backend_array_random_pfn32
#define physseg_backend_at		physseg_backend_at_pfn32
#define physseg_backend_default		physseg_backend_default_pfn32
#define physseg_backend_radix		physseg_backend_radix_pfn32
#define physseg_backend_rbtree		physseg_backend_rbtree_pfn32
#define physseg_covers			physseg_covers_pfn32
#define physseg_create_sized		physseg_create_sized_pfn32
#define physseg_find			physseg_find_pfn32
#define physseg_frame			physseg_frame_pfn32
#define physseg_free_list		physseg_free_list_pfn32
#define physseg_from			physseg_from_pfn32
#define physseg_get_backend		physseg_get_backend_pfn32
#define physseg_get_info_sized		physseg_get_info_sized_pfn32
#define physseg_get_stats_sized		physseg_get_stats_sized_pfn32
#define physseg_highest_frame		physseg_highest_frame_pfn32
#define physseg_host_urcu		physseg_host_urcu_pfn32
#define physseg_host_user		physseg_host_user_pfn32
#define physseg_init_pages		physseg_init_pages_pfn32
#define physseg_listen			physseg_listen_pfn32
#define physseg_load			physseg_load_pfn32
#define physseg_lookup_sized		physseg_lookup_sized_pfn32
#define physseg_memmap_count		physseg_memmap_count_pfn32
#define physseg_memmap_load		physseg_memmap_load_pfn32
#define physseg_memmap_segments		physseg_memmap_segments_pfn32
#define physseg_online_sized		physseg_online_sized_pfn32
#define physseg_page			physseg_page_pfn32
#define physseg_pages			physseg_pages_pfn32
#define physseg_plug			physseg_plug_pfn32
#define physseg_plug_check		physseg_plug_check_pfn32
#define physseg_remove_begin_sized	physseg_remove_begin_sized_pfn32
#define physseg_remove_commit_sized	physseg_remove_commit_sized_pfn32
#define physseg_remove_get_status_sized physseg_remove_get_status_sized_pfn32
#define physseg_remove_sized		physseg_remove_sized_pfn32
#define physseg_segment_page		physseg_segment_page_pfn32
#define physseg_set_avail		physseg_set_avail_pfn32
#define physseg_steal			physseg_steal_pfn32
#define physseg_storage_size_sized	physseg_storage_size_sized_pfn32
#define physseg_strreason		physseg_strreason_pfn32
#define physseg_unlisten		physseg_unlisten_pfn32
#define physseg_unload			physseg_unload_pfn32
#define physseg_unload_force		physseg_unload_force_pfn32
#define physseg_unplug			physseg_unplug_pfn32
#define physseg_vmemmap_user_release	physseg_vmemmap_user_release_pfn32
#define physseg_vmemmap_user_reserve	physseg_vmemmap_user_reserve_pfn32

#define uvm_page_physget	      uvm_page_physget_pfn32
#define uvm_page_physload	      uvm_page_physload_pfn32
#define uvm_page_physload_own	      uvm_page_physload_own_pfn32
#define uvm_page_physunload	      uvm_page_physunload_pfn32
#define uvm_page_physunload_force     uvm_page_physunload_force_pfn32
#define uvm_pageismanaged	      uvm_pageismanaged_pfn32
#define uvm_phys_to_vm_page	      uvm_phys_to_vm_page_pfn32
#define uvm_physseg_find	      uvm_physseg_find_pfn32
#define uvm_physseg_get_avail_end     uvm_physseg_get_avail_end_pfn32
#define uvm_physseg_get_avail_start   uvm_physseg_get_avail_start_pfn32
#define uvm_physseg_get_end	      uvm_physseg_get_end_pfn32
#define uvm_physseg_get_highest_frame uvm_physseg_get_highest_frame_pfn32
#define uvm_physseg_get_pg	      uvm_physseg_get_pg_pfn32
#define uvm_physseg_get_start	      uvm_physseg_get_start_pfn32
#define uvm_physseg_host	      uvm_physseg_host_pfn32
#define uvm_physseg_plug	      uvm_physseg_plug_pfn32
#define uvm_physseg_plug_own	      uvm_physseg_plug_own_pfn32
#define uvm_physseg_set_avail_end     uvm_physseg_set_avail_end_pfn32
#define uvm_physseg_set_avail_start   uvm_physseg_set_avail_start_pfn32
#define uvm_physseg_unplug	      uvm_physseg_unplug_pfn32
#define uvm_vm_page_to_phys	      uvm_vm_page_to_phys_pfn32

#elif PHYSSEG_PFN_BITS == 64
#define PHYSSEG_NAMES_END_ ""
#else
#error "PHYSSEG_PFN_TYPE is uint64_t or uint32_t"
#endif

#endif /* PHYSSEG_NAMES_H */
