#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# cross.sh [MACHINE...] -- build the suite for other machines and run it, under
# qemu's emulation: i386, armhf (32 bits), aarch64, riscv64, s390x (big-endian),
# powerpc (both); and for this one, not emulated, with another libc, musl, and
# with 32 bits and frames of as many, m32-frames32.  Without arguments all of
# them.
#
# What each of them says goes to build/cross/MACHINE/log; what was run and what
# was not is printed at its end.  TEST_STEPS in the environment makes random
# tests shorter.
#
# Check is built for each from Debian's source, once.  An apt of its own fetches
# that: this machine's apt neither learns of other machines nor of sources.  Where
# it cannot, nothing is run, and the status is 77.

set -eu
# shellcheck source=scripts/help.sh
. "$(dirname "$0")/help.sh"

cd "$(dirname "$0")/.."
cross=$PWD/build/cross

# The source of Check, in $cross/source.
fetch()
{
	[ ! -d "$cross/source" ] || return 0
	rm -rf "$cross/apt"
	mkdir -p "$cross/apt/lists"
	(
		cd "$cross/apt"
		codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
		# shellcheck disable=SC2016 # apt-get's own names
		apt-get indextargets \
		    --format 'deb-src $(REPO_URI) $(CODENAME) main' \
		    'Created-By: Packages' 'Component: main' \
		    "Codename: $codename" | sort -u >sources.list
		set -- -q -o Dir::State::lists="$PWD/lists" \
		    -o Dir::Cache="$PWD" -o APT::Sandbox::User= \
		    -o Dir::Etc::sourcelist="$PWD/sources.list" \
		    -o Dir::Etc::sourceparts=/dev/null
		apt-get "$@" update
		apt-get "$@" source --download-only check
		mkdir source
		tar -x -C source --strip-components=1 -f check_*.orig.tar.*
	)
	mv "$cross/apt/source" "$cross/source"
	rm -rf "$cross/apt"
}

# build_check MACHINE: static, as all programs here are.
build_check()
{
	[ ! -e "$cross/$1/check.done" ] || return 0
	cmake --toolchain "$PWD/cmake/toolchains/$1.cmake" -S "$cross/source" \
	    -B "$cross/$1/check-build" -DCHECK_ENABLE_TESTS=OFF \
	    -DCMAKE_INSTALL_PREFIX="$cross/$1/check" -DCMAKE_INSTALL_LIBDIR=lib
	cmake --build "$cross/$1/check-build" --parallel "$JOBS"
	cmake --install "$cross/$1/check-build"
	rm "$cross/$1"/check/lib/*.so*
	touch "$cross/$1/check.done"
}

suite()
{
	build_check "$1"
	PKG_CONFIG="pkg-config --static"
	PKG_CONFIG_LIBDIR=$cross/$1/check/lib/pkgconfig
	export PKG_CONFIG PKG_CONFIG_LIBDIR
	# CMake looks for libraries at Check's place only: this machine may have
	# some for the other one, too, such as a shared libm.  What is not found
	# stays -lm, for the compiler.
	cmake --toolchain "$PWD/cmake/toolchains/$1.cmake" -S . \
	    -B "$cross/$1/tree" -DPHYSSEG_BENCH=OFF \
	    -DCMAKE_FIND_ROOT_PATH="$cross/$1/check" \
	    -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY
	cmake --build "$cross/$1/tree" --parallel "$JOBS"
	# Emulated, a process for each case takes most of the time.
	CK_FORK=no ctest --test-dir "$cross/$1/tree" --parallel "$JOBS" \
	    --output-on-failure
}

one()
{
	mkdir -p "$cross/$1"
	set +e
	(set -e; suite "$1") >"$cross/$1/log" 2>&1
	status=$?
	[ $status -eq 0 ] || {
		echo "$1: failed, the end of build/cross/$1/log is"
		tail -n 60 "$cross/$1/log"
	}
	sed -n "s/.*tests passed,.*/$1: &/p; /did not run/,/^\$/p" \
	    "$cross/$1/log"
	return $status
}

if [ "${1-}" = --one ]; then
	one "$2"
	exit
fi
[ $# -gt 0 ] || set -- i386 armhf aarch64 riscv64 s390x powerpc musl \
    m32-frames32
packages=
for machine; do
	[ -f "cmake/toolchains/$machine.cmake" ] || {
		echo "cross.sh: there is no cmake/toolchains/$machine.cmake" >&2
		exit 2
	}
	packages="$packages $(sed -n 's/^set(triple \(.*\))/g++-\1/p
	    s/^set(packages \(.*\))/\1/p' "cmake/toolchains/$machine.cmake")"
done
# shellcheck disable=SC2086 # several words
sh scripts/packages.sh cmake make gcc g++ libc6-dev pkg-config libbsd-dev \
    qemu-user-static $packages
set +e
(set -e; fetch)
status=$?
set -e
[ $status -eq 0 ] || {
	echo "cross.sh: skipped: the source of Check cannot be fetched"
	exit 77
}
JOBS=$((($(nproc) + $# - 1) / $#))
export JOBS
printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" sh scripts/cross.sh --one
echo "cross.sh: passed on $*"
