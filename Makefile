# Everything is installed into this folder: programs into .tools and bin, Python
# packages into .venv, npm packages into the node_modules beside their package.json.
# Needed on the machine: Go 1.26 or later, Node.js 20 or later, Python 3.11 or later, git, make.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION ?= 0.1.0-alpha.0+dev
PULUMI_VERSION := v3.250.0
MODULE := github.com/reventless/pulumi-reventless
TOOLS := $(CURDIR)/.tools/bin
BIN := $(CURDIR)/bin
SHIPPING := examples/online-shop/shipping
LAYER := provider/internal/artifact/dist/runtime-layer.zip
GOFLAGS_RELEASE := -trimpath -ldflags "-s -w -X $(MODULE)/provider.Version=$(VERSION)"
# Packages with a go.mod of their own are not part of ./... .
PACKAGES := ./...
# The first build downloads hundreds of modules; their names are no news.
QUIETLY := 2> >(grep -v '^go: downloading' >&2)
# What is embedded counts as source, too.
GO_SOURCES := $(shell find main.go provider runtime localaws graphiql cli cmd examples \( -name '*.go' -o -path '*/hostui/shell/*' -o -path '*/internal/graphiql/page.*' \
	-o -path 'graphiql/dist/*' \) -type f -not -path '*/node_modules/*' 2>/dev/null) go.mod go.sum

export PATH := $(TOOLS):$(BIN):$(PATH)

##@ Use

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN {FS = ":.*##"} \
		/^[a-zA-Z0-9_-]+:.*?##/ { printf "  \033[36m%-14s\033[0m %s\n", $$1, $$2 } \
		/^##@/ { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## Deploy the online shop to a local AWS and place an order. KEEP=1 leaves it running.
	@$(BIN)/demo --provider-version $(VERSION) $(if $(KEEP),--keep) $(if $(VERBOSE),--verbose)

.PHONY: build
build: tools provider localaws cli shipping-local $(BIN)/demo ## Build all programs into bin.

.PHONY: provider
provider: $(BIN)/pulumi-resource-reventless ## Build the provider with the runtime layer in it.

.PHONY: localaws
localaws: $(BIN)/localaws $(BIN)/pulumi-resource-aws ## Build the local AWS and the stand-in for the aws provider.

$(LAYER): $(shell find runtime -name '*.go' -o -name '*.json' -o -name '*.graphql' 2>/dev/null) go.mod go.sum
	@echo "building the runtime layer"
	@go run ./runtime/layer/cmd/build-layer -version $(VERSION) -o $@ $(QUIETLY)

$(BIN)/pulumi-resource-reventless: $(LAYER) $(GO_SOURCES)
	@echo "building $(@F)"
	@go build $(GOFLAGS_RELEASE) -o $@ ./provider/cmd/pulumi-resource-reventless $(QUIETLY)

$(BIN)/pulumi-gen-reventless: $(GO_SOURCES)
	@echo "building $(@F)"
	@go build -o $@ ./provider/cmd/pulumi-gen-reventless $(QUIETLY)

$(BIN)/localaws $(BIN)/pulumi-resource-aws: $(GO_SOURCES)
	@echo "building $(@F)"
	@go build $(GOFLAGS_RELEASE) -o $@ ./localaws/cmd/$(@F) $(QUIETLY)

.PHONY: cli
cli: $(BIN)/reventless ## Build the command line.

$(BIN)/reventless: $(GO_SOURCES)
	@echo "building $(@F)"
	@go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/reventless $(QUIETLY)

# Lambda starts an executable file only, and a folder uploaded by Pulumi loses its modes, so the code is a .zip.
BUILD_SHIPPING = CGO_ENABLED=0 go build -trimpath -tags lambda.norpc -ldflags "-s -w" -o $(SHIPPING)/dist/bootstrap ./$(SHIPPING) $(QUIETLY) \
	&& cd $(SHIPPING)/dist && { [ shipping.zip -nt bootstrap ] || python3 -m zipfile -c shipping.zip bootstrap; }

.PHONY: shipping
shipping: ## Build the example's plugin in Go for AWS; ARCH (arm64) is that of the platform.
	@GOOS=linux GOARCH=$(or $(ARCH),arm64) $(BUILD_SHIPPING)

# The local AWS runs it on this machine. Always asked for, because the file may be that for AWS.
.PHONY: shipping-local
shipping-local:
	@$(BUILD_SHIPPING)

$(BIN)/demo: $(GO_SOURCES)
	@echo "building $(@F)"
	@go build $(GOFLAGS_RELEASE) -o $@ ./examples/online-shop/demo $(QUIETLY)

##@ Develop

.PHONY: generate
generate: $(BIN)/pulumi-gen-reventless ## Write schema.json, docs/reference.md, the SDKs and the handler kits anew.
	@$(BIN)/pulumi-gen-reventless -version $(VERSION) -o .
	@go run ./kits/cmd/generate-kits -version $(VERSION) -folder kits $(QUIETLY)

.PHONY: sdk-nodejs
sdk-nodejs: sdk/nodejs/bin/package.json ## Compile the SDK for Node.js into a package, sdk/nodejs/bin.

sdk/nodejs/bin/package.json: $(shell find sdk/nodejs -name '*.ts' -not -path '*/node_modules/*' -not -path '*/bin/*' 2>/dev/null) sdk/nodejs/package.json \
		tests/sdk/nodejs/package.tsconfig.json tests/sdk/nodejs/node_modules/.package-lock.json
	@rm -rf $(@D)
	@tests/sdk/nodejs/node_modules/.bin/tsc --project tests/sdk/nodejs/package.tsconfig.json
	@cp sdk/nodejs/README.md sdk/nodejs/LICENSE $(@D) && cp sdk/nodejs/package.json $@

# Java and Maven are no condition: who has neither writes programs in other languages.
.PHONY: sdk-java
sdk-java: ## Generate the SDK for Java into .tools and compile it with a program, where there are Java and Maven.
	@if command -v javac >/dev/null && command -v mvn >/dev/null; then \
		$(MAKE) --silent --no-print-directory .tools/java/compiled; \
	else echo "NOT RUN: the SDK for Java, which needs a JDK and Maven"; fi

.tools/java/compiled: tests/sdk/java/Shop.java $(BIN)/pulumi-resource-reventless $(TOOLS)/pulumi $(TOOLS)/pulumi-language-java .tools/java/libraries/installed
	@rm -rf $(@D)/sdk $(@D)/classes
	@PULUMI_HOME=$(CURDIR)/$(@D)/home PULUMI_SKIP_UPDATE_CHECK=1 pulumi package gen-sdk $(BIN)/pulumi-resource-reventless --language java --out $(@D)/sdk 2>&1 | { grep -v '^SDK has been written' || true; }
	@find $(@D)/sdk -name '*.java' >$(@D)/sources
	@javac --release 11 -Xlint:-options -cp '$(@D)/libraries/*' -d $(@D)/classes @$(@D)/sources tests/sdk/java/Shop.java 2>&1 | { grep -v '^Note: ' || true; }
	@echo "ok: the SDK for Java ($$(wc -l <$(@D)/sources) files) and a program compile"
	@touch $@

.tools/java/libraries/installed: tests/sdk/java/pom.xml
	@echo "installing the libraries of the SDK for Java (once)"
	@mkdir -p $(@D) && mvn -q -B -f $< dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=$(CURDIR)/$(@D) >$(@D)/install.log 2>&1 \
		|| { cat $(@D)/install.log; exit 1; }
	@touch $@

$(TOOLS)/pulumi-language-java: tools/pulumi-language-java/go.mod
	@echo "building $(@F) (once)"
	@cd tools/pulumi-language-java && go build -o $@ -ldflags "-s -w" github.com/pulumi/pulumi-java/pkg/cmd/pulumi-language-java $(QUIETLY)

.PHONY: graphiql
graphiql: graphiql/node_modules/.package-lock.json ## Write the files of GraphiQL anew, from its npm packages.
	@go run ./graphiql/cmd/bundle-graphiql -folder graphiql $(QUIETLY)

.PHONY: fmt
fmt: ## Format all Go files.
	@gofmt -w $$(git ls-files '*.go')

# As in .goreleaser.yaml, where it needs no GoReleaser.
DIST := dist
OS := $(or $(OS),linux)
RELEASED_ARCH := $(or $(ARCH),amd64)
BUILD_RELEASED = CGO_ENABLED=0 GOOS=$(OS) GOARCH=$(RELEASED_ARCH) go build -trimpath
ARCHIVE = tar --sort=name --owner=0 --group=0 --numeric-owner -czf

.PHONY: archives
archives: $(LAYER) ## Build the release's archives of provider and command line into dist, with checksums, for OS (linux) and ARCH (amd64).
	@rm -rf $(DIST) && mkdir -p $(DIST)/provider $(DIST)/cli && cp LICENSE README.md $(DIST)/provider && cp LICENSE README.md $(DIST)/cli
	@$(BUILD_RELEASED) -ldflags "-s -w -X $(MODULE)/provider.Version=$(VERSION)" -o $(DIST)/provider/ ./provider/cmd/pulumi-resource-reventless $(QUIETLY)
	@$(BUILD_RELEASED) -ldflags "-s -w -X main.version=$(VERSION)" -o $(DIST)/cli/ ./cmd/reventless $(QUIETLY)
	@cd $(DIST) && $(ARCHIVE) pulumi-resource-reventless-v$(VERSION)-$(OS)-$(RELEASED_ARCH).tar.gz -C provider . \
		&& $(ARCHIVE) reventless-v$(VERSION)-$(OS)-$(RELEASED_ARCH).tar.gz -C cli . && rm -r provider cli \
		&& sha256sum *.tar.gz >pulumi-reventless_$(VERSION)_checksums.txt && cat pulumi-reventless_$(VERSION)_checksums.txt
	@go test -count=1 ./tests/release -args -archives=$(CURDIR)/$(DIST) -version=$(VERSION) $(QUIETLY)

.PHONY: release-snapshot
release-snapshot: ## Build all archives of a release with GoReleaser and syft, which must be installed; nothing is published.
	@goreleaser release --snapshot --clean
	@go test -count=1 ./tests/release -args -archives=$(CURDIR)/$(DIST) -version=$$(sed -n 's/.*"version":"\([^"]*\)".*/\1/p' $(DIST)/metadata.json) $(QUIETLY)

.PHONY: clean
clean: ## Remove what was built; tools and packages stay.
	@rm -rf $(BIN) $(LAYER) $(SHIPPING)/dist $(DIST) sdk/nodejs/bin .demo .upgrade

##@ Check

.PHONY: test
test: lint unit sdk e2e ## Run every check.

.PHONY: lint
lint: $(TOOLS)/staticcheck $(TOOLS)/actionlint goreleaser ## Formatting, vet, staticcheck, actionlint for the GitHub workflows, the configuration of releases.
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "these files need 'make fmt':"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	@go vet $(PACKAGES) $(QUIETLY)
	@staticcheck $(PACKAGES)
	@actionlint -shellcheck= -pyflakes= $$(git ls-files '.github/workflows/*.yml' 'examples/*/.github/workflows/*.yml')

.PHONY: goreleaser
goreleaser: $(TOOLS)/goreleaser-config ## GoReleaser can read .goreleaser.yaml.
	@$< .goreleaser.yaml

# What runs goroutines of its own is tested with the race detector, and that once.
CONCURRENT := ./runtime/eventlog/... ./runtime/dcb/... ./runtime/engine/... ./runtime/admin/... ./localaws/internal/eventsource/... ./cli/...

.PHONY: unit
unit: tools $(TOOLS)/actionlint $(LAYER) bundled dynamodb-local ## Unit tests, the concurrent ones with the race detector, and the example plugins' own tests.
	@go test $$(go list ./... | grep -v -e /tests/e2e -e /tests/sdk | grep -v -x -F "$$(go list $(CONCURRENT))") $(QUIETLY) | grep -v 'no test files'
	@if [ "$$(go env CGO_ENABLED)" = 1 ]; then detector=-race; else echo "NOT RUN: the race detector, which needs a C compiler"; fi; \
		go test $${detector:-} $(CONCURRENT) $(QUIETLY) | grep -v 'no test files'
	@command -v curl >/dev/null || echo "NOT RUN: the installation by the GitHub action, which needs curl"
	@cd examples/online-shop/catalog && node --test --test-reporter=dot
	@cd examples/online-shop/ordering && python3 -B -m unittest discover

.PHONY: bundled
bundled: graphiql ## The files of GraphiQL are what its npm packages give.
	@git diff --exit-code --stat -- graphiql/dist || { echo "graphiql/dist differs from what the npm packages give: commit what 'make graphiql' wrote"; exit 1; }

.PHONY: conformance
conformance: tools dynamodb-local ## The suite of DCB logs on every back end, HISTORIES (10000) random ones in memory, with the race detector.
	@REVENTLESS_HISTORIES=$(or $(HISTORIES),10000) go test -race -count=1 -timeout 30m -v -run 'Test' ./runtime/dcb ./tests/conformance $(QUIETLY) \
		| grep -v -E '^ *=== |^PASS'

.PHONY: soak
soak: ## EVENTS (1000000) events through log, read models and extension, with faults; SEED draws the same commands and faults.
	@GOGC=400 GOMEMLIMIT=8GiB go test -count=1 -timeout 90m -v -run NothingIsLost ./tests/soak -args -events=$(or $(EVENTS),1000000) $(if $(SEED),-seed=$(SEED)) $(QUIETLY)

.PHONY: registry
registry: ## The plugin registry against its model: HISTORIES (40) random ones of each kind, a fleet of PLUGINS (300); SEED draws the same.
	@go test -count=1 -timeout 60m -v ./tests/registry -args -histories=$(or $(HISTORIES),40) -rounds=8 -plugins=$(or $(PLUGINS),300) $(if $(SEED),-seed=$(SEED)) $(QUIETLY) \
		| grep -v -E '^ *=== |^PASS'

# Of the former version only the provider and the examples are used; all else is of now.
.PHONY: upgrade
upgrade: build ## Deploy the shop with the provider of FROM (a tag or commit), then upgrade it; RECORD=1 records what FROM deploys.
	@test -n "$(FROM)" || { echo "say what to upgrade from: make upgrade FROM=<tag or commit>"; exit 1; }
	@rm -rf .upgrade/$(FROM) && mkdir -p .upgrade/$(FROM) && git archive $(FROM) | tar -x -C .upgrade/$(FROM)
	@$(MAKE) --no-print-directory -C .upgrade/$(FROM) VERSION=0.0.0-g$(FROM) provider $$(grep -o '^shipping-local' .upgrade/$(FROM)/Makefile)
	@go test -count=1 -timeout 25m -v -run '^TestUpgrade$$' ./tests/e2e -args -former=$(CURDIR)/.upgrade/$(FROM) $(if $(RECORD),-record) $(QUIETLY)

.PHONY: sdk
sdk: tools generate sdk-nodejs sdk-java ## The SDKs and handler kits are what the provider says, and they and the programs of the examples compile.
	@git diff --exit-code --stat -- schema.json docs/reference.md sdk kits || { echo "schema.json, docs/reference.md, the SDKs or the kits differ from what the provider says: commit what 'make generate' wrote"; exit 1; }
	@go test -count=1 ./tests/sdk/... $(QUIETLY)

.PHONY: e2e
e2e: build languages sdk-nodejs ## Real Pulumi, provider, runtime and handlers on a local AWS.
	@go test -count=1 -timeout 25m ./tests/e2e/... $(QUIETLY)
	@command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null \
		|| echo "NOT RUN: the platform's page in a browser, which needs Chromium"

.PHONY: bench
bench: build ## Print the figures: requests per command, throughput, memory, proxy overhead, composition, start, resources.
	@go run ./tests/bench $(QUIETLY)

.PHONY: fuzz
fuzz: ## Fuzz the parsers, FUZZTIME (30s) for each.
	@go test -run '^$$' -fuzz FuzzParseFragment -fuzztime $(or $(FUZZTIME),30s) ./runtime/schema $(QUIETLY)
	@go test -run '^$$' -fuzz FuzzCompose -fuzztime $(or $(FUZZTIME),30s) ./runtime/schema $(QUIETLY)
	@go test -run '^$$' -fuzz FuzzParseLive -fuzztime $(or $(FUZZTIME),30s) ./runtime/schema $(QUIETLY)
	@go test -run '^$$' -fuzz FuzzParseAnswer -fuzztime $(or $(FUZZTIME),30s) ./runtime/turn $(QUIETLY)

##@ Set up (the targets above do it themselves)

.PHONY: tools
tools: $(TOOLS)/pulumi $(TOOLS)/pulumi-language-yaml .venv/installed ## Install the Pulumi command line and the Python packages, moto among them.

$(TOOLS)/pulumi: tools/pulumi/go.mod
	@echo "building the Pulumi command line $(PULUMI_VERSION) (once, some minutes)"
	@cd tools/pulumi && go build -o $@ -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$(PULUMI_VERSION)" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi $(QUIETLY)

$(TOOLS)/pulumi-language-yaml: tools/pulumi-language-yaml/go.mod
	@echo "building the host of Pulumi YAML programs (once)"
	@cd tools/pulumi-language-yaml && go build -o $@ -ldflags "-s -w" github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml $(QUIETLY)

# The hosts of 3.250 are not to be had as Go modules, see docs/languages.md.
.PHONY: languages
languages: $(TOOLS)/pulumi-language-go $(TOOLS)/pulumi-language-nodejs $(TOOLS)/pulumi-language-python $(TOOLS)/pulumi-language-python-exec ## Install the hosts of programs in Go, TypeScript and Python.

$(TOOLS)/pulumi-language-go: HOST := go/pulumi-language-go
$(TOOLS)/pulumi-language-nodejs: HOST := nodejs/cmd/pulumi-language-nodejs
$(TOOLS)/pulumi-language-python: HOST := python/cmd/pulumi-language-python
$(TOOLS)/pulumi-language-go $(TOOLS)/pulumi-language-nodejs $(TOOLS)/pulumi-language-python: tools/pulumi-languages/go.mod
	@echo "building $(@F) (once)"
	@cd tools/pulumi-languages && go build -o $@ -ldflags "-s -w" github.com/pulumi/pulumi/sdk/v3/$(HOST) $(QUIETLY)

# The host of Python runs it; it has to fit the package pulumi in .venv.
$(TOOLS)/pulumi-language-python-exec: tools/pulumi/go.mod
	@install -m 755 "$$(cd tools/pulumi && go list -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)/python/cmd/$(@F)" $@

$(TOOLS)/staticcheck: tools/staticcheck/go.mod
	@echo "building staticcheck (once)"
	@cd tools/staticcheck && go build -o $@ honnef.co/go/tools/cmd/staticcheck $(QUIETLY)

$(TOOLS)/actionlint: tools/actionlint/go.mod
	@echo "building actionlint (once)"
	@cd tools/actionlint && go build -o $@ github.com/rhysd/actionlint/cmd/actionlint $(QUIETLY)

$(TOOLS)/goreleaser-config: tools/goreleaser/go.mod tools/goreleaser/main.go
	@echo "building the reader of GoReleaser's configuration (once)"
	@cd tools/goreleaser && go build -o $@ -ldflags "-s -w" . $(QUIETLY)

.venv/installed: tools/python/requirements.txt
	@echo "installing Python packages into .venv (once)"
	@python3 -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Java and Maven are no condition: without them the suite runs on the other back ends.
.PHONY: dynamodb-local
dynamodb-local: ## Install Amazon's DynamoDB Local, where there are Java and Maven.
	@if command -v java >/dev/null && command -v mvn >/dev/null; then \
		$(MAKE) --silent --no-print-directory .tools/dynamodb-local/installed; \
	else echo "NOT RUN: the conformance suite on DynamoDB Local, which needs Java and Maven"; fi

.tools/dynamodb-local/installed: tests/conformance/dynamodb-local/pom.xml
	@echo "installing DynamoDB Local (once)"
	@mkdir -p $(@D) && mvn -q -B -f $< dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=$(CURDIR)/$(@D) >$(@D)/install.log 2>&1 \
		|| { cat $(@D)/install.log; exit 1; }
	@touch $@

%/node_modules/.package-lock.json: %/package-lock.json
	@echo "installing npm packages of $* (once)"
	@cd $* && npm ci --silent --no-audit --no-fund
	@touch $@
