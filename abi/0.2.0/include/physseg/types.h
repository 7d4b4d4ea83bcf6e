/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/types.h -- the types that every other header needs.
 */
#ifndef PHYSSEG_TYPES_H
#define PHYSSEG_TYPES_H

/*
 * A page frame number, or a number of frames.  Wide enough for every physical
 * address on every host, also a 32-bit one; who builds the library for a
 * machine of at most 32 address bits may define PHYSSEG_PFN_TYPE as uint32_t,
 * for the library and for everything that uses it: what was compiled with
 * another does not link.
 */
#ifndef PHYSSEG_PFN_TYPE
#define PHYSSEG_PFN_TYPE uint64_t
#endif

/* Its width, as the preprocessor can read it. */
#define PHYSSEG_PFN_BITS	   PHYSSEG_PFN_BITS_(PHYSSEG_PFN_TYPE)
#define PHYSSEG_PFN_BITS_(type)	   PHYSSEG_PFN_BITS_OF_(type)
#define PHYSSEG_PFN_BITS_OF_(type) PHYSSEG_PFN_BITS_##type
#define PHYSSEG_PFN_BITS_uint32_t  32
#define PHYSSEG_PFN_BITS_uint64_t  64
#include <physseg/names.h>

#include <stdint.h>

typedef PHYSSEG_PFN_TYPE physseg_pfn_t;

/* No frame: never registered, the answer where there is none. */
#define PHYSSEG_NOFRAME ((physseg_pfn_t)-1)

/*
 * A segment's handle: a number in the clothes of a pointer, to a type that is
 * never defined, so that nothing else passes for one.  Any bit pattern may be
 * passed where a handle is taken; what names no live segment is recognised.
 * On a backend whose handles are positions (PHYSSEG_POSITION) a kept handle
 * may name another segment after the map changed; on every other backend it
 * names its segment until that is unplugged, and nothing afterwards.
 */
typedef struct physseg_segment *physseg_t;

/* The handle of no segment. */
#define PHYSSEG_NONE ((physseg_t)0)

/* What a shared library shows; everything else in it is hidden. */
#if defined(__GNUC__)
#define PHYSSEG_API __attribute__((__visibility__("default")))
#else
#define PHYSSEG_API
#endif

#endif /* PHYSSEG_TYPES_H */
