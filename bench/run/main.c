/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * main.c -- what the command line asks for, in order.  Whatever cannot work is
 * said before anything is measured.  What was measured until SIGINT or SIGTERM
 * came is printed and written all the same.
 */

#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "report/answers.h"
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
	bench_structures,
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
	if (!options->paper)
		for (size_t i = 0; i < PARTS; i++)
			parts[i](options);
	bench_progress("%s", "");
	if (!options->list && options->filter == NULL && !bench_interrupted)
		measure_paper(options);
}

/* Can the files be written that are asked for? */
static bool
writable(const struct options *options)
{
	return (options->out == NULL || report_file_writable(options->out)) &&
	    (options->tables == NULL ||
		report_file_writable(options->tables)) &&
	    (options->report == NULL || report_writable(options->report));
}

/* One screen.  Where Google Benchmark's output is asked for, it has stdout
 * alone. */
static void
print(const struct options *options)
{
	if (options->format != NULL)
		return;
	if (bench_interrupted)
		printf("Interrupted: what was measured until then.\n");
	answers_print(stdout, TABLE_TEXT, &results);
	if (options->targets)
		targets_print(stdout, TABLE_TEXT, &results);
	if (options->report != NULL)
		printf("\nIn %s: tables.txt, and report.html with pictures\n",
		    options->report);
	else if (options->tables != NULL)
		printf("\nAll tables: %s\n", options->tables);
	else
		printf("\nAll tables and pictures: bench --report DIR\n");
}

static bool
write_files(const struct options *options)
{
	bool good = true;

	if (options->out != NULL)
		good = results_write_json(&results, options->out);
	if (options->tables != NULL)
		good = report_write_tables(
			   &results, options->tables, options->targets) &&
		    good;
	if (options->report != NULL)
		good =
		    report_write(&results, options->report, options->targets) &&
		    good;
	return good;
}

int
main(int argc, char **argv)
{
	struct options options;
	int status;

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
	if (!writable(&options) || !bench_init(argc, argv, &options) ||
	    (!options.paper && !bench_count(parts, PARTS)))
		return EXIT_USAGE;
	measure(&options);
	bench_fini();
	if (options.list)
		return EXIT_SUCCESS;
	status = write_files(&options) ? EXIT_SUCCESS : EXIT_FAILURE;
	print(&options);
	results_clear(&results);
	return bench_interrupted ? 128 + bench_interrupted : status;
}
