#!/bin/sh
# Installs lamex-ctl from a release, after its checksum was verified. Needs curl, tar, and sha256sum or shasum.
#
#   sh install.sh [--version v0.1.0|latest] [--to DIR] [--from URL] [--sha256 DIGEST]
#
#   --version  the release, by its tag; the latest without it
#   --to       the folder for lamex-ctl: ~/.local/bin without it
#   --from     where releases are: https://github.com/OWNER/NAME/releases, or a folder laid out in the same way
#   --sha256   the digest that the archive must have, in place of the one in the release's SHA256SUMS
#
# SHA256SUMS comes from the same place as the archive: it finds what was cut off or mixed up. Against a release that was
# replaced, name the digest with --sha256.
set -eu

# The copy of this script in a release knows where that is.
RELEASES_DEFAULT=

fail() {
	echo "install.sh: $*" >&2
	exit 1
}

usage() {
	sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

version=latest
to=${HOME:-}/.local/bin
from=${LAMEX_RELEASES:-$RELEASES_DEFAULT}
expected=
while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || usage
	case $1 in
		--version) version=$2 ;;
		--to) to=$2 ;;
		--from) from=$2 ;;
		--sha256) expected=$2 ;;
		*) usage ;;
	esac
	shift 2
done
[ -n "$from" ] || fail "name where the releases are: --from https://github.com/OWNER/NAME/releases"
case $version in
	latest) ;;
	*[!A-Za-z0-9.+-]* | "" | .*) fail "this is no tag of a release: $version" ;;
	v*) ;;
	*) version=v$version ;;
esac
if [ -n "$expected" ] && ! printf '%s\n' "$expected" | grep -Eq '^[0-9a-f]{64}$'; then
	fail "a SHA-256 digest has 64 digits 0-9a-f: $expected"
fi

case $(uname -s)-$(uname -m) in
	Linux-x86_64 | Linux-amd64) platform=linux-x86_64 ;;
	Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
	Darwin-arm64) platform=macos-arm64 ;;
	Darwin-x86_64) platform=macos-x86_64 ;;
	*) fail "there is no lamex-ctl for $(uname -s) on $(uname -m)" ;;
esac
# The archives for Linux link to glibc.
if [ "${platform%-*}" = linux ] && command -v ldd >/dev/null && ldd --version 2>&1 | grep -qi musl; then
	platform=$platform-musl
fi

case $version in
	latest) folder=$from/latest/download ;;
	*) folder=$from/download/$version ;;
esac

fetch() {
	case $folder in
		https://*) curl --fail --silent --show-error --location --proto '=https' --retry 3 --output "$2" "$folder/$1" ;;
		# A server on this machine, for tests.
		http://127.0.0.1:*) curl --fail --silent --show-error --output "$2" "$folder/$1" ;;
		/*) cp "$folder/$1" "$2" ;;
		*) fail "releases are fetched by https:// or from a folder: $from" ;;
	esac || fail "cannot fetch $folder/$1"
}

digest() {
	if command -v sha256sum >/dev/null; then
		sha256sum "$1"
	elif command -v shasum >/dev/null; then
		shasum -a 256 "$1"
	else
		fail "neither sha256sum nor shasum is here: the archive cannot be verified"
	fi | cut -d ' ' -f 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fetch SHA256SUMS "$work/SHA256SUMS"
# One line names the archive of this platform: DIGEST, two spaces, NAME.
number='[0-9][A-Za-z0-9.+-]*'
lines=$(grep -E "^[0-9a-f]{64}  lamex-$number-$platform\.tar\.gz\$" "$work/SHA256SUMS" || true)
[ -n "$lines" ] || fail "the release has no archive for $platform, or no checksum of one: $folder/SHA256SUMS"
[ "$(printf '%s\n' "$lines" | wc -l)" -eq 1 ] || fail "the release has more than one archive for $platform: $folder/SHA256SUMS"
archive=${lines#*  }
case $version in
	latest | "v$(echo "$archive" | sed "s/^lamex-//; s/-$platform\.tar\.gz\$//")") ;;
	*) fail "the release $version has the archive of another: $archive" ;;
esac
expected=${expected:-${lines%% *}}

fetch "$archive" "$work/$archive"
found=$(digest "$work/$archive")
[ -n "$found" ] || exit 1
[ "$found" = "$expected" ] || fail "$archive is not what it should be: its SHA-256 is $found and not $expected"

tar -xzf "$work/$archive" -C "$work"
unpacked=$work/${archive%.tar.gz}
"$unpacked/lamex-ctl" --version >/dev/null || fail "lamex-ctl of $archive does not run on this machine"
mkdir -p "$to"
# Renamed into place, since a program that runs cannot be written to.
cp "$unpacked/lamex-ctl" "$to/.lamex-ctl.$$"
chmod 0755 "$to/.lamex-ctl.$$"
mv -f "$to/.lamex-ctl.$$" "$to/lamex-ctl"
echo "$to/lamex-ctl ($("$to/lamex-ctl" --version), sha256:$found)"
