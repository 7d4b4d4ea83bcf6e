/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/memmap.h -- firmware's memory map, made fit to be loaded.
 *
 * Firmware reports memory in any order, with overlaps, with bounds inside a
 * page, in one of several binary forms.  A memmap takes all of it and tells
 * which pages are memory:
 *
 *	static struct physseg_memmap_entry entries[2 * 512];
 *	struct physseg_memmap memmap;
 *
 *	physseg_memmap_init(&memmap, entries, 2 * 512);
 *	physseg_memmap_add_e820(&memmap, table, size, 20, &reason);
 *	physseg_memmap_reserve(&memmap, image, image_size, &reason);
 *	physseg_memmap_load(&memmap, &layout, map, &reason);
 *
 * It takes no memory but the caller's array, and needs no libc.
 *
 * UNITS.  Regions are in bytes: a base and a length going in; the first and the
 * last byte coming out, so a region may end with the address space.  Segments
 * are in frames.
 *
 * LAYERS.  The answer for a byte is made of four layers, in this order:
 *
 * 1. What firmware says (physseg_memmap_add and the readers).  Where regions
 *    overlap, the kind that stands later in enum physseg_region_kind wins.
 *    Where kinds are equal, flags are united, and a known node wins over none.
 *    Neither the order of these calls nor a call made twice changes anything.
 * 2. Orders, in the order of the calls: physseg_memmap_set_kind,
 *    physseg_memmap_set_node, physseg_memmap_clip.  They beat what firmware
 *    says, also what it says later.
 * 3. Memory in use (physseg_memmap_reserve).  This is a flag over memory and
 *    never makes memory.  Where there is no memory it has no effect.
 * 4. Pages, made of the bytes when all of them are known.
 *
 * Equal kinds on different nodes over the same bytes contradict each other.
 * That is no error of the call, since another call may still decide the matter:
 * a stronger kind, or physseg_memmap_set_node.  Where it stays, the calls
 * physseg_memmap_count, physseg_memmap_segments and physseg_memmap_load fail.
 *
 * PAGES.  Regions that touch are joined before anything is rounded.  A page is
 * memory if every byte of it is memory of one kind.  Its node and flags are
 * those of its first byte, but it is in use if any byte of it is.  A page that
 * is not memory is of the strongest kind in it that is no memory.  The bytes of
 * memory in such pages are lost, and counted.
 *
 * ROOM.  An array of twice as many entries as there are calls is always enough.
 * A reader makes a call for each entry and range of its input;
 * physseg_memmap_clip counts as two, and may take four entries.  A call that
 * finds no room changes nothing (PHYSSEG_ESMALL).
 *
 * ERRORS.  They are those of physseg.h.  Functions that can fail have a last
 * argument, which may be NULL: where to write the reason.  It is written when
 * they fail, and at no other time.
 *
 * THREADS.  A memmap belongs to one thread at a time.  Nothing is kept but in
 * the caller's structures.
 *
 * The structures of this header have room to grow.  The fields named `room' are
 * 0 where a program fills the structure in.
 */
#ifndef PHYSSEG_MEMMAP_H
#define PHYSSEG_MEMMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/physseg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- regions ---- */

/* What bytes are.  The later one wins where regions of firmware's overlap. */
enum physseg_region_kind {
	PHYSSEG_KIND_NONE,	    /* nothing is said of them */
	PHYSSEG_KIND_RAM,	    /* memory for everything */
	PHYSSEG_KIND_SOFT_RESERVED, /* memory with a specific purpose */
	PHYSSEG_KIND_PERSISTENT,    /* memory that keeps its contents */
	PHYSSEG_KIND_UNACCEPTED,    /* a guest must accept it before use */
	PHYSSEG_KIND_ACPI_TABLES,   /* RAM once the tables were read */
	PHYSSEG_KIND_ACPI_NVS,
	PHYSSEG_KIND_FIRMWARE, /* code and data of its runtime services */
	PHYSSEG_KIND_RESERVED,
	PHYSSEG_KIND_UNUSABLE, /* defective */
	PHYSSEG_KINDS
};

/* RAM, soft-reserved and persistent memory are memory; nothing else is. */
static inline bool
physseg_kind_is_memory(enum physseg_region_kind kind)
{
	return kind >= PHYSSEG_KIND_RAM && kind <= PHYSSEG_KIND_PERSISTENT;
}

/* Words for people: "RAM", "ACPI tables".  Also for an unknown kind. */
PHYSSEG_API
const char *physseg_kind_name(enum physseg_region_kind kind);

/* Flags of a region.  The first two are firmware's. */
enum physseg_region_flag {
	PHYSSEG_REGION_REMOVABLE = 1 << 0, /* it may be unplugged */
	PHYSSEG_REGION_RELIABLE = 1 << 1,  /* mirrored, say */
	PHYSSEG_REGION_IN_USE = 1 << 2,	   /* by physseg_memmap_reserve */
	PHYSSEG_REGION_CONFLICT = 1 << 3   /* on several nodes at once */
};

/* No node is known. */
#define PHYSSEG_NONODE (-1)

/* Bytes from the first to the last; both are part of the region. */
struct physseg_region {
	uint64_t first;
	uint64_t last;
	enum physseg_region_kind kind;
	int node;	/* PHYSSEG_NONODE: not known */
	unsigned flags; /* enum physseg_region_flag, or'ed */
	unsigned room;
};

/* Why a call failed. */
struct physseg_memmap_reason {
	int error;		      /* what the call returned */
	const char *text;	      /* a sentence for people, constant */
	struct physseg_region region; /* the offending one; all 0 if there is
				       * none.  Where a region wraps, `last' is
				       * its last byte modulo 2^64.  That need
				       * not be below `first' if the size does
				       * not fit 64 bits, as EFI's may not */
	uint64_t room[4];
};

/* An entry of the caller's array: bytes that all calls so far treat alike.
 * Do not touch. */
struct physseg_memmap_entry {
	uint64_t first;
	uint64_t last;
	int32_t node;	  /* firmware's */
	int32_t node_set; /* the order's */
	uint32_t flags;	  /* firmware's */
	uint8_t kind;	  /* firmware's */
	uint8_t kind_set; /* the order's */
	uint8_t marks;	  /* what was ordered; in use */
	uint8_t room;
};

/* A memory map.  A program reads `used', `skipped' and `unplaced', and leaves
 * the rest alone. */
struct physseg_memmap {
	struct physseg_memmap_entry *entries; /* by address, disjoint */
	size_t max;			      /* entries there is room for */
	size_t used;			      /* of which hold something */
	size_t skipped;	 /* entries of firmware's that say nothing: empty ones,
			  * and broken ones that are no memory */
	size_t unplaced; /* reserved nodes of a device tree without an address,
			  * which the caller has to place */
	int failed;	 /* the error of a reader that failed */
	uint64_t room[4];
};

/*
 * Make an empty memory map.  `entries', room for `n' of them, is the caller's
 * and used until the memory map is no more needed; there is nothing to undo.
 * O(1).
 */
PHYSSEG_API
void physseg_memmap_init(struct physseg_memmap *memmap,
    struct physseg_memmap_entry *entries, size_t n);

/*
 * Firmware says: these bytes are of this kind, on this node (PHYSSEG_NONODE: it
 * does not say on which), with these flags.  EINVAL: no bytes, no such kind,
 * node or flag, PHYSSEG_KIND_NONE; ERANGE: the region wraps; ESMALL.  O(log
 * entries), and O(entries) where it is not the highest region so far.
 */
PHYSSEG_API
int physseg_memmap_add(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, enum physseg_region_kind kind, int node, unsigned flags,
    struct physseg_memmap_reason *reason);

/*
 * Order: these bytes are of this kind, whatever firmware says, even if it says
 * nothing.  PHYSSEG_KIND_NONE: they are left out.  Node and flags stay
 * firmware's.  Errors and cost as in physseg_memmap_add.
 */
PHYSSEG_API
int physseg_memmap_set_kind(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, enum physseg_region_kind kind,
    struct physseg_memmap_reason *reason);

/* Order: these bytes are on this node.  It makes no memory.  Errors and cost as
 * in physseg_memmap_add. */
PHYSSEG_API
int physseg_memmap_set_node(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, int node, struct physseg_memmap_reason *reason);

/*
 * Order: memory outside of these bytes is left out; what is no memory stays.  A
 * limit is a clip from 0 on.  Errors and cost as in physseg_memmap_add.
 */
PHYSSEG_API
int physseg_memmap_clip(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, struct physseg_memmap_reason *reason);

/*
 * These bytes are in use: the kernel's image, an initrd, a device tree, a
 * framebuffer.  Memory there is loaded, but not available.  Errors and cost as
 * in physseg_memmap_add.
 */
PHYSSEG_API
int physseg_memmap_reserve(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, struct physseg_memmap_reason *reason);

/*
 * Walk the regions by ascending address, joined where they touch and are alike:
 *
 *	for (at = 0; physseg_memmap_next(&memmap, &at, &region);)
 *
 * False: there are no more.  The memory map must not change meanwhile.  O(1)
 * for each entry.
 */
PHYSSEG_API
bool physseg_memmap_next(const struct physseg_memmap *memmap, size_t *at,
    struct physseg_region *region);

/* ---- segments ---- */

/* Frames from `first' on, up to that of the next one, are on this free list. */
struct physseg_memmap_list {
	physseg_pfn_t first;
	int free_list;
};

/* A segment, as physseg_add takes it.  All of its frames are of one kind, one
 * node, one set of flags and one free list. */
struct physseg_memmap_segment {
	physseg_pfn_t start; /* frames [start, end) */
	physseg_pfn_t end;
	physseg_pfn_t avail_start; /* of which these are available: RAM that is
				    * not in use */
	physseg_pfn_t avail_end;
	int free_list;
	enum physseg_region_kind kind;
	int node;	/* 0 or more, or PHYSSEG_NONODE */
	unsigned flags; /* without PHYSSEG_REGION_IN_USE */
	uint64_t room[2];
};

/* How a memory map becomes segments.  Zero is the default of every field, and
 * so is NULL in place of a layout. */
struct physseg_memmap_layout {
	unsigned page_shift; /* a page has 1 << page_shift bytes; 0: 12, else
			      * 1 to 63 */
	unsigned leave_out;  /* kinds of memory that become no segments: a bit
			      * 1 << kind for each.  Persistent memory, say,
			      * of which page structures take a lot */
	const struct physseg_memmap_list *lists; /* by ascending frame, the
						  * first is 0 */
	size_t nlists; /* 0: all frames are on list 0 */

	/* physseg_memmap_load calls it after each segment was loaded, for the
	 * integrator's data.  As from a hook, the map may be asked, but not
	 * changed.  NULL: nobody is told. */
	void (*loaded)(void *arg, physseg_t handle,
	    const struct physseg_memmap_segment *segment);
	void *arg;
	uint64_t room[4];
};

/* What physseg_memmap_load will take and give. */
struct physseg_memmap_totals {
	size_t segments;	 /* slots or boot records, at most */
	physseg_pfn_t frames;	 /* in them */
	physseg_pfn_t available; /* of which the host may allocate */
	uint64_t lost;		 /* bytes of memory in pages that are not */
	uint64_t pages[16];	 /* of each kind, loaded or not; of
				  * PHYSSEG_KIND_NONE: pages that memory
				  * fills in part, and nothing else */
	uint64_t room[4];
};

/*
 * Tell the segments, by ascending address, as few as there can be: memory is
 * cut where a free list ends, where node, kind or flags change, and so that
 * each segment has one available range.  Memory in use, soft-reserved and
 * persistent memory have no available frames.  What is no memory is left out.
 * If `each' returns anything but 0, that is the answer, with the segment in the
 * reason.  EINVAL: the layout; EOVERLAP: one region on several nodes; ERANGE: a
 * frame does not fit into physseg_pfn_t; what a reader failed with. O(entries).
 */
PHYSSEG_API
int physseg_memmap_segments(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout,
    int (*each)(void *arg, const struct physseg_memmap_segment *segment),
    void *arg, struct physseg_memmap_reason *reason);

/* Add up the segments.  Errors and cost are those of
 * physseg_memmap_segments. */
PHYSSEG_API
int physseg_memmap_count(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout,
    struct physseg_memmap_totals *totals, struct physseg_memmap_reason *reason);

/*
 * Load every segment into a map that boots.  Whatever could fail is checked
 * first, for all of them; then all are loaded.  So after an error the map is
 * what it was.  In addition to the errors of physseg_memmap_segments: EPHASE;
 * EBUSY; EINVAL: no such free list; ERANGE: beyond the map's limit; EOVERLAP:
 * with a segment of the map; ENOSLOT: no slot or boot record for this one.  On
 * a map with `coalesce' segments may grow instead, but there must be slots and
 * records for all.  O(entries) and a physseg_add for each segment.
 */
PHYSSEG_API
int physseg_memmap_load(const struct physseg_memmap *memmap,
    const struct physseg_memmap_layout *layout, struct physseg_map *map,
    struct physseg_memmap_reason *reason);

/* ---- readers ---- */

/*
 * A reader adds what a binary table says, and reads nothing outside of the
 * bytes that it is given.  They may be aligned to anything.
 *
 * In a firmware's list an entry without bytes is skipped and counted, and so is
 * one that wraps and is no memory.  One that wraps and is memory is an error
 * (ERANGE).  A type that nobody knows is reserved.  Input that is malformed is
 * an error (EFORMAT).
 *
 * When a reader fails, some of its input may have been added.  From then on
 * physseg_memmap_count, physseg_memmap_segments and physseg_memmap_load refuse
 * the memory map with the same error.  Start again with physseg_memmap_init.
 * EINVAL of physseg_memmap_add_e820 is no such failure: nothing was read.
 *
 * O(entries) for each entry of the input, O(1) if that is sorted.
 */

/*
 * Some forms lead to others by a physical address.  Return where `size' bytes
 * from `address' on can be read, NULL: they cannot.  What was returned need not
 * be readable any more after the next call.
 */
typedef const void *physseg_memmap_reach(
    void *arg, uint64_t address, size_t size);

/*
 * The BIOS's list, E820: `size' bytes of entries of 20 bytes each, or of 24,
 * whose last word has a bit "enabled": an entry without it is skipped.
 * EINVAL: another entry size.
 */
PHYSSEG_API
int physseg_memmap_add_e820(struct physseg_memmap *memmap, const void *table,
    size_t size, size_t entry_size, struct physseg_memmap_reason *reason);

/*
 * Linux's boot_params, the "zero page" of 4096 bytes.  Its list has 128 entries
 * at most; the others are in the list setup_data, for which `reach' is called.
 * If `reach' is NULL, a list with 128 entries and more in setup_data is
 * EFORMAT.
 */
PHYSSEG_API
int physseg_memmap_add_boot_params(struct physseg_memmap *memmap,
    const void *params, size_t size, physseg_memmap_reach *reach, void *arg,
    struct physseg_memmap_reason *reason);

/* PVH: the hvm_start_info of Xen, QEMU and others, version 1 or later.  `reach'
 * leads to its memory map. */
PHYSSEG_API
int physseg_memmap_add_pvh(struct physseg_memmap *memmap, const void *info,
    size_t size, physseg_memmap_reach *reach, void *arg,
    struct physseg_memmap_reason *reason);

/* Multiboot's information.  `reach' leads to its memory map.  Without one the
 * two sizes of old BIOSes are taken. */
PHYSSEG_API
int physseg_memmap_add_multiboot(struct physseg_memmap *memmap,
    const void *info, size_t size, physseg_memmap_reach *reach, void *arg,
    struct physseg_memmap_reason *reason);

/* Multiboot 2's information.  The tags are tried in this order: the memory map,
 * EFI's memory map, the two sizes of old BIOSes. */
PHYSSEG_API
int physseg_memmap_add_multiboot2(struct physseg_memmap *memmap,
    const void *info, size_t size, struct physseg_memmap_reason *reason);

/*
 * EFI's memory map: `size' bytes of descriptors of `descriptor_size' bytes
 * each, of version 1.  EFI's pages have 4096 bytes whatever the kernel's have.
 * RAM is only what allows write-back.  Memory of boot services is RAM, but in
 * use if `boot_services': they still run.  The loader's memory is in use.  What
 * runtime services need is firmware's.  Unaccepted memory is no memory.
 */
PHYSSEG_API
int physseg_memmap_add_efi(struct physseg_memmap *memmap, const void *map,
    size_t size, size_t descriptor_size, uint32_t descriptor_version,
    bool boot_services, struct physseg_memmap_reason *reason);

/* A node below /reserved-memory that has a size and no address. */
struct physseg_memmap_unplaced {
	const char *name; /* in the blob */
	uint64_t size;
	uint64_t alignment; /* 0: none is asked for */
	bool no_map;	    /* it is to be reserved, not in use */
	size_t offset;	    /* of the node, as libfdt counts */
	uint64_t room[2];
};

/*
 * A flattened device tree: memory nodes below the root; what of it is in use,
 * by the blob's own list and by /reserved-memory, of which `no-map' is
 * reserved; nodes, removable memory; linux,usable-memory, in place of `reg';
 * linux,usable-memory-range, which clips: memory in any of its ranges stays.
 * Nodes of which the status is neither "okay" nor "ok" do not count.  For a
 * reserved node without an address `unplaced' is called (NULL: nobody is told),
 * and it is counted in the memory map.  The blob itself is not marked as in
 * use: its physical address is the caller's to know.  EFORMAT, also for POWER's
 * ibm,dynamic-reconfiguration-memory.
 */
PHYSSEG_API
int physseg_memmap_add_fdt(struct physseg_memmap *memmap, const void *blob,
    size_t size,
    void (*unplaced)(void *arg, const struct physseg_memmap_unplaced *node),
    void *arg, struct physseg_memmap_reason *reason);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_MEMMAP_H */
