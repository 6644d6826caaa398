#!/usr/bin/env bash
# Everything that can be tested here, in one run: formatting, vet, linters,
# all tests on SQLite and PostgreSQL and in the browser, then the race detector
# where goroutines share state.
#
# It installs what is missing when it may (root on Debian), says at the end what
# could not run, and with CI=true counts that as a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/deps.sh
. scripts/deps.sh

# The race detector runs where goroutines share state. SQLite itself, compiled
# to Go, is left out of its sight: a connection is used by one goroutine at a
# time, and watching every byte of it would take most of the run.
RACE="internal/store internal/journal"
# These two share nothing that depends on the engine.
RACE_ON_ONE="internal/access internal/staff"
# Long tests that go through every byte in one goroutine have nothing to race.
ALONE="^(TestStartRefuses|TestMatrix|TestEveryChangeIsFound|TestEveryChangeOfARowIsFound|TestLogAgreesWithTlog|TestTransactionLargerThanTheCache|TestAlteredPackIsFound)$"
UNWATCHED="github.com/ncruces/go-sqlite3-wasm/...=-race=false"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/causeway-test.XXXXXX")
pg=$(mktemp -d "${TMPDIR:-/tmp}/causeway-pg.XXXXXX") # beside, because another user owns it
cleanup() {
	scripts/pg.sh stop "$pg" || true
	rm -rf "$scratch" "$pg"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

failed=()
times=()
# step NAME COMMAND... : runs it, times it, goes on when it fails.
step() {
	local name=$1 begin=$SECONDS
	shift
	echo
	echo "== $name"
	if "$@"; then :; else failed+=("$name"); fi
	times+=("$(printf '%5d s  %s' $((SECONDS - begin)) "$name")")
}

dependencies() {
	get_deps
	if scripts/pg.sh bin >/dev/null; then
		if CAUSEWAY_TEST_POSTGRES=$(scripts/pg.sh start "$pg"); then
			export CAUSEWAY_TEST_POSTGRES
		else
			absent+=("PostgreSQL: it is installed and did not start")
		fi
	fi
	echo "postgresql  ${CAUSEWAY_TEST_POSTGRES:-none}"
	echo "chromium    ${CAUSEWAY_CHROMIUM:-none}"
	echo "axe-core    ${CAUSEWAY_AXE:-none}"
}

build_tools() { go -C tools build -o "$scratch/bin/" ./...; }

formatted() {
	local files
	files=$(git ls-files -coz --exclude-standard '*.go' | xargs -0 go tool -modfile=tools/go.mod gofumpt -l)
	[ -z "$files" ] || { echo "not formatted:"; echo "$files"; return 1; }
}

tools_tests() { go -C tools vet ./... && (cd tools && "$scratch/bin/lint" ./...) && go -C tools test ./...; }

report() {
	if [ "${CI:-}" = true ]; then "$scratch/bin/testreport" -noskip; else "$scratch/bin/testreport"; fi
}

# The longest begin first, so that no core is idle at the end.
LONGEST="./internal/web ./internal/e2e ./internal/exchange ./internal/casework"

# shellcheck disable=SC2086
all_tests() { go test -json -timeout 25m $LONGEST ./... | report; }

# watched SKIP DIRECTORY... : the tests of some directories under the race detector.
watched() {
	local skip=$1 packages=() dir
	shift
	for dir in "$@"; do packages+=("./$dir/..."); done
	go test -json -race -gcflags="$UNWATCHED" -skip "$skip" -timeout 25m "${packages[@]}" | report
}

# shellcheck disable=SC2086
race_tests() {
	local bad=0
	watched "$ALONE" $RACE || bad=1
	watched "$ALONE|./postgres\$" $RACE_ON_ONE || bad=1
	return "$bad"
}

step "dependencies" dependencies
step "build" go build ./...
step "tools" build_tools
step "formatting" formatted
step "vet" go vet ./...
step "lint" "$scratch/bin/lint" ./...
step "staticcheck" go tool -modfile=tools/go.mod staticcheck ./...
step "tools' own tests" tools_tests
step "all tests" all_tests
if command -v gcc >/dev/null; then step "race detector" race_tests; fi

echo
echo "== where the time went"
printf '%s\n' "${times[@]}"
if [ ${#absent[@]} -gt 0 ]; then
	echo
	echo "== could not run completely, for want of"
	printf '  %s\n' "${absent[@]}"
fi
echo
if [ ${#failed[@]} -gt 0 ]; then
	echo "FAILED: $(printf '%s; ' "${failed[@]}")"
	exit 1
fi
if [ ${#absent[@]} -gt 0 ] && [ "${CI:-}" = true ]; then
	echo "FAILED: with CI=true everything must run"
	exit 1
fi
echo "passed"
