#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [--limit SECONDS] [--vmemmap] [--chaos ROUNDS SEED] MACHINE IMAGE
# [ACCELERATOR [ARGUMENT...]] -- run a kernel in QEMU.  MACHINE is pc, q35 or
# microvm, or riscv64's virt.  ACCELERATOR is kvm, or tcg, where QEMU emulates
# the processor, which is the default.  What the kernel says goes to stdout.
#
# ARGUMENTs are QEMU's, for another memory: -m 3G.  Then no modules come.
#
# The kernel has 300 seconds, or as many as --limit says.  Give it more where
# the machine is busy, or where KVM itself runs in a virtual machine.
#
# Status: 0 if the kernel ends well, 1 if it does not, 2 for a wrong argument,
# 77 where it cannot be run.
#
# On pc and q35 two memory modules come and go, of 64 MiB and of 16 GiB, in a
# machine of 128 MiB.  The large one is sparse: only what the kernel writes to
# takes memory.  The kernel's own lines say when it is time for the next of
# QEMU's commands, so nothing here waits for a clock.
#
# With --vmemmap the kernel has page structures at fixed addresses, on x86-64.
#
# With --chaos so many modules come and go at random, under a kernel that is
# built for that: the folder chaos.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/../../scripts/lib/help.sh"

usage()
{
	echo "usage: run.sh [--limit SECONDS] [--vmemmap]" \
	    "[--chaos ROUNDS SEED] MACHINE IMAGE [ACCELERATOR [ARGUMENT...]]" >&2
	exit 2
}

# count NUMBER
count()
{
	case $1 in
	'' | 0* | *[!0-9]*) usage ;;
	esac
}

limit=300 rounds= vmemmap=
if [ "${1-}" = --limit ]; then
	count "${2-}"
	limit=$2
	shift 2
fi
if [ "${1-}" = --vmemmap ]; then
	vmemmap=vmemmap
	shift
fi
if [ "${1-}" = --chaos ]; then
	count "${2-}"
	count "${3-}"
	rounds=$2 seed=$3
	shift 3
fi
[ $# -ge 2 ] || usage
machine=$1 image=$2 accel=${3:-tcg} other=
[ $# -le 3 ] || other=memory-
shift $(($# > 3 ? 3 : $#))
case $machine in
virt)
	qemu='qemu-system-riscv64'
	devices= ;;
pc | q35 | microvm)
	qemu='qemu-system-x86_64'
	devices='-device isa-debug-exit,iobase=0xf4,iosize=0x04' ;;
*)
	usage ;;
esac
words=
case $other$machine in
pc | q35)
	set -- -m 128M,slots=4,maxmem=32G
	words=hotplug ;;
microvm | virt)
	set -- -m 256M ;;
esac

command -v $qemu >/dev/null || {
	echo "run.sh: skipped, there is no $qemu"
	exit 77
}
[ "$accel" != kvm ] || [ -w /dev/kvm ] || {
	echo "run.sh: skipped, /dev/kvm is missing or not ours to open"
	exit 77
}

work=$(mktemp -d)
log=
trap 'kill $log 2>/dev/null || :; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkfifo "$work/monitor.in" "$work/monitor.out"
exec 3<>"$work/monitor.in"
cat "$work/monitor.out" >"$work/monitor.log" &
log=$!

# A command to QEMU's monitor (QMP): its name and its arguments, in JSON.
monitor()
{
	echo "{\"execute\": \"$1\", \"arguments\": {$2}}" >&3
}

insert()
{
	echo "> a module of $2 MiB into slot $1"
	monitor object-add "\"qom-type\": \"memory-backend-ram\",
	    \"id\": \"memory$1\", \"size\": $(($2 * 1048576)), \"reserve\": false"
	monitor device_add "\"driver\": \"pc-dimm\", \"id\": \"module$1\",
	    \"memdev\": \"memory$1\", \"slot\": $1"
}

remove()
{
	echo "> the module in slot $1 is wanted back"
	monitor device_del "\"id\": \"module$1\""
}

# A line of the kernel: is it time for a module?
served=line
line()
{
	case $1 in
	'waiting for memory modules'*) insert 0 64 ;;
	'slot 0: insertion answered') insert 1 16384 ;;
	'slot 1: insertion answered' | 'slot 0: removal answered') remove 0 ;;
	'slot 0: ejected' | 'slot 1: removal answered') remove 1 ;;
	esac
}
if [ -n "$rounds" ]; then
	# shellcheck source=examples/baremetal/chaos/chaos.sh
	. "$(dirname "$0")/chaos/chaos.sh"
	served=chaos_line
fi

monitor qmp_capabilities ''
{
	# shellcheck disable=SC2086 # several words
	timeout "$limit" $qemu -machine "$machine" -accel "$accel" "$@" \
	    -nodefaults -display none -no-reboot -serial stdio $devices \
	    -chardev "pipe,id=monitor,path=$work/monitor" \
	    -mon chardev=monitor,mode=control \
	    -kernel "$image" -append "$words $vmemmap" </dev/null &&
	    status=0 || status=$?
	echo "$status" >"$work/status"
} | while IFS= read -r line; do
	echo "$line"
	[ -z "$words" ] || $served "$line"
done

# What QEMU refused, and how it ended: 33 is the kernel's word for success.
status=$(cat "$work/status")
[ "$status" -ne 124 ] || {
	echo "run.sh: the kernel did not end within $limit s;" \
	    "--limit SECONDS gives it longer"
	exit 1
}
if grep '"error"' "$work/monitor.log" || [ "$status" -ne 33 ]; then
	echo "run.sh: QEMU ended with status $status"
	exit 1
fi
[ -z "$rounds" ] || [ -e "$work/counted" ] || {
	echo "run.sh: $rounds modules did not come and go"
	exit 1
}
