/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_STDDEF_H
#define KERNEL_STDDEF_H
typedef __SIZE_TYPE__ size_t;
typedef struct {
	long long a;
	long double b;
} max_align_t;
#define NULL		  ((void *)0)
#define offsetof(type, m) __builtin_offsetof(type, m)
#endif
