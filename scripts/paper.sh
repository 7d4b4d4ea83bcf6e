#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# paper.sh [ARGUMENT...] -- the paper's tests: install what is missing, build,
# print its tables for this machine, and write them with the pictures and a
# page of HTML to out/paper.  Arguments go to the benchmark: --full is the
# paper's 100 runs of up to 100M calls.
#
# paper.sh docs [ARGUMENT...] -- everything at full size, and from it what
# docs/ shows: docs/benchmark-tables.txt, and in docs/figures/ the pictures
# that docs/benchmark.md names.  Arguments make it smaller: --runs 20.

set -eu
# shellcheck source=scripts/help.sh
. "$(dirname "$0")/help.sh"

cd "$(dirname "$0")/.."
sh scripts/packages.sh gnuplot-nox
mkdir -p out
if [ "${1-}" != docs ]; then
	exec sh scripts/bench.sh --paper --report out/paper "$@"
fi

shift
rm -rf out/docs
sh scripts/bench.sh --full --report out/docs "$@"
mkdir -p docs/figures
cp out/docs/tables.txt docs/benchmark-tables.txt
grep -o 'figures/[a-z0-9_]*\.svg' docs/benchmark.md | sort -u |
    while read -r picture; do
	cp "out/docs/${picture#figures/}" "docs/$picture"
done
