# SPDX-License-Identifier: BSD-2-Clause
#
# A kernel's compiler and its flags.  Generic: there is no system below.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_C_FLAGS_INIT "-mcmodel=medany -mno-relax")
