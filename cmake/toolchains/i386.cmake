# SPDX-License-Identifier: BSD-2-Clause

set(CMAKE_SYSTEM_PROCESSOR i686)
set(triple i686-linux-gnu)
set(qemu i386)
include("${CMAKE_CURRENT_LIST_DIR}/linux.cmake")
