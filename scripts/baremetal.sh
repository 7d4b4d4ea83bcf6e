#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# baremetal.sh [--kvm] [--limit SECONDS] -- build the kernels of
# examples/baremetal and boot them in QEMU: for x86-64 on the machines pc, q35
# and microvm, for riscv64 on virt.  There is a kernel for each backend, and on
# riscv64 one more, by the native face; every one of them boots on every machine
# of its processor.  Memory modules come and go, except on microvm.
#
# With --kvm the kernels for x86-64 run once more, under KVM.  A kernel has 300
# seconds, or as many as --limit says.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
accels=tcg
limit=300
usage()
{
	echo "usage: baremetal.sh [--kvm] [--limit SECONDS]" >&2
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
	*) usage ;;
	esac
	shift
done
sh scripts/lib/packages.sh cmake make gcc libbsd-dev qemu-system-x86 \
    gcc-riscv64-unknown-elf qemu-system-misc

example=examples/baremetal
for arch in x86_64 riscv64; do
	cmake -S $example -B build/baremetal/$arch \
	    --toolchain "$PWD/$example/$arch.cmake"
	cmake --build build/baremetal/$arch --parallel "$(nproc)"
done

# boot ACCELERATOR MACHINE IMAGE...
boot()
{
	accel=$1 machine=$2
	shift 2
	for image in "$@"; do
		echo
		echo "== $image on $machine, $accel"
		sh $example/run.sh --limit "$limit" "$machine" "$image" "$accel" ||
		    [ $? -eq 77 ]
	done
}

images=build/baremetal/x86_64/images
for accel in $accels; do
	for machine in pc q35 microvm; do
		boot "$accel" $machine $images/*
	done
done
boot tcg virt build/baremetal/riscv64/images/*
