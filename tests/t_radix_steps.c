/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/t_radix_steps.c -- a reader without a lock beside a change, at every
 * point between the writer's stores and between the reader's loads.
 *
 * All of a map lies in an arena.  The library is compiled anew for this test,
 * so that it calls test_store before every store that a reader can meet: then
 * what has changed in the arena since the last time is written down.  So, after
 * the change, the arena can be put back to any state that a reader could have
 * come upon.  And it calls test_load before every load: there the arena goes on
 * to a later state, as if the writer had worked meanwhile.  No thread is
 * needed, nothing is left to luck, and a state costs a few words.
 *
 * The hook `sync' waits for readers; so one who began before it does not see
 * what is after it, and one who began at it, or after it, may find nothing of
 * what was taken out.  Memory that is freed is overwritten.
 *
 * At every place and in every shape of the tables below each lookup is done in
 * every state; and with the arena going on, once to some of the later states at
 * every load, and a little at loads drawn at random.  `--steps N' draws N
 * changes besides.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "atomic.h"
#include "support.h"

#define K	      *1024
#define ARENA	      (512 K)
#define WORDS	      (ARENA / sizeof(uintptr_t))
#define STATES	      (64 K)
#define CHANGES	      (1024 K)
#define PIECE	      256 /* words, compared at once */
#define MOST_BLOCKS   256
#define MOST_FRAMES   48
#define MOST_HANDLES  32
#define CHANGES_DRAWN 100   /* unless told otherwise */
#define MOST_OPS      4	    /* that a reader may see */
#define MOST_LOADS    10000 /* of one lookup: else it waits for somebody */

/* ---- the arena, which is the host's memory ---- */

static uintptr_t arena[WORDS]; /* PHYSSEG_ALIGN is the map's own affair */
static size_t arena_used;      /* words */

static struct block {
	uintptr_t *mem;
	size_t words;
	bool free;
} blocks[MOST_BLOCKS];
static size_t nblocks;
static size_t refuse; /* allocations from the refuse-th on fail; 0: none */

static size_t
words_of(size_t size)
{
	return (size + 2 * sizeof(uintptr_t) - 1) / (2 * sizeof(uintptr_t)) * 2;
}

/* What was freed last is used again first. */
static void *
host_alloc(void *ctx, size_t size)
{
	const size_t words = words_of(size);
	struct block *block = NULL;

	(void)ctx;
	if (refuse != 0 && (refuse == 1 || --refuse == 1))
		return NULL;
	for (size_t i = nblocks; i-- > 0 && block == NULL;)
		if (blocks[i].free && blocks[i].words == words)
			block = &blocks[i];
	if (block == NULL) {
		test_must(nblocks < MOST_BLOCKS && words < WORDS - arena_used);
		block = &blocks[nblocks++];
		*block = (struct block){ arena + arena_used, words, true };
		arena_used += words;
	}
	block->free = false;
	memset(block->mem, 0, words * sizeof(uintptr_t));
	return block->mem;
}

static void
host_free(void *ctx, void *p, size_t size)
{
	size_t i = 0;

	(void)ctx;
	while (i < nblocks && (void *)blocks[i].mem != p)
		i++;
	test_must(i < nblocks && !blocks[i].free);
	test_must(blocks[i].words == words_of(size));
	blocks[i].free = true;
	memset(p, 0xdb, blocks[i].words * sizeof(uintptr_t));
}

/* ---- states ---- */

/* A word that is different in the next state. */
struct change {
	size_t word;
	uintptr_t was, is;
};

static struct change changes[CHANGES];
static size_t
    first[STATES + 1];		/* change that leads from a state to the next:
				 * those of state i are [first[i], first[i + 1]) */
static uintptr_t shadow[WORDS]; /* the arena in the last state */
static size_t last;		/* state; the first is 0 */
static size_t synced;		/* the state at which `sync' was called */
static unsigned syncs;
static size_t now; /* the arena is in this state */

static enum { OFF, WRITING, READING } mode;

static void
add_change(size_t word, size_t *n)
{
	test_must(*n < CHANGES);
	changes[(*n)++] = (struct change){ word, shadow[word], arena[word] };
	shadow[word] = arena[word];
}

/* The arena as it is now is a state, if it is not the last one still. */
static void
take_state(void)
{
	size_t n = first[last];

	for (size_t i = 0; i < arena_used; i += PIECE)
		if (memcmp(arena + i, shadow + i, PIECE * sizeof(*arena)) != 0)
			for (size_t k = i; k < i + PIECE; k++)
				if (arena[k] != shadow[k])
					add_change(k, &n);
	if (n == first[last])
		return;
	test_must(last + 1 < STATES);
	first[++last] = n;
}

static void
start_writing(void)
{
	memcpy(shadow, arena, sizeof(arena));
	last = first[0] = 0;
	syncs = 0;
	mode = WRITING;
}

static void
stop_writing(void)
{
	take_state();
	mode = OFF;
	now = last;
	if (syncs == 0)
		synced = last;
}

static void
go_to(size_t state)
{
	for (; now < state; now++)
		for (size_t i = first[now]; i < first[now + 1]; i++)
			arena[changes[i].word] = changes[i].is;
	for (; now > state; now--)
		for (size_t i = first[now]; i-- > first[now - 1];)
			arena[changes[i].word] = changes[i].was;
}

static void
host_sync(void *ctx)
{
	(void)ctx;
	if (mode != WRITING)
		return;
	take_state();
	synced = last;
	syncs++;
}

/* ---- the host ---- */

static _Noreturn void
host_panic(void *ctx, const char *reason)
{
	(void)ctx;
	ck_abort_msg("panic: %s", reason);
}

static void
host_page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	memcpy(page, &pfn, sizeof(pfn));
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	physseg_pfn_t pfn;

	(void)ctx;
	memcpy(&pfn, page, sizeof(pfn));
	return pfn;
}

static const struct physseg_host host = { .alloc = host_alloc,
	.free = host_free,
	.panic = host_panic,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
	.sync = host_sync };

/* ---- what is looked up, and what is expected ---- */

/* A frame, or a handle: where it is among the states.  Between two changes it
 * is there or not; during one that brings or takes it, either. */
struct life {
	bool ever;
	bool at_last;
	size_t before; /* the last state in which it surely is not there yet, */
	size_t since;  /* and the first in which it surely is: both 0 if it was
			* at first */
};

struct frame {
	physseg_pfn_t pfn;
	struct life life;
	void *page;
};

struct name {
	physseg_t handle;
	struct life life;
};

static struct physseg_map *map;
static bool paged;
static size_t rests[MOST_OPS + 1]; /* states between changes: first to last */
static size_t nrests;
static struct frame frames[MOST_FRAMES];
static size_t nframes;
static struct name names[MOST_HANDLES];
static size_t nnames;
static char scene[512]; /* what is being tested */

/* A segment's bounds by the state; where it is none both are 0. */
static struct bounds {
	physseg_pfn_t start, end;
} (*bounds)[MOST_HANDLES];
static struct bounds all_bounds[STATES][MOST_HANDLES];

static void
add_frame(physseg_pfn_t pfn)
{
	for (size_t i = 0; i < nframes; i++)
		if (frames[i].pfn == pfn)
			return;
	if (nframes < MOST_FRAMES)
		frames[nframes++] = (struct frame){ .pfn = pfn };
}

static void
add_edge(physseg_pfn_t pfn)
{
	add_frame(pfn - 1);
	add_frame(pfn);
	add_frame(pfn + 1);
}

static void
add_name(physseg_t handle)
{
	for (size_t i = 0; i < nnames; i++)
		if (names[i].handle == handle)
			return;
	test_must(nnames < MOST_HANDLES);
	names[nnames++] = (struct name){ .handle = handle };
}

/* The segments as they are, and the frames at their ends. */
static void
add_segments(void)
{
	struct physseg_info info;
	physseg_t h;

	PHYSSEG_FOREACH(h, map) {
		test_must(physseg_get_info(map, h, &info) == 0);
		add_name(h);
		add_edge(info.start);
		add_edge(info.end - 1);
		add_frame(info.start + (info.end - info.start) / 2);
	}
}

/* It is there, or not, in state `is', between changes; `was' is the one before
 * that change. */
static void
live(struct life *life, bool there, size_t was, size_t is)
{
	if (there && !life->ever)
		*life =
		    (struct life){ .ever = true, .before = was, .since = is };
	life->at_last = there;
}

static void
live_frame(struct frame *f, size_t was, size_t is)
{
	physseg_t h = physseg_find(map, f->pfn, NULL);
	struct physseg_info info;
	void *page;

	live(&f->life, h != PHYSSEG_NONE, was, is);
	if (h == PHYSSEG_NONE || !paged)
		return;
	test_must(physseg_get_info(map, h, &info) == 0);
	page =
	    (char *)info.pages + (f->pfn - info.start) * sizeof(physseg_pfn_t);
	test_must(f->page == NULL || f->page == page);
	test_must(host_page_frame(NULL, page) == f->pfn);
	f->page = page;
}

/* What lives when. */
static void
take_lives(void)
{
	size_t was = 0;

	for (size_t i = 0; i < nrests; was = rests[i++]) {
		go_to(rests[i]);
		for (size_t f = 0; f < nframes; f++)
			live_frame(&frames[f], was, rests[i]);
		for (size_t n = 0; n < nnames; n++)
			live(&names[n].life,
			    physseg_valid(map, names[n].handle), was, rests[i]);
	}
}

static void
take_bounds(void)
{
	struct physseg_info info;

	bounds = all_bounds;
	for (size_t state = 0; state <= last; state++) {
		go_to(state);
		for (size_t i = 0; i < nnames; i++) {
			bounds[state][i] = (struct bounds){ 0, 0 };
			if (physseg_get_info(map, names[i].handle, &info) == 0)
				bounds[state][i] =
				    (struct bounds){ info.start, info.end };
		}
	}
}

/* ---- one lookup ---- */

enum kind { PAGE, FIND, VALID, FRAME, NKINDS };
static const char *const kind_names[] = { "page", "find", "valid", "frame" };

struct look {
	enum kind kind;
	size_t of; /* frames[] or names[] */
};

/* How the writer goes on meanwhile. */
static struct {
	size_t loads; /* done */
	size_t at;    /* before this load; 0: at no load */
	size_t to;    /* to this state */
	bool drawn;   /* at loads drawn at random instead */
	size_t limit; /* this reader is waited for */
	size_t from;  /* it began in this state */
} reader;

static struct test_rng rng;

static _Noreturn void
wrong(const struct look *look, const char *what)
{
	const bool name = look->kind == VALID;
	const size_t ended = now;

	mode = OFF;
	go_to(last);
	ck_abort_msg("%s: %s of %s 0x%" PRIx64 ", from state %zu to %zu of "
		     "%zu (sync at %zu), %s %zu: %s",
	    scene, kind_names[look->kind], name ? "handle" : "frame",
	    name ? (uint64_t)test_bits(names[look->of].handle)
		 : (uint64_t)frames[look->of].pfn,
	    reader.from, ended, last, synced,
	    reader.drawn ? "drawn, load" : "before load",
	    reader.drawn ? reader.loads : reader.at, what);
}

void test_store(void);
void test_load(void);

void
test_store(void)
{
	if (mode == WRITING)
		take_state();
}

static const struct look *looking;

void
test_load(void)
{
	if (mode != READING)
		return;
	if (++reader.loads > MOST_LOADS)
		wrong(looking, "it waits");
	if (reader.loads == reader.at)
		go_to(reader.to);
	else if (reader.drawn && now < reader.limit && test_below(&rng, 3) == 0)
		go_to(now + 1 +
		    test_index(&rng, reader.limit - now) /
			(1 + test_index(&rng, 8)));
}

/* May a reader that is done now have found it, or not?  If it is not there at
 * last, then from state `gone' on. */
static const char *
judge(const struct life *life, bool found, size_t gone)
{
	if (!life->ever || (life->since > 0 && now <= life->before) ||
	    (!life->at_last && reader.from >= gone))
		return found ? "found" : NULL;
	if (reader.from >= life->since &&
	    (life->at_last || now <= rests[nrests - 2]))
		return found ? NULL : "not found";
	return NULL;
}

/* Did the segment once, while the reader was at it, start there, and once
 * contain the frame? */
static const char *
judge_segment(physseg_t handle, physseg_pfn_t pfn, physseg_pfn_t offset)
{
	bool starts = false, contains = false;
	size_t name = 0;

	while (name < nnames && names[name].handle != handle)
		name++;
	if (name == nnames)
		return "a handle that is nobody's";
	for (size_t state = reader.from; state <= now; state++) {
		const struct bounds *b = &bounds[state][name];

		starts |= b->end != 0 && b->start == pfn - offset;
		contains |= pfn >= b->start && pfn < b->end;
	}
	if (!contains)
		return "another segment";
	return starts ? NULL : "another offset";
}

static const char *
look_page(const struct frame *f)
{
	void *page = physseg_page(map, f->pfn);

	if (page != NULL && page != f->page)
		return "another page";
	return judge(&f->life, page != NULL, synced);
}

static const char *
look_find(const struct frame *f)
{
	physseg_pfn_t offset = 0;
	physseg_t h = physseg_find(map, f->pfn, &offset);
	const char *what = judge(&f->life, h != PHYSSEG_NONE, synced);

	if (what != NULL || h == PHYSSEG_NONE)
		return what;
	if (!physseg_valid(map, h))
		return "a handle that is not valid";
	return judge_segment(h, f->pfn, offset);
}

static const char *
look_valid(const struct name *name)
{
	return judge(&name->life, physseg_valid(map, name->handle), last);
}

static const char *
look_frame(const struct frame *f)
{
	physseg_pfn_t pfn;

	if (f->page == NULL || reader.from < f->life.since ||
	    (!f->life.at_last && reader.from >= synced))
		return NULL; /* nobody has the page */
	pfn = physseg_frame(map, f->page);
	if (pfn != PHYSSEG_NOFRAME && pfn != f->pfn)
		return "another frame";
	return judge(&f->life, pfn != PHYSSEG_NOFRAME, synced);
}

static void
look_now(const struct look *look)
{
	const char *what = NULL;

	go_to(reader.from);
	reader.loads = 0;
	reader.limit = reader.from < synced ? synced : last;
	looking = look;
	mode = READING;
	switch (look->kind) {
	case PAGE:
		what = look_page(&frames[look->of]);
		break;
	case FIND:
		what = look_find(&frames[look->of]);
		break;
	case VALID:
		what = look_valid(&names[look->of]);
		break;
	default:
		what = look_frame(&frames[look->of]);
	}
	mode = OFF;
	if (what != NULL)
		wrong(look, what);
}

/* ---- all lookups, with the writer going on in all ways ---- */

static unsigned long nlooks;

/* The arena goes on once, from the state where the reader began to another. */
static void
look_on(const struct look *look, size_t loads, size_t to)
{
	reader.to = to;
	for (reader.at = 2; reader.at <= loads; reader.at++) {
		look_now(look);
		nlooks++;
	}
	reader.at = 0;
}

/* From one state: in it; on to the next, to the last, to one in between.  Where
 * states are many, to one of these three, unless it may take its time. */
static void
look_from(const struct look *look, size_t from)
{
	const bool all = last <= 16 || test_steps > CHANGES_DRAWN;
	size_t loads, to[3];

	reader.from = from;
	look_now(look);
	nlooks++;
	loads = reader.loads;
	if (reader.limit == from)
		return;
	to[0] = from + 1;
	to[1] = reader.limit;
	to[2] = from + 1 + test_index(&rng, reader.limit - from);
	for (size_t i = 0; i < 3; i++)
		if (all || (from + look->of) % 3 == i)
			look_on(look, loads, to[i]);
}

static void
look_drawn(const struct look *look)
{
	reader.drawn = true;
	for (int i = 0; i < 8; i++) {
		reader.from = test_index(&rng, last + 1);
		look_now(look);
		nlooks++;
	}
	reader.drawn = false;
}

static void
look_all(void)
{
	struct look look;

	for (look.kind = 0; look.kind < NKINDS; look.kind++) {
		if (!paged && (look.kind == PAGE || look.kind == FRAME))
			continue;
		for (look.of = 0;
		     look.of < (look.kind == VALID ? nnames : nframes);
		     look.of++) {
			for (size_t from = 0; from <= last; from++)
				look_from(&look, from);
			look_drawn(&look);
		}
	}
}

/* ---- changes ---- */

enum what { NOTHING, LOAD, SWITCH, POOR_SWITCH, PLUG, UNPLUG };

/* Frames, from an edge on, may lie below it. */
struct op {
	enum what what;
	long long off;
	physseg_pfn_t n;
};

static int
do_op(const struct op *op, physseg_pfn_t edge)
{
	const physseg_pfn_t pfn = edge + (physseg_pfn_t)op->off;
	struct physseg_stats stats;
	size_t n;
	void *pages;
	int error;

	switch (op->what) {
	case LOAD:
		return physseg_load(
		    map, pfn, pfn + op->n, pfn, pfn + op->n, 0, NULL);
	case SWITCH:
	case POOR_SWITCH:
		physseg_get_stats(map, &stats);
		n = paged ? (size_t)stats.frames + 64 : 0;
		pages = paged ? host_alloc(NULL, n * sizeof(pfn)) : NULL;
		refuse = op->what == POOR_SWITCH;
		error = physseg_switch(map, pages, n);
		refuse = 0;
		return error;
	case PLUG:
		return physseg_plug(map, pfn, op->n, 0, NULL);
	default:
		return physseg_unplug(map, pfn, op->n);
	}
}

static void
make_map(bool boot, bool coalesce)
{
	const struct physseg_config config = { .backend =
						   physseg_backend_radix(),
		.host = &host,
		.page_size = paged ? sizeof(physseg_pfn_t) : 0,
		.may_empty = true,
		.coalesce = coalesce };
	size_t size = boot ? physseg_storage_size(&config) : 0;

	memset(arena, 0xdb, sizeof(arena));
	arena_used = nblocks = 0;
	nframes = nnames = 0;
	test_must(physseg_create(&map, &config,
		      boot ? host_alloc(NULL, size) : NULL, size) == 0);
}

static void
start_looking(void)
{
	add_segments();
	start_writing();
	rests[0] = 0;
	nrests = 1;
}

/* A change that is looked at; but for the last, nothing but plugs. */
static int
do_looked_at(const struct op *op, physseg_pfn_t edge)
{
	const physseg_pfn_t pfn = edge + (physseg_pfn_t)op->off;
	int error;

	test_must(syncs == 0);
	mode = WRITING;
	error = do_op(op, edge);
	stop_writing();
	rests[nrests++] = last;
	add_edge(pfn);
	add_edge(pfn + op->n);
	add_frame(pfn + op->n / 2);
	add_segments();
	if (syncs != (error == 0 && op->what == UNPLUG ? 1U : 0U))
		ck_abort_msg("%s: sync was called %u times", scene, syncs);
	return error;
}

/* From every side. */
static void
look_at_all(void)
{
	const char *broken;

	add_frame(0);
	add_frame(PHYSSEG_NOFRAME);
	add_frame(PHYSSEG_NOFRAME - 1);
	take_lives();
	take_bounds();
	look_all();
	go_to(last);
	if ((broken = physseg_check(map)) != NULL)
		ck_abort_msg("%s: %s", scene, broken);
}

static bool
can_run(const char *test)
{
	if ((physseg_backend_radix()->capabilities & PHYSSEG_LOCKFREE) != 0)
		return true;
	test_skip(test, "readers need the lock on this machine");
	return false;
}

/* ---- the tables ---- */

#define WIDE (sizeof(physseg_pfn_t) > 4)

/* Ends of leaves, of nodes, of the tree. */
static const physseg_pfn_t edges[] = { 0, 16, 64, 4096, 1 << 18,
	(physseg_pfn_t)1 << (WIDE ? 40 : 24),
	((physseg_pfn_t)1 << (WIDE ? 52 : 30)) - 10000,
	PHYSSEG_NOFRAME - 10000 };

#define NEDGES (sizeof(edges) / sizeof(edges[0]))

#define NSETUP 6

enum { PAGED = 1, REGISTRY = 2, COALESCE = 4, BOTH = PAGED | REGISTRY };

/* A map is made, and changed once more. */
static const struct shape {
	unsigned how;
	struct op op;
	struct op setup[NSETUP];
} shapes[] = {
	/* The first segment of an empty map. */
	{ BOTH, { PLUG, -8, 16 }, { { NOTHING, 0, 0 } } },
	{ BOTH, { PLUG, 0, 1 }, { { NOTHING, 0, 0 } } },
	{ BOTH, { PLUG, -1, 1 }, { { NOTHING, 0, 0 } } },
	{ BOTH, { PLUG, 0, 64 }, { { NOTHING, 0, 0 } } },
	{ BOTH, { PLUG, -100, 300 }, { { NOTHING, 0, 0 } } },
	{ PAGED, { PLUG, 0, 4096 }, { { NOTHING, 0, 0 } } },
	{ PAGED, { PLUG, -4097, 8195 }, { { NOTHING, 0, 0 } } },
	{ REGISTRY, { PLUG, -300000, 600000 }, { { NOTHING, 0, 0 } } },
	/* The last of a map. */
	{ BOTH, { UNPLUG, -8, 16 }, { { PLUG, -8, 16 } } },
	{ BOTH, { UNPLUG, 0, 1 }, { { PLUG, 0, 1 } } },
	{ BOTH, { UNPLUG, -100, 300 }, { { PLUG, -100, 300 } } },
	{ REGISTRY, { UNPLUG, -300000, 600000 },
	    { { PLUG, -300000, 600000 } } },
	/* The root goes up, and down. */
	{ BOTH, { PLUG, 8000, 8 }, { { PLUG, 0, 8 } } },
	{ BOTH, { UNPLUG, 8000, 8 }, { { PLUG, 0, 8 }, { PLUG, 8000, 8 } } },
	{ BOTH, { UNPLUG, 0, 8 }, { { PLUG, 0, 8 }, { PLUG, 8000, 8 } } },
	/* Beside another, whose page structures it continues. */
	{ BOTH, { PLUG, 0, 24 }, { { PLUG, -40, 40 } } },
	{ BOTH, { PLUG, 8, 8 }, { { PLUG, 0, 8 } } },
	{ BOTH, { PLUG, 4, 4 }, { { PLUG, 0, 4 }, { PLUG, 8, 4 } } },
	/* Which it does not continue: the leaf comes apart. */
	{ BOTH, { PLUG, 8, 8 }, { { PLUG, 0, 8 }, { PLUG, 900, 8 } } },
	{ BOTH, { PLUG, 16, 16 }, { { PLUG, 0, 16 }, { PLUG, 900, 8 } } },
	{ BOTH, { PLUG, -8, 8 }, { { PLUG, 0, 70 }, { PLUG, 900, 8 } } },
	{ BOTH, { PLUG, 8, 100 },
	    { { PLUG, 0, 4 }, { PLUG, 900, 8 }, { PLUG, 5, 1 },
		{ PLUG, 910, 8 } } },
	{ BOTH, { PLUG, 20, 30 },
	    { { PLUG, -70, 73 }, { PLUG, 900, 8 }, { PLUG, 10, 5 },
		{ PLUG, 910, 8 }, { PLUG, 60, 100 }, { PLUG, 990, 8 } } },
	/* It has, and one goes. */
	{ BOTH, { UNPLUG, 8, 8 },
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, { PLUG, 8, 8 } } },
	{ BOTH, { UNPLUG, 0, 8 },
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, { PLUG, 8, 8 } } },
	{ BOTH, { UNPLUG, 10, 1 },
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, { PLUG, 8, 8 } } },
	{ BOTH, { UNPLUG, 8, 1 },
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, { PLUG, 8, 80 } } },
	{ BOTH, { UNPLUG, 7, 1 },
	    { { PLUG, -70, 78 }, { PLUG, 900, 8 }, { PLUG, 8, 80 } } },
	{ BOTH, { PLUG, 9, 3 },
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 }, { PLUG, 8, 8 },
		{ UNPLUG, 9, 3 } } },
	/* Front, back, middle; of little, and of much. */
	{ BOTH, { UNPLUG, -200, 1 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -200, 10 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -200, 200 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -200, 264 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -200, 399 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, 199, 1 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, 190, 10 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, 0, 200 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -64, 264 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -199, 399 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, 0, 1 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -1, 1 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -10, 20 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -64, 64 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -64, 128 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, -199, 398 }, { { PLUG, -200, 400 } } },
	{ BOTH, { UNPLUG, 10, 1 }, { { PLUG, 0, 64 } } },
	{ BOTH, { UNPLUG, 0, 1 }, { { PLUG, 0, 64 } } },
	{ BOTH, { UNPLUG, 63, 1 }, { { PLUG, 0, 64 } } },
	{ BOTH, { UNPLUG, 16, 16 }, { { PLUG, 0, 64 } } },
	{ PAGED, { UNPLUG, 0, 1 }, { { PLUG, -4096, 8192 } } },
	{ PAGED, { UNPLUG, -64, 64 }, { { PLUG, -4096, 8192 } } },
	{ PAGED, { UNPLUG, -4096, 1 }, { { PLUG, -4096, 8192 } } },
	{ PAGED, { UNPLUG, 0, 4096 }, { { PLUG, -4096, 8192 } } },
	{ PAGED, { UNPLUG, -4096, 4097 }, { { PLUG, -4096, 8192 } } },
	{ REGISTRY, { UNPLUG, 0, 1 }, { { PLUG, -262144, 524288 } } },
	{ REGISTRY, { UNPLUG, -4096, 4096 }, { { PLUG, -262144, 524288 } } },
	{ REGISTRY, { UNPLUG, -262144, 1 }, { { PLUG, -262144, 524288 } } },
	{ REGISTRY, { UNPLUG, 0, 262144 }, { { PLUG, -262144, 524288 } } },
	{ REGISTRY, { UNPLUG, -1, 2 }, { { PLUG, -262144, 524288 } } },
	{ REGISTRY, { UNPLUG, 262143, 1 }, { { PLUG, -262144, 524288 } } },
	/* Fragments: one of several goes, a hole is filled. */
	{ BOTH, { UNPLUG, 16, 8 },
	    { { PLUG, 0, 64 }, { UNPLUG, 8, 8 }, { UNPLUG, 24, 8 } } },
	{ BOTH, { PLUG, 8, 8 }, { { PLUG, 0, 64 }, { UNPLUG, 8, 8 } } },
	{ BOTH, { PLUG, -10, 20 },
	    { { PLUG, -100, 200 }, { UNPLUG, -10, 20 } } },
	{ PAGED, { UNPLUG, 100, 10 },
	    { { PLUG, -4096, 8192 }, { UNPLUG, -1000, 100 } } },
	{ PAGED, { UNPLUG, -3000, 10 },
	    { { PLUG, -4096, 8192 }, { UNPLUG, -1000, 100 },
		{ UNPLUG, 300, 1 } } },
	{ PAGED, { UNPLUG, -900, 1200 },
	    { { PLUG, -4096, 8192 }, { UNPLUG, -1000, 100 },
		{ UNPLUG, 300, 1 } } },
	/* Several start in one leaf. */
	{ BOTH, { UNPLUG, 8, 4 },
	    { { PLUG, 0, 4 }, { PLUG, 8, 4 }, { PLUG, 16, 4 } } },
	{ BOTH, { UNPLUG, 0, 4 },
	    { { PLUG, 0, 4 }, { PLUG, 8, 4 }, { PLUG, 16, 4 } } },
	{ BOTH, { UNPLUG, 0, 2 },
	    { { PLUG, 0, 4 }, { PLUG, 8, 4 }, { PLUG, 16, 4 } } },
	{ BOTH, { UNPLUG, 16, 4 },
	    { { PLUG, 0, 4 }, { PLUG, 8, 4 }, { PLUG, 16, 4 } } },
	{ BOTH, { UNPLUG, -64, 66 },
	    { { PLUG, -64, 68 }, { PLUG, 8, 4 }, { PLUG, 16, 4 } } },
	{ BOTH, { PLUG, -70, 70 },
	    { { PLUG, 0, 4 }, { PLUG, 8, 4 }, { PLUG, -72, 1 } } },
	/* A segment grows: upwards, downwards, and where it cannot. */
	{ BOTH | COALESCE, { PLUG, 0, 8 }, { { PLUG, -8, 8 } } },
	{ BOTH | COALESCE, { PLUG, 0, 1 }, { { PLUG, -1, 1 } } },
	{ BOTH | COALESCE, { PLUG, 0, 200 }, { { PLUG, -200, 200 } } },
	{ BOTH | COALESCE, { PLUG, 8, 1 }, { { PLUG, 0, 8 } } },
	{ BOTH | COALESCE, { PLUG, 0, 8 },
	    { { PLUG, 0, 16 }, { UNPLUG, 0, 8 } } },
	{ BOTH | COALESCE, { PLUG, -64, 64 },
	    { { PLUG, -64, 128 }, { UNPLUG, -64, 64 } } },
	{ BOTH | COALESCE, { PLUG, -1, 1 },
	    { { PLUG, -64, 128 }, { UNPLUG, -64, 64 } } },
	{ BOTH | COALESCE, { PLUG, -200, 264 },
	    { { PLUG, -200, 400 }, { UNPLUG, -200, 264 } } },
	{ BOTH | COALESCE, { PLUG, 8, 8 },
	    { { PLUG, 0, 64 }, { UNPLUG, 8, 8 } } },
	{ BOTH | COALESCE, { PLUG, 8, 2 },
	    { { PLUG, 0, 64 }, { UNPLUG, 8, 8 } } },
	{ BOTH | COALESCE, { PLUG, 14, 2 },
	    { { PLUG, 0, 64 }, { UNPLUG, 8, 8 } } },
	{ BOTH | COALESCE, { PLUG, 8, 8 },
	    { { PLUG, 0, 8 }, { PLUG, 900, 8 } } },
	{ REGISTRY | COALESCE, { PLUG, 0, 262144 },
	    { { PLUG, -262144, 262144 } } },
	{ REGISTRY | COALESCE, { PLUG, -262144, 262144 },
	    { { PLUG, 0, 262144 } } },
	/* Segments of boot. */
	{ BOTH, { UNPLUG, 10, 20 },
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { SWITCH, 0, 0 } } },
	{ BOTH, { PLUG, 130, 20 },
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { SWITCH, 0, 0 } } },
	/* For which there was no memory at the switch. */
	{ BOTH, { UNPLUG, 10, 20 },
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 } } },
	{ BOTH, { UNPLUG, 0, 20 },
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 } } },
	{ BOTH, { UNPLUG, 50, 50 },
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 } } },
	{ BOTH, { UNPLUG, 100, 30 },
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 } } },
	{ BOTH, { PLUG, 130, 20 },
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 } } },
	{ BOTH | COALESCE, { PLUG, 130, 20 },
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 } } },
	{ BOTH, { UNPLUG, 0, 100 },
	    { { LOAD, 0, 100 }, { LOAD, 100, 30 }, { POOR_SWITCH, 0, 0 } } },
};

#define NSHAPES (sizeof(shapes) / sizeof(shapes[0]))

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
	bool fits = op_fits(&shape->op, edge);

	for (size_t i = 0; i < NSETUP; i++)
		fits &= op_fits(&shape->setup[i], edge);
	return fits;
}

static void
look_at_shape(const struct shape *shape, size_t number, physseg_pfn_t edge)
{
	make_map(shape->setup[0].what == LOAD, (shape->how & COALESCE) != 0);
	snprintf(scene, sizeof(scene), "shape %zu at 0x%" PRIx64 "%s", number,
	    (uint64_t)edge, paged ? "" : ", a registry");
	for (size_t i = 0; i < NSETUP && shape->setup[i].what != NOTHING; i++)
		test_must(do_op(&shape->setup[i], edge) == 0);
	start_looking();
	test_must(do_looked_at(&shape->op, edge) == 0);
	look_at_all();
	physseg_destroy(map);
}

/* Each at all edges. */
START_TEST(test_shapes)
{
	const struct shape *shape = &shapes[_i];

	if (!can_run("test_shapes"))
		return;
	rng.state = test_seed;
	for (size_t e = 0; e < NEDGES; e++)
		for (unsigned how = PAGED; how <= REGISTRY; how *= 2) {
			paged = how == PAGED;
			if ((shape->how & how) != 0 &&
			    shape_fits(shape, edges[e]))
				look_at_shape(shape, (size_t)_i, edges[e]);
		}
	printf("shape %d: %lu lookups\n", _i, nlooks);
	test_must(nlooks > 0);
}
END_TEST

/* ---- drawn ---- */

static physseg_pfn_t
draw_length(void)
{
	static const physseg_pfn_t lengths[] = { 1, 2, 8, 16, 64, 256 };
	const physseg_pfn_t n = lengths[test_below(&rng, 6)];

	return test_below(&rng, 3) == 0 ? n : 1 + test_pfn(&rng, n + 2);
}

/* A plug, or an unplug where there is something. */
static struct op
draw(physseg_pfn_t edge)
{
	struct op op = { PLUG, 0, draw_length() };
	const long long span = test_below(&rng, 2) == 0 ? 128 : 512;
	physseg_pfn_t offset;
	struct physseg_info info;
	physseg_t h;

	op.off = (long long)test_below(&rng, (uint64_t)span) - span / 2;
	h = physseg_find(map, edge + (physseg_pfn_t)op.off, &offset);
	if (physseg_get_info(map, h, &info) != 0)
		return op;
	op.what = UNPLUG;
	if (test_below(&rng, 4) == 0)
		op.off -= (long long)offset; /* its front */
	if (test_below(&rng, 4) == 0 ||
	    edge + (physseg_pfn_t)op.off + op.n > info.end)
		op.n = info.end - (edge + (physseg_pfn_t)op.off);
	return op;
}

static void
describe(unsigned long number, bool coalesce)
{
	snprintf(scene, sizeof(scene), "run again: %s; change %lu%s%s",
	    test_rerun(), number, paged ? "" : ", a registry",
	    coalesce ? ", coalescing" : "");
}

static void
describe_op(const struct op *op, physseg_pfn_t edge)
{
	const size_t n = strlen(scene);

	snprintf(scene + n, sizeof(scene) - n, ", %s 0x%" PRIx64 " + %" PRIu64,
	    op->what == PLUG ? "plug" : "unplug",
	    (uint64_t)(edge + (physseg_pfn_t)op->off), (uint64_t)op->n);
}

/* One change, or some plugs and one more: what a plug took out of the tree may
 * not come again before readers are gone, and only an unplug waits for them. */
static void
look_at_drawn(unsigned long number)
{
	const physseg_pfn_t edge =
	    edges[3 + test_below(&rng, NEDGES - 3)] - 32 * test_pfn(&rng, 3);
	const bool coalesce = test_below(&rng, 3) == 0;
	struct op op;

	paged = test_below(&rng, 4) != 0;
	make_map(false, coalesce);
	for (uint64_t i = 2 + test_below(&rng, 20); i > 0; i--) {
		op = draw(edge);
		(void)do_op(&op, edge);
		if (nblocks > MOST_BLOCKS / 2)
			break;
	}
	describe(number, coalesce);
	start_looking();
	if (test_below(&rng, 8) == 0)
		refuse = 1 + test_index(&rng, 3);
	for (uint64_t i = 1 + test_below(&rng, MOST_OPS); i > 0; i--) {
		op = draw(edge);
		describe_op(&op, edge);
		(void)do_looked_at(&op, edge);
		if (op.what == UNPLUG)
			break;
	}
	refuse = 0;
	look_at_all();
	physseg_destroy(map);
}

START_TEST(test_drawn)
{
	const unsigned long n = test_steps != 0 ? test_steps : CHANGES_DRAWN;

	if (!can_run("test_drawn"))
		return;
	rng.state = test_seed;
	for (unsigned long i = 0; i < n; i++)
		look_at_drawn(i);
	printf("drawn: %lu lookups\n", nlooks);
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
	return test_main(argc, argv, suite);
}
