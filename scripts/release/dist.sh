#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# dist.sh [DIRECTORY] -- make a tarball of what is committed, and its SHA-256
# sum, in build/dist or the directory.  A release is a commit with the tag
# vVERSION, whose CHANGES.md does not say "not released" of VERSION: its tarball
# is libphysseg-VERSION.tar.gz.  That of another commit has the commit in its
# name, and what is missing is said.  The version must be the same in the header,
# CHANGES.md, packaging/changelog and abi/.
#
# dist.sh check DIRECTORY -- make it there, and try it: it has all that is
# committed and nothing else, builds, installs, and what is installed builds the
# quickstart.  77 where this is no git checkout, with the reason.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/../lib/help.sh"

cd "$(dirname "$0")/../.."

fail()
{
	echo "dist.sh: $*" >&2
	exit 1
}

# committed FILE: as it is in the commit.
committed()
{
	git show "HEAD:$1"
}

# make DIRECTORY: the tarball, $directory/$name.tar.gz.
make()
{
	directory=$1
	version=$(committed include/physseg/physseg.h |
	    sed -n 's/^#define PHYSSEG_VERSION_[MP].* //p' | tr '\n' '.')
	version=${version%.}
	heading=$(committed CHANGES.md | sed -n '/^## /{p;q;}')
	case $heading in
	"## $version "*) ;;
	*) fail "the header says $version, CHANGES.md says $heading" ;;
	esac
	committed packaging/changelog | head -n 1 | grep -qF "($version-" ||
	    fail "packaging/changelog does not begin with $version"
	git cat-file -e "HEAD:abi/$version/include" ||
	    fail "there is no abi/$version: sh scripts/release/abi.sh snapshot"

	name=libphysseg-$version reasons=
	case $heading in
	*'not released'*) reasons="CHANGES.md says so" ;;
	esac
	git tag --points-at HEAD 2>/dev/null | grep -qxF "v$version" ||
	    reasons="${reasons:+$reasons, }there is no tag v$version here"
	[ -z "$reasons" ] || {
		name=$name-$(git rev-parse --short=12 HEAD)
		echo "dist.sh: not a release: $reasons"
	}
	git diff --quiet HEAD ||
	    echo "dist.sh: changes that are not committed are left out"
	mkdir -p "$directory"
	git archive --prefix="$name/" HEAD | gzip -9n >"$directory/$name.tar.gz"
	(cd "$directory" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
}

# try: the tarball, in $directory.
try()
{
	tar -x -C "$directory" -f "$directory/$name.tar.gz"
	(cd "$directory" && sha256sum --check --quiet "$name.tar.gz.sha256")
	tree=$directory/$name
	git ls-tree -r --name-only HEAD | LC_ALL=C sort >"$directory/committed"
	(cd "$tree" && find . -type f -o -type l) | sed 's,^\./,,' |
	    LC_ALL=C sort | diff "$directory/committed" - ||
	    fail "the tarball is not what is committed"
	for file in LICENSE README.md CHANGES.md CONTRIBUTING.md RELEASE.md \
	    SECURITY.md CMakeLists.txt src include man docs examples tests \
	    bench scripts abi packaging cmake gdb tools; do
		[ -e "$tree/$file" ] || fail "there is no $file in it"
	done

	cmake -S "$tree" -B "$directory/build" -DCMAKE_BUILD_TYPE=Release \
	    -DPHYSSEG_TESTS=OFF -DPHYSSEG_BENCH=OFF
	cmake --build "$directory/build" --parallel 2
	cmake --install "$directory/build" --prefix "$directory/prefix"
	pc=$(dirname "$(find "$directory/prefix" -name physseg.pc)")
	PKG_CONFIG_LIBDIR=$pc
	export PKG_CONFIG_LIBDIR
	[ "$(pkg-config --modversion physseg)" = "$version" ] ||
	    fail "what is installed has another version"
	# shellcheck disable=SC2046 # several words
	${CC:-cc} "$tree/examples/quickstart.c" -o "$directory/quickstart" \
	    $(pkg-config --cflags --libs physseg) -Wl,-rpath,"${pc%/*}"
	"$directory/quickstart" | grep -x '900 is no memory'
}

if [ "${1-}" = check ]; then
	# A path below the top: the checkout is somebody else's.
	[ -z "$(git rev-parse --show-prefix 2>/dev/null || echo none)" ] || {
		echo "dist: skipped: this is no git checkout"
		exit 77
	}
	rm -rf "${2:?a directory}"
	make "$2"
	try
	# The same commit gives the same bytes.
	first=$(cat "$directory/$name.tar.gz.sha256")
	make "$2"
	[ "$first" = "$(cat "$directory/$name.tar.gz.sha256")" ] ||
	    fail "another tarball from the same commit"
	exit 0
fi
make "${1:-build/dist}"
echo "dist.sh: $directory/$name.tar.gz"
