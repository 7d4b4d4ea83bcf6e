#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# packages.sh PACKAGE... -- install the Debian packages that are missing, as
# root or with sudo.  Where there is no dpkg, say what is needed and go on.

set -eu
# shellcheck source=scripts/help.sh
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

echo "Installing$missing"
sudo=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "Neither root nor sudo: install them and try again" >&2
		exit 1
	}
	sudo=sudo
fi
apt()
{
	$sudo env DEBIAN_FRONTEND=noninteractive \
	    apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}
apt update
# shellcheck disable=SC2086 # several words
apt install -y --no-install-recommends $missing
