#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# bench.sh [ARGUMENT...] -- install what is missing, build, and run the
# benchmark: without arguments everything quickly, else with these (--help).

set -eu

cd "$(dirname "$0")/.."
sh scripts/packages.sh cmake make gcc g++ libc6-dev libbsd-dev \
    libbenchmark-dev libabsl-dev libjudy-dev gnuplot-nox

cmake --preset release -DPHYSSEG_TESTS=OFF -B build/bench
cmake --build build/bench --parallel "$(nproc)" --target bench
exec build/bench/bench/bench "$@"
