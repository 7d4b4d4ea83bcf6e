#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_freestanding.sh MACHINE -- a kernel's build, by the compiler of that machine
# and with no headers but the compiler's own: the library compiles without a
# warning, and linked together it needs four functions and the compiler's
# helpers; the uvm_* face, here on the red-black tree, also the host that a
# kernel defines.  A kernel gets the backend that it names, and nothing of the
# others.
#
# The environment: SOURCE, BUILD, CMAKE, GENERATOR.

set -eu

work=$BUILD/tests/freestanding/$1
libc='memcpy|memmove|memset|memcmp'
linker='_GLOBAL_OFFSET_TABLE_|__[a-z]*[sdt]i[234]' # and libgcc
kernel='-mno-red-zone -mgeneral-regs-only -mcmodel=kernel -fno-pic'
failed=0

case $1 in
x86_64) cc=x86_64-linux-gnu-gcc flags= ;;
x86_64-kernel) cc=x86_64-linux-gnu-gcc flags=$kernel ;;
x86_64-clang) cc=clang flags='--target=x86_64-elf' ;;
x86_64-clang-kernel) cc=clang flags="--target=x86_64-elf $kernel" ;;
i386) cc=x86_64-linux-gnu-gcc flags=-m32 ;;
aarch64) cc=aarch64-linux-gnu-gcc flags='-mgeneral-regs-only -mno-outline-atomics' ;;
riscv64) cc=riscv64-linux-gnu-gcc flags='-mcmodel=medany' ;;
riscv64-elf) cc=riscv64-unknown-elf-gcc flags='-mcmodel=medany' ;;
s390x) cc=s390x-linux-gnu-gcc flags= ;;
*) echo "t_freestanding: what is $1?"; exit 1 ;;
esac
command -v $cc >/dev/null || {
	echo "t_freestanding: skipped: there is no $cc"
	exit 77
}
flags="$flags -nostdinc -isystem $($cc -print-file-name=include)"
flags="$flags -Wframe-larger-than=512" # a kernel's stack is small

rm -rf "$work"
"$CMAKE" -S "$SOURCE" -B "$work" -G "$GENERATOR" \
    -DCMAKE_SYSTEM_NAME=Generic -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
    -DCMAKE_C_COMPILER=$cc -DCMAKE_C_FLAGS="$flags" \
    -DPHYSSEG_TESTS=OFF -DPHYSSEG_EXAMPLES=OFF -DPHYSSEG_BENCH=OFF
"$CMAKE" --build "$work" --target physseg-rbtree-static

# needs NAME ALSO ARCHIVE...: what all of these need, linked.
needs()
{
	name=$1 also=$2
	shift 2
	# shellcheck disable=SC2086 # several words
	$cc $flags -nostdlib -r -Wl,--whole-archive "$@" -o "$work/$name.o"
	nm=$($cc -print-prog-name=nm)
	$nm -g "$work/$name.o" >"$work/$name.symbols"
	grep -q ' T physseg_find$' "$work/$name.symbols"
	if sed -n 's/^ *U //p' "$work/$name.symbols" |
	    grep -vxE "$libc|$linker|$also"; then
		echo "t_freestanding: $name needs these, too"
		failed=1
	fi
}

needs physseg nothing "$work/libphysseg.a"
needs physseg-rbtree uvm_physseg_host \
    "$work/libphysseg.a" "$work/libphysseg-rbtree.a"

# ---- one backend ----

# shellcheck disable=SC2086 # several words
$cc $flags -std=c11 -ffreestanding -I"$SOURCE/include" \
    -c "$SOURCE/tests/programs/freestanding_one.c" -o "$work/main.o"
# shellcheck disable=SC2086 # several words
$cc $flags -nostdlib -r "$work/main.o" "$work/libphysseg.a" -o "$work/one.o"
$nm "$work/one.o" >"$work/one.symbols"
grep -q ' [dDrR] backend$' "$work/one.symbols" # of the one
grep -q ' T physseg_find$' "$work/one.symbols"
if grep -iE ' [a-z] .*(array|radix)' "$work/one.symbols"; then
	echo "t_freestanding: a kernel that names rbtree gets these, too"
	failed=1
fi
# This machine can run it, with the four functions of its own libc.
if [ "$1.$(uname -m)" = x86_64.x86_64 ]; then
	$cc "$work/main.o" "$work/libphysseg.a" -o "$work/one"
	"$work/one" || {
		echo "t_freestanding: one backend: $?"
		failed=1
	}
fi
exit $failed
