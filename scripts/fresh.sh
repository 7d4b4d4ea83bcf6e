#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fresh.sh [--only PART] [MIRROR] -- do the README's commands work on a Debian 12
# with nothing in it?  Makes one, from the mirror or the one apt is configured
# with, and runs there, on a clone of what is committed:
#
#	install		the steps under "Installing and linking"
#	quick		the quick lane, test.sh quick
#	test		all of test.sh
#	bench		bench.sh
#
# Without --only it is all of them.  Needs root.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib/debian.sh
. scripts/lib/debian.sh
parts='install quick test bench'
if [ "${1-}" = --only ]; then
	case " $parts " in
	*" ${2-} "*) parts=$2 ;;
	*) echo "fresh.sh: --only one of $parts" >&2; exit 2 ;;
	esac
	shift 2
fi
sh scripts/lib/packages.sh git
empty_debian "${1-}"
git clone -q . "$root/tree"
for part in $parts; do
	case $part in
	install) # sudo is not there, and root needs none
		command="sudo() { \"\$@\"; }
$(sh tests/install/readme_steps.sh print)" ;;
	quick) command='sh scripts/test.sh quick' ;;
	test) command='sh scripts/test.sh' ;;
	bench) command='sh scripts/bench.sh' ;;
	esac
	echo "== $part"
	in_debian "cd /tree; $command"
done
