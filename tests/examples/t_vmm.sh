#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_vmm.sh VMM -- the VMM on the mock: its own checks hold, and its output tells
# the story.  The guest's program is what the comments beside its bytes say,
# according to objdump, and what the porter's guide shows is in memory.c.
#
# The environment: SOURCE, OBJDUMP; EMULATOR, which runs what was built for
# another machine.

set -eu

vmm=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

# has WHAT: the output has such a line, for both guests.
has()
{
	for guest in 1 2; do
		grep -qxE "guest $guest: +$1" "$work/out" || {
			echo "t_vmm: guest $guest never says: $1"
			failed=1
		}
	done
}

# shellcheck disable=SC2086 # several words
timeout 60 ${EMULATOR:-} "$vmm" mock >"$work/out" || {
	echo "t_vmm: status $?"
	cat "$work/out"
	exit 1
}
grep -qx 'vmm: the guests run on mock' "$work/out" || {
	echo "t_vmm: it does not say what it ran on"
	failed=1
}
has 'plug 0x10000000-0x103fffff'
has 'unplug 0x10100000-0x101fffff'
has '0x10000000-0x100fffff  slot 1  host 0x[0-9a-f]+'
has '0x10200000-0x103fffff  slot 2  host 0x[0-9a-f]+'
has 'exit: it reads 0x10101000, there is no memory'
has 'exit: it writes 0x103ff000, there is no memory'
has 'device reads 0x10100000: no memory, refused'
has 'ok: the guest halts'

status=0
# shellcheck disable=SC2086 # several words
${EMULATOR:-} "$vmm" nonsense >"$work/out" 2>&1 || status=$?
[ $status -eq 2 ] || {
	echo "t_vmm: status $status for a wrong argument"
	failed=1
}

# "0xbf, 0x00,	/*  0: mov edi,0x2000 */": the bytes, and what they are.
grep -E '^	0x.*/\* +[0-9a-f]+: ' "$SOURCE/examples/vmm/program.c" >"$work/lines"
sed 's/.*\/\* *\(.*\) \*\//\1/' "$work/lines" >"$work/text"
for byte in $(sed 's/\/\*.*//' "$work/lines" | tr ',' ' '); do
	# shellcheck disable=SC2059 # an escape, on purpose
	printf "\\$(printf %03o "$byte")"
done >"$work/program"
[ "$(wc -c <"$work/program")" -gt 60 ]
if "$OBJDUMP" -i | grep -qx ' *i386'; then
	"$OBJDUMP" -D -b binary -m i386 -M intel "$work/program" |
	    sed -n 's/^ *\([0-9a-f]*\):\t[^\t]*\t\(.*\)/\1: \2/p' |
	    tr -s ' ' | sed 's/ $//' >"$work/disassembly"
	diff "$work/text" "$work/disassembly" || {
		echo "t_vmm: (right) is not what the comments say"
		failed=1
	}
else
	echo "t_vmm: not disassembled: objdump does not know i386"
fi

# Each block of C in the guide's section, as a piece of memory.c.
awk '
NR == FNR { whole = whole "\n" $0; next }
/^## / { section = $0 == "## A VMM" }
/^```$/ && inside {
	inside = 0
	blocks++
	if (!index(whole "\n", block "\n")) {
		print "t_vmm: docs/porting.md: not in memory.c:" block
		wrong = 1
	}
}
inside { block = block "\n" $0 }
section && /^```c$/ { inside = 1; block = "" }
END { exit wrong || blocks < 5 }' \
    "$SOURCE/examples/vmm/memory.c" "$SOURCE/docs/porting.md" || failed=1

exit $failed
