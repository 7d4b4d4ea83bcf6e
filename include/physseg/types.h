/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/types.h -- the types that every other header needs.
 */
#ifndef PHYSSEG_TYPES_H
#define PHYSSEG_TYPES_H

/*
 * The type of a page frame number, and of a number of frames.  The default is
 * wide enough for every physical address of every machine, also on 32-bit
 * hosts.  For a machine whose frame numbers fit into 32 bits, define
 * PHYSSEG_PFN_TYPE as uint32_t.  Do so for the library and for everything that
 * uses it: a program that was compiled with another width does not link.
 */
#ifndef PHYSSEG_PFN_TYPE
#define PHYSSEG_PFN_TYPE uint64_t
#endif

/* The width of a frame number in bits, for the preprocessor. */
#define PHYSSEG_PFN_BITS	   PHYSSEG_PFN_BITS_(PHYSSEG_PFN_TYPE)
#define PHYSSEG_PFN_BITS_(type)	   PHYSSEG_PFN_BITS_OF_(type)
#define PHYSSEG_PFN_BITS_OF_(type) PHYSSEG_PFN_BITS_##type
#define PHYSSEG_PFN_BITS_uint32_t  32
#define PHYSSEG_PFN_BITS_uint64_t  64
#include <physseg/names.h>

#include <stdint.h>

typedef PHYSSEG_PFN_TYPE physseg_pfn_t;

/* The value that means "no frame".  It is never registered. */
#define PHYSSEG_NOFRAME ((physseg_pfn_t)-1)

/*
 * The handle of a segment.  It is a number and is never dereferenced.  It has a
 * pointer type so that the compiler accepts nothing else in its place; the type
 * it points to is never defined.
 *
 * It names its segment until the segment is gone, and then nothing, except on
 * array backends (PHYSSEG_POSITION): there it is the segment's position, and
 * may name another segment after the map has changed.
 *
 * Any bit pattern may be passed as a handle.  The library recognises one that
 * names no live segment.  The record of a segment serves 2^31 segments one
 * after the other, 2^11 where pointers have 32 bits.  After that it is not used
 * again, so that no handle ever names another segment.
 */
typedef struct physseg_segment *physseg_t;

/* The handle that names no segment. */
#define PHYSSEG_NONE ((physseg_t)0)

/* Marks what a shared library exports.  Everything else in it is hidden. */
#if defined(__GNUC__)
#define PHYSSEG_API __attribute__((__visibility__("default")))
#else
#define PHYSSEG_API
#endif

#endif /* PHYSSEG_TYPES_H */
