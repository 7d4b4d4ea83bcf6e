#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_replay.sh REPLAY FAULTY EXAMPLE... -- physseg-replay:
#
#	traces		those that are kept give the same answers, whole on every
#			backend that can do what they ask for
#	examples	recorded now, they do so too
#	altered		an outcome that was changed by hand is found, and what
#			shows it is made short
#	faulty		so is a fault of a backend: FAULTY has one more
#	print		a trace for people
#	malformed	files that are no traces, and bad command lines
#
# The environment: SOURCE; EMULATOR, which runs what was built for another
# machine.

set -eu

replay=$1 faulty=$2
shift 2
traces=$SOURCE/tests/tools/traces
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
unset PHYSSEG_TRACE
failed=0

fail()
{
	echo "t_replay: $*"
	failed=1
}

# ends STATUS COMMAND...: it ends so; what it says is in out and err.
ends()
{
	wanted=$1
	shift
	status=0
	# shellcheck disable=SC2086 # several words
	${EMULATOR:-} "$@" >"$work/out" 2>"$work/err" || status=$?
	[ $status -eq "$wanted" ] || {
		fail "$*: status $status, not $wanted"
		cat "$work/out" "$work/err"
	}
}

# says WHAT: a line of the output.
says()
{
	grep -qE -e "$1" "$work/out" || {
		fail "nothing says: $1"
		cat "$work/out"
	}
}

# whole NAME CALLS BACKEND...: these made so many calls of the trace.
whole()
{
	trace=$1 calls=$2
	shift 2
	for backend; do
		grep -qxE "[^ ]*$trace:[0-9]+: $backend: $calls calls" "$work/out" ||
			fail "$trace: $backend did not make $calls calls"
	done
}

# ---- traces ----

for trace in quickstart pages balloon vmm readers iomem boot life listen \
    arrays vmemmap; do
	ends 0 "$replay" --check "$traces/$trace.trace"
	n=$(grep -c '^create' "$traces/$trace.trace")
	for backend in rbtree radix array-random array-bsearch array-bigfirst \
	    array-contig; do
		[ "$(grep -c ": $backend: " "$work/out")" -eq "$n" ] ||
			fail "$trace: not each of its maps on $backend"
	done
	case $trace in
	quickstart) whole $trace.trace 3 radix rbtree ;;
	pages) whole $trace.trace 6 radix rbtree ;;
	balloon) whole $trace.trace 619 radix rbtree ;;
	vmm) whole $trace.trace 25 radix rbtree ;;
	readers) whole $trace.trace 100 radix rbtree ;;
	iomem) whole $trace.trace 9 radix rbtree array-random \
	    array-bsearch array-bigfirst ;;
	boot) whole $trace.trace '[0-9]+' radix rbtree array-random \
	    array-bsearch array-bigfirst ;;
	life) whole $trace.trace 167 radix ;;
	vmemmap) whole $trace.trace 12 radix rbtree ;;
	arrays) whole $trace.trace 9 radix rbtree ;;
	listen) whole $trace.trace '[0-9]+' radix rbtree ;;
	esac
done
ends 0 "$replay" -b array-contig "$traces/iomem.trace"
says 'array-contig: 2 calls, not from line 3 on: no free slot'
[ "$(wc -l <"$work/out")" -eq 1 ] || fail "-b is not one backend"

# The manual page's example.
sed -n '/^\.Bd/,/^\.Ed/{ /^\./!p; }' "$SOURCE/man/man5/physseg-trace.5" \
    >"$work/page"
ends 0 "$replay" --check "$work/page"
whole page 6 radix rbtree

# Several files, and the standard input.
ends 0 "$replay" "$traces/pages.trace" "$traces/quickstart.trace"
[ "$(wc -l <"$work/out")" -eq 12 ] || fail "two files are not two"
# shellcheck disable=SC2086 # several words
${EMULATOR:-} "$replay" -b rbtree - <"$traces/pages.trace" |
	grep -qx -e '-:1: rbtree: 6 calls' || fail "not from the standard input"

# ---- examples ----

for example; do
	name=$(basename "$example")
	case $name in
	vmm) set -- mock ;;
	iomem) set -- "$SOURCE/examples/maps/pc.iomem" ;;
	*) set -- ;;
	esac
	rm -f "$work/trace"
	PHYSSEG_TRACE=$work/trace
	export PHYSSEG_TRACE
	ends 0 "$example" "$@"
	unset PHYSSEG_TRACE
	[ -s "$work/trace" ] || fail "$name was not recorded"
	ends 0 "$replay" "$work/trace"
	says ': radix: [0-9]+ calls$'
	says ': rbtree: [0-9]+ calls$'
	# What does not depend on addresses, on time or on how wide a number is
	# is as it was.
	case $name in
	quickstart | pages | balloon)
		for file in "$work/trace" "$traces/$name.trace"; do
			sed -E 's/ (pages|page_size|data_size)=[^ ]*//g
			    s/@.*//' "$file" \
			    >"$work/plain.$(basename "$file")"
		done
		diff "$work/plain.$name.trace" "$work/plain.trace" ||
			fail "$name: recorded, it is another trace" ;;
	esac
done
# ---- altered ----

# altered NAME LINE SCRIPT MOST: sed changes the line; that is found, and shown
# by so many calls at most.
altered()
{
	sed "$2$3" "$traces/$1.trace" >"$work/altered"
	! cmp -s "$work/altered" "$traces/$1.trace" ||
		fail "$1: line $2 was not altered"
	ends 1 "$replay" "$work/altered"
	says "altered:$2: radix: "
	says '^  the trace: '
	is=$(sed -n '2s/ |.*//p' "$work/out")
	ends 1 "$replay" -m "$work/altered"
	cp "$work/out" "$work/short"
	calls=$(grep -vc '^#' "$work/short")
	[ "$calls" -le "$4" ] || {
		fail "$1: line $2 is shown by $calls calls"
		cat "$work/short"
	}
	says "^# $calls of [0-9]+ calls show this"

	# It shows the same, and only the last call does.
	ends 1 "$replay" "$work/short"
	says "short:$(($(wc -l <"$work/short"))): radix: "
	[ "$(sed -n '2s/ |.*//p' "$work/out")" = "$is" ] ||
		fail "$1: line $2: the short trace shows something else"
	sed '$d' "$work/short" >"$work/shorter"
	ends 0 "$replay" "$work/shorter"
}
# The last line of a trace that is like this.
line_of()
{
	grep -n "$2" "$traces/$1.trace" | sed -n '$s/:.*//p'
}

altered balloon 300 's/ : OK/ : EINVAL/' 10
altered balloon 400 's/\(| [^ ]* [^ ]*\) [^ ]*/\1 1/' 10
altered balloon 619 's/| [^ ]*/| 2/' 10
altered readers "$(line_of readers '^plug')" 's/ segment=0x/ segment=0x1/' 10
# A call that had no memory, and has some now: other backends do not make it.
altered_of()
{
	printf '%s\n' "$@" >"$work/altered"
	ends 1 "$replay" "$work/altered"
	ends 1 "$replay" -m "$work/altered"
	cp "$work/out" "$work/short"
}
for error in ENOMEM ENOSLOT EREFUSED; do
	altered_of 'create backend=radix data_size=8 freelists=4 : OK | 0 0 0 0 @0x1' \
	    'steal : EPHASE | 0 0 0 0 @0x1' \
	    'plug pfn=0x200 n=0x10 : OK segment=0x200 | 1 0x10 0x10 0 @0x1' \
	    "plug pfn=0x300 n=1 : $error | 1 0x10 0x10 0 @0x1"
	# The memory that the second plug finds came with the first.
	calls=2
	[ $error != ENOMEM ] || calls=3
	[ "$(grep -vc '^#' "$work/short")" -eq $calls ] || {
		fail "$error is not shown by $calls calls"
		cat "$work/short"
	}
done
# What is left out must have left the map as it was, and be possible.
for line in 'plug pfn=0x100 n=2 : EBUSY | 9 9 9 9 @0x1' \
    'build : ENOMEM | 1 2 2 1 @0x1' \
    'remove_commit pfn=1 n=2 : OK | 1 2 2 0 @0x1' \
    'remove_cancel pfn=1 n=2 : OK | 1 2 2 0 @0x1'; do
	printf '%s\n' "create backend=radix data_size=8 freelists=4 : OK | 0 0 0 0 @0x1" \
	    'plug pfn=1 n=2 : OK segment=1 | 1 2 2 0 @0x1' "$line" \
	    >"$work/altered"
	ends 1 "$replay" "$work/altered"
	says 'altered:3: radix: '
done

altered life "$(line_of life '^add.* : EOVERLAP')" 's/ : EOVERLAP/ : OK segment=1/' 19

# ---- faulty ----

# faulty FAULT WHAT OPTION: it is found, said so, and shown by few calls.
faulty()
{
	FAULT=$1
	export FAULT
	# shellcheck disable=SC2086 # or none
	ends 1 "$faulty" $3 "$traces/balloon.trace"
	says "balloon.trace:108: faulty: .*$2"
	# shellcheck disable=SC2086 # or none
	ends 1 "$faulty" $3 --minimise "$traces/balloon.trace"
	cp "$work/out" "$work/short"
	calls=$(grep -vc '^#' "$work/short")
	if [ "$calls" -ge 20 ] || [ "$calls" -lt 3 ]; then
		fail "the fault $1 is shown by $calls calls"
		cat "$work/short"
	fi
	# shellcheck disable=SC2086 # or none
	ends 1 "$faulty" $3 "$work/short"
	says 'short:[0-9]+: faulty: '
	ends 0 "$replay" "$work/short"
}
faulty lookup 'physseg_find is wrong: frame 0x2fff' ''
ends 1 "$faulty" --backend faulty "$work/short"
ends 0 "$faulty" --backend rbtree "$work/short"
faulty join 'the segments differ: frame 0x2c00' ''
faulty check 'the index is broken' --check
# Without that option it is found where the map ends.
ends 1 "$faulty" "$traces/balloon.trace"
says 'balloon.trace:618: faulty: .*the index is broken'
FAULT=none
ends 0 "$faulty" "$traces/balloon.trace"
unset FAULT

# ---- print ----

ends 0 "$replay" --print "$traces/vmm.trace"
says '^map 0x[0-9a-f]* on radix$'
says '^ *8  add \[0x10300, 0x10500\) .*: the range overlaps a registered one$'
says '^         3 segments, 1024 frames, 1024 online, 1024 counted$'
[ "$(grep -c '^ *[0-9]*  [a-z]' "$work/out")" -eq 50 ] ||
	fail "not each call is printed once"

# ---- malformed ----

# bad LINE...: such a file is none.
bad()
{
	printf '%s\n' "$@" >"$work/bad"
	ends 2 "$replay" "$work/bad"
	grep -q "bad:[0-9]*: \|bad: " "$work/err" || fail "$*: it says nothing"
}
create='create backend=radix data_size=8 : OK | 0 0 0 0 @0x1'
state='| 0 0 0 0 @0x1'
printf '# a comment\n\n%s\n' "$create" >"$work/good"
ends 0 "$replay" "$work/good"
# What changed nothing because somebody was at work is left out.
{
	echo "$create"
	echo "plug pfn=1 n=1 : EBUSY $state"
	echo "unplug pfn=1 n=1 : ENOENT $state"
} >"$work/good"
ends 0 "$replay" "$work/good"

# A listener that refuses and takes itself off: it was there at first.
{
	echo "$create"
	echo "listen listener=0x10 : OK $state"
	echo "inside unlisten listener=0x10 : OK $state"
	echo "plug pfn=1 n=1 : EREFUSED $state"
	echo "plug pfn=1 n=1 : OK segment=1 | 1 1 1 0 @0x1"
} >"$work/good"
ends 0 "$replay" "$work/good"
whole good 5 radix rbtree

bad ''
bad '# nothing'
bad "plug pfn=1 n=1 : OK segment=1 $state"
bad "$create" "destroy : OK $state" "destroy : OK $state"
bad "$create" "plug pfn=1 n=1 : OK segment=1 | 0 0 0 0 @0x2"
bad "$create" "plot pfn=1 : OK $state"
bad "$create" "inside"
bad "$create" "none : OK $state"
bad "$create" "unplug pfn : OK $state"
bad "$create" "unplug pfn=1 pfn=2 n=1 : ENOENT $state"
bad "$create" "unplug pfn= : OK $state"
bad "$create" "unplug pfn=-1 : OK $state"
bad "$create" "unplug pfn=1x : OK $state"
bad "$create" "unplug frame=1 : OK $state"
bad "$create" "unplug pfn=1 n=1"
bad "$create" "unplug pfn=1 n=1 : $state"
bad "$create" "unplug pfn=1 n=1 : EWHAT $state"
bad "$create" "plug pfn=1 n=1 : OK $state"
bad "$create" "plug pfn=1 n=1 : OK frame=1 $state"
bad "$create" "unplug pfn=1 n=1 : OK"
bad "$create" "unplug pfn=1 n=1 : OK | 0 0 0 @0x1"
bad "$create" "unplug pfn=1 n=1 : OK | 0 0 0 0"
bad "$create" "unplug pfn=1 n=1 : OK | 0 0 0 0 0x1"
bad "$create" "unplug pfn=1 n=1 : OK $state more"
ends 2 "$replay" "$work/none"
ends 2 "$replay"
ends 2 "$replay" --backend nothing "$work/good"
ends 2 "$replay" --nothing "$work/good"
ends 0 "$replay" --version
says '^physseg-replay [0-9.]+$'

exit $failed
