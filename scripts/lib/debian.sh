# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
#
# debian.sh -- for scripts to read with `.', from the project's directory: an
# empty Debian 12, and what is run in it.  Needs root.

# empty_debian MIRROR [OPTION...]: make one in $root, which goes when the script
# ends; from the mirror, or if that is empty from the one apt is configured
# with.  The options are debootstrap's.
empty_debian()
{
	mirror=$1
	shift
	[ "$(id -u)" -eq 0 ] || {
		echo "only root can change its root" >&2
		exit 1
	}
	sh scripts/lib/packages.sh debootstrap
	# shellcheck disable=SC2016 # apt-get's own names
	[ -n "$mirror" ] ||
	    mirror=$(apt-get indextargets --format '$(REPO_URI)' \
		'Codename: bookworm' | head -n 1)
	eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
	[ -z "${http_proxy:-}" ] || export http_proxy
	root=$(mktemp -d)
	chmod 755 "$root" # for those in it who are not root
	trap 'umount "$root/proc" 2>/dev/null || :
		rm -rf --one-file-system "$root"' EXIT
	trap 'exit 1' INT TERM
	debootstrap --variant=minbase "$@" bookworm "$root" \
	    ${mirror:+"$mirror"}
	mount -t proc proc "$root/proc"
}

# in_debian COMMANDS: with nothing of the environment but the proxy.
in_debian()
{
	chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    ${http_proxy:+http_proxy="$http_proxy"} sh -ec "$1"
}
