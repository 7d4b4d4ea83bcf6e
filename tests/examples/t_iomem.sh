#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_iomem.sh PROGRAM [update] -- the example iomem, on every backend.
#
# What it must print for the maps of examples/maps and iomem/maps stands in
# iomem/expected, as the default backend prints it; `update' writes those anew
# (read the difference before you believe it).  So that they cannot
# be wrong together with the program, awk reads every map too and has its own
# opinion on ranges, totals and order.

# shellcheck disable=SC2086 # lists of words, on purpose

set -u
LC_ALL=C
export LC_ALL
# The largest map asks malloc for more than there can be: NULL, not a report.
ASAN_OPTIONS=${ASAN_OPTIONS:-}:allocator_may_return_null=1
TSAN_OPTIONS=${TSAN_OPTIONS:-}:allocator_may_return_null=1
export ASAN_OPTIONS TSAN_OPTIONS

[ $# -ge 1 ] || { echo "usage: t_iomem.sh PROGRAM [update]" >&2; exit 2; }
case $1 in
/*)	program=$1 ;;
*)	program=$(pwd)/$1 ;;
esac
cd "$(dirname "$0")" || exit 2
here=$(pwd)
maps=$here/../../examples/maps
expected=$here/iomem/expected
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# Ours, in one folder.
own=$work/own
mkdir "$own" && cp "$here"/iomem/maps/*/* "$own" || exit 2

passed=0
failed=0
addresses="0x0 0x1234 0x9fc00 0xA0000 0x100000 0x7dca4018 0xffffffff
    0x100000000 0x567890000 0x2000000000 0x3100000000 0xffffffffffffffff"

# same WHAT EXPECTED ACTUAL
same()
{
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	printf 'FAILED %s\n--- expected\n%s\n--- actual\n%s\n' "$1" "$2" "$3" |
	    awk 'NR <= 100'
}

# has WHAT PART WHOLE
has()
{
	case $3 in
	*"$2"*)	passed=$((passed + 1)) ;;
	*)	same "$1: this must be part of it" "$2" "$3" ;;
	esac
}

# lacks WHAT PART ACTUAL
lacks()
{
	case $3 in
	*"$2"*)	same "$1: this must not be part of it" "$2" "$3" ;;
	*)	passed=$((passed + 1)) ;;
	esac
}

# EMULATOR, of the environment, runs what was built for another machine.
iomem()
{
	${EMULATOR:-} "$program" "$@"
}

# The reports are of frames of 64 bits.
case $(iomem --help) in
*'a multiple of 8 '*) ;;
*)
	echo "t_iomem: skipped: the library was built with narrower frames"
	exit 77
	;;
esac

# run ARGUMENTS...: the program's $status, $out and $err.
run()
{
	iomem "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	out= err=
	[ ! -s "$work/out" ] || out=$(cat "$work/out")
	[ ! -s "$work/err" ] || err=$(cat "$work/err")
}

# fails WHAT STATUS PART ARGUMENTS...: no report, and a message with PART.
fails()
{
	what=$1 want=$2 part=$3
	shift 3
	run "$@"
	same "$what: status" "$want" "$status"
	same "$what: standard output" "" "$out"
	has "$what: message" "$part" "$err"
}

skipped()
{
	echo "skipped: $1: $2"
}

# opinion FILE: what must come of a file, by awk alone: the ranges of pages of
# RAM, "start end" in decimal and joined where they touch, then "total pages
# lost".  Only for numbers below 2^53.
opinion()
{
	awk '
	function hex(s,  i, n) {
		s = tolower(s)
		sub(/^0x/, "", s)
		for (i = 1; i <= length(s); i++)
			n = 16 * n + index("0123456789abcdef", substr(s, i, 1)) - 1
		return n
	}
	# The list that a line is of: the greatest counts.
	function list(s) {
		if (s ~ /(^|[^a-z])user: *\[mem /) return 6
		if (s ~ /reserve setup_data: *\[mem /) return 5
		if (s ~ /(^|[^a-z])Xen: *\[mem /) return 4
		if (s ~ /BIOS-e820: /) return 3
		if (s ~ /EFI runtime memory map/) runtime = 1
		if (s ~ /(efi|EFI): +(mem[0-9]|0x)/ && !runtime) return 2
		if (s ~ / node +[0-9]+: \[mem /) return 1
		return 0
	}
	{ sub(/\r$/, ""); is[FNR] = list($0); text[FNR] = $0
	  if (is[FNR] > force) force = is[FNR] }
	function add(lo, hi) { n++; low[n] = lo; high[n] = hi }
	END {
		for (i = 1; i <= FNR; i++) {
			$0 = text[i]
			if (is[i] != force)
				continue
			if (force == 0) {
				if (/ : System RAM/ && !/boot alias/) {
					split($1, b, "-")
					add(hex(b[1]), hex(b[2]) + 1)
				}
				continue
			}
			if (force == 2) {
				if (!/(Conventional|Boot|Loader|type=[12347],)/ ||
				    !/WB|attr=0x[0-9a-f]*[89a-f],/ ||
				    /\|(SP|NV|RUN)\|/)
					continue
			} else if (force > 1 && !/[] (]usable\)?$|System RAM$/)
				continue
			beyond = 1 # the end is part of the range
			if (/ - / || /0x[0-9a-f]*\)/) beyond = 0
			sub(/ - /, "-")
			match($0, /(0x)?[0-9a-f]+-(0x)?[0-9a-f][0-9a-f][0-9a-f][0-9a-f]+/)
			split(substr($0, RSTART, RLENGTH), b, "-")
			add(hex(b[1]), hex(b[2]) + beyond)
		}
		for (i = 2; i <= n; i++) # sorted by insertion
			for (k = i; k > 1 && low[k] < low[k - 1]; k--) {
				t = low[k]; low[k] = low[k - 1]; low[k - 1] = t
				t = high[k]; high[k] = high[k - 1]; high[k - 1] = t
			}
		for (i = 1; i <= n; i = k) {
			hi = high[i]
			for (k = i + 1; k <= n && low[k] <= hi; k++)
				if (high[k] > hi)
					hi = high[k]
			start = int((low[i] + 4095) / 4096)
			end = int(hi / 4096)
			if (end < start)
				end = start
			lost += hi - low[i] - 4096 * (end - start)
			pages += end - start
			if (start < end)
				printf "%.0f %.0f\n", start, end
		}
		printf "total %.0f %.0f\n", pages, lost
	}' "$1"
}

# The same of a report.
report()
{
	awk '
	function hex(s,  i, n) {
		for (i = 3; i <= length(s); i++)
			n = 16 * n + index("0123456789abcdef", substr(s, i, 1)) - 1
		return n
	}
	function out() { if (hi > 0) printf "%.0f %.0f\n", lo, hi }
	/^ *0x/ && / RAM/ && !/no whole page/ {
		a = hex($1) / 4096; b = (hex($2) + 1) / 4096
		if (a != hi || hi == 0) { out(); lo = a }
		hi = b
	}
	/^pages / { pages = $2 }
	/^lost / { lost = $2 }
	END { out(); printf "total %d %d\n", pages, lost }' "$work/out"
}

# The file of what is expected of a map, or of options under a name.
expected_of()
{
	case $1 in
	*.dmesg) echo "$expected/dmesg/${1%.*}.expected" ;;
	*.iomem) echo "$expected/iomem/${1%.*}.expected" ;;
	*)	echo "$expected/options/$1.expected" ;;
	esac
}

# A report without what differs by backend: its name, the first line's last
# word.
plain()
{
	sed '1s/, on [a-z-]*$//'
}

# One map on every backend, in the directory it lies in.
check_map()
{
	name=$1
	want=$(opinion "$name")
	letters=$(plain <"$(expected_of "$name")")
	segments=$(grep -c '^ *0x[^:]*  [0-9][0-9]*  ' "$(expected_of "$name")")
	for backend in $backends; do
		run -b "$backend" "$name" $addresses
		case $backend:$segments in
		*-contig:1) ;;
		*-contig:*)
			same "$name on $backend: status" 1 "$status"
			same "$name on $backend: report" "" "$out"
			has "$name on $backend: the second segment does not fit" \
			    "iomem: $name: $backend: " "$err"
			continue ;;
		esac
		same "$name on $backend: status" 0 "$status"
		same "$name on $backend: messages" "" "$err"
		same "$name on $backend: ranges and totals, by awk" "$want" \
		    "$(report)"
		same "$name on $backend: to the letter" "$letters" \
		    "$(plain <"$work/out")"
	done
}

# Files in which every line is good, with numbers awk can hold.
good="one.iomem nested.iomem touching.iomem cxl.iomem virtio.iomem
    windows.iomem xen.dmesg user.dmesg efi.dmesg efi-old.dmesg efi-arm.dmesg"
check_maps()
{
	cd "$maps" || exit 2
	for name in *.dmesg *.iomem; do
		check_map "$name"
	done
	cd "$own" || exit 2
	for name in $good; do
		check_map "$name"
	done
}

# expect NAME ARGUMENTS...: the report on the default backend to the letter,
# with the messages after it, in 80 columns if the names of files allow it.
expect()
{
	name=$1
	shift
	run "$@"
	cat "$work/out" "$work/err" >"$work/both"
	if [ "$update" = update ]; then
		cp "$work/both" "$(expected_of "$name")"
	fi
	same "$name: to the letter" "$(cat "$(expected_of "$name")")" \
	    "$(cat "$work/both")"
	case $name in
	*json*)	;;
	*)	same "$name: 80 columns" "" \
		    "$(awk 'length > 80' "$work/out")" ;;
	esac
}

check_expected()
{
	cd "$maps" || exit 2
	for name in *.dmesg *.iomem; do
		expect "$name" "$name" $addresses
		same "$name: status" 0 "$status"
	done
	expect pages-of-64k -p 65536 pc.iomem $addresses
	expect page-structures -s 16 pc.iomem $addresses
	expect json --json server.dmesg $addresses
	expect diff-nodes --diff server.iomem server.dmesg
	same "diff-nodes: status" 0 "$status"
	cd "$own" || exit 2
	for name in $good old.dmesg unaligned.iomem overlap.iomem \
	    overlap.dmesg efi-types.dmesg nodes.dmesg; do
		expect "$name" "$name" $addresses
		same "$name: status" 0 "$status"
	done
	for name in malformed.iomem malformed.dmesg; do
		expect "$name" -k "$name" $addresses
		same "$name: status with -k" 0 "$status"
	done
	expect whole whole.iomem $addresses
	expect diff --diff before.iomem after.iomem
	same "diff: status" 0 "$status"
	expect diff-json --diff --json before.iomem after.iomem
}

# alike WHAT COMMAND...: what the command prints is a map with the same report.
alike()
{
	what=$1
	shift
	same "$what" "$want" "$("$@" | iomem - $addresses 2>&1 | sed 1d)"
}

# The same map, however its lines end and from wherever it comes.
check_ways_in()
{
	cd "$maps" || exit 2
	run pc.iomem $addresses
	want=$(sed 1d "$work/out")
	alike "standard input" cat pc.iomem
	alike "lines ended by CR and LF" awk '{ printf "%s\r\n", $0 }' pc.iomem
	alike "a last line without an end" printf '%s' "$(cat pc.iomem)"
	alike "upper case" \
	    awk '{ a = toupper($1); sub(/[^ ]+/, a); print }' pc.iomem
	alike "squeezed blanks" sed 's/^  *//' pc.iomem
	alike "tabs" sed 's/ : /	:	/' pc.iomem

	for name in pc server; do
		run $name.dmesg $addresses
		want=$(sed 1d "$work/out")
		alike "$name: no time stamps" sed 's/^\[[^]]*\] //' $name.dmesg
		alike "$name: syslog" \
		    sed 's/^/Jan  1 00:00:00 host kernel: /' $name.dmesg
		alike "$name: levels" sed 's/^/<6>/' $name.dmesg
		alike "$name: squeezed blanks" sed 's/  */ /g' $name.dmesg
		alike "$name: blanks squeezed and cut" \
		    sed -e 's/^\[[^]]*\]//' -e 's/  */ /g' -e 's/^ //' \
		    $name.dmesg
	done
	# Lines that are somebody else's, among those of the list.
	run pc.dmesg
	want=$(sed 1d "$work/out")
	same "other lines around" "$want" "$(awk '{ print "user: logged in"
		print "xBIOS-e820: [mem 0x0-0xffffffffff] usable"
		print "-Xen: [mem 0x0-0xffffffffff] usable"
		print "oldLinux version 5.0"; print
		print "node 7 is up"; print "mem01: no"; print "efi: none" }' \
	    pc.dmesg | iomem - 2>&1 | sed 1d)"
	cd "$own" || exit 2
	run old.dmesg $addresses
	want=$(sed 1d "$work/out")
	alike "2.6 with time stamps" sed 's/^/[    0.000000] /' old.dmesg
	alike "2.6, squeezed" sed -e 's/^  *//' -e 's/ - /-/' old.dmesg

	# NULs in a log after a crash are no more than other odd bytes.
	run xen.dmesg $addresses
	want=$(sed 1d "$work/out")
	alike "NULs" sh -c "sed 's/^/@@@/;s/\$/@/' xen.dmesg | tr @ '\\000'"
	alike "bytes above 127" sh -c "sed 's/^/@@@/' xen.dmesg | tr @ '\\377'"

	# What is in force.  The lines' order is no matter.
	grep -v 'user:' user.dmesg >"$work/setup"
	run "$work/setup"
	has "without user: setup_data" '"reserve setup_data" (lines' "$out"
	has "without user: pages" "$(printf '%-16s%s' pages 2097055) of" "$out"
	sed 's/user:/modified:/' user.dmesg | grep -v setup_data \
	    >"$work/modified"
	run "$work/modified"
	has "modified" '"modified:" (lines 11 to 17) is in force' "$out"
	sed 's/BIOS-e820/BIOS-e801/' "$maps/pc.dmesg" | iomem - >"$work/out"
	has "e801" "BIOS-e801, on" "$(cat "$work/out")"
	same "e801" "$(opinion "$maps/pc.dmesg")" "$(report)"
	sed 's/BIOS-e820/BIOS-88/' "$maps/pc.dmesg" | iomem - >"$work/out"
	has "88" "BIOS-88, on" "$(cat "$work/out")"
	same "88" "$(opinion "$maps/pc.dmesg")" "$(report)"
	# A list of firmware's wins over EFI's, of which it is made.
	sed 1d xen.dmesg | cat efi-old.dmesg - >"$work/both"
	run "$work/both"
	has "EFI beside Xen" '"efi: mem" (lines 1 to 7) does not count' "$out"
	has "EFI beside Xen" "Xen:, on" "$out"

	# Every list, the one that wins over all others first; it falls away.
	cat >"$work/names" <<'END'
modified:%modified: [mem 0x1000-0x1fff] usable
user:%user: [mem 0x1000-0x1fff] usable
reserve setup_data%reserve setup_data: [mem 0x1000-0x1fff] usable
extended:%extended: [mem 0x1000-0x1fff] usable
Xen:%Xen: [mem 0x1000-0x1fff] usable
BIOS-e820%BIOS-e820: [mem 0x1000-0x1fff] usable
BIOS-e801%BIOS-e801: [mem 0x1000-0x1fff] usable
BIOS-88%BIOS-88: [mem 0x1000-0x1fff] usable
efi:%efi: 0x1000-0x1fff [Conventional|WB]
efi: mem%efi: mem00: [Conventional|WB] range=[0x1000-0x1fff]
node ranges%node 0: [mem 0x1000-0x1fff]
END
	while [ -s "$work/names" ]; do
		name=$(sed '1!d; s/%.*//' "$work/names")
		sed 's/.*%//' "$work/names" >"$work/lists"
		run "$work/lists"
		has "in force: $name" "$work/lists: $name, on" "$out"
		sed 1d "$work/names" >"$work/more"
		mv "$work/more" "$work/names"
	done
	printf '%s\n' "BIOS-e820: [mem 0x2000-0x3fff] usable" \
	    "BIOS-e820: [mem 0x0-0xfff] usable" \
	    "user: [mem 0x0-0x4fff] usable" >"$work/lists"
	run "$work/lists"
	has "a list that is not sorted" '"BIOS-e820" (lines 1 to 2)' "$out"
	has "more in force" 'in force, with 8 KiB of RAM more' "$out"

	grep -v BIOS-e820 "$maps/server.dmesg" >"$work/nodes"
	run "$work/nodes"
	same "node ranges alone" "$(opinion "$work/nodes")" "$(report)"
	has "node ranges alone" "note: node ranges include" "$out"
	has "node ranges alone" \
	    "$(printf '%-16s%s' 'on node 1' 6291440) pages: 24.0 GiB" "$out"
}

# What is kept of kinds, nodes and names, in words.
check_kinds()
{
	cd "$own" || exit 2
	run cxl.iomem 0x290000000 0x300000000 0x2c0000000 0x500000000
	has "an address in a CXL window" \
	    "0x290000000: RAM, line 9: System RAM (kmem)" "$out"
	has "a CXL window" "RAM (kmem) CXL Window 0" "$out"
	has "a CXL window, not filled" "hole in CXL Window 1" "$out"
	has "an address in what is not filled" \
	    "0x300000000: not RAM, hole, line 11: CXL Window 1" "$out"
	has "soft-reserved" "0x2c0000000: soft-reserved, line 10" "$out"
	has "persistent" \
	    "0x500000000: persistent, line 16: Persistent Memory" "$out"
	has "pages of a kind" \
	    "$(printf '%-16s%s' persistent 1048576) pages: 4 GiB" "$out"
	run virtio.iomem 0x108000000 0x30000000
	has "virtio-mem" "RAM (virtio_mem) virtio0" "$out"
	has "the crash kernel is not subtracted" "0x30000000: RAM, line" "$out"
	run "$maps/arm64.iomem" 0xe0400000
	has "arm64's reserved is not subtracted" "0xe0400000: RAM, line" "$out"
	run "$maps/server.dmesg" 0x480000000 0x0
	has "a node" "0x480000000: RAM on node 1, line" "$out"
	has "no node" "0x0: RAM, line" "$out"
	run user.dmesg
	has "what memmap= took" 'in force, with 4 GiB of RAM less' "$out"
	# The line is that which says the kind.
	printf '%s\n' "BIOS-e820: [mem 0x0-0xffff] usable" \
	    "BIOS-e820: [mem 0x4000-0x4fff] reserved" \
	    "BIOS-e820: [mem 0x2000-0x4fff] unusable" >"$work/lines"
	run "$work/lines" 0x4000 0x5000
	has "an address in two lines" "0x4000: not RAM, unusable, line 3" "$out"
	has "an address in one line" "0x5000: RAM, line 1" "$out"
	# One node has all memory, whatever list says what is memory.
	for line in "BIOS-e820: [mem 0x0-0x2ffff] usable" \
	    "efi: mem00: [Conventional|WB] range=[0x0-0x2ffff]" \
	    "efi: 0x0-0x2ffff [Conventional|WB]"; do
		printf '%s\n' "$line" "node 3: [mem 0x1000-0x2ffff]" \
		    >"$work/lines"
		run "$work/lines" 0x0
		has "one node: $line" "0x0: RAM on node 3" "$out"
		lacks "one node: $line" "on node 3 " "$out"
	done
	# What is no memory is on no node.
	printf '%s\n' "BIOS-e820: [mem 0x0-0x3fff] usable" \
	    "BIOS-e820: [mem 0x4000-0x7fff] reserved" \
	    "BIOS-e820: [mem 0x8000-0xffff] usable" \
	    "node 0: [mem 0x0-0x4fff]" "node 1: [mem 0x6000-0xffff]" \
	    >"$work/lines"
	run "$work/lines" 0x4000
	has "reserved, on no node" "0x4000: not RAM, reserved, line 2" "$out"
	same "reserved, in one row" 1 "$(printf '%s\n' "$out" |
	    grep -c '^ *0x.*  reserved$')"
	# A legend that would end behind the 80th column.
	n=0
	for what in "Conventional|WB" "Conventional|SP|WB" "Persistent|WB" \
	    "Unaccepted|WB" "ACPI Mem|WB" "Conventional|WB"; do
		n=$((n + 1))
		echo "efi: mem0$n: [$what] range=[0x${n}000000-0x${n}ffffff]"
	done >"$work/lines"
	run "$work/lines"
	has "a long legend" "n ACPI NVS" "$out"
	same "a long legend: 80 columns" "" \
	    "$(printf '%s\n' "$out" | awk 'length > 80')"
	# A log's word, which somebody took for a device's name.
	printf '%s\n' "00000000-0000ffff : System RAM" \
	    "00010000-0001ffff : usable" >"$work/lines"
	run "$work/lines" 0x10000
	has "a device called usable" \
	    "0x10000: not RAM, hole, line 2: usable" "$out"
	for kind in usableish "System RAMs" "type 20"; do
		printf '%s\n' "BIOS-e820: [mem 0x0-0xffff] usable" \
		    "BIOS-e820: [mem 0x10000-0x10fff] $kind" >"$work/lines"
		run "$work/lines" 0x10000
		has "$kind" "0x10000: not RAM, reserved, line 2" "$out"
	done
	printf '%s\n' "00000000-0000ffff : System RAM" \
	    "00010000-00010fff : device reserved" >"$work/lines"
	run "$work/lines" 0x10000
	has "device reserved" "0x10000: not RAM, reserved, line 2" "$out"
	printf '%s\n' "BIOS-e820: [mem 0x0-0xffff] usable" \
	    "BIOS-e820: [mem 0x10000-0x10fff] unaccepted" >"$work/lines"
	run "$work/lines" 0x10000
	has "unaccepted" "unaccepted, line 2" "$out"
}

# More ranges than any default holds, last first.
check_many()
{
	awk 'BEGIN { for (i = 999; i >= 0; i--)
		printf "%07x000-%07x7ff : System RAM\n", 3 * i, 3 * i + 1
	    }' >"$work/many"
	for backend in $backends; do
		run -b "$backend" "$work/many" 0x0 0x1000 0xbb5000
		case $backend in
		*-contig)
			has "1000 ranges on $backend" "$backend: " "$err"
			continue ;;
		esac
		same "1000 ranges on $backend" "$(opinion "$work/many")" \
		    "$(report)"
		has "1000 ranges on $backend: the first" \
		    "0x0: RAM, line 1000: " "$out"
		has "1000 ranges on $backend: an edge" \
		    "0x1000: RAM, but in no whole page" "$out"
		has "1000 ranges on $backend: the last" \
		    "segment 0xbb5000-0xbb5fff, page 0 of it" "$out"
	done

	# Kinds in turn, in the worst order; one memory inside another.
	awk 'BEGIN { for (i = 99999; i >= 0; i--)
		printf "%07x000-%07xfff : %s\n", i, i,
		    i % 2 ? "System RAM" : "Reserved" }' >"$work/many"
	run "$work/many"
	same "100000 lines: status" 0 "$status"
	has "100000 lines" "$(printf '%-16s%s' pages 50000) of" "$out"
	awk 'BEGIN { for (i = 0; i < 5000; i++)
		printf "%07x000-%07xfff : %s\n", i, 99999 - i,
		    i % 2 ? "Persistent Memory" : "Soft Reserved"
		print "00001000-00001fff : System RAM" }' >"$work/many"
	run "$work/many"
	same "5000 lines, one inside another: status" 0 "$status"
	has "5000 lines, one inside another" \
	    "$(printf '%-16s%s' persistent 94999)" "$out"
	awk 'BEGIN { printf "BIOS-e820: [mem 0x0-0xffff] usable"
		for (i = 0; i < 100000; i++) printf " user: node mem1: efi: "
		print "" }' >"$work/long"
	run "$work/long"
	same "a long line: status" 0 "$status"
	awk 'BEGIN { printf "00001000-0009ffff : "
		for (i = 0; i < 100000; i++) printf "x(System RAM)"
		print ""; print "00001000-0009ffff : System RAM" }' >"$work/long"
	run "$work/long" 0x1000
	same "a long name: status" 0 "$status"
}

check_bad_maps()
{
	cd "$own" || exit 2
	fails "no such file" 1 "iomem: nowhere: No such file" nowhere
	fails "a directory" 1 "iomem: $work: " "$work"
	for name in /dev/null blank.iomem none.dmesg; do
		fails "$name: no map" 1 "there is no memory map in it" "$name"
		for form in /proc/iomem BIOS-e820 Xen user efi=debug node; do
			has "$name: looked for $form" "$form" "$err"
		done
	done
	fails "less than a page" 1 "no whole page of RAM" small.iomem
	fails "zeros" 1 "every address in it is zero" zeros.iomem
	has "zeros" "run as root" "$err"
	fails "zeros, and keep going" 1 "run as root" -k zeros.iomem
	fails "malformed" 1 \
	    'malformed.iomem:3: no "-" after the start: "00100000 : System RAM"' \
	    malformed.iomem
	fails "malformed log" 1 "malformed.dmesg:4: " malformed.dmesg
	same "only the first is reported" 1 "$(wc -l <"$work/err" | tr -d ' ')"
	fails "no memory" 1 "try --struct-size 0" -s 8 whole.iomem
	printf '00001000-0009ffff : System \033[31mRAM\n\033c\n' >"$work/escape"
	fails "control characters are not shown" 1 ':2: ' "$work/escape"
	has "control characters are not shown" '"?c"' "$err"
	fails "nodes that contradict each other" 1 \
	    "several nodes: 0x20000000-0x3fffffff, line 2, line 3" contradict.dmesg

	# One line each: what is wrong with it.
	while IFS='|' read -r why line; do
		printf '%s\n%s\n' '00001000-0009ffff : System RAM' "$line" |
		    case $line in
		    [0-9]*) cat ;;
		    *) sed 1d ;;
		    esac >"$work/line"
		fails "$line" 1 ": $why: \"$line\"" "$work/line"
	done <<'END'
no hexadecimal number where one belongs|BIOS-e820:
no hexadecimal number where one belongs|BIOS-e820: [mem
no "-" after the start|BIOS-e820: [mem 0x1000
no hexadecimal number where one belongs|BIOS-e820: [mem 0x1000-
no "]" after the range|BIOS-e820: [mem 0x1000-0x1fff
no kind of memory after the range|BIOS-e820: [mem 0x1000-0x1fff]
no kind of memory after the range|BIOS-e820: 1000 - 2000
no kind of memory after the range|BIOS-e820: 1000 - 2000 (
the end lies before the start|BIOS-e820: 2000 - 1000 (usable)
the range is empty|BIOS-e820: 0000 - 0000 (usable)
a number of more than 64 bits|BIOS-e820: [mem 0x1-0x10000000000000000] usable
a number of more than 64 bits|user: [mem 0x1ffffffffffffffffffff-0x1] usable
the end lies before the start|Xen: [mem 0x2000-0x1000] usable
no "]" after the range|  node   0: [mem 0x1000-0x1fff
there is no such node|  node 4294967296: [mem 0x1000-0x1fff]
there is no such node|  node 99999999999999999999999: [mem 0x1000-0x1fff]
no type and attributes of EFI's|efi: mem00: [Conventional
no type and attributes of EFI's|efi: mem00: [Conventional|WB
no type and attributes of EFI's|EFI: mem00: type=7
no type and attributes of EFI's|EFI: mem00: type=7, attr=
no range after type and attributes|efi: mem00: [Conventional|WB]
no range after type and attributes|EFI: mem00: type=7, attr=0xf,
no "]" after the range|efi: mem00: [Conventional|WB] range=[0x0-0xfff
no whole number of EFI's pages of 4 KiB|efi: mem00: [Reserved|] range=[0x0-0xffe]
no whole number of EFI's pages of 4 KiB|efi: mem00: [Reserved|] range=[0x1-0xfff]
the end lies before the start|EFI: mem00: type=7, attr=0xf, range=[0x2000-0x1000) (0MB)
no type and attributes of EFI's|efi: 0x0000-0x0fff [Conventional|WB
no kind of memory after the range|2000-2fff
the end lies before the start|2000-1fff : System RAM
a number of more than 64 bits|10000000000000000-10000000000000fff : System RAM
END
	printf 'BIOS-e820: [mem 0x0-0xfff] reserved\n' >"$work/line"
	fails "no RAM" 1 "no whole page of RAM" "$work/line"
	printf '%s\n' 'BIOS-e820: [mem' '00001000-0009ffff : System RAM' \
	    >"$work/line"
	fails "a log whose only line is bad" 1 "no whole page of RAM" -k \
	    "$work/line"
}

# refused WHAT FIRST SECOND: two boots in $work/boots, in these lines.
refused()
{
	fails "$1" 1 "two boots in one log: the memory of one is in line $2 and" \
	    "$work/boots"
	has "$1" "that of another in line $3;" "$err"
}

check_two_boots()
{
	cd "$maps" || exit 2
	grep -v ' node' "$own/efi-arm.dmesg" >"$work/efi-arm"
	for name in "$maps"/*.dmesg "$own"/xen.dmesg "$own"/user.dmesg \
	    "$own"/efi.dmesg "$own"/old.dmesg "$own"/efi-old.dmesg \
	    "$work"/efi-arm; do
		lines=$(wc -l <"$name")
		cat "$name" "$name" >"$work/boots"
		number=$(grep -nE \
		    '(BIOS-e820|Xen|user|node +[0-9]+): *(\[mem|0)|mem00|efi: +0x' \
		    "$name" | sed -n '1s/:.*//p')
		refused "$(basename "$name"), twice" "$number" \
		    "$((lines + number))"
	done
	# Other machines, or the same one with another list.
	cat pc.dmesg arm64.dmesg | grep -v 'node .*: .mem 0x0*1000-' >"$work/boots"
	refused "a log and another's" 2 51
	sed 1q "$own/xen.dmesg" >"$work/boots"
	sed 1d pc.dmesg >>"$work/boots"
	sed 1q "$own/xen.dmesg" >>"$work/boots"
	echo "Xen: [mem 0x8000000000-0x8fffffffff] usable" >>"$work/boots"
	refused "a boot by its first words" 2 "$(wc -l <"$work/boots" | tr -d ' ')"
	# The BIOS's list need not be sorted.
	awk '/BIOS-e820/ && !first { first = $0; print; next }
	    /BIOS-e820/ { if (held != "") { print $0; print held; held = "" }
		else held = $0; next }
	    { if (held != "") print held; held = ""; print }' \
	    pc.dmesg >"$work/unsorted"
	run "$work/unsorted"
	same "a list that is not sorted: status" 0 "$status"
	same "a list that is not sorted" "$(opinion pc.dmesg)" "$(report)"
	printf '%s\n' "BIOS-e820: [mem 0x100000-0x1fffff] usable" \
	    "BIOS-e820: [mem 0x0-0xffff] usable" \
	    "BIOS-e820: [mem 0x100000-0x100fff] reserved" >"$work/boots"
	refused "a list that begins again" 1 3
	sed '3d' "$work/boots" >"$work/unsorted"
	run "$work/unsorted"
	same "a list that goes down: status" 0 "$status"
	# Words alone are no boot.
	cat "$own/user.dmesg" >"$work/boots"
	echo "[    9.000000] app: Linux version 6.1.0 is supported" >>"$work/boots"
	run "$work/boots"
	same "words are no boot: status" 0 "$status"
}

check_diff()
{
	cd "$own" || exit 2
	run --diff before.iomem before.iomem
	same "no difference: status" 0 "$status"
	has "no difference" "as much RAM" "$out"
	same "no difference: lines" 4 "$(wc -l <"$work/out" | tr -d ' ')"
	run --diff before.iomem after.iomem
	has "came" "+ 0x140000000-0x1bfffffff     2 GiB  RAM" "$out"
	has "went" "-   0x80000000-0xbfffffff     1 GiB  RAM" "$out"
	has "changed" "~ 0x100000000-0x10fffffff   256 MiB  RAM -> persistent" \
	    "$out"
	want=$(printf '%s\n' "$out" | grep '^[+-]' | sort)
	run --diff after.iomem before.iomem
	same "the other way round" "$want" \
	    "$(printf '%s\n' "$out" | grep '^[+-]' |
		sed -e 's/^+/=/' -e 's/^-/+/' -e 's/^=/-/' | sort)"
	for nodes in "0 1" "1 0"; do
		set -- $nodes
		printf '%s\n' "BIOS-e820: [mem 0x0-0x3fffff] usable" \
		    "node $1: [mem 0x0-0x1fffff]" \
		    "node $2: [mem 0x200000-0x3fffff]" >"$work/nodes$1"
	done
	run --diff "$work/nodes0" "$work/nodes1"
	has "another node" \
	    "~      0x0-0x1fffff     2 MiB  RAM on node 0 -> RAM on node 1" \
	    "$out"
	has "another node" \
	    "~ 0x200000-0x3fffff     2 MiB  RAM on node 1 -> RAM on node 0" \
	    "$out"
	printf '%s\n' "BIOS-e820: [mem 0x0-0x3fffff] usable" \
	    "node 2: [mem 0x0-0x3fffff]" >"$work/nodes2"
	for pair in "0 2" "2 0"; do
		run --diff "$work/nodes${pair% *}" "$work/nodes${pair#* }"
		same "nodes $pair: two changes" 2 \
		    "$(printf '%s\n' "$out" | grep -c '^~')"
	done
	run --diff --json "$work/nodes0" "$work/nodes1"
	has "another node, JSON" '"before":{"kind":"RAM","node":1}' "$out"
	fails "a first file that is bad" 1 "small.iomem" --diff small.iomem \
	    before.iomem
	fails "a second file that is bad" 1 "small.iomem" --diff before.iomem \
	    small.iomem
	fails "the first file is not there" 1 "nowhere" --diff nowhere \
	    before.iomem
}

check_usage()
{
	for arguments in "--nonsense" "-b" "-b nonsense" "-p 0" "-p 4095" \
	    "-p 2097152" "-p 4k" "-p 18446744073709555712" "-s 7" "-s 4104" \
	    "-s -8" "-s x" "-b rbtree f f" "f 0x" "f 0xg" "0x1 f" \
	    "f 0x10000000000000000" "f 123" "-d" "-d f" "-d f f f" \
	    "-d f f 0x1"; do
		fails "iomem $arguments" 2 "usage: iomem" $arguments
	done
	fails "an empty number" 2 "usage: iomem" -p ""
	for option in -h -V --help --version; do
		run $option
		same "$option: status" 0 "$status"
		same "$option: messages" "" "$err"
	done
	same "--version" "iomem (libphysseg) $(sed -n \
	    's/^#define PHYSSEG_VERSION_[MP][AI][JNT][A-Z]* //p' \
	    "$here/../../include/physseg/physseg.h" | paste -s -d . -)" "$out"
	if [ -c /dev/full ]; then
		iomem "$own/one.iomem" >/dev/full 2>"$work/err"
		same "a full disk: status" 1 $?
		has "a full disk: message" "cannot write" "$(cat "$work/err")"
	else
		skipped "a full disk" "there is no /dev/full"
	fi
}

check_json()
{
	if ! python3 -c 0 2>/dev/null; then
		skipped "JSON, read back" "there is no python3"
		return
	fi
	printf '%s\n' '	0-0' '00001000-0009fbff : System RAM' \
	    '100000000-10fffffff : CXL Window 1"\' \
	    '  100000000-107ffffff : System RAM ("\)' >"$work/a\"b\\cä"
	run -jk "$work/a\"b\\cä" 0x1000 0xa0000 0x100000000
	same "JSON, read back" \
	    "$work/a\"b\\cä 1 32926 3072 1 True (\"\\) CXL Window 1\"\\" \
	    "$(PYTHONIOENCODING=utf-8 python3 -c '
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
row = [r for r in d["rows"] if r.get("provider")][0]
print(d["file"], d["left_out"], d["pages"], d["lost"],
    d["addresses"][0]["frame"], d["addresses"][1]["segment"] is None,
    row["provider"], row["window"])' "$work/out" 2>&1)"
	cp "$own/one.iomem" "$work/$(printf 'x\377\303(\355\240\200')"
	run -j "$work"/x*
	same "JSON, a name that is no UTF-8" ok "$(python3 -c '
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
print("ok" if d["file"].endswith("x\ufffd\ufffd(\ufffd\ufffd\ufffd") else d)' \
	    "$work/out" 2>&1)"
	# Characters of each length, the first and the last ones; and U+0001.
	name=$(printf 'y\001\302\200\337\277\340\240\200\341\200\200\355\237')
	name=$name$(printf '\277\356\200\200\357\277\277\360\220\200\200')
	name=$name$(printf '\361\200\200\200\364\217\277\277')
	cp "$own/one.iomem" "$work/$name"
	run -j "$work/$name"
	same "JSON, a name of UTF-8" ok "$(python3 -c '
import json, os, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
want = os.fsencode(sys.argv[2]).decode("utf-8")
print("ok" if d["file"] == want else ascii(d["file"]))' \
	    "$work/out" "$work/$name" 2>&1)"
	# Bytes that are none: too long, too high, cut short.
	name=$(printf 'z\340\200\200\364\220\200\200\342\202(\360\220\200(')
	cp "$own/one.iomem" "$work/$name"
	run -j "$work/$name"
	same "JSON, no UTF-8" ok "$(python3 -c '
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
want = "/z" + 9 * "?" + "(" + 3 * "?" + "("
print("ok" if d["file"].endswith(want.replace("?", "\ufffd")) else d["file"])' \
	    "$work/out" 2>&1)"
	mkdir "$work/json"
	for name in "$maps"/*.dmesg "$maps"/*.iomem "$own"/cxl.iomem \
	    "$own"/windows.iomem "$own"/nodes.dmesg "$own"/efi-types.dmesg \
	    "$own"/whole.iomem "$own"/efi.dmesg "$own"/user.dmesg; do
		run -j "$name" $addresses
		cp "$work/out" "$work/json/${name##*/}"
	done
	same "JSON of all maps" "all are right" "$(python3 -c '
import json, sys
alike = lambda a, b: all(a[k] == b[k] for k in
    ("kind", "node", "removable", "reliable"))
for name in sys.argv[1:]:
    d = json.load(open(name, encoding="utf-8"))
    rows = d["rows"]
    assert all(a["last"] + 1 == b["first"]
        for a, b in zip(rows, rows[1:])), name
    assert rows[0]["first"] == 0, name
    assert d["pages"] == sum(
        r["pages"] for r in rows if r["kind"] == "RAM"), name
    assert d["segments"] == sum(r["pages"] > 0 and
        not (i > 0 and rows[i - 1]["pages"] and alike(rows[i - 1], r))
        for i, r in enumerate(rows)), name
    assert d["lost"] == sum(r["last"] + 1 - r["first"] for r in rows
        if r["kind"] in ("RAM", "persistent", "soft-reserved")
        and not r["pages"]), name
print("all are right")' "$work"/json/* 2>&1)"
	run -dj "$own/before.iomem" "$own/after.iomem"
	same "JSON of a difference" "RAM persistent None" "$(python3 -c '
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
c = [c for c in d["changes"] if c["first"] == 1 << 32][0]
print(c["before"]["kind"], c["after"]["kind"], c["after"]["node"])' \
	    "$work/out" 2>&1)"
}

# Files that are broken at random: never more than a message.  The seed is the
# number that a failure names.
check_broken()
{
	count=${TEST_STEPS:-40}
	[ "$count" -le 2000 ] || count=2000
	cd "$own" || exit 2
	seed=0
	while [ $seed -lt "$count" ]; do
		seed=$((seed + 1))
		for name in cxl.iomem user.dmesg efi.dmesg old.dmesg; do
			awk -v seed="$((seed * 7919))" '
			function r(n) { return int(rand() * n) }
			BEGIN { srand(seed); words = "0f[]-|:( )\t\001\377" }
			{
				for (k = r(3); k > 0 && length; k--) {
					i = 1 + r(length)
					$0 = substr($0, 1, i - 1) \
					    (r(2) ? substr(words, 1 + r(13), 1) : "") \
					    substr($0, i + r(3))
				}
				if (r(8) == 0) print substr($0, 1, r(40))
				if (r(8) != 0) print
			}' "$name" | tr '\001' '\000' >"$work/broken"
			run -k -j "$work/broken" $addresses
			case $status:$err in
			*"runtime error"* | *Sanitizer*) ;;
			[01]:*)	passed=$((passed + 1))
				continue ;;
			esac
			same "$name broken with seed $seed" "a message" \
			    "$status: $err"
		done
	done
}

# The machine this runs on.
check_this_machine()
{
	if [ ! -r /proc/iomem ]; then
		skipped "this machine" "there is no /proc/iomem to be read"
		return
	fi
	cat /proc/iomem >"$work/iomem"
	if ! grep -q '^0*[1-9a-f]' "$work/iomem"; then
		skipped "this machine" "its /proc/iomem has zeros only, as for
    others than root"
		fails "this machine's zeros" 1 "run as root"
		return
	fi
	for backend in $backends; do
		[ "$backend" = array-contig ] && continue
		run -b "$backend"
		same "this machine on $backend: status" 0 "$status"
		same "this machine on $backend: by awk" \
		    "$(opinion "$work/iomem")" "$(report)"
	done
}

update=${2:-}
backends=$(iomem --help | sed -n 's/^Backends: //p')
default=$(iomem --help | sed -n 's/.*(default \([a-z-]*\)).*/\1/p')
has "the backends" "rbtree" "$backends"
if [ -n "${EMULATOR:-}" ] || [ "${TEST_STEPS:-1000}" -lt 1000 ]; then
	skipped "$backends" "emulated, or few steps: only $default"
	backends=$default
fi
check_expected
check_maps
check_ways_in
check_kinds
check_many
check_bad_maps
check_two_boots
check_diff
check_usage
check_json
check_broken
check_this_machine
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
