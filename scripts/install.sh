#!/bin/sh
# Installs lamex-ctl from a release, after its checksum was verified. Needs curl, tar, and sha256sum or shasum.
# SHA256SUMS comes from the same place as the archive: it finds what was cut off or mixed up. Against a release that was
# replaced, name the digest with --sha256.
set -eu

# The copy of this script in a release knows where that is.
RELEASE_DEFAULT=

fail() {
	echo "install.sh: $*" >&2
	exit 1
}

usage() {
	cat >&2 <<-'USAGE'
		usage: sh install.sh [--release URL] [--to DIR] [--sha256 DIGEST] [--keep DIR]

		  --release  the folder of a release, as in https://github.com/OWNER/NAME/releases/download/v0.1.0, or one on
		             this machine; LAMEX_RELEASE without it, and then the release that this script is from
		  --to       the folder for lamex-ctl; ~/.local/bin without it
		  --sha256   the digest that the archive must have, in place of the one in the release's SHA256SUMS
		  --keep     a folder for what was fetched, in which later calls look first
	USAGE
	exit 2
}

release=${LAMEX_RELEASE:-$RELEASE_DEFAULT}
to=${HOME:-}/.local/bin
expected=
keep=
while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || usage
	case $1 in
		--release) release=$2 ;;
		--to) to=$2 ;;
		--sha256) expected=$2 ;;
		--keep) keep=$2 ;;
		*) usage ;;
	esac
	shift 2
done
[ -n "$release" ] || fail "name a release: --release https://github.com/OWNER/NAME/releases/download/v0.1.0"
if [ -n "$expected" ] && ! printf '%s\n' "$expected" | grep -Eq '^[0-9a-f]{64}$'; then
	fail "a SHA-256 digest has 64 digits 0-9a-f: $expected"
fi

case $(uname -s)-$(uname -m) in
	Linux-x86_64 | Linux-amd64) platform=linux-x86_64 ;;
	Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
	Darwin-arm64) platform=macos-arm64-untested ;;
	Darwin-x86_64) platform=macos-x86_64-untested ;;
	*) fail "there is no lamex-ctl for $(uname -s) on $(uname -m)" ;;
esac
# The archives for Linux link to glibc.
if [ "${platform%-*}" = linux ] && command -v ldd >/dev/null && ldd --version 2>&1 | grep -qi musl; then
	platform=$platform-musl-untested
fi
case $platform in
	*-untested) echo "install.sh: lamex-ctl was built for this system, and never tested on it" >&2 ;;
esac

# What was kept is verified as what is fetched.
fetch() {
	if [ -n "$keep" ] && [ -f "$keep/$1" ]; then
		cp "$keep/$1" "$2"
		return
	fi
	case $release in
		https://*) curl --fail --silent --show-error --location --proto '=https' --retry 3 --output "$2" "$release/$1" ;;
		# A server on this machine, for tests.
		http://127.0.0.1:*) curl --fail --silent --show-error --output "$2" "$release/$1" ;;
		/*) cp "$release/$1" "$2" ;;
		*) fail "a release is fetched by https:// or from a folder with an absolute path: $release" ;;
	esac || fail "cannot fetch $release/$1"
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
[ -n "$lines" ] || fail "the release has no archive for $platform, or no checksum of one: $release/SHA256SUMS"
[ "$(printf '%s\n' "$lines" | wc -l)" -eq 1 ] || fail "the release has more than one archive for $platform: $release/SHA256SUMS"
archive=${lines#*  }
expected=${expected:-${lines%% *}}

fetch "$archive" "$work/$archive"
found=$(digest "$work/$archive")
[ -n "$found" ] || exit 1
[ "$found" = "$expected" ] || fail "$archive is not what it should be: its SHA-256 is $found and not $expected"

if [ -n "$keep" ]; then
	mkdir -p "$keep"
	cp "$work/SHA256SUMS" "$work/$archive" "$keep/"
fi

tar -xzf "$work/$archive" -C "$work"
unpacked=$work/${archive%.tar.gz}
"$unpacked/lamex-ctl" --version >/dev/null || fail "lamex-ctl of $archive does not run on this machine"
mkdir -p "$to"
# Renamed into place, since a program that runs cannot be written to.
cp "$unpacked/lamex-ctl" "$to/.lamex-ctl.$$"
chmod 0755 "$to/.lamex-ctl.$$"
mv -f "$to/.lamex-ctl.$$" "$to/lamex-ctl"
echo "$to/lamex-ctl ($("$to/lamex-ctl" --version), sha256:$found)"
