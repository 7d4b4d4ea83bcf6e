# SPDX-License-Identifier: BSD-2-Clause

set(CMAKE_SYSTEM_PROCESSOR ppc)
set(triple powerpc-linux-gnu)
set(qemu ppc)
include("${CMAKE_CURRENT_LIST_DIR}/linux.cmake")
