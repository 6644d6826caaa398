#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (default 10s), one after the other. The
# seeds and what was found before run with the ordinary tests anyway.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${FUZZTIME:-10s}

# "go test -list" prints the targets of a package and then its "ok" line.
targets=$(go test -list '^Fuzz' ./... | awk '/^Fuzz/ {names[n++]=$1} /^ok/ {for (i=0;i<n;i++) print $2, names[i]; n=0}')
[ -n "$targets" ] || { echo "no fuzz target"; exit 0; }
while read -r package name; do
	echo "== $package $name"
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "$package" </dev/null
done <<<"$targets"
