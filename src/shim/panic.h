/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/panic.h -- panic(9) in userspace: the end of the process.
 */
#ifndef SHIM_PANIC_H
#define SHIM_PANIC_H

#include <stdnoreturn.h>

/* A macro with arguments, so that members called `panic' keep their name. */
#define panic(...) physseg_user_panic(__VA_ARGS__)

#if defined(__GNUC__)
__attribute__((__format__(__printf__, 1, 2)))
#endif
/* Write "panic: ", the text and a newline to stderr, and abort. */
noreturn void
panic(const char *fmt, ...);

#endif /* SHIM_PANIC_H */
