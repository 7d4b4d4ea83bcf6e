#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# test.sh [quick] -- install the packages that are missing, build, and test.
#
# quick: every unit test on every backend, the random ones with few steps.  It
# needs a compiler, CMake, Ninja, Check and libbsd, and a minute.
#
# Without an argument everything, in about half an hour on two cores:
#
#	release		optimized, with gcc: all tests, those of the installed
#			library too
#	clang-asan	with clang, the sanitizers and DIAGNOSTIC, with fewer
#			steps, and without t_iomem, which starts some hundred
#			processes; t_fuzz_iomem reads more maps in one
#	tsan		the tests with threads, under ThreadSanitizer
#	configurations	as others build it, with few steps: configurations.sh
#			without those that are most like the ones above, gcc
#			with frames of 32 bits and clang optimized
#	cross		for machines of 32 bits and of the other byte order, with
#			few steps: cross.sh i386 s390x
#
# It stops at the first suite that fails and prints what the tests that failed
# said.  Everything else is in the logs, build/logs/SUITE.log.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib/report.sh
. scripts/lib/report.sh
jobs=$(nproc)

# stage NAME: say what is done now, and what is left.
stage()
{
	number=$((number + 1))
	left=${left#"$1"}
	echo "$number/$count $1${left:+, then$left}"
	left=${left# }
}

# preset NAME [TARGET...] -- [ARGUMENT-OF-CTEST...]
preset()
{
	preset=$1
	shift
	targets=
	while [ "$1" != -- ]; do
		targets="$targets $1"
		shift
	done
	shift
	suite_begin "$preset"
	# shellcheck disable=SC2046 # no word or one
	suite_step configure cmake --preset "$preset" \
	    $(generator "build/$preset")
	# shellcheck disable=SC2086 # several words
	suite_step build cmake --build --preset "$preset" --parallel "$jobs" \
	    ${targets:+--target $targets}
	suite_step test ctest --preset "$preset" --parallel "$jobs" \
	    --no-label-summary --no-tests=error "$@"
	suite_end
}

quick()
{
	number=0 count=2 left='packages quick'
	stage packages
	sh scripts/lib/packages.sh cmake ninja-build gcc libc6-dev check \
	    libbsd-dev
	stage quick
	TEST_STEPS=100 CK_FORK=no
	export TEST_STEPS CK_FORK
	preset quick -- -L unit
}

whole()
{
	machines='i386 s390x'
	number=0 count=6
	left='packages release clang-asan tsan configurations cross'
	stage packages
	# shellcheck disable=SC2046,SC2086 # several words
	sh scripts/lib/packages.sh cmake make ninja-build gcc g++ libc6-dev \
	    binutils pkg-config check libsubunit-dev libbsd-dev liburcu-dev \
	    libbenchmark-dev libabsl-dev libjudy-dev gnuplot-nox \
	    valgrind clang clang-format libclang-rt-dev llvm mandoc \
	    gcc-aarch64-linux-gnu gcc-riscv64-linux-gnu \
	    gcc-riscv64-unknown-elf gcc-s390x-linux-gnu \
	    qemu-system-x86 qemu-system-misc abigail-tools bindgen dpkg-dev \
	    lintian git gdb systemtap-sdt-dev lowdown libfdt-dev device-tree-compiler \
	    python3 $(sh scripts/cross.sh --packages $machines)
	stage release
	preset release --
	# A process for each case takes half of the time; once is enough.  So is
	# the whole length of what is random.
	CK_FORK=no TEST_STEPS=300
	export CK_FORK TEST_STEPS
	stage clang-asan
	preset clang-asan -- -E '^t_iomem$'
	stage tsan
	TEST_STEPS=1000
	# shellcheck disable=SC2046 # several words
	preset tsan t_radix_race t_radix_claims \
	    $(basename -s .c tests/threads/t_*.c) -- -L '^threads$'
	TEST_STEPS=100
	stage configurations
	sh scripts/configurations.sh frames32 pages16k pages64k generations bare
	stage cross
	# shellcheck disable=SC2086 # several words
	sh scripts/cross.sh $machines || [ $? -eq 77 ]
}

case $* in
'' | quick) ;;
*) echo "usage: test.sh [quick]" >&2; exit 2 ;;
esac
results_begin
${1:-whole}
summary
echo "test.sh: passed"
