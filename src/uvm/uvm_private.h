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
 * Each of the other files defines one thing that a program may define itself: a
 * function of a page layer (NetBSD's uvm_page.c), a hook or a variable.  The
 * file has the name of what it defines, and no other file refers to it.  So a
 * linker takes the program's definition and leaves the file out.
 *
 * The face is thin.  It turns native error codes into what the original does
 * (false, an invalid handle, a panic), frames into byte addresses, and the
 * map's counts into the variables that the page layer shares.
 */
#ifndef UVM_PRIVATE_H
#define UVM_PRIVATE_H

#include <uvm/uvm.h>

#include <physseg/boot.h>
#include <physseg/host.h>
#include <physseg/lifecycle.h>

/* Such a variable is read directly in a shared library, without a table. */
#if defined(__GNUC__)
#define UVM_HIDDEN __attribute__((__visibility__("hidden")))
#else
#define UVM_HIDDEN
#endif

/* Defined by the selector. */
const struct physseg_backend *uvm_physseg_backend(void);

/* The map; NULL before it is used for the first time.  Lookups read it
 * directly, and do not tell it the phase. */
UVM_HIDDEN extern struct physseg_map *uvm_physseg_the_map;

/* The phase that the map was told last; and the function that tells it. */
UVM_HIDDEN extern bool uvm_physseg_phase;
void uvm_physseg_tell(struct physseg_map *map, bool running);

static inline struct physseg_map *
uvm_physseg_map(void)
{
	return uvm_physseg_the_map;
}

/* Tell the map the phase of uvm.page_init_done.  A map in the middle of a
 * change (a hook called) is told by the next call. */
static inline struct physseg_map *
uvm_physseg_in_phase(struct physseg_map *map)
{
	if (uvm_physseg_phase != uvm.page_init_done)
		uvm_physseg_tell(map, uvm.page_init_done);
	return map;
}

/* For walks and getters: the map in that phase; NULL as above. */
static inline struct physseg_map *
uvm_physseg_map_seen(void)
{
	struct physseg_map *map = uvm_physseg_map();

	return map == NULL ? NULL : uvm_physseg_in_phase(map);
}

/* For calls that change the map: the map in that phase.  It is made if there is
 * none. */
struct physseg_map *uvm_physseg_map_now(void);

/* Zeroed memory from the host; NULL: it has none. */
void *uvm_physseg_memory(size_t size);

/* The same, for one piece that uvm_physseg_give_back or uvm_physseg_init gives
 * back.  uvm_physseg_keeps: is there one? */
void *uvm_physseg_keep(size_t size);
bool uvm_physseg_keeps(void);
void uvm_physseg_give_back(void);

/* True, and the attributes of a valid segment.  Otherwise false, every bound is
 * (paddr_t)-1, and the rest has its defaults. */
bool uvm_physseg_info(const struct physseg_map *map, uvm_physseg_t handle,
    struct physseg_info *info);

/* The same, where a wrong handle is an error of the caller (DIAGNOSTIC). */
struct physseg_info uvm_physseg_info_or_blame(
    const struct physseg_map *map, uvm_physseg_t handle, const char *function);

/* The result of a call that takes one page, with its byte address in *pa. */
bool uvm_physseg_taken(
    int error, physseg_pfn_t pfn, paddr_t *pa, const char *function);

/* The plug that is being done: its handle, and the caller's variable for it.
 * The engine cannot write that variable, because its type is another.  The hook
 * page_free copies the handle, so the variable is set when the caller's own
 * uvm_pagefree is called. */
struct uvm_plug {
	uvm_physseg_t *to;
	physseg_t handle;
};
extern struct uvm_plug uvm_physseg_plugging;

/* The program's parameters; and whether uvm_physseg_init has passed any. */
extern struct uvm_physseg_program uvm_physseg_program;
extern bool uvm_physseg_told;

/* The phys_addr of a page. */
paddr_t uvm_physseg_phys_addr(const struct vm_page *pg);

/* Panic with "function: reason". */
_Noreturn void uvm_physseg_panic(const char *function, const char *reason);

/* The same, and why the map refused it: "function: reason (line)". */
_Noreturn void uvm_physseg_panic_why(
    const char *function, const char *reason, const struct physseg_reason *why);

/* A line for the host's log; and one of why the map refused something, which
 * returns false. */
void uvm_physseg_log(const char *line);
bool uvm_physseg_refused(const struct physseg_reason *why);

/* The longest line that a log or a panic gets, in bytes with its NUL. */
#define UVM_PHYSSEG_LINE 320

/* Panic as uvm_physseg_panic, if the library was built with DIAGNOSTIC. */
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

/* A number of frames.  One that physseg_pfn_t cannot hold becomes a number that
 * is out of every range. */
static inline physseg_pfn_t
uvm_physseg_frames(size_t n)
{
	return (physseg_pfn_t)n == n ? (physseg_pfn_t)n : PHYSSEG_NOFRAME;
}

#endif /* UVM_PRIVATE_H */
