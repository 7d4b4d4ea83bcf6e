/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_remove.c -- memory leaves in two phases: begin,
 * status, commit or cancel; and comes online again.
 *
 * The host here knows of each frame whether it is isolated and whether it is
 * in use, and stops the test where the library breaks the order of things.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>

#include "support.h"

#if defined(__SANITIZE_ADDRESS__)
#define POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif
#ifdef POISONS
#include <sanitizer/asan_interface.h>
#endif

#define PAGE	24
#define UNPLUG	PHYSSEG_REMOVE_UNPLUG
#define OFFLINE PHYSSEG_REMOVE_OFFLINE
#define FORCE	PHYSSEG_REMOVE_FORCE
#define FRAMES	800 /* that this host knows of */

#define ok(call) ck_assert_int_eq((call), PHYSSEG_OK)

static struct test_map t;

/* ---- a host with an allocator ---- */

static struct {
	bool isolated[FRAMES];
	bool busy[FRAMES];
	physseg_pfn_t refuses; /* a run with this frame */
	unsigned isolates, releases, asked, syncs;
	bool deny;	 /* no memory, */
	bool deny_index; /* or none for an index */
} host;

static void *(*counted_alloc)(void *ctx, size_t size);

static void *
alloc(void *ctx, size_t size)
{
	if (host.deny || (host.deny_index && size == t.host.index_size))
		return NULL;
	return counted_alloc(ctx, size);
}

static int
isolate(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy)
{
	(void)ctx;
	host.isolates++;
	test_assert(n > 0 && pfn + n <= FRAMES);
	test_assert(physseg_covers(t.map, pfn, n, true, NULL));
	if (host.refuses >= pfn && host.refuses < pfn + n)
		return 77;
	*busy = 0;
	for (; n > 0; n--, pfn++) {
		test_assert(!host.isolated[pfn]);
		host.isolated[pfn] = true;
		*busy += host.busy[pfn];
	}
	return 0;
}

static void
release(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	host.releases++;
	for (; n > 0; n--, pfn++) {
		test_assert(host.isolated[pfn]);
		host.isolated[pfn] = false;
	}
}

static physseg_pfn_t
in_use(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	host.asked++;
	for (; n > 0; n--, pfn++)
		if (host.busy[pfn])
			return pfn;
	return PHYSSEG_NOFRAME;
}

static void
count_sync(void *ctx)
{
	(void)ctx;
	host.syncs++;
}

/* Exactly these frames are isolated. */
static void
isolated_are(physseg_pfn_t pfn, physseg_pfn_t n)
{
	for (physseg_pfn_t f = 0; f < FRAMES; f++)
		test_assert(host.isolated[f] == (f >= pfn && f < pfn + n));
}

static void
none_is_isolated(void)
{
	isolated_are(0, 0);
}

/* ---- maps ---- */

static bool three;	 /* [200, 300) and [400, 500) are there, too */
static bool offline_too; /* and [600, 700), offline */

static void
checked(void)
{
	const char *broken = physseg_check(t.map);

	ck_assert_msg(broken == NULL, "%s", broken);
}

static struct physseg_stats
stats(void)
{
	struct physseg_stats s;

	physseg_get_stats(t.map, &s);
	return s;
}

static void
init_size(size_t page_size)
{
	memset(&host, 0, sizeof(host));
	offline_too = false;
	host.refuses = PHYSSEG_NOFRAME;
	test_map_init(&t, page_size);
	counted_alloc = t.host.hooks.alloc;
	t.host.hooks.alloc = alloc;
	t.host.hooks.sync = count_sync;
}

static void
init(void)
{
	init_size(PAGE);
}

static void
with_allocator(void)
{
	t.host.hooks.isolate = isolate;
	t.host.hooks.release = release;
	t.host.hooks.in_use = in_use;
}

/* [100, 200) and, where there is room, [200, 300) of another kind, and
 * [400, 500); all but the ends are available. */
static void
start(void)
{
	struct physseg_addition add = {
		.pfn = 100, .n = 100, .reserved_low = 3
	};

	test_map_boot(&t);
	three = test_map_capacity(&t) >= 3;
	ok(physseg_add(t.map, &add, NULL, NULL));
	if (three) {
		add.pfn = 200;
		add.kind = PHYSSEG_DEVICE;
		ok(physseg_add(t.map, &add, NULL, NULL));
		add.pfn = 400;
		ok(physseg_add(t.map, &add, NULL, NULL));
	}
	if (three && offline_too) {
		add.pfn = 600;
		add.state = PHYSSEG_OFFLINE;
		ok(physseg_add(t.map, &add, NULL, NULL));
	}
	test_map_switch(&t, 0);
	host.syncs = 0;
}

/* A backend with room for one segment is left out; then the map ends. */
static bool
has_no_room(const char *test)
{
	if (three)
		return false;
	test_skip(test, "room for one segment only");
	test_map_fini(&t);
	return true;
}

static struct physseg_removal *
begun(physseg_pfn_t pfn, physseg_pfn_t n, unsigned how)
{
	struct physseg_removal *removal = NULL;
	struct physseg_reason reason;

	ok(physseg_remove_begin(t.map, pfn, n, how, &removal, &reason));
	ck_assert_ptr_nonnull(removal);
	ck_assert_int_eq(reason.error, PHYSSEG_OK);
	ck_assert_uint_eq(reason.frame, PHYSSEG_NOFRAME);
	checked();
	return removal;
}

static void
cancelled(struct physseg_removal *removal)
{
	ok(physseg_remove_cancel(removal));
	checked();
}

static struct physseg_pieces
committed(struct physseg_removal *removal)
{
	struct physseg_pieces pieces;
	struct physseg_reason reason;

	ok(physseg_remove_commit(removal, &pieces, &reason));
	ck_assert_int_eq(reason.error, PHYSSEG_OK);
	ck_assert_int_eq(reason.operation, PHYSSEG_OP_COMMIT);
	checked();
	return pieces;
}

/* It is refused, and nothing is changed. */
static struct physseg_reason
refused(physseg_pfn_t pfn, physseg_pfn_t n, unsigned how, int error)
{
	struct physseg_removal *removal = NULL;
	struct physseg_reason reason, other;
	struct test_state state;

	test_state_save(&state, &t);
	ck_assert_int_eq(
	    physseg_remove_begin(t.map, pfn, n, how, &removal, &reason), error);
	ck_assert_ptr_null(removal);
	ck_assert_int_eq(reason.error, error);
	ck_assert_uint_eq(reason.pfn, pfn);
	ck_assert_uint_eq(reason.n, n);
	ck_assert_int_eq(physseg_remove(t.map, pfn, n, how, &other), error);
	ck_assert_int_eq(memcmp(&reason, &other, sizeof(reason)), 0);
	ck_assert(test_state_unchanged(&state, &t));
	return reason;
}

/* ---- every shape, both ways ---- */

static const struct shape {
	physseg_pfn_t pfn;
	physseg_pfn_t n;
	size_t slots[2]; /* that unplug and offline need */
	bool three;	 /* segments there must be */
} shapes[] = {
	{ 100, 10, { 0, 1 }, false },
	{ 190, 10, { 0, 1 }, false },
	{ 150, 1, { 1, 2 }, false },
	{ 200, 100, { 0, 0 }, true },
	{ 230, 20, { 1, 2 }, true },
	{ 150, 100, { 0, 2 }, true },
	{ 100, 200, { 0, 0 }, true },
	{ 100, 150, { 0, 1 }, true },
	{ 199, 101, { 0, 1 }, true },
};
#define NSHAPES (int)(sizeof(shapes) / sizeof(shapes[0]))

static bool
registered(physseg_pfn_t f)
{
	return (f >= 100 && f < 200) ||
	    (three && ((f >= 200 && f < 300) || (f >= 400 && f < 500)));
}

static bool
available(physseg_pfn_t f)
{
	return registered(f) && f % 100 >= 3;
}

/* Frames of a range are gone, or offline; all others are as ever. */
static void
frames_without(physseg_pfn_t pfn, physseg_pfn_t n, bool unplugged)
{
	physseg_pfn_t frames = three && offline_too ? 100 : 0;
	physseg_pfn_t online = 0, counted = 0;

	for (physseg_pfn_t f = 90; f < 510; f++) {
		const bool in = f >= pfn && f < pfn + n;
		const bool there = registered(f) && !(in && unplugged);
		const char *page = physseg_page(t.map, f);
		struct physseg_found found;
		struct test_page p;

		test_assert(physseg_lookup(t.map, f, &found) == there);
		test_assert((page != NULL) == (registered(f) && !in));
		if (there) {
			test_assert(found.state ==
			    (in ? PHYSSEG_OFFLINE : PHYSSEG_ONLINE));
			test_assert(found.kind ==
			    (f < 200 ? PHYSSEG_RAM : PHYSSEG_DEVICE));
		}
		if (page != NULL) {
			memcpy(&p, page, sizeof(p));
			test_assert(p.pfn == f && p.inits == 1 &&
			    p.frees == available(f));
		}
		frames += there;
		online += page != NULL;
		counted += page != NULL && available(f);
	}
	ck_assert_uint_eq(stats().frames, frames);
	ck_assert_uint_eq(stats().online, online);
	ck_assert_uint_eq(stats().counted, counted);
	ck_assert_uint_eq(t.host.counted, counted);
}

/* May this shape be tried here?  If not, for a reason that is checked. */
static bool
possible(const struct shape *shape, unsigned how)
{
	const size_t slots = shape->slots[how == OFFLINE];

	if (shape->three && !three) {
		test_skip("shape", "room for one segment only");
		return false;
	}
	if (test_map_capacity(&t) >= stats().segments + slots)
		return true;
	(void)refused(shape->pfn, shape->n, how, PHYSSEG_ENOSLOT);
	return false;
}

/* Does a part of a segment stay? */
static bool
is_cut(const struct shape *shape)
{
	return shape->pfn % 100 != 0 || (shape->pfn + shape->n) % 100 != 0;
}

/* Handles as the interface promises them. */
static void
check_pieces(const struct shape *shape, unsigned how,
    const struct physseg_pieces *pieces, physseg_t front, physseg_t back)
{
	const physseg_pfn_t end = shape->pfn + shape->n;

	ck_assert_ptr_eq(
	    pieces->below, physseg_find(t.map, shape->pfn - 1, NULL));
	ck_assert_ptr_eq(pieces->first, physseg_find(t.map, shape->pfn, NULL));
	ck_assert_ptr_eq(pieces->above, physseg_find(t.map, end, NULL));
	ck_assert((pieces->first == PHYSSEG_NONE) == (how == UNPLUG));
	if (test_has(PHYSSEG_POSITION))
		return; /* handles are places, which move */
	if (shape->pfn % 100 != 0)
		ck_assert_ptr_eq(pieces->below, front);
	if (end % 100 != 0 && (front != back || shape->pfn % 100 == 0))
		ck_assert_ptr_eq(pieces->above, back);
	else if (end % 100 != 0)
		ck_assert_ptr_ne(pieces->above, front);
}

START_TEST(test_shapes)
{
	const struct shape *shape = &shapes[_i / 2];
	const unsigned how = _i % 2 == 0 ? UNPLUG : OFFLINE;
	struct physseg_remove_status status;
	struct physseg_removal *removal;
	struct physseg_pieces pieces;
	struct test_state state;
	physseg_t front, back;
	size_t segments;

	init();
	with_allocator();
	start();
	if (!possible(shape, how)) {
		test_map_fini(&t);
		return;
	}
	front = physseg_find(t.map, shape->pfn, NULL);
	back = physseg_find(t.map, shape->pfn + shape->n - 1, NULL);
	test_state_save(&state, &t);
	removal = begun(shape->pfn, shape->n, how);
	/* Nothing is seen of it but that it is open. */
	frames_without(0, 0, false);
	ck_assert_uint_eq(stats().removals, 1);
	ck_assert_uint_eq(stats().segments, state.stats.segments);
	isolated_are(shape->pfn, shape->n);
	physseg_remove_get_status(removal, &status);
	ck_assert_uint_eq(status.pfn, shape->pfn);
	ck_assert_uint_eq(status.n, shape->n);
	ck_assert_uint_eq(status.busy, 0);
	ck_assert_uint_eq(status.first_busy, PHYSSEG_NOFRAME);
	ck_assert_uint_eq(status.how, how);
	cancelled(removal);
	none_is_isolated();
	ck_assert_uint_eq(host.syncs, 0);
	ck_assert(test_state_unchanged(&state, &t));
	/* Now it goes, and no memory is needed for that. */
	segments = stats().segments;
	removal = begun(shape->pfn, shape->n, how);
	host.deny = true;
	host.syncs = 0;
	pieces = committed(removal);
	host.deny = false;
	/* Once more for what is cut: it got its page structures since. */
	if (test_has(PHYSSEG_LOCKFREE))
		ck_assert_uint_eq(host.syncs, is_cut(shape) ? 2 : 1);
	frames_without(shape->pfn, shape->n, how == UNPLUG);
	check_pieces(shape, how, &pieces, front, back);
	ck_assert_uint_eq(stats().removals, 0);
	if (how == OFFLINE) {
		memset(host.isolated, 0, sizeof(host.isolated));
		ok(physseg_online(t.map, shape->pfn, shape->n, NULL));
		checked();
		frames_without(0, 0, false);
		ck_assert_uint_eq(stats().segments, segments + shape->slots[1]);
	}
	test_map_fini(&t);
}
END_TEST

/* ---- what forbids it ---- */

START_TEST(test_forbidden)
{
	struct physseg_removal *removal = NULL;
	struct physseg_reason reason;

	init();
	t.config.frames = 1000;
	test_map_boot(&t);
	ok(physseg_plug(t.map, 100, 100, 0, NULL));
	reason = refused(100, 10, OFFLINE, PHYSSEG_EPHASE);
	ck_assert_int_eq(reason.operation, PHYSSEG_OP_OFFLINE);
	/* In one call an unplug works at boot; in two phases it does not. */
	ck_assert_int_eq(
	    physseg_remove_begin(t.map, 100, 10, UNPLUG, &removal, &reason),
	    PHYSSEG_EPHASE);
	ck_assert_ptr_null(removal);
	ck_assert_int_eq(reason.operation, PHYSSEG_OP_UNPLUG);
	ok(physseg_remove(t.map, 100, 10, UNPLUG, NULL));
	ck_assert(physseg_find(t.map, 109, NULL) == PHYSSEG_NONE);
	ck_assert(physseg_find(t.map, 110, NULL) != PHYSSEG_NONE);
	checked();
	test_map_switch(&t, 0);
	host.deny = true; /* what forbids it is found before memory is got */
	(void)refused(110, 0, UNPLUG, PHYSSEG_EINVAL);
	(void)refused(110, 10, 4, PHYSSEG_EINVAL);
	(void)refused(1000, 1, UNPLUG, PHYSSEG_ERANGE);
	(void)refused(110, 891, UNPLUG, PHYSSEG_ERANGE);
	(void)refused(110, PHYSSEG_NOFRAME, UNPLUG, PHYSSEG_ERANGE);
	reason = refused(109, 10, UNPLUG, PHYSSEG_ENOENT);
	ck_assert_uint_eq(reason.frame, 109);
	reason = refused(150, 51, UNPLUG, PHYSSEG_ESPAN);
	ck_assert_uint_eq(reason.frame, 200);
	reason = refused(110, 90, OFFLINE, PHYSSEG_ELAST);
	ck_assert_uint_eq(reason.frame, PHYSSEG_NOFRAME);
	(void)refused(110, 90, UNPLUG | FORCE, PHYSSEG_ELAST);
	host.deny = false;
	test_map_fini(&t);
}
END_TEST

/* Open ones count as gone. */
START_TEST(test_last)
{
	struct physseg_removal *removal, *other;

	init();
	start();
	removal = begun(100, 50, UNPLUG);
	if (!three) {
		(void)refused(150, 50, UNPLUG, PHYSSEG_ELAST);
		ck_assert_int_eq(physseg_unplug(t.map, 150, 50), PHYSSEG_ELAST);
		cancelled(removal);
		ok(physseg_unplug(t.map, 150, 50));
		test_map_fini(&t);
		return;
	}
	other = begun(200, 100, OFFLINE);
	ok(physseg_unplug(t.map, 400, 100));
	checked();
	(void)refused(150, 50, UNPLUG, PHYSSEG_ELAST);
	ck_assert_int_eq(physseg_unplug(t.map, 150, 50), PHYSSEG_ELAST);
	ok(physseg_unplug(t.map, 150, 49));
	committed(removal);
	committed(other);
	/* What is offline does not count, and may go itself. */
	(void)refused(199, 1, UNPLUG, PHYSSEG_ELAST);
	ok(physseg_unplug(t.map, 200, 100));
	checked();
	test_map_fini(&t);
}
END_TEST

/* Nor may the last segment go where all are offline. */
START_TEST(test_last_offline)
{
	const struct physseg_addition add = {
		.pfn = 100, .n = 100, .state = PHYSSEG_OFFLINE
	};

	init();
	test_map_boot(&t);
	ok(physseg_add(t.map, &add, NULL, NULL));
	ck_assert_int_eq(physseg_unplug(t.map, 100, 100), PHYSSEG_ELAST);
	ok(physseg_unplug(t.map, 100, 99));
	ck_assert_int_eq(physseg_unplug(t.map, 199, 1), PHYSSEG_ELAST);
	checked();
	test_map_fini(&t);
}
END_TEST

/* What is offline and leaves by an open removal counts as gone, too. */
START_TEST(test_last_leaves)
{
	const struct physseg_addition add = {
		.pfn = 100, .n = 100, .state = PHYSSEG_OFFLINE
	};
	struct physseg_removal *removal;

	init();
	test_map_boot(&t);
	ok(physseg_add(t.map, &add, NULL, NULL));
	test_map_switch(&t, 0);
	removal = begun(100, 50, UNPLUG);
	(void)refused(150, 50, UNPLUG, PHYSSEG_ELAST);
	ck_assert_int_eq(physseg_unplug(t.map, 150, 50), PHYSSEG_ELAST);
	cancelled(removal);
	/* It stays registered when it is only to be offline. */
	removal = begun(100, 50, OFFLINE);
	ok(physseg_unplug(t.map, 150, 50));
	committed(removal);
	ck_assert_int_eq(physseg_unplug(t.map, 100, 50), PHYSSEG_ELAST);
	test_map_fini(&t);
}
END_TEST

/* Slots are kept for it, and for nobody else. */
START_TEST(test_slots)
{
	struct physseg_removal *removal;

	init();
	t.config.capacity = 4;
	start();
	if (!test_backend->bounded || !three) {
		test_skip("slots", "the backend has no bound, or is full");
		test_map_fini(&t);
		return;
	}
	removal = begun(150, 10, UNPLUG); /* takes the last */
	(void)refused(450, 10, UNPLUG, PHYSSEG_ENOSLOT);
	ck_assert_int_eq(physseg_unplug(t.map, 450, 10), PHYSSEG_ENOSLOT);
	ok(physseg_unplug(t.map, 490, 10)); /* this needs none */
	cancelled(removal);
	removal = begun(450, 10, UNPLUG);
	committed(removal);
	(void)refused(150, 10, UNPLUG, PHYSSEG_ENOSLOT);
	test_map_fini(&t);
}
END_TEST

/* No other change touches an open one's frames. */
START_TEST(test_overlap)
{
	struct physseg_removal *removal;
	struct physseg_reason reason;
	struct test_state state;
	const struct {
		physseg_pfn_t pfn, n, frame;
	} over[] = { { 100, 20, 110 }, { 110, 1, 110 }, { 119, 1, 119 },
		{ 115, 20, 115 }, { 105, 90, 110 }, { 110, 10, 110 } };

	init();
	start();
	if (has_no_room("overlap"))
		return;
	removal = begun(110, 10, _i == 0 ? UNPLUG : OFFLINE);
	test_state_save(&state, &t);
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		for (unsigned how = 0; how < 4; how++) {
			reason = refused(
			    over[i].pfn, over[i].n, how, PHYSSEG_EREMOVING);
			ck_assert_uint_eq(reason.frame, over[i].frame);
			ck_assert_uint_eq(reason.start, 110);
			ck_assert_uint_eq(reason.end, 120);
			ck_assert_ptr_eq(reason.segment, PHYSSEG_NONE);
		}
		ck_assert_int_eq(physseg_unplug(t.map, over[i].pfn, over[i].n),
		    PHYSSEG_EREMOVING);
		ck_assert_int_eq(
		    physseg_online(t.map, over[i].pfn, over[i].n, &reason),
		    PHYSSEG_EREMOVING);
		ck_assert_uint_eq(reason.frame, over[i].frame);
		ck_assert_uint_eq(reason.start, 110);
		ck_assert_uint_eq(reason.end, 120);
	}
	ck_assert_int_eq(physseg_set_running(t.map, false), PHYSSEG_EREMOVING);
	ck_assert(test_state_unchanged(&state, &t));
	cancelled(begun(120, 10, UNPLUG)); /* beside it */
	cancelled(begun(109, 1, OFFLINE));
	committed(removal);
	test_map_fini(&t);
}
END_TEST

/* Of an offline segment, nobody may initialise page structures either. */
START_TEST(test_no_init_meanwhile)
{
	struct physseg_removal *removal;
	physseg_pfn_t done;
	physseg_t h;

	init();
	t.config.may_empty = true;
	start();
	ok(physseg_remove(t.map, 100, 100, OFFLINE, NULL));
	h = physseg_find(t.map, 100, NULL);
	ok(physseg_init_pages(t.map, h, 10, &done));
	ck_assert_uint_eq(done, 10);
	removal = begun(100, 100, UNPLUG);
	ck_assert_int_eq(
	    physseg_init_pages(t.map, h, 10, NULL), PHYSSEG_EREMOVING);
	cancelled(removal);
	ok(physseg_init_pages(t.map, h, 10, &done));
	ck_assert_uint_eq(done, 10);
	ok(physseg_remove(t.map, 100, 100, OFFLINE, NULL)); /* it is already */
	ck_assert_int_eq(physseg_find(t.map, 100, NULL) == h,
	    !test_has(PHYSSEG_POSITION) || physseg_find(t.map, 100, NULL) == h);
	ok(physseg_remove(t.map, 100, 100, UNPLUG, NULL));
	checked();
	ck_assert_ptr_eq(physseg_find(t.map, 100, NULL), PHYSSEG_NONE);
	test_map_fini(&t);
}
END_TEST

/* ---- several, in any order ---- */

#define NOPEN 4

/* The i-th permutation of 4. */
static void
permute(int i, size_t *order)
{
	size_t left[NOPEN] = { 0, 1, 2, 3 };

	for (size_t k = 0; k < NOPEN; k++) {
		const size_t n = NOPEN - k, at = (size_t)i % n;

		order[k] = left[at];
		memmove(
		    &left[at], &left[at + 1], (n - at - 1) * sizeof(left[0]));
		i /= (int)n;
	}
}

/* Records of boot for the segments that there are, no more: every piece needs
 * memory. */
static bool
start_short(void)
{
	init();
	with_allocator();
	if (!test_backend->bounded)
		t.config.boot_records = 4;
	offline_too = true;
	start();
	if (!three)
		test_skip("several", "room for one segment only");
	return three;
}

static const struct {
	physseg_pfn_t pfn, n;
	unsigned how;
} several[NOPEN] = { { 110, 10, UNPLUG }, { 130, 10, OFFLINE },
	{ 190, 30, UNPLUG }, { 450, 10, OFFLINE } };

START_TEST(test_cancel_any_order)
{
	struct physseg_removal *removal[NOPEN];
	struct test_state state[NOPEN + 1];
	size_t order[NOPEN], bytes;

	if (!start_short()) {
		test_map_fini(&t);
		return;
	}
	permute(_i, order);
	bytes = t.host.outstanding;
	test_state_save(&state[0], &t);
	for (size_t i = 0; i < NOPEN; i++) {
		removal[i] =
		    begun(several[i].pfn, several[i].n, several[i].how);
		ck_assert_uint_gt(t.host.outstanding, bytes);
	}
	ck_assert_uint_eq(stats().removals, NOPEN);
	for (size_t i = 0; i < NOPEN; i++) {
		cancelled(removal[order[i]]);
		frames_without(0, 0, false);
	}
	none_is_isolated();
	ck_assert(test_state_unchanged(&state[0], &t));
	test_map_fini(&t);
}
END_TEST

/* Of a slab so fragmented that each piece which comes back needs memory. */
START_TEST(test_cancel_fragmented)
{
	struct physseg_removal *removal[NOPEN];
	struct test_state state;
	size_t order[NOPEN], bytes;

	if (!start_short() || !test_has(PHYSSEG_HOTPLUG)) {
		test_skip("fragmented", "no hot plug, or no room");
		test_map_fini(&t);
		return;
	}
	ok(physseg_plug(t.map, 720, 60, 0, NULL)); /* a slab of the host's */
	for (physseg_pfn_t f = 721; f < 731; f += 2)
		ok(physseg_unplug(t.map, f, 1));
	memset(host.isolated, 0, sizeof(host.isolated));
	permute(_i, order);
	test_state_save(&state, &t);
	for (size_t i = 0; i < NOPEN; i++) {
		bytes = t.host.outstanding;
		removal[i] = begun(741 + 2 * (physseg_pfn_t)i, 1, UNPLUG);
		ck_assert_uint_gt(t.host.outstanding, bytes);
	}
	for (size_t i = 0; i < NOPEN; i++) {
		bytes = t.host.outstanding;
		cancelled(removal[order[i]]);
		ck_assert_uint_lt(t.host.outstanding, bytes);
	}
	ck_assert(test_state_unchanged(&state, &t));
	for (size_t i = 0; i < NOPEN; i++)
		removal[i] = begun(741 + 2 * (physseg_pfn_t)i, 1, UNPLUG);
	host.deny = true;
	for (size_t i = 0; i < NOPEN; i++)
		committed(removal[order[i]]);
	test_map_fini(&t);
}
END_TEST

/* Each of them is cancelled or committed; meanwhile, and after, there is no
 * memory for anybody. */
START_TEST(test_commit_any_order)
{
	struct physseg_removal *removal[NOPEN];
	const unsigned which = (unsigned)_i % 16;
	size_t order[NOPEN];
	physseg_pfn_t gone = 0, out = 0;

	if (!start_short()) {
		test_map_fini(&t);
		return;
	}
	permute(_i / 16, order);
	for (size_t i = 0; i < NOPEN; i++)
		removal[i] =
		    begun(several[i].pfn, several[i].n, several[i].how);
	host.deny = true;
	for (physseg_pfn_t f = 1000; f < 1100; f += 2)
		if (physseg_plug(t.map, f, 1, 0, NULL) != PHYSSEG_OK)
			break;
	for (size_t i = 0; i < NOPEN; i++) {
		const size_t k = order[i];

		if ((which & 1u << k) == 0) {
			cancelled(removal[k]);
			continue;
		}
		committed(removal[k]);
		if (several[k].how == UNPLUG)
			gone += several[k].n;
		else
			out += several[k].n;
		for (physseg_pfn_t f = 0; f < several[k].n; f++)
			test_assert(
			    physseg_page(t.map, several[k].pfn + f) == NULL);
	}
	ck_assert(!physseg_covers(t.map, 1100, 1, false, NULL));
	ck_assert_uint_eq(stats().frames - stats().online, out + 100);
	for (physseg_pfn_t f = 1000; f < 1100; f++)
		if (physseg_find(t.map, f, NULL) != PHYSSEG_NONE)
			gone--; /* was added */
	ck_assert_uint_eq(stats().frames, 400 - gone);
	test_map_fini(&t);
}
END_TEST

/* ---- around it ---- */

/* Neighbours are cut and new ones come while it is open. */
START_TEST(test_meanwhile)
{
	struct physseg_removal *removal;
	const unsigned how = _i % 2 == 0 ? UNPLUG : OFFLINE;
	const bool commits = _i / 2 == 0;

	init();
	t.config.coalesce = true;
	start();
	if (has_no_room("meanwhile"))
		return;
	removal = begun(140, 20, how);
	ok(physseg_unplug(t.map, 120, 10)); /* the segment is cut */
	checked();
	ok(physseg_unplug(t.map, 130, 10)); /* up to it */
	checked();
	ok(physseg_unplug(t.map, 160, 10));
	checked();
	ok(physseg_remove(t.map, 180, 10, OFFLINE, NULL));
	checked();
	if (test_has(PHYSSEG_HOTPLUG)) {
		ok(physseg_plug(t.map, 130, 10, 0, NULL)); /* beside it */
		checked();
		ok(physseg_plug(t.map, 160, 10, 0, NULL));
		checked();
		ok(physseg_plug(t.map, (physseg_pfn_t)1 << 30, 1, 0, NULL));
		checked(); /* a taller tree */
		ok(physseg_unplug(t.map, (physseg_pfn_t)1 << 30, 1));
	}
	host.deny = true;
	for (physseg_pfn_t f = 140; f < 160; f++)
		ck_assert_ptr_nonnull(physseg_page(t.map, f));
	if (commits) {
		committed(removal);
		for (physseg_pfn_t f = 140; f < 160; f++)
			ck_assert_ptr_null(physseg_page(t.map, f));
		ck_assert((physseg_find(t.map, 150, NULL) == PHYSSEG_NONE) ==
		    (how == UNPLUG));
	} else {
		cancelled(removal);
		for (physseg_pfn_t f = 140; f < 160; f++)
			ck_assert_ptr_nonnull(physseg_page(t.map, f));
	}
	ck_assert_ptr_nonnull(physseg_page(t.map, 170));
	ck_assert_ptr_nonnull(physseg_page(t.map, 119));
	test_map_fini(&t);
}
END_TEST

/* What was a middle is an end by then: another record is not needed. */
START_TEST(test_meanwhile_beside)
{
	const unsigned how = _i % 2 == 0 ? UNPLUG : OFFLINE;
	const physseg_pfn_t gone = _i / 2 == 0 ? 100 : 160;
	struct physseg_removal *removal;

	init();
	start();
	if (has_no_room("meanwhile_beside"))
		return;
	removal = begun(140, 20, how);
	ok(physseg_unplug(t.map, gone, 40));
	checked();
	committed(removal);
	for (physseg_pfn_t f = 100; f < 200; f++)
		ck_assert((physseg_page(t.map, f) == NULL) ==
		    ((f >= gone && f < gone + 40) || (f >= 140 && f < 160)));
	test_map_fini(&t);
}
END_TEST

/* Host's memory after segments came, each while a removal was open that was
 * cancelled then. */
static size_t
bytes_after(bool cancels)
{
	struct physseg_removal *removal;
	size_t bytes;

	init();
	start();
	for (physseg_pfn_t i = 0; i < 64; i++) {
		removal = cancels ? begun(140, 20, OFFLINE) : NULL;
		ok(physseg_plug(t.map, 1000 + 2 * i, 1, 0, NULL));
		checked();
		if (cancels)
			cancelled(removal);
	}
	bytes = t.host.outstanding;
	test_map_fini(&t);
	return bytes;
}

/* The records that they had reserved are used. */
START_TEST(test_cancelled_records)
{
	size_t bytes;

	if (!test_has(PHYSSEG_HOTPLUG)) {
		test_skip("cancelled_records", "nothing can be plugged");
		return;
	}
	bytes = bytes_after(false);
	ck_assert_uint_lt(bytes_after(true), bytes + (size_t)2 * 16 * 512);
}
END_TEST

static struct physseg_removal *opened;

/* A map in LIST, and one that is built while a removal is open. */
START_TEST(test_list)
{
	const bool builds = _i % 2 != 0, commits = _i / 2 != 0;
	struct physseg_removal *removal[2];
	struct test_state state;

	init();
	with_allocator();
	host.deny_index = true;
	start();
	if (stats().built || !three) {
		test_skip("list", "the backend needs no memory: always BUILT");
		test_map_fini(&t);
		return;
	}
	test_state_save(&state, &t);
	removal[0] = begun(140, 20, UNPLUG);
	removal[1] = begun(440, 20, OFFLINE);
	ck_assert(!stats().built);
	if (!builds) {
		cancelled(removal[0]);
		cancelled(removal[1]);
		ck_assert(test_state_unchanged(&state, &t));
		removal[0] = begun(140, 20, UNPLUG);
		removal[1] = begun(440, 20, OFFLINE);
	} else {
		test_state_free(&state);
		host.deny_index = false;
		ok(physseg_build(t.map));
		ck_assert(stats().built);
		checked();
	}
	host.deny = true;
	if (commits) {
		committed(removal[1]);
		committed(removal[0]);
		ck_assert_ptr_null(physseg_page(t.map, 140));
		ck_assert_ptr_null(physseg_page(t.map, 459));
		ck_assert_ptr_nonnull(physseg_page(t.map, 139));
		ck_assert_ptr_nonnull(physseg_page(t.map, 460));
	} else {
		cancelled(removal[0]);
		cancelled(removal[1]);
		frames_without(0, 0, false);
	}
	ck_assert(stats().built == builds);
	test_map_fini(&t);
}
END_TEST

/* A list that is full makes room by building, or there is none.  The index
 * stays when the removal is cancelled, as after every other change. */
START_TEST(test_list_full)
{
	struct physseg_removal *removal;
	size_t bytes;

	init();
	if (!test_backend->bounded)
		t.config.boot_records = 3;
	host.deny_index = true;
	start();
	if (stats().built || !three) {
		test_skip("full", "the backend needs no memory: always BUILT");
		test_map_fini(&t);
		return;
	}
	(void)refused(150, 10, UNPLUG, PHYSSEG_ENOMEM);
	removal = begun(190, 10, UNPLUG); /* needs no room */
	ck_assert(!stats().built);
	host.deny_index = false;
	opened = begun(150, 10, UNPLUG);
	ck_assert(stats().built);
	bytes = t.host.outstanding;
	cancelled(opened);
	ck_assert(stats().built);
	ck_assert_uint_lt(t.host.outstanding, bytes);
	frames_without(0, 0, false);
	opened = begun(150, 10, UNPLUG);
	ck_assert_uint_eq(t.host.outstanding, bytes);
	host.deny = true;
	committed(removal);
	committed(opened);
	test_map_fini(&t);
}
END_TEST

/* ---- a segment that reaches far ---- */

#define FAR   ((physseg_pfn_t)1 << 30)
#define BLOCK 512 /* frames, as a leaf of an index has at most */
#define NLOW  40

/* A registry of [100, 200) and of [NEAR, FAR), which is offline.  After the
 * next unplug an index need not reach farther than that begins. */
#define NEAR ((physseg_pfn_t)BLOCK * (NLOW + 1))

static bool
start_far(const char *test, bool in_list)
{
	struct physseg_addition add = { .pfn = 100, .n = 100 };

	init_size(0);
	t.config.capacity = NLOW + 2 + NOPEN;
	if (test_map_capacity(&t) < 2 + NOPEN) {
		test_skip(test, "room for one segment only");
		test_host_fini(&t.host);
		return false;
	}
	host.deny_index = in_list;
	test_map_boot(&t);
	ok(physseg_add(t.map, &add, NULL, NULL));
	add.pfn = NEAR;
	add.n = FAR - NEAR;
	add.state = PHYSSEG_OFFLINE;
	ok(physseg_add(t.map, &add, NULL, NULL));
	ok(physseg_switch(t.map, NULL, 0));
	checked();
	return true;
}

/* So many segments come below, which use up what the index has. */
static void
plug_low(int n)
{
	if (!test_has(PHYSSEG_HOTPLUG))
		return;
	for (int i = 1; i <= n; i++) {
		ok(physseg_plug(t.map, (physseg_pfn_t)i * BLOCK, 1, 0, NULL));
		checked();
	}
}

static void
begin_far(struct physseg_removal **removal)
{
	for (physseg_pfn_t i = 0; i < NOPEN; i++)
		removal[i] = begun(FAR / 2 + 20 * i, 10, UNPLUG);
}

/* What a removal needs of the index out there stays reserved for it, whatever
 * changes below. */
START_TEST(test_far_end)
{
	struct physseg_removal *removal;

	for (int n = 0; n <= NLOW; n++) {
		if (!start_far("far end", false))
			return;
		removal = begun(FAR / 2, 10, UNPLUG);
		ok(physseg_unplug(t.map, 100, 1));
		checked();
		plug_low(n);
		host.deny = true;
		committed(removal);
		ck_assert(!physseg_covers(t.map, FAR / 2 + 9, 1, false, NULL));
		ck_assert(physseg_covers(
		    t.map, FAR / 2 + 10, FAR / 2 - 10, false, NULL));
		test_map_fini(&t);
	}
}
END_TEST

/* A segment that leaves needs no memory, not even while a removal is open. */
START_TEST(test_far_whole)
{
	struct physseg_removal *removal;
	physseg_pfn_t frames;

	for (int n = 0; n <= NLOW; n++) {
		if (!start_far("far, whole", false))
			return;
		ok(physseg_unplug(t.map, 100, 1));
		checked();
		removal = begun(150, 10, UNPLUG);
		plug_low(n);
		frames = stats().frames;
		host.deny = true;
		ok(physseg_unplug(t.map, NEAR, FAR - NEAR));
		checked();
		committed(removal);
		ck_assert_uint_eq(stats().frames, frames - (FAR - NEAR) - 10);
		test_map_fini(&t);
	}
}
END_TEST

/* Each reserves for the worst case.  What it did not need of that goes back to
 * the host. */
START_TEST(test_far_trim)
{
	struct physseg_removal *removal[NOPEN];
	size_t reserved;

	if (!start_far("far, less", false))
		return;
	begin_far(removal);
	reserved = t.host.index_live;
	host.deny = true;
	for (size_t i = 0; i < NOPEN; i++)
		committed(removal[i]);
	if (t.host.index_size != 0)
		ck_assert_uint_lt(t.host.index_live, reserved);
	test_map_fini(&t);
}
END_TEST

/* The index is built for what there is, and then once more memory is needed for
 * what is open.  Whichever allocation fails, all are given back. */
START_TEST(test_far_build)
{
	struct physseg_removal *removal[NOPEN];
	struct test_state state;
	size_t k;

	if (!start_far("far, built", true))
		return;
	begin_far(removal);
	host.deny_index = false;
	for (k = 1; !stats().built; k++) {
		test_state_save(&state, &t);
		t.host.fail_at = k;
		if (physseg_build(t.map) != PHYSSEG_OK) {
			ck_assert(test_state_unchanged(&state, &t));
			continue;
		}
		test_state_free(&state);
	}
	t.host.fail_at = 0;
	checked();
	if (t.host.index_size != 0)
		ck_assert_uint_gt(k, 3);
	host.deny = true;
	for (size_t i = 0; i < NOPEN; i++)
		committed(removal[i]);
	test_map_fini(&t);
}
END_TEST

/* ---- the k-th allocation fails ---- */

static int
try_begin(void)
{
	return physseg_remove_begin(t.map, 150, 100, OFFLINE, &opened, NULL);
}

static int
try_begin_unplug(void)
{
	return physseg_remove_begin(t.map, 450, 10, UNPLUG, &opened, NULL);
}

static int
try_online(void)
{
	return physseg_online(t.map, 610, 10, NULL);
}

static int
try_add(void)
{
	const struct physseg_addition add = {
		.pfn = 5000, .n = 2000, .node = 1
	};

	return physseg_add(t.map, &add, NULL, NULL);
}

static int
try_add_offline(void)
{
	const struct physseg_addition add = {
		.pfn = 5000, .n = 2000, .state = PHYSSEG_OFFLINE
	};

	return physseg_add(t.map, &add, NULL, NULL);
}

static int
try_remove(void)
{
	return physseg_remove(t.map, 150, 10, UNPLUG, NULL);
}

static const struct {
	const char *name;
	int (*run)(void);
	bool begins;
	bool plugs;
} tries[] = {
	{ "begin", try_begin, true, false },
	{ "begin, unplug", try_begin_unplug, true, false },
	{ "online", try_online, false, false },
	{ "add", try_add, false, true },
	{ "add, offline", try_add_offline, false, true },
	{ "remove", try_remove, false, false },
};

START_TEST(test_no_memory)
{
	const bool alone = !tries[_i].begins && !tries[_i].plugs;
	struct physseg_removal *other = NULL;
	struct test_state state;
	unsigned failures = 0;
	int error;

	if (!start_short() || (tries[_i].plugs && !test_has(PHYSSEG_HOTPLUG))) {
		test_skip(tries[_i].name, "not on this backend");
		test_map_fini(&t);
		return;
	}
	if (!alone) /* one is open all the time */
		other = begun(410, 10, UNPLUG);
	for (size_t k = 1;; k++) {
		test_state_save(&state, &t);
		t.host.fail_at = k;
		error = tries[_i].run();
		if (error == PHYSSEG_OK)
			break;
		ck_assert_int_eq(error, PHYSSEG_ENOMEM);
		ck_assert(test_state_unchanged(&state, &t));
		isolated_are(410, alone ? 0 : 10);
		failures++;
	}
	t.host.fail_at = 0;
	printf("%s: %u failures, and nothing was changed\n", tries[_i].name,
	    failures);
	if (!test_backend->bounded)
		ck_assert_uint_gt(failures, 0);
	checked();
	if (tries[_i].begins) {
		cancelled(opened);
		ck_assert(test_state_unchanged(&state, &t));
	} else {
		test_state_free(&state);
	}
	host.deny = true;
	if (!alone)
		committed(other);
	test_map_fini(&t);
}
END_TEST

/* ---- the allocator ---- */

START_TEST(test_in_use)
{
	struct physseg_remove_status status;
	struct physseg_removal *removal;
	struct physseg_reason reason;
	struct test_state state, open;

	init();
	with_allocator();
	start();
	test_state_save(&state, &t);
	host.busy[101] = host.busy[105] = host.busy[106] = true;
	host.busy[110] = true; /* outside */
	removal = begun(100, 10, UNPLUG);
	physseg_remove_get_status(removal, &status);
	ck_assert_uint_eq(status.busy, 3);
	ck_assert_uint_eq(status.first_busy, 101);
	ck_assert_uint_eq(status.at_begin, 3);
	test_state_save(&open, &t);
	for (physseg_pfn_t f = 101; f < 107; f++) {
		if (!host.busy[f])
			continue;
		ck_assert_int_eq(physseg_remove_commit(removal, NULL, &reason),
		    PHYSSEG_EINUSE);
		ck_assert_int_eq(reason.error, PHYSSEG_EINUSE);
		ck_assert_uint_eq(reason.frame, f);
		ck_assert_uint_eq(reason.start, 100);
		ck_assert_uint_eq(reason.end, 200);
		ck_assert_int_eq(reason.stage, PHYSSEG_STAGE_HOST);
		host.busy[f] = false; /* it was moved */
		physseg_remove_get_status(removal, &status);
		ck_assert_uint_lt(status.busy, 3);
		ck_assert_uint_eq(status.at_begin, 3);
	}
	ck_assert(test_state_unchanged(&open, &t));
	cancelled(removal);
	none_is_isolated();
	ck_assert(test_state_unchanged(&state, &t));
	committed(begun(100, 10, UNPLUG));
	/* At once: in use, and nothing is changed. */
	test_state_save(&state, &t);
	host.isolates = host.releases = 0;
	memset(host.isolated, 0, sizeof(host.isolated));
	ck_assert_int_eq(
	    physseg_remove(t.map, 110, 10, UNPLUG, &reason), PHYSSEG_EINUSE);
	ck_assert_uint_eq(reason.frame, 110);
	ck_assert_int_eq(physseg_unplug(t.map, 110, 10), PHYSSEG_EINUSE);
	ck_assert_uint_eq(host.isolates, 2);
	ck_assert_uint_eq(host.releases, 2);
	none_is_isolated();
	ck_assert(test_state_unchanged(&state, &t));
	/* By force it is told, not obeyed. */
	ok(physseg_remove(t.map, 110, 10, UNPLUG | FORCE, &reason));
	ck_assert_uint_eq(reason.frame, 110);
	ck_assert_int_eq(reason.error, PHYSSEG_OK);
	ck_assert_ptr_null(physseg_page(t.map, 110));
	checked();
	host.busy[125] = true;
	removal = begun(120, 10, UNPLUG | FORCE);
	ok(physseg_remove_commit(removal, NULL, &reason));
	ck_assert_uint_eq(reason.frame, 125);
	checked();
	ok(physseg_unplug(t.map, 130, 10)); /* nobody uses it */
	checked();
	test_map_fini(&t);
}
END_TEST

/* The host refuses one of two parts. */
START_TEST(test_host_refuses)
{
	struct physseg_reason reason;

	init();
	with_allocator();
	start();
	host.refuses = 105;
	reason = refused(100, 10, UNPLUG, PHYSSEG_EREFUSED);
	ck_assert_int_eq(reason.code, 77);
	ck_assert_int_eq(reason.stage, PHYSSEG_STAGE_HOST);
	ck_assert_ptr_null(reason.listener);
	ck_assert_uint_eq(reason.frame, 100);
	none_is_isolated();
	ok(physseg_remove(t.map, 100, 10, UNPLUG | FORCE, &reason));
	ck_assert_int_eq(reason.code, 77);
	checked();
	if (three) {
		host.refuses = 210;
		reason = refused(150, 150, OFFLINE, PHYSSEG_EREFUSED);
		ck_assert_uint_eq(reason.frame, 200);
		ck_assert_uint_eq(reason.start, 200);
		ck_assert_uint_eq(reason.end, 300);
		none_is_isolated();
		ck_assert_int_eq(
		    physseg_unplug(t.map, 150, 150), PHYSSEG_EREFUSED);
		none_is_isolated();
	}
	test_map_fini(&t);
}
END_TEST

/* By force it goes on, and the host is not asked about the frames that it did
 * not isolate, nor about those behind them. */
START_TEST(test_host_refuses_forced)
{
	struct physseg_remove_status status;
	struct physseg_removal *removal = NULL;
	struct physseg_reason reason;

	init();
	with_allocator();
	start();
	if (has_no_room("forced"))
		return;
	host.refuses = 210;
	host.busy[160] = host.busy[220] = true;
	for (int i = 0; i < 3; i++) {
		ok(physseg_remove_begin(
		    t.map, 150, 100, UNPLUG | FORCE, &removal, &reason));
		ck_assert_int_eq(reason.error, PHYSSEG_OK);
		ck_assert_int_eq(reason.stage, PHYSSEG_STAGE_HOST);
		ck_assert_int_eq(reason.code, 77);
		ck_assert_uint_eq(reason.frame, 200);
		ck_assert_uint_eq(reason.start, 200);
		isolated_are(150, 50);
		physseg_remove_get_status(removal, &status);
		ck_assert_uint_eq(status.at_begin, 1);
		ck_assert_uint_eq(status.busy, 1);
		ck_assert_uint_eq(status.first_busy, 160);
		if (i == 2)
			break;
		cancelled(removal);
		none_is_isolated();
	}
	ok(physseg_remove_commit(removal, NULL, &reason));
	ck_assert_uint_eq(reason.frame, 160);
	checked();
	test_map_fini(&t);
}
END_TEST

/* Of several that forbid it, the lowest is named. */
START_TEST(test_lowest)
{
	const struct physseg_addition add = { .pfn = 90, .n = 600 };
	struct physseg_removal *removals[3];
	struct physseg_reason reason;
	static const physseg_pfn_t pfns[2][3] = { { 440, 150, 220 },
		{ 150, 440, 220 } };

	init();
	start();
	if (has_no_room("lowest"))
		return;
	if (test_has(PHYSSEG_HOTPLUG)) {
		ck_assert_int_eq(
		    physseg_add(t.map, &add, NULL, &reason), PHYSSEG_EOVERLAP);
		ck_assert_uint_eq(reason.frame, 100);
	}
	for (size_t i = 0; i < 3; i++)
		removals[i] = begun(pfns[_i][i], 10, UNPLUG);
	reason = refused(120, 180, UNPLUG, PHYSSEG_EREMOVING);
	ck_assert_uint_eq(reason.frame, 150);
	for (size_t i = 0; i < 3; i++)
		cancelled(removals[i]);
	test_map_fini(&t);
}
END_TEST

/* A range that was offline already is no piece of its own. */
START_TEST(test_pieces_of_offline)
{
	struct physseg_pieces pieces;
	physseg_t h;

	init();
	offline_too = true;
	start();
	if (has_no_room("pieces"))
		return;
	h = physseg_find(t.map, 600, NULL);
	pieces = committed(begun(640, 10, OFFLINE));
	ck_assert_ptr_eq(pieces.below, PHYSSEG_NONE);
	ck_assert_ptr_eq(pieces.first, h);
	ck_assert_ptr_eq(pieces.above, PHYSSEG_NONE);
	test_map_fini(&t);
}
END_TEST

/* Without isolate and listeners an unplug is the driver's word. */
START_TEST(test_drivers_word)
{
	struct physseg_reason reason;

	init();
	t.host.hooks.in_use = in_use;
	start();
	host.busy[105] = host.busy[115] = true;
	ok(physseg_unplug(t.map, 100, 10));
	ck_assert_uint_eq(host.asked, 0);
	ck_assert_int_eq(
	    physseg_remove(t.map, 110, 10, UNPLUG, &reason), PHYSSEG_EINUSE);
	ck_assert_uint_eq(reason.frame, 115);
	checked();
	test_map_fini(&t);
}
END_TEST

/* Offline frames are nobody's: the host is not asked about them. */
START_TEST(test_offline_not_asked)
{
	init();
	with_allocator();
	t.config.may_empty = true;
	start();
	ok(physseg_remove(t.map, 100, 100, OFFLINE, NULL));
	host.isolates = host.asked = 0;
	committed(begun(100, 100, UNPLUG));
	ck_assert_uint_eq(host.isolates, 0);
	ck_assert_uint_eq(host.asked, 0);
	test_map_fini(&t);
}
END_TEST

/* Inside a hook nothing can be changed. */
static int
isolate_busy(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy)
{
	struct physseg_removal *removal = NULL;
	struct physseg_reason reason;

	ck_assert_int_eq(
	    physseg_remove_begin(t.map, 190, 1, UNPLUG, &removal, &reason),
	    PHYSSEG_EBUSY);
	ck_assert_ptr_null(removal);
	ck_assert_int_eq(reason.error, PHYSSEG_EBUSY);
	ck_assert_int_eq(
	    physseg_remove(t.map, 190, 1, UNPLUG, NULL), PHYSSEG_EBUSY);
	ck_assert_int_eq(physseg_online(t.map, 190, 1, NULL), PHYSSEG_EBUSY);
	if (opened != NULL) {
		ck_assert_int_eq(physseg_remove_cancel(opened), PHYSSEG_EBUSY);
		ck_assert_int_eq(
		    physseg_remove_commit(opened, NULL, NULL), PHYSSEG_EBUSY);
	}
	return isolate(ctx, pfn, n, busy);
}

START_TEST(test_busy)
{
	init();
	with_allocator();
	t.host.hooks.isolate = isolate_busy;
	start();
	opened = NULL;
	opened = begun(100, 10, UNPLUG);
	ok(physseg_unplug(t.map, 195, 5));
	ck_assert_uint_eq(host.isolates, 2);
	cancelled(opened);
	test_map_fini(&t);
}
END_TEST

/* ---- the rest ---- */

/* Open ones go with the map, and nobody is told. */
START_TEST(test_destroy)
{
	init();
	with_allocator();
	start();
	(void)begun(100, 10, UNPLUG);
	if (three) {
		(void)begun(130, 10, OFFLINE);
		(void)begun(190, 50, UNPLUG);
	}
	host.releases = host.asked = 0;
	test_log_clear(&t.host);
	test_map_fini(&t);
	ck_assert_uint_eq(host.releases, 0);
	ck_assert_uint_eq(host.asked, 0);
}
END_TEST

/* An older program has room for less, a newer one gets zeros. */
START_TEST(test_status_sizes)
{
	union {
		struct physseg_remove_status status;
		unsigned char byte[128];
	} s;
	struct physseg_removal *removal;

	init();
	start();
	removal = begun(100, 10, UNPLUG);
	for (size_t size = 0; size <= sizeof(s); size += 8) {
		memset(&s, 0xee, sizeof(s));
		physseg_remove_get_status_sized(removal, &s.status, size);
		for (size_t i = size; i < sizeof(s); i++)
			ck_assert_uint_eq(s.byte[i], 0xee);
		for (size_t i = sizeof(s.status); i < size; i++)
			ck_assert_uint_eq(s.byte[i], 0);
		if (size >= sizeof(physseg_pfn_t))
			ck_assert_uint_eq(s.status.pfn, 100);
	}
	cancelled(removal);
	test_map_fini(&t);
}
END_TEST

/* Is this page structure guarded, as one that nobody may use? */
#if defined(POISONS)
static bool
is_guarded(const char *page)
{
	return __asan_address_is_poisoned(page) &&
	    __asan_address_is_poisoned(page + PAGE - 1);
}

static void
test_writes(char *page, const char *told)
{
	(void)page; /* AddressSanitizer would end the program */
	(void)told;
}
#elif defined(DEBUG)
static bool
is_guarded(const char *page)
{
	size_t i = 0;

	while (i < PAGE && (unsigned char)page[i] == 0xdb)
		i++;
	return i == PAGE;
}

static void
test_writes(char *page, const char *told)
{
	size_t i;

	for (i = 0; i < PAGE; i += PAGE - 1) {
		ck_assert_ptr_null(physseg_check(t.map));
		page[i] ^= 1;
		ck_assert_str_eq(physseg_check(t.map), told);
		page[i] ^= 1;
	}
}
#endif

START_TEST(test_guard)
{
#if defined(POISONS) || defined(DEBUG)
	static const char free_page[] =
	    "slab: somebody wrote to a free page structure";
	static const char offline_page[] =
	    "segment: somebody wrote to an offline page structure";
	char *page;
	physseg_t h;

	init();
	start();
	page = physseg_page(t.map, 105);
	ck_assert(!is_guarded(page));
	if (three) {
		opened = begun(100, 10, OFFLINE);
		ck_assert(!is_guarded(page));
		h = committed(opened).first;
		ck_assert(is_guarded(page));
		test_writes(page - 5 * PAGE, offline_page);
		test_writes(page + 4 * PAGE, offline_page);
		ok(physseg_init_pages(t.map, h, 3, NULL));
		ck_assert_ptr_null(physseg_check(t.map));
		test_writes(page - 2 * PAGE, offline_page);
		ok(physseg_online(t.map, 100, 10, NULL));
		ck_assert(!is_guarded(page));
	}
	ok(physseg_unplug(t.map, 100, 10));
	ck_assert(is_guarded(page));
	ck_assert(!is_guarded(physseg_page(t.map, 110)));
	test_writes(page - 5 * PAGE, free_page);
	test_writes(page + 4 * PAGE, free_page);
	if (test_has(PHYSSEG_HOTPLUG)) {
		ok(physseg_plug(t.map, 1000, 10, 0, NULL));
		ck_assert_ptr_eq(physseg_page(t.map, 1005), page);
		ck_assert(!is_guarded(page));
	}
	test_map_fini(&t);
	/* test_map_fini frees the array: it is the caller's again. */
#else
	test_skip("guard", "built without AddressSanitizer and DEBUG");
#endif
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_remove");
	TCase *tc = tcase_create("shapes");

	tcase_add_loop_test(tc, test_shapes, 0, 2 * NSHAPES);
	suite_add_tcase(s, tc);
	tc = tcase_create("forbidden");
	tcase_add_test(tc, test_forbidden);
	tcase_add_test(tc, test_last);
	tcase_add_test(tc, test_last_offline);
	tcase_add_test(tc, test_last_leaves);
	tcase_add_test(tc, test_slots);
	tcase_add_loop_test(tc, test_overlap, 0, 2);
	tcase_add_test(tc, test_no_init_meanwhile);
	suite_add_tcase(s, tc);
	tc = tcase_create("several");
	tcase_add_loop_test(tc, test_cancel_any_order, 0, 24);
	tcase_add_loop_test(tc, test_cancel_fragmented, 0, 24);
	tcase_add_loop_test(tc, test_commit_any_order, 0, 24 * 16);
	tcase_add_loop_test(tc, test_meanwhile, 0, 4);
	tcase_add_loop_test(tc, test_meanwhile_beside, 0, 4);
	tcase_add_test(tc, test_cancelled_records);
	tcase_add_loop_test(tc, test_list, 0, 4);
	tcase_add_test(tc, test_list_full);
	tcase_add_test(tc, test_far_end);
	tcase_add_test(tc, test_far_whole);
	tcase_add_test(tc, test_far_trim);
	tcase_add_test(tc, test_far_build);
	tcase_add_loop_test(
	    tc, test_no_memory, 0, sizeof(tries) / sizeof(tries[0]));
	suite_add_tcase(s, tc);
	tc = tcase_create("allocator");
	tcase_add_test(tc, test_in_use);
	tcase_add_test(tc, test_host_refuses);
	tcase_add_test(tc, test_host_refuses_forced);
	tcase_add_loop_test(tc, test_lowest, 0, 2);
	tcase_add_test(tc, test_pieces_of_offline);
	tcase_add_test(tc, test_drivers_word);
	tcase_add_test(tc, test_offline_not_asked);
	tcase_add_test(tc, test_busy);
	suite_add_tcase(s, tc);
	tc = tcase_create("rest");
	tcase_add_test(tc, test_destroy);
	tcase_add_test(tc, test_status_sizes);
	tcase_add_test(tc, test_guard);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
