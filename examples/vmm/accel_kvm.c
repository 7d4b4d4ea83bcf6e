/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * accel_kvm.c -- Linux's KVM on x86-64, by its documented interface
 * (Documentation/virt/kvm/api.rst).
 *
 * There is no interrupt controller in the kernel's part of this machine, so a
 * guest that halts comes back to us.
 */
#define _POSIX_C_SOURCE 200809L

#include <stddef.h>

#include "accel.h"

#ifdef HAVE_KVM

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "program.h"

#define CR0_PE 1u /* protected mode */

/* Intel's processors want three pages for KVM's own use, below 4 GiB and where
 * no slot will be.  The page before them it takes itself, by default. */
#define TSS_ADDRESS 0xfffbd000ul

struct vm {
	int kvm, fd, vcpu;   /* file descriptors, -1: none */
	struct kvm_run *run; /* shared with the kernel */
	size_t run_size;
	unsigned char *log[SLOTS]; /* a bit for each page that was written */
	size_t log_size[SLOTS];	   /* bytes */
};

static const char *device;

/* "WHY: what the system said about the device". */
static const char *
because(const char *why, int error)
{
	static char reason[256];

	snprintf(
	    reason, sizeof(reason), "%s %s: %s", why, device, strerror(error));
	return reason;
}

static const char *
kvm_missing(const char *file)
{
	int fd, version, memory, error;

	device = file;
	fd = open(device, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return because("there is no", errno);
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return because("no permission to open", errno);
	if (fd < 0)
		return because("cannot open", errno);
	version = ioctl(fd, KVM_GET_API_VERSION, 0);
	error = errno;
	memory = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY);
	close(fd);
	if (version < 0)
		return because("no KVM behind", error);
	if (version != KVM_API_VERSION)
		return "the kernel has another version of KVM's interface";
	if (memory <= 0)
		return "the kernel's KVM does not take memory of a process";
	return NULL;
}

static void
kvm_destroy(struct vm *vm)
{
	if (vm->run != NULL)
		munmap(vm->run, vm->run_size);
	if (vm->vcpu >= 0)
		close(vm->vcpu);
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->kvm >= 0)
		close(vm->kvm);
	for (unsigned slot = 0; slot < SLOTS; slot++)
		free(vm->log[slot]);
	free(vm);
}

/* ---- the processor's state ---- */

/* All of the 4 GiB, for code or for data. */
static struct kvm_segment
flat(__u16 selector, __u8 type)
{
	const struct kvm_segment segment = {
		.base = 0,
		.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.present = 1,
		.db = 1, /* 32 bits */
		.s = 1,	 /* code or data */
		.g = 1,	 /* the limit is in pages */
	};

	return segment;
}

static bool
protected_mode(int vcpu, uint32_t entry)
{
	const struct kvm_regs regs = {
		.rip = entry, .rflags = 2, /* a bit that is always set */
	};
	struct kvm_sregs sregs;

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) != 0)
		return false;
	sregs.cs = flat(0x08, 0xb); /* code: executed, readable, accessed */
	sregs.ds = flat(0x10, 0x3); /* data: writable, accessed */
	sregs.es = sregs.fs = sregs.gs = sregs.ss = sregs.ds;
	sregs.cr0 |= CR0_PE;
	return ioctl(vcpu, KVM_SET_SREGS, &sregs) == 0 &&
	    ioctl(vcpu, KVM_SET_REGS, &regs) == 0;
}

/* ---- making it ---- */

static bool
create(struct vm *vm, uint32_t entry)
{
	int size;
	void *run;

	vm->kvm = open(device, O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0)
		return false;
	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return false;
	if (ioctl(vm->kvm, KVM_CHECK_EXTENSION, KVM_CAP_SET_TSS_ADDR) > 0 &&
	    ioctl(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDRESS) != 0)
		return false;
	vm->vcpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (vm->vcpu < 0)
		return false;
	size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		return false;
	run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED,
	    vm->vcpu, 0);
	if (run == MAP_FAILED)
		return false;
	vm->run = run;
	vm->run_size = (size_t)size;
	return protected_mode(vm->vcpu, entry);
}

static struct vm *
kvm_create(uint32_t entry)
{
	struct vm *vm = calloc(1, sizeof(*vm));
	int error;

	if (vm == NULL)
		return NULL;
	vm->kvm = vm->fd = vm->vcpu = -1;
	if (!create(vm, entry)) {
		error = errno;
		kvm_destroy(vm);
		errno = error;
		return NULL;
	}
	return vm;
}

/* ---- slots ---- */

static int
set_slot(
    struct vm *vm, unsigned slot, uint64_t address, uint64_t size, void *host)
{
	const struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = KVM_MEM_LOG_DIRTY_PAGES,
		.guest_phys_addr = address,
		.memory_size = size, /* 0: the slot goes */
		.userspace_addr = (uintptr_t)host,
	};

	return ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) == 0 ? 0
								       : errno;
}

static int
kvm_slot_remove(struct vm *vm, unsigned slot)
{
	int error = set_slot(vm, slot, 0, 0, NULL);

	if (error == 0) {
		free(vm->log[slot]);
		vm->log[slot] = NULL;
	}
	return error;
}

/* The log comes in words of 64 bits. */
static int
kvm_slot_add(
    struct vm *vm, unsigned slot, uint64_t address, uint64_t size, void *host)
{
	const uint64_t pages = size / GUEST_PAGE;
	int error;

	vm->log_size[slot] = (size_t)((pages + 63) / 64 * 8);
	vm->log[slot] = malloc(vm->log_size[slot]);
	if (vm->log[slot] == NULL)
		return ENOMEM;
	error = set_slot(vm, slot, address, size, host);
	if (error != 0) {
		free(vm->log[slot]);
		vm->log[slot] = NULL;
	}
	return error;
}

/* KVM forgets what it tells.  If it does not tell, all may be written. */
static void
kvm_slot_written(struct vm *vm, unsigned slot, uint64_t first, uint64_t n,
    unsigned char *written)
{
	struct kvm_dirty_log log = { .slot = slot };
	uint64_t page;

	memset(vm->log[slot], 0, vm->log_size[slot]);
	log.dirty_bitmap = vm->log[slot];
	if (ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log) != 0)
		memset(vm->log[slot], 0xff, vm->log_size[slot]);
	for (page = first; page < first + n; page++)
		if (vm->log[slot][page / 8] & 1u << page % 8)
			written[page - first] = 1;
}

/* ---- running ---- */

/* Data of an exit is bytes, in the order of x86. */
static uint32_t
word(const void *data, size_t size)
{
	uint32_t w = 0;

	memcpy(&w, data, size < sizeof(w) ? size : sizeof(w));
	return w;
}

static enum leave
leave_out(struct kvm_run *run, struct leaving *leaving)
{
	if (run->io.direction != KVM_EXIT_IO_OUT || run->io.count != 1)
		return LEAVE_BROKEN;
	leaving->where = run->io.port;
	leaving->value =
	    word((const char *)run + run->io.data_offset, run->io.size);
	return LEAVE_OUT;
}

static enum leave
leave_memory(struct kvm_run *run, struct leaving *leaving)
{
	leaving->where = run->mmio.phys_addr;
	if (!run->mmio.is_write)
		return LEAVE_READ;
	leaving->value = word(run->mmio.data, run->mmio.len);
	return LEAVE_WRITE;
}

static enum leave
broken(struct kvm_run *run)
{
	fprintf(stderr, "KVM_RUN: exit reason %u", (unsigned)run->exit_reason);
	if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR)
		fprintf(stderr, ", %u", (unsigned)run->internal.suberror);
	if (run->exit_reason == KVM_EXIT_FAIL_ENTRY)
		fprintf(stderr, ", 0x%llx",
		    (unsigned long long)
			run->fail_entry.hardware_entry_failure_reason);
	fprintf(stderr, "\n");
	return LEAVE_BROKEN;
}

static enum leave
leave(struct kvm_run *run, struct leaving *leaving)
{
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		return leave_out(run, leaving);
	case KVM_EXIT_MMIO:
		return leave_memory(run, leaving);
	case KVM_EXIT_HLT:
		return LEAVE_HALT;
	default:
		return broken(run);
	}
}

/* The instruction that left is finished when the guest runs again; one that
 * reads gets what then stands in `mmio.data'. */
static void
kvm_run(struct vm *vm, struct leaving *leaving)
{
	struct kvm_run *run = vm->run;
	int status;

	if (leaving->reason == LEAVE_READ)
		memcpy(run->mmio.data, &leaving->value, sizeof(leaving->value));
	do {
		status = ioctl(vm->vcpu, KVM_RUN, 0);
	} while (status != 0 && errno == EINTR);
	if (status != 0) {
		perror("KVM_RUN");
		leaving->reason = LEAVE_BROKEN;
	} else
		leaving->reason = leave(run, leaving);
}

const struct accel accel_kvm = {
	.name = "KVM",
	.missing = kvm_missing,
	.create = kvm_create,
	.destroy = kvm_destroy,
	.slot_add = kvm_slot_add,
	.slot_remove = kvm_slot_remove,
	.slot_written = kvm_slot_written,
	.run = kvm_run,
};

#else

static const char *
kvm_missing(const char *file)
{
	(void)file;
#ifdef __x86_64__
	return "this program was built without <linux/kvm.h>";
#else
	return "the guest's program is for x86-64, and this machine is not";
#endif
}

const struct accel accel_kvm = { .name = "KVM", .missing = kvm_missing };

#endif
