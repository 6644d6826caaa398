#!/usr/bin/env bash
# Builds every command twice, in two clones of the last commit at different
# paths, the second time from an empty build cache, and refuses if a byte
# differs. Then writes an SBOM per binary and the checksums as a note, signed
# with the key in the file RELEASE_KEY (made by: go -C tools run ./release keygen).
#
#   PLATFORMS="linux/amd64 linux/arm64" RELEASE_KEY=~/causeway.key scripts/release.sh
set -euo pipefail
cd "$(dirname "$0")/.."
PLATFORMS=${PLATFORMS:-linux/amd64 linux/arm64}
dist=$PWD/dist

# Nothing of this machine may reach the binary; only where modules come from is
# kept, and go.sum decides what they are.
for name in GOPROXY GOSUMDB GONOPROXY GONOSUMDB GOPRIVATE; do
	export "$name=$(go env "$name")"
done
unset GOEXPERIMENT GOWORK
export GOENV=off GOFLAGS=-mod=readonly GOTOOLCHAIN=local CGO_ENABLED=0 GOAMD64=v1 GOARM64=v8.0

if [ -n "$(git status --porcelain)" ]; then
	echo "note: this builds the last commit; the changes beside it are left out" >&2
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/causeway-release.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
tool() { go -C "$scratch/first/tools" run ./release "$@"; }

# build CLONE OUT
build() {
	local clone=$1 out=$2 platform command suffix
	mkdir -p "$out"
	for platform in $PLATFORMS; do
		suffix=
		if [ "${platform%/*}" = windows ]; then suffix=.exe; fi
		for command in "$clone"/cmd/*/; do
			command=$(basename "$command")
			echo "  $command $platform" >&2
			GOOS=${platform%/*} GOARCH=${platform#*/} go -C "$clone" build -trimpath -buildvcs=true \
				-ldflags='-s -w' -o "$out/$command-${platform/\//-}$suffix" "./cmd/$command"
		done
	done
}

# The second clone is taken from the first: a commit made meanwhile is in neither.
git -c advice.detachedHead=false clone -q --no-hardlinks . "$scratch/first"
mkdir -p "$scratch/elsewhere/deeper"
git -c advice.detachedHead=false clone -q --no-hardlinks "$scratch/first" "$scratch/elsewhere/deeper/second"
commit=$(git -C "$scratch/first" rev-parse HEAD)
version="causeway $(git -C "$scratch/first" describe --tags --always) $commit $(go env GOVERSION)"

echo "first build" >&2
build "$scratch/first" "$scratch/out1"
echo "second build, from an empty cache" >&2
GOCACHE="$scratch/cache" build "$scratch/elsewhere/deeper/second" "$scratch/out2"

if ! diff -r "$scratch/out1" "$scratch/out2" >&2; then
	echo "the two builds differ: this is not a release" >&2
	exit 1
fi
echo "both builds are the same, byte for byte" >&2

rm -rf "$dist"
mkdir -p "$dist"
cp "$scratch"/out1/* "$dist/"
for binary in "$scratch"/out1/*; do
	tool sbom "$binary" >"$dist/$(basename "$binary").cdx.json"
done
if [ -n "${RELEASE_KEY:-}" ]; then
	tool sums -key "$(realpath "$RELEASE_KEY")" "$version" "$dist"/* >"$scratch/CHECKSUMS"
else
	echo "unsigned: RELEASE_KEY names no key" >&2
	tool sums "$version" "$dist"/* >"$scratch/CHECKSUMS"
fi
mv "$scratch/CHECKSUMS" "$dist/CHECKSUMS"
cat "$dist/CHECKSUMS"
