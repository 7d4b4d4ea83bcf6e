/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * accel_mock.c -- where there is no KVM: the slots are a table, and the
 * processor is a loop that executes the guest's instructions one by one, as
 * many kinds of them as the program has (program.c).  What a guest sees of its
 * memory, and why it leaves, is what KVM would show it.
 *
 * The lock is held during each access to memory, so that a slot that has been
 * removed is not in use any more.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accel.h"
#include "program.h"

#define CODE_SIZE 8 /* bytes: longer than every instruction here */

struct slot {
	uint64_t address, size; /* size 0: not in use */
	unsigned char *host;
	unsigned char *written; /* for each page: the guest has written to it */
};

struct vm {
	pthread_mutex_t lock; /* of the slots */
	struct slot slots[SLOTS];
	uint32_t r[8]; /* eax, ecx, edx, ebx, esp, ebp, esi, edi */
	uint32_t ip;
	bool zero;     /* the flag */
	bool answered; /* `value' is what the instruction at ip reads */
	struct leaving *leaving;
};

static const char *
mock_missing(const char *device)
{
	(void)device;
	return NULL;
}

static struct vm *
mock_create(uint32_t entry)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (vm != NULL) {
		vm->ip = entry;
		pthread_mutex_init(&vm->lock, NULL);
	}
	return vm;
}

static void
mock_destroy(struct vm *vm)
{
	for (unsigned slot = 0; slot < SLOTS; slot++)
		if (vm->slots[slot].size != 0)
			free(vm->slots[slot].written);
	pthread_mutex_destroy(&vm->lock);
	free(vm);
}

/* ---- slots: refused is what KVM refuses ---- */

static bool
overlap(const struct slot *a, const struct slot *b)
{
	return a->address < b->address + b->size &&
	    b->address < a->address + a->size;
}

static int
add(struct vm *vm, unsigned slot, const struct slot *new)
{
	const uint64_t all = new->address | new->size | (uintptr_t) new->host;

	if (slot >= SLOTS || vm->slots[slot].size != 0 || new->size == 0 ||
	    all % GUEST_PAGE != 0)
		return EINVAL;
	for (unsigned i = 0; i < SLOTS; i++)
		if (vm->slots[i].size != 0 && overlap(&vm->slots[i], new))
			return EEXIST;
	vm->slots[slot] = *new;
	vm->slots[slot].written = calloc((size_t)(new->size / GUEST_PAGE), 1);
	if (vm->slots[slot].written != NULL)
		return 0;
	vm->slots[slot].size = 0;
	return ENOMEM;
}

static int
mock_slot_add(
    struct vm *vm, unsigned slot, uint64_t address, uint64_t size, void *host)
{
	const struct slot new = { address, size, host, NULL };
	int error;

	pthread_mutex_lock(&vm->lock);
	error = add(vm, slot, &new);
	pthread_mutex_unlock(&vm->lock);
	return error;
}

static int
mock_slot_remove(struct vm *vm, unsigned slot)
{
	int error = EINVAL;

	pthread_mutex_lock(&vm->lock);
	if (slot < SLOTS && vm->slots[slot].size != 0) {
		vm->slots[slot].size = 0;
		free(vm->slots[slot].written);
		error = 0;
	}
	pthread_mutex_unlock(&vm->lock);
	return error;
}

static void
mock_slot_written(struct vm *vm, unsigned slot, uint64_t first, uint64_t n,
    unsigned char *written)
{
	struct slot *s = &vm->slots[slot];

	pthread_mutex_lock(&vm->lock);
	for (uint64_t i = 0; i < n; i++)
		written[i] |= s->written[first + i];
	memset(s->written, 0, (size_t)(s->size / GUEST_PAGE));
	pthread_mutex_unlock(&vm->lock);
}

/* ---- memory, as the processor sees it ---- */

/* The slot that has `n' bytes at a guest-physical address; NULL: none. */
static struct slot *
slot_of(struct vm *vm, uint64_t address, size_t n)
{
	for (struct slot *s = vm->slots; s < vm->slots + SLOTS; s++)
		if (address >= s->address && address - s->address < s->size &&
		    s->size - (address - s->address) >= n)
			return s;
	return NULL;
}

/* Where they are; NULL: in no slot. */
static unsigned char *
backing(struct vm *vm, uint64_t address, size_t n)
{
	const struct slot *s = slot_of(vm, address, n);

	return s == NULL ? NULL : s->host + (address - s->address);
}

/* Aligned words are atomic, as on x86. */
static bool
load(struct vm *vm, uint32_t address, uint32_t *word)
{
	void *host;

	if (vm->answered) {
		vm->answered = false;
		*word = vm->leaving->value;
		return true;
	}
	pthread_mutex_lock(&vm->lock);
	host = backing(vm, address, sizeof(*word));
	if (host != NULL)
		*word = guest_order(atomic_load((_Atomic uint32_t *)host));
	pthread_mutex_unlock(&vm->lock);
	if (host == NULL) {
		vm->leaving->reason = LEAVE_READ;
		vm->leaving->where = address;
	}
	return host != NULL;
}

static bool
store(struct vm *vm, uint32_t address, uint32_t word)
{
	const struct slot *s;
	void *host;

	pthread_mutex_lock(&vm->lock);
	s = slot_of(vm, address, sizeof(word));
	if (s != NULL) {
		host = s->host + (address - s->address);
		atomic_store((_Atomic uint32_t *)host, guest_order(word));
		s->written[(address - s->address) / GUEST_PAGE] = 1;
	}
	pthread_mutex_unlock(&vm->lock);
	if (s == NULL) {
		vm->leaving->reason = LEAVE_WRITE;
		vm->leaving->where = address;
		vm->leaving->value = word;
	}
	return s != NULL;
}

static bool
fetch(struct vm *vm, uint8_t code[CODE_SIZE])
{
	const unsigned char *host;

	pthread_mutex_lock(&vm->lock);
	host = backing(vm, vm->ip, CODE_SIZE);
	if (host != NULL)
		memcpy(code, host, CODE_SIZE);
	pthread_mutex_unlock(&vm->lock);
	return host != NULL;
}

/* ---- instructions ---- */

static uint32_t
immediate(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
	    (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint32_t
displacement(uint8_t byte)
{
	return (uint32_t)byte - ((byte & 0x80u) << 1);
}

/* The byte after the opcode names a register and a second operand: another
 * register, [it], or [it + displacement]. */
#define MODRM_REG(code)	 ((code)[1] >> 3 & 7u)
#define MODRM_RM(code)	 ((code)[1] & 7u)
#define MODRM_MODE(code) ((code)[1] >> 6)
enum { MODE_AT, MODE_AT_DISPLACEMENT, MODE_REGISTER = 3 };

static uint32_t
address(const struct vm *vm, const uint8_t *code)
{
	uint32_t base = vm->r[MODRM_RM(code)];

	return MODRM_MODE(code) == MODE_AT ? base
					   : base + displacement(code[2]);
}

/* An instruction with such a byte: false when the guest leaves.  One that
 * reads and leaves is executed again when it has its answer.  The flag is kept
 * where the program looks at it. */
static bool
execute_modrm(struct vm *vm, const uint8_t *code)
{
	uint32_t length = MODRM_MODE(code) == MODE_AT_DISPLACEMENT ? 3 : 2;
	uint32_t *reg = &vm->r[MODRM_REG(code)];
	uint32_t *rm = &vm->r[MODRM_RM(code)], word;
	bool stays = true;

	switch (code[0]) {
	case 0x03: /* add reg, [] */
	case 0x8b: /* mov reg, [] */
		if (!load(vm, address(vm, code), &word))
			return false;
		*reg = code[0] == 0x03 ? *reg + word : word;
		break;
	case 0x89: /* mov [] or rm, reg */
		if (MODRM_MODE(code) == MODE_REGISTER)
			*rm = *reg;
		else
			stays = store(vm, address(vm, code), *reg);
		break;
	case 0x85: /* test rm, reg */
		vm->zero = (*rm & *reg) == 0;
		break;
	case 0x83: /* cmp rm, byte */
		vm->zero = *rm == displacement(code[2]);
		length = 3;
		break;
	case 0x81: /* add rm, word */
		*rm += immediate(code + 2);
		length = 6;
		break;
	}
	vm->ip += length;
	return stays;
}

static bool
jump(struct vm *vm, const uint8_t *code, bool taken)
{
	vm->ip += 2 + (taken ? displacement(code[1]) : 0);
	return true;
}

static bool
step_register(struct vm *vm, uint8_t opcode)
{
	uint32_t *r = &vm->r[opcode & 7u];

	*r += opcode < 0x48 ? 1 : UINT32_MAX;
	vm->zero = *r == 0;
	vm->ip++;
	return true;
}

static bool
leave(struct vm *vm, enum leave reason, uint32_t length)
{
	vm->ip += length;
	vm->leaving->reason = reason;
	return false;
}

static bool
broken(struct vm *vm, const char *why)
{
	fprintf(stderr, "mock: at 0x%08" PRIx32 ": %s\n", vm->ip, why);
	return leave(vm, LEAVE_BROKEN, 0);
}

static bool
execute(struct vm *vm, const uint8_t *code)
{
	switch (code[0]) {
	case 0x42: /* inc edx */
	case 0x49: /* dec ecx */
		return step_register(vm, code[0]);
	case 0x74:
		return jump(vm, code, vm->zero);
	case 0x75:
		return jump(vm, code, !vm->zero);
	case 0xeb:
		return jump(vm, code, true);
	case 0xbf: /* mov edi, word */
		vm->r[7] = immediate(code + 1);
		vm->ip += 5;
		return true;
	case 0xe7: /* out byte, eax */
		vm->leaving->where = code[1];
		vm->leaving->value = vm->r[0];
		return leave(vm, LEAVE_OUT, 2);
	case 0xf3: /* pause */
		sched_yield();
		vm->ip += 2;
		return true;
	case 0xf4:
		return leave(vm, LEAVE_HALT, 1);
	case 0x03:
	case 0x81:
	case 0x83:
	case 0x85:
	case 0x89:
	case 0x8b:
		return execute_modrm(vm, code);
	default:
		return broken(vm, "an instruction the program does not have");
	}
}

static void
mock_run(struct vm *vm, struct leaving *leaving)
{
	uint8_t code[CODE_SIZE];
	bool stays = true;

	vm->answered = leaving->reason == LEAVE_READ;
	vm->leaving = leaving;
	while (stays)
		stays = fetch(vm, code) ? execute(vm, code)
					: broken(vm, "no memory to execute");
}

const struct accel accel_mock = {
	.name = "mock",
	.missing = mock_missing,
	.create = mock_create,
	.destroy = mock_destroy,
	.slot_add = mock_slot_add,
	.slot_remove = mock_slot_remove,
	.slot_written = mock_slot_written,
	.run = mock_run,
};
