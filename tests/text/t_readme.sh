#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_readme.sh IOMEM -- what README.md shows is true: its examples are
# examples/quickstart.c and the middle of examples/pages.c to the letter, and run
# (the programs lie beside IOMEM); the first prints what the README says; its
# words mean what physseg.h says; every backend has its row; every file and every
# heading that a link names exists; the tests that it names exist; and what the
# porter's guide quotes stands in the examples and recipes.  (The headers that
# it prints: t_guide.sh.)

set -u

[ $# -eq 1 ] || { echo "usage: t_readme.sh IOMEM" >&2; exit 2; }
iomem=$1
quickstart=$(dirname "$1")/quickstart
pages=$(dirname "$1")/pages
tree=$(dirname "$0")/../..
readme=$tree/README.md
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

passed=0
failed=0

# count STATUS WHAT
count()
{
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $2"
	fi
}

# block N LANGUAGE: the N-th block of it in the README.
block()
{
	awk -v n="$1" -v fence="\`\`\`$2" '
	inside && /^```$/ { exit }
	inside { print }
	$0 == fence && ++found == n { inside = 1 }' "$readme"
}

n=0
for program in quickstart pages; do
	n=$((n + 1))
	block $n c >"$work/readme.c"
	awk '/^\t?\/\* README \*\/$/ { inside = !inside; next } inside' \
	    "$tree/examples/$program.c" >"$work/$program.c"
	[ -s "$work/$program.c" ]
	count $? "examples/$program.c has its marks"
	diff "$work/readme.c" "$work/$program.c"
	count $? "the README's example is of examples/$program.c"
done

block 1 text >"$work/readme.out"
${EMULATOR:-} "$quickstart" >"$work/quickstart.out"
count $? "quickstart: status"
diff "$work/readme.out" "$work/quickstart.out"
count $? "quickstart prints what the README says"
${EMULATOR:-} "$pages" >"$work/pages.out"
count $? "pages: status"

# "WORD: MEANING", a line for each, of the README and of physseg.h, without what
# marks names.
awk -F ' *[|] *' '
/^## / { inside = $0 == "## Words" }
inside && /^\|/ && $2 != "word" && $2 != "---" {
	print tolower($2) ": " $3
}' "$readme" | tr -d '`' >"$work/readme.words"
awk '
/^ \* THE WORDS$/ { inside = 1; next }
/^ \* UNITS\./ { exit }
!inside || /^ \*$/ { next }
/^ \* (THE LIFE OF A MAP|LIST AND BUILT)\. / {
	sub(/^ \* /, "")
	sub(/\. +/, "\t")
	$0 = " *\t" $0
}
/^ \*\t[^\t]/ {
	sub(/^ \*\t/, "")
	if (word != "")
		print word ": " text
	at = index($0, "\t")
	word = tolower(at ? substr($0, 1, at - 1) : $0)
	text = ""
	$0 = at ? substr($0, at) : ""
}
{
	sub(/^ \*/, "")
	gsub(/[ \t]+/, " ")
	sub(/^ /, "")
	text = text (text == "" || $0 == "" ? "" : " ") $0
}
END { print word ": " text }' "$tree/include/physseg/physseg.h" |
    sed "s/\`\([^']*\)'/\1/g" >"$work/header.words"
[ "$(wc -l <"$work/header.words")" -ge 20 ]
count $? "physseg.h has words"
diff "$work/readme.words" "$work/header.words"
count $? "the README's words are those of physseg.h"

for backend in $(${EMULATOR:-} "$iomem" --help | sed -n 's/^Backends: //p'); do
	grep -q "^| \`$backend\` |" "$readme"
	count $? "the README's table of backends has $backend"
	grep -q "^| \`physseg-$backend\` | \`physseg::$backend\` |" "$readme"
	count $? "the README's table of modules has $backend"
done

awk '
FNR == 1 { files++ }
FILENAME ~ /porting.md$/ {
	if ($0 == "```")
		inside = 0
	if (inside)
		quote[n] = quote[n] $0 "\n"
	if ($0 == "```c" && ++n)
		inside = 1
	next
}
{ text[files] = text[files] $0 "\n" }
END {
	for (i = 1; i <= n; i++) {
		if (quote[i] ~ /^\/\* std[a-z]*\.h \*\//)
			continue
		for (f in text)
			if (index(text[f], quote[i]))
				break
		if (!index(text[f], quote[i]))
			printf "not in an example:\n%s", quote[i]
	}
	if (n < 10)
		print "there are few quotations"
}' "$tree/docs/porting.md" "$tree"/examples/baremetal/*.[ch] \
    "$tree"/examples/vmm/*.[ch] "$tree"/tests/guide/*.c "$tree/src/base/mem.h" \
    >"$work/quotes"
cat "$work/quotes"
[ ! -s "$work/quotes" ]
count $? "docs/porting.md quotes the examples"

# headings FILE: as links name them: lower case, no punctuation, dashes.
headings()
{
	awk '/^```/ { code = !code } !code && /^#+ / {
		sub(/^#+ /, "")
		$0 = tolower($0)
		gsub(/[^a-z0-9_ -]/, "")
		gsub(/ /, "-")
		print
	}' "$1"
}

for page in README.md CONTRIBUTING.md RELEASE.md SECURITY.md DESIGN.md docs/porting.md \
    docs/proof.md docs/tutorial-kernel.md docs/tutorial-vmm.md docs/tutorial-unplug.md; do
	{
		awk '/^```/ { code = !code } !code {
			while (match($0, /\]\([^)]*\)/)) {
				print substr($0, RSTART + 2, RLENGTH - 3)
				$0 = substr($0, RSTART + RLENGTH)
			}
		}' "$tree/$page"
		grep -o 'sh [a-z]*/[a-z_]*\.sh' "$tree/$page" | cut -d' ' -f2
	} | grep -v ':' | sort -u >"$work/files"
	while read -r link; do
		file=${link%%#*}
		[ -n "$file" ] || file=$(basename "$page")
		at=$tree/$(dirname "$page")/$file
		[ -e "$at" ] || at=$tree/$file
		[ -e "$at" ]
		count $? "$page: there is no $file"
		case $link in
		*'#'*)
			headings "$at" | grep -qx -- "${link#*#}"
			count $? "$page: there is no heading $link" ;;
		esac
	done <"$work/files"
done

grep -o 'ctest -R [a-z_]*' "$readme" | cut -d' ' -f3 | sort -u >"$work/tests"
[ -s "$work/tests" ]
count $? "README.md names tests"
while read -r name; do
	find "$tree/tests" -name "$name*" | grep -q . ||
	    grep -q -e "$name" -e "what.* ${name#t_} " "$tree"/*/CMakeLists.txt
	count $? "README.md: there is no test $name"
done <"$work/tests"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
