#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_pfn.sh -- a program and a library whose frames have the same width link and
# work; those of different widths do not link.
#
#	names		exactly the functions that take or give a frame, or one
#			of our structures with frames in it, have another name
#			where frames are 32 bits wide (physseg/names.h)
#	programs	on either face, of either width, with either library
#	types		that are neither do not compile
#
# The environment: SOURCE, BUILD, CC, CFLAGS, WARNINGS, CMAKE, GENERATOR.

set -eu

# shellcheck source=tests/support/declared.sh
. "$SOURCE/tests/support/declared.sh"
work=$BUILD/tests/pfn
failed=0

fail()
{
	echo "t_pfn: $*"
	failed=1
}

# Frames of $1 bits.
flags()
{
	echo "$CFLAGS -UPHYSSEG_PFN_TYPE -DPHYSSEG_PFN_TYPE=uint$1_t"
}

# shellcheck disable=SC2086 # several words
compile()
{
	bits=$1
	shift
	"$CC" -std=c11 $(flags "$bits") $WARNINGS -Werror \
	    -I"$SOURCE/include" "$@"
}

case " $CFLAGS " in
*PHYSSEG_PFN_TYPE=uint32_t*) ours=32 theirs=64 ;;
*) ours=64 theirs=32 ;;
esac
rm -rf "$work"
mkdir -p "$work"

# ---- names ----

cd "$SOURCE/include"
for bits in 32 64; do
	(CFLAGS=$(flags $bits) && declared physseg/*.h uvm/*.h) \
	    >"$work/declared.$bits"
done
sed -n 's/_pfn32$//p' "$work/declared.32" | sort >"$work/other"
[ "$(wc -l <"$work/other")" -gt 40 ] || fail "few names were found"
grep '_pfn32' "$work/declared.64" && fail "these are not for 64 bits"
sed 's/_pfn32$//' "$work/declared.32" | sort | diff "$work/declared.64" - ||
    fail "the widths do not declare the same"

# The headers in one line; the types that are or have a frame, as a pattern.
printf '#include <%s>\n' physseg/*.h uvm/*.h |
    "$CC" -E -P -x c -I. - | tr '\n' ' ' >"$work/headers"
types='physseg_pfn_t|paddr_t|psize_t' before=
while [ "$types" != "$before" ]; do
	before=$types
	more=$(sed 's/};/\
/g' "$work/headers" | sed -n 's/.*struct \(physseg_[a-z_]*\) {/\1 {/p' |
	    grep -E "\{.*\<($types)\>" | sed 's/ .*//' | sort -u | tr '\n' '|')
	types="physseg_pfn_t|paddr_t|psize_t${more:+|${more%|}}"
done
tr ';{}' '\n' <"$work/headers" |
    sed -n '/__visibility__/s/.*((__visibility__("default")))//p' |
    grep -E "\<($types)\>" | sed -n '/(/{ s/ *(.*//; s/.*[ *]//p; }' |
    sort -u >"$work/framed"
diff "$work/framed" "$work/other" ||
    fail "names.h: (<) has a frame and no other name, or (>) the opposite"

# ---- programs ----

"$CMAKE" -S "$SOURCE" -B "$work/build" -G "$GENERATOR" \
    -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$(flags $theirs)" \
    -DPHYSSEG_TESTS=OFF -DPHYSSEG_EXAMPLES=OFF -DPHYSSEG_BENCH=OFF \
    >"$work/configure.log"
"$CMAKE" --build "$work/build" --parallel 2 \
    --target physseg-static physseg-rbtree-static >"$work/build.log"

# link FACE BITS LIBRARY...
link()
{
	face=$1 bits=$2
	shift 2
	compile "$bits" "$SOURCE/tests/programs/pfn_$face.c" "$@" \
	    -o "$work/$face.$bits" >"$work/log" 2>&1
}

# same BITS DIRECTORY; other BITS DIRECTORY: of another width.
same()
{
	link native "$1" "$2/libphysseg.a" && "$work/native.$1" ||
	    fail "native, $1 bits"
	link uvm "$1" "$2/libphysseg-rbtree.a" "$2/libphysseg.a" &&
	    "$work/uvm.$1" || fail "uvm, $1 bits"
}
other()
{
	! link native "$1" "$2/libphysseg.a" || fail "native, $1 bits, linked"
	grep -q 'undefined.*physseg_find' "$work/log" ||
	    fail "native, $1 bits: another reason"
	! link uvm "$1" "$2/libphysseg-rbtree.a" "$2/libphysseg.a" ||
	    fail "uvm, $1 bits, linked"
	grep -q 'undefined.*uvm_physseg_find' "$work/log" ||
	    fail "uvm, $1 bits: another reason"
}
same $ours "$BUILD"
same $theirs "$work/build"
other $theirs "$BUILD"
other $ours "$work/build"
link native $ours -L"$BUILD" -lphysseg || fail "native, shared"
! link native $theirs -L"$BUILD" -lphysseg || fail "native, shared, linked"

# ---- types ----

for type in uint16_t int32_t; do
	! "$CC" -std=c11 -DPHYSSEG_PFN_TYPE=$type -I"$SOURCE/include" \
	    -fsyntax-only "$SOURCE/tests/programs/pfn_native.c" 2>"$work/log" ||
	    fail "frames of $type compile"
	grep -q 'PHYSSEG_PFN_TYPE is' "$work/log" ||
	    fail "$type: another reason"
done
exit $failed
