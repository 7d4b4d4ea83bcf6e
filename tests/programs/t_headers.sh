#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_headers.sh STANDARD -- every public header compiles alone, before any
# other and twice; each of NetBSD's gives all of the interface (t_headers.c);
# and a frame does not pass for a handle.  STANDARD is c11, c++17, ...
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
	compile -DT_HEADER="<$header>" "$SOURCE/tests/programs/t_headers.c" || {
		echo "t_headers: <$header> does not give all, in $standard"
		failed=1
	}
done

# handle FACE ARGUMENT: a call with that in a handle's place.
handle()
{
	case $1 in
	physseg) call="physseg_valid(map, $2)" ;;
	uvm) call="uvm_physseg_valid_p($2)" ;;
	esac
	printf '#include <physseg/boot.h>\n#include <uvm/uvm.h>\n%s %s\n' \
	    'bool f(const struct physseg_map *map, physseg_pfn_t pfn, physseg_t h, uvm_physseg_t u);' \
	    "bool f(const struct physseg_map *map, physseg_pfn_t pfn, physseg_t h, uvm_physseg_t u)
	    { (void)map; (void)pfn; (void)h; (void)u; return $call; }" |
	    compile -
}
for call in physseg:h physseg:PHYSSEG_NONE uvm:u; do
	handle "${call%:*}" "${call#*:}" || {
		echo "t_headers: $call is no handle, in $standard"
		failed=1
	}
done
for call in physseg:pfn physseg:5 physseg:u uvm:pfn uvm:h; do
	! handle "${call%:*}" "${call#*:}" 2>/dev/null || {
		echo "t_headers: $call passes for a handle, in $standard"
		failed=1
	}
done
exit $failed
