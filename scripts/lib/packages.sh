#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# packages.sh PACKAGE... -- install the Debian packages that are missing, as root
# or with sudo.  What apt-get says is printed only if it fails.  Where there is no
# dpkg, say what is needed and go on.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/help.sh"

command -v dpkg-query >/dev/null || {
	echo "Not a Debian: needed are what Debian calls $*"
	exit 0
}

missing=
for package in "$@"; do
	case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
	*" installed") ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

# shellcheck disable=SC2086 # several words
set -- $missing
echo "Installing $# packages and what they need: $*"
sudo=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "Neither root nor sudo: install them and try again" >&2
		exit 1
	}
	sudo=sudo
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 1' HUP INT TERM
apt()
{
	$sudo env DEBIAN_FRONTEND=noninteractive \
	    apt-get -q -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 || {
		cat "$log"
		echo "packages.sh: apt-get $1: FAILED"
		exit 1
	}
}
apt update
apt install -y --no-install-recommends "$@"
