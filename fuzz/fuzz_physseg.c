/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_physseg.c -- the native face, all of it, against a model of frames.
 *
 * The first bytes of an input choose a configuration: the backend, odd sizes,
 * which hooks the host has, where the frames are.  The rest is operations.  An
 * allocation may fail in each, a listener or the host may refuse, and a hook
 * may try to change the map.
 *
 * The model is an array with an entry for each frame of a window, and a table
 * of segments by number.  An entry says which segment the frame belongs to, and
 * what is true of it.  Before an operation the model tells which errors are
 * right; if any of them applies for certain the call must fail, if none applies
 * it must succeed.  After it the model changes, unless the call failed, and all
 * that the map says of every frame is compared with it.
 *
 * Which segments are joined on a map with `coalesce' depends on where page
 * structures are.  There the map may join what the headers allow to be joined,
 * must join what they say is joined, and the model follows.
 */
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "fuzz.h"

#define FRAMES	  48  /* of the window */
#define SEGMENTS  256 /* numbers for them */
#define STALE	  32  /* handles of segments that are gone */
#define REMOVALS  3
#define BLOCKS	  512 /* of memory, that are taken from the host */
#define PARTS	  8   /* page structures that are taken from slabs */
#define LISTS	  4
#define NODES	  2
#define KINDS	  3
#define STEPS	  160
#define CODE	  77 /* of who refuses */
#define FRAMESIZE 256
#define GRANULE	  4096 /* at most */
#define GONE	  0xdb /* in memory that is not committed */

struct frame {
	int seg; /* number of its segment; -1: it is not registered */
	bool avail, counted;
	bool paged;	  /* it has a page structure, if it is offline hidden */
	bool meta;	  /* page structures lie in it, */
	int range;	  /* of the add of this number */
	const char *page; /* as it was seen, or is known */
	bool callers;	  /* that is the caller's */
	unsigned inits;	  /* calls of page_init since it came, or left */
	unsigned frees;	  /* calls of page_free since then */
	bool busy;
	bool isolated;
	bool told, told_online; /* as the listener knows it */
	int asked;
};

struct seg {
	bool used;
	bool offline;
	physseg_t handle;
	unsigned long hint;
	unsigned char data;
	int list, node, kind;
};

struct removal {
	struct physseg_removal *removal;
	size_t at, n, slots;
	unsigned how;
	physseg_pfn_t at_begin;
};

struct block {
	char *mem;
	size_t size;
	bool frames; /* given by frames_map, */
	physseg_pfn_t pfn, n;
};

struct sums {
	physseg_pfn_t counted, frames;
};

/* All of one input. */
static struct world {
	struct input in;
	const struct physseg_backend *backend;
	struct physseg_host host;
	struct physseg_config config;
	struct physseg_map *map;
	char *storage;
	size_t capacity; /* segments; 0: no limit */
	physseg_pfn_t base, limit;
	size_t nframes;
	unsigned how;	     /* the step is made: its second byte */
	bool boots;	     /* the input begins with a boot */
	bool running, again; /* it booted again */
	size_t made;	     /* boot records in use */
	int ranges;	     /* adds from their range so far */

	struct frame frames[FRAMES];
	struct seg segs[SEGMENTS];
	struct removal removals[REMOVALS];
	physseg_t stale[STALE];
	size_t nstale;
	char *callers; /* a page structure for each frame */
	size_t callers_size;
	char *arrays[PARTS]; /* that were handed over */
	size_t array_pages[PARTS];
	size_t narrays;
	char *parts[PARTS];
	size_t part_pages[PARTS];
	size_t nparts;
	char *vmemmap; /* of the window; NULL: it has none */
	char *fixed;   /* the granules that it lies in */
	size_t fixed_size;
	uint64_t present[(1001 + FRAMES) / 64 + 1];

	/* the host */
	struct block blocks[BLOCKS];
	size_t outstanding; /* bytes by alloc */
	size_t fail_at, refused;
	int locked;
	bool refuses;	      /* isolate does, */
	unsigned veto;	      /* and a listener, this time; 0: not */
	bool meddles;	      /* a hook tries to change the map */
	bool unchanged;	      /* a call is not a change */
	bool starts;	      /* a call may make the map run */
	size_t before, slabs; /* bytes by alloc, and slabs, before it */
	bool told_leaves;     /* isolate refused in a removal by force */
	physseg_pfn_t meta_n; /* what frames_map was last told */
	struct sums said[LISTS][NODES][KINDS]; /* by account, */
	struct sums sums[LISTS][NODES][KINDS]; /* and by the model */

	struct physseg_listener mirror, vetoer;
	bool mirrors; /* the mirror knows everything */
	bool mirror_on, vetoer_on;
	bool leaves; /* the vetoer takes itself off when it is next told */
} w;

#define NFRAMES w.nframes
#include "frames.h"

static const int kinds[KINDS] = { PHYSSEG_RAM, PHYSSEG_DEVICE,
	PHYSSEG_KIND_OWN + 5 };

static physseg_pfn_t
at(size_t i)
{
	return w.base + (physseg_pfn_t)i;
}

static size_t
place(physseg_pfn_t pfn)
{
	must(pfn - w.base < w.nframes);
	return (size_t)(pfn - w.base);
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
is_online(size_t i)
{
	return is_there(i) && !seg_of(i)->offline;
}

/* ---- the host ---- */

static void
meddle(void)
{
	physseg_t handle = PHYSSEG_NONE;

	must(w.host.lock == NULL || w.unchanged || w.locked > 0);
	(void)physseg_find(w.map, at(w.nframes / 2), NULL);
	(void)physseg_page(w.map, at(0));
	if (!w.meddles || w.unchanged)
		return;
	must(physseg_plug(w.map, at(0), 1, 0, &handle) == PHYSSEG_EBUSY);
	must(physseg_unplug(w.map, at(0), 1) == PHYSSEG_EBUSY);
	must(physseg_online(w.map, at(0), 1, NULL) == PHYSSEG_EBUSY);
	must(physseg_switch(w.map, NULL, 0) == PHYSSEG_EBUSY);
	must(handle == PHYSSEG_NONE);
}

static bool
refuse_alloc(size_t size)
{
	if ((w.fail_at == 0 || --w.fail_at != 0) && size < 1u << 22)
		return false;
	w.refused++;
	return true;
}

static struct block *
block_of(const char *mem)
{
	size_t i;

	for (i = 0; i < BLOCKS && w.blocks[i].mem != mem; i++)
		continue;
	must(i < BLOCKS);
	return &w.blocks[i];
}

/* Memory that was not taken from a map's host is not its. */
static void *
take(size_t size, int fill)
{
	struct block *block = block_of(NULL);

	if ((block->mem = malloc(size)) == NULL)
		abort();
	memset(block->mem, fill, size);
	block->size = size;
	return block->mem;
}

static void *
host_alloc(void *ctx, size_t size)
{
	must(ctx == &w && size != 0);
	must(w.running || w.starts || w.storage == NULL);
	if (refuse_alloc(size))
		return NULL;
	w.outstanding += size;
	return take(size, 0);
}

static void *
host_alloc_raw(void *ctx, size_t size)
{
	void *mem = host_alloc(ctx, size);

	return mem == NULL ? NULL : memset(mem, 0xa5, size);
}

static void
host_free(void *ctx, void *p, size_t size)
{
	struct block *block = block_of(p);

	must(ctx == &w && block->size == size && !block->frames);
	w.outstanding -= size;
	free(p);
	*block = (struct block){ .mem = NULL };
}

static void *
host_frames_map(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	void *mem;

	must(ctx == &w && n != 0);
	must(place(pfn) + n <= w.nframes);
	if (refuse_alloc(0))
		return NULL;
	w.meta_n = n;
	mem = take((size_t)n * w.config.frame_size, 0xa5);
	block_of(mem)->frames = true;
	block_of(mem)->pfn = pfn;
	block_of(mem)->n = n;
	return mem;
}

static void
host_frames_unmap(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, void *mem)
{
	struct block *block = block_of(mem);

	must(ctx == &w && block->frames && block->pfn == pfn && block->n == n);
	free(mem);
	*block = (struct block){ .mem = NULL };
}

/* Is all of it as it was left when it was taken back? */
static bool
is_gone(const char *p, size_t size)
{
	size_t k = 0;

	while (k < size && (unsigned char)p[k] == GONE)
		k++;
	return k == size;
}

static void
must_be_granules(const void *p, size_t size)
{
	const size_t at = (size_t)((const char *)p - w.fixed);

	must(at < w.fixed_size && size != 0 && size <= w.fixed_size - at);
	must((uintptr_t)p % w.config.granule == 0);
	must(size % w.config.granule == 0);
}

static bool
host_commit(void *ctx, void *p, size_t size)
{
	must(ctx == &w);
	must_be_granules(p, size);
	must(is_gone(p, size));
	if (refuse_alloc(0))
		return false;
	memset(p, 0xa5, size);
	w.outstanding += size;
	return true;
}

static void
host_decommit(void *ctx, void *p, size_t size)
{
	must(ctx == &w);
	must_be_granules(p, size);
	for (size_t k = 0; k < size; k += w.config.granule)
		must(!is_gone((char *)p + k, w.config.granule));
	memset(p, GONE, size);
	w.outstanding -= size;
}

static _Noreturn void
host_panic(void *ctx, const char *reason)
{
	(void)ctx;
	fuzz_failed("panic", 0, reason);
}

static void
host_log(void *ctx, const char *line)
{
	must(ctx == &w && line[0] != '\0');
}

/* The lock is recursive. */
static void
host_lock(void *ctx)
{
	must(ctx == &w);
	w.locked++;
}

static void
host_unlock(void *ctx)
{
	must(ctx == &w && w.locked > 0);
	w.locked--;
}

static void
host_sync(void *ctx)
{
	must(ctx == &w && has(PHYSSEG_LOCKFREE));
}

static bool
is_callers(const char *page)
{
	return (uintptr_t)page - (uintptr_t)w.callers < w.callers_size;
}

/* A page structure begins with the number of its frame in the window, and ends
 * with it; all others of its bytes are one. */
static void
host_page_init(void *ctx, void *p, physseg_pfn_t pfn)
{
	const size_t i = place(pfn);
	unsigned char *page = p;

	must(ctx == &w && w.config.page_size != 0);
	for (size_t k = 0; k < w.config.page_size && !is_callers(p); k++)
		must(page[k] == 0);
	memset(page, 0xee, w.config.page_size);
	page[w.config.page_size - 1] = page[0] = (unsigned char)(i + 1);
	w.frames[i].inits++;
	must(physseg_page(w.map, pfn) != p);
	meddle();
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	must(ctx == &w);
	return at(*(const unsigned char *)page) - 1;
}

static void
host_page_free(void *ctx, void *p)
{
	const physseg_pfn_t pfn = host_page_frame(ctx, p);

	must(physseg_page(w.map, pfn) == p);
	w.frames[place(pfn)].frees++;
	meddle();
}

static void
host_pages_init(void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n)
{
	must(n != 0);
	for (physseg_pfn_t k = 0; k < n; k++)
		host_page_init(
		    ctx, (char *)pages + k * w.config.page_size, pfn + k);
}

static void
host_pages_free(void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n)
{
	must(n != 0);
	for (physseg_pfn_t k = 0; k < n; k++) {
		char *page = (char *)pages + k * w.config.page_size;

		must(host_page_frame(ctx, page) == pfn + k);
		host_page_free(ctx, page);
	}
}

static struct sums *
sums_in(struct sums sums[LISTS][NODES][KINDS], int list, int node, int kind)
{
	int k;

	for (k = 0; k < KINDS && kinds[k] != kind; k++)
		continue;
	must(list >= 0 && list < LISTS && node >= 0 && node < NODES);
	must(k < KINDS);
	return &sums[list][node][k];
}

static void
host_account(void *ctx, const struct physseg_account *what)
{
	struct sums *sums =
	    sums_in(w.said, what->free_list, what->node, what->kind);

	must(ctx == &w && (what->counted != 0 || what->frames != 0));
	sums->counted += what->added ? what->counted : 0 - what->counted;
	sums->frames += what->added ? what->frames : 0 - what->frames;
	meddle();
}

static void
host_reinit(void *ctx)
{
	must(ctx == &w && w.running);
	meddle();
}

static int
host_isolate(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy)
{
	const size_t i = place(pfn);

	must(ctx == &w && n != 0 && i + n <= w.nframes && !w.told_leaves);
	for (size_t k = i; k < i + n; k++)
		must(
		    is_online(k) && !w.frames[k].meta && !w.frames[k].isolated);
	meddle();
	if (w.refuses && (i & 1) != 0) {
		w.told_leaves = true;
		return CODE;
	}
	*busy = 0;
	for (size_t k = i; k < i + n; k++) {
		w.frames[k].isolated = true;
		*busy += w.frames[k].busy;
	}
	return 0;
}

static void
host_release(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	const size_t i = place(pfn);

	must(ctx == &w && n != 0 && i + n <= w.nframes);
	for (size_t k = i; k < i + n; k++) {
		must(w.frames[k].isolated);
		w.frames[k].isolated = false;
	}
	meddle();
}

/* Is it in use, and does the host know that it leaves? */
static bool
is_busy(size_t i)
{
	const struct frame *f = &w.frames[i];

	return w.host.in_use != NULL && is_online(i) && !f->meta && f->busy &&
	    (w.host.isolate == NULL || f->isolated);
}

static physseg_pfn_t
host_in_use(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	const size_t i = place(pfn);

	must(ctx == &w && n != 0 && i + n <= w.nframes);
	for (size_t k = i; k < i + n; k++)
		must(is_online(k) && !w.frames[k].meta &&
		    (w.host.isolate == NULL || w.frames[k].isolated));
	meddle();
	for (size_t k = i; k < i + n; k++)
		if (w.frames[k].busy)
			return at(k);
	return PHYSSEG_NOFRAME;
}

/* ---- the listeners ---- */

static int
notify_mirror(
    struct physseg_listener *listener, const struct physseg_change *change)
{
	const size_t i = place(change->pfn);

	must(listener == &w.mirror && listener->ctx == &w);
	must(change->n != 0 && i + change->n <= w.nframes);
	meddle();
	for (size_t k = i; k < i + change->n; k++) {
		struct frame *f = &w.frames[k];

		if (w.mirrors)
			switch (change->event) {
			case PHYSSEG_ADDED:
				must(!f->told);
				break;
			case PHYSSEG_NOW_ONLINE:
				must(f->told && !f->told_online);
				break;
			case PHYSSEG_NOW_OFFLINE:
				must(f->told_online);
				break;
			case PHYSSEG_UNPLUGGED:
				must(f->told && !f->told_online);
				break;
			case PHYSSEG_GOING_ONLINE:
			case PHYSSEG_ONLINE_CANCELLED:
				must(!f->told_online);
				break;
			case PHYSSEG_GOING_OFFLINE:
			case PHYSSEG_OFFLINE_CANCELLED:
				must(f->told_online);
			}
		f->told |= change->event == PHYSSEG_ADDED;
		f->told &= change->event != PHYSSEG_UNPLUGGED;
		f->told_online |= change->event == PHYSSEG_NOW_ONLINE;
		f->told_online &= change->event != PHYSSEG_NOW_OFFLINE;
		if (change->event == PHYSSEG_GOING_OFFLINE)
			f->asked++;
		if (change->event == PHYSSEG_NOW_OFFLINE ||
		    change->event == PHYSSEG_OFFLINE_CANCELLED)
			f->asked--;
		if (is_there(k))
			must(seg_of(k)->list == change->free_list &&
			    seg_of(k)->node == change->node &&
			    seg_of(k)->kind == change->kind);
	}
	return 0;
}

static int
notify_vetoer(
    struct physseg_listener *listener, const struct physseg_change *change)
{
	must(listener == &w.vetoer && w.vetoer_on);
	meddle();
	if (w.leaves) {
		must(physseg_unlisten(w.map, listener) == PHYSSEG_OK);
		w.leaves = w.vetoer_on = false;
	}
	return w.veto != 0 && --w.veto == 0 &&
		(change->event == PHYSSEG_GOING_ONLINE ||
		    change->event == PHYSSEG_GOING_OFFLINE)
	    ? CODE
	    : 0;
}

/* ---- what is right ---- */

struct verdict {
	bool may[PHYSSEG_NERRORS];
	bool fails;
};

static void
if_so(struct verdict *v, bool applies, int error)
{
	v->may[error] |= applies;
	v->fails |= applies;
}

static void
perhaps(struct verdict *v, bool applies, int error)
{
	v->may[error] |= applies;
}

/* Memory is scarce where an allocation failed, where there is no host to ask,
 * and on a map that boots again. */
static bool
judge(struct verdict *v, int error)
{
	struct physseg_stats stats;

	perhaps(v,
	    w.refused != 0 || w.host.alloc == NULL || (w.again && !w.running),
	    PHYSSEG_ENOMEM);
	must(error >= PHYSSEG_OK && error < PHYSSEG_NERRORS);
	if (error == PHYSSEG_OK ? v->fails : !v->may[error]) {
		fprintf(stderr, "%s, but right is:\n", physseg_strerror(error));
		for (int e = 0; e < PHYSSEG_NERRORS; e++)
			if (e == 0 ? !v->fails : v->may[e])
				fprintf(stderr, "\t%s\n", physseg_strerror(e));
		fuzz_failed(__FILE__, __LINE__, "the answer");
	}
	if (error != PHYSSEG_OK) {
		physseg_get_stats(w.map, &stats);
		must(stats.slabs == w.slabs && w.outstanding == w.before);
	}
	return error == PHYSSEG_OK;
}

static size_t
count_online(size_t i, size_t n)
{
	size_t sum = 0;

	for (size_t k = i; k < i + n; k++)
		sum += is_online(k);
	return sum;
}

static struct removal *
removal_over(size_t i, size_t n)
{
	for (size_t r = 0; r < REMOVALS; r++)
		if (w.removals[r].removal != NULL && w.removals[r].at < i + n &&
		    i < w.removals[r].at + w.removals[r].n)
			return &w.removals[r];
	return NULL;
}

static bool
is_bound(size_t i)
{
	return w.config.block <= 1 || !w.running ||
	    at(i) % w.config.block == 0 ||
	    is_there(i) != (i > 0 && is_there(i - 1));
}

static void
judge_block(struct verdict *v, size_t i, size_t n)
{
	if_so(v, !is_bound(i) || !is_bound(i + n), PHYSSEG_EALIGN);
}

/* So many segments more. */
static void
judge_slots(struct verdict *v, size_t n)
{
	size_t held = 0;
	bool full;

	for (size_t r = 0; r < REMOVALS; r++)
		if (w.removals[r].removal != NULL)
			held += w.removals[r].slots;
	full =
	    n != 0 && w.capacity != 0 && count_segs() + held + n > w.capacity;
	if (!w.running && !w.backend->bounded) {
		perhaps(v, w.again && n != 0, PHYSSEG_ENOSLOT);
		full |=
		    n != 0 && !w.again && w.made + n > w.config.boot_records;
	}
	perhaps(v, full, PHYSSEG_ENOSLOT);
	if (!w.config.coalesce)
		if_so(v, full, PHYSSEG_ENOSLOT);
}

/* What every range of a call has.  False: it is none. */
static bool
judge_range(struct verdict *v, physseg_pfn_t pfn, physseg_pfn_t n)
{
	const bool wide = pfn >= w.limit || n > w.limit - pfn;

	if_so(v, n == 0, PHYSSEG_EINVAL);
	if_so(v, wide, PHYSSEG_ERANGE);
	return n != 0 && !wide;
}

static void
judge_covered(struct verdict *v, size_t i, size_t n)
{
	if_so(v, !is_there(i), PHYSSEG_ENOENT);
	for (size_t k = i + 1; k < i + n; k++)
		if_so(v, !is_there(k), PHYSSEG_ESPAN);
	if_so(v, removal_over(i, n) != NULL, PHYSSEG_EREMOVING);
	judge_block(v, i, n);
}

/* Does the range take a part of the frames whose page structures lie in it? */
static bool
cuts_metadata(size_t i, size_t n, bool unplug)
{
	for (size_t k = i; k < i + n; k++)
		for (size_t o = 0; o < w.nframes; o++)
			if (w.frames[k].meta && (unplug || is_online(k)) &&
			    (o < i || o >= i + n) && is_there(o) &&
			    w.frames[o].range == w.frames[k].range)
				return true;
	return false;
}

/* Segments more that a cut of the range makes. */
static size_t
slots_for(size_t i, size_t n, bool unplug, bool offline)
{
	size_t slots = 0, end;

	for (size_t k = i; k < i + n; k = end) {
		const bool front = seg_start(k)<i, back = seg_end(k)> i + n;

		end = seg_end(k);
		if (!is_there(k))
			continue;
		if (unplug)
			slots += front && back;
		else if (seg_of(k)->offline == offline)
			slots += (size_t)front + back;
	}
	return slots;
}

static void
judge_remove(struct verdict *v, size_t i, size_t n, unsigned how)
{
	const bool unplug = (how & PHYSSEG_REMOVE_UNPLUG) != 0;
	const bool force = (how & PHYSSEG_REMOVE_FORCE) != 0;
	size_t stays = 0, online = count_online(i, n), left = count_there();

	judge_covered(v, i, n);
	for (size_t k = 0; k < w.nframes; k++)
		stays += is_online(k) && removal_over(k, 1) == NULL;
	for (size_t r = 0; r < REMOVALS; r++)
		if (w.removals[r].removal != NULL &&
		    (w.removals[r].how & PHYSSEG_REMOVE_UNPLUG) != 0)
			left -= w.removals[r].n;
	if_so(v,
	    !w.config.may_empty &&
		(online != 0 ? stays <= online : unplug && left == n),
	    PHYSSEG_ELAST);
	if_so(v, cuts_metadata(i, n, unplug), PHYSSEG_EMETADATA);
	judge_slots(v, slots_for(i, n, unplug, false));
	if (w.running && online != 0 && !force) {
		perhaps(v, w.veto != 0 && w.vetoer_on, PHYSSEG_EREFUSED);
		perhaps(
		    v, w.refuses && w.host.isolate != NULL, PHYSSEG_EREFUSED);
	}
}

/* Frames in use that forbid it at once. */
static bool
any_busy(size_t i, size_t n)
{
	for (size_t k = i; k < i + n; k++)
		if (w.host.in_use != NULL && is_online(k) &&
		    !w.frames[k].meta && w.frames[k].busy)
			return true;
	return false;
}

/* ---- how the model changes ---- */

static int
new_seg(void)
{
	int s;

	for (s = 0; w.segs[s].used; s++)
		must(s < SEGMENTS - 1);
	w.segs[s] = (struct seg){ .used = true };
	return s;
}

static void
gone(int s)
{
	w.stale[w.nstale++ % STALE] = w.segs[s].handle;
	w.segs[s].used = false;
}

static void
account(size_t i, bool added, bool frames)
{
	const struct seg *seg = seg_of(i);
	struct sums *sums = sums_in(w.sums, seg->list, seg->node, seg->kind);
	const physseg_pfn_t one = added ? 1 : 0 - (physseg_pfn_t)1;

	if (w.frames[i].counted)
		sums->counted += one;
	if (frames)
		sums->frames += one;
}

/* It came into use, and if it can have a page structure it has one. */
static void
comes(size_t i)
{
	struct frame *f = &w.frames[i];

	f->counted = f->paged && f->avail;
	f->page = f->callers ? f->page : NULL;
	account(i, true, w.running);
}

/* It leaves, and of what it was nothing is left. */
static void
clear(size_t i)
{
	struct frame *f = &w.frames[i];

	*f = (struct frame){ .seg = -1,
		.busy = f->busy,
		.told = f->told,
		.told_online = f->told_online,
		.asked = f->asked };
}

static void
settle_hint(size_t i)
{
	struct seg *seg = seg_of(i);

	if (seg->hint > count_avail(seg_start(i), seg_end(i)))
		seg->hint = 0;
}

/* [i, end) is a piece of a segment, and one of its own from now on. */
static void
cut_off(size_t i, size_t end)
{
	const int s = new_seg(), old = w.frames[i].seg;

	w.segs[s] = w.segs[old];
	w.segs[s].handle = PHYSSEG_NONE;
	w.made++;
	for (size_t k = i; k < end; k++)
		w.frames[k].seg = s;
}

/* Leave [i, end), which lies in one segment, to it alone; what stays beside it
 * keeps the handle, in front before behind. */
static void
isolate(size_t i, size_t end)
{
	const size_t start = seg_start(i), last = seg_end(i);

	if (start == i && last == end)
		return;
	if (start < i && end < last)
		cut_off(end, last);
	cut_off(i, end);
	if (start < i)
		settle_hint(start);
	if (end < last)
		settle_hint(end);
	settle_hint(i);
}

static void
apply_unplug(size_t i, size_t n)
{
	size_t end;

	for (size_t k = i; k < i + n; k = end) {
		const size_t start = seg_start(k), last = seg_end(k);
		const int s = w.frames[k].seg;
		const bool offline = seg_of(k)->offline;

		end = last < i + n ? last : i + n;
		if (start == k && last == end)
			gone(s);
		if (start < k && end < last)
			cut_off(end, last);
		for (size_t o = k; o < end; o++) {
			account(o, false, w.running && !offline);
			clear(o);
		}
		if (start < k)
			settle_hint(start);
		if (end < last)
			settle_hint(end);
	}
}

static void
apply_state(size_t i, size_t n, bool offline)
{
	size_t end;

	for (size_t k = i; k < i + n; k = end) {
		end = seg_end(k) < i + n ? seg_end(k) : i + n;
		if (seg_of(k)->offline == offline)
			continue;
		isolate(k, end);
		seg_of(k)->offline = offline;
		for (size_t o = k; o < end; o++) {
			struct frame *f = &w.frames[o];

			if (!offline) {
				comes(o);
				continue;
			}
			account(o, false, w.running);
			f->counted = f->isolated = false;
			f->inits = f->frees = 0;
			f->page = f->callers ? f->page : NULL;
		}
	}
}

/* ---- comparing ---- */

/* Where the segment of each frame begins and ends, for the comparison. */
static size_t starts[FRAMES], ends[FRAMES];

static void
find_bounds(void)
{
	for (size_t i = 0; i < w.nframes; i++)
		starts[i] = i > 0 && w.frames[i].seg == w.frames[i - 1].seg
		    ? starts[i - 1]
		    : i;
	for (size_t i = w.nframes; i-- > 0;)
		ends[i] =
		    i + 1 < w.nframes && w.frames[i].seg == w.frames[i + 1].seg
		    ? ends[i + 1]
		    : i + 1;
}

static void
compare_frame(size_t i)
{
	struct frame *f = &w.frames[i];
	struct physseg_found found;
	physseg_pfn_t offset = 12345;
	const char *page = physseg_page(w.map, at(i));
	const physseg_t handle = physseg_find(w.map, at(i), &offset);
	const struct seg *seg;
	struct removal *removal;

	if (!is_there(i)) {
		must(handle == PHYSSEG_NONE && offset == 12345 && page == NULL);
		must(!physseg_lookup(w.map, at(i), &found));
		must(physseg_free_list(w.map, at(i)) == -1);
		must(!f->isolated);
		return;
	}
	seg = seg_of(i);
	must(handle != PHYSSEG_NONE && offset == i - starts[i]);
	must(physseg_valid(w.map, handle) ==
	    (seg->offline || f->paged || !w.running ||
		w.config.page_size == 0));
	must(physseg_free_list(w.map, at(i)) == seg->list);
	must((page != NULL) == (is_online(i) && f->paged));
	must(physseg_segment_page(w.map, handle, offset) == page);
	must(physseg_lookup(w.map, at(i), &found));
	must(found.handle == handle && found.offset == offset);
	must(found.start == at(starts[i]) && found.end == at(ends[i]));
	must(found.page == page && found.free_list == seg->list);
	must(found.node == seg->node && found.kind == seg->kind);
	must((found.state == PHYSSEG_OFFLINE) == seg->offline);
	removal = removal_over(i, 1);
	if (removal == NULL || (removal->how & PHYSSEG_REMOVE_FORCE) == 0)
		must(f->isolated ==
		    (removal != NULL && w.host.isolate != NULL &&
			is_online(i) && !f->meta));
	if (w.mirrors)
		must(f->asked == (removal != NULL && is_online(i)));
	if (page == NULL)
		return;
	must(w.vmemmap == NULL || page == w.vmemmap + i * w.config.page_size);
	must(f->page == NULL || f->page == page);
	f->page = page;
	if (w.host.page_init == NULL)
		return;
	must((unsigned char)page[0] == i + 1 && f->inits == 1);
	must(f->frees == (w.host.page_free != NULL && f->counted));
	must(physseg_frame(w.map, page) == at(i));
}

static void
compare_seg(physseg_t handle, size_t i)
{
	struct seg *seg = seg_of(i);
	const size_t end = seg_end(i), data = w.config.data_size;
	struct physseg_info info;
	physseg_pfn_t counted = 0;
	size_t align = 1;

	must(physseg_get_info(w.map, handle, &info) == PHYSSEG_OK);
	must(info.start == at(i) && info.end == at(end));
	must(info.free_list == seg->list && info.node == seg->node);
	must(info.kind == seg->kind && info.start_hint == seg->hint);
	must((info.state == PHYSSEG_OFFLINE) == seg->offline);
	must(info.pages == physseg_page(w.map, at(i)));
	for (size_t k = i; k < end; k++) {
		must(w.frames[k].avail ==
		    (at(k) >= info.avail_start && at(k) < info.avail_end));
		counted += w.frames[k].counted;
	}
	must(info.counted == counted);
	while (data % (2 * align) == 0 && align < _Alignof(max_align_t))
		align *= 2;
	must((uintptr_t)info.data % align == 0);
	for (size_t k = 0; k < data; k++)
		must(((unsigned char *)info.data)[k] == seg->data);
	if (has(PHYSSEG_POSITION))
		return;
	if (seg->handle == PHYSSEG_NONE) {
		for (size_t k = 0; k < STALE; k++)
			must(w.stale[k] != handle);
		for (size_t s = 0; s < SEGMENTS; s++)
			must(!w.segs[s].used || w.segs[s].handle != handle);
		seg->handle = handle;
	}
	must(seg->handle == handle);
}

/* All segments, by both walks and by address. */
static void
compare_walks(void)
{
	physseg_t handle, next;
	struct physseg_info info, last = { .start = 0 };
	size_t n = 0;

	PHYSSEG_FOREACH(handle, w.map) {
		must(n++ < FRAMES);
		must(physseg_get_info(w.map, handle, &info) == PHYSSEG_OK);
		compare_seg(handle, place(info.start));
		if (n > 1 && has(PHYSSEG_SORTED))
			must(last.end <= info.start);
		if (n > 1 && has(PHYSSEG_BYSIZE))
			must(last.end - last.start >= info.end - info.start);
		next = physseg_next(w.map, handle);
		must(next == PHYSSEG_NONE
			? physseg_last(w.map) == handle
			: physseg_prev(w.map, next) == handle);
		last = info;
	}
	must(n == count_segs());
	for (size_t i = 0; i < w.nframes; i = seg_end(i)) {
		size_t k = is_there(i) ? i : seg_end(i);

		must(physseg_from(w.map, at(i)) ==
		    (k < w.nframes ? physseg_find(w.map, at(k), NULL)
				   : PHYSSEG_NONE));
	}
}

static void
compare_stats(void)
{
	physseg_pfn_t metadata = 0, counted = 0, highest = PHYSSEG_NOFRAME;
	size_t used = 0, removals = 0, apart = 0;
	struct physseg_stats stats;

	for (size_t i = 0; i < w.nframes; i++) {
		const struct frame *f = &w.frames[i];

		metadata += f->meta;
		counted += f->counted;
		used += f->paged && !f->callers && w.vmemmap == NULL;
		apart += i > 0 && is_there(i) && is_there(i - 1) &&
		    f->seg != w.frames[i - 1].seg;
		if (is_there(i))
			highest = at(i);
	}
	for (size_t r = 0; r < REMOVALS; r++)
		removals += w.removals[r].removal != NULL;
	physseg_get_stats(w.map, &stats);
	must(stats.segments == count_segs() && stats.frames == count_there());
	must(stats.online == count_online(0, w.nframes));
	must(stats.counted == counted && stats.metadata == metadata);
	must(stats.slab_used == used && stats.slab_pages >= used);
	must(stats.largest_free <= stats.slab_pages - used);
	must(stats.removals == removals && stats.apart == apart);
	must(stats.host_bytes == w.outstanding);
	must(stats.built || w.backend->mem_needed != NULL);
	must(w.capacity == 0 || stats.segments <= w.capacity);
	must(physseg_highest_frame(w.map) == highest);
	must(physseg_running(w.map) == w.running);
}

static void
compare_covers(void)
{
	for (int online = 0; online < 2; online++)
		for (size_t i = 0; i < w.nframes; i++) {
			physseg_pfn_t missing = 12345;
			size_t k = i;
			bool all;

			while (k < w.nframes &&
			    (online ? is_online(k) : is_there(k)))
				k++;
			all = physseg_covers(w.map, at(i),
			    (physseg_pfn_t)(w.nframes - i), online, &missing);
			must(all == (k == w.nframes));
			must(missing == (all ? 12345 : at(k)));
			i = k;
		}
}

static void
compare(void)
{
	physseg_pfn_t pfns[FRAMES];
	void *pages[FRAMES];
	const char *broken = physseg_check(w.map);

	if (broken != NULL)
		fuzz_failed("physseg_check", 0, broken);
	find_bounds();
	for (size_t i = 0; i < w.nframes; i++) {
		compare_frame(i);
		pfns[i] = at(i);
	}
	physseg_pages(w.map, pfns, w.nframes, pages);
	for (size_t i = 0; i < w.nframes; i++)
		must(pages[i] == physseg_page(w.map, at(i)));
	compare_walks();
	compare_stats();
	compare_covers();
	must(physseg_find(w.map, PHYSSEG_NOFRAME, NULL) == PHYSSEG_NONE);
	must(physseg_find(w.map, w.base - 1, NULL) == PHYSSEG_NONE);
	must(w.locked == 0);
	must(w.host.account == NULL ||
	    memcmp(w.said, w.sums, sizeof(w.said)) == 0);
	for (size_t k = 0; k < STALE && !has(PHYSSEG_POSITION); k++) {
		struct physseg_info info;

		must(!physseg_valid(w.map, w.stale[k]));
		must(physseg_get_info(w.map, w.stale[k], &info) ==
		    PHYSSEG_ENOENT);
		must(physseg_segment_page(w.map, w.stale[k], 0) == NULL);
	}
	for (size_t i = 0; w.mirrors && w.running && i < w.nframes; i++)
		must(w.frames[i].told == is_there(i) &&
		    w.frames[i].told_online == is_online(i));
}

/* ---- joining ---- */

/* Is one address in the same piece of memory as another? */
static bool
same_block(const char *a, const char *b)
{
	if (w.vmemmap != NULL)
		return true;
	if (is_callers(a) || is_callers(b))
		return is_callers(a) && is_callers(b);
	for (size_t k = 0; k < BLOCKS; k++)
		if (w.blocks[k].mem != NULL &&
		    (uintptr_t)a - (uintptr_t)w.blocks[k].mem <
			w.blocks[k].size)
			return (uintptr_t)b - (uintptr_t)w.blocks[k].mem <
			    w.blocks[k].size;
	return false;
}

/* Where the available or counted frames of two segments go on, or are none. */
static bool
go_on(size_t i, size_t border, bool counted)
{
	size_t lower = 0, upper = 0;

	for (size_t k = seg_start(i); k < seg_end(border); k++) {
		const struct frame *f = &w.frames[k];

		*(k < border ? &lower : &upper) +=
		    counted ? f->counted : f->avail;
	}
	if (lower == 0 || upper == 0)
		return lower == upper;
	return counted
	    ? w.frames[border - 1].counted && w.frames[border].counted
	    : w.frames[border - 1].avail && w.frames[border].avail;
}

/* Do the attributes allow that the segments below and above `border' are
 * joined? */
static bool
joins(size_t border)
{
	const struct seg *a = seg_of(border - 1), *b = seg_of(border);
	const struct frame *below = &w.frames[border - 1];
	const struct frame *above = &w.frames[border];

	return a->list == b->list && a->node == b->node && a->kind == b->kind &&
	    a->offline == b->offline && a->data == b->data && a->hint == 0 &&
	    b->hint == 0 && below->paged == above->paged &&
	    below->callers == above->callers &&
	    go_on(border - 1, border, false) &&
	    go_on(border - 1, border, true) &&
	    removal_over(seg_start(border - 1),
		seg_end(border) - seg_start(border - 1)) == NULL;
}

/* Follow what the map has joined of the segments in [i, end] and beside it. */
static void
follow_joins(size_t i, size_t end)
{
	for (size_t k = 1; w.config.coalesce && k < w.nframes; k++) {
		struct frame *below = &w.frames[k - 1], *above = &w.frames[k];
		const char *p = physseg_page(w.map, at(k - 1));
		const char *q = physseg_page(w.map, at(k));
		const size_t upper_end = seg_end(k);
		const int upper = above->seg;
		struct physseg_found found;
		physseg_t handle;
		bool near;

		if (!is_there(k - 1) || !is_there(k) || below->seg == upper)
			continue;
		near = p == NULL ||
		    (q == p + w.config.page_size && same_block(p, q));
		must(physseg_lookup(w.map, at(k), &found));
		if (found.start == at(k)) {
			must(k < i || k > end || !joins(k) || !near ||
			    (below->paged && p == NULL) ||
			    (w.running && w.config.page_size != 0 &&
				!below->paged));
			continue;
		}
		must(joins(k) && near);
		/* A new one below grew into the upper one, which has a handle
		 * already. */
		handle = physseg_find(w.map, at(k), NULL);
		if (seg_of(k - 1)->handle == PHYSSEG_NONE &&
		    handle == seg_of(k)->handle) {
			seg_of(k - 1)->handle = handle;
			w.segs[upper].used = false;
		} else if (seg_of(k)->handle == PHYSSEG_NONE)
			w.segs[upper].used = false;
		else
			gone(upper);
		for (size_t o = k; o < upper_end; o++)
			w.frames[o].seg = below->seg;
	}
}

/* ---- operations ---- */

struct range {
	physseg_pfn_t pfn, n;
	size_t i;
	bool window; /* it lies in it */
};

/* Mostly one in the window. */
static struct range
input_range(void)
{
	const unsigned x = input_byte(&w.in), y = input_byte(&w.in);
	struct range r = { .i = x % w.nframes };

	r.pfn = at(r.i);
	if (y < 224)
		r.n = y % 20;
	else if (y < 240)
		r.n = (physseg_pfn_t)(seg_end(r.i) - r.i);
	else if (y < 248) {
		r.i = seg_start(r.i);
		r.pfn = at(r.i);
		r.n = (physseg_pfn_t)(seg_end(r.i) - r.i);
	} else if (y < 252)
		r.n = w.limit - r.pfn + y - 247;
	else if (y == 253)
		r.n = PHYSSEG_NOFRAME;
	else {
		r.pfn = y == 254 ? w.limit : PHYSSEG_NOFRAME;
		r.n = 1;
	}
	if (r.n > w.nframes - r.i && r.n <= w.limit - r.pfn)
		r.n = (physseg_pfn_t)(w.nframes - r.i);
	r.window = r.n != 0 && r.pfn == at(r.i) && r.n <= w.nframes - r.i;
	return r;
}

/* A live handle, a stale one or any. */
static physseg_t
input_handle(size_t *i)
{
	const unsigned x = input_byte(&w.in);

	*i = x % w.nframes;
	if (is_there(*i) && x < 250) {
		*i = seg_start(*i);
		return physseg_find(w.map, at(*i), NULL);
	}
	*i = FRAMES;
	if (has(PHYSSEG_POSITION))
		return (physseg_t)(uintptr_t)(x == 255 ? 0 : 1000 + x);
	if (x == 251)
		return (physseg_t)(UINTPTR_MAX);
	return x > 251 ? PHYSSEG_NONE : w.stale[x % STALE];
}

/* Page structures of the caller's that a frame would have. */
static char *
callers_page(size_t i, size_t shift)
{
	return w.callers + i * w.config.page_size + shift;
}

/* Does the caller's array share memory with one that is in use? */
static bool
callers_shared(const char *pages, size_t n)
{
	for (size_t k = 0; k < w.nframes; k++) {
		const struct frame *f = &w.frames[k];

		if (is_there(k) && f->callers &&
		    f->page < pages + n * w.config.page_size &&
		    pages < f->page + w.config.page_size)
			return true;
	}
	return false;
}

/* What of an add makes a segment. */
static void
add_segment(const struct physseg_addition *add, size_t i, unsigned char data)
{
	const bool paged = w.config.page_size != 0 &&
	    (w.running || add->source != PHYSSEG_FROM_SLAB);
	const int s = new_seg();
	const size_t n = (size_t)add->n;
	const bool online = add->state == PHYSSEG_ONLINE;
	const size_t meta =
	    add->source == PHYSSEG_FROM_RANGE ? (size_t)w.meta_n : 0;

	w.segs[s] = (struct seg){ .used = true,
		.offline = !online,
		.data = data,
		.list = add->free_list,
		.node = add->node,
		.kind = add->kind };
	w.made++;
	w.ranges += meta != 0;
	for (size_t k = 0; k < n; k++) {
		struct frame *f = &w.frames[i + k];

		f->seg = s;
		f->avail = k >= add->reserved_low && k >= meta &&
		    k < n - add->reserved_high;
		f->paged = paged;
		f->meta = k < meta;
		f->range = meta != 0 ? w.ranges : 0;
		f->callers = add->source == PHYSSEG_FROM_CALLER;
		if (f->callers)
			f->page = (char *)add->pages + k * w.config.page_size;
		if (online)
			comes(i + k);
	}
}

static void
judge_add(struct verdict *v, const struct physseg_addition *add,
    const struct range *r)
{
	const size_t page_size = w.config.page_size, n = (size_t)r->n;
	const bool paged =
	    page_size != 0 && (w.running || add->source != PHYSSEG_FROM_SLAB);

	if_so(v, w.running && !has(PHYSSEG_HOTPLUG), PHYSSEG_ENOHOTPLUG);
	if_so(v,
	    add->free_list < 0 || add->free_list >= w.config.freelists ||
		add->node < 0 || add->kind < 0 || add->kind == 5 ||
		add->reserved_low > add->n ||
		add->reserved_high > add->n - add->reserved_low ||
		(add->pages != NULL && add->source != PHYSSEG_FROM_CALLER) ||
		((page_size == 0 || w.vmemmap != NULL) &&
		    add->source != PHYSSEG_FROM_SLAB),
	    PHYSSEG_EINVAL);
	judge_range(v, r->pfn, r->n);
	if (!r->window)
		return;
	for (size_t k = r->i; k < r->i + n; k++)
		if_so(v, is_there(k), PHYSSEG_EOVERLAP);
	judge_block(v, r->i, n);
	if (add->source == PHYSSEG_FROM_CALLER)
		if_so(v, add->pages == NULL || callers_shared(add->pages, n),
		    PHYSSEG_EINVAL);
	else
		if_so(v, paged && w.host.page_init == NULL, PHYSSEG_EINVAL);
	if (add->source == PHYSSEG_FROM_RANGE) {
		if_so(v, !w.running, PHYSSEG_EPHASE);
		if_so(v, w.host.frames_map == NULL, PHYSSEG_EINVAL);
		if_so(
		    v, n * page_size > n * w.config.frame_size, PHYSSEG_EINVAL);
		perhaps(v, n * page_size + 1024 > n * w.config.frame_size,
		    PHYSSEG_EINVAL);
	}
	judge_slots(v, 1);
	perhaps(v,
	    w.running && add->state == PHYSSEG_ONLINE && w.veto != 0 &&
		w.vetoer_on,
	    PHYSSEG_EREFUSED);
}

static void
check_reason(int error, const struct physseg_reason *reason,
    const struct range *r, enum physseg_operation operation)
{
	char line[64];
	const size_t size = 1 + (size_t)r->n % sizeof(line);
	size_t length;

	must(reason->error == error && reason->operation == operation);
	must(reason->pfn == r->pfn && reason->n == r->n);
	length = physseg_strreason(reason, line, size);
	must(strlen(line) == (length < size ? length : size - 1));
	switch (error) {
	case PHYSSEG_EOVERLAP:
		for (size_t k = r->i; at(k) < reason->frame; k++)
			must(!is_there(k));
		must(is_there(place(reason->frame)));
		must(physseg_find(w.map, reason->frame, NULL) ==
		    reason->segment);
		break;
	case PHYSSEG_ENOENT:
	case PHYSSEG_ESPAN:
		for (size_t k = r->i; at(k) < reason->frame; k++)
			must(is_there(k));
		must(!is_there(place(reason->frame)));
		break;
	case PHYSSEG_EREMOVING:
		must(removal_over(place(reason->frame), 1) != NULL);
		break;
	case PHYSSEG_EINUSE:
		must(w.frames[place(reason->frame)].busy);
		break;
	case PHYSSEG_EREFUSED:
		must(reason->code == CODE);
		must((reason->listener == &w.vetoer) ==
		    (reason->stage == PHYSSEG_STAGE_LISTENER));
	}
}

/* Was it said what comes of an add?  Neither is true after an error. */
static void
added(const struct physseg_addition *add, const struct range *r, bool ok,
    physseg_t handle, unsigned char data)
{
	if (!ok) {
		must(handle == (physseg_t)(uintptr_t)12345);
		return;
	}
	add_segment(add, r->i, data);
	must(handle == physseg_find(w.map, r->pfn, NULL));
	follow_joins(r->i, r->i + (size_t)r->n);
}

static void
op_load(void)
{
	const struct range r = input_range();
	const unsigned x = input_byte(&w.in), y = input_byte(&w.in);
	struct physseg_addition add = { .pfn = r.pfn,
		.n = r.n,
		.reserved_low = x % 4 == 3 ? 1 + x / 4 % 8 : 0,
		.reserved_high = x / 32 == 7 ? 2 : 0,
		.free_list = y > 250 ? -1 : (int)y % 5 };
	physseg_pfn_t low = r.pfn + add.reserved_low;
	physseg_pfn_t high = r.pfn + r.n - add.reserved_high;
	physseg_t handle = (physseg_t)(uintptr_t)12345;
	struct verdict v = { .fails = false };
	int error;

	if_so(&v, w.running, PHYSSEG_EPHASE);
	if (r.window) {
		if_so(&v, low > high || low > r.pfn + r.n || high < r.pfn,
		    PHYSSEG_EINVAL);
		judge_add(&v, &add, &r);
		error = physseg_load(w.map, r.pfn, r.pfn + r.n, low, high,
		    add.free_list, &handle);
	} else { /* bounds that are none */
		judge_add(&v, &add, &r);
		perhaps(&v, true, PHYSSEG_EINVAL);
		v.fails = true;
		error = physseg_load(w.map, r.pfn, r.pfn + r.n, r.pfn,
		    r.pfn + r.n, add.free_list, &handle);
	}
	v.may[PHYSSEG_ENOHOTPLUG] = false;
	added(&add, &r, judge(&v, error), handle, 0);
}

static void
op_plug(void)
{
	const bool check = (w.how & 128) != 0;
	const struct range r = input_range();
	const unsigned x = input_byte(&w.in);
	struct physseg_addition add = {
		.pfn = r.pfn, .n = r.n, .free_list = x > 250 ? -1 : (int)x % 4
	};
	physseg_t handle = (physseg_t)(uintptr_t)12345;
	struct verdict v = { .fails = false };
	int error, would = PHYSSEG_OK;

	judge_add(&v, &add, &r);
	if (check)
		would = physseg_plug_check(w.map, r.pfn, r.n, add.free_list);
	error = physseg_plug(w.map, r.pfn, r.n, add.free_list, &handle);
	must(!check || w.refused != 0 || error == would ||
	    error == PHYSSEG_EREFUSED);
	added(&add, &r, judge(&v, error), handle, 0);
}

static void
op_add(void)
{
	const bool tells = (w.how & 64) != 0;
	const struct range r = input_range();
	const unsigned x = input_byte(&w.in), y = input_byte(&w.in);
	const unsigned z = input_byte(&w.in);
	static unsigned char data[4096];
	struct physseg_addition add = { .pfn = r.pfn,
		.n = r.n,
		.reserved_low = x % 8 == 7 ? 2 : 0,
		.reserved_high = x / 8 % 8 == 7 ? 1 : 0,
		.free_list = (int)(y % 4),
		.node = y / 4 == 63 ? -1 : (int)(y / 4 % NODES),
		.kind = y / 8 == 30 ? 5 : kinds[y / 8 % KINDS],
		.state = x / 64 % 2 == 0 ? PHYSSEG_ONLINE : PHYSSEG_OFFLINE,
		.source = (enum physseg_source)(z % 4 % 3),
		.data = x / 128 == 0 ? NULL : data };
	struct physseg_reason reason = { .error = -1 };
	physseg_t handle = (physseg_t)(uintptr_t)12345;
	struct verdict v = { .fails = false };
	int error;

	memset(data, (int)(x / 8 % 4), sizeof(data));
	if (add.source == PHYSSEG_FROM_CALLER && z / 4 != 63)
		add.pages = callers_page(r.i, z / 4 > 55 ? z / 4 : 0);
	if (add.source == PHYSSEG_FROM_RANGE && z / 4 == 63)
		add.pages = w.callers;
	judge_add(&v, &add, &r);
	error = physseg_add(w.map, &add, &handle, tells ? &reason : NULL);
	if (tells)
		check_reason(error, &reason, &r, PHYSSEG_OP_ADD);
	added(
	    &add, &r, judge(&v, error), handle, add.data == NULL ? 0 : data[0]);
}

static void
op_unplug(void)
{
	const bool tells = (w.how & 64) != 0;
	const struct range r = input_range();
	const unsigned x = input_byte(&w.in);
	struct physseg_reason reason = { .error = -1 };
	unsigned how = x % 8 > 3 ? PHYSSEG_REMOVE_UNPLUG : x % 4;
	/* With neither isolate nor listeners an unplug is the driver's word. */
	const bool asks =
	    x % 8 <= 3 || w.host.isolate != NULL || w.mirror_on || w.vetoer_on;
	struct verdict v = { .fails = false };
	int error;

	if (how == 0 || how == 2)
		if_so(&v, !w.running, PHYSSEG_EPHASE);
	/* Room to give back each part by itself. */
	perhaps(&v, !w.running && w.nparts != 0, PHYSSEG_ENOMEM);
	if (judge_range(&v, r.pfn, r.n) && r.window) {
		judge_remove(&v, r.i, (size_t)r.n, how);
		if (w.running && (how & PHYSSEG_REMOVE_FORCE) == 0 && asks)
			if_so(&v, any_busy(r.i, (size_t)r.n), PHYSSEG_EINUSE);
	}
	if (x % 8 > 3)
		error = physseg_unplug(w.map, r.pfn, r.n);
	else
		error = physseg_remove(
		    w.map, r.pfn, r.n, how, tells ? &reason : NULL);
	if (!judge(&v, error)) {
		if (x % 8 <= 3 && tells)
			check_reason(error, &reason, &r,
			    (how & PHYSSEG_REMOVE_UNPLUG) != 0
				? PHYSSEG_OP_UNPLUG
				: PHYSSEG_OP_OFFLINE);
		return;
	}
	if ((how & PHYSSEG_REMOVE_UNPLUG) != 0)
		apply_unplug(r.i, (size_t)r.n);
	else {
		apply_state(r.i, (size_t)r.n, true);
		follow_joins(r.i, r.i + (size_t)r.n);
	}
}

static void
op_online(void)
{
	const bool tells = (w.how & 64) != 0;
	const struct range r = input_range();
	struct physseg_reason reason = { .error = -1 };
	struct verdict v = { .fails = false };
	int error;

	if (judge_range(&v, r.pfn, r.n) && r.window) {
		judge_covered(&v, r.i, (size_t)r.n);
		judge_slots(&v, slots_for(r.i, (size_t)r.n, false, true));
		perhaps(&v, w.running && w.veto != 0 && w.vetoer_on,
		    PHYSSEG_EREFUSED);
	}
	error = physseg_online(w.map, r.pfn, r.n, tells ? &reason : NULL);
	if (tells)
		check_reason(error, &reason, &r, PHYSSEG_OP_ONLINE);
	if (judge(&v, error)) {
		apply_state(r.i, (size_t)r.n, false);
		follow_joins(r.i, r.i + (size_t)r.n);
	}
}

static void
op_begin(void)
{
	const bool tells = (w.how & 64) != 0;
	const struct range r = input_range();
	const unsigned x = input_byte(&w.in), how = x % 4;
	struct removal *removal = &w.removals[x / 4 % REMOVALS];
	struct physseg_removal *answer = NULL;
	struct physseg_reason reason = { .error = -1 };
	struct verdict v = { .fails = false };
	size_t slots = 0;
	int error;

	if (removal->removal != NULL)
		return;
	if_so(&v, !w.running, PHYSSEG_EPHASE);
	if_so(&v, x == 255, PHYSSEG_EINVAL);
	if (judge_range(&v, r.pfn, r.n) && r.window) {
		judge_remove(&v, r.i, (size_t)r.n, how);
		slots = slots_for(r.i, (size_t)r.n,
		    (how & PHYSSEG_REMOVE_UNPLUG) != 0, false);
	}
	error = physseg_remove_begin(w.map, r.pfn, r.n, x == 255 ? 4 : how,
	    &answer, tells ? &reason : NULL);
	if (judge(&v, error)) {
		*removal =
		    (struct removal){ answer, r.i, (size_t)r.n, slots, how, 0 };
		for (size_t k = r.i; k < r.i + (size_t)r.n; k++)
			removal->at_begin +=
			    w.host.isolate != NULL && is_busy(k);
	} else {
		must(answer == NULL);
		if (tells && x != 255)
			check_reason(error, &reason, &r,
			    (how & PHYSSEG_REMOVE_UNPLUG) != 0
				? PHYSSEG_OP_UNPLUG
				: PHYSSEG_OP_OFFLINE);
	}
}

static struct removal *
input_removal(void)
{
	struct removal *removal = &w.removals[input_byte(&w.in) % REMOVALS];

	return removal->removal == NULL ? NULL : removal;
}

static void
check_status(const struct removal *removal)
{
	struct physseg_remove_status status;
	physseg_pfn_t busy = 0, first = PHYSSEG_NOFRAME;

	for (size_t k = removal->at + removal->n; k-- > removal->at;)
		if (is_busy(k)) {
			busy++;
			first = at(k);
		}
	w.unchanged = true;
	physseg_remove_get_status(removal->removal, &status);
	w.unchanged = false;
	must(status.pfn == at(removal->at) && status.n == removal->n);
	must(status.busy == busy && status.first_busy == first);
	must(status.how == removal->how);
	must(status.at_begin == removal->at_begin);
}

static void
check_pieces(size_t i, size_t n, const struct physseg_pieces *pieces)
{
	const physseg_t below =
	    i == 0 ? PHYSSEG_NONE : physseg_find(w.map, at(i - 1), NULL);
	const physseg_t first = physseg_find(w.map, at(i), NULL);
	const physseg_t above = i + n == w.nframes
	    ? PHYSSEG_NONE
	    : physseg_find(w.map, at(i + n), NULL);
	const physseg_t last = physseg_find(w.map, at(i + n - 1), NULL);

	must(pieces->first == first);
	must(pieces->below == (below == first ? PHYSSEG_NONE : below));
	must(pieces->above == (above == last ? PHYSSEG_NONE : above));
}

static void
op_commit(void)
{
	const bool tells = (w.how & 64) != 0;
	struct removal *open = input_removal(), removal;
	struct physseg_reason reason = { .error = -1 };
	struct physseg_pieces pieces = { .below = PHYSSEG_NONE };
	struct verdict v = { .fails = false };
	bool busy = false;
	int error;

	if (open == NULL)
		return;
	removal = *open;
	check_status(open);
	for (size_t k = removal.at; k < removal.at + removal.n; k++)
		busy |= is_busy(k);
	if_so(&v, busy && (removal.how & PHYSSEG_REMOVE_FORCE) == 0,
	    PHYSSEG_EINUSE);
	error = physseg_remove_commit(
	    removal.removal, &pieces, tells ? &reason : NULL);
	must(error != PHYSSEG_ENOMEM);
	must(!tells || reason.error == error);
	if (!judge(&v, error))
		return;
	open->removal = NULL;
	if ((removal.how & PHYSSEG_REMOVE_UNPLUG) != 0)
		apply_unplug(removal.at, removal.n);
	else {
		apply_state(removal.at, removal.n, true);
		follow_joins(removal.at, removal.at + removal.n);
	}
	check_pieces(removal.at, removal.n, &pieces);
}

static void
op_cancel(void)
{
	struct removal *removal = input_removal();

	if (removal == NULL)
		return;
	check_status(removal);
	must(physseg_remove_cancel(removal->removal) == PHYSSEG_OK);
	removal->removal = NULL;
}

/* By the boot, for itself. */
static bool
may_be_taken(size_t i)
{
	return is_online(i) && w.frames[i].avail;
}

static void
op_unload(void)
{
	const bool force = (w.how & 128) != 0;
	size_t i, first, end;
	const physseg_t handle = input_handle(&i);
	const int list = (int)(input_byte(&w.in) % LISTS);
	physseg_pfn_t pfn = 12345;
	struct verdict v = { .fails = false };
	int error;

	if_so(&v, w.running, PHYSSEG_EPHASE);
	if_so(&v, i == FRAMES, PHYSSEG_ENOENT);
	perhaps(&v, w.nparts != 0, PHYSSEG_ENOMEM);
	first = i;
	if (i < FRAMES) {
		end = seg_end(i);
		if_so(&v, seg_of(i)->list != list, PHYSSEG_EINVAL);
		if (force || w.frames[i].avail)
			while (first < end && !may_be_taken(first))
				first++;
		else
			first = end - 1;
		if (first == end || !may_be_taken(first))
			if_so(&v, true, PHYSSEG_EEMPTY);
		else if (!w.running)
			judge_remove(&v, first, 1, PHYSSEG_REMOVE_UNPLUG);
	}
	error = force ? physseg_unload_force(w.map, handle, list, &pfn)
		      : physseg_unload(w.map, handle, list, &pfn);
	if (judge(&v, error)) {
		must(pfn == at(first));
		apply_unplug(first, 1);
	} else
		must(pfn == 12345);
}

static void
op_steal(void)
{
	physseg_pfn_t pfn = 12345;
	struct verdict v = { .fails = false };
	size_t first;
	int error;

	if_so(&v, w.running, PHYSSEG_EPHASE);
	first = 0;
	while (first < w.nframes && !may_be_taken(first))
		first++;
	if_so(&v, first == w.nframes, PHYSSEG_EEMPTY);
	perhaps(&v, !w.config.may_empty, PHYSSEG_ELAST);
	perhaps(&v, true, PHYSSEG_ENOSLOT);
	error = physseg_steal(w.map, &pfn);
	if (!judge(&v, error)) {
		must(pfn == 12345);
		/* One at an edge needs no slot; nor memory, until the map
		 * boots again. */
		for (size_t i = 0;
		     error == PHYSSEG_ENOSLOT && !w.again && i < w.nframes; i++)
			must(!may_be_taken(i) ||
			    (i > seg_start(i) && i + 1 < seg_end(i)));
		return;
	}
	first = place(pfn);
	must(may_be_taken(first));
	for (size_t i = 0; i < w.nframes && !w.again && w.config.may_empty; i++)
		must(!may_be_taken(i) ||
		    seg_of(i)->list >= seg_of(first)->list ||
		    (i > seg_start(i) && i + 1 < seg_end(i)));
	apply_unplug(first, 1);
}

static void
op_set_avail(void)
{
	size_t i;
	const physseg_t handle = input_handle(&i);
	const unsigned x = input_byte(&w.in), y = input_byte(&w.in);
	const physseg_pfn_t low = at(x % (FRAMES + 2)) - 1;
	const physseg_pfn_t high = at(y % (FRAMES + 2)) - 1;
	struct verdict v = { .fails = false };
	size_t end;

	if_so(&v, w.running, PHYSSEG_EPHASE);
	if_so(&v, i == FRAMES, PHYSSEG_ENOENT);
	end = i == FRAMES ? FRAMES : seg_end(i);
	if (i < FRAMES)
		if_so(&v,
		    low < at(i) || low > at(end) || high < at(i) ||
			high > at(end),
		    PHYSSEG_EINVAL);
	for (size_t k = i; k < end; k++)
		if_so(&v, w.frames[k].meta && at(k) >= low && at(k) < high,
		    PHYSSEG_EMETADATA);
	if (judge(&v, physseg_set_avail(w.map, handle, low, high)))
		for (size_t k = i; k < end; k++)
			w.frames[k].avail = at(k) >= low && at(k) < high;
}

/* A segment got its page structures. */
static void
apply_pages(size_t i)
{
	const size_t end = seg_end(i);

	for (; i < end; i++) {
		struct frame *f = &w.frames[i];

		f->paged = true;
		if (is_online(i)) {
			f->counted = f->avail;
			account(i, true, false);
		}
	}
}

/* An array to hand over, of memory that nobody else has. */
static char *
new_array(size_t n, int fill)
{
	const size_t size = n * w.config.page_size;
	char *mem;

	if (w.narrays == PARTS)
		return NULL;
	mem = take(size == 0 ? 1 : size, fill);
	w.arrays[w.narrays] = mem;
	w.array_pages[w.narrays++] = n;
	return mem;
}

/* The map may run from now on.  Then listeners are told everything. */
static void
start(void)
{
	w.starts = true;
	if (w.running)
		return;
	w.mirrors = w.mirror_on;
	for (size_t i = 0; i < w.nframes; i++) {
		w.frames[i].told = w.frames[i].told_online = false;
		w.frames[i].asked = 0;
	}
}

static void
op_switch(void)
{
	const unsigned x = input_byte(&w.in);
	struct verdict v = { .fails = false };
	size_t needs = 0, npages;
	char *pages = NULL;

	for (size_t i = 0; i < w.nframes; i++)
		needs += is_there(i) && !w.frames[i].paged;
	npages =
	    w.config.page_size == 0 || w.vmemmap != NULL ? 0 : needs + x % 8;
	if (x == 255 && npages > 0)
		npages--;
	if (npages != 0 && (pages = new_array(npages, 0x5a)) == NULL)
		return;
	if_so(&v, w.running, PHYSSEG_EPHASE);
	if (w.config.page_size != 0) {
		if_so(&v, count_there() == 0, PHYSSEG_ENOENT);
		if_so(&v, npages < needs && w.vmemmap == NULL, PHYSSEG_ESMALL);
		if_so(
		    &v, needs != 0 && w.host.page_init == NULL, PHYSSEG_EINVAL);
		perhaps(&v, npages != 0 && w.narrays > w.config.boot_slabs,
		    PHYSSEG_ENOMEM);
	}
	start();
	if (w.vmemmap != NULL && x == 255) {
		pages = w.vmemmap;
		npages = needs;
		if_so(&v, true, PHYSSEG_EINVAL);
	}
	if (!judge(&v, physseg_switch(w.map, pages, npages)))
		return;
	for (size_t i = 0; i < w.nframes; i = seg_end(i))
		if (is_there(i) && !w.frames[i].paged &&
		    w.config.page_size != 0)
			apply_pages(i);
	w.running = true;
}

static void
op_chomp(void)
{
	size_t i;
	const physseg_t handle = input_handle(&i);
	const unsigned x = input_byte(&w.in);
	size_t n = x % 40;
	struct verdict v = { .fails = false };
	char *pages;

	if (x == 255 && w.narrays > 0) {
		pages = w.arrays[0];
		n = w.array_pages[0];
	} else
		pages = new_array(n, 0x5a);
	if (pages == NULL)
		return;
	if_so(&v, i == FRAMES, PHYSSEG_ENOENT);
	if_so(&v, n == 0 || w.config.page_size == 0 || w.vmemmap != NULL,
	    PHYSSEG_EINVAL);
	perhaps(&v, x == 255, PHYSSEG_EINVAL);
	perhaps(&v, w.narrays > w.config.boot_slabs, PHYSSEG_ENOMEM);
	judge(&v, physseg_chomp_slab(w.map, handle, pages, n));
}

static void
op_part(void)
{
	size_t i;
	const physseg_t handle = input_handle(&i);
	const size_t n = input_byte(&w.in) % 24;
	struct physseg_stats stats;
	struct verdict v = { .fails = false };
	void *pages = NULL;
	int error;

	if (w.nparts == PARTS)
		return;
	physseg_get_stats(w.map, &stats);
	if_so(&v, i == FRAMES, PHYSSEG_ENOENT);
	if_so(&v, n == 0 || w.vmemmap != NULL, PHYSSEG_EINVAL);
	if_so(&v, n > stats.largest_free, PHYSSEG_ENOMEM);
	error = physseg_alloc_from_slab(w.map, handle, n, &pages);
	if (!judge(&v, error)) {
		must(pages == NULL);
		return;
	}
	for (size_t k = 0; k < n * w.config.page_size; k++)
		must(((char *)pages)[k] == 0);
	w.parts[w.nparts] = pages;
	w.part_pages[w.nparts++] = n;
}

/* Page structures for a segment: an array, a part of a slab, or what another
 * segment has. */
static void
op_init_seg(void)
{
	size_t i, n = 0, part = PARTS;
	const physseg_t handle = input_handle(&i);
	const unsigned x = input_byte(&w.in);
	struct verdict v = { .fails = false };
	char *pages;

	if (i < FRAMES)
		n = seg_end(i) - i;
	if (x % 4 == 3)
		pages = new_array(n, 0);
	else if (x % 4 == 2)
		pages = physseg_page(w.map, at(x / 4));
	else if (w.nparts != 0) {
		part = x / 4 % w.nparts;
		pages = w.part_pages[part] < n ? NULL : w.parts[part];
	} else
		pages = NULL;
	if_so(&v, i == FRAMES, PHYSSEG_ENOENT);
	if_so(&v,
	    (pages == NULL) != (w.vmemmap != NULL) || w.config.page_size == 0 ||
		(x % 4 == 2 && pages != NULL),
	    PHYSSEG_EINVAL);
	if (i < FRAMES) {
		if_so(&v, w.frames[i].paged || w.host.page_init == NULL,
		    PHYSSEG_EINVAL);
		if_so(&v, removal_over(i, n) != NULL, PHYSSEG_EREMOVING);
	}
	perhaps(
	    &v, x % 4 == 3 && w.narrays > w.config.boot_slabs, PHYSSEG_ENOMEM);
	if (!judge(&v, physseg_init_seg(w.map, handle, pages)))
		return;
	apply_pages(i);
	if (part < PARTS) {
		w.nparts--;
		w.parts[part] = w.parts[w.nparts];
		w.part_pages[part] = w.part_pages[w.nparts];
	}
}

static void
op_set_running(void)
{
	const bool running = input_byte(&w.in) % 2 != 0;
	struct verdict v = { .fails = false };
	bool open = false;

	for (size_t r = 0; r < REMOVALS; r++)
		open |= w.removals[r].removal != NULL;
	if_so(&v, w.running && !running && open, PHYSSEG_EREMOVING);
	perhaps(&v,
	    w.running && !running && !w.backend->bounded &&
		count_segs() > w.config.boot_records,
	    PHYSSEG_ENOSLOT);
	if (running)
		start();
	if (!judge(&v, physseg_set_running(w.map, running)))
		return;
	w.again |= w.running && !running;
	w.mirrors &= running;
	w.running = running;
}

static void
op_init_pages(void)
{
	size_t i, left = 0;
	const physseg_t handle = input_handle(&i);
	const physseg_pfn_t max = (physseg_pfn_t)input_byte(&w.in) % 12;
	struct verdict v = { .fails = false };
	physseg_pfn_t done = 12345;

	if_so(&v, w.config.page_size == 0 || max == 0, PHYSSEG_EINVAL);
	if_so(&v, i == FRAMES, PHYSSEG_ENOENT);
	if (i < FRAMES) {
		if_so(&v, !seg_of(i)->offline || !w.frames[i].paged,
		    PHYSSEG_ESTATE);
		if_so(&v, removal_over(i, seg_end(i) - i) != NULL,
		    PHYSSEG_EREMOVING);
		for (size_t k = i; k < seg_end(i); k++)
			left += w.frames[k].inits == 0;
	}
	w.unchanged = true;
	if (judge(&v, physseg_init_pages(w.map, handle, max, &done))) {
		size_t now = 0;

		if (w.host.page_init != NULL) {
			must(done == (left < max ? left : max));
			for (size_t k = i; k < seg_end(i); k++)
				now += w.frames[k].inits == 0;
			must(left - now == done);
		}
	} else
		must(done == 12345);
	w.unchanged = false;
}

static void
op_hint(void)
{
	size_t i;
	const physseg_t handle = input_handle(&i);
	const unsigned long hint = input_byte(&w.in) % 16;
	struct verdict v = { .fails = false };

	if_so(&v, i == FRAMES, PHYSSEG_ENOENT);
	if (judge(&v, physseg_set_start_hint(w.map, handle, hint)))
		seg_of(i)->hint = hint;
}

static void
op_data(void)
{
	size_t i;
	const physseg_t handle = input_handle(&i);
	const unsigned char data = (unsigned char)(input_byte(&w.in) % 4);
	struct physseg_info info;

	if (i == FRAMES)
		return;
	must(physseg_get_info(w.map, handle, &info) == PHYSSEG_OK);
	memset(info.data, data, w.config.data_size);
	seg_of(i)->data = data;
}

static void
op_busy(void)
{
	const struct range r = input_range();

	for (size_t k = r.i; r.window && k < r.i + (size_t)r.n; k++)
		w.frames[k].busy = !w.frames[k].busy;
}

static void
op_listen(void)
{
	const unsigned x = input_byte(&w.in);
	const bool replay = x % 4 < 3;

	if (x / 4 % 2 == 0 && !w.mirror_on) {
		w.mirror = (struct physseg_listener){ .notify = notify_mirror,
			.ctx = &w,
			.priority = (int)(x / 8) };
		for (size_t i = 0; i < w.nframes; i++) {
			w.frames[i].told = w.frames[i].told_online = false;
			w.frames[i].asked = 0;
		}
		w.mirrors = replay && w.running;
		must(physseg_listen(w.map, &w.mirror, replay) == PHYSSEG_OK);
		w.mirror_on = true;
	} else if (x / 4 % 2 == 0) {
		must(
		    physseg_listen(w.map, &w.mirror, replay) == PHYSSEG_EINVAL);
		must(physseg_unlisten(w.map, &w.mirror) == PHYSSEG_OK);
		must(physseg_unlisten(w.map, &w.mirror) == PHYSSEG_ENOENT);
		w.mirror_on = w.mirrors = false;
	} else if (!w.vetoer_on) {
		w.vetoer = (struct physseg_listener){ .notify = notify_vetoer,
			.priority = 16 };
		w.vetoer_on = true;
		must(physseg_listen(w.map, &w.vetoer, false) == PHYSSEG_OK);
	} else
		w.leaves = true;
}

static void
emit(void *arg, const char *text, size_t length)
{
	size_t *sum = arg;

	must(length == 0 || text[length - 1] != '\0');
	*sum += length;
}

/* Structures of another size are written so far and no farther. */
static void
op_sizes(void)
{
	const size_t size = input_byte(&w.in);
	unsigned char room[512], other[512];
	size_t i, sum = 0;
	const physseg_t handle = input_handle(&i);

	memset(room, 0xc3, sizeof(room));
	memset(other, 0x3c, sizeof(other));
	physseg_get_stats_sized(w.map, (void *)room, size);
	physseg_get_stats_sized(w.map, (void *)other, size);
	for (size_t k = 0; k < sizeof(room); k++)
		must(k < size ? room[k] == other[k]
			      : room[k] == 0xc3 && other[k] == 0x3c);
	memset(room, 0xc3, sizeof(room));
	if (physseg_get_info_sized(w.map, handle, (void *)room, size) != 0)
		must(i == FRAMES && room[0] == 0xc3);
	must(room[size] == 0xc3);
	must(physseg_dump(w.map, PHYSSEG_DUMP_TABLE, emit, &sum) == 0);
	must(physseg_dump(w.map, PHYSSEG_DUMP_JSON, emit, &sum) == 0);
	must(sum != 0);
}

static void
op_build(void)
{
	struct verdict v = { .fails = false };

	if_so(&v, !w.running, PHYSSEG_EPHASE);
	judge(&v, physseg_build(w.map));
}

static void
op_other(void)
{
	if (w.how % 4 == 0)
		op_sizes();
	else if (w.how % 4 == 1)
		op_build();
	else
		op_listen();
}

static void (*const ops[32])(void) = { op_load, op_load, op_plug, op_plug,
	op_plug, op_add, op_add, op_add, op_unplug, op_unplug, op_unplug,
	op_online, op_online, op_begin, op_begin, op_commit, op_commit,
	op_cancel, op_unload, op_steal, op_set_avail, op_switch, op_switch,
	op_chomp, op_part, op_init_seg, op_set_running, op_init_pages, op_hint,
	op_data, op_busy, op_other };

static void
step(void)
{
	const unsigned op = input_byte(&w.in), how = input_byte(&w.in);
	struct physseg_stats stats;

	w.how = how;
	w.fail_at = how % 8;
	w.refused = 0;
	w.veto = (how & 8) != 0 ? 1 + op / 32 : 0;
	w.refuses = (how & 16) != 0;
	w.meddles = (how & 32) != 0;
	w.told_leaves = false;
	w.starts = false;
	w.before = w.outstanding;
	physseg_get_stats(w.map, &stats);
	w.slabs = stats.slabs;
	ops[op % 32]();
	w.fail_at = 0;
	must(w.config.may_empty || stats.segments == 0 || count_there() != 0);
	compare();
}

/* ---- a world ---- */

static void
choose_host(void)
{
	const unsigned x = input_byte(&w.in), y = input_byte(&w.in);

	w.host = (struct physseg_host){ .panic = host_panic };
	if (x % 8 != 7) {
		w.host.alloc = host_alloc;
		w.host.free = host_free;
	}
	if ((x & 8) != 0 && w.host.alloc != NULL)
		w.host.alloc_raw = host_alloc_raw;
	if ((x & 16) != 0)
		w.host.log = host_log;
	if ((x & 32) != 0) {
		w.host.lock = host_lock;
		w.host.unlock = host_unlock;
	}
	if ((x & 64) != 0)
		w.host.sync = host_sync;
	if ((x & 128) != 0)
		w.host.reinit = host_reinit;
	if (y % 8 != 7) {
		w.host.page_init = host_page_init;
		w.host.page_frame = host_page_frame;
	}
	if (y % 8 < 6 && w.host.page_init != NULL)
		w.host.page_free = host_page_free;
	/* Those for one frame stay, so that a call of both is noticed. */
	if ((y & 128) != 0 && w.host.page_init != NULL)
		w.host.pages_init = host_pages_init;
	if ((y & 128) != 0 && w.host.page_free != NULL)
		w.host.pages_free = host_pages_free;
	if ((y & 8) != 0)
		w.host.account = host_account;
	if ((y & 16) != 0) {
		w.host.frames_map = host_frames_map;
		w.host.frames_unmap = host_frames_unmap;
	}
	if ((y & 32) != 0) {
		w.host.isolate = host_isolate;
		w.host.release = host_release;
		w.host.in_use = host_in_use;
	} else if ((y & 64) != 0)
		w.host.in_use = host_in_use;
}

static void
choose_frames(unsigned x)
{
	static const physseg_pfn_t none = PHYSSEG_NOFRAME;

	switch (x % 5) {
	case 0:
		w.base = 0;
		break;
	case 1:
		w.base = 1001;
		break;
	case 2:
		w.base = none - FRAMES;
		break;
	case 3:
		w.base = none - FRAMES / 2;
		break;
	default: /* where 32 bits end, if there are more */
		w.base = none / 2 > UINT32_MAX
		    ? (physseg_pfn_t)UINT32_MAX - FRAMES / 2
		    : none / 2;
	}
	w.limit = x / 5 % 3 == 0 ? none : w.base + FRAMES;
	if (x % 5 == 3 || w.limit < w.base)
		w.limit = none;
	if (x / 5 % 3 == 2 && w.limit != none)
		w.limit -= 5;
	w.config.frames = w.limit == none ? 0 : w.limit;
	w.nframes =
	    w.limit - w.base < FRAMES ? (size_t)(w.limit - w.base) : FRAMES;
}

/* The page structures of the window have fixed addresses.  What lies below it
 * is never asked for. */
static void
choose_vmemmap(unsigned x)
{
	static const size_t granules[] = { 1, 64, 256, GRANULE };
	struct physseg_config *c = &w.config;

	if (c->page_size == 0 || c->frames == 0 || w.base > 1001 ||
	    w.host.page_init == NULL)
		return;
	c->granule = granules[x / 4 % 4];
	w.fixed_size = (FRAMES * c->page_size / GRANULE + 3) * GRANULE;
	w.fixed = aligned_alloc(GRANULE, w.fixed_size);
	if (w.fixed == NULL)
		abort();
	memset(w.fixed, GONE, w.fixed_size);
	w.vmemmap = w.fixed + (x / 16 % 2) * 100;
	c->vmemmap =
	    (void *)((uintptr_t)w.vmemmap - (uintptr_t)w.base * c->page_size);
	c->present = w.present;
	w.host.commit = host_commit;
	w.host.decommit = host_decommit;
}

/* False: it is a configuration that is not valid. */
static bool
choose_config(void)
{
	static const size_t sizes[] = { 255, 256, 1000, 4095, 4096, 4097 };
	const unsigned x = input_byte(&w.in), y = input_byte(&w.in);
	const unsigned z = input_byte(&w.in);
	struct physseg_config *c = &w.config;
	unsigned s;
	size_t n = 0;

	while (physseg_backend_at(n) != NULL)
		n++;
	c->backend = physseg_backend_at(x % n);
	c->host = &w.host;
	c->ctx = &w;
	c->may_empty = (x & 16) != 0;
	c->coalesce = (x & 32) != 0;
	c->block = x / 64 == 3 ? 3 : (physseg_pfn_t)(x / 64);
	c->page_size = y < 250 ? y % 72 : sizes[y - 250];
	c->data_size = z < 250 ? z % 40 : z == 250 ? 4096 : z == 251 ? 4097 : 8;
	c->capacity = c->boot_records = input_byte(&w.in) % 24;
	s = input_byte(&w.in);
	c->boot_slabs = s % 4;
	choose_frames(input_byte(&w.in));
	if (s >= 192)
		choose_vmemmap(s);
	c->freelists = (int)(z / 64);
	c->frame_size = z / 64 == 3 ? 0 : FRAMESIZE;
	return z != 251;
}

/* What the map takes 0 for. */
static void
fill_config(void)
{
	struct physseg_config *c = &w.config;
	const size_t most = c->backend->max_segments;

	if (c->data_size == 0)
		c->data_size = sizeof(void *);
	if (c->capacity == 0)
		c->capacity = c->boot_records = 32;
	if (c->page_size != 0 && c->boot_slabs == 0)
		c->boot_slabs = 1;
	if (c->freelists == 0)
		c->freelists = LISTS;
	if (c->frame_size == 0)
		c->frame_size = 4096;
	w.capacity = c->backend->bounded ? c->capacity : most;
	if (most != 0 && most < w.capacity)
		w.capacity = most;
}

static bool
create(void)
{
	const bool valid = choose_config();
	const unsigned x = input_byte(&w.in);
	const size_t size = physseg_storage_size(&w.config), skew = x / 4;
	int error;

	w.backend = w.config.backend;
	must((size != 0) == valid);
	if (!valid) {
		must(physseg_create(&w.map, &w.config, NULL, 0) ==
		    PHYSSEG_EINVAL);
		return false;
	}
	must(size <=
	    PHYSSEG_STORAGE_SIZE(
		w.backend->bounded ? w.config.capacity : w.config.boot_records,
		w.config.boot_slabs, w.config.data_size));
	if (x % 4 == 0) {
		error = physseg_create(&w.map, &w.config, NULL, 0);
		if (!has(PHYSSEG_HOTPLUG))
			must(error == PHYSSEG_ENOHOTPLUG);
		else
			must(error ==
			    (w.host.alloc == NULL ? PHYSSEG_ENOMEM
						  : PHYSSEG_OK));
		w.running = error == PHYSSEG_OK;
		return w.running;
	}
	w.boots = x % 4 == 3;
	w.storage = malloc(size + skew);
	memset(w.storage, 0xa5, size + skew);
	must(physseg_create(&w.map, &w.config, w.storage + skew, size - 64) ==
	    PHYSSEG_ESMALL);
	must(physseg_create(&w.map, &w.config, w.storage + skew, size) ==
	    PHYSSEG_OK);
	return true;
}

/* Boot as most machines do, so that it need not be found by chance. */
static void
boot(void)
{
	static const uint8_t calls[] = {
		0, 0, 2, 12, 0, 0, /* load [2, 14) on list 0 */
		0, 0, 20, 9, 7, 1, /* load [20, 29) on list 1, one reserved */
		21, 0, 7	   /* switch, with 7 pages to spare */
	};
	const struct input in = w.in;

	w.in = (struct input){ calls, sizeof(calls) };
	while (w.in.left > 0)
		step();
	w.in = in;
}

static void
free_world(void)
{
	for (size_t k = 0; k < w.narrays; k++) {
		struct block *block = block_of(w.arrays[k]);

		free(block->mem);
		*block = (struct block){ .mem = NULL };
	}
	for (size_t k = 0; k < BLOCKS; k++)
		must(w.blocks[k].mem == NULL);
	must(w.outstanding == 0);
	for (size_t k = 0; k < sizeof(w.present) / sizeof(w.present[0]); k++)
		must(w.present[k] == 0);
	must(w.fixed == NULL || is_gone(w.fixed, w.fixed_size));
	free(w.fixed);
	free(w.callers);
	free(w.storage);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(&w, 0, sizeof(w));
	w.in = (struct input){ data, size };
	for (size_t i = 0; i < FRAMES; i++)
		w.frames[i].seg = -1;
	choose_host();
	if (create()) {
		fill_config();
		w.callers_size = (FRAMES + 1) * w.config.page_size + 64;
		w.callers = malloc(w.callers_size);
		memset(w.callers, 0x5a, w.callers_size);
		if (w.boots)
			boot();
		for (int n = 0; n < STEPS && w.in.left > 0; n++)
			step();
		physseg_destroy(w.map);
	}
	free_world();
	return 0;
}
