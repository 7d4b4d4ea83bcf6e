/* SPDX-License-Identifier: BSD-2-Clause */
#define memory_order_acquire __ATOMIC_ACQUIRE
#define memory_order_release __ATOMIC_RELEASE
#define memory_order_acq_rel __ATOMIC_ACQ_REL
#ifdef __clang__
#define atomic_load_explicit(p, order)	   __c11_atomic_load(p, order)
#define atomic_store_explicit(p, v, order) __c11_atomic_store(p, v, order)
#define atomic_fetch_add_explicit(p, v, o) __c11_atomic_fetch_add(p, v, o)
#define atomic_compare_exchange_strong_explicit(p, old, v, order, failed) \
	__c11_atomic_compare_exchange_strong(p, old, v, order, failed)
#else
#define atomic_load_explicit(p, order)	   __atomic_load_n(p, order)
#define atomic_store_explicit(p, v, order) __atomic_store_n(p, v, order)
#define atomic_fetch_add_explicit(p, v, o) __atomic_fetch_add(p, v, o)
#define atomic_compare_exchange_strong_explicit(p, old, v, order, failed) \
	__atomic_compare_exchange_n(p, old, v, 0, order, failed)
#endif
