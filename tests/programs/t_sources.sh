#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_sources.sh -- sources.mk, as a build without CMake reads it:
#
#	complete	every .c file of src/ stands in it, and every file in it
#			is there
#	make		make includes it, and has of every backend the files
#	kernel		what it says that a kernel compiles, compiled by make
#			and linked: it needs four functions of libc
#
# The environment: SOURCE, BUILD, CC, CFLAGS, NM.

set -eu

work=$BUILD/tests/sources
linker='_GLOBAL_OFFSET_TABLE_|__x86\.get_pc_thunk\.[a-z]*|__[a-z]*[sdt]i[234]|__aeabi_[a-z]*'
failed=0

rm -rf "$work"
mkdir -p "$work"
cd "$SOURCE"
sed -n 's/^[^#].* += \(src\/.*\)/\1/p' sources.mk | sort -u >"$work/listed"
find src -name '*.c' | sort >"$work/there"
cmp -s "$work/listed" "$work/there" || {
	echo "t_sources: in sources.mk and not there, or (right) the opposite:"
	comm -3 "$work/listed" "$work/there"
	failed=1
}

command -v make >/dev/null || {
	echo "t_sources: skipped: there is no make"
	exit 77
}
cat >"$work/Makefile" <<'END'
include sources.mk
FILES = $(PHYSSEG_ENGINE) $(PHYSSEG_SHIM) $(PHYSSEG_NONE) \
	$(PHYSSEG_BACKEND_$(BACKEND)) $(PHYSSEG_UVM) $(PHYSSEG_UVM_PAGE) \
	$(PHYSSEG_SELECT)
OBJECTS = $(FILES:src/%.c=$(OUT)/%.o)
$(OUT)/kernel.o: $(OBJECTS)
	$(CC) $(CFLAGS) -nostdlib -r $(OBJECTS) -o $@
$(OUT)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(FREE) -std=c11 -O1 -Iinclude -Isrc -isystem $(BSD) \
	    -DUVM_BACKEND=$(subst -,_,$(BACKEND)) -c $< -o $@
END
loops=''
case $("$CC" --version) in
*clang*) ;;
*) loops=-fno-tree-loop-distribute-patterns ;;
esac
for backend in $(sed -n 's/^PHYSSEG_BACKENDS += //p' sources.mk); do
	# Only what selects the backend is compiled for each.
	rm -f "$work/out/kernel.o" "$work/out/uvm/select.o"
	make -f "$work/Makefile" BACKEND="$backend" OUT="$work/out" \
	    CC="$CC" CFLAGS="$CFLAGS" FREE="-ffreestanding $loops" \
	    BSD="$BUILD/bsd" >"$work/log" 2>&1 || {
		echo "t_sources: make with $backend:"
		cat "$work/log"
		exit 1
	}
	"$NM" -g --undefined-only "$work/out/kernel.o" |
	    sed -n 's/.* //p' | grep -vxE \
	    "memcpy|memmove|memset|memcmp|uvm_physseg_host(_pfn32)?|$linker" \
	    >"$work/found" || :
	[ ! -s "$work/found" ] || {
		echo "t_sources: a kernel with $backend needs also:"
		cat "$work/found"
		failed=1
	}
done
exit $failed
