# SPDX-License-Identifier: BSD-2-Clause
#
# The library's source files, part by part, and the backends: the one list of
# both.  A build without CMake includes this file; CMake reads it too, so each
# line is `NAME += one word', and nothing else.
#
# A kernel compiles, with -Iinclude -Isrc and a directory that has libbsd's
# <bsd/sys/tree.h>, <bsd/sys/queue.h> and <bsd/sys/cdefs.h>:
#
#	$(PHYSSEG_ENGINE) $(PHYSSEG_SHIM) $(PHYSSEG_NONE)
#	$(PHYSSEG_BACKEND_radix)	one backend, or several
#	$(PHYSSEG_UVM)			for the uvm_* face; it needs also
#	$(PHYSSEG_UVM_PAGE)		what of this the kernel has not itself,
#	$(PHYSSEG_SELECT)		with -DUVM_BACKEND=radix

# ---- every backend ----
#
# A backend NAME is the function physseg_backend_NAME, with _ in place of -, and
# the files of PHYSSEG_BACKEND_NAME.

PHYSSEG_BACKENDS += rbtree
PHYSSEG_BACKENDS += radix
PHYSSEG_BACKENDS += array-random
PHYSSEG_BACKENDS += array-bsearch
PHYSSEG_BACKENDS += array-bigfirst
PHYSSEG_BACKENDS += array-contig

PHYSSEG_BACKEND_rbtree += src/backend_rbtree/backend_rbtree.c

PHYSSEG_BACKEND_radix += src/backend_radix/backend_radix.c
PHYSSEG_BACKEND_radix += src/backend_radix/backend_radix_check.c
PHYSSEG_BACKEND_radix += src/backend_radix/backend_radix_tree.c

PHYSSEG_BACKEND_array-random += src/backend_array/backend_array.c
PHYSSEG_BACKEND_array-random += src/backend_array/backend_array_random.c

PHYSSEG_BACKEND_array-bsearch += src/backend_array/backend_array.c
PHYSSEG_BACKEND_array-bsearch += src/backend_array/backend_array_bsearch.c

PHYSSEG_BACKEND_array-bigfirst += src/backend_array/backend_array.c
PHYSSEG_BACKEND_array-bigfirst += src/backend_array/backend_array_bigfirst.c

PHYSSEG_BACKEND_array-contig += src/backend_array/backend_array.c
PHYSSEG_BACKEND_array-contig += src/backend_array/backend_array_contig.c

# ---- freestanding ----

PHYSSEG_ENGINE += src/boot.c
PHYSSEG_ENGINE += src/diag/check.c
PHYSSEG_ENGINE += src/coalesce.c
PHYSSEG_ENGINE += src/diag/dump.c
PHYSSEG_ENGINE += src/host.c
PHYSSEG_ENGINE += src/index.c
PHYSSEG_ENGINE += src/list.c
PHYSSEG_ENGINE += src/lookup.c
PHYSSEG_ENGINE += src/map.c
PHYSSEG_ENGINE += src/plug.c
PHYSSEG_ENGINE += src/present.c
PHYSSEG_ENGINE += src/record.c
PHYSSEG_ENGINE += src/freemap.c
PHYSSEG_ENGINE += src/slab.c
PHYSSEG_ENGINE += src/listen.c
PHYSSEG_ENGINE += src/claims.c
PHYSSEG_ENGINE += src/online.c
PHYSSEG_ENGINE += src/diag/reason.c
PHYSSEG_ENGINE += src/diag/strcall.c
PHYSSEG_ENGINE += src/diag/trace.c
PHYSSEG_ENGINE += src/remove.c
PHYSSEG_ENGINE += src/unplug.c
PHYSSEG_ENGINE += src/vmemmap.c

# Firmware's memory map, before it is loaded.
PHYSSEG_ENGINE += src/memmap/boot_params.c
PHYSSEG_ENGINE += src/memmap/e820.c
PHYSSEG_ENGINE += src/memmap/efi.c
PHYSSEG_ENGINE += src/memmap/fdt.c
PHYSSEG_ENGINE += src/memmap/fdt_memory.c
PHYSSEG_ENGINE += src/memmap/load.c
PHYSSEG_ENGINE += src/memmap/memmap.c
PHYSSEG_ENGINE += src/memmap/multiboot.c
PHYSSEG_ENGINE += src/memmap/multiboot2.c
PHYSSEG_ENGINE += src/memmap/pages.c
PHYSSEG_ENGINE += src/memmap/pvh.c
PHYSSEG_ENGINE += src/memmap/reader.c

PHYSSEG_SHIM += src/shim/rbtree.c
PHYSSEG_SHIM += src/shim/extent.c
PHYSSEG_SHIM += src/shim/extent_index.c
PHYSSEG_SHIM += src/shim/extent_print.c

# The backend of a map that names none: there is none, or there is a default,
# which brings a backend along.
PHYSSEG_NONE += src/backend/backend_none.c
PHYSSEG_DEFAULT += src/backend/backend_default.c

# The backends one by one, for who wants all of them.
PHYSSEG_ALL += src/backend/backend_at.c

# ---- userspace: with a libc ----

PHYSSEG_LIBC += src/shim/libc/extent_user.c
PHYSSEG_LIBC += src/shim/libc/host_user.c
PHYSSEG_LIBC += src/shim/libc/kmem.c
PHYSSEG_LIBC += src/shim/libc/panic.c
PHYSSEG_LIBC += src/shim/libc/trace_user.c
PHYSSEG_LIBC += src/shim/libc/vmemmap_user.c

PHYSSEG_READERS += src/urcu/urcu.c

# ---- the uvm_* face ----

PHYSSEG_UVM += src/uvm/uvm_boot.c
PHYSSEG_UVM += src/uvm/uvm_map.c
PHYSSEG_UVM += src/uvm/uvm_own_page.c
PHYSSEG_UVM += src/uvm/uvm_page.c
PHYSSEG_UVM += src/uvm/uvm_physseg.c

# What a page layer may have itself.  Each file is called as what it defines.
PHYSSEG_UVM_PAGE += src/uvm/page/physmem.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvm.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvm_page_init.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvm_page_lookup_freelist.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvm_page_physget.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvm_pageboot_alloc.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvm_pagefree.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvm_pageismanaged.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvm_phys_to_vm_page.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvm_setpagesize.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvm_vm_page_to_phys.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvmexp.c
PHYSSEG_UVM_PAGE += src/uvm/page/uvmpdpol_reinit.c

# Compiled once for each backend.
PHYSSEG_SELECT += src/uvm/select.c
PHYSSEG_ONLY_ONE += src/uvm/one_backend.c

# In userspace, with a libc.
PHYSSEG_UVM_LIBC += src/uvm/uvm_host.c
