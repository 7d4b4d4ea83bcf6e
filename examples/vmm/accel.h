/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * accel.h -- what runs a guest: one table of functions, and two of them, KVM
 * and a mock for where there is no KVM.  A guest has one processor, and its
 * memory in slots: ranges of guest-physical addresses, each backed by memory of
 * this process.  An access outside of them leaves the guest.
 *
 * Slots may be added and removed from any thread, also while `run' is under
 * way; everything else of a machine is its own thread's.
 */
#ifndef ACCEL_H
#define ACCEL_H

#include <stdint.h>

#define SLOTS 32 /* numbered from 0 */

enum leave {
	LEAVE_OUT,   /* an instruction wrote `value' to port `where' */
	LEAVE_READ,  /* it reads from `where', outside of the slots: what is
		      * in `value' at the next run is what it gets */
	LEAVE_WRITE, /* it wrote `value' to `where', outside of the slots */
	LEAVE_HALT,  /* it halted */
	LEAVE_BROKEN /* the machine cannot go on */
};

struct leaving {
	enum leave reason;
	uint64_t where; /* guest-physical address, or port */
	uint32_t value;
};

struct vm; /* each accelerator's own */

struct accel {
	const char *name;

	/* NULL if it can be used on this machine, else the reason.  `device'
	 * is the file it is used through, and must stay. */
	const char *(*missing)(const char *device);

	/* A machine whose processor will start at guest-physical `entry', in
	 * 32-bit protected mode, flat, without paging; NULL and errno. */
	struct vm *(*create)(uint32_t entry);
	void (*destroy)(struct vm *vm);

	/* 0 or an errno.  Addresses and sizes in bytes, multiples of a page.
	 * The guest may be running: it finds the slot there, or not. */
	int (*slot_add)(struct vm *vm, unsigned slot, uint64_t address,
	    uint64_t size, void *host);
	int (*slot_remove)(struct vm *vm, unsigned slot);

	/* Which pages of a slot has the guest written since the last call?
	 * Sets written[i] for page first + i of the slot, where i < n, and
	 * leaves the others.  What it wrote to the rest of the slot is
	 * also forgotten. */
	void (*slot_written)(struct vm *vm, unsigned slot, uint64_t first,
	    uint64_t n, unsigned char *written);

	/* Run until the guest leaves. */
	void (*run)(struct vm *vm, struct leaving *leaving);
};

extern const struct accel accel_kvm, accel_mock;

/* A word in the byte order of the guest, and back. */
uint32_t guest_order(uint32_t word);

#endif /* ACCEL_H */
