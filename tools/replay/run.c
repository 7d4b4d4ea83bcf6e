/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * run.c -- a trace on several machines, step by step.
 *
 * All of them make a call before the next one is made.  The first that makes it
 * leads: its outcome is compared with the trace's, and that of the others with
 * its own.  The machine on the backend of the trace comes first, if there is
 * one.
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define MOST 16 /* backends */

struct machines {
	struct machine m[MOST];
	size_t n;
	struct machine *lead; /* the first that made the last call; */
	bool made;	      /* this call was made by it */
};

static void
init(struct machines *all, const struct options *options,
    const struct trace *trace)
{
	const struct physseg_backend *backend;
	struct machine first;
	size_t i;

	all->n = 0;
	for (i = 0; (backend = replay_backend(i)) != NULL && all->n < MOST; i++)
		if (options->backend == NULL || options->backend == backend)
			machine_init(&all->m[all->n++], backend, trace);
	for (i = 0; i < all->n; i++)
		if (all->m[i].home) {
			first = all->m[i];
			all->m[i] = all->m[0];
			all->m[0] = first;
			break;
		}
	all->lead = all->m;
}

static void
fini(struct machines *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		machine_fini(&all->m[i]);
}

/* Why a backend cannot do what the trace's could; NULL: it can. */
static const char *
cannot(const struct machine *m, const struct op *op, const struct outcome *now)
{
	const struct physseg_backend *backend = m->backend;

	if (m->home || m->why[0] != '\0')
		return NULL;
	if (now->error != op->was.error &&
	    ((now->error == PHYSSEG_ENOHOTPLUG &&
		 (backend->capabilities & PHYSSEG_HOTPLUG) == 0) ||
		(now->error == PHYSSEG_ENOSLOT &&
		    (backend->bounded || backend->max_segments != 0))))
		return physseg_strerror(now->error);
	if (op->id == PHYSSEG_CALL_STEAL && !m->alike)
		return "its segments are in another order";
	return NULL;
}

static bool
same_outcome(const struct outcome *a, const struct outcome *b)
{
	return a->error == b->error && a->result == b->result &&
	    memcmp(a->state, b->state, sizeof(a->state)) == 0;
}

static void
print_outcome(
    char *to, size_t size, const struct op *op, const struct outcome *o)
{
	const char *result = call_names[op->id].result;
	int n = snprintf(to, size, "%s", error_name(o->error));

	if (o->error == PHYSSEG_OK && *result != '\0')
		n += snprintf(to + n, size - (size_t)n, " %s=0x%llx", result,
		    (unsigned long long)o->result);
	(void)snprintf(to + n, size - (size_t)n,
	    " | %llu segments, 0x%llx frames, 0x%llx online, 0x%llx counted",
	    (unsigned long long)o->state[SEGMENTS],
	    (unsigned long long)o->state[FRAMES],
	    (unsigned long long)o->state[ONLINE],
	    (unsigned long long)o->state[COUNTED]);
}

/* Something is wrong; the first such thing is kept. */
static void
fail(struct run *run, enum verdict verdict, const struct machine *m,
    const struct op *op)
{
	if (run->verdict != SAME)
		return;
	run->verdict = verdict;
	run->backend = m->backend;
	run->line = op->line;
	snprintf(run->why, sizeof(run->why), "%s: %s: %s", m->backend->name,
	    call_names[op->id].name, m->why);
}

/* The outcome must be this one, which `whose' names. */
static bool
is_outcome(struct machine *m, const struct op *op, const struct outcome *now,
    const struct outcome *other, const char *whose)
{
	char is[160], was[160];

	if (m->why[0] != '\0' || same_outcome(now, other))
		return m->why[0] == '\0';
	print_outcome(is, sizeof(is), op, now);
	print_outcome(was, sizeof(was), op, other);
	snprintf(m->why, sizeof(m->why), "\n  %s\n  %s: %s", is, whose, was);
	return false;
}

/* Is the map in order, and the same as that of the machine that leads? */
static bool
in_order(const struct options *options, struct machine *m,
    const struct machine *lead, bool last)
{
	const char *broken;

	if (m->why[0] != '\0')
		return false;
	if (m->map == NULL)
		return true;
	if (setjmp(m->panic) != 0) {
		m->map = NULL;
		return false;
	}
	if ((options->check || last) &&
	    (broken = physseg_check(m->map)) != NULL) {
		snprintf(m->why, sizeof(m->why), "%s", broken);
		return false;
	}
	return lookups_ok(m) &&
	    (m == lead || lead->map == NULL || lead->stopped != NULL ||
		same_maps(m, lead));
}

/* Write the call to the new trace; the one that showed a fault, so that it
 * shows it again. */
static void
write_call(const struct machine *m, const struct wish *wish,
    const struct op *op, const struct outcome *now)
{
	const struct run *fault = wish->fault;
	struct physseg_call call = m->told;
	char line[PHYSSEG_CALL_LINE];
	uint64_t state[NSTATE];
	size_t i;

	if (wish->to == NULL)
		return;
	if (op->line != fault->line) {
		fprintf(wish->to, "%s\n", m->told_line);
		return;
	}
	if (m->why[0] != '\0') /* it may not have come to an end */
		memcpy(call.arg, op->arg, sizeof(call.arg));
	for (i = 0; i < NSTATE; i++)
		state[i] = now->state[i] +
		    (op->was.state[i] - fault->outcome.state[i]);
	call.error = op->was.error;
	call.result = op->was.result;
	call.segments = state[SEGMENTS];
	call.frames = state[FRAMES];
	call.online = state[ONLINE];
	call.counted = state[COUNTED];
	(void)physseg_strcall(&call, line, sizeof(line));
	fprintf(wish->to, "%s\n", line);
}

/* What the run knows of a call: what the machine did that made it first. */
static void
lead_on(struct machines *all, struct machine *m, const struct op *op,
    const struct outcome *now, struct run *run)
{
	all->lead = m;
	all->made = true;
	run->at = op->line;
	run->before = run->outcome;
	run->outcome = *now;
}

/* A call that is left out has changed nothing; and what only has no meaning
 * where others were left out before it (minimise.c) must have one here. */
static void
check_left_out(const struct wish *wish, struct machine *m, const struct op *op,
    struct run *run)
{
	if (!m->home || op->inside || wish->only != 0)
		return;
	if (op->was.error == PHYSSEG_OK)
		snprintf(m->why, sizeof(m->why), "there is no such removal");
	else if (memcmp(op->was.state, run->outcome.state,
		     sizeof(op->was.state)) != 0)
		snprintf(m->why, sizeof(m->why),
		    "it failed, and the trace's map changed");
	if (m->why[0] != '\0')
		fail(run, RECORDED, m, op);
}

/* One call on one machine. */
static void
make_call(const struct trace *trace, const struct wish *wish,
    struct machines *all, struct machine *m, const struct op *op,
    struct run *run)
{
	struct outcome now;

	if (!apply(m, trace, op, &now)) {
		check_left_out(wish, m, op, run);
		return;
	}
	m->stopped = cannot(m, op, &now);
	if (m->stopped != NULL) {
		m->stopped_line = op->line;
		m->done--;
		return;
	}
	if (all->made) {
		if (!is_outcome(
			m, op, &now, &run->outcome, all->lead->backend->name))
			fail(run, BROKEN, m, op);
		return;
	}
	lead_on(all, m, op, &now, run);
	write_call(m, wish, op, &now);
	if (m->why[0] != '\0')
		fail(run, BROKEN, m, op);
	else if (!op->inside && (wish->only == 0 || wish->only == op->line) &&
	    !is_outcome(m, op, &now, &op->was, "the trace"))
		fail(run, RECORDED, m, op);
}

static void
step(const struct options *options, const struct trace *trace,
    const struct wish *wish, struct machines *all, const struct op *op,
    struct run *run)
{
	const bool last =
	    op == &trace->ops[trace->n - 1] || op[1].id == PHYSSEG_CALL_DESTROY;
	struct machine *m;

	all->made = false;
	for (m = all->m; m < all->m + all->n; m++)
		if (m->stopped == NULL && run->verdict == SAME)
			make_call(trace, wish, all, m, op, run);
	for (m = all->m; m < all->m + all->n; m++)
		if (m->stopped == NULL && run->verdict == SAME &&
		    !in_order(options, m, all->lead, last))
			fail(run, BROKEN, m, op);
}

static void
report(const struct wish *wish, const struct trace *trace,
    const struct machines *all, const struct run *run)
{
	const struct machine *m;
	size_t i;

	if (wish->quiet)
		return;
	if (run->verdict != SAME) {
		printf("%s:%zu: %s\n", wish->name, run->line, run->why);
		return;
	}
	for (i = 0; i < all->n; i++) {
		m = &all->m[i];
		printf("%s:%zu: %s: %zu calls", wish->name, trace->ops[0].line,
		    m->backend->name, m->done);
		if (m->stopped != NULL)
			printf(", not from line %zu on: %s", m->stopped_line,
			    m->stopped);
		printf("\n");
	}
}

void
run_trace(const struct options *options, const struct trace *trace,
    const struct wish *wish, struct run *run)
{
	struct machines *all = checked_alloc(1, sizeof(*all));
	size_t i;

	memset(run, 0, sizeof(*run));
	init(all, options, trace);
	for (i = 0; i < trace->n && run->verdict == SAME; i++)
		step(options, trace, wish, all, &trace->ops[i], run);
	report(wish, trace, all, run);
	fini(all);
	free(all);
}
