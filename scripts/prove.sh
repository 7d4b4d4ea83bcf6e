#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# prove.sh [OPTION...] [FILE...] -- prove with Frama-C that functions keep their
# contracts, for every argument.  Without a file, all that tests/proof.txt
# names.  docs/proof.md says what that means.  Fails if a goal is not proved
# that docs/proof.md does not name, if one is proved that it names, if a contract
# can never be met, and if a mutant of tests/proof.txt keeps its contract.
#
#	--no-mutants	without them, which takes a third of the time
#	--work FOLDER	for the logs; without it, build/proof
#	--installed	the first: install nothing; status 77 if Frama-C is not
#			there

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
if [ "${1-}" = --installed ]; then
	shift
	for tool in frama-c why3 z3 cvc4 python3; do
		command -v $tool >/dev/null || {
			echo "prove: skipped: there is no $tool"
			exit 77
		}
	done
else
	sh scripts/lib/packages.sh frama-c-base why3 z3 cvc4 gcc libc6-dev \
	    python3
fi
exec /usr/bin/env python3 scripts/lib/prove.py "$@"
