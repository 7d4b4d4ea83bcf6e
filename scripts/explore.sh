#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# explore.sh [CHANGES [JUMPS]] -- a reader without a lock beside every sequence
# of so many changes, 1 or as many as are said, in every way in which memory
# changes under one lookup at most so many times, 6 or as many as are said.
#
# The code is the library's own: each of its loads and stores is a step.  The
# changes are those of three pieces of memory side by side, of four sizes and
# places, from all states that these can be in, on maps that boot and that run,
# that join segments and that do not: t_radix_steps.c, test_every.
# A reader is followed from each moment at which it may begin to the first call
# of `sync' that waits for it.  With one change and six jumps it takes some
# minutes on two cores; each change more makes that twenty times as much.
#
# It stops at the first answer that is wrong, and prints what runs it again.  At
# its end it prints how much was run, and how many ways go on beyond so many
# jumps, which were not run.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
sh scripts/lib/packages.sh cmake ninja-build gcc libc6-dev check libbsd-dev

tree=build/explore
cmake -G Ninja -S . -B $tree -DCMAKE_BUILD_TYPE=Release -DPHYSSEG_BENCH=OFF \
    -DPHYSSEG_EXAMPLES=OFF >/dev/null
cmake --build $tree --target t_radix_steps >/dev/null

TEST_CHANGES=${1:-1} TEST_JUMPS=${2:-6} CK_RUN_CASE=every CK_FORK=no
TEST_GEOMETRY=all
export TEST_CHANGES TEST_JUMPS TEST_GEOMETRY CK_RUN_CASE CK_FORK
# One process for each state that the pieces can be in at first.
start=0
while [ $start -lt 27 ]; do
	echo $start
	start=$((start + 1))
done | xargs -P "$(nproc)" -I '{}' sh -c "
	TEST_START={} $tree/tests/t_radix_steps >$tree/start-{} ||
	    { cat $tree/start-{}; exit 255; }
	echo start {} of 27"
sed -n 's/^start .*: //p' $tree/start-* | awk -v changes="$TEST_CHANGES" \
    -v jumps="$TEST_JUMPS" '
{ n++; sequences += $1; refused += $3; lookups += $5; loads += $7; ways += $9 }
END {
	printf "%d starts, %d sequences of %d changes, %d more refused;\n" \
	    "%.0f lookups with %.0f loads, nothing wrong;\n" \
	    "%.0f ways go on beyond %d jumps\n", n, sequences, changes,
	    refused, lookups, loads, ways, jumps
	exit n != 432
}'
