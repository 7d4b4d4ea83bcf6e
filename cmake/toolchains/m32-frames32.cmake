# SPDX-License-Identifier: BSD-2-Clause
#
# This machine's compiler for the 32 bits that it can do, too, with frames of as
# many: there readers need no lock.  Debian's gcc-12-multilib brings the C
# library; gcc-multilib, the usual one, cannot be installed beside compilers for
# other machines.  The system's C++ compiler serves to look at the headers.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(packages gcc-12-multilib)
set(CMAKE_C_COMPILER gcc)
set(CMAKE_C_FLAGS_INIT "-m32 -DPHYSSEG_PFN_TYPE=uint32_t")
# The kernel's headers are the same for both.
set(CMAKE_C_STANDARD_INCLUDE_DIRECTORIES /usr/include/x86_64-linux-gnu)
set(CMAKE_CXX_COMPILER g++)
# Some kernels do not run programs of 32 bits: the C library's loader is one.
execute_process(COMMAND /lib/ld-linux.so.2 --version
	RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
if(NOT status EQUAL 0)
	set(CMAKE_CROSSCOMPILING_EMULATOR qemu-i386-static)
endif()
