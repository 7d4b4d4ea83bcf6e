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
 */
struct uvmexp {
	int pagesize;  /* bytes; physload wants it set, nothing else reads it */
	int pagemask;  /* the page layer's */
	int pageshift; /* the page layer's */
	int64_t npages; /* pages handed to uvm_pagefree: 0 before the switch */
	int64_t free;	/* the page layer's */
};
extern PHYSSEG_API struct uvmexp uvmexp;

struct uvm {
	bool page_init_done; /* the switch has been: no more boot calls */
};
extern PHYSSEG_API struct uvm uvm;

/* Frames of memory: the page layer's until the switch; plug and unplug change
 * it from then on, never below 0. */
extern PHYSSEG_API psize_t physmem;

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
