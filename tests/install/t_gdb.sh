#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_gdb.sh -- what gdb prints of maps, segments and handles is what the program
# gdb/program.c made.  libphysseg is compiled once more, with -g.
#
# The environment: SOURCE, BUILD, CC, CFLAGS.

set -eu

command -v gdb >/dev/null || {
	echo "t_gdb: skipped: there is no gdb"
	exit 77
}
gdb --batch -ex 'python print("yes")' 2>/dev/null | grep -qx yes || {
	echo "t_gdb: skipped: gdb was built without Python"
	exit 77
}
work=$BUILD/tests/install/gdb
rm -rf "$work"
mkdir -p "$work"
failed=0

# Objects of their own; those of the build may be without debug information.
"$CMAKE" -S "$SOURCE" -B "$work/build" -G "$GENERATOR" \
    -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS" \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPHYSSEG_TESTS=OFF \
    -DPHYSSEG_EXAMPLES=OFF -DPHYSSEG_BENCH=OFF >"$work/log"
"$CMAKE" --build "$work/build" --parallel 2 --target physseg-static \
    >>"$work/log" 2>&1 || {
	cat "$work/log"
	exit 1
}
# shellcheck disable=SC2086 # several words
"$CC" -std=c11 -g -O0 $CFLAGS -I"$SOURCE/include" \
    "$SOURCE/tests/install/gdb/program.c" "$work/build/libphysseg.a" \
    -o "$work/program"

cat >"$work/commands" <<END
set confirm off
set width 0
set print elements 0
source $SOURCE/gdb/physseg-gdb.py
break stop
run
echo \nboot: \n
print *boot
print *running
print handle
print \$physseg_segment(running, handle)
print gone
print \$physseg_segment(running, gone)
print \$physseg_find(running, 0x30)
print \$physseg_find(running, 0x2f)
print \$physseg_find(running, 0x5dc000)
print \$physseg_segment(boot, 0)
print (physseg_t)0
print position
print \$physseg_segment(array, position)
print *array
END
# Where gdb may not trace, as in some containers, nothing can be tried.
gdb --batch --nx -x "$work/commands" "$work/program" >"$work/said" 2>&1 ||
    failed=1
if grep -qE 'ptrace: Operation not permitted|Could not trace' "$work/said"; then
	echo "t_gdb: skipped: gdb may not trace a process here"
	exit 77
fi

# The names of values are $1, $2, ...
sed -n 's/^\$\([0-9]*\) = /\1 /p' "$work/said" >"$work/values"

# is N TEXT: the N-th value begins with this.
is()
{
	value=$(sed -n "s/^$1 //p" "$work/values")
	case $value in
	"$2"*) ;;
	*)
		echo "t_gdb: value $1 is not: $2"
		echo "$value" | cut -c 1-300
		failed=1
		;;
	esac
}

record='0x100-0x300, avail 0x180-0x280, 0 counted, free list 2, no pages'
is 1 "radix, boot, list, 1 segments, 512 frames, 0 counted = {[0] = $record}"
is 2 'radix, running, built, 1501 segments, 3072001 frames, '
is 3 'record '
is 4 '0x1000-0x1800, avail 0x1000-0x1800, '
is 5 'record 0, generation 1'
is 6 '"no segment"'
is 7 '0x30-0x31, avail 0x30-0x31, '
is 8 '"no segment"'
is 9 '0x5dc000-0x5dc800, '
is 10 '"no segment"'
is 11 'PHYSSEG_NONE'
is 12 'position 2'
is 13 '0x900-0xa00, avail 0x900-0xa00, 256 counted, free list 0, pages'
is 14 'array-bsearch, running, built, 3 segments, 768 frames, '
[ "$(grep -c . "$work/values")" -eq 14 ] || failed=1

# Every segment of the large map, once, by address.
sed -n 's/^2 //p' "$work/values" | grep -oE '= 0x[0-9a-f]+-0x[0-9a-f]+, avail' |
    sed 's/^= //; s/, avail//' >"$work/segments"
{
	echo 0x30-0x31
	i=1
	while [ $i -le 1500 ]; do
		printf '0x%x-0x%x\n' $((i * 4096)) $((i * 4096 + 2048))
		i=$((i + 1))
	done
} | diff - "$work/segments" >"$work/differ" || {
	echo "t_gdb: not the segments of the map:"
	head "$work/differ"
	failed=1
}
[ $failed -eq 0 ] || tail -n 5 "$work/said" | cut -c 1-300
exit $failed
