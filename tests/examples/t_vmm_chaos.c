/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/examples/t_vmm_chaos.c -- the memory of the example's VMM, at random:
 * blocks come and go under a running guest as a virtio-mem device lets them,
 * whole pieces and parts of them, and what the guest writes must stay.
 *
 * In every other change one allocation is refused: libphysseg's, the guest's
 * memory, the VMM's notes, or the slot.  Some blocks that are wanted back are
 * written to meanwhile, and stay.  A second thread looks at all memory without
 * a lock, and finds in each page what was written to that page, or zeros.
 *
 * The first and the last word of every page are compared with a model: often,
 * at the end, and once more when all pages that are there were written to.
 *
 * --steps N: so many changes and writes.
 */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <physseg/lifecycle.h>

#include "guest.h"
#include "support.h"
#include "vmm_chaos.h"

#define RAM_SIZE ((uint64_t)1 << 20) /* that the guest starts with */
#define REGION	 ((uint64_t)1 << 28) /* where blocks come and go */
#define BLOCKS	 40
#define MOST	 6 /* blocks in one change */
#define STEPS	 1500
#define CHECKS	 16 /* all is compared each so many steps */

#define BLOCK_PAGES ((size_t)(MEMORY_BLOCK / GUEST_PAGE))
#define PAGES	    (BLOCKS * BLOCK_PAGES)
#define LAST	    (GUEST_PAGE - sizeof(uint32_t))

static struct test_rng rng;

/* ---- what is refused: vmm_chaos.c ---- */

static bool refusing; /* an allocation of this change, */
static uint64_t refuse_after;
static bool refused; /* and it was */
static unsigned long refusals;

static bool
refuses(void)
{
	if (!refusing || refuse_after-- > 0)
		return false;
	refusing = false;
	refused = true;
	refusals++;
	return true;
}

static void *
host_alloc(void *ctx, size_t size)
{
	return refuses() ? NULL : physseg_host_user()->alloc(ctx, size);
}

const struct physseg_host *
chaos_host_user(void)
{
	static struct physseg_host host;

	host = *physseg_host_user();
	host.alloc = host_alloc;
	return &host;
}

void *
chaos_calloc(size_t n, size_t size)
{
	return refuses() ? NULL : calloc(n, size);
}

void *
chaos_mmap(
    void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return refuses() ? MAP_FAILED
			 : mmap(at, size, protection, flags, fd, offset);
}

/* A slot is refused in a plug only: after an unplug what is left must get one,
 * or the VMM ends. */
static const struct accel *real;
static struct accel accel;
static bool plugging;

static int
slot_add(
    struct vm *vm, unsigned slot, uint64_t address, uint64_t size, void *host)
{
	return plugging && refuses()
	    ? ENOMEM
	    : real->slot_add(vm, slot, address, size, host);
}

static void
draw_refusal(void)
{
	refused = false;
	refusing = test_random_below(&rng, 2) == 0;
	refuse_after = test_random_below(&rng, 8);
}

/* ---- the model ---- */

static struct guest guest;
static bool there[BLOCKS];
static uint32_t words[PAGES][2]; /* of each page the first and the last */
static uint32_t writes;		 /* so many times some pages were written */

static uint64_t
address_of(size_t page, size_t which)
{
	return REGION + (uint64_t)page * GUEST_PAGE + (which == 0 ? 0 : LAST);
}

/* Some blocks, one after the other. */
struct blocks {
	size_t first, n;
};

static struct blocks
draw_blocks(void)
{
	const size_t first = test_random_size(&rng, BLOCKS);
	const size_t most = BLOCKS - first < MOST ? BLOCKS - first : MOST;

	return (struct blocks){ first, 1 + test_random_size(&rng, most) };
}

/* How many of them are there? */
static size_t
count(struct blocks blocks)
{
	size_t n = 0;

	for (size_t i = 0; i < blocks.n; i++)
		n += there[blocks.first + i];
	return n;
}

static void
set(struct blocks blocks, bool is)
{
	for (size_t i = 0; i < blocks.n; i++)
		there[blocks.first + i] = is;
	memset(words[blocks.first * BLOCK_PAGES], 0,
	    blocks.n * BLOCK_PAGES * sizeof(words[0]));
}

static void
check_words(void)
{
	const char *wrong = memory_check(&guest.memory);
	uint32_t word;

	if (wrong != NULL)
		ck_abort_msg("%s", wrong);
	for (size_t page = 0; page < PAGES; page++)
		for (size_t k = 0; k < 2; k++) {
			test_assert(
			    memory_load(&guest.memory, address_of(page, k),
				&word) == there[page / BLOCK_PAGES]);
			test_assert(!there[page / BLOCK_PAGES] ||
			    word == words[page][k]);
		}
}

/* ---- the guest ---- */

/* It writes to some pages that are there: a word that is only theirs. */
static void
write_pages(size_t page, size_t n, size_t k)
{
	const uint32_t value = ++writes * (uint32_t)PAGES + (uint32_t)page;

	test_assert(guest_ask(&guest, COMMAND_FILL, address_of(page, k),
	    (uint32_t)n, value, NULL));
	for (size_t i = 0; i < n; i++)
		words[page + i][k] = value + (uint32_t)i;
}

static void
read_pages(size_t page, size_t n, size_t k)
{
	uint32_t sum = 0, answer;

	for (size_t i = 0; i < n; i++)
		sum += words[page + i][k];
	test_assert(guest_ask(
	    &guest, COMMAND_SUM, address_of(page, k), (uint32_t)n, 0, &answer));
	test_assert(answer == sum);
}

static void
use(struct blocks blocks)
{
	const size_t first = test_random_size(&rng, BLOCK_PAGES);
	const size_t n =
	    1 + test_random_size(&rng, blocks.n * BLOCK_PAGES - first);
	const size_t page = blocks.first * BLOCK_PAGES + first;

	if (count(blocks) != blocks.n)
		return;
	write_pages(page, n, test_random_size(&rng, 2));
	read_pages(page, n, test_random_size(&rng, 2));
}

/* ---- changes ---- */

static unsigned long plugs, unplugs, kept;

static void
plug(struct blocks blocks)
{
	int error;

	draw_refusal();
	plugging = true;
	error = memory_plug(&guest.memory, REGION + blocks.first * MEMORY_BLOCK,
	    blocks.n * MEMORY_BLOCK);
	plugging = false;
	refusing = false;
	if (error == PHYSSEG_OK) {
		test_assert(!refused && count(blocks) == 0);
		set(blocks, true);
		plugs++;
	} else
		test_assert(error == PHYSSEG_ENOSLOT || refused ||
		    (error == PHYSSEG_EOVERLAP && count(blocks) > 0));
}

/* The guest goes on with what is wanted back, or not; it does not run at the
 * end, as pieces may be cut. */
static bool
write_on(struct blocks blocks)
{
	const bool writes_on = test_random_below(&rng, 4) == 0;

	if (writes_on)
		write_pages(blocks.first * BLOCK_PAGES +
			test_random_size(&rng, blocks.n * BLOCK_PAGES),
		    1, 0);
	test_assert(guest_stop(&guest));
	return writes_on;
}

static void
unplug(struct blocks blocks)
{
	struct physseg_reason reason;
	bool writes_on;
	int error;

	draw_refusal();
	error = memory_unplug_begin(&guest.memory,
	    REGION + blocks.first * MEMORY_BLOCK, blocks.n * MEMORY_BLOCK,
	    &reason);
	if (error != PHYSSEG_OK) {
		refusing = false;
		test_assert(refused || count(blocks) < blocks.n);
		return;
	}
	test_assert(count(blocks) == blocks.n);
	writes_on = write_on(blocks);
	error = memory_unplug_commit(&guest.memory, &reason);
	refusing = false;
	if (error == PHYSSEG_OK) {
		test_assert(!writes_on);
		set(blocks, false);
		unplugs++;
	} else {
		memory_unplug_cancel(&guest.memory);
		test_assert(refused || error == PHYSSEG_ENOSLOT ||
		    (error == PHYSSEG_EINUSE && writes_on));
		kept += error == PHYSSEG_EINUSE;
	}
	guest_go(&guest);
}

/* ---- a reader beside them ---- */

static atomic_bool over;
static atomic_ulong found, strange;

static void *
look(void *arg)
{
	uint32_t word;

	(void)arg;
	while (!atomic_load(&over))
		for (size_t page = 0; page < PAGES; page++) {
			if (!memory_load(&guest.memory,
				address_of(page, page % 2), &word))
				continue;
			atomic_fetch_add(&found, 1);
			if (word != 0 && word % PAGES != page)
				atomic_fetch_add(&strange, 1);
		}
	return NULL;
}

/* ---- a run ---- */

static void
step(void)
{
	const struct blocks blocks = draw_blocks();

	switch (test_random_below(&rng, 6)) {
	case 0:
	case 1:
		plug(blocks);
		break;
	case 2:
		unplug(blocks);
		break;
	default:
		use(blocks);
	}
}

/* All that is there is written to, by the guest; then it goes. */
static void
finish(void)
{
	size_t pages = 0;

	check_words();
	for (size_t i = 0; i < BLOCKS; i++)
		for (size_t k = 0; k < 2 && there[i]; k++) {
			write_pages(i * BLOCK_PAGES, BLOCK_PAGES, k);
			pages += k * BLOCK_PAGES;
		}
	check_words();
	for (size_t i = 0; i < BLOCKS; i++)
		for (size_t k = 0; k < 2 && there[i]; k++)
			read_pages(i * BLOCK_PAGES, BLOCK_PAGES, k);
	printf("%s: %lu plugs, %lu unplugs, %lu times written to meanwhile, "
	       "%lu allocations refused, %zu pages at the end\n",
	    accel.name, plugs, unplugs, kept, refusals, pages);
	fflush(stdout);
	ck_assert_uint_gt(pages, 0);
	ck_assert_uint_eq(guest_counted(&guest).strange, 0);
	for (size_t i = 0; i < BLOCKS; i++)
		if (there[i]) {
			test_assert(guest_stop(&guest));
			test_assert(memory_unplug(&guest.memory,
					REGION + i * MEMORY_BLOCK,
					MEMORY_BLOCK) == PHYSSEG_OK);
			guest_go(&guest);
			set((struct blocks){ i, 1 }, false);
		}
	check_words();
}

static void
run(const struct accel *on)
{
	const unsigned long steps = test_steps != 0 ? test_steps : STEPS;
	pthread_t reader;

	real = on;
	accel = *on;
	accel.slot_add = slot_add;
	rng.state = test_seed;
	test_assert(guest_create(&guest, &accel, 1));
	test_assert(memory_plug(&guest.memory, 0, RAM_SIZE) == PHYSSEG_OK);
	test_assert(guest_start(&guest));
	test_assert(pthread_create(&reader, NULL, look, NULL) == 0);
	for (unsigned long i = 0; i < steps || kept == 0 || refusals == 0;
	     i++) {
		step();
		if (i % CHECKS == 0)
			check_words();
	}
	finish();
	atomic_store(&over, true);
	pthread_join(reader, NULL);
	ck_assert_uint_eq(atomic_load(&strange), 0);
	ck_assert_uint_gt(atomic_load(&found), 0);
	ck_assert(guest_halt(&guest));
	guest_destroy(&guest);
}

START_TEST(test_mock)
{
	run(&accel_mock);
}
END_TEST

START_TEST(test_kvm)
{
	const char *missing = accel_kvm.missing("/dev/kvm");

	if (missing != NULL)
		test_skip("kvm", missing);
	else
		run(&accel_kvm);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("vmm_chaos");
	TCase *tc = tcase_create("mock");

	tcase_add_test(tc, test_mock);
	suite_add_tcase(s, tc);
	tc = tcase_create("kvm");
	tcase_add_test(tc, test_kvm);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
