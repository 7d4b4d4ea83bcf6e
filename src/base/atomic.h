/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * atomic.h -- loads and stores of what readers without a lock may read while it
 * is written.
 *
 * Every store releases and every load acquires: a reader that sees a value also
 * sees everything that was written before it.  In some places less would be
 * enough.  A base needs no order of its own once its bit was seen, and a load
 * that is followed only through its value could be weaker.  But C11's order for
 * the latter (memory_order_consume) is compiled as acquire.  On x86 acquire and
 * release cost nothing, and on other machines an ordinary load follows in any
 * case.
 *
 * On a 32-bit host frame numbers are wider than what one store can write,
 * unless PHYSSEG_PFN_TYPE has 32 bits.  There they are read and written without
 * atomics, and no backend has PHYSSEG_LOCKFREE.
 *
 * A test that looks at a map between any two such stores compiles the library
 * with PHYSSEG_STEP, the name of a function that is called before each store,
 * and with PHYSSEG_LOAD_STEP for loads.
 */
#ifndef PHYSSEG_ATOMIC_H
#define PHYSSEG_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <physseg/types.h>

#ifdef PHYSSEG_STEP
void PHYSSEG_STEP(void);
#else
#define PHYSSEG_STEP() ((void)0)
#endif
#ifdef PHYSSEG_LOAD_STEP
void PHYSSEG_LOAD_STEP(void);
#else
#define PHYSSEG_LOAD_STEP() ((void)0)
#endif

/* Can one store write a frame number on this host? */
#define PHYSSEG_ATOMIC_PFN (sizeof(physseg_pfn_t) <= sizeof(uintptr_t))

static inline uintptr_t
physseg_atomic_load(const uintptr_t *word)
{
	PHYSSEG_LOAD_STEP();
	return atomic_load_explicit(
	    (const _Atomic(uintptr_t) *)word, memory_order_acquire);
}

static inline void
physseg_atomic_store(uintptr_t *word, uintptr_t value)
{
	PHYSSEG_STEP();
	atomic_store_explicit(
	    (_Atomic(uintptr_t) *)word, value, memory_order_release);
}

static inline int32_t
physseg_atomic_load_32(const int32_t *word)
{
	PHYSSEG_LOAD_STEP();
	return atomic_load_explicit(
	    (const _Atomic(int32_t) *)word, memory_order_acquire);
}

static inline void
physseg_atomic_store_32(int32_t *word, int32_t value)
{
	PHYSSEG_STEP();
	atomic_store_explicit(
	    (_Atomic(int32_t) *)word, value, memory_order_release);
}

static inline physseg_pfn_t
physseg_atomic_load_pfn(const physseg_pfn_t *pfn)
{
	PHYSSEG_LOAD_STEP();
	if (!PHYSSEG_ATOMIC_PFN)
		return *pfn;
	return atomic_load_explicit(
	    (const _Atomic(physseg_pfn_t) *)pfn, memory_order_acquire);
}

static inline void
physseg_atomic_store_pfn(physseg_pfn_t *pfn, physseg_pfn_t value)
{
	PHYSSEG_STEP();
	if (PHYSSEG_ATOMIC_PFN)
		atomic_store_explicit(
		    (_Atomic(physseg_pfn_t) *)pfn, value, memory_order_release);
	else
		*pfn = value;
}

/* Several threads write these: claims of page structures (claims.c). */
static inline bool
physseg_atomic_swap(uintptr_t *word, uintptr_t from, uintptr_t to)
{
	PHYSSEG_STEP();
	return atomic_compare_exchange_strong_explicit(
	    (_Atomic(uintptr_t) *)word, &from, to, memory_order_acq_rel,
	    memory_order_acquire);
}

/* What it was is returned. */
static inline uintptr_t
physseg_atomic_add(uintptr_t *word, uintptr_t n)
{
	PHYSSEG_STEP();
	return atomic_fetch_add_explicit(
	    (_Atomic(uintptr_t) *)word, n, memory_order_acq_rel);
}

#endif /* PHYSSEG_ATOMIC_H */
