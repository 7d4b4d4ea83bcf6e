/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * uvm_map.c -- the one map of the compatible face.
 *
 * It lies in static storage, large enough for every backend and for the
 * largest parameters, and is made by uvm_physseg_init or, with the library's
 * own parameters, by the first call that changes it.  This is the only state
 * of libphysseg that is not the caller's.
 *
 * Every call that depends on the phase asks uvm.page_init_done first: the
 * variable is the page layer's, and it may be set either way at any time.
 */
#include "sized.h"
#include "uvm_private.h"

static _Alignas(PHYSSEG_ALIGN) unsigned char storage[PHYSSEG_STORAGE_SIZE(
    VM_PHYSSEG_MAX, VM_BOOTSLAB_MAX, VM_PMSEG_SIZE)];

struct physseg_map *uvm_physseg_the_map;
static struct physseg_host host;

/* The array that uvm_page_init took. */
static void *kept;
static size_t kept_size;

struct uvm_plug uvm_physseg_plugging;

struct uvm_program uvm_physseg_program = {
	.page_size = sizeof(struct vm_page),
	.page_phys_addr = offsetof(struct vm_page, phys_addr),
	.freelist = VM_FREELIST_DEFAULT,
};

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

/* By deltas, for others change these variables too. */
static void
account(void *ctx, bool added, physseg_pfn_t counted, physseg_pfn_t frames)
{
	(void)ctx;
	uvmexp.npages += added ? (int64_t)counted : -(int64_t)counted;
	if (!uvm.page_init_done)
		return;
	if (added)
		physmem += frames;
	else
		physmem -= frames < physmem ? frames : physmem;
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

_Noreturn void
uvm_physseg_panic(const char *function, const char *reason)
{
	char text[160] = ""; /* all of it NUL */
	const char *end = &text[sizeof(text) - 1];
	size_t size;
	const struct physseg_host *theirs = uvm_physseg_host(&size);

	(void)append(
	    append(append(text, end, function), end, ": "), end, reason);
	if (theirs->panic != NULL)
		theirs->panic(NULL, text);
	for (;;)
		continue;
}

void
uvm_physseg_blame(const char *function, const char *reason)
{
	if (uvm_physseg_diagnostic)
		uvm_physseg_panic(function, reason);
}

/* ---- making it ---- */

static void
make(size_t pmseg_size, size_t segment_max, int nfreelist)
{
	const struct physseg_config config = {
		.backend = uvm_physseg_backend(),
		.host = &host,
		.page_size = uvm_physseg_program.page_size,
		.data_size = pmseg_size,
		.capacity = segment_max,
		.boot_records = segment_max,
		.boot_slabs = VM_BOOTSLAB_MAX,
		.frames = atop(PHYSSEG_NOFRAME) + 1,
		.freelists = nfreelist,
		.coalesce = VM_PHYSSEG_COALESCE,
	};
	const struct physseg_host *theirs;
	size_t host_size;
	int error;

	theirs = uvm_physseg_host(&host_size);
	if (!physseg_sized_read(&host, sizeof(host), theirs, host_size))
		uvm_physseg_panic("uvm_physseg_init",
		    "the host has a hook that the library does not know");
	host.page_init = page_init;
	host.page_frame = page_frame;
	host.page_free = page_free;
	host.account = account;
	host.reinit = reinit;
	error = physseg_create(
	    &uvm_physseg_the_map, &config, storage, sizeof(storage));
	if (error != PHYSSEG_OK)
		uvm_physseg_panic("uvm_physseg_init", physseg_strerror(error));
}

static void
unmake(void)
{
	physseg_destroy(uvm_physseg_the_map);
	uvm_physseg_the_map = NULL;
	if (kept != NULL)
		host.free(NULL, kept, kept_size);
	kept = NULL;
}

void
uvm_physseg_init_with(size_t paddr_size, size_t page_size,
    size_t page_phys_addr, size_t pmseg_size, int page_shift, int segment_max,
    int nfreelist, int freelist)
{
	const struct {
		bool broken;
		const char *reason;
	} limits[] = {
		{ paddr_size != sizeof(paddr_t), "another width of paddr_t" },
		{ page_shift != PAGE_SHIFT, "another PAGE_SHIFT" },
		{ pmseg_size > VM_PMSEG_SIZE,
		    "struct pmap_physseg is larger than VM_PMSEG_SIZE" },
		{ segment_max < 1 || segment_max > VM_PHYSSEG_MAX,
		    "VM_PHYSSEG_MAX is not within the library's" },
		{ freelist < 0 || freelist >= nfreelist,
		    "VM_FREELIST_DEFAULT is not within VM_NFREELIST" },
	};
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].broken)
			uvm_physseg_panic("uvm_physseg_init", limits[i].reason);
	unmake();
	uvm_physseg_program = (struct uvm_program){
		.page_size = page_size,
		.page_phys_addr = page_phys_addr,
		.freelist = freelist,
	};
	make(pmseg_size, (size_t)segment_max, nfreelist);
}

/* In parentheses, for it is a macro too, which does the same from where
 * struct vm_page may be another. */
void(uvm_physseg_init)(void)
{
	uvm_physseg_init();
}

struct physseg_map *
uvm_physseg_map_now(void)
{
	if (uvm_physseg_the_map == NULL)
		uvm_physseg_init();
	physseg_set_running(uvm_physseg_the_map, uvm.page_init_done);
	return uvm_physseg_the_map;
}

void
uvm_physseg_keep(void *mem, size_t size)
{
	kept = mem;
	kept_size = size;
}
