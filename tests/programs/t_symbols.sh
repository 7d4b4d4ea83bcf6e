#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_symbols.sh -- what the libraries show and what they need, by nm:
#
#	exported	a shared library has a versioned name and shows what the
#			public headers declare, all of it and nothing else
#	prefixes	the other global names of an archive begin so that they
#			meet no kernel's own
#	freestanding	engine and backends need four functions of libc and
#			nothing of the shims that are userspace's
#	backends	need nothing of the engine, and so no memory
#	order		the engine's files need each other in no circle
#	variables	there are none outside the uvm_* face
#
# The environment: SOURCE, BUILD, CC, CFLAGS, NM, OBJDUMP, BACKENDS, URCU (urcu, if
# that was built), USERSPACE.

set -eu

# shellcheck source=tests/support/declared.sh
. "$SOURCE/tests/support/declared.sh"
work=$BUILD/tests/symbols
libc='memcpy|memmove|memset|memcmp'
# The linker's and the compiler's own, and libgcc's.
linker='_GLOBAL_OFFSET_TABLE_|_init|_fini|__x86\.get_pc_thunk\.[a-z]*|__[a-z]*[sdt]i[234]|__aeabi_[a-z]*|__aarch64_[a-z0-9_]*'
failed=0

# Say what was found, if anything was.
none()
{
	if [ -s "$work/found" ]; then
		echo "t_symbols: $*:"
		cat "$work/found"
		failed=1
	fi
}

# The global names that archive $1 defines or, with $2 undefined, needs; each
# with its object: "map.c.o: name".
archive()
{
	"$NM" -A -g --"$2"-only "$1" | sed -n 's/^[^:]*:\([^:]*\):.* \([^ ]*\)$/\1: \2/p'
}

mkdir -p "$work"
cd "$SOURCE/include"
apart=physseg/urcu.h
# shellcheck disable=SC2046 # several words
declared $(printf '%s\n' physseg/*.h | grep -v $apart) >"$work/native"
declared uvm/*.h | comm -13 "$work/native" - >"$work/uvm"
declared $apart | comm -13 "$work/native" - >"$work/urcu"
for file in native uvm; do
	[ "$(wc -l <"$work/$file")" -gt 25 ] || {
		echo "t_symbols: few names were found in the headers"
		exit 1
	}
done

# shellcheck disable=SC2086 # several words
for name in physseg $(printf 'physseg-%s ' $BACKENDS $URCU); do
	case $name in
	physseg) expect=$work/native prefix=physseg_ ;;
	physseg-urcu) expect=$work/urcu prefix=physseg_ ;;
	*) expect=$work/uvm prefix='(uvm_physseg|uvm|link_one_uvm)_' ;;
	esac
	"$NM" -D --defined-only "$BUILD/lib$name.so" | sed 's/.* //' |
	    grep -vE "^($linker)\$" | sort | comm -3 "$expect" - >"$work/found"
	none "lib$name.so: declared and not exported, or (right) the opposite"
	"$OBJDUMP" -p "$BUILD/lib$name.so" |
	    grep -q " SONAME  *lib$name\.so\.[0-9]*\$" || {
		echo "t_symbols: lib$name.so has no versioned name"
		failed=1
	}

	archive "$BUILD/lib$name.a" defined | sed 's/.*: //' |
	    grep -vxF -f "$expect" | grep -vE "^$prefix|^($linker)\$" \
	    >"$work/found" || :
	none "lib$name.a: names without a prefix"
done

lib=$BUILD/libphysseg.a
free="grep -vE ^($(echo "$USERSPACE" | tr ' ' '|'))\\.c"
archive "$lib" defined | $free | sed 's/.*: //' | sort -u >"$work/free"
archive "$lib" undefined | $free | grep -vE ": ($libc|$linker)\$" |
    while read -r object name; do
	grep -qxF "$name" "$work/free" || echo "$object $name"
    done >"$work/found"
none "not freestanding"

archive "$lib" defined | grep -E '^backend_|: physseg_rb_' |
    sed 's/.*: //' | sort -u >"$work/index"
archive "$lib" undefined | grep '^backend_' |
    grep -vE ": ($libc|$linker)\$" |
    while read -r object name; do
	grep -qxF "$name" "$work/index" || echo "$object $name"
    done >"$work/found"
none "a backend needs more than its index"

# Each line: a file of the engine, and one that defines what it needs.
sed -n 's/^PHYSSEG_ENGINE += .*\/\(.*\)/\1.o/p' "$SOURCE/sources.mk" \
    >"$work/engine"
archive "$lib" defined >"$work/defined"
archive "$lib" undefined | awk -F ': ' '
	FILENAME == ARGV[1] { engine[$1] = 1; next }
	FILENAME == ARGV[2] { object[$2] = $1; next }
	$1 in engine && object[$2] in engine { print $1, object[$2] }
    ' "$work/engine" "$work/defined" - >"$work/order"
[ "$(sort -u "$work/order" | wc -l)" -gt 10 ] || {
	echo "t_symbols: few files of the engine need each other"
	failed=1
}
tsort "$work/order" >/dev/null 2>"$work/found" || :
none "files of the engine need each other in a circle"

"$OBJDUMP" -t "$lib" | awk '
	/^[^ ]*:  *file format/ { object = $1 }
	/ (\.(data|bss|tdata|tbss)(\.[^\t]*)?|\*COM\*)\t/ &&
	    !/ d / && !/ \.data\.rel\.ro/ { print object, $0 }' >"$work/found"
none "variables"

exit $failed
