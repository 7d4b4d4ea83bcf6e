#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# coverage.sh -- run the tests and list, file by file, which lines of src/ they
# never reached.  Fails below 95 %.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
sh scripts/lib/packages.sh cmake make gcc g++ libc6-dev pkg-config check \
    libsubunit-dev libbsd-dev liburcu-dev gcovr

jobs=$(nproc)
cmake --preset coverage
cmake --build --preset coverage --parallel "$jobs"
find build/coverage -name '*.gcda' -delete
ctest --preset coverage --parallel "$jobs"
gcovr --root . --filter src/ --object-directory build/coverage \
    --fail-under-line 95 build/coverage/CMakeFiles/physseg-* \
    build/coverage/tests
