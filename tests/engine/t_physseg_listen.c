/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_listen.c -- who is told of changes: what, in which
 * order, and what a refusal does.
 *
 * Every event is written down as a line, "B?off [100,110) k1", and a test
 * compares all lines with those that it expects.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#define PAGE	24
#define UNPLUG	PHYSSEG_REMOVE_UNPLUG
#define OFFLINE PHYSSEG_REMOVE_OFFLINE
#define FORCE	PHYSSEG_REMOVE_FORCE

#define ok(call) ck_assert_int_eq((call), PHYSSEG_OK)

static struct test_map t;

/* ---- what was told ---- */

static char said[8192];
static size_t length;
static unsigned logged; /* lines in the host's log */

static void
say(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(said + length, sizeof(said) - length, format, args);
	va_end(args);
	length += (size_t)n;
	test_assert(length < sizeof(said));
}

/* These lines were said, and no others. */
static void
heard(const char *lines)
{
	ck_assert_str_eq(said, lines);
	said[length = 0] = '\0';
}

static const char *const names[] = { "added", "?on", "on", "xon", "?off", "off",
	"xoff", "gone" };

static void
write_line(void *ctx, const char *line)
{
	(void)ctx;
	ck_assert_ptr_nonnull(strstr(line, "ignored"));
	logged++;
}

/* ---- listeners ---- */

#define NLISTENERS 3

static struct physseg_listener listeners[NLISTENERS]; /* A, B, C */

static struct {
	unsigned asked;	  /* events that ask, so far */
	unsigned refuses; /* the refuses-th of them, from 1; 0: none */
	bool no;	  /* refuse what cannot be refused, too */
	int leaves;	  /* this listener takes itself off at the next event;
			   * -1: none does */
	int other;	  /* takes this one off with itself */
	bool after_host;  /* NOW_ONLINE comes right after reinit */
} plan;

static bool
asks(enum physseg_event event)
{
	return event == PHYSSEG_GOING_ONLINE || event == PHYSSEG_GOING_OFFLINE;
}

/* Lookups and getters work here, nothing else does. */
static void
change_nothing(void)
{
	struct physseg_removal *removal = NULL;
	struct physseg_listener own = { .notify = NULL };
	const struct physseg_addition add = { .pfn = 9000, .n = 1 };

	ck_assert_int_eq(physseg_add(t.map, &add, NULL, NULL), PHYSSEG_EBUSY);
	ck_assert_int_eq(physseg_plug(t.map, 9000, 1, 0, NULL), PHYSSEG_EBUSY);
	ck_assert_int_eq(physseg_unplug(t.map, 100, 1), PHYSSEG_EBUSY);
	ck_assert_int_eq(physseg_online(t.map, 100, 1, NULL), PHYSSEG_EBUSY);
	ck_assert_int_eq(
	    physseg_remove_begin(t.map, 100, 1, UNPLUG, &removal, NULL),
	    PHYSSEG_EBUSY);
	ck_assert_int_eq(
	    physseg_remove(t.map, 100, 1, UNPLUG, NULL), PHYSSEG_EBUSY);
	ck_assert_int_eq(physseg_listen(t.map, &own, true), PHYSSEG_EBUSY);
	ck_assert_int_eq(physseg_unlisten(t.map, &own), PHYSSEG_ENOENT);
	(void)physseg_find(t.map, 100, NULL);
}

static int
notify(struct physseg_listener *listener, const struct physseg_change *change)
{
	const int i = (int)(listener - listeners);

	/* Who is told that frames are there finds that the host knows. */
	if (change->event == PHYSSEG_NOW_ONLINE && plan.after_host)
		ck_assert_int_eq(
		    t.host.log[t.host.ncalls - 1].hook, TEST_REINIT);
	say("%c%s%s [%" PRIu64 ",%" PRIu64 ")", 'A' + i, names[change->event],
	    change->forced ? "!" : "", (uint64_t)change->pfn,
	    (uint64_t)(change->pfn + change->n));
	if (change->kind != 0)
		say(" k%d", change->kind);
	if (change->node != 0)
		say(" n%d", change->node);
	if (change->free_list != 0)
		say(" l%d", change->free_list);
	say("\n");
	change_nothing();
	if (plan.leaves == i) {
		plan.leaves = -1;
		ok(physseg_unlisten(t.map, listener));
		if (plan.other >= 0)
			ok(physseg_unlisten(t.map, &listeners[plan.other]));
		/* Their memory is the test's again. */
		memset(listener, 0xee, sizeof(*listener));
		if (plan.other >= 0)
			memset(&listeners[plan.other], 0xee, sizeof(*listener));
		plan.other = -1;
	}
	if (asks(change->event) && ++plan.asked == plan.refuses)
		return 100 + i;
	return plan.no && !asks(change->event) ? 1 : 0;
}

static void
listen(int i, int priority, bool replay)
{
	listeners[i] =
	    (struct physseg_listener){ .notify = notify, .priority = priority };
	ok(physseg_listen(t.map, &listeners[i], replay));
}

/* C, A and B, in this order. */
static void
listen_all(void)
{
	listen(0, 1, false);
	listen(1, 0, false);
	listen(2, 2, false);
}

/* ---- maps ---- */

static bool with_host; /* one that has frame 105 in use */

static void
init(void)
{
	said[length = 0] = '\0';
	memset(&plan, 0, sizeof(plan));
	plan.leaves = plan.other = -1;
	logged = 0;
	test_map_init(&t, PAGE);
	t.config.may_empty = true;
	t.host.hooks.log = write_line;
	test_host_busy = 105;
	if (with_host)
		test_host_allocator(&t.host.hooks);
	test_map_boot(&t);
}

/* [100, 200); and [200, 300) of kind 2, [300, 400) of node 3. */
static bool
load(void)
{
	struct physseg_addition add = { .pfn = 100, .n = 100 };

	ok(physseg_add(t.map, &add, NULL, NULL));
	if (test_map_capacity(&t) < 3) {
		test_skip("three kinds", "room for one segment only");
		return false;
	}
	add.pfn = 200;
	add.kind = PHYSSEG_DEVICE;
	ok(physseg_add(t.map, &add, NULL, NULL));
	add.pfn = 300;
	add.node = 3;
	add.free_list = 1;
	ok(physseg_add(t.map, &add, NULL, NULL));
	return true;
}

static bool
run(void)
{
	bool loaded;

	init();
	loaded = load();
	test_map_switch(&t, 100);
	return loaded;
}

static void
checked(void)
{
	const char *broken = physseg_check(t.map);

	ck_assert_msg(broken == NULL, "%s", broken);
}

/* ---- order ---- */

START_TEST(test_order)
{
	run();
	listen_all();
	ok(physseg_remove(t.map, 100, 10, UNPLUG, NULL));
	heard("C?off [100,110)\nA?off [100,110)\nB?off [100,110)\n"
	      "Coff [100,110)\nAoff [100,110)\nBoff [100,110)\n"
	      "Cgone [100,110)\nAgone [100,110)\nBgone [100,110)\n");
	ok(physseg_unlisten(t.map, &listeners[2]));
	ck_assert_int_eq(
	    physseg_unlisten(t.map, &listeners[2]), PHYSSEG_ENOENT);
	listen(2, 0, false); /* behind B: of equal priority */
	ok(physseg_unplug(t.map, 110, 10));
	heard("A?off [110,120)\nB?off [110,120)\nC?off [110,120)\n"
	      "Aoff [110,120)\nBoff [110,120)\nCoff [110,120)\n"
	      "Agone [110,120)\nBgone [110,120)\nCgone [110,120)\n");
	ck_assert_int_eq(
	    physseg_listen(t.map, &listeners[2], false), PHYSSEG_EINVAL);
	ck_assert_int_eq(
	    physseg_listen(
		t.map, &(struct physseg_listener){ .priority = 1 }, false),
	    PHYSSEG_EINVAL);
	ck_assert_uint_eq(logged, 0);
	test_map_fini(&t);
	heard("");
}
END_TEST

/* One event for frames with the same attributes. */
START_TEST(test_runs)
{
	if (!run()) {
		test_map_fini(&t);
		return;
	}
	ok(physseg_remove(t.map, 150, 1, UNPLUG, NULL)); /* nobody listens */
	listen(0, 0, false);
	ok(physseg_remove(t.map, 160, 160, OFFLINE, NULL));
	heard("A?off [160,200)\nA?off [200,300) k2\nA?off [300,320) k2 n3 l1\n"
	      "Aoff [160,200)\nAoff [200,300) k2\nAoff [300,320) k2 n3 l1\n");
	/* Those of a range that are online. */
	ok(physseg_remove(t.map, 155, 180, UNPLUG, NULL));
	heard(
	    "A?off [155,160)\nA?off [320,335) k2 n3 l1\n"
	    "Aoff [155,160)\nAoff [320,335) k2 n3 l1\n"
	    "Agone [155,200)\nAgone [200,300) k2\nAgone [300,335) k2 n3 l1\n");
	/* Segments of the same attributes are one run. */
	ok(physseg_remove(t.map, 110, 10, OFFLINE, NULL));
	ok(physseg_remove(t.map, 120, 10, OFFLINE, NULL));
	heard("A?off [110,120)\nAoff [110,120)\n"
	      "A?off [120,130)\nAoff [120,130)\n");
	ok(physseg_online(t.map, 105, 30, NULL));
	heard("A?on [110,130)\nAon [110,130)\n");
	checked();
	test_map_fini(&t);
}
END_TEST

START_TEST(test_plugged)
{
	const struct physseg_addition add = { .pfn = 500,
		.n = 10,
		.state = PHYSSEG_OFFLINE,
		.kind = PHYSSEG_PERSISTENT };

	run();
	listen_all();
	plan.after_host = true;
	if (!test_has(PHYSSEG_HOTPLUG)) {
		ck_assert_int_eq(
		    physseg_plug(t.map, 500, 10, 0, NULL), PHYSSEG_ENOHOTPLUG);
		heard("");
		test_map_fini(&t);
		return;
	}
	ok(physseg_plug(t.map, 600, 10, 1, NULL));
	heard("C?on [600,610) l1\nA?on [600,610) l1\nB?on [600,610) l1\n"
	      "Cadded [600,610) l1\nAadded [600,610) l1\n"
	      "Badded [600,610) l1\n"
	      "Con [600,610) l1\nAon [600,610) l1\nBon [600,610) l1\n");
	ok(physseg_add(t.map, &add, NULL, NULL));
	heard("Cadded [500,510) k3\nAadded [500,510) k3\n"
	      "Badded [500,510) k3\n");
	ok(physseg_plug_check(t.map, 700, 1, 0));
	heard("");
	test_map_fini(&t);
}
END_TEST

/* Where listeners are asked, page structures are held until they have answered;
 * then nothing is kept for giving them back, and a plug that was refused has
 * given back its own alone. */
START_TEST(test_plugged_often)
{
	struct test_state state;
	size_t bytes = 0;

	if (!run() || !test_has(PHYSSEG_HOTPLUG)) {
		test_skip("plugged often", "not on this backend");
		test_map_fini(&t);
		return;
	}
	listen(0, 0, false);
	for (int i = 0; i < 40; i++) {
		plan.asked = plan.refuses = 0;
		ok(physseg_plug(t.map, 600, 4, 0, NULL));
		ok(physseg_unplug(t.map, 600, 4));
		checked();
		if (i == 0)
			bytes = t.host.outstanding;
		ck_assert_uint_eq(t.host.outstanding, bytes);
		test_state_save(&state, &t);
		plan.refuses = 1;
		plan.asked = 0;
		ck_assert_int_eq(physseg_plug(t.map, 1 << 20, 4096, 0, NULL),
		    PHYSSEG_EREFUSED);
		ck_assert(test_state_unchanged(&state, &t));
		checked();
		length = 0;
	}
	test_map_fini(&t);
}
END_TEST

/* ---- refusals ---- */

enum what { PLUG, ONLINE, BEGIN, REMOVE, UNPLUG_NOW, NWHATS };

static struct physseg_removal *opened;

static int
attempt(enum what what, unsigned how, struct physseg_reason *reason)
{
	const struct physseg_addition add = {
		.pfn = 600, .n = 10, .free_list = 1
	};

	memset(reason, 0, sizeof(*reason));
	switch (what) {
	case PLUG:
		return physseg_add(t.map, &add, NULL, reason);
	case ONLINE:
		return physseg_online(t.map, 105, 300 - 105, reason);
	case BEGIN:
		return physseg_remove_begin(
		    t.map, 150, 200, how, &opened, reason);
	case REMOVE:
		return physseg_remove(t.map, 150, 200, how, reason);
	default:
		return physseg_unplug(t.map, 150, 200);
	}
}

/* What the refusal of the k-th question makes them hear: runs are asked one
 * after the other, C, A and B each; the refusal is undone in reverse. */
static void
expect(const char *const *runs, size_t nruns, unsigned k, const char *ask,
    const char *undo, char *lines, size_t size)
{
	static const char order[] = "CAB";
	size_t n = 0;

	lines[0] = '\0';
	for (size_t i = 0; i < k && i < nruns * NLISTENERS; i++)
		n += (size_t)snprintf(lines + n, size - n, "%c%s %s\n",
		    order[i % NLISTENERS], ask, runs[i / NLISTENERS]);
	for (size_t i = k; i-- > 1;)
		n += (size_t)snprintf(lines + n, size - n, "%c%s %s\n",
		    order[(i - 1) % NLISTENERS], undo,
		    runs[(i - 1) / NLISTENERS]);
}

/* Each listener, at each run, of each change. */
START_TEST(test_veto)
{
	static const struct {
		const char *const runs[3];
		size_t nruns;
		physseg_pfn_t starts[3];
		bool online;
	} all[NWHATS] = {
		{ { "[600,610) l1" }, 1, { 600 }, true },
		{ { "[110,120)", "[130,140)", "[210,220) k2" }, 3,
		    { 110, 130, 210 }, true },
		{ { "[150,200)", "[200,300) k2", "[300,350) k2 n3 l1" }, 3,
		    { 150, 200, 300 }, false },
		{ { "[150,200)", "[200,300) k2", "[300,350) k2 n3 l1" }, 3,
		    { 150, 200, 300 }, false },
		{ { "[150,200)", "[200,300) k2", "[300,350) k2 n3 l1" }, 3,
		    { 150, 200, 300 }, false },
	};
	static const int order[] = { 2, 0, 1 };
	const enum what what = (enum what)(_i / 2);
	const unsigned how = _i % 2 == 0 ? UNPLUG : OFFLINE;
	struct physseg_reason reason;
	struct test_state state;
	unsigned k, refusals = 0;
	char lines[4096];

	if (!run() || (what == PLUG && !test_has(PHYSSEG_HOTPLUG))) {
		test_skip("veto", "not on this backend");
		test_map_fini(&t);
		return;
	}
	if (what == ONLINE) {
		ok(physseg_remove(t.map, 110, 10, OFFLINE, NULL));
		ok(physseg_remove(t.map, 130, 10, OFFLINE, NULL));
		ok(physseg_remove(t.map, 210, 10, OFFLINE, NULL));
	}
	listen_all();
	for (k = 1;; k++) {
		test_state_save(&state, &t);
		plan.asked = 0;
		plan.refuses = k;
		if (attempt(what, how, &reason) == PHYSSEG_OK)
			break;
		if (what != UNPLUG_NOW) {
			const int i = order[(k - 1) % NLISTENERS];

			ck_assert_int_eq(reason.error, PHYSSEG_EREFUSED);
			ck_assert_int_eq(reason.stage, PHYSSEG_STAGE_LISTENER);
			ck_assert_ptr_eq(reason.listener, &listeners[i]);
			ck_assert_int_eq(reason.code, 100 + i);
			ck_assert_uint_eq(
			    reason.frame, all[what].starts[(k - 1) / 3]);
		}
		expect(all[what].runs, all[what].nruns, k,
		    all[what].online ? "?on" : "?off",
		    all[what].online ? "xon" : "xoff", lines, sizeof(lines));
		heard(lines);
		ck_assert(test_state_unchanged(&state, &t));
		refusals++;
	}
	ck_assert_uint_eq(refusals, 3 * all[what].nruns);
	printf("%u positions refused, and nothing was changed\n", refusals);
	/* Nobody refused.  Cancelled, all of them are told, in reverse. */
	if (what == BEGIN) {
		expect(all[what].runs, 3, 3 * 3 + 1, "?off", "xoff", lines,
		    sizeof(lines));
		ok(physseg_remove_cancel(opened));
		heard(lines);
		ck_assert(test_state_unchanged(&state, &t));
	} else {
		test_state_free(&state);
		checked();
	}
	ck_assert_uint_eq(logged, 0);
	test_map_fini(&t);
}
END_TEST

/* All agreed, and then a frame is in use: they are told that it is off. */
START_TEST(test_in_use)
{
	struct test_state state;

	with_host = true;
	run();
	with_host = false;
	listen_all();
	test_state_save(&state, &t);
	ck_assert_int_eq(physseg_unplug(t.map, 100, 10), PHYSSEG_EINUSE);
	heard("C?off [100,110)\nA?off [100,110)\nB?off [100,110)\n"
	      "Bxoff [100,110)\nAxoff [100,110)\nCxoff [100,110)\n");
	ck_assert(test_state_unchanged(&state, &t));
	checked();
	test_map_fini(&t);
}
END_TEST

/* A segment would have grown, for which the index may take memory. */
START_TEST(test_growth_refused)
{
	const physseg_pfn_t n = PHYSSEG_NOFRAME - 2;
	struct physseg_stats stats;
	struct test_state state;

	said[length = 0] = '\0';
	memset(&plan, 0, sizeof(plan));
	plan.leaves = plan.other = -1;
	test_map_init(&t, 0);
	t.config.coalesce = true;
	test_map_boot(&t);
	ok(physseg_plug(t.map, 0, 1, 0, NULL));
	test_map_switch(&t, 0);
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("growth", "not on this backend");
		test_map_fini(&t);
		return;
	}
	listen(0, 0, false);
	test_state_save(&state, &t);
	plan.refuses = 1;
	ck_assert_int_eq(physseg_plug(t.map, 1, n, 0, NULL), PHYSSEG_EREFUSED);
	ck_assert_ptr_eq(strstr(said, "A?on [1,"), said);
	ck_assert_ptr_eq(strchr(said, '\n'), &said[length - 1]);
	ck_assert(test_state_unchanged(&state, &t));
	checked();
	ok(physseg_plug(t.map, 1, n, 0, NULL));
	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(stats.segments, 1);
	checked();
	test_map_fini(&t);
}
END_TEST

static void *(*counted_alloc)(void *ctx, size_t size);
static bool deny;

static void *
alloc(void *ctx, size_t size)
{
	return deny ? NULL : counted_alloc(ctx, size);
}

/* A plug that would fill a hole in a slab is refused while removals are open:
 * what they reserved is still theirs. */
static void
refuse_beside(size_t holes, size_t nremovals)
{
	struct physseg_removal *removals[3];
	struct test_state state;

	said[length = 0] = '\0';
	memset(&plan, 0, sizeof(plan));
	plan.leaves = plan.other = -1;
	test_map_init(&t, PAGE);
	t.config.may_empty = true;
	if (!test_backend->bounded)
		t.config.boot_records = 2; /* so the slab has little room */
	counted_alloc = t.host.hooks.alloc;
	t.host.hooks.alloc = alloc;
	test_map_boot(&t);
	ok(physseg_plug(t.map, 1000, 1, 0, NULL));
	test_map_switch(&t, 200);
	ok(physseg_plug(t.map, 0, 60, 0, NULL));
	for (size_t i = 0; i < holes; i++)
		ok(physseg_unplug(t.map, 2 + 4 * (physseg_pfn_t)i, 1));
	for (size_t i = 0; i < nremovals; i++)
		ok(physseg_remove_begin(t.map, 40 + 4 * (physseg_pfn_t)i, 1,
		    UNPLUG, &removals[i], NULL));
	listen(0, 0, false);
	plan.refuses = 1;
	test_state_save(&state, &t);
	ck_assert_int_eq(
	    physseg_plug(t.map, 500, 1, 0, NULL), PHYSSEG_EREFUSED);
	ck_assert(test_state_unchanged(&state, &t));
	ok(physseg_unlisten(t.map, &listeners[0]));
	deny = true;
	for (size_t i = 0; i < nremovals; i++)
		ok(physseg_remove_commit(removals[i], NULL, NULL));
	deny = false;
	checked();
	test_map_fini(&t);
}

START_TEST(test_refused_beside)
{
	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("beside", "not on this backend");
		return;
	}
	for (size_t holes = 0; holes < 8; holes++)
		for (size_t n = 0; n < 4; n++)
			refuse_beside(holes, n);
}
END_TEST

/* Whatever was changed before, a refused plug changes nothing, not even which
 * memory the host has given. */
START_TEST(test_refused_anywhere)
{
	struct test_rng rng = { test_seed + (unsigned)_i };
	struct test_state state;
	physseg_pfn_t pfn, n;
	int step;

	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("anywhere", "not on this backend");
		return;
	}
	init();
	ok(physseg_plug(t.map, 1000, 1, 0, NULL));
	test_map_switch(&t, 0);
	listen(0, 0, false);
	for (step = 0; step < 60; step++) {
		pfn = test_random_pfn(&rng, 24);
		n = 1 + test_random_pfn(&rng, 6);
		test_state_save(&state, &t);
		plan.refuses = plan.asked + 1;
		if (physseg_plug(t.map, pfn, n, 0, NULL) == PHYSSEG_EREFUSED) {
			ck_assert(test_state_unchanged(&state, &t));
			checked();
			if (test_random(&rng) % 4 == 0)
				continue;
			plan.refuses = 0;
			ok(physseg_plug(t.map, pfn, n, 0, NULL));
		} else {
			ck_assert(test_state_unchanged(&state, &t));
			plan.refuses = 0;
			(void)physseg_unplug(t.map, pfn, n);
		}
		said[length = 0] = '\0';
		checked();
	}
	test_map_fini(&t);
}
END_TEST

/* By force a refusal is told, and not obeyed; all are asked. */
START_TEST(test_force)
{
	struct physseg_removal *removal;
	struct physseg_reason reason;

	run();
	listen_all();
	plan.refuses = 2;
	ok(physseg_remove_begin(
	    t.map, 100, 10, UNPLUG | FORCE, &removal, &reason));
	ck_assert_int_eq(reason.error, PHYSSEG_OK);
	ck_assert_ptr_eq(reason.listener, &listeners[0]);
	ck_assert_int_eq(reason.code, 100);
	heard("C?off! [100,110)\nA?off! [100,110)\nB?off! [100,110)\n");
	ok(physseg_remove_cancel(removal));
	heard("Bxoff! [100,110)\nAxoff! [100,110)\nCxoff! [100,110)\n");
	plan.asked = 0;
	ok(physseg_remove(t.map, 100, 10, UNPLUG | FORCE, &reason));
	ck_assert_ptr_eq(reason.listener, &listeners[0]);
	heard("C?off! [100,110)\nA?off! [100,110)\nB?off! [100,110)\n"
	      "Coff! [100,110)\nAoff! [100,110)\nBoff! [100,110)\n"
	      "Cgone! [100,110)\nAgone! [100,110)\nBgone! [100,110)\n");
	checked();
	test_map_fini(&t);
}
END_TEST

/* A no to what cannot be refused is logged, and nothing else. */
START_TEST(test_ignored)
{
	struct physseg_removal *removal;

	run();
	listen(0, 0, false);
	plan.no = true;
	ok(physseg_remove(t.map, 100, 10, UNPLUG, NULL));
	ck_assert_uint_eq(logged, 2); /* off, gone */
	ok(physseg_remove_begin(t.map, 110, 10, UNPLUG, &removal, NULL));
	ok(physseg_remove_cancel(removal));
	ck_assert_uint_eq(logged, 3);
	ok(physseg_remove_begin(t.map, 110, 10, UNPLUG, &removal, NULL));
	ok(physseg_unlisten(t.map, &listeners[0]));
	plan.refuses = plan.asked + 1; /* a replay cannot be refused at all */
	logged = 0;
	said[length = 0] = '\0';
	listen(0, 0, true);
	ck_assert_ptr_nonnull(strstr(said, "A?off [110,120)"));
	ck_assert_ptr_nonnull(strstr(said, "Aadded [110,"));
	ck_assert_uint_ge(logged, 3); /* added, on, ?off */
	ok(physseg_remove_cancel(removal));
	checked();
	test_map_fini(&t);
}
END_TEST

/* ---- replay ---- */

START_TEST(test_replay)
{
	struct physseg_removal *removal[2];

	if (!run()) {
		test_map_fini(&t);
		return;
	}
	ok(physseg_remove(t.map, 190, 10, OFFLINE, NULL));
	ok(physseg_remove_begin(t.map, 150, 10, UNPLUG, &removal[0], NULL));
	ok(physseg_remove_begin(
	    t.map, 185, 25, OFFLINE | FORCE, &removal[1], NULL));
	listen(1, 0, false); /* knows of none of them */
	heard("");
	listen(0, 0, true);
	heard("Aadded [100,190)\nAon [100,190)\nAadded [190,200)\n"
	      "Aadded [200,300) k2\nAon [200,300) k2\n"
	      "Aadded [300,400) k2 n3 l1\nAon [300,400) k2 n3 l1\n"
	      "A?off! [185,190)\nA?off! [200,210) k2\nA?off [150,160)\n");
	/* What it was told of goes on, once. */
	ok(physseg_remove_cancel(removal[0]));
	heard("Axoff [150,160)\n");
	ok(physseg_remove_commit(removal[1], NULL, NULL));
	heard("Boff! [185,190)\nAoff! [185,190)\n"
	      "Boff! [200,210) k2\nAoff! [200,210) k2\n");
	checked();
	test_map_fini(&t);
}
END_TEST

/* Loads at boot are silent; the switch tells what is there. */
START_TEST(test_boot)
{
	struct physseg_addition add = { .pfn = 100, .n = 10 };

	init();
	listen(0, 0, _i % 2 != 0);
	plan.refuses = 1;
	ok(physseg_add(t.map, &add, NULL, NULL));
	if (test_map_capacity(&t) > 1) {
		add.pfn = 110;
		add.state = PHYSSEG_OFFLINE;
		ok(physseg_add(t.map, &add, NULL, NULL));
		ok(physseg_load(t.map, 200, 210, 200, 210, 1, NULL));
		ok(physseg_unplug(t.map, 209, 1));
	}
	heard("");
	if (_i / 2 == 0)
		test_map_switch(&t, 0);
	else { /* in steps */
		physseg_pfn_t n = 10;
		physseg_t h;

		t.pages = calloc(64, PAGE);
		ok(physseg_chomp_slab(
		    t.map, physseg_first(t.map), t.pages, 64));
		PHYSSEG_FOREACH(h, t.map) {
			void *pages;

			n = h == physseg_find(t.map, 200, NULL) ? 9 : 10;
			ok(physseg_alloc_from_slab(
			    t.map, h, (size_t)n, &pages));
			ok(physseg_init_seg(t.map, h, pages));
		}
		heard("");
		ok(physseg_set_running(t.map, true));
	}
	heard(test_map_capacity(&t) > 1
		? "Aadded [100,110)\nAon [100,110)\nAadded [110,120)\n"
		  "Aadded [200,209) l1\nAon [200,209) l1\n"
		: "Aadded [100,110)\nAon [100,110)\n");
	checked();
	test_map_fini(&t);
}
END_TEST

/* A map boots again: all that is there is told to be gone, and what is changed
 * then is told by the next switch. */
START_TEST(test_boot_again)
{
	const bool several = run();

	if (several)
		ok(physseg_remove(t.map, 150, 10, OFFLINE, NULL));
	plan.refuses = 1;
	listen(1, 1, false);
	listen(0, 0, true);
	said[length = 0] = '\0';
	ok(physseg_set_running(t.map, false));
	heard(several ? "Boff [100,150)\nAoff [100,150)\n"
			"Bgone [100,150)\nAgone [100,150)\n"
			"Bgone [150,160)\nAgone [150,160)\n"
			"Boff [160,200)\nAoff [160,200)\n"
			"Bgone [160,200)\nAgone [160,200)\n"
			"Boff [200,300) k2\nAoff [200,300) k2\n"
			"Bgone [200,300) k2\nAgone [200,300) k2\n"
			"Boff [300,400) k2 n3 l1\nAoff [300,400) k2 n3 l1\n"
			"Bgone [300,400) k2 n3 l1\nAgone [300,400) k2 n3 l1\n"
		      : "Boff [100,200)\nAoff [100,200)\n"
			"Bgone [100,200)\nAgone [100,200)\n");
	ok(physseg_unlisten(t.map, &listeners[1]));
	ok(physseg_unplug(t.map, 100, 40));
	ok(physseg_set_running(t.map, false));
	heard("");
	ok(physseg_set_running(t.map, true));
	heard(several ? "Aadded [140,150)\nAon [140,150)\nAadded [150,160)\n"
			"Aadded [160,200)\nAon [160,200)\n"
			"Aadded [200,300) k2\nAon [200,300) k2\n"
			"Aadded [300,400) k2 n3 l1\nAon [300,400) k2 n3 l1\n"
		      : "Aadded [140,200)\nAon [140,200)\n");
	ok(physseg_set_running(t.map, true));
	heard("");
	checked();
	test_map_fini(&t);
}
END_TEST

/* Not if it cannot boot again. */
START_TEST(test_boot_again_not)
{
	struct physseg_removal *removal;

	run();
	ok(physseg_remove_begin(t.map, 100, 10, UNPLUG, &removal, NULL));
	listen(0, 0, false);
	ck_assert_int_eq(physseg_set_running(t.map, false), PHYSSEG_EREMOVING);
	ok(physseg_remove_cancel(removal));
	heard("");
	test_map_fini(&t);
}
END_TEST

/* ---- leaving while they are told ---- */

START_TEST(test_leave)
{
	/* Who leaves at the first event, whom it takes along, what is heard
	 * of the question then. */
	static const struct {
		int leaves, other;
		const char *asked;
		const char *told;
	} leaving[] = {
		{ 2, -1, "C?off [100,110)\nA?off [100,110)\nB?off [100,110)\n",
		    "Aoff [100,110)\nBoff [100,110)\n"
		    "Agone [100,110)\nBgone [100,110)\n" },
		{ 0, -1, "C?off [100,110)\nA?off [100,110)\nB?off [100,110)\n",
		    "Coff [100,110)\nBoff [100,110)\n"
		    "Cgone [100,110)\nBgone [100,110)\n" },
		{ 1, -1, "C?off [100,110)\nA?off [100,110)\nB?off [100,110)\n",
		    "Coff [100,110)\nAoff [100,110)\n"
		    "Cgone [100,110)\nAgone [100,110)\n" },
		{ 2, 0, "C?off [100,110)\nB?off [100,110)\n",
		    "Boff [100,110)\nBgone [100,110)\n" },
		{ 0, 2, "C?off [100,110)\nA?off [100,110)\nB?off [100,110)\n",
		    "Boff [100,110)\nBgone [100,110)\n" },
		{ 0, 1, "C?off [100,110)\nA?off [100,110)\n",
		    "Coff [100,110)\nCgone [100,110)\n" },
	};
	struct physseg_removal *removal;

	run();
	listen_all();
	plan.leaves = leaving[_i].leaves;
	plan.other = leaving[_i].other;
	ok(physseg_remove_begin(t.map, 100, 10, UNPLUG, &removal, NULL));
	heard(leaving[_i].asked);
	ok(physseg_remove_commit(removal, NULL, NULL));
	heard(leaving[_i].told);
	checked();
	test_map_fini(&t);
}
END_TEST

/* It refuses, and takes itself off; its memory is used for something else. */
START_TEST(test_leave_with_veto)
{
	static const struct {
		int leaves, other;
		unsigned refuses;
		const char *lines;
	} leaving[] = {
		{ 1, -1, 3,
		    "C?off [100,110)\nA?off [100,110)\nB?off [100,110)\n"
		    "Axoff [100,110)\nCxoff [100,110)\n" },
		{ 0, -1, 2,
		    "C?off [100,110)\nA?off [100,110)\nCxoff [100,110)\n" },
		{ 2, -1, 1, "C?off [100,110)\n" },
		{ 1, 0, 3,
		    "C?off [100,110)\nA?off [100,110)\nB?off [100,110)\n"
		    "Cxoff [100,110)\n" },
		{ 0, 1, 2,
		    "C?off [100,110)\nA?off [100,110)\nCxoff [100,110)\n" },
	};
	struct physseg_removal *removal = NULL;

	run();
	listen_all();
	plan.leaves = leaving[_i].leaves;
	plan.other = leaving[_i].other;
	plan.refuses = leaving[_i].refuses;
	ck_assert_int_eq(
	    physseg_remove_begin(t.map, 100, 10, UNPLUG, &removal, NULL),
	    PHYSSEG_EREFUSED);
	heard(leaving[_i].lines);
	checked();
	test_map_fini(&t);
}
END_TEST

/* In a replay. */
START_TEST(test_leave_replay)
{
	run();
	plan.leaves = 0;
	listen(0, 0, true);
	ck_assert_ptr_eq(strchr(said, 10), said + length - 1); /* a line */
	ck_assert_ptr_nonnull(strstr(said, "Aadded [100,"));
	said[length = 0] = '\0';
	ok(physseg_unplug(t.map, 100, 10));
	heard("");
	ck_assert_int_eq(
	    physseg_unlisten(t.map, &listeners[0]), PHYSSEG_ENOENT);
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_listen");
	TCase *tc = tcase_create("order");

	tcase_add_test(tc, test_order);
	tcase_add_test(tc, test_runs);
	tcase_add_test(tc, test_plugged);
	tcase_add_test(tc, test_plugged_often);
	suite_add_tcase(s, tc);
	tc = tcase_create("refusals");
	tcase_add_loop_test(tc, test_veto, 0, 2 * NWHATS);
	tcase_add_test(tc, test_in_use);
	tcase_add_test(tc, test_growth_refused);
	tcase_add_test(tc, test_refused_beside);
	tcase_add_loop_test(tc, test_refused_anywhere, 0, 20);
	tcase_add_test(tc, test_force);
	tcase_add_test(tc, test_ignored);
	suite_add_tcase(s, tc);
	tc = tcase_create("replay");
	tcase_add_test(tc, test_replay);
	tcase_add_loop_test(tc, test_boot, 0, 4);
	tcase_add_test(tc, test_boot_again);
	tcase_add_test(tc, test_boot_again_not);
	suite_add_tcase(s, tc);
	tc = tcase_create("leaving");
	tcase_add_loop_test(tc, test_leave, 0, 6);
	tcase_add_loop_test(tc, test_leave_with_veto, 0, 5);
	tcase_add_test(tc, test_leave_replay);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
