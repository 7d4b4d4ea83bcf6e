#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# bench.sh [OPTION...] -- install what is missing, build, and run the benchmark.
# Without options it measures everything quickly.  It ends in one screen, which
# says which backend to use.  All tables and a page with pictures are then in
# out/bench, or where --report says.  Ctrl-C keeps what was measured.
#
# bench.sh --vm-memory [OPTION...] -- the same, and compare with vm-memory, which
# virtual machine monitors take.  It is of Rust: if there is no cargo, Debian's
# compiler is installed, which takes 280 MB.  Where both are there already,
# vm-memory is compared with even if not asked for.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
program=build/bench/bench/bench

# Options after these win.
run()
{
	exec "$program" --report out/bench "$@"
}

case ${1-} in
--help)
	sed -n '4,/^$/s/^# \{0,1\}//p' scripts/bench.sh
	[ ! -x "$program" ] || run --help
	echo "Once it is built, --help lists the options."
	exit 0
	;;
esac

vm_memory=
if [ "${1-}" = --vm-memory ]; then
	shift
	vm_memory=librust-vm-memory-dev
	command -v cargo >/dev/null || vm_memory="$vm_memory cargo"
fi

log=build/bench.log
mkdir -p build out
echo "bench.sh: installs what is missing and builds; the log is $log" >&2
{
	# shellcheck disable=SC2086 # no word or several
	sh scripts/lib/packages.sh cmake make gcc g++ libc6-dev libbsd-dev \
	    libbenchmark-dev libabsl-dev libjudy-dev gnuplot-nox $vm_memory &&
	    cmake --preset release -DPHYSSEG_TESTS=OFF -B build/bench &&
	    cmake --build build/bench --parallel "$(nproc)" --target bench
} >"$log" 2>&1 || {
	cat "$log" >&2
	exit 1
}
run "$@"
