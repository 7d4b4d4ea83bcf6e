/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * readers [SECONDS] -- lookups that take no lock, beside a thread that plugs
 * and unplugs: frames below STAYS are never touched, those above come and go a
 * bank at a time.  Every thread tells what it saw; the status is 1 when a page
 * was not found that had to be, or was that of another frame.
 *
 * A page structure here has a state, to show what a section is for: the page of
 * a bank that is being unplugged may be used until rcu_read_unlock.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <urcu.h>

#include <physseg/physseg.h>
#include <physseg/urcu.h>

#define READERS 3
#define STAYS	0x10000 /* frames: 256 MiB of 4 KiB pages */
#define BANK	0x800	/* and banks of 8 MiB */
#define BANKS	16

struct page {
	physseg_pfn_t pfn;
	unsigned long state;
};

struct reader {
	pthread_t thread;
	struct physseg_map *map;
	unsigned long lookups, present, absent, wrong;
};

static atomic_bool done;

static void
page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	struct page *p = page;

	(void)ctx;
	p->pfn = pfn;
}

static physseg_pfn_t
page_frame(void *ctx, const void *page)
{
	const struct page *p = page;

	(void)ctx;
	return p->pfn;
}

/* Any numbers, as long as they are spread (xorshift). */
static physseg_pfn_t
draw(unsigned *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % (STAYS + BANKS * BANK);
}

static void
look(struct reader *reader, physseg_pfn_t pfn)
{
	const struct page *page;

	rcu_read_lock();
	page = physseg_page(reader->map, pfn);
	if (page == NULL ? pfn < STAYS : page->pfn != pfn)
		reader->wrong++;
	if (pfn >= STAYS)
		page == NULL ? reader->absent++ : reader->present++;
	reader->lookups++;
	rcu_read_unlock();
}

static void *
read_on(void *arg)
{
	struct reader *reader = arg;
	unsigned state = 1 + (unsigned)(uintptr_t)arg;

	rcu_register_thread();
	while (!atomic_load(&done))
		look(reader, draw(&state));
	rcu_unregister_thread();
	return NULL;
}

/* Plug a bank, or unplug it, again and again; how often, -1: an error. */
static long
write_on(struct physseg_map *map, time_t until)
{
	bool plugged[BANKS] = { false };
	unsigned state = 1;
	long changes = 0;

	while (time(NULL) < until) {
		size_t i = (size_t)draw(&state) % BANKS;
		physseg_pfn_t pfn = STAYS + (physseg_pfn_t)i * BANK;

		if ((plugged[i] ? physseg_unplug(map, pfn, BANK)
				: physseg_plug(map, pfn, BANK, 0, NULL)) != 0)
			return -1;
		plugged[i] = !plugged[i];
		changes++;
	}
	return changes;
}

static int
report(const struct reader *reader, int number)
{
	printf("reader %d: %lu lookups; of what comes and goes %lu there, %lu "
	       "not; %lu wrong\n",
	    number, reader->lookups, reader->present, reader->absent,
	    reader->wrong);
	return reader->wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run(struct physseg_map *map, int seconds)
{
	struct reader readers[READERS] = { { .map = map } };
	int started = 0, status = EXIT_SUCCESS;
	long changes;

	while (started < READERS) {
		readers[started].map = map;
		if (pthread_create(&readers[started].thread, NULL, read_on,
			&readers[started]) != 0)
			break;
		started++;
	}
	changes = write_on(map, time(NULL) + seconds);
	atomic_store(&done, true);
	printf("writer: %ld banks plugged or unplugged\n", changes);
	for (int i = 0; i < started; i++) {
		pthread_join(readers[i].thread, NULL);
		status |= report(&readers[i], i + 1);
	}
	return changes < 0 || started < READERS ? EXIT_FAILURE : status;
}

int
main(int argc, char **argv)
{
	struct physseg_host host = *physseg_host_urcu();
	struct physseg_urcu urcu;
	struct physseg_config config = { .backend = physseg_backend_radix(),
		.host = &host,
		.ctx = &urcu,
		.page_size = sizeof(struct page) };
	struct physseg_map *map;
	int status = EXIT_FAILURE;

	host.page_init = page_init;
	host.page_frame = page_frame;
	if (physseg_urcu_init(&urcu) != 0 ||
	    physseg_create(&map, &config, NULL, 0) != 0)
		return EXIT_FAILURE;
	if (physseg_plug(map, 0, STAYS, 0, NULL) == 0)
		status = run(map, argc > 1 ? atoi(argv[1]) : 1);
	physseg_destroy(map);
	physseg_urcu_destroy(&urcu);
	return status;
}
