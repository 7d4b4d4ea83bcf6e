#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# skipped.sh BUILD -- at the end of a run of ctest: what was not run, and why.
#
# A test says "NAME: skipped: why" of all of itself, and "skipped: CASE: why" of
# one case.  Of these, what a backend cannot do by its nature is most; so only
# their number is printed.

awk '
	/^[0-9]+\/[0-9]+ Testing: / { test = $3 }
	sub(/^[a-z_]+: skipped: /, "") { print "skipped: " test ": " $0 }
	/^skipped: / { cases++ }
	END {
		if (cases > 0)
			print "skipped in tests that ran: " cases " cases, " \
			    "most for what a backend cannot do; " \
			    "ctest --verbose prints each with its reason"
	}' "$1/Testing/Temporary/LastTest.log.tmp"
