/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * one_backend.c -- so that two backends on one link line are an error.
 *
 * Of two archives or shared libraries that define the same names the linker
 * silently takes the first.  This is therefore compiled once for every backend
 * to an object that is linked beside its library: objects are always taken,
 * and two of them define this name twice.
 */
extern const char link_one_uvm_physseg_backend_only;
const char link_one_uvm_physseg_backend_only = 0;
