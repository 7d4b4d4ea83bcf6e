# SPDX-License-Identifier: BSD-2-Clause
#
# The libraries.  Every source is compiled once; the archive and the shared
# library are made of the same objects.

file(GLOB engine CONFIGURE_DEPENDS
	src/*.c src/backend_*/*.c src/shim/*.c)
file(GLOB uvm CONFIGURE_DEPENDS src/uvm/*.c)
list(FILTER uvm EXCLUDE REGEX "/(select_[^/]*|one_backend)\\.c$")

set(PHYSSEG_INCLUDE_INSTALL_DIR "${CMAKE_INSTALL_INCLUDEDIR}/libphysseg")

# physseg_objects(NAME SOURCE...)
# Compile; what it takes to compile stays in here.
function(physseg_objects name)
	add_library(${name} OBJECT ${ARGN})
	target_include_directories(${name} PRIVATE include src)
	if(NOT BSD_TREE_DIR STREQUAL "/usr/include")
		target_include_directories(${name} SYSTEM PRIVATE
			"${BSD_TREE_DIR}")
	endif()
endfunction()

# physseg_library(NAME OBJECTS... [NEEDS NAME])
# Make NAME-static and NAME-shared, both files called libNAME, and NAME: one of
# the two, as BUILD_SHARED_LIBS says.
function(physseg_library name)
	cmake_parse_arguments(PARSE_ARGV 1 arg "" "NEEDS" "")
	list(TRANSFORM arg_UNPARSED_ARGUMENTS
		REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
	foreach(kind static shared)
		string(TOUPPER ${kind} type)
		set(target ${name}-${kind})
		add_library(${target} ${type} ${objects})
		set_target_properties(${target} PROPERTIES
			OUTPUT_NAME ${name}
			LINKER_LANGUAGE C
			VERSION ${PROJECT_VERSION}
			SOVERSION ${PROJECT_VERSION_MAJOR})
		target_include_directories(${target} INTERFACE
			$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
			$<INSTALL_INTERFACE:${PHYSSEG_INCLUDE_INSTALL_DIR}>)
		if(arg_NEEDS)
			target_link_libraries(${target}
				PUBLIC ${arg_NEEDS}-${kind})
		endif()
		# physseg-rbtree-static is installed as physseg::rbtree-static.
		string(REGEX REPLACE "^physseg-" "" short ${target})
		if(name STREQUAL "physseg")
			set(short ${target})
		endif()
		set_target_properties(${target} PROPERTIES EXPORT_NAME ${short})
		add_library(physseg::${short} ALIAS ${target})
		set_property(GLOBAL APPEND PROPERTY PHYSSEG_TARGETS ${target})
	endforeach()
	if(BUILD_SHARED_LIBS)
		set(kind shared)
	else()
		set(kind static)
	endif()
	string(REGEX REPLACE "-${kind}$" "" short ${short})
	string(REGEX REPLACE "-(static|shared)$" "" short ${short})
	add_library(physseg::${short} ALIAS ${name}-${kind})
endfunction()

physseg_objects(physseg-objects ${engine})
physseg_library(physseg physseg-objects)
target_link_options(physseg-shared PRIVATE LINKER:--no-undefined)

if(uvm)
	physseg_objects(physseg-uvm-objects ${uvm})
	if(PHYSSEG_DIAGNOSTIC)
		target_compile_definitions(physseg-uvm-objects
			PRIVATE DIAGNOSTIC)
	endif()
	foreach(backend ${PHYSSEG_UVM_BACKENDS})
		string(REPLACE "-" "_" file ${backend})
		physseg_objects(physseg-select-${backend}
			src/uvm/select_${file}.c)
		physseg_library(physseg-${backend} physseg-uvm-objects
			physseg-select-${backend} NEEDS physseg)
	endforeach()
endif()
