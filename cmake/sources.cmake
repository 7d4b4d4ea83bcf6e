# SPDX-License-Identifier: BSD-2-Clause
#
# sources.mk, read: each of its names is a list here.  So what a kernel without
# CMake compiles, and what is compiled here, is one list.

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS sources.mk)
file(STRINGS sources.mk lines REGEX "^[^#]")
foreach(line ${lines})
	if(NOT line MATCHES "^(PHYSSEG_[A-Za-z_-]+) \\+= ([^ ]+)$")
		message(FATAL_ERROR "sources.mk: not `NAME += word': ${line}")
	endif()
	list(APPEND ${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
endforeach()

# The files of all backends, and the list of them for C.
set(PHYSSEG_BACKEND_FILES)
set(PHYSSEG_BACKEND_LIST)
foreach(backend ${PHYSSEG_BACKENDS})
	list(APPEND PHYSSEG_BACKEND_FILES ${PHYSSEG_BACKEND_${backend}})
	string(REPLACE "-" "_" function ${backend})
	string(APPEND PHYSSEG_BACKEND_LIST "PHYSSEG_BACKEND(${function})\n")
endforeach()
list(REMOVE_DUPLICATES PHYSSEG_BACKEND_FILES)
file(CONFIGURE OUTPUT generated/backends.h CONTENT
	"/* Made of sources.mk: every backend. */\n@PHYSSEG_BACKEND_LIST@" @ONLY)
