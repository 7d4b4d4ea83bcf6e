/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/boot.h -- the switch, step by step, for a page layer that runs it
 * itself (physseg_switch is all of it in one call):
 *
 *	physseg_chomp_slab(map, first, pages, npages);
 *	PHYSSEG_FOREACH(h, map) {
 *		physseg_alloc_from_slab(map, h, frames of h, &array);
 *		physseg_init_seg(map, h, array);
 *	}
 *	physseg_set_running(map, true);
 */
#ifndef PHYSSEG_BOOT_H
#define PHYSSEG_BOOT_H

#include <physseg/physseg.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Hand over an array of `npages' page structures: a slab, of which
 * physseg_alloc_from_slab and later plugs take parts.  It stays the caller's
 * and must live as long as the map, to which it is handed over once.  The
 * segment must be one of the map, and gets nothing by it, as in the original.
 * ENOENT; EINVAL: no pages, a registry, an array that leaves the address space
 * or shares memory with a slab or with the map; ENOMEM: more than `boot_slabs'
 * before the switch; EBUSY.  O(slabs).
 */
PHYSSEG_API
int physseg_chomp_slab(
    struct physseg_map *map, physseg_t handle, void *pages, size_t npages);

/*
 * Take `n' page structures in one piece out of the slabs, zeroed: a fresh slab
 * is handed out from its start, one part after the other.  ENOENT, EINVAL:
 * n == 0; ENOMEM: no slab has so many in one piece; EBUSY.  O(log slabs).
 */
PHYSSEG_API
int physseg_alloc_from_slab(
    struct physseg_map *map, physseg_t handle, size_t n, void **pages);

/*
 * Make `pages', zeroed, one for every frame, the segment's page structures:
 * page_init for each, count those of the available frames, page_free for each
 * of those.  `pages' came from physseg_alloc_from_slab; an array that shares
 * memory with no slab is taken as a slab of its own.  ENOENT; EINVAL: NULL, an
 * array that leaves the address space, one that is in part outside of a slab or
 * not allocated from it, or between two of its page structures, pages that
 * another segment has, memory of the map, a segment that has pages; ENOMEM,
 * EBUSY.  O(segments), O(slabs), O(frames of the segment).
 */
PHYSSEG_API
int physseg_init_seg(struct physseg_map *map, physseg_t handle, void *pages);

/*
 * Say that the map runs or, for a page layer that starts over, that it boots
 * again.  When it starts to run the backend's index is built, as physseg_build
 * does, if there is memory for it.  When it boots again, that memory goes back
 * to the host.  Nothing happens if that is so already.  EBUSY: called from
 * inside a hook; ENOSLOT: on a backend with index memory, it boots again with
 * more segments than the boot storage has records.  O(segments).
 */
PHYSSEG_API
int physseg_set_running(struct physseg_map *map, bool running);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_BOOT_H */
