#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_report.sh -- scripts/lib/report.sh on a project of three tests: what is printed
# of a suite that passes, of one that fails, and of one that does not build.
#
# The environment: SOURCE, BUILD, CMAKE, GENERATOR.

set -eu

work=$BUILD/tests/report
failed=0

rm -rf "$work"
mkdir -p "$work/project/build"
cd "$work/project"
# shellcheck source=scripts/lib/report.sh
. "$SOURCE/scripts/lib/report.sh"

fail()
{
	echo "t_report: $*"
	cat "$work/said"
	failed=1
}

# has LINE / hasnt LINE: what was printed has it, as a regular expression.
has()
{
	grep -qxE -e "$1" "$work/said" || fail "it does not say: $1"
}

hasnt()
{
	! grep -qxE -e "$1" "$work/said" || fail "it says: $1"
}

cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(report NONE)
enable_testing()
file(WRITE "${CMAKE_BINARY_DIR}/CTestCustom.cmake"
	"set(CTEST_CUSTOM_POST_TEST [[sh \"${SKIPPED}\" \"${CMAKE_BINARY_DIR}\"]])\n")
add_test(NAME t_good COMMAND sh -c "echo all is well")
add_test(NAME t_absent COMMAND sh -c "echo t_absent: skipped: no such machine; exit 77")
set_tests_properties(t_absent PROPERTIES SKIP_RETURN_CODE 77)
add_test(NAME t_bad COMMAND sh -c "seq 200; echo it is wrong; exit ${STATUS}")
END

# suite NAME STATUS: t_bad ends with that.
suite()
{
	suite_begin "$1"
	suite_step configure "$CMAKE" -S . -B build -G "$GENERATOR" \
	    -DSTATUS="$2" -DSKIPPED="$SOURCE/tests/skipped.sh"
	suite_step test "${CMAKE%cmake}ctest" --test-dir build \
	    --output-on-failure
	suite_end
}

results_begin
(suite one 0; suite two 0; summary) >"$work/said" ||
    fail "suites fail in which nothing does"
has 'one: test'
has 'one: 2 tests passed, 1 skipped, 0:0[0-9]'
hasnt 'it is wrong'
has 'two  *2  *1  *0:0[0-9]'
has 'all  *4  *2  *0:[0-9]*'
has ' *t_absent: no such machine \(one two\)'

! (suite three 1; echo went on) >"$work/said" || fail "a failure is none"
has 'three: test: FAILED.*'
has 'it is wrong'
has 200
hasnt 99 # of each test a hundred lines
hasnt 'all is well'
hasnt 'went on'
has '.*3 - t_bad \(Failed\)'

! (suite_begin four; suite_step build sh -c 'seq 200; echo "[3/7] Building x"; exit 1') \
    >"$work/said" || fail "a failed build is none"
has 'four: build: FAILED.*'
has 200
hasnt 100 # of 1 to 200 the last hundred
hasnt '.*Building x'

exit $failed
