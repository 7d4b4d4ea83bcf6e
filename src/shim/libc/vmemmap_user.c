/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/libc/vmemmap_user.c -- a vmemmap in a process: address space that is
 * reserved, and committed as the map asks for it.
 *
 * What is not committed cannot be read.  So a use of a page structure after its
 * unplug stops the process.  The bits can be read at once: a page of them takes
 * memory from the first time on that one is set.
 */
#ifndef _DEFAULT_SOURCE /* MAP_ANONYMOUS and madvise */
#define _DEFAULT_SOURCE
#endif

#include <stdint.h>
#ifdef __unix__
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <physseg/physseg.h>

#include "shim/libc/vmemmap_user.h"

#ifdef __unix__

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

/* Address space; NULL: there is none. */
static void *
user_reserve(size_t size, int protection)
{
	void *p = mmap(NULL, size, protection,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* The bytes of the page structures, in whole granules, and of the bits.  False:
 * there is no such number. */
static bool
user_sizes(const struct physseg_config *config, size_t granule, size_t *pages,
    size_t *present)
{
	if (config->frames == 0 || config->page_size == 0 ||
	    config->frames > (PTRDIFF_MAX - granule) / config->page_size)
		return false;
	*pages = ((size_t)config->frames * config->page_size + granule - 1) /
	    granule * granule;
	*present = ((size_t)config->frames / 64 + 1) * 8;
	return true;
}

int
physseg_vmemmap_user_reserve(struct physseg_config *config)
{
	const size_t granule = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages, present;
	void *p, *bits;

	if (!user_sizes(config, granule, &pages, &present))
		return PHYSSEG_EINVAL;
	if ((p = user_reserve(pages, PROT_NONE)) == NULL)
		return PHYSSEG_ENOMEM;
	if ((bits = user_reserve(present, PROT_READ | PROT_WRITE)) == NULL) {
		(void)munmap(p, pages);
		return PHYSSEG_ENOMEM;
	}
	config->vmemmap = p;
	config->present = bits;
	config->granule = granule;
	return PHYSSEG_OK;
}

void
physseg_vmemmap_user_release(const struct physseg_config *config)
{
	size_t pages, present;

	if (!user_sizes(config, config->granule, &pages, &present))
		return;
	(void)munmap(config->vmemmap, pages);
	(void)munmap(config->present, present);
}

bool
physseg_vmemmap_user_commit(void *ctx, void *p, size_t size)
{
	(void)ctx;
	return mprotect(p, size, PROT_READ | PROT_WRITE) == 0;
}

/* Without room for one mapping more the memory goes, and the address stays
 * readable. */
void
physseg_vmemmap_user_decommit(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)madvise(p, size, MADV_DONTNEED);
	(void)mprotect(p, size, PROT_NONE);
}

#else

int
physseg_vmemmap_user_reserve(struct physseg_config *config)
{
	(void)config;
	return PHYSSEG_ENOMEM;
}

void
physseg_vmemmap_user_release(const struct physseg_config *config)
{
	(void)config;
}

#endif /* __unix__ */
