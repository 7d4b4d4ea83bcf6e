# shellcheck shell=sh disable=SC2034,SC2154 # run.sh has the others
# SPDX-License-Identifier: BSD-2-Clause
#
# chaos.sh -- run.sh reads this with `.': memory modules come and go at random
# under a kernel of chaos.c, until $rounds of them have.  What comes and goes is
# drawn from $seed, and when: after each of the kernel's lines, while it goes on.
# So a module may be wanted back before the kernel has seen it, and several may
# come at once.
#
# One module stays until the end, because the kernel ends when none is left.

slots=4
begun=0
pending=0 # commands that the kernel has not answered
staying=0 # modules that are in, and not wanted back
state0=empty state1=empty state2=empty state3=empty # or in, or leaving

# draw N: a number below N, in $drawn.
draw()
{
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	drawn=$((seed / 65536 % $1))
}

# A command for a slot that is drawn, if there is one.
command_one()
{
	draw $slots
	slot=$drawn
	eval "state=\$state$slot"
	case $state in
	empty)
		[ $begun -lt "$rounds" ] || return 0
		draw 8
		case $drawn in
		0) size=256 ;;
		*) size=$((8 << drawn % 3)) ;;
		esac
		insert "$slot" $size
		begun=$((begun + 1)) staying=$((staying + 1))
		state=in ;;
	in)
		[ $staying -gt 1 ] || [ $begun -eq "$rounds" ] || return 0
		remove "$slot"
		staying=$((staying - 1))
		state=leaving ;;
	leaving)
		return 0 ;;
	esac
	eval "state$slot=$state"
	pending=$((pending + 1))
}

chaos_line()
{
	slot=${1#slot } slot=${slot%%:*}
	case $1 in
	'waiting for memory modules'*) ;;
	'slot '*': insertion answered')
		pending=$((pending - 1)) ;;
	'slot '*': removal answered')
		pending=$((pending - 1)) staying=$((staying + 1))
		eval "state$slot=in" ;;
	'slot '*': ejected')
		pending=$((pending - 1))
		monitor object-del "\"id\": \"memory$slot\""
		eval "state$slot=empty" ;;
	"chaos: $rounds modules came and $rounds went")
		: >"$work/counted"
		return 0 ;;
	'slot '* | '  '*)
		[ $begun -gt 0 ] || return 0 ;;
	*)
		return 0 ;;
	esac
	draw 3
	[ "$drawn" -ne 0 ] || command_one
	while [ $pending -eq 0 ] &&
	    [ $((begun < rounds || staying > 0)) -eq 1 ]; do
		command_one
	done
}
