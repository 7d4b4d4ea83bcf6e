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
has 'plug 0xfffffffffffff000-0x00000fff: the range wraps or .*'
has 'unplug, begin 0x10100000-0x101fffff'
has 'commit the removal of .*: a page is in use: frame 0x10103, segment .*'
has 'ok: it is refused, with the page that it wrote first'
has 'unplug, commit 0x10100000-0x101fffff'
has '0x10000000-0x100fffff  slot 1  host 0x[0-9a-f]+'
has '0x10200000-0x103fffff  slot 2  host 0x[0-9a-f]+'
has 'exit: it reads 0x10101000, there is no memory'
has 'exit: it writes 0x103ff000, there is no memory'
has 'device reads 0x10100000: no memory, refused'
has 'ok: the guest halts'

# ends STATUS LINE ARGUMENT...: it ends so, and its first line is this.
ends()
{
	wanted=$1 line=$2
	shift 2
	status=0
	# shellcheck disable=SC2086 # several words
	$as ${EMULATOR:-} "$vmm" "$@" >"$work/out" 2>&1 || status=$?
	[ $status -eq "$wanted" ] || {
		echo "t_vmm: vmm $*: status $status, not $wanted"
		failed=1
	}
	head -n 1 "$work/out" | grep -qxE "$line" || {
		echo "t_vmm: vmm $*: the first line is not: $line"
		head -n 1 "$work/out"
		failed=1
	}
}

as=
usage='usage: vmm .*'
ends 2 "$usage" nonsense
ends 2 "$usage" mock kvm
ends 2 "$usage" --device

# Without KVM it says what is missing.  A program that was built without KVM
# says the same about every device.
without='(this program was built without <linux/kvm.h>)'
without="$without|(the guest's program is for x86-64, .*)"
: >"$work/locked"
chmod 0 "$work/locked"
ends 77 "vmm: skipped: ((there is no $work/none: .*)|$without)" \
    --device "$work/none" kvm
ends 77 "vmm: skipped: ((cannot open $work: .*)|$without)" \
    --device "$work" kvm
ends 77 "vmm: skipped: ((no KVM behind /dev/null: .*)|$without)" \
    --device /dev/null kvm
ends 0 "vmm: the guests run on mock: ((there is no $work/none: .*)|$without)" \
    --device "$work/none"
if [ "$(id -u)" -ne 0 ]; then
	ends 77 "vmm: skipped: ((no permission to open $work/locked: .*)|$without)" \
	    --device "$work/locked" kvm
elif command -v setpriv >/dev/null; then
	chmod 711 "$work" # for somebody else, who may not see the build
	cp "$vmm" "$work/vmm"
	vmm=$work/vmm
	as="setpriv --reuid=65534 --clear-groups --bounding-set=-all"
	ends 77 "vmm: skipped: ((no permission to open $work/locked: .*)|$without)" \
	    --device "$work/locked" kvm
	as=
else
	echo "t_vmm: not tried: a device without permission; there is no setpriv"
fi

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
