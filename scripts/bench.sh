#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# bench.sh [ARGUMENT...] -- install what is missing, build, and run the
# benchmark.  Without arguments it measures everything quickly.  Arguments go to
# the benchmark; once it is built, `build/bench/bench/bench --help' lists them.

set -eu
# shellcheck source=scripts/help.sh
. "$(dirname "$0")/help.sh"

cd "$(dirname "$0")/.."
sh scripts/packages.sh cmake make gcc g++ libc6-dev libbsd-dev \
    libbenchmark-dev libabsl-dev libjudy-dev gnuplot-nox

cmake --preset release -DPHYSSEG_TESTS=OFF -B build/bench
cmake --build build/bench --parallel "$(nproc)" --target bench
exec build/bench/bench/bench "$@"
