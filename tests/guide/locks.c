/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * locks.c -- the locking recipes of docs/porting.md, each tried:
 *
 *	sync		`sync' alone; writers take a lock of the caller's that
 *			its holder must not take again; readers are threads
 *	uniprocessor	`sync' does nothing; readers are interrupts (here:
 *			signals) of the thread that changes the map
 *	recursive	`lock' and `unlock', on every backend
 *	plain		the same with a lock that its holder must not take
 *			again: right as long as no hook looks the map up
 *
 * Nothing is left to luck but the moments of the timer in `uniprocessor', which
 * runs until it was interrupted often enough.
 */
#define _XOPEN_SOURCE 700

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include <physseg/physseg.h>

#define STAYS 1024 /* frames [0, STAYS) are there all the time */
#define COMES 5000 /* these frames come and go */
#define N     64

struct page {
	physseg_pfn_t frame;
};

static struct physseg_map *map;

#define must(condition)                                                      \
	do {                                                                 \
		if (!(condition)) {                                          \
			fprintf(stderr, "locks: %d: not so: %s\n", __LINE__, \
			    #condition);                                     \
			abort();                                             \
		}                                                            \
	} while (0)

static void *
host_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return calloc(1, size);
}

static void
host_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)size;
	free(p);
}

static void
host_page_init(void *ctx, void *page, physseg_pfn_t frame)
{
	(void)ctx;
	((struct page *)page)->frame = frame;
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct page *)page)->frame;
}

/* It looks the map up, as a kernel's does to learn the page's free list. */
static void
host_page_free(void *ctx, void *page)
{
	struct physseg_info info;
	physseg_pfn_t frame = host_page_frame(ctx, page);

	must(physseg_get_info(map, physseg_find(map, frame, NULL), &info) == 0);
	must(info.start <= frame && frame < info.end);
}

static struct physseg_host
base_host(void)
{
	const struct physseg_host host = { .alloc = host_alloc,
		.free = host_free,
		.page_init = host_page_init,
		.page_frame = host_page_frame,
		.page_free = host_page_free };

	return host;
}

static struct page pages[STAYS];

/* Boot and switch: frames [0, STAYS). */
static void
boot(const struct physseg_host *host, const struct physseg_backend *backend)
{
	static _Alignas(64) char storage[PHYSSEG_STORAGE_SIZE(32, 1, 0)];
	const struct physseg_config config = { .backend = backend,
		.host = host,
		.page_size = sizeof(struct page) };
	size_t i;

	for (i = 0; i < STAYS; i++)
		pages[i].frame = 0;
	must(physseg_create(&map, &config, storage, sizeof(storage)) == 0);
	must(physseg_load(map, 0, STAYS, 0, STAYS, 0, NULL) == 0);
	must(physseg_switch(map, pages, STAYS) == 0);
}

/* Frames come, leave at the front, the back and in the middle, and go. */
static void
change(void)
{
	must(physseg_plug(map, COMES, N, 0, NULL) == 0);
	must(physseg_unplug(map, COMES, 1) == 0);
	must(physseg_unplug(map, COMES + N - 1, 1) == 0);
	must(physseg_unplug(map, COMES + N / 2, 1) == 0);
	must(physseg_unplug(map, COMES + 1, N / 2 - 1) == 0);
	must(physseg_unplug(map, COMES + N / 2 + 1, N / 2 - 2) == 0);
	must(physseg_find(map, COMES + 7, NULL) == PHYSSEG_NONE);
}

/* What a reader may expect at any moment. */
static void
look(void)
{
	static const physseg_pfn_t stay[] = { 0, 77, STAYS - 1 };
	const struct page *page;
	physseg_pfn_t i;

	for (i = 0; i < 3; i++) {
		must(physseg_find(map, stay[i], NULL) != PHYSSEG_NONE);
		must(physseg_page(map, stay[i]) == &pages[stay[i]]);
	}
	for (i = 0; i < N; i += 7) {
		page = physseg_page(map, COMES + i);
		must(page == NULL || page->frame == COMES + i);
	}
	must(physseg_page(map, STAYS) == NULL);
}

/* A lock of the caller's that its holder must not take again. */
static pthread_mutex_t mutex;

static void
mutex_make(int type)
{
	pthread_mutexattr_t attributes;

	must(pthread_mutexattr_init(&attributes) == 0);
	must(pthread_mutexattr_settype(&attributes, type) == 0);
	must(pthread_mutex_init(&mutex, &attributes) == 0);
	pthread_mutexattr_destroy(&attributes);
}

/* ---- sync ---- */

#define READERS 2

static atomic_uint section[READERS]; /* odd: the reader is inside */
static atomic_uint waits;	     /* times that `sync' was called */
static atomic_bool unplugged, ended;
static atomic_uint holding; /* readers who have a page of COMES */

/* Wait until each reader has left the section that it is in. */
static void
host_sync(void *ctx)
{
	unsigned i, was;

	(void)ctx;
	atomic_fetch_add(&waits, 1);
	for (i = 0; i < READERS; i++) {
		was = atomic_load(&section[i]);
		while (was % 2 != 0 && atomic_load(&section[i]) == was)
			sched_yield();
	}
}

/* Hold a page until the unplug of its frame waits.  It must not have returned
 * by then, and the page must be the frame's. */
static void *
reader_holds(void *arg)
{
	atomic_uint *mine = arg;
	const struct page *page;
	unsigned before;

	while (!atomic_load(&ended)) {
		before = atomic_load(&waits);
		atomic_fetch_add(mine, 1);
		look();
		page = physseg_page(map, COMES + 9);
		if (page != NULL && !atomic_load(&unplugged)) {
			atomic_fetch_add(&holding, 1);
			while (atomic_load(&waits) == before &&
			    !atomic_load(&unplugged))
				sched_yield();
			must(!atomic_load(&unplugged));
			must(page->frame == COMES + 9);
			atomic_fetch_sub(&holding, 1);
		}
		atomic_fetch_add(mine, 1);
		sched_yield();
	}
	return NULL;
}

/* The caller's lock around each call that changes the map. */
static int
locked_plug(physseg_pfn_t pfn, physseg_pfn_t n)
{
	int error;

	must(pthread_mutex_lock(&mutex) == 0);
	error = physseg_plug(map, pfn, n, 0, NULL);
	must(pthread_mutex_unlock(&mutex) == 0);
	return error;
}

static int
locked_unplug(physseg_pfn_t pfn, physseg_pfn_t n)
{
	int error;

	must(pthread_mutex_lock(&mutex) == 0);
	error = physseg_unplug(map, pfn, n);
	must(pthread_mutex_unlock(&mutex) == 0);
	return error;
}

static void
try_sync(void)
{
	struct physseg_host host = base_host();
	pthread_t threads[READERS];
	unsigned i;

	host.sync = host_sync;
	mutex_make(PTHREAD_MUTEX_ERRORCHECK);
	boot(&host, physseg_backend_radix());
	for (i = 0; i < READERS; i++)
		must(pthread_create(
			 &threads[i], NULL, reader_holds, &section[i]) == 0);
	for (i = 0; i < 200; i++) {
		atomic_store(&unplugged, false);
		must(locked_plug(COMES, N) == 0);
		while (atomic_load(&holding) < READERS)
			sched_yield();
		must(locked_unplug(COMES, N) == 0);
		atomic_store(&unplugged, true);
		must(locked_plug(9000, N) == 0); /* takes its page structures */
		must(locked_unplug(9000, N) == 0);
	}
	atomic_store(&ended, true);
	for (i = 0; i < READERS; i++)
		must(pthread_join(threads[i], NULL) == 0);
	must(physseg_check(map) == NULL);
	physseg_destroy(map);
	pthread_mutex_destroy(&mutex);
}

/* ---- uniprocessor ---- */

static volatile sig_atomic_t interrupted, raised;

static void
interrupt(int signal)
{
	(void)signal;
	look();
	interrupted++;
}

/* Readers run to their end before anything else does, so there is nobody to
 * wait for. */
static void
host_sync_nothing(void *ctx)
{
	(void)ctx;
}

/* An interrupt in the middle of a change, for certain. */
static void
account_interrupted(void *ctx, const struct physseg_account *what)
{
	(void)ctx;
	(void)what;
	if (physseg_running(map)) {
		raised++;
		raise(SIGALRM);
	}
}

static void
try_uniprocessor(void)
{
	const struct itimerval every = { { 0, 200 }, { 0, 200 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct physseg_host host = base_host();
	struct sigaction action = { .sa_handler = interrupt,
		.sa_flags = SA_RESTART };
	struct sigaction old;
	unsigned i;

	host.sync = host_sync_nothing;
	host.account = account_interrupted;
	boot(&host, physseg_backend_radix());
	sigemptyset(&action.sa_mask);
	must(sigaction(SIGALRM, &action, &old) == 0);
	for (i = 0; i < 100; i++)
		change();
	must(raised == 600 && interrupted == 600); /* six in each change */
	must(setitimer(ITIMER_REAL, &every, NULL) == 0);
	while (interrupted - raised < 100)
		change();
	must(setitimer(ITIMER_REAL, &never, NULL) == 0);
	must(sigaction(SIGALRM, &old, NULL) == 0);
	must(physseg_check(map) == NULL);
	physseg_destroy(map);
}

/* ---- recursive, plain ---- */

static unsigned long deadlocks; /* a holder asked for its lock again */

static void
host_lock(void *ctx)
{
	(void)ctx;
	if (pthread_mutex_lock(&mutex) == EDEADLK)
		deadlocks++;
}

static void
host_unlock(void *ctx)
{
	(void)ctx;
	(void)pthread_mutex_unlock(&mutex);
}

static void *
reader_looks(void *arg)
{
	unsigned i;

	for (i = 0; i < 2000; i++) {
		must(physseg_page(map, 77) == &pages[77]);
		must(physseg_find(map, STAYS, NULL) == PHYSSEG_NONE);
		(void)physseg_find(map, COMES + 7, NULL);
	}
	return arg;
}

static void
try_recursive(const struct physseg_backend *backend)
{
	struct physseg_host host = base_host();
	pthread_t thread;
	unsigned i;

	host.lock = host_lock;
	host.unlock = host_unlock;
	mutex_make(PTHREAD_MUTEX_RECURSIVE);
	boot(&host, backend);
	must(pthread_create(&thread, NULL, reader_looks, NULL) == 0);
	for (i = 0; i < 300; i++) {
		if ((backend->capabilities & PHYSSEG_HOTPLUG) != 0)
			change();
		else
			must(physseg_unplug(map, STAYS - 1 - i, 1) == 0);
	}
	must(pthread_join(thread, NULL) == 0);
	must(deadlocks == 0);
	must(physseg_check(map) == NULL);
	physseg_destroy(map);
	pthread_mutex_destroy(&mutex);
}

/* How often somebody would have waited for a lock of his own. */
static unsigned long
try_plain(bool hooks_look)
{
	struct physseg_host host = base_host();

	host.lock = host_lock;
	host.unlock = host_unlock;
	if (!hooks_look)
		host.page_free = NULL;
	deadlocks = 0;
	mutex_make(PTHREAD_MUTEX_ERRORCHECK);
	boot(&host, physseg_backend_rbtree());
	change();
	must(physseg_frame(map, &pages[5]) == 5);
	must(physseg_check(map) == NULL);
	physseg_destroy(map);
	pthread_mutex_destroy(&mutex);
	return deadlocks;
}

int
main(void)
{
	try_sync();
	printf("sync\n");
	try_uniprocessor();
	printf("uniprocessor\n");
	try_recursive(physseg_backend_radix());
	try_recursive(physseg_backend_rbtree());
	try_recursive(physseg_backend_array_bsearch());
	printf("recursive\n");
	must(try_plain(false) == 0);
	must(try_plain(true) > 0);
	printf("plain\n");
	return 0;
}
