#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fuzz.sh [MINUTES [NAME...]] -- libFuzzer runs the fuzz targets of fuzz/ under
# the sanitizers: all of them or those that are named, each for so many minutes,
# or for one.
#
# A target begins with the inputs that are kept in the tree, fuzz/corpus/NAME,
# and with what earlier runs found worth keeping: build/fuzz/corpus/NAME.
# Memmap begins with the maps and device trees of tests/memmap, in their binary
# forms.  An input that fails is written to build/fuzz, and its name is printed.
#
# To keep what was found, the smallest set that reaches as much:
#
#	build/fuzz/fuzz/fuzz_NAME -merge=1 -use_counters=0 \
#	    fuzz/corpus/NAME build/fuzz/corpus/NAME

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
minutes=${1:-1}
case $minutes in
'' | 0 | *[!0-9]*)
	echo "usage: fuzz.sh [MINUTES [NAME...]]" >&2
	exit 2 ;;
esac
[ $# -eq 0 ] || shift
names=
for file in fuzz/fuzz_*.c; do
	name=${file#fuzz/fuzz_}
	name=${name%.c}
	[ "$name" = main ] || names="$names $name"
done
[ $# -ne 0 ] || eval "set -- $names"
for name; do
	case " $names " in
	*" $name "*) ;;
	*)
		echo "fuzz.sh: no target \"$name\"; there are:$names" >&2
		exit 2 ;;
	esac
done
sh scripts/lib/packages.sh cmake make pkg-config check libsubunit-dev \
    libbsd-dev clang libclang-rt-dev device-tree-compiler

build=build/fuzz
CC=clang cmake -S . -B $build -DPHYSSEG_BENCH=OFF -DPHYSSEG_EXAMPLES=OFF
targets=t_memmap_maps
for name; do
	targets="$targets fuzz_$name"
done
# shellcheck disable=SC2086
cmake --build $build --parallel "$(nproc)" --target $targets

# Where the inputs of a target are that it begins with.
seeds()
{
	if [ "$1" != memmap ]; then
		echo "fuzz/corpus/$1"
		return
	fi
	rm -rf $build/seeds
	mkdir -p $build/seeds
	SEEDS=$build/seeds $build/tests/memmap/t_memmap_maps >&2
	for tree in tests/memmap/trees/*.dts; do
		{
			printf '\006' # FORM_FDT
			dtc -q -I dts -O dtb "$tree"
		} >"$build/seeds/${tree##*/}"
	done
	echo $build/seeds
}

for name; do
	corpus=$build/corpus/$name
	mkdir -p "$corpus"
	from=$(seeds "$name")
	length=1024
	[ "$name" != memmap ] || length=8192
	"$build/fuzz/fuzz_$name" -max_len=$length \
	    -max_total_time=$((minutes * 60)) -print_final_stats=1 \
	    -artifact_prefix="$build/$name-" "$corpus" "$from"
done
