/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * select.c -- the backend of the uvm_* functions.  It is compiled once for each
 * library of the face, and the object that is linked decides.
 *
 *	-DUVM_BACKEND=array_bsearch	the backend is
 * physseg_backend_array_bsearch -DUVM_BACKEND_NAME=array-bsearch its name, if
 * that is spelled differently
 */
#include "uvm_private.h"

#ifndef UVM_BACKEND
#error "UVM_BACKEND is not defined: rbtree, radix, array_bsearch, ..."
#endif
#ifndef UVM_BACKEND_NAME
#define UVM_BACKEND_NAME UVM_BACKEND
#endif

/* In two steps, so that the arguments are expanded. */
#define SELECT_FUNCTION_OF(backend) physseg_backend_##backend
#define SELECT_FUNCTION(backend)    SELECT_FUNCTION_OF(backend)
#define SELECT_TEXT_OF(name)	    #name
#define SELECT_TEXT(name)	    SELECT_TEXT_OF(name)

const struct physseg_backend *
uvm_physseg_backend(void)
{
	return SELECT_FUNCTION(UVM_BACKEND)();
}

const char uvm_physseg_backend_name[] = SELECT_TEXT(UVM_BACKEND_NAME);
