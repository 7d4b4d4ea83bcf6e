#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# soak.sh [--seed SEED] [CHANGES [LOOKUPS]] -- readers without a lock beside a
# writer, for long: a million changes of maps on the radix tree, and beside them
# a billion lookups, or as many as are said.
#
# The test t_history does it, optimized: changes drawn at random, of which many
# are refused, in three maps one after the other, two of them with liburcu.  All
# lookups are looked at: a page describes its frame, a frame that stays is found.
# A share of them is written down and checked against all states that the map
# had meanwhile.  What is drawn comes from the seed, by default the clock's; how
# the threads meet does not.
#
# A line for each map says how far it came; the last line sums up.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

usage()
{
	echo "usage: soak.sh [--seed SEED] [CHANGES [LOOKUPS]]" >&2
	exit 2
}
seed=$(date +%s)
if [ "${1-}" = --seed ]; then
	[ $# -ge 2 ] || usage
	seed=$2
	shift 2
fi
[ $# -le 2 ] || usage
changes=${1:-1000000} lookups=${2:-1000000000}
for number in "$seed" "$changes" "$lookups"; do
	case $number in
	'' | 0* | *[!0-9]*) usage ;;
	esac
done

cd "$(dirname "$0")/.."
sh scripts/lib/packages.sh cmake make gcc libc6-dev pkg-config check \
    libsubunit-dev libbsd-dev liburcu-dev
mkdir -p build/logs
log=build/logs/soak.log
{
	cmake --preset release &&
	    cmake --build --preset release --parallel "$(nproc)" \
		--target t_history
} >$log 2>&1 || {
	cat $log
	exit 1
}

# The third map, a large one, has a fourth of the changes; each has a third of
# the lookups.
steps=$((changes * 4 / 9 + 1))
echo "soak.sh: seed $seed, $changes changes, $lookups lookups"
status=0
{
	TEST_LOOKUPS=$((lookups / 3 + steps)) build/release/tests/t_history \
	    radix --seed "$seed" --steps $steps 2>&1 || echo "status $?"
} | tee $log
awk -v maps=3 '
/ changes, .* lookups, .* checked, / {
	changes += $2; lookups += $4; checked += $6; seconds += $(NF - 1); n++
}
/^  refused / { refused += $2 }
/^status / { failed = 1 }
END {
	printf "soak.sh: %.0f changes, %.0f lookups, %.0f checked, " \
	    "%.0f refusals, %.0f seconds\n",
	    changes, lookups, checked, refused, seconds
	exit failed || n < maps
}' $log || status=1
[ $status -eq 0 ] ||
    echo "run again: sh scripts/soak.sh --seed $seed $changes $lookups"
exit $status
