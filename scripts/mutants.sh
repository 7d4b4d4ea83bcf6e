#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# mutants.sh [OPTION...] [FILE...] -- break the library in one place, see which
# test notices, and so for every place.  Fails if a mutant survives that
# tests/mutants.txt does not argue away.  --help tells the options, mutants.py
# what is broken and how.

set -eu

[ "${1-}" != --help ] || ! command -v python3 >/dev/null ||
    exec python3 "$(dirname "$0")/lib/mutants.py" --help
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
sh scripts/lib/packages.sh cmake ninja-build gcc g++ libc6-dev pkg-config check \
    libsubunit-dev libbsd-dev liburcu-dev clang libclang-rt-dev python3
exec /usr/bin/env python3 scripts/lib/mutants.py "$@"
