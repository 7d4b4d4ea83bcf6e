/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/examples/vmm_chaos.h -- what the VMM's memory takes memory from, in
 * t_vmm_chaos: each of them may refuse.
 */
#ifndef TESTS_VMM_CHAOS_H
#define TESTS_VMM_CHAOS_H

#include <stddef.h>
#include <sys/types.h>

#include <physseg/physseg.h>

const struct physseg_host *chaos_host_user(void);
void *chaos_calloc(size_t n, size_t size);
void *chaos_mmap(
    void *at, size_t size, int protection, int flags, int fd, off_t offset);

#endif /* TESTS_VMM_CHAOS_H */
