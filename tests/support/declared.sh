# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
#
# declared.sh -- for scripts to read with `.': declared HEADER... are the names
# that these headers in include declare, one a line, sorted.
#
# The environment: SOURCE, CC, CFLAGS.

# shellcheck disable=SC2086 # several words
declared()
{
	printf '#include <%s>\n' "$@" |
	    "$CC" $CFLAGS -E -P -x c -I"$SOURCE/include" - | tr '\n' ' ' | tr ';{}' '\n' |
	    sed -n '/__visibility__/{
		s/__attribute__ *((__visibility__("default")))//
		s/[([].*//
		s/.*[ *]\([a-z_0-9]\{1,\}\) *$/\1/p
	    }' | sort -u
}
