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

set -eu
# shellcheck source=scripts/help.sh
. "$(dirname "$0")/help.sh"

cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian.sh
. scripts/debian.sh

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
	for package in libphysseg1 libphysseg-dev physseg-tools; do
		dpkg-deb -x "$1/packages/${package}_"*.deb "$1/$package"
		cp -a "$1/$package/." "$1/root"
	done
	for place in "libphysseg1 lib*.so.1" "libphysseg-dev lib*.so" \
	    "libphysseg-dev lib*.a" "libphysseg-dev physseg.pc" \
	    "libphysseg-dev physseg.h" "physseg-tools iomem"; do
		find "$1/${place% *}" -name "${place#* }" | grep -q . ||
		    fail "${place#* } is not in ${place% *}"
	done
	"$1/root/usr/bin/iomem" examples/maps/pc.iomem >/dev/null
}

# quickstart DIRECTORY: with what is unpacked there and nothing installed.
quickstart()
{
	lib=$(dirname "$(find "$1/root" -name libphysseg.so)")
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
	quickstart "$1"
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
		dpkg --purge physseg-tools libphysseg-dev libphysseg1
		files >/tmp/after
		diff /tmp/before /tmp/after'
}

case ${1-} in
check)
	check "${2:?a directory}"
	;;
*)
	sh scripts/packages.sh cmake make gcc g++ libc6-dev binutils \
	    pkg-config libbsd-dev liburcu-dev dpkg-dev lintian
	check "$PWD/build/packages.work"
	rm -rf build/packages
	mv build/packages.work/packages build/packages
	life "$@"
	echo "package.sh: they install, work and go away:" build/packages/*
	;;
esac
