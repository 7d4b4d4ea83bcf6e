#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_man.sh -- the manual pages, held against the headers:
#
#	lint		mandoc has nothing to say
#	names		every function has a page with its name at the top; every
#			variable, constant, macro and field is named by one
#	prototypes	a page's synopsis, hooks included, compiles beside the
#			headers
#	examples	compile; whole programs link and run
#	options		that a program's --help shows are in its page
#	calls		of a trace are those that can be told
#	references	name pages that exist
#	code		the backend that is called the default is
#
# The environment: SOURCE, BUILD, CC, WARNINGS.

set -eu

work=$BUILD/tests/man
failed=0

command -v mandoc >/dev/null || {
	echo "t_man: skipped: there is no mandoc"
	exit 77
}

fail()
{
	echo "t_man: $*"
	failed=1
}

# none WHAT: what was found should not be.
none()
{
	[ ! -s "$work/found" ] || {
		fail "$1:"
		cat "$work/found"
	}
}

# shellcheck disable=SC2086 # several words
compile()
{
	"$CC" -std=c11 $WARNINGS -Werror -I"$SOURCE/include" "$@"
}

rm -rf "$work"
mkdir -p "$work"
mkdir "$work/pages"
cp "$SOURCE"/man/man*/* "$work/pages"
cd "$work/pages"
pages=$(echo *.[1-9])

# ---- lint; whether references are right is asked below ----

# shellcheck disable=SC2086 # several words
mandoc -Tlint $pages 2>&1 |
    grep -v 'STYLE: referenced manual not found' >"$work/found" || :
none "mandoc says"

# ---- names ----

# Lines that a backslash ends are one.  "NAME.SECTION PAGE", for each page.
for page in $pages; do
	sed -e :a -e '/\\$/N' -e 's/\\\n//' -e ta "$page" >"$work/$page"
	sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([^ ]*\).*/\1/p' "$work/$page" |
	    sed "s/\$/.${page##*.} $page/"
done >"$work/names"

# What the headers declare, without comments; the statements of them.
headers()
{
	(cd "$SOURCE/include" &&
	    printf '#include <%s>\n' physseg/*.h uvm/*.h) |
	    "$CC" -E -P -x c -I"$SOURCE/include" - | tr '\n' ' '
}
headers >"$work/headers"
tr ';{}' '\n' <"$work/headers" |
    sed -n '/__visibility__/s/.*((__visibility__("default")))//p' \
	>"$work/declarations"
{
	sed -n '/(/{ s/ *(.*//; s/.*[ *]//p; }' "$work/declarations"
	tr ';{}' '\n' <"$work/headers" |
	    sed -n '/static inline/{ s/ *(.*//; s/.*[ *]//p; }' |
	    grep -E '^(physseg|uvm)_.*[^_]$'
} | sort -u >"$work/functions"
sed -n '/(/!{ s/\[.*//; s/ *$//; s/.*[ *]//p; }' "$work/declarations" |
    sort -u >"$work/variables"

# The fields of our structures: the last word of a declaration, or the name of
# a pointer to a function.
awk '
{
	while (match($0, /struct (physseg|vm|uvm|pmap)[a-z_]* \{/)) {
		$0 = substr($0, RSTART + RLENGTH)
		for (i = depth = 1; depth > 0; i++) {
			c = substr($0, i, 1)
			depth += (c == "{") - (c == "}")
			if (c == ";" || c == "{")
				c = "\n"
			body = body c
		}
	}
	print body
}' "$work/headers" | sed -n '
	s/^.*(\*\([a-z_]*\))(.*/\1/p
	t
	s/\[.*//
	s/^.*[ *}]\([a-z_]\{1,\}\) *$/\1/p' | grep -vx union | sort -u \
	>"$work/fields"

# Constants and macros: every word in capitals, and what looks like a call.
sed -e 's,/\*.*\*/,,' -e '/\/\*/,/\*\//d' "$SOURCE"/include/*/*.h \
    >"$work/code"
{
	grep -oE '\b(PHYSSEG|UVM|VM|PAGE|PRI)_?[A-Zx_]*[A-Z]\b' "$work/code"
	sed -n 's/^#define \([a-zA-Z_]*[a-zA-Z]\)(.*/\1/p' "$work/code"
} | sort -u | grep -vE '_H$|^PHYSSEG_API$|^UVM_PHYSSEG_INIT' >"$work/constants"

for list in functions:40 variables:5 fields:60 constants:40; do
	[ "$(wc -l <"$work/${list%:*}")" -ge "${list#*:}" ] ||
	    fail "few ${list%:*} were found in the headers"
done
while read -r name; do
	page=$(sed -n "s/^$name\.[1-9] //p" "$work/names")
	if [ -z "$page" ]; then
		fail "no page for $name()"
	else
		grep -qE "^\.F[no] $name( |\$)" "$work/$page" ||
		    fail "$page: $name() is not in the synopsis"
	fi
done <"$work/functions"
cat "$work/variables" "$work/fields" "$work/constants" |
while read -r name; do
	# shellcheck disable=SC2086 # several words
	(cd "$work" && grep -qwE "^\.(It|Fa|Fn|Va|Vt|Dv|Er|Bq).*$name" $pages) ||
	    echo "$name"
done >"$work/found"
none "no page names"

# ---- prototypes ----

# A C source of what a page says: declarations again, which the compiler
# compares with the headers'; of a hook, a function that returns it.
declare_again()
{
	awk -v structure="$(echo "${1%.*}" | tr - _)" '
	# The words of a line, those in quotes as one.
	function words(line,  n) {
		n = 0
		while (match(line, /"[^"]*"|[^ "]+/)) {
			word[++n] = substr(line, RSTART, RLENGTH)
			gsub(/"/, "", word[n])
			line = substr(line, RSTART + RLENGTH)
		}
		return n
	}
	function list(from, to,  i, s) {
		for (i = from; i <= to; i++)
			s = s (i > from ? ", " : "") word[i]
		return s
	}
	/^\.Sh / { synopsis = $2 == "SYNOPSIS" }
	synopsis && /^\.In / { print "#include <" $2 ">" }
	synopsis && /^\.Vt / { n = words($0); print word[2] ";" }
	synopsis && /^\.Ft / { n = words($0); type = word[2] }
	synopsis && /^\.Fn / && type != "" {
		n = words($0)
		print type " (" word[2] ")(" list(3, n) ");"
		type = ""
	}
	synopsis && /^\.Fo / { name = $2; arguments = "" }
	synopsis && /^\.Fa / {
		n = words($0)
		arguments = arguments (arguments == "" ? "" : ", ") word[2]
	}
	synopsis && /^\.Fc/ {
		print type " (" name ")(" arguments ");"
		type = ""
	}
	/^\.It Ft / {
		n = words($0)
		print word[3] " (*get_" word[5] "(const struct " structure \
		    " *s))(" list(6, n) ") { return s->" word[5] "; }"
	}' "$work/$1"
}
for page in $pages; do
	case $page in
	*.[39])
		declare_again "$page" >"$work/$page.c"
		grep -q '^#include' "$work/$page.c" ||
		    fail "$page: no header"
		compile -fsyntax-only "$work/$page.c" ||
		    fail "$page: its synopsis is not what the headers say" ;;
	esac
done

# ---- examples ----

for page in $pages; do
	awk -v base="$work/$page" '
	/^\.Bd -literal/ { file = base "." ++n ".example.c"; next }
	/^\.Ed/ { file = "" }
	file != "" {
		gsub(/\\e/, "\\")
		gsub(/\\&/, "")
		print >file
	}' "$page"
	case $page in
	*.[39]) [ -e "$work/$page.1.example.c" ] || fail "$page: no example" ;;
	esac
done
for example in "$work"/*.example.c; do
	page=$(basename "$example" | sed 's/\.[0-9]*\.example\.c//')
	compile -c "$example" -o "$example.o" || {
		fail "$page: an example does not compile"
		continue
	}
	grep -q '^main(' "$example" || continue
	libraries=$BUILD/libphysseg.a
	case $page in
	*.9) libraries="$BUILD/libphysseg-rbtree.a $libraries" ;;
	esac
	# shellcheck disable=SC2086 # several words
	compile "$example.o" $libraries -o "$example.program" || {
		fail "$page: an example does not link"
		continue
	}
	"$example.program" >"$example.out" ||
	    fail "$page: an example returns $?"
done

# ---- options ----

for program in examples/iomem tools/physseg-replay bench/bench; do
	page=${program##*/}.1
	[ -x "$BUILD/$program" ] || {
		echo "t_man: $page is not compared: $program was not built" >&2
		continue
	}
	"$BUILD/$program" --help | grep -oE -- '--[a-z][a-z-]*' | sort -u |
	while read -r option; do
		grep -qw -- "^\.It.*Fl ${option#-}" "$page" ||
		    grep -q -- "^\.Fl ${option#-}_" "$page" ||
		    echo "$page: $option"
	done
done >"$work/found"
none "options without a word"

# ---- calls ----

# Those of a trace, with their arguments and their result.
cat >"$work/calls.c" <<'END'
#include <stdio.h>
#include <physseg/trace.h>
#define CALL(id, name, arguments, result) { name, arguments, result },
int
main(void)
{
	static const char *const calls[][3] = { PHYSSEG_CALLS(CALL) };
	for (int i = PHYSSEG_CALL_NONE + 1; i < PHYSSEG_NCALLS; i++)
		printf("%s %s%s%s%s\n", calls[i][0],
		    i == PHYSSEG_CALL_CREATE ? "backend " : "", calls[i][1],
		    *calls[i][2] == '\0' ? "" : " : ", calls[i][2]);
	return 0;
}
END
compile "$work/calls.c" -o "$work/calls.program"
"$work/calls.program" | tr -s ' ' | sed 's/ *$//' >"$work/calls"
sed -n '/^\.Ss Calls/,/^\.El/s/^\.It Sy \([a-z_]*\) Ta/\1/p' \
    "$work/physseg-trace.5" | tr -s ' ' | sed 's/ *$//' >"$work/found"
diff "$work/calls" "$work/found" || fail "physseg-trace.5: (right) other calls"

# ---- references ----

for page in $pages; do
	sed -n 's/^\.Xr \([^ ]*\) \([0-9]\).*/\1.\2/p' "$page" | sort -u |
	while read -r name; do
		grep -qF "$name " "$work/names" || echo "$page: $name"
	done
done >"$work/found"
none "references to pages that do not exist"

# ---- code ----

# "FUNCTION NAME", a line of each backend, and "default NAME".
backends=$(sed -n 's/^physseg_backend_\([a-z_]*\)$/\1/p' \
    "$work/functions" | grep -vx at)
{
	printf '#include <%s>\n' stdio.h physseg/physseg.h
	echo 'int main(void) {'
	for backend in $backends; do
		printf '%s' "printf(\"$backend %s\\n\", "
		echo "physseg_backend_$backend()->name);"
	done
	echo 'return 0; }'
} >"$work/backends.c"
compile "$work/backends.c" "$BUILD/libphysseg.a" -o "$work/backends.program"
"$work/backends.program" >"$work/backends"
[ "$(wc -l <"$work/backends")" -gt 5 ] || fail "few backends were found"
default=$(sed -n 's/^default //p' "$work/backends")

# In physseg(3) and in the README's table: each backend, and which is the
# default.
awk '
/^\.Ss / { inside = $2 == "Backends" }
inside && /^\.It / { item = $3; sub("physseg_backend_", "", item) }
inside && item != "" { print item, $0 }
/^\.El/ { item = "" }' "$work/physseg.3" >"$work/items"
while read -r function name; do
	[ "$function" != default ] || continue
	grep -q "^$function \.It" "$work/items" ||
	    fail "physseg.3: the backends lack $function"
	said=no
	! grep -q "^$function The default" "$work/items" || said=yes
	row=no
	! grep "^| \`$name\`" "$SOURCE/README.md" | grep -q default || row=yes
	case $name.$said.$row in
	"$default.yes.yes" | *.no.no) ;;
	*) fail "$name: the default? physseg.3: $said, README.md: $row" ;;
	esac
done <"$work/backends"

exit $failed
