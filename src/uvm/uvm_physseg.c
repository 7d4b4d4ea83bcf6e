/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_physseg.c -- segments: plug, unplug, find, walk, attributes.
 *
 * Lookups, walks and getters also work before the map is made: it has no
 * segments then.  Walks and getters tell the map about uvm.page_init_done.
 * Lookups do not, because they write nothing.
 */
/* In this file no function gets another name. */
#define UVM_VM_PAGE_OURS_
#include "uvm_private.h"

/* ---- plug and unplug ---- */

bool
uvm_physseg_plug(paddr_t pfn, size_t n, uvm_physseg_t *handle)
{
	const struct uvm_plug outer = uvm_physseg_plugging;
	struct physseg_map *map = uvm_physseg_map_now();
	uvm_physseg_t unasked, *to = handle == NULL ? &unasked : handle;
	const struct physseg_addition add = { .pfn = pfn,
		.n = uvm_physseg_frames(n),
		.free_list = uvm_physseg_program.freelist };
	struct physseg_reason reason;
	int error;

	uvm_physseg_plugging.to = to;
	error = physseg_add(map, &add, &uvm_physseg_plugging.handle, &reason);
	*to = error == PHYSSEG_OK
	    ? uvm_physseg_handle(uvm_physseg_plugging.handle)
	    : UVM_PHYSSEG_TYPE_INVALID;
	uvm_physseg_plugging = outer;
	if (error == PHYSSEG_ENOHOTPLUG)
		uvm_physseg_panic_why(
		    __func__, "tried to add RAM after uvm_page_init", &reason);
	return error == PHYSSEG_OK || uvm_physseg_refused(&reason);
}

/* Does a range leave the segment of its first frame?  As in the original, such
 * a range is refused, also where it goes on in another segment. */
static bool
is_span(struct physseg_map *map, paddr_t pfn, physseg_pfn_t n)
{
	struct physseg_info info;

	return physseg_get_info(map, physseg_find(map, pfn, NULL), &info) ==
	    PHYSSEG_OK &&
	    n > info.end - pfn;
}

bool
uvm_physseg_unplug(paddr_t pfn, size_t size)
{
	struct physseg_map *map = uvm_physseg_map_now();
	const physseg_pfn_t n = uvm_physseg_frames(size);
	struct physseg_reason reason;
	int error;

	if (is_span(map, pfn, n)) {
		uvm_physseg_log(
		    "uvm_physseg_unplug: the range is not in one segment");
		return false;
	}
	error = physseg_remove(map, pfn, n, PHYSSEG_REMOVE_UNPLUG, &reason);
	if (error == PHYSSEG_ELAST)
		uvm_physseg_panic_why(__func__, "out of memory", &reason);
	if (error == PHYSSEG_ENOSLOT && uvm_physseg_backend()->bounded)
		uvm_physseg_panic_why(
		    __func__, "no slot for a segment's tail", &reason);
	return error == PHYSSEG_OK || uvm_physseg_refused(&reason);
}

/* ---- finding and walking ---- */

uvm_physseg_t
uvm_physseg_find(paddr_t pfn, psize_t *offset)
{
	struct physseg_map *map = uvm_physseg_map();

	return uvm_physseg_handle(
	    map == NULL ? PHYSSEG_NONE : physseg_find(map, pfn, offset));
}

uvm_physseg_t
uvm_physseg_get_first(void)
{
	struct physseg_map *map = uvm_physseg_map_seen();

	return uvm_physseg_handle(
	    map == NULL ? PHYSSEG_NONE : physseg_first(map));
}

uvm_physseg_t
uvm_physseg_get_last(void)
{
	struct physseg_map *map = uvm_physseg_map_seen();

	return uvm_physseg_handle(
	    map == NULL ? PHYSSEG_NONE : physseg_last(map));
}

uvm_physseg_t
uvm_physseg_get_next(uvm_physseg_t handle)
{
	if (!uvm_physseg_valid_p(handle))
		return UVM_PHYSSEG_TYPE_INVALID;
	return uvm_physseg_handle(
	    physseg_next(uvm_physseg_map(), uvm_physseg_native(handle)));
}

uvm_physseg_t
uvm_physseg_get_prev(uvm_physseg_t handle)
{
	if (!uvm_physseg_valid_p(handle))
		return UVM_PHYSSEG_TYPE_INVALID;
	return uvm_physseg_handle(
	    physseg_prev(uvm_physseg_map(), uvm_physseg_native(handle)));
}

paddr_t
uvm_physseg_get_highest_frame(void)
{
	struct physseg_map *map = uvm_physseg_map_seen();

	return map == NULL ? PHYSSEG_NOFRAME : physseg_highest_frame(map);
}

/* ---- attributes ---- */

bool
uvm_physseg_info(const struct physseg_map *map, uvm_physseg_t handle,
    struct physseg_info *info)
{
	if (map != NULL &&
	    physseg_get_info(map, uvm_physseg_native(handle), info) ==
		PHYSSEG_OK &&
	    (!uvm.page_init_done || info->pages != NULL))
		return true;
	*info = (struct physseg_info){
		.start = PHYSSEG_NOFRAME,
		.end = PHYSSEG_NOFRAME,
		.avail_start = PHYSSEG_NOFRAME,
		.avail_end = PHYSSEG_NOFRAME,
		.free_list = uvm_physseg_program.freelist,
	};
	return false;
}

struct physseg_info
uvm_physseg_info_or_blame(
    const struct physseg_map *map, uvm_physseg_t handle, const char *function)
{
	struct physseg_info info;

	if (!uvm_physseg_info(map, handle, &info))
		uvm_physseg_blame(function, "invalid segment");
	return info;
}

bool
uvm_physseg_valid_p(uvm_physseg_t handle)
{
	struct physseg_info info;

	return uvm_physseg_info(uvm_physseg_map_seen(), handle, &info);
}

bool
uvm_physseg_valid(uvm_physseg_t handle)
{
	return uvm_physseg_valid_p(handle);
}

static struct physseg_info
info_of(uvm_physseg_t handle)
{
	struct physseg_info info;

	(void)uvm_physseg_info(uvm_physseg_map_seen(), handle, &info);
	return info;
}

paddr_t
uvm_physseg_get_start(uvm_physseg_t handle)
{
	return info_of(handle).start;
}

paddr_t
uvm_physseg_get_end(uvm_physseg_t handle)
{
	return info_of(handle).end;
}

paddr_t
uvm_physseg_get_avail_start(uvm_physseg_t handle)
{
	return info_of(handle).avail_start;
}

paddr_t
uvm_physseg_get_avail_end(uvm_physseg_t handle)
{
	return info_of(handle).avail_end;
}

static void
set_avail_known(uvm_physseg_t handle, paddr_t avail_start, paddr_t avail_end,
    const char *function)
{
	int error = physseg_set_avail(uvm_physseg_map_now(),
	    uvm_physseg_native(handle), avail_start, avail_end);

	if (error != PHYSSEG_OK)
		uvm_physseg_blame(function, physseg_strerror(error));
}

void
uvm_physseg_set_avail_start(uvm_physseg_t handle, paddr_t avail_start)
{
	set_avail_known(
	    handle, avail_start, uvm_physseg_get_avail_end(handle), __func__);
}

void
uvm_physseg_set_avail_end(uvm_physseg_t handle, paddr_t avail_end)
{
	set_avail_known(
	    handle, uvm_physseg_get_avail_start(handle), avail_end, __func__);
}

struct vm_page *
uvm_physseg_get_pg(uvm_physseg_t handle, paddr_t index)
{
	const struct physseg_map *map = uvm_physseg_map_seen();
	struct physseg_info info;
	void *page = NULL;

	if (map != NULL)
		page = physseg_segment_page(
		    map, uvm_physseg_native(handle), index);
	if (page == NULL && uvm_physseg_diagnostic) {
		info = uvm_physseg_info_or_blame(map, handle, __func__);
		if (index >= info.end - info.start)
			uvm_physseg_blame(
			    __func__, "past the end of the segment");
	}
	return page;
}

struct pmap_physseg *
uvm_physseg_get_pmseg(uvm_physseg_t handle)
{
	return uvm_physseg_info_or_blame(
	    uvm_physseg_map_seen(), handle, __func__)
	    .data;
}

int
uvm_physseg_get_free_list(uvm_physseg_t handle)
{
	return uvm_physseg_info_or_blame(
	    uvm_physseg_map_seen(), handle, __func__)
	    .free_list;
}

u_long
uvm_physseg_get_start_hint(uvm_physseg_t handle)
{
	return uvm_physseg_info_or_blame(
	    uvm_physseg_map_seen(), handle, __func__)
	    .start_hint;
}

bool
uvm_physseg_set_start_hint(uvm_physseg_t handle, u_long hint)
{
	return uvm_physseg_valid_p(handle) &&
	    physseg_set_start_hint(uvm_physseg_map(),
		uvm_physseg_native(handle), hint) == PHYSSEG_OK;
}
