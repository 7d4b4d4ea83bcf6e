/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench.cc -- runs the benchmarks on Google Benchmark and prints a table of
 * its own when all are done.
 *
 * All run interleaved in one process, pinned to one processor where the system
 * lets us, several times over; a row shows the least and the median time.
 * Machines differ: what says something is the ratio of two rows of one run.
 */

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#ifdef __linux__
#include <sched.h>
#endif

#include "bench.h"

namespace {

struct Row {
	struct bench bench;
	std::string name;
	std::vector<double> times; /* ns for one operation, per repetition */
};

std::vector<Row> rows;

void
measure(benchmark::State &state, const struct bench &bench)
{
	for (auto _ : state)
		benchmark::DoNotOptimize(bench.run(bench.arg));
}

/* Of one call of run. */
double
nanoseconds(const benchmark::BenchmarkReporter::Run &run)
{
	return run.cpu_accumulated_time * 1e9 / double(run.iterations);
}

/* Collects what the library measured, and is silent until all is done. */
class Collector : public benchmark::BenchmarkReporter {
      public:
	bool ReportContext(const Context &) override
	{
		return true;
	}

	void ReportRuns(const std::vector<Run> &runs) override
	{
		for (const Run &run : runs) {
			if (run.run_type != Run::RT_Iteration)
				continue;
			for (Row &row : rows)
				if (row.name == run.run_name.function_name)
					row.times.push_back(nanoseconds(run) /
					    double(row.bench.operations));
		}
	}
};

void
print_table(const std::string &table)
{
	double fastest = 0;
	for (Row &row : rows) {
		if (row.bench.table != table || row.times.empty())
			continue;
		std::sort(row.times.begin(), row.times.end());
		if (fastest == 0 || row.times[0] < fastest)
			fastest = row.times[0];
	}
	if (fastest == 0)
		return;
	std::printf("\n%s\n%-32s %10s %10s %8s\n", table.c_str(), "",
	    "least ns", "median ns", "ratio");
	for (const Row &row : rows)
		if (row.bench.table == table && !row.times.empty())
			std::printf("%-32s %10.2f %10.2f %8.2f\n",
			    row.bench.row, row.times[0],
			    row.times[row.times.size() / 2],
			    row.times[0] / fastest);
}

void
pin()
{
#ifdef __linux__
	cpu_set_t set;
	int cpu = sched_getcpu();
	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(static_cast<size_t>(cpu), &set);
	sched_setaffinity(0, sizeof(set), &set);
#endif
}

} // namespace

void
bench_add(const struct bench *bench)
{
	if (!bench->verify(bench->arg)) {
		std::fprintf(stderr, "bench: %s, %s: a wrong answer\n",
		    bench->table, bench->row);
		std::exit(EXIT_FAILURE);
	}
	rows.push_back(
	    Row{ *bench, std::string(bench->table) + "/" + bench->row, {} });
	benchmark::RegisterBenchmark(rows.back().name.c_str(),
	    [copy = *bench](benchmark::State &state) { measure(state, copy); });
}

int
main(int argc, char **argv)
{
	/* What a command line says comes later, and so wins. */
	std::vector<std::string> defaults{
		"--benchmark_repetitions=5",
		"--benchmark_enable_random_interleaving=true",
	};
	std::vector<char *> arguments{ argv[0] };
	for (std::string &argument : defaults)
		arguments.push_back(&argument[0]);
	arguments.insert(arguments.end(), argv + 1, argv + argc);
	argc = static_cast<int>(arguments.size());
	arguments.push_back(nullptr);

	benchmark::Initialize(&argc, arguments.data());
	if (benchmark::ReportUnrecognizedArguments(argc, arguments.data()))
		return EXIT_FAILURE;
	pin();
	bench_lookup();

	Collector collector;
	benchmark::RunSpecifiedBenchmarks(&collector);
	std::set<std::string> printed;
	for (const Row &row : rows)
		if (printed.insert(row.bench.table).second)
			print_table(row.bench.table);
	return EXIT_SUCCESS;
}
