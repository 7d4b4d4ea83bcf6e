#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_readme.sh IOMEM -- what README.md shows is true: its example is
# examples/quickstart.c to the letter, prints what the README says it does (the
# program lies beside IOMEM), every backend has its row, every file and every
# heading that a link names exists; and what the porter's guide quotes stands in
# the examples and recipes.  (The headers that it prints: t_guide.sh.)

set -u

[ $# -eq 1 ] || { echo "usage: t_readme.sh IOMEM" >&2; exit 2; }
iomem=$1
quickstart=$(dirname "$1")/quickstart
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

# block LANGUAGE: the first block of it in the README.
block()
{
	awk -v fence="\`\`\`$1" '
	inside && /^```$/ { exit }
	inside { print }
	$0 == fence { inside = 1 }' "$readme"
}

block c >"$work/readme.c"
awk '/^\/\* README \*\/$/ { inside = !inside; next } inside' \
    "$tree/examples/quickstart.c" >"$work/quickstart.c"
[ -s "$work/quickstart.c" ]
count $? "examples/quickstart.c has its marks"
diff "$work/readme.c" "$work/quickstart.c"
count $? "the README's example is examples/quickstart.c"

block text >"$work/readme.out"
${EMULATOR:-} "$quickstart" >"$work/quickstart.out"
count $? "quickstart: status"
diff "$work/readme.out" "$work/quickstart.out"
count $? "quickstart prints what the README says"

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
    "$tree"/examples/vmm/*.[ch] "$tree"/tests/guide/*.c "$tree/src/mem.h" \
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
    docs/tutorial-kernel.md docs/tutorial-vmm.md docs/tutorial-unplug.md; do
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

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
