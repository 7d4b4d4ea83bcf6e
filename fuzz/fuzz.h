/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz.h -- what the fuzz targets share: how they read an input, and how they
 * fail.
 *
 * A target is one function that runs one input.  libFuzzer calls it, and so
 * does fuzz_main.c, for AFL++ and for the kept inputs.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <physseg/types.h>

/* libFuzzer looks for it by its name. */
PHYSSEG_API int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input is wrong if this is. */
#define must(good) ((good) ? (void)0 : fuzz_failed(__FILE__, __LINE__, #good))

static inline _Noreturn void
fuzz_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
	abort();
}

/* What is left of the input. */
struct input {
	const uint8_t *at;
	size_t left;
};

/* The next byte; 0 at the end. */
static inline unsigned
input_byte(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

#endif /* FUZZ_FUZZ_H */
