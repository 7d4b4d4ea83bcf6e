/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * kernel.h -- a kernel of a few hundred lines, as far as its files share it.
 *
 * kernel.c	what is done, in order, and what is checked
 * modules.c	memory modules that come and go
 * chaos/	the same at random, to test: in the place of modules.c
 * pages.c	the free pages
 * text.c	printing, and the four functions of libc
 * glue.c	this kernel and libphysseg, by the native face
 * glue_uvm.c	the same by the uvm_* face
 * x86_64.c	this kernel and the machine: x86_64.S
 *		x86_64_vmemmap.c: page structures at fixed addresses
 * riscv64.c	another machine: riscv64.S
 *
 * One processor, no interrupts; virtual addresses are physical ones.  Ranges
 * are half-open, of bytes or, where it says so, of frames.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/memmap.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1 << PAGE_SHIFT)
#define MIB	   ((uint64_t)1 << 20)
#define GIB	   ((uint64_t)1 << 30)

struct range {
	uint64_t start;
	uint64_t end;
};

/* From bytes to frames. */
static inline struct range
frames_of(struct range bytes)
{
	return (
	    struct range){ bytes.start >> PAGE_SHIFT, bytes.end >> PAGE_SHIFT };
}

struct vm_page;

/* ---- the machine ---- */

extern const char machine_name[];

/* What lies below is mapped, so memory may be used up to here. */
extern const uint64_t machine_limit;

/* Take what the firmware handed over at the start: add its memory map, and what
 * of it the machine uses.  An error, with the reason, is that of the reader. */
int machine_start(const void *given, struct physseg_memmap *memmap,
    struct physseg_memmap_reason *reason);

void machine_putc(char c);
_Noreturn void machine_exit(bool good);

/* Serve memory modules that come and go. */
void machine_hotplug(void);

/* Page structures at fixed addresses: what completes the configuration and the
 * host; how many frames they need at the switch; what gives these to them. */
struct vmemmap {
	void (*configure)(
	    struct physseg_config *config, struct physseg_host *host);
	uint64_t (*needs)(uint64_t frames, uint64_t segments);
	void (*give)(struct range frames);
};

/* NULL: it is not asked for. */
extern const struct vmemmap *machine_vmemmap;
extern const struct vmemmap x86_64_vmemmap;

/* From the linker's script: this image, and in it the stack. */
extern char image_start[], image_end[], stack_start[], stack_end[];

/* ---- kernel.c ---- */

/* The machine's assembly calls this, with what the firmware handed over. */
_Noreturn void kernel(const void *given);

/* What a page holds; write words to it that no other page has. */
uint64_t *page_words(const struct vm_page *pg);
void page_fill(const struct vm_page *pg);

/* Of these frames allocate every `step'-th that is free, write them all, look
 * whether they have kept it, and free them.  Returns how many they were. */
uint64_t use_frames(struct range frames, uint64_t step);

/* ---- modules.c, or chaos/chaos.c ---- */

/* A memory module came.  False: it cannot be used.  One is wanted back.  False:
 * not now. */
bool kernel_insert(struct range module);
bool kernel_remove(struct range module);

/* ---- text.c ---- */

/* %s %c %d %u %x %%; with l, with 0 and a width. */
#if defined(__GNUC__)
__attribute__((__format__(__printf__, 1, 2)))
#endif
void
print(const char *fmt, ...);

_Noreturn void panic(const char *reason);

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

/* ---- pages.c ---- */

/* Free lists: memory of different worth.  What was plugged in is kept apart,
 * because it can be taken away again only if nobody has it. */
enum { FREE_LOW, FREE_NORMAL, FREE_HIGH, FREE_PLUGGED, NFREELIST };

enum { PAGE_RESERVED, PAGE_USED, PAGE_FREE };

/* The page structure, one for each frame.  The uvm_* face wants this name and
 * a member phys_addr; the native one wants nothing. */
#define UVM_VM_PAGE_DEFINED
struct vm_page {
	uint64_t phys_addr;
	struct vm_page *next; /* on a free list; else the owner's */
	struct vm_page *prev;
	struct vm_page **owner; /* in use: what points to this page, and will
				 * point to another when it is moved; NULL: the
				 * page is pinned */
	uint16_t state;
	uint16_t leaving; /* kept off the free lists */
	int32_t list;	  /* that it goes to when it is free */
};

/* The page is this allocator's from now on; back on its list. */
void page_add(struct vm_page *pg, int list);
void page_free(struct vm_page *pg);

/* Some page of a list; NULL: none is free. */
struct vm_page *page_alloc(int list);

/* How many are free. */
size_t page_count(int list);

/* `size' bytes in one piece, zeroed, of memory that was there at boot.  NULL:
 * no such piece is free. */
void *run_alloc(size_t size);
void run_free(void *p, size_t size);

/* Take this frame's page, if it is free, for an owner; else NULL. */
struct vm_page *page_alloc_at(uint64_t frame, struct vm_page **owner);

/* Hooks of the map.  Frames are to leave: take the free ones off their lists,
 * keep what is freed later off them, and say how many are in use.  Release
 * undoes it. */
int page_isolate(
    void *ctx, physseg_pfn_t frame, physseg_pfn_t n, physseg_pfn_t *used);
void page_release(void *ctx, physseg_pfn_t frame, physseg_pfn_t n);

/* Move what can be moved out of frames that are isolated; returns how many
 * pages were. */
uint64_t page_migrate(uint64_t frame, uint64_t n);

/* Likewise: the first of these frames that is in use. */
physseg_pfn_t page_in_use(void *ctx, physseg_pfn_t frame, physseg_pfn_t n);

/* Where a frame can be read and written. */
static inline void *
frame_address(uint64_t frame)
{
	return (void *)(uintptr_t)(frame << PAGE_SHIFT);
}

#endif /* KERNEL_H */
