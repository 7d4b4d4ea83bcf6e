# SPDX-License-Identifier: BSD-2-Clause
#
# What the toolchain files beside this one share: Debian's cross compiler for
# `triple', and `qemu', the name of the processor in qemu's words, to run what
# it makes.  Programs are static, so that none needs a libc of the target's
# (and because qemu 7.2 aborts dynamic ones of s390x).

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${triple}-gcc)
set(CMAKE_CXX_COMPILER ${triple}-g++)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${qemu}-static)
