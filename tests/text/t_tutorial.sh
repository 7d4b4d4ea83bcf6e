#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_tutorial.sh -- each docs/tutorial-*.md is true: the code on the page, all of
# it together, is a program; it compiles without a warning and prints what the
# page says.
#
# The environment: SOURCE, BUILD, CC, CFLAGS, WARNINGS.

set -eu

work=$BUILD/tests/tutorial
failed=0
n=0

rm -rf "$work"
mkdir -p "$work"

fail()
{
	echo "t_tutorial: $*"
	failed=1
}

# blocks LANGUAGE PAGE: the lines of all blocks of it.
blocks()
{
	awk -v fence="\`\`\`$1" '
	$0 == "```" { inside = 0 }
	inside { print }
	$0 == fence { inside = 1 }' "$2"
}

for page in "$SOURCE"/docs/tutorial-*.md; do
	name=$(basename "$page" .md)
	n=$((n + 1))
	blocks c "$page" >"$work/$name.c"
	blocks text "$page" >"$work/$name.expected"
	[ -s "$work/$name.expected" ] || fail "$name.md does not say what is printed"
	# shellcheck disable=SC2086 # several words
	"$CC" -std=c11 $WARNINGS -Werror $CFLAGS -I"$SOURCE/include" \
	    "$work/$name.c" "$BUILD/libphysseg.a" -o "$work/$name" || {
		fail "$name.md does not compile"
		continue
	}
	"$work/$name" >"$work/$name.out" || fail "$name.md: the program returns $?"
	diff "$work/$name.expected" "$work/$name.out" ||
	    fail "$name.md: the program prints something else"
done
[ "$n" -ge 3 ] || fail "few tutorials were found"
echo "$n tutorials"
exit $failed
