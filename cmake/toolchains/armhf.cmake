# SPDX-License-Identifier: BSD-2-Clause

set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(triple arm-linux-gnueabihf)
set(qemu arm)
include("${CMAKE_CURRENT_LIST_DIR}/linux.cmake")
