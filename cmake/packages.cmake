# SPDX-License-Identifier: BSD-2-Clause
#
# What is needed from elsewhere.  A missing package is an error that says what
# to install, or what to switch off.

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

# For userspace's readers without a lock; who has none goes without.
if(NOT PHYSSEG_FREESTANDING)
	include(CheckSymbolExists)
	set(CMAKE_REQUIRED_LIBRARIES urcu-memb urcu-common)
	check_symbol_exists(urcu_memb_synchronize_rcu urcu/urcu-memb.h
		PHYSSEG_URCU)
	unset(CMAKE_REQUIRED_LIBRARIES)
endif()

if(PHYSSEG_TESTS)
	find_package(PkgConfig)
	if(NOT PkgConfig_FOUND)
		message(FATAL_ERROR "pkg-config, which finds Check, was not "
			"found: install Debian's pkg-config, or build without "
			"tests: -DPHYSSEG_TESTS=OFF")
	endif()
	pkg_check_modules(CHECK IMPORTED_TARGET check)
	if(NOT CHECK_FOUND)
		message(FATAL_ERROR "Check, the tests' framework, was not "
			"found: install Debian's check, or build without "
			"tests: -DPHYSSEG_TESTS=OFF")
	endif()
endif()

if(PHYSSEG_BENCH)
	find_package(benchmark QUIET)
	if(NOT benchmark_FOUND)
		message(FATAL_ERROR "Google Benchmark was not found: install "
			"Debian's libbenchmark-dev, or build without the "
			"benchmark: -DPHYSSEG_BENCH=OFF")
	endif()
	# Baselines; the benchmark says which of them are missing.
	find_package(absl QUIET)
	set(BENCH_ABSL ${absl_FOUND})
	find_path(BENCH_JUDY_DIR Judy.h)
	find_library(BENCH_JUDY_LIBRARY Judy)
	mark_as_advanced(BENCH_JUDY_DIR BENCH_JUDY_LIBRARY)
endif()
