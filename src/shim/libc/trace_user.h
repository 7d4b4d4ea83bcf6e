/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/trace_user.h -- the file of a process's trace.
 */
#ifndef PHYSSEG_SHIM_TRACE_USER_H
#define PHYSSEG_SHIM_TRACE_USER_H

/* Its name; NULL: none is wanted. */
const char *physseg_trace_path(void);

#endif /* PHYSSEG_SHIM_TRACE_USER_H */
