#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# readme_steps.sh print -- the README's steps under "Installing and linking".
#
# readme_steps.sh try -- they end in a program that starts.  They are done as
# they stand there, but for the installation of packages, in a namespace of
# mounts where /usr/local is empty and /etc is a copy.
#
# The environment: SOURCE, BUILD.

set -eu

: "${SOURCE:=$(dirname "$0")/../..}"

print()
{
	awk '
	/^## / { section = $0 == "## Installing and linking" }
	/^```$/ && inside { exit }
	inside { print }
	section && $0 == "```sh" { inside = 1 }' "$SOURCE/README.md"
}

skip()
{
	echo "t_install: skipped: $*"
	exit 77
}

# In the namespace, as root there.
inside()
{
	mkdir "$work/etc"
	cp -a /etc/. "$work/etc" 2>/dev/null || : # but for what is root's alone
	mount --bind "$work/etc" /etc
	mount -t tmpfs none /usr/local
	cd "$work/tree"
	# For this shell: root there needs no sudo.
	sudo() { "$@"; }
	# shellcheck source=/dev/null
	. "$work/steps"
}

try()
{
	work=$BUILD/tests/install/readme
	rm -rf "$work"
	mkdir -p "$work/tree"
	print >"$work/all"
	grep -v '^sudo apt-get ' "$work/all" >"$work/steps"
	[ "$(wc -l <"$work/steps")" -ge 5 ] || {
		echo "t_install: few steps were found in the README"
		exit 1
	}
	# The last step runs a program.
	tail -n 1 "$work/steps" | grep -qx '\./[a-z]*' || {
		echo "t_install: the last step runs no program"
		exit 1
	}
	for tool in cmake make gcc cc pkg-config ldconfig unshare; do
		case $(PATH=$PATH:/usr/sbin:/sbin command -v $tool) in
		'') skip "there is no $tool" ;;
		/usr/local/*) skip "$tool is in /usr/local, which is hidden" ;;
		esac
	done
	root=--map-root-user
	[ "$(id -u)" -ne 0 ] || root=
	# shellcheck disable=SC2086 # or none
	unshare $root --mount mount -t tmpfs none /usr/local 2>"$work/why" ||
	    skip "no namespace of mounts: $(cat "$work/why")"
	(cd "$SOURCE" && cp -R CMakeLists.txt CMakePresets.json ./*.md cmake docs \
	    examples gdb include man packaging sources.mk src tools \
	    "$work/tree")
	export work SOURCE
	# shellcheck disable=SC2086 # or none
	PATH=$PATH:/usr/sbin:/sbin unshare $root --mount \
	    sh "$0" inside >"$work/said" 2>&1 || {
		tail -n 40 "$work/said"
		exit 1
	}
	tail -n 1 "$work/said" | grep -x '900 is no memory'
}

case ${1-} in
print) print ;;
try) try ;;
inside) inside ;;
*)
	echo "usage: readme_steps.sh print | try" >&2
	exit 2
	;;
esac
