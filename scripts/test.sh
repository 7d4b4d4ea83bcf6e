#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# test.sh -- install what is missing, build, and run every test: optimized
# with gcc, then under the sanitizers with clang; those with threads under
# ThreadSanitizer, too; and, with short random tests, for a machine of 32 bits
# and a big-endian one.  It stops at the first that fails, so the last line is
# the verdict on all.  More machines: cross.sh, which takes longer.

set -eu

cd "$(dirname "$0")/.."
sh scripts/packages.sh cmake make gcc g++ libc6-dev binutils pkg-config \
    check libsubunit-dev libbsd-dev liburcu-dev libbenchmark-dev \
    valgrind clang clang-format libclang-rt-dev llvm mandoc \
    gcc-aarch64-linux-gnu gcc-riscv64-linux-gnu gcc-riscv64-unknown-elf \
    gcc-s390x-linux-gnu qemu-system-x86 qemu-system-misc \
    abigail-tools bindgen dpkg-dev lintian

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

TEST_STEPS=100 sh scripts/cross.sh i386 s390x || [ $? -eq 77 ]
