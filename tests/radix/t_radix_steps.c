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
 *  - a segment and an offset are those of one moment;
 *  - a page structure that was found describes its frame, and is not used
 *    anew, for as long as the section may last;
 *  - what an unplug took out is not found in a section that lasts beyond it;
 *  - no word that is loaded is also written in another way than by an ordered
 *    store, while the section may last.
 *
 * Every shape of the tables is done at every place.  Changes drawn at random
 * follow; `--steps N' draws N scenes.  TEST_SHAPE and TEST_SCENE run one only.
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

#include "arena.h"
#include "compat.h"
#include "stepped.h"
#include "support.h"

#define MOST_FRAMES   64
#define MOST_HANDLES  64
#define MOST_SEGMENTS 64
#define MOST_OPS      12    /* that readers meet */
#define MOST_SCRIPTS  20000 /* of one lookup from one moment */
#define MOST_JUMPS    24
#define MOST_VALUES   16    /* of one word */
#define MOST_LOADS    10000 /* of one lookup: else it waits for somebody */

/* Unless told otherwise; a build that is slow has less, and so has a run with
 * TEST_SHORT set. */
#ifndef FEW_SCRIPTS
#define FEW_SCRIPTS 120
#endif
#ifndef FEW_SCENES
#define FEW_SCENES 200
#endif
#define SHORT_SCRIPTS 12
#define SHORT_SCENES  30

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
	UNPLUG
};

/* Frames, from an edge on, may lie below it. */
struct op {
	enum what what;
	long long off;
	physseg_pfn_t n;
};

static struct physseg_map *map;
static bool paged;
static char scene[1024]; /* what is being tested */
static size_t few_scripts = FEW_SCRIPTS;
static unsigned long few_scenes = FEW_SCENES;

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
	if (paged) {
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

static void
make_map(bool boot, bool coalesce)
{
	const struct physseg_config config = { .backend = TEST_RADIX,
		.host = &arena_host,
		.page_size = paged ? sizeof(struct arena_page) : 0,
		.boot_slabs = paged ? 2 : 0,
		.may_empty = true,
		.coalesce = coalesce };
	const size_t size = boot ? physseg_storage_size(&config) : 0;

	arena_reset();
	ncomings = 0;
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
		rest->segments[rest->nsegments++] =
		    (struct segment){ h, info.start, info.end, info.pages };
		add_handle(h);
		add_edge(info.start);
		add_edge(info.end);
		add_frame(info.start + (info.end - info.start) / 2);
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
	valid[r][h] = false;
	for (size_t i = 0; i < rests[r].nsegments; i++)
		if (rests[r].segments[i].handle == handles[h])
			valid[r][h] = !paged || !rests[r].running ||
			    rests[r].segments[i].pages != NULL;
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

enum kind { PAGE, FIND, VALID, FRAME, LIST, SEGMENT, BEYOND, NKINDS };
static const char *const kind_names[] = { "page", "find", "valid", "frame",
	"free list", "segment's page", "segment's page beyond" };

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

/* Scripts to be run, in order: those with few jumps come first. */
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
	const size_t most = test_steps != 0 ? MOST_SCRIPTS : few_scripts;
	struct script *script;

	if (nscripts == most || reader.script.n == MOST_JUMPS) {
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
		else if (stays(f, r))
			return NULL;
		else
			what = "what is unplugged before the section ends";
	}
	return what;
}

static const char *
judge_valid(physseg_t handle, size_t from, bool is_valid)
{
	size_t h = 0;

	while (h < nhandles && handles[h] != handle)
		h++;
	if (h == nhandles)
		return "a handle that is nobody's";
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

/* All are on list 0. */
static const char *
look_list(size_t f)
{
	const bool found = TEST_FREE_LIST(map, frames[f]) == 0;

	for (size_t r = first_rest(reader.begin); r <= last_rest(arena_now);
	     r++)
		if ((seen[r][f].handle != PHYSSEG_NONE) == found)
			return NULL;
	return found ? "found" : "not found";
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

/* By its place in the segment that was just found; or a place further up,
 * which is outside of the segment, or was, or will be. */
static const char *
look_segment(size_t f, physseg_pfn_t more)
{
	physseg_pfn_t offset = 0;
	const physseg_t handle = physseg_find(map, frames[f], &offset);
	const size_t from = arena_now;
	const void *page;

	if (handle == PHYSSEG_NONE || judge_find(f, handle, offset) != NULL)
		return NULL; /* which is FIND's affair */
	page = TEST_SEGMENT_PAGE(map, handle, offset + more);
	for (size_t r = first_rest(from); r <= last_rest(arena_now); r++)
		if (page_in_segment(handle, offset + more, r) == page)
			return page != NULL && seen[r][f].page == page &&
				!keeps_page(f, r)
			    ? "the page is another's before the section ends"
			    : NULL;
	return page == NULL ? "not found" : "no page that was ever there";
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
	case SEGMENT:
		return look_segment(look->of, 0);
	case BEYOND:
		return look_segment(look->of, 1);
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
	do {
		if (ways > 0)
			reader.script = scripts[ways - 1];
		arena_go(reader.begin);
		reader.jumped = reader.loads = 0;
		reader.look = look;
		if ((what = look_now(look)) != NULL)
			wrong(what);
		reader.look = NULL;
		nlooks++;
	} while (ways++ < nscripts);
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
		if ((!paged && (look.kind == PAGE || look.kind == FRAME)) ||
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
		{ op->what == UNPLUG ? PLUG : UNPLUG, op->off, n },
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
	    test_rerun(), (uint64_t)edge, paged ? "" : ", a registry");
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

	if (!can_run("test_shapes") ||
	    !is_wanted("TEST_SHAPE", (unsigned long)_i) ||
	    getenv("TEST_SCENE") != NULL)
		return;
	if ((shape->how & BOOTING) != 0 && !TEST_BOOT_READERS) {
		test_skip("test_shapes", "no readers beside a boot");
		return;
	}
	for (size_t e = 0; e < NEDGES; e++)
		for (unsigned how = PAGED; how <= REGISTRY; how *= 2) {
			paged = how == PAGED;
			if ((shape->how & how) != 0 &&
			    shape_fits(shape, edges[e]))
				look_at_shape(shape, (size_t)_i, edges[e]);
		}
	printf("shape %d: %lu lookups, %lu loads, %lu cut short\n", _i, nlooks,
	    nloads, ncut);
	test_assert(nlooks > 0 && nloads > nlooks);
}
END_TEST

/* ---- drawn ---- */

static struct test_rng rng;

static physseg_pfn_t
draw_length(void)
{
	static const physseg_pfn_t lengths[] = { 1, 2, 8, 16, 64, 256, 1200 };
	const physseg_pfn_t n = lengths[test_random_below(&rng, 7)];

	return test_random_below(&rng, 3) == 0
	    ? n
	    : (physseg_pfn_t)(1 + test_random_below(&rng, (uint64_t)n + 2));
}

/* A plug, or an unplug where there is something. */
static struct op
draw(physseg_pfn_t edge)
{
	struct op op = { PLUG, 0, draw_length() };
	static const long long spans[] = { 128, 512, 512, 4000 };
	const long long span = spans[test_random_below(&rng, 4)];
	physseg_pfn_t offset;
	struct physseg_info info;
	physseg_t h;

	op.off = (long long)test_random_below(&rng, (uint64_t)span) - span / 2;
	h = physseg_find(map, edge + (physseg_pfn_t)op.off, &offset);
	if (physseg_get_info(map, h, &info) != 0)
		return op;
	op.what = UNPLUG;
	if (test_random_below(&rng, 4) == 0)
		op.off -= (long long)offset; /* its front */
	if (test_random_below(&rng, 4) == 0 ||
	    edge + (physseg_pfn_t)op.off + op.n > info.end)
		op.n = info.end - (edge + (physseg_pfn_t)op.off);
	return op;
}

static void
describe_op(const struct op *op, physseg_pfn_t edge)
{
	static const char *const names[] = { [SWITCH] = "switch",
		[POOR_SWITCH] = "poor switch",
		[PLUG] = "plug",
		[UNPLUG] = "unplug" };
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
	snprintf(scene, sizeof(scene), "run again: TEST_SCENE=%lu %s;%s%s%s",
	    number, test_rerun(), paged ? "" : " a registry",
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
	const unsigned long n = test_steps != 0 ? test_steps : few_scenes;

	if (!can_run("test_drawn") || getenv("TEST_SHAPE") != NULL)
		return;
	for (unsigned long i = 0; i < n; i++) {
		rng.state = test_seed + ((uint64_t)i << 32);
		if (is_wanted("TEST_SCENE", i))
			look_at_drawn(i);
	}
	printf("drawn: %lu lookups, %lu loads, %lu cut short\n", nlooks, nloads,
	    ncut);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("radix_steps");
	TCase *tc = tcase_create("steps");

	tcase_add_loop_test(tc, test_shapes, 0, (int)NSHAPES);
	tcase_add_test(tc, test_drawn);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	signal(SIGSEGV, on_signal);
	signal(SIGBUS, on_signal);
	if (getenv("TEST_SHORT") != NULL) {
		few_scripts = SHORT_SCRIPTS;
		few_scenes = SHORT_SCENES;
	}
	return test_main(argc, argv, suite);
}
