#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_recursion.sh -- no function of the library comes back to itself, so the
# stack that a call needs has a bound; docs/porting.md has it.  The radix tree's
# may, once for each of its few levels.  Calls through pointers are not looked
# at: they lead from the engine to a backend, which does not call the engine, and
# to the host.
#
# The environment: SOURCE, BUILD, BACKENDS.

set -eu

command -v gcc >/dev/null && command -v tsort >/dev/null || {
	echo "t_recursion: skipped: there is no gcc, or no tsort"
	exit 77
}
failed=0
levels='check_slot|clear|drop|fill|mark|unmark' # of backend_radix
for backend in $BACKENDS; do
	work=$BUILD/tests/recursion/$backend
	rm -rf "$work"
	mkdir -p "$work"
	sh "$SOURCE/scripts/amalgamate.sh" "$backend" --uvm --output "$work"
	(cd "$work" && gcc -std=c11 -O0 -fcallgraph-info -c physseg.c)
	sed -n 's/^edge: { source\(.*\)/\1/
	    s/^name: "\([^"]*\)" targetname: "\([^"]*\)".*/\1 \2/p' "$work"/*.ci | sort -u >"$work/calls"
	n=$(wc -l <"$work/calls")
	[ "$n" -gt 1000 ] || {
		echo "t_recursion: $backend: only $n calls were found"
		failed=1
	}
	tsort "$work/calls" >/dev/null 2>"$work/loops" || :
	itself=$levels
	[ "$backend" = radix ] || itself=nothing
	awk '$1 == $2 { print $1 }' "$work/calls" |
	    grep -vxE "physseg.c:($itself)" >>"$work/loops" || :
	[ ! -s "$work/loops" ] || {
		echo "t_recursion: $backend:"
		cat "$work/loops"
		failed=1
	}
	echo "$backend: $n pairs of functions that call and are called"
done
exit $failed
