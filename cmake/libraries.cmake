# SPDX-License-Identifier: BSD-2-Clause
#
# The libraries.  Every source is compiled once; the archive and the shared
# library are made of the same objects.
#
# Each library NAME is two targets, NAME-static and NAME-shared, both of a file
# called libNAME, and a third name for one of the two: the shared one where
# BUILD_SHARED_LIBS is on, else the static one.
#
# A kernel's build is the one whose CMAKE_SYSTEM_NAME is Generic, CMake's word
# for no system at all: static libraries, without the files that need a libc.

include(sources)

# The number in the shared libraries' names, see abi/README.md.
set(PHYSSEG_ABI 1)

set(PHYSSEG_KINDS static shared)
if(PHYSSEG_FREESTANDING)
	set(PHYSSEG_KINDS static)
	set(PHYSSEG_DEFAULT ${PHYSSEG_NONE})
	set(PHYSSEG_LIBC)
	set(PHYSSEG_UVM_LIBC)
endif()
set(PHYSSEG_SOURCES ${PHYSSEG_ENGINE} ${PHYSSEG_BACKEND_FILES} ${PHYSSEG_SHIM}
	${PHYSSEG_DEFAULT} ${PHYSSEG_ALL} ${PHYSSEG_LIBC})

# Where who looks inside finds headers: the sources and the tests.
add_library(physseg-inside INTERFACE)
target_include_directories(physseg-inside INTERFACE include src
	"${PROJECT_BINARY_DIR}/generated")
target_include_directories(physseg-inside SYSTEM INTERFACE
	"${PROJECT_BINARY_DIR}/bsd")

# Compile; what that takes stays inside.  gcc would make a call of strlen out of
# a loop that measures a text, and the engine must need no such thing.
function(physseg_objects name)
	add_library(${name} OBJECT ${ARGN})
	target_compile_options(${name} PRIVATE
		$<$<C_COMPILER_ID:GNU>:-fno-tree-loop-distribute-patterns>
		$<$<BOOL:${PHYSSEG_FREESTANDING}>:-ffreestanding>)
	target_link_libraries(${name} PRIVATE physseg-inside)
endfunction()

# physseg_library(NAME SHORT OBJECTS...): libNAME, physseg::SHORT.
function(physseg_library name short)
	list(TRANSFORM ARGN REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>")
	foreach(kind ${PHYSSEG_KINDS})
		string(TOUPPER ${kind} type)
		set(target ${name}-${kind})
		add_library(${target} ${type} ${ARGN})
		add_library(physseg::${short}-${kind} ALIAS ${target})
		set_target_properties(${target} PROPERTIES
			EXPORT_NAME ${short}-${kind}
			OUTPUT_NAME ${name}
			LINKER_LANGUAGE C
			INSTALL_RPATH "$ORIGIN" # where libphysseg.so is
			VERSION ${PROJECT_VERSION}
			SOVERSION ${PHYSSEG_ABI})
		target_include_directories(${target} INTERFACE
			$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
			$<INSTALL_INTERFACE:${PHYSSEG_INSTALL_INCLUDEDIR}>)
	endforeach()
	if("shared" IN_LIST PHYSSEG_KINDS AND
		NOT PHYSSEG_SANITIZE) # whose functions the program brings
		target_link_options(${name}-shared PRIVATE
			LINKER:--no-undefined)
	endif()
	add_library(physseg::${short} ALIAS ${name}-${PHYSSEG_KIND})
endfunction()

# Two backends of the uvm_* face in one program would be one, silently: the
# first on the link line.  So each brings an object that defines the same
# symbol, which the linker refuses to see twice; and where both are named by
# one target, CMake itself complains first, in plainer words.
function(physseg_only_one backend)
	set(object physseg-only-${backend})
	physseg_objects(${object} ${PHYSSEG_ONLY_ONE})
	set(file ${PHYSSEG_INSTALL_OBJDIR}/only-${backend}.o)
	foreach(kind ${PHYSSEG_KINDS})
		set(target physseg-${backend}-${kind})
		target_link_libraries(${target} INTERFACE
			$<BUILD_INTERFACE:$<TARGET_OBJECTS:${object}>>
			$<INSTALL_INTERFACE:$<INSTALL_PREFIX>/${file}>)
		add_dependencies(${target} ${object})
		set_property(TARGET ${target} PROPERTY
			INTERFACE_PHYSSEG_ONE_BACKEND ${backend})
		set_property(TARGET ${target} APPEND PROPERTY
			COMPATIBLE_INTERFACE_STRING PHYSSEG_ONE_BACKEND)
	endforeach()
endfunction()

if(BUILD_SHARED_LIBS)
	set(PHYSSEG_KIND shared)
else()
	set(PHYSSEG_KIND static)
endif()
set(PHYSSEG_INSTALL_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR}/libphysseg)
set(PHYSSEG_INSTALL_OBJDIR ${CMAKE_INSTALL_LIBDIR}/libphysseg)

physseg_objects(physseg-objects ${PHYSSEG_SOURCES})
if(PHYSSEG_USDT)
	target_compile_definitions(physseg-objects PRIVATE PHYSSEG_USDT)
endif()
physseg_library(physseg physseg physseg-objects)

if(PHYSSEG_URCU)
	physseg_objects(physseg-urcu-objects ${PHYSSEG_READERS})
	physseg_library(physseg-urcu urcu physseg-urcu-objects)
	foreach(kind ${PHYSSEG_KINDS})
		target_link_libraries(physseg-urcu-${kind}
			PUBLIC physseg-${kind} urcu-memb urcu-common)
	endforeach()
endif()

physseg_objects(physseg-uvm-objects
	${PHYSSEG_UVM} ${PHYSSEG_UVM_PAGE} ${PHYSSEG_UVM_LIBC})
if(PHYSSEG_DIAGNOSTIC)
	target_compile_definitions(physseg-uvm-objects PRIVATE DIAGNOSTIC)
endif()
foreach(backend ${PHYSSEG_BACKENDS})
	string(REPLACE "-" "_" function ${backend})
	physseg_objects(physseg-select-${backend} ${PHYSSEG_SELECT})
	target_compile_definitions(physseg-select-${backend} PRIVATE
		UVM_BACKEND=${function} UVM_BACKEND_NAME=${backend})
	physseg_library(physseg-${backend} ${backend}
		physseg-uvm-objects physseg-select-${backend})
	foreach(kind ${PHYSSEG_KINDS})
		target_link_libraries(physseg-${backend}-${kind}
			PUBLIC physseg-${kind})
	endforeach()
	physseg_only_one(${backend})
endforeach()
