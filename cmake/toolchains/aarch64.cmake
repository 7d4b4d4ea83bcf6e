# SPDX-License-Identifier: BSD-2-Clause

set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(triple aarch64-linux-gnu)
set(qemu aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/linux.cmake")
