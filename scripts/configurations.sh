#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# configurations.sh [NAME...] -- build the library as others may, and run the
# suites on it.  Without arguments every way there is:
#
#   frames32         frames of 32 bits; the sanitizers
#   frames32-gcc     the same with gcc, optimized
#   pages16k         PAGE_SHIFT 14; DIAGNOSTIC, optimized
#   pages64k         PAGE_SHIFT 16; VM_PHYSSEG_COALESCE: the compatible face joins
#                    segments
#   generations      handles of few generations, so that they run out
#   bare             no liburcu, no Google Benchmark, no C++
#   clang            clang, optimized
#
# Other machines, and frames of 32 bits on one of 32 bits, are cross.sh's.  Trees
# are in build/configurations.  TEST_STEPS in the environment makes random tests
# shorter.  All of them are run, whether one fails or not; the logs are in
# build/logs.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib/report.sh
. scripts/lib/report.sh
all='frames32 frames32-gcc pages16k pages64k generations bare clang'
jobs=$(nproc)

# build_and_test NAME COMPILER TESTS [CMAKE'S ARGUMENTS]: what there is is built, and the
# tests run that do not match, if TESTS begins with `-'; else the programs of the
# tests that match are built and run.
build_and_test()
{
	tree=build/configurations/$1 compiler=$2 tests=$3
	suite_begin "$1"
	shift 3
	suite_step configure cmake -G Ninja -S . -B "$tree" -DCMAKE_C_COMPILER="$compiler" \
	    -DCMAKE_BUILD_TYPE=Release -DPHYSSEG_EXAMPLES=OFF \
	    -DPHYSSEG_BENCH=OFF -DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON "$@"
	targets=all
	case $tests in
	-*) set -- -E "${tests#-}" ;;
	*)
		set -- -R "$tests"
		# A program for each, of the test's name or what is before its dot.
		targets=$(ctest --test-dir "$tree" -N "$@" |
		    sed -n 's/^ *Test *#[0-9]*: //p' |
		    sed '/^t_uvm/!s/\..*//' | sort -u)
		;;
	esac
	# shellcheck disable=SC2086 # several words
	suite_step build cmake --build "$tree" --parallel "$jobs" \
	    --target $targets
	suite_step test ctest --test-dir "$tree" --parallel "$jobs" \
	    --output-on-failure --no-label-summary --timeout 600 \
	    --no-tests=error "$@"
	suite_end
}

# What looks at the sources, at other machines or at what is installed is left
# to the ordinary builds.
scripts='t_(format|html|sizes|report|configure|paper|bindgen|abi|package|dist|gdb|'
scripts=$scripts'recursion|install\.readme|freestanding|baremetal|guide|proof|sources|'
scripts=$scripts'layer|releases|amalgamation|pfn|help)'
programs="-$scripts|t_(headers|symbols|install|man|iomem|readme|vmm|probe)"

configuration()
{
	case $1 in
	frames32)
		build_and_test "$1" clang "$programs|t_radix_steps" \
		    -DCMAKE_BUILD_TYPE=Debug \
		    -DPHYSSEG_SANITIZE=address,undefined \
		    -DPHYSSEG_DIAGNOSTIC=ON \
		    -DCMAKE_C_FLAGS=-DPHYSSEG_PFN_TYPE=uint32_t
		;;
	frames32-gcc)
		build_and_test "$1" gcc "$programs" \
		    -DCMAKE_C_FLAGS=-DPHYSSEG_PFN_TYPE=uint32_t
		;;
	pages16k)
		build_and_test "$1" gcc ^t_uvm -DPHYSSEG_DIAGNOSTIC=ON \
		    -DCMAKE_C_FLAGS=-DPAGE_SHIFT=14
		;;
	pages64k)
		build_and_test "$1" gcc ^t_uvm \
		    '-DCMAKE_C_FLAGS=-DPAGE_SHIFT=16 -DVM_PHYSSEG_COALESCE=1'
		;;
	generations)
		build_and_test "$1" gcc '^t_(physseg|fault|model|uvm)' \
		    -DCMAKE_BUILD_TYPE=Debug \
		    -DCMAKE_C_FLAGS=-DPHYSSEG_INDEX_BITS=60
		;;
	bare)
		build_and_test "$1" gcc "-$scripts|t_(man|probe|radix)" \
		    -DPHYSSEG_URCU=OFF \
		    -DCMAKE_CXX_COMPILER=CMAKE_CXX_COMPILER-NOTFOUND
		;;
	clang) build_and_test "$1" clang "$programs" ;;
	esac
}

# shellcheck disable=SC2086 # several words
[ $# -gt 0 ] || set -- $all
for name; do
	case " $(echo $all) " in
	*" $name "*) ;;
	*) echo "configurations.sh: $name is none of" $all >&2; exit 2 ;;
	esac
done
sh scripts/lib/packages.sh cmake ninja-build gcc g++ libc6-dev pkg-config check \
    libsubunit-dev libbsd-dev liburcu-dev clang libclang-rt-dev
failed=
for name; do
	(configuration "$name") || failed="$failed $name"
done
[ -z "$failed" ] || {
	echo "configurations.sh: FAILED:$failed"
	exit 1
}
echo "configurations.sh: passed:" "$@"
