#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fresh.sh [MIRROR] -- do test.sh and bench.sh work on a Debian 12 with nothing
# in it?  Makes one, from the mirror or the one apt is configured with, and runs
# both there on what is committed.  Needs root.

set -eu
# shellcheck source=scripts/help.sh
. "$(dirname "$0")/help.sh"

cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian.sh
. scripts/debian.sh
sh scripts/packages.sh git
empty_debian "${1-}"
mkdir "$root/tree"
git archive HEAD | tar -x -C "$root/tree"
in_debian 'cd /tree; sh scripts/test.sh; sh scripts/bench.sh'
