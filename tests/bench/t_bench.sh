#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_bench.sh BENCH -- the benchmark's command line: what is wrong is said and
# ends with status 2; and --compare sees a difference that is there.  Whether
# any figure is good is not asked here.

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
measure --out "$dir/before.json"
grep -q 'One lookup: random frames' "$dir/said" || fail 'no table'
grep -q 'NOT MET\|met' "$dir/said" || fail 'no targets'
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

# A reader beside a writer: no wrong answer, at least.
"$bench" --segments 1000 --benchmark_filter='^beside/' \
    --benchmark_min_time=0.001 >"$dir/said" 2>&1 ||
	fail "beside a writer: status $?"
grep -q '^radix  ' "$dir/said" || fail 'beside a writer: no row'

# Google Benchmark's own output, whole.
measure --benchmark_format=json
sed -n 1p "$dir/said" | grep -q '^{' || fail 'JSON does not start with {'
sed -n '$p' "$dir/said" | grep -q '^}' || fail 'JSON does not end with }'

[ "$failures" -eq 0 ]
