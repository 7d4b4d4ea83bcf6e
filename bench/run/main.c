/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * main.c -- what the command line asks for, in order; and whatever was measured
 * until somebody pressed Ctrl-C is printed all the same.
 */

#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "report/compare.h"
#include "paper/paper.h"
#include "report/report.h"
#include "results.h"
#include "baseline/subject.h"
#include "report/summary.h"

#define EXIT_USAGE 2

/* Memory first, while the process itself is small. */
static void (*const parts[])(const struct options *) = {
	bench_memory,
	bench_lookup,
	bench_layers,
	bench_beside,
	bench_change,
	bench_grow,
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

static void
measure_paper(const struct options *options)
{
	struct paper_options paper = {
		.runs = options->runs,
		.calls = options->calls,
		.faithful = options->faithful,
		.net = options->net,
	};

	if (options->full && paper.runs == 0)
		paper.runs = PAPER_FULL_RUNS;
	if (options->full && paper.calls == 0)
		paper.calls = PAPER_FULL_CALLS;
	paper_measure(&paper, &results);
}

static void
measure(const struct options *options)
{
	if (!options->paper) {
		if (!options->list)
			bench_count(parts, PARTS);
		for (size_t i = 0; i < PARTS; i++)
			parts[i](options);
	}
	bench_progress("%s", "");
	if (!options->list && options->filter == NULL && !bench_interrupted)
		measure_paper(options);
}

/* Where Google Benchmark's output is asked for, it has stdout alone. */
static void
print(const struct options *options)
{
	if (options->format != NULL)
		return;
	if (bench_interrupted)
		printf("Interrupted: what was measured until then.\n");
	summary_print(stdout, TABLE_TEXT, &results);
	paper_print(stdout, TABLE_TEXT, &results);
	targets_print(stdout, TABLE_TEXT, &results);
}

int
main(int argc, char **argv)
{
	struct options options;
	int status = EXIT_SUCCESS;

	subjects_init();
	if (!options_parse(&options, &argc, argv))
		return EXIT_USAGE;
	if (options.help) {
		options_help(stdout);
		return EXIT_SUCCESS;
	}
	if (options.before != NULL)
		return compare(
		    options.before, options.after, options.threshold);
	if (!bench_init(argc, argv, &options))
		return EXIT_USAGE;
	measure(&options);
	bench_fini();
	if (options.list)
		return EXIT_SUCCESS;
	print(&options);
	if (options.out != NULL && !results_write_json(&results, options.out))
		status = EXIT_FAILURE;
	if (options.report != NULL &&
	    report_write(&results, options.report) != 0)
		status = EXIT_FAILURE;
	results_clear(&results);
	return status;
}
