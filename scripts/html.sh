#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# html.sh [DIRECTORY] -- the manual pages and all other pages as HTML, in
# build/html or in DIRECTORY; begin with its index.html.
#
#	man/*		by mandoc
#	*.md		by lowdown, wherever they lie in the tree
#	other files	that a page links to: as text; pictures as they are
#
# A link to what does not exist is an error.

set -eu

case ${1-} in
--help | -h) sed -n '4,/^$/s/^# \{0,1\}//p' "$0"; exit ;;
-*) echo "usage: html.sh [DIRECTORY]" >&2; exit 2 ;;
esac
mkdir -p "${1:-$(dirname "$0")/../build/html}"
html=$(cd "${1:-$(dirname "$0")/../build/html}" && pwd)
cd "$(dirname "$0")/.."
tree=$(pwd)

missing=
for tool in mandoc lowdown; do # the package has the same name
	command -v $tool >/dev/null || missing="$missing $tool"
done
[ -z "$missing" ] || {
	echo "html: install Debian's$missing" >&2
	exit 77
}

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# page FILE TITLE <BODY: a page of the output; FILE is relative to it.
page()
{
	mkdir -p "$html/$(dirname "$1")"
	up=$(dirname "$1" | sed 's,[^/.][^/]*,..,g')
	{
		cat <<-END
		<!DOCTYPE html>
		<html lang="en"><head><meta charset="utf-8">
		<meta name="viewport" content="width=device-width, initial-scale=1">
		<title>$2 - libphysseg</title>
		<link rel="stylesheet" href="$up/style.css">
		</head><body><nav><a href="$up/index.html">libphysseg</a></nav><main>
		END
		cat
		echo '</main></body></html>'
	} >"$html/$1"
}

escape()
{
	sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' "$@"
}

# text FILE: a file of the tree as a page.
text()
{
	{ echo '<pre>'; escape "$tree/$1"; echo '</pre>'; } |
	    page "$1.html" "$1"
}

# list DIRECTORY: its files as pages, and an index of them.
list()
{
	[ "$1" != man ] || return 0 # has a better one
	{
		echo "<h1>$1</h1><ul>"
		for file in "$tree/$1"/*; do
			[ -f "$file" ] || continue
			name=${file##*/}
			case $name in
			*.md) name=${name%.md} ;;
			*) text "$1/$name" ;;
			esac
			echo "<li><a href=\"$name.html\">${file##*/}</a></li>"
		done
		echo '</ul>'
	} >"$work/list"
	page "$1/index.html" "$1" <"$work/list"
}

# Where a link leads to in the output: place DIRECTORY-OF-THE-PAGE LINK.
place()
{
	path=${2%%#*} anchor=
	case $2 in
	*'#'*) anchor="#${2#*#}" ;;
	esac
	[ -e "$1/$path" ] || {
		echo "html: $1: a link to $path, which is not there" >&2
		return 1
	}
	if [ -d "$1/$path" ]; then
		at=$(cd "$1/$path" && pwd)
		list "${at#"$tree"/}"
		echo "${path%/}/index.html$anchor"
		return
	fi
	at=$(cd "$(dirname "$1/$path")" && pwd)/${path##*/}
	case $path in
	*.md)
		echo "${path%.md}.html$anchor" ;;
	*man/man[1359]/*)
		echo "$path.html$anchor" | sed 's,man/man./,man/,' ;;
	*.svg | *.png)
		mkdir -p "$html/$(dirname "${at#"$tree"/}")"
		cp "$at" "$html/${at#"$tree"/}"
		echo "$path" ;;
	*)
		text "${at#"$tree"/}"
		echo "$path.html$anchor" ;;
	esac
}

# ---- manual pages ----

# "NAME.SECTION PAGE", for each name at the top of a page.
for file in man/man*/*; do
	sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([^ ]*\).*/\1/p' "$file" |
	    sed "s,\$,.${file##*.} ${file##*/},"
done >"$work/names"
sed 's,\(.*\) \(.*\),s|href="\1.html"|href="\2.html"|g,' "$work/names" \
    >"$work/references"
echo '<h1>Manual pages</h1><dl>' >"$work/man"
for file in man/man*/*; do
	name=${file##*/}
	mandoc -Thtml -O fragment,man=%N.%S.html "$file" |
	    sed -f "$work/references" | page "man/$name.html" "$name"
	printf '<dt><a href="%s.html">%s</a></dt><dd>%s</dd>\n' "$name" \
	    "${name%.*}(${name##*.})" \
	    "$(sed -n 's/^\.Nd //p' "$file" | escape)" >>"$work/man"
done
echo '</dl>' >>"$work/man"
page man/index.html 'Manual pages' <"$work/man"

# ---- pages ----

find . -name '*.md' ! -path './build*' ! -path './.*' | sed 's,^\./,,' |
    sort >"$work/pages"
while read -r file; do
	lowdown -Thtml "$file" >"$work/body"
	grep -oE '(href|src)="[^"#][^"]*"' "$work/body" |
	    sed 's/^[a-z]*="//; s/"$//' | grep -v ':' | sort -u \
	    >"$work/links" || :
	: >"$work/rewrite"
	while read -r link; do
		to=$(place "$tree/$(dirname "$file")" "$link")
		echo "s|\"$link\"|\"$to\"|g" >>"$work/rewrite"
	done <"$work/links"
	sed -f "$work/rewrite" "$work/body" |
	    page "${file%.md}.html" "$(sed -n 's/^# //p;/^# /q' "$file")"
done <"$work/pages"

# ---- the index ----

{
	cat <<-'END'
	<h1>libphysseg</h1>
	<ul>
	<li><a href="README.html">README</a>: what it is, and the words</li>
	<li><a href="docs/tutorial-kernel.html">A kernel, in one page</a></li>
	<li><a href="docs/tutorial-vmm.html">A VMM, in one page</a></li>
	<li><a href="docs/tutorial-unplug.html">Unplugging memory in use, in one page</a></li>
	<li><a href="docs/porting.html">The porter's guide</a></li>
	<li><a href="docs/benchmark.html">How fast it is</a></li>
	<li><a href="docs/proof.html">What is proved</a></li>
	<li><a href="man/index.html">Manual pages</a></li>
	</ul>
	<h2>All pages</h2>
	<ul>
	END
	while read -r file; do
		echo "<li><a href=\"${file%.md}.html\">$file</a></li>"
	done <"$work/pages"
	echo '</ul>'
} >"$work/index"
page index.html 'All pages' <"$work/index"

cat >"$html/style.css" <<'END'
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 52em; padding: 0 1em 3em;
    font: 16px/1.5 sans-serif; }
nav { padding: 1em 0; }
pre, code, .Li, .Fl, .Cm { font-family: monospace; font-size: 0.92em; }
pre { overflow-x: auto; padding: 0.7em 1em; border-left: 3px solid #8888; }
main > table:not(.head):not(.foot) { display: block; overflow-x: auto;
    border-collapse: collapse; }
th, td { padding: 0.25em 0.7em; vertical-align: top; text-align: left;
    border-bottom: 1px solid #8886; }
img { max-width: 100%; background: white; }
table.head, table.foot { width: 100%; }
td.head-vol { text-align: center; }
td.head-rtitle, td.foot-os { text-align: right; }
.manual-text h1 { font-size: 1.3em; }
.manual-text h2 { font-size: 1.1em; }
a.permalink { color: inherit; text-decoration: none; }
.Bd-indent, .Bl-tag > dd, dd { margin-left: 2em; }
code.Nm, code.Fl, code.Cm, code.Fn { font-weight: bold; }
END
echo "$(find "$html" -name '*.html' | wc -l) pages: $html/index.html"
