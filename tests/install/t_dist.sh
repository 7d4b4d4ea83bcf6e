#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_dist.sh -- the tarball of a release: scripts/release/dist.sh tries the one of this
# commit; in copies of it, of which one is a release and one has two versions,
# it names the first so and refuses the second.  The workflows of .github call
# scripts that are there.
#
# The environment: SOURCE, BUILD, CC.

set -eu

work=$BUILD/tests/install/dist
failed=0

fail()
{
	echo "t_dist: $*"
	failed=1
}

# Before git is asked for: these need none.
grep -ho 'sh scripts/[a-z]*\.sh' "$SOURCE"/.github/workflows/*.yml |
    sort -u >"$BUILD/tests/workflows"
[ "$(wc -l <"$BUILD/tests/workflows")" -ge 2 ] || fail "what do workflows run?"
while read -r _ script; do
	[ -f "$SOURCE/$script" ] || fail "there is no $script"
done <"$BUILD/tests/workflows"
[ $failed -eq 0 ] || exit 1

command -v git >/dev/null || {
	echo "t_dist: skipped: there is no git"
	exit 77
}
status=0
sh "$SOURCE/scripts/release/dist.sh" check "$work" || status=$?
[ $status -ne 77 ] || exit 77
[ $status -eq 0 ] || fail "dist.sh check: status $status"

version=$(sed -n 's/^#define PHYSSEG_VERSION_[MP].* //p' \
    "$SOURCE/include/physseg/physseg.h" | tr '\n' '.')
version=${version%.}

# copy NAME HEADING: a commit more, with this heading in CHANGES.md.
copy()
{
	git clone -q "$SOURCE" "$work/$1"
	sed "0,/^## .*/s//## $2/" "$SOURCE/CHANGES.md" >"$work/$1/CHANGES.md"
	(
		cd "$work/$1"
		git config user.name t_dist
		git config user.email t_dist@localhost.invalid
		git commit -q --allow-empty -a -m "changes: a heading"
	)
}

copy release "$version (1 January 2027)"
git -C "$work/release" tag "v$version"
sh "$work/release/scripts/release/dist.sh" "$work/of-release" >"$work/said" ||
    fail "a release: status $?"
[ -f "$work/of-release/libphysseg-$version.tar.gz" ] || {
	fail "a release is not named so"
	cat "$work/said"
}
! grep 'not a release' "$work/said" || fail "a release is not taken for one"

copy untagged "$version (1 January 2027)"
sh "$work/untagged/scripts/release/dist.sh" "$work/of-untagged" >"$work/said" ||
    fail "without a tag: status $?"
grep -q "there is no tag v$version" "$work/said" || fail "no word of the tag"
[ ! -f "$work/of-untagged/libphysseg-$version.tar.gz" ] ||
    fail "without a tag it is named as a release"

copy two-versions '9.8.7 (1 January 2027)'
! sh "$work/two-versions/scripts/release/dist.sh" "$work/of-two" >"$work/said" 2>&1 ||
    fail "two versions are taken"
grep -q 'CHANGES.md says ## 9.8.7' "$work/said" || fail "no word of versions"
exit $failed
