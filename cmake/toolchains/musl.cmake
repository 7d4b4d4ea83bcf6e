# SPDX-License-Identifier: BSD-2-Clause
#
# This machine with another libc.  Debian's musl brings no C++ library; the one
# of the system's compiler serves to look at the headers.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_HOST_SYSTEM_PROCESSOR})
set(packages musl-tools)
set(CMAKE_C_COMPILER musl-gcc)
set(CMAKE_CXX_COMPILER g++)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
