/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * t_memmap_fuzz.c -- the fuzz target itself, on inputs that it would soon find:
 * the samples, changed; and random calls.
 */
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include "forms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long
steps(void)
{
	return test_steps != 0 ? test_steps : 4000;
}

START_TEST(changed_samples)
{
	struct test_rng rng = { test_seed };

	for (unsigned long step = 0; step < steps(); step++) {
		const enum form form = (enum form)(step % FORMS);
		struct blob blob = { .at = NULL };

		/* That modulo FORMS + 1 is the form, and any page size. */
		blob_le(&blob,
		    form +
			(FORMS + 1) *
			    test_random_below(&rng, 256 / (FORMS + 1)),
		    1);
		form_sample(form, &blob);
		for (uint64_t n = test_random_below(&rng, 8); n > 0; n--)
			blob.at[1 + test_random_size(&rng, blob.size - 1)] ^=
			    (unsigned char)(1u << test_random_below(&rng, 8));
		LLVMFuzzerTestOneInput(blob.at, blob.size);
		blob_free(&blob);
	}
}
END_TEST

START_TEST(random_calls)
{
	struct test_rng rng = { test_seed };

	for (unsigned long step = 0; step < steps(); step++) {
		struct blob blob = { .at = NULL };

		blob_le(&blob, FORMS, 1);
		for (uint64_t n = test_random_below(&rng, 12 * 400); n > 0; n--)
			blob_le(&blob, test_random(&rng), 1);
		LLVMFuzzerTestOneInput(blob.at, blob.size);
		blob_free(&blob);
	}
	LLVMFuzzerTestOneInput(NULL, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("memmap, the fuzz target");
	TCase *t = tcase_create("fuzz");

	tcase_add_test(t, changed_samples);
	tcase_add_test(t, random_calls);
	suite_add_tcase(s, t);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
