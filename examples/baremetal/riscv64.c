/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * riscv64.c -- QEMU's machine virt: its serial port, the memory map from its
 * device tree, the device that ends QEMU.
 *
 * It has no memory hot plug.  So ranges of its memory are kept out at boot, and
 * are the modules that come and go.
 */
#include "kernel.h"

#define SERIAL	    ((volatile uint8_t *)0x10000000)
#define SERIAL_DONE (SERIAL + 5)

#define EXIT ((volatile uint32_t *)0x100000)

const char machine_name[] = "riscv64";
const uint64_t machine_limit = 8 * GIB;
const struct vmemmap *machine_vmemmap;

void
machine_putc(char c)
{
	while ((*SERIAL_DONE & 0x20) == 0)
		continue;
	*SERIAL = (uint8_t)c;
}

/* QEMU is told that it fails, with a status: that of a success would be 0, and
 * is not ours alone. */
void
machine_exit(bool good)
{
	*EXIT = (good ? 33U : 35U) << 16 | 0x3333;
	for (;;)
		__asm__ volatile("wfi");
}

/* ---- modules ---- */

static const struct range kept[] = {
	{ 0x88000000, 0x8c000000 },
	{ 0x8c000000, 0x8e000000 },
};
static bool keeps; /* they are memory, and nobody uses them */

/* Leave their memory out, if it is all there. */
static int
keep(struct physseg_memmap *memmap, struct physseg_memmap_reason *reason)
{
	const struct range all = { kept[0].start, kept[1].end };
	struct physseg_region region;
	size_t at = 0;

	while (!keeps && physseg_memmap_next(memmap, &at, &region))
		keeps = region.kind == PHYSSEG_KIND_RAM &&
		    (region.flags & PHYSSEG_REGION_IN_USE) == 0 &&
		    region.first <= all.start && all.end - 1 <= region.last;
	return keeps ? physseg_memmap_set_kind(memmap, all.start,
			   all.end - all.start, PHYSSEG_KIND_NONE, reason)
		     : PHYSSEG_OK;
}

static void
wanted(unsigned i)
{
	print("slot %u: module at 0x%012lx-0x%012lx is wanted back\n", i,
	    kept[i].start, kept[i].end);
}

void
machine_hotplug(void)
{
	unsigned i;

	for (i = 0; i < 2 && keeps; i++) {
		print("slot %u: module at 0x%012lx-0x%012lx came\n", i,
		    kept[i].start, kept[i].end);
		(void)kernel_insert(kept[i]);
		print("slot %u: insertion answered\n", i);
	}
	for (i = 0; i < 2 && keeps; i++) {
		wanted(i);
		while (!kernel_remove(kept[i])) {
			print("slot %u: removal answered\n", i);
			wanted(i);
		}
		print("slot %u: ejected\n", i);
	}
}

/* ---- the start ---- */

/* The size that a device tree says it has. */
static size_t
tree_size(const unsigned char *tree)
{
	return (size_t)tree[4] << 24 | (size_t)tree[5] << 16 |
	    (size_t)tree[6] << 8 | tree[7];
}

int
machine_start(const void *given, struct physseg_memmap *memmap,
    struct physseg_memmap_reason *reason)
{
	const size_t size = tree_size(given);
	int error;

	error = physseg_memmap_add_fdt(memmap, given, size, NULL, NULL, reason);
	if (error == PHYSSEG_OK)
		error = physseg_memmap_reserve(
		    memmap, (uintptr_t)given, size, reason);
	return error == PHYSSEG_OK ? keep(memmap, reason) : error;
}
