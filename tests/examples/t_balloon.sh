#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_balloon.sh BALLOON -- the example ends well: no object was lost and the map
# is in order.  Its output tells how much was reclaimed, and why the rest was
# not: the pinned pages' blocks stay.
#
# The environment: EMULATOR, which runs what was built for another machine.

set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$work/expected" <<'END'
inflate by 100 pages: reclaimed 100
deflate by 40 pages: 40 came back
deflate by 60 pages: 60 came back
inflate by 14 blocks
  block 0x2e00: 103 pages in use, 103 moved
  block 0x2c00: 105 pages in use, 105 moved
  block 0x2a00: 208 pages in use, 207 moved
  commit the removal of [0x2a00, 0x2c00): a page is in use: frame 0x2a28, segment [0x1000, 0x2c00)
  block 0x2800: 309 pages in use, 309 moved
  block 0x2600: 102 pages in use, 102 moved
  block 0x2400: 103 pages in use, 102 moved
  commit the removal of [0x2400, 0x2600): a page is in use: frame 0x244c, segment [0x1000, 0x2600)
  block 0x2200: 104 pages in use, 104 moved
  block 0x2000: 103 pages in use, 103 moved
  block 0x1e00: 102 pages in use, 101 moved
  commit the removal of [0x1e00, 0x2000): a page is in use: frame 0x1e70, segment [0x1000, 0x2000)
  block 0x1c00: 78 pages in use, 78 moved
  block 0x1a00: 0 pages in use, 0 moved
  block 0x1800: 0 pages in use, 0 moved
  block 0x1600: 0 pages in use, 0 moved
  block 0x1400: 0 pages in use, 0 moved
  block 0x1200: 0 pages in use, 0 moved
  block 0x1000: 100 pages in use, 100 moved
  reclaimed 6656 pages of 7168
inflate by 1000 pages: reclaimed 472
  no free page can be spared
deflate by 1536 pages: 1536 came back
deflate by 8192 pages: 5592 came back
8192 pages online, in 1 segment
END
# shellcheck disable=SC2086 # several words
${EMULATOR:-} "$1" >"$work/out" || {
	echo "t_balloon: status $?"
	cat "$work/out"
	exit 1
}
diff "$work/expected" "$work/out" || {
	echo "t_balloon: its output is another"
	exit 1
}
