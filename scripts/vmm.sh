#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# vmm.sh [--emulate] -- build the VMM of the examples and run it: on KVM where
# there is /dev/kvm, else on a mock.
#
# With --emulate it runs on KVM everywhere: QEMU emulates a machine with AMD's
# virtualization, Debian's kernel boots on it and makes KVM of that.  That takes
# two packages from the network, which are unpacked and not installed.  Status 0
# if every check of the VMM held.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
emulator='' static=''
case ${1-} in
'') ;;
--emulate) emulator=qemu-system-x86 static=-static ;;
*) echo "usage: vmm.sh [--emulate]" >&2; exit 2 ;;
esac
# shellcheck disable=SC2086 # or none
sh scripts/lib/packages.sh cmake make gcc libc6-dev libbsd-dev $emulator

work=$PWD/build/vmm$static
cmake --preset release -B "$work" -DPHYSSEG_TESTS=OFF -DPHYSSEG_BENCH=OFF \
    -DCMAKE_EXE_LINKER_FLAGS=$static
cmake --build "$work" --parallel "$(nproc)" --target vmm
[ -n "$emulator" ] || exec "$work/examples/vmm/vmm"

root=$work/root
rm -rf "$work/packages" "$root"
mkdir -p "$work/packages" "$root/bin" "$root/dev"
cd "$work/packages"
kernel=$(apt-cache depends linux-image-cloud-amd64 |
    sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p')
apt-get -q download "$kernel" busybox-static
for package in "$kernel"_*.deb busybox-static_*.deb; do
	dpkg-deb -x "$package" unpacked
done

find unpacked \( -name irqbypass.ko -o -name kvm.ko -o -name kvm-amd.ko \) \
    -exec cp {} "$root" \;
cp unpacked/bin/busybox "$work/examples/vmm/vmm" "$root/bin"
cat >"$root/init" <<'INIT'
#!/bin/busybox sh
busybox mount -t devtmpfs dev /dev
for module in irqbypass kvm kvm-amd; do
	busybox insmod /$module.ko
done
vmm kvm
echo "vmm.sh: status $?"
busybox poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | bin/busybox cpio -o -H newc) >"$work/initrd"

timeout 300 qemu-system-x86_64 -accel tcg -cpu max -m 512M -nodefaults \
    -display none -no-reboot -serial stdio \
    -kernel unpacked/boot/vmlinuz-* -initrd "$work/initrd" \
    -append "console=ttyS0 quiet panic=-1" | tr -d '\r' | tee "$work/log"
grep -qx 'vmm.sh: status 0' "$work/log"
