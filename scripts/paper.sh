#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# paper.sh [OPTION...] -- the paper's tests: install what is missing, build,
# measure, and write its tables for this machine, the pictures and a page of
# HTML to out/paper.  Options go to the benchmark: --full is the paper's 100
# runs of up to 100M calls.
#
# paper.sh docs [OPTION...] -- everything at full size, and from it what docs/
# shows: docs/benchmark-tables.txt, and in docs/figures/ the pictures that
# docs/benchmark.md names.  Options make it smaller: --runs 20.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
case ${1-} in
--help)
	sed -n '4,/^$/s/^# \{0,1\}//p' scripts/paper.sh
	exit 0
	;;
docs) shift ;;
*) exec sh scripts/bench.sh --paper --report out/paper "$@" ;;
esac

rm -rf out/docs
sh scripts/bench.sh --vm-memory --full --targets --report out/docs "$@"
mkdir -p docs/figures
cp out/docs/tables.txt docs/benchmark-tables.txt
grep -o 'figures/[a-z0-9_]*\.svg' docs/benchmark.md | sort -u |
    while read -r picture; do
	cp "out/docs/${picture#figures/}" "docs/$picture"
done
