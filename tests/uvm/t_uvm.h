/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm.h -- what the suites of the compatible face share: a machine
 * with counted memory, the integrator's hooks, operations that check every
 * invariant of the map after them, and maps as text.
 *
 * A suite is one program and includes this once; it is linked with each of the
 * five libraries in turn.  What differs by backend is read from
 * uvm_physseg_backend.
 */
#ifndef TESTS_T_UVM_H
#define TESTS_T_UVM_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uvm/uvm.h> /* as the program has it: before the library's own */

#include "uvm/uvm_record.h"

#include "support.h"

/* ---- the machine ---- */

static struct test_host machine; /* its memory: counted, guarded, may fail */

/* What it gave last. */
static struct {
	void *p;
	size_t size;
} machine_gave;

static void *
machine_alloc(void *ctx, size_t size)
{
	(void)ctx;
	machine_gave.size = size;
	return machine_gave.p = machine.hooks.alloc(&machine, size);
}

static void
machine_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	machine.hooks.free(&machine, p, size);
}

/* Where a panic goes, if a test says so: its message is kept. */
static jmp_buf *panic_exit;
static char panic_message[160];

static void
machine_panic(void *ctx, const char *reason)
{
	(void)ctx;
	if (panic_exit != NULL) {
		snprintf(panic_message, sizeof(panic_message), "%s", reason);
		longjmp(*panic_exit, 1);
	}
	machine.hooks.panic(&machine, reason);
}

/* Does call(arg) panic with `text'?  Here the panic is left by longjmp. */
static inline bool
panics_by_longjmp(void (*call)(void *), void *arg, const char *text)
{
	jmp_buf here;

	if (setjmp(here) == 0) {
		panic_exit = &here;
		call(arg);
		panic_exit = NULL;
		return false;
	}
	panic_exit = NULL;
	return strstr(panic_message, text) != NULL;
}

/* A table of a release that has a hook more, of which the size says whether
 * there is one.  The first is put back by power_on. */
#define MACHINE_HOOKS                                         \
	{                                                     \
		.alloc = machine_alloc, .free = machine_free, \
		.panic = machine_panic,                       \
	}
static struct machine_host {
	struct physseg_host hooks;
	void (*later)(void);
} machine_host = { .hooks = MACHINE_HOOKS };
static size_t machine_host_size = sizeof(struct physseg_host);

const struct physseg_host *
uvm_physseg_host(size_t *size)
{
	*size = machine_host_size;
	return &machine_host.hooks;
}

/* What the hooks saw; cleared by power_on. */
static struct {
	size_t freed;
	size_t reinits;
	void (*on_pagefree)(struct vm_page *pg); /* may be NULL */
	void (*on_reinit)(void);		 /* may be NULL */
} seen;

void
uvm_pagefree(struct vm_page *pg)
{
	seen.freed++;
	if (seen.on_pagefree != NULL)
		seen.on_pagefree(pg);
}

void
uvmpdpol_reinit(void)
{
	seen.reinits++;
	if (seen.on_reinit != NULL)
		seen.on_reinit();
}

/* Before every test: an empty map, variables as a machine starts with. */
static inline void
power_on(void)
{
	machine_host = (struct machine_host){ .hooks = MACHINE_HOOKS };
	machine_host_size = sizeof(machine_host.hooks);
	uvm.page_init_done = false;
	uvmexp = (struct uvmexp){ .pagesize = PAGE_SIZE };
	physmem = 0;
	uvm_physseg_init();
	test_host_init(&machine, 0);
	memset(&seen, 0, sizeof(seen));
}

/* After every test: whatever it did, nothing is lost. */
static inline void
power_off(void)
{
	machine.fail_at = 0;
	uvm_physseg_init();
	ck_assert_uint_eq(machine.outstanding, 0);
	ck_assert_uint_eq(machine.live, 0);
}

/* ---- segments of 1 MiB, as everywhere in this interface's tests ---- */

#define SEG	256 /* pages */
#define S1	0
#define S2	256
#define S3	512
#define S4	768
#define FAR	((paddr_t)1 << 19) /* far from every other frame in use */
#define NOWHERE UVM_PHYSSEG_TYPE_INVALID

static inline bool
can(enum physseg_capability capability)
{
	return (uvm_physseg_backend()->capabilities & (unsigned)capability) !=
	    0;
}

/* Segments that the map holds at boot. */
static inline size_t
slots(void)
{
	size_t most = uvm_physseg_backend()->max_segments;

	return most != 0 && most < VM_PHYSSEG_MAX ? most : VM_PHYSSEG_MAX;
}

/* ---- operations, each followed by a check of every invariant ---- */

static inline void
check_map(void)
{
	const char *broken = physseg_check(uvm_physseg_map());

	ck_assert_msg(broken == NULL, "broken: %s", broken);
}

static inline bool
plug_and_check(paddr_t pfn, size_t n, uvm_physseg_t *handle)
{
	bool done = uvm_physseg_plug(pfn, n, handle);

	check_map();
	return done;
}

static inline bool
unplug_and_check(paddr_t pfn, size_t n)
{
	bool done = uvm_physseg_unplug(pfn, n);

	check_map();
	return done;
}

static inline uvm_physseg_t
load_avail(paddr_t start, paddr_t end, paddr_t avail_start, paddr_t avail_end,
    int free_list)
{
	uvm_physseg_t handle =
	    uvm_page_physload(start, end, avail_start, avail_end, free_list);

	check_map();
	ck_assert(uvm_physseg_valid_p(handle));
	return handle;
}

static inline uvm_physseg_t
load(paddr_t start, paddr_t n)
{
	return load_avail(
	    start, start + n, start, start + n, VM_FREELIST_DEFAULT);
}

/* One page, as a frame; (paddr_t)-1: false, and nothing was written. */
static inline paddr_t
unload_by(bool (*physunload)(uvm_physseg_t, int, paddr_t *),
    uvm_physseg_t handle, int free_list)
{
	const paddr_t untouched = 0xdead;
	paddr_t pa = untouched;
	bool done = physunload(handle, free_list, &pa);

	check_map();
	if (!done) {
		ck_assert_uint_eq(pa, untouched);
		return (paddr_t)-1;
	}
	ck_assert_uint_eq(pa % PAGE_SIZE, 0);
	return atop(pa);
}

static inline paddr_t
unload(uvm_physseg_t handle, int free_list)
{
	return unload_by(uvm_page_physunload, handle, free_list);
}

static inline paddr_t
unload_force(uvm_physseg_t handle, int free_list)
{
	return unload_by(uvm_page_physunload_force, handle, free_list);
}

/* ---- the switch ---- */

static struct vm_page boot_pages[4 * SEG];

static inline void
chomp(size_t npages)
{
	memset(boot_pages, 0, sizeof(boot_pages));
	uvm_physseg_seg_chomp_slab(uvm_physseg_get_first(), boot_pages, npages);
	check_map();
}

/*
 * As the original's page layer does it, by its own loop: what alloc_from_slab
 * returned is not looked at.  With an array of `npages'.
 */
static inline void
switch_by_loop(size_t npages)
{
	struct vm_page *pages = boot_pages;
	uvm_physseg_t h;
	size_t n;

	chomp(npages);
	for (h = uvm_physseg_get_first(); uvm_physseg_valid_p(h);
	     h = uvm_physseg_get_next(h)) {
		n = (size_t)(uvm_physseg_get_end(h) - uvm_physseg_get_start(h));
		uvm_physseg_seg_alloc_from_slab(h, n);
		uvm_physseg_init_seg(h, pages);
		pages += n;
	}
	uvm.page_init_done = true;
	uvm_physseg_set_start_hint(NOWHERE, 0); /* so that the map knows, too */
	check_map();
}

static inline void
switch_at_once(void)
{
	uvm_page_init(NULL, NULL);
	check_map();
}

/* Is it one of the pages handed over at boot? */
static inline bool
is_boot_page(const struct vm_page *pg)
{
	return (uintptr_t)pg - (uintptr_t)boot_pages < sizeof(boot_pages);
}

/* ---- maps as text: "0-64 192-256", available ranges in parentheses where
 * they are another: "0-64(0-10)" ---- */

static inline int
by_start(const void *a, const void *b)
{
	const struct physseg_info *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static inline const char *
show(bool sorted)
{
	static char text[VM_PHYSSEG_MAX * 100 + 100];
	static struct physseg_info info[VM_PHYSSEG_MAX + 8];
	size_t n = 0, i, at = 0;
	uvm_physseg_t h;

	for (h = uvm_physseg_get_first(); h != NOWHERE;
	     h = uvm_physseg_get_next(h)) {
		ck_assert_uint_lt(n, sizeof(info) / sizeof(info[0]));
		info[n].start = uvm_physseg_get_start(h);
		info[n].end = uvm_physseg_get_end(h);
		info[n].avail_start = uvm_physseg_get_avail_start(h);
		info[n++].avail_end = uvm_physseg_get_avail_end(h);
	}
	if (sorted)
		qsort(info, n, sizeof(info[0]), by_start);
	*text = '\0';
	for (i = 0; i < n; i++) {
		at += (size_t)snprintf(text + at, sizeof(text) - at,
		    "%s%" PRIu64 "-%" PRIu64, i == 0 ? "" : " ",
		    (uint64_t)info[i].start, (uint64_t)info[i].end);
		if (info[i].avail_start != info[i].start ||
		    info[i].avail_end != info[i].end)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
			    "(%" PRIu64 "-%" PRIu64 ")",
			    (uint64_t)info[i].avail_start,
			    (uint64_t)info[i].avail_end);
	}
	return text;
}

/* By address: the same for every backend. */
#define MAP_IS(expected) ck_assert_str_eq(show(true), expected)

/* As the backend iterates. */
#define ORDER_IS(expected) ck_assert_str_eq(show(false), expected)

static inline size_t
entries(void)
{
	uvm_physseg_t h;
	size_t n = 0;

	for (h = uvm_physseg_get_first(); h != NOWHERE;
	     h = uvm_physseg_get_next(h))
		n++;
	return n;
}

/* ---- what a backend cannot do is shown, not skipped in silence ---- */

/* As test_skip; Check's START_TEST puts "_fn" behind the test's name. */
static inline void
skip_test(const char *function, const char *reason)
{
	char test[80];
	size_t n = (size_t)snprintf(test, sizeof(test), "%s", function);

	if (n < sizeof(test) && n > 3 && strcmp(test + n - 3, "_fn") == 0)
		test[n - 3] = '\0';
	test_skip(test, reason);
}

static inline void
load_far(void *arg)
{
	(void)arg;
	uvm_page_physload(FAR, FAR + 1, FAR, FAR + 1, VM_FREELIST_DEFAULT);
}

static inline void
plug_far(void *arg)
{
	(void)arg;
	uvm_physseg_plug(FAR, 1, NULL);
}

/*
 * Can the test go on with `n' segments?  If the backend holds fewer, the map
 * is full now: one more is refused, at boot.
 */
static inline bool
room_for(size_t n, const char *test)
{
	uvm_physseg_t h = (uvm_physseg_t)&n;
	char reason[80];

	if (n <= slots())
		return true;
	ck_assert_uint_eq(entries(), slots());
	ck_assert(!plug_and_check(FAR, 1, &h));
	ck_assert_ptr_eq(h, NOWHERE);
	ck_assert(test_panics(load_far, NULL, "uvm_page_physload: add ["));
	snprintf(reason, sizeof(reason),
	    "%s holds %zu segment, the next was refused",
	    uvm_physseg_backend_name, slots());
	skip_test(test, reason);
	return false;
}

/* Do segments that touch stay several, or does the build join them?  Says so.
 */
static inline bool
segments_stay_apart(const char *test)
{
	if (VM_PHYSSEG_COALESCE)
		test_skip(test, "segments that touch are joined");
	return !VM_PHYSSEG_COALESCE;
}

/* Can the test go on with plug after the switch?  If not, that panics. */
static inline bool
hot_plug_works(const char *test)
{
	if (can(PHYSSEG_HOTPLUG))
		return true;
	ck_assert(uvm.page_init_done);
	ck_assert(test_panics(plug_far, NULL,
	    "uvm_physseg_plug: tried to add RAM after uvm_page_init"));
	skip_test(test, "no hot plug on an array, it panics");
	return false;
}

/* A call in a child, for test_panics: PANIC(name, call). */
#define PANIC(name, ...)            \
	static void name(void *arg) \
	{                           \
		(void)arg;          \
		__VA_ARGS__;        \
	}

/* The suite of a program: its cases all run between power_on and power_off. */
static inline TCase *
add_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, power_on, power_off);
	suite_add_tcase(suite, tcase);
	return tcase;
}

#endif /* TESTS_T_UVM_H */
