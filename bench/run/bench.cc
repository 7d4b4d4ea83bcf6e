/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * bench.cc -- runs the benchmarks on Google Benchmark.
 *
 * Cases come in groups that share what they measure, so that memory holds one
 * group at a time.  A group is one run of the library: its cases interleave at
 * random, pinned to one processor, several times over.  The library's own
 * output, in whatever format, is one document all the same: the context is
 * written before the first group and the end after the last.
 *
 * Time is the processor time of the thread that measures.
 *
 * How often a case runs in a repetition is settled when it is added, from two
 * runs of it: as often as the time asked for takes, unless what comes before
 * and after each run, untimed, would take several times as long.  So a
 * repetition is of a known length, and what is left can be estimated.
 */

#include <algorithm>
#include <chrono>
#include <climits>
#include <cmath>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <regex>
#include <string>
#include <unordered_map>
#include <vector>

#include <benchmark/benchmark.h>

#ifdef __linux__
#include <sched.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "bench.h"
#include "results.h"

namespace {

const struct options *opt;
std::regex filter;
bool filter_negative;

double min_time;
unsigned long repetitions;

struct Case {
	struct bench bench;
	std::string name, experiment, variant;
	std::vector<double> times; /* ns for one operation, per repetition */
};

std::vector<Case> cases;
std::unordered_map<std::string, size_t> by_name;

double
seconds()
{
#ifdef CLOCK_THREAD_CPUTIME_ID
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
#else
	return double(std::clock()) / CLOCKS_PER_SEC;
#endif
}

/* What asking twice for the time takes, at least: the clock is the kernel's,
 * and dear beside a few lookups. */
double clock_cost;

void
measure_clock()
{
	for (int i = 0; i < 1000; i++) {
		const double start = seconds();
		const double cost = seconds() - start;

		if (i == 0 || cost < clock_cost)
			clock_cost = cost;
	}
}

/* What --delay is for: 100 more ns for every operation. */
void
delay(double operations)
{
	const double until = seconds() + operations * 100e-9;

	while (seconds() < until)
		continue;
}

/* One run: what of it is timed, and what all of it took. */
struct Round {
	double timed, all;
};

Round
run_once(const struct bench &bench)
{
	const double begin = seconds();

	if (bench.before != nullptr)
		bench.before(bench.arg);
	const double start = seconds();
	benchmark::DoNotOptimize(bench.run(bench.arg));
	const double stop = seconds();
	if (bench.after != nullptr)
		bench.after(bench.arg);
	return { std::max(stop - start - clock_cost, 1e-9), seconds() - begin };
}

/* The first run warms the caches. */
double
iterations(const struct bench &bench)
{
	constexpr double LONGER = 4; /* at most, than what is timed */

	if (bench.once)
		return 1;
	const Round first = run_once(bench);
	if (first.all > min_time)
		return 1;
	const Round round = run_once(bench);
	const double wanted = min_time / round.timed;
	const double most = LONGER * min_time / round.all;
	return std::max(1.0, std::floor(std::min(wanted, most)));
}

void show_progress();
size_t repetitions_begun; /* of cases of the present run */

void
measure(benchmark::State &state, const struct bench &bench, bool slow)
{
	repetitions_begun++;
	show_progress();
	for (auto _ : state) {
		if (bench_interrupted) {
			state.SkipWithError("interrupted");
			break;
		}
		if (bench.before != nullptr)
			bench.before(bench.arg);
		const double start = seconds();
		benchmark::DoNotOptimize(bench.run(bench.arg));
		if (slow)
			delay(bench.operations);
		state.SetIterationTime(
		    std::max(seconds() - start - clock_cost, 1e-10));
		if (bench.after != nullptr)
			bench.after(bench.arg);
	}
}

/* ---- the library's reporters, each given one document ---- */

class Document {
      public:
	Document(const std::string &format, std::ostream *out)
	    : reporter(make(format))
	{
		if (out != nullptr)
			reporter->SetOutputStream(out);
	}

	void context(const benchmark::BenchmarkReporter::Context &context)
	{
		if (!started)
			reporter->ReportContext(context);
		started = true;
	}

	void runs(const std::vector<benchmark::BenchmarkReporter::Run> &runs)
	{
		reporter->ReportRuns(runs);
	}

	void end()
	{
		if (started)
			reporter->Finalize();
	}

      private:
	static benchmark::BenchmarkReporter *make(const std::string &format)
	{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
		if (format == "csv")
			return new benchmark::CSVReporter;
#pragma GCC diagnostic pop
		if (format == "json")
			return new benchmark::JSONReporter;
		return new benchmark::ConsoleReporter(
		    benchmark::ConsoleReporter::OO_None);
	}

	std::unique_ptr<benchmark::BenchmarkReporter> reporter;
	bool started = false;
};

std::ofstream file;
std::vector<Document> documents;

class Collector : public benchmark::BenchmarkReporter {
      public:
	bool ReportContext(const Context &context) override
	{
		for (Document &document : documents)
			document.context(context);
		return true;
	}

	void ReportRuns(const std::vector<Run> &runs) override
	{
		for (Document &document : documents)
			document.runs(runs);
		for (const Run &run : runs)
			if (run.run_type == Run::RT_Iteration &&
			    !run.error_occurred)
				collect(run);
	}

      private:
	static void collect(const Run &run)
	{
		const auto found = by_name.find(run.run_name.function_name);
		if (found == by_name.end())
			return;
		Case &one = cases[found->second];
		one.times.push_back(run.real_accumulated_time * 1e9 /
		    double(run.iterations) / one.bench.operations);
	}
};

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

/* Memory that was given back stays in the process, so that only the first
 * repetition waits for the kernel to make some. */
void
keep_memory()
{
#ifdef __GLIBC__
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_MAX, 0);
#endif
}

std::string
name_of(const char *experiment, const char *variant, double x)
{
	char number[32];

	std::snprintf(number, sizeof(number), "%.0f", x);
	return std::string(experiment) + "/" + variant + "/" + number;
}

extern "C" void
interrupt(int signal)
{
	bench_interrupted = signal;
	std::signal(signal, SIG_DFL); /* the second one ends the program */
}

/* ---- how long it will take ---- */

/* What a case takes, about, beside the repetitions of its measuring: for each
 * of its x segments, once or, where they are what is measured, each time. */
const struct {
	const char *prefix;
	double once, each;
} costs[] = {
	{ "memory/", 0.5e-6, 0 },
	{ "lookup/", 0.3e-6, 0 },
	{ "layer/", 0.3e-6, 0 },
	{ "beside/", 0.5e-6, 0 },
	{ "change/grow/", 0, 1e-6 },
	{ "change/holes/", 0, 1e-6 },
	{ "change/load/", 0, 1e-6 },
	{ "change/", 0.3e-6, 0 },
};

struct Progress {
	bool counting;
	bool found;	/* something that the filter matches */
	bool delayed;	/* something that --delay names */
	double started; /* when */
	double all;	/* expected, in seconds */
	double done;	/* of these */
	double now;	/* what is measured now */
	double shown;	/* when something was */
	char title[80];
} progress;

double
wall()
{
	return std::chrono::duration<double>(
	    std::chrono::steady_clock::now().time_since_epoch())
	    .count();
}

double
expected(const std::string &name, double x)
{
	for (const auto &cost : costs)
		if (name.rfind(cost.prefix, 0) == 0)
			return double(repetitions) *
			    (1.5 * min_time + cost.each * x) +
			    cost.once * x;
	return 0;
}

/* A log gets a line so often; a terminal's line is written anew each time. */
constexpr double LINE_SECONDS = 10;

/* At most ten times a second, or it would take longer than it says. */
void
show_progress()
{
	const double now = wall();
	double done = progress.done;

	if (now < progress.shown + 0.1)
		return;
	progress.shown = now;
	if (!cases.empty())
		done += progress.now * double(repetitions_begun) /
		    double(cases.size() * repetitions);
	if (done <= 0 || done >= progress.all)
		bench_progress("%s", progress.title);
	else
		bench_progress("%s: %.0f %%, about %.0f s left", progress.title,
		    100 * done / progress.all,
		    (now - progress.started) * (progress.all / done - 1));
}

bool
is_terminal()
{
#if defined(__unix__) || defined(__APPLE__)
	return isatty(STDERR_FILENO) != 0;
#else
	return false;
#endif
}

bool
open_documents()
{
	if (opt->format != nullptr)
		documents.emplace_back(opt->format, nullptr);
	if (opt->file == nullptr)
		return true;
	file.open(opt->file);
	if (!file) {
		std::fprintf(
		    stderr, "bench: %s: cannot be written\n", opt->file);
		return false;
	}
	documents.emplace_back(
	    opt->file_format != nullptr ? opt->file_format : "json", &file);
	return true;
}

bool
set_filter(std::string text)
{
	filter_negative = !text.empty() && text[0] == '-';
	try {
		filter = std::regex(
		    text.substr(filter_negative ? 1 : 0), std::regex::extended);
	} catch (const std::regex_error &) {
		std::fprintf(stderr, "bench: %s: not a regular expression\n",
		    text.c_str());
		return false;
	}
	return true;
}

} // namespace

volatile sig_atomic_t bench_interrupted;

void
bench_progress(const char *format, ...)
{
	static double next_line;
	const bool terminal = is_terminal();
	char text[160];
	va_list list;

	va_start(list, format);
	std::vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (opt->list || (!terminal && (text[0] == '\0' || wall() < next_line)))
		return;
	next_line = wall() + LINE_SECONDS;
	std::fprintf(stderr, terminal ? "\r\033[K%s" : "bench: %s\n", text);
	std::fflush(stderr);
}

void
bench_part(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	std::vsnprintf(progress.title, sizeof(progress.title), format, list);
	va_end(list);
	progress.shown = 0;
	if (!progress.counting)
		show_progress();
}

bool
bench_count(void (*const *parts)(const struct options *), size_t n)
{
	progress.counting = true;
	for (size_t i = 0; i < n; i++)
		parts[i](opt);
	progress.counting = false;
	progress.started = wall();
	if (!progress.found)
		std::fprintf(stderr,
		    "bench: the filter %s matches nothing; --list says what "
		    "there is\n",
		    opt->filter);
	else if (opt->delay != nullptr && !progress.delayed)
		std::fprintf(stderr,
		    "bench: --delay %s: no such variant is measured; --list "
		    "says which are\n",
		    opt->delay);
	else
		return true;
	return false;
}

bool
bench_wanted(const char *experiment, const char *variant, double x)
{
	const std::string name = name_of(experiment, variant, x);

	if (bench_interrupted ||
	    (opt->filter != nullptr &&
		std::regex_search(name, filter) == filter_negative))
		return false;
	(progress.counting ? progress.all : progress.now) += expected(name, x);
	if (progress.counting) {
		progress.found = true;
		progress.delayed |= opt->delay != nullptr &&
		    std::strcmp(variant, opt->delay) == 0;
		return false;
	}
	if (opt->list)
		std::puts(name.c_str());
	return !opt->list;
}

void
bench_add(const struct bench *bench)
{
	const std::string name =
	    name_of(bench->experiment, bench->variant, bench->x);

	if (bench->verify != nullptr && !bench->verify(bench->arg)) {
		std::fprintf(
		    stderr, "bench: %s: a wrong answer\n", name.c_str());
		std::exit(EXIT_FAILURE);
	}
	by_name[name] = cases.size();
	cases.push_back(
	    Case{ *bench, name, bench->experiment, bench->variant, {} });
	const bool slow =
	    opt->delay != nullptr && cases.back().variant == opt->delay;
	benchmark::RegisterBenchmark(name.c_str(),
	    [copy = *bench, slow](
		benchmark::State &state) { measure(state, copy, slow); })
	    ->UseManualTime()
	    ->Iterations(benchmark::IterationCount(iterations(*bench)));
}

void
bench_skip(
    const char *experiment, const char *variant, double x, const char *why)
{
	results_add_skipped(&results, experiment, variant, x, "ns", why);
}

void
bench_run(void)
{
	Collector collector;

	if (!cases.empty())
		benchmark::RunSpecifiedBenchmarks(&collector, "all");
	benchmark::ClearRegisteredBenchmarks();
	repetitions_begun = 0;
	progress.done += progress.now;
	progress.now = 0;
	for (Case &one : cases)
		if (!one.times.empty())
			results_add_values(&results, one.experiment.c_str(),
			    one.variant.c_str(), one.bench.x, "ns",
			    one.times.data(), unsigned(one.times.size()));
	cases.clear();
	by_name.clear();
}

bool
bench_init(int argc, char **argv, const struct options *given)
{
	repetitions = given->repetitions != 0 ? given->repetitions
	    : given->full		      ? 7
					      : 5;
	min_time = given->min_time > 0 ? given->min_time
	    : given->full	       ? 0.02
				       : 0.004;
	/* What a command line says comes later, and so wins. */
	std::vector<std::string> defaults{
		"--benchmark_enable_random_interleaving=true",
		"--benchmark_repetitions=" + std::to_string(repetitions),
	};
	std::vector<char *> arguments{ argv[0] };
	for (std::string &argument : defaults)
		arguments.push_back(&argument[0]);
	arguments.insert(arguments.end(), argv + 1, argv + argc);
	argc = static_cast<int>(arguments.size());
	arguments.push_back(nullptr);

	opt = given;
	benchmark::Initialize(&argc, arguments.data());
	if (benchmark::ReportUnrecognizedArguments(argc, arguments.data()) ||
	    !set_filter(given->filter != nullptr ? given->filter : "") ||
	    !open_documents())
		return false;
	std::signal(SIGINT, interrupt);
	std::signal(SIGTERM, interrupt);
	pin();
	keep_memory();
	measure_clock();
	return true;
}

void
bench_fini(void)
{
	for (Document &document : documents)
		document.end();
	benchmark::Shutdown();
}
