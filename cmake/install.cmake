# SPDX-License-Identifier: BSD-2-Clause
#
# What is installed:
#
#	include/libphysseg/{physseg,uvm}/*.h
#	lib/libphysseg.{a,so}, lib/libphysseg-{BACKEND,urcu}.{a,so}
#	lib/libphysseg/only-BACKEND.o	see physseg_only_one
#	lib/cmake/physseg		find_package(physseg)
#	lib/pkgconfig			physseg, physseg-{BACKEND,urcu}
#	share/man			see man.cmake
#	bin/iomem			the example that is a tool
#
# Nothing in it knows the prefix: the tree works wherever it is moved.

include(CMakePackageConfigHelpers)
include(man)

set(cmakedir ${CMAKE_INSTALL_LIBDIR}/cmake/physseg)
set(pcdir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# From the .pc files up to the prefix, and down again.
file(RELATIVE_PATH pc_prefix
	"${CMAKE_INSTALL_PREFIX}/${pcdir}" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")

# physseg_pc(NAME DESCRIPTION REQUIRES FIRST)
function(physseg_pc name description requires first)
	configure_file(cmake/physseg.pc.in ${name}.pc @ONLY)
	install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc"
		DESTINATION ${pcdir} COMPONENT development)
endfunction()

physseg_pc(physseg "${PROJECT_DESCRIPTION}" "" "")
foreach(backend ${PHYSSEG_BACKENDS})
	set(only only-${backend}.o)
	physseg_pc(physseg-${backend} "NetBSD's uvm_physseg on ${backend}"
		"physseg = ${PROJECT_VERSION}"
		"\${prefix}/${PHYSSEG_INSTALL_OBJDIR}/${only} ")
	install(FILES $<TARGET_OBJECTS:physseg-only-${backend}>
		DESTINATION ${PHYSSEG_INSTALL_OBJDIR} RENAME ${only}
		COMPONENT development)
endforeach()

# With liburcu, or without a header that speaks of it.
set(urcu)
set(no_headers PATTERN "urcu.h" EXCLUDE)
if(PHYSSEG_URCU)
	set(urcu urcu)
	set(no_headers)
	physseg_pc(physseg-urcu "A host whose readers take no lock, on liburcu"
		"physseg = ${PROJECT_VERSION}, liburcu-memb" "")
endif()

set(targets)
foreach(kind ${PHYSSEG_KINDS})
	if(urcu)
		list(APPEND targets physseg-urcu-${kind})
	endif()
	list(APPEND targets physseg-${kind})
	foreach(backend ${PHYSSEG_BACKENDS})
		list(APPEND targets physseg-${backend}-${kind})
	endforeach()
endforeach()
install(TARGETS ${targets} EXPORT physseg-targets
	LIBRARY COMPONENT library NAMELINK_COMPONENT development
	ARCHIVE COMPONENT development)
install(DIRECTORY include/physseg include/uvm
	DESTINATION ${PHYSSEG_INSTALL_INCLUDEDIR} COMPONENT development
	FILES_MATCHING PATTERN "*.h" ${no_headers})
install(EXPORT physseg-targets NAMESPACE physseg:: DESTINATION ${cmakedir}
	COMPONENT development)

list(JOIN PHYSSEG_BACKENDS " " backends)
configure_file(cmake/physseg-config.cmake.in physseg-config.cmake @ONLY)
write_basic_package_version_file(physseg-config-version.cmake
	COMPATIBILITY SameMinorVersion)
install(FILES
	"${CMAKE_CURRENT_BINARY_DIR}/physseg-config.cmake"
	"${CMAKE_CURRENT_BINARY_DIR}/physseg-config-version.cmake"
	DESTINATION ${cmakedir} COMPONENT development)
