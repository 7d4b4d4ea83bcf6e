# SPDX-License-Identifier: BSD-2-Clause
#
# Find Check, the framework of the tests: the target Check::check, Check_FOUND.
# What its own check.pc says, without the need for pkg-config.

# Debian's libcheck.a is not position-independent, and needs libsubunit.
find_path(CHECK_INCLUDE_DIR check.h)
find_library(CHECK_LIBRARY NAMES check_pic check)
find_library(CHECK_SUBUNIT_LIBRARY subunit)
find_library(CHECK_RT_LIBRARY rt)
mark_as_advanced(CHECK_INCLUDE_DIR CHECK_LIBRARY CHECK_SUBUNIT_LIBRARY
	CHECK_RT_LIBRARY)
find_package(Threads)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Check
	REQUIRED_VARS CHECK_LIBRARY CHECK_INCLUDE_DIR Threads_FOUND)

if(Check_FOUND AND NOT TARGET Check::check)
	add_library(Check::check UNKNOWN IMPORTED)
	set_target_properties(Check::check PROPERTIES
		IMPORTED_LOCATION "${CHECK_LIBRARY}"
		INTERFACE_INCLUDE_DIRECTORIES "${CHECK_INCLUDE_DIR}")
	foreach(library ${CHECK_SUBUNIT_LIBRARY} ${CHECK_RT_LIBRARY})
		if(library)
			set_property(TARGET Check::check APPEND PROPERTY
				INTERFACE_LINK_LIBRARIES "${library}")
		endif()
	endforeach()
	set_property(TARGET Check::check APPEND PROPERTY
		INTERFACE_LINK_LIBRARIES m Threads::Threads)
endif()
