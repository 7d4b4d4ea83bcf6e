#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fresh.sh [MIRROR] -- do test.sh and bench.sh work on a Debian 12 with nothing
# in it?  Makes one with debootstrap, from the mirror or the one apt is
# configured with, and runs both there on what is committed.  Needs root, git
# and debootstrap.

set -eu

cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || {
	echo "fresh.sh: only root can change its root" >&2
	exit 1
}
sh scripts/packages.sh debootstrap git

# shellcheck disable=SC2016 # apt-get's own names
mirror=${1:-$(apt-get indextargets --format '$(REPO_URI)' \
    'Codename: bookworm' | head -n 1)}
eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
[ -z "${http_proxy:-}" ] || export http_proxy
root=$(mktemp -d)
chmod 755 "$root" # for those in it who are not root
trap 'umount "$root/proc" 2>/dev/null || :; rm -rf --one-file-system "$root"' \
    EXIT
trap 'exit 1' INT TERM

debootstrap --variant=minbase bookworm "$root" ${mirror:+"$mirror"}
mount -t proc proc "$root/proc"
mkdir "$root/tree"
git archive HEAD | tar -x -C "$root/tree"

chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    ${http_proxy:+http_proxy="$http_proxy"} \
    sh -ec 'cd /tree; sh scripts/test.sh; sh scripts/bench.sh'
