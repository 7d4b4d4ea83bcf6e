/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/radix/t_radix_steps.c -- a reader without a lock beside changes, in all
 * the ways in which the two can meet.
 *
 * There is one writer, all its stores release and all loads of readers acquire:
 * so what a reader does is an interleaving.  Each load of its sees memory as
 * the writer left it at some moment, and no load sees an earlier moment than
 * the load before it.
 *
 * The changes of a scene are done first, one after the other, and every state
 * of the memory is written down (arena.h).  Then lookups are run in those
 * states.  At each load the memory may go on to a later state; of the states
 * in which the loaded word has one value the first is enough, because whatever
 * a later one leads to, the first does too.  So the ways are few, and all of
 * them are tried: for every lookup, from every moment at which a reader may
 * begin that differs in what it must find.
 *
 * A reader's section ends no later than the first `sync' called after it
 * began.  One that begins after a call of `sync' is not waited for by that: it
 * goes on through the rest of that change, and through the changes that
 * follow, up to the next call.  Records, page structures, tables, slabs are
 * used again meanwhile.
 *
 * What is expected is known between changes.  While a change is under way a
 * reader may find what was before it or what is after it, and:
 *
 *  - a segment and an offset are those of one moment, and so is all that
 *    physseg_lookup says.  A change has several steps: the answer is that of
 *    a rest, or one that a reader alone gets in one state between the rests;
 *  - a handle that was found names a segment for as long as the section may
 *    last;
 *  - a frame that stays registered is found, and one that stays online has its
 *    page structure;
 *  - a page structure that was found describes its frame, and is not used
 *    anew, for as long as the section may last;
 *  - what an unplug took out is not found in a section that lasts beyond it;
 *  - no word that is loaded is also written in another way than by an ordered
 *    store, while the section may last.
 *
 * Every shape of the tables is done at every place, and looked at in every way
 * in which memory goes on SHAPE_JUMPS times within a lookup at most.  Changes
 * drawn at random follow, looked at in some of all ways, and every sequence of
 * few changes of few frames.  `--steps N' draws N scenes.  With a small N
 * everything is looked at in fewer ways, and shapes at fewer places, than
 * without; with a large one in all ways.  TEST_SHAPE and TEST_SCENE run one
 * only.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "arena.h"
#include "compat.h"
#include "stepped.h"
#include "support.h"

#define BLOCK	      512 /* frames, or twice as many as one has */
#define MOST_FRAMES   64
#define MOST_HANDLES  64
#define MOST_SEGMENTS 64
#define MOST_OPS      12    /* that readers meet */
#define MOST_SCRIPTS  20000 /* of one lookup from one moment */
#define MOST_JUMPS    24
#define MOST_VALUES   16    /* of one word */
#define MOST_LOADS    10000 /* of one lookup: else it waits for somebody */

/* Unless told otherwise; a build that is slow has less. */
#ifndef SHAPE_JUMPS
#define SHAPE_JUMPS 2
#endif
#ifndef FEW_SCRIPTS
#define FEW_SCRIPTS 20
#endif
#ifndef FEW_SCENES
#define FEW_SCENES 60
#endif
/* With TEST_SHORT set. */
#define SHORT_SCRIPTS 12
#define SHORT_SCENES  30
/* Who wants so many scenes has the time for all scripts; who wants fewer is in
 * a hurry. */
#define MANY_SCENES   1000
#define HURRY_SCRIPTS 3

static bool
in_hurry(void)
{
	return test_steps != 0 && test_steps < MANY_SCENES;
}

/* ---- changes ---- */

enum what {
	NOTHING,
	LOAD,
	LOADS,	     /* n segments, and none of them stays */
	UNLOAD,	     /* the first available page of the segment here */
	CHOMP,	     /* n page structures for the boot protocol */
	INIT,	     /* page structures for the segment here */
	RUN,	     /* and nothing else */
	STOP,	     /* it boots again */
	SWITCH,	     /* as a whole */
	POOR_SWITCH, /* with memory for n allocations */
	PLUG,
	UNPLUG,
	ADD_OFFLINE,
	ADD_DEVICE, /* of node 1, on free list 1 */
	OFFLINE,
	ONLINE,
	BEGIN, /* an unplug in two phases, */
	BEGIN_OFFLINE,
	COMMIT, /* of what was begun at this frame */
	CANCEL
};

/* Frames, from an edge on, may lie below it. */
struct op {
	enum what what;
	long long off;
	physseg_pfn_t n;
};

static struct physseg_map *map;
static bool paged;
static bool fixed;	 /* page structures are at fixed addresses */
size_t test_radix_large; /* 0: blocks are ranked */
static char scene[1024]; /* what is being tested */
static size_t few_scripts = FEW_SCRIPTS, shape_jumps = SHAPE_JUMPS;
static size_t most_scripts, most_jumps = MOST_JUMPS;
static bool lookup_alone; /* no other look */
static unsigned long scenes = FEW_SCENES;

/* The frames that came and went, in order. */
static struct coming {
	physseg_pfn_t pfn, n;
	bool come;
	size_t rest; /* the one after it */
} comings[256];
static size_t ncomings;

static void
come(physseg_pfn_t pfn, physseg_pfn_t n, bool is_come)
{
	test_assert(ncomings < 256);
	comings[ncomings++] = (struct coming){ pfn, n, is_come, arena_mark };
}

static int
do_switch(size_t refuse)
{
	struct physseg_stats stats;
	void *pages = NULL;
	size_t n = 0;
	int error;

	physseg_get_stats(map, &stats);
	if (paged && !fixed) {
		n = (size_t)stats.frames + 64;
		pages = arena_alloc(n * sizeof(struct arena_page));
	}
	arena_refuse = refuse;
	error = physseg_switch(map, pages, n);
	arena_refuse = 0;
	return error;
}

static int
do_init(physseg_t handle)
{
	struct physseg_info info;
	void *pages;
	int error;

	if ((error = physseg_get_info(map, handle, &info)) != 0)
		return error;
	error = physseg_alloc_from_slab(
	    map, handle, (size_t)(info.end - info.start), &pages);
	return error != 0 ? error : physseg_init_seg(map, handle, pages);
}

/* The list was longer once, and what it held lies behind the tree. */
static int
do_loads(physseg_pfn_t pfn, physseg_pfn_t n)
{
	int error = PHYSSEG_OK;

	for (physseg_pfn_t i = 0; i < n && error == PHYSSEG_OK; i++)
		error = physseg_load(map, pfn + 2 * i, pfn + 2 * i + 1,
		    pfn + 2 * i, pfn + 2 * i + 1, 0, NULL);
	for (physseg_pfn_t i = 0; i < n && error == PHYSSEG_OK; i++)
		error = physseg_unplug(map, pfn + 2 * i, 1);
	return error;
}

static int
do_unload(physseg_t handle)
{
	physseg_pfn_t pfn = 0;
	int error = physseg_unload_force(map, handle, 0, &pfn);

	if (error == 0)
		come(pfn, 1, false);
	return error;
}

/* Those that are open. */
#define MOST_REMOVALS 8
static struct opened {
	struct physseg_removal *removal;
	physseg_pfn_t pfn, n;
	bool unplug;
} opened[MOST_REMOVALS];

static struct opened *
opened_at(physseg_pfn_t pfn)
{
	for (size_t i = 0; i < MOST_REMOVALS; i++)
		if (opened[i].removal != NULL && opened[i].pfn == pfn)
			return &opened[i];
	return NULL;
}

static struct opened *
unused(void)
{
	size_t i = 0;

	while (i < MOST_REMOVALS && opened[i].removal != NULL)
		i++;
	return i < MOST_REMOVALS ? &opened[i] : NULL;
}

static int
do_add(enum what what, physseg_pfn_t pfn, physseg_pfn_t n)
{
	const bool device = what == ADD_DEVICE;
	const struct physseg_addition add = { .pfn = pfn,
		.n = n,
		.state = device ? PHYSSEG_ONLINE : PHYSSEG_OFFLINE,
		.node = device,
		.free_list = device,
		.kind = device ? PHYSSEG_DEVICE : PHYSSEG_RAM };
	const int error = physseg_add(map, &add, NULL, NULL);

	if (error == 0)
		come(pfn, n, true);
	return error;
}

static int
do_begin(bool unplug, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct opened *o = unused();
	int error;

	if (o == NULL)
		return PHYSSEG_ENOMEM;
	error = physseg_remove_begin(map, pfn, n,
	    unplug ? PHYSSEG_REMOVE_UNPLUG : PHYSSEG_REMOVE_OFFLINE,
	    &o->removal, NULL);
	if (error == 0) {
		o->pfn = pfn;
		o->n = n;
		o->unplug = unplug;
	} else
		o->removal = NULL;
	return error;
}

static int
do_end(bool commit, physseg_pfn_t pfn)
{
	struct opened *o = opened_at(pfn);
	int error;

	if (o == NULL)
		return PHYSSEG_ENOENT;
	error = commit ? physseg_remove_commit(o->removal, NULL, NULL)
		       : physseg_remove_cancel(o->removal);
	if (error != 0)
		return error;
	o->removal = NULL;
	if (commit && o->unplug)
		come(pfn, o->n, false);
	return 0;
}

static int
do_op(const struct op *op, physseg_pfn_t edge)
{
	const physseg_pfn_t pfn = edge + (physseg_pfn_t)op->off;
	const physseg_t here = physseg_find(map, pfn, NULL);
	const size_t n = (size_t)op->n;
	int error;

	switch (op->what) {
	case LOADS:
		return do_loads(pfn, op->n);
	case UNLOAD:
		return do_unload(here);
	case CHOMP:
		return physseg_chomp_slab(
		    map, here, arena_alloc(n * sizeof(struct arena_page)), n);
	case INIT:
		return do_init(here);
	case RUN:
		physseg_set_running(map, true);
		return 0;
	case STOP:
		return TEST_SET_RUNNING(map, false);
	case SWITCH:
		return do_switch(0);
	case POOR_SWITCH:
		return do_switch(n + 1);
	case LOAD:
		error = physseg_load(
		    map, pfn, pfn + op->n, pfn, pfn + op->n, 0, NULL);
		break;
	case PLUG:
		error = physseg_plug(map, pfn, op->n, 0, NULL);
		break;
	case ADD_OFFLINE:
	case ADD_DEVICE:
		return do_add(op->what, pfn, op->n);
	case OFFLINE:
		return physseg_remove(
		    map, pfn, op->n, PHYSSEG_REMOVE_OFFLINE, NULL);
	case ONLINE:
		return physseg_online(map, pfn, op->n, NULL);
	case BEGIN:
	case BEGIN_OFFLINE:
		return do_begin(op->what == BEGIN, pfn, op->n);
	case COMMIT:
	case CANCEL:
		return do_end(op->what == COMMIT, pfn);
	default:
		error = physseg_unplug(map, pfn, op->n);
	}
	if (error == 0)
		come(pfn, op->n, op->what != UNPLUG);
	return error;
}

static void
must_be_whole(void)
{
	const char *broken = physseg_check(map);

	if (broken != NULL)
		ck_abort_msg("%s: check: %s", scene, broken);
}

/* Page structures at fixed addresses, of frames within these bounds. */
#define FIXED_FIRST 3000
#define FIXED_END   10240
#define GRANULE	    64 /* bytes */

static void
fix_pages(struct physseg_config *config)
{
	const size_t page = sizeof(struct arena_page);
	uintptr_t at = (uintptr_t)arena_alloc(
	    (FIXED_END - FIXED_FIRST) * page + 2 * GRANULE);

	at = (at + GRANULE - 1) / GRANULE * GRANULE;
	config->vmemmap = (void *)(at - FIXED_FIRST * page);
	config->present = arena_alloc(FIXED_END / 8);
	config->granule = GRANULE;
	config->frames = FIXED_END;
}

static void
make_map(bool boot, bool coalesce)
{
	struct physseg_config config = { .backend = TEST_RADIX,
		.host = &arena_host,
		.page_size = paged ? sizeof(struct arena_page) : 0,
		.boot_slabs = paged ? 2 : 0,
		.may_empty = true,
		.coalesce = coalesce };
	size_t size;

	arena_reset();
	if (fixed)
		fix_pages(&config);
	size = boot ? physseg_storage_size(&config) : 0;
	ncomings = 0;
	memset(opened, 0, sizeof(opened));
	test_assert(physseg_create(&map, &config,
			boot ? arena_alloc(size) : NULL, size) == 0);
}

/* ---- what is, between changes ---- */

/* The map at rest: before the first change, and after each. */
static struct rest {
	size_t state;
	bool running;
	size_t nsegments;
	struct segment {
		physseg_t handle;
		physseg_pfn_t start, end;
		char *pages;
		enum physseg_state state;
		int free_list, node, kind;
		void *data;
	} segments[MOST_SEGMENTS];
} rests[MOST_OPS + 1];
static size_t nrests;

/* What is looked up, and what there is of it at each rest. */
static physseg_pfn_t frames[MOST_FRAMES];
static size_t nframes;
static struct seen {
	physseg_t handle;
	physseg_pfn_t offset;
	const struct arena_page *page;
	uintptr_t serial;
} seen[MOST_OPS + 1][MOST_FRAMES];
static physseg_t handles[MOST_HANDLES];
static size_t nhandles;
static bool valid[MOST_OPS + 1][MOST_HANDLES];
static bool named[MOST_OPS + 1][MOST_HANDLES]; /* is it a segment's? */

static void
add_frame(physseg_pfn_t pfn)
{
	for (size_t i = 0; i < nframes; i++)
		if (frames[i] == pfn)
			return;
	if (nframes < MOST_FRAMES)
		frames[nframes++] = pfn;
}

static void
add_edge(physseg_pfn_t pfn)
{
	add_frame(pfn - 1);
	add_frame(pfn);
}

static void
add_handle(physseg_t handle)
{
	for (size_t i = 0; i < nhandles; i++)
		if (handles[i] == handle)
			return;
	test_assert(nhandles < MOST_HANDLES);
	handles[nhandles++] = handle;
}

/* Write down what is now. */
static void
take_rest(void)
{
	struct rest *rest = &rests[nrests++];
	struct physseg_info info;
	physseg_t h;

	must_be_whole();
	rest->state = arena_last;
	rest->running = physseg_running(map);
	rest->nsegments = 0;
	PHYSSEG_FOREACH(h, map) {
		test_assert(rest->nsegments < MOST_SEGMENTS);
		test_assert(physseg_get_info(map, h, &info) == 0);
		rest->segments[rest->nsegments++] = (struct segment){ h,
			info.start, info.end, info.pages, info.state,
			info.free_list, info.node, info.kind, info.data };
		add_handle(h);
		add_edge(info.start);
		add_edge(info.end);
		add_frame(info.start + (info.end - info.start) / 2);
		/* It has the bit of the first, where blocks are shared. */
		if (info.end - info.start > BLOCK)
			add_frame(info.start + BLOCK);
	}
}

static bool
has_come(physseg_pfn_t pfn, size_t rest)
{
	bool there = false;

	for (size_t i = 0; i < ncomings; i++)
		if (comings[i].rest <= rest &&
		    pfn - comings[i].pfn < comings[i].n)
			there = comings[i].come;
	return there;
}

static void
see_frame(size_t r, size_t f)
{
	struct seen *s = &seen[r][f];

	*s = (struct seen){ PHYSSEG_NONE, 0, NULL, 0 };
	for (size_t i = 0; i < rests[r].nsegments; i++) {
		const struct segment *segment = &rests[r].segments[i];

		if (frames[f] < segment->start || frames[f] >= segment->end)
			continue;
		s->handle = segment->handle;
		s->offset = frames[f] - segment->start;
		if (segment->pages == NULL)
			continue;
		s->page = (const void *)(segment->pages +
		    s->offset * sizeof(struct arena_page));
		s->serial = s->page->serial;
		test_assert(s->page->pfn == frames[f]);
	}
	test_assert((s->handle != PHYSSEG_NONE) == has_come(frames[f], r));
}

static void
see_handle(size_t r, size_t h)
{
	valid[r][h] = named[r][h] = false;
	for (size_t i = 0; i < rests[r].nsegments; i++) {
		const struct segment *segment = &rests[r].segments[i];

		if (segment->handle != handles[h])
			continue;
		named[r][h] = true;
		valid[r][h] = !paged || !rests[r].running ||
		    segment->pages != NULL || segment->state == PHYSSEG_OFFLINE;
	}
}

static void
see_all(void)
{
	for (size_t r = 0; r < nrests; r++) {
		arena_go(rests[r].state);
		for (size_t f = 0; f < nframes; f++)
			see_frame(r, f);
		for (size_t h = 0; h < nhandles; h++)
			see_handle(r, h);
	}
}

/* ---- one reader ---- */

enum kind {
	PAGE,
	FIND,
	VALID,
	FRAME,
	LIST,
	PAGES,
	SEGMENT,
	BEYOND,
	LOOKUP,
	COVERS,
	ONLINE_COVERS,
	NKINDS
};
static const char *const kind_names[] = { "page", "find", "valid", "frame",
	"free list", "pages", "segment's page", "segment's page beyond",
	"lookup", "covers", "covers online" };

struct look {
	enum kind kind;
	size_t of; /* frames[] or handles[] */
};

/* At a load, counted from 1, the memory goes on to a state. */
struct jump {
	unsigned load;
	size_t state;
};

struct script {
	size_t n;
	struct jump jumps[MOST_JUMPS];
};

static struct reader {
	const struct look *look; /* NULL: nobody reads */
	size_t begin;		 /* in this state */
	size_t limit;		 /* the section ends in this one at last, */
	size_t returned;	 /* and so far changes have returned then */
	struct script script;
	size_t jumped;
	unsigned loads;
} reader;

/* Scripts to be run.  If not all of them are, those with few jumps come first;
 * else those that came last, so that few wait at a time. */
static struct script scripts[MOST_SCRIPTS];
static size_t nscripts;
static unsigned long nlooks, nloads, ncut;

/* As text: where the reader was. */
static void
describe_reader(char *text, size_t size)
{
	const struct look *look = reader.look;
	int n;

	n = snprintf(text, size,
	    "%s of %s 0x%" PRIx64 ", begun in state %zu, in state %zu now, "
	    "waited for in state %zu, of %zu; at rest in",
	    kind_names[look->kind], look->kind == VALID ? "handle" : "frame",
	    look->kind == VALID ? (uint64_t)(uintptr_t)handles[look->of]
				: (uint64_t)frames[look->of],
	    reader.begin, arena_now, reader.limit, arena_last);
	for (size_t r = 0; r < nrests && n > 0 && (size_t)n < size; r++)
		n += snprintf(
		    text + n, size - (size_t)n, " %zu", rests[r].state);
	for (size_t i = 0; i < reader.jumped && n > 0 && (size_t)n < size; i++)
		n += snprintf(text + n, size - (size_t)n,
		    "%s load %u in state %zu", i == 0 ? ";" : ",",
		    reader.script.jumps[i].load, reader.script.jumps[i].state);
}

static _Noreturn void
wrong(const char *what)
{
	char text[1024];

	describe_reader(text, sizeof(text));
	reader.look = NULL;
	arena_go(arena_last);
	test_failed(what);
	ck_abort_msg("%s: %s: %s", scene, text, what);
}

/* A reader that follows a wild pointer. */
static void
on_signal(int number)
{
	char text[1024] = "nobody reads";

	if (reader.look != NULL)
		describe_reader(text, sizeof(text));
	printf("%s: %s: signal %d\n", scene, text, number);
	fflush(stdout);
	signal(number, SIG_DFL);
	raise(number);
}

/* ---- its loads ---- */

static void
add_script(size_t state)
{
	struct script *script;

	if (nscripts == most_scripts || reader.script.n == most_jumps) {
		/* Every way, up to so many jumps, is every way. */
		test_assert(
		    nscripts < MOST_SCRIPTS || most_jumps == MOST_JUMPS);
		ncut++;
		return;
	}
	script = &scripts[nscripts++];
	*script = reader.script;
	script->jumps[script->n++] = (struct jump){ reader.loads, state };
}

/* The bytes of a word that are loaded. */
static uintptr_t
part(const uintptr_t *word, const volatile void *at, size_t size)
{
	const size_t skip = (uintptr_t)at % sizeof(*word);
	uintptr_t value = 0;

	memcpy(&value, (const char *)word + skip, size);
	return value;
}

/* For each other value that this load may see, there is another script. */
static void
branch(const volatile void *at, size_t size)
{
	const uintptr_t *here =
	    (const void *)((uintptr_t)at - (uintptr_t)at % sizeof(*here));
	uintptr_t values[MOST_VALUES] = { part(here, at, size) }, value;
	const struct arena_change *c = arena_changed(at, arena_now);
	size_t n = 1, i;

	for (; c != NULL && c->state <= reader.limit; c = c->again) {
		value = part(&c->is, at, size);
		for (i = 0; i < n && values[i] != value; i++)
			continue;
		if (i < n)
			continue;
		add_script(c->state);
		if (n < MOST_VALUES)
			values[n++] = value;
	}
}

/* Is it written meanwhile, and not in order? */
static void
judge_load(const volatile void *at, size_t size, int order)
{
	const struct arena_change *c = arena_changed(at, arena_now);

	for (; c != NULL && c->state <= reader.limit; c = c->again) {
		if (part(&c->was, at, size) == part(&c->is, at, size))
			continue;
		if (c->plain)
			wrong("it loads what is written by no ordered store");
		if (order == (int)memory_order_relaxed)
			wrong("it loads what changes, and not in order");
	}
}

/* No reader looks at claims. */
void
test_before_step(const volatile void *at)
{
	(void)at;
}

void
test_before_load(const volatile void *at, size_t size, int order)
{
	if (reader.look == NULL)
		return;
	nloads++;
	if (++reader.loads > MOST_LOADS)
		wrong("it waits");
	if (reader.jumped == reader.script.n)
		branch(at, size);
	else if (reader.script.jumps[reader.jumped].load == reader.loads)
		arena_go(reader.script.jumps[reader.jumped++].state);
	judge_load(at, size, order);
}

/* ---- its answers ---- */

/* The rests that a reader may have found, which was in these states. */
static size_t
first_rest(size_t from)
{
	size_t r = nrests - 1;

	while (r > 0 && (rests[r].state > from || rests[r - 1].state == from))
		r--;
	return r;
}

static size_t
last_rest(size_t to)
{
	size_t r = 0;

	while (r < nrests - 1 && rests[r].state < to)
		r++;
	return r;
}

/* Does the frame stay registered from a rest on, while the section lasts? */
static bool
stays(size_t f, size_t r)
{
	for (; r <= reader.returned; r++)
		if (seen[r][f].handle == PHYSSEG_NONE)
			return false;
	return true;
}

/* Does the page found at a rest stay the frame's, and is it untouched from now
 * on, while the section lasts? */
static bool
keeps_page(size_t f, size_t rest)
{
	const struct seen *s = &seen[rest][f];
	const struct arena_change *c;

	for (size_t r = rest; r <= reader.returned; r++)
		if (seen[r][f].page != s->page ||
		    seen[r][f].serial != s->serial)
			return false;
	if (s->page->pfn != frames[f] || s->page->serial != s->serial)
		return false;
	c = arena_changed(&s->page->pfn, arena_now);
	if (c != NULL && c->state <= reader.limit)
		return false;
	c = arena_changed(&s->page->serial, arena_now);
	return c == NULL || c->state > reader.limit;
}

static const char *
judge_page(size_t f, const void *page)
{
	const char *what =
	    page == NULL ? "not found" : "no page that was ever the frame's";

	for (size_t r = first_rest(reader.begin); r <= last_rest(arena_now);
	     r++) {
		if (seen[r][f].page != page)
			continue;
		if (page == NULL || keeps_page(f, r))
			return NULL;
		what = "the page is another's before the section ends";
	}
	return what;
}

/* Does the handle name a segment at all rests of the section from a state on?
 * One that no rest knows lives within one change only. */
static bool
stays_named(physseg_t handle, size_t state)
{
	size_t h = 0;

	while (h < nhandles && handles[h] != handle)
		h++;
	for (size_t r = 0; r <= reader.returned; r++)
		if (rests[r].state >= state && (h == nhandles || !named[r][h]))
			return false;
	return true;
}

/* What a reader alone is told, who begins and ends in one state. */
struct alone {
	physseg_t handle;
	physseg_pfn_t offset;
	bool found; /* by physseg_lookup, and what it says */
	struct physseg_found all;
};

static void
look_alone(const struct look *look, size_t state, struct alone *alone)
{
	const struct reader saved = reader;
	const size_t now = arena_now;
	const physseg_pfn_t pfn = frames[look->of];

	reader.look = NULL;
	arena_go(state);
	alone->handle = physseg_find(map, pfn, &alone->offset);
	alone->found = physseg_lookup(map, pfn, &alone->all);
	arena_go(now);
	reader = saved;
}

/* Is there a state in which a reader alone is told this?  It may be a later one
 * of the change under way: while two segments are joined both have the frames,
 * and either is right. */
static bool
was_found(size_t f, physseg_t handle, physseg_pfn_t offset)
{
	const struct look look = { FIND, f };
	struct alone alone;

	for (size_t s = reader.begin; s <= rests[last_rest(arena_now)].state;
	     s++) {
		look_alone(&look, s, &alone);
		if (alone.handle == handle && alone.offset == offset &&
		    stays_named(handle, s))
			return true;
	}
	return false;
}

static const char *
judge_find(size_t f, physseg_t handle, physseg_pfn_t offset)
{
	const char *what =
	    handle == PHYSSEG_NONE ? "not found" : "another segment";

	for (size_t r = first_rest(reader.begin); r <= last_rest(arena_now);
	     r++) {
		if (seen[r][f].handle != handle)
			continue;
		if (handle == PHYSSEG_NONE)
			return NULL;
		if (seen[r][f].offset != offset)
			what = "another offset";
		else if (!stays(f, r))
			what = "what is unplugged before the section ends";
		else if (!stays_named(handle, rests[r].state))
			what = "a segment that is gone before the section ends";
		else
			return NULL;
	}
	return handle != PHYSSEG_NONE && was_found(f, handle, offset) ? NULL
								      : what;
}

static const char *
judge_valid(physseg_t handle, size_t from, bool is_valid)
{
	size_t h = 0;

	while (h < nhandles && handles[h] != handle)
		h++;
	if (h == nhandles) /* it was found, within a change */
		return NULL;
	for (size_t r = first_rest(from); r <= last_rest(arena_now); r++)
		if (valid[r][h] == is_valid)
			return NULL;
	return is_valid ? "valid" : "not valid";
}

/* The page was found in this section before, so it is the frame's. */
static const char *
judge_frame(size_t f, const void *page, size_t from, physseg_pfn_t pfn)
{
	if (pfn == frames[f])
		return NULL;
	if (pfn != PHYSSEG_NOFRAME)
		return "another frame";
	for (size_t r = first_rest(from); r <= last_rest(arena_now); r++)
		if (seen[r][f].page != page)
			return NULL;
	return "not found";
}

static const char *
look_find(size_t f)
{
	physseg_pfn_t offset = 0;
	const physseg_t handle = physseg_find(map, frames[f], &offset);
	const char *what = judge_find(f, handle, offset);
	const size_t from = arena_now;

	if (what != NULL || handle == PHYSSEG_NONE)
		return what;
	return judge_valid(handle, from, physseg_valid(map, handle));
}

static const char *
look_frame(size_t f)
{
	const void *page = physseg_page(map, frames[f]);
	const size_t from = arena_now;

	if (page == NULL || judge_page(f, page) != NULL)
		return NULL; /* which is PAGE's affair */
	return judge_frame(f, page, from, physseg_frame(map, page));
}

/* The segment of a frame, at a rest; NULL: none. */
static const struct segment *
segment_at(physseg_pfn_t pfn, size_t r)
{
	for (size_t i = 0; i < rests[r].nsegments; i++)
		if (pfn >= rests[r].segments[i].start &&
		    pfn < rests[r].segments[i].end)
			return &rests[r].segments[i];
	return NULL;
}

static const char *
look_list(size_t f)
{
	const int list = TEST_FREE_LIST(map, frames[f]);
	const struct segment *s;

	for (size_t r = first_rest(reader.begin); r <= last_rest(arena_now);
	     r++) {
		s = segment_at(frames[f], r);
		if ((s == NULL ? -1 : s->free_list) == list)
			return NULL;
	}
	return list >= 0 ? "found" : "not found";
}

/* The page at a place in a segment, at a rest. */
static const void *
page_in_segment(physseg_t handle, physseg_pfn_t offset, size_t r)
{
	for (size_t i = 0; i < rests[r].nsegments; i++) {
		const struct segment *s = &rests[r].segments[i];

		if (s->handle == handle && s->pages != NULL &&
		    offset < s->end - s->start)
			return s->pages + offset * sizeof(struct arena_page);
	}
	return NULL;
}

/* The page of a frame, at a rest. */
static const void *
page_of_frame(physseg_pfn_t pfn, size_t r)
{
	const struct segment *s = segment_at(pfn, r);

	return s == NULL || s->pages == NULL
	    ? NULL
	    : s->pages + (pfn - s->start) * sizeof(struct arena_page);
}

/* By its place in the segment that was just found; or a place further up,
 * which is outside of the segment, or was, or will be. */
static const char *
look_segment(size_t f, physseg_pfn_t more)
{
	physseg_pfn_t offset = 0;
	const physseg_t handle = physseg_find(map, frames[f], &offset);
	const size_t from = arena_now;
	const void *page;
	const char *what;
	size_t r = first_rest(from);

	if (handle == PHYSSEG_NONE || judge_find(f, handle, offset) != NULL)
		return NULL; /* which is FIND's affair */
	page = TEST_SEGMENT_PAGE(map, handle, offset + more);
	what = page == NULL ? "not found" : "no page that was ever there";
	/* What was found has come, also where the change is under way. */
	while (page == NULL && more == 0 && r < last_rest(arena_now) &&
	    segment_at(frames[f], r) == NULL)
		r++;
	for (; r <= last_rest(arena_now); r++) {
		/* Within a change the frame may still have its page, in a
		 * segment that is offline at the rest. */
		if (page != NULL &&
		    page_of_frame(frames[f] + more, r) == page) {
			if (more != 0 || keeps_page(f, r))
				return NULL;
			what = "the page is another's before the section ends";
		} else if (page_in_segment(handle, offset + more, r) == page)
			return NULL;
	}
	return what;
}

/* ---- everything about a frame ---- */

static bool
is_like(const struct physseg_found *a, const struct physseg_found *b)
{
	return a->handle == b->handle && a->start == b->start &&
	    a->end == b->end && a->offset == b->offset && a->page == b->page &&
	    a->data == b->data && a->free_list == b->free_list &&
	    a->node == b->node && a->kind == b->kind && a->state == b->state;
}

/* What it must say at a rest; false: it finds nothing. */
static bool
found_at(size_t f, size_t r, struct physseg_found *found)
{
	const struct segment *s = segment_at(frames[f], r);

	if (s == NULL)
		return false;
	*found = (struct physseg_found){ .handle = s->handle,
		.start = s->start,
		.end = s->end,
		.offset = frames[f] - s->start,
		.page = (void *)(uintptr_t)seen[r][f].page,
		.data = s->data,
		.free_list = s->free_list,
		.node = s->node,
		.kind = s->kind,
		.state = s->state };
	return true;
}

/* Between two rests it may say what is in no rest: but nothing that differs
 * from both in more than bounds and handle. */
static bool
is_between(size_t f, const struct physseg_found *found)
{
	struct physseg_found rest;

	if (frames[f] < found->start || frames[f] >= found->end ||
	    found->offset != frames[f] - found->start)
		return false;
	for (size_t r = first_rest(reader.begin); r <= last_rest(arena_now);
	     r++)
		if (found_at(f, r, &rest) && rest.page == found->page &&
		    rest.state == found->state && rest.node == found->node &&
		    rest.kind == found->kind &&
		    rest.free_list == found->free_list)
			return true;
	return false;
}

/* Is it what a reader alone is told in one of the states? */
static bool
was_so(
    const struct look *look, bool is_found, const struct physseg_found *found)
{
	struct alone alone;

	for (size_t s = reader.begin; s <= rests[last_rest(arena_now)].state;
	     s++) {
		look_alone(look, s, &alone);
		if (is_found && alone.found && is_like(found, &alone.all) &&
		    stays_named(found->handle, s) &&
		    is_between(look->of, found))
			return true;
	}
	return false;
}

static const char *
look_up(const struct look *look)
{
	struct physseg_found found, rest;
	const bool is_found = physseg_lookup(map, frames[look->of], &found);
	const size_t f = look->of;
	const char *what = is_found ? "a mixture" : "not found";

	for (size_t r = first_rest(reader.begin); r <= last_rest(arena_now);
	     r++) {
		if (found_at(f, r, &rest) != is_found)
			continue;
		if (!is_found)
			return NULL;
		if (!is_like(&found, &rest))
			continue;
		if (!stays(f, r) || !stays_named(found.handle, rests[r].state))
			what = "what is gone before the section ends";
		else if (found.page != NULL && !keeps_page(f, r))
			what = "the page is another's before the section ends";
		else
			return NULL;
	}
	if (was_so(look, is_found, &found))
		return NULL;
	if (is_found)
		printf("found [0x%" PRIx64 ", 0x%" PRIx64 "), page %p, state "
		       "%d, handle %p\n",
		    (uint64_t)found.start, (uint64_t)found.end, found.page,
		    (int)found.state, (const void *)found.handle);
	return what;
}

/* ---- ranges ---- */

#define RANGE 24 /* frames, from a little below the frame on */

/* May the frame have been there, or not there? */
static bool
may_be(physseg_pfn_t pfn, bool online, bool there)
{
	const struct segment *s;

	for (size_t r = first_rest(reader.begin); r <= last_rest(arena_now);
	     r++) {
		s = segment_at(pfn, r);
		if ((s != NULL && (!online || s->state == PHYSSEG_ONLINE)) ==
		    there)
			return true;
	}
	return false;
}

static const char *
look_at_range(size_t f, bool online)
{
	const physseg_pfn_t pfn = frames[f] < 3 ? 0 : frames[f] - 3;
	const physseg_pfn_t n =
	    PHYSSEG_NOFRAME - pfn < RANGE ? PHYSSEG_NOFRAME - pfn : RANGE;
	physseg_pfn_t missing = pfn + n;
	const bool all = physseg_covers(map, pfn, n, online, &missing);

	if (all != (missing == pfn + n))
		return "no frame is missing, or one is that is not in it";
	for (physseg_pfn_t i = pfn; i < missing; i++)
		if (!may_be(i, online, true))
			return "a frame that is not there is covered";
	return all || may_be(missing, online, false)
	    ? NULL
	    : "a frame that is there is missing";
}

/* Of two frames, which are seldom in the same entry. */
static const char *
look_for_pages(size_t f)
{
	const size_t of[] = { f, (f + nframes / 2) % nframes };
	const physseg_pfn_t pfns[] = { frames[of[0]], frames[of[1]] };
	void *pages[2] = { NULL, NULL };
	const char *what;

	TEST_PAGES(map, pfns, 2, pages);
	what = judge_page(of[0], pages[0]);
	return what != NULL ? what : judge_page(of[1], pages[1]);
}

static const char *
look_now(const struct look *look)
{
	switch (look->kind) {
	case PAGE:
		return judge_page(
		    look->of, physseg_page(map, frames[look->of]));
	case FIND:
		return look_find(look->of);
	case VALID:
		return judge_valid(handles[look->of], reader.begin,
		    physseg_valid(map, handles[look->of]));
	case LIST:
		return look_list(look->of);
	case PAGES:
		return look_for_pages(look->of);
	case SEGMENT:
		return look_segment(look->of, 0);
	case BEYOND:
		return look_segment(look->of, 1);
	case LOOKUP:
		return look_up(look);
	case COVERS:
	case ONLINE_COVERS:
		return look_at_range(look->of, look->kind == ONLINE_COVERS);
	default:
		return look_frame(look->of);
	}
}

/* ---- all of them ---- */

/* In all ways, from one moment on. */
static void
look_in_all_ways(const struct look *look)
{
	const char *what;
	size_t ways = 0;

	reader.script.n = nscripts = 0;
	for (;;) {
		arena_go(reader.begin);
		reader.jumped = reader.loads = 0;
		reader.look = look;
		if ((what = look_now(look)) != NULL)
			wrong(what);
		reader.look = NULL;
		nlooks++;
		if (ways == nscripts)
			return;
		reader.script = most_scripts == MOST_SCRIPTS
		    ? scripts[--nscripts]
		    : scripts[ways++];
	}
}

static void
look_from(size_t begin)
{
	struct look look;
	size_t s = 0;

	while (s < arena_nsyncs && arena_syncs[s].state <= begin)
		s++;
	reader.begin = begin;
	reader.limit = s < arena_nsyncs ? arena_syncs[s].state : arena_last;
	reader.returned =
	    s < arena_nsyncs ? arena_syncs[s].mark - 1 : nrests - 1;
	for (look.kind = 0; look.kind < NKINDS; look.kind++) {
		if ((!paged &&
			(look.kind == PAGE || look.kind == PAGES ||
			    look.kind == FRAME)) ||
		    (lookup_alone && look.kind != LOOKUP) ||
		    (look.kind >= LIST && !TEST_BY_SEGMENT))
			continue;
		for (look.of = 0;
		     look.of < (look.kind == VALID ? nhandles : nframes);
		     look.of++)
			look_in_all_ways(&look);
	}
}

static void
add_begin(size_t *begins, size_t *n, size_t state)
{
	for (size_t i = 0; i < *n; i++)
		if (begins[i] == state)
			return;
	if (state <= arena_last)
		begins[(*n)++] = state;
}

/*
 * What a reader must find, and when it is waited for, depends on whether it
 * begins at a rest or between two, and before or after a call of `sync'.  The
 * first state of each such stretch of states is enough: from there a reader
 * can see all that it can see from a later one.
 */
static void
look_at_all(void)
{
	size_t begins[2 * (MOST_OPS + 1) + ARENA_SYNCS], n = 0;

	add_frame(0);
	add_frame(PHYSSEG_NOFRAME);
	see_all();
	for (size_t r = 0; r < nrests; r++) {
		add_begin(begins, &n, rests[r].state);
		add_begin(begins, &n, rests[r].state + 1);
	}
	for (size_t s = 0; s < arena_nsyncs; s++)
		add_begin(begins, &n, arena_syncs[s].state);
	for (size_t i = 0; i < n; i++)
		look_from(begins[i]);
	arena_go(arena_last);
	must_be_whole();
}

/* From now on changes are written down. */
static void
start_looking(void)
{
	nframes = nhandles = nrests = 0;
	arena_start();
	arena_pause();
	take_rest();
}

/* One more that readers meet. */
static int
do_looked_at(const struct op *op, physseg_pfn_t edge)
{
	const physseg_pfn_t pfn = edge + (physseg_pfn_t)op->off;
	int error;

	arena_mark = nrests;
	arena_resume();
	error = do_op(op, edge);
	arena_pause();
	if (op->what >= PLUG) {
		add_edge(pfn);
		add_edge(pfn + op->n);
	}
	take_rest();
	return error;
}

static bool
can_run(const char *test)
{
	if ((TEST_RADIX->capabilities & PHYSSEG_LOCKFREE) != 0)
		return true;
	test_skip(test, "readers need the lock on this machine");
	return false;
}

/* The number in a variable, or all of them. */
static bool
is_wanted(const char *variable, unsigned long number)
{
	const char *text = getenv(variable);

	return text == NULL || strtoul(text, NULL, 0) == number;
}

/* ---- the tables ---- */

/* Here a tree is higher, and takes more memory. */
#define VERY_FAR (sizeof(physseg_pfn_t) > 4 ? 1LL << 40 : 1LL << 30)

/* Ends of leaves, of nodes, of the tree. */
static const physseg_pfn_t edges[] = { 0, 16, 64, 4096, 1 << 18,
	(physseg_pfn_t)VERY_FAR, (physseg_pfn_t)(((uint64_t)1 << 52) - 10000),
	PHYSSEG_NOFRAME - 10000 };

#define NEDGES (sizeof(edges) / sizeof(edges[0]))

#define NOPS 16

enum {
	PAGED = 1,
	REGISTRY = 2,
	COALESCE = 4,
	BOOTING = 8,
	DELAYED = 16, /* physseg_lookup alone, in ways with more jumps */
	BOTH = PAGED | REGISTRY
};

/* Readers meet what comes after it. */
#define LOOK                  \
	{                     \
		NOTHING, 0, 1 \
	}

/* A map that runs.  The segment at 1000 has no page structures. */
#define PAGELESS                                                  \
	{ LOAD, 0, 100 }, { LOAD, 1000, 100 }, { CHOMP, 0, 250 }, \
	    { INIT, 0, 0 },                                       \
	{                                                         \
		RUN, 0, 0                                         \
	}

/* A map is made, and changed. */
static const struct shape {
	unsigned how;
	struct op ops[NOPS];
} shapes[] = {
	/* The first segment of an empty map. */
	{ BOTH, { LOOK, { PLUG, -8, 16 } } },
	{ BOTH, { LOOK, { PLUG, 0, 1 } } },
	{ BOTH, { LOOK, { PLUG, -1, 1 } } },
	{ BOTH, { LOOK, { PLUG, 0, 64 } } },
	{ BOTH, { LOOK, { PLUG, -100, 300 } } },
	{ PAGED, { LOOK, { PLUG, 0, 4096 } } },
	{ PAGED, { LOOK, { PLUG, -4097, 8195 } } },
	{ REGISTRY, { LOOK, { PLUG, -300000, 600000 } } },
	/* The last of a map. */
	{ BOTH, { { PLUG, -8, 16 }, LOOK, { UNPLUG, -8, 16 } } },
	{ BOTH, { { PLUG, 0, 1 }, LOOK, { UNPLUG, 0, 1 } } },
	{ BOTH, { { PLUG, -100, 300 }, LOOK, { UNPLUG, -100, 300 } } },
	{ REGISTRY,
	    { { PLUG, -300000, 600000 }, LOOK, { UNPLUG, -300000, 600000 } } },
	/* The root goes up, and down. */
	{ BOTH, { { PLUG, 0, 8 }, LOOK, { PLUG, 8000, 8 } } },
	{ BOTH,
	    { { PLUG, 0, 8 }, { PLUG, 8000, 8 }, LOOK, { UNPLUG, 8000, 8 } } },
	{ BOTH, { { PLUG, 0, 8 }, { PLUG, 8000, 8 }, LOOK, { UNPLUG, 0, 8 } } },
	{ BOTH,
	    { { PLUG, 0, 8 }, { PLUG, 700, 8 }, LOOK, { PLUG, 1 << 20, 8 },
		{ UNPLUG, 1 << 20, 8 } } },
	/* Beside another, whose page structures it continues. */
	{ BOTH, { { PLUG, -40, 40 }, LOOK, { PLUG, 0, 24 } } },
	{ BOTH, { { PLUG, 0, 8 }, LOOK, { PLUG, 8, 8 } } },
	{ BOTH, { { PLUG, 0, 4 }, { PLUG, 8, 4 }, LOOK, { PLUG, 4, 4 } } },
	/* Which it does not continue: the entry is expanded. */
	{ BOTH, { { PLUG, 0, 8 }, { PLUG, 900, 8 }, LOOK, { PLUG, 8, 8 } } },
	{ BOTH, { { PLUG, 0, 16 }, { PLUG, 900, 8 }, LOOK, { PLUG, 16, 16 } } },
	{ BOTH, { { PLUG, 0, 70 }, { PLUG, 900, 8 }, LOOK, { PLUG, -8, 8 } } },
	{ BOTH,
	    { { PLUG, 0, 4 }, { PLUG, 900, 8 }, { PLUG, 5, 1 },
		{ PLUG, 910, 8 }, LOOK, { PLUG, 8, 100 } } },
	{ BOTH,
	    { { PLUG, -70, 73 }, { PLUG, 900, 8 }, { PLUG, 10, 5 },
		{ PLUG, 910, 8 }, { PLUG, 60, 100 }, { PLUG, 990, 8 }, LOOK,
		{ PLUG, 20, 30 } } },
	/* It has, and one goes. */
	{ BOTH,
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, { PLUG, 8, 8 }, LOOK,
		{ UNPLUG, 8, 8 } } },
	{ BOTH,
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, { PLUG, 8, 8 }, LOOK,
		{ UNPLUG, 0, 8 } } },
	{ BOTH,
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, { PLUG, 8, 8 }, LOOK,
		{ UNPLUG, 10, 1 } } },
	{ BOTH,
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, { PLUG, 8, 80 }, LOOK,
		{ UNPLUG, 8, 1 } } },
	{ BOTH,
	    { { PLUG, -70, 78 }, { PLUG, 900, 8 }, { PLUG, 8, 80 }, LOOK,
		{ UNPLUG, 7, 1 } } },
	{ BOTH,
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, { PLUG, 8, 8 },
		{ UNPLUG, 9, 3 }, LOOK, { PLUG, 9, 3 } } },
	/* All of it goes, but not its block, and it comes apart once more. */
	{ PAGED,
	    { { PLUG, 0, 4 }, { PLUG, 900, 8 }, { PLUG, 4, 4 }, { PLUG, 80, 8 },
		LOOK, { UNPLUG, 0, 4 }, { UNPLUG, 4, 4 }, { PLUG, 4, 4 },
		{ PLUG, 0, 4 } } },
	/* Front, back, middle; of little, and of much. */
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -200, 1 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -200, 10 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -200, 200 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -200, 264 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -200, 399 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, 199, 1 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, 190, 10 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, 0, 200 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -64, 264 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -199, 399 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, 0, 1 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -1, 1 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -10, 20 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -64, 64 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -64, 128 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { UNPLUG, -199, 398 } } },
	{ BOTH, { { PLUG, 0, 64 }, LOOK, { UNPLUG, 10, 1 } } },
	{ BOTH, { { PLUG, 0, 64 }, LOOK, { UNPLUG, 0, 1 } } },
	{ BOTH, { { PLUG, 0, 64 }, LOOK, { UNPLUG, 63, 1 } } },
	{ BOTH, { { PLUG, 0, 64 }, LOOK, { UNPLUG, 16, 16 } } },
	{ PAGED, { { PLUG, -4096, 8192 }, LOOK, { UNPLUG, 0, 1 } } },
	{ PAGED, { { PLUG, -4096, 8192 }, LOOK, { UNPLUG, -64, 64 } } },
	{ PAGED, { { PLUG, -4096, 8192 }, LOOK, { UNPLUG, -4096, 1 } } },
	{ PAGED, { { PLUG, -4096, 8192 }, LOOK, { UNPLUG, 0, 4096 } } },
	{ PAGED, { { PLUG, -4096, 8192 }, LOOK, { UNPLUG, -4096, 4097 } } },
	{ REGISTRY, { { PLUG, -262144, 524288 }, LOOK, { UNPLUG, 0, 1 } } },
	{ REGISTRY,
	    { { PLUG, -262144, 524288 }, LOOK, { UNPLUG, -4096, 4096 } } },
	{ REGISTRY,
	    { { PLUG, -262144, 524288 }, LOOK, { UNPLUG, -262144, 1 } } },
	{ REGISTRY,
	    { { PLUG, -262144, 524288 }, LOOK, { UNPLUG, 0, 262144 } } },
	{ REGISTRY, { { PLUG, -262144, 524288 }, LOOK, { UNPLUG, -1, 2 } } },
	{ REGISTRY,
	    { { PLUG, -262144, 524288 }, LOOK, { UNPLUG, 262143, 1 } } },
	/* Fragments: one of several goes, a hole is filled. */
	{ BOTH,
	    { { PLUG, 0, 64 }, { UNPLUG, 8, 8 }, { UNPLUG, 24, 8 }, LOOK,
		{ UNPLUG, 16, 8 } } },
	{ BOTH, { { PLUG, 0, 64 }, { UNPLUG, 8, 8 }, LOOK, { PLUG, 8, 8 } } },
	{ BOTH,
	    { { PLUG, -100, 200 }, { UNPLUG, -10, 20 }, LOOK,
		{ PLUG, -10, 20 } } },
	{ PAGED,
	    { { PLUG, -4096, 8192 }, { UNPLUG, -1000, 100 }, LOOK,
		{ UNPLUG, 100, 10 } } },
	{ PAGED,
	    { { PLUG, -4096, 8192 }, { UNPLUG, -1000, 100 }, { UNPLUG, 300, 1 },
		LOOK, { UNPLUG, -3000, 10 } } },
	{ PAGED,
	    { { PLUG, -4096, 8192 }, { UNPLUG, -1000, 100 }, { UNPLUG, 300, 1 },
		LOOK, { UNPLUG, -900, 1200 } } },
	/* The tail is where a search for the next one begins. */
	{ BOTH,
	    { { PLUG, -20, 26 }, { PLUG, 8, 4 }, LOOK, { UNPLUG, -2, 4 } } },
	/* Several start in one leaf. */
	{ BOTH,
	    { { PLUG, 0, 4 }, { PLUG, 8, 4 }, { PLUG, 16, 4 }, LOOK,
		{ UNPLUG, 8, 4 } } },
	{ BOTH,
	    { { PLUG, 0, 4 }, { PLUG, 8, 4 }, { PLUG, 16, 4 }, LOOK,
		{ UNPLUG, 0, 4 } } },
	{ BOTH,
	    { { PLUG, 0, 4 }, { PLUG, 8, 4 }, { PLUG, 16, 4 }, LOOK,
		{ UNPLUG, 0, 2 } } },
	{ BOTH,
	    { { PLUG, 0, 4 }, { PLUG, 8, 4 }, { PLUG, 16, 4 }, LOOK,
		{ UNPLUG, 16, 4 } } },
	{ BOTH,
	    { { PLUG, -64, 68 }, { PLUG, 8, 4 }, { PLUG, 16, 4 }, LOOK,
		{ UNPLUG, -64, 66 } } },
	{ BOTH,
	    { { PLUG, 0, 4 }, { PLUG, 8, 4 }, { PLUG, -72, 1 }, LOOK,
		{ PLUG, -70, 70 } } },
	/* A segment grows: upwards, downwards, and where it cannot. */
	{ BOTH | COALESCE, { { PLUG, -8, 8 }, LOOK, { PLUG, 0, 8 } } },
	{ BOTH | COALESCE, { { PLUG, -1, 1 }, LOOK, { PLUG, 0, 1 } } },
	{ BOTH | COALESCE, { { PLUG, -200, 200 }, LOOK, { PLUG, 0, 200 } } },
	{ BOTH | COALESCE, { { PLUG, 0, 8 }, LOOK, { PLUG, 8, 1 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 16 }, { UNPLUG, 0, 8 }, LOOK, { PLUG, 0, 8 } } },
	{ BOTH | COALESCE,
	    { { PLUG, -64, 128 }, { UNPLUG, -64, 64 }, LOOK,
		{ PLUG, -64, 64 } } },
	{ BOTH | COALESCE,
	    { { PLUG, -64, 128 }, { UNPLUG, -64, 64 }, LOOK,
		{ PLUG, -1, 1 } } },
	{ BOTH | COALESCE,
	    { { PLUG, -200, 400 }, { UNPLUG, -200, 264 }, LOOK,
		{ PLUG, -200, 264 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 64 }, { UNPLUG, 8, 8 }, LOOK, { PLUG, 8, 8 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 64 }, { UNPLUG, 8, 8 }, LOOK, { PLUG, 8, 2 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 64 }, { UNPLUG, 8, 8 }, LOOK, { PLUG, 14, 2 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, LOOK, { PLUG, 8, 8 } } },
	{ REGISTRY | COALESCE,
	    { { PLUG, -262144, 262144 }, LOOK, { PLUG, 0, 262144 } } },
	{ REGISTRY | COALESCE,
	    { { PLUG, 0, 262144 }, LOOK, { PLUG, -262144, 262144 } } },
	/* Its last block remembers another, and its start goes to a block
	 * further down. */
	{ BOTH | COALESCE,
	    { { PLUG, 0, 1700 }, { UNPLUG, 600, 10 }, { UNPLUG, 0, 600 }, LOOK,
		{ PLUG, 400, 210 } } },
	/* Segments of boot. */
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { SWITCH, 0, 0 }, LOOK,
		{ UNPLUG, 10, 20 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { SWITCH, 0, 0 }, LOOK,
		{ PLUG, 130, 20 } } },
	/* For which there was no memory at the switch. */
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ UNPLUG, 10, 20 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ UNPLUG, 0, 20 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ UNPLUG, 50, 50 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ UNPLUG, 100, 30 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ PLUG, 130, 20 } } },
	{ BOTH | COALESCE,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ PLUG, 130, 20 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ UNPLUG, 0, 100 } } },
	/* And readers meet the whole story. */
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, LOOK, { SWITCH, 0, 0 },
		{ UNPLUG, 10, 20 }, { PLUG, 10, 20 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, LOOK, { POOR_SWITCH, 0, 0 },
		{ PLUG, 130, 20 }, { UNPLUG, 0, 100 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { LOAD, 200, 4 }, LOOK,
		{ POOR_SWITCH, 0, 2 }, { UNPLUG, 0, 100 }, { PLUG, 130, 20 },
		{ UNPLUG, 100, 30 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 300, 30 }, { LOAD, 9000, 4 },
		{ POOR_SWITCH, 0, 0 }, LOOK, { UNPLUG, 10, 20 },
		{ UNPLUG, 0, 5 }, { UNPLUG, 90, 10 }, { UNPLUG, 300, 30 } } },
	/* A part of the segments finds memory at the switch. */
	{ BOTH,
	    { { LOAD, 0, 600 }, { LOAD, 700, 100 }, { LOAD, VERY_FAR, 100 },
		{ POOR_SWITCH, 0, 3 }, LOOK, { UNPLUG, 0, 600 },
		{ PLUG, 5000, 600 }, { UNPLUG, 5000, 1 } } },
	{ BOTH,
	    { { LOAD, 0, 600 }, { LOAD, 700, 100 }, { LOAD, VERY_FAR, 100 },
		{ POOR_SWITCH, 0, 4 }, LOOK, { UNPLUG, 0, 600 },
		{ PLUG, 5000, 600 }, { UNPLUG, 5000, 1 } } },
	{ BOTH,
	    { { LOAD, 0, 600 }, { LOAD, 700, 100 }, { LOAD, VERY_FAR, 100 },
		{ POOR_SWITCH, 0, 6 }, LOOK, { UNPLUG, 0, 600 },
		{ PLUG, 5000, 600 }, { UNPLUG, 5000, 1 } } },
	{ BOTH,
	    { { LOAD, 0, 600 }, { LOAD, 700, 100 }, { LOAD, VERY_FAR, 100 },
		{ POOR_SWITCH, 0, 8 }, LOOK, { UNPLUG, 0, 600 },
		{ PLUG, 5000, 600 }, { UNPLUG, 5000, 1 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 120, 30 }, { LOAD, VERY_FAR, 100 },
		{ POOR_SWITCH, 0, 4 }, LOOK, { UNPLUG, 0, 20 },
		{ UNPLUG, 80, 20 }, { UNPLUG, 50, 1 },
		{ UNPLUG, VERY_FAR, 1 } } },
	/* A record has several lives, and a block remembers the first. */
	{ BOTH,
	    { { PLUG, 0, 1000 }, { UNPLUG, 100, 100 }, { UNPLUG, 0, 100 },
		{ PLUG, 2000, 100 }, LOOK, { UNPLUG, 2000, 100 },
		{ PLUG, 50, 10 }, { UNPLUG, 50, 10 } } },
	{ BOTH,
	    { { PLUG, 0, 200 }, { UNPLUG, 100, 50 }, LOOK, { UNPLUG, 0, 100 },
		{ PLUG, 2000, 64 }, { UNPLUG, 2000, 64 }, { PLUG, 50, 10 },
		{ UNPLUG, 50, 10 } } },
	{ BOTH,
	    { { PLUG, 0, 1000 }, { UNPLUG, 100, 100 }, LOOK, { UNPLUG, 0, 100 },
		{ PLUG, 2000, 64 }, { UNPLUG, 2000, 64 }, { PLUG, 50, 10 },
		{ UNPLUG, 50, 10 } } },
	/* Page structures of the host's that go back there, and come again. */
	{ PAGED,
	    { { PLUG, 0, 8 }, { PLUG, 1000, 1024 }, LOOK,
		{ UNPLUG, 1000, 1024 }, { PLUG, 3000, 1024 },
		{ UNPLUG, 3000, 1024 }, { PLUG, 1000, 1024 } } },
	{ PAGED,
	    { { PLUG, 0, 8 }, LOOK, { UNPLUG, 0, 8 }, { PLUG, 0, 8 },
		{ UNPLUG, 0, 8 }, { PLUG, 500, 8 } } },
	{ PAGED,
	    { { PLUG, 0, 1100 }, LOOK, { UNPLUG, 0, 1000 },
		{ UNPLUG, 1000, 100 }, { PLUG, 64, 1100 },
		{ UNPLUG, 64, 1100 } } },
	/* A running map, one segment of which has no page structures. */
	{ PAGED,
	    { PAGELESS, LOOK, { UNPLUG, 1000, 10 }, { PLUG, 1000, 10 },
		{ UNPLUG, 1000, 10 } } },
	{ PAGED,
	    { PAGELESS, LOOK, { UNPLUG, 1090, 10 }, { PLUG, 1090, 10 },
		{ UNPLUG, 1040, 10 } } },
	{ PAGED,
	    { PAGELESS, LOOK, { UNPLUG, 1040, 20 }, { PLUG, 1040, 20 },
		{ UNPLUG, 1000, 40 } } },
	{ PAGED,
	    { PAGELESS, LOOK, { UNPLUG, 1000, 100 }, { PLUG, 1000, 10 },
		{ UNPLUG, 0, 10 } } },
	{ PAGED,
	    { PAGELESS, LOOK, { INIT, 1000, 0 }, { UNPLUG, 1000, 10 },
		{ PLUG, 300, 10 }, { UNPLUG, 300, 10 } } },
	{ PAGED,
	    { PAGELESS, LOOK, { PLUG, 1100, 10 }, { UNPLUG, 0, 10 },
		{ UNPLUG, 1050, 1 } } },
	{ PAGED,
	    { PAGELESS, { UNPLUG, 1040, 20 }, LOOK, { INIT, 1060, 0 },
		{ INIT, 1000, 0 }, { UNPLUG, 1000, 40 } } },
	{ PAGED | COALESCE,
	    { PAGELESS, LOOK, { PLUG, 1100, 10 }, { UNPLUG, 1000, 1 },
		{ UNPLUG, 1050, 1 } } },
	/* Such a segment is the only one, and the tree ends where it does. */
	{ PAGED,
	    { { LOADS, 32768, 24 }, { LOAD, 32768 - 10, 10 }, { RUN, 0, 0 },
		LOOK, { UNPLUG, 32768 - 10, 10 } } },
	/* What starts below it lies under another node. */
	{ PAGED,
	    { { LOADS, 0, 24 }, { LOAD, -16, 8 }, { LOAD, 1000, 100 },
		{ CHOMP, -16, 50 }, { INIT, -16, 0 }, { RUN, 0, 0 }, LOOK,
		{ UNPLUG, -16, 8 } } },
	/* It comes to run step by step. */
	{ PAGED,
	    { { LOAD, 0, 100 }, { LOAD, 1000, 100 }, { CHOMP, 0, 250 }, LOOK,
		{ INIT, 0, 0 }, { RUN, 0, 0 }, { INIT, 1000, 0 },
		{ UNPLUG, 1000, 30 }, { PLUG, 200, 30 } } },
	{ PAGED,
	    { { LOAD, 0, 100 }, { LOAD, 1000, 100 }, { CHOMP, 0, 250 }, LOOK,
		{ INIT, 0, 0 }, { INIT, 1000, 0 }, { RUN, 0, 0 },
		{ UNPLUG, 0, 100 } } },
	/* It boots again. */
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 200, 30 }, { SWITCH, 0, 0 }, LOOK,
		{ STOP, 0, 0 }, { RUN, 0, 0 }, { UNPLUG, 0, 10 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 200, 30 }, { LOAD, 300, 8 },
		{ SWITCH, 0, 0 }, { UNPLUG, 300, 8 }, LOOK, { STOP, 0, 0 },
		{ UNPLUG, 50, 50 }, { RUN, 0, 0 }, { UNPLUG, 200, 30 } } },
	{ BOTH | BOOTING,
	    { { LOAD, 0, 100 }, { LOAD, 200, 30 }, LOOK, { SWITCH, 0, 0 },
		{ STOP, 0, 0 } } },
	/* It goes offline: all of it, its front, its back, its middle. */
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { OFFLINE, -200, 400 } } },
	{ BOTH, { { PLUG, 0, 1 }, LOOK, { OFFLINE, 0, 1 } } },
	{ BOTH, { { PLUG, -8, 16 }, LOOK, { OFFLINE, -8, 16 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { OFFLINE, -200, 1 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { OFFLINE, -200, 264 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { OFFLINE, 190, 10 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { OFFLINE, -64, 264 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { OFFLINE, 0, 1 } } },
	{ BOTH, { { PLUG, -200, 400 }, LOOK, { OFFLINE, -64, 128 } } },
	{ BOTH, { { PLUG, 0, 64 }, LOOK, { OFFLINE, 16, 16 } } },
	{ PAGED, { { PLUG, -4096, 8192 }, LOOK, { OFFLINE, -64, 64 } } },
	{ REGISTRY,
	    { { PLUG, -262144, 524288 }, LOOK, { OFFLINE, -4096, 4096 } } },
	/* And comes back, so. */
	{ BOTH,
	    { { PLUG, -200, 400 }, { OFFLINE, -200, 400 }, LOOK,
		{ ONLINE, -200, 400 } } },
	{ BOTH,
	    { { PLUG, -200, 400 }, { OFFLINE, -200, 400 }, LOOK,
		{ ONLINE, -200, 10 } } },
	{ BOTH,
	    { { PLUG, -200, 400 }, { OFFLINE, -200, 400 }, LOOK,
		{ ONLINE, 100, 100 } } },
	{ BOTH,
	    { { PLUG, -200, 400 }, { OFFLINE, -200, 400 }, LOOK,
		{ ONLINE, -10, 20 } } },
	{ BOTH, { { ADD_OFFLINE, -8, 16 }, LOOK, { ONLINE, -8, 16 } } },
	/* Tails are cut off again and again, and nobody waits. */
	{ REGISTRY | DELAYED,
	    { { ADD_OFFLINE, 0, 100 }, LOOK, { ONLINE, 10, 10 },
		{ ONLINE, 30, 10 }, { ONLINE, 50, 10 }, { ONLINE, 70, 10 } } },
	{ BOTH,
	    { { PLUG, -200, 400 }, LOOK, { OFFLINE, -10, 20 },
		{ ONLINE, -10, 20 }, { OFFLINE, -10, 20 } } },
	{ BOTH, { LOOK, { ADD_OFFLINE, -8, 16 }, { ONLINE, -4, 4 } } },
	{ BOTH,
	    { { PLUG, -8, 8 }, LOOK, { ADD_DEVICE, 0, 8 },
		{ OFFLINE, -4, 8 } } },
	/* While another segment is offline, which lookups then search for. */
	{ BOTH,
	    { { PLUG, 0, 100 }, { ADD_OFFLINE, 1000, 100 }, LOOK,
		{ UNPLUG, 0, 10 }, { ONLINE, 1000, 50 }, { UNPLUG, 20, 10 } } },
	{ BOTH,
	    { { PLUG, -64, 128 }, { OFFLINE, -64, 64 }, LOOK,
		{ UNPLUG, -64, 32 }, { UNPLUG, -16, 16 } } },
	{ BOTH,
	    { { PLUG, -64, 128 }, { OFFLINE, -64, 128 }, LOOK,
		{ UNPLUG, -10, 20 }, { ONLINE, 10, 54 } } },
	/* A front that is cut off while a walk comes from below; it is joined
	 * then, too. */
	{ BOTH,
	    { { PLUG, -10, 18 }, { OFFLINE, -4, 12 }, LOOK,
		{ ONLINE, -4, 8 } } },
	{ BOTH | COALESCE,
	    { { PLUG, -10, 18 }, { OFFLINE, -4, 12 }, LOOK,
		{ ONLINE, -4, 8 } } },
	/* Joined as it comes back, or goes. */
	{ BOTH | COALESCE,
	    { { PLUG, -10, 18 }, { OFFLINE, -4, 12 }, LOOK,
		{ ONLINE, -4, 12 } } },
	{ BOTH | COALESCE,
	    { { PLUG, -200, 400 }, { OFFLINE, -10, 20 }, LOOK,
		{ ONLINE, -10, 20 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 64 }, { OFFLINE, 0, 32 }, LOOK, { ONLINE, 0, 32 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 64 }, { OFFLINE, 0, 32 }, LOOK, { ONLINE, 16, 16 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 64 }, { OFFLINE, 32, 32 }, LOOK,
		{ ONLINE, 32, 16 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 64 }, { OFFLINE, 0, 16 }, LOOK, { OFFLINE, 16, 16 },
		{ OFFLINE, 32, 32 }, { ONLINE, 0, 64 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 64 }, { OFFLINE, 0, 16 }, { OFFLINE, 32, 16 }, LOOK,
		{ OFFLINE, 16, 16 } } },
	/* A hole is filled: three are one. */
	{ BOTH | COALESCE,
	    { { PLUG, -64, 128 }, { UNPLUG, -8, 16 }, LOOK,
		{ PLUG, -8, 16 } } },
	{ BOTH | COALESCE,
	    { { PLUG, -200, 400 }, { UNPLUG, -64, 128 }, LOOK,
		{ PLUG, -64, 128 }, { UNPLUG, -1, 2 } } },
	/* Several segments leave at once. */
	{ BOTH, { { PLUG, 0, 8 }, { PLUG, 8, 8 }, LOOK, { UNPLUG, 0, 16 } } },
	{ BOTH,
	    { { PLUG, 0, 16 }, { PLUG, 16, 16 }, { PLUG, 32, 16 }, LOOK,
		{ UNPLUG, 8, 32 } } },
	{ BOTH,
	    { { PLUG, -100, 100 }, { ADD_DEVICE, 0, 64 }, { PLUG, 64, 64 },
		LOOK, { UNPLUG, -50, 150 }, { PLUG, -50, 150 } } },
	{ BOTH,
	    { { PLUG, -100, 100 }, { ADD_OFFLINE, 0, 64 }, { PLUG, 64, 64 },
		LOOK, { UNPLUG, -50, 150 } } },
	{ BOTH,
	    { { PLUG, -100, 100 }, { ADD_OFFLINE, 0, 64 }, { PLUG, 64, 64 },
		LOOK, { OFFLINE, -50, 150 }, { ONLINE, -20, 100 } } },
	/* In two phases. */
	{ BOTH,
	    { { PLUG, -200, 400 }, LOOK, { BEGIN, -10, 20 },
		{ COMMIT, -10, 20 } } },
	{ BOTH,
	    { { PLUG, -200, 400 }, LOOK, { BEGIN_OFFLINE, -200, 20 },
		{ COMMIT, -200, 20 } } },
	{ BOTH,
	    { { PLUG, -200, 400 }, LOOK, { BEGIN_OFFLINE, -10, 20 },
		{ CANCEL, -10, 20 } } },
	{ BOTH,
	    { { PLUG, -200, 400 }, LOOK, { BEGIN, -10, 20 },
		{ BEGIN_OFFLINE, 100, 20 }, { UNPLUG, 50, 10 },
		{ COMMIT, 100, 20 }, { COMMIT, -10, 20 } } },
	{ BOTH | COALESCE,
	    { { PLUG, -200, 400 }, LOOK, { BEGIN, -10, 20 },
		{ BEGIN_OFFLINE, 10, 20 }, { COMMIT, 10, 20 },
		{ ONLINE, 10, 20 }, { CANCEL, -10, 20 }, { PLUG, 200, 10 } } },
	{ BOTH,
	    { { PLUG, -100, 100 }, { PLUG, 0, 64 }, LOOK, { BEGIN, -50, 100 },
		{ UNPLUG, -100, 20 }, { COMMIT, -50, 100 } } },
	/* Where there is no memory for the index. */
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ OFFLINE, 10, 20 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ OFFLINE, 0, 20 }, { ONLINE, 0, 20 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ OFFLINE, 50, 60 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ UNPLUG, 50, 60 } } },
	{ BOTH,
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ BEGIN, 50, 60 }, { BEGIN_OFFLINE, 0, 10 }, { COMMIT, 50, 60 },
		{ COMMIT, 0, 10 } } },
	{ BOTH | COALESCE,
	    { { LOAD, 0, 100 }, { POOR_SWITCH, 0, 0 }, LOOK,
		{ OFFLINE, 10, 20 }, { ONLINE, 10, 20 } } },
	/* It boots, and part of it is offline. */
	{ BOTH | BOOTING | COALESCE,
	    { { LOAD, 0, 100 }, LOOK, { ADD_OFFLINE, 200, 30 },
		{ LOAD, 100, 30 }, { ADD_OFFLINE, 230, 30 }, { SWITCH, 0, 0 },
		{ ONLINE, 200, 60 } } },
	{ BOTH | BOOTING,
	    { { LOAD, 0, 100 }, { ADD_OFFLINE, 100, 100 }, LOOK,
		{ ONLINE, 150, 10 }, { SWITCH, 0, 0 }, { ONLINE, 100, 100 } } },
	/* It grows at its end, and loses its front. */
	{ BOTH | COALESCE,
	    { { PLUG, 0, 8 }, LOOK, { PLUG, 8, 8 }, { UNPLUG, 0, 4 } } },
	{ BOTH | COALESCE,
	    { { PLUG, 0, 16 }, { UNPLUG, 0, 8 }, LOOK, { PLUG, 0, 8 },
		{ UNPLUG, 12, 2 } } },
	/* A map that boots. */
	{ BOTH | BOOTING,
	    { { LOAD, 0, 100 }, LOOK, { LOAD, 200, 30 }, { LOAD, 100, 30 },
		{ LOAD, 190, 10 } } },
	{ BOTH | BOOTING,
	    { { LOAD, 0, 100 }, { LOAD, 100, 1 }, LOOK, { UNLOAD, 0, 0 },
		{ UNLOAD, 100, 0 }, { LOAD, 300, 1 }, { UNLOAD, 300, 0 },
		{ LOAD, 0, 1 } } },
	{ BOTH | BOOTING,
	    { { LOAD, 0, 100 }, { LOAD, 200, 30 }, LOOK, { UNPLUG, 50, 10 },
		{ PLUG, 50, 10 }, { UNPLUG, 200, 30 }, { SWITCH, 0, 0 },
		{ UNPLUG, 0, 50 } } },
	{ BOTH | BOOTING | COALESCE,
	    { { LOAD, 0, 100 }, LOOK, { LOAD, 100, 30 }, { LOAD, 200, 10 },
		{ LOAD, 190, 10 }, { UNLOAD, 0, 0 }, { SWITCH, 0, 0 } } },
};

#define NSHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* Where changes that follow those of the table take place. */
#define FAR 6000

/* Frames are numbers from 0 up. */
static bool
op_fits(const struct op *op, physseg_pfn_t edge)
{
	const physseg_pfn_t below = op->off < 0 ? (physseg_pfn_t)-op->off : 0;
	const physseg_pfn_t above = op->off > 0 ? (physseg_pfn_t)op->off : 0;

	return edge >= below && PHYSSEG_NOFRAME - edge + below >= above + op->n;
}

static bool
shape_fits(const struct shape *shape, physseg_pfn_t edge)
{
	bool fits = true;

	for (size_t i = 0; i < NOPS; i++)
		fits &= op_fits(&shape->ops[i], edge);
	return fits;
}

static bool
is_look(const struct op *op)
{
	return op->what == NOTHING && op->n == 1;
}

static bool
is_end(const struct op *op)
{
	return op->what == NOTHING && op->n == 0;
}

/* Records, page structures, nodes are used again, before somebody waits for the
 * readers once more. */
static void
use_again(const struct op *op, physseg_pfn_t edge)
{
	const physseg_pfn_t n = op->n < 64 ? op->n : 64;
	const struct op more[] = { { PLUG, FAR, n },
		{ physseg_find(map, edge + (physseg_pfn_t)op->off, NULL) ==
			    PHYSSEG_NONE
			? PLUG
			: UNPLUG,
		    op->off, n },
		{ UNPLUG, FAR, n } };

	for (size_t i = 0; i < 3; i++)
		(void)do_looked_at(&more[i], edge);
}

static void
look_at_shape(const struct shape *shape, size_t number, physseg_pfn_t edge)
{
	const struct op *op = shape->ops;

	make_map(op->what == LOAD || op->what == LOADS,
	    (shape->how & COALESCE) != 0);
	snprintf(scene, sizeof(scene),
	    "run again: TEST_SHAPE=%zu %s; at 0x%" PRIx64 "%s", number,
	    test_rerun(), (uint64_t)edge,
	    !paged			? ", a registry"
		: test_radix_large == 0 ? ", ranked"
					: "");
	for (; !is_look(op); op++)
		test_assert(do_op(op, edge) == 0);
	start_looking();
	for (op++; op < shape->ops + NOPS && !is_end(op); op++)
		test_assert(do_looked_at(op, edge) == 0);
	if (physseg_running(map) && op[-1].what >= PLUG)
		use_again(&op[-1], edge);
	look_at_all();
	physseg_destroy(map);
}

/* Each at all edges. */
START_TEST(test_shapes)
{
	const struct shape *shape = &shapes[_i];
	size_t n = 0;

	if (!can_run("test_shapes") ||
	    !is_wanted("TEST_SHAPE", (unsigned long)_i) ||
	    getenv("TEST_SCENE") != NULL)
		return;
	if ((shape->how & BOOTING) != 0 && !TEST_BOOT_READERS) {
		test_skip("test_shapes", "no readers beside a boot");
		return;
	}
	most_scripts = MOST_SCRIPTS;
	most_jumps = shape_jumps;
	lookup_alone = (shape->how & DELAYED) != 0;
	if (lookup_alone)
		most_jumps = 4;
	for (size_t e = 0; e < NEDGES; e++)
		for (unsigned way = 0; way < 3; way++) {
			paged = way < 2;
			test_radix_large = way == 0 ? 0 : SIZE_MAX;
			if ((shape->how & (paged ? PAGED : REGISTRY)) == 0 ||
			    !shape_fits(shape, edges[e]))
				continue;
			if (!(in_hurry() || lookup_alone) || n % 8 == 0)
				look_at_shape(shape, (size_t)_i, edges[e]);
			n++;
		}
	lookup_alone = false;
	printf("shape %d: %lu lookups, %lu loads, %lu cut short\n", _i, nlooks,
	    nloads, ncut);
	test_assert(nlooks > 0 && nloads > nlooks);
}
END_TEST

/* ---- drawn ---- */

static struct test_rng rng;
static bool states; /* the scene has more than plugs and unplugs */

static physseg_pfn_t
draw_length(void)
{
	static const physseg_pfn_t lengths[] = { 1, 2, 8, 16, 64, 256, 1200 };
	const physseg_pfn_t n = lengths[test_random_below(&rng, 7)];

	return test_random_below(&rng, 3) == 0
	    ? n
	    : (physseg_pfn_t)(1 + test_random_below(&rng, (uint64_t)n + 2));
}

/* The commit or cancel of one that is open, if it is drawn. */
static bool
draw_end(struct op *op, physseg_pfn_t edge)
{
	const struct opened *o =
	    &opened[test_random_below(&rng, MOST_REMOVALS)];

	if (o->removal == NULL)
		return false;
	op->what = test_random_below(&rng, 3) == 0 ? CANCEL : COMMIT;
	op->off = (long long)(o->pfn - edge);
	op->n = o->n;
	return true;
}

/* A plug, or where there is something a change of that; half of the scenes have
 * nothing but plugs and unplugs. */
static struct op
draw(physseg_pfn_t edge)
{
	static const enum what adds[] = { PLUG, PLUG, PLUG, PLUG, ADD_OFFLINE,
		ADD_DEVICE };
	static const enum what changes[] = { UNPLUG, UNPLUG, OFFLINE, OFFLINE,
		ONLINE, ONLINE, BEGIN, BEGIN_OFFLINE };
	struct op op = { PLUG, 0, draw_length() };
	static const long long spans[] = { 128, 512, 512, 4000 };
	const long long span = spans[test_random_below(&rng, 4)];
	physseg_pfn_t offset;
	struct physseg_info info;
	physseg_t h;

	if (states && draw_end(&op, edge))
		return op;
	if (states)
		op.what = adds[test_random_below(&rng, 6)];
	op.off = (long long)test_random_below(&rng, (uint64_t)span) - span / 2;
	h = physseg_find(map, edge + (physseg_pfn_t)op.off, &offset);
	if (physseg_get_info(map, h, &info) != 0)
		return op;
	op.what = states ? changes[test_random_below(&rng, 8)] : UNPLUG;
	if (test_random_below(&rng, 4) == 0)
		op.off -= (long long)offset; /* its front */
	if (states && test_random_below(&rng, 3) == 0)
		return op; /* with what lies beside it, or a hole */
	if (test_random_below(&rng, 4) == 0 ||
	    edge + (physseg_pfn_t)op.off + op.n > info.end)
		op.n = info.end - (edge + (physseg_pfn_t)op.off);
	return op;
}

static void
describe_op(const struct op *op, physseg_pfn_t edge)
{
	static const char *const names[] = { [LOAD] = "load",
		[SWITCH] = "switch",
		[POOR_SWITCH] = "poor switch",
		[PLUG] = "plug",
		[UNPLUG] = "unplug",
		[ADD_OFFLINE] = "add offline",
		[ADD_DEVICE] = "add device",
		[OFFLINE] = "offline",
		[ONLINE] = "online",
		[BEGIN] = "begin unplug",
		[BEGIN_OFFLINE] = "begin offline",
		[COMMIT] = "commit",
		[CANCEL] = "cancel" };
	const size_t n = strlen(scene);

	snprintf(scene + n, sizeof(scene) - n, ", %s 0x%" PRIx64 " + %" PRIu64,
	    names[op->what], (uint64_t)(edge + (physseg_pfn_t)op->off),
	    (uint64_t)op->n);
}

/* Some changes of which readers meet nothing. */
static void
make_history(physseg_pfn_t edge, bool boot)
{
	struct op op;

	for (uint64_t i = 2 + test_random_below(&rng, boot ? 4 : 24); i > 0;
	     i--) {
		op = draw(edge);
		if (boot) {
			op.what = LOAD;
			op.n = op.n > 1200 ? 1200 : op.n;
			if (i == 1)
				op.off += VERY_FAR;
		}
		(void)do_op(&op, edge);
		must_be_whole();
		if (arena_is_full())
			break;
	}
}

static void
look_at_drawn(unsigned long number)
{
	const struct op switches[] = { { SWITCH, 0, 0 },
		{ POOR_SWITCH, 0, (physseg_pfn_t)test_random_below(&rng, 8) } };
	const physseg_pfn_t edge =
	    edges[3 + test_random_below(&rng, NEDGES - 3)] -
	    (physseg_pfn_t)(32 * test_random_below(&rng, 3));
	const bool coalesce = test_random_below(&rng, 3) == 0;
	const bool boot = test_random_below(&rng, 4) == 0;
	struct op op;

	paged = test_random_below(&rng, 4) != 0;
	states = number % 2 != 0;
	test_radix_large = number % 4 < 2 ? 0 : SIZE_MAX;
	snprintf(scene, sizeof(scene), "run again: TEST_SCENE=%lu %s;%s%s%s%s",
	    number, test_rerun(), paged ? "" : " a registry",
	    test_radix_large == 0 ? " ranked" : "",
	    coalesce ? " coalescing" : "", boot ? " from boot" : "");
	make_map(boot, coalesce);
	make_history(edge, boot);
	if (boot && test_random_below(&rng, 2) == 0)
		test_assert(
		    do_op(&switches[test_random_below(&rng, 2)], edge) == 0);
	start_looking();
	if (!physseg_running(map)) {
		op = switches[test_random_below(&rng, 2)];
		describe_op(&op, edge);
		test_assert(do_looked_at(&op, edge) == 0);
	}
	if (test_random_below(&rng, 8) == 0)
		arena_refuse = 1 + test_random_size(&rng, 3);
	for (uint64_t i = 2 + test_random_below(&rng, 5); i > 0; i--) {
		op = draw(edge);
		describe_op(&op, edge);
		(void)do_looked_at(&op, edge);
	}
	arena_refuse = 0;
	look_at_all();
	physseg_destroy(map);
}

START_TEST(test_drawn)
{
	if (!can_run("test_drawn") || getenv("TEST_SHAPE") != NULL)
		return;
	most_scripts = few_scripts;
	most_jumps = MOST_JUMPS;
	for (unsigned long i = 0; i < scenes; i++) {
		rng.state = test_seed + ((uint64_t)i << 32);
		if (is_wanted("TEST_SCENE", i))
			look_at_drawn(i);
	}
	printf("drawn: %lu lookups, %lu loads, %lu cut short\n", nlooks, nloads,
	    ncut);
}
END_TEST

/* ---- every sequence ---- */

/*
 * Exhaustive, in a bound that can be said: scripts/explore.sh.
 *
 * Three pieces lie side by side, of a few frames or of a block, over the edge
 * of a block, with others in the blocks beside it or not.  At first each is
 * absent, online or offline; the map boots or runs, and joins segments or not;
 * its blocks are ranked or not, or its page structures are at fixed addresses,
 * or it is a registry.  Then there is every sequence of `nchanges' changes,
 * each of one piece or of several side by side, but for those of which a change
 * is refused.  Beside each sequence every lookup is run in every way in which
 * memory goes on `njumps' times within it at most.
 */
#define NSTARTS 27 /* what three pieces can be */
/* Ranked, or not, fixed, a registry; running or not; joined or not. */
#define NWAYS 16

/* Where the pieces are, from the edge of a block, and how long.  Others may be
 * in the blocks below and above. */
static const struct geometry {
	long long off;
	physseg_pfn_t piece;
	bool others;
} geometries[] = { { -6, 4, false }, { -4, 4, true }, { -450, 300, true },
	{ -512, 512, false } };

#define NGEOMETRIES (sizeof(geometries) / sizeof(geometries[0]))

/* In pieces. */
static const struct op every[] = { { SWITCH, 0, 0 },
#define OF_ALL(what)                                                    \
	{ what, 0, 1 }, { what, 1, 1 }, { what, 2, 1 }, { what, 0, 2 }, \
	    { what, 1, 2 },                                             \
	{                                                               \
		what, 0, 3                                              \
	}
	OF_ALL(PLUG), OF_ALL(UNPLUG), OF_ALL(ADD_OFFLINE), OF_ALL(OFFLINE),
	OF_ALL(ONLINE), OF_ALL(BEGIN), OF_ALL(BEGIN_OFFLINE),
	/* What was begun has a length. */
	{ COMMIT, 0, 0 }, { COMMIT, 1, 0 }, { COMMIT, 2, 0 }, { CANCEL, 0, 0 },
	{ CANCEL, 1, 0 }, { CANCEL, 2, 0 } };

#define NEVERY (sizeof(every) / sizeof(every[0]))

static unsigned long nchanges = 1; /* of a sequence */
static unsigned long njumps = 1;   /* in one lookup */
static unsigned long nsequences, nrefused;

static void
start_every(unsigned start, const struct geometry *in, physseg_pfn_t edge)
{
	static const enum what at_first[] = { NOTHING, PLUG, ADD_OFFLINE };
	const struct op others[] = { { PLUG, -700, 8 }, { PLUG, 1200, 8 } };
	struct op op = { NOTHING, in->off, in->piece };

	for (size_t i = 0; i < 2 && in->others; i++)
		test_assert(do_op(&others[i], edge) == 0);
	for (unsigned i = 0; i < 3; i++, start /= 3) {
		op.what = at_first[start % 3];
		if (op.what != NOTHING)
			test_assert(do_op(&op, edge) == 0);
		op.off += (long long)in->piece;
	}
}

/* The sequence of that number: of its changes the last counts least.  Returns
 * how many sequences to go on: all that begin with one that was refused. */
static unsigned long
look_at_sequence(
    unsigned start, unsigned way, size_t geometry, unsigned long number)
{
	const struct geometry *in = &geometries[geometry];
	const physseg_pfn_t edge = 4096;
	struct op op = { NOTHING, 0, 0 };
	unsigned long weight = 1;

	paged = way % 4 < 3;
	fixed = way % 4 == 2;
	test_radix_large = way % 4 == 0 ? 0 : SIZE_MAX;
	for (unsigned long i = 1; i < nchanges; i++)
		weight *= NEVERY;
	snprintf(scene, sizeof(scene),
	    "run again: TEST_CHANGES=%lu TEST_START=%u TEST_WAY=%u "
	    "TEST_GEOMETRY=%zu TEST_SEQUENCE=%lu %s;",
	    nchanges, start, way, geometry, number, test_rerun());
	make_map(way % 8 >= 4, way >= 8);
	start_every(start, in, edge);
	start_looking();
	for (; weight > 0; weight /= NEVERY) {
		op = every[number / weight % NEVERY];
		op.off = in->off + op.off * (long long)in->piece;
		op.n *= in->piece;
		describe_op(&op, edge);
		if (do_looked_at(&op, edge) != 0) {
			nrefused++;
			physseg_destroy(map);
			return weight - number % weight;
		}
	}
	if (physseg_running(map) && op.what >= PLUG)
		use_again(&op, edge);
	look_at_all();
	physseg_destroy(map);
	nsequences++;
	return 1;
}

/* Unless it is said which, one of them, or `all', each start and way has one.
 */
static bool
is_geometry(size_t geometry, size_t of)
{
	const char *wanted = getenv("TEST_GEOMETRY");

	if (wanted == NULL)
		return geometry == of % NGEOMETRIES;
	return strcmp(wanted, "all") == 0 ||
	    strtoul(wanted, NULL, 0) == geometry;
}

START_TEST(test_every)
{
	const unsigned start = (unsigned)_i / NWAYS, way = (unsigned)_i % NWAYS;
	unsigned long n = 1;

	if (!can_run("test_every") || !is_wanted("TEST_START", start) ||
	    !is_wanted("TEST_WAY", way) || getenv("TEST_SHAPE") != NULL ||
	    getenv("TEST_SCENE") != NULL)
		return;
	if (in_hurry() && start % 4 != way / 4)
		return;
	most_scripts = MOST_SCRIPTS;
	most_jumps = njumps;
	for (unsigned long i = 0; i < nchanges; i++)
		n *= NEVERY;
	nsequences = nrefused = nlooks = nloads = ncut = 0;
	for (size_t g = 0; g < NGEOMETRIES; g++)
		for (unsigned long i = 0; i < n && is_geometry(g, start + way);)
			i += is_wanted("TEST_SEQUENCE", i)
			    ? look_at_sequence(start, way, g, i)
			    : 1;
	printf("start %u, way %u: %lu sequences, %lu refused, %lu lookups, "
	       "%lu loads, %lu ways longer\n",
	    start, way, nsequences, nrefused, nlooks, nloads, ncut);
	test_assert(nsequences > 0);
}
END_TEST

static void
set_limits(void)
{
	if (getenv("TEST_SHORT") != NULL) {
		few_scripts = SHORT_SCRIPTS;
		shape_jumps = 1;
		scenes = SHORT_SCENES;
	}
	if (test_steps != 0) {
		few_scripts = in_hurry() ? HURRY_SCRIPTS : MOST_SCRIPTS;
		shape_jumps = in_hurry() ? 1 : MOST_JUMPS;
		scenes = test_steps;
	}
	if (getenv("TEST_CHANGES") != NULL)
		nchanges = strtoul(getenv("TEST_CHANGES"), NULL, 0);
	if (getenv("TEST_JUMPS") != NULL)
		njumps = strtoul(getenv("TEST_JUMPS"), NULL, 0);
}

static Suite *
suite(void)
{
	Suite *s = suite_create("radix_steps");
	TCase *tc = tcase_create("steps");

	set_limits();

	tcase_add_loop_test(tc, test_shapes, 0, (int)NSHAPES);
	tcase_add_test(tc, test_drawn);
	suite_add_tcase(s, tc);
	tc = tcase_create("every");
	tcase_add_loop_test(tc, test_every, 0, NSTARTS * NWAYS);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	signal(SIGSEGV, on_signal);
	signal(SIGBUS, on_signal);
	return test_main(argc, argv, suite);
}
