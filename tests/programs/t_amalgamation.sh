#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_amalgamation.sh BACKEND all | few -- scripts/amalgamate.sh with and without
# --uvm:
#
#	freestanding	compiles alone, without a warning; shows what its header
#			declares and nothing else; needs four functions of libc
#	hosted		compiles alone, without libbsd
#	suites		the suites are compiled with its header, linked with it
#			instead of the library, and run; `few': only some
#
# A suite that looks inside is linked with the same file, compiled so that what
# is static is not.  One that names another backend is skipped, and the reason
# printed.
#
# The environment: SOURCE, BUILD, CC, CFLAGS, WARNINGS, NM, PC (pkg-config).

set -eu

backend=$1 which=$2
work=$BUILD/tests/amalgamation/$backend
linker='_GLOBAL_OFFSET_TABLE_|__x86\.get_pc_thunk\.[a-z]*|__[a-z]*[sdt]i[234]|__aeabi_[a-z]*'
few='t_physseg t_physseg_boot t_physseg_plug t_uvm_physseg t_uvm_own_layout'
other=$(sed -n 's/^PHYSSEG_BACKENDS += //p' "$SOURCE/sources.mk" |
    grep -vx -e "$backend" | tr -- '-\n' '_|')
other=${other%|}
failed=0 ran=0 inside=0 skipped=0

fail()
{
	echo "t_amalgamation: $backend: $*"
	failed=1
}

# shellcheck disable=SC2086 # several words
compile()
{
	"$CC" -std=c11 -O1 $WARNINGS -Werror $CFLAGS $loops "$@"
}

# names defined|undefined FILE...: global names.
names()
{
	kind=$1
	shift
	"$NM" -g "--$kind-only" "$@" | sed -n 's/.* //p' | sort -u
}

rm -rf "$work"
mkdir -p "$work/native" "$work/uvm"
loops=''
case $("$CC" --version) in
*clang*) ;;
*) loops=-fno-tree-loop-distribute-patterns ;; # as physseg.c says
esac
sh "$SOURCE/scripts/amalgamate.sh" "$backend" --output "$work/native"
sh "$SOURCE/scripts/amalgamate.sh" "$backend" --uvm --output "$work/uvm"

# ---- alone ----

# What physseg.h declares, one name a line.
# shellcheck disable=SC2086 # several words
declared()
{
	"$CC" $CFLAGS -E -P "$1/physseg.h" | tr '\n' ' ' | tr ';{}' '\n' |
	    sed -n '/__visibility__/{
		s/__attribute__ *((__visibility__("default")))//
		s/[([].*//
		s/.*[ *]\([a-z_0-9]\{1,\}\) *$/\1/p
	    }' | sort -u
}

# alone FACE HOST: HOST is what the kernel brings, beside the four functions.
alone()
{
	dir=$work/$1
	compile -ffreestanding -c "$dir/physseg.c" -o "$dir/free.o"
	declared "$dir" >"$dir/declared"
	[ "$(wc -l <"$dir/declared")" -gt 25 ] ||
		fail "$1: few names were found in physseg.h"
	names defined "$dir/free.o" | grep -vxE "$linker" |
	    comm -3 - "$dir/declared" |
	    grep -vE "^	($2)(_pfn32)?\$" >"$dir/found" || :
	[ ! -s "$dir/found" ] || {
		fail "$1: shown and not declared, or (right) the opposite:"
		cat "$dir/found"
	}
	names undefined "$dir/free.o" |
	    grep -vxE "memcpy|memmove|memset|memcmp|($2)(_pfn32)?|$linker" \
	    >"$dir/found" || :
	[ ! -s "$dir/found" ] || {
		fail "$1: freestanding, it needs:"
		cat "$dir/found"
	}
	compile -c "$dir/physseg.c" -o "$dir/physseg.o" -MD -MF "$dir/needs"
	! grep bsd "$dir/needs" || fail "$1: it needs libbsd"
}
process='physseg_(host|trace|vmemmap)_user(_reserve|_release)?'
alone native "$process"
alone uvm "$process|uvm_physseg_host"

# ---- the suites ----

# Where the suites find the public headers: each is that one.
for face in native uvm; do
	for header in "$SOURCE"/include/physseg/*.h "$SOURCE"/include/uvm/*.h; do
		folder=$work/$face/include/$(basename "$(dirname "$header")")
		mkdir -p "$folder"
		echo '#include "../../physseg.h"' >"$folder/$(basename "$header")"
	done
done
# Not those of guide: its headers stand in for the compiler's.
find "$SOURCE/tests" -name '*.h' ! -path '*/guide/*' | sed 's|/[^/]*$||' |
    sort -u >"$work/folders"
check=$("$PC" --cflags check)
libraries=$("$PC" --libs check)

# object FACE SOURCE OBJECT: a suite is compiled fast, and run once.
object()
{
	# shellcheck disable=SC2046,SC2086 # several words
	compile -O0 -I"$work/$1/include" -I"$SOURCE/src" \
	    $(sed 's/^/-I/' "$work/folders") -isystem "$BUILD/bsd" $check \
	    -c "$2" -o "$3"
}

# library FACE SUITE [-DPHYSSEG_PRIVATE=]: the amalgamation, without what the
# suite has itself.
library()
{
	visible=${3:-}
	own=$(names defined "$work/$2.o" | sed 's/_pfn32$//' |
	    while read -r name; do
		grep -qx "#ifndef UVM_OWN_$name" "$work/$1/physseg.c" &&
			echo "-DUVM_OWN_$name"
	    done) || :
	made=$work/$1/physseg$(echo "$own$visible" | tr -d '\n').o
	# shellcheck disable=SC2086 # several words
	[ -f "$made" ] ||
		compile $own $visible -c "$work/$1/physseg.c" -o "$made"
	echo "$made"
}

# missing FACE SUITE LIBRARY: what the suite needs and does not find.
missing()
{
	names defined "$work/support.$1.o" "$work/model.$1.o" "$work/$2.o" \
	    "$3" >"$work/has"
	names undefined "$work/support.$1.o" "$work/model.$1.o" "$work/$2.o" |
	    grep -E '^(physseg|uvm)' | comm -23 - "$work/has"
}

# run SUITE SOURCE
run()
{
	face=native
	case $1 in
	t_uvm_*) face=uvm ;;
	esac
	object $face "$2" "$work/$1.o"
	lib=$(library $face "$1")
	missing $face "$1" "$lib" >"$work/missing"
	if [ -s "$work/missing" ]; then
		if grep -xF -f "$work/$face/declared" "$work/missing"; then
			fail "$1: these are declared, and not there"
			return
		fi
		echo "$1 looks inside: $(tr '\n' ' ' <"$work/missing")"
		lib=$(library $face "$1" -DPHYSSEG_PRIVATE=)
		inside=$((inside + 1))
	fi
	# shellcheck disable=SC2086 # several words
	"$CC" $CFLAGS "$work/$1.o" "$work/support.$face.o" \
	    "$work/model.$face.o" "$work/forms.$face.o" "$work/history.$face.o" \
	    "$lib" $libraries -lpthread -lm -o "$work/$1"
	TEST_STEPS=300 CK_FORK=no "$work/$1" "$backend" >"$work/$1.out" 2>&1 || {
		fail "$1"
		tail -n 20 "$work/$1.out"
	}
	ran=$((ran + 1))
}

for face in native uvm; do
	for name in support model forms history; do
		object $face "$(find "$SOURCE/tests" -name $name.c)" \
		    "$work/$name.$face.o"
	done
done
# reason SUITE SOURCE: why the suite is not run; nothing if it is.
reason()
{
	case $1 in
	t_headers | t_stats)
		echo 'it tests nothing of the library'
		return
		;;
	t_memmap_fdt | t_memmap_fuzz | t_memmap_maps)
		echo 'CMake tells it where its data are'
		return
		;;
	t_vmm_chaos)
		echo 'it is made with parts of an example'
		return
		;;
	t_radix_steps | t_radix_claims)
		echo 'it compiles the library itself'
		return
		;;
	esac
	case "$which $few " in
	all* | *" $1 "*)
		! grep -qE "physseg_backend_($other)\(" "$2" ||
			echo 'it names another backend'
		;;
	*) echo "left to t_amalgamation.sh $backend all" ;;
	esac
}

find "$SOURCE/tests" -name 't_*.c' | sort >"$work/suites"
while read -r file; do
	suite=$(basename "$file" .c)
	why=$(reason "$suite" "$file")
	if [ -n "$why" ]; then
		echo "skipped: $suite: $why"
		skipped=$((skipped + 1))
	else
		run "$suite" "$file" </dev/null
	fi
done <"$work/suites"

[ "$ran" -ge 3 ] || fail "only $ran suites were run"
echo "t_amalgamation: $backend: $ran suites were run, $inside of them look inside;" \
    "$skipped were skipped"
exit $failed
