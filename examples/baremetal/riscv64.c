/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * riscv64.c -- QEMU's machine virt: its serial port, the memory map from its
 * device tree, the device that ends QEMU.
 *
 * It has no memory hot plug.  So ranges of its memory are kept out at boot, and
 * are the modules that come and go.
 */
#include "fdt.h"
#include "kernel.h"

#define SERIAL	    ((volatile uint8_t *)0x10000000)
#define SERIAL_DONE (SERIAL + 5)

#define EXIT ((volatile uint32_t *)0x100000)

const char machine_name[] = "riscv64";
const uint64_t machine_limit = 8 * GIB;

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

static struct range kept[2];

/* Keep 64 MiB and 32 MiB out, that are not at an end of the memory: there the
 * firmware is, and the device tree. */
static void
keep(void)
{
	struct range *memory = &machine_memory.of[0];
	const uint64_t end = memory->end;

	if (machine_memory.n == 0 || end - memory->start < 160 * MIB)
		return;
	memory->end -= 128 * MIB;
	kept[0] = (struct range){ memory->end, memory->end + 64 * MIB };
	kept[1] = (struct range){ kept[0].end, kept[0].end + 32 * MIB };
	(void)ranges_add(&machine_memory, kept[1].end, end);
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

	for (i = 0; i < 2 && kept[i].end != 0; i++) {
		print("slot %u: module at 0x%012lx-0x%012lx came\n", i,
		    kept[i].start, kept[i].end);
		(void)kernel_insert(kept[i]);
		print("slot %u: insertion answered\n", i);
	}
	for (i = 0; i < 2 && kept[i].end != 0; i++) {
		wanted(i);
		while (!kernel_remove(kept[i])) {
			print("slot %u: removal answered\n", i);
			wanted(i);
		}
		print("slot %u: ejected\n", i);
	}
}

void riscv64_start(const void *tree);

void
riscv64_start(const void *tree)
{
	const char *wrong =
	    fdt_read(tree, MIB, &machine_memory, &machine_reserved);

	if (wrong != NULL)
		panic(wrong);
	if (!ranges_add(&machine_reserved, (uintptr_t)tree,
		(uintptr_t)tree + fdt_size(tree)))
		panic("the memory map is too long");
	keep();
	kernel();
}
