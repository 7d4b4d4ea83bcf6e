#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# baremetal.sh [--kvm] [--limit SECONDS] [--chaos [ROUNDS [SEED]]] -- build the
# kernels of examples/baremetal and boot them in QEMU: for x86-64 on the machines
# pc, q35 and microvm, for riscv64 on virt.  There is a kernel for each backend, and on
# riscv64 one more, by the native face; every one of them boots on every machine
# of its processor.  Memory modules come and go, except on microvm.  On q35 the
# kernels for x86-64 run once more with page structures at fixed addresses.
#
# With --kvm the kernels for x86-64 run once more, under KVM.  A kernel has 300
# seconds, or as many as --limit says.
#
# With --chaos, the last option, other kernels run on pc and q35: a hundred
# memory modules come and go at random moments, or as many as are said, while
# some of the kernel's allocations are refused.  What is in memory must stay.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
accels=tcg
archs='x86_64 riscv64'
limit=300 chaos=
usage()
{
	echo "usage: baremetal.sh [--kvm] [--limit SECONDS]" \
	    "[--chaos [ROUNDS [SEED]]]" >&2
	exit 2
}
while [ $# -gt 0 ]; do
	case $1 in
	--kvm) accels='tcg kvm' ;;
	--limit)
		[ $# -ge 2 ] || usage
		limit=$2
		shift
		;;
	--chaos)
		[ $# -le 3 ] || usage
		chaos="--chaos ${2:-100} ${3:-$(date +%s)}" archs=x86_64
		shift $(($# - 1))
		;;
	*) usage ;;
	esac
	shift
done
sh scripts/lib/packages.sh cmake make gcc libbsd-dev qemu-system-x86 \
    gcc-riscv64-unknown-elf qemu-system-misc

example=examples/baremetal
for arch in $archs; do
	cmake -S $example -B "build/baremetal/$arch" \
	    --toolchain "$PWD/$example/$arch.cmake"
	cmake --build "build/baremetal/$arch" --parallel "$(nproc)"
done

# boot ACCELERATOR MACHINE IMAGE...
boot()
{
	accel=$1 machine=$2
	shift 2
	for image in "$@"; do
		echo
		echo "== $image on $machine, $accel${option:+, $option}"
		# shellcheck disable=SC2086 # several words
		sh $example/run.sh --limit "$limit" $option "$machine" "$image" \
		    "$accel" || [ $? -eq 77 ]
	done
}

machines='pc q35 microvm' images=images option=$chaos
[ -z "$chaos" ] || machines='pc q35' images=chaos
for accel in $accels; do
	for machine in $machines; do
		boot "$accel" "$machine" build/baremetal/x86_64/$images/*
	done
done
[ -n "$chaos" ] || {
	option=--vmemmap
	boot tcg q35 build/baremetal/x86_64/images/*
	option=
	boot tcg virt build/baremetal/riscv64/images/*
}
