/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_private.h -- what the files of the compatible face share.  Not
 * installed.
 *
 * uvm_map.c      the one map: its memory, its hooks, its beginning
 * uvm_physseg.c  plug, unplug, find, walk, attributes
 * uvm_page.c     pages, and what is loaded and unloaded at boot
 * uvm_boot.c     the switch, step by step and at once
 * select_*.c     one backend each: which of them is linked decides
 *
 * The rest are definitions that an integrator's own take the place of, so each
 * stands in an object file of its own.
 *
 * The face is thin: it turns the native error codes into the original's false,
 * invalid handle or panic, frames into byte addresses, and the map's accounts
 * into the variables that the page layer shares.
 */
#ifndef UVM_PRIVATE_H
#define UVM_PRIVATE_H

#include <uvm/uvm.h>

#include <physseg/boot.h>

/* Defined by the selector. */
const struct physseg_backend *uvm_physseg_backend(void);

/* The map; NULL before it is used for the first time.  Inline, because every
 * lookup asks for it. */
#if defined(__GNUC__)
__attribute__((__visibility__("hidden"))) /* no way round a table of offsets */
#endif
extern struct physseg_map *uvm_physseg_the_map;

static inline struct physseg_map *
uvm_physseg_map(void)
{
	return uvm_physseg_the_map;
}

/* The same, made if need be, and in the phase that uvm.page_init_done says. */
struct physseg_map *uvm_physseg_map_now(void);

/* Let uvm_physseg_init give this memory back to the host. */
void uvm_physseg_keep(void *mem, size_t size);

/* The plug under way: its handle, and the caller's variable for it, which the
 * engine cannot write, for its handles are of another type.  The
 * host's page_free copies. */
struct uvm_plug {
	uvm_physseg_t *to;
	physseg_t handle;
};
extern struct uvm_plug uvm_physseg_plugging;

/* What uvm_physseg_init was told of the program. */
struct uvm_program {
	size_t page_size;      /* of its struct vm_page */
	size_t page_phys_addr; /* where phys_addr is in that */
	int freelist;	       /* its VM_FREELIST_DEFAULT */
};
extern struct uvm_program uvm_physseg_program;

/* The phys_addr of a page. */
paddr_t uvm_physseg_phys_addr(const struct vm_page *pg);

/* Panic with "function: reason". */
_Noreturn void uvm_physseg_panic(const char *function, const char *reason);

/* The same, if the library was built with DIAGNOSTIC. */
void uvm_physseg_blame(const char *function, const char *reason);

static inline physseg_t
uvm_physseg_native(uvm_physseg_t handle)
{
	return (physseg_t)handle;
}

static inline uvm_physseg_t
uvm_physseg_handle(physseg_t handle)
{
	return (uvm_physseg_t)handle;
}

/* A number of frames; one that their type cannot hold is out of every range,
 * too. */
static inline physseg_pfn_t
uvm_physseg_frames(size_t n)
{
	return (physseg_pfn_t)n == n ? (physseg_pfn_t)n : PHYSSEG_NOFRAME;
}

#endif /* UVM_PRIVATE_H */
