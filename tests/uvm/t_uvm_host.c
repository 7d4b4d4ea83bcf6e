/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_host.c -- hosts of the compatible face that lack a hook, and
 * hosts whose panic does not stop the program but leaves by longjmp, also out
 * of a hook of theirs.
 */
#define _XOPEN_SOURCE 700 /* setitimer */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "uvm/uvm_record.h"

#include "support.h"

#define PAGES 64 /* of each segment */

/* ---- a host that each test fills in; init takes a copy of it ---- */

static struct physseg_host table;

const struct physseg_host *
uvm_physseg_host(size_t *size)
{
	*size = sizeof(table);
	return &table;
}

/* Memory that is never given back, zeroed because it is not used twice. */
static _Alignas(PHYSSEG_ALIGN) char pool[1 << 20];
static size_t pool_used;
static size_t outstanding; /* bytes not given back */

static void *
pool_alloc(void *ctx, size_t size)
{
	char *p = pool + pool_used;

	(void)ctx;
	size = (size + PHYSSEG_ALIGN - 1) / PHYSSEG_ALIGN * PHYSSEG_ALIGN;
	if (size > sizeof(pool) - pool_used)
		return NULL;
	pool_used += size;
	return p;
}

static void *
heap_alloc(void *ctx, size_t size)
{
	(void)ctx;
	outstanding += size;
	return calloc(1, size);
}

static void
heap_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	outstanding -= size;
	free(p);
}

static void
stop(void *ctx, const char *reason)
{
	(void)ctx;
	fprintf(stderr, "panic: %s\n", reason);
	abort();
}

static jmp_buf home;
static char reason_left[400];

static void
leave(void *ctx, const char *reason)
{
	(void)ctx;
	snprintf(reason_left, sizeof(reason_left), "%s", reason);
	longjmp(home, 1);
}

static int depth; /* of the lock */

static void
lock(void *ctx)
{
	(void)ctx;
	depth++;
}

static void
unlock(void *ctx)
{
	(void)ctx;
	depth--;
}

static void (*on_pagefree)(void);

void
uvm_pagefree(struct vm_page *pg)
{
	ck_assert_ptr_nonnull(pg);
	if (on_pagefree != NULL)
		on_pagefree();
}

static void
check_map(void)
{
	const char *broken = physseg_check(uvm_physseg_map());

	ck_assert_msg(broken == NULL, "broken: %s", broken);
}

/* The machine boots, with the host's table as it is. */
static void
boot(void)
{
	on_pagefree = NULL;
	uvm.page_init_done = false;
	uvmexp = (struct uvmexp){ .pagesize = PAGE_SIZE };
	uvm_physseg_init();
	uvm_page_physload(0, PAGES, 0, PAGES, 0);
	check_map();
}

static bool
hot_plugs(void)
{
	return (uvm_physseg_backend()->capabilities &
		   (unsigned)PHYSSEG_HOTPLUG) != 0;
}

static void
page_init(void *arg)
{
	(void)arg;
	uvm_page_init(NULL, NULL);
}

static void
pageboot_alloc(void *arg)
{
	(void)arg;
	uvm_pageboot_alloc(1);
}

/* ---- hooks that are not there ---- */

/* No memory is the documented panic, or false. */
START_TEST(no_alloc)
{
	static struct vm_page pages[PAGES];

	table = (struct physseg_host){ .panic = stop };
	boot();
	ck_assert(
	    test_panics(page_init, NULL, "uvm_page_init: no memory for pages"));
	ck_assert(
	    test_panics(pageboot_alloc, NULL, "uvm_pageboot_alloc: no memory"));
	uvm_physseg_seg_chomp_slab(uvm_physseg_get_first(), pages, PAGES);
	uvm_physseg_init_seg(uvm_physseg_get_first(),
	    uvm_physseg_seg_alloc_from_slab(uvm_physseg_get_first(), PAGES));
	uvm.page_init_done = true;
	ck_assert_ptr_eq(PHYS_TO_VM_PAGE(ptoa(3)), pages + 3);
	(void)uvm_physseg_get_first();
	(void)uvm_physseg_build();
	check_map();
	if (hot_plugs())
		ck_assert(!uvm_physseg_plug(1 << 16, PAGES, NULL));
	ck_assert(uvm_physseg_unplug(PAGES - 8, 8));
	check_map();
	ck_assert_ptr_eq(PHYS_TO_VM_PAGE(ptoa(3)), pages + 3);
	uvm_physseg_init();
}
END_TEST

/* What is not given back is nowhere asked for. */
START_TEST(no_free)
{
	int i;

	table = (struct physseg_host){ .alloc = pool_alloc, .panic = stop };
	boot();
	uvm_page_init(NULL, NULL);
	check_map();
	for (i = 0; hot_plugs() && i < 3; i++) {
		ck_assert(uvm_physseg_plug(1 << 16, PAGES, NULL));
		check_map();
		ck_assert(uvm_physseg_unplug(1 << 16, PAGES));
		check_map();
	}
	ck_assert_uint_gt(pool_used, 0);
	boot();
	uvm_page_init(NULL, NULL);
	check_map();
	uvm_physseg_init();
}
END_TEST

/* The library stops in an endless loop, which a signal ends when it has taken
 * its processor time; it does not go on, nor jump to nowhere. */
START_TEST(no_panic)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 50000 } };
	int status;
	pid_t child;

	table = (struct physseg_host){ .alloc = pool_alloc };
	boot();
	if ((child = fork()) == 0) {
		setitimer(ITIMER_VIRTUAL, &soon, NULL);
		uvm_page_physload(0, 1, 0, 1, 0); /* overlaps */
		_exit(0);
	}
	ck_assert(child > 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGVTALRM);
	uvm_physseg_init();
}
END_TEST

/* One half of a lock is refused at once. */
static void
init(void *arg)
{
	(void)arg;
	uvm_physseg_init();
}

START_TEST(half_a_lock)
{
	table = (struct physseg_host){ .panic = stop, .lock = lock };
	ck_assert(test_panics(init, NULL, "uvm_physseg_init: an argument"));
	table = (struct physseg_host){ .panic = stop, .unlock = unlock };
	ck_assert(test_panics(init, NULL, "uvm_physseg_init: an argument"));
}
END_TEST

/* ---- page hooks ---- */

static void
not_called(void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	(void)pages;
	(void)pfn;
	(void)n;
	abort();
}

static int freed;

static void
count_free(void)
{
	freed++;
}

/* The face has page hooks of its own, whichever the host has. */
START_TEST(own_page_hooks)
{
	table = (struct physseg_host){ .alloc = pool_alloc,
		.panic = stop,
		.pages_init = not_called,
		.pages_free = not_called };
	boot();
	freed = 0;
	on_pagefree = count_free;
	uvm_page_init(NULL, NULL);
	ck_assert_int_eq(freed, PAGES);
	ck_assert_uint_eq(
	    VM_PAGE_TO_PHYS(PHYS_TO_VM_PAGE(ptoa(PAGES - 1))), ptoa(PAGES - 1));
	if (hot_plugs()) {
		ck_assert(uvm_physseg_plug(1 << 16, PAGES, NULL));
		ck_assert_int_eq(freed, 2 * PAGES);
	}
	check_map();
	on_pagefree = NULL;
	uvm_physseg_init();
}
END_TEST

/* ---- memory in use ---- */

static char logged[200];

static void
log_line(void *ctx, const char *line)
{
	(void)ctx;
	snprintf(logged, sizeof(logged), "%s", line);
}

/* A page in use keeps memory where it is.  The answer false has its reason in
 * the log, and success has no line. */
START_TEST(false_is_logged)
{
	table = (struct physseg_host){ .alloc = pool_alloc,
		.panic = stop,
		.log = log_line,
		.isolate = test_host_isolate,
		.release = test_host_release,
		.in_use = test_host_in_use };
	boot();
	uvm_page_init(NULL, NULL);
	logged[0] = '\0';
	if (hot_plugs()) {
		ck_assert(!uvm_physseg_plug(PAGES / 2, PAGES, NULL));
		ck_assert_str_eq(logged,
		    "add [0x20, 0x60): the range overlaps a registered one: "
		    "frame 0x20, segment [0x0, 0x40)");
	}
	ck_assert(!uvm_physseg_unplug(PAGES - 8, 9));
	ck_assert_str_eq(
	    logged, "uvm_physseg_unplug: the range is not in one segment");
	test_host_busy = PAGES - 1;
	ck_assert(!uvm_physseg_unplug(PAGES - 8, 8));
	ck_assert_str_eq(logged,
	    "unplug [0x38, 0x40): a page is in use: frame 0x3f, "
	    "segment [0x0, 0x40)");
	check_map();
	ck_assert_ptr_nonnull(PHYS_TO_VM_PAGE(ptoa(PAGES - 1)));
	test_host_busy = PHYSSEG_NOFRAME;
	logged[0] = '\0';
	ck_assert(uvm_physseg_unplug(PAGES - 8, 8));
	ck_assert_str_eq(logged, "");
	check_map();
	ck_assert_ptr_null(PHYS_TO_VM_PAGE(ptoa(PAGES - 1)));
	uvm_physseg_init();
}
END_TEST

/* ---- panics that are left ---- */

static void
leaving_host(void)
{
	table = (struct physseg_host){ .alloc = heap_alloc,
		.free = heap_free,
		.panic = leave,
		.lock = lock,
		.unlock = unlock };
	outstanding = 0;
	depth = 0;
}

/* The memory behind a handle that was given to a plug whose frame is gone. */
static uvm_physseg_t stale;
#define GONE ((uvm_physseg_t)(uintptr_t)0x5a5a5a)

/* Does the call panic with `text', or (NULL) leave a hook?  Afterwards what
 * `stale' held is somebody else's. */
static void
left(void (*call)(void), const char *text)
{
	*reason_left = '\0';
	if (setjmp(home) == 0) {
		call();
		ck_abort_msg("it returned: %s", text == NULL ? "?" : text);
	}
	ck_assert_msg(text == NULL || strstr(reason_left, text) != NULL,
	    "%s instead of %s", reason_left, text);
	stale = GONE;
}

static void
plug_here(void)
{
	uvm_physseg_plug(1 << 16, PAGES, &stale);
}

static void
page_init_here(void)
{
	uvm_page_init(NULL, NULL);
}

static void
load_again(void)
{
	uvm_page_physload(0, 1, 0, 1, 0);
}

static void
unplug_all(void)
{
	uvm_physseg_unplug(0, PAGES);
}

/* A whole life after a panic was left: nothing writes where the plug did. */
static void
another_life(void)
{
	boot();
	uvm_page_init(NULL, NULL);
	check_map();
	ck_assert_ptr_eq(stale, GONE);
	if (hot_plugs())
		ck_assert(uvm_physseg_plug(1 << 16, PAGES, NULL));
	ck_assert(uvm_physseg_unplug(0, 8));
	check_map();
	ck_assert_ptr_eq(stale, GONE);
	ck_assert_int_eq(depth, 0);
	uvm_physseg_init();
	ck_assert_uint_eq(outstanding, 0);
}

/* A hot plug on an array; elsewhere there is none, and the panic is another. */
START_TEST(plug_left)
{
	leaving_host();
	boot();
	uvm.page_init_done = true;
	if (hot_plugs())
		left(unplug_all,
		    "uvm_physseg_unplug: out of memory (unplug [0x0, 0x40): ");
	else
		left(plug_here,
		    "uvm_physseg_plug: tried to add RAM after uvm_page_init "
		    "(add [0x10000, 0x10040): ");
	ck_assert_int_eq(depth, 0);
	check_map();

	/* The same map goes on. */
	uvm.page_init_done = false;
	uvm_page_init(NULL, NULL);
	check_map();
	ck_assert_ptr_eq(stale, GONE);
	ck_assert_ptr_nonnull(PHYS_TO_VM_PAGE(0));
	another_life();
}
END_TEST

/* A switch that finds no room for its array gives it back. */
START_TEST(page_init_left)
{
	static struct vm_page pages[VM_BOOTSLAB_MAX];
	int i;

	leaving_host();
	boot();
	for (i = 0; i < VM_BOOTSLAB_MAX; i++)
		uvm_physseg_seg_chomp_slab(
		    uvm_physseg_get_first(), &pages[i], 1);
	for (i = 0; i < 3; i++) {
		left(page_init_here, "uvm_page_init: ");
		ck_assert_int_eq(depth, 0);
		ck_assert_uint_eq(outstanding, 0);
		ck_assert(!uvm.page_init_done);
		check_map();
	}
	left(load_again,
	    "uvm_page_physload: add [0x0, 0x1): the range overlaps");
	ck_assert_int_eq(depth, 0);
	check_map();
	another_life();
}
END_TEST

/* The array of a switch is taken once in a life, also where by then no segment
 * has a part of it. */
START_TEST(page_init_twice)
{
	leaving_host();
	boot();
	if (uvm_physseg_backend()->max_segments == 1) {
		test_skip("page_init_twice", "one segment");
		return;
	}
	uvm_page_init(NULL, NULL);
	uvm.page_init_done = false;
	uvm_page_physload(1 << 16, (1 << 16) + 1, 1 << 16, (1 << 16) + 1, 0);
	unplug_all();
	check_map();
	left(page_init_here, "uvm_page_init: called twice");
	check_map();
	uvm_physseg_init();
	ck_assert_uint_eq(outstanding, 0);
}
END_TEST

/* From a hook: the harness leaves, or something in the hook panics. */
static void
jump(void)
{
	longjmp(home, 1);
}

/* The map is in the middle of a change; with a new life all is well. */
static void
hook_left(void (*call)(void), void (*from)(void), const char *text)
{
	on_pagefree = from;
	left(call, text);
	depth = 0; /* the host's own to set right */
	another_life();
}

START_TEST(switch_left)
{
	leaving_host();
	boot();
	hook_left(page_init_here, jump, NULL);
	boot();
	hook_left(page_init_here, load_again,
	    "uvm_page_physload: add [0x0, 0x1): a hook or an initialisation");
}
END_TEST

START_TEST(hot_plug_left)
{
	if (!hot_plugs()) {
		test_skip("hot_plug_left", "no hot plug on an array");
		return;
	}
	leaving_host();
	boot();
	uvm_page_init(NULL, NULL);
	hook_left(plug_here, jump, NULL);
	boot();
	uvm_page_init(NULL, NULL);
	hook_left(plug_here, load_again,
	    "uvm_page_physload: called after uvm_page_init");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("uvm_host");
	TCase *t = tcase_create("missing hooks");

	tcase_add_test(t, no_alloc);
	tcase_add_test(t, no_free);
	tcase_add_test(t, no_panic);
	tcase_add_test(t, half_a_lock);
	tcase_add_test(t, own_page_hooks);
	suite_add_tcase(s, t);

	t = tcase_create("memory in use");
	tcase_add_test(t, false_is_logged);
	suite_add_tcase(s, t);

	t = tcase_create("panics that are left");
	tcase_add_test(t, plug_left);
	tcase_add_test(t, page_init_left);
	tcase_add_test(t, page_init_twice);
	tcase_add_test(t, switch_left);
	tcase_add_test(t, hot_plug_left);
	suite_add_tcase(s, t);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
