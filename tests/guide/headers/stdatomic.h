/* SPDX-License-Identifier: BSD-2-Clause */
#define memory_order_acquire __ATOMIC_ACQUIRE
#define memory_order_release __ATOMIC_RELEASE
#ifdef __clang__
#define atomic_load_explicit(p, order)	   __c11_atomic_load(p, order)
#define atomic_store_explicit(p, v, order) __c11_atomic_store(p, v, order)
#else
#define atomic_load_explicit(p, order)	   __atomic_load_n(p, order)
#define atomic_store_explicit(p, v, order) __atomic_store_n(p, v, order)
#endif
