#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_baremetal.sh build ARCH
# t_baremetal.sh run ARCH MACHINE BACKENDS -- the kernels of examples/baremetal
# that this pattern names boot in QEMU, end well, and say what they must: they
# show the memory of the machine, find the same frames after the hot plug as
# before it, and the modules come and go.  A page in use is moved; while one is
# pinned the module stays, the reason says so, and its memory can be used.  Where
# the backend is an array, the kernel says that modules cannot come.
#
# t_baremetal.sh vmemmap ARCH MACHINE BACKENDS -- likewise, with page structures
# at fixed addresses.  There is no memory for those of the larger module.
#
# t_baremetal.sh chaos MACHINE BACKEND ROUNDS -- so many modules come and go at
# random under the kernel for that, which says that nothing was lost; some of its
# allocations were refused, and pages were moved.  TEST_SEED is the seed.
#
# t_baremetal.sh limit -- run.sh ends a machine that does not end, and says how
# to give it longer.  The machine is a program of this test.
#
# The environment: SOURCE, BUILD, CMAKE, GENERATOR.

set -eu

example=$SOURCE/examples/baremetal

# says STATUS LINE ARGUMENT...: run.sh ends so, and its last line is this.
says()
{
	wanted=$1 line=$2
	shift 2
	status=0
	PATH=$work:$PATH sh "$example/run.sh" "$@" >"$work/output" 2>&1 ||
	    status=$?
	if [ $status -ne "$wanted" ] ||
	    ! tail -n 1 "$work/output" | grep -qx "$line"; then
		echo "t_baremetal: run.sh $*: status $status, not $wanted, or" \
		    "the last line is not: $line"
		cat "$work/output"
		failed=1
	fi
}

limit()
{
	work=$BUILD/tests/baremetal/limit
	mkdir -p "$work"
	cat >"$work/qemu-system-x86_64" <<-'END'
		#!/bin/sh
		echo "the kernel begins"
		[ -z "${SLEEP-}" ] || exec sleep "$SLEEP"
		exit 33
	END
	chmod +x "$work/qemu-system-x86_64"
	failed=0
	usage='usage: run.sh .*'
	says 2 "$usage" --limit
	says 2 "$usage" --limit soon pc image
	says 2 "$usage" --limit 0 pc image
	says 2 "$usage" --chaos 10 pc image
	says 2 "$usage" pc
	says 2 "$usage" q36 image
	says 0 'the kernel begins' --limit 1000 pc image
	says 1 'run.sh: 10 modules did not come and go' --chaos 10 1 pc image
	SLEEP=1000
	export SLEEP
	says 1 'run.sh: .* did not end within 1 s; --limit SECONDS .*' \
	    --limit 1 pc image
	exit $failed
}

[ "$1" != limit ] || limit

chaos()
{
	image=$BUILD/tests/baremetal/x86_64/chaos/$2
	[ -e "$image" ] || {
		echo "t_baremetal: skipped: the kernels were not built"
		exit 77
	}
	seed=${TEST_SEED:-$(date +%s)}
	echo "t_baremetal: TEST_SEED=$seed"
	work=$BUILD/tests/baremetal/chaos-$1
	mkdir -p "$work"
	status=0
	sh "$example/run.sh" --limit 900 --chaos "$3" "$seed" "$1" "$image" \
	    >"$work/output" || status=$?
	cat "$work/output"
	[ $status -eq 0 ] || exit $status
	n='[1-9][0-9]*'
	refused="$n of $n allocations and [0-9]* removals were refused"
	grep -qx "chaos: $refused, $n pages moved" "$work/output" || {
		echo "t_baremetal: nothing was refused, or no page was moved"
		exit 1
	}
	exit 0
}

if [ "$1" = chaos ]; then
	shift
	chaos "$@"
fi

images=$BUILD/tests/baremetal/$2

if [ "$1" = build ]; then
	compiler=$(sed -n 's/^set(CMAKE_C_COMPILER \(.*\))$/\1/p' \
	    "$example/$2.cmake")
	command -v "$compiler" >/dev/null || {
		echo "t_baremetal: skipped: there is no $compiler"
		exit 77
	}
	rm -rf "$images"
	"$CMAKE" -S "$example" -B "$images" -G "$GENERATOR" \
	    --toolchain "$example/$2.cmake"
	exec "$CMAKE" --build "$images" --parallel 2
fi

machine=$3
work=$BUILD/tests/baremetal/$1-$3
mkdir -p "$work"
failed=0

# must COUNT LINE: so often the kernel says so.
must()
{
	[ "$(grep -cE "^$2\$" "$work/output")" -eq "$1" ] || {
		echo "t_baremetal: not said $1 times: $2"
		failed=1
	}
}

# module SLOT START MIB: the lines about a memory module that is to come, at
# this address, and to go.  If it is larger than memory at boot, its page
# structures, of 40 bytes, are in itself, with a page for the slab.
module()
{
	slot=$1 n=$(($3 * 256)) frame=$(($2 / 4096)) meta=0 where='other memory'
	[ "$3" -lt 1024 ] || {
		meta=$((n * 40 / 4096 + 1)) where=itself
	}
	at=$(printf '0x%012x-0x%012x' "$2" $(($2 + $3 * 1048576)))
	pinned=$((frame + meta))
	range=$(printf '[0x%x, 0x%x)' $frame $((frame + n)))
	free=$((n - meta)) left=$((n - meta - 1))
	why=
	case $backend$vmemmap in
	array-*)
		why='the backend cannot plug while running'
		[ $face = uvm ] || why="add $range: $why" ;;
	*--vmemmap)
		[ "$3" -lt 1024 ] || why="add $range: the host has no memory" ;;
	esac
}

# tried FREE: that many pages of it are free and can be used.
tried()
{
	if [ $meta -eq 0 ]; then
		echo "  $1 pages allocated, written and freed"
	else
		echo "  $1 pages are free, $((n / 262144 - 1)) of them tried"
	fi
}

came()
{
	module "$@"
	echo "slot $slot: module at $at came"
	if [ -n "$why" ]; then
		echo "  cannot be plugged, $backend: $why"
	else
		echo "  plugged, $n page structures in $where"
		tried $free
		printf '  somebody pins the page at 0x%012x\n' \
		    $((pinned * 4096))
		printf '  somebody uses the page at 0x%012x\n' \
		    $((pinned * 4096 + 4096))
	fi
	echo "slot $slot: insertion answered"
}

gone()
{
	module "$@"
	echo "slot $slot: module at $at is wanted back"
	if [ -n "$why" ]; then
		echo "  was not plugged"
	else
		echo "  1 pages were in use and moved"
		printf '  refused: %s %s: %s: frame 0x%x, segment %s\n' \
		    "$unplug" "$range" 'a page is in use' $pinned "$range"
		tried $left
		echo "slot $slot: removal answered"
		echo "slot $slot: module at $at is wanted back"
		echo "  0 pages were in use and moved"
		echo "  unplugged: $n frames have no page any more"
	fi
	echo "slot $slot: ejected"
}

# The first digits of how many frames are memory, and pages normal.
said()
{
	name=x86-64
	case $machine in
	pc | q35) frames=3 normal=2 end=07fe0000 ;;
	microvm) frames=6 normal=6 end=10000000 ;;
	virt) frames=4 normal=4 end=90000000 name=riscv64 ;;
	esac
	must 1 "libphysseg on $name, backend $backend"
	must 1 "  0x[0-9a-f]{12}-0x0000$end RAM"
	must 1 "pages: $normal[0-9]{4} allocated, written and freed, normal"
	must 1 'all is well'
	[ -z "$vmemmap" ] ||
	    must 1 'page structures are at fixed addresses, from 0x8000000000 on'
	must 2 "$(grep -m 1 "^lookup: $frames[0-9]\{4\} frames" "$work/output")"
	stack=$(sed -n 's/^stack: \([0-9]*\) bytes used.*/\1/p' "$work/output")
	if [ "$stack" -lt 256 ] || [ "$stack" -gt 2048 ]; then
		echo "t_baremetal: $stack bytes of stack were used"
		failed=1
	fi
}

modules()
{
	case $machine in
	pc | q35)
		first=0x100000000 second=0x104000000 size=16384 ;;
	virt)
		first=0x88000000 second=0x8c000000 size=32 ;;
	esac
	unplug=unplug
	[ $face = uvm ] || unplug='commit the removal of'
	{
		came 0 $first 64
		came 1 $second $size
		gone 0 $first 64
		gone 1 $second $size
	} >"$work/expected"
	sed -n '/^slot 0: module/,/^lookup:/p' "$work/output" |
	    grep -v '^[l>]' | diff "$work/expected" - || {
		echo "t_baremetal: the modules do not come and go so"
		failed=1
	}
}

vmemmap=
[ "$1" = run ] || vmemmap=--vmemmap
for image in "$images"/images/$4; do
	[ -e "$image" ] || {
		echo "t_baremetal: skipped: the kernels were not built"
		exit 77
	}
	backend=${image##*/} face=native
	case $backend in
	uvm-*) backend=${backend#uvm-} face=uvm ;;
	esac
	# A machine that hangs is ended; one that is only slow is not.
	# shellcheck disable=SC2086 # one word or none
	sh "$example/run.sh" --limit 900 $vmemmap "$machine" "$image" \
	    >"$work/output" || {
		status=$?
		cat "$work/output"
		exit $status
	}
	cat "$work/output"
	said
	[ "$machine" = microvm ] || modules
done
exit $failed
