/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/support/support.c -- see support.h.
 *
 * The host aborts, instead of failing an assertion, where the library broke
 * the host's contract: that works from a thread and from a child, too.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "support.h"

const struct physseg_backend *test_backends[TEST_BACKENDS + 1];

const struct physseg_backend *test_backend;
uint64_t test_seed = 1;
unsigned long test_steps;

static const char *test_program = "test";
bool test_backend_named;

void
test_failed(const char *what)
{
	if (getenv("TEST_FIRST") == NULL)
		return;
	printf("wrong: %s\n", what);
	fflush(stdout);
	_exit(1);
}

/* ---- the program ---- */

static void
make_backends(void)
{
	size_t n = 0;

	while ((test_backends[n] = physseg_backend_at(n)) != NULL)
		if (++n > TEST_BACKENDS) {
			fputs("test: more backends than there is room for\n",
			    stderr);
			abort();
		}
}

static bool
set_backend(const char *name)
{
	for (size_t i = 0; test_backends[i] != NULL; i++)
		if (strcmp(test_backends[i]->name, name) == 0) {
			test_backend = test_backends[i];
			return test_backend_named = true;
		}
	fprintf(
	    stderr, "%s: no backend \"%s\"; there are:", test_program, name);
	for (size_t i = 0; test_backends[i] != NULL; i++)
		fprintf(stderr, " %s", test_backends[i]->name);
	fputc('\n', stderr);
	return false;
}

static bool
set_seed(const char *text)
{
	char *end;

	test_seed = strtoull(text, &end, 0);
	if (test_seed == 0)
		test_seed = (uint64_t)time(NULL) << 16 ^ (uint64_t)getpid();
	return *text != '\0' && *end == '\0';
}

static bool
set_steps(const char *text)
{
	char *end;

	test_steps = strtoul(text, &end, 0);
	return *text != '\0' && *end == '\0';
}

static const struct {
	const char *option;
	const char *variable;
	bool (*set)(const char *text);
} options[] = { { "--backend", NULL, set_backend },
	{ "--seed", "TEST_SEED", set_seed },
	{ "--steps", "TEST_STEPS", set_steps } };

#define NOPTIONS (sizeof(options) / sizeof(options[0]))

static bool
from_environment(void)
{
	for (size_t i = 0; i < NOPTIONS; i++) {
		const char *text = options[i].variable == NULL
		    ? NULL
		    : getenv(options[i].variable);

		if (text != NULL && !options[i].set(text))
			return false;
	}
	return true;
}

static bool
from_arguments(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t o = 0;

		while (o < NOPTIONS && strcmp(options[o].option, argv[i]) != 0)
			o++;
		if (o == NOPTIONS ? argv[i][0] == '-' || !set_backend(argv[i])
				  : ++i >= argc || !options[o].set(argv[i]))
			return false;
	}
	return true;
}

int
test_main(int argc, char **argv, Suite *(*suite)(void))
{
	SRunner *runner;
	int failed;

	static const char usage[] =
	    "usage: %s [--backend] NAME [--seed N] [--steps N]\n";

	test_program = argv[0];
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf(usage, argv[0]);
		return 0;
	}
	make_backends();
	test_backend = physseg_backend_default();
	if (!from_environment() || !from_arguments(argc, argv)) {
		fprintf(stderr, usage, argv[0]);
		return 2;
	}
	/* Who runs the program knows how long it may take. */
	setenv("CK_DEFAULT_TIMEOUT", "0", 0);
	printf("backend %s, seed %" PRIu64 "\n",
	    test_backend_named ? test_backend->name : "of the library",
	    test_seed);
	fflush(stdout);
	runner = srunner_create(suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	if (srunner_ntests_run(runner) == 0) {
		fprintf(stderr, "%s: no test was run\n", argv[0]);
		failed = 1;
	}
	srunner_free(runner);
	if (failed != 0)
		printf("run again: %s\n", test_rerun());
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

const char *
test_rerun(void)
{
	static char command[1024];
	int n = snprintf(command, sizeof(command), "%s%s%s --seed %" PRIu64,
	    test_program, test_backend_named ? " " : "",
	    test_backend_named ? test_backend->name : "", test_seed);

	if (test_steps != 0 && n > 0 && (size_t)n < sizeof(command))
		snprintf(command + n, sizeof(command) - (size_t)n,
		    " --steps %lu", test_steps);
	return command;
}

void
test_skip(const char *test, const char *reason)
{
	printf("skipped: %s: %s\n", test, reason);
	fflush(stdout);
}

/* ---- panics ---- */

/* Abort leaves no coverage behind; a build that counts lines says so. */
#ifdef TEST_COVERAGE
void __gcov_dump(void);

static void
dump_coverage(int signal)
{
	(void)signal;
	__gcov_dump();
}
#define ON_ABORT dump_coverage
#else
#define ON_ABORT SIG_DFL
#endif

static void
run_child(void (*fn)(void *), void *arg, int fd)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	signal(SIGABRT, ON_ABORT);
	dup2(fd, STDERR_FILENO);
	fn(arg);
	_exit(EXIT_SUCCESS);
}

/* What the child said, all of it read so that it never blocks; the end is cut
 * off. */
static void
read_output(int fd, char *said, size_t size)
{
	char rest[256];
	size_t have = 0;
	ssize_t n;

	while ((n = read(fd, rest, sizeof(rest))) > 0) {
		size_t part = (size_t)n;

		if (part > size - 1 - have)
			part = size - 1 - have;
		memcpy(said + have, rest, part);
		have += part;
	}
	said[have] = '\0';
}

bool
test_panics(void (*fn)(void *), void *arg, const char *text)
{
	char said[8192];
	int fd[2], status;
	pid_t child;
	bool died;

	fflush(NULL);
	if (pipe(fd) != 0 || (child = fork()) < 0)
		ck_abort_msg("no pipe or no child");
	if (child == 0)
		run_child(fn, arg, fd[1]);
	close(fd[1]);
	read_output(fd[0], said, sizeof(said));
	close(fd[0]);
	if (waitpid(child, &status, 0) != child)
		ck_abort_msg("the child is lost");
	died = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
	if (died && strstr(said, text) != NULL)
		return true;
	printf("expected a panic \"%s\", got %s %d and \"%s\"\n", text,
	    WIFSIGNALED(status) ? "signal" : "exit",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), said);
	fflush(stdout);
	return false;
}

/* ---- random numbers ---- */

uint64_t
test_random(struct test_rng *rng)
{
	uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t
test_random_below(struct test_rng *rng, uint64_t n)
{
	return test_random(rng) % n;
}

size_t
test_random_size(struct test_rng *rng, size_t n)
{
	return (size_t)test_random_below(rng, n);
}

physseg_pfn_t
test_random_pfn(struct test_rng *rng, physseg_pfn_t n)
{
	return (physseg_pfn_t)test_random_below(rng, n);
}

/* ---- the counting host: memory ---- */

static _Noreturn void
host_abort(const char *what)
{
	fprintf(stderr, "test host: %s\n", what);
	abort();
}

#define GUARD UINT64_C(0x6775617264656421)

/* In front of what alloc returns; a copy of the guard follows it. */
union header {
	struct {
		size_t size;
		uint64_t guard;
	} h;
	max_align_t align;
};

static void *
host_alloc(void *ctx, size_t size)
{
	struct test_host *host = ctx;
	const uint64_t guard = GUARD;
	union header *head;

	if (size == 0)
		host_abort("an allocation of 0 bytes");
	if (size > host->largest)
		host->largest = size;
	if ((host->fail_at != 0 && --host->fail_at == 0) ||
	    size > SIZE_MAX / 4) {
		host->failed++;
		return NULL;
	}
	head = calloc(1, sizeof(*head) + size + sizeof(guard));
	if (head == NULL) {
		host->failed++;
		return NULL;
	}
	head->h.size = size;
	head->h.guard = guard;
	memcpy((char *)(head + 1) + size, &guard, sizeof(guard));
	host->outstanding += size;
	host->live++;
	host->allocs++;
	host->index_live += size == host->index_size;
	host->index_allocs += size == host->index_size;
	return head + 1;
}

static void
host_free(void *ctx, void *p, size_t size)
{
	struct test_host *host = ctx;
	const uint64_t guard = GUARD;
	union header *head;

	if (p == NULL)
		host_abort("a free of NULL");
	head = (union header *)p - 1;
	if (head->h.guard != guard)
		host_abort("a free of what was not allocated");
	if (head->h.size != size)
		host_abort("a free of another size than was allocated");
	if (memcmp((char *)p + size, &guard, sizeof(guard)) != 0)
		host_abort("written past the end of an allocation");
	host->outstanding -= size;
	host->live--;
	host->index_live -= size == host->index_size;
	memset(head, 0xdb, sizeof(*head) + size + sizeof(guard));
	free(head);
}

static void
host_panic(void *ctx, const char *reason)
{
	(void)ctx;
	fprintf(stderr, "panic: %s\n", reason);
	abort();
}

/* ---- the counting host: pages ---- */

void
test_log_add(struct test_host *host, const struct test_call *call)
{
	if (!host->quiet) {
		if (host->ncalls == host->log_room) {
			host->log_room = host->log_room * 2 + 64;
			host->log = realloc(
			    host->log, host->log_room * sizeof(*host->log));
			if (host->log == NULL)
				host_abort("no memory for the log");
		}
		host->log[host->ncalls++] = *call;
	}
	if (host->watch != NULL)
		host->watch(host, call);
}

/* Page structures may have any size and alignment: copied in and out. */
static void
host_page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	struct test_host *host = ctx;
	const struct test_page p = { .pfn = pfn, .inits = 1 };
	const unsigned char *bytes = page;

	for (size_t i = 0; i < host->page_size; i++)
		if (bytes[i] != 0)
			host_abort("page_init of a page that is not zeroed");
	memset(page, 0xa5, host->page_size);
	memcpy(page, &p, sizeof(p));
	test_log_add(
	    host, &(struct test_call){ .hook = TEST_INIT, .pfn = pfn });
}

static physseg_pfn_t
host_page_frame(void *ctx, const void *page)
{
	struct test_page p;

	(void)ctx;
	memcpy(&p, page, sizeof(p));
	return p.pfn;
}

static void
host_page_free(void *ctx, void *page)
{
	struct test_host *host = ctx;
	struct test_page p;

	memcpy(&p, page, sizeof(p));
	if (p.inits != 1)
		host_abort("page_free of a page that was not initialised");
	if (p.frees++ != 0)
		host_abort("page_free of a page that is free");
	memcpy(page, &p, sizeof(p));
	test_log_add(
	    host, &(struct test_call){ .hook = TEST_FREE, .pfn = p.pfn });
}

static void
host_pages_init(void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct test_host *host = ctx;

	if (n == 0)
		host_abort("pages_init of no frames");
	if (!host->quiet)
		host->runs[TEST_INIT]++;
	for (physseg_pfn_t i = 0; i < n; i++)
		host_page_init(
		    ctx, (char *)pages + i * host->page_size, pfn + i);
}

static void
host_pages_free(void *ctx, void *pages, physseg_pfn_t pfn, physseg_pfn_t n)
{
	struct test_host *host = ctx;

	if (n == 0)
		host_abort("pages_free of no frames");
	if (!host->quiet)
		host->runs[TEST_FREE]++;
	for (physseg_pfn_t i = 0; i < n; i++) {
		void *page = (char *)pages + i * host->page_size;

		if (host_page_frame(ctx, page) != pfn + i)
			host_abort("pages_free of the page of another frame");
		host_page_free(ctx, page);
	}
}

static void
no_page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	(void)page;
	(void)pfn;
	host_abort("page_init beside pages_init");
}

static void
no_page_free(void *ctx, void *page)
{
	(void)ctx;
	(void)page;
	host_abort("page_free beside pages_free");
}

void
test_host_ranges(struct test_host *host, bool beside)
{
	host->hooks.page_init = beside ? no_page_init : NULL;
	host->hooks.page_free = beside ? no_page_free : NULL;
	host->hooks.pages_init = host_pages_init;
	host->hooks.pages_free = host_pages_free;
}

static void
host_account(void *ctx, const struct physseg_account *what)
{
	const physseg_pfn_t none = 0;
	struct test_host *host = ctx;

	if (!what->added && what->counted > host->counted)
		host_abort("the map lost more pages than were counted");
	host->counted += what->added ? what->counted : none - what->counted;
	host->frames += what->added ? what->frames : none - what->frames;
	test_log_add(host,
	    &(struct test_call){ .hook = TEST_ACCOUNT,
		.added = what->added,
		.counted = what->counted,
		.frames = what->frames });
}

static void
host_reinit(void *ctx)
{
	test_log_add(ctx, &(struct test_call){ .hook = TEST_REINIT });
}

physseg_pfn_t test_host_busy = PHYSSEG_NOFRAME;
int test_host_code;

physseg_pfn_t
test_host_in_use(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	return test_host_busy >= pfn && test_host_busy - pfn < n
	    ? test_host_busy
	    : PHYSSEG_NOFRAME;
}

int
test_host_isolate(
    void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy)
{
	*busy = test_host_in_use(ctx, pfn, n) != PHYSSEG_NOFRAME;
	return test_host_code;
}

void
test_host_release(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	(void)pfn;
	(void)n;
}

void
test_host_allocator(struct physseg_host *hooks)
{
	hooks->isolate = test_host_isolate;
	hooks->release = test_host_release;
	hooks->in_use = test_host_in_use;
}

void
test_host_init(struct test_host *host, size_t page_size)
{
	*host = (struct test_host){ .page_size = page_size };
	if (test_backend != NULL)
		test_host_set_backend(host, test_backend);
	host->hooks = (struct physseg_host){ .alloc = host_alloc,
		.free = host_free,
		.panic = host_panic,
		.account = host_account,
		.reinit = host_reinit,
		.trace = physseg_host_user()->trace };
	if (page_size == 0)
		return;
	if (page_size < sizeof(struct test_page))
		host_abort("page structures too small for these tests");
	host->hooks.page_init = host_page_init;
	host->hooks.page_frame = host_page_frame;
	host->hooks.page_free = host_page_free;
}

void
test_host_set_backend(
    struct test_host *host, const struct physseg_backend *backend)
{
	host->index_size = 0;
	if (backend->chunk_size != 0)
		host->index_size = backend->chunk_size +
		    sizeof(struct physseg_chunk) + PHYSSEG_ALIGN - 1;
}

size_t
test_host_allocs(const struct test_host *host)
{
	return host->allocs - host->index_allocs;
}

size_t
test_host_bytes(const struct test_host *host)
{
	return host->outstanding - host->index_live * host->index_size;
}

void
test_log_clear(struct test_host *host)
{
	host->ncalls = 0;
}

void
test_host_fini(struct test_host *host)
{
	free(host->log);
	host->log = NULL;
	host->ncalls = host->log_room = 0;
}

bool
test_log_equal(const struct test_host *a, const struct test_host *b)
{
	if (a->ncalls != b->ncalls)
		return false;
	for (size_t i = 0; i < a->ncalls; i++) {
		const struct test_call *x = &a->log[i], *y = &b->log[i];

		if (x->hook != y->hook || x->added != y->added ||
		    x->pfn != y->pfn || x->counted != y->counted ||
		    x->frames != y->frames)
			return false;
	}
	return true;
}

size_t
test_log_count(const struct test_host *host, enum test_hook hook)
{
	size_t n = 0;

	for (size_t i = 0; i < host->ncalls; i++)
		n += host->log[i].hook == hook;
	return n;
}

struct physseg_config
test_config(const struct physseg_backend *backend, struct test_host *host)
{
	test_host_set_backend(host, backend);
	return (struct physseg_config){ .backend = backend,
		.host = &host->hooks,
		.ctx = host,
		.page_size = host->page_size };
}

/* ---- storage and text ---- */

void *
test_storage(size_t size, size_t skew, void **base)
{
	uintptr_t at;

	*base = calloc(1, size + skew + 2 * PHYSSEG_ALIGN);
	if (*base == NULL)
		host_abort("no memory for storage");
	at = (uintptr_t)*base + PHYSSEG_ALIGN - 1;
	at -= at % PHYSSEG_ALIGN;
	return (char *)*base + (at - (uintptr_t)*base) + skew;
}

struct text {
	char *text;
	size_t length;
	size_t room;
};

static void
append(void *arg, const char *piece, size_t length)
{
	struct text *all = arg;

	if (all->length + length >= all->room) {
		all->room = 2 * (all->length + length) + 256;
		all->text = realloc(all->text, all->room);
		if (all->text == NULL)
			host_abort("no memory for a dump");
	}
	memcpy(all->text + all->length, piece, length);
	all->length += length;
	all->text[all->length] = '\0';
}

char *
test_dump(const struct physseg_map *map, enum physseg_dump_format format)
{
	struct text all = { NULL, 0, 0 };

	if (physseg_dump(map, format, append, &all) != PHYSSEG_OK)
		host_abort("the map cannot be dumped");
	return all.text;
}

/* ---- a map and all that is about it ---- */

void
test_map_init(struct test_map *t, size_t page_size)
{
	*t = (struct test_map){ .map = NULL };
	test_host_init(&t->host, page_size);
	t->config = test_config(test_backend, &t->host);
}

void
test_map_boot(struct test_map *t)
{
	size_t size = physseg_storage_size(&t->config);

	ck_assert_uint_ne(size, 0);
	t->storage = malloc(size);
	memset(t->storage, 0xa5, size);
	ck_assert_int_eq(
	    physseg_create(&t->map, &t->config, t->storage, size), PHYSSEG_OK);
}

void
test_map_run(struct test_map *t)
{
	ck_assert_int_eq(
	    physseg_create(&t->map, &t->config, NULL, 0), PHYSSEG_OK);
}

void
test_map_switch(struct test_map *t, size_t spare)
{
	struct physseg_stats stats;
	size_t n = 0;

	physseg_get_stats(t->map, &stats);
	if (t->host.page_size != 0) {
		n = (size_t)stats.frames + spare;
		t->pages = calloc(n, t->host.page_size);
	}
	ck_assert_int_eq(physseg_switch(t->map, t->pages, n), PHYSSEG_OK);
	ck_assert_ptr_null(physseg_check(t->map));
}

void
test_map_fini(struct test_map *t)
{
	const char *broken = physseg_check(t->map);

	ck_assert_msg(broken == NULL, "check: %s", broken);
	physseg_destroy(t->map);
	ck_assert_uint_eq(t->host.outstanding, 0);
	ck_assert_uint_eq(t->host.live, 0);
	test_host_fini(&t->host);
	free(t->storage);
	free(t->pages);
	t->map = NULL;
}

size_t
test_map_capacity(const struct test_map *t)
{
	const struct physseg_backend *be = t->config.backend;
	size_t room = be->bounded ? t->config.capacity : t->config.boot_records;

	if (room == 0)
		room = 32;
	if (be->max_segments != 0 && room > be->max_segments)
		room = be->max_segments;
	return room;
}

bool
test_has(enum physseg_capability capability)
{
	return (test_backend->capabilities & (unsigned)capability) != 0;
}

void
test_state_save(struct test_state *state, const struct test_map *t)
{
	physseg_t h;
	size_t n = 0;

	physseg_get_stats(t->map, &state->stats);
	state->dump = test_dump(t->map, PHYSSEG_DUMP_TABLE);
	state->handles = calloc(state->stats.segments + 1, sizeof(physseg_t));
	PHYSSEG_FOREACH(h, t->map)
		state->handles[n++] = h;
	state->nhandles = n;
	state->ncalls = t->host.ncalls;
	state->outstanding = t->host.outstanding;
}

void
test_state_free(struct test_state *state)
{
	free(state->dump);
	free(state->handles);
}

bool
test_state_unchanged(struct test_state *state, const struct test_map *t)
{
	const char *broken = physseg_check(t->map);
	struct test_state now;
	bool same;

	test_state_save(&now, t);
	same = strcmp(now.dump, state->dump) == 0 &&
	    now.nhandles == state->nhandles &&
	    memcmp(now.handles, state->handles,
		now.nhandles * sizeof(physseg_t)) == 0 &&
	    now.ncalls == state->ncalls &&
	    now.outstanding == state->outstanding &&
	    memcmp(&now.stats, &state->stats, sizeof(now.stats)) == 0;
	if (broken != NULL)
		printf("check: %s\n", broken);
	if (!same)
		printf("was:\n%sis:\n%s", state->dump, now.dump);
	test_state_free(&now);
	test_state_free(state);
	return same && broken == NULL;
}
