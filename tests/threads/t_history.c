/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/threads/t_history.c -- all that readers are told beside a writer is
 * written down with its times, and checked: history.h.
 *
 * The writer adds memory, takes it away, offline and online, in one step and in
 * two: whole segments, their fronts, backs and middles, and ranges of several.
 * It boots again, and builds the index.  Many of its calls are refused, by a
 * listener, by the host's allocator, because a page is in use or because there
 * is no memory.  From time to time there is none for an index, so that the map
 * stays in LIST.  After each call the writer writes down which segments the map
 * has, and looks whether they are what it asked for.
 *
 * Readers ask for pages, for segments, for all about a frame, whether handles
 * are valid and ranges covered, most often near the last change.  They write
 * down some of what they are told, the most of it while something changes.
 * Something is also looked at in every answer: a page describes its frame until
 * the end of the section, bounds contain the frame, attributes belong together,
 * frames that stay are found.
 *
 * Readers take no lock where the backend says so, in sections of sections.h and
 * in those of liburcu, if there is one.  Elsewhere they hold the host's lock in
 * every other section, and leave it to the map in the others.
 *
 * All is drawn from the seed but how the threads meet.  --steps N: N changes in
 * each case.  TEST_LOOKUPS=N: at least so many lookups beside them.
 */
#define _XOPEN_SOURCE 700

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#if defined(__SANITIZE_THREAD__)
#undef TEST_URCU /* a thread sanitizer does not know its barriers */
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#undef TEST_URCU
#endif
#endif
#ifdef TEST_URCU
#include <urcu.h>

#include <physseg/urcu.h>
#endif

#include "history.h"
#include "support.h"

#define READERS	 3
#define FRAMES	 1536 /* of the window */
#define REGION	 256  /* that is one segment at first */
#define STAYS	 3    /* frames in every other region */
#define TAGS	 2    /* of attributes */
#define REMOVALS 4
#define STEPS	 3000 /* changes; a fourth of them in a large map */
#define LOOKUPS	 16   /* beside each change, at least */
#define CHANGES	 64   /* in a round, */
#define CALLS	 256  /* and calls of a reader for each that are written */
#define SHARE	 4    /* down, of one section in so many */
#define LINGERS	 8    /* one section in so many takes long */
#define HANDLES	 16   /* that a reader keeps */
#define LOOKS	 4    /* in one section, at most, */
#define BATCH	 6    /* each of so many frames */

/* So many segments of one frame make a map a large one. */
#define BALLAST	     8400
#define BALLAST_STEP 512

#include "sections.h"

static const physseg_pfn_t base = ((physseg_pfn_t)1 << 21) - FRAMES / 2;
static const physseg_pfn_t ballast = (physseg_pfn_t)1 << 22;

static struct physseg_map *map;
static struct history history;
static atomic_bool stop, failed, pausing;
static atomic_size_t turn; /* changes of this round that were begun */
static atomic_size_t hot;  /* a frame of the last one */
static pthread_barrier_t barrier;

static physseg_pfn_t
at(size_t i)
{
	return base + (physseg_pfn_t)i;
}

/* Frames that are always there. */
static bool
stays(size_t i)
{
	return i / REGION % 2 == 0 && i % REGION - REGION / 2 < STAYS;
}

static const void *pages_of_stays[FRAMES];

/* ---- the host, in the writer's thread ---- */

struct page {
	physseg_pfn_t pfn;
	uintptr_t alive;
	char rest[240]; /* so that few fill a slab, which then dies soon */
};

#define ALIVE 0x600d600dU

/* How the next change is refused, when it has asked so often. */
static enum refusal { NOBODY, MEMORY, LISTENER, HOST, IN_USE } refusal;
static uint64_t refuse_after;

static bool no_index; /* there is no memory for an index */
static size_t index_size;

static bool
refuses(enum refusal who)
{
	return refusal == who && refuse_after-- == 0;
}

static void *
host_alloc(void *ctx, size_t size)
{
	(void)ctx;
	if ((no_index && size == index_size) || refuses(MEMORY))
		return NULL;
	return calloc(1, size);
}

static void *
host_alloc_raw(void *ctx, size_t size)
{
	void *p = host_alloc(ctx, size);

	return p == NULL ? NULL : memset(p, 0xa5, size);
}

/* Who still reads it shall notice. */
static void
host_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	memset(p, 0xdb, size);
	free(p);
}

static _Noreturn void
host_panic(void *ctx, const char *reason)
{
	(void)ctx;
	ck_abort_msg("panic: %s", reason);
}

static void
host_page_init(void *ctx, void *p, physseg_pfn_t pfn)
{
	struct page *page = p;

	(void)ctx;
	if (pfn % 16 == 0)
		sched_yield(); /* in the middle of a change */
	page->pfn = pfn;
	page->alive = ALIVE;
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct page *)page)->pfn;
}

static int
host_isolate(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy)
{
	(void)ctx;
	(void)pfn;
	(void)n;
	*busy = 0;
	return refuses(HOST) ? 1 : 0;
}

static void
host_release(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	(void)pfn;
	(void)n;
}

static physseg_pfn_t
host_in_use(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	return refuses(IN_USE) ? pfn + n - 1 : PHYSSEG_NOFRAME;
}

static int
notify(struct physseg_listener *l, const struct physseg_change *change)
{
	(void)l;
	if (change->pfn < ballast)
		sched_yield();
	return (change->event == PHYSSEG_GOING_ONLINE ||
		   change->event == PHYSSEG_GOING_OFFLINE) &&
		refuses(LISTENER)
	    ? 1
	    : 0;
}

static void
own_sync(void *ctx)
{
	(void)ctx;
	wait_for_sections();
	sched_yield();
}

static const struct physseg_host own_host = { .alloc = host_alloc,
	.free = host_free,
	.panic = host_panic,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
	.lock = host_lock,
	.unlock = host_unlock,
	.sync = own_sync,
	.isolate = host_isolate,
	.release = host_release,
	.in_use = host_in_use,
	.alloc_raw = host_alloc_raw };

/* ---- sections of a reader ---- */

/* How readers of a case do it, and what waits for them. */
struct way {
	void (*enter)(size_t reader);
	void (*leave)(size_t reader);
	void (*begin)(void); /* in each thread, */
	void (*end)(void);
	void (*sync)(void *ctx);
};

static void
own_enter(size_t reader)
{
	atomic_fetch_add(&sections[reader].count, 1);
}

static void
no_thread(void)
{
}

static const struct way own_way = { own_enter, own_enter, no_thread, no_thread,
	own_sync };

#ifdef TEST_URCU
static void
urcu_enter(size_t reader)
{
	(void)reader;
	rcu_read_lock();
}

static void
urcu_leave(size_t reader)
{
	(void)reader;
	rcu_read_unlock();
}

static void
urcu_sync(void *ctx)
{
	physseg_host_urcu()->sync(ctx);
	sched_yield();
}

static const struct way urcu_way = { urcu_enter, urcu_leave,
	rcu_register_thread, rcu_unregister_thread, urcu_sync };
#else
#define urcu_way own_way
#endif

static const struct way *way;

/* ---- readers ---- */

struct reader {
	pthread_t thread;
	size_t number;
	struct test_rng rng;
	bool records; /* this one is */
	bool kept;    /* what it finds may be used until its end */
	physseg_t handles[HANDLES];
	const struct page *pages[LOOKS * BATCH]; /* found in this section, */
	size_t of[LOOKS * BATCH];		 /* and of which frames */
	size_t npages;
	const char *wrong; /* the first thing that was */
	size_t wrong_frame;
	_Alignas(64) atomic_ulong lookups;
};

static void
expect(struct reader *r, bool right, const char *what, size_t i)
{
	if (right)
		return;
	atomic_store(&failed, true);
	if (r->wrong != NULL)
		return;
	r->wrong = what;
	r->wrong_frame = i;
}

static bool
lockfree(void)
{
	return test_has(PHYSSEG_LOCKFREE);
}

static void
enter(struct reader *r)
{
	r->kept = lockfree() || test_random_below(&r->rng, 2) == 0;
	if (lockfree())
		way->enter(r->number);
	else if (r->kept)
		host_lock(NULL);
}

static void
leave(const struct reader *r)
{
	if (lockfree())
		way->leave(r->number);
	else if (r->kept)
		host_unlock(NULL);
}

/* The next n calls, which begin now; `own' if they are not written down. */
static struct history_call *
begin(struct reader *r, size_t n, struct history_call *own)
{
	struct history_call *calls =
	    r->records ? history_call(&history, r->number, n) : NULL;

	if (calls != NULL)
		return calls;
	memset(own, 0, n * sizeof(*own));
	return own;
}

static void
end(struct history_call *calls, size_t n)
{
	const size_t now = calls->called == 0 ? 0 : history_now(&history);

	for (size_t k = 0; k < n; k++)
		calls[k].returned = now;
}

/* Does it describe its frame, now and at the end? */
static void
keep_page(struct reader *r, size_t i, const struct page *page)
{
	if (stays(i))
		expect(r, page == pages_of_stays[i], "another page", i);
	if (page == NULL || !r->kept)
		return;
	expect(r, page->pfn == at(i) && page->alive == ALIVE,
	    "a page of another frame", i);
	r->pages[r->npages] = page;
	r->of[r->npages++] = i;
}

static void
found_page(
    struct reader *r, struct history_call *call, size_t i, const void *page)
{
	call->question = HISTORY_PAGE;
	call->pfn = at(i);
	call->yes = page != NULL;
	call->page = (uintptr_t)page;
	keep_page(r, i, page);
}

static void
ask_page(struct reader *r, size_t i)
{
	struct history_call own, *call = begin(r, 1, &own);
	const void *page = physseg_page(map, at(i));

	end(call, 1);
	found_page(r, call, i, page);
}

static void
ask_pages(struct reader *r, size_t i)
{
	struct history_call own[BATCH], *calls;
	physseg_pfn_t pfns[BATCH];
	void *pages[BATCH];

	for (size_t k = 0; k < BATCH; k++)
		pfns[k] = at((i + k * (i % 16)) % FRAMES);
	calls = begin(r, BATCH, own);
	physseg_pages(map, pfns, BATCH, pages);
	end(calls, BATCH);
	for (size_t k = 0; k < BATCH; k++)
		found_page(r, &calls[k], (size_t)(pfns[k] - base), pages[k]);
}

static void
ask_segment(struct reader *r, size_t i)
{
	struct history_call own, *call = begin(r, 1, &own);
	physseg_pfn_t offset = 0;
	const physseg_t handle = physseg_find(map, at(i), &offset);

	end(call, 1);
	call->question = HISTORY_FIND;
	call->pfn = at(i);
	call->yes = handle != PHYSSEG_NONE;
	call->handle = test_bits(handle);
	call->start = at(i) - offset;
	expect(r, call->yes || !stays(i), "a segment is missed", i);
	expect(r, offset <= i, "an absurd offset", i);
	if (call->yes)
		r->handles[test_random_size(&r->rng, HANDLES)] = handle;
}

/* Attributes in a word; an addition's belong together. */
static unsigned
word(int tag, enum physseg_state state)
{
	return (unsigned)tag | (state == PHYSSEG_OFFLINE ? 0x100U : 0);
}

static void
ask_all(struct reader *r, size_t i)
{
	struct history_call own, *call = begin(r, 1, &own);
	struct physseg_found found;

	call->yes = physseg_lookup(map, at(i), &found);
	end(call, 1);
	call->question = HISTORY_LOOKUP;
	call->pfn = at(i);
	expect(r, call->yes || !stays(i), "a segment is missed", i);
	if (!call->yes)
		return;
	call->start = found.start;
	call->end = found.end;
	call->handle = test_bits(found.handle);
	call->page = (uintptr_t)found.page;
	call->attributes = word(found.node, found.state);
	expect(r,
	    found.start <= at(i) && found.end > at(i) &&
		found.offset == at(i) - found.start,
	    "bounds", i);
	expect(r, (found.page != NULL) == (found.state == PHYSSEG_ONLINE),
	    "a page and a state that differ", i);
	expect(r,
	    found.kind == found.node && found.free_list == found.node &&
		(!r->kept || *(const int *)found.data == found.node),
	    "attributes", i);
	r->handles[test_random_size(&r->rng, HANDLES)] = found.handle;
	keep_page(r, i, found.page);
}

static void
ask_handle(struct reader *r, size_t i)
{
	const physseg_t handle = r->handles[i % HANDLES];
	struct history_call own, *call = begin(r, 1, &own);

	call->yes = physseg_valid(map, handle);
	end(call, 1);
	call->question = HISTORY_VALID;
	call->handle = test_bits(handle);
	expect(
	    r, !call->yes || handle != PHYSSEG_NONE, "no handle is valid", i);
}

static void
ask_range(struct reader *r, size_t i)
{
	const size_t n = 1 + test_random_size(&r->rng, FRAMES - i);
	struct history_call own, *call = begin(r, 1, &own);
	physseg_pfn_t missing = 0;

	call->online = i % 2 == 0;
	call->yes = physseg_covers(
	    map, at(i), (physseg_pfn_t)n, call->online, &missing);
	end(call, 1);
	call->question = HISTORY_COVERS;
	call->pfn = at(i);
	call->n = (physseg_pfn_t)n;
	call->start = missing;
	if (!call->yes)
		expect(r,
		    missing >= at(i) && missing < at(i + n) &&
			!stays((size_t)(missing - base)),
		    "an absurd frame is missing", i);
}

static size_t
draw_frame(struct reader *r)
{
	if (test_random_below(&r->rng, 2) == 0)
		return test_random_size(&r->rng, FRAMES);
	return (atomic_load_explicit(&hot, memory_order_relaxed) + FRAMES - 16 +
		   test_random_size(&r->rng, 64)) %
	    FRAMES;
}

static void
read_section(struct reader *r)
{
	static void (*const asks[])(struct reader *, size_t) = { ask_page,
		ask_page, ask_pages, ask_segment, ask_segment, ask_all, ask_all,
		ask_handle, ask_range };
	const size_t n = 1 + test_random_size(&r->rng, LOOKS);

	enter(r);
	r->records = test_random_below(&r->rng, SHARE) == 0 &&
	    history.logs[r->number].n <
		atomic_load_explicit(&turn, memory_order_relaxed) * CALLS;
	r->npages = 0;
	for (size_t k = 0; k < n; k++)
		asks[test_random_below(
		    &r->rng, sizeof(asks) / sizeof(asks[0]))](r, draw_frame(r));
	if (test_random_below(&r->rng, LINGERS) == 0)
		sched_yield(); /* a change goes on, and must wait */
	for (size_t k = 0; k < r->npages; k++)
		expect(r,
		    r->pages[k]->pfn == at(r->of[k]) &&
			r->pages[k]->alive == ALIVE,
		    "a page that was another frame's soon", r->of[k]);
	history_leave(&history, r->number, r->kept);
	leave(r);
	atomic_store_explicit(&r->lookups,
	    atomic_load_explicit(&r->lookups, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

/* All threads stand still between two rounds. */
static void
meet(void)
{
	(void)pthread_barrier_wait(&barrier);
}

static void *
read_on(void *arg)
{
	struct reader *r = arg;

	way->begin();
	do {
		for (int n = 0; n < 64 && !atomic_load(&pausing); n++)
			read_section(r);
		sched_yield();
		if (atomic_load(&pausing)) {
			meet();
			meet();
		}
	} while (!atomic_load(&stop));
	way->end();
	return NULL;
}

/* ---- the writer: what it draws ---- */

/* What a frame is, or what is said of several. */
enum known { GONE, OFFLINE, ONLINE, THERE, SAME };

struct range {
	physseg_pfn_t pfn, n;
};

static struct test_rng rng;

static const struct history_state *
now(void)
{
	return &history.changes[history.nchanges - 1].state;
}

static enum known
known(const struct history_segment *segment)
{
	if (segment == NULL)
		return GONE;
	return segment->page == 0 ? OFFLINE : ONLINE;
}

static bool
is(const struct history_segment *segment, enum known what)
{
	return known(segment) == what || (what == THERE && segment != NULL);
}

/* The segment or the hole that has a frame, in the window. */
static struct range
piece(physseg_pfn_t pfn)
{
	const struct history_segment *segment,
	    *all = history_segments(&history, now());
	physseg_pfn_t start = base, end = at(FRAMES);

	if ((segment = history_find(&history, now(), pfn)) != NULL)
		return (struct range){ segment->start,
			segment->end - segment->start };
	for (size_t k = 0; k < now()->n; k++) {
		if (all[k].end <= pfn)
			start = all[k].end;
		else if (all[k].start < end)
			end = all[k].start;
	}
	return (struct range){ start, end - start };
}

/* The part of it before the first frame that stays. */
static struct range
without_stays(struct range range)
{
	physseg_pfn_t n = 0;

	while (n < range.n && !stays((size_t)(range.pfn + n - base)))
		n++;
	return (struct range){ range.pfn, n };
}

/* A whole piece, its front, its back or its middle; or from within one into the
 * next one.  False: none was found. */
static bool
draw_range(enum known what, struct range *range)
{
	struct range first, next;
	physseg_pfn_t pfn, skip;

	for (int tries = 0; tries < 64; tries++) {
		pfn = at(test_random_size(&rng, FRAMES));
		if (!is(history_find(&history, now(), pfn), what))
			continue;
		*range = first = piece(pfn);
		next.pfn = range->pfn + range->n;
		if (test_random_below(&rng, 3) == 0 && next.pfn < at(FRAMES) &&
		    what != GONE &&
		    history_find(&history, now(), next.pfn) != NULL) {
			next = piece(next.pfn);
			range->n += next.n;
		}
		if (test_random_below(&rng, 2) == 0) {
			skip = test_random_pfn(&rng, first.n);
			range->pfn += skip;
			range->n -= skip;
		}
		if (test_random_below(&rng, 2) == 0)
			range->n = 1 + test_random_pfn(&rng, range->n);
		if (what != GONE)
			*range = without_stays(*range);
		if (range->n > 0)
			return true;
	}
	return false;
}

static struct removal {
	struct physseg_removal *removal;
	struct range range;
	unsigned how;
} removals[REMOVALS], *chosen;

static bool
choose_removal(bool open)
{
	chosen = &removals[test_random_size(&rng, REMOVALS)];
	return (chosen->removal != NULL) == open;
}

/* With or without force. */
static unsigned
draw_how(unsigned how)
{
	return test_random_below(&rng, 4) == 0 ? how | PHYSSEG_REMOVE_FORCE
					       : how;
}

/* ---- the writer: its operations ---- */

static int
add(const struct range *range, enum physseg_state state)
{
	const int tag = (int)test_random_below(&rng, TAGS);
	const struct physseg_addition addition = { .pfn = range->pfn,
		.n = range->n,
		.state = state,
		.free_list = tag,
		.node = tag,
		.kind = tag,
		.data = &tag };

	return physseg_add(map, &addition, NULL, NULL);
}

static int
do_add(const struct range *range)
{
	return add(range, PHYSSEG_ONLINE);
}

static int
do_add_offline(const struct range *range)
{
	return add(range, PHYSSEG_OFFLINE);
}

static int
do_unplug(const struct range *range)
{
	return physseg_remove(
	    map, range->pfn, range->n, draw_how(PHYSSEG_REMOVE_UNPLUG), NULL);
}

static int
do_offline(const struct range *range)
{
	return physseg_remove(
	    map, range->pfn, range->n, draw_how(PHYSSEG_REMOVE_OFFLINE), NULL);
}

static int
do_online(const struct range *range)
{
	return physseg_online(map, range->pfn, range->n, NULL);
}

static int
do_init(const struct range *range)
{
	return physseg_init_pages(
	    map, physseg_find(map, range->pfn, NULL), range->n, NULL);
}

static int
do_begin(const struct range *range)
{
	chosen->range = *range;
	chosen->how = draw_how(test_has(PHYSSEG_HOTPLUG)
		? (unsigned)test_random_below(&rng, 2)
		: PHYSSEG_REMOVE_OFFLINE);
	return physseg_remove_begin(
	    map, range->pfn, range->n, chosen->how, &chosen->removal, NULL);
}

static int
do_commit(const struct range *range)
{
	const int error = physseg_remove_commit(chosen->removal, NULL, NULL);

	(void)range;
	if (error == 0)
		chosen->removal = NULL;
	return error;
}

static int
do_cancel(const struct range *range)
{
	const int error = physseg_remove_cancel(chosen->removal);

	(void)range;
	chosen->removal = NULL;
	return error;
}

static int
do_build(const struct range *range)
{
	(void)range;
	return physseg_build(map);
}

/* From the boot phase it comes back without an index. */
static int
do_reboot(const struct range *range)
{
	const bool index = no_index;
	int error;

	(void)range;
	if ((error = physseg_set_running(map, false)) != 0)
		return error;
	sched_yield();
	no_index = index || test_random_below(&rng, 2) == 0;
	error = physseg_set_running(map, true);
	no_index = index;
	return error;
}

/* What a range is drawn of. */
enum drawn { OF_NOTHING, OF_RANGE, OF_RANGE_TO_BEGIN, OF_REMOVAL };

static const struct operation {
	const char *name;
	int (*run)(const struct range *range);
	enum drawn drawn;
	enum known was, is; /* the frames, before and after it */
	bool hotplug;
	bool lists; /* it is about the state LIST */
} operations[] = { { "add", do_add, OF_RANGE, GONE, ONLINE, true, false },
	{ "add offline", do_add_offline, OF_RANGE, GONE, OFFLINE, true, false },
	{ "unplug", do_unplug, OF_RANGE, THERE, GONE, true, false },
	{ "offline", do_offline, OF_RANGE, ONLINE, OFFLINE, false, false },
	{ "online", do_online, OF_RANGE, OFFLINE, ONLINE, false, false },
	{ "initialise", do_init, OF_RANGE, OFFLINE, SAME, false, false },
	{ "begin a removal of", do_begin, OF_RANGE_TO_BEGIN, THERE, SAME, false,
	    false },
	{ "commit a removal of", do_commit, OF_REMOVAL, THERE, SAME, false,
	    false },
	{ "cancel a removal of", do_cancel, OF_REMOVAL, THERE, SAME, false,
	    false },
	{ "build", do_build, OF_NOTHING, SAME, SAME, false, true },
	{ "boot again", do_reboot, OF_NOTHING, SAME, SAME, false, true } };

#define NOPERATIONS (sizeof(operations) / sizeof(operations[0]))

static unsigned long done[NOPERATIONS];	       /* with success */
static unsigned long refused[PHYSSEG_NERRORS]; /* by each error */

/* ---- the writer: what it writes down ---- */

static bool
is_equal(const struct history_segment *a, const struct history_segment *b)
{
	return a->start == b->start && a->end == b->end &&
	    a->handle == b->handle && a->page == b->page &&
	    a->attributes == b->attributes;
}

/* The segments of the window.  If nothing should have changed, nothing has. */
static void
write_state(bool same)
{
	const struct history_state before =
	    history.changes[history.nchanges - (same ? 2 : 1)].state;
	const struct history_segment *segment =
	    history_segments(&history, &before);
	struct physseg_info info;
	physseg_pfn_t pfn = base;
	size_t n = 0;

	while (physseg_get_info(map, physseg_from(map, pfn), &info) == 0 &&
	    info.start < at(FRAMES)) {
		const struct history_segment found = { info.start, info.end,
			test_bits(physseg_find(map, info.start, NULL)),
			(uintptr_t)info.pages, word(info.node, info.state) };

		test_assert(
		    (info.pages != NULL) == (info.state == PHYSSEG_ONLINE));
		if (same)
			test_assert(
			    n < before.n && is_equal(&segment[n++], &found));
		else
			history_segment(&history, &found);
		pfn = info.end;
	}
	if (same) {
		test_assert(n == before.n);
		history_same(&history);
	}
}

static void
check_range(const struct range *range, enum known what)
{
	const struct history_segment *segment;
	physseg_pfn_t pfn = range->pfn;

	while (pfn < range->pfn + range->n) {
		segment = history_find(&history, now(), pfn);
		test_assert(is(segment, what));
		pfn = segment == NULL ? pfn + 1 : segment->end;
	}
}

/* Errors that say nothing about the library. */
static bool
is_expected(int error)
{
	switch (error) {
	case PHYSSEG_EREFUSED:
		return refusal == LISTENER || refusal == HOST;
	case PHYSSEG_EINUSE:
		return refusal == IN_USE;
	case PHYSSEG_ENOMEM:
		return refusal == MEMORY || no_index || lockfree();
	case PHYSSEG_ESPAN:
	case PHYSSEG_EOVERLAP:
	case PHYSSEG_ENOSLOT:
	case PHYSSEG_EREMOVING:
		return true;
	default:
		return error == PHYSSEG_OK;
	}
}

static bool
draw(const struct operation *o, struct range *range)
{
	*range = (struct range){ base, 0 };
	switch (o->drawn) {
	case OF_RANGE_TO_BEGIN:
		return choose_removal(false) && draw_range(o->was, range);
	case OF_RANGE:
		return draw_range(o->was, range);
	case OF_REMOVAL:
		if (!choose_removal(true))
			return false;
		*range = chosen->range;
		return true;
	default:
		return true;
	}
}

static void
draw_refusal(void)
{
	refusal = test_random_below(&rng, 3) == 0
	    ? (enum refusal)(MEMORY + test_random_below(&rng, 4))
	    : NOBODY;
	refuse_after = test_random_below(&rng, 3);
}

/* What the frames are after it. */
static enum known
outcome(const struct operation *o, int error)
{
	if (error != 0 || o->run != do_commit)
		return error != 0 ? SAME : o->is;
	return (chosen->how & PHYSSEG_REMOVE_UNPLUG) != 0 ? GONE : OFFLINE;
}

static bool
change(size_t k)
{
	const struct operation *o = &operations[k];
	struct history_change *c;
	struct range range;
	enum known what;

	if ((o->hotplug && !test_has(PHYSSEG_HOTPLUG)) || !draw(o, &range))
		return false;
	draw_refusal();
	atomic_store_explicit(&hot,
	    (size_t)(range.pfn - base + test_random_pfn(&rng, range.n + 1)) %
		FRAMES,
	    memory_order_relaxed);
	atomic_store_explicit(&turn, history.nchanges, memory_order_relaxed);
	c = history_change(&history, o->name, range.pfn, range.n);
	c->error = o->run(&range);
	c->returned = history_now(&history);
	if (!is_expected(c->error))
		ck_abort_msg("%s: %s", o->name, physseg_strerror(c->error));
	refusal = NOBODY;
	what = outcome(o, c->error);
	write_state(what == SAME);
	if (what != SAME)
		check_range(&range, what);
	done[k] += c->error == 0;
	refused[c->error] += c->error != 0;
	return true;
}

/* ---- a run ---- */

static struct reader readers[READERS];

static unsigned long
count_lookups(void)
{
	unsigned long n = 0;

	for (size_t i = 0; i < READERS; i++)
		n += atomic_load_explicit(
		    &readers[i].lookups, memory_order_relaxed);
	return n;
}

/* All stop; what was written down is checked. */
static void
end_round(bool last)
{
	const char *broken;

	atomic_store(&pausing, true);
	meet();
	if ((broken = physseg_check(map)) != NULL) {
		printf("check: %s\n", broken);
		atomic_store(&failed, true);
	}
	if (!atomic_load(&failed) && !history_check(&history))
		atomic_store(&failed, true);
	history_next_round(&history);
	atomic_store(&turn, 0);
	no_index = test_random_below(&rng, 3) == 0;
	atomic_store(&stop, last || atomic_load(&failed));
	atomic_store(&pausing, false);
	meet();
}

/* Did each operation succeed, and was each refusal met? */
static bool
all_happened(void)
{
	for (size_t k = 0; k < NOPERATIONS; k++)
		if (done[k] == 0 &&
		    (!operations[k].hotplug || test_has(PHYSSEG_HOTPLUG)))
			return false;
	return refused[PHYSSEG_EREFUSED] > 0 && refused[PHYSSEG_EINUSE] > 0 &&
	    (refused[PHYSSEG_ENOMEM] > 0 || !lockfree());
}

/* So many changes, and lookups for each. */
static unsigned long
write_on(unsigned long steps, unsigned long lookups)
{
	unsigned long changes = 0;

	while (!atomic_load(&failed) && (changes < steps || !all_happened())) {
		if (!change(test_random_size(&rng, NOPERATIONS)))
			continue;
		changes++;
		while (count_lookups() / lookups < changes &&
		    !atomic_load(&failed))
			sched_yield();
		if (changes % CHANGES == 0)
			end_round(false);
	}
	if (!atomic_load(&stop))
		end_round(true);
	return changes;
}

static void
make_map(bool coalesce, size_t nballast, void **all)
{
	struct physseg_host host = own_host;
	const struct physseg_config config = { .backend = test_backend,
		.host = &host,
		.page_size = sizeof(struct page),
		.data_size = sizeof(int),
		.capacity = FRAMES / 8,
		.boot_records = FRAMES / 4 + nballast,
		.coalesce = coalesce };
	const size_t size = physseg_storage_size(&config);

	host.sync = way->sync;
	all[0] = malloc(size);
	all[1] = calloc(FRAMES + nballast, sizeof(struct page));
	test_assert(physseg_create(&map, &config, all[0], size) == 0);
	for (size_t i = 0; i < FRAMES; i += REGION)
		test_assert(
		    add(&(struct range){ at(i), REGION }, PHYSSEG_ONLINE) == 0);
	for (size_t i = 0; i < nballast; i++)
		test_assert(add(&(struct range){ ballast +
					(physseg_pfn_t)i * BALLAST_STEP,
				    1 },
				PHYSSEG_ONLINE) == 0);
	test_assert(physseg_switch(map, all[1], FRAMES + nballast) == 0);
	for (size_t i = 0; i < FRAMES; i++)
		pages_of_stays[i] = physseg_page(map, at(i));
}

static void
forget(void)
{
	atomic_store(&stop, false);
	atomic_store(&failed, false);
	atomic_store(&pausing, false);
	memset(done, 0, sizeof(done));
	memset(refused, 0, sizeof(refused));
	memset(removals, 0, sizeof(removals));
	memset(readers, 0, sizeof(readers));
	no_index = false;
}

static void
report(const char *name, unsigned long changes, double seconds)
{
	printf("%s: %lu changes, %lu lookups, %lu checked, %lu of them beside "
	       "a change, in %.1f seconds\n",
	    name, changes, count_lookups(), history.checked, history.met,
	    seconds);
	for (int e = 1; e < PHYSSEG_NERRORS; e++)
		if (refused[e] != 0)
			printf("  refused %lu times: %s\n", refused[e],
			    physseg_strerror(e));
	fflush(stdout);
	for (size_t i = 0; i < READERS; i++)
		if (readers[i].wrong != NULL)
			ck_abort_msg("reader %zu, frame %zu: %s", i,
			    readers[i].wrong_frame, readers[i].wrong);
	ck_assert(!atomic_load(&failed));
	ck_assert_uint_gt(history.checked, 0);
	if (lockfree())
		ck_assert_uint_gt(history.met, 0);
}

static double
seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
run(const char *name, bool coalesce, size_t nballast)
{
	static struct physseg_listener listener;
	const unsigned long steps =
	    (test_steps != 0 ? test_steps : STEPS) / (nballast == 0 ? 1 : 4) +
	    1;
	const char *wanted = getenv("TEST_LOOKUPS");
	unsigned long changes, lookups = LOOKUPS;
	const double before = seconds_now();
	struct test_host sizes;
	void *all[2];

	if (wanted != NULL && strtoul(wanted, NULL, 10) / steps > lookups)
		lookups = strtoul(wanted, NULL, 10) / steps;
	forget();
	rng.state = test_seed;
	test_host_set_backend(&sizes, test_backend);
	index_size = sizes.index_size;
	make_map(coalesce, nballast, all);
	listener = (struct physseg_listener){ .notify = notify };
	test_assert(physseg_listen(map, &listener, false) == 0);
	history_init(&history, CALLS * CHANGES, CHANGES, (CHANGES + 1) * FRAMES,
	    base, FRAMES);
	history.between = lockfree();
	history.joins = coalesce;
	history.page_size = sizeof(struct page);
	write_state(false);
	pthread_barrier_init(&barrier, NULL, READERS + 1);
	for (size_t i = 0; i < READERS; i++) {
		readers[i].number = i;
		readers[i].rng.state = test_seed + 1 + i;
		test_assert(pthread_create(&readers[i].thread, NULL, read_on,
				&readers[i]) == 0);
	}
	changes = write_on(steps, lookups);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(readers[i].thread, NULL);
	report(name, changes, seconds_now() - before);
	physseg_destroy(map);
	history_fini(&history);
	pthread_barrier_destroy(&barrier);
	free(all[0]);
	free(all[1]);
}

static void
run_case(const char *name, bool coalesce, size_t nballast)
{
	pthread_mutexattr_t attributes;

	if (test_backend->max_segments == 1) {
		test_skip(name, "one segment");
		return;
	}
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
	run(name, coalesce, nballast);
	pthread_mutex_destroy(&mutex);
}

START_TEST(test_segments)
{
	way = &own_way;
	run_case("segments", false, 0);
}
END_TEST

START_TEST(test_joining)
{
	way = &urcu_way;
	run_case("joining", true, 0);
}
END_TEST

/* Blocks of the radix tree are ranked only in a large map. */
START_TEST(test_large)
{
	way = &urcu_way;
	if (lockfree())
		run_case("large", true, BALLAST);
	else
		test_skip("large", "a large map is like any other");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("history");
	TCase *tc = tcase_create("segments");

	tcase_add_test(tc, test_segments);
	suite_add_tcase(s, tc);
	tc = tcase_create("joining");
	tcase_add_test(tc, test_joining);
	suite_add_tcase(s, tc);
	tc = tcase_create("large");
	tcase_add_test(tc, test_large);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
