#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# package.sh [MIRROR] -- build Debian packages into build/packages, and try them
# in an empty Debian 12: they are installed, the quickstart is built with them
# and run, and taken away they leave nothing.  The Debian comes from the mirror,
# or from the one apt is configured with.  Needs root.
#
# package.sh check DIRECTORY -- build them there; lintian finds no error, and
# unpacked they are enough to build the quickstart.  77 where a tool is
# missing, with the reason.
#
# The environment names the maintainer, DEBFULLNAME and DEBEMAIL, and the home
# page, PHYSSEG_HOMEPAGE.  Without a maintainer the packages have a placeholder
# there: they are for this machine, and not to be published.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/../lib/help.sh"

cd "$(dirname "$0")/../.."
# shellcheck source=scripts/lib/debian.sh
. scripts/lib/debian.sh

fail()
{
	echo "package.sh: $*" >&2
	exit 1
}

# build DIRECTORY: the packages, and nothing else, in DIRECTORY/packages.
build()
{
	rm -rf "$1"
	cmake -S . -B "$1/build" -DCMAKE_BUILD_TYPE=Release \
	    -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_SKIP_INSTALL_RPATH=ON \
	    -DPHYSSEG_TESTS=OFF -DPHYSSEG_BENCH=OFF
	cmake --build "$1/build" --parallel "$(nproc)"
	cpack --config "$1/build/CPackConfig.cmake" -B "$1/cpack"
	mkdir "$1/packages"
	mv "$1"/cpack/*.deb "$1/packages"
	rm -rf "$1/cpack"
}

# unpacked DIRECTORY: the packages' files together in DIRECTORY/root, and each
# where it belongs.
unpacked()
{
	for deb in "$1"/packages/*.deb; do
		package=$(dpkg-deb -f "$deb" Package)
		dpkg-deb -x "$deb" "$1/$package"
		cp -a "$1/$package/." "$1/root"
	done
	[ -d "$1/libphysseg-urcu1" ] ||
	    echo "package: not tried: the packages with liburcu, which is missing"
	for place in "libphysseg1 lib*.so.1" "libphysseg-dev lib*.so" \
	    "libphysseg-dev lib*.a" "libphysseg-dev physseg.pc" \
	    "libphysseg-dev physseg.h" "physseg-tools iomem" \
	    "physseg-tools physseg-replay" "physseg-tools physseg-trace.5*" \
	    "libphysseg-dev DESIGN.md" "libphysseg-dev porting.md" \
	    "libphysseg-dev quickstart.c" \
	    "libphysseg-dev libphysseg.so.*-gdb.py" \
	    "libphysseg-urcu1 libphysseg-urcu.so.1" \
	    "libphysseg-urcu-dev physseg-urcu.pc" \
	    "libphysseg-urcu-dev libphysseg-urcu.a" \
	    "libphysseg-urcu-dev urcu.h"; do
		case $place in
		*urcu*) [ -d "$1/libphysseg-urcu1" ] || continue ;;
		esac
		find "$1/${place% *}" -name "${place#* }" | grep -q . ||
		    fail "${place#* } is not in ${place% *}"
	done
	"$1/root/usr/bin/iomem" examples/maps/pc.iomem >/dev/null
	# gdb reads a library's script by the library's own path.
	(cd "$1/root/usr/share/gdb/auto-load" &&
	    find . -name '*-gdb.py' | sed 's/-gdb\.py$//') | while read -r file; do
		[ -f "$1/root/$file" ] || fail "gdb: there is no $file"
	done
}

# Only the packages with urcu in their name have to do with liburcu.
without_urcu()
{
	for package in libphysseg1 libphysseg-dev physseg-tools; do
		find "$1/$package" -path '*/doc' -prune -o -name '*urcu*' -print \
		    >"$1/found"
		dpkg-deb -f "$1/packages/${package}_"*.deb Depends |
		    tr ',' '\n' | grep urcu >>"$1/found" || :
		[ ! -s "$1/found" ] || fail "$package: $(cat "$1/found")"
	done
	[ ! -d "$1/libphysseg-urcu1" ] ||
	    dpkg-deb -f "$1"/packages/libphysseg-urcu1_*.deb Depends |
	    grep -q 'liburcu[0-9]' || fail "libphysseg-urcu1 without liburcu"

	# CMake finds what is there.
	mkdir "$1/project"
	cat >"$1/project/CMakeLists.txt" <<-'END'
		cmake_minimum_required(VERSION 3.25)
		project(consumer LANGUAGES C)
		find_package(physseg REQUIRED)
		if(NOT TARGET physseg::physseg OR TARGET physseg::urcu)
			message(FATAL_ERROR "not what is installed")
		endif()
	END
	cp -a "$1/libphysseg1" "$1/bare"
	cp -a "$1/libphysseg-dev/." "$1/bare"
	cmake -S "$1/project" -B "$1/project/build" \
	    -DCMAKE_PREFIX_PATH="$1/bare/usr" \
	    -DCMAKE_LIBRARY_ARCHITECTURE="$(basename "$lib")"
}

# named DIRECTORY MAINTAINER: so packages would be made from there.
named()
{
	grep -qF "MAINTAINER \"$2\"" "$1/CPackConfig.cmake" ||
	    fail "the maintainer is not $2"
	grep -qF -e " -- $2  " "$1/changelog.Debian" ||
	    fail "the changelog is not $2's"
}

# The environment names the maintainer; else there is a placeholder.
maintainers()
{
	(
		DEBFULLNAME='Ada Example' DEBEMAIL=ada@example.org
		PHYSSEG_HOMEPAGE=https://example.org/physseg
		export DEBFULLNAME DEBEMAIL PHYSSEG_HOMEPAGE
		cmake "$1/build"
	) >/dev/null
	named "$1/build" 'Ada Example <ada@example.org>'
	grep -qF https://example.org/physseg "$1/build/CPackConfig.cmake" ||
	    fail "the home page is not in the packages"
	(
		unset DEBFULLNAME DEBEMAIL
		cmake "$1/build"
	) >/dev/null
	named "$1/build" 'Maintainer not set <unset@maintainer.invalid>'
	cmake "$1/build" >/dev/null # as before
}

# quickstart DIRECTORY: with what is unpacked there and nothing installed.
quickstart()
{
	for module in physseg physseg-rbtree; do
		# shellcheck disable=SC2046 # several words
		${CC:-cc} examples/quickstart.c -o "$1/quickstart" \
		    $(PKG_CONFIG_LIBDIR=$lib/pkgconfig \
			pkg-config --cflags --libs "$module")
		LD_LIBRARY_PATH=$lib "$1/quickstart" | grep -x '900 is no memory'
	done
	readelf -d "$1/quickstart" | grep -q 'NEEDED.*libphysseg\.so\.1' ||
	    fail "the quickstart is not linked with the shared library"
}

check()
{
	for tool in cpack dpkg-shlibdeps lintian pkg-config; do
		command -v $tool >/dev/null || {
			echo "package: skipped: there is no $tool"
			exit 77
		}
	done
	build "$1"
	lintian --allow-root --fail-on error "$1"/packages/*.deb
	unpacked "$1"
	lib=$(dirname "$(find "$1/root" -name libphysseg.so)")
	quickstart "$1"
	without_urcu "$1"
	maintainers "$1"
}

# In an empty Debian: all of a package's life.
life()
{
	empty_debian "${1-}" --include=gcc,libc6-dev,liburcu-dev,pkg-config
	cp build/packages/*.deb examples/quickstart.c "$root/tmp"
	# shellcheck disable=SC2016 # of the shell in there
	in_debian '
		files() { find / -xdev -path /tmp -prune -o -path /var -prune \
		    -o -path /proc -prune -o -path /etc/ld.so.cache -prune \
		    -o -print | sort; }
		files >/tmp/before
		dpkg -i /tmp/*.deb
		cc /tmp/quickstart.c -o /tmp/quickstart \
		    $(pkg-config --cflags --libs physseg)
		/tmp/quickstart
		ldd /tmp/quickstart | grep "libphysseg.so.1 => /"
		iomem --help >/dev/null
		dpkg --purge physseg-tools libphysseg-urcu-dev libphysseg-dev \
		    libphysseg-urcu1 libphysseg1
		files >/tmp/after
		diff /tmp/before /tmp/after'
}

case ${1-} in
check)
	check "${2:?a directory}"
	;;
*)
	sh scripts/lib/packages.sh cmake make gcc g++ libc6-dev binutils \
	    pkg-config libbsd-dev liburcu-dev dpkg-dev lintian
	check "$PWD/build/packages.work"
	rm -rf build/packages
	mv build/packages.work/packages build/packages
	life "$@"
	echo "package.sh: they install, work and go away:" build/packages/*
	;;
esac
