/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_STDINT_H
#define KERNEL_STDINT_H
typedef __UINT8_TYPE__ uint8_t;
typedef __INT32_TYPE__ int32_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INTPTR_TYPE__ intptr_t;
typedef __UINTPTR_TYPE__ uintptr_t;
#define INT32_MAX   __INT32_MAX__
#define INT32_MIN   (-INT32_MAX - 1)
#define UINT64_MAX  __UINT64_MAX__
#define UINTPTR_MAX __UINTPTR_MAX__
#define SIZE_MAX    __SIZE_MAX__
#define PTRDIFF_MAX __PTRDIFF_MAX__
/* For the uvm_* face: */
typedef __UINT16_TYPE__ uint16_t;
typedef __INT64_TYPE__ int64_t;
#define UINT32_MAX __UINT32_MAX__
#endif
