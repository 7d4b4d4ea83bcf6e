/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * vmm [--device FILE] [kvm | mock] -- memory comes and goes under two running
 * guests, each with a map of its own, and every word is looked for where the
 * map says it is.
 *
 * --help explains the arguments.  Exit status: 0 if every check held, 1 if one
 * did not, 2 for a wrong argument, 77 if KVM was asked for and is missing.
 *
 * Both guests have the same guest-physical addresses, and write different
 * words: what one sees of the other's would show.  Beside each guest a reader
 * looks at all of its memory again and again, and takes no lock.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <physseg/lifecycle.h> /* its errors and reasons */

#include "guest.h"

#define MIB ((uint64_t)1 << 20)

#define RAM	  (0 * MIB) /* what the guest starts with */
#define RAM_SIZE  (1 * MIB)
#define OLD	  (RAM + MIB / 16) /* in it, behind program and mailbox */
#define DIMM	  (256 * MIB)	   /* what comes and goes */
#define DIMM_SIZE (4 * MIB)

struct scenario {
	struct guest guest;
	pthread_t thread;
	unsigned checks, failed;

	pthread_t reader;
	atomic_bool over;    /* the reader shall end */
	atomic_uint passes;  /* how often it has looked at everything */
	atomic_uint found;   /* pages of the DIMM that it found the last time */
	atomic_uint strange; /* words that it should not have found */
};

static void
check(struct scenario *s, const char *what, bool holds)
{
	s->checks++;
	s->failed += !holds;
	guest_say(&s->guest, "  %s: %s", holds ? "ok" : "FAILED", what);
}

/* After each step: nothing is wrong in map and slots, and no exit was strange.
 * Silent when all is well. */
static struct left
step_end(struct scenario *s)
{
	const char *wrong = memory_check(&s->guest.memory);
	struct left left = guest_counted(&s->guest);

	if (wrong != NULL)
		check(s, wrong, false);
	if (left.strange != 0)
		check(s, "an exit that should not be", false);
	return left;
}

/* ---- what is expected of memory that is there, and that is not ---- */

/* The sum of value, value + 1, ... */
static uint32_t
sum(uint32_t value, uint32_t pages)
{
	return pages * value + pages * (pages - 1) / 2;
}

/* The guest finds the words, and so do we, through the map. */
static void
holds(struct scenario *s, uint64_t address, uint32_t pages, uint32_t value)
{
	struct guest *g = &s->guest;
	uint32_t answer, word, found = 0;
	bool asked;

	asked = guest_ask(g, COMMAND_SUM, address, pages, 0, &answer);
	check(s, "the guest reads the words it wrote",
	    asked && answer == sum(value, pages));
	for (uint32_t i = 0; i < pages; i++)
		if (memory_load(
			&g->memory, address + (uint64_t)i * GUEST_PAGE, &word))
			found += word == value + i;
	check(s, "they are where the map says", found == pages);
	check(s, "without an exit", step_end(s).reads == 0);
}

static void
fill(struct scenario *s, uint64_t address, uint32_t pages, uint32_t value)
{
	bool asked;

	guest_say(&s->guest, "writes %" PRIu32 " pages from 0x%08" PRIx64,
	    pages, address);
	asked = guest_ask(&s->guest, COMMAND_FILL, address, pages, value, NULL);
	check(s, "without an exit", asked && step_end(s).writes == 0);
	holds(s, address, pages, value);
}

/* No memory is there, for nobody. */
static void
nothing(struct scenario *s, uint64_t address)
{
	struct guest *g = &s->guest;
	uint32_t answer, word;
	struct left left;
	bool asked;

	guest_say(
	    g, "touches two pages from 0x%08" PRIx64 ", not there", address);
	asked = guest_ask(g, COMMAND_FILL, address, 2, 1, NULL) &&
	    guest_ask(g, COMMAND_SUM, address, 2, 0, &answer);
	left = step_end(s);
	check(s, "each access leaves the guest",
	    asked && left.writes == 2 && left.reads == 2);
	check(
	    s, "what it reads is all ones", asked && answer == UINT32_MAX * 2);
	check(s, "the map has nothing there",
	    !memory_load(&g->memory, address, &word));
}

/* A device reads at an address that the guest gave it. */
static void
dma(struct scenario *s, uint64_t address, bool there, uint32_t word)
{
	struct guest *g = &s->guest;
	struct left left;
	bool asked;

	guest_say(g, "has a device read 0x%08" PRIx64, address);
	asked = guest_ask(g, COMMAND_DMA, address, 0, 0, NULL);
	left = step_end(s);
	if (there)
		check(s, "it reads what the guest wrote",
		    asked && left.dma && left.word == word);
	else
		check(s, "it reads nothing", asked && !left.dma);
}

/* ---- a reader beside it ---- */

/* What a guest writes to its pages: one word after the other. */
static uint32_t
first_word(const struct scenario *s)
{
	return 0x1000000 * (uint32_t)s->guest.number + 0x10000;
}

/* New memory is zeros; then there is what the guest writes. */
static void *
look(void *arg)
{
	struct scenario *s = arg;
	uint32_t word, i;
	unsigned found;

	while (!atomic_load(&s->over)) {
		for (i = 0, found = 0; i < DIMM_SIZE / GUEST_PAGE; i++) {
			if (!memory_load(&s->guest.memory,
				DIMM + (uint64_t)i * GUEST_PAGE, &word))
				continue;
			found++;
			if (word != 0 && word != first_word(s) + i)
				atomic_fetch_add(&s->strange, 1);
		}
		atomic_store(&s->found, found);
		atomic_fetch_add(&s->passes, 1);
	}
	return NULL;
}

/* What it sees of the DIMM: asked when it has begun and ended a pass. */
static void
seen(struct scenario *s, uint64_t size)
{
	const unsigned now = atomic_load(&s->passes);

	while (atomic_load(&s->passes) - now < 2)
		sched_yield();
	check(s,
	    size == 0 ? "the reader finds none of it"
		      : "the reader finds what is there",
	    atomic_load(&s->found) == size / GUEST_PAGE &&
		atomic_load(&s->strange) == 0);
}

/* ---- memory that comes and goes ---- */

static void
changed(struct scenario *s, const char *what, uint64_t address, uint64_t size,
    int error, int expected)
{
	guest_say(&s->guest, "%s 0x%08" PRIx64 "-0x%08" PRIx64 "%s%s", what,
	    address, address + size - 1, error == PHYSSEG_OK ? "" : ": ",
	    error == PHYSSEG_OK ? "" : physseg_strerror(error));
	check(s, expected == PHYSSEG_OK ? "it is done" : "it is refused",
	    error == expected);
	step_end(s);
}

static void
plug(struct scenario *s, uint64_t address, uint64_t size, int expected)
{
	changed(s, "plug", address, size,
	    memory_plug(&s->guest.memory, address, size), expected);
}

static void
unplug(struct scenario *s, uint64_t address, uint64_t size, int expected)
{
	changed(s, "unplug", address, size,
	    memory_unplug(&s->guest.memory, address, size), expected);
}

static void
show(struct scenario *s)
{
	char prefix[16];

	snprintf(prefix, sizeof(prefix), "guest %d:", s->guest.number);
	memory_show(&s->guest.memory, prefix);
}

/* A block is wanted back; the guest goes on using it, so it stays. */
static void
refused(struct scenario *s, uint32_t value)
{
	struct guest *g = &s->guest;
	struct physseg_reason reason;
	char line[160];
	int error;

	error = memory_unplug_begin(&g->memory, DIMM + MIB, MIB, &reason);
	changed(s, "unplug, begin", DIMM + MIB, MIB, error, PHYSSEG_OK);
	fill(s, DIMM + MIB + 3 * GUEST_PAGE, 2,
	    value + (uint32_t)MIB / GUEST_PAGE + 3);
	error = memory_unplug_commit(&g->memory, &reason);
	physseg_strreason(&reason, line, sizeof(line));
	guest_say(g, "%s", line);
	check(s, "it is refused, with the page that it wrote first",
	    error == PHYSSEG_EINUSE &&
		reason.frame == (DIMM + MIB) / GUEST_PAGE + 3);
	memory_unplug_cancel(&g->memory);
	holds(s, DIMM, DIMM_SIZE / GUEST_PAGE, value);
	seen(s, DIMM_SIZE);
}

/* The same block goes when the guest writes beside it only; what was beside it
 * stays as it was. */
static void
split(struct scenario *s, uint32_t value)
{
	struct guest *g = &s->guest;
	const uint32_t behind = (DIMM_SIZE - 2 * MIB) / GUEST_PAGE;
	struct physseg_reason reason;
	int error;

	error = memory_unplug_begin(&g->memory, DIMM + MIB, MIB, &reason);
	changed(s, "unplug, begin", DIMM + MIB, MIB, error, PHYSSEG_OK);
	fill(s, DIMM, 2, value);
	check(s, "the guest stops for it", guest_stop(g));
	error = memory_unplug_commit(&g->memory, &reason);
	changed(s, "unplug, commit", DIMM + MIB, MIB, error, PHYSSEG_OK);
	guest_go(g);
	show(s);
	guest_say(g, "reads what is left of it");
	holds(s, DIMM, MIB / GUEST_PAGE, value);
	holds(s, DIMM + 2 * MIB, behind, value + 2 * MIB / GUEST_PAGE);
	nothing(s, DIMM + MIB);
	dma(s, DIMM + MIB, false, 0);
	seen(s, DIMM_SIZE - MIB);
}

/* What cannot be memory: an address that wraps, and less than a block. */
static void
impossible(struct scenario *s)
{
	const uint64_t last = UINT64_MAX - GUEST_PAGE + 1;

	plug(s, last, 2 * GUEST_PAGE, PHYSSEG_ERANGE);
	plug(s, DIMM + DIMM_SIZE - MIB, 2 * MIB, PHYSSEG_EOVERLAP);
	plug(s, DIMM + DIMM_SIZE, MIB / 2, PHYSSEG_EALIGN);
	unplug(s, DIMM, MIB / 2, PHYSSEG_EALIGN);
}

/* The guest runs throughout, but for the split. */
static void
hot_plug(struct scenario *s, uint32_t value)
{
	const uint32_t pages = DIMM_SIZE / GUEST_PAGE;

	nothing(s, DIMM);
	seen(s, 0);
	plug(s, DIMM, DIMM_SIZE, PHYSSEG_OK);
	show(s);
	fill(s, DIMM, pages, value);
	dma(s, DIMM + GUEST_PAGE, true, value + 1);
	seen(s, DIMM_SIZE);
	impossible(s);

	refused(s, value);
	split(s, value);

	unplug(s, DIMM, 3 * MIB, PHYSSEG_ESPAN);
	unplug(s, DIMM, MIB, PHYSSEG_OK);
	unplug(s, DIMM + 2 * MIB, 2 * MIB, PHYSSEG_OK);
	unplug(s, DIMM, MIB, PHYSSEG_ENOENT);
	show(s);
	nothing(s, DIMM);
	nothing(s, DIMM + DIMM_SIZE - 2 * GUEST_PAGE);
	dma(s, DIMM + GUEST_PAGE, false, 0);
	seen(s, 0);

	plug(s, DIMM, MIB, PHYSSEG_OK);
	plug(s, DIMM + MIB, DIMM_SIZE - MIB, PHYSSEG_OK);
	guest_say(&s->guest, "reads the new memory: zeros");
	check(s, "nothing is left of the old words",
	    guest_ask(&s->guest, COMMAND_SUM, DIMM, pages, 0, &value) &&
		value == 0);
	step_end(s);
	seen(s, DIMM_SIZE);
	unplug(s, DIMM, DIMM_SIZE, PHYSSEG_OK);
	seen(s, 0);
}

static void *
play(void *arg)
{
	struct scenario *s = arg;
	struct guest *g = &s->guest;
	const uint32_t value = 0x1000000 * (uint32_t)g->number;

	plug(s, RAM, RAM_SIZE, PHYSSEG_OK);
	if (!guest_start(g) || pthread_create(&s->reader, NULL, look, s) != 0) {
		check(s, "it starts", false);
		return NULL;
	}
	fill(s, OLD, 16, value);
	hot_plug(s, first_word(s));
	atomic_store(&s->over, true);
	pthread_join(s->reader, NULL);
	guest_say(g, "reads its old memory");
	holds(s, OLD, 16, value);
	check(s, "the guest halts", guest_halt(g));
	unplug(s, RAM, RAM_SIZE, PHYSSEG_OK);
	return NULL;
}

/* ---- two of them at once ---- */

static bool
run(const struct accel *accel)
{
	static struct scenario scenarios[2];
	unsigned checks = 0, failed = 0;

	for (int i = 0; i < 2; i++)
		if (!guest_create(&scenarios[i].guest, accel, i + 1) ||
		    pthread_create(
			&scenarios[i].thread, NULL, play, &scenarios[i]) != 0)
			return false;
	for (int i = 0; i < 2; i++) {
		pthread_join(scenarios[i].thread, NULL);
		checks += scenarios[i].checks;
		failed += scenarios[i].failed;
		guest_destroy(&scenarios[i].guest);
	}
	printf("vmm: %s: 2 guests, %u checks, %u failed\n", accel->name, checks,
	    failed);
	return failed == 0;
}

static const char usage[] =
    "usage: vmm [--device FILE] [kvm | mock]\n"
    "\n"
    "Memory comes and goes under two guests while they run.\n"
    "\n"
    "  kvm            run them on KVM; status 77 and the reason if there is "
    "none\n"
    "  mock           run them on a mock of a processor\n"
    "  --device FILE  KVM's device, /dev/kvm without this\n"
    "  --help         print this text\n"
    "\n"
    "Without kvm or mock the guests run on KVM, or on the mock if there is no\n"
    "KVM.  The first line of the output says which.\n";

struct options {
	const char *device;
	const char *accel; /* "": KVM if it is there */
	bool help;
};

static bool
parse(struct options *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			options->help = true;
		else if (strcmp(argv[i], "--device") == 0 && i + 1 < argc)
			options->device = argv[++i];
		else if (options->accel[0] == '\0' &&
		    (strcmp(argv[i], "kvm") == 0 ||
			strcmp(argv[i], "mock") == 0))
			options->accel = argv[i];
		else
			return false;
	}
	return true;
}

/* The accelerator that was asked for, NULL if it is missing; the first line of
 * the output. */
static const struct accel *
choose(const struct options *options)
{
	const bool kvm = strcmp(options->accel, "kvm") == 0;
	const struct accel *accel = &accel_mock;
	const char *missing = NULL;

	if (strcmp(options->accel, "mock") != 0) {
		missing = accel_kvm.missing(options->device);
		if (missing == NULL)
			accel = &accel_kvm;
	}
	if (kvm && missing != NULL) {
		printf("vmm: skipped: %s\n", missing);
		return NULL;
	}
	printf("vmm: the guests run on %s%s%s\n", accel->name,
	    missing != NULL ? ": " : "", missing != NULL ? missing : "");
	return accel;
}

int
main(int argc, char **argv)
{
	struct options options = { .device = "/dev/kvm", .accel = "" };
	const struct accel *accel;

	if (!parse(&options, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	if (options.help) {
		fputs(usage, stdout);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	accel = choose(&options);
	if (accel == NULL)
		return 77;
	return run(accel) && fflush(stdout) == 0 ? 0 : 1;
}
