#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_headers.sh STANDARD -- every public header compiles alone, before any
# other and twice; and each of NetBSD's gives all of the interface
# (t_headers.c).  STANDARD is c11, c++17, ...
#
# The environment: SOURCE, CC, CXX, WARNINGS.

set -eu

case $1 in
*++*) compiler=$CXX language=c++ ;;
*) compiler=$CC language=c ;;
esac
case $compiler in
'' | *NOTFOUND)
	echo "t_headers.$1: skipped: there is no C++ compiler"
	exit 77
	;;
esac

# shellcheck disable=SC2086 # several words
compile()
{
	"$compiler" -x $language -std="$standard" $WARNINGS -Werror \
	    -fsyntax-only -I"$SOURCE/include" "$@"
}

standard=$1
failed=0
cd "$SOURCE/include"
for header in physseg/*.h uvm/*.h; do
	printf '#include <%s>\n#include <%s>\nint main(void);\n' \
	    "$header" "$header" | compile - || {
		echo "t_headers: <$header> alone, in $standard"
		failed=1
	}
done
for header in uvm/*.h; do
	[ "$header" != uvm/uvm_param.h ] || continue # types and constants only
	compile -DT_HEADER="<$header>" "$SOURCE/tests/t_headers.c" || {
		echo "t_headers: <$header> does not give all, in $standard"
		failed=1
	}
done
exit $failed
