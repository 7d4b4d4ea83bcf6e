/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * atomic.h -- what a reader without a lock may meet while it is written.
 *
 * All stores release and all loads acquire: a reader that sees a value also
 * sees what was written before it.  Less would do in places: a base needs no
 * order of its own once its bit was seen, and a load that is only followed
 * through its value could be weaker.  But C11's word for the latter
 * (memory_order_consume) no compiler takes at its word, on x86 both are plain
 * moves, and elsewhere an ordinary load follows in any case.
 *
 * Frame numbers are wider than a pointer on a 32-bit host, unless it was told
 * otherwise; there they are read and written plainly, and no backend says that
 * it needs no lock.
 *
 * A test that wants to look at a map between any two such stores compiles the
 * library with PHYSSEG_STEP, the name of a function to be called before each;
 * and PHYSSEG_LOAD_STEP before each load.
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

/* Can a reader do without a lock on this host? */
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

/* Several threads write these: claims of page structures (online.c). */
static inline bool
physseg_atomic_swap(uintptr_t *word, uintptr_t from, uintptr_t to)
{
	PHYSSEG_STEP();
	return atomic_compare_exchange_strong_explicit(
	    (_Atomic(uintptr_t) *)word, &from, to, memory_order_acq_rel,
	    memory_order_acquire);
}

static inline void
physseg_atomic_add(uintptr_t *word, uintptr_t n)
{
	PHYSSEG_STEP();
	(void)atomic_fetch_add_explicit(
	    (_Atomic(uintptr_t) *)word, n, memory_order_acq_rel);
}

#endif /* PHYSSEG_ATOMIC_H */
