#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_releases.sh -- programs that were compiled with the headers of a release
# that is kept under abi/ run with the libraries as they are now:
#
#	snapshot	the headers of the release that is being made are kept,
#			as they are
#	names		what those headers declare is there
#	programs	abi/VERSION/*.c, and one on NetBSD's face, with the
#			static libraries and with the shared ones
#	grown		and with a library of which all that may grow has grown
#
# The environment: SOURCE, BUILD, CC, CFLAGS, WARNINGS, NM, BACKENDS, URCU
# (urcu, if that was built), CMAKE, GENERATOR.

set -eu

# shellcheck source=tests/support/declared.sh
. "$SOURCE/tests/support/declared.sh"
work=$BUILD/tests/releases
failed=0

fail()
{
	echo "t_releases: $*"
	failed=1
}

rm -rf "$work"
mkdir -p "$work"
LD_LIBRARY_PATH=$BUILD
export LD_LIBRARY_PATH

now=$(sed -n 's/^#define PHYSSEG_VERSION_[MP].* //p' \
    "$SOURCE/include/physseg/physseg.h" | tr '\n' '.')
now=${now%.}
diff -r "$SOURCE/include" "$SOURCE/abi/$now/include" ||
    fail "if $now is not released: sh scripts/release/abi.sh snapshot"

# ---- a grown library: each structure has 24 bytes more at its end ----

grown=$work/grown
mkdir -p "$grown"
for part in CMakeLists.txt cmake include packaging sources.mk src; do
	cp -R "$SOURCE/$part" "$grown/$part"
done
for structure in physseg:config physseg:info physseg:stats host:host \
    backend:backend backend:node; do
	header=$grown/include/physseg/${structure%:*}.h
	awk -v start="struct physseg_${structure#*:} {" '
	$0 == start { inside = 1 }
	inside && /^};/ { print "\tvoid *later[3];"; inside = 0; n++ }
	{ print }
	END { exit n != 1 }' "$header" >"$work/header" ||
	    fail "where is ${structure#*:}?"
	mv "$work/header" "$header"
done
"$CMAKE" -S "$grown" -B "$grown/build" -G "$GENERATOR" \
    -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS" \
    -DPHYSSEG_TESTS=OFF -DPHYSSEG_EXAMPLES=OFF -DPHYSSEG_BENCH=OFF \
    --compile-no-warning-as-error >"$work/log"
"$CMAKE" --build "$grown/build" --parallel 2 --target physseg-static \
    >>"$work/log" 2>&1 || fail "$(tail "$work/log")"

# build SOURCE LIBRARY...: $work/$version/NAME.KIND, run.
build()
{
	file=$1
	shift
	name=$(basename "$file" .c)
	for kind in static shared $kinds; do
		libraries=
		for library in "$@"; do
			case $kind in
			static) libraries="$libraries $BUILD/$library.a" ;;
			shared) libraries="$libraries $BUILD/$library.so" ;;
			grown) libraries="$libraries $grown/build/$library.a" ;;
			esac
		done
		case $name in
		readers) libraries="$libraries -lurcu-memb -lurcu-common" ;;
		esac
		program=$work/$version/$name.$kind
		# shellcheck disable=SC2086 # several words
		if ! "$CC" -std=c11 $CFLAGS $WARNINGS -Werror -pthread \
		    -I"$release/include" "$file" $libraries -o "$program"; then
			fail "$version: $name.$kind is not built"
		elif ! "$program" >"$program.out"; then
			fail "$version: $name.$kind: $(cat "$program.out")"
		fi
	done
}

releases=0
for release in "$SOURCE"/abi/*/; do
	release=${release%/}
	version=${release##*/}
	releases=$((releases + 1))
	mkdir -p "$work/$version"

	headers=$(cd "$release/include" && echo physseg/*.h uvm/*.h)
	[ -n "$URCU" ] || headers=$(echo "$headers" | sed 's,[^ ]*urcu.h,,')
	# shellcheck disable=SC2086 # several words
	(SOURCE=$release && declared $headers) >"$work/declared"
	[ "$(wc -l <"$work/declared")" -gt 80 ] ||
	    fail "$version: few names were found"
	for library in physseg physseg-rbtree ${URCU:+physseg-urcu}; do
		"$NM" -D --defined-only "$BUILD/lib$library.so"
	done | sed 's/.* //' | sort -u >"$work/there"
	comm -23 "$work/declared" "$work/there" >"$work/gone"
	[ ! -s "$work/gone" ] ||
	    fail "$version: these are gone: $(cat "$work/gone")"

	kinds=grown
	build "$release/program.c" libphysseg
	kinds=
	[ -z "$URCU" ] ||
	    build "$release/readers.c" libphysseg-urcu libphysseg
	for backend in $BACKENDS; do
		build "$SOURCE/tests/programs/netbsd_consumer.c" \
		    "libphysseg-$backend" libphysseg
	done
done
[ $releases -gt 0 ] || fail "no release is kept"
exit $failed
