/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/panic.h -- panic(9) in userspace: the end of the process.
 */
#ifndef SHIM_PANIC_H
#define SHIM_PANIC_H

/* A macro with arguments, so that a member can be called `panic'.  Where this
 * header is included, call such a member as (host->panic)(...). */
#define panic(...) physseg_user_panic(__VA_ARGS__)

#if defined(__GNUC__)
#define PANIC_FORMAT __attribute__((__format__(__printf__, 1, 2)))
#else
#define PANIC_FORMAT
#endif

/* Write "panic: ", the text and a newline to stderr, and abort. */
PANIC_FORMAT _Noreturn void physseg_user_panic(const char *fmt, ...);

#endif /* SHIM_PANIC_H */
