# SPDX-License-Identifier: BSD-2-Clause

set(CMAKE_SYSTEM_PROCESSOR s390x)
set(triple s390x-linux-gnu)
set(qemu s390x)
include("${CMAKE_CURRENT_LIST_DIR}/linux.cmake")
