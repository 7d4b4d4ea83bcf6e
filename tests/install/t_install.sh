#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_install.sh -- the library as others get it.  The first argument says what:
#
#	prefix		install, and move what was installed; the rest uses that
#	cmake KIND	another CMake project
#	make KIND	another Makefile, with pkg-config
#	conflict HOW [CMAKE-ARGUMENT...]
#			two backends in one program, with CMake
#	conflict-make KIND
#			the same with pkg-config
#	man		a manual page for every name at the top of one
#	files		documents, examples and what gdb reads
#	examples	the installed examples, built with what is installed
#
# KIND is shared; archive: our static libraries, in an otherwise dynamic
# program; or static, where everything is (-static).
#
# The environment: SOURCE, BUILD (directories), CC, CFLAGS, CMAKE, GENERATOR,
# BACKENDS, URCU (urcu, if that was built), PC (pkg-config), LIBDIR, MANDIR,
# DOCDIR, DATADIR (below a prefix).

set -eu

work=$BUILD/tests/install/$(echo "$*" | tr -cs '[:alnum:]' _)
prefix=$BUILD/tests/install/moved
kind=${2:-}
twice="multiple definition of .link_one_uvm_physseg_backend_only"

fail()
{
	echo "t_install: $*" >&2
	exit 1
}

# Configure the project $1 in a fresh directory.
configure()
{
	project=$1
	shift
	rm -rf "$work"
	"$CMAKE" -S "$SOURCE/tests/install/$project" -B "$work" \
	    -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" \
	    -DCMAKE_C_FLAGS="$CFLAGS" -DCMAKE_PREFIX_PATH="$prefix" "$@"
}

# Run what the consumer project made in directory $1; $2 is shared where the
# programs must need libphysseg's shared library and must not elsewhere.
run()
{
	for backend in $BACKENDS; do
		"$1/netbsd.$backend" || fail "netbsd.$backend: $?"
		name=$("$1/which.$backend")
		[ "$name" = "$backend" ] || fail "$backend: linked with $name"
		needs=no
		readelf -d "$1/which.$backend" |
		    grep -q "NEEDED.*libphysseg-$backend" && needs=shared
		[ "$needs" = shared ] || [ "$2" != shared ] ||
		    fail "$backend: not the shared library"
		[ "$needs" = no ] || [ "$2" = shared ] ||
		    fail "$backend: not the static library"
	done
	for program in native ${URCU:+readers}; do
		"$1/$program" >/dev/null || fail "$program: $?"
	done
}

install_prefix()
{
	first=$BUILD/tests/install/first
	rm -rf "$first" "$prefix"
	"$CMAKE" --install "$BUILD" --prefix "$first"
	! grep -rlF "$first" "$first" || fail "it knows its prefix"
	mv "$first" "$prefix"
}

with_cmake()
{
	case $kind in
	shared) set -- shared "" ;;
	archive) set -- static "" ;;
	static) set -- static -static ;;
	esac
	configure consumer -DPROGRAMS="$SOURCE" -DKIND="$1" \
	    -DCMAKE_EXE_LINKER_FLAGS="$2" \
	    -DBACKENDS="$(echo "$BACKENDS" | tr ' ' ';')" -DURCU="$URCU"
	"$CMAKE" --build "$work"
	run "$work" "$kind"
}

# shellcheck disable=SC2086 # several words
# What KIND means to who calls the compiler: flags before the libraries and
# after them.  pkg-config is not told: that must be as good as --static.
by_hand()
{
	[ -x "$PC" ] || {
		echo "t_install: skipped: there is no pkg-config"
		exit 77
	}
	before="" after=""
	case $kind in
	shared) after=-Wl,-rpath,$prefix/$LIBDIR ;;
	archive) before=-Wl,-Bstatic after=-Wl,-Bdynamic ;;
	static) before=-static ;;
	esac
	PKG_CONFIG_PATH=$prefix/$LIBDIR/pkgconfig
	export PKG_CONFIG_PATH
	for module in physseg $(printf 'physseg-%s ' $BACKENDS $URCU); do
		[ "$($PC --libs "$module")" = \
		    "$($PC --static --libs "$module")" ] ||
		    fail "$module: not the same with --static"
	done
	rm -rf "$work"
	mkdir -p "$work"
}

with_make()
{
	by_hand
	make -C "$work" -f "$SOURCE/tests/install/consumer/Makefile" \
	    PROGRAMS="$SOURCE" BACKENDS="$BACKENDS" URCU="$URCU" CC="$CC" \
	    CFLAGS="$CFLAGS" PC="$PC" LINK="$before" LINKED="$after"
	run "$work" "$kind"
}

# Whose name is not its file's is a file that leads to that.
manuals()
{
	cd "$prefix/$MANDIR"
	for page in "$SOURCE"/man/man[359]/*; do
		case $page in
		*urcu*) [ -n "$URCU" ] || continue ;;
		*.5) [ -e "$prefix/bin/physseg-replay" ] || continue ;;
		esac
		section=${page##*.}
		sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([^ ]*\).*/\1/p' "$page" |
		while read -r name; do
			leads=$(sed -n 's/^\.so //p' \
			    "man$section/$name.$section") ||
			    fail "$name: no page"
			cmp -s "$page" "${leads:-man$section/$name.$section}" ||
			    fail "$name: another page"
		done
	done
}

# What is not compiled is the source's, all of it.
files()
{
	doc=$prefix/$DOCDIR
	for text in README.md DESIGN.md CHANGES.md CONTRIBUTING.md SECURITY.md; do
		cmp "$SOURCE/$text" "$doc/$text" || fail "$text"
	done
	for folder in docs examples; do
		diff -r "$SOURCE/$folder" "$doc/$folder" || fail "$folder"
	done
	cmp "$SOURCE/gdb/physseg-gdb.py" \
	    "$prefix/$DATADIR/libphysseg/physseg-gdb.py" || fail "gdb"
}

# The folder of examples stands alone.
examples()
{
	rm -rf "$work"
	"$CMAKE" -S "$prefix/$DOCDIR/examples" -B "$work" -G "$GENERATOR" \
	    -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS" \
	    -DCMAKE_PREFIX_PATH="$prefix"
	"$CMAKE" --build "$work"
	for program in quickstart pages balloon ${URCU:+readers} "vmm/vmm mock"; do
		# shellcheck disable=SC2086 # with an argument
		"$work"/$program >/dev/null || fail "$program: $?"
	done
	"$work/iomem" "$prefix/$DOCDIR/examples/maps/pc.iomem" >/dev/null ||
	    fail "iomem: $?"
}

# The same backend twice is one; two are refused.
conflict()
{
	how=$kind
	shift 2
	set -- conflict -DHOW="$how" -DFIRST=rbtree "$@"
	configure "$@" -DSECOND=rbtree
	"$CMAKE" --build "$work" || fail "one backend was refused"

	said=$twice
	if configure "$@" -DSECOND=array-bsearch >"$work.log" 2>&1; then
		[ "$how" != direct ] || fail "CMake said nothing"
		! "$CMAKE" --build "$work" >"$work.log" 2>&1 ||
		    fail "two backends were linked"
	else
		[ "$how" = direct ] || fail "CMake already failed"
		said=PHYSSEG_ONE_BACKEND
	fi
	cat "$work.log"
	grep -q "$said" "$work.log" || fail "it failed for another reason"
}

# shellcheck disable=SC2046,SC2086 # several words each
conflict_make()
{
	by_hand
	for second in rbtree array-bsearch; do
		modules="physseg-rbtree physseg-$second"
		built=yes
		"$CC" $CFLAGS $($PC --cflags $modules) -o "$work/program" \
		    "$SOURCE/tests/install/conflict/main.c" \
		    $before $($PC --libs $modules) $after \
		    >"$work/$second.log" 2>&1 || built=no
		cat "$work/$second.log"
		case $second.$built in
		rbtree.yes | array-bsearch.no) ;;
		*) fail "$modules: linked: $built" ;;
		esac
	done
	grep -q "$twice" "$work/array-bsearch.log" ||
	    fail "it failed for another reason"
}

case $1 in
prefix) install_prefix ;;
cmake) with_cmake ;;
make) with_make ;;
conflict) conflict "$@" ;;
conflict-make) conflict_make ;;
man) manuals ;;
files) files ;;
examples) examples ;;
*) fail "$1?" ;;
esac
