/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * apply.c -- a call of a trace is made again.
 *
 * A segment is named by its first frame in a trace.  An address stands for
 * something of ours: page structures, a listener.  An open removal is found by
 * its first frame, since two of them share none.
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define PFN(op, name) ((physseg_pfn_t)op_arg(op, name))

static physseg_t
handle_of(const struct machine *m, const struct op *op)
{
	const physseg_pfn_t pfn = PFN(op, "segment");

	return pfn == PHYSSEG_NOFRAME ? PHYSSEG_NONE
				      : physseg_find(m->map, pfn, NULL);
}

/* The handle that a call gave must name what is at the frame. */
static void
check_handle(struct machine *m, physseg_pfn_t pfn, physseg_t handle, int error,
    uint64_t *result)
{
	physseg_pfn_t offset = 0;

	if (error != PHYSSEG_OK)
		return;
	if (physseg_find(m->map, pfn, &offset) != handle)
		snprintf(m->why, sizeof(m->why),
		    "the handle does not name what is at 0x%llx",
		    (unsigned long long)pfn);
	*result = pfn - offset;
}

static int
load(struct machine *m, const struct op *op, uint64_t *result)
{
	const physseg_pfn_t start = PFN(op, "start");
	physseg_t handle = PHYSSEG_NONE;
	const int error =
	    physseg_load(m->map, start, PFN(op, "end"), PFN(op, "avail_start"),
		PFN(op, "avail_end"), (int)op_arg(op, "free_list"), &handle);

	check_handle(m, start, handle, error, result);
	return error;
}

static int
plug(struct machine *m, const struct op *op, uint64_t *result)
{
	const physseg_pfn_t pfn = PFN(op, "pfn");
	physseg_t handle = PHYSSEG_NONE;
	const int error = physseg_plug(
	    m->map, pfn, PFN(op, "n"), (int)op_arg(op, "free_list"), &handle);

	check_handle(m, pfn, handle, error, result);
	return error;
}

/* Bytes that are the same for the same number, and zero for 0. */
static void *
data_of(const struct machine *m, uint64_t number)
{
	unsigned char *data;
	size_t i;

	if (number == 0)
		return NULL;
	data = checked_alloc(1, m->data_size);
	for (i = 0; i < m->data_size; i++)
		data[i] =
		    (unsigned char)((number >> i % 8 * 8 & 0xff) | (i == 0));
	return data;
}

static int
add(struct machine *m, const struct op *op, uint64_t *result)
{
	const physseg_pfn_t pfn = PFN(op, "pfn");
	void *data = data_of(m, op_arg(op, "data"));
	const struct physseg_addition what = {
		.pfn = pfn,
		.n = PFN(op, "n"),
		.reserved_low = PFN(op, "reserved_low"),
		.reserved_high = PFN(op, "reserved_high"),
		.free_list = (int)op_arg(op, "free_list"),
		.node = (int)op_arg(op, "node"),
		.kind = (int)op_arg(op, "kind"),
		.state = (enum physseg_state)op_arg(op, "state"),
		.source = (enum physseg_source)op_arg(op, "source"),
		.pages = machine_pages(m, op_arg(op, "pages"), op_arg(op, "n"),
		    op->was.error == PHYSSEG_OK),
		.data = data,
	};
	physseg_t handle = PHYSSEG_NONE;
	const int error = physseg_add(m->map, &what, &handle, NULL);

	free(data);
	check_handle(m, pfn, handle, error, result);
	return error;
}

static int
unload(struct machine *m, const struct op *op, uint64_t *result)
{
	physseg_pfn_t pfn = 0;
	const int error =
	    (op->id == PHYSSEG_CALL_UNLOAD ? physseg_unload
					   : physseg_unload_force)(
		m->map, handle_of(m, op), (int)op_arg(op, "free_list"), &pfn);

	*result = pfn;
	return error;
}

static int
steal(struct machine *m, const struct op *op, uint64_t *result)
{
	physseg_pfn_t pfn = 0;
	const int error = physseg_steal(m->map, &pfn);

	(void)op;
	*result = pfn;
	return error;
}

static int
set_avail(struct machine *m, const struct op *op, uint64_t *result)
{
	(void)result;
	return physseg_set_avail(m->map, handle_of(m, op),
	    PFN(op, "avail_start"), PFN(op, "avail_end"));
}

static void *
pages_of(struct machine *m, const struct op *op, uint64_t n)
{
	return machine_pages(
	    m, op_arg(op, "pages"), n, op->was.error == PHYSSEG_OK);
}

static int
chomp_slab(struct machine *m, const struct op *op, uint64_t *result)
{
	const uint64_t n = op_arg(op, "npages");

	(void)result;
	return physseg_chomp_slab(
	    m->map, handle_of(m, op), pages_of(m, op, n), (size_t)n);
}

/* The page structures are the trace's from now on. */
static int
alloc_from_slab(struct machine *m, const struct op *op, uint64_t *result)
{
	const uint64_t n = op_arg(op, "n");
	void *pages = NULL;
	const int error = physseg_alloc_from_slab(
	    m->map, handle_of(m, op), (size_t)n, &pages);

	if (error == PHYSSEG_OK && op->was.error == PHYSSEG_OK)
		machine_bind(m, op->was.result, n, pages, false);
	*result = op->was.result;
	return error;
}

static int
init_seg(struct machine *m, const struct op *op, uint64_t *result)
{
	const physseg_t handle = handle_of(m, op);
	struct physseg_info info = { 0 };

	(void)result;
	(void)physseg_get_info(m->map, handle, &info);
	return physseg_init_seg(
	    m->map, handle, pages_of(m, op, info.end - info.start));
}

static int
switch_over(struct machine *m, const struct op *op, uint64_t *result)
{
	const uint64_t n = op_arg(op, "npages");

	(void)result;
	return physseg_switch(m->map, pages_of(m, op, n), (size_t)n);
}

static int
set_running(struct machine *m, const struct op *op, uint64_t *result)
{
	(void)result;
	return physseg_set_running(m->map, op_arg(op, "running") != 0);
}

static int
build(struct machine *m, const struct op *op, uint64_t *result)
{
	(void)op;
	(void)result;
	return physseg_build(m->map);
}

static int
plug_check(struct machine *m, const struct op *op, uint64_t *result)
{
	(void)result;
	return physseg_plug_check(
	    m->map, PFN(op, "pfn"), PFN(op, "n"), (int)op_arg(op, "free_list"));
}

static int
unplug(struct machine *m, const struct op *op, uint64_t *result)
{
	(void)result;
	return physseg_unplug(m->map, PFN(op, "pfn"), PFN(op, "n"));
}

static int
set_start_hint(struct machine *m, const struct op *op, uint64_t *result)
{
	(void)result;
	return physseg_set_start_hint(
	    m->map, handle_of(m, op), (unsigned long)op_arg(op, "hint"));
}

/* So many as were done: threads may have shared the work. */
static int
init_pages(struct machine *m, const struct op *op, uint64_t *result)
{
	physseg_pfn_t done = 0;
	const int error = physseg_init_pages(m->map, handle_of(m, op),
	    op->was.result != 0 ? (physseg_pfn_t)op->was.result
				: PFN(op, "max"),
	    &done);

	*result = done;
	return error;
}

static int
online(struct machine *m, const struct op *op, uint64_t *result)
{
	(void)result;
	return physseg_online(m->map, PFN(op, "pfn"), PFN(op, "n"), NULL);
}

static int
remove_now(struct machine *m, const struct op *op, uint64_t *result)
{
	(void)result;
	return physseg_remove(m->map, PFN(op, "pfn"), PFN(op, "n"),
	    (unsigned)op_arg(op, "how"), NULL);
}

static int
remove_begin(struct machine *m, const struct op *op, uint64_t *result)
{
	struct removing *new = checked_alloc(1, sizeof(*new));
	int error;

	(void)result;
	error = physseg_remove_begin(m->map, PFN(op, "pfn"), PFN(op, "n"),
	    (unsigned)op_arg(op, "how"), &new->removal, NULL);
	if (error != PHYSSEG_OK) {
		free(new);
		return error;
	}
	new->pfn = op_arg(op, "pfn");
	new->next = m->removing;
	m->removing = new;
	return PHYSSEG_OK;
}

static struct removing **
removing_at(struct machine *m, const struct op *op)
{
	struct removing **at = &m->removing;

	while (*at != NULL && (*at)->pfn != op_arg(op, "pfn"))
		at = &(*at)->next;
	return at;
}

static int
remove_end(struct machine *m, const struct op *op, uint64_t *result)
{
	struct removing **at = removing_at(m, op), *old = *at;
	const int error = op->id == PHYSSEG_CALL_REMOVE_COMMIT
	    ? physseg_remove_commit(old->removal, NULL, NULL)
	    : physseg_remove_cancel(old->removal);

	(void)result;
	if (error == PHYSSEG_OK) {
		*at = old->next;
		free(old);
	}
	return error;
}

static int
notify(struct physseg_listener *listener, const struct physseg_change *change)
{
	const struct listening *l = (const void *)listener;

	return l->machine->refuses &&
	    (change->event == PHYSSEG_GOING_ONLINE ||
		change->event == PHYSSEG_GOING_OFFLINE);
}

static struct physseg_listener *
listener_of(struct machine *m, const struct op *op)
{
	struct listening *l = m->listening;

	while (l != NULL && l->address != op_arg(op, "listener"))
		l = l->next;
	if (l == NULL) {
		l = checked_alloc(1, sizeof(*l));
		l->address = op_arg(op, "listener");
		l->machine = m;
		l->next = m->listening;
		m->listening = l;
	}
	return &l->listener;
}

static int
listen(struct machine *m, const struct op *op, uint64_t *result)
{
	struct physseg_listener *listener = listener_of(m, op);

	(void)result;
	if (op->was.error == PHYSSEG_OK) {
		listener->notify = notify;
		listener->priority = (int)op_arg(op, "priority");
	}
	return physseg_listen(m->map, listener, op_arg(op, "replay") != 0);
}

static int
unlisten(struct machine *m, const struct op *op, uint64_t *result)
{
	(void)result;
	return physseg_unlisten(m->map, listener_of(m, op));
}

static int
destroy(struct machine *m, const struct op *op, uint64_t *result)
{
	(void)op;
	(void)result;
	physseg_destroy(m->map);
	m->map = NULL;
	return PHYSSEG_OK;
}

static int (*const calls[PHYSSEG_NCALLS])(
    struct machine *, const struct op *, uint64_t *) = {
	[PHYSSEG_CALL_DESTROY] = destroy,
	[PHYSSEG_CALL_LOAD] = load,
	[PHYSSEG_CALL_UNLOAD] = unload,
	[PHYSSEG_CALL_UNLOAD_FORCE] = unload,
	[PHYSSEG_CALL_STEAL] = steal,
	[PHYSSEG_CALL_SET_AVAIL] = set_avail,
	[PHYSSEG_CALL_CHOMP_SLAB] = chomp_slab,
	[PHYSSEG_CALL_ALLOC_FROM_SLAB] = alloc_from_slab,
	[PHYSSEG_CALL_INIT_SEG] = init_seg,
	[PHYSSEG_CALL_SWITCH] = switch_over,
	[PHYSSEG_CALL_SET_RUNNING] = set_running,
	[PHYSSEG_CALL_BUILD] = build,
	[PHYSSEG_CALL_PLUG] = plug,
	[PHYSSEG_CALL_PLUG_CHECK] = plug_check,
	[PHYSSEG_CALL_UNPLUG] = unplug,
	[PHYSSEG_CALL_SET_START_HINT] = set_start_hint,
	[PHYSSEG_CALL_ADD] = add,
	[PHYSSEG_CALL_INIT_PAGES] = init_pages,
	[PHYSSEG_CALL_ONLINE] = online,
	[PHYSSEG_CALL_REMOVE] = remove_now,
	[PHYSSEG_CALL_REMOVE_BEGIN] = remove_begin,
	[PHYSSEG_CALL_REMOVE_COMMIT] = remove_end,
	[PHYSSEG_CALL_REMOVE_CANCEL] = remove_end,
	[PHYSSEG_CALL_LISTEN] = listen,
	[PHYSSEG_CALL_UNLISTEN] = unlisten,
};

/*
 * Is the call made?  Those that are left out have changed nothing.  One was
 * refused because another thread or a hook was at work; one was given page
 * structures that lay in the way of others; one failed because of what the
 * backend of the trace needs, and this is another backend; one could not build
 * an index that this map may have built already.
 */
static bool
is_made(struct machine *m, const struct op *op)
{
	switch (op->was.error) {
	case PHYSSEG_EBUSY:
		return false;
	case PHYSSEG_ENOMEM:
	case PHYSSEG_ENOSLOT:
	case PHYSSEG_ENOHOTPLUG:
		return m->home && op->id != PHYSSEG_CALL_BUILD;
	case PHYSSEG_EINVAL:
		return op_arg(op, "pages") == 0;
	default:
		return calls[op->id] != remove_end ||
		    *removing_at(m, op) != NULL;
	}
}

/* The hook must have been told what the caller was. */
static void
check_told(struct machine *m, const struct op *op, const struct outcome *now)
{
	if (m->why[0] == '\0' &&
	    (m->told.id != op->id || m->told.error != now->error))
		snprintf(m->why, sizeof(m->why),
		    "the hook `trace' was told %s and %s",
		    call_names[m->told.id].name, error_name(m->told.error));
}

bool
apply(struct machine *m, const struct trace *trace, const struct op *op,
    struct outcome *now)
{
	struct outcome made = { 0 };
	uint64_t result = 0;

	if (op->id != PHYSSEG_CALL_CREATE && !is_made(m, op))
		return false;
	m->no_memory = op->was.error == PHYSSEG_ENOMEM;
	m->refuses = op->was.error == PHYSSEG_EREFUSED;
	m->in_use = op->was.error == PHYSSEG_EINUSE;
	m->told.id = op->id;
	m->told.error = PHYSSEG_OK;
	if (setjmp(m->panic) != 0) {
		m->map = NULL; /* nobody may touch it again */
		*now = (struct outcome){ 0 };
		return true;
	}
	if (op->id == PHYSSEG_CALL_CREATE)
		made.error = machine_create(m, trace);
	else
		made.error = calls[op->id](m, op, &result);
	made.result = made.error == PHYSSEG_OK ? result : 0;
	if (op->id != PHYSSEG_CALL_CREATE || made.error == PHYSSEG_OK)
		check_told(m, op, &made);
	made.state[SEGMENTS] = m->told.segments;
	made.state[FRAMES] = m->told.frames;
	made.state[ONLINE] = m->told.online;
	made.state[COUNTED] = m->told.counted;
	if (op->id == PHYSSEG_CALL_INIT_PAGES) /* which tells no sums */
		memcpy(made.state, m->state, sizeof(made.state));
	memcpy(m->state, made.state, sizeof(m->state));
	m->done++;
	*now = made;
	return true;
}
