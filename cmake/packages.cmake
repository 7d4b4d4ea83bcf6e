# SPDX-License-Identifier: BSD-2-Clause
#
# What is needed from elsewhere.  Without libbsd there is no library, which is an
# error.  Every other part is left out if a package that it needs is missing.

# Of libbsd only a header of macros: nothing is linked.
find_path(BSD_TREE_DIR bsd/sys/tree.h PATHS /usr/include)
mark_as_advanced(BSD_TREE_DIR)
if(NOT BSD_TREE_DIR)
	message(FATAL_ERROR "libbsd's <bsd/sys/tree.h> was not found: install "
		"Debian's libbsd-dev, or say where it is with "
		"-DBSD_TREE_DIR=DIRECTORY")
endif()
# Without the headers of a libc that lie beside it: it may be another libc's.
foreach(header cdefs queue tree)
	configure_file("${BSD_TREE_DIR}/bsd/sys/${header}.h"
		bsd/bsd/sys/${header}.h COPYONLY)
endforeach()

# physseg_part(NAME OPTION PACKAGE FOUND [PACKAGE FOUND]...): a part of the
# project that OPTION asks for.  It is built if everything that it needs was
# found; else OPTION becomes OFF.  FOUND is the name of a variable, PACKAGE what
# Debian calls the package.  physseg_parts tells at the end what became of it.
include(FeatureSummary)
macro(physseg_part name option)
	set(missing "")
	set(needs ${ARGN})
	while(needs)
		list(POP_FRONT needs package found)
		if(NOT ${found})
			string(APPEND missing " ${package}")
		endif()
	endwhile()
	if(NOT ${option})
		add_feature_info("${name}" OFF "switched off by -D${option}=OFF")
	elseif(missing)
		set(${option} OFF)
		add_feature_info("${name}" OFF "to have it install${missing}")
	else()
		add_feature_info("${name}" ON "")
	endif()
endmacro()

function(physseg_parts)
	feature_summary(WHAT ENABLED_FEATURES QUIET_ON_EMPTY
		DESCRIPTION "Built, besides the library:")
	feature_summary(WHAT DISABLED_FEATURES QUIET_ON_EMPTY
		DESCRIPTION "Not built (packages are named as in Debian):")
endfunction()

# ---- C++: for the benchmark, and for tests of the headers ----

# A compiler that was named, as presets do, may not be there.
set(HAVE_CXX OFF)
if(CMAKE_CXX_COMPILER)
	find_program(PHYSSEG_CXX ${CMAKE_CXX_COMPILER} NO_CACHE)
elseif(PHYSSEG_TESTS OR PHYSSEG_BENCH)
	include(CheckLanguage)
	check_language(CXX)
	set(PHYSSEG_CXX "${CMAKE_CXX_COMPILER}")
endif()
if(PHYSSEG_CXX AND (PHYSSEG_TESTS OR PHYSSEG_BENCH))
	enable_language(CXX)
	set(CMAKE_CXX_EXTENSIONS OFF)
	set(CMAKE_CXX_STANDARD_REQUIRED ON)
	set(HAVE_CXX ON)
endif()

# ---- liburcu ----

if(PHYSSEG_FREESTANDING)
	set(PHYSSEG_URCU OFF)
else()
	option(PHYSSEG_URCU "Build the module for liburcu" ON)
	if(NOT HAVE_URCU) # look again: it may have been installed since
		unset(HAVE_URCU CACHE)
	endif()
	include(CheckSymbolExists)
	set(CMAKE_REQUIRED_LIBRARIES urcu-memb urcu-common)
	check_symbol_exists(urcu_memb_synchronize_rcu urcu/urcu-memb.h
		HAVE_URCU)
	unset(CMAKE_REQUIRED_LIBRARIES)
	physseg_part("module for liburcu" PHYSSEG_URCU liburcu-dev HAVE_URCU)
endif()

# ---- systemtap's probes ----

# Off unless asked for: a probe takes a variable, and the library has none.
option(PHYSSEG_USDT "Compile in a probe of systemtap" OFF)
if(PHYSSEG_USDT)
	include(CheckIncludeFile)
	check_include_file(sys/sdt.h HAVE_SDT)
	physseg_part("probe of systemtap" PHYSSEG_USDT
		systemtap-sdt-dev HAVE_SDT)
endif()

# ---- tests ----

if(PHYSSEG_TESTS)
	find_package(Check QUIET)
endif()
physseg_part("tests" PHYSSEG_TESTS check Check_FOUND)
if(PHYSSEG_TESTS)
	find_package(PkgConfig QUIET)
	set(PHYSSEG_TESTS_CXX ON)
	physseg_part("tests of the headers in C++" PHYSSEG_TESTS_CXX
		g++ HAVE_CXX)
	set(PHYSSEG_TESTS_PC ON)
	physseg_part("tests of the pkg-config modules" PHYSSEG_TESTS_PC
		pkg-config PKG_CONFIG_FOUND)
endif()

# ---- the benchmark ----

if(PHYSSEG_BENCH)
	find_package(benchmark QUIET)
endif()
physseg_part("bench, the benchmark" PHYSSEG_BENCH
	g++ HAVE_CXX libbenchmark-dev benchmark_FOUND)
if(PHYSSEG_BENCH)
	# Baselines; the benchmark says which of them are missing.
	find_package(absl QUIET)
	find_path(BENCH_JUDY_DIR Judy.h)
	find_library(BENCH_JUDY_LIBRARY Judy)
	mark_as_advanced(BENCH_JUDY_DIR BENCH_JUDY_LIBRARY)
	set(BENCH_ABSL ON)
	physseg_part("baseline absl::btree_map" BENCH_ABSL
		libabsl-dev absl_FOUND)
	set(BENCH_JUDY ON)
	physseg_part("baseline JudyL" BENCH_JUDY libjudy-dev BENCH_JUDY_LIBRARY)
	# Of Rust, from the crates that Debian packs; cargo builds for the
	# machine that it runs on.
	option(BENCH_VM_MEMORY "Compare with vm-memory 0.10" ON)
	set(BENCH_CRATES /usr/share/cargo/registry CACHE PATH
		"The folder with the crate vm-memory and those that it needs")
	file(GLOB BENCH_VM_MEMORY_DIR "${BENCH_CRATES}/vm-memory-0.10.*")
	if(NOT CMAKE_CROSSCOMPILING)
		find_program(BENCH_CARGO cargo)
		mark_as_advanced(BENCH_CARGO)
	endif()
	physseg_part("baseline vm-memory 0.10" BENCH_VM_MEMORY
		librust-vm-memory-dev BENCH_VM_MEMORY_DIR cargo BENCH_CARGO)
endif()
