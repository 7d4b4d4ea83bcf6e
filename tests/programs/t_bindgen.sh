#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_bindgen.sh -- another language can have all of the interface: what rust's
# bindgen makes of the headers has every function, variable and structure they
# declare, and each error with its number.
#
# The environment: SOURCE, BUILD, CC, CFLAGS.

set -eu

# shellcheck source=tests/support/declared.sh
. "$SOURCE/tests/support/declared.sh"
work=$BUILD/tests/bindgen
failed=0

command -v bindgen >/dev/null || {
	echo "t_bindgen: skipped: there is no bindgen"
	exit 77
}

# bound FACE KIND: $work/wanted, some, are all among $work/found.
bound()
{
	[ -s "$work/wanted" ] || {
		echo "t_bindgen: no $2 was found in the headers"
		failed=1
	}
	sort -o "$work/wanted" "$work/wanted"
	if sort -u "$work/found" | comm -23 "$work/wanted" - | grep .; then
		echo "t_bindgen: these $2 of <$1/*.h> are not bound"
		failed=1
	fi
}

mkdir -p "$work"
cd "$SOURCE/include"
for face in physseg uvm; do
	rust=$work/$face.rs
	printf '#include <%s>\n' $face/*.h >"$work/$face.h"
	bindgen --no-layout-tests --allowlist-file "$SOURCE/include/.*" \
	    --no-rustfmt-bindings "$work/$face.h" -- -I"$SOURCE/include" |
	    tr '\n' ' ' | sed -E 's/ *([]:;{}()=,[]) */\1/g
		s/pub (const|fn|static|struct|type|union) /\
&/g' >"$rust" # a line each, also where there is no rustfmt

	declared $face/*.h >"$work/wanted"
	sed -n -E 's/^pub fn ([a-z_0-9]+)\(.*/\1/p
	    s/^pub static (mut )?([a-z_0-9]+):.*/\2/p' "$rust" >"$work/found"
	bound $face "functions and variables"

	sed -n -E 's/^(typedef )?struct ([a-z_]+) \{$/\2/p' \
	    $face/*.h >"$work/wanted"
	# One that it could not read has a member _unused or _address.
	sed -n -E '/_unused|_address/!s/^pub struct ([a-z_]+)\{.*/\1/p' \
	    "$rust" >"$work/found"
	bound $face structures
done

sed -n 's/^	X(\(PHYSSEG_[A-Z]*\), .*/\1/p' physseg/physseg.h |
    awk '{ print $0, NR - 1 }' >"$work/wanted"
sed -n 's/^pub const physseg_error_\(.*\):physseg_error=\(.*\);.*/\1 \2/p' \
    "$work/physseg.rs" >"$work/found"
bound physseg errors
exit $failed
