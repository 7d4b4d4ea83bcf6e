#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_probe.sh -- with PHYSSEG_USDT the library has a probe of systemtap, which
# tells who watches of each call, though the host has no hook `trace'.  gdb
# watches.  The library is compiled once more.
#
# The environment: SOURCE, BUILD, CC, CFLAGS, WARNINGS, OBJDUMP.

set -eu

work=$BUILD/tests/probe
unset PHYSSEG_TRACE

echo '#include <sys/sdt.h>' | "$CC" -E -x c - >/dev/null 2>&1 || {
	echo "t_probe: skipped: there is no <sys/sdt.h>"
	exit 77
}
command -v gdb >/dev/null || {
	echo "t_probe: skipped: there is no gdb"
	exit 77
}
rm -rf "$work"
mkdir -p "$work"
cd "$work"
for file in $(sed -nE 's/^PHYSSEG_(ENGINE|SHIM|BACKEND_radix|DEFAULT|LIBC) [+]= //p' \
    "$SOURCE/sources.mk"); do
	# shellcheck disable=SC2086 # several words
	"$CC" -std=c11 -O0 $WARNINGS -Werror $CFLAGS -DPHYSSEG_USDT \
	    -I"$SOURCE/include" -I"$SOURCE/src" -isystem "$BUILD/bsd" \
	    -c "$SOURCE/$file" -o "$(basename "$file" .c).o"
done
# shellcheck disable=SC2086 # several words
"$CC" -std=c11 -O0 $WARNINGS -Werror $CFLAGS -I"$SOURCE/include" \
    "$SOURCE/tests/programs/probe.c" ./*.o -o program

cat >commands <<'END'
set confirm off
set width 0
set breakpoint pending on
break -probe-stap physseg:call
commands
silent
printf "told %d %d %#x\n", $_probe_arg0, $_probe_arg1, (unsigned)((unsigned long *)$_probe_arg2)[2]
continue
end
run
END
gdb --batch --nx -x commands ./program >out 2>err || :
grep -qE 'exited normally|exited with code' out || {
	echo "t_probe: skipped: gdb cannot run a program here"
	cat err
	exit 77
}

# create, plug, plug and destroy, by their place in the table; the errors; and
# the first argument.
number()
{
	grep -o 'PHYSSEG_[A-Z_]*, "' "$2" | grep -n "PHYSSEG_$1, " |
	    sed 's/:.*//'
}
call()
{
	echo $(($(number "CALL_$1" "$SOURCE/include/physseg/trace.h") - 1))
}
overlap=$(($(number EOVERLAP "$SOURCE/include/physseg/physseg.h") - 1))
{
	echo "told $(call CREATE) 0 0"
	echo "told $(call PLUG) 0 0x100"
	echo "told $(call PLUG) $overlap 0x140"
	echo "told $(call DESTROY) 0 0"
} >expected
grep '^told' out | diff expected - || {
	echo "t_probe: (right) is not what gdb was told"
	cat out err
	exit 1
}
