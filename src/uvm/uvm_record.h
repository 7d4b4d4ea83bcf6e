/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_record.h -- the record allocator of the paper (6.1), for tests of the
 * init dance.  It panics about what it refuses at boot.
 *
 * The functions are inline, because a shared library does not export the
 * engine's functions that they call.
 */
#ifndef UVM_RECORD_H
#define UVM_RECORD_H

#include "engine.h"
#include "uvm_private.h"

/* `size' bytes for records; NULL: the host has no memory. */
static inline void *
uvm_physseg_alloc(size_t size)
{
	void *mem = NULL;
	int error = physseg_record_alloc(uvm_physseg_map_now(), size, &mem);

	if (error != PHYSSEG_OK && error != PHYSSEG_ENOMEM)
		uvm_physseg_panic(__func__, physseg_strerror(error));
	return mem;
}

static inline void
uvm_physseg_free(void *mem, size_t size)
{
	int error = physseg_record_free(uvm_physseg_map_now(), mem, size);

	if (error != PHYSSEG_OK)
		uvm_physseg_panic(__func__, physseg_strerror(error));
}

#endif /* UVM_RECORD_H */
