#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_format.sh -- every source is as clang-format would have it.

set -eu

cd "${SOURCE:-$(dirname "$0")/../..}"
command -v clang-format >/dev/null || {
	echo "t_format: skipped: there is no clang-format"
	exit 77
}
find include src tests bench examples tools \
    \( -name '*.[ch]' -o -name '*.cc' \) \
    -exec clang-format --dry-run -Werror {} +
