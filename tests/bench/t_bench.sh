#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_bench.sh BENCH -- the benchmark's command line: what is wrong is said and
# ends with status 2 before anything is measured; the one screen at the end; and
# --compare sees a difference that is there.  Whether any figure is good is not
# asked here.

set -u

bench=${1:?the built benchmark}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failures=0

fail()
{
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# expect STATUS TEXT ARGUMENT...: it ends so and says that somewhere.
expect()
{
	status=$1 text=$2
	shift 2
	"$bench" "$@" >"$dir/said" 2>&1
	got=$?
	[ "$got" -eq "$status" ] || fail "bench $*: status $got, not $status"
	grep -q -e "$text" "$dir/said" || {
		fail "bench $*: does not say: $text"
		cat "$dir/said"
	}
}

# What is measured first says so at once, also where there is no terminal.
measuring='^bench: memory\|^bench: paper: '

# expect_unmeasured STATUS TEXT ARGUMENT...: the same, and nothing was measured.
# If it measures all the same, then little.
expect_unmeasured()
{
	expect "$@" --runs 1 --calls 100 --benchmark_min_time=0.0001 \
	    --benchmark_repetitions=1
	grep -q "$measuring" "$dir/said" && fail "bench $*: measures first"
}

# Bad arguments.
expect 2 'no such option' --nonsense
expect 2 'no such option' stray
expect 2 'must follow' --out
expect 2 'must follow' --out=
expect 2 'two files' --compare one
expect 2 'not a number' --runs 0
expect 2 'not a number' --runs -1
expect 2 'not a number' --calls 12x
expect 2 'not a number' --segments 99999999999999999999
expect 2 'not a ratio' --threshold 0.5
expect 2 'not a ratio' --threshold fast
expect 2 'not a ratio' --threshold nan
expect 2 'not a time' --benchmark_min_time=0
expect 2 'not a time' --benchmark_min_time=1x
expect 2 'only one' --faithful --net
expect 2 'console, json, or csv' --benchmark_format=xml
expect 2 'not a regular expression' '--benchmark_filter=('
expect 2 'unrecognized' --benchmark_nonsense=1
expect 2 'cannot be written' --benchmark_out="$dir/no/such" --list
expect 2 'a filter has no effect' --paper --benchmark_filter=rbtree
expect 2 'delayed' --paper --delay rbtree

# Bad arguments that only show when it is known what there is to measure.
expect_unmeasured 2 'matches nothing' --segments 32 \
    --benchmark_filter=nosuchthing
expect_unmeasured 2 'matches nothing' --benchmark_filter=nosuchthing --list
expect_unmeasured 2 'matches nothing' --segments 32 --benchmark_filter='/1000$'
expect_unmeasured 2 'no such variant' --segments 32 --delay rbtee
expect_unmeasured 2 'no such variant' --segments 32 --delay rbtree \
    --benchmark_filter=/radix/
expect_unmeasured 2 'cannot be written' --segments 32 --out "$dir/no/such"
expect_unmeasured 2 'cannot be written' --segments 32 --tables "$dir/no/such"
expect_unmeasured 2 'cannot be made' --segments 32 --report "$dir/no/such"
mkdir -p "$dir/blocked/report.html"
expect_unmeasured 2 'cannot be written' --segments 32 --report "$dir/blocked"

# To ask whether a file can be written neither makes nor changes it.
echo before >"$dir/kept"
expect_unmeasured 2 'matches nothing' --benchmark_filter=nosuchthing \
    --out "$dir/kept" --tables "$dir/tables" --report "$dir/made"
[ "$(cat "$dir/kept")" = before ] || fail 'a file was changed'
[ ! -e "$dir/tables" ] || fail 'a file was made'
[ -z "$(ls "$dir/made")" ] || fail 'a file was made in the directory'

# What only prints.
expect 0 'usage: bench' --help
expect 0 '^lookup/hit/random/rbtree/32$' --list
expect 0 '^lookup/hit/random/rbtree/32$' --benchmark_list_tests
expect 0 '^beside/writer/radix/1000$' --list
"$bench" --list --benchmark_filter=/rbtree/ | grep -v rbtree &&
	fail "--list does not heed the filter"
"$bench" --list --benchmark_filter=-/rbtree/ | grep '/rbtree/' &&
	fail "--list does not heed a filter of what not to take"

# Files.  One short measurement, once as it is and once slowed down.
measure()
{
	"$bench" --segments 32 --benchmark_filter='^lookup/hit/random/.*/32$' \
	    --benchmark_min_time=0.001 "$@" >"$dir/said" 2>&1 || {
		fail "bench --segments 32 $*: status $?"
		cat "$dir/said"
	}
}
measure --out "$dir/before.json" --tables "$dir/tables"
grep -q "$measuring" "$dir/said" || fail 'no progress without a terminal'
grep -q '^LOOKUP' "$dir/said" || fail 'no answer'
grep -q '^ours  *radix  *[0-9.]*' "$dir/said" || fail 'no answer for radix'
grep -q '^floor  *flat' "$dir/said" || fail 'no floor'
grep -q 'ratio\|targets' "$dir/said" && fail 'more than the answers'
grep -q 'One lookup: random frames' "$dir/tables" || fail 'no table'
grep -q 'targets' "$dir/tables" && fail 'targets that nobody asked for'
measure --out "$dir/after.json" --delay rbtree
expect 0 ' 0 slower and 0 faster' \
    --compare "$dir/before.json" "$dir/before.json"
expect 1 'lookup/hit/random, rbtree, 32' \
    --compare "$dir/before.json" "$dir/after.json" --threshold 1.2
expect 0 ' 0 slower' \
    --compare "$dir/before.json" "$dir/after.json" --threshold 1000
echo '{"results": []}' >"$dir/empty.json"
echo '{"experiment": "no end' >"$dir/broken.json"
expect 2 'no results' --compare "$dir/before.json" "$dir/empty.json"
expect 2 'no results' --compare "$dir/broken.json" "$dir/before.json"
expect 2 'No such file' --compare "$dir/before.json" "$dir/none.json"

# The project's own targets, if asked for: what was not measured is not missed,
# and the verdicts follow from the figures.
measure --targets --tables "$dir/tables"
grep -q '^The project.s own targets' "$dir/said" || fail 'no targets'
grep -q '^The project.s own targets' "$dir/tables" || fail 'no targets in the tables'
sed '1,/own targets/d' "$dir/tables" | sed -n '2,/^$/p' | awk -F '   *' '
	NF < 5 { next }
	$4 == "-" { missing++; if ($5 != "not measured in this run") bad = 1; next }
	{ measured++ }
	$4 + 0 > $3 + 0 && $5 != "NOT MET" && $5 != "met by the median only" { bad = 1 }
	$4 + 0 < $3 + 0 && $5 != "met" && $5 != "met by the least time only" { bad = 1 }
	bad { print; exit }
	END { exit bad || !missing || !measured }' ||
	fail 'verdicts that do not follow from the figures'

# The one screen: everything, as small as can be.
"$bench" --segments 1000 --runs 1 --calls 1000 --benchmark_min_time=0.0001 \
    --benchmark_repetitions=1 --report "$dir/report" >"$dir/screen" \
    2>"$dir/said" || fail "everything: status $?"
# 40 lines, and two more where there is much to say of the machine.
[ "$(wc -l <"$dir/screen")" -le 42 ] ||
	fail "the one screen has $(wc -l <"$dir/screen") lines"
awk 'length > 80 { print; bad = 1 } END { exit bad }' "$dir/screen" ||
	fail 'the one screen is wider than 80 columns'
for text in '^LOOKUP' '^CHANGE' '^MEMORY' '^PAPER' '^then: .*+5.59 %' \
    '^now: rbtree .*%' 'gcc\|clang' "^In $dir/report: tables.txt"; do
	grep -q -e "$text" "$dir/screen" ||
		fail "the one screen does not say: $text"
done
grep -q '^beside/writer' "$dir/report/tables.txt" ||
	fail 'beside a writer: no table'

# Google Benchmark's own output, whole.
"$bench" --segments 32 --benchmark_filter='^lookup/hit/random/.*/32$' \
    --benchmark_min_time=0.001 --benchmark_format=json \
    >"$dir/said" 2>"$dir/err" || fail "JSON: status $?"
sed -n 1p "$dir/said" | grep -q '^{' || fail 'JSON does not start with {'
sed -n '$p' "$dir/said" | grep -q '^}' || fail 'JSON does not end with }'

[ "$failures" -eq 0 ]
