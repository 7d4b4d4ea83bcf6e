#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_baremetal.sh build ARCH
# t_baremetal.sh run ARCH MACHINE BACKENDS -- the kernels of examples/baremetal
# that this pattern names boot in QEMU, end well, and say what they must: they
# show the memory of the machine, find the same frames after the hot plug as
# before it, and the modules come and go; where the backend is an array, it says
# that they cannot.
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
	says 2 "$usage" pc
	says 2 "$usage" q36 image
	says 0 'the kernel begins' --limit 1000 pc image
	SLEEP=1000
	export SLEEP
	says 1 'run.sh: .* did not end within 1 s; --limit SECONDS .*' \
	    --limit 1 pc image
	exit $failed
}

[ "$1" != limit ] || limit

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
work=$BUILD/tests/baremetal/$3
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

came()
{
	echo "slot $1: module at $2-$3 came"
	case $backend in
	array-*)
		echo "  cannot be plugged, $backend: the backend cannot" \
		    "plug while running" ;;
	*)
		echo "  plugged, 32768 pages allocated, written and freed"
		echo "  somebody takes the page at $2" ;;
	esac
	echo "slot $1: insertion answered"
}

gone()
{
	wanted="slot $1: module at $2-$3 is wanted back"
	echo "$wanted"
	case $backend in
	array-*)
		echo "  was not plugged" ;;
	*)
		echo "  refused, for a page is in use; it comes back now"
		echo "slot $1: removal answered"
		echo "$wanted"
		echo "  drained, unplugged: 32768 frames have no page any more" ;;
	esac
	echo "slot $1: ejected"
}

said()
{
	case $machine in
	virt) start=0x000080000000 name=riscv64 ;;
	*) start=0x000000100000 name=x86-64 ;;
	esac
	must 1 "libphysseg on $name, backend $backend"
	must 1 "  $start-0x0000[0-9a-f]{8} memory"
	must 1 'pages: 6[0-9]{4} allocated, written and freed, normal'
	must 1 'all is well'
	must 2 "$(grep -m 1 '^lookup: 6[0-9]\{4\} frames' "$work/output")"
	stack=$(sed -n 's/^stack: \([0-9]*\) bytes used.*/\1/p' "$work/output")
	if [ "$stack" -lt 256 ] || [ "$stack" -gt 2048 ]; then
		echo "t_baremetal: $stack bytes of stack were used"
		failed=1
	fi
}

modules()
{
	{
		came 0 0x000100000000 0x000108000000
		came 1 0x000108000000 0x000110000000
		gone 0 0x000100000000 0x000108000000
		gone 1 0x000108000000 0x000110000000
	} >"$work/expected"
	sed -n '/^waiting for memory modules/,/^lookup:/p' "$work/output" |
	    grep -v '^[wl>]' | diff "$work/expected" - || {
		echo "t_baremetal: the modules do not come and go so"
		failed=1
	}
}

for image in "$images"/images/$4; do
	[ -e "$image" ] || {
		echo "t_baremetal: skipped: the kernels were not built"
		exit 77
	}
	backend=${image##*/}
	# A machine that hangs is ended; one that is only slow is not.
	sh "$example/run.sh" --limit 900 "$machine" "$image" \
	    >"$work/output" || {
		status=$?
		cat "$work/output"
		exit $status
	}
	cat "$work/output"
	said
	case $machine in
	pc | q35) modules ;;
	esac
done
exit $failed
