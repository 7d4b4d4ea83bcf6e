#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# test.sh -- install what is missing, build, and run every test:
#
#	release, optimized, with gcc: everything, the installed library too
#	clang-asan, with clang, the sanitizers and DIAGNOSTIC: every suite
#	tsan: those with threads, under ThreadSanitizer
#	as others build it, with short random tests: configurations.sh
#	for machines of 32 bits, one with frames of as many; a big-endian one;
#	and another libc; with short random tests: cross.sh
#
# It stops at the first that fails, so the last line is the verdict on all.
# More machines: cross.sh without arguments, which takes longer.

set -eu

cd "$(dirname "$0")/.."
sh scripts/packages.sh cmake make ninja-build gcc g++ libc6-dev binutils pkg-config \
    check libsubunit-dev libbsd-dev liburcu-dev libbenchmark-dev \
    valgrind clang clang-format libclang-rt-dev llvm mandoc \
    gcc-aarch64-linux-gnu gcc-riscv64-linux-gnu gcc-riscv64-unknown-elf \
    gcc-s390x-linux-gnu qemu-system-x86 qemu-system-misc \
    abigail-tools bindgen dpkg-dev lintian libfdt-dev device-tree-compiler \
    python3

jobs=$(nproc)
for preset in release clang-asan; do
	cmake --preset $preset
	cmake --build --preset $preset --parallel "$jobs"
	ctest --preset $preset --parallel "$jobs"
done

cmake --preset tsan
cmake --build --preset tsan --parallel "$jobs" \
    --target t_physseg_stress t_physseg_threads t_physseg_lock \
    t_physseg_deadlock
TEST_STEPS=1000 ctest --preset tsan --parallel "$jobs" \
    -R 't_physseg_(stress|threads|lock|deadlock)\.'

TEST_STEPS=100
export TEST_STEPS
sh scripts/configurations.sh
sh scripts/cross.sh i386 s390x musl m32-frames32 || [ $? -eq 77 ]
