/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * machine.h -- what was measured on: the hardware, the system, the compiler.
 * Nothing that names a host, a person or a place.
 */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct machine_fact {
	const char *name; /* "processor" */
	char value[256];  /* never empty */
};

/* All that can be found out, from the first call on the same. */
const struct machine_fact *machine_facts(size_t *count);

#ifdef __cplusplus
}
#endif
#endif /* BENCH_MACHINE_H */
