# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
#
# report.sh -- for scripts to read with `.', from the project's directory: runs
# suites with their output in log files, and sums them up.
#
#	suite_begin NAME	what follows is about it, and goes to
#				build/logs/NAME.log
#	suite_step WHAT COMMAND...	says WHAT, and runs the command.  If it
#				fails, what the log says about it is printed,
#				and the script exits with 1
#	suite_end		prints how many tests passed, and the time
#	suite_skipped WHY	instead of all: it cannot be run here
#	summary			a line for each suite since results_begin, and
#				what was skipped and why
#
#	generator TREE		what tells CMake to use Ninja, which takes half
#				of make's time; nothing if the tree is there
#
# RESULTS in the environment is the file in which suites leave their lines: of
# name, tests passed, tests skipped and seconds.

logs=build/logs

results_begin()
{
	RESULTS=$PWD/$logs/results
	export RESULTS
	mkdir -p $logs
	: >"$RESULTS"
	results_start=$(date +%s)
}

suite_begin()
{
	suite=$1
	log=$logs/$suite.log
	suite_start=$(date +%s)
	mkdir -p $logs
	: >"$log"
}

suite_step()
{
	what=$1
	shift
	echo "$suite: $what"
	printf '\n== %s: %s\n' "$what" "$*" >>"$log"
	"$@" >>"$log" 2>&1 || {
		echo "$suite: $what: FAILED; $log has:"
		failures "$log"
		exit 1
	}
}

suite_end()
{
	seconds=$(($(date +%s) - suite_start))
	passed=$(sed -n 's/^[0-9]*% tests passed, .* out of //p' "$log")
	skipped=$(grep -c '\*\*\*Skipped' "$log" || :)
	passed=$((${passed:-0} - skipped))
	echo "$suite: $passed tests passed, $skipped skipped, $(clock $seconds)"
	[ -z "${RESULTS:-}" ] ||
	    echo "$suite $passed $skipped $seconds" >>"$RESULTS"
}

suite_skipped()
{
	echo "$suite: skipped: $*"
	echo "skipped: all of it: $*" >>"$log"
	[ -z "${RESULTS:-}" ] || echo "$suite 0 0 0" >>"$RESULTS"
}

generator()
{
	[ -e "$1/CMakeCache.txt" ] || echo -GNinja
}

# clock SECONDS: as minutes and seconds.
clock()
{
	printf '%d:%02d' $(($1 / 60)) $(($1 % 60))
}

# failures LOG: what the tests that failed said, of each the last 100 lines; or
# if no test failed, the last 100 lines of all, without those about files that
# were built.
failures()
{
	awk '
	function flush(  i) {
		for (i = n > 100 ? n - 99 : 1; i <= n; i++)
			print line[i]
		if (n > 0)
			print ""
		n = 0
	}
	/^\[ *[0-9]+(%|\/[0-9]+)\] / { next } # what was built
	{ last[++lines % 100] = $0 }
	/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
		flush()
		failed = /\*\*\*/ && !/\*\*\*Skipped/
		any = any || failed
	}
	/^ *Start +[0-9]+: / { flush(); failed = 0; next }
	/^[0-9]+% tests passed/ { flush(); failed = 0; end = any }
	failed { line[++n] = $0 }
	end { print }
	END {
		flush()
		for (i = lines > 100 ? lines - 99 : 1; !any && i <= lines; i++)
			print last[i % 100]
	}' "$1"
}

summary()
{
	echo
	printf '%-22s %7s %8s %8s\n' suite passed skipped time
	while read -r name passed skipped seconds; do
		printf '%-22s %7d %8d %8s\n' "$name" "$passed" "$skipped" \
		    "$(clock "$seconds")"
	done <"$RESULTS"
	printf '%-22s %7s %8s %8s\n' all \
	    "$(awk '{ n += $2 } END { print n + 0 }' "$RESULTS")" \
	    "$(awk '{ n += $3 } END { print n + 0 }' "$RESULTS")" \
	    "$(clock $(($(date +%s) - results_start)))"
	# What several suites skip for one reason is one line.
	cut -d' ' -f1 "$RESULTS" | while read -r name; do
		sed -n "s/^skipped: \\(.*\\)/$name	\\1/p
		    s/^ \\* \\(.*\\), to have it install/$name	not built: \\1, for want of/p" \
		    "$logs/$name.log"
	done | awk -F '	' '
	seen[$0]++ { next }
	!($2 in suites) { order[++n] = $2 }
	{ suites[$2] = suites[$2] " " $1; count[$2]++ }
	END {
		if (n > 0)
			print "\nSkipped:"
		for (i = 1; i <= n; i++)
			print "  " order[i] " (" (count[order[i]] > 3 ? \
			    count[order[i]] " suites" : \
			    substr(suites[order[i]], 2)) ")"
	}'
	echo
	echo "Logs are in $logs."
}
