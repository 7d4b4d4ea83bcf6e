/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/uvm/t_uvm_own_layout.c -- a program whose struct uvmexp is not the
 * built library's: uvm_physseg_init says so, before anything is written to it.
 */
#define UVM_UVMEXP_DEFINED
#include <uvm/uvm_param.h>
struct uvmexp {
	int64_t npages;
	int pagesize;
};
#include <uvm/uvm.h>

#include "support.h"

static void
init(void *arg)
{
	(void)arg;
	uvm_physseg_init();
}

START_TEST(own_uvmexp)
{
	ck_assert(test_panics(
	    init, NULL, "uvm_physseg_init: another layout of struct uvmexp"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("uvm_own_layout");
	TCase *t = tcase_create("own layout");

	tcase_add_test(t, own_uvmexp);
	suite_add_tcase(s, t);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
