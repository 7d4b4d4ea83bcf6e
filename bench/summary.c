/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * summary.c -- the results for people.
 *
 * A table is an experiment; a line is a variant, a column is x.  A second table
 * of the same experiment shows the same as multiples of what one compares with.
 */
#include "summary.h"

void
summary_print(FILE *to, enum table_format format, const struct results *all)
{
	(void)to;
	(void)format;
	(void)all;
}

void
targets_print(FILE *to, enum table_format format, const struct results *all)
{
	(void)to;
	(void)format;
	(void)all;
}
