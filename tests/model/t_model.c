/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/model/t_model.c -- long random sequences of all operations, on every
 * backend at once, each map beside its model.
 *
 * A run is many lives of maps: drawn configuration, boot, switch, running,
 * destroy.  In each step all maps are told the same; what their backends
 * cannot do, the model knows from their capabilities.  After each step the
 * map is compared with its model through every call that looks at a map, and
 * sometimes the host refuses memory in the middle of a step.
 *
 * Everything follows from the seed.  A failure prints the command that runs
 * the same steps again and no more.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>

#include "model.h"

#define MAX_WORLDS 16
#define NSTALE	   16
#define MAX_ARRAYS 512
#define UNTOUCHED  0x5a5a5a5a

/* A map and what it must be. */
struct world {
	const struct physseg_backend *backend;
	struct test_host host;
	struct physseg_map *map;
	void *storage;
	struct model m;
	struct physseg_stats before; /* the step */
	size_t failed, allocs;	     /* of the host, before the step */
	physseg_t stale[NSTALE];
	size_t nstale;
	void *arrays[MAX_ARRAYS]; /* the caller's page structures */
	size_t narrays;
};

/* What is done in a step, with numbers for it to make use of. */
struct op {
	const struct kind *kind;
	physseg_pfn_t pfn, n;
	uint64_t a, b;
	int list;
	unsigned fail_at;
};

struct kind {
	const char *name;
	void (*run)(struct world *w, const struct op *op);
	unsigned boot, running; /* how often */
	bool stepwise;		/* only in such a life */
};

static struct world worlds[MAX_WORLDS];
static struct test_rng rng;
static unsigned long step;
static const struct op *current;
static physseg_pfn_t base;
static physseg_pfn_t nframes;
static int freelists;
static bool stepwise; /* the boot protocol by its steps, too */

/* ---- failing ---- */

static void
tell(void)
{
	test_steps = step + 1;
	if (current != NULL)
		printf("step %lu, %s: frame base + %" PRIu64 ", n %" PRIu64
		       ", a %" PRIu64 ", b %" PRIu64 ", list %d, fail at %u\n",
		    step, current->kind->name, (uint64_t)(current->pfn - base),
		    (uint64_t)current->n, current->a, current->b, current->list,
		    current->fail_at);
	printf("the same again: %s\n", test_rerun());
	fflush(stdout);
}

/* Crashed, or aborted by the host: say where, then die of it. */
static void
crashed(int number)
{
	signal(number, SIG_DFL);
	tell();
}

static _Noreturn void
wrong(const struct world *w, const char *what, int line)
{
	printf("t_model.c:%d: %s: not so: %s\n", line, w->backend->name, what);
	tell();
	ck_abort_msg("%s: %s", w->backend->name, what);
}

#define MUST(w, what)                              \
	do {                                       \
		if (!(what))                       \
			wrong(w, #what, __LINE__); \
	} while (0)

/* Did map and model agree, and was it done?  Out of memory is an answer when
 * the host refused some. */
static bool
agreed(const struct world *w, int want, int got)
{
	if (got == PHYSSEG_ENOMEM && w->host.failed != w->failed)
		return false;
	if (want != got) {
		printf("wanted \"%s\", got \"%s\"\n", physseg_strerror(want),
		    physseg_strerror(got));
		wrong(w, "the answer", __LINE__);
	}
	return got == PHYSSEG_OK;
}

/* ---- the operations ---- */

/* A handle that names nothing. */
static physseg_t
bad_handle(const struct world *w, const struct op *op)
{
	if (w->nstale > 0 && op->b % 2 == 0)
		return w->stale[op->b / 2 %
		    (w->nstale < NSTALE ? w->nstale : NSTALE)];
	return op->b % 3 == 0 ? PHYSSEG_NONE
			      : test_handle(UINTPTR_MAX - op->b % 4096);
}

static physseg_t
handle_of(
    const struct world *w, const struct op *op, const struct model_seg *seg)
{
	if (seg == NULL)
		return bad_handle(w, op);
	if ((w->backend->capabilities & PHYSSEG_POSITION) != 0)
		return physseg_find(w->map, seg->start, NULL);
	return seg->handle;
}

/* Some segment, now and then none. */
static struct model_seg *
some_seg(struct world *w, const struct op *op)
{
	if (w->m.nsegs == 0 || op->a % 32 == 0)
		return NULL;
	return &w->m.segs[w->m.ascending[op->a / 32 % w->m.nsegs]];
}

static physseg_pfn_t
plug_at(const struct op *op)
{
	return op->pfn < base ? base : op->pfn;
}

static void
op_load(struct world *w, const struct op *op)
{
	physseg_pfn_t start = plug_at(op), end = start + op->n;
	physseg_pfn_t as =
	    start + (physseg_pfn_t)(op->a % (op->n / 2 + op->n % 2 + 1));
	physseg_pfn_t ae = end - (physseg_pfn_t)(op->b % (op->n / 2 + 1));
	physseg_t h = test_handle(UNTOUCHED);
	int want, got;

	if (op->a % 64 == 1)
		as--;
	if (op->b % 64 == 1)
		ae++;
	if (op->b % 64 == 2)
		ae = as - 1;
	want = model_load(&w->m, start, end, as, ae, op->list, false);
	got = physseg_load(w->map, start, end, as, ae, op->list, &h);
	if (!agreed(w, want, got)) {
		MUST(w, h == test_handle(UNTOUCHED));
		return;
	}
	(void)model_load(&w->m, start, end, as, ae, op->list, true);
	MUST(w, h == physseg_find(w->map, start, NULL));
}

/* A plug that fits into a slab takes that, else one slab more. */
static void
check_slabs(const struct world *w, physseg_pfn_t n)
{
	struct physseg_stats now;

	if (!w->m.running || w->m.page_size == 0)
		return;
	physseg_get_stats(w->map, &now);
	if (n <= w->before.largest_free) {
		MUST(w, now.slabs == w->before.slabs);
		MUST(w, now.slab_pages == w->before.slab_pages);
	} else {
		MUST(w, now.slabs == w->before.slabs + 1);
		MUST(w, now.slab_pages >= w->before.slab_pages + n);
	}
}

static void
op_plug(struct world *w, const struct op *op)
{
	physseg_pfn_t pfn = plug_at(op);
	physseg_t h = test_handle(UNTOUCHED);
	int want = model_plug(&w->m, pfn, op->n, op->list, false), got;

	if (op->a % 4 == 0) {
		got = physseg_plug_check(w->map, pfn, op->n, op->list);
		(void)agreed(w, want, got);
	}
	got = physseg_plug(w->map, pfn, op->n, op->list, &h);
	if (!agreed(w, want, got)) {
		MUST(w, h == test_handle(UNTOUCHED));
		return;
	}
	(void)model_plug(&w->m, pfn, op->n, op->list, true);
	MUST(w, h == physseg_find(w->map, pfn, NULL));
	check_slabs(w, op->n);
}

static void
op_plug_check(struct world *w, const struct op *op)
{
	physseg_pfn_t pfn = plug_at(op);
	int want = model_plug(&w->m, pfn, op->n, op->list, false);

	(void)agreed(w, want, physseg_plug_check(w->map, pfn, op->n, op->list));
}

static void
unplug(struct world *w, physseg_pfn_t pfn, physseg_pfn_t n)
{
	int want = model_unplug(&w->m, pfn, n, false);

	if (agreed(w, want, physseg_unplug(w->map, pfn, n)))
		(void)model_unplug(&w->m, pfn, n, true);
}

static void
op_unplug(struct world *w, const struct op *op)
{
	unplug(w, op->pfn, op->n);
}

/* Whole, front, back, middle, and one frame of what lies behind. */
static void
op_unplug_shape(struct world *w, const struct op *op)
{
	const struct model_seg *s = some_seg(w, op);
	physseg_pfn_t size, part, at;

	if (s == NULL)
		return;
	size = s->end - s->start;
	part = 1 + op->n % size;
	at = s->start + (physseg_pfn_t)(op->b / 8 % size);
	switch (op->b % 8) {
	case 0:
		unplug(w, s->start, size);
		break;
	case 1:
	case 2:
		unplug(w, s->start, part);
		break;
	case 3:
	case 4:
		unplug(w, s->end - part, part);
		break;
	case 5:
		unplug(w, at, s->end - at + 1);
		break;
	default:
		unplug(w, at, 1 + op->n % (s->end - at));
		break;
	}
}

static void
unload(struct world *w, const struct op *op, bool force)
{
	struct model_seg *s = some_seg(w, op);
	int list = s == NULL || op->b % 8 == 0 ? op->list : s->free_list;
	physseg_t h = handle_of(w, op, s);
	physseg_pfn_t pfn = UNTOUCHED, wanted = UNTOUCHED;
	int want, got;

	want = model_unload(&w->m, s, list, force, &wanted, false);
	got = force ? physseg_unload_force(w->map, h, list, &pfn)
		    : physseg_unload(w->map, h, list, &pfn);
	if (agreed(w, want, got))
		(void)model_unload(&w->m, s, list, force, &wanted, true);
	MUST(w, pfn == wanted);
}

static void
op_unload(struct world *w, const struct op *op)
{
	unload(w, op, false);
}

static void
op_unload_force(struct world *w, const struct op *op)
{
	unload(w, op, true);
}

static void
op_steal(struct world *w, const struct op *op)
{
	physseg_pfn_t pfn = UNTOUCHED, wanted = UNTOUCHED;
	int want = model_steal(&w->m, &wanted, false);

	(void)op;
	if (agreed(w, want, physseg_steal(w->map, &pfn)))
		(void)model_steal(&w->m, &wanted, true);
	MUST(w, pfn == wanted);
}

static void
op_set_avail(struct world *w, const struct op *op)
{
	struct model_seg *s = some_seg(w, op);
	physseg_pfn_t start = s == NULL ? 0 : s->start;
	physseg_pfn_t size = s == NULL ? 1 : s->end - s->start;
	physseg_pfn_t as = start + op->n % (size + 1);
	physseg_pfn_t ae = start + (physseg_pfn_t)(op->b / 4 % (size + 1));
	physseg_t h = handle_of(w, op, s);
	int want;

	if (op->b % 64 == 1)
		as = start - 1;
	if (op->b % 64 == 2)
		ae = start + size + 1;
	want = model_set_avail(&w->m, s, as, ae, false);
	if (agreed(w, want, physseg_set_avail(w->map, h, as, ae)))
		(void)model_set_avail(&w->m, s, as, ae, true);
}

static void
op_set_hint(struct world *w, const struct op *op)
{
	struct model_seg *s = some_seg(w, op);
	unsigned long hint =
	    op->b % 16 == 0 ? (unsigned long)-1 : (unsigned long)op->n;
	int want = model_set_hint(&w->m, s, hint, false);

	if (agreed(w, want,
		physseg_set_start_hint(w->map, handle_of(w, op, s), hint)))
		(void)model_set_hint(&w->m, s, hint, true);
}

static size_t
data_size(const struct world *w)
{
	return w->m.nsegs == 0 ? 0 : w->host.page_size % MODEL_DATA + 1;
}

/* The integrator writes into its own bytes. */
static void
op_data(struct world *w, const struct op *op)
{
	struct model_seg *s = some_seg(w, op);
	struct physseg_info info;

	if (s == NULL)
		return;
	MUST(w, physseg_get_info(w->map, handle_of(w, op, s), &info) == 0);
	memset(info.data, (int)(op->b & 0xff), data_size(w));
	memset(s->data, (int)(op->b & 0xff), data_size(w));
}

/* ---- page structures, and the switch ---- */

/* Zeroed page structures of the caller's; NULL when there have been many. */
static void *
new_array(struct world *w, size_t npages)
{
	size_t size = npages * w->m.page_size;

	if (w->narrays == MAX_ARRAYS)
		return NULL;
	w->arrays[w->narrays] = calloc(1, size == 0 ? 1 : size);
	MUST(w, w->arrays[w->narrays] != NULL);
	return w->arrays[w->narrays++];
}

static void
drop_array(struct world *w)
{
	free(w->arrays[--w->narrays]);
}

/* An array that the map has. */
static void
chomp_again(struct world *w, const struct op *op, struct model_seg *s)
{
	void *pages = w->arrays[op->a % w->narrays];

	(void)agreed(w, s == NULL ? PHYSSEG_ENOENT : PHYSSEG_EINVAL,
	    physseg_chomp_slab(w->map, handle_of(w, op, s), pages, 1));
}

static void
op_chomp(struct world *w, const struct op *op)
{
	struct model_seg *s = some_seg(w, op);
	size_t npages = (size_t)(op->n % 128);
	void *pages;
	int want = model_chomp(&w->m, s, npages, false);

	if (w->narrays > 0 && op->b % 4 == 0) {
		chomp_again(w, op, s);
		return;
	}
	pages = new_array(w, npages);
	if (pages == NULL)
		return;
	if (agreed(w, want,
		physseg_chomp_slab(w->map, handle_of(w, op, s), pages, npages)))
		(void)model_chomp(&w->m, s, npages, true);
	else
		drop_array(w);
}

/* Its part of a slab, if one has so many page structures in a piece. */
static void *
part_of_slab(struct world *w, physseg_t h, size_t n)
{
	void *pages = NULL;
	int got = physseg_alloc_from_slab(w->map, h, n, &pages);

	(void)agreed(
	    w, n <= w->before.largest_free ? PHYSSEG_OK : PHYSSEG_ENOMEM, got);
	MUST(w, (pages != NULL) == (got == PHYSSEG_OK));
	return pages;
}

static void
op_init_seg(struct world *w, const struct op *op)
{
	struct model_seg *s = some_seg(w, op);
	physseg_t h = handle_of(w, op, s);
	bool own = op->b % 4 == 0;
	size_t n = s == NULL ? 1 : (size_t)(s->end - s->start);
	void *pages;
	int want = model_init_seg(&w->m, s, own, false);

	if (s == NULL || s->pages || w->m.page_size == 0 || own) {
		own = true;
		pages = new_array(w, n);
	} else
		pages = part_of_slab(w, h, n);
	if (pages == NULL)
		return;
	if (agreed(w, want, physseg_init_seg(w->map, h, pages)))
		(void)model_init_seg(&w->m, s, own, true);
	else if (own)
		drop_array(w);
}

static void
op_run(struct world *w, const struct op *op)
{
	(void)op;
	physseg_set_running(w->map, true);
	w->m.running = true;
}

static void
op_switch(struct world *w, const struct op *op)
{
	size_t npages = 0;
	void *pages = NULL;
	int want;

	if (w->m.page_size != 0)
		npages = (size_t)(w->m.nframes - w->m.npages + op->n % 64);
	if (op->b % 8 == 0 && npages > 0)
		npages -= (size_t)(op->a % npages);
	if (npages != 0)
		pages = new_array(w, npages);
	want = model_switch(&w->m, npages, false);
	if (agreed(w, want, physseg_switch(w->map, pages, npages)))
		(void)model_switch(&w->m, npages, true);
	else if (pages != NULL)
		drop_array(w);
}

/* clang-format off */
static const struct kind kinds[] = {
	{ "load", op_load, 12, 1, false },
	{ "plug", op_plug, 6, 24, false },
	{ "plug_check", op_plug_check, 1, 4, false },
	{ "unplug", op_unplug, 6, 20, false },
	{ "unplug a shape", op_unplug_shape, 6, 20, false },
	{ "unload", op_unload, 8, 1, false },
	{ "unload_force", op_unload_force, 4, 1, false },
	{ "steal", op_steal, 3, 1, false },
	{ "set_avail", op_set_avail, 6, 1, false },
	{ "set_start_hint", op_set_hint, 4, 6, false },
	{ "data", op_data, 4, 4, false },
	{ "chomp_slab", op_chomp, 1, 1, true },
	{ "init_seg", op_init_seg, 2, 2, true }
};
/* clang-format on */

static const struct kind switching = { "switch", op_switch, 0, 0, false };
static const struct kind running = { "set_running", op_run, 0, 0, false };

/* ---- map against model ---- */

static void
check_page(const struct world *w, physseg_pfn_t pfn, const char *page)
{
	struct test_page p;

	memcpy(&p, page, sizeof(p));
	MUST(w, p.pfn == pfn && p.inits == 1);
	MUST(w, p.frees == w->m.counted[pfn - base]);
	MUST(w, physseg_frame(w->map, page) == pfn);
}

static void
check_frame(struct world *w, physseg_pfn_t pfn)
{
	const struct model_seg *s = model_at(&w->m, pfn);
	physseg_pfn_t offset = UNTOUCHED;
	physseg_t h = physseg_find(w->map, pfn, &offset);
	const char *page = physseg_page(w->map, pfn);
	struct physseg_info info;
	void *pages[] = { &info, &info, &info };

	physseg_pages(
	    w->map, (const physseg_pfn_t[]){ pfn, base, pfn }, 2, pages);
	MUST(w, pages[0] == page && pages[1] == physseg_page(w->map, base));
	MUST(w, pages[2] == &info);
	if (s == NULL) {
		MUST(w, h == PHYSSEG_NONE && offset == UNTOUCHED);
		MUST(w, page == NULL);
		return;
	}
	MUST(w, offset == pfn - s->start);
	MUST(w, h == s->handle);
	MUST(w, physseg_get_info(w->map, h, &info) == PHYSSEG_OK);
	MUST(w, (page != NULL) == s->pages);
	if (page == NULL)
		return;
	MUST(w, page == (const char *)info.pages + offset * w->m.page_size);
	check_page(w, pfn, page);
}

static void
check_info(struct world *w, physseg_t h, const struct model_seg *s)
{
	struct physseg_info info;

	MUST(w, physseg_get_info(w->map, h, &info) == PHYSSEG_OK);
	MUST(w, info.start == s->start && info.end == s->end);
	if (s->avail_start < s->avail_end) {
		MUST(w, info.avail_start == s->avail_start);
		MUST(w, info.avail_end == s->avail_end);
	} else {
		MUST(w, info.avail_start >= info.avail_end);
		MUST(w, info.avail_start >= s->start);
		MUST(w, info.avail_start <= s->end);
		MUST(w, info.avail_end >= s->start && info.avail_end <= s->end);
	}
	MUST(w, info.counted == s->counted);
	MUST(w, info.start_hint == s->hint);
	MUST(w, info.free_list == s->free_list);
	MUST(w, (info.pages != NULL) == s->pages);
	MUST(w, memcmp(info.data, s->data, data_size(w)) == 0);
	MUST(w,
	    physseg_valid(w->map, h) ==
		(!w->m.running || w->m.page_size == 0 || s->pages));
}

/* A new segment's handle is learnt, an old one's must be the same. */
static void
check_handle(struct world *w, physseg_t h, struct model_seg *s, size_t i)
{
	if ((w->backend->capabilities & PHYSSEG_POSITION) != 0) {
		MUST(w, h == test_handle(i + 1));
		s->handle = h;
		return;
	}
	if (s->handle == PHYSSEG_NONE)
		s->handle = h;
	MUST(w, h == s->handle);
	for (size_t k = 0; k < NSTALE && k < w->nstale; k++)
		MUST(w, w->stale[k] != h);
}

static void
check_walks(struct world *w)
{
	physseg_t h = physseg_first(w->map), before = PHYSSEG_NONE;
	physseg_pfn_t at = 0;

	for (size_t i = 0; i < w->m.nsegs; i++) {
		struct model_seg *s = &w->m.segs[w->m.order[i]];

		MUST(w, h != PHYSSEG_NONE);
		check_handle(w, h, s, i);
		check_info(w, h, s);
		MUST(w, physseg_prev(w->map, h) == before);
		before = h;
		h = physseg_next(w->map, h);
	}
	MUST(w, h == PHYSSEG_NONE && physseg_last(w->map) == before);
	for (size_t i = 0; i < w->m.nsegs; i++) {
		const struct model_seg *s = &w->m.segs[w->m.ascending[i]];

		MUST(w, physseg_from(w->map, at) == s->handle);
		at = s->end;
	}
	MUST(w, physseg_from(w->map, at) == PHYSSEG_NONE);
	MUST(w, physseg_highest_frame(w->map) == at - 1);
}

/* Handles of segments that are gone stay stale. */
static void
check_stale(struct world *w)
{
	struct physseg_info info;

	if ((w->backend->capabilities & PHYSSEG_POSITION) != 0)
		return;
	for (size_t i = 1; i <= nframes; i++) {
		struct model_seg *s = &w->m.segs[i];

		if (!s->live && s->handle != PHYSSEG_NONE) {
			w->stale[w->nstale++ % NSTALE] = s->handle;
			s->handle = PHYSSEG_NONE;
		}
	}
	for (size_t k = 0; k < NSTALE && k < w->nstale; k++) {
		MUST(w, !physseg_valid(w->map, w->stale[k]));
		MUST(w,
		    physseg_get_info(w->map, w->stale[k], &info) ==
			PHYSSEG_ENOENT);
		MUST(w, physseg_next(w->map, w->stale[k]) == PHYSSEG_NONE);
		MUST(w, physseg_prev(w->map, w->stale[k]) == PHYSSEG_NONE);
	}
}

static void
check_stats(const struct world *w)
{
	struct physseg_stats stats;

	physseg_get_stats(w->map, &stats);
	MUST(w, stats.segments == w->m.nsegs);
	MUST(w, stats.frames == w->m.nframes);
	MUST(w, stats.counted == w->m.ncounted);
	MUST(w, stats.counted == w->host.counted);
	MUST(w, stats.slab_used == w->m.npages);
	MUST(w, stats.slab_pages >= stats.slab_used);
	MUST(w, stats.largest_free <= stats.slab_pages - stats.slab_used);
	MUST(w, stats.host_bytes == w->host.outstanding);
	MUST(w, stats.slabs >= w->m.slabs);
	MUST(w, stats.slab_used != 0 || stats.slabs == w->m.slabs);
	MUST(w, physseg_running(w->map) == w->m.running);
}

static void
check_world(struct world *w, uint64_t salt)
{
	struct test_rng pick = { salt };
	const char *broken = physseg_check(w->map);

	if (broken != NULL)
		wrong(w, broken, __LINE__);
	MUST(w, test_log_equal(&w->host, &w->m.expected));
	check_stale(w);
	check_walks(w);
	check_stats(w);
	for (int i = 0; i < 4; i++)
		check_frame(w, base + test_random_pfn(&pick, nframes));
	check_frame(w, base - 1);
	check_frame(w, PHYSSEG_NOFRAME);
	for (physseg_pfn_t i = 0; salt % 32 == 0 && i < nframes; i++)
		check_frame(w, base + i);
}

/* ---- steps ---- */

/* At boot nothing is asked of the host; the switch may ask for an index. */
static void
do_step(struct world *w, const struct op *op)
{
	bool boot = !w->m.running;

	test_log_clear(&w->host);
	test_log_clear(&w->m.expected);
	physseg_get_stats(w->map, &w->before);
	w->failed = w->host.failed;
	w->allocs = test_host_allocs(&w->host);
	w->host.fail_at = op->fail_at;
	op->kind->run(w, op);
	w->host.fail_at = 0;
	if (boot)
		MUST(w, test_host_allocs(&w->host) == w->allocs);
	if (boot && (!w->m.running || w->host.index_size == 0))
		MUST(w, w->host.failed == w->failed);
	check_world(w, op->a ^ op->b ^ op->pfn);
}

static void
all_worlds(const struct op *op)
{
	current = op;
	for (size_t i = 0; i < MAX_WORLDS; i++)
		if (worlds[i].map != NULL)
			do_step(&worlds[i], op);
	current = NULL;
}

static unsigned
weight(const struct kind *kind, bool boot)
{
	if (kind->stepwise && !stepwise)
		return 0;
	return boot ? kind->boot : kind->running;
}

static const struct kind *
draw_kind(bool boot)
{
	const size_t n = sizeof(kinds) / sizeof(kinds[0]);
	unsigned total = 0, r;
	size_t i;

	for (i = 0; i < n; i++)
		total += weight(&kinds[i], boot);
	r = (unsigned)test_random_below(&rng, total);
	for (i = 0; r >= weight(&kinds[i], boot); i++)
		r -= weight(&kinds[i], boot);
	return &kinds[i];
}

static struct op
draw(const struct kind *kind)
{
	const physseg_pfn_t odd_pfn[] = { base - 1, base, base + nframes - 1,
		base + nframes, PHYSSEG_NOFRAME };
	const physseg_pfn_t odd_n[] = { 0, 1, 1, 2, nframes, nframes + 1,
		PHYSSEG_NOFRAME, PHYSSEG_NOFRAME - base };
	struct op op = { .kind = kind,
		.pfn = base + test_random_pfn(&rng, nframes),
		.n =
		    1 + test_random_pfn(&rng, 4u << test_random_below(&rng, 5)),
		.a = test_random(&rng) >> 1,
		.b = test_random(&rng) >> 1,
		.list = (int)test_random_below(&rng, (uint64_t)freelists) };

	if (test_random_below(&rng, 24) == 0)
		op.pfn = odd_pfn[test_random_below(&rng, 5)];
	if (test_random_below(&rng, 16) == 0)
		op.n = odd_n[test_random_below(&rng, 8)];
	if (test_random_below(&rng, 32) == 0)
		op.list = op.a % 2 == 0 ? -1 : freelists + (int)(op.a % 3);
	if (test_random_below(&rng, 12) == 0)
		op.fail_at = 1 + (unsigned)test_random_below(&rng, 3);
	return op;
}

/* ---- lives ---- */

static struct physseg_config
draw_config(struct test_host *host)
{
	const size_t page_sizes[] = { 0, 16, 17, 24, 40, 72, 264, 1040 };
	size_t page_size = page_sizes[test_random_below(&rng, 8)];
	const size_t rooms[] = { 0, 0, 1, 2, 5, 17, 34, 100 };
	bool top;

	test_host_init(host, page_size);
	freelists = 1 + (int)test_random_below(&rng, 5);
	stepwise = test_random_below(&rng, 4) == 0;
	nframes = (physseg_pfn_t)64 << 2 * test_random_below(&rng, 3);
	top = test_random_below(&rng, 4) == 0;
	base = top ? PHYSSEG_NOFRAME - nframes
		   : test_random_pfn(&rng, 2) * (PHYSSEG_NOFRAME / 5);
	return (struct physseg_config){ .page_size = page_size,
		.data_size = page_size % MODEL_DATA + 1,
		.capacity = rooms[test_random_below(&rng, 8)],
		.boot_records = rooms[test_random_below(&rng, 8)],
		.boot_slabs = stepwise ? (size_t)test_random_below(&rng, 8) : 0,
		.frames = top ? 0 : base + nframes,
		.freelists = freelists == 4 ? 0 : freelists,
		.may_empty = test_random_below(&rng, 2) == 0 };
}

/* No map where the backend cannot run from the start. */
static void
make_world(struct world *w, const struct physseg_backend *backend,
    struct physseg_config config, bool run)
{
	size_t size;
	int want = PHYSSEG_OK;

	*w = (struct world){ .backend = backend };
	test_host_init(&w->host, config.page_size);
	test_host_set_backend(&w->host, backend);
	config.backend = backend;
	config.host = &w->host.hooks;
	config.ctx = &w->host;
	size = physseg_storage_size(&config);
	if (run && (backend->capabilities & PHYSSEG_HOTPLUG) == 0)
		want = PHYSSEG_ENOHOTPLUG;
	if (!run)
		w->storage = malloc(size);
	MUST(w,
	    physseg_create(&w->map, &config, w->storage, run ? 0 : size) ==
		want);
	model_init(&w->m, &config, base, run);
	if (w->map != NULL)
		check_world(w, 0);
}

static void
unmake_world(struct world *w)
{
	physseg_destroy(w->map);
	w->map = NULL;
	MUST(w, w->host.outstanding == 0 && w->host.live == 0);
	while (w->narrays > 0)
		drop_array(w);
	free(w->storage);
	test_host_fini(&w->host);
	model_fini(&w->m);
}

static void
make_worlds(bool run)
{
	struct test_host host;
	const struct physseg_config config = draw_config(&host);

	for (size_t i = 0; test_backends[i] != NULL; i++) {
		ck_assert_uint_lt(i, MAX_WORLDS);
		if (!test_backend_named || test_backends[i] == test_backend)
			make_world(&worlds[i], test_backends[i], config, run);
	}
}

/* Up to `most' steps. */
static void
some_steps(unsigned long most, unsigned long end, bool boot)
{
	unsigned long n = 1 + (unsigned long)test_random_below(&rng, most);

	for (; n > 0 && step < end; n--, step++) {
		struct op op = draw(draw_kind(boot));

		all_worlds(&op);
	}
}

static void
to_running(unsigned long end)
{
	for (int tries = 0; tries < 3 && step < end; tries++, step++) {
		struct op op = draw(&switching);

		all_worlds(&op);
	}
	if (test_random_below(&rng, 2) == 0 && step < end) {
		struct op op = draw(&running);

		all_worlds(&op);
		step++;
	}
}

static void
life(unsigned long end)
{
	bool run = test_random_below(&rng, 8) == 0;

	make_worlds(run);
	if (!run) {
		some_steps(250, end, true);
		to_running(end);
	}
	some_steps(700, end, false);
	for (size_t i = 0; i < MAX_WORLDS; i++)
		if (worlds[i].backend != NULL)
			unmake_world(&worlds[i]);
	memset(worlds, 0, sizeof(worlds));
}

START_TEST(test_lives)
{
	unsigned long end = test_steps != 0 ? test_steps : 20000;

	signal(SIGABRT, crashed);
	signal(SIGFPE, crashed);
	signal(SIGSEGV, crashed);
	rng.state = test_seed;
	for (step = 0; step < end;)
		life(end);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("model");
	TCase *tc = tcase_create("lives");

	tcase_add_test(tc, test_lives);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
