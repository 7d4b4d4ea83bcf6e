/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * replay.c -- physseg-replay: the calls of a trace are made again.
 */
#include "replay.h"

/* A test defines another backend, with a fault, which comes last. */
#ifdef REPLAY_OWN_BACKEND
const struct physseg_backend *REPLAY_OWN_BACKEND(void);
#else
#define REPLAY_OWN_BACKEND() NULL
#endif

const struct physseg_backend *
replay_backend(size_t i)
{
	const struct physseg_backend *backend = physseg_backend_at(i);

	if (backend == NULL && i > 0 && physseg_backend_at(i - 1) != NULL)
		return REPLAY_OWN_BACKEND();
	return backend;
}

/* False: something differs. */
static bool
replay(
    const struct options *options, const struct trace *trace, const char *name)
{
	const struct wish wish = { .name = name, .quiet = options->minimise };
	struct run run;

	if (options->print) {
		print_trace(trace);
		return true;
	}
	run_trace(options, trace, &wish, &run);
	if (run.verdict != SAME && options->minimise)
		(void)minimise(options, trace, &run);
	return run.verdict == SAME;
}

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	struct trace *traces;
	size_t n, i;
	int status, arg = read_options(argc, argv, &options, &status);

	if (arg < 0)
		return status;
	for (status = 0; arg < argc; arg++) {
		if ((traces = trace_read(argv[arg], &n)) == NULL)
			return 2;
		for (i = 0; i < n; i++)
			if (!replay(&options, &traces[i], argv[arg]))
				status = 1;
		trace_free(traces, n);
	}
	return status;
}
