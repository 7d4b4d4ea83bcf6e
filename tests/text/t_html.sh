#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_html.sh -- what scripts/html.sh writes:
#
#	pages	each manual page, each other page, and an index that leads to them
#	links	lead to files of the output, and to places in them that exist
#	tools	without mandoc or lowdown it says which package is missing
#
# The environment: SOURCE, BUILD.

set -eu

work=$BUILD/tests/html
failed=0

fail()
{
	echo "t_html: $*"
	failed=1
}

rm -rf "$work"
mkdir -p "$work/bin"

# ---- tools ----

for tool in dirname mkdir; do
	ln -s "$(command -v $tool)" "$work/bin/$tool"
done
sh=$(command -v sh)
status=0
PATH=$work/bin "$sh" "$SOURCE/scripts/html.sh" "$work/none" \
    2>"$work/said" || status=$?
[ "$status" -eq 77 ] || fail "without tools: status $status"
grep -qx "html: install Debian's mandoc lowdown" "$work/said" ||
    fail "without tools: $(cat "$work/said")"

for tool in mandoc lowdown; do
	command -v $tool >/dev/null || {
		[ "$failed" -eq 0 ] || exit 1
		echo "t_html: skipped: there is no $tool"
		exit 77
	}
done

# ---- pages ----

sh "$SOURCE/scripts/html.sh" "$work/out"
cd "$work/out"
for file in "$SOURCE"/man/man*/*; do
	name=${file##*/}
	[ -s "man/$name.html" ] || fail "there is no man/$name.html"
	grep -q "href=\"$name.html\"" man/index.html ||
	    fail "man/index.html does not lead to $name"
done
for file in "$SOURCE"/*.md "$SOURCE"/docs/*.md; do
	name=${file#"$SOURCE"/}
	[ -s "${name%.md}.html" ] || fail "there is no ${name%.md}.html"
	grep -q "href=\"${name%.md}.html\"" index.html ||
	    fail "index.html does not lead to $name"
done
grep -q '<table>' docs/porting.html || fail "docs/porting.html: no table"

# ---- links ----

# broken: links that lead nowhere, as "PAGE LINK".
broken()
{
	find . -type f | sort | awk '
	# The path of what a page links to, without . and ..
	function path(page, file,  parts, n, i, m, kept, p) {
		sub("[^/]*$", "", page)
		n = split(page file, parts, "/")
		for (i = 1; i <= n; i++) {
			if (parts[i] == ".." && m > 0)
				m--
			else if (parts[i] != "." && parts[i] != "")
				kept[++m] = parts[i]
		}
		p = "."
		for (i = 1; i <= m; i++)
			p = p "/" kept[i]
		return p
	}
	{ there[$0] }
	/[.]html$/ {
		page = $0
		while ((getline line <page) > 0)
			while (match(line, "(href|src|id)=\"[^\"]*\"")) {
				word = substr(line, RSTART, RLENGTH - 1)
				line = substr(line, RSTART + RLENGTH)
				name = word
				sub("=.*", "", name)
				sub("[^\"]*\"", "", word)
				if (name == "id")
					place[page, word]
				else if (word !~ "^(https?://|mailto:)")
					link[page, word]
			}
		close(page)
	}
	END {
		for (both in link) {
			split(both, is, SUBSEP)
			file = id = is[2]
			sub("#.*", "", file)
			to = file == "" ? is[1] : path(is[1], file)
			hash = sub("[^#]*#", "", id)
			if (!(to in there) || (hash && !((to, id) in place)))
				print is[1], is[2]
		}
	}' | sort
}

broken >../broken
[ ! -s ../broken ] || {
	fail "links that lead nowhere:"
	cat ../broken
}

# It finds what is broken.
cat >bad.html <<'END'
<a href="README.html#words">right</a> <a href="nowhere.html">no file</a>
<a href="README.html#nowhere">no such place</a> <img src="docs/nowhere.svg">
<a href="docs">no page</a>
END
[ "$(broken | grep -c '^\./bad.html')" -eq 4 ] ||
    fail "of four broken links these were found: $(broken)"
exit $failed
