/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/radix/t_radix_claims.c -- page structures initialised ahead of time,
 * without a lock, beside changes of the same segment.
 *
 * At one of the accesses that physseg_init_pages makes, changes are made, as
 * another thread might make them while this one stands still: at each access,
 * in each run one.  The other way round, at one of the accesses of a change a
 * thread begins, and stands still in the middle until the change is over.  Then
 * the rest is initialised, and all comes online.  Each page structure must have
 * been initialised once, and by nobody who may not.  What makes the two wait
 * for each other orders nothing, so that a thread sanitizer sees what the
 * library does not order.
 *
 * The library calls this test at every load and store (stepped.h), and tells
 * their order, so that claims are not opened before what they were closed for
 * can be seen.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "engine.h"
#include "stepped.h"
#include "support.h"

#define PAGE   24
#define FRAMES 200

#define ok(call) test_assert((call) == PHYSSEG_OK)

size_t test_radix_large = SIZE_MAX;

static struct test_map t;
static physseg_t segment; /* [100, 120) is offline at first, [120, 124) not */
static bool initialised[FRAMES];

/* ---- changes ---- */

enum what {
	NOTHING,
	ONLINE,
	OFFLINE,
	UNPLUG,
	ADD,   /* offline */
	BEGIN, /* an unplug in two phases */
	CANCEL,
	COMMIT,
	SWITCH
};

struct step {
	enum what what;
	physseg_pfn_t pfn, n;
};

static const struct step changes[][4] = {
	{ { ONLINE, 100, 20 } },
	{ { ONLINE, 110, 10 } },
	{ { ONLINE, 100, 10 } },
	{ { ONLINE, 106, 8 } },
	{ { ONLINE, 119, 1 } },
	{ { ONLINE, 100, 20 }, { OFFLINE, 100, 20 } },
	{ { ONLINE, 100, 20 }, { OFFLINE, 100, 10 } },
	{ { ONLINE, 100, 20 }, { OFFLINE, 110, 10 } },
	{ { UNPLUG, 100, 20 } },
	{ { UNPLUG, 110, 10 } },
	{ { UNPLUG, 100, 10 } },
	{ { UNPLUG, 106, 8 } },
	{ { UNPLUG, 100, 20 }, { ADD, 100, 2 } },
	{ { UNPLUG, 100, 20 }, { ADD, 90, 12 } },
	{ { UNPLUG, 100, 20 }, { ADD, 30, 12 } },
	{ { UNPLUG, 100, 20 }, { ADD, 30, 12 }, { ONLINE, 32, 4 } },
	{ { BEGIN, 100, 20 }, { CANCEL, 0, 0 } },
	{ { BEGIN, 110, 10 }, { COMMIT, 0, 0 } },
	{ { BEGIN, 100, 10 }, { COMMIT, 0, 0 } },
	{ { UNPLUG, 110, 10 }, { ADD, 110, 6 } },
	{ { UNPLUG, 110, 10 }, { ADD, 112, 6 }, { ADD, 110, 2 } },
	{ { UNPLUG, 120, 4 }, { ADD, 120, 4 } },
	{ { UNPLUG, 120, 4 }, { ADD, 120, 4 }, { ONLINE, 110, 6 } },
	{ { OFFLINE, 120, 4 } },
	{ { OFFLINE, 120, 4 }, { ONLINE, 110, 6 } },
};

#define NCHANGES (sizeof(changes) / sizeof(changes[0]))

static struct physseg_removal *removal;

/* Frames that nobody has initialised since. */
static void
forget(physseg_pfn_t pfn, physseg_pfn_t n)
{
	memset(&initialised[pfn], 0, (size_t)n * sizeof(initialised[0]));
}

static int
change(const struct step *s)
{
	const struct physseg_addition add = {
		.pfn = s->pfn, .n = s->n, .state = PHYSSEG_OFFLINE
	};
	int error = PHYSSEG_OK;

	switch (s->what) {
	case ONLINE:
		return physseg_online(t.map, s->pfn, s->n, NULL);
	case OFFLINE:
		error = physseg_remove(
		    t.map, s->pfn, s->n, PHYSSEG_REMOVE_OFFLINE, NULL);
		break;
	case UNPLUG:
		error = physseg_unplug(t.map, s->pfn, s->n);
		break;
	case ADD:
		return physseg_add(t.map, &add, NULL, NULL);
	case BEGIN:
		return physseg_remove_begin(
		    t.map, s->pfn, s->n, PHYSSEG_REMOVE_UNPLUG, &removal, NULL);
	case CANCEL:
		return physseg_remove_cancel(removal);
	case COMMIT:
		return physseg_remove_commit(removal, NULL, NULL);
	case SWITCH:
		test_map_switch(&t, 0);
		break;
	case NOTHING:
		break;
	}
	if (error == PHYSSEG_OK)
		forget(s->pfn, s->n);
	return error;
}

static void
check(void)
{
	const char *broken = physseg_check(t.map);

	if (broken != NULL)
		ck_abort_msg("%s", broken);
}

/* ---- in the middle of a call ---- */

static void (*pending)(void);	   /* NULL: it was done */
static unsigned long accesses, at; /* at which one it is */
static _Thread_local bool is_helper;

static void
step(void)
{
	void (*now)(void);

	if (is_helper || (now = pending) == NULL || ++accesses != at)
		return;
	pending = NULL;
	now();
}

/* The word is of a segment. */
static const struct physseg_record *
record_of(const volatile void *word)
{
	const struct physseg_record *rec;
	uintptr_t i;

	for (i = 0; i < t.map->nborn; i++) {
		rec = physseg_record_at(t.map, i);
		if ((uintptr_t)word - (uintptr_t)rec < sizeof(*rec))
			return physseg_record_live(rec) ? rec : NULL;
	}
	return NULL;
}

static bool claims; /* the call under way is physseg_init_pages */

void
test_before_load(const volatile void *where, size_t size, int order)
{
	const struct physseg_record *rec;

	(void)size;
	if (!is_helper && claims && (rec = record_of(where)) != NULL &&
	    (where == &rec->claimed || where == &rec->own_base ||
		where == &rec->node.end))
		test_assert(order == memory_order_acquire);
	step();
}

static const volatile void *stored;
static int stored_order;

void
test_before_store(const volatile void *where, size_t size, int order)
{
	(void)size;
	step();
	stored = where;
	stored_order = order;
}

/* What lets threads claim comes last: that claims are open, or that an offline
 * segment has page structures. */
void
test_after_store(void)
{
	const struct physseg_record *rec =
	    t.map == NULL ? NULL : record_of(stored);

	if (rec != NULL && stored == &rec->own_base &&
	    rec->state == PHYSSEG_OFFLINE)
		test_assert(stored_order == memory_order_release);
	if (rec != NULL && stored == &rec->claimed &&
	    (__atomic_load_n(&rec->claimed, __ATOMIC_RELAXED) &
		PHYSSEG_CLOSED) == 0)
		test_assert(stored_order == memory_order_release);
}

/* A thread that initialises, and where it stands still: before one of its
 * steps, or while it initialises. */
static bool may_begin, waits, may_go_on, has_left;
static int stop_at, helper_steps;

static void
set(bool *word)
{
	__atomic_store_n(word, true, __ATOMIC_RELAXED);
}

static bool
is_set(bool *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static void
stand_still(void)
{
	if (++helper_steps != stop_at)
		return;
	set(&waits);
	while (!is_set(&may_go_on))
		sched_yield();
}

void
test_before_step(const volatile void *where)
{
	(void)where;
	if (is_helper)
		stand_still();
	else
		step();
}

/* ---- the host ---- */

static void
sync_nobody(void *ctx)
{
	(void)ctx;
}

static void
watch(struct test_host *host, const struct test_call *call)
{
	(void)host;
	if (call->hook != TEST_INIT)
		return;
	test_assert(call->pfn < FRAMES);
	if (initialised[call->pfn])
		ck_abort_msg(
		    "frame %lu is initialised again", (unsigned long)call->pfn);
	initialised[call->pfn] = true;
	if (is_helper)
		stand_still();
}

static void
boot(bool coalesce)
{
	memset(initialised, 0, sizeof(initialised));
	test_map_init(&t, PAGE);
	t.config.coalesce = coalesce;
	t.host.hooks.sync = sync_nobody;
	t.host.watch = watch;
	t.host.quiet = true;
	test_map_boot(&t);
	ok(physseg_plug(t.map, 0, 8, 0, NULL));
}

static void
begin(bool coalesce)
{
	boot(coalesce);
	test_map_switch(&t, 0);
	ok(physseg_plug(t.map, 100, 24, 0, NULL));
	ok(physseg_remove(t.map, 100, 20, PHYSSEG_REMOVE_OFFLINE, NULL));
	forget(100, 20);
	segment = physseg_find(t.map, 100, NULL);
	accesses = 0;
}

static bool
may_be(int error)
{
	return error == PHYSSEG_OK || error == PHYSSEG_ENOENT ||
	    error == PHYSSEG_ESTATE || error == PHYSSEG_EREMOVING;
}

/* Initialise what is left, and bring all online. */
static void
finish(void)
{
	struct physseg_info info;
	physseg_pfn_t done;
	physseg_t h;

	check();
	PHYSSEG_FOREACH(h, t.map) {
		ok(physseg_get_info(t.map, h, &info));
		if (info.state == PHYSSEG_OFFLINE)
			do
				ok(physseg_init_pages(t.map, h, 7, &done));
			while (done != 0);
		for (physseg_pfn_t f = info.start; f < info.end; f++)
			if (!initialised[f])
				ck_abort_msg("frame %lu is not initialised",
				    (unsigned long)f);
	}
	check();
	for (h = physseg_first(t.map); h != PHYSSEG_NONE;
	     h = physseg_next(t.map, h)) {
		ok(physseg_get_info(t.map, h, &info));
		ok(physseg_online(
		    t.map, info.start, info.end - info.start, NULL));
		h = physseg_find(t.map, info.start, NULL);
	}
	check();
	test_map_fini(&t);
	t.map = NULL;
}

/* ---- cases ---- */

static const struct step *steps;
static unsigned made;

static void
change_now(void)
{
	const struct step *s = steps;

	claims = false;
	for (; s->what != NOTHING && change(s) == PHYSSEG_OK; s++) {
		made++; /* else somebody is at work */
		check();
	}
	claims = true;
}

/* So many are initialised before, then at most `max'.  False: that took fewer
 * accesses. */
static bool
change_at(physseg_pfn_t before, physseg_pfn_t max, bool coalesce)
{
	bool changed;
	int error;

	begin(coalesce);
	if (before != 0)
		ok(physseg_init_pages(t.map, segment, before, NULL));
	pending = change_now;
	claims = true;
	error = physseg_init_pages(t.map, segment, max, NULL);
	claims = false;
	test_assert(may_be(error));
	changed = pending == NULL;
	pending = NULL;
	finish();
	return changed;
}

static bool
lockfree(const char *test)
{
	if (test_has(PHYSSEG_LOCKFREE))
		return true;
	test_skip(test, "lookups take the lock");
	return false;
}

START_TEST(test_changes)
{
	static const physseg_pfn_t before[] = { 0, 12 };

	if (!lockfree("test_changes"))
		return;
	made = 0;
	steps = changes[_i];
	for (size_t b = 0; b < sizeof(before) / sizeof(before[0]); b++)
		for (int k = 0; k < 2; k++)
			for (at = 1;
			     change_at(before[b], k != 0 ? 1000 : 2, k != 0);
			     at++)
				;
	ck_assert_uint_gt(made, 0);
}
END_TEST

static int helper_error;

static void *
help(void *arg)
{
	(void)arg;
	is_helper = true;
	while (!is_set(&may_begin))
		sched_yield();
	if (!is_set(&may_go_on))
		helper_error = physseg_init_pages(t.map, segment, 2, NULL);
	set(&has_left);
	return NULL;
}

/* Until it stands still, or has left. */
static void
help_now(void)
{
	set(&may_begin);
	while (!is_set(&waits) && !is_set(&has_left))
		sched_yield();
}

static unsigned refused;

/* Beside the second of two changes.  False: it took fewer accesses. */
static bool
help_at(const struct step *s)
{
	pthread_t thread;
	bool helped;
	int error;

	if (s[1].what == SWITCH)
		boot(true);
	else
		begin(true);
	ok(change(&s[0]));
	if (s[1].what == SWITCH)
		segment = physseg_find(t.map, 100, NULL);
	accesses = 0;
	may_begin = waits = may_go_on = has_left = false;
	helper_steps = 0;
	test_assert(pthread_create(&thread, NULL, help, NULL) == 0);
	pending = help_now;
	error = change(&s[1]);
	helped = pending == NULL;
	pending = NULL;
	set(&may_go_on);
	set(&may_begin);
	pthread_join(thread, NULL);
	if (helped) {
		test_assert(error == PHYSSEG_OK || error == PHYSSEG_EBUSY);
		test_assert(may_be(helper_error));
		refused += error == PHYSSEG_EBUSY;
	} else
		test_assert(error == PHYSSEG_OK);
	finish();
	return helped;
}

START_TEST(test_threads)
{
	static const struct step alone[][2] = { { { NOTHING, 0, 0 },
						    { ONLINE, 100, 20 } },
		{ { NOTHING, 0, 0 }, { ONLINE, 110, 10 } },
		{ { NOTHING, 0, 0 }, { ONLINE, 100, 10 } },
		{ { NOTHING, 0, 0 }, { UNPLUG, 110, 10 } },
		{ { NOTHING, 0, 0 }, { UNPLUG, 100, 20 } },
		{ { NOTHING, 0, 0 }, { OFFLINE, 120, 4 } },
		{ { UNPLUG, 120, 4 }, { ADD, 120, 4 } }, /* it grows */
		{ { ADD, 100, 20 }, { SWITCH, 0, 0 } } };
	const bool cuts =
	    alone[_i][1].what == ONLINE || alone[_i][1].what == UNPLUG;

	if (!lockfree("test_threads"))
		return;
	refused = 0;
	for (stop_at = 1; stop_at <= 3; stop_at++)
		for (at = 1; help_at(alone[_i]);
		     at += alone[_i][1].what == SWITCH ? 16 : 1)
			;
	ck_assert((refused > 0) == cuts);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("radix_claims");
	TCase *tc = tcase_create("beside changes");

	tcase_add_loop_test(tc, test_changes, 0, NCHANGES);
	tcase_add_loop_test(tc, test_threads, 0, 8);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
