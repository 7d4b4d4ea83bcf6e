#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fuzz.sh [SECONDS] -- libFuzzer changes firmware's memory maps for a minute, or
# as long as is said, under the sanitizers.
#
# It begins with the maps and device trees of tests/memmap, in their binary
# forms, and with what earlier runs found worth keeping: build/fuzz/corpus.  An
# input that fails is written to build/fuzz, and its name is printed.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
seconds=${1:-60}
case $seconds in
'' | 0 | *[!0-9]*)
	echo "usage: fuzz.sh [SECONDS]" >&2
	exit 2 ;;
esac
sh scripts/lib/packages.sh cmake make pkg-config check libsubunit-dev \
    libbsd-dev clang libclang-rt-dev device-tree-compiler

build=build/fuzz
CC=clang cmake -S . -B $build -DPHYSSEG_BENCH=OFF -DPHYSSEG_EXAMPLES=OFF
cmake --build $build --target fuzz_memmap t_memmap_maps --parallel "$(nproc)"

seeds=$build/seeds
rm -rf $seeds
mkdir -p $seeds $build/corpus
SEEDS=$seeds $build/tests/memmap/t_memmap_maps
for tree in tests/memmap/trees/*.dts; do
	{
		printf '\006' # FORM_FDT
		dtc -q -I dts -O dtb "$tree"
	} >"$seeds/${tree##*/}"
done

$build/tests/memmap/fuzz_memmap -max_len=8192 -max_total_time="$seconds" \
    -print_final_stats=1 -artifact_prefix=$build/ $build/corpus $seeds
