#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# baremetal.sh [--kvm] -- build the kernels of examples/baremetal and boot each
# in QEMU: x86-64 with every backend it is linked with, and memory modules that
# come and go; riscv64.  With --kvm the x86-64 ones run once more, under KVM.

set -eu
# shellcheck source=scripts/help.sh
. "$(dirname "$0")/help.sh"

cd "$(dirname "$0")/.."
accels=tcg
case ${1-} in
'') ;;
--kvm) accels='tcg kvm' ;;
*) echo "usage: baremetal.sh [--kvm]" >&2; exit 2 ;;
esac
sh scripts/packages.sh cmake make gcc libbsd-dev qemu-system-x86 \
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
		sh $example/run.sh "$machine" "$image" "$accel" ||
		    [ $? -eq 77 ]
	done
}

images=build/baremetal/x86_64/images
for accel in $accels; do
	boot "$accel" pc $images/*
	boot "$accel" q35 $images/rbtree
	boot "$accel" microvm $images/rbtree
done
boot tcg virt build/baremetal/riscv64/images/*
