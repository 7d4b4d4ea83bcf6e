/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm_extern.h -- the world around the map: the variables it shares with
 * the page layer, and what an integrator may define.
 *
 * Each of the headers in uvm/ may be included alone and first, and gives all
 * of them: whatever it needs comes from uvm_param.h, the rest follows it.
 */
#ifndef UVM_UVM_EXTERN_H
#define UVM_UVM_EXTERN_H

#include <uvm/uvm_param.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * These three are the page layer's as much as the library's.  The library
 * looks at them at every call, changes npages and physmem by what was added or
 * taken, and sets page_init_done in uvm_page_init only; whoever assigns to
 * them is believed.
 *
 * A page layer that assigns page_init_done itself: every call sees it at once,
 * and the next that is no lookup (uvm_physseg_find, uvm_phys_to_vm_page,
 * uvm_pageismanaged, uvm_page_lookup_freelist), a walk or getter included,
 * tells the map.  That call changes the map, and no other may run beside it.
 *
 * Who compiles src/uvm/ with headers of its own may have a struct uvm and a
 * struct uvmexp of its own, with the fields that the library looks at: define
 * UVM_UVM_DEFINED, UVM_UVMEXP_DEFINED, and the structures before
 * uvm_physseg_init is called.  That panics where the library was built with
 * others.
 */
#ifndef UVM_UVMEXP_DEFINED
#define UVM_UVMEXP_DEFINED
struct uvmexp {
	int pagesize;  /* bytes; physload wants it set, nothing else reads it */
	int pagemask;  /* the page layer's */
	int pageshift; /* the page layer's */
	int64_t npages; /* pages handed to uvm_pagefree: 0 before the switch */
	int64_t free;	/* the page layer's */
};
#endif
extern PHYSSEG_API struct uvmexp uvmexp;

#ifndef UVM_UVM_DEFINED
#define UVM_UVM_DEFINED
struct uvm {
	bool page_init_done; /* the switch has been: no more boot calls */
};
#endif
extern PHYSSEG_API struct uvm uvm;

/* Frames of memory: the page layer's until the switch; plug and unplug change
 * it from then on, never below 0. */
extern PHYSSEG_API psize_t physmem;

/* Set uvmexp.pagesize, unless it is set already, to PAGE_SIZE, and pagemask
 * and pageshift to what follows.  Panics unless it is a power of two. */
PHYSSEG_API void uvm_setpagesize(void);

/*
 * PANICS.  The map holds nothing while a function of this face panics, and is
 * what it was: so the host's panic may leave by longjmp, and the program go on,
 * where the message begins with the function's name.  It may leave a hook
 * (uvm_pagefree, uvmpdpol_reinit, alloc, ...) in the same way; but then the map
 * is in the middle of a change, the host's lock is held, if it has one, and the
 * next call must be uvm_physseg_init, which begins again.  A panic whose
 * message has no function's name is the engine's, about a broken invariant, and
 * must not be left.
 */

/*
 * What the integrator may define; the library's own do nothing and yield.
 * Each may call every lookup, walk and getter; plug and unplug are refused
 * from inside.
 */

/* This page is the page layer's to allocate from now on. */
PHYSSEG_API void uvm_pagefree(struct vm_page *pg);

/* Memory was plugged or unplugged: the page daemon's targets changed. */
PHYSSEG_API void uvmpdpol_reinit(void);

/*
 * Memory, panic and log (see physseg/host.h; the page hooks of this table are
 * not used, ctx is NULL): the table, and in *size sizeof(struct physseg_host),
 * as the caller's headers have it.  The library's own is userspace's.
 * Any hook may be NULL: without alloc there is no memory, without free none is
 * given back, without panic the library stops in an endless loop.
 */
struct physseg_host;
PHYSSEG_API const struct physseg_host *uvm_physseg_host(size_t *size);

/* Which backend this program is linked with: "rbtree", "array-bsearch"... */
extern PHYSSEG_API const char uvm_physseg_backend_name[];

/* Was the library built with DIAGNOSTIC, which turns wrong handles into
 * panics? */
extern PHYSSEG_API const bool uvm_physseg_diagnostic;

#ifdef __cplusplus
}
#endif

#include <uvm/uvm.h>

#endif /* UVM_UVM_EXTERN_H */
