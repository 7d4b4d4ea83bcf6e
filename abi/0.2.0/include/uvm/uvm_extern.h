/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm/uvm_extern.h -- the variables that the map shares with the page layer,
 * and the functions that an integrator may define.
 *
 * The page layer is the part of a kernel that allocates frames and owns the
 * page structures.  The integrator is the author of the program that uses this
 * library.
 *
 * Each header in uvm/ may be included alone and first, and declares the whole
 * face.  It includes uvm_param.h first, which has what its declarations need,
 * and the other headers at its end.
 */
#ifndef UVM_UVM_EXTERN_H
#define UVM_UVM_EXTERN_H

#include <uvm/uvm_param.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * VARIABLES.  uvmexp, uvm and physmem belong to the page layer and the library
 * together.  The library reads them anew in each call that depends on them, so
 * the page layer may assign to them at any time.  The library changes npages
 * and physmem only by adding and subtracting, and sets page_init_done only in
 * uvm_page_init.
 *
 * A page layer may also assign page_init_done itself.  Every call sees the new
 * value at once.  But the map behind the calls must follow: it builds or drops
 * its index.  It does so in the next call that is not a lookup, even if that is
 * a walk or a getter such as uvm_physseg_get_start.  So this one call counts as
 * a change, and must run alone.  Call uvm_physseg_build right after the
 * assignment, and it is that call.  On the radix tree a map of more than
 * VM_PHYSSEG_MAX segments does not boot again when it is set to false: it stays
 * as it is.  The lookups are uvm_physseg_find, uvm_phys_to_vm_page,
 * uvm_pageismanaged and uvm_page_lookup_freelist.
 *
 * An integrator who compiles src/uvm/ may use another struct uvm or struct
 * uvmexp, with the fields that the library uses.  Define UVM_UVM_DEFINED or
 * UVM_UVMEXP_DEFINED, and the structure before uvm_physseg_init is called.
 * uvm_physseg_init panics if the library was built with a different layout.
 */
#ifndef UVM_UVMEXP_DEFINED
#define UVM_UVMEXP_DEFINED
struct uvmexp {
	int pagesize;	/* bytes; must be set before uvm_page_physload */
	int pagemask;	/* the page layer's */
	int pageshift;	/* the page layer's */
	int64_t npages; /* counted frames (physseg.h) */
	int64_t free;	/* the page layer's */
};
#endif
extern PHYSSEG_API struct uvmexp uvmexp;

#ifndef UVM_UVM_DEFINED
#define UVM_UVM_DEFINED
struct uvm {
	bool page_init_done; /* the switch is over, boot calls panic */
};
#endif
extern PHYSSEG_API struct uvm uvm;

/* The number of frames of memory.  The page layer sets it until the switch.
 * After that, plug and unplug change it, but never below 0. */
extern PHYSSEG_API psize_t physmem;

/* Set uvmexp.pagesize to PAGE_SIZE, unless it is set already, and pagemask and
 * pageshift to the values that follow from it.  Panics if the page size is not
 * a power of two. */
PHYSSEG_API void uvm_setpagesize(void);

/*
 * PANICS.  A function of this face calls the host's panic with a message that
 * begins with the function's name.  At that time the map is unchanged, and no
 * lock is held unless the function was called inside a hook.  So the host's
 * panic may leave by longjmp, and the program can continue.
 *
 * A hook (uvm_pagefree, uvmpdpol_reinit, alloc, ...) may also leave by longjmp.
 * But then the map is in the middle of a change, and the host's lock is held if
 * it has one.  The next call must be uvm_physseg_init, which starts anew.
 *
 * A panic whose message does not begin with a function's name reports a broken
 * invariant of the engine.  The host's panic must not return from it or leave.
 */

/*
 * HOOKS.  The integrator may define the next three functions.  In a static link
 * the program's definitions replace the library's.  The library's uvm_pagefree
 * and uvmpdpol_reinit do nothing.  A hook may call every lookup, walk and
 * getter.  Plug and unplug return false inside a hook.
 */

/* From now on the page layer may allocate the frame of this page structure. */
PHYSSEG_API void uvm_pagefree(struct vm_page *pg);

/* Memory was plugged or unplugged, so the page daemon's targets changed. */
PHYSSEG_API void uvmpdpol_reinit(void);

/*
 * Return the host's table (physseg/host.h), and set *size to sizeof(struct
 * physseg_host) as the integrator's headers have it.  The library's own
 * function returns physseg_host_user().  The freestanding library has none, so
 * there the integrator must define it.
 *
 * The page hooks, `account' and `reinit' of this table are not used: the
 * library sets its own there.  `ctx' is NULL.  Any hook may be NULL.  Without
 * `alloc' there is no memory.  Without `free' none is given back.  Without
 * `panic' the library stops in an endless loop.
 */
struct physseg_host;
PHYSSEG_API const struct physseg_host *uvm_physseg_host(size_t *size);

/* The name of the backend that this program is linked with: "rbtree",
 * "array-bsearch" and so on. */
extern PHYSSEG_API const char uvm_physseg_backend_name[];

/* Was the library built with DIAGNOSTIC?  Then a wrong handle leads to a
 * panic. */
extern PHYSSEG_API const bool uvm_physseg_diagnostic;

#ifdef __cplusplus
}
#endif

#include <uvm/uvm.h>

#endif /* UVM_UVM_EXTERN_H */
