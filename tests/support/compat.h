/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/support/compat.h -- what the tests of readers need to be compiled
 * against release 0.1, whose faults they show, as well as against this one.
 */
#ifndef TESTS_COMPAT_H
#define TESTS_COMPAT_H

#include <physseg/physseg.h>

#if PHYSSEG_VERSION_MINOR < 2
#define TEST_RADIX			      (&physseg_radix)
#define TEST_HOST_URCU			      (&physseg_host_urcu)
#define TEST_BOOT_READERS		      false /* lookups of a booting map take the lock */
#define TEST_BY_SEGMENT			      false /* nor are there these lookups */
#define TEST_FREE_LIST(map, pfn)	      (-1)
#define TEST_SEGMENT_PAGE(map, handle, index) NULL
#define TEST_PAGES(map, pfns, n, pages)	      ((void)0)
#define TEST_SET_RUNNING(map, running)	      (physseg_set_running(map, running), 0)
#else
#define TEST_RADIX	  physseg_backend_radix()
#define TEST_HOST_URCU	  physseg_host_urcu()
#define TEST_BOOT_READERS true
#define TEST_BY_SEGMENT	  true
#define TEST_FREE_LIST	  physseg_free_list
#define TEST_SEGMENT_PAGE physseg_segment_page
#define TEST_PAGES	  physseg_pages
#define TEST_SET_RUNNING  physseg_set_running
#endif

/* A handle of these bits, whether it is a number or a pointer. */
#define TEST_HANDLE(bits) ((physseg_t)(uintptr_t)(bits))

#endif /* TESTS_COMPAT_H */
