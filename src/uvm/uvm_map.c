/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_map.c -- the one map of the compatible face.
 *
 * It lies in static storage, large enough for every backend and for the largest
 * parameters.  It is made by uvm_physseg_init or, with the library's own
 * parameters, by the first call that changes it.  libphysseg has no other state
 * that is not the caller's.
 *
 * Every call that depends on the phase reads uvm.page_init_done first.  The
 * variable belongs to the page layer, which may set it either way at any time.
 */
#include "base/sized.h"
#include "uvm_private.h"

static _Alignas(PHYSSEG_ALIGN) unsigned char map_memory[PHYSSEG_STORAGE_SIZE(
    VM_PHYSSEG_MAX, VM_BOOTSLAB_MAX, VM_PMSEG_SIZE)];

struct physseg_map *uvm_physseg_the_map;
bool uvm_physseg_phase;
static struct physseg_host host;

/* The array that uvm_page_init took. */
static struct {
	void *mem;
	size_t size;
} kept;

struct uvm_plug uvm_physseg_plugging;

/* The library's own parameters, for what a program does not pass. */
#define OWN                                                                 \
	{                                                                   \
		.size = sizeof(struct uvm_physseg_program),                 \
		.paddr_size = sizeof(paddr_t),                              \
		.page_size = sizeof(struct vm_page),                        \
		.page_phys_addr = offsetof(struct vm_page, phys_addr),      \
		.pmseg_size = sizeof(struct pmap_physseg),                  \
		.uvm_size = sizeof(struct uvm),                             \
		.uvm_page_init_done = offsetof(struct uvm, page_init_done), \
		.uvmexp_size = sizeof(struct uvmexp),                       \
		.uvmexp_pagesize = offsetof(struct uvmexp, pagesize),       \
		.uvmexp_npages = offsetof(struct uvmexp, npages),           \
		.npages_size = sizeof(uvmexp.npages),                       \
		.page_shift = PAGE_SHIFT, .segment_max = VM_PHYSSEG_MAX,    \
		.nfreelist = VM_NFREELIST, .freelist = VM_FREELIST_DEFAULT  \
	}

static const struct uvm_physseg_program own = OWN;
struct uvm_physseg_program uvm_physseg_program = OWN;
bool uvm_physseg_told;

#ifdef DIAGNOSTIC
const bool uvm_physseg_diagnostic = true;
#else
const bool uvm_physseg_diagnostic = false;
#endif

/* ---- the hooks of the page layer ---- */

static void
page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	const paddr_t pa = ptoa(pfn);

	(void)ctx;
	memcpy(
	    (char *)page + uvm_physseg_program.page_phys_addr, &pa, sizeof(pa));
}

static physseg_pfn_t
page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return atop(uvm_physseg_phys_addr(page));
}

static void
page_free(void *ctx, void *page)
{
	const struct uvm_plug *plug = &uvm_physseg_plugging;

	(void)ctx;
	if (plug->to != NULL)
		*plug->to = uvm_physseg_handle(plug->handle);
	uvm_pagefree(page);
}

/* Add and subtract: a page layer or a test may assign to these variables at any
 * time, so the map's own totals are never copied over them. */
static void
account(void *ctx, const struct physseg_account *what)
{
	const int64_t counted = (int64_t)what->counted;

	(void)ctx;
	uvmexp.npages += what->added ? counted : -counted;
	if (!uvm.page_init_done)
		return;
	if (what->added)
		physmem += what->frames;
	else
		physmem -= what->frames < physmem ? what->frames : physmem;
}

static void
reinit(void *ctx)
{
	(void)ctx;
	uvmpdpol_reinit();
}

paddr_t
uvm_physseg_phys_addr(const struct vm_page *pg)
{
	paddr_t pa;

	memcpy(&pa, (const char *)pg + uvm_physseg_program.page_phys_addr,
	    sizeof(pa));
	return pa;
}

/* ---- panics ---- */

/* Append to what ends at `to', before `end'. */
static char *
append(char *to, const char *end, const char *text)
{
	while (*text != '\0' && to < end)
		*to++ = *text++;
	return to;
}

/* A function's name as programs have it, see physseg/names.h. */
static char *
append_name(char *to, const char *end, const char *name)
{
	const size_t more = sizeof(PHYSSEG_NAMES_END_) - 1;
	char *at = append(to, end, name);

	if ((size_t)(at - to) <= more ||
	    memcmp(at - more, PHYSSEG_NAMES_END_, more) != 0)
		return at;
	memset(at - more, 0, more);
	return at - more;
}

static _Noreturn void
panic(const char *text)
{
	size_t size;
	const struct physseg_host *theirs = uvm_physseg_host(&size);

	if (theirs->panic != NULL)
		theirs->panic(NULL, text);
	for (;;)
		continue;
}

static char *
append_reason(
    char *to, const char *end, const char *function, const char *reason)
{
	return append(
	    append(append_name(to, end, function), end, ": "), end, reason);
}

_Noreturn void
uvm_physseg_panic(const char *function, const char *reason)
{
	char text[UVM_PHYSSEG_LINE] = ""; /* all of it NUL */

	(void)append_reason(text, &text[sizeof(text) - 1], function, reason);
	panic(text);
}

_Noreturn void
uvm_physseg_panic_why(
    const char *function, const char *reason, const struct physseg_reason *why)
{
	char text[UVM_PHYSSEG_LINE] = "";
	const char *end = &text[sizeof(text) - 1];
	char *at;

	at = append(append_reason(text, end, function, reason), end, " (");
	(void)physseg_strreason(why, at, (size_t)(end - at) + 1);
	while (*at != '\0')
		at++;
	(void)append(at, end, ")");
	panic(text);
}

void
uvm_physseg_log(const char *line)
{
	if (host.log != NULL)
		host.log(NULL, line);
}

bool
uvm_physseg_refused(const struct physseg_reason *why)
{
	char line[UVM_PHYSSEG_LINE];

	(void)physseg_strreason(why, line, sizeof(line));
	uvm_physseg_log(line);
	return false;
}

void
uvm_physseg_blame(const char *function, const char *reason)
{
	if (uvm_physseg_diagnostic)
		uvm_physseg_panic(function, reason);
}

/* ---- making it ---- */

/* For a host that has no `free': it never takes memory back. */
static void
no_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)p;
	(void)size;
}

static void
make(void)
{
	const struct physseg_config config = {
		.backend = uvm_physseg_backend(),
		.host = &host,
		.page_size = uvm_physseg_program.page_size,
		.data_size = uvm_physseg_program.pmseg_size,
		.capacity = (size_t)uvm_physseg_program.segment_max,
		.boot_records = (size_t)uvm_physseg_program.segment_max,
		.boot_slabs = VM_BOOTSLAB_MAX,
		.frames = atop(PHYSSEG_NOFRAME) + 1,
		.freelists = uvm_physseg_program.nfreelist,
		.coalesce = VM_PHYSSEG_COALESCE,
	};
	const struct physseg_host *theirs;
	size_t host_size;
	int error;

	theirs = uvm_physseg_host(&host_size);
	if (!physseg_sized_read(&host, sizeof(host), theirs, host_size))
		uvm_physseg_panic("uvm_physseg_init",
		    "the host has a hook that the library does not know");
	if (host.free == NULL)
		host.free = no_free;
	host.page_init = page_init;
	host.page_frame = page_frame;
	host.page_free = page_free;
	host.pages_init = NULL;
	host.pages_free = NULL;
	host.account = account;
	host.reinit = reinit;
	error = physseg_create(
	    &uvm_physseg_the_map, &config, map_memory, sizeof(map_memory));
	if (error != PHYSSEG_OK)
		uvm_physseg_panic("uvm_physseg_init", physseg_strerror(error));
}

/* Forget the map, also one that a panic has left in the middle of a change. */
static void
unmake(void)
{
	physseg_destroy(uvm_physseg_the_map);
	uvm_physseg_the_map = NULL;
	uvm_physseg_phase = false;
	uvm_physseg_plugging = (struct uvm_plug){ 0 };
	uvm_physseg_give_back();
}

/* NULL, or why the library cannot serve the program as it was built. */
static const char *
broken(const struct uvm_physseg_program *p)
{
	const struct {
		bool broken;
		const char *reason;
	} limits[] = {
		{ p->paddr_size != own.paddr_size, "another width of paddr_t" },
		{ p->page_shift != own.page_shift, "another PAGE_SHIFT" },
		{ p->pmseg_size > VM_PMSEG_SIZE,
		    "struct pmap_physseg is larger than VM_PMSEG_SIZE" },
		{ p->uvm_size != own.uvm_size ||
			p->uvm_page_init_done != own.uvm_page_init_done,
		    "another layout of struct uvm" },
		{ p->uvmexp_size != own.uvmexp_size ||
			p->uvmexp_pagesize != own.uvmexp_pagesize ||
			p->uvmexp_npages != own.uvmexp_npages ||
			p->npages_size != own.npages_size,
		    "another layout of struct uvmexp" },
		{ p->segment_max < 1 || p->segment_max > VM_PHYSSEG_MAX,
		    "VM_PHYSSEG_MAX is not within the library's" },
		{ p->freelist < 0 || p->freelist >= p->nfreelist,
		    "VM_FREELIST_DEFAULT is not within VM_NFREELIST" },
	};
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].broken)
			return limits[i].reason;
	return NULL;
}

void
uvm_physseg_init_program(const struct uvm_physseg_program *program)
{
	struct uvm_physseg_program p = own;
	const char *reason;

	memcpy(
	    &p, program, program->size < sizeof(p) ? program->size : sizeof(p));
	if ((reason = broken(&p)) != NULL)
		uvm_physseg_panic("uvm_physseg_init", reason);
	unmake();
	uvm_physseg_program = p;
	uvm_physseg_told = true;
	make();
}

/* The name is in parentheses because there is a macro of that name, for
 * programs that may have another struct vm_page. */
void(uvm_physseg_init)(void)
{
	uvm_physseg_init_program(&own);
	uvm_physseg_told = false;
}

void
uvm_physseg_tell(struct physseg_map *map, bool running)
{
	if (physseg_set_running(map, running) == PHYSSEG_OK)
		uvm_physseg_phase = running;
}

struct physseg_map *
uvm_physseg_map_now(void)
{
	if (uvm_physseg_the_map == NULL)
		(uvm_physseg_init)();
	return uvm_physseg_in_phase(uvm_physseg_the_map);
}

/* ---- memory of the host's ---- */

void *
uvm_physseg_memory(size_t size)
{
	const struct physseg_host *theirs;
	struct physseg_host known;
	size_t host_size;

	theirs = uvm_physseg_host(&host_size);
	(void)physseg_sized_read(&known, sizeof(known), theirs, host_size);
	return known.alloc == NULL ? NULL : known.alloc(NULL, size);
}

void *
uvm_physseg_keep(size_t size)
{
	kept.size = size;
	return kept.mem = uvm_physseg_memory(size);
}

bool
uvm_physseg_keeps(void)
{
	return kept.mem != NULL;
}

void
uvm_physseg_give_back(void)
{
	if (kept.mem != NULL)
		host.free(NULL, kept.mem, kept.size);
	kept.mem = NULL;
}
