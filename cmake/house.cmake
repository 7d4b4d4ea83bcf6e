# SPDX-License-Identifier: BSD-2-Clause
#
# What holds for everything compiled here: strict C11, the warnings, what differs
# in a Debug build, and what PHYSSEG_SANITIZE asks for.  They are settings of this
# directory, not of the targets, so nobody who uses the libraries inherits them.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
	set(CMAKE_BUILD_TYPE Release)
endif()

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)

# A build for no system, which is what CMake calls Generic, is a kernel's.
string(COMPARE EQUAL "${CMAKE_SYSTEM_NAME}" Generic PHYSSEG_FREESTANDING)
if(NOT PHYSSEG_FREESTANDING)
	set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

# A newer compiler that warns more: cmake --compile-no-warning-as-error.
set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow)
# In a Debug build every map is a large one for the radix tree, so that every test
# sees what is done with those.
add_compile_definitions($<$<CONFIG:Debug>:DEBUG>
	$<$<CONFIG:Debug>:RADIX_MANY=0> $<$<CONFIG:Debug>:RADIX_LARGE=0>)

if(PHYSSEG_SANITIZE)
	add_compile_options(-fsanitize=${PHYSSEG_SANITIZE}
		-fno-sanitize-recover=all -fno-omit-frame-pointer)
	add_link_options(-fsanitize=${PHYSSEG_SANITIZE})
endif()
