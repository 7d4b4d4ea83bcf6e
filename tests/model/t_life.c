/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/model/t_life.c -- memory in use against a model of single frames, on
 * all backends at once.
 *
 * A scene has a map on every backend, with the same configuration.  It boots
 * with a few segments, is switched, and then the same operations are tried on
 * each map: adds with all attributes, ranges that are unplugged, taken offline
 * and online, removals of which several are open, page structures that are
 * initialised ahead.  Allocations fail, listeners and the host refuse, frames
 * are in use.
 *
 * The model of a map says of each frame whether it is registered, online,
 * available, what its attributes are, and where its page structure is.  It
 * knows segments only where their number matters, and asks the map for that.
 * Before an operation it says which errors are right: any of those that apply,
 * and success if none does.  What a backend cannot do is told by its
 * capabilities.
 *
 * After each operation everything that the map says of every frame is compared,
 * and what the hooks and a listener were told.  A failure prints the command
 * that runs its scene again.  --steps N: N operations in each scene.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#define FRAMES	 224 /* of the window, */
#define FEW	 24  /* and as many as are used in some scenes */
#define STEPS	 250
#define SCENES	 24
#define REMOVALS 4
#define FRAME	 256 /* bytes, as the map is told */
#define CODE	 77  /* of who refuses */
#define LISTS	 5
#define NODES	 2
#define KINDS	 3

/* Every page structure of the tests. */
struct page {
	physseg_pfn_t pfn;
	uintptr_t inits; /* since it was zeroed, or was its caller's */
	uintptr_t frees;
};

/* What is known of a frame. */
struct frame {
	bool registered, online, avail;
	bool busy, isolated; /* as the host has it */
	bool meta;	     /* it holds page structures, */
	int range;	     /* of so many an add; 0: not from its range */
	bool caller;	     /* its page structure is the caller's */
	int list, node, kind, data;
	const struct page *page; /* while it is online */
	unsigned inits;		 /* calls of page_init since it came, or left */

	/* As the listener was told. */
	bool told_registered, told_online;
	int asked;
};

/* Frames of one list, node and kind. */
struct sums {
	physseg_pfn_t counted;
	physseg_pfn_t frames; /* online, from the switch on */
};

struct removal {
	struct physseg_removal *removal;
	size_t at, n;
	unsigned how;
	size_t slots;
	physseg_pfn_t start, stop; /* its segments lie within */
};

/* A map, and all that is about it. */
struct world {
	const struct physseg_backend *backend;
	struct physseg_host host;
	struct physseg_config config;
	struct physseg_map *map;
	void *storage;
	struct page *switched;
	struct page callers[FRAMES];
	struct frame frames[FRAMES];
	struct removal removals[REMOVALS];
	struct physseg_listener mirror, veto;
	bool running;
	bool refuses;	/* the host's isolate */
	size_t fail_at; /* the allocation to fail; 0: none */
	size_t failed;
	size_t bytes;			       /* of the host's */
	struct sums told[LISTS][NODES][KINDS]; /* by `account' */
	int ranges; /* adds from their own range so far */
};

static struct world worlds[TEST_BACKENDS];
static size_t nworlds;
static physseg_pfn_t base;
static size_t nframes; /* of the window, in this scene */
static char said[256]; /* which scene, and what is tried */
static char doing[128];
static unsigned long vetoes; /* the listener refuses this time; 0: none */
static struct test_rng rng;
static unsigned long successes; /* of operations */
static bool calm;		/* nothing fails, nobody refuses */
static bool many; /* the hosts have the page hooks for many frames */

static _Noreturn void
wrong(const struct world *w, const char *what, size_t i)
{
	test_failed(what);
	ck_abort_msg("%s; %s, %s: frame 0x%" PRIx64 ": %s", said,
	    w->backend->name, doing, (uint64_t)(base + (physseg_pfn_t)i), what);
}

static void
must(const struct world *w, bool right, const char *what, size_t i)
{
	if (!right)
		wrong(w, what, i);
}

static physseg_pfn_t
at(size_t i)
{
	return base + (physseg_pfn_t)i;
}

static bool
can(const struct world *w, enum physseg_capability capability)
{
	return (w->backend->capabilities & (unsigned)capability) != 0;
}

static bool
drawn(uint64_t one_in)
{
	return test_random_below(&rng, one_in) == 0;
}

/* ---- the host ---- */

static void *
host_alloc(void *ctx, size_t size)
{
	struct world *w = ctx;

	if (w->fail_at != 0 && --w->fail_at == 0) {
		w->failed++;
		return NULL;
	}
	w->bytes += size;
	return calloc(1, size);
}

/* What need not be zeroed is not. */
static void *
host_alloc_raw(void *ctx, size_t size)
{
	void *p = host_alloc(ctx, size);

	return p == NULL ? NULL : memset(p, 0xa5, size);
}

static void
host_free(void *ctx, void *p, size_t size)
{
	struct world *w = ctx;

	w->bytes -= size;
	memset(p, 0xdb, size);
	free(p);
}

static _Noreturn void
host_panic(void *ctx, const char *reason)
{
	wrong(ctx, reason, 0);
}

static size_t
place(physseg_pfn_t pfn)
{
	return (size_t)(pfn - base);
}

static struct frame *
frame_of(struct world *w, physseg_pfn_t pfn)
{
	must(w, pfn - base < FRAMES, "no frame of the window", 0);
	return &w->frames[pfn - base];
}

static bool
is_callers(const struct world *w, const struct page *page)
{
	return (uintptr_t)page - (uintptr_t)w->callers < sizeof(w->callers);
}

static void
host_page_init(void *ctx, void *p, physseg_pfn_t pfn)
{
	struct world *w = ctx;
	struct page *page = p;

	must(w,
	    is_callers(w, page) ||
		(page->pfn == 0 && page->inits == 0 && page->frees == 0),
	    "a page structure that is initialised is not zeroed", place(pfn));
	*page = (struct page){ pfn, 1, 0 };
	frame_of(w, pfn)->inits++;
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct page *)page)->pfn;
}

static void
host_page_free(void *ctx, void *page)
{
	(void)ctx;
	((struct page *)page)->frees++;
}

static void
host_pages_init(void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct page *page = pages;

	for (physseg_pfn_t k = 0; k < n; k++)
		host_page_init(ctx, &page[k], pfn + k);
}

static void
host_pages_free(void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct page *page = pages;

	for (physseg_pfn_t k = 0; k < n; k++) {
		must(ctx, page[k].pfn == pfn + k,
		    "the page of another frame is freed", place(pfn + k));
		host_page_free(ctx, &page[k]);
	}
}

static void
host_account(void *ctx, const struct physseg_account *what)
{
	const physseg_pfn_t none = 0;
	struct world *w = ctx;
	struct sums *sums = &w->told[what->free_list][what->node][what->kind];

	sums->counted += what->added ? what->counted : none - what->counted;
	sums->frames += what->added ? what->frames : none - what->frames;
}

static int
host_isolate(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy)
{
	struct world *w = ctx;
	struct frame *f;

	if (w->refuses)
		return CODE;
	*busy = 0;
	for (physseg_pfn_t i = 0; i < n; i++) {
		f = frame_of(w, pfn + i);
		must(w, f->online && !f->meta && !f->isolated,
		    "what cannot be isolated is", place(pfn + i));
		f->isolated = true;
		*busy += f->busy;
	}
	return 0;
}

static void
host_release(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct world *w = ctx;

	for (physseg_pfn_t i = 0; i < n; i++) {
		must(w, frame_of(w, pfn + i)->isolated,
		    "what is not isolated is released", place(pfn + i));
		frame_of(w, pfn + i)->isolated = false;
	}
}

static physseg_pfn_t
host_in_use(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct world *w = ctx;

	for (physseg_pfn_t i = 0; i < n; i++)
		must(w, frame_of(w, pfn + i)->isolated,
		    "what is not isolated is asked about", place(pfn + i));
	for (physseg_pfn_t i = 0; i < n; i++)
		if (frame_of(w, pfn + i)->busy)
			return pfn + i;
	return PHYSSEG_NOFRAME;
}

static void *
host_frames_map(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	(void)pfn;
	return calloc((size_t)n, FRAME);
}

static void
host_frames_unmap(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, void *mem)
{
	(void)ctx;
	(void)pfn;
	memset(mem, 0xdb, (size_t)n * FRAME);
	free(mem);
}

/* ---- the listeners ---- */

static int
notify_mirror(
    struct physseg_listener *listener, const struct physseg_change *change)
{
	struct world *w = listener->ctx;

	for (physseg_pfn_t i = 0; i < change->n; i++) {
		struct frame *f = frame_of(w, change->pfn + i);
		const size_t at_i = place(change->pfn + i);

		switch (change->event) {
		case PHYSSEG_ADDED:
			must(w, !f->told_registered, "added twice", at_i);
			f->told_registered = true;
			break;
		case PHYSSEG_GOING_ONLINE:
		case PHYSSEG_GOING_OFFLINE:
			f->asked++;
			break;
		case PHYSSEG_NOW_ONLINE:
			must(w, !f->told_online, "online twice", at_i);
			f->told_online = true;
			f->asked -= w->running;
			break;
		case PHYSSEG_NOW_OFFLINE:
			must(w, f->told_online, "offline twice", at_i);
			f->told_online = false;
			f->asked--;
			break;
		case PHYSSEG_ONLINE_CANCELLED:
		case PHYSSEG_OFFLINE_CANCELLED:
			f->asked--;
			break;
		case PHYSSEG_UNPLUGGED:
			must(w, f->told_registered && !f->told_online,
			    "unplugged too early", at_i);
			f->told_registered = false;
			break;
		}
		if (f->registered)
			must(w,
			    change->free_list == f->list &&
				change->node == f->node &&
				change->kind == f->kind,
			    "an event of other attributes", at_i);
	}
	return 0;
}

static int
notify_veto(
    struct physseg_listener *listener, const struct physseg_change *change)
{
	(void)listener;
	if (change->event != PHYSSEG_GOING_ONLINE &&
	    change->event != PHYSSEG_GOING_OFFLINE)
		return 0;
	return vetoes != 0 && --vetoes == 0 ? CODE : 0;
}

/* ---- what is right ---- */

/* Errors of an operation that apply; with none it must succeed. */
struct verdict {
	bool may[PHYSSEG_NERRORS];
	bool none; /* of them applies for certain */
};

static void
add_error(struct verdict *v, bool applies, int error)
{
	if (!applies)
		return;
	v->may[error] = true;
	v->none = false;
}

/* One that may come, or not. */
static void
add_maybe(struct verdict *v, bool applies, int error)
{
	v->may[error] |= applies;
}

static bool
is_there(const struct world *w, physseg_pfn_t pfn)
{
	return pfn - base < FRAMES && w->frames[pfn - base].registered;
}

/* Is it a bound of a block, or does registered memory end there? */
static bool
is_aligned(const struct world *w, physseg_pfn_t pfn)
{
	return w->config.block <= 1 || !w->running ||
	    pfn % w->config.block == 0 ||
	    is_there(w, pfn) != is_there(w, pfn - 1);
}

static size_t
count_online(const struct world *w, size_t i, size_t n)
{
	size_t sum = 0;

	for (; n > 0; n--, i++)
		sum += w->frames[i].online;
	return sum;
}

static size_t
count_registered(const struct world *w)
{
	size_t sum = 0;

	for (size_t i = 0; i < FRAMES; i++)
		sum += w->frames[i].registered;
	return sum;
}

static bool
is_leaving(const struct world *w, size_t i)
{
	for (size_t r = 0; r < REMOVALS; r++)
		if (w->removals[r].removal != NULL &&
		    i - w->removals[r].at < w->removals[r].n)
			return true;
	return false;
}

/* Must the host have isolated it?  If it refused and that was not obeyed, it
 * has not. */
static bool
isolated_right(const struct world *w, size_t i)
{
	const struct frame *f = &w->frames[i];

	for (size_t r = 0; r < REMOVALS; r++) {
		const struct removal *removal = &w->removals[r];

		if (removal->removal != NULL && i - removal->at < removal->n)
			return (removal->how & PHYSSEG_REMOVE_FORCE) != 0 ||
			    f->isolated == (f->online && !f->meta);
	}
	return !f->isolated;
}

static size_t
room(const struct world *w)
{
	struct physseg_stats stats;
	size_t most = w->backend->max_segments, held = 0;

	if (w->backend->bounded)
		most = w->config.capacity != 0 ? w->config.capacity : 32;
	if (w->backend->bounded && w->backend->max_segments != 0 &&
	    w->backend->max_segments < most)
		most = w->backend->max_segments;
	if (most == 0)
		return SIZE_MAX;
	for (size_t r = 0; r < REMOVALS; r++)
		if (w->removals[r].removal != NULL)
			held += w->removals[r].slots;
	physseg_get_stats(w->map, &stats);
	must(w, stats.segments + held <= most, "more segments than slots", 0);
	return most - stats.segments - held;
}

/* Segments more that a change of [i, i + n) makes. */
static size_t
slots_for(const struct world *w, size_t i, size_t n, bool unplug, bool online)
{
	const physseg_pfn_t end = at(i + n);
	struct physseg_info info;
	size_t slots = 0;
	bool front, back;

	for (physseg_pfn_t pfn = at(i); pfn < end; pfn = info.end) {
		if (physseg_get_info(
			w->map, physseg_find(w->map, pfn, NULL), &info) != 0)
			return slots;
		front = info.start < at(i);
		back = info.end > end;
		if (unplug)
			slots += front && back;
		else if ((info.state == PHYSSEG_OFFLINE) == online)
			slots += (size_t)front + back;
	}
	return slots;
}

/* Metadata of which a part of their range stays. */
static bool
cuts_metadata(const struct world *w, size_t i, size_t n, bool unplug)
{
	for (size_t k = i; k < i + n; k++) {
		const struct frame *f = &w->frames[k];

		if (!f->meta || (!unplug && !f->online))
			continue;
		for (size_t o = 0; o < FRAMES; o++)
			if (w->frames[o].range == f->range &&
			    (o < i || o >= i + n))
				return true;
	}
	return false;
}

/* What every change of a range has. */
static void
judge_range(const struct world *w, size_t i, size_t n, struct verdict *v)
{
	*v = (struct verdict){ .none = true };
	add_error(v, !w->frames[i].registered, PHYSSEG_ENOENT);
	for (size_t k = i; k < i + n; k++) {
		add_error(v, k > i && !w->frames[k].registered, PHYSSEG_ESPAN);
		add_error(v, is_leaving(w, k), PHYSSEG_EREMOVING);
	}
	add_error(v, !is_aligned(w, at(i)) || !is_aligned(w, at(i + n)),
	    PHYSSEG_EALIGN);
}

static void
judge_remove(
    const struct world *w, size_t i, size_t n, unsigned how, struct verdict *v)
{
	const bool unplug = (how & PHYSSEG_REMOVE_UNPLUG) != 0;
	const bool force = (how & PHYSSEG_REMOVE_FORCE) != 0;
	size_t stays = count_online(w, 0, FRAMES), online;

	judge_range(w, i, n, v);
	for (size_t k = 0; k < FRAMES; k++)
		stays -= is_leaving(w, k) && w->frames[k].online;
	online = count_online(w, i, n);
	add_error(v,
	    !w->config.may_empty &&
		(online != 0 ? stays <= online
			     : unplug && count_registered(w) == n),
	    PHYSSEG_ELAST);
	add_error(v, cuts_metadata(w, i, n, unplug), PHYSSEG_EMETADATA);
	add_error(
	    v, slots_for(w, i, n, unplug, false) > room(w), PHYSSEG_ENOSLOT);
	for (size_t k = i; k < i + n && !force; k++)
		add_error(v,
		    w->refuses && w->frames[k].online && !w->frames[k].meta,
		    PHYSSEG_EREFUSED);
	add_maybe(v, vetoes != 0 && !force, PHYSSEG_EREFUSED);
}

static bool
is_busy(const struct frame *f)
{
	return f->online && f->busy && !f->meta;
}

static size_t
first_busy(const struct world *w, size_t i, size_t n)
{
	for (size_t k = i; k < i + n; k++)
		if (is_busy(&w->frames[k]))
			return k;
	return FRAMES;
}

/* The same of what the host has isolated. */
static size_t
first_known(const struct world *w, size_t i, size_t n)
{
	for (size_t k = i; k < i + n; k++)
		if (is_busy(&w->frames[k]) && w->frames[k].isolated)
			return k;
	return FRAMES;
}

/* ---- what is ---- */

static void
compare_frame(struct world *w, size_t i)
{
	struct frame *f = &w->frames[i];
	struct physseg_found found;
	physseg_pfn_t offset = 0;
	const physseg_t handle = physseg_find(w->map, at(i), &offset);
	const struct page *page = physseg_page(w->map, at(i));
	const bool paged = w->config.page_size != 0;

	must(w, (handle != PHYSSEG_NONE) == f->registered, "registered", i);
	must(w, physseg_lookup(w->map, at(i), &found) == f->registered,
	    "looked up", i);
	must(w,
	    physseg_free_list(w->map, at(i)) == (f->registered ? f->list : -1),
	    "free list", i);
	must(w,
	    f->told_registered == (w->running && f->registered) &&
		f->told_online == (w->running && f->online),
	    "what the listener was told", i);
	must(w, f->asked == (is_leaving(w, i) && f->online),
	    "what it was asked", i);
	must(w, isolated_right(w, i), "isolated", i);
	if (!f->registered || !f->online)
		must(w, page == NULL, "a page of what is not online", i);
	if (!f->registered)
		return;
	must(w,
	    found.handle == handle && found.offset == offset &&
		found.start + offset == at(i) && found.end > at(i) &&
		found.page == page && found.free_list == f->list &&
		found.node == f->node && found.kind == f->kind &&
		*(int *)found.data == f->data &&
		(found.state == PHYSSEG_ONLINE) == f->online,
	    "what is found", i);
	if (!paged || !f->online || (!w->running && !f->caller))
		return;
	must(w, page != NULL && page->pfn == at(i), "its page", i);
	must(w, f->page == NULL || f->page == page, "another page", i);
	must(w, !f->caller || page == &w->callers[i], "not the caller's", i);
	must(w, page->inits == 1 && f->inits == 1 && page->frees == f->avail,
	    "how often it was initialised or freed", i);
	must(w, physseg_frame(w->map, page) == at(i), "its page's frame", i);
	f->page = page;
}

static bool
counts(const struct world *w, const struct frame *f)
{
	return f->online && f->avail && w->config.page_size != 0 &&
	    (w->running || f->caller);
}

static void
compare_segment(const struct world *w, physseg_t handle, physseg_pfn_t *frames)
{
	struct physseg_info info;

	must(w, physseg_get_info(w->map, handle, &info) == 0, "no info", 0);
	must(w, physseg_valid(w->map, handle), "valid", place(info.start));
	for (physseg_pfn_t pfn = info.start; pfn < info.end; pfn++) {
		const struct frame *f = &w->frames[pfn - base];

		must(w, physseg_find(w->map, pfn, NULL) == handle,
		    "not the segment of its frame", place(pfn));
		must(w,
		    f->avail ==
			(pfn >= info.avail_start && pfn < info.avail_end),
		    "available", place(pfn));
		must(w,
		    (info.state == PHYSSEG_ONLINE) == f->online &&
			info.free_list == f->list && info.node == f->node &&
			info.kind == f->kind && *(int *)info.data == f->data,
		    "attributes", place(pfn));
		++*frames;
	}
}

/* After a change at this bound: are there two segments that could be one? */
static void
compare_joined(const struct world *w, size_t i)
{
	struct physseg_info a, b;

	if (!w->config.coalesce || i == 0 ||
	    physseg_get_info(
		w->map, physseg_find(w->map, at(i) - 1, NULL), &a) != 0 ||
	    physseg_get_info(w->map, physseg_find(w->map, at(i), NULL), &b) !=
		0 ||
	    a.end != b.start || a.free_list != b.free_list ||
	    a.node != b.node || a.kind != b.kind || a.state != b.state ||
	    *(int *)a.data != *(int *)b.data || a.pages == NULL ||
	    (struct page *)a.pages + (a.end - a.start) != b.pages)
		return;
	for (physseg_pfn_t pfn = a.start; pfn < b.end; pfn++)
		if (is_leaving(w, place(pfn)))
			return;
	must(w,
	    a.avail_end != b.avail_start || a.avail_start >= a.avail_end ||
		b.avail_start >= b.avail_end,
	    "segments that could be joined", i);
}

static void
compare_covers(const struct world *w)
{
	const size_t i = test_random_size(&rng, FRAMES);
	const size_t n = 1 + test_random_size(&rng, FRAMES - i);
	const bool online = drawn(2);
	size_t k = i;
	physseg_pfn_t missing = at(FRAMES);

	while (k < i + n &&
	    (online ? w->frames[k].online : w->frames[k].registered))
		k++;
	must(w,
	    physseg_covers(w->map, at(i), (physseg_pfn_t)n, online, &missing) ==
		(k == i + n),
	    "covers", i);
	must(w, missing == (k == i + n ? at(FRAMES) : at(k)), "missing", i);
}

/* Its segments may be cut beside it, and are not joined with others. */
static void
set_bounds(const struct world *w, struct removal *removal)
{
	struct physseg_info info;

	for (size_t k = removal->at; k < removal->at + removal->n; k++) {
		must(w,
		    physseg_get_info(
			w->map, physseg_find(w->map, at(k), NULL), &info) == 0,
		    "no info", k);
		if (k == removal->at)
			removal->start = info.start;
		removal->stop = info.end;
	}
}

static void
compare_removal(const struct world *w, const struct removal *removal)
{
	struct removal now = *removal;

	set_bounds(w, &now);
	must(w, now.start >= removal->start && now.stop <= removal->stop,
	    "joined beside a removal", removal->at);
}

/* What the host was told adds up to what is there. */
static void
compare_account(const struct world *w)
{
	struct sums there[LISTS][NODES][KINDS];

	memset(there, 0, sizeof(there));
	for (size_t i = 0; i < FRAMES; i++) {
		const struct frame *f = &w->frames[i];
		struct sums *sums = &there[f->list][f->node][f->kind];

		sums->counted += counts(w, f);
		sums->frames += w->running && f->online;
	}
	must(w, memcmp(there, w->told, sizeof(there)) == 0,
	    "what the host was told", 0);
}

static void
compare_all(struct world *w)
{
	const char *broken = physseg_check(w->map);
	struct physseg_stats stats;
	physseg_pfn_t frames = 0, online = 0, counted = 0, registered = 0;
	physseg_pfn_t metadata = 0;
	size_t removals = 0;
	physseg_t h;

	must(w, broken == NULL, broken, 0);
	for (size_t i = 0; i < FRAMES; i++) {
		compare_frame(w, i);
		registered += w->frames[i].registered;
		online += w->frames[i].online;
		counted += counts(w, &w->frames[i]);
		metadata += w->frames[i].meta;
	}
	PHYSSEG_FOREACH(h, w->map)
		compare_segment(w, h, &frames);
	for (size_t r = 0; r < REMOVALS; r++)
		if (w->removals[r].removal != NULL) {
			compare_removal(w, &w->removals[r]);
			removals++;
		}
	physseg_get_stats(w->map, &stats);
	must(w,
	    frames == registered && stats.frames == registered &&
		stats.online == online && stats.metadata == metadata &&
		stats.removals == removals,
	    "statistics", 0);
	must(w, stats.counted == counted, "counted pages", 0);
	compare_account(w);
	must(w, stats.host_bytes == w->bytes, "the host's bytes", 0);
	compare_covers(w);
}

/* ---- operations ---- */

/* What was before, to be compared after an error. */
struct before {
	size_t bytes, failed;
	struct verdict verdict;
	physseg_t first, last; /* of the range and beside it: who keeps it */
	size_t start, end;
};

static bool
is_right(const struct world *w, const struct before *b, int error)
{
	if (error == PHYSSEG_OK)
		return b->verdict.none;
	if (error == PHYSSEG_ENOMEM)
		return w->failed != b->failed;
	return b->verdict.may[error];
}

static void
begin(struct world *w, struct before *b)
{
	b->bytes = w->bytes;
	b->failed = w->failed;
	if (calm)
		return;
	if (drawn(4))
		w->fail_at = 1 + test_random_size(&rng, 6);
	w->refuses = w->running && drawn(16);
	vetoes = drawn(8) ? 1 + test_random_size(&rng, 3) : 0;
}

/* After an error all is as before; the model is not told. */
static bool
end(struct world *w, const struct before *b, int error)
{
	char text[64];

	w->fail_at = 0;
	vetoes = 0;
	if (!is_right(w, b, error)) {
		snprintf(text, sizeof(text), "answered: %s",
		    physseg_strerror(error));
		wrong(w, text, 0);
	}
	if (error != PHYSSEG_OK)
		must(w, w->bytes == b->bytes, "bytes after an error", 0);
	successes += error == PHYSSEG_OK;
	return error == PHYSSEG_OK;
}

/* Frames are gone, or out of use. */
static void
model_leave(struct world *w, size_t i, size_t n, bool unplug)
{
	for (size_t k = i; k < i + n; k++) {
		struct frame *f = &w->frames[k];

		if (unplug || f->online)
			f->inits = 0;
		f->online = f->isolated = f->busy = false;
		f->page = NULL;
		if (unplug) {
			f->registered = f->avail = f->meta = f->caller = false;
			f->range = 0;
		}
	}
}

/* Remember whose frames the range's first and last are. */
static void
see_handles(const struct world *w, size_t i, size_t n, struct before *b)
{
	struct physseg_info info;

	b->first = physseg_find(w->map, at(i), NULL);
	b->last = physseg_find(w->map, at(i + n - 1), NULL);
	b->start = i;
	b->end = i + n;
	if (physseg_get_info(w->map, b->first, &info) == 0)
		b->start = (size_t)(info.start - base);
	if (physseg_get_info(w->map, b->last, &info) == 0)
		b->end = (size_t)(info.end - base);
}

/* A part that stays keeps the handle: the front if there is one, else the
 * back. */
static void
compare_handles(
    const struct world *w, size_t i, size_t n, const struct before *b)
{
	const bool front = b->start<i, back = b->end> i + n;

	if (can(w, PHYSSEG_POSITION) || w->config.coalesce)
		return;
	if (front)
		must(w, physseg_find(w->map, at(b->start), NULL) == b->first,
		    "the front has another handle", i);
	if (back && (!front || b->first != b->last))
		must(w, physseg_find(w->map, at(b->end - 1), NULL) == b->last,
		    "the back has another handle", i);
}

struct op {
	size_t i, n;
	unsigned how;
	size_t r; /* of removals[] */
	struct physseg_addition add;
};

static void
judge_add(const struct world *w, const struct op *op, struct verdict *v)
{
	const struct physseg_addition *add = &op->add;
	const bool paged = w->config.page_size != 0;

	*v = (struct verdict){ .none = true };
	for (size_t k = op->i; k < op->i + op->n; k++)
		add_error(v, w->frames[k].registered, PHYSSEG_EOVERLAP);
	add_error(
	    v, w->running && !can(w, PHYSSEG_HOTPLUG), PHYSSEG_ENOHOTPLUG);
	add_error(v,
	    !is_aligned(w, at(op->i)) || !is_aligned(w, at(op->i + op->n)),
	    PHYSSEG_EALIGN);
	add_error(v, add->free_list > 3 || add->kind < 0, PHYSSEG_EINVAL);
	add_error(
	    v, !paged && add->source != PHYSSEG_FROM_SLAB, PHYSSEG_EINVAL);
	add_error(v, paged && !w->running && add->source == PHYSSEG_FROM_RANGE,
	    PHYSSEG_EPHASE);
	if (room(w) == 0 && w->config.coalesce)
		add_maybe(v, true, PHYSSEG_ENOSLOT);
	else
		add_error(v, room(w) == 0, PHYSSEG_ENOSLOT);
	add_maybe(v, add->source == PHYSSEG_FROM_RANGE, PHYSSEG_EINVAL);
	add_maybe(v, vetoes != 0 && w->running && add->state == PHYSSEG_ONLINE,
	    PHYSSEG_EREFUSED);
}

static void
model_add(struct world *w, const struct op *op, size_t metadata)
{
	const struct physseg_addition *add = &op->add;
	const bool in_range = add->source == PHYSSEG_FROM_RANGE;

	w->ranges += in_range;
	for (size_t k = 0; k < op->n; k++)
		w->frames[op->i + k] = (struct frame){ .registered = true,
			.online = add->state == PHYSSEG_ONLINE,
			.avail = k >= add->reserved_low &&
			    k < op->n - (size_t)add->reserved_high &&
			    k >= metadata,
			.meta = k < metadata,
			.range = in_range ? w->ranges : 0,
			.caller = add->source == PHYSSEG_FROM_CALLER,
			.list = add->free_list,
			.node = add->node,
			.kind = add->kind,
			.data = add->data == NULL ? 0 : *(const int *)add->data,
			.inits = w->frames[op->i + k].inits,
			.told_registered = w->frames[op->i + k].told_registered,
			.told_online = w->frames[op->i + k].told_online };
}

static void
do_add(struct world *w, const struct op *op)
{
	struct physseg_addition add = op->add;
	struct physseg_stats was, is;
	struct physseg_reason reason;
	struct before b;
	physseg_t handle = PHYSSEG_NONE;
	int error;

	if (add.source == PHYSSEG_FROM_CALLER) {
		add.pages = &w->callers[op->i];
		for (size_t k = 0; k < op->n; k++)
			if (!w->frames[op->i + k].registered)
				w->callers[op->i + k] = (struct page){ 0 };
	}
	begin(w, &b);
	judge_add(w, op, &b.verdict);
	physseg_get_stats(w->map, &was);
	error = physseg_add(w->map, &add, &handle, &reason);
	must(
	    w, reason.error == error && reason.pfn == add.pfn, "reason", op->i);
	if (!end(w, &b, error))
		return;
	physseg_get_stats(w->map, &is);
	must(w, handle == physseg_find(w->map, add.pfn, NULL), "handle", op->i);
	must(w,
	    (is.metadata > was.metadata) == (add.source == PHYSSEG_FROM_RANGE),
	    "metadata", op->i);
	model_add(w, op, (size_t)(is.metadata - was.metadata));
	compare_joined(w, op->i);
	compare_joined(w, op->i + op->n);
}

static void
do_remove(struct world *w, const struct op *op)
{
	const bool unplug = (op->how & PHYSSEG_REMOVE_UNPLUG) != 0;
	const bool plain = op->how == PHYSSEG_REMOVE_UNPLUG && drawn(2);
	const size_t busy = first_busy(w, op->i, op->n);
	struct physseg_reason reason = { .frame = PHYSSEG_NOFRAME };
	struct before b;
	int error;

	begin(w, &b);
	if (!w->running && !plain)
		return;
	judge_remove(w, op->i, op->n, op->how, &b.verdict);
	add_error(&b.verdict,
	    w->running && busy != FRAMES &&
		(op->how & PHYSSEG_REMOVE_FORCE) == 0,
	    PHYSSEG_EINUSE);
	see_handles(w, op->i, op->n, &b);
	error = plain ? physseg_unplug(w->map, at(op->i), (physseg_pfn_t)op->n)
		      : physseg_remove(w->map, at(op->i), (physseg_pfn_t)op->n,
			    op->how, &reason);
	if (!plain && error == PHYSSEG_EINUSE)
		must(w, reason.frame == at(busy), "the first busy frame", busy);
	if (!end(w, &b, error))
		return;
	model_leave(w, op->i, op->n, unplug);
	compare_handles(w, op->i, op->n, &b);
}

static void
do_online(struct world *w, const struct op *op)
{
	struct physseg_reason reason;
	struct before b;
	size_t slots = slots_for(w, op->i, op->n, false, true);
	int error;

	begin(w, &b);
	judge_range(w, op->i, op->n, &b.verdict);
	add_error(&b.verdict, slots != 0 && slots > room(w), PHYSSEG_ENOSLOT);
	add_maybe(&b.verdict, vetoes != 0, PHYSSEG_EREFUSED);
	see_handles(w, op->i, op->n, &b);
	error =
	    physseg_online(w->map, at(op->i), (physseg_pfn_t)op->n, &reason);
	must(w, reason.error == error, "reason", op->i);
	if (error == PHYSSEG_ESPAN)
		must(w, !is_there(w, reason.frame), "what is missing", op->i);
	if (!end(w, &b, error))
		return;
	for (size_t k = op->i; k < op->i + op->n; k++)
		w->frames[k].online = true;
	compare_joined(w, op->i);
	compare_joined(w, op->i + op->n);
}

static void
do_begin(struct world *w, const struct op *op)
{
	struct removal *removal = &w->removals[op->r];
	const size_t slots = slots_for(
	    w, op->i, op->n, (op->how & PHYSSEG_REMOVE_UNPLUG) != 0, false);
	struct physseg_reason reason;
	struct before b;
	int error;

	if (removal->removal != NULL)
		return;
	begin(w, &b);
	judge_remove(w, op->i, op->n, op->how, &b.verdict);
	add_error(&b.verdict, !w->running, PHYSSEG_EPHASE);
	error = physseg_remove_begin(w->map, at(op->i), (physseg_pfn_t)op->n,
	    op->how, &removal->removal, &reason);
	must(w, reason.error == error, "reason", op->i);
	if (!end(w, &b, error)) {
		removal->removal = NULL;
		return;
	}
	removal->at = op->i;
	removal->n = op->n;
	removal->how = op->how;
	removal->slots = slots;
	set_bounds(w, removal);
}

static void
compare_status(const struct world *w, const struct removal *removal)
{
	struct physseg_remove_status status;
	const size_t first = first_known(w, removal->at, removal->n);
	physseg_pfn_t busy = 0;

	physseg_remove_get_status(removal->removal, &status);
	for (size_t k = removal->at; k < removal->at + removal->n; k++)
		busy += is_busy(&w->frames[k]) && w->frames[k].isolated;
	must(w,
	    status.pfn == at(removal->at) && status.n == removal->n &&
		status.how == removal->how && status.busy == busy &&
		status.first_busy ==
		    (first == FRAMES ? PHYSSEG_NOFRAME : at(first)),
	    "status", removal->at);
}

/* The segment of a frame, if no segment goes on over this bound. */
static physseg_t
beside(const struct world *w, physseg_pfn_t pfn, physseg_pfn_t bound)
{
	struct physseg_found found;

	if (!physseg_lookup(w->map, pfn, &found) ||
	    (found.start < bound && bound < found.end))
		return PHYSSEG_NONE;
	return found.handle;
}

/* Nothing is asked of the host. */
static void
do_commit(struct world *w, const struct op *op)
{
	struct removal *removal = &w->removals[op->r];
	const bool force = (removal->how & PHYSSEG_REMOVE_FORCE) != 0;
	const physseg_pfn_t start = at(removal->at);
	const physseg_pfn_t end = start + (physseg_pfn_t)removal->n;
	struct physseg_pieces pieces;
	struct physseg_reason reason;
	struct before b;
	size_t busy;
	int error;

	if (removal->removal == NULL)
		return;
	compare_status(w, removal);
	busy = first_known(w, removal->at, removal->n);
	see_handles(w, removal->at, removal->n, &b);
	w->fail_at = drawn(2);
	error = physseg_remove_commit(removal->removal, &pieces, &reason);
	w->fail_at = 0;
	must(w,
	    error == (busy == FRAMES || force ? PHYSSEG_OK : PHYSSEG_EINUSE),
	    "commit", removal->at);
	if (error != PHYSSEG_OK) {
		must(w, reason.frame == at(busy), "the first busy frame", busy);
		return;
	}
	successes++;
	removal->removal = NULL;
	model_leave(w, removal->at, removal->n,
	    (removal->how & PHYSSEG_REMOVE_UNPLUG) != 0);
	must(w,
	    pieces.below == beside(w, start - 1, start) &&
		pieces.first == physseg_find(w->map, start, NULL) &&
		pieces.above == beside(w, end, end),
	    "pieces", removal->at);
	compare_handles(w, removal->at, removal->n, &b);
}

static void
do_cancel(struct world *w, const struct op *op)
{
	struct removal *removal = &w->removals[op->r];

	if (removal->removal == NULL)
		return;
	must(w, physseg_remove_cancel(removal->removal) == 0, "cancel",
	    removal->at);
	removal->removal = NULL;
}

static void
do_init(struct world *w, const struct op *op)
{
	const physseg_t handle = physseg_find(w->map, at(op->i), NULL);
	const struct frame *f = &w->frames[op->i];
	struct physseg_info info;
	physseg_pfn_t done = 0;
	bool leaving = false;
	int error, right = PHYSSEG_OK;

	if (physseg_get_info(w->map, handle, &info) == 0)
		for (physseg_pfn_t pfn = info.start; pfn < info.end; pfn++)
			leaving |= is_leaving(w, place(pfn));
	if (w->config.page_size == 0)
		right = PHYSSEG_EINVAL;
	else if (handle == PHYSSEG_NONE)
		right = PHYSSEG_ENOENT;
	else if (f->online || (!w->running && !f->caller))
		right = PHYSSEG_ESTATE;
	else if (leaving)
		right = PHYSSEG_EREMOVING;
	error = physseg_init_pages(
	    w->map, handle, 1 + (physseg_pfn_t)op->n % 8, &done);
	must(w, error == right, "init_pages", op->i);
	must(w, done <= 1 + op->n % 8, "too many initialised", op->i);
}

/* The allocator takes frames, and gives them back. */
static void
do_use(struct world *w, const struct op *op)
{
	const bool busy = (op->how & 1) != 0;

	for (size_t k = op->i; k < op->i + op->n; k++)
		w->frames[k].busy = busy && w->frames[k].online;
}

static const struct {
	const char *name;
	void (*run)(struct world *w, const struct op *op);
	unsigned weight;
} operations[] = { { "add", do_add, 8 }, { "remove", do_remove, 5 },
	{ "online", do_online, 5 }, { "begin", do_begin, 5 },
	{ "commit", do_commit, 3 }, { "cancel", do_cancel, 1 },
	{ "init pages", do_init, 4 }, { "use", do_use, 3 } };

#define NOPERATIONS (sizeof(operations) / sizeof(operations[0]))

static size_t
draw_operation(void)
{
	uint64_t sum = 0, k;
	size_t o = 0;

	for (o = 0; o < NOPERATIONS; o++)
		sum += operations[o].weight;
	k = test_random_below(&rng, sum);
	for (o = 0; k >= operations[o].weight; o++)
		k -= operations[o].weight;
	return o;
}

/* The range: often exactly what one segment of the first map has, or lacks. */
static void
draw_range(struct op *op)
{
	const struct frame *frames = worlds[nworlds - 1].frames;
	static const size_t lengths[] = { 1, 4, 16, 64 };

	op->i = test_random_size(&rng, nframes);
	op->n = 1 + test_random_size(&rng, lengths[test_random_below(&rng, 4)]);
	if (drawn(2)) {
		op->i -= op->i % 4;
		op->n += 3 - (op->n + 3) % 4;
	}
	if (drawn(4))
		while (op->i > 0 &&
		    frames[op->i - 1].registered == frames[op->i].registered)
			op->i--;
	if (op->n > nframes - op->i)
		op->n = nframes - op->i;
	if (drawn(3))
		for (size_t k = 1; k < op->n; k++)
			if (frames[op->i + k].registered !=
			    frames[op->i].registered)
				op->n = k;
}

static void
draw_add(struct op *op, const int *data)
{
	op->add = (struct physseg_addition){ .pfn = at(op->i),
		.n = (physseg_pfn_t)op->n };
	if (drawn(3))
		op->add.state = PHYSSEG_OFFLINE;
	if (drawn(4)) {
		op->add.free_list = (int)test_random_below(&rng, LISTS);
		op->add.node = (int)test_random_below(&rng, NODES);
		op->add.kind = (int)test_random_below(&rng, KINDS);
	}
	if (drawn(4))
		op->add.reserved_low =
		    (physseg_pfn_t)test_random_size(&rng, op->n + 1);
	if (drawn(4))
		op->add.reserved_high = (physseg_pfn_t)test_random_size(
		    &rng, op->n + 1 - (size_t)op->add.reserved_low);
	if (drawn(3))
		op->add.source = PHYSSEG_FROM_CALLER;
	else if (drawn(6))
		op->add.source = PHYSSEG_FROM_RANGE;
	if (drawn(8))
		op->add.data = data;
}

/* The same on all maps, and the same of what else is drawn for it. */
static void
step(unsigned long number)
{
	const size_t o = draw_operation();
	const int data = 5;
	struct test_rng same;
	struct op op;

	draw_range(&op);
	draw_add(&op, &data);
	op.how = (unsigned)test_random_below(&rng, 2) |
	    (drawn(8) ? PHYSSEG_REMOVE_FORCE : 0);
	op.r = test_random_size(&rng, REMOVALS);
	snprintf(doing, sizeof(doing),
	    "step %lu: %s [0x%" PRIx64 ", 0x%" PRIx64 ") how %u", number,
	    operations[o].name, (uint64_t)at(op.i), (uint64_t)at(op.i + op.n),
	    op.how);
	same = rng;
	for (size_t k = 0; k < nworlds; k++) {
		rng = same;
		operations[o].run(&worlds[k], &op);
		worlds[k].fail_at = 0;
		vetoes = 0;
		compare_all(&worlds[k]);
		worlds[k].refuses = false;
	}
	rng = same;
	(void)test_random(&rng);
}

/* ---- scenes ---- */

static void
make_world(struct world *w, const struct physseg_backend *backend,
    const struct physseg_config *config)
{
	size_t size;

	memset(w, 0, sizeof(*w));
	w->backend = backend;
	w->config = *config;
	w->host = (struct physseg_host){ .alloc = host_alloc,
		.free = host_free,
		.panic = host_panic,
		.page_init = host_page_init,
		.page_frame = host_page_frame,
		.page_free = host_page_free,
		.account = host_account,
		.isolate = host_isolate,
		.release = host_release,
		.in_use = host_in_use,
		.alloc_raw = host_alloc_raw,
		.trace = physseg_host_user()->trace,
		.frames_map = host_frames_map,
		.frames_unmap = host_frames_unmap };
	if (many) {
		w->host.page_init = NULL;
		w->host.page_free = NULL;
		w->host.pages_init = host_pages_init;
		w->host.pages_free = host_pages_free;
	}
	w->config.backend = backend;
	w->config.host = &w->host;
	w->config.ctx = w;
	size = physseg_storage_size(&w->config);
	w->storage = malloc(size);
	test_assert(physseg_create(&w->map, &w->config, w->storage, size) == 0);
	w->mirror = (struct physseg_listener){
		.notify = notify_mirror, .ctx = w, .priority = 1
	};
	w->veto = (struct physseg_listener){ .notify = notify_veto, .ctx = w };
	test_assert(physseg_listen(w->map, &w->mirror, false) == 0);
	test_assert(physseg_listen(w->map, &w->veto, false) == 0);
}

static void
switch_world(struct world *w)
{
	const size_t n = w->config.page_size == 0 ? 0 : FRAMES;

	snprintf(doing, sizeof(doing), "switch");
	w->switched = calloc(FRAMES, sizeof(struct page));
	must(w, physseg_switch(w->map, n == 0 ? NULL : w->switched, n) == 0,
	    "switch", 0);
	w->running = true;
	for (size_t i = 0; i < FRAMES; i++) { /* the host counts these itself */
		const struct frame *f = &w->frames[i];

		w->told[f->list][f->node][f->kind].frames += f->online;
	}
	compare_all(w);
}

static void
end_world(struct world *w)
{
	snprintf(doing, sizeof(doing), "destroy");
	physseg_destroy(w->map);
	must(w, w->bytes == 0, "bytes that are left", 0);
	free(w->storage);
	free(w->switched);
}

static void
draw_config(struct physseg_config *config)
{
	static const physseg_pfn_t bases[] = { 1000, (1 << 18) - 100,
		PHYSSEG_NOFRAME - FRAMES - 64 };
	static const physseg_pfn_t blocks[] = { 0, 0, 0, 4 };

	nframes = drawn(3) ? FEW : FRAMES;
	base = bases[test_random_below(&rng, 3)] / 4 * 4;
	*config =
	    (struct physseg_config){ .page_size =
					 drawn(4) ? 0 : sizeof(struct page),
		    .data_size = sizeof(int),
		    .capacity = drawn(2) ? 0 : 200,
		    .boot_records = 64,
		    .may_empty = drawn(4),
		    .coalesce = drawn(2),
		    .block = blocks[test_random_below(&rng, 4)],
		    .frame_size = FRAME };
	many = drawn(2);
}

/* One segment, which every backend can have. */
static void
boot(void)
{
	struct op op = { .i = nframes / 4, .n = nframes / 4 };

	op.add = (struct physseg_addition){ .pfn = at(op.i),
		.n = (physseg_pfn_t)op.n };
	for (size_t k = 0; k < nworlds; k++) {
		test_assert(
		    physseg_add(worlds[k].map, &op.add, NULL, NULL) == 0);
		model_add(&worlds[k], &op, 0);
		compare_all(&worlds[k]);
	}
}

static void
make_worlds(const struct physseg_config *config)
{
	nworlds = 0;
	for (size_t k = 0; test_backends[k] != NULL; k++)
		if (!test_backend_named || test_backends[k] == test_backend)
			make_world(
			    &worlds[nworlds++], test_backends[k], config);
}

static void
run_scene(unsigned long number)
{
	const unsigned long steps = test_steps != 0 ? test_steps
	    : getenv("TEST_SHORT") != NULL	    ? STEPS / 5
						    : STEPS;
	struct physseg_config config;

	rng.state = test_seed + ((uint64_t)number << 32);
	snprintf(said, sizeof(said), "run again: TEST_SCENE=%lu %s", number,
	    test_rerun());
	draw_config(&config);
	make_worlds(&config);
	boot();
	for (size_t n = test_random_size(&rng, 12); n > 0; n--)
		step(n);
	for (size_t k = 0; k < nworlds; k++)
		switch_world(&worlds[k]);
	for (unsigned long s = 1; s <= steps; s++)
		step(s);
	for (size_t k = 0; k < nworlds; k++)
		end_world(&worlds[k]);
	printf(
	    "scene %lu: %lu changes of %zu maps\n", number, successes, nworlds);
	test_assert(successes > 0);
}

START_TEST(test_life)
{
	const char *only = getenv("TEST_SCENE");

	if (only == NULL || strtoul(only, NULL, 0) == (unsigned long)_i)
		run_scene((unsigned long)_i);
}
END_TEST

/* Two segments that are offline, the upper one in part initialised, could not
 * tell what is if they were one. */
START_TEST(test_claims)
{
	static const struct {
		void (*run)(struct world *w, const struct op *op);
		struct op op;
	} steps[] = { { do_remove, { .i = 72, .n = 8 } },
		{ do_init, { .i = 72, .n = 2 } },
		{ do_remove, { .i = 64, .n = 8 } },
		{ do_online, { .i = 60, .n = 30 } },
		{ do_online, { .i = 64, .n = 16 } } };
	const struct physseg_config config = { .page_size = sizeof(struct page),
		.data_size = sizeof(int),
		.coalesce = true,
		.frame_size = FRAME };

	if (getenv("TEST_SCENE") != NULL)
		return;
	base = 1000;
	nframes = FRAMES;
	calm = true;
	snprintf(said, sizeof(said), "run again: %s", test_rerun());
	make_worlds(&config);
	boot();
	for (size_t k = 0; k < nworlds; k++) {
		switch_world(&worlds[k]);
		for (size_t o = 0; o < sizeof(steps) / sizeof(steps[0]); o++) {
			snprintf(doing, sizeof(doing), "claims, step %zu", o);
			steps[o].run(&worlds[k], &steps[o].op);
			compare_all(&worlds[k]);
		}
		end_world(&worlds[k]);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("life");
	TCase *tc = tcase_create("model");

	tcase_add_test(tc, test_claims);
	tcase_add_loop_test(tc, test_life, 0, SCENES);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
