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
#	share/doc/physseg		README and what it leads to; examples
#	share/libphysseg/physseg-gdb.py	for gdb to `source'
#	bin/iomem			the example that is a tool
#	bin/physseg-replay		see tools/
#
# Nothing in it knows the prefix: the tree works wherever it is moved.
#
# The components are Debian's packages (package.cmake).  What needs liburcu is
# in two of its own, and in an export file of its own, so that the rest works
# without them.

include(CMakePackageConfigHelpers)
include(man)

set(cmakedir ${CMAKE_INSTALL_LIBDIR}/cmake/physseg)
set(pcdir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# From the .pc files up to the prefix, and down again.
file(RELATIVE_PATH pc_prefix
	"${CMAKE_INSTALL_PREFIX}/${pcdir}" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")

# physseg_pc(NAME COMPONENT DESCRIPTION REQUIRES FIRST)
function(physseg_pc name component description requires first)
	configure_file(cmake/physseg.pc.in ${name}.pc @ONLY)
	install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc"
		DESTINATION ${pcdir} COMPONENT ${component})
endfunction()

physseg_pc(physseg development "${PROJECT_DESCRIPTION}" "" "")
foreach(backend ${PHYSSEG_BACKENDS})
	set(only only-${backend}.o)
	physseg_pc(physseg-${backend} development
		"NetBSD's uvm_physseg on ${backend}"
		"physseg = ${PROJECT_VERSION}"
		"\${prefix}/${PHYSSEG_INSTALL_OBJDIR}/${only} ")
	install(FILES $<TARGET_OBJECTS:physseg-only-${backend}>
		DESTINATION ${PHYSSEG_INSTALL_OBJDIR} RENAME ${only}
		COMPONENT development)
endforeach()

# physseg_install(EXPORT LIBRARY DEVELOPMENT NAME...): the libraries libNAME, the
# shared ones in the component LIBRARY.
function(physseg_install export library development)
	set(targets)
	foreach(kind ${PHYSSEG_KINDS})
		list(TRANSFORM ARGN APPEND "-${kind}" OUTPUT_VARIABLE some)
		list(APPEND targets ${some})
	endforeach()
	install(TARGETS ${targets} EXPORT ${export}
		LIBRARY COMPONENT ${library} NAMELINK_COMPONENT ${development}
		ARCHIVE COMPONENT ${development})
	install(EXPORT ${export} NAMESPACE physseg:: DESTINATION ${cmakedir}
		COMPONENT ${development})
endfunction()

list(TRANSFORM PHYSSEG_BACKENDS PREPEND "physseg-" OUTPUT_VARIABLE names)
physseg_install(physseg-targets library development physseg ${names})
install(DIRECTORY include/physseg include/uvm
	DESTINATION ${PHYSSEG_INSTALL_INCLUDEDIR} COMPONENT development
	FILES_MATCHING PATTERN "*.h" PATTERN "urcu.h" EXCLUDE)

if(PHYSSEG_URCU)
	physseg_pc(physseg-urcu urcu-development
		"A host whose readers take no lock, on liburcu"
		"physseg = ${PROJECT_VERSION}, liburcu-memb" "")
	physseg_install(physseg-urcu-targets urcu urcu-development physseg-urcu)
	install(FILES include/physseg/urcu.h
		DESTINATION ${PHYSSEG_INSTALL_INCLUDEDIR}/physseg
		COMPONENT urcu-development)
endif()

# The texts keep their places beside each other, as they name one another.
install(FILES README.md DESIGN.md CHANGES.md CONTRIBUTING.md SECURITY.md
	DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT development)
install(DIRECTORY docs examples
	DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT development)
install(FILES gdb/physseg-gdb.py
	DESTINATION ${CMAKE_INSTALL_DATADIR}/libphysseg COMPONENT development)

list(JOIN PHYSSEG_BACKENDS " " backends)
configure_file(cmake/physseg-config.cmake.in physseg-config.cmake @ONLY)
write_basic_package_version_file(physseg-config-version.cmake
	COMPATIBILITY SameMinorVersion)
install(FILES
	"${CMAKE_CURRENT_BINARY_DIR}/physseg-config.cmake"
	"${CMAKE_CURRENT_BINARY_DIR}/physseg-config-version.cmake"
	DESTINATION ${cmakedir} COMPONENT development)
