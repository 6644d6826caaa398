# Needs Go and, for some targets, what they say. "make" alone lists them.

AREA    ?= journal cases crash
PLATFORMS ?= linux/amd64 linux/arm64 darwin/arm64 windows/amd64
PG_DIR  ?= /tmp/causeway-pg-$(shell id -u)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## start a node with invented people on this machine
	go run ./cmd/causeway demo

.PHONY: check
check: ## before every review: format, vet, lint, tests in random order
	@files=$$(git ls-files -coz --exclude-standard '*.go' | xargs -0 go tool -modfile=tools/go.mod gofumpt -l); \
		[ -z "$$files" ] || { echo "run: make format"; echo "$$files"; exit 1; }
	go vet ./...
	go -C tools vet ./...
	@mkdir -p bin && go -C tools build -o ../bin/lint ./lint
	bin/lint ./...
	cd tools && ../bin/lint ./...
	go tool -modfile=tools/go.mod staticcheck ./...
	go -C tools test ./...
	go test -shuffle=on ./...

.PHONY: format
format: ## format every Go file
	git ls-files -coz --exclude-standard '*.go' | xargs -0 go tool -modfile=tools/go.mod gofumpt -w

.PHONY: test
test: ## everything: also PostgreSQL, the browser and the race detector
	scripts/test.sh

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (default 10s)
	scripts/fuzz.sh

.PHONY: deep
deep: ## slow checks before a release: dead code, tidy modules, alert rules, known faults
	go tool -modfile=tools/go.mod deadcode -test ./...
	go mod tidy -diff
	go -C tools mod tidy -diff
	go mod verify
	@if command -v promtool >/dev/null; then promtool test rules deploy/alerts_test.yml; else echo "no promtool: alert rules not tried"; fi
	@if command -v systemd-analyze >/dev/null; then systemd-analyze security --offline=yes --threshold=15 deploy/causeway.service >/dev/null && \
		echo "unit: exposure at most 1.5"; else echo "no systemd-analyze: unit not tried"; fi
	@echo "known faults in dependencies (needs the network; not reaching it is said, not passed over):"
	go tool -modfile=tools/go.mod govulncheck ./...

.PHONY: bench
bench: ## measure, against the bars: AREA="journal cases crash"
	@mkdir -p bin && go build -trimpath -o bin/causeway ./cmd/causeway
	for area in $(AREA); do bin/causeway bench $$area || exit 1; done

.PHONY: second
second: ## a second implementation reads the vectors and proof packs of CX/1 (Python 3.11 with cryptography 48)
	python3 protocol/cx/second/reader.py
	python3 protocol/cx/second/proof.py

.PHONY: release
release: ## dist/: binaries built twice and compared, SBOM, checksums (signed with RELEASE_KEY)
	PLATFORMS="$(PLATFORMS)" scripts/release.sh

.PHONY: pg-start
pg-start: ## a throw-away PostgreSQL to work with; prints what to export
	@echo "export CAUSEWAY_TEST_POSTGRES='$$(scripts/pg.sh start $(PG_DIR))'"

.PHONY: pg-stop
pg-stop: ## stop it and remove its data
	scripts/pg.sh stop $(PG_DIR)

.PHONY: clean
clean: ## remove what was built or fetched here
	rm -rf bin dist .tools
