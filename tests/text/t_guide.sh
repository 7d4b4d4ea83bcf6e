#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_guide.sh -- what docs/porting.md advises was tried, with the programs in
# tests/guide:
#
#	recipes	locks.c and boot.c run to their end
#	headers	the library compiles with no header but those in
#		tests/guide/headers, which the guide prints, and each line of
#		them is needed
#	names	the library runs on memcpy and so on of other names, beside some
#		of other types
#	libc	with link-time optimization the library runs on a kernel's
#		memcpy and so on; gcc tells of prototypes that are not the
#		standard's, and of that only if they take part in it
#	hooks	the guide's table has every hook
#
# The environment: SOURCE, BUILD, CC, CFLAGS, WARNINGS.

set -eu

work=$BUILD/tests/guide
guide=$SOURCE/docs/porting.md
programs=$SOURCE/tests/guide
failed=0

fail()
{
	echo "t_guide: $*"
	failed=1
}

rm -rf "$work"
mkdir -p "$work"
cd "$work"

# shellcheck disable=SC2086 # several words
compile()
{
	"$CC" -std=c11 $WARNINGS $CFLAGS -I"$SOURCE/include" "$@"
}

# The files of a kernel's library, with every backend.
kernel_sources()
{
	sed -nE "s,^PHYSSEG_(ENGINE|SHIM|NONE|BACKEND_[^ ]*) \\+= ,$SOURCE/,p
	    s,^PHYSSEG_(UVM|UVM_PAGE|SELECT) \\+= ,$SOURCE/,p" \
	    "$SOURCE/sources.mk" | sort -u
}

# ---- recipes ----

for recipe in locks boot; do
	compile -Werror "$programs/$recipe.c" "$BUILD/libphysseg.a" -lpthread \
	    -o $recipe
	./$recipe >$recipe.out || fail "$recipe.c: $?"
	cat $recipe.out
done

# ---- headers ----

# bare HEADERS FILE...: do they compile with these headers alone?
bare()
{
	headers=$1
	shift
	for file in "$@"; do
		compile -Werror -Wundef -ffreestanding -nostdinc -I"$headers" \
		    -I"$SOURCE/src" -isystem "$BUILD/bsd" -DUVM_BACKEND=rbtree \
		    -c "$file" -o bare.o || return 1
	done
}

kernel_sources >sources
[ "$(wc -l <sources)" -ge 30 ] || fail "few sources were found"
# shellcheck disable=SC2046 # several words
bare "$programs/headers" $(cat sources) ||
    fail "does not compile with the guide's headers"

# Any of those that need most of the headers, when a line of these is left out.
few='map.c record.c lookup.c list.c check.c extent.c backend_radix.c
    backend_radix_tree.c memmap.c uvm_physseg.c uvm_page.c'
few=$(for name in $few; do
	grep "/$name\$" sources || :
done)
needed=0
for header in stdbool stddef stdint stdatomic; do
	n=0
	while read -r line; do
		n=$((n + 1))
		first=$n
		case $line in # goes on in the next one
		*\\)
			read -r next
			line="$line $next"
			n=$((n + 1))
			;;
		esac
		case $line in
		'#define '*_H) continue ;;
		'#define'* | typedef*\;) ;;
		*) continue ;;
		esac
		case "$line $CFLAGS" in # other compilers, other frames
		*__c11_atomic* | *__atomic_* | *' uint64_t;'*PFN*) continue ;;
		esac
		rm -rf less
		cp -R "$programs/headers" less
		sed "$first,${n}d" "$programs/headers/$header.h" >less/$header.h
		needed=$((needed + 1))
		# shellcheck disable=SC2086 # several words
		! bare less $few 2>/dev/null ||
		    fail "$header.h: not needed: $line"
	done <"$programs/headers/$header.h"
done
echo "$needed lines of headers, each needed"
[ "$needed" -ge 15 ] || fail "few lines were tried"

# The guide prints them.
for header in stdbool stddef stdint stdatomic; do
	sed -e 1d "$programs/headers/$header.h" >printed
	awk -v name="/* $header.h */" '
	$0 == "```" { inside = 0 }
	inside { print }
	$0 == name { inside = 1 }' "$guide" | cmp -s - printed ||
	    fail "docs/porting.md prints another $header.h"
done

# ---- names ----

functions='memcpy memmove memset memcmp'
cp "$BUILD/libphysseg.a" renamed.a
compile -Os -ffreestanding -fno-builtin -c "$programs/libc.c" -o std.o
for f in $functions; do
	objcopy --redefine-sym "$f=std_$f" renamed.a
	objcopy --redefine-sym "$f=std_$f" std.o
done
compile -Os -ffreestanding -fno-builtin -DOTHER -w -c "$programs/libc.c" \
    -o other.o
compile -fno-builtin "$programs/main.c" renamed.a std.o other.o -o renamed &&
    ./renamed || fail "with other names the library does not run"
! nm renamed.a | grep -wE " U ($(echo $functions | tr ' ' '|'))" ||
    fail "the library still calls these"
nm renamed.a | grep -q ' U std_memcpy' || fail "nothing was renamed"

# ---- libc ----

if "$CC" -flto -Werror=lto-type-mismatch -x c -c /dev/null -o lto.o \
    2>/dev/null && "$CC" --version | grep -q 'Free Software'; then
	objects=
	for file in $(grep -v /uvm/ sources) "$programs/one.c"; do
		object=lto-$(basename "$file" .c).o
		compile -Werror -Os -flto -ffreestanding -I"$SOURCE/src" \
		    -isystem "$BUILD/bsd" -DBACKEND=physseg_backend_radix \
		    -c "$file" -o "$object"
		objects="$objects $object"
	done
	compile -Werror -Os -flto -c "$programs/main.c" -o main.o
	# kernel FLAGS FOR libc.c...: does it link, and run?
	kernel()
	{
		compile -Os -ffreestanding -fno-builtin "$@" \
		    -c "$programs/libc.c" -o libc.o
		# shellcheck disable=SC2086 # several words
		compile -Os -flto -Werror=lto-type-mismatch main.o $objects \
		    libc.o -o kernel 2>kernel.err && ./kernel
	}
	kernel -flto -Werror || fail "libc.c, with -flto: $(cat kernel.err)"
	kernel -fno-lto -Werror ||
	    fail "libc.c, without -flto: $(cat kernel.err)"
	! kernel -flto -DOTHER -w ||
	    fail "nobody sees the other prototypes, with -flto"
	grep -q lto-type-mismatch kernel.err ||
	    fail "with other prototypes: $(cat kernel.err)"
	echo "the four functions of libc, with link-time optimization"
else
	echo "t_guide: libc.c is not tried: $CC has no" \
	    "-Werror=lto-type-mismatch" >&2
fi

# ---- hooks ----

hooks=$(sed -n 's/^	.*(\*\([a-z_]*\))($/\1/p; s/^	.*(\*\([a-z_]*\))(.*/\1/p' \
    "$SOURCE/include/physseg/host.h")
n=0
for hook in $hooks; do
	n=$((n + 1))
	grep -q "^| .*\`$hook\`" "$guide" ||
	    fail "docs/porting.md: no row for the hook $hook"
done
grep -q "$n hooks" "$guide" || fail "docs/porting.md: there are $n hooks"

exit $failed
