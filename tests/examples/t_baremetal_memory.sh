#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_baremetal_memory.sh MACHINE -- the kernels of examples/baremetal find the
# memory of this machine, every page of it and no other, whatever its size, on
# its nodes.
#
# What there is comes from elsewhere.  On pc and q35 the firmware itself tells of
# its map, through QEMU's debug port.  On virt QEMU writes its device tree to a
# file, which fdtget reads.  On microvm the firmware is silent; there memory is
# where a PC has it.
#
# The environment: SOURCE, BUILD.

set -eu

machine=$1
work=$BUILD/tests/baremetal/memory-$machine
arch=x86_64
[ "$machine" != virt ] || arch=riscv64
images=$BUILD/tests/baremetal/$arch/images
[ -e "$images/radix" ] || {
	echo "t_baremetal_memory: skipped: the kernels were not built"
	exit 77
}
[ "$machine" != virt ] || command -v fdtput >/dev/null || {
	echo "t_baremetal_memory: skipped: there is no fdtput"
	exit 77
}
rm -rf "$work"
mkdir -p "$work"
cd "$work"
failed=0

fail()
{
	echo "t_baremetal_memory: $name on $machine: $*"
	failed=1
}

# ---- what there is: lines of first page, last page and 1, node ----

# bank FIRST END NODE: bytes; the pages that are filled.
bank()
{
	echo $((($1 + 4095) / 4096)) $(($2 / 4096)) "$3"
}

# In SeaBIOS's words: `  1: 0000000000100000 - 0000000007fe0000 = 1 RAM'.
firmware_banks()
{
	sed -n 's/^ *[0-9]*: \([0-9a-f]*\) - \([0-9a-f]*\) = 1 RAM$/\1 \2/p' \
	    "$name.firmware" | while read -r first end; do
		bank 0x"$first" 0x"$end" 0
	done
}

# tree_banks TREE: of each memory node that is not disabled.
tree_banks()
{
	for node in $(fdtget -l "$1" / | grep '^memory@'); do
		[ "$(fdtget -d okay "$1" "/$node" status)" = okay ] || continue
		id=$(fdtget -d 0 "$1" "/$node" numa-node-id)
		# shellcheck disable=SC2046 # two cells each
		set -- "$1" $(fdtget -t x "$1" "/$node" reg)
		first=$((0x$2 << 32 | 0x$3))
		bank $first $((first + (0x$4 << 32 | 0x$5))) "$id"
	done
}

# ---- what was found: the same lines ----

# Of the native face's table, and of the uvm_* face's lines, which have no node.
segments()
{
	awk '/^ *0x[0-9a-f]+ +0x[0-9a-f]+ +[0-9]+ / { print $1, $2, $10, 1 }
	    /^  segment 0x/ {
		gsub(/,/, "")
		split($2, at, "-")
		print at[1], at[2], "-", 4096
	}' "$name.output" | while read -r first end node page; do
		echo $((first / page)) $((end / page)) "$node"
	done
}

# How many pages are in such lines.
pages()
{
	awk '{ n += $2 - $1 } END { print n + 0 }' "$1"
}

# said PATTERN: what the kernel says in the place of \(...\), the first time.
said()
{
	sed -n "s/^$1\$/\\1/p" "$name.output" | head -n 1
}

# apart FIRST-END: pages between two addresses.
apart()
{
	echo $(((${1#*-} - ${1%-*}) / 4096))
}

compare()
{
	[ -s "$name.banks" ] || fail 'nobody says what there is'
	segments >"$name.segments"
	awk 'NR == FNR { first[NR] = $1; end[NR] = $2; node[NR] = $3; n = NR }
	    NR > FNR {
		for (i = 1; i <= n; i++)
			if (first[i] <= $1 && $2 <= end[i] &&
			    ($3 == "-" || $3 == node[i]))
				break
		if (i > n || $1 < before)
			print "no such memory:", $0
		found[i] = 1
		before = $2
	    }
	    END {
		for (i = 1; i <= n; i++)
			if (!found[i])
				print "not found:", first[i], end[i], node[i]
	    }' "$name.banks" "$name.segments" >"$name.wrong"
	[ ! -s "$name.wrong" ] || {
		fail 'other memory was found than there is'
		cat "$name.wrong"
	}

	# Whatever is not in the segments: modules, which are to come, and the
	# page structures.
	modules=0
	for module in $(sed -n 's/^slot .: module at \(.*\) came$/\1/p' \
	    "$name.output"); do
		modules=$((modules + $(apart "$module")))
	done
	stolen=$(apart "$(said 'page structures lie at \(.*\)')")
	memory=$(said '\([0-9]*\) pages are memory, .*')
	free=$(said '.* memory, \([0-9]*\) of them free; .*')
	looked_up=$(said 'lookup: \([0-9]*\) frames .*')
	used=$(awk '/^pages: / { n += $2 } END { print n + 0 }' "$name.output")
	echo "$machine, $name: $memory pages, $modules in modules, $stolen" \
	    "of page structures; $free free, $used used"
	[ "$(pages "$name.banks")" -eq $((memory + modules)) ] ||
	    fail "there are $(pages "$name.banks") pages"
	[ "$(pages "$name.segments")" -eq $((memory - stolen)) ] ||
	    fail "$(pages "$name.segments") are in segments"
	[ "$looked_up" -eq $((memory - stolen)) ] ||
	    fail "$looked_up are found by looking them up"

	# All that is free can be allocated, but a few that the library has.
	[ $((free - stolen)) -ge "$used" ] &&
	    [ $((free - stolen - used)) -le 16 ] ||
	    fail 'not every free page can be used'
}

# memory NAME IMAGE ARGUMENT...: with QEMU's arguments.
memory()
{
	name=$1 image=$2
	shift 2
	case $machine in
	pc | q35)
		set -- "$@" -chardev "file,id=firmware,path=$name.firmware" \
		    -device isa-debugcon,iobase=0x402,chardev=firmware ;;
	virt)
		[ -e "$name.dtb" ] ||
		    qemu-system-riscv64 -machine virt,dumpdtb="$name.dtb" \
			-display none "$@" 2>/dev/null ;;
	esac
	sh "$SOURCE/examples/baremetal/run.sh" --limit 900 "$machine" \
	    "$images/$image" tcg "$@" >"$name.output" || {
		status=$?
		cat "$name.output"
		[ $status -ne 77 ] || exit 77
		fail "status $status"
		return 0
	}
	case $machine in
	pc | q35)
		firmware_banks ;;
	virt)
		tree_banks "$name.dtb" ;;
	microvm)
		bank 0 0x9fc00 0
		bank 0x100000 $((${2%G} << 30)) 0 ;;
	esac >"$name.banks"
	compare
}

# ---- each memory ----

# node NUMBER SIZE [MORE]: QEMU's arguments for a node of memory.
node()
{
	echo "-object memory-backend-ram,id=memory$1,size=$2" \
	    "-numa node,nodeid=$1,memdev=memory$1${3-}"
}

case $machine in
virt)
	memory 1g uvm-radix -m 1G
	memory 3g uvm-radix -m 3G
	# shellcheck disable=SC2046 # several words
	memory nodes radix -m 1G -smp 2 \
	    $(node 0 384M ,cpus=0) $(node 1 640M ,cpus=1)

	# The second half of memory is not there, says the tree.
	qemu-system-riscv64 -machine virt,dumpdtb=disabled.dtb -m 1G \
	    -display none 2>/dev/null
	fdtput disabled.dtb -t x /memory@80000000 reg 0 80000000 0 20000000
	fdtput disabled.dtb -c /memory@a0000000
	fdtput disabled.dtb -t s /memory@a0000000 device_type memory
	fdtput disabled.dtb -t s /memory@a0000000 status disabled
	fdtput disabled.dtb -t x /memory@a0000000 reg 0 a0000000 0 20000000
	memory disabled radix -m 1G -dtb disabled.dtb
	[ "$(pages disabled.banks)" -eq $((512 * 256)) ] ||
	    fail 'the tree is not as it should be' ;;
*)
	memory 1g radix -m 1G
	memory 3g radix -m 3G
	# shellcheck disable=SC2046 # several words
	[ "$machine" = microvm ] || # which has no nodes
	    memory nodes radix -m 1G $(node 0 384M) $(node 1 640M) ;;
esac
exit $failed
