/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * riscv64.c -- QEMU's machine virt: its serial port, the memory map from its
 * device tree, the device that ends QEMU.  No memory hot plug.
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

void
machine_hotplug(void)
{
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
	kernel();
}
