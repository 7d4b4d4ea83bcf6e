#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_configure.sh -- CMake on machines that lack something.  Nothing is compiled
# but CMake's own probes.
#
#	bare		no Check, no Google Benchmark, no C++, no liburcu: the
#			library and the examples, and the names of the packages
#	later		the same tree after liburcu was installed: its module
#	library		no tests and no benchmark: a C++ compiler that is named
#			and not used is no warning
#	crates		with cargo and the crate vm-memory: the baseline of Rust
#	nocrates	without them: the names of the packages
#	libbsd		without it there is an error, which names the package
#
# The environment: SOURCE, BUILD, CC, CXX, CFLAGS, CMAKE, GENERATOR, URCU and
# BENCH (urcu and bench, if that was built).

set -eu

work=$BUILD/tests/configure
failed=0

fail()
{
	echo "t_configure: $*"
	failed=1
}

# configure TREE ARGUMENT...
configure()
{
	tree=$work/$1
	shift
	"$CMAKE" -S "$SOURCE" -B "$tree" -G "$GENERATOR" \
	    -DCMAKE_C_COMPILER="$CC" "$@" >"$tree.log" 2>&1
}

# says TREE LINE...: its log has these lines.
says()
{
	log=$work/$1.log
	shift
	for line; do
		grep -qxF -e "$line" "$log" || {
			fail "${log##*/} does not say: $line"
			cat "$log"
		}
	done
}

# quiet TREE: no warning, no error.
quiet()
{
	! grep -iE 'warning|error|not used' "$work/$1.log" ||
		fail "$1: CMake warns"
}

rm -rf "$work"
mkdir -p "$work/hidden/urcu"
echo '#error This machine has no liburcu.' >"$work/hidden/urcu/urcu-memb.h"

set -- bare -DCMAKE_DISABLE_FIND_PACKAGE_Check=ON \
    -DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON -DCMAKE_CXX_COMPILER=no-such-c++
configure "$@" -DCMAKE_C_FLAGS="$CFLAGS -I$work/hidden" ||
    fail "bare: CMake fails"
says bare ' * examples' \
    ' * module for liburcu, to have it install liburcu-dev' \
    ' * tests, to have it install check' \
    ' * bench, the benchmark, to have it install g++ libbenchmark-dev'
quiet bare

if [ -n "$URCU" ]; then
	configure "$@" -DCMAKE_C_FLAGS="$CFLAGS" || fail "later: CMake fails"
	says bare ' * module for liburcu'
	quiet bare
else
	echo "skipped: later: this build is without liburcu"
fi

configure library -DCMAKE_C_FLAGS="$CFLAGS" -DCMAKE_CXX_COMPILER="$CXX" \
    -DPHYSSEG_TESTS=OFF -DPHYSSEG_BENCH=OFF || fail "library: CMake fails"
says library ' * tests, switched off by -DPHYSSEG_TESTS=OFF' \
    ' * bench, the benchmark, switched off by -DPHYSSEG_BENCH=OFF'
quiet library

if [ -n "$BENCH" ]; then
	mkdir -p "$work/crates/vm-memory-0.10.0"
	set -- -DCMAKE_C_FLAGS="$CFLAGS" -DCMAKE_CXX_COMPILER="$CXX" \
	    -DPHYSSEG_TESTS=OFF -DPHYSSEG_EXAMPLES=OFF
	configure crates "$@" -DBENCH_CRATES="$work/crates" \
	    -DBENCH_CARGO="$(command -v true)" || fail "crates: CMake fails"
	says crates ' * baseline vm-memory 0.10'
	quiet crates
	configure nocrates "$@" -DBENCH_CRATES="$work/none" -DBENCH_CARGO= ||
	    fail "nocrates: CMake fails"
	says nocrates ' * bench, the benchmark' \
	    ' * baseline vm-memory 0.10, to have it install librust-vm-memory-dev cargo'
	quiet nocrates
else
	echo "skipped: crates: this build is without the benchmark"
fi

bsd=$(sed -n 's/^BSD_TREE_DIR:PATH=//p' "$BUILD/CMakeCache.txt")
! configure libbsd -DCMAKE_C_FLAGS="$CFLAGS" -DCMAKE_IGNORE_PATH="$bsd" ||
    fail "libbsd: CMake goes on without it"
grep -q "libbsd-dev" "$work/libbsd.log" || {
	fail "libbsd: it does not name the package"
	cat "$work/libbsd.log"
}
exit $failed
