/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * memory.c -- the glue between this VMM and libphysseg; docs/porting.md walks
 * through it.
 *
 * A map of the guest's physical memory decides what may be plugged and
 * unplugged; slots and memory follow it, in an order in which whatever can fail
 * comes before the first change.  Every segment has one slot, whose number is
 * the segment's data.
 *
 * The map's page structures are the guest's pages themselves: page_size is that
 * of a page, and the array that comes with a plug is the memory which the guest
 * gets.  So physseg_page translates a guest-physical address.  It takes no
 * lock on a 64-bit machine: a reader is in a section, and an unplug waits until
 * all sections have ended that had begun, before it gives the memory back to
 * the system.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <physseg/lifecycle.h>

#include "memory.h"
#include "program.h"

struct backing {
	unsigned slot;
};

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

/* ---- sections ---- */

/*
 * Readers count themselves in one of two counters.  The waiter first turns new
 * readers to the other counter, so that each counter falls to 0.
 *
 * It reads a counter by adding 0.  So either it sees that a reader is counted,
 * or that reader, which adds to the same counter later, sees everything that
 * was changed before the wait.
 *
 * Where a frame number is wider than a pointer the backend's readers need a
 * lock, and a section is under the one of changes.
 */
static bool
needs_lock(void)
{
	return (physseg_backend_radix()->capabilities & PHYSSEG_LOCKFREE) == 0;
}

static unsigned
section_begin(struct memory *m)
{
	const unsigned i = atomic_load(&m->turn) % 2;

	if (needs_lock())
		pthread_mutex_lock(&m->lock);
	atomic_fetch_add(&m->readers[i], 1);
	return i;
}

static void
section_end(struct memory *m, unsigned i)
{
	atomic_fetch_sub(&m->readers[i], 1);
	if (needs_lock())
		pthread_mutex_unlock(&m->lock);
}

static void
host_sync(void *ctx)
{
	struct memory *m = ctx;

	for (unsigned turns = 0; turns < 2; turns++) {
		const unsigned i = atomic_fetch_add(&m->turn, 1) % 2;

		while (atomic_fetch_add(&m->readers[i], 0) != 0)
			sched_yield();
	}
}

/* ---- is memory in use? ---- */

/* Note what the guest has written to frames of a segment that are to leave. */
static void
collect(struct memory *m, physseg_pfn_t pfn, physseg_pfn_t n)
{
	const physseg_t h = physseg_find(m->map, pfn, NULL);
	struct physseg_info info;

	physseg_get_info(m->map, h, &info);
	m->accel->slot_written(m->vm, ((struct backing *)info.data)->slot,
	    pfn - info.start, n, &m->written[pfn - frames(m->leaving)]);
}

/* What was written before does not count: the guest may have given it up. */
static int
host_isolate(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy)
{
	struct memory *m = ctx;

	*busy = 0;
	if (m->written == NULL) /* a plug that failed is undone */
		return 0;
	collect(m, pfn, n);
	memset(&m->written[pfn - frames(m->leaving)], 0, (size_t)n);
	return 0;
}

/* The guest was not kept from its pages, so there is nothing to give back. */
static void
host_release(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	(void)pfn;
	(void)n;
}

/* A page that the guest goes on writing to is in use. */
static physseg_pfn_t
host_in_use(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct memory *m = ctx;
	physseg_pfn_t i = 0;

	if (m->written == NULL)
		return PHYSSEG_NOFRAME;
	collect(m, pfn, n);
	while (i < n && !m->written[pfn - frames(m->leaving) + i])
		i++;
	return i < n ? pfn + i : PHYSSEG_NOFRAME;
}

/* ---- making it ---- */

int
memory_init(struct memory *m, const struct accel *accel, struct vm *vm)
{
	struct physseg_host host = *physseg_host_user();
	const struct physseg_config config = {
		.backend = physseg_backend_radix(),
		.host = &host,
		.ctx = m,
		.page_size = GUEST_PAGE,
		.data_size = sizeof(struct backing),
		.block = MEMORY_BLOCK / GUEST_PAGE,
		.frames = frames(UINT64_MAX), /* no address wraps */
		.may_empty = true, /* a guest has no memory before its first */
	};

	host.sync = host_sync;
	host.isolate = host_isolate;
	host.release = host_release;
	host.in_use = host_in_use;
	memset(m, 0, sizeof(*m));
	m->accel = accel;
	m->vm = vm;
	atomic_init(&m->turn, 0);
	atomic_init(&m->readers[0], 0);
	atomic_init(&m->readers[1], 0);
	pthread_mutex_init(&m->lock, NULL);
	return physseg_create(&m->map, &config, NULL, 0);
}

void
memory_fini(struct memory *m)
{
	struct physseg_info info;
	physseg_t h;

	PHYSSEG_FOREACH(h, m->map) {
		physseg_get_info(m->map, h, &info);
		munmap(info.pages, (size_t)bytes(info.end - info.start));
	}
	physseg_destroy(m->map);
	free(m->written);
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
	int error;

	backing->slot = free_slot(m);
	if (backing->slot == SLOTS)
		return PHYSSEG_ENOSLOT;
	error = m->accel->slot_add(m->vm, backing->slot, bytes(segment->start),
	    bytes(segment->end - segment->start), segment->pages);
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

/* ---- plug ---- */

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
	const struct physseg_addition add = {
		.pfn = frames(address),
		.n = frames(size),
		.source = PHYSSEG_FROM_CALLER,
		.pages = host,
	};
	struct physseg_info info;
	physseg_t h;
	int error;

	error = physseg_add(m->map, &add, &h, NULL);
	if (error != PHYSSEG_OK)
		return error;
	physseg_get_info(m->map, h, &info);
	error = map_segment(m, &info);
	if (error != PHYSSEG_OK)
		physseg_unplug(m->map, add.pfn, add.n);
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

/* ---- unplug ---- */

static int
begin(struct memory *m, uint64_t address, uint64_t size,
    struct physseg_reason *reason)
{
	int error;

	if (m->removal != NULL)
		return PHYSSEG_EREMOVING;
	m->leaving = address;
	m->leaving_size = size;
	m->written = calloc((size_t)frames(size) + 1, 1);
	if (m->written == NULL)
		return PHYSSEG_ENOMEM;
	error = physseg_remove_begin(m->map, frames(address), frames(size),
	    PHYSSEG_REMOVE_UNPLUG, &m->removal, reason);
	if (error != PHYSSEG_OK) {
		free(m->written);
		m->written = NULL;
	}
	return error;
}

static void
end(struct memory *m)
{
	free(m->written);
	m->written = NULL;
	m->removal = NULL;
}

static void
cancel(struct memory *m)
{
	if (m->removal != NULL)
		physseg_remove_cancel(m->removal);
	end(m);
}

/* What leaves, of one segment. */
struct part {
	void *host;
	size_t size;
	unsigned slot;
};

/* List them; returns how many. */
static unsigned
find_parts(const struct memory *m, struct part *parts)
{
	const physseg_pfn_t last = frames(m->leaving + m->leaving_size);
	physseg_pfn_t pfn = frames(m->leaving), to;
	struct physseg_info info;
	unsigned n = 0;

	for (; pfn < last; pfn = to, n++) {
		physseg_get_info(
		    m->map, physseg_find(m->map, pfn, NULL), &info);
		to = info.end < last ? info.end : last;
		parts[n].host = physseg_page(m->map, pfn);
		parts[n].size = (size_t)bytes(to - pfn);
		parts[n].slot = ((struct backing *)info.data)->slot;
	}
	return n;
}

/* Is there a segment that goes on across this bound of the range? */
static bool
is_cut(const struct memory *m, uint64_t address)
{
	const physseg_pfn_t pfn = frames(address);

	return pfn > 0 && physseg_find(m->map, pfn, NULL) != PHYSSEG_NONE &&
	    physseg_find(m->map, pfn, NULL) ==
	    physseg_find(m->map, pfn - 1, NULL);
}

/* A segment has lost frames: what is left of it gets a slot of its own. */
static void
remap(struct memory *m, physseg_t left)
{
	struct physseg_info info;

	must(physseg_get_info(m->map, left, &info) == PHYSSEG_OK &&
	    map_segment(m, &info) == PHYSSEG_OK);
}

static int
commit(struct memory *m, struct physseg_reason *reason)
{
	struct part parts[SLOTS];
	struct physseg_pieces pieces;
	const unsigned n = find_parts(m, parts);
	const bool front = is_cut(m, m->leaving);
	const bool back = is_cut(m, m->leaving + m->leaving_size);
	int error;

	if (n == 1 && front && back && free_slot(m) == SLOTS)
		return PHYSSEG_ENOSLOT;
	error = physseg_remove_commit(m->removal, &pieces, reason);
	if (error != PHYSSEG_OK)
		return error;
	end(m);
	for (unsigned i = 0; i < n; i++) {
		must(m->accel->slot_remove(m->vm, parts[i].slot) == 0);
		m->used[parts[i].slot] = false;
	}
	if (front)
		remap(m, pieces.below);
	if (back)
		remap(m, pieces.above);
	for (unsigned i = 0; i < n; i++)
		munmap(parts[i].host, parts[i].size);
	return PHYSSEG_OK;
}

int
memory_unplug_begin(struct memory *m, uint64_t address, uint64_t size,
    struct physseg_reason *reason)
{
	int error;

	memset(reason, 0, sizeof(*reason));
	if (!whole_pages(address, size))
		return PHYSSEG_EINVAL;
	pthread_mutex_lock(&m->lock);
	error = begin(m, address, size, reason);
	pthread_mutex_unlock(&m->lock);
	return error;
}

int
memory_unplug_commit(struct memory *m, struct physseg_reason *reason)
{
	int error;

	pthread_mutex_lock(&m->lock);
	error = m->removal == NULL ? PHYSSEG_ENOENT : commit(m, reason);
	pthread_mutex_unlock(&m->lock);
	return error;
}

void
memory_unplug_cancel(struct memory *m)
{
	pthread_mutex_lock(&m->lock);
	cancel(m);
	pthread_mutex_unlock(&m->lock);
}

int
memory_unplug(struct memory *m, uint64_t address, uint64_t size)
{
	struct physseg_reason reason;
	int error;

	error = memory_unplug_begin(m, address, size, &reason);
	if (error != PHYSSEG_OK)
		return error;
	error = memory_unplug_commit(m, &reason);
	if (error != PHYSSEG_OK)
		memory_unplug_cancel(m);
	return error;
}

/* ---- translation ---- */

/* The host address of a guest-physical one, NULL: no memory.  An aligned word
 * lies in one page. */
static _Atomic uint32_t *
translate(const struct memory *m, uint64_t address)
{
	char *page = physseg_page(m->map, frames(address));

	if (address % sizeof(uint32_t) != 0 || page == NULL)
		return NULL;
	return (void *)(page + address % GUEST_PAGE);
}

/* In a section: the address is good until its end. */
bool
memory_load(struct memory *m, uint64_t address, uint32_t *word)
{
	const unsigned section = section_begin(m);
	_Atomic uint32_t *host = translate(m, address);

	if (host != NULL)
		*word = guest_order(
		    atomic_load_explicit(host, memory_order_acquire));
	section_end(m, section);
	return host != NULL;
}

/* Under the lock, as it notes what is written to memory that is to leave. */
bool
memory_store(struct memory *m, uint64_t address, uint32_t word)
{
	_Atomic uint32_t *host;

	pthread_mutex_lock(&m->lock);
	host = translate(m, address);
	if (host != NULL)
		atomic_store_explicit(
		    host, guest_order(word), memory_order_release);
	if (host != NULL && m->removal != NULL &&
	    address - m->leaving < m->leaving_size)
		m->written[(address - m->leaving) / GUEST_PAGE] = 1;
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
		    backing->slot, info.pages);
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
