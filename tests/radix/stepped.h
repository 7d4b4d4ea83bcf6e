/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/radix/stepped.h -- included before everything else in the library's own
 * sources, for t_radix_steps: the test is called at every ordered load and
 * store, and told its address.
 *
 * The library's atomic.h accesses what readers and the writer share with
 * atomic_load_explicit and atomic_store_explicit.  Here both are macros that
 * call the test.  Who looks a map up is no thread but a part of the test, so
 * the order of an access is not asked of the processor but handed to the test,
 * which judges it.
 */
#ifndef TESTS_STEPPED_H
#define TESTS_STEPPED_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* The test reads all memory in all states, so none of it is poisoned. */
#if defined(__SANITIZE_ADDRESS__)
#define TEST_ADDRESSES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_ADDRESSES 1
#endif
#endif
#ifdef TEST_ADDRESSES
#include <sanitizer/asan_interface.h>

#undef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

/* From how many blocks on a map is large for the radix tree: the test says. */
#undef RADIX_LARGE
#undef RADIX_MANY
#define RADIX_LARGE test_radix_large
#define RADIX_MANY  test_radix_large
extern size_t test_radix_large;

void test_before_load(const volatile void *at, size_t size, int order);
void test_before_store(const volatile void *at, size_t size, int order);
void test_after_store(void);
void test_before_step(const volatile void *at); /* of claims */

#undef atomic_load_explicit
#define atomic_load_explicit(at, order) \
	(test_before_load((at), sizeof(*(at)), (int)(order)), *(at))

#undef atomic_store_explicit
#define atomic_store_explicit(at, value, order)                \
	(test_before_store((at), sizeof(*(at)), (int)(order)), \
	    (void)(*(at) = (value)), test_after_store())

#undef atomic_compare_exchange_strong_explicit
#define atomic_compare_exchange_strong_explicit(at, from, to, order, failed) \
	(test_before_step(at),                                               \
	    __atomic_compare_exchange_n(                                     \
		(uintptr_t *)(void *)(at), from, to, 0, order, failed))

#undef atomic_fetch_add_explicit
#define atomic_fetch_add_explicit(at, n, order) \
	(test_before_step(at),                  \
	    __atomic_fetch_add((uintptr_t *)(void *)(at), n, order))

#endif /* TESTS_STEPPED_H */
