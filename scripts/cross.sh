#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# cross.sh [MACHINE...] -- build the suite for other machines and run it, under
# qemu's emulation: i386, armhf (32 bits), aarch64, riscv64, s390x (big-endian),
# powerpc (both); and for this one, not emulated, with another libc, musl, and
# with 32 bits and frames of as many, m32-frames32.  Without arguments all of
# them.
#
# Several at a time; the logs are in build/logs.  TEST_STEPS in the environment
# makes random tests shorter, and leaves out the two that take half of the time:
# t_iomem, and t_radix_steps but on i386.  With --packages before the machines it
# only prints which Debian packages they need.
#
# Check is built for each from Debian's source, once.  An apt of its own fetches
# that: this machine's apt neither learns of other machines nor of sources.  Where
# it cannot, nothing is run, and the status is 77.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib/report.sh
. scripts/lib/report.sh
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
	    -DCMAKE_INSTALL_PREFIX="$cross/$1/check" \
	    -DCMAKE_INSTALL_LIBDIR=lib &&
	    cmake --build "$cross/$1/check-build" --parallel "$JOBS" &&
	    cmake --install "$cross/$1/check-build" &&
	    rm "$cross/$1"/check/lib/*.so* &&
	    touch "$cross/$1/check.done"
}

one()
{
	mkdir -p "$cross/$1"
	suite_begin "$1"
	suite_step 'build Check' build_check "$1"
	# CMake looks for libraries at Check's place only: this machine may have
	# some for the other one, too, such as a shared libm.  What is not found
	# stays -lm, for the compiler.
	# shellcheck disable=SC2046 # no word or one
	suite_step configure cmake $(generator "$cross/$1/tree") -S . \
	    --toolchain "$PWD/cmake/toolchains/$1.cmake" \
	    -B "$cross/$1/tree" -DPHYSSEG_BENCH=OFF \
	    -DCMAKE_FIND_ROOT_PATH="$cross/$1/check" \
	    -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY
	suite_step build cmake --build "$cross/$1/tree" --parallel "$JOBS"
	# Emulated, a process for each case takes most of the time.  Texts are
	# the same on all.
	CK_FORK=no
	export CK_FORK
	not='format|help|readme'
	[ -z "${TEST_STEPS:-}" ] || not="$not|iomem"
	[ -z "${TEST_STEPS:-}" ] || [ "$1" = i386 ] || not="$not|radix_steps"
	suite_step test ctest --test-dir "$cross/$1/tree" \
	    --parallel "$JOBS" -E "^t_($not)\$" \
	    --output-on-failure --no-label-summary \
	    --no-tests=error --timeout 600
	suite_end
}

if [ "${1-}" = --one ]; then
	one "$2"
	exit
fi
only_packages=
[ "${1-}" != --packages ] || {
	only_packages=yes
	shift
}
[ $# -gt 0 ] || set -- i386 armhf aarch64 riscv64 s390x powerpc musl \
    m32-frames32
packages='cmake make ninja-build gcc g++ libc6-dev pkg-config libbsd-dev qemu-user-static'
for machine; do
	[ -f "cmake/toolchains/$machine.cmake" ] || {
		echo "cross.sh: there is no cmake/toolchains/$machine.cmake" >&2
		exit 2
	}
	packages="$packages $(sed -n 's/^set(triple \(.*\))/g++-\1/p
	    s/^set(packages \(.*\))/\1/p' "cmake/toolchains/$machine.cmake")"
done
[ -z "$only_packages" ] || {
	# shellcheck disable=SC2086 # several words
	echo $packages
	exit
}
# shellcheck disable=SC2086 # several words
sh scripts/lib/packages.sh $packages
suite_begin cross
set +e
(set -e; fetch) >>"$log" 2>&1
status=$?
set -e
[ $status -eq 0 ] || {
	tail -n 20 "$log"
	suite_skipped "the source of Check cannot be fetched"
	exit 77
}
JOBS=$(nproc) # one machine may still run when the others have ended
export JOBS
printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" sh scripts/cross.sh --one
echo "cross.sh: passed on $*"
