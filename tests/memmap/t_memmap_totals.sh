#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_memmap_totals.sh -- totals.txt is what totals.py computes of the maps.
#
# The environment: SOURCE, BUILD.

set -eu

maps=$SOURCE/tests/memmap/maps
work=$BUILD/tests/memmap
command -v python3 >/dev/null || {
	echo "t_memmap_totals: skipped: there is no python3"
	exit 77
}
mkdir -p "$work"
python3 "$maps/totals.py" >"$work/totals.txt"
[ "$(wc -l <"$work/totals.txt")" -eq "$(ls "$maps"/*/*.map | wc -l)" ]
diff "$maps/totals.txt" "$work/totals.txt" || {
	echo "t_memmap_totals: python3 tests/memmap/maps/totals.py >totals.txt"
	exit 1
}
