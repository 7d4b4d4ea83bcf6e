/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/boot.h -- the switch in steps, for a page layer that runs it itself.
 *
 * physseg_switch does all of this in one call:
 *
 *	physseg_chomp_slab(map, first, pages, npages);
 *	PHYSSEG_FOREACH(h, map) {
 *		physseg_alloc_from_slab(map, h, frames of h, &array);
 *		physseg_init_seg(map, h, array);
 *	}
 *	physseg_set_running(map, true);
 *
 * Between these calls the map still boots, so physseg_set_avail can be called
 * for a segment that has its page structures.
 *
 * All four functions are changes: see LOCKING in physseg/physseg.h.  They may
 * be called in either phase.
 */
#ifndef PHYSSEG_BOOT_H
#define PHYSSEG_BOOT_H

#include <physseg/physseg.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Hand over an array of `npages' page structures, which need not be zeroed.  It
 * becomes a slab: later calls of physseg_alloc_from_slab, and later plugs, take
 * parts of it.  The array belongs to the caller, must exist as long as the map,
 * and may be handed over only once.  `handle' is not used, but must name a
 * segment of the map, any segment, as NetBSD's function requires.
 *
 * EINVAL if there are no pages, if the map is a registry or has a vmemmap, or
 * if the array leaves the address space or shares memory with a slab or with
 * the map.
 * ENOMEM if all boot slabs of the configuration are in use; while the map runs,
 * only if the host also has no memory for another header.  ENOENT, EBUSY.
 * O(slabs).
 */
PHYSSEG_API
int physseg_chomp_slab(
    struct physseg_map *map, physseg_t handle, void *pages, size_t npages);

/*
 * Take `n' page structures in one piece from a slab, zero them, and set *pages
 * to the first.  A fresh slab is used from its start, one part after the other.
 * `handle' is not used, but must name a segment of the map, any segment.
 *
 * EINVAL if n is 0, or the map has a vmemmap.  ENOMEM if no slab has that many
 * in one piece.  ENOENT, EBUSY.  O(log slabs), and O(n) to write the zeros.
 */
PHYSSEG_API
int physseg_alloc_from_slab(
    struct physseg_map *map, physseg_t handle, size_t n, void **pages);

/*
 * Give a segment its page structures: `pages', one for each frame.  page_init
 * is called for each.  The avail frames are counted (account), and page_free is
 * called for each of them.
 *
 * Get `pages' from physseg_alloc_from_slab, which zeroes them.  An array that
 * shares no memory with any slab is accepted too, and becomes a slab of its
 * own; the caller must have zeroed it.
 *
 * On a map with a vmemmap pass NULL.  Their memory is committed, and zeroed.
 *
 * EINVAL if the segment has page structures already, if another segment has
 * some of these, if `pages' is NULL, or if the array leaves the address space,
 * shares memory with the map, lies only in part in a slab, is not allocated
 * from its slab, or starts between two page structures of the slab.  ENOMEM if
 * there is no memory for the index or for a slab of its own (as in
 * physseg_chomp_slab), or if `commit' fails.  ENOENT, EBUSY.  EREMOVING if a
 * removal of its frames is open.  O(segments + slabs + frames of the segment).
 */
PHYSSEG_API
int physseg_init_seg(struct physseg_map *map, physseg_t handle, void *pages);

/*
 * Tell the map that it runs, or that it is in the boot phase again.  The latter
 * is what a page layer asks for that sets NetBSD's uvm.page_init_done back to
 * false.  The segments stay as they are, with their page structures.  If the
 * map is in that phase already, nothing is done, and PHYSSEG_OK is returned,
 * inside a hook as well.
 *
 * When the map starts to run, its index is built if there is memory for that,
 * as by physseg_build.  When the map boots again, it returns from BUILT to
 * LIST, and the memory of the index is given back to the host.  A map that was
 * made without boot storage stays BUILT.  Whatever changes it may call `alloc'
 * then, for the index, and be ENOMEM.
 *
 * When the map starts to run, the listeners are told ADDED and NOW_ONLINE of
 * all that is there.  In the boot phase nothing is told.  So when the map boots
 * again, they are told NOW_OFFLINE and UNPLUGGED of all, though lookups still
 * find it, and of what is there then when it runs again.
 *
 * EREMOVING if the map cannot boot again because a removal is open.  ENOSLOT if
 * it cannot because, on a backend whose index needs memory, it has more
 * segments than boot records.  EBUSY.  O(segments).
 */
PHYSSEG_API
int physseg_set_running(struct physseg_map *map, bool running);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_BOOT_H */
