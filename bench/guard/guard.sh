#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# guard.sh update -- count the instructions of every backend's lookup, plug and
# unplug, and write them into bench/guard/guard.txt.  Do so when a change means to
# change them, and commit what comes out.
#
# guard.sh check DRIVER -- count them with a built bench/guard and compare with
# that file: status 1 when one is more than 3 % off, either way; 77 when they
# cannot be compared, with the reason.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/../../scripts/lib/help.sh"

tolerance=3 # percent
file=$(cd "$(dirname "$0")" && pwd)/guard.txt

skip()
{
	echo "guard: skipped: $*"
	exit 77
}

# count DRIVER: what built it; a line for each count, of its name and of the
# instructions of one operation.
count()
{
	valgrind --tool=callgrind --callgrind-out-file="$dir/out" \
	    --toggle-collect=guard_measured --dump-after=guard_measured \
	    "$1" >"$dir/names" 2>"$dir/log" || {
		cat "$dir/log" >&2
		return 1
	}
	sed -n 1p "$dir/names"
	sed 1d "$dir/names" | {
		part=0
		while read -r name operations; do
			part=$((part + 1))
			sum=$(sed -n 's/^totals: //p' "$dir/out.$part")
			echo "$name $sum $operations"
		done
	} | awk '{ printf "%-36s %10.2f\n", $1, $2 / $3 }'
}

update()
{
	cd "$(dirname "$0")/../.."
	sh scripts/lib/packages.sh cmake make gcc g++ libc6-dev libbsd-dev \
	    libbenchmark-dev valgrind
	cmake --preset release -DPHYSSEG_TESTS=OFF -B build/bench
	cmake --build build/bench --parallel "$(nproc)" --target guard
	count build/bench/bench/guard >"$file.new"
	mv "$file.new" "$file"
	cat "$file"
}

check()
{
	command -v valgrind >/dev/null || skip "valgrind is not installed"
	[ -f "$file" ] || skip "there is no $file"
	now=$dir/now
	count "$1" >"$now"
	[ "$(sed -n 1p "$now")" = "$(sed -n 1p "$file")" ] ||
		skip "counted with another compiler: $(sed -n 1p "$file")," \
		    "here it is $(sed -n 1p "$now")"
	awk -v tolerance="$tolerance" '
		/^#/ { next }
		NR == FNR { was[$1] = $2; next }
		!($1 in was) { print $1 ": not in the file"; bad = 1; next }
		{
			percent = ($2 / was[$1] - 1) * 100
			printf "%-36s %10.2f %10.2f %+7.2f %%\n",
			    $1, was[$1], $2, percent
			if (percent > tolerance || percent < -tolerance) {
				print "  more than " tolerance " % off"
				bad = 1
			}
			delete was[$1]
		}
		END {
			for (name in was) {
				print name ": not counted any more"
				bad = 1
			}
			if (bad)
				print "If that is meant: sh bench/guard/guard.sh update"
			exit bad
		}' "$file" "$now"
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
case ${1:-} in
--help) sed -n '4,/^$/s/^# \{0,1\}//p' "$0" ;;
update) update ;;
check) check "${2:?the built bench/guard}" ;;
*)
	echo "usage: guard.sh update | check DRIVER" >&2
	exit 2
	;;
esac
