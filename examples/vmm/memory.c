/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * memory.c -- the glue between this VMM and libphysseg; docs/porting.md walks
 * through it.
 *
 * A map without page structures is the registry of a guest's physical memory.
 * It decides what may be plugged and unplugged; slots and memory follow it, in
 * an order in which whatever can fail comes before the first change.  Every
 * segment has one slot, and with each goes a piece of data of ours, which the
 * map keeps: where the segment is in this process.
 *
 * That is kept as a distance, host address minus guest-physical address, which
 * is the same all over a segment.  So it stays right when a segment loses its
 * front, and the copy that a split makes is right for the tail.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <physseg/physseg.h>

#include "memory.h"
#include "program.h"

struct backing {
	uintptr_t distance; /* host address minus guest-physical address */
	unsigned slot;
};

int
memory_init(struct memory *m, const struct accel *accel, struct vm *vm)
{
	const struct physseg_config config = {
		.host = physseg_host_user(),
		.data_size = sizeof(struct backing),
		.may_empty = true, /* a guest has no memory before its first */
	};

	memset(m, 0, sizeof(*m));
	m->accel = accel;
	m->vm = vm;
	pthread_mutex_init(&m->lock, NULL);
	return physseg_create(&m->map, &config, NULL, 0);
}

/* Frames and bytes, also where a frame number is 32 bits wide. */
static physseg_pfn_t
frames(uint64_t bytes)
{
	return bytes / GUEST_PAGE < PHYSSEG_NOFRAME
	    ? (physseg_pfn_t)(bytes / GUEST_PAGE)
	    : PHYSSEG_NOFRAME;
}

static uint64_t
bytes(physseg_pfn_t frames)
{
	return (uint64_t)frames * GUEST_PAGE;
}

static void *
host_address(const struct backing *backing, uint64_t address)
{
	return (void *)(backing->distance + (uintptr_t)address);
}

void
memory_fini(struct memory *m)
{
	struct physseg_info info;
	physseg_t h;

	PHYSSEG_FOREACH(h, m->map) {
		physseg_get_info(m->map, h, &info);
		munmap(host_address(info.data, bytes(info.start)),
		    (size_t)bytes(info.end - info.start));
	}
	physseg_destroy(m->map);
	pthread_mutex_destroy(&m->lock);
}

/* ---- slots ---- */

static unsigned
free_slot(const struct memory *m)
{
	unsigned slot = 0;

	while (slot < SLOTS && m->used[slot])
		slot++;
	return slot;
}

/* Give a segment a slot. */
static int
map_segment(struct memory *m, const struct physseg_info *segment)
{
	struct backing *backing = segment->data;
	uint64_t address = bytes(segment->start);
	int error;

	backing->slot = free_slot(m);
	if (backing->slot == SLOTS)
		return PHYSSEG_ENOSLOT;
	error = m->accel->slot_add(m->vm, backing->slot, address,
	    bytes(segment->end - segment->start),
	    host_address(backing, address));
	if (error != 0) {
		fprintf(stderr, "slot_add: %s\n", strerror(error));
		return PHYSSEG_ENOMEM;
	}
	m->used[backing->slot] = true;
	return PHYSSEG_OK;
}

/* There is no way on when a slot cannot follow the map. */
static void
must(bool followed)
{
	if (!followed) {
		fprintf(stderr, "the slots do not follow the map\n");
		abort();
	}
}

/* A segment `old' has lost frames: so has the guest. */
static void
remap(struct memory *m, const struct physseg_info *old, unsigned slot)
{
	struct physseg_info left;
	physseg_t h;

	must(m->accel->slot_remove(m->vm, slot) == 0);
	m->used[slot] = false;
	for (h = physseg_from(m->map, old->start);
	     physseg_get_info(m->map, h, &left) == PHYSSEG_OK &&
	     left.start < old->end;
	     h = physseg_from(m->map, left.end))
		must(map_segment(m, &left) == PHYSSEG_OK);
}

/* ---- plug and unplug ---- */

static bool
whole_pages(uint64_t address, uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return (address | size) % page == 0 &&
	    (address | size) % GUEST_PAGE == 0 && size <= SIZE_MAX;
}

static int
plug(struct memory *m, uint64_t address, uint64_t size, void *host)
{
	const physseg_pfn_t pfn = frames(address), n = frames(size);
	struct physseg_info info;
	physseg_t h;
	int error;

	error = physseg_plug(m->map, pfn, n, 0, &h);
	if (error != PHYSSEG_OK)
		return error;
	physseg_get_info(m->map, h, &info);
	((struct backing *)info.data)->distance =
	    (uintptr_t)host - (uintptr_t)address;
	error = map_segment(m, &info);
	if (error != PHYSSEG_OK)
		physseg_unplug(m->map, pfn, n);
	return error;
}

int
memory_plug(struct memory *m, uint64_t address, uint64_t size)
{
	void *host;
	int error;

	if (!whole_pages(address, size) || size == 0)
		return PHYSSEG_EINVAL;
	host = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (host == MAP_FAILED)
		return PHYSSEG_ENOMEM;
	pthread_mutex_lock(&m->lock);
	error = plug(m, address, size, host);
	pthread_mutex_unlock(&m->lock);
	if (error != PHYSSEG_OK)
		munmap(host, (size_t)size);
	return error;
}

static int
unplug(struct memory *m, uint64_t address, uint64_t size)
{
	const physseg_pfn_t pfn = frames(address), n = frames(size);
	struct physseg_info old;
	struct backing backing;
	int error;

	error = physseg_get_info(m->map, physseg_find(m->map, pfn, NULL), &old);
	if (error != PHYSSEG_OK)
		return error;
	if (old.start < pfn && pfn + n < old.end && free_slot(m) == SLOTS)
		return PHYSSEG_ENOSLOT;
	backing = *(struct backing *)old.data;
	error = physseg_unplug(m->map, pfn, n);
	if (error != PHYSSEG_OK)
		return error;
	remap(m, &old, backing.slot);
	munmap(host_address(&backing, address), (size_t)size);
	return PHYSSEG_OK;
}

int
memory_unplug(struct memory *m, uint64_t address, uint64_t size)
{
	int error;

	if (!whole_pages(address, size))
		return PHYSSEG_EINVAL;
	pthread_mutex_lock(&m->lock);
	error = unplug(m, address, size);
	pthread_mutex_unlock(&m->lock);
	return error;
}

/* ---- translation ---- */

/*
 * The host address of a guest-physical one, NULL: no memory.  An aligned word
 * lies in one page, so in one segment.  Good as long as the lock is held.
 */
static _Atomic uint32_t *
translate(const struct memory *m, uint64_t address)
{
	struct physseg_info info;
	physseg_t h = physseg_find(m->map, frames(address), NULL);

	if (address % sizeof(uint32_t) != 0 ||
	    physseg_get_info(m->map, h, &info) != PHYSSEG_OK)
		return NULL;
	return host_address(info.data, address);
}

bool
memory_load(struct memory *m, uint64_t address, uint32_t *word)
{
	_Atomic uint32_t *host;

	pthread_mutex_lock(&m->lock);
	host = translate(m, address);
	if (host != NULL)
		*word = guest_order(
		    atomic_load_explicit(host, memory_order_acquire));
	pthread_mutex_unlock(&m->lock);
	return host != NULL;
}

bool
memory_store(struct memory *m, uint64_t address, uint32_t word)
{
	_Atomic uint32_t *host;

	pthread_mutex_lock(&m->lock);
	host = translate(m, address);
	if (host != NULL)
		atomic_store_explicit(
		    host, guest_order(word), memory_order_release);
	pthread_mutex_unlock(&m->lock);
	return host != NULL;
}

/* ---- for people, and for tests ---- */

void
memory_show(struct memory *m, const char *prefix)
{
	const struct backing *backing;
	struct physseg_info info;
	physseg_t h;

	pthread_mutex_lock(&m->lock);
	PHYSSEG_FOREACH(h, m->map) {
		physseg_get_info(m->map, h, &info);
		backing = info.data;
		printf("%s    0x%08" PRIx64 "-0x%08" PRIx64
		       "  slot %u  host %p\n",
		    prefix, bytes(info.start), bytes(info.end) - 1,
		    backing->slot, host_address(backing, bytes(info.start)));
	}
	pthread_mutex_unlock(&m->lock);
}

const char *
memory_check(struct memory *m)
{
	struct physseg_stats stats;
	const char *wrong;
	size_t slots = 0;

	pthread_mutex_lock(&m->lock);
	wrong = physseg_check(m->map);
	physseg_get_stats(m->map, &stats);
	for (unsigned slot = 0; slot < SLOTS; slot++)
		slots += m->used[slot];
	if (wrong == NULL && slots != stats.segments)
		wrong = "there are not as many slots as segments";
	pthread_mutex_unlock(&m->lock);
	return wrong;
}
