#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_help.sh PROGRAM... -- every script of the project and every program named
# here explains itself: --help prints what it is for, by its name, and ends with
# status 0.  Nothing is built or installed for that.
#
# A script is a file whose first line names the shell.  The tests' scripts are
# left out: ctest runs them and knows their arguments.
#
# The environment: SOURCE; EMULATOR, which runs what was built for another
# machine.

set -eu

cd "$SOURCE"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0 failed=0

# What a script that does not know --help would begin with.
mkdir "$work/bin"
for tool in cmake apt-get sudo qemu-system-x86_64 qemu-system-riscv64; do
	printf '#!/bin/sh\necho "t_help: %s was called" >&2\nexit 1\n' \
	    "$tool" >"$work/bin/$tool"
	chmod +x "$work/bin/$tool"
done
PATH=$work/bin:$PATH

fail()
{
	echo "FAILED $*"
	cat "$work/out" "$work/err"
	failed=$((failed + 1))
}

# explains NAME COMMAND...
explains()
{
	name=$1
	shift
	status=0
	"$@" --help >"$work/out" 2>"$work/err" </dev/null || status=$?
	if [ $status -ne 0 ]; then
		fail "$name --help: status $status"
	elif [ -s "$work/err" ]; then
		fail "$name --help writes to stderr"
	elif ! grep -qF "$name" "$work/out"; then
		fail "$name --help does not name it"
	else
		passed=$((passed + 1))
	fi
}

for script in $(find scripts examples -type f | sort); do
	case $(head -n 1 "$script" | tr -d '\0') in
	'#!/bin/sh') explains "$(basename "$script")" sh "$script" ;;
	esac
done
[ $passed -ge 15 ] || fail "few scripts were found"

for program; do
	# shellcheck disable=SC2086 # several words
	explains "$(basename "$program")" ${EMULATOR:-} "$program"
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
