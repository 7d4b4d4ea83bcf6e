/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_uvm.c -- the compatible face against a model of frames, panics included.
 *
 * The first byte of an input chooses the backend, the second one which frames
 * are used.  A panic leaves by longjmp.  The model says which calls must panic,
 * and after it nothing may have changed.
 */
#include <setjmp.h>
#include <string.h>

#include <physseg/physseg.h>
#include <uvm/uvm.h>

#include "fuzz.h"

#define FRAMES 48
#define SEGS   128
#define STALE  16
#define STEPS  160
#define PAGES  512 /* page structures to hand over */

struct frame {
	int seg; /* -1: it is not registered */
	bool avail, counted, paged;
	unsigned frees; /* calls of uvm_pagefree since it came */
};

struct seg {
	bool used;
	uvm_physseg_t handle;
	u_long hint;
	int list;
};

static struct {
	struct input in;
	unsigned op; /* the step's byte */
	const struct physseg_backend *backend;
	paddr_t base, limit;
	struct frame frames[FRAMES];
	struct seg segs[SEGS];
	uvm_physseg_t stale[STALE];
	size_t nstale, made;
	bool again;    /* it booted again */
	bool switched; /* uvm_page_init was called */
	size_t arrays; /* that were handed over */
	int64_t npages;
	psize_t memory; /* physmem */
	size_t outstanding, fail_at, refused;
	bool armed, panicked;
	jmp_buf out;
} w;

#define NFRAMES FRAMES
#include "frames.h"

static struct vm_page pages[PAGES];

/* What a call is given, and what it answers. */
static struct call {
	paddr_t start, end, avail_start, avail_end;
	size_t n;
	int list;
	struct vm_page *pages;
	uvm_physseg_t handle;
	paddr_t pa;
	bool done;
} c;

static void
call_load(void)
{
	c.handle = uvm_page_physload(
	    c.start, c.end, c.avail_start, c.avail_end, c.list);
}

static void
call_plug(void)
{
	c.done = uvm_physseg_plug(c.start, c.n, &c.handle);
}

static void
call_unplug(void)
{
	c.done = uvm_physseg_unplug(c.start, c.n);
}

static void
call_unload(void)
{
	c.done = uvm_page_physunload(c.handle, c.list, &c.pa);
}

static void
call_unload_force(void)
{
	c.done = uvm_page_physunload_force(c.handle, c.list, &c.pa);
}

static void
call_get(void)
{
	c.done = uvm_page_physget(&c.pa);
}

static void
call_avail_start(void)
{
	uvm_physseg_set_avail_start(c.handle, c.start);
}

static void
call_avail_end(void)
{
	uvm_physseg_set_avail_end(c.handle, c.start);
}

static void
call_switch(void)
{
	uvm_page_init(NULL, NULL);
}

static void
call_chomp(void)
{
	uvm_physseg_seg_chomp_slab(c.handle, pages, c.n);
}

static void
call_part(void)
{
	c.pages = uvm_physseg_seg_alloc_from_slab(c.handle, c.n);
}

static void
call_init_seg(void)
{
	uvm_physseg_init_seg(c.handle, c.pages);
}

/* Make a call, and see whether it panics. */
static void
try(void (*call)(void))
{
	w.armed = true;
	w.panicked = false;
	if (setjmp(w.out) == 0)
		call();
	else
		w.panicked = true;
	w.armed = false;
}

static paddr_t
at(size_t i)
{
	return w.base + (paddr_t)i;
}

static bool
has(enum physseg_capability capability)
{
	return (w.backend->capabilities & (unsigned)capability) != 0;
}

static struct seg *
seg_of(size_t i)
{
	return &w.segs[w.frames[i].seg];
}

static bool
is_valid(size_t i)
{
	return is_there(i) && (!uvm.page_init_done || w.frames[i].paged);
}

/* ---- the backend and the host, for the library ---- */

const char uvm_physseg_backend_name[] = "of the input";
const struct physseg_backend *uvm_physseg_backend(void);

const struct physseg_backend *
uvm_physseg_backend(void)
{
	return w.backend;
}

static void *
host_alloc(void *ctx, size_t size)
{
	void *mem;

	(void)ctx;
	if (w.fail_at != 0 && --w.fail_at == 0) {
		w.refused++;
		return NULL;
	}
	if ((mem = calloc(1, size)) == NULL)
		abort();
	w.outstanding += size;
	return mem;
}

static void
host_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	must(w.outstanding >= size);
	w.outstanding -= size;
	memset(p, 0xdb, size);
	free(p);
}

static _Noreturn void
host_panic(void *ctx, const char *reason)
{
	(void)ctx;
	if (!w.armed || strncmp(reason, "uvm_", 4) != 0)
		fuzz_failed("panic", 0, reason);
	longjmp(w.out, 1);
}

const struct physseg_host *
uvm_physseg_host(size_t *size)
{
	static const struct physseg_host host = {
		.alloc = host_alloc, .free = host_free, .panic = host_panic
	};

	*size = sizeof(host);
	return &host;
}

void
uvm_pagefree(struct vm_page *pg)
{
	const paddr_t pfn = atop(VM_PAGE_TO_PHYS(pg));
	uvm_physseg_t handle;

	must(pfn - w.base < FRAMES && PHYS_TO_VM_PAGE(ptoa(pfn)) == pg);
	must(!uvm_physseg_plug(at(0), 1, &handle));
	must(handle == UVM_PHYSSEG_TYPE_INVALID);
	must(!uvm_physseg_unplug(at(0), 1));
	w.frames[pfn - w.base].frees++;
}

void
uvmpdpol_reinit(void)
{
	must(uvm.page_init_done);
}

/* ---- the model ---- */

static int
new_seg(void)
{
	int s;

	for (s = 0; w.segs[s].used; s++)
		must(s < SEGS - 1);
	w.segs[s] = (struct seg){ .used = true };
	w.made++;
	return s;
}

/* No room for one more: 1 for certain, 0 perhaps, -1 there is. */
static int
is_full(void)
{
	size_t most = VM_PHYSSEG_MAX;

	if (w.backend->max_segments != 0 && w.backend->max_segments < most)
		most = w.backend->max_segments;
	if (w.backend->bounded)
		return count_segs() >= most ? 1 : -1;
	if (uvm.page_init_done)
		return -1;
	return w.again ? 0 : w.made >= VM_PHYSSEG_MAX ? 1 : -1;
}

static void
comes(size_t i)
{
	struct frame *f = &w.frames[i];

	f->paged = true;
	f->counted = f->avail;
	w.npages += f->counted;
}

static void
apply_add(size_t i, size_t n, size_t avail, size_t avail_end, int list)
{
	const int s = new_seg();

	w.segs[s].list = list;
	for (size_t k = i; k < i + n; k++) {
		w.frames[k] = (struct frame){ .seg = s,
			.avail = k >= avail && k < avail_end,
			.frees = w.frames[k].frees };
		if (uvm.page_init_done)
			comes(k);
	}
	if (uvm.page_init_done)
		w.memory += (psize_t)n;
}

static void
settle_hint(size_t i)
{
	if (seg_of(i)->hint > count_avail(seg_start(i), seg_end(i)))
		seg_of(i)->hint = 0;
}

static void
apply_unplug(size_t i, size_t n)
{
	const size_t start = seg_start(i), last = seg_end(i), end = i + n;
	const int s = w.frames[i].seg;
	int tail;

	if (start < i && end < last) {
		tail = new_seg();
		w.segs[tail] = w.segs[s];
		w.segs[tail].handle = UVM_PHYSSEG_TYPE_INVALID;
		for (size_t k = end; k < last; k++)
			w.frames[k].seg = tail;
	}
	if (start == i && end == last) {
		w.stale[w.nstale++ % STALE] = w.segs[s].handle;
		w.segs[s].used = false;
	}
	for (size_t k = i; k < end; k++) {
		w.npages -= w.frames[k].counted;
		w.frames[k] = (struct frame){ .seg = -1 };
	}
	if (start < i)
		settle_hint(start);
	if (end < last)
		settle_hint(end);
	if (uvm.page_init_done)
		w.memory -= n < w.memory ? (psize_t)n : w.memory;
}

/* ---- comparing ---- */

static void
compare_handle(uvm_physseg_t handle, size_t i)
{
	const bool valid = is_valid(i);
	const paddr_t none = (paddr_t)-1;
	const size_t start = seg_start(i), end = seg_end(i);
	struct seg *seg = seg_of(i);

	must(uvm_physseg_valid_p(handle) == valid);
	must(uvm_physseg_valid(handle) == valid);
	must(uvm_physseg_get_start(handle) == (valid ? at(start) : none));
	must(uvm_physseg_get_end(handle) == (valid ? at(end) : none));
	if (!has(PHYSSEG_POSITION)) {
		if (seg->handle == UVM_PHYSSEG_TYPE_INVALID)
			for (size_t k = 0; k < STALE; k++)
				must(w.stale[k] != handle);
		must(seg->handle == UVM_PHYSSEG_TYPE_INVALID ||
		    seg->handle == handle);
		seg->handle = handle;
	}
	if (!valid && uvm_physseg_diagnostic)
		return;
	must(uvm_physseg_get_free_list(handle) ==
	    (valid ? seg->list : VM_FREELIST_DEFAULT));
	must((uvm_physseg_get_pmseg(handle) != NULL) == valid);
	must(uvm_physseg_get_start_hint(handle) == (valid ? seg->hint : 0));
	for (size_t k = start; valid && k < end; k++)
		must(w.frames[k].avail ==
		    (at(k) >= uvm_physseg_get_avail_start(handle) &&
			at(k) < uvm_physseg_get_avail_end(handle)));
}

static void
compare_frame(size_t i)
{
	const struct frame *f = &w.frames[i];
	const paddr_t pa = ptoa(at(i)) + (paddr_t)(i % PAGE_SIZE);
	psize_t offset = 12345;
	const uvm_physseg_t handle = uvm_physseg_find(at(i), &offset);
	struct vm_page *pg = PHYS_TO_VM_PAGE(pa);

	must(uvm_pageismanaged(pa) == is_there(i));
	must((pg != NULL) == f->paged);
	if (!is_there(i)) {
		must(handle == UVM_PHYSSEG_TYPE_INVALID && offset == 12345);
		return;
	}
	must(handle != UVM_PHYSSEG_TYPE_INVALID);
	must(offset == i - seg_start(i));
	compare_handle(handle, i);
	if (pg == NULL)
		return;
	must(VM_PAGE_TO_PHYS(pg) == ptoa(at(i)));
	must(uvm_page_lookup_freelist(pg) == seg_of(i)->list);
	must(uvm_physseg_get_pg(handle, offset) == pg);
	must(f->frees == f->counted);
}

static void
compare(void)
{
	paddr_t highest = (paddr_t)-1;
	uvm_physseg_t handle, last = UVM_PHYSSEG_TYPE_INVALID;
	bool all = true;
	size_t n = 0;

	for (size_t i = 0; i < FRAMES; i++) {
		compare_frame(i);
		if (is_there(i))
			highest = at(i);
		all = all && (is_valid(i) || !is_there(i));
	}
	must(uvm_physseg_get_highest_frame() == highest);
	for (handle = uvm_physseg_get_first();
	     all && handle != UVM_PHYSSEG_TYPE_INVALID;
	     handle = uvm_physseg_get_next(handle)) {
		must(n++ < FRAMES);
		must(uvm_physseg_get_prev(handle) == last);
		last = handle;
	}
	must(!all || (n == count_segs() && uvm_physseg_get_last() == last));
	must(uvmexp.npages == w.npages && physmem == w.memory);
	for (size_t k = 0; k < STALE && !has(PHYSSEG_POSITION); k++)
		must(!uvm_physseg_valid_p(w.stale[k]));
}

/* ---- operations ---- */

static size_t
input_range(size_t *n)
{
	const unsigned x = input_byte(&w.in), y = input_byte(&w.in);
	const size_t i = x % FRAMES;

	if (y < 240)
		*n = y % 16;
	else
		*n = y < 250 ? seg_end(i) - i : SIZE_MAX - y;
	if (*n > FRAMES - i && *n < PAGES)
		*n = FRAMES - i;
	return i;
}

static bool
any_there(size_t i, size_t n)
{
	for (size_t k = i; k < i + n && k < FRAMES; k++)
		if (is_there(k))
			return true;
	return false;
}

static void
op_load(void)
{
	size_t n;
	const size_t i = input_range(&n);
	const unsigned x = input_byte(&w.in), y = input_byte(&w.in);
	const int list = y > 250 ? -1 : (int)y % (VM_NFREELIST + 1);
	const size_t low = i + (x % 8 == 7 ? 2 : 0);
	const size_t high = i + n - (x / 8 % 8 == 7 ? 1 : 0);
	const bool fails = uvm.page_init_done || n == 0 || n >= PAGES ||
	    low > high || list < 0 || list >= VM_NFREELIST || any_there(i, n);
	const int full = is_full();

	c = (struct call){ .start = at(i),
		.end = at(i) + (paddr_t)n,
		.avail_start = at(low),
		.avail_end = at(high),
		.list = list };
	try(call_load);
	must(full == 0 || w.panicked == (fails || full > 0));
	must(!fails || w.panicked);
	if (w.panicked)
		return;
	apply_add(i, n, low, high, list);
	must(c.handle == uvm_physseg_find(at(i), NULL));
}

static void
op_plug(void)
{
	size_t n;
	const size_t i = input_range(&n);
	const bool fails = n == 0 || n >= PAGES || any_there(i, n);
	const int full = is_full();

	c = (struct call){ .start = at(i), .n = n };
	try(call_plug);
	must(w.panicked == (uvm.page_init_done && !has(PHYSSEG_HOTPLUG)));
	if (w.panicked)
		return;
	must(
	    c.done ? !fails && full < 1 : fails || full >= 0 || w.refused != 0);
	if (c.done)
		apply_add(i, n, i, i + n, VM_FREELIST_DEFAULT);
	must(c.handle ==
	    (c.done ? uvm_physseg_find(at(i), NULL)
		    : UVM_PHYSSEG_TYPE_INVALID));
}

static void
op_unplug(void)
{
	size_t n;
	const size_t i = input_range(&n);
	const bool fails =
	    n == 0 || n >= PAGES || !is_there(i) || seg_end(i) - i < n;
	const bool last = !fails && count_there() == n;
	const bool splits = !fails && seg_start(i) < i && i + n < seg_end(i);
	const int full = splits ? is_full() : -1;

	c = (struct call){ .start = at(i), .n = n };
	try(call_unplug);
	must(w.panicked == (last || (full == 1 && w.backend->bounded)));
	if (w.panicked)
		return;
	must(c.done ? !fails && full < 1
		    : fails || full >= 0 || w.refused != 0 ||
		    (w.again && !uvm.page_init_done));
	if (c.done)
		apply_unplug(i, n);
}

static uvm_physseg_t
input_handle(size_t *i)
{
	const unsigned x = input_byte(&w.in);

	*i = x % FRAMES;
	if (is_there(*i) && x < 240) {
		*i = seg_start(*i);
		return uvm_physseg_find(at(*i), NULL);
	}
	*i = FRAMES;
	return has(PHYSSEG_POSITION) ? UVM_PHYSSEG_TYPE_INVALID
				     : w.stale[x % STALE];
}

static void
op_unload(void)
{
	const bool force = w.op >= 128;
	size_t i, first, end;
	const uvm_physseg_t handle = input_handle(&i);
	const int list = (int)(input_byte(&w.in) % VM_NFREELIST);
	bool fails = i == FRAMES || seg_of(i)->list != list, last, splits;
	int full;

	first = i;
	if (!fails) {
		end = seg_end(i);
		if (force || w.frames[i].avail)
			while (first < end && !w.frames[first].avail)
				first++;
		else
			first = end - 1;
		fails = first == end || !w.frames[first].avail;
	}
	last = !fails && count_there() == 1;
	splits = !fails && seg_start(i) < first && first + 1 < seg_end(i);
	full = splits ? is_full() : -1;
	c = (struct call){ .handle = handle, .list = list, .pa = 12345 };
	try(force ? call_unload_force : call_unload);
	must(w.panicked == (uvm.page_init_done || last));
	if (w.panicked || !c.done) {
		must(c.pa == 12345);
		must(w.panicked || fails || full >= 0 || w.again);
		return;
	}
	must(!fails && full < 1 && c.pa == ptoa(at(first)));
	apply_unplug(first, 1);
}

static void
op_get(void)
{
	size_t i;
	const size_t avail = count_avail(0, FRAMES);
	const bool last = avail != 0 && count_there() == 1;

	c = (struct call){ .pa = 12345 };
	try(call_get);
	must(w.panicked == (uvm.page_init_done || last));
	if (w.panicked || !c.done) {
		must(c.pa == 12345);
		must(w.panicked || avail == 0 || w.again || is_full() >= 0);
		return;
	}
	must(c.pa % PAGE_SIZE == 0 && atop(c.pa) - w.base < FRAMES);
	i = (size_t)(atop(c.pa) - w.base);
	must(w.frames[i].avail);
	apply_unplug(i, 1);
}

static void
op_avail(void)
{
	size_t i;
	const uvm_physseg_t handle = input_handle(&i);
	const unsigned x = input_byte(&w.in), y = input_byte(&w.in);
	const paddr_t bound = at(x % (FRAMES + 1));
	paddr_t low, high;

	low = y % 2 == 0 ? bound : uvm_physseg_get_avail_start(handle);
	high = y % 2 == 0 ? uvm_physseg_get_avail_end(handle) : bound;
	c = (struct call){ .handle = handle, .start = bound };
	try(y % 2 == 0 ? call_avail_start : call_avail_end);
	if (i == FRAMES || uvm.page_init_done || bound < at(i) ||
	    bound > at(seg_end(i))) {
		must(w.panicked == uvm_physseg_diagnostic);
		return;
	}
	must(!w.panicked);
	for (size_t k = i, end = seg_end(i); k < end; k++)
		w.frames[k].avail = at(k) >= low && at(k) < high;
}

static void
op_switch(void)
{
	bool fails = uvm.page_init_done || w.switched || count_there() == 0;

	for (size_t i = 0; i < FRAMES; i++)
		fails |= w.frames[i].paged;
	try(call_switch);
	must(fails
		? w.panicked
		: !w.panicked || w.refused != 0 || w.arrays >= VM_BOOTSLAB_MAX);
	w.switched |= !w.panicked;
	must(uvm.page_init_done || w.panicked);
	for (size_t i = 0; i < FRAMES && !w.panicked; i++)
		if (is_there(i))
			comes(i);
}

/* As NetBSD's page layer does it, for one segment. */
static void
op_init_seg(void)
{
	size_t i, n = 4;
	const uvm_physseg_t handle = input_handle(&i);
	const unsigned x = input_byte(&w.in);

	if (i < FRAMES)
		n = seg_end(i) - i;
	c = (struct call){ .handle = handle, .n = n };
	if (x % 4 == 3) { /* these are nobody's, or were handed over before */
		c.n = x % 16 * 8;
		try(call_chomp);
		must(w.panicked || (i < FRAMES && w.arrays == 0));
		w.arrays += !w.panicked;
		return;
	}
	try(call_part);
	must(!w.panicked || uvm_physseg_diagnostic);
	if (w.panicked)
		return;
	must(c.pages == NULL || i < FRAMES);
	try(call_init_seg);
	must(w.panicked ==
		(c.pages == NULL || i == FRAMES || w.frames[i].paged) ||
	    w.refused != 0);
	for (size_t k = i; k < FRAMES && k < i + n && !w.panicked; k++)
		comes(k);
}

static void
op_hint(void)
{
	size_t i;
	const uvm_physseg_t handle = input_handle(&i);
	const u_long hint = input_byte(&w.in) % 16;
	const bool done = uvm_physseg_set_start_hint(handle, hint);

	must(done == (i < FRAMES && is_valid(i)));
	if (done)
		seg_of(i)->hint = hint;
}

/* The page layer assigns to its variables. */
static void
op_assign(void)
{
	const unsigned x = input_byte(&w.in);

	switch (x % 4) {
	case 0:
	case 1:
		w.again |= uvm.page_init_done;
		uvm.page_init_done = x % 4 == 1;
		break;
	case 2:
		physmem = w.memory = x;
		break;
	default:
		uvmexp.npages = w.npages = x;
	}
	(void)uvm_physseg_build();
}

static void (*const ops[16])(void) = { op_load, op_load, op_plug, op_plug,
	op_plug, op_unplug, op_unplug, op_unplug, op_unload, op_get, op_avail,
	op_switch, op_init_seg, op_init_seg, op_hint, op_assign };

static void
step(void)
{
	w.op = input_byte(&w.in);
	w.refused = 0;
	w.fail_at = w.op / 16 % 8;
	ops[w.op % 16]();
	w.fail_at = 0;
	compare();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = 0;
	unsigned x;

	if (sizeof(size_t) < 8) {
		puts("t_fuzz_uvm: skipped: the model counts in 64 bits");
		exit(77);
	}
	if (VM_PHYSSEG_COALESCE) {
		fprintf(stderr, "segments are joined: there is no model\n");
		return 0;
	}
	memset(&w, 0, sizeof(w));
	w.in = (struct input){ data, size };
	while (physseg_backend_at(n) != NULL)
		n++;
	w.backend = physseg_backend_at(input_byte(&w.in) % n);
	x = input_byte(&w.in);
	w.limit = atop(PHYSSEG_NOFRAME) + 1;
	w.base = x % 3 == 0 ? 0 : x % 3 == 1 ? 1001 : w.limit - FRAMES - 1;
	for (size_t i = 0; i < FRAMES; i++)
		w.frames[i].seg = -1;
	uvm.page_init_done = false;
	uvmexp = (struct uvmexp){ .pagesize = PAGE_SIZE };
	physmem = 0;
	uvm_physseg_init();
	for (int k = 0; k < STEPS && w.in.left > 0; k++)
		step();
	uvm_physseg_init();
	must(w.outstanding == 0);
	return 0;
}
