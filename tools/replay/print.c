/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * print.c -- a trace for people.
 */
#include <string.h>

#include "replay.h"

static void
print_number(uint64_t value)
{
	if (value == PHYSSEG_NOFRAME)
		printf("none");
	else
		printf(
		    value < 10 ? "%llu" : "0x%llx", (unsigned long long)value);
}

/* Two arguments that are a range are printed as one. */
static bool
is_range(const char *names)
{
	return strncmp(names, "pfn n", 5) == 0 ||
	    strncmp(names, "start end", 9) == 0 ||
	    strncmp(names, "avail_start avail_end", 21) == 0;
}

static void
print_range(const char *names, const uint64_t *arg)
{
	const bool n = strncmp(names, "pfn", 3) == 0;

	printf(strncmp(names, "avail", 5) == 0 ? " avail [" : " [");
	print_number(arg[0]);
	printf(", ");
	print_number(n ? arg[0] + arg[1] : arg[1]);
	printf(")");
}

static void
print_arguments(const char *names, const uint64_t *arg)
{
	for (; *names != '\0'; arg++) {
		const int length = (int)strcspn(names, " ");

		if (is_range(names)) {
			print_range(names, arg);
			names += strcspn(names, " ") + 1;
			arg++;
		} else if (*arg != 0) {
			printf(" %.*s ", length, names);
			print_number(*arg);
		}
		names += strcspn(names, " ");
		names += *names == ' ';
	}
}

static void
print_op(const struct op *op, const struct outcome *before)
{
	const struct outcome *was = &op->was;

	printf("%5zu  %s", op->line, call_names[op->id].name);
	print_arguments(call_names[op->id].arguments, op->arg);
	if (was->error != PHYSSEG_OK)
		printf(": %s", physseg_strerror(was->error));
	else if (*call_names[op->id].result != '\0') {
		printf(": %s ", call_names[op->id].result);
		print_number(was->result);
	}
	printf("\n");
	if (memcmp(was->state, before->state, sizeof(was->state)) != 0)
		printf("         %llu segments, %llu frames, %llu online, %llu "
		       "counted\n",
		    (unsigned long long)was->state[SEGMENTS],
		    (unsigned long long)was->state[FRAMES],
		    (unsigned long long)was->state[ONLINE],
		    (unsigned long long)was->state[COUNTED]);
}

void
print_trace(const struct trace *trace)
{
	struct outcome before = { 0 };
	size_t i;

	printf("map 0x%llx on %s\n", (unsigned long long)trace->map,
	    trace->backend);
	for (i = 0; i < trace->n; i++) {
		print_op(&trace->ops[i], &before);
		before = trace->ops[i].was;
	}
}
