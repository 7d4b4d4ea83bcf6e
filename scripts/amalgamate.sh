#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# amalgamate.sh BACKEND [--uvm] [--output DIRECTORY] -- write the library as one
# physseg.c and one physseg.h, for a project that keeps a copy of it: the native
# face on one backend, with --uvm NetBSD's uvm_* face too.  Into DIRECTORY, else
# build/amalgamation/BACKEND or BACKEND-uvm.
#
# What physseg.c has for itself is static; what it takes of libbsd is in it.
# How to compile it is at its top.
#
# The environment: BSD_TREE_DIR, where bsd/sys/tree.h is, if not in
# /usr/include.

set -eu

# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

usage()
{
	echo "usage: amalgamate.sh BACKEND [--uvm] [--output DIRECTORY]" >&2
	echo "backends: $(echo "$backends" | tr "\n" " ")" >&2
	exit 2
}

# part NAME: the files of sources.mk's PHYSSEG_NAME.
part()
{
	sed -n "s/^PHYSSEG_$1 += //p" "$top/sources.mk"
}

top=$(cd "$(dirname "$0")/.." && pwd)
bsd=${BSD_TREE_DIR:-/usr/include}
backends=$(part BACKENDS)
backend='' uvm='' output=''
while [ $# -gt 0 ]; do
	case $1 in
	--uvm) uvm=-uvm ;;
	--output)
		[ $# -gt 1 ] || usage
		output=$2
		shift
		;;
	-*) usage ;;
	*)
		[ -z "$backend" ] || usage
		backend=$1
		;;
	esac
	shift
done
echo "$backends" | grep -qxF -e "$backend" || usage
[ -f "$bsd/bsd/sys/tree.h" ] || {
	echo "amalgamate.sh: there is no $bsd/bsd/sys/tree.h: install Debian's" \
	    "libbsd-dev, or set BSD_TREE_DIR" >&2
	exit 1
}
output=${output:-$top/build/amalgamation/$backend$uvm}
function=$(echo "$backend" | tr - _)
version=$(sed -n 's/^#define PHYSSEG_VERSION_[MP][A-Z]* //p' \
    "$top/include/physseg/physseg.h" | tr '\n' '.')
version=${version%.}

# Files in the order in which they stand.  Those with a libc come last: its
# headers and the macro `panic' then meet nothing of the others.
free="$(part SHIM) $(part ENGINE) $(part DEFAULT) $(part ALL)
    $(part "BACKEND_$backend")"
face='' own='' libc=$(part LIBC) entry='physseg/boot.h physseg/lifecycle.h physseg/memmap.h physseg/trace.h'
if [ -n "$uvm" ]; then
	face="$(part UVM) $(part SELECT)" own=$(part UVM_PAGE)
	libc="$libc $(part UVM_LIBC)" entry='physseg/boot.h physseg/lifecycle.h physseg/memmap.h physseg/trace.h uvm/uvm.h'
fi

# What a file of PHYSSEG_UVM_PAGE and PHYSSEG_UVM_LIBC defines.
defined()
{
	case $1 in
	*/uvm_host.c) echo uvm_physseg_host ;;
	*) basename "$1" .c ;;
	esac
}

may_have=''
for file in ${uvm:+$(part UVM_PAGE) $(part UVM_LIBC)}; do
	may_have="$may_have $(defined "$file")"
done

# The licence, as lines of a comment.
licence()
{
	sed 's/^/ * /; s/ *$//' "$top/LICENSE"
}

# expand KIND: the files that its input names, one a line, each with what it
# includes in its place, once.  A line that begins with # is printed as it is.
# KIND is `header' or `source'.  In a source the public headers are left out,
# for they are in physseg.h, and what is declared in an internal header is
# private.
expand()
{
	awk -v kind="$1" -v top="$top" -v bsd="$bsd" -v function_="$function" \
	    -v backends="$(echo "$backends" | tr -- '-\n' '_ ')" '
	# Where an include of this file leads; "": to a header of the compiler.
	function found(name, from,   file) {
		if (name ~ /^</) {
			gsub(/[<>]/, "", name)
			if (name ~ /^(physseg|uvm)\//)
				return "include/" name
			return name ~ /^bsd\/sys\// ? name : ""
		}
		gsub(/"/, "", name)
		file = from
		sub(/[^\/]*$/, name, file)
		return exists(top "/" file) ? file : "src/" name
	}
	function exists(path,   line, there) {
		there = (getline line < path) > 0
		close(path)
		return there
	}
	function path_of(file) {
		return (file ~ /^bsd\// ? bsd : top) "/" file
	}
	# What is declared in an internal header; a declaration may take more
	# than one line.
	function declare(file, line, path,   rest, more, name) {
		if (sub(/^(UVM_HIDDEN )?extern /, "", line)) {
			name = line
			sub(/;.*/, "", name)
			sub(/.*[ *]/, "", name)
			private[name] = 1
			print "PHYSSEG_PRIVATE " line
			return
		}
		rest = line
		while (rest !~ /[;{]( *\/\*.*\*\/)?$/ &&
		    (getline more < path) > 0)
			rest = rest "\n" more
		if (rest ~ /\);( *\/\*.*\*\/)?$/ &&
		    rest !~ /^(static|typedef|[A-Z_]+\(|_Static)/)
			rest = "PHYSSEG_PRIVATE " rest
		print rest
	}
	# A variable of that kind is defined.
	function is_private(line,   name) {
		for (name in private)
			if (line ~ "^[a-z][a-z_ ]*[ *]" name "( =|;)")
				return line !~ /^static /
		return 0
	}
	# A backend that is not in it: its declaration is left out.
	function other(line,   name) {
		name = line
		if (!sub(/^const struct physseg_backend \*physseg_backend_/, "",
		    name) || !sub(/\(void\);$/, "", name))
			return 0
		return index(" " backends " ", " " name " ") &&
		    name != function_
	}
	function emit(file,   path, line, name, to, inner, held) {
		if (file in seen)
			return
		seen[file] = 1
		path = path_of(file)
		if (!exists(path)) {
			print "amalgamate.sh: there is no " path >"/dev/stderr"
			exit 1
		}
		inner = file ~ /^src\/.*\.h$/ && file != "src/base/mem.h"
		if (file !~ /^bsd\//)
			print "\n/* ---- " file " ---- */\n"
		held = ""
		while ((getline line < path) > 0) {
			if (line == "PHYSSEG_API") {
				held = line "\n"
				continue
			}
			if (held != "" && other(line)) {
				held = ""
				continue
			}
			printf "%s", held
			held = ""
			if (line ~ /SPDX-License-Identifier/) {
				getline line < path # the empty one after it
				continue
			}
			# Why they are files of their own.
			if (file ~ /^src\/backend_(default|at)\.c$/ &&
			    line ~ /^ \*( |$)/ && line !~ / -- /)
				continue
			if (line ~ /^[ \t]*# *include *[<"]/) {
				name = line
				sub(/^[ \t]*# *include */, "", name)
				sub(/[>"][^>"]*$/, substr(name, 1, 1) == "<" ? \
				    ">" : "\"", name)
				if (name == "\"backends.h\"") {
					print "PHYSSEG_BACKEND(" function_ ")"
					continue
				}
				if (name ~ /cdefs\.h/)
					continue
				to = found(name, file)
				if (to == "")
					print line
				else if (kind == "header" || to !~ /^include\//)
					emit(to)
			} else if (inner && sub(/^static inline/,
			    "PHYSSEG_UNUSED static inline", line))
				print line
			else if (inner && line ~ /^[A-Za-z_]/)
				declare(file, line, path)
			else if (is_private(line))
				print "PHYSSEG_PRIVATE " line
			else if (file == "src/backend/backend_default.c") {
				sub(/physseg_backend_radix/,
				    "physseg_backend_" function_, line)
				print line
			} else
				print line
		}
		close(path)
	}
	/^#/ {
		print
		next
	}
	{ emit($0) }'
}

made_from()
{
	echo " * Made by scripts/amalgamate.sh from libphysseg $version:"
	# shellcheck disable=SC2086 # several words
	printf '%s\n' "$@" | sed 's/^/ *	/'
}

write_header()
{
	echo '/*'
	echo ' * SPDX-License-Identifier: BSD-2-Clause'
	echo ' *'
	echo " * physseg.h -- libphysseg $version in one file${uvm:+, with the uvm_* face}."
	echo ' * Do not edit.  How to compile it is told in physseg.c.'
	echo ' *'
	licence
	echo ' */'
	echo '#ifndef PHYSSEG_AMALGAMATION_H'
	echo '#define PHYSSEG_AMALGAMATION_H'
	# shellcheck disable=SC2086 # several words
	printf 'include/%s\n' $entry | expand header
	echo '#endif /* PHYSSEG_AMALGAMATION_H */'
}

how()
{
	cat <<-END
	 * Compile it with a C11 compiler:
	 *
	 *	cc -std=c11 -O2 -c physseg.c
	 *	cc -std=c11 -O2 -ffreestanding -c physseg.c	a kernel
	 *
	 * gcc also needs -fno-tree-loop-distribute-patterns, or it makes a call of
	 * strlen out of a loop.  A kernel needs memcpy, memmove, memset and memcmp.
	 * With a libc there is also physseg_host_user, a host on malloc and stderr;
	 * -DPHYSSEG_NO_LIBC leaves it out.  Frames are 32 bits wide with
	 * -DPHYSSEG_PFN_TYPE=uint32_t, for this file and for what includes
	 * physseg.h.
	END
	[ -n "$uvm" ] || return 0
	cat <<-END
	 *
	 * A program that has some of these itself compiles this file with
	 * -DUVM_OWN_NAME for each, as -DUVM_OWN_uvm_page_init.  Its structures are
	 * told as the headers say: -DUVM_PHYSSEG_PARAM_H='"param.h"'.
	 *
	END
	# shellcheck disable=SC2086 # several words
	printf ' *	%s\n' $may_have
}

# list FILE...: for `expand'; what a program may have itself is left out then.
list()
{
	for file; do
		name=$(defined "$file")
		case " $may_have " in
		*" $name "*) printf '#ifndef UVM_OWN_%s\n%s\n#endif\n' "$name" "$file" ;;
		*) echo "$file" ;;
		esac
	done
}

write_source()
{
	echo '/*'
	echo ' * SPDX-License-Identifier: BSD-2-Clause'
	echo ' *'
	echo " * physseg.c -- libphysseg $version in one file: the native face on the backend"
	echo " * $backend${uvm:+, and the uvm_* face}.  Do not edit."
	echo ' *'
	how
	echo ' *'
	# shellcheck disable=SC2086 # several words
	made_from $free $face $own $libc
	echo ' * and the headers that these include, with libbsd'"'"'s <bsd/sys/queue.h> and'
	echo ' * <bsd/sys/tree.h>, whose licences stand before them.'
	echo ' *'
	licence
	echo ' */'
	[ -z "$uvm" ] || cat <<-END
	#define UVM_VM_PAGE_OURS_
	#define UVM_BACKEND $function
	#define UVM_BACKEND_NAME $backend
	END
	cat <<-END
	#ifndef _DEFAULT_SOURCE
	#define _DEFAULT_SOURCE /* MAP_ANONYMOUS and madvise */
	#endif
	#include "physseg.h"

	/* What only this file uses; not all of it is used on every backend. */
	#if defined(__GNUC__)
	#define PHYSSEG_UNUSED __attribute__((__unused__))
	#else
	#define PHYSSEG_UNUSED
	#endif
	#ifndef PHYSSEG_PRIVATE /* a test that looks inside defines it as nothing */
	#define PHYSSEG_PRIVATE PHYSSEG_UNUSED static
	#endif
	END
	# shellcheck disable=SC2086 # several words
	{
		list $free $face $own
		echo '#if __STDC_HOSTED__ && !defined(PHYSSEG_NO_LIBC)'
		list $libc
		echo '#endif /* a libc */'
	} | expand source
}

mkdir -p "$output"
for file in header source; do
	case $file in
	header) name=physseg.h ;;
	source) name=physseg.c ;;
	esac
	write_$file >"$output/$name.new"
	cat -s "$output/$name.new" >"$output/$name"
	rm "$output/$name.new"
done
echo "$output/physseg.c, $output/physseg.h"
