# Each target's purpose stands behind ##; `make help` prints them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Linters change their minds between releases, so that the release is part of the project.
GOLANGCI_VERSION := 2.15.0
GOVULNCHECK_VERSION := 1.1.4

# Tools are installed below the project, under a name that holds their release: nothing
# on the machine is replaced, and a new release is installed when its number changes here.
TOOLS := .cache/tools
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)/golangci-lint
GOVULNCHECK := $(TOOLS)/govulncheck-$(GOVULNCHECK_VERSION)/govulncheck

# The release that is in PATH already serves as well.
ifneq ($(shell golangci-lint version 2>/dev/null | grep -F 'version $(GOLANGCI_VERSION) '),)
GOLANGCI := golangci-lint
endif

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what the tests need: a C compiler, MariaDB, DataJoint for Python (done by make test)
	@.ci/setup
	@.ci/python

# The tests start servers and processes, which go test knows nothing of when it would
# repeat an earlier result: -count=1 has it run them. go vet is given -race so that both
# use the same compiled packages: on a new machine compiling is what takes the time. For the
# same reason go test does not vet again and leaves out what debuggers read; and three
# packages at once keep two cores busy, since tests also wait for servers and processes.
.PHONY: test
test: setup ## Run every test, with the race detector, on every kind of server
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || \
		{ printf 'not formatted; run gofmt -w on:\n%s\n' "$$unformatted"; exit 1; }
	CGO_ENABLED=1 go vet -race ./...
	@required=mariadb; \
	if [ -x .cache/python/bin/python ]; then \
		required=mariadb,python; export ROWMILL_TEST_PYTHON="$(CURDIR)/.cache/python/bin/python"; \
	fi; \
	set -x; ROWMILL_TEST_REQUIRE=$$required CGO_ENABLED=1 go test -race -count=1 -vet=off -ldflags=-w -p 3 -timeout 15m ./...

# Long forms of what make test does briefly. A seed that a test logs can be given as ROWMILL_TEST_SEED.
SOAK := ROWMILL_TEST_REQUIRE=mariadb go test -count=1 -timeout 40m

.PHONY: soak
soak: setup ## Kill, cut and compete, and compare random questions with their answers (half an hour)
	ROWMILL_TEST_KILLS=100 $(SOAK) -v -run TestHeartbeat/Killed ./examples/heartbeat
	ROWMILL_TEST_KILLS=100 $(SOAK) -v -run 'TestCampaign|TestAllAndProcesses' ./populate
	[ ! -x .cache/python/bin/python ] || ROWMILL_TEST_PYTHON="$(CURDIR)/.cache/python/bin/python" ROWMILL_TEST_KILLS=40 \
		$(SOAK) -v -run TestOneQueueTwoLanguages ./populate
	ROWMILL_TEST_KILLS=40 $(SOAK) -v -run TestDeleteKilled ./query
	ROWMILL_TEST_DECLARES=20 $(SOAK) -run 'TestDeclareAtOnce$$' ./schema
	ROWMILL_TEST_EXPRESSIONS=20000 $(SOAK) -run TestAlgebraRandomly ./query
	ROWMILL_TEST_WORLDS=200 $(SOAK) -run TestDeleteRandomly ./query

.PHONY: bench
bench: setup ## Compare with what is done by hand and with DataJoint for Python (two hours, and a quiet machine)
	go run ./internal/bench
	ROWMILL_TEST_ROWS=1000000 $(SOAK) -v -run 'TestSpeed|TestEachHoldsLittle' ./query
	ROWMILL_TEST_ROWS=1000000 $(SOAK) -v -run 'TestGrowth|TestClaimsDoNotSlowDown|TestOthersWriteMeanwhile' ./jobs

.PHONY: build
build: ## Build every package, and each program as one static binary in bin/
	CGO_ENABLED=0 go build ./...
	@if [ -d cmd ]; then mkdir -p bin && CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/...; fi

# Not part of make test, which is to be quick on a new machine: installing it there
# takes some minutes.
.PHONY: lint
lint: $(filter $(TOOLS)/%,$(GOLANGCI)) ## Run the linters of .golangci.yml
	$(GOLANGCI) run ./...

.PHONY: vuln
vuln: $(GOVULNCHECK) ## Look for known vulnerabilities in what Rowmill is built from
	$(GOVULNCHECK) ./...

$(TOOLS)/golangci-lint-%/golangci-lint:
	GOBIN="$(CURDIR)/$(@D)" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$*

$(TOOLS)/govulncheck-%/govulncheck:
	GOBIN="$(CURDIR)/$(@D)" go install golang.org/x/vuln/cmd/govulncheck@v$*
