/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * x86_64.c -- QEMU's PC: the first serial port, the memory map that came with
 * the start, the device that ends QEMU, and memory hot plug.
 *
 * Hot plug is ACPI's, without ACPI: QEMU's DSDT would read and write the same
 * registers (its documentation: acpi_mem_hotplug).  They show one slot at a
 * time, and are looked at again and again, since there are no interrupts here.
 */
#include "kernel.h"

#define SERIAL	    0x3f8
#define SERIAL_DONE (SERIAL + 5)

#define EXIT 0xf4 /* QEMU ends with twice the value and 1 */

enum hotplug_register {
	SLOT = 0xa00, /* written: which slot the others show */
	BASE = 0xa00, /* read: 64 bits in two halves */
	LENGTH = 0xa08,
	OST_EVENT = 0xa04, /* written: how it went, for QEMU's monitor */
	OST_STATUS = 0xa08,
	STATUS = 0xa14,
};

enum hotplug_status { /* written: ENABLED aside, that it was seen */
	ENABLED = 1 << 0,
	INSERTED = 1 << 1,
	REMOVE = 1 << 2,
	EJECT = 1 << 3 /* written only */
};

enum { SLOTS = 16 };

/* Events and statuses of ACPI's _OST method. */
enum { OST_INSERT = 0x1, OST_EJECT = 0x3 };
enum { OST_GOOD = 0x0, OST_FAILED = 0x1, OST_IN_USE = 0x82 };

/* What a PVH start hands over, Xen's hvm_start_info. */
struct start_info {
	uint64_t unused[3];
	uint64_t command_line;
	uint64_t memory[3]; /* the reader's */
};

const char machine_name[] = "x86-64";
const uint64_t machine_limit = 32 * GIB;
const struct vmemmap *machine_vmemmap;

static bool hotplug; /* asked for on the command line */

static inline void
out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void
out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t
in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t
in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

void
machine_putc(char c)
{
	while ((in8(SERIAL_DONE) & 0x20) == 0)
		continue;
	out8(SERIAL, (uint8_t)c);
}

void
machine_exit(bool good)
{
	out8(EXIT, good ? 16 : 17); /* 33 or 35: no other way to end gives it */
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* ---- hot plug ---- */

static uint64_t
in64(uint16_t port)
{
	uint64_t low = in32(port);

	return low | (uint64_t)in32(port + 4) << 32;
}

static void
answer(uint32_t event, uint32_t status)
{
	out32(OST_EVENT, event);
	out32(OST_STATUS, status);
}

/* Look at a slot, and do what it asks for.  Returns whether there is a module
 * in it. */
static bool
serve(uint32_t slot)
{
	struct range module;
	uint8_t status;

	out32(SLOT, slot);
	status = in8(STATUS); /* first, as the other registers depend on it */
	module.start = in64(BASE);
	module.end = module.start + in64(LENGTH);
	if (status & INSERTED) {
		out8(STATUS, INSERTED);
		print("slot %u: module at 0x%012lx-0x%012lx came\n", slot,
		    module.start, module.end);
		answer(
		    OST_INSERT, kernel_insert(module) ? OST_GOOD : OST_FAILED);
		print("slot %u: insertion answered\n", slot);
	} else if (status & REMOVE) {
		out8(STATUS, REMOVE);
		print("slot %u: module at 0x%012lx-0x%012lx is wanted back\n",
		    slot, module.start, module.end);
		if (kernel_remove(module)) {
			out8(STATUS, EJECT);
			print("slot %u: ejected\n", slot);
			return false;
		}
		answer(OST_EJECT, OST_IN_USE);
		print("slot %u: removal answered\n", slot);
	}
	return (status & ENABLED) != 0;
}

void
machine_hotplug(void)
{
	uint32_t slot, modules;
	bool came = false;

	if (!hotplug)
		return;
	print("waiting for memory modules, until those that came have gone\n");
	do {
		for (slot = 0, modules = 0; slot < SLOTS; slot++)
			modules += serve(slot);
		came = came || modules > 0;
	} while (modules > 0 || !came);
}

/* ---- the start ---- */

/* Is a word on the command line? */
static bool
has_word(const char *line, const char *word)
{
	size_t i;

	do {
		for (i = 0; word[i] != '\0' && line[i] == word[i]; i++)
			continue;
		if (word[i] == '\0' && (line[i] == '\0' || line[i] == ' '))
			return true;
		while (*line != '\0' && *line != ' ')
			line++;
	} while (*line++ == ' ');
	return false;
}

/* All that is mapped is mapped one to one. */
static const void *
reach(void *arg, uint64_t address, size_t size)
{
	(void)arg;
	if (size > machine_limit || address > machine_limit - size)
		return NULL;
	return (const void *)(uintptr_t)address;
}

int
machine_start(const void *given, struct physseg_memmap *memmap,
    struct physseg_memmap_reason *reason)
{
	const struct start_info *info = given;
	const char *words;
	int error;

	error = physseg_memmap_add_pvh(
	    memmap, info, sizeof(*info), reach, NULL, reason);
	if (error != PHYSSEG_OK)
		return error;
	if (info->command_line != 0) {
		words = (const char *)(uintptr_t)info->command_line;
		hotplug = has_word(words, "hotplug");
		if (has_word(words, "vmemmap"))
			machine_vmemmap = &x86_64_vmemmap;
	}
	return physseg_memmap_reserve(/* so NULL is no page */
	    memmap, 0, PAGE_SIZE, reason);
}
