#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# sizes.sh -- print the tables of figures in docs/porting.md, measured now.
# sizes.sh update -- write them into docs/porting.md.
# sizes.sh check -- compare them with docs/porting.md.
# sizes.sh code -- print the table of code alone, with a CC for any machine.
#
# The library is built as a kernel builds it, with -Os and without tables for
# unwinding, by CC (gcc).
#
#	storage, memory, asked	bytes: the same with every compiler, so `check'
#				wants the same text
#	code, stack		bytes: they depend on the compiler, so `check'
#				allows what lies within a fifth of the guide's
#
# A second argument is the folder for what is made; without it, build/sizes.

set -eu

guide=docs/porting.md
cc=${CC:-gcc}
work=${2:-build/sizes}
flags="-fno-pic -fno-asynchronous-unwind-tables -fcf-protection=none"
flags="$flags -ffunction-sections -fdata-sections"
case ${1-} in
'' | update | check | code) ;;
--help | -h) sed -n '4,/^$/s/^# \{0,1\}//p' "$0"; exit ;;
*) echo "usage: sizes.sh [update | check | code [DIRECTORY]]" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
case ${1-}/$(uname -m) in
code/* | */x86_64) ;;
*)
	echo "sizes: skipped: the guide's figures are x86-64's" >&2
	exit 77 ;;
esac
command -v "$cc" >/dev/null || {
	echo "sizes: skipped: there is no $cc" >&2
	exit 77
}

mkdir -p "$work"
failed=
cmake -S . -B "$work/library" \
    -DCMAKE_SYSTEM_NAME=Generic -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
    -DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=MinSizeRel -DCMAKE_C_FLAGS="$flags" \
    -DPHYSSEG_TESTS=OFF -DPHYSSEG_EXAMPLES=OFF -DPHYSSEG_BENCH=OFF \
    >"$work/log" 2>&1 || failed=yes
[ -n "$failed" ] ||
    cmake --build "$work/library" --target physseg-static \
	>>"$work/log" 2>&1 || failed=yes
[ -z "$failed" ] || {
	cat "$work/log" >&2
	exit 1
}
library=$work/library/libphysseg.a
compile="$cc $flags -std=c11 -Os -Iinclude"

# bytes FILE: of code and constants in it.
bytes()
{
	size "$1" | awk 'NR == 2 { print $1 }'
}

# linked BACKEND CALLS FLAG...: what the linker takes out of the library.
linked()
{
	$compile -ffreestanding -DBACKEND="physseg_backend_$1" "$2" \
	    -c tests/guide/one.c -o "$work/one.o"
	shift 2
	$cc -nostdlib -static -Wl,-e,calls,--unresolved-symbols=ignore-all \
	    "$@" "$work/one.o" "$library" -o "$work/linked"
	echo $(($(bytes "$work/linked") - $(bytes "$work/one.o")))
}

code()
{
	echo '| backend | code | with `physseg_check` and `physseg_dump` |' \
	    'code, `--gc-sections` |'
	echo '| --- | --- | --- | --- |'
	for backend in radix rbtree array_bsearch array_random \
	    array_bigfirst array_contig; do
		echo "| \`$(echo $backend | tr _ -)\` |" \
		    "$(linked $backend -UNONE) | $(linked $backend -DLOOKING) |" \
		    "$(linked $backend -UNONE -Wl,--gc-sections) |"
	done
}

[ "${1-}" != code ] || {
	code
	exit
}
$compile tests/guide/sizes.c "$library" -no-pie -Wl,-z,now -o "$work/sizes"

{
	for table in storage memory asked stack; do
		echo "<!-- sizes: $table -->"
		"$work/sizes" $table
		echo '<!-- end -->'
	done
	echo '<!-- sizes: code -->'
	code
	echo '<!-- end -->'
} >"$work/tables"

# The guide with these tables in it.
with_tables()
{
	awk '
	/^<!-- sizes: / { name = $0 }
	FNR == NR { if ($0 != name) table[name] = table[name] $0 "\n"; next }
	/^<!-- sizes: / { print; printf "%s", table[name]; inside = 1 }
	!inside { print }
	/^<!-- end -->/ { inside = 0 }' "$work/tables" "$guide"
}

case ${1-} in
'')
	cat "$work/tables" ;;
update)
	with_tables >"$work/guide"
	cat "$work/guide" >"$guide" ;;
check)
	with_tables >"$work/guide"
	for table in storage memory asked code stack; do
		grep -q "^<!-- sizes: $table -->" "$guide" || {
			echo "sizes: $guide has no table $table"
			exit 1
		}
	done
	# Line by line: the same, or in two of the tables the same but for
	# numbers within a fifth.
	awk '
	function near(a, b,  d) {
		d = a > b ? a - b : b - a
		return d * 5 <= b || d <= 64
	}
	function alike(new, old,  n, i, a, b) {
		n = split(new, a, " ")
		if (split(old, b, " ") != n)
			return 0
		for (i = 1; i <= n; i++)
			if (a[i] != b[i] && !(a[i] ~ /^[0-9]+$/ &&
			    b[i] ~ /^[0-9]+$/ && near(a[i], b[i])))
				return 0
		return 1
	}
	FNR == NR { new[FNR] = $0; n = FNR; next }
	/^<!-- sizes: / { about = $3; tables++ }
	$0 != new[FNR] && !((about == "code" || about == "stack") &&
	    alike(new[FNR], $0)) {
		print "sizes: " about ": the guide says, and measured is:"
		print $0
		print new[FNR]
		bad++
	}
	/^\|/ && about != "" { rows++ }
	/^<!-- end -->/ { about = "" }
	END {
		if (FNR != n) {
			print "sizes: another number of rows"
			bad++
		}
		print tables + 0 " tables, " rows + 0 " rows, " bad + 0 \
		    " that differ"
		exit bad != 0 || tables != 5
	}' "$work/guide" "$guide" || {
		echo "sizes: sh scripts/sizes.sh update writes them anew"
		exit 1
	} ;;
esac
