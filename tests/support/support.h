/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/support/support.h -- what the suites share: a main, a way to test a
 * panic, a host that counts and can be told to fail, and a random number
 * generator.
 *
 * Everything a run draws at random comes from test_seed, which test_main
 * prints, so that a failure can be run again.
 */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <check.h>

#include <physseg/physseg.h>

/* With TEST_FIRST set: end the program, and say why. */
void test_failed(const char *what);

/* An assertion for loops: each of Check's own writes to a file. */
#define test_assert(condition)                          \
	do {                                            \
		if (!(condition)) {                     \
			test_failed(#condition);        \
			ck_abort_msg("%s", #condition); \
		}                                       \
	} while (0)

/* ---- the headers of 0.1.0, for the tests that can run on its source ---- */

#if PHYSSEG_VERSION_MAJOR == 0 && PHYSSEG_VERSION_MINOR == 1
#define physseg_backend_array_random()	 (&physseg_array_random)
#define physseg_backend_array_bsearch()	 (&physseg_array_bsearch)
#define physseg_backend_array_bigfirst() (&physseg_array_bigfirst)
#define physseg_backend_array_contig()	 (&physseg_array_contig)
#define physseg_backend_rbtree()	 (&physseg_rbtree)
#define physseg_backend_radix()		 (&physseg_radix)
#define physseg_backend_default()	 physseg_backend_default
#define physseg_backend_at(i)                                       \
	((const struct physseg_backend *[]){ &physseg_array_random, \
	    &physseg_array_bsearch, &physseg_array_bigfirst,        \
	    &physseg_array_contig, &physseg_rbtree, &physseg_radix, NULL }[i])
#define physseg_host_user() (&physseg_host_user)
#define physseg_host_urcu() (&physseg_host_urcu)
#endif

/* ---- the program ---- */

/* Every backend of the library, NULL at the end. */
#define TEST_BACKENDS 8 /* at most */
extern const struct physseg_backend *test_backends[TEST_BACKENDS + 1];

/* The backend this run is about; the library's default if none was named.
 * Programs on the compatible face have theirs from the linked library. */
extern const struct physseg_backend *test_backend;
extern bool test_backend_named; /* one was */

extern uint64_t test_seed;	 /* --seed N or TEST_SEED; 0: the clock's */
extern unsigned long test_steps; /* --steps N or TEST_STEPS; 0: default */

/*
 * Run a suite: PROGRAM [BACKEND] [--backend NAME] [--seed N] [--steps N].
 * The answer is main's: 0, 1 when a test failed, 2 for a bad command line.
 * Check's own variables (CK_FORK, CK_RUN_CASE, ...) work as ever.
 */
int test_main(int argc, char **argv, Suite *(*suite)(void));

/* The command that runs this program again as it ran now. */
const char *test_rerun(void);

/* Say why a test, or a part of it, does not apply; then return from it. */
void test_skip(const char *test, const char *reason);

/* Does fn(arg), run in a child, die by abort() with `text' on its stderr? */
bool test_panics(void (*fn)(void *), void *arg, const char *text);

/* A handle of these bits, and the bits of a handle. */
static inline physseg_t
test_handle(uintptr_t bits)
{
	return (physseg_t)bits;
}

static inline uintptr_t
test_bits(physseg_t handle)
{
	return (uintptr_t)handle;
}

/* ---- random numbers: splitmix64 ---- */

struct test_rng {
	uint64_t state;
};

uint64_t test_random(struct test_rng *rng);

/* In [0, n), n > 0. */
uint64_t test_random_below(struct test_rng *rng, uint64_t n);

/* The same, of a size or of frames, which may be narrower. */
size_t test_random_size(struct test_rng *rng, size_t n);
physseg_pfn_t test_random_pfn(struct test_rng *rng, physseg_pfn_t n);

/* ---- the counting host ---- */

/* What begins every page structure of these tests, whatever its size; the
 * rest of it must be zero at page_init and is filled with rubbish then. */
struct test_page {
	physseg_pfn_t pfn;
	uint32_t inits; /* calls of page_init since it was zeroed */
	uint32_t frees; /* calls of page_free since then */
};

enum test_hook { TEST_INIT, TEST_FREE, TEST_ACCOUNT, TEST_REINIT };

/* One call of a hook. */
struct test_call {
	enum test_hook hook;
	bool added;	       /* account */
	physseg_pfn_t pfn;     /* page_init and page_free: the frame */
	physseg_pfn_t counted; /* account */
	physseg_pfn_t frames;  /* account */
};

/*
 * A host that keeps books.  Memory is zeroed, guarded on both sides, and
 * overwritten when freed; a free of another size than was allocated, or of
 * what was not allocated, aborts.
 */
struct test_host {
	struct physseg_host hooks; /* ctx is the test_host */
	size_t page_size;	   /* bytes of a page structure */

	size_t outstanding; /* bytes taken and not given back */
	size_t live;	    /* allocations taken and not given back */
	size_t allocs;	    /* calls of alloc that were answered */
	size_t failed;	    /* calls of alloc that were refused */
	size_t index_size;  /* what an index asks for, and nothing else; 0: it
			     * asks for nothing */
	size_t index_live;  /* of live, and of allocs, for an index */
	size_t index_allocs;
	size_t largest; /* the largest size asked for */
	size_t fail_at; /* refuse the fail_at-th call from now on, once;
			 * 0: never */

	physseg_pfn_t counted; /* the sums of account; of frames, modulo its */
	physseg_pfn_t frames;  /* width: those of boot are not told */

	bool quiet;	/* log nothing */
	size_t runs[2]; /* calls of pages_init and pages_free that were not
			 * quiet; logged is each of their frames */
	struct test_call *log;
	size_t ncalls;
	size_t log_room;

	/* Called in every page hook, account and reinit, after it was logged;
	 * may be NULL. */
	void (*watch)(struct test_host *host, const struct test_call *call);
	void *watch_arg; /* the test's own */
};

/* Hooks of an allocator that has a frame in use; PHYSSEG_NOFRAME: none.  It
 * answers `test_host_code' when it is to isolate frames. */
extern physseg_pfn_t test_host_busy;
extern int test_host_code;
int test_host_isolate(
    void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy);
void test_host_release(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n);
physseg_pfn_t test_host_in_use(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n);
void test_host_allocator(struct physseg_host *hooks);

/* A fresh host for page structures of `page_size' bytes, which are at least
 * sizeof(struct test_page), or 0. */
void test_host_init(struct test_host *host, size_t page_size);

/* It has the hooks for many frames in place of those for one; `beside': those
 * are there too, and abort. */
void test_host_ranges(struct test_host *host, bool beside);

/* It is of maps on this backend; else on the run's. */
void test_host_set_backend(
    struct test_host *host, const struct physseg_backend *backend);

/* So many allocations were for anything but an index, and so many bytes of
 * what is outstanding are. */
size_t test_host_allocs(const struct test_host *host);
size_t test_host_bytes(const struct test_host *host);

/* Forget the log; free its memory. */
void test_log_clear(struct test_host *host);
void test_host_fini(struct test_host *host);

/* Add a call to the log, and let it be watched: what the hooks do. */
void test_log_add(struct test_host *host, const struct test_call *call);

/* Do two logs hold the same calls in the same order? */
bool test_log_equal(const struct test_host *a, const struct test_host *b);

/* How many calls of one hook are in the log? */
size_t test_log_count(const struct test_host *host, enum test_hook hook);

/* A configuration for that host and backend; everything else default. */
struct physseg_config test_config(
    const struct physseg_backend *backend, struct test_host *host);

/* ---- storage and text ---- */

/* `size' zeroed bytes whose address is a multiple of PHYSSEG_ALIGN plus
 * `skew'; from malloc, of which free() is told *base. */
void *test_storage(size_t size, size_t skew, void **base);

/* Dump a map into a string of malloc's. */
char *test_dump(const struct physseg_map *map, enum physseg_dump_format format);

/* ---- a map and all that is about it ---- */

struct test_map {
	struct test_host host;
	struct physseg_config config; /* to be altered before boot or run */
	struct physseg_map *map;
	void *storage; /* boot storage, */
	void *pages;   /* and the switch's array: malloc's */
};

/* A configuration for test_backend and pages of this size, no map yet. */
void test_map_init(struct test_map *t, size_t page_size);

/* Create it with storage, so that it boots, or without, so that it runs. */
void test_map_boot(struct test_map *t);
void test_map_run(struct test_map *t);

/* The switch, with `spare' page structures more than there are frames. */
void test_map_switch(struct test_map *t, size_t spare);

/* Check it, destroy it; nothing may be left of it. */
void test_map_fini(struct test_map *t);

/* How many segments it can hold at boot. */
size_t test_map_capacity(const struct test_map *t);

/* Can the run's backend do that? */
bool test_has(enum physseg_capability capability);

/* The whole state of a map that can be seen, to see that it did not change. */
struct test_state {
	char *dump;
	physseg_t *handles;
	size_t nhandles;
	size_t ncalls; /* of hooks */
	size_t outstanding;
	struct physseg_stats stats;
};

/* Of what save takes, free gives all back. */
void test_state_save(struct test_state *state, const struct test_map *t);
void test_state_free(struct test_state *state);

/* Is the map what it was?  Whatever the answer, the state is freed. */
bool test_state_unchanged(struct test_state *state, const struct test_map *t);

#endif /* TESTS_SUPPORT_H */
