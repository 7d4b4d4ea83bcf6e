/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * one_backend.c -- makes two backends on one link line an error.
 *
 * Of two archives or shared libraries that define the same names the linker
 * takes the first, and says nothing.  So this file is compiled once for every
 * backend to an object that is linked beside its library.  A linker takes every
 * object that is named, and two of them define this name twice.
 */
extern const char link_one_uvm_physseg_backend_only;
const char link_one_uvm_physseg_backend_only = 0;
