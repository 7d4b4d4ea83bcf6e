/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * minimise.c -- the fewest calls that still show a fault, by delta debugging.
 *
 * Pieces of the trace are left out, large ones first, as long as the fault
 * stays.  When no single call can be left out any more, that is the result.
 * What the trace says about the calls that are left is not compared meanwhile:
 * without the others it is no longer true.
 *
 *	RECORDED	The fault is one call with another outcome than the
 *			trace has, on one backend, and the others do not matter.
 *			It stays if that call has the same outcome still, and
 *			changes the map by as much.
 *	BROKEN		It stays if any two backends differ, or any map is not
 *			in order.
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define NOTHING SIZE_MAX /* no line has this number */

struct search {
	const struct options *options;
	const struct run *fault;
	struct trace kept; /* these calls show it */
	struct trace fewer;
};

static bool
same_change(const struct run *a, const struct run *b)
{
	size_t i;

	for (i = 0; i < NSTATE; i++)
		if (a->outcome.state[i] - a->before.state[i] !=
		    b->outcome.state[i] - b->before.state[i])
			return false;
	return a->outcome.error == b->outcome.error &&
	    a->outcome.result == b->outcome.result;
}

static bool
shows(const struct search *search, const struct trace *trace)
{
	const struct wish wish = { .only = NOTHING, .quiet = true };
	struct run run;

	run_trace(search->options, trace, &wish, &run);
	if (search->fault->verdict == BROKEN)
		return run.verdict == BROKEN;
	return run.verdict == SAME && run.at == search->fault->line &&
	    same_change(&run, search->fault);
}

/* Leave out the calls [from, to), if the fault stays. */
static bool
leave_out(struct search *search, size_t from, size_t to)
{
	struct trace *kept = &search->kept, *fewer = &search->fewer;
	struct op *ops = fewer->ops;

	memcpy(ops, kept->ops, from * sizeof(*ops));
	memcpy(ops + from, kept->ops + to, (kept->n - to) * sizeof(*ops));
	fewer->n = kept->n - (to - from);
	if (!shows(search, fewer))
		return false;
	fewer->ops = kept->ops;
	kept->ops = ops;
	kept->n = fewer->n;
	return true;
}

/* The first call makes the map, and the last one shows the fault: they stay. */
static void
search_fewest(struct search *search)
{
	struct trace *kept = &search->kept;
	size_t size, end, from;
	bool fewer;

	for (size = kept->n / 2; size > 0; size = fewer ? size : size / 2) {
		fewer = false;
		for (end = kept->n - 1; end > 1; end = from) {
			from = end > size + 1 ? end - size : 1;
			fewer |= leave_out(search, from, end);
		}
	}
}

size_t
minimise(const struct options *options, const struct trace *trace,
    const struct run *fault)
{
	struct options only = *options;
	struct search search = { &only, fault, *trace, *trace };
	struct wish wish = {
		.only = NOTHING, .to = stdout, .quiet = true, .fault = fault
	};
	struct run run;
	const char *why = fault->why;
	size_t n = 0;

	if (fault->verdict == RECORDED)
		only.backend = fault->backend;
	while (n < trace->n && trace->ops[n].line <= fault->line)
		n++;
	search.kept.n = n;
	search.kept.ops = checked_alloc(n, sizeof(*trace->ops));
	search.fewer.ops = checked_alloc(n, sizeof(*trace->ops));
	memcpy(search.kept.ops, trace->ops, n * sizeof(*trace->ops));
	if (n > 1)
		search_fewest(&search);
	printf("# %zu of %zu calls show this:\n# ", search.kept.n, trace->n);
	for (; *why != '\0'; why++)
		printf(*why == '\n' ? "\n#" : "%c", *why);
	printf("\n");
	run_trace(&only, &search.kept, &wish, &run);
	free(search.kept.ops);
	free(search.fewer.ops);
	return search.kept.n;
}
