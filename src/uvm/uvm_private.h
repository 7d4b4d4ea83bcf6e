/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_private.h -- what the files of the compatible face share.  Not
 * installed.
 *
 * uvm_map.c      the one map: its memory, its hooks, its beginning
 * uvm_physseg.c  plug, unplug, find, walk, attributes
 * uvm_page.c     what is loaded and unloaded at boot
 * uvm_boot.c     the switch, step by step
 * uvm_own_page.c for programs with a struct vm_page of their own
 * select.c       the backend, compiled once for each library
 * uvm_host.c     the host, for a program that runs in userspace
 *
 * The rest are definitions that an integrator's own take the place of: what a
 * page layer has (NetBSD's uvm_page.c), hooks, variables.  Each stands in a
 * file that is called as what it defines, and no other file needs it, so a
 * linker leaves it out.
 *
 * The face is thin: it turns the native error codes into the original's false,
 * invalid handle or panic, frames into byte addresses, and the map's accounts
 * into the variables that the page layer shares.
 */
#ifndef UVM_PRIVATE_H
#define UVM_PRIVATE_H

#include <uvm/uvm.h>

#include <physseg/boot.h>
#include <physseg/host.h>
#include <physseg/lifecycle.h>

/* Read without a table of offsets in a shared library. */
#if defined(__GNUC__)
#define UVM_HIDDEN __attribute__((__visibility__("hidden")))
#else
#define UVM_HIDDEN
#endif

/* Defined by the selector. */
const struct physseg_backend *uvm_physseg_backend(void);

/* The map; NULL before it is used for the first time.  Inline, because every
 * lookup asks for it.  Lookups take it as it is. */
UVM_HIDDEN extern struct physseg_map *uvm_physseg_the_map;

/* The phase that the map was told last, and telling it. */
UVM_HIDDEN extern bool uvm_physseg_phase;
void uvm_physseg_tell(struct physseg_map *map, bool running);

static inline struct physseg_map *
uvm_physseg_map(void)
{
	return uvm_physseg_the_map;
}

/* Tell the map the phase that uvm.page_init_done says.  From inside a hook it
 * is told by the next call. */
static inline struct physseg_map *
uvm_physseg_in_phase(struct physseg_map *map)
{
	if (uvm_physseg_phase != uvm.page_init_done)
		uvm_physseg_tell(map, uvm.page_init_done);
	return map;
}

/* For walks and getters: the map, NULL as above, in that phase. */
static inline struct physseg_map *
uvm_physseg_map_seen(void)
{
	struct physseg_map *map = uvm_physseg_map();

	return map == NULL ? NULL : uvm_physseg_in_phase(map);
}

/* For calls that change it: the map, made if need be, in that phase. */
struct physseg_map *uvm_physseg_map_now(void);

/* Zeroed memory of the host's; NULL: there is none. */
void *uvm_physseg_memory(size_t size);

/* The same, one piece of it, which uvm_physseg_give_back or uvm_physseg_init
 * gives back; is there one? */
void *uvm_physseg_keep(size_t size);
bool uvm_physseg_keeps(void);
void uvm_physseg_give_back(void);

/* All attributes of a segment that is valid, else of none: ranges that say
 * (paddr_t)-1, and the defaults.  True if it is valid. */
bool uvm_physseg_info(const struct physseg_map *map, uvm_physseg_t handle,
    struct physseg_info *info);

/* The same, where a wrong handle is the caller's fault. */
struct physseg_info uvm_physseg_info_or_blame(
    const struct physseg_map *map, uvm_physseg_t handle, const char *function);

/* What a call that takes one page answers; frames become byte addresses. */
bool uvm_physseg_taken(
    int error, physseg_pfn_t pfn, paddr_t *pa, const char *function);

/* The plug under way: its handle, and the caller's variable for it, which the
 * engine cannot write, for its handles are of another type.  The
 * host's page_free copies. */
struct uvm_plug {
	uvm_physseg_t *to;
	physseg_t handle;
};
extern struct uvm_plug uvm_physseg_plugging;

/* What uvm_physseg_init was told of the program; was it told? */
extern struct uvm_physseg_program uvm_physseg_program;
extern bool uvm_physseg_told;

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
