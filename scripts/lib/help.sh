# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
#
# help.sh -- a script reads this with `.' before it does anything.  If the
# script's first argument is --help, it prints the comment at the script's top
# and ends with status 0.

case ${1-} in
--help | -h)
	sed -n '1,2d; /^#/!q; s/^# \{0,1\}//; /./,$p' "$0"
	exit 0
	;;
esac
