#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# baremetal.sh [--kvm] -- build the kernels of examples/baremetal and boot each
# in QEMU: x86-64 with every backend it is linked with, and memory modules that
# come and go; riscv64.  With --kvm the x86-64 ones run once more, under KVM.

set -eu

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

# boot MACHINE IMAGE ACCELERATOR
boot()
{
	echo
	echo "== $2 on $1, $3"
	sh $example/run.sh "$1" build/baremetal/"$2" "$3" || [ $? -eq 77 ]
}

for accel in $accels; do
	for backend in rbtree radix array-bsearch; do
		boot pc x86_64/$backend "$accel"
	done
	boot q35 x86_64/rbtree "$accel"
	boot microvm x86_64/rbtree "$accel"
done
boot virt riscv64/rbtree tcg
