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
bad=$here/iomem/maps
expected=$here/iomem/expected
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

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
	printf 'FAILED %s\n--- expected\n%s\n--- actual\n%s\n' "$1" "$2" "$3"
}

# has WHAT PART WHOLE
has()
{
	case $3 in
	*"$2"*)	passed=$((passed + 1)) ;;
	*)	same "$1: this must be part of it" "$2" "$3" ;;
	esac
}

# EMULATOR, of the environment, runs what was built for another machine.
iomem()
{
	${EMULATOR:-} "$program" "$@"
}

# The reports are of frames of 64 bits: a page structure holds one.
case $(iomem --help) in
*'(default 8)'*) ;;
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
	out=$(cat "$work/out")
	err=$(cat "$work/err")
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

# ranges FILE: what the map of a file must hold, by awk alone: for each range
# of RAM with a whole page "line start end vanished", frames in decimal, in the
# file's order, and last "total pages vanished".  Only for numbers below 2^53.
ranges()
{
	awk '
	function hex(s,  i, n) {
		s = tolower(s)
		sub(/^0x/, "", s)
		for (i = 1; i <= length(s); i++)
			n = 16 * n + index("0123456789abcdef", substr(s, i, 1)) - 1
		return n
	}
	{ sub(/\r$/, "") }
	NR == FNR {
		if (/BIOS-e820: /)
			e820 = 1
		else if (/  node +[0-9]+: \[mem /)
			node = 1
		next
	}
	{ range = "" }
	e820 && /BIOS-e820: \[mem .*\] +(usable|System RAM)$/ ||
	!e820 && node && /  node +[0-9]+: \[mem / {
		range = $0
		sub(/.*\[mem /, "", range)
		sub(/\].*/, "", range)
	}
	!e820 && !node && /^[0-9a-f]+-[0-9a-f]+ : System RAM$/ { range = $1 }
	range != "" {
		split(range, bound, "-")
		lo = hex(bound[1])
		hi = hex(bound[2]) + 1
		start = int((lo + 4095) / 4096)
		end = int(hi / 4096)
		if (end < start)
			end = start
		lost = hi - lo - 4096 * (end - start)
		pages += end - start
		vanished += lost
		if (start < end)
			printf "%d %.0f %.0f %.0f\n", FNR, start, end, lost
	}
	END { printf "total %.0f %.0f\n", pages, vanished }' "$1" "$1"
}

# The segments of a report, as "start end", decimal, in its order.
segments()
{
	awk '
	function hex(s,  i, n) {
		for (i = 3; i <= length(s); i++)
			n = 16 * n + index("0123456789abcdef", substr(s, i, 1)) - 1
		return n
	}
	/^ +0x/ { printf "%.0f %.0f\n", hex($1), hex($2) }' "$work/out"
}

# The order in which a backend walks: of "start end" lines in the file's order.
in_order()
{
	case $1 in
	*-random | *-contig) cat ;;
	*-bigfirst) awk '{ printf "%.0f %d %s\n", $2 - $1, NR, $0 }' |
	    sort -k1,1nr -k2,2n | cut -d' ' -f3- ;;
	*)	sort -n ;;
	esac
}

# A report without the memory of the index, which differs by machine, too.
no_index()
{
	sed -e 's/[0-9]* host_bytes/HOST host_bytes/' \
	    -e 's/"host_bytes":[0-9]*/"host_bytes":HOST/'
}

# A report without what differs by backend: its name, the segments' order, and
# with it the order of the page structures.
plain()
{
	sed -e "s/$1/BACKEND/g" -e 's/page structure [0-9]*,/page structure,/' |
	    sort
}

# One map on one backend, in the directory it lies in.
check_map()
{
	name=$1 backend=$2
	ranges "$name" >"$work/ranges"
	sed '$d' "$work/ranges" >"$work/rows"
	run -b "$backend" "$name" $addresses
	case $backend in
	*-contig)
		second=$(sed -n '2s/ .*//p' "$work/rows")
		if [ -n "$second" ]; then
			same "$name on $backend: status" 1 "$status"
			has "$name on $backend: the second range does not fit" \
			    "$name:$second: " "$err"
			return
		fi ;;
	esac
	same "$name on $backend: status" 0 "$status"
	same "$name on $backend: messages" "" "$err"
	same "$name on $backend: ranges, by awk" \
	    "$(cut -d' ' -f2,3 "$work/rows" | in_order "$backend")" \
	    "$(segments)"
	same "$name on $backend: totals, by awk" \
	    "$(sed -n '$p' "$work/ranges")" \
	    "$(awk '/^pages /{ p = $2 } /^vanished /{ v = $2 }
		END { print "total", p, v }' "$work/out")"
	same "$name on $backend: report, in any order" \
	    "$(plain "$default" <"$expected/$name.expected")" \
	    "$(no_index <"$work/out" | plain "$backend")"
}

# Files in which every line is good, with numbers awk can hold.
check_maps()
{
	for backend in $backends; do
		cd "$maps" || exit 2
		for name in *.dmesg *.iomem; do
			check_map "$name" "$backend"
		done
		cd "$bad" || exit 2
		for name in one.iomem nested.iomem; do
			check_map "$name" "$backend"
		done
	done
}

# expect NAME ARGUMENTS...: the report on the default backend to the letter,
# with the messages after it.
expect()
{
	name=$1
	shift
	run "$@"
	cat "$work/out" "$work/err" | no_index >"$work/both"
	if [ "$update" = update ]; then
		cp "$work/both" "$expected/$name.expected"
	fi
	same "$name: to the letter" "$(cat "$expected/$name.expected")" \
	    "$(cat "$work/both")"
}

check_expected()
{
	cd "$maps" || exit 2
	for name in *.dmesg *.iomem; do
		expect "$name" "$name" $addresses
		same "$name: status" 0 "$status"
	done
	expect pages-of-64k -p 65536 pc.iomem $addresses
	expect json --json pc.iomem $addresses
	cd "$bad" || exit 2
	for name in one.iomem nested.iomem unaligned.iomem; do
		expect "$name" "$name" $addresses
		same "$name: status" 0 "$status"
	done
	for name in malformed.iomem malformed.dmesg overlap.iomem; do
		expect "$name" -k "$name" $addresses
		same "$name: status with -k" 0 "$status"
	done
	expect registry -s 0 whole.iomem $addresses
}

# The same map, however its lines end and from wherever it comes.
check_ways_in()
{
	cd "$maps" || exit 2
	run pc.iomem $addresses
	want=$(sed 1d "$work/out")
	awk '{ printf "%s\r\n", $0 }' pc.iomem >"$work/crlf"
	run "$work/crlf" $addresses
	same "lines ended by CR and LF" "$want" "$(sed 1d "$work/out")"
	printf '%s' "$(cat pc.iomem)" >"$work/noeol"
	run "$work/noeol" $addresses
	same "a last line without an end" "$want" "$(sed 1d "$work/out")"
	same "standard input" "$want" \
	    "$(iomem - $addresses <pc.iomem | sed 1d)"
	same "upper case" "$want" \
	    "$(awk '{ a = toupper($1); sub(/[^ ]+/, a); print }' pc.iomem |
		iomem - $addresses | sed 1d)"

	run pc.dmesg $addresses
	want=$(sed 1d "$work/out")
	same "a log without time stamps" "$want" \
	    "$(sed 's/^\[[^]]*\] //' pc.dmesg | iomem - $addresses |
		sed 1d)"
	same "a log as syslog keeps it" "$want" \
	    "$(sed 's/^/Jan  1 00:00:00 host kernel: /' pc.dmesg |
		iomem - $addresses | sed 1d)"
	grep -v BIOS-e820 server.dmesg >"$work/nodes"
	run "$work/nodes"
	same "several nodes" "$(ranges "$work/nodes" | sed '$d' |
	    cut -d' ' -f2,3)" "$(segments)"
	same "several nodes: segments" 7 "$(segments | wc -l | tr -d ' ')"
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
			has "1000 ranges on $backend" "$work/many:2: " "$err"
			continue ;;
		esac
		same "1000 ranges on $backend: segments" 1000 \
		    "$(segments | wc -l | tr -d ' ')"
		has "1000 ranges on $backend: the first" \
		    "0x0: segment 0x0-0xfff (line 1000)" "$out"
		has "1000 ranges on $backend: an edge" \
		    "0x1000: RAM, but in no whole page" "$out"
		has "1000 ranges on $backend: the last" \
		    "0xbb5000: segment 0xbb5000-0xbb5fff (line 1)" "$out"
	done
}

check_bad_maps()
{
	cd "$bad" || exit 2
	fails "no such file" 1 "iomem: nowhere: No such file" nowhere
	fails "a directory" 1 "iomem: $work: " "$work"
	fails "an empty file" 1 "no whole page of RAM" /dev/null
	fails "blank lines" 1 "no whole page of RAM" blank.iomem
	fails "less than a page" 1 "no whole page of RAM" small.iomem
	fails "zeros" 1 "run as root" zeros.iomem
	fails "zeros, and keep going" 1 "run as root" -k zeros.iomem
	printf '00001000-0009ffff : System RAM\n\0\n' >"$work/nul"
	fails "not a text" 1 "NUL" "$work/nul"
	fails "malformed" 1 \
	    'malformed.iomem:3: no "-" after the start: "00100000 : System RAM"' \
	    malformed.iomem
	fails "malformed log" 1 "malformed.dmesg:3: " malformed.dmesg
	same "only the first is reported" 1 "$(wc -l <"$work/err" | tr -d ' ')"
	fails "no memory" 1 "try --struct-size 0" whole.iomem
	printf '00001000-0009ffff : System \033[31mRAM\n\033c\n' >"$work/escape"
	fails "control characters are not shown" 1 ':2: ' "$work/escape"
	has "control characters are not shown" '"?c"' "$err"
	for backend in $backends; do
		case $backend in
		*-contig) line=2 why="no free slot" ;;
		*)	line=3 why="line 2: \"00200000-002fffff" ;;
		esac
		fails "overlap on $backend" 1 "overlap.iomem:$line: " \
		    -b "$backend" overlap.iomem
		has "overlap on $backend" "$why" "$err"
	done
	run -k -b array-contig "$maps/microvm.dmesg" 0x100000 0x0
	same "array-contig keeps going: status" 0 "$status"
	has "array-contig keeps going: left out" "lines left out  1" "$out"
	has "array-contig keeps going: address in it" \
	    "0x100000: RAM, but its line was left out" "$out"
	has "array-contig keeps going: the first" "0x0: segment 0x0-" "$out"
}

check_usage()
{
	for arguments in "--nonsense" "-b" "-b nonsense" "-p 0" "-p 4095" \
	    "-p 2097152" "-p 4k" "-p 18446744073709555712" "-s 7" "-s 4104" \
	    "-s -8" "-s x" "-b rbtree f f" "f 0x" "f 0xg" "0x1 f" \
	    "f 0x10000000000000000" "f 123"; do
		fails "iomem $arguments" 2 "usage: iomem" $arguments
	done
	fails "an empty number" 2 "usage: iomem" -p ""
	run --help
	same "--help: status" 0 "$status"
	same "--help: messages" "" "$err"
	if [ -c /dev/full ]; then
		iomem "$bad/one.iomem" >/dev/full 2>"$work/err"
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
	printf '%s\n' '	0-0' '00001000-0009fbff : System RAM' >"$work/a\"b\\c"
	run -jk "$work/a\"b\\c" 0x1000 0xa0000
	same "JSON, read back" "$work/a\"b\\c 1 158 3072 1 1 None" "$(python3 -c '
import json, sys
d = json.load(sys.stdin)
print(d["file"], d["left_out"], d["map"]["frames"], d["vanished"],
    d["notes"][0]["line"], d["addresses"][0]["frame"],
    d["addresses"][1]["segment"])' <"$work/out" 2>&1)"
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
	ranges "$work/iomem" >"$work/ranges"
	for backend in $backends; do
		[ "$backend" = array-contig ] && continue
		run -b "$backend"
		same "this machine on $backend: status" 0 "$status"
		same "this machine on $backend: ranges, by awk" \
		    "$(sed '$d' "$work/ranges" | cut -d' ' -f2,3 |
			in_order "$backend")" "$(segments)"
		same "this machine on $backend: totals, by awk" \
		    "$(sed -n '$p' "$work/ranges")" \
		    "$(awk '/^pages /{ p = $2 } /^vanished /{ v = $2 }
			END { print "total", p, v }' "$work/out")"
	done
}

update=${2:-}
backends=$(iomem --help | sed -n 's/^Backends: //p')
default=$(iomem --help | sed -n 's/.*(default \([a-z-]*\)).*/\1/p')
has "the backends" "rbtree" "$backends"
if [ -n "${EMULATOR:-}" ]; then
	skipped "$backends" "emulated, the default one has to do: $default"
	backends=$default
fi
check_expected
check_maps
check_ways_in
check_many
check_bad_maps
check_usage
check_json
check_this_machine
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
