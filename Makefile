# What there is to do, by `make <target>`; `make help` lists it. Only Go and Node are needed for run, test, build and bench; check
# needs Python, Java, Maven and Chromium as well.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# One set of flags for all: another one would compile everything anew. Without the RPC mode of old Lambda runtimes the linker
# drops more than half of a function.
export GOFLAGS := -tags=lambda.norpc -trimpath '-ldflags=-s -w'
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= us-east-1

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
URL ?= http://localhost:8080
FUZZ_TIME ?= 1m
FUZZ_TIME_OTHERS ?= 20s

# Everything that must hold before a change is taken, the quickest first.
CHECKS := test lint openapi-check saml-ablation saml-fixtures-check faults upgrade bench-check race sam-validate sam-build table-second-opinion readme scim-tester browser keycloak fuzz

.PHONY: browser keycloak help run test build check bench bench-check openapi openapi-check lint faults upgrade race fuzz sam-validate sam-build sam-local table-second-opinion readme admin after-restore rotate-key forget-keys deploy clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' Makefile

## Work

run: node_modules ## The whole product on http://localhost:8080 (PORT, DATA_DIR, SEED=none, DYNAMODB_ENDPOINT change it); Ctrl-C ends it
	@go build -C infra/local -o ../../.build/stack . && exec .build/stack

test: node_modules build ## All Go tests, those through the stack included
	go test $$(go list ./... | grep -v -e /infra/e2e -e /infra/check/keycloak)
	go test -C infra/local $$(go list -C infra/local ./... | grep -v -e /promises -e /template)
	go test -C infra/local -count=1 ./promises ./template # what they read is not of their module: the cache would not see it change
	FAULTS=some go test -count=1 -timeout 60m ./infra/e2e/... # never from the cache: what it tests is the binaries, which it does not import

build: ## Compile everything; the functions and the seed land in .build
	go build ./...
	go build -C infra/local ./...
	@if [ -d functions ]; then mkdir -p .build && go build -o .build/ ./functions/... ./infra/seed; fi

openapi: ## Write infra/openapi.json from the functions' operations
	go run ./infra/openapi

bench: node_modules ## Measure with 100,000 members; writes docs/performance.md (ONLY=saml,costs measures these chapters)
	go run ./infra/bench -only "$(ONLY)"

admin: ## Make EMAIL a platform administrator, at the running stack (URL) or, with STACK=<CloudFormation stack>, on AWS
	@[ -n "$(EMAIL)" ] || { echo "usage: make admin EMAIL=somebody@example.com [URL=http://localhost:8080 | STACK=tenantry]" >&2; exit 2; }
	@infra/install '{"action": "administrator", "email": "$(EMAIL)"}' "$(URL)" "$(STACK)"

after-restore: ## Have no leaver come back by a backup: void sessions, links and passwords, hold keys, at the stack of URL or STACK
	@infra/install '{"action": "after-restore"}' "$(URL)" "$(STACK)"

rotate-key: ## Give the installation a new key and keep the older ones to open with, at the stack of URL or STACK
	@infra/install '{"action": "rotate-key"}' "$(URL)" "$(STACK)"

forget-keys: ## Forget all of the installation's keys but the current one, at the stack of URL or STACK: docs/operate.md says when
	@infra/install '{"action": "forget-keys"}' "$(URL)" "$(STACK)"

deploy: .venv ## Build and deploy to ENV=dev or prod with your AWS credentials; PARAMETERS='Name=value ...' are those of template.yaml
	@[ -n "$(ENV)" ] || { echo "usage: make deploy ENV=dev|prod [PARAMETERS='PublicUrl=https://settings.example.com']" >&2; exit 2; }
	@infra/deploy $(ENV) $(PARAMETERS)

## Check

bench-check: node_modules ## Compare the counts of docs/performance.md with what operations cost now
	go run ./infra/bench -check -members 1000

faults: node_modules ## Break every changing operation at each of its calls in every way; `make test` does a third of it
	go test -count=1 -timeout 60m -parallel 6 -run '^TestFaultsWhole' ./infra/e2e/... # which wait more than they work

upgrade: node_modules ## Run the end-to-end tests of the tag before with its functions and these mixed on one table (UPGRADE_FROM names a commit)
	infra/check/upgrade

check: node_modules .venv ## All that CI runs: test, lint, race, template, both emulators, README; each step with its duration
	@for step in $(CHECKS); do \
		begun=$$SECONDS; echo "== $$step"; \
		$(MAKE) --no-print-directory $$step; \
		echo "== $$step took $$((SECONDS - begun)) s"; \
	done

lint: .venv ## gofmt, go vet, staticcheck, cfn-lint
	@unformatted=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); [ -z "$$unformatted" ] || { echo "gofmt these: $$unformatted" >&2; exit 1; }
	go vet ./...
	go vet -C infra/local ./...
	go vet -C infra/bench/saml ./...
	go run $(STATICCHECK) ./...
	cd infra/local && go run $(STATICCHECK) ./...
	.venv/bin/cfn-lint template.yaml

openapi-check: ## Compare infra/openapi.json, the operations and template.yaml
	go run ./infra/openapi -check

race: node_modules ## The tests of shared/ and of the stack with the race detector
	go test -race ./shared/...
	GORACE=atexit_sleep_ms=0 go test -C infra/local -race ./... # the detector would sleep a second at each end, and the stack has two for its own

fuzz: ## Every fuzz target of shared/ and functions/: FUZZ_TIME (a minute) for what judges a SAML answer, metadata and an address to dial, FUZZ_TIME_OTHERS (20 s) for the others
	@grep -rHo --include='*_test.go' -E '^func Fuzz[A-Za-z0-9_]+' shared functions | sed 's/:func / /' | while read -r file name; do \
		time=$(FUZZ_TIME_OTHERS); case "$$name" in FuzzGate|FuzzMetadata|FuzzCheck|FuzzJudge) time=$(FUZZ_TIME);; esac; \
		echo "-- $$name of $$(dirname $$file), $$time"; \
		infra/check/fuzz "$$name" "./$$(dirname $$file)" $$time; \
	done
.PHONY: saml-ablation saml-fixtures saml-fixtures-check scim-tester

saml-ablation: ## Switch off one check of SAML after the other: a case of the corpus must then be wrongly accepted
	go test -count=1 -tags "lambda.norpc samlsp_ablation" -run 'TestLOG2_EveryCheckIsNeeded|TestNothingElseChanges' ./shared/samlsp

saml-fixtures: .venv ## Sign the SAML fixtures anew with xmlsec
	.venv/bin/python shared/samlsp/testdata/fixtures/make.py

saml-fixtures-check: .venv ## Make the SAML fixtures again and compare; verify our own signed request with xmlsec
	.venv/bin/python shared/samlsp/testdata/fixtures/make.py --check

sam-validate: .venv ## Validate template.yaml as SAM and CloudFormation do
	.venv/bin/sam validate --lint --template template.yaml

sam-build: .venv ## Build every function as `sam deploy` would take it, for arm64
	.venv/bin/sam build --template template.yaml

table-second-opinion: ## The table's suite against AWS's DynamoDB Local (Java 17, Maven)
	infra/check/second-opinion

readme: node_modules ## Run the README's commands, word for word, in a copy of the tree (port 8080 must be free)
	infra/check/readme

scim-tester: node_modules build .venv ## Run scim2-tester, all of its checks, against the SCIM server of a stack
	go build -C infra/local -o ../../.build/stack .
	.venv/bin/python infra/check/scim/tester.py

browser: node_modules build ## Sign in by SSO in headless Chromium, between two sites (CHROMIUM says where it is)
	go build -C infra/local -o ../../.build/stack .
	node --test --test-timeout=600000 infra/check/browser/signin.test.mjs

keycloak: node_modules build ## Sign in with a real Keycloak, and change its certificate meanwhile (Java 17, Maven; 300 MB in the user's cache)
	go build -C infra/local -o ../../.build/stack .
	keycloak=$$(infra/check/keycloak/fetch) && KEYCLOAK="$$keycloak" go test -count=1 -timeout 20m ./infra/check/keycloak

sam-local: .venv ## Run the functions under `sam local start-api` (Docker); needs the stack, started with WIRE_PORT=8090 DNS_PORT=8053 make run
	@owner=$$(curl -fsS $(URL)/_local/owner); field() { sed -n 's/.*"'$$1'": "\([^"]*\)".*/\1/p' <<<"$$owner"; }; \
	AWS_ACCESS_KEY_ID=$$(field accessKeyId) AWS_SECRET_ACCESS_KEY=$$(field secretAccessKey) \
	.venv/bin/sam local start-api --docker-network host --env-vars env.local.json

clean: ## Remove what was built and installed; .local, the data, stays
	rm -rf .build .aws-sam .venv node_modules

## What the others need

node_modules: package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node 20 or later must be on the PATH" >&2; exit 1; }
	npm ci --no-fund --no-audit
	@touch node_modules

.venv: infra/check/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement infra/check/requirements.txt
	@touch .venv
