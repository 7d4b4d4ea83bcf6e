#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# abi.sh update -- write into abi/ what a program that is linked with the shared
# libraries relies on: names, types, layouts, as libabigail describes them.  Do
# so when a change of that is meant, and commit what comes out; if programs
# could break, the major version goes up with it.
#
# abi.sh snapshot -- keep the public headers as they are, as abi/VERSION/include:
# with them tests/programs/t_releases.sh compiles what later releases have to run.
# `update' does so, too.  Until VERSION is released they may change.
#
# abi.sh check DIRECTORY -- compile them there and compare: status 1 when
# anything differs; 77 when it cannot be compared, with the reason.
#
# The compatible face is the same on every backend; here it is on the red-black
# tree.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/../lib/help.sh"

cd "$(dirname "$0")/../.."

# describe DIRECTORY: DIRECTORY/NAME.abi, of what is compiled there.
describe()
{
	mkdir -p "$1"
	cmake -S . -B "$1/build" -DCMAKE_BUILD_TYPE=Debug -DPHYSSEG_TESTS=OFF \
	    -DPHYSSEG_EXAMPLES=OFF -DPHYSSEG_BENCH=OFF
	cmake --build "$1/build" --parallel "$(nproc)" \
	    --target physseg-shared physseg-rbtree-shared
	for name in libphysseg libphysseg-rbtree; do
		abidw --headers-dir include --drop-private-types \
		    --exported-interfaces-only --no-show-locs --no-elf-needed \
		    --no-corpus-path --no-comp-dir-path --type-id-style hash \
		    --out-file "$1/$name.abi" "$1/build/$name.so"
	done
}

snapshot()
{
	version=$(sed -n 's/^#define PHYSSEG_VERSION_[MP].* //p' \
	    include/physseg/physseg.h | tr '\n' '.')
	kept=abi/${version%.}
	rm -rf "$kept/include"
	mkdir -p "$kept"
	cp -R include "$kept/include"
}

update()
{
	snapshot
	sh scripts/lib/packages.sh cmake make gcc libc6-dev libbsd-dev abigail-tools
	describe build/abi
	mkdir -p abi
	for file in build/abi/*.abi; do # without the names of directories here
		sed "s|path='$PWD/|path='|" "$file" >"abi/${file##*/}"
	done
}

check()
{
	command -v abidiff >/dev/null || {
		echo "abi: skipped: abigail-tools is not installed"
		exit 77
	}
	describe "$1"
	failed=0
	for file in abi/*.abi; do
		new=$1/${file#abi/}
		machine=$(grep -o "architecture='[^']*'" "$file")
		grep -q "$machine" "$new" || {
			echo "abi: skipped: $file is of another $machine"
			exit 77
		}
		abidiff "$file" "$new" || failed=1
	done
	[ $failed -eq 0 ] || echo "If that is meant: sh scripts/release/abi.sh update"
	exit $failed
}

case ${1-} in
snapshot) snapshot ;;
update) update ;;
check) check "${2:?a directory}" ;;
*)
	echo "usage: abi.sh snapshot | update | check DIRECTORY" >&2
	exit 2
	;;
esac
