#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# configurations.sh [NAME...] -- build the library as others may, and run the
# suites on it.  Without arguments every way there is:
#
#   frames32         frames of 32 bits; the sanitizers
#   frames32-gcc     the same with gcc, optimized
#   pages16k         PAGE_SHIFT 14
#   pages64k         PAGE_SHIFT 16
#   coalesce         VM_PHYSSEG_COALESCE: the compatible face joins segments
#   diagnostic       DIAGNOSTIC, optimized
#   generations      handles of few generations, so that they run out
#   bare             no liburcu, no Google Benchmark, no C++
#   clang            clang, optimized
#
# Other machines, and frames of 32 bits on one of 32 bits, are cross.sh's.  Trees
# are in build/configurations.  TEST_STEPS in the environment makes random tests
# shorter.  What ctest prints goes to the tree's log; a line for each is printed,
# and of one that fails the log's end.

set -eu
# shellcheck source=scripts/help.sh
. "$(dirname "$0")/help.sh"

cd "$(dirname "$0")/.."
all='frames32 frames32-gcc pages16k pages64k coalesce diagnostic generations
    bare clang'
jobs=$(nproc)

# suite NAME COMPILER TESTS [CMAKE'S ARGUMENTS]: what there is is built, and the
# tests run that do not match, if TESTS begins with `-'; else the programs of the
# tests that match are built and run.
suite()
{
	tree=build/configurations/$1 compiler=$2 tests=$3
	shift 3
	cmake -G Ninja -S . -B "$tree" -DCMAKE_C_COMPILER="$compiler" \
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
	cmake --build "$tree" --parallel "$jobs" --target $targets
	ctest --test-dir "$tree" --parallel "$jobs" --output-on-failure \
	    --no-tests=error "$@"
}

# What looks at the sources, at other machines or at what is installed is left
# to the ordinary builds.
scripts='t_(format|paper|bindgen|abi|package|dist|gdb|install\.readme'
scripts="$scripts|freestanding|baremetal\.)"
programs="-$scripts|t_(headers|symbols|install|man|iomem|readme|vmm)"

configuration()
{
	case $1 in
	frames32)
		suite "$1" clang "$programs" -DCMAKE_BUILD_TYPE=Debug \
		    -DPHYSSEG_SANITIZE=address,undefined \
		    -DPHYSSEG_DIAGNOSTIC=ON \
		    -DCMAKE_C_FLAGS=-DPHYSSEG_PFN_TYPE=uint32_t
		;;
	frames32-gcc)
		suite "$1" gcc "$programs" \
		    -DCMAKE_C_FLAGS=-DPHYSSEG_PFN_TYPE=uint32_t
		;;
	pages16k) suite "$1" gcc ^t_uvm -DCMAKE_C_FLAGS=-DPAGE_SHIFT=14 ;;
	pages64k) suite "$1" gcc ^t_uvm -DCMAKE_C_FLAGS=-DPAGE_SHIFT=16 ;;
	coalesce)
		suite "$1" gcc ^t_uvm -DCMAKE_C_FLAGS=-DVM_PHYSSEG_COALESCE=1
		;;
	diagnostic) suite "$1" gcc ^t_uvm -DPHYSSEG_DIAGNOSTIC=ON ;;
	generations)
		suite "$1" gcc '^t_(physseg|fault|model|uvm)' \
		    -DCMAKE_C_FLAGS=-DPHYSSEG_INDEX_BITS=60
		;;
	bare)
		suite "$1" gcc "-$scripts" -DPHYSSEG_URCU=OFF \
		    -DCMAKE_CXX_COMPILER=CMAKE_CXX_COMPILER-NOTFOUND
		;;
	clang) suite "$1" clang "$programs" ;;
	esac
}

if [ "${1-}" = --one ]; then
	configuration "$2"
	exit
fi
# shellcheck disable=SC2086 # several words
[ $# -gt 0 ] || set -- $all
for name; do
	case " $(echo $all) " in
	*" $name "*) ;;
	*) echo "configurations.sh: $name is none of" $all >&2; exit 2 ;;
	esac
done
sh scripts/packages.sh cmake ninja-build gcc g++ libc6-dev pkg-config check \
    libsubunit-dev libbsd-dev liburcu-dev clang libclang-rt-dev
mkdir -p build/configurations
failed=
for name; do
	log=build/configurations/$name.log
	sh scripts/configurations.sh --one "$name" >"$log" 2>&1 || {
		echo "$name: failed, the end of $log is"
		tail -n 40 "$log"
		failed="$failed $name"
	}
	sed -n "s/.*tests passed,.*/$name: &/p" "$log"
done
[ -z "$failed" ] || {
	echo "configurations.sh: failed:$failed"
	exit 1
}
echo "configurations.sh: passed:" "$@"
