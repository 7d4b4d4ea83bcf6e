/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * machine.c -- one map on one backend, and the host that it lives in.
 *
 * The host does what the recorded one did, as far as the trace tells.  It has
 * no memory, refuses, or has a page in use during exactly those calls that
 * ended so.
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

void *
checked_alloc(size_t n, size_t size)
{
	void *mem = calloc(n == 0 ? 1 : n, size == 0 ? 1 : size);

	if (mem == NULL) {
		fprintf(stderr, "physseg-replay: no memory for %zu times %zu\n",
		    n, size);
		exit(2);
	}
	return mem;
}

/* ---- the hooks ---- */

static void *
host_alloc(void *ctx, size_t size)
{
	const struct machine *m = ctx;

	return m->no_memory ? NULL : calloc(1, size);
}

static void
host_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	(void)size;
	free(p);
}

static void
host_panic(void *ctx, const char *reason)
{
	struct machine *m = ctx;

	snprintf(m->why, sizeof(m->why), "the library panicked: %s", reason);
	longjmp(m->panic, 1);
}

static void
page_init(void *ctx, void *page, physseg_pfn_t pfn)
{
	(void)ctx;
	memcpy(page, &pfn, sizeof(pfn));
}

static physseg_pfn_t
page_frame(void *ctx, const void *page)
{
	physseg_pfn_t pfn;

	(void)ctx;
	memcpy(&pfn, page, sizeof(pfn));
	return pfn;
}

static void
host_sync(void *ctx)
{
	(void)ctx; /* nobody reads meanwhile */
}

static int
isolate(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy)
{
	const struct machine *m = ctx;

	(void)pfn;
	(void)n;
	*busy = m->in_use;
	return m->refuses;
}

static void
release(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	(void)ctx;
	(void)pfn;
	(void)n;
}

static physseg_pfn_t
in_use(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	const struct machine *m = ctx;

	(void)n;
	return m->in_use ? pfn : PHYSSEG_NOFRAME;
}

static void *
frames_map(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	const struct machine *m = ctx;

	(void)pfn;
	return m->no_memory ? NULL : calloc((size_t)n, m->frame_size);
}

static void
frames_unmap(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, void *mem)
{
	(void)ctx;
	(void)pfn;
	(void)n;
	free(mem);
}

static bool
commit(void *ctx, void *p, size_t size)
{
	const struct machine *m = ctx;

	return !m->no_memory && physseg_host_user()->commit(NULL, p, size);
}

static void
decommit(void *ctx, void *p, size_t size)
{
	(void)ctx;
	physseg_host_user()->decommit(NULL, p, size);
}

static void
told(void *ctx, const struct physseg_call *call)
{
	struct machine *m = ctx;

	m->told = *call;
	(void)physseg_strcall(call, m->told_line, sizeof(m->told_line));
}

/* ---- page structures ---- */

void
machine_bind(
    struct machine *m, uint64_t address, uint64_t n, char *own, bool ours)
{
	struct array *array = checked_alloc(1, sizeof(*array));

	*array = (struct array){ address, n, own, ours, m->arrays };
	m->arrays = array;
}

/* The page structures that the call was given lie in [*start, *end). */
static bool
given(const struct machine *m, const struct op *op, uint64_t *start,
    uint64_t *end)
{
	const uint64_t n = op_arg(op, "npages") + op_arg(op, "n");

	*start = op_arg(op, "pages");
	*end = *start + n * m->told_page_size;
	return op->was.error == PHYSSEG_OK && *start != 0 && *end > *start;
}

/* Arrays that touch are one: whether they do matters to the map.  Grow the
 * range by all that touch it; false: there was none. */
static bool
touch(const struct machine *m, const struct trace *trace, uint64_t *start,
    uint64_t *end)
{
	uint64_t a, b;
	bool grew = false;
	size_t i;

	for (i = 0; i < trace->n; i++) {
		if (!given(m, &trace->ops[i], &a, &b) || a > *end ||
		    b < *start || (a >= *start && b <= *end))
			continue;
		*start = a < *start ? a : *start;
		*end = b > *end ? b : *end;
		grew = true;
	}
	return grew;
}

/* The arrays that the trace's calls will be given. */
static void
bind_all(struct machine *m, const struct trace *trace)
{
	const struct array *array;
	uint64_t start, end;
	size_t i;

	for (i = 0; i < trace->n; i++) {
		if (!given(m, &trace->ops[i], &start, &end))
			continue;
		for (array = m->arrays; array != NULL; array = array->next)
			if (start - array->address <
			    array->n * m->told_page_size)
				break;
		if (array != NULL)
			continue;
		while (touch(m, trace, &start, &end))
			continue;
		end += m->told_page_size - 1;
		machine_bind(m, start, (end - start) / m->told_page_size,
		    checked_alloc((size_t)((end - start) / m->told_page_size),
			m->page_size),
		    true);
	}
}

/* They lie where the trace's lay in an array that is known, else in a new one.
 * Where the call failed, the array may never have been: a short one will do. */
void *
machine_pages(struct machine *m, uint64_t address, uint64_t n, bool ok)
{
	const uint64_t size = m->told_page_size == 0 ? 1 : m->told_page_size;
	const struct array *array;
	uint64_t skip, in;
	char *own;

	if (address == 0)
		return NULL;
	for (array = m->arrays; array != NULL; array = array->next) {
		skip = address - array->address;
		in = skip / size;
		if (address >= array->address && in < array->n &&
		    (n <= array->n - in || !ok))
			return array->own + in * m->page_size + skip % size;
	}
	in = ok || n < 4096 ? n : 4096;
	own = checked_alloc((size_t)in + 1, m->page_size + 64);
	machine_bind(m, address, in, own, true);
	return own;
}

/* ---- making it ---- */

/* Has this backend its segments in the same order as the named one, and room
 * for as many? */
static bool
is_alike(const struct physseg_backend *backend, const char *name)
{
	const unsigned order = PHYSSEG_SORTED | PHYSSEG_BYSIZE;
	const struct physseg_backend *other;
	size_t i;

	for (i = 0; (other = replay_backend(i)) != NULL; i++)
		if (strcmp(other->name, name) == 0)
			return ((backend->capabilities ^ other->capabilities) &
				   order) == 0 &&
			    backend->bounded == other->bounded &&
			    backend->max_segments == other->max_segments;
	return false;
}

void
machine_init(struct machine *m, const struct physseg_backend *backend,
    const struct trace *trace)
{
	memset(m, 0, sizeof(*m));
	m->backend = backend;
	m->home = strcmp(backend->name, trace->backend) == 0;
	m->alike = m->home || is_alike(backend, trace->backend);
}

/* A map as the trace says.  On a backend with other room than the trace's it
 * has room for every segment that the calls can make. */
int
machine_create(struct machine *m, const struct trace *trace)
{
	const struct op *op = &trace->ops[0];
	const uint64_t hooks = op_arg(op, "hooks");
	const size_t room = m->alike ? 0 : 2 * trace->n + 2;
	struct physseg_config config = {
		.backend = m->backend,
		.host = &m->host,
		.ctx = m,
		.data_size = (size_t)op_arg(op, "data_size"),
		.capacity = (size_t)op_arg(op, "capacity"),
		.boot_records = (size_t)op_arg(op, "boot_records"),
		.boot_slabs = (size_t)op_arg(op, "boot_slabs"),
		.frames = (physseg_pfn_t)op_arg(op, "frames"),
		.freelists = (int)op_arg(op, "freelists"),
		.may_empty = op_arg(op, "may_empty") != 0,
		.coalesce = op_arg(op, "coalesce") != 0,
		.block = (physseg_pfn_t)op_arg(op, "block"),
		.frame_size = (size_t)op_arg(op, "frame_size"),
	};
	size_t size = 0;
	int error;

	m->told_page_size = op_arg(op, "page_size");
	m->page_size = (size_t)m->told_page_size;
	m->host = (struct physseg_host){ .alloc = host_alloc,
		.free = host_free,
		.panic = host_panic,
		.sync = host_sync,
		.isolate = isolate,
		.release = release,
		.in_use = in_use,
		.trace = told };
	if ((hooks & 1) != 0) {
		m->host.page_init = page_init;
		m->host.page_frame = page_frame;
		if (m->page_size != 0 && m->page_size < sizeof(physseg_pfn_t))
			m->page_size = sizeof(physseg_pfn_t);
	}
	if ((hooks & 2) != 0) {
		m->host.frames_map = frames_map;
		m->host.frames_unmap = frames_unmap;
	}
	config.page_size = m->page_size;
	m->data_size = config.data_size;
	m->frame_size = config.frame_size;
	if ((hooks & 4) != 0) {
		m->host.commit = commit;
		m->host.decommit = decommit;
		error = physseg_vmemmap_user_reserve(&config);
		if (error != PHYSSEG_OK)
			return error;
		m->vmemmap = config;
	}
	if (config.capacity < room)
		config.capacity = room;
	if (config.boot_records < room)
		config.boot_records = room;
	bind_all(m, trace);
	if (op_arg(op, "boot") != 0) {
		size = physseg_storage_size(&config);
		m->storage = checked_alloc(1, size);
	}
	return physseg_create(&m->map, &config, m->storage, size);
}

void
machine_fini(struct machine *m)
{
	struct array *array;
	struct listening *listening;
	struct removing *removing;

	if (m->map != NULL && setjmp(m->panic) == 0)
		physseg_destroy(m->map);
	if (m->vmemmap.present != NULL)
		physseg_vmemmap_user_release(&m->vmemmap);
	while ((array = m->arrays) != NULL) {
		m->arrays = array->next;
		if (array->ours)
			free(array->own);
		free(array);
	}
	while ((listening = m->listening) != NULL) {
		m->listening = listening->next;
		free(listening);
	}
	while ((removing = m->removing) != NULL) {
		m->removing = removing->next;
		free(removing);
	}
	free(m->storage);
	free(m->segments);
}
