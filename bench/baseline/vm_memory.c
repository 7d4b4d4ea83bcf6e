/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * vm_memory.c -- the guest memory of rust-vmm's vm-memory, which virtual
 * machine monitors take: a sorted array of pointers to regions, a binary
 * search, and a new array for each change.  vm_memory/ has its functions.
 */

#include <stdlib.h>

#include "subject.h"
#include "run/support.h"

#define NAME "vm-memory 0.10"

#ifdef HAVE_VM_MEMORY

#define VM_PAGE 4096 /* a region is whole pages of the machine's memory */

struct vm_range {
	uint64_t start, bytes;
};

const char *vm_memory_compiler(void);
size_t vm_memory_size(void);
void vm_memory_init(void *index);
void vm_memory_fini(void *index);
void vm_memory_fill(void *index, const struct vm_range *, size_t n);
void vm_memory_insert(void *index, uint64_t start, uint64_t bytes);
void vm_memory_remove(void *index, uint64_t start);
void *vm_memory_find(const void *index, uint64_t address);
uint64_t vm_memory_start(const void *region);
size_t vm_memory_bytes(const void *index);

static size_t
vm_size(size_t capacity)
{
	(void)capacity;
	return vm_memory_size();
}

static void
vm_init(void *index, size_t capacity, size_t page_size)
{
	(void)capacity;
	(void)page_size;
	vm_memory_init(index);
}

static struct vm_range
range_of(const struct physseg_node *node)
{
	return (struct vm_range){ (uint64_t)node->start * VM_PAGE,
		(uint64_t)(node->end - node->start) * VM_PAGE };
}

static void
vm_fill(void *index, const char *records, size_t n)
{
	struct vm_range *ranges = must(malloc(n * sizeof(ranges[0])));

	for (size_t i = 0; i < n; i++)
		ranges[i] =
		    range_of((const void *)(records + i * RECORD_BYTES));
	vm_memory_fill(index, ranges, n);
	free(ranges);
}

static void
vm_insert(void *index, struct physseg_node *node)
{
	const struct vm_range range = range_of(node);

	vm_memory_insert(index, range.start, range.bytes);
}

static void
vm_remove(void *index, struct physseg_node *node)
{
	vm_memory_remove(index, (uint64_t)node->start * VM_PAGE);
}

static struct physseg_node *
vm_lookup(const void *index, physseg_pfn_t pfn)
{
	return vm_memory_find(index, (uint64_t)pfn * VM_PAGE);
}

static physseg_pfn_t
vm_answer(const void *index, const struct physseg_node *answer)
{
	(void)index;
	return (physseg_pfn_t)(vm_memory_start(answer) / VM_PAGE);
}

static const struct physseg_backend vm_memory = {
	.name = NAME,
	.size = vm_size,
	.init = vm_init,
	.insert = vm_insert,
	.remove = vm_remove,
	.lookup = vm_lookup,
};

const struct subject baseline_vm_memory = {
	.backend = &vm_memory,
	.foreign = true,
	.ascending = true,
	.fill = vm_fill,
	.fini = vm_memory_fini,
	.answer = vm_answer,
	.bytes = vm_memory_bytes,
};

const char *
baseline_vm_memory_compiler(void)
{
	return vm_memory_compiler();
}

#else

static const struct physseg_backend vm_memory = { .name = NAME };

const struct subject baseline_vm_memory = {
	.backend = &vm_memory,
	.foreign = true,
	.missing = "librust-vm-memory-dev and cargo",
};

const char *
baseline_vm_memory_compiler(void)
{
	return "";
}

#endif
