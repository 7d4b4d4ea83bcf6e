#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# valgrind.sh [BACKEND...] -- run every suite under valgrind, random ones with
# fewer steps, on these backends or on all: no error, no leak.  Takes a while.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
sh scripts/lib/packages.sh cmake make gcc g++ libc6-dev pkg-config check \
    libsubunit-dev libbsd-dev liburcu-dev valgrind
# shellcheck disable=SC2046 # several words
[ $# -gt 0 ] || set -- $(sed -n 's/^PHYSSEG_BACKENDS += //p' sources.mk)

cmake --preset release -DPHYSSEG_BENCH=OFF -DPHYSSEG_EXAMPLES=OFF \
    -B build/valgrind
cmake --build build/valgrind --parallel "$(nproc)"
cd build/valgrind/tests

# memcheck PROGRAM [BACKEND]: in one process, for what a child that died of an
# expected panic leaves behind is no leak.
memcheck()
{
	echo "$*"
	CK_FORK=no TEST_STEPS=300 valgrind --quiet --leak-check=full \
	    --child-silent-after-fork=yes --error-exitcode=9 \
	    "./$1" ${2:+"$2"} >log 2>&1 || {
		cat log
		failed="$failed $*"
	}
}

failed=
for program in t_*; do
	[ -f "$program" ] && [ -x "$program" ] || continue
	case $program in
	t_*.*)
		for backend; do
			[ "${program#*.}" != "$backend" ] ||
				memcheck "$program" "$backend"
		done
		;;
	t_backend | t_fault* | t_physseg*)
		for backend; do
			memcheck "$program" "$backend"
		done
		;;
	*)
		memcheck "$program"
		;;
	esac
done
[ -z "$failed" ] || {
	echo "valgrind.sh: failed:$failed"
	exit 1
}
echo "valgrind.sh: no error, no leak"
