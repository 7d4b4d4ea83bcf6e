#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_layer.sh -- a program with a page layer of its own (netbsd_layer.c), linked
# with each compatible library:
#
#	archive		each name alone, on the first backend; none and all:
#			its own are called
#	shared		none and all
#	own headers	src/uvm/ compiled for the program's structures
#	other headers	that program with the library as built: a panic
#
# The environment: SOURCE, BUILD, CC, CFLAGS, WARNINGS, BACKENDS.

set -eu

work=$BUILD/tests/layer
layer='uvm_page_init uvm_page_physget uvm_phys_to_vm_page uvm_vm_page_to_phys
    uvm_pageismanaged uvm_page_lookup_freelist uvm_pageboot_alloc
    uvm_setpagesize uvm_pagefree uvmpdpol_reinit'
variables='uvm uvmexp physmem'
failed=0

rm -rf "$work"
mkdir -p "$work"

# shellcheck disable=SC2086 # several words
compile()
{
	"$CC" -std=c11 $WARNINGS -Werror $CFLAGS -I"$SOURCE/include" "$@"
}

fail()
{
	echo "t_layer: $*"
	failed=1
}

# own HOW NAMES LIBRARY...: the program that has NAMES itself.
own()
{
	how=$1 names=$2
	shift 2
	# shellcheck disable=SC2086 # several words
	set -- $(printf -- '-DOWN_%s ' $names) "$SOURCE/tests/programs/netbsd_layer.c" \
	    "$@" -o "$work/program"
	[ -n "$names" ] || shift
	compile "$@" || {
		fail "$how: does not link with its own: $names"
		return
	}
	"$work/program" | sort -u >"$work/called" || :
	# shellcheck disable=SC2086 # several words
	{
		printf '%s\n' $names | grep -vxE "$(echo $variables |
		    tr ' ' '|')" || :
		echo right
	} | grep . | sort -u >"$work/expected"
	cmp -s "$work/called" "$work/expected" || {
		fail "$how: with its own $names were called:"
		cat "$work/called"
	}
}

count=0
alone="$layer $variables"
for backend in $BACKENDS; do
	for name in '' $alone "$layer $variables"; do
		own "archive $backend" "$name" \
		    "$BUILD/libphysseg-$backend.a" "$BUILD/libphysseg.a"
		count=$((count + 1))
	done
	for name in '' "$layer $variables"; do
		own "shared $backend" "$name" -L"$BUILD" -Wl,-rpath,"$BUILD" \
		    "-lphysseg-$backend" -lphysseg
		count=$((count + 1))
	done
	alone=
done

# ---- the program's headers ----

backend=${BACKENDS%% *}
selector=$(echo "$backend" | tr - _)
headers='-DUVM_PHYSSEG_PARAM_H="../tests/programs/netbsd_param.h"'
for file in $(sed -n 's/^PHYSSEG_\(UVM\|UVM_PAGE\|UVM_LIBC\|SELECT\) += //p' \
    "$SOURCE/sources.mk"); do
	compile "$headers" -DUVM_BACKEND="$selector" -I"$SOURCE/src" \
	    -isystem "$BUILD/bsd" -c "$SOURCE/$file" \
	    -o "$work/$(basename "$file" .c).o" || fail "own headers: $file"
done
rm -f "$work/kernel.a"
ar rc "$work/kernel.a" "$work"/*.o
for name in '' "$layer $variables"; do
	own "own headers" "$name" "$headers" "$work/kernel.a" \
	    "$BUILD/libphysseg.a"
	count=$((count + 1))
done

compile "$headers" "$SOURCE/tests/programs/netbsd_layer.c" -o "$work/program" \
    "$BUILD/libphysseg-$backend.a" "$BUILD/libphysseg.a"
(ulimit -c 0; "$work/program") >"$work/said" 2>&1 &&
    fail "other headers: it runs"
grep -q 'uvm_physseg_init: another layout of struct uvm' "$work/said" ||
    fail "other headers: $(cat "$work/said")"

echo "t_layer: $count programs"
exit $failed
