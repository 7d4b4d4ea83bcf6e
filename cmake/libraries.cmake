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

set(engine
	src/boot.c
	src/check.c
	src/coalesce.c
	src/dump.c
	src/index.c
	src/list.c
	src/lookup.c
	src/map.c
	src/plug.c
	src/record.c
	src/slab.c
	src/unplug.c
	src/backend_array/backend_array.c
	src/backend_array/backend_array_bigfirst.c
	src/backend_array/backend_array_bsearch.c
	src/backend_array/backend_array_contig.c
	src/backend_array/backend_array_random.c
	src/backend_radix/backend_radix.c
	src/backend_radix/backend_radix_block.c
	src/backend_radix/backend_radix_check.c
	src/backend_radix/backend_radix_find.c
	src/backend_radix/backend_radix_pool.c
	src/backend_radix/backend_radix_tree.c
	src/backend_rbtree/backend_rbtree.c
	src/shim/extent.c
	src/shim/extent_index.c
	src/shim/extent_print.c
	src/shim/rbtree.c)
set(memmap
	src/memmap/boot_params.c
	src/memmap/e820.c
	src/memmap/efi.c
	src/memmap/fdt.c
	src/memmap/fdt_memory.c
	src/memmap/load.c
	src/memmap/memmap.c
	src/memmap/multiboot.c
	src/memmap/multiboot2.c
	src/memmap/pages.c
	src/memmap/pvh.c
	src/memmap/reader.c)
list(APPEND engine ${memmap})
set(engine_default src/backend_default.c)
set(engine_userspace
	src/shim/extent_user.c
	src/shim/host_user.c
	src/shim/kmem.c
	src/shim/panic.c)
set(uvm
	src/uvm/uvm_boot.c
	src/uvm/uvm_map.c
	src/uvm/uvm_own_page.c
	src/uvm/uvm_page.c
	src/uvm/uvm_page_init.c
	src/uvm/uvm_page_lookup_freelist.c
	src/uvm/uvm_page_physget.c
	src/uvm/uvm_pageboot_alloc.c
	src/uvm/uvm_pagefree.c
	src/uvm/uvm_pageismanaged.c
	src/uvm/uvm_phys_to_vm_page.c
	src/uvm/uvm_physmem.c
	src/uvm/uvm_physseg.c
	src/uvm/uvm_setpagesize.c
	src/uvm/uvm_uvm.c
	src/uvm/uvm_uvmexp.c
	src/uvm/uvm_vm_page_to_phys.c
	src/uvm/uvmpdpol_reinit.c)
set(uvm_userspace
	src/uvm/uvm_host.c)

# The number in the shared libraries' names, see abi/README.md.
set(PHYSSEG_ABI 1)

set(PHYSSEG_KINDS static shared)
if(PHYSSEG_FREESTANDING)
	set(PHYSSEG_KINDS static)
	set(engine_default src/backend_none.c)
	set(engine_userspace "")
	set(uvm_userspace "")
endif()
list(APPEND engine ${engine_default})

# Where who looks inside finds headers: the sources and the tests.
add_library(physseg-inside INTERFACE)
target_include_directories(physseg-inside INTERFACE include src)
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
	physseg_objects(${object} src/uvm/one_backend.c)
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

physseg_objects(physseg-objects ${engine} ${engine_userspace})
physseg_library(physseg physseg physseg-objects)

if(PHYSSEG_URCU)
	physseg_objects(physseg-urcu-objects src/urcu/urcu.c)
	physseg_library(physseg-urcu urcu physseg-urcu-objects)
	foreach(kind ${PHYSSEG_KINDS})
		target_link_libraries(physseg-urcu-${kind}
			PUBLIC physseg-${kind} urcu-memb urcu-common)
	endforeach()
endif()

physseg_objects(physseg-uvm-objects ${uvm} ${uvm_userspace})
if(PHYSSEG_DIAGNOSTIC)
	target_compile_definitions(physseg-uvm-objects PRIVATE DIAGNOSTIC)
endif()
foreach(backend ${PHYSSEG_UVM_BACKENDS})
	string(REPLACE "-" "_" file ${backend})
	physseg_objects(physseg-select-${backend} src/uvm/select_${file}.c)
	physseg_library(physseg-${backend} ${backend}
		physseg-uvm-objects physseg-select-${backend})
	foreach(kind ${PHYSSEG_KINDS})
		target_link_libraries(physseg-${backend}-${kind}
			PUBLIC physseg-${kind})
	endforeach()
	physseg_only_one(${backend})
endforeach()
