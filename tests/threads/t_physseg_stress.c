/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/threads/t_physseg_stress.c -- readers beside a writer that plugs,
 * splits and unplugs at random, without a lock where the backend says that
 * readers need none, else under the host's.
 *
 * The writer keeps a model: for each frame of a window whether it is there, and
 * where its segment starts.  Some frames stay, all the others come and go.
 * Those that stay lie scattered, or in rows that are longer than a block of the
 * radix tree, beside segments of which there are few: their records are used
 * again all the time, by segments above and below the row.  In every gap
 * between two rows one frame is never there, so that no segment reaches over
 * it.  Before a change the writer says in the model what will be (`next'), and
 * after it what is (`start'); a number that is odd during a change tells
 * readers whether one began or ended while they looked.  So a reader knows
 * exactly what it must see if nothing changed, and which frames may be either
 * way if one change was under way; and frames that stay it must see whatever
 * happened.
 *
 * A reader looks a few times in one section, and at its end reads once more
 * what it found: page structures must still describe their frames.
 *
 * The grace period is one of C11 atomics, so that a thread sanitizer follows
 * it: a counter per reader, odd inside of a section.  The last cases have
 * liburcu's.  Where frames stay in rows it is longer than it need be: so
 * readers begin in it, who are not waited for, and the writer interrupts them
 * when it goes on.
 *
 * All is drawn from the seed but how the threads meet.  --steps N: N changes in
 * each case; scripts/stress.sh goes on for minutes.
 */
#define _XOPEN_SOURCE 700

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__SANITIZE_THREAD__)
#define NO_URCU "a thread sanitizer does not know its barriers"
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NO_URCU "a thread sanitizer does not know its barriers"
#endif
#endif
#if !defined(NO_URCU) && !defined(TEST_URCU)
#define NO_URCU "built without liburcu"
#endif
#ifndef NO_URCU
#include <urcu.h>

#include <physseg/urcu.h>
#endif

#include "compat.h"
#include "support.h"

#define READERS 3
#define FRAMES	8192 /* of the window */
#define STEPS	20000
#define ROUND	64   /* lookups between two pauses of a reader */
#define HANDLES 16   /* that a reader keeps */
#define LOOKS	4    /* in one section, at most */
#define WATCHES 64   /* of one frame */
#define LINGER	1000 /* nanoseconds of a grace period */

#include "sections.h"

/* ---- the host ---- */

/* Every page structure; its state is what a reader must never see of a page
 * that is not its frame's. */
struct page {
	physseg_pfn_t pfn;
	uint32_t alive;
	char rest[500]; /* so that few fill a slab, which then dies soon */
};

#define ALIVE 0x600d600dU

static struct physseg_map *map;
static bool lingers; /* the host's `sync' */

static void
linger(void)
{
	const struct timespec time = { 0, LINGER };

	if (lingers)
		(void)nanosleep(&time, NULL);
	else
		sched_yield();
}

static void
host_sync(void *ctx)
{
	(void)ctx;
	wait_for_sections();
	linger();
}

static void *
host_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return calloc(1, size);
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
host_page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	if (pfn % 64 == 0)
		sched_yield(); /* in the middle of a change */
	((struct page *)page)->pfn = pfn;
	((struct page *)page)->alive = ALIVE;
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct page *)page)->pfn;
}

static const struct physseg_host own_host = { .alloc = host_alloc,
	.free = host_free,
	.panic = host_panic,
	.page_init = host_page_init,
	.page_frame = host_page_frame,
	.lock = host_lock,
	.unlock = host_unlock,
	.sync = host_sync };

/* ---- sections of a reader ---- */

static void
own_enter(size_t reader)
{
	atomic_fetch_add(&sections[reader].count, 1);
}

static void
lock_enter(size_t reader)
{
	(void)reader;
	host_lock(NULL);
}

static void
lock_leave(size_t reader)
{
	(void)reader;
	host_unlock(NULL);
}

static void
no_thread(void)
{
}

/* How readers of a case do it. */
struct way {
	void (*enter)(size_t reader);
	void (*leave)(size_t reader);
	void (*begin)(void); /* in each thread, */
	void (*end)(void);
};

static const struct way lock_way = { lock_enter, lock_leave, no_thread,
	no_thread };
static const struct way own_way = { own_enter, own_enter, no_thread,
	no_thread };

#ifndef NO_URCU
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
	TEST_HOST_URCU->sync(ctx);
	linger();
}

static const struct way urcu_way = { urcu_enter, urcu_leave,
	rcu_register_thread, rcu_unregister_thread };
#endif

/* ---- the model ---- */

/* What is known of a frame. */
static struct frame {
	atomic_size_t start; /* of its segment in the window, + 1; 0: none */
	atomic_bool next;    /* will it be there? */
	bool stays;
	bool never;	  /* is it there, once the map is set up */
	size_t least;	  /* no segment that has it starts below this one */
	const void *page; /* of one that stays */
} frames[FRAMES];

static physseg_pfn_t base;   /* the window's first frame */
static atomic_ulong changes; /* begun and ended */

/* The i-th frame of the window. */
static physseg_pfn_t
at(size_t i)
{
	return base + (physseg_pfn_t)i;
}

/* Frames that stay are some alone, some in rows, some at ends. */
static void
scatter_stays(struct test_rng *rng)
{
	size_t i, n;

	for (i = 0; i < FRAMES; i += n) {
		n = 1 + test_random_size(rng, 4);
		for (size_t k = 0; k < n && i + k < FRAMES; k++)
			frames[i + k].stays = true;
		n += 1 +
		    test_random_size(
			rng, test_random_below(rng, 8) == 0 ? 600 : 40);
	}
}

/* Long rows; the gaps before and between them are short, and cut in two. */
static void
row_stays(struct test_rng *rng)
{
	size_t i = 0, n;

	while (i < FRAMES) {
		n = 6 + test_random_size(rng, 20);
		if (i + n < FRAMES)
			frames[i + n / 2].never = true;
		i += n;
		for (n = 2000 + test_random_size(rng, 1500);
		     n > 0 && i < FRAMES; n--)
			frames[i++].stays = true;
	}
}

static void
choose_stays(struct test_rng *rng, bool rows)
{
	size_t least = 0;

	memset(frames, 0, sizeof(frames));
	(rows ? row_stays : scatter_stays)(rng);
	for (size_t i = 0; i < FRAMES; i++) {
		if (frames[i].never)
			least = i + 1;
		frames[i].least = least;
	}
}

/* After a change: the segments of the map in frames [lo, hi) of the window,
 * and whatever else they have. */
static void
take_segments(size_t lo, size_t hi)
{
	physseg_t h = physseg_from(map, at(lo));
	struct physseg_info info;
	size_t i = lo, end;

	while (i < hi) {
		if (physseg_get_info(map, h, &info) != 0)
			info.start = info.end = at(FRAMES);
		end = (size_t)(info.start - base);
		for (; i < end && i < hi; i++)
			atomic_store(&frames[i].start, 0);
		if (h == PHYSSEG_NONE || i >= hi)
			return;
		for (i = end; i < info.end - base; i++)
			atomic_store(&frames[i].start, end + 1);
		h = physseg_from(map, info.end);
	}
}

/* ---- readers ---- */

struct reader {
	pthread_t thread;
	size_t number;
	const struct way *way;
	struct test_rng rng;
	physseg_t handles[HANDLES];
	const struct page *pages[LOOKS]; /* that it found in this section, */
	size_t of[LOOKS];		 /* and of which frames */
	size_t npages;
	unsigned long lookups, present;
	unsigned long met; /* a change */
	const char *wrong; /* the first thing that was */
	physseg_pfn_t wrong_pfn;
};

static atomic_bool stop;
static atomic_bool failed; /* some reader: there is no need to go on */

static void
say(struct reader *r, const char *what, size_t i)
{
	atomic_store(&failed, true);
	if (r->wrong != NULL)
		return;
	r->wrong = what;
	r->wrong_pfn = at(i);
}

static void
expect(struct reader *r, bool right, const char *what, size_t i)
{
	if (!right)
		say(r, what, i);
}

/* What was found, and what is to be judged by. */
struct look {
	size_t i; /* of frames */
	unsigned long changes;
	size_t start; /* as in the model, before */
	bool found;
	physseg_pfn_t found_start;
};

static void
judge(struct reader *r, const struct look *look, const char *missed,
    const char *phantom, const char *moved)
{
	const struct frame *f = &frames[look->i];
	const bool next = atomic_load(&f->next);

	if (f->stays)
		expect(r, look->found, missed, look->i);
	if (atomic_load(&changes) != look->changes) {
		r->met++;
		return;
	}
	r->met += look->changes % 2;
	if (look->start != 0 && (next || look->changes % 2 == 0))
		expect(r, look->found, missed, look->i);
	if (look->start == 0 && (!next || look->changes % 2 == 0))
		expect(r, !look->found, phantom, look->i);
	if (look->found && look->changes % 2 == 0)
		expect(r, look->found_start == at(look->start - 1), moved,
		    look->i);
}

static void
look_for_page(struct reader *r, struct look *look)
{
	const physseg_pfn_t pfn = at(look->i);
	const struct page *page = physseg_page(map, pfn);
	const struct frame *f = &frames[look->i];

	look->found = page != NULL;
	look->found_start = at(look->start - 1);
	judge(r, look, "a page is missed", "a page of nothing", "");
	if (page == NULL)
		return;
	r->pages[r->npages] = page;
	r->of[r->npages++] = look->i;
	if (f->stays) {
		expect(r, page == f->page, "another page", look->i);
		expect(r, physseg_frame(map, page) == pfn,
		    "another frame of a page", look->i);
	}
}

static void
look_for_segment(struct reader *r, struct look *look)
{
	const physseg_pfn_t pfn = at(look->i);
	physseg_pfn_t offset = 0;
	const physseg_t h = physseg_find(map, pfn, &offset);

	look->found = h != PHYSSEG_NONE;
	look->found_start = pfn - offset;
	judge(r, look, "a segment is missed", "a segment of nothing",
	    "a segment that starts elsewhere");
	if (h == PHYSSEG_NONE)
		return;
	expect(r, offset <= look->i - frames[look->i].least, "an absurd offset",
	    look->i);
	if (!physseg_valid(map, h) && atomic_load(&changes) == look->changes)
		expect(r, look->changes % 2 != 0, "a handle that is not valid",
		    look->i);
	r->handles[test_random_below(&r->rng, HANDLES)] = h;
}

/* Handles of long ago, and such as never were: the answer is either, but it is
 * one. */
static void
look_at_handles(struct reader *r)
{
	const size_t i = test_random_size(&r->rng, HANDLES);

	(void)physseg_valid(map, r->handles[i]);
	(void)physseg_valid(map,
	    TEST_HANDLE(((uintptr_t)1 << (sizeof(physseg_t) * 4)) +
		(uintptr_t)test_random_below(&r->rng, 4096)));
	expect(r, !physseg_valid(map, PHYSSEG_NONE), "no handle is valid", 0);
}

/* A frame of a row, near the gap that follows; or any. */
static size_t
draw_frame(struct reader *r)
{
	const size_t i = test_random_size(&r->rng, FRAMES);
	size_t next = i;

	while (next < FRAMES && frames[next].stays)
		next++;
	return next < FRAMES && next - i > 64
	    ? next - 1 - test_random_size(&r->rng, 64)
	    : i;
}

static void
look(struct reader *r)
{
	struct look look = { .i = test_random_size(&r->rng, FRAMES) };

	if (test_random_below(&r->rng, 2) == 0)
		look.i = draw_frame(r);
	look.changes = atomic_load(&changes);
	look.start = atomic_load(&frames[look.i].start);
	if (test_random_below(&r->rng, 2) == 0)
		look_for_page(r, &look);
	else
		look_for_segment(r, &look);
	if (test_random_below(&r->rng, 8) == 0)
		look_at_handles(r);
	r->lookups++;
	r->present += look.found;
}

/* One frame that stays, over and over: nothing but lookups, so that the writer
 * interrupts one. */
static void
watch(struct reader *r)
{
	const size_t i = draw_frame(r);
	physseg_pfn_t offset = PHYSSEG_NOFRAME;

	if (!frames[i].stays)
		return;
	r->way->enter(r->number);
	for (int n = 0; n < WATCHES; n++) {
		expect(r, physseg_find(map, at(i), &offset) != PHYSSEG_NONE,
		    "a segment is missed", i);
		expect(r, offset <= i - frames[i].least, "an absurd offset", i);
	}
	r->way->leave(r->number);
}

/* As a program that works with pages does. */
static void
read_section(struct reader *r)
{
	r->way->enter(r->number);
	r->npages = 0;
	for (uint64_t n = 1 + test_random_below(&r->rng, LOOKS); n > 0; n--)
		look(r);
	for (size_t i = 0; i < r->npages; i++) {
		expect(r, r->pages[i]->pfn == at(r->of[i]),
		    "a page of another frame", r->of[i]);
		expect(r, r->pages[i]->alive == ALIVE, "a page without life",
		    r->of[i]);
	}
	r->way->leave(r->number);
}

static void *
read_on(void *arg)
{
	struct reader *r = arg;

	r->way->begin();
	do {
		for (int i = 0; i < ROUND; i++)
			(lingers && i % 2 == 0 ? watch : read_section)(r);
		sched_yield();
	} while (!atomic_load(&stop));
	r->way->end();
	return NULL;
}

/* ---- the writer ---- */

/* The frames around `i' that do not stay, and are all there or all not. */
static size_t
row(size_t i, size_t most)
{
	const bool there = atomic_load(&frames[i].start) != 0;
	const size_t start = atomic_load(&frames[i].start);
	size_t n = 0;

	while (n < most && i + n < FRAMES && !frames[i + n].stays &&
	    !frames[i + n].never &&
	    (atomic_load(&frames[i + n].start) != 0) == there &&
	    (!there || atomic_load(&frames[i + n].start) == start))
		n++;
	return n;
}

static size_t
draw_length(struct test_rng *rng)
{
	static const size_t lengths[] = { 1, 3, 16, 64, 600 };
	const size_t n = lengths[test_random_below(rng, 5)];

	return test_random_below(rng, 3) == 0 ? n
					      : 1 + test_random_size(rng, n);
}

/* The first of the frames before `i' which are as it is. */
static size_t
row_start(size_t i)
{
	const size_t start = atomic_load(&frames[i].start);

	while (i > 0 && !frames[i - 1].stays && !frames[i - 1].never &&
	    atomic_load(&frames[i - 1].start) == start)
		i--;
	return i;
}

/* A dry run, and what the map refuses, change nothing. */
static void
change_nothing(size_t i)
{
	size_t n = FRAMES - i < 40 ? FRAMES - i : 40;
	int error = PHYSSEG_OK;

	for (size_t k = 0; k < n; k++)
		if (atomic_load(&frames[i + k].start) != 0)
			error = PHYSSEG_EOVERLAP;
	if (!test_has(PHYSSEG_HOTPLUG))
		error = PHYSSEG_ENOHOTPLUG;
	test_assert(
	    physseg_plug_check(map, at(i), (physseg_pfn_t)n, 0) == error);
	if (error != PHYSSEG_OK)
		test_assert(physseg_plug(map, at(i), (physseg_pfn_t)n, 0,
				NULL) == error);
}

/* Plug or unplug `n' frames from the i-th of the window on. */
static bool
change(size_t i, size_t n)
{
	const bool there = atomic_load(&frames[i].start) != 0;
	const size_t lo = i == 0 ? 0 : i - 1;
	const size_t hi = i + n == FRAMES ? FRAMES : i + n + 1;
	int error;

	atomic_fetch_add(&changes, 1);
	for (size_t k = i; k < i + n; k++)
		atomic_store(&frames[k].next, !there);
	error = there ? physseg_unplug(map, at(i), (physseg_pfn_t)n)
		      : physseg_plug(map, at(i), (physseg_pfn_t)n, 0, NULL);
	if (error != 0)
		for (size_t k = i; k < i + n; k++)
			atomic_store(&frames[k].next, there);
	take_segments(lo, hi);
	atomic_fetch_add(&changes, 1);
	test_assert(error == 0 || error == PHYSSEG_ENOSLOT ||
	    error == PHYSSEG_ENOHOTPLUG || error == PHYSSEG_ELAST);
	return error == 0;
}

/* Where to change something, and how much. */
static size_t
draw_change(struct test_rng *rng, size_t *n)
{
	size_t i = test_random_size(rng, FRAMES);

	*n = draw_length(rng);
	while (frames[i].stays)
		i = test_random_size(rng, FRAMES);
	return test_random_below(rng, 2) == 0 ? row_start(i) : i;
}

/* What was plugged last goes first, most of the time: so one record, one slab
 * are used over and over. */
static void
write_on(struct test_rng *rng, unsigned long steps)
{
	unsigned long done = 0;
	size_t i, n, plugged = FRAMES;
	const char *broken;

	for (unsigned long s = 0; s < steps && !atomic_load(&failed); s++) {
		i = draw_change(rng, &n);
		if (test_random_below(rng, 16) == 0)
			change_nothing(i);
		if (lingers && plugged < FRAMES &&
		    test_random_below(rng, 8) != 0) {
			i = plugged;
			n = FRAMES;
		}
		while (i < FRAMES && (n = row(i, n)) == 0)
			i++;
		if (i < FRAMES && change(i, n)) {
			plugged =
			    atomic_load(&frames[i].start) == 0 ? FRAMES : i;
			done++;
		}
		if (test_random_below(rng, 8) == 0)
			sched_yield();
		if (s % (steps / 64 + 1) == 0 &&
		    (broken = physseg_check(map)) != NULL)
			ck_abort_msg("check: %s", broken);
	}
	if (atomic_load(&failed))
		return;
	if (test_has(PHYSSEG_HOTPLUG))
		ck_assert_uint_gt(done, steps / 4);
	else
		test_skip("changes",
		    "no hot plug: the writer is refused what it plugs");
}

/* ---- cases ---- */

/* A segment for each row, which begins just below the gap's cut. */
static void
load_rows(void)
{
	size_t i = 0, end;

	while (i < FRAMES) {
		while (i < FRAMES && !frames[i].never)
			i++;
		for (end = i + 1; end < FRAMES && !frames[end].stays;)
			end++;
		while (end < FRAMES && frames[end].stays)
			end++;
		if (i < FRAMES)
			test_assert(physseg_load(map, at(i - 2), at(end),
					at(i - 2), at(end), 0, NULL) == 0);
		i = end;
	}
}

static void
make_map(const struct physseg_host *host, void *ctx, bool coalesce, bool rows,
    void **all)
{
	struct physseg_config config = { .backend = test_backend,
		.host = host,
		.ctx = ctx,
		.page_size = sizeof(struct page),
		.capacity = FRAMES,
		.coalesce = coalesce };
	size_t size = physseg_storage_size(&config);

	all[0] = malloc(size);
	all[1] = calloc(FRAMES, sizeof(struct page));
	test_assert(physseg_create(&map, &config, all[0], size) == 0);
	if (rows)
		load_rows();
	else
		test_assert(physseg_load(map, base, at(FRAMES), base,
				at(FRAMES), 0, NULL) == 0);
	test_assert(physseg_switch(map, all[1], FRAMES) == 0);
	for (size_t i = 0; i < FRAMES; i++)
		if (frames[i].never)
			test_assert(physseg_unplug(map, at(i), 1) == 0);
	take_segments(0, FRAMES);
	for (size_t i = 0; i < FRAMES; i++) {
		frames[i].next = frames[i].start != 0;
		frames[i].page = physseg_page(map, at(i));
		test_assert(!frames[i].stays || frames[i].page != NULL);
	}
}

static void
join(struct reader *readers)
{
	unsigned long met = 0;

	atomic_store(&stop, true);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(readers[i].thread, NULL);
	for (size_t i = 0; i < READERS; i++) {
		const struct reader *r = &readers[i];

		printf("reader %zu: %lu lookups, %lu present, %lu met a "
		       "change\n",
		    i, r->lookups, r->present, r->met);
		met += r->met;
		if (r->wrong != NULL)
			ck_abort_msg("reader %zu, frame 0x%" PRIx64 ": %s", i,
			    (uint64_t)r->wrong_pfn, r->wrong);
	}
	if (test_has(PHYSSEG_LOCKFREE))
		ck_assert_uint_gt(met, 0);
}

static void
run(const struct physseg_host *host, void *ctx, const struct way *way,
    bool coalesce, bool rows)
{
	static const unsigned shifts[] = { 0, 18, 24,
		sizeof(base) > 4 ? 36 : 30 };
	struct reader readers[READERS] = { { .number = 0 } };
	struct test_rng rng = { test_seed };
	void *all[2];

	base = (physseg_pfn_t)1 << shifts[test_random_below(&rng, 4)];
	base = base > FRAMES ? base - FRAMES / 2 : 0;
	choose_stays(&rng, rows);
	lingers = rows;
	make_map(host, ctx, coalesce, rows, all);
	atomic_store(&stop, false);
	atomic_store(&failed, false);
	for (size_t i = 0; i < READERS; i++) {
		readers[i].number = i;
		readers[i].way = way;
		readers[i].rng.state = test_seed + 1 + i;
		ck_assert_int_eq(pthread_create(&readers[i].thread, NULL,
				     read_on, &readers[i]),
		    0);
	}
	write_on(&rng, test_steps != 0 ? test_steps : STEPS);
	join(readers);
	ck_assert_ptr_null(physseg_check(map));
	physseg_destroy(map);
	free(all[0]);
	free(all[1]);
}

static void
run_own(bool coalesce, bool rows)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
	run(&own_host, NULL, test_has(PHYSSEG_LOCKFREE) ? &own_way : &lock_way,
	    coalesce, rows);
	pthread_mutex_destroy(&mutex);
}

START_TEST(test_segments)
{
	run_own(false, false);
}
END_TEST

START_TEST(test_coalescing)
{
	run_own(true, false);
}
END_TEST

START_TEST(test_rows)
{
	if (test_backend->max_segments == 1)
		test_skip("test_rows", "one segment");
	else
		run_own(false, true);
}
END_TEST

static void
run_urcu(const char *test, bool rows)
{
#ifdef NO_URCU
	(void)rows;
	test_skip(test, NO_URCU);
#else
	struct physseg_host host = *TEST_HOST_URCU;
	struct physseg_urcu urcu;

	host.free = host_free;
	host.page_init = host_page_init;
	host.page_frame = host_page_frame;
	host.sync = urcu_sync;
	if (!test_has(PHYSSEG_LOCKFREE)) {
		test_skip(test, "readers need the lock");
		return;
	}
	ck_assert_int_eq(physseg_urcu_init(&urcu), 0);
	run(&host, &urcu, &urcu_way, false, rows);
	physseg_urcu_destroy(&urcu);
#endif
}

START_TEST(test_urcu)
{
	run_urcu("test_urcu", false);
}
END_TEST

START_TEST(test_urcu_rows)
{
	run_urcu("test_urcu_rows", true);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_stress");
	TCase *tc = tcase_create("scattered");

	tcase_add_test(tc, test_segments);
	tcase_add_test(tc, test_coalescing);
	tcase_add_test(tc, test_urcu);
	suite_add_tcase(s, tc);
	tc = tcase_create("rows");
	tcase_add_test(tc, test_rows);
	tcase_add_test(tc, test_urcu_rows);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
