# Everything that is made of lamex. `make help` lists the targets.

PYTHON ?= python3
VENV := .cache/venv
# Test suites find the Python clients that they drive here.
export LAMEX_TEST_PYTHON := $(CURDIR)/$(VENV)/bin/python

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 28

.PHONY: build
build: ## Build lamex-ctl and the runner (target/debug)
	cargo build --locked --workspace

.PHONY: runner
runner: ## Build the runner for ARCH=x86_64|arm64 beside lamex-ctl
	@built=$$(scripts/build-runner "$(ARCH)") && for folder in target/debug target/release; do \
		mkdir -p $$folder && install -m 0755 "$$built" "$$folder/bootstrap-$(ARCH)" && echo "$$folder/bootstrap-$(ARCH)"; \
	done

# Without `doctor`, whose clients of AWS take most of a cold build; in a folder of its own, so that the lamex-ctl of
# `make build` stays as it is.
.PHONY: demo
demo: ## Run the example suites on the local Lambda
	@echo "demo: building lamex-ctl and the runner (two to three minutes on a machine with two cores, once)"
	@cargo build --locked --profile demo --target-dir target/demo --package lamex-ctl --no-default-features --package lamex-runner
	@echo "demo: building the example suites"
	@$(MAKE) --no-print-directory --silent -C examples partial
	@echo "demo: lamex-ctl invoke --env local"
	@config=lamex.yaml; [ -e examples/build/orders-system-tests ] || config=lamex-without-go.yaml; \
	target/demo/demo/lamex-ctl invoke --env local --config examples/$$config --junit target/demo/junit.xml
	@echo "JUnit report: target/demo/junit.xml"

.PHONY: suites
suites: ## Build the example suites
	@$(MAKE) --no-print-directory --silent -C examples

BASE ?= main

.PHONY: check
check: ## Check in a minute what changed since BASE=main: format, clippy, unit tests
	@$(PYTHON) scripts/check-changed $(BASE)

.PHONY: lint
lint: ## Check formatting and lints
	cargo fmt --all --check
	$(PYTHON) scripts/check-modules
	$(PYTHON) scripts/check-dependencies
	cargo clippy --locked --workspace --all-targets -- -D warnings
	@$(MAKE) --no-print-directory --silent -C examples lint
	@$(MAKE) --no-print-directory lint-terraform lint-cdk lint-workflows

.PHONY: test
test: build suites $(VENV)/ready ## Run all tests
	cargo test --locked --workspace
	@$(MAKE) --no-print-directory test-ordinary-user
	@$(MAKE) --no-print-directory test-terraform test-cdk test-parity test-documents

# Too slow for every change; CONTRIBUTING.md says when.
.PHONY: mutants
mutants: ## Change what verdicts rest on, and see that tests notice (an hour or two)
	scripts/check-mutants

# The suites that start processes, once more: where root runs the tests, nothing else does without its rights. With the
# whole workspace, whose binaries are built already.
.PHONY: test-ordinary-user
test-ordinary-user: build suites $(VENV)/ready ## Run the tests of the binaries as an ordinary user, if root runs them
	cargo test --locked --workspace --no-run
	[ "$$(id -u)" -ne 0 ] || scripts/as-ordinary-user cargo test --locked --workspace --test binary --test lambda --test owned
	[ "$$(id -u)" -ne 0 ] || scripts/as-ordinary-user cargo test --locked --workspace --test ctl local::

.PHONY: lint-terraform
lint-terraform: $(VENV)-checkov/ready ## Check the Terraform modules: format, validity, security, READMEs
	scripts/check-terraform lint
	@# Without a fixed seed, it looks at one resource more in some runs than in others.
	PYTHONHASHSEED=0 $(VENV)-checkov/bin/checkov --directory terraform --framework terraform --skip-download --compact --quiet
	scripts/terraform-docs --check
	$(PYTHON) provision/placeholder/pack.py --check

.PHONY: test-terraform
test-terraform: $(VENV)/ready ## Test the Terraform modules, and apply them to an emulator where one is at hand
	scripts/check-terraform test
	terraform/tests/apply/apply.sh

# Rebuilt when the pins change.
$(VENV)/ready: requirements-test.txt
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

.PHONY: lint-cdk
lint-cdk: cdk/node_modules/ready ## Check the CDK app's formatting, lints and types
	cd cdk && npm run --silent lint

.PHONY: test-cdk
test-cdk: cdk/node_modules/ready $(VENV)-cdk/ready ## Test the CDK app, and deploy it to an AWS on this machine
	cd cdk && npm run --silent test
	@$(MAKE) --no-print-directory --silent -C examples rust
	$(VENV)-cdk/bin/python -m unittest discover --start-directory cdk/test/end_to_end

.PHONY: test-parity
test-parity: cdk/node_modules/ready ## Compare what Terraform and CDK build of the same lamex.yaml (needs lamex-ctl: make build)
	cd cdk && npm run --silent build
	PYTHON=$(PYTHON) scripts/check-terraform parity

# npm ci removes the folder first, and the mark with it.
cdk/node_modules/ready: cdk/package.json cdk/package-lock.json
	cd cdk && npm ci --silent
	touch $@

# Of its own: what checks templates needs much that the other suites do not.
$(VENV)-cdk/ready: cdk/test/requirements.txt
	$(PYTHON) -m venv --clear $(VENV)-cdk
	$(VENV)-cdk/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

# What the documents have built is built before, so that it is there already when it is asked for.
.PHONY: test-documents
test-documents: build $(VENV)/ready ## Follow the README and its pages, from nothing to a run on an AWS on this machine
	@scripts/build-runner $(subst aarch64,arm64,$(shell uname -m)) >/dev/null
	$(VENV)/bin/python -m unittest discover --verbose --start-directory docs/test

# Of its own, too: it pins another boto3.
$(VENV)-checkov/ready: terraform/tests/requirements.txt
	$(PYTHON) -m venv --clear $(VENV)-checkov
	$(VENV)-checkov/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

.PHONY: dist
dist: ## Build what a release consists of, for ARCH=x86_64|arm64 or both (target/dist)
	scripts/dist $(ARCH)

# BUILT=1 tests what is in target/dist already.
.PHONY: test-dist
test-dist: $(VENV)/ready ## Build a release for this machine, and use it as its users do
	[ -n "$(BUILT)" ] || scripts/dist $(subst aarch64,arm64,$(shell uname -m))
	$(VENV)/bin/python -m unittest discover --verbose --start-directory scripts/release/test
	scripts/test-arm64-runner
	scripts/check-crates

.PHONY: lint-workflows
lint-workflows: ## Check the GitHub workflows and the action
	scripts/lint-workflows

.PHONY: bench
bench: ## Measure, and print ratios
	cargo build --locked --release --package lamex-ctl
	cargo build --locked --profile runner --package lamex-runner
	cargo build --locked --profile runner --package lamex-bench --bin minimal-runtime
	cargo run --locked --release --package lamex-bench --bin lamex-bench

.PHONY: clean
clean: ## Remove everything that was made
	rm -rf target .cache examples/build cdk/dist cdk/cdk.out cdk/node_modules
